#include "race/store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "race/kind.h"
#include "race/sound.h"
#include "race/store_db.h"

enum {
	APPLICATION_ID = 0x504c4d52, /* PLMR */
	PAGE = 4096,
	/* A checkpoint copies what was written since the last one and flushes
	 * twice: 4 MiB is some 20,000 crossings. */
	PASSIVE_PAGES = 4 * 1024 * 1024 / PAGE,
	/* A reader that stays in one transaction keeps the WAL growing. */
	TRUNCATE_PAGES = 64 * 1024 * 1024 / PAGE,
	TRUNCATE_AGAIN = 16 * 1024 * 1024 / PAGE,
	BUSY_MS = 200,
	SCAN_ROWS = 10000,
	ROOM_BYTES = 256 * 1024
};

/*
 * kind to chip repeat what stands in body, for whoever opens the file with
 * SQL; body is the truth, byte for byte as its maker sent it.
 *
 * Measured here, commits of 1,000 rows, one core: 1.5 us a row with the UNIQUE
 * index, 0.9 without it, 1.4 as a WITHOUT ROWID table keyed by (stream, seq)
 * and 1.9 once that has the index by number which readers need.  A foreign key
 * on stream would cost another 0.2; the cursors keep it.
 */
static const char *const migrations[] = {
	"CREATE TABLE meta ("
	" one INTEGER PRIMARY KEY CHECK (one = 1),"
	" store TEXT NOT NULL,"
	" room BLOB" /* written and emptied to find out whether there is any */
	") STRICT;"
	"CREATE TABLE stream ("
	" id INTEGER PRIMARY KEY,"
	" epoch TEXT NOT NULL UNIQUE," /* 16 hexadecimal digits */
	" name TEXT NOT NULL,"
	" point TEXT NOT NULL,"
	" cursor INTEGER NOT NULL,"
	" chain INTEGER NOT NULL,"
	" last_time_us INTEGER"
	") STRICT;"
	"CREATE TABLE log ("
	" number INTEGER PRIMARY KEY,"
	" stream INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" kind TEXT NOT NULL,"
	" time_us INTEGER,"
	" offset_us INTEGER,"
	" bound_us INTEGER,"
	" point TEXT,"
	" bib TEXT,"
	" chip TEXT,"
	" received_us INTEGER NOT NULL,"
	" chain INTEGER NOT NULL,"
	" body BLOB NOT NULL,"
	" UNIQUE (stream, seq)"
	") STRICT;"
	"CREATE INDEX log_rules ON log (kind) WHERE kind = 'rules';",
	"ALTER TABLE stream ADD COLUMN"
	" operators INTEGER NOT NULL DEFAULT 0;"
};

enum { SCHEMA = sizeof migrations / sizeof *migrations };

/* A stream in memory; the table gets it once a transaction, at the commit. */
struct stream {
	struct store_stream now;
	struct store_stream saved; /* as committed */
	bool stored;               /* has a row in the table */
	bool touched;
};

struct store {
	sqlite3 *db;
	enum store_mode mode;
	int64_t version; /* of the schema, as opened */
	bool immutable;  /* in a folder that we may not write to */
	char *path;
	int lock_fd;
	uint64_t id;
	uint64_t log;
	uint64_t saved_log;
	struct stream *streams; /* by id - 1 */
	size_t stream_count;
	size_t stream_cap;
	bool begun;
	bool roomy; /* its cache is a writer's */
	bool touched;
	bool failed;
	int errnum; /* of the last step that failed */
	unsigned wal_pages;
	unsigned checked_pages; /* of them, copied by a checkpoint */
	unsigned truncate_at;
	sqlite3_stmt *begin;
	sqlite3_stmt *commit;
	sqlite3_stmt *append;
	sqlite3_stmt *put_stream;
	sqlite3_stmt *scan;
	sqlite3_stmt *chain;
	sqlite3_stmt *room;
};

static const char begin_sql[] = "BEGIN IMMEDIATE";
static const char commit_sql[] = "COMMIT";

enum append_column {
	APPEND_NUMBER = 1,
	APPEND_STREAM,
	APPEND_SEQ,
	APPEND_KIND,
	APPEND_TIME,
	APPEND_OFFSET,
	APPEND_BOUND,
	APPEND_POINT,
	APPEND_BIB,
	APPEND_CHIP,
	APPEND_RECEIVED,
	APPEND_CHAIN,
	APPEND_BODY
};

static const char append_sql[] =
    "INSERT INTO log (number, stream, seq, kind, time_us, offset_us, bound_us,"
    " point, bib, chip, received_us, chain, body)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

enum put_stream_column {
	PUT_ID = 1,
	PUT_EPOCH,
	PUT_NAME,
	PUT_POINT,
	PUT_CURSOR,
	PUT_CHAIN,
	PUT_LAST_TIME,
	PUT_OPERATORS
};

static const char put_stream_sql[] =
    "INSERT INTO stream (id, epoch, name, point, cursor, chain, last_time_us,"
    " operators) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT (id) DO UPDATE SET name = ?3, point = ?4, cursor = ?5,"
    " chain = ?6, last_time_us = ?7";

