#include "collector/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"

enum {
	TEXT = 1024,
	CELL = 512,
	/* Around the entries: title and state above; note, prompt, preview and
	 * keys below. */
	AROUND = 6,
	/* With room for the heads of the columns and a line of the log. */
	TALL = 16,
	MIDDLING = 12, /* room for two lines of what a key did */
	WIDE = 64,     /* room for numbers and teams */
	HELP = 78,
	TIME = 10,
	NUMBER = 5,
	STATE = 11, /* "NOT ON DISK" */
	BIB_MIN = 4,
	BIB_MAX = 12,
	NAME_MAX = 40,
	REMARK_MAX = 60
};

/* Below this somebody has to look for room soon. */
#define DISK_LOW UINT64_C(50000000)

void
sheet_close(struct sheet *s)
{
	free(s->lines);
	s->lines = NULL;
}

/* ---- lines ---- */

static void
put(struct screen_line *line, size_t width, const char *text)
{
	text_fit(line->text, sizeof line->text, text, width, true);
}

/* right keeps its room, as long as there is any for left. */
static void
put_pair(struct screen_line *line, size_t width, const char *left,
    const char *right)
{
	size_t tail = text_width(right);
	size_t head = width > tail + 2 ? width - tail - 2 : width;
	size_t len;

	text_fit(line->text, sizeof line->text, left, head, true);
	if (head == width)
		return;
	len = strlen(line->text);
	(void)snprintf(line->text + len, sizeof line->text - len, "  %s",
	    right);
}

/* Appends a cell of that width to text, and a gap. */
static void
add_cell(char text[SCREEN_BYTES], const char *cell, size_t width, size_t gap)
{
	size_t len = strlen(text);

	if (width == 0)
		return;
	text_fit(text + len, SCREEN_BYTES - len, cell, width, true);
	len = strlen(text);
	(void)snprintf(text + len, SCREEN_BYTES - len, "%*s", (int)gap, "");
}

static size_t
lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The bytes of text that fit into width, broken at a blank. */
static size_t
line_length(const char *text, size_t width)
{
	size_t best = 0;
	size_t len = 0;

	while (text[len] != '\0') {
		char line[TEXT];

		len += strspn(text + len, " ");
		len += strcspn(text + len, " ");
		if (len >= sizeof line)
			break;
		memcpy(line, text, len);
		line[len] = '\0';
		if (text_width(line) > width)
			break;
		best = len;
	}
	/* A word that is wider than the screen is cut by put(). */
	return best > 0 ? best : strlen(text);
}

/* Breaks at blanks, and cuts what needs more than `room` lines; returns the
 * lines used. */
static size_t
put_paragraph(struct sheet *s, size_t y, size_t room, const char *indent,
    const char *text)
{
	size_t width = s->width - lesser(s->width, strlen(indent));
	size_t used = 0;

	while (*text != '\0' && used < room) {
		size_t len =
		    used + 1 < room ? line_length(text, width) : strlen(text);
		char line[TEXT];

		(void)snprintf(line, sizeof line, "%s%.*s", indent, (int)len,
		    text);
		put(&s->lines[y + used++], s->width, line);
		text += len;
		text += strspn(text, " ");
	}
	return used;
}

/* ---- the head ---- */

static void
put_title(struct sheet *s, const struct sheet_scene *c)
{
	char left[CELL];
	char clock[16];

	(void)snprintf(left, sizeof left, "%s%s%s%s", c->point,
	    c->listed ? " (bibs)" : "", c->title[0] != '\0' ? " - " : "",
	    c->title);
	put_pair(&s->lines[0], s->width, left, instant_clock(clock, c->now_us));
	s->lines[0].style = SCREEN_BOLD | SCREEN_REVERSE;
}

static void
put_link(char *out, size_t cap, const struct sheet_scene *c)
{
	switch (c->link) {
	case UPLINK_CONNECTING:
		(void)snprintf(out, cap, "looking for the aggregator");
		return;
	case UPLINK_UP:
		(void)snprintf(out, cap, "link up");
		return;
	case UPLINK_DOWN:
		if (c->gone_us > 0)
			(void)snprintf(out, cap, "NO LINK for %" PRId64 " s",
			    c->gone_us / INSTANT_SECOND);
		else
			(void)snprintf(out, cap, "NO LINK");
		return;
	case UPLINK_REFUSED:
		(void)snprintf(out, cap, "REFUSED");
		return;
	}
}

struct counts {
	size_t memory;
	size_t disk;
	size_t sent;
};

