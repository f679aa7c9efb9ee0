#include "proto/recording.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "proto/packed.h"

enum {
	FIELDS_MAX = 8,
	FRAME_MAX = 4,        /* a tag, and a length of up to three bytes */
	FIELDS_ROOM = 10 * 8, /* no less than tags, numbers and lengths take */
	CONTENT_MAX = RACE_EVENT_MAX + RACE_NAME_MAX + FIELDS_ROOM,
	BUFFER = PACKED_CONTENT,
	KEEP = 64 /* words of how to keep something */
};

/* The last three bits of a tag: how the value is written. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

#define TAG(field, how) (uint8_t)((field) << 3 | (how))

enum { HEADER_TAG = 1 << 3 | BYTES, RECORD_TAG = 2 << 3 | BYTES };

/* A message: its fields in order, the last one the CRC of those before. */
struct layout {
	const char *name;
	size_t count;
	uint8_t tags[FIELDS_MAX];
};

enum { H_VERSION, H_STORE, H_RACE, H_SOFTWARE, H_CRC, H_FIELDS };

static const struct layout header_layout = {
	.name = "the header",
	.count = H_FIELDS,
	.tags = { TAG(1, VARINT), TAG(2, FIXED64), TAG(3, BYTES), TAG(4, BYTES),
	    TAG(5, FIXED32) },
};

enum {
	R_LOG,
	R_STREAM,
	R_SEQ,
	R_NAME,
	R_RECEIVED,
	R_EVENT,
	R_CHAIN,
	R_CRC,
	R_FIELDS
};

static const struct layout record_layout = {
	.name = "a record",
	.count = R_FIELDS,
	.tags = { TAG(1, VARINT), TAG(2, FIXED64), TAG(3, VARINT),
	    TAG(4, BYTES), TAG(5, VARINT), TAG(6, BYTES), TAG(7, FIXED64),
	    TAG(8, FIXED32) },
};

/* A field's value: a number, or bytes. */
struct value {
	uint64_t number;
	const uint8_t *bytes;
	size_t len;
};

/* ---- writing ---- */

static uint8_t *
put_varint(uint8_t *to, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*to++ = (uint8_t)(v | 0x80);
	*to++ = (uint8_t)v;
	return to;
}

static uint8_t *
put_fixed(uint8_t *to, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*to++ = (uint8_t)(v >> (8 * i));
	return to;
}

static uint8_t *
put_value(uint8_t *to, uint8_t tag, const struct value *v)
{
	*to++ = tag;
	switch (tag & 7) {
	case VARINT:
		return put_varint(to, v->number);
	case FIXED64:
		return put_fixed(to, v->number, 8);
	case FIXED32:
		return put_fixed(to, v->number, 4);
	default:
		assert(v->bytes != NULL);
		to = put_varint(to, v->len);
		return mempcpy(to, v->bytes, v->len);
	}
}

/* A field of Recording: tag, length, content with its CRC.  There is room for
 * FRAME_MAX + CONTENT_MAX bytes.  Returns how many it took. */
static size_t
put_message(uint8_t *to, uint8_t tag, const struct layout *l, struct value *v)
{
	uint8_t content[CONTENT_MAX];
	uint8_t *at = content;
	uint8_t *end;

	for (size_t i = 0; i < l->count - 1; i++)
		at = put_value(at, l->tags[i], &v[i]);
	v[l->count - 1].number =
	    hash_crc32c(0, content, (size_t)(at - content));
	at = put_value(at, l->tags[l->count - 1], &v[l->count - 1]);
	assert(at <= content + sizeof content);
	*to = tag;
	end = put_varint(to + 1, (uint64_t)(at - content));
	end = mempcpy(end, content, (size_t)(at - content));
	return (size_t)(end - to);
}

static struct value
number(uint64_t v)
{
	return (struct value){ .number = v };
}

