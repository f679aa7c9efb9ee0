#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/rank/core.h"

/* What the journal knows of an event; from EVENT_READ on, an index of reads. */
enum { EVENT_NEW, EVENT_APPLIED, EVENT_READ };

enum { NOBODY = 0 }; /* the node */

static uint32_t
add_node(struct identity *id, enum race_unknown_kind kind)
{
	uint32_t i = (uint32_t)id->nodes_count++;

	id->nodes = xgrow(id->nodes, &id->nodes_cap, i, sizeof *id->nodes);
	id->nodes[i] = (struct node){
		.text = "",
		.reads = NONE,
		.owner = NONE,
		.runner = NONE,
		.kind = (uint8_t)kind,
	};
	return i;
}

void
identity_init(struct identity *id)
{
	*id = (struct identity){
		.free_claims = NONE,
		.latest_us = RACE_NO_TIME,
		.gone_us = RACE_NO_TIME,
		.sound_us = RACE_NO_TIME,
		.sound_known = true,
	};
	id->journal = journal_new();
	id->clocks = clocks_new();
	for (size_t i = 0; i < NAMED_KINDS; i++)
		id->names[i] = strmap_new();
	add_node(id, RACE_UNKNOWN_NOBODY);
}

void
identity_close(struct identity *id)
{
	journal_free(id->journal);
	clocks_free(id->clocks);
	for (size_t i = 0; i < NAMED_KINDS; i++)
		strmap_free(id->names[i]);
	free(id->nodes);
	free(id->reads);
	free(id->notes);
	free(id->claims);
	free(id->stamps);
}

uint32_t
identity_node(struct rank *r, enum race_unknown_kind kind, const char *text)
{
	struct strmap *names = r->id.names[kind];
	uint32_t i = strmap_get(names, text);

	if (i == STRMAP_NONE) {
		i = add_node(&r->id, kind);
		r->id.nodes[i].text = strmap_put(names, text, i);
	}
	return i;
}

/* ---- reads ---- */

bool
identity_before(const struct read *a, const struct read *b)
{
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us;
	if (a->id.stream != b->id.stream)
		return a->id.stream < b->id.stream;
	return a->id.seq < b->id.seq;
}

uint32_t
identity_node_of(const struct identity *id, const struct read *read)
{
	if ((read->flags & READ_NOTED) != 0)
		return id->notes[read->node].node;
	return read->node;
}

bool
identity_is_linked(const struct read *read)
{
	return (read->flags &
	           (READ_ARRIVED | READ_VOIDED | READ_DISMISSED |
	               READ_LISTED)) == READ_ARRIVED;
}

/* Puts a read in front of its node's; returns for whom it counts, or NONE. */
static uint32_t
link_read(struct identity *id, uint32_t i)
{
	struct read *read = &id->reads[i];
	struct node *node = &id->nodes[identity_node_of(id, read)];

	read->prev = NONE;
	read->next = node->reads;
	if (node->reads != NONE)
		id->reads[node->reads].prev = i;
	node->reads = i;
	id->unknown += node->owner == NONE;
	return node->owner;
}

static void
unlink_read(struct rank *r, uint32_t i)
{
	struct identity *id = &r->id;
	const struct read *read = &id->reads[i];
	struct node *node = &id->nodes[identity_node_of(id, read)];

	if (read->prev != NONE)
		id->reads[read->prev].next = read->next;
	else
		node->reads = read->next;
	if (read->next != NONE)
		id->reads[read->next].prev = read->prev;
	/* It may come back before the runner is settled, at another time. */
	if (node->owner == NONE)
		id->unknown--;
	else
		people_queue(r, node->owner, RUNNER_RECOUNT | RUNNER_MOVED);
}

static void
relink_read(struct rank *r, uint32_t i)
{
	uint32_t owner = link_read(&r->id, i);

	if (owner != NONE)
		people_queue(r, owner, RUNNER_RECOUNT);
}

