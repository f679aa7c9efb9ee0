/*
 * order - which member comes before which, kept as members change: insert,
 * remove, rank and select in O(log n).
 *
 * Members are slots (small numbers) whose keys the caller keeps; a comparison
 * asks the caller.  A changed key is stored at once by the caller and announced
 * with order_touch(); the tree is put right at the next question, all touched
 * members together.  The shape depends on the members alone, never on
 * addresses.  Pure.
 */
#ifndef RACE_ORDER_H
#define RACE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order;

#define ORDER_NONE UINT32_MAX

/* <0, 0, >0; 0 for the same slot alone. */
typedef int (*order_cmp_fn)(const void *arg, uint32_t a, uint32_t b);

struct order *order_new(order_cmp_fn cmp, const void *arg);
void order_free(struct order *o);

/* The key of slot was set or changed, or (present false) slot is out. */
void order_touch(struct order *o, uint32_t slot, bool present);

size_t order_count(struct order *o);

/* The i-th member (from 0), or ORDER_NONE. */
uint32_t order_at(struct order *o, size_t i);

/* The member behind slot, which has to be one; ORDER_NONE behind the last.  One
 * after the other: O(1) each. */
uint32_t order_next(struct order *o, uint32_t slot);

/* How many members come before slot; slot has to be a member. */
size_t order_index(struct order *o, uint32_t slot);

/*
 * How many members m have less(arg, m) true, given that those come first:
 * finds the beginning or the end of a group of ties.
 */
typedef bool (*order_less_fn)(const void *arg, uint32_t slot);
size_t order_partition(struct order *o, order_less_fn less, const void *arg);

#endif
