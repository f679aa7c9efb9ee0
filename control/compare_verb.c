/* palmares compare: a few runners side by side, point by point. */
#include <errno.h>

#include "common/cli.h"
#include "common/log.h"
#include "control/compare.h"
#include "control/person.h"
#include "control/verb.h"
#include "race/choice.h"
#include "race/past.h"
#include "race/rules.h"

static size_t
find_ranking(const struct verb *v, const struct verb_options *o,
    const struct race_rules *rules)
{
	int found = 0;

	if (o->ranking != NULL) {
		found = rules_ranking(rules, o->ranking);
		if (found < 0)
			cli_usage(v->program, "%s",
			    choice_ranking(rules, o->ranking));
		if (rules->rankings[found].of != RACE_RUNNERS)
			cli_usage(v->program, "%s: is of teams, not of runners",
			    o->ranking);
		return (size_t)found;
	}
	while (found < (int)rules->ranking_count &&
	    rules->rankings[found].of != RACE_RUNNERS)
		found++;
	if (found == (int)rules->ranking_count)
		log_fatal(1, "this race has no ranking of runners");
	return (size_t)found;
}

static void
find_people(const struct verb *v, const struct verb_options *o,
    const struct book *b, const struct race_entry **out)
{
	struct err err;

	for (int i = 0; i < o->rest_count; i++) {
		int rc = person_find(&out[i], b->roster, o->rest[i], &err);

		if (rc == -ENOENT)
			(void)person_gone(b->rulings, o->rest[i], &err);
		if (rc < 0)
			log_fatal(1, "%s", err.text);
		for (int k = 0; k < i; k++)
			if (out[k] == out[i])
				cli_usage(v->program,
				    "%s and %s are one person", o->rest[k],
				    o->rest[i]);
	}
}

static int
run(const struct verb *v, int argc, char **argv)
{
	const struct race_entry *entries[COMPARE_MAX];
	struct verb_options o;
	struct err err = { "" };
	struct past past;
	struct compare *c;
	bool json;
	int rc;

	verb_options(v, argc, argv, &o);
	json = verb_past_options(v, &o);
	if (o.rest_count < 2 || o.rest_count > COMPARE_MAX)
		cli_usage(v->program, "whom? Name 2 to %d bibs", COMPARE_MAX);
	if (verb_load(&o, &past, NULL, NULL, &err) < 0)
		log_fatal(1, "%s", err.text);
	find_people(v, &o, past.book, entries);
	compare_new(&c, past.book, find_ranking(v, &o, past.book->rules),
	    entries, (size_t)o.rest_count);
	rc = json ? compare_json(stdout, c) : compare_print(stdout, c);
	if (rc < 0)
		log_fatal(1, "cannot write the result");
	compare_free(c);
	past_clear(&past);
	return 0;
}

const struct verb verb_compare = {
	.name = "compare",
	.program = "palmares compare",
	.summary = "Sets runners side by side, point by point",
	.usage = "BIB|NAME BIB|NAME... [OPTION]...",
	.options =
	    "  --ranking NAME            default: the first one of runners\n"
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
