#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "control/problem_print.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	struct story story;
	struct problem_words words;
	struct problem problem; /* filled in by hand */
	struct problems all;    /* and it alone */
};

static int
set_up(void **state)
{
	static const char *const names[] = { "depart", "mi-course", "arrivee" };
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	f->streams = name_streams_new();
	for (uint64_t i = 0; i < 3; i++)
		name_stream(f->streams, HANDMADE_STATION + i, names[i], false);
	f->story = (struct story){ .streams = f->streams,
		.rulings = f->h->book->rulings,
		.date = "2014-09-21" };
	f->words = (struct problem_words){ &f->story, &f->h->rules, &f->all };
	f->all = (struct problems){ .items = &f->problem, .count = 1 };
	handmade_enter(f->h, "12", "Zoé Petit", "F", "PMU");
	handmade_enter(f->h, "15", "Paul Roy", "M", "PMU");
	f->problem = (struct problem){ .text = "",
		.other_text = "",
		.point = 2,
		.entry = roster_find(f->h->book->roster, "12"),
		.other = roster_find(f->h->book->roster, "15"),
		.time_us = HANDMADE_GUN_US + 1865 * S + S / 4,
		.reads = { { { HANDMADE_STATION + 1, 7 }, 1,
		               HANDMADE_GUN_US + 1800 * S },
		    { { HANDMADE_STATION + 2, 33 }, 2,
		        HANDMADE_GUN_US + 1865 * S + S / 4 } },
		.count = 1,
		.ranking = 0 };
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	name_streams_free(f->streams);
	handmade_free(f->h);
	free(f);
	return 0;
}

static void
says(struct fixture *f, enum problem_kind kind, const char *words,
    const char *command)
{
	char *text;

	f->problem.kind = kind;
	text = problem_tell(&f->words, &f->problem);
	assert_string_equal(text, words);
	free(text);
	text = problem_command(&f->words, &f->problem);
	assert_string_equal(text, command);
	free(text);
}

static void
reads_of_nobody_are_moved_or_somebody_is_entered(void **state)
{
	struct fixture *f = *state;
	struct problem *p = &f->problem;
	const char *chip = "12A";
	struct race_entry own;
	struct race_id several[] = { { HANDMADE_STATION + 1, 7 },
		{ HANDMADE_STATION + 2, 2 }, { HANDMADE_STATION + 1, 8 } };

	p->other = NULL;
	p->text = "21";
	says(f, PROBLEM_UNKNOWN_BIB,
	    "nobody has bib 21, 1 read at 10:31:05.25 (mi-course:7)",
	    "palmares enter 21 name=NAME");
	f->h->waves[0].window_us = 0;
	f->h->waves[1].window_us = 0;
	says(f, PROBLEM_UNKNOWN_BIB,
	    "nobody has bib 21, 1 read at 10:31:05.25 (mi-course:7)",
	    "palmares enter 21 name=NAME wave=WAVE");
	says(f, PROBLEM_UNKNOWN_CHIP,
	    "nobody has chip 21, 1 read at 10:31:05.25 (mi-course:7)",
	    "palmares change BIB 'chip=OLD;21'");
	p->count = 3;
	p->gone = several;
	p->gone_count = 3;
	p->near[0] = (struct problem_near){ "12", "Zoé Petit", "", NEAR_SWAPPED,
		PROBLEM_FITS };
	p->near_count = 1;
	p->other = roster_find(f->h->book->roster, "12");
	says(f, PROBLEM_UNKNOWN_BIB,
	    "nobody has bib 21, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7); near: 12 Zoé Petit (two digits swapped)",
	    "palmares move mi-course:7-8 arrivee:2 bib=12");
	own = plain_entry("12");
	own.chips = &chip;
	own.chip_count = 1;
	p->other = &own;
	says(f, PROBLEM_UNKNOWN_CHIP,
	    "nobody has chip 21, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7); near: 12 Zoé Petit (two digits swapped)",
	    "palmares change 12 'chip=12A;21'");
	p->other = NULL;
	p->near[0].clash = PROBLEM_HAS_TIME;
	p->near[1] = (struct problem_near){ "15", "Paul Roy", "", NEAR_NEXT,
		PROBLEM_ELSEWHERE };
	p->near_count = 2;
	says(f, PROBLEM_UNKNOWN_BIB,
	    "nobody has bib 21, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7); near: 12 Zoé Petit (two digits swapped, but has "
	    "another time there), 15 Paul Roy (a neighbouring number, but was "
	    "elsewhere then)",
	    "palmares enter 21 name=NAME wave=WAVE");
	says(f, PROBLEM_UNKNOWN_CHIP,
	    "nobody has chip 21, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7); near: 12 Zoé Petit (two digits swapped, but has "
	    "another time there), 15 Paul Roy (a neighbouring number, but was "
	    "elsewhere then)",
	    "palmares change BIB 'chip=OLD;21'");
	p->near_count = 0;
	p->gone = several;
	p->gone_count = 3;
	p->text = "mi course";
	says(f, PROBLEM_UNKNOWN_POINT,
	    "there is no point mi course, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7)",
	    "palmares move mi-course:7-8 arrivee:2 point=mi-course");
	p->text = "";
	p->gone_count = 0;
	says(f, PROBLEM_NOBODY,
	    "neither bib nor chip, 3 reads, the first at 10:31:05.25 "
	    "(mi-course:7)",
	    "palmares move mi-course:7 bib=BIB");
	p->text = "2 times, 3 bibs";
	p->amount_us = 10 * S;
	says(f, PROBLEM_CONFLICT,
	    "arrivee: times and bibs that do not fit: 2 times, 3 bibs, from "
	    "10:31:05.25 on",
	    "palmares log --point arrivee --since 10:31:05.25 --until "
	    "10:31:15.25");
}

