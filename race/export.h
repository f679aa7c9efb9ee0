/*
 * export - a ranking as csv, json or text, from a board and a roster: the same
 * bytes whether it comes from a live aggregator or from race.db.
 *
 * csv columns of runners: place,bib,name,sex,category,team,time,gap,km,status,
 * split:POINT...; of teams: place,team,score,gap,counted,finishers,km,status;
 * of a season's table, as palmares season has them: place,name,score,gap,wins,
 * counted,competitions,dropped,standing,reason.
 * Times in seconds since the start that counts, unrounded.  text is for people:
 * rounded as the ranking says.
 */
#ifndef RACE_EXPORT_H
#define RACE_EXPORT_H

#include <stdio.h>

#include "common/err.h"
#include "race/board.h"
#include "race/roster.h"
#include "race/types.h"

enum export_format { EXPORT_CSV, EXPORT_JSON, EXPORT_TEXT };

/* -1 for a word that is none of csv, json, text. */
int export_format(const char *word);

/* -errno of writing.  Moments are told in the process's zone. */
int export_ranking(FILE *out, enum export_format format,
    const struct race_rules *rules, size_t ranking, struct board *board,
    const struct roster *roster);

#endif
