/*
 * source_rotated - the files beside FILE that once were FILE: FILE.1, FILE.2,
 * FILE-20140921, and with FILE's ending last, finish-1.csv.
 *
 * Looks into a folder and decides nothing.  Seen by source_tail.c alone.
 */
#ifndef COLLECTOR_SOURCE_ROTATED_H
#define COLLECTOR_SOURCE_ROTATED_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct source_rotated {
	char name[NAME_MAX + 1]; /* in the folder */
	struct stat st;
};

/* Where the rotated files are, and what they were called. */
struct source_rotated_place {
	const char *folder;
	const char *name;
};

/* By its name it once was FILE, or is. */
bool source_rotated_named(const struct source_rotated_place *place,
    const char *name);

/* The file of that identity, whatever it is called now: FILE before any other
 * name of it, and even where FILE is a link. */
bool source_rotated_find(const struct source_rotated_place *place,
    uint64_t device, uint64_t inode, struct source_rotated *out);

/* The longest file with a name like FILE's (not FILE) that begins with the len
 * bytes of that CRC. */
bool source_rotated_same(const struct source_rotated_place *place, uint64_t len,
    uint32_t crc, struct source_rotated *out);

enum source_rotated_gap {
	SOURCE_ROTATED_NONE,     /* the numbers leave no room for another */
	SOURCE_ROTATED_POSSIBLE, /* nothing tells */
	SOURCE_ROTATED_MISSING   /* a number is missing, or compressed */
};

/*
 * The file that FILE became next after `before`, by the time of its last write;
 * false: none but `now`, which is FILE itself (zeros: there is none).  *gap:
 * whether there was another between them.
 */
bool source_rotated_after(const struct source_rotated_place *place,
    const struct source_rotated *before, const struct stat *now,
    struct source_rotated *out, enum source_rotated_gap *gap);

#endif
