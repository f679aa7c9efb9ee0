#include "collector/outbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/xalloc.h"

enum {
	APPLICATION = 0x50616c4f, /* "PalO" */
	REFUSED_TEXT = 1000,
	/* The cursor is written with a commit that comes anyway, once it has
	 * moved this far: it saves a page of each commit. */
	ACKED_STEP = 1000
};

/* migrations[n] makes schema n + 1 of schema n; a new outbox runs them all. */
static const char *const migrations[] = {
	"CREATE TABLE meta ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" epoch INTEGER NOT NULL,"
	" name TEXT NOT NULL,"
	" point TEXT NOT NULL,"
	" acked INTEGER NOT NULL) STRICT;"
	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY,"
	" body BLOB NOT NULL,"
	" chain INTEGER NOT NULL) STRICT;"
	"CREATE TABLE source ("
	" name TEXT PRIMARY KEY,"
	" offset INTEGER NOT NULL,"
	" line INTEGER NOT NULL,"
	" near_us INTEGER NOT NULL,"
	" refused INTEGER NOT NULL,"
	" separator INTEGER NOT NULL,"
	" hash INTEGER NOT NULL) STRICT;"
	"CREATE TABLE refused ("
	" source TEXT NOT NULL,"
	" line INTEGER NOT NULL,"
	" text TEXT NOT NULL,"
	" why TEXT NOT NULL) STRICT;",

	/* Files that are followed, and lines that are typed. */
	"ALTER TABLE source ADD COLUMN device INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE source ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE source ADD COLUMN columns TEXT NOT NULL DEFAULT '';"
	"CREATE TABLE draft ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" time_us INTEGER NOT NULL,"
	" boot_us INTEGER NOT NULL,"
	" text TEXT NOT NULL) STRICT;",

	/* Laptops whose clocks are measured. */
	"CREATE TABLE clock ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" epoch INTEGER NOT NULL,"
	" boot_id TEXT NOT NULL,"
	" asleep_us INTEGER NOT NULL) STRICT;"
	"ALTER TABLE draft ADD COLUMN clock_epoch INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE draft ADD COLUMN offset_us INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE draft ADD COLUMN bound_us INTEGER NOT NULL DEFAULT 0;",

	/* Outboxes that are put aside. */
	"ALTER TABLE meta ADD COLUMN archived_us INTEGER NOT NULL DEFAULT 0;",
};

enum { SCHEMA = sizeof migrations / sizeof *migrations };

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	APPEND,
	READ,
	CHAIN,
	SET_POSITION,
	GET_POSITION,
	SET_COLUMNS,
	GET_COLUMNS,
	SET_DRAFT,
	GET_DRAFT,
	DROP_DRAFT,
	SET_CLOCK,
	GET_CLOCK,
	REFUSE,
	SET_ACKED,
	SET_POINT,
	ARCHIVE,
	STATEMENTS
};

static const char *const statement_sql[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[APPEND] = "INSERT INTO event (seq, body, chain) VALUES (?1, ?2, ?3)",
	[READ] = "SELECT seq, body FROM event WHERE seq BETWEEN ?1 AND ?2"
	         " ORDER BY seq",
	[CHAIN] = "SELECT chain FROM event WHERE seq = ?1",
	[SET_POSITION] =
	    "INSERT INTO source (name, offset, line, near_us, refused,"
	    " separator, hash, device, inode)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT (name) DO UPDATE SET offset = ?2, line = ?3,"
	    " near_us = ?4, refused = ?5, separator = ?6, hash = ?7,"
	    " device = ?8, inode = ?9",
	[GET_POSITION] = "SELECT offset, line, near_us, refused, separator,"
	                 " hash, device, inode FROM source WHERE name = ?1",
	[SET_COLUMNS] = "UPDATE source SET columns = ?2 WHERE name = ?1",
	[GET_COLUMNS] = "SELECT columns FROM source WHERE name = ?1",
	[SET_DRAFT] =
	    "INSERT OR REPLACE INTO draft (id, time_us, boot_us, text,"
	    " clock_epoch, offset_us, bound_us)"
	    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
	[GET_DRAFT] = "SELECT time_us, boot_us, text, clock_epoch, offset_us,"
	              " bound_us FROM draft",
	[DROP_DRAFT] = "DELETE FROM draft",
	[SET_CLOCK] = "INSERT OR REPLACE INTO clock (id, epoch, boot_id,"
	              " asleep_us) VALUES (1, ?1, ?2, ?3)",
	[GET_CLOCK] = "SELECT epoch, boot_id, asleep_us FROM clock",
	[REFUSE] = "INSERT INTO refused (source, line, text, why)"
	           " VALUES (?1, ?2, ?3, ?4)",
	[SET_ACKED] = "UPDATE meta SET acked = ?1",
	[SET_POINT] = "UPDATE meta SET point = ?1",
	[ARCHIVE] = "UPDATE meta SET archived_us = ?1, acked = ?2",
};

