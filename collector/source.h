/*
 * source - where crossings come from: rows of fields, out of a file, a file
 * that is followed while it grows, or stdin.
 *
 * The first row names the columns.  A file is read from where the outbox says
 * that it was left; a pipe cannot go back, so its lines are always new.  A file
 * that is followed may be rotated: then it is several files, one after another,
 * and positions, lines and titles are those of the one that a row stood in.
 */
#ifndef COLLECTOR_SOURCE_H
#define COLLECTOR_SOURCE_H

#include "collector/outbox.h"
#include "common/csv.h"

struct source;

/*
 * spec is "csv:FILE", "tail:FILE" or "stdin".  -ENOTSUP: a kind that this
 * version does not have, -EINVAL: no kind at all, else why the file cannot be
 * read.
 */
int source_open(struct source **out, const char *spec, struct err *err);
void source_free(struct source *s);

/* What the outbox keeps its position under: the file's full path. */
const char *source_key(const struct source *s);
/* As a person named it, for messages: of the file that is read just now. */
const char *source_title(const struct source *s);

/* What there is to read, with the header, is there now: not a pipe, nor a file
 * that is followed, which may not even exist. */
bool source_whole(const struct source *s);

/* To be watched for reading, then source_fill(); -1: a file, read at need. */
int source_fd(const struct source *s);
int source_fill(struct source *s, struct err *err);

/* Before source_next() in each turn; when the next turn has to be. */
void source_poll(struct source *s, int64_t now_mono_us);
int64_t source_deadline(const struct source *s);

/* 1 and the row with the names of the columns; 0: more bytes are needed;
 * -EINVAL: there is none. */
int source_header(struct source *s, struct csv_row *row, struct err *err);

/* Goes on at pos.  -EINVAL: the file is not the one that was read, by the hash
 * of what was read of it; one that is followed says what of it is gone, and
 * another one begins.  For pipes nothing is done. */
int source_resume(struct source *s, const struct outbox_position *pos,
    struct err *err);

/* As csv_next(); 0 is "no more" if source_ended(); -EIO: it cannot be read. */
int source_next(struct source *s, struct csv_row *row, struct err *err);
bool source_ended(const struct source *s);

/* Another file has begun since this was asked last: its beginning is where
 * source_position() is, worth keeping before it has given a row. */
bool source_turned(struct source *s);

/* The last row was the first of a file that another was before. */
bool source_began(const struct source *s);
/* That row does not name columns.  True: it was taken apart at other separators
 * than those of the file before, and comes once more, by those. */
bool source_reread(struct source *s);

/* Where the row that source_next() gave ends, or the beginning of a file that
 * gave none yet: all but near_us and refused. */
void source_position(const struct source *s, struct outbox_position *pos);

/* The last row as it stands in a file, or near it for a pipe: cut to cap. */
void source_text(const struct source *s, char *out, size_t cap);

#endif
