/*
 * season - the doors: a season is made, and read.
 */
#include "race/season/season.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/core.h"

/* ---- making ---- */

static const char *
asked(struct season *s, const char *text)
{
	return text[0] != '\0' ? word_text(s, text) : NULL;
}

static void
copy_ties(struct filter *f, const struct season_table *t)
{
	bool decided = false;

	f->ties = xcalloc(t->tie_count + 1, sizeof *f->ties);
	for (size_t i = 0; i < t->tie_count; i++) {
		f->ties[i] = t->ties[i];
		decided = decided || t->ties[i].rule == SEASON_DECIDED;
	}
	f->tie_count = t->tie_count;
	if (!decided)
		f->ties[f->tie_count++] =
		    (struct season_tie){ .rule = SEASON_DECIDED };
}

static void
make_filter(struct season *s, struct filter *f, const struct season_table *t)
{
	f->sex = asked(s, t->sex);
	f->category = asked(s, t->category);
	f->team = asked(s, t->team);
	f->missing = t->by == SEASON_BY_POINTS && t->each > 0 &&
	    t->missing != SEASON_NO_VALUE;
	f->ratio = t->points.scale == SEASON_RATIO;
	worth_init(&f->worth, &t->points);
	f->own = xcalloc(t->award_count, sizeof *f->own);
	for (size_t i = 0; i < t->award_count; i++) {
		worth_init(&f->own[i], &t->awards[i].points);
		f->ratio =
		    f->ratio || t->awards[i].points.scale == SEASON_RATIO;
	}
	copy_ties(f, t);
	s->kinds[t->of] = true;
	s->any_tally = s->any_tally || t->again || f->missing;
	s->any_average =
	    s->any_average || (t->tied == SEASON_TIED_AVERAGE && !t->again);
	s->any_ratio = s->any_ratio || (f->ratio && !t->again);
}

struct season *
season_new(const struct season_rules *rules)
{
	struct season *s = xcalloc(1, sizeof *s);

	s->rules = season_rules_copy(rules);
	s->words_by_text = strmap_new();
	s->names_by_text = strmap_new();
	index_init(&s->results_by_key);
	index_init(&s->spots_by_place);
	index_init(&s->awards_by_name);
	index_init(&s->comps_by_name);
	index_init(&s->years_by_label);
	s->last = NONE;
	s->filters = xcalloc(rules->table_count, sizeof *s->filters);
	for (size_t i = 0; i < rules->table_count; i++)
		make_filter(s, &s->filters[i], &s->rules->tables[i]);
	return s;
}

static void
free_filter(struct filter *f, const struct season_table *t)
{
	worth_close(&f->worth);
	for (size_t i = 0; i < t->award_count; i++)
		worth_close(&f->own[i]);
	free(f->own);
	free(f->ties);
}

void
season_free(struct season *s)
{
	if (s == NULL)
		return;
	calendar_free(s);
	results_free(s);
	identity_free(s);
	index_close(&s->results_by_key);
	index_close(&s->spots_by_place);
	index_close(&s->awards_by_name);
	index_close(&s->comps_by_name);
	index_close(&s->years_by_label);
	for (size_t i = 0; i < s->rules->table_count; i++)
		free_filter(&s->filters[i], &s->rules->tables[i]);
	free(s->filters);
	season_rules_free(s->rules);
	free(s);
}

/* ---- decisions ---- */

static struct decision *
find_decision(struct table *t, const char *before, const char *behind)
{
	for (size_t i = 0; i < t->decision_count; i++)
		if (strcmp(t->decisions[i].before, before) == 0 &&
		    strcmp(t->decisions[i].behind, behind) == 0)
			return &t->decisions[i];
	return NULL;
}

/* Its equals are parted anew. */
static void
part_again(struct table *t, const char *name)
{
	struct season *s = t->season;
	uint32_t at =
	    index_get(&t->year->crowds[t->rule->of].by_word, word_of(s, name));

	if (at != NONE && at < t->cap && t->rows[at].block != NULL)
		block_free(t, t->rows[at].block);
}

static void
decide(struct table *t, const char *before, const char *behind,
    const char *note)
{
	struct season *s = t->season;
	struct decision *d = find_decision(t, before, behind);

	if (d == NULL) {
		t->decisions = xgrow(t->decisions, &t->decision_cap,
		    t->decision_count, sizeof *t->decisions);
		d = &t->decisions[t->decision_count++];
		*d = (struct decision){ word_text(s, before),
			word_text(s, behind), NULL };
	}
	/* Where it matters the two are in one block. */
	part_again(t, behind);
	free(d->note);
	d->note = note != NULL ? xstrdup(note) : NULL;
}

void
season_decide(struct season *s, const char *season, const char *table,
    const char *before, const char *behind, const char *note)
{
	struct year *y = year_of(s, word_of(s, season));

	for (size_t i = 0; i < s->rules->table_count; i++)
		if (strcmp(s->rules->tables[i].name, table) == 0)
			decide(&y->tables[i], before, behind, note);
}

