/*
 * report - what the aggregator tells of itself, its stations and its points:
 * the answer to operators, and what topic "s/" brings each second.
 */
#ifndef AGGREGATOR_REPORT_H
#define AGGREGATOR_REPORT_H

#include "aggregator/feed.h"
#include "aggregator/health.h"
#include "aggregator/intake.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/store.h"

/* Those who know it, and what the engine counts itself. */
struct report_scene {
	const struct store *store;
	struct book *book;
	struct intake *intake;
	const struct feed *feed;
	struct health *health;
	const char *software;
	const char *trouble;
	uint64_t run;
	int64_t started_us;
	uint64_t commits;
	uint64_t undecoded;
	uint64_t malformed; /* without intake's */
	uint64_t misfits;
	const struct message_season *seasons;
	size_t season_count;
	int64_t now_us; /* monotonic */
	int64_t now_utc_us;
};

/* Encodes a STATUS_REPLY; of stations and alarms that do not fit, the first.
 * 0, -EMSGSIZE. */
int report_put(struct wire_buffer *out, const struct report_scene *s,
    uint32_t request);

#endif
