#include "race/stations.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/offclock.h"
#include "common/text.h"
#include "common/xalloc.h"

/* No race takes longer. */
static const int64_t longest_us = INT64_C(30) * 86400 * INSTANT_SECOND;

/* ---- cells ---- */

char *
stations_age(int64_t us)
{
	int64_t s = us > 0 ? us / INSTANT_SECOND : 0;

	if (s < 120)
		return xasprintf("%" PRId64 " s", s);
	if (s < 7200)
		return xasprintf("%" PRId64 " min", s / 60);
	if (s < INT64_C(172800))
		return xasprintf("%" PRId64 " h", s / 3600);
	return xasprintf("%" PRId64 " days", s / 86400);
}

static char *
number(uint64_t n)
{
	return xasprintf("%" PRIu64, n);
}

/* What is nothing most of the time, so that its column comes with it. */
static char *
exception(uint64_t n)
{
	return n == 0 ? xstrdup("") : number(n);
}

static char *
clock_time(int64_t us)
{
	char clock[16];

	return xstrdup(us == RACE_NO_TIME ? "none" : instant_clock(clock, us));
}

static char *
ago(int64_t us, int64_t now_us)
{
	/* A file replayed now may hold a race of next year, or of 2014. */
	if (us == RACE_NO_TIME || us > now_us || now_us - us > longest_us)
		return xstrdup("");
	return stations_age(now_us - us);
}

static char *
link_state(const struct message_station *t, int64_t now_us)
{
	char *since;
	char *text;

	if (t->connected)
		return xstrdup("connected");
	if (t->heard_us == 0)
		return xstrdup("not in this run");
	since = stations_age(now_us - t->heard_us);
	text = xasprintf("%s %s ago", t->left ? "left" : "gone", since);
	free(since);
	return text;
}

/* "ok (0.2 ms)", "31.2 s fast (3 ms)": in brackets, how well it is known. */
static char *
wall_clock(const struct message_station *t)
{
	char bound[OFFCLOCK_WORDS];
	char words[OFFCLOCK_WORDS] = "ok";
	struct offclock o = { 0 };

	if (t->bound_us == 0)
		return xstrdup("");
	if ((offclock_look(&o, t->offset_us, (int64_t)t->bound_us) &
	        OFFCLOCK_WRONG) != 0)
		offclock_words(words, t->offset_us);
	return xasprintf("%s (%s)", words,
	    offclock_span(bound, (int64_t)t->bound_us));
}

/* "850 MB", "12.3 GB", "1.8 TB"; 0: it has not said. */
static char *
disk(uint64_t bytes)
{
	uint64_t mega = bytes / 1000000;

	if (bytes == 0)
		return xstrdup("");
	if (mega < 1000)
		return xasprintf("%" PRIu64 " MB", mega);
	if (mega < 1000000)
		return xasprintf("%" PRIu64 ".%" PRIu64 " GB", mega / 1000,
		    mega % 1000 / 100);
	return xasprintf("%" PRIu64 ".%" PRIu64 " TB", mega / 1000000,
	    mega % 1000000 / 100000);
}

/* Of "palmares-collector 0.1.0". */
static const char *
number_of(const char *software)
{
	const char *blank = strrchr(software, ' ');

	return blank != NULL ? blank + 1 : software;
}

static char *
version(const struct message_station *t, const char *ours)
{
	const char *theirs = number_of(t->software);

	return xstrdup(strcmp(theirs, number_of(ours)) != 0 ? theirs : "");
}

/* ---- tables ---- */

enum station_cell {
	NAME,
	POINT,
	LINK,
	LAST,
	AGO,
	RATE,
	WAITING,
	CLOCK,
	DISK,
	CROSSINGS,
	STORED,
	REPEATS,
	HOLES,
	REFUSED,
	VERSION,
	STATION_CELLS
};

static const struct stations_column station_columns[STATION_CELLS] = {
	[NAME] = { "station", false, STATIONS_KEEP },
	[POINT] = { "point", false, 12 },
	[LINK] = { "link", false, STATIONS_KEEP },
	[LAST] = { "last read", false, 5 },
	[AGO] = { "ago", true, 11 },
	[RATE] = { "a min", true, 9 },
	[WAITING] = { "waiting", true, 10 },
	[CLOCK] = { "clock", false, 8 },
	[DISK] = { "disk free", true, 6 },
	[CROSSINGS] = { "reads", true, 13 },
	[STORED] = { "events", true, 0 },
	[REPEATS] = { "repeats", true, 1 },
	[HOLES] = { "holes", true, 2 },
	[REFUSED] = { "refused", true, 4 },
	[VERSION] = { "version", false, 3 },
};

