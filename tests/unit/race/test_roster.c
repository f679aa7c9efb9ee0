#include "support/test.h"

#include <string.h>

#include "race/roster.h"

static const char *const chips[] = { "C1", "C2" };
static const struct race_column more[] = { { "club", "ACN" }, { "size", "L" } };

static const struct race_entry full = {
	.bib = "12",
	.name = "Élise Dupont",
	.sex = "F",
	.born = "1980",
	.category = "V1",
	.team = "Orange",
	.wave = "masse",
	.nation = "FRA",
	.status = RACE_STATUS_NONE,
	.chips = chips,
	.chip_count = 2,
	.more = more,
	.more_count = 2,
};

static int
set_up(void **state)
{
	*state = roster_new(0);
	return 0;
}

static int
tear_down(void **state)
{
	roster_free(*state);
	return 0;
}

static struct race_entry
entry(const char *bib, const char *name)
{
	return (struct race_entry){
		.bib = bib,
		.name = name,
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "",
	};
}

static int
put(struct roster *r, int64_t made_us, uint64_t seq, const char *bib,
    const char *name)
{
	struct race_entry e = entry(bib, name);

	return roster_put(r, made_us, (struct race_id){ 1, seq }, &e);
}

static int
drop(struct roster *r, int64_t made_us, uint64_t seq, const char *bib)
{
	return roster_remove(r, made_us, (struct race_id){ 1, seq }, bib);
}

static void
what_was_put_is_found(void **state)
{
	struct roster *r = *state;
	const struct race_entry *e;

	assert_int_equal(roster_put(r, 1, (struct race_id){ 1, 1 }, &full), 1);
	e = roster_find(r, "12");
	assert_non_null(e);
	assert_ptr_not_equal(e->name, full.name);
	assert_true(roster_entry_equal(e, &full));
	assert_string_equal(e->chips[1], "C2");
	assert_string_equal(e->more[1].value, "L");
	assert_null(roster_find(r, "13"));
	assert_int_equal(roster_count(r), 1);
}

static void
the_latest_event_holds_whenever_it_comes(void **state)
{
	struct roster *r = *state;

	assert_int_equal(put(r, 5, 2, "7", "second"), 1);
	assert_int_equal(put(r, 4, 9, "7", "first"), 0);
	assert_string_equal(roster_find(r, "7")->name, "second");
	assert_int_equal(put(r, 5, 3, "7", "third"), 1);
	assert_string_equal(roster_find(r, "7")->name, "third");
	assert_int_equal(drop(r, 5, 2, "7"), 0);
	assert_non_null(roster_find(r, "7"));
	assert_int_equal(drop(r, 6, 1, "7"), 1);
	assert_null(roster_find(r, "7"));
	assert_int_equal(roster_count(r), 0);
}

static void
who_is_gone_is_not_brought_back_by_an_older_event(void **state)
{
	struct roster *r = *state;

	assert_int_equal(drop(r, 5, 1, "7"), 0);
	assert_int_equal(put(r, 4, 2, "7", "late"), 0);
	assert_null(roster_find(r, "7"));
	assert_int_equal(put(r, 6, 3, "7", "later"), 1);
	assert_non_null(roster_find(r, "7"));
}

/* Else a third event, between the two, would change it. */
static void
an_equal_entry_is_no_change_but_holds(void **state)
{
	struct roster *r = *state;

	assert_int_equal(put(r, 1, 1, "7", "a"), 1);
	assert_int_equal(put(r, 9, 2, "7", "a"), 0);
	assert_int_equal(put(r, 5, 3, "7", "b"), 0);
	assert_string_equal(roster_find(r, "7")->name, "a");
}

