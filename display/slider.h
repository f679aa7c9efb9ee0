/*
 * slider - at which moment of a race somebody looks, what each key does to
 * that, and the bar that shows it.  Pure.
 *
 *	10:00:00 ─────┼───◆──────────────┼┼────── 11:42:10
 */
#ifndef DISPLAY_SLIDER_H
#define DISPLAY_SLIDER_H

#include "common/screen.h"
#include "race/travel.h"

enum { SLIDER_TYPED = 24, SLIDER_TOLD = 96 };

struct slider {
	size_t moment;
	/* Where nothing was received, time goes on all the same. */
	int64_t clock_us;
	bool playing;
	size_t speed;             /* which of them */
	char typed[SLIDER_TYPED]; /* "": nothing is */
	const char *wrong;        /* with what was typed; NULL: nothing */
};

/* What the keys are about. */
struct slider_scene {
	const struct travel *travel;
	size_t ranking; /* of the rules of the moment */
	bool live;      /* there is a live board to go back to */
};

enum slider_did {
	SLIDER_PASSED, /* not its key */
	SLIDER_TOOK,
	SLIDER_LEFT /* back to the live board */
};

/* To the last moment. */
void slider_end(struct slider *s, const struct slider_scene *c);

/* Of enum keys_key, or a code point. */
enum slider_did slider_press(struct slider *s, uint32_t key,
    const struct slider_scene *c);

/* So much time has passed; SLIDER_LEFT: it has caught up with the live board.
 */
enum slider_did slider_play(struct slider *s, int64_t passed_us,
    const struct slider_scene *c);

/* "as of 10:42:00 — not live", with the date where it is not that of the race.
 * Returns out. */
char *slider_told(char out[SLIDER_TOLD], const struct slider *s,
    const struct slider_scene *c);

/* The bar, in a line of that many columns. */
void slider_bar(struct screen_line *out, size_t width, const struct slider *s,
    const struct slider_scene *c);

#endif
