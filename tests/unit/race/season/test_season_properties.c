#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "race/season/season.h"
#include "support/season_model.h"

/* ---- random seasons ---- */

enum {
	KEYS = 60,
	NAMES = 12,
	STATES = 16,
	DECISIONS = 24,
	TABLES = 5,
	COMPETITIONS = 5,
	LIST = 4,
	AWARDS = 2,
	TIES = 5,
	ROWS = 200
};

struct world {
	uint64_t random;
	struct season_competition competitions[COMPETITIONS];
	struct season_table tables[TABLES];
	int64_t lists[TABLES][AWARDS + 1][LIST];
	struct season_award awards[TABLES][AWARDS];
	char *only[TABLES][2];
	char *compulsory[TABLES][2];
	struct season_tie ties[TABLES][TIES];
	struct season_rules rules;
	struct season_model_result results[KEYS]; /* those that are there */
	struct season_model_state states[STATES];
	struct season_model_name names[NAMES];
	struct season_model_decision decisions[DECISIONS];
	struct season_model model;
	uint64_t places; /* how many different ones there are */
	uint64_t spread; /* of times and points */
	bool quarrel;    /* few people, and much is decided */
};

static uint64_t
below(struct world *w, uint64_t n)
{
	return test_below(&w->random, n);
}

static bool
chance(struct world *w, uint64_t percent)
{
	return below(w, 100) < percent;
}

static const char *
one_of(struct world *w, const char *const *words, size_t count)
{
	return words[below(w, count)];
}

#define ONE_OF(w, words) one_of(w, words, sizeof(words) / sizeof *(words))

static const char *const seasons[] = { "2014", "2013", "9", "10" };
static const char *const competitions[] = { "c0", "c1", "c2", "c3", "c4", "x",
	"y" };
static const char *const awards[] = { "", "grand", "fun" };
static const char *const people[] = { "Ada", "Bo", "Ida", "Ada / Bo",
	"Bo / Ada", "Ida / Bo", "Cleo", "7", "07", "" };
static const char *const teams[] = { "", "Axa", "PMU", "BMS", "10" };
static const char *const sexes[] = { "", "F", "M" };
static const char *const categories[] = { "", "S", "V" };
static const char *const dates[] = { "", "2014-01-05", "2014-03-01",
	"2014-02-11" };
static const char *const table_names[] = { "t0", "t1", "t2", "t3", "t4" };
static const char *const notes[] = { "coin", "vote", "rule 7" };

/* The rules want char *, though nobody writes to them here. */
static char *
text(const char *s)
{
	union {
		const char *from;
		char *to;
	} u = { s };

	return u.to;
}

static int64_t
some_points(struct world *w)
{
	int64_t points = (int64_t)below(w, w->spread) * SEASON_UNIT;

	return chance(w, 10) ? points + SEASON_UNIT / 2 : points;
}

static struct season_points
make_points(struct world *w, int64_t *list)
{
	struct season_points p = { .scale = (enum season_scale)below(w, 4),
		.list = list,
		.count = below(w, LIST + 1),
		.beyond = chance(w, 50) ? some_points(w) : 0,
		.from = some_points(w),
		.step = some_points(w) / 3,
		.taking_part = chance(w, 30) ? some_points(w) : 0,
		.given = chance(w, 30) };

	for (size_t i = 0; i < LIST; i++)
		list[i] = some_points(w);
	return p;
}

static void
make_ties(struct world *w, struct season_table *t, struct season_tie *ties)
{
	t->ties = ties;
	t->tie_count = below(w, TIES + 1);
	for (size_t i = 0; i < t->tie_count; i++)
		ties[i] = (struct season_tie){
			.rule = (enum season_rule)(SEASON_WINS +
			    below(w, SEASON_DECIDED - SEASON_WINS + 1)),
			.places = (uint32_t)below(w, 4),
			.competition = text(ONE_OF(w, competitions)),
		};
}

