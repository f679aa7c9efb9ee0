#include "race/problems_core.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/alike.h"
#include "race/rules.h"
#include "race/team.h"
#include "race/twins.h"
#include "race/unseen.h"

/* ---- kinds ---- */

static const struct {
	const char *name;
	enum problem_gravity gravity;
} kinds[PROBLEM_KINDS] = {
	[PROBLEM_UNKNOWN_BIB] = { "unknown-bib", PROBLEM_WRONG },
	[PROBLEM_UNKNOWN_CHIP] = { "unknown-chip", PROBLEM_WRONG },
	[PROBLEM_UNKNOWN_POINT] = { "unknown-point", PROBLEM_WRONG },
	[PROBLEM_NOBODY] = { "nobody", PROBLEM_WRONG },
	[PROBLEM_CONFLICT] = { "conflict", PROBLEM_WRONG },
	[PROBLEM_CHIP_TWICE] = { "chip-twice", PROBLEM_WRONG },
	[PROBLEM_TWO_PLACES] = { "two-places", PROBLEM_WRONG },
	[PROBLEM_PACE] = { "pace", PROBLEM_WRONG },
	[PROBLEM_SERIES] = { "series", PROBLEM_WRONG },
	[PROBLEM_GUN] = { "gun", PROBLEM_WRONG },
	[PROBLEM_WRONG_WAVE] = { "wrong-wave", PROBLEM_WRONG },
	[PROBLEM_DNS_SEEN] = { "dns-seen", PROBLEM_WRONG },
	[PROBLEM_PUBLISHED] = { "published-changed", PROBLEM_WRONG },
	[PROBLEM_EARLY_START] = { "early-start", PROBLEM_DOUBTFUL },
	[PROBLEM_LATE_START] = { "late-start", PROBLEM_DOUBTFUL },
	[PROBLEM_CUTOFF] = { "cut-off", PROBLEM_DOUBTFUL },
	[PROBLEM_NO_START] = { "no-start", PROBLEM_DOUBTFUL },
	[PROBLEM_NO_SPLIT] = { "no-split", PROBLEM_DOUBTFUL },
	[PROBLEM_SEEN_TWICE] = { "seen-twice", PROBLEM_DOUBTFUL },
	[PROBLEM_SILENT_POINT] = { "silent-point", PROBLEM_DOUBTFUL },
	[PROBLEM_TOP_THREE] = { "top-three", PROBLEM_DOUBTFUL },
	[PROBLEM_CLOCK] = { "clock", PROBLEM_DOUBTFUL },
	[PROBLEM_UNSEEN] = { "unseen", PROBLEM_DOUBTFUL },
	[PROBLEM_SAME_PERSON] = { "same-person", PROBLEM_NOTE },
	[PROBLEM_SAME_TEAM] = { "same-team", PROBLEM_NOTE },
};

enum problem_gravity
problem_gravity(enum problem_kind kind)
{
	return kinds[kind].gravity;
}

const char *
problem_kind_name(enum problem_kind kind)
{
	return kinds[kind].name;
}

const char *
problem_gravity_name(enum problem_gravity gravity)
{
	switch (gravity) {
	case PROBLEM_WRONG:
		return "wrong";
	case PROBLEM_DOUBTFUL:
		return "doubtful";
	case PROBLEM_NOTE:
		break;
	}
	return "note";
}

/* ---- the list ---- */

struct problem *
problems_add(struct problems_job *j, enum problem_kind kind)
{
	struct problems *p = j->out;

	p->items = xgrow(p->items, &p->cap, p->count, sizeof *p->items);
	p->items[p->count] = (struct problem){ .kind = kind,
		.text = "",
		.other_text = "",
		.point = -1,
		.time_us = RACE_NO_TIME,
		.ranking = -1,
		.wave = -1 };
	return &p->items[p->count++];
}

const char *
problems_keep(struct problems_job *j, const char *text)
{
	struct problems *p = j->out;

	p->texts =
	    xgrow(p->texts, &p->text_cap, p->text_count, sizeof *p->texts);
	p->texts[p->text_count] = xstrdup(text);
	return p->texts[p->text_count++];
}

struct race_id *
problems_room(struct problems_job *j, size_t count)
{
	struct problems *p = j->out;
	struct race_id *room = xcalloc(count + 1, sizeof *room);

	p->ids = xgrow(p->ids, &p->id_cap, p->id_count, sizeof *p->ids);
	p->ids[p->id_count++] = room;
	return room;
}

struct race_id *
problems_keep_ids(struct problems_job *j, const struct race_id *ids,
    size_t count)
{
	struct race_id *copy = problems_room(j, count);

	memcpy(copy, ids, count * sizeof *copy);
	return copy;
}

void
problems_clear(struct problems *p)
{
	for (size_t i = 0; i < p->id_count; i++)
		free(p->ids[i]);
	free(p->ids);
	for (size_t i = 0; i < p->text_count; i++)
		free(p->texts[i]);
	free(p->texts);
	free(p->items);
	*p = (struct problems){ 0 };
}

/* ---- chips ---- */

