/*
 * plain - things of a race of which nothing is said but what is given: the
 * other texts are "", as the types want them, for a test to go on from.
 */
#ifndef TESTS_SUPPORT_PLAIN_H
#define TESTS_SUPPORT_PLAIN_H

#include "race/types.h"

/* The rules want char *, though nobody writes to them in tests. */
static inline char *
plain_text(const char *s)
{
	union {
		const char *from;
		char *to;
	} u = { s };

	return u.to;
}

static inline struct race_point
plain_point(const char *name, uint32_t metres)
{
	return (struct race_point){ .name = plain_text(name),
		.metres = metres,
		.backup = plain_text("") };
}

/* Of runners, at that point, by gun. */
static inline struct race_ranking
plain_ranking(const char *name, int at)
{
	return (struct race_ranking){ .name = plain_text(name),
		.sex = plain_text(""),
		.category = plain_text(""),
		.team = plain_text(""),
		.wave = plain_text(""),
		.at = at };
}

/* Without waves, points and rankings yet. */
static inline struct race_rules
plain_rules(void)
{
	return (struct race_rules){ .title = plain_text("8 km"),
		.date = plain_text("2014-09-21"),
		.timezone = plain_text("Europe/Paris") };
}

static inline struct race_entry
plain_entry(const char *bib)
{
	return (struct race_entry){ .bib = bib,
		.name = "",
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "" };
}

static inline struct race_decision
plain_decision(enum race_verb verb, const char *bib)
{
	return (struct race_decision){ .verb = verb,
		.by = "",
		.reason = "",
		.bib = bib,
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "" };
}

static inline struct race_crossing
plain_crossing(const char *point, const char *bib, int64_t time_us)
{
	return (struct race_crossing){ .point = point,
		.bib = bib,
		.chip = "",
		.time_us = time_us,
		.source = "" };
}

#endif