static void
reads_that_cannot_be_are_voided(void **state)
{
	struct fixture *f = *state;

	struct problem *p = &f->problem;
	struct race_id several[] = { { HANDMADE_STATION + 2, 35 },
		{ HANDMADE_STATION + 1, 7 }, { HANDMADE_STATION + 2, 33 },
		{ HANDMADE_STATION + 2, 34 }, { HANDMADE_STATION + 1, 9 } };

	p->gone = &p->reads[1].id;
	p->gone_count = 1;
	says(f, PROBLEM_PACE,
	    "12 Zoé Petit: faster than anybody: mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33), 4.000 km "
	    "in 1:05.25",
	    "palmares void arrivee:33");
	p->gone = &p->reads[0].id;
	says(f, PROBLEM_TWO_PLACES,
	    "12 Zoé Petit: at two places at once: mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33), 4.000 km "
	    "in 1:05.25",
	    "palmares void mi-course:7");
	p->gone = several;
	p->gone_count = 5;
	says(f, PROBLEM_PACE,
	    "12 Zoé Petit: faster than anybody: mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33), 4.000 km "
	    "in 1:05.25; 5 reads have to go until the rest can be",
	    "palmares void mi-course:7 mi-course:9 arrivee:33-35");
	p->text = "4FA1";
	says(f, PROBLEM_PACE,
	    "12 Zoé Petit: faster than anybody: mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33), 4.000 km "
	    "in 1:05.25; 5 reads have to go until the rest can be, or "
	    "somebody else wears chip 4FA1",
	    "palmares void mi-course:7 mi-course:9 arrivee:33-35");
	p->gone_count = 1;
	says(f, PROBLEM_PACE,
	    "12 Zoé Petit: faster than anybody: mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33), 4.000 km "
	    "in 1:05.25; one of them is wrong, or somebody else wears chip "
	    "4FA1",
	    "palmares void arrivee:35");
	p->gone_count = 5;
	p->count = 13;
	p->amount_us = 21 * S;
	says(f, PROBLEM_SERIES,
	    "13 runners were read at arrivee from 10:31:05.25 to 10:31:26.25, "
	    "and cannot have been there: the mat was tried out, or its clock "
	    "is wrong; the first: 12 Zoé Petit, mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33); 5 reads "
	    "have to go until the rest can be",
	    "palmares void mi-course:7 mi-course:9 arrivee:33-35");
	p->suspect = 1;
	p->open = true;
	says(f, PROBLEM_SERIES,
	    "13 runners were read at arrivee from 10:31:05.25 to 10:31:26.25, "
	    "and cannot have been there and at mi-course: the clock of one of "
	    "the two is wrong; the first: 12 Zoé Petit, mi-course at 10:30:00 "
	    "(mi-course:7) and arrivee at 10:31:05.25 (arrivee:33)",
	    "palmares explain 12");
}

