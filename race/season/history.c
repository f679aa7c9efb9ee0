#include "race/season/history.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"

enum { PAGE = 256 };

/* ---- all rows of a table ---- */

typedef void (*row_fn)(void *arg, const struct season_row *row);

static void
each_row(struct season *s, size_t season, size_t table, row_fn fn, void *arg)
{
	struct season_row page[PAGE];
	size_t from = 0;
	size_t n;

	while ((n = season_rows(s, season, table, from, page, PAGE)) > 0) {
		for (size_t i = 0; i < n; i++)
			fn(arg, &page[i]);
		from += n;
	}
}

/* ---- years ---- */

struct year_reading {
	struct history_year *year;
	struct strmap *before; /* who stood in an earlier table */
};

static void
add_to_year(void *arg, const struct season_row *row)
{
	struct year_reading *r = arg;
	struct history_year *y = r->year;

	y->subjects++;
	if (strmap_get(r->before, row->subject) == STRMAP_NONE) {
		y->newcomers++;
		(void)strmap_put(r->before, row->subject, 1);
	}
	if (row->place == 1) {
		if (y->leaders++ == 0) {
			y->leader = row->subject;
			y->score = row->score;
		}
	} else if (row->place > 0 && y->second[0] == '\0') {
		y->second = row->subject;
	}
}

static void
count_competitions(struct season *s, struct history_year *y)
{
	size_t count = season_competitions(s, y->season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);

	(void)season_competitions(s, y->season, held, count);
	y->planned = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		y->held += held[i].held;
		y->provisional = y->provisional || !held[i].held ||
		    held[i].state == SEASON_LIVE;
	}
	free(held);
}

size_t
history_years(struct season *s, size_t table, struct history_year **out)
{
	size_t count = season_count(s);
	struct history_year *years = xcalloc(count + 1, sizeof *years);
	struct strmap *before = strmap_new();

	for (size_t i = 0; i < count; i++) {
		struct year_reading r = { &years[i], before };

		years[i] = (struct history_year){ .season = i,
			.leader = "",
			.second = "" };
		count_competitions(s, &years[i]);
		each_row(s, i, table, add_to_year, &r);
	}
	strmap_free(before);
	*out = years;
	return count;
}

/* ---- records ---- */

struct records {
	struct history_record *list;
	size_t count;
	size_t cap;
	struct strmap *known; /* subject -> its record */
	bool over;            /* the season that is read */
};

static void
add_record(void *arg, const struct season_row *row)
{
	struct records *r = arg;
	uint32_t i = strmap_get(r->known, row->subject);
	struct history_record *record;

	if (i == STRMAP_NONE) {
		i = (uint32_t)r->count++;
		r->list = xgrow(r->list, &r->cap, i, sizeof *r->list);
		r->list[i] =
		    (struct history_record){ row->subject, 0, 0, 0, 0 };
		(void)strmap_put(r->known, row->subject, i);
	}
	record = &r->list[i];
	record->titles += r->over && row->place == 1;
	record->seasons++;
	record->wins += row->wins;
	record->results += row->results;
}

static int
more_first(uint32_t a, uint32_t b)
{
	return (a < b) - (a > b);
}

static int
compare_records(const void *x, const void *y)
{
	const struct history_record *a = x;
	const struct history_record *b = y;
	int c = more_first(a->titles, b->titles);

	if (c == 0)
		c = more_first(a->wins, b->wins);
	if (c == 0)
		c = more_first(a->results, b->results);
	return c != 0 ? c : text_label_cmp(a->subject, b->subject);
}

size_t
history_records(struct season *s, size_t table, size_t last,
    struct history_record **out)
{
	size_t count = season_count(s);
	struct records r = { .known = strmap_new() };

	for (size_t i = last > 0 && last < count ? count - last : 0; i < count;
	     i++) {
		struct history_year y = { .season = i };

		count_competitions(s, &y);
		r.over = !y.provisional;
		each_row(s, i, table, add_record, &r);
	}
	strmap_free(r.known);
	if (r.count > 0)
		qsort(r.list, r.count, sizeof *r.list, compare_records);
	*out = r.list;
	return r.count;
}

/* ---- the most in one season ---- */

struct most {
	struct history_most *list;
	size_t count;
	size_t cap;
	size_t season;
};

