/*
 * feed - what displays are told: deltas in two tiers, heartbeats, snapshots.
 *
 * Pure.  Reads the book, which has changed already when feed_commit() is
 * called: commit, then rank, then publish.  Views: each ranking by its name,
 * the tables of seasons by theirs, and the roster (MESSAGE_ROSTER).  A view's
 * seq grows by one with each commit that changed it; deltas of the tick tier
 * span several.  Views and tiers that nobody has subscribed to are not encoded.
 *
 * Topics (first frame): "c/VIEW\n" each commit, "t/VIEW\n" at most 10 a second,
 * merged by label; "h/" heartbeats; "l/" how far the log reaches, each commit;
 * "s/" the health of the stations, which the engine fills in.
 */
#ifndef AGGREGATOR_FEED_H
#define AGGREGATOR_FEED_H

#include "proto/message.h"
#include "race/book.h"
#include "race/season/tally.h"

enum { FEED_PAGE_ROWS = 500, FEED_TOPIC_MAX = 80 };

struct feed;

struct feed_ops {
	void (*publish)(void *arg, const char *topic, const struct message *m);
};

/* A table of a season, and what displays call it. */
struct feed_table {
	const char *name;
	struct tally *tally;
};

/* What there is to tell, borrowed for the feed's life. */
struct feed_sources {
	struct book *book;
	const struct feed_table *tables;
	size_t table_count;
};

struct feed *feed_new(uint64_t store, uint64_t run,
    const struct feed_sources *sources, const struct feed_ops *ops, void *arg);
void feed_free(struct feed *f);

/*
 * Somebody subscribed.  What was asked for once is told until the end of the
 * run: anybody can send an XPUB the end of a subscription that is another's,
 * and libzmq passes it on.
 */
void feed_subscribed(struct feed *f, const char *topic, size_t len);

/* A commit is durable and in the book; or a table of a season has changed. */
void feed_commit(struct feed *f, int64_t now_utc_us);

/* Ticks and heartbeats that are due. */
void feed_turn(struct feed *f, int64_t now_us, int64_t now_utc_us, uint64_t log,
    const char *trouble);
int64_t feed_deadline(const struct feed *f, int64_t now_us);

/* Somebody has asked for topic FEED_HEALTH. */
#define FEED_HEALTH "s/"
bool feed_health(const struct feed *f);

/*
 * Answers a snapshot request: fills *out (SNAPSHOT_PAGE, or REFUSE for a view
 * that does not exist); its pointers are valid until the next call.
 */
void feed_snapshot(struct feed *f, const struct message_snapshot_request *req,
    struct message *out);
uint64_t feed_snapshots(const struct feed *f); /* first pages served */

#endif
