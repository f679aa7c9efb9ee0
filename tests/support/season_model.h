/*
 * season_model - the tables of a season the slow and obvious way: from all
 * results, from scratch, with loops and qsort.  Written from the text of
 * race/season/season.h; shares nothing with the core but its types and the
 * order of labels, so that an error has to be made twice to stay hidden.
 */
#ifndef TESTS_SUPPORT_SEASON_MODEL_H
#define TESTS_SUPPORT_SEASON_MODEL_H

#include "race/season/season.h"

struct season_model_result {
	uint64_t key;
	struct season_result r;
};

struct season_model_state {
	const char *season;
	const char *competition;
	enum season_state state;
	bool voided; /* by the organiser */
};

struct season_model_name {
	const char *written;
	const char *team;
	const char *subject; /* NULL: withdrawn */
};

struct season_model_decision {
	const char *season;
	const char *table;
	const char *before;
	const char *behind;
	const char *note; /* NULL: withdrawn */
};

/* Everything that has been said, each thing once; strings are borrowed. */
struct season_model {
	const struct season_rules *rules;
	struct season_model_result *results;
	size_t result_count;
	struct season_model_state *states;
	size_t state_count;
	struct season_model_name *names;
	size_t name_count;
	struct season_model_decision *decisions;
	size_t decision_count;
};

/* The rows of a table, for season_model_free(); what their reasons name is
 * borrowed. */
struct season_model_rows {
	struct season_row *rows;
	size_t count;
};

void season_model_rows(const struct season_model *m, const char *season,
    size_t table, struct season_model_rows *out);
void season_model_free(struct season_model_rows *rows);

/* Competitions of a season; at most cap. */
size_t season_model_competitions(const struct season_model *m,
    const char *season, struct season_held *out, size_t cap);

#endif