_Static_assert((int)STATION_CELLS <= (int)STATIONS_COLUMNS, "room for all");

static char *
station_cell(enum station_cell c, const struct message_station *t,
    const struct message_status_reply *s)
{
	switch (c) {
	case NAME:
		return xstrdup(t->name);
	case POINT:
		return xstrdup(t->point);
	case LINK:
		return link_state(t, s->now_us);
	case LAST:
		return clock_time(t->last_time_us);
	case AGO:
		return ago(t->last_time_us, s->now_us);
	case RATE:
		return number(t->reads_minute);
	case WAITING:
		return number(t->waiting);
	case CLOCK:
		return wall_clock(t);
	case DISK:
		return disk(t->disk_free);
	case CROSSINGS:
		return number(t->crossings);
	case STORED:
		return number(t->stored);
	case REPEATS:
		return exception(t->repeats);
	case HOLES:
		return exception(t->holes);
	case REFUSED:
		return exception(t->refused);
	case VERSION:
		return version(t, s->software);
	case STATION_CELLS:
		break;
	}
	return xstrdup("");
}

enum point_cell {
	POINT_NAME,
	POINT_READS,
	POINT_LAST,
	POINT_AGO,
	POINT_RATE,
	POINT_AWAITED,
	POINT_CELLS
};

static const struct stations_column point_columns[POINT_CELLS] = {
	[POINT_NAME] = { "point", false, STATIONS_KEEP },
	[POINT_READS] = { "reads", true, 4 },
	[POINT_LAST] = { "last read", false, 3 },
	[POINT_AGO] = { "ago", true, 5 },
	[POINT_RATE] = { "a min", true, 6 },
	[POINT_AWAITED] = { "awaited", true, STATIONS_KEEP },
};

static char *
point_cell(enum point_cell c, const struct message_point_state *p,
    int64_t now_us)
{
	switch (c) {
	case POINT_NAME:
		return xstrdup(p->point);
	case POINT_READS:
		return number(p->reads);
	case POINT_LAST:
		return clock_time(p->last_us);
	case POINT_AGO:
		return ago(p->last_us, now_us);
	case POINT_RATE:
		return number(p->reads_minute);
	case POINT_AWAITED:
		return exception(p->awaited);
	case POINT_CELLS:
		break;
	}
	return xstrdup("");
}

static void
start(struct stations_table *t, const struct stations_column *columns,
    size_t count, size_t rows)
{
	memcpy(t->columns, columns, count * sizeof *columns);
	t->column_count = count;
	t->row_count = rows;
	t->cells = xcalloc(rows * count + 1, sizeof *t->cells);
}

static bool
is_empty(const struct stations_table *t, size_t column)
{
	for (size_t i = 0; i < t->row_count; i++)
		if (t->cells[i * t->column_count + column][0] != '\0')
			return false;
	return true;
}

static void
leave_out_empty(struct stations_table *t)
{
	size_t before = t->column_count;
	bool empty[STATIONS_COLUMNS] = { false };
	size_t kept = 0;
	size_t cell = 0;

	for (size_t k = 0; k < before; k++)
		empty[k] = is_empty(t, k);
	for (size_t i = 0; i < before * t->row_count; i++) {
		if (empty[i % before])
			free(t->cells[i]);
		else
			t->cells[cell++] = t->cells[i];
	}
	for (size_t k = 0; k < before; k++)
		if (!empty[k])
			t->columns[kept++] = t->columns[k];
	t->column_count = kept;
}

void
stations_table(struct stations_table *out, const struct message_status_reply *s)
{
	start(out, station_columns, STATION_CELLS, s->station_count);
	for (size_t i = 0; i < s->station_count * STATION_CELLS; i++)
		out->cells[i] =
		    station_cell((enum station_cell)(i % STATION_CELLS),
		        &s->stations[i / STATION_CELLS], s);
	/* Of a race replayed, the time itself is all there is. */
	if (is_empty(out, AGO))
		out->columns[LAST].need = out->columns[AGO].need;
	leave_out_empty(out);
}

