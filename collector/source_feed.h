/*
 * source_feed - where the bytes of a source come from: a file, a pipe, or a
 * file that is followed while it grows.
 *
 * A feed is one file after another, most often a single one, and knows nothing
 * of rows.  Seen by source*.c alone.
 */
#ifndef COLLECTOR_SOURCE_FEED_H
#define COLLECTOR_SOURCE_FEED_H

#include "collector/outbox.h"
#include "common/err.h"

enum source_news {
	SOURCE_NOTHING, /* for now */
	SOURCE_BYTES,
	SOURCE_END, /* of this file: a last row without newline counts */
	SOURCE_CUT  /* as SOURCE_END, but such a row is half a row */
};

struct source_feed;

struct source_feed_ops {
	void (*free)(struct source_feed *f);
	/* Looks what became of the file, once its deadline has come; NULL:
	 * there is nothing to look at. */
	void (*poll)(struct source_feed *f, int64_t now_mono_us);
	/* One of enum source_news, or -errno. */
	int (*read)(struct source_feed *f, char *out, size_t cap, size_t *len,
	    struct err *err);
	/* After the end of a file: whether another begins, at byte 0; NULL:
	 * none ever does. */
	bool (*next)(struct source_feed *f);
	/* The file begins again at byte 0; NULL: never asked for. */
	void (*rewind)(struct source_feed *f);
	/* 1: goes on at pos; 0: a file begins at byte 0; or -errno.  NULL: a
	 * pipe, which cannot go back. */
	int (*resume)(struct source_feed *f, const struct outbox_position *pos,
	    struct err *err);
};

/* The beginning of each kind; what is in it is freed by its free(). */
struct source_feed {
	const struct source_feed_ops *ops;
	char *key;
	char *title; /* of the file that is being read */
	int fd;      /* -1: none at present */
	bool whole;  /* what it will give is there */
	uint64_t device;
	uint64_t inode;
	int64_t deadline_mono_us;
};

int source_pipe_open(struct source_feed **out, const char *path,
    struct err *err);
int source_file_open(struct source_feed **out, const char *path,
    struct err *err);
int source_tail_open(struct source_feed **out, const char *path,
    struct err *err);

/* Of the first len bytes of fd: returns how many there are, and their CRC; or
 * -errno.  The place in fd is not moved. */
int64_t source_feed_prefix(int fd, uint64_t len, uint32_t *crc);

#endif