static uint32_t
add_read(struct identity *id, struct race_id name)
{
	uint32_t i = (uint32_t)id->reads_count++;

	id->reads = xgrow(id->reads, &id->reads_cap, i, sizeof *id->reads);
	id->reads[i] = (struct read){ .id = name, .node = NOBODY };
	return i;
}

/* ---- what is said of reads ---- */

/* The note of a read, which is made of what it is if there is none yet. */
static struct note *
note_of(struct identity *id, uint32_t i)
{
	struct read *read = &id->reads[i];

	if ((read->flags & READ_NOTED) == 0) {
		uint32_t k = (uint32_t)id->notes_count++;

		id->notes =
		    xgrow(id->notes, &id->notes_cap, k, sizeof *id->notes);
		id->notes[k] = (struct note){
			.read = i,
			.node = read->node,
			/* What it was joined to is not what it says. */
			.named = (read->flags & READ_JOINED) != 0 ? NOBODY
			                                          : read->node,
			.spot = { NONE, read->point,
			    (read->flags & READ_BACKUP) != 0 },
			.kind = read->flags & (READ_LISTED | READ_STAMPED),
			.bib = NONE,
		};
		read->node = k;
		read->flags |= READ_NOTED;
	}
	return &id->notes[read->node];
}

/* Whose and where a read is, by all that is said of it: an operator has the
 * last word, then a fill-in. */
static void
judge_read(struct identity *id, struct read *read)
{
	struct note *n = &id->notes[read->node];
	const struct spot *spot = n->moved ? &n->elsewhere : &n->spot;

	/* It may be joined again: who moves it touches its list. */
	read->flags &= (uint16_t) ~(READ_LISTED | READ_STAMPED | READ_JOINED |
	    READ_WAITING | READ_BACKUP);
	read->point = spot->point;
	n->node = n->fill_seq > 0 ? n->filled : n->named;
	if (n->bib != NONE)
		n->node = n->bib;
	if (spot->backup)
		read->flags |= READ_BACKUP;
	/* A bib does not help where the point is unknown. */
	if (spot->point == POINT_UNKNOWN)
		n->node = spot->nowhere;
	else
		read->flags |= n->kind;
}

static void
take_out(struct rank *r, uint32_t i)
{
	lists_touch(r, i);
	if (identity_is_linked(&r->id.reads[i]))
		unlink_read(r, i);
}

/* was: the read before it was taken out. */
static void
put_back(struct rank *r, uint32_t i, const struct read *was)
{
	const struct read *read = &r->id.reads[i];

	judge_read(&r->id, &r->id.reads[i]);
	if (identity_is_linked(read))
		relink_read(r, i);
	if (lists_holds(read) &&
	    (!lists_holds(was) || was->point != read->point))
		lists_read(r, i);
	else
		lists_touch(r, i);
}

/* ---- crossings ---- */

static struct spot
spot_named(struct rank *r, const char *point)
{
	uint32_t known = strmap_get(r->point_names, point);

	if (known == STRMAP_NONE)
		return (struct spot){
			identity_node(r, RACE_UNKNOWN_POINT, point),
			POINT_UNKNOWN,
			false,
		};
	return (struct spot){ NONE, (uint8_t)(known % RACE_POINTS_MAX),
		known >= RACE_POINTS_MAX };
}

/* The bib or chip that a crossing names. */
static uint32_t
node_named(struct rank *r, const struct race_crossing *c)
{
	if (c->bib[0] != '\0')
		return identity_node(r, RACE_UNKNOWN_BIB, c->bib);
	/* What a list is for is bibs. */
	if (c->chip[0] != '\0' && (c->flags & RACE_FLAG_LISTED) == 0)
		return identity_node(r, RACE_UNKNOWN_CHIP, c->chip);
	return NOBODY;
}

