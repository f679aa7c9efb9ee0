#include "support/decisions.h"
#include "support/plain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* The last is entries.csv; two collectors, two operators. */
enum { COLLECTORS = 2, OPERATORS = 2, FILES = 4 };

static const int64_t second_us = 1000000;
/* When the laptops were started, of all times. */
static const int64_t boot_us = INT64_C(1399999000000000);

static const char *const bibs[DECISIONS_BIBS] = { "1", "2", "3", "4", "5", "07",
	"A1", "99" };
static const char *const teams[] = { "", "Axa", "Orange" };
static const char *const sexes[] = { "F", "M", "" };
static const char *const waves[] = { "", "masse", "elite", "nobody" };
static const char *const points[] = { "start", "half", "finish", "nowhere" };
/* Second readers; the middle one's is of the finish as well. */
static const char *const backups[] = { "start-b", "half-b", "half-b" };
static const char *const rankings[] = { "r0", "r1", "other" };
static const char *const standings[] = { "provisional", "final", "amended" };
static const char *const awards[] = { "women", "men" };

#define ONE_OF(d, words)                                                       \
	(words)[test_below((d)->random, sizeof(words) / sizeof *(words))]

static bool
chance(struct decisions *d, uint64_t percent)
{
	return test_below(d->random, 100) < percent;
}

static int64_t
some_time(struct decisions *d)
{
	return DECISIONS_BASE_US +
	    (int64_t)test_below(d->random, 40) * second_us;
}

/* ---- rules ---- */

/* Some leave out the first of others, or have the first by gun in front. */
static void
make_heads(struct decisions *d)
{
	for (size_t i = 0; i < 4; i++) {
		struct race_ranking *v = &d->rankings[i];

		if (v->by == RACE_BY_NET && chance(d, 40))
			v->gun_first = 1 + (uint32_t)test_below(d->random, 3);
		for (uint32_t k = 0; k < i; k++)
			if (chance(d, 20) && v->without_count < 2)
				v->without[v->without_count++] =
				    (struct race_without){ k,
					    1 +
					        (uint32_t)test_below(d->random,
					            3) };
	}
}

/* Companies with a quota, sides, or a least size. */
static void
make_companies(struct decisions *d)
{
	for (size_t i = 4; i < 6; i++) {
		struct race_ranking *v = &d->rankings[i];

		v->score = (enum race_score)test_below(d->random, 3);
		v->how = (enum race_how)test_below(d->random, 3);
		v->women = chance(d, 40);
		v->men = chance(d, 40);
		v->sides = 1 + (uint32_t)test_below(d->random, 3);
		v->average = chance(d, 50);
		v->size_min = chance(d, 30) ? 2 : 0;
		v->size_max = chance(d, 30) ? 3 : 0;
	}
}

/* What makes a read count or not hang on others. */
static void
make_checks(struct decisions *d)
{
	bool windows = chance(d, 50);
	bool readers = chance(d, 50);

	for (size_t i = 0; windows && i < 2; i++)
		d->waves[i].window_us =
		    (int64_t)test_below(d->random, 30) * second_us;
	for (size_t i = 0; i < 3; i++) {
		struct race_point *p = &d->points[i];

		p->gap_us = (int64_t)test_below(d->random, 4) * second_us;
		if (i > 0 && chance(d, 40))
			p->max_us = p->min_us +
			    (int64_t)test_below(d->random, 40) * second_us;
		if (!readers || chance(d, 30))
			continue;
		p->backup = plain_text(backups[i]);
		p->tolerance_us = (int64_t)test_below(d->random, 6) * second_us;
	}
}