static void
add_most(void *arg, const struct season_row *row)
{
	struct most *m = arg;

	if (row->wins == 0)
		return;
	if (m->count > 0 && row->wins > m->list[0].wins)
		m->count = 0;
	if (m->count > 0 && row->wins < m->list[0].wins)
		return;
	m->list = xgrow(m->list, &m->cap, m->count, sizeof *m->list);
	m->list[m->count++] =
	    (struct history_most){ m->season, row->subject, row->wins };
}

size_t
history_most(struct season *s, size_t table, struct history_most **out)
{
	struct most m = { .list = NULL };

	for (m.season = 0; m.season < season_count(s); m.season++)
		each_row(s, m.season, table, add_most, &m);
	*out = m.list;
	return m.count;
}

/* ---- newcomers ---- */

struct newcomers {
	struct season *s;
	size_t season;
	size_t table;
	const char **list;
	size_t count;
	size_t cap;
};

static void
add_newcomer(void *arg, const struct season_row *row)
{
	struct newcomers *n = arg;

	for (size_t i = 0; i < n->season; i++) {
		if (season_line(n->s, i, n->table, row->subject) >= 0)
			return;
	}
	n->list = xgrow(n->list, &n->cap, n->count, sizeof *n->list);
	n->list[n->count++] = row->subject;
}

size_t
history_newcomers(struct season *s, size_t season, size_t table,
    const char ***out)
{
	struct newcomers n = { .s = s, .season = season, .table = table };

	each_row(s, season, table, add_newcomer, &n);
	*out = n.list;
	return n.count;
}

/* ---- progress ---- */

struct steps {
	struct history_progress *p;
	struct strmap *rows; /* subject -> row */
	size_t step;
};

/* Its season is gone soon, with its texts. */
static void
add_leader(struct history_lead *lead, const char *subject)
{
	lead->names =
	    xreallocarray(lead->names, lead->count + 1, sizeof *lead->names);
	lead->names[lead->count++] = xstrdup(subject);
}

static void
add_step(void *arg, const struct season_row *row)
{
	struct steps *t = arg;
	uint32_t i = strmap_get(t->rows, row->subject);

	if (i != STRMAP_NONE)
		t->p->steps[i * t->p->held + t->step] =
		    (struct history_step){ row->place, row->score };
	if (row->place == 1)
		add_leader(&t->p->leads[t->step], row->subject);
}

static size_t
held_of(struct season *s, size_t season)
{
	struct history_year y = { .season = season };

	count_competitions(s, &y);
	return y.held;
}

static struct strmap *
name_rows(struct season *s, size_t season, size_t table, size_t rows_max,
    struct history_progress *p)
{
	struct season_row *rows = xcalloc(rows_max + 1, sizeof *rows);
	struct strmap *map = strmap_new();

	p->rows = season_rows(s, season, table, 0, rows, rows_max);
	p->subjects = xcalloc(p->rows + 1, sizeof *p->subjects);
	for (size_t i = 0; i < p->rows; i++) {
		p->subjects[i] = rows[i].subject;
		(void)strmap_put(map, rows[i].subject, (uint32_t)i);
	}
	free(rows);
	return map;
}

void
history_progress(struct season *s, size_t season, size_t table, size_t rows_max,
    struct history_progress *out)
{
	struct season *then = season_after(s, season, 0);
	struct steps t = { .p = out };

	*out = (struct history_progress){ .held = held_of(s, season) };
	t.rows = name_rows(s, season, table, rows_max, out);
	out->steps = xcalloc(out->rows * out->held + 1, sizeof *out->steps);
	out->leads = xcalloc(out->held + 1, sizeof *out->leads);
	for (t.step = 0; t.step < out->held; t.step++) {
		season_go_on(then, s, season, t.step);
		each_row(then, 0, table, add_step, &t);
	}
	season_free(then);
	strmap_free(t.rows);
}

void
history_progress_clear(struct history_progress *p)
{
	for (size_t i = 0; i < p->held; i++) {
		for (size_t k = 0; k < p->leads[i].count; k++)
			free(p->leads[i].names[k]);
		free(p->leads[i].names);
	}
	free(p->leads);
	free(p->subjects);
	free(p->steps);
	*p = (struct history_progress){ .held = 0 };
}
