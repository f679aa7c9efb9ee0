#include "support/test.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fault_vfs.h"

enum { SECTOR = 512 };

/* The calls that are counted, as bits. */
enum call {
	CALL_CREATE = 1,
	CALL_WRITE = 2,
	CALL_TRUNCATE = 4,
	CALL_FLUSH = 8,
	CALL_DELETE = 16,
	CALL_INDEX = 32,
	CALL_RENAME = 64,
	CALL_ALL = 127
};

enum change_kind { CREATED, WRITTEN, TRUNCATED, DELETED };

/* A change that has not been flushed. */
struct change {
	enum change_kind kind;
	int64_t at; /* TRUNCATED: the length */
	size_t len;
	uint8_t *bytes;
};

/* A file as it is on the disk, with its changes since. */
struct record {
	char *path;
	char *renamed_from; /* and the folder was not flushed since */
	bool database;      /* not its journal or WAL */
	bool there;
	uint8_t *bytes;
	size_t len;
	size_t cap;
	struct change *changes;
	size_t change_count;
	size_t change_cap;
};

struct file {
	sqlite3_file base;
	struct record *record;
	sqlite3_file *below;
};

static sqlite3_vfs vfs;
static sqlite3_vfs *below;

static struct record *records[16];
static size_t record_count;

static struct {
	enum fault_how how;
	bool armed;
	bool lasting;
	unsigned left;
	unsigned hits;
} plan;

/* ---- what fails ---- */

static unsigned
calls_of(enum fault_how how)
{
	switch (how) {
	case FAULT_FULL:
	case FAULT_QUOTA:
	case FAULT_NOROOM:
		return CALL_CREATE | CALL_WRITE | CALL_INDEX;
	case FAULT_INDEX:
		return CALL_INDEX;
	case FAULT_BROKEN:
	case FAULT_POWER:
		return CALL_ALL;
	case FAULT_FLUSH:
		return CALL_FLUSH;
	}
	return 0;
}

static int
errno_of(enum fault_how how)
{
	switch (how) {
	case FAULT_FULL:
	case FAULT_NOROOM:
	case FAULT_INDEX:
		return ENOSPC;
	case FAULT_QUOTA:
		return EDQUOT;
	case FAULT_BROKEN:
	case FAULT_FLUSH:
	case FAULT_POWER:
		return EIO;
	}
	return EIO;
}

/* Counts the call; true if it is to fail, with errno set. */
static bool
fails(enum call call)
{
	if (!plan.armed || (calls_of(plan.how) & call) == 0)
		return false;
	if (plan.left > 0 && --plan.left > 0)
		return false;
	if (plan.hits > 0 && !plan.lasting)
		return false;
	plan.hits++;
	errno = errno_of(plan.how);
	return true;
}

void
fault_arm(enum fault_how how, unsigned n, bool lasting)
{
	assert(n > 0);
	plan.how = how;
	plan.left = n;
	plan.lasting = lasting || how == FAULT_POWER;
	plan.hits = 0;
	plan.armed = true;
}

void
fault_disarm(void)
{
	plan.armed = false;
}

unsigned
fault_hits(void)
{
	return plan.hits;
}

/* ---- what is on the disk ---- */

static void
resize(struct record *r, size_t len)
{
	if (len > r->cap) {
		r->cap = len > r->cap * 2 ? len : r->cap * 2;
		r->bytes = realloc(r->bytes, r->cap);
		assert(r->bytes != NULL);
	}
	if (len > r->len)
		memset(r->bytes + r->len, 0, len - r->len);
	r->len = len;
}

static void
write_part(struct record *r, const struct change *c, size_t from, size_t to)
{
	if (from == to)
		return;
	if (r->len < (size_t)c->at + to)
		resize(r, (size_t)c->at + to);
	memcpy(r->bytes + c->at + from, c->bytes + from, to - from);
}

static void
apply(struct record *r, const struct change *c)
{
	switch (c->kind) {
	case CREATED:
	case DELETED:
		r->there = c->kind == CREATED;
		r->len = 0;
		break;
	case WRITTEN:
		write_part(r, c, 0, c->len);
		break;
	case TRUNCATED:
		resize(r, (size_t)c->at);
		break;
	}
}

