#include "race/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"

/* In the order of enum race_status. */
static const char *const status_names[] = { "", "finished", "running", "DNS",
	"DNF", "DSQ", "OTL", "NC" };

enum { STATUS_COUNT = sizeof status_names / sizeof status_names[0] };

static void *
array_of(size_t count, size_t size)
{
	return count == 0 ? NULL : xcalloc(count, size);
}

/* A rules struct that is being read may have members still unset. */
static char *
dup(const char *s)
{
	return xstrdup(s == NULL ? "" : s);
}

static void
copy_waves(struct race_rules *to, const struct race_rules *from)
{
	to->waves = array_of(from->wave_count, sizeof *to->waves);
	to->wave_count = from->wave_count;
	for (size_t i = 0; i < from->wave_count; i++) {
		to->waves[i] = from->waves[i];
		to->waves[i].name = dup(from->waves[i].name);
	}
}

static void
copy_points(struct race_rules *to, const struct race_rules *from)
{
	to->points = array_of(from->point_count, sizeof *to->points);
	to->point_count = from->point_count;
	for (size_t i = 0; i < from->point_count; i++) {
		to->points[i] = from->points[i];
		to->points[i].name = dup(from->points[i].name);
		to->points[i].backup = dup(from->points[i].backup);
	}
}

static void
copy_rankings(struct race_rules *to, const struct race_rules *from)
{
	to->rankings = array_of(from->ranking_count, sizeof *to->rankings);
	to->ranking_count = from->ranking_count;
	for (size_t i = 0; i < from->ranking_count; i++) {
		const struct race_ranking *f = &from->rankings[i];
		struct race_ranking *t = &to->rankings[i];

		*t = *f;
		t->name = dup(f->name);
		t->sex = dup(f->sex);
		t->category = dup(f->category);
		t->team = dup(f->team);
		t->wave = dup(f->wave);
	}
}

static void
copy_awards(struct race_rules *to, const struct race_rules *from)
{
	to->awards = array_of(from->award_count, sizeof *to->awards);
	to->award_count = from->award_count;
	for (size_t i = 0; i < from->award_count; i++) {
		to->awards[i] = from->awards[i];
		to->awards[i].name = dup(from->awards[i].name);
		to->awards[i].ranking = dup(from->awards[i].ranking);
	}
}

static void
copy_categories(struct race_rules *to, const struct race_rules *from)
{
	to->categories = array_of(from->category_count, sizeof *to->categories);
	to->category_count = from->category_count;
	for (size_t i = 0; i < from->category_count; i++) {
		to->categories[i] = from->categories[i];
		to->categories[i].name = dup(from->categories[i].name);
		to->categories[i].sex = dup(from->categories[i].sex);
	}
}

static void
copy_aliases(struct race_rules *to, const struct race_rules *from)
{
	to->aliases = array_of(from->alias_count, sizeof *to->aliases);
	to->alias_count = from->alias_count;
	for (size_t i = 0; i < from->alias_count; i++) {
		to->aliases[i].spelling = dup(from->aliases[i].spelling);
		to->aliases[i].team = dup(from->aliases[i].team);
	}
}

struct race_rules *
rules_copy(const struct race_rules *rules)
{
	struct race_rules *copy = xcalloc(1, sizeof *copy);

	copy->title = dup(rules->title);
	copy->date = dup(rules->date);
	copy->timezone = dup(rules->timezone);
	copy_waves(copy, rules);
	copy_points(copy, rules);
	copy_rankings(copy, rules);
	copy_awards(copy, rules);
	copy_categories(copy, rules);
	copy_aliases(copy, rules);
	copy->fastest_us_km = rules->fastest_us_km;
	return copy;
}

void
rules_free(struct race_rules *rules)
{
	if (rules == NULL)
		return;
	for (size_t i = 0; i < rules->wave_count; i++)
		free(rules->waves[i].name);
	for (size_t i = 0; i < rules->point_count; i++) {
		free(rules->points[i].name);
		free(rules->points[i].backup);
	}
	for (size_t i = 0; i < rules->ranking_count; i++) {
		free(rules->rankings[i].name);
		free(rules->rankings[i].sex);
		free(rules->rankings[i].category);
		free(rules->rankings[i].team);
		free(rules->rankings[i].wave);
	}
	for (size_t i = 0; i < rules->award_count; i++) {
		free(rules->awards[i].name);
		free(rules->awards[i].ranking);
	}
	for (size_t i = 0; i < rules->category_count; i++) {
		free(rules->categories[i].name);
		free(rules->categories[i].sex);
	}
	for (size_t i = 0; i < rules->alias_count; i++) {
		free(rules->aliases[i].spelling);
		free(rules->aliases[i].team);
	}
	free(rules->waves);
	free(rules->points);
	free(rules->rankings);
	free(rules->awards);
	free(rules->categories);
	free(rules->aliases);
	free(rules->title);
	free(rules->date);
	free(rules->timezone);
	free(rules);
}

