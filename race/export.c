#include "race/export.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "common/csv.h"
#include "common/dump.h"
#include "common/instant.h"
#include "common/text.h"
#include "race/category.h"
#include "race/cells.h"
#include "race/outlook.h"
#include "race/rules.h"
#include "race/season/amount.h"
#include "race/team.h"

/* The longest text between quotes, each of its bytes a doubled quote. */
enum { FIELD_MAX = 2 * RACE_ROW_MAX + 3 };

/* What a row is written from. */
struct sheet {
	FILE *out;
	const struct race_rules *rules;
	const struct race_ranking *ranking;
	struct board *board;
	const struct roster *roster;
	struct board_line first; /* of the listing; zero if there is none */
};

static const struct race_entry nobody = {
	.bib = "",
	.name = "",
	.sex = "",
	.born = "",
	.category = "",
	.team = "",
	.wave = "",
	.nation = "",
};

int
export_format(const char *word)
{
	if (strcmp(word, "csv") == 0)
		return EXPORT_CSV;
	if (strcmp(word, "json") == 0)
		return EXPORT_JSON;
	if (strcmp(word, "text") == 0)
		return EXPORT_TEXT;
	return -1;
}

static const struct race_entry *
entry_of(const struct sheet *s, const struct board_line *line)
{
	const struct race_entry *e = roster_find(s->roster, line->row.label);

	return e != NULL ? e : &nobody;
}

/* Teams by kilometres or places are behind by those, everybody else by time. */
static bool
is_number(const struct sheet *s)
{
	return cells_by_km(s->ranking) || cells_by_places(s->ranking);
}

/* In thousandths. */
static int64_t
gap_number(const struct sheet *s, const struct board_line *line)
{
	int64_t gap = cells_score(s->ranking, &line->row) -
	    cells_score(s->ranking, &s->first.row);

	return cells_by_km(s->ranking) ? -gap : gap;
}

/* ---- of a season ---- */

enum { FIGURE_MAX = AMOUNT_MAX };

static const char *
standing(enum race_status status)
{
	return status == RACE_FINISHED ? "in"
	    : status == RACE_RUNNING   ? "open"
	                               : "out";
}

static int64_t
score_of(const struct sheet *s, const struct race_row *row)
{
	return cells_by_points(s->ranking) ? row->points : row->elapsed_us;
}

static int64_t
behind_first(const struct sheet *s, const struct race_row *row)
{
	int64_t gap = score_of(s, row) - score_of(s, &s->first.row);

	return cells_less(row) ? gap : -gap;
}

/* Points, or seconds. */
static const char *
figure(char out[FIGURE_MAX], const struct sheet *s, int64_t score)
{
	return cells_by_points(s->ranking) ? amount_print(out, score)
	                                   : instant_seconds(out, score);
}

/* ---- csv ---- */

static void
put_text(FILE *out, const char *text)
{
	char field[FIELD_MAX];

	csv_quote(field, sizeof field, text);
	fputs(field, out);
}

static void
put_seconds(FILE *out, int64_t us)
{
	char text[32];

	if (us >= 0)
		fputs(instant_seconds(text, us), out);
}

static void
put_place(FILE *out, const struct board_line *line)
{
	if (line->place > 0)
		fprintf(out, "%" PRIu32, line->place);
}

/* Of teams, kilometres are added up where they are the score alone. */
static bool
has_km(const struct sheet *s)
{
	return s->ranking->of == RACE_RUNNERS || cells_by_km(s->ranking);
}

/* Files know seven words, as their readers do: who has no read and of whom
 * nobody has said anything is not started. */
static const char *
status_word(enum race_status status)
{
	return rules_status_name(
	    status == RACE_STATUS_NONE ? RACE_DNS : status);
}

/* ",km,status" */
static void
put_km_status(const struct sheet *s, const struct board_line *line)
{
	char km[CELLS_MAX] = "";

	if (has_km(s))
		cells_km(km, line->row.metres);
	fprintf(s->out, ",%s,%s", km, status_word(line->row.status));
}

static void
put_gap(const struct sheet *s, const struct board_line *line)
{
	char text[CELLS_MAX];

	if (line->place == 0)
		return;
	if (is_number(s))
		fputs(cells_km(text, (uint64_t)gap_number(s, line)), s->out);
	else
		put_seconds(s->out, line->gap_us);
}

