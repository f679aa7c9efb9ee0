/* What places are worth, and awards with points of their own. */
#include "race/season/conf_season_parts.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/amount.h"

/* ---- points ---- */

static int64_t
read_amount(struct season_reader *r, const struct conf_node *n,
    const char *what)
{
	const char *text = conf_text_of(&r->conf, n, what);
	char q[TEXT_QUOTE_MAX];
	int64_t out = 0;

	if (text != NULL && !amount_parse(text, &out))
		conf_complain(&r->conf, n,
		    "%s %s: must be a number up to 1000000 with at most three "
		    "decimals",
		    what, text_quote(q, text));
	return out;
}

void
conf_points_amount(struct season_reader *r, const struct conf_node *table,
    const char *key, int64_t *out)
{
	const struct conf_node *n = conf_yaml_get(table, key);

	if (n != NULL)
		*out = read_amount(r, n, key);
}

static void
read_list(struct season_reader *r, const struct conf_node *n,
    struct season_points *out)
{
	size_t count = n->count;

	if (count > SEASON_POINTS_MAX) {
		conf_complain(&r->conf, n, "points: more than %d places",
		    SEASON_POINTS_MAX);
		count = SEASON_POINTS_MAX;
	}
	out->scale = SEASON_LIST;
	out->list = xcalloc(count + 1, sizeof *out->list);
	for (size_t i = 0; i < count; i++)
		out->list[i] = read_amount(r, n->pairs[i].value, "points");
	out->count = count;
}

static void
read_points_table(struct season_reader *r, const struct conf_node *n,
    struct season_points *out)
{
	static const char *const keys[] = { "list", "first", "step", "winner",
		"beyond", "taking-part", "given", NULL };
	const struct conf_node *list = conf_yaml_get(n, "list");
	bool first = conf_yaml_get(n, "first") != NULL;
	bool winner = conf_yaml_get(n, "winner") != NULL;

	conf_check_keys(&r->conf, n, keys);
	if ((list != NULL) + first + winner != 1)
		conf_complain(&r->conf, n,
		    "points: need one of list: [25, 18], first: 200 (with "
		    "step: 1), winner: 1000 (times the winner's time by one's "
		    "own)");
	if (list != NULL && list->kind == CONF_LIST) {
		read_list(r, list, out);
		/* One point a trophy, whatever the place. */
		if (conf_yaml_get(n, "beyond") == NULL &&
		    conf_yaml_get(n, "given") == NULL)
			(void)conf_season_empty(r, list, "points");
	} else if (list != NULL && list->kind != CONF_BROKEN)
		conf_complain(&r->conf, list,
		    "list: has to be a list, as in [25, 18, 15]");
	if (first) {
		out->scale = SEASON_STEPS;
		out->step = SEASON_UNIT;
		conf_points_amount(r, n, "first", &out->from);
		conf_points_amount(r, n, "step", &out->step);
	} else {
		conf_refuse_key(&r->conf, n, "step",
		    "says nothing without first");
	}
	if (winner) {
		out->scale = SEASON_RATIO;
		conf_points_amount(r, n, "winner", &out->from);
		conf_refuse_key(&r->conf, n, "beyond",
		    "says nothing beside winner");
	}
	conf_points_amount(r, n, "beyond", &out->beyond);
	conf_points_amount(r, n, "taking-part", &out->taking_part);
	out->given = conf_read_yes(&r->conf, n, "given", false);
}

void
conf_points_read(struct season_reader *r, const struct conf_node *n,
    struct season_points *out)
{
	char q[TEXT_QUOTE_MAX];

	switch (n->kind) {
	case CONF_LIST:
		read_list(r, n, out);
		(void)conf_season_empty(r, n, "points");
		return;
	case CONF_TABLE:
		read_points_table(r, n, out);
		return;
	case CONF_TEXT:
		if (strcmp(n->text, "place") == 0)
			out->scale = SEASON_PLACE;
		else if (strcmp(n->text, "given") == 0)
			out->given = true;
		else
			conf_complain(&r->conf, n,
			    "points %s: must be a list as in [25, 18, 15], a "
			    "table, place or given",
			    text_quote(q, n->text));
		return;
	case CONF_BROKEN:
		return;
	}
}