struct outbox {
	char *path;
	int lock_fd;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	uint64_t epoch;
	char *name;
	char *point;
	uint64_t first;
	uint64_t committed; /* durable */
	uint64_t committed_chain;
	uint64_t appended; /* in the open transaction */
	uint64_t appended_chain;
	uint64_t acked;
	uint64_t acked_written;
	int64_t archived_us; /* 0: it is not */
	bool open;           /* a transaction is */
	bool failed;         /* a commit, and not for want of room */
};

/* SQLite's code as -errno; why is the system's. */
static int
code_of(int rc, int why)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EROFS;
	case SQLITE_CANTOPEN:
		return why > 0 ? -why : -EIO;
	case SQLITE_IOERR:
		/* A write that found no room; never a failed fsync. */
		if (rc == SQLITE_IOERR_WRITE &&
		    (why == ENOSPC || why == EDQUOT || why == EFBIG))
			return -ENOSPC;
		return -EIO;
	}
	return -EIO;
}

static int
code(sqlite3 *db, int rc)
{
	return code_of(rc, sqlite3_system_errno(db));
}

/* Runs a prepared statement that yields no rows. */
static int
run(struct outbox *o, enum statement which)
{
	sqlite3_stmt *s = o->statements[which];
	int rc;
	int why;

	/* errno, because sqlite3_system_errno() is 0 after a failed COMMIT. */
	errno = 0;
	rc = sqlite3_step(s);
	why = errno;
	(void)sqlite3_reset(s);
	return rc == SQLITE_DONE ? 0 : code_of(rc, why);
}

static int
begin(struct outbox *o)
{
	int rc;

	/* A failed flush is never retried: the kernel may have dropped what
	 * was to be written, and the next flush would say nothing of it. */
	if (o->failed)
		return -EIO;
	if (o->archived_us != 0)
		return -EROFS;
	if (o->open)
		return 0;
	rc = run(o, BEGIN);
	if (rc < 0)
		return rc;
	o->open = true;
	return 0;
}

void
outbox_rollback(struct outbox *o)
{
	/* SQLite may have rolled back by itself when the disk was full. */
	if (o->open && !sqlite3_get_autocommit(o->db))
		(void)run(o, ROLLBACK);
	o->open = false;
	o->appended = o->committed;
	o->appended_chain = o->committed_chain;
}

bool
outbox_pending(const struct outbox *o)
{
	return o->open;
}

int
outbox_append(struct outbox *o, const uint8_t *body, size_t len, uint64_t *seq)
{
	sqlite3_stmt *s = o->statements[APPEND];
	uint64_t next = o->appended + 1;
	uint64_t chain = hash_chain(o->appended_chain, body, len);
	int rc;

	assert(len > 0 && len <= RACE_EVENT_MAX);
	rc = begin(o);
	if (rc < 0)
		return rc;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)next);
	sqlite3_bind_blob(s, 2, body, (int)len, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)chain);
	rc = run(o, APPEND);
	if (rc < 0)
		return rc;
	o->appended = next;
	o->appended_chain = chain;
	*seq = next;
	return 0;
}

int
outbox_set_position(struct outbox *o, const char *source,
    const struct outbox_position *pos)
{
	sqlite3_stmt *s = o->statements[SET_POSITION];
	int rc = begin(o);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(s, 1, source, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)pos->offset);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)pos->line);
	sqlite3_bind_int64(s, 4, pos->near_us);
	sqlite3_bind_int64(s, 5, (sqlite3_int64)pos->refused);
	sqlite3_bind_int(s, 6, pos->separator);
	sqlite3_bind_int64(s, 7, (sqlite3_int64)pos->hash);
	sqlite3_bind_int64(s, 8, (sqlite3_int64)pos->device);
	sqlite3_bind_int64(s, 9, (sqlite3_int64)pos->inode);
	return run(o, SET_POSITION);
}

int
outbox_get_position(struct outbox *o, const char *source,
    struct outbox_position *pos)
{
	enum { OFFSET, LINE, NEAR, REFUSED, SEPARATOR, HASH, DEVICE, INODE };
	sqlite3_stmt *s = o->statements[GET_POSITION];
	int rc;

	sqlite3_bind_text(s, 1, source, -1, SQLITE_STATIC);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*pos = (struct outbox_position){
			.offset = (uint64_t)sqlite3_column_int64(s, OFFSET),
			.line = (uint64_t)sqlite3_column_int64(s, LINE),
			.near_us = sqlite3_column_int64(s, NEAR),
			.refused = (uint64_t)sqlite3_column_int64(s, REFUSED),
			.separator = (char)sqlite3_column_int(s, SEPARATOR),
			.hash = (uint64_t)sqlite3_column_int64(s, HASH),
			.device = (uint64_t)sqlite3_column_int64(s, DEVICE),
			.inode = (uint64_t)sqlite3_column_int64(s, INODE),
		};
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE)
		return -ENOENT;
	return rc == SQLITE_ROW ? 0 : code(o->db, rc);
}

int
outbox_set_columns(struct outbox *o, const char *source, const char *text)
{
	sqlite3_stmt *s = o->statements[SET_COLUMNS];
	int rc = begin(o);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(s, 1, source, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, text, -1, SQLITE_STATIC);
	return run(o, SET_COLUMNS);
}

