#include "control/season_story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_leads.h"
#include "control/table.h"
#include "race/season/history.h"
#include "race/season/words.h"

enum { BEST = 10, NAMES_MAX = 12, INDENT = 2, LEADER_COLUMNS = 24 };

static const struct season_table *
table_of(const struct season_sheet *sheet)
{
	return &sheet->rules->tables[sheet->table];
}

static void
print_cells(FILE *out, const struct table_column *columns, size_t count,
    char **cells, size_t rows)
{
	table_print(out, columns, count, (const char *const *)cells, rows);
	for (size_t i = 0; i < count * rows; i++)
		free(cells[i]);
}

/* ---- years ---- */

enum { YEAR, LEADER, POINTS, COMPETITIONS, SUBJECTS, NEW, YEAR_COLUMNS };

/* As much as there is room for in 80 columns; it is told whole below. */
static char *
leader_words(const struct history_year *y)
{
	char more[32] = "";
	char name[RACE_NAME_MAX + 8];

	if (y->leaders > 1)
		(void)snprintf(more, sizeof more, " and %" PRIu32 " more",
		    y->leaders - 1);
	(void)text_fit(name, sizeof name, y->leader,
	    LEADER_COLUMNS - strlen(more), false);
	return xasprintf("%s%s", name, more);
}

static void
year_row(const struct season_sheet *sheet, const struct history_year *y,
    char **cells)
{
	char score[SEASON_WORDS_MAX];

	cells[YEAR] = xasprintf("%s%s", season_label(sheet->s, y->season),
	    y->provisional ? "?" : "");
	cells[LEADER] = leader_words(y);
	cells[POINTS] = xstrdup(y->leaders > 0
	        ? season_score(score, table_of(sheet), y->score)
	        : "");
	cells[COMPETITIONS] = y->held < y->planned
	    ? xasprintf("%" PRIu32 " of %" PRIu32, y->held, y->planned)
	    : xasprintf("%" PRIu32, y->held);
	cells[SUBJECTS] = xasprintf("%" PRIu32, y->subjects);
	cells[NEW] = xasprintf("%" PRIu32, y->newcomers);
}

static void
print_years(FILE *out, const struct season_sheet *sheet,
    const struct history_year *years, size_t count)
{
	static const struct table_column columns[YEAR_COLUMNS] = {
		[YEAR] = { "season", false },
		[LEADER] = { "first", false },
		[POINTS] = { "score", true },
		[COMPETITIONS] = { "competitions", true },
		[SUBJECTS] = { "in the table", true },
		[NEW] = { "new", true },
	};
	char **cells = xcalloc(count * YEAR_COLUMNS + 1, sizeof *cells);
	bool doubt = false;

	for (size_t i = 0; i < count; i++) {
		year_row(sheet, &years[i], cells + i * YEAR_COLUMNS);
		doubt = doubt || years[i].provisional;
	}
	print_cells(out, columns, YEAR_COLUMNS, cells, count);
	if (doubt)
		fputs("? some competitions are still to come\n", out);
	free(cells);
}

static struct season_lead
lead_of(const struct season_sheet *sheet, const struct history_year *y,
    const char ***names)
{
	struct season_row *rows = xcalloc(y->leaders + 1, sizeof *rows);
	size_t count =
	    season_rows(sheet->s, y->season, sheet->table, 0, rows, y->leaders);

	*names = xcalloc(count + 1, sizeof **names);
	for (size_t i = 0; i < count; i++)
		(*names)[i] = rows[i].subject;
	free(rows);
	return (struct season_lead){ *names, count };
}

/* The column behind the labels of seasons. */
static size_t
label_end(const struct season_sheet *sheet, const struct history_year *years,
    size_t count)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++) {
		size_t width =
		    text_width(season_label(sheet->s, years[i].season)) +
		    years[i].provisional;

		most = width > most ? width : most;
	}
	return INDENT + most + 2;
}

static void
print_lead(FILE *out, size_t from, const char *label, struct season_lead before,
    struct season_lead now, const char *second)
{
	bool kept = season_lead_equal(before, now);
	char *words = season_lead_words(before, now, "it");
	char *line = xasprintf("%s%s%s", words,
	    before.count > 0 && !kept && second[0] != '\0' ? "; second " : "",
	    before.count > 0 && !kept ? second : "");

	prose_put(out, INDENT, label, from, line);
	free(line);
	free(words);
}

static void
print_leads(FILE *out, const struct season_sheet *sheet,
    const struct history_year *years, size_t count)
{
	struct season_lead last = { .count = 0 };
	const char **last_names = NULL;
	size_t from = label_end(sheet, years, count);

	fputs("\nThe first place\n", out);
	for (size_t i = 0; i < count; i++) {
		const struct history_year *y = &years[i];
		const char **names;
		struct season_lead now = lead_of(sheet, y, &names);
		char *label =
		    xasprintf("%s%s", season_label(sheet->s, y->season),
		        y->provisional ? "?" : "");

		if (now.count > 0) {
			print_lead(out, from, label, last, now, y->second);
			last = now;
		}
		free(now.count > 0 ? last_names : names);
		if (now.count > 0)
			last_names = names;
		free(label);
	}
	free(last_names);
}

/* ---- records ---- */

enum { WHO, TITLES, WINS, RESULTS, SEASONS, RECORD_COLUMNS };

