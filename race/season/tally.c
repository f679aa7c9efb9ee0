#include "race/season/tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/row.h"
#include "race/season/words.h"

enum { PAGE = 256, SLOTS_PAGE = 4096 };

/* As told last. */
struct line {
	struct race_row row; /* label is the map's, why is the line's */
	char *why;
	uint64_t hash;
	uint32_t round; /* in which its row was read last */
	bool present;
	bool changed;
};

/* As it is told from the end of this round on. */
struct draft {
	uint32_t slot;
	bool present;
	struct race_row row;
	char *why;
	uint64_t hash;
};

/* The row before, as far as it counts for the next one. */
struct above {
	struct race_key key;
	uint32_t place;
	bool any;
};

struct tally {
	struct strmap *labels;
	struct line *lines; /* by slot */
	size_t count;
	size_t cap;
	size_t told; /* slots: those behind them are only in drafts */
	uint32_t *changed;
	size_t changed_count;
	size_t changed_cap;
	size_t rows;
	uint64_t digest;
	bool open;

	/* A round: all rows, then the slots for what had none. */
	uint32_t round;
	bool going;
	size_t from;
	size_t slot;
	struct above above;
	struct draft *drafts;
	size_t draft_count;
	size_t draft_cap;
	struct season_row page[PAGE];
};

struct tally *
tally_new(void)
{
	struct tally *t = xcalloc(1, sizeof *t);

	t->labels = strmap_new();
	return t;
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->lines[i].why);
	for (size_t i = 0; i < t->draft_count; i++)
		free(t->drafts[i].why);
	free(t->drafts);
	free(t->lines);
	free(t->changed);
	strmap_free(t->labels);
	free(t);
}

/* ---- a row ---- */

static enum race_status
status_of(enum season_standing standing)
{
	switch (standing) {
	case SEASON_IN:
		return RACE_FINISHED;
	case SEASON_OPEN:
		return RACE_RUNNING;
	case SEASON_OUT:
		break;
	}
	return RACE_DNF;
}

/* The order of a table (season.h): standing, where less is better who has more
 * competitions that count, the score. */
static struct race_key
key_of(const struct season_table *table, const struct season_row *row)
{
	bool less = table->lowest || table->by == SEASON_BY_TIME;
	int64_t fewer = less ? (int64_t)UINT32_MAX - row->counted : 0;

	return (struct race_key){
		.group = row->standing == SEASON_OUT ? RACE_GROUP_DNF
		                                     : RACE_GROUP_PLACED,
		.key = { ((int64_t)row->standing << 32) + fewer,
		    less ? row->score : -row->score, 0 },
	};
}

/* Numbers those whom the score does not part; who shares a place has the number
 * of the one before. */
static void
number(struct above *last, struct race_key *key, const struct season_row *row)
{
	bool equal = last->any && last->key.group == key->group &&
	    last->key.key[0] == key->key[0] && last->key.key[1] == key->key[1];
	bool shared = equal && row->place > 0 && row->place == last->place;

	if (equal)
		key->key[2] = last->key.key[2] + !shared;
	last->key = *key;
	last->place = row->place;
	last->any = true;
}

/* "" is told as NULL; what is longer than a row may say is cut. */
static const char *
why_of(char out[RACE_WHY_MAX + 1], const struct season_table *table,
    const struct season_row *row)
{
	char whole[SEASON_WHY_MAX];

	(void)season_why(whole, table, row);
	(void)text_fit(out, RACE_WHY_MAX + 1, whole, SIZE_MAX, false);
	return out[0] != '\0' ? out : NULL;
}

/* ---- slots ---- */

static void
mark(struct tally *t, uint32_t slot)
{
	struct line *line = &t->lines[slot];

	if (line->changed)
		return;
	line->changed = true;
	t->changed = xgrow(t->changed, &t->changed_cap, t->changed_count,
	    sizeof *t->changed);
	t->changed[t->changed_count++] = slot;
}

static uint32_t
slot_of(struct tally *t, const char *label)
{
	uint32_t slot = strmap_get(t->labels, label);

	if (slot != STRMAP_NONE)
		return slot;
	slot = (uint32_t)t->count;
	t->lines = xgrow(t->lines, &t->cap, t->count, sizeof *t->lines);
	t->lines[slot] = (struct line){ .present = false };
	t->lines[slot].row.label = strmap_put(t->labels, label, slot);
	t->count++;
	return slot;
}

static struct draft *
add_draft(struct tally *t, uint32_t slot)
{
	t->drafts =
	    xgrow(t->drafts, &t->draft_cap, t->draft_count, sizeof *t->drafts);
	t->drafts[t->draft_count] = (struct draft){ .slot = slot };
	return &t->drafts[t->draft_count++];
}

