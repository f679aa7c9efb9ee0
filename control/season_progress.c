/* A season after each of its competitions: as a table, and as a picture. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/season_story.h"
#include "control/season_words.h"
#include "control/table.h"
#include "race/season/history.h"

/* ---- the table ---- */

enum { SHOWN_MAX = 12 }; /* columns of competitions that fit beside names */

static char *
step_words(const struct season_table *t, const struct history_step *step)
{
	char score[SEASON_WORDS_MAX];

	if (step->place == 0)
		return xstrdup("");
	return xasprintf("%" PRIu32 ". %s", step->place,
	    season_score(score, t, step->score));
}

static void
print_steps(FILE *out, const struct season_sheet *sheet,
    const struct history_progress *p, size_t first)
{
	struct table_column columns[SHOWN_MAX + 1] = { { "", false } };
	char heads[SHOWN_MAX][24];
	size_t shown = p->held - first;
	char **cells = xcalloc(p->rows * (shown + 1) + 1, sizeof *cells);

	for (size_t k = 0; k < shown; k++) {
		(void)snprintf(heads[k], sizeof heads[k], "after %zu",
		    first + k + 1);
		columns[k + 1] = (struct table_column){ heads[k], true };
	}
	for (size_t i = 0; i < p->rows; i++) {
		char **row = cells + i * (shown + 1);

		row[0] = xstrdup(p->subjects[i]);
		for (size_t k = 0; k < shown; k++)
			row[k + 1] =
			    step_words(&sheet->rules->tables[sheet->table],
			        &p->steps[i * p->held + first + k]);
	}
	table_print(out, columns, shown + 1, (const char *const *)cells,
	    p->rows);
	for (size_t i = 0; i < p->rows * (shown + 1); i++)
		free(cells[i]);
	free(cells);
}

static void
print_leaders(FILE *out, const struct season_sheet *sheet,
    const struct history_progress *p)
{
	size_t count = season_competitions(sheet->s, sheet->season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	const char *last = "";
	size_t step = 0;

	(void)season_competitions(sheet->s, sheet->season, held, count);
	for (size_t c = 0; c < count && step < p->held; c++) {
		const char *leader = "";

		if (!held[c].held)
			continue;
		for (size_t i = 0; i < p->rows && leader[0] == '\0'; i++) {
			if (p->steps[i * p->held + step].place == 1)
				leader = p->subjects[i];
		}
		step++;
		if (leader[0] == '\0' || strcmp(leader, last) == 0)
			continue;
		fprintf(out, "  after %2zu, ", step);
		fprintf(out, "%s: ", held[c].title);
		if (last[0] == '\0')
			fprintf(out, "%s leads\n", leader);
		else
			fprintf(out, "%s takes the lead from %s\n", leader,
			    last);
		last = leader;
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
		print_steps(out, sheet, &p,
		    p.held > SHOWN_MAX ? p.held - SHOWN_MAX : 0);
		fputs("\nThe lead\n", out);
		print_leaders(out, sheet, &p);
	}
	history_progress_clear(&p);
}

/* ---- the picture ---- */

enum {
	WIDTH = 960,
	HEIGHT = 540,
	LEFT = 60,
	RIGHT = 720,
	TOP = 30,
	BOTTOM = 500,
	COLOURS = 8
};

static const char *const colours[COLOURS] = { "#1b6ca8", "#c0392b", "#2e8b57",
	"#8e44ad", "#d68910", "#16a2a2", "#7f8c8d", "#34495e" };

static void
put_text(FILE *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else
			fputc(*s, out);
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

static void
draw_axis(const struct picture *pic)
{
	const struct season_table *t =
	    &pic->sheet->rules->tables[pic->sheet->table];

	fprintf(pic->out,
	    "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#888\"/>\n", LEFT,
	    TOP, BOTTOM, RIGHT);
	for (int i = 0; i <= 4; i++) {
		int64_t score = pic->most / 4 * i;
		char words[SEASON_WORDS_MAX];
		char *dot;

		(void)season_score(words, t, score);
		/* Whole points are enough beside the axis. */
		if (t->by == SEASON_BY_POINTS &&
		    (dot = strchr(words, '.')) != NULL)
			*dot = '\0';
		fprintf(pic->out,
		    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
		    LEFT - 6, y_of(pic, score) + 4, words);
	}
	for (size_t k = 0; k < pic->p->held; k++)
		fprintf(pic->out,
		    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%zu"
		    "</text>\n",
		    x_of(pic, k), BOTTOM + 18, k + 1);
}

static void
draw_row(const struct picture *pic, size_t i)
{
	const struct history_step *steps = pic->p->steps + i * pic->p->held;
	const char *colour = colours[i % COLOURS];

	fprintf(pic->out,
	    "<polyline fill=\"none\" stroke-width=\"2\" "
	    "stroke=\"%s\" points=\"",
	    colour);
	for (size_t k = 0; k < pic->p->held; k++) {
		if (steps[k].place > 0)
			fprintf(pic->out, "%d,%d ", x_of(pic, k),
			    y_of(pic, steps[k].score));
	}
	fprintf(pic->out, "\"/>\n<text x=\"%d\" y=\"%d\" fill=\"%s\">",
	    RIGHT + 12, TOP + 12 + (int)i * 20, colour);
	put_text(pic->out, pic->p->subjects[i]);
	fputs("</text>\n", pic->out);
}

static void
draw(const struct picture *pic)
{
	fprintf(pic->out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
	    "<text x=\"%d\" y=\"18\" font-size=\"14\">",
	    WIDTH, HEIGHT, LEFT);
	put_text(pic->out, pic->sheet->rules->title);
	fputc(' ', pic->out);
	put_text(pic->out, season_label(pic->sheet->s, pic->sheet->season));
	fputs("</text>\n", pic->out);
	draw_axis(pic);
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
