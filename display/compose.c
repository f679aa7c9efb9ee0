#include "display/compose.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "race/category.h"
#include "race/cells.h"
#include "race/team.h"

enum {
	NAME_MIN = 10,
	NAMES_MIN = 2 * NAME_MIN, /* names and teams */
	NAME_MAX = 36,
	TEAM_MAX = 40,
	/* What names and teams want together before there is room to spare. */
	NAMES_WANT = 46,
	WHY_WANT = 22 /* "more 2nd places: 3 to 2", or most of it */
};

/* ---- widths ---- */

static size_t
place_width(size_t rows)
{
	size_t width = 2; /* "~" and "=" */

	for (; rows > 0; rows /= 10)
		width++;
	return width < 5 ? 5 : width;
}

static void
add(struct compose_layout *l, enum compose_cell cell, size_t width)
{
	l->columns[l->count++] =
	    (struct compose_column){ .cell = cell, .width = width };
}

/* What the columns take, with a blank between two. */
static size_t
taken(const struct compose_layout *l)
{
	size_t sum = l->count > 0 ? l->count - 1 : 0;

	for (size_t i = 0; i < l->count; i++)
		sum += l->columns[i].width;
	return sum;
}

static struct compose_column *
column(struct compose_layout *l, enum compose_cell cell)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->columns[i].cell == cell)
			return &l->columns[i];
	return NULL;
}

static void
drop(struct compose_layout *l, enum compose_cell cell)
{
	struct compose_column *c = column(l, cell);
	size_t i;

	if (c == NULL)
		return;
	i = (size_t)(c - l->columns);
	l->count--;
	memmove(c, c + 1, (l->count - i) * sizeof *c);
}

/* Leaves out columns until the others fit, then widens `cell` to fill up. */
static void
fit(struct compose_layout *l, const enum compose_cell *needless, size_t count,
    enum compose_cell cell)
{
	struct compose_column *c;

	for (size_t i = 0; i < count && taken(l) > l->width; i++)
		drop(l, needless[i]);
	c = column(l, cell);
	if (taken(l) < l->width)
		c->width += l->width - taken(l);
}

/* Names and teams share what is left, three to two. */
static void
share(struct compose_layout *l)
{
	struct compose_column *name = column(l, COMPOSE_NAME);
	struct compose_column *team = column(l, COMPOSE_TEAM);
	size_t both;

	if (team == NULL)
		return;
	both = name->width + team->width;
	name->width = both * 3 / 5;
	if (name->width > NAME_MAX)
		name->width = NAME_MAX;
	team->width = both - name->width;
	if (team->width > TEAM_MAX) {
		team->width = TEAM_MAX;
		name->width = both - TEAM_MAX;
	}
}

/* Where two more columns of that width would go without hurting names. */
static bool
spare(const struct compose_layout *l, size_t width)
{
	return l->count < COMPOSE_COLUMNS &&
	    taken(l) - NAMES_MIN + NAMES_WANT + 1 + width <= l->width;
}

/* The splits on the way to the time that counts; the last ones matter most. */
static void
add_splits(struct compose_layout *l, const struct race_rules *rules,
    const struct race_ranking *r, size_t width)
{
	size_t end = r->at >= 0 ? (size_t)r->at : rules->point_count;

	for (size_t i = end; i-- > 0 && spare(l, width);) {
		const struct race_point *p = &rules->points[i];
		struct compose_column *at;

		if (p->metres == 0)
			continue;
		/* In the order of the course, in front of the time. */
		add(l, COMPOSE_SPLIT, width);
		at = column(l, COMPOSE_TEAM) + 1;
		memmove(at + 1, at,
		    (size_t)(&l->columns[l->count - 1] - at) * sizeof *at);
		*at =
		    (struct compose_column){ COMPOSE_SPLIT, width, i, p->name };
	}
}

static void
layout_runners(struct compose_layout *l, const struct race_rules *rules,
    const struct race_ranking *r, size_t rows)
{
	bool exact = r->round == RACE_ROUND_NONE;
	bool split = r->at >= 0 && (size_t)r->at + 1 < rules->point_count;
	static const enum compose_cell needless[] = { COMPOSE_TEAM,
		COMPOSE_CLASS, COMPOSE_AT, COMPOSE_GAP, COMPOSE_TIME };

	add(l, COMPOSE_PLACE, place_width(rows));
	add(l, COMPOSE_BIB, 6);
	add(l, COMPOSE_NAME, NAME_MIN);
	add(l, COMPOSE_CLASS, 6);
	add(l, COMPOSE_TEAM, NAME_MIN);
	/* How far somebody has come says nothing of a split in between. */
	if (!split)
		add(l, COMPOSE_AT, 9);
	add(l, COMPOSE_TIME, exact ? 12 : 7);
	add(l, COMPOSE_GAP, exact ? 13 : 8);
	if (spare(l, exact ? 13 : 8))
		add(l, COMPOSE_INTERVAL, exact ? 13 : 8);
	add_splits(l, rules, r, exact ? 13 : 9);
	fit(l, needless, sizeof needless / sizeof *needless, COMPOSE_NAME);
	share(l);
}

