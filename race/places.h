/*
 * places - who stands on which line of a listing, and with which place: the
 * one answer of the core and of the boards.
 *
 * The caller keeps keys and labels by slot and hands them out; the order is
 * made with places_cmp and the same struct:
 *
 *	x->places = (struct places){ NULL, key_of, label_of, x };
 *	x->places.order = order_new(places_cmp, &x->places);
 *
 * Places are those of standard competition ranking (1 2 2 4), of group PLACED
 * alone.  Equal keys share a place, unless all of them carry a `tie` of one
 * stream: then its seq decides.  Equals from several streams are listed by
 * label.  Pure.
 */
#ifndef RACE_PLACES_H
#define RACE_PLACES_H

#include "race/order.h"
#include "race/types.h"

struct places {
	struct order *order; /* the caller's to free */
	const struct race_key *(*key)(const void *arg, uint32_t slot);
	const char *(*label)(const void *arg, uint32_t slot);
	const void *arg;
};

/* An order_cmp_fn; arg is the struct places. */
int places_cmp(const void *places, uint32_t a, uint32_t b);

struct places_line {
	uint32_t slot;
	uint32_t place; /* 0: none */
	bool tied;      /* shares its place */
};

/*
 * Lines `from` (0: the first) and following, at most cap; returns how many.
 * O(log n) for one line, and linear in the group where several streams tie.
 */
size_t places_lines(const struct places *p, size_t from,
    struct places_line *out, size_t cap);

/* The line on which a member stands (from 0), and what it says. */
size_t places_find(const struct places *p, uint32_t slot,
    struct places_line *out);

#endif
