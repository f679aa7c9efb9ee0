#include "race/choice.h"

#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/xalloc.h"

static char *
words_for(const char *kind, const char *name, const char *const *names,
    size_t count)
{
	const char *near = nearest(name, names, count);
	char *all = nearest_list(names, count);
	char *words;

	if (count == 0)
		words = xasprintf("this race has no %ss", kind);
	else if (name[0] == '\0')
		words = xasprintf("which %s? There are: %s", kind, all);
	else if (near == NULL)
		words = xasprintf("no %s '%s'. There are: %s", kind, name, all);
	else
		words =
		    xasprintf("no %s '%s': did you mean '%s'? There are: %s",
		        kind, name, near, all);
	free(all);
	return words;
}

char *
choice_ranking(const struct race_rules *rules, const char *name)
{
	const char *names[RACE_RANKINGS_MAX] = { NULL };
	size_t count = rules->ranking_count;
	bool season = false;
	char *words;
	char *all;

	for (size_t i = 0; i < count; i++) {
		names[i] = rules->rankings[i].name;
		season = season || rules->rankings[i].of == RACE_SEASON;
	}
	words = words_for("ranking", name, names, count);
	if (season || strchr(name, '/') == NULL)
		return words;
	/* What race.db does not hold, and an aggregator without it neither. */
	all = xasprintf("%s; tables of a season come from an aggregator that "
	                "runs with --season, or from palmares season",
	    words);
	free(words);
	return all;
}

char *
choice_point(const struct race_rules *rules, const char *name)
{
	const char *names[RACE_POINTS_MAX];
	size_t count = rules->point_count;

	for (size_t i = 0; i < count; i++)
		names[i] = rules->points[i].name;
	return words_for("point", name, names, count);
}
