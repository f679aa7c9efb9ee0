/* race.yaml: categories and aliases. */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_read.h"
#include "race/team.h"

/* ---- categories ---- */

static bool
same_ages(const struct race_category *a, const struct race_category *b)
{
	return a->from <= b->to && b->from <= a->to;
}

/* Nobody is in two; one of a sex may stand before one of all. */
static void
check_overlap(struct conf_reader *r, const struct conf_node *key, size_t i)
{
	const struct race_category *c = r->rules->categories;
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	for (size_t k = 0; k < i; k++) {
		bool all = c[k].sex[0] == '\0';

		if (!same_ages(&c[k], &c[i]) ||
		    (!all && strcmp(c[k].sex, c[i].sex) != 0))
			continue;
		conf_complain(r, key,
		    "category %s: the ages overlap with those of %s, which "
		    "comes first: %s",
		    text_quote(a, c[i].name), text_quote(b, c[k].name),
		    all && c[i].sex[0] != '\0'
		        ? "let the one with a sex come first"
		        : "give each age to one of the two");
	}
}

static void
read_category(struct conf_reader *r, const struct conf_node *key,
    const struct conf_node *table, struct race_category *c)
{
	static const char *const keys[] = { "sex", "ages", NULL };
	char q[TEXT_QUOTE_MAX];

	conf_check_keys(r, table, keys);
	free(c->sex);
	c->sex = conf_read_sex(r, table);
	if (conf_yaml_get(table, "ages") == NULL)
		conf_complain(r, key,
		    "category %s has no ages: write ages: 23-34",
		    text_quote(q, key->text));
	(void)conf_read_range(r, table, "ages", RACE_AGE_MAX, RACE_AGE_MAX,
	    &c->from, &c->to);
}

void
conf_read_categories(struct conf_reader *r, const struct conf_node *root)
{
	static const char example[] = "SE: { ages: 23-34 }";
	const struct conf_node *all =
	    conf_table_of(r, root, "categories", example);
	size_t n;

	if (all == NULL)
		return;
	n = conf_bounded(r, all, "categories", RACE_CATEGORIES_MAX);
	r->rules->categories = xcalloc(n + 1, sizeof *r->rules->categories);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct race_category *c =
		    &r->rules->categories[r->rules->category_count++];
		size_t errors = r->report->errors;
		const struct conf_node *table;

		c->name = xstrdup(key->text);
		c->sex = xstrdup("");
		(void)conf_name_ok(r, key, "category", key->text,
		    RACE_LABEL_MAX);
		table = conf_member_table(r, all->pairs[i].value, example);
		if (table != NULL)
			read_category(r, key, table, c);
		if (r->report->errors == errors)
			check_overlap(r, key, i);
	}
}

/* ---- aliases ---- */

/* A spelling with where it stands, until they are sorted. */
struct spelling {
	const struct conf_node *node;
	const char *team;
};

struct spellings {
	struct spelling *list;
	size_t count;
	size_t cap;
};

static void
add_spelling(struct conf_reader *r, struct spellings *s,
    const struct conf_node *n, const char *team)
{
	const char *text = conf_text_of(r, n, "a spelling");
	char q[TEXT_QUOTE_MAX];

	if (text == NULL ||
	    !conf_name_ok(r, n, "spelling", text, RACE_NAME_MAX))
		return;
	if (strcmp(text, team) == 0) {
		conf_complain(r, n,
		    "spelling %s: is the team itself: leave it out",
		    text_quote(q, text));
		return;
	}
	s->list = xgrow(s->list, &s->cap, s->count, sizeof *s->list);
	s->list[s->count++] = (struct spelling){ n, team };
}

/* One spelling, or a list. */
static void
add_team(struct conf_reader *r, struct spellings *s,
    const struct conf_pair *pair)
{
	const struct conf_node *value = pair->value;
	const char *team = pair->key->text;

	if (!conf_name_ok(r, pair->key, "team", team, RACE_NAME_MAX))
		return;
	if (value->kind == CONF_TABLE) {
		conf_complain(r, value,
		    "has to be a list of spellings, as in [NESPRESSO, "
		    "Nespresso SA]");
		return;
	}
	if (value->kind != CONF_LIST) {
		add_spelling(r, s, value, team);
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		add_spelling(r, s, value->pairs[i].value, team);
}

/* Equal ones in the order of the file. */
static int
compare(const void *a, const void *b)
{
	const struct spelling *x = a;
	const struct spelling *y = b;
	int c = strcmp(x->node->text, y->node->text);

	if (c != 0)
		return c;
	if (x->node->line != y->node->line)
		return x->node->line < y->node->line ? -1 : 1;
	return x->node->column < y->node->column ? -1 : 1;
}

static void
keep_aliases(struct conf_reader *r, const struct spellings *s)
{
	struct race_rules *rules = r->rules;
	char q[TEXT_QUOTE_MAX];
	char t[TEXT_QUOTE_MAX];

	rules->aliases = xcalloc(s->count + 1, sizeof *rules->aliases);
	for (size_t i = 0; i < s->count; i++) {
		const struct spelling *p = &s->list[i];

		if (i > 0 && strcmp(p[-1].node->text, p->node->text) == 0) {
			conf_complain(r, p->node,
			    "spelling %s: is on line %u already, of %s: leave "
			    "one out",
			    text_quote(q, p->node->text), p[-1].node->line,
			    text_quote(t, p[-1].team));
			continue;
		}
		rules->aliases[rules->alias_count++] = (struct race_alias){
			.spelling = xstrdup(p->node->text),
			.team = xstrdup(p->team),
		};
	}
}

/* A spelling of a spelling: which team is it? */
static void
check_chains(struct conf_reader *r, const struct conf_node *all)
{
	char q[TEXT_QUOTE_MAX];
	char t[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < all->count; i++) {
		const struct conf_node *key = all->pairs[i].key;
		const char *team = team_name(r->rules, key->text);

		if (team != key->text)
			conf_complain(r, key,
			    "team %s: is a spelling of %s: put its spellings "
			    "there",
			    text_quote(q, key->text), text_quote(t, team));
	}
}

void
conf_read_aliases(struct conf_reader *r, const struct conf_node *root)
{
	const struct conf_node *all = conf_table_of(r, root, "aliases",
	    "Nespresso: [NESPRESSO, Nespresso SA]");
	struct spellings s = { 0 };

	if (all == NULL)
		return;
	for (size_t i = 0; i < all->count; i++)
		add_team(r, &s, &all->pairs[i]);
	if (s.count > RACE_ALIASES_MAX) {
		conf_complain(r, s.list[RACE_ALIASES_MAX].node,
		    "more than %d spellings", RACE_ALIASES_MAX);
		s.count = RACE_ALIASES_MAX;
	}
	if (s.count > 0)
		qsort(s.list, s.count, sizeof *s.list, compare);
	keep_aliases(r, &s);
	check_chains(r, all);
	free(s.list);
}
