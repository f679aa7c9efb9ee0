#include "control/season_leads.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

enum { NAMED = 3 };

static bool
has(struct season_lead lead, const char *name)
{
	for (size_t i = 0; i < lead.count; i++)
		if (strcmp(lead.names[i], name) == 0)
			return true;
	return false;
}

/* Those of a who are (or are not) in b; names for free(). */
static struct season_lead
part(struct season_lead a, struct season_lead b, bool in, const char ***names)
{
	struct season_lead out = { .count = 0 };

	*names = xcalloc(a.count + 1, sizeof **names);
	for (size_t i = 0; i < a.count; i++)
		if (has(b, a.names[i]) == in)
			(*names)[out.count++] = a.names[i];
	out.names = *names;
	return out;
}

bool
season_lead_equal(struct season_lead a, struct season_lead b)
{
	bool equal = a.count == b.count;

	for (size_t i = 0; equal && i < a.count; i++)
		equal = has(b, a.names[i]);
	return equal;
}

char *
season_lead_names(struct season_lead lead)
{
	/* "and 1 more" takes no less room than a name. */
	size_t named = lead.count > NAMED + 1 ? NAMED : lead.count;
	char *words = xstrdup("");

	for (size_t i = 0; i < named; i++) {
		const char *between = i == 0 ? ""
		    : i + 1 == lead.count    ? " and "
		                             : ", ";
		char *longer =
		    xasprintf("%s%s%s", words, between, lead.names[i]);

		free(words);
		words = longer;
	}
	if (named < lead.count) {
		char *longer =
		    xasprintf("%s and %zu more", words, lead.count - named);

		free(words);
		words = longer;
	}
	return words;
}

static char *
kept_words(const char *kept, const char *new, const char *gone, size_t count,
    const char *what)
{
	char *with =
	    new[0] != '\0' ? xasprintf(", now with %s", new) : xstrdup("");
	char *less = gone[0] != '\0' ? xasprintf(", no longer with %s", gone)
	                             : xstrdup("");
	char *words = xasprintf("%s %s %s%s%s", kept,
	    count == 1 ? "keeps" : "keep", what, with, less);

	free(with);
	free(less);
	return words;
}

char *
season_lead_words(struct season_lead before, struct season_lead now,
    const char *what)
{
	const char **lists[3];
	struct season_lead kept = part(now, before, true, &lists[0]);
	struct season_lead new = part(now, before, false, &lists[1]);
	struct season_lead gone = part(before, now, false, &lists[2]);
	char *k = season_lead_names(kept);
	char *n = season_lead_names(new);
	char *g = season_lead_names(gone);
	char *words;

	if (kept.count > 0)
		words = kept_words(k, n, g, kept.count, what);
	else if (before.count == 0)
		words = xasprintf("%s %s the first to have %s", n,
		    new.count == 1 ? "is" : "are", what);
	else
		words = xasprintf("%s %s %s from %s", n,
		    new.count == 1 ? "takes" : "take", what, g);
	free(k);
	free(n);
	free(g);
	for (size_t i = 0; i < 3; i++)
		free(lists[i]);
	return words;
}
