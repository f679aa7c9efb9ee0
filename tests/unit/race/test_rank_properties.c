#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/book.h"
#include "race/row.h"
#include "support/model.h"
#include "support/plain.h"

/* ---- random races ---- */

enum { EVENTS_MAX = 6000, CHIPS = 2 };

#define BASE_US INT64_C(1400000000000000)
/* Few different times, so that many are equal; not a divisor of a second. */
#define STEP_US INT64_C(300000)
/* When the laptops were switched on. */
#define BOOT_US (BASE_US - INT64_C(1000000000))

struct race {
	uint64_t *random;
	unsigned runners;
	uint64_t times; /* how many different ones there are */
	int64_t step_us;
	uint64_t listed;   /* percent of crossings: bibs listed apart */
	uint64_t measured; /* percent of crossings: by a clock that is */
	uint64_t decided; /* percent of crossings: an operator says something */
	struct race_wave waves[3];
	struct race_point points[5];
	struct race_ranking rankings[12];
	struct race_category categories[2];
	struct race_alias aliases[2];
	struct race_rules rules;
	struct model_event events[EVENTS_MAX];
	size_t count;
	uint64_t streams[5]; /* three collectors, an operator, entries.csv */
	uint64_t seqs[5];
	char bibs[400][8];
	char chips[400][8];
	const char *chips_of[EVENTS_MAX][CHIPS];
	struct race_decision decisions[EVENTS_MAX];
	char text[64];
};

static uint64_t
below(struct race *race, uint64_t n)
{
	return test_below(race->random, n);
}

static bool
chance(struct race *race, uint64_t percent)
{
	return below(race, 100) < percent;
}

static const char *
one_of(struct race *race, const char *const *words, size_t count)
{
	return words[below(race, count)];
}

static const char *const sexes[] = { "", "F", "M", "X" };
static const char *const categories[] = { "", "S", "V1" };
static const char *const births[] = { "", "1990", "1960-05-13", "1974-05-14" };
static const char *const teams[] = { "", "Axa", "Orange", "9", "10", "Été" };
static const char *const wave_names[] = { "masse", "handi", "elite" };
static const char *const point_names[] = { "p0", "p1", "p2", "p3", "p4" };
/* The third is a point of its own if there are five; one is of two points. */
static const char *const backup_names[] = { "p0b", "p1b", "p4", "p3b", "p1b" };
static const char *const ranking_names[] = { "r0", "r1", "r2", "r3", "r4", "r5",
	"r6", "r7", "r8", "r9", "r10", "r11" };

#define ONE_OF(race, words) one_of(race, words, sizeof(words) / sizeof *(words))

static int64_t
some_time(struct race *race)
{
	return BASE_US + (int64_t)below(race, race->times) * race->step_us;
}

static void
make_ranking(struct race *race, size_t i)
{
	race->rankings[i] = (struct race_ranking){
		.name = plain_text(ranking_names[i]),
		.of = chance(race, 60) ? RACE_RUNNERS : RACE_TEAMS,
		.sex = plain_text(chance(race, 30) ? ONE_OF(race, sexes) : ""),
		.category = plain_text(
		    chance(race, 20) ? ONE_OF(race, categories) : ""),
		.team = plain_text(chance(race, 10) ? ONE_OF(race, teams) : ""),
		.wave = plain_text(
		    chance(race, 15) ? ONE_OF(race, wave_names) : ""),
		.at = (int)below(race, race->rules.point_count + 1) - 1,
		.by = (enum race_by)below(race, 3),
		.ties = (enum race_ties)below(race, 3),
		.round = (enum race_round)below(race, 2),
		.score = (enum race_score)below(race, 3),
		.best = (uint32_t)below(race, 5),
		.how = (enum race_how)below(race, 3),
		.women = chance(race, 30) ? (uint32_t)below(race, 3) : 0,
		.men = chance(race, 30) ? (uint32_t)below(race, 3) : 0,
		.sides = chance(race, 40) ? (uint32_t)below(race, 5) : 1,
		.average = chance(race, 50),
		.size_min = chance(race, 20) ? (uint32_t)below(race, 5) : 0,
		.size_max = chance(race, 20) ? (uint32_t)below(race, 9) : 0,
	};
}

/* Some leave out the first of others, all of which are before or all behind
 * them, or have the first by gun in front. */
static void
make_heads(struct race *race)
{
	bool behind = chance(race, 50);

	for (size_t i = 0; i < race->rules.ranking_count; i++) {
		struct race_ranking *v = &race->rankings[i];

		if (v->of == RACE_TEAMS)
			continue;
		if (v->by == RACE_BY_NET && chance(race, 40))
			v->gun_first = (uint32_t)below(race, 5);
		for (size_t k = 0; k < race->rules.ranking_count; k++)
			if (race->rankings[k].of == RACE_RUNNERS &&
			    (behind ? k > i : k < i) && chance(race, 15) &&
			    v->without_count < 3)
				v->without[v->without_count++] =
				    (struct race_without){ (uint32_t)k,
					    (uint32_t)below(race, 5) };
	}
}

