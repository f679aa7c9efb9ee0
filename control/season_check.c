#include "control/season_check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/number.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_doubts.h"
#include "control/shell.h"
#include "race/alike.h"
#include "race/twins.h"

enum { PAGE = 256, TWINS_MAX = 50 };

/* ---- everybody who stands in a table, each once ---- */

struct name {
	const char *text;
	uint64_t results;
};

struct names {
	struct strmap *known;
	struct name *list;
	size_t count;
	size_t cap;
};

static void
add_name(struct names *n, const struct season_row *row)
{
	uint32_t i = strmap_get(n->known, row->subject);

	if (i == STRMAP_NONE) {
		i = (uint32_t)n->count++;
		n->list = xgrow(n->list, &n->cap, i, sizeof *n->list);
		n->list[i].text = strmap_put(n->known, row->subject, i);
		n->list[i].results = 0;
	}
	n->list[i].results += row->results;
}

static void
add_table(struct names *n, struct season *s, size_t season, size_t table)
{
	struct season_row page[PAGE];
	size_t from = 0;
	size_t got;

	while ((got = season_rows(s, season, table, from, page, PAGE)) > 0) {
		for (size_t i = 0; i < got; i++)
			add_name(n, &page[i]);
		from += got;
	}
}

/* ---- names that may be one ---- */

/* The one with less behind it is merged into the other; of equals the first.
 */
static void
suggest_pair(FILE *out, const char *dir, const struct name *a,
    const struct name *b)
{
	bool first = a->results <= b->results;

	fputs("  palmares season ", out);
	shell_word(out, dir);
	fputs(" merge ", out);
	shell_word(out, first ? a->text : b->text);
	fputc(' ', out);
	shell_word(out, first ? b->text : a->text);
	fputc('\n', out);
}

static void
suggest(FILE *out, const char *dir, const struct names *n,
    const struct twins_pair *pairs, size_t count)
{
	if (count == 0)
		return;
	fputs("\nMay be one and the same; if so:\n", out);
	for (size_t i = 0; i < count && i < TWINS_MAX; i++)
		suggest_pair(out, dir, &n->list[pairs[i].a],
		    &n->list[pairs[i].b]);
	if (count > TWINS_MAX)
		fprintf(out, "  ... and %zu more\n", count - TWINS_MAX);
}

static void
find_twins(FILE *out, const char *dir, const struct names *n)
{
	char **keys = xcalloc(n->count + 1, sizeof *keys);
	struct twins_pair *pairs;
	size_t count;

	for (size_t i = 0; i < n->count; i++)
		keys[i] = alike_key(n->list[i].text);
	count = twins_find((const char *const *)keys, n->count, &pairs);
	suggest(out, dir, n, pairs, count);
	free(pairs);
	for (size_t i = 0; i < n->count; i++)
		free(keys[i]);
	free(keys);
}

/* ---- what was understood ---- */

static void
count_results(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	uint64_t *n = arg;

	(void)key;
	(void)r;
	(void)state;
	(*n)++;
}

static void
tell_season(FILE *out, const struct gather *l, size_t i)
{
	struct season *s = l->season;
	size_t count = season_competitions(s, i, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	size_t done = 0;
	char *words;

	(void)season_competitions(s, i, held, count);
	for (size_t k = 0; k < count; k++)
		done += held[k].held;
	words = xasprintf("%s: %zu of %zu competition%s", season_label(s, i),
	    done, count, count == 1 ? "" : "s");
	for (size_t t = 0; t < l->folder.rules->table_count; t++) {
		char *longer = xasprintf("%s%s %zu in %s", words,
		    t == 0 ? ";" : ",", season_row_count(s, i, t),
		    l->folder.rules->tables[t].name);

		free(words);
		words = longer;
	}
	prose_put(out, 2, "", 2, words);
	free(words);
	free(held);
}

void
season_check(FILE *out, const char *dir, const struct gather *l)
{
	struct names names = { .known = strmap_new() };
	size_t seasons = season_count(l->season);
	char text[TEXT_QUOTE_MAX];
	uint64_t results = 0;
	size_t doubts = 0;
	char grouped[32];

	season_results(l->season, count_results, &results);
	fprintf(out, "%s: %s result%s in %zu season%s, %zu alias%s\n",
	    text_quote(text, l->folder.rules->title),
	    number_grouped(grouped, results), results == 1 ? "" : "s", seasons,
	    seasons == 1 ? "" : "s", l->folder.spelling_count,
	    l->folder.spelling_count == 1 ? "" : "es");
	for (size_t i = 0; i < seasons; i++) {
		tell_season(out, l, i);
		for (size_t t = 0; t < l->folder.rules->table_count; t++)
			add_table(&names, l->season, i, t);
	}
	/* Before the first list everything is missing. */
	if (results > 0)
		doubts = season_doubts(out, l);
	find_twins(out, dir, &names);
	if (doubts > 0)
		fprintf(out, "no mistakes, %zu doubt%s\n", doubts,
		    doubts == 1 ? "" : "s");
	else
		fputs("no mistakes\n", out);
	free(names.list);
	strmap_free(names.known);
}
