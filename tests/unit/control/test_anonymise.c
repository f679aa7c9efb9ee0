#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/anonymise.h"
#include "proto/wire.h"

enum { STORE = 77, OPERATOR = 100, STATION = 200, EVENTS = 16 };

/* A recording of a few events, and what became of them. */
struct fixture {
	char folder[64];
	char from[128];
	char to[128];
	struct recording *recording;
	uint64_t log;
	struct wire_arena *arena;
	struct race_event got[EVENTS];
	char names[EVENTS][RACE_NAME_MAX + 1];
	size_t count;
	struct anonymise told;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-anonymise-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->from, sizeof f->from, "%s/a.rec", f->folder);
	snprintf(f->to, sizeof f->to, "%s/b.rec", f->folder);
	f->arena = wire_arena_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->from);
	unlink(f->to);
	rmdir(f->folder);
	wire_arena_free(f->arena);
	free(f);
	return 0;
}

static void
put_bytes(struct fixture *f, uint64_t stream, uint64_t seq, const char *name,
    const uint8_t *bytes, size_t len)
{
	const struct recording_header header = { STORE, "Race", "0.1.0" };
	const struct recording_record rec = { .log = ++f->log,
		.id = { stream, seq },
		.stream_name = name,
		.received_us = RACE_TIME_MIN,
		.event = bytes,
		.len = len,
		.chain = 1 };

	assert_int_equal(recording_open(&f->recording, f->from, &header,
	                     &f->err),
	    0);
	assert_int_equal(recording_append(f->recording, &rec), 0);
	assert_int_equal(recording_sync(f->recording), 0);
	recording_free(f->recording);
}

static void
put(struct fixture *f, uint64_t stream, uint64_t seq, const char *name,
    struct race_event e)
{
	struct wire_buffer b = { 0 };
	int len;

	e.made_us = RACE_TIME_MIN;
	len = wire_put_event(&b, &e);
	assert_true(len > 0);
	put_bytes(f, stream, seq, name, b.data, (size_t)len);
	wire_buffer_free(&b);
}

/* Ages 20 to 29 and 30 to 39, on the 1st of June 2014; prizes of teams. */
static void
put_rules(struct fixture *f)
{
	char none[] = "";
	char title[] = "Race";
	char date[] = "2014-06-01";
	char zone[] = "UTC";
	char young[] = "young";
	char old[] = "old";
	char fast[] = "fast";
	char prize[] = "prize";
	char axa[] = "Axa";
	char spelling[] = "AXA SA";
	struct race_category categories[] = { { young, none, 20, 29 },
		{ old, none, 30, 39 } };
	struct race_ranking ranking = { .name = fast,
		.of = RACE_TEAMS,
		.sex = none,
		.category = none,
		.team = axa,
		.wave = none,
		.at = RACE_LIVE,
		.sides = 2 };
	struct race_award award = { prize, fast, 3 };
	struct race_alias alias = { spelling, axa };
	const struct race_rules rules = { .title = title,
		.date = date,
		.timezone = zone,
		.rankings = &ranking,
		.ranking_count = 1,
		.awards = &award,
		.award_count = 1,
		.categories = categories,
		.category_count = 2,
		.aliases = &alias,
		.alias_count = 1 };

	put(f, STORE, 1, "race folder",
	    (struct race_event){ .kind = RACE_RULES, .rules = &rules });
}

static void
put_entry(struct fixture *f, uint64_t seq, const char *bib, const char *team,
    const char *born)
{
	static const char *const chips[] = { "0E377A12", "4FF1030" };
	static const struct race_column more[] = { { "mail",
	    "jeanne@example.org" } };

	put(f, STORE, seq, "race folder",
	    (struct race_event){ .kind = RACE_ENTRY,
	        .entry = { .bib = bib,
	            .name = "Jeanne Petit",
	            .sex = "F",
	            .born = born,
	            .category = "",
	            .team = team,
	            .wave = "",
	            .nation = "FRA",
	            .chips = chips,
	            .chip_count = 2,
	            .more = more,
	            .more_count = 1 } });
}

