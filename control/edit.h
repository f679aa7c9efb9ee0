/*
 * edit - who is entered, changed by a person: finds what would be other, shows
 * it, asks, and changes it, at the aggregator or in the entries.csv of a folder
 * before its race.
 */
#ifndef CONTROL_EDIT_H
#define CONTROL_EDIT_H

#include "control/verb.h"

/* What stands behind the first argument: a file, a bib with COLUMN=VALUE (at
 * most CONF_HEADINGS_MAX in all, UTF-8, and written in), bibs. */
enum edit_kind { EDIT_SHEET, EDIT_ADD, EDIT_REMOVE };

/* The exit status. */
int edit_run(enum edit_kind kind, const struct verb_options *o);

#endif