enum scan_column {
	SCAN_NUMBER,
	SCAN_STREAM,
	SCAN_SEQ,
	SCAN_RECEIVED,
	SCAN_CHAIN,
	SCAN_BODY
};

static const char scan_sql[] =
    "SELECT number, stream, seq, received_us, chain, body FROM log"
    " WHERE number > ?1 ORDER BY number LIMIT ?2";

static const char chain_sql[] =
    "SELECT chain, number FROM log WHERE stream = ?1 AND seq = ?2";

static const char room_sql[] = "UPDATE meta SET room = zeroblob(?1)";

static const char rules_sql[] =
    "SELECT body FROM log WHERE kind = 'rules' AND stream ="
    " (SELECT id FROM stream WHERE epoch = (SELECT store FROM meta))"
    " ORDER BY number DESC LIMIT 1";

enum stream_column {
	STREAM_ID,
	STREAM_EPOCH,
	STREAM_NAME,
	STREAM_POINT,
	STREAM_CURSOR,
	STREAM_CHAIN,
	STREAM_LAST_TIME,
	STREAM_OPERATORS
};

static const char streams_sql[] =
    "SELECT id, epoch, name, point, cursor, chain, last_time_us, operators"
    " FROM stream ORDER BY id";

/* A reader leaves an old file as it is. */
static const char streams_1_sql[] =
    "SELECT id, epoch, name, point, cursor, chain, last_time_us, 0"
    " FROM stream ORDER BY id";

/* ---- SQLite's codes and words ---- */

/*
 * A write that found no room may be tried again.  A flush that failed may not,
 * whatever its reason: the kernel can have dropped the pages.
 */
static bool
no_room(const struct store *s, int rc)
{
	if ((rc & 0xff) == SQLITE_FULL)
		return true;
	if (rc != SQLITE_IOERR_WRITE && rc != SQLITE_IOERR_SHMSIZE &&
	    rc != SQLITE_IOERR_SHMMAP)
		return false;
	return s->errnum == ENOSPC || s->errnum == EDQUOT || s->errnum == EFBIG;
}

static int
code_of(const struct store *s, int rc)
{
	if (no_room(s, rc))
		return -ENOSPC;
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int
fail(struct store *s, int rc, const char *what, struct err *err)
{
	int code = code_of(s, rc);

	if (code == -EUCLEAN)
		return store_damaged(s, err, sqlite3_errmsg(s->db));
	return err_set(err, code, "%s: %s: %s", s->path, what,
	    sqlite3_errmsg(s->db));
}

static int
run(struct store *s, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return fail(s, rc, sql, err);
	return 0;
}

/* The first column of the first row. */
static int
ask(struct store *s, const char *sql, int64_t *out, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, sql, err);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (rc == SQLITE_ROW)
		return 0;
	if (rc == SQLITE_DONE)
		return store_damaged(s, err,
		    "a row that has to be there is missing");
	return fail(s, rc, sql, err);
}

