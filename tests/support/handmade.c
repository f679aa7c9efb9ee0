#include "support/handmade.h"

#include <stdlib.h>

#include "common/xalloc.h"
#include "support/plain.h"

#define S HANDMADE_S

static struct race_ranking
ranking(const char *name, enum race_of of)
{
	struct race_ranking v = plain_ranking(name, 2);

	v.of = of;
	v.best = 2;
	v.sides = 1;
	return v;
}

static void
rank_all(struct handmade *h)
{
	struct race_ranking *r = h->rankings;

	r[HANDMADE_SCRATCH] = ranking("scratch", RACE_RUNNERS);
	r[HANDMADE_WOMEN] = ranking("femmes", RACE_RUNNERS);
	r[HANDMADE_WOMEN].sex = plain_text("F");
	r[HANDMADE_NET] = ranking("net", RACE_RUNNERS);
	r[HANDMADE_NET].by = RACE_BY_NET;
	r[HANDMADE_NET].gun_first = 2;
	r[HANDMADE_LIVE] = ranking("live", RACE_RUNNERS);
	r[HANDMADE_LIVE].at = RACE_LIVE;
	r[HANDMADE_REST] = ranking("autres", RACE_RUNNERS);
	r[HANDMADE_REST].without[0] =
	    (struct race_without){ HANDMADE_SCRATCH, 1 };
	r[HANDMADE_REST].without_count = 1;
	r[HANDMADE_TEAMS] = ranking("entreprises", RACE_TEAMS);
	r[HANDMADE_KM] = ranking("solidaire", RACE_TEAMS);
	r[HANDMADE_KM].score = RACE_SCORE_KM;
	r[HANDMADE_ELITE] = ranking("elite", RACE_RUNNERS);
	r[HANDMADE_ELITE].wave = plain_text("elite");
	r[HANDMADE_ELITE].ties = RACE_TIES_TIME;
	r[HANDMADE_DISTANCE] = ranking("distance", RACE_RUNNERS);
	r[HANDMADE_DISTANCE].by = RACE_BY_KM;
	r[HANDMADE_DISTANCE].ties = RACE_TIES_ORDER;
	r[HANDMADE_DISTANCE].round = RACE_ROUND_NONE;
}

struct handmade *
handmade_new(void)
{
	struct handmade *h = xcalloc(1, sizeof *h);

	h->waves[0] = (struct race_wave){ .name = plain_text("masse"),
		.gun_us = HANDMADE_GUN_US,
		.window_us = 300 * S };
	h->waves[1] = (struct race_wave){ .name = plain_text("elite"),
		.gun_us = HANDMADE_GUN_US + 600 * S,
		.window_us = 300 * S };
	h->points[0] = plain_point("depart", 0);
	h->points[1] = plain_point("mi-course", 4000);
	h->points[1].gap_us = 5 * S;
	h->points[2] = plain_point("arrivee", 8000);
	h->points[2].min_us = 900 * S;
	rank_all(h);
	h->rules = plain_rules();
	h->rules.waves = h->waves;
	h->rules.wave_count = 2;
	h->rules.points = h->points;
	h->rules.point_count = 3;
	h->rules.rankings = h->rankings;
	h->rules.ranking_count = HANDMADE_RANKINGS;
	h->rules.fastest_us_km = 120 * S;
	handmade_begin(h);
	return h;
}

void
handmade_free(struct handmade *h)
{
	book_free(h->book);
	crossings_free(h->crossings);
	free(h);
}

void
handmade_begin(struct handmade *h)
{
	book_free(h->book);
	crossings_free(h->crossings);
	h->book = book_new(&h->rules, HANDMADE_FILES);
	h->crossings = crossings_new();
}

void
handmade_event(struct handmade *h, struct race_id id,
    const struct race_event *e)
{
	crossings_note(h->crossings, id, e);
	if (book_apply(h->book, id, e) < 0)
		abort();
}

static struct race_id
next(struct handmade *h, uint64_t stream)
{
	return (struct race_id){ stream, ++h->seqs[stream] };
}

void
handmade_entry(struct handmade *h, const struct race_entry *e)
{
	const struct race_event event = { .kind = RACE_ENTRY,
		.made_us = ++h->made_us,
		.entry = *e };

	handmade_event(h, next(h, HANDMADE_FILES), &event);
}

void
handmade_enter(struct handmade *h, const char *bib, const char *name,
    const char *sex, const char *team)
{
	struct race_entry e = plain_entry(bib);

	e.name = name;
	e.sex = sex;
	e.team = team;
	e.wave = "masse";
	handmade_entry(h, &e);
}

static struct race_id
cross(struct handmade *h, int at, struct race_crossing c)
{
	static const char *const names[] = { "depart", "mi-course", "arrivee",
		"ailleurs" };
	struct race_id id = next(h, HANDMADE_STATION + (uint64_t)at);
	struct race_event e = { .kind = RACE_CROSSING };

	c.point = names[at];
	c.time_us += HANDMADE_GUN_US;
	e.made_us = c.time_us;
	e.crossing = c;
	handmade_event(h, id, &e);
	return id;
}

struct race_id
handmade_cross(struct handmade *h, int at, const char *bib, const char *chip,
    int64_t after_us)
{
	return cross(h, at,
	    (struct race_crossing){ .bib = bib,
	        .chip = chip,
	        .time_us = after_us,
	        .clock = RACE_CLOCK_FILE,
	        .source = "" });
}

struct race_id
handmade_stamp(struct handmade *h, int at, const char *bib, int64_t after_us,
    int64_t offset_us, int64_t bound_us)
{
	return cross(h, at,
	    (struct race_crossing){ .bib = bib,
	        .chip = "",
	        .time_us = after_us,
	        .offset_us = offset_us,
	        .bound_us = bound_us,
	        .clock = RACE_CLOCK_LAPTOP,
	        .clock_epoch = 1,
	        .boot_us = after_us + S,
	        .source = "keyboard" });
}

void
handmade_run(struct handmade *h, const char *bib, int64_t start_us,
    int64_t finish_us)
{
	handmade_cross(h, 0, bib, "", start_us);
	handmade_cross(h, 1, bib, "", (start_us + finish_us) / 2);
	handmade_cross(h, 2, bib, "", finish_us);
}

static const char *
or_none(const char *s)
{
	return s != NULL ? s : "";
}

struct race_id
handmade_decide(struct handmade *h, struct race_decision d)
{
	struct race_id id = next(h, HANDMADE_OPERATOR);
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };

	d.by = "anna";
	d.reason = or_none(d.reason);
	d.bib = or_none(d.bib);
	d.other_bib = or_none(d.other_bib);
	d.point = or_none(d.point);
	d.wave = or_none(d.wave);
	d.ranking = or_none(d.ranking);
	d.text = or_none(d.text);
	e.made_us = HANDMADE_GUN_US + 7200 * S + ++h->made_us * S;
	handmade_event(h, id, &e);
	return id;
}
