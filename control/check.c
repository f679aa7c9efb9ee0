/* palmares check: is this race folder fit for a race? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/strmap.h"
#include "common/xalloc.h"
#include "control/verb.h"
#include "race/conf.h"
#include "race/rules.h"
#include "race/store.h"

struct check {
	const char *dir;
	struct race_rules *rules;
	struct conf_roll roll;
	struct conf_report report;
	size_t teams;
};

static bool
passes(const char *filter, const char *value)
{
	return filter[0] == '\0' || strcmp(filter, value) == 0;
}

/* The filters of a ranking, as the core applies them. */
static bool
matches(const struct race_rules *rules, const struct race_ranking *r,
    const struct race_entry *e)
{
	const char *wave = e->wave;

	if (wave[0] == '\0' && rules->wave_count > 0)
		wave = rules->waves[0].name;
	return passes(r->sex, e->sex) && passes(r->category, e->category) &&
	    passes(r->team, e->team) && passes(r->wave, wave);
}

static bool
any_category(const struct conf_roll *roll, const char *category)
{
	for (size_t i = 0; i < roll->count; i++)
		if (strcmp(roll->entries[i].category, category) == 0)
			return true;
	return false;
}

static void
check_ranking(struct check *c, const struct race_ranking *r)
{
	size_t matching = 0;
	size_t in_teams = 0;

	for (size_t i = 0; i < c->roll.count; i++) {
		const struct race_entry *e = &c->roll.entries[i];

		if (!matches(c->rules, r, e))
			continue;
		matching++;
		in_teams += e->team[0] != '\0';
	}
	if (r->category[0] != '\0' && !any_category(&c->roll, r->category))
		conf_report_add(&c->report, false, "race.yaml", 0, 0,
		    "ranking %s: no entry has the category '%s'", r->name,
		    r->category);
	else if (matching == 0)
		conf_report_add(&c->report, false, "race.yaml", 0, 0,
		    "ranking %s: its filters match no entry", r->name);
	else if (r->of == RACE_TEAMS && in_teams == 0)
		conf_report_add(&c->report, false, "race.yaml", 0, 0,
		    "ranking %s: of teams, but no entry in it has a team",
		    r->name);
}

static void
count_teams(struct check *c)
{
	struct strmap *teams = strmap_new();

	for (size_t i = 0; i < c->roll.count; i++)
		if (c->roll.entries[i].team[0] != '\0')
			strmap_put(teams, c->roll.entries[i].team, 0);
	c->teams = strmap_count(teams);
	strmap_free(teams);
}

static void
check_files(struct check *c)
{
	c->rules = conf_rules(c->dir, &c->report);
	/* Its words are in the report. */
	(void)conf_entries(c->dir, c->rules, &c->roll, &c->report);
	count_teams(c);
	if (c->rules == NULL || c->roll.count == 0)
		return;
	for (size_t i = 0; i < c->rules->ranking_count; i++)
		check_ranking(c, &c->rules->rankings[i]);
}

/* Returns the line about race.db, for free(). */
static char *
check_store(struct check *c)
{
	char *path = xasprintf("%s/race.db", c->dir);
	struct store *s;
	struct err err;
	int rc = store_open(&s, path, STORE_READ, &err);
	char *line;

	free(path);
	if (rc == -ENOENT)
		return xstrdup("race.db: not there yet, the aggregator "
		               "makes it");
	if (rc < 0) {
		conf_report_add(&c->report, true, "race.db", 0, 0, "%s",
		    err.text);
		return xstrdup("race.db: cannot be opened");
	}
	line = xasprintf("race.db: %" PRIu64 " events", store_log(s));
	store_free(s);
	return line;
}

static const char *
many(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
print_summary(const struct check *c, const char *name)
{
	size_t warnings = c->report.count - c->report.errors;

	printf("%s: ", name);
	if (c->rules != NULL)
		printf("%zu wave%s, %zu point%s, ", c->rules->wave_count,
		    many(c->rules->wave_count), c->rules->point_count,
		    many(c->rules->point_count));
	printf("%zu entr%s, %zu team%s", c->roll.count,
	    c->roll.count == 1 ? "y" : "ies", c->teams, many(c->teams));
	if (c->rules != NULL)
		printf(", %zu ranking%s", c->rules->ranking_count,
		    many(c->rules->ranking_count));
	if (c->report.errors == 0)
		fputs(": no mistakes", stdout);
	else
		printf(": %zu mistake%s", c->report.errors,
		    many(c->report.errors));
	if (warnings > 0)
		printf(", %zu warning%s", warnings, many(warnings));
	putchar('\n');
}

static void
print_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[4096];

		conf_problem_print(line, sizeof line, &report->problems[i]);
		puts(line);
	}
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct check c = { 0 };
	char *real;
	char *store;

	verb_options(v, argc, argv, &o);
	if (o.rest_count > 1)
		cli_usage(v->program, "%s: one race folder at a time",
		    o.rest[1]);
	c.dir = o.rest_count == 1 ? o.rest[0] : o.race;
	if (c.dir == NULL)
		cli_usage(v->program,
		    "which race folder? Name it, or set "
		    "PALMARES_RACE");
	check_files(&c);
	store = check_store(&c);
	print_problems(&c.report);
	real = realpath(c.dir, NULL);
	print_summary(&c, real != NULL ? basename(real) : c.dir);
	puts(store);
	free(real);
	free(store);
	int status = c.report.errors > 0 ? 1 : 0;
	conf_report_clear(&c.report);
	conf_roll_clear(&c.roll);
	rules_free(c.rules);
	return status;
}

const struct verb verb_check = {
	.name = "check",
	.program = "palmares check",
	.summary = "Reads a race folder and reports every mistake in it",
	.usage = "[OPTION]... [RACE]",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n",
	.accepts = "r",
	.run = run,
};
