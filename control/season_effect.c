#include "control/season_effect.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/season_print.h"
#include "race/season/words.h"

enum { PAGE = 256 };

/* A row, as far as people are told of it. */
struct place {
	const char *subject; /* the map's */
	struct season_row row;
	bool met; /* there is such a row now */
};

/* A table of a season. */
struct sheet {
	char *season;
	size_t table;
	struct strmap *subjects;
	struct place *places;
	size_t count;
};

struct season_effect {
	const struct season_rules *rules;
	struct sheet *sheets;
	size_t count;
};

struct telling {
	FILE *out;
	const struct season_table *table;
	const char *season;
	size_t max;
	int indent;
	bool moved; /* those who are only moved by others */
	size_t told;
};

/* ---- before ---- */

static void
fill(struct sheet *sheet, struct season *s, size_t season)
{
	size_t rows = season_row_count(s, season, sheet->table);
	struct season_row *list = xcalloc(rows + 1, sizeof *list);

	rows = season_rows(s, season, sheet->table, 0, list, rows);
	sheet->subjects = strmap_new();
	sheet->places = xcalloc(rows + 1, sizeof *sheet->places);
	for (size_t i = 0; i < rows; i++)
		sheet->places[i] = (struct place){
			.subject = strmap_put(sheet->subjects, list[i].subject,
			    (uint32_t)i),
			.row = list[i],
		};
	sheet->count = rows;
	free(list);
}

struct season_effect *
season_effect_begin(struct season *s, const struct season_rules *rules)
{
	struct season_effect *e = xcalloc(1, sizeof *e);
	size_t seasons = season_count(s);

	e->rules = rules;
	e->sheets =
	    xcalloc(seasons * rules->table_count + 1, sizeof *e->sheets);
	for (size_t i = 0; i < seasons; i++)
		for (size_t t = 0; t < rules->table_count; t++) {
			struct sheet *sheet = &e->sheets[e->count++];

			sheet->season = xstrdup(season_label(s, i));
			sheet->table = t;
			fill(sheet, s, i);
		}
	return e;
}

static void
effect_free(struct season_effect *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->sheets[i].season);
		free(e->sheets[i].places);
		strmap_free(e->sheets[i].subjects);
	}
	free(e->sheets);
	free(e);
}

/* ---- after ---- */

static char *
place_of(char out[16], const struct season_row *row)
{
	if (row->place > 0)
		return season_place(out, row);
	(void)snprintf(out, 16, "no place");
	return out;
}

static const char *
unit_of(const struct season_table *t, int64_t score)
{
	if (t->by == SEASON_BY_TIME)
		return "";
	return score == SEASON_UNIT ? " point" : " points";
}

static bool
begin_line(struct telling *t, const char *subject)
{
	char q[3 * RACE_NAME_MAX + 8];

	if (++t->told > t->max)
		return false;
	(void)text_fit(q, sizeof q, subject, SIZE_MAX, false);
	fprintf(t->out, "%*s%s %s: %s ", t->indent, "", t->season,
	    t->table->name, q);
	return true;
}

static void
tell_alone(struct telling *t, const char *subject, const struct season_row *row,
    bool comes)
{
	char score[SEASON_WORDS_MAX];
	char place[16];

	if (t->moved || !begin_line(t, subject))
		return;
	fprintf(t->out, "%s %s", comes ? "new ->" : "gone, was",
	    place_of(place, row));
	if (row->score != SEASON_NO_VALUE)
		fprintf(t->out, ", %s%s",
		    season_score(score, t->table, row->score),
		    unit_of(t->table, row->score));
	fputc('\n', t->out);
}

static void
tell_score(struct telling *t, int64_t was, int64_t now)
{
	char old[SEASON_WORDS_MAX] = "none";
	char new[SEASON_WORDS_MAX] = "none";

	if (was != SEASON_NO_VALUE)
		(void)season_score(old, t->table, was);
	if (now != SEASON_NO_VALUE)
		(void)season_score(new, t->table, now);
	if (was != now)
		fprintf(t->out, ", %s -> %s%s", old, new,
		    unit_of(t->table, now));
	else if (now != SEASON_NO_VALUE)
		fprintf(t->out, ", %s%s", new, unit_of(t->table, now));
}

static void
tell_change(struct telling *t, const struct season_row *was,
    const struct season_row *now)
{
	char old[16];
	char new[16];

	(void)place_of(old, was);
	(void)place_of(new, now);
	if (t->moved != (was->score == now->score) ||
	    (t->moved && strcmp(old, new) == 0))
		return;
	if (!begin_line(t, now->subject))
		return;
	if (strcmp(old, new) == 0)
		fputs(new, t->out);
	else
		fprintf(t->out, "%s -> %s", old, new);
	tell_score(t, was->score, now->score);
	fputc('\n', t->out);
}

static struct sheet *
find_sheet(const struct season_effect *e, const char *season, size_t table)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->sheets[i].table == table &&
		    strcmp(e->sheets[i].season, season) == 0)
			return &e->sheets[i];
	return NULL;
}

/* was NULL: the season had no results. */
static void
tell_rows(struct telling *t, struct sheet *was, struct season *s, size_t season,
    size_t table)
{
	struct season_row page[PAGE];
	size_t from = 0;
	size_t got;

	while ((got = season_rows(s, season, table, from, page, PAGE)) > 0) {
		for (size_t i = 0; i < got; i++) {
			uint32_t at = was == NULL
			    ? STRMAP_NONE
			    : strmap_get(was->subjects, page[i].subject);

			if (at == STRMAP_NONE) {
				tell_alone(t, page[i].subject, &page[i], true);
				continue;
			}
			was->places[at].met = true;
			tell_change(t, &was->places[at].row, &page[i]);
		}
		from += got;
	}
}

static void
tell_gone(struct telling *t, const struct sheet *was)
{
	for (size_t i = 0; was != NULL && i < was->count; i++)
		if (!was->places[i].met)
			tell_alone(t, was->places[i].subject,
			    &was->places[i].row, false);
}

/* Seasons that have no results any more. */
static void
tell_seasons_gone(struct telling *t, const struct season_effect *e,
    struct season *s)
{
	for (size_t i = 0; i < e->count; i++) {
		if (season_find(s, e->sheets[i].season) >= 0)
			continue;
		t->season = e->sheets[i].season;
		t->table = &e->rules->tables[e->sheets[i].table];
		tell_gone(t, &e->sheets[i]);
	}
}

static void
tell_tables(struct telling *t, const struct season_effect *e, struct season *s)
{
	for (size_t i = 0; i < season_count(s); i++)
		for (size_t k = 0; k < e->rules->table_count; k++) {
			struct sheet *was;

			t->season = season_label(s, i);
			t->table = &e->rules->tables[k];
			was = find_sheet(e, t->season, k);
			tell_rows(t, was, s, i, k);
			tell_gone(t, was);
		}
}

size_t
season_effect_end(FILE *out, struct season_effect *e, struct season *s,
    size_t lines, int indent)
{
	struct telling t = { .out = out, .max = lines, .indent = indent };

	if (out == NULL) {
		effect_free(e);
		return 0;
	}
	tell_tables(&t, e, s);
	tell_seasons_gone(&t, e, s);
	t.moved = true;
	tell_tables(&t, e, s);
	if (t.told > t.max)
		fprintf(out, "%*sand %zu more\n", indent, "", t.told - t.max);
	effect_free(e);
	return t.told;
}