static struct value
text(const char *s)
{
	assert(strlen(s) <= RACE_NAME_MAX);
	return (struct value){ .bytes = (const uint8_t *)s, .len = strlen(s) };
}

/* Small numbers of either sign stay short (sint64). */
static uint64_t
zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t
unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

static size_t
put_header(uint8_t *to, const struct recording_header *h)
{
	struct value v[H_FIELDS] = {
		[H_VERSION] = number(RECORDING_VERSION),
		[H_STORE] = number(h->store),
		[H_RACE] = text(h->race),
		[H_SOFTWARE] = text(h->software),
	};

	return put_message(to, HEADER_TAG, &header_layout, v);
}

static size_t
put_record(uint8_t *to, const struct recording_record *rec)
{
	struct value v[R_FIELDS] = {
		[R_LOG] = number(rec->log),
		[R_STREAM] = number(rec->id.stream),
		[R_SEQ] = number(rec->id.seq),
		[R_NAME] = text(rec->stream_name),
		[R_RECEIVED] = number(zigzag(rec->received_us)),
		[R_EVENT] = { .bytes = rec->event, .len = rec->len },
		[R_CHAIN] = number(rec->chain),
	};

	assert(rec->len <= RACE_EVENT_MAX);
	return put_message(to, RECORD_TAG, &record_layout, v);
}

/* ---- reading a message ---- */

enum parsed {
	PARSED,
	SHORT, /* right so far, but the bytes end */
	WRONG
};

struct cursor {
	const uint8_t *at;
	size_t left;
};

static enum parsed
get_varint(struct cursor *c, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b;

		if (c->left == 0)
			return SHORT;
		b = *c->at++;
		c->left--;
		/* As short as it can be, and of 64 bits. */
		if ((b == 0 && shift > 0) || (shift == 63 && b > 1))
			return WRONG;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80) {
			*out = v;
			return PARSED;
		}
	}
	return WRONG;
}

static enum parsed
get_fixed(struct cursor *c, size_t bytes, uint64_t *out)
{
	uint64_t v = 0;

	if (c->left < bytes)
		return SHORT;
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)c->at[i] << (8 * i);
	c->at += bytes;
	c->left -= bytes;
	*out = v;
	return PARSED;
}

static enum parsed
get_bytes(struct cursor *c, struct value *out)
{
	enum parsed rc = get_varint(c, &out->number);

	if (rc != PARSED)
		return rc;
	if (out->number > CONTENT_MAX)
		return WRONG;
	if (out->number > c->left)
		return SHORT;
	out->bytes = c->at;
	out->len = (size_t)out->number;
	c->at += out->len;
	c->left -= out->len;
	return PARSED;
}

static enum parsed
get_value(struct cursor *c, uint8_t tag, struct value *out)
{
	if (c->left == 0)
		return SHORT;
	if (*c->at != tag)
		return WRONG;
	c->at++;
	c->left--;
	switch (tag & 7) {
	case VARINT:
		return get_varint(c, &out->number);
	case FIXED64:
		return get_fixed(c, 8, &out->number);
	case FIXED32:
		return get_fixed(c, 4, &out->number);
	default:
		return get_bytes(c, out);
	}
}

/* SHORT too when all is there but the CRC. */
static enum parsed
get_message(const struct layout *l, const uint8_t *content, size_t len,
    struct value *out)
{
	struct cursor c = { content, len };
	size_t covered = 0;

	for (size_t i = 0; i < l->count; i++) {
		enum parsed rc;

		covered = len - c.left;
		rc = get_value(&c, l->tags[i], &out[i]);
		if (rc != PARSED)
			return rc;
	}
	if (c.left > 0 ||
	    out[l->count - 1].number != hash_crc32c(0, content, covered))
		return WRONG;
	return PARSED;
}

/* ---- reading a file ---- */