static void
print_records(FILE *out, const struct season_sheet *sheet, size_t last)
{
	static const struct table_column columns[RECORD_COLUMNS] = {
		[WHO] = { "", false },
		[TITLES] = { "titles", true },
		[WINS] = { "wins", true },
		[RESULTS] = { "prizes", true },
		[SEASONS] = { "seasons", true },
	};
	struct history_record *records;
	size_t all = history_records(sheet->s, sheet->table, last, &records);
	size_t count = all < BEST ? all : BEST;
	char **cells = xcalloc(count * RECORD_COLUMNS + 1, sizeof *cells);

	if (last > 0)
		fprintf(out, "\nOver the last %zu seasons: %zu altogether\n",
		    last, all);
	else
		fprintf(out, "\nOver all seasons: %zu altogether\n", all);
	for (size_t i = 0; i < count; i++) {
		char **c = cells + i * RECORD_COLUMNS;

		c[WHO] = xstrdup(records[i].subject);
		c[TITLES] = xasprintf("%" PRIu32, records[i].titles);
		c[WINS] = xasprintf("%" PRIu32, records[i].wins);
		c[RESULTS] = xasprintf("%" PRIu32, records[i].results);
		c[SEASONS] = xasprintf("%" PRIu32, records[i].seasons);
	}
	print_cells(out, columns, RECORD_COLUMNS, cells, count);
	if (count < all)
		fprintf(out, "... and %zu more\n", all - count);
	free(cells);
	free(records);
}

static void
print_most(FILE *out, const struct season_sheet *sheet, size_t from)
{
	struct history_most *most;
	size_t count = history_most(sheet->s, sheet->table, &most);

	if (count > 0)
		fprintf(out, "\nMost wins in one season: %" PRIu32 "\n",
		    most[0].wins);
	for (size_t i = 0; i < count && i < BEST; i++)
		prose_put(out, INDENT, season_label(sheet->s, most[i].season),
		    from, most[i].subject);
	if (count > BEST)
		fprintf(out, "... and %zu more\n", count - BEST);
	free(most);
}

static void
print_newcomers(FILE *out, const struct season_sheet *sheet)
{
	const char **names;
	size_t count =
	    history_newcomers(sheet->s, sheet->season, sheet->table, &names);
	char *words = xstrdup("");

	for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
		char *longer =
		    xasprintf("%s%s%s", words, i > 0 ? ", " : "", names[i]);

		free(words);
		words = longer;
	}
	fprintf(out, "\nNew in %s: %zu\n",
	    season_label(sheet->s, sheet->season), count);
	if (count > 0)
		prose_put(out, INDENT, "", INDENT, words);
	if (count > NAMES_MAX)
		fprintf(out, "  ... and %zu more\n", count - NAMES_MAX);
	free(words);
	free(names);
}

void
season_story(FILE *out, const struct season_sheet *sheet, size_t last)
{
	struct history_year *years;
	size_t count = history_years(sheet->s, sheet->table, &years);
	char *words;

	words = xasprintf("%s, %s", sheet->rules->title, table_of(sheet)->name);
	prose_put(out, 0, "", 0, words);
	fputc('\n', out);
	free(words);
	print_years(out, sheet, years, count);
	print_leads(out, sheet, years, count);
	print_most(out, sheet, label_end(sheet, years, count));
	print_records(out, sheet, 0);
	if (last > 0 && last < season_count(sheet->s))
		print_records(out, sheet, last);
	if (sheet->season > 0)
		print_newcomers(out, sheet);
	free(years);
}

/* ---- a year beside another ---- */

enum {
	BOTH_WHO,
	BOTH_PLACE,
	BOTH_SCORE,
	OTHER_PLACE,
	OTHER_SCORE,
	BOTH_COLUMNS
};

static void
beside_row(const struct season_sheet *sheet, size_t other,
    const struct season_row *row, char **cells)
{
	struct season_row then;
	char place[16];
	char score[SEASON_WORDS_MAX];
	int64_t line = season_line(sheet->s, other, sheet->table, row->subject);

	cells[BOTH_WHO] = xstrdup(row->subject);
	cells[BOTH_PLACE] = xstrdup(season_place(place, row));
	cells[BOTH_SCORE] =
	    xstrdup(season_score(score, table_of(sheet), row->score));
	if (line < 0 ||
	    season_rows(sheet->s, other, sheet->table, (size_t)line, &then,
	        1) == 0) {
		cells[OTHER_PLACE] = xstrdup("-");
		cells[OTHER_SCORE] = xstrdup("");
		return;
	}
	cells[OTHER_PLACE] = xstrdup(season_place(place, &then));
	cells[OTHER_SCORE] =
	    xstrdup(season_score(score, table_of(sheet), then.score));
}

void
season_beside(FILE *out, const struct season_sheet *sheet, size_t other)
{
	struct table_column columns[BOTH_COLUMNS] = {
		[BOTH_WHO] = { "", false },
		[BOTH_PLACE] = { season_label(sheet->s, sheet->season), true },
		[BOTH_SCORE] = { "score", true },
		[OTHER_PLACE] = { season_label(sheet->s, other), true },
		[OTHER_SCORE] = { "score", true },
	};
	size_t count = season_row_count(sheet->s, sheet->season, sheet->table);
	struct season_row *rows = xcalloc(count + 1, sizeof *rows);
	char **cells = xcalloc(count * BOTH_COLUMNS + 1, sizeof *cells);
	size_t gone = 0;
	size_t before = season_row_count(sheet->s, other, sheet->table);

	count =
	    season_rows(sheet->s, sheet->season, sheet->table, 0, rows, count);
	for (size_t i = 0; i < count; i++) {
		beside_row(sheet, other, &rows[i], cells + i * BOTH_COLUMNS);
		gone += season_line(sheet->s, other, sheet->table,
		            rows[i].subject) >= 0;
	}
	print_cells(out, columns, BOTH_COLUMNS, cells, count);
	fprintf(out, "%zu of the %zu of %s are not in %s\n", before - gone,
	    before, season_label(sheet->s, other),
	    season_label(sheet->s, sheet->season));
	free(cells);
	free(rows);
}
