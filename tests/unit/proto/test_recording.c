#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "palmares.pb-c.h"
#include "proto/recording.h"

enum { FEW = 5, RECORDS_MAX = 400 };

/* A test is not to wait for the disk: what fsync would do is said here. */
static bool fsync_fails;

int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	(void)fd;
	errno = EIO;
	return fsync_fails ? -1 : 0;
}

static const struct recording_header header = { UINT64_C(0xfedcba9876543210),
	"Les 8 kilomètres", "0.1.0" };

/* What a reading gave, in memory of its own. */
struct got {
	uint64_t store;
	char race[RACE_NAME_MAX + 1];
	struct recording_record list[RECORDS_MAX];
	char *names[RECORDS_MAX]; /* that the list points to */
	uint8_t *events[RECORDS_MAX];
	size_t count;
	int answer; /* of the record callback */
	bool only_count;
};

struct fixture {
	char folder[64];
	char path[128];
	struct got got;
	struct recording_end end;
	struct err err;
};

static int
setup_as(void **state, const char *name)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-recording-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/%s", f->folder, name);
	*state = f;
	return 0;
}

static int
setup(void **state)
{
	return setup_as(state, "race.rec");
}

static int
setup_zst(void **state)
{
	return setup_as(state, "race.rec.zst");
}

static void
forget(struct got *g)
{
	for (size_t i = 0; i < g->count; i++) {
		free(g->names[i]);
		free(g->events[i]);
	}
	memset(g, 0, sizeof *g);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	forget(&f->got);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* ---- helpers ---- */

static int
take_header(void *arg, const struct recording_header *h)
{
	struct got *g = arg;

	g->store = h->store;
	strcpy(g->race, h->race);
	assert_string_equal(h->software, header.software);
	return 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct got *g = arg;
	size_t i = g->count;

	if (g->only_count)
		return 0;
	assert_true(i < RECORDS_MAX);
	g->names[i] = xstrdup(rec->stream_name);
	g->events[i] = xmalloc(rec->len + 1);
	memcpy(g->events[i], rec->event, rec->len);
	g->list[i] = *rec;
	g->list[i].event = g->events[i];
	g->list[i].stream_name = g->names[i];
	g->count++;
	return g->answer;
}

static int
read_it(struct fixture *f)
{
	const struct recording_reader reader = { take_header, take_record,
		&f->got };
	int answer = f->got.answer;
	bool only_count = f->got.only_count;

	forget(&f->got);
	f->got.answer = answer;
	f->got.only_count = only_count;
	f->err.text[0] = '\0';
	return recording_read(f->path, &reader, &f->end, &f->err);
}

/* The i-th of a series; lengths, signs and empty ones differ. */
static struct recording_record
sample(uint64_t i)
{
	static const uint8_t bytes[] = "an event's bytes, whatever they are, "
	                               "\x12\x0a\x45 among them";

	return (struct recording_record){ .log = 100 * i + 8,
		.id = { UINT64_C(0x1112131415161718) * i, i },
		.stream_name = i % 2 == 0 ? "arrivée" : "",
		.received_us = i % 3 == 0 ? -5 : INT64_C(1411288216500000),
		.event = bytes,
		.len = i % 4 == 0 ? 0 : sizeof bytes - i % 50,
		.chain = UINT64_C(0xabcdef) * i };
}

static struct recording *
open_it(struct fixture *f)
{
	struct recording *r = NULL;

	assert_int_equal(recording_open(&r, f->path, &header, &f->err), 0);
	return r;
}

/* Appends samples from..to-1. */
static void
write_samples(struct fixture *f, uint64_t from, uint64_t to)
{
	struct recording *r = open_it(f);

	for (uint64_t i = from; i < to; i++) {
		struct recording_record rec = sample(i);

		assert_int_equal(recording_append(r, &rec), 0);
	}
	assert_int_equal(recording_sync(r), 0);
	recording_free(r);
}

static void
assert_record(const struct recording_record *a,
    const struct recording_record *b)
{
	assert_int_equal(a->log, b->log);
	assert_int_equal(a->id.stream, b->id.stream);
	assert_int_equal(a->id.seq, b->id.seq);
	assert_string_equal(a->stream_name, b->stream_name);
	assert_int_equal(a->received_us, b->received_us);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->event, b->event, a->len);
	assert_int_equal(a->chain, b->chain);
}

