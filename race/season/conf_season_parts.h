/*
 * conf_season_parts - what the files of conf_season share; for nobody else.
 *
 *	conf_season.c  the file, its competitions, lists of names
 *	conf_tables.c  tables, their tie rules, the competitions they name
 *	conf_points.c  what places are worth, awards with points of their own
 */
#ifndef RACE_SEASON_CONF_SEASON_PARTS_H
#define RACE_SEASON_CONF_SEASON_PARTS_H

#include "race/conf_read.h"
#include "race/season/conf_season.h"

struct season_reader {
	struct conf_reader conf; /* without rules of a race */
	struct season_folder *folder;
	struct season_rules *rules;
	bool pointed; /* the table that is being read has points */
};

/* ---- conf_season.c ---- */

/* One name, or a list of them; names for free(), as is each. */
void conf_season_names(struct season_reader *r, const struct conf_node *table,
    const char *key, char ***out, size_t *count);

/* A list of nothing: what it would mean nobody can say. */
bool conf_season_empty(struct season_reader *r, const struct conf_node *n,
    const char *key);

bool conf_season_listed(char *const *names, size_t count, const char *name);

/* ---- conf_tables.c ---- */

void conf_tables_read(struct season_reader *r, const struct conf_node *root);

/* The competitions that they name; once those have been read too. */
void conf_tables_check(struct season_reader *r, const struct conf_node *root);

/* ---- conf_points.c ---- */

void conf_points_read(struct season_reader *r, const struct conf_node *n,
    struct season_points *out);

/* A number of points; unchanged if the key is not there. */
void conf_points_amount(struct season_reader *r, const struct conf_node *table,
    const char *key, int64_t *out);

void conf_points_awards(struct season_reader *r, struct season_table *t,
    const struct conf_node *table);

#endif
