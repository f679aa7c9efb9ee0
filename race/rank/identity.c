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
	free(id->fills);
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

static uint32_t
node_of(const struct identity *id, const struct read *read)
{
	if ((read->flags & READ_FILLED) != 0)
		return id->fills[read->node].node;
	return read->node;
}

static bool
is_linked(const struct read *read)
{
	return (read->flags & (READ_ARRIVED | READ_VOIDED | READ_LISTED)) ==
	    READ_ARRIVED;
}

/* Puts a read in front of its node's; returns for whom it counts, or NONE. */
static uint32_t
link_read(struct identity *id, uint32_t i)
{
	struct read *read = &id->reads[i];
	struct node *node = &id->nodes[node_of(id, read)];

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
	struct node *node = &id->nodes[node_of(id, read)];

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

/* The node that a crossing names, and its point. */
static uint32_t
node_named(struct rank *r, const struct race_crossing *c, uint8_t *point)
{
	uint32_t known = strmap_get(r->point_names, c->point);

	*point = known == STRMAP_NONE ? POINT_UNKNOWN : (uint8_t)known;
	if (known == STRMAP_NONE)
		return identity_node(r, RACE_UNKNOWN_POINT, c->point);
	if (c->bib[0] != '\0')
		return identity_node(r, RACE_UNKNOWN_BIB, c->bib);
	/* What a list is for is bibs. */
	if (c->chip[0] != '\0' && (c->flags & RACE_FLAG_LISTED) == 0)
		return identity_node(r, RACE_UNKNOWN_CHIP, c->chip);
	return NOBODY;
}

/* Which list of a known point a crossing is in, as a flag; 0: none. */
static uint8_t
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

int
identity_read(struct rank *r, struct race_id id, const struct race_crossing *c)
{
	uint32_t *event = journal_at(r->id.journal, id);
	struct read *read;
	uint32_t node;
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
	read = &r->id.reads[i];
	read->flags |= READ_ARRIVED;
	set_time(&r->id, i, c);
	node = node_named(r, c, &read->point);
	/* A bib does not help where the point is unknown. */
	if (read->point == POINT_UNKNOWN)
		read->flags &= (uint8_t)~READ_FILLED;
	else
		read->flags |= list_named(c);
	if ((read->flags & READ_FILLED) == 0)
		read->node = node;
	if ((read->flags & (READ_LISTED | READ_STAMPED)) != 0)
		lists_read(r, i);
	if (!is_linked(read))
		return 0;
	owner = link_read(&r->id, i);
	if (owner != NONE)
		people_read(r, owner, i);
	return 0;
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

	if (i == NONE || (r->id.reads[i].flags & READ_VOIDED) != 0)
		return;
	if (is_linked(&r->id.reads[i]))
		unlink_read(r, i);
	r->id.reads[i].flags |= READ_VOIDED;
	lists_touch(r, i);
}

void
identity_fill_in(struct rank *r, struct race_id target, uint64_t seq,
    const char *bib)
{
	struct identity *id = &r->id;
	uint32_t i = target_of(id, target);
	uint32_t node = NOBODY;
	struct read *read;
	bool linked;

	if (i == NONE)
		return;
	read = &id->reads[i];
	if ((read->flags & READ_ARRIVED) != 0 && read->point == POINT_UNKNOWN)
		return;
	if ((read->flags & READ_FILLED) != 0 &&
	    id->fills[read->node].seq >= seq)
		return;
	if (bib[0] != '\0')
		node = identity_node(r, RACE_UNKNOWN_BIB, bib);
	linked = is_linked(read);
	if (linked)
		unlink_read(r, i);
	if ((read->flags & READ_FILLED) == 0) {
		id->fills = xgrow(id->fills, &id->fills_cap, id->fills_count,
		    sizeof *id->fills);
		read->node = (uint32_t)id->fills_count++;
		read->flags |= READ_FILLED;
	}
	read->flags &= (uint8_t)~READ_JOINED;
	id->fills[read->node] = (struct fill){ seq, node };
	if (linked)
		relink_read(r, i);
	lists_touch(r, i);
}

/* ---- clocks ---- */

static void
move_read(void *arg, uint32_t i)
{
	struct rank *r = arg;
	struct identity *id = &r->id;
	struct read *read = &id->reads[i];
	uint8_t why = RUNNER_RECOUNT;
	uint32_t owner;

	read->time_us = clocks_moment(id->clocks, id->stamps[i]).time_us;
	lists_touch(r, i);
	if (!is_linked(read))
		return;
	owner = id->nodes[node_of(id, read)].owner;
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
	uint32_t node = node_of(&r->id, read);

	if (node == NOBODY || (read->flags & READ_JOINED) != 0)
		return NONE;
	return node;
}

static void
set_node(struct identity *id, struct read *read, uint32_t node)
{
	if ((read->flags & READ_FILLED) != 0)
		id->fills[read->node].node = node;
	else
		read->node = node;
}

void
identity_join(struct rank *r, uint32_t i, uint32_t bib)
{
	struct identity *id = &r->id;
	struct read *read = &id->reads[i];
	uint32_t node = bib == NONE ? NOBODY : bib;

	if (node_of(id, read) == node)
		return;
	unlink_read(r, i);
	set_node(id, read, node);
	if (node == NOBODY)
		read->flags &= (uint8_t)~READ_JOINED;
	else
		read->flags |= READ_JOINED;
	relink_read(r, i);
}

/* ---- who owns what ---- */

static uint64_t
count_reads(const struct identity *id, uint32_t node)
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
		r->id.unknown -= count_reads(&r->id, node);
	else
		people_queue(r, n->owner, RUNNER_RECOUNT | RUNNER_MOVED);
	n->owner = runner;
	if (runner == NONE)
		r->id.unknown += count_reads(&r->id, node);
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