static void
make_table(struct world *w, size_t i)
{
	struct season_table *t = &w->tables[i];

	*t = (struct season_table){
		.name = text(table_names[i]),
		.of = (enum season_of)below(w, 3),
		.by = chance(w, 25) ? SEASON_BY_TIME : SEASON_BY_POINTS,
		.points = make_points(w, w->lists[i][AWARDS]),
		.awards = w->awards[i],
		.award_count = below(w, AWARDS + 1),
		.only_awards = chance(w, 15),
		.competitions = w->only[i],
		.competition_count = chance(w, 20) ? 1 + below(w, 2) : 0,
		.compulsory = w->compulsory[i],
		.compulsory_count = chance(w, 30) ? 1 + below(w, 2) : 0,
		.sex = text(chance(w, 20) ? ONE_OF(w, sexes) : ""),
		.category = text(chance(w, 15) ? ONE_OF(w, categories) : ""),
		.team = text(chance(w, 15) ? ONE_OF(w, teams) : ""),
		.again = chance(w, 35),
		.tied = (enum season_tied)below(w, 2),
		.lowest = chance(w, 35),
		.each = chance(w, 40) ? (uint32_t)below(w, 4) : 0,
		.missing = SEASON_NO_VALUE,
		.best = chance(w, 50) ? (uint32_t)below(w, 5) : 0,
		.at_least = chance(w, 40) ? (uint32_t)below(w, 5) : 0,
		.dropped_in_ties = chance(w, 50),
	};
	if (chance(w, 30))
		t->missing = some_points(w);
	for (size_t k = 0; k < AWARDS; k++) {
		bool in = chance(w, 30);

		w->awards[i][k] = (struct season_award){
			.name = text(in ? "" : awards[k + 1]),
			.competition = text(in ? ONE_OF(w, competitions) : ""),
			.points = make_points(w, w->lists[i][k]),
			.plain = !in && chance(w, 30),
			.bonus = !in && chance(w, 50),
		};
	}
	for (size_t k = 0; k < 2; k++) {
		w->only[i][k] = text(ONE_OF(w, competitions));
		w->compulsory[i][k] = text(ONE_OF(w, competitions));
	}
	make_ties(w, t, w->ties[i]);
}

static void
make_world(struct world *w, uint64_t random)
{
	static const int64_t weights[] = { 1000, 1000, 2000, 1500, 333 };

	*w = (struct world){ .random = random };
	w->places = 1 + below(w, 8);
	w->spread = chance(w, 50) ? 1 + below(w, 4) : 50;
	w->quarrel = chance(w, 25);
	if (w->quarrel)
		w->spread = 1;
	w->rules = (struct season_rules){
		.title = text("random"),
		.competitions = w->competitions,
		.competition_count = below(w, COMPETITIONS + 1),
		.tables = w->tables,
		.table_count = 1 + below(w, TABLES),
	};
	for (size_t i = 0; i < w->rules.competition_count; i++)
		w->competitions[i] = (struct season_competition){
			.name = text(competitions[i]),
			.title = text(chance(w, 50) ? "Title" : ""),
			.from = text(chance(w, 15) ? ONE_OF(w, seasons) : ""),
			.to = text(chance(w, 15) ? ONE_OF(w, seasons) : ""),
			.weight = weights[below(w, 5)],
		};
	for (size_t i = 0; i < w->rules.table_count; i++)
		make_table(w, i);
	w->model = (struct season_model){
		.rules = &w->rules,
		.results = w->results,
		.states = w->states,
		.names = w->names,
		.decisions = w->decisions,
	};
}

/* ---- what is said ---- */

static struct season_result
some_result(struct world *w)
{
	return (struct season_result){
		.season = chance(w, 70) ? seasons[0] : ONE_OF(w, seasons),
		.competition = ONE_OF(w, competitions),
		.award = ONE_OF(w, awards),
		.place =
		    chance(w, 15) ? 0 : (uint32_t)(1 + below(w, w->places)),
		.recipient = ONE_OF(w, people),
		.team = ONE_OF(w, teams),
		.sex = ONE_OF(w, sexes),
		.category = ONE_OF(w, categories),
		.date = chance(w, 50) ? "" : ONE_OF(w, dates),
		.status = chance(w, 80) ? RACE_STATUS_NONE
		                        : (enum race_status)below(w, 8),
		.time_us = chance(w, 20)
		    ? -1
		    : (int64_t)below(w, 2 * w->spread) * 1000003,
		.points = chance(w, 60) ? SEASON_NO_VALUE : some_points(w),
		.note = chance(w, 80) ? "" : ONE_OF(w, notes),
	};
}

