#include "collector/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/text.h"
#include "common/xalloc.h"

/* A row that is refused for its quotes may end as far back as a row is long, so
 * that much of what was read is kept, with room to spare. */
enum { BLOCK = 64 * 1024, KEPT = 2 * CSV_ROW_MAX };

struct source {
	char *key;
	char *title;
	int fd;
	bool file;
	bool filled; /* the end of the bytes was reached */
	bool ended;  /* and that of the rows */
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

static const char *const later_kinds[] = { "tail", "keyboard", "reader" };

static int
refuse_kind(const char *spec, struct err *err)
{
	size_t len = strcspn(spec, ":");

	for (size_t i = 0; i < sizeof later_kinds / sizeof *later_kinds; i++) {
		if (strlen(later_kinds[i]) == len &&
		    strncmp(spec, later_kinds[i], len) == 0)
			return err_set(err, -ENOTSUP,
			    "source '%s' is not in this version: use csv:FILE "
			    "or stdin",
			    spec);
	}
	return err_set(err, -EINVAL,
	    "source '%s' is not known: use csv:FILE or stdin", spec);
}

static int
open_file(struct source *s, const char *path, struct err *err)
{
	struct stat st;
	char *full = realpath(path, NULL);

	if (full == NULL)
		return err_errno(err, -errno, "open %s", path);
	s->key = xasprintf("csv:%s", full);
	free(full);
	s->title = xstrdup(path);
	s->file = true;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return err_errno(err, -errno, "open %s", path);
	if (fstat(s->fd, &st) < 0)
		return err_errno(err, -errno, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL,
		    "%s is not a file: a pipe is read with --source stdin",
		    path);
	return 0;
}

int
source_open(struct source **out, const char *spec, struct err *err)
{
	struct source *s = xcalloc(1, sizeof *s);
	int rc = 0;

	s->fd = -1;
	if (strcmp(spec, "stdin") == 0) {
		s->key = xstrdup("stdin");
		s->title = xstrdup("stdin");
		s->fd = STDIN_FILENO;
	} else if (strncmp(spec, "csv:", 4) == 0 && spec[4] != '\0') {
		rc = open_file(s, spec + 4, err);
	} else {
		rc = refuse_kind(spec, err);
	}
	if (rc < 0) {
		source_free(s);
		return rc;
	}
	s->csv = csv_new(0, 1, '\0');
	*out = s;
	return 0;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	if (s->file && s->fd >= 0)
		close(s->fd);
	csv_free(s->csv);
	free(s->key);
	free(s->title);
	free(s);
}

const char *
source_key(const struct source *s)
{
	return s->key;
}

const char *
source_title(const struct source *s)
{
	return s->title;
}

int
source_fd(const struct source *s)
{
	return s->file ? -1 : s->fd;
}

bool
source_ended(const struct source *s)
{
	return s->ended;
}

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
	if (!s->file)
		s->len = 0;
	if (s->len > KEPT)
		hash_bytes(s, s->len - KEPT);
	memmove(s->bytes, s->bytes + s->start, s->len);
	s->start = 0;
}

int
source_fill(struct source *s, struct err *err)
{
	ssize_t n;

	if (s->filled)
		return 0;
	make_room(s);
	n = read(s->fd, s->bytes + s->len, BLOCK);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return err_errno(err, -EIO, "read %s", s->title);
	if (n == 0) {
		s->filled = true;
		csv_end(s->csv);
	} else {
		csv_feed(s->csv, s->bytes + s->len, (size_t)n);
		s->len += (size_t)n;
	}
	return 0;
}

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

