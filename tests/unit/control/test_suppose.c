#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/instant.h"
#include "control/consequences.h"
#include "control/shell.h"
#include "control/suppose.h"
#include "race/rules.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	struct correct_job job;
	struct correct c;
	struct conf_report report;
	struct err err;
	char path[32];
	char *text;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	f->streams = name_streams_new();
	name_stream(f->streams, HANDMADE_STATION + 2, "arrivee", false);
	handmade_enter(f->h, "15", "Zoé", "F", "Axa");
	handmade_enter(f->h, "16", "Bob", "M", "Axa");
	handmade_enter(f->h, "17", "Eve", "F", "PMU");
	handmade_run(f->h, "15", 0, 1800 * S);
	handmade_run(f->h, "16", 0, 1900 * S);
	handmade_run(f->h, "17", 0, 2000 * S);
	f->job = (struct correct_job){ .book = f->h->book,
		.streams = f->streams,
		.by = "what-if",
		.stream = UINT64_MAX,
		.now_us = HANDMADE_GUN_US + 7200 * S };
	correct_settle(&f->job);
	correct_init(&f->c, &f->job);
	strcpy(f->path, "/tmp/suppose-XXXXXX");
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	correct_clear(&f->c);
	conf_report_clear(&f->report);
	handmade_free(f->h);
	name_streams_free(f->streams);
	(void)unlink(f->path);
	free(f->text);
	free(f);
	return 0;
}

static int
say(struct fixture *f, const char *line)
{
	char **words;
	size_t count;
	int rc;

	assert_int_equal(shell_split(&words, &count, line), 0);
	rc = suppose(&f->c, words, count, &f->report, &f->err);
	shell_free(words);
	return rc;
}

static void
assert_refused(struct fixture *f, const char *line, const char *words)
{
	size_t count = f->c.count;

	assert_int_equal(say(f, line), -EINVAL);
	if (strstr(f->err.text, words) == NULL)
		fail_msg("%s: %s", line, f->err.text);
	assert_int_equal(f->c.count, count);
}

/* Of the first by gun. */
static const char *
winner(struct book *b)
{
	static char bib[RACE_BIB_MAX + 1];
	struct rank_standing first;

	assert_int_equal(rank_rows(b->rank, HANDMADE_SCRATCH, 0, &first, 1), 1);
	snprintf(bib, sizeof bib, "%s", first.row.label);
	return bib;
}

static void
each_builds_upon_the_last(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "dsq 15"), 0);
	assert_string_equal(winner(f->h->book), "16");
	assert_int_equal(say(f, "PENALTY 16 +5:00"), 0);
	assert_string_equal(winner(f->h->book), "17");
	/* Who is entered by one is known to the next. */
	assert_refused(f, "time 18 arrivee 10:20:00", "18");
	assert_int_equal(say(f, "enter 18 name='Late Comer' sex=M wave=masse"),
	    0);
	assert_int_equal(say(f, "time 18 arrivee 10:20:00"), 0);
	assert_string_equal(winner(f->h->book), "18");
	assert_int_equal(f->c.count, 4);
}

static void
a_decision_undone_was_not_made(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_SET_STATUS, "15");

	d.status = RACE_DSQ;
	handmade_decide(f->h, d);
	correct_settle(&f->job);
	assert_string_equal(winner(f->h->book), "16");
	assert_refused(f, "undo 2", "there are numbers 1 to 1");
	assert_int_equal(say(f, "undo 1"), 0);
	assert_string_equal(winner(f->h->book), "15");
}

/* Whatever was decided, and however far ahead the clock was. */
static void
what_is_supposed_is_later_than_all(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = RACE_TIME_MAX - 1 };
	struct race_decision d = plain_decision(RACE_SET_GUN, "");

	d.wave = "masse";
	d.time_us = HANDMADE_GUN_US + 60 * S;
	d.by = "op";
	e.decision = &d;
	handmade_event(f->h, (struct race_id){ HANDMADE_OPERATOR, 1 }, &e);
	correct_settle(&f->job);
	assert_int_equal(f->job.made_us, RACE_TIME_MAX);
	assert_int_equal(say(f, "gun masse 10:00:30"), 0);
	assert_int_equal(rank_wave_gun(f->h->book->rank, 0),
	    HANDMADE_GUN_US + 30 * S);
}

