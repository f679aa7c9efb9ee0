/*
 * conf_read - typed readers of values in race.yaml and season.yaml: part of
 * conf.
 *
 * Each takes the tree of conf_yaml, reports what is wrong with line, value and
 * what would do, and then yields something harmless, so that one run tells all.
 */
#ifndef RACE_CONF_READ_H
#define RACE_CONF_READ_H

#include "race/conf_yaml.h"

#define CONF_RULES_FILE "race.yaml"

/* What holds where race.yaml says nothing. */
enum { CONF_BEST = 3 };
#define CONF_TOLERANCE_US (INT64_C(10) * 1000000)
/* A kilometre: nobody has run one as fast. */
#define CONF_FASTEST_US (INT64_C(120) * 1000000)

/* Words of rankings by the values of their enums, and NULL. */
extern const char *const conf_ofs[];
extern const char *const conf_bys[];
extern const char *const conf_ties[];
extern const char *const conf_rounds[];
extern const char *const conf_scores[];
extern const char *const conf_hows[];
extern const char *const conf_yes_words[]; /* no, yes */

struct conf_reader {
	const char *file; /* for messages */
	struct conf_report *report;
	struct race_rules *rules;
	bool clock_ok; /* date and zone can be used */
};

#define conf_complain(r, n, ...)                                               \
	conf_report_add((r)->report, true, (r)->file, (n)->line, (n)->column,  \
	    __VA_ARGS__)
#define conf_warn(r, n, ...)                                                   \
	conf_report_add((r)->report, false, (r)->file, (n)->line, (n)->column, \
	    __VA_ARGS__)

/* Keys that are not among `known` (which ends with NULL). */
void conf_check_keys(struct conf_reader *r, const struct conf_node *table,
    const char *const *known);

/* Nothing stands there. */
bool conf_is_empty(const struct conf_node *n);

/* ---- values ---- */

/* The value as text, or NULL (reported). */
const char *conf_text_of(struct conf_reader *r, const struct conf_node *n,
    const char *what);

/* Text that names something: not empty, within bounds, printable. */
bool conf_name_ok(struct conf_reader *r, const struct conf_node *n,
    const char *what, const char *text, size_t max);

/* A copy of the value under key, which names something; "" if it is not there
 * or wrong (reported). */
char *conf_read_name(struct conf_reader *r, const struct conf_node *table,
    const char *key, size_t max);

/* "F" for f; "" if the key is not there or wrong. */
char *conf_read_sex(struct conf_reader *r, const struct conf_node *table);

/* The index of the value in words; `other` if the key is not there or wrong. */
int conf_read_choice(struct conf_reader *r, const struct conf_node *table,
    const char *key, const char *const *words, int other);

/* A whole number from 1 to max; `other` if the key is not there or wrong. */
uint32_t conf_read_count(struct conf_reader *r, const struct conf_node *table,
    const char *key, uint32_t max, uint32_t other);

/* yes or no; `other` likewise. */
bool conf_read_yes(struct conf_reader *r, const struct conf_node *table,
    const char *key, bool other);

/* A span of time from min_us to max_us; `other` likewise. */
int64_t conf_read_span(struct conf_reader *r, const struct conf_node *table,
    const char *key, int64_t min_us, int64_t max_us, int64_t other);

/* "18-22", "70-", "-17" or "18", of whole numbers from 0 to max; *to is `open`
 * where no end is given.  False: not there or wrong, and nothing is set. */
bool conf_read_range(struct conf_reader *r, const struct conf_node *table,
    const char *key, uint32_t max, uint32_t open, uint32_t *from, uint32_t *to);

/* A key that says nothing beside the others: better asked than ignored. */
void conf_refuse_key(struct conf_reader *r, const struct conf_node *table,
    const char *key, const char *why);

/* ---- tables of named members ---- */

/* The table under key, or NULL: not there, empty, or no table (reported). */
const struct conf_node *conf_table_of(struct conf_reader *r,
    const struct conf_node *root, const char *key, const char *example);

/* How many of the table's members are read: more than max is reported. */
size_t conf_bounded(struct conf_reader *r, const struct conf_node *table,
    const char *what, size_t max);

/*
 * A member's own table.  One that is left empty is an empty table, so that
 * `masse:` is a wave.  NULL: something else (reported).
 */
const struct conf_node *conf_member_table(struct conf_reader *r,
    const struct conf_node *value, const char *example);

/* ---- parts of race.yaml ---- */

/* Waves and points have been read; awards after rankings. */
void conf_read_rankings(struct conf_reader *r, const struct conf_node *root);
void conf_read_awards(struct conf_reader *r, const struct conf_node *root);

/* Before the rankings, which may name teams. */
void conf_read_categories(struct conf_reader *r, const struct conf_node *root);
void conf_read_aliases(struct conf_reader *r, const struct conf_node *root);

#endif
