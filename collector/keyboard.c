#include "collector/keyboard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"

enum { NOTE = 512, PAGE = 10, WHO = RACE_BIB_MAX + RACE_NAME_MAX + 32 };

enum reason { NO_REASON, TYPED, UNSAVED };

struct keyboard {
	struct keyboard_setup setup;
	struct deeds *deeds;

	char text[RACE_BIB_MAX + 1];
	int64_t time_us; /* of the line, RACE_NO_TIME: none */
	int64_t boot_us;
	struct clockwork_mark mark;
	int64_t emptied_mono_us; /* INT64_MAX: it is not */
	int64_t enter_mono_us;   /* the latest Enter */
	unsigned held;           /* how often it was passed over since */
	bool soon; /* the latest entry may be a key held down, too */
	size_t selected;

	char note[NOTE];
	bool warns;
	size_t strange; /* the entry whose bib it says nobody has */
	bool rings;
	enum reason asked; /* whether to leave all the same */
	bool ended;
};

struct keyboard *
keyboard_new(const struct keyboard_setup *setup)
{
	struct keyboard *k = xcalloc(1, sizeof *k);

	k->setup = *setup;
	k->deeds = deeds_new(setup->point, setup->bibs, setup->last);
	k->time_us = RACE_NO_TIME;
	k->emptied_mono_us = INT64_MAX;
	k->enter_mono_us = INT64_MIN;
	k->selected = DEEDS_NONE;
	k->strange = DEEDS_NONE;
	return k;
}

void
keyboard_free(struct keyboard *k)
{
	if (k == NULL)
		return;
	deeds_free(k->deeds);
	free(k);
}

/* ---- what was entered ---- */

void
keyboard_recall(struct keyboard *k, uint64_t seq,
    const struct race_event *event)
{
	deeds_recall(k->deeds, seq, event);
}

void
keyboard_estimate(struct keyboard *k, const struct race_clock_estimate *e,
    int64_t made_us)
{
	deeds_estimate(k->deeds, e, made_us);
}

uint64_t
keyboard_last(const struct keyboard *k)
{
	return deeds_last(k->deeds);
}

void
keyboard_event(const struct keyboard *k, uint64_t seq, struct race_event *out)
{
	deeds_event(k->deeds, seq, out);
}

void
keyboard_durable(struct keyboard *k, uint64_t seq)
{
	deeds_durable(k->deeds, seq);
}

size_t
keyboard_count(const struct keyboard *k)
{
	return deeds_count(k->deeds);
}

const struct deeds_entry *
keyboard_entry(const struct keyboard *k, size_t i)
{
	return deeds_entry(k->deeds, i);
}

int64_t
keyboard_seen(const struct keyboard *k, size_t end, const char *bib,
    int64_t time_us)
{
	return deeds_seen(k->deeds, end, bib, time_us);
}

/* ---- words ---- */

char *
keyboard_clock(char out[24], int64_t us)
{
	char clock[16];

	/* Cut, not rounded: 10:59:59.97 is not yet 11:00:00. */
	(void)snprintf(out, 24, "%s.%d", instant_clock(clock, us),
	    (int)(us % INSTANT_SECOND / 100000));
	return out;
}

