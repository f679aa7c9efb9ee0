#include "support/test.h"

#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "support/logged.h"

static const int64_t second_us = 1000000;

int
logged_set_up(void **state)
{
	struct logged *f = xcalloc(1, sizeof *f);

	f->random = test_seed();
	strcpy(f->folder, "/tmp/palmares-logged-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/race.rec", f->folder);
	*state = f;
	return 0;
}

int
logged_tear_down(void **state)
{
	struct logged *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* ---- a log ---- */

static void
log_event(struct logged *f, const struct model_event *e, int64_t received_us)
{
	const struct recording_header header = { MODEL_FILES, "random",
		"0.1.0" };
	struct recording_record rec = { .log = f->count + 1,
		.id = e->id,
		.stream_name = "somebody",
		.received_us = received_us };
	struct wire_arena *arena = wire_arena_new();
	struct wire_buffer b = { 0 };
	struct race_event event;

	if (f->to == NULL)
		assert_int_equal(recording_open(&f->to, f->path, &header, NULL),
		    0);
	assert_true(wire_put_event(&b, &e->event) > 0);
	/* What no edge lets through is in no log. */
	if (wire_get_event(arena, b.data, b.len, &event) == 0) {
		rec.event = b.data;
		rec.len = b.len;
		rec.chain = hash_chain(0, b.data, b.len);
		assert_int_equal(recording_append(f->to, &rec), 0);
		f->events[f->count] = *e;
		f->received_us[f->count] = received_us;
		f->count++;
	}
	wire_buffer_free(&b);
	wire_arena_free(arena);
}

static void
log_rules(struct logged *f, const struct race_rules *rules, uint64_t seq,
    int64_t received_us)
{
	const struct model_event e = { .id = { MODEL_FILES, 1000000 + seq },
		.event = { .kind = RACE_RULES,
		    .made_us = DECISIONS_BASE_US,
		    .rules = rules } };

	log_event(f, &e, received_us);
	assert_int_equal(f->events[f->count - 1].event.kind, RACE_RULES);
}

/* Time goes by fits and starts, and is set back by somebody now and then. */
static int64_t
next_us(struct logged *f, int64_t us, bool back)
{
	if (back && test_below(&f->random, 30) == 0)
		return us - 40 * second_us;
	return us + (int64_t)test_below(&f->random, 4) * second_us;
}

void
logged_make(struct logged *f, bool back)
{
	struct decisions *d = &f->d;
	int64_t us = LOGGED_BEGIN_US;

	decisions_race(d, &f->random, 20 + test_below(&f->random, 60));
	for (uint64_t n = test_below(&f->random, 60); n > 0; n--)
		decisions_add(d);
	decisions_shuffle(d, 0);
	memcpy(f->rankings, d->rankings, sizeof f->rankings);
	f->later = d->rules;
	f->later.rankings = f->rankings;
	/* Some rankings go, and others look elsewhere. */
	f->later.ranking_count =
	    2 + test_below(&f->random, d->rules.ranking_count - 1);
	f->rankings[0].at = 1;
	f->rankings[0].sex = f->rankings[1].sex;
	f->count = 0;
	unlink(f->path);
	log_rules(f, &d->rules, 0, us);
	f->changed = SIZE_MAX;
	for (size_t i = 0; i < d->count; i++) {
		us = next_us(f, us, back);
		if (i == d->count / 2) {
			log_rules(f, &f->later, 1, us);
			f->changed = f->count - 1;
		}
		log_event(f, &d->events[i], us);
	}
	assert_true(f->count > d->count / 2);
	assert_int_equal(recording_sync(f->to), 0);
	recording_free(f->to);
	f->to = NULL;
}

const struct race_rules *
logged_rules(const struct logged *f, size_t events)
{
	return f->changed < events ? &f->later : &f->d.rules;
}

size_t
logged_received(const struct logged *f, int64_t us)
{
	size_t events = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->received_us[i] <= us)
			events = i + 1;
	return events;
}
