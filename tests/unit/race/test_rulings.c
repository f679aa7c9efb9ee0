#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/roster.h"
#include "race/rulings.h"
#include "support/decisions.h"
#include "support/effects.h"
#include "support/plain.h"

enum { HEARD = 200, MANY = 10000 };

/* What the rulings have told last of each thing. */
struct heard {
	struct {
		struct race_id read;
		bool said;
		struct rank_amendment a;
	} amendments[HEARD];
	struct {
		struct race_id id;
		bool there;
		struct rank_added a;
	} added[HEARD];
	struct {
		const char *bib;
		struct rank_ruling what;
	} rulings[HEARD];
	struct {
		const char *wave;
		int64_t gun_us;
	} guns[HEARD];
	struct {
		struct race_id id;
		int64_t made_us;
		const char *bib;
		const struct race_entry *entry;
		bool holds;
	} entries[HEARD];
	size_t amendment_count;
	size_t added_count;
	size_t ruling_count;
	size_t gun_count;
	size_t entry_count;
	size_t told;
};

struct fixture {
	struct rulings *r;
	struct heard heard;
	uint64_t seq;
};

static bool
same_id(struct race_id a, struct race_id b)
{
	return a.stream == b.stream && a.seq == b.seq;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- hearing: nothing is told that was known ---- */

static void
on_amend(void *arg, struct race_id read, const struct rank_amendment *a)
{
	struct heard *h = arg;
	struct rank_amendment now = { 0 };
	size_t i = 0;

	if (a != NULL)
		now = *a;
	while (i < h->amendment_count && !same_id(h->amendments[i].read, read))
		i++;
	if (i == h->amendment_count) {
		assert_true(i < HEARD);
		h->amendments[h->amendment_count++].read = read;
	}
	assert_false(h->amendments[i].said == (a != NULL) &&
	    h->amendments[i].a.voided == now.voided &&
	    same_text(h->amendments[i].a.bib, now.bib) &&
	    same_text(h->amendments[i].a.point, now.point));
	h->amendments[i].said = a != NULL;
	h->amendments[i].a = now;
	h->told++;
}

static void
on_add(void *arg, struct race_id id, const struct rank_added *a)
{
	struct heard *h = arg;
	size_t i = 0;

	while (i < h->added_count && !same_id(h->added[i].id, id))
		i++;
	if (i == h->added_count) {
		assert_true(i < HEARD);
		h->added[h->added_count++].id = id;
	}
	assert_int_not_equal(h->added[i].there, a != NULL);
	h->added[i].there = a != NULL;
	if (a != NULL)
		h->added[i].a = *a;
	h->told++;
}

static void
on_rule(void *arg, const char *bib, const struct rank_ruling *what)
{
	struct heard *h = arg;
	size_t i = 0;

	while (i < h->ruling_count && strcmp(h->rulings[i].bib, bib) != 0)
		i++;
	if (i == h->ruling_count) {
		assert_true(i < HEARD);
		h->rulings[h->ruling_count++].bib = bib;
	}
	assert_false(h->rulings[i].what.status == what->status &&
	    h->rulings[i].what.penalty_us == what->penalty_us &&
	    h->rulings[i].what.start_us == what->start_us);
	h->rulings[i].what = *what;
	h->told++;
}

static void
on_gun(void *arg, const char *wave, int64_t gun_us)
{
	struct heard *h = arg;
	size_t i = 0;

	while (i < h->gun_count && strcmp(h->guns[i].wave, wave) != 0)
		i++;
	if (i == h->gun_count) {
		assert_true(i < HEARD);
		h->guns[h->gun_count].wave = wave;
		h->guns[h->gun_count++].gun_us = RACE_NO_TIME;
	}
	assert_true(h->guns[i].gun_us != gun_us);
	h->guns[i].gun_us = gun_us;
	h->told++;
}

static void
on_entry(void *arg, int64_t made_us, struct race_id id, const char *bib,
    const struct race_entry *entry, bool holds)
{
	struct heard *h = arg;
	size_t i = 0;

	while (i < h->entry_count &&
	    (!same_id(h->entries[i].id, id) ||
	        strcmp(h->entries[i].bib, bib) != 0))
		i++;
	if (i == h->entry_count) {
		assert_true(i < HEARD);
		h->entries[h->entry_count].id = id;
		h->entries[h->entry_count++].bib = bib;
	}
	assert_int_not_equal(h->entries[i].holds, holds);
	h->entries[i].made_us = made_us;
	h->entries[i].entry = entry;
	h->entries[i].holds = holds;
	h->told++;
}

static const struct rulings_ops ops = { on_amend, on_add, on_rule, on_gun,
	on_entry, NULL };

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->r = rulings_new(&ops, &f->heard, "masse");
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rulings_free(f->r);
	free(f);
	return 0;
}

