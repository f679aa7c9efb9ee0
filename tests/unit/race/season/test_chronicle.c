/* What the recording of a season says: files in parts, what races give, and the
 * events that make one of the other. */
#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/season/chronicle.h"
#include "race/season/key.h"

enum { EVENTS_MAX = 400, NAMES = 4, KEYS = 12, ROUNDS = 400 };

/* Events that were said, each with its own copy of what it points to. */
struct said {
	struct race_event e[EVENTS_MAX];
	char *bytes[EVENTS_MAX];
	size_t count;
};

struct fixture {
	struct chronicle *c;
	struct said said;
	const char *why;
};

static void
forget(struct said *s)
{
	while (s->count > 0)
		free(s->bytes[--s->count]);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	f->c = chronicle_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	chronicle_free(f->c);
	forget(&f->said);
	free(f);
	return 0;
}

/* ---- helpers ---- */

static int
apply(struct fixture *f, struct race_event e)
{
	return chronicle_apply(f->c, &e, &f->why);
}

static int
part(struct fixture *f, const char *name, uint32_t i, uint32_t parts,
    const char *text)
{
	struct race_event e = { .kind = RACE_SEASON_FILE };

	e.part = (struct season_part){ name, i, parts, (const uint8_t *)text,
		strlen(text) };
	return apply(f, e);
}

static void
put_file(struct chronicle *c, const char *name, const char *text, size_t len)
{
	char *data = xmalloc(len + 1);

	memcpy(data, text, len);
	chronicle_file(c, name, data, len);
}

static void
assert_file(const struct chronicle *c, const char *name, const char *text)
{
	const struct bundle_file *found = bundle_find(chronicle_files(c), name);

	if (text == NULL) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_int_equal(found->len, strlen(text));
	assert_memory_equal(found->data, text, found->len);
}

static struct race_event
line(uint64_t key, uint32_t place)
{
	return (struct race_event){ .kind = RACE_RESULT,
		.listed = { .key = key,
		    .result = { "2014", "8 km", "scratch", place, "Ann", "", "",
		        "", "", RACE_FINISHED, 7, SEASON_NO_VALUE, "" } } };
}

static struct race_event
given(const char *competition, bool live)
{
	return (struct race_event){ .kind = RACE_SEASON_GIVEN,
		.given = { "2014", competition, live } };
}

static int
keep(void *arg, const struct race_event *e)
{
	struct said *s = arg;
	struct race_event *to = &s->e[s->count];

	assert_in_range(s->count, 0, EVENTS_MAX - 1);
	*to = *e;
	s->bytes[s->count] = NULL;
	if (e->kind == RACE_SEASON_FILE) {
		s->bytes[s->count] = xmalloc(e->part.len + 1);
		memcpy(s->bytes[s->count], e->part.data, e->part.len);
		to->part.data = (const uint8_t *)s->bytes[s->count];
	}
	s->count++;
	return 0;
}

/* What is to be said of `now`. */
static void
differ(struct fixture *f, const struct chronicle *now)
{
	forget(&f->said);
	assert_int_equal(chronicle_differ(f->c, now, keep, &f->said), 0);
}

static void
apply_said(struct fixture *f, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(apply(f, f->said.e[i]), 0);
}

static void
count_line(void *arg, const struct race_listed *l)
{
	(void)l;
	(*(size_t *)arg)++;
}

static size_t
lines_of(const struct chronicle *c)
{
	size_t n = 0;

	chronicle_lines(c, count_line, &n);
	return n;
}

static void
count_live(void *arg, const struct season_given *g)
{
	assert_true(g->live);
	(*(size_t *)arg)++;
}

static size_t
live_of(const struct chronicle *c)
{
	size_t n = 0;

	chronicle_live(c, count_live, &n);
	return n;
}

/* ---- files ---- */

static void
a_file_of_any_length_comes_back_byte_for_byte(void **state)
{
	static const size_t lengths[] = { 0, 1, SEASON_PART_MAX - 1,
		SEASON_PART_MAX, SEASON_PART_MAX + 1, 3 * SEASON_PART_MAX };
	struct fixture *f = *state;
	char *text = xmalloc(3 * SEASON_PART_MAX);

	for (size_t i = 0; i < (size_t)3 * SEASON_PART_MAX; i++)
		text[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct chronicle *now = chronicle_new();
		const struct bundle_file *found;

		put_file(now, "palmares/a.csv", text, lengths[i]);
		differ(f, now);
		assert_int_equal(f->said.count,
		    lengths[i] == 0
		        ? 1
		        : (lengths[i] + SEASON_PART_MAX - 1) / SEASON_PART_MAX);
		apply_said(f, f->said.count);
		found = bundle_find(chronicle_files(f->c), "palmares/a.csv");
		assert_int_equal(found->len, lengths[i]);
		assert_memory_equal(found->data, text, lengths[i]);
		differ(f, now);
		assert_int_equal(f->said.count, 0);
		chronicle_free(now);
	}
	free(text);
}

