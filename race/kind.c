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
	[RACE_RESULT] = "result",
	[RACE_RESULT_GONE] = "result-gone",
	[RACE_SEASON_FILE] = "season-file",
	[RACE_SEASON_FILE_GONE] = "season-file-gone",
	[RACE_SEASON_GIVEN] = "season-given",
	[RACE_SEASON_MOMENT] = "season-moment",
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

bool
kind_of_operators(enum race_event_kind kind)
{
	switch (kind) {
	case RACE_ENTRY:
	case RACE_ENTRY_GONE:
	case RACE_GUN:
	case RACE_DECISION:
	case RACE_AWARD:
	case RACE_RESULT:
	case RACE_RESULT_GONE:
		return true;
	case RACE_EVENT_UNKNOWN:
	case RACE_CROSSING:
	case RACE_VOID:
	case RACE_FILL_IN:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		break;
	}
	return false;
}

bool
kind_of_season(enum race_event_kind kind)
{
	switch (kind) {
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		return true;
	case RACE_EVENT_UNKNOWN:
	case RACE_CROSSING:
	case RACE_VOID:
	case RACE_FILL_IN:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_ENTRY:
	case RACE_ENTRY_GONE:
	case RACE_GUN:
	case RACE_DECISION:
	case RACE_AWARD:
	case RACE_RESULT:
	case RACE_RESULT_GONE:
		break;
	}
	return false;
}
