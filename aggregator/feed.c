#include "aggregator/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/rulings.h"

enum {
	/* Also within the decoder's budget, whatever the rows are made of. */
	PART_BYTES = 60 * 1024,
	TAKE = 4096,
	/* Looked at for one page, in a ranking of few among many: others wait.
	 */
	PAGE_SLOTS = 5000
};

static const int64_t tick_us = 100000;
static const int64_t heartbeat_us = 1000000;
/* A room full of displays that join together hears ten a second. */
static const int64_t joined_us = 100000;
static const int64_t never_us = INT64_MAX;

/* Slots, each once. */
struct slots {
	uint32_t *list;
	size_t count;
	size_t cap;
	bool *in; /* by slot */
	size_t in_cap;
};

struct feed;
struct view;

/* Where a view comes from.  add: puts a slot's row or entry among the copies,
 * or that it is gone, and then is false. */
struct source {
	bool (*add)(struct feed *f, const struct view *v, uint32_t slot);
	size_t (*take)(struct feed *f, const struct view *v, uint32_t *slots,
	    size_t cap);
	uint64_t (*digest)(struct feed *f, const struct view *v);
	size_t (*count)(struct feed *f, const struct view *v);
	size_t (*slots)(struct feed *f, const struct view *v);
	void (*outlook)(struct feed *f, const struct view *v,
	    struct race_outlook *out);
};

struct view {
	const char *name;
	const struct source *source;
	size_t ranking;      /* of rankings */
	struct tally *tally; /* of tables */
	char commit_topic[FEED_TOPIC_MAX];
	char tick_topic[FEED_TOPIC_MAX];
	bool commits; /* somebody asked for that tier */
	bool ticks;
	uint64_t seq;
	uint64_t ticked;     /* the seq that the tick tier has told */
	int64_t since_us;    /* as told last: when it was published */
	struct slots merged; /* changed since */
};

/* Rows copied out of the core, where the next question overwrites them. */
struct copies {
	struct race_row *rows;
	size_t row_cap;
	size_t *label_at; /* in text, by row */
	size_t label_cap;
	size_t *why_at; /* the same; SIZE_MAX: none */
	size_t why_cap;
	int64_t *splits;
	size_t split_count;
	size_t split_cap;
	char *text;
	size_t text_len;
	size_t text_cap;
	struct race_entry *entries; /* their strings stay the roster's */
	size_t entry_cap;
	const char **gone;
	size_t gone_cap;
	size_t *gone_at;
	size_t gone_at_cap;
	size_t row_count;
	size_t entry_count;
	size_t gone_count;
};

/* What goes into one message. */
struct part {
	size_t rows;
	size_t entries;
	size_t gone;
};

struct feed {
	struct book *book;
	const struct feed_ops *ops;
	void *arg;
	uint64_t store;
	uint64_t run;
	struct view *views;
	size_t view_count;
	struct copies copies;
	struct part *parts;
	size_t part_cap;
	uint32_t *taken;
	size_t taken_cap;
	struct message_view_state *states;
	int64_t now_utc_us;
	bool changed; /* since the last tick */
	int64_t tick_at_us;
	bool heartbeats; /* somebody asked for them */
	bool joined;     /* and waits for one */
	bool health;     /* somebody asked for that */
	bool logs;       /* and for this */
	uint64_t log;    /* as told last */
	int64_t heartbeat_at_us;
	int64_t heartbeat_last_us;
	char trouble[RACE_MORE_MAX + 1]; /* as told last */
	uint64_t snapshots;
};

/* ---- slots ---- */

static void
slots_add(struct slots *s, uint32_t slot)
{
	if (slot >= s->in_cap) {
		size_t before = s->in_cap;

		s->in = xgrow(s->in, &s->in_cap, slot, sizeof *s->in);
		memset(s->in + before, 0, (s->in_cap - before) * sizeof *s->in);
	}
	if (s->in[slot])
		return;
	s->in[slot] = true;
	s->list = xgrow(s->list, &s->cap, s->count, sizeof *s->list);
	s->list[s->count++] = slot;
}

static void
slots_clear(struct slots *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->in[s->list[i]] = false;
	s->count = 0;
}

/* ---- rows as they are now ---- */

