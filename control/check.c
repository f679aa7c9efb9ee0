/* palmares check: is this race folder fit for a race? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/verb.h"
#include "race/category.h"
#include "race/conf.h"
#include "race/rules.h"
#include "race/store.h"
#include "race/team.h"

struct tally {
	struct strmap *words;
	size_t *counts; /* by number of the word */
	size_t cap;
};

struct check {
	const char *dir;
	struct race_rules *rules;
	struct conf_roll roll;
	struct conf_report report;
	struct tally categories; /* those that hold */
	struct tally spellings;  /* of teams, as entered */
	struct tally teams;
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
	return passes(r->sex, e->sex) &&
	    passes(r->category, category_of(rules, e)) &&
	    passes(r->team, team_of(rules, e)) && passes(r->wave, wave);
}

/* ---- how many have what ---- */

static void
tally_add(struct tally *t, const char *word)
{
	uint32_t i = strmap_get(t->words, word);

	if (i == STRMAP_NONE) {
		i = (uint32_t)strmap_count(t->words);
		strmap_put(t->words, word, i);
		t->counts = xgrow(t->counts, &t->cap, i, sizeof *t->counts);
		t->counts[i] = 0;
	}
	t->counts[i]++;
}

static size_t
tally_of(const struct tally *t, const char *word)
{
	uint32_t i = strmap_get(t->words, word);

	return i == STRMAP_NONE ? 0 : t->counts[i];
}

static void
tally_close(struct tally *t)
{
	strmap_free(t->words);
	free(t->counts);
}

static void
count_words(struct check *c)
{
	for (size_t i = 0; i < c->roll.count; i++) {
		const struct race_entry *e = &c->roll.entries[i];

		tally_add(&c->categories,
		    c->rules != NULL ? category_of(c->rules, e) : e->category);
		tally_add(&c->spellings, e->team);
		tally_add(&c->teams,
		    c->rules != NULL ? team_of(c->rules, e) : e->team);
	}
}

/* Teams, without those that have none. */
static size_t
count_teams(const struct check *c)
{
	return strmap_count(c->teams.words) - (tally_of(&c->teams, "") > 0);
}

/* ---- problems ---- */

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
	if (r->category[0] != '\0' &&
	    tally_of(&c->categories, r->category) == 0)
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

/* One that spells nothing may be misspelt itself. */
static void
check_aliases(struct check *c)
{
	for (size_t i = 0; i < c->rules->alias_count; i++) {
		const struct race_alias *a = &c->rules->aliases[i];
		char q[TEXT_QUOTE_MAX];

		if (tally_of(&c->spellings, a->spelling) == 0)
			conf_report_add(&c->report, false, "race.yaml", 0, 0,
			    "alias %s of %s: no entry has that team",
			    text_quote(q, a->spelling), a->team);
	}
}

static void
say_twins(struct check *c, const char *first, size_t i)
{
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	conf_report_add(&c->report, false, "entries.csv", c->roll.lines[i], 0,
	    "team %s: there is %s, too; if they are one, write in race.yaml "
	    "below aliases:  %s: [%s]",
	    text_quote(b, team_of(c->rules, &c->roll.entries[i])),
	    text_quote(a, first), a, b);
}

/* Teams whose names differ in case, accents and punctuation alone, each said
 * once. */
static void
check_teams(struct check *c)
{
	struct strmap *folds = strmap_new();
	struct strmap *seen = strmap_new();

	for (size_t i = 0; i < c->roll.count; i++) {
		const char *team = team_of(c->rules, &c->roll.entries[i]);
		char *fold;
		uint32_t first;

		if (*team == '\0' || strmap_get(seen, team) != STRMAP_NONE)
			continue;
		strmap_put(seen, team, 0);
		fold = text_fold(team);
		first = strmap_get(folds, fold);
		if (first == STRMAP_NONE)
			strmap_put(folds, fold, (uint32_t)i);
		else
			say_twins(c, team_of(c->rules, &c->roll.entries[first]),
			    i);
		free(fold);
	}
	strmap_free(folds);
	strmap_free(seen);
}

