#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/consequences.h"
#include "control/podiums.h"
#include "support/plain.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN INT64_C(1411286400000000)
#define S   INT64_C(1000000)

enum { FILES = 1, ARRIVEE = 5, ANNA = 9 };

static char none[] = "";
static struct race_wave waves[] = { { (char[]){ "masse" }, TEN, 0 } };
static struct race_point points[] = {
	{ .name = (char[]){ "arrivee" }, .metres = 8000, .backup = none },
};
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "scratch" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 0 },
	{ .name = (char[]){ "clubs" },
	    .of = RACE_TEAMS,
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .best = 1,
	    .sides = 1,
	    .at = 0 },
};
static struct race_award awards[] = {
	{ (char[]){ "Scratch" }, (char[]){ "scratch" }, 3 },
	{ (char[]){ "Clubs" }, (char[]){ "clubs" }, 1 },
};
static struct race_alias aliases[] = {
	{ .spelling = (char[]){ "MAAF" }, .team = (char[]){ "Maaf" } },
};
static const struct race_rules rules = {
	.aliases = aliases,
	.alias_count = 1,
	.title = (char[]){ "8 km" },
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "Europe/Paris" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 1,
	.rankings = rankings,
	.ranking_count = 2,
	.awards = awards,
	.award_count = 2,
};

struct fixture {
	struct book *b;
	struct name_streams *streams;
	struct correct_job job;
	struct correct c;
	struct err err;
	uint64_t seq[ANNA + 1];
	char *text;
};

static void
enter(struct fixture *f, const char *bib, const char *name, const char *team)
{
	struct race_event e = { .kind = RACE_ENTRY };

	e.entry = plain_entry(bib);
	e.entry.name = name;
	e.entry.team = team;
	book_apply(f->b, (struct race_id){ FILES, ++f->seq[FILES] }, &e);
}

static void
cross(struct fixture *f, const char *bib, int64_t us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = plain_crossing("arrivee", bib, TEN + us);
	e.crossing.clock = RACE_CLOCK_FILE;
	book_apply(f->b, (struct race_id){ ARRIVEE, ++f->seq[ARRIVEE] }, &e);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->b = book_new(&rules, FILES);
	f->streams = name_streams_new();
	enter(f, "124", "Zoé Petit", "Orange");
	enter(f, "142", "Paul Roux", "Maaf");
	enter(f, "7", "Léa Blanc", "");
	enter(f, "9", "Ana Noir", "Maaf");
	cross(f, "124", 1800 * S);
	cross(f, "142", 1801 * S);
	cross(f, "7", 1801 * S);
	f->job = (struct correct_job){ .book = f->b,
		.streams = f->streams,
		.by = "anna",
		.stream = ANNA,
		.made_us = TEN + 7200 * S,
		.now_us = TEN + 7000 * S };
	correct_init(&f->c, &f->job);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	correct_clear(&f->c);
	book_free(f->b);
	name_streams_free(f->streams);
	free(f->text);
	free(f);
	return 0;
}

/* Words end with NULL.  What was decided before is forgotten. */
static int
say(struct fixture *f, const char *verb, const char *a, const char *b,
    const char *w, const char *d)
{
	const char *const from[] = { a, b, w, d };
	char *words[4];
	size_t n = 0;
	int rc;

	correct_clear(&f->c);
	f->job.stream++;
	f->job.made_us += S;
	correct_init(&f->c, &f->job);
	for (; n < 4 && from[n] != NULL; n++)
		words[n] = strdup(from[n]);
	rc = correct_verb(verb)->make(&f->c, words, n, &f->err);
	while (n > 0)
		free(words[--n]);
	return rc;
}

/* And it comes to hold. */
static void
decide(struct fixture *f)
{
	for (size_t i = 0; i < f->c.count; i++)
		assert_int_equal(book_apply(f->b, f->c.events[i].id,
		                     &f->c.events[i].event),
		    0);
}