static void
a_slot_is_kept_and_told_once(void **state)
{
	struct roster *r = *state;
	uint32_t slots[4];
	const char *bib;

	put(r, 1, 1, "7", "a");
	put(r, 1, 2, "8", "b");
	put(r, 2, 3, "7", "c");
	assert_int_equal(roster_slots(r), 2);
	assert_int_equal(roster_take_changes(r, slots, 1), 1);
	assert_int_equal(roster_take_changes(r, slots + 1, 3), 1);
	assert_int_equal(slots[0] + slots[1], 1);
	assert_int_equal(roster_take_changes(r, slots, 4), 0);
	drop(r, 3, 4, "8");
	assert_int_equal(roster_take_changes(r, slots, 4), 1);
	assert_int_equal(slots[0], 1);
	assert_null(roster_at(r, 1, &bib));
	assert_string_equal(bib, "8");
	assert_string_equal(roster_at(r, 0, &bib)->name, "c");
	assert_string_equal(bib, "7");
}

static void
the_digest_follows_from_the_entries_alone(void **state)
{
	struct roster *r = *state;
	struct roster *other = roster_new(0);
	uint64_t one;

	assert_int_equal(roster_digest(r), 0);
	put(r, 1, 1, "7", "a");
	one = roster_digest(r);
	put(r, 1, 2, "8", "b");
	put(other, 3, 1, "8", "b");
	put(other, 3, 2, "7", "z");
	put(other, 4, 3, "7", "a");
	assert_int_not_equal(roster_digest(r), one);
	assert_int_equal(roster_digest(r), roster_digest(other));
	drop(r, 2, 3, "8");
	assert_int_equal(roster_digest(r), one);
	drop(r, 2, 4, "7");
	assert_int_equal(roster_digest(r), 0);
	roster_free(other);
}

static uint64_t
digest_of(const struct race_entry *e)
{
	struct roster *r = roster_new(0);
	uint64_t digest;

	roster_put(r, 1, (struct race_id){ 1, 1 }, e);
	digest = roster_digest(r);
	roster_free(r);
	return digest;
}

static void
every_field_makes_an_entry_another(void **state)
{
	static const char *const other_chips[] = { "C1", "C3" };
	static const struct race_column names[] = { { "klub", "ACN" },
		{ "size", "L" } };
	static const struct race_column values[] = { { "club", "ACN" },
		{ "size", "M" } };
	struct race_entry all[16];
	size_t n = sizeof all / sizeof *all;

	(void)state;
	for (size_t i = 0; i < n; i++)
		all[i] = full;
	all[1].bib = "012";
	all[2].name = "Élise Durand";
	all[3].sex = "X";
	all[4].born = "1981";
	all[5].category = "V2";
	all[6].team = "Orangé";
	all[7].wave = "";
	all[8].nation = "BEL";
	all[9].status = RACE_DNS;
	all[10].chips = other_chips;
	all[11].chip_count = 1;
	all[12].more = names;
	all[13].more = values;
	all[14].more_count = 1;
	all[15].start_us = 1411286490000000;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			assert_int_equal(roster_entry_equal(&all[i], &all[j]),
			    i == j);
			assert_int_equal(digest_of(&all[i]) ==
			        digest_of(&all[j]),
			    i == j);
		}
}

static void
a_copy_is_one_block_and_equal(void **state)
{
	struct race_entry *copy = roster_entry_copy(&full);
	struct race_entry bare = entry("", "");

	(void)state;
	assert_true(roster_entry_equal(copy, &full));
	free(copy);
	copy = roster_entry_copy(&bare);
	assert_true(roster_entry_equal(copy, &bare));
	free(copy);
}

static void
an_operators_word_holds_over_the_files_whenever_it_was_made(void **state)
{
	struct roster *r = roster_new(1);
	struct race_entry e = entry("7", "operator");

	(void)state;
	assert_int_equal(put(r, 9, 5, "7", "file"), 1);
	assert_int_equal(roster_put(r, 1, (struct race_id){ 3, 1 }, &e), 1);
	assert_int_equal(put(r, 10, 6, "7", "file again"), 0);
	assert_int_equal(drop(r, 11, 7, "7"), 0);
	assert_string_equal(roster_find(r, "7")->name, "operator");
	/* who was taken out stays out */
	assert_int_equal(roster_remove(r, 2, (struct race_id){ 3, 2 }, "7"), 1);
	assert_int_equal(put(r, 12, 8, "7", "file"), 0);
	assert_null(roster_find(r, "7"));
	roster_free(r);
}

