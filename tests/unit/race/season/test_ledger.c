#include "said.h"

#include <errno.h>

#include "race/season/key.h"
#include "race/season/ledger.h"

enum { EVENTS = 400, STREAMS = 12 };

static const struct race_id nothing;

struct fixture {
	struct season *s;
	struct ledger *l;
	uint64_t seqs[STREAMS];
	int64_t now_us;
};

static struct season *
make(void)
{
	struct season_table t = said_table("general");

	t.points.beyond = SEASON_UNIT;
	t.points.list = (int64_t[]){ 3 * SEASON_UNIT };
	t.points.count = 1;
	return said_season(&t);
}

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = make(), .now_us = 1 };
	f.l = ledger_new(f.s);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	ledger_free(f->l);
	season_free(f->s);
	return 0;
}

static struct race_id
apply(struct fixture *f, uint64_t stream, struct race_event e)
{
	struct race_id id = { stream, ++f->seqs[stream] };

	e.made_us = f->now_us++;
	assert_int_equal(ledger_apply(f->l, id, &e), 0);
	ledger_settle(f->l);
	return id;
}

static struct race_listed
listed(const char *competition, uint32_t place, const char *recipient)
{
	struct race_listed l = {
		.result = { .season = "2014",
		    .competition = competition,
		    .award = "",
		    .place = place,
		    .recipient = recipient,
		    .team = "",
		    .sex = "",
		    .category = "",
		    .date = "",
		    .time_us = -1,
		    .points = SEASON_NO_VALUE,
		    .note = "" },
	};

	l.key = key_of(&l.result, 0);
	return l;
}

static void
line(struct fixture *f, uint64_t stream, const char *competition,
    uint32_t place, const char *recipient)
{
	(void)apply(f, stream,
	    (struct race_event){ .kind = RACE_RESULT,
	        .listed = listed(competition, place, recipient) });
}

static struct race_id
decide(struct fixture *f, uint64_t stream, enum race_verb verb,
    const char *text, const struct race_matter *matter, struct race_id target)
{
	struct race_decision d = { .verb = verb,
		.by = "ana",
		.reason = "why",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = text,
		.target = target,
		.matter = matter };

	return apply(f, stream,
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d });
}

static struct race_id
publish(struct fixture *f, uint64_t stream)
{
	return decide(f, stream, RACE_PUBLISH_LIST, "lines", NULL, nothing);
}

static struct race_id
undo(struct fixture *f, uint64_t stream, struct race_id target)
{
	return decide(f, stream, RACE_UNDO, "", NULL, target);
}

static struct race_id
merge(struct fixture *f, uint64_t stream, const char *written,
    const char *subject)
{
	struct race_matter m = { "", "", "", subject, "" };

	return decide(f, stream, RACE_NAME, written, &m, nothing);
}

/* Two competitions, published. */
static struct race_id
begin(struct fixture *f)
{
	line(f, 1, "Podium", 1, "Nespresso");
	line(f, 1, "Podium", 2, "BMS");
	line(f, 1, "Gala", 1, "Bristol");
	return publish(f, 1);
}

static const char first_table[] = "1= Bristol 3; 1= Nespresso 3; 3 BMS 1";

/* ---- publications ---- */

static void
lines_count_once_they_are_published(void **state)
{
	struct fixture *f = *state;

	line(f, 1, "Podium", 1, "Nespresso");
	assert_int_equal(season_count(f->s), 0);
	assert_false(ledger_published(f->l));
	(void)publish(f, 1);
	assert_true(ledger_published(f->l));
	assert_string_equal(said_rows(f->s), "1 Nespresso 3");
}

static void
a_corrected_place_replaces_the_line(void **state)
{
	struct fixture *f = *state;
	const struct race_listed *l;

	(void)begin(f);
	assert_string_equal(said_rows(f->s), first_table);
	line(f, 2, "Podium", 1, "BMS");
	(void)publish(f, 2);
	assert_string_equal(said_rows(f->s),
	    "1= BMS 3; 1= Bristol 3; 1= Nespresso 3");
	l = ledger_line(f->l, listed("Podium", 1, "BMS").key);
	assert_non_null(l);
	assert_int_equal(l->result.place, 1);
}

