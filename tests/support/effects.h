/*
 * effects - what operators decided, as it holds, the slow and obvious way
 * (PROTOCOL.md 3.9): for the model, and for the test of rulings.
 */
#ifndef TESTS_SUPPORT_EFFECTS_H
#define TESTS_SUPPORT_EFFECTS_H

#include "race/types.h"
#include "support/model.h"

/*
 * Each thing once.  Texts are borrowed from the events and rules, NULL: nothing
 * was said.
 */
struct effects {
	struct {
		struct race_id read; /* a crossing, or a read that was added */
		bool voided;
		const char *bib;
		const char *point;
	} * amendments;
	size_t amendment_count;
	struct {
		struct race_id id; /* of the decision */
		const char *bib;
		const char *point;
		int64_t time_us;
		bool set;
	} * added;
	size_t added_count;
	struct {
		const char *bib;
		enum race_status status; /* RACE_STATUS_NONE: the entry's */
		int64_t penalty_us;
		int64_t start_us; /* 0: nothing was decided */
	} * rulings;
	size_t ruling_count;
	struct {
		const char *wave;
		int64_t gun_us;
	} * guns;
	size_t gun_count;
	/* What is said of a bib, by events and by decisions that hold: not each
	 * once, the strongest is to be found. */
	struct {
		int64_t made_us;
		struct race_id id;
		const char *bib;
		const struct race_entry *entry; /* NULL: it goes */
	} * entries;
	size_t entry_count;
};

/* Whether the decision, award or gun of that name holds. */
bool effects_hold(const struct model_event *events, size_t count,
    struct race_id id);

/* In whatever order, and however often the events stand there. */
void effects_find(struct effects *out, const struct race_rules *rules,
    const struct model_event *events, size_t count);
void effects_free(struct effects *e);

/* Which of two events about one bib is the last word. */
bool effects_stronger(int64_t a_us, struct race_id a, int64_t b_us,
    struct race_id b);

#endif
