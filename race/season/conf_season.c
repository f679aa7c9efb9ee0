#include "race/season/conf_season.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_read.h"
#include "race/season/amount.h"

enum { FILE_MAX = 1024 * 1024, BEST_MAX = SEASON_COMPETITIONS_MAX };

struct reader {
	struct conf_reader conf; /* without rules of a race */
	struct season_folder *folder;
	struct season_rules *rules;
	bool pointed; /* the table that is being read has points */
};

/* ---- lists of names ---- */

static bool
listed_before(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void
take_name(struct reader *r, const struct conf_node *n, const char *what,
    char **names, size_t *count)
{
	const char *text = conf_text_of(&r->conf, n, what);
	char q[TEXT_QUOTE_MAX];

	if (text == NULL ||
	    !conf_name_ok(&r->conf, n, what, text, RACE_NAME_MAX))
		return;
	if (listed_before(names, *count, text)) {
		conf_complain(&r->conf, n, "%s %s: is in the list already",
		    what, text_quote(q, text));
		return;
	}
	names[(*count)++] = xstrdup(text);
}

/* A list of nothing: what it would mean nobody can say. */
static bool
is_empty_list(struct reader *r, const struct conf_node *n, const char *key)
{
	if (n->kind != CONF_LIST || n->count > 0)
		return false;
	conf_complain(&r->conf, n,
	    "%s: the list is empty: name some, or leave it out", key);
	return true;
}

/* One name, or a list of them. */
static void
read_names(struct reader *r, const struct conf_node *table, const char *key,
    char ***out, size_t *count)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	char **names;

	if (n == NULL || n->kind == CONF_BROKEN || is_empty_list(r, n, key))
		return;
	if (n->kind == CONF_TABLE) {
		conf_complain(&r->conf, n,
		    "%s: has to be a list of names, as in [Podium, Gala]", key);
		return;
	}
	names = xcalloc(n->count + 1, sizeof *names);
	if (n->kind == CONF_TEXT)
		take_name(r, n, key, names, count);
	for (size_t i = 0; n->kind == CONF_LIST && i < n->count; i++)
		take_name(r, n->pairs[i].value, key, names, count);
	*out = names;
}

/* ---- points ---- */

static int64_t
read_amount(struct reader *r, const struct conf_node *n, const char *what)
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

static void
read_amount_of(struct reader *r, const struct conf_node *table, const char *key,
    int64_t *out)
{
	const struct conf_node *n = conf_yaml_get(table, key);

	if (n != NULL)
		*out = read_amount(r, n, key);
}

static void
read_list(struct reader *r, const struct conf_node *n,
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
read_points_table(struct reader *r, const struct conf_node *n,
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
			(void)is_empty_list(r, list, "points");
	} else if (list != NULL && list->kind != CONF_BROKEN)
		conf_complain(&r->conf, list,
		    "list: has to be a list, as in [25, 18, 15]");
	if (first) {
		out->scale = SEASON_STEPS;
		out->step = SEASON_UNIT;
		read_amount_of(r, n, "first", &out->from);
		read_amount_of(r, n, "step", &out->step);
	} else {
		conf_refuse_key(&r->conf, n, "step",
		    "says nothing without first");
	}
	if (winner) {
		out->scale = SEASON_RATIO;
		read_amount_of(r, n, "winner", &out->from);
		conf_refuse_key(&r->conf, n, "beyond",
		    "says nothing beside winner");
	}
	read_amount_of(r, n, "beyond", &out->beyond);
	read_amount_of(r, n, "taking-part", &out->taking_part);
	out->given = conf_read_yes(&r->conf, n, "given", false);
}

static void
read_points(struct reader *r, const struct conf_node *n,
    struct season_points *out)
{
	char q[TEXT_QUOTE_MAX];

