/*
 * Rows of crossings: what is taken can be sent as it is, and read again.
 */
#include <assert.h>
#include <string.h>

#include "collector/lines.h"
#include "common/instant.h"
#include "fuzz.h"
#include "proto/wire.h"

static char title[] = "Fuzz", date[] = "2014-10-26", zone[] = "Europe/Paris",
            masse[] = "masse", elite[] = "elite", start[] = "depart",
            finish[] = "arrivee";
/* 02:30 of the night in which a clock shows 02:30 twice. */
static struct race_wave waves[] = {
	{ .name = masse, .gun_us = INT64_C(1414283400000000) },
	{ .name = elite, .gun_us = RACE_NO_TIME },
};
static struct race_point points[] = { { .name = start },
	{ .name = finish, .metres = 8000 } };
static struct race_rules rules = { .title = title,
	.date = date,
	.timezone = zone,
	.waves = waves,
	.points = points,
	.point_count = 2 };
static const char *const chips[] = { "4FF1030" };
static const struct race_entry entries[] = {
	{ .bib = "12",
	    .name = "Élise",
	    .sex = "",
	    .born = "",
	    .category = "",
	    .team = "",
	    .wave = "",
	    .nation = "",
	    .chips = chips,
	    .chip_count = 1 },
};

static void
ignore(void *arg, const char *text)
{
	(void)arg;
	assert(text[0] != '\0');
}

static void
check_crossing(struct wire_buffer *b, struct wire_arena *a,
    const struct race_crossing *c)
{
	struct race_event event = { .kind = RACE_CROSSING, .crossing = *c };
	struct race_event back;

	b->len = 0;
	wire_reset(a);
	assert(wire_put_event(b, &event) > 0);
	assert(wire_get_event(a, b->data, b->len, &back) == 0);
	assert(back.kind == RACE_CROSSING);
	assert(back.crossing.time_us == c->time_us);
	assert(back.crossing.flags == c->flags);
	assert(strcmp(back.crossing.bib, c->bib) == 0);
	assert(strcmp(back.crossing.chip, c->chip) == 0);
	assert(strcmp(back.crossing.point, c->point) == 0);
}

static void
read_rows(struct lines *l, struct csv *csv)
{
	struct wire_buffer b = { 0 };
	struct wire_arena *a = wire_arena_new();
	int64_t near_us = RACE_NO_TIME;
	struct race_crossing c;
	struct csv_row row;
	struct err err;
	bool header = false;
	int rc;

	while ((rc = csv_next(csv, &row, &err)) != 0) {
		if (rc < 0)
			continue;
		if (!header && lines_header(l, &row, &err) < 0)
			break;
		if (header &&
		    lines_crossing(l, &row, &near_us, &c, &err) == 0) {
			check_crossing(&b, a, &c);
			assert(near_us == c.time_us);
		}
		header = true;
	}
	wire_buffer_free(&b);
	wire_arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool zone_set;
	struct fuzz_input in = { data, len };
	uint8_t choice = fuzz_byte(&in);
	struct lines_race race = { .wave = choice & 4 ? masse : "" };
	struct lines *l;
	struct csv *csv;

	if (!zone_set)
		assert(instant_zone(zone, NULL) == 0);
	zone_set = true;
	rules.wave_count = choice & 8 ? 2 : 1;
	if (choice & 1)
		race.rules = &rules;
	if (choice & 2) {
		race.entries = entries;
		race.entry_count = 1;
	}
	l = lines_new(&race, ignore, NULL);
	lines_set_point(l, choice & 16 ? finish : "");
	csv = csv_new(0, 1, '\0');
	csv_feed(csv, (const char *)in.at, in.left);
	csv_end(csv);
	read_rows(l, csv);
	lines_sum_up(l);
	csv_free(csv);
	lines_free(l);
	return 0;
}
