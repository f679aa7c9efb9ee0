/*
 * A file that is followed.  It is looked at every 100 ms by stat(): what a
 * reader's software writes lies on a network share as often as not, of which
 * inotify says nothing.
 *
 * FILE may be moved away and made anew: the file that is open is read to its
 * end first, then those that were FILE in between, then FILE.  Or it is copied
 * and cut off: then the copy is looked for, by the hash of what was read, and
 * read to its end, and FILE from its beginning.  What the program that rotates
 * loses between its copying and its cutting, nobody can read.
 */
#include "collector/source_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/source_rotated.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/xalloc.h"

/* Of what was read last, to be found again before what is read next: a file
 * that was cut off and has grown again beyond it is another. */
enum { SAMPLE = 256 };

/* A file is known by what it begins with if that is as many lines: the one that
 * names the columns stands in many. */
enum { LINES_THAT_PROVE = 2 };

static const int64_t poll_us = 100000;

enum presence { PRESENT, ABSENT, UNREADABLE };

struct tail {
	struct source_feed feed; /* first: it is freed as this */
	char *folder;            /* its full path */
	char *shown;             /* as a person named it, with the slash */
	char *name;              /* FILE, in it */
	enum presence presence;  /* of FILE: said when it changes */

	/* The file that is open, and how far it was given on. */
	uint64_t offset;
	uint64_t lines;
	uint32_t crc;
	char sample[SAMPLE];
	size_t sample_len;
	struct timespec settled; /* written last, when all of it was read */
	bool is_settled;
	bool readable;
	bool leaving;      /* FILE is another one */
	bool quiet;        /* and the last look found nothing new */
	bool copy;         /* its last line may go on elsewhere */
	bool lived;        /* it was FILE while we looked */
	uint64_t unproven; /* inode of a FILE: empty, and none between */

	/* FILE is away since the start: it may be the one that was read. */
	bool awaited;
	struct outbox_position pos;

	/* It is over, and this is to be said. */
	enum source_news over; /* SOURCE_NOTHING: not yet */
};

static struct tail *
tail_of(struct source_feed *f)
{
	return (struct tail *)f;
}

/* ---- files ---- */