static int
withdraw(struct roster *r, uint64_t seq, const char *bib)
{
	return roster_withdraw(r, (struct race_id){ 1, seq }, bib);
}

static void
what_is_withdrawn_leaves_what_the_others_say(void **state)
{
	struct roster *r = *state;

	assert_int_equal(withdraw(r, 1, "7"), 0);
	put(r, 1, 1, "7", "first");
	put(r, 3, 3, "7", "third");
	put(r, 2, 2, "7", "second");
	drop(r, 4, 4, "7");
	assert_int_equal(withdraw(r, 9, "7"), 0);
	assert_int_equal(withdraw(r, 4, "8"), 0);
	assert_null(roster_find(r, "7"));
	assert_int_equal(withdraw(r, 4, "7"), 1);
	assert_string_equal(roster_find(r, "7")->name, "third");
	assert_int_equal(withdraw(r, 2, "7"), 0);
	assert_int_equal(withdraw(r, 3, "7"), 1);
	assert_string_equal(roster_find(r, "7")->name, "first");
	assert_int_equal(put(r, 3, 3, "7", "third"), 1);
	assert_string_equal(roster_find(r, "7")->name, "third");
	assert_int_equal(withdraw(r, 3, "7"), 1);
	assert_int_equal(withdraw(r, 1, "7"), 1);
	assert_null(roster_find(r, "7"));
	assert_int_equal(roster_count(r), 0);
	assert_true(roster_digest(r) == 0);
	/* nobody has said anything: the oldest word is good enough */
	assert_int_equal(put(r, -5, 5, "7", "old"), 1);
	assert_int_equal(roster_slots(r), 1);
}

static void
what_holds_overrules_what_was_said_before_and_nothing_else(void **state)
{
	struct roster *r = *state;
	struct race_id by = { 0, 0 };

	assert_false(
	    roster_overruled(r, "7", 3, (struct race_id){ 1, 3 }, &by));
	put(r, 3, 3, "7", "third");
	assert_false(
	    roster_overruled(r, "7", 3, (struct race_id){ 1, 3 }, &by));
	assert_false(
	    roster_overruled(r, "7", 4, (struct race_id){ 1, 2 }, &by));
	assert_false(
	    roster_overruled(r, "8", 2, (struct race_id){ 1, 2 }, &by));
	assert_int_equal(by.seq, 0);
	assert_true(roster_overruled(r, "7", 2, (struct race_id){ 1, 9 }, &by));
	assert_int_equal(by.seq, 3);
	/* That nobody has it is a word too, while it is there. */
	drop(r, 4, 4, "7");
	assert_true(roster_overruled(r, "7", 3, (struct race_id){ 1, 3 }, &by));
	assert_int_equal(by.seq, 4);
	withdraw(r, 4, "7");
	assert_false(
	    roster_overruled(r, "7", 3, (struct race_id){ 1, 3 }, &by));
	withdraw(r, 3, "7");
	assert_false(
	    roster_overruled(r, "7", 1, (struct race_id){ 1, 1 }, &by));
}

static void
who_was_given_an_entry_keeps_it_while_it_is_the_same(void **state)
{
	struct roster *r = *state;
	const struct race_entry *e;
	uint32_t slot;

	put(r, 1, 1, "7", "Ann");
	e = roster_find(r, "7");
	roster_take_changes(r, &slot, 1);
	assert_int_equal(put(r, 2, 2, "7", "Ann"), 0);
	assert_ptr_equal(roster_find(r, "7"), e);
	assert_int_equal(withdraw(r, 2, "7"), 0);
	assert_ptr_equal(roster_find(r, "7"), e);
	assert_string_equal(e->name, "Ann");
	assert_int_equal(put(r, 2, 2, "7", "Ann"), 0);
	assert_int_equal(withdraw(r, 1, "7"), 0);
	assert_string_equal(e->name, "Ann");
	assert_int_equal(roster_take_changes(r, &slot, 1), 0);
}

