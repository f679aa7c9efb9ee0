/*
 * problems_pace - reads that one person cannot have made: faster than anybody,
 * or in the wrong order.  Told with all that has to go until the rest can be,
 * once for a runner; and where many are so at one station at one time, once for
 * all of them, who were no runners then: somebody has tried out the mats.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/problems_core.h"
#include "race/rules.h"

/* Fewer are as many slips. */
enum { SERIES_MIN = 5 };

/* Those of one series follow each other within that. */
#define SERIES_GAP_US INT64_C(60000000)

/* A place on the course and when: a read, or (NULL) the start without one. */
struct stop {
	const struct rank_read *read;
	int point;
	int64_t time_us;
};

/* Two stops behind one another that cannot both be. */
struct pair {
	struct stop a;
	struct stop b;
	size_t suspect; /* which is to go */
};

/* A runner's reads, as they would be without those that are to go. */
struct pace {
	struct problems_person *p;
	struct rank_read *reads;
};

static struct stop
stop_at(const struct rank_read *r)
{
	return (struct stop){ r, r->point, r->time_us };
}

/* ---- two that cannot be ---- */

static bool
too_fast(const struct race_rules *rules, const struct stop *a,
    const struct stop *b)
{
	int64_t metres = (int64_t)rules->points[a->point].metres -
	    (int64_t)rules->points[b->point].metres;
	int64_t us = b->time_us - a->time_us;

	if (metres < 0)
		metres = -metres;
	if (us < 0)
		us = -us;
	/* us / (metres / 1000) < fastest, without the division. */
	return metres > 0 && us < rules->fastest_us_km * metres / 1000;
}

/* Two that count, in the wrong order. */
static bool
backwards(const struct race_rules *rules, const struct stop *a,
    const struct stop *b)
{
	return a->read != NULL && problems_counts(a->read) &&
	    problems_counts(b->read) &&
	    rules->points[a->point].metres > rules->points[b->point].metres;
}

/* What is not used for a good reason proves nothing: a finisher who walks over
 * the start, a mat at the start that is the finish later on. */
static bool
is_evidence(const struct rank_read *r)
{
	return r->point >= 0 &&
	    (problems_counts(r) || r->why == RANK_NOT_FIRST);
}

static bool
next_stop(const struct pace *t, size_t *i, struct stop *out)
{
	while (*i < t->p->read_count && !is_evidence(&t->reads[*i]))
		++*i;
	if (*i == t->p->read_count)
		return false;
	*out = stop_at(&t->reads[(*i)++]);
	return true;
}

/* Which of the two is to go: one that does not count anyway; the first, if
 * without it all is well and not without the second; else the second. */
static size_t
suspect(const struct race_rules *rules, const struct stop *before,
    const struct pair *pair, const struct stop *behind)
{
	const struct stop *a = &pair->a;
	const struct stop *b = &pair->b;
	bool good_without_a;
	bool good_without_b;

	if (a->read == NULL || !problems_counts(b->read))
		return 1;
	if (!problems_counts(a->read))
		return 0;
	good_without_a = before == NULL || !too_fast(rules, before, b);
	good_without_b = behind == NULL ||
	    (!too_fast(rules, a, behind) && !backwards(rules, a, behind));
	return good_without_a && !good_without_b ? 0 : 1;
}

/* The start is a read like any other, if there is one. */
static bool
has_start_read(const struct pace *t)
{
	for (size_t i = 0; i < t->p->read_count; i++)
		if (t->reads[i].point == 0 && problems_counts(&t->reads[i]))
			return true;
	return false;
}

/* Each with the one before: who can do both can do the first and the last.
 * Without a start read the gun is the start. */
static bool
find_pair(const struct pace *t, struct pair *out)
{
	const struct problems_person *p = t->p;
	struct stop before = { NULL, 0, p->start.gun_us };
	bool has_before =
	    rules_has_start(p->rules) && p->start.gun_us != RACE_NO_TIME;
	size_t i = 0;

	out->a = before;
	if ((!has_before || has_start_read(t)) && !next_stop(t, &i, &out->a))
		return false;
	while (next_stop(t, &i, &out->b)) {
		if (too_fast(p->rules, &out->a, &out->b) ||
		    backwards(p->rules, &out->a, &out->b)) {
			struct stop behind;
			size_t k = i;
			bool more = next_stop(t, &k, &behind);

			out->suspect =
			    suspect(p->rules, has_before ? &before : NULL, out,
			        more ? &behind : NULL);
			return true;
		}
		before = out->a;
		has_before = true;
		out->a = out->b;
	}
	return false;
}

/* ---- what would count without them ---- */

/* Whether it may count at its point once others there do not. */
static bool
may_count(const struct rank_read *r)
{
	switch (r->why) {
	case RANK_COUNTS:
	case RANK_OVERRULED:
	case RANK_NOT_FIRST:
	case RANK_REPEAT:
	case RANK_NOT_LAST:
	case RANK_UNDER_WAY:
		return true;
	case RANK_SET:
	case RANK_VOIDED:
	case RANK_VOIDED_BY_OPERATOR:
	case RANK_TOO_EARLY:
	case RANK_TOO_LATE:
	case RANK_BACKUP:
	case RANK_NOT_OURS:
	case RANK_NOWHERE:
		break;
	}
	return false;
}

/* When he is first seen away from the start, INT64_MAX: never. */
static int64_t
under_way_us(const struct pace *t)
{
	for (size_t i = 0; i < t->p->read_count; i++)
		if (t->reads[i].point > 0 && problems_counts(&t->reads[i]))
			return t->reads[i].time_us;
	return INT64_MAX;
}