static void
a_line_that_is_gone_counts_no_more(void **state)
{
	struct fixture *f = *state;
	uint64_t key = listed("Gala", 1, "Bristol").key;
	struct race_id gone;

	(void)begin(f);
	(void)apply(f, 2,
	    (struct race_event){ .kind = RACE_RESULT_GONE,
	        .result_gone = key });
	assert_string_equal(said_rows(f->s), first_table);
	gone = publish(f, 2);
	assert_string_equal(said_rows(f->s), "1 Nespresso 3; 2 BMS 1");
	assert_null(ledger_line(f->l, key));
	(void)undo(f, 3, gone);
	assert_string_equal(said_rows(f->s), first_table);
	assert_non_null(ledger_line(f->l, key));
}

static void
a_publication_undone_gives_back_what_was_published_before(void **state)
{
	struct fixture *f = *state;
	struct race_id second;
	struct race_id undone;

	(void)begin(f);
	line(f, 2, "Podium", 1, "BMS");
	second = publish(f, 2);
	undone = undo(f, 3, second);
	assert_string_equal(said_rows(f->s), first_table);
	(void)undo(f, 4, undone);
	assert_string_equal(said_rows(f->s),
	    "1= BMS 3; 1= Bristol 3; 1= Nespresso 3");
}

/* What a later one said of the same line stays. */
static void
a_publication_in_the_middle_is_undone(void **state)
{
	struct fixture *f = *state;
	struct race_id second;

	(void)begin(f);
	line(f, 2, "Podium", 3, "BMS");
	line(f, 2, "Gala", 2, "Maaf");
	second = publish(f, 2);
	line(f, 3, "Podium", 1, "BMS");
	(void)publish(f, 3);
	(void)undo(f, 4, second);
	assert_string_equal(said_rows(f->s),
	    "1= BMS 3; 1= Bristol 3; 1= Nespresso 3");
}

static void
without_a_publication_that_holds_nothing_is_published(void **state)
{
	struct fixture *f = *state;

	(void)undo(f, 2, begin(f));
	assert_false(ledger_published(f->l));
	assert_int_equal(season_count(f->s), 0);
}

static void
streams_publish_their_own_lines(void **state)
{
	struct fixture *f = *state;

	line(f, 1, "Podium", 1, "Nespresso");
	line(f, 2, "Podium", 2, "BMS");
	(void)publish(f, 2);
	assert_string_equal(said_rows(f->s), "1 BMS 1");
	(void)publish(f, 1);
	assert_string_equal(said_rows(f->s), "1 Nespresso 3; 2 BMS 1");
}

static void
columns_without_meaning_are_kept(void **state)
{
	struct fixture *f = *state;
	struct race_column more[] = { { "Catégorie", "B" }, { "jury", "7" } };
	struct race_listed l = listed("Podium", 1, "Nespresso");
	const struct race_listed *kept;

	l.more = more;
	l.more_count = 2;
	(void)apply(f, 1,
	    (struct race_event){ .kind = RACE_RESULT, .listed = l });
	(void)publish(f, 1);
	memset(more, 0, sizeof more);
	kept = ledger_line(f->l, l.key);
	assert_int_equal(kept->more_count, 2);
	assert_string_equal(kept->more[0].name, "Catégorie");
	assert_string_equal(kept->more[1].value, "7");
}

/* ---- names ---- */

static void
a_merge_undone_restores_the_table(void **state)
{
	struct fixture *f = *state;
	struct race_id merged;

	(void)begin(f);
	merged = merge(f, 2, "BMS", "Bristol");
	assert_string_equal(said_rows(f->s), "1 Bristol 4; 2 Nespresso 3");
	(void)undo(f, 3, merged);
	assert_string_equal(said_rows(f->s), first_table);
}

static void
a_decision_comes_before_an_alias_of_the_files(void **state)
{
	struct fixture *f = *state;
	struct race_id decided;

	ledger_alias(f->l, "BMS", "", "Bristol");
	(void)begin(f);
	assert_string_equal(said_rows(f->s), "1 Bristol 4; 2 Nespresso 3");
	decided = merge(f, 2, "BMS", "");
	assert_string_equal(said_rows(f->s), first_table);
	(void)undo(f, 3, decided);
	assert_string_equal(said_rows(f->s), "1 Bristol 4; 2 Nespresso 3");
	(void)merge(f, 4, "BMS", "Nespresso");
	assert_string_equal(said_rows(f->s), "1 Nespresso 4; 2 Bristol 3");
}

