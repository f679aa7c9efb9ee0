/*
 * A whole small race as it was recorded, plain and compressed: cut off at every
 * byte it is verified, gone on with, and gives the same boards; a flipped bit
 * in any byte is found, and what is before it is good.
 */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "control/verify.h"
#include "proto/wire.h"
#include "race/export.h"
#include "race/past.h"
#include "race/recorder.h"

enum {
	STORE = 7,
	OPERATOR = 50,
	STATION = 100,
	RUNNERS = 46,
	EVENTS_MAX = 4 * RUNNERS + 20,
	A_SYNC = 9,  /* events */
	BOARDS = 211 /* every so many cuts they are looked at */
};

static const int64_t gun_us = INT64_C(1411286400000000);

/* A test is not to wait for the disk. */
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

static char none[] = "";
static struct race_wave waves[] = { { .name = (char[]){ "masse" },
    .gun_us = INT64_C(1411286400000000) } };
static struct race_point points[] = {
	{ .name = (char[]){ "depart" }, .metres = 0 },
	{ .name = (char[]){ "mi-course" }, .metres = 4000 },
	{ .name = (char[]){ "arrivee" }, .metres = 8000 },
};
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "scratch" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 2 },
	{ .name = (char[]){ "femmes" },
	    .sex = (char[]){ "F" },
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = RACE_LIVE },
	{ .name = (char[]){ "equipes" },
	    .of = RACE_TEAMS,
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 2,
	    .best = 2 },
};
static struct race_rules rules = { .title = (char[]){ "Une course" },
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "Europe/Paris" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 3,
	.rankings = rankings,
	.ranking_count = 3 };

static const struct recording_header header = { STORE, "Une course", "test" };

struct fixture {
	char folder[64];
	char path[128];
	struct recording_record log[EVENTS_MAX];
	uint8_t *bodies[EVENTS_MAX];
	size_t count;
	uint8_t *whole; /* the file as it was written, */
	size_t len;
	uint8_t *plain; /* ... and what is in it */
	size_t plain_len;
	size_t ends[EVENTS_MAX];     /* of the header and of each sync */
	uint64_t events[EVENTS_MAX]; /* ... and how many there are then */
	size_t end_count;
	char *boards;
	struct verify got;
	struct err err;
};

/* ---- the race ---- */

static void
log_event(struct fixture *f, uint64_t stream, const struct race_event *e)
{
	struct recording_record *rec = &f->log[f->count];
	struct wire_buffer b = { 0 };
	uint64_t chain = 0;

	assert_true(f->count < EVENTS_MAX);
	*rec = (struct recording_record){ .log = f->count + 1,
		.id = { stream, 1 },
		.stream_name = stream < STATION ? "table" : "arrivée",
		.received_us = gun_us + (int64_t)f->count * 1000 };
	for (size_t i = 0; i < f->count; i++) {
		if (f->log[i].id.stream != stream)
			continue;
		rec->id.seq = f->log[i].id.seq + 1;
		chain = f->log[i].chain;
	}
	assert_true(wire_put_event(&b, e) > 0);
	f->bodies[f->count] = xmalloc(b.len);
	memcpy(f->bodies[f->count], b.data, b.len);
	rec->event = f->bodies[f->count];
	rec->len = b.len;
	rec->chain = hash_chain(chain, b.data, b.len);
	wire_buffer_free(&b);
	f->count++;
}

static void
log_entry(struct fixture *f, unsigned n)
{
	char bib[8];
	char name[16];
	struct race_event e = { .kind = RACE_ENTRY,
		.made_us = gun_us - 1000000 + (int64_t)n,
		.entry = { .bib = bib,
		    .name = name,
		    .sex = n % 3 == 0 ? "F" : "M",
		    .team = n % 4 == 0 ? "Axa" : "Edf",
		    .wave = "masse",
		    .category = "" } };

	snprintf(bib, sizeof bib, "%u", 10 + n);
	snprintf(name, sizeof name, "Coureur %u", n);
	log_event(f, STORE, &e);
}

static void
log_crossing(struct fixture *f, unsigned point, unsigned n)
{
	char bib[8];
	struct race_event e = { .kind = RACE_CROSSING,
		.made_us = gun_us,
		.crossing = { .point = points[point].name,
		    .bib = bib,
		    .chip = "",
		    .source = "",
		    .time_us = gun_us +
		        (int64_t)point * (900 + (int64_t)(n * 37 % 100)) *
		            1000000 +
		        (int64_t)n } };

	snprintf(bib, sizeof bib, "%u", 10 + n);
	log_event(f, STATION + point, &e);
}