static void
starts_are_put_right(void **state)
{
	struct fixture *f = *state;

	f->problem.text = "masse";
	f->problem.other_text = "vague 2";
	f->problem.amount_us = 60 * S;
	says(f, PROBLEM_WRONG_WAVE,
	    "12 Zoé Petit: over the start line at 10:31:05.25, 1:00 after the "
	    "gun of wave masse, in the time of wave vague 2",
	    "palmares change 12 'wave=vague 2'");
	says(f, PROBLEM_LATE_START,
	    "12 Zoé Petit: over the start line at 10:31:05.25, 1:00 after the "
	    "gun of wave masse, when its window was closed",
	    "palmares start 12 10:31:05.25");
	f->problem.amount_us = -60 * S;
	says(f, PROBLEM_EARLY_START,
	    "12 Zoé Petit: over the start line at 10:31:05.25, 1:00 before "
	    "the gun of wave masse",
	    "palmares start 12 10:31:05.25");
}

static void
a_read_that_may_be_somebody_elses_is_moved(void **state)
{
	struct fixture *f = *state;
	struct problem *p = &f->problem;

	p->reads[0] = (struct problem_read){ { HANDMADE_STATION + 2, 31 }, 2,
		HANDMADE_GUN_US + 1625 * S };
	p->amount_us = p->reads[1].time_us - p->reads[0].time_us;
	p->gone = &p->reads[0].id;
	p->gone_count = 1;
	p->open = true;
	says(f, PROBLEM_SEEN_TWICE,
	    "12 Zoé Petit: seen twice, 4:00.25 apart: arrivee at 10:27:05 "
	    "(arrivee:31), which counts, and arrivee at 10:31:05.25 "
	    "(arrivee:33); one of the two may be somebody else's",
	    "palmares move arrivee:31 bib=BIB");
	p->open = false;
	p->suspect = 1;
	p->gone = &p->reads[1].id;
	says(f, PROBLEM_SEEN_TWICE,
	    "12 Zoé Petit: seen twice, 4:00.25 apart: arrivee at 10:27:05 "
	    "(arrivee:31), which counts, and arrivee at 10:31:05.25 "
	    "(arrivee:33); arrivee:33, which was named by its bib, may be "
	    "somebody else's",
	    "palmares move arrivee:33 bib=BIB");
}

static void
missing_times_are_set(void **state)
{
	struct fixture *f = *state;

	f->problem.point = 1;
	says(f, PROBLEM_NO_SPLIT,
	    "12 Zoé Petit: no time at mi-course, but further on; a read there "
	    "is not used: mi-course at 10:30:00 (mi-course:7)",
	    "palmares time 12 mi-course 10:30:00");
	f->problem.reads[0].id.seq = 0;
	says(f, PROBLEM_NO_SPLIT,
	    "12 Zoé Petit: no time at mi-course, but further on",
	    "palmares time 12 mi-course TIME");
	f->problem.point = 0;
	f->problem.amount_us = HANDMADE_GUN_US;
	says(f, PROBLEM_NO_START,
	    "12 Zoé Petit: finished without a read at the start, so that the "
	    "gun is the start",
	    "palmares time 12 depart 10:00:00");
	f->problem.point = 1;
	f->problem.count = 5;
	f->problem.of = 7;
	says(f, PROBLEM_SILENT_POINT,
	    "mi-course: no read of 5 of 7 who went past it",
	    "palmares reads --point mi-course");
	f->problem.point = 2;
	f->problem.amount_us = 5 * S;
	says(f, PROBLEM_CUTOFF,
	    "12 Zoé Petit: at arrivee at 10:31:05.25, 0:05 after the cut-off",
	    "palmares mark otl 12");
}