static void
make_rankings(struct decisions *d)
{
	static const char *const names[] = { "r0", "r1", "r2", "r3", "r4",
		"r5" };

	for (size_t i = 0; i < 6; i++)
		d->rankings[i] = (struct race_ranking){
			.name = plain_text(names[i]),
			.of = i < 4 ? RACE_RUNNERS : RACE_TEAMS,
			.sex =
			    plain_text(chance(d, 25) ? ONE_OF(d, sexes) : ""),
			.category = plain_text(""),
			.team = plain_text(""),
			.wave = plain_text(chance(d, 15) ? "elite" : ""),
			.at = (int)test_below(d->random, 4) - 1,
			.by = (enum race_by)test_below(d->random, 3),
			.ties = (enum race_ties)test_below(d->random, 3),
			.round = (enum race_round)test_below(d->random, 2),
			.score = (enum race_score)test_below(d->random, 2),
			.best = (uint32_t)test_below(d->random, 3),
			.sides = 1,
		};
}

static void
make_rules(struct decisions *d)
{
	for (size_t i = 0; i < 2; i++)
		d->waves[i] = (struct race_wave){
			.name = plain_text(waves[1 + i]),
			.gun_us = chance(d, 80)
			    ? DECISIONS_BASE_US - (int64_t)i * second_us
			    : RACE_NO_TIME,
		};
	for (size_t i = 0; i < 3; i++)
		d->points[i] = (struct race_point){
			.name = plain_text(points[i]),
			.metres = (uint32_t)i * 4000,
			.min_us = (int64_t)i * second_us,
			.backup = plain_text(""),
		};
	make_rankings(d);
	if (chance(d, 50)) {
		make_heads(d);
		make_companies(d);
	}
	if (chance(d, 50))
		make_checks(d);
	d->rules = (struct race_rules){
		.title = plain_text("random"),
		.date = plain_text("2014-05-13"),
		.timezone = plain_text("UTC"),
		.waves = d->waves,
		.wave_count = 2,
		.points = d->points,
		.point_count = 3,
		.rankings = d->rankings,
		.ranking_count = 6,
	};
}

/* ---- events ---- */

/* On the course or not; or a second reader's name. */
static const char *
some_point(struct decisions *d, size_t limit)
{
	if (chance(d, 20))
		return ONE_OF(d, backups);
	return points[test_below(d->random, limit)];
}

static struct model_event *
add_event(struct decisions *d, size_t stream, enum race_event_kind kind)
{
	struct model_event *e = &d->events[d->count];

	assert(d->count < DECISIONS_EVENTS);
	memset(e, 0, sizeof *e);
	memset(&d->bodies[d->count], 0, sizeof d->bodies[0]);
	d->count++;
	e->id.stream = stream == FILES ? MODEL_FILES : 11 + stream;
	e->id.seq = ++d->seqs[stream];
	e->event.kind = kind;
	/* Few values: then stream and seq decide. */
	e->event.made_us =
	    DECISIONS_BASE_US + (int64_t)test_below(d->random, 6);
	return e;
}

static void
make_entry(struct decisions *d, struct decisions_body *body, const char *bib)
{
	body->chips[0] = ONE_OF(d, bibs);
	body->entry = (struct race_entry){
		.bib = bib,
		.name = "",
		.sex = ONE_OF(d, sexes),
		.born = "",
		.category = "",
		.team = ONE_OF(d, teams),
		.wave = waves[test_below(d->random, 3)],
		.nation = "",
		.status = chance(d, 10) ? RACE_DNS : RACE_STATUS_NONE,
		.start_us = chance(d, 10) ? some_time(d) - 20 * second_us : 0,
		.chips = body->chips,
		.chip_count = chance(d, 50),
	};
}

static void
add_entry(struct decisions *d, const char *bib)
{
	struct model_event *e = add_event(d, chance(d, 80) ? FILES : COLLECTORS,
	    chance(d, 95) ? RACE_ENTRY : RACE_ENTRY_GONE);
	struct decisions_body *body = &d->bodies[d->count - 1];

	make_entry(d, body, bib);
	if (e->event.kind == RACE_ENTRY)
		e->event.entry = body->entry;
	else
		e->event.entry_gone = bib;
}

