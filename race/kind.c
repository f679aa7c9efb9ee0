#include "race/kind.h"

#include <string.h>

static const char *const names[] = {
	[RACE_EVENT_UNKNOWN] = "unknown",
	[RACE_CROSSING] = "crossing",
	[RACE_VOID] = "void",
	[RACE_FILL_IN] = "fill-in",
	[RACE_CLOCK] = "clock",
	[RACE_RULES] = "rules",
	[RACE_ENTRY] = "entry",
	[RACE_ENTRY_GONE] = "entry-gone",
	[RACE_GUN] = "gun",
	[RACE_DECISION] = "decision",
	[RACE_AWARD] = "award",
};

enum { KINDS = sizeof names / sizeof *names };

const char *
kind_name(enum race_event_kind kind)
{
	return names[kind];
}

int
kind_parse(const char *word)
{
	for (int i = 0; i < KINDS; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}
