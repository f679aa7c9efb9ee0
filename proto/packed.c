#include "proto/packed.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "common/hash.h"
#include "common/xalloc.h"

enum {
	MAGIC = 4,       /* bytes of a frame's magic number */
	GUARD = 20,      /* bytes of a guard */
	GUARD_SAYS = 12, /* ... behind its length */
	LEVEL = 3,       /* zstd's own: others cost more than they save */
	/* 8 MiB: what zstd makes at any level, but for --ultra and --long. */
	WINDOW_LOG = 23
};

static const uint32_t guard_magic = 0x184D2A5E;

static uint8_t *
put32(uint8_t *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		*to++ = (uint8_t)(v >> (8 * i));
	return to;
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

/* ---- writing ---- */

struct packer {
	ZSTD_CCtx *zstd;
};

struct packer *
packer_new(void)
{
	struct packer *p = xcalloc(1, sizeof *p);

	p->zstd = ZSTD_createCCtx();
	if (p->zstd == NULL)
		abort(); /* no memory: as xalloc.h */
	ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
	return p;
}

void
packer_free(struct packer *p)
{
	if (p == NULL)
		return;
	ZSTD_freeCCtx(p->zstd);
	free(p);
}

size_t
packer_put(struct packer *p, const uint8_t *bytes, size_t len, uint8_t *out)
{
	uint8_t *frame = out + GUARD;
	uint8_t *at;
	size_t n;

	assert(len <= PACKED_CONTENT);
	assert(ZSTD_compressBound(PACKED_CONTENT) <= PACKED_ROOM - GUARD);
	n = ZSTD_compress2(p->zstd, frame, PACKED_ROOM - GUARD, bytes, len);
	assert(!ZSTD_isError(n)); /* with room enough it never is */
	at = put32(out, guard_magic);
	at = put32(at, GUARD_SAYS);
	at = put32(at, (uint32_t)n);
	at = put32(at, hash_crc32c(0, frame, n));
	put32(at, hash_crc32c(0, out, GUARD - 4));
	return GUARD + n;
}

/* ---- reading ---- */

struct unpacker {
	FILE *file;
	ZSTD_DCtx *zstd;
	uint64_t at;    /* in the file, as far as it was looked at */
	uint64_t frame; /* begins there */
	uint64_t behind;
	bool within; /* a frame without a guard, */
	int failed;  /* ... which came to this behind what was given */
	const char *why;
	ZSTD_inBuffer in;
	uint8_t input[PACKED_ROOM];
	uint8_t content[PACKED_CONTENT];
};

struct unpacker *
unpacker_new(FILE *f)
{
	struct unpacker *u = xcalloc(1, sizeof *u);

	u->file = f;
	u->zstd = ZSTD_createDCtx();
	if (u->zstd == NULL)
		abort(); /* no memory: as xalloc.h */
	ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	return u;
}

void
unpacker_free(struct unpacker *u)
{
	if (u == NULL)
		return;
	ZSTD_freeDCtx(u->zstd);
	free(u);
}

uint64_t
unpacker_frame(const struct unpacker *u)
{
	return u->frame;
}

uint64_t
unpacker_behind(const struct unpacker *u)
{
	return u->behind;
}

static int
damaged(const char **why, const char *words)
{
	*why = words;
	return -EUCLEAN;
}

/* How many of the next `len` bytes there are, or -errno. */
static int
get(struct unpacker *u, uint8_t *to, size_t len)
{
	size_t n = fread(to, 1, len, u->file);

	if (n < len && ferror(u->file) != 0)
		return errno != 0 ? -errno : -EIO;
	u->at += n;
	return (int)n;
}

/* As many bytes of a guard as are there: they are one, or its beginning? */
static bool
is_guard(const uint8_t *bytes, size_t len)
{
	uint8_t right[8];

	put32(put32(right, guard_magic), GUARD_SAYS);
	return memcmp(bytes, right, len < sizeof right ? len : sizeof right) ==
	    0;
}

/* A guard's beginning has been read, `have` bytes of it. */
static int
get_guard(struct unpacker *u, uint8_t guard[GUARD], int have, const char **why)
{
	int n = 0;

	if (have == MAGIC)
		n = get(u, guard + MAGIC, GUARD - MAGIC);
	if (n < 0)
		return n;
	have += n;
	if (!is_guard(guard, (size_t)have))
		return damaged(why, "no frame begins here");
	if (have < GUARD)
		return UNPACKED_TORN;
	if (hash_crc32c(0, guard, GUARD - 4) != get32(guard + GUARD - 4))
		return damaged(why, "the CRC before the frame is wrong");
	if (get32(guard + 8) == 0 || get32(guard + 8) > PACKED_ROOM - GUARD)
		return damaged(why, "a frame of that length cannot be");
	return UNPACKED_SOME;
}

/* A frame of ours. */
static int
next_guarded(struct unpacker *u, const uint8_t *guard, size_t *len,
    const char **why)
{
	size_t length = get32(guard + 8);
	int n = get(u, u->input, length);
	size_t got;

	if (n < 0)
		return n;
	if ((size_t)n < length)
		return UNPACKED_TORN;
	if (hash_crc32c(0, u->input, length) != get32(guard + 12))
		return damaged(why, "the frame's CRC is wrong");
	got = ZSTD_decompressDCtx(u->zstd, u->content, sizeof u->content,
	    u->input, length);
	if (ZSTD_isError(got) || got == 0)
		return damaged(why, "the frame cannot be decompressed");
	*len = got;
	u->behind = u->at;
	return UNPACKED_SOME;
}

static int
complain(size_t code, const char **why)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge)
		return damaged(why,
		    "the frame takes more than 8 MiB to decompress: made with "
		    "zstd --ultra or --long? Then zstd -d --long=31 reads it");
	return damaged(why, "the frame cannot be decompressed");
}