static int
take_header(void *arg, const struct recording_header *h)
{
	(void)arg;
	assert_int_equal(h->store, STORE);
	return 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct fixture *f = arg;

	assert_true(f->count < EVENTS);
	strcpy(f->names[f->count], rec->stream_name);
	assert_int_equal(wire_get_event(f->arena, rec->event, rec->len,
	                     &f->got[f->count]),
	    0);
	f->count++;
	return 0;
}

static void
make(struct fixture *f)
{
	const struct recording_reader reader = { take_header, take_record, f };
	struct recording_end end;

	if (anonymise_file(f->from, f->to, 5, &f->told, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(recording_read(f->to, &reader, &end, &f->err), 0);
	assert_int_equal(f->count, f->log);
}

static void
an_entry_keeps_what_ranks_it_and_nothing_that_names_it(void **state)
{
	struct fixture *f = *state;
	const struct race_entry *a;
	const struct race_entry *b;

	put_rules(f);
	put_entry(f, 2, "401", "AXA SA", "1990-02-03");
	put_entry(f, 3, "12", "Axa", "1990");
	make(f);
	a = &f->got[1].entry;
	b = &f->got[2].entry;
	assert_string_not_equal(a->bib, "401");
	assert_true(strtol(a->bib, NULL, 10) > strtol(b->bib, NULL, 10));
	assert_string_equal(a->name, "Runner 1");
	assert_string_equal(b->name, a->name);
	assert_string_equal(a->born, "1990");
	assert_string_equal(a->nation, "FRA");
	assert_int_equal(a->chip_count, 2);
	assert_string_not_equal(a->chips[0], "0E377A12");
	assert_string_equal(a->chips[1], b->chips[1]);
	assert_int_equal(a->more_count, 0);
	assert_int_equal(f->told.columns, 2);
	/* The rules go with it. */
	assert_string_equal(f->got[0].rules->aliases[0].spelling, a->team);
	assert_string_equal(f->got[0].rules->aliases[0].team, b->team);
	assert_string_equal(f->got[0].rules->rankings[0].team, b->team);
	assert_string_equal(f->got[0].rules->title, "Race");
}

static void
a_birthday_goes_and_the_category_it_made_stays(void **state)
{
	struct fixture *f = *state;

	put_rules(f);
	/* 29 on the day, 30 that year; 30 both ways; 19 on the day. */
	put_entry(f, 2, "1", "", "1984-12-24");
	put_entry(f, 3, "2", "", "1984-01-24");
	put_entry(f, 4, "3", "", "1994-12-24");
	make(f);
	assert_string_equal(f->got[1].entry.born, "1984");
	assert_string_equal(f->got[1].entry.category, "young");
	assert_string_equal(f->got[2].entry.category, "");
	assert_string_equal(f->got[3].entry.born, "");
	assert_string_equal(f->got[3].entry.category, "");
}

static void
what_operators_wrote_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = { .verb = RACE_SET_STATUS,
		.by = "Annabelle",
		.reason = "Jeanne saw it",
		.bib = "401",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.status = RACE_DSQ,
		.text = "" };

	put_rules(f);
	put_entry(f, 2, "401", "Axa", "");
	put(f, OPERATOR, 1, "Annabelle",
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d });
	d.verb = RACE_PUBLISH;
	d.ranking = "fast";
	d.bib = "";
	d.text = "final";
	put(f, OPERATOR, 2, "Annabelle",
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d });
	make(f);
	assert_string_equal(f->names[2], "operator 1");
	assert_string_equal(f->got[2].decision->by, "operator 1");
	assert_string_equal(f->got[2].decision->reason, "(left out)");
	assert_string_equal(f->got[2].decision->bib, f->got[1].entry.bib);
	assert_int_equal(f->got[2].decision->status, RACE_DSQ);
	assert_string_equal(f->got[3].decision->text, "final");
}

/* It is made of names and birthdays, and whoever has a list of runners could
 * try which of them it fits. */
static void
no_fingerprint_of_a_runner_is_left(void **state)
{
	struct fixture *f = *state;
	const struct race_decision d = { .verb = RACE_ASIDE,
		.by = "Annabelle",
		.reason = "",
		.bib = "401",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "two-bibs 401",
		.facts = 0x5ca1ab1e };

	put_rules(f);
	put_entry(f, 2, "401", "Axa", "");
	put(f, OPERATOR, 1, "Annabelle",
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d });
	make(f);
	assert_int_equal(f->got[2].decision->verb, RACE_ASIDE);
	assert_string_equal(f->got[2].decision->bib, f->got[1].entry.bib);
	assert_string_equal(f->got[2].decision->text, "(left out)");
	assert_true(f->got[2].decision->facts == 0);
}