static struct counts
count_entries(const struct sheet_scene *c)
{
	struct counts n = { 0 };

	for (size_t i = 0; i < keyboard_count(c->keyboard); i++) {
		uint64_t seq = keyboard_entry(c->keyboard, i)->touched;

		if (seq > c->durable)
			n.memory++;
		else if (seq > c->acked)
			n.disk++;
		else
			n.sent++;
	}
	return n;
}

static void
put_disk(char *out, size_t cap, uint64_t bytes)
{
	bool big = bytes >= 10 * UINT64_C(1000000000);

	(void)snprintf(out, cap, "disk %" PRIu64 " %s free",
	    bytes / (big ? 1000000000 : 1000000), big ? "GB" : "MB");
}

static void
put_state(struct sheet *s, const struct sheet_scene *c)
{
	struct screen_line *line = &s->lines[1];
	struct counts n = count_entries(c);
	char link[CELL];
	char left[TEXT];
	char right[CELL] = "";

	if (c->full) {
		(void)snprintf(left, sizeof left,
		    "DISK FULL: %zu NOT ON DISK. Make room, leave this on!",
		    n.memory);
		put(line, s->width, left);
		line->style = SCREEN_BOLD | SCREEN_REVERSE;
		return;
	}
	put_link(link, sizeof link, c);
	if (keyboard_count(c->keyboard) == 0)
		(void)snprintf(left, sizeof left, "%s", link);
	else if (n.disk == 0)
		(void)snprintf(left, sizeof left, "%s: %s%zu sent", link,
		    n.memory == 0 ? "all " : "", n.sent);
	else
		(void)snprintf(left, sizeof left,
		    "%s: %zu on disk to be sent, %zu sent", link, n.disk,
		    n.sent);
	if (c->disk_free < DISK_LOW)
		put_disk(right, sizeof right, c->disk_free);
	else if (s->width >= WIDE)
		(void)snprintf(right, sizeof right, "%s", c->name);
	put_pair(line, s->width, left, right);
	if (c->link == UPLINK_DOWN || c->link == UPLINK_REFUSED ||
	    c->disk_free < DISK_LOW)
		line->style = SCREEN_BOLD;
}

/* Returns the lines used. */
static size_t
put_alarm(struct sheet *s, const struct sheet_scene *c)
{
	size_t room = s->height >= TALL ? 3 : s->height >= MIDDLING ? 2 : 1;
	size_t used = put_paragraph(s, 2, room, "", c->alarm);

	for (size_t i = 0; i < used; i++)
		s->lines[2 + i].style =
		    c->wrong ? SCREEN_BOLD | SCREEN_REVERSE : SCREEN_BOLD;
	return used;
}

/* ---- the entries ---- */

struct columns {
	size_t gap;
	size_t number;
	size_t bib;
	size_t name;
	size_t remark;
};

static struct columns
measure(const struct sheet *s, const struct sheet_scene *c, size_t rows)
{
	size_t end = keyboard_count(c->keyboard);
	struct columns w = { .gap = 1, .bib = BIB_MIN };
	size_t fixed;
	size_t rest;

	for (size_t i = s->top; i < end && i < s->top + rows; i++) {
		size_t width = text_width(keyboard_entry(c->keyboard, i)->bib);

		if (width > w.bib)
			w.bib = lesser(width, BIB_MAX);
	}
	if (s->width >= WIDE) {
		w.gap = 2;
		w.number = NUMBER;
	}
	fixed = TIME + w.bib + STATE + 3 * w.gap;
	if (w.number > 0)
		fixed += w.number + w.gap;
	rest = s->width > fixed ? s->width - fixed : 0;
	if (w.number == 0) {
		w.name = rest;
		return w;
	}
	w.name = lesser((rest - w.gap) * 4 / 7, NAME_MAX);
	w.remark = lesser(rest - w.gap - w.name, REMARK_MAX);
	return w;
}

static void
put_row(struct screen_line *line, size_t width, const struct columns *w,
    const char *const cells[6])
{
	char text[SCREEN_BYTES] = "";

	add_cell(text, cells[0], w->number, w->gap);
	add_cell(text, cells[1], TIME, w->gap);
	add_cell(text, cells[2], w->bib, w->gap);
	add_cell(text, cells[3], w->name, w->gap);
	add_cell(text, cells[4], w->remark, w->gap);
	add_cell(text, cells[5], STATE, 0);
	put(line, width, text);
}

