/* palmares publish and palmares award: flags as the words of the corrections
 * that they are. */
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/correct_run.h"
#include "control/verb.h"
#include "race/past.h"

struct words {
	char **list;
	size_t cap;
	size_t count;
};

static void
add(struct words *w, const char *key, const char *value)
{
	w->list = xgrow(w->list, &w->cap, w->count, sizeof *w->list);
	w->list[w->count++] = xasprintf("%s%s", key, value);
}

static int
end(struct words *w, int status)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->list[i]);
	free(w->list);
	return status;
}

static void
check(const struct verb *v, const struct verb_options *o)
{
	const char *const texts[] = { o->to, o->note };

	for (int i = 0; i < o->rest_count; i++)
		if (!text_utf8_valid(o->rest[i], strlen(o->rest[i])))
			cli_usage(v->program, "argument %d is not UTF-8",
			    i + 1);
	for (size_t i = 0; i < 2; i++)
		if (texts[i] != NULL &&
		    (texts[i][0] == '\0' ||
		        strlen(texts[i]) > RACE_REASON_MAX ||
		        !text_utf8_valid(texts[i], strlen(texts[i])) ||
		        !text_printable(texts[i])))
			cli_usage(v->program,
			    "--to, --note: a line of at most %d bytes of UTF-8",
			    RACE_REASON_MAX);
	if (o->race == NULL && !verb_aggregator_named(o))
		cli_usage(v->program,
		    "of which race? Use --race DIR, PALMARES_RACE or "
		    "--aggregator HOST[:BASE]");
	cli_folder(v->program, o->race);
}

/* ---- publish ---- */

static void
add_all(const struct verb_options *o, struct words *w)
{
	struct past past;
	struct err err;

	if (verb_load(o, &past, NULL, NULL, &err) < 0)
		log_fatal(1, "%s", err.text);
	for (size_t i = 0; i < past.book->rules->ranking_count; i++)
		add(w, "", past.book->rules->rankings[i].name);
	past_clear(&past);
}

static int
run_publish(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct words w = { NULL, 0, 0 };

	verb_options(v, argc, argv, &o);
	check(v, &o);
	if (o.rest_count < (o.all ? 1 : 2) || (o.all && o.rest_count > 1))
		cli_usage(v->program, "%s %s", v->program, v->usage);
	/* Why it stands so is what a note says. */
	if (o.reason == NULL)
		o.reason = o.note;
	if (o.all)
		add_all(&o, &w);
	for (int i = 0; i < o.rest_count; i++)
		add(&w, "", o.rest[i]);
	return end(&w, correct_run(v, &o, "publish", w.list, w.count, NULL));
}

const struct verb verb_publish = {
	.name = "publish",
	.program = "palmares publish",
	.summary = "Says that rankings are provisional, final or amended",
	.usage = "RANKING...|--all provisional|final|amended [OPTION]...",
	.options =
	    "It is shown with its time wherever the ranking is.  A correction "
	    "that changes a\n"
	    "ranking which is final makes it amended, and says so before.\n\n"
	    "  --all                     every ranking of the race\n"
	    "  --note TEXT               kept with it; amended asks for it\n"
	    "  --by NAME                 who decides; default the user's name\n"
	    "  --yes                     do not ask\n"
	    "  --dry-run                 show, decide nothing\n"
	    "  --race DIR                the race folder (or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to reach (or "
	    "PALMARES_AGGREGATOR)\n",
	.accepts = "raydbevA",
	.run = run_publish,
};

/* ---- award ---- */

static int
run_award(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct words w = { NULL, 0, 0 };

	verb_options(v, argc, argv, &o);
	check(v, &o);
	if (o.rest_count != 2)
		cli_usage(v->program, "%s %s", v->program, v->usage);
	if (o.back && (o.to != NULL || o.collected))
		cli_usage(v->program,
		    "--back takes a prize back: without --to and --collected");
	for (int i = 0; i < o.rest_count; i++)
		add(&w, "", o.rest[i]);
	if (o.to != NULL)
		add(&w, "to=", o.to);
	if (o.back)
		add(&w, "--back", "");
	if (o.collected)
		add(&w, "collected=", "yes");
	if (o.note != NULL)
		add(&w, "note=", o.note);
	else if (o.reason != NULL)
		add(&w, "note=", o.reason);
	return end(&w, correct_run(v, &o, "award", w.list, w.count, NULL));
}

const struct verb verb_award = {
	.name = "award",
	.program = "palmares award",
	.summary = "Hands a prize on, or marks it as collected",
	.usage = "NAME PLACE [--to BIB|TEAM] [--collected] [OPTION]...",
	.options =
	    "NAME is that of an award of race.yaml, PLACE its first, second "
	    "... prize.\n"
	    "palmares awards shows them, winner and holder both.\n\n"
	    "  --to BIB|TEAM             hands it on; the winner stays the "
	    "winner\n"
	    "  --note TEXT               why; shown with it, and asked for if "
	    "it is\n"
	    "                            handed on\n"
	    "  --collected               somebody came for it\n"
	    "  --back                    back to who has won it, not "
	    "collected\n"
	    "  --by NAME                 who decides; default the user's name\n"
	    "  --yes                     do not ask\n"
	    "  --dry-run                 show, decide nothing\n"
	    "  --race DIR                the race folder (or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to reach (or "
	    "PALMARES_AGGREGATOR)\n",
	.accepts = "raydbetvjz",
	.run = run_award,
};