static struct season_points
copy_points(const struct season_points *from)
{
	struct season_points to = *from;

	to.list = xcalloc(from->count + 1, sizeof *to.list);
	for (size_t i = 0; i < from->count; i++)
		to.list[i] = from->list[i];
	return to;
}

/* ---- awards with points of their own ---- */

static struct season_award *
add_one(struct season_reader *r, struct season_table *t,
    const struct conf_node *key, const char *name, const char *competition)
{
	struct season_award *a;

	if (t->award_count == SEASON_AWARDS_MAX) {
		conf_complain(&r->conf, key, "more than %d awards",
		    SEASON_AWARDS_MAX);
		return NULL;
	}
	if (t->awards == NULL)
		t->awards = xcalloc(SEASON_AWARDS_MAX, sizeof *t->awards);
	a = &t->awards[t->award_count++];
	a->name = xstrdup(name);
	a->competition = xstrdup(competition);
	return a;
}

static struct season_award *
add_award(struct season_reader *r, struct season_table *t,
    const struct conf_node *key)
{
	char q[TEXT_QUOTE_MAX];

	if (key->kind != CONF_TEXT ||
	    !conf_name_ok(&r->conf, key, "award", key->text, RACE_NAME_MAX))
		return NULL;
	for (size_t i = 0; i < t->award_count; i++) {
		if (strcmp(t->awards[i].name, key->text) != 0)
			continue;
		conf_complain(&r->conf, key,
		    "award %s: is named twice in this table",
		    text_quote(q, key->text));
		return NULL;
	}
	return add_one(r, t, key, key->text, "");
}

static void
take_table_points(struct season_reader *r, const struct season_table *t,
    const struct conf_node *key, struct season_award *a)
{
	char q[TEXT_QUOTE_MAX];

	if (!r->pointed && t->by == SEASON_BY_POINTS)
		conf_complain(&r->conf, key,
		    "award %s has no points, and the table has none either: "
		    "write points: [25, 18, 15]",
		    text_quote(q, key->text));
	a->points = copy_points(&t->points);
	a->plain = true;
}

/* `Grand prix: [5, 3, 1]` each; without points those of the table. */
static void
read_award_table(struct season_reader *r, struct season_table *t,
    const struct conf_node *all, bool bonus)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_node *value = all->pairs[i].value;
		struct season_award *a = add_award(r, t, all->pairs[i].key);

		if (a == NULL)
			continue;
		a->bonus = bonus;
		if (conf_is_empty(value))
			take_table_points(r, t, all->pairs[i].key, a);
		else
			conf_points_read(r, value, &a->points);
	}
}

/* `Finale: [20, 16]` each. */
static void
read_in_table(struct season_reader *r, struct season_table *t,
    const struct conf_node *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct season_award *a = add_one(r, t, key, "", key->text);

		if (a != NULL)
			conf_points_read(r, all->pairs[i].value, &a->points);
	}
}

void
conf_points_awards(struct season_reader *r, struct season_table *t,
    const struct conf_node *table)
{
	const struct conf_node *only = conf_yaml_get(table, "awards");
	const struct conf_node *of = conf_table_of(&r->conf, table, "points-of",
	    "Grand prix: [5, 3, 1]");
	const struct conf_node *in =
	    conf_table_of(&r->conf, table, "points-in", "Finale: [20, 16, 12]");
	const struct conf_node *bonus =
	    conf_table_of(&r->conf, table, "bonus", "Pole: [1]");

	t->only_awards = only != NULL;
	if (only != NULL && conf_season_empty(r, only, "awards"))
		return;
	if (only != NULL && only->kind == CONF_TABLE)
		read_award_table(r, t, only, false);
	else if (only != NULL && only->kind == CONF_LIST) {
		for (size_t i = 0; i < only->count; i++) {
			struct season_award *a =
			    add_award(r, t, only->pairs[i].value);

			if (a != NULL)
				take_table_points(r, t, only->pairs[i].value,
				    a);
		}
	} else if (only != NULL && only->kind != CONF_BROKEN)
		conf_complain(&r->conf, only,
		    "awards: has to be a list of awards, or a table as in "
		    "Grand prix: [5, 3, 1]");
	if (of != NULL)
		read_award_table(r, t, of, false);
	if (bonus != NULL)
		read_award_table(r, t, bonus, true);
	if (in != NULL)
		read_in_table(r, t, in);
}
