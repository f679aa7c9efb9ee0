#include "support/test.h"

#include "race/order.h"

enum { SLOTS = 300 };

/* Keys as a caller keeps them. */
struct members {
	int key[SLOTS];
	bool present[SLOTS];
	unsigned compared;
	struct order *order;
};

static int
cmp(const void *arg, uint32_t a, uint32_t b)
{
	const struct members *m = arg;

	if (m->key[a] != m->key[b])
		return m->key[a] < m->key[b] ? -1 : 1;
	return (a > b) - (a < b);
}

static int
set_up(void **state)
{
	struct members *m = calloc(1, sizeof *m);

	m->order = order_new(cmp, m);
	*state = m;
	return 0;
}

static int
tear_down(void **state)
{
	struct members *m = *state;

	order_free(m->order);
	free(m);
	return 0;
}

static void
set(struct members *m, uint32_t slot, int key)
{
	m->key[slot] = key;
	m->present[slot] = true;
	order_touch(m->order, slot, true);
}

static void
drop(struct members *m, uint32_t slot)
{
	m->present[slot] = false;
	order_touch(m->order, slot, false);
}

static void
nobody_is_nowhere(void **state)
{
	struct members *m = *state;

	assert_int_equal(order_count(m->order), 0);
	assert_int_equal(order_at(m->order, 0), ORDER_NONE);
	drop(m, 7);
	assert_int_equal(order_count(m->order), 0);
}

static void
members_stand_in_the_order_of_their_keys(void **state)
{
	struct members *m = *state;

	set(m, 0, 30);
	set(m, 1, 10);
	set(m, 5, 20);
	assert_int_equal(order_count(m->order), 3);
	assert_int_equal(order_at(m->order, 0), 1);
	assert_int_equal(order_at(m->order, 1), 5);
	assert_int_equal(order_at(m->order, 2), 0);
	assert_int_equal(order_at(m->order, 3), ORDER_NONE);
	assert_int_equal(order_index(m->order, 5), 1);
}

static void
keys_may_change_together_before_somebody_asks(void **state)
{
	struct members *m = *state;

	for (uint32_t i = 0; i < SLOTS; i++)
		set(m, i, (int)i);
	assert_int_equal(order_at(m->order, 0), 0);
	for (uint32_t i = 0; i < SLOTS; i++)
		set(m, i, -(int)i);
	drop(m, SLOTS - 1);
	assert_int_equal(order_count(m->order), SLOTS - 1);
	assert_int_equal(order_at(m->order, 0), SLOTS - 2);
	assert_int_equal(order_index(m->order, 0), SLOTS - 2);
}

static void
who_comes_back_is_there_once(void **state)
{
	struct members *m = *state;

	set(m, 1, 5);
	drop(m, 1);
	set(m, 1, 6);
	set(m, 1, 7);
	assert_int_equal(order_count(m->order), 1);
	drop(m, 1);
	assert_int_equal(order_count(m->order), 0);
}

struct bound {
	const struct members *members;
	int key;
};

static bool
less(const void *arg, uint32_t slot)
{
	const struct bound *b = arg;

	return b->members->key[slot] < b->key;
}

static void
a_group_of_equals_has_a_beginning(void **state)
{
	struct members *m = *state;
	struct bound bound = { m, 20 };

	set(m, 0, 10);
	set(m, 1, 20);
	set(m, 2, 20);
	set(m, 3, 30);
	assert_int_equal(order_partition(m->order, less, &bound), 1);
	bound.key = 21;
	assert_int_equal(order_partition(m->order, less, &bound), 3);
	bound.key = 0;
	assert_int_equal(order_partition(m->order, less, &bound), 0);
	bound.key = 99;
	assert_int_equal(order_partition(m->order, less, &bound), 4);
}

/* Against counting who comes before, one by one. */
static void
check(struct members *m)
{
	size_t count = 0;

	for (uint32_t i = 0; i < SLOTS; i++) {
		size_t before = 0;

		if (!m->present[i])
			continue;
		count++;
		for (uint32_t j = 0; j < SLOTS; j++)
			before += m->present[j] && cmp(m, j, i) < 0;
		assert_int_equal(order_index(m->order, i), before);
		assert_int_equal(order_at(m->order, before), i);
		assert_int_equal(order_next(m->order, i),
		    order_at(m->order, before + 1));
	}
	assert_int_equal(order_count(m->order), count);
}

static void
random_changes_agree_with_counting(void **state)
{
	struct members *m = *state;
	uint64_t random = test_seed();

	for (int round = 0; round < 200; round++) {
		/* Few are put in again, many sorted. */
		uint64_t changes = test_below(&random, 150);

		for (uint64_t i = 0; i < changes; i++) {
			uint32_t slot = (uint32_t)test_below(&random, SLOTS);

			if (test_below(&random, 3) == 0)
				drop(m, slot);
			else
				set(m, slot, (int)test_below(&random, 50));
		}
		check(m);
	}
}

static int
cmp_counted(const void *arg, uint32_t a, uint32_t b)
{
	/* Counting is the only thing that a comparison changes here. */
	union {
		const void *from;
		struct members *to;
	} u = { arg };

	u.to->compared++;
	return (a > b) - (a < b);
}

/* Coming in order is the worst for a tree that does not balance. */
static void
a_long_sorted_list_stays_shallow(void **state)
{
	struct members *m = *state;
	struct order *o = order_new(cmp_counted, m);

	for (uint32_t i = 0; i < 100000; i++)
		order_touch(o, i, true);
	assert_int_equal(order_count(o), 100000);
	/* 2 ln n = 23 comparisons a member on average, and some room; each
	 * neighbour has to be looked at. */
	assert_in_range(m->compared, 100000 - 1, 100000 * 40);
	assert_int_equal(order_at(o, 77777), 77777);
	order_free(o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_nowhere),
		TEST(members_stand_in_the_order_of_their_keys),
		TEST(keys_may_change_together_before_somebody_asks),
		TEST(who_comes_back_is_there_once),
		TEST(a_group_of_equals_has_a_beginning),
		TEST(random_changes_agree_with_counting),
		TEST(a_long_sorted_list_stays_shallow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