int
outbox_get_columns(struct outbox *o, const char *source, char **out)
{
	sqlite3_stmt *s = o->statements[GET_COLUMNS];
	int rc;

	sqlite3_bind_text(s, 1, source, -1, SQLITE_STATIC);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(s, 0);

		*out = xstrdup(text == NULL ? "" : (const char *)text);
	}
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE)
		return -ENOENT;
	return rc == SQLITE_ROW ? 0 : code(o->db, rc);
}

int
outbox_set_draft(struct outbox *o, const struct outbox_draft *d)
{
	sqlite3_stmt *s = o->statements[SET_DRAFT];
	int rc = begin(o);

	if (rc < 0)
		return rc;
	if (d == NULL)
		return run(o, DROP_DRAFT);
	sqlite3_bind_int64(s, 1, d->time_us);
	sqlite3_bind_int64(s, 2, d->boot_us);
	sqlite3_bind_text(s, 3, d->text, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 4, d->mark.epoch);
	sqlite3_bind_int64(s, 5, d->mark.offset_us);
	sqlite3_bind_int64(s, 6, d->mark.bound_us);
	return run(o, SET_DRAFT);
}

/* -EUCLEAN: no draft that we wrote is so long. */
static int
take_draft(sqlite3_stmt *s, struct outbox_draft *out)
{
	enum { TIME, BOOT, TEXT, EPOCH, OFFSET, BOUND };
	const unsigned char *text = sqlite3_column_text(s, TEXT);
	size_t len = (size_t)sqlite3_column_bytes(s, TEXT);

	if (text == NULL || len >= sizeof out->text)
		return -EUCLEAN;
	*out = (struct outbox_draft){
		.time_us = sqlite3_column_int64(s, TIME),
		.boot_us = sqlite3_column_int64(s, BOOT),
		.mark = { .epoch = (uint32_t)sqlite3_column_int64(s, EPOCH),
		    .offset_us = sqlite3_column_int64(s, OFFSET),
		    .bound_us = sqlite3_column_int64(s, BOUND) },
	};
	memcpy(out->text, text, len);
	return 0;
}

int
outbox_get_draft(struct outbox *o, struct outbox_draft *out)
{
	sqlite3_stmt *s = o->statements[GET_DRAFT];
	int rc = sqlite3_step(s);
	int result;

	if (rc == SQLITE_ROW)
		result = take_draft(s, out);
	else
		result = rc == SQLITE_DONE ? -ENOENT : code(o->db, rc);
	(void)sqlite3_reset(s);
	return result;
}

int
outbox_set_clock(struct outbox *o, const struct clockwork_epoch *e)
{
	sqlite3_stmt *s = o->statements[SET_CLOCK];
	int rc = begin(o);

	if (rc < 0)
		return rc;
	sqlite3_bind_int64(s, 1, e->number);
	sqlite3_bind_text(s, 2, e->boot_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, e->asleep_us);
	return run(o, SET_CLOCK);
}

int
outbox_get_clock(struct outbox *o, struct clockwork_epoch *out)
{
	enum { EPOCH, BOOT_ID, ASLEEP };
	sqlite3_stmt *s = o->statements[GET_CLOCK];
	struct clockwork_epoch e = { 0 };
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW) {
		const unsigned char *id = sqlite3_column_text(s, BOOT_ID);

		e.number = (uint32_t)sqlite3_column_int64(s, EPOCH);
		e.asleep_us = sqlite3_column_int64(s, ASLEEP);
		/* One that is longer is of no boot that we know. */
		(void)snprintf(e.boot_id, sizeof e.boot_id, "%s",
		    id == NULL ? "" : (const char *)id);
	}
	(void)sqlite3_reset(s);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return code(o->db, rc);
	*out = e;
	return 0;
}

/* The bytes of text that are kept: whole characters. */
static size_t
cut(const char *text)
{
	size_t len = strnlen(text, REFUSED_TEXT + 1);

	if (len <= REFUSED_TEXT)
		return len;
	len = REFUSED_TEXT;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

int
outbox_refuse(struct outbox *o, const char *source, uint64_t line,
    const char *text, const char *why)
{
	sqlite3_stmt *s = o->statements[REFUSE];
	int rc = begin(o);

	if (rc < 0)
		return rc;
	sqlite3_bind_text(s, 1, source, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)line);
	sqlite3_bind_text(s, 3, text, (int)cut(text), SQLITE_STATIC);
	sqlite3_bind_text(s, 4, why, -1, SQLITE_STATIC);
	return run(o, REFUSE);
}

static int
write_acked(struct outbox *o)
{
	int rc;

	sqlite3_bind_int64(o->statements[SET_ACKED], 1,
	    (sqlite3_int64)o->acked);
	rc = run(o, SET_ACKED);
	if (rc < 0)
		return rc;
	o->acked_written = o->acked;
	return 0;
}

static bool
acked_moved(const struct outbox *o, uint64_t step)
{
	return o->acked < o->acked_written ||
	    o->acked - o->acked_written >= step;
}

