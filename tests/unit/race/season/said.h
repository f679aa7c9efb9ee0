/*
 * said - what the tests of the season say to it, and its tables as text.
 */
#ifndef TESTS_UNIT_RACE_SEASON_SAID_H
#define TESTS_UNIT_RACE_SEASON_SAID_H

#include "support/test.h"

#include <string.h>

#include "race/season/season.h"

#define SAID_MAX 4000

/* The rules want char *, though nobody writes to them here. */
static inline char *
said_text(const char *s)
{
	union {
		const char *from;
		char *to;
	} u = { s };

	return u.to;
}

/* A table that asks nothing. */
static inline struct season_table
said_table(const char *name)
{
	return (struct season_table){ .name = said_text(name),
		.sex = said_text(""),
		.category = said_text(""),
		.team = said_text(""),
		.missing = SEASON_NO_VALUE };
}

static inline struct season_competition
said_competition(const char *name)
{
	return (struct season_competition){ .name = said_text(name),
		.title = said_text(""),
		.from = said_text(""),
		.to = said_text(""),
		.weight = 1000 };
}

/* Points of the list in whole points. */
static inline struct season_points
said_list(int64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		list[i] *= SEASON_UNIT;
	return (struct season_points){ .list = list, .count = count };
}

/* A season of one table. */
static inline struct season *
said_season(struct season_table *table)
{
	struct season_rules rules = { .title = said_text("test"),
		.tables = table,
		.table_count = 1 };

	return season_new(&rules);
}

/* What is left out is none: texts, a time of 0, points of 0; 2014 if no season
 * is named. */
static inline void
said(struct season *s, uint64_t key, struct season_result r)
{
	const char **texts[] = { &r.competition, &r.award, &r.recipient,
		&r.team, &r.sex, &r.category, &r.date, &r.note };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (*texts[i] == NULL)
			*texts[i] = "";
	if (r.season == NULL)
		r.season = "2014";
	if (r.time_us == 0)
		r.time_us = -1;
	if (r.points == 0)
		r.points = SEASON_NO_VALUE;
	season_put(s, key, &r);
}

/* A place, with the next key. */
static inline void
said_place(struct season *s, uint64_t *key, const char *competition,
    uint32_t place, const char *recipient)
{
	said(s, ++*key,
	    (struct season_result){ .competition = competition,
	        .place = place,
	        .recipient = recipient });
}

/* Places of somebody in one competition after the other, "c1", "c2" ...; 0:
 * none. */
static inline void
said_places(struct season *s, uint64_t *key, const char *recipient,
    const uint32_t *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char competition[24];

		snprintf(competition, sizeof competition, "c%02zu", i + 1);
		if (places[i] > 0)
			said_place(s, key, competition, places[i], recipient);
	}
}

/* Thousandths, rounded down, without zeros at the end. */
static inline void
said_points(char out[32], int64_t points)
{
	int64_t thousandths = points / (SEASON_UNIT / 1000);
	size_t len = (size_t)snprintf(out, 32, "%lld.%03lld",
	    (long long)(thousandths / 1000), (long long)(thousandths % 1000));

	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = '\0';
}

/* "1 Ada 25; 2= Bo 18 (3); 2= Cy 18; - Di 4": dropped points in brackets. */
static inline const char *
said_rows_of(struct season *s, size_t season, size_t table)
{
	static char out[SAID_MAX];
	struct season_row rows[64];
	size_t count = season_rows(s, season, table, 0, rows, 64);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char score[32];
		char dropped[32];
		char place[16] = "-";

		said_points(score, rows[i].score);
		said_points(dropped, rows[i].dropped);
		if (rows[i].place > 0)
			snprintf(place, sizeof place, "%u%s", rows[i].place,
			    rows[i].tied ? "=" : "");
		len += (size_t)snprintf(out + len, sizeof out - len,
		    "%s%s%s %s %s%s%s%s", i > 0 ? "; " : "", place,
		    rows[i].standing == SEASON_OPEN ? "?" : "", rows[i].subject,
		    score, rows[i].dropped != 0 ? " (" : "",
		    rows[i].dropped != 0 ? dropped : "",
		    rows[i].dropped != 0 ? ")" : "");
	}
	return out;
}

static inline const char *
said_rows(struct season *s)
{
	return said_rows_of(s, 0, 0);
}

/* The row on that line. */
static inline struct season_row
said_row(struct season *s, size_t line)
{
	struct season_row row;

	assert_int_equal(season_rows(s, 0, 0, line, &row, 1), 1);
	return row;
}

#endif