/* The bytes of a recording, wherever they lie. */
struct input {
	FILE *file;
	struct unpacker *unpacker; /* NULL: the file's own */
	const uint8_t *at;
	size_t left;
	uint64_t taken;  /* bytes, before `at` */
	uint64_t framed; /* ... of them before this frame */
	int state;       /* UNPACKED_SOME, or what ended it */
	const char *why;
	uint8_t buffer[BUFFER];
};

struct scan {
	struct input input;
	const char *path;
	uint64_t offset; /* of the field to be read */
	uint64_t place;  /* where in the file it can be cut before that, */
	bool clean;      /* ... and no record before it goes with it */
	uint64_t records;
	uint64_t log; /* of the last record */
	size_t frame; /* tag and length of that field, in bytes */
	size_t len;   /* its content's, as it says */
	uint8_t content[CONTENT_MAX];
	char texts[2][RACE_NAME_MAX + 1];
};

/* What comes next in a file; a negative code beside these. */
enum next { NEXT_END, NEXT_WHOLE, NEXT_TORN };

static const char zst[] = ".zst";

const char *
recording_suffix(const char *path)
{
	size_t len = strlen(path);

	if (len < sizeof zst || strcmp(path + len - strlen(zst), zst) != 0)
		return "";
	return zst;
}

static bool
is_packed(const char *path)
{
	return recording_suffix(path)[0] != '\0';
}

static int
keep_words(char *out, size_t room, const char *path, uint64_t offset)
{
	if (is_packed(path))
		return snprintf(out, room,
		    "zstd -dc, then head -c %" PRIu64 " keeps them", offset);
	return snprintf(out, room, "head -c %" PRIu64 " keeps them", offset);
}

int
recording_damaged(struct err *err, const char *path, uint64_t offset,
    uint64_t good, const char *what)
{
	char keep[KEEP];

	keep_words(keep, sizeof keep, path, offset);
	return err_set(err, -EUCLEAN,
	    "%s: damaged at byte %" PRIu64 "%s: %s; the %" PRIu64
	    " events before it are good (%s)",
	    path, offset, is_packed(path) ? " of what zstd -d makes of it" : "",
	    what, good, keep);
}

static int
damaged(const struct scan *s, struct err *err, const char *what)
{
	if (s->offset == 0)
		return err_set(err, -EUCLEAN,
		    "%s: no recording, or damaged at its beginning: %s",
		    s->path, what);
	return recording_damaged(err, s->path, s->offset, s->records, what);
}

/* A frame of a .zst is. */
static int
damaged_frame(const struct scan *s, struct err *err)
{
	const struct input *in = &s->input;
	uint64_t at = unpacker_frame(in->unpacker);
	char keep[KEEP];

	if (at == 0 && s->offset == 0)
		return err_set(err, -EUCLEAN,
		    "%s: not compressed by zstd, or damaged at its beginning: "
		    "%s",
		    s->path, in->why);
	/* With nothing read of it, the file can be cut there. */
	if (in->framed == s->offset)
		snprintf(keep, sizeof keep, "head -c %" PRIu64 " keeps them",
		    at);
	else
		keep_words(keep, sizeof keep, s->path, s->offset);
	return err_set(err, -EUCLEAN,
	    "%s: damaged at byte %" PRIu64 ": %s; the %" PRIu64
	    " events before it are good (%s)",
	    s->path, at, in->why, s->records, keep);
}

static int
read_plain(struct input *in)
{
	in->left = fread(in->buffer, 1, sizeof in->buffer, in->file);
	in->at = in->buffer;
	if (in->left > 0)
		return UNPACKED_SOME;
	if (ferror(in->file) != 0)
		return errno != 0 ? -errno : -EIO;
	return UNPACKED_END;
}

/* True if there are bytes to be taken. */
static bool
more(struct input *in)
{
	while (in->left == 0 && in->state == UNPACKED_SOME) {
		uint64_t before = 0;

		if (in->unpacker == NULL) {
			in->state = read_plain(in);
			continue;
		}
		before = unpacker_frame(in->unpacker);
		in->state =
		    unpacker_next(in->unpacker, &in->at, &in->left, &in->why);
		if (unpacker_frame(in->unpacker) != before)
			in->framed = in->taken;
	}
	return in->left > 0;
}