/* As a display has it: what cannot be named is not kept. */
static void
what_has_no_name_is_not_withdrawn(void **state)
{
	static const struct race_id nobody = { 0, 0 };
	struct roster *r = *state;
	struct race_entry e = entry("7", "Ann");

	roster_put(r, 1, nobody, &e);
	e.name = "Bob";
	roster_put(r, 2, nobody, &e);
	assert_int_equal(put(r, 3, 3, "7", "Cid"), 1);
	assert_int_equal(withdraw(r, 3, "7"), 1);
	assert_null(roster_find(r, "7"));
}

/* ---- any order of any events ---- */

enum { WORDS_MAX = 40, WORDS_BIBS = 3, WORDS_FILES = 2 };

struct word {
	struct race_id id;
	int64_t made_us;
	char bib[4];
	char name[4]; /* "": gone */
};

static bool
stronger(const struct word *a, const struct word *b)
{
	bool a_file = a->id.stream == WORDS_FILES;
	bool b_file = b->id.stream == WORDS_FILES;

	if (a_file != b_file)
		return b_file;
	if (a->made_us != b->made_us)
		return a->made_us > b->made_us;
	if (a->id.stream != b->id.stream)
		return a->id.stream > b->id.stream;
	return a->id.seq > b->id.seq;
}

static void
make_words(struct word *words, size_t count, uint64_t *random)
{
	for (size_t i = 0; i < count; i++) {
		struct word *w = &words[i];

		w->id.stream = 1 + test_below(random, 3);
		w->id.seq = i + 1;
		w->made_us = (int64_t)test_below(random, 5);
		snprintf(w->bib, sizeof w->bib, "%u",
		    (unsigned)test_below(random, WORDS_BIBS));
		w->name[0] = "\0ab"[test_below(random, 3)];
		w->name[1] = '\0';
	}
}

static void
say_in_any_order(struct roster *r, const struct word *words, size_t count,
    uint64_t *random)
{
	size_t order[WORDS_MAX] = { 0 };

	for (size_t i = 0; i < count; i++) {
		size_t j = test_below(random, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < count; i++) {
		const struct word *w = &words[order[i]];
		struct race_entry e = entry(w->bib, w->name);

		if (w->name[0] == '\0')
			roster_remove(r, w->made_us, w->id, w->bib);
		else
			roster_put(r, w->made_us, w->id, &e);
	}
}

static void
check_words(const struct roster *r, const struct word *words, size_t count)
{
	for (unsigned b = 0; b < WORDS_BIBS; b++) {
		const struct word *last = NULL;
		const struct race_entry *held;
		char bib[4];

		snprintf(bib, sizeof bib, "%u", b);
		for (size_t i = 0; i < count; i++)
			if (strcmp(words[i].bib, bib) == 0 &&
			    (last == NULL || stronger(&words[i], last)))
				last = &words[i];
		held = roster_find(r, bib);
		if (last == NULL || last->name[0] == '\0') {
			assert_null(held);
		} else {
			assert_non_null(held);
			assert_string_equal(held->name, last->name);
		}
	}
}

static void
the_roster_is_a_function_of_the_set_of_events(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct word words[WORDS_MAX];
		size_t count = 1 + test_below(&random, WORDS_MAX);
		uint64_t digest = 0;

		make_words(words, count, &random);
		for (int k = 0; k < 3; k++) {
			struct roster *r = roster_new(WORDS_FILES);

			say_in_any_order(r, words, count, &random);
			check_words(r, words, count);
			if (k > 0)
				assert_true(digest == roster_digest(r));
			digest = roster_digest(r);
			roster_free(r);
		}
	}
}