	switch (n->kind) {
	case CONF_LIST:
		read_list(r, n, out);
		(void)is_empty_list(r, n, "points");
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
add_award(struct reader *r, struct season_table *t, const struct conf_node *key)
{
	struct season_award *a;
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
	if (t->award_count == SEASON_AWARDS_MAX) {
		conf_complain(&r->conf, key, "more than %d awards",
		    SEASON_AWARDS_MAX);
		return NULL;
	}
	if (t->awards == NULL)
		t->awards = xcalloc(SEASON_AWARDS_MAX, sizeof *t->awards);
	a = &t->awards[t->award_count++];
	a->name = xstrdup(key->text);
	return a;
}

static void
take_table_points(struct reader *r, const struct season_table *t,
    const struct conf_node *key, struct season_award *a)
{
	char q[TEXT_QUOTE_MAX];

	if (!r->pointed && t->by == SEASON_BY_POINTS)
		conf_complain(&r->conf, key,
		    "award %s has no points, and the table has none either: "
		    "write points: [25, 18, 15]",
		    text_quote(q, key->text));
	a->points = copy_points(&t->points);
}

/* `Grand prix: [5, 3, 1]` each; without points those of the table. */
static void
read_award_table(struct reader *r, struct season_table *t,
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
			read_points(r, value, &a->points);
	}
}

static void
read_awards(struct reader *r, struct season_table *t,
    const struct conf_node *table)
{
	const struct conf_node *only = conf_yaml_get(table, "awards");
	const struct conf_node *of = conf_table_of(&r->conf, table, "points-of",
	    "Grand prix: [5, 3, 1]");
	const struct conf_node *bonus =
	    conf_table_of(&r->conf, table, "bonus", "Pole: [1]");

	t->only_awards = only != NULL;
	if (only != NULL && is_empty_list(r, only, "awards"))
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
}

/* ---- ties ---- */

static const struct {
	const char *word;
	enum season_rule rule;
} tie_words[] = {
	{ "wins", SEASON_WINS },
	{ "count-back", SEASON_COUNT_BACK },
	{ "head-to-head", SEASON_HEAD_TO_HEAD },
	{ "best-result", SEASON_BEST_RESULT },
	{ "latest", SEASON_LATEST },
	{ "better-in", SEASON_BETTER_IN },
	{ "competitions", SEASON_MORE_COMPETITIONS },
	{ "time", SEASON_LESS_TIME },
	{ "decision", SEASON_DECIDED },
};

enum { TIE_WORDS = sizeof tie_words / sizeof tie_words[0] };

static void
tie_unknown(struct reader *r, const struct conf_node *n)
{
	const char *words[TIE_WORDS];
	char q[TEXT_QUOTE_MAX];
	char *all;

	for (size_t i = 0; i < TIE_WORDS; i++)
		words[i] = tie_words[i].word;
	all = nearest_list(words, TIE_WORDS);
	conf_complain(&r->conf, n, "ties %s: must be among %s",
	    text_quote(q, n->text), all);
	free(all);
}

/* What stands behind the word: how many places, or a competition. */
static bool
read_tie_rest(struct reader *r, const struct conf_node *n, const char *rest,
    struct season_tie *t)
{
	char q[TEXT_QUOTE_MAX];

	if (t->rule == SEASON_BETTER_IN) {
		if (rest[0] == '\0')
			conf_complain(&r->conf, n,
			    "ties %s: name the competition, as in better-in "
			    "Podium",
			    text_quote(q, n->text));
		t->competition = xstrdup(rest);
		return rest[0] != '\0';
	}
	if (rest[0] == '\0')
		return true;
	if (t->rule == SEASON_COUNT_BACK &&
	    strspn(rest, "0123456789") == strlen(rest) && strlen(rest) <= 4)
		t->places = (uint32_t)strtoul(rest, NULL, 10);
	if (t->places > 0)
		return true;
	conf_complain(&r->conf, n,
	    "ties %s: nothing else can stand here, but for count-back 3 and "
	    "better-in COMPETITION",
	    text_quote(q, n->text));
	return false;
}

static bool
is_tie_twice(struct reader *r, const struct conf_node *n,
    const struct season_table *t)
{
	const struct season_tie *tie = &t->ties[t->tie_count];
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < t->tie_count; i++) {
		const struct season_tie *old = &t->ties[i];

		if (old->rule != tie->rule || old->places != tie->places ||
		    strcmp(old->competition, tie->competition) != 0)
			continue;
		conf_complain(&r->conf, n, "ties %s: is in the list already",
		    text_quote(q, n->text));
		return true;
	}
	return false;
}