/* Up to len bytes; returns how many there were. */
static size_t
take(struct input *in, uint8_t *to, size_t len)
{
	size_t done = 0;

	while (done < len && more(in)) {
		size_t n = len - done < in->left ? len - done : in->left;

		memcpy(to + done, in->at, n);
		in->at += n;
		in->left -= n;
		in->taken += n;
		done += n;
	}
	return done;
}

/* Where the file can be cut before what is taken next. */
static void
mark(struct scan *s)
{
	const struct input *in = &s->input;
	uint64_t frame;

	s->place = in->taken;
	s->clean = true;
	if (in->unpacker == NULL)
		return;
	frame = unpacker_frame(in->unpacker);
	s->place = in->left > 0 ? frame : unpacker_behind(in->unpacker);
	s->clean = s->place != frame || in->framed == in->taken;
}

/* The bytes ended: so they tell, unless it is that they cannot be read, or that
 * a frame does not give them. */
static int
ends(const struct scan *s, enum next as, struct err *err)
{
	switch (s->input.state) {
	case UNPACKED_SOME:
	case UNPACKED_END:
		return (int)as;
	case UNPACKED_TORN:
		return NEXT_TORN;
	case -EUCLEAN:
		return damaged_frame(s, err);
	default:
		return err_errno(err, s->input.state, "read %s", s->path);
	}
}

/* Tag and length.  NEXT_WHOLE: they are there. */
static int
next_frame(struct scan *s, uint8_t tag, struct err *err)
{
	uint8_t b;

	if (take(&s->input, &b, 1) == 0)
		return ends(s, NEXT_END, err);
	/* What zstd writes first, before a frame and before ours. */
	if (s->offset == 0 && !is_packed(s->path) && (b == 0x28 || b == 0x5e))
		return damaged(s, err,
		    "compressed by zstd? Then its name has to end in .zst");
	if (b != tag)
		return damaged(s, err, "no record begins here");
	s->frame = 1;
	s->len = 0;
	do {
		if (take(&s->input, &b, 1) == 0)
			return ends(s, NEXT_TORN, err);
		s->len |= (size_t)(b & 0x7f) << (7 * (s->frame - 1));
		s->frame++;
	} while (b >= 0x80 && s->frame < FRAME_MAX);
	if (b >= 0x80 || s->len > CONTENT_MAX)
		return damaged(s, err, "a record of that length cannot be");
	return NEXT_WHOLE;
}

/* A version that writes otherwise still begins with its number. */
static int
refuse(const struct scan *s, const struct layout *l, size_t len,
    struct err *err)
{
	struct cursor c = { s->content, len };
	struct value version;

	if (l == &header_layout &&
	    get_value(&c, l->tags[H_VERSION], &version) == PARSED &&
	    version.number > RECORDING_VERSION)
		return err_set(err, -EPROTO,
		    "%s: of version %" PRIu64
		    ", or damaged; this program knows %d: use a newer one",
		    s->path, version.number, RECORDING_VERSION);
	return damaged(s, err, "it does not decode, or its CRC is wrong");
}

/* The next field: s->frame + s->len bytes. */
static int
next_field(struct scan *s, uint8_t tag, const struct layout *l,
    struct value *out, struct err *err)
{
	size_t n;
	int rc = next_frame(s, tag, err);

	if (rc != NEXT_WHOLE)
		return rc;
	n = take(&s->input, s->content, s->len);
	if (n < s->len && s->input.state != UNPACKED_END)
		return ends(s, NEXT_TORN, err);
	switch (get_message(l, s->content, n, out)) {
	case PARSED:
		break;
	case SHORT:
		if (n < s->len)
			return NEXT_TORN;
		return refuse(s, l, n, err);
	case WRONG:
		return refuse(s, l, n, err);
	}
	/* All of it is there, but its length says more: that is damage. */
	return n == s->len ? NEXT_WHOLE
	                   : damaged(s, err, "its length is wrong");
}

