/*
 * race - a small race for the tests of the screen.
 */
#ifndef TESTS_UNIT_DISPLAY_RACE_H
#define TESTS_UNIT_DISPLAY_RACE_H

#include <stdio.h>

#include "race/board.h"
#include "race/roster.h"
#include "race/types.h"
#include "support/plain.h"

#define S INT64_C(1000000)

static char race_nothing[] = "";
static char race_title[] = "Les 8 kilomètres de la relation client";
static char race_depart[] = "depart";
static char race_mi[] = "mi-course";
static char race_arrivee[] = "arrivee";
static char race_scratch[] = "scratch";
static char race_femmes[] = "femmes";
static char race_rapide[] = "entreprise-rapide";
static char race_solidaire[] = "entreprise-solidaire";

static struct race_point race_points[] = {
	{ .name = race_depart },
	{ .name = race_mi, .metres = 4000 },
	{ .name = race_arrivee, .metres = 8000 },
};

#define RACE_NO_FILTER                                                         \
	.sex = race_nothing, .category = race_nothing, .team = race_nothing,   \
	.wave = race_nothing

static struct race_ranking race_rankings[] = {
	{ .name = race_scratch, .at = 2, RACE_NO_FILTER },
	{ .name = race_femmes, .at = 2, RACE_NO_FILTER },
	{ .name = race_rapide,
	    .of = RACE_TEAMS,
	    .at = 2,
	    .best = 3,
	    RACE_NO_FILTER },
	{ .name = race_solidaire,
	    .of = RACE_TEAMS,
	    .score = RACE_SCORE_KM,
	    .at = 2,
	    RACE_NO_FILTER },
};

static const struct race_rules race_rules_small = {
	.title = race_title,
	.points = race_points,
	.point_count = 3,
	.rankings = race_rankings,
	.ranking_count = 4,
};

static inline struct race_entry
race_person(const char *bib, const char *name, const char *team)
{
	struct race_entry e = plain_entry(bib);

	e.name = name;
	e.sex = "F";
	e.category = "V1F";
	e.team = team;
	return e;
}

/* elapsed -1: on the way to the first point, and unplaced. */
static inline void
race_run(struct board *b, const char *bib, int64_t elapsed_us)
{
	int64_t splits[] = { 0, elapsed_us < 0 ? -1 : elapsed_us / 2,
		elapsed_us };
	bool in = elapsed_us >= 0;
	struct race_row row = {
		.label = bib,
		.status = in ? RACE_FINISHED : RACE_RUNNING,
		.sort = { .group = in ? RACE_GROUP_PLACED : RACE_GROUP_RUNNING,
		    .key = { in ? elapsed_us : 0 } },
		.elapsed_us = elapsed_us,
		.metres = in ? 8000 : 0,
		.point = in ? 2 : 0,
		.splits = splits,
		.split_count = 3,
	};

	board_put(b, &row, 1);
}

#endif