static void
layout_teams(struct compose_layout *l, const struct race_ranking *r,
    size_t rows)
{
	static const enum compose_cell needless[] = { COMPOSE_FINISHERS,
		COMPOSE_GAP, COMPOSE_IN, COMPOSE_TIME };
	bool exact = r->round == RACE_ROUND_NONE && !cells_by_km(r) &&
	    !cells_by_places(r);
	/* "3 of 4 in, 1 woman missing", of both sexes "..., 1 woman, 1 man ..."
	 */
	size_t in = r->women > 0 && r->men > 0 ? 34
	    : r->women + r->men > 0            ? 26
	                                       : 10;

	add(l, COMPOSE_PLACE, place_width(rows));
	add(l, COMPOSE_TEAM, NAME_MIN);
	add(l, COMPOSE_TIME, exact ? 15 : 10);
	add(l, COMPOSE_IN, in);
	add(l, COMPOSE_GAP, exact ? 15 : 10);
	add(l, COMPOSE_FINISHERS, 8);
	fit(l, needless, sizeof needless / sizeof *needless, COMPOSE_TEAM);
}

static void
layout_season(struct compose_layout *l, size_t rows)
{
	static const enum compose_cell needless[] = { COMPOSE_WHY, COMPOSE_WINS,
		COMPOSE_HELD, COMPOSE_GAP, COMPOSE_TIME };
	struct compose_column *name;
	struct compose_column *why;

	add(l, COMPOSE_PLACE, place_width(rows));
	add(l, COMPOSE_TEAM, NAME_MIN);
	add(l, COMPOSE_TIME, 8);
	add(l, COMPOSE_GAP, 8);
	add(l, COMPOSE_WINS, 4);
	add(l, COMPOSE_HELD, 7);
	add(l, COMPOSE_WHY, WHY_WANT);
	fit(l, needless, sizeof needless / sizeof *needless, COMPOSE_TEAM);
	name = column(l, COMPOSE_TEAM);
	why = column(l, COMPOSE_WHY);
	if (why != NULL && name->width > NAME_MAX) {
		why->width += name->width - NAME_MAX;
		name->width = NAME_MAX;
	}
}

void
compose_layout(struct compose_layout *out, const struct race_rules *rules,
    const struct race_ranking *ranking, size_t width, size_t rows)
{
	out->count = 0;
	out->width = width;
	switch (ranking->of) {
	case RACE_RUNNERS:
		layout_runners(out, rules, ranking, rows);
		break;
	case RACE_TEAMS:
		layout_teams(out, ranking, rows);
		break;
	case RACE_SEASON:
		layout_season(out, rows);
		break;
	}
}

/* ---- lines ---- */

static bool
right(enum compose_cell cell)
{
	switch (cell) {
	case COMPOSE_NAME:
	case COMPOSE_CLASS:
	case COMPOSE_TEAM:
	case COMPOSE_AT:
	case COMPOSE_IN:
	case COMPOSE_WHY:
		return false;
	case COMPOSE_PLACE:
	case COMPOSE_BIB:
	case COMPOSE_TIME:
	case COMPOSE_GAP:
	case COMPOSE_INTERVAL:
	case COMPOSE_SPLIT:
	case COMPOSE_FINISHERS:
	case COMPOSE_WINS:
	case COMPOSE_HELD:
		return true;
	}
	return false;
}

/* A line under construction. */
struct line {
	char *out;
	size_t len;
};

/* Blanks alone never overrun: the widths of a line are bounded by its own. */
static void
put(struct line *l, const char *text, size_t width, bool pad)
{
	size_t room = COMPOSE_BYTES - l->len;

	text_fit(l->out + l->len, room, text, width, pad);
	l->len += strlen(l->out + l->len);
}

static void
put_column(struct line *l, const struct compose_column *c, const char *text)
{
	size_t width = text_width(text);

	if (right(c->cell) && width < c->width)
		put(l, "", c->width - width, true);
	else
		width = c->width;
	put(l, text, right(c->cell) ? width : c->width, true);
}

static void
put_all(char *out, const struct compose_layout *layout,
    const char *const texts[COMPOSE_COLUMNS])
{
	char whole[COMPOSE_BYTES];
	struct line l = { whole, 0 };

	whole[0] = '\0';
	for (size_t i = 0; i < layout->count; i++) {
		if (i > 0)
			put(&l, "", 1, true);
		put_column(&l, &layout->columns[i], texts[i]);
	}
	/* A terminal narrower than the columns that stay. */
	text_fit(out, COMPOSE_BYTES, whole, layout->width, true);
}