/* ---- saying ---- */

static struct race_decision
decision(enum race_verb verb)
{
	struct race_decision d = plain_decision(verb, "");

	d.by = "op";
	return d;
}

static int
say_at(struct fixture *f, int64_t made_us, uint64_t seq,
    const struct race_decision *d)
{
	struct race_event e = { .kind = RACE_DECISION, .made_us = made_us };

	e.decision = d;
	return rulings_apply(f->r, (struct race_id){ 1, seq }, &e);
}

/* Returns its seq; each is made a moment after the one before. */
static uint64_t
say(struct fixture *f, const struct race_decision *d)
{
	f->seq++;
	assert_int_equal(say_at(f, (int64_t)f->seq, f->seq, d), 0);
	return f->seq;
}

static uint64_t
undo(struct fixture *f, uint64_t seq)
{
	struct race_decision d = decision(RACE_UNDO);

	d.target = (struct race_id){ 1, seq };
	return say(f, &d);
}

static uint64_t
penalise(struct fixture *f, const char *bib, int64_t amount_us)
{
	struct race_decision d = decision(RACE_PENALTY);

	d.bib = bib;
	d.amount_us = amount_us;
	return say(f, &d);
}

static struct rulings_item
item(struct fixture *f, size_t i)
{
	struct rulings_item it;

	rulings_at(f->r, i, &it);
	return it;
}

/* ---- one by one ---- */

static void
what_is_undone_holds_no_more_and_again_when_that_is_undone(void **state)
{
	struct fixture *f = *state;
	const struct heard *h = &f->heard;
	uint64_t penalty = penalise(f, "7", 60);
	uint64_t first;

	assert_int_equal(h->rulings[0].what.penalty_us, 60);
	first = undo(f, penalty);
	assert_int_equal(h->rulings[0].what.penalty_us, 0);
	assert_false(item(f, 0).holds);
	assert_int_equal(item(f, 0).undone_by, 2);
	undo(f, first);
	assert_int_equal(h->rulings[0].what.penalty_us, 60);
	assert_true(item(f, 0).holds);
	assert_int_equal(item(f, 0).undone_by, 0);
	assert_int_equal(item(f, 1).undone_by, 3);
	/* twice undone is undone, until both are */
	undo(f, penalty);
	undo(f, penalty);
	assert_int_equal(item(f, 0).undone_by, 4);
	undo(f, 4);
	assert_int_equal(h->rulings[0].what.penalty_us, 0);
	assert_int_equal(item(f, 0).undone_by, 5);
	undo(f, 5);
	assert_int_equal(h->rulings[0].what.penalty_us, 60);
	assert_int_equal(rulings_count(f->r), 7);
	assert_int_equal(rulings_latest(f->r), 7);
}

static void
an_undo_is_good_for_what_is_earlier_alone_whenever_it_comes(void **state)
{
	struct fixture *f = *state;
	struct race_decision u = decision(RACE_UNDO);
	struct race_decision p = decision(RACE_PENALTY);

	u.target = (struct race_id){ 1, 2 };
	p.bib = "7";
	p.amount_us = 5;
	assert_int_equal(say_at(f, 10, 1, &u), 0);
	assert_int_equal(say_at(f, 11, 2, &p), 0);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 5);
	u.target.seq = 4;
	assert_int_equal(say_at(f, 20, 3, &u), 0);
	assert_int_equal(say_at(f, 19, 4, &p), 0);
	assert_int_equal(f->heard.told, 1);
	/* of one moment, by stream and seq */
	u.target.seq = 6;
	assert_int_equal(say_at(f, 30, 7, &u), 0);
	assert_int_equal(say_at(f, 30, 6, &p), 0);
	assert_int_equal(f->heard.told, 1);
	u.target.seq = 9;
	assert_int_equal(say_at(f, 30, 8, &u), 0);
	assert_int_equal(say_at(f, 30, 9, &p), 0);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 10);
	/* nor does anything undo itself */
	p.replaces = (struct race_id){ 1, 10 };
	assert_int_equal(say_at(f, 31, 10, &p), 0);
	assert_true(item(f, 6 + 2).holds);
}