static void
copies_clear(struct copies *c)
{
	c->row_count = 0;
	c->entry_count = 0;
	c->gone_count = 0;
	c->split_count = 0;
	c->text_len = 0;
}

static size_t
copy_text(struct copies *c, const char *s)
{
	size_t at = c->text_len;
	size_t len = strlen(s) + 1;

	c->text = xgrow(c->text, &c->text_cap, at + len - 1, 1);
	memcpy(c->text + at, s, len);
	c->text_len += len;
	return at;
}

static void
add_row(struct copies *c, const struct race_row *row)
{
	size_t n = row->split_count;

	c->rows = xgrow(c->rows, &c->row_cap, c->row_count, sizeof *c->rows);
	c->label_at = xgrow(c->label_at, &c->label_cap, c->row_count,
	    sizeof *c->label_at);
	c->label_at[c->row_count] = copy_text(c, row->label);
	c->why_at =
	    xgrow(c->why_at, &c->why_cap, c->row_count, sizeof *c->why_at);
	c->why_at[c->row_count] =
	    row->why != NULL ? copy_text(c, row->why) : SIZE_MAX;
	if (n > 0) {
		c->splits = xgrow(c->splits, &c->split_cap,
		    c->split_count + n - 1, sizeof *c->splits);
		memcpy(c->splits + c->split_count, row->splits,
		    n * sizeof *c->splits);
		c->split_count += n;
	}
	c->rows[c->row_count++] = *row;
}

static void
add_gone(struct copies *c, const char *label)
{
	c->gone = xgrow(c->gone, &c->gone_cap, c->gone_count, sizeof *c->gone);
	c->gone_at = xgrow(c->gone_at, &c->gone_at_cap, c->gone_count,
	    sizeof *c->gone_at);
	c->gone_at[c->gone_count++] = copy_text(c, label);
}

/* The pools have stopped moving. */
static void
copies_fix(struct copies *c)
{
	size_t split = 0;

	for (size_t i = 0; i < c->row_count; i++) {
		size_t why = c->why_at[i];

		c->rows[i].label = c->text + c->label_at[i];
		c->rows[i].why = why != SIZE_MAX ? c->text + why : NULL;
		c->rows[i].splits =
		    c->rows[i].split_count > 0 ? c->splits + split : NULL;
		split += c->rows[i].split_count;
	}
	for (size_t i = 0; i < c->gone_count; i++)
		c->gone[i] = c->text + c->gone_at[i];
}

/* ---- where views come from ---- */

static bool
ranking_add(struct feed *f, const struct view *v, uint32_t slot)
{
	struct race_row row;
	bool is = rank_row(f->book->rank, v->ranking, slot, &row);

	if (is)
		add_row(&f->copies, &row);
	else
		add_gone(&f->copies, row.label);
	return is;
}

static size_t
ranking_take(struct feed *f, const struct view *v, uint32_t *slots, size_t cap)
{
	return rank_take_changes(f->book->rank, v->ranking, slots, cap);
}

static uint64_t
ranking_digest(struct feed *f, const struct view *v)
{
	return rank_digest(f->book->rank, v->ranking);
}

static size_t
ranking_count(struct feed *f, const struct view *v)
{
	return rank_count(f->book->rank, v->ranking);
}

static size_t
ranking_slots(struct feed *f, const struct view *v)
{
	return rank_slots(f->book->rank, v->ranking);
}

static void
ranking_outlook(struct feed *f, const struct view *v, struct race_outlook *out)
{
	book_outlook(f->book, v->ranking, out);
}

static const struct source ranking_source = { ranking_add, ranking_take,
	ranking_digest, ranking_count, ranking_slots, ranking_outlook };

static bool
table_add(struct feed *f, const struct view *v, uint32_t slot)
{
	struct race_row row;
	bool is = tally_row(v->tally, slot, &row);

	if (is)
		add_row(&f->copies, &row);
	else
		add_gone(&f->copies, row.label);
	return is;
}

static size_t
table_take(struct feed *f, const struct view *v, uint32_t *slots, size_t cap)
{
	(void)f;
	return tally_take_changes(v->tally, slots, cap);
}

static uint64_t
table_digest(struct feed *f, const struct view *v)
{
	(void)f;
	return tally_digest(v->tally);
}