static void
make_rules(struct race *race)
{
	uint32_t metres = chance(race, 70) ? 0 : 500;
	bool windows = chance(race, 40);
	bool backups = chance(race, 40);

	race->rules = (struct race_rules){
		.title = plain_text("random"),
		.date = plain_text("2014-05-13"),
		.timezone = plain_text("UTC"),
		.waves = race->waves,
		.wave_count = 1 + below(race, 3),
		.points = race->points,
		.point_count = 1 + below(race, 5),
		.rankings = race->rankings,
		.ranking_count = 10 + below(race, 3),
		.categories = race->categories,
		.category_count = below(race, 3),
		.aliases = race->aliases,
		.alias_count = below(race, 3),
	};
	race->categories[0] = (struct race_category){ .name = plain_text("S"),
		.sex = plain_text("F"),
		.from = 18,
		.to = 39 };
	race->categories[1] = (struct race_category){ .name = plain_text("V1"),
		.sex = plain_text(""),
		.from = 40,
		.to = 60 };
	race->aliases[0] =
	    (struct race_alias){ plain_text("10"), plain_text("9") };
	race->aliases[1] =
	    (struct race_alias){ plain_text("Été"), plain_text("Eté") };
	for (size_t i = 0; i < race->rules.wave_count; i++)
		race->waves[i] = (struct race_wave){
			.name = plain_text(wave_names[i]),
			.gun_us = chance(race, 80)
			    ? some_time(race) - 10 * STEP_US
			    : RACE_NO_TIME,
			.window_us = windows && chance(race, 80)
			    ? (int64_t)below(race, 20) * race->step_us
			    : 0,
		};
	for (size_t i = 0; i < race->rules.point_count; i++) {
		race->points[i] = (struct race_point){
			.name = plain_text(point_names[i]),
			.metres = metres,
			.min_us = chance(race, 50)
			    ? (int64_t)below(race, 20) * STEP_US
			    : 0,
			.max_us = chance(race, 20)
			    ? (int64_t)below(race, 60) * race->step_us
			    : 0,
			.gap_us = (int64_t)below(race, 4) * race->step_us,
			.backup = plain_text(
			    backups && chance(race, 70) ? backup_names[i] : ""),
			.tolerance_us = (int64_t)below(race, 6) * race->step_us,
		};
		metres += chance(race, 10) ? 0 : 1000;
	}
	for (size_t i = 0; i < race->rules.ranking_count; i++)
		make_ranking(race, i);
	if (chance(race, 40))
		make_heads(race);
}

static struct model_event *
add_event(struct race *race, size_t stream, enum race_event_kind kind)
{
	struct model_event *e = &race->events[race->count++];

	assert_true(race->count <= EVENTS_MAX);
	memset(e, 0, sizeof *e);
	e->id.stream = race->streams[stream];
	e->id.seq = ++race->seqs[stream];
	e->event.kind = kind;
	/* Few values: then stream and seq decide. */
	e->event.made_us = BASE_US + (int64_t)below(race, 4);
	return e;
}

static const char *
some_bib(struct race *race)
{
	return race->bibs[below(race, race->runners + race->runners / 8 + 1)];
}

static const char *
some_chip(struct race *race)
{
	return race->chips[below(race, race->runners + race->runners / 8 + 1)];
}

/* A point of the race, or its second reader. */
static const char *
some_point(struct race *race)
{
	const struct race_point *point =
	    &race->points[below(race, race->rules.point_count)];

	if (chance(race, 3))
		return "nowhere";
	if (point->backup[0] != '\0' && chance(race, 40))
		return point->backup;
	return point->name;
}

static void
add_entry(struct race *race, unsigned runner)
{
	struct model_event *e =
	    add_event(race, chance(race, 70) ? 4 : 3, RACE_ENTRY);
	const char **chips = race->chips_of[race->count - 1];

	e->event.entry = (struct race_entry){
		.bib = race->bibs[runner],
		.name = "",
		.sex = ONE_OF(race, sexes),
		.born = ONE_OF(race, births),
		.category = ONE_OF(race, categories),
		.team = ONE_OF(race, teams),
		.wave = chance(race, 40) ? "" : ONE_OF(race, wave_names),
		.nation = "",
		.status = chance(race, 15) ? (enum race_status)below(race, 8)
		                           : RACE_STATUS_NONE,
		.start_us = chance(race, 5) ? some_time(race) : 0,
		.chips = chips,
		.chip_count = below(race, CHIPS + 1),
	};
	/* One's own, as a rule; sometimes that of another. */
	for (size_t i = 0; i < CHIPS; i++)
		chips[i] =
		    chance(race, 80) ? race->chips[runner] : some_chip(race);
}

/* A few steps back or forth. */
static int64_t
some_offset(struct race *race)
{
	return ((int64_t)below(race, 9) - 4) * race->step_us;
}

/* Also of 0, and more than anybody believes. */
static int64_t
some_bound(struct race *race)
{
	return chance(race, 2) ? RACE_TIME_MAX
	                       : (int64_t)below(race, 4) * race->step_us;
}

static void
add_estimate(struct race *race)
{
	struct model_event *e = add_event(race, below(race, 3), RACE_CLOCK);
	int64_t most = RACE_DRIFT_MAX;

	e->event.clock = (struct race_clock_estimate){
		.clock_epoch = (uint32_t)below(race, 3),
		.boot_us = some_time(race) - BOOT_US,
		.offset_us = BOOT_US + some_offset(race),
		.bound_us = some_bound(race),
	};
	if (chance(race, 50))
		e->event.clock.drift_ppb =
		    (int64_t)below(race, 2 * (uint64_t)most + 1) - most;
	if (chance(race, 50))
		e->event.clock.drift_bound_ppb =
		    (int64_t)below(race, (uint64_t)most + 1);
	/* Says nothing: no race was then; or is from far away. */
	if (chance(race, 5))
		e->event.clock.offset_us =
		    chance(race, 50) ? RACE_TIME_MAX : -RACE_TIME_MAX;
	if (chance(race, 5))
		e->event.clock.boot_us =
		    chance(race, 50) ? RACE_TIME_MAX : -RACE_TIME_MAX;
}