static void say(struct keyboard *k, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void warn(struct keyboard *k, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct keyboard *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(k->note, sizeof k->note, fmt, ap);
	va_end(ap);
	k->warns = false;
	k->strange = DEEDS_NONE;
}

static void
warn(struct keyboard *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(k->note, sizeof k->note, fmt, ap);
	va_end(ap);
	k->warns = true;
	k->strange = DEEDS_NONE;
	k->rings = true;
}

/* "102 Ada Lovelace", "102", "no bib" */
static const char *
who(const struct keyboard *k, char out[WHO], const char *bib)
{
	const struct race_entry *e = bibs_find(k->setup.bibs, bib);

	if (bib[0] == '\0')
		(void)snprintf(out, WHO, "no bib");
	else if (e == NULL || e->name[0] == '\0')
		(void)snprintf(out, WHO, "%s", bib);
	else
		(void)snprintf(out, WHO, "%s %s", bib, e->name);
	return out;
}

/* What is to be told of an entry that just got its bib. */
static void
say_bib(struct keyboard *k, size_t i, const char *what)
{
	const struct deeds_entry *e = deeds_entry(k->deeds, i);
	int64_t first = deeds_seen(k->deeds, i, e->bib, e->time_us);
	char clock[24];
	char text[WHO];

	if (bibs_unknown(k->setup.bibs, e->bib)) {
		char guess[NOTE / 2];

		bibs_guess(k->setup.bibs, e->bib, guess, sizeof guess);
		warn(k, "%s %s, but nobody has it. Wrong? Ctrl-Z.%s%s", e->bib,
		    what, guess[0] != '\0' ? " Perhaps " : "", guess);
		k->strange = i;
	} else if (first != RACE_NO_TIME) {
		warn(k, "%s %s, again, first at %s. Wrong? Ctrl-Z.",
		    who(k, text, e->bib), what, keyboard_clock(clock, first));
	} else {
		say(k, "%s %s, %s", who(k, text, e->bib), what,
		    keyboard_clock(clock, e->time_us));
	}
}

void
keyboard_renew(struct keyboard *k)
{
	const struct deeds_entry *e;
	char text[WHO];

	/* A key that wiped the words off may have left the number. */
	if (k->strange == DEEDS_NONE || k->note[0] == '\0')
		return;
	e = deeds_entry(k->deeds, k->strange);
	if (!bibs_unknown(k->setup.bibs, e->bib))
		say(k, "%s: entered meanwhile, and taken",
		    who(k, text, e->bib));
}

/* ---- undoing ---- */

static void
say_back(struct keyboard *k, size_t i, const char *what)
{
	const struct deeds_entry *e = deeds_entry(k->deeds, i);
	char clock[24];
	char text[WHO];

	say(k, "%s: no %zu, %s, %s", what, i + 1,
	    keyboard_clock(clock, e->time_us), who(k, text, e->bib));
}

static void
say_refilled(struct keyboard *k, size_t i, const char *what)
{
	const struct deeds_entry *e = deeds_entry(k->deeds, i);
	char clock[24];
	char text[WHO];

	say(k, "%s: no %zu, %s, has %s again", what, i + 1,
	    keyboard_clock(clock, e->time_us), who(k, text, e->bib));
}

static void
say_change(struct keyboard *k, enum deeds_change change, size_t i,
    const char *refilled)
{
	switch (change) {
	case DEEDS_NOTHING:
		break;
	case DEEDS_GONE:
		say_back(k, i, "taken back");
		break;
	case DEEDS_BACK:
		say_back(k, i, "brought back");
		break;
	case DEEDS_REFILLED:
		say_refilled(k, i, refilled);
		break;
	}
}

static void
undo(struct keyboard *k, int64_t made_us)
{
	size_t i = DEEDS_NONE;
	enum deeds_change change = deeds_undo(k->deeds, made_us, &i);

	if (change == DEEDS_NOTHING)
		warn(k, "nothing to take back");
	else
		say_change(k, change, i, "taken back");
}

static void
redo(struct keyboard *k, int64_t made_us)
{
	size_t i = DEEDS_NONE;
	enum deeds_change change = deeds_redo(k->deeds, made_us, &i);

	if (change == DEEDS_NOTHING)
		warn(k, "nothing to do again");
	else
		say_change(k, change, i, "done again");
}

/* ---- the line ---- */

void
keyboard_resume(struct keyboard *k, const struct keyboard_draft *draft)
{
	char clock[24];

	/* Erased before the end: nobody was being typed. */
	if (draft->text[0] == '\0')
		return;
	(void)snprintf(k->text, sizeof k->text, "%s", draft->text);
	k->time_us = draft->time_us;
	k->boot_us = draft->boot_us;
	k->mark = draft->mark;
	warn(k,
	    "you were typing %s at %s: go on and Enter takes it at that time, "
	    "Esc drops it",
	    k->text, keyboard_clock(clock, k->time_us));
}

static void
clear_line(struct keyboard *k)
{
	k->text[0] = '\0';
	k->time_us = RACE_NO_TIME;
	k->emptied_mono_us = INT64_MAX;
}

static void
stamp_line(struct keyboard *k, const struct keys_stamp *stamp)
{
	if (k->time_us != RACE_NO_TIME)
		return;
	k->time_us = stamp->utc_us;
	k->boot_us = stamp->boot_us;
	clockwork_mark(k->setup.clocks, stamp, &k->mark);
}

/* The line's crossing, with or without bib. */
static void
enter(struct keyboard *k, const struct keys_stamp *stamp)
{
	struct deeds_entry e = { .listed = k->setup.listed };
	char clock[24];
	size_t i;

	stamp_line(k, stamp);
	e.time_us = k->time_us;
	e.boot_us = k->boot_us;
	e.mark = k->mark;
	memcpy(e.bib, k->text, sizeof e.bib);
	i = deeds_enter(k->deeds, &e, stamp->utc_us);
	k->held = 0;
	k->soon = false;
	clear_line(k);
	if (e.bib[0] != '\0')
		say_bib(k, i, "taken");
	else if (e.listed)
		say(k, "no %zu: a runner whose bib was not read", i + 1);
	else
		say(k,
		    "no %zu: a time without bib, %s; Up, then type it, when "
		    "you know it",
		    i + 1, keyboard_clock(clock, e.time_us));
}

/* One that bounces does so once; one that is held down had a pause before it
 * began to repeat, and its first repetition was taken for a runner. */
static void
pass_over(struct keyboard *k)
{
	k->held++;
	if (k->held == 1)
		say(k, "a key held down counts once");
	else if (k->held == 2 && k->soon)
		warn(k,
		    "a key held down: no %zu may be nobody: Ctrl-Z takes it "
		    "back",
		    deeds_count(k->deeds));
}

/* Enter or Space with nothing typed. */
static void
enter_empty(struct keyboard *k, const struct keys_stamp *stamp,
    int64_t before_mono_us)
{
	int64_t pause_us = before_mono_us == INT64_MIN
	    ? INT64_MAX
	    : stamp->mono_us - before_mono_us;

	if (pause_us < KEYBOARD_HELD_US) {
		pass_over(k);
		return;
	}
	enter(k, stamp);
	k->soon = pause_us <= KEYBOARD_PAUSE_US;
}

static void
enter_fill_in(struct keyboard *k, int64_t made_us)
{
	size_t i = k->selected;
	char before[RACE_BIB_MAX + 1];
	char what[RACE_BIB_MAX + 64];

	memcpy(before, deeds_entry(k->deeds, i)->bib, sizeof before);
	if (strcmp(before, k->text) == 0) {
		say(k, "no %zu has %s already", i + 1, before);
	} else {
		deeds_fill(k->deeds, i, k->text, made_us);
		if (before[0] != '\0')
			(void)snprintf(what, sizeof what,
			    "put in no %zu instead of %s", i + 1, before);
		else
			(void)snprintf(what, sizeof what, "put in no %zu",
			    i + 1);
		say_bib(k, i, what);
	}
	k->text[0] = '\0';
	k->selected = DEEDS_NONE;
}

static void
press_enter(struct keyboard *k, const struct keys_stamp *stamp)
{
	int64_t before_mono_us = k->enter_mono_us;

	k->enter_mono_us = stamp->mono_us;
	if (k->text[0] == '\0' && k->selected != DEEDS_NONE)
		k->selected = DEEDS_NONE;
	else if (k->text[0] == '\0')
		enter_empty(k, stamp, before_mono_us);
	else if (k->selected != DEEDS_NONE)
		enter_fill_in(k, stamp->utc_us);
	else
		enter(k, stamp);
}

/* Somebody passes, whatever entry is chosen. */
static void
press_space(struct keyboard *k, const struct keys_stamp *stamp)
{
	int64_t before_mono_us = k->enter_mono_us;

	if (k->text[0] != '\0') {
		warn(k, "no blanks in a bib: Enter takes %s", k->text);
		return;
	}
	k->enter_mono_us = stamp->mono_us;
	enter_empty(k, stamp, before_mono_us);
}

static size_t
encode(char out[5], uint32_t c)
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len; i > 1; i--) {
		out[i - 1] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[len] | c);
	out[len] = '\0';
	return len;
}

