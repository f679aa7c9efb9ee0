/*
 * outlook - what the organiser has said of a ranking, in words and back.
 * Whether places may still change is the core's to say.
 */
#ifndef RACE_OUTLOOK_H
#define RACE_OUTLOOK_H

#include "race/types.h"

/* "provisional", "final", "amended", as a decision says it; "" for unpublished.
 */
const char *outlook_word(enum race_publication published);
/* RACE_UNPUBLISHED for any other word. */
enum race_publication outlook_publication(const char *word);

enum { OUTLOOK_MAX = 48 };

/* "final since 14:02", "" for unpublished.  Returns out. */
char *outlook_told(char out[OUTLOOK_MAX], const struct race_outlook *o);

/* "scratch is final since 14:02, and has changed since", for free(). */
char *outlook_changed(const char *ranking, const struct race_outlook *o);

#endif