/* Makes a crossing one that a laptop has stamped. */
static void
measure(struct race *race, struct race_crossing *c)
{
	c->clock = RACE_CLOCK_LAPTOP;
	c->clock_epoch = (uint32_t)below(race, 3);
	c->boot_us = c->time_us - BOOT_US + some_offset(race);
	c->offset_us = some_offset(race);
	c->bound_us = some_bound(race);
}

static void
add_crossing(struct race *race)
{
	struct model_event *e = add_event(race, below(race, 3), RACE_CROSSING);
	struct race_crossing *c = &e->event.crossing;

	*c = (struct race_crossing){ .bib = "", .chip = "", .source = "" };
	c->point = some_point(race);
	if (chance(race, 60))
		c->bib = some_bib(race);
	if (chance(race, 50))
		c->chip = some_chip(race);
	c->time_us = some_time(race);
	c->offset_us = chance(race, 10) ? -STEP_US : 0;
	c->clock = (enum race_clock)below(race, 4);
	if (chance(race, race->listed)) {
		c->clock = RACE_CLOCK_LAPTOP;
		if (chance(race, 60))
			c->flags = RACE_FLAG_LISTED;
		else
			c->chip = "";
		if (c->flags == 0 && chance(race, 70))
			c->bib = "";
	}
	if (chance(race, race->measured))
		measure(race, c);
}

/* A few people come in: one laptop has their times, another one their bibs. */
static void
add_burst(struct race *race)
{
	size_t people = 1 + below(race, 6);
	const char *point =
	    race->points[below(race, race->rules.point_count)].name;
	int64_t time_us = some_time(race);

	for (size_t i = 0; i < 2 * people; i++) {
		bool listed = i >= people;
		struct model_event *e =
		    add_event(race, listed ? 1 : 0, RACE_CROSSING);

		e->event.crossing = (struct race_crossing){
			.point = point,
			.bib = "",
			.chip = "",
			.source = "",
			.clock = RACE_CLOCK_LAPTOP,
			.time_us = time_us + (int64_t)(i % people) * 700000,
		};
		if (listed) {
			e->event.crossing.flags = RACE_FLAG_LISTED;
			e->event.crossing.time_us +=
			    (int64_t)below(race, 9) * 500000 - 500000;
		}
		if (listed ? chance(race, 95) : chance(race, 5))
			e->event.crossing.bib = some_bib(race);
		if (chance(race, race->measured))
			measure(race, &e->event.crossing);
		/* One slips. */
		if (chance(race, 2)) {
			race->count--;
			race->seqs[listed ? 1 : 0]--;
		}
	}
}

/* Of any event of the stream, to come or not a crossing, too. */
static void
add_correction(struct race *race)
{
	size_t stream = below(race, 3);
	bool fill = chance(race, 60);
	struct model_event *e =
	    add_event(race, stream, fill ? RACE_FILL_IN : RACE_VOID);
	uint64_t target = 1 + below(race, race->seqs[stream] + 2);

	if (!fill) {
		e->event.void_seq = target;
		return;
	}
	e->event.fill_in.seq = target;
	e->event.fill_in.bib =
	    chance(race, race->listed > 0 ? 30 : 5) ? "" : some_bib(race);
}

/* A crossing, or what an operator has said, or nothing at all. */
static struct race_id
some_read(struct race *race)
{
	size_t stream = chance(race, 60) ? below(race, 3) : 3;

	return (struct race_id){
		race->streams[stream],
		1 + below(race, race->seqs[stream] + 2),
	};
}

static void
add_decision(struct race *race)
{
	static const enum race_verb verbs[] = { RACE_UNDO, RACE_ADD_READ,
		RACE_ADD_READ, RACE_VOID_READ, RACE_VOID_READ, RACE_MOVE_READ,
		RACE_MOVE_READ, RACE_SET_STATUS, RACE_SET_TIME, RACE_SET_TIME,
		RACE_PENALTY, RACE_SWAP, RACE_SET_GUN, RACE_SET_START,
		RACE_ASIDE };
	struct model_event *e = add_event(race, 3, RACE_DECISION);
	struct race_decision *d = &race->decisions[race->count - 1];

	e->event.made_us += (int64_t)race->count;
	e->event.decision = d;
	*d = (struct race_decision){
		.verb = verbs[below(race, sizeof verbs / sizeof *verbs)],
		.by = "",
		.reason = "",
		.target = some_read(race),
		.other_target = some_read(race),
		.bib = some_bib(race),
		.other_bib = some_bib(race),
		.point = some_point(race),
		.wave = ONE_OF(race, wave_names),
		.ranking = "",
		.status = (enum race_status)below(race, 8),
		.time_us = some_time(race),
		.amount_us = ((int64_t)below(race, 40) - 20) * race->step_us,
		.text = "",
	};
	if (d->verb == RACE_MOVE_READ && chance(race, 50))
		d->bib = "";
	if (d->verb == RACE_MOVE_READ && chance(race, 50))
		d->point = "";
}