static void
drop_changes(struct record *r)
{
	for (size_t i = 0; i < r->change_count; i++)
		free(r->changes[i].bytes);
	r->change_count = 0;
}

/* What a failed flush leaves: names and lengths, which have a journal. */
static void
drop_writes(struct record *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->change_count; i++) {
		if (r->changes[i].kind == WRITTEN)
			free(r->changes[i].bytes);
		else
			r->changes[count++] = r->changes[i];
	}
	r->change_count = count;
}

/* How many changes there are up to the last that made or removed the file. */
static size_t
named_changes(const struct record *r)
{
	size_t n = r->change_count;

	while (n > 0 && r->changes[n - 1].kind != CREATED &&
	    r->changes[n - 1].kind != DELETED)
		n--;
	return n;
}

static void
settle(struct record *r, size_t count)
{
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		apply(r, &r->changes[i]);
		free(r->changes[i].bytes);
	}
	r->change_count -= count;
	memmove(r->changes, r->changes + count,
	    r->change_count * sizeof *r->changes);
}

/* Names that came, went or changed are on the disk; what is in the files need
 * not be. */
static void
flush_folder(void)
{
	for (size_t i = 0; i < record_count; i++) {
		struct record *r = records[i];

		settle(r, named_changes(r));
		free(r->renamed_from);
		r->renamed_from = NULL;
	}
}

static void
flush(struct record *r)
{
	/* unix flushes the folder with a new journal or WAL. */
	if (!r->database && named_changes(r) > 0)
		flush_folder();
	settle(r, r->change_count);
	r->there = true;
}

static void
note(struct record *r, enum change_kind kind, int64_t at, const void *bytes,
    size_t len)
{
	struct change *c;

	if (r->change_count == r->change_cap) {
		r->change_cap = r->change_cap == 0 ? 64 : r->change_cap * 2;
		r->changes =
		    realloc(r->changes, r->change_cap * sizeof *r->changes);
		assert(r->changes != NULL);
	}
	c = &r->changes[r->change_count++];
	*c = (struct change){ .kind = kind, .at = at, .len = len };
	if (len == 0)
		return;
	c->bytes = malloc(len);
	assert(c->bytes != NULL);
	memcpy(c->bytes, bytes, len);
}

static void
read_record(struct record *r)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	r->there = true;
	if (fstat(fd, &st) < 0)
		abort();
	resize(r, (size_t)st.st_size);
	if (r->len > 0 && read(fd, r->bytes, r->len) != (ssize_t)r->len)
		abort();
	close(fd);
}

static struct record *
find(const char *path)
{
	for (size_t i = 0; i < record_count; i++)
		if (strcmp(records[i]->path, path) == 0)
			return records[i];
	return NULL;
}

static struct record *
find_or_read(const char *path)
{
	struct record *r = find(path);

	if (r != NULL)
		return r;
	assert(record_count < sizeof records / sizeof *records);
	r = calloc(1, sizeof *r);
	assert(r != NULL);
	r->path = strdup(path);
	read_record(r);
	records[record_count++] = r;
	return r;
}

static void
forget(struct record *r)
{
	drop_changes(r);
	free(r->changes);
	free(r->bytes);
	free(r->renamed_from);
	free(r->path);
	free(r);
}

void
fault_forget(void)
{
	for (size_t i = 0; i < record_count; i++)
		forget(records[i]);
	record_count = 0;
}

/* ---- a power cut ---- */

static void
keep_bytes(struct record *r, uint64_t *random)
{
	uint64_t left = 0;

	for (size_t i = 0; i < r->change_count; i++)
		left += r->changes[i].len + 1;
	left = test_below(random, left + 1);
	for (size_t i = 0; i < r->change_count && left > 0; i++) {
		const struct change *c = &r->changes[i];

		if (left <= c->len) {
			write_part(r, c, 0, left);
			return;
		}
		apply(r, c);
		left -= c->len + 1;
	}
}

static void
keep_sectors(struct record *r, const struct change *c, uint64_t *random)
{
	size_t from = 0;

	while (from < c->len) {
		size_t in_sector = ((size_t)c->at + from) % SECTOR;
		size_t to = from + SECTOR - in_sector;

		if (to > c->len)
			to = c->len;
		if (test_below(random, 2) == 0)
			write_part(r, c, from, to);
		from = to;
	}
}

