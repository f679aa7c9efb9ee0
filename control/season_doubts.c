#include "control/season_doubts.h"

#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "race/season/key.h"

/* ---- what the lists say ---- */

/* Texts, each once. */
struct words {
	struct strmap *known;
	const char **list; /* the map's */
	size_t count;
	size_t cap;
};

struct seen {
	struct words awards;
	struct words competitions;
	struct words held;   /* competition and season: "Podium\n2014" */
	struct words fed;    /* the same, of races and standings */
	struct words listed; /* the same, of the lists */
	struct words sexes;
	struct words categories;
	struct words teams;
	struct words names;    /* recipients, and halves of pairs */
	struct words of_teams; /* the same with their team: "Anna\nOrange" */
};

static void
add(struct words *w, const char *text)
{
	if (w->known == NULL)
		w->known = strmap_new();
	if (strmap_get(w->known, text) != STRMAP_NONE)
		return;
	w->list = xgrow(w->list, &w->cap, w->count, sizeof *w->list);
	w->list[w->count] = strmap_put(w->known, text, (uint32_t)w->count);
	w->count++;
}

static bool
has(const struct words *w, const char *text)
{
	return w->known != NULL && strmap_get(w->known, text) != STRMAP_NONE;
}

static void
words_close(struct words *w)
{
	strmap_free(w->known);
	free(w->list);
}

static void
add_two(struct words *w, const char *a, const char *b)
{
	char *both = xasprintf("%s\n%s", a, b);

	add(w, both);
	free(both);
}

static bool
has_two(const struct words *w, const char *a, const char *b)
{
	char *both = xasprintf("%s\n%s", a, b);
	bool there = has(w, both);

	free(both);
	return there;
}

static void
add_name(struct seen *x, const char *name, const char *team)
{
	add(&x->names, name);
	add_two(&x->of_teams, name, team);
}

static void
see(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct seen *x = arg;
	const char *slash = strstr(r->recipient, " / ");

	(void)state;
	add(&x->awards, r->award);
	add(&x->competitions, r->competition);
	add_two(&x->held, r->competition, r->season);
	add_two(key < KEY_LEAST ? &x->fed : &x->listed, r->competition,
	    r->season);
	add(&x->sexes, r->sex);
	add(&x->categories, r->category);
	add(&x->teams, r->team);
	add_name(x, r->recipient, r->team);
	if (slash != NULL) {
		char *half = xasprintf("%.*s", (int)(slash - r->recipient),
		    r->recipient);

		add_name(x, half, r->team);
		add_name(x, slash + 3, r->team);
		free(half);
	}
}

/* ---- what is told ---- */

struct telling {
	FILE *out;
	const struct gather *gather;
	const struct season_rules *rules;
	struct seen seen;
	size_t count;
};

/* "table "g": no list has the award "Rcae": did you mean "Race"?" */
static void
doubt(struct telling *t, const char *where, const char *what, const char *text,
    const struct words *among)
{
	const char *near =
	    among != NULL ? nearest(text, among->list, among->count) : NULL;
	char q[TEXT_QUOTE_MAX];
	char near_q[TEXT_QUOTE_MAX];
	char *words = xasprintf("%s: %s %s%s%s%s", where, what,
	    text_quote(q, text), near != NULL ? ": did you mean " : "",
	    near != NULL ? text_quote(near_q, near) : "",
	    near != NULL ? "?" : "");

	prose_put(t->out, 0, "", 2, words);
	free(words);
	t->count++;
}

static void
check_filter(struct telling *t, const char *where, const char *what,
    const char *text, const struct words *among)
{
	if (text[0] != '\0' && !has(among, text))
		doubt(t, where, what, text, among);
}

