#include "collector/replay_faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/nearest.h"
#include "common/xalloc.h"
#include "proto/wire.h"

/* A laptop that is set to another zone is hours off; more is another race. */
#define AHEAD_MAX (86400 * INSTANT_SECOND)

enum { WORD = 64 };

/* ---- the command line ---- */

static const char *
usage_of(enum fault_kind kind)
{
	return kind == FAULT_CLOCK
	    ? "write the place and how far its clock is off, as in 4km +2.5s"
	    : "write place, time and how long, as in 4km@+10m for 90s";
}

/* From there up to there, without blanks at its ends.  False: too long. */
static bool
trim(char *out, size_t cap, const char *from, const char *to)
{
	size_t len;

	while (from < to && *from == ' ')
		from++;
	while (from < to && to[-1] == ' ')
		to--;
	len = (size_t)(to - from);
	if (len >= cap)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

static int
take_place(struct fault_wish *out, const char *from, const char *to,
    struct err *err)
{
	if (!trim(out->place, sizeof out->place, from, to))
		return err_set(err, -EINVAL, "the name is too long");
	if (out->place[0] == '\0')
		return err_set(err, -EINVAL, "%s", usage_of(out->kind));
	return 0;
}

static int
take_span(struct fault_wish *out, const char *text, struct err *err)
{
	char word[WORD];
	int rc;

	if (!trim(word, sizeof word, text, text + strlen(text)))
		return err_set(err, -EINVAL, "%s", usage_of(out->kind));
	rc = when_span(word, &out->span_us, err);
	if (rc == 0 && out->span_us == 0)
		rc = err_set(err, -EINVAL, "0 is no fault");
	return rc;
}

/* The last sign that has a span behind it: names have hyphens. */
static int
parse_clock(struct fault_wish *out, const char *text, struct err *err)
{
	for (const char *s = text + strlen(text); s-- > text;) {
		if (strchr("+-", *s) == NULL)
			continue;
		if (strspn(s + 1 + strspn(s + 1, " "), "0123456789") == 0)
			break;
		if (take_span(out, s + 1, err) < 0)
			return -EINVAL;
		if (out->span_us > AHEAD_MAX)
			return err_set(err, -EINVAL,
			    "more than a day is no clock that is off");
		if (*s == '-')
			out->span_us = -out->span_us;
		return take_place(out, text, s, err);
	}
	return err_set(err, -EINVAL, "%s", usage_of(out->kind));
}

static const char *
find_last(const char *text, const char *word)
{
	const char *found = NULL;

	for (const char *s = strstr(text, word); s != NULL;
	     s = strstr(s + 1, word))
		found = s;
	return found;
}

static int
parse_window(struct fault_wish *out, const char *text, struct err *err)
{
	const char *end = find_last(text, " for ");
	const char *at;
	char word[WORD];

	if (end == NULL)
		return err_set(err, -EINVAL, "%s", usage_of(out->kind));
	at = end;
	while (at > text && *at != '@')
		at--;
	if (*at != '@' || !trim(word, sizeof word, at + 1, end))
		return err_set(err, -EINVAL, "%s", usage_of(out->kind));
	if (when_parse(word, &out->from, err) < 0 ||
	    take_span(out, end + strlen(" for "), err) < 0)
		return -EINVAL;
	return take_place(out, text, at, err);
}

int
fault_parse(struct fault_wish *out, enum fault_kind kind, const char *text,
    struct err *err)
{
	*out = (struct fault_wish){ .kind = kind };
	return kind == FAULT_CLOCK ? parse_clock(out, text, err)
	                           : parse_window(out, text, err);
}

/* ---- places ---- */

static bool
is_of(const struct tape_stream *s, const char *place)
{
	if (s->operators)
		return false;
	if (strcmp(s->name, place) == 0)
		return true;
	for (size_t i = 0; i < s->point_count; i++) {
		if (strcmp(s->points[i], place) == 0)
			return true;
	}
	return false;
}

static void
add_word(const char ***words, size_t *count, size_t *cap, const char *word)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*words)[i], word) == 0)
			return;
	}
	*words = xgrow(*words, cap, *count, sizeof **words);
	(*words)[(*count)++] = word;
}