static void
add_other(struct race *race)
{
	if (chance(race, 30)) {
		struct model_event *e =
		    add_event(race, chance(race, 50) ? 4 : 3, RACE_ENTRY_GONE);

		e->event.entry_gone = some_bib(race);
	} else if (chance(race, 60)) {
		struct model_event *e = add_event(race, 3, RACE_GUN);

		e->event.gun.wave =
		    chance(race, 20) ? "" : ONE_OF(race, wave_names);
		e->event.gun.gun_us = some_time(race) - 10 * STEP_US;
	} else {
		add_entry(race, (unsigned)below(race, race->runners));
	}
}

static void
make_race(struct race *race, uint64_t *random, unsigned runners)
{
	size_t crossings;

	race->random = random;
	race->runners = runners;
	race->times = 3 + test_below(random, 58);
	/* Also as far apart as the bounds of lists, to the microsecond. */
	race->step_us = STEP_US *
	    (chance(race, 50)          ? 1
	            : chance(race, 50) ? 10
	                               : 50);
	race->listed = chance(race, 50) ? 0 : below(race, 100);
	race->measured = chance(race, 50) ? 0 : below(race, 100);
	race->decided = chance(race, 40) ? 0 : below(race, 40);
	race->count = 0;
	memset(race->seqs, 0, sizeof race->seqs);
	for (size_t i = 0; i < 4; i++)
		race->streams[i] = test_random(random);
	race->streams[4] = MODEL_FILES;
	for (unsigned i = 0; i < 400; i++) {
		const char *form = i % 7 == 3 ? "0%u"
		    : i % 11 == 5             ? "A%u"
		                              : "%u";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(race->bibs[i], sizeof race->bibs[i], form, i / 2);
#pragma GCC diagnostic pop
		snprintf(race->chips[i], sizeof race->chips[i], "C%u", i);
	}
	make_rules(race);
	for (unsigned i = 0; i < runners; i++)
		if (chance(race, 90))
			add_entry(race, i);
	crossings = below(race, 1 + 6 * (uint64_t)runners);
	for (size_t i = 0; i < crossings; i++) {
		if (race->listed > 0 && chance(race, 10))
			add_burst(race);
		else
			add_crossing(race);
		if (chance(race, 10))
			add_correction(race);
		if (chance(race, race->decided))
			add_decision(race);
		if (chance(race, race->measured / 8))
			add_estimate(race);
		if (chance(race, runners > 50 ? 1 : 8))
			add_other(race);
	}
}

/* Any order, and a fifth of them twice. */
static void
shuffle_and_repeat(struct race *race)
{
	size_t repeats = race->count / 5;

	for (size_t i = 0; i < repeats && race->count < EVENTS_MAX; i++) {
		race->events[race->count] =
		    race->events[below(race, race->count)];
		race->count++;
	}
	for (size_t i = race->count; i > 1; i--) {
		size_t j = below(race, i);
		struct model_event e = race->events[j];

		race->events[j] = race->events[i - 1];
		race->events[i - 1] = e;
	}
}

/* ---- comparing ---- */

