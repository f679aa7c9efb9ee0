/*
 * podiums - the prizes of a race for people and programs: who has won them, who
 * holds them, what is collected.
 */
#ifndef CONTROL_PODIUMS_H
#define CONTROL_PODIUMS_H

#include <stdio.h>

#include "race/prizes.h"

enum podiums_format {
	PODIUMS_TEXT,
	PODIUMS_CSV,
	PODIUMS_JSON,
	PODIUMS_LIST, /* to be printed, with boxes to be ticked */
	PODIUMS_PAGES /* the same, an award a page */
};

/* 0, or -errno of writing.  80 columns. */
int podiums_print(FILE *out, enum podiums_format format, struct book *b,
    const struct prizes *prizes);

/* "12 Zoé Petit (Club)", a team's name alone; for free(). */
char *podiums_who(const struct book *b, size_t ranking, const char *label);

#endif