static int
refuse_place(const struct tape *t, const struct fault_wish *w, struct err *err)
{
	const char **words = NULL;
	size_t count = 0;
	size_t cap = 0;
	const char *meant;
	char *all;

	for (size_t i = 0; i < t->stream_count; i++) {
		const struct tape_stream *s = &t->streams[i];

		for (size_t k = 0; !s->operators && k < s->point_count; k++)
			add_word(&words, &count, &cap, s->points[k]);
		if (!s->operators)
			add_word(&words, &count, &cap, s->name);
	}
	if (count == 0)
		return err_set(err, -ENOENT,
		    "%s %s: the recording has no stations", w->option, w->text);
	meant = nearest(w->place, words, count);
	all = nearest_list(words, count);
	(void)err_set(err, -ENOENT,
	    "%s %s: the recording has no point or station '%s'%s%s%s: it has "
	    "%s",
	    w->option, w->text, w->place,
	    meant != NULL ? ", did you mean '" : "", meant != NULL ? meant : "",
	    meant != NULL ? "'?" : "", all);
	free(all);
	free(words);
	return -ENOENT;
}

/* ---- clocks ---- */

void
fault_shift(struct race_event *e, int64_t ahead_us)
{
	struct race_crossing *c = &e->crossing;

	e->made_us = e->made_us + ahead_us < 0 ? 0 : e->made_us + ahead_us;
	if (e->kind != RACE_CROSSING)
		return;
	c->time_us += ahead_us;
	/* What was measured of the clock would have been that much more. */
	if (c->clock == RACE_CLOCK_LAPTOP && c->bound_us != 0)
		c->offset_us -= ahead_us;
}

static bool
read_event(struct wire_arena *arena, const struct tape *t, uint32_t i,
    struct race_event *out)
{
	const struct tape_event *e = &t->events[i];

	wire_reset(arena);
	return wire_get_event(arena, t->bytes + e->at, e->len, out) == 0;
}

/* Every event of the stream has to be one that an aggregator takes. */
static bool
can_shift(const struct tape *t, const struct tape_stream *s, int64_t ahead_us)
{
	struct wire_arena *arena = wire_arena_new();
	struct wire_buffer buffer = { 0 };
	bool can = true;

	for (size_t i = 0; can && i < s->count; i++) {
		struct race_event event;

		if (!read_event(arena, t, s->events[i], &event) ||
		    event.kind == RACE_EVENT_UNKNOWN)
			continue;
		fault_shift(&event, ahead_us);
		buffer.len = 0;
		can = wire_put_event(&buffer, &event) >= 0;
		wire_reset(arena);
		can = can &&
		    wire_get_event(arena, buffer.data, buffer.len, &event) == 0;
	}
	wire_buffer_free(&buffer);
	wire_arena_free(arena);
	return can;
}

int
faults_clocks(int64_t *ahead_us, const struct tape *t,
    const struct fault_wish *wishes, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct fault_wish *w = &wishes[i];
		bool any = false;

		if (w->kind != FAULT_CLOCK)
			continue;
		for (size_t k = 0; k < t->stream_count; k++) {
			if (!is_of(&t->streams[k], w->place))
				continue;
			ahead_us[k] += w->span_us;
			any = true;
		}
		if (!any)
			return refuse_place(t, w, err);
	}
	for (size_t k = 0; k < t->stream_count; k++) {
		if (ahead_us[k] != 0 &&
		    !can_shift(t, &t->streams[k], ahead_us[k]))
			return err_set(err, -ERANGE,
			    "--clock: with it times of %s would be out of the "
			    "years 2000 to 2099, or further off than any clock",
			    t->streams[k].name);
	}
	return 0;
}

/* Whether the stream has an estimate of each clock epoch: PROTOCOL.md 3.7. */
struct epochs {
	uint32_t *numbers;
	size_t count;
	size_t cap;
};

static bool
is_known(const struct epochs *k, uint32_t number)
{
	for (size_t i = 0; i < k->count; i++) {
		if (k->numbers[i] == number)
			return true;
	}
	return false;
}

static void
note_epoch(struct epochs *k, uint32_t number)
{
	if (number == 0 || is_known(k, number))
		return;
	k->numbers = xgrow(k->numbers, &k->cap, k->count, sizeof *k->numbers);
	k->numbers[k->count++] = number;
}

static void
count_stream(struct wire_arena *arena, const struct tape *t,
    const struct tape_stream *s, struct fault_clock_facts *out)
{
	struct epochs known = { 0 };
	struct race_event e;

	for (size_t i = 0; i < s->count; i++) {
		if (read_event(arena, t, s->events[i], &e) &&
		    e.kind == RACE_CLOCK)
			note_epoch(&known, e.clock.clock_epoch);
	}
	for (size_t i = 0; i < s->count; i++) {
		if (!read_event(arena, t, s->events[i], &e) ||
		    e.kind != RACE_CROSSING)
			continue;
		if (e.crossing.clock == RACE_CLOCK_LAPTOP &&
		    (e.crossing.bound_us != 0 ||
		        is_known(&known, e.crossing.clock_epoch)))
			out->measured++;
		else
			out->taken++;
	}
	free(known.numbers);
}