/* ---- seasons and competitions ---- */

const char *
season_label(struct season *s, size_t season)
{
	const struct year *y = calendar_season(s, season);

	return y != NULL ? y->label : "";
}

int64_t
season_find(struct season *s, const char *label)
{
	for (size_t i = 0; i < season_count(s); i++)
		if (strcmp(season_label(s, i), label) == 0)
			return (int64_t)i;
	return -ENOENT;
}

size_t
season_competitions(struct season *s, size_t season, struct season_held *out,
    size_t cap)
{
	struct year *y = calendar_season(s, season);

	if (y == NULL)
		return 0;
	calendar_settle(s, y);
	for (size_t i = 0; i < y->listed.count && i < cap; i++) {
		const struct comp *c = &s->comps[y->listed.at[i]];
		const char *title = c->rule != NULL ? c->rule->title : "";

		out[i] = (struct season_held){ .name = c->name,
			.title = title[0] != '\0' ? title : c->name,
			.date = c->date,
			.state = c->state,
			.held = comp_held(c) };
	}
	return y->listed.count;
}

/* ---- rows ---- */

static struct table *
table_of(struct season *s, size_t season, size_t table)
{
	struct year *y = calendar_season(s, season);

	if (y == NULL || table >= s->rules->table_count)
		return NULL;
	table_settle(&y->tables[table]);
	return &y->tables[table];
}

/* Of the last of some equals against the first behind them. */
static struct season_reason
reason_behind(struct table *t, const struct row *a, size_t behind)
{
	struct season_reason out = { .rule = SEASON_SCORE,
		.competition = "",
		.note = "" };
	uint32_t next = order_at(t->order, behind);
	const struct row *b;

	if (next == ORDER_NONE) {
		out.rule = SEASON_SHARED;
		return out;
	}
	b = &t->rows[next];
	out.mine = a->total;
	out.theirs = b->total;
	if (a->standing != b->standing) {
		out.rule = SEASON_STANDING;
		out.mine = a->scored;
		out.theirs = b->scored;
	} else if (t->less && a->counted != b->counted) {
		out.rule = SEASON_MORE_COMPETITIONS;
		out.mine = a->counted;
		out.theirs = b->counted;
	}
	return out;
}

static void
fill_row(struct table *t, const struct block *b, size_t begin, size_t at,
    struct season_row *out)
{
	uint32_t subject = b->subjects[at];
	const struct row *row = &t->rows[subject];
	bool placed = row->standing != SEASON_OUT;

	*out = (struct season_row){ .subject = table_subject(t, subject)->name,
		.standing = row->standing,
		.place = placed ? (uint32_t)(begin + b->classes[at]) + 1 : 0,
		.tied = placed && b->sizes[at] > 1,
		.score = row->total,
		.dropped = row->dropped,
		.counted = row->counted,
		.took_part = row->took_part,
		.wins = row->wins,
		.results = row->lines };
	out->before = at + 1 < b->count
	    ? b->reasons[at]
	    : reason_behind(t, row, begin + b->count);
}

size_t
season_rows(struct season *s, size_t season, size_t table, size_t from,
    struct season_row *out, size_t cap)
{
	struct table *t = table_of(s, season, table);
	size_t lines = t != NULL ? order_count(t->order) : 0;
	size_t count = 0;

	while (count < cap && count < lines && from + count < lines) {
		uint32_t first = order_at(t->order, from + count);
		size_t begin = table_begin(t, first);
		const struct block *b = table_block(t, first);

		for (size_t at = from + count - begin;
		     at < b->count && count < cap; at++)
			fill_row(t, b, begin, at, &out[count++]);
	}
	return count;
}

size_t
season_row_count(struct season *s, size_t season, size_t table)
{
	struct table *t = table_of(s, season, table);

	return t != NULL ? order_count(t->order) : 0;
}

/* NONE: no row of that table. */
static uint32_t
find_row(const struct table *t, const char *subject)
{
	uint32_t word = strmap_get(t->season->words_by_text, subject);
	uint32_t at;

	if (word == STRMAP_NONE)
		return NONE;
	at = index_get(&t->year->crowds[t->rule->of].by_word, word);
	return at != NONE && at < t->cap && t->rows[at].present ? at : NONE;
}

int64_t
season_line(struct season *s, size_t season, size_t table, const char *subject)
{
	struct table *t = table_of(s, season, table);
	uint32_t at = t != NULL ? find_row(t, subject) : NONE;

	if (at == NONE)
		return -ENOENT;
	table_block(t, at);
	return (int64_t)(table_begin(t, at) + t->rows[at].seat);
}

/* ---- accounts ---- */

/* Competitions of a row: those that count or are dropped, and those that
 * brought lines alone. */
