/* palmares clone: the race folder of next year. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cli.h"
#include "common/files.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/ground.h"
#include "control/verb.h"
#include "race/conf.h"
#include "race/rules.h"

enum { FILE_MAX = 1 << 30 };

/* 52 weeks later: the same day of the week. */
static char *
next_year(const char *date)
{
	struct tm tm = { .tm_hour = 12, .tm_isdst = -1 };
	char text[16];

	if (strptime(date, "%Y-%m-%d", &tm) == NULL)
		return xstrdup(date);
	tm.tm_mday += 364;
	mktime(&tm);
	strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return xstrdup(text);
}

/* The line of a key at the top of race.yaml; NULL: there is none. */
static const char *
find_key(const char *yaml, const char *key)
{
	size_t len = strlen(key);

	while (yaml != NULL) {
		if (strncmp(yaml, key, len) == 0 &&
		    yaml[len + strspn(yaml + len, " ")] == ':')
			return yaml;
		yaml = strchr(yaml, '\n');
		yaml = yaml != NULL ? yaml + 1 : NULL;
	}
	return NULL;
}

/* With another date, and everything else as it is; NULL: there is no line
 * that can be changed. */
static char *
with_date(const char *yaml, const char *was, const char *is)
{
	const char *line = find_key(yaml, "date");
	const char *value = line != NULL ? strstr(line, was) : NULL;
	const char *end = line != NULL ? line + strcspn(line, "\n") : NULL;

	if (value == NULL || value > end)
		return NULL;
	return xasprintf("%.*s%s%s", (int)(value - yaml), yaml, is,
	    value + strlen(was));
}

static char *
read_text(const char *dir, const char *name, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, name);
	char *text = NULL;
	size_t len;
	int rc = files_read(path, FILE_MAX, &text, &len, err);

	if (rc == 0 && strlen(text) != len) {
		err_set(err, -EINVAL, "%s: a NUL byte in it", path);
		free(text);
		text = NULL;
	}
	free(path);
	return text;
}

/* The columns are next year's too; the people perhaps not. */
static void
cut_to_header(char *entries)
{
	size_t len = strcspn(entries, "\r\n");

	len += strspn(entries + len, "\r\n") > 0;
	if (len > 0 && entries[len - 1] == '\r')
		entries[len - 1] = '\n';
	entries[len] = '\0';
}

/* What entries.csv says of somebody that was true of the old year alone. */
struct leftover {
	size_t count;
	const struct race_entry *first;
};

static void
note(struct leftover *l, const struct race_entry *e)
{
	if (l->count++ == 0)
		l->first = e;
}

static bool
is_on_day(int64_t us, const char *date)
{
	char text[40];

	instant_format(text, us);
	return strncmp(text, date, 10) == 0;
}

static void
print_leftovers(const struct leftover *decided, const struct leftover *started)
{
	const struct race_entry *e = decided->first;
	char text[40];

	if (decided->count > 0)
		printf("entries.csv: %zu ha%s a status already, the first: "
		       "%s %s, %s\n",
		    decided->count, decided->count == 1 ? "s" : "ve", e->bib,
		    e->name, rules_status_name(e->status));
	e = started->first;
	if (started->count > 0)
		printf("entries.csv: %zu start%s on another day, the first: "
		       "%s %s, %.10s\n",
		    started->count, started->count == 1 ? "s" : "", e->bib,
		    e->name, instant_format(text, e->start_us));
}

static void
warn_entries(const char *dir, const struct race_rules *rules)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct leftover decided = { 0 };
	struct leftover started = { 0 };

	(void)conf_entries(dir, rules, &roll, &report);
	for (size_t i = 0; i < roll.count; i++) {
		const struct race_entry *e = &roll.entries[i];

		if (e->status != RACE_STATUS_NONE)
			note(&decided, e);
		if (e->start_us != 0 && !is_on_day(e->start_us, rules->date))
			note(&started, e);
	}
	print_leftovers(&decided, &started);
	conf_roll_clear(&roll);
	conf_report_clear(&report);
}

/* What is easily forgotten. */
static void
warn(const char *dir, const char *title, const char *was)
{
	struct conf_report report = { 0 };
	struct race_rules *rules = conf_rules(dir, &report);
	char year[5];

	conf_report_clear(&report);
	snprintf(year, sizeof year, "%.4s", was);
	if (strstr(title, year) != NULL)
		printf("the title still says %s: '%s'\n", year, title);
	for (size_t i = 0; rules != NULL && i < rules->wave_count; i++) {
		char text[40];

		if (rules->waves[i].gun_us == RACE_NO_TIME)
			continue;
		if (!is_on_day(rules->waves[i].gun_us, rules->date))
			printf("wave %s: its gun is on %.10s\n",
			    rules->waves[i].name,
			    instant_format(text, rules->waves[i].gun_us));
	}
	if (rules != NULL)
		warn_entries(dir, rules);
	rules_free(rules);
}

static struct race_rules *
rules_of(const char *dir)
{
	struct conf_report report = { 0 };
	struct race_rules *rules = conf_rules(dir, &report);

	if (rules == NULL)
		log_warnx("%s/race.yaml has mistakes: palmares check %s", dir,
		    dir);
	conf_report_clear(&report);
	return rules;
}

static int
clone(const struct verb_options *o, const struct race_rules *rules,
    struct err *err)
{
	const char *from = o->rest[0];
	const char *to = o->rest[1];
	char *date =
	    o->date != NULL ? xstrdup(o->date) : next_year(rules->date);
	char *yaml = read_text(from, "race.yaml", err);
	char *entries =
	    yaml != NULL ? read_text(from, "entries.csv", err) : NULL;
	char *new = NULL;
	int rc = -EINVAL;

	if (entries == NULL)
		goto end;
	new = with_date(yaml, rules->date, date);
	if (new == NULL) {
		err_set(err, -EINVAL,
		    "%s/race.yaml: its date is not on a line of its own", from);
		goto end;
	}
	if (!o->entries)
		cut_to_header(entries);
	rc = ground_write(to, new, entries, err);
	if (rc < 0)
		goto end;
	printf("%s: %s on %s, %s\n", to, rules->title, date,
	    o->entries ? "with its entries" : "nobody is entered yet");
	warn(to, rules->title, rules->date);
end:
	free(new);
	free(entries);
	free(yaml);
	free(date);
	return rc;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct race_rules *rules;
	struct err err;
	int rc;

	verb_options(v, argc, argv, &o);
	if (o.rest_count != 2)
		cli_usage(v->program, "%s %s", v->program, v->usage);
	if (o.date != NULL && !instant_date_valid(o.date))
		cli_usage(v->program, "--date %s: as in 2026-09-20", o.date);
	if (ground_is_free(o.rest[1], &err) < 0)
		log_fatal(1, "%s", err.text);
	rules = rules_of(o.rest[0]);
	if (rules == NULL)
		return 1;
	rc = clone(&o, rules, &err);
	rules_free(rules);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	return 0;
}

const struct verb verb_clone = {
	.name = "clone",
	.program = "palmares clone",
	.summary = "Makes the race folder of next year from this one's",
	.usage = "DIR NEWDIR [OPTION]...",
	.options =
	    "race.yaml is taken over with its comments, and of entries.csv the "
	    "columns;\n"
	    "nothing of what was timed or decided, and no keys.  What is there "
	    "is never\noverwritten.\n\n"
	    "  --date YYYY-MM-DD         default: 52 weeks later, on the same "
	    "weekday\n"
	    "  --entries                 with everybody who is entered\n",
	.accepts = "DE",
	.run = run,
};
