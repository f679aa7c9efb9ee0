#include "support/test.h"

#include <string.h>

#include "common/strmap.h"

enum { MODEL_KEYS = 300 };

struct model {
	char key[MODEL_KEYS][8];
	const char *copy[MODEL_KEYS];
	uint32_t number[MODEL_KEYS];
	size_t count;
};

static size_t
model_find(const struct model *m, const char *key)
{
	size_t i = 0;

	while (i < m->count && strcmp(m->key[i], key) != 0)
		i++;
	return i;
}

static void
model_put(struct model *m, struct strmap *map, const char *key, uint32_t number)
{
	size_t i = model_find(m, key);
	const char *copy = strmap_put(map, key, number);

	if (i == m->count) {
		snprintf(m->key[i], sizeof m->key[i], "%s", key);
		m->copy[i] = copy;
		m->count++;
	}
	assert_ptr_equal(copy, m->copy[i]);
	m->number[i] = number;
}

static void
a_map_agrees_with_a_list_that_is_searched(void **state)
{
	static struct model m;
	struct strmap *map = strmap_new();
	uint64_t random = test_seed();
	char key[8];

	(void)state;
	for (int step = 0; step < 20000; step++) {
		size_t i;

		snprintf(key, sizeof key, "%d",
		    (int)test_below(&random, MODEL_KEYS));
		if (test_below(&random, 20) == 0)
			model_put(&m, map, key, (uint32_t)step);
		i = model_find(&m, key);
		assert_int_equal(strmap_get(map, key),
		    i < m.count ? m.number[i] : STRMAP_NONE);
		assert_int_equal(strmap_count(map), m.count);
	}
	assert_true(m.count > MODEL_KEYS / 2);
	strmap_free(map);
}

static void
an_empty_map_knows_nothing(void **state)
{
	struct strmap *map = strmap_new();

	(void)state;
	assert_int_equal(strmap_get(map, ""), STRMAP_NONE);
	assert_int_equal(strmap_get(map, "12"), STRMAP_NONE);
	assert_int_equal(strmap_count(map), 0);
	strmap_free(map);
	strmap_free(NULL);
}

static void
keys_that_begin_alike_are_different(void **state)
{
	struct strmap *map = strmap_new();

	(void)state;
	strmap_put(map, "", 1);
	strmap_put(map, "7", 2);
	strmap_put(map, "07", 3);
	strmap_put(map, "7 ", 4);
	assert_int_equal(strmap_get(map, ""), 1);
	assert_int_equal(strmap_get(map, "7"), 2);
	assert_int_equal(strmap_get(map, "07"), 3);
	assert_int_equal(strmap_get(map, "7 "), 4);
	assert_int_equal(strmap_get(map, "70"), STRMAP_NONE);
	strmap_free(map);
}

static void
keys_differ_in_their_last_byte_at_every_length(void **state)
{
	enum { LONGEST = 40 };
	struct strmap *map = strmap_new();
	char key[LONGEST + 1];

	(void)state;
	for (uint32_t len = 1; len <= LONGEST; len++)
		for (uint32_t last = 0; last < 3; last++) {
			memset(key, 'k', len);
			key[len - 1] = (char)('a' + last);
			key[len] = '\0';
			assert_int_equal(strmap_get(map, key), STRMAP_NONE);
			strmap_put(map, key, 3 * len + last);
		}
	for (uint32_t len = 1; len <= LONGEST; len++)
		for (uint32_t last = 0; last < 3; last++) {
			memset(key, 'k', len);
			key[len - 1] = (char)('a' + last);
			key[len] = '\0';
			assert_int_equal(strmap_get(map, key), 3 * len + last);
		}
	assert_int_equal(strmap_count(map), 3 * LONGEST);
	strmap_free(map);
}

static void
a_key_is_copied(void **state)
{
	struct strmap *map = strmap_new();
	char key[] = "12";

	(void)state;
	const char *copy = strmap_put(map, key, 5);
	key[1] = '3';
	assert_string_equal(copy, "12");
	assert_int_equal(strmap_get(map, "12"), 5);
	assert_int_equal(strmap_get(map, "13"), STRMAP_NONE);
	strmap_free(map);
}

static void
a_key_may_be_longer_than_all_others(void **state)
{
	struct strmap *map = strmap_new();
	char *key = malloc(100001);

	(void)state;
	assert_non_null(key);
	memset(key, 'x', 100000);
	key[100000] = '\0';
	strmap_put(map, "before", 1);
	assert_string_equal(strmap_put(map, key, 2), key);
	strmap_put(map, "behind", 3);
	assert_int_equal(strmap_get(map, "before"), 1);
	assert_int_equal(strmap_get(map, key), 2);
	assert_int_equal(strmap_get(map, "behind"), 3);
	strmap_free(map);
	free(key);
}

static void
copies_stay_where_they_are_while_the_map_grows(void **state)
{
	enum { KEYS = 200000 };
	struct strmap *map = strmap_new();
	const char **copies = calloc(KEYS, sizeof *copies);
	char key[16];

	(void)state;
	assert_non_null(copies);
	for (uint32_t i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "%u", i);
		copies[i] = strmap_put(map, key, i);
	}
	assert_int_equal(strmap_count(map), KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "%u", i);
		assert_string_equal(copies[i], key);
		assert_int_equal(strmap_get(map, key), i);
	}
	strmap_free(map);
	free(copies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_agrees_with_a_list_that_is_searched),
		cmocka_unit_test(an_empty_map_knows_nothing),
		cmocka_unit_test(keys_that_begin_alike_are_different),
		cmocka_unit_test(
		    keys_differ_in_their_last_byte_at_every_length),
		cmocka_unit_test(a_key_is_copied),
		cmocka_unit_test(a_key_may_be_longer_than_all_others),
		cmocka_unit_test(
		    copies_stay_where_they_are_while_the_map_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
