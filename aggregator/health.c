#include "aggregator/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/backlog.h"
#include "aggregator/rate.h"
#include "common/offclock.h"
#include "common/strmap.h"
#include "common/xalloc.h"
#include "race/choice.h"
#include "race/rules.h"

enum {
	TEXT = 800, /* two names, a point and our words: none is ever cut */
	SPAN = 32,
	KINDS = MESSAGE_ALARM_SEASON + 1,
	/* Looked at in one go: some 10 ms.  Of a million runners one point is
	 * looked at each second. */
	LOOK_RUNNERS = 200000
};

static const int64_t second_us = 1000000;
/* A point without reads is looked at after, and told after. */
static const int64_t quiet_us = 60 * second_us;
static const int64_t patience_us = 10 * second_us;
/* One who is missing has given up somewhere; of several a mat is told. */
static const uint32_t awaited_min = 5;
/* Of a large field, that many between two points: one in fifty. */
static const uint32_t drop_out = 50;
/* What is read later than our own clock says is a reader's wrong clock. */
static const int64_t ahead_us = 60 * second_us;

/* Below the one it begins, above the other it ends. */
static const uint64_t disk_low = 200000000;
static const uint64_t disk_enough = 250000000;

/* Gravest first: what cannot be stored or is not read is lost for ever, what
 * does not count can still be put right. */
static const enum message_alarm_kind order[] = { MESSAGE_ALARM_STORE,
	MESSAGE_ALARM_MISFITS, MESSAGE_ALARM_SILENT, MESSAGE_ALARM_GONE,
	MESSAGE_ALARM_DISK, MESSAGE_ALARM_PUBLISHED, MESSAGE_ALARM_POINT,
	MESSAGE_ALARM_WAITING, MESSAGE_ALARM_WALL_CLOCK,
	MESSAGE_ALARM_CLOCK_BOUND, MESSAGE_ALARM_SEASON,
	MESSAGE_ALARM_VERSION };

struct lasting {
	bool on;
	int64_t since_us; /* UTC */
	int64_t since_mono_us;
};

struct station {
	struct rate reads;
	bool connected;
	uint64_t stored; /* when it went */
	struct offclock clock;
	struct backlog backlog;
	int64_t left_us; /* the leave that was said: when it was heard last */
	struct lasting alarms[KINDS];
};

struct point {
	struct rate reads;
	uint64_t seen;   /* reads, at the last look */
	bool read;       /* there were others before */
	int64_t read_us; /* race time when the latest arrived */
	int64_t last_us; /* its own, and no later than that; RACE_NO_TIME */
	struct rank_awaited awaited;
	bool pending;
	int64_t pending_us;
	struct lasting silent;
};

struct health {
	const struct race_rules *rules;
	char *software;
	struct strmap *by_stream;
	struct station *stations;
	size_t count;
	size_t cap;
	struct point *points;
	struct message_point_state *states;
	struct lasting store;
	struct lasting misfits;
	struct lasting published;
	struct lasting season;
	int64_t latest_us;      /* of the points' reads */
	int64_t latest_mono_us; /* when that arrived */
	int64_t race_us;        /* race time of the look */

	/* Of a look. */
	const struct health_scene *scene;
	health_say_fn say;
	void *arg;
	size_t left; /* of LOOK_RUNNERS */
	size_t next; /* point: whose turn it is then */

	struct message_alarm *alarms;
	size_t alarm_count;
	size_t alarm_cap;
	char **texts; /* of alarms, for free() */
	size_t text_cap;
};

struct health *
health_new(const struct race_rules *rules, const char *software)
{
	struct health *h = xcalloc(1, sizeof *h);

	h->rules = rules;
	h->software = xstrdup(software);
	h->by_stream = strmap_new();
	h->points = xcalloc(rules->point_count + 1, sizeof *h->points);
	h->states = xcalloc(rules->point_count + 1, sizeof *h->states);
	h->latest_us = RACE_NO_TIME;
	for (size_t i = 0; i < rules->point_count; i++)
		h->states[i] = (struct message_point_state){
			.point = rules->points[i].name,
			.last_us = RACE_NO_TIME,
		};
	return h;
}

