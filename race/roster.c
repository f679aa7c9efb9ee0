#include "race/roster.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/strmap.h"
#include "common/xalloc.h"

/* Any fixed key: the hash has to be equal everywhere, not secret. */
static const struct hash_key entry_hash_key = {
	UINT64_C(0x50616c6d61726573), /* "Palmares" */
	UINT64_C(0x656e747279207632), /* "entry v2" */
};

/* What an event said that does not hold, for another one may be withdrawn. */
struct version {
	struct race_entry *entry; /* NULL: gone */
	int64_t made_us;
	struct race_id id;
	uint32_t older; /* the next of the seat, or of the free ones */
};

#define NONE UINT32_MAX

struct seat {
	const char *bib;          /* the map's copy */
	struct race_entry *entry; /* NULL: gone */
	uint64_t hash;            /* its share of the digest */
	/* The event that holds; most seats have no other. */
	int64_t made_us;
	struct race_id id;
	uint32_t older; /* the strongest of the other versions, or NONE */
	bool said;      /* by any event that is still there */
	bool changed;   /* listed in `changes` */
};

struct roster {
	uint64_t files; /* the stream of entries.csv */
	struct strmap *bibs;
	struct seat *seats; /* by slot */
	size_t cap;
	size_t slots;
	size_t count;
	uint64_t digest;
	int64_t latest_us;
	struct version *versions;
	size_t versions_cap;
	size_t versions_count;
	uint32_t free_versions;
	uint32_t *changes;
	size_t changes_cap;
	size_t changes_count;
};

struct roster *
roster_new(uint64_t files)
{
	struct roster *r = xcalloc(1, sizeof *r);

	r->files = files;
	r->bibs = strmap_new();
	r->free_versions = NONE;
	return r;
}

void
roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->slots; i++)
		free(r->seats[i].entry);
	for (size_t i = 0; i < r->versions_count; i++)
		free(r->versions[i].entry);
	free(r->versions);
	free(r->seats);
	free(r->changes);
	strmap_free(r->bibs);
	free(r);
}

/* ---- entries ---- */

/* The entry's texts, one after the other: what is compared, copied, hashed. */
enum { TEXTS = 8 };

static void
texts_of(const struct race_entry *e, const char *out[TEXTS])
{
	out[0] = e->bib;
	out[1] = e->name;
	out[2] = e->sex;
	out[3] = e->born;
	out[4] = e->category;
	out[5] = e->team;
	out[6] = e->wave;
	out[7] = e->nation;
}

bool
roster_entry_equal(const struct race_entry *a, const struct race_entry *b)
{
	const char *x[TEXTS];
	const char *y[TEXTS];

	if (a->status != b->status || a->start_us != b->start_us ||
	    a->chip_count != b->chip_count || a->more_count != b->more_count)
		return false;
	texts_of(a, x);
	texts_of(b, y);
	for (size_t i = 0; i < TEXTS; i++)
		if (strcmp(x[i], y[i]) != 0)
			return false;
	for (size_t i = 0; i < a->chip_count; i++)
		if (strcmp(a->chips[i], b->chips[i]) != 0)
			return false;
	for (size_t i = 0; i < a->more_count; i++)
		if (strcmp(a->more[i].name, b->more[i].name) != 0 ||
		    strcmp(a->more[i].value, b->more[i].value) != 0)
			return false;
	return true;
}

/* All texts of e: bytes without the NULs, and how many they are. */
static size_t
text_bytes(const struct race_entry *e, size_t *count)
{
	const char *texts[TEXTS];
	size_t bytes = 0;

	texts_of(e, texts);
	for (size_t i = 0; i < TEXTS; i++)
		bytes += strlen(texts[i]);
	for (size_t i = 0; i < e->chip_count; i++)
		bytes += strlen(e->chips[i]);
	for (size_t i = 0; i < e->more_count; i++)
		bytes += strlen(e->more[i].name) + strlen(e->more[i].value);
	*count = TEXTS + e->chip_count + 2 * e->more_count;
	return bytes;
}

static const char *
move_text(char **to, const char *s)
{
	char *copy = *to;
	size_t size = strlen(s) + 1;

	memcpy(copy, s, size);
	*to += size;
	return copy;
}