static bool
same_splits(const int64_t *a, size_t a_count, const int64_t *b, size_t b_count)
{
	return a_count == b_count &&
	    (a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

static void
check_line(const struct rank_standing *s, const struct model_line *line)
{
	assert_string_equal(s->row.label, line->label);
	assert_int_equal(s->row.status, line->status);
	assert_int_equal(s->row.sort.group, line->group);
	assert_int_equal(s->row.elapsed_us, line->elapsed_us);
	assert_int_equal(s->row.metres, line->metres);
	assert_int_equal(s->row.point, line->point);
	assert_true(same_splits(s->row.splits, s->row.split_count, line->splits,
	    line->split_count));
	assert_int_equal(s->row.counted, line->counted);
	assert_int_equal(s->row.finishers, line->finishers);
	assert_int_equal(s->row.women, line->women);
	assert_int_equal(s->row.men, line->men);
	assert_int_equal(s->row.places, line->places);
	assert_int_equal(s->row.bound_us, line->bound_us);
	assert_int_equal(s->row.clock, line->clock);
	assert_int_equal(s->place, line->place);
	assert_int_equal(s->tied, line->tied);
}

/* All rows; *out for free(). */
static size_t
all_rows(struct rank *r, size_t v, struct rank_standing **out)
{
	size_t count = rank_count(r, v);
	size_t n;

	*out = calloc(count + 1, sizeof **out);
	n = rank_rows(r, v, 0, *out, count + 1);
	assert_int_equal(n, count);
	return n;
}

static void
check_view(struct rank *r, const struct race *race, size_t events, size_t v)
{
	struct rank_standing *rows;
	struct model_line *lines;
	size_t count =
	    model_rows(&race->rules, race->events, events, v, &lines);

	assert_int_equal(all_rows(r, v, &rows), count);
	for (size_t i = 0; i < count; i++)
		check_line(&rows[i], &lines[i]);
	free(rows);
	for (size_t i = 0; i < count; i++) {
		struct rank_standing one;

		assert_int_equal(rank_rows(r, v, i, &one, 1), 1);
		check_line(&one, &lines[i]);
		assert_int_equal(rank_place(r, v, lines[i].label),
		    lines[i].place);
	}
	free(lines);
}

/* Not joined: the same groups, in the same words.  Their number; the crossings
 * in them that nobody can use are added to *reads. */
static size_t
check_groups(const struct race_unknown *unknowns, size_t count,
    const struct race *race, size_t events, uint64_t *reads)
{
	struct model_group *groups;
	size_t n = model_groups(&race->rules, race->events, events, &groups);

	assert_true(n <= count);
	for (size_t i = 0; i < n; i++) {
		const struct race_unknown *u = &unknowns[count - n + i];
		const struct model_group *g = &groups[i];
		char text[100];
		int len = snprintf(text, sizeof text, "%zu time%s, %zu bib%s",
		    g->times, g->times == 1 ? "" : "s", g->bibs,
		    g->bibs == 1 ? "" : "s");

		if (strcmp(g->first_bib, "") != 0)
			len += snprintf(text + len, sizeof text - (size_t)len,
			    ": %s", g->first_bib);
		if (strcmp(g->first_bib, g->last_bib) != 0)
			snprintf(text + len, sizeof text - (size_t)len,
			    " ... %s", g->last_bib);
		assert_string_equal(u->text, text);
		assert_int_equal(u->kind,
		    g->open ? RACE_UNKNOWN_OPEN : RACE_UNKNOWN_CONFLICT);
		assert_int_equal(u->reads, g->times + g->bibs);
		*reads += g->times + (g->open ? 0 : g->bibs);
		assert_int_equal(u->first_us, g->first_us);
		assert_int_equal(u->last_us, g->last_us);
		assert_string_equal(u->point,
		    race->rules.points[g->point].name);
	}
	free(groups);
	return n;
}

/* What came from the points, and who should have come: as of the last read
 * there, and as of any moment. */
static void
check_points(struct book *b, struct race *race, size_t events)
{
	for (size_t p = 0; p < race->rules.point_count; p++) {
		struct rank_awaited is;
		struct rank_awaited expected;
		struct rank_traffic t;
		int64_t last_us;
		int64_t now_us = some_time(race);

		rank_traffic(b->rank, p, &t);
		assert_int_equal(t.reads,
		    model_reads(&race->rules, race->events, events, p,
		        &last_us));
		assert_int_equal(t.last_us, last_us);
		if (chance(race, 50))
			last_us = some_time(race) - race->step_us;
		if (chance(race, 50))
			now_us += (int64_t)below(race, 100) * race->step_us;
		rank_awaited(b->rank, p, last_us, now_us, &is);
		model_awaited(&race->rules, race->events, events, p, last_us,
		    now_us, &expected);
		assert_int_equal(is.missed, expected.missed);
		assert_int_equal(is.late, expected.late);
		assert_int_equal(is.passed, expected.passed);
	}
}

/* The reads that count give the splits by the gun. */
static void
check_splits(struct rank *r, const struct race *race, const char *bib,
    const struct rank_read *reads, size_t count)
{
	struct rank_start start;
	int64_t splits[RACE_POINTS_MAX];

	if (!rank_start(r, bib, &start))
		return;
	for (size_t p = 0; p < race->rules.point_count; p++)
		splits[p] = RACE_NO_SPLIT;
	for (size_t i = 0; i < count; i++) {
		if (reads[i].why != RANK_COUNTS && reads[i].why != RANK_SET)
			continue;
		assert_int_equal(splits[reads[i].point], RACE_NO_SPLIT);
		if (start.gun_us == RACE_NO_TIME)
			continue;
		splits[reads[i].point] = reads[i].time_us > start.gun_us
		    ? reads[i].time_us - start.gun_us
		    : 0;
	}
	for (size_t v = 0; v < race->rules.ranking_count; v++) {
		if (race->rankings[v].of == RACE_TEAMS ||
		    race->rankings[v].by == RACE_BY_NET)
			continue;
		for (uint32_t i = 0; i < rank_slots(r, v); i++) {
			struct race_row row;

			if (rank_row(r, v, i, &row) &&
			    strcmp(row.label, bib) == 0)
				assert_memory_equal(row.splits, splits,
				    row.split_count * sizeof *splits);
		}
	}
}

static void
check_start(struct rank *r, const struct race *race, size_t events,
    const char *bib)
{
	struct rank_start a;
	struct rank_start b;
	bool is_there =
	    model_start(&race->rules, race->events, events, bib, &b);

	assert_int_equal(rank_start(r, bib, &a), is_there);
	if (!is_there)
		return;
	assert_int_equal(a.wave, b.wave);
	assert_int_equal(a.inferred, b.inferred);
	assert_int_equal(a.own, b.own);
	assert_int_equal(a.gun_us, b.gun_us);
	assert_int_equal(a.crossed_us, b.crossed_us);
	assert_int_equal(a.status, b.status);
	assert_int_equal(a.penalty_us, b.penalty_us);
}

/* Of a few bibs, also of some that nobody has. */
static void
check_reasons(struct rank *r, struct race *race, size_t events)
{
	for (int k = 0; k < 4; k++) {
		const char *bib = some_bib(race);
		struct rank_read *told;
		struct rank_read *reads;
		size_t count =
		    model_whys(&race->rules, race->events, events, bib, &reads);

		check_start(r, race, events, bib);
		assert_int_equal(rank_reads(r, bib, &told), count);
		check_splits(r, race, bib, told, count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(told[i].id.stream, reads[i].id.stream);
			assert_int_equal(told[i].id.seq, reads[i].id.seq);
			assert_int_equal(told[i].point, reads[i].point);
			assert_int_equal(told[i].time_us, reads[i].time_us);
			assert_int_equal(told[i].bound_us, reads[i].bound_us);
			assert_int_equal(told[i].why, reads[i].why);
			assert_int_equal(told[i].by.stream, reads[i].by.stream);
			assert_int_equal(told[i].by.seq, reads[i].by.seq);
			assert_int_equal(told[i].backup, reads[i].backup);
			assert_int_equal(told[i].added, reads[i].added);
		}
		free(told);
		free(reads);
	}
}

static void
check_model(struct book *b, struct race *race, size_t events)
{
	struct race_unknown *unknowns;
	size_t count = rank_unknowns(b->rank, &unknowns);
	uint64_t reads = 0;

	for (size_t v = 0; v < race->rules.ranking_count; v++)
		check_view(b->rank, race, events, v);
	count -= check_groups(unknowns, count, race, events, &reads);
	for (size_t i = 0; i < count; i++) {
		assert_true(unknowns[i].kind <= RACE_UNKNOWN_NOBODY);
		assert_true(unknowns[i].reads > 0);
		reads += unknowns[i].reads;
		if (unknowns[i].kind <= RACE_UNKNOWN_CHIP)
			assert_int_equal(rank_waiting(b->rank, unknowns[i].kind,
			                     unknowns[i].text),
			    unknowns[i].reads);
	}
	free(unknowns);
	/* Each is told, and once. */
	assert_int_equal(reads, rank_unknown_reads(b->rank));
	assert_int_equal(rank_unknown_reads(b->rank),
	    model_unknown_reads(&race->rules, race->events, events));
	assert_int_equal(book_as_of(b),
	    model_as_of(&race->rules, race->events, events));
	check_points(b, race, events);
	check_reasons(b->rank, race, events);
}

static void
apply(struct book *b, const struct race *race, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct model_event *e = &race->events[i];
		bool repeat = false;
		int rc = book_apply(b, e->id, &e->event);

		for (size_t j = 0; j < i && !repeat; j++)
			repeat = race->events[j].id.stream == e->id.stream &&
			    race->events[j].id.seq == e->id.seq;
		assert_int_equal(rc, repeat ? -EEXIST : 0);
	}
}

/* The same crossings are nobody's, for the same reasons. */
static void
check_equal_unknowns(struct rank *a, struct rank *b)
{
	struct race_unknown *x;
	struct race_unknown *y;
	size_t count = rank_unknowns(a, &x);

	assert_int_equal(rank_unknown_reads(a), rank_unknown_reads(b));
	assert_int_equal(rank_unknowns(b, &y), count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(x[i].kind, y[i].kind);
		assert_string_equal(x[i].text, y[i].text);
		assert_int_equal(x[i].reads, y[i].reads);
		assert_int_equal(x[i].first_us, y[i].first_us);
		assert_int_equal(x[i].last_us, y[i].last_us);
		assert_string_equal(x[i].point, y[i].point);
	}
	free(x);
	free(y);
}

/* Both answer alike, line by line and in their digests. */
static void
check_equal(struct rank *a, struct rank *b, size_t v)
{
	struct rank_standing *x;
	struct rank_standing *y;
	size_t count;

	assert_int_equal(rank_digest(a, v), rank_digest(b, v));
	count = all_rows(a, v, &x);
	assert_int_equal(all_rows(b, v, &y), count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(row_hash(&x[i].row), row_hash(&y[i].row));
		assert_string_equal(x[i].row.label, y[i].row.label);
		assert_int_equal(x[i].place, y[i].place);
		assert_int_equal(x[i].tied, y[i].tied);
	}
	free(x);
	free(y);
}

/* ---- a board that is told of changes alone ---- */

enum { MIRROR_ROWS = 800 };

struct mirror {
	struct {
		bool present;
		uint64_t hash;
		char label[RACE_NAME_MAX + 1];
	} rows[MIRROR_ROWS];
};

static void
follow(struct mirror *m, struct rank *r, size_t v)
{
	uint32_t slots[3];
	bool seen[MIRROR_ROWS] = { false };
	size_t n;

	while ((n = rank_take_changes(r, v, slots, 3)) > 0)
		for (size_t i = 0; i < n; i++) {
			struct race_row row;

			assert_true(slots[i] < rank_slots(r, v));
			assert_false(seen[slots[i]]);
			seen[slots[i]] = true;
			m->rows[slots[i]].present =
			    rank_row(r, v, slots[i], &row);
			snprintf(m->rows[slots[i]].label,
			    sizeof m->rows[slots[i]].label, "%s", row.label);
			if (m->rows[slots[i]].present)
				m->rows[slots[i]].hash = row_hash(&row);
		}
}

static void
check_mirror(const struct mirror *m, struct rank *r, size_t v)
{
	struct rank_standing *rows;
	uint64_t expected = rank_digest(r, v);
	size_t count = all_rows(r, v, &rows);
	uint64_t digest = 0;
	size_t present = 0;

	for (size_t slot = 0; slot < rank_slots(r, v); slot++) {
		if (!m->rows[slot].present)
			continue;
		present++;
		digest += m->rows[slot].hash;
	}
	assert_int_equal(present, count);
	assert_int_equal(digest, expected);
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t slot = 0; slot < rank_slots(r, v); slot++)
			found = found ||
			    (m->rows[slot].present &&
			        m->rows[slot].hash == row_hash(&rows[i].row) &&
			        strcmp(m->rows[slot].label,
			            rows[i].row.label) == 0);
		assert_true(found);
	}
	free(rows);
}

