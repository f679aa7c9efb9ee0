/*
 * chips - the commands that give somebody a chip beside those that he has, or
 * take one of them: a value given to palmares change takes the place of all of
 * them.  As a shell takes them; each is for free().  Pure.
 */
#ifndef CONTROL_CHIPS_H
#define CONTROL_CHIPS_H

#include "race/types.h"

/* "palmares change 16 'chip=B2;A1'".  e is NULL: of somebody that only the
 * operator knows, "palmares change BIB 'chip=OLD;A1'". */
char *chips_more(const struct race_entry *e, const char *chip);
/* "palmares change 16 chip=B2"; of one who has no other, "chip=-". */
char *chips_less(const struct race_entry *e, const char *chip);

#endif
