#include "tests/bench/passing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const int64_t second_us = 1000000;
/* From one point to the next. */
static const int64_t fastest_us = 1500 * second_us;
static const int64_t spread_us = 1500 * second_us;
/* From the gun until the last is over the start line. */
static const int64_t start_us = 600 * second_us;

void
passing_init(struct passing *p, const struct race_rules *rules,
    uint64_t entries, unsigned readers)
{
	assert(entries % 1000 == 0 && (readers == 1 || readers == 2));
	assert(rules->wave_count > 0 && rules->waves[0].gun_us != RACE_NO_TIME);
	*p = (struct passing){ .rules = rules,
		.entries = entries,
		.readers = readers,
		.second.time_us = RACE_NO_TIME };
}

void
passing_entry(uint64_t i, struct passing_entry *out)
{
	static const char *const categories[] = { "SE", "M1", "M2" };

	snprintf(out->bib, sizeof out->bib, "%" PRIu64, i + 1);
	snprintf(out->name, sizeof out->name, "Coureur %07" PRIu64, i + 1);
	snprintf(out->team, sizeof out->team, "Entreprise %06" PRIu64,
	    i / PASSING_TEAM);
	out->entry = (struct race_entry){ .bib = out->bib,
		.name = out->name,
		.sex = i % 2 == 0 ? "F" : "M",
		.born = "",
		.category = categories[i % 3],
		.team = out->team,
		.wave = i % 5 == 0 ? "b" : "a",
		.nation = "" };
}

uint64_t
passing_total(const struct passing *p)
{
	return p->entries * p->rules->point_count * p->readers;
}

/* When the n-th passes that point. */
static int64_t
time_at(const struct passing *p, size_t point, uint64_t n)
{
	int64_t all = (int64_t)p->entries;
	int64_t i = (int64_t)n;
	int64_t gun_us = p->rules->waves[0].gun_us;

	if (p->rules->points[point].metres == 0)
		return gun_us + start_us * i / all;
	return gun_us + (int64_t)point * (fastest_us + spread_us * i / all);
}

/* Who that is: neighbours pass each other from point to point, and bibs say
 * nothing about speed. */
static uint64_t
bib_at(const struct passing *p, size_t point, uint64_t n)
{
	uint64_t rank = n ^ (point * 5 & 7);

	return rank * 7919 % p->entries + 1;
}

/* The point that is passed next, or -1. */
static int
next_point(const struct passing *p)
{
	int64_t first_us = INT64_MAX;
	int next = -1;

	for (size_t i = 0; i < p->rules->point_count; i++) {
		int64_t at_us;

		if (p->passed[i] == p->entries)
			continue;
		at_us = time_at(p, i, p->passed[i]);
		if (at_us >= first_us)
			continue;
		first_us = at_us;
		next = (int)i;
	}
	return next;
}

static bool
take_second(struct passing *p, struct race_crossing *out, unsigned *stream)
{
	if (p->second.time_us == RACE_NO_TIME)
		return false;
	*out = p->second;
	*stream = p->second_stream;
	p->second.time_us = RACE_NO_TIME;
	return true;
}

bool
passing_next(struct passing *p, struct race_crossing *out, unsigned *stream)
{
	size_t point;
	uint64_t n;
	int next;

	if (take_second(p, out, stream))
		return true;
	next = next_point(p);
	if (next < 0)
		return false;
	point = (size_t)next;
	n = p->passed[point]++;
	snprintf(p->bib, sizeof p->bib, "%" PRIu64, bib_at(p, point, n));
	*out = (struct race_crossing){ .point = p->rules->points[point].name,
		.bib = p->bib,
		.chip = "",
		.time_us = time_at(p, point, n),
		.clock = RACE_CLOCK_FILE,
		.source = "" };
	*stream = (unsigned)(point * 3 / p->rules->point_count);
	if (p->readers == 2) {
		p->second = *out;
		p->second.time_us += second_us / 5;
		p->second_stream = *stream + 3;
	}
	return true;
}
