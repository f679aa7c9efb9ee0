#include "display/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/number.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/outlook.h"
#include "race/row.h"

/* Lines above the rows, and below. */
enum { ABOVE = 3, BELOW = 2, LABEL_BYTES = 512 };

static const char *const help[] = {
	"",
	"  Left Right, Tab, 1-9     another ranking",
	"  Up Down PgUp PgDn        scroll",
	"  Home End                 first, last",
	"  /                        find a bib or a name as you type",
	"  Enter                    the next match",
	"  f                        follow who was found",
	"  s                        the stations, and back",
	"  t                        back in time, and l live again; there:",
	"  Left Right  [ ]  PgUp PgDn   a change, a minute, ten minutes",
	"  Home End  Space  + -         first, last; play, faster, slower",
	"  10:42 Enter                  go there; 1234 Enter: to that event",
	"  Esc ?                    end the search, let go; this help",
	"  q                        quit",
	"",
	"  Bold: changed in the last 2 s.  '=' behind a place: shared.",
	"  '~' before a place: too close to call, by different clocks.",
	"  '?': provisional, for somebody who is still out may change it.",
	"  A dim board is an old one: its state stands in the corner.",
};

void
frame_close(struct frame *f)
{
	free(f->lines);
	f->lines = NULL;
}

size_t
frame_page(size_t height, bool past)
{
	size_t taken = ABOVE + BELOW + past;

	return height > taken ? height - taken : 1;
}

static void
put(struct screen_line *line, size_t width, const char *text)
{
	text_fit(line->text, sizeof line->text, text, width, true);
}

/* ---- the head ---- */

static void
put_state(char *out, size_t cap, const struct frame_scene *s)
{
	switch (s->link) {
	case FRAME_WAITING:
		snprintf(out, cap, "WAITING");
		return;
	case FRAME_JOINING:
		snprintf(out, cap, "JOINING");
		return;
	case FRAME_LIVE:
		snprintf(out, cap, "LIVE");
		return;
	case FRAME_CHECKING:
		snprintf(out, cap, "CHECKING");
		return;
	case FRAME_STALE:
		snprintf(out, cap, "STALE %" PRId64 " s",
		    s->age_us / INSTANT_SECOND);
		return;
	case FRAME_READING:
		snprintf(out, cap, "READING");
		return;
	case FRAME_PAST:
		snprintf(out, cap, "%s", s->past->told);
		return;
	}
}

static void
put_title(struct frame *f, const struct frame_scene *s)
{
	const struct race_rules *rules = s->view.rules;
	char state[LABEL_BYTES / 2];
	char told[OUTLOOK_MAX] = "";
	char both[LABEL_BYTES];

	put_state(state, sizeof state, s);
	if (s->view.board != NULL)
		outlook_told(told, board_outlook(s->view.board));
	snprintf(both, sizeof both, "%s%s%s", told, told[0] != '\0' ? "  " : "",
	    state);
	text_pair(f->lines[0].text, COMPOSE_BYTES, f->width,
	    rules != NULL ? rules->title : "Palmarès", both);
	f->lines[0].style = SCREEN_BOLD;
	/* Nobody is to take it for the race as it is. */
	if (s->link == FRAME_PAST)
		f->lines[0].style |= SCREEN_REVERSE;
}

/* "2 femmes"; only nine rankings have a key. */
static size_t
put_tab(char *out, size_t cap, const struct race_rules *rules, size_t i)
{
	const char *name = rules->rankings[i].name;

	if (i < 9)
		snprintf(out, cap, "%zu %s", i + 1, name);
	else
		snprintf(out, cap, "%s", name);
	return text_width(out);
}

/* The first tab that leaves room for the chosen one. */
static size_t
first_tab(const struct race_rules *rules, size_t chosen, size_t width)
{
	char tab[LABEL_BYTES];
	size_t used = put_tab(tab, sizeof tab, rules, chosen) + 2;
	size_t first = chosen;

	while (first > 0) {
		used += put_tab(tab, sizeof tab, rules, first - 1) + 2;
		if (used > width)
			break;
		first--;
	}
	return first;
}

static void
put_tabs(struct frame *f, const struct frame_scene *s, size_t chosen)
{
	const struct race_rules *rules = s->view.rules;
	struct screen_line *line = &f->lines[1];
	char all[COMPOSE_BYTES] = "";
	size_t len = 0;
	size_t first;

	if (rules == NULL || chosen >= rules->ranking_count)
		return;
	first = first_tab(rules, chosen, f->width);
	for (size_t i = first; i < rules->ranking_count; i++) {
		char tab[LABEL_BYTES];

		put_tab(tab, sizeof tab, rules, i);
		if (len + strlen(tab) + 3 > sizeof all)
			break;
		if (i == chosen) {
			line->mark = len;
			line->mark_len = strlen(tab);
		}
		len +=
		    (size_t)snprintf(all + len, sizeof all - len, "%s  ", tab);
	}
	put(line, f->width, all);
	if (line->mark + line->mark_len > strlen(line->text))
		line->mark_len = strlen(line->text) - line->mark;
}