static void
list_scores(const struct table *t, uint32_t subject, struct scores *out)
{
	const struct row *row = &t->rows[subject];
	size_t count;
	size_t k = 0;

	table_scores(t, subject, out);
	count = out->count;
	for (uint32_t i = 0; i < row->count; i++) {
		/* Those with a part come in the order of the parts. */
		bool listed = k < count && out->list[k].cell == i;

		k += listed;
		if (listed || row->cells[i].lines == 0)
			continue;
		out->list =
		    xgrow(out->list, &out->cap, out->count, sizeof *out->list);
		out->list[out->count++] = (struct score){
			.comp = row->cells[i].comp,
			.rank = t->plans[row->cells[i].comp].rank,
			.cell = i,
		};
	}
}

static int
by_rank(const void *a, const void *b)
{
	const struct score *x = a;
	const struct score *y = b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

int
season_account(struct season *s, size_t season, size_t table,
    const char *subject, struct season_account *out)
{
	struct table *t = table_of(s, season, table);
	uint32_t at = t != NULL ? find_row(t, subject) : NONE;
	struct scores scores = { 0 };
	struct lines lines = { 0 };

	if (at == NONE)
		return -ENOENT;
	list_scores(t, at, &scores);
	qsort(scores.list, scores.count, sizeof *scores.list, by_rank);
	*out = (struct season_account){ 0 };
	out->scores = xcalloc(scores.count, sizeof *out->scores);
	out->score_count = scores.count;
	for (size_t i = 0; i < scores.count; i++) {
		const struct score *x = &scores.list[i];
		size_t first = lines.count;

		if (x->cell != NONE)
			table_lines(t, &table_subject(t, at)->parts[x->cell],
			    &lines);
		out->scores[i] = (struct season_score){
			.competition = x->rank,
			.score = x->value,
			.counts = x->counts,
			.missing = x->missing,
			.first = first,
			.count = lines.count - first,
		};
	}
	out->lines = xcalloc(lines.count, sizeof *out->lines);
	out->line_count = lines.count;
	for (size_t i = 0; i < lines.count; i++)
		out->lines[i] = lines.list[i].line;
	scores_close(&scores);
	lines_close(&lines);
	return 0;
}

/* ---- as it was ---- */

static void
copy_comp(struct season *to, const struct season *s, const struct comp *c)
{
	for (size_t i = 0; i < c->awards.count; i++) {
		uint32_t at = s->awards[c->awards.at[i]].first;

		for (; at != NONE; at = s->results[at].links[OF_AWARD].next)
			season_put(to, s->results[at].key, &s->results[at].r);
	}
	season_set_state(to, s->years[c->year]->label, c->name, c->state);
}

static void
copy_names(struct season *to, const struct season *s)
{
	for (size_t i = 0; i < s->name_count; i++) {
		const struct name *n = &s->names[i];

		if (n->subject != NONE)
			season_name(to, s->words[n->written].text, n->team,
			    s->words[n->subject].text);
	}
}

static void
copy_decisions(struct season *to, const struct season *s, const struct year *y)
{
	for (size_t i = 0; i < s->rules->table_count; i++) {
		const struct table *t = &y->tables[i];

		for (size_t k = 0; k < t->decision_count; k++)
			if (t->decisions[k].note != NULL)
				season_decide(to, y->label, t->rule->name,
				    t->decisions[k].before,
				    t->decisions[k].behind,
				    t->decisions[k].note);
	}
}

struct season *
season_after(struct season *s, size_t season, size_t held)
{
	struct season *to = season_new(s->rules);
	struct year *y = calendar_season(s, season);

	copy_names(to, s);
	if (y == NULL)
		return to;
	copy_decisions(to, s, y);
	for (size_t i = 0; i < held; i++)
		season_go_on(to, s, season, i);
	return to;
}

void
season_go_on(struct season *then, struct season *s, size_t season, size_t held)
{
	struct year *y = calendar_season(s, season);

	if (y == NULL)
		return;
	calendar_settle(s, y);
	for (size_t i = 0; i < y->listed.count; i++) {
		const struct comp *c = &s->comps[y->listed.at[i]];

		if (comp_held(c) && held-- == 0) {
			copy_comp(then, s, c);
			return;
		}
	}
}

/* ---- all results ---- */

struct keyed {
	uint64_t key;
	uint32_t slot;
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a;
	const struct keyed *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

void
season_results(struct season *s, season_result_fn fn, void *arg)
{
	struct keyed *all = xcalloc(s->live, sizeof *all);
	size_t count = 0;

	for (uint32_t i = 0; i < s->result_count; i++)
		if (s->results[i].used)
			all[count++] = (struct keyed){ s->results[i].key, i };
	if (count > 1)
		qsort(all, count, sizeof *all, by_key);
	for (size_t i = 0; i < count; i++) {
		const struct result *r = &s->results[all[i].slot];

		fn(arg, r->key, &r->r,
		    s->comps[s->awards[r->award].comp].state);
	}
	free(all);
}