static void
add_chip_twice(struct problems_job *j, const char *chip, uint32_t a, uint32_t b)
{
	struct problem *p = problems_add(j, PROBLEM_CHIP_TWICE);
	const char *bib;
	const struct race_entry *one = roster_at(j->b->roster, a, &bib);
	const struct race_entry *two = roster_at(j->b->roster, b, &bib);
	bool first = text_label_cmp(one->bib, two->bib) < 0;

	/* The lower bib has the reads. */
	p->text = chip;
	p->entry = first ? one : two;
	p->other = first ? two : one;
}

static void
look_at_chips(struct problems_job *j)
{
	const struct roster *roster = j->b->roster;

	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		for (size_t k = 0; e != NULL && k < e->chip_count; k++) {
			uint32_t who = strmap_get(j->chips, e->chips[k]);

			if (who == STRMAP_NONE)
				strmap_put(j->chips, e->chips[k], (uint32_t)i);
			else if (who != i)
				add_chip_twice(j, e->chips[k], who,
				    (uint32_t)i);
		}
	}
}

/* ---- names of people ---- */

struct people {
	const struct race_entry **entries;
	char **keys;
	size_t count;
};

static void
take_people(struct people *p, const struct roster *roster)
{
	size_t slots = roster_slots(roster);

	p->entries = xcalloc(slots + 1, sizeof *p->entries);
	p->keys = xcalloc(slots + 1, sizeof *p->keys);
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e == NULL || e->name[0] == '\0')
			continue;
		p->entries[p->count] = e;
		p->keys[p->count++] = alike_key(e->name);
	}
}

static bool
differ(const char *a, const char *b)
{
	return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

static bool
agree(const char *a, const char *b)
{
	return a[0] != '\0' && strcmp(a, b) == 0;
}

static bool
was_seen(struct problems_job *j, const struct race_entry *e)
{
	struct rank_start s;

	return rank_start(j->b->rank, e->bib, &s) &&
	    s.status != RACE_STATUS_NONE && s.status != RACE_DNS;
}

/*
 * Two of one name are two people if they are of different sex or age, or if
 * both run.  Of names that are only near, something else has to be the same.
 */
static void
look_at_pair(struct problems_job *j, const struct people *people, uint32_t a,
    uint32_t b)
{
	const struct race_entry *one = people->entries[a];
	const struct race_entry *two = people->entries[b];
	bool same = strcmp(people->keys[a], people->keys[b]) == 0;
	bool one_seen;
	bool two_seen;
	struct problem *p;

	if (differ(one->sex, two->sex) || differ(one->born, two->born) ||
	    (!same && !agree(one->team, two->team) &&
	        !agree(one->born, two->born)))
		return;
	one_seen = was_seen(j, one);
	two_seen = was_seen(j, two);
	if (one_seen && two_seen)
		return;
	/* The one who runs stays, else the lower bib. */
	if (two_seen || (!one_seen && text_label_cmp(two->bib, one->bib) < 0)) {
		const struct race_entry *swap = one;

		one = two;
		two = swap;
	}
	p = problems_add(j, PROBLEM_SAME_PERSON);
	p->entry = one;
	p->other = two;
}

static void
look_at_names(struct problems_job *j)
{
	struct people people = { .count = 0 };
	const char **keys;
	struct twins_pair *pairs;
	size_t n;

	take_people(&people, j->b->roster);
	keys = xcalloc(people.count + 1, sizeof *keys);
	for (size_t i = 0; i < people.count; i++)
		keys[i] = people.keys[i];
	n = twins_find(keys, people.count, &pairs);
	for (size_t i = 0; i < n; i++)
		look_at_pair(j, &people, pairs[i].a, pairs[i].b);
	for (size_t i = 0; i < people.count; i++)
		free(people.keys[i]);
	free(people.keys);
	free(people.entries);
	free(keys);
	free(pairs);
}

/* ---- names of teams ---- */

struct teams {
	struct strmap *seen;
	struct team_count {
		const char *name;
		uint64_t entries;
	} * all; /* as many as there may be */
	size_t count;
};

static void
take_team(struct teams *t, const char *name)
{
	uint32_t i = strmap_get(t->seen, name);

	if (name[0] == '\0')
		return;
	if (i != STRMAP_NONE) {
		t->all[i].entries++;
		return;
	}
	strmap_put(t->seen, name, (uint32_t)t->count);
	t->all[t->count++] = (struct team_count){ name, 1 };
}

/* The one with fewer people is the slip. */
static void
add_same_team(struct problems_job *j, const struct team_count *a,
    const struct team_count *b)
{
	struct problem *p = problems_add(j, PROBLEM_SAME_TEAM);
	bool second = b->entries > a->entries ||
	    (b->entries == a->entries && strcmp(b->name, a->name) < 0);
	const struct team_count *more = second ? b : a;
	const struct team_count *less = second ? a : b;

	p->text = problems_keep(j, more->name);
	p->other_text = problems_keep(j, less->name);
	p->of = more->entries;
	p->count = less->entries;
}

static void
look_at_teams(struct problems_job *j)
{
	const struct roster *roster = j->b->roster;
	size_t slots = roster_slots(roster);
	struct teams t = { .seen = strmap_new(),
		.all = xcalloc(slots + 1, sizeof *t.all) };
	struct twins_pair *pairs;
	const char **keys;
	size_t n;

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			take_team(&t, team_of(j->b->rules, e));
	}
	keys = xcalloc(t.count + 1, sizeof *keys);
	for (size_t i = 0; i < t.count; i++) {
		char *key = alike_key(t.all[i].name);

		keys[i] = problems_keep(j, key);
		free(key);
	}
	n = twins_find(keys, t.count, &pairs);
	for (size_t i = 0; i < n; i++)
		add_same_team(j, &t.all[pairs[i].a], &t.all[pairs[i].b]);
	free(keys);
	free(pairs);
	free(t.all);
	strmap_free(t.seen);
}