static void
assert_samples(const struct got *g, uint64_t from, size_t count)
{
	assert_int_equal(g->count, count);
	for (size_t i = 0; i < count; i++) {
		struct recording_record rec = sample(from + i);

		assert_record(&g->list[i], &rec);
	}
}

static uint8_t *
slurp(const struct fixture *f, size_t *len)
{
	char *bytes = NULL;

	assert_int_equal(files_read(f->path, 64 * 1024 * 1024, &bytes, len,
	                     NULL),
	    0);
	return (uint8_t *)bytes;
}

static void
spill(const struct fixture *f, const uint8_t *bytes, size_t len)
{
	int fd;

	/* Some file systems flush what takes the place of what was cut to
	 * nothing. */
	unlink(f->path);
	fd = open(f->path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static size_t
size_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return (size_t)st.st_size;
}

/* Offsets at which the header, the records and the end of few samples are. */
static void
write_few(struct fixture *f, size_t offsets[FEW + 2])
{
	offsets[0] = 0;
	write_samples(f, 0, 0);
	offsets[1] = size_of(f);
	for (size_t i = 0; i < FEW; i++) {
		write_samples(f, i + 1, i + 2);
		offsets[i + 2] = size_of(f);
	}
}

/* ---- tests ---- */

static void
what_was_appended_is_read(void **state)
{
	struct fixture *f = *state;

	write_samples(f, 1, 4);
	write_samples(f, 4, 11);
	assert_int_equal(read_it(f), 0);
	assert_int_equal(f->got.store, header.store);
	assert_string_equal(f->got.race, header.race);
	assert_samples(&f->got, 1, 10);
	assert_int_equal(f->end.records, 10);
	assert_int_equal(f->end.offset, size_of(f));
	assert_false(f->end.torn);
}

static void
a_new_recording_has_a_header_alone(void **state)
{
	struct fixture *f = *state;

	recording_free(open_it(f));
	assert_int_equal(read_it(f), 0);
	assert_string_equal(f->got.race, header.race);
	assert_int_equal(f->got.count, 0);
}

static void
the_generated_code_reads_it_as_one_message(void **state)
{
	struct fixture *f = *state;
	Palmares__Recording *p;
	uint8_t *bytes;
	size_t len;

	write_samples(f, 1, 8);
	bytes = slurp(f, &len);
	p = palmares__recording__unpack(NULL, len, bytes);
	assert_non_null(p);
	assert_int_equal(p->header->version, RECORDING_VERSION);
	assert_int_equal(p->header->store, header.store);
	assert_string_equal(p->header->race, header.race);
	assert_string_equal(p->header->software, header.software);
	assert_int_equal(p->n_record, 7);
	for (uint64_t i = 1; i < 8; i++) {
		const Palmares__Record *got = p->record[i - 1];
		struct recording_record want = sample(i);

		assert_int_equal(got->log, want.log);
		assert_int_equal(got->stream, want.id.stream);
		assert_int_equal(got->seq, want.id.seq);
		assert_string_equal(got->stream_name, want.stream_name);
		assert_int_equal(got->received_us, want.received_us);
		assert_int_equal(got->event.len, want.len);
		assert_memory_equal(got->event.data, want.event, want.len);
		assert_int_equal(got->chain, want.chain);
		assert_int_not_equal(got->crc, 0);
	}
	assert_int_equal(p->base.n_unknown_fields, 0);
	palmares__recording__free_unpacked(p, NULL);
	free(bytes);
}

/* Records that are whole in the first `len` bytes. */
static size_t
whole(const size_t offsets[FEW + 2], size_t len)
{
	size_t n = 0;

	while (n < FEW && offsets[n + 2] <= len)
		n++;
	return n;
}

static void
cut_at_every_byte_it_is_read_reopened_and_goes_on(void **state)
{
	struct fixture *f = *state;
	size_t offsets[FEW + 2];
	uint8_t *bytes;
	size_t len;

	write_few(f, offsets);
	bytes = slurp(f, &len);
	assert_int_equal(len, offsets[FEW + 1]);
	for (size_t cut = 0; cut <= len; cut++) {
		size_t n = whole(offsets, cut);
		bool head = cut >= offsets[1];

		spill(f, bytes, cut);
		assert_int_equal(read_it(f), head ? 0 : -EUCLEAN);
		assert_samples(&f->got, 1, n);
		assert_int_equal(f->end.offset, head ? offsets[n + 1] : 0);
		assert_int_equal(f->end.torn, cut > f->end.offset);
		recording_free(open_it(f));
		assert_int_equal(size_of(f), offsets[n + 1]);
		/* What was torn comes again, and all is as it was. */
		write_samples(f, n + 1, FEW + 1);
		assert_int_equal(read_it(f), 0);
		assert_samples(&f->got, 1, FEW);
		/* Fewer syncs make fewer frames. */
		if (recording_suffix(f->path)[0] == '\0')
			assert_int_equal(size_of(f), len);
	}
	free(bytes);
}

/* The field that byte `at` is in. */
static size_t
field_at(const size_t offsets[FEW + 2], size_t at)
{
	size_t i = 0;

	while (offsets[i + 1] <= at)
		i++;
	return i;
}

static void
every_flipped_bit_is_found_where_it_is(void **state)
{
	struct fixture *f = *state;
	size_t offsets[FEW + 2];
	struct recording *r;
	uint8_t *bytes;
	size_t len;

	write_few(f, offsets);
	bytes = slurp(f, &len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		size_t field = field_at(offsets, bit / 8);
		char where[40];
		int rc;

		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill(f, bytes, len);
		rc = read_it(f);
		assert_true(rc == -EUCLEAN || (field == 0 && rc == -EPROTO));
		assert_int_equal(f->end.offset, offsets[field]);
		assert_samples(&f->got, 1, field > 0 ? field - 1 : 0);
		snprintf(where, sizeof where, "byte %zu:", offsets[field]);
		if (field > 0)
			assert_non_null(strstr(f->err.text, where));
		/* Nothing is cut off for that, nor written behind it. */
		assert_int_equal(recording_open(&r, f->path, &header, &f->err),
		    rc);
		assert_int_equal(size_of(f), len);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
}

static void
a_record_that_is_not_last_is_never_taken_for_a_torn_one(void **state)
{
	struct fixture *f = *state;
	size_t offsets[FEW + 2];
	uint8_t *bytes;
	size_t len;

	write_few(f, offsets);
	bytes = slurp(f, &len);
	/* Its length as two bytes, far beyond the end of the file. */
	bytes[offsets[3] + 1] |= 0x80;
	spill(f, bytes, len);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_false(f->end.torn);
	assert_int_equal(f->end.offset, offsets[3]);
	assert_samples(&f->got, 1, 2);
	free(bytes);
}

static void
a_file_that_is_no_recording_is_left_as_it_is(void **state)
{
	static const char *const files[] = { "bib,time\n12,10:30:15\n",
		"\n\n\n", "\x0a\x05hello", "x", "SQLite format 3" };
	struct fixture *f = *state;
	struct recording *r;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		size_t len = strlen(files[i]);

		spill(f, (const uint8_t *)files[i], len);
		assert_int_equal(recording_open(&r, f->path, &header, &f->err),
		    -EUCLEAN);
		assert_non_null(strstr(f->err.text, "no recording"));
		assert_int_equal(size_of(f), len);
	}
}

static void
a_recording_of_another_race_is_refused(void **state)
{
	const struct recording_header other = { 5, "Another", "0.1.0" };
	struct fixture *f = *state;
	struct recording *r;
	size_t len;

	write_samples(f, 1, 3);
	len = size_of(f);
	assert_int_equal(recording_open(&r, f->path, &other, &f->err), -ESTALE);
	assert_non_null(strstr(f->err.text, header.race));
	assert_int_equal(size_of(f), len);
}

static void
a_second_writer_is_refused(void **state)
{
	struct fixture *f = *state;
	struct recording *first = open_it(f);
	struct recording *second;

	assert_int_equal(recording_open(&second, f->path, &header, &f->err),
	    -EBUSY);
	recording_free(first);
	write_samples(f, 1, 2);
}

static void
what_is_no_ordinary_file_is_refused(void **state)
{
	struct fixture *f = *state;
	struct recording *r;

	assert_int_equal(recording_open(&r, "/dev/null", &header, &f->err),
	    -EINVAL);
	assert_non_null(strstr(f->err.text, "no ordinary file"));
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(recording_open(&r, f->path, &header, &f->err),
	    -EINVAL);
}

static void
a_recording_that_is_not_there_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_it(f), -ENOENT);
	assert_non_null(strstr(f->err.text, f->path));
	assert_int_equal(f->end.records, 0);
}