static size_t
find_key(const struct world *w, uint64_t key)
{
	size_t i = 0;

	while (i < w->model.result_count && w->results[i].key != key)
		i++;
	return i;
}

static struct season_result
corrected(struct world *w, const struct season_result *was,
    const struct season_result *other)
{
	struct season_result r = *was;

	switch (below(w, 7)) {
	case 0:
		r.status = other->status;
		break;
	case 1:
		r.time_us = other->time_us;
		break;
	case 2:
		r.points = other->points;
		break;
	case 3:
		r.date = other->date;
		break;
	case 4:
		r.team = other->team;
		break;
	default:
		r.place = other->place;
	}
	return r;
}

static void
put(struct world *w, struct season *s)
{
	uint64_t key = below(w, KEYS) * UINT64_C(0x100000001);
	size_t at = find_key(w, key);
	struct season_result r = some_result(w);

	/* Often one thing alone is corrected. */
	if (at < w->model.result_count && chance(w, 60))
		r = corrected(w, &w->results[at].r, &r);
	if (at == w->model.result_count)
		w->model.result_count++;
	w->results[at] = (struct season_model_result){ key, r };
	season_put(s, key, &r);
}

static void
drop(struct world *w, struct season *s)
{
	uint64_t key = below(w, KEYS) * UINT64_C(0x100000001);
	size_t at = find_key(w, key);

	season_drop(s, key);
	if (at < w->model.result_count)
		w->results[at] = w->results[--w->model.result_count];
}

static void
set_state(struct world *w, struct season *s)
{
	const char *season = chance(w, 70) ? seasons[0] : ONE_OF(w, seasons);
	const char *competition = ONE_OF(w, competitions);
	struct season_model_state *x = w->states;

	while (x < w->states + w->model.state_count &&
	    (strcmp(x->season, season) != 0 ||
	        strcmp(x->competition, competition) != 0))
		x++;
	if (x == w->states + STATES)
		return;
	if (x == w->states + w->model.state_count) {
		w->model.state_count++;
		*x = (struct season_model_state){ season, competition,
			SEASON_PUBLISHED, false };
	}
	if (chance(w, 50)) {
		x->voided = chance(w, 50);
		season_void(s, season, competition, x->voided);
	} else {
		x->state = (enum season_state)below(w, 3);
		season_set_state(s, season, competition, x->state);
	}
}

static void
name(struct world *w, struct season *s)
{
	struct season_model_name x = {
		chance(w, 70) ? ONE_OF(w, people) : ONE_OF(w, teams),
		chance(w, 60) ? "" : ONE_OF(w, teams),
		chance(w, 40)       ? NULL
		    : chance(w, 80) ? ONE_OF(w, people)
		                    : ONE_OF(w, teams),
	};
	size_t i = 0;

	while (i < w->model.name_count &&
	    (strcmp(w->names[i].written, x.written) != 0 ||
	        strcmp(w->names[i].team, x.team) != 0))
		i++;
	if (i == NAMES)
		return;
	if (i == w->model.name_count)
		w->model.name_count++;
	w->names[i] = x;
	season_name(s, x.written, x.team, x.subject);
}

static void
decide(struct world *w, struct season *s)
{
	struct season_model_decision x = {
		seasons[0],
		ONE_OF(w, table_names),
		chance(w, 70) ? ONE_OF(w, people) : ONE_OF(w, teams),
		chance(w, 70) ? ONE_OF(w, people) : ONE_OF(w, teams),
		chance(w, 25) ? NULL : ONE_OF(w, notes),
	};

	if (w->quarrel) {
		x.table = table_names[0];
		x.before = people[below(w, 4)];
		x.behind = people[below(w, 4)];
	}
	size_t i = 0;

	while (i < w->model.decision_count &&
	    (strcmp(w->decisions[i].table, x.table) != 0 ||
	        strcmp(w->decisions[i].before, x.before) != 0 ||
	        strcmp(w->decisions[i].behind, x.behind) != 0))
		i++;
	if (i == DECISIONS)
		return;
	if (i == w->model.decision_count)
		w->model.decision_count++;
	w->decisions[i] = x;
	season_decide(s, x.season, x.table, x.before, x.behind, x.note);
}