static const char *
told(struct fixture *f, enum podiums_format format)
{
	struct prizes *prizes = prizes_new(f->b);
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	assert_int_equal(podiums_print(out, format, f->b, prizes), 0);
	fclose(out);
	prizes_free(prizes);
	return f->text;
}

static const struct race_prize *
prize(const struct fixture *f)
{
	assert_int_equal(f->c.count, 1);
	assert_int_equal(f->c.events[0].event.kind, RACE_AWARD);
	return &f->c.events[0].event.prize;
}

/* ---- awards ---- */

static void
a_prize_is_handed_on_with_who_has_won_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "award", "Scratch", "1", "to=7",
	                     "note=withdrew"),
	    0);
	assert_string_equal(prize(f)->holder, "7");
	assert_string_equal(prize(f)->winner, "124");
	assert_string_equal(prize(f)->note, "withdrew");
	assert_string_equal(prize(f)->by, "anna");
	assert_false(f->c.unreasoned);
}

static void
a_prize_without_a_word_asks_for_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "award", "Scratch", "1", "to=7", NULL), 0);
	assert_false(f->c.unreasoned);
	correct_reason(&f->c, "because");
	assert_string_equal(prize(f)->note, "because");
	/* Who came for his own needs none. */
	assert_int_equal(say(f, "award", "Scratch", "1", "collected=yes", NULL),
	    0);
	assert_true(f->c.unreasoned);
	assert_true(prize(f)->collected);
}

static void
collected_stays_with_the_holder_and_goes_with_another(void **state)
{
	struct fixture *f = *state;

	say(f, "award", "Scratch", "1", "to=7", "note=x");
	decide(f);
	say(f, "award", "Scratch", "1", "collected=yes", NULL);
	assert_string_equal(prize(f)->holder, "7");
	assert_string_equal(prize(f)->note, "x");
	decide(f);
	assert_int_equal(say(f, "award", "Scratch", "1", "collected=yes", NULL),
	    0);
	assert_int_equal(f->c.count, 0);
	assert_string_equal(f->c.notes[0],
	    "prize Scratch, place 1: it is so already");
	assert_int_equal(say(f, "award", "Scratch", "1", "to=142", NULL), 0);
	assert_false(prize(f)->collected);
	assert_int_equal(say(f, "award", "Scratch", "1", "to=", "collected=no"),
	    0);
	assert_string_equal(prize(f)->holder, "");
	assert_true(f->c.unreasoned);
}

/* As what-if takes it, in one line. */
static void
flags_are_words_too(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "award", "Scratch", "1", "--to", "7"), 0);
	assert_string_equal(prize(f)->holder, "7");
	decide(f);
	assert_int_equal(say(f, "award", "Scratch", "1", "--collected",
	                     "--note"),
	    -EINVAL);
	assert_int_equal(say(f, "award", "Scratch", "1", "--collected", NULL),
	    0);
	assert_true(prize(f)->collected);
	assert_string_equal(prize(f)->holder, "7");
	decide(f);
	assert_int_equal(say(f, "award", "Scratch", "1", "--back", NULL), 0);
	assert_false(prize(f)->collected);
	assert_string_equal(prize(f)->holder, "");
}

