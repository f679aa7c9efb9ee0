#include "race/replica.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define REPEAT_US INT64_C(2000000) /* an unanswered request */
#define WAIT_US   UINT64_C(500000) /* before a new snapshot, at most ... */
enum { WAIT_DOUBLINGS = 4 };       /* ... and after failed ones 8 s */

/* Heartbeats may be close together and ahead of a delta that waits for its tick
 * (100 ms); what has not come after this long was lost. */
#define BEHIND_US INT64_C(500000)

/* The rows of a view as of seq, of one run of the aggregator. */
struct copy {
	struct board *board; /* one of the two is NULL */
	struct roster *roster;
	uint64_t store;
	uint64_t run;
	uint64_t seq;
	uint64_t digest; /* the aggregator's, at seq */
	int64_t as_of_us;
};

/* A part of a delta, kept until all have come. */
struct part {
	struct race_row *rows;
	int64_t *splits;
	size_t row_count;
	struct race_entry **entries;
	size_t entry_count;
	char **gone;
	size_t gone_count;
	char *labels;
};

/* The delta that parts belong to. */
struct whole {
	uint64_t store;
	uint64_t run;
	uint64_t from;
	uint64_t to;
	uint32_t parts;
};

enum phase {
	PHASE_DEAF,  /* the subscription is not known to be live */
	PHASE_PAUSE, /* a snapshot will be asked for at ask_us */
	PHASE_PAGES, /* one page is asked for */
	PHASE_CATCH, /* all pages are here, deltas up to `need` are not */
	PHASE_FOLLOW /* `shown` is kept by deltas */
};

struct replica {
	char *view;
	bool bibs; /* the view is the roster */
	uint64_t random;
	enum phase phase;

	struct copy shown;
	bool ever; /* something was shown */

	/*
	 * The snapshot being taken.  Deltas are applied to it as they come:
	 * rows carry versions, so that a page which comes later does not
	 * overwrite what a delta has brought.  Without a hole they lead from
	 * chain_from, which the first page has to have reached, to fill.seq.
	 */
	struct copy fill;
	bool chained; /* a delta came before the first page */
	uint64_t chain_from;
	bool paged;        /* the first page is here */
	uint64_t need;     /* highest seq of a page */
	uint32_t cursor;   /* of the page asked for */
	uint32_t request;  /* number of the last request */
	uint32_t asked;    /* how many of the last ones were for this page */
	int64_t ask_us;    /* when the next request is due */
	unsigned failures; /* since a heartbeat confirmed what is shown */

	struct whole whole;
	struct part *parts; /* the first ones of `whole` */
	size_t parts_cap;
	size_t part_count;

	uint64_t behind;   /* a heartbeat's seq that we had not; 0: none */
	int64_t behind_us; /* since when */
	int64_t heard_us;
	bool heard;
	struct replica_facts facts;
};

/* ---- a copy ---- */

static void
copy_init(struct copy *c, bool bibs)
{
	*c = (struct copy){ .as_of_us = RACE_NO_TIME };
	if (bibs)
		c->roster = roster_new(0);
	else
		c->board = board_new();
}

static void
copy_close(struct copy *c)
{
	board_free(c->board);
	roster_free(c->roster);
}

static void
copy_clear(struct copy *c)
{
	bool bibs = c->roster != NULL;

	copy_close(c);
	copy_init(c, bibs);
}

static bool
copy_intact(const struct copy *c)
{
	uint64_t mine = c->roster != NULL ? roster_digest(c->roster)
	                                  : board_digest(c->board);

	return mine == c->digest;
}

static void
expect(struct copy *c, const struct race_outlook *o)
{
	if (c->board != NULL)
		board_expect(c->board, o);
}

static void
put_row(struct copy *c, const struct race_row *row, uint64_t version)
{
	if (c->board != NULL)
		board_put(c->board, row, version);
}

/* The roster takes versions as the times of its events. */
static void
put_entry(struct copy *c, const struct race_entry *entry, uint64_t version)
{
	struct race_id none = { 0, 0 };

	if (c->roster != NULL)
		roster_put(c->roster, (int64_t)version, none, entry);
}

