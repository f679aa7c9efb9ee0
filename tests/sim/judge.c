#include "sim/judge.h"

#include <string.h>

#include "common/xalloc.h"
#include "race/rank/clocks.h"
#include "sim/cluster.h"
#include "support/test.h"

static struct race_wave waves[] = { { .name = (char[]){ "w" },
    .gun_us = SIM_WALL_US } };

static struct race_point points[] = {
	{ .name = (char[]){ "p0" }, .metres = 0 },
	{ .name = (char[]){ "p1" }, .metres = 4000 },
	{ .name = (char[]){ "p2" }, .metres = 8000 },
};

#define RANKING(n, s, ...)                                                     \
	{                                                                      \
		.name = (char[]){ n }, .sex = (char[]){ s },                   \
		.category = (char[]){ "" }, .team = (char[]){ "" },            \
		.wave = (char[]){ "" }, __VA_ARGS__                            \
	}

static struct race_ranking rankings[] = {
	RANKING("finish", "", .at = 2),
	RANKING("live", "", .at = RACE_LIVE, .by = RACE_BY_NET),
	RANKING("teams", "", .of = RACE_TEAMS, .at = 2, .best = 3),
	RANKING("km", "", .of = RACE_TEAMS, .at = 2, .score = RACE_SCORE_KM,
	    .best = 3),
	RANKING("women", "F", .at = 2, .by = RACE_BY_KM),
	RANKING("first", "", .at = 1, .ties = RACE_TIES_ORDER),
	RANKING("sides", "", .of = RACE_TEAMS, .at = 2, .best = 2, .women = 1,
	    .sides = 3),
	RANKING("places", "", .of = RACE_TEAMS, .at = 2,
	    .score = RACE_SCORE_PLACES, .best = 2),
};

static const struct race_rules rules = {
	.title = (char[]){ "sim" },
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "UTC" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 3,
	.rankings = rankings,
	.ranking_count = sizeof rankings / sizeof *rankings,
};

/* ---- the store against the outboxes ---- */

/* What a stream's rows have to be. */
struct source {
	uint64_t epoch;
	const struct sim_body
	    *bodies;    /* NULL: entries.csv, which is not kept */
	uint64_t least; /* that many are there */
	uint64_t most;
	uint64_t seen;
};

/* Nothing was added to the copy. */
static bool
is_old(const struct sim_box *gone, const struct sim_box *box)
{
	if (gone->epoch != box->epoch || gone->durable < box->durable)
		return false;
	/* The chain carries a difference on. */
	return box->durable == 0 ||
	    gone->events[box->durable - 1].chain ==
	    box->events[box->durable - 1].chain;
}

/* Of an outbox that was refused as an old copy the aggregator has what the one
 * had that is gone: all that was acknowledged, perhaps more. */
static struct source
source_of(const struct sim_collector *n, const struct sim_box *box)
{
	const struct sim_image *image = &n->image;

	if (box->refused)
		return (struct source){ .epoch = box->epoch,
			.bodies = image->gone.events,
			.least = image->stored,
			.most = image->gone.durable };
	/* Put aside before anybody could tell that it was an old copy: the
	 * aggregator has all of it, and what the other one had sent. */
	if (box->archived && image->used && is_old(&image->gone, box))
		return (struct source){ .epoch = box->epoch,
			.bodies = image->gone.events,
			.least = image->stored > box->durable ? image->stored
			                                      : box->durable,
			.most = image->gone.durable };
	SIM_HOLDS(!image->used || image->gone.epoch != box->epoch ||
	        image->stored <= image->box.durable,
	    "an old copy of an outbox is refused where the aggregator has more "
	    "of it: it has %llu, the copy has %zu",
	    (unsigned long long)image->stored, image->box.durable);
	return (struct source){ .epoch = box->epoch,
		.bodies = box->events,
		.least = box->durable,
		.most = box->durable };
}