int
outbox_commit(struct outbox *o, struct err *err)
{
	int rc = 0;

	if (!o->open)
		return 0;
	if (acked_moved(o, ACKED_STEP))
		rc = write_acked(o);
	if (rc == 0)
		rc = run(o, COMMIT);
	if (rc < 0) {
		err_set(err, rc, "outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
		o->failed = rc != -ENOSPC;
		outbox_rollback(o);
		return rc;
	}
	o->open = false;
	if (o->first == 0 && o->appended > 0)
		o->first = 1;
	o->committed = o->appended;
	o->committed_chain = o->appended_chain;
	return 0;
}

void
outbox_set_acked(struct outbox *o, uint64_t seq)
{
	o->acked = seq;
}

int
outbox_read(struct outbox *o, uint64_t first, size_t max_count,
    size_t max_bytes, outbox_event_fn fn, void *arg, struct err *err)
{
	enum { SEQ, BODY };
	sqlite3_stmt *s = o->statements[READ];
	size_t bytes = 0;
	size_t count = 0;
	int rc = SQLITE_DONE;

	sqlite3_bind_int64(s, 1, (sqlite3_int64)first);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)o->committed);
	while (count < max_count && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const uint8_t *body = sqlite3_column_blob(s, BODY);
		size_t len = (size_t)sqlite3_column_bytes(s, BODY);

		if (len == 0 || len > RACE_EVENT_MAX) {
			rc = SQLITE_CORRUPT;
			break;
		}
		if (count > 0 &&
		    (bytes >= max_bytes || len > max_bytes - bytes))
			break;
		fn(arg, (uint64_t)sqlite3_column_int64(s, SEQ), body, len);
		bytes += len;
		count++;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		rc = code(o->db, rc);
		err_set(err, rc, "outbox %s: reading from %" PRIu64 ": %s",
		    o->path, first, sqlite3_errmsg(o->db));
		(void)sqlite3_reset(s);
		return rc;
	}
	(void)sqlite3_reset(s);
	return (int)count;
}