void
fault_clock_facts(const struct tape *t, const struct fault_wish *w,
    struct fault_clock_facts *out)
{
	struct wire_arena *arena = wire_arena_new();

	*out = (struct fault_clock_facts){ 0 };
	for (size_t i = 0; i < t->stream_count; i++) {
		if (is_of(&t->streams[i], w->place))
			count_stream(arena, t, &t->streams[i], out);
	}
	wire_arena_free(arena);
}

/* ---- links and laptops ---- */

/* The log before the first event that was received then or later. */
static size_t
position(const struct tape *t, int64_t us)
{
	size_t i = 0;

	while (i < t->count && t->events[i].received_us < us)
		i++;
	return i;
}

static void
find_streams(struct fault *f, const struct tape *t)
{
	f->streams = xcalloc(t->stream_count + 1, sizeof *f->streams);
	for (size_t i = 0; i < t->stream_count; i++) {
		if (is_of(&t->streams[i], f->wish->place))
			f->streams[f->stream_count++] = (uint32_t)i;
	}
}

/* A station is there from its first event until its last one is stored. */
static int
check_window(struct fault *f, const struct tape *t, struct err *err)
{
	const struct fault_wish *w = f->wish;
	size_t first = position(t, f->from_us);
	size_t end = position(t, f->to_us);
	uint32_t from = UINT32_MAX;
	uint32_t to = 0;
	char words[4][16];

	for (size_t i = 0; i < f->stream_count; i++) {
		const struct tape_stream *s = &t->streams[f->streams[i]];

		if (s->events[0] < from)
			from = s->events[0];
		if (s->events[s->count - 1] > to)
			to = s->events[s->count - 1];
		for (size_t k = 0; k < s->count; k++)
			f->held += s->events[k] >= first && s->events[k] < end;
	}
	if (from < end && to >= first)
		return 0;
	return err_set(err, -ENOENT,
	    "%s %s: %s has nothing to send from %s to %s: its events were "
	    "received from %s to %s",
	    w->option, w->text, w->place, instant_clock(words[0], f->from_us),
	    instant_clock(words[1], f->to_us),
	    instant_clock(words[2], t->events[from].received_us),
	    instant_clock(words[3], t->events[to].received_us));
}

/* What ends goes first, so that a fault may follow another one at once. */
static int
compare_edges(const void *x, const void *y)
{
	const struct fault_edge *a = x;
	const struct fault_edge *b = y;

	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	if (a->begins != b->begins)
		return a->begins ? 1 : -1;
	return a->fault < b->fault ? -1 : a->fault > b->fault;
}

static int
settle_fault(struct fault *f, const struct tape *t,
    const struct when_zero *zero, struct err *err)
{
	const struct fault_wish *w = f->wish;
	int rc = when_settle(&w->from, zero, &f->from_us, err);

	if (rc < 0)
		return err_wrap(err, rc, "%s %s", w->option, w->text);
	f->to_us = f->from_us + w->span_us;
	find_streams(f, t);
	if (f->stream_count == 0)
		return refuse_place(t, w, err);
	return check_window(f, t, err);
}

static void
add_edges(struct faults *f, uint32_t i)
{
	const struct fault *is = &f->faults[i];

	f->edges[f->edge_count++] =
	    (struct fault_edge){ is->from_us, i, .begins = true };
	f->edges[f->edge_count++] =
	    (struct fault_edge){ is->to_us, i, .begins = false };
}

int
faults_settle(struct faults *out, const struct tape *t,
    const struct fault_wish *wishes, size_t count, const struct when_zero *zero,
    struct err *err)
{
	struct faults f = { .faults = xcalloc(count + 1, sizeof *f.faults),
		.edges = xcalloc(2 * count + 1, sizeof *f.edges) };

	for (size_t i = 0; i < count; i++) {
		struct fault *is = &f.faults[f.count];
		int rc;

		if (wishes[i].kind == FAULT_CLOCK)
			continue;
		is->wish = &wishes[i];
		f.count++;
		rc = settle_fault(is, t, zero, err);
		if (rc < 0) {
			faults_clear(&f);
			return rc;
		}
		add_edges(&f, (uint32_t)f.count - 1);
	}
	qsort(f.edges, f.edge_count, sizeof *f.edges, compare_edges);
	*out = f;
	return 0;
}

void
faults_clear(struct faults *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->faults[i].streams);
	free(f->faults);
	free(f->edges);
	*f = (struct faults){ 0 };
}