static void
who_is_dns_and_was_seen_is_no_longer_dns(void **state)
{
	struct fixture *f = *state;

	f->problem.number = 7;
	says(f, PROBLEM_DNS_SEEN,
	    "12 Zoé Petit: DNS, but was seen: mi-course at 10:30:00 "
	    "(mi-course:7)",
	    "palmares undo 7");
	f->problem.number = 0;
	f->problem.count = 3;
	says(f, PROBLEM_DNS_SEEN,
	    "12 Zoé Petit: DNS, but was seen at 3 points, the last: mi-course "
	    "at 10:30:00 (mi-course:7)",
	    "palmares change 12 status=-");
}

static void
a_gun_that_may_be_wrong_is_set(void **state)
{
	struct fixture *f = *state;

	f->problem.text = "grande masse";
	f->problem.time_us = HANDMADE_GUN_US;
	f->problem.reads[0] =
	    (struct problem_read){ .time_us = HANDMADE_GUN_US };
	f->problem.reads[1].time_us = HANDMADE_GUN_US + 45 * S;
	f->problem.count = 12;
	f->problem.of = 14;
	says(f, PROBLEM_GUN,
	    "the gun of wave grande masse at 10:00:00 may be wrong: from it to "
	    "arrivee 12 of 14 are faster than anybody, the first: 12 Zoé "
	    "Petit, arrivee at 10:00:45 (arrivee:33), 8.000 km in 0:45",
	    "palmares gun 'grande masse' TIME");
	f->problem.point = 0;
	f->problem.reads[1].point = 0;
	f->problem.reads[1].time_us = HANDMADE_GUN_US - 90 * S;
	says(f, PROBLEM_GUN,
	    "the gun of wave grande masse at 10:00:00 may be wrong: 12 of 14 "
	    "are too early or too late over the start line, the first: 12 Zoé "
	    "Petit, depart at 09:58:30 (arrivee:33)",
	    "palmares gun 'grande masse' TIME");
}

static void
what_two_have_is_taken_from_one(void **state)
{
	struct fixture *f = *state;
	static const char *const chips[] = { "AA", "BB", "CC" };
	struct race_entry both = plain_entry("15");

	both.chips = chips;
	both.chip_count = 3;
	f->problem.other = &both;
	f->problem.text = "BB";
	says(f, PROBLEM_CHIP_TWICE,
	    "12 Zoé Petit and 15: both have chip BB; its reads are taken for "
	    "12",
	    "palmares change 15 'chip=AA;CC'");
	both.chip_count = 1;
	f->problem.text = "AA";
	says(f, PROBLEM_CHIP_TWICE,
	    "12 Zoé Petit and 15: both have chip AA; its reads are taken for "
	    "12",
	    "palmares change 15 chip=-");
	says(f, PROBLEM_SAME_PERSON,
	    "12 Zoé Petit and 15: probably one person, entered twice",
	    "palmares remove 15");
	f->problem.text = "femmes";
	f->problem.place = 2;
	says(f, PROBLEM_TOP_THREE,
	    "12 Zoé Petit and 15: place 2 of femmes is the first one's by "
	    "gun, and the second one's by net time",
	    "palmares compare 12 15 --ranking femmes");
	f->problem.text = "L'Oréal \"Paris\"";
	f->problem.other_text = "LOREAL";
	f->problem.of = 9;
	says(f, PROBLEM_SAME_TEAM,
	    "team L'Oréal \"Paris\" (9 entered) and team LOREAL (1 entered): "
	    "probably one, written in two ways; this line below aliases: in "
	    "race.yaml makes them one at the next start of the aggregator",
	    "\"L'Oréal \\\"Paris\\\"\": [\"LOREAL\"]");
}

static struct problem
same_team(const char *team, const char *spelling)
{
	return (struct problem){ .kind = PROBLEM_SAME_TEAM,
		.text = team,
		.other_text = spelling };
}

static void
is_line(struct fixture *f, const struct problem *p, const char *line)
{
	char *text = problem_command(&f->words, p);

	assert_string_equal(text, line);
	free(text);
}