/* No file of this process gets larger. */
static void
limit(size_t bytes, struct rlimit *before)
{
	struct rlimit low;

	signal(SIGXFSZ, SIG_IGN); /* then write() says EFBIG */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, before), 0);
	low = (struct rlimit){ bytes, before->rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
}

static void
what_a_full_disk_tears_is_written_again(void **state)
{
	struct fixture *f = *state;
	struct recording_record rec = sample(3);
	struct recording *r;
	struct rlimit before;
	size_t whole_size;

	write_samples(f, 1, 3);
	whole_size = size_of(f);
	r = open_it(f);
	limit(whole_size + 20, &before);
	assert_int_equal(recording_append(r, &rec), 0);
	assert_int_equal(recording_sync(r), -EFBIG);
	recording_free(r);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(size_of(f), whole_size + 20);

	assert_int_equal(read_it(f), 0);
	assert_samples(&f->got, 1, 2);
	assert_true(f->end.torn);
	write_samples(f, 3, 5);
	assert_int_equal(read_it(f), 0);
	assert_samples(&f->got, 1, 4);
}

static void
what_finds_no_room_is_written_when_there_is_some(void **state)
{
	struct fixture *f = *state;
	struct recording_record rec;
	struct recording *r;
	struct rlimit before;
	uint64_t n = 3;

	write_samples(f, 1, 3);
	r = open_it(f);
	limit(size_of(f) + 20, &before);
	rec = sample(n++);
	assert_int_equal(recording_append(r, &rec), 0);
	assert_true(recording_full(recording_sync(r)));
	/* As many as it holds; the one that is refused comes again. */
	for (rec = sample(n); recording_append(r, &rec) == 0; rec = sample(n)) {
		assert_true(n < RECORDS_MAX * 100);
		n++;
	}
	assert_true(recording_full(recording_sync(r)));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(recording_append(r, &rec), 0);
	assert_int_equal(recording_sync(r), 0);
	assert_int_equal(recording_size(r), size_of(f));
	recording_free(r);
	f->got.only_count = true;
	assert_int_equal(read_it(f), 0);
	assert_false(f->end.torn);
	assert_int_equal(f->end.records, n);
	assert_int_equal(f->end.offset, size_of(f));
}

