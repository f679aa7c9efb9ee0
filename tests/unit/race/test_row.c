#include "support/test.h"

#include <string.h>

#include "race/row.h"

static const int64_t splits[] = { 0, 5, RACE_NO_SPLIT };

static const struct race_row example = {
	.label = "12",
	.status = RACE_RUNNING,
	.sort = { .group = RACE_GROUP_RUNNING,
	    .key = { -4000, 5, 0 },
	    .tie = { 7, 9 } },
	.elapsed_us = -1,
	.metres = 4000,
	.point = 1,
	.splits = splits,
	.split_count = 3,
	.counted = 2,
	.finishers = 1,
	.women = 4,
	.men = 6,
	.places = 11,
	.bound_us = 3,
	.clock = 8,
};

static void
the_hash_is_the_same_everywhere(void **state)
{
	(void)state;
	assert_int_equal(row_hash(&example), UINT64_C(0x7f01b66144348f5d));
}

static void
every_field_changes_the_hash(void **state)
{
	static const int64_t others[] = { 0, 6, RACE_NO_SPLIT };
	struct race_row rows[25];
	size_t n = sizeof rows / sizeof *rows;

	(void)state;
	for (size_t i = 0; i < n; i++)
		rows[i] = example;
	rows[1].label = "13";
	rows[2].status = RACE_FINISHED;
	rows[3].sort.group = RACE_GROUP_PLACED;
	rows[4].sort.key[0]++;
	rows[5].sort.key[1]++;
	rows[6].sort.key[2]++;
	rows[7].sort.tie.stream++;
	rows[8].sort.tie.seq++;
	rows[9].elapsed_us++;
	rows[10].metres++;
	rows[11].point = -1;
	rows[12].splits = others;
	rows[13].split_count = 2;
	rows[14].counted++;
	rows[15].finishers++;
	rows[16].bound_us++;
	rows[17].clock++;
	rows[18].women++;
	rows[19].men++;
	rows[20].places++;
	rows[21].points++;
	rows[22].wins++;
	rows[23].why = "more wins: 3 to 2";
	rows[24].dropped++;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(row_hash(&rows[i]),
			    row_hash(&rows[j]));
}

static void
the_longest_row_has_a_hash(void **state)
{
	char label[RACE_ROW_MAX + 1];
	char why[RACE_WHY_MAX + 1];
	int64_t many[RACE_POINTS_MAX] = { 0 };
	struct race_row row = example;

	(void)state;
	memset(label, 'x', RACE_ROW_MAX);
	label[RACE_ROW_MAX] = '\0';
	row.label = label;
	row.splits = many;
	row.split_count = RACE_POINTS_MAX;
	memset(why, 'y', RACE_WHY_MAX);
	why[RACE_WHY_MAX] = '\0';
	row.why = why;
	assert_int_not_equal(row_hash(&row), row_hash(&example));
}

static void
each_key_decides_only_where_those_before_are_equal(void **state)
{
	struct race_key low = { .group = 0, .key = { 1, 9, 9 } };
	struct race_key high = { .group = 0, .key = { 2, 0, 0 } };

	(void)state;
	assert_true(row_key_cmp(&low, &high) < 0);
	assert_true(row_key_cmp(&high, &low) > 0);
	high = (struct race_key){ .group = 0, .key = { 1, 10, 0 } };
	assert_true(row_key_cmp(&low, &high) < 0);
	high = (struct race_key){ .group = 0, .key = { 1, 9, 10 } };
	assert_true(row_key_cmp(&low, &high) < 0);
	high = (struct race_key){ .group = 1, .key = { -5, 0, 0 } };
	assert_true(row_key_cmp(&low, &high) < 0);
	low.key[0] = INT64_MIN;
	high = (struct race_key){ .group = 0, .key = { INT64_MAX, 0, 0 } };
	assert_true(row_key_cmp(&low, &high) < 0);
}

static void
equal_keys_are_listed_by_stream_then_seq_then_label(void **state)
{
	struct race_key a = { .key = { 5, 0, 0 }, .tie = { 1, 8 } };
	struct race_key b = { .key = { 5, 0, 0 }, .tie = { 2, 3 } };

	(void)state;
	assert_int_equal(row_key_cmp(&a, &b), 0);
	assert_true(row_cmp(&a, "9", &b, "1") < 0);
	b.tie.stream = 1;
	assert_true(row_cmp(&a, "9", &b, "1") > 0);
	b.tie.seq = 8;
	assert_true(row_cmp(&a, "9", &b, "10") < 0);
	assert_true(row_cmp(&a, "A", &b, "10") > 0);
	assert_int_equal(row_cmp(&a, "7", &b, "7"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_the_same_everywhere),
		cmocka_unit_test(every_field_changes_the_hash),
		cmocka_unit_test(the_longest_row_has_a_hash),
		cmocka_unit_test(
		    each_key_decides_only_where_those_before_are_equal),
		cmocka_unit_test(
		    equal_keys_are_listed_by_stream_then_seq_then_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
