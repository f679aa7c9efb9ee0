/*
 * A season folder: season.yaml, an award list and aliases out of one input, the
 * parts between lines of "%%".  What the reader lets through makes a season
 * whose rows and accounts add up, and the same one in any order; what it
 * refuses has a reason.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "race/season/folder.h"
#include "race/season/words.h"

enum { FILES = 3, ROWS = 24, SEASONS = 4, LINES = 2000 };

/* ---- the folder ---- */

struct part {
	const uint8_t *at;
	size_t len;
};

/* Up to the next line of "%%", or the end. */
static struct part
take_part(const uint8_t **at, size_t *left)
{
	struct part p = { *at, *left };

	for (size_t i = 0; i + 3 <= *left; i++) {
		if (memcmp(*at + i, "%%\n", 3) != 0 ||
		    (i > 0 && (*at)[i - 1] != '\n'))
			continue;
		p.len = i;
		*at += i + 3;
		*left -= i + 3;
		return p;
	}
	*at += *left;
	*left = 0;
	return p;
}

/* ---- what was understood ---- */

static int64_t
check_lines(const struct season_account *a, const struct season_score *x)
{
	int64_t beyond = 0;
	int64_t sum = 0;

	for (size_t i = x->first; i < x->first + x->count; i++) {
		const struct season_line *l = &a->lines[i];

		if (l->counts)
			sum += l->points;
		else
			beyond += l->points;
	}
	assert(x->missing > 0 ? x->score >= sum : x->score == sum);
	return beyond;
}

static void
check_account(struct season *s, size_t season, size_t table,
    const struct season_row *row)
{
	struct season_account a;
	int64_t sum = 0;
	int64_t dropped = 0;
	size_t lines = 0;
	size_t wins = 0;

	assert(season_account(s, season, table, row->subject, &a) == 0);
	for (size_t i = 0; i < a.score_count; i++) {
		const struct season_score *x = &a.scores[i];

		assert(x->first == lines);
		lines += x->count;
		dropped += check_lines(&a, x);
		*(x->counts ? &sum : &dropped) += x->score;
	}
	assert(lines == a.line_count && lines == row->results);
	assert(sum == row->score && dropped == row->dropped);
	for (size_t i = 0; i < a.line_count; i++)
		wins += !a.lines[i].bonus && a.lines[i].place == 1;
	assert(wins == row->wins);
	free(a.scores);
	free(a.lines);
}

static void
check_row(struct season *s, const struct season_rules *rules, size_t season,
    size_t table, const struct season_row *row, size_t line)
{
	const struct season_table *t = &rules->tables[table];
	char score[SEASON_WORDS_MAX];
	char why[SEASON_WHY_MAX];

	assert((row->place == 0) == (row->standing == SEASON_OUT));
	/* Places are shared or skipped. */
	assert(row->place == 0 || row->place <= line + 1);
	assert(row->tied || row->place == 0 || row->place == line + 1);
	assert(season_line(s, season, table, row->subject) == (int64_t)line);
	assert(season_score(score, t, row->score)[0] != '\0');
	assert(strlen(season_why(why, t, row)) < SEASON_WHY_MAX);
	check_account(s, season, table, row);
}

static void
check_tables(struct season *s, const struct season_rules *rules)
{
	size_t seasons = season_count(s);

	for (size_t i = 0; i < seasons && i < SEASONS; i++) {
		for (size_t t = 0; t < rules->table_count; t++) {
			struct season_row rows[ROWS];
			size_t n = season_rows(s, i, t, 0, rows, ROWS);

			for (size_t k = 0; k < n; k++)
				check_row(s, rules, i, t, &rows[k], k);
		}
	}
}

static bool
same_row(const struct season_row *a, const struct season_row *b)
{
	return strcmp(a->subject, b->subject) == 0 &&
	    a->standing == b->standing && a->place == b->place &&
	    a->tied == b->tied && a->score == b->score &&
	    a->dropped == b->dropped && a->counted == b->counted &&
	    a->took_part == b->took_part && a->wins == b->wins &&
	    a->results == b->results && a->before.rule == b->before.rule &&
	    a->before.mine == b->before.mine &&
	    a->before.theirs == b->before.theirs;
}

static void
compare(struct season *a, struct season *b, size_t tables)
{
	assert(season_count(a) == season_count(b));
	for (size_t i = 0; i < season_count(a) && i < SEASONS; i++) {
		for (size_t t = 0; t < tables; t++) {
			struct season_row x[ROWS];
			struct season_row y[ROWS];
			size_t n = season_rows(a, i, t, 0, x, ROWS);

			assert(season_row_count(a, i, t) ==
			    season_row_count(b, i, t));
			assert(season_rows(b, i, t, 0, y, ROWS) == n);
			for (size_t k = 0; k < n; k++)
				assert(same_row(&x[k], &y[k]));
		}
	}
}

static void
put_names(struct season *s, const struct season_folder *f)
{
	for (size_t i = 0; i < f->spelling_count; i++)
		season_name(s, f->spellings[i].written, f->spellings[i].team,
		    f->spellings[i].subject);
}

static void
put_line(struct season *s, const struct season_folder *f, size_t i)
{
	season_put(s, f->listed[i].what.key, &f->listed[i].what.result);
}

static void
check_folder(const struct season_folder *f)
{
	struct season *s = season_new(f->rules);
	struct season *back = season_new(f->rules);
	size_t count = f->listed_count < LINES ? f->listed_count : LINES;

	put_names(s, f);
	for (size_t i = 0; i < count; i++) {
		put_line(s, f, i);
		/* Whatever was asked in between. */
		if (i == count / 2)
			check_tables(s, f->rules);
	}
	for (size_t i = count; i-- > 0;)
		put_line(back, f, i);
	put_names(back, f);
	check_tables(s, f->rules);
	compare(s, back, f->rules->table_count);
	season_free(back);
	season_free(s);
}

/* ---- the target ---- */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[FILES] = { "season.yaml",
		"palmares/a.csv", "aliases.csv" };
	struct conf_report report = { 0 };
	struct season_folder f;
	struct part parts[FILES];
	const char *dir = NULL;
	struct season_source from;
	char line[4096];

	for (size_t i = 0; i < FILES; i++) {
		parts[i] = take_part(&data, &len);
		dir = fuzz_folder(names[i], parts[i].at, parts[i].len);
	}
	from = season_source_folder(dir);
	assert((season_folder_read(&f, &from, &report) == 0) ==
	    (report.errors == 0));
	for (size_t i = 0; i < report.count; i++)
		assert(conf_problem_print(line, sizeof line,
		           &report.problems[i]) > 0);
	if (report.errors == 0)
		check_folder(&f);
	season_folder_clear(&f);
	conf_report_clear(&report);
	return 0;
}
