/*
 * verify - whether a recording, or a race.db, is what was stored: numbers,
 * CRCs, and of each stream its numbers, its chain and its cursor; where it is
 * not any more, and what is still good.
 */
#ifndef CONTROL_VERIFY_H
#define CONTROL_VERIFY_H

#include "common/err.h"
#include "race/types.h"

struct verify {
	bool recording; /* else a race.db */
	uint64_t events;
	uint64_t first; /* numbers of the log */
	uint64_t last;
	uint64_t streams;
	uint64_t begun;     /* of them, before the first event that is here */
	uint64_t undecoded; /* of a later version */
	uint64_t bytes;     /* of a recording: as far as it is whole */
	bool torn;          /* behind them is the beginning of another event */
};

/*
 * A race folder stands for its race.db.  -EUCLEAN: damaged, and err says where,
 * and what is good; -errno if it cannot be read.  *out is set in any case, with
 * what is good.
 */
int verify_file(const char *path, struct verify *out, struct err *err);

#endif