/* Opens a file of the folder: fd, or -errno; -EINVAL: it is no file. */
static int
open_named(const struct tail *t, const char *name, struct stat *st)
{
	char *path = xasprintf("%s/%s", t->folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc = fd < 0 ? -errno : 0;

	free(path);
	if (rc == 0 && fstat(fd, st) < 0)
		rc = -errno;
	if (rc == 0 && !S_ISREG(st->st_mode))
		rc = -EINVAL;
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

static void
set_title(struct tail *t, const char *name)
{
	free(t->feed.title);
	t->feed.title = xasprintf("%s%s", t->shown, name);
}

static void
take_sample(struct tail *t)
{
	ssize_t n;

	t->sample_len = t->offset < SAMPLE ? (size_t)t->offset : SAMPLE;
	n = pread(t->feed.fd, t->sample, t->sample_len,
	    (off_t)(t->offset - t->sample_len));
	if (n != (ssize_t)t->sample_len)
		t->sample_len = 0;
}

static void
set_identity(struct tail *t, uint64_t device, uint64_t inode)
{
	t->feed.device = device;
	t->feed.inode = inode;
}

/* fd becomes the file that is read, at the same byte. */
static void
adopt(struct tail *t, int fd, const char *name, const struct stat *st)
{
	if (t->feed.fd >= 0 && t->feed.fd != fd)
		close(t->feed.fd);
	t->feed.fd = fd;
	/* It was filled where fd was opened.
	 * NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
	set_identity(t, (uint64_t)st->st_dev, (uint64_t)st->st_ino);
	set_title(t, name);
	t->is_settled = false;
	t->readable = true;
	t->leaving = false;
	t->quiet = false;
	t->copy = false;
	t->lived = false;
	t->unproven = 0;
	t->over = SOURCE_NOTHING;
}

/* So does a copy of the file of that identity.  It keeps that, for a restart
 * has to know it for a copy, which has the other bytes. */
static void
adopt_copy(struct tail *t, int fd, const char *name, const struct stat *st,
    uint64_t device, uint64_t inode)
{
	adopt(t, fd, name, st);
	set_identity(t, device, inode);
	t->copy = true;
}

static void
go_to(struct tail *t, uint64_t offset, uint64_t lines, uint32_t crc)
{
	t->offset = offset;
	t->lines = lines;
	t->crc = crc;
	take_sample(t);
}

static void
rewind_tail(struct source_feed *f)
{
	struct tail *t = tail_of(f);

	go_to(t, 0, 0, 0);
	t->is_settled = false;
	t->readable = true;
	t->quiet = false;
	t->over = SOURCE_NOTHING;
}

static bool
begins_as_read(const struct tail *t, int fd)
{
	uint32_t crc = 0;

	return source_feed_prefix(fd, t->offset, &crc) == (int64_t)t->offset &&
	    crc == t->crc;
}

static void
see_presence(struct tail *t, enum presence now, int rc)
{
	if (now == t->presence)
		return;
	if (now == ABSENT)
		log_info("%s%s is not there: waiting for it", t->shown,
		    t->name);
	else if (now == UNREADABLE)
		log_warnx("%s%s cannot be read: %s; waiting until it can",
		    t->shown, t->name,
		    rc == -EINVAL ? "it is not a file" : strerror(-rc));
	else
		log_info("%s%s is there", t->shown, t->name);
	t->presence = now;
}

/* Opens FILE, if there is one: fd or -errno. */
static int
open_current(struct tail *t, struct stat *st)
{
	int fd = open_named(t, t->name, st);

	if (fd >= 0)
		see_presence(t, PRESENT, 0);
	else
		see_presence(t, fd == -ENOENT ? ABSENT : UNREADABLE, fd);
	return fd;
}

/* FILE, opened or not, from its beginning, or once it is there. */
static void
begin_opened(struct tail *t, int fd, const struct stat *st)
{
	if (fd >= 0) {
		adopt(t, fd, t->name, st);
		t->lived = true;
	} else if (t->feed.fd >= 0) {
		close(t->feed.fd);
		t->feed.fd = -1;
		set_title(t, t->name);
	}
	t->over = SOURCE_NOTHING;
	go_to(t, 0, 0, 0);
}

static void
begin_current(struct tail *t)
{
	struct stat st;
	int fd = open_current(t, &st);

	begin_opened(t, fd, &st);
}

/* ---- looking ---- */

/* What was read is not in FILE any more: perhaps in a copy of it. */
static void
take_cut(struct tail *t)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;
	struct stat st;
	int fd;

	if (t->lines >= LINES_THAT_PROVE &&
	    source_rotated_same(&place, t->offset, t->crc, &found)) {
		fd = open_named(t, found.name, &st);
		if (fd >= 0) {
			log_info("%s was cut off: the rest of it is read in "
			         "%s%s, then it is read from its beginning",
			    t->feed.title, t->shown, found.name);
			adopt_copy(t, fd, found.name, &st, t->feed.device,
			    t->feed.inode);
			return;
		}
	}
	log_warnx("%s was cut off, or other bytes were written to it: it is "
	          "read from its beginning; what stood in it behind byte "
	          "%" PRIu64 " was not read, if there was anything",
	    t->feed.title, t->offset);
	t->over = SOURCE_CUT;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
sample_holds(const struct tail *t)
{
	char bytes[SAMPLE];

	return pread(t->feed.fd, bytes, t->sample_len,
	           (off_t)(t->offset - t->sample_len)) ==
	    (ssize_t)t->sample_len &&
	    memcmp(bytes, t->sample, t->sample_len) == 0;
}

/* Written to, and as long as before. */
static bool
was_rewritten(struct tail *t, const struct stat *st)
{
	if ((uint64_t)st->st_size != t->offset) {
		t->is_settled = false;
		return false;
	}
	if (t->is_settled && same_time(&st->st_mtim, &t->settled))
		return false;
	if (t->is_settled ? !begins_as_read(t, t->feed.fd) : !sample_holds(t))
		return true;
	t->is_settled = true;
	t->settled = st->st_mtim;
	return false;
}

/*
 * Two looks after FILE became another one found nothing new in the old one: it
 * is over.  Unless the new one begins with all of it: then it is a longer copy
 * that was put in its place, and goes on behind that.
 */
static void
leave(struct tail *t, bool replaced)
{
	/* A file of which there are columns alone was put away, most often. */
	bool same = !t->copy &&
	    (t->lines >= LINES_THAT_PROVE || (replaced && t->offset > 0));
	struct stat st;
	int fd = same ? open_current(t, &st) : -ENOENT;

	if (fd >= 0 && begins_as_read(t, fd)) {
		log_info("%s%s is another file with the same beginning: it is "
		         "read on behind byte %" PRIu64,
		    t->shown, t->name, t->offset);
		adopt(t, fd, t->name, &st);
		t->lived = true;
		return;
	}
	if (fd >= 0)
		close(fd);
	t->over = t->copy ? SOURCE_CUT : SOURCE_END;
}

/* Lines that are read from now on stand in a file of that name. */
static void
say_moved(struct tail *t)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;

	if (!t->lived ||
	    !source_rotated_find(&place, t->feed.device, t->feed.inode, &found))
		return;
	set_title(t, found.name);
	log_info("%s%s is %s now: the rest of it is read first", t->shown,
	    t->name, t->feed.title);
}

/* Finds the open file, whatever it is called: it is not that of feed.inode if
 * it is a copy. */
static bool
find_opened(const struct tail *t, struct source_rotated *out)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct stat st;

	return fstat(t->feed.fd, &st) == 0 &&
	    source_rotated_find(&place, (uint64_t)st.st_dev,
	        (uint64_t)st.st_ino, out);
}

/*
 * `now`, which is FILE, or one between has been written to: whoever writes does
 * not write to the open one any more.  A new FILE that is empty does not prove
 * that: a program may hold the old one until it is told to open the new one.
 */
static bool
is_succeeded(struct tail *t, const struct stat *open_st, const struct stat *now)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated before, after;
	enum source_rotated_gap gap;

	if (now->st_size > 0 || open_st->st_nlink == 0)
		return true;
	if (t->unproven == (uint64_t)now->st_ino)
		return false;
	if (find_opened(t, &before) &&
	    source_rotated_after(&place, &before, now, &after, &gap))
		return true;
	t->unproven = (uint64_t)now->st_ino;
	return false;
}

