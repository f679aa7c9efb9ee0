/* palmares cut: a recording of a part of a race. */
#include <stdio.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/number.h"
#include "control/cut.h"
#include "control/verb.h"

/* An event's number, or a time. */
static void
read_bound(const struct verb *v, struct cut_bound *b, const char *option,
    const char *text)
{
	enum instant_form form;
	struct err err;

	*b = (struct cut_bound){ .form = CUT_OPEN, .text = text };
	if (text == NULL)
		return;
	b->form = CUT_NUMBER;
	if (cli_number(text, 1, INT64_MAX, &b->value) == 0)
		return;
	if (instant_parse(text, &form, &b->value, &err) < 0 ||
	    form == INSTANT_RELATIVE)
		cli_usage(v->program,
		    "%s %s: the number of an event, a time of day (10:42:00) "
		    "or 2014-09-21T10:42:00+02:00",
		    option, text);
	b->form = form == INSTANT_CLOCK ? CUT_CLOCK : CUT_INSTANT;
}

static void
tell(const char *file, const struct cut_part *part)
{
	char events[32];
	char first[32];
	char last[32];
	char before[32];
	uint64_t within = part->rewrite.written - part->before;

	printf("%s: %s events, numbers %s to %s", file,
	    number_grouped(events, within), number_grouped(first, part->first),
	    number_grouped(last, part->last));
	if (part->before > 0)
		printf(", and %s from before that they are ranked by",
		    number_grouped(before, part->before));
	putchar('\n');
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct cut_part part;
	struct cut cut;
	struct err err;

	verb_options(v, argc, argv, &o);
	if (o.rest_count != 2)
		cli_usage(v->program,
		    "which recording, and into which new file? Name both");
	read_bound(v, &cut.from, "--from", o.from);
	read_bound(v, &cut.to, "--to", o.to);
	if (cut_file(o.rest[0], o.rest[1], &cut, &part, &err) < 0)
		log_fatal(1, "%s", err.text);
	tell(o.rest[1], &part);
	return 0;
}

const struct verb verb_cut = {
	.name = "cut",
	.program = "palmares cut",
	.summary = "Makes a recording of a part of a race",
	.usage = "FILE NEWFILE [OPTION]...",
	.options = "  --from WHEN               from that on: 10:42:00, "
	           "2014-09-21T10:42:00+02:00,\n"
	           "                            or the number of an event\n"
	           "  --to WHEN                 up to that\n"
	           "Without them: all of it, e.g. into a NEWFILE.zst.\n",
	.accepts = "mt",
	.run = run,
};
