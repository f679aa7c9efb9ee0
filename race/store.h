/*
 * store - race.db, and season.db of a season: the log of all accepted events,
 * and a cursor for each stream, moved in the transaction of its events.
 *
 * SQLite, WAL, synchronous=FULL (set and read back): what store_commit() has
 * returned 0 for survives a power cut.  One connection writes and checkpoints;
 * readers open with STORE_READ, never checkpoint, and read in short chunks.
 * sqlite3.h is seen in store*.c (and the collector's outbox.c) alone.
 */
#ifndef RACE_STORE_H
#define RACE_STORE_H

#include "common/err.h"
#include "race/types.h"

struct store;

enum store_mode {
	STORE_WRITE, /* create if missing; -EBUSY if another process writes */
	STORE_READ
};

/* A stream as stored. */
struct store_stream {
	uint32_t id; /* in this database */
	uint64_t epoch;
	char name[RACE_NAME_MAX + 1];
	char point[RACE_LABEL_MAX + 1];
	bool operators;       /* a command of an operator, no station */
	uint64_t cursor;      /* last seq stored */
	uint64_t chain;       /* at the cursor */
	int64_t last_time_us; /* latest crossing's own time, RACE_NO_TIME */
};

/* An event as stored; body and stream are borrowed for the call. */
struct store_event {
	uint64_t log;
	struct race_id id;
	const struct store_stream *stream;
	int64_t received_us;
	uint64_t chain;
	const uint8_t *body;
	size_t len;
};

/*
 * -ENOENT (STORE_READ): no such file; -ENODATA: one that is only just being
 * made, or whose maker was killed.  -EPROTO: a newer schema.  -EUCLEAN: not
 * a race.db or damaged (quick_check, after an unclean end): err says which
 * events can be read and what to do, here and wherever damage is met later.
 * -EBUSY: another writer, its pid in err.  A reader needs no right to write,
 * unless a WAL was left behind: -EACCES, and err says what would do.
 */
int store_open(struct store **out, const char *path, enum store_mode mode,
    struct err *err);
void store_free(struct store *s);

/* Whether its pages, tables and indices are in order, whatever its end was
 * like: 0, or -EUCLEAN as above.  What its events are store_scan() tells. */
int store_check(struct store *s, struct err *err);

uint64_t store_id(const struct store *s); /* random, made with the file */
uint64_t store_log(
    const struct store *s); /* last log number, uncommitted too */
uint64_t store_committed(const struct store *s); /* the last durable one */

/*
 * The stream of that epoch, made in the current transaction if it is new
 * (name and point are brought up to date; whose it is stays).
 */
int store_stream(struct store *s, uint64_t epoch, const char *name,
    const char *point, bool operators, struct store_stream *out);

/*
 * Appends the next event of a stream (seq must be cursor + 1) and moves its
 * cursor, in the current transaction, which is begun if there is none.
 * `event` may be NULL if its bytes could not be decoded.  0; -ENOSPC, or
 * -EBUSY while another program holds the file: roll back and try again later;
 * any other failure ends the program.
 */
int store_append(struct store *s, uint32_t stream, uint64_t seq,
    const struct race_event *event, const uint8_t *body, size_t len,
    uint64_t chain, int64_t received_us);

/*
 * Durable when it returns 0.  -ENOSPC (the disk is full), -EBUSY (another
 * program holds the file): everything since the last commit is rolled back and
 * may be tried again.  Any other failure: the caller ends the program, for a
 * failed fsync is never retried.  Nothing to commit is 0 at once.
 */
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);
bool store_pending(const struct store *s);

/* After -ENOSPC or -EBUSY: tries to write; 0 if that is durable, else as
 * store_commit(). */
int store_room(struct store *s);

/* A checkpoint when there is time; cheap when there is nothing to do. */
void store_idle(struct store *s);

/* Each stream, in order of id. */
typedef int (*store_stream_fn)(void *arg, const struct store_stream *st);
int store_streams(struct store *s, store_stream_fn fn, void *arg);

/* The chain at seq of a stream, as stored.  -ENOENT. */
int store_chain(struct store *s, uint32_t stream, uint64_t seq,
    uint64_t *chain);

/* Its number in the log, likewise; -EUCLEAN as store_scan(). */
int store_number(struct store *s, uint32_t stream, uint64_t seq,
    uint64_t *number, struct err *err);

/*
 * Events with log number > after, in order, read in short transactions; a
 * negative result of fn ends it and is returned.  From the beginning (after =
 * 0) each is checked by its chain: -EUCLEAN if it is not what was stored.
 */
typedef int (*store_event_fn)(void *arg, const struct store_event *e);
int store_scan(struct store *s, uint64_t after, store_event_fn fn, void *arg,
    struct err *err);

/*
 * The writer's: what is committed with log number > after, in order, until fn
 * returns 1; a negative result ends it too and is returned.  By the primary
 * key, so it costs what it gives, wherever in the log that is; no transaction
 * is left behind.
 */
int store_page(struct store *s, uint64_t after, store_event_fn fn, void *arg);

/* The body of the newest RACE_RULES event of the aggregator's own stream (its
 * epoch is the store's id); -ENOENT.  *out for free(). */
int store_rules(struct store *s, uint8_t **out, size_t *len, struct err *err);

struct store_copy {
	uint64_t events;
	int64_t last_us; /* the last one was received; RACE_NO_TIME: none */
	uint64_t bytes;
};

/* Bytes copied so far, of all. */
typedef void (*store_progress_fn)(void *arg, uint64_t done, uint64_t total);

/*
 * Copies what is committed now into the file `to`, by way of TO.partial:
 * checked event by event and durable before it has its name.  `from` is a
 * reader; whoever writes meanwhile is not held up, but its WAL grows until the
 * copy is done.  -EEXIST: there is such a file, and it is not an older backup
 * of this race.db.  -EUCLEAN: from is damaged.  -EBUSY: another backup into it
 * runs. On failure TO.partial is removed and `to` is what it was.  fn may be
 * NULL.
 */
int store_backup(struct store *from, const char *to, store_progress_fn fn,
    void *arg, struct store_copy *out, struct err *err);

#endif