static void
what_replaces_something_undoes_it(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_PENALTY);
	uint64_t first = penalise(f, "7", 60);
	uint64_t second;

	d.bib = "8";
	d.amount_us = 30;
	d.replaces = (struct race_id){ 1, first };
	second = say(f, &d);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 0);
	assert_string_equal(f->heard.rulings[1].bib, "8");
	assert_int_equal(item(f, 0).undone_by, second);
	undo(f, second);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 60);
	assert_int_equal(f->heard.rulings[1].what.penalty_us, 0);
}

static void
a_verb_of_a_later_version_is_in_the_story_and_can_be_undone(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_VERB_UNSPECIFIED);

	say(f, &d);
	assert_int_equal(f->heard.told, 0);
	assert_true(item(f, 0).holds);
	undo(f, 1);
	assert_false(item(f, 0).holds);
	assert_int_equal(f->heard.told, 0);
	/* what it replaces is gone, whatever takes its place */
	penalise(f, "7", 60);
	d.replaces = (struct race_id){ 1, 3 };
	say(f, &d);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 0);
	undo(f, 4);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 60);
}

static void
a_repeat_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_PENALTY);

	d.bib = "7";
	d.amount_us = 1;
	assert_int_equal(say_at(f, 5, 1, &d), 0);
	assert_int_equal(say_at(f, 9, 1, &d), -EEXIST);
	assert_int_equal(rulings_count(f->r), 1);
	assert_int_equal(rulings_latest(f->r), 5);
	assert_int_equal(f->heard.rulings[0].what.penalty_us, 1);
}

static void
what_is_said_of_a_bib_adds_up(void **state)
{
	struct fixture *f = *state;
	const struct rank_ruling *told = &f->heard.rulings[0].what;
	struct race_decision d = decision(RACE_SET_STATUS);
	uint64_t dsq;
	uint64_t start;

	d.bib = "7";
	d.status = RACE_DSQ;
	dsq = say(f, &d);
	d.status = RACE_DNF;
	assert_int_equal(say_at(f, 0, 77, &d), 0);
	penalise(f, "7", 60);
	penalise(f, "7", -20);
	d = decision(RACE_SET_START);
	d.bib = "7";
	d.time_us = RACE_TIME_MIN;
	start = say(f, &d);
	assert_int_equal(told->status, RACE_DSQ);
	assert_int_equal(told->penalty_us, 40);
	assert_int_equal(told->start_us, RACE_TIME_MIN);
	undo(f, dsq);
	assert_int_equal(told->status, RACE_DNF);
	undo(f, start);
	assert_int_equal(told->start_us, 0);
	/* the entry's own again */
	d = decision(RACE_SET_STATUS);
	d.bib = "7";
	say(f, &d);
	assert_int_equal(told->status, RACE_STATUS_NONE);
	assert_int_equal(f->heard.ruling_count, 1);
}

static void
a_crossing_is_moved_swapped_and_voided(void **state)
{
	struct fixture *f = *state;
	struct rank_amendment *a = &f->heard.amendments[0].a;
	struct race_decision d = decision(RACE_MOVE_READ);
	uint64_t seq[3];

	d.target = (struct race_id){ 5, 1 };
	d.bib = "8";
	say(f, &d);
	d.bib = "";
	d.point = "half";
	seq[0] = say(f, &d);
	assert_string_equal(a->bib, "8");
	assert_string_equal(a->point, "half");
	assert_false(a->voided);
	d = decision(RACE_SWAP);
	d.target = (struct race_id){ 5, 1 };
	d.bib = "1";
	d.other_target = (struct race_id){ 5, 2 };
	d.other_bib = "2";
	seq[1] = say(f, &d);
	assert_string_equal(a->bib, "2");
	assert_string_equal(f->heard.amendments[1].a.bib, "1");
	assert_int_equal(f->heard.amendments[1].read.seq, 2);
	d = decision(RACE_VOID_READ);
	d.target = (struct race_id){ 5, 1 };
	seq[2] = say(f, &d);
	assert_true(a->voided);
	assert_string_equal(a->bib, "2");
	undo(f, seq[1]);
	assert_string_equal(a->bib, "8");
	assert_false(f->heard.amendments[1].said);
	undo(f, seq[0]);
	assert_null(a->point);
	undo(f, seq[2]);
	undo(f, 1);
	assert_false(f->heard.amendments[0].said);
}

