#include "support/test.h"

#include <errno.h>

#include "support/sweep.h"

static void
judge(struct sweep *s)
{
	int most = s->committed + (s->trying ? 1 : 0);
	bool doubled = false;
	int t = s->subject->stand(s->arg, &doubled);

	if (doubled || t > most)
		s->doubled++;
	else if (t == SWEEP_NO_TURN)
		s->halves++;
	else if (t < s->committed)
		s->lost++;
	else
		return;
	print_message("call %u: %d turns committed, now at %d\n", s->n,
	    s->committed, t);
}

/* Opens without faults, sees what is there, and goes on to the end. */
static void
finish(struct sweep *s)
{
	const struct sweep_subject *subject = s->subject;
	bool doubled;
	int t;

	if (subject->open(s->arg) != 0) {
		print_message("call %u: %s\n", s->n, subject->why(s->arg));
		s->unopened++;
		return;
	}
	judge(s);
	t = subject->stand(s->arg, &doubled);
	while (t != SWEEP_NO_TURN && t < s->turns)
		assert_int_equal(subject->take(s->arg, ++t), 0);
	subject->close(s->arg);
	assert_int_equal(subject->open(s->arg), 0);
	s->committed = s->turns;
	s->trying = false;
	judge(s);
	subject->close(s->arg);
}

/* The turn that found no room is taken back whole, and is taken when there is
 * room, by the same process. */
static void
wait_for_room(struct sweep *s, int t, bool lasting)
{
	const struct sweep_subject *subject = s->subject;

	judge(s);
	if (lasting) {
		/* What tries for room is short: the index has that. */
		if (subject->room != NULL && s->how != FAULT_INDEX)
			assert_int_equal(subject->room(s->arg), -ENOSPC);
		assert_int_equal(subject->take(s->arg, t), -ENOSPC);
		judge(s);
		fault_disarm();
	}
	/* Both ways: with and without a try before. */
	if (subject->room != NULL && s->n % 2 == 0)
		assert_int_equal(subject->room(s->arg), 0);
	assert_int_equal(subject->take(s->arg, t), 0);
}

static bool
about_room(enum fault_how how)
{
	switch (how) {
	case FAULT_FULL:
	case FAULT_QUOTA:
	case FAULT_NOROOM:
	case FAULT_INDEX:
		return true;
	case FAULT_BROKEN:
	case FAULT_FLUSH:
	case FAULT_POWER:
		return false;
	}
	return false;
}

/* Takes turns as long as the program would go on. */
static int
take_all(struct sweep *s, bool lasting)
{
	for (int t = 1; t <= s->turns; t++) {
		int rc = s->subject->take(s->arg, t);

		if (rc == -ENOSPC) {
			wait_for_room(s, t, lasting);
		} else if (rc < 0) {
			s->trying = true;
			assert_false(about_room(s->how));
			return rc;
		}
		s->committed = t;
	}
	return 0;
}

static void
run(struct sweep *s, bool lasting)
{
	const struct sweep_subject *subject = s->subject;

	subject->remove(s->arg);
	fault_forget();
	s->committed = 0;
	s->trying = false;
	fault_arm(s->how, s->n, lasting);
	if (subject->open(s->arg) == 0) {
		/* An error of the disk is final: a flush that failed is never
		 * followed by success for the same rows. */
		if (take_all(s, lasting) < 0)
			assert_true(
			    subject->take(s->arg, s->committed + 1) < 0);
		subject->close(s->arg);
	}
	fault_disarm();
	s->faults += fault_hits() > 0;
}

static void
begin(struct sweep *s, enum fault_how how)
{
	s->how = how;
	s->n = 0;
	s->faults = s->lost = s->doubled = s->halves = s->unopened = 0;
}

static void
report(const struct sweep *s, const char *what)
{
	print_message("%s: %u faults, %u lost, %u doubled, %u by halves, "
	              "%u not opened\n",
	    what, s->faults, s->lost, s->doubled, s->halves, s->unopened);
	assert_true(s->faults > 1);
	assert_int_equal(s->lost, 0);
	assert_int_equal(s->doubled, 0);
	assert_int_equal(s->halves, 0);
	assert_int_equal(s->unopened, 0);
}

/* Fails the n-th call, or all from the n-th on. */
static void
calls(struct sweep *s, enum fault_how how, bool lasting, const char *what)
{
	begin(s, how);
	do {
		s->n++;
		run(s, lasting);
		finish(s);
	} while (fault_hits() > 0);
	report(s, what);
}

/* Fails the n-th call, then cuts the power. */
static void
cuts(struct sweep *s, enum fault_how how, enum fault_cut cut, const char *what)
{
	begin(s, how);
	do {
		s->n++;
		run(s, false);
		fault_cut(cut, &s->random);
		finish(s);
	} while (fault_hits() > 0);
	report(s, what);
}

void
sweep_full(struct sweep *s)
{
	calls(s, FAULT_FULL, false, "full once");
	calls(s, FAULT_FULL, true, "full for a while");
	calls(s, FAULT_QUOTA, false, "over quota once");
	calls(s, FAULT_NOROOM, true, "no room for a while");
}

void
sweep_index(struct sweep *s)
{
	calls(s, FAULT_INDEX, false, "no room for the index once");
	calls(s, FAULT_INDEX, true, "no room for the index");
}

void
sweep_broken(struct sweep *s)
{
	calls(s, FAULT_BROKEN, false, "broken once");
	calls(s, FAULT_BROKEN, true, "broken");
}

void
sweep_unflushed(struct sweep *s)
{
	calls(s, FAULT_FLUSH, false, "flush failed once");
	calls(s, FAULT_FLUSH, true, "flush fails");
	cuts(s, FAULT_FLUSH, FAULT_CUT_NOTHING,
	    "flush failed, then a power cut");
}

void
sweep_power(struct sweep *s, int rounds)
{
	cuts(s, FAULT_POWER, FAULT_CUT_NOTHING, "power cut, nothing more kept");
	cuts(s, FAULT_POWER, FAULT_CUT_ALL, "killed");
	for (int i = 0; i < rounds; i++) {
		cuts(s, FAULT_POWER, FAULT_CUT_TORN, "power cut, torn write");
		cuts(s, FAULT_POWER, FAULT_CUT_SECTORS,
		    "power cut, any sectors");
	}
}