static void
say(struct world *w, struct season *s)
{
	uint64_t what = w->quarrel && chance(w, 30) ? 99 : below(w, 100);

	if (what < 70)
		put(w, s);
	else if (what < 80)
		drop(w, s);
	else if (what < 85)
		set_state(w, s);
	else if (what < 92)
		name(w, s);
	else
		decide(w, s);
}

/* ---- what has to be equal ---- */

static void
check_reason(const struct season_reason *a, const struct season_reason *b)
{
	assert_int_equal(a->rule, b->rule);
	assert_int_equal(a->place, b->place);
	assert_int_equal(a->mine, b->mine);
	assert_int_equal(a->theirs, b->theirs);
	assert_string_equal(a->competition, b->competition);
	assert_string_equal(a->note, b->note);
}

static void
check_row(const struct season_row *a, const struct season_row *b)
{
	assert_string_equal(a->subject, b->subject);
	assert_int_equal(a->standing, b->standing);
	assert_int_equal(a->place, b->place);
	assert_int_equal(a->tied, b->tied);
	assert_int_equal(a->score, b->score);
	assert_int_equal(a->dropped, b->dropped);
	assert_int_equal(a->counted, b->counted);
	assert_int_equal(a->took_part, b->took_part);
	assert_int_equal(a->wins, b->wins);
	assert_int_equal(a->results, b->results);
	check_reason(&a->before, &b->before);
}

static bool
same_row(const struct season_row *a, const struct season_row *b)
{
	const struct season_reason *x = &a->before;
	const struct season_reason *y = &b->before;

	return strcmp(a->subject, b->subject) == 0 && a->place == b->place &&
	    a->standing == b->standing && a->tied == b->tied &&
	    a->score == b->score && a->dropped == b->dropped &&
	    a->counted == b->counted && a->took_part == b->took_part &&
	    a->wins == b->wins && a->results == b->results &&
	    x->rule == y->rule && x->place == y->place && x->mine == y->mine &&
	    x->theirs == y->theirs;
}

static void
print_row(const char *what, const struct season_row *a)
{
	print_message("%s %u%s %s, standing %d: %lld (%lld), %u of %u, %u "
	              "wins, "
	              "%u results; rule %d at %u: %lld %lld %s %s\n",
	    what, a->place, a->tied ? "=" : "", a->subject, (int)a->standing,
	    (long long)a->score, (long long)a->dropped, a->counted,
	    a->took_part, a->wins, a->results, (int)a->before.rule,
	    a->before.place, (long long)a->before.mine,
	    (long long)a->before.theirs, a->before.competition, a->before.note);
}

static void
check_lines_of(const struct season_account *a, const struct season_score *x,
    int64_t *beyond)
{
	int64_t sum = 0;
	bool any = x->missing > 0;

	for (size_t i = x->first; i < x->first + x->count; i++) {
		const struct season_line *l = &a->lines[i];

		any = any || l->counts;
		if (l->counts)
			sum += l->points;
		else
			*beyond += l->points;
	}
	if (!any)
		assert_false(x->counts);
	if (x->missing == 0)
		assert_int_equal(sum, x->score);
	else
		assert_true(x->score >= sum);
}

static void
check_account(struct season *s, size_t season, size_t table,
    const struct season_row *row)
{
	struct season_account a;
	int64_t sum = 0;
	int64_t dropped = 0;
	size_t lines = 0;

	assert_int_equal(season_account(s, season, table, row->subject, &a), 0);
	for (size_t i = 0; i < a.score_count; i++) {
		const struct season_score *x = &a.scores[i];

		if (i > 0)
			assert_true(x->competition > x[-1].competition);
		assert_int_equal(x->first, lines);
		lines += x->count;
		check_lines_of(&a, x, &dropped);
		*(x->counts ? &sum : &dropped) += x->score;
	}
	assert_int_equal(lines, a.line_count);
	assert_int_equal(lines, row->results);
	assert_int_equal(sum, row->score);
	assert_int_equal(dropped, row->dropped);
	free(a.scores);
	free(a.lines);
}

