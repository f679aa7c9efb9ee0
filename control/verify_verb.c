/* palmares verify: whether a recording, or race.db, is whole. */
#include <inttypes.h>
#include <stdio.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/number.h"
#include "control/verb.h"
#include "control/verify.h"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
tell(const char *file, const struct verify *v)
{
	char events[32];
	char first[32];
	char last[32];
	char bytes[32];

	printf("%s: %s: %s event%s", file, v->torn ? "torn" : "whole",
	    number_grouped(events, v->events), plural(v->events));
	if (v->events > 0)
		printf(", numbers %s to %s", number_grouped(first, v->first),
		    number_grouped(last, v->last));
	printf(", of %" PRIu64 " stream%s", v->streams, plural(v->streams));
	if (v->recording)
		printf(", %s bytes", number_grouped(bytes, v->bytes));
	putchar('\n');
}

/* What is no damage, but worth knowing. */
static void
tell_more(const char *file, const struct verify *v)
{
	char number[32];

	if (v->torn)
		log_warnx("%s: behind byte %" PRIu64
		          " stands the beginning of another event, which a "
		          "crash has cut off, or which is just being written: "
		          "it is read without it, and palmares record goes on "
		          "with it",
		    file, v->bytes);
	if (v->events > 0 && v->last - v->first >= v->events)
		log_info("%s: %s events between those numbers are not in it: "
		         "it is a part of a longer one",
		    file,
		    number_grouped(number, v->last - v->first + 1 - v->events));
	if (v->begun > 0)
		log_info("%s: %s of its streams begin%s before it", file,
		    number_grouped(number, v->begun), v->begun == 1 ? "s" : "");
	if (v->undecoded > 0)
		log_info("%s: %s event%s of a later version of Palmarès: kept, "
		         "not understood",
		    file, number_grouped(number, v->undecoded),
		    plural(v->undecoded));
}

static int
run(const struct verb *verb, int argc, char **argv)
{
	struct verb_options o;
	struct verify v;
	struct err err;

	verb_options(verb, argc, argv, &o);
	if (o.rest_count != 1)
		cli_usage(verb->program, "%s",
		    o.rest_count == 0
		        ? "which file? Name a recording, or a race.db"
		        : "one file at a time");
	if (verify_file(o.rest[0], &v, &err) < 0)
		log_fatal(1, "%s", err.text);
	tell(o.rest[0], &v);
	tell_more(o.rest[0], &v);
	return v.torn ? 1 : 0;
}

const struct verb verb_verify = {
	.name = "verify",
	.program = "palmares verify",
	.summary = "Checks that a recording, or race.db, is what was stored",
	.usage = "FILE",
	.options = "",
	.accepts = "",
	.run = run,
};
