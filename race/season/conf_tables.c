/* Tables, and how they part equals. */
#include "race/season/conf_season_parts.h"

#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"

enum { BEST_MAX = SEASON_COMPETITIONS_MAX };

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
tie_unknown(struct season_reader *r, const struct conf_node *n)
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
read_tie_rest(struct season_reader *r, const struct conf_node *n,
    const char *rest, struct season_tie *t)
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
is_tie_twice(struct season_reader *r, const struct conf_node *n,
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
read_tie(struct season_reader *r, const struct conf_node *n,
    struct season_table *t)
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
read_ties(struct season_reader *r, const struct conf_node *table,
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
read_numbers(struct season_reader *r, const struct conf_node *table,
    struct season_table *t)
{
	t->each = conf_read_count(&r->conf, table, "each", BEST_MAX, 0);
	t->best = conf_read_count(&r->conf, table, "best", BEST_MAX, 0);
	t->at_least = conf_read_count(&r->conf, table, "at-least", BEST_MAX, 0);
	t->missing = SEASON_NO_VALUE;
	conf_points_amount(r, table, "missing", &t->missing);
	t->lowest = conf_read_yes(&r->conf, table, "lowest", false);
	t->again = conf_read_yes(&r->conf, table, "again", false);
	t->dropped_in_ties =
	    conf_read_yes(&r->conf, table, "dropped-in-ties", false);
}

static void
check_table(struct season_reader *r, const struct conf_node *key,
    const struct conf_node *table, const struct season_table *t)
{
	char q[TEXT_QUOTE_MAX];

	if (t->by == SEASON_BY_TIME) {
		static const char why[] = "says nothing in a table by time";

		conf_refuse_key(&r->conf, table, "points", why);
		conf_refuse_key(&r->conf, table, "points-of", why);
		conf_refuse_key(&r->conf, table, "points-in", why);
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
read_table(struct season_reader *r, const struct conf_node *key,
    const struct conf_node *table, struct season_table *t)
{
	static const char *const keys[] = { "of", "by", "points", "awards",
		"points-of", "points-in", "bonus", "competitions", "compulsory",
		"sex", "category", "team", "again", "tied", "lowest", "each",
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
		conf_points_read(r, points, &t->points);
	conf_points_awards(r, t, table);
	conf_season_names(r, table, "competitions", &t->competitions,
	    &t->competition_count);
	conf_season_names(r, table, "compulsory", &t->compulsory,
	    &t->compulsory_count);
	t->sex = conf_read_sex(&r->conf, table);
	t->category =
	    conf_read_name(&r->conf, table, "category", RACE_LABEL_MAX);
	t->team = conf_read_name(&r->conf, table, "team", RACE_NAME_MAX);
	read_numbers(r, table, t);
	read_ties(r, table, t);
	check_table(r, key, table, t);
}

void
conf_tables_read(struct season_reader *r, const struct conf_node *root)
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

/* ---- names that the tables use ---- */

static void
check_known(struct season_reader *r, const struct conf_node *root,
    const char *name, const char *table)
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
check_counted(struct season_reader *r, const struct conf_node *at,
    const struct season_table *t, const char *name)
{
	char q[TEXT_QUOTE_MAX];
	char quoted[TEXT_QUOTE_MAX];

	if (t->competition_count > 0 &&
	    !conf_season_listed(t->competitions, t->competition_count, name))
		conf_complain(&r->conf, at,
		    "table %s: %s is not among its competitions, and cannot "
		    "be compulsory, part equals or have points",
		    text_quote(q, t->name), text_quote(quoted, name));
}

static void
check_asked(struct season_reader *r, const struct conf_node *at,
    const struct season_table *t, const char *name)
{
	check_known(r, at, name, t->name);
	check_counted(r, at, t, name);
}

void
conf_tables_check(struct season_reader *r, const struct conf_node *root)
{
	const struct conf_node *tables = conf_yaml_get(root, "tables");

	for (size_t i = 0; i < r->rules->table_count; i++) {
		const struct season_table *t = &r->rules->tables[i];
		const struct conf_node *at = tables->pairs[i].key;

		for (size_t k = 0; k < t->competition_count; k++)
			check_known(r, at, t->competitions[k], t->name);
		for (size_t k = 0; k < t->award_count; k++) {
			if (t->awards[k].competition[0] != '\0')
				check_asked(r, at, t, t->awards[k].competition);
		}
		for (size_t k = 0; k < t->compulsory_count; k++)
			check_asked(r, at, t, t->compulsory[k]);
		for (size_t k = 0; k < t->tie_count; k++) {
			if (t->ties[k].rule == SEASON_BETTER_IN)
				check_asked(r, at, t, t->ties[k].competition);
		}
	}
}