static void
a_file_without_its_last_part_is_the_version_before(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(part(f, "season.yaml", 0, 1, "old"), 0);
	assert_int_equal(part(f, "season.yaml", 0, 2, "ne"), 0);
	assert_file(f->c, "season.yaml", "old");
	/* The recorder was killed there, and began anew. */
	assert_int_equal(part(f, "season.yaml", 0, 2, "NE"), 0);
	assert_int_equal(part(f, "season.yaml", 1, 2, "W"), 0);
	assert_file(f->c, "season.yaml", "NEW");
	/* Or went on with something else. */
	assert_int_equal(part(f, "season.yaml", 0, 2, "x"), 0);
	assert_int_equal(apply(f, given("A", true)), 0);
	assert_int_equal(part(f, "season.yaml", 1, 2, "y"), -EINVAL);
	assert_file(f->c, "season.yaml", "NEW");
}

static void
a_part_that_does_not_follow_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(part(f, "season.yaml", 1, 2, "b"), -EINVAL);
	assert_non_null(strstr(f->why, "does not follow"));
	assert_int_equal(part(f, "season.yaml", 0, 3, "a"), 0);
	assert_int_equal(part(f, "season.yaml", 2, 3, "c"), -EINVAL);
	assert_int_equal(part(f, "season.yaml", 1, 4, "b"), -EINVAL);
	assert_int_equal(part(f, "aliases.csv", 1, 3, "b"), -EINVAL);
	assert_int_equal(part(f, "season.yaml", 1, 3, "b"), 0);
	assert_int_equal(part(f, "season.yaml", 1, 3, "b"), -EINVAL);
	assert_int_equal(part(f, "season.yaml", 2, 3, "c"), 0);
	assert_file(f->c, "season.yaml", "abc");
}

static void
a_changed_file_is_said_anew_and_a_removed_one_is_gone(void **state)
{
	struct fixture *f = *state;
	struct chronicle *now = chronicle_new();

	put_file(f->c, "season.yaml", "T", 1);
	put_file(f->c, "aliases.csv", "A", 1);
	put_file(f->c, "palmares/a.csv", "a", 1);
	put_file(now, "season.yaml", "T", 1);
	put_file(now, "palmares/a.csv", "b", 1);
	put_file(now, "palmares/b.csv", "", 0);
	differ(f, now);
	assert_int_equal(f->said.count, 3);
	assert_int_equal(f->said.e[0].kind, RACE_SEASON_FILE_GONE);
	assert_string_equal(f->said.e[0].file_gone, "aliases.csv");
	assert_string_equal(f->said.e[1].part.name, "palmares/a.csv");
	assert_string_equal(f->said.e[2].part.name, "palmares/b.csv");
	apply_said(f, 3);
	assert_file(f->c, "aliases.csv", NULL);
	assert_file(f->c, "palmares/a.csv", "b");
	assert_file(f->c, "palmares/b.csv", "");
	assert_file(f->c, "season.yaml", "T");
	chronicle_free(now);
}

/* ---- what races give ---- */

static void
a_line_is_said_when_it_is_another_and_when_it_goes(void **state)
{
	struct fixture *f = *state;
	struct chronicle *now = chronicle_new();
	const char *why;

	for (uint64_t key = 1; key <= 3; key++) {
		struct race_event e = line(key, (uint32_t)key);

		assert_int_equal(apply(f, e), 0);
		if (key == 2)
			e.listed.result.place = 9;
		if (key < 3)
			assert_int_equal(chronicle_apply(now, &e, &why), 0);
	}
	differ(f, now);
	assert_int_equal(f->said.count, 2);
	assert_int_equal(f->said.e[0].kind, RACE_RESULT_GONE);
	assert_int_equal(f->said.e[0].result_gone, 3);
	assert_int_equal(f->said.e[1].kind, RACE_RESULT);
	assert_int_equal(f->said.e[1].listed.result.place, 9);
	apply_said(f, 2);
	assert_int_equal(lines_of(f->c), 2);
	differ(f, now);
	assert_int_equal(f->said.count, 0);
	chronicle_free(now);
}