/* The bib or chip of a crossing, and which of them it is; NULL: it is none. */
static const char *
name_of(const struct race_event *e, enum race_unknown_kind *kind)
{
	const struct race_crossing *c = &e->crossing;

	if (e->kind != RACE_CROSSING)
		return NULL;
	*kind = c->bib[0] != '\0' ? RACE_UNKNOWN_BIB : RACE_UNKNOWN_CHIP;
	return c->bib[0] != '\0' ? c->bib : c->chip;
}

/* A name, its node, its last read and who it is lie anywhere in memory: those
 * of several crossings are fetched side by side. */
void
identity_expect(const struct rank *r, const struct race_event *events,
    size_t count)
{
	const struct identity *id = &r->id;
	enum race_unknown_kind kinds[RANK_EXPECTED];
	const char *names[RANK_EXPECTED];
	uint32_t nodes[RANK_EXPECTED];

	if (count > RANK_EXPECTED)
		count = RANK_EXPECTED;
	for (size_t i = 0; i < count; i++) {
		names[i] = name_of(&events[i], &kinds[i]);
		if (names[i] != NULL)
			strmap_expect(id->names[kinds[i]], names[i]);
	}
	for (size_t i = 0; i < count; i++) {
		nodes[i] = STRMAP_NONE;
		if (names[i] != NULL)
			nodes[i] = strmap_get(id->names[kinds[i]], names[i]);
		if (nodes[i] != STRMAP_NONE)
			__builtin_prefetch(&id->nodes[nodes[i]]);
	}
	for (size_t i = 0; i < count; i++) {
		const struct node *node;

		if (nodes[i] == STRMAP_NONE)
			continue;
		node = &id->nodes[nodes[i]];
		if (node->reads != NONE)
			__builtin_prefetch(&id->reads[node->reads], 1);
		if (node->owner != NONE)
			__builtin_prefetch(&r->runners[node->owner].flags);
	}
}

/* Which list of a known point a crossing is in, as a flag; 0: none. */
static uint16_t
list_named(const struct race_crossing *c)
{
	if ((c->flags & RACE_FLAG_LISTED) != 0)
		return READ_LISTED;
	if (c->clock == RACE_CLOCK_LAPTOP && c->chip[0] == '\0')
		return READ_STAMPED;
	return 0;
}

/* A laptop's clock is measured; that of a file or a reader is taken at its
 * word. */
static void
set_time(struct identity *id, uint32_t i, const struct race_crossing *c)
{
	struct read *read = &id->reads[i];

	if (c->clock != RACE_CLOCK_LAPTOP) {
		read->time_us = c->time_us;
		if (c->time_us > id->latest_us)
			id->latest_us = c->time_us;
		return;
	}
	read->flags |= READ_LAPTOP;
	id->stamps = xgrow(id->stamps, &id->stamps_cap, i, sizeof *id->stamps);
	id->stamps[i] = clocks_stamp(id->clocks, read->id.stream, c, i);
	read->time_us = clocks_moment(id->clocks, id->stamps[i]).time_us;
}

/* ---- the latest ---- */

static bool
is_gone(const struct read *read)
{
	return (read->flags & (READ_VOIDED | READ_DISMISSED)) != 0;
}

/* A crossing has come, was taken back or is there again, or has another time.
 */
static void
note_latest(struct identity *id, uint32_t i, bool is_new)
{
	const struct read *read = &id->reads[i];

	if ((read->flags & (READ_ARRIVED | READ_ADDED)) != READ_ARRIVED)
		return;
	if (is_gone(read) && read->time_us > id->gone_us)
		id->gone_us = read->time_us;
	if (!is_new)
		id->sound_known = false;
	else if (!is_gone(read) && read->time_us > id->sound_us)
		id->sound_us = read->time_us;
}

static void
find_sound(struct identity *id)
{
	id->sound_known = true;
	id->sound_us = RACE_NO_TIME;
	for (size_t i = 0; i < id->reads_count; i++)
		note_latest(id, (uint32_t)i, true);
}