static void
who_was_merged_goes_with_whom_he_was_merged_into(void **state)
{
	struct fixture *f = *state;
	struct race_id first;

	(void)begin(f);
	first = merge(f, 2, "BMS", "Bristol");
	(void)merge(f, 3, "Bristol", "Bristol-Myers");
	assert_string_equal(said_rows(f->s),
	    "1 Bristol-Myers 4; 2 Nespresso 3");
	(void)undo(f, 4, first);
	assert_string_equal(said_rows(f->s),
	    "1= Bristol-Myers 3; 1= Nespresso 3; 3 BMS 1");
}

static void
names_in_a_circle_end_somewhere(void **state)
{
	struct fixture *f = *state;
	struct race_id back;

	(void)begin(f);
	(void)merge(f, 2, "BMS", "Bristol");
	back = merge(f, 3, "Bristol", "BMS");
	assert_int_equal(season_row_count(f->s, 0, 0), 3);
	(void)undo(f, 4, back);
	assert_string_equal(said_rows(f->s), "1 Bristol 4; 2 Nespresso 3");
}

/* ---- competitions and equals ---- */

static void
a_void_competition_counts_again_when_that_is_undone(void **state)
{
	struct fixture *f = *state;
	struct race_matter gala = { "2014", "Gala", "", "", "" };
	struct race_id first;
	struct race_id second;

	(void)begin(f);
	first = decide(f, 2, RACE_VOID_COMPETITION, "", &gala, nothing);
	second = decide(f, 3, RACE_VOID_COMPETITION, "", &gala, nothing);
	assert_string_equal(said_rows(f->s), "1 Nespresso 3; 2 BMS 1");
	(void)undo(f, 4, first);
	assert_string_equal(said_rows(f->s), "1 Nespresso 3; 2 BMS 1");
	(void)undo(f, 5, second);
	assert_string_equal(said_rows(f->s), first_table);
}

static void
a_live_competition_that_was_void_is_live_again(void **state)
{
	struct fixture *f = *state;
	struct race_matter gala = { "2014", "Gala", "", "", "" };
	struct season_held held[4];
	struct race_id decided;

	(void)begin(f);
	season_set_state(f->s, "2014", "Gala", SEASON_LIVE);
	decided = decide(f, 2, RACE_VOID_COMPETITION, "", &gala, nothing);
	season_set_state(f->s, "2014", "Gala", SEASON_LIVE);
	assert_int_equal(season_competitions(f->s, 0, held, 4), 2);
	assert_int_equal(held[0].state, SEASON_VOID);
	(void)undo(f, 3, decided);
	(void)season_competitions(f->s, 0, held, 4);
	assert_int_equal(held[0].state, SEASON_LIVE);
}

static void
of_two_equals_the_last_word_holds(void **state)
{
	struct fixture *f = *state;
	struct race_matter behind = { "2014", "", "general", "Bristol", "" };
	struct race_matter before = { "2014", "", "general", "Nespresso", "" };
	struct race_id second;

	(void)begin(f);
	(void)decide(f, 2, RACE_DECIDE_TIE, "Nespresso", &behind, nothing);
	assert_string_equal(said_rows(f->s),
	    "1 Nespresso 3; 2 Bristol 3; 3 BMS 1");
	second = decide(f, 3, RACE_DECIDE_TIE, "Bristol", &before, nothing);
	assert_string_equal(said_rows(f->s),
	    "1 Bristol 3; 2 Nespresso 3; 3 BMS 1");
	(void)undo(f, 4, second);
	assert_string_equal(said_rows(f->s),
	    "1 Nespresso 3; 2 Bristol 3; 3 BMS 1");
	assert_string_equal(said_row(f->s, 0).before.note, "why");
}

static void
a_repeated_decision_is_told(void **state)
{
	struct fixture *f = *state;
	struct race_matter m = { "", "", "", "Bristol", "" };
	struct race_decision d = { .verb = RACE_NAME,
		.by = "",
		.reason = "",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "BMS",
		.matter = &m };
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	struct race_id id = { 9, 1 };

	assert_int_equal(ledger_apply(f->l, id, &e), 0);
	assert_int_equal(ledger_apply(f->l, id, &e), -EEXIST);
	assert_int_equal(rulings_count(ledger_rulings(f->l)), 1);
}

/* ---- any order ---- */

static const char *const people[] = { "Ada", "Bo", "Cy", "Di", "Eve" };
static const char *const competitions[] = { "Podium", "Gala", "Palmes" };

/* An event with the memory that it needs. */
struct made {
	struct race_id id;
	struct race_event e;
	struct race_decision d;
	struct race_matter m;
};