/* errno is kept because sqlite3_system_errno() is 0 after a failed COMMIT. */
static int
step_once(struct store *s, sqlite3_stmt *stmt)
{
	int rc;

	errno = 0;
	rc = sqlite3_step(stmt);
	s->errnum = errno;
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* ---- for the other files of the store ---- */

struct sqlite3 *
store_db(struct store *s)
{
	return s->db;
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

char *
store_immutable(const char *path)
{
	char *escaped = xcalloc(1, 3 * strlen(path) + 1);
	char *end = escaped;
	char *uri;

	for (const char *p = path; *p != '\0'; p++)
		end += snprintf(end, 4,
		    strchr("%?#", *p) == NULL ? "%c" : "%%%02X",
		    (unsigned char)*p);
	/* Two slashes, so that one at the beginning begins no host. */
	uri = xasprintf("file:%s%s?immutable=1", path[0] == '/' ? "//" : "",
	    escaped);
	free(escaped);
	return uri;
}

/* ---- opening ---- */

/* Is there a file of that name with `end` behind it? */
static bool
beside(const struct store *s, const char *end)
{
	char *path = xasprintf("%s%s", s->path, end);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static bool
left_over(const struct store *s)
{
	return beside(s, "-wal");
}

/* There is a WAL with something in it. */
static bool
full_wal(const struct store *s)
{
	struct stat wal;
	char *path = xasprintf("%s-wal", s->path);
	bool full = stat(path, &wal) == 0 && wal.st_size > 0;

	free(path);
	return full;
}

static int
check_size(struct store *s, const struct stat *st, bool left_wal,
    struct err *err)
{
	bool full = full_wal(s);
	/* There while a new file gets its first page: SQLite takes back what a
	 * crash left of that. */
	bool journal = s->mode == STORE_WRITE && beside(s, "-journal");

	/* SQLite takes the rest of a page for zeros.  With a WAL it may have
	 * been a crash while pages were copied, and quick_check will tell. */
	if (st->st_size % PAGE != 0 && !journal &&
	    (st->st_size < PAGE || !left_wal))
		return store_damaged(s, err,
		    "not a store of Palmarès, or cut short");
	if (st->st_size != 0)
		return 0;
	/* Beside an empty file SQLite deletes the WAL, and what was in it. */
	if (full || s->mode == STORE_READ)
		return store_damaged(s, err, "the file is empty");
	log_warnx("%s was empty: made anew", s->path);
	return 0;
}

/* 1: a new file; 0: ours, at *version. */
static int
identify(struct store *s, int64_t *version, struct err *err)
{
	int64_t objects = 0;
	int64_t application = 0;
	int rc;

	rc = ask(s, "SELECT count(*) FROM sqlite_master", &objects, err);
	if (rc == 0)
		rc = ask(s, "PRAGMA application_id", &application, err);
	if (rc == 0)
		rc = ask(s, "PRAGMA user_version", version, err);
	if (rc < 0)
		return rc;
	if (objects == 0 && application == 0 && *version == 0) {
		if (s->mode == STORE_WRITE)
			return 1;
		/* Being made now, or its maker was killed. */
		return err_set(err, -ENODATA, "%s: nothing is in it yet",
		    s->path);
	}
	if (application != APPLICATION_ID || *version < 1)
		return store_damaged(s, err, "not a store of Palmarès");
	if (*version > SCHEMA)
		return err_set(err, -EPROTO,
		    "%s is at schema %" PRId64 ", this program knows %d: run a "
		    "newer palmares",
		    s->path, *version, SCHEMA);
	return 0;
}

static int
configure(struct store *s, struct err *err)
{
	int64_t synchronous = 0;
	int64_t checkpoint = 0;
	int rc;

	rc = run(s,
	    "PRAGMA page_size = 4096; PRAGMA mmap_size = 0; PRAGMA "
	    "foreign_keys = ON;"
	    /* Who reads the log once, from end to end, meets no page again:
	     * keeping them takes longer than reading them. */
	    "PRAGMA cache_size = -1024; PRAGMA wal_autocheckpoint = 0",
	    err);
	if (rc < 0)
		return rc;
	if (s->mode == STORE_READ) {
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
		return 0;
	}
	rc =
	    run(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err);
	if (rc == 0)
		rc = ask(s, "PRAGMA synchronous", &synchronous, err);
	if (rc == 0)
		rc = ask(s, "PRAGMA wal_autocheckpoint", &checkpoint, err);
	if (rc < 0)
		return rc;
	if (synchronous != 2 || checkpoint != 0)
		return err_set(err, -EIO,
		    "%s: SQLite does not take synchronous=FULL", s->path);
	return 0;
}

static int
check_wal(struct store *s, struct err *err)
{
	sqlite3_stmt *stmt;
	bool is = false;

	if (sqlite3_prepare_v2(s->db, "PRAGMA journal_mode", -1, &stmt, NULL) ==
	    SQLITE_OK) {
		if (sqlite3_step(stmt) == SQLITE_ROW)
			is = strcmp((const char *)sqlite3_column_text(stmt, 0),
			         "wal") == 0;
		sqlite3_finalize(stmt);
	}
	if (!is)
		return err_set(err, -EIO,
		    "%s: SQLite cannot keep a write-ahead log here; the "
		    "folder has to be on a local disk",
		    s->path);
	return 0;
}

static int
migrate(struct store *s, int64_t version, struct err *err)
{
	char tail[128];
	char meta[128];
	int rc;

	if (version == SCHEMA)
		return 0;
	rc = run(s, begin_sql, err);
	for (int64_t v = version; rc == 0 && v < SCHEMA; v++)
		rc = run(s, migrations[v], err);
	snprintf(tail, sizeof tail,
	    "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    APPLICATION_ID, SCHEMA);
	snprintf(meta, sizeof meta,
	    "INSERT OR IGNORE INTO meta (one, store) VALUES (1, '%016" PRIx64
	    "')",
	    files_random());
	if (rc == 0)
		rc = run(s, meta, err);
	if (rc == 0)
		rc = run(s, tail, err);
	if (rc == 0)
		rc = run(s, commit_sql, err);
	if (rc < 0)
		return rc;
	/* The file shall say what it is without its WAL. */
	sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
	    NULL);
	return 0;
}

/* One of SQLite's own checks, which says "ok" or what is wrong first. */
static int
check(struct store *s, const char *pragma, struct err *err)
{
	sqlite3_stmt *stmt;
	char what[256] = "";
	int rc;

	rc = sqlite3_prepare_v2(s->db, pragma, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, pragma, err);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		snprintf(what, sizeof what, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW)
		return fail(s, rc, pragma, err);
	if (strcmp(what, "ok") != 0)
		return store_damaged(s, err, what);
	return 0;
}

static int
quick_check(struct store *s, struct err *err)
{
	return check(s, "PRAGMA quick_check(1)", err);
}

/* The indices as well. */
int
store_check(struct store *s, struct err *err)
{
	return check(s, "PRAGMA integrity_check(1)", err);
}

static void
copy_text(char *out, size_t cap, const char *s)
{
	size_t len = strnlen(s, cap - 1);

	memcpy(out, s, len);
	out[len] = '\0';
}

static bool
read_stream(sqlite3_stmt *stmt, struct store_stream *out)
{
	const char *hex = (const char *)sqlite3_column_text(stmt, STREAM_EPOCH);
	char *end;

	*out = (struct store_stream){
		.id = (uint32_t)sqlite3_column_int64(stmt, STREAM_ID),
		.epoch = strtoull(hex, &end, 16),
		.cursor = (uint64_t)sqlite3_column_int64(stmt, STREAM_CURSOR),
		.chain = (uint64_t)sqlite3_column_int64(stmt, STREAM_CHAIN),
		.last_time_us = RACE_NO_TIME,
		.operators = sqlite3_column_int64(stmt, STREAM_OPERATORS) != 0,
	};
	if (sqlite3_column_type(stmt, STREAM_LAST_TIME) != SQLITE_NULL)
		out->last_time_us =
		    sqlite3_column_int64(stmt, STREAM_LAST_TIME);
	copy_text(out->name, sizeof out->name,
	    (const char *)sqlite3_column_text(stmt, STREAM_NAME));
	copy_text(out->point, sizeof out->point,
	    (const char *)sqlite3_column_text(stmt, STREAM_POINT));
	return end == hex + 16 && *end == '\0';
}

static int
load_streams(struct store *s, struct err *err)
{
	sqlite3_stmt *stmt;
	size_t count = 0;
	int rc;

	rc = sqlite3_prepare_v2(s->db,
	    s->version < 2 ? streams_1_sql : streams_sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, "read the streams", err);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct store_stream st;

		if (!read_stream(stmt, &st) || st.id != count + 1)
			break;
		s->streams = xgrow(s->streams, &s->stream_cap, count,
		    sizeof *s->streams);
		s->streams[count++] =
		    (struct stream){ .now = st, .saved = st, .stored = true };
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_ROW)
		return store_damaged(s, err,
		    "a stream in it is not one of ours");
	if (rc != SQLITE_DONE)
		return fail(s, rc, "read the streams", err);
	s->stream_count = count;
	return 0;
}

static int
load_id(struct store *s, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(s->db, "SELECT store FROM meta", -1, &stmt,
	    NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, "read meta", err);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		s->id = strtoull((const char *)sqlite3_column_text(stmt, 0),
		    NULL, 16);
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return fail(s, rc, "read meta", err);
	if (s->id == 0)
		return store_damaged(s, err, "it has no store id");
	return 0;
}

static int
load_log(struct store *s, struct err *err)
{
	int64_t last = 0;
	int rc = ask(s, "SELECT ifnull(max(number), 0) FROM log", &last, err);

	if (rc < 0)
		return rc;
	s->log = s->saved_log = (uint64_t)last;
	return 0;
}

static int
prepare(struct store *s, struct err *err)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
		bool write;
	} all[] = {
		{ &s->begin, begin_sql, true },
		{ &s->commit, commit_sql, true },
		{ &s->append, append_sql, true },
		{ &s->put_stream, put_stream_sql, true },
		{ &s->room, room_sql, true },
		{ &s->chain, chain_sql, false },
		{ &s->scan, scan_sql, false },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int rc;

		if (all[i].write && s->mode == STORE_READ)
			continue;
		rc = sqlite3_prepare_v3(s->db, all[i].sql, -1,
		    SQLITE_PREPARE_PERSISTENT, all[i].stmt, NULL);
		if (rc != SQLITE_OK)
			return fail(s, rc, all[i].sql, err);
	}
	return 0;
}

