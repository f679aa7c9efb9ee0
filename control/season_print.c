#include "control/season_print.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"
#include "common/dump.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/table.h"
#include "race/season/words.h"

static const char *const standings[] = {
	[SEASON_IN] = "in",
	[SEASON_OPEN] = "open",
	[SEASON_OUT] = "out",
};

/* All rows, and what each competition brought. */
struct rows {
	const struct season_sheet *sheet;
	const struct season_table *table;
	struct season_row *list;
	size_t count;
	struct season_held *held;
	size_t held_count;
};

static void
read_rows(struct rows *r, const struct season_sheet *sheet)
{
	struct season *s = sheet->s;

	r->sheet = sheet;
	r->table = &sheet->rules->tables[sheet->table];
	r->count = season_row_count(s, sheet->season, sheet->table);
	r->list = xcalloc(r->count + 1, sizeof *r->list);
	r->count =
	    season_rows(s, sheet->season, sheet->table, 0, r->list, r->count);
	r->held_count = season_competitions(s, sheet->season, NULL, 0);
	r->held = xcalloc(r->held_count + 1, sizeof *r->held);
	(void)season_competitions(s, sheet->season, r->held, r->held_count);
}

static void
free_rows(struct rows *r)
{
	free(r->list);
	free(r->held);
}

char *
season_place(char out[16], const struct season_row *row)
{
	out[0] = '\0';
	if (row->place > 0)
		(void)snprintf(out, 16, "%" PRIu32 "%s", row->place,
		    row->tied ? "=" : "");
	return out;
}

/* Behind the first, if the scores alone tell that: not of who may still have
 * enough competitions beside who has, nor of sums of fewer where less is
 * better. */
static bool
has_gap(const struct rows *r, const struct season_row *row)
{
	const struct season_row *first = &r->list[0];
	bool less = r->table->lowest || r->table->by == SEASON_BY_TIME;

	return row->place > 0 && row->standing == first->standing &&
	    (!less || row->counted == first->counted);
}

static int64_t
gap(const struct rows *r, const struct season_row *row)
{
	int64_t gap = row->score - r->list[0].score;

	return r->table->lowest || r->table->by == SEASON_BY_TIME ? gap : -gap;
}

/* One that brought nothing, as a DNS: no result of it counts. */
static bool
is_nothing(const struct season_account *a, const struct season_score *c)
{
	bool nothing = !c->counts && c->missing == 0;

	for (size_t i = 0; i < c->count; i++)
		nothing = nothing && !a->lines[c->first + i].counts;
	return nothing;
}

/* Scores by competition, in the order of the season: "" for none, "(5)" for
 * one that is dropped.  Each for free(). */
static char **
results_of(const struct rows *r, const struct season_row *row)
{
	const struct season_sheet *sheet = r->sheet;
	char **out = xcalloc(r->held_count + 1, sizeof *out);
	struct season_account a;

	if (season_account(sheet->s, sheet->season, sheet->table, row->subject,
	        &a) == 0) {
		for (size_t i = 0; i < a.score_count; i++) {
			const struct season_score *c = &a.scores[i];
			char score[SEASON_WORDS_MAX];

			if (is_nothing(&a, c))
				continue;
			(void)season_figure(score, r->table, c->score);
			out[c->competition] =
			    xasprintf(c->counts ? "%s" : "(%s)", score);
		}
		free(a.scores);
		free(a.lines);
	}
	for (size_t i = 0; i < r->held_count; i++) {
		if (out[i] == NULL)
			out[i] = xstrdup("");
	}
	return out;
}

static void
free_results(char **results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(results[i]);
	free(results);
}

/* ---- csv ---- */

static void
put_field(FILE *out, const char *text)
{
	size_t len = csv_quote(NULL, 0, text);
	char *quoted = xmalloc(len + 1);

	(void)csv_quote(quoted, len + 1, text);
	fputs(quoted, out);
	free(quoted);
}

static void
csv_row(FILE *out, const struct rows *r, const struct season_row *row)
{
	char **results = results_of(r, row);
	char score[SEASON_WORDS_MAX];
	char behind[SEASON_WORDS_MAX];
	char dropped[SEASON_WORDS_MAX];
	char why[SEASON_WHY_MAX];

	if (row->place > 0)
		fprintf(out, "%" PRIu32, row->place);
	fputc(',', out);
	put_field(out, row->subject);
	fprintf(out, ",%s,%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%s,%s,",
	    season_figure(score, r->table, row->score),
	    has_gap(r, row) ? season_figure(behind, r->table, gap(r, row)) : "",
	    row->wins, row->counted, row->took_part,
	    season_figure(dropped, r->table, row->dropped),
	    standings[row->standing]);
	put_field(out, season_why(why, r->table, row));
	for (size_t i = 0; i < r->held_count; i++)
		fprintf(out, ",%s", results[i]);
	fputc('\n', out);
	free_results(results, r->held_count);
}