static size_t
table_count(struct feed *f, const struct view *v)
{
	(void)f;
	return tally_count(v->tally);
}

static size_t
table_slots(struct feed *f, const struct view *v)
{
	(void)f;
	return tally_slots(v->tally);
}

static void
table_outlook(struct feed *f, const struct view *v, struct race_outlook *out)
{
	(void)f;
	tally_outlook(v->tally, out);
}

static const struct source table_source = { table_add, table_take, table_digest,
	table_count, table_slots, table_outlook };

static bool
roster_add(struct feed *f, const struct view *v, uint32_t slot)
{
	struct copies *c = &f->copies;
	const char *bib;
	const struct race_entry *entry = roster_at(f->book->roster, slot, &bib);

	(void)v;
	if (entry == NULL) {
		add_gone(c, bib);
		return false;
	}
	c->entries = xgrow(c->entries, &c->entry_cap, c->entry_count,
	    sizeof *c->entries);
	c->entries[c->entry_count++] = *entry;
	return true;
}

static size_t
roster_take(struct feed *f, const struct view *v, uint32_t *slots, size_t cap)
{
	(void)v;
	return roster_take_changes(f->book->roster, slots, cap);
}

static uint64_t
roster_sum(struct feed *f, const struct view *v)
{
	(void)v;
	return roster_digest(f->book->roster);
}

static size_t
roster_entries(struct feed *f, const struct view *v)
{
	(void)v;
	return roster_count(f->book->roster);
}

static size_t
roster_places(struct feed *f, const struct view *v)
{
	(void)v;
	return roster_slots(f->book->roster);
}

/* It has no places. */
static void
no_outlook(struct feed *f, const struct view *v, struct race_outlook *out)
{
	(void)f;
	(void)v;
	*out = (struct race_outlook){ .open = false };
}

static const struct source roster_source = { roster_add, roster_take,
	roster_sum, roster_entries, roster_places, no_outlook };

static uint64_t
digest(struct feed *f, const struct view *v)
{
	return v->source->digest(f, v);
}

static struct race_outlook
outlook(struct feed *f, const struct view *v)
{
	struct race_outlook o;

	v->source->outlook(f, v, &o);
	return o;
}

/* ---- deltas ---- */

static size_t
gone_bound(const char *label)
{
	return strlen(label) + 16;
}

/* The i-th of all that is to be told: rows, then entries, then those gone. */
static size_t
item_bound(const struct copies *c, size_t i)
{
	if (i < c->row_count)
		return wire_row_bound(&c->rows[i]);
	i -= c->row_count;
	if (i < c->entry_count)
		return wire_entry_bound(&c->entries[i]);
	return gone_bound(c->gone[i - c->entry_count]);
}

static void
add_item(struct part *p, const struct copies *c, size_t i)
{
	if (i < c->row_count)
		p->rows++;
	else if (i - c->row_count < c->entry_count)
		p->entries++;
	else
		p->gone++;
}

static void
add_part(struct feed *f, size_t *count, const struct part *p)
{
	f->parts = xgrow(f->parts, &f->part_cap, *count, sizeof *f->parts);
	f->parts[(*count)++] = *p;
}

/* Cuts the copies into parts; returns how many. */
static size_t
cut(struct feed *f)
{
	const struct copies *c = &f->copies;
	size_t all = c->row_count + c->entry_count + c->gone_count;
	struct part part = { 0 };
	size_t left = PART_BYTES;
	size_t first = 0;
	size_t count = 0;

	for (size_t i = 0; i < all; i++) {
		size_t size = item_bound(c, i);

		if (i > first && size > left) {
			add_part(f, &count, &part);
			part = (struct part){ 0 };
			left = PART_BYTES;
			first = i;
		}
		add_item(&part, c, i);
		left -= size < left ? size : left;
	}
	add_part(f, &count, &part);
	return count;
}