/* All streams there may be; returns how many. */
static size_t
list_sources(const struct cluster *c, struct source out[SIM_STREAMS_MAX])
{
	size_t count = 0;

	out[count++] = (struct source){ .epoch = SIM_STORE_ID,
		.least = c->plan.runners,
		.most = c->plan.runners };
	for (unsigned i = c->plan.copied ? 2 : 0; i < c->plan.collectors; i++)
		for (size_t k = 0; k < c->collectors[i].box_count; k++)
			out[count++] = source_of(&c->collectors[i],
			    &c->collectors[i].boxes[k]);
	for (size_t i = 0; i < c->command_count; i++) {
		const struct sim_command *m = &c->commands[i];

		out[count++] = (struct source){ .epoch = m->epoch,
			.bodies = m->events,
			.least = m->owed,
			.most = m->count };
	}
	return count;
}

static struct source *
find_source(struct source *sources, size_t count, uint64_t epoch)
{
	for (size_t i = 0; i < count; i++)
		if (sources[i].epoch == epoch)
			return &sources[i];
	return NULL;
}

static void
check_row(struct source *s, const struct sim_row *row)
{
	const struct sim_body *want;

	SIM_HOLDS(row->seq == s->seen + 1,
	    "nothing is stored twice nor out of order: stream %llu, %llu after "
	    "%llu",
	    (unsigned long long)s->epoch, (unsigned long long)row->seq,
	    (unsigned long long)s->seen);
	SIM_HOLDS(row->seq <= s->most, "nothing is stored that was not sent");
	s->seen++;
	if (s->bodies == NULL)
		return;
	want = &s->bodies[row->seq - 1];
	SIM_HOLDS(row->body.len == want->len &&
	        memcmp(row->body.data, want->data, want->len) == 0,
	    "stored byte for byte: event %llu of stream %llu",
	    (unsigned long long)row->seq, (unsigned long long)s->epoch);
}

/* The store is the union of the outboxes, no more, no less. */
static void
check_union(const struct cluster *c)
{
	const struct sim_aggregator *a = &c->aggregator;
	struct source sources[SIM_STREAMS_MAX];
	size_t count = list_sources(c, sources);

	for (size_t k = 0; k < a->saved.log_count; k++) {
		const struct sim_row *row = &a->log[k];
		uint64_t epoch = a->now.streams[row->stream].epoch;
		struct source *s = find_source(sources, count, epoch);

		if (s == NULL && c->plan.copied)
			continue;
		SIM_HOLDS(s != NULL, "every row is of a stream that there is");
		check_row(s, row);
	}
	for (size_t i = 0; i < count; i++)
		SIM_HOLDS(sources[i].seen >= sources[i].least,
		    "nothing is lost: stream %llu, %llu of %llu stored",
		    (unsigned long long)sources[i].epoch,
		    (unsigned long long)sources[i].seen,
		    (unsigned long long)sources[i].least);
	for (size_t i = 0; i < count; i++)
		verdict_count(SIM_ACCEPTED,
		    sources[i].least == sources[i].most ? sources[i].least
		                                        : sources[i].seen);
	verdict_count(SIM_STORED, a->saved.log_count);
}

/* What is stored of a stream is the beginning of this outbox. */
static bool
is_prefix(const struct sim_aggregator *a, const struct sim_box *box)
{
	size_t seen = 0;

	for (size_t k = 0; k < a->saved.log_count; k++) {
		const struct sim_row *row = &a->log[k];

		if (a->now.streams[row->stream].epoch != box->epoch)
			continue;
		if (seen >= box->durable ||
		    row->chain != box->events[seen].chain)
			return false;
		seen++;
	}
	return true;
}

/* Of two copies of an outbox one is stored, and somebody is told. */
static void
check_copies(const struct cluster *c)
{
	SIM_HOLDS(is_prefix(&c->aggregator, &c->collectors[0].boxes[0]) !=
	        is_prefix(&c->aggregator, &c->collectors[1].boxes[0]),
	    "of two copies of an outbox one is stored");
	SIM_HOLDS(c->refused > 0 && c->conflicts > 0,
	    "of two copies of an outbox somebody is told");
}

/* ---- the clocks against the truth ---- */

