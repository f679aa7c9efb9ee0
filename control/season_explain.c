#include "control/season_explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "race/rules.h"
#include "race/season/amount.h"
#include "race/season/words.h"

enum { WORDS = 34, NAME_COLUMNS = 30, NEAR = 3 };

struct story {
	FILE *out;
	const struct season_sheet *sheet;
	const struct season_table *table;
	const struct gather *load;
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

/* Whether a competition brought it a score of its own. */
static bool
is_scored(const struct season_account *a, const struct season_score *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct season_line *l = &a->lines[c->first + i];

		if (l->counts && !l->bonus)
			return true;
	}
	return false;
}

static const struct season_score *
score_of(const struct story *s, const struct season_account *a,
    const char *competition)
{
	for (size_t i = 0; i < a->score_count; i++)
		if (strcmp(s->held[a->scores[i].competition].name,
		        competition) == 0)
			return &a->scores[i];
	return NULL;
}

static void
tell_compulsory(const struct story *s, const struct season_account *a,
    const char *competition)
{
	const struct season_score *c = score_of(s, a, competition);
	char q[TEXT_QUOTE_MAX];
	char *words = xasprintf("%s is compulsory%s.",
	    text_quote(q, competition),
	    c != NULL && is_scored(a, c) ? "" : ", and brought nothing yet");

	prose_put(s->out, 2, "", 2, words);
	free(words);
}

static void
tell_rules(const struct story *s, const struct season_account *a)
{
	const struct season_table *t = s->table;
	bool time = t->by == SEASON_BY_TIME;
	size_t scored = 0;

	for (size_t i = 0; i < a->score_count; i++)
		scored += is_scored(a, &a->scores[i]);
	if (t->best == 1)
		fputs("  The best competition counts.\n", s->out);
	else if (t->best > 0)
		fprintf(s->out, "  The best %" PRIu32 " competitions count.\n",
		    t->best);
	if (t->at_least > 0)
		fprintf(s->out,
		    "  A place needs %" PRIu32 " competition%s: %zu so far.\n",
		    t->at_least, t->at_least == 1 ? "" : "s", scored);
	else if (time)
		fprintf(s->out,
		    "  A place needs all competitions: %zu so far.\n", scored);
	for (size_t i = 0; i < t->compulsory_count; i++)
		tell_compulsory(s, a, t->compulsory[i]);
	if (t->each == 1)
		fputs("  The best result of each competition counts.\n",
		    s->out);
	else if (t->each > 0)
		fprintf(s->out,
		    "  The best %" PRIu32 " results of each competition "
		    "count.\n",
		    t->each);
}

/* ---- a result ---- */

static char *
place_words(const struct season_line *l)
{
	enum race_status status = l->result->status;
	char nth[SEASON_WORDS_MAX];
	char shared[32] = "";
	char listed[SEASON_WORDS_MAX + 16] = "";

	if (l->place == 0)
		return xstrdup(
		    status == RACE_STATUS_NONE || status == RACE_FINISHED
		        ? "took part"
		        : rules_status_name(status));
	if (l->shared > 1)
		(void)snprintf(shared, sizeof shared, ", shared by %" PRIu32,
		    l->shared);
	if (l->place != l->result->place)
		(void)snprintf(listed, sizeof listed, " (%s in the list)",
		    season_ordinal(nth, l->result->place));
	return xasprintf("%s%s%s", season_ordinal(nth, l->place), listed,
	    shared);
}

/* It brings nothing: a DNF, or by time no time. */
static bool
is_idle(const struct season_table *t, const struct season_line *l)
{
	enum race_status status = l->result->status;
	bool well = status == RACE_STATUS_NONE || status == RACE_FINISHED;

	if (l->counts || l->points != 0)
		return false;
	return (l->place == 0 && !well) ||
	    (t->by == SEASON_BY_TIME && l->result->time_us < 0);
}

/* The scale of its award. */
static const struct season_points *
points_of(const struct season_table *t, const struct season_result *r)
{
	const struct season_award *own =
	    season_award_of(t, r->competition, r->award);

	return own != NULL ? &own->points : &t->points;
}

static int64_t
weight_of(const struct season_rules *rules, const char *competition)
{
	for (size_t i = 0; i < rules->competition_count; i++)
		if (strcmp(rules->competitions[i].name, competition) == 0)
			return rules->competitions[i].weight;
	return 1000;
}

/* How the points come out of the place: what the line itself does not show. */
static char *
how_words(const struct story *s, const struct season_line *l)
{
	const struct season_table *t = s->table;
	const struct season_result *r = l->result;
	const struct season_points *p = points_of(t, r);
	int64_t weight = weight_of(s->sheet->rules, r->competition);
	char amount[SEASON_WORDS_MAX];
	char *how;
	char *words;

	if (t->by == SEASON_BY_TIME || l->points == 0)
		return xstrdup("");
	if (p->given && r->points != SEASON_NO_VALUE)
		how = xstrdup(", given by the list");
	else if (l->place == 0 || (p->scale == SEASON_RATIO && r->time_us <= 0))
		how = xstrdup(", for taking part");
	else if (p->scale == SEASON_RATIO)
		how = xasprintf(", %s times the winner's time by this one",
		    amount_print(amount, p->from));
	else if (t->tied == SEASON_TIED_AVERAGE && l->shared > 1)
		how =
		    xasprintf(", the average of %" PRIu32 " places", l->shared);
	else
		how = xstrdup("");
	words = weight == 1000
	    ? xstrdup(how)
	    : xasprintf("%s, weight %s", how,
	          amount_print(amount, weight * (SEASON_UNIT / 1000)));
	free(how);
	return words;
}