static void
read_tie(struct reader *r, const struct conf_node *n, struct season_table *t)
{
	struct season_tie *tie = &t->ties[t->tie_count];
	const char *text = conf_text_of(&r->conf, n, "ties");
	bool ok;

	for (size_t i = 0; text != NULL && i < TIE_WORDS; i++) {
		size_t len = strlen(tie_words[i].word);

		if (strncmp(text, tie_words[i].word, len) != 0 ||
		    (text[len] != '\0' && text[len] != ' '))
			continue;
		tie->rule = tie_words[i].rule;
		ok = read_tie_rest(r, n, text + len + (text[len] == ' '), tie);
		if (tie->competition == NULL)
			tie->competition = xstrdup("");
		if (ok && !is_tie_twice(r, n, t)) {
			t->tie_count++;
		} else {
			free(tie->competition);
			*tie = (struct season_tie){ .rule = SEASON_SHARED };
		}
		return;
	}
	if (text != NULL)
		tie_unknown(r, n);
}

static void
read_ties(struct reader *r, const struct conf_node *table,
    struct season_table *t)
{
	const struct conf_node *n = conf_yaml_get(table, "ties");

	t->ties = xcalloc(SEASON_TIES_MAX, sizeof *t->ties);
	if (n == NULL || n->kind == CONF_BROKEN)
		return;
	if (n->kind == CONF_TABLE) {
		conf_complain(&r->conf, n,
		    "ties: has to be a list, as in [wins, count-back]");
		return;
	}
	if (n->kind == CONF_TEXT) {
		if (strcmp(n->text, "shared") != 0)
			read_tie(r, n, t);
		return;
	}
	for (size_t i = 0; i < n->count; i++) {
		if (t->tie_count == SEASON_TIES_MAX) {
			conf_complain(&r->conf, n, "ties: more than %d rules",
			    SEASON_TIES_MAX);
			return;
		}
		read_tie(r, n->pairs[i].value, t);
	}
}

/* ---- tables ---- */

static void
read_numbers(struct reader *r, const struct conf_node *table,
    struct season_table *t)
{
	t->each = conf_read_count(&r->conf, table, "each", BEST_MAX, 0);
	t->best = conf_read_count(&r->conf, table, "best", BEST_MAX, 0);
	t->at_least = conf_read_count(&r->conf, table, "at-least", BEST_MAX, 0);
	t->missing = SEASON_NO_VALUE;
	read_amount_of(r, table, "missing", &t->missing);
	t->lowest = conf_read_yes(&r->conf, table, "lowest", false);
	t->again = conf_read_yes(&r->conf, table, "again", false);
	t->dropped_in_ties =
	    conf_read_yes(&r->conf, table, "dropped-in-ties", false);
}

static void
check_table(struct reader *r, const struct conf_node *key,
    const struct conf_node *table, const struct season_table *t)
{
	char q[TEXT_QUOTE_MAX];

	if (t->by == SEASON_BY_TIME) {
		static const char why[] = "says nothing in a table by time";

		conf_refuse_key(&r->conf, table, "points", why);
		conf_refuse_key(&r->conf, table, "points-of", why);
		conf_refuse_key(&r->conf, table, "bonus", why);
		conf_refuse_key(&r->conf, table, "tied", why);
		conf_refuse_key(&r->conf, table, "lowest",
		    "by time the least is first anyway");
	} else if (conf_yaml_get(table, "points") == NULL && !t->only_awards) {
		conf_complain(&r->conf, key,
		    "table %s has no points: write points: [25, 18, 15] or "
		    "points: given",
		    text_quote(q, key->text));
	}
	if (t->missing != SEASON_NO_VALUE &&
	    (t->each == 0 || !t->lowest || t->by == SEASON_BY_TIME ||
	        t->points.scale != SEASON_PLACE))
		conf_complain(&r->conf, key,
		    "table %s: missing says nothing without points: place, "
		    "each: 4 and lowest: yes, as in cross-country",
		    text_quote(q, key->text));
	if (t->best > 0 && t->compulsory_count > t->best)
		conf_complain(&r->conf, key,
		    "table %s: %zu competitions are compulsory, but the best "
		    "%u alone count",
		    text_quote(q, key->text), t->compulsory_count, t->best);
}

