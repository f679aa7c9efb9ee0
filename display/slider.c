#include "display/slider.h"

#include <stdio.h>
#include <string.h>

#include "common/instant.h"
#include "common/keys.h"
#include "common/text.h"

static const int64_t minute_us = 60 * INSTANT_SECOND;

/* Times as fast as the race was. */
static const unsigned speeds[] = { 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200 };

enum { SPEEDS = sizeof speeds / sizeof speeds[0] };

/* ---- from moment to moment ---- */

static int64_t
received(const struct slider_scene *c, size_t moment)
{
	return travel_event_at(c->travel, moment)->received_us;
}

static void
go_to(struct slider *s, const struct slider_scene *c, size_t moment)
{
	s->moment = moment;
	s->clock_us = received(c, moment);
}

/* Not beyond the log, at either end. */
static void
go_by_clock(struct slider *s, const struct slider_scene *c, int64_t us)
{
	size_t count = travel_count(c->travel);
	int64_t first_us = received(c, 1);
	int64_t last_us = received(c, count);

	s->clock_us = us < first_us ? first_us : us > last_us ? last_us : us;
	s->moment = travel_received(c->travel, s->clock_us);
}

void
slider_end(struct slider *s, const struct slider_scene *c)
{
	go_to(s, c, travel_count(c->travel));
}

/* ---- a moment that is typed ---- */

static bool
is_typed(uint32_t key)
{
	return (key >= '0' && key <= '9') || key == ':' || key == '.';
}

/* What was wrong is mended from its end, or typed anew. */
static void
type(struct slider *s, uint32_t key)
{
	size_t len;

	if (s->wrong != NULL && key != KEYS_BACKSPACE)
		s->typed[0] = '\0';
	s->wrong = NULL;
	len = strlen(s->typed);
	if (key == KEYS_BACKSPACE && len > 0)
		s->typed[len - 1] = '\0';
	else if (key < 0x80 && len + 1 < sizeof s->typed) {
		s->typed[len] = (char)key;
		s->typed[len + 1] = '\0';
	}
}

/* "10:42", "10:42:00", "10:42:00.5". */
static void
go_to_clock(struct slider *s, const struct slider_scene *c)
{
	bool whole = strchr(strchr(s->typed, ':') + 1, ':') != NULL;
	char text[SLIDER_TYPED + 8];
	enum instant_form form;
	struct err err;
	int64_t us;

	snprintf(text, sizeof text, "%s%s", s->typed, whole ? "" : ":00");
	if (instant_parse(text, &form, &us, &err) < 0 ||
	    form != INSTANT_CLOCK ||
	    travel_clock(c->travel, us, &us, &err) < 0) {
		s->wrong = "no such time of day";
		return;
	}
	if (us < received(c, 1)) {
		s->wrong = "nothing had been received by then";
		return;
	}
	go_by_clock(s, c, us);
	s->typed[0] = '\0';
}

static void
go_to_number(struct slider *s, const struct slider_scene *c)
{
	size_t count = travel_count(c->travel);
	uint64_t log = 0;

	for (const char *p = s->typed; *p != '\0'; p++) {
		if (*p == '.' || log > UINT64_MAX / 100) {
			s->wrong = "no event has that number";
			return;
		}
		log = 10 * log + (uint64_t)(*p - '0');
	}
	if (log < travel_event_at(c->travel, 1)->log ||
	    log > travel_event_at(c->travel, count)->log) {
		s->wrong = "no event has that number";
		return;
	}
	go_to(s, c, travel_numbered(c->travel, log));
	s->typed[0] = '\0';
}

/* False: what was typed is forgotten, and the key means something else. */
static bool
press_typing(struct slider *s, uint32_t key, const struct slider_scene *c)
{
	if (is_typed(key) || key == KEYS_BACKSPACE) {
		type(s, key);
		return true;
	}
	if (key == KEYS_ENTER) {
		if (strchr(s->typed, ':') != NULL)
			go_to_clock(s, c);
		else
			go_to_number(s, c);
		return true;
	}
	s->typed[0] = '\0';
	s->wrong = NULL;
	return key == KEYS_ESCAPE;
}

/* ---- keys ---- */

static enum slider_did
press_end(struct slider *s, const struct slider_scene *c)
{
	if (c->live)
		return SLIDER_LEFT;
	slider_end(s, c);
	return SLIDER_TOOK;
}

static void
faster(struct slider *s, bool more)
{
	if (more && s->speed + 1 < SPEEDS)
		s->speed++;
	else if (!more && s->speed > 0)
		s->speed--;
}