/* Printable, and no blank of any kind. */
static bool
is_bib_character(const char *bytes)
{
	char copy[5];

	memcpy(copy, bytes, sizeof copy);
	return text_printable(copy) && text_trim(copy)[0] != '\0';
}

static void
press_character(struct keyboard *k, uint32_t c, const struct keys_stamp *stamp)
{
	size_t used = strlen(k->text);
	char bytes[5] = "";
	size_t len;

	if (c >= KEYS_LEFT)
		return;
	len = encode(bytes, c);
	if (!is_bib_character(bytes))
		return;
	if (k->selected != DEEDS_NONE &&
	    deeds_entry(k->deeds, k->selected)->gone) {
		warn(k,
		    "no %zu was taken back: Delete brings it back, Esc "
		    "leaves it",
		    k->selected + 1);
		return;
	}
	if (len > RACE_BIB_MAX - used) {
		warn(k,
		    "no bib is longer than that: Enter takes it, Backspace "
		    "corrects");
		return;
	}
	if (k->selected == DEEDS_NONE)
		stamp_line(k, stamp);
	memcpy(k->text + used, bytes, len + 1);
	k->emptied_mono_us = INT64_MAX;
	k->note[0] = '\0';
	k->warns = false;
}

static void
press_backspace(struct keyboard *k, int64_t now_mono_us)
{
	size_t len = strlen(k->text);

	if (len == 0)
		return;
	do {
		len--;
	} while (len > 0 && ((unsigned char)k->text[len] & 0xc0) == 0x80);
	k->text[len] = '\0';
	if (len == 0 && k->time_us != RACE_NO_TIME)
		k->emptied_mono_us = now_mono_us;
}

