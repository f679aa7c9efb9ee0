/*
 * palmares - award lists as files: who was given what place by whom.
 *
 * Columns: season,competition,award,place,recipient,note and team, sex,
 * category, date, time, points, status (season.yaml(5)).
 */
#ifndef RACE_SEASON_PALMARES_H
#define RACE_SEASON_PALMARES_H

#include "race/season/folder.h"

/* name: in the folder, and in messages.  Lines with mistakes are left out. */
void palmares_read(struct season_folder *f, const struct season_source *from,
    const char *name, struct conf_report *report);

#endif
