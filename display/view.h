/*
 * view - what the person at the screen looks at: which ranking, how far down,
 * whom he searches or follows; and what each key does to it.  Pure.
 */
#ifndef DISPLAY_VIEW_H
#define DISPLAY_VIEW_H

#include "race/board.h"
#include "race/roster.h"
#include "race/types.h"

enum { VIEW_QUERY_MAX = 64 };

struct view {
	size_t ranking;
	size_t top; /* first line of the listing that is shown */
	bool help;
	bool stations; /* instead of the ranking */
	bool searching;
	bool following;
	bool missed; /* the search found nobody */
	char query[VIEW_QUERY_MAX];
	char found[RACE_ROW_MAX + 1]; /* label, "" for none */
};

/* What the keys are about.  board is NULL while there is none to show. */
struct view_scene {
	const struct race_rules *rules;
	struct board *board;
	const struct roster *roster;
	size_t page; /* lines of the listing on the screen */
};

/* Of enum keys_key, or a code point.  False when the key ends the program. */
bool view_press(struct view *v, uint32_t key, const struct view_scene *s);

/* Puts `top` right after the board or the screen has changed. */
void view_settle(struct view *v, const struct view_scene *s);

#endif
