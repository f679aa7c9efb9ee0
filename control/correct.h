/*
 * correct - what an operator wants decided, made of his words: each word is
 * checked against the race as it is, and what cannot mean anything is refused
 * with what would do.  Pure.
 *
 * A verb takes the words that stand behind it on the command line, or in a row
 * of a file, and adds decisions; or a note, where there is nothing to change.
 */
#ifndef CONTROL_CORRECT_H
#define CONTROL_CORRECT_H

#include "common/err.h"
#include "control/story.h"
#include "race/book.h"
#include "race/crossings.h"
#include "race/preview.h"

/* The race, and who decides; borrowed for the life of the correction. */
struct correct_job {
	struct book *book; /* what is decided is applied by correct_apply() */
	struct name_streams *streams;
	struct crossings *crossings; /* for who looks at all of them, or NULL */
	const char *by;
	uint64_t stream; /* what the decisions will be named by, from seq 1 */
	int64_t made_us; /* later than all that was decided */
	int64_t now_us;  /* when the command was given */
	bool sure;       /* what looks like a slip is meant */
};

struct correct {
	const struct correct_job *job;
	struct story story;
	struct preview_event *events;
	struct race_event **copies; /* what their texts live in */
	size_t events_cap;
	size_t copies_cap;
	size_t count;
	char **notes; /* what there is nothing to change about, and more */
	size_t notes_cap;
	size_t note_count;
	char **bibs;  /* whom it is about; each once */
	char **names; /* ... as they are called before it, or "" */
	size_t bibs_cap;
	size_t names_cap;
	size_t bib_count;
	bool unreasoned; /* nobody needs to ask why */
	bool listed;     /* all of it is shown, however much it is */
};

/* made_us becomes later than all that the book was told. */
void correct_settle(struct correct_job *job);

void correct_init(struct correct *c, const struct correct_job *job);
void correct_clear(struct correct *c);

/* What was decided from that one on holds for what is decided next: it is
 * applied to the book. */
void correct_apply(const struct correct *c, size_t from);

/* Why all decisions that have no reason yet were made. */
void correct_reason(struct correct *c, const char *reason);

struct correct_verb {
	const char *name;
	/* Columns of a file that give its words, in order; in brackets: it may
	 * be empty.  "*": all others that are not empty, as COLUMN=VALUE. */
	const char *columns;
	/* Words are UTF-8.  -EINVAL with why; nothing was added then. */
	int (*make)(struct correct *c, char *const *words, size_t count,
	    struct err *err);
	/* It looks at the whole race with all its crossings: in no file,
	 * whose rows change it. */
	bool crossings;
};

/* NULL: there is none of that name. */
const struct correct_verb *correct_verb(const char *name);
/* Those of a file: "mark, penalty ..."; for free(). */
char *correct_verb_list(void);

/* ---- for the verbs ---- */

/* Adds a decision; copied. */
void correct_decide(struct correct *c, const struct race_decision *d);
/* The same of a prize, whose `by` is not looked at. */
void correct_give(struct correct *c, const struct race_prize *p);
/* If there are so many that they are stored in parts. */
void correct_note_parts(struct correct *c);
void correct_note(struct correct *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The preview shows his rows first. */
void correct_concerns(struct correct *c, const char *bib);
/* Who has the bib; of whom it is about, also who had it.  "": nobody knows. */
const char *correct_whose(const struct correct *c, const char *bib);

/* The other files of this library: each its verbs. */
int correct_mark(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_penalty(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_time(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_add(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_void(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_move(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_swap(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_gun(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_start(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_change(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_enter(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_remove(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_publish(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_award(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_aside(struct correct *c, char *const *words, size_t count,
    struct err *err);
int correct_undo(struct correct *c, char *const *words, size_t count,
    struct err *err);

#endif
