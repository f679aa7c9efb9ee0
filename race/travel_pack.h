/*
 * travel_pack - a row without its label, and how far a ranking can be relied
 * on, as few bytes: in memory alone, by the program that reads them.  Pure.
 */
#ifndef RACE_TRAVEL_PACK_H
#define RACE_TRAVEL_PACK_H

#include "race/types.h"

/* Room for the splits of any row. */
enum { TRAVEL_SPLITS = RACE_POINTS_MAX };

struct travel_bytes {
	uint8_t *data; /* for free() */
	size_t len;
	size_t cap;
};

void travel_pack_row(struct travel_bytes *b, const struct race_row *row);
/* out->splits are in splits; the label is not set. */
void travel_unpack_row(const uint8_t *from, int64_t splits[TRAVEL_SPLITS],
    struct race_row *out);

void travel_pack_outlook(struct travel_bytes *b, const struct race_outlook *o);
void travel_unpack_outlook(const uint8_t *from, struct race_outlook *out);

#endif