static void
add_crossing(struct decisions *d)
{
	struct model_event *e =
	    add_event(d, test_below(d->random, COLLECTORS), RACE_CROSSING);
	bool chip = chance(d, 30);

	e->event.crossing = (struct race_crossing){
		.point = some_point(d, 3),
		.bib = chip ? "" : ONE_OF(d, bibs),
		.chip = chip ? ONE_OF(d, bibs) : "",
		.time_us = some_time(d),
		.clock = RACE_CLOCK_FILE,
		.source = "",
	};
	if (chance(d, 80))
		return;
	/* A time of one laptop, or a bib on the list of another. */
	e->event.crossing.clock = RACE_CLOCK_LAPTOP;
	e->event.crossing.clock_epoch = (uint32_t)test_below(d->random, 2);
	e->event.crossing.boot_us = e->event.crossing.time_us - boot_us;
	e->event.crossing.bound_us = (int64_t)test_below(d->random, 3);
	e->event.crossing.chip = "";
	if (chance(d, 50))
		e->event.crossing.flags = RACE_FLAG_LISTED;
	else
		e->event.crossing.bib = "";
}

/* A laptop's clock was measured: its reads move by whole seconds. */
static void
add_estimate(struct decisions *d)
{
	struct model_event *e =
	    add_event(d, test_below(d->random, COLLECTORS), RACE_CLOCK);

	e->event.clock = (struct race_clock_estimate){
		.clock_epoch = (uint32_t)test_below(d->random, 2),
		.boot_us = some_time(d) - boot_us,
		.offset_us = boot_us +
		    ((int64_t)test_below(d->random, 9) - 4) * second_us,
		.bound_us = (int64_t)test_below(d->random, 3),
	};
}

/* By the station itself, of any event of its own. */
static void
add_correction(struct decisions *d)
{
	size_t stream = test_below(d->random, COLLECTORS);
	bool fill = chance(d, 50);
	struct model_event *e =
	    add_event(d, stream, fill ? RACE_FILL_IN : RACE_VOID);
	uint64_t target = 1 + test_below(d->random, d->seqs[stream] + 2);

	if (fill)
		e->event.fill_in =
		    (struct race_fill_in){ target, ONE_OF(d, bibs) };
	else
		e->event.void_seq = target;
}

void
decisions_race(struct decisions *d, uint64_t *random, size_t events)
{
	memset(d, 0, sizeof *d);
	d->random = random;
	make_rules(d);
	for (size_t i = 0; i < DECISIONS_BIBS && d->count < events; i++)
		if (chance(d, 85))
			add_entry(d, bibs[i]);
	while (d->count < events) {
		if (chance(d, 85))
			add_crossing(d);
		else if (chance(d, 40))
			add_correction(d);
		else if (chance(d, 30))
			add_estimate(d);
		else
			add_entry(d, ONE_OF(d, bibs));
	}
}

/* ---- what operators say ---- */

bool
decisions_is(const struct model_event *e)
{
	return e->event.kind == RACE_DECISION || e->event.kind == RACE_AWARD ||
	    e->event.kind == RACE_GUN;
}

/* Of any event that was, or will be, or never. */
static struct race_id
some_event(struct decisions *d)
{
	if (d->count == 0 || chance(d, 10))
		return (struct race_id){ 11 + test_below(d->random, 4),
			1 + test_below(d->random, 40) };
	return d->events[test_below(d->random, d->count)].id;
}

/* One that somebody said, if there is one. */
static struct race_id
some_decision(struct decisions *d)
{
	for (int i = 0; i < 20 && d->count > 0; i++) {
		size_t k = test_below(d->random, d->count);

		if (decisions_is(&d->events[k]))
			return d->events[k].id;
	}
	return some_event(d);
}

static struct race_id
some_read(struct decisions *d)
{
	for (int i = 0; i < 20 && d->count > 0; i++) {
		const struct model_event *e =
		    &d->events[test_below(d->random, d->count)];

		if (e->event.kind == RACE_CROSSING ||
		    (e->event.kind == RACE_DECISION &&
		        (e->event.decision->verb == RACE_ADD_READ ||
		            e->event.decision->verb == RACE_SET_TIME)))
			return e->id;
	}
	return some_event(d);
}