static void
csv_head(const struct sheet *s)
{
	if (s->ranking->of == RACE_SEASON) {
		fputs("place,name,score,gap,wins,counted,competitions,"
		      "dropped,standing,reason\n",
		    s->out);
		return;
	}
	if (s->ranking->of == RACE_TEAMS) {
		fputs("place,team,score,gap,counted,finishers,km,status\n",
		    s->out);
		return;
	}
	fputs("place,bib,name,sex,category,team,time,gap,km,status", s->out);
	for (size_t i = 0; i < s->rules->point_count; i++) {
		char name[RACE_LABEL_MAX + 16];

		snprintf(name, sizeof name, "split:%s",
		    s->rules->points[i].name);
		fputc(',', s->out);
		put_text(s->out, name);
	}
	fputc('\n', s->out);
}

static void
csv_splits(const struct sheet *s, const struct race_row *row)
{
	for (size_t i = 0; i < s->rules->point_count; i++) {
		fputc(',', s->out);
		if (i < row->split_count)
			put_seconds(s->out, row->splits[i]);
	}
}

static void
csv_runner(const struct sheet *s, const struct board_line *line)
{
	const struct race_entry *e = entry_of(s, line);
	const char *texts[] = { line->row.label, e->name, e->sex,
		category_of(s->rules, e), team_of(s->rules, e) };

	put_place(s->out, line);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		fputc(',', s->out);
		put_text(s->out, texts[i]);
	}
	fputc(',', s->out);
	put_seconds(s->out, line->row.elapsed_us);
	fputc(',', s->out);
	put_gap(s, line);
	put_km_status(s, line);
	csv_splits(s, &line->row);
	fputc('\n', s->out);
}

/* By places, of nobody there is none. */
static void
put_score(const struct sheet *s, const struct race_row *row)
{
	char text[CELLS_MAX];

	if (cells_by_km(s->ranking) || row->counted > 0)
		fputs(cells_km(text, (uint64_t)cells_score(s->ranking, row)),
		    s->out);
}

static void
csv_team(const struct sheet *s, const struct board_line *line)
{
	put_place(s->out, line);
	fputc(',', s->out);
	put_text(s->out, line->row.label);
	fputc(',', s->out);
	if (is_number(s))
		put_score(s, &line->row);
	else
		put_seconds(s->out, line->row.elapsed_us);
	fputc(',', s->out);
	put_gap(s, line);
	fprintf(s->out, ",%" PRIu32 ",%" PRIu32, line->row.counted,
	    line->row.finishers);
	put_km_status(s, line);
	fputc('\n', s->out);
}

static void
csv_subject(const struct sheet *s, const struct board_line *line)
{
	const struct race_row *row = &line->row;
	char score[FIGURE_MAX];
	char dropped[FIGURE_MAX];
	char gap[FIGURE_MAX] = "";

	if (line->place > 0)
		figure(gap, s, behind_first(s, row));
	put_place(s->out, line);
	fputc(',', s->out);
	put_text(s->out, row->label);
	fprintf(s->out, ",%s,%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%s,%s,",
	    figure(score, s, score_of(s, row)), gap, row->wins, row->counted,
	    row->finishers, figure(dropped, s, row->dropped),
	    standing(row->status));
	put_text(s->out, row->why != NULL ? row->why : "");
	fputc('\n', s->out);
}

static int
write_csv(const struct sheet *s)
{
	struct board_line line;

	csv_head(s);
	for (size_t i = 0; board_line(s->board, i, &line) == 0; i++) {
		switch (s->ranking->of) {
		case RACE_RUNNERS:
			csv_runner(s, &line);
			break;
		case RACE_TEAMS:
			csv_team(s, &line);
			break;
		case RACE_SEASON:
			csv_subject(s, &line);
			break;
		}
	}
	return 0;
}

/* ---- json ---- */

/* A count of millionths or thousandths as a JSON number.  15 digits print the
 * decimal that was meant, for all times and distances that there are. */
static json_t *
decimal(int64_t value, int64_t unit)
{
	if (value % unit == 0)
		return json_integer(value / unit);
	return json_real((double)value / (double)unit);
}

static json_t *
seconds(int64_t us)
{
	return us < 0 ? json_null() : decimal(us, INSTANT_SECOND);
}

