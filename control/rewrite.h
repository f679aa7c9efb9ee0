/*
 * rewrite - a recording made of another: record by record, beside it, and under
 * its name when all of it is on the disk.
 */
#ifndef CONTROL_REWRITE_H
#define CONTROL_REWRITE_H

#include "common/err.h"
#include "proto/recording.h"

/* Of it there is more to be written: fn is called with it again. */
enum { REWRITE_MORE = 2 };

/* May change what rec points to.  1: it is written, or REWRITE_MORE; 0: left
 * out; -errno ends it. */
typedef int (*rewrite_fn)(void *arg, struct recording_record *rec);

struct rewrite {
	uint64_t read;
	uint64_t written;
};

/* -EEXIST: there is such a file.  -EBUSY: it is being made.  On failure there
 * is none of that name. */
int rewrite_file(const char *from, const char *to, rewrite_fn fn, void *arg,
    struct rewrite *out, struct err *err);

#endif
