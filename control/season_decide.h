/*
 * season_decide - what is decided about a season: lists published, names
 * merged, competitions void, equals parted, and all of that undone.  Each is
 * shown with who changes place, asked, and stored in season.db.
 */
#ifndef CONTROL_SEASON_DECIDE_H
#define CONTROL_SEASON_DECIDE_H

#include <stdio.h>

#include "control/season_load.h"
#include "control/verb.h"

/* Of the command line. */
struct season_order {
	const struct verb *verb;
	const struct verb_options *options;
	const char *dir;
	struct gather *gather;
	size_t season; /* the one that is meant */
	char **words;  /* behind the verb */
	size_t count;
};

/* The exit status. */
int season_publish(struct season_order *o);
int season_merge(struct season_order *o);
int season_void_competition(struct season_order *o);
int season_part(struct season_order *o);
int season_undo(struct season_order *o);

/* ---- what the files of it share ---- */

/* What is to be decided: its events, the last of which is the decision (of an
 * undo, all of them are). */
struct season_deed {
	struct season_order *order;
	struct race_event *events;
	size_t count;
	size_t cap;
	int64_t made_us;
};

void season_deed_init(struct season_deed *d, struct season_order *o);

/* Texts are borrowed until season_deed_do(), d is copied. */
void season_deed_decide(struct season_deed *d,
    const struct race_decision *decision);
void season_deed_add(struct season_deed *d, const struct race_event *e);

/* Says what stands there last to be decided, on stdout. */
void season_deed_say(const struct season_deed *d);

/* Shows who changes place, asks, stores; frees it.  The exit status. */
int season_deed_do(struct season_deed *d);
void season_deed_clear(struct season_deed *d);

#endif