static int
on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *s = arg;

	(void)db;
	(void)name;
	s->wal_pages = (unsigned)pages;
	return SQLITE_OK;
}

static int
open_db(struct store *s, const char *name, int64_t *version, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc;

	flags |= s->mode == STORE_READ
	    ? SQLITE_OPEN_READONLY
	    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (s->immutable)
		flags |= SQLITE_OPEN_URI;
	rc = sqlite3_open_v2(name, &s->db, flags, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, "open", err);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	/* First of all, for nothing of a file that is not ours is changed. */
	return identify(s, version, err);
}

/*
 * A reader makes a -shm beside the file, or writes in the one that is there.
 * Where it may not, and all is in the file itself, it reads that as one that
 * nobody changes: whoever has it open has a -shm, and that can be read.
 */
static int
open_unwritable(struct store *s, int64_t *version, struct err *err)
{
	char *uri;
	int rc;

	if (full_wal(s))
		return err_set(err, -EACCES,
		    "%s: the newest events are in %s-wal, and that takes a "
		    "folder that may be written to: copy both to one of yours, "
		    "and read them there",
		    s->path, s->path);
	sqlite3_close(s->db);
	s->db = NULL;
	s->immutable = true;
	uri = store_immutable(s->path);
	rc = open_db(s, uri, version, err);
	free(uri);
	return rc;
}

