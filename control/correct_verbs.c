/* The verbs that correct: palmares mark, penalty, time, add, void, move, swap,
 * gun, start, change, enter, remove, undo and correct. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/correct_run.h"
#include "control/verb.h"

static void
check_words(const struct verb *v, const struct verb_options *o, int least)
{
	if (o->rest_count < least)
		cli_usage(v->program, "%s %s", v->program, v->usage);
	for (int i = 0; i < o->rest_count; i++)
		if (!text_utf8_valid(o->rest[i], strlen(o->rest[i])))
			cli_usage(v->program, "argument %d is not UTF-8",
			    i + 1);
	cli_folder(v->program, o->race);
}

/* getopt would take -0:30 for options: a minus that it does not know. */
static void
hide_bonuses(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && argv[i][1] >= '0' && argv[i][1] <= '9')
			argv[i] = xasprintf("\xe2\x88\x92%s", argv[i] + 1);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;

	hide_bonuses(argc, argv);
	verb_options(v, argc, argv, &o);
	/* Alone, undo tells the last numbers. */
	check_words(v, &o, v == &verb_undo ? 0 : 1);
	return correct_run(v, &o, v->name, o.rest, (size_t)o.rest_count, NULL);
}

/* The flag is a word of the correction. */
static int
run_mark(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	char unseen[] = "--unseen";
	char *words[2];

	verb_options(v, argc, argv, &o);
	check_words(v, &o, 1);
	if (!o.unseen)
		return correct_run(v, &o, v->name, o.rest, (size_t)o.rest_count,
		    NULL);
	if (o.rest_count > 1)
		cli_usage(v->program,
		    "--unseen is everybody who was never seen: leave %s out",
		    o.rest[1]);
	words[0] = o.rest[0];
	words[1] = unseen;
	return correct_run(v, &o, v->name, words, 2, NULL);
}

static int
run_file(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;

	verb_options(v, argc, argv, &o);
	check_words(v, &o, 1);
	if (o.rest_count > 1)
		cli_usage(v->program, "one file at a time: %s is too much",
		    o.rest[1]);
	return correct_run(v, &o, "mark", NULL, 0, o.rest[0]);
}

#define COMMON_OPTIONS                                                         \
	"  --reason TEXT             why; kept with it, and asked for if it\n" \
	"                            is missing\n"                             \
	"  --by NAME                 who decides; default the user's name\n"   \
	"  --yes                     do not ask\n"                             \
	"  --dry-run                 show, decide nothing\n"                   \
	"  --race DIR                the race folder (or PALMARES_RACE)\n"     \
	"  --aggregator HOST[:BASE]  whom to reach (or PALMARES_AGGREGATOR)\n"

#define TIMES                                                                  \
	"TIME is 10:31:05.2 in the race's zone, 2014-09-21T10:31:05+02:00, "   \
	"or\n"                                                                 \
	"+31:05.2 after the start that counts for that runner.\n"

#define READS                                                                  \
	"READ is STATION:NUMBER, as palmares reads and palmares log print "    \
	"it, or its\nnumber in the log, where no runner has that bib.\n"

#define CORRECTING "raydbe"

const struct verb verb_mark = {
	.name = "mark",
	.program = "palmares mark",
	.summary = "Marks runners DNS, DNF, DSQ, OTL or NC",
	.usage = "dns|dnf|dsq|otl|nc BIB... [OPTION]...\n"
	         "       palmares mark dns --unseen [OPTION]...",
	.options =
	    "dns: did not start; dnf: gave up; dsq: disqualified; otl: over "
	    "the "
	    "time limit;\nnc: not competing.  palmares undo NUMBER takes "
	    "it back.\n\n"
	    "  --unseen                  who is entered and was never read, "
	    "where the\n"
	    "                            start is over; each is "
	    "listed\n" COMMON_OPTIONS,
	.accepts = CORRECTING "N",
	.run = run_mark,
};

