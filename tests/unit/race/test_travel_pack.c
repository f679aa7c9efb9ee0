#include "support/test.h"

#include <string.h>

#include "race/travel_pack.h"

/* Numbers of all sizes, and of both signs. */
static int64_t
any(uint64_t *random)
{
	uint64_t n = test_random(random) >> test_below(random, 64);

	return (int64_t)(test_below(random, 3) == 0 ? ~n : n);
}

static void
make_row(uint64_t *random, struct race_row *r, int64_t splits[TRAVEL_SPLITS])
{
	*r = (struct race_row){ .status =
		                    (enum race_status)test_below(random, 8),
		.splits = splits,
		.split_count = test_below(random, TRAVEL_SPLITS + 1),
		.elapsed_us = any(random),
		.metres = (uint32_t)any(random),
		.point = (int)test_below(random, 65) - 1 };
	r->sort.group = (uint8_t)test_below(random, 8);
	r->sort.key[0] = any(random);
	if (test_below(random, 2) == 0)
		r->sort.key[2] = any(random);
	if (test_below(random, 2) == 0)
		r->sort.tie = (struct race_id){ test_random(random), 7 };
	if (test_below(random, 2) == 0)
		r->clock = test_random(random);
	if (test_below(random, 2) == 0)
		r->bound_us = any(random);
	if (test_below(random, 2) == 0) {
		r->counted = (uint32_t)any(random);
		r->finishers = (uint32_t)any(random);
		r->women = (uint32_t)any(random);
		r->men = (uint32_t)any(random);
		r->places = (uint32_t)any(random);
	}
	for (size_t i = 0; i < r->split_count; i++)
		splits[i] =
		    test_below(random, 4) == 0 ? RACE_NO_SPLIT : any(random);
}

static void
compare(const struct race_row *a, const struct race_row *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->sort.group, b->sort.group);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(a->sort.key[i], b->sort.key[i]);
	assert_int_equal(a->sort.tie.stream, b->sort.tie.stream);
	assert_int_equal(a->sort.tie.seq, b->sort.tie.seq);
	assert_int_equal(a->elapsed_us, b->elapsed_us);
	assert_int_equal(a->metres, b->metres);
	assert_int_equal(a->point, b->point);
	assert_int_equal(a->counted, b->counted);
	assert_int_equal(a->finishers, b->finishers);
	assert_int_equal(a->women, b->women);
	assert_int_equal(a->men, b->men);
	assert_int_equal(a->places, b->places);
	assert_int_equal(a->bound_us, b->bound_us);
	assert_int_equal(a->clock, b->clock);
	assert_int_equal(a->split_count, b->split_count);
	for (size_t i = 0; i < a->split_count; i++)
		assert_int_equal(a->splits[i], b->splits[i]);
}

static void
a_row_comes_out_as_it_went_in(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t splits[TRAVEL_SPLITS];
		int64_t again[TRAVEL_SPLITS];
		struct travel_bytes b = { NULL, 0, 0 };
		struct race_row in;
		struct race_row out;

		make_row(&random, &in, splits);
		travel_pack_row(&b, &in);
		travel_unpack_row(b.data, again, &out);
		compare(&in, &out);
		free(b.data);
	}
}

static void
how_far_it_can_be_relied_on_comes_out_as_it_went_in(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct travel_bytes b = { NULL, 0, 0 };
		struct race_outlook in = { .open = test_below(&random, 2) == 0,
			.from = { any(&random), any(&random), any(&random) },
			.published =
			    (enum race_publication)test_below(&random, 4),
			.since_us = any(&random) };
		struct race_outlook out;

		travel_pack_outlook(&b, &in);
		travel_unpack_outlook(b.data, &out);
		assert_int_equal(in.open, out.open);
		assert_memory_equal(in.from, out.from, sizeof in.from);
		assert_int_equal(in.published, out.published);
		assert_int_equal(in.since_us, out.since_us);
		free(b.data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_comes_out_as_it_went_in),
		cmocka_unit_test(
		    how_far_it_can_be_relied_on_comes_out_as_it_went_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