static const struct sim_body *
body_of(const struct cluster *c, struct race_id id)
{
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		const struct sim_collector *n = &c->collectors[i];

		for (size_t k = 0; k < n->box_count; k++) {
			const struct sim_box *box = &n->boxes[k];

			if (box->epoch == id.stream)
				return source_of(n, box).bodies + id.seq - 1;
		}
	}
	return NULL;
}

static bool
is_stamped(const struct cluster *c, const struct model_event *e)
{
	const struct sim_body *body = body_of(c, e->id);

	return body != NULL && body->true_us != RACE_NO_TIME;
}

static void
unmoved(void *arg, uint32_t read)
{
	(void)arg;
	(void)read;
}

static void
check_moment(const struct model_event *e, const struct clocks_moment *m,
    int64_t true_us)
{
	/* All clocks are read in whole microseconds. */
	int64_t bound_us = m->bound_us + 2;

	if (m->bound_us == 0)
		return;
	SIM_HOLDS(llabs(m->time_us - true_us) <= bound_us,
	    "a corrected time is right within its bound: event %llu of stream "
	    "%llu is %lld us off, the bound is %lld",
	    (unsigned long long)e->id.seq, (unsigned long long)e->id.stream,
	    (long long)(m->time_us - true_us), (long long)m->bound_us);
	verdict_count(SIM_STAMPED, 1);
	if (llabs(e->event.crossing.time_us - true_us) > bound_us)
		verdict_count(SIM_CORRECTED, 1);
}

/* What laptops have stamped was when it was by the aggregator's clock, whatever
 * theirs did.  Nothing can be said if that one was set itself. */
static void
check_clocks(const struct cluster *c, const struct model_event *events,
    size_t count)
{
	struct clocks *clocks = clocks_new();
	uint32_t *stamps = xcalloc(count, sizeof *stamps);

	for (size_t i = 0; i < count; i++) {
		const struct model_event *e = &events[i];

		if (e->event.kind == RACE_CLOCK)
			clocks_estimate(clocks, e->id, &e->event.clock, unmoved,
			    NULL);
		else if (is_stamped(c, e))
			stamps[i] = clocks_stamp(clocks, e->id.stream,
			    &e->event.crossing, 0);
	}
	for (size_t i = 0; i < count; i++) {
		struct clocks_moment m;

		if (!is_stamped(c, &events[i]))
			continue;
		m = clocks_moment(clocks, stamps[i]);
		check_moment(&events[i], &m, body_of(c, events[i].id)->true_us);
	}
	free(stamps);
	clocks_free(clocks);
}

/* ---- the rankings against the model ---- */

/* The durable events; in *arena, all of them. */
static struct model_event *
decode_all(const struct cluster *c, struct wire_arena *arena)
{
	const struct sim_aggregator *a = &c->aggregator;
	struct model_event *events =
	    xcalloc(a->saved.log_count, sizeof *events);

	for (size_t i = 0; i < a->saved.log_count; i++) {
		const struct sim_row *row = &a->log[i];

		events[i].id.stream = a->now.streams[row->stream].epoch;
		events[i].id.seq = row->seq;
		SIM_HOLDS(wire_get_event(arena, row->body.data, row->body.len,
		              &events[i].event) == 0,
		    "every stored event can be decoded");
	}
	return events;
}

static void
shuffle(struct cluster *c, struct model_event *events, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = sim_below(c, i);
		struct model_event e = events[j];

		events[j] = events[i - 1];
		events[i - 1] = e;
	}
}

static bool
same_line(const struct rank_standing *s, const struct model_line *l)
{
	return strcmp(s->row.label, l->label) == 0 &&
	    s->row.status == l->status && s->row.sort.group == l->group &&
	    s->row.elapsed_us == l->elapsed_us && s->row.metres == l->metres &&
	    s->row.point == l->point && s->row.counted == l->counted &&
	    s->row.finishers == l->finishers && s->row.women == l->women &&
	    s->row.men == l->men && s->row.places == l->places &&
	    s->place == l->place && s->tied == l->tied &&
	    s->row.split_count == l->split_count &&
	    s->row.bound_us == l->bound_us && s->row.clock == l->clock &&
	    (l->split_count == 0 ||
	        memcmp(s->row.splits, l->splits,
	            l->split_count * sizeof *l->splits) == 0);
}

