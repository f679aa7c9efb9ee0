/* palmares anonymise: a recording in which nobody is named. */
#include <stdio.h>

#include "common/cli.h"
#include "common/files.h"
#include "common/log.h"
#include "common/number.h"
#include "control/anonymise.h"
#include "control/anonymise_season.h"
#include "control/verb.h"

static void
tell(const char *file, const struct anonymise *a)
{
	char events[32];
	char columns[32];
	char texts[32];

	printf("%s: %s events, without names", file,
	    number_grouped(events, a->rewrite.written));
	if (a->columns > 0)
		printf(", %s values of other columns",
		    number_grouped(columns, a->columns));
	if (a->texts > 0)
		printf(", %s reasons and notes",
		    number_grouped(texts, a->texts));
	putchar('\n');
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct anonymise a;
	int64_t seed;
	struct err err;
	int rc;

	verb_options(v, argc, argv, &o);
	if (o.rest_count != 2)
		cli_usage(v->program,
		    "which recording, and into which new file? Name both");
	/* Nobody who knows the program shall find the words again. */
	seed = (int64_t)(files_random() >> 1);
	if (o.seed != NULL && cli_number(o.seed, 0, INT64_MAX, &seed) < 0)
		cli_usage(v->program, "--seed %s: a whole number", o.seed);
	rc = anonymise_is_season(o.rest[0], &err);
	if (rc >= 0)
		rc = (rc == 1 ? anonymise_season : anonymise_file)(o.rest[0],
		    o.rest[1], (uint64_t)seed, &a, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	tell(o.rest[1], &a);
	return 0;
}

const struct verb verb_anonymise = {
	.name = "anonymise",
	.program = "palmares anonymise",
	.summary = "Makes a recording in which nobody is named",
	.usage = "FILE NEWFILE [OPTION]...",
	.options = "  --seed N                  the same words every time\n",
	.accepts = "J",
	.run = run,
};
