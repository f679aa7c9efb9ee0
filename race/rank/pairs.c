#include "race/rank/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* ---- order ---- */

static int
compare(const void *a, const void *b)
{
	const struct pairs_line *x = a;
	const struct pairs_line *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->id.stream != y->id.stream)
		return x->id.stream < y->id.stream ? -1 : 1;
	return x->id.seq < y->id.seq ? -1 : x->id.seq > y->id.seq;
}

void
pairs_sort(struct pairs_line *lines, size_t sorted, size_t count)
{
	struct pairs_line *tail;
	size_t n;
	size_t to = count;

	/* As a rule what is new is also the latest. */
	if (sorted == 0 && count > 0)
		sorted = 1;
	while (
	    sorted < count && compare(&lines[sorted - 1], &lines[sorted]) < 0)
		sorted++;
	if (sorted == count)
		return;
	n = count - sorted;
	tail = xreallocarray(NULL, n, sizeof *tail);
	memcpy(tail, lines + sorted, n * sizeof *tail);
	qsort(tail, n, sizeof *tail, compare);
	/* From behind, so that nothing is written over before it has moved. */
	while (n > 0) {
		if (sorted > 0 && compare(&lines[sorted - 1], &tail[n - 1]) > 0)
			lines[--to] = lines[--sorted];
		else
			lines[--to] = tail[--n];
	}
	free(tail);
}

/* ---- what is joined ---- */

/* Times without bib and listed lines that lie between two ties. */
struct stretch {
	size_t time; /* index into loose */
	size_t time_end;
	size_t line;
	size_t line_end;
};

/* What has been merged since the last cut. */
struct group {
	size_t time;
	size_t line;
	size_t times;
	size_t lines;
	size_t caught; /* the longest beginning with as many of both, in time */
	bool timely;   /* so far each line is near enough to its time */
	int64_t last_us;
	int64_t last_line_us;
};

struct join {
	struct pairs_line *times;
	struct pairs_line *listed;
	uint32_t *loose; /* the times without bib */
	struct group group;
	struct pairs_group *out;
	size_t out_cap;
	size_t out_count;
};

static struct pairs_line *
loose_time(const struct join *j, size_t i)
{
	return &j->times[j->loose[i]];
}

static bool
is_timely(const struct pairs_line *time, const struct pairs_line *line)
{
	int64_t lag = line->time_us - time->time_us;

	return lag >= -PAIRS_EARLY_US && lag <= PAIRS_LATE_US;
}

/* ---- groups ---- */

static void
begin_group(struct join *j, size_t time, size_t line)
{
	j->group = (struct group){
		.time = time,
		.line = line,
		.timely = true,
	};
}

static bool
is_cut(const struct group *g, const struct pairs_line *next, bool is_time)
{
	if (g->times + g->lines == 0)
		return false;
	if (next->time_us - g->last_us >= PAIRS_QUIET_US)
		return true;
	return is_time && g->times == g->lines &&
	    next->time_us - g->last_line_us > PAIRS_EARLY_US;
}

static void
add_to_group(struct join *j, const struct pairs_line *next, bool is_time)
{
	struct group *g = &j->group;
	bool pair = is_time ? g->times < g->lines : g->lines < g->times;
	size_t i = is_time ? g->times : g->lines;

	/* The row completes the pair i of the group. */
	if (pair &&
	    !is_timely(loose_time(j, g->time + i), &j->listed[g->line + i]))
		g->timely = false;
	g->last_us = next->time_us;
	if (is_time) {
		g->times++;
	} else {
		g->lines++;
		g->last_line_us = next->time_us;
	}
	if (g->timely && g->times == g->lines)
		g->caught = g->times;
}

static void
join_first(struct join *j, size_t count)
{
	const struct group *g = &j->group;

	for (size_t i = 0; i < count; i++) {
		loose_time(j, g->time + i)->mate = (uint32_t)(g->line + i);
		j->listed[g->line + i].mate = j->loose[g->time + i];
	}
}

static void
report(struct join *j, size_t joined, bool open)
{
	const struct group *g = &j->group;
	struct pairs_group *to;

	j->out = xgrow(j->out, &j->out_cap, j->out_count, sizeof *j->out);
	to = &j->out[j->out_count++];
	*to = (struct pairs_group){
		.open = open,
		.times = (uint32_t)(g->times - joined),
		.bibs = (uint32_t)(g->lines - joined),
		.first = (uint32_t)(g->line + joined),
		.first_us = INT64_MAX,
		.last_us = g->last_us,
	};
	if (to->times > 0)
		to->first_us = loose_time(j, g->time + joined)->time_us;
	if (to->bibs > 0 && j->listed[to->first].time_us < to->first_us)
		to->first_us = j->listed[to->first].time_us;
}