static void
of_times_that_are_set_the_latest_is_there(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_SET_TIME);
	uint64_t second;

	d.bib = "7";
	d.point = "finish";
	d.time_us = 100;
	say(f, &d);
	d.time_us = 200;
	second = say(f, &d);
	d.verb = RACE_ADD_READ;
	d.time_us = 300;
	say(f, &d);
	assert_false(f->heard.added[0].there);
	assert_true(f->heard.added[1].there);
	assert_true(f->heard.added[1].a.set);
	assert_int_equal(f->heard.added[1].a.time_us, 200);
	assert_true(f->heard.added[2].there);
	assert_false(f->heard.added[2].a.set);
	undo(f, second);
	assert_true(f->heard.added[0].there);
	assert_false(f->heard.added[1].there);
	undo(f, 1);
	assert_false(f->heard.added[0].there);
	undo(f, 3);
	assert_false(f->heard.added[2].there);
}

/* "a b" at "c" is not "a" at "b c". */
static void
names_with_blanks_are_not_mixed_up(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_SET_TIME);

	d.time_us = 100;
	d.bib = "a b";
	d.point = "c";
	say(f, &d);
	d.bib = "a";
	d.point = "b c";
	say(f, &d);
	assert_true(f->heard.added[0].there);
	assert_true(f->heard.added[1].there);
}

static void
guns_and_decisions_about_a_wave_are_in_one_order(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_GUN, .made_us = 50 };
	struct race_decision d = decision(RACE_SET_GUN);

	/* of the first wave */
	e.gun = (struct race_gun){ "", 1000 };
	assert_int_equal(rulings_apply(f->r, (struct race_id){ 9, 1 }, &e), 0);
	assert_string_equal(f->heard.guns[0].wave, "masse");
	d.wave = "masse";
	d.time_us = 2000;
	assert_int_equal(say_at(f, 60, 1, &d), 0);
	assert_int_equal(f->heard.guns[0].gun_us, 2000);
	e.made_us = 55;
	e.gun = (struct race_gun){ "masse", 3000 };
	assert_int_equal(rulings_apply(f->r, (struct race_id){ 9, 2 }, &e), 0);
	assert_int_equal(f->heard.told, 2);
	f->seq = 60;
	undo(f, 1);
	assert_int_equal(f->heard.guns[0].gun_us, 3000);
	d = decision(RACE_UNDO);
	d.target = (struct race_id){ 9, 2 };
	say(f, &d);
	d.target = (struct race_id){ 9, 1 };
	say(f, &d);
	assert_true(f->heard.guns[0].gun_us == RACE_NO_TIME);
	assert_int_equal(f->heard.gun_count, 1);
}

static void
an_entry_comes_goes_and_changes_its_bib(void **state)
{
	static const struct race_entry entry = { "8", "Ann", "", "", "", "", "",
		"", RACE_STATUS_NONE, 0, NULL, 0, NULL, 0 };
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_SET_ENTRY);

	d.entry = &entry;
	say(f, &d);
	assert_int_equal(f->heard.entry_count, 1);
	assert_string_equal(f->heard.entries[0].entry->name, "Ann");
	d.bib = "8";
	say(f, &d);
	assert_int_equal(f->heard.entry_count, 2);
	d.bib = "7";
	say(f, &d);
	assert_int_equal(f->heard.entry_count, 4);
	assert_string_equal(f->heard.entries[2].bib, "7");
	assert_null(f->heard.entries[2].entry);
	assert_true(f->heard.entries[2].holds);
	assert_string_equal(f->heard.entries[3].bib, "8");
	assert_int_equal(f->heard.entries[3].made_us, 3);
	undo(f, 3);
	assert_false(f->heard.entries[2].holds);
	assert_false(f->heard.entries[3].holds);
	assert_true(f->heard.entries[1].holds);
	d = decision(RACE_REMOVE_ENTRY);
	d.bib = "9";
	say(f, &d);
	assert_null(f->heard.entries[4].entry);
	assert_true(f->heard.entries[4].holds);
}

