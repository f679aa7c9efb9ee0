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
 *
 * A file whose name ends in .zst is the same bytes in zstd frames (packed.h),
 * of whole records, one for each sync and at most 128 KiB: `zstd -d` makes the
 * other of it.  What a crash can tear is a frame, and all of its records are
 * written again.
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
	uint64_t offset; /* of one that is read: where it begins in the file;
	                  * of a .zst, in what zstd -d makes of it */
};

struct recording;

/*
 * Opens path for append, or creates it with that header.  -ESTALE: a recording
 * of another store; -EUCLEAN: damaged, or no recording at all; -EPROTO: of a
 * later version; -EBUSY: another process writes; -EINVAL: no ordinary file.
 * What was torn is cut off.
 * Free with recording_free().
 */
int recording_open(struct recording **out, const char *path,
    const struct recording_header *header, struct err *err);

struct recording_reader;

/*
 * The same; what is there already is given to the reader, which may be NULL.
 * Without a header (NULL) the recording may be of any race, but has to be
 * there: else -ENOENT, or -ENODATA if it has been cut off in its header.
 */
int recording_resume(struct recording **out, const char *path,
    const struct recording_header *header,
    const struct recording_reader *reader, struct err *err);

/* What is not synced may be lost. */
void recording_free(struct recording *r);

/*
 * Buffers one record, whose log number is greater than the last one's.  What
 * could not be written for want of room, as recording_full() tells of the code,
 * is kept and written when there is some: nothing is lost, but this record was
 * not taken.  After any other -errno: free it and open it again.
 */
int recording_append(struct recording *r, const struct recording_record *rec);

/* All that was appended is durable when it returns 0; else as above, and -EIO
 * where fsync fails. */
int recording_sync(struct recording *r);

/* A full disk, a quota, a limit. */
bool recording_full(int rc);

/* The size of the file, with what was not synced. */
uint64_t recording_size(const struct recording *r);

/* What a recording had. */
struct recording_end {
	uint64_t records;
	uint64_t offset; /* in the file, behind the last whole record or,
	                  * of a .zst, frame */
	bool torn;       /* the beginning of another one is there */
};

struct recording_reader {
	/* A negative result ends the reading and is returned; what is given is
	 * valid during the call.  header may be NULL. */
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

/*
 * Says of a record that was read from there that it is wrong in a way that only
 * the caller sees, how many are good, and what keeps them.  -EUCLEAN.
 */
int recording_damaged(struct err *err, const char *path, uint64_t offset,
    uint64_t good, const char *what);

/* ".zst" or "": what makes the name of another recording be of the same kind
 * as path. */
const char *recording_suffix(const char *path);

#endif
