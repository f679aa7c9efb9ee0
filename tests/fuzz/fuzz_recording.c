/*
 * A recording out of any bytes, with CRCs put right where the first byte says:
 * what is read, written anew, gives the same bytes; what is not read is left as
 * it was; and a torn end is cut off at the offset that reading told.  As it is,
 * as a .zst, and packed into one, which has to give what it has.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "fuzz.h"
#include "proto/packed.h"
#include "proto/recording.h"

enum { SIZE_MAX_HERE = 1024 * 1024 };

/* A file being written anew with what is read of another one. */
struct copy {
	const char *path;
	struct recording *to;
	uint64_t store;
	uint64_t log;
	uint64_t offset; /* of the last record */
};

static int
copy_header(void *arg, const struct recording_header *h)
{
	struct copy *c = arg;

	assert(strlen(h->race) <= RACE_NAME_MAX);
	assert(strlen(h->software) <= RACE_NAME_MAX);
	c->store = h->store;
	(void)unlink(c->path);
	assert(recording_open(&c->to, c->path, h, NULL) == 0);
	return 0;
}

static int
copy_record(void *arg, const struct recording_record *rec)
{
	struct copy *c = arg;

	assert(rec->log > c->log && rec->id.seq > 0);
	assert(rec->len <= RACE_EVENT_MAX);
	assert(rec->offset >= c->offset);
	c->log = rec->log;
	c->offset = rec->offset;
	assert(recording_append(c->to, rec) == 0);
	return 0;
}

static void
check_same(const char *path, const uint8_t *data, uint64_t len)
{
	char *bytes;
	size_t got;

	assert(files_read(path, SIZE_MAX_HERE, &bytes, &got, NULL) == 0);
	assert(got == len && memcmp(bytes, data, got) == 0);
	free(bytes);
}

static bool
is_zst(const char *path)
{
	return recording_suffix(path)[0] != '\0';
}

static int
note_log(void *arg, const struct recording_record *rec)
{
	uint64_t *log = arg;

	*log = rec->log;
	return 0;
}

/* Opened for append, it has what was read, and the same is read again. */
static void
check_append(const char *path, const struct copy *c, int read_rc,
    const uint8_t *data, size_t len, const struct recording_end *end)
{
	const struct recording_header h = { c->store, "", "" };
	struct recording *r;
	uint64_t log = 0;
	const struct recording_reader reader = { NULL, note_log, &log };
	int rc = recording_resume(&r, path, &h, &reader, NULL);

	if (rc < 0) {
		/* Torn, but where nothing can be cut. */
		assert(rc == read_rc ||
		    (rc == -EUCLEAN && end->torn && is_zst(path)));
		check_same(path, data, len);
		return;
	}
	assert(log == c->log);
	recording_free(r);
	if (end->offset > 0)
		check_same(path, data, end->offset);
}

/* Puts the CRC of each field right, as far as the lengths lead. */
static void
put_crcs(uint8_t *data, size_t len)
{
	size_t at = 0;

	while (len - at >= 2) {
		size_t n = data[at + 1] & 0x7f;
		size_t head = 2;
		uint32_t crc;

		if (data[at + 1] >= 0x80 && len - at > 2) {
			n |= (size_t)(data[at + 2] & 0x7f) << 7;
			head = 3;
		}
		if (n < 5 || n > len - at - head)
			return;
		at += head + n;
		crc = hash_crc32c(0, data + at - n, n - 5);
		for (size_t i = 0; i < 4; i++)
			data[at - 4 + i] = (uint8_t)(crc >> (8 * i));
	}
}

/* The same for the CRCs of guards, and the frames behind them. */
static void
put_guards(uint8_t *data, size_t len)
{
	static const uint8_t guard[] = { 0x5e, 0x2a, 0x4d, 0x18, 12, 0, 0, 0 };
	size_t at = 0;

	while (len - at >= 20 && memcmp(data + at, guard, sizeof guard) == 0) {
		size_t n = data[at + 8] | (size_t)data[at + 9] << 8;
		uint32_t crc;

		data[at + 10] = 0;
		data[at + 11] = 0;
		if (n > len - at - 20)
			n = len - at - 20;
		crc = hash_crc32c(0, data + at + 20, n);
		for (size_t i = 0; i < 4; i++)
			data[at + 12 + i] = (uint8_t)(crc >> (8 * i));
		crc = hash_crc32c(0, data + at, 16);
		for (size_t i = 0; i < 4; i++)
			data[at + 16 + i] = (uint8_t)(crc >> (8 * i));
		at += 20 + n;
	}
}

/* Returns how reading ended; *end is what it gave. */
static int
check(const char *name, const uint8_t *data, size_t len,
    struct recording_end *out)
{
	const char *folder = fuzz_folder(name, data, len);
	char *path = xasprintf("%s/%s", folder, name);
	char *other = xasprintf("%s/copy.rec", folder);
	struct copy c = { .path = other };
	const struct recording_reader reader = { copy_header, copy_record, &c };
	struct recording_end end;
	struct err err = { "" };
	int rc = recording_read(path, &reader, &end, &err);

	assert(rc == 0 || err.text[0] != '\0');
	assert(end.offset <= len);
	if (c.to != NULL) {
		assert(recording_sync(c.to) == 0);
		recording_free(c.to);
		if (!is_zst(path))
			check_same(other, data, end.offset);
		(void)unlink(other);
	}
	check_append(path, &c, rc, data, len, &end);
	free(other);
	free(path);
	*out = end;
	return rc;
}

/* As many bytes to a frame as the first one says. */
static void
check_packed(const uint8_t *data, size_t len)
{
	struct packer *p = packer_new();
	size_t step = len > 0 ? (size_t)data[0] * 8 + 1 : 1;
	/* A frame of little takes some 100 bytes more than that. */
	uint8_t *out = xmalloc((len / step + 1) * 128 + 2 * len + PACKED_ROOM);
	struct recording_end plain;
	struct recording_end packed;
	size_t used = 0;
	int rc;

	rc = check("race.rec", data, len, &plain);
	for (size_t at = 0; at < len; at += step)
		used += packer_put(p, data + at,
		    len - at < step ? len - at : step, out + used);
	assert(check("race.rec.zst", out, used, &packed) == rc);
	assert(packed.records == plain.records);
	assert(packed.torn == plain.torn);
	free(out);
	packer_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct fuzz_input in = { input, size };
	uint8_t how = fuzz_byte(&in);
	uint8_t *data = xmalloc(in.left + 1);
	struct recording_end end;

	memcpy(data, in.at, in.left);
	if (how < 160 || how >= 240)
		put_crcs(data, in.left);
	else if (how >= 192)
		put_guards(data, in.left);
	if (how >= 240)
		check_packed(data, in.left);
	else
		(void)check(how >= 192 ? "race.rec.zst" : "race.rec", data,
		    in.left, &end);
	free(data);
	return 0;
}
