#include "collector/source.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/source_feed.h"
#include "common/hash.h"
#include "common/text.h"
#include "common/xalloc.h"

/* A row that is refused for its quotes may end as far back as a row is long, so
 * that much of what was read is kept, with room to spare. */
enum { BLOCK = 64 * 1024, KEPT = 2 * CSV_ROW_MAX };

struct source {
	struct source_feed *feed;
	bool filled; /* the end of this file's bytes was reached */
	bool half;   /* and what has no newline there is not a whole row */
	bool ended;  /* no rows come any more */
	bool fresh;  /* none of this file was given, and another was before */
	bool turned; /* and nobody has been told of it yet */
	bool began;  /* the last row was the first of such a file */
	char former; /* the separator of the file before */
	struct csv *csv;
	struct csv_row row; /* the last one given */
	uint64_t before;    /* where it began */
	uint64_t next_line; /* behind it */
	uint32_t row_crc;   /* of a file's bytes up to its end */
	uint32_t crc;
	uint64_t hashed; /* the bytes of the file that are in crc */
	char bytes[KEPT + BLOCK];
	size_t start, len; /* of those that are not yet */
};

static const struct {
	const char *prefix;
	int (
	    *open)(struct source_feed **out, const char *path, struct err *err);
} kinds[] = {
	{ "csv:", source_file_open },
	{ "tail:", source_tail_open },
};

static int
refuse_kind(const char *spec, struct err *err)
{
	if (strcmp(spec, "reader") == 0 || strncmp(spec, "reader:", 7) == 0)
		return err_set(err, -ENOTSUP,
		    "source '%s' is not in this version: use csv:FILE, "
		    "tail:FILE, stdin or keyboard",
		    spec);
	return err_set(err, -EINVAL,
	    "source '%s' is not known: use csv:FILE, tail:FILE, stdin or "
	    "keyboard",
	    spec);
}

static int
open_feed(struct source_feed **out, const char *spec, struct err *err)
{
	if (strcmp(spec, "stdin") == 0)
		return source_pipe_open(out, spec, err);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, len) == 0 &&
		    spec[len] != '\0')
			return kinds[i].open(out, spec + len, err);
	}
	return refuse_kind(spec, err);
}

int
source_open(struct source **out, const char *spec, struct err *err)
{
	struct source_feed *feed = NULL;
	struct source *s;
	int rc = open_feed(&feed, spec, err);

	if (rc < 0)
		return rc;
	assert(feed != NULL);
	s = xcalloc(1, sizeof *s);
	s->feed = feed;
	s->csv = csv_new(0, 1, '\0');
	s->next_line = 1;
	s->turned = !feed->whole;
	s->former = ',';
	*out = s;
	return 0;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	s->feed->ops->free(s->feed);
	csv_free(s->csv);
	free(s);
}

const char *
source_key(const struct source *s)
{
	return s->feed->key;
}

const char *
source_title(const struct source *s)
{
	return s->feed->title;
}

/* Its bytes can be read again. */
static bool
is_file(const struct source *s)
{
	return s->feed->ops->resume != NULL;
}

int
source_fd(const struct source *s)
{
	return is_file(s) ? -1 : s->feed->fd;
}

bool
source_whole(const struct source *s)
{
	return s->feed->whole;
}

bool
source_ended(const struct source *s)
{
	return s->ended;
}

void
source_poll(struct source *s, int64_t now_mono_us)
{
	if (s->feed->ops->poll != NULL)
		s->feed->ops->poll(s->feed, now_mono_us);
}

int64_t
source_deadline(const struct source *s)
{
	return s->feed->deadline_mono_us;
}

/* ---- bytes ---- */

static void
hash_bytes(struct source *s, size_t n)
{
	assert(n <= s->len);
	s->crc = hash_crc32c(s->crc, s->bytes + s->start, n);
	s->hashed += n;
	s->start += n;
	s->len -= n;
}

/* For a block.  What is read of a pipe is not hashed. */
static void
make_room(struct source *s)
{
	if (!is_file(s))
		s->len = 0;
	if (s->len > KEPT)
		hash_bytes(s, s->len - KEPT);
	memmove(s->bytes, s->bytes + s->start, s->len);
	s->start = 0;
}

/* 1: there is more to parse, or the end; 0: nothing now; -errno. */
static int
fill(struct source *s, struct err *err)
{
	size_t n = 0;
	int news;

	make_room(s);
	news = s->feed->ops->read(s->feed, s->bytes + s->len, BLOCK, &n, err);
	if (news <= 0)
		return news;
	if (news == SOURCE_BYTES) {
		csv_feed(s->csv, s->bytes + s->len, n);
		s->len += n;
		return 1;
	}
	s->filled = true;
	s->half = news == SOURCE_CUT;
	csv_end(s->csv);
	return 1;
}

int
source_fill(struct source *s, struct err *err)
{
	int rc = s->filled ? 0 : fill(s, err);

	return rc < 0 ? rc : 0;
}

/* From here on rows are read at pos, of a file that is the feed's by now. */
static void
begin_at(struct source *s, const struct outbox_position *pos)
{
	csv_free(s->csv);
	s->csv = csv_new(pos->offset, pos->line, pos->separator);
	s->row = (struct csv_row){ .offset = pos->offset };
	s->next_line = pos->line;
	s->crc = s->row_crc = (uint32_t)pos->hash;
	s->hashed = pos->offset;
	s->start = 0;
	s->len = 0;
	s->filled = false;
	s->half = false;
	s->ended = false;
	s->fresh = false;
}