static void
read_table(struct reader *r, const struct conf_node *key,
    const struct conf_node *table, struct season_table *t)
{
	static const char *const keys[] = { "of", "by", "points", "awards",
		"points-of", "bonus", "competitions", "compulsory", "sex",
		"category", "team", "again", "tied", "lowest", "each",
		"missing", "best", "at-least", "ties", "dropped-in-ties",
		NULL };
	static const char *const of[] = { "recipients", "teams", "pairs",
		NULL };
	static const char *const by[] = { "points", "time", NULL };
	static const char *const tied[] = { "higher", "average", NULL };
	const struct conf_node *points = conf_yaml_get(table, "points");

	conf_check_keys(&r->conf, table, keys);
	t->of = (enum season_of)conf_read_choice(&r->conf, table, "of", of, 0);
	t->by = (enum season_by)conf_read_choice(&r->conf, table, "by", by, 0);
	t->tied = (enum season_tied)conf_read_choice(&r->conf, table, "tied",
	    tied, 0);
	r->pointed = points != NULL;
	if (points != NULL)
		read_points(r, points, &t->points);
	read_awards(r, t, table);
	read_names(r, table, "competitions", &t->competitions,
	    &t->competition_count);
	read_names(r, table, "compulsory", &t->compulsory,
	    &t->compulsory_count);
	t->sex = conf_read_sex(&r->conf, table);
	t->category =
	    conf_read_name(&r->conf, table, "category", RACE_LABEL_MAX);
	t->team = conf_read_name(&r->conf, table, "team", RACE_NAME_MAX);
	read_numbers(r, table, t);
	read_ties(r, table, t);
	check_table(r, key, table, t);
}

static void
read_tables(struct reader *r, const struct conf_node *root)
{
	static const char example[] = "general: { points: [25, 18, 15] }";
	static const struct conf_node empty = { .kind = CONF_TABLE };
	size_t errors = r->conf.report->errors;
	const struct conf_node *all =
	    conf_table_of(&r->conf, root, "tables", example);
	size_t n;

	if (all == NULL && r->conf.report->errors > errors)
		return;
	if (all == NULL || all->count == 0) {
		conf_report_add(r->conf.report, true, CONF_SEASON_FILE, 0, 0,
		    "has no tables: write at least one, as in\n"
		    "  tables:\n    %s",
		    example);
		return;
	}
	n = conf_bounded(&r->conf, all, "tables", SEASON_TABLES_MAX);
	r->rules->tables = xcalloc(n + 1, sizeof *r->rules->tables);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct season_table *t =
		    &r->rules->tables[r->rules->table_count++];
		const struct conf_node *table =
		    conf_member_table(&r->conf, all->pairs[i].value, example);

		t->name = xstrdup(key->text);
		(void)conf_name_ok(&r->conf, key, "table", key->text,
		    RACE_LABEL_MAX);
		read_table(r, key, table != NULL ? table : &empty, t);
	}
}

/* ---- competitions ---- */

/* The dash between the first season and the last, NULL for one alone.  Seasons
 * that are written with a dash have blanks around it: "2022-23 - 2024-25". */
static const char *
find_dash(const char *text)
{
	size_t len = strlen(text);
	const char *between = strstr(text, " - ");

	if (between != NULL)
		return between + 1;
	if (len > 2 && strcmp(text + len - 2, " -") == 0)
		return text + len - 1;
	return strchr(text, '-');
}

static bool
are_seasons(const struct season_competition *c, const char *dash)
{
	if (c->from[0] == '\0' || dash == NULL)
		return c->from[0] != '\0';
	return strstr(c->to, dash[-1] == ' ' ? " - " : "-") == NULL;
}

/* "2008-2014", "2008-" or "2014". */
static void
read_seasons(struct reader *r, const struct conf_node *table,
    struct season_competition *c)
{
	const struct conf_node *n = conf_yaml_get(table, "seasons");
	const char *text =
	    n == NULL ? NULL : conf_text_of(&r->conf, n, "seasons");
	const char *dash = text == NULL ? NULL : find_dash(text);
	char *to = xstrdup(dash != NULL ? dash + 1 : text != NULL ? text : "");
	char q[TEXT_QUOTE_MAX];

