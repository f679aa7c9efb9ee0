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

/* Typed anew after a slip, or read again on the mat. */
#define ONE_PASSAGE_US INT64_C(10000000)

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
	bool open;      /* it may as well be the other one */
};

/* A runner's reads, as they would be without those that are to go. */
struct pace {
	struct problems_person *p;
	struct rank_read *reads;
	struct stop *stops; /* by time */
	size_t count;
};

/* One way to mend it. */
struct way {
	struct race_id *gone;
	size_t gone_count;
	size_t kept; /* points at which he has a time then */
};

static struct stop
stop_at(const struct rank_read *r)
{
	return (struct stop){ r, r->point, r->time_us };
}

/* ---- two that cannot be ---- */

bool
problems_too_fast(const struct race_rules *rules, int a, int64_t a_us, int b,
    int64_t b_us)
{
	int64_t metres =
	    (int64_t)rules->points[a].metres - (int64_t)rules->points[b].metres;
	int64_t us = b_us - a_us;

	if (metres < 0)
		metres = -metres;
	if (us < 0)
		us = -us;
	/* us / (metres / 1000) < fastest, without the division. */
	return metres > 0 && us < rules->fastest_us_km * metres / 1000;
}

static bool
too_fast(const struct race_rules *rules, const struct stop *a,
    const struct stop *b)
{
	return problems_too_fast(rules, a->point, a->time_us, b->point,
	    b->time_us);
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

/* The start is a read like any other, if there is one. */
static bool
has_start_read(const struct pace *t)
{
	for (size_t i = 0; i < t->p->read_count; i++)
		if (t->reads[i].point == 0 && problems_counts(&t->reads[i]))
			return true;
	return false;
}

/* Where he was, one after the other, the gun before all. */
static void
list_stops(struct pace *t)
{
	const struct problems_person *p = t->p;

	t->count = 0;
	if (rules_has_start(p->rules) && p->start.gun_us != RACE_NO_TIME)
		t->stops[t->count++] =
		    (struct stop){ NULL, 0, p->start.gun_us };
	for (size_t i = 0; i < p->read_count; i++)
		if (is_evidence(&t->reads[i]))
			t->stops[t->count++] = stop_at(&t->reads[i]);
}

/* Of several reads of a point the one that counts is told, if it cannot be
 * either. */
static size_t
told_of(const struct pace *t, size_t i, const struct stop *b)
{
	for (size_t k = i; k-- > 0;) {
		const struct stop *s = &t->stops[k];

		if (s->read != NULL && s->point == t->stops[i].point &&
		    problems_counts(s->read) && too_fast(t->p->rules, s, b))
			return k;
	}
	return i;
}

/* What was behind b.  Who stands on a mat is read there again and again: that
 * is b once more, and says no more of him than b does. */
static const struct stop *
next_of(const struct pace *t, const struct stop *a, size_t i)
{
	const struct stop *b = &t->stops[i];

	for (size_t k = i + 1; k < t->count; k++) {
		const struct stop *s = &t->stops[k];

		if (s->point != b->point || !too_fast(t->p->rules, a, s))
			return s;
	}
	return NULL;
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

/* Each with the one before: who can do both can do the first and the last.
 * Without a start read the gun is the start. */
static bool
find_pair(struct pace *t, struct pair *out)
{
	const struct race_rules *rules = t->p->rules;
	size_t i = 0;

	list_stops(t);
	if (t->count > 0 && t->stops[0].read == NULL && has_start_read(t))
		i++;
	for (; i + 1 < t->count; i++) {
		const struct stop *a = &t->stops[i];
		const struct stop *b = &t->stops[i + 1];

		if (!too_fast(rules, a, b) && !backwards(rules, a, b))
			continue;
		if (a->read != NULL && !problems_counts(a->read))
			a = &t->stops[told_of(t, i, b)];
		*out = (struct pair){ .a = *a, .b = *b };
		out->suspect = suspect(rules, a > t->stops ? a - 1 : NULL, out,
		    next_of(t, a, i + 1));
		return true;
	}
	return false;
}

/* ---- one that is not his yet ---- */

enum problem_clash
problems_clash(const struct race_rules *rules, const struct rank_read *reads,
    size_t count, int point, int64_t time_us)
{
	enum problem_clash is = PROBLEM_FITS;

	for (size_t i = 0; point >= 0 && i < count; i++) {
		const struct rank_read *r = &reads[i];
		int64_t later_us = time_us - r->time_us;
		int64_t further;

		if (r->point < 0 || !problems_counts(r))
			continue;
		if (r->point == point && llabs(later_us) > ONE_PASSAGE_US)
			return PROBLEM_HAS_TIME;
		further = (int64_t)rules->points[point].metres -
		    (int64_t)rules->points[r->point].metres;
		if ((further > 0 && later_us < 0) ||
		    (further < 0 && later_us > 0) ||
		    problems_too_fast(rules, r->point, r->time_us, point,
		        time_us))
			is = PROBLEM_ELSEWHERE;
	}
	return is;
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

static bool
keeps_out(const struct rank_read *main, const struct rank_read *backup)
{
	return main->point == backup->point && !main->backup &&
	    (may_count(main) || main->why == RANK_SET);
}

/* The point's own reader does not have him there any more. */
static bool
is_admitted(const struct pace *t, const struct rank_read *backup)
{
	int64_t tolerance_us = t->p->rules->points[backup->point].tolerance_us;
	const size_t at = (size_t)(backup - t->reads);

	for (size_t i = at + 1; i < t->p->read_count &&
	     t->reads[i].time_us - backup->time_us <= tolerance_us;
	     i++)
		if (keeps_out(&t->reads[i], backup))
			return false;
	for (size_t i = at;
	     i-- > 0 && backup->time_us - t->reads[i].time_us <= tolerance_us;)
		if (keeps_out(&t->reads[i], backup))
			return false;
	return true;
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
		if (r->point == point && r->why == RANK_BACKUP &&
		    is_admitted(t, r))
			r->why = start ? RANK_NOT_LAST : RANK_NOT_FIRST;
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

static size_t
count_points(const struct pace *t)
{
	bool has[RACE_POINTS_MAX] = { false };
	size_t count = 0;

	for (size_t i = 0; i < t->p->read_count; i++) {
		const struct rank_read *r = &t->reads[i];

		if (r->point < 0 || !problems_counts(r) || has[r->point])
			continue;
		has[r->point] = true;
		count++;
	}
	return count;
}

/* All that has to go if that one of the first two does. */
static void
take_way(struct problems_person *p, size_t first, struct way *out)
{
	struct pace t = { .p = p };
	struct pair pair;

	t.reads = xcalloc(p->read_count, sizeof *t.reads);
	t.stops = xcalloc(p->read_count + 1, sizeof *t.stops);
	memcpy(t.reads, p->reads, p->read_count * sizeof *t.reads);
	*out =
	    (struct way){ .gone = xcalloc(p->read_count, sizeof *out->gone) };
	/* Each takes one out, so that it comes to an end. */
	while (find_pair(&t, &pair)) {
		if (out->gone_count == 0)
			pair.suspect = first;
		out->gone[out->gone_count++] = take_out(&t, &pair);
	}
	out->kept = count_points(&t);
	free(t.stops);
	free(t.reads);
}

/*
 * Which of the two is to go: without which he keeps times at more points, for
 * others bear it out, or another read is in its place.  Of those that are as
 * good the later one: up to it all was well, and who has no finish is asked
 * for, but who has one that is not his has somebody's prize.
 */
static void
choose_way(struct problems_person *p, struct pair *pair, struct way *out)
{
	struct way other;

	take_way(p, 1, out);
	pair->suspect = 1;
	if (pair->a.read == NULL)
		return;
	take_way(p, 0, &other);
	pair->open = other.kept == out->kept;
	if (other.kept > out->kept) {
		struct way swap = *out;

		*out = other;
		other = swap;
		pair->suspect = 0;
	}
	free(other.gone);
}

static bool
goes(const struct way *w, struct race_id id)
{
	for (size_t i = 0; i < w->gone_count; i++)
		if (w->gone[i].stream == id.stream && w->gone[i].seq == id.seq)
			return true;
	return false;
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

/* The chip that names him alone, "": another's, or his bib does. */
static const char *
chip_of(const struct problems_person *p, const struct stop *s)
{
	const struct race_crossing *c =
	    s->read != NULL ? crossings_find(p->j->c, s->read->id) : NULL;
	const char *bib;
	uint32_t slot;

	if (c == NULL || c->bib[0] != '\0' || c->chip[0] == '\0')
		return "";
	slot = strmap_get(p->j->chips, c->chip);
	return slot != STRMAP_NONE &&
	        roster_at(p->j->b->roster, slot, &bib) == p->entry
	    ? c->chip
	    : "";
}

static bool
has_bib(const struct problems_person *p, const struct stop *s)
{
	return s->read != NULL && problems_has_bib(p, s->read->id);
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
	is->open = pair->open;
	if (has_bib(p, a))
		is->text = chip_of(p, b);
	else if (has_bib(p, b))
		is->text = chip_of(p, a);
	p->odd = true;
	return is;
}

void
problems_of_pace(struct problems_person *p)
{
	struct pace t = { .p = p, .reads = p->reads };
	struct problem *is;
	struct pair pair;
	struct way way;
	bool found;

	t.stops = xcalloc(p->read_count + 1, sizeof *t.stops);
	found = find_pair(&t, &pair);
	free(t.stops);
	if (!found)
		return;
	choose_way(p, &pair, &way);
	is = add_pair(p, &pair);
	is->gone = problems_keep_ids(p->j, way.gone, way.gone_count);
	is->gone_count = way.gone_count;
	p->start_goes =
	    p->counting[0] != NULL && goes(&way, p->counting[0]->id);
	free(way.gone);
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
	size_t open = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		n += all[i].gone_count;
		open += all[i].open;
	}
	gone = xcalloc(n, sizeof *gone);
	n = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(gone + n, all[i].gone, all[i].gone_count * sizeof *gone);
		n += all[i].gone_count;
	}
	all[0].kind = PROBLEM_SERIES;
	all[0].count = count;
	/* Tried out, a mat has read them once too often; else it is the clock
	 * of this one or of the other. */
	all[0].open = 2 * open > count;
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
