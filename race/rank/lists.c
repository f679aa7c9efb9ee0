#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

void
lists_close(struct listing *l)
{
	free(l->times.lines);
	free(l->listed.lines);
	free(l->groups);
}

/* ---- rows ---- */

static void
append(struct rank *r, struct rows *rows, uint32_t i)
{
	const struct read *read = &r->id.reads[i];

	rows->lines =
	    xgrow(rows->lines, &rows->cap, rows->count, sizeof *rows->lines);
	rows->lines[rows->count++] = (struct pairs_line){
		.time_us = read->time_us,
		.id = read->id,
		.read = i,
	};
}

static void
queue(struct rank *r, struct listing *l)
{
	l->queued = true;
	r->lists_queued = true;
}

/* Whether a read is a row of its point's lists. */
bool
lists_holds(const struct read *read)
{
	return (read->flags & (READ_LISTED | READ_STAMPED)) != 0 &&
	    (read->flags & (READ_ARRIVED | READ_VOIDED | READ_DISMISSED)) ==
	    READ_ARRIVED;
}

/* The first listed crossing of a point: the times that are there already. */
static void
collect_times(struct rank *r, uint8_t point)
{
	struct listing *l = &r->lists[point];

	l->used = true;
	for (uint32_t i = 0; i < r->id.reads_count; i++) {
		const struct read *read = &r->id.reads[i];

		if (read->point == point && (read->flags & READ_STAMPED) != 0)
			append(r, &l->times, i);
	}
}

/* A listed or stamped crossing has come, also from another point, or again;
 * whether it was taken back before, put_right sees. */
void
lists_read(struct rank *r, uint32_t i)
{
	const struct read *read = &r->id.reads[i];
	struct listing *l = &r->lists[read->point];
	bool listed = (read->flags & READ_LISTED) != 0;

	if (listed && !l->used)
		collect_times(r, read->point);
	if (!l->used)
		return;
	append(r, listed ? &l->listed : &l->times, i);
	queue(r, l);
}

/* A read has been corrected: if it is in a list, that is joined again. */
void
lists_touch(struct rank *r, uint32_t i)
{
	const struct read *read = &r->id.reads[i];

	if ((read->flags & (READ_LISTED | READ_STAMPED)) != 0 &&
	    r->lists[read->point].used)
		queue(r, &r->lists[read->point]);
}

/* ---- joining ---- */

/* The same row twice: it had gone, and came back before somebody looked. */
static size_t
leave_out_twins(struct pairs_line *lines, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (n == 0 || lines[n - 1].read != lines[i].read)
			lines[n++] = lines[i];
	return n;
}

/* Rows taken back or moved go, fill-ins and clocks show, rows move to their
 * places. */
static void
put_right(struct rank *r, uint8_t point, struct rows *rows)
{
	size_t sorted = rows->sorted;
	size_t n = 0;
	bool moved = false;

	for (size_t i = 0; i < rows->count; i++) {
		struct pairs_line line = rows->lines[i];
		const struct read *read = &r->id.reads[line.read];

		if (!lists_holds(read) || read->point != point) {
			sorted -= i < rows->sorted;
			continue;
		}
		moved = moved || line.time_us != read->time_us;
		line.time_us = read->time_us;
		line.bib = identity_bib(r, line.read);
		rows->lines[n++] = line;
	}
	/* A clock measured better moves a whole stream, within which the order
	 * is what it was. */
	if (moved)
		sorted = 0;
	pairs_sort(rows->lines, sorted, n);
	rows->count = leave_out_twins(rows->lines, n);
	rows->sorted = rows->count;
}

static uint64_t
count_conflicting(const struct listing *l)
{
	uint64_t count = 0;

	for (size_t i = 0; i < l->group_count; i++)
		if (!l->groups[i].open)
			count += l->groups[i].bibs;
	return count;
}

/* Gives a time to whom it is joined to. */
static void
give(struct rank *r, const struct listing *l, const struct pairs_line *time)
{
	uint16_t *flags = &r->id.reads[time->read].flags;
	uint32_t bib = NONE;

	*flags &= (uint16_t)~READ_WAITING;
	if (time->bib != NONE)
		return;
	if (time->mate != PAIRS_NONE)
		bib = l->listed.lines[time->mate].bib;
	else if (l->listed.count > 0)
		*flags |= READ_WAITING;
	identity_join(r, time->read, bib);
}