static void
publish(struct feed *f, struct view *v, const char *topic, uint64_t from,
    const uint32_t *slots, size_t count)
{
	struct copies *c = &f->copies;
	struct message m = { .type = MESSAGE_DELTA,
		.delta = { .store = f->store,
		    .run = f->run,
		    .view = v->name,
		    .from = from,
		    .to = v->seq,
		    .as_of_us = book_as_of(f->book),
		    .sent_us = f->now_utc_us } };
	struct part told = { 0 };
	size_t parts;

	copies_clear(c);
	for (size_t i = 0; i < count; i++)
		(void)v->source->add(f, v, slots[i]);
	copies_fix(c);
	parts = cut(f);
	m.delta.digest = digest(f, v);
	m.delta.outlook = outlook(f, v);
	m.delta.parts = (uint32_t)parts;
	for (size_t i = 0; i < parts; i++) {
		const struct part *p = &f->parts[i];

		m.delta.rows = p->rows > 0 ? c->rows + told.rows : NULL;
		m.delta.entries =
		    p->entries > 0 ? c->entries + told.entries : NULL;
		m.delta.gone = p->gone > 0 ? c->gone + told.gone : NULL;
		m.delta.part = (uint32_t)i;
		m.delta.row_count = p->rows;
		m.delta.entry_count = p->entries;
		m.delta.gone_count = p->gone;
		f->ops->publish(f->arg, topic, &m);
		told.rows += p->rows;
		told.entries += p->entries;
		told.gone += p->gone;
	}
}

/*
 * Takes what changed in the view since it was last settled, and tells the
 * commit tier.  Done whenever its seq or a row of it is about to be told, so
 * that seq, rows and digest belong together; not before, so that a view that
 * nobody looks at costs nothing.
 */
static void
settle(struct feed *f, struct view *v)
{
	size_t count = 0;
	size_t n;

	do {
		f->taken = xgrow(f->taken, &f->taken_cap, count + TAKE - 1,
		    sizeof *f->taken);
		n = v->source->take(f, v, f->taken + count, TAKE);
		count += n;
	} while (n > 0);
	if (count == 0)
		return;
	v->seq++;
	if (v->ticks)
		for (size_t i = 0; i < count; i++)
			slots_add(&v->merged, f->taken[i]);
	if (v->commits)
		publish(f, v, v->commit_topic, v->seq - 1, f->taken, count);
}

static void
tick(struct feed *f, struct view *v)
{
	if (!v->ticks)
		return;
	settle(f, v);
	if (v->ticked == v->seq)
		return;
	publish(f, v, v->tick_topic, v->ticked, v->merged.list,
	    v->merged.count);
	slots_clear(&v->merged);
	v->ticked = v->seq;
}

/* No row tells that a ranking was published: a heartbeat does, soon. */
static void
look_for_news(struct feed *f)
{
	for (size_t i = 0; i < f->view_count; i++) {
		struct view *v = &f->views[i];
		int64_t since_us;

		(void)rulings_published(f->book->rulings, v->name, &since_us);
		if (since_us == v->since_us)
			continue;
		v->since_us = since_us;
		f->joined = true;
	}
}

static void
heartbeat(struct feed *f, int64_t now_us, uint64_t log, const char *trouble)
{
	for (size_t i = 0; i < f->view_count; i++) {
		struct view *v = &f->views[i];

		settle(f, v);
		f->states[i] = (struct message_view_state){
			.view = v->name,
			.seq = v->seq,
			.digest = digest(f, v),
			.rows = (uint32_t)v->source->count(f, v),
			.outlook = outlook(f, v),
		};
	}
	f->ops->publish(f->arg, "h/",
	    &(struct message){ .type = MESSAGE_HEARTBEAT,
	        .heartbeat = { .store = f->store,
	            .run = f->run,
	            .now_us = f->now_utc_us,
	            .as_of_us = book_as_of(f->book),
	            .log = log,
	            .views = f->states,
	            .view_count = f->view_count,
	            .trouble = trouble } });
	snprintf(f->trouble, sizeof f->trouble, "%s", trouble);
	f->joined = false;
	f->heartbeat_last_us = now_us;
	f->heartbeat_at_us = now_us + heartbeat_us;
}

/* ---- life ---- */

static void
view_init(struct view *v, const char *name, const struct source *source)
{
	v->name = name;
	v->source = source;
	v->since_us = RACE_NO_TIME;
	snprintf(v->commit_topic, sizeof v->commit_topic, "c/%s\n", name);
	snprintf(v->tick_topic, sizeof v->tick_topic, "t/%s\n", name);
}