int
source_next(struct source *s, struct csv_row *row, struct err *err)
{
	uint64_t before = s->row.offset;
	int rc;

	while ((rc = csv_next(s->csv, row, err)) == 0) {
		if (s->filled) {
			s->ended = true;
			return 0;
		}
		if (!s->file)
			return 0;
		rc = source_fill(s, err);
		if (rc < 0)
			return rc;
	}
	s->before = before;
	s->row = *row;
	/* Now, for the row may be written in. */
	s->next_line = line_behind(row);
	if (s->file) {
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
		    s->title);
	if (rc == -EINVAL)
		return err_wrap(err, rc, "%s:%" PRIu64, s->title, row->line);
	return rc;
}

/* The byte at offset ends a line. */
static bool
newline_at(const struct source *s, uint64_t offset)
{
	char b = '\0';

	return pread(s->fd, &b, 1, (off_t)offset) == 1 &&
	    (b == '\n' || b == '\r');
}

static const char other_outbox[] =
    "crossings already taken are in the outbox; use another --outbox for a new "
    "file";

/* The bytes that were read before are still those. */
static int
check_prefix(struct source *s, const struct outbox_position *pos,
    struct err *err)
{
	uint64_t done = 0;
	uint32_t crc = 0;

	while (done < pos->offset) {
		uint64_t left = pos->offset - done;
		ssize_t n = pread(s->fd, s->bytes,
		    left < sizeof s->bytes ? (size_t)left : sizeof s->bytes,
		    (off_t)done);

		if (n < 0)
			return err_errno(err, -errno, "read %s", s->title);
		if (n == 0)
			return err_set(err, -EINVAL,
			    "%s is not the file that was read before (it has "
			    "%" PRIu64 " bytes, and %" PRIu64 " were read): %s",
			    s->title, done, pos->offset, other_outbox);
		crc = hash_crc32c(crc, s->bytes, (size_t)n);
		done += (uint64_t)n;
	}
	if (crc == pos->hash)
		return 0;
	return err_set(err, -EINVAL,
	    "%s is not the file that was read before (its first %" PRIu64
	    " bytes differ): %s",
	    s->title, pos->offset, other_outbox);
}

int
source_resume(struct source *s, const struct outbox_position *pos,
    struct err *err)
{
	struct stat st;
	int rc;

	if (!s->file)
		return 0;
	if (fstat(s->fd, &st) < 0)
		return err_errno(err, -errno, "read %s", s->title);
	rc = check_prefix(s, pos, err);
	if (rc < 0)
		return rc;
	/* It may have ended without a newline, and gone on since. */
	if ((uint64_t)st.st_size > pos->offset &&
	    !newline_at(s, pos->offset - 1) && !newline_at(s, pos->offset))
		return err_set(err, -EINVAL,
		    "%s: byte %" PRIu64 ", where reading stopped, is not at "
		    "the end of a line: %s",
		    s->title, pos->offset, other_outbox);
	if (lseek(s->fd, (off_t)pos->offset, SEEK_SET) < 0)
		return err_errno(err, -errno, "read %s", s->title);
	csv_free(s->csv);
	s->csv = csv_new(pos->offset, pos->line, pos->separator);
	s->row = (struct csv_row){ .offset = pos->offset };
	s->next_line = pos->line;
	s->crc = s->row_crc = (uint32_t)pos->hash;
	s->hashed = pos->offset;
	s->start = 0;
	s->len = 0;
	s->filled = false;
	s->ended = false;
	return 0;
}

void
source_position(const struct source *s, struct outbox_position *pos)
{
	pos->offset = s->row.offset;
	pos->line = s->next_line;
	pos->separator = csv_separator(s->csv);
	pos->hash = s->row_crc;
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

void
source_text(const struct source *s, char *out, size_t cap)
{
	uint64_t len = s->row.offset - s->before;
	size_t want = len < cap - 1 ? (size_t)len : cap - 1;
	ssize_t n;

	if (!s->file) {
		join_fields(s, out, cap);
		return;
	}
	n = pread(s->fd, out, want, (off_t)s->before);
	out[n < 0 ? 0 : n] = '\0';
	char *start = text_trim(out);
	memmove(out, start, strlen(start) + 1);
}
