/* palmares roster: who is entered, taken from a spreadsheet while the race runs
 * or before it, and written as entries.csv. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "control/entries.h"
#include "control/held.h"
#include "control/import.h"
#include "control/operator.h"
#include "control/reach.h"
#include "control/verb.h"

/* ---- export ---- */

static void
refuse_import_options(const struct verb *v, const struct verb_options *o)
{
	if (o->yes || o->dry_run || o->remove || o->by != NULL)
		cli_usage(v->program,
		    "--yes, --dry-run, --remove and --by are not for export");
}

static int
export_roster(const struct verb *v, const struct verb_options *o)
{
	struct held h = { 0 };
	struct err err;
	char *text;
	int rc;

	refuse_import_options(v, o);
	if (o->rest_count > 1)
		cli_usage(v->program, "export %s: no such argument",
		    o->rest[1]);
	if (o->format != NULL && strcmp(o->format, "csv") != 0)
		cli_usage(v->program, "--format %s: csv", o->format);
	if (o->offline && o->race == NULL)
		cli_usage(v->program,
		    "--offline: of which race folder? Use --race DIR or "
		    "PALMARES_RACE");
	rc =
	    reach_first(o) ? held_live(o, &h, &err) : held_offline(o, &h, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	text = entries_csv(held_entries(&h), h.count);
	fputs(text, stdout);
	free(text);
	held_clear(&h);
	return 0;
}

/* ---- import ---- */

static int
import_roster(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count < 2)
		cli_usage(v->program, "import: which file?");
	if (o->rest_count > 2)
		cli_usage(v->program,
		    "import: one file at a time: %s is too much", o->rest[2]);
	if (o->format != NULL || o->offline)
		cli_usage(v->program, "--format and --offline are for export");
	operator_check(v, o);
	cli_folder(v->program, o->race);
	return import_run(o);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct verb *v, const struct verb_options *o);
	} all[] = {
		{ "import", import_roster },
		{ "export", export_roster },
	};
	struct verb_options o;

	verb_options(v, argc, argv, &o);
	for (size_t i = 0; o.rest_count > 0 && i < sizeof all / sizeof *all;
	     i++)
		if (strcmp(o.rest[0], all[i].name) == 0)
			return all[i].run(v, &o);
	cli_usage(v->program,
	    "%s%simport FILE or export?  One person: palmares enter, change or "
	    "remove",
	    o.rest_count > 0 ? o.rest[0] : "", o.rest_count > 0 ? ": " : "");
}

const struct verb verb_roster = {
	.name = "roster",
	.program = "palmares roster",
	.summary = "Enters people of a spreadsheet, or writes who is entered",
	.usage = "import FILE | export [OPTION]...",
	.options =
	    "import compares FILE (CSV with commas, semicolons or tabs) with "
	    "the roster,\n"
	    "shows what would change, asks, and changes it, while the race "
	    "runs or before.\n"
	    "What is empty in FILE changes nothing, and - alone empties what "
	    "was there.\n"
	    "export writes the roster in the form of entries.csv.\n"
	    "One person is entered, changed or taken out by palmares enter, "
	    "change or remove.\n"
	    "\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to reach "
	    "(or PALMARES_AGGREGATOR)\n"
	    "  --yes                     do not ask\n"
	    "  --dry-run                 show, change nothing\n"
	    "  --remove                  import: who is not in FILE is taken "
	    "out\n"
	    "  --by NAME                 the operator; default the user's "
	    "name\n"
	    "  --format csv              export: the only one\n"
	    "  --offline                 export: read race.db, ask nobody\n",
	.accepts = "rafldyxb",
	.run = run,
};