static int
open_file(struct store *s, bool unclean, struct err *err)
{
	int64_t version = 0;
	int rc = open_db(s, s->path, &version, err);

	if (rc == -EACCES && s->mode == STORE_READ &&
	    access(s->path, R_OK) == 0)
		rc = open_unwritable(s, &version, err);
	if (rc < 0)
		return rc;
	rc = configure(s, err);
	/* SQLite looks for no log beside a file that nobody changes. */
	if (rc == 0 && !s->immutable)
		rc = check_wal(s, err);
	if (rc == 0 && unclean)
		rc = quick_check(s, err);
	if (rc == 0 && s->mode == STORE_WRITE)
		rc = migrate(s, version, err);
	s->version = s->mode == STORE_WRITE ? SCHEMA : version;
	if (rc == 0)
		rc = load_id(s, err);
	if (rc == 0)
		rc = load_streams(s, err);
	if (rc == 0)
		rc = load_log(s, err);
	if (rc == 0)
		rc = prepare(s, err);
	return rc;
}

static int
lock(struct store *s, struct err *err)
{
	char *path = xasprintf("%s.lock", s->path);
	int rc = files_lock(path, &s->lock_fd, err);

	free(path);
	if (rc == -EBUSY)
		return err_wrap(err, rc, "%s is written by another program",
		    s->path);
	return rc;
}

int
store_open(struct store **out, const char *path, enum store_mode mode,
    struct err *err)
{
	struct store *s = xcalloc(1, sizeof *s);
	struct stat st;
	bool unclean = false;
	int rc = 0;

	s->mode = mode;
	s->path = xstrdup(path);
	s->lock_fd = -1;
	s->truncate_at = TRUNCATE_PAGES;
	if (mode == STORE_WRITE)
		rc = lock(s, err);
	if (rc < 0)
		goto fail;
	if (stat(path, &st) == 0) {
		unclean = mode == STORE_WRITE && left_over(s);
		rc = check_size(s, &st, left_over(s), err);
	} else if (mode == STORE_READ) {
		rc = err_errno(err, -errno, "%s", path);
	}
	if (rc == 0)
		rc = open_file(s, unclean, err);
	if (rc < 0)
		goto fail;
	sqlite3_wal_hook(s->db, on_wal, s);
	*out = s;
	return 0;

fail:
	/* What could not be opened is left as it was found. */
	s->failed = true;
	store_free(s);
	return rc;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	store_rollback(s);
	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->append);
	sqlite3_finalize(s->put_stream);
	sqlite3_finalize(s->room);
	sqlite3_finalize(s->chain);
	sqlite3_finalize(s->scan);
	/* After a failed flush nobody knows what a checkpoint would copy. */
	if (s->failed && s->db != NULL)
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
	sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->streams);
	free(s->path);
	free(s);
}

uint64_t
store_id(const struct store *s)
{
	return s->id;
}

uint64_t
store_log(const struct store *s)
{
	return s->log;
}

uint64_t
store_committed(const struct store *s)
{
	return s->saved_log;
}

/* ---- streams ---- */

static struct stream *
find_epoch(const struct store *s, uint64_t epoch)
{
	for (size_t i = 0; i < s->stream_count; i++)
		if (s->streams[i].now.epoch == epoch)
			return &s->streams[i];
	return NULL;
}

static void
touch(struct store *s, struct stream *st)
{
	st->touched = true;
	s->touched = true;
}

int
store_stream(struct store *s, uint64_t epoch, const char *name,
    const char *point, bool operators, struct store_stream *out)
{
	struct stream *st = find_epoch(s, epoch);

	assert(s->mode == STORE_WRITE);
	if (st == NULL) {
		s->streams = xgrow(s->streams, &s->stream_cap, s->stream_count,
		    sizeof *s->streams);
		st = &s->streams[s->stream_count++];
		*st = (struct stream){
			.now = { .id = (uint32_t)s->stream_count,
			    .epoch = epoch,
			    .operators = operators,
			    .last_time_us = RACE_NO_TIME },
		};
		st->saved = st->now;
	}
	copy_text(st->now.name, sizeof st->now.name, name);
	copy_text(st->now.point, sizeof st->now.point, point);
	if (!st->stored || strcmp(st->now.name, st->saved.name) != 0 ||
	    strcmp(st->now.point, st->saved.point) != 0)
		touch(s, st);
	*out = st->now;
	return 0;
}

/* ---- writing ---- */

static int
begin(struct store *s)
{
	int rc;

	if (s->failed)
		return -EIO;
	if (s->begun)
		return 0;
	/* From here on: a large transaction stays in memory. */
	rc = s->roomy ? 0 : run(s, "PRAGMA cache_size = -65536", NULL);
	if (rc < 0)
		return rc;
	s->roomy = true;
	rc = step_once(s, s->begin);
	if (rc != SQLITE_OK)
		return code_of(s, rc);
	s->begun = true;
	return 0;
}

static void
bind_text(sqlite3_stmt *stmt, int column, const char *text)
{
	if (text == NULL || *text == '\0')
		sqlite3_bind_null(stmt, column);
	else
		sqlite3_bind_text(stmt, column, text, -1, SQLITE_STATIC);
}

