#include "race/cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/instant.h"
#include "race/rules.h"
#include "race/season/amount.h"

const char cells_close[] = "~ too close to call: timed by different clocks";

const char cells_doubted[] =
    "? provisional: somebody who is still out may change it";
const char cells_provisional[] =
    "all places are provisional: somebody who is still out may change them";
const char cells_open[] =
    "all places are provisional: competitions are open, or still to come";

bool
cells_by_km(const struct race_ranking *ranking)
{
	return ranking->of == RACE_TEAMS && ranking->score == RACE_SCORE_KM;
}

bool
cells_by_places(const struct race_ranking *ranking)
{
	return ranking->of == RACE_TEAMS && ranking->score == RACE_SCORE_PLACES;
}

bool
cells_less(const struct race_row *row)
{
	return (row->sort.key[0] & UINT32_MAX) != 0;
}

bool
cells_by_points(const struct race_ranking *ranking)
{
	return ranking->of == RACE_SEASON &&
	    ranking->score == RACE_SCORE_POINTS;
}

int64_t
cells_score(const struct race_ranking *ranking, const struct race_row *row)
{
	int64_t places = (int64_t)row->places * 1000;
	int64_t counted = row->counted > 0 ? row->counted : 1;

	if (cells_by_km(ranking))
		return ranking->average ? row->metres / counted : row->metres;
	if (ranking->how != RACE_MEAN)
		return places;
	return (places + counted - 1) / counted;
}

char *
cells_km(char out[CELLS_MAX], uint64_t metres)
{
	uint32_t rest = (uint32_t)(metres % 1000);
	int n = snprintf(out, CELLS_MAX, "%" PRIu64, metres / 1000);
	int digits = 3;

	if (rest == 0)
		return out;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	snprintf(out + n, (size_t)(CELLS_MAX - n), ".%0*" PRIu32, digits, rest);
	return out;
}

char *
cells_place(char out[CELLS_MAX], const struct board_line *line)
{
	out[0] = '\0';
	if (line->place > 0)
		snprintf(out, CELLS_MAX, "%s%" PRIu32 "%s",
		    line->close         ? "~"
		        : line->doubted ? "?"
		                        : "",
		    line->place, line->tied ? "=" : " ");
	return out;
}

static char *
elapsed(char out[CELLS_MAX], const struct race_ranking *ranking, int64_t us)
{
	char text[32];

	instant_elapsed(text, us, ranking->round == RACE_ROUND_UP_SECOND);
	snprintf(out, CELLS_MAX, "%s", text);
	return out;
}

static char *
score(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct race_row *row)
{
	return cells_km(out, (uint64_t)cells_score(ranking, row));
}

static char *
points(char out[CELLS_MAX], int64_t amount)
{
	char text[AMOUNT_MAX];

	snprintf(out, CELLS_MAX, "%s", amount_print(text, amount));
	return out;
}

char *
cells_time(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line)
{
	char km[CELLS_MAX];

	out[0] = '\0';
	if (cells_by_points(ranking))
		points(out, line->row.points);
	else if (cells_by_km(ranking))
		snprintf(out, CELLS_MAX, "%.40s km",
		    score(km, ranking, &line->row));
	else if (cells_by_places(ranking) && line->row.counted > 0)
		score(out, ranking, &line->row);
	else if (line->row.elapsed_us >= 0)
		elapsed(out, ranking, line->row.elapsed_us);
	return out;
}

/* The time as the ranking shows it. */
static int64_t
shown(const struct race_ranking *ranking, int64_t us)
{
	if (ranking->round == RACE_ROUND_NONE)
		return us;
	return (us + INSTANT_SECOND - 1) / INSTANT_SECOND * INSTANT_SECOND;
}

/* The difference of the scores as shown. */
static void
gap_in_score(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct race_row *row, const struct race_row *first)
{
	int64_t behind =
	    cells_score(ranking, row) - cells_score(ranking, first);
	char text[CELLS_MAX];

	if (cells_by_km(ranking) && behind < 0)
		snprintf(out, CELLS_MAX, "-%.40s km",
		    cells_km(text, (uint64_t)-behind));
	else if (cells_by_places(ranking) && behind > 0)
		snprintf(out, CELLS_MAX, "+%.40s",
		    cells_km(text, (uint64_t)behind));
}

