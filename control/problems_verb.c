/* palmares problems: what an operator should look at, and what repairs it. */
#include "common/cli.h"
#include "common/log.h"
#include "control/problem_print.h"
#include "control/verb.h"
#include "race/past.h"

static void
note(void *arg, const struct past_event *e)
{
	crossings_note(arg, e->id, e->event);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct crossings *crossings = crossings_new();
	struct problem_words words;
	struct problems all;
	struct story story;
	struct past past;
	bool json;
	int rc;

	verb_options(v, argc, argv, &o);
	json = verb_past_options(v, &o);
	if (o.rest_count > 0)
		cli_usage(v->program, "%s: no such argument", o.rest[0]);
	if (verb_load(&o, &past, note, crossings, &err) < 0)
		log_fatal(1, "%s", err.text);
	problems_find(&all, past.book, crossings);
	story = verb_story(&past);
	words = (struct problem_words){ &story, past.book->rules, &all };
	rc = json ? problem_json(stdout, &words, &all, o.all)
	          : problem_print(stdout, &words, &all, o.all);
	if (rc < 0)
		log_fatal(1, "cannot write the result");
	problems_clear(&all);
	crossings_free(crossings);
	past_clear(&past);
	return 0;
}

const struct verb verb_problems = {
	.name = "problems",
	.program = "palmares problems",
	.summary = "Lists what is probably wrong, and what repairs it",
	.usage = "[OPTION]...",
	.options =
	    "  --all                     with what is set aside\n"
	    "  --format text|json        default text\n"
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmAIQ",
	.run = run,
};
