/*
 * frame - the whole screen as lines of text with attributes, composed in
 * memory and drawn at once.  Pure.
 *
 *   title of the race                                     link state
 *   1 scratch  2 femmes  3 entreprise-rapide
 *   place    bib name ...
 *   rows
 *   time of the latest crossing, sequence, lines shown; what is the matter
 *   keys, the search, or the latest words of the log
 *
 * In the past its title is reversed, and a bar stands above the last line.
 */
#ifndef DISPLAY_FRAME_H
#define DISPLAY_FRAME_H

#include "common/screen.h"
#include "display/compose.h"
#include "display/flash.h"
#include "display/view.h"

enum frame_link {
	FRAME_WAITING, /* for an aggregator */
	FRAME_JOINING, /* for a snapshot: nothing to show yet */
	FRAME_LIVE,
	FRAME_CHECKING, /* rows of before, while a new snapshot comes */
	FRAME_STALE,    /* rows of before, and nobody answers */
	FRAME_READING,  /* a log; how far, words say */
	FRAME_PAST      /* as it was; see struct frame_past */
};

/* A race as it was. */
struct frame_past {
	const char *told;              /* "as of 10:42:00 — not live" */
	const struct screen_line *bar; /* of the width of the screen */
	const char *typed;             /* a moment, "" for none */
	const char *wrong;             /* with that; NULL: nothing */
	uint64_t log;                  /* the event's number */
	uint64_t last_log;
	bool live; /* there is a live board to go back to */
};

struct frame {
	size_t height;
	size_t width;
	size_t cap;
	struct screen_line *lines;
	bool close;       /* a row shown is too close to call */
	bool provisional; /* ... has a place that may change */
	bool doubted;     /* ... and is marked */
	/* Of the frame before: */
	bool listed; /* there was a board to show */
	size_t ranking;
	size_t top;
};

/* What there is to show.  Pointers may be NULL where nothing has come yet. */
struct frame_scene {
	struct view_scene view; /* page is set by frame_compose() */
	enum frame_link link;
	int64_t age_us;                /* of what is stale */
	const char *peer;              /* whom we wait for */
	const char *words;             /* FRAME_READING: what goes on */
	const struct frame_past *past; /* FRAME_PAST */
	const char *trouble;           /* the aggregator's, "" for none */
	const char *log;               /* "" for none */
	int64_t as_of_us;              /* RACE_NO_TIME: no crossing yet */
	uint64_t seq;
	int64_t now_us; /* monotonic */
};

/* Starts as { 0 }. */
void frame_close(struct frame *f);

/* Lines of the listing on a screen of that height. */
size_t frame_page(size_t height, bool past);

/* Composes all lines; puts v right for the rows that there are. */
void frame_compose(struct frame *f, size_t height, size_t width, struct view *v,
    struct flash *flash, struct frame_scene *s);

#endif
