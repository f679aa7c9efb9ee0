#include "control/season_explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_words.h"
#include "race/season/amount.h"

enum { WORDS = 34, NAME_COLUMNS = 30, NEAR = 3 };

struct story {
	FILE *out;
	const struct season_sheet *sheet;
	const struct season_table *table;
	const struct season_load *load;
	struct season_held *held;
	size_t held_count;
};

static void
say(const struct story *s, size_t at, const char *head, const char *words)
{
	char fitted[NAME_COLUMNS * 4 + 8];

	(void)text_fit(fitted, sizeof fitted, head, NAME_COLUMNS - at, false);
	prose_put(s->out, at, fitted, WORDS, words);
}

/* ---- what the table asks for ---- */

static void
tell_rules(const struct story *s)
{
	const struct season_table *t = s->table;

	if (t->best > 0)
		fprintf(s->out, "  The best %" PRIu32 " competitions count.\n",
		    t->best);
	if (t->at_least > 0)
		fprintf(s->out, "  A place needs %" PRIu32 " competitions.\n",
		    t->at_least);
	for (size_t i = 0; i < t->compulsory_count; i++) {
		char q[TEXT_QUOTE_MAX];

		fprintf(s->out, "  %s has to be among them.\n",
		    text_quote(q, t->compulsory[i]));
	}
	if (t->each > 0)
		fprintf(s->out,
		    "  The best %" PRIu32 " results of each competition "
		    "count.\n",
		    t->each);
}

/* ---- a result ---- */

static char *
place_words(const struct season_line *l)
{
	char nth[SEASON_WORDS_MAX];

	if (l->place == 0)
		return xstrdup("took part");
	if (l->shared > 1)
		return xasprintf("%s, shared by %" PRIu32,
		    season_ordinal(nth, l->place), l->shared);
	return xstrdup(season_ordinal(nth, l->place));
}

static char *
time_words(const struct season_result *r)
{
	char time[32];

	if (r->time_us < 0)
		return xstrdup("");
	return xasprintf(" in %s", instant_elapsed(time, r->time_us, false));
}

static char *
source_words(const struct story *s, const struct season_line *l)
{
	const struct season_listed *listed =
	    season_load_listed(s->load, l->key);

	if (listed == NULL)
		return xstrdup("the race");
	return xasprintf("%s:%u", listed->file, listed->line);
}

static void
tell_more(const struct story *s, const struct season_line *l)
{
	const struct season_listed *listed =
	    season_load_listed(s->load, l->key);

	if (l->result->note[0] != '\0')
		say(s, 6, "", l->result->note);
	for (size_t i = 0; listed != NULL && i < listed->more_count; i++) {
		char *more = xasprintf("%s: %s", listed->more[i].name,
		    listed->more[i].value);

		say(s, 6, "", more);
		free(more);
	}
}

static void
tell_line(const struct story *s, const struct season_line *l,
    const char *subject)
{
	const struct season_result *r = l->result;
	char points[SEASON_WORDS_MAX];
	char q[TEXT_QUOTE_MAX];
	char *place = place_words(l);
	char *time = time_words(r);
	char *source = source_words(s, l);
	bool other = strcmp(r->recipient, subject) != 0;
	char *words = xasprintf("%s%s: %s%s%s%s%s (%s)", place, time,
	    season_score(points, s->table, l->points),
	    l->bonus ? ", bonus" : "",
	    l->counts ? "" : ", not among those that count",
	    other ? ", written " : "", other ? text_quote(q, r->recipient) : "",
	    source);

	say(s, 4, r->award[0] != '\0' ? r->award : "-", words);
	tell_more(s, l);
	free(words);
	free(source);
	free(time);
	free(place);
}