int
outbox_chain(struct outbox *o, uint64_t seq, uint64_t *chain)
{
	sqlite3_stmt *s = o->statements[CHAIN];
	int rc;

	if (seq > o->committed)
		return -ENOENT;
	if (seq == 0 || seq == o->committed) {
		*chain = seq == 0 ? 0 : o->committed_chain;
		return 0;
	}
	sqlite3_bind_int64(s, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*chain = (uint64_t)sqlite3_column_int64(s, 0);
	(void)sqlite3_reset(s);
	if (rc == SQLITE_DONE)
		return -ENOENT;
	return rc == SQLITE_ROW ? 0 : code(o->db, rc);
}

uint64_t
outbox_epoch(const struct outbox *o)
{
	return o->epoch;
}

const char *
outbox_name(const struct outbox *o)
{
	return o->name;
}

const char *
outbox_point(const struct outbox *o)
{
	return o->point;
}

uint64_t
outbox_last(const struct outbox *o)
{
	return o->committed;
}

uint64_t
outbox_first(const struct outbox *o)
{
	return o->first;
}

uint64_t
outbox_acked(const struct outbox *o)
{
	return o->acked;
}

/* ---- opening ---- */

/* What a person can do about a file that is not a whole outbox. */
static const char advice[] =
    "move it aside and keep it, then start again: a new outbox is made";

static int
sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	free(copy);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* From schema `version` to ours, in one transaction with what `more` says. */
static int
migrate(sqlite3 *db, int64_t version, const char *more)
{
	char *end = sqlite3_mprintf("%s PRAGMA application_id = %d;"
	                            "PRAGMA user_version = %d; COMMIT",
	    more, APPLICATION, SCHEMA);
	int rc = end == NULL
	    ? SQLITE_NOMEM
	    : sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	for (int64_t v = version; rc == SQLITE_OK && v < SCHEMA; v++)
		rc = sqlite3_exec(db, migrations[v], NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, end, NULL, NULL, NULL);
	sqlite3_free(end);
	return code(db, rc);
}

static int
fill_new(sqlite3 *db, const char *name, const char *point)
{
	char *meta = sqlite3_mprintf("INSERT INTO meta"
	                             " (id, epoch, name, point, acked)"
	                             " VALUES (1, %lld, %Q, %Q, 0);",
	    (long long)files_random(), name, point);
	int rc = meta == NULL ? -ENOMEM : migrate(db, 0, meta);

	sqlite3_free(meta);
	return rc;
}

static bool
exists(const char *path, const char *suffix)
{
	char *full = xasprintf("%s%s", path, suffix);
	bool there = access(full, F_OK) == 0;

	free(full);
	return there;
}

static void
unlink_with(const char *path, const char *suffix)
{
	char *full = xasprintf("%s%s", path, suffix);

	(void)unlink(full);
	free(full);
}

/* A whole new outbox that is fresh's own; `path` is for the words. */
static int
make_as(const char *fresh, const char *path, const char *name,
    const char *point, struct err *err)
{
	sqlite3 *db = NULL;
	int rc;

	unlink_with(fresh, "");
	unlink_with(fresh, "-journal");
	rc = sqlite3_open_v2(fresh, &db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	rc = rc == SQLITE_OK ? fill_new(db, name, point) : code(db, rc);
	if (rc < 0)
		err_set(err, rc, "make outbox %s: %s", path,
		    sqlite3_errmsg(db));
	sqlite3_close(db);
	return rc;
}

/* A new outbox is made beside its place and moved there when it is whole, so
 * that what is found there is never half made. */
static int
make(const char *path, const char *name, const char *point, struct err *err)
{
	char *fresh = xasprintf("%s.new", path);
	int rc = make_as(fresh, path, name, point, err);

	if (rc == 0 && rename(fresh, path) < 0)
		rc = err_errno(err, -errno, "make outbox %s", path);
	if (rc == 0) {
		rc = sync_folder(path);
		if (rc < 0)
			err_errno(err, rc, "make outbox %s: sync its folder",
			    path);
	} else {
		unlink_with(fresh, "");
	}
	free(fresh);
	return rc;
}

static uint32_t
big_endian(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/*
 * Looks at the file before SQLite does.  After a clean end there is no WAL and
 * the header knows the length; SQLite itself would notice a short file only
 * when it comes to the missing pages.
 */
static int
check_file(const char *path, bool clean, struct err *err)
{
	uint8_t head[100];
	struct stat st;
	ssize_t n;
	uint64_t page, pages;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, -errno, "open outbox %s", path);
	n = pread(fd, head, sizeof head, 0);
	if (n < 0 || fstat(fd, &st) < 0) {
		int rc = err_errno(err, -errno, "read outbox %s", path);

		close(fd);
		return rc;
	}
	close(fd);
	if (n >= 16 && memcmp(head, "SQLite format 3", 16) != 0)
		return err_set(err, -EUCLEAN,
		    "%s is not an outbox: name another file with --outbox",
		    path);
	if (n < (ssize_t)sizeof head)
		return err_set(err, -EUCLEAN,
		    "outbox %s is cut short after %zd bytes: %s", path, n,
		    advice);
	page = big_endian(head + 16, 2);
	if (page == 1)
		page = 65536;
	pages = big_endian(head + 28, 4);
	if (clean && (uint64_t)st.st_size != page * pages)
		return err_set(err, -EUCLEAN,
		    "outbox %s has %lld bytes instead of %" PRIu64 ": %s", path,
		    (long long)st.st_size, page * pages, advice);
	return 0;
}

/* Runs one statement and gives its first column as a number or text. */
static int
ask(sqlite3 *db, const char *sql, int64_t *number, char **text)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && number != NULL)
		*number = sqlite3_column_int64(s, 0);
	if (rc == SQLITE_ROW && text != NULL) {
		const unsigned char *t = sqlite3_column_text(s, 0);

		*text = xstrdup(t == NULL ? "" : (const char *)t);
	}
	(void)sqlite3_finalize(s);
	if (rc == SQLITE_ROW)
		return 0;
	/* A row was expected. */
	rc = rc == SQLITE_DONE ? -EUCLEAN : code(db, rc);
	assert(rc < 0);
	return rc;
}

