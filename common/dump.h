/*
 * dump - results written to a stream that may be a pipe or a full disk.
 */
#ifndef COMMON_DUMP_H
#define COMMON_DUMP_H

#include <jansson.h>
#include <stdio.h>

/* Writes o and a newline, and takes o.  flags are those of json_dumpf().  0, or
 * -errno. */
int dump_json(FILE *out, json_t *o, size_t flags);

/* All that was written is on its way: 0; or -errno of whatever failed since
 * the beginning, -EIO if nothing tells. */
int dump_end(FILE *out);

#endif