/* ---- the rows ---- */

/* Words in place of rows. */
static void
put_words(struct frame *f, const char *text)
{
	size_t at = f->height > ABOVE + 1 ? ABOVE + 1 : f->height - 1;
	char line[COMPOSE_BYTES];

	snprintf(line, sizeof line, "  %s", text);
	put(&f->lines[at], f->width, line);
}

static void
put_help(struct frame *f, const struct frame_scene *s)
{
	size_t count = sizeof help / sizeof help[0];

	for (size_t i = 0; i < count && i < s->view.page; i++)
		put(&f->lines[ABOVE + i], f->width, help[i]);
}

static unsigned
row_style(const struct frame_scene *s, const struct view *v,
    const struct race_row *row, bool lit)
{
	unsigned style = 0;

	if (s->link != FRAME_LIVE && s->link != FRAME_PAST)
		style |= SCREEN_DIM;
	else if (lit)
		style |= SCREEN_BOLD;
	if (v->found[0] != '\0' && strcmp(v->found, row->label) == 0)
		style |= SCREEN_REVERSE;
	return style;
}

/* A bound is no news, unless it makes a mark. */
static uint64_t
news_of(const struct board_line *line)
{
	struct race_row row = line->row;

	row.bound_us = line->close;
	return row_hash(&row);
}

static void
put_rows(struct frame *f, const struct frame_scene *s, const struct view *v,
    struct flash *flash)
{
	const struct race_rules *rules = s->view.rules;
	const struct race_ranking *r = &rules->rankings[v->ranking];
	struct compose_layout layout;
	struct board_line first;
	struct board_line line;

	compose_layout(&layout, rules, r, f->width, board_count(s->view.board));
	compose_heads(f->lines[2].text, &layout, r);
	f->lines[2].style = SCREEN_UNDERLINE;
	if (board_line(s->view.board, 0, &first) < 0) {
		put_words(f, "nobody is in this ranking yet");
		return;
	}
	for (size_t i = 0; i < s->view.page; i++) {
		struct screen_line *to = &f->lines[ABOVE + i];
		const struct race_entry *e = NULL;

		if (ABOVE + i >= f->height ||
		    board_line(s->view.board, v->top + i, &line) < 0)
			break;
		if (r->of == RACE_RUNNERS)
			e = roster_find(s->view.roster, line.row.label);
		compose_row(to->text, &layout, rules, r, &line, &first, e);
		to->style = row_style(s, v, &line.row,
		    flash_row(flash, line.row.label, news_of(&line),
		        s->now_us));
		f->close = f->close || line.close;
		f->provisional = f->provisional || line.provisional;
		f->doubted = f->doubted || line.doubted;
	}
}

static void
put_middle(struct frame *f, const struct frame_scene *s, const struct view *v,
    struct flash *flash)
{
	char words[LABEL_BYTES];

	if (v->help) {
		put_help(f, s);
	} else if (s->link == FRAME_READING) {
		put_words(f, s->words);
	} else if (s->view.rules == NULL) {
		snprintf(words, sizeof words,
		    "waiting for the aggregator at %s", s->peer);
		put_words(f, words);
	} else if (s->view.rules->ranking_count == 0) {
		put_words(f, "this race has no rankings");
	} else if (s->view.board == NULL) {
		put_words(f,
		    s->link == FRAME_WAITING
		        ? "waiting for the aggregator to answer"
		        : "waiting for the first complete board");
	} else {
		put_rows(f, s, v, flash);
	}
}

/* ---- the foot ---- */

/* What nobody can ask a wall about, if nothing is worse. */
static const char *
legend(const struct frame *f, const struct frame_scene *s)
{
	if (s->trouble[0] != '\0')
		return s->trouble;
	if (f->close && f->doubted)
		return "~ too close  ? provisional";
	if (f->close)
		return "~ too close to call";
	if (f->doubted)
		return "? provisional";
	return f->provisional ? "all places provisional" : "";
}

/* Which crossing was the latest, and how far the log is. */
static void
put_source(char *out, size_t cap, const struct frame_scene *s)
{
	bool any = s->as_of_us != RACE_NO_TIME;
	char clock[16] = "no crossing yet";
	char log[32];
	char last[32];

	if (any)
		instant_clock(clock, s->as_of_us);
	if (s->link == FRAME_PAST)
		snprintf(out, cap, "event %s of %s  %s%s",
		    number_grouped(log, s->past->log),
		    number_grouped(last, s->past->last_log),
		    any ? "latest " : "", clock);
	else
		snprintf(out, cap, "as of %s  seq %" PRIu64, clock, s->seq);
}

