/*
 * import - brings the entries up to date with a spreadsheet: finds what would
 * be other, shows it, asks, and changes it, at the aggregator or in the
 * entries.csv of a folder before its race.
 */
#ifndef CONTROL_IMPORT_H
#define CONTROL_IMPORT_H

#include "control/verb.h"

/* The file is the second argument.  The exit status. */
int import_run(const struct verb_options *o);

#endif