/* Rules that were written by hand may have members unset. */
static bool
text_equal(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool
wave_equal(const struct race_wave *a, const struct race_wave *b)
{
	return a->gun_us == b->gun_us && a->window_us == b->window_us &&
	    strcmp(a->name, b->name) == 0;
}

static bool
point_equal(const struct race_point *a, const struct race_point *b)
{
	return a->metres == b->metres && a->min_us == b->min_us &&
	    a->max_us == b->max_us && a->gap_us == b->gap_us &&
	    a->tolerance_us == b->tolerance_us &&
	    a->cutoff_us == b->cutoff_us && strcmp(a->name, b->name) == 0 &&
	    text_equal(a->backup, b->backup);
}

static bool
without_equal(const struct race_ranking *a, const struct race_ranking *b)
{
	if (a->without_count != b->without_count)
		return false;
	for (size_t i = 0; i < a->without_count; i++)
		if (a->without[i].ranking != b->without[i].ranking ||
		    a->without[i].places != b->without[i].places)
			return false;
	return true;
}

static bool
scoring_equal(const struct race_ranking *a, const struct race_ranking *b)
{
	return a->score == b->score && a->best == b->best && a->how == b->how &&
	    a->women == b->women && a->men == b->men && a->sides == b->sides &&
	    a->average == b->average && a->size_min == b->size_min &&
	    a->size_max == b->size_max;
}

static bool
ranking_equal(const struct race_ranking *a, const struct race_ranking *b)
{
	return a->of == b->of && a->at == b->at && a->by == b->by &&
	    a->ties == b->ties && a->round == b->round &&
	    a->gun_first == b->gun_first && without_equal(a, b) &&
	    scoring_equal(a, b) && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->sex, b->sex) == 0 &&
	    strcmp(a->category, b->category) == 0 &&
	    strcmp(a->team, b->team) == 0 && strcmp(a->wave, b->wave) == 0;
}

static bool
award_equal(const struct race_award *a, const struct race_award *b)
{
	return a->places == b->places && strcmp(a->name, b->name) == 0 &&
	    strcmp(a->ranking, b->ranking) == 0;
}

static bool
category_equal(const struct race_category *a, const struct race_category *b)
{
	return a->from == b->from && a->to == b->to &&
	    strcmp(a->name, b->name) == 0 && text_equal(a->sex, b->sex);
}

static bool
alias_equal(const struct race_alias *a, const struct race_alias *b)
{
	return strcmp(a->spelling, b->spelling) == 0 &&
	    strcmp(a->team, b->team) == 0;
}

/* How people are told apart and put together. */
static bool
groups_equal(const struct race_rules *a, const struct race_rules *b)
{
	if (a->category_count != b->category_count ||
	    a->alias_count != b->alias_count)
		return false;
	for (size_t i = 0; i < a->category_count; i++)
		if (!category_equal(&a->categories[i], &b->categories[i]))
			return false;
	for (size_t i = 0; i < a->alias_count; i++)
		if (!alias_equal(&a->aliases[i], &b->aliases[i]))
			return false;
	return true;
}

bool
rules_equal(const struct race_rules *a, const struct race_rules *b)
{
	if (a->wave_count != b->wave_count ||
	    a->point_count != b->point_count ||
	    a->ranking_count != b->ranking_count ||
	    a->award_count != b->award_count ||
	    a->fastest_us_km != b->fastest_us_km ||
	    strcmp(a->title, b->title) != 0 || strcmp(a->date, b->date) != 0 ||
	    strcmp(a->timezone, b->timezone) != 0)
		return false;
	for (size_t i = 0; i < a->wave_count; i++) {
		if (!wave_equal(&a->waves[i], &b->waves[i]))
			return false;
	}
	for (size_t i = 0; i < a->point_count; i++) {
		if (!point_equal(&a->points[i], &b->points[i]))
			return false;
	}
	for (size_t i = 0; i < a->ranking_count; i++) {
		if (!ranking_equal(&a->rankings[i], &b->rankings[i]))
			return false;
	}
	for (size_t i = 0; i < a->award_count; i++) {
		if (!award_equal(&a->awards[i], &b->awards[i]))
			return false;
	}
	return groups_equal(a, b);
}

bool
rules_has_start(const struct race_rules *rules)
{
	return rules->point_count > 0 && rules->points[0].metres == 0;
}

bool
rules_windows(const struct race_rules *rules)
{
	for (size_t i = 0; i < rules->wave_count; i++)
		if (rules->waves[i].window_us > 0)
			return true;
	return false;
}

int
rules_point(const struct race_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->point_count; i++) {
		if (strcmp(rules->points[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
rules_reader(const struct race_rules *rules, const char *name)
{
	int point = rules_point(rules, name);

	for (size_t i = 0; point < 0 && i < rules->point_count; i++) {
		const char *backup = rules->points[i].backup;

		if (backup != NULL && backup[0] != '\0' &&
		    strcmp(backup, name) == 0)
			point = (int)i;
	}
	return point;
}

int
rules_wave(const struct race_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->wave_count; i++) {
		if (strcmp(rules->waves[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
rules_ranking(const struct race_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->ranking_count; i++) {
		if (strcmp(rules->rankings[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

const char *
rules_status_name(enum race_status status)
{
	return status_names[status];
}

int
rules_status(const char *word)
{
	/* From 1: "" is no word. */
	for (int i = 1; i < STATUS_COUNT; i++) {
		if (strcasecmp(status_names[i], word) == 0)
			return i;
	}
	return -1;
}