static const char *
state_word(const struct sheet_scene *c, const struct deeds_entry *e)
{
	/* A commit that is on its way is no alarm. */
	if (e->touched > c->durable)
		return c->full ? "NOT ON DISK" : "...";
	if (e->gone)
		return "taken back";
	return e->touched > c->acked ? "on disk" : "sent";
}

struct words {
	char name[CELL];
	char remark[CELL];
	bool across; /* name takes the room of both */
	bool strange;
};

static void
describe_unknown(struct words *out, const struct sheet_scene *c,
    const struct columns *w, const char *bib)
{
	char guess[CELL];

	out->strange = true;
	if (w->remark == 0) {
		(void)snprintf(out->name, CELL, "unknown");
		return;
	}
	out->across = true;
	bibs_guess(c->bibs, bib, guess, sizeof guess);
	(void)snprintf(out->name, CELL, "nobody has it%s%.*s",
	    guess[0] != '\0' ? ": " : "", CELL / 2, guess);
}

static void
describe(struct words *out, const struct sheet_scene *c,
    const struct columns *w, size_t i)
{
	const struct deeds_entry *e = keyboard_entry(c->keyboard, i);
	const struct race_entry *who = bibs_find(c->bibs, e->bib);
	int64_t first = RACE_NO_TIME;
	char clock[16];

	*out = (struct words){ .strange = e->bib[0] == '\0' };
	if (e->bib[0] == '\0')
		(void)snprintf(out->name, CELL, "%s",
		    c->listed ? "(bib not read)" : "(no bib yet)");
	else if (bibs_unknown(c->bibs, e->bib))
		describe_unknown(out, c, w, e->bib);
	if (who != NULL) {
		(void)snprintf(out->name, CELL, "%s", who->name);
		(void)snprintf(out->remark, CELL, "%s",
		    who->team[0] != '\0' ? who->team : who->category);
	}
	if (!e->gone)
		first = keyboard_seen(c->keyboard, i, e->bib, e->time_us);
	if (first == RACE_NO_TIME)
		return;
	/* Where remarks have no column, this one is worth the name. */
	(void)snprintf(w->remark > 0 ? out->remark : out->name, CELL,
	    "again (%s)", instant_clock(clock, first));
	out->across = false;
	out->strange = true;
}

static void
put_entry(struct sheet *s, const struct sheet_scene *c, const struct columns *w,
    size_t i, size_t y)
{
	const struct deeds_entry *e = keyboard_entry(c->keyboard, i);
	struct screen_line *line = &s->lines[y];
	struct columns mine = *w;
	struct words words;
	char number[CELL];
	char clock[24];

	(void)snprintf(number, sizeof number, "%*zu", NUMBER, i + 1);
	describe(&words, c, w, i);
	if (words.across) {
		mine.name += w->gap + w->remark;
		mine.remark = 0;
	}
	put_row(line, s->width, &mine,
	    (const char *const[]){ number, keyboard_clock(clock, e->time_us),
	        e->bib[0] != '\0' ? e->bib : "?", words.name, words.remark,
	        state_word(c, e) });
	if (i == keyboard_selected(c->keyboard))
		line->style = SCREEN_REVERSE;
	else if (e->gone)
		line->style = SCREEN_DIM;
	else if (words.strange || (c->full && e->touched > c->durable))
		line->style = SCREEN_BOLD;
}

static void
settle(struct sheet *s, const struct sheet_scene *c, size_t rows)
{
	size_t count = keyboard_count(c->keyboard);
	size_t selected = keyboard_selected(c->keyboard);
	size_t last = count > rows ? count - rows : 0;

	if (selected == DEEDS_NONE || s->top > last)
		s->top = last;
	if (selected != DEEDS_NONE && selected < s->top)
		s->top = selected;
	if (selected != DEEDS_NONE && selected >= s->top + rows)
		s->top = selected - rows + 1;
}

/* For somebody who has read nothing. */
static void
put_advice(struct sheet *s, const struct sheet_scene *c, size_t y, size_t end)
{
	static const char *const times[] = {
		"Type the bib of each runner who passes, then Enter. The time "
		"is that of the first key.",
		"No time to read a bib: Enter alone takes the time. Fill in "
		"the bib later, with Up.",
		"A mistake: Ctrl-Z takes the last entry back.",
	};
	static const char *const bibs[] = {
		"Type the bibs in the order in which runners pass, each with "
		"Enter. Times are taken on the other laptop.",
		"A bib that cannot be read: Enter alone. Every runner needs a "
		"line, or those behind shift.",
		"A mistake: Ctrl-Z takes the last entry back.",
	};
	const char *const *lines = c->listed ? bibs : times;
	bool roomy = end - y > 10;
	char fresh[TEXT];

	for (size_t i = 0; i < 3 && y + roomy < end; i++) {
		y += roomy;
		y += put_paragraph(s, y, end - y, "  ", lines[i]);
	}
	if (c->fresh[0] == '\0' || y + roomy >= end)
		return;
	y += roomy;
	(void)snprintf(fresh, sizeof fresh,
	    "This is a new list, kept in %s. If there was one before, leave "
	    "and start in its folder.",
	    c->fresh);
	put_paragraph(s, y, end - y, "  ", fresh);
}

