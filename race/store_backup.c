/* A copy of race.db, taken while an aggregator writes it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "race/store_db.h"

enum {
	STEP_PAGES = 1024, /* 4 MiB between two flushes */
	BUSY_MS = 10000
};

struct backup {
	struct store *from;
	sqlite3 *db; /* of from */
	const char *to;
	char *partial;
	int fd; /* of partial, with its lock */
	store_progress_fn fn;
	void *arg;
	struct err *err;
};

static const char last_sql[] =
    "SELECT number, chain, received_us FROM log ORDER BY number DESC LIMIT 1";

enum last_column { LAST_NUMBER, LAST_CHAIN, LAST_RECEIVED };

struct last {
	int64_t number; /* 0: none */
	int64_t chain;
	int64_t received_us;
};

static int
read_last(sqlite3 *db, struct last *out)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, last_sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	*out = (struct last){ .received_us = RACE_NO_TIME };
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = (struct last){
			.number = sqlite3_column_int64(stmt, LAST_NUMBER),
			.chain = sqlite3_column_int64(stmt, LAST_CHAIN),
			.received_us =
			    sqlite3_column_int64(stmt, LAST_RECEIVED),
		};
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A file that nobody changes. */
static int
open_still(sqlite3 **out, const char *path)
{
	char *uri = store_immutable(path);
	int rc = sqlite3_open_v2(uri, out,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	free(uri);
	return rc;
}

/* ---- what stands there already ---- */

static bool
same_store(const struct backup *b, sqlite3 *old)
{
	sqlite3_stmt *stmt;
	bool same = false;

	if (sqlite3_prepare_v2(old, "SELECT store FROM meta", -1, &stmt,
	        NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_type(stmt, 0) == SQLITE_TEXT)
		same = strtoull((const char *)sqlite3_column_text(stmt, 0),
		           NULL, 16) == store_id(b->from);
	sqlite3_finalize(stmt);
	return same;
}

/* Our log has that event, too: all before it are the same. */
static bool
goes_on_from(const struct backup *b, const struct last *last)
{
	sqlite3_stmt *stmt;
	bool is = false;

	if (last->number == 0)
		return true;
	if (sqlite3_prepare_v2(b->db, "SELECT chain FROM log WHERE number = ?1",
	        -1, &stmt, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_int64(stmt, 1, last->number);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		is = sqlite3_column_int64(stmt, 0) == last->chain;
	sqlite3_finalize(stmt);
	return is;
}

static int
check_old(const struct backup *b, sqlite3 *old)
{
	struct last last;

	if (!same_store(b, old))
		return err_set(b->err, -EEXIST,
		    "%s: is there already, and is no backup of %s: name "
		    "another file",
		    b->to, store_path(b->from));
	if (read_last(old, &last) != SQLITE_OK || !goes_on_from(b, &last))
		return err_set(b->err, -EEXIST,
		    "%s: is there already, with events that %s does not have: "
		    "name another file",
		    b->to, store_path(b->from));
	return 0;
}

/* A race.db in use has a lock file or a WAL beside it; who only reads a backup
 * may leave an empty one. */
static bool
in_use(const struct backup *b)
{
	char *wal = xasprintf("%s-wal", b->to);
	char *lock = xasprintf("%s.lock", b->to);
	struct stat st;
	bool is =
	    (stat(wal, &st) == 0 && st.st_size > 0) || access(lock, F_OK) == 0;

	free(wal);
	free(lock);
	return is;
}

static int
check_target(const struct backup *b)
{
	struct stat there;
	struct stat from;
	sqlite3 *old = NULL;
	int rc = 0;

	if (stat(b->to, &there) < 0) {
		if (errno == ENOENT)
			return 0;
		return err_errno(b->err, -errno, "%s", b->to);
	}
	if (S_ISDIR(there.st_mode))
		return err_set(b->err, -EISDIR,
		    "%s: is a folder: name a file in it", b->to);
	if (stat(store_path(b->from), &from) == 0 &&
	    from.st_dev == there.st_dev && from.st_ino == there.st_ino)
		return err_set(b->err, -EEXIST,
		    "%s: is the original itself: name another file", b->to);
	if (in_use(b))
		return err_set(b->err, -EEXIST,
		    "%s: is one that a program writes or wrote: name "
		    "another file",
		    b->to);
	(void)open_still(&old, b->to);
	rc = check_old(b, old);
	sqlite3_close(old);
	return rc;
}

/* ---- TO.partial ---- */

static int
cannot_open(const struct backup *b, int code)
{
	switch (code) {
	case -ENOENT:
	case -ENOTDIR:
		return err_set(b->err, code,
		    "%s: its folder is not there: make it (mkdir), or name a "
		    "file in a folder that there is",
		    b->to);
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return err_set(b->err, code,
		    "%s: its folder may not be written to by you: name a file "
		    "in another one",
		    b->to);
	default:
		return err_errno(b->err, code, "open %s", b->partial);
	}
}

static int
open_partial(struct backup *b)
{
	struct stat named;
	struct stat ours;
	int fd =
	    open(b->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return cannot_open(b, -errno);
	/* Who had the lock before may have renamed the file meanwhile. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || stat(b->partial, &named) < 0 ||
	    fstat(fd, &ours) < 0 || named.st_ino != ours.st_ino ||
	    named.st_dev != ours.st_dev) {
		close(fd);
		return err_set(b->err, -EBUSY,
		    "%s: another backup writes it: wait for its end",
		    b->partial);
	}
	if (ftruncate(fd, 0) < 0) {
		int code = -errno;

		close(fd);
		return err_errno(b->err, code, "empty %s", b->partial);
	}
	b->fd = fd;
	return 0;
}

/* ---- copying ---- */

static int
no_copy(const struct backup *b, int rc, int errnum, uint64_t total)
{
	rc &= 0xff;
	if (rc == SQLITE_FULL || errnum == ENOSPC || errnum == EDQUOT ||
	    errnum == EFBIG)
		return err_set(b->err, -ENOSPC,
		    "%s: no room for a copy of %" PRIu64
		    " MB: removed; free some, or name a file on another disk",
		    b->partial, total / 1000000 + 1);
	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return store_damaged(b->from, b->err, sqlite3_errstr(rc));
	if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return err_set(b->err, -EBUSY,
		    "%s: another program holds it: try again",
		    store_path(b->from));
	if (errnum != 0)
		return err_errno(b->err, -EIO, "write %s", b->partial);
	return err_set(b->err, -EIO, "copy %s: %s", store_path(b->from),
	    sqlite3_errstr(rc));
}

/* Flushed a step at a time: on many file systems a flush of the aggregator
 * waits for whatever others have written, and shall not wait for all of it. */
static int
step(const struct backup *b, sqlite3_backup *copy)
{
	uint64_t total;
	uint64_t left;
	int rc;

	errno = 0;
	rc = sqlite3_backup_step(copy, STEP_PAGES);
	total = (uint64_t)sqlite3_backup_pagecount(copy) * 4096;
	left = (uint64_t)sqlite3_backup_remaining(copy) * 4096;
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		return no_copy(b, rc, errno, total);
	if (fdatasync(b->fd) < 0)
		return no_copy(b, SQLITE_IOERR, errno, total);
	if (b->fn != NULL)
		b->fn(b->arg, total - left, total);
	return rc == SQLITE_DONE;
}

static int
copy_into(const struct backup *b, sqlite3 *to)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", b->db, "main");
	int rc = 0;

	if (copy == NULL)
		return err_set(b->err, -EIO, "%s: %s", b->partial,
		    sqlite3_errmsg(to));
	while (rc == 0)
		rc = step(b, copy);
	sqlite3_backup_finish(copy);
	return rc < 0 ? rc : 0;
}

/*
 * One transaction of reading for the whole copy: without it SQLite begins again
 * whenever another process writes, that is, forever during a race.
 */
static int
copy_all(const struct backup *b)
{
	sqlite3 *to = NULL;
	int rc;

	rc = sqlite3_exec(b->db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL,
	    NULL);
	if (rc != SQLITE_OK) {
		rc = no_copy(b, rc, 0, 0);
	} else if (sqlite3_open_v2(b->partial, &to,
	               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	               NULL) != SQLITE_OK) {
		rc = err_set(b->err, -EIO, "open %s: %s", b->partial,
		    sqlite3_errmsg(to));
	} else {
		/* A copy that a crash cuts off is thrown away. */
		sqlite3_exec(to,
		    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
		    NULL, NULL);
		rc = copy_into(b, to);
	}
	sqlite3_close(to);
	if (sqlite3_get_autocommit(b->db) == 0)
		sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* ---- checking ---- */

/* SQLite's pages and indexes; -EUCLEAN with its words. */
static int
check_pages(sqlite3 *db, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt,
	    NULL);

	if (rc != SQLITE_OK)
		return err_set(err, -EUCLEAN, "%s", sqlite3_errmsg(db));
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW)
		rc = err_set(err, -EUCLEAN, "%s", sqlite3_errmsg(db));
	else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
		rc = err_set(err, -EUCLEAN, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	else
		rc = 0;
	sqlite3_finalize(stmt);
	return rc;
}

/* What is wrong with the copy is wrong with race.db, or else with the disk. */
static int
blame(const struct backup *b, const char *what)
{
	uint64_t last;

	if (check_pages(b->db, NULL) < 0 || store_sound(b->db, &last, NULL) < 0)
		return store_damaged(b->from, b->err, what);
	return err_set(b->err, -EIO,
	    "%s: what was written cannot be read back (%s): removed; name a "
	    "file on another disk",
	    b->partial, what);
}

static int
check_copy(const struct backup *b, struct store_copy *out)
{
	struct err why = { "" };
	struct last last = { 0 };
	sqlite3 *db = NULL;
	int rc = open_still(&db, b->partial);

	if (rc == SQLITE_OK)
		rc = check_pages(db, &why);
	else
		rc = err_set(&why, -EUCLEAN, "%s", sqlite3_errmsg(db));
	if (rc == 0)
		rc = store_sound(db, &out->events, &why);
	if (rc == 0 && read_last(db, &last) != SQLITE_OK)
		rc = err_set(&why, -EUCLEAN, "%s", sqlite3_errmsg(db));
	out->last_us = last.received_us;
	sqlite3_close(db);
	return rc < 0 ? blame(b, why.text) : 0;
}

/* ---- all of it ---- */

static int
finish(const struct backup *b, struct store_copy *out)
{
	struct stat st;

	if (fsync(b->fd) < 0 || fstat(b->fd, &st) < 0)
		return err_errno(b->err, -errno, "write %s", b->partial);
	out->bytes = (uint64_t)st.st_size;
	if (rename(b->partial, b->to) < 0)
		return err_errno(b->err, -errno, "rename %s to %s", b->partial,
		    b->to);
	return 0;
}

static int
make(struct backup *b, struct store_copy *out)
{
	int rc = copy_all(b);

	if (rc == 0)
		rc = check_copy(b, out);
	if (rc == 0)
		rc = finish(b, out);
	if (rc < 0)
		unlink(b->partial);
	close(b->fd);
	if (rc < 0)
		return rc;
	rc = files_sync_folder_of(b->to);
	if (rc < 0)
		return err_errno(b->err, rc, "sync the folder of %s", b->to);
	return 0;
}

int
store_backup(struct store *from, const char *to, store_progress_fn fn,
    void *arg, struct store_copy *out, struct err *err)
{
	struct backup b = { .from = from,
		.db = store_db(from),
		.to = to,
		.fn = fn,
		.arg = arg,
		.err = err };
	struct store_copy copy = { 0 };
	int rc;

	sqlite3_busy_timeout(b.db, BUSY_MS);
	rc = check_target(&b);
	if (rc < 0)
		return rc;
	b.partial = xasprintf("%s.partial", to);
	rc = open_partial(&b);
	if (rc == 0)
		rc = make(&b, &copy);
	free(b.partial);
	if (rc == 0)
		*out = copy;
	return rc;
}