static void
forget_alarms(struct health *h)
{
	for (size_t i = 0; i < h->alarm_count; i++)
		free(h->texts[i]);
	h->alarm_count = 0;
}

void
health_free(struct health *h)
{
	if (h == NULL)
		return;
	forget_alarms(h);
	strmap_free(h->by_stream);
	free(h->software);
	free(h->stations);
	free(h->points);
	free(h->states);
	free(h->alarms);
	free(h->texts);
	free(h);
}

static const char *
key_of(char out[17], uint64_t stream)
{
	(void)snprintf(out, 17, "%016" PRIx64, stream);
	return out;
}

static struct station *
find(const struct health *h, uint64_t stream)
{
	char key[17];
	uint32_t i = strmap_get(h->by_stream, key_of(key, stream));

	return i == STRMAP_NONE ? NULL : &h->stations[i];
}

static struct station *
find_or_add(struct health *h, uint64_t stream)
{
	struct station *w = find(h, stream);
	char key[17];

	if (w != NULL)
		return w;
	strmap_put(h->by_stream, key_of(key, stream), (uint32_t)h->count);
	h->stations =
	    xgrow(h->stations, &h->cap, h->count, sizeof *h->stations);
	w = &h->stations[h->count++];
	*w = (struct station){ 0 };
	return w;
}

void
health_crossing(struct health *h, uint64_t stream, int point, int64_t now_us)
{
	rate_add(&find_or_add(h, stream)->reads, now_us);
	if (point >= 0)
		rate_add(&h->points[point].reads, now_us);
}

/* ---- words ---- */

/* "94 s", "4 min", "2 h 5 min" */
static const char *
span(char out[SPAN], int64_t us)
{
	int64_t s = us / second_us;
	int64_t min = s / 60;

	if (s < 120)
		(void)snprintf(out, SPAN, "%" PRId64 " s", s);
	else if (min < 120)
		(void)snprintf(out, SPAN, "%" PRId64 " min", min);
	else
		(void)snprintf(out, SPAN, "%" PRId64 " h %" PRId64 " min",
		    min / 60, min % 60);
	return out;
}

