/*
 * ties - equals, parted by one rule after the other.
 *
 * Most rules look at each row alone: its traits are compared.  Head to head and
 * the organiser's decisions look at who is still equal, and go by the number
 * that they give each of those.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/core.h"

/* ---- traits ---- */

static void
add_trait(struct traits *x, int64_t at, int64_t value)
{
	x->list = xgrow(x->list, &x->cap, x->count, sizeof *x->list);
	x->list[x->count++] = (struct trait){ at, value };
}

static int
by_trait(const void *a, const void *b)
{
	const struct trait *x = a;
	const struct trait *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

static void
sort_traits(struct traits *x)
{
	if (x->count > 1)
		qsort(x->list, x->count, sizeof *x->list, by_trait);
}

/* ---- what matters: neither bonus awards nor, unless the rules say so, what is
 * dropped ---- */

static bool
matters(const struct table *t, const struct score *x)
{
	return !x->loose && (x->counts || t->rule->dropped_in_ties);
}

/* Adds the lines of a competition that matter. */
static void
add_lines(const struct table *t, const struct part *p, struct lines *out)
{
	size_t kept = out->count;
	size_t from = out->count;

	table_lines(t, p, out);
	for (size_t i = from; i < out->count; i++) {
		const struct line *l = &out->list[i];

		if (l->scored && !l->line.bonus &&
		    (l->line.counts || t->rule->dropped_in_ties))
			out->list[kept++] = *l;
	}
	out->count = kept;
}

static void
lines_in_ties(const struct table *t, uint32_t subject, struct lines *out)
{
	const struct subject *x = table_subject(t, subject);
	struct scores scores = { 0 };

	out->count = 0;
	table_scores(t, subject, &scores);
	for (size_t i = 0; i < scores.count; i++)
		if (scores.list[i].cell != NONE && matters(t, &scores.list[i]))
			add_lines(t, &x->parts[scores.list[i].cell], out);
	scores_close(&scores);
}

/* ---- what each rule looks at ---- */

static void
add_place(uint32_t place, uint32_t most, struct traits *out)
{
	if (place > 0 && (most == 0 || place <= most))
		add_trait(out, place, 1);
}

/* Equal places as one, with their number. */
static void
count_traits(struct traits *x)
{
	size_t kept = 0;

	sort_traits(x);
	for (size_t i = 0; i < x->count; i++) {
		if (kept > 0 && x->list[kept - 1].at == x->list[i].at)
			x->list[kept - 1].value++;
		else
			x->list[kept++] = x->list[i];
	}
	x->count = kept;
}

static void
tell_places(const struct table *t, uint32_t subject, uint32_t most,
    struct traits *out)
{
	const struct row *row = &t->rows[subject];
	const struct subject *parts = table_subject(t, subject);
	struct scores scores = { 0 };
	struct lines lines = { 0 };

	table_scores(t, subject, &scores);
	for (size_t i = 0; i < scores.count; i++) {
		const struct score *x = &scores.list[i];

		if (x->cell == NONE || !matters(t, x))
			continue;
		/* Mostly there is one result, and its place is at hand. */
		if (row->cells[x->cell].told == 1) {
			add_place(row->cells[x->cell].place, most, out);
			continue;
		}
		lines.count = 0;
		add_lines(t, &parts->parts[x->cell], &lines);
		for (size_t k = 0; k < lines.count; k++)
			add_place(lines.list[k].line.place, most, out);
	}
	count_traits(out);
	scores_close(&scores);
	lines_close(&lines);
}

static void
tell_time(const struct table *t, uint32_t subject, struct traits *out)
{
	struct lines lines = { 0 };
	wide sum = 0;
	bool any = false;

	lines_in_ties(t, subject, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		int64_t time_us = lines.list[i].line.result->time_us;

		if (time_us < 0)
			continue;
		any = true;
		sum += time_us;
	}
	if (any)
		add_trait(out, 0, -worth_cut(sum));
	lines_close(&lines);
}

static void
tell_scores(const struct table *t, uint32_t subject,
    const struct season_tie *tie, struct traits *out)
{
	struct scores scores = { 0 };

	table_scores(t, subject, &scores);
	for (size_t i = 0; i < scores.count; i++) {
		const struct score *x = &scores.list[i];
		int64_t value = t->less ? -x->value : x->value;
		const char *name = table_comp(t, x->comp)->name;

		if (!matters(t, x))
			continue;
		if (tie->rule == SEASON_BEST_RESULT)
			add_trait(out, -value, value);
		else if (tie->rule == SEASON_LATEST)
			add_trait(out, -(int64_t)x->rank, value);
		else if (strcmp(name, tie->competition) == 0)
			add_trait(out, 0, value);
	}
	sort_traits(out);
	for (size_t i = 0; i < out->count && tie->rule == SEASON_BEST_RESULT;
	     i++)
		out->list[i].at = (int64_t)i;
	scores_close(&scores);
}

static void
tell(const struct table *t, uint32_t subject, const struct season_tie *tie,
    struct traits *out)
{
	switch (tie->rule) {
	case SEASON_WINS:
		tell_places(t, subject, 1, out);
		break;
	case SEASON_COUNT_BACK:
		tell_places(t, subject, tie->places, out);
		break;
	case SEASON_LESS_TIME:
		tell_time(t, subject, out);
		break;
	case SEASON_BEST_RESULT:
	case SEASON_LATEST:
	case SEASON_BETTER_IN:
		tell_scores(t, subject, tie, out);
		break;
	case SEASON_MORE_COMPETITIONS:
		add_trait(out, 0, t->rows[subject].took_part);
		break;
	case SEASON_HEAD_TO_HEAD:
	case SEASON_DECIDED:
	case SEASON_SHARED:
	case SEASON_SCORE:
	case SEASON_STANDING:
		break;
	}
}

/* Kept until the row changes. */
static const struct traits *
traits_of(struct table *t, uint32_t subject, size_t tie)
{
	const struct filter *f = &t->season->filters[t->number];
	struct row *row = &t->rows[subject];

	if (row->traits == NULL)
		row->traits = xcalloc(f->tie_count, sizeof *row->traits);
	if ((row->traits_known >> tie & 1) == 0) {
		row->traits[tie].count = 0;
		tell(t, subject, &f->ties[tie], &row->traits[tie]);
		row->traits_known |= UINT32_C(1) << tie;
	}
	return &row->traits[tie];
}

void
traits_forget(struct table *t, struct row *row)
{
	const struct filter *f = &t->season->filters[t->number];

	row->traits_known = 0;
	for (size_t i = 0; row->traits != NULL && i < f->tie_count; i++) {
		free(row->traits[i].list);
		row->traits[i] = (struct traits){ 0 };
	}
}

/* Where two differ, and what each has there (none: NO_VALUE). */
struct contrast {
	int64_t at;
	int64_t mine;
	int64_t theirs;
};

static int
contrast(const struct traits *a, const struct traits *b, struct contrast *out)
{
	size_t most = a->count < b->count ? a->count : b->count;
	size_t i = 0;
	bool in_a;
	bool in_b;

	while (i < most && a->list[i].at == b->list[i].at &&
	    a->list[i].value == b->list[i].value)
		i++;
	in_a = i < a->count;
	in_b = i < b->count;
	if (!in_a && !in_b)
		return 0;
	if (in_a && in_b && a->list[i].at != b->list[i].at) {
		in_a = a->list[i].at < b->list[i].at;
		in_b = !in_a;
	}
	out->at = in_a ? a->list[i].at : b->list[i].at;
	out->mine = in_a ? a->list[i].value : SEASON_NO_VALUE;
	out->theirs = in_b ? b->list[i].value : SEASON_NO_VALUE;
	return out->mine > out->theirs ? -1 : 1;
}

/* ---- the group ---- */

struct member {
	uint32_t subject;
	uint32_t seat; /* by label: the last resort of the listing */
	int64_t number;
	const char *note; /* what put it behind others */
	const struct traits *traits;
};

struct group {
	struct table *table;
	struct member *members;
	struct season_reason *reasons; /* of a member against the next one */
	struct block *block;
};

static int
by_traits(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;
	struct contrast unused;
	int c = contrast(x->traits, y->traits, &unused);

	return c != 0 ? c : (x->seat > y->seat) - (x->seat < y->seat);
}

/* More first. */
static int
by_number(const void *a, const void *b)
{
	const struct member *x = a;
	const struct member *y = b;

	if (x->number != y->number)
		return x->number > y->number ? -1 : 1;
	return (x->seat > y->seat) - (x->seat < y->seat);
}

/* ---- head to head ---- */

/* What a member has in an award. */
struct meeting {
	uint32_t award;
	uint32_t member;
	int64_t key; /* less is in front */
};

static int
by_award(const void *a, const void *b)
{
	const struct meeting *x = a;
	const struct meeting *y = b;

	if (x->award != y->award)
		return x->award < y->award ? -1 : 1;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

static int
by_front(const void *a, const void *b)
{
	const struct meeting *x = a;
	const struct meeting *y = b;

	if (x->award != y->award)
		return x->award < y->award ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

static int64_t
front_key(const struct table *t, const struct line *l)
{
	if (t->rule->by == SEASON_BY_TIME)
		return l->line.points;
	return l->line.place > 0 ? l->line.place : INT64_MAX;
}

/* All that they have, the best of each in an award; *out for free(). */
static size_t
meet(const struct group *g, size_t low, size_t high, struct meeting **out)
{
	struct lines lines = { 0 };
	struct meeting *all = NULL;
	size_t count = 0;
	size_t cap = 0;
	size_t kept = 0;

	for (size_t i = low; i < high; i++) {
		lines_in_ties(g->table, g->members[i].subject, &lines);
		for (size_t k = 0; k < lines.count; k++) {
			all = xgrow(all, &cap, count, sizeof *all);
			all[count++] =
			    (struct meeting){ lines.list[k].award, (uint32_t)i,
				    front_key(g->table, &lines.list[k]) };
		}
	}
	lines_close(&lines);
	if (count > 1)
		qsort(all, count, sizeof *all, by_award);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || all[kept - 1].award != all[i].award ||
		    all[kept - 1].member != all[i].member)
			all[kept++] = all[i];
	if (kept > 1)
		qsort(all, kept, sizeof *all, by_front);
	*out = all;
	return kept;
}

/* A member's number is how often it is in front of one of the others. */
static void
number_by_duels(struct group *g, size_t low, size_t high)
{
	struct meeting *all;
	size_t count = meet(g, low, high, &all);

	for (size_t i = low; i < high; i++)
		g->members[i].number = 0;
	for (size_t from = 0; from < count;) {
		size_t to = from;
		size_t behind;

		while (to < count && all[to].award == all[from].award)
			to++;
		behind = to;
		for (size_t i = to; i > from; i--) {
			/* Those who are level are not behind. */
			if (i < to && all[i - 1].key != all[i].key)
				behind = i;
			g->members[all[i - 1].member].number +=
			    (int64_t)(to - behind);
		}
		from = to;
	}
	free(all);
}

/* ---- decisions ---- */

struct edge {
	size_t from;
	size_t to;
	const char *note;
	bool idle; /* contradicts others */
};

static size_t
find_member(const struct group *g, size_t low, size_t high, const char *name)
{
	while (low < high &&
	    strcmp(table_subject(g->table, g->members[low].subject)->name,
	        name) != 0)
		low++;
	return low;
}

static size_t
find_edges(const struct group *g, size_t low, size_t high, struct edge **out)
{
	const struct table *t = g->table;
	struct edge *all = xcalloc(t->decision_count, sizeof *all);
	size_t count = 0;

	for (size_t i = 0; i < t->decision_count; i++) {
		const struct decision *d = &t->decisions[i];
		size_t from;
		size_t to;

		if (d->note == NULL)
			continue;
		from = find_member(g, low, high, d->before);
		to = find_member(g, low, high, d->behind);
		if (from < high && to < high && from != to)
			all[count++] =
			    (struct edge){ from, to, d->note, false };
	}
	*out = all;
	return count;
}

/* Of a member they stand together. */
static int
by_from(const void *a, const void *b)
{
	const struct edge *x = a;
	const struct edge *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Where those of a member begin, or would. */
static size_t
first_edge(const struct edge *edges, size_t count, size_t from)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (edges[middle].from < from)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* Whether the edges lead from one to the other; seen and wait are by member,
 * seen is cleared. */
static bool
leads(const struct edge *edges, size_t count, size_t from, size_t to,
    bool *seen, size_t *wait)
{
	size_t waiting = 0;

	seen[from] = true;
	wait[waiting++] = from;
	while (waiting > 0 && !seen[to]) {
		size_t at = wait[--waiting];

		for (size_t i = first_edge(edges, count, at);
		     i < count && edges[i].from == at; i++) {
			if (seen[edges[i].to])
				continue;
			seen[edges[i].to] = true;
			wait[waiting++] = edges[i].to;
		}
	}
	return seen[to];
}

/* What leads in a circle says nothing. */
static void
cancel_circles(struct edge *edges, size_t count, size_t members)
{
	bool *seen = xcalloc(members, sizeof *seen);
	size_t *wait = xcalloc(members, sizeof *wait);

	if (count > 1)
		qsort(edges, count, sizeof *edges, by_from);
	for (size_t i = 0; i < count; i++) {
		memset(seen, 0, members * sizeof *seen);
		edges[i].idle =
		    leads(edges, count, edges[i].to, edges[i].from, seen, wait);
	}
	free(seen);
	free(wait);
}

/* Whose words put a member behind: of the first one, by label, that stands
 * immediately before it. */
static void
note_decisions(struct group *g, const struct edge *edges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct member *to = &g->members[edges[i].to];
		size_t first = edges[i].from;

		if (edges[i].idle || g->members[first].number != to->number + 1)
			continue;
		for (size_t k = 0; k < count; k++)
			if (edges[k].to == edges[i].to && !edges[k].idle &&
			    edges[k].from < first &&
			    g->members[edges[k].from].number == to->number + 1)
				first = edges[k].from;
		if (first == edges[i].from)
			to->note = edges[i].note;
	}
}

/* A member's number falls with how many stand before it, one before the other:
 * nobody has an advantage of not being spoken of. */
static void
number_by_decisions(struct group *g, size_t low, size_t high)
{
	struct edge *edges;
	size_t count = find_edges(g, low, high, &edges);
	bool more = true;

	for (size_t i = low; i < high; i++) {
		g->members[i].number = 0;
		g->members[i].note = "";
	}
	cancel_circles(edges, count, high);
	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++) {
			int64_t behind = g->members[edges[i].from].number - 1;

			if (edges[i].idle ||
			    g->members[edges[i].to].number <= behind)
				continue;
			g->members[edges[i].to].number = behind;
			more = true;
		}
	}
	note_decisions(g, edges, count);
	free(edges);
}

