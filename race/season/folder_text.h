/*
 * folder_text - copies that live as long as a season folder: part of folder.
 */
#ifndef RACE_SEASON_FOLDER_TEXT_H
#define RACE_SEASON_FOLDER_TEXT_H

#include "race/season/folder.h"

/* "" for "". */
const char *folder_text(struct season_folder *f, const char *s);

/* NULL for none. */
const struct race_column *folder_more(struct season_folder *f,
    const struct race_column *more, size_t count);

void folder_text_free(struct season_folder *f);

#endif