static void
take_out(struct copy *c, const char *label, uint64_t version)
{
	struct race_id none = { 0, 0 };

	if (c->roster != NULL)
		roster_remove(c->roster, (int64_t)version, none, label);
	else
		board_remove(c->board, label, version);
}

static bool
is_other(const struct copy *c, uint64_t store, uint64_t run)
{
	return c->store != store || c->run != run;
}

/* ---- parts ---- */

static void
part_close(struct part *p)
{
	for (size_t i = 0; i < p->entry_count; i++)
		free(p->entries[i]);
	free(p->rows);
	free(p->splits);
	free(p->entries);
	free(p->gone);
	free(p->labels);
}

static size_t
label_bytes(const struct message_delta *d)
{
	size_t bytes = 0;

	for (size_t i = 0; i < d->row_count; i++)
		bytes += strlen(d->rows[i].label) + 1;
	for (size_t i = 0; i < d->gone_count; i++)
		bytes += strlen(d->gone[i]) + 1;
	return bytes;
}

static char *
keep_label(char **to, const char *label)
{
	char *copy = *to;
	size_t size = strlen(label) + 1;

	memcpy(copy, label, size);
	*to += size;
	return copy;
}

static void
keep_rows(struct part *p, const struct message_delta *d, char **labels)
{
	size_t splits = 0;
	int64_t *to;

	for (size_t i = 0; i < d->row_count; i++)
		splits += d->rows[i].split_count;
	p->rows = xreallocarray(NULL, d->row_count + 1, sizeof *p->rows);
	p->splits = xreallocarray(NULL, splits + 1, sizeof *p->splits);
	p->row_count = d->row_count;
	to = p->splits;
	for (size_t i = 0; i < d->row_count; i++) {
		struct race_row *row = &p->rows[i];

		*row = d->rows[i];
		row->label = keep_label(labels, d->rows[i].label);
		row->splits = to;
		if (row->split_count > 0)
			memcpy(to, d->rows[i].splits,
			    row->split_count * sizeof *to);
		to += row->split_count;
	}
}

static struct part
part_keep(const struct message_delta *d)
{
	struct part p = { 0 };
	char *labels = xmalloc(label_bytes(d) + 1);

	p.labels = labels;
	keep_rows(&p, d, &labels);
	p.entries = xreallocarray(NULL, d->entry_count + 1,
	    sizeof(struct race_entry *));
	for (; p.entry_count < d->entry_count; p.entry_count++)
		p.entries[p.entry_count] =
		    roster_entry_copy(&d->entries[p.entry_count]);
	p.gone = xreallocarray(NULL, d->gone_count + 1, sizeof(char *));
	for (; p.gone_count < d->gone_count; p.gone_count++)
		p.gone[p.gone_count] =
		    keep_label(&labels, d->gone[p.gone_count]);
	return p;
}

static void
part_apply(const struct part *p, struct copy *c, uint64_t version)
{
	for (size_t i = 0; i < p->row_count; i++)
		put_row(c, &p->rows[i], version);
	for (size_t i = 0; i < p->entry_count; i++)
		put_entry(c, p->entries[i], version);
	for (size_t i = 0; i < p->gone_count; i++)
		take_out(c, p->gone[i], version);
}

static void
drop_parts(struct replica *r)
{
	for (size_t i = 0; i < r->part_count; i++)
		part_close(&r->parts[i]);
	r->part_count = 0;
}

static bool
same_whole(const struct whole *a, const struct whole *b)
{
	return a->store == b->store && a->run == b->run && a->from == b->from &&
	    a->to == b->to && a->parts == b->parts;
}