static void
check_table(struct season *s, const struct season_model *m, size_t season,
    size_t table)
{
	struct season_model_rows want;
	struct season_row rows[ROWS];
	size_t count;

	season_model_rows(m, season_label(s, season), table, &want);
	/* The last ones first: whoever asks of some finds all their equals. */
	for (size_t i = want.count; i > 0; i -= i > 2 ? 2 : i) {
		count = season_rows(s, season, table, i - 1, rows, 1);
		assert_int_equal(count, 1);
		check_row(&rows[0], &want.rows[i - 1]);
	}
	count = season_rows(s, season, table, 0, rows, ROWS);
	assert_int_equal(count, want.count);
	assert_int_equal(season_row_count(s, season, table), want.count);
	for (size_t i = 0; i < count; i++) {
		struct season_row one;

		if (!same_row(&rows[i], &want.rows[i])) {
			print_row("has ", &rows[i]);
			print_row("want", &want.rows[i]);
		}
		check_row(&rows[i], &want.rows[i]);
		assert_int_equal(season_line(s, season, table, rows[i].subject),
		    i);
		assert_int_equal(season_rows(s, season, table, i, &one, 1), 1);
		check_row(&one, &want.rows[i]);
		check_account(s, season, table, &rows[i]);
	}
	assert_int_equal(season_rows(s, season, table, count, rows, 1), 0);
	season_model_free(&want);
}

static void
check_competitions(struct season *s, const struct season_model *m,
    size_t season)
{
	struct season_held a[32];
	struct season_held b[32];
	size_t count = season_competitions(s, season, a, 32);

	assert_int_equal(count,
	    season_model_competitions(m, season_label(s, season), b, 32));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(a[i].name, b[i].name);
		assert_string_equal(a[i].title, b[i].title);
		assert_string_equal(a[i].date, b[i].date);
		assert_int_equal(a[i].state, b[i].state);
		assert_int_equal(a[i].held, b[i].held);
	}
}

/* Labels in their order, each with a result, and none without. */
static void
check_seasons(struct season *s, const struct season_model *m)
{
	size_t found = 0;

	for (size_t i = 0; i < season_count(s); i++) {
		const char *label = season_label(s, i);
		size_t before = found;

		if (i > 0)
			assert_true(
			    text_label_cmp(season_label(s, i - 1), label) < 0);
		assert_int_equal(season_find(s, label), i);
		for (size_t k = 0; k < m->result_count; k++)
			found += strcmp(m->results[k].r.season, label) == 0;
		assert_true(found > before);
	}
	assert_int_equal(found, m->result_count);
}

static void
check(struct season *s, const struct season_model *m)
{
	check_seasons(s, m);
	for (size_t i = 0; i < season_count(s); i++) {
		check_competitions(s, m, i);
		for (size_t t = 0; t < m->rules->table_count; t++)
			check_table(s, m, i, t);
	}
}

/* ---- the tests ---- */

static int
set_up(void **state)
{
	static uint64_t seed;

	seed = test_seed();
	*state = &seed;
	return 0;
}

static uint64_t
next(void **state)
{
	return test_random(*state);
}

static void
the_model_agrees(void **state)
{
	static struct world w;

	for (int i = 0; i < 600; i++) {
		struct season *s;
		uint64_t steps;

		make_world(&w, next(state));
		s = season_new(&w.rules);
		steps = 1 + below(&w, 200);
		for (uint64_t n = 0; n < steps; n++)
			say(&w, s);
		check(s, &w.model);
		season_free(s);
	}
}

/* What has been read is kept, and has to be forgotten at the right time. */
static void
questions_on_the_way_change_nothing(void **state)
{
	static struct world w;

	for (int i = 0; i < 120; i++) {
		struct season *s;

		make_world(&w, next(state));
		s = season_new(&w.rules);
		for (int n = 0; n < 120; n++) {
			say(&w, s);
			if (chance(&w, 15))
				check(s, &w.model);
		}
		check(s, &w.model);
		season_free(s);
	}
}

