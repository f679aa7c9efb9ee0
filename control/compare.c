#include "control/compare.h"

#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

/* ---- times at a point ---- */

static int64_t
penalised(int64_t us, int64_t penalty_us)
{
	us += penalty_us;
	if (us > RACE_TIME_MAX)
		return RACE_TIME_MAX;
	return us > 0 ? us : 0;
}

/* As the ranking counts: splits have no penalty, the end of the race has. */
static int64_t
time_at(struct book *b, const struct race_row *row, size_t p)
{
	struct rank_start start;
	int64_t us = p < row->split_count ? row->splits[p] : RACE_NO_SPLIT;

	if (us == RACE_NO_SPLIT || p + 1 < row->split_count)
		return us;
	if (!rank_start(b->rank, row->label, &start) || start.penalty_us == 0)
		return us;
	return penalised(us, start.penalty_us);
}

static bool
is_racing(const struct race_row *row)
{
	return row->status == RACE_FINISHED || row->status == RACE_RUNNING;
}

static struct compare_runner *
runner_of(struct compare *c, const char *label)
{
	for (size_t i = 0; i < c->count; i++)
		if (text_label_cmp(c->runners[i].entry->bib, label) == 0)
			return &c->runners[i];
	return NULL;
}

/* One more of the ranking's people: whom of ours he is before, at each point.
 */
static void
count_row(struct compare *c, struct book *b, const struct race_row *row)
{
	if (!is_racing(row))
		return;
	for (size_t p = 0; p < row->split_count; p++) {
		int64_t us = time_at(b, row, p);

		for (size_t i = 0; us >= 0 && i < c->count; i++) {
			struct compare_split *s = &c->runners[i].splits[p];

			s->place += s->place > 0 && us < s->elapsed_us;
		}
	}
}

/* Where the ranking looks, it has the last word. */
static void
take_end(const struct compare *c, struct compare_runner *r)
{
	struct compare_split *s = &r->splits[c->rule->at];

	/* By kilometres he has a place before he comes there. */
	if (s->elapsed_us < 0)
		return;
	s->place = r->line.place;
	if (r->in && r->line.place > 0)
		s->elapsed_us = r->line.row.elapsed_us;
}

static void
take_splits(struct compare *c, struct book *b)
{
	struct board_line line;

	for (size_t i = 0; board_line(c->board, i, &line) == 0; i++) {
		struct compare_runner *r = runner_of(c, line.row.label);

		if (r == NULL)
			continue;
		r->in = true;
		r->line = line;
		for (size_t p = 0; p < line.row.split_count; p++)
			r->splits[p] = (struct compare_split){
				time_at(b, &line.row, p),
				is_racing(&line.row),
			};
		for (size_t p = 0; p < line.row.split_count; p++)
			if (r->splits[p].elapsed_us < 0)
				r->splits[p].place = 0;
	}
	for (size_t i = 0; board_line(c->board, i, &line) == 0; i++)
		count_row(c, b, &line.row);
	for (size_t i = 0; c->rule->at >= 0 && i < c->count; i++)
		take_end(c, &c->runners[i]);
}

/* ---- their order ---- */

static int
by_place(const void *a, const void *b)
{
	const struct compare_runner *x = a;
	const struct compare_runner *y = b;

	if (x->in != y->in)
		return x->in ? -1 : 1;
	if ((x->line.place == 0) != (y->line.place == 0))
		return x->line.place == 0 ? 1 : -1;
	if (x->line.place != y->line.place)
		return x->line.place < y->line.place ? -1 : 1;
	return text_label_cmp(x->entry->bib, y->entry->bib);
}

/* The start is where everybody has the same time, but by the gun. */
static void
choose_points(struct compare *c)
{
	bool skip = rules_has_start(c->rules) && c->rule->by == RACE_BY_NET;

	for (size_t p = skip; p < c->rules->point_count; p++)
		for (size_t i = 0; i < c->count; i++)
			if (c->runners[i].splits[p].elapsed_us >= 0) {
				c->points[c->point_count++] = (int)p;
				break;
			}
}

void
compare_new(struct compare **out, struct book *b, size_t v,
    const struct race_entry *const *entries, size_t count)
{
	struct compare *c = xcalloc(1, sizeof *c);

	c->rules = b->rules;
	c->rule = &b->rules->rankings[v];
	c->count = count;
	for (size_t i = 0; i < count; i++) {
		struct compare_split *splits =
		    xcalloc(c->rules->point_count + 1, sizeof *splits);

		for (size_t p = 0; p < c->rules->point_count; p++)
			splits[p].elapsed_us = -1;
		c->runners[i] = (struct compare_runner){ .entry = entries[i],
			.splits = splits };
	}
	c->board = explain_board(b, v);
	take_splits(c, b);
	qsort(c->runners, c->count, sizeof *c->runners, by_place);
	choose_points(c);
	*out = c;
}

void
compare_free(struct compare *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->runners[i].splits);
	board_free(c->board);
	free(c);
}