static void
put_entries(struct sheet *s, const struct sheet_scene *c, size_t y, size_t end)
{
	static const char *const heads[] = { "   no", "time", "bib", "name",
		"team", "state" };
	struct columns w;

	if (keyboard_count(c->keyboard) == 0) {
		put_advice(s, c, y, end);
		return;
	}
	if (s->height >= TALL)
		y++;
	settle(s, c, end - y);
	w = measure(s, c, end - y);
	if (s->height >= TALL) {
		put_row(&s->lines[y - 1], s->width, &w, heads);
		s->lines[y - 1].style = SCREEN_UNDERLINE;
	}
	for (size_t i = s->top; i < keyboard_count(c->keyboard) && y < end; i++)
		put_entry(s, c, &w, i, y++);
}

/* ---- the line that is being typed ---- */

/* At the foot of its lines. */
static void
put_note(struct sheet *s, const struct sheet_scene *c, size_t y, size_t room)
{
	const char *note = keyboard_note(c->keyboard);

	if (text_width(note) <= s->width) {
		y += room - 1;
		room = 1;
	}
	room = put_paragraph(s, y, room, "", note);
	for (size_t i = 0; i < room && keyboard_warns(c->keyboard); i++)
		s->lines[y + i].style = SCREEN_BOLD | SCREEN_REVERSE;
}

static void
put_prompt(struct sheet *s, const struct sheet_scene *c, size_t y)
{
	const struct keyboard *k = c->keyboard;
	size_t selected = keyboard_selected(k);
	int64_t since = keyboard_since(k);
	char clock[24] = "";
	char text[TEXT];

	if (selected != DEEDS_NONE) {
		(void)snprintf(text, sizeof text, "bib of no %zu, %s > %s",
		    selected + 1,
		    keyboard_clock(clock, keyboard_entry(k, selected)->time_us),
		    keyboard_text(k));
	} else {
		if (since != RACE_NO_TIME)
			keyboard_clock(clock, since);
		(void)snprintf(text, sizeof text, "%*s > %s",
		    s->width >= WIDE ? 2 + NUMBER + TIME : TIME,
		    since != RACE_NO_TIME ? clock : "bib", keyboard_text(k));
	}
	put(&s->lines[y], s->width, text);
	s->lines[y].style = SCREEN_BOLD;
	s->cursor_line = y;
	s->cursor_column = text_width(text);
}

/* "... 120 Ada, 121 Bob": what it may become. */
static void
preview_beginning(char *out, size_t cap, const struct race_entry *const *list,
    size_t count)
{
	size_t len = (size_t)snprintf(out, cap, "...");

	for (size_t i = 0; i < count && len < cap; i++)
		len += (size_t)snprintf(out + len, cap - len, "%s %s%s%s",
		    i > 0 ? "," : "", list[i]->bib,
		    list[i]->name[0] != '\0' ? " " : "", list[i]->name);
}

static void
preview_known(char *out, size_t cap, const struct race_entry *e)
{
	(void)snprintf(out, cap, "= %s%s%s%s%s", e->name,
	    e->team[0] != '\0' ? ", " : "", e->team,
	    e->category[0] != '\0' ? ", " : "", e->category);
}

enum { BEGINNING = 4 };

/* True if it is a warning. */
static bool
preview(const struct sheet_scene *c, char *out, size_t cap)
{
	const struct race_entry *list[BEGINNING];
	const char *text = keyboard_text(c->keyboard);
	const struct race_entry *e = bibs_find(c->bibs, text);
	char guess[TEXT / 2];
	size_t count;

	out[0] = '\0';
	if (e != NULL) {
		preview_known(out, cap, e);
		return false;
	}
	if (bibs_empty(c->bibs))
		return false;
	count = bibs_beginning(c->bibs, text, list, BEGINNING);
	if (count > 0) {
		preview_beginning(out, cap, list, count);
		return false;
	}
	bibs_guess(c->bibs, text, guess, sizeof guess);
	(void)snprintf(out, cap, "nobody has %s%s%s", text,
	    guess[0] != '\0' ? ": perhaps " : "", guess);
	return true;
}