static json_t *
json_place(const struct board_line *line)
{
	return line->place == 0 ? json_null() : json_integer(line->place);
}

static json_t *
json_gap(const struct sheet *s, const struct board_line *line)
{
	if (line->place == 0)
		return json_null();
	if (is_number(s))
		return decimal(gap_number(s, line), 1000);
	return seconds(line->gap_us);
}

static void
json_km_status(json_t *o, const struct sheet *s, const struct board_line *line)
{
	json_object_set_new(o, "km",
	    has_km(s) ? decimal(line->row.metres, 1000) : json_null());
	json_object_set_new(o, "status",
	    json_string(status_word(line->row.status)));
}

static void
json_provisional(json_t *o, const struct board_line *line)
{
	if (line->provisional)
		json_object_set_new(o, "provisional", json_true());
}

/* How sure the time and the place are; csv has its columns for ever. */
static void
json_clock(json_t *o, const struct board_line *line)
{
	if (line->row.bound_us > 0)
		json_object_set_new(o, "bound", seconds(line->row.bound_us));
	if (line->close)
		json_object_set_new(o, "close", json_true());
	json_provisional(o, line);
}

static json_t *
json_runner(const struct sheet *s, const struct board_line *line)
{
	const struct race_entry *e = entry_of(s, line);
	const struct race_row *row = &line->row;
	json_t *o = json_object();
	json_t *splits = json_object();

	json_object_set_new(o, "place", json_place(line));
	json_object_set_new(o, "bib", json_string(row->label));
	json_object_set_new(o, "name", json_string(e->name));
	json_object_set_new(o, "sex", json_string(e->sex));
	json_object_set_new(o, "category",
	    json_string(category_of(s->rules, e)));
	json_object_set_new(o, "team", json_string(team_of(s->rules, e)));
	json_object_set_new(o, "time", seconds(row->elapsed_us));
	json_object_set_new(o, "gap", json_gap(s, line));
	json_clock(o, line);
	json_km_status(o, s, line);
	for (size_t i = 0; i < s->rules->point_count; i++)
		json_object_set_new(splits, s->rules->points[i].name,
		    i < row->split_count ? seconds(row->splits[i])
		                         : json_null());
	json_object_set_new(o, "splits", splits);
	return o;
}

static json_t *
json_score(const struct sheet *s, const struct race_row *row)
{
	if (!is_number(s))
		return seconds(row->elapsed_us);
	if (cells_by_places(s->ranking) && row->counted == 0)
		return json_null();
	return decimal(cells_score(s->ranking, row), 1000);
}

static json_t *
json_team(const struct sheet *s, const struct board_line *line)
{
	const struct race_row *row = &line->row;
	json_t *o = json_object();

	json_object_set_new(o, "place", json_place(line));
	json_object_set_new(o, "team", json_string(row->label));
	json_object_set_new(o, "score", json_score(s, row));
	json_object_set_new(o, "gap", json_gap(s, line));
	json_object_set_new(o, "counted", json_integer(row->counted));
	json_object_set_new(o, "finishers", json_integer(row->finishers));
	if (s->ranking->women + s->ranking->men > 0) {
		json_object_set_new(o, "women", json_integer(row->women));
		json_object_set_new(o, "men", json_integer(row->men));
	}
	json_provisional(o, line);
	json_km_status(o, s, line);
	return o;
}

static json_t *
json_subject(const struct sheet *s, const struct board_line *line)
{
	const struct race_row *row = &line->row;
	json_t *o = json_object();
	char text[FIGURE_MAX];

	json_object_set_new(o, "place", json_place(line));
	json_object_set_new(o, "tied", json_boolean(line->tied));
	json_object_set_new(o, "name", json_string(row->label));
	json_object_set_new(o, "score",
	    json_string(figure(text, s, score_of(s, row))));
	json_object_set_new(o, "dropped",
	    json_string(figure(text, s, row->dropped)));
	json_object_set_new(o, "wins", json_integer(row->wins));
	json_object_set_new(o, "counted", json_integer(row->counted));
	json_object_set_new(o, "competitions", json_integer(row->finishers));
	json_object_set_new(o, "standing", json_string(standing(row->status)));
	json_object_set_new(o, "reason",
	    json_string(row->why != NULL ? row->why : ""));
	json_provisional(o, line);
	return o;
}