static void
make_log(struct fixture *f)
{
	const struct race_event first = { .kind = RACE_RULES,
		.made_us = gun_us - 2000000,
		.rules = &rules };
	const struct race_event gun = { .kind = RACE_GUN,
		.made_us = gun_us,
		.gun = { .wave = "masse", .gun_us = gun_us + 1500000 } };

	log_event(f, STORE, &first);
	for (unsigned n = 0; n < RUNNERS; n++)
		log_entry(f, n);
	for (unsigned n = 0; n < RUNNERS; n++)
		for (unsigned p = 0; p < 3; p++)
			if ((n + p) % 7 != 0)
				log_crossing(f, p, n);
	log_event(f, OPERATOR, &gun);
}

/* ---- the file ---- */

static size_t
size_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return (size_t)st.st_size;
}

static uint8_t *
slurp(const struct fixture *f, size_t *len)
{
	char *bytes = NULL;

	assert_int_equal(files_read(f->path, 1024 * 1024, &bytes, len, NULL),
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

/* What `zstd -d` would make of it, or it. */
static uint8_t *
content(const struct fixture *f, size_t *len)
{
	size_t have;
	uint8_t *bytes = slurp(f, &have);
	size_t room = 1024 * 1024;
	uint8_t *out;

	*len = have;
	if (recording_suffix(f->path)[0] == '\0')
		return bytes;
	out = xmalloc(room);
	*len = ZSTD_decompress(out, room, bytes, have);
	assert_false(ZSTD_isError(*len));
	free(bytes);
	return out;
}

/* Gives it the log from where it wants it; how many it took. */
static uint64_t
go_on(struct fixture *f, struct recorder *r)
{
	uint64_t added = 0;

	assert_int_equal(recorder_begin(r, &header, &f->err), 0);
	for (size_t i = recorder_after(r); i < f->count; i++) {
		int rc = recorder_take(r, &f->log[i],
		    f->log[i].id.stream >= STATION, &f->err);

		assert_true(rc >= 0);
		added += (uint64_t)rc;
	}
	assert_int_equal(recorder_sync(r, &f->err), 0);
	return added;
}

static uint64_t
recover(struct fixture *f)
{
	struct recorder *r;
	uint64_t added;

	assert_int_equal(recorder_open(&r, f->path, 1, &f->err), 0);
	added = go_on(f, r);
	recorder_free(r);
	return added;
}

static void
note_end(struct fixture *f, uint64_t events)
{
	f->ends[f->end_count] = size_of(f);
	f->events[f->end_count++] = events;
}

/* Each record by itself, or what fits into a frame. */
static void
record_all(struct fixture *f)
{
	size_t step = recording_suffix(f->path)[0] != '\0' ? A_SYNC : 1;
	struct recording *r;

	assert_int_equal(recording_open(&r, f->path, &header, &f->err), 0);
	note_end(f, 0);
	for (size_t i = 0; i < f->count; i++) {
		assert_int_equal(recording_append(r, &f->log[i]), 0);
		if ((i + 1) % step != 0 && i + 1 < f->count)
			continue;
		assert_int_equal(recording_sync(r), 0);
		note_end(f, i + 1);
	}
	recording_free(r);
	f->whole = slurp(f, &f->len);
	f->plain = content(f, &f->plain_len);
}

/* Of the syncs the last one that is not behind that byte; SIZE_MAX: the header
 * is not there. */
static size_t
end_before(const struct fixture *f, size_t at)
{
	size_t i = 0;

	while (i < f->end_count && f->ends[i] <= at)
		i++;
	return i - 1;
}

/* Every ranking as it is exported, in one text for free(). */
static char *
boards(struct fixture *f)
{
	const struct past_source from = { .from = f->path };
	struct past past;
	struct race_row row;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(past_load(&from, &past, NULL, NULL, &f->err), 0);
	for (size_t v = 0; v < past.book->rules->ranking_count; v++) {
		struct rank *rank = past.book->rank;
		struct board *board = board_new();

		for (size_t i = 0; i < rank_slots(rank, v); i++)
			if (rank_row(rank, v, (uint32_t)i, &row))
				board_put(board, &row, 1);
		assert_int_equal(export_ranking(out, EXPORT_CSV,
		                     past.book->rules, v, board,
		                     past.book->roster),
		    0);
		board_free(board);
	}
	fclose(out);
	past_clear(&past);
	return text;
}

static int
setup_as(void **state, const char *name)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-recovery-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/%s", f->folder, name);
	make_log(f);
	record_all(f);
	f->boards = boards(f);
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

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->count; i++)
		free(f->bodies[i]);
	free(f->whole);
	free(f->plain);
	free(f->boards);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* ---- tests ---- */

static void
the_race_is_a_race(void **state)
{
	struct fixture *f = *state;

	assert_non_null(strstr(f->boards, "Coureur 45"));
	assert_non_null(strstr(f->boards, "Axa"));
	assert_non_null(strstr(f->boards, "finished"));
	assert_true(f->plain_len > 12000);
}

static void
assert_same_boards(struct fixture *f)
{
	char *text = boards(f);

	assert_string_equal(text, f->boards);
	free(text);
}

static void
assert_verified(struct fixture *f, uint64_t events)
{
	assert_int_equal(verify_file(f->path, &f->got, &f->err), 0);
	assert_int_equal(f->got.events, events);
	assert_int_equal(f->got.bytes, size_of(f));
	assert_false(f->got.torn);
}

static void
cut_at_every_byte_it_is_recovered(void **state)
{
	struct fixture *f = *state;

	for (size_t cut = 0; cut <= f->len; cut++) {
		size_t i = end_before(f, cut);
		uint64_t left = i != SIZE_MAX ? f->events[i] : 0;
		uint8_t *bytes;
		size_t len;
		int rc;

		spill(f, f->whole, cut);
		rc = verify_file(f->path, &f->got, &f->err);
		assert_int_equal(rc, i != SIZE_MAX ? 0 : -EUCLEAN);
		assert_int_equal(f->got.events, left);
		if (i != SIZE_MAX)
			assert_int_equal(f->got.torn, cut > f->ends[i]);
		assert_int_equal(recover(f), f->count - left);
		assert_verified(f, f->count);
		bytes = content(f, &len);
		assert_int_equal(len, f->plain_len);
		assert_memory_equal(bytes, f->plain, len);
		free(bytes);
		if (cut % BOARDS == 0)
			assert_same_boards(f);
	}
}

/* Where the message says that it is. */
static size_t
damaged_at(const struct fixture *f)
{
	const char *at = strstr(f->err.text, "damaged at byte ");
	size_t byte;

	assert_non_null(at);
	assert_int_equal(sscanf(at, "damaged at byte %zu:", &byte), 1);
	return byte;
}

static void
flip(struct fixture *f, size_t at, unsigned bit)
{
	size_t i = end_before(f, at);
	struct recorder *r;
	int rc;

	f->whole[at] ^= (uint8_t)(1U << bit);
	spill(f, f->whole, f->len);
	f->whole[at] ^= (uint8_t)(1U << bit);
	rc = verify_file(f->path, &f->got, &f->err);
	assert_true(rc == -EUCLEAN || (i == SIZE_MAX && rc == -EPROTO));
	assert_int_equal(f->got.events, i != SIZE_MAX ? f->events[i] : 0);
	if (i != SIZE_MAX)
		assert_int_equal(damaged_at(f), f->ends[i]);
	/* Nobody writes behind it, or cuts it off. */
	assert_int_equal(recorder_open(&r, f->path, 1, &f->err), rc);
	assert_int_equal(size_of(f), f->len);
}

static void
a_flipped_bit_in_any_byte_is_found_there(void **state)
{
	struct fixture *f = *state;

	for (size_t at = 0; at < f->len; at++) {
		flip(f, at, (unsigned)at % 8);
		flip(f, at, (unsigned)(at + 3) % 8);
		flip(f, at, (unsigned)(at * 5 + 6) % 8);
	}
}

static void
what_is_before_the_damage_goes_on_as_it_says(void **state)
{
	struct fixture *f = *state;

	for (size_t at = f->ends[0]; at < f->len; at += 17) {
		size_t good;

		f->whole[at] ^= 4;
		spill(f, f->whole, f->len);
		f->whole[at] ^= 4;
		assert_int_equal(verify_file(f->path, &f->got, &f->err),
		    -EUCLEAN);
		good = damaged_at(f);
		assert_true(good <= at);
		/* head -c */
		spill(f, f->whole, good);
		assert_verified(f, f->got.events);
		assert_int_equal(recover(f), f->count - f->got.events);
		assert_verified(f, f->count);
		assert_same_boards(f);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define ZST(name)  cmocka_unit_test_setup_teardown(name, setup_zst, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_race_is_a_race),
		TEST(cut_at_every_byte_it_is_recovered),
		TEST(a_flipped_bit_in_any_byte_is_found_there),
		TEST(what_is_before_the_damage_goes_on_as_it_says),
		ZST(the_race_is_a_race),
		ZST(cut_at_every_byte_it_is_recovered),
		ZST(a_flipped_bit_in_any_byte_is_found_there),
		ZST(what_is_before_the_damage_goes_on_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