/* Everything that holds in the end, said once, from any end. */
static struct season *
say_again(struct world *w, struct season *s)
{
	size_t first = below(w, 4);
	size_t shift = below(w, KEYS);
	struct season_model *m = &w->model;

	for (size_t n = 0; n < 4; n++) {
		size_t what = (first + n) % 4;

		for (size_t i = 0; i < m->result_count && what == 0; i++) {
			const struct season_model_result *r =
			    &m->results[(i + shift) % m->result_count];

			season_put(s, r->key, &r->r);
		}
		for (size_t i = 0; i < m->state_count && what == 1; i++)
			season_void(s, m->states[i].season,
			    m->states[i].competition, m->states[i].voided);
		for (size_t i = 0; i < m->state_count && what == 1; i++)
			season_set_state(s, m->states[i].season,
			    m->states[i].competition, m->states[i].state);
		for (size_t i = m->name_count; i > 0 && what == 2; i--)
			season_name(s, m->names[i - 1].written,
			    m->names[i - 1].team, m->names[i - 1].subject);
		for (size_t i = m->decision_count; i > 0 && what == 3; i--)
			season_decide(s, m->decisions[i - 1].season,
			    m->decisions[i - 1].table,
			    m->decisions[i - 1].before,
			    m->decisions[i - 1].behind,
			    m->decisions[i - 1].note);
	}
	return s;
}

static void
the_order_of_arrival_changes_nothing(void **state)
{
	static struct world w;

	for (int i = 0; i < 150; i++) {
		struct season *s;

		make_world(&w, next(state));
		s = season_new(&w.rules);
		for (int n = 0; n < 150; n++)
			say(&w, s);
		season_free(s);
		s = say_again(&w, season_new(&w.rules));
		check(s, &w.model);
		season_free(s);
	}
}

static void
a_merge_taken_back_leaves_nothing(void **state)
{
	static struct world w;

	for (int i = 0; i < 120; i++) {
		struct season *s;

		make_world(&w, next(state));
		s = season_new(&w.rules);
		for (int n = 0; n < 80; n++) {
			const char *written = ONE_OF(&w, people);
			const char *team = ONE_OF(&w, teams);

			say(&w, s);
			/* Not one that holds. */
			if (w.model.name_count > 0)
				continue;
			season_name(s, written, team, ONE_OF(&w, people));
			if (chance(&w, 30))
				season_row_count(s, 0, 0);
			season_name(s, written, team, NULL);
		}
		check(s, &w.model);
		season_free(s);
	}
}

/* The part of what has been said that speaks of these competitions. */
static void
restrict_to(struct world *w, const char *season, const struct season_held *held,
    size_t count)
{
	struct season_model *m = &w->model;
	size_t kept = 0;

	for (size_t i = 0; i < m->result_count; i++)
		for (size_t k = 0; k < count; k++)
			if (held[k].held &&
			    strcmp(m->results[i].r.season, season) == 0 &&
			    strcmp(m->results[i].r.competition, held[k].name) ==
			        0) {
				m->results[kept++] = m->results[i];
				break;
			}
	m->result_count = kept;
	kept = 0;
	for (size_t i = 0; i < m->state_count; i++)
		for (size_t k = 0; k < count; k++)
			if (held[k].held &&
			    strcmp(m->states[i].season, season) == 0 &&
			    strcmp(m->states[i].competition, held[k].name) ==
			        0) {
				m->states[kept++] = m->states[i];
				break;
			}
	m->state_count = kept;
}

static void
after_some_competitions_it_is_as_it_was_then(void **state)
{
	static struct world w;

	for (int i = 0; i < 150; i++) {
		struct season_held held[32];
		struct season *s;
		struct season *then;
		size_t season;
		size_t count;
		size_t from;
		size_t most;
		size_t to = 0;

		make_world(&w, next(state));
		s = season_new(&w.rules);
		for (int n = 0; n < 100; n++)
			say(&w, s);
		if (season_count(s) == 0) {
			season_free(s);
			continue;
		}
		season = below(&w, season_count(s));
		count = season_competitions(s, season, held, 32);
		most = below(&w, count + 1);
		for (size_t left = most; to < count && left > 0; to++)
			left -= held[to].held;
		restrict_to(&w, season_label(s, season), held, to);
		from = below(&w, most + 1);
		then = season_after(s, season, from);
		for (; from < most; from++) {
			(void)season_row_count(then, 0, 0);
			season_go_on(then, s, season, from);
		}
		check(then, &w.model);
		season_free(then);
		season_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_agrees),
		cmocka_unit_test(questions_on_the_way_change_nothing),
		cmocka_unit_test(the_order_of_arrival_changes_nothing),
		cmocka_unit_test(a_merge_taken_back_leaves_nothing),
		cmocka_unit_test(after_some_competitions_it_is_as_it_was_then),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
