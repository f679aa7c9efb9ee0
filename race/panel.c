#include "race/panel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/keys.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/replica.h"
#include "race/stations.h"

enum {
	ABOVE = 2,
	BELOW = 2,
	GAP = 2, /* between two columns */
	/* Of a name that is wider, where there is no room for all. */
	NAME_WANTS = 16,
	NAME_MIN = 8,
	INDENT = 4 /* of an alarm's second line */
};

/* ---- what there is to show, as lines of any number ---- */

struct body_line {
	char *text;
	unsigned style;
	size_t head; /* the line with the heads above, or its own number */
};

struct body {
	struct body_line *lines;
	size_t count;
	size_t cap;
	size_t alarms; /* of which so many are alarms' */
	size_t width;
};

static struct body_line *
add(struct body *b, const char *text, unsigned style)
{
	char fitted[SCREEN_BYTES];
	struct body_line *line;

	b->lines = xgrow(b->lines, &b->cap, b->count, sizeof *b->lines);
	line = &b->lines[b->count];
	text_fit(fitted, sizeof fitted, text, b->width, true);
	line->text = xstrdup(fitted);
	line->style = style;
	line->head = b->count++;
	return line;
}

static void
clear(struct body *b)
{
	for (size_t i = 0; i < b->count; i++)
		free(b->lines[i].text);
	free(b->lines);
}

/* ---- alarms ---- */

/* How many bytes of text go on a line: up to the last blank that fits. */
static size_t
bytes_that_fit(const char *text, size_t width)
{
	size_t len = strcspn(text, " ");
	size_t next;

	while (text[len] != '\0') {
		char *head;
		bool fits;

		next = len + 1 + strcspn(text + len + 1, " ");
		head = xasprintf("%.*s", (int)next, text);
		fits = text_width(head) <= width;
		free(head);
		if (!fits)
			break;
		len = next;
	}
	return len;
}

static void
add_wrapped(struct body *b, const char *text, unsigned style)
{
	size_t indent = 0;

	while (*text != '\0') {
		size_t room = b->width > indent ? b->width - indent : 1;
		size_t len = bytes_that_fit(text, room);
		char *line =
		    xasprintf("%*s%.*s", (int)indent, "", (int)len, text);

		add(b, line, style);
		free(line);
		text += len;
		text += strspn(text, " ");
		indent = INDENT;
	}
}

static void
add_alarms(struct body *b, const struct message_status_reply *s)
{
	for (size_t i = 0; i < s->alarm_count; i++) {
		char *text = stations_alarm(&s->alarms[i], s->now_us);

		add_wrapped(b, text, SCREEN_BOLD);
		free(text);
	}
	b->alarms = b->count;
	if (s->alarm_count > 0)
		add(b, "", 0);
}

/* ---- tables ---- */

/* Which columns of a table are shown, and how wide. */
struct layout {
	size_t count;
	size_t from[STATIONS_COLUMNS];
	size_t widths[STATIONS_COLUMNS]; /* all of it */
	size_t least[STATIONS_COLUMNS];
};

static size_t
taken(const struct layout *l, const size_t *widths)
{
	size_t sum = l->count > 0 ? (l->count - 1) * GAP : 0;

	for (size_t i = 0; i < l->count; i++)
		sum += widths[i];
	return sum;
}

static void
drop(struct layout *l, size_t at)
{
	l->count--;
	for (size_t i = at; i < l->count; i++) {
		l->from[i] = l->from[i + 1];
		l->widths[i] = l->widths[i + 1];
		l->least[i] = l->least[i + 1];
	}
}

/* Leaves out the least needed column; false when all have to stay. */
static bool
drop_one(struct layout *l, const struct stations_table *t)
{
	size_t at = 0;

	for (size_t i = 1; i < l->count; i++)
		if (t->columns[l->from[i]].need < t->columns[l->from[at]].need)
			at = i;
	if (l->count == 0 || t->columns[l->from[at]].need >= STATIONS_KEEP)
		return false;
	drop(l, at);
	return true;
}

/* Room that is left goes to names that are cut, from the left. */
static void
widen(struct layout *l, size_t width)
{
	for (size_t i = 0; i < l->count; i++) {
		size_t used = taken(l, l->least);
		size_t more = l->widths[i] - l->least[i];

		if (used >= width)
			return;
		l->least[i] += more < width - used ? more : width - used;
	}
}

static void
divide(struct layout *l, const struct stations_table *t, size_t width)
{
	l->count = t->column_count;
	for (size_t i = 0; i < l->count; i++) {
		l->from[i] = i;
		l->widths[i] = stations_width(t, i);
		l->least[i] = l->widths[i];
		if (!t->columns[i].right && l->least[i] > NAME_WANTS)
			l->least[i] = NAME_WANTS;
	}
	while (taken(l, l->least) > width && drop_one(l, t))
		;
	/* Only the name and what has to stay beside it are left. */
	while (l->count > 0 && taken(l, l->least) > width &&
	    l->least[0] > NAME_MIN)
		l->least[0]--;
	widen(l, width);
}