static const char *
head(const struct compose_column *c, const struct race_ranking *r)
{
	bool season = r->of == RACE_SEASON;

	switch (c->cell) {
	case COMPOSE_PLACE:
		return "place";
	case COMPOSE_BIB:
		return "bib";
	case COMPOSE_NAME:
		return "name";
	case COMPOSE_CLASS:
		return "class";
	case COMPOSE_TEAM:
		return season ? "name" : "team";
	case COMPOSE_AT:
		return r->by == RACE_BY_KM ? "km" : "at";
	case COMPOSE_TIME:
		return cells_by_points(r) ? "points"
		    : r->of == RACE_TEAMS ? "score"
		                          : "time";
	case COMPOSE_IN:
		return "runners";
	case COMPOSE_GAP:
		return season ? "behind" : "gap";
	case COMPOSE_INTERVAL:
		return "interval";
	case COMPOSE_SPLIT:
		return c->name;
	case COMPOSE_FINISHERS:
		return "finished";
	case COMPOSE_WINS:
		return "wins";
	case COMPOSE_HELD:
		return "counted";
	case COMPOSE_WHY:
		return "";
	}
	return "";
}

void
compose_heads(char out[COMPOSE_BYTES], const struct compose_layout *layout,
    const struct race_ranking *ranking)
{
	const char *texts[COMPOSE_COLUMNS];

	for (size_t i = 0; i < layout->count; i++)
		texts[i] = head(&layout->columns[i], ranking);
	put_all(out, layout, texts);
}

static void
put_class(char *out, size_t cap, const struct race_rules *rules,
    const struct race_entry *e)
{
	const char *category = category_of(rules, e);
	const char *between =
	    e->sex[0] != '\0' && category[0] != '\0' ? " " : "";

	snprintf(out, cap, "%s%s%s", e->sex, between, category);
}

/* Where a runner is: in a ranking by km how far, else the point's name. */
static const char *
put_at(char out[CELLS_MAX], const struct race_rules *rules,
    const struct race_ranking *r, const struct race_row *row)
{
	if (r->by == RACE_BY_KM)
		return cells_km(out, row->metres);
	if (row->point < 0 || (size_t)row->point >= rules->point_count)
		return "";
	return rules->points[row->point].name;
}

void
compose_row(char out[COMPOSE_BYTES], const struct compose_layout *layout,
    const struct race_rules *rules, const struct race_ranking *ranking,
    const struct board_line *line, const struct board_line *first,
    const struct race_entry *entry)
{
	char numbers[COMPOSE_COLUMNS][CELLS_MAX];
	char class[RACE_LABEL_MAX + 16];
	const char *texts[COMPOSE_COLUMNS];

	for (size_t i = 0; i < layout->count; i++) {
		char *n = numbers[i];

		switch (layout->columns[i].cell) {
		case COMPOSE_PLACE:
			texts[i] = cells_place(n, line);
			break;
		case COMPOSE_BIB:
			texts[i] = line->row.label;
			break;
		case COMPOSE_NAME:
			texts[i] = entry != NULL ? entry->name : "";
			break;
		case COMPOSE_CLASS:
			class[0] = '\0';
			if (entry != NULL)
				put_class(class, sizeof class, rules, entry);
			texts[i] = class;
			break;
		case COMPOSE_TEAM:
			texts[i] = ranking->of != RACE_RUNNERS ? line->row.label
			    : entry != NULL ? team_of(rules, entry)
			                    : "";
			break;
		case COMPOSE_AT:
			texts[i] = put_at(n, rules, ranking, &line->row);
			break;
		case COMPOSE_TIME:
			texts[i] = cells_time(n, ranking, line);
			break;
		case COMPOSE_IN:
		case COMPOSE_HELD:
			texts[i] = cells_counted(n, ranking, line);
			break;
		case COMPOSE_GAP:
			texts[i] = cells_gap(n, ranking, line, first);
			break;
		case COMPOSE_INTERVAL:
			texts[i] = cells_interval(n, ranking, line);
			break;
		case COMPOSE_SPLIT:
			texts[i] = cells_split(n, ranking, line,
			    layout->columns[i].point);
			break;
		case COMPOSE_FINISHERS:
			snprintf(n, CELLS_MAX, "%" PRIu32, line->row.finishers);
			texts[i] = n;
			break;
		case COMPOSE_WINS:
			snprintf(n, CELLS_MAX, "%" PRIu32, line->row.wins);
			texts[i] = n;
			break;
		case COMPOSE_WHY:
			texts[i] = cells_why(line);
			break;
		}
	}
	put_all(out, layout, texts);
}