static json_t *
json_row(const struct sheet *s, const struct board_line *line)
{
	switch (s->ranking->of) {
	case RACE_RUNNERS:
		return json_runner(s, line);
	case RACE_TEAMS:
		return json_team(s, line);
	case RACE_SEASON:
		break;
	}
	return json_subject(s, line);
}

static void
json_published(json_t *root, const struct race_outlook *o)
{
	char text[40];

	if (o->published == RACE_UNPUBLISHED)
		return;
	json_object_set_new(root, "published",
	    json_string(outlook_word(o->published)));
	json_object_set_new(root, "since",
	    json_string(instant_format(text, o->since_us)));
}

static int
write_json(const struct sheet *s)
{
	json_t *root = json_object();
	json_t *rows = json_array();
	struct board_line line;

	for (size_t i = 0; board_line(s->board, i, &line) == 0; i++)
		json_array_append_new(rows, json_row(s, &line));
	json_object_set_new(root, "race", json_string(s->rules->title));
	json_object_set_new(root, "ranking", json_string(s->ranking->name));
	json_published(root, board_outlook(s->board));
	json_object_set_new(root, "rows", rows);
	return dump_json(s->out, root,
	    JSON_INDENT(1) | JSON_REAL_PRECISION(15));
}

/* ---- text ---- */

struct column {
	const char *head;
	size_t max; /* wider content is cut */
	bool right;
};

static const struct column runner_columns[] = {
	{ "place", 8, true },
	{ "bib", 12, true },
	{ "name", 32, false },
	{ "sex", 3, false },
	{ "category", 12, false },
	{ "team", 28, false },
	{ "km", 8, true },
	{ "time", 14, true },
	{ "gap", 15, true },
};

static const struct column team_columns[] = {
	{ "place", 8, true },
	{ "team", 40, false },
	{ "score", 16, true },
	{ "gap", 16, true },
	{ "counted", 34, false },
	{ "finishers", 9, true },
};

static const struct column season_columns[] = {
	{ "place", 8, true },
	{ "name", 40, false },
	{ "points", 16, true },
	{ "behind", 16, true },
	{ "wins", 6, true },
	{ "counted", 16, true },
	{ "", 80, false },
};

enum { COLUMNS_MAX = 9 };

/* One row as text; texts point here or into the roster and the board. */
struct cells {
	const char *texts[COLUMNS_MAX];
	char place[CELLS_MAX];
	char km[CELLS_MAX];
	char time[CELLS_MAX];
	char gap[CELLS_MAX];
	char counted[CELLS_MAX];
	char finishers[CELLS_MAX];
	char wins[CELLS_MAX];
};

static void
fill_runner(const struct sheet *s, const struct board_line *line,
    struct cells *c)
{
	const struct race_entry *e = entry_of(s, line);
	const char *texts[] = { c->place, line->row.label, e->name, e->sex,
		category_of(s->rules, e), team_of(s->rules, e), c->km, c->time,
		c->gap };

	cells_km(c->km, line->row.metres);
	memcpy(c->texts, texts, sizeof texts);
}

static void
fill_team(const struct sheet *s, const struct board_line *line, struct cells *c)
{
	const char *texts[] = { c->place, line->row.label, c->time, c->gap,
		c->counted, c->finishers };

	cells_counted(c->counted, s->ranking, line);
	snprintf(c->finishers, sizeof c->finishers, "%" PRIu32,
	    line->row.finishers);
	memcpy(c->texts, texts, sizeof texts);
}

static void
fill_subject(const struct sheet *s, const struct board_line *line,
    struct cells *c)
{
	const char *texts[] = { c->place, line->row.label, c->time, c->gap,
		c->wins, c->counted, cells_why(line) };

	cells_counted(c->counted, s->ranking, line);
	snprintf(c->wins, sizeof c->wins, "%" PRIu32, line->row.wins);
	memcpy(c->texts, texts, sizeof texts);
}

static void
fill_cells(const struct sheet *s, const struct board_line *line,
    struct cells *c)
{
	cells_place(c->place, line);
	cells_time(c->time, s->ranking, line);
	cells_gap(c->gap, s->ranking, line, &s->first);
	switch (s->ranking->of) {
	case RACE_RUNNERS:
		fill_runner(s, line, c);
		break;
	case RACE_TEAMS:
		fill_team(s, line, c);
		break;
	case RACE_SEASON:
		fill_subject(s, line, c);
		break;
	}
}