struct world {
	uint64_t random;
	struct made all[EVENTS];
	size_t count;
	uint64_t seqs[STREAMS];
};

#define ONE_OF(w, list)                                                        \
	(list)[test_below(&(w)->random, sizeof(list) / sizeof *(list))]

static void
make_line(struct world *w, struct made *x)
{
	struct race_listed l = listed(ONE_OF(w, competitions),
	    (uint32_t)test_below(&w->random, 4), ONE_OF(w, people));

	if (test_below(&w->random, 4) > 0)
		x->e = (struct race_event){ .kind = RACE_RESULT, .listed = l };
	else
		x->e = (struct race_event){ .kind = RACE_RESULT_GONE,
			.result_gone = l.key };
}

static void
make_decision(struct world *w, struct made *x)
{
	static const enum race_verb verbs[] = { RACE_NAME, RACE_NAME,
		RACE_VOID_COMPETITION, RACE_DECIDE_TIE, RACE_PUBLISH_LIST,
		RACE_PUBLISH_LIST, RACE_UNDO, RACE_UNDO };

	x->m = (struct race_matter){ "2014", ONE_OF(w, competitions), "general",
		ONE_OF(w, people), "" };
	x->d = (struct race_decision){ .verb = ONE_OF(w, verbs),
		.by = "",
		.reason = "why",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = ONE_OF(w, people),
		.matter = &x->m };
	if (x->d.verb == RACE_NAME && test_below(&w->random, 4) == 0)
		x->m.subject = "";
	if (x->d.verb == RACE_UNDO)
		x->d.target =
		    (struct race_id){ 1 + test_below(&w->random, STREAMS - 1),
			    1 + test_below(&w->random, 40) };
	if (x->d.verb == RACE_DECIDE_TIE &&
	    strcmp(x->d.text, x->m.subject) == 0)
		x->d.verb = RACE_PUBLISH_LIST;
	x->e = (struct race_event){ .kind = RACE_DECISION, .decision = &x->d };
}

static void
make_world(struct world *w)
{
	w->count = 20 + test_below(&w->random, EVENTS - 20);
	memset(w->seqs, 0, sizeof w->seqs);
	for (size_t i = 0; i < w->count; i++) {
		struct made *x = &w->all[i];
		uint64_t stream = 1 + test_below(&w->random, STREAMS - 1);

		if (test_below(&w->random, 2) == 0)
			make_line(w, x);
		else
			make_decision(w, x);
		x->id = (struct race_id){ stream, ++w->seqs[stream] };
		/* Several have one time. */
		x->e.made_us = (int64_t)(i / 3);
	}
}

/* Every table and every line, as text; for free(). */
static char *
told(struct season *s, const struct ledger *l)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct season_held held[8];

	fprintf(out, "%d: %s\n", ledger_published(l), said_rows(s));
	for (size_t i = 0; i < season_competitions(s, 0, held, 8); i++)
		fprintf(out, "%s %d\n", held[i].name, (int)held[i].state);
	for (size_t i = 0; i < season_row_count(s, 0, 0); i++)
		fprintf(out, "%d %s\n", (int)said_row(s, i).before.rule,
		    said_row(s, i).before.note);
	fclose(out);
	return text;
}

/* In the order of picks, streams each in theirs. */
static char *
replay(struct world *w, bool shuffled, bool settled)
{
	struct season *s = make();
	struct ledger *l = ledger_new(s);
	size_t done[STREAMS] = { 0 };
	char *text;

	ledger_alias(l, "Ada", "", "Ada L.");
	for (size_t n = 0; n < w->count; n++) {
		size_t i = n;

		if (shuffled) {
			i = test_below(&w->random, w->count);
			while (
			    w->all[i].id.seq != done[w->all[i].id.stream] + 1)
				i = (i + 1) % w->count;
			done[w->all[i].id.stream]++;
		}
		assert_int_equal(ledger_apply(l, w->all[i].id, &w->all[i].e),
		    0);
		if (settled) {
			ledger_settle(l);
			(void)said_rows(s);
		}
	}
	ledger_settle(l);
	text = told(s, l);
	ledger_free(l);
	season_free(s);
	return text;
}

