/* palmares explain: why somebody has the place that he has. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/explain_print.h"
#include "control/explain_prize.h"
#include "control/person.h"
#include "control/verb.h"
#include "race/choice.h"
#include "race/past.h"
#include "race/rules.h"

struct job {
	struct past past;
	struct crossings *crossings;
	const char *label; /* as the ranking has it */
	char *team;        /* that label, of a team */
	size_t ranking;
	int award;      /* -1: no prize is asked for */
	uint32_t place; /* of it, 0: all */
};

static void
note(void *arg, const struct past_event *e)
{
	struct job *j = arg;

	crossings_note(j->crossings, e->id, e->event);
}

/* The first ranking of that kind in which the label has a row, else the first
 * of that kind; -1: there is none. */
static int
first_of(struct book *b, enum race_of of, const char *label)
{
	int first = -1;

	for (size_t v = 0; v < b->rules->ranking_count; v++) {
		if (b->rules->rankings[v].of != of)
			continue;
		if (first < 0)
			first = (int)v;
		if (of == RACE_RUNNERS && rank_place(b->rank, v, label) > 0)
			return (int)v;
	}
	return first;
}

/* "Nespresso B" where teams have sides; without a letter it is side A. */
static int
find_team(struct job *j, const char *text, struct err *err)
{
	const struct book *b = j->past.book;
	const struct race_ranking *rule = &b->rules->rankings[j->ranking];
	struct err other = { "" };
	const char *team;
	uint32_t side;
	size_t len = explain_team_length(rule, text, &side);
	char *name;
	int rc = person_team(&team, b->rules, b->roster, text, err);

	if (rc < 0) {
		name = xstrndup(text, len);
		rc = person_team(&team, b->rules, b->roster, name, &other);
		free(name);
	} else {
		side = 0;
	}
	if (rc < 0)
		return rc;
	free(j->team);
	j->team = rule->of == RACE_TEAMS && rule->sides > 1
	    ? xasprintf("%s %c", team, 'A' + (int)side)
	    : xstrdup(team);
	j->label = j->team;
	return 0;
}

static int
find_label(struct job *j, enum race_of of, const char *text, struct err *err)
{
	const struct book *b = j->past.book;
	const struct race_entry *entry;
	int rc;

	if (of == RACE_TEAMS)
		return find_team(j, text, err);
	rc = person_find(&entry, b->roster, text, err);
	if (rc == 0)
		j->label = entry->bib;
	else if (rc == -ENOENT)
		(void)person_gone(b->rulings, text, err);
	return rc;
}

static int
no_ranking(enum race_of of, struct err *err)
{
	return err_set(err, -ENOENT, "this race has no ranking of %s",
	    of == RACE_TEAMS ? "teams" : "runners");
}

/* Nobody named a ranking: a runner is explained in his, a team in the first of
 * teams. */
static int
choose(struct job *j, const char *text, struct err *err)
{
	struct book *b = j->past.book;
	int teams = first_of(b, RACE_TEAMS, "");
	struct err other = { "" };
	int rc = find_label(j, RACE_RUNNERS, text, err);
	int v;

	if (rc == -ENOENT && teams >= 0) {
		j->ranking = (size_t)teams;
		if (find_label(j, RACE_TEAMS, text, &other) == 0)
			return 0;
		/* What has no figure in it may as well be a team. */
		if (strpbrk(text, "0123456789") == NULL)
			*err = other;
	}
	if (rc < 0)
		return rc;
	v = first_of(b, RACE_RUNNERS, j->label);
	if (v < 0)
		return no_ranking(RACE_RUNNERS, err);
	j->ranking = (size_t)v;
	return 0;
}

/* "Femmes 2": the prizes of an award, or that of a place.  A bib of that name
 * goes before. */
static bool
find_prize(const struct verb *v, struct job *j, const struct verb_options *o)
{
	const struct book *b = j->past.book;
	const char *place = o->rest_count > 1 ? o->rest[1] : "1";
	int64_t number = 0;

	j->award = explain_award(b->rules, o->rest[0]);
	if (j->award < 0 || o->ranking != NULL ||
	    roster_find(b->roster, o->rest[0]) != NULL ||
	    rules_ranking(b->rules, place) >= 0)
		return false;
	if (cli_number(place, 1, b->rules->awards[j->award].places, &number) <
	    0)
		cli_usage(v->program, "%s: which place? From 1 to %" PRIu32,
		    o->rest[0], b->rules->awards[j->award].places);
	j->place = o->rest_count > 1 ? (uint32_t)number : 0;
	return true;
}

static void
find(const struct verb *v, struct job *j, const struct verb_options *o)
{
	const struct race_rules *rules = j->past.book->rules;
	const char *ranking = o->rest_count > 1 ? o->rest[1] : o->ranking;
	struct err err = { "" };
	int rc;

	if (ranking == NULL) {
		rc = choose(j, o->rest[0], &err);
	} else {
		int found = rules_ranking(rules, ranking);

		if (found < 0)
			cli_usage(v->program, "%s",
			    choice_ranking(rules, ranking));
		j->ranking = (size_t)found;
		rc = find_label(j, rules->rankings[found].of, o->rest[0], &err);
	}
	if (rc < 0)
		log_fatal(1, "%s", err.text);
}

static void
print(struct job *j, bool json)
{
	const struct story story = verb_story(&j->past);
	struct explain *e;

	if (explain_new(&e, j->past.book, j->crossings, j->ranking, j->label) <
	    0)
		log_fatal(1, "%s is not in that race", j->label);
	if (!json)
		explain_print(stdout, e, &story);
	else if (explain_json(stdout, e, &story) < 0)
		log_fatal(1, "cannot write the result");
	explain_free(e);
}

static void
print_prize(const struct verb *v, struct job *j, bool json)
{
	const struct story story = verb_story(&j->past);
	const struct race_award *a = &j->past.book->rules->awards[j->award];

	if (json)
		cli_usage(v->program,
		    "--format json: palmares awards --format json has the "
		    "prizes");
	if (explain_prize(stdout, j->past.book, &story, (size_t)j->award,
	        j->place) < 0)
		log_fatal(1, "award %s: there is no ranking %s", a->name,
		    a->ranking);
}

static bool
read_options(const struct verb *v, struct verb_options *o)
{
	if (o->rest_count < 1)
		cli_usage(v->program, "whose place? Name a bib, or a team");
	if (o->rest_count > 2)
		cli_usage(v->program, "%s: no such argument", o->rest[2]);
	if (o->rest_count > 1 && o->ranking != NULL)
		cli_usage(v->program, "one ranking at a time: %s or %s",
		    o->rest[1], o->ranking);
	return verb_past_options(v, o);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct job j = { .crossings = crossings_new() };
	bool json;

	verb_options(v, argc, argv, &o);
	json = read_options(v, &o);
	if (verb_load(&o, &j.past, note, &j, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (!find_prize(v, &j, &o)) {
		find(v, &j, &o);
		print(&j, json);
	} else {
		print_prize(v, &j, json);
	}
	free(j.team);
	crossings_free(j.crossings);
	past_clear(&j.past);
	return 0;
}

const struct verb verb_explain = {
	.name = "explain",
	.program = "palmares explain",
	.summary = "Tells why somebody, or a team, has that place or prize",
	.usage = "BIB|NAME|TEAM [RANKING] | AWARD [PLACE]  [OPTION]...",
	.options =
	    "  --ranking NAME            default: the first one that has him\n"
	    "  --format text|json        default text\n"
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmkIQ",
	.run = run,
};