/* Who has enough competitions stands before others with more points. */
static void
gap_in_points(char out[CELLS_MAX], const struct race_row *row,
    const struct race_row *first)
{
	int64_t behind = first->points - row->points;

	if (cells_less(row))
		behind = -behind;
	if (behind > 0)
		points(out, behind);
}

/* Of a team: while it may be complete yet, how many are in says all. */
static const char *
why_no_place(const struct race_ranking *ranking, enum race_status status)
{
	if (status == RACE_RUNNING)
		return "";
	return cells_by_km(ranking) ? rules_status_name(status) : "too few";
}

/* The difference of the times as shown. */
static void
behind(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line, int64_t gap_us)
{
	int64_t mine = line->row.elapsed_us;
	char text[CELLS_MAX];

	elapsed(text, ranking,
	    shown(ranking, mine) - shown(ranking, mine - gap_us));
	snprintf(out, CELLS_MAX, "+%.40s", text);
}

char *
cells_gap(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line, const struct board_line *first)
{
	out[0] = '\0';
	if (line->place == 0 && ranking->of == RACE_SEASON)
		return out;
	if (line->place == 0 && ranking->of == RACE_TEAMS)
		snprintf(out, CELLS_MAX, "%s",
		    why_no_place(ranking, line->row.status));
	else if (line->place == 0)
		snprintf(out, CELLS_MAX, "%s",
		    line->row.status == RACE_STATUS_NONE
		        ? "not seen"
		        : rules_status_name(line->row.status));
	else if (cells_by_points(ranking))
		gap_in_points(out, &line->row, &first->row);
	else if (cells_by_km(ranking) || cells_by_places(ranking))
		gap_in_score(out, ranking, &line->row, &first->row);
	else if (line->gap_us > 0 && line->row.elapsed_us >= line->gap_us)
		behind(out, ranking, line, line->gap_us);
	return out;
}

char *
cells_interval(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line)
{
	out[0] = '\0';
	if (line->place > 0 && line->ahead_us >= 0 &&
	    line->row.elapsed_us >= line->ahead_us)
		behind(out, ranking, line, line->ahead_us);
	return out;
}

char *
cells_split(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line, size_t point)
{
	out[0] = '\0';
	if (point < line->row.split_count &&
	    line->row.splits[point] != RACE_NO_SPLIT)
		elapsed(out, ranking, line->row.splits[point]);
	return out;
}

static void
missing(char out[CELLS_MAX], uint32_t women, uint32_t men)
{
	size_t len = strlen(out);

	if (women > 0)
		snprintf(out + len, CELLS_MAX - len, ", %" PRIu32 " %s", women,
		    women == 1 ? "woman" : "women");
	len = strlen(out);
	if (men > 0)
		snprintf(out + len, CELLS_MAX - len, ", %" PRIu32 " %s", men,
		    men == 1 ? "man" : "men");
	len = strlen(out);
	snprintf(out + len, CELLS_MAX - len, " missing");
}

/* Competitions that count, of those with a result. */
static void
held(char out[CELLS_MAX], const struct race_row *row)
{
	int n = snprintf(out, CELLS_MAX, "%" PRIu32, row->counted);

	if (row->counted != row->finishers)
		snprintf(out + n, (size_t)(CELLS_MAX - n), " of %" PRIu32,
		    row->finishers);
}

/* How many of the quota there are not. */
static uint32_t
short_of(uint32_t quota, uint32_t are)
{
	return quota > are ? quota - are : 0;
}

char *
cells_counted(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line)
{
	const struct race_row *row = &line->row;
	uint32_t women = short_of(ranking->women, row->women);
	uint32_t men = short_of(ranking->men, row->men);

	if (ranking->of == RACE_SEASON) {
		held(out, row);
		return out;
	}
	if (cells_by_km(ranking)) {
		snprintf(out, CELLS_MAX, "%" PRIu32 " in", row->counted);
		return out;
	}
	snprintf(out, CELLS_MAX, "%" PRIu32 " of %" PRIu32 " in", row->counted,
	    ranking->best);
	/* Anybody may come for a seat that is anybody's. */
	if (women + men > 0 && row->counted + women + men == ranking->best)
		missing(out, women, men);
	return out;
}

const char *
cells_why(const struct board_line *line)
{
	if (line->place == 0)
		return "too few competitions";
	if (line->row.why != NULL)
		return line->row.why;
	return line->row.status == RACE_RUNNING ? "not enough competitions yet"
	                                        : "";
}
