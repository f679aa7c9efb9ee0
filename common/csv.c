#include "common/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"

/*
 * A quoted field may go over this many lines.  Without a bound, one stray quote
 * in a growing file would hold back all that is written behind it.
 */
enum { QUOTED_LINES_MAX = 64 };

enum state {
	FIELD, /* at its beginning, blanks skipped */
	PLAIN,
	QUOTED,
	QUOTE,  /* behind a quote in a quoted field: closed, or doubled */
	CLOSED, /* blanks behind the closing quote */
	SPOILED /* refused: looking for the end of the line */
};

enum { NEED_MORE, ROW_ENDS, ROW_SPOILED };

struct csv {
	char *buf; /* from buf[start] to buf[len]: not yet yielded */
	size_t start;
	size_t len;
	size_t cap;
	uint64_t offset; /* in the source, of buf[start] */
	uint64_t line;   /* of buf[start] */
	char separator;  /* 0: not found yet */
	bool ended;
	bool after_cr; /* the last row ended in CR: an LF belongs to it */

	/* The row being looked for; indices into buf. */
	size_t scan;
	size_t end;        /* where its text ends */
	size_t next;       /* behind its newline */
	size_t first_end;  /* as end and next, of its first line, once that */
	size_t first_next; /* went on in quotes; 0: it did not */
	uint64_t newlines; /* in quotes, and the one at the end */
	enum state state;
	const char *spoiled; /* why */

	char *row; /* the text that fields point into */
	char *fields[CSV_FIELDS_MAX];
};

struct csv *
csv_new(uint64_t offset, uint64_t line, char separator)
{
	struct csv *c = xcalloc(1, sizeof *c);

	c->offset = offset;
	c->line = line;
	c->separator = separator;
	return c;
}

void
csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	free(c->row);
	free(c->buf);
	free(c);
}

char
csv_separator(const struct csv *c)
{
	if (c->separator == '\0')
		return ',';
	return c->separator;
}

void
csv_feed(struct csv *c, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (c->start > 0 && c->start >= c->len - c->start) {
		size_t shift = c->start;

		memmove(c->buf, c->buf + shift, c->len - shift);
		c->start = 0;
		c->len -= shift;
		c->scan -= shift;
		if (c->first_next > 0) {
			c->first_end -= shift;
			c->first_next -= shift;
		}
	}
	if (len > c->cap - c->len) {
		size_t cap = c->len + len;

		c->cap = cap + cap / 2;
		c->buf = xreallocarray(c->buf, c->cap, 1);
	}
	memcpy(c->buf + c->len, bytes, len);
	c->len += len;
}

void
csv_end(struct csv *c)
{
	c->ended = true;
}

/* ---- where a row ends ---- */

static void
forget_row(struct csv *c)
{
	c->scan = c->start;
	c->first_end = 0;
	c->first_next = 0;
	c->newlines = 0;
	c->state = FIELD;
	c->spoiled = NULL;
}

static void
skip_bytes(struct csv *c, size_t n)
{
	c->start += n;
	c->offset += n;
	forget_row(c);
}

/*
 * The separator of the first row: of those outside quotes the most frequent.
 * NEED_MORE while that row has not ended.
 */
static int
find_separator(struct csv *c)
{
	static const char choices[] = { '\t', ';', ',' };
	size_t counts[3] = { 0 };
	size_t best = 2;
	bool quoted = false;
	size_t i;

	for (i = c->start; i < c->len && i - c->start <= CSV_ROW_MAX; i++) {
		char b = c->buf[i];

		if (!quoted && (b == '\n' || b == '\r'))
			break;
		if (b == '"')
			quoted = !quoted;
		for (size_t k = 0; !quoted && k < 3; k++)
			counts[k] += b == choices[k];
	}
	if (i == c->len && !c->ended)
		return NEED_MORE;
	/* In a tie the rarer sign in a name of a column has it. */
	for (size_t k = 3; k-- > 0;) {
		if (counts[k] > 0 && counts[k] >= counts[best])
			best = k;
	}
	c->separator = choices[best];
	return ROW_ENDS;
}

static bool
is_blank(char b, char separator)
{
	return (b == ' ' || b == '\t') && b != separator;
}

static enum state
behind_quote(struct csv *c, char b)
{
	if (b == c->separator)
		return FIELD;
	if (is_blank(b, c->separator))
		return CLOSED;
	c->spoiled = "has text behind a closing quote: a quote inside a quoted "
	             "field is written twice";
	return SPOILED;
}