/* race.yaml takes a team once, and no spelling of a spelling. */
static void
spellings_of_one_team_are_on_one_line(void **state)
{
	struct fixture *f = *state;
	char name[] = "Danone";
	char capitals[] = "DANONE";
	char in_france[] = "DANONE FR";
	char sa[] = "Danone SA";
	struct race_alias written[] = { { in_france, capitals }, { sa, name } };
	struct problem items[] = { same_team("Danone", "DANONE"),
		same_team("Danone", "Danonne"), same_team("DANONE", "Danonne"),
		same_team("DANONE", "Danon"), same_team("Orange", "ORANGE") };
	static const char line[] = "\"Danone\": [\"Danone SA\", \"DANONE\", "
	                           "\"DANONE FR\", \"Danonne\", \"Danon\"]";

	f->h->rules.aliases = written;
	f->h->rules.alias_count = 2;
	f->all = (struct problems){ .items = items, .count = 5 };
	for (size_t i = 0; i < 4; i++)
		is_line(f, &items[i], line);
	is_line(f, &items[4], "\"Orange\": [\"ORANGE\"]");

	/* What was looked at and is another team is not among them. */
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_ASIDE,
	        .text = "same-team:DANONE,Danone",
	        .facts = problem_facts(&items[0]) });
	assert_int_equal(problem_aside(&f->words, &items[0]), 1);
	is_line(f, &items[1], "\"Danone\": [\"Danone SA\", \"Danonne\"]");
	f->h->rules.aliases = NULL;
	f->h->rules.alias_count = 0;
}

static void
what_was_published_and_has_changed_is_amended(void **state)
{
	struct fixture *f = *state;
	struct problem *p = &f->problem;

	p->text = "scratch";
	p->number = RACE_FINAL;
	p->time_us = HANDMADE_GUN_US + 14520 * S;
	says(f, PROBLEM_PUBLISHED,
	    "scratch is final since 14:02, and has changed since",
	    "palmares publish scratch amended");
	p->number = RACE_AMENDED;
	says(f, PROBLEM_PUBLISHED,
	    "scratch is amended since 14:02, and has changed since",
	    "palmares publish scratch amended");
}

static void
a_clock_is_told_by_its_station(void **state)
{
	struct fixture *f = *state;

	f->problem.stream = HANDMADE_STATION + 2;
	says(f, PROBLEM_CLOCK,
	    "station arrivee: 1 read by a laptop's clock that nobody has "
	    "measured; let its collector reach the aggregator, which measures "
	    "it, afterwards too",
	    "palmares status");
}

static void
who_was_never_seen_is_marked_at_one_stroke(void **state)
{
	struct fixture *f = *state;

	f->problem.count = 412;
	f->problem.of = 2000;
	says(f, PROBLEM_UNSEEN,
	    "412 of 2000 who are entered were never seen, and the start is "
	    "over: until that is said, places by net are provisional",
	    "palmares mark dns --unseen");
}

/* A shell takes a command as it stands. */
static void
words_are_quoted_for_a_shell(void **state)
{
	struct fixture *f = *state;

	f->problem.other = NULL;
	f->problem.text = "d'A";
	says(f, PROBLEM_UNKNOWN_CHIP,
	    "nobody has chip d'A, 1 read at 10:31:05.25 (mi-course:7)",
	    "palmares change BIB 'chip=OLD;d'\\''A'");
	f->problem.time_us += INT64_C(86400) * S;
	says(f, PROBLEM_EARLY_START,
	    "12 Zoé Petit: over the start line at 2014-09-22 10:31:05.25, "
	    "0:00 after the gun of wave d'A",
	    "palmares start 12 2014-09-22T10:31:05.25+02:00");
	/* 02:10 for the second time, in the night of 2014-10-26. */
	f->story.date = "2014-10-26";
	f->problem.time_us = HANDMADE_GUN_US + INT64_C(2999400) * S;
	says(f, PROBLEM_EARLY_START,
	    "12 Zoé Petit: over the start line at 02:10:00+01:00, 0:00 after "
	    "the gun of wave d'A",
	    "palmares start 12 2014-10-26T02:10:00+01:00");
}