static void
a_failed_flush_is_told(void **state)
{
	struct fixture *f = *state;
	struct recording *r = open_it(f);
	struct recording_record rec = sample(1);

	assert_int_equal(recording_append(r, &rec), 0);
	fsync_fails = true;
	assert_int_equal(recording_sync(r), -EIO);
	fsync_fails = false;
	recording_free(r);
}

static void
what_is_there_is_told_when_it_is_opened(void **state)
{
	struct fixture *f = *state;
	const struct recording_reader reader = { take_header, take_record,
		&f->got };
	struct recording *r;

	assert_int_equal(recording_resume(&r, f->path, NULL, NULL, &f->err),
	    -ENOENT);
	spill(f, NULL, 0);
	assert_int_equal(recording_resume(&r, f->path, NULL, NULL, &f->err),
	    -ENODATA);
	write_samples(f, 1, 5);
	assert_int_equal(recording_resume(&r, f->path, NULL, &reader, &f->err),
	    0);
	recording_free(r);
	assert_int_equal(f->got.store, header.store);
	assert_samples(&f->got, 1, 4);
	/* A reader may refuse what it sees. */
	forget(&f->got);
	f->got.answer = -ECANCELED;
	assert_int_equal(recording_resume(&r, f->path, NULL, &reader, &f->err),
	    -ECANCELED);
}