struct race_entry *
roster_entry_copy(const struct race_entry *e)
{
	/* First what has to be aligned, then the texts. */
	struct block {
		struct race_entry entry;
		struct race_column more[];
	} * block;
	size_t count;
	size_t bytes = text_bytes(e, &count);
	size_t fixed = sizeof *block + e->more_count * sizeof *e->more +
	    e->chip_count * sizeof *e->chips;
	const char **chips;
	char *to;

	block = xmalloc(fixed + bytes + count);
	to = (char *)block + fixed;
	chips = (const char **)(void *)(block->more + e->more_count);
	for (size_t i = 0; i < e->chip_count; i++)
		chips[i] = move_text(&to, e->chips[i]);
	for (size_t i = 0; i < e->more_count; i++) {
		block->more[i].name = move_text(&to, e->more[i].name);
		block->more[i].value = move_text(&to, e->more[i].value);
	}
	block->entry = (struct race_entry){
		.bib = move_text(&to, e->bib),
		.name = move_text(&to, e->name),
		.sex = move_text(&to, e->sex),
		.born = move_text(&to, e->born),
		.category = move_text(&to, e->category),
		.team = move_text(&to, e->team),
		.wave = move_text(&to, e->wave),
		.nation = move_text(&to, e->nation),
		.start_us = e->start_us,
		.status = e->status,
		.chips = chips,
		.chip_count = e->chip_count,
		.more = block->more,
		.more_count = e->more_count,
	};
	return &block->entry;
}

enum { NUMBER = 4 /* bytes */ };

static uint8_t *
put_number(uint8_t *to, size_t value)
{
	for (size_t i = 0; i < NUMBER; i++)
		*to++ = (uint8_t)(value >> 8 * i);
	return to;
}

static uint8_t *
put_text(uint8_t *to, const char *s)
{
	size_t len = strlen(s);

	return mempcpy(put_number(to, len), s, len);
}

/* Little-endian, each text behind its length: the same bytes everywhere. */
uint64_t
roster_entry_hash(const struct race_entry *e)
{
	const char *texts[TEXTS];
	size_t count;
	size_t bytes = text_bytes(e, &count);
	/* The four: status, start, chips, more. */
	uint8_t *data = xmalloc(bytes + NUMBER * (count + 4));
	uint8_t *to = data;
	uint64_t hash;

	texts_of(e, texts);
	for (size_t i = 0; i < TEXTS; i++)
		to = put_text(to, texts[i]);
	to = put_number(to, (size_t)e->status);
	to = put_number(to, (uint64_t)e->start_us);
	to = put_number(to, e->chip_count);
	for (size_t i = 0; i < e->chip_count; i++)
		to = put_text(to, e->chips[i]);
	to = put_number(to, e->more_count);
	for (size_t i = 0; i < e->more_count; i++) {
		to = put_text(to, e->more[i].name);
		to = put_text(to, e->more[i].value);
	}
	hash = hash_sip(&entry_hash_key, data, (size_t)(to - data));
	free(data);
	return hash;
}

/* ---- who is entered ---- */

/* An event, and what it says of a bib. */
struct word {
	int64_t made_us;
	struct race_id id;
	const struct race_entry *entry; /* NULL: gone */
};

static bool
same_id(struct race_id a, struct race_id b)
{
	return a.stream == b.stream && a.seq == b.seq;
}

/* A file that is read at each start must not undo what a person said during the
 * race, however the clocks were set. */
static bool
is_later(const struct roster *r, const struct word *w, int64_t made_us,
    struct race_id id)
{
	bool file = w->id.stream == r->files;

	if (file != (id.stream == r->files))
		return !file;
	if (w->made_us != made_us)
		return w->made_us > made_us;
	if (w->id.stream != id.stream)
		return w->id.stream > id.stream;
	return w->id.seq > id.seq;
}

static struct seat *
seat_of(struct roster *r, const char *bib)
{
	uint32_t slot = strmap_get(r->bibs, bib);
	struct seat *p;

	if (slot != STRMAP_NONE)
		return &r->seats[slot];
	slot = (uint32_t)r->slots++;
	r->seats = xgrow(r->seats, &r->cap, slot, sizeof *p);
	p = &r->seats[slot];
	*p = (struct seat){ .older = NONE };
	p->bib = strmap_put(r->bibs, bib, slot);
	return p;
}