static void
put_cells(FILE *out, const struct column *columns, size_t count,
    const size_t *widths, const char *const *texts)
{
	/* Blanks are written when something follows: no line ends in them. */
	size_t owed = 0;

	for (size_t i = 0; i < count; i++) {
		char fitted[FIELD_MAX];
		size_t used =
		    text_fit(fitted, sizeof fitted, texts[i], widths[i], false);

		if (columns[i].right)
			owed += widths[i] - used;
		if (used > 0) {
			fprintf(out, "%*s%s", (int)owed, "", fitted);
			owed = 0;
		}
		if (!columns[i].right)
			owed += widths[i] - used;
		owed += 2;
	}
	fputc('\n', out);
}

static size_t
wider(size_t width, const char *text, size_t max)
{
	size_t w = text_width(text);

	if (w > max)
		w = max;
	return w > width ? w : width;
}

static void
put_titles(const struct sheet *s)
{
	char told[OUTLOOK_MAX];

	fprintf(s->out, "%s\n%s\n", s->rules->title, s->ranking->name);
	outlook_told(told, board_outlook(s->board));
	if (told[0] != '\0')
		fprintf(s->out, "%s\n", told);
	fputc('\n', s->out);
}

static const struct column *
columns_of(const struct race_ranking *r, size_t *count)
{
	switch (r->of) {
	case RACE_RUNNERS:
		break;
	case RACE_TEAMS:
		*count = sizeof team_columns / sizeof *team_columns;
		return team_columns;
	case RACE_SEASON:
		*count = sizeof season_columns / sizeof *season_columns;
		return season_columns;
	}
	*count = sizeof runner_columns / sizeof *runner_columns;
	return runner_columns;
}

static const char *
head_of(const struct race_ranking *r, const char *head)
{
	bool time = r->of == RACE_SEASON && !cells_by_points(r);

	return time && strcmp(head, "points") == 0 ? "time" : head;
}

static const char *
provisional_words(const struct sheet *s, const struct board_line *last)
{
	if (s->ranking->of == RACE_SEASON)
		return cells_open;
	return last->doubted ? cells_doubted : cells_provisional;
}

static int
write_text(const struct sheet *s)
{
	size_t count;
	const struct column *columns = columns_of(s->ranking, &count);
	const char *heads[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	struct board_line line;
	struct cells c;
	bool close = false;
	struct board_line last = { .place = 0 };

	for (size_t k = 0; k < count; k++) {
		heads[k] = head_of(s->ranking, columns[k].head);
		widths[k] = text_width(heads[k]);
	}
	for (size_t i = 0; board_line(s->board, i, &line) == 0; i++) {
		fill_cells(s, &line, &c);
		for (size_t k = 0; k < count; k++)
			widths[k] =
			    wider(widths[k], c.texts[k], columns[k].max);
	}
	put_titles(s);
	put_cells(s->out, columns, count, widths, heads);
	for (size_t i = 0; board_line(s->board, i, &line) == 0; i++) {
		fill_cells(s, &line, &c);
		put_cells(s->out, columns, count, widths, c.texts);
		close = close || line.close;
		last = line.place > 0 ? line : last;
	}
	if (close || last.provisional)
		fputc('\n', s->out);
	if (close)
		fprintf(s->out, "%s\n", cells_close);
	if (last.provisional)
		fprintf(s->out, "%s\n", provisional_words(s, &last));
	return 0;
}

int
export_ranking(FILE *out, enum export_format format,
    const struct race_rules *rules, size_t ranking, struct board *board,
    const struct roster *roster)
{
	struct sheet s = {
		.out = out,
		.rules = rules,
		.ranking = &rules->rankings[ranking],
		.board = board,
		.roster = roster,
	};
	int rc = 0;

	(void)board_line(board, 0, &s.first);
	switch (format) {
	case EXPORT_CSV:
		rc = write_csv(&s);
		break;
	case EXPORT_JSON:
		rc = write_json(&s);
		break;
	case EXPORT_TEXT:
		rc = write_text(&s);
		break;
	}
	return rc < 0 ? rc : dump_end(out);
}