/* ---- clocks ---- */

/* The problem of that stream, which has one for each of its crossings that say
 * so; few streams do. */
static struct problem *
clock_of(struct problems_job *j, size_t from, uint64_t stream)
{
	struct problem *p;

	for (size_t i = from; i < j->out->count; i++)
		if (j->out->items[i].stream == stream)
			return &j->out->items[i];
	p = problems_add(j, PROBLEM_CLOCK);
	p->stream = stream;
	return p;
}

static void
look_at_clocks(struct problems_job *j)
{
	size_t from = j->out->count;

	for (size_t i = 0; i < crossings_count(j->c); i++) {
		struct race_id id;
		const struct race_crossing *c = crossings_at(j->c, i, &id);
		struct problem *p;

		if (c->clock != RACE_CLOCK_LAPTOP || c->bound_us > 0 ||
		    !crossings_unmeasured(j->c, id))
			continue;
		p = clock_of(j, from, id.stream);
		if (p->count++ > 0 && p->time_us <= c->time_us)
			continue;
		p->time_us = c->time_us;
		p->point = rules_point(j->b->rules, c->point);
	}
}

/* ---- what was published ---- */

static void
look_at_published(struct problems_job *j)
{
	const struct race_rules *rules = j->b->rules;

	for (size_t v = 0; v < rules->ranking_count; v++) {
		struct race_outlook o;
		struct problem *p;

		if (!book_changed_since(j->b, v))
			continue;
		book_outlook(j->b, v, &o);
		p = problems_add(j, PROBLEM_PUBLISHED);
		p->text = rules->rankings[v].name;
		p->ranking = (int)v;
		p->number = (uint64_t)o.published;
		p->digest = rank_digest(j->b->rank, v);
		p->time_us = o.since_us;
	}
}

/* ---- who was never seen ---- */

/* Told when nobody is to come any more: somebody has come in, and the start is
 * over. */
static void
look_at_unseen(struct problems_job *j)
{
	struct unseen u;
	struct problem *p;

	unseen_find(&u, j->b);
	if (u.count > 0 && u.timed && u.arrived) {
		p = problems_add(j, PROBLEM_UNSEEN);
		p->count = u.count;
		p->of = u.entered;
	}
	unseen_clear(&u);
}

/* ---- all of them ---- */

static const char *
label_of(const struct problem *p)
{
	return p->entry != NULL ? p->entry->bib : p->text;
}

/* What is at no point comes behind what is. */
static int
by_point(const struct problem *a, const struct problem *b)
{
	if (a->point == b->point)
		return 0;
	if (a->point < 0 || b->point < 0)
		return a->point < 0 ? 1 : -1;
	return a->point < b->point ? -1 : 1;
}

static int
by_gravity(const void *x, const void *y)
{
	const struct problem *a = x;
	const struct problem *b = y;
	int c = (int)problem_gravity(a->kind) - (int)problem_gravity(b->kind);

	if (c == 0)
		c = by_point(a, b);
	if (c == 0 && a->time_us != b->time_us)
		c = a->time_us < b->time_us ? -1 : 1;
	if (c == 0)
		c = (int)a->kind - (int)b->kind;
	if (c == 0)
		c = text_label_cmp(label_of(a), label_of(b));
	if (c == 0 && a->other != NULL && b->other != NULL)
		c = text_label_cmp(a->other->bib, b->other->bib);
	if (c == 0)
		c = text_label_cmp(a->text, b->text);
	if (c == 0)
		c = text_label_cmp(a->other_text, b->other_text);
	if (c == 0 && a->stream != b->stream)
		c = a->stream < b->stream ? -1 : 1;
	return c != 0 ? c : a->ranking - b->ranking;
}

void
problems_find(struct problems *out, struct book *b, struct crossings *c)
{
	struct problems_job j = { .out = out,
		.b = b,
		.c = c,
		.chips = strmap_new() };

	*out = (struct problems){ 0 };
	look_at_chips(&j);
	problems_of_reads(&j);
	problems_of_people(&j);
	look_at_names(&j);
	look_at_teams(&j);
	look_at_clocks(&j);
	look_at_published(&j);
	look_at_unseen(&j);
	strmap_free(j.chips);
	if (out->count > 0)
		qsort(out->items, out->count, sizeof *out->items, by_gravity);
}
