#include "collector/source_rotated.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/source_feed.h"
#include "common/xalloc.h"

/* ---- names ---- */

/* What tells a rotated file from FILE. */
struct mark {
	bool rotated;
	bool packed;
	int number; /* -1: a date, or something like it */
	char text[NAME_MAX + 1];
};

static bool
ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && strncmp(s + len - n, end, n) == 0;
}

/* The length of an entry's name without a compressor's ending. */
static size_t
unpacked_len(const char *entry)
{
	static const char *const ends[] = { ".gz", ".bz2", ".xz", ".zst",
		".lz4", ".Z" };
	size_t len = strlen(entry);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends_with(entry, len, ends[i]))
			return len - strlen(ends[i]);
	}
	return len;
}

/* A sign that separates, and a number or a date: ".1", "-20140921". */
static bool
read_mark(const char *s, size_t len, struct mark *m)
{
	size_t digits = strspn(s + 1, "0123456789");

	if (len < 2 || strchr(".-_", s[0]) == NULL || digits == 0 ||
	    strspn(s + 1, "0123456789-_.:T") < len - 1)
		return false;
	memcpy(m->text, s + 1, len - 1);
	m->text[len - 1] = '\0';
	/* Longer numbers are dates. */
	m->number = digits >= len - 1 && len - 1 <= 5
	    ? (int)strtol(m->text, NULL, 10)
	    : -1;
	return true;
}

static struct mark
mark_of(const char *name, const char *entry)
{
	struct mark m = { .number = -1 };
	size_t len = unpacked_len(entry);
	size_t name_len = strlen(name);
	const char *dot = strrchr(name, '.');
	size_t stem = dot == NULL ? name_len : (size_t)(dot - name);

	m.packed = entry[len] != '\0';
	if (len > name_len && strncmp(entry, name, name_len) == 0)
		m.rotated = read_mark(entry + name_len, len - name_len, &m);
	if (m.rotated || len <= name_len || dot == NULL ||
	    strncmp(entry, name, stem) != 0 || !ends_with(entry, len, dot))
		return m;
	/* finish-2.csv is that of another point; finish-20140921.csv is not. */
	m.rotated = read_mark(entry + stem, len - name_len, &m) && m.number < 0;
	return m;
}

bool
source_rotated_named(const struct source_rotated_place *place, const char *name)
{
	struct mark m;

	if (strcmp(place->name, name) == 0)
		return true;
	m = mark_of(place->name, name);
	return m.rotated && !m.packed;
}

/* Begins as FILE does, without its ending. */
static bool
is_like(const char *name, const char *entry)
{
	const char *dot = strrchr(name, '.');
	size_t stem =
	    dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);

	return strcmp(entry, name) != 0 && strncmp(entry, name, stem) == 0;
}

/* ---- the folder ---- */

typedef void (*each_fn)(void *arg, const struct source_rotated *r);

static void
each_file(const char *folder, each_fn fn, void *arg)
{
	DIR *dir = opendir(folder);
	struct dirent *d;

	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL) {
		struct source_rotated r = { .name = "" };
		size_t len = strlen(d->d_name);

		if (len >= sizeof r.name ||
		    fstatat(dirfd(dir), d->d_name, &r.st, AT_SYMLINK_NOFOLLOW) <
		        0 ||
		    !S_ISREG(r.st.st_mode))
			continue;
		memcpy(r.name, d->d_name, len + 1);
		fn(arg, &r);
	}
	closedir(dir);
}

struct search {
	const struct source_rotated_place *place;
	uint64_t device, inode; /* of the one looked for, or not looked for */
	uint64_t len;
	uint32_t crc;
	bool found;
	struct source_rotated *out;
};

static void
find_one(void *arg, const struct source_rotated *r)
{
	struct search *s = arg;

	if ((uint64_t)r->st.st_dev != s->device ||
	    (uint64_t)r->st.st_ino != s->inode)
		return;
	s->found = true;
	*s->out = *r;
}

bool
source_rotated_find(const struct source_rotated_place *place, uint64_t device,
    uint64_t inode, struct source_rotated *out)
{
	struct search s = { .device = device, .inode = inode, .out = out };
	struct source_rotated current;
	char *path = xasprintf("%s/%s", place->folder, place->name);
	int rc = stat(path, &current.st);

	free(path);
	(void)snprintf(current.name, sizeof current.name, "%s", place->name);
	if (rc == 0)
		find_one(&s, &current);
	if (!s.found)
		each_file(place->folder, find_one, &s);
	return s.found;
}