static void
bind_crossing(sqlite3_stmt *stmt, const struct race_crossing *c)
{
	sqlite3_bind_int64(stmt, APPEND_TIME, c->time_us);
	sqlite3_bind_int64(stmt, APPEND_OFFSET, c->offset_us);
	sqlite3_bind_int64(stmt, APPEND_BOUND, c->bound_us);
	bind_text(stmt, APPEND_POINT, c->point);
	bind_text(stmt, APPEND_BIB, c->bib);
	bind_text(stmt, APPEND_CHIP, c->chip);
}

static void
bind_other(sqlite3_stmt *stmt, const struct race_event *e)
{
	const char *bib = NULL;

	for (int i = APPEND_TIME; i <= APPEND_CHIP; i++)
		sqlite3_bind_null(stmt, i);
	if (e == NULL)
		return;
	if (e->kind == RACE_GUN)
		sqlite3_bind_int64(stmt, APPEND_TIME, e->gun.gun_us);
	if (e->kind == RACE_ENTRY)
		bib = e->entry.bib;
	if (e->kind == RACE_ENTRY_GONE)
		bib = e->entry_gone;
	if (e->kind == RACE_FILL_IN)
		bib = e->fill_in.bib;
	if (e->kind == RACE_DECISION) {
		bib = e->decision->bib;
		bind_text(stmt, APPEND_POINT, e->decision->point);
		if (e->decision->time_us != 0)
			sqlite3_bind_int64(stmt, APPEND_TIME,
			    e->decision->time_us);
	}
	bind_text(stmt, APPEND_BIB, bib);
}

int
store_append(struct store *s, uint32_t stream, uint64_t seq,
    const struct race_event *event, const uint8_t *body, size_t len,
    uint64_t chain, int64_t received_us)
{
	enum race_event_kind kind = event ? event->kind : RACE_EVENT_UNKNOWN;
	struct stream *st;
	int rc;

	assert(stream >= 1 && stream <= s->stream_count);
	st = &s->streams[stream - 1];
	assert(seq == st->now.cursor + 1);
	rc = begin(s);
	if (rc < 0)
		return rc;
	sqlite3_bind_int64(s->append, APPEND_NUMBER, (int64_t)(s->log + 1));
	sqlite3_bind_int64(s->append, APPEND_STREAM, stream);
	sqlite3_bind_int64(s->append, APPEND_SEQ, (int64_t)seq);
	sqlite3_bind_text(s->append, APPEND_KIND, kind_name(kind), -1,
	    SQLITE_STATIC);
	if (kind == RACE_CROSSING)
		bind_crossing(s->append, &event->crossing);
	else
		bind_other(s->append, event);
	sqlite3_bind_int64(s->append, APPEND_RECEIVED, received_us);
	sqlite3_bind_int64(s->append, APPEND_CHAIN, (int64_t)chain);
	/* A NULL pointer would bind NULL, and an event may be empty. */
	sqlite3_bind_blob64(s->append, APPEND_BODY,
	    len > 0 ? (const void *)body : "", len, SQLITE_STATIC);
	rc = step_once(s, s->append);
	if (rc != SQLITE_OK)
		return code_of(s, rc);
	s->log++;
	st->now.cursor = seq;
	st->now.chain = chain;
	if (kind == RACE_CROSSING)
		st->now.last_time_us = event->crossing.time_us;
	touch(s, st);
	return 0;
}

static int
put_stream(struct store *s, const struct store_stream *st)
{
	char epoch[17];

	snprintf(epoch, sizeof epoch, "%016" PRIx64, st->epoch);
	sqlite3_bind_int64(s->put_stream, PUT_ID, st->id);
	sqlite3_bind_text(s->put_stream, PUT_EPOCH, epoch, -1, SQLITE_STATIC);
	sqlite3_bind_text(s->put_stream, PUT_NAME, st->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s->put_stream, PUT_POINT, st->point, -1,
	    SQLITE_STATIC);
	sqlite3_bind_int64(s->put_stream, PUT_CURSOR, (int64_t)st->cursor);
	sqlite3_bind_int64(s->put_stream, PUT_CHAIN, (int64_t)st->chain);
	if (st->last_time_us == RACE_NO_TIME)
		sqlite3_bind_null(s->put_stream, PUT_LAST_TIME);
	else
		sqlite3_bind_int64(s->put_stream, PUT_LAST_TIME,
		    st->last_time_us);
	sqlite3_bind_int(s->put_stream, PUT_OPERATORS, st->operators);
	return step_once(s, s->put_stream);
}