static void
what_is_as_if_it_ended_now_is_so_until_it_is_not(void **state)
{
	struct fixture *f = *state;
	struct chronicle *now = chronicle_new();
	const struct race_event b = given("B", true);
	const char *why;

	assert_int_equal(apply(f, given("A", true)), 0);
	assert_int_equal(chronicle_apply(now, &b, &why), 0);
	differ(f, now);
	assert_int_equal(f->said.count, 2);
	assert_string_equal(f->said.e[0].given.competition, "A");
	assert_false(f->said.e[0].given.live);
	assert_string_equal(f->said.e[1].given.competition, "B");
	assert_true(f->said.e[1].given.live);
	apply_said(f, 2);
	assert_int_equal(live_of(f->c), 1);
	/* Said twice, or ended before it began. */
	assert_int_equal(apply(f, b), 0);
	assert_int_equal(apply(f, given("C", false)), 0);
	differ(f, now);
	assert_int_equal(f->said.count, 0);
	chronicle_free(now);
}

static void
what_no_recorder_says_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(apply(f, line(KEY_LEAST, 1)), -EINVAL);
	assert_non_null(strstr(f->why, "no race gives"));
	assert_int_equal(apply(f,
	                     (struct race_event){ .kind = RACE_EVENT_UNKNOWN }),
	    -EINVAL);
	assert_non_null(strstr(f->why, "later version"));
	assert_int_equal(apply(f, (struct race_event){ .kind = RACE_GUN }),
	    -EINVAL);
	assert_int_equal(apply(f,
	                     (struct race_event){ .kind = RACE_SEASON_MOMENT }),
	    0);
	assert_int_equal(lines_of(f->c), 0);
}

/* ---- any season ---- */

static const char *const names[NAMES] = { "season.yaml", "aliases.csv",
	"palmares/a.csv", "palmares/b.csv" };

static struct chronicle *
any_season(uint64_t *seed)
{
	struct chronicle *c = chronicle_new();
	char text[8];
	const char *why;

	for (size_t i = 0; i < NAMES; i++) {
		size_t len = test_below(seed, sizeof text);

		memset(text, (int)('a' + test_below(seed, 2)), sizeof text);
		if (test_below(seed, 4) > 0)
			put_file(c, names[i], text, len);
	}
	for (uint64_t key = 1; key <= KEYS; key++) {
		struct race_event e = line(key, (uint32_t)test_below(seed, 3));

		if (test_below(seed, 3) > 0)
			assert_int_equal(chronicle_apply(c, &e, &why), 0);
	}
	for (size_t i = 0; i < NAMES; i++) {
		struct race_event e = given(names[i], true);

		if (test_below(seed, 2) > 0)
			assert_int_equal(chronicle_apply(c, &e, &why), 0);
	}
	return c;
}

/* Any season becomes any other by what is said, were the recorder stopped
 * anywhere in it. */
static void
what_is_said_makes_one_of_the_other(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (size_t i = 0; i < ROUNDS; i++) {
		struct chronicle *now = any_season(&seed);

		differ(f, now);
		apply_said(f, test_below(&seed, f->said.count + 1));
		if (i % 2 == 0) {
			chronicle_free(now);
			now = any_season(&seed);
		}
		differ(f, now);
		apply_said(f, f->said.count);
		differ(f, now);
		assert_int_equal(f->said.count, 0);
		assert_int_equal(lines_of(f->c), lines_of(now));
		assert_int_equal(live_of(f->c), live_of(now));
		assert_int_equal(chronicle_files(f->c)->count,
		    chronicle_files(now)->count);
		chronicle_free(now);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_of_any_length_comes_back_byte_for_byte),
		TEST(a_file_without_its_last_part_is_the_version_before),
		TEST(a_part_that_does_not_follow_is_refused),
		TEST(a_changed_file_is_said_anew_and_a_removed_one_is_gone),
		TEST(a_line_is_said_when_it_is_another_and_when_it_goes),
		TEST(what_is_as_if_it_ended_now_is_so_until_it_is_not),
		TEST(what_no_recorder_says_is_refused),
		TEST(what_is_said_makes_one_of_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