/* ---- .zst ---- */

/* What `zstd -d` makes of the file. */
static uint8_t *
unpack(const struct fixture *f, size_t *len)
{
	size_t packed;
	uint8_t *bytes = slurp(f, &packed);
	size_t room = 64 * 1024 * 1024;
	uint8_t *out = xmalloc(room);

	*len = ZSTD_decompress(out, room, bytes, packed);
	assert_false(ZSTD_isError(*len));
	free(bytes);
	return out;
}

/* The same records in a plain file beside it: its bytes. */
static uint8_t *
plain(const struct fixture *f, uint64_t from, uint64_t to, size_t *len)
{
	struct fixture p = *f;
	uint8_t *bytes;

	snprintf(p.path, sizeof p.path, "%s/plain.rec", f->folder);
	write_samples(&p, from, to);
	bytes = slurp(&p, len);
	unlink(p.path);
	return bytes;
}

/* The file as `zstd` makes one of these bytes. */
static size_t
spill_as_zstd(const struct fixture *f, const uint8_t *bytes, size_t len)
{
	size_t room = ZSTD_compressBound(len);
	uint8_t *out = xmalloc(room);
	size_t n;
	ZSTD_CCtx *c = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, 19);
	n = ZSTD_compress2(c, out, room, bytes, len);
	assert_false(ZSTD_isError(n));
	spill(f, out, n);
	ZSTD_freeCCtx(c);
	free(out);
	return n;
}

static void
zstd_makes_the_plain_recording_of_it(void **state)
{
	struct fixture *f = *state;
	uint8_t *want;
	uint8_t *got;
	size_t want_len;
	size_t len;

	for (uint64_t i = 1; i < 199; i += 9)
		write_samples(f, i, i + 9);
	got = unpack(f, &len);
	want = plain(f, 1, 199, &want_len);
	assert_int_equal(len, want_len);
	assert_memory_equal(got, want, len);
	free(got);
	free(want);
}

static void
what_zstd_made_is_read_and_grows(void **state)
{
	enum { MANY = 20000 };
	struct fixture *f = *state;
	uint8_t *bytes;
	size_t len;

	/* Of many windows and pieces; records lie across them. */
	bytes = plain(f, 1, MANY, &len);
	spill_as_zstd(f, bytes, len);
	free(bytes);
	f->got.only_count = true;
	assert_int_equal(read_it(f), 0);
	assert_int_equal(f->end.records, MANY - 1);
	assert_int_equal(f->end.offset, size_of(f));
	write_samples(f, MANY, MANY + 5);
	assert_int_equal(read_it(f), 0);
	assert_int_equal(f->end.records, MANY + 4);
	assert_int_equal(f->end.offset, size_of(f));
}