static void
what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *words[4];
		const char *text;
	} wrong[] = {
		{ { "Scratch" },
		    "award: which one, and which place, as in award Femmes 1 "
		    "--collected" },
		{ { "Scratsch", "1", "to=7" },
		    "award Scratsch: there is none; did you mean 'Scratch'? "
		    "There are: Scratch, Clubs" },
		{ { "Scratch", "4", "to=7" },
		    "award Scratch, place 4: from 1 to 3" },
		{ { "Scratch", "0", "to=7" },
		    "award Scratch, place 0: from 1 to 3" },
		{ { "Scratch", "1" },
		    "award: what of it? --to BIB hands it on, --collected "
		    "marks it, --back takes it back" },
		{ { "Scratch", "1", "collected" },
		    "award: collected: what of it? to=BIB, note=TEXT, "
		    "collected=yes or collected=no" },
		{ { "Scratch", "1", "to=124" },
		    "award Scratch, place 1: 124 has won it: --back gives it "
		    "back" },
		{ { "Scratch", "1", "--back", "--collected" },
		    "award: --back takes a prize back: without --to and "
		    "--collected" },
		{ { "Scratch", "1", "to=7", "--back" },
		    "award: --back takes a prize back: without --to and "
		    "--collected" },
		{ { "Scratch", "1", "collected=yes", "collected=no" },
		    "award: collected=yes and collected=no: one of them" },
		{ { "Clubs", "1", "to=Mafa" },
		    "to Mafa: there is no such team; did you mean 'Maaf'?" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *const *w = wrong[i].words;

		assert_int_equal(say(f, "award", w[0], w[1], w[2], w[3]),
		    -EINVAL);
		assert_string_equal(f->err.text, wrong[i].text);
		assert_int_equal(f->c.count, 0);
	}
	assert_int_equal(say(f, "award", "Scratch", "1", "to=999", NULL),
	    -EINVAL);
	assert_int_equal(say(f, "award", "Clubs", "1", "to=Maaf", "note=x"), 0);
	/* By another spelling of its name. */
	assert_int_equal(say(f, "award", "Clubs", "1", "to=MAAF", "note=x"), 0);
	assert_string_equal(prize(f)->holder, "Maaf");
}

static void
a_team_without_a_row_in_the_ranking_may_get_a_prize(void **state)
{
	struct fixture *f = *state;

	rankings[1].size_max = 1;
	book_free(f->b);
	f->b = f->job.book = book_new(&rules, FILES);
	enter(f, "1", "A", "Orange");
	enter(f, "2", "B", "Maaf");
	enter(f, "3", "C", "Maaf");
	cross(f, "1", 1800 * S);
	rankings[1].size_max = 0;
	assert_int_equal(say(f, "award", "Clubs", "1", "to=Maaf", "note=x"), 0);
	assert_string_equal(prize(f)->holder, "Maaf");
}

static void
an_award_undone_gives_the_prize_back(void **state)
{
	struct fixture *f = *state;

	say(f, "award", "Scratch", "1", "to=7", "note=x");
	decide(f);
	assert_int_equal(say(f, "undo", "1", NULL, NULL, NULL), 0);
	decide(f);
	assert_non_null(strstr(told(f, PODIUMS_CSV),
	    "Scratch,1,124,Zoé Petit,124,Zoé Petit,,,,\n"));
}

static void
the_podiums_are_told(void **state)
{
	struct fixture *f = *state;

	say(f, "award", "Scratch", "1", "to=9", "note=withdrew");
	decide(f);
	say(f, "award", "Scratch", "2", "collected=yes", NULL);
	decide(f);
	say(f, "mark", "dsq", "124", NULL, NULL);
	decide(f);
	say(f, "mark", "dns", "9", NULL, NULL);
	decide(f);
	say(f, "publish", "scratch", "final", NULL, NULL);
	decide(f);
	assert_string_equal(told(f, PODIUMS_TEXT),
	    "8 km\n"
	    "\n"
	    "Scratch                                                        "
	    "final since 12:00\n"
	    "       1=   7 Léa Blanc and 142 Paul Roux (Maaf)\n"
	    "            they share this place\n"
	    "            handed on to 9 Ana Noir (Maaf): withdrew\n"
	    "            ! look again: it was handed on when 124 Zoé Petit "
	    "(Orange) had won\n"
	    "            it\n"
	    "       2    nobody\n"
	    "            ! look again: collected by 7, 142, who had this place "
	    "then\n"
	    "       3    nobody\n"
	    "\n"
	    "Clubs                                                          "
	    "not published yet\n"
	    "       1    Maaf\n");
	assert_non_null(
	    strstr(told(f, PODIUMS_LIST), "\n [!]   2    nobody\n"));
	assert_non_null(strstr(told(f, PODIUMS_PAGES), "\n\f8 km\n\nClubs"));
	assert_non_null(strstr(told(f, PODIUMS_CSV),
	    "Scratch,1,142,Paul Roux,9,Ana Noir,,withdrew,final,yes\n"));
	assert_non_null(strstr(told(f, PODIUMS_JSON), "\"changed\": true"));
}

