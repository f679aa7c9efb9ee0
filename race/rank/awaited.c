/*
 * awaited - who should have passed a point by now, and has not been read there
 * (PROTOCOL.md 5.1).
 */
#include "race/rank/core.h"

/* From a start mat nothing is known of anybody's pace: 15 minutes a km. */
static const int64_t stroll_us = 900000; /* a metre */
/* Just before a mat somebody waits for a friend. */
static const int64_t linger_us = 120 * INT64_C(1000000);

static bool
is_awaited(enum race_status status)
{
	switch (status) {
	case RACE_STATUS_NONE:
	case RACE_RUNNING:
	case RACE_NC: /* runs like the others */
		return true;
	case RACE_FINISHED:
	case RACE_DNS:
	case RACE_DNF:
	case RACE_DSQ:
	case RACE_OTL:
		break;
	}
	return false;
}

/* When somebody is at `metres` who went `done` metres in elapsed_us, at an even
 * pace; no time of a race, if that is later than all of them. */
static int64_t
even_pace(int64_t elapsed_us, uint32_t metres, uint32_t done)
{
	uint64_t whole = (uint64_t)elapsed_us / done;
	uint64_t rest = (uint64_t)elapsed_us % done;

	/* Each of them is below 2^32 metres: the rest fits. */
	if (metres > 0 && whole > (uint64_t)RACE_TIME_MAX / metres)
		return RACE_TIME_MAX;
	return (int64_t)(whole * metres + rest * metres / done);
}

/* The same for the last moment at which they are believed to come: whoever is
 * further on has passed before, the others may tire, from here on to half their
 * pace, and in all to two thirds of it. */
static int64_t
slow_pace(int64_t elapsed_us, uint32_t metres, uint32_t done)
{
	int64_t even_us = even_pace(elapsed_us, metres, done);
	int64_t most_us;
	int64_t to_go_us;

	if (done > metres)
		return even_us;
	most_us = even_us / 2;
	to_go_us = even_us - elapsed_us + linger_us;
	return even_us + (to_go_us < most_us ? to_go_us : most_us);
}

/* Since when somebody has been awaited at a point; RACE_NO_TIME: is not. */
static int64_t
awaited_since(const struct rank *r, const struct facts *f, uint32_t metres)
{
	int64_t start_us = f->gun_us;
	int64_t elapsed_us;
	uint32_t done;

	if (f->point < 0)
		return RACE_NO_TIME;
	done = r->rules->points[f->point].metres;
	if (done == metres)
		return RACE_NO_TIME;
	/* Without a gun nobody has a pace: people cross a start line in their
	 * tracksuits, too. */
	if (start_us == RACE_NO_TIME)
		return done > metres ? f->time_us : RACE_NO_TIME;
	if (f->start_us > start_us)
		start_us = f->start_us;
	if (done == 0)
		return start_us + metres * stroll_us;
	elapsed_us = f->time_us > start_us ? f->time_us - start_us : 0;
	return start_us + slow_pace(elapsed_us, metres, done);
}

void
rank_awaited(struct rank *r, size_t point, int64_t last_us, int64_t now_us,
    struct rank_awaited *out)
{
	uint32_t metres = r->rules->points[point].metres;

	rank_settle(r);
	*out = (struct rank_awaited){ 0 };
	for (uint32_t i = 0; i < r->runners_count; i++) {
		struct facts f;
		int64_t since_us;

		if (r->counting[i * r->points + point] != NONE) {
			out->passed++;
			continue;
		}
		if (!is_awaited(people_status(r, i)))
			continue;
		people_facts(r, i, &f);
		since_us = awaited_since(r, &f, metres);
		if (since_us <= last_us || since_us > now_us)
			continue;
		if (r->rules->points[f.point].metres > metres)
			out->missed++;
		else
			out->late++;
	}
}
