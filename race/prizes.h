/*
 * prizes - the podiums: who has won each prize of the awards of a race, who
 * holds it, and what is to be looked at again.  Pure.
 *
 * A prize is a place of an award.  Who has won it follows from the ranking, and
 * who holds it is who has won it, unless it was handed on.  What was said of a
 * prize is said of the place: it holds on when a correction brings another
 * winner, but was said of somebody else then, and is to be looked at.
 */
#ifndef RACE_PRIZES_H
#define RACE_PRIZES_H

#include "race/book.h"

struct prizes;

struct prize {
	size_t award;   /* as in the rules */
	size_t ranking; /* likewise */
	uint32_t place;
	/* Who has that place; several: they share it; none: nobody has. */
	const char *const *winners; /* bibs or teams */
	size_t winner_count;
	bool provisional;   /* somebody who is still out may change that */
	const char *holder; /* "": who has won it */
	const char *note;
	bool collected;
	/* It was handed on or collected when somebody else had won it. */
	bool changed;
	const char *winner_then; /* as prizes_winner() wrote it */
};

/* As the book is now; copied.  Awards of rankings that there are not have no
 * prizes. */
struct prizes *prizes_new(struct book *b);
void prizes_free(struct prizes *p);

/* By award, as in the rules, then by place. */
size_t prizes_count(const struct prizes *p);
const struct prize *prizes_at(const struct prizes *p, size_t i);

/* NULL: there is none. */
const struct prize *prizes_find(const struct prizes *p, size_t award,
    uint32_t place);

/* The winners as an event keeps them: "12, 14", as many as fit.  Returns out.
 */
char *prizes_winner(char out[RACE_NAME_MAX + 1], const struct prize *prize);

#endif