/* Keeps a text with its NUL. */
static int
take_text(char *to, const struct value *v)
{
	assert(v->bytes != NULL);
	if (v->len > RACE_NAME_MAX || memchr(v->bytes, '\0', v->len) != NULL)
		return -EINVAL;
	memcpy(to, v->bytes, v->len);
	to[v->len] = '\0';
	return text_printable(to) ? 0 : -EINVAL;
}

static int
next_header(struct scan *s, struct recording_header *h, struct err *err)
{
	struct value v[H_FIELDS] = { { 0 } };
	int rc = next_field(s, HEADER_TAG, &header_layout, v, err);

	if (rc != NEXT_WHOLE)
		return rc;
	if (v[H_VERSION].number != RECORDING_VERSION)
		return refuse(s, &header_layout, s->len, err);
	if (take_text(s->texts[0], &v[H_RACE]) < 0 ||
	    take_text(s->texts[1], &v[H_SOFTWARE]) < 0)
		return damaged(s, err, "a text is too long or not UTF-8");
	h->store = v[H_STORE].number;
	h->race = s->texts[0];
	h->software = s->texts[1];
	s->offset += s->frame + s->len;
	mark(s);
	return NEXT_WHOLE;
}

static int
next_record(struct scan *s, struct recording_record *rec, struct err *err)
{
	struct value v[R_FIELDS] = { { 0 } };
	int rc = next_field(s, RECORD_TAG, &record_layout, v, err);

	if (rc != NEXT_WHOLE)
		return rc;
	if (take_text(s->texts[0], &v[R_NAME]) < 0)
		return damaged(s, err, "a name is too long or not UTF-8");
	if (v[R_LOG].number <= s->log || v[R_LOG].number > INT64_MAX ||
	    v[R_SEQ].number < 1 || v[R_SEQ].number > INT64_MAX)
		return damaged(s, err, "its number is out of order");
	if (v[R_EVENT].len > RACE_EVENT_MAX)
		return damaged(s, err, "an event of that length cannot be");
	rec->log = v[R_LOG].number;
	rec->id.stream = v[R_STREAM].number;
	rec->id.seq = v[R_SEQ].number;
	rec->stream_name = s->texts[0];
	rec->received_us = unzigzag(v[R_RECEIVED].number);
	rec->event = v[R_EVENT].bytes;
	rec->len = v[R_EVENT].len;
	rec->chain = v[R_CHAIN].number;
	rec->offset = s->offset;
	s->log = rec->log;
	s->offset += s->frame + s->len;
	s->records++;
	mark(s);
	return NEXT_WHOLE;
}

static int
read_records(struct scan *s, const struct recording_reader *reader,
    struct err *err)
{
	struct recording_header h;
	struct recording_record rec;
	int rc;