static void
put(struct tally *t, const struct race_row *row)
{
	uint32_t slot = slot_of(t, row->label);
	struct line *line = &t->lines[slot];
	uint64_t hash = row_hash(row);
	struct draft *draft;

	line->round = t->round;
	if (line->present && line->hash == hash)
		return;
	draft = add_draft(t, slot);
	draft->present = true;
	draft->row = *row;
	draft->why = row->why != NULL ? xstrdup(row->why) : NULL;
	draft->hash = hash;
}

/* False: all slots have been looked at. */
static bool
drop_unread(struct tally *t)
{
	for (size_t n = 0; n < SLOTS_PAGE && t->slot < t->count; n++) {
		const struct line *line = &t->lines[t->slot];

		if (line->present && line->round != t->round)
			(void)add_draft(t, (uint32_t)t->slot);
		t->slot++;
	}
	return t->slot < t->count;
}

static void
tell(struct tally *t, const struct draft *draft)
{
	struct line *line = &t->lines[draft->slot];
	const char *label = line->row.label;

	t->digest += draft->hash - (line->present ? line->hash : 0);
	t->rows += (size_t)draft->present - (size_t)line->present;
	line->present = draft->present;
	if (draft->present) {
		free(line->why);
		line->why = draft->why;
		line->row = draft->row;
		line->row.label = label;
		line->row.why = line->why;
		line->hash = draft->hash;
	}
	mark(t, draft->slot);
}

/* True: a row changed. */
static bool
tell_all(struct tally *t)
{
	bool moved = t->draft_count > 0;

	for (size_t i = 0; i < t->draft_count; i++)
		tell(t, &t->drafts[i]);
	/* There may be one for each row, and hardly any the next time. */
	free(t->drafts);
	t->drafts = NULL;
	t->draft_count = 0;
	t->draft_cap = 0;
	t->told = t->count;
	return moved;
}

/* ---- the table ---- */

static void
put_row(struct tally *t, const struct season_table *table,
    const struct season_row *row)
{
	bool time = table->by == SEASON_BY_TIME;
	char why[RACE_WHY_MAX + 1];
	struct race_row r = {
		.label = row->subject,
		.status = status_of(row->standing),
		.sort = key_of(table, row),
		.elapsed_us =
		    time && row->score < RACE_TIME_MAX ? row->score : -1,
		.point = -1,
		.counted = row->counted,
		.finishers = row->took_part,
		.points = time ? 0 : row->score,
		.dropped = row->dropped,
		.wins = row->wins,
		.why = why_of(why, table, row),
	};

	number(&t->above, &r.sort, row);
	put(t, &r);
}

static bool
is_open(struct season *s, size_t season)
{
	size_t count = season_competitions(s, season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	bool open = false;

	(void)season_competitions(s, season, held, count);
	for (size_t i = 0; i < count; i++)
		open = open || !held[i].held || held[i].state == SEASON_LIVE;
	free(held);
	return open;
}

/* False: there are no more. */
static bool
put_page(struct tally *t, struct season *s, int64_t season,
    const struct season_rules *rules, size_t table)
{
	size_t n = season >= 0
	    ? season_rows(s, (size_t)season, table, t->from, t->page, PAGE)
	    : 0;

	for (size_t i = 0; i < n; i++)
		put_row(t, &rules->tables[table], &t->page[i]);
	t->from += n;
	return n > 0;
}

enum tally_step
tally_step(struct tally *t, struct season *s, int64_t season,
    const struct season_rules *rules, size_t table)
{
	if (!t->going) {
		t->going = true;
		t->round++;
		t->from = 0;
		t->slot = 0;
		t->above.any = false;
	}
	if (put_page(t, s, season, rules, table) || drop_unread(t))
		return TALLY_MORE;
	t->going = false;
	t->open = season >= 0 && is_open(s, (size_t)season);
	return tell_all(t) ? TALLY_MOVED : TALLY_SAME;
}

/* ---- for the feed ---- */

size_t
tally_take_changes(struct tally *t, uint32_t *slots, size_t cap)
{
	size_t n = t->changed_count < cap ? t->changed_count : cap;

	for (size_t i = 0; i < n; i++) {
		slots[i] = t->changed[--t->changed_count];
		t->lines[slots[i]].changed = false;
	}
	return n;
}

bool
tally_row(const struct tally *t, uint32_t slot, struct race_row *out)
{
	*out = t->lines[slot].row;
	return t->lines[slot].present;
}

size_t
tally_slots(const struct tally *t)
{
	return t->told;
}

size_t
tally_count(const struct tally *t)
{
	return t->rows;
}

uint64_t
tally_digest(const struct tally *t)
{
	return t->digest;
}

void
tally_outlook(const struct tally *t, struct race_outlook *out)
{
	*out = (struct race_outlook){ .open = t->open };
	for (size_t i = 0; t->open && i < sizeof out->from / sizeof *out->from;
	     i++)
		out->from[i] = INT64_MIN;
}