static void
what_zstd_made_is_never_cut_off(void **state)
{
	struct fixture *f = *state;
	struct recording *r;
	uint8_t *bytes;
	size_t len;
	size_t size;

	bytes = plain(f, 1, 9, &len);
	size = spill_as_zstd(f, bytes, len);
	free(bytes);
	bytes = slurp(f, &size);
	for (size_t cut = 1; cut < size; cut++) {
		spill(f, bytes, cut);
		assert_int_equal(read_it(f), -EUCLEAN);
		assert_int_equal(recording_open(&r, f->path, &header, &f->err),
		    -EUCLEAN);
		assert_int_equal(size_of(f), cut);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		spill(f, bytes, size);
		/* Whether a CRC follows, and that it does not belong to what
		 * is compressed, zstd does not know: the content is right. */
		if (read_it(f) == 0)
			assert_samples(&f->got, 1, 8);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(bytes);
}

static void
a_torn_record_within_a_frame_is_read_without_it(void **state)
{
	struct fixture *f = *state;
	struct recording *r;
	uint8_t *bytes;
	size_t len;
	size_t size;

	bytes = plain(f, 1, 9, &len);
	size = spill_as_zstd(f, bytes, len - 3);
	free(bytes);
	assert_int_equal(read_it(f), 0);
	assert_true(f->end.torn);
	assert_samples(&f->got, 1, 7);
	/* But the frame cannot be cut there. */
	assert_int_equal(recording_open(&r, f->path, &header, &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "palmares cut"));
	assert_int_equal(size_of(f), size);
}

static void
a_damaged_record_in_a_whole_frame_is_found(void **state)
{
	struct fixture *f = *state;
	uint8_t *bytes;
	size_t before;
	size_t len;
	char where[64];

	free(plain(f, 1, 5, &before));
	bytes = plain(f, 1, 9, &len);
	bytes[before + 20] ^= 1;
	spill_as_zstd(f, bytes, len);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_samples(&f->got, 1, 4);
	snprintf(where, sizeof where, "byte %zu of what zstd -d", before);
	assert_non_null(strstr(f->err.text, where));
	snprintf(where, sizeof where, "zstd -dc, then head -c %zu keeps",
	    before);
	assert_non_null(strstr(f->err.text, where));
	free(bytes);
}

static void
a_frame_that_wants_too_much_memory_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t len = 16 * 1024 * 1024;
	uint8_t *zeros = xcalloc(1, len);
	uint8_t bytes[] = { 0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 0, 0, 0 };

	spill(f, bytes, sizeof bytes);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "more than 8 MiB"));
	/* A bomb: it is looked at piece by piece, so one is enough. */
	spill_as_zstd(f, zeros, len);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_int_equal(f->end.records, 0);
	free(zeros);
}

static void
a_name_that_does_not_say_what_is_in_it_is_told(void **state)
{
	struct fixture *f = *state;
	struct fixture other = *f;
	uint8_t *bytes;
	size_t len;

	write_samples(f, 1, 3);
	bytes = slurp(f, &len);
	snprintf(other.path, sizeof other.path, "%s/plain.rec", f->folder);
	spill(&other, bytes, len);
	free(bytes);
	assert_int_equal(read_it(&other), -EUCLEAN);
	assert_non_null(strstr(other.err.text, ".zst"));
	unlink(other.path);
	bytes = plain(f, 1, 3, &len);
	spill(f, bytes, len);
	free(bytes);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "not compressed"));
}

static void
what_the_reader_answers_ends_the_reading(void **state)
{
	struct fixture *f = *state;
	size_t first;

	write_samples(f, 1, 2);
	first = size_of(f);
	write_samples(f, 2, 4);
	f->got.answer = -ECANCELED;
	assert_int_equal(read_it(f), -ECANCELED);
	assert_int_equal(f->got.count, 1);
	assert_int_equal(f->end.records, 1);
	assert_int_equal(f->end.offset, first);
}

/* A message with a CRC that is right: a field's tag, and the content whose last
 * four bytes are for it.  There is room for four bytes more. */
static size_t
seal(uint8_t *to, uint8_t tag, const uint8_t *content, size_t len)
{
	uint32_t crc = hash_crc32c(0, content, len - 5);
	uint8_t *at = to;
	size_t left = len;

	*at++ = tag;
	for (; left >= 0x80; left >>= 7)
		*at++ = (uint8_t)(left | 0x80);
	*at++ = (uint8_t)left;
	at = mempcpy(at, content, len - 4);
	for (size_t i = 0; i < 4; i++)
		*at++ = (uint8_t)(crc >> (8 * i));
	return (size_t)(at - to);
}