/* Whether FILE is still the one that is read. */
static void
look_at_name(struct tail *t, const struct stat *open_st)
{
	char *path = xasprintf("%s/%s", t->folder, t->name);
	bool was_leaving = t->leaving;
	bool other;
	struct stat st;
	int rc = stat(path, &st) < 0 ? -errno : 0;

	free(path);
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = -EINVAL;
	if (rc < 0) {
		see_presence(t, rc == -ENOENT ? ABSENT : UNREADABLE, rc);
		return;
	}
	see_presence(t, PRESENT, 0);
	other = st.st_dev != open_st->st_dev || st.st_ino != open_st->st_ino;
	t->leaving = other && is_succeeded(t, open_st, &st);
	if (!other)
		t->lived = true;
	if (t->leaving && !was_leaving)
		say_moved(t);
	if (t->leaving && !t->readable && t->quiet)
		leave(t, t->lived && open_st->st_nlink == 0);
	else
		t->quiet = t->leaving && !t->readable;
}

static void
look(struct tail *t)
{
	struct stat st;

	if (fstat(t->feed.fd, &st) < 0) {
		t->readable = true; /* reading says why */
		return;
	}
	if ((uint64_t)st.st_size < t->offset || was_rewritten(t, &st)) {
		take_cut(t);
		return;
	}
	t->readable = (uint64_t)st.st_size > t->offset;
	look_at_name(t, &st);
}