static const char *
many(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* "collector desk (arrivee)"; the rest of the line goes behind it. */
static size_t
put_who(char out[TEXT], const struct message_station *st)
{
	int n;

	if (st->point[0] != '\0')
		n = snprintf(out, TEXT, "collector %s (%s): ", st->name,
		    st->point);
	else
		n = snprintf(out, TEXT, "collector %s: ", st->name);
	return (size_t)n;
}

static void
say_of(const struct health *h, bool warning, const struct message_station *st,
    const char *words)
{
	char line[TEXT];
	size_t n = put_who(line, st);

	(void)snprintf(line + n, sizeof line - n, "%s", words);
	h->say(h->arg, warning, line);
}

/* The program's number, which differs where the programs' names do. */
static const char *
version_of(const char *software)
{
	const char *blank = strrchr(software, ' ');

	return blank != NULL ? blank + 1 : software;
}

static void
put_gone(const struct health *h, const struct station *w,
    const struct message_station *st, char *out, size_t cap)
{
	int64_t since_us = w->alarms[MESSAGE_ALARM_GONE].since_mono_us;
	int64_t away_us = h->scene->now_us - since_us;
	char words[SPAN];
	int n = snprintf(out, cap, "gone");

	if (away_us >= 60 * second_us)
		n += snprintf(out + n, cap - (size_t)n, " for %s",
		    span(words, away_us));
	n += snprintf(out + n, cap - (size_t)n, ", %" PRIu64 " event%s stored",
	    st->stored, many(st->stored));
	if (st->waiting > 0)
		(void)snprintf(out + n, cap - (size_t)n,
		    ", %" PRIu64 " waited there", st->waiting);
}

/* What an alarm of a station says as of now, behind whose it is. */
static void
put_words(const struct health *h, const struct station *w,
    const struct message_station *st, enum message_alarm_kind kind, char *out,
    size_t cap)
{
	char words[OFFCLOCK_WORDS];

	switch (kind) {
	case MESSAGE_ALARM_GONE:
		put_gone(h, w, st, out, cap);
		return;
	case MESSAGE_ALARM_WALL_CLOCK:
		(void)snprintf(out, cap, "its clock is %s",
		    offclock_words(words, st->offset_us));
		return;
	case MESSAGE_ALARM_CLOCK_BOUND:
		(void)snprintf(out, cap,
		    "its clock is known to %s only: the link is slow, or was "
		    "away",
		    offclock_span(words, (int64_t)st->bound_us));
		return;
	case MESSAGE_ALARM_DISK:
		(void)snprintf(out, cap,
		    "only %" PRIu64 " MB left on its disk: make room there",
		    st->disk_free / 1000000);
		return;
	case MESSAGE_ALARM_WAITING:
		(void)snprintf(out, cap,
		    "%" PRIu64 " event%s wait%s in its outbox, and no fewer "
		    "than 30 s ago",
		    st->waiting, many(st->waiting),
		    st->waiting == 1 ? "s" : "");
		return;
	case MESSAGE_ALARM_POINT:
		(void)snprintf(out, cap,
		    "this race has no such point: crossings that name no "
		    "other do not count");
		return;
	case MESSAGE_ALARM_VERSION:
		(void)snprintf(out, cap, "runs %s, and this is %s",
		    st->software, h->software);
		return;
	case MESSAGE_ALARM_UNSPECIFIED:
	case MESSAGE_ALARM_STORE:
	case MESSAGE_ALARM_MISFITS:
	case MESSAGE_ALARM_PUBLISHED:
	case MESSAGE_ALARM_SEASON:
	case MESSAGE_ALARM_SILENT:
		break;
	}
	out[0] = '\0';
}

static void
say_ended(const struct health *h, const struct message_station *st,
    enum message_alarm_kind kind)
{
	int64_t bound_us = (int64_t)st->bound_us;
	char words[OFFCLOCK_WORDS];
	char line[TEXT] = "";

	switch (kind) {
	case MESSAGE_ALARM_WALL_CLOCK:
		(void)snprintf(line, sizeof line, "its clock is right, to %s",
		    offclock_span(words, llabs(st->offset_us) + bound_us));
		break;
	case MESSAGE_ALARM_CLOCK_BOUND:
		(void)snprintf(line, sizeof line, "its clock is known to %s",
		    offclock_span(words, bound_us));
		break;
	case MESSAGE_ALARM_DISK:
		(void)snprintf(line, sizeof line,
		    "room again, %" PRIu64 " MB on its disk",
		    st->disk_free / 1000000);
		break;
	case MESSAGE_ALARM_WAITING:
		(void)snprintf(line, sizeof line,
		    "its outbox gets through, %" PRIu64 " event%s wait%s",
		    st->waiting, many(st->waiting),
		    st->waiting == 1 ? "s" : "");
		break;
	case MESSAGE_ALARM_POINT:
		(void)snprintf(line, sizeof line, "is at a point of the race");
		break;
	case MESSAGE_ALARM_VERSION:
		(void)snprintf(line, sizeof line, "runs %s, as this is",
		    st->software);
		break;
	case MESSAGE_ALARM_UNSPECIFIED:
	case MESSAGE_ALARM_STORE:
	case MESSAGE_ALARM_MISFITS:
	case MESSAGE_ALARM_PUBLISHED:
	case MESSAGE_ALARM_SEASON:
	case MESSAGE_ALARM_GONE:
	case MESSAGE_ALARM_SILENT:
		break;
	}
	say_of(h, false, st, line);
}

/* ---- beginnings and ends ---- */

/* True if it is another now. */
static bool
turn(const struct health *h, struct lasting *l, bool on)
{
	if (l->on == on)
		return false;
	*l = (struct lasting){ on, h->scene->now_utc_us, h->scene->now_us };
	return true;
}

static void
set(const struct health *h, struct station *w, const struct message_station *st,
    enum message_alarm_kind kind, bool on)
{
	char words[TEXT];

	if (!turn(h, &w->alarms[kind], on))
		return;
	if (!on) {
		say_ended(h, st, kind);
		return;
	}
	put_words(h, w, st, kind, words, sizeof words);
	say_of(h, true, st, words);
}

/* With the points there are, which a list of alarms has no room for. */
static void
set_point(const struct health *h, struct station *w,
    const struct message_station *st)
{
	bool on = st->point[0] != '\0' && rules_reader(h->rules, st->point) < 0;
	char *words;
	char *line;

	if (!on) {
		set(h, w, st, MESSAGE_ALARM_POINT, false);
		return;
	}
	if (!turn(h, &w->alarms[MESSAGE_ALARM_POINT], true))
		return;
	words = choice_point(h->rules, st->point);
	line = xasprintf("collector %s: crossings that name no other point do "
	                 "not count: %s",
	    st->name, words);
	h->say(h->arg, true, line);
	free(line);
	free(words);
}

/* ---- stations ---- */

static void
say_connected(const struct health *h, const struct message_station *st)
{
	char words[TEXT];

	(void)snprintf(words, sizeof words,
	    "connected, %" PRIu64 " event%s stored", st->stored,
	    many(st->stored));
	say_of(h, false, st, words);
}

static void
say_back(const struct health *h, const struct station *w,
    const struct message_station *st)
{
	int64_t since_us = w->alarms[MESSAGE_ALARM_GONE].since_mono_us;
	uint64_t all = st->stored + st->waiting;
	uint64_t waited = all > w->stored ? all - w->stored : 0;
	char words[TEXT];
	char away[SPAN];

	(void)snprintf(words, sizeof words,
	    "connected again after %s, %" PRIu64 " event%s waited, %" PRIu64
	    " stored",
	    span(away, h->scene->now_us - since_us), waited, many(waited),
	    st->stored);
	say_of(h, false, st, words);
}

static void
say_left(const struct health *h, const struct message_station *st)
{
	char words[TEXT];

	(void)snprintf(words, sizeof words, "left, %" PRIu64 " event%s stored",
	    st->stored, many(st->stored));
	say_of(h, false, st, words);
}

static void
come(const struct health *h, struct station *w,
    const struct message_station *st)
{
	w->connected = true;
	w->backlog = (struct backlog){ 0 };
	w->backlog.stuck = w->alarms[MESSAGE_ALARM_WAITING].on;
	if (w->alarms[MESSAGE_ALARM_GONE].on)
		say_back(h, w, st);
	else
		say_connected(h, st);
	w->alarms[MESSAGE_ALARM_GONE].on = false;
}

static void
leave(const struct health *h, struct station *w,
    const struct message_station *st)
{
	/* Also of who came and went between two looks. */
	if (w->left_us != st->heard_us)
		say_left(h, st);
	w->left_us = st->heard_us;
	w->connected = false;
	memset(w->alarms, 0, sizeof w->alarms);
	w->clock = (struct offclock){ 0 };
}

static void
go(const struct health *h, struct station *w, const struct message_station *st)
{
	w->connected = false;
	w->stored = st->stored;
	set(h, w, st, MESSAGE_ALARM_GONE, true);
}

/* 0 is a collector that does not know, or has not said yet. */
static bool
disk_is_low(const struct station *w, uint64_t disk_free)
{
	bool was = w->alarms[MESSAGE_ALARM_DISK].on;

	if (disk_free == 0)
		return was;
	return disk_free < (was ? disk_enough : disk_low);
}

static void
look_station(struct health *h, const struct message_station *st)
{
	struct station *w = find_or_add(h, st->stream);

	if (st->connected && !w->connected)
		come(h, w, st);
	else if (st->left)
		leave(h, w, st);
	else if (!st->connected && w->connected)
		go(h, w, st);
	if (!w->connected)
		return;
	set_point(h, w, st);
	(void)offclock_look(&w->clock, st->offset_us, (int64_t)st->bound_us);
	set(h, w, st, MESSAGE_ALARM_WALL_CLOCK, w->clock.wrong);
	set(h, w, st, MESSAGE_ALARM_CLOCK_BOUND, w->clock.vague);
	set(h, w, st, MESSAGE_ALARM_DISK, disk_is_low(w, st->disk_free));
	set(h, w, st, MESSAGE_ALARM_WAITING,
	    backlog_look(&w->backlog, st->stored, st->waiting,
	        h->scene->now_us));
	set(h, w, st, MESSAGE_ALARM_VERSION,
	    st->software[0] != '\0' &&
	        strcmp(version_of(st->software), version_of(h->software)) != 0);
}

/* ---- points ---- */

/* As of now: what came and when. */
static void
note_traffic(struct health *h, struct rank *rank, size_t i, int64_t now_us)
{
	struct message_point_state *is = &h->states[i];
	struct rank_traffic traffic;

	rank_traffic(rank, i, &traffic);
	is->reads = traffic.reads;
	is->last_us = traffic.last_us;
	is->reads_minute = rate_minute(&h->points[i].reads, now_us);
}

static void
look_traffic(struct health *h, size_t i)
{
	struct point *p = &h->points[i];

	note_traffic(h, h->scene->rank, i, h->scene->now_us);
	p->read = h->states[i].reads != p->seen;
	p->seen = h->states[i].reads;
}

/* The latest read; one of a clock that is ahead, which would have everybody
 * late at all other points, only if all are (a race of next year). */
static int64_t
latest_read(const struct health *h)
{
	int64_t limit_us = h->scene->now_utc_us + ahead_us;
	int64_t credible_us = RACE_NO_TIME;
	int64_t any_us = RACE_NO_TIME;

	for (size_t i = 0; i < h->rules->point_count; i++) {
		int64_t us = h->states[i].last_us;

		if (us > any_us)
			any_us = us;
		if (us > credible_us && us <= limit_us)
			credible_us = us;
	}
	return credible_us != RACE_NO_TIME ? credible_us : any_us;
}

/* PROTOCOL.md 5.1. */
static void
look_race_time(struct health *h)
{
	int64_t latest_us = latest_read(h);
	int64_t now_us = h->scene->now_us;

	if (latest_us != h->latest_us) {
		h->latest_us = latest_us;
		h->latest_mono_us = now_us;
	}
	h->race_us = latest_us;
	if (latest_us != RACE_NO_TIME)
		h->race_us += now_us - h->latest_mono_us;
}

/* A second reader, too. */
static bool
stands_at(const struct message_station *st, const struct race_point *rule)
{
	return strcmp(st->point, rule->name) == 0 ||
	    (rule->backup != NULL && rule->backup[0] != '\0' &&
	        strcmp(st->point, rule->backup) == 0);
}

static bool
has_station(const struct health *h, const struct race_point *rule)
{
	for (size_t i = 0; i < h->scene->station_count; i++)
		if (stands_at(&h->scene->stations[i], rule))
			return true;
	return false;
}

/* Who is awaited at a point where nobody comes. */
static struct rank_awaited
awaited_at(struct health *h, size_t i)
{
	const struct race_point *rule = &h->rules->points[i];
	const struct point *p = &h->points[i];
	struct rank_awaited is = { 0 };

	if (h->race_us == RACE_NO_TIME)
		return is;
	/* Many a race starts by the gun alone, and has nobody at the line. */
	if (rule->metres == 0 && p->last_us == RACE_NO_TIME &&
	    !has_station(h, rule))
		return is;
	if (p->last_us != RACE_NO_TIME && h->race_us - p->last_us < quiet_us)
		return is;
	if (h->left == 0)
		return p->awaited;
	h->left -= h->scene->entries < h->left ? h->scene->entries : h->left;
	h->next = (i + 1) % h->rules->point_count;
	rank_awaited(h->scene->rank, i, p->last_us, h->race_us, &is);
	return is;
}

/* "; its laptop desk is not connected", if that is why. */
static void
put_laptops(const struct health *h, const struct race_point *rule, char *out,
    size_t cap)
{
	const struct message_station *last = NULL;
	size_t known = 0;

	out[0] = '\0';
	for (size_t i = 0; i < h->scene->station_count; i++) {
		const struct message_station *st = &h->scene->stations[i];

		if (!stands_at(st, rule))
			continue;
		if (st->connected)
			return;
		known++;
		if (last == NULL || st->heard_us > last->heard_us)
			last = st;
	}
	if (known == 1)
		(void)snprintf(out, cap, "; its laptop %s is not connected",
		    last->name);
	else if (known > 1)
		(void)snprintf(out, cap,
		    "; none of its %zu laptops is connected, the last was %s",
		    known, last->name);
}

static void
put_silence(struct health *h, size_t i, char out[TEXT])
{
	const struct message_point_state *is = &h->states[i];
	int64_t last_us = h->points[i].last_us;
	char laptops[RACE_NAME_MAX + 100];
	char words[SPAN + 16] = "without a read";
	char since[SPAN];

	if (last_us != RACE_NO_TIME)
		(void)snprintf(words, sizeof words, "silent for %s",
		    span(since, h->race_us - last_us));
	put_laptops(h, &h->rules->points[i], laptops, sizeof laptops);
	(void)snprintf(out, TEXT,
	    "%s %s, %" PRIu32 " runners should have passed%s", is->point, words,
	    is->awaited, laptops);
}

static void
say_heard(const struct health *h, const struct message_point_state *is,
    bool reads)
{
	char line[TEXT];

	if (reads)
		(void)snprintf(line, sizeof line, "%s: reads again", is->point);
	else
		(void)snprintf(line, sizeof line,
		    "%s: silent, but hardly anybody is awaited there any more",
		    is->point);
	h->say(h->arg, false, line);
}

/* Of those who come late a part has given up, of those who were read further on
 * nobody. */
static bool
are_several(const struct rank_awaited *is)
{
	bool many = is->late > is->passed / drop_out;

	return is->missed + (many ? is->late : 0) >= awaited_min;
}

/* Whether a point is silent: for a while without a read, and without a moment
 * at which few are awaited, as when points are replayed one by one. */
static bool
is_silent(const struct health *h, struct point *p)
{
	if (p->read || !are_several(&p->awaited)) {
		p->pending = false;
		return false;
	}
	if (!p->pending) {
		p->pending = true;
		p->pending_us = h->scene->now_us;
	}
	return h->scene->now_us - p->pending_us >= patience_us;
}

static void
look_point(struct health *h, size_t i)
{
	struct point *p = &h->points[i];
	struct message_point_state *is = &h->states[i];
	char line[TEXT];

	if (p->read)
		p->read_us = h->race_us;
	p->last_us = is->last_us < p->read_us ? is->last_us : p->read_us;
	p->awaited = awaited_at(h, i);
	is->awaited = p->awaited.missed + p->awaited.late;
	if (!turn(h, &p->silent, is_silent(h, p)))
		return;
	if (!p->silent.on) {
		say_heard(h, is, p->read);
		return;
	}
	put_silence(h, i, line);
	h->say(h->arg, true, line);
}

static void
look_points(struct health *h)
{
	size_t count = h->rules->point_count;
	size_t first = h->next;

	h->left = LOOK_RUNNERS;
	for (size_t i = 0; i < count; i++)
		look_traffic(h, i);
	look_race_time(h);
	for (size_t i = 0; i < count; i++)
		look_point(h, (first + i) % count);
}

static void
look_published(struct health *h)
{
	const char *words = h->scene->published;

	if (!turn(h, &h->published, words[0] != '\0'))
		return;
	if (words[0] != '\0')
		h->say(h->arg, true, words);
	else
		h->say(h->arg, false, "what was published is as was said");
}

/* ---- the list ---- */

static void
add(struct health *h, enum message_alarm_kind kind, uint64_t stream,
    const char *point, const struct lasting *since, const char *text)
{
	size_t i = h->alarm_count++;

	h->alarms = xgrow(h->alarms, &h->alarm_cap, i, sizeof *h->alarms);
	h->texts = xgrow(h->texts, &h->text_cap, i, sizeof *h->texts);
	/* Stations may be others before the next look: both are kept. */
	h->texts[i] = xasprintf("%s%c%s", text, '\0', point);
	h->alarms[i] = (struct message_alarm){
		.kind = kind,
		.stream = stream,
		.point = h->texts[i] + strlen(text) + 1,
		.since_us = since->since_us,
		.text = h->texts[i],
	};
}

static void
list_points(struct health *h)
{
	char text[TEXT];

	for (size_t i = 0; i < h->rules->point_count; i++) {
		if (!h->points[i].silent.on)
			continue;
		put_silence(h, i, text);
		add(h, MESSAGE_ALARM_SILENT, 0, h->states[i].point,
		    &h->points[i].silent, text);
	}
}

static void
list_stations(struct health *h, enum message_alarm_kind kind)
{
	for (size_t i = 0; i < h->scene->station_count; i++) {
		const struct message_station *st = &h->scene->stations[i];
		const struct station *w = find(h, st->stream);
		char text[TEXT];
		size_t n;

		if (!w->alarms[kind].on)
			continue;
		n = put_who(text, st);
		put_words(h, w, st, kind, text + n, sizeof text - n);
		add(h, kind, st->stream, st->point, &w->alarms[kind], text);
	}
}

static void
list(struct health *h, enum message_alarm_kind kind)
{
	if (kind == MESSAGE_ALARM_STORE) {
		if (h->store.on)
			add(h, kind, 0, "", &h->store, h->scene->store);
	} else if (kind == MESSAGE_ALARM_MISFITS) {
		if (h->misfits.on)
			add(h, kind, 0, "", &h->misfits, h->scene->misfits);
	} else if (kind == MESSAGE_ALARM_PUBLISHED) {
		if (h->published.on)
			add(h, kind, 0, "", &h->published, h->scene->published);
	} else if (kind == MESSAGE_ALARM_SEASON) {
		if (h->season.on)
			add(h, kind, 0, "", &h->season, h->scene->season);
	} else if (kind == MESSAGE_ALARM_SILENT) {
		list_points(h);
	} else {
		list_stations(h, kind);
	}
}

void
health_look(struct health *h, const struct health_scene *s, health_say_fn say,
    void *arg)
{
	h->scene = s;
	h->say = say;
	h->arg = arg;
	(void)turn(h, &h->store, s->store[0] != '\0');
	(void)turn(h, &h->misfits, s->misfits[0] != '\0');
	(void)turn(h, &h->season, s->season[0] != '\0');
	look_published(h);
	for (size_t i = 0; i < s->station_count; i++)
		look_station(h, &s->stations[i]);
	look_points(h);
	forget_alarms(h);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		list(h, order[i]);
	h->scene = NULL;
}

void
health_reads(struct health *h, struct rank *rank,
    struct message_station *stations, size_t count, int64_t now_us)
{
	for (size_t i = 0; i < count; i++) {
		const struct station *w = find(h, stations[i].stream);

		stations[i].reads_minute =
		    w != NULL ? rate_minute(&w->reads, now_us) : 0;
	}
	for (size_t i = 0; i < h->rules->point_count; i++)
		note_traffic(h, rank, i, now_us);
}

size_t
health_alarms(const struct health *h, const struct message_alarm **out)
{
	*out = h->alarms;
	return h->alarm_count;
}

size_t
health_points(const struct health *h, const struct message_point_state **out)
{
	*out = h->states;
	return h->rules->point_count;
}