size_t
stations_width(const struct stations_table *t, size_t column)
{
	size_t width = text_width(t->columns[column].head);

	for (size_t i = 0; i < t->row_count; i++) {
		size_t w = text_width(t->cells[i * t->column_count + column]);

		if (w > width)
			width = w;
	}
	return width;
}

static void
leave_out_one(struct stations_table *t, size_t at)
{
	size_t cell = 0;

	for (size_t i = 0; i < t->column_count * t->row_count; i++) {
		if (i % t->column_count == at)
			free(t->cells[i]);
		else
			t->cells[cell++] = t->cells[i];
	}
	t->column_count--;
	for (size_t k = at; k < t->column_count; k++)
		t->columns[k] = t->columns[k + 1];
}

void
stations_fit(struct stations_table *t, size_t width, size_t gap)
{
	while (t->column_count > 1) {
		size_t used = 0;
		size_t least = 0;

		for (size_t k = 0; k < t->column_count; k++) {
			used += stations_width(t, k) + (k > 0 ? gap : 0);
			if (t->columns[k].need < t->columns[least].need)
				least = k;
		}
		if (used <= width || t->columns[least].need >= STATIONS_KEEP)
			return;
		leave_out_one(t, least);
	}
}

void
stations_points(struct stations_table *out,
    const struct message_status_reply *s)
{
	start(out, point_columns, POINT_CELLS, s->point_count);
	for (size_t i = 0; i < s->point_count * POINT_CELLS; i++)
		out->cells[i] = point_cell((enum point_cell)(i % POINT_CELLS),
		    &s->points[i / POINT_CELLS], s->now_us);
	leave_out_empty(out);
}

void
stations_clear(struct stations_table *t)
{
	for (size_t i = 0; i < t->column_count * t->row_count; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->row_count = 0;
}

/* ---- lines ---- */

char *
stations_alarm(const struct message_alarm *a, int64_t now_us)
{
	char clock[16];
	char *age = stations_age(now_us - a->since_us);
	char *text = xasprintf("since %s (%s): %s",
	    instant_clock(clock, a->since_us), age, a->text);

	free(age);
	return text;
}

char *
stations_season(const struct message_season *s, int64_t now_us)
{
	char *age = stations_age(now_us - s->read_us);
	char clock[16];
	char *text;

	instant_clock(clock, s->read_us);
	if (s->trouble[0] != '\0')
		text = xasprintf("season %s: %s, read at %s (%s ago)", s->name,
		    s->trouble, clock, age);
	else if (s->reading)
		text = xasprintf("season %s: has changed, is being read; shown "
		                 "as read at %s (%s ago)",
		    s->name, clock, age);
	else
		text = xasprintf("season %s: current, read at %s (%s ago)",
		    s->name, clock, age);
	free(age);
	return text;
}

size_t
stations_more(const struct message_status_reply *s)
{
	return s->station_total > s->station_count
	    ? s->station_total - s->station_count
	    : 0;
}

/* Of which a part is in that state; nothing of none. */
static void
add_part(char **text, size_t count, const char *state)
{
	char *before = *text;

	if (count == 0)
		return;
	*text = xasprintf("%s, %zu %s", before, count, state);
	free(before);
}

char *
stations_summary(const struct message_status_reply *s)
{
	size_t all = s->station_count + stations_more(s);
	size_t connected = 0;
	size_t left = 0;
	size_t gone = 0;
	char *text;

	if (all == 0)
		return xstrdup("no station has spoken yet");
	for (size_t i = 0; i < s->station_count; i++) {
		const struct message_station *t = &s->stations[i];

		if (t->connected)
			connected++;
		else if (t->left)
			left++;
		else if (t->heard_us != 0)
			gone++;
	}
	text = xasprintf("%zu station%s: %zu connected", all,
	    all == 1 ? "" : "s", connected);
	add_part(&text, gone, "gone");
	add_part(&text, left, "left");
	add_part(&text, s->station_count - connected - left - gone,
	    "not in this run");
	add_part(&text, stations_more(s), "not listed");
	return text;
}

bool
stations_alarmed(const struct message_status_reply *s,
    const struct message_station *t)
{
	for (size_t i = 0; i < s->alarm_count; i++)
		if (s->alarms[i].stream == t->stream && t->stream != 0)
			return true;
	return false;
}
