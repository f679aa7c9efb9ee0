/*
 * compose - rows of a ranking as lines of text of a given width.  Pure.
 *
 * Columns that do not fit are left out, the least needed first; where there is
 * room to spare, the gap to the one before and the splits come in.  Text wider
 * than its column is cut with "…".
 */
#ifndef DISPLAY_COMPOSE_H
#define DISPLAY_COMPOSE_H

#include "common/screen.h"
#include "race/board.h"
#include "race/types.h"

enum { COMPOSE_BYTES = SCREEN_BYTES, COMPOSE_COLUMNS = 20 };

enum compose_cell {
	COMPOSE_PLACE,
	COMPOSE_BIB,
	COMPOSE_NAME,
	COMPOSE_CLASS,    /* sex and category */
	COMPOSE_TEAM,     /* or subject of a season */
	COMPOSE_AT,       /* furthest point, or km */
	COMPOSE_TIME,     /* or score */
	COMPOSE_IN,       /* "2 of 3 in" */
	COMPOSE_GAP,      /* or status */
	COMPOSE_INTERVAL, /* behind the one before */
	COMPOSE_SPLIT,    /* the time at another point */
	COMPOSE_FINISHERS,
	COMPOSE_WINS, /* seasons */
	COMPOSE_HELD, /* "3 of 4": competitions that count */
	COMPOSE_WHY
};

struct compose_column {
	enum compose_cell cell;
	size_t width;
	size_t point;     /* COMPOSE_SPLIT */
	const char *name; /* COMPOSE_SPLIT: that of the point, borrowed */
};

struct compose_layout {
	size_t count;
	size_t width; /* of the whole line */
	struct compose_column columns[COMPOSE_COLUMNS];
};

/* How the lines of a ranking with that many rows are divided. */
void compose_layout(struct compose_layout *out, const struct race_rules *rules,
    const struct race_ranking *ranking, size_t width, size_t rows);

/* The names of the columns, padded to the width. */
void compose_heads(char out[COMPOSE_BYTES], const struct compose_layout *layout,
    const struct race_ranking *ranking);

/* A row, padded to the width.  entry is NULL for teams, of seasons, and for who
 * is not in the roster; first is the first line of the listing. */
void compose_row(char out[COMPOSE_BYTES], const struct compose_layout *layout,
    const struct race_rules *rules, const struct race_ranking *ranking,
    const struct board_line *line, const struct board_line *first,
    const struct race_entry *entry);

#endif
