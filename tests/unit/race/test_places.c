#include "support/test.h"

#include <string.h>

#include "race/places.h"

struct row {
	struct race_key key;
	const char *label;
};

struct fixture {
	struct row rows[40];
	char labels[40][8];
	uint32_t count;
	struct places places;
};

static const struct race_key *
key(const void *arg, uint32_t slot)
{
	const struct fixture *f = arg;

	return &f->rows[slot].key;
}

static const char *
label(const void *arg, uint32_t slot)
{
	const struct fixture *f = arg;

	return f->rows[slot].label;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->places = (struct places){ NULL, key, label, f };
	f->places.order = order_new(places_cmp, &f->places);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	order_free(f->places.order);
	free(f);
	return 0;
}

static void
add(struct fixture *f, const char *name, uint8_t group, int64_t time,
    uint64_t stream, uint64_t seq)
{
	f->rows[f->count].label = name;
	f->rows[f->count].key = (struct race_key){
		.group = group,
		.key = { time, 0, 0 },
		.tie = { stream, seq },
	};
	order_touch(f->places.order, f->count++, true);
}

/* "1:a 2=:b": lines from .. from + cap - 1. */
static void
expect(struct fixture *f, size_t from, size_t cap, const char *expected)
{
	struct places_line lines[40];
	char text[400] = "";
	size_t n = places_lines(&f->places, from, lines, cap);

	for (size_t i = 0; i < n; i++) {
		struct places_line line;
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "%s%u%s:%s",
		    i > 0 ? " " : "", lines[i].place, lines[i].tied ? "=" : "",
		    f->rows[lines[i].slot].label);
		assert_int_equal(places_find(&f->places, lines[i].slot, &line),
		    from + i);
		assert_int_equal(line.slot, lines[i].slot);
		assert_int_equal(line.place, lines[i].place);
		assert_int_equal(line.tied, lines[i].tied);
	}
	assert_string_equal(text, expected);
}

static void
places_are_1_2_2_4(void **state)
{
	struct fixture *f = *state;

	add(f, "d", 0, 30, 0, 0);
	add(f, "b", 0, 20, 0, 0);
	add(f, "c", 0, 20, 0, 0);
	add(f, "a", 0, 10, 0, 0);
	expect(f, 0, 9, "1:a 2=:b 2=:c 4:d");
	expect(f, 2, 1, "2=:c");
	expect(f, 4, 1, "");
}

static void
only_the_placed_have_places(void **state)
{
	struct fixture *f = *state;

	add(f, "x", RACE_GROUP_RUNNING, 5, 0, 0);
	add(f, "y", RACE_GROUP_RUNNING, 5, 0, 0);
	add(f, "a", RACE_GROUP_PLACED, 10, 0, 0);
	expect(f, 0, 9, "1:a 0:x 0:y");
}

static void
seq_decides_within_a_stream(void **state)
{
	struct fixture *f = *state;

	add(f, "a", 0, 10, 7, 5);
	add(f, "b", 0, 10, 7, 4);
	add(f, "c", 0, 10, 7, 6);
	expect(f, 0, 9, "1:b 2:a 3:c");
}

static void
several_streams_share_and_stand_by_label(void **state)
{
	struct fixture *f = *state;

	add(f, "first", 0, 5, 7, 1);
	add(f, "3", 0, 10, 7, 5);
	add(f, "10", 0, 10, 8, 4);
	add(f, "2", 0, 10, 7, 6);
	add(f, "last", 0, 11, 8, 9);
	expect(f, 0, 9, "1:first 2=:2 2=:3 2=:10 5:last");
	/* From within the group, too. */
	expect(f, 2, 2, "2=:3 2=:10");
	expect(f, 3, 1, "2=:10");
	f->rows[2].key.tie.stream = 7;
	order_touch(f->places.order, 2, true);
	expect(f, 0, 9, "1:first 2:10 3:3 4:2 5:last");
}

/* A page at a time or a line at a time: the same listing. */
static void
any_page_is_a_part_of_the_whole(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();
	struct places_line all[40];

	for (uint32_t i = 0; i < 40; i++) {
		snprintf(f->labels[i], sizeof f->labels[i], "%u", 40 - i);
		add(f, f->labels[i], (uint8_t)test_below(&random, 2),
		    (int64_t)test_below(&random, 5), 1 + test_below(&random, 2),
		    1 + test_below(&random, 99));
	}
	assert_int_equal(places_lines(&f->places, 0, all, 40), 40);
	for (size_t from = 0; from < 40; from++)
		for (size_t cap = 0; cap <= 40; cap++) {
			struct places_line some[40];
			size_t n = places_lines(&f->places, from, some, cap);

			assert_int_equal(n, cap < 40 - from ? cap : 40 - from);
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(some[i].slot,
				    all[from + i].slot);
				assert_int_equal(some[i].place,
				    all[from + i].place);
				assert_int_equal(some[i].tied,
				    all[from + i].tied);
			}
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(places_are_1_2_2_4),
		TEST(only_the_placed_have_places),
		TEST(seq_decides_within_a_stream),
		TEST(several_streams_share_and_stand_by_label),
		TEST(any_page_is_a_part_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
