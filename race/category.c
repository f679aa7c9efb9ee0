#include "race/category.h"

#include <string.h>

enum { YEAR_LEN = 4, DATE_LEN = 10, MONTH_AT = 5 };

/* The year that s begins with, -1: none. */
static int
year_of(const char *s)
{
	int year = 0;

	for (size_t i = 0; i < YEAR_LEN; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		year = year * 10 + (s[i] - '0');
	}
	return s[YEAR_LEN] == '\0' || s[YEAR_LEN] == '-' ? year : -1;
}

int
category_age(const struct race_rules *rules, const struct race_entry *entry)
{
	const char *date = rules->date;
	const char *born = entry->born;
	int year = year_of(born);
	int age;

	if (year < 0 || date == NULL || year_of(date) < year)
		return -1;
	age = year_of(date) - year;
	/* Months and days with two digits each: in order as text. */
	if (strlen(born) == DATE_LEN && strlen(date) == DATE_LEN &&
	    strcmp(date + MONTH_AT, born + MONTH_AT) < 0)
		age--;
	return age;
}

static bool
takes(const struct race_category *c, const struct race_entry *entry, int age)
{
	return (uint32_t)age >= c->from && (uint32_t)age <= c->to &&
	    (c->sex == NULL || c->sex[0] == '\0' ||
	        strcmp(c->sex, entry->sex) == 0);
}

const char *
category_of(const struct race_rules *rules, const struct race_entry *entry)
{
	int age;

	if (entry->category[0] != '\0' || rules->category_count == 0)
		return entry->category;
	age = category_age(rules, entry);
	for (size_t i = 0; age >= 0 && i < rules->category_count; i++)
		if (takes(&rules->categories[i], entry, age))
			return rules->categories[i].name;
	return "";
}
