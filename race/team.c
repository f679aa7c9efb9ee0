#include "race/team.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *spelling, const void *alias)
{
	return strcmp(spelling, ((const struct race_alias *)alias)->spelling);
}

const char *
team_name(const struct race_rules *rules, const char *spelling)
{
	const struct race_alias *alias;

	if (rules->alias_count == 0)
		return spelling;
	alias = bsearch(spelling, rules->aliases, rules->alias_count,
	    sizeof *rules->aliases, compare);
	return alias != NULL ? alias->team : spelling;
}

const char *
team_of(const struct race_rules *rules, const struct race_entry *entry)
{
	return team_name(rules, entry->team);
}
