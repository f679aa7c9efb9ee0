/*
 * conf_season - season.yaml: what a season is, from the tree of conf_yaml.
 */
#ifndef RACE_SEASON_CONF_SEASON_H
#define RACE_SEASON_CONF_SEASON_H

#include "race/season/folder.h"

#define CONF_SEASON_FILE "season.yaml"

/* Reads season.yaml into rules and feeds; rules stay NULL if it cannot be
 * read at all. */
void conf_season_read(struct season_folder *f, const struct season_source *from,
    struct conf_report *report);

#endif
