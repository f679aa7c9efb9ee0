/*
 * recording - the events of a race in a file, in the order of the log.
 *
 * A file is one protobuf message that grows (Recording of palmares.proto): a
 * header field, then a record field for each event, with a CRC-32C as the last
 * field in each, so that `protoc --decode` reads it.  All fields are written,
 * in the order of their numbers, and nothing else is taken back.
 *
 * What stands behind the last whole record is either the beginning of one,
 * which a crash has torn and which is cut off on opening for append; or it is
 * damage, an error with its offset.  A record whose length is damaged is not
 * mistaken for a torn one: its CRC is there.  One writer, who has the file's
 * lock; readers may follow it.
 */
#ifndef PROTO_RECORDING_H
#define PROTO_RECORDING_H

#include "common/err.h"
#include "race/types.h"

enum { RECORDING_VERSION = 1 };

/* Of which race the events are; texts up to RACE_NAME_MAX. */
struct recording_header {
	uint64_t store; /* id of the race.db, and the aggregator's own stream */
	const char *race;
	const char *software;
};

struct recording_record {
	uint64_t log; /* number in that race.db, from 1, rising */
	struct race_id id;
	const char *stream_name;
	int64_t received_us;
	const uint8_t *event; /* up to RACE_EVENT_MAX; 0 bytes: not NULL */
	size_t len;
	uint64_t chain;
	uint64_t offset; /* of one that is read: where it begins in the file */
};

struct recording;

/*
 * Opens path for append, or creates it with that header.  -ESTALE: a recording
 * of another store; -EUCLEAN: damaged, or no recording at all; -EPROTO: of a
 * later version; -EBUSY: another process writes.  What was torn is cut off.
 * Free with recording_free().
 */
int recording_open(struct recording **out, const char *path,
    const struct recording_header *header, struct err *err);

/* What is not synced may be lost. */
void recording_free(struct recording *r);

/* The log number, name and chain of the last record; log 0: none yet. */
void recording_last(const struct recording *r, uint64_t *log,
    struct race_id *id, uint64_t *chain);

/* Buffers one record, whose log number is greater than the last one's.  0, or
 * -errno of writing: then free it and open it again. */
int recording_append(struct recording *r, const struct recording_record *rec);

/* All that was appended is durable when it returns 0; else as above. */
int recording_sync(struct recording *r);

/* What a recording had. */
struct recording_end {
	uint64_t records;
	uint64_t offset; /* behind the last whole record */
	bool torn;       /* the beginning of another one is there */
};

struct recording_reader {
	/* A negative result ends the reading and is returned; what is given is
	 * valid during the call. */
	int (*header)(void *arg, const struct recording_header *h);
	int (*record)(void *arg, const struct recording_record *rec);
	void *arg;
};

/*
 * Reads path from its beginning.  At damage, -EUCLEAN with its offset and what
 * would do in err; the records before it have been given.  *end is set in any
 * case, with what was read.
 */
int recording_read(const char *path, const struct recording_reader *reader,
    struct recording_end *end, struct err *err);

#endif