/* Names and lengths change in order, sectors as the disk likes. */
static void
keep_some(struct record *r, uint64_t *random)
{
	size_t named = test_below(random, r->change_count + 1);

	for (size_t i = 0; i < r->change_count; i++) {
		const struct change *c = &r->changes[i];

		if (c->kind == WRITTEN) {
			keep_sectors(r, c, random);
		} else if (i < named) {
			apply(r, c);
		} else if (c->kind != TRUNCATED) {
			/* What follows is written to another file. */
			return;
		}
	}
}

static void
keep(struct record *r, enum fault_cut cut, uint64_t *random)
{
	switch (cut) {
	case FAULT_CUT_NOTHING:
	case FAULT_CUTS:
		break;
	case FAULT_CUT_ALL:
		for (size_t i = 0; i < r->change_count; i++)
			apply(r, &r->changes[i]);
		break;
	case FAULT_CUT_TORN:
		keep_bytes(r, random);
		break;
	case FAULT_CUT_SECTORS:
		keep_some(r, random);
		break;
	}
}

static void
put_back(const struct record *r)
{
	const char *path = r->path;
	int fd;

	if (r->renamed_from != NULL)
		path = r->renamed_from;
	/* A new file each time: ext4 flushes one that was cut to nothing. */
	(void)unlink(r->path);
	if (!r->there)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, r->bytes, r->len) != (ssize_t)r->len)
		abort();
	close(fd);
}

/* The WAL's index is made anew from the WAL. */
static void
remove_index(const char *database)
{
	char *path = sqlite3_mprintf("%s-shm", database);

	(void)unlink(path);
	sqlite3_free(path);
}

void
fault_cut(enum fault_cut cut, uint64_t *random)
{
	for (size_t i = 0; i < record_count; i++) {
		struct record *r = records[i];

		keep(r, cut, random);
		if (cut == FAULT_CUT_ALL ||
		    (cut != FAULT_CUT_NOTHING && test_below(random, 2) == 0)) {
			free(r->renamed_from);
			r->renamed_from = NULL;
		}
		put_back(r);
		remove_index(r->path);
	}
	fault_forget();
}

int
fault_rename(const char *from, const char *to)
{
	struct record *r;
	struct record *over;

	if (fails(CALL_RENAME))
		return -1;
	r = find_or_read(from);
	/* rename() itself may be wrapped to come here. */
	if (renameat(AT_FDCWD, from, AT_FDCWD, to) < 0)
		return -1;
	over = find(to);
	/* Nothing that is tested renames over a file. */
	assert(over == NULL || !over->there);
	if (over != NULL) {
		free(over->path);
		over->path = strdup(from);
	}
	free(r->path);
	r->path = strdup(to);
	r->renamed_from = strdup(from);
	return 0;
}

int
fault_sync_folder(int fd)
{
	(void)fd;
	if (fails(CALL_FLUSH))
		return -1;
	flush_folder();
	return 0;
}

/* ---- a file ---- */

static struct file *
file_of(sqlite3_file *base)
{
	return (struct file *)base;
}

static int
close_file(sqlite3_file *base)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xClose(b);
}

static int
read_file(sqlite3_file *base, void *out, int len, sqlite3_int64 at)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xRead(b, out, len, at);
}

static int
write_file(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
	struct file *f = file_of(base);
	bool fault = fails(CALL_WRITE);
	int why = errno;
	int rc;

	if (fault && plan.how != FAULT_POWER)
		len /= 2;
	if (!fault || plan.how != FAULT_POWER) {
		rc = f->below->pMethods->xWrite(f->below, bytes, len, at);
		if (rc != SQLITE_OK)
			return rc;
		note(f->record, WRITTEN, at, bytes, (size_t)len);
	}
	if (!fault)
		return SQLITE_OK;
	errno = why;
	return plan.how == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int
truncate_file(sqlite3_file *base, sqlite3_int64 len)
{
	struct file *f = file_of(base);
	int rc;

	if (fails(CALL_TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	rc = f->below->pMethods->xTruncate(f->below, len);
	if (rc == SQLITE_OK)
		note(f->record, TRUNCATED, len, NULL, 0);
	return rc;
}

static int
sync_file(sqlite3_file *base, int flags)
{
	struct file *f = file_of(base);

	(void)flags;
	if (fails(CALL_FLUSH)) {
		if (plan.how == FAULT_FLUSH)
			drop_writes(f->record);
		return SQLITE_IOERR_FSYNC;
	}
	flush(f->record);
	return SQLITE_OK;
}

static int
file_size(sqlite3_file *base, sqlite3_int64 *out)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xFileSize(b, out);
}

static int
lock_file(sqlite3_file *base, int level)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xLock(b, level);
}

static int
unlock_file(sqlite3_file *base, int level)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xUnlock(b, level);
}