int64_t
identity_latest(struct identity *id)
{
	int64_t latest_us = clocks_latest(id->clocks);

	/* RACE_NO_TIME is before all. */
	if (id->latest_us > latest_us)
		latest_us = id->latest_us;
	/* As a rule what was taken back is long past. */
	if (latest_us > id->gone_us)
		return latest_us;
	if (!id->sound_known)
		find_sound(id);
	return id->sound_us;
}

/* ---- crossings ---- */

/* What a crossing says of whose and where it is. */
static void
name_read(struct rank *r, uint32_t i, const struct race_crossing *c)
{
	struct spot spot = spot_named(r, c->point);
	uint32_t node = node_named(r, c);
	uint16_t kind = list_named(c);
	struct read *read = &r->id.reads[i];
	struct note *n;

	if ((read->flags & READ_NOTED) == 0 && spot.point != POINT_UNKNOWN) {
		read->point = spot.point;
		read->node = node;
		read->flags |= kind;
		if (spot.backup)
			read->flags |= READ_BACKUP;
		return;
	}
	n = note_of(&r->id, i);
	n->spot = spot;
	n->named = node;
	n->kind = kind;
	judge_read(&r->id, read);
}

int
identity_read(struct rank *r, struct race_id id, const struct race_crossing *c)
{
	uint32_t *event = journal_at(r->id.journal, id);
	struct read *read;
	uint32_t owner;
	uint32_t i;

	if (*event == EVENT_APPLIED)
		return -EEXIST;
	if (*event == EVENT_NEW) {
		i = add_read(&r->id, id);
		*event = EVENT_READ + i;
	} else {
		i = *event - EVENT_READ;
		if ((r->id.reads[i].flags & READ_ARRIVED) != 0)
			return -EEXIST;
	}
	r->id.reads[i].flags |= READ_ARRIVED;
	set_time(&r->id, i, c);
	note_latest(&r->id, i, true);
	name_read(r, i, c);
	traffic_read(r, i);
	read = &r->id.reads[i];
	if ((read->flags & (READ_LISTED | READ_STAMPED)) != 0)
		lists_read(r, i);
	if (!identity_is_linked(read))
		return 0;
	owner = link_read(&r->id, i);
	if (owner != NONE)
		people_read(r, owner, i);
	return 0;
}

uint8_t
identity_made_at(const struct rank *r, uint32_t i)
{
	const struct read *read = &r->id.reads[i];
	const struct note *n;

	if ((read->flags & (READ_ARRIVED | READ_ADDED)) != READ_ARRIVED)
		return POINT_UNKNOWN;
	if ((read->flags & READ_NOTED) == 0)
		return (read->flags & READ_LISTED) != 0 ? POINT_UNKNOWN
		                                        : read->point;
	n = &r->id.notes[read->node];
	return (n->kind & READ_LISTED) != 0 ? POINT_UNKNOWN : n->spot.point;
}

/* ---- corrections ---- */

/* Notes that an event other than a crossing is applied; -EEXIST: it was. */
int
identity_event(struct rank *r, struct race_id id)
{
	uint32_t *event = journal_at(r->id.journal, id);

	if (*event == EVENT_APPLIED)
		return -EEXIST;
	if (*event >= EVENT_READ) {
		const struct read *read = &r->id.reads[*event - EVENT_READ];

		if ((read->flags & READ_ARRIVED) != 0)
			return -EEXIST;
	}
	*event = EVENT_APPLIED;
	return 0;
}

uint32_t
identity_find(const struct rank *r, struct race_id id)
{
	uint32_t event = *journal_at(r->id.journal, id);
	uint32_t i;

	if (event < EVENT_READ)
		return NONE;
	i = event - EVENT_READ;
	return (r->id.reads[i].flags & READ_ARRIVED) != 0 ? i : NONE;
}

/* The read of a crossing that is there or may still come; NONE if that event
 * was none. */
static uint32_t
target_of(struct identity *id, struct race_id target)
{
	uint32_t *event = journal_at(id->journal, target);

	if (*event == EVENT_APPLIED)
		return NONE;
	if (*event == EVENT_NEW)
		*event = EVENT_READ + add_read(id, target);
	return *event - EVENT_READ;
}

