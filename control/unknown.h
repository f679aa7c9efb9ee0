/*
 * unknown - what crossings name and the race does not have, each with the
 * entries that somebody may have meant.
 */
#ifndef CONTROL_UNKNOWN_H
#define CONTROL_UNKNOWN_H

#include "race/export.h"
#include "race/near.h"
#include "race/roster.h"
#include "race/types.h"

enum { UNKNOWN_NEAR_MAX = 8 };

struct unknown_near {
	const char *bib;
	const char *name;
	const char *chip; /* the near one; "": the bib is near */
	enum near_slip slip;
};

struct unknown {
	struct race_unknown what;
	struct unknown_near *near; /* best first */
	size_t near_count;
};

struct unknown_list {
	struct unknown *items;
	size_t count;
	size_t cap;
	char **texts; /* that the items point to */
	size_t text_count;
	size_t text_cap;
};

/* Copied. */
void unknown_append(struct unknown_list *l, const struct race_unknown *u);
/* Leaves an empty list. */
void unknown_clear(struct unknown_list *l);

/* Whether there is anything that an entry may be near to. */
bool unknown_has_names(const struct unknown_list *l);

/* Finds who may be meant by each bib and chip.  Once a list. */
void unknown_seek(struct unknown_list *l, const struct roster *roster);

/* 0, or -errno of writing. */
int unknown_print(FILE *out, const struct unknown_list *l,
    enum export_format format);

#endif