static int
check_lock(sqlite3_file *base, int *out)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xCheckReservedLock(b, out);
}

static int
control_file(sqlite3_file *base, int what, void *arg)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xFileControl(b, what, arg);
}

static int
sector_size(sqlite3_file *base)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xSectorSize(b);
}

static int
characteristics(sqlite3_file *base)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xDeviceCharacteristics(b);
}

static int
map_index(sqlite3_file *base, int region, int size, int extend,
    void volatile **out)
{
	sqlite3_file *b = file_of(base)->below;

	if (extend != 0 && fails(CALL_INDEX)) {
		*out = NULL;
		return SQLITE_IOERR_SHMSIZE;
	}
	return b->pMethods->xShmMap(b, region, size, extend, out);
}

static int
lock_index(sqlite3_file *base, int offset, int n, int flags)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xShmLock(b, offset, n, flags);
}

static void
order_index(sqlite3_file *base)
{
	sqlite3_file *b = file_of(base)->below;

	b->pMethods->xShmBarrier(b);
}

static int
unmap_index(sqlite3_file *base, int delete)
{
	sqlite3_file *b = file_of(base)->below;

	return b->pMethods->xShmUnmap(b, delete);
}

/* Version 2: a WAL, and no mapped files, whose writes nobody would see. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = file_size,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = check_lock,
	.xFileControl = control_file,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = map_index,
	.xShmLock = lock_index,
	.xShmBarrier = order_index,
	.xShmUnmap = unmap_index,
};

/* ---- the VFS ---- */

static int
open_file(sqlite3_vfs *self, const char *path, sqlite3_file *base, int flags,
    int *out)
{
	const int kept =
	    SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
	struct file *f = file_of(base);
	bool fresh;
	int rc;

	(void)self;
	/* Of a temporary file nothing outlives the process. */
	if (path == NULL || (flags & kept) == 0)
		return below->xOpen(below, path, base, flags, out);
	*f = (struct file){ .below = (sqlite3_file *)(void *)(f + 1) };
	fresh = access(path, F_OK) < 0;
	if (fresh && (flags & SQLITE_OPEN_CREATE) != 0 && fails(CALL_CREATE))
		return SQLITE_CANTOPEN;
	f->record = find_or_read(path);
	f->record->database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	rc = below->xOpen(below, path, f->below, flags, out);
	if (rc != SQLITE_OK)
		return rc;
	if (fresh)
		note(f->record, CREATED, 0, NULL, 0);
	f->base.pMethods = &methods;
	return SQLITE_OK;
}

static int
delete_file(sqlite3_vfs *self, const char *path, int sync_folder)
{
	struct record *r;
	int rc;

	(void)self;
	if (fails(CALL_DELETE))
		return SQLITE_IOERR_DELETE;
	r = find_or_read(path);
	rc = below->xDelete(below, path, 0);
	if (rc != SQLITE_OK)
		return rc;
	note(r, DELETED, 0, NULL, 0);
	if (sync_folder == 0)
		return SQLITE_OK;
	if (fails(CALL_FLUSH))
		return SQLITE_IOERR_DIR_FSYNC;
	flush_folder();
	return SQLITE_OK;
}

void
fault_install(void)
{
	if (below != NULL)
		return;
	below = sqlite3_vfs_find("unix");
	assert(below != NULL);
	vfs = *below;
	vfs.zName = "fault";
	vfs.szOsFile = (int)sizeof(struct file) + below->szOsFile;
	vfs.xOpen = open_file;
	vfs.xDelete = delete_file;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