/* ---- reading ---- */

static void
give_on(struct tail *t, const char *bytes, size_t len)
{
	size_t keep = len < SAMPLE ? len : SAMPLE;
	size_t old =
	    SAMPLE - keep < t->sample_len ? SAMPLE - keep : t->sample_len;

	memmove(t->sample, t->sample + t->sample_len - old, old);
	memcpy(t->sample + old, bytes + len - keep, keep);
	t->sample_len = old + keep;
	for (size_t i = 0; i < len; i++)
		t->lines += bytes[i] == '\n';
	t->crc = hash_crc32c(t->crc, bytes, len);
	t->offset += len;
	t->is_settled = false;
}

static int
read_tail(struct source_feed *f, char *out, size_t cap, size_t *len,
    struct err *err)
{
	struct tail *t = tail_of(f);
	ssize_t n;

	if (t->over != SOURCE_NOTHING)
		return (int)t->over;
	if (f->fd < 0 || !t->readable)
		return SOURCE_NOTHING;
	n = pread(f->fd, out, cap, (off_t)t->offset);
	if (n < 0 && errno == EINTR)
		return SOURCE_NOTHING;
	if (n < 0)
		return err_errno(err, -EIO, "read %s", f->title);
	/* The LF of a CR LF may be on its way. */
	if (n > 0 && out[n - 1] == '\r' && !t->leaving)
		n--;
	if (n == 0) {
		t->readable = false;
		return SOURCE_NOTHING;
	}
	/* After reading, for it may be cut off between two calls. */
	if (!sample_holds(t)) {
		take_cut(t);
		return t->over != SOURCE_NOTHING ? (int)t->over
		                                 : SOURCE_NOTHING;
	}
	give_on(t, out, (size_t)n);
	*len = (size_t)n;
	return SOURCE_BYTES;
}

/* ---- one file after another ---- */

/* Says what may have been between two files. */
static void
tell_gap(const struct tail *t, const char *next, enum source_rotated_gap gap)
{
	switch (gap) {
	case SOURCE_ROTATED_NONE:
		return;
	case SOURCE_ROTATED_MISSING:
		log_warnx("between %s and %s%s another file was %s%s, which is "
		          "missing or compressed: it was not read; give it to "
		          "--source csv:FILE",
		    t->feed.title, t->shown, next, t->shown, t->name);
		return;
	case SOURCE_ROTATED_POSSIBLE:
		/* Every 100 ms is often enough to see each. */
		if (!t->lived)
			log_warnx("nothing tells whether other files were %s%s "
			          "between %s and %s%s: if so, they were not "
			          "read",
			    t->shown, t->name, t->feed.title, t->shown, next);
		return;
	}
}

/* The file after `before`; false: that is FILE, which is `now`. */
static bool
open_after(struct tail *t, const struct source_rotated *before,
    const struct stat *now)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;
	enum source_rotated_gap gap;
	bool any = source_rotated_after(&place, before, now, &found, &gap);
	struct stat st;
	int fd;

	set_title(t, before->name);
	tell_gap(t, any ? found.name : t->name, gap);
	if (!any)
		return false;
	fd = open_named(t, found.name, &st);
	if (fd < 0) {
		log_warnx("%s%s cannot be read: %s; it was %s%s, and is passed "
		          "over: give it to --source csv:FILE",
		    t->shown, found.name, strerror(-fd), t->shown, t->name);
		return open_after(t, &found, now);
	}
	log_info("%s ended: %s%s is next", t->feed.title, t->shown, found.name);
	adopt(t, fd, found.name, &st);
	go_to(t, 0, 0, 0);
	return true;
}

