/* palmares roster: who is entered, taken from a spreadsheet while the race runs
 * or before it, and written as entries.csv. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/text.h"
#include "control/edit.h"
#include "control/entries.h"
#include "control/held.h"
#include "control/operator.h"
#include "control/reach.h"
#include "control/verb.h"
#include "race/conf.h"

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

/* ---- import, add and remove ---- */

static void
check_edit(const struct verb *v, const struct verb_options *o)
{
	if (o->format != NULL || o->offline)
		cli_usage(v->program, "--format and --offline are for export");
	operator_check(v, o);
	cli_folder(v->program, o->race);
}

static void
check_import(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count < 2)
		cli_usage(v->program, "import: which file?");
	if (o->rest_count > 2)
		cli_usage(v->program,
		    "import: one file at a time: %s is too much", o->rest[2]);
	check_edit(v, o);
}

static void
check_words(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count < 2)
		cli_usage(v->program, "%s: which bib?", o->rest[0]);
	if (o->remove)
		cli_usage(v->program, "--remove is for import");
	for (int i = 1; i < o->rest_count; i++)
		if (!text_utf8_valid(o->rest[i], strlen(o->rest[i])))
			cli_usage(v->program, "%s: argument %d is not UTF-8",
			    o->rest[0], i);
	check_edit(v, o);
}

static void
check_add(const struct verb *v, const struct verb_options *o)
{
	check_words(v, o);
	if (strchr(o->rest[1], '=') != NULL)
		cli_usage(v->program, "add: the bib comes first, not %s",
		    o->rest[1]);
	if (o->rest_count > CONF_HEADINGS_MAX)
		cli_usage(v->program, "add: at most %d columns",
		    CONF_HEADINGS_MAX - 2);
	for (int i = 2; i < o->rest_count; i++)
		if (strchr(o->rest[i], '=') == NULL || o->rest[i][0] == '=')
			cli_usage(v->program,
			    "add: %s: COLUMN=VALUE, as in name=\"Zoé Petit\" "
			    "sex=F",
			    o->rest[i]);
}

static int
import_roster(const struct verb *v, const struct verb_options *o)
{
	check_import(v, o);
	return edit_run(EDIT_SHEET, o);
}

static int
add_to_roster(const struct verb *v, const struct verb_options *o)
{
	check_add(v, o);
	return edit_run(EDIT_ADD, o);
}

static int
remove_from_roster(const struct verb *v, const struct verb_options *o)
{
	check_words(v, o);
	return edit_run(EDIT_REMOVE, o);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct verb *v, const struct verb_options *o);
	} all[] = {
		{ "import", import_roster },
		{ "add", add_to_roster },
		{ "remove", remove_from_roster },
		{ "export", export_roster },
	};
	struct verb_options o;

	verb_options(v, argc, argv, &o);
	for (size_t i = 0; o.rest_count > 0 && i < sizeof all / sizeof *all;
	     i++)
		if (strcmp(o.rest[0], all[i].name) == 0)
			return all[i].run(v, &o);
	cli_usage(v->program, "%s%simport FILE, add BIB, remove BIB or export?",
	    o.rest_count > 0 ? o.rest[0] : "", o.rest_count > 0 ? ": " : "");
}

const struct verb verb_roster = {
	.name = "roster",
	.program = "palmares roster",
	.summary =
	    "Enters people, of a spreadsheet or one by one, or writes them",
	.usage = "import FILE | add BIB [COLUMN=VALUE]... | remove BIB... |\n"
	         "                       export  [OPTION]...",
	.options =
	    "import compares FILE (CSV with commas, semicolons or tabs) with "
	    "the roster,\n"
	    "shows what would change, asks, and changes it, while the race "
	    "runs or before.\n"
	    "add does the same for one person, as in add 412 name=\"Zoé "
	    "Petit\" "
	    "sex=F;\n"
	    "remove takes people out.  In FILE and behind add what is empty "
	    "changes nothing,\n"
	    "and - alone empties what was there.\n"
	    "export writes the roster in the form of entries.csv.\n"
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