/* ---- publishing ---- */

static void
a_ranking_is_published(void **state)
{
	struct fixture *f = *state;
	struct race_outlook o;

	say(f, "mark", "dns", "9", NULL, NULL);
	decide(f);
	assert_int_equal(say(f, "publish", "scratch", "clubs", "final", NULL),
	    0);
	assert_int_equal(f->c.count, 2);
	assert_int_equal(f->c.note_count, 0);
	assert_true(f->c.unreasoned);
	decide(f);
	book_outlook(f->b, 1, &o);
	assert_int_equal(o.published, RACE_FINAL);
	assert_true(o.since_us == f->job.made_us);
	assert_int_equal(say(f, "publish", "scratch", "final", NULL, NULL), 0);
	assert_int_equal(f->c.count, 0);
	assert_string_equal(f->c.notes[0],
	    "scratch is final since 12:00 already");
	/* Why is asked when it was said to be final. */
	assert_int_equal(say(f, "publish", "scratch", "amended", NULL, NULL),
	    0);
	assert_false(f->c.unreasoned);
}

static void
final_while_somebody_is_out_is_noted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "publish", "clubs", "final", NULL, NULL), 0);
	assert_int_equal(f->c.count, 1);
	assert_string_equal(f->c.notes[0],
	    "places of clubs may still change: somebody is neither in nor out "
	    "(palmares mark dns or dnf says who is)");
}

static void
a_ranking_that_there_is_not_is_not_published(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "publish", "scrath", "final", NULL, NULL),
	    -EINVAL);
	assert_string_equal(f->err.text,
	    "publish: no ranking 'scrath': did you mean 'scratch'? There are: "
	    "scratch, clubs");
	assert_int_equal(say(f, "publish", "scratch", "finished", NULL, NULL),
	    -EINVAL);
	assert_string_equal(f->err.text,
	    "publish: a ranking, and how it stands: provisional, final or "
	    "amended, as in publish scratch final");
}

static void
a_correction_says_which_rankings_change(void **state)
{
	struct fixture *f = *state;
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	/* 9 has not run: nothing of the clubs changes. */
	assert_int_equal(say(f, "mark", "dns", "9", NULL, NULL), 0);
	assert_int_equal(consequences_print(out, &f->c, f->b), 1);
	assert_int_equal(say(f, "mark", "dsq", "142", NULL, NULL), 0);
	assert_int_equal(consequences_print(out, &f->c, f->b), 3);
	assert_int_equal(say(f, "publish", "scratch", "final", NULL, NULL), 0);
	assert_int_equal(consequences_print(out, &f->c, f->b), 0);
	fclose(out);
}

static void
who_has_another_name_keeps_his_prize(void **state)
{
	struct fixture *f = *state;
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	assert_int_equal(say(f, "change", "124", "name=Zoé Grand", "team=Maaf",
	                     NULL),
	    0);
	assert_int_equal(consequences_print(out, &f->c, f->b), 2);
	fclose(out);
	assert_null(strstr(f->text, "Scratch, place"));
	assert_non_null(strstr(f->text,
	    "  prizes that change hands\n"
	    "    Clubs, place 1\n"
	    "      Orange -> Maaf\n"));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_prize_is_handed_on_with_who_has_won_it),
		TEST(a_prize_without_a_word_asks_for_one),
		TEST(collected_stays_with_the_holder_and_goes_with_another),
		TEST(flags_are_words_too),
		TEST(what_cannot_be_is_refused),
		TEST(a_team_without_a_row_in_the_ranking_may_get_a_prize),
		TEST(an_award_undone_gives_the_prize_back),
		TEST(the_podiums_are_told),
		TEST(a_ranking_is_published),
		TEST(final_while_somebody_is_out_is_noted),
		TEST(a_ranking_that_there_is_not_is_not_published),
		TEST(a_correction_says_which_rankings_change),
		TEST(who_has_another_name_keeps_his_prize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
