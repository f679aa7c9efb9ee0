#include "control/season_decisions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_effect.h"
#include "control/story.h"
#include "race/season/key.h"
#include "race/season/season_db.h"

enum { INDENT = 5, EFFECTS_SHOWN = 3 };

/*
 * The season is put together again, decision by decision, so that each can say
 * what it changed then.  From the first publication on: what the files said
 * before it nobody knows any more.
 */
struct telling {
	FILE *out;
	const struct gather *now;
	struct gather then;
	struct story story;
	size_t told;
};

/* ---- as it was ---- */

static void
copy_fed(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct telling *t = arg;

	if (key >= KEY_LEAST)
		return;
	season_put(t->then.season, key, r);
	if (state == SEASON_LIVE)
		season_set_state(t->then.season, r->season, r->competition,
		    state);
}

static void
begin(struct telling *t)
{
	struct gather *then = &t->then;

	/* The folder is borrowed. */
	then->folder = t->now->folder;
	then->season = season_new(then->folder.rules);
	then->ledger = ledger_new(then->season);
	for (size_t i = 0; i < then->folder.spelling_count; i++) {
		const struct season_spelling *s = &then->folder.spellings[i];

		ledger_alias(then->ledger, s->written, s->team, s->subject);
	}
	season_results(t->now->season, copy_fed, t);
	gather_settle(then);
}

static void
end(struct telling *t)
{
	ledger_free(t->then.ledger);
	season_free(t->then.season);
	name_streams_free(t->story.streams);
}

/* ---- told ---- */

static void
put_head(const struct telling *t, const struct season_db_event *e,
    const struct rulings_item *item)
{
	char moment[STORY_MOMENT];
	char state[40] = "holds";
	int64_t us = story_told(e->event->made_us, e->received_us);

	if (!item->holds)
		(void)snprintf(state, sizeof state, "undone by %" PRIu64,
		    item->undone_by);
	fprintf(t->out, "%3" PRIu64 "  %s  %s  %s\n", item->number,
	    story_moment(moment, &t->story, us - us % INSTANT_SECOND),
	    story_by(&t->story, e->id, e->event), state);
}

static void
put_what(const struct telling *t, const struct race_event *e)
{
	const char *reason = story_reason(e);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		log_fatal(1, "no memory for a line");
	story_decided(out, &t->story, e);
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	fclose(out);
	prose_put(t->out, INDENT, "", INDENT, text);
	free(text);
}

static bool
is_decided(const struct race_event *e)
{
	return e->kind == RACE_DECISION || e->kind == RACE_AWARD ||
	    e->kind == RACE_GUN;
}

static void
take(void *arg, const struct season_db_event *e)
{
	struct telling *t = arg;
	struct gather *then = &t->then;
	struct season_effect *effect = NULL;
	struct rulings_item item;
	bool was = then->published;

	if (!is_decided(e->event)) {
		(void)ledger_apply(then->ledger, e->id, e->event);
		return;
	}
	name_stream(t->story.streams, e->id.stream, e->stream, true);
	rulings_at(t->story.rulings, t->told++, &item);
	put_head(t, e, &item);
	put_what(t, e->event);
	if (was)
		effect = season_effect_begin(then->season, then->folder.rules);
	(void)ledger_apply(then->ledger, e->id, e->event);
	gather_settle(then);
	if (effect != NULL)
		(void)season_effect_end(then->published ? t->out : NULL, effect,
		    then->season, EFFECTS_SHOWN, INDENT);
}

int
season_decisions(FILE *out, const struct season_source *from,
    const struct gather *g, struct err *err)
{
	struct telling t = { .out = out,
		.now = g,
		.story = { .streams = name_streams_new(),
		    .rulings = ledger_rulings(g->ledger),
		    .date = "" } };
	uint64_t last;
	int rc;

	begin(&t);
	rc = from->ops->events(from->arg, take, &t, &last, err);
	if (rc == 0 && t.told == 0)
		log_info("nothing was decided");
	end(&t);
	return rc;
}