static void
a_list_says_how_many_there_are(void **state)
{
	struct fixture *f = *state;
	struct problem items[2] = { f->problem, f->problem };
	struct problems all = { .items = items };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(problem_print(out, &f->words, &all, false), 0);
	fclose(out);
	assert_string_equal(text, "no problems\n");
	free(text);

	items[0].kind = PROBLEM_CUTOFF;
	items[0].amount_us = 5 * S;
	items[1].kind = PROBLEM_SAME_PERSON;
	all.count = 2;
	out = open_memstream(&text, &len);
	assert_int_equal(problem_print(out, &f->words, &all, false), 0);
	fclose(out);
	assert_string_equal(text,
	    "2 problems: 1 doubtful, 1 note\n"
	    "\n"
	    "Doubtful\n"
	    "  - 12 Zoé Petit: at arrivee at 10:31:05.25, 0:05 after the "
	    "cut-off [cut-off:12]\n"
	    "      palmares mark otl 12\n"
	    "\n"
	    "Notes\n"
	    "  - 12 Zoé Petit and 15 Paul Roy: probably one person, entered "
	    "twice\n"
	    "    [same-person:12,15]\n"
	    "      palmares remove 15\n");
	free(text);
	out = open_memstream(&text, &len);
	assert_int_equal(problem_json(out, &f->words, &all, false), 0);
	fclose(out);
	assert_non_null(strstr(text, "\"command\": \"palmares mark otl 12\""));
	assert_non_null(strstr(text, "\"kind\": \"same-person\""));
	assert_non_null(strstr(text, "\"gravity\": \"note\""));
	free(text);
}

/* ---- keys, and what is set aside ---- */

static void
is_called(struct fixture *f, enum problem_kind kind, const char *key)
{
	char *text;

	f->problem.kind = kind;
	text = problem_key(&f->words, &f->problem);
	assert_string_equal(text, key);
	free(text);
}

static void
a_problem_has_a_key_that_a_person_can_type(void **state)
{
	struct fixture *f = *state;
	struct problem *p = &f->problem;
	const struct race_entry *swap = p->entry;

	p->gone = &p->reads[0].id;
	p->gone_count = 1;
	p->stream = HANDMADE_STATION + 2;
	is_called(f, PROBLEM_PACE, "pace:12");
	is_called(f, PROBLEM_NO_SPLIT, "no-split:12,arrivee");
	is_called(f, PROBLEM_SEEN_TWICE, "seen-twice:12,arrivee");
	is_called(f, PROBLEM_SERIES, "series:mi-course:7");
	is_called(f, PROBLEM_SILENT_POINT, "silent-point:arrivee");
	is_called(f, PROBLEM_CLOCK, "clock:arrivee");
	is_called(f, PROBLEM_NOBODY, "nobody");
	is_called(f, PROBLEM_UNSEEN, "unseen");
	is_called(f, PROBLEM_CONFLICT, "conflict:arrivee,08:31:05Z");
	is_called(f, PROBLEM_SAME_PERSON, "same-person:12,15");
	p->text = "A1";
	is_called(f, PROBLEM_UNKNOWN_CHIP, "unknown-chip:A1");
	is_called(f, PROBLEM_CHIP_TWICE, "chip-twice:A1,15");
	/* Whoever is told first. */
	p->entry = p->other;
	p->other = swap;
	is_called(f, PROBLEM_SAME_PERSON, "same-person:12,15");
	p->text = "Nespresso";
	p->other_text = "Nespreso";
	is_called(f, PROBLEM_SAME_TEAM, "same-team:Nespreso,Nespresso");
}

static bool
changes(struct fixture *f, enum problem_kind kind, const struct problem *to)
{
	struct problem as = *to;

	f->problem.kind = kind;
	as.kind = kind;
	return problem_facts(&f->problem) != problem_facts(&as);
}