void
identity_void(struct rank *r, struct race_id target)
{
	uint32_t i = target_of(&r->id, target);
	struct read was;

	if (i == NONE || (r->id.reads[i].flags & READ_VOIDED) != 0)
		return;
	note_of(&r->id, i);
	was = r->id.reads[i];
	take_out(r, i);
	r->id.reads[i].flags |= READ_VOIDED;
	note_latest(&r->id, i, false);
	put_back(r, i, &was);
}

void
identity_fill_in(struct rank *r, struct race_id target, uint64_t seq,
    const char *bib)
{
	uint32_t i = target_of(&r->id, target);
	uint32_t node = NOBODY;
	struct read was;
	struct note *n;

	if (i == NONE)
		return;
	n = note_of(&r->id, i);
	if (n->fill_seq >= seq)
		return;
	if (bib[0] != '\0')
		node = identity_node(r, RACE_UNKNOWN_BIB, bib);
	was = r->id.reads[i];
	take_out(r, i);
	n->fill_seq = seq;
	n->filled = node;
	put_back(r, i, &was);
}

/* ---- operators ---- */

/* The read of a name, also of one that has none yet if something is said of it;
 * NONE: there is none, or that event is no read. */
static uint32_t
read_said(struct identity *id, struct race_id name, bool said)
{
	if (!said && *journal_at(id->journal, name) == EVENT_NEW)
		return NONE;
	return target_of(id, name);
}

static bool
same_spot(const struct spot *a, const struct spot *b)
{
	return a->point == b->point && a->nowhere == b->nowhere &&
	    a->backup == b->backup;
}

void
identity_amend(struct rank *r, struct race_id target,
    const struct rank_amendment *a)
{
	static const struct rank_amendment nothing = { 0 };
	const struct rank_amendment *said = a == NULL ? &nothing : a;
	uint32_t i = read_said(&r->id, target, a != NULL);
	struct spot spot = { NONE, 0, false };
	uint32_t bib = NONE;
	struct read was;
	struct note *n;

	if (i == NONE ||
	    (a == NULL && (r->id.reads[i].flags & READ_NOTED) == 0))
		return;
	if (said->bib != NULL)
		bib = said->bib[0] == '\0'
		    ? NOBODY
		    : identity_node(r, RACE_UNKNOWN_BIB, said->bib);
	if (said->point != NULL)
		spot = spot_named(r, said->point);
	n = note_of(&r->id, i);
	was = r->id.reads[i];
	if (n->bib == bib && n->moved == (said->point != NULL) &&
	    same_spot(&n->elsewhere, &spot) &&
	    ((was.flags & READ_DISMISSED) != 0) == said->voided)
		return;
	take_out(r, i);
	n->bib = bib;
	n->moved = said->point != NULL;
	n->elsewhere = spot;
	r->id.reads[i].flags &= (uint16_t)~READ_DISMISSED;
	if (said->voided)
		r->id.reads[i].flags |= READ_DISMISSED;
	note_latest(&r->id, i, false);
	put_back(r, i, &was);
}

void
identity_add(struct rank *r, struct race_id id, const struct rank_added *a)
{
	const uint16_t all = READ_ARRIVED | READ_ADDED | READ_SET;
	uint32_t i = read_said(&r->id, id, a != NULL);
	struct read was;
	struct note *n;

	if (i == NONE)
		return;
	was = r->id.reads[i];
	/* No station's crossing is an operator's to replace. */
	if ((was.flags & (READ_ARRIVED | READ_ADDED)) == READ_ARRIVED ||
	    (a == NULL && (was.flags & READ_ADDED) == 0))
		return;
	n = note_of(&r->id, i);
	take_out(r, i);
	r->id.reads[i].flags &= (uint16_t)~all;
	if (a != NULL) {
		n->named = a->bib[0] == '\0'
		    ? NOBODY
		    : identity_node(r, RACE_UNKNOWN_BIB, a->bib);
		n->spot = spot_named(r, a->point);
		r->id.reads[i].time_us = a->time_us;
		r->id.reads[i].flags |= READ_ARRIVED | READ_ADDED;
		if (a->set)
			r->id.reads[i].flags |= READ_SET;
	}
	put_back(r, i, &was);
}