static void
fill(struct decisions *d, struct decisions_body *body)
{
	/* Of a season: in a race it has no effect. */
	static const struct race_matter matter = { "2014", "Podium", "general",
		"Nespresso", "" };
	struct race_decision *to = &body->decision;

	*to = (struct race_decision){
		.verb = (enum race_verb)test_below(d->random, RACE_VERBS),
		.by = "op",
		.reason = "because",
		.bib = ONE_OF(d, bibs),
		.other_bib = ONE_OF(d, bibs),
		.point = some_point(d, 4),
		.wave = waves[1 + test_below(d->random, 3)],
		.ranking = ONE_OF(d, rankings),
		.status = (enum race_status)test_below(d->random, RACE_NC + 1),
		.time_us = some_time(d),
		.amount_us =
		    ((int64_t)test_below(d->random, 9) - 4) * second_us / 2,
		.text = ONE_OF(d, standings),
		.matter = &matter,
	};
	if (chance(d, 35))
		to->verb = RACE_UNDO;
	to->target = to->verb == RACE_UNDO ? some_decision(d) : some_read(d);
	to->other_target = chance(d, 90) ? some_read(d) : to->target;
	if (chance(d, 25))
		to->replaces = some_decision(d);
	/* A crossing is moved to somebody, somewhere, or both. */
	if (to->verb == RACE_MOVE_READ && chance(d, 60)) {
		if (chance(d, 50))
			to->bib = "";
		else
			to->point = "";
	}
	if (to->verb == RACE_SET_ENTRY) {
		make_entry(d, body, ONE_OF(d, bibs));
		to->entry = &body->entry;
		if (chance(d, 60))
			to->bib = chance(d, 50) ? "" : body->entry.bib;
	}
}

static void
add_award(struct decisions *d)
{
	struct model_event *e = add_event(d,
	    COLLECTORS + test_below(d->random, OPERATORS), RACE_AWARD);

	e->event.prize = (struct race_prize){
		.award = ONE_OF(d, awards),
		.place = 1 + (uint32_t)test_below(d->random, 2),
		.holder = ONE_OF(d, bibs),
		.note = "",
		.by = "op",
		.winner = "",
	};
}

void
decisions_add(struct decisions *d)
{
	size_t stream = COLLECTORS + test_below(d->random, OPERATORS);
	struct model_event *e;

	if (chance(d, 5)) {
		add_award(d);
		return;
	}
	if (chance(d, 5)) {
		e = add_event(d, stream, RACE_GUN);
		e->event.gun.wave = ONE_OF(d, waves);
		e->event.gun.gun_us = some_time(d) - 20 * second_us;
		return;
	}
	e = add_event(d, stream, RACE_DECISION);
	e->event.decision = &d->bodies[d->count - 1].decision;
	fill(d, &d->bodies[d->count - 1]);
}

void
decisions_undo(struct decisions *d, size_t i)
{
	struct model_event *e = add_event(d, COLLECTORS, RACE_DECISION);
	struct decisions_body *body = &d->bodies[d->count - 1];

	e->event.decision = &body->decision;
	fill(d, body);
	body->decision.verb = RACE_UNDO;
	body->decision.entry = NULL;
	body->decision.target = d->events[i].id;
	body->decision.replaces = (struct race_id){ 0, 0 };
	e->event.made_us = DECISIONS_BASE_US + second_us + (int64_t)d->count;
}

void
decisions_shuffle(struct decisions *d, size_t from)
{
	for (size_t i = d->count; i > from + 1; i--) {
		size_t j = from + test_below(d->random, i - from);
		struct model_event e = d->events[j];

		/* Bodies stay where they are: events lead to them. */
		d->events[j] = d->events[i - 1];
		d->events[i - 1] = e;
	}
}