	c->from = dash == NULL ? xstrdup(to)
	                       : xasprintf("%.*s", (int)(dash - text), text);
	(void)text_trim(c->from);
	c->to = xstrdup(text_trim(to));
	free(to);
	if (text == NULL)
		return;
	if (!are_seasons(c, dash))
		conf_complain(&r->conf, n,
		    "seasons %s: must be as in 2008-2014, 2008- or 2014",
		    text_quote(q, text));
	else if (c->to[0] != '\0' && text_label_cmp(c->from, c->to) > 0)
		conf_complain(&r->conf, n,
		    "seasons %s: end before they begin; if one is written "
		    "with a dash, put blanks around the one between them, as "
		    "in 2022-23 - 2024-25",
		    text_quote(q, text));
}

static void
read_weight(struct reader *r, const struct conf_node *table,
    struct season_competition *c)
{
	const struct conf_node *n = conf_yaml_get(table, "weight");
	const char *text =
	    n == NULL ? NULL : conf_text_of(&r->conf, n, "weight");
	char q[TEXT_QUOTE_MAX];

	c->weight = 1000;
	if (text != NULL &&
	    !amount_parse_thousandths(text, SEASON_WEIGHT_MAX, &c->weight))
		conf_complain(&r->conf, n,
		    "weight %s: must be a number up to 100 with at most three "
		    "decimals",
		    text_quote(q, text));
}

static void
read_feed(struct reader *r, const struct conf_node *key,
    const struct conf_node *table)
{
	bool race = conf_yaml_get(table, "race") != NULL;
	bool standings = conf_yaml_get(table, "standings") != NULL;
	struct season_folder *f = r->folder;
	struct season_feed feed = { 0 };

	if (!race)
		conf_refuse_key(&r->conf, table, "rankings",
		    "says nothing without a race");
	if (!standings)
		conf_refuse_key(&r->conf, table, "table",
		    "says nothing without standings");
	if (!race && !standings) {
		conf_refuse_key(&r->conf, table, "season",
		    "says nothing without a race or standings");
		return;
	}
	if (race && standings)
		conf_complain(&r->conf, key,
		    "is decided by a race or by the standings of another "
		    "season, not by both");
	feed.competition = xstrdup(key->text);
	feed.race = conf_read_name(&r->conf, table, "race", RACE_MORE_MAX);
	feed.season = conf_read_name(&r->conf, table, "season", RACE_LABEL_MAX);
	read_names(r, table, "rankings", &feed.rankings, &feed.ranking_count);
	feed.standings =
	    conf_read_name(&r->conf, table, "standings", RACE_MORE_MAX);
	feed.table = conf_read_name(&r->conf, table, "table", RACE_LABEL_MAX);
	f->feeds = xreallocarray(f->feeds, f->feed_count + 1, sizeof *f->feeds);
	f->feeds[f->feed_count++] = feed;
}

static void
read_competition(struct reader *r, const struct conf_node *key,
    const struct conf_node *table, struct season_competition *c)
{
	static const char *const keys[] = { "title", "seasons", "weight",
		"race", "season", "rankings", "standings", "table", NULL };

	conf_check_keys(&r->conf, table, keys);
	c->title = conf_read_name(&r->conf, table, "title", RACE_NAME_MAX);
	read_seasons(r, table, c);
	read_weight(r, table, c);
	read_feed(r, key, table);
}

static void
read_competitions(struct reader *r, const struct conf_node *root)
{
	static const char example[] = "podium: { title: Podium 2014 }";
	static const struct conf_node empty = { .kind = CONF_TABLE };
	const struct conf_node *all =
	    conf_table_of(&r->conf, root, "competitions", example);
	size_t n;

	if (all == NULL)
		return;
	n = conf_bounded(&r->conf, all, "competitions",
	    SEASON_COMPETITIONS_MAX);
	r->rules->competitions = xcalloc(n + 1, sizeof *r->rules->competitions);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct season_competition *c =
		    &r->rules->competitions[r->rules->competition_count++];
		const struct conf_node *table =
		    conf_member_table(&r->conf, all->pairs[i].value, example);

		c->name = xstrdup(key->text);
		(void)conf_name_ok(&r->conf, key, "competition", key->text,
		    RACE_NAME_MAX);
		read_competition(r, key, table != NULL ? table : &empty, c);
	}
}

/* ---- names that the tables use ---- */