static int
put_streams(struct store *s)
{
	for (size_t i = 0; i < s->stream_count; i++) {
		int rc;

		if (!s->streams[i].touched)
			continue;
		rc = put_stream(s, &s->streams[i].now);
		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

static void
committed(struct store *s)
{
	for (size_t i = 0; i < s->stream_count; i++) {
		struct stream *st = &s->streams[i];

		if (!st->touched)
			continue;
		st->saved = st->now;
		st->stored = true;
		st->touched = false;
	}
	s->saved_log = s->log;
	s->begun = false;
	s->touched = false;
}

static void
checkpoint(struct store *s, int mode)
{
	int rc;

	errno = 0;
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL);
	s->errnum = errno;
	/* A reader in the way, or no room: what waits is safe in the WAL. */
	if (rc != SQLITE_OK && code_of(s, rc) != -EBUSY &&
	    code_of(s, rc) != -ENOSPC) {
		log_warnx("%s: checkpoint: %s", s->path, sqlite3_errmsg(s->db));
		s->failed = true;
	}
	s->checked_pages = s->wal_pages;
	if (rc == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE)
		s->wal_pages = s->checked_pages = 0;
}

static unsigned
unchecked(const struct store *s)
{
	/* Fewer than before: the WAL began again from its start. */
	if (s->wal_pages < s->checked_pages)
		return s->wal_pages;
	return s->wal_pages - s->checked_pages;
}

static void
bound_wal(struct store *s)
{
	if (s->wal_pages < TRUNCATE_PAGES)
		s->truncate_at = TRUNCATE_PAGES;
	if (s->wal_pages >= s->truncate_at) {
		checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
		s->truncate_at = s->wal_pages + TRUNCATE_AGAIN;
	} else if (unchecked(s) >= PASSIVE_PAGES) {
		checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
	}
}

int
store_commit(struct store *s, struct err *err)
{
	int rc;
	int code;

	if (!store_pending(s))
		return 0;
	code = begin(s);
	if (code < 0) {
		store_rollback(s);
		return err_set(err, code, "%s: %s", s->path,
		    s->failed ? "an earlier write failed"
		              : sqlite3_errmsg(s->db));
	}
	rc = put_streams(s);
	if (rc == SQLITE_OK)
		rc = step_once(s, s->commit);
	if (rc != SQLITE_OK) {
		code = fail(s, rc, "commit", err);
		s->failed = code != -ENOSPC && code != -EBUSY;
		store_rollback(s);
		return code;
	}
	committed(s);
	bound_wal(s);
	return 0;
}

/* A new stream keeps its number: it is written with the next transaction that
 * touches it. */
void
store_rollback(struct store *s)
{
	if (s->db == NULL)
		return;
	/* SQLite may have rolled back by itself when the disk was full. */
	if (sqlite3_get_autocommit(s->db) == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	for (size_t i = 0; i < s->stream_count; i++) {
		struct stream *st = &s->streams[i];

		st->now.cursor = st->saved.cursor;
		st->now.chain = st->saved.chain;
		st->now.last_time_us = st->saved.last_time_us;
		st->touched = false;
	}
	s->log = s->saved_log;
	s->begun = false;
	s->touched = false;
}

bool
store_pending(const struct store *s)
{
	return s->begun || s->touched;
}

static int
try_room(struct store *s, int bytes)
{
	int rc = begin(s);

	if (rc < 0)
		return rc;
	sqlite3_bind_int(s->room, 1, bytes);
	rc = step_once(s, s->room);
	if (rc == SQLITE_OK)
		rc = step_once(s, s->commit);
	if (rc == SQLITE_OK) {
		s->begun = false;
		return 0;
	}
	rc = code_of(s, rc);
	s->failed = rc != -ENOSPC && rc != -EBUSY;
	return rc;
}

int
store_room(struct store *s)
{
	int rc;

	assert(!store_pending(s));
	rc = try_room(s, ROOM_BYTES);
	if (rc == 0)
		rc = try_room(s, 0);
	if (rc < 0)
		store_rollback(s);
	return rc;
}

void
store_idle(struct store *s)
{
	if (!store_pending(s) && !s->failed && unchecked(s) > 0)
		checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
}

/* ---- reading ---- */

int
store_streams(struct store *s, store_stream_fn fn, void *arg)
{
	if (s->mode == STORE_READ) {
		int rc = load_streams(s, NULL);

		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; i < s->stream_count; i++) {
		int rc = fn(arg, &s->streams[i].now);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* chain_sql, its column-th. */
static int
look_up(struct store *s, uint32_t stream, uint64_t seq, int column,
    uint64_t *out)
{
	int rc;

	sqlite3_bind_int64(s->chain, 1, stream);
	sqlite3_bind_int64(s->chain, 2, (int64_t)seq);
	rc = sqlite3_step(s->chain);
	if (rc == SQLITE_ROW)
		*out = (uint64_t)sqlite3_column_int64(s->chain, column);
	sqlite3_reset(s->chain);
	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? -ENOENT : code_of(s, rc);
}

int
store_chain(struct store *s, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	return look_up(s, stream, seq, 0, chain);
}

int
store_number(struct store *s, uint32_t stream, uint64_t seq, uint64_t *number,
    struct err *err)
{
	int rc = look_up(s, stream, seq, 1, number);

	if (rc == -EUCLEAN)
		return store_damaged(s, err, "an event cannot be looked up");
	if (rc < 0 && rc != -ENOENT)
		return err_errno(err, rc, "%s: look up an event", s->path);
	return rc;
}

/* A reader meets streams that were made after it opened. */
static int
stream_of(struct store *s, int64_t stream, struct store_event *e,
    struct err *err)
{
	if (stream > (int64_t)s->stream_count) {
		int rc = load_streams(s, err);

		if (rc < 0)
			return rc;
	}
	if (stream < 1 || stream > (int64_t)s->stream_count)
		return store_damaged(s, err, "an event in it has no stream");
	e->stream = &s->streams[stream - 1].now;
	e->id.stream = e->stream->epoch;
	return 0;
}

static int
check_sound(struct store *s, const struct store_event *e, struct sound *sound,
    struct err *err)
{
	const struct sound_event next = { .log = e->log,
		.stream = sqlite3_column_int64(s->scan, SCAN_STREAM),
		.seq = e->id.seq,
		.chain = e->chain,
		.body = e->body,
		.len = e->len };
	const char *wrong = sound_next(sound, &next);
	char number[32];
	char what[96];

	if (wrong == NULL)
		return 0;
	snprintf(what, sizeof what, "event %s %s",
	    number_grouped(number, sound->log + 1), wrong);
	return store_damaged(s, err, what);
}

/* sound may be NULL. */
static int
give(struct store *s, struct sound *sound, store_event_fn fn, void *arg,
    struct err *err)
{
	struct store_event e = {
		.log = (uint64_t)sqlite3_column_int64(s->scan, SCAN_NUMBER),
		.id.seq = (uint64_t)sqlite3_column_int64(s->scan, SCAN_SEQ),
		.received_us = sqlite3_column_int64(s->scan, SCAN_RECEIVED),
		.chain = (uint64_t)sqlite3_column_int64(s->scan, SCAN_CHAIN),
		.body = sqlite3_column_blob(s->scan, SCAN_BODY),
		.len = (size_t)sqlite3_column_bytes(s->scan, SCAN_BODY),
	};
	int rc;

	rc = stream_of(s, sqlite3_column_int64(s->scan, SCAN_STREAM), &e, err);
	if (rc < 0)
		return rc;
	if (e.body == NULL)
		e.body = (const uint8_t *)"";
	if (sound != NULL)
		rc = check_sound(s, &e, sound, err);
	return rc < 0 ? rc : fn(arg, &e);
}

/* One short transaction: a reader that stays in one stops the writer from
 * beginning its WAL again.  Returns how many there were. */
static int
scan_chunk(struct store *s, uint64_t *after, struct sound *sound,
    store_event_fn fn, void *arg, struct err *err)
{
	int count = 0;
	int rc;

	sqlite3_bind_int64(s->scan, 1, (int64_t)*after);
	sqlite3_bind_int(s->scan, 2, SCAN_ROWS);
	while ((rc = sqlite3_step(s->scan)) == SQLITE_ROW) {
		*after = (uint64_t)sqlite3_column_int64(s->scan, SCAN_NUMBER);
		rc = give(s, sound, fn, arg, err);
		if (rc < 0) {
			sqlite3_reset(s->scan);
			return rc;
		}
		count++;
	}
	if (rc != SQLITE_DONE)
		count = fail(s, rc, "read the log", err);
	sqlite3_reset(s->scan);
	return count;
}

int
store_scan(struct store *s, uint64_t after, store_event_fn fn, void *arg,
    struct err *err)
{
	struct sound sound = { 0 };
	bool whole = after == 0;
	int count;

	do {
		count =
		    scan_chunk(s, &after, whole ? &sound : NULL, fn, arg, err);
	} while (count == SCAN_ROWS);
	sound_close(&sound);
	return count < 0 ? count : 0;
}

int
store_page(struct store *s, uint64_t after, store_event_fn fn, void *arg)
{
	int step = SQLITE_DONE;
	int rc = 0;

	assert(s->mode == STORE_WRITE);
	sqlite3_bind_int64(s->scan, 1, (int64_t)after);
	sqlite3_bind_int(s->scan, 2, -1);
	while (rc == 0 && (step = sqlite3_step(s->scan)) == SQLITE_ROW) {
		/* Of the transaction that is under way. */
		if ((uint64_t)sqlite3_column_int64(s->scan, SCAN_NUMBER) >
		    s->saved_log)
			break;
		rc = give(s, NULL, fn, arg, NULL);
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		rc = code_of(s, step);
	sqlite3_reset(s->scan);
	return rc < 0 ? rc : 0;
}

int
store_rules(struct store *s, uint8_t **out, size_t *len, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	rc = sqlite3_prepare_v2(s->db, rules_sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return fail(s, rc, "read the rules", err);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*len = (size_t)sqlite3_column_bytes(stmt, 0);
		*out = xmalloc(*len + 1);
		if (*len > 0)
			memcpy(*out, sqlite3_column_blob(stmt, 0), *len);
		rc = 0;
	} else if (rc == SQLITE_DONE) {
		rc = err_set(err, -ENOENT, "%s holds no rules yet", s->path);
	} else {
		rc = fail(s, rc, "read the rules", err);
	}
	sqlite3_finalize(stmt);
	return rc;
}
