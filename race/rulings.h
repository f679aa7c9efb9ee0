/*
 * rulings - what operators decided, and what of it holds (PROTOCOL.md 3.9).
 *
 * A function of the set of decisions, awards and guns: whatever comes, each
 * thing that they are about is decided again, and told as it is now.  Pure.
 */
#ifndef RACE_RULINGS_H
#define RACE_RULINGS_H

#include "race/rank/rank.h"
#include "race/types.h"

struct rulings;

/* How a thing stands now, each call replacing the one before about it; told
 * only when it is other than before.  Pointers are valid for the call.  NULL:
 * nobody listens, for a race has no season and a season no race. */
struct rulings_ops {
	void (*amend)(void *arg, struct race_id read,
	    const struct rank_amendment *a);
	void (*add)(void *arg, struct race_id id, const struct rank_added *a);
	void (
	    *rule)(void *arg, const char *bib, const struct rank_ruling *what);
	void (*gun)(void *arg, const char *wave, int64_t gun_us);
	/* Entry NULL: the bib's entry goes.  holds false: that event is no
	 * longer there. */
	void (*entry)(void *arg, int64_t made_us, struct race_id id,
	    const char *bib, const struct race_entry *entry, bool holds);
	/* Of what is said of a name, of a competition or of two equals the
	 * latest holds; a PUBLISH_LIST stands for itself. */
	void (*season)(void *arg, struct race_id id, const struct race_event *e,
	    bool holds);
};

/* first_wave: what a gun without a wave is for. */
struct rulings *rulings_new(const struct rulings_ops *ops, void *arg,
    const char *first_wave);
void rulings_free(struct rulings *r);

/*
 * RACE_DECISION, RACE_AWARD, RACE_GUN; copied.  0, or -EEXIST for a repeat:
 * nothing changes then.  O(log n + what was said of the same things); where it
 * undoes, of what is undone thereby, each once.
 */
int rulings_apply(struct rulings *r, struct race_id id,
    const struct race_event *e);

/* ---- the story ---- */

/* In the order of arrival: the first has number 1, which is what a person says
 * to undo it. */
struct rulings_item {
	uint64_t number;
	struct race_id id;
	const struct race_event *event; /* valid for the life of the rulings */
	bool holds;
	uint64_t undone_by; /* the number of the first that undid it, 0 */
};
size_t rulings_count(const struct rulings *r);
void rulings_at(const struct rulings *r, size_t i, struct rulings_item *out);

/* How a ranking stands: "" for nothing said. */
const char *rulings_published(const struct rulings *r, const char *ranking,
    int64_t *since_us);

/* A prize as it is held; NULL: nothing was said of it. */
const struct race_prize *rulings_prize(const struct rulings *r,
    const char *award, uint32_t place);

/* The number of the latest decision that holds and set a problem aside, by its
 * key, as these facts had it; 0: none.  That changes nothing else: what is a
 * problem follows from the race. */
uint64_t rulings_aside(const struct rulings *r, const char *key,
    uint64_t facts);

/* The greatest made_us of all, 0 before. */
int64_t rulings_latest(const struct rulings *r);

#endif