/* More bytes to decompress. */
static int
get_input(struct unpacker *u, const char **why)
{
	int n = get(u, u->input, sizeof u->input);

	if (n == 0)
		return damaged(why, "the file ends within this frame");
	if (n > 0)
		u->in = (ZSTD_inBuffer){ u->input, (size_t)n, 0 };
	return n;
}

/* The frame has ended; what was read beyond it is read again. */
static int
end_frame(struct unpacker *u)
{
	u->at -= u->in.size - u->in.pos;
	u->behind = u->at;
	u->within = false;
	return fseeko(u->file, (off_t)u->at, SEEK_SET) < 0 ? -errno : 0;
}

/* A piece of a frame without a guard. */
static int
next_piece(struct unpacker *u, size_t *len, const char **why)
{
	ZSTD_outBuffer out = { u->content, sizeof u->content, 0 };
	int rc = 0;

	while (u->within && out.pos < out.size) {
		size_t left;

		if (u->in.pos == u->in.size) {
			rc = get_input(u, why);
			if (rc < 0)
				break;
		}
		left = ZSTD_decompressStream(u->zstd, &out, &u->in);
		if (ZSTD_isError(left)) {
			rc = complain(left, why);
			break;
		}
		if (left == 0)
			rc = end_frame(u);
		if (rc < 0)
			break;
	}
	/* First what is good of it. */
	if (rc < 0 && out.pos > 0) {
		u->failed = rc;
		u->why = *why;
	}
	*len = out.pos;
	return rc < 0 && out.pos == 0 ? rc : UNPACKED_SOME;
}

/* It begins with zstd's own magic number, which is read again. */
static int
begin_piece(struct unpacker *u)
{
	ZSTD_DCtx_reset(u->zstd, ZSTD_reset_session_only);
	u->in = (ZSTD_inBuffer){ u->input, 0, 0 };
	u->within = true;
	u->at = u->frame;
	return fseeko(u->file, (off_t)u->at, SEEK_SET) < 0 ? -errno : 0;
}

static int
next_frame(struct unpacker *u, size_t *len, const char **why)
{
	uint8_t head[GUARD];
	int n;
	int rc;

	u->frame = u->at;
	u->behind = u->at;
	n = get(u, head, MAGIC);
	if (n < 0)
		return n;
	if (n == 0)
		return UNPACKED_END;
	if (n == MAGIC && get32(head) == ZSTD_MAGICNUMBER) {
		rc = begin_piece(u);
		return rc < 0 ? rc : next_piece(u, len, why);
	}
	rc = get_guard(u, head, n, why);
	return rc == UNPACKED_SOME ? next_guarded(u, head, len, why) : rc;
}

int
unpacker_next(struct unpacker *u, const uint8_t **bytes, size_t *len,
    const char **why)
{
	size_t got = 0;
	int rc;

	if (u->failed < 0) {
		*why = u->why;
		return u->failed;
	}
	/* A frame may have nothing in it. */
	do
		rc = u->within ? next_piece(u, &got, why)
		               : next_frame(u, &got, why);
	while (rc == UNPACKED_SOME && got == 0);
	*bytes = u->content;
	*len = got;
	return rc;
}