/* ---- clocks ---- */

static void
move_read(void *arg, uint32_t i)
{
	struct rank *r = arg;
	struct identity *id = &r->id;
	struct read *read = &id->reads[i];
	int64_t was_us = read->time_us;
	uint8_t why = RUNNER_RECOUNT;
	uint32_t owner;

	read->time_us = clocks_moment(id->clocks, id->stamps[i]).time_us;
	note_latest(id, i, false);
	traffic_moved(r, i, was_us);
	lists_touch(r, i);
	if (!identity_is_linked(read))
		return;
	owner = id->nodes[identity_node_of(id, read)].owner;
	if (owner == NONE)
		return;
	/* Still the read that counts, as a rule, and yet another row. */
	if (r->counting[owner * r->points + read->point] == i)
		why |= RUNNER_MOVED;
	people_queue(r, owner, why);
}

void
identity_clock(struct rank *r, struct race_id id,
    const struct race_clock_estimate *e)
{
	clocks_estimate(r->id.clocks, id, e, move_read, r);
}

int64_t
identity_bound(const struct rank *r, uint32_t i)
{
	if ((r->id.reads[i].flags & READ_LAPTOP) == 0)
		return 0;
	return clocks_moment(r->id.clocks, r->id.stamps[i]).bound_us;
}

/* ---- lists ---- */

uint32_t
identity_bib(const struct rank *r, uint32_t i)
{
	const struct read *read = &r->id.reads[i];
	uint32_t node = identity_node_of(&r->id, read);

	if (node == NOBODY || (read->flags & READ_JOINED) != 0)
		return NONE;
	return node;
}

void
identity_join(struct rank *r, uint32_t i, uint32_t bib)
{
	struct identity *id = &r->id;
	struct read *read = &id->reads[i];
	uint32_t node = bib == NONE ? NOBODY : bib;

	if (identity_node_of(id, read) == node)
		return;
	unlink_read(r, i);
	if ((read->flags & READ_NOTED) != 0)
		id->notes[read->node].node = node;
	else
		read->node = node;
	if (node == NOBODY)
		read->flags &= (uint16_t)~READ_JOINED;
	else
		read->flags |= READ_JOINED;
	relink_read(r, i);
}

/* ---- who owns what ---- */

uint64_t
identity_count(const struct identity *id, uint32_t node)
{
	uint64_t count = 0;

	for (uint32_t i = id->nodes[node].reads; i != NONE;
	     i = id->reads[i].next)
		count++;
	return count;
}

void
identity_own(struct rank *r, uint32_t node, uint32_t runner)
{
	struct node *n = &r->id.nodes[node];

	if (n->owner == runner)
		return;
	if (n->owner == NONE)
		r->id.unknown -= identity_count(&r->id, node);
	else
		people_queue(r, n->owner, RUNNER_RECOUNT | RUNNER_MOVED);
	n->owner = runner;
	if (runner == NONE)
		r->id.unknown += identity_count(&r->id, node);
	else
		people_queue(r, runner, RUNNER_RECOUNT);
}

/* A chip belongs to the lowest bib that claims it. */
static void
judge_claims(struct rank *r, uint32_t node)
{
	const struct claim *claims = r->id.claims;
	uint32_t best = NONE;

	for (uint32_t i = r->id.nodes[node].claims; i != NONE;
	     i = claims[i].next_of_node) {
		uint32_t runner = claims[i].runner;

		if (best == NONE ||
		    text_label_cmp(r->runners[runner].bib,
		        r->runners[best].bib) < 0)
			best = runner;
	}
	identity_own(r, node, best);
}

