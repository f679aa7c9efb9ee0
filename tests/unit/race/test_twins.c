#include "support/test.h"

#include <string.h>

#include "race/alike.h"
#include "race/twins.h"

enum { MAX = 200 };

/* "0-1 3-4" */
static const char *
pairs_of(char *out, size_t cap, const char *const *names, size_t count)
{
	const char *keys[MAX];
	struct twins_pair *pairs;
	size_t len = 0;
	size_t n;

	for (size_t i = 0; i < count; i++)
		keys[i] = alike_key(names[i]);
	n = twins_find(keys, count, &pairs);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, cap - len, "%s%u-%u",
		    i > 0 ? " " : "", (unsigned)pairs[i].a,
		    (unsigned)pairs[i].b);
	free(pairs);
	for (size_t i = 0; i < count; i++) {
		union {
			const char *from;
			void *to;
		} u = { keys[i] };

		free(u.to);
	}
	return out;
}

#define PAIRS(...)                                                             \
	pairs_of(text, sizeof text, (const char *const[]){ __VA_ARGS__ },      \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
names_one_slip_apart_are_found(void **state)
{
	char text[400];

	(void)state;
	assert_string_equal(PAIRS("Nespresso", "La Poste", "NESPRESSO",
	                        "Nespreso", "Laposte", "Orange"),
	    "0-2 0-3 1-4");
	assert_string_equal(PAIRS("Anne Martin", "Anne Matrin"), "0-1");
	assert_string_equal(PAIRS("Anne Martin", "Anna Martin"), "0-1");
	assert_string_equal(PAIRS("Zoé Petit", "Zoe  petit", "Zoé Petite"),
	    "0-1 0-2");
}

static void
names_that_count_are_not_slips(void **state)
{
	char text[400];

	(void)state;
	assert_string_equal(PAIRS("Team 1", "Team 2", "Team 12"), "");
	assert_string_equal(PAIRS("Lycée A", "Lycée B"), "");
	assert_string_equal(PAIRS("", ""), "");
	assert_string_equal(PAIRS("Orange", "Grange Neuve"), "");
}

static void
many_equal_names_make_a_chain(void **state)
{
	char text[400];

	(void)state;
	assert_string_equal(PAIRS("Jean Martin", "Jean Martin", "Jean Martin",
	                        "Jean Martin"),
	    "0-1 1-2 2-3");
}

/* Letters of few kinds, so that most are near to some. */
static void
the_same_pairs_as_comparing_all_with_all(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 300; round++) {
		char names[24][12];
		const char *keys[24];
		size_t count = 2 + (size_t)test_below(&random, 22);
		struct twins_pair *pairs;
		size_t n;
		size_t expected = 0;
		size_t k = 0;

		/* Each once: of equal ones only neighbours are paired. */
		for (size_t i = 0; i < count; i++) {
			size_t len = 4 + (size_t)test_below(&random, 4);
			bool again = true;

			while (again) {
				for (size_t l = 0; l < len; l++)
					names[i][l] =
					    "ab 1"[test_below(&random, 4)];
				names[i][len] = '\0';
				again = false;
				for (size_t o = 0; o < i; o++)
					again = again ||
					    strcmp(names[o], names[i]) == 0;
			}
			keys[i] = names[i];
		}
		n = twins_find(keys, count, &pairs);
		for (size_t a = 0; a < count; a++)
			for (size_t b = a + 1; b < count; b++) {
				if (!alike(keys[a], keys[b]))
					continue;
				expected++;
				assert_true(k < n);
				assert_int_equal(pairs[k].a, a);
				assert_int_equal(pairs[k++].b, b);
			}
		assert_int_equal(n, expected);
		free(pairs);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_one_slip_apart_are_found),
		cmocka_unit_test(names_that_count_are_not_slips),
		cmocka_unit_test(many_equal_names_make_a_chain),
		cmocka_unit_test(the_same_pairs_as_comparing_all_with_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