static void
join_point(struct rank *r, uint8_t point)
{
	struct listing *l = &r->lists[point];

	put_right(r, point, &l->times);
	put_right(r, point, &l->listed);
	r->conflicting -= count_conflicting(l);
	free(l->groups);
	l->group_count = pairs_join(l->times.lines, l->times.count,
	    l->listed.lines, l->listed.count, r->id.nodes_count, &l->groups);
	r->conflicting += count_conflicting(l);
	for (size_t i = 0; i < l->times.count; i++)
		give(r, l, &l->times.lines[i]);
	l->queued = false;
}

void
lists_settle(struct rank *r)
{
	if (!r->lists_queued)
		return;
	for (size_t i = 0; i < r->points; i++)
		if (r->lists[i].queued)
			join_point(r, (uint8_t)i);
	r->joins++;
	r->lists_queued = false;
}

/* ---- what is not joined ---- */

/* The bib of the first line of the group that has one, from either end. */
static const char *
bib_of(const struct rank *r, const struct listing *l,
    const struct pairs_group *g, bool last)
{
	for (size_t i = 0; i < g->bibs; i++) {
		size_t k = g->first + (last ? g->bibs - 1 - i : i);

		if (l->listed.lines[k].bib != NONE)
			return r->id.nodes[l->listed.lines[k].bib].text;
	}
	return "";
}

/* "29 times, 30 bibs: 102 ... 345" */
static void
put_text(const struct rank *r, const struct listing *l,
    const struct pairs_group *g, char text[static RACE_LABEL_MAX + 1])
{
	const char *first = bib_of(r, l, g, false);
	const char *last = bib_of(r, l, g, true);
	size_t size = RACE_LABEL_MAX + 1;
	int head = snprintf(text, size, "%u time%s, %u bib%s",
	    (unsigned)g->times, g->times == 1 ? "" : "s", (unsigned)g->bibs,
	    g->bibs == 1 ? "" : "s");
	size_t room = size - (size_t)head;
	char *end = text + head;
	int len;

	if (first[0] == '\0')
		return;
	if (first == last)
		len = snprintf(end, room, ": %s", first);
	else
		len = snprintf(end, room, ": %s ... %s", first, last);
	/* Half a bib would be another's: rather none. */
	if ((size_t)len >= room)
		*end = '\0';
}

static size_t
describe(struct rank *r, size_t point, bool open, struct race_unknown *out,
    char (*texts)[RACE_LABEL_MAX + 1])
{
	const struct listing *l = &r->lists[point];
	size_t n = 0;

	for (size_t i = 0; i < l->group_count; i++) {
		const struct pairs_group *g = &l->groups[i];

		if (g->open != open)
			continue;
		put_text(r, l, g, texts[n]);
		out[n] = (struct race_unknown){
			.kind =
			    open ? RACE_UNKNOWN_OPEN : RACE_UNKNOWN_CONFLICT,
			.text = texts[n],
			.reads = (uint64_t)g->times + g->bibs,
			.first_us = g->first_us,
			.last_us = g->last_us,
			.point = r->rules->points[point].name,
		};
		n++;
	}
	return n;
}

/* Puts the groups behind the first `count` of *all; returns how many there are
 * then. */
size_t
lists_unknowns(struct rank *r, struct race_unknown **all, size_t *cap,
    size_t count)
{
	size_t groups = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->points; i++)
		groups += r->lists[i].group_count;
	if (groups == 0)
		return count;
	*all = xgrow(*all, cap, count + groups, sizeof **all);
	r->texts = xgrow(r->texts, &r->texts_cap, groups, sizeof *r->texts);
	for (int open = 0; open <= 1; open++)
		for (size_t i = 0; i < r->points; i++)
			n += describe(r, i, open != 0, *all + count + n,
			    r->texts + n);
	return count + n;
}

void
rank_conflict(struct rank *r, size_t point, struct rank_conflict *out)
{
	const struct listing *l = &r->lists[point];

	lists_settle(r);
	*out = (struct rank_conflict){ .first_us = INT64_MAX };
	for (size_t i = 0; i < l->group_count; i++) {
		const struct pairs_group *g = &l->groups[i];

		if (g->open)
			continue;
		out->conflicts++;
		out->times += g->times;
		out->bibs += g->bibs;
		if (g->first_us < out->first_us)
			out->first_us = g->first_us;
	}
}

uint64_t
rank_joins(struct rank *r)
{
	lists_settle(r);
	return r->joins;
}
