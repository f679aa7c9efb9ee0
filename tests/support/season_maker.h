/*
 * season_maker - season folders on disk for tests: one by hand, or any, edited
 * and decided about at random.  One of its competitions is the standings of
 * another season.
 */
#ifndef TESTS_SUPPORT_SEASON_MAKER_H
#define TESTS_SUPPORT_SEASON_MAKER_H

#include "race/types.h"

struct season_maker {
	char *dir;
	char *other; /* whose standings it takes */
	int64_t now_us;
};

/* In base, which is there. */
void season_maker_make(struct season_maker *m, const char *base);
void season_maker_unmake(struct season_maker *m);

/* Files of the season, by name. */
void season_maker_write(const struct season_maker *m, const char *name,
    const char *text);
void season_maker_remove(const struct season_maker *m, const char *name);

/* As it was made. */
void season_maker_refill(const struct season_maker *m);

/* RACE_NAME: a is b; RACE_VOID_COMPETITION: b of season a. */
void season_maker_decide(struct season_maker *m, enum race_verb verb,
    const char *a, const char *b);

/* The lists as they are. */
void season_maker_publish(struct season_maker *m);

/* What was published and decided. */
void season_maker_forget(const struct season_maker *m);

/* Other files; then one thing that is other, were it nothing. */
void season_maker_random(struct season_maker *m, uint64_t *seed);
void season_maker_change(struct season_maker *m, uint64_t *seed);

#endif