/* Some of them are withdrawn, and some of those said again. */
static void
withdrawn_events_are_as_if_they_had_not_been(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct word words[WORDS_MAX];
		struct word left[WORDS_MAX];
		size_t count = 1 + test_below(&random, WORDS_MAX);
		size_t stay = 0;
		struct roster *r = roster_new(WORDS_FILES);
		struct roster *fresh = roster_new(WORDS_FILES);

		make_words(words, count, &random);
		say_in_any_order(r, words, count, &random);
		for (size_t k = 0; k < count; k++) {
			uint64_t how = test_below(&random, 3);

			if (how > 0)
				roster_withdraw(r, words[k].id, words[k].bib);
			if (how == 2)
				say_in_any_order(r, &words[k], 1, &random);
			if (how != 1)
				left[stay++] = words[k];
		}
		check_words(r, left, stay);
		if (stay > 0)
			say_in_any_order(fresh, left, stay, &random);
		assert_true(roster_digest(r) == roster_digest(fresh));
		assert_int_equal(roster_count(r), roster_count(fresh));
		roster_free(r);
		roster_free(fresh);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void
a_chip_that_two_entries_have_is_found(void **state)
{
	struct roster *r = roster_new(9);
	struct roster_double d;
	struct race_entry e = full;

	(void)state;
	roster_put(r, 1, (struct race_id){ 9, 1 }, &e);
	put(r, 1, 1, "1", "none");
	assert_int_equal(roster_doubles(r, &d), 0);
	e.bib = "2";
	e.chip_count = 1;
	roster_put(r, 1, (struct race_id){ 1, 2 }, &e);
	assert_int_equal(roster_doubles(r, &d), 1);
	assert_string_equal(d.chip, "C1");
	assert_string_equal(d.bibs[0], "2");
	assert_string_equal(d.bibs[1], "12");
	roster_remove(r, 1, (struct race_id){ 9, 2 }, "12");
	assert_int_equal(roster_doubles(r, &d), 0);
	/* a display's roster does not know whose word an entry is */
	roster_free(r);
	r = roster_new(0);
	roster_put(r, 1, (struct race_id){ 0, 0 }, &full);
	roster_put(r, 2, (struct race_id){ 0, 0 }, &e);
	assert_int_equal(roster_doubles(r, &d), 1);
	roster_free(r);
}

static void
the_greatest_time_is_that_of_all_events(void **state)
{
	struct roster *r = *state;

	assert_int_equal(roster_latest(r), 0);
	put(r, 7, 1, "1", "Ann");
	put(r, 5, 2, "1", "Bob");
	put(r, 6, 3, "2", "Cid");
	assert_int_equal(roster_latest(r), 7);
	drop(r, 8, 4, "3");
	assert_int_equal(roster_latest(r), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_found),
		TEST(the_latest_event_holds_whenever_it_comes),
		TEST(who_is_gone_is_not_brought_back_by_an_older_event),
		TEST(an_equal_entry_is_no_change_but_holds),
		TEST(a_slot_is_kept_and_told_once),
		TEST(the_digest_follows_from_the_entries_alone),
		TEST(every_field_makes_an_entry_another),
		TEST(
		    an_operators_word_holds_over_the_files_whenever_it_was_made),
		TEST(what_is_withdrawn_leaves_what_the_others_say),
		TEST(
		    what_holds_overrules_what_was_said_before_and_nothing_else),
		TEST(who_was_given_an_entry_keeps_it_while_it_is_the_same),
		TEST(what_has_no_name_is_not_withdrawn),
		TEST(the_roster_is_a_function_of_the_set_of_events),
		TEST(withdrawn_events_are_as_if_they_had_not_been),
		TEST(a_copy_is_one_block_and_equal),
		TEST(a_chip_that_two_entries_have_is_found),
		TEST(the_greatest_time_is_that_of_all_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