static void
facts_are_what_would_make_somebody_look_again(void **state)
{
	struct fixture *f = *state;
	struct problem to = f->problem;

	/* Another read of somebody unknown is, one more past a broken mat is
	 * not. */
	to.count++;
	assert_true(changes(f, PROBLEM_UNKNOWN_BIB, &to));
	assert_true(changes(f, PROBLEM_NOBODY, &to));
	assert_false(changes(f, PROBLEM_SILENT_POINT, &to));
	assert_false(changes(f, PROBLEM_CLOCK, &to));
	to = f->problem;
	to.entry = f->problem.other;
	to.other = f->problem.entry;
	assert_false(changes(f, PROBLEM_SAME_PERSON, &to));
	assert_true(changes(f, PROBLEM_TOP_THREE, &to));
	to = f->problem;
	to.reads[1].time_us++; /* a clock that was measured better */
	assert_false(changes(f, PROBLEM_PACE, &to));
	assert_false(changes(f, PROBLEM_SEEN_TWICE, &to));
	to.reads[1].id.seq++;
	assert_true(changes(f, PROBLEM_PACE, &to));
	assert_true(changes(f, PROBLEM_SEEN_TWICE, &to));
	to = f->problem;
	to.digest++;
	assert_true(changes(f, PROBLEM_PUBLISHED, &to));
	to = f->problem;
	to.amount_us += 1;
	assert_false(changes(f, PROBLEM_CUTOFF, &to));
	to.amount_us += 60 * S;
	assert_true(changes(f, PROBLEM_CUTOFF, &to));
}

static void
who_was_entered_anew_is_another_person(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	f->problem.kind = PROBLEM_PACE;
	before = problem_facts(&f->problem);
	handmade_enter(f->h, "12", "Zoé Grand", "F", "PMU");
	f->problem.entry = roster_find(f->h->book->roster, "12");
	assert_true(problem_facts(&f->problem) != before);
}

static char *
printed(struct fixture *f, const struct problems *all, bool json,
    bool everything)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(json ? problem_json(out, &f->words, all, everything)
	                      : problem_print(out, &f->words, all, everything),
	    0);
	fclose(out);
	return text;
}

static void
what_is_set_aside_is_counted_and_shown_when_asked(void **state)
{
	struct fixture *f = *state;
	struct problems all = { .items = &f->problem, .count = 1 };
	char *text;

	f->problem.kind = PROBLEM_SAME_PERSON;
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_ASIDE,
	        .text = "same-person:12,15",
	        .reason = "twins",
	        .facts = problem_facts(&f->problem) });
	assert_int_equal(problem_aside(&f->words, &f->problem), 1);
	text = printed(f, &all, false, false);
	assert_string_equal(text,
	    "no problems; 1 set aside (--all shows them)\n");
	free(text);
	text = printed(f, &all, false, true);
	assert_string_equal(text,
	    "no problems; 1 set aside\n"
	    "\n"
	    "Set aside\n"
	    "  - 12 Zoé Petit and 15 Paul Roy: probably one person, entered "
	    "twice\n"
	    "    [same-person:12,15]\n"
	    "      by anna: twins\n"
	    "      palmares undo 1\n");
	free(text);
	text = printed(f, &all, true, false);
	assert_non_null(strstr(text, "\"problems\": []"));
	assert_non_null(strstr(text, "\"set_aside\": 1"));
	free(text);
	text = printed(f, &all, true, true);
	assert_non_null(strstr(text, "\"key\": \"same-person:12,15\""));
	assert_non_null(strstr(text, "\"reason\": \"twins\""));
	free(text);
	/* Another person now. */
	handmade_enter(f->h, "15", "Zoé Petit", "F", "PMU");
	f->problem.other = roster_find(f->h->book->roster, "15");
	text = printed(f, &all, false, false);
	assert_non_null(strstr(text, "1 problem: 1 note\n"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_of_nobody_are_moved_or_somebody_is_entered),
		TEST(reads_that_cannot_be_are_voided),
		TEST(starts_are_put_right),
		TEST(a_read_that_may_be_somebody_elses_is_moved),
		TEST(missing_times_are_set),
		TEST(who_is_dns_and_was_seen_is_no_longer_dns),
		TEST(a_gun_that_may_be_wrong_is_set),
		TEST(what_two_have_is_taken_from_one),
		TEST(spellings_of_one_team_are_on_one_line),
		TEST(what_was_published_and_has_changed_is_amended),
		TEST(a_clock_is_told_by_its_station),
		TEST(words_are_quoted_for_a_shell),
		TEST(a_list_says_how_many_there_are),
		TEST(who_was_never_seen_is_marked_at_one_stroke),
		TEST(a_problem_has_a_key_that_a_person_can_type),
		TEST(facts_are_what_would_make_somebody_look_again),
		TEST(who_was_entered_anew_is_another_person),
		TEST(what_is_set_aside_is_counted_and_shown_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