/* ---- tests ---- */

struct fixture {
	uint64_t random;
	struct race race;
	struct mirror mirrors[12];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->random = test_seed();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
compare_with_model(struct fixture *f, unsigned runners, size_t questions)
{
	struct race *race = &f->race;
	struct book *b;
	size_t done = 0;

	make_race(race, &f->random, runners);
	shuffle_and_repeat(race);
	b = book_new(&race->rules, MODEL_FILES);
	for (size_t i = 1; i <= questions; i++) {
		size_t to = race->count * i / questions;

		apply(b, race, done, to);
		check_model(b, race, to);
		done = to;
	}
	book_free(b);
}

static void
the_model_agrees_on_small_races(void **state)
{
	for (int i = 0; i < 3000; i++)
		compare_with_model(*state,
		    1 +
		        (unsigned)(test_random(
		                       &((struct fixture *)*state)->random) %
		            14),
		    3);
}

static void
the_model_agrees_on_races_of_300(void **state)
{
	for (int i = 0; i < 10; i++)
		compare_with_model(*state, 300, 2);
}

static void
order_and_repeats_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct race *race = &f->race;

	for (int i = 0; i < 500; i++) {
		struct book *in_order;
		struct book *shuffled;

		make_race(race, &f->random, 1 + (unsigned)below(race, 30));
		in_order = book_new(&race->rules, MODEL_FILES);
		shuffled = book_new(&race->rules, MODEL_FILES);
		apply(in_order, race, 0, race->count);
		shuffle_and_repeat(race);
		apply(shuffled, race, 0, race->count);
		for (size_t v = 0; v < race->rules.ranking_count; v++)
			check_equal(in_order->rank, shuffled->rank, v);
		check_equal_unknowns(in_order->rank, shuffled->rank);
		assert_int_equal(roster_digest(in_order->roster),
		    roster_digest(shuffled->roster));
		assert_int_equal(book_as_of(in_order), book_as_of(shuffled));
		assert_int_equal(in_order->crossings, shuffled->crossings);
		book_free(in_order);
		book_free(shuffled);
	}
}