static struct race_entry *
copy_of(const struct race_entry *e)
{
	return e != NULL ? roster_entry_copy(e) : NULL;
}

static bool
same_entry(const struct race_entry *a, const struct race_entry *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return roster_entry_equal(a, b);
}

/* Another entry is the seat's; it takes it, and leaves the one that it had. */
static void
change(struct roster *r, struct seat *p, struct race_entry *entry)
{
	r->count -= p->entry != NULL;
	r->count += entry != NULL;
	p->entry = entry;
	r->digest -= p->hash;
	p->hash = entry != NULL ? roster_entry_hash(entry) : 0;
	r->digest += p->hash;
	if (p->changed)
		return;
	p->changed = true;
	r->changes = xgrow(r->changes, &r->changes_cap, r->changes_count,
	    sizeof *r->changes);
	r->changes[r->changes_count++] = (uint32_t)(p - r->seats);
}

/* ---- versions ---- */

static uint32_t
add_version(struct roster *r, struct version v)
{
	uint32_t i = r->free_versions;

	if (i != NONE) {
		r->free_versions = r->versions[i].older;
	} else {
		i = (uint32_t)r->versions_count++;
		r->versions = xgrow(r->versions, &r->versions_cap, i,
		    sizeof *r->versions);
	}
	r->versions[i] = v;
	return i;
}

/* Takes the one out that *link leads to; its entry is the caller's. */
static struct version
take_version(struct roster *r, uint32_t *link)
{
	uint32_t i = *link;
	struct version v = r->versions[i];

	*link = v.older;
	r->versions[i] = (struct version){ .older = r->free_versions };
	r->free_versions = i;
	return v;
}

/* What cannot be named cannot be withdrawn, nor will what it hides be seen. */
static bool
may_go(struct race_id id)
{
	return id.seq != 0;
}

/* An event that does not hold, at its place among its like. */
static void
keep_version(struct roster *r, struct seat *p, const struct word *w)
{
	uint32_t before = NONE;
	uint32_t at = p->older;
	uint32_t i;

	if (!may_go(w->id) || same_id(w->id, p->id))
		return;
	while (at != NONE &&
	    !is_later(r, w, r->versions[at].made_us, r->versions[at].id)) {
		if (same_id(w->id, r->versions[at].id))
			return;
		before = at;
		at = r->versions[at].older;
	}
	i = add_version(r,
	    (struct version){ copy_of(w->entry), w->made_us, w->id, at });
	if (before == NONE)
		p->older = i;
	else
		r->versions[before].older = i;
}

/* From now on w holds; what held is kept for the day on which w goes.  An equal
 * entry stays where it is: somebody may have been given it. */
static int
seat_word(struct roster *r, struct seat *p, const struct word *w)
{
	struct race_entry *before = p->entry;
	bool same = same_entry(before, w->entry);
	bool keep = p->said && may_go(p->id);

	if (keep)
		p->older = add_version(r,
		    (struct version){ same ? copy_of(before) : before,
		        p->made_us, p->id, p->older });
	p->said = true;
	p->made_us = w->made_us;
	p->id = w->id;
	if (same)
		return 0;
	change(r, p, copy_of(w->entry));
	if (!keep)
		free(before);
	return 1;
}

static int
say(struct roster *r, const char *bib, const struct word *w)
{
	struct seat *p = seat_of(r, bib);

	if (w->made_us > r->latest_us)
		r->latest_us = w->made_us;
	if (!p->said || is_later(r, w, p->made_us, p->id))
		return seat_word(r, p, w);
	keep_version(r, p, w);
	return 0;
}

int
roster_put(struct roster *r, int64_t made_us, struct race_id id,
    const struct race_entry *entry)
{
	return say(r, entry->bib, &(struct word){ made_us, id, entry });
}

int
roster_remove(struct roster *r, int64_t made_us, struct race_id id,
    const char *bib)
{
	return say(r, bib, &(struct word){ made_us, id, NULL });
}

