#include "control/why.h"

static const struct {
	const char *name;
	const char *words;
} whys[] = {
	[RANK_COUNTS] = { "counts", "counts" },
	[RANK_SET] = { "set", "counts: it was set" },
	[RANK_OVERRULED] = { "overruled", "another time was set here" },
	[RANK_VOIDED] = { "voided", "taken back by its station" },
	[RANK_VOIDED_BY_OPERATOR] = { "voided-by-operator",
	    "voided by an operator" },
	[RANK_TOO_EARLY] = { "too-early", "too early" },
	[RANK_TOO_LATE] = { "too-late", "too late" },
	[RANK_NOT_FIRST] = { "not-first", "not the first" },
	[RANK_REPEAT] = { "repeat", "a repeat" },
	[RANK_NOT_LAST] = { "not-last", "not the last one here" },
	[RANK_UNDER_WAY] = { "under-way", "was under way already" },
	[RANK_BACKUP] = { "backup", "the mat itself has him" },
	[RANK_NOT_OURS] = { "not-ours", "somebody else's, or nobody's" },
	[RANK_NOWHERE] = { "nowhere", "not on the course" },
};

bool
why_counts(enum rank_why why)
{
	return why == RANK_COUNTS || why == RANK_SET;
}

const char *
why_words(enum rank_why why)
{
	return whys[why].words;
}

const char *
why_name(enum rank_why why)
{
	return whys[why].name;
}