/* Asked after every few events, and asked once at the end. */
static void
questions_on_the_way_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct race *race = &f->race;

	for (int i = 0; i < 500; i++) {
		struct book *asked;
		struct book *at_once;
		struct rank_standing rows[4];
		size_t done = 0;

		make_race(race, &f->random, 1 + (unsigned)below(race, 30));
		asked = book_new(&race->rules, MODEL_FILES);
		at_once = book_new(&race->rules, MODEL_FILES);
		shuffle_and_repeat(race);
		while (done < race->count) {
			size_t to = done + 1 + below(race, 9);

			to = to < race->count ? to : race->count;
			apply(asked, race, done, to);
			done = to;
			for (size_t v = 0; v < race->rules.ranking_count; v++) {
				rank_rows(asked->rank, v, below(race, 3), rows,
				    4);
				rank_digest(asked->rank, v);
			}
			rank_unknown_reads(asked->rank);
		}
		apply(at_once, race, 0, race->count);
		for (size_t v = 0; v < race->rules.ranking_count; v++)
			check_equal(asked->rank, at_once->rank, v);
		check_equal_unknowns(asked->rank, at_once->rank);
		book_free(asked);
		book_free(at_once);
	}
}

/* A row of either list that should not have been, at some time or other. */
static void
apply_slip(struct book *b, struct race *race, struct race_id id)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing =
	    plain_crossing(race->points[below(race, race->rules.point_count)]
	                       .name,
	        chance(race, 50) ? some_bib(race) : "", some_time(race));
	e.crossing.clock = RACE_CLOCK_LAPTOP;
	e.crossing.flags = chance(race, 50) ? RACE_FLAG_LISTED : 0;
	assert_int_equal(book_apply(b, id, &e), 0);
}

/* Half of them get a bib filled in before they go. */
static void
take_back_slip(struct book *b, struct race *race, struct race_id slip)
{
	struct race_event e = { .kind = RACE_FILL_IN };
	struct race_id id = { slip.stream, slip.seq + 1000 };

	if (chance(race, 50)) {
		e.fill_in.seq = slip.seq;
		e.fill_in.bib = some_bib(race);
		assert_int_equal(book_apply(b, id, &e), 0);
		rank_unknown_reads(b->rank);
	}
	e = (struct race_event){ .kind = RACE_VOID, .void_seq = slip.seq };
	id.seq += 1000;
	assert_int_equal(book_apply(b, id, &e), 0);
}