static void
a_recording_of_a_later_version_is_named_as_such(void **state)
{
	static const uint8_t later[] = "\x08\x02\x11\0\0\0\0\0\0\0\0"
	                               "\x1a\x01X\x22\x01Y\x2d\0\0\0";
	struct fixture *f = *state;
	uint8_t bytes[64];

	spill(f, bytes, seal(bytes, 0x0a, later, sizeof later));
	assert_int_equal(read_it(f), -EPROTO);
	assert_non_null(strstr(f->err.text, "version 2"));
}

/* One record behind the header, its fields out of bounds though its CRC is
 * right. */
static void
assert_refused(struct fixture *f, const uint8_t *content, size_t len)
{
	uint8_t *bytes;
	uint8_t *more;
	size_t have;

	unlink(f->path);
	write_samples(f, 1, 2);
	bytes = slurp(f, &have);
	more = xmalloc(have + len + 4);
	memcpy(more, bytes, have);
	len = seal(more + have, 0x12, content, len);
	spill(f, more, have + len);
	assert_int_equal(read_it(f), -EUCLEAN);
	assert_int_equal(f->end.offset, have);
	assert_int_equal(f->end.records, 1);
	free(bytes);
	free(more);
}

#define RECORD(log, seq, name)                                                 \
	"\x08" log "\x11\1\0\0\0\0\0\0\0\x18" seq "\x22" name                  \
	"\x28\0\x32\0\x39\0\0\0\0\0\0\0\0\x45\0\0\0"
#define REFUSED(content)                                                       \
	assert_refused(f, (const uint8_t *)(content), sizeof(content))

static void
fields_out_of_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char right[] = RECORD("\x7f", "\1", "\1A");
	uint8_t bytes[128];
	size_t len;

	/* So made, a right one passes. */
	write_samples(f, 0, 0);
	len = seal(bytes, 0x12, (const uint8_t *)right, sizeof right);
	int fd = open(f->path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	assert_int_equal(read_it(f), 0);
	assert_int_equal(f->got.list[0].log, 127);
	assert_string_equal(f->got.list[0].stream_name, "A");

	REFUSED(RECORD("\x6c", "\1", "\1A")); /* 108 again */
	REFUSED(RECORD("\0", "\1", "\1A"));
	REFUSED(RECORD("\x7f", "\0", "\1A"));
	REFUSED(RECORD("\x7f", "\1", "\2A\n"));
	REFUSED(RECORD("\x7f", "\1", "\2\xc3("));
	REFUSED(RECORD("\x7f", "\1", "\2A\0"));
	REFUSED(RECORD("\xff\0", "\1", "\1A")); /* not the shortest */
	REFUSED("\x08\x7f\x11\1\0\0\0\0\0\0\0\x18\1\x22\0\x28" /* 65 bits */
	        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"
	        "\x32\0\x39\0\0\0\0\0\0\0\0\x45\0\0\0");
	REFUSED(RECORD("\x7f", "\1", "\1A") "\0");
}

static void
an_event_over_32_KiB_is_refused(void **state)
{
	static const char head[] = "\x08\x7f\x11\1\0\0\0\0\0\0\0\x18\1\x22\0"
	                           "\x28\0\x32\x81\x80\x02";
	static const char tail[] = "\x39\0\0\0\0\0\0\0\0\x45\0\0\0";
	static uint8_t content[RACE_EVENT_MAX + 100];
	const size_t len = RACE_EVENT_MAX + 1;

	memcpy(content, head, sizeof head - 1);
	memcpy(content + sizeof head - 1 + len, tail, sizeof tail);
	assert_refused(*state, content, sizeof head - 1 + len + sizeof tail);
}

static uint64_t
big(uint64_t *seed)
{
	return test_random(seed) >> test_below(seed, 64);
}