static void
put_preview(struct sheet *s, const struct sheet_scene *c, size_t y)
{
	const struct keyboard *k = c->keyboard;
	struct screen_line *line = &s->lines[y];
	char words[TEXT] = "";
	char again[CELL] = "";
	char clock[16];
	int64_t since = keyboard_since(k);
	int64_t first;

	if (keyboard_text(k)[0] == '\0') {
		if (since != RACE_NO_TIME)
			put(line, s->width,
			    "the time is kept for 5 s: type the bib again");
		return;
	}
	if (preview(c, words, sizeof words))
		line->style = SCREEN_BOLD;
	first = keyboard_seen(k, keyboard_count(k), keyboard_text(k),
	    since != RACE_NO_TIME ? since : c->now_us);
	if (first != RACE_NO_TIME && keyboard_selected(k) == DEEDS_NONE) {
		(void)snprintf(again, sizeof again, "again, first at %s",
		    instant_clock(clock, first));
		line->style = SCREEN_BOLD;
	}
	put_pair(line, s->width, words, again);
}

/* ---- the foot ---- */

static bool
is_chosen_gone(const struct keyboard *k)
{
	size_t i = keyboard_selected(k);

	return i != DEEDS_NONE && keyboard_entry(k, i)->gone;
}

static const char *
help(const struct sheet *s, const struct sheet_scene *c)
{
	const struct keyboard *k = c->keyboard;
	bool wide = s->width >= HELP;

	if (is_chosen_gone(k))
		return wide ? "Delete: bring it back  Esc: leave it"
		            : "Del bring back  Esc leave";
	if (keyboard_selected(k) != DEEDS_NONE && !wide)
		return "bib+Enter fill in  Del undo  Esc leave";
	if (keyboard_selected(k) != DEEDS_NONE)
		return c->listed ? "bib, Enter: fill in  Delete: take back  "
		                   "Esc: leave it  Space: bib not read"
		                 : "bib, Enter: fill in  Delete: take back  "
		                   "Esc: leave it  Space: a time now";
	if (keyboard_text(k)[0] != '\0')
		return wide ? "Enter: take it  Backspace: correct  Esc: drop it"
		            : "Enter take  Bksp correct  Esc drop";
	if (c->listed)
		return wide ? "Enter alone: bib not read  Up: earlier ones  "
		              "Ctrl-Z: undo  Ctrl-C: leave"
		            : "Enter no bib  Up earlier  ^Z undo  ^C end";
	return wide ? "Enter alone: time without bib  Up: earlier ones  "
	              "Ctrl-Z: undo  Ctrl-C: leave"
	            : "Enter time  Up earlier  ^Z undo  ^C end";
}

static void
put_foot(struct sheet *s, const struct sheet_scene *c)
{
	struct screen_line *last = &s->lines[s->height - 1];
	struct screen_line *log = last;

	put(last, s->width, help(s, c));
	last->style = SCREEN_DIM;
	if (s->height >= TALL)
		log = last - 1;
	else if (keyboard_note(c->keyboard)[0] == '\0')
		log = last - 3;
	if (c->log[0] != '\0') {
		put(log, s->width, c->log);
		log->style = 0;
	}
}

/* ---- all of it ---- */

static void
resize(struct sheet *s, size_t height, size_t width)
{
	if (height > s->cap) {
		s->lines = xreallocarray(s->lines, height, sizeof *s->lines);
		s->cap = height;
	}
	s->height = height;
	s->width = width;
	for (size_t i = 0; i < height; i++) {
		s->lines[i].style = 0;
		s->lines[i].mark = 0;
		s->lines[i].mark_len = 0;
		put(&s->lines[i], width, "");
	}
}

void
sheet_compose(struct sheet *s, size_t height, size_t width,
    const struct sheet_scene *c)
{
	size_t notes;
	size_t y;

	/* Smaller is drawn cut. */
	resize(s, height > AROUND ? height : AROUND + 1, width > 0 ? width : 1);
	notes = s->height >= MIDDLING ? 2 : 1;
	y = s->height - (s->height >= TALL ? 4 : 3) - notes;
	put_title(s, c);
	put_state(s, c);
	put_entries(s, c, 2 + put_alarm(s, c), y);
	put_note(s, c, y, notes);
	put_prompt(s, c, y + notes);
	put_preview(s, c, y + notes + 1);
	put_foot(s, c);
}