static void
press_escape(struct keyboard *k)
{
	char clock[24];

	if (k->selected != DEEDS_NONE) {
		k->selected = DEEDS_NONE;
		k->text[0] = '\0';
		k->note[0] = '\0';
		k->warns = false;
	} else if (k->time_us != RACE_NO_TIME) {
		say(k, "dropped: %s, %s",
		    k->text[0] != '\0' ? k->text : "no bib",
		    keyboard_clock(clock, k->time_us));
		clear_line(k);
	}
}

/* ---- earlier entries ---- */

/* The time of what is being typed is not to be lost on the way. */
static bool
may_choose(struct keyboard *k)
{
	if (k->text[0] != '\0') {
		warn(k, "first finish %s: Enter takes it, Esc drops it",
		    k->text);
		return false;
	}
	if (deeds_count(k->deeds) == 0) {
		warn(k, "nothing has been entered yet");
		return false;
	}
	return true;
}

static void
choose(struct keyboard *k, size_t i)
{
	clear_line(k);
	k->selected = i;
	k->note[0] = '\0';
	k->warns = false;
}

static void
press_up(struct keyboard *k, size_t step)
{
	size_t from =
	    k->selected == DEEDS_NONE ? deeds_count(k->deeds) : k->selected;

	if (may_choose(k))
		choose(k, from > step ? from - step : 0);
}

static void
press_down(struct keyboard *k, size_t step)
{
	if (k->selected == DEEDS_NONE || !may_choose(k))
		return;
	if (deeds_count(k->deeds) - k->selected > step)
		choose(k, k->selected + step);
	else
		choose(k, DEEDS_NONE);
}

static void
press_delete(struct keyboard *k, int64_t made_us)
{
	size_t i = k->selected;

	if (i == DEEDS_NONE || k->text[0] != '\0') {
		warn(k,
		    "Delete takes back an entry that you have chosen with "
		    "Up");
		return;
	}
	/* The next runner is not to be typed into it. */
	k->selected = DEEDS_NONE;
	deeds_toggle(k->deeds, i, made_us);
	say_back(k, i,
	    deeds_entry(k->deeds, i)->gone ? "taken back" : "brought back");
}

static void
press_undo(struct keyboard *k, uint32_t key, int64_t made_us)
{
	/* Esc is for what is not entered. */
	if (k->text[0] != '\0') {
		warn(k, "%s is not entered yet: Esc drops it", k->text);
		return;
	}
	choose(k, DEEDS_NONE);
	if (key == KEYS_CTRL_Z)
		undo(k, made_us);
	else
		redo(k, made_us);
}