static void
the_order_of_arrival_changes_nothing(void **state)
{
	static struct world w;

	(void)state;
	w.random = test_seed();
	for (int i = 0; i < 100; i++) {
		char *once;
		char *again;
		char *slow;

		make_world(&w);
		once = replay(&w, false, false);
		again = replay(&w, true, false);
		slow = replay(&w, true, true);
		assert_string_equal(again, once);
		assert_string_equal(slow, once);
		free(once);
		free(again);
		free(slow);
	}
}

/* ---- the obvious way: what holds, said to a season of its own ---- */

static bool
holds(const struct ledger *l, struct race_id id, int64_t *made_us)
{
	const struct rulings *r = ledger_rulings(l);
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(r); i++) {
		rulings_at(r, i, &item);
		if (item.id.stream != id.stream || item.id.seq != id.seq)
			continue;
		*made_us = item.event->made_us;
		return item.holds;
	}
	return false;
}

/* The publication behind that event in its stream; NULL: none yet. */
static const struct made *
publication_of(const struct world *w, const struct made *x)
{
	const struct made *best = NULL;

	for (size_t i = 0; i < w->count; i++) {
		const struct made *y = &w->all[i];

		if (y->id.stream == x->id.stream && y->id.seq > x->id.seq &&
		    y->e.kind == RACE_DECISION &&
		    y->d.verb == RACE_PUBLISH_LIST &&
		    (best == NULL || y->id.seq < best->id.seq))
			best = y;
	}
	return best;
}

static bool
is_before(const struct made *x, const struct made *y)
{
	if (x->e.made_us != y->e.made_us)
		return x->e.made_us < y->e.made_us;
	if (x->id.stream != y->id.stream)
		return x->id.stream < y->id.stream;
	return x->id.seq < y->id.seq;
}

static uint64_t
key_of_event(const struct made *x)
{
	return x->e.kind == RACE_RESULT ? x->e.listed.key : x->e.result_gone;
}

/* Whether x has the last word about its line. */
static bool
is_last(const struct world *w, const struct ledger *l, const struct made *x)
{
	const struct made *of = publication_of(w, x);
	int64_t made_us;

	if (of == NULL || !holds(l, of->id, &made_us))
		return false;
	for (size_t i = 0; i < w->count; i++) {
		const struct made *y = &w->all[i];
		const struct made *by;

		if (y == x || y->e.kind == RACE_DECISION ||
		    key_of_event(y) != key_of_event(x))
			continue;
		by = publication_of(w, y);
		if (by == NULL || !holds(l, by->id, &made_us))
			continue;
		if (by == of ? y->id.seq > x->id.seq : is_before(of, by))
			return false;
	}
	return true;
}

static void
lines_are_those_that_the_last_publication_says(void **state)
{
	static struct world w;

	(void)state;
	w.random = test_seed();
	for (int i = 0; i < 20; i++) {
		struct season *s = make();
		struct ledger *l = ledger_new(s);

		make_world(&w);
		for (size_t n = 0; n < w.count; n++)
			(void)ledger_apply(l, w.all[n].id, &w.all[n].e);
		for (size_t n = 0; n < w.count; n++) {
			const struct made *x = &w.all[n];
			const struct race_listed *kept;

			if (x->e.kind == RACE_DECISION || !is_last(&w, l, x))
				continue;
			kept = ledger_line(l, key_of_event(x));
			assert_int_equal(kept != NULL,
			    x->e.kind == RACE_RESULT);
			if (kept != NULL)
				assert_int_equal(kept->result.place,
				    x->e.listed.result.place);
		}
		ledger_free(l);
		season_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(lines_count_once_they_are_published),
		T(a_corrected_place_replaces_the_line),
		T(a_line_that_is_gone_counts_no_more),
		T(a_publication_undone_gives_back_what_was_published_before),
		T(a_publication_in_the_middle_is_undone),
		T(without_a_publication_that_holds_nothing_is_published),
		T(streams_publish_their_own_lines),
		T(columns_without_meaning_are_kept),
		T(a_merge_undone_restores_the_table),
		T(a_decision_comes_before_an_alias_of_the_files),
		T(who_was_merged_goes_with_whom_he_was_merged_into),
		T(names_in_a_circle_end_somewhere),
		T(a_void_competition_counts_again_when_that_is_undone),
		T(a_live_competition_that_was_void_is_live_again),
		T(of_two_equals_the_last_word_holds),
		T(a_repeated_decision_is_told),
		cmocka_unit_test(the_order_of_arrival_changes_nothing),
		cmocka_unit_test(
		    lines_are_those_that_the_last_publication_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
