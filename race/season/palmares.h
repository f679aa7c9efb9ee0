/*
 * palmares - award lists as files: who was given what place by whom.
 *
 * Columns: season,competition,award,place,recipient,note and team, sex,
 * category, date, time, points, status (season.yaml(5)).
 */
#ifndef RACE_SEASON_PALMARES_H
#define RACE_SEASON_PALMARES_H

#include "race/season/folder.h"

/* file: what path is called in messages.  Lines with mistakes are left out. */
void palmares_read(struct season_folder *f, const char *path, const char *file,
    struct conf_report *report);

#endif
