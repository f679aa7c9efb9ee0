/*
 * history - what people ask of the years of a season: who had the title, who
 * took the lead from whom, records, newcomers.  Pure, over season.h.
 *
 * Everything is of one table.  Texts are the season's, and valid until it
 * changes; arrays are for free().  A season without anybody placed has no
 * leader.
 */
#ifndef RACE_SEASON_HISTORY_H
#define RACE_SEASON_HISTORY_H

#include "race/season/season.h"

/* How a season ended, or stands. */
struct history_year {
	size_t season;
	uint32_t subjects;  /* rows of its table */
	uint32_t newcomers; /* of these, in no earlier season */
	uint32_t held;      /* competitions */
	uint32_t planned;   /* of so many */
	bool provisional;   /* some are to come, or live */
	uint32_t leaders;   /* who share the first place */
	const char *leader; /* of them the first by label; "": nobody */
	const char *second; /* the best who is no leader; "": nobody */
	int64_t score;      /* of the leader */
};

/* In the order of the seasons; returns how many. */
size_t history_years(struct season *s, size_t table, struct history_year **out);

/* What a subject has reached in some of the seasons. */
struct history_record {
	const char *subject;
	uint32_t titles;  /* first places in the table, shared ones too, of
	                   * seasons that are over */
	uint32_t seasons; /* in which it stands in the table */
	uint32_t wins;    /* first places of awards */
	uint32_t results;
};

/* Over the last `last` seasons (0: all): by titles, then wins, results and
 * label.  Everybody who stands in one of their tables. */
size_t history_records(struct season *s, size_t table, size_t last,
    struct history_record **out);

/* The most first places of awards in one season; all who had that many, in the
 * order of seasons and places. */
struct history_most {
	size_t season;
	const char *subject;
	uint32_t wins;
};
size_t history_most(struct season *s, size_t table, struct history_most **out);

/* Who is in the table of that season and of none before; in its order. */
size_t history_newcomers(struct season *s, size_t season, size_t table,
    const char ***out);

/* A season after each of its competitions: rows by subject, in the order of
 * the table as it is now, and in each a standing after 1, 2 ... held. */
struct history_step {
	uint32_t place; /* 0: none yet */
	int64_t score;
};
/* Who shares the first place, were they far behind in the end. */
struct history_lead {
	char **names;
	size_t count;
};
struct history_progress {
	size_t held;
	size_t rows;
	const char **subjects;      /* by row */
	struct history_step *steps; /* row * held + competition */
	struct history_lead *leads; /* by competition */
};
void history_progress(struct season *s, size_t season, size_t table,
    size_t rows_max, struct history_progress *out);
void history_progress_clear(struct history_progress *p);

#endif
