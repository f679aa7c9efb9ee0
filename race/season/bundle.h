/*
 * bundle - the files of a season folder in memory, in the order of their names.
 */
#ifndef RACE_SEASON_BUNDLE_H
#define RACE_SEASON_BUNDLE_H

#include <stddef.h>

struct bundle_file {
	char *name; /* in the folder: "palmares/2014.csv" */
	char *data;
	size_t len;
};

/* All zero: empty. */
struct bundle {
	struct bundle_file *files;
	size_t count;
	size_t cap;
};

/* NULL: there is none of that name. */
const struct bundle_file *bundle_find(const struct bundle *b, const char *name);

/* Its bytes, data, become the bundle's; what it had goes.  Name is copied. */
void bundle_put(struct bundle *b, const char *name, char *data, size_t len);
void bundle_drop(struct bundle *b, const char *name);
void bundle_clear(struct bundle *b);

#endif