static void
a_ranking_is_as_it_was_published_last(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_PUBLISH);
	int64_t since_us = 0;

	assert_string_equal(rulings_published(f->r, "scratch", &since_us), "");
	assert_true(since_us == RACE_NO_TIME);
	d.ranking = "scratch";
	d.text = "provisional";
	say(f, &d);
	d.text = "final";
	say(f, &d);
	assert_string_equal(rulings_published(f->r, "scratch", &since_us),
	    "final");
	assert_int_equal(since_us, 2);
	assert_string_equal(rulings_published(f->r, "women", &since_us), "");
	undo(f, 2);
	assert_string_equal(rulings_published(f->r, "scratch", &since_us),
	    "provisional");
	assert_int_equal(since_us, 1);
	undo(f, 1);
	assert_string_equal(rulings_published(f->r, "scratch", &since_us), "");
}

static void
what_is_set_aside_is_so_while_its_facts_are_the_same(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_ASIDE);
	size_t told = f->heard.told;

	assert_int_equal(rulings_aside(f->r, "pace:12", 7), 0);
	d.text = "pace:12";
	d.facts = 7;
	say(f, &d);
	assert_int_equal(rulings_aside(f->r, "pace:12", 7), 1);
	assert_int_equal(rulings_aside(f->r, "pace:12", 8), 0);
	assert_int_equal(rulings_aside(f->r, "pace:1", 7), 0);
	/* They have changed, and it was looked at again. */
	d.facts = 8;
	say(f, &d);
	assert_int_equal(rulings_aside(f->r, "pace:12", 8), 2);
	assert_int_equal(rulings_aside(f->r, "pace:12", 7), 1);
	say(f, &d);
	assert_int_equal(rulings_aside(f->r, "pace:12", 8), 3);
	undo(f, 3);
	assert_int_equal(rulings_aside(f->r, "pace:12", 8), 2);
	undo(f, 2);
	assert_int_equal(rulings_aside(f->r, "pace:12", 8), 0);
	assert_int_equal(rulings_aside(f->r, "pace:12", 7), 1);
	/* Nobody was told: it changes nothing else. */
	assert_int_equal(f->heard.told, told);
}

static void
award(struct fixture *f, uint64_t seq, uint32_t place, const char *holder)
{
	struct race_event e = { .kind = RACE_AWARD, .made_us = (int64_t)seq };

	e.prize = (struct race_prize){ "women", place, holder, "handed on",
		true, "op", "" };
	assert_int_equal(rulings_apply(f->r, (struct race_id){ 9, seq }, &e),
	    0);
}

static void
a_prize_is_held_by_whom_it_was_given_last(void **state)
{
	struct fixture *f = *state;

	assert_null(rulings_prize(f->r, "women", 1));
	award(f, 2, 1, "7");
	award(f, 1, 1, "8");
	award(f, 3, 11, "9");
	assert_string_equal(rulings_prize(f->r, "women", 1)->holder, "7");
	assert_string_equal(rulings_prize(f->r, "women", 11)->note,
	    "handed on");
	assert_true(rulings_prize(f->r, "women", 11)->collected);
	assert_null(rulings_prize(f->r, "women", 2));
	f->seq = 10;
	say(f,
	    &(struct race_decision){ .verb = RACE_UNDO,
	        .by = "",
	        .reason = "",
	        .bib = "",
	        .other_bib = "",
	        .point = "",
	        .wave = "",
	        .ranking = "",
	        .text = "",
	        .target = { 9, 2 } });
	assert_string_equal(rulings_prize(f->r, "women", 1)->holder, "8");
}

/* ---- many ---- */

