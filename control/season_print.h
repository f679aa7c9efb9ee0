/*
 * season_print - a table of a season, as text for people, csv and json.
 */
#ifndef CONTROL_SEASON_PRINT_H
#define CONTROL_SEASON_PRINT_H

#include <stdio.h>

#include "race/season/season.h"

enum season_format { SEASON_TEXT, SEASON_CSV, SEASON_JSON };

struct season_sheet {
	struct season *s;
	const struct season_rules *rules;
	size_t season;
	size_t table;
};

/* csv columns: place,name,score,gap,wins,counted,competitions,dropped,standing,
 * reason, and result:COMPETITION for each; what is dropped in brackets.
 * -errno of writing. */
int season_print(FILE *out, enum season_format format,
    const struct season_sheet *sheet);

/* The first rows as text, with who shares the last place among them; what is
 * left out is told. */
void season_print_top(FILE *out, const struct season_sheet *sheet, size_t rows);

/* "1=" of a row; "" without a place. */
char *season_place(char out[16], const struct season_row *row);

#endif