static bool
next_tail(struct source_feed *f)
{
	struct tail *t = tail_of(f);
	struct source_rotated before;
	struct stat now = { .st_ino = 0 };
	bool named;
	int fd;

	/* Cut off in its place: the same file again. */
	if (t->over == SOURCE_CUT && !t->copy) {
		rewind_tail(f);
		return true;
	}
	/* First, for it may be moved away while we look for others. */
	fd = open_current(t, &now);
	named = find_opened(t, &before);
	if (named && open_after(t, &before, &now)) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	if (!named && !t->lived)
		tell_gap(t, t->name, SOURCE_ROTATED_POSSIBLE);
	log_info("%s%s is another file now: it is read from its beginning",
	    t->shown, t->name);
	begin_opened(t, fd, &now);
	return true;
}

/* ---- going on after a restart ---- */

/* Opens `name` and goes on there: 1; 0: it does not begin with what was read;
 * or -errno, for what cannot be read may do so. */
static int
resume_in(struct tail *t, const char *name, const struct outbox_position *pos)
{
	uint32_t crc = 0;
	struct stat st;
	int fd = open_named(t, name, &st);
	int64_t n;

	if (fd < 0)
		return fd == -ENOENT || fd == -EINVAL ? 0 : fd;
	n = source_feed_prefix(fd, pos->offset, &crc);
	if (n != (int64_t)pos->offset || crc != pos->hash) {
		close(fd);
		return n < 0 ? (int)n : 0;
	}
	adopt(t, fd, name, &st);
	go_to(t, pos->offset, pos->line - 1, crc);
	return 1;
}

static int
resume_same(struct tail *t, const struct outbox_position *pos)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;
	int rc;

	if (!source_rotated_find(&place, pos->device, pos->inode, &found))
		return 0;
	rc = resume_in(t, found.name, pos);
	if (rc > 0 && strcmp(found.name, t->name) != 0)
		log_info("%s%s is %s now: the rest of it is read first",
		    t->shown, t->name, t->feed.title);
	return rc;
}

/* By what it begins with: FILE, or what was copied from it. */
static int
resume_alike(struct tail *t, const struct outbox_position *pos)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;
	int rc;

	if (pos->line <= LINES_THAT_PROVE)
		return 0;
	rc = resume_in(t, t->name, pos);
	if (rc > 0)
		log_info("%s is another file with the same beginning: it is "
		         "read on behind byte %" PRIu64,
		    t->feed.title, pos->offset);
	if (rc != 0)
		return rc;
	if (!source_rotated_same(&place, pos->offset, (uint32_t)pos->hash,
	        &found))
		return 0;
	rc = resume_in(t, found.name, pos);
	if (rc <= 0)
		return rc;
	log_info("%s begins with what was read of %s%s: the rest of it is read "
	         "first",
	    t->feed.title, t->shown, t->name);
	set_identity(t, pos->device, pos->inode);
	t->copy = true;
	return 1;
}

/*
 * A file that has the identity of the one that was read, but other bytes, was
 * cut off, or got the number of one that was removed: what is in it came after.
 */
static bool
begin_in_same(struct tail *t, const struct outbox_position *pos)
{
	struct source_rotated_place place = { t->folder, t->name };
	struct source_rotated found;
	struct stat st;
	int fd;

	if (!source_rotated_find(&place, pos->device, pos->inode, &found) ||
	    !source_rotated_named(&place, found.name))
		return false;
	fd = open_named(t, found.name, &st);
	if (fd < 0)
		return false;
	adopt(t, fd, found.name, &st);
	go_to(t, 0, 0, 0);
	return true;
}