/* True once d is the last of its delta; d itself is then not kept. */
static bool
collect(struct replica *r, const struct message_delta *d)
{
	struct whole whole = { d->store, d->run, d->from, d->to, d->parts };

	if (d->part == 0 || !same_whole(&r->whole, &whole))
		drop_parts(r);
	if (d->part != r->part_count) {
		/* One was lost: this delta never gets whole, and the hole shows
		 * with the next delta or heartbeat. */
		drop_parts(r);
		return false;
	}
	if (d->part + 1 == d->parts)
		return true;
	r->whole = whole;
	r->parts =
	    xgrow(r->parts, &r->parts_cap, r->part_count, sizeof *r->parts);
	r->parts[r->part_count++] = part_keep(d);
	return false;
}

/* Applies the parts kept and d, the last one. */
static void
apply(struct replica *r, struct copy *c, const struct message_delta *d)
{
	for (size_t i = 0; i < r->part_count; i++)
		part_apply(&r->parts[i], c, d->to);
	for (size_t i = 0; i < d->row_count; i++)
		put_row(c, &d->rows[i], d->to);
	for (size_t i = 0; i < d->entry_count; i++)
		put_entry(c, &d->entries[i], d->to);
	for (size_t i = 0; i < d->gone_count; i++)
		take_out(c, d->gone[i], d->to);
	drop_parts(r);
	c->store = d->store;
	c->run = d->run;
	c->seq = d->to;
	c->digest = d->digest;
	c->as_of_us = d->as_of_us;
	expect(c, &d->outlook);
}

/* ---- life ---- */

struct replica *
replica_new(const char *view, uint64_t seed)
{
	struct replica *r = xcalloc(1, sizeof *r);

	r->view = xstrdup(view);
	r->bibs = strcmp(view, MESSAGE_ROSTER) == 0;
	r->random = seed;
	r->phase = PHASE_DEAF;
	copy_init(&r->shown, r->bibs);
	copy_init(&r->fill, r->bibs);
	return r;
}

void
replica_free(struct replica *r)
{
	if (r == NULL)
		return;
	drop_parts(r);
	free(r->parts);
	copy_close(&r->shown);
	copy_close(&r->fill);
	free(r->view);
	free(r);
}

