#include "control/tidings.h"

#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/xalloc.h"
#include "race/stations.h"

/* What was known at the last look; strings are copies. */
struct alarm {
	enum message_alarm_kind kind;
	uint64_t stream;
	int64_t since_us;
	char *point;
	char *text;
};

enum link { UNKNOWN, CONNECTED, GONE, LEFT };

struct station {
	uint64_t stream;
	enum link link;
};

struct tidings {
	struct alarm *alarms;
	size_t alarm_count;
	struct station *stations;
	size_t station_count;
	uint64_t run; /* of the aggregator */
};

/* Whom to tell, and when it is. */
struct telling {
	tidings_fn fn;
	void *arg;
	int64_t now_us;
};

static void
tell(const struct telling *t, char *text)
{
	char clock[16];
	char *line = xasprintf("%s  %s", instant_clock(clock, t->now_us), text);

	t->fn(t->arg, line);
	free(line);
	free(text);
}

/* ---- stations ---- */

static enum link
link_of(const struct message_station *t)
{
	if (t->connected)
		return CONNECTED;
	if (t->left)
		return LEFT;
	return t->heard_us != 0 ? GONE : UNKNOWN;
}

/* They come in one order, so that i is where it was. */
static enum link
link_before(const struct tidings *n, uint64_t stream, size_t i)
{
	if (i < n->station_count && n->stations[i].stream == stream)
		return n->stations[i].link;
	for (size_t k = 0; k < n->station_count; k++)
		if (n->stations[k].stream == stream)
			return n->stations[k].link;
	return UNKNOWN;
}

static const char *
link_word(enum link l)
{
	switch (l) {
	case UNKNOWN:
		break;
	case CONNECTED:
		return "connected";
	case GONE:
		return "gone";
	case LEFT:
		return "left";
	}
	return "not connected yet";
}

/* "laptop-2 (split 2)"; a station may be named after its point. */
static char *
name_of(const struct message_station *t)
{
	if (t->point[0] == '\0' || strcmp(t->name, t->point) == 0)
		return xstrdup(t->name);
	return xasprintf("%s (%s)", t->name, t->point);
}

static bool
is_news(enum link before, enum link now)
{
	if (now == before)
		return false;
	/* Another run of the aggregator has not heard of whoever is away. */
	if (now == UNKNOWN)
		return before == CONNECTED;
	return now == CONNECTED || before != UNKNOWN;
}

static void
look_at_stations(const struct tidings *n, const struct message_status_reply *s,
    const struct telling *t)
{
	for (size_t i = 0; i < s->station_count; i++) {
		const struct message_station *station = &s->stations[i];
		enum link now = link_of(station);
		char *name;

		if (!is_news(link_before(n, station->stream, i), now))
			continue;
		name = name_of(station);
		tell(t, xasprintf("%s %s", name, link_word(now)));
		free(name);
	}
}

static void
keep_stations(struct tidings *n, const struct message_status_reply *s)
{
	n->stations = xreallocarray(n->stations, s->station_count + 1,
	    sizeof *n->stations);
	n->station_count = s->station_count;
	for (size_t i = 0; i < s->station_count; i++)
		n->stations[i] = (struct station){ s->stations[i].stream,
			link_of(&s->stations[i]) };
}

/* ---- alarms ---- */

static bool
is_same(const struct alarm *a, const struct message_alarm *b)
{
	return a->kind == b->kind && a->stream == b->stream &&
	    strcmp(a->point, b->point) == 0;
}

static bool
lasts(const struct alarm *a, const struct message_status_reply *s)
{
	for (size_t i = 0; i < s->alarm_count; i++)
		if (is_same(a, &s->alarms[i]))
			return true;
	return false;
}

static bool
was_there(const struct tidings *n, const struct message_alarm *a)
{
	for (size_t i = 0; i < n->alarm_count; i++)
		if (is_same(&n->alarms[i], a))
			return true;
	return false;
}

static void
look_at_alarms(const struct tidings *n, const struct message_status_reply *s,
    const struct telling *t)
{
	for (size_t i = 0; i < n->alarm_count; i++) {
		const struct alarm *a = &n->alarms[i];
		char *age;

		if (lasts(a, s))
			continue;
		age = stations_age(t->now_us - a->since_us);
		tell(t, xasprintf("over after %s: %s", age, a->text));
		free(age);
	}
	for (size_t i = 0; i < s->alarm_count; i++)
		if (!was_there(n, &s->alarms[i]))
			tell(t, xasprintf("alarm: %s", s->alarms[i].text));
}

static void
forget_alarms(struct tidings *n)
{
	for (size_t i = 0; i < n->alarm_count; i++) {
		free(n->alarms[i].point);
		free(n->alarms[i].text);
	}
	n->alarm_count = 0;
}

static void
keep_alarms(struct tidings *n, const struct message_status_reply *s)
{
	forget_alarms(n);
	n->alarms =
	    xreallocarray(n->alarms, s->alarm_count + 1, sizeof *n->alarms);
	for (size_t i = 0; i < s->alarm_count; i++) {
		const struct message_alarm *a = &s->alarms[i];

		n->alarms[i] = (struct alarm){ a->kind, a->stream, a->since_us,
			xstrdup(a->point), xstrdup(a->text) };
	}
	n->alarm_count = s->alarm_count;
}

/* ---- all of it ---- */

void
tidings_look(struct tidings *n, const struct message_status_reply *s,
    tidings_fn fn, void *arg)
{
	struct telling t = { fn, arg, s->now_us };

	/* What another run does not know of is not over. */
	if (s->run != n->run)
		forget_alarms(n);
	n->run = s->run;
	look_at_stations(n, s, &t);
	look_at_alarms(n, s, &t);
	keep_stations(n, s);
	keep_alarms(n, s);
}

struct tidings *
tidings_new(void)
{
	return xcalloc(1, sizeof(struct tidings));
}

void
tidings_free(struct tidings *n)
{
	if (n == NULL)
		return;
	forget_alarms(n);
	free(n->alarms);
	free(n->stations);
	free(n);
}
