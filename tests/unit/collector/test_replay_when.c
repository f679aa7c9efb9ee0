#include "support/test.h"

#include <errno.h>

#include "collector/replay_when.h"
#include "common/instant.h"

#define S INT64_C(1000000)

static void
check(const char *text, enum when_form form, int64_t us)
{
	struct when w;
	struct err err;

	assert_int_equal(when_parse(text, &w, &err), 0);
	assert_int_equal(w.form, form);
	assert_int_equal(w.us, us);
}

static void
times_of_day_may_have_no_seconds(void **state)
{
	(void)state;
	check("10:42", WHEN_CLOCK, (10 * 60 + 42) * 60 * S);
	check("9:05", WHEN_CLOCK, (9 * 60 + 5) * 60 * S);
	check("10:42:30.5", WHEN_CLOCK, ((10 * 60 + 42) * 60 + 30) * S + S / 2);
	check("2014-09-21T10:30:00+02:00", WHEN_INSTANT,
	    INT64_C(1411288200) * S);
}

static void
spans_are_typed_with_short_units(void **state)
{
	(void)state;
	check("+10m", WHEN_AFTER, 600 * S);
	check("+90s", WHEN_AFTER, 90 * S);
	check("+1h30m", WHEN_AFTER, 5400 * S);
	check("+1h30", WHEN_AFTER, 5400 * S);
	check("+2 min", WHEN_AFTER, 120 * S);
	check("+0:10:00", WHEN_AFTER, 600 * S);
	check("+2.5s", WHEN_AFTER, 5 * S / 2);
}

static void
anything_else_is_refused_with_a_hint(void **state)
{
	static const char long_text[] =
	    "+0000000000000000000000000000000000000000000000000000000000000009";
	static const char *const bad[] = { "", "+", "late", "10:42:", "25:00",
		"10:4", "+10x", "-10m", "10m", "+m", "1000:00", long_text };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct when w = { WHEN_NONE, 7 };
		struct err err = { "" };

		assert_int_equal(when_parse(bad[i], &w, &err), -EINVAL);
		assert_int_equal(w.us, 7);
		assert_true(err.text[0] != '\0');
	}
}

static void
each_form_has_its_zero(void **state)
{
	const struct when_zero zero = { INT64_C(1411286400) * S, 5000 * S };
	struct when w;
	struct err err;
	int64_t us;

	(void)state;
	assert_int_equal(instant_zone("Europe/Paris", &err), 0);
	assert_int_equal(when_parse("10:30", &w, &err), 0);
	assert_int_equal(when_settle(&w, &zero, &us, &err), 0);
	assert_int_equal(us, INT64_C(1411288200) * S);
	assert_int_equal(when_parse("+10m", &w, &err), 0);
	assert_int_equal(when_settle(&w, &zero, &us, &err), 0);
	assert_int_equal(us, 5600 * S);
	assert_int_equal(when_parse("2015-01-01T00:00:00Z", &w, &err), 0);
	assert_int_equal(when_settle(&w, &zero, &us, &err), 0);
	assert_int_equal(us, INT64_C(1420070400) * S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_day_may_have_no_seconds),
		cmocka_unit_test(spans_are_typed_with_short_units),
		cmocka_unit_test(anything_else_is_refused_with_a_hint),
		cmocka_unit_test(each_form_has_its_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