/* One after the other, now and then at once, the others at the end. */
static void
slips_taken_back_leave_nothing(void **state)
{
	struct fixture *f = *state;
	struct race *race = &f->race;

	for (int i = 0; i < 500; i++) {
		struct race_id slip = { 1234, 0 };
		struct book *clean;
		struct book *slipped;
		size_t done = 0;
		uint64_t gone = 0;

		make_race(race, &f->random, 1 + (unsigned)below(race, 30));
		clean = book_new(&race->rules, MODEL_FILES);
		slipped = book_new(&race->rules, MODEL_FILES);
		apply(clean, race, 0, race->count);
		while (done < race->count) {
			size_t to = done + 1 + below(race, 40);

			to = to < race->count ? to : race->count;
			apply(slipped, race, done, to);
			done = to;
			slip.seq++;
			apply_slip(slipped, race, slip);
			rank_unknown_reads(slipped->rank);
			while (gone < slip.seq && chance(race, 40))
				take_back_slip(slipped, race,
				    (struct race_id){ 1234, ++gone });
		}
		while (gone < slip.seq)
			take_back_slip(slipped, race,
			    (struct race_id){ 1234, ++gone });
		for (size_t v = 0; v < race->rules.ranking_count; v++)
			check_equal(clean->rank, slipped->rank, v);
		check_equal_unknowns(clean->rank, slipped->rank);
		book_free(clean);
		book_free(slipped);
	}
}

/* What an operator has said, each replaced a few times. */
struct say {
	struct race_id read;
	struct race_id added; /* a name of an operator's */
	const char *bib;
};

enum { SAYS = 12 };

static void
say_something(struct rank *r, struct race *race, const struct say *say)
{
	uint64_t what = below(race, 3);
	struct rank_amendment a = { .voided = chance(race, 40) };
	struct rank_added added = { some_bib(race), some_point(race),
		some_time(race), chance(race, 40) };
	struct rank_ruling ruling = {
		.status = (enum race_status)below(race, 8),
		.penalty_us = ((int64_t)below(race, 9) - 4) * race->step_us,
		.start_us = chance(race, 50) ? some_time(race) : 0,
	};

	if (chance(race, 50))
		a.bib = some_bib(race);
	if (chance(race, 50))
		a.point = some_point(race);
	if (what == 0)
		rank_rule(r, say->bib, &ruling);
	else if (what == 1)
		rank_amend(r, say->read, &a);
	else if (chance(race, 20))
		rank_amend(r, say->added, &a);
	else
		rank_add(r, say->added, &added);
}

static void
take_all_back(struct rank *r, const struct say says[static SAYS])
{
	static const struct rank_ruling nothing = { 0 };

	for (size_t i = 0; i < SAYS; i++) {
		rank_amend(r, says[i].read, NULL);
		rank_amend(r, says[i].added, NULL);
		rank_add(r, says[i].added, NULL);
		rank_rule(r, says[i].bib, &nothing);
	}
}

static void
what_was_withdrawn_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct race *race = &f->race;

	for (int i = 0; i < 800; i++) {
		struct say says[SAYS];
		struct book *clean;
		struct book *talked;
		size_t done = 0;

		make_race(race, &f->random, 1 + (unsigned)below(race, 30));
		/* What rulings say is not ours to take back. */
		if (race->decided > 0)
			continue;
		clean = book_new(&race->rules, MODEL_FILES);
		talked = book_new(&race->rules, MODEL_FILES);
		shuffle_and_repeat(race);
		apply(clean, race, 0, race->count);
		for (size_t k = 0; k < SAYS; k++)
			says[k] = (struct say){ some_read(race),
				{ 1234, k + 1 }, some_bib(race) };
		while (done < race->count) {
			size_t to = done + 1 + below(race, 20);

			to = to < race->count ? to : race->count;
			apply(talked, race, done, to);
			done = to;
			for (uint64_t n = below(race, 4); n > 0; n--)
				say_something(talked->rank, race,
				    &says[below(race, SAYS)]);
			if (chance(race, 50))
				rank_unknown_reads(talked->rank);
			if (chance(race, 50))
				rank_digest(talked->rank, 0);
		}
		take_all_back(talked->rank, says);
		for (size_t v = 0; v < race->rules.ranking_count; v++)
			check_equal(clean->rank, talked->rank, v);
		check_equal_unknowns(clean->rank, talked->rank);
		assert_int_equal(book_as_of(clean), book_as_of(talked));
		check_points(talked, race, race->count);
		check_reasons(talked->rank, race, race->count);
		book_free(clean);
		book_free(talked);
	}
}

static void
changes_applied_to_nothing_give_the_rows(void **state)
{
	struct fixture *f = *state;
	struct race *race = &f->race;

	for (int i = 0; i < 500; i++) {
		struct book *b;
		size_t done = 0;

		make_race(race, &f->random, 1 + (unsigned)below(race, 30));
		shuffle_and_repeat(race);
		b = book_new(&race->rules, MODEL_FILES);
		memset(f->mirrors, 0, sizeof f->mirrors);
		while (done < race->count) {
			size_t to = done + 1 + below(race, 20);

			to = to < race->count ? to : race->count;
			apply(b, race, done, to);
			done = to;
			for (size_t v = 0; v < race->rules.ranking_count; v++)
				follow(&f->mirrors[v], b->rank, v);
		}
		for (size_t v = 0; v < race->rules.ranking_count; v++)
			check_mirror(&f->mirrors[v], b->rank, v);
		book_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_agrees_on_small_races),
		cmocka_unit_test(the_model_agrees_on_races_of_300),
		cmocka_unit_test(order_and_repeats_change_nothing),
		cmocka_unit_test(questions_on_the_way_change_nothing),
		cmocka_unit_test(slips_taken_back_leave_nothing),
		cmocka_unit_test(what_was_withdrawn_leaves_nothing),
		cmocka_unit_test(changes_applied_to_nothing_give_the_rows),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