/* ---- one rule after the other ---- */

static int64_t
shown(const struct table *t, enum season_rule rule, int64_t value)
{
	bool score = rule == SEASON_BEST_RESULT || rule == SEASON_LATEST ||
	    rule == SEASON_BETTER_IN;

	if (value == SEASON_NO_VALUE)
		return rule == SEASON_WINS || rule == SEASON_COUNT_BACK ? 0
		                                                        : value;
	return rule == SEASON_LESS_TIME || (score && t->less) ? -value : value;
}

static struct season_reason
reason_of(const struct group *g, const struct season_tie *tie, size_t at)
{
	const struct table *t = g->table;
	const struct member *a = &g->members[at];
	const struct member *b = &g->members[at + 1];
	struct season_reason out = { .rule = tie->rule,
		.mine = a->number,
		.theirs = b->number,
		.competition = "",
		.note = "" };
	struct contrast c;

	if (tie->rule == SEASON_DECIDED) {
		out.mine = out.theirs = 0;
		out.note = b->note;
	}
	if (tie->rule == SEASON_HEAD_TO_HEAD || tie->rule == SEASON_DECIDED)
		return out;
	contrast(a->traits, b->traits, &c);
	out.mine = shown(t, tie->rule, c.mine);
	out.theirs = shown(t, tie->rule, c.theirs);
	if (tie->rule == SEASON_COUNT_BACK)
		out.place = (uint32_t)c.at;
	else if (tie->rule == SEASON_BEST_RESULT)
		out.place = (uint32_t)c.at + 1;
	else if (tie->rule == SEASON_BETTER_IN)
		out.competition = tie->competition;
	else if (tie->rule == SEASON_LATEST)
		out.competition =
		    t->season->comps[t->year->listed.at[-c.at]].name;
	return out;
}