static void
make_views(struct feed *f, const struct feed_sources *s)
{
	const struct race_rules *rules = s->book->rules;
	struct view *v;

	f->view_count = rules->ranking_count + s->table_count + 1;
	f->views = v = xcalloc(f->view_count, sizeof *f->views);
	for (size_t i = 0; i < rules->ranking_count; i++, v++) {
		view_init(v, rules->rankings[i].name, &ranking_source);
		v->ranking = i;
	}
	for (size_t i = 0; i < s->table_count; i++, v++) {
		view_init(v, s->tables[i].name, &table_source);
		v->tally = s->tables[i].tally;
	}
	view_init(v, MESSAGE_ROSTER, &roster_source);
}

struct feed *
feed_new(uint64_t store, uint64_t run, const struct feed_sources *sources,
    const struct feed_ops *ops, void *arg)
{
	struct feed *f = xcalloc(1, sizeof *f);

	f->book = sources->book;
	f->ops = ops;
	f->arg = arg;
	f->store = store;
	f->run = run;
	make_views(f, sources);
	f->states = xcalloc(f->view_count, sizeof *f->states);
	f->tick_at_us = INT64_MIN;
	f->heartbeat_at_us = INT64_MIN;
	f->heartbeat_last_us = INT64_MIN / 2;
	/* What is there at the start is seq 1.  Its digest is made now: that of
	 * a million entries takes seconds, and the first display would wait
	 * for them, and with it every collector. */
	for (size_t i = 0; i < f->view_count; i++) {
		settle(f, &f->views[i]);
		(void)digest(f, &f->views[i]);
		f->views[i].seq = 1;
	}
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->view_count; i++) {
		free(f->views[i].merged.list);
		free(f->views[i].merged.in);
	}
	free(f->views);
	free(f->states);
	free(f->parts);
	free(f->taken);
	free(f->copies.rows);
	free(f->copies.label_at);
	free(f->copies.why_at);
	free(f->copies.splits);
	free(f->copies.text);
	free(f->copies.entries);
	free(f->copies.gone);
	free(f->copies.gone_at);
	free(f);
}

/* ---- subscriptions ---- */

/* Subscriptions are prefixes: "c/" is one for every view. */
static bool
covers(const char *subscription, size_t len, const char *topic)
{
	return len <= strlen(topic) && memcmp(subscription, topic, len) == 0;
}

/* Its first delta begins where the view is now. */
static void
start_ticks(struct feed *f, struct view *v)
{
	if (v->ticks)
		return;
	settle(f, v);
	v->ticked = v->seq;
	v->ticks = true;
}

static void
start_commits(struct feed *f, struct view *v)
{
	if (v->commits)
		return;
	settle(f, v);
	v->commits = true;
}

void
feed_subscribed(struct feed *f, const char *topic, size_t len)
{
	if (covers(topic, len, "h/")) {
		f->heartbeats = true;
		f->joined = true;
	}
	f->health |= covers(topic, len, FEED_HEALTH);
	f->logs |= covers(topic, len, "l/");
	for (size_t i = 0; i < f->view_count; i++) {
		struct view *v = &f->views[i];
		bool commits = covers(topic, len, v->commit_topic);
		bool ticks = covers(topic, len, v->tick_topic);

		if (commits)
			start_commits(f, v);
		if (ticks)
			start_ticks(f, v);
		/* Whoever joins a view waits for a heartbeat to begin. */
		f->joined |= commits || ticks;
	}
}

/* ---- turns ---- */

void
feed_commit(struct feed *f, int64_t now_utc_us)
{
	f->now_utc_us = now_utc_us;
	f->changed = true;
	look_for_news(f);
	for (size_t i = 0; i < f->view_count; i++)
		if (f->views[i].commits)
			settle(f, &f->views[i]);
}

static int64_t
heartbeat_due_us(const struct feed *f)
{
	int64_t soon = f->heartbeat_last_us + joined_us;

	if (!f->heartbeats)
		return never_us;
	if (f->joined && soon < f->heartbeat_at_us)
		return soon;
	return f->heartbeat_at_us;
}