/* cell: of the k-th column shown. */
static void
put_cell(char out[SCREEN_BYTES], const struct layout *l, size_t k, bool right,
    const char *cell)
{
	size_t len = strlen(out);
	size_t own = text_width(cell);
	size_t blanks = right && own < l->least[k] ? l->least[k] - own : 0;

	if (k > 0)
		blanks += GAP;
	text_fit(out + len, SCREEN_BYTES - len, "", blanks, true);
	len += strlen(out + len);
	text_fit(out + len, SCREEN_BYTES - len, cell,
	    right && own < l->least[k] ? own : l->least[k], true);
}

static void
add_heads(struct body *b, const struct layout *l,
    const struct stations_table *t)
{
	char line[SCREEN_BYTES] = "";

	for (size_t k = 0; k < l->count; k++) {
		const struct stations_column *c = &t->columns[l->from[k]];

		put_cell(line, l, k, c->right, c->head);
	}
	add(b, line, SCREEN_UNDERLINE);
}

static struct body_line *
add_row(struct body *b, const struct layout *l, const struct stations_table *t,
    size_t row, unsigned style)
{
	char *const *cells = &t->cells[row * t->column_count];
	char line[SCREEN_BYTES] = "";

	for (size_t k = 0; k < l->count; k++)
		put_cell(line, l, k, t->columns[l->from[k]].right,
		    cells[l->from[k]]);
	return add(b, line, style);
}

static unsigned
station_style(const struct message_status_reply *s, size_t i)
{
	const struct message_station *t = &s->stations[i];

	if (stations_alarmed(s, t))
		return SCREEN_BOLD;
	return t->connected ? 0 : SCREEN_DIM;
}

static void
add_stations(struct body *b, const struct message_status_reply *s)
{
	struct stations_table t;
	struct layout l;
	char more[64];
	size_t head;

	stations_table(&t, s);
	divide(&l, &t, b->width);
	head = b->count;
	if (t.row_count > 0)
		add_heads(b, &l, &t);
	for (size_t i = 0; i < t.row_count; i++)
		add_row(b, &l, &t, i, station_style(s, i))->head = head;
	stations_clear(&t);
	if (stations_more(s) > 0) {
		(void)snprintf(more, sizeof more, "and %zu more",
		    stations_more(s));
		add(b, more, SCREEN_DIM)->head = head;
	}
}

static unsigned
point_style(const struct message_status_reply *s, size_t i)
{
	for (size_t k = 0; k < s->alarm_count; k++)
		if (s->alarms[k].kind == MESSAGE_ALARM_SILENT &&
		    strcmp(s->alarms[k].point, s->points[i].point) == 0)
			return SCREEN_BOLD;
	return 0;
}

static void
add_points(struct body *b, const struct message_status_reply *s)
{
	struct stations_table t;
	struct layout l;
	size_t head;

	if (s->point_count == 0)
		return;
	if (s->station_count > 0)
		add(b, "", 0);
	stations_points(&t, s);
	divide(&l, &t, b->width);
	head = b->count;
	add_heads(b, &l, &t);
	for (size_t i = 0; i < t.row_count; i++)
		add_row(b, &l, &t, i, point_style(s, i))->head = head;
	stations_clear(&t);
}

static void
add_seasons(struct body *b, const struct message_status_reply *s)
{
	if (s->season_count > 0 && s->station_count + s->point_count > 0)
		add(b, "", 0);
	for (size_t i = 0; i < s->season_count; i++) {
		char *text = stations_season(&s->seasons[i], s->now_us);

		add_wrapped(b, text,
		    s->seasons[i].trouble[0] != '\0' ? SCREEN_BOLD : 0);
		free(text);
	}
}

/* ---- the screen ---- */

static void
put(struct panel *p, size_t line, const char *text, unsigned style)
{
	text_fit(p->lines[line].text, SCREEN_BYTES, text, p->width, true);
	p->lines[line].style = style;
}

static void
put_both(struct panel *p, size_t line, const char *left, const char *right,
    unsigned style)
{
	text_pair(p->lines[line].text, SCREEN_BYTES, p->width, left, right);
	p->lines[line].style = style;
}

static bool
is_stale(const struct panel_scene *s)
{
	return s->age_us >= REPLICA_SILENCE_US;
}

static void
put_title(struct panel *p, const struct panel_scene *s)
{
	char state[48] = "LIVE";

	if (s->status == NULL)
		(void)snprintf(state, sizeof state, "WAITING");
	else if (is_stale(s))
		(void)snprintf(state, sizeof state, "STALE %" PRId64 " s",
		    s->age_us / INSTANT_SECOND);
	put_both(p, 0, s->title[0] != '\0' ? s->title : "Palmarès", state,
	    SCREEN_BOLD);
}