static void
write_file(struct fixture *f, const char *text)
{
	int fd = mkstemp(f->path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int
say_file(struct fixture *f)
{
	char line[64];

	snprintf(line, sizeof line, "correct %s", f->path);
	return say(f, line);
}

static void
a_file_is_supposed_like_its_rows(void **state)
{
	struct fixture *f = *state;

	write_file(f, "verb,bib,amount\ndsq,15,\npenalty,16,+5:00\n");
	assert_int_equal(say_file(f), 0);
	assert_int_equal(f->c.count, 2);
	assert_string_equal(winner(f->h->book), "17");
}

static void
mistakes_of_a_file_are_told_by_their_lines(void **state)
{
	struct fixture *f = *state;

	write_file(f, "verb,bib\ndsq,99\n");
	assert_int_equal(say_file(f), -EINVAL);
	assert_int_equal(f->report.errors, 1);
	assert_int_equal(f->report.problems[0].line, 2);
	assert_non_null(strstr(f->err.text, "1 row to mend"));
}

static void
what_nobody_can_decide_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "", "nothing is said");
	assert_refused(f, "win 15", "no such verb here; there are mark, ");
	assert_refused(f, "aside same-person:1,2", "no such verb here");
	assert_refused(f, "running 15", "no such verb here");
	assert_refused(f, "dsq", "bib");
	assert_refused(f, "dsq 99", "99");
	assert_refused(f, "correct", "one file");
	assert_refused(f, "mark \xff 15", "word 2 is not UTF-8");
}

/* ---- other rules ---- */

static struct book *
book_by(struct fixture *f, const struct race_rules *rules)
{
	struct book *b = book_new(rules, HANDMADE_FILES);
	static const char *const bibs[] = { "15", "16", "17" };
	struct race_event e = { .kind = RACE_ENTRY };

	for (size_t i = 0; i < 3; i++) {
		e.entry = *roster_find(f->h->book->roster, bibs[i]);
		book_apply(b, (struct race_id){ HANDMADE_FILES, i + 1 }, &e);
	}
	e = (struct race_event){ .kind = RACE_CROSSING };
	for (size_t i = 0; i < 3; i++) {
		e.crossing = plain_crossing("arrivee", bibs[i],
		    HANDMADE_GUN_US + (1800 + 100 * (int64_t)i) * S);
		e.crossing.clock = RACE_CLOCK_FILE;
		book_apply(b, (struct race_id){ HANDMADE_STATION, i + 1 }, &e);
	}
	return b;
}

static const char *
between(struct fixture *f, struct book *was, struct book *is)
{
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	assert_non_null(out);
	consequences_between(out, &f->c, was, is);
	assert_int_equal(fclose(out), 0);
	return f->text;
}

static void
rankings_and_prizes_of_other_rules_are_told(void **state)
{
	struct fixture *f = *state;
	struct race_award one = { plain_text("Prix"), plain_text("scratch"),
		1 };
	struct race_award other = { plain_text("Prix"), plain_text("new"), 2 };
	struct race_rules rules = f->h->rules;
	struct race_ranking mine[] = { f->h->rankings[HANDMADE_SCRATCH],
		f->h->rankings[HANDMADE_TEAMS] };
	struct race_ranking others[] = { mine[1], mine[0] };
	struct book *was;
	struct book *is;

	rules.rankings = mine;
	rules.ranking_count = 2;
	rules.awards = &one;
	rules.award_count = 1;
	was = book_by(f, &rules);
	is = book_by(f, &rules);
	assert_string_equal(between(f, was, is),
	    "No ranking changes by that.\n");
	book_free(is);
	others[0].best = 1;
	others[1].name = plain_text("new");
	others[1].sex = plain_text("F");
	rules.rankings = others;
	rules.awards = &other;
	is = book_by(f, &rules);
	assert_string_equal(between(f, was, is),
	    "What changes by that:\n"
	    "  entreprises\n"
	    "    PMU  1 in, 33:20, too few -> place 2, 33:20\n"
	    "    Axa  place 1, 1:01:40     -> place 1, 30:00\n"
	    "  new\n"
	    "    would be new; the first in it: 15 Zoé\n"
	    "  scratch\n"
	    "    would be gone\n"
	    "  prizes that change hands\n"
	    "    Prix, place 2\n"
	    "      nobody -> 17 Eve\n");
	book_free(is);
	book_free(was);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_builds_upon_the_last),
		TEST(a_decision_undone_was_not_made),
		TEST(what_is_supposed_is_later_than_all),
		TEST(a_file_is_supposed_like_its_rows),
		TEST(mistakes_of_a_file_are_told_by_their_lines),
		TEST(what_nobody_can_decide_is_refused),
		TEST(rankings_and_prizes_of_other_rules_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