static enum state
step(struct csv *c, char b)
{
	if (b == '\0' && c->spoiled == NULL)
		c->spoiled = "has a NUL byte: save the file as UTF-8 text";
	switch (c->state) {
	case FIELD:
		if (b == c->separator || is_blank(b, c->separator))
			return FIELD;
		return b == '"' ? QUOTED : PLAIN;
	case PLAIN:
		return b == c->separator ? FIELD : PLAIN;
	case QUOTED:
		return b == '"' ? QUOTE : QUOTED;
	case QUOTE:
		return b == '"' ? QUOTED : behind_quote(c, b);
	case CLOSED:
		return behind_quote(c, b);
	case SPOILED:
		break;
	}
	return SPOILED;
}

/* The newline at buf[i] is one byte long, or two. */
static size_t
newline_len(const struct csv *c, size_t i)
{
	bool pair =
	    c->buf[i] == '\r' && i + 1 < c->len && c->buf[i + 1] == '\n';

	return pair ? 2 : 1;
}

static int
end_row(struct csv *c, size_t end, size_t next)
{
	c->end = end;
	c->next = next;
	return c->spoiled == NULL ? ROW_ENDS : ROW_SPOILED;
}

/*
 * Refuses a row that quotes carry over several lines: its first line alone, for
 * what follows may be good.
 */
static int
spoil_quoted(struct csv *c, const char *why)
{
	if (c->spoiled == NULL)
		c->spoiled = why;
	c->newlines = 1;
	return end_row(c, c->first_end, c->first_next);
}

/* A newline in quotes belongs to the field, unless there are too many. */
static int
quoted_newline(struct csv *c)
{
	size_t i = c->scan;

	if (c->buf[i] == '\r' && i + 1 == c->len && !c->ended)
		return NEED_MORE;
	c->scan += newline_len(c, i);
	c->newlines++;
	if (c->first_next == 0) {
		c->first_end = i;
		c->first_next = c->scan;
	}
	return ROW_ENDS;
}

static int
at_end(struct csv *c)
{
	if (!c->ended)
		return NEED_MORE;
	if (c->state == QUOTED) {
		const char *why = "has a quote that is not closed";

		if (c->first_next > 0)
			return spoil_quoted(c, why);
		c->spoiled = why;
	}
	/* A row that was too long is dropped, but not yet spoken of. */
	if (c->start == c->len && c->spoiled == NULL)
		return NEED_MORE;
	return end_row(c, c->len, c->len);
}

/* Drops what is known of a row that is too long, so that memory is bounded. */
static void
drop_scanned(struct csv *c)
{
	c->offset += c->scan - c->start;
	c->start = c->scan;
}

static int
find_row(struct csv *c)
{
	for (;;) {
		char b;

		if (c->scan - c->start > CSV_ROW_MAX) {
			if (c->first_next > 0)
				return spoil_quoted(c,
				    "is longer than 64 KiB: a quote is not "
				    "closed");
			if (c->spoiled == NULL)
				c->spoiled = "is longer than 64 KiB";
			c->state = SPOILED;
			drop_scanned(c);
		}
		if (c->scan == c->len)
			return at_end(c);
		b = c->buf[c->scan];
		if (b != '\n' && b != '\r') {
			c->state = step(c, b);
			c->scan++;
			if (c->state == SPOILED && c->first_next > 0)
				return spoil_quoted(c, c->spoiled);
			continue;
		}
		if (c->state != QUOTED) {
			c->newlines++;
			return end_row(c, c->scan,
			    c->scan + newline_len(c, c->scan));
		}
		if (quoted_newline(c) == NEED_MORE)
			return NEED_MORE;
		if (c->newlines > QUOTED_LINES_MAX)
			return spoil_quoted(c,
			    "has a quote that is not closed within 64 lines");
	}
}

/* ---- a row taken apart ---- */

/* The text of the row, NUL-terminated, in UTF-8. */
static bool
take_text(struct csv *c)
{
	const char *text = c->buf + c->start;
	size_t len = c->end - c->start;
	bool utf8 = text_utf8_valid(text, len);

	free(c->row);
	c->row = utf8 ? xstrndup(text, len) : text_from_cp1252(text, len);
	return !utf8;
}

/*
 * Reads a quoted field at *p, in place, up to its separator or the end, which
 * *p is moved to.
 */
static char *
take_quoted(char **p, char separator)
{
	char *from = *p + 1;
	char *field = from;
	char *to = from;

	for (; *from != '\0'; from++) {
		if (*from == '"' && *++from != '"')
			break;
		*to++ = *from;
	}
	while (*from != '\0' && *from != separator)
		from++;
	*p = from;
	/* May be where the quote was that the caller stands on. */
	if (to != from)
		*to = '\0';
	return field;
}

