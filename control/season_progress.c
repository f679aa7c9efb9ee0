/* A season after each of its competitions: as a table, and as a picture. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_leads.h"
#include "control/season_story.h"
#include "control/table.h"
#include "race/season/history.h"
#include "race/season/words.h"

/* ---- the table ---- */

enum { LINE = 80, NAME_MOST = 24 };

static char *
step_words(const struct season_table *t, const struct history_step *step)
{
	char score[SEASON_WORDS_MAX];

	if (step->place == 0)
		return xstrdup("");
	return xasprintf("%" PRIu32 ". %s", step->place,
	    season_score(score, t, step->score));
}

/* The heading of a competition, then its rows. */
static char **
step_cells(const struct season_table *t, const struct history_progress *p,
    size_t step)
{
	char **cells = xcalloc(p->rows + 1, sizeof *cells);

	cells[0] = xasprintf("after %zu", step + 1);
	for (size_t i = 0; i < p->rows; i++)
		cells[i + 1] = step_words(t, &p->steps[i * p->held + step]);
	return cells;
}

static void
free_cells(char **cells, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(cells[i]);
	free(cells);
}

static size_t
width_of(char *const *cells, size_t count)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++) {
		size_t w = text_width(cells[i]);

		width = w > width ? w : width;
	}
	return width;
}

static char **
name_cells(const struct history_progress *p)
{
	char **names = xcalloc(p->rows + 1, sizeof *names);

	names[0] = xstrdup("");
	for (size_t i = 0; i < p->rows; i++) {
		char fitted[RACE_NAME_MAX + 8];

		(void)text_fit(fitted, sizeof fitted, p->subjects[i], NAME_MOST,
		    false);
		names[i + 1] = xstrdup(fitted);
	}
	return names;
}

/* Columns [from, to) beside the names. */
static void
print_block(FILE *out, const struct history_progress *p, char *const *names,
    char **const *steps, size_t from, size_t to)
{
	size_t columns = to - from + 1;
	struct table_column *heads = xcalloc(columns, sizeof *heads);
	const char **cells = xcalloc(p->rows * columns + 1, sizeof *cells);

	heads[0] = (struct table_column){ "", false };
	for (size_t k = 1; k < columns; k++)
		heads[k] =
		    (struct table_column){ steps[from + k - 1][0], true };
	for (size_t i = 0; i < p->rows; i++) {
		cells[i * columns] = names[i + 1];
		for (size_t k = 1; k < columns; k++)
			cells[i * columns + k] = steps[from + k - 1][i + 1];
	}
	table_print(out, heads, columns, cells, p->rows);
	free(cells);
	free(heads);
}

/* As many competitions beside each other as there is room for, the others
 * below. */
static void
print_steps(FILE *out, const struct season_sheet *sheet,
    const struct history_progress *p)
{
	const struct season_table *t = &sheet->rules->tables[sheet->table];
	char **names = name_cells(p);
	char ***steps = xcalloc(p->held + 1, sizeof *steps);
	size_t name = width_of(names, p->rows + 1);

	for (size_t k = 0; k < p->held; k++)
		steps[k] = step_cells(t, p, k);
	for (size_t from = 0; from < p->held;) {
		size_t width = name;
		size_t to = from;

		for (; to < p->held; to++) {
			width += TABLE_GAP + width_of(steps[to], p->rows + 1);
			if (width > LINE && to > from)
				break;
		}
		if (from > 0)
			fputc('\n', out);
		print_block(out, p, names, steps, from, to);
		from = to;
	}
	for (size_t k = 0; k < p->held; k++)
		free_cells(steps[k], p->rows + 1);
	free(steps);
	free_cells(names, p->rows + 1);
}

static char *
leads_words(struct season_lead lead)
{
	char *names = season_lead_names(lead);
	char *words = xasprintf("%s lead%s", names, lead.count == 1 ? "s" : "");

	free(names);
	return words;
}

