#include "race/order.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/*
 * A treap whose nodes are the slots: the priority of a slot is a mix of its
 * number, so that the shape follows from the members and their order alone.
 * Removing needs no comparison (nodes know their parents), hence members whose
 * keys have already changed can be taken out and put back.
 */
struct node {
	uint32_t left;
	uint32_t right;
	uint32_t parent;
	uint32_t size; /* of the subtree; 0: not in the tree */
};

enum { TOUCHED = 1, PRESENT = 2 };

struct order {
	order_cmp_fn cmp;
	const void *arg;
	struct node *nodes; /* by slot */
	uint8_t *marks;     /* by slot */
	size_t nodes_cap;
	size_t marks_cap;
	size_t slots;
	uint32_t root;
	uint32_t *touched;
	size_t touched_cap;
	size_t touched_count;
};

struct order *
order_new(order_cmp_fn cmp, const void *arg)
{
	struct order *o = xcalloc(1, sizeof *o);

	o->cmp = cmp;
	o->arg = arg;
	o->root = ORDER_NONE;
	return o;
}

void
order_free(struct order *o)
{
	if (o == NULL)
		return;
	free(o->nodes);
	free(o->marks);
	free(o->touched);
	free(o);
}

/* One to one on 32 bits ("lowbias32", C. Wellons), so that no two are equal. */
static uint32_t
priority(uint32_t slot)
{
	slot ^= slot >> 16;
	slot *= UINT32_C(0x7feb352d);
	slot ^= slot >> 15;
	slot *= UINT32_C(0x846ca68b);
	return slot ^ slot >> 16;
}

static uint32_t
size_of(const struct order *o, uint32_t slot)
{
	return slot == ORDER_NONE ? 0 : o->nodes[slot].size;
}

static void
resize(struct order *o, uint32_t slot)
{
	struct node *n = &o->nodes[slot];

	n->size = 1 + size_of(o, n->left) + size_of(o, n->right);
}

/* Where the tree points to slot. */
static uint32_t *
link_of(struct order *o, uint32_t slot)
{
	uint32_t parent = o->nodes[slot].parent;

	if (parent == ORDER_NONE)
		return &o->root;
	if (o->nodes[parent].left == slot)
		return &o->nodes[parent].left;
	return &o->nodes[parent].right;
}

/* Lifts slot above its parent, which stays on its side. */
static void
lift(struct order *o, uint32_t slot)
{
	struct node *n = &o->nodes[slot];
	uint32_t parent = n->parent;
	struct node *p = &o->nodes[parent];
	uint32_t moved;

	*link_of(o, parent) = slot;
	n->parent = p->parent;
	p->parent = slot;
	if (p->left == slot) {
		moved = n->right;
		p->left = moved;
		n->right = parent;
	} else {
		moved = n->left;
		p->right = moved;
		n->left = parent;
	}
	if (moved != ORDER_NONE)
		o->nodes[moved].parent = parent;
	resize(o, parent);
	resize(o, slot);
}

/* The child that takes the place of its parent, ORDER_NONE if it has none. */
static uint32_t
heir(const struct node *n)
{
	if (n->left == ORDER_NONE)
		return n->right;
	if (n->right == ORDER_NONE || priority(n->left) > priority(n->right))
		return n->left;
	return n->right;
}

static void
take_out(struct order *o, uint32_t slot)
{
	struct node *n = &o->nodes[slot];

	while (heir(n) != ORDER_NONE)
		lift(o, heir(n));
	*link_of(o, slot) = ORDER_NONE;
	for (uint32_t up = n->parent; up != ORDER_NONE;
	     up = o->nodes[up].parent)
		o->nodes[up].size--;
	n->size = 0;
}

static void
put_in(struct order *o, uint32_t slot)
{
	uint32_t parent = ORDER_NONE;
	uint32_t *link = &o->root;

	while (*link != ORDER_NONE) {
		parent = *link;
		o->nodes[parent].size++;
		if (o->cmp(o->arg, slot, parent) < 0)
			link = &o->nodes[parent].left;
		else
			link = &o->nodes[parent].right;
	}
	*link = slot;
	o->nodes[slot] = (struct node){ ORDER_NONE, ORDER_NONE, parent, 1 };
	while (o->nodes[slot].parent != ORDER_NONE &&
	    priority(o->nodes[slot].parent) < priority(slot))
		lift(o, slot);
}

static void
make_room(struct order *o, uint32_t slot)
{
	o->nodes = xgrow(o->nodes, &o->nodes_cap, slot, sizeof *o->nodes);
	o->marks = xgrow(o->marks, &o->marks_cap, slot, sizeof *o->marks);
	for (; o->slots <= slot; o->slots++) {
		o->nodes[o->slots].size = 0;
		o->marks[o->slots] = 0;
	}
}

void
order_touch(struct order *o, uint32_t slot, bool present)
{
	uint8_t before;

	if (slot >= o->slots)
		make_room(o, slot);
	before = o->marks[slot];
	o->marks[slot] = (uint8_t)(TOUCHED | (present ? PRESENT : 0));
	if ((before & TOUCHED) != 0)
		return;
	o->touched = xgrow(o->touched, &o->touched_cap, o->touched_count,
	    sizeof *o->touched);
	o->touched[o->touched_count++] = slot;
}

/* ---- few members anew, or all ---- */

/* Everything touched leaves before anything comes: no comparison sees a key
 * that is not where the tree has it. */