static void
many_that_undo_two_each_are_decided_once_each(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_UNDO);

	penalise(f, "7", 1);
	/* From the latest back: each finds what undoes it. */
	for (uint64_t seq = MANY; seq > 1; seq--) {
		d.target = (struct race_id){ 1, seq - 1 };
		d.replaces = (struct race_id){ 1, seq > 2 ? seq - 2 : 0 };
		assert_int_equal(say_at(f, (int64_t)seq, seq, &d), 0);
	}
	/* MANY holds, the two before do not, the next does, ... */
	for (size_t i = 0; i < rulings_count(f->r); i++)
		assert_int_equal(item(f, i).holds,
		    (MANY - item(f, i).id.seq) % 3 == 0);
	/* One more turns all of them. */
	d.target = (struct race_id){ 1, MANY };
	d.replaces = (struct race_id){ 0, 0 };
	assert_int_equal(say_at(f, MANY + 1, MANY + 1, &d), 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(item(f, i).holds,
		    item(f, i).id.seq < MANY &&
		        (MANY - 1 - item(f, i).id.seq) % 3 == 0);
}

/* ---- any order ---- */

static void
check_effects(const struct heard *h, const struct effects *e)
{
	size_t there = 0;

	for (size_t i = 0; i < h->amendment_count; i++)
		there += h->amendments[i].said;
	assert_int_equal(there, e->amendment_count);
	for (size_t i = 0; i < e->amendment_count; i++)
		for (size_t k = 0; k < h->amendment_count; k++)
			if (same_id(h->amendments[k].read,
			        e->amendments[i].read)) {
				assert_true(h->amendments[k].said);
				assert_int_equal(h->amendments[k].a.voided,
				    e->amendments[i].voided);
				assert_true(same_text(h->amendments[k].a.bib,
				    e->amendments[i].bib));
				assert_true(same_text(h->amendments[k].a.point,
				    e->amendments[i].point));
			}
	there = 0;
	for (size_t i = 0; i < h->added_count; i++)
		there += h->added[i].there;
	assert_int_equal(there, e->added_count);
	for (size_t i = 0; i < e->added_count; i++)
		for (size_t k = 0; k < h->added_count; k++)
			if (same_id(h->added[k].id, e->added[i].id)) {
				assert_true(h->added[k].there);
				assert_int_equal(h->added[k].a.time_us,
				    e->added[i].time_us);
				assert_int_equal(h->added[k].a.set,
				    e->added[i].set);
			}
}

static bool
says_something(const struct rank_ruling *what)
{
	return what->status != RACE_STATUS_NONE || what->penalty_us != 0 ||
	    what->start_us != 0;
}

static void
check_bibs_and_waves(const struct heard *h, const struct effects *e)
{
	size_t there = 0;

	for (size_t i = 0; i < h->ruling_count; i++) {
		const struct rank_ruling *told = &h->rulings[i].what;
		struct rank_ruling want = { 0 };

		for (size_t k = 0; k < e->ruling_count; k++)
			if (strcmp(e->rulings[k].bib, h->rulings[i].bib) == 0)
				want =
				    (struct rank_ruling){ e->rulings[k].status,
					    e->rulings[k].penalty_us,
					    e->rulings[k].start_us };
		assert_int_equal(told->status, want.status);
		assert_int_equal(told->penalty_us, want.penalty_us);
		assert_int_equal(told->start_us, want.start_us);
		there += says_something(told);
	}
	for (size_t k = 0; k < e->ruling_count; k++)
		there -=
		    says_something(&(struct rank_ruling){ e->rulings[k].status,
		        e->rulings[k].penalty_us, e->rulings[k].start_us });
	assert_int_equal(there, 0);
	for (size_t i = 0; i < h->gun_count; i++) {
		int64_t want = RACE_NO_TIME;

		for (size_t k = 0; k < e->gun_count; k++)
			if (strcmp(e->guns[k].wave, h->guns[i].wave) == 0)
				want = e->guns[k].gun_us;
		assert_true(h->guns[i].gun_us == want);
	}
	assert_true(h->gun_count >= e->gun_count);
	there = 0;
	for (size_t i = 0; i < h->entry_count; i++) {
		bool found = false;

		for (size_t k = 0; k < e->entry_count; k++)
			found = found ||
			    (same_id(e->entries[k].id, h->entries[i].id) &&
			        strcmp(e->entries[k].bib, h->entries[i].bib) ==
			            0);
		assert_int_equal(h->entries[i].holds, found);
		there += h->entries[i].holds;
	}
	assert_int_equal(there, e->entry_count);
}