static void
end_group(struct join *j, bool open)
{
	const struct group *g = &j->group;
	bool whole = g->caught == g->times && g->caught == g->lines;
	size_t joined = open || whole ? g->caught : 0;

	join_first(j, joined);
	if (!whole)
		report(j, joined, open);
}

/* Merges a stretch, and cuts it into groups. */
static void
join_stretch(struct join *j, const struct stretch *s, bool last)
{
	size_t t = s->time;
	size_t l = s->line;

	begin_group(j, t, l);
	while (t < s->time_end || l < s->line_end) {
		bool is_time = l == s->line_end ||
		    (t < s->time_end &&
		        compare(loose_time(j, t), &j->listed[l]) < 0);
		const struct pairs_line *next =
		    is_time ? loose_time(j, t) : &j->listed[l];

		if (is_cut(&j->group, next, is_time)) {
			end_group(j, false);
			begin_group(j, t, l);
		}
		add_to_group(j, next, is_time);
		t += is_time;
		l += !is_time;
	}
	end_group(j, last);
}

/* ---- ties ---- */

/* For each bib its lines that may still be tied, in order. */
struct index {
	uint32_t *heads; /* by bib; set for bibs of times alone */
	uint32_t *next;  /* by line */
};

static void
index_lines(struct index *x, const struct pairs_line *times, size_t time_count,
    const struct pairs_line *listed, size_t listed_count, size_t bibs)
{
	/* The bibs of a race are many, those of a point few: what is not
	 * asked for is not written. */
	x->heads = xreallocarray(NULL, bibs, sizeof *x->heads);
	x->next = xreallocarray(NULL, listed_count, sizeof *x->next);
	for (size_t i = 0; i < listed_count; i++)
		if (listed[i].bib != PAIRS_NONE)
			x->heads[listed[i].bib] = PAIRS_NONE;
	for (size_t i = 0; i < time_count; i++)
		if (times[i].bib != PAIRS_NONE)
			x->heads[times[i].bib] = PAIRS_NONE;
	for (size_t i = listed_count; i-- > 0;) {
		if (listed[i].bib == PAIRS_NONE)
			continue;
		x->next[i] = x->heads[listed[i].bib];
		x->heads[listed[i].bib] = (uint32_t)i;
	}
}

/* The line that a time with a bib is tied to, not before `from`. */
static uint32_t
find_tie(struct index *x, const struct pairs_line *time,
    const struct pairs_line *listed, size_t from)
{
	uint32_t *head = &x->heads[time->bib];

	/* Neither `from` nor the times ever go back: what is too early for
	 * this time is too early for all that come. */
	while (*head != PAIRS_NONE &&
	    (*head < from ||
	        listed[*head].time_us - time->time_us < -PAIRS_EARLY_US))
		*head = x->next[*head];
	if (*head == PAIRS_NONE || !is_timely(time, &listed[*head]))
		return PAIRS_NONE;
	return *head;
}

static void
cut_at_ties(struct join *j, size_t time_count, size_t listed_count, size_t bibs)
{
	struct stretch s = { 0 };
	struct index x;

	index_lines(&x, j->times, time_count, j->listed, listed_count, bibs);
	for (size_t i = 0; i < time_count; i++) {
		uint32_t line;

		if (j->times[i].bib == PAIRS_NONE) {
			j->loose[s.time_end++] = (uint32_t)i;
			continue;
		}
		line = find_tie(&x, &j->times[i], j->listed, s.line);
		if (line == PAIRS_NONE)
			continue;
		j->times[i].mate = line;
		j->listed[line].mate = (uint32_t)i;
		s.line_end = line;
		join_stretch(j, &s, false);
		s.time = s.time_end;
		s.line = (size_t)line + 1;
	}
	s.line_end = listed_count;
	join_stretch(j, &s, true);
	free(x.heads);
	free(x.next);
}

size_t
pairs_join(struct pairs_line *times, size_t time_count,
    struct pairs_line *listed, size_t listed_count, size_t bibs,
    struct pairs_group **out)
{
	struct join j = { .times = times, .listed = listed };

	for (size_t i = 0; i < time_count; i++)
		times[i].mate = PAIRS_NONE;
	for (size_t i = 0; i < listed_count; i++)
		listed[i].mate = PAIRS_NONE;
	*out = NULL;
	if (listed_count == 0)
		return 0;
	j.loose = xreallocarray(NULL, time_count, sizeof *j.loose);
	cut_at_ties(&j, time_count, listed_count, bibs);
	free(j.loose);
	*out = j.out;
	return j.out_count;
}