static bool
begins_with(const char *folder, const char *name, uint64_t len, uint32_t crc)
{
	char *path = xasprintf("%s/%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint32_t sum = 0;
	bool same;

	free(path);
	if (fd < 0)
		return false;
	same = source_feed_prefix(fd, len, &sum) == (int64_t)len && sum == crc;
	close(fd);
	return same;
}

static void
find_same(void *arg, const struct source_rotated *r)
{
	struct search *s = arg;

	if (!is_like(s->place->name, r->name) ||
	    (uint64_t)r->st.st_size < s->len ||
	    (s->found && r->st.st_size <= s->out->st.st_size) ||
	    !begins_with(s->place->folder, r->name, s->len, s->crc))
		return;
	s->found = true;
	*s->out = *r;
}

bool
source_rotated_same(const struct source_rotated_place *place, uint64_t len,
    uint32_t crc, struct source_rotated *out)
{
	struct search s = { .place = place,
		.len = len,
		.crc = crc,
		.out = out };

	each_file(place->folder, find_same, &s);
	return s.found;
}

/* ---- one after another ---- */

struct succession {
	const struct source_rotated_place *place;
	const struct source_rotated *before;
	struct mark before_mark;
	const struct stat *now;
	bool found;
	struct mark out_mark;
	struct source_rotated *out;
	bool packed; /* a compressed one is behind `before`: the next such */
	struct stat packed_st;
	struct mark packed_mark;
	bool previous; /* the number below that of `before` is there */
};

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Which was FILE later?  Files written within one tick of the clock are told
 * apart by number, of which the lowest is the youngest, or by date. */
static bool
is_later(const struct stat *a, const struct mark *a_mark, const struct stat *b,
    const struct mark *b_mark)
{
	const struct timespec *x = &a->st_mtim;
	const struct timespec *y = &b->st_mtim;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec > y->tv_sec;
	if (x->tv_nsec != y->tv_nsec)
		return x->tv_nsec > y->tv_nsec;
	if (!a_mark->rotated || !b_mark->rotated)
		return false;
	if (a_mark->number >= 0 && b_mark->number >= 0)
		return a_mark->number < b_mark->number;
	return strcmp(a_mark->text, b_mark->text) > 0;
}

static void
consider(void *arg, const struct source_rotated *r)
{
	struct succession *s = arg;
	struct mark m = mark_of(s->place->name, r->name);

	if (!m.rotated || same_file(&r->st, &s->before->st) ||
	    same_file(&r->st, s->now))
		return;
	s->previous = s->previous ||
	    (m.number >= 0 && m.number == s->before_mark.number - 1);
	if (!is_later(&r->st, &m, &s->before->st, &s->before_mark))
		return;
	if (m.packed) {
		if (s->packed &&
		    is_later(&r->st, &m, &s->packed_st, &s->packed_mark))
			return;
		s->packed = true;
		s->packed_st = r->st;
		s->packed_mark = m;
		return;
	}
	if (s->found && is_later(&r->st, &m, &s->out->st, &s->out_mark))
		return;
	s->found = true;
	s->out_mark = m;
	*s->out = *r;
}

static enum source_rotated_gap
gap_of(const struct succession *s)
{
	int k = s->before_mark.number;
	int next = s->found ? s->out_mark.number : -1;

	if (s->packed &&
	    !(s->found &&
	        is_later(&s->packed_st, &s->packed_mark, &s->out->st,
	            &s->out_mark)))
		return SOURCE_ROTATED_MISSING;
	if (k < 0 || (s->found && next < 0))
		return SOURCE_ROTATED_POSSIBLE;
	if (s->found)
		return next == k - 1 || next == k + 1 ? SOURCE_ROTATED_NONE
		                                      : SOURCE_ROTATED_MISSING;
	if (k <= 1)
		return SOURCE_ROTATED_NONE;
	/* Numbers may also be counted upwards. */
	return s->previous ? SOURCE_ROTATED_POSSIBLE : SOURCE_ROTATED_MISSING;
}

bool
source_rotated_after(const struct source_rotated_place *place,
    const struct source_rotated *before, const struct stat *now,
    struct source_rotated *out, enum source_rotated_gap *gap)
{
	struct succession s = { .place = place,
		.before = before,
		.before_mark = mark_of(place->name, before->name),
		.now = now,
		.out = out };

	each_file(place->folder, consider, &s);
	*gap = gap_of(&s);
	return s.found;
}
