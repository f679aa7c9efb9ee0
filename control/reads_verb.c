/* palmares reads: the crossings of a runner, or at a point, or of nobody, each
 * with the name by which it is corrected. */
#include <stdio.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/reads.h"
#include "control/terms.h"
#include "control/verb.h"
#include "race/past.h"

enum { LAST_MAX = 10000000 };

struct job {
	const struct verb_options *options;
	struct past past;
	struct story story;
	bool json;
	int64_t last;
	struct race_id *ids; /* of all that may be a read */
	size_t cap;
	size_t count;
};

static bool
may_be_read(const struct race_event *e)
{
	if (e->kind == RACE_CROSSING)
		return true;
	return e->kind == RACE_DECISION &&
	    (e->decision->verb == RACE_ADD_READ ||
	        e->decision->verb == RACE_SET_TIME);
}

static void
take(void *arg, const struct past_event *e)
{
	struct job *j = arg;

	if (!may_be_read(e->event))
		return;
	j->ids = xgrow(j->ids, &j->cap, j->count, sizeof *j->ids);
	j->ids[j->count++] = e->id;
}

/* With what he may have meant, if nobody has that bib. */
static void
find_of_bib(struct job *j, const char *bib, struct reads *out)
{
	const struct correct_job job = { .book = j->past.book,
		.streams = j->past.streams };
	const struct race_entry *e;
	struct correct c;
	struct err err;

	reads_of_bib(out, j->past.book, bib);
	correct_init(&c, &job);
	if (terms_bib(&c, bib, &e, &err) < 0) {
		if (out->count == 0)
			log_fatal(1, "%s", err.text);
		log_warnx("%s", err.text);
	}
	correct_clear(&c);
}

static void
find_at_point(struct job *j, struct reads *out)
{
	const struct correct_job job = { .book = j->past.book,
		.streams = j->past.streams };
	struct correct c;
	struct err err;
	int point = -1;

	correct_init(&c, &job);
	if (j->options->point != NULL &&
	    terms_point(&c, j->options->point, &point, &err) < 0)
		log_fatal(1, "--point: %s", err.text);
	correct_clear(&c);
	reads_of(out, j->past.book, j->ids, j->count, point);
}

static void
print_head(const struct job *j, const char *bib)
{
	const struct race_entry *e = roster_find(j->past.book->roster, bib);
	char moment[STORY_MOMENT];
	struct rank_start start;

	if (e == NULL || !rank_start(j->past.book->rank, bib, &start))
		return;
	printf("%s%s%s", bib, e->name[0] != '\0' ? " " : "", e->name);
	if (start.gun_us != RACE_NO_TIME)
		printf(", started at %s%s",
		    story_moment(moment, &j->story, start.gun_us),
		    start.own ? ", on his own" : "");
	fputs("\n\n", stdout);
}

static void
print(struct job *j, const struct reads *l)
{
	const char *bib =
	    j->options->rest_count > 0 ? j->options->rest[0] : NULL;

	if (j->json) {
		if (reads_json(stdout, l, j->past.book, &j->story) < 0)
			log_fatal(1, "cannot write");
		return;
	}
	if (bib != NULL)
		print_head(j, bib);
	if (l->count == 0)
		log_info("no crossings");
	else
		reads_print(stdout, l, j->past.book, &j->story,
		    bib != NULL                     ? READS_OF_BIB
		        : j->options->point != NULL ? READS_OF_POINT
		                                    : READS_OF_NOBODY);
}

static void
read_options(const struct verb *v, struct job *j, struct verb_options *o)
{
	int wanted = (o->rest_count > 0) + (o->point != NULL) + o->unknown;

	if (wanted != 1 || o->rest_count > 1)
		cli_usage(v->program,
		    "one of these: a bib, --point POINT, --unknown");
	j->json = verb_past_options(v, o);
	if (o->last != NULL && cli_number(o->last, 1, LAST_MAX, &j->last) < 0)
		cli_usage(v->program, "-n %s: a number from 1 to %d", o->last,
		    LAST_MAX);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct job j = { .options = &o };
	struct reads found = { 0 };
	bool of_bib;

	verb_options(v, argc, argv, &o);
	read_options(v, &j, &o);
	of_bib = o.rest_count > 0;
	if (verb_load(&o, &j.past, of_bib ? NULL : take, &j, &err) < 0)
		log_fatal(1, "%s", err.text);
	j.story = verb_story(&j.past);
	if (of_bib)
		find_of_bib(&j, o.rest[0], &found);
	else
		find_at_point(&j, &found);
	if (j.last > 0)
		reads_last(&found, (size_t)j.last);
	print(&j, &found);
	reads_clear(&found);
	past_clear(&j.past);
	free(j.ids);
	return 0;
}

const struct verb verb_reads = {
	.name = "reads",
	.program = "palmares reads",
	.summary = "Lists crossings: of a runner, at a point, or nobody's",
	.usage = "BIB | --point POINT | --unknown  [OPTION]...",
	.options =
	    "Each with its name, STATION:NUMBER, by which palmares void and "
	    "move "
	    "know it,\nand whether it counts, or why not.\n"
	    "\n"
	    "  --point POINT             all at that point\n"
	    "  --unknown                 all whose bib or chip nobody has\n"
	    "  -n, --last N              the last N of them\n"
	    "  --format text|json        default text; json is an object a "
	    "line\n"
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmpnqIQ",
	.run = run,
};