static void
sort_by(struct group *g, size_t low, size_t high, size_t rule)
{
	struct table *t = g->table;
	const struct season_tie *tie =
	    &t->season->filters[t->number].ties[rule];
	bool duels = tie->rule == SEASON_HEAD_TO_HEAD;

	if (duels || tie->rule == SEASON_DECIDED) {
		if (duels)
			number_by_duels(g, low, high);
		else
			number_by_decisions(g, low, high);
		qsort(g->members + low, high - low, sizeof *g->members,
		    by_number);
		return;
	}
	for (size_t i = low; i < high; i++)
		g->members[i].traits =
		    traits_of(t, g->members[i].subject, rule);
	qsort(g->members + low, high - low, sizeof *g->members, by_traits);
}

static bool
are_parted(const struct group *g, const struct season_tie *tie, size_t at)
{
	const struct member *a = &g->members[at];
	const struct member *b = &g->members[at + 1];
	struct contrast unused;

	if (tie->rule == SEASON_HEAD_TO_HEAD || tie->rule == SEASON_DECIDED)
		return a->number != b->number;
	return contrast(a->traits, b->traits, &unused) != 0;
}

static void
share(struct group *g, size_t low, size_t high)
{
	for (size_t i = low; i < high; i++) {
		g->block->classes[i] = (uint32_t)low;
		g->block->sizes[i] = (uint32_t)(high - low);
	}
	for (size_t i = low; i + 1 < high; i++)
		g->reasons[i] =
		    (struct season_reason){ .competition = "", .note = "" };
}