static void
random_record(uint64_t *seed, struct recording_record *rec, uint64_t log,
    uint8_t *event, char *name)
{
	size_t len = test_below(seed, 10) == 0
	    ? RACE_EVENT_MAX - test_below(seed, 3)
	    : test_below(seed, 300);
	size_t letters =
	    test_below(seed, 10) == 0 ? RACE_NAME_MAX : test_below(seed, 20);

	for (size_t i = 0; i < len; i++)
		event[i] = (uint8_t)test_random(seed);
	memset(name, 'n', letters);
	name[letters] = '\0';
	*rec = (struct recording_record){ .log = log,
		.id = { test_random(seed), 1 + (big(seed) >> 2) },
		.stream_name = name,
		.received_us =
		    (int64_t)(test_below(seed, 2) ? big(seed) : ~big(seed)),
		.event = event,
		.len = len,
		.chain = test_random(seed) };
}

static void
whatever_is_appended_is_read_again(void **state)
{
	static uint8_t events[RECORDS_MAX][RACE_EVENT_MAX];
	static char names[RECORDS_MAX][RACE_NAME_MAX + 1];
	static struct recording_record list[RECORDS_MAX];
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	struct recording *r = open_it(f);
	uint64_t log = 0;

	for (size_t i = 0; i < RECORDS_MAX; i++) {
		log += 1 + (big(&seed) >> 10);
		random_record(&seed, &list[i], log, events[i], names[i]);
		assert_int_equal(recording_append(r, &list[i]), 0);
		if (test_below(&seed, 20) == 0)
			assert_int_equal(recording_sync(r), 0);
		if (test_below(&seed, 50) == 0) {
			assert_int_equal(recording_sync(r), 0);
			recording_free(r);
			r = open_it(f);
		}
	}
	assert_int_equal(recording_sync(r), 0);
	recording_free(r);
	assert_int_equal(read_it(f), 0);
	assert_int_equal(f->got.count, RECORDS_MAX);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		assert_record(&f->got.list[i], &list[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_was_appended_is_read),
		TEST(a_new_recording_has_a_header_alone),
		TEST(the_generated_code_reads_it_as_one_message),
		TEST(cut_at_every_byte_it_is_read_reopened_and_goes_on),
		TEST(every_flipped_bit_is_found_where_it_is),
		TEST(a_record_that_is_not_last_is_never_taken_for_a_torn_one),
		TEST(a_file_that_is_no_recording_is_left_as_it_is),
		TEST(a_recording_of_another_race_is_refused),
		TEST(a_second_writer_is_refused),
		TEST(what_is_no_ordinary_file_is_refused),
		TEST(a_recording_that_is_not_there_is_named),
		TEST(what_a_full_disk_tears_is_written_again),
		TEST(what_the_reader_answers_ends_the_reading),
		TEST(a_recording_of_a_later_version_is_named_as_such),
		TEST(fields_out_of_bounds_are_refused),
		TEST(an_event_over_32_KiB_is_refused),
		TEST(whatever_is_appended_is_read_again),
		TEST(what_finds_no_room_is_written_when_there_is_some),
		TEST(a_failed_flush_is_told),
		TEST(what_is_there_is_told_when_it_is_opened),
#define ZST(name) cmocka_unit_test_setup_teardown(name, setup_zst, teardown)
		ZST(what_was_appended_is_read),
		ZST(a_new_recording_has_a_header_alone),
		ZST(cut_at_every_byte_it_is_read_reopened_and_goes_on),
		ZST(every_flipped_bit_is_found_where_it_is),
		ZST(a_recording_of_another_race_is_refused),
		ZST(a_second_writer_is_refused),
		ZST(a_recording_that_is_not_there_is_named),
		ZST(what_a_full_disk_tears_is_written_again),
		ZST(what_the_reader_answers_ends_the_reading),
		ZST(whatever_is_appended_is_read_again),
		ZST(what_finds_no_room_is_written_when_there_is_some),
		ZST(what_is_there_is_told_when_it_is_opened),
		ZST(zstd_makes_the_plain_recording_of_it),
		ZST(what_zstd_made_is_read_and_grows),
		ZST(what_zstd_made_is_never_cut_off),
		ZST(a_torn_record_within_a_frame_is_read_without_it),
		ZST(a_damaged_record_in_a_whole_frame_is_found),
		ZST(a_frame_that_wants_too_much_memory_is_refused),
		ZST(a_name_that_does_not_say_what_is_in_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
