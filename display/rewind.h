/*
 * rewind - the race at an earlier moment, for the full screen: its log read,
 * and again what has come since; the slider; what there is to show.
 */
#ifndef DISPLAY_REWIND_H
#define DISPLAY_REWIND_H

#include "display/display.h"
#include "display/frame.h"
#include "display/slider.h"
#include "race/journey.h"

/* Called while the log is read, with words for the screen; not 0: leave it. */
typedef int (*rewind_fn)(void *arg, const char *words);

struct rewind {
	struct past_source source;
	rewind_fn fn;
	void *arg;
	struct journey *journey; /* NULL: not read yet */
	struct slider slider;
	bool live;                        /* there is a live board, too */
	char ranking[RACE_LABEL_MAX + 1]; /* the one shown */
	const struct race_rules *rules;   /* ... and those it is of */
	int64_t played_us;                /* monotonic, as the next */
	int64_t look_us; /* when to look what has come, INT64_MAX: no more */
	bool lost;       /* that has been told to fail */
	/* Of the last rewind_fill(): */
	struct frame_past past;
	struct screen_line bar;
	char told[SLIDER_TOLD];
};

/* Borrows job.  live: somebody can go back to a live board. */
void rewind_init(struct rewind *r, const struct display_job *job, bool live,
    rewind_fn fn, void *arg);
void rewind_close(struct rewind *r);

/*
 * Reads the log, or what has come since, and stands at its last moment; what
 * was read before is shown where nobody tells any more of it.  ranking: a name,
 * "" for the first; where the log has no such one, the first is shown, and err
 * says so with 1.  -ECANCELED: by fn.
 */
int rewind_open(struct rewind *r, const char *ranking, struct err *err);

/* Nobody looks any more. */
void rewind_leave(struct rewind *r);

/* As slider_press(). */
enum slider_did rewind_press(struct rewind *r, uint32_t key);

/* Another ranking was chosen: that is shown wherever the rules have it. */
void rewind_choose(struct rewind *r, const char *ranking);

/* Plays on, and looks what has come since, for a fiftieth of a second; to be
 * called at each turn's end. */
enum slider_did rewind_turn(struct rewind *r, int64_t now_us);
/* When it is to be called again; INT64_MAX: not before a key. */
int64_t rewind_deadline(const struct rewind *r);

/* What there is to show; width: of the screen.  Puts v right if other rules
 * held at that moment: true then. */
bool rewind_fill(struct rewind *r, struct view *v, size_t width,
    struct frame_scene *s);

#endif