static bool
ticking(const struct feed *f)
{
	for (size_t i = 0; f->changed && i < f->view_count; i++)
		if (f->views[i].ticks)
			return true;
	return false;
}

/* Whoever follows the log asks for it then; it is not sent to all of them, for
 * who has been away needs more of it. */
static void
tell_log(struct feed *f, uint64_t log)
{
	f->ops->publish(f->arg, "l/",
	    &(struct message){ .type = MESSAGE_LOG_REPLY,
	        .log_reply = { .store = f->store,
	            .run = f->run,
	            .log = log } });
	f->log = log;
}

void
feed_turn(struct feed *f, int64_t now_us, int64_t now_utc_us, uint64_t log,
    const char *trouble)
{
	f->now_utc_us = now_utc_us;
	if (f->logs && log != f->log)
		tell_log(f, log);
	if (f->changed && now_us >= f->tick_at_us) {
		for (size_t i = 0; i < f->view_count; i++)
			tick(f, &f->views[i]);
		f->changed = false;
		f->tick_at_us = now_us + tick_us;
	}
	if (now_us >= heartbeat_due_us(f) ||
	    (f->heartbeats && strcmp(trouble, f->trouble) != 0))
		heartbeat(f, now_us, log, trouble);
}

int64_t
feed_deadline(const struct feed *f, int64_t now_us)
{
	int64_t at_us = heartbeat_due_us(f);

	if (ticking(f) && f->tick_at_us < at_us)
		at_us = f->tick_at_us;
	return at_us < now_us ? now_us : at_us;
}

bool
feed_health(const struct feed *f)
{
	return f->health;
}

/* ---- snapshots ---- */

static struct view *
find(struct feed *f, const char *name)
{
	for (size_t i = 0; i < f->view_count; i++)
		if (strcmp(f->views[i].name, name) == 0)
			return &f->views[i];
	return NULL;
}

static size_t
last_bound(const struct copies *c)
{
	if (c->row_count > 0)
		return wire_row_bound(&c->rows[c->row_count - 1]);
	return wire_entry_bound(&c->entries[c->entry_count - 1]);
}

/* Fills the copies from slot `first`; returns where the next page begins, 0
 * after the last. */
static uint32_t
fill_page(struct feed *f, const struct view *v, size_t first)
{
	struct copies *c = &f->copies;
	size_t slots = v->source->slots(f, v);
	size_t left = PART_BYTES;

	copies_clear(c);
	for (size_t i = first; i < slots; i++) {
		size_t count = c->row_count + c->entry_count;
		size_t size;

		if (count == FEED_PAGE_ROWS || i - first == PAGE_SLOTS)
			return (uint32_t)i;
		if (!v->source->add(f, v, (uint32_t)i))
			continue;
		size = last_bound(c);
		if (count > 0 && size > left) {
			/* It opens the next page. */
			if (c->entry_count > 0)
				c->entry_count--;
			else
				c->row_count--;
			return (uint32_t)i;
		}
		left -= size < left ? size : left;
	}
	return 0;
}

void
feed_snapshot(struct feed *f, const struct message_snapshot_request *req,
    struct message *out)
{
	struct copies *c = &f->copies;
	struct view *v = find(f, req->view);
	uint32_t next;

	if (v == NULL) {
		*out = (struct message){ .type = MESSAGE_REFUSE,
			.refuse = { .why = MESSAGE_WHY_NOT_HELD,
			    .text = "there is no ranking of that name",
			    .seq = req->request } };
		return;
	}
	settle(f, v);
	next = fill_page(f, v, req->first);
	copies_fix(c);
	if (req->first == 0)
		f->snapshots++;
	*out = (struct message){ .type = MESSAGE_SNAPSHOT_PAGE,
		.snapshot_page = { .request = req->request,
		    .store = f->store,
		    .run = f->run,
		    .view = v->name,
		    .seq = v->seq,
		    .first = req->first,
		    .next = next,
		    .as_of_us = book_as_of(f->book),
		    .digest = digest(f, v),
		    .outlook = outlook(f, v),
		    .rows = c->rows,
		    .row_count = c->row_count,
		    .entries = c->entries,
		    .entry_count = c->entry_count } };
}

uint64_t
feed_snapshots(const struct feed *f)
{
	return f->snapshots;
}