/* ---- snapshots ---- */

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t
random_below(struct replica *r, uint64_t n)
{
	uint64_t z = (r->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % n;
}

/*
 * What is shown is no longer the aggregator's, or what was being taken will
 * never be: a new snapshot, after a wait, for others have lost it too.  The
 * wait doubles while that goes on, so that a fault which stays does not become
 * a storm.
 */
static void
start_over(struct replica *r, int64_t now_us)
{
	r->phase = PHASE_PAUSE;
	r->ask_us = now_us + (int64_t)random_below(r, WAIT_US << r->failures);
	if (r->failures < WAIT_DOUBLINGS)
		r->failures++;
}

static void
hole(struct replica *r, int64_t now_us)
{
	r->facts.holes++;
	start_over(r, now_us);
}

static void
mismatch(struct replica *r, int64_t now_us)
{
	r->facts.mismatches++;
	start_over(r, now_us);
}

static void
drop_fill(struct replica *r)
{
	copy_clear(&r->fill);
	r->chained = false;
}

static void
begin_snapshot(struct replica *r)
{
	drop_fill(r);
	drop_parts(r);
	r->phase = PHASE_PAGES;
	r->paged = false;
	r->need = 0;
	r->cursor = 0;
	r->asked = 0;
	r->behind = 0;
}

/* All pages are here, and the deltas up to the highest of them? */
static void
finish(struct replica *r, int64_t now_us)
{
	struct copy old = r->shown;

	if (r->phase != PHASE_CATCH || r->fill.seq < r->need)
		return;
	if (!copy_intact(&r->fill)) {
		mismatch(r, now_us);
		return;
	}
	r->shown = r->fill;
	r->fill = old;
	drop_fill(r);
	r->ever = true;
	r->phase = PHASE_FOLLOW;
	r->facts.snapshots++;
}

static bool
is_silent(const struct replica *r, int64_t now_us)
{
	return !r->heard || now_us - r->heard_us > REPLICA_SILENCE_US;
}

/* While nothing is heard deltas are missed, and a snapshot would be in vain. */
static bool
has_to_ask(const struct replica *r, int64_t now_us)
{
	return (r->phase == PHASE_PAUSE || r->phase == PHASE_PAGES) &&
	    !is_silent(r, now_us);
}

bool
replica_request(struct replica *r, int64_t now_us,
    struct message_snapshot_request *out)
{
	if (!has_to_ask(r, now_us) || now_us < r->ask_us)
		return false;
	if (r->phase == PHASE_PAUSE)
		begin_snapshot(r);
	r->request++;
	r->asked++;
	r->ask_us = now_us + REPEAT_US;
	out->request = r->request;
	out->view = r->view;
	out->first = r->cursor;
	return true;
}

int64_t
replica_deadline(const struct replica *r, int64_t now_us)
{
	int64_t silence_us = r->heard_us + REPLICA_SILENCE_US + 1;

	if (is_silent(r, now_us))
		return INT64_MAX;
	if (has_to_ask(r, now_us) && r->ask_us < silence_us)
		return r->ask_us;
	return silence_us;
}

/* The first page decides from where on deltas are needed. */
static bool
take_first_page(struct replica *r, const struct message_snapshot_page *p)
{
	struct copy *c = &r->fill;
	bool same = r->chained && c->store == p->store && c->run == p->run;

	if (same && p->seq < r->chain_from)
		return false;
	/* Deltas that the page holds already are not needed; without them no
	 * row is left that has gone meanwhile. */
	if (!same || p->seq >= c->seq) {
		drop_fill(r);
		c->store = p->store;
		c->run = p->run;
		c->seq = p->seq;
		c->digest = p->digest;
		c->as_of_us = p->as_of_us;
		expect(c, &p->outlook);
	}
	r->paged = true;
	return true;
}

static void
take_rows(struct replica *r, const struct message_snapshot_page *p)
{
	for (size_t i = 0; i < p->row_count; i++)
		put_row(&r->fill, &p->rows[i], p->seq);
	for (size_t i = 0; i < p->entry_count; i++)
		put_entry(&r->fill, &p->entries[i], p->seq);
	if (p->seq > r->need)
		r->need = p->seq;
}

void
replica_page(struct replica *r, const struct message_snapshot_page *p,
    int64_t now_us)
{
	/* A late answer to an earlier request for this page is as good. */
	if (r->phase != PHASE_PAGES || strcmp(p->view, r->view) != 0 ||
	    p->first != r->cursor || r->request - p->request >= r->asked)
		return;
	if (!r->paged) {
		if (!take_first_page(r, p)) {
			hole(r, now_us);
			return;
		}
	} else if (is_other(&r->fill, p->store, p->run)) {
		start_over(r, now_us);
		return;
	}
	take_rows(r, p);
	r->cursor = p->next;
	r->asked = 0;
	r->ask_us = now_us;
	if (p->next != 0)
		return;
	r->phase = PHASE_CATCH;
	finish(r, now_us);
}

/* ---- what the aggregator publishes ---- */

static void
hear(struct replica *r, int64_t now_us)
{
	r->heard = true;
	r->heard_us = now_us;
}

/* The copy that deltas belong to; NULL: none now. */
static struct copy *
current(struct replica *r)
{
	switch (r->phase) {
	case PHASE_DEAF:
	case PHASE_PAUSE:
		break;
	case PHASE_PAGES:
	case PHASE_CATCH:
		return &r->fill;
	case PHASE_FOLLOW:
		return &r->shown;
	}
	return NULL;
}

/* That copy's seq is one that the aggregator's view had. */
static bool
is_anchored(const struct replica *r)
{
	return r->phase == PHASE_FOLLOW || r->paged;
}

/* A delta before the first page: what leads to it without a hole is kept. */
static void
chain(struct replica *r, const struct message_delta *d)
{
	struct copy *c = &r->fill;

	if (r->chained && (is_other(c, d->store, d->run) || d->from > c->seq))
		drop_fill(r);
	if ((r->chained && d->to <= c->seq) || !collect(r, d))
		return;
	if (!r->chained)
		r->chain_from = d->from;
	r->chained = true;
	apply(r, c, d);
}

void
replica_delta(struct replica *r, const struct message_delta *d, int64_t now_us)
{
	struct copy *c = current(r);

	if (strcmp(d->view, r->view) != 0)
		return;
	hear(r, now_us);
	if (c == NULL)
		return;
	if (!is_anchored(r)) {
		chain(r, d);
	} else if (is_other(c, d->store, d->run)) {
		start_over(r, now_us);
	} else if (d->from > c->seq) {
		hole(r, now_us);
	} else if (d->to > c->seq && collect(r, d)) {
		apply(r, c, d);
		if (r->phase == PHASE_FOLLOW && !copy_intact(c))
			mismatch(r, now_us);
		finish(r, now_us);
	}
}

static const struct message_view_state *
find_view(const struct message_heartbeat *h, const char *view)
{
	for (size_t i = 0; i < h->view_count; i++)
		if (strcmp(h->views[i].view, view) == 0)
			return &h->views[i];
	return NULL;
}

/* True if what a heartbeat named some time ago has still not come. */
static bool
has_lost(struct replica *r, const struct copy *c,
    const struct message_view_state *v, int64_t now_us)
{
	if (r->behind > c->seq)
		return now_us - r->behind_us >= BEHIND_US;
	r->behind = v->seq > c->seq ? v->seq : 0;
	r->behind_us = now_us;
	return false;
}

/* The view at the very seq that is shown. */
static void
confirm(struct replica *r, const struct message_heartbeat *h,
    const struct message_view_state *v, int64_t now_us)
{
	r->shown.digest = v->digest;
	if (!copy_intact(&r->shown)) {
		mismatch(r, now_us);
		return;
	}
	r->shown.as_of_us = h->as_of_us;
	expect(&r->shown, &v->outlook);
	r->failures = 0;
}

static void
compare(struct replica *r, const struct message_heartbeat *h, int64_t now_us)
{
	const struct message_view_state *v = find_view(h, r->view);
	struct copy *c = current(r);

	if (c == NULL || !is_anchored(r))
		return;
	if (is_other(c, h->store, h->run))
		start_over(r, now_us);
	else if (v == NULL)
		return;
	else if (has_lost(r, c, v, now_us))
		hole(r, now_us);
	else if (r->phase == PHASE_FOLLOW && v->seq == c->seq)
		confirm(r, h, v, now_us);
}

/* As many bytes as fit, none of them half a character. */
static void
keep_trouble(struct replica *r, const char *trouble)
{
	size_t n = strnlen(trouble, sizeof r->facts.trouble);

	if (n == sizeof r->facts.trouble)
		for (n--; n > 0 && (trouble[n] & 0xc0) == 0x80; n--)
			continue;
	memcpy(r->facts.trouble, trouble, n);
	r->facts.trouble[n] = '\0';
}

void
replica_heartbeat(struct replica *r, const struct message_heartbeat *h,
    int64_t now_us)
{
	hear(r, now_us);
	keep_trouble(r, h->trouble);
	if (r->phase == PHASE_DEAF) {
		r->phase = PHASE_PAUSE;
		r->ask_us = now_us;
	}
	compare(r, h, now_us);
}

/* ---- what there is to show ---- */

enum replica_state
replica_state(const struct replica *r, int64_t now_us)
{
	if (!r->ever)
		return REPLICA_JOINING;
	if (r->phase != PHASE_FOLLOW || is_silent(r, now_us))
		return REPLICA_STALE;
	return REPLICA_LIVE;
}

struct board *
replica_board(struct replica *r)
{
	return r->shown.board;
}

struct roster *
replica_roster(struct replica *r)
{
	return r->shown.roster;
}

void
replica_facts(const struct replica *r, struct replica_facts *out)
{
	*out = r->facts;
	out->seq = r->shown.seq;
	out->run = r->shown.run;
	out->store = r->shown.store;
	out->as_of_us = r->shown.as_of_us;
	out->heard_us = r->heard_us;
}
