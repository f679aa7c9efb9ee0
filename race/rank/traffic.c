/*
 * traffic - how many reads came from each point, and when the latest was.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

struct traffic *
traffic_new(size_t points)
{
	struct traffic *all = xcalloc(points + 1, sizeof *all);

	for (size_t i = 0; i < points; i++)
		all[i].is.last_us = RACE_NO_TIME;
	return all;
}

void
traffic_read(struct rank *r, uint32_t i)
{
	uint8_t point = identity_made_at(r, i);
	struct rank_traffic *t;

	if (point == POINT_UNKNOWN)
		return;
	t = &r->traffic[point].is;
	t->reads++;
	if (r->id.reads[i].time_us > t->last_us)
		t->last_us = r->id.reads[i].time_us;
}

void
traffic_moved(struct rank *r, uint32_t i, int64_t was_us)
{
	uint8_t point = identity_made_at(r, i);
	int64_t time_us = r->id.reads[i].time_us;
	struct traffic *t;

	if (point == POINT_UNKNOWN)
		return;
	t = &r->traffic[point];
	if (time_us > t->is.last_us)
		t->is.last_us = time_us;
	else if (was_us == t->is.last_us)
		t->stale = true;
}

/* The latest may be another one now. */
static void
find_last(struct rank *r, size_t point)
{
	struct traffic *t = &r->traffic[point];

	t->stale = false;
	t->is.last_us = RACE_NO_TIME;
	for (size_t i = 0; i < r->id.reads_count; i++) {
		int64_t time_us = r->id.reads[i].time_us;

		if (time_us > t->is.last_us &&
		    identity_made_at(r, (uint32_t)i) == point)
			t->is.last_us = time_us;
	}
}

void
rank_traffic(struct rank *r, size_t point, struct rank_traffic *out)
{
	if (r->traffic[point].stale)
		find_last(r, point);
	*out = r->traffic[point].is;
}
