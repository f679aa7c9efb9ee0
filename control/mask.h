/*
 * mask - words, and others in their place: each gets one of its own, always the
 * same.
 */
#ifndef CONTROL_MASK_H
#define CONTROL_MASK_H

#include <stdbool.h>
#include <stdint.h>

enum mask_form {
	MASK_NUMBERS, /* rising numbers, with holes */
	MASK_ORDERED, /* PREFIX 007, rising */
	MASK_SHUFFLED /* PREFIX7, in no order */
};

struct mask;

struct mask *mask_new(enum mask_form form, const char *prefix);
void mask_free(struct mask *m);

/* "" stays what it is. */
void mask_add(struct mask *m, const char *word);

/* When all words are known: gives each its own.  The order of bibs and labels
 * (text_label_cmp()) is that of the words; *random goes on. */
void mask_settle(struct mask *m, uint64_t *random);

/* NULL: that word was not added.  Lives as long as m. */
const char *mask_of(const struct mask *m, const char *word);

/* What stands for anything else. */
extern const char mask_left_out[];

/* The same, or that: of a word that was not there a moment ago, in a file that
 * somebody changes. */
const char *mask_word(const struct mask *m, const char *word);

/* Of two passes over what is written, survey is the first, which learns the
 * words; the second puts the other name in the word's place. */
void mask_pass(struct mask *m, bool survey, const char **at);

/* What anybody may have written is left out: true if that was something. */
bool mask_leave_out(bool survey, const char **at);

#endif