static int
check_schema(struct outbox *o, int64_t *version, struct err *err)
{
	int64_t application = 0;
	int rc = ask(o->db, "PRAGMA application_id", &application, NULL);

	if (rc == 0)
		rc = ask(o->db, "PRAGMA user_version", version, NULL);
	if (rc < 0)
		return err_set(err, rc, "outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
	if (application != APPLICATION)
		return err_set(err, -EUCLEAN,
		    "%s is a database, but not an outbox: name another file "
		    "with --outbox",
		    o->path);
	if (*version < 1)
		return err_set(err, -EUCLEAN,
		    "outbox %s is at schema %" PRId64 ", which never was: %s",
		    o->path, *version, advice);
	if (*version > SCHEMA)
		return err_set(err, -EPROTO,
		    "outbox %s is at schema %" PRId64
		    ", this program knows %d: run a newer collector",
		    o->path, *version, SCHEMA);
	return 0;
}

/* After the modes are set, for it has to be durable; whole, or not at all. */
static int
bring_up(struct outbox *o, int64_t version, struct err *err)
{
	int rc;

	if (version == SCHEMA)
		return 0;
	rc = migrate(o->db, version, "");
	if (rc < 0)
		return err_set(err, rc,
		    "outbox %s: from schema %" PRId64 " to %d: %s", o->path,
		    version, SCHEMA, sqlite3_errmsg(o->db));
	log_info("outbox %s: brought from schema %" PRId64 " to %d", o->path,
	    version, SCHEMA);
	return 0;
}

static int
set_modes(struct outbox *o, struct err *err)
{
	char *mode = NULL;
	int64_t level = 0;
	int rc;

	/* Exclusive: one process an outbox; and then the WAL's index is in
	 * memory, so that nothing depends on room for a shared one. */
	rc = ask(o->db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL);
	if (rc == 0)
		rc = ask(o->db, "PRAGMA journal_mode = WAL", NULL, &mode);
	if (rc == 0)
		rc = code(o->db,
		    sqlite3_exec(o->db, "PRAGMA synchronous = FULL", NULL, NULL,
		        NULL));
	if (rc == 0)
		rc = ask(o->db, "PRAGMA synchronous", &level, NULL);
	if (rc != 0)
		err_set(err, rc, "outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
	else if (strcmp(mode, "wal") != 0 || level != 2)
		rc = err_set(err, -EIO,
		    "outbox %s: SQLite gave journal mode %s, synchronous "
		    "%" PRId64 " instead of wal, 2: is it on a network drive?",
		    o->path, mode, level);
	free(mode);
	return rc;
}

/* After an end that was not clean, before anything is added. */
static int
check_whole(struct outbox *o, struct err *err)
{
	char *verdict = NULL;
	int64_t holes = 0;
	int rc = ask(o->db, "PRAGMA quick_check(1)", NULL, &verdict);

	if (rc == 0 && strcmp(verdict, "ok") != 0)
		rc = -EUCLEAN;
	if (rc == 0)
		rc = ask(o->db,
		    "SELECT ifnull(max(seq) - min(seq) + 1, 0) - count(*)"
		    " FROM event",
		    &holes, NULL);
	if (rc == 0 && holes != 0)
		rc = -EUCLEAN;
	if (rc < 0)
		err_set(err, rc, "outbox %s is damaged (%s): %s", o->path,
		    holes != 0            ? "events are missing"
		        : verdict != NULL ? verdict
		                          : sqlite3_errmsg(o->db),
		    advice);
	free(verdict);
	return rc;
}

static int
load(struct outbox *o)
{
	int64_t n = 0;
	int rc = ask(o->db, "SELECT epoch FROM meta", &n, NULL);

	if (rc < 0)
		return rc;
	o->epoch = (uint64_t)n;
	rc = ask(o->db, "SELECT acked FROM meta", &n, NULL);
	if (rc < 0)
		return rc;
	o->acked = o->acked_written = (uint64_t)n;
	rc = ask(o->db, "SELECT archived_us FROM meta", &o->archived_us, NULL);
	if (rc < 0)
		return rc;
	rc = ask(o->db, "SELECT name FROM meta", NULL, &o->name);
	if (rc < 0)
		return rc;
	rc = ask(o->db, "SELECT point FROM meta", NULL, &o->point);
	if (rc < 0)
		return rc;
	rc = ask(o->db, "SELECT ifnull(min(seq), 0) FROM event", &n, NULL);
	if (rc < 0)
		return rc;
	o->first = (uint64_t)n;
	rc = ask(o->db, "SELECT ifnull(max(seq), 0) FROM event", &n, NULL);
	if (rc < 0)
		return rc;
	o->committed = o->appended = (uint64_t)n;
	if (n == 0)
		return 0;
	rc = ask(o->db, "SELECT chain FROM event ORDER BY seq DESC LIMIT 1", &n,
	    NULL);
	o->committed_chain = o->appended_chain = (uint64_t)n;
	return rc;
}

static int
prepare(struct outbox *o)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		int rc = sqlite3_prepare_v3(o->db, statement_sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &o->statements[i], NULL);

		if (rc != SQLITE_OK)
			return code(o->db, rc);
	}
	return 0;
}

static int
check_names(struct outbox *o, const char *name, const char *point,
    struct err *err)
{
	int rc;