static void
check_story(struct rulings *r, const struct decisions *d)
{
	assert_int_equal(rulings_count(r), d->count);
	for (size_t i = 0; i < d->count; i++) {
		struct rulings_item it;

		rulings_at(r, i, &it);
		assert_int_equal(it.number, i + 1);
		assert_true(same_id(it.id, d->events[i].id));
		assert_int_equal(it.event->kind, d->events[i].event.kind);
		assert_int_equal(it.holds,
		    effects_hold(d->events, d->count, it.id));
		assert_int_equal(it.holds, it.undone_by == 0);
		if (it.undone_by > 0)
			assert_true(effects_hold(d->events, d->count,
			    d->events[it.undone_by - 1].id));
	}
}

/* After each, as the model decides all of them. */
static void
in_any_order_the_same_holds_as_in_the_model(void **state)
{
	uint64_t random = test_seed();
	static struct decisions d;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct heard h = { 0 };
		struct rulings *r = rulings_new(&ops, &h, "masse");
		size_t count = 1 + test_below(&random, 30);
		size_t from = 0;

		decisions_race(&d, &random, 0);
		for (size_t i = 0; i < count; i++)
			decisions_add(&d);
		decisions_shuffle(&d, 0);
		for (size_t i = 0; i < count; i++) {
			struct effects e;

			assert_int_equal(rulings_apply(r, d.events[i].id,
			                     &d.events[i].event),
			    0);
			if (test_below(&random, 4) > 0 && i + 1 < count)
				continue;
			from = test_below(&random, i + 1);
			assert_int_equal(rulings_apply(r, d.events[from].id,
			                     &d.events[from].event),
			    -EEXIST);
			effects_find(&e, &d.rules, d.events, i + 1);
			check_effects(&h, &e);
			check_bibs_and_waves(&h, &e);
			effects_free(&e);
		}
		check_story(r, &d);
		rulings_free(r);
	}
}

static void
when_all_is_undone_nothing_is_left(void **state)
{
	uint64_t random = test_seed();
	static struct decisions d;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct heard h = { 0 };
		struct rulings *r = rulings_new(&ops, &h, "masse");
		size_t count = 1 + test_below(&random, 30);
		struct effects nothing = { 0 };

		decisions_race(&d, &random, 0);
		for (size_t i = 0; i < count; i++)
			decisions_add(&d);
		for (size_t i = 0; i < count; i++)
			decisions_undo(&d, i);
		decisions_shuffle(&d, 0);
		for (size_t i = 0; i < d.count; i++)
			rulings_apply(r, d.events[i].id, &d.events[i].event);
		check_effects(&h, &nothing);
		for (size_t i = 0; i < h.ruling_count; i++)
			assert_false(says_something(&h.rulings[i].what));
		for (size_t i = 0; i < h.gun_count; i++)
			assert_true(h.guns[i].gun_us == RACE_NO_TIME);
		for (size_t i = 0; i < h.entry_count; i++)
			assert_false(h.entries[i].holds);
		rulings_free(r);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    what_is_undone_holds_no_more_and_again_when_that_is_undone),
		TEST(
		    an_undo_is_good_for_what_is_earlier_alone_whenever_it_comes),
		TEST(what_replaces_something_undoes_it),
		TEST(
		    a_verb_of_a_later_version_is_in_the_story_and_can_be_undone),
		TEST(a_repeat_changes_nothing),
		TEST(what_is_said_of_a_bib_adds_up),
		TEST(a_crossing_is_moved_swapped_and_voided),
		TEST(of_times_that_are_set_the_latest_is_there),
		TEST(names_with_blanks_are_not_mixed_up),
		TEST(guns_and_decisions_about_a_wave_are_in_one_order),
		TEST(an_entry_comes_goes_and_changes_its_bib),
		TEST(a_ranking_is_as_it_was_published_last),
		TEST(what_is_set_aside_is_so_while_its_facts_are_the_same),
		TEST(a_prize_is_held_by_whom_it_was_given_last),
		TEST(many_that_undo_two_each_are_decided_once_each),
		cmocka_unit_test(in_any_order_the_same_holds_as_in_the_model),
		cmocka_unit_test(when_all_is_undone_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