static void
put_right(struct order *o)
{
	for (size_t i = 0; i < o->touched_count; i++)
		if (o->nodes[o->touched[i]].size > 0)
			take_out(o, o->touched[i]);
	for (size_t i = 0; i < o->touched_count; i++)
		if ((o->marks[o->touched[i]] & PRESENT) != 0)
			put_in(o, o->touched[i]);
}

/* Merge sort: reads memory in runs, where a tree jumps. */
static void
sort(const struct order *o, uint32_t *slots, uint32_t *spare, size_t count)
{
	size_t half = count / 2;
	size_t i = 0;
	size_t j = half;

	if (count < 2)
		return;
	sort(o, slots, spare, half);
	sort(o, slots + half, spare, count - half);
	if (o->cmp(o->arg, slots[half - 1], slots[half]) < 0)
		return;
	memcpy(spare, slots, half * sizeof *slots);
	for (size_t to = 0; i < half; to++) {
		if (j < count && o->cmp(o->arg, slots[j], spare[i]) < 0)
			slots[to] = slots[j++];
		else
			slots[to] = spare[i++];
	}
}

/* Hangs slot up behind all others, of which `last` is the last. */
static void
append(struct order *o, uint32_t slot, uint32_t last)
{
	struct node *n = &o->nodes[slot];

	*n = (struct node){ ORDER_NONE, ORDER_NONE, last, 1 };
	while (
	    n->parent != ORDER_NONE && priority(n->parent) < priority(slot)) {
		/* It gets no more children. */
		resize(o, n->parent);
		n->left = n->parent;
		n->parent = o->nodes[n->left].parent;
	}
	if (n->left != ORDER_NONE)
		o->nodes[n->left].parent = slot;
	if (n->parent != ORDER_NONE)
		o->nodes[n->parent].right = slot;
	else
		o->root = slot;
}

static uint32_t
leftmost(const struct order *o, uint32_t slot)
{
	while (slot != ORDER_NONE && o->nodes[slot].left != ORDER_NONE)
		slot = o->nodes[slot].left;
	return slot;
}

static uint32_t
next_of(const struct order *o, uint32_t slot)
{
	uint32_t next = o->nodes[slot].right;

	if (next != ORDER_NONE)
		return leftmost(o, next);
	next = o->nodes[slot].parent;
	while (next != ORDER_NONE && o->nodes[next].right == slot) {
		slot = next;
		next = o->nodes[next].parent;
	}
	return next;
}

/* All members, as they stood and then the new ones: of a gun that is moved most
 * keep their order, and what is in order need not be sorted.  Empties the tree.
 */
static size_t
gather(struct order *o, uint32_t *slots)
{
	size_t count = 0;

	for (uint32_t slot = leftmost(o, o->root); slot != ORDER_NONE;
	     slot = next_of(o, slot))
		if ((o->marks[slot] & PRESENT) != 0)
			slots[count++] = slot;
	for (uint32_t slot = 0; slot < o->slots; slot++) {
		if (o->nodes[slot].size == 0 && (o->marks[slot] & PRESENT) != 0)
			slots[count++] = slot;
		o->nodes[slot].size = 0;
	}
	return count;
}

static void
rebuild(struct order *o)
{
	uint32_t *slots = xreallocarray(NULL, o->slots, 2 * sizeof *slots);
	uint32_t last = ORDER_NONE;
	size_t count = gather(o, slots);

	sort(o, slots, slots + o->slots, count);
	o->root = ORDER_NONE;
	for (size_t i = 0; i < count; last = slots[i++])
		append(o, slots[i], last);
	for (; last != ORDER_NONE; last = o->nodes[last].parent)
		resize(o, last);
	free(slots);
}

static void
settle(struct order *o)
{
	/* From about a fifth of all on, sorting is the shorter way. */
	if (o->touched_count > o->slots / 5 && o->touched_count > 32)
		rebuild(o);
	else
		put_right(o);
	for (size_t i = 0; i < o->touched_count; i++)
		o->marks[o->touched[i]] &= (uint8_t)~TOUCHED;
	o->touched_count = 0;
}

size_t
order_count(struct order *o)
{
	settle(o);
	return size_of(o, o->root);
}

uint32_t
order_at(struct order *o, size_t i)
{
	uint32_t slot;

	settle(o);
	slot = o->root;
	while (slot != ORDER_NONE) {
		size_t before = size_of(o, o->nodes[slot].left);

		if (i == before)
			return slot;
		if (i < before) {
			slot = o->nodes[slot].left;
		} else {
			i -= before + 1;
			slot = o->nodes[slot].right;
		}
	}
	return ORDER_NONE;
}

uint32_t
order_next(struct order *o, uint32_t slot)
{
	settle(o);
	return next_of(o, slot);
}

size_t
order_index(struct order *o, uint32_t slot)
{
	size_t index;

	settle(o);
	index = size_of(o, o->nodes[slot].left);
	for (uint32_t up = o->nodes[slot].parent; up != ORDER_NONE;
	     slot = up, up = o->nodes[up].parent)
		if (o->nodes[up].right == slot)
			index += 1 + size_of(o, o->nodes[up].left);
	return index;
}

size_t
order_partition(struct order *o, order_less_fn less, const void *arg)
{
	size_t count = 0;
	uint32_t slot;

	settle(o);
	slot = o->root;
	while (slot != ORDER_NONE) {
		if (less(arg, slot)) {
			count += 1 + size_of(o, o->nodes[slot].left);
			slot = o->nodes[slot].right;
		} else {
			slot = o->nodes[slot].left;
		}
	}
	return count;
}