static void
begin_file(struct source *s, char separator)
{
	struct outbox_position pos = { .line = 1, .separator = separator };

	begin_at(s, &pos);
}

/* The feed is at the beginning of a file, and another was before. */
static void
follow_on(struct source *s, char former)
{
	begin_file(s, '\0');
	s->fresh = true;
	s->turned = true;
	s->former = former;
}

static bool
next_file(struct source *s)
{
	char former = csv_separator(s->csv);

	if (s->feed->ops->next == NULL || !s->feed->ops->next(s->feed))
		return false;
	follow_on(s, former);
	return true;
}

/* ---- rows ---- */

/* Fields in quotes may go over several lines. */
static uint64_t
line_behind(const struct csv_row *row)
{
	uint64_t line = row->line + 1;

	for (size_t i = 0; i < row->count; i++) {
		for (const char *p = row->fields[i]; *p != '\0'; p++)
			line += *p == '\n' || (*p == '\r' && p[1] != '\n');
	}
	return line;
}

/* The row that ends here is the last one, and no newline is behind it. */
static bool
is_unfinished(const struct source *s, const struct csv_row *row)
{
	const char *behind = s->bytes + s->start + s->len;

	if (!s->filled || row->offset != s->hashed + s->len || s->len == 0)
		return false;
	return behind[-1] != '\n' && behind[-1] != '\r';
}

/* A row that is there by half is kept for a person, and not taken. */
static int
check_half(struct source *s, struct csv_row *row, int rc, struct err *err)
{
	if (!s->half || !is_unfinished(s, row))
		return rc;
	row->count = 0;
	return err_set(err, -EINVAL,
	    "the row was not finished when its file was cut off");
}

static int
next_row(struct source *s, struct csv_row *row, struct err *err)
{
	int rc;

	while ((rc = csv_next(s->csv, row, err)) == 0) {
		if (s->filled) {
			s->ended = !next_file(s);
			if (s->ended)
				return 0;
			continue;
		}
		if (!is_file(s))
			return 0;
		rc = fill(s, err);
		if (rc <= 0)
			return rc;
	}
	return rc;
}

int
source_next(struct source *s, struct csv_row *row, struct err *err)
{
	int rc = next_row(s, row, err);

	if (rc == 0 || (rc < 0 && rc != -EINVAL))
		return rc;
	if (is_file(s))
		rc = check_half(s, row, rc, err);
	s->before = s->row.offset;
	s->row = *row;
	s->began = s->fresh;
	s->fresh = false;
	/* Now, for the row may be written in. */
	s->next_line = line_behind(row);
	if (is_file(s)) {
		hash_bytes(s, (size_t)(row->offset - s->hashed));
		s->row_crc = s->crc;
	}
	return rc;
}

int
source_header(struct source *s, struct csv_row *row, struct err *err)
{
	int rc = source_next(s, row, err);

	if (rc == 0 && s->ended)
		return err_set(err, -EINVAL,
		    "%s is empty: its first line has to name the columns, as "
		    "in 'time,bib'",
		    source_title(s));
	if (rc == -EINVAL)
		return err_wrap(err, rc, "%s:%" PRIu64, source_title(s),
		    row->line);
	return rc;
}

bool
source_turned(struct source *s)
{
	/* A place without a file is none. */
	bool turned = s->turned && s->feed->fd >= 0;

	s->turned = s->turned && !turned;
	return turned;
}

bool
source_began(const struct source *s)
{
	return s->began;
}

bool
source_reread(struct source *s)
{
	if (csv_separator(s->csv) == s->former)
		return false;
	s->feed->ops->rewind(s->feed);
	begin_file(s, s->former);
	return true;
}

/* ---- positions ---- */

int
source_resume(struct source *s, const struct outbox_position *pos,
    struct err *err)
{
	int rc;

	if (!is_file(s))
		return 0;
	rc = s->feed->ops->resume(s->feed, pos, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		begin_at(s, pos);
	else
		follow_on(s, pos->separator);
	return 0;
}

void
source_position(const struct source *s, struct outbox_position *pos)
{
	pos->offset = s->row.offset;
	pos->line = s->next_line;
	pos->separator = s->former;
	if (s->row.offset > 0)
		pos->separator = csv_separator(s->csv);
	pos->hash = s->row_crc;
	pos->device = s->feed->device;
	pos->inode = s->feed->inode;
}

/* What a pipe brought: the fields that were made of it. */
static void
join_fields(const struct source *s, char *out, size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->row.count && len < cap - 1; i++) {
		const char *field = s->row.fields[i];
		size_t n = strnlen(field, cap - 1 - len);

		memcpy(out + len, field, n);
		len += n;
		if (i + 1 < s->row.count && len < cap - 1)
			out[len++] = csv_separator(s->csv);
		out[len] = '\0';
	}
}

/* From memory if it is there still, for a file may have been cut off since. */
static size_t
copy_row(const struct source *s, char *out, size_t cap)
{
	uint64_t len = s->row.offset - s->before;
	uint64_t first = s->hashed - s->start; /* byte that is in memory */
	size_t want = len < cap ? (size_t)len : cap;
	ssize_t n;

	if (s->before >= first) {
		memcpy(out, s->bytes + (s->before - first), want);
		return want;
	}
	n = pread(s->feed->fd, out, want, (off_t)s->before);
	return n < 0 ? 0 : (size_t)n;
}

void
source_text(const struct source *s, char *out, size_t cap)
{
	char *start;

	if (!is_file(s)) {
		join_fields(s, out, cap);
		return;
	}
	out[copy_row(s, out, cap - 1)] = '\0';
	start = text_trim(out);
	memmove(out, start, strlen(start) + 1);
}