	if (name[0] != '\0' && strcmp(name, o->name) != 0)
		return err_set(err, -EEXIST,
		    "outbox %s belongs to the collector '%s', not '%s': name "
		    "another file with --outbox",
		    o->path, o->name, name);
	if (point[0] == '\0' || strcmp(point, o->point) == 0)
		return 0;
	if (o->point[0] != '\0')
		return err_set(err, -EEXIST,
		    "outbox %s belongs to the point '%s', not '%s': name "
		    "another file with --outbox",
		    o->path, o->point, point);
	if (o->archived_us != 0)
		return err_set(err, -EROFS,
		    "outbox %s is archived: it has no point and takes none: "
		    "leave out --point",
		    o->path);
	/* Made without a point: it gets one now. */
	sqlite3_bind_text(o->statements[SET_POINT], 1, point, -1,
	    SQLITE_STATIC);
	rc = run(o, SET_POINT);
	if (rc < 0)
		return err_set(err, rc, "outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
	free(o->point);
	o->point = xstrdup(point);
	return 0;
}

static int
open_db(struct outbox *o, bool clean, struct err *err)
{
	int64_t version = 0;
	int rc = check_file(o->path, clean, err);

	if (rc < 0)
		return rc;
	rc = sqlite3_open_v2(o->path, &o->db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK) {
		rc = code(o->db, rc);
		return err_set(err, rc, "open outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
	}
	sqlite3_extended_result_codes(o->db, 1);
	/* Someone looks into it with another tool: wait for that a little. */
	sqlite3_busy_timeout(o->db, 2000);
	rc = check_schema(o, &version, err);
	if (rc == 0)
		rc = set_modes(o, err);
	if (rc == 0 && !clean)
		rc = check_whole(o, err);
	if (rc == 0)
		rc = bring_up(o, version, err);
	if (rc < 0)
		return rc;
	rc = load(o);
	if (rc == 0)
		rc = prepare(o);
	if (rc < 0)
		return err_set(err, rc, "outbox %s: %s: %s", o->path,
		    sqlite3_errmsg(o->db), advice);
	return 0;
}

static int
take_lock(struct outbox *o, struct err *err)
{
	char *lock = xasprintf("%s.lock", o->path);
	int rc = files_lock(lock, &o->lock_fd, err);

	free(lock);
	return rc < 0 ? err_wrap(err, rc, "outbox %s", o->path) : 0;
}

/* What is acknowledged is written last, if nothing is amiss. */
static void
close_db(struct outbox *o)
{
	outbox_rollback(o);
	if (o->failed)
		/* Nobody knows what a checkpoint would copy. */
		sqlite3_db_config(o->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
	else if (o->statements[SET_ACKED] != NULL && acked_moved(o, 1))
		(void)write_acked(o);
	for (size_t i = 0; i < STATEMENTS; i++) {
		(void)sqlite3_finalize(o->statements[i]);
		o->statements[i] = NULL;
	}
	if (sqlite3_close(o->db) != SQLITE_OK)
		log_warnx("outbox %s: did not close: %s", o->path,
		    sqlite3_errmsg(o->db));
	o->db = NULL;
}

/* ---- putting aside ---- */

/* Of the outbox that is to take its place. */
static const char next_end[] = ".next";

static void
unlink_next(const struct outbox *o)
{
	char *next = xasprintf("%s%s", o->path, next_end);

	unlink_with(next, "");
	unlink_with(next, "-journal");
	free(next);
}

/* Made of the stem, the moment and, if it has to be, a number: nothing that is
 * there is written over.  Free with free(). */
static char *
name_aside(const char *path, int64_t at_us)
{
	size_t len = strlen(path);
	bool ends = len > 3 && strcmp(path + len - 3, ".db") == 0;
	int stem = (int)(ends ? len - 3 : len);
	time_t at = (time_t)(at_us / 1000000);
	char stamp[32] = "";
	struct tm tm;
	char *name;

	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	name = xasprintf("%.*s-%s.db", stem, path, stamp);
	for (int n = 2; exists(name, "") || exists(name, "-wal"); n++) {
		free(name);
		name = xasprintf("%.*s-%s-%d.db", stem, path, stamp, n);
	}
	return name;
}

static int
move(const char *from, const char *to, struct err *err)
{
	int rc = rename(from, to) < 0 ? -errno : 0;

	if (rc < 0)
		return err_errno(err, rc, "rename outbox %s to %s", from, to);
	rc = sync_folder(to);
	return rc < 0 ? err_errno(err, rc, "sync the folder of %s", to) : 0;
}

/* The new one takes the place. */
static int
move_in(const struct outbox *o, struct err *err)
{
	char *next = xasprintf("%s%s", o->path, next_end);
	int rc = move(next, o->path, err);

	free(next);
	return rc;
}

/* All of it into the one file: a WAL that stayed would be taken for that of the
 * new outbox. */
static int
close_whole(struct outbox *o, struct err *err)
{
	int64_t busy = 0;
	int rc = ask(o->db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, NULL);

	if (rc == 0 && busy != 0)
		rc = -EBUSY;
	if (rc < 0)
		return err_set(err, rc, "outbox %s: checkpoint: %s", o->path,
		    sqlite3_errmsg(o->db));
	close_db(o);
	if (exists(o->path, "-wal"))
		return err_set(err, -EIO,
		    "outbox %s: its WAL is still there after it was closed: is "
		    "another program reading it?",
		    o->path);
	rc = sync_folder(o->path);
	if (rc < 0)
		return err_errno(err, rc, "sync the folder of %s", o->path);
	return 0;
}

/* From the mark on. */
static int
put_aside(struct outbox *o, char **path, struct err *err)
{
	char *aside;
	int rc = close_whole(o, err);

	if (rc < 0)
		return rc;
	aside = name_aside(o->path, o->archived_us);
	rc = move(o->path, aside, err);
	if (rc == 0)
		rc = move_in(o, err);
	if (rc < 0) {
		free(aside);
		return rc;
	}
	*path = aside;
	return 0;
}

/* Of files that grow or may be given again no line is taken a second time; the
 * lines that were refused are in the old one. */
static int
copy_positions(struct outbox *o, const char *next)
{
	char *sql = sqlite3_mprintf(
	    "ATTACH %Q AS next;"
	    "INSERT INTO next.source (name, offset, line, near_us, refused,"
	    " separator, hash, device, inode, columns)"
	    " SELECT name, offset, line, near_us, 0, separator, hash, device,"
	    " inode, columns FROM main.source;"
	    "DETACH next",
	    next);
	int rc = sql == NULL ? SQLITE_NOMEM
	                     : sqlite3_exec(o->db, sql, NULL, NULL, NULL);

	sqlite3_free(sql);
	return code(o->db, rc);
}

static int
make_next(struct outbox *o, struct err *err)
{
	char *next = xasprintf("%s%s", o->path, next_end);
	int rc = make_as(next, next, o->name, o->point, err);

	if (rc == 0) {
		rc = copy_positions(o, next);
		if (rc < 0)
			err_set(err, rc, "make outbox %s: %s", next,
			    sqlite3_errmsg(o->db));
	}
	if (rc == 0) {
		rc = sync_folder(next);
		if (rc < 0)
			err_errno(err, rc, "make outbox %s: sync its folder",
			    next);
	}
	free(next);
	return rc;
}

static int
check_acknowledged(struct outbox *o, struct err *err)
{
	struct outbox_draft d;
	int rc;

	if (o->acked < o->committed)
		return err_set(err, -EBUSY,
		    "outbox %s: %" PRIu64 " of %" PRIu64 " events are not "
		    "known to be acknowledged: send them with "
		    "'palmares-collector --outbox %s --once --aggregator "
		    "HOST', then archive it",
		    o->path, o->committed - o->acked, o->committed, o->path);
	rc = outbox_get_draft(o, &d);
	if (rc == 0)
		return err_set(err, -EBUSY,
		    "outbox %s: '%s' was typed and not entered: start it with "
		    "--source keyboard, enter it or drop it, then archive it",
		    o->path, d.text);
	if (rc != -ENOENT)
		return err_errno(err, rc, "outbox %s", o->path);
	return 0;
}

int
outbox_archive(struct outbox *o, int64_t now_us, char **path, struct err *err)
{
	sqlite3_stmt *s = o->statements[ARCHIVE];
	int rc;

	assert(!o->open && !o->failed && o->archived_us == 0);
	rc = check_acknowledged(o, err);
	if (rc < 0)
		return rc;
	if (o->committed == 0)
		return err_set(err, -ENODATA,
		    "outbox %s holds no events: there is nothing to archive",
		    o->path);
	rc = make_next(o, err);
	if (rc < 0)
		return rc;
	/* 0 would be no mark. */
	now_us = now_us > 0 ? now_us : 1;
	sqlite3_bind_int64(s, 1, now_us);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)o->acked);
	rc = run(o, ARCHIVE);
	if (rc < 0) {
		o->failed = rc != -ENOSPC;
		return err_set(err, rc, "outbox %s: %s", o->path,
		    sqlite3_errmsg(o->db));
	}
	o->archived_us = now_us;
	o->acked_written = o->acked;
	return put_aside(o, path, err);
}

int64_t
outbox_archived(const struct outbox *o)
{
	return o->archived_us;
}

/* ---- opening and closing ---- */

bool
outbox_missing(const char *path)
{
	return !exists(path, "") && !exists(path, next_end);
}

/* There was a next one: an outbox_archive() was cut short. */
static int
finish_archive(struct outbox *o, struct err *err)
{
	char *aside;
	int rc;

	if (o->archived_us == 0) {
		/* Before the mark. */
		unlink_next(o);
		return 0;
	}
	rc = put_aside(o, &aside, err);
	if (rc < 0)
		return rc;
	log_info("outbox %s: its archiving was cut short and is finished now: "
	         "%" PRIu64 " events are in %s",
	    o->path, o->committed, aside);
	free(aside);
	free(o->name);
	free(o->point);
	*o = (struct outbox){ .path = o->path, .lock_fd = o->lock_fd };
	return open_db(o, true, err);
}

/* Nothing is there: the one that was to come, or a new one. */
static int
fill_place(struct outbox *o, bool clean, const char *name, const char *point,
    struct err *err)
{
	/* A new file would take in what an old WAL holds. */
	if (!clean)
		return err_set(err, -EUCLEAN,
		    "outbox %s is missing, but %s-wal is there: put it back, "
		    "or move that aside",
		    o->path, o->path);
	if (exists(o->path, next_end))
		return move_in(o, err);
	return make(o->path, name, point, err);
}

int
outbox_open(struct outbox **out, const char *path, const char *name,
    const char *point, struct err *err)
{
	struct outbox *o = xcalloc(1, sizeof *o);
	bool clean;
	int rc;

	o->path = xstrdup(path);
	o->lock_fd = -1;
	rc = take_lock(o, err);
	if (rc < 0)
		goto fail;
	/* SQLite takes the WAL away when it closes: one that is there is from
	 * an end that was not clean. */
	clean = !exists(path, "-wal");
	if (!exists(path, ""))
		rc = fill_place(o, clean, name, point, err);
	if (rc == 0)
		rc = open_db(o, clean, err);
	if (rc == 0 && exists(path, next_end))
		rc = finish_archive(o, err);
	if (rc == 0)
		rc = check_names(o, name, point, err);
	if (rc < 0)
		goto fail;
	*out = o;
	return 0;

fail:
	outbox_free(o);
	return rc;
}

void
outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	if (o->db != NULL)
		close_db(o);
	if (o->lock_fd >= 0)
		close(o->lock_fd);
	free(o->path);
	free(o->name);
	free(o->point);
	free(o);
}
