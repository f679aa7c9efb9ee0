/*
 * cells - how single values of a ranking are written for people: the screen
 * and the printed table say the same.
 *
 * Rounding happens here, once, as the ranking says; a gap is the difference of
 * the times as shown, so that a reader who subtracts gets what is printed.
 */
#ifndef RACE_CELLS_H
#define RACE_CELLS_H

#include "race/board.h"
#include "race/types.h"

enum { CELLS_MAX = 48 };

/* Kilometres, or other thousandths, with up to three decimals: "8", "0.5",
 * "42.195".  Returns out. */
char *cells_km(char out[CELLS_MAX], uint64_t metres);

/* "12=" for a tie, else "12 ", so that the figures stand below each other; in
 * front "~" of what is too close to call, "?" of what is provisional where
 * others are not; "" without a place. */
char *cells_place(char out[CELLS_MAX], const struct board_line *line);

/* The elapsed time, or a team's score ("2:31:07", "96 km", by places "37"); ""
 * for none. */
char *cells_time(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line);

/*
 * "+1:05" behind the first, "" for the first, of points "3"; the status of a
 * runner without a place, "not seen" without any read; "too few" of a team that
 * cannot be complete any more (else how many are in says it). first is the
 * first line of the listing.
 */
char *cells_gap(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line, const struct board_line *first);

/* "+0:12" behind the one before; "" for the first and without a place. */
char *cells_interval(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line);

/* The elapsed time at a point; "" without a read there. */
char *cells_split(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line, size_t point);

/* "2 of 3 in", or how many ran; of a season the competitions that count, "3 of
 * 4" if others do not; with a quota what nobody else can make up for:
 * "3 of 4 in, 1 woman missing". */
char *cells_counted(char out[CELLS_MAX], const struct race_ranking *ranking,
    const struct board_line *line);

/* Of a season: why the row stands before the next one, or has no place; "" for
 * what the score says.  Valid as long as the row. */
const char *cells_why(const struct board_line *line);

/* What the "~" means, for the foot of a listing that has one. */
extern const char cells_close[];

/* The same of "?", and of a listing where all places are provisional. */
extern const char cells_doubted[];
extern const char cells_provisional[];

/* The same of a table of a season. */
extern const char cells_open[];

/* Teams that are ranked by kilometres. */
bool cells_by_km(const struct race_ranking *ranking);

/* Teams that are ranked by places. */
bool cells_by_places(const struct race_ranking *ranking);

/* Of a season: less is better (PROTOCOL.md 4.5). */
bool cells_less(const struct race_row *row);

/* A table of a season that goes by points. */
bool cells_by_points(const struct race_ranking *ranking);

/* The score of a team that is ranked by either, in thousandths: metres, where
 * it is an average rounded down; places, a mean rounded up: never better than
 * it is. */
int64_t cells_score(const struct race_ranking *ranking,
    const struct race_row *row);

#endif