static bool
current_is_there(const struct tail *t)
{
	struct stat st;
	int fd = open_named(t, t->name, &st);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void
begin_another(struct tail *t, const struct outbox_position *pos)
{
	if (!begin_in_same(t, pos))
		begin_current(t);
	log_warnx("%s%s is not the file of which %" PRIu64 " bytes (%" PRIu64
	          " lines) were read, and in %s there is none that begins with "
	          "them: what stood behind byte %" PRIu64
	          " of it was not read, nor any file after it; %s is read from "
	          "its beginning",
	    t->shown, t->name, pos->offset, pos->line - 1, t->folder,
	    pos->offset, t->feed.title);
}

static int
find_again(struct tail *t, const struct outbox_position *pos)
{
	int rc = resume_same(t, pos);

	return rc != 0 ? rc : resume_alike(t, pos);
}

static int
resume_tail(struct source_feed *f, const struct outbox_position *pos,
    struct err *err)
{
	struct tail *t = tail_of(f);
	int rc = find_again(t, pos);

	if (rc < 0)
		return err_errno(err, rc, "read %s%s, to go on in it", t->shown,
		    t->name);
	if (rc == 0 && pos->offset > 0 && !current_is_there(t)) {
		t->awaited = true;
		t->pos = *pos;
	} else if (rc == 0) {
		begin_another(t, pos);
		return 0;
	}
	return pos->offset > 0;
}

/* The rows of the source go on where they were left, or another file begins. */
static void
await(struct tail *t)
{
	struct stat st;
	int fd = open_current(t, &st);
	int rc;

	if (fd < 0)
		return;
	close(fd);
	rc = find_again(t, &t->pos);
	if (rc < 0) {
		see_presence(t, UNREADABLE, rc);
		return;
	}
	t->awaited = false;
	if (rc > 0)
		return;
	begin_another(t, &t->pos);
	t->over = SOURCE_CUT;
}

/* ---- looking, in time ---- */

static void
poll_tail(struct source_feed *f, int64_t now_mono_us)
{
	struct tail *t = tail_of(f);

	if (now_mono_us < f->deadline_mono_us)
		return;
	f->deadline_mono_us = now_mono_us + poll_us;
	if (t->over != SOURCE_NOTHING)
		return;
	if (t->awaited)
		await(t);
	else if (f->fd < 0)
		begin_current(t);
	else
		look(t);
}

/* ---- ---- */

static void
free_tail(struct source_feed *f)
{
	struct tail *t = tail_of(f);

	if (f->fd >= 0)
		close(f->fd);
	free(f->key);
	free(f->title);
	free(t->folder);
	free(t->shown);
	free(t->name);
	free(t);
}

static const struct source_feed_ops ops = {
	.free = free_tail,
	.poll = poll_tail,
	.read = read_tail,
	.next = next_tail,
	.rewind = rewind_tail,
	.resume = resume_tail,
};

/* The folder has to be there, FILE not yet. */
static int
find_folder(struct tail *t, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *copy = xstrdup(path);

	t->name = xstrdup(slash == NULL ? path : slash + 1);
	t->shown = slash == NULL ? xstrdup("")
	                         : xstrndup(path, (size_t)(slash - path) + 1);
	t->folder = realpath(dirname(copy), NULL);
	free(copy);
	if (t->folder == NULL)
		return err_errno(err, -errno, "the folder of %s", path);
	t->feed.key = xasprintf("tail:%s/%s", t->folder, t->name);
	return 0;
}

/* Something that is there has to be a file that can be read. */
static int
try_file(const struct tail *t, const char *path, struct err *err)
{
	struct stat st;
	int fd = open_named(t, t->name, &st);

	if (fd >= 0)
		close(fd);
	if (fd == -EINVAL || t->name[0] == '\0')
		return err_set(err, -EINVAL,
		    "%s is not a file: a pipe is read with --source stdin",
		    path);
	if (fd < 0 && fd != -ENOENT)
		return err_errno(err, fd, "open %s", path);
	return 0;
}

int
source_tail_open(struct source_feed **out, const char *path, struct err *err)
{
	struct tail *t = xcalloc(1, sizeof *t);
	int rc;

	t->feed.ops = &ops;
	t->feed.title = xstrdup(path);
	t->feed.fd = -1;
	t->feed.deadline_mono_us = INT64_MIN;
	rc = find_folder(t, path, err);
	if (rc == 0)
		rc = try_file(t, path, err);
	if (rc < 0) {
		free_tail(&t->feed);
		return rc;
	}
	*out = &t->feed;
	return 0;
}