static void
tell_score(const struct story *s, const struct season_account *a,
    const struct season_score *c, const char *subject)
{
	const struct season_held *held = &s->held[c->competition];
	char score[SEASON_WORDS_MAX];
	char *words;

	(void)season_score(score, s->table, c->score);
	words = xasprintf("%s%s%s", c->counts ? "" : "(", score,
	    c->counts ? "" : "), dropped: others are better");
	say(s, 2, held->title, words);
	free(words);
	for (size_t i = 0; i < c->count; i++)
		tell_line(s, &a->lines[c->first + i], subject);
	if (c->missing > 0)
		fprintf(s->out,
		    "    %" PRIu32 " result%s missing, which count%s by the "
		    "number of those who finished\n",
		    c->missing, c->missing == 1 ? "" : "s",
		    c->missing == 1 ? "s" : "");
}

/* ---- the neighbours ---- */

static void
tell_neighbour(const struct story *s, const struct season_row *front,
    const struct season_row *behind, bool before)
{
	const struct season_row *other = before ? front : behind;
	char place[16];
	char score[SEASON_WORDS_MAX];
	char why[SEASON_WHY_MAX];
	char *words;

	(void)season_why(why, s->table, &front->before);
	if (why[0] == '\0')
		(void)snprintf(why, sizeof why, "%s",
		    front->place == behind->place && front->place > 0
		        ? "nothing parts them: the place is shared"
		        : behind->place == 0 ? "without a place"
		                             : "by the score");
	words = xasprintf("%s%s%s, %s: %s", season_place(place, other),
	    other->place > 0 ? " " : "", other->subject,
	    season_score(score, s->table, other->score), why);
	say(s, 2, before ? "in front" : "behind", words);
	free(words);
}

static void
tell_neighbours(const struct story *s, size_t line)
{
	struct season_row rows[NEAR];
	size_t from = line > 0 ? line - 1 : 0;
	size_t n = season_rows(s->sheet->s, s->sheet->season, s->sheet->table,
	    from, rows, NEAR);
	size_t me = line - from;

	if (me > 0)
		tell_neighbour(s, &rows[me - 1], &rows[me], true);
	if (me + 1 < n)
		tell_neighbour(s, &rows[me], &rows[me + 1], false);
}

/* ---- all of it ---- */

static void
tell_head(const struct story *s, const struct season_row *row)
{
	const struct season_sheet *sheet = s->sheet;
	char place[16];
	char score[SEASON_WORDS_MAX];
	char state[SEASON_WHY_MAX];
	char *words;

	(void)season_place(place, row);
	words = xasprintf("%s %s, %s: %s%s%s of %zu, %s%s; %s", row->subject,
	    season_label(sheet->s, sheet->season), s->table->name,
	    row->place > 0 ? "place " : "no place", place,
	    row->place > 0 ? "" : " yet",
	    season_row_count(sheet->s, sheet->season, sheet->table),
	    season_score(score, s->table, row->score),
	    s->table->by == SEASON_BY_POINTS ? " points" : "",
	    season_state(state, sheet->s, sheet->season));
	prose_put(s->out, 0, "", 0, words);
	free(words);
}

int
season_explain(FILE *out, const struct season_sheet *sheet,
    const struct season_load *l, const char *subject)
{
	struct story s = { .out = out,
		.sheet = sheet,
		.table = &sheet->rules->tables[sheet->table],
		.load = l };
	struct season_account a;
	struct season_row row;
	int64_t line =
	    season_line(sheet->s, sheet->season, sheet->table, subject);

	if (line < 0 ||
	    season_account(sheet->s, sheet->season, sheet->table, subject, &a) <
	        0)
		return -ENOENT;
	s.held_count = season_competitions(sheet->s, sheet->season, NULL, 0);
	s.held = xcalloc(s.held_count + 1, sizeof *s.held);
	(void)season_competitions(sheet->s, sheet->season, s.held,
	    s.held_count);
	(void)season_rows(sheet->s, sheet->season, sheet->table, (size_t)line,
	    &row, 1);
	tell_head(&s, &row);
	tell_rules(&s);
	for (size_t i = 0; i < a.score_count; i++)
		tell_score(&s, &a, &a.scores[i], subject);
	tell_neighbours(&s, (size_t)line);
	free(s.held);
	free(a.scores);
	free(a.lines);
	return 0;
}