static void
check_table(struct telling *t, const struct season_table *table)
{
	char q[TEXT_QUOTE_MAX];
	char *where = xasprintf("table %s", text_quote(q, table->name));

	for (size_t i = 0; i < table->award_count; i++)
		check_filter(t, where, "no list has the award",
		    table->awards[i].name, &t->seen.awards);
	check_filter(t, where, "no list has the sex", table->sex,
	    &t->seen.sexes);
	check_filter(t, where, "no list has the category", table->category,
	    &t->seen.categories);
	/* A team can stand under another name there. */
	if (table->team[0] != '\0' && !has(&t->seen.teams, table->team)) {
		bool named = false;

		for (size_t i = 0; i < t->gather->folder.spelling_count; i++)
			named = named ||
			    strcmp(t->gather->folder.spellings[i].subject,
			        table->team) == 0;
		if (!named)
			doubt(t, where, "no list has the team", table->team,
			    &t->seen.teams);
	}
	free(where);
}

/* Results of a competition in a season in which it is not held. */
static void
check_seasons(struct telling *t, const struct season_competition *c)
{
	struct season *s = t->gather->season;
	char q[TEXT_QUOTE_MAX];
	char *where = xasprintf("competition %s", text_quote(q, c->name));

	for (size_t i = 0; i < season_count(s); i++) {
		const char *label = season_label(s, i);

		if (((c->from[0] != '\0' &&
		         text_label_cmp(label, c->from) < 0) ||
		        (c->to[0] != '\0' &&
		            text_label_cmp(label, c->to) > 0)) &&
		    has_two(&t->seen.held, c->name, label))
			doubt(t, where,
			    "has results in a season that it is not held in,",
			    label, NULL);
	}
	free(where);
}

/* Counted twice; of other seasons there can be lists. */
static void
check_fed(struct telling *t)
{
	const struct seen *x = &t->seen;
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < x->fed.count; i++) {
		const char *season = strchr(x->fed.list[i], '\n') + 1;
		char *name;
		char *where;

		if (!has(&x->listed, x->fed.list[i]))
			continue;
		name = xasprintf("%.*s", (int)(season - x->fed.list[i] - 1),
		    x->fed.list[i]);
		where = xasprintf("competition %s", text_quote(q, name));
		doubt(t, where,
		    "has a race or standings, and lines in the lists too, "
		    "which count as well, in",
		    season, NULL);
		free(where);
		free(name);
	}
}

/* A name that the rules do not have and is near to one that they have. */
static void
check_competitions(struct telling *t)
{
	struct words known = { .known = NULL };

	for (size_t i = 0; i < t->rules->competition_count; i++) {
		add(&known, t->rules->competitions[i].name);
		check_seasons(t, &t->rules->competitions[i]);
	}
	for (size_t i = 0; i < t->seen.competitions.count; i++) {
		const char *name = t->seen.competitions.list[i];

		if (!has(&known, name) &&
		    nearest(name, known.list, known.count) != NULL)
			doubt(t, "season.yaml", "has no competition", name,
			    &known);
	}
	words_close(&known);
}

static void
check_aliases(struct telling *t)
{
	const struct season_folder *f = &t->gather->folder;

	for (size_t i = 0; i < f->spelling_count; i++) {
		const struct season_spelling *s = &f->spellings[i];
		bool met = s->team[0] != '\0'
		    ? has_two(&t->seen.of_teams, s->written, s->team)
		    : has(&t->seen.names, s->written) ||
		        has(&t->seen.teams, s->written);
		char *where;

		if (met)
			continue;
		where = xasprintf("aliases.csv:%u", s->line);
		doubt(t, where, "no list has the alias", s->written,
		    &t->seen.names);
		free(where);
	}
}

size_t
season_doubts(FILE *out, const struct gather *g)
{
	struct telling t = { .out = out,
		.gather = g,
		.rules = g->folder.rules };
	struct words *all[] = { &t.seen.awards, &t.seen.competitions,
		&t.seen.held, &t.seen.fed, &t.seen.listed, &t.seen.sexes,
		&t.seen.categories, &t.seen.teams, &t.seen.names,
		&t.seen.of_teams };

	season_results(g->season, see, &t.seen);
	for (size_t i = 0; i < t.rules->table_count; i++)
		check_table(&t, &t.rules->tables[i]);
	check_competitions(&t);
	check_fed(&t);
	check_aliases(&t);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		words_close(all[i]);
	return t.count;
}