static void
refine(struct group *g, size_t low, size_t high, size_t rule)
{
	const struct filter *f = &g->table->season->filters[g->table->number];
	const struct season_tie *tie = &f->ties[rule];
	size_t *ends;
	size_t count = 0;

	if (high - low == 1 || rule == f->tie_count) {
		share(g, low, high);
		return;
	}
	sort_by(g, low, high, rule);
	ends = xreallocarray(NULL, high - low, sizeof *ends);
	for (size_t i = low; i < high; i++) {
		if (i + 1 < high && !are_parted(g, tie, i))
			continue;
		if (i + 1 < high)
			g->reasons[i] = reason_of(g, tie, i);
		ends[count++] = i + 1;
	}
	/* Of fewer who are still equal the duels are others. */
	if (tie->rule != SEASON_HEAD_TO_HEAD || count == 1)
		rule++;
	for (size_t i = 0; i < count; low = ends[i++])
		refine(g, low, ends[i], rule);
	free(ends);
}

struct block *
block_new(struct table *t, uint32_t *subjects, size_t count)
{
	struct block *b = xcalloc(1, sizeof *b);
	struct group g = { .table = t, .block = b };

	g.members = xcalloc(count, sizeof *g.members);
	g.reasons = xcalloc(count, sizeof *g.reasons);
	b->classes = xcalloc(count, sizeof *b->classes);
	b->sizes = xcalloc(count, sizeof *b->sizes);
	for (size_t i = 0; i < count; i++)
		g.members[i] = (struct member){ .subject = subjects[i],
			.seat = (uint32_t)i };
	refine(&g, 0, count, 0);
	for (size_t i = 0; i < count; i++) {
		subjects[i] = g.members[i].subject;
		t->rows[subjects[i]].block = b;
		t->rows[subjects[i]].seat = (uint32_t)i;
	}
	b->subjects = subjects;
	b->count = count;
	b->reasons = g.reasons;
	free(g.members);
	return b;
}

void
block_free(struct table *t, struct block *b)
{
	for (size_t i = 0; i < b->count; i++)
		t->rows[b->subjects[i]].block = NULL;
	free(b->subjects);
	free(b->classes);
	free(b->sizes);
	free(b->reasons);
	free(b);
}