const struct verb verb_penalty = {
	.name = "penalty",
	.program = "palmares penalty",
	.summary = "Adds time to a runner's, or takes some off",
	.usage = "BIB +2:00|-0:30 [OPTION]...",
	.options = "It is added at the last point.  Several add "
	           "up.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_time = {
	.name = "time",
	.program = "palmares time",
	.summary = "Sets the time that counts for a runner at a point",
	.usage = "BIB POINT TIME [OPTION]...",
	.options = TIMES "\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_add = {
	.name = "add",
	.program = "palmares add",
	.summary = "Adds a crossing that nobody has taken",
	.usage = "BIB POINT TIME [OPTION]...",
	.options = "It counts as any other: palmares time sets one that counts "
	           "for certain.\n" TIMES "\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_void = {
	.name = "void",
	.program = "palmares void",
	.summary = "Says that crossings are none: they do not count",
	.usage = "READ... [OPTION]...",
	.options = READS "arrivee:7-19 are all crossings of that station from "
	                 "7 to 19.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_move = {
	.name = "move",
	.program = "palmares move",
	.summary = "Gives crossings to another bib or point",
	.usage = "READ... [bib=BIB] [point=POINT] [OPTION]...",
	.options = READS "arrivee:7-19 are all crossings of that station from "
	                 "7 to 19.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_swap = {
	.name = "swap",
	.program = "palmares swap",
	.summary = "Swaps the times of two runners, after a photo finish",
	.usage = "BIB BIB [POINT] [OPTION]...",
	.options = "POINT is the last one if it is not given.  More than 5 s "
	           "apart is refused, but\nfor --yes.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_gun = {
	.name = "gun",
	.program = "palmares gun",
	.summary = "Sets when a wave was started",
	.usage = "[WAVE] TIME|now|READ [OPTION]...",
	.options =
	    "TIME is 10:00:05 in the race's zone, or "
	    "2014-09-21T10:00:05+02:00; READ is the\n"
	    "crossing that was the gun, as depart:1.  WAVE may be left out "
	    "where there is\none.  The first gun of a wave needs no "
	    "reason.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_start = {
	.name = "start",
	.program = "palmares start",
	.summary = "Gives a runner a start of his own",
	.usage = "BIB TIME [OPTION]...",
	.options = TIMES "\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

#define COLUMNS                                                                \
	"Columns and words are those of entries.csv and of palmares roster "   \
	"import.  A chip\nthat somebody wears is taken from him.\n"

const struct verb verb_change = {
	.name = "change",
	.program = "palmares change",
	.summary = "Changes an entry: bib, chip, name, team and so on",
	.usage = "BIB COLUMN=VALUE... [OPTION]...",
	.options =
	    "As in change 124 bib=142 team=\"Groupe A\" born=1984.  What is "
	    "not said stays, and\n"
	    "- alone empties a column.  A bib that somebody has is "
	    "refused.\n" COLUMNS "\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_enter = {
	.name = "enter",
	.program = "palmares enter",
	.summary = "Enters somebody late",
	.usage = "BIB [COLUMN=VALUE]... [OPTION]...",
	.options =
	    "As in enter 412 name=\"Zoé Petit\" sex=F wave=masse.  What was "
	    "read of the bib or\n"
	    "the chip until then counts.\n" COLUMNS
	    "Many at once: palmares correct FILE, with enter in its column "
	    "verb.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_remove = {
	.name = "remove",
	.program = "palmares remove",
	.summary = "Takes out an entry that was a mistake",
	.usage = "BIB... [OPTION]...",
	.options =
	    "It leaves all rankings, and its reads are nobody's.  Undone by "
	    "its number, the\n"
	    "entry is back, and its reads count again.  Who did not start or "
	    "gave up stays in\n"
	    "the results: palmares mark dns or dnf.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_aside = {
	.name = "aside",
	.program = "palmares aside",
	.summary = "Sets problems aside that were looked at, and are none",
	.usage = "KEY... [OPTION]...",
	.options =
	    "KEY is what palmares problems tells with each, as in aside "
	    "same-person:17,33\n"
	    "--reason twins.  It changes nothing but that list, and comes back "
	    "there when its\n"
	    "facts change.  palmares problems --all shows what is set aside, "
	    "and palmares undo\n"
	    "NUMBER takes it back.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_undo = {
	.name = "undo",
	.program = "palmares undo",
	.summary = "Takes back what was decided, by its number",
	.usage = "NUMBER... [OPTION]...",
	.options =
	    "NUMBER is that of palmares history; 7-9 are three.  An undo "
	    "has one too:\nundone, it brings back what it "
	    "undid.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run,
};

const struct verb verb_correct = {
	.name = "correct",
	.program = "palmares correct",
	.summary = "Corrects many things at once, from a CSV file",
	.usage = "FILE.csv [OPTION]...",
	.options =
	    "A row a correction, in order.  The first row names the columns: "
	    "verb says what\n"
	    "(mark, penalty, time, enter ... or dsq), and bib, status, amount, "
	    "point, time,\n"
	    "read, other, wave, number, new-bib, reason give its words; of "
	    "enter and change\n"
	    "all columns of entries.csv.  With one mistake in it, nothing is "
	    "decided.\n\n" COMMON_OPTIONS,
	.accepts = CORRECTING,
	.run = run_file,
};