static enum slider_did
press_plain(struct slider *s, uint32_t key, const struct slider_scene *c)
{
	switch (key) {
	case KEYS_LEFT:
		go_to(s, c, travel_before(c->travel, s->moment, c->ranking));
		return SLIDER_TOOK;
	case KEYS_RIGHT:
		go_to(s, c, travel_behind(c->travel, s->moment, c->ranking));
		return SLIDER_TOOK;
	case '[':
	case KEYS_SHIFT_LEFT:
		go_by_clock(s, c, s->clock_us - minute_us);
		return SLIDER_TOOK;
	case ']':
	case KEYS_SHIFT_RIGHT:
		go_by_clock(s, c, s->clock_us + minute_us);
		return SLIDER_TOOK;
	case KEYS_PAGE_UP:
		go_by_clock(s, c, s->clock_us - 10 * minute_us);
		return SLIDER_TOOK;
	case KEYS_PAGE_DOWN:
		go_by_clock(s, c, s->clock_us + 10 * minute_us);
		return SLIDER_TOOK;
	case KEYS_HOME:
		go_to(s, c, travel_first(c->travel));
		return SLIDER_TOOK;
	case KEYS_END:
	case 'l':
	case 't':
		return press_end(s, c);
	case ' ':
		s->playing = !s->playing;
		return SLIDER_TOOK;
	case '+':
	case '-':
		faster(s, key == '+');
		return SLIDER_TOOK;
	default:
		return SLIDER_PASSED;
	}
}

enum slider_did
slider_press(struct slider *s, uint32_t key, const struct slider_scene *c)
{
	if (s->typed[0] != '\0' && press_typing(s, key, c))
		return SLIDER_TOOK;
	if (is_typed(key)) {
		type(s, key);
		return SLIDER_TOOK;
	}
	return press_plain(s, key, c);
}

enum slider_did
slider_play(struct slider *s, int64_t passed_us, const struct slider_scene *c)
{
	int64_t last_us = received(c, travel_count(c->travel));

	if (!s->playing)
		return SLIDER_PASSED;
	if (s->clock_us + passed_us * speeds[s->speed] < last_us) {
		go_by_clock(s, c, s->clock_us + passed_us * speeds[s->speed]);
		return SLIDER_TOOK;
	}
	s->playing = false;
	return press_end(s, c);
}

/* ---- what it looks like ---- */

static void
put_moment(char *out, size_t cap, int64_t us, const char *date)
{
	char whole[40];
	char clock[16];

	instant_format(whole, us);
	instant_clock(clock, us);
	if (strncmp(whole, date, 10) == 0)
		snprintf(out, cap, "%s", clock);
	else
		snprintf(out, cap, "%.10s %s", whole, clock);
}

char *
slider_told(char out[SLIDER_TOLD], const struct slider *s,
    const struct slider_scene *c)
{
	char moment[40];
	char played[32] = "";

	put_moment(moment, sizeof moment, s->clock_us,
	    travel_rules(c->travel, s->moment)->date);
	if (s->playing)
		snprintf(played, sizeof played, "  playing %ux",
		    speeds[s->speed]);
	snprintf(out, SLIDER_TOLD, "as of %s — not live%s", moment, played);
	return out;
}

/* On which of so many columns; what lies outside is at an end. */
static size_t
column(const struct slider_scene *c, int64_t us, size_t columns)
{
	int64_t first_us = received(c, travel_first(c->travel));
	int64_t last_us = received(c, travel_last(c->travel));

	if (us <= first_us || columns < 2 || last_us <= first_us)
		return 0;
	if (us >= last_us)
		return columns - 1;
	return (size_t)((us - first_us) * (int64_t)(columns - 1) /
	    (last_us - first_us));
}

static void
mark_decisions(const struct slider_scene *c, bool *marks, size_t columns)
{
	const uint32_t *moments;
	size_t count = travel_decisions(c->travel, &moments);

	for (size_t i = 0; i < count; i++)
		marks[column(c, received(c, moments[i]), columns)] = true;
}

void
slider_bar(struct screen_line *out, size_t width, const struct slider *s,
    const struct slider_scene *c)
{
	bool marks[SCREEN_BYTES / 4] = { false };
	char text[SCREEN_BYTES];
	char from[16];
	char to[16];
	size_t columns;
	size_t here;
	size_t len;

	instant_clock(from, received(c, travel_first(c->travel)));
	instant_clock(to, received(c, travel_last(c->travel)));
	/* Two times and the blanks beside the bar. */
	columns = width > 20 ? width - 18 : 2;
	if (columns > sizeof marks / sizeof marks[0])
		columns = sizeof marks / sizeof marks[0];
	mark_decisions(c, marks, columns);
	here = column(c, s->clock_us, columns);
	len = (size_t)snprintf(text, sizeof text, "%s ", from);
	for (size_t i = 0; i < columns; i++) {
		const char *cell = i == here ? "◆" : marks[i] ? "┼" : "─";

		if (i == here)
			out->mark = len;
		if (len + 24 < sizeof text)
			len += (size_t)snprintf(text + len, sizeof text - len,
			    "%s", cell);
	}
	out->mark_len = strlen("◆");
	snprintf(text + len, sizeof text - len, " %s", to);
	text_fit(out->text, sizeof out->text, text, width, true);
	/* A window narrower than the bar. */
	if (out->mark + out->mark_len > strlen(out->text)) {
		out->mark = 0;
		out->mark_len = 0;
	}
}