	mark(s);
	rc = next_header(s, &h, err);
	if (rc != NEXT_WHOLE)
		return rc;
	rc = reader->header != NULL ? reader->header(reader->arg, &h) : 0;
	if (rc < 0)
		return rc;
	while ((rc = next_record(s, &rec, err)) == NEXT_WHOLE) {
		rc = reader->record(reader->arg, &rec);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* How a scan ended, beside what is told. */
struct ended {
	struct recording_end end;
	bool begun; /* there is a header */
	bool clean; /* cut there, it loses no record that was read */
};

/* Takes f.  0, or as read_records(). */
static int
scan_file(FILE *f, const char *path, const struct recording_reader *reader,
    struct ended *out, struct err *err)
{
	struct scan *s = xcalloc(1, sizeof *s);
	int rc;

	s->path = path;
	s->input.file = f;
	s->input.unpacker = is_packed(path) ? unpacker_new(f) : NULL;
	rc = read_records(s, reader, err);
	out->end = (struct recording_end){ .records = s->records,
		.offset = s->place,
		.torn = rc == NEXT_TORN };
	out->begun = s->offset > 0;
	out->clean = s->clean;
	unpacker_free(s->input.unpacker);
	free(s);
	(void)fclose(f);
	return rc < 0 ? rc : 0;
}

int
recording_read(const char *path, const struct recording_reader *reader,
    struct recording_end *end, struct err *err)
{
	FILE *f = fopen(path, "rbe");
	struct ended ended;
	int rc;

	*end = (struct recording_end){ 0 };
	if (f == NULL)
		return err_errno(err, -errno, "read %s", path);
	rc = scan_file(f, path, reader, &ended, err);
	*end = ended.end;
	if (rc == 0 && !ended.begun)
		return err_set(err, -EUCLEAN,
		    "%s: empty, or cut off in its header: nothing was "
		    "recorded",
		    path);
	return rc;
}

/* ---- appending ---- */

/* Bytes that are to be written. */
struct pending {
	size_t used;
	uint8_t bytes[PACKED_ROOM];
};

struct recording {
	int fd;
	const struct recording_header *expected; /* NULL: any, while opened */
	const struct recording_reader *reader;   /* the same */
	uint64_t log;                            /* of the last record */
	struct err *err;                         /* while it is opened */
	const char *path;
	uint64_t size;         /* of the file */
	struct packer *packer; /* NULL: plain */
	struct pending packed;
	size_t used;
	uint8_t buffer[BUFFER];
};

static int
check_header(void *arg, const struct recording_header *h)
{
	struct recording *r = arg;

	if (r->expected != NULL && h->store != r->expected->store)
		return err_set(r->err, -ESTALE,
		    "%s: a recording of another race (%s): name another file",
		    r->path, h->race);
	return r->reader != NULL && r->reader->header != NULL
	    ? r->reader->header(r->reader->arg, h)
	    : 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct recording *r = arg;

	r->log = rec->log;
	return r->reader != NULL ? r->reader->record(r->reader->arg, rec) : 0;
}

/* The torn end goes. */
static int
cut_off(struct recording *r, const struct ended *at, struct err *err)
{
	if (!at->clean)
		return err_set(err, -EUCLEAN,
		    "%s: its last record is cut off within a frame that holds "
		    "others, so that it cannot grow: palmares cut %s NEWFILE "
		    "makes a whole one",
		    r->path, r->path);
	if (ftruncate(r->fd, (off_t)at->end.offset) < 0)
		return err_errno(err, -errno, "cut %s at byte %" PRIu64,
		    r->path, at->end.offset);
	return 0;
}

/* Reads what is there, and cuts off what is torn. */
static int
find_end(struct recording *r, struct err *err)
{
	const struct recording_reader reader = { check_header, take_record, r };
	struct ended ended;
	int fd = dup(r->fd);
	FILE *f = fd >= 0 ? fdopen(fd, "rb") : NULL;
	int rc;

	if (f == NULL)
		return err_errno(err, -errno, "read %s", r->path);
	rc = scan_file(f, r->path, &reader, &ended, err);
	if (rc < 0)
		return rc;
	if (!ended.begun && r->expected == NULL)
		return err_set(err, -ENODATA,
		    "%s: empty, or cut off in its header", r->path);
	if (ended.end.torn)
		rc = cut_off(r, &ended, err);
	if (rc < 0)
		return rc;
	if (lseek(r->fd, (off_t)ended.end.offset, SEEK_SET) < 0)
		return err_errno(err, -errno, "seek in %s", r->path);
	r->size = ended.end.offset;
	if (!ended.begun)
		r->used = put_header(r->buffer, r->expected);
	return 0;
}

/* A new file's name is durable too. */
static int
begin(struct recording *r, struct err *err)
{
	int rc = find_end(r, err);

	if (rc < 0)
		return rc;
	rc = recording_sync(r);
	if (rc == 0)
		rc = files_sync_folder_of(r->path);
	return rc < 0 ? err_errno(err, rc, "write %s", r->path) : 0;
}

/* Of a pipe nobody would see the end, and of /dev/null none that is kept. */
static int
check_ordinary(const struct recording *r, struct err *err)
{
	struct stat st;

	if (fstat(r->fd, &st) < 0)
		return err_errno(err, -errno, "open %s", r->path);
	if (S_ISREG(st.st_mode))
		return 0;
	return err_set(err, -EINVAL, "%s: is no ordinary file: name another",
	    r->path);
}

int
recording_resume(struct recording **out, const char *path,
    const struct recording_header *header,
    const struct recording_reader *reader, struct err *err)
{
	struct recording *r = xcalloc(1, sizeof *r);
	int create = header != NULL ? O_CREAT : 0;
	int rc;

	r->expected = header;
	r->reader = reader;
	r->path = path;
	r->err = err;
	r->packer = is_packed(path) ? packer_new() : NULL;
	r->fd = open(path, O_RDWR | create | O_CLOEXEC, 0644);
	if (r->fd < 0)
		rc = err_errno(err, -errno, "open %s", path);
	else if (flock(r->fd, LOCK_EX | LOCK_NB) < 0)
		rc = err_set(err, -EBUSY,
		    "%s: another process writes it: end it first", path);
	else
		rc = check_ordinary(r, err);
	if (rc == 0)
		rc = begin(r, err);
	if (rc < 0) {
		recording_free(r);
		return rc;
	}
	/* They were the caller's. */
	r->expected = NULL;
	r->reader = NULL;
	r->path = NULL;
	r->err = NULL;
	*out = r;
	return 0;
}

int
recording_open(struct recording **out, const char *path,
    const struct recording_header *header, struct err *err)
{
	return recording_resume(out, path, header, NULL, err);
}

void
recording_free(struct recording *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	packer_free(r->packer);
	free(r);
}

bool
recording_full(int rc)
{
	return rc == -ENOSPC || rc == -EDQUOT || rc == -EFBIG;
}

uint64_t
recording_size(const struct recording *r)
{
	return r->size + r->packed.used + r->used;
}

/* What cannot be written stays, without what could. */
static int
write_out(struct recording *r, uint8_t *bytes, size_t *used)
{
	size_t done = 0;
	int rc = 0;

	while (rc == 0 && done < *used) {
		ssize_t n = write(r->fd, bytes + done, *used - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			rc = -errno;
	}
	r->size += done;
	*used -= done;
	memmove(bytes, bytes + done, *used);
	return rc;
}

static int
flush(struct recording *r)
{
	int rc;

	if (r->packer == NULL)
		return write_out(r, r->buffer, &r->used);
	/* What found no room the last time goes first. */
	rc = write_out(r, r->packed.bytes, &r->packed.used);
	if (rc < 0 || r->used == 0)
		return rc;
	r->packed.used =
	    packer_put(r->packer, r->buffer, r->used, r->packed.bytes);
	r->used = 0;
	return write_out(r, r->packed.bytes, &r->packed.used);
}

int
recording_append(struct recording *r, const struct recording_record *rec)
{
	assert(rec->log > r->log);
	if (sizeof r->buffer - r->used < FRAME_MAX + CONTENT_MAX) {
		int rc = flush(r);

		if (rc < 0)
			return rc;
	}
	r->used += put_record(r->buffer + r->used, rec);
	r->log = rec->log;
	return 0;
}

int
recording_sync(struct recording *r)
{
	int rc = flush(r);

	/* A failed fsync is never tried again: what it was about may be gone,
	 * and the next one would say that all is well. */
	if (rc == 0 && fsync(r->fd) < 0)
		rc = -EIO;
	return rc;
}