static char *
time_words(const struct season_result *r)
{
	char time[32];

	if (r->time_us < 0)
		return xstrdup("");
	return xasprintf(" in %s", instant_elapsed(time, r->time_us, false));
}

/* A competition that is in no list. */
static char *
feed_words(const struct story *s, const char *competition)
{
	const struct season_folder *f = &s->load->folder;

	for (size_t i = 0; i < f->feed_count; i++) {
		const struct season_feed *feed = &f->feeds[i];

		if (strcmp(feed->competition, competition) != 0)
			continue;
		if (feed->race[0] != '\0')
			return xasprintf("the race %s", feed->race);
		return xasprintf("the standings of %s", feed->standings);
	}
	return xstrdup("the race");
}

static char *
source_words(const struct story *s, const struct season_line *l)
{
	const struct season_listed *listed =
	    season_folder_line(&s->load->folder, l->key);

	if (listed == NULL && s->load->published &&
	    ledger_line(s->load->ledger, l->key) != NULL)
		return xstrdup("published, in no file any more");
	if (listed == NULL)
		return feed_words(s, l->result->competition);
	return xasprintf("%s:%u", listed->file, listed->line);
}

/* As it counts: published, or else of the files; NULL: of a race. */
static const struct race_listed *
line_of(const struct story *s, uint64_t key)
{
	const struct season_listed *listed;

	if (s->load->published)
		return ledger_line(s->load->ledger, key);
	listed = season_folder_line(&s->load->folder, key);
	return listed != NULL ? &listed->what : NULL;
}

static void
tell_more(const struct story *s, const struct season_line *l)
{
	const struct race_listed *listed = line_of(s, l->key);

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
	char *how = how_words(s, l);
	bool other = strcmp(r->recipient, subject) != 0;
	char *words = xasprintf("%s%s: %s%s%s%s%s%s (%s)", place, time,
	    is_idle(s->table, l) ? "nothing"
	                         : season_score(points, s->table, l->points),
	    how, l->bonus ? ", bonus" : "",
	    l->counts || is_idle(s->table, l) ? ""
	                                      : ", not among those that count",
	    other ? ", written " : "", other ? text_quote(q, r->recipient) : "",
	    source);

	say(s, 4, r->award[0] != '\0' ? r->award : "-", words);
	tell_more(s, l);
	free(words);
	free(how);
	free(source);
	free(time);
	free(place);
}

/* As many points as have a place, and `missing` more, for each. */
static void
tell_missing(const struct story *s, const struct season_account *a,
    const struct season_score *c)
{
	int64_t rest = c->score;
	char each[SEASON_WORDS_MAX];
	char behind[SEASON_WORDS_MAX];

	for (size_t i = 0; i < c->count; i++)
		if (a->lines[c->first + i].counts)
			rest -= a->lines[c->first + i].points;
	fprintf(s->out,
	    "    %" PRIu32 " result%s missing: %s%s, %s behind the last "
	    "place\n",
	    c->missing, c->missing == 1 ? "" : "s",
	    season_score(each, s->table, rest / c->missing),
	    c->missing == 1 ? "" : " each",
	    season_score(behind, s->table, s->table->missing));
}

static void
tell_score(const struct story *s, const struct season_account *a,
    const struct season_score *c, const char *subject)
{
	const struct season_held *held = &s->held[c->competition];
	char score[SEASON_WORDS_MAX];
	char *words;

	(void)season_score(score, s->table, c->score);
	if (c->counts)
		words = xstrdup(score);
	else if (c->missing == 0 && !is_scored(a, c))
		words = xstrdup("nothing");
	else
		words = xasprintf("(%s), dropped: only the best %" PRIu32
		                  " count%s%s",
		    score, s->table->best, s->table->best == 1 ? "s" : "",
		    s->table->compulsory_count > 0
		        ? ", those that are compulsory before all"
		        : "");
	say(s, 2, held->title, words);
	free(words);
	for (size_t i = 0; i < c->count; i++)
		tell_line(s, &a->lines[c->first + i], subject);
	if (c->missing > 0)
		tell_missing(s, a, c);
}

static bool
is_of_table(const struct season_table *t, const char *competition)
{
	for (size_t i = 0; i < t->competition_count; i++)
		if (strcmp(t->competitions[i], competition) == 0)
			return true;
	return t->competition_count == 0;
}

/* Competitions in their order; who looks for one that is void finds it. */
static void
tell_scores(const struct story *s, const struct season_account *a,
    const char *subject)
{
	size_t k = 0;

	for (size_t i = 0; i < s->held_count; i++) {
		if (k < a->score_count && a->scores[k].competition == i)
			tell_score(s, a, &a->scores[k++], subject);
		else if (s->held[i].state == SEASON_VOID &&
		    is_of_table(s->table, s->held[i].name))
			say(s, 2, s->held[i].title,
			    "void: nobody has anything of it");
	}
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

	(void)season_why(why, s->table, front);
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
	words = xasprintf("%s %s, %s: %s%s of %zu, %s%s; %s", row->subject,
	    season_label(sheet->s, sheet->season), s->table->name,
	    row->place > 0 ? "place " : "without a place, one", place,
	    season_row_count(sheet->s, sheet->season, sheet->table),
	    season_score(score, s->table, row->score),
	    s->table->by == SEASON_BY_POINTS ? " points" : "",
	    season_state(state, sheet->s, sheet->season));
	prose_put(s->out, 0, "", 0, words);
	free(words);
}

int
season_explain(FILE *out, const struct season_sheet *sheet,
    const struct gather *l, const char *subject)
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
	tell_rules(&s, &a);
	tell_scores(&s, &a, subject);
	tell_neighbours(&s, (size_t)line);
	free(s.held);
	free(a.scores);
	free(a.lines);
	return 0;
}
