#include "support/test.h"

#include <string.h>

#include "common/hash.h"
#include "race/sound.h"

enum { EVENTS = 40, STREAMS = 3, BODY = 8 };

struct fixture {
	uint8_t bodies[EVENTS][BODY];
	struct sound_event events[EVENTS];
};

/* Streams that take turns. */
static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	uint64_t chains[STREAMS] = { 0 };

	for (size_t i = 0; i < EVENTS; i++) {
		size_t stream = i % STREAMS;

		memset(f->bodies[i], (int)i, BODY);
		chains[stream] =
		    hash_chain(chains[stream], f->bodies[i], i % BODY);
		f->events[i] = (struct sound_event){ .log = i + 1,
			.stream = (int64_t)stream + 1,
			.seq = i / STREAMS + 1,
			.chain = chains[stream],
			.body = i % BODY > 0 ? f->bodies[i] : NULL,
			.len = i % BODY };
	}
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

/* How many events are good; *why is what the next one has. */
static uint64_t
good(const struct fixture *f, const char **why)
{
	struct sound sound = { 0 };
	uint64_t log;

	*why = NULL;
	for (size_t i = 0; i < EVENTS && *why == NULL; i++)
		*why = sound_next(&sound, &f->events[i]);
	log = sound.log;
	sound_close(&sound);
	return log;
}

static void
a_log_as_it_was_stored_is_sound(void **state)
{
	const char *why;

	assert_int_equal(good(*state, &why), EVENTS);
	assert_null(why);
}

static void
every_byte_that_changed_in_a_body_is_seen(void **state)
{
	struct fixture *f = *state;
	const char *why;

	for (size_t i = 0; i < EVENTS; i++)
		for (size_t k = 0; k < f->events[i].len; k++) {
			f->bodies[i][k] ^= 1;
			assert_int_equal(good(f, &why), i);
			assert_non_null(why);
			f->bodies[i][k] ^= 1;
		}
}

static void
a_number_that_changed_is_seen(void **state)
{
	struct fixture *f = *state;
	const char *why;

	for (size_t i = 0; i < EVENTS; i++) {
		const struct sound_event was = f->events[i];

		f->events[i].log++;
		assert_int_equal(good(f, &why), i);
		assert_string_equal(why, "is missing");
		f->events[i] = was;
		f->events[i].seq++;
		assert_int_equal(good(f, &why), i);
		f->events[i] = was;
		f->events[i].chain ^= 1;
		assert_int_equal(good(f, &why), i);
		f->events[i] = was;
	}
}

static void
a_stream_that_cannot_be_is_refused(void **state)
{
	static const int64_t ids[] = { INT64_MIN, -1, 0, 1 << 30, INT64_MAX };
	struct fixture *f = *state;
	const char *why;

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		f->events[7].stream = ids[i];
		assert_int_equal(good(f, &why), 7);
		assert_string_equal(why, "has no stream");
	}
}

#define SOUND_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SOUND_TEST(a_log_as_it_was_stored_is_sound),
		SOUND_TEST(every_byte_that_changed_in_a_body_is_seen),
		SOUND_TEST(a_number_that_changed_is_seen),
		SOUND_TEST(a_stream_that_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