/* ---- leaving ---- */

static enum reason
reason_to_stay(const struct keyboard *k)
{
	if (deeds_unsaved(k->deeds) > 0)
		return UNSAVED;
	return k->text[0] != '\0' ? TYPED : NO_REASON;
}

static void
press_leave(struct keyboard *k, enum reason asked)
{
	enum reason reason = reason_to_stay(k);

	if (reason == NO_REASON || reason == asked) {
		k->ended = true;
		return;
	}
	k->asked = reason;
	if (reason == UNSAVED)
		warn(k,
		    "%zu NOT ON DISK: leave now and they are lost. Write them "
		    "down; Ctrl-C again leaves",
		    deeds_unsaved(k->deeds));
	else
		warn(k,
		    "%s is not entered: Enter takes it; Ctrl-C again leaves",
		    k->text);
}

/* ---- ---- */

/* Nobody could store such a time. */
static bool
is_sane(const struct keys_stamp *stamp)
{
	return stamp->utc_us >= RACE_TIME_MIN && stamp->utc_us < RACE_TIME_MAX;
}

void
keyboard_tick(struct keyboard *k, int64_t now_mono_us)
{
	char clock[24];

	if (now_mono_us < keyboard_deadline(k))
		return;
	say(k, "%s let go: nothing was typed again within 5 s",
	    keyboard_clock(clock, k->time_us));
	clear_line(k);
}

int64_t
keyboard_deadline(const struct keyboard *k)
{
	if (k->emptied_mono_us == INT64_MAX)
		return INT64_MAX;
	return k->emptied_mono_us + KEYBOARD_EMPTIED_US;
}

void
keyboard_press(struct keyboard *k, const struct keys_press *press)
{
	const struct keys_stamp *stamp = &press->stamp;
	enum reason asked = k->asked;

	keyboard_tick(k, stamp->mono_us);
	k->asked = NO_REASON;
	if (!is_sane(stamp) && press->key != KEYS_CTRL_C) {
		warn(k, "not taken: this laptop's clock is wrong: set it");
		return;
	}
	switch (press->key) {
	case KEYS_ENTER:
		press_enter(k, stamp);
		return;
	case ' ':
		press_space(k, stamp);
		return;
	case KEYS_BACKSPACE:
		press_backspace(k, stamp->mono_us);
		return;
	case KEYS_ESCAPE:
		press_escape(k);
		return;
	case KEYS_UP:
		press_up(k, 1);
		return;
	case KEYS_PAGE_UP:
		press_up(k, PAGE);
		return;
	case KEYS_DOWN:
		press_down(k, 1);
		return;
	case KEYS_PAGE_DOWN:
		press_down(k, PAGE);
		return;
	case KEYS_DELETE:
		press_delete(k, stamp->utc_us);
		return;
	case KEYS_CTRL_Z:
	case KEYS_CTRL_Y:
		press_undo(k, press->key, stamp->utc_us);
		return;
	case KEYS_CTRL_C:
		press_leave(k, asked);
		return;
	default:
		press_character(k, press->key, stamp);
	}
}

bool
keyboard_draft(const struct keyboard *k, struct keyboard_draft *out)
{
	if (k->time_us == RACE_NO_TIME)
		return false;
	out->time_us = k->time_us;
	out->boot_us = k->boot_us;
	out->mark = k->mark;
	memcpy(out->text, k->text, sizeof out->text);
	return true;
}

bool
keyboard_rings(struct keyboard *k)
{
	bool rings = k->rings;

	k->rings = false;
	return rings;
}

bool
keyboard_ended(const struct keyboard *k)
{
	return k->ended;
}

const char *
keyboard_text(const struct keyboard *k)
{
	return k->text;
}

int64_t
keyboard_since(const struct keyboard *k)
{
	return k->time_us;
}

size_t
keyboard_selected(const struct keyboard *k)
{
	return k->selected;
}

const char *
keyboard_note(const struct keyboard *k)
{
	return k->note;
}

bool
keyboard_warns(const struct keyboard *k)
{
	return k->warns;
}