static void
print_csv(FILE *out, const struct rows *r)
{
	fputs("place,name,score,gap,wins,counted,competitions,dropped,standing,"
	      "reason",
	    out);
	for (size_t i = 0; i < r->held_count; i++) {
		char *name = xasprintf("result:%s", r->held[i].name);

		fputc(',', out);
		put_field(out, name);
		free(name);
	}
	fputc('\n', out);
	for (size_t i = 0; i < r->count; i++)
		csv_row(out, r, &r->list[i]);
}

/* ---- json ---- */

static json_t *
json_row(const struct rows *r, const struct season_row *row)
{
	json_t *o = json_object();
	json_t *all = json_object();
	char **results = results_of(r, row);
	char text[SEASON_WHY_MAX];

	json_object_set_new(o, "place",
	    row->place > 0 ? json_integer(row->place) : json_null());
	json_object_set_new(o, "tied", json_boolean(row->tied));
	json_object_set_new(o, "name", json_string(row->subject));
	json_object_set_new(o, "score",
	    json_string(season_figure(text, r->table, row->score)));
	json_object_set_new(o, "dropped",
	    json_string(season_figure(text, r->table, row->dropped)));
	json_object_set_new(o, "wins", json_integer(row->wins));
	json_object_set_new(o, "counted", json_integer(row->counted));
	json_object_set_new(o, "competitions", json_integer(row->took_part));
	json_object_set_new(o, "standing",
	    json_string(standings[row->standing]));
	json_object_set_new(o, "reason",
	    json_string(season_why(text, r->table, row)));
	for (size_t i = 0; i < r->held_count; i++) {
		if (results[i][0] != '\0')
			json_object_set_new(all, r->held[i].name,
			    json_string(results[i]));
	}
	json_object_set_new(o, "results", all);
	free_results(results, r->held_count);
	return o;
}

static int
print_json(FILE *out, const struct rows *r)
{
	json_t *o = json_object();
	json_t *all = json_array();
	char state[SEASON_WHY_MAX];

	json_object_set_new(o, "title", json_string(r->sheet->rules->title));
	json_object_set_new(o, "season",
	    json_string(season_label(r->sheet->s, r->sheet->season)));
	json_object_set_new(o, "table", json_string(r->table->name));
	json_object_set_new(o, "state",
	    json_string(season_state(state, r->sheet->s, r->sheet->season)));
	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(all, json_row(r, &r->list[i]));
	json_object_set_new(o, "rows", all);
	return dump_json(out, o, JSON_INDENT(2));
}

/* ---- text ---- */

enum { PLACE, NAME, SCORE, GAP, WINS, HELD, WHY, TEXT_COLUMNS };
enum { LINE = 80, NAME_LEAST = 16, NOTE_AT = 8, WHY_MOST = 40 };

static const struct table_column columns[TEXT_COLUMNS] = {
	[PLACE] = { "", true },
	[NAME] = { "", false },
	[SCORE] = { "points", true },
	[GAP] = { "behind", true },
	[WINS] = { "wins", true },
	[HELD] = { "counted", true },
	[WHY] = { "", false },
};

static char *
held_words(const struct season_row *row)
{
	/* Those it missed count too, in cross-country. */
	if (row->counted >= row->took_part)
		return xasprintf("%" PRIu32, row->took_part);
	return xasprintf("%" PRIu32 " of %" PRIu32, row->counted,
	    row->took_part);
}

static char *
why_words(const struct rows *r, const struct season_row *row)
{
	char why[SEASON_WHY_MAX];

	if (row->standing == SEASON_OUT)
		return xstrdup(r->table->compulsory_count > 0
		        ? "lacks competitions that a place needs"
		        : "too few competitions");
	(void)season_why(why, r->table, row);
	if (why[0] == '\0' && row->standing == SEASON_OPEN)
		return xstrdup("not enough competitions yet");
	return xstrdup(why);
}

static void
text_row(const struct rows *r, const struct season_row *row, char **cells)
{
	char place[16];
	char score[SEASON_WORDS_MAX];
	char behind[SEASON_WORDS_MAX];
	bool first = row->score == r->list[0].score;

	(void)season_place(place, row);
	cells[PLACE] = xasprintf("%s%s", place, row->tied ? "" : " ");
	cells[NAME] = xstrdup(row->subject);
	cells[SCORE] = xstrdup(season_score(score, r->table, row->score));
	cells[GAP] = xstrdup(first || !has_gap(r, row)
	        ? ""
	        : season_score(behind, r->table, gap(r, row)));
	cells[WINS] = xasprintf("%" PRIu32, row->wins);
	cells[HELD] = held_words(row);
	cells[WHY] = why_words(r, row);
}