/* The event that held has gone: the strongest of the others does. */
static int
unseat(struct roster *r, struct seat *p)
{
	struct version next = { 0 };
	struct race_entry *before = p->entry;

	p->said = p->older != NONE;
	if (p->said)
		next = take_version(r, &p->older);
	p->made_us = next.made_us;
	p->id = next.id;
	if (same_entry(before, next.entry)) {
		free(next.entry);
		return 0;
	}
	change(r, p, next.entry);
	free(before);
	return 1;
}

int
roster_withdraw(struct roster *r, struct race_id id, const char *bib)
{
	uint32_t slot = strmap_get(r->bibs, bib);
	uint32_t *link;
	struct seat *p;

	if (slot == STRMAP_NONE)
		return 0;
	p = &r->seats[slot];
	if (p->said && same_id(p->id, id))
		return unseat(r, p);
	for (link = &p->older; *link != NONE; link = &r->versions[*link].older)
		if (same_id(r->versions[*link].id, id)) {
			struct version v = take_version(r, link);

			free(v.entry);
			break;
		}
	return 0;
}

bool
roster_overruled(const struct roster *r, const char *bib, int64_t made_us,
    struct race_id id, struct race_id *by)
{
	uint32_t slot = strmap_get(r->bibs, bib);
	const struct seat *p;
	struct word holds;

	if (slot == STRMAP_NONE || !r->seats[slot].said)
		return false;
	p = &r->seats[slot];
	holds = (struct word){ p->made_us, p->id, p->entry };
	if (!is_later(r, &holds, made_us, id))
		return false;
	*by = p->id;
	return true;
}

const struct race_entry *
roster_find(const struct roster *r, const char *bib)
{
	uint32_t slot = strmap_get(r->bibs, bib);

	return slot == STRMAP_NONE ? NULL : r->seats[slot].entry;
}

size_t
roster_count(const struct roster *r)
{
	return r->count;
}

size_t
roster_slots(const struct roster *r)
{
	return r->slots;
}

const struct race_entry *
roster_at(const struct roster *r, size_t slot, const char **bib)
{
	assert(slot < r->slots);
	*bib = r->seats[slot].bib;
	return r->seats[slot].entry;
}

int64_t
roster_latest(const struct roster *r)
{
	return r->latest_us;
}

/* ---- chips ---- */

static bool
of_file(const struct roster *r, const struct seat *p)
{
	return r->files != 0 && p->id.stream == r->files;
}

struct doubles {
	const struct roster *roster;
	struct strmap *chips; /* of operators' entries -> slot */
	struct roster_double *first;
	size_t count;
};

static void
note_chips(struct doubles *d, uint32_t slot, bool file)
{
	const struct seat *seats = d->roster->seats;
	const struct race_entry *e = seats[slot].entry;

	for (size_t i = 0; i < e->chip_count; i++) {
		uint32_t other = strmap_get(d->chips, e->chips[i]);

		if (other == STRMAP_NONE && !file)
			strmap_put(d->chips, e->chips[i], slot);
		if (other == STRMAP_NONE || other == slot)
			continue;
		if (d->count++ == 0)
			*d->first = (struct roster_double){ e->chips[i],
				{ seats[other].bib, seats[slot].bib } };
	}
}

size_t
roster_doubles(const struct roster *r, struct roster_double *out)
{
	struct doubles d = { r, strmap_new(), out, 0 };

	for (size_t i = 0; i < r->slots; i++)
		if (r->seats[i].entry != NULL && !of_file(r, &r->seats[i]))
			note_chips(&d, (uint32_t)i, false);
	for (size_t i = 0; i < r->slots; i++)
		if (r->seats[i].entry != NULL && of_file(r, &r->seats[i]))
			note_chips(&d, (uint32_t)i, true);
	strmap_free(d.chips);
	return d.count;
}

/* ---- changes ---- */

size_t
roster_take_changes(struct roster *r, uint32_t *slots, size_t cap)
{
	size_t n = 0;

	while (n < cap && r->changes_count > 0) {
		slots[n] = r->changes[--r->changes_count];
		r->seats[slots[n]].changed = false;
		n++;
	}
	return n;
}

uint64_t
roster_digest(const struct roster *r)
{
	return r->digest;
}