static void
check_known(struct reader *r, const struct conf_node *root, const char *name,
    const char *table)
{
	const struct season_rules *rules = r->rules;
	const char **words;
	const char *near;
	char q[TEXT_QUOTE_MAX];
	char t[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < rules->competition_count; i++) {
		if (strcmp(rules->competitions[i].name, name) == 0)
			return;
	}
	words = xcalloc(rules->competition_count + 1, sizeof *words);
	for (size_t i = 0; i < rules->competition_count; i++)
		words[i] = rules->competitions[i].name;
	near = nearest(name, words, rules->competition_count);
	conf_complain(&r->conf, root,
	    "table %s: there is no competition %s%s%s%s: it has to stand under "
	    "competitions",
	    text_quote(t, table), text_quote(q, name),
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	free(words);
}

/* What a table asks of a competition that it does not count. */
static void
check_counted(struct reader *r, const struct conf_node *at,
    const struct season_table *t, const char *name)
{
	char q[TEXT_QUOTE_MAX];
	char quoted[TEXT_QUOTE_MAX];

	if (t->competition_count > 0 &&
	    !listed_before(t->competitions, t->competition_count, name))
		conf_complain(&r->conf, at,
		    "table %s: %s is not among its competitions, and cannot "
		    "be compulsory or part equals",
		    text_quote(q, t->name), text_quote(quoted, name));
}

static void
check_asked(struct reader *r, const struct conf_node *at,
    const struct season_table *t, const char *name)
{
	check_known(r, at, name, t->name);
	check_counted(r, at, t, name);
}

static void
check_competitions(struct reader *r, const struct conf_node *root)
{
	const struct conf_node *tables = conf_yaml_get(root, "tables");

	for (size_t i = 0; i < r->rules->table_count; i++) {
		const struct season_table *t = &r->rules->tables[i];
		const struct conf_node *at = tables->pairs[i].key;

		for (size_t k = 0; k < t->competition_count; k++)
			check_known(r, at, t->competitions[k], t->name);
		for (size_t k = 0; k < t->compulsory_count; k++)
			check_asked(r, at, t, t->compulsory[k]);
		for (size_t k = 0; k < t->tie_count; k++) {
			if (t->ties[k].rule == SEASON_BETTER_IN)
				check_asked(r, at, t, t->ties[k].competition);
		}
	}
}

/* ---- the file ---- */

static void
read_root(struct reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "title", "competitions", "tables",
		NULL };

	conf_check_keys(&r->conf, root, keys);
	r->rules->title =
	    conf_read_name(&r->conf, root, "title", RACE_NAME_MAX);
	if (conf_yaml_get(root, "title") == NULL)
		conf_report_add(r->conf.report, true, CONF_SEASON_FILE, 0, 0,
		    "has no title: write  title: My season");
	read_competitions(r, root);
	read_tables(r, root);
	check_competitions(r, root);
}

static void
read_text(struct season_folder *f, const char *text, size_t len,
    struct conf_report *report)
{
	struct reader r = { .conf = { .file = CONF_SEASON_FILE,
		                .report = report },
		.folder = f };
	struct conf_node *root =
	    conf_yaml_read(text, len, CONF_SEASON_FILE, report);

	if (root == NULL)
		return;
	r.rules = xcalloc(1, sizeof *r.rules);
	if (root->kind == CONF_TABLE)
		read_root(&r, root);
	else
		conf_complain(&r.conf, root,
		    "has to be a table of keys, as in  title: My season");
	conf_yaml_free(root);
	f->rules = r.rules;
}

void
conf_season_read(struct season_folder *f, const char *dir,
    struct conf_report *report)
{
	char *path = xasprintf("%s/" CONF_SEASON_FILE, dir);
	struct stat st;
	struct err err;
	char *text;
	size_t len;
	int rc;

	/* An aggregator does not wait for whoever writes into it. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		rc = err_set(&err, -EINVAL, "is no ordinary file");
	else
		rc = files_read(path, FILE_MAX, &text, &len, &err);
	free(path);
	if (rc == -EFBIG)
		conf_report_add(report, true, CONF_SEASON_FILE, 0, 0,
		    "is larger than 1 MiB, which no season needs");
	else if (rc < 0)
		conf_report_add(report, true, CONF_SEASON_FILE, 0, 0, "%s",
		    err.text);
	if (rc < 0)
		return;
	read_text(f, text, len, report);
	free(text);
}
