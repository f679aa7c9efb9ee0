/*
 * archive - the log of race.db in pages, for whoever asks for it (PROTOCOL.md
 * 4.4).
 *
 * Read by the connection that writes: what it gives is committed, found by the
 * primary key and bounded by a page, and no transaction of a reader is left
 * that would keep the WAL growing.
 */
#ifndef AGGREGATOR_ARCHIVE_H
#define AGGREGATOR_ARCHIVE_H

#include "proto/message.h"
#include "race/store.h"

enum { ARCHIVE_PAGE = 60 * 1024 }; /* bytes of an encoded answer */

struct archive;

/* store is borrowed for its life. */
struct archive *archive_new(struct store *store, uint64_t run);
void archive_free(struct archive *a);

/* LOG_REPLY, or REFUSE where race.db cannot be read; valid until the next call.
 */
void archive_answer(struct archive *a, const struct message_log_request *q,
    struct message *out);

#endif
