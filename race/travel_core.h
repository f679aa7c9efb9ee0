/*
 * travel_core - what the files of travel share, and nobody else sees.
 *
 *	travel        on the way through the log: what rows were, by moments
 *	travel_stand  standing somewhere: a board and a roster, moved there
 *	travel_pack   rows as bytes
 */
#ifndef RACE_TRAVEL_CORE_H
#define RACE_TRAVEL_CORE_H

#include "race/travel.h"
#include "race/travel_pack.h"

#define NONE UINT32_MAX

/* What a row was from a moment on. */
struct version {
	uint32_t moment;
	uint32_t slot;
	uint32_t before; /* the version that it replaced, or NONE */
	uint32_t at;     /* in the bytes, or among the entries; NONE: gone */
};

/* A row, as it is by now. */
struct past_slot {
	char *label;
	uint32_t latest; /* its last version, or NONE */
	uint32_t crc;    /* of the bytes of that */
};

/* Rows by slot, and all that they ever were. */
struct past_rows {
	struct version *versions; /* by moment */
	size_t count;
	size_t cap;
	struct past_slot *slots;
	size_t slot_count;
	size_t slot_cap;
};

/* How far a ranking could be relied on, from a moment on. */
struct foresight {
	uint32_t moment;
	uint32_t at; /* in the bytes */
};

/* The bytes of the row that was packed last for a slot of any ranking. */
struct packed {
	uint32_t moment;
	uint32_t crc;
	uint32_t at;
};

struct past_ranking {
	struct past_rows rows;
	struct foresight *foresights;
	size_t count;
	size_t cap;
	struct race_outlook outlook; /* the last one */
};

struct stop {
	uint32_t moment;
	int64_t as_of_us;
};

struct travel_era {
	size_t first;
	struct race_rules *rules;
	struct past_ranking *rankings;
	struct travel_bytes rows; /* of all rankings */
	struct packed *packed;
	size_t packed_count;
	size_t packed_cap;
	struct past_rows entries;
	struct race_entry **bodies; /* of the entries' versions */
	size_t body_count;
	size_t body_cap;
	struct stop *stops;
	size_t stop_count;
	size_t stop_cap;
	size_t decided; /* decisions and the like, as of the last stop */
	size_t bytes;
};

/* What a slot is to be, as of a turn. */
struct seen {
	uint32_t turn;
	uint32_t at;
};

/* Where somebody stands: how many versions are in what is shown. */
struct stand {
	const struct travel_era *era;
	size_t ranking;
	struct board *board;
	size_t rows;
	struct roster *roster;
	size_t entries;
	int64_t turns;     /* each puts entries over those before */
	struct seen *seen; /* by slot */
	size_t seen_cap;
	size_t seen_count;
	uint32_t turn;
	uint32_t *listed; /* slots of this turn */
	size_t listed_cap;
	size_t listed_count;
};

struct travel {
	struct until log;
	size_t first; /* moments of stations' events, 0: none */
	size_t last;
	uint32_t *decisions;
	size_t decision_count;
	size_t decision_cap;
	struct travel_era **eras; /* by their first moment */
	size_t era_count;
	size_t era_cap;
	size_t budget;
	struct stand stand;
};

/* travel_stand.c: what is shown is forgotten. */
void travel_leave(struct stand *s);

#endif
