#include "race/season/conf_season.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/amount.h"
#include "race/season/conf_season_parts.h"

enum { FILE_MAX = 1024 * 1024 };

/* ---- lists of names ---- */

bool
conf_season_listed(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void
take_name(struct season_reader *r, const struct conf_node *n, const char *what,
    char **names, size_t *count)
{
	const char *text = conf_text_of(&r->conf, n, what);
	char q[TEXT_QUOTE_MAX];

	if (text == NULL ||
	    !conf_name_ok(&r->conf, n, what, text, RACE_NAME_MAX))
		return;
	if (conf_season_listed(names, *count, text)) {
		conf_complain(&r->conf, n, "%s %s: is in the list already",
		    what, text_quote(q, text));
		return;
	}
	names[(*count)++] = xstrdup(text);
}

/* A list of nothing: what it would mean nobody can say. */
bool
conf_season_empty(struct season_reader *r, const struct conf_node *n,
    const char *key)
{
	if (n->kind != CONF_LIST || n->count > 0)
		return false;
	conf_complain(&r->conf, n,
	    "%s: the list is empty: name some, or leave it out", key);
	return true;
}

/* One name, or a list of them. */
void
conf_season_names(struct season_reader *r, const struct conf_node *table,
    const char *key, char ***out, size_t *count)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	char **names;

	if (n == NULL || n->kind == CONF_BROKEN || conf_season_empty(r, n, key))
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
read_seasons(struct season_reader *r, const struct conf_node *table,
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
read_weight(struct season_reader *r, const struct conf_node *table,
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
read_feed(struct season_reader *r, const struct conf_node *key,
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
	conf_season_names(r, table, "rankings", &feed.rankings,
	    &feed.ranking_count);
	feed.standings =
	    conf_read_name(&r->conf, table, "standings", RACE_MORE_MAX);
	feed.table = conf_read_name(&r->conf, table, "table", RACE_LABEL_MAX);
	f->feeds = xreallocarray(f->feeds, f->feed_count + 1, sizeof *f->feeds);
	f->feeds[f->feed_count++] = feed;
}

static void
read_competition(struct season_reader *r, const struct conf_node *key,
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
read_competitions(struct season_reader *r, const struct conf_node *root)
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

/* ---- the file ---- */

static void
read_root(struct season_reader *r, const struct conf_node *root)
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
	conf_tables_read(r, root);
	conf_tables_check(r, root);
}

static void
read_text(struct season_folder *f, const char *text, size_t len,
    struct conf_report *report)
{
	struct season_reader r = { .conf = { .file = CONF_SEASON_FILE,
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
conf_season_read(struct season_folder *f, const struct season_source *from,
    struct conf_report *report)
{
	struct err err;
	char *text;
	size_t len;
	int rc = season_source_read(from, CONF_SEASON_FILE, FILE_MAX, &text,
	    &len, &err);

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