static void
check_files(struct check *c)
{
	c->rules = conf_rules(c->dir, &c->report);
	/* Its words are in the report. */
	(void)conf_entries(c->dir, c->rules, &c->roll, &c->report);
	count_words(c);
	if (c->rules == NULL || c->roll.count == 0)
		return;
	for (size_t i = 0; i < c->rules->ranking_count; i++)
		check_ranking(c, &c->rules->rankings[i]);
	check_aliases(c);
	check_teams(c);
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
	size_t teams = count_teams(c);

	printf("%s: ", name);
	if (c->rules != NULL)
		printf("%zu wave%s, %zu point%s, ", c->rules->wave_count,
		    many(c->rules->wave_count), c->rules->point_count,
		    many(c->rules->point_count));
	printf("%zu entr%s, %zu team%s", c->roll.count,
	    c->roll.count == 1 ? "y" : "ies", teams, many(teams));
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
print_waves(const struct check *c)
{
	for (size_t i = 0; i < c->rules->wave_count; i++) {
		const struct race_wave *w = &c->rules->waves[i];
		char gun[40] = "no gun yet";
		char span[32];

		if (w->gun_us != RACE_NO_TIME)
			instant_format(gun, w->gun_us);
		printf("  wave %s: %s", w->name, gun);
		if (w->window_us > 0)
			printf(", who has no wave and starts within %s of it "
			       "runs in it",
			    instant_elapsed(span, w->window_us, false));
		putchar('\n');
	}
}

/* "18 to 22", "70 and over", "up to 17" */
static void
print_ages(const struct race_category *k)
{
	if (k->to == RACE_AGE_MAX)
		printf("%" PRIu32 " and over", k->from);
	else if (k->from == 0)
		printf("up to %" PRIu32, k->to);
	else if (k->from == k->to)
		printf("%" PRIu32, k->from);
	else
		printf("%" PRIu32 " to %" PRIu32, k->from, k->to);
}

static void
print_categories(const struct check *c)
{
	size_t without = tally_of(&c->categories, "");

	for (size_t i = 0; i < c->rules->category_count; i++) {
		const struct race_category *k = &c->rules->categories[i];
		size_t count = tally_of(&c->categories, k->name);

		printf("  category %s: %s%s", k->name, k->sex,
		    k->sex[0] != '\0' ? ", " : "");
		print_ages(k);
		printf(": %zu entr%s\n", count, count == 1 ? "y" : "ies");
	}
	if (c->rules->category_count > 0 && without > 0)
		printf("  no category: %zu entr%s\n", without,
		    without == 1 ? "y" : "ies");
}

static void
print_aliases(const struct check *c)
{
	for (size_t i = 0; i < c->rules->alias_count; i++) {
		const struct race_alias *a = &c->rules->aliases[i];
		size_t count = tally_of(&c->spellings, a->spelling);

		if (count > 0)
			printf("  team %s: also %s, %zu entr%s\n", a->team,
			    a->spelling, count, count == 1 ? "y" : "ies");
	}
}

/* What of race.yaml is easily meant otherwise. */
static void
print_understood(const struct check *c)
{
	if (c->rules == NULL)
		return;
	print_waves(c);
	print_categories(c);
	print_aliases(c);
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
	struct check c = { .categories.words = strmap_new(),
		.spellings.words = strmap_new(),
		.teams.words = strmap_new() };
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
	print_understood(&c);
	puts(store);
	free(real);
	free(store);
	int status = c.report.errors > 0 ? 1 : 0;
	conf_report_clear(&c.report);
	conf_roll_clear(&c.roll);
	rules_free(c.rules);
	tally_close(&c.categories);
	tally_close(&c.spellings);
	tally_close(&c.teams);
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
