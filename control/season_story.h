/*
 * season_story - the years of a season as people ask of them: titles, who took
 * the lead from whom, records, newcomers; a season competition by competition;
 * two seasons side by side.
 */
#ifndef CONTROL_SEASON_STORY_H
#define CONTROL_SEASON_STORY_H

#include "control/season_print.h"

/* last: prizes are counted over so many seasons at the end; 0: all. */
void season_story(FILE *out, const struct season_sheet *sheet, size_t last);

/* The first `rows` of the table after each competition. */
void season_progress(FILE *out, const struct season_sheet *sheet, size_t rows);

/* The same as a picture (SVG).  -errno of writing. */
int season_plot(const char *path, const struct season_sheet *sheet,
    size_t rows);

/* The season of the sheet beside another one. */
void season_beside(FILE *out, const struct season_sheet *sheet, size_t other);

#endif