static void
an_operator_whose_first_word_was_cut_off_is_not_named(void **state)
{
	struct fixture *f = *state;
	const struct race_decision d = { .verb = RACE_PUBLISH,
		.by = "Annabelle",
		.reason = "",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "fast",
		.text = "final" };

	put_rules(f);
	put(f, OPERATOR, 2, "Annabelle",
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d });
	make(f);
	assert_string_equal(f->names[1], "operator 1");
}

static void
a_prize_is_held_by_whom_it_was(void **state)
{
	struct fixture *f = *state;
	const char *axa;
	char want[64];

	put_rules(f);
	put_entry(f, 2, "401", "Axa", "");
	put_entry(f, 3, "402", "Roy, Paul", "");
	put(f, OPERATOR, 1, "Annabelle",
	    (struct race_event){ .kind = RACE_AWARD,
	        .prize = { .award = "prize",
	            .place = 1,
	            .holder = "Axa B",
	            .note = "to Jeanne",
	            .by = "Annabelle",
	            .winner = "Axa A, Axa B" } });
	put(f, OPERATOR, 2, "Annabelle",
	    (struct race_event){ .kind = RACE_AWARD,
	        .prize = { .award = "prize",
	            .place = 2,
	            .holder = "Roy, Paul",
	            .note = "",
	            .by = "Annabelle",
	            .winner = "" } });
	make(f);
	axa = f->got[1].entry.team;
	snprintf(want, sizeof want, "%s B", axa);
	assert_string_equal(f->got[3].prize.holder, want);
	snprintf(want, sizeof want, "%s A, %s B", axa, axa);
	assert_string_equal(f->got[3].prize.winner, want);
	assert_string_equal(f->got[3].prize.note, "(left out)");
	assert_string_equal(f->got[4].prize.holder, f->got[2].entry.team);
}

static void
a_crossing_is_whose_it_was(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = { .point = "arrivee",
		.bib = "401",
		.chip = "",
		.time_us = RACE_TIME_MIN,
		.source = "/home/jeanne/arrivee.csv:12" };

	put_rules(f);
	put_entry(f, 2, "401", "Axa", "");
	put(f, STATION, 1, "arrivee",
	    (struct race_event){ .kind = RACE_CROSSING, .crossing = c });
	c.bib = "";
	c.chip = "4FF1030";
	put(f, STATION, 2, "arrivee",
	    (struct race_event){ .kind = RACE_CROSSING, .crossing = c });
	put(f, STATION, 3, "arrivee",
	    (struct race_event){ .kind = RACE_FILL_IN,
	        .fill_in = { 2, "401" } });
	make(f);
	assert_string_equal(f->names[2], "arrivee");
	assert_string_equal(f->got[2].crossing.bib, f->got[1].entry.bib);
	assert_string_equal(f->got[2].crossing.source, "arrivee.csv:12");
	assert_string_equal(f->got[3].crossing.chip, f->got[1].entry.chips[1]);
	assert_string_equal(f->got[4].fill_in.bib, f->got[1].entry.bib);
}

/* What it names nobody can tell. */
static void
an_event_of_a_later_version_is_refused_and_nothing_written(void **state)
{
	static const uint8_t later[] = { 0xfa, 0x7f, 0x02, 0x08, 0x01 };
	struct fixture *f = *state;

	put_rules(f);
	put_bytes(f, STATION, 1, "arrivee", later, sizeof later);
	assert_int_equal(anonymise_file(f->from, f->to, 5, &f->told, &f->err),
	    -ENOTSUP);
	assert_non_null(strstr(f->err.text, "event 2 is of"));
	assert_int_not_equal(access(f->to, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_entry_keeps_what_ranks_it_and_nothing_that_names_it,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_birthday_goes_and_the_category_it_made_stays, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_operators_wrote_is_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    no_fingerprint_of_a_runner_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_operator_whose_first_word_was_cut_off_is_not_named,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_prize_is_held_by_whom_it_was,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_crossing_is_whose_it_was,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_event_of_a_later_version_is_refused_and_nothing_written,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
