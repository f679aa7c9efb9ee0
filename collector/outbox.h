/*
 * outbox - a collector's stream on its own disk: everything that was accepted,
 * in order, before anything of it is sent.
 *
 * An SQLite file (WAL, synchronous=FULL, set and read back) with the stream's
 * identity, its events, and how far each source has been read, the last two in
 * one transaction: a restart neither skips nor doubles.  PATH.lock is held with
 * flock: one process an outbox.  sqlite3.h is seen in outbox.c (and the
 * aggregator's store.c) alone.
 */
#ifndef COLLECTOR_OUTBOX_H
#define COLLECTOR_OUTBOX_H

#include "collector/clockwork.h"
#include "common/err.h"
#include "race/types.h"

struct outbox;

/*
 * Opens, or makes with a new random epoch.  name and point are those of a new
 * outbox; of an old one they have to be the same ("" takes what is there), else
 * -EEXIST with words.  -EBUSY: another process has it.  -EPROTO: newer schema.
 * -EUCLEAN: not an outbox, or damaged.
 */
int outbox_open(struct outbox **out, const char *path, const char *name,
    const char *point, struct err *err);
void outbox_free(struct outbox *o);
/* Whether outbox_open() would make a new one. */
bool outbox_missing(const char *path);

uint64_t outbox_epoch(const struct outbox *o);
const char *outbox_name(const struct outbox *o);
const char *outbox_point(const struct outbox *o);

uint64_t outbox_last(const struct outbox *o);  /* committed */
uint64_t outbox_first(const struct outbox *o); /* lowest kept; 0: empty */
uint64_t outbox_acked(const struct outbox *o);

/* Appends to the open transaction (begun if there is none); *seq is its number.
 * Not sent before outbox_commit().  0, -ENOSPC, -EIO. */
int outbox_append(struct outbox *o, const uint8_t *body, size_t len,
    uint64_t *seq);

/* How far a source was read, in the same transaction. */
struct outbox_position {
	uint64_t offset;
	uint64_t line;
	int64_t near_us;  /* the last time read, for midnight; RACE_NO_TIME */
	uint64_t refused; /* lines that could not be read, so far */
	char separator;
	uint64_t hash; /* of the bytes before offset: is it still that file? */
	/* Of the file, for those that are followed as they grow; 0: none. */
	uint64_t device;
	uint64_t inode;
};
int outbox_set_position(struct outbox *o, const char *source,
    const struct outbox_position *pos);
/* -ENOENT: this source was never read. */
int outbox_get_position(struct outbox *o, const char *source,
    struct outbox_position *pos);

/* The row that names the columns, as it stands in the file, for one that goes
 * on in files without; after outbox_set_position().  Free with free(); "": not
 * kept.  -ENOENT. */
int outbox_set_columns(struct outbox *o, const char *source, const char *text);
int outbox_get_columns(struct outbox *o, const char *source, char **out);

/*
 * The line that is being typed, kept beside the stream in the open transaction
 * until it is entered: a laptop that dies between two keys loses no time.
 */
struct outbox_draft {
	int64_t time_us; /* of its first key */
	int64_t boot_us;
	struct clockwork_mark mark; /* what was known of that moment */
	char text[RACE_BIB_MAX + 1];
};
/* d NULL: there is none any more. */
int outbox_set_draft(struct outbox *o, const struct outbox_draft *d);
int outbox_get_draft(struct outbox *o, struct outbox_draft *out); /* -ENOENT */

/* The clock epoch, in the open transaction: before events of it. */
int outbox_set_clock(struct outbox *o, const struct clockwork_epoch *e);
/* number 0: there was none. */
int outbox_get_clock(struct outbox *o, struct clockwork_epoch *out);

/* A line that was refused, kept for a person (its text cut to 1000 bytes). */
int outbox_refuse(struct outbox *o, const char *source, uint64_t line,
    const char *text, const char *why);

/* Durable when it returns 0.  -ENOSPC: rolled back, may be tried again; any
 * other failure ends the program.  Nothing to commit is 0 at once. */
int outbox_commit(struct outbox *o, struct err *err);
void outbox_rollback(struct outbox *o);
bool outbox_pending(const struct outbox *o);

/* What the aggregator holds, kept without a flush of its own (a crash only
 * makes us ask again). */
void outbox_set_acked(struct outbox *o, uint64_t seq);

/*
 * Committed events from `first` on, at most max_count and max_bytes (at least
 * one): fn for each.  Returns how many, or -errno.
 */
typedef void (
    *outbox_event_fn)(void *arg, uint64_t seq, const uint8_t *body, size_t len);
int outbox_read(struct outbox *o, uint64_t first, size_t max_count,
    size_t max_bytes, outbox_event_fn fn, void *arg, struct err *err);

/*
 * Puts the outbox aside and makes a new one with another epoch in its place,
 * with its name and point, and with how far each source was read, so that no
 * line is taken again.  *path (for free()) is where the old one is now, beside
 * it, named after the moment, with everything it had.  It is marked: it can
 * still be sent from, and nothing is added to it any more (-EROFS).
 *
 * -EBUSY, with words and counts: something is not acknowledged, or typed and
 * not entered; -ENODATA: nothing is in it.  After these it is as it was; after
 * anything else only outbox_free() may follow.
 *
 * In the order: the new one is made as PATH.next; the mark; no WAL any more;
 * the old one moves away; the new one takes its place; each durable before the
 * next begins.  What is cut short behind the mark is finished by the next
 * outbox_open(), and before it nothing has happened.  So the stream is at all
 * times whole in one file, which is at most one collector's to write.
 */
int outbox_archive(struct outbox *o, int64_t now_us, char **path,
    struct err *err);
/* When; 0: it was not. */
int64_t outbox_archived(const struct outbox *o);

/* The chain hash at seq (0: 0).  -ENOENT. */
int outbox_chain(struct outbox *o, uint64_t seq, uint64_t *chain);

#endif