static bool
has_claim(const struct rank *r, uint32_t runner, const char *chip)
{
	const struct identity *id = &r->id;

	for (uint32_t i = r->runners[runner].claims; i != NONE;
	     i = id->claims[i].next_of_runner)
		if (strcmp(id->nodes[id->claims[i].node].text, chip) == 0)
			return true;
	return false;
}

static bool
has_chip(const struct race_entry *entry, const char *chip)
{
	for (size_t i = 0; i < entry->chip_count; i++)
		if (strcmp(entry->chips[i], chip) == 0)
			return true;
	return false;
}

bool
identity_same_chips(struct rank *r, uint32_t runner,
    const struct race_entry *entry)
{
	const struct identity *id = &r->id;

	for (size_t i = 0; i < entry->chip_count; i++)
		if (entry->chips[i][0] != '\0' &&
		    !has_claim(r, runner, entry->chips[i]))
			return false;
	for (uint32_t i = r->runners[runner].claims; i != NONE;
	     i = id->claims[i].next_of_runner)
		if (!has_chip(entry, id->nodes[id->claims[i].node].text))
			return false;
	return true;
}

static uint32_t
add_claim(struct identity *id)
{
	uint32_t i = id->free_claims;

	if (i != NONE) {
		id->free_claims = id->claims[i].next_of_runner;
		return i;
	}
	i = (uint32_t)id->claims_count++;
	id->claims = xgrow(id->claims, &id->claims_cap, i, sizeof *id->claims);
	return i;
}

void
identity_claim(struct rank *r, uint32_t runner, const struct race_entry *entry)
{
	struct identity *id = &r->id;

	for (size_t i = 0; i < entry->chip_count; i++) {
		uint32_t claim;
		uint32_t node;

		if (entry->chips[i][0] == '\0' ||
		    has_claim(r, runner, entry->chips[i]))
			continue;
		claim = add_claim(id);
		node = identity_node(r, RACE_UNKNOWN_CHIP, entry->chips[i]);
		id->claims[claim] = (struct claim){
			.runner = runner,
			.node = node,
			.next_of_node = id->nodes[node].claims,
			.next_of_runner = r->runners[runner].claims,
		};
		id->nodes[node].claims = claim;
		r->runners[runner].claims = claim;
		judge_claims(r, node);
	}
}

void
identity_disclaim(struct rank *r, uint32_t runner)
{
	struct identity *id = &r->id;
	uint32_t i = r->runners[runner].claims;

	r->runners[runner].claims = NONE;
	while (i != NONE) {
		struct claim *claim = &id->claims[i];
		uint32_t next = claim->next_of_runner;
		uint32_t *link = &id->nodes[claim->node].claims;

		while (*link != i)
			link = &id->claims[*link].next_of_node;
		*link = claim->next_of_node;
		judge_claims(r, claim->node);
		claim->next_of_runner = id->free_claims;
		id->free_claims = i;
		i = next;
	}
}

/* ---- a runner's reads ---- */

/* The first read of the node if it counts for the runner. */
static uint32_t
first_of(const struct identity *id, uint32_t node, uint32_t runner)
{
	return id->nodes[node].owner == runner ? id->nodes[node].reads : NONE;
}

static uint32_t
skip_empty(const struct rank *r, struct identity_walk *w)
{
	const struct identity *id = &r->id;

	while (w->read == NONE && w->claim != NONE) {
		const struct claim *claim = &id->claims[w->claim];

		w->read = first_of(id, claim->node, w->runner);
		w->claim = claim->next_of_runner;
	}
	return w->read;
}

uint32_t
identity_first(const struct rank *r, struct identity_walk *w, uint32_t runner)
{
	w->runner = runner;
	w->claim = r->runners[runner].claims;
	w->read = first_of(&r->id, r->runners[runner].node, runner);
	return skip_empty(r, w);
}

uint32_t
identity_next(const struct rank *r, struct identity_walk *w)
{
	w->read = r->id.reads[w->read].next;
	return skip_empty(r, w);
}