/* The first one counts, at the start the last before he is elsewhere. */
static void
settle(struct pace *t, int point)
{
	bool start = point == 0 && rules_has_start(t->p->rules);
	int64_t until_us = start ? under_way_us(t) : INT64_MAX;
	struct rank_read *chosen = NULL;

	for (size_t i = 0; i < t->p->read_count; i++) {
		struct rank_read *r = &t->reads[i];

		if (r->point == point && r->why == RANK_SET)
			return;
		if (r->point != point || !may_count(r))
			continue;
		if (r->why == RANK_COUNTS)
			r->why = start ? RANK_NOT_LAST : RANK_NOT_FIRST;
		if (r->time_us <= until_us && (start || chosen == NULL))
			chosen = r;
	}
	if (chosen != NULL)
		chosen->why = RANK_COUNTS;
}

static struct race_id
take_out(struct pace *t, const struct pair *pair)
{
	const struct rank_read *read =
	    pair->suspect == 0 ? pair->a.read : pair->b.read;
	struct rank_read *r = &t->reads[read - t->reads];

	r->why = RANK_VOIDED_BY_OPERATOR;
	settle(t, r->point);
	if (r->point != 0)
		settle(t, 0);
	return r->id;
}

/* ---- a runner ---- */

/* If most of his wave are as fast, it is not his read. */
static void
blame_gun(const struct problems_person *p, struct problem *is,
    const struct stop *b)
{
	if (p->start.own || p->start.wave < 0 || is->kind != PROBLEM_PACE)
		return;
	is->wave = p->start.wave;
	p->j->guns[is->wave][b->point].off++;
}

static struct problem *
add_pair(struct problems_person *p, const struct pair *pair)
{
	const struct stop *a = &pair->a;
	const struct stop *b = &pair->b;
	bool both = (a->read == NULL || problems_counts(a->read)) &&
	    problems_counts(b->read);
	const struct stop *which = pair->suspect == 0 ? a : b;
	struct problem *is =
	    problems_add_of(p, both ? PROBLEM_PACE : PROBLEM_TWO_PLACES,
	        which->point, which->time_us);

	if (a->read != NULL) {
		is->reads[0] = problems_read_of(a->read);
	} else {
		is->reads[0] =
		    (struct problem_read){ .point = 0, .time_us = a->time_us };
		blame_gun(p, is, b);
	}
	is->reads[1] = problems_read_of(b->read);
	is->suspect = pair->suspect;
	p->odd = true;
	return is;
}

void
problems_of_pace(struct problems_person *p)
{
	struct pace t = { p, p->reads };
	struct problem *is;
	struct race_id *gone;
	struct pair pair;

	if (!find_pair(&t, &pair))
		return;
	is = add_pair(p, &pair);
	gone = xcalloc(p->read_count, sizeof *gone);
	t.reads = xcalloc(p->read_count, sizeof *t.reads);
	memcpy(t.reads, p->reads, p->read_count * sizeof *t.reads);
	/* Each takes one out, so that it comes to an end. */
	while (find_pair(&t, &pair))
		gone[is->gone_count++] = take_out(&t, &pair);
	is->gone = problems_keep_ids(p->j, gone, is->gone_count);
	free(t.reads);
	free(gone);
}

/* ---- many in one place ---- */

/* Between two mats: of those who are too fast from the gun it may be another
 * gun that is theirs. */
static bool
is_of_pace(const struct problem *p)
{
	return (p->kind == PROBLEM_PACE || p->kind == PROBLEM_TWO_PLACES) &&
	    p->reads[0].id.seq > 0;
}

static bool
at_one_station(const struct problem *a, const struct problem *b)
{
	return a->gone[0].stream == b->gone[0].stream && a->point == b->point;
}

static int
by_station(const void *x, const void *y)
{
	const struct problem *a = x;
	const struct problem *b = y;

	if (is_of_pace(a) != is_of_pace(b))
		return is_of_pace(a) ? -1 : 1;
	if (!is_of_pace(a))
		return 0;
	if (a->gone[0].stream != b->gone[0].stream)
		return a->gone[0].stream < b->gone[0].stream ? -1 : 1;
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us ? -1 : 1;
	return text_label_cmp(a->entry->bib, b->entry->bib);
}

/* The first of them becomes the problem of all. */
static void
join(struct problems_job *j, struct problem *all, size_t count)
{
	struct race_id *gone;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += all[i].gone_count;
	gone = xcalloc(n, sizeof *gone);
	n = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(gone + n, all[i].gone, all[i].gone_count * sizeof *gone);
		n += all[i].gone_count;
	}
	all[0].kind = PROBLEM_SERIES;
	all[0].count = count;
	all[0].amount_us = all[count - 1].time_us - all[0].time_us;
	all[0].gone = problems_keep_ids(j, gone, n);
	all[0].gone_count = n;
	free(gone);
}

void
problems_of_series(struct problems_job *j)
{
	struct problem *all = j->out->items;
	size_t count = j->out->count;
	size_t kept = 0;
	size_t n;

	if (count > 0)
		qsort(all, count, sizeof *all, by_station);
	for (size_t i = 0; i < count; i += n) {
		n = 1;
		while (i + n < count && is_of_pace(&all[i + n]) &&
		    is_of_pace(&all[i]) &&
		    at_one_station(&all[i], &all[i + n]) &&
		    all[i + n].time_us - all[i + n - 1].time_us <=
		        SERIES_GAP_US)
			n++;
		if (n >= SERIES_MIN)
			join(j, &all[i], n);
		for (size_t k = 0; k < (n >= SERIES_MIN ? 1 : n); k++)
			all[kept++] = all[i + k];
	}
	j->out->count = kept;
}