static void
put_facts(struct frame *f, const struct frame_scene *s, const struct view *v)
{
	bool past = s->link == FRAME_PAST;
	struct screen_line *line = &f->lines[f->height - 2 - past];
	char facts[LABEL_BYTES + 96] = "";
	char source[96];
	size_t count;
	size_t last;
	bool followed;

	line->style = SCREEN_DIM;
	if (s->trouble[0] != '\0')
		line->style = SCREEN_BOLD;
	if (s->view.board != NULL) {
		count = board_count(s->view.board);
		last = v->top + s->view.page;
		followed =
		    v->following && board_find(s->view.board, v->found) >= 0;
		put_source(source, sizeof source, s);
		snprintf(facts, sizeof facts, "%s  %zu-%zu of %zu%s%s", source,
		    count > 0 ? v->top + 1 : 0, last < count ? last : count,
		    count, followed ? "  following " : "",
		    followed ? v->found : "");
	}
	text_pair(line->text, COMPOSE_BYTES, f->width, facts, legend(f, s));
	if (past)
		f->lines[f->height - 2] = *s->past->bar;
}

/* The last line, where a moment is typed. */
static void
put_typed(struct frame *f, const struct frame_past *p)
{
	char text[LABEL_BYTES];

	snprintf(text, sizeof text, "go to %s_", p->typed);
	text_pair(f->lines[f->height - 1].text, COMPOSE_BYTES, f->width, text,
	    p->wrong != NULL ? p->wrong
	                     : "10:42, or an event's number  Enter  Esc");
}

static const char *
keys_of(const struct frame_scene *s, const struct view *v)
{
	if (s->link == FRAME_READING)
		return "";
	if (v->found[0] != '\0' && !v->following)
		return "f follow  Enter next match  Esc let go  ? help  q quit";
	if (s->link == FRAME_PAST && s->past->live)
		return "l live  Left/Right change  [ ] minute  PgUp/PgDn 10 "
		       "min  Space play  ? help";
	if (s->link == FRAME_PAST)
		return "Left/Right change  [ ] minute  PgUp/PgDn 10 min  "
		       "Space play  ? help  q quit";
	return "Left/Right ranking  / find  Up/Down scroll  s stations  "
	       "t past  ? help  q quit";
}

static void
put_bottom(struct frame *f, const struct frame_scene *s, const struct view *v)
{
	struct screen_line *line = &f->lines[f->height - 1];
	char text[LABEL_BYTES];

	if (v->searching) {
		snprintf(text, sizeof text, "/%s_", v->query);
		text_pair(line->text, COMPOSE_BYTES, f->width, text,
		    v->missed ? "nobody  Esc end" : "Enter next  Esc end");
		return;
	}
	if (s->link == FRAME_PAST && s->past->typed[0] != '\0') {
		put_typed(f, s->past);
		return;
	}
	line->style = SCREEN_DIM;
	put(line, f->width, s->log[0] != '\0' ? s->log : keys_of(s, v));
}

/* ---- all of it ---- */

static void
resize(struct frame *f, size_t height, size_t width)
{
	if (height > f->cap) {
		f->lines = xreallocarray(f->lines, height, sizeof *f->lines);
		f->cap = height;
	}
	f->height = height;
	f->width = width;
	f->close = false;
	f->provisional = false;
	f->doubted = false;
	for (size_t i = 0; i < height; i++) {
		f->lines[i].style = 0;
		f->lines[i].mark = 0;
		f->lines[i].mark_len = 0;
		put(&f->lines[i], width, "");
	}
}

static void
settle(struct frame *f, struct view *v, struct flash *flash,
    struct frame_scene *s)
{
	s->view.page = frame_page(f->height, s->link == FRAME_PAST);
	view_settle(v, &s->view);
	if (v->ranking != f->ranking)
		flash_reset(flash);
	else
		flash_frame(flash, !f->listed || v->top != f->top);
	f->listed = s->view.board != NULL;
	f->ranking = v->ranking;
	f->top = v->top;
}

void
frame_compose(struct frame *f, size_t height, size_t width, struct view *v,
    struct flash *flash, struct frame_scene *s)
{
	/* Smaller is drawn cut. */
	size_t least = ABOVE + BELOW + 1 + (s->link == FRAME_PAST);

	resize(f, height > least ? height : least, width > 0 ? width : 1);
	settle(f, v, flash, s);
	put_title(f, s);
	put_tabs(f, s, v->ranking);
	put_middle(f, s, v, flash);
	put_facts(f, s, v);
	put_bottom(f, s, v);
}