/* When who leads has changed. */
static void
print_leaders(FILE *out, const struct season_sheet *sheet,
    const struct history_progress *p)
{
	size_t count = season_competitions(sheet->s, sheet->season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	struct season_lead last = { .count = 0 };
	size_t step = 0;

	(void)season_competitions(sheet->s, sheet->season, held, count);
	for (size_t c = 0; c < count && step < p->held; c++) {
		const struct history_lead *lead = &p->leads[step];
		struct season_lead now = { (const char *const *)lead->names,
			lead->count };
		char *words;
		char *line;

		if (!held[c].held)
			continue;
		step++;
		if (now.count == 0 || season_lead_equal(last, now))
			continue;
		words = last.count == 0
		    ? leads_words(now)
		    : season_lead_words(last, now, "the lead");
		line =
		    xasprintf("after %2zu, %s: %s", step, held[c].title, words);
		prose_put(out, 2, "", 2, line);
		free(line);
		free(words);
		last = now;
	}
	free(held);
}

void
season_progress(FILE *out, const struct season_sheet *sheet, size_t rows)
{
	struct history_progress p;

	history_progress(sheet->s, sheet->season, sheet->table, rows, &p);
	if (p.held == 0) {
		fputs("no competition has been held yet\n", out);
	} else {
		print_steps(out, sheet, &p);
		fputs("\nThe lead\n", out);
		print_leaders(out, sheet, &p);
	}
	history_progress_clear(&p);
}

/* ---- the picture ---- */

enum {
	WIDTH = 960,
	HEIGHT = 540,
	LEFT = 80,
	RIGHT = 720,
	TOP = 30,
	BOTTOM = 500,
	NUMBER_WIDTH = 32, /* of a competition, below */
	LABEL_COLUMNS = 30,
	TITLE_COLUMNS = 110,
	TICKS = 6,
	COLOURS = 8
};

static const char *const colours[COLOURS] = { "#1b6ca8", "#c0392b", "#2e8b57",
	"#8e44ad", "#d68910", "#16a2a2", "#7f8c8d", "#34495e" };

/* As much as there is room for. */
static void
put_text(FILE *out, const char *s, size_t columns)
{
	char fitted[1024];

	(void)text_fit(fitted, sizeof fitted, s, columns, false);
	for (const char *p = fitted; *p != '\0'; p++) {
		if (*p == '&')
			fputs("&amp;", out);
		else if (*p == '<')
			fputs("&lt;", out);
		else
			fputc(*p, out);
	}
}

struct picture {
	FILE *out;
	const struct season_sheet *sheet;
	const struct history_progress *p;
	int64_t most;
};

static int
x_of(const struct picture *pic, size_t step)
{
	size_t steps = pic->p->held > 1 ? pic->p->held - 1 : 1;

	return LEFT + (int)((size_t)(RIGHT - LEFT) * step / steps);
}

static int
y_of(const struct picture *pic, int64_t score)
{
	/* Scores fit 53 bits but for absurd ones; thousandths of the height
	 * are enough to draw with. */
	int64_t part = score / (pic->most / 1000 + 1);

	return BOTTOM - (int)((BOTTOM - TOP) * part / 1000);
}

/* The least round step of which few go into `most`. */
static int64_t
tick_of(const struct season_table *t, int64_t most)
{
	static const int64_t seconds[] = { 1, 2, 5, 10, 20, 30, 60, 120, 300,
		600, 1200, 1800, 3600, 7200, 18000, 36000 };
	static const int64_t decades[] = { 1, 2, 5 };
	bool time = t->by == SEASON_BY_TIME;
	int64_t unit = time ? INT64_C(1000000) : SEASON_UNIT;

	for (size_t i = 0; time && i < sizeof seconds / sizeof seconds[0]; i++)
		if (most / TICKS < seconds[i] * unit)
			return seconds[i] * unit;
	if (time)
		unit *= 36000;
	for (; unit <= INT64_MAX / 50; unit *= 10)
		for (size_t i = 0; i < 3; i++)
			if (most / TICKS < decades[i] * unit)
				return decades[i] * unit;
	return most;
}

static void
draw_tick(const struct picture *pic, int64_t score)
{
	const struct season_table *t =
	    &pic->sheet->rules->tables[pic->sheet->table];
	char words[SEASON_WORDS_MAX];
	int y = y_of(pic, score);

	fprintf(pic->out,
	    "<path d=\"M%d %dH%d\" stroke=\"#ddd\"/>\n"
	    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
	    LEFT, y, RIGHT, LEFT - 6, y + 4, season_score(words, t, score));
}

static void
draw_name(const struct picture *pic, int x, int y, const char *anchor,
    const char *words)
{
	fprintf(pic->out,
	    "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"#666\">%s"
	    "</text>\n",
	    x, y, anchor, words);
}

static void
draw_axes(const struct picture *pic)
{
	const struct season_table *t =
	    &pic->sheet->rules->tables[pic->sheet->table];
	int64_t tick = tick_of(t, pic->most);
	size_t numbers = (RIGHT - LEFT) / NUMBER_WIDTH;
	size_t every = (pic->p->held + numbers - 1) / numbers;

	draw_name(pic, LEFT - 6, TOP - 12, "end",
	    t->by == SEASON_BY_TIME ? "time" : "points");
	/* Less than one point: the greatest score alone. */
	if (tick > pic->most)
		tick = pic->most;
	for (int64_t score = 0; score <= pic->most; score += tick)
		draw_tick(pic, score);
	fprintf(pic->out,
	    "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>\n", LEFT,
	    TOP, BOTTOM, RIGHT);
	for (size_t k = 0; k < pic->p->held; k += every)
		fprintf(pic->out,
		    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%zu"
		    "</text>\n",
		    x_of(pic, k), BOTTOM + 18, k + 1);
	draw_name(pic, (LEFT + RIGHT) / 2, BOTTOM + 34, "middle",
	    "competitions");
}

/* A line through the competitions after which it had a place, and a point at
 * each, for a line of one point is none. */
static void
draw_row(const struct picture *pic, size_t i)
{
	const struct history_step *steps = pic->p->steps + i * pic->p->held;
	const char *colour = colours[i % COLOURS];
	const char *dash = i < COLOURS ? "" : " stroke-dasharray=\"6 3\"";
	bool open = false;

	fprintf(pic->out,
	    "<g stroke=\"%s\" fill=\"%s\"><path fill=\"none\" "
	    "stroke-width=\"2\"%s d=\"",
	    colour, colour, dash);
	for (size_t k = 0; k < pic->p->held; k++) {
		if (steps[k].place > 0)
			fprintf(pic->out, "%s%d %d", open ? "L" : "M",
			    x_of(pic, k), y_of(pic, steps[k].score));
		open = steps[k].place > 0;
	}
	fputs("\"/>\n", pic->out);
	for (size_t k = 0; k < pic->p->held; k++)
		if (steps[k].place > 0)
			fprintf(pic->out,
			    "<circle cx=\"%d\" cy=\"%d\" r=\"2\"/>\n",
			    x_of(pic, k), y_of(pic, steps[k].score));
	fprintf(pic->out,
	    "<path stroke-width=\"2\"%s d=\"M%d %dh16\"/></g>\n"
	    "<text x=\"%d\" y=\"%d\" fill=\"%s\">",
	    dash, RIGHT + 8, TOP + 8 + (int)i * 20, RIGHT + 30,
	    TOP + 12 + (int)i * 20, colour);
	put_text(pic->out, pic->p->subjects[i], LABEL_COLUMNS);
	fputs("</text>\n", pic->out);
}

static void
draw(const struct picture *pic)
{
	const struct season_sheet *sheet = pic->sheet;
	char *title = xasprintf("%s %s, %s", sheet->rules->title,
	    season_label(sheet->s, sheet->season),
	    sheet->rules->tables[sheet->table].name);

	fprintf(pic->out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
	    "<text x=\"%d\" y=\"18\" font-size=\"14\">",
	    WIDTH, HEIGHT, LEFT);
	put_text(pic->out, title, TITLE_COLUMNS);
	fputs("</text>\n", pic->out);
	free(title);
	draw_axes(pic);
	for (size_t i = 0; i < pic->p->rows; i++)
		draw_row(pic, i);
	fputs("</svg>\n", pic->out);
}

int
season_plot(const char *path, const struct season_sheet *sheet, size_t rows)
{
	struct history_progress p;
	struct picture pic = { .sheet = sheet, .p = &p, .most = 1 };
	int rc = 0;

	history_progress(sheet->s, sheet->season, sheet->table, rows, &p);
	for (size_t i = 0; i < p.rows * p.held; i++) {
		if (p.steps[i].score > pic.most)
			pic.most = p.steps[i].score;
	}
	pic.out = fopen(path, "we");
	if (pic.out == NULL)
		rc = -errno;
	if (rc == 0) {
		draw(&pic);
		if (ferror(pic.out) != 0)
			rc = -EIO;
		if (fclose(pic.out) != 0 && rc == 0)
			rc = -errno;
	}
	history_progress_clear(&p);
	return rc;
}
