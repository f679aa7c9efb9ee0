#include "race/cells.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/instant.h"
#include "race/rules.h"

const char cells_close[] = "~ too close to call: timed by different clocks";

bool
cells_by_km(const struct race_ranking *ranking)
{
	return ranking->of == RACE_TEAMS && ranking->score == RACE_SCORE_KM;
}

char *
cells_km(char out[CELLS_MAX], uint32_t metres)
{
	uint32_t rest = metres % 1000;
	int n = snprintf(out, CELLS_MAX, "%" PRIu32, metres / 1000);
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
		    line->close ? "~" : "", line->place,
		    line->tied ? "=" : " ");
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

char *
cells_time(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line)
{
	char km[CELLS_MAX];

	out[0] = '\0';
	if (cells_by_km(ranking))
		snprintf(out, CELLS_MAX, "%.40s km",
		    cells_km(km, line->row.metres));
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

static void
gap_in_km(char out[CELLS_MAX], uint32_t metres, uint32_t first)
{
	char km[CELLS_MAX];

	if (first > metres)
		snprintf(out, CELLS_MAX, "-%.40s km",
		    cells_km(km, first - metres));
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
	if (line->place == 0 && ranking->of == RACE_TEAMS)
		return out;
	if (line->place == 0)
		snprintf(out, CELLS_MAX, "%s",
		    line->row.status == RACE_STATUS_NONE
		        ? "not seen"
		        : rules_status_name(line->row.status));
	else if (cells_by_km(ranking))
		gap_in_km(out, line->row.metres, first->row.metres);
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

char *
cells_counted(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line)
{
	if (cells_by_km(ranking))
		snprintf(out, CELLS_MAX, "%" PRIu32 " in", line->row.counted);
	else
		snprintf(out, CELLS_MAX, "%" PRIu32 " of %" PRIu32 " in",
		    line->row.counted, ranking->best);
	return out;
}
