#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "common/text.h"
#include "control/mask.h"

static const char *const labels[] = { "7", "007", "12", "9071", "A1", "A10",
	"Axa", "Éts Roy", "12", "" };

enum { LABELS = sizeof labels / sizeof *labels };

static struct mask *
made(enum mask_form form, const char *prefix, uint64_t seed)
{
	struct mask *m = mask_new(form, prefix);

	for (size_t i = 0; i < LABELS; i++)
		mask_add(m, labels[i]);
	mask_settle(m, &seed);
	return m;
}

static void
each_word_has_one_of_its_own(void **state)
{
	static const enum mask_form forms[] = { MASK_NUMBERS, MASK_ORDERED,
		MASK_SHUFFLED };

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		struct mask *m = made(forms[f], "x", 5);

		for (size_t i = 0; i < LABELS; i++)
			for (size_t k = 0; k < LABELS; k++)
				assert_int_equal(strcmp(mask_of(m, labels[i]),
				                     mask_of(m, labels[k])) ==
				        0,
				    strcmp(labels[i], labels[k]) == 0);
		assert_string_equal(mask_of(m, ""), "");
		assert_null(mask_of(m, "nobody"));
		mask_free(m);
	}
}

static void
the_order_of_labels_stays(void **state)
{
	static const enum mask_form forms[] = { MASK_NUMBERS, MASK_ORDERED };

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct mask *m = made(forms[f], "Team", 5);

		for (size_t i = 0; i + 1 < LABELS; i++)
			for (size_t k = 0; k + 1 < LABELS; k++)
				assert_int_equal(text_label_cmp(labels[i],
				                     labels[k]) < 0,
				    text_label_cmp(mask_of(m, labels[i]),
				        mask_of(m, labels[k])) < 0);
		mask_free(m);
	}
}

static void
a_seed_gives_the_same_words_and_another_one_others(void **state)
{
	struct mask *a = made(MASK_SHUFFLED, "Runner ", 5);
	struct mask *b = made(MASK_SHUFFLED, "Runner ", 5);
	bool other = false;

	(void)state;
	for (size_t i = 0; i < LABELS; i++)
		assert_string_equal(mask_of(a, labels[i]),
		    mask_of(b, labels[i]));
	mask_free(b);
	for (uint64_t seed = 6; seed < 20; seed++) {
		b = made(MASK_SHUFFLED, "Runner ", seed);
		for (size_t i = 0; i < LABELS; i++)
			other = other ||
			    strcmp(mask_of(a, labels[i]),
			        mask_of(b, labels[i])) != 0;
		mask_free(b);
	}
	assert_true(other);
	mask_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_has_one_of_its_own),
		cmocka_unit_test(the_order_of_labels_stays),
		cmocka_unit_test(
		    a_seed_gives_the_same_words_and_another_one_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