/* True if any field holds something; -1 in *count: too many. */
static bool
split(struct csv *c, size_t *count)
{
	char *p = c->row;
	size_t n = 0;
	bool any = false;
	bool more = true;

	while (more) {
		char *field;
		bool quoted;

		if (n == CSV_FIELDS_MAX) {
			*count = SIZE_MAX;
			return true;
		}
		while (is_blank(*p, c->separator))
			p++;
		quoted = *p == '"';
		field = quoted ? take_quoted(&p, c->separator) : p;
		if (!quoted)
			p += strcspn(p, (char[]){ c->separator, '\0' });
		more = *p != '\0';
		*p++ = '\0';
		if (!quoted)
			field = text_trim(field);
		any = any || *field != '\0';
		c->fields[n++] = field;
	}
	*count = n;
	return any;
}

static void
consume(struct csv *c)
{
	c->after_cr = c->next > c->end && c->buf[c->next - 1] == '\r';
	c->line += c->newlines;
	skip_bytes(c, c->next - c->start);
}

/* A byte order mark at the beginning, and the LF of a CR LF that was cut. */
static void
skip_marks(struct csv *c)
{
	if (c->offset == 0 && c->len - c->start >= 3 &&
	    memcmp(c->buf + c->start, "\xef\xbb\xbf", 3) == 0)
		skip_bytes(c, 3);
	if (c->after_cr && c->start < c->len) {
		c->after_cr = false;
		if (c->buf[c->start] == '\n')
			skip_bytes(c, 1);
	}
}

static bool
only_blanks(const struct csv *c)
{
	for (size_t i = c->start; i < c->end; i++) {
		if (c->buf[i] != ' ' && c->buf[i] != '\t')
			return false;
	}
	return true;
}

/* Passes blank lines before the separator is looked for. */
static bool
pass_blank_line(struct csv *c)
{
	size_t i = c->start;

	while (i < c->len && (c->buf[i] == ' ' || c->buf[i] == '\t'))
		i++;
	if (i == c->len || (c->buf[i] != '\n' && c->buf[i] != '\r'))
		return false;
	c->end = i;
	c->next = i + newline_len(c, i);
	c->newlines = 1;
	consume(c);
	skip_marks(c);
	return true;
}

int
csv_next(struct csv *c, struct csv_row *row, struct err *err)
{
	for (;;) {
		const char *spoiled;
		size_t count = 0;
		bool cp1252 = false;
		bool any = false;
		uint64_t line;
		int found;

		if (c->start == c->len && c->spoiled == NULL)
			return 0;
		skip_marks(c);
		if (c->separator == '\0') {
			while (pass_blank_line(c))
				;
			if (find_separator(c) == NEED_MORE)
				return 0;
		}
		found = find_row(c);
		if (found == NEED_MORE)
			return 0;
		spoiled = c->spoiled;
		line = c->line;
		if (found == ROW_ENDS && !only_blanks(c)) {
			cp1252 = take_text(c);
			any = split(c, &count);
		}
		consume(c);
		if (count == SIZE_MAX)
			spoiled = "has more than 256 fields";
		if (spoiled == NULL && !any)
			continue;
		*row = (struct csv_row){ .line = line,
			.offset = c->offset,
			.count = spoiled == NULL ? count : 0,
			.fields = c->fields,
			.cp1252 = cp1252 };
		if (spoiled != NULL)
			return err_set(err, -EINVAL, "the row %s", spoiled);
		return 1;
	}
}

/* ---- writing ---- */

/* Would the reader trim it? */
static bool
has_blank_ends(const char *field)
{
	size_t len = strlen(field);
	unsigned char first = (unsigned char)field[0];
	unsigned char last;
	char *copy;
	bool trimmed;

	if (len == 0)
		return false;
	last = (unsigned char)field[len - 1];
	if (first > ' ' && first < 0x80 && last > ' ' && last < 0x80)
		return false;
	copy = xstrdup(field);
	trimmed = strlen(text_trim(copy)) != len;
	free(copy);
	return trimmed;
}

/* As snprintf: what does not fit is counted alone. */
static void
emit(char *out, size_t cap, size_t *len, char b)
{
	if (*len + 1 < cap)
		out[*len] = b;
	(*len)++;
}

size_t
csv_quote(char *out, size_t cap, const char *field)
{
	bool quote =
	    strpbrk(field, ",;\t\"\r\n") != NULL || has_blank_ends(field);
	size_t len = 0;

	if (quote)
		emit(out, cap, &len, '"');
	for (const char *p = field; *p != '\0'; p++) {
		if (*p == '"')
			emit(out, cap, &len, '"');
		emit(out, cap, &len, *p);
	}
	if (quote)
		emit(out, cap, &len, '"');
	if (cap > 0)
		out[len < cap ? len : cap - 1] = '\0';
	return len;
}