static void
put_summary(struct panel *p, const struct message_status_reply *s)
{
	char *text = stations_summary(s);
	char alarms[48] = "no alarms";

	if (s->alarm_count > 0)
		(void)snprintf(alarms, sizeof alarms, "%zu alarm%s",
		    s->alarm_count, s->alarm_count == 1 ? "" : "s");
	put_both(p, 1, text, alarms, s->alarm_count > 0 ? SCREEN_BOLD : 0);
	free(text);
}

/* Where there is more than fits, alarms up to a third of the screen stay. */
static size_t
pinned(const struct panel *p, const struct body *b, size_t room)
{
	size_t most = p->height / 3;

	if (b->count <= room || most >= room)
		return 0;
	return b->alarms < most ? b->alarms : most;
}

static void
settle(struct panel *p, size_t count)
{
	size_t last = count > p->page ? count - p->page : 0;

	if (p->top > last)
		p->top = last;
}

static void
put_line(struct panel *p, size_t at, const struct body_line *line, bool stale)
{
	put(p, at, line->text,
	    stale ? (line->style & ~(unsigned)SCREEN_BOLD) | SCREEN_DIM
	          : line->style);
}

static void
put_body(struct panel *p, const struct body *b, bool stale)
{
	size_t room = p->height - ABOVE - BELOW;
	size_t fixed = pinned(p, b, room);

	p->page = room - fixed;
	settle(p, b->count - fixed);
	for (size_t i = 0; i < room; i++) {
		size_t from = i < fixed ? i : i + p->top;

		if (from >= b->count)
			break;
		/* The names of the columns stay above their rows. */
		if (i == fixed && b->lines[from].head < from)
			from = b->lines[from].head;
		put_line(p, ABOVE + i, &b->lines[from], stale);
	}
}

static void
put_facts(struct panel *p, const struct message_status_reply *s, size_t total)
{
	char clock[16];
	char moment[32] = "no crossing yet";
	char text[160];
	char part[80] = "";
	size_t room = p->height - ABOVE - BELOW;
	size_t last = p->top + room;

	if (s->as_of_us != RACE_NO_TIME)
		(void)snprintf(moment, sizeof moment, "as of %s",
		    instant_clock(clock, s->as_of_us));
	(void)snprintf(text, sizeof text,
	    "%s  %" PRIu64 " crossings, %" PRIu64 " of nobody, %" PRIu32
	    " entries",
	    moment, s->crossings, s->unknown, s->entries);
	if (total > room)
		(void)snprintf(part, sizeof part, "lines %zu-%zu of %zu",
		    p->top + 1, last < total ? last : total, total);
	put_both(p, p->height - 2, text, part, SCREEN_DIM);
}

static void
put_status(struct panel *p, const struct panel_scene *s)
{
	struct body b = { .width = p->width };

	put_summary(p, s->status);
	add_alarms(&b, s->status);
	add_stations(&b, s->status);
	add_points(&b, s->status);
	add_seasons(&b, s->status);
	put_body(p, &b, is_stale(s));
	put_facts(p, s->status, b.count);
	clear(&b);
}

static void
put_waiting(struct panel *p, const struct panel_scene *s)
{
	char *words = xasprintf("  waiting for the aggregator at %s", s->peer);

	put(p, p->height > ABOVE + BELOW + 1 ? ABOVE + 1 : ABOVE, words, 0);
	free(words);
	p->page = 1;
}

static void
resize(struct panel *p, size_t height, size_t width)
{
	if (height > p->cap) {
		p->lines = xreallocarray(p->lines, height, sizeof *p->lines);
		p->cap = height;
	}
	p->height = height;
	p->width = width;
	for (size_t i = 0; i < height; i++) {
		p->lines[i].mark = 0;
		p->lines[i].mark_len = 0;
		put(p, i, "", 0);
	}
}

void
panel_compose(struct panel *p, size_t height, size_t width,
    const struct panel_scene *s)
{
	/* Smaller is drawn cut. */
	resize(p, height > ABOVE + BELOW ? height : ABOVE + BELOW + 1,
	    width > 0 ? width : 1);
	put_title(p, s);
	if (s->status != NULL)
		put_status(p, s);
	else
		put_waiting(p, s);
	put(p, p->height - 1, s->log[0] != '\0' ? s->log : s->keys, SCREEN_DIM);
}

void
panel_close(struct panel *p)
{
	free(p->lines);
	p->lines = NULL;
	p->cap = 0;
}

bool
panel_press(struct panel *p, uint32_t key)
{
	size_t back = key == KEYS_UP ? 1 : p->page;

	if (key == KEYS_HOME)
		p->top = 0;
	else if (key == KEYS_END)
		p->top = SIZE_MAX / 2;
	else if (key == KEYS_DOWN)
		p->top++;
	else if (key == KEYS_PAGE_DOWN)
		p->top += p->page;
	else if (key == KEYS_UP || key == KEYS_PAGE_UP)
		p->top = p->top > back ? p->top - back : 0;
	else
		return false;
	return true;
}