/* Columns that the cells of one take. */
static size_t
width_of(const struct table_column *head, char *const *cells, size_t count,
    size_t column)
{
	size_t width = text_width(head->head);

	for (size_t i = 0; i < count; i++) {
		size_t w = text_width(cells[i * TEXT_COLUMNS + column]);

		width = w > width ? w : width;
	}
	return width;
}

/* The reasons go below their rows if they do not fit beside them, and names are
 * cut if even that is not enough. */
static bool
fit(const struct table_column *heads, char **cells, size_t count)
{
	size_t why = width_of(&heads[WHY], cells, count, WHY);
	size_t name = width_of(&heads[NAME], cells, count, NAME);
	size_t rest = 0;
	size_t most;

	for (size_t i = 0; i < WHY; i++)
		if (i != NAME)
			rest +=
			    width_of(&heads[i], cells, count, i) + TABLE_GAP;
	if (why <= WHY_MOST && rest + name + TABLE_GAP + why <= LINE)
		return true;
	most = rest < LINE - NAME_LEAST ? LINE - rest : NAME_LEAST;
	for (size_t i = 0; i < count && name > most; i++) {
		char **cell = &cells[i * TEXT_COLUMNS + NAME];
		char fitted[RACE_NAME_MAX + 8];

		(void)text_fit(fitted, sizeof fitted, *cell, most, false);
		free(*cell);
		*cell = xstrdup(fitted);
	}
	return false;
}

static void
note_why(void *arg, FILE *out, size_t row)
{
	const struct rows *r = arg;
	char *why = why_words(r, &r->list[row]);

	if (why[0] != '\0')
		prose_put(out, NOTE_AT, "", NOTE_AT, why);
	free(why);
}

static void
print_text(FILE *out, const struct rows *r, size_t count)
{
	struct table_column heads[TEXT_COLUMNS];
	char **cells = xcalloc(count * TEXT_COLUMNS + 1, sizeof *cells);
	struct rows noted = *r;
	bool fits;

	memcpy(heads, columns, sizeof heads);
	if (r->table->by == SEASON_BY_TIME)
		heads[SCORE].head = "time";
	for (size_t i = 0; i < count; i++)
		text_row(r, &r->list[i], cells + i * TEXT_COLUMNS);
	fits = fit(heads, cells, count);
	for (size_t i = 0; i < count && !fits; i++)
		cells[i * TEXT_COLUMNS + WHY][0] = '\0';
	if (fits)
		table_print(out, heads, TEXT_COLUMNS,
		    (const char *const *)cells, count);
	else
		table_print_noted(out, heads, TEXT_COLUMNS,
		    (const char *const *)cells, count, note_why, &noted);
	for (size_t i = 0; i < count * TEXT_COLUMNS; i++)
		free(cells[i]);
	free(cells);
}

static void
print_heading(FILE *out, const struct rows *r)
{
	char state[SEASON_WHY_MAX];
	char *words;

	words = xasprintf("%s %s, %s: %s", r->sheet->rules->title,
	    season_label(r->sheet->s, r->sheet->season), r->table->name,
	    season_state(state, r->sheet->s, r->sheet->season));
	prose_put(out, 0, "", 0, words);
	fputc('\n', out);
	free(words);
}

void
season_print_top(FILE *out, const struct season_sheet *sheet, size_t rows)
{
	struct rows r;

	read_rows(&r, sheet);
	print_heading(out, &r);
	if (rows > r.count)
		rows = r.count;
	while (rows > 0 && rows < r.count && r.list[rows].place > 0 &&
	    r.list[rows].place == r.list[rows - 1].place)
		rows++;
	if (r.count == 0)
		fputs("  nobody yet\n", out);
	else
		print_text(out, &r, rows);
	if (rows < r.count)
		fprintf(out, "... and %zu more\n", r.count - rows);
	free_rows(&r);
}

int
season_print(FILE *out, enum season_format format,
    const struct season_sheet *sheet)
{
	struct rows r;
	int rc = 0;

	switch (format) {
	case SEASON_TEXT:
		season_print_top(out, sheet, SIZE_MAX);
		break;
	case SEASON_CSV:
		read_rows(&r, sheet);
		print_csv(out, &r);
		free_rows(&r);
		break;
	case SEASON_JSON:
		read_rows(&r, sheet);
		rc = print_json(out, &r);
		free_rows(&r);
		break;
	}
	return rc < 0 || ferror(out) != 0 ? -EIO : 0;
}
