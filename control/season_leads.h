/*
 * season_leads - who has the first place, and who had it before: in words.
 *
 * A place that is shared is several people's: nobody takes it from one of them
 * alone, and one who goes on having it has not taken it.
 */
#ifndef CONTROL_SEASON_LEADS_H
#define CONTROL_SEASON_LEADS_H

#include <stdbool.h>
#include <stddef.h>

struct season_lead {
	const char *const *names;
	size_t count;
};

bool season_lead_equal(struct season_lead a, struct season_lead b);

/* "Anna takes the lead from Bob and Cid": what is their prize.  `before` of
 * nobody: it is the first.  For free(). */
char *season_lead_words(struct season_lead before, struct season_lead now,
    const char *what);

/* "Anna, Bob and 3 more".  For free(). */
char *season_lead_names(struct season_lead lead);

#endif