static void
check_ranking(struct rank *r, size_t v, const struct model_line *lines,
    size_t count)
{
	struct rank_standing *rows = xcalloc(count + 1, sizeof *rows);

	SIM_HOLDS(rank_count(r, v) == count &&
	        rank_rows(r, v, 0, rows, count + 1) == count,
	    "%s has the %zu rows of the model", rankings[v].name, count);
	for (size_t i = 0; i < count; i++)
		SIM_HOLDS(same_line(&rows[i], &lines[i]),
		    "row %zu of %s is the model's: %s %u, %s %u", i,
		    rankings[v].name, rows[i].row.label, rows[i].place,
		    lines[i].label, lines[i].place);
	free(rows);
}

static void
check_board(const struct sim_display *d, const struct model_line *lines,
    size_t count)
{
	struct board *board = replica_board(d->board);

	SIM_HOLDS(board_count(board) == count,
	    "display %u shows the %zu rows of the model", d->index, count);
	for (size_t i = 0; i < count; i++) {
		struct board_line line;

		SIM_HOLDS(board_line(board, i, &line) == 0 &&
		        strcmp(line.row.label, lines[i].label) == 0 &&
		        line.place == lines[i].place &&
		        line.tied == lines[i].tied &&
		        line.row.elapsed_us == lines[i].elapsed_us,
		    "line %zu of display %u is the model's: %s, %s", i,
		    d->index, line.row.label, lines[i].label);
	}
}

static bool
is_shown(const struct cluster *c, size_t v)
{
	for (unsigned d = 0; d < c->plan.displays; d++)
		if (d % rules.ranking_count == v)
			return true;
	return false;
}

/* The model takes its time: it looks at what somebody is shown. */
static void
check_view(struct cluster *c, const struct model_event *events, size_t count,
    size_t v)
{
	struct model_line *lines;
	size_t rows;

	if (!is_shown(c, v))
		return;
	rows = model_rows(&rules, events, count, v, &lines);
	check_ranking(c->aggregator.book->rank, v, lines, rows);
	for (unsigned d = 0; d < c->plan.displays; d++)
		if (d % rules.ranking_count == v)
			check_board(&c->displays[d], lines, rows);
	free(lines);
}

/* As it was built, and of the same events in another order. */
static void
check_rankings(struct cluster *c)
{
	struct wire_arena *arena = wire_arena_new();
	struct model_event *events = decode_all(c, arena);
	size_t count = c->aggregator.saved.log_count;
	struct book *fresh = book_new(&rules, SIM_STORE_ID);

	shuffle(c, events, count);
	if (!c->set && !c->plan.copied)
		check_clocks(c, events, count);
	for (size_t i = 0; i < count; i++)
		SIM_HOLDS(book_apply(fresh, events[i].id, &events[i].event) ==
		        0,
		    "no event is stored twice");
	for (size_t v = 0; v < rules.ranking_count; v++) {
		check_view(c, events, count, v);
		SIM_HOLDS(rank_digest(fresh->rank, v) ==
		        rank_digest(c->aggregator.book->rank, v),
		    "%s has one digest, whatever the order of events",
		    rankings[v].name);
	}
	SIM_HOLDS(roster_digest(fresh->roster) ==
	        roster_digest(c->aggregator.book->roster),
	    "the roster has one digest, whatever the order of events");
	book_free(fresh);
	free(events);
	wire_arena_free(arena);
}

void
judge(const struct sim_plan *plan)
{
	struct cluster c;

	cluster_open(&c, plan, &rules);
	cluster_storm(&c);
	cluster_heal(&c);
	check_union(&c);
	if (plan->copied)
		check_copies(&c);
	check_rankings(&c);
	cluster_close(&c);
	verdict_count(SIM_SCENARIOS, 1);
}
