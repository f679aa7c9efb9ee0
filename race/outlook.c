#include "race/outlook.h"

#include <stdio.h>
#include <string.h>

#include "common/instant.h"
#include "common/xalloc.h"

static const char *const words[] = {
	[RACE_UNPUBLISHED] = "",
	[RACE_PROVISIONAL] = "provisional",
	[RACE_FINAL] = "final",
	[RACE_AMENDED] = "amended",
};

const char *
outlook_word(enum race_publication published)
{
	return words[published];
}

enum race_publication
outlook_publication(const char *word)
{
	for (size_t i = RACE_PROVISIONAL; i <= RACE_AMENDED; i++)
		if (strcmp(words[i], word) == 0)
			return (enum race_publication)i;
	return RACE_UNPUBLISHED;
}

char *
outlook_told(char out[OUTLOOK_MAX], const struct race_outlook *o)
{
	char clock[16];

	out[0] = '\0';
	if (o->published != RACE_UNPUBLISHED)
		snprintf(out, OUTLOOK_MAX, "%s since %.5s", words[o->published],
		    instant_clock(clock, o->since_us));
	return out;
}

char *
outlook_changed(const char *ranking, const struct race_outlook *o)
{
	char told[OUTLOOK_MAX];

	return xasprintf("%s is %s, and has changed since", ranking,
	    outlook_told(told, o));
}
