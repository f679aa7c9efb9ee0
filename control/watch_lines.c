/* palmares status --watch where there is no terminal: for logs and programs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/json.h"
#include "control/tidings.h"
#include "control/watch.h"
#include "race/stations.h"

struct lines {
	const struct verb_options *options;
	bool json;
	struct loop *loop;
	struct follow *follow;
	struct tidings *tidings;
	unsigned edition;
	int64_t heard_us; /* monotonic: the last word that was told */
	bool silent;      /* and since then there was none for 3 s */
	bool broken;      /* what is written does not arrive: */
	int code;         /* errno */
};

static void
flush(struct lines *l)
{
	if (l->broken || fflush(stdout) == 0)
		return;
	l->code = errno;
	l->broken = true;
	loop_stop(l->loop);
}

static void
put(void *arg, const char *line)
{
	struct lines *l = arg;

	puts(line);
	flush(l);
}

/* A line of our own, by this machine's clock. */
static void
say(struct lines *l, const char *text)
{
	char clock[16];
	char *line =
	    xasprintf("%s  %s", instant_clock(clock, clock_utc_us()), text);

	put(l, line);
	free(line);
}

/* ---- the aggregator itself ---- */

static void
say_silent(struct lines *l)
{
	char *text =
	    xasprintf("no word from the aggregator at %s: trying again",
	        follow_peer(l->follow));

	/* In JSON there is no line, and the log tells. */
	if (!l->json)
		say(l, text);
	free(text);
	l->silent = true;
}

static void
say_back(struct lines *l, int64_t now_us)
{
	char *age = stations_age(now_us - l->heard_us);
	char *text = xasprintf("the aggregator at %s is back after %s",
	    follow_peer(l->follow), age);

	if (!l->json)
		say(l, text);
	free(text);
	free(age);
	l->silent = false;
}

/* ---- what it says ---- */

static void
tell(struct lines *l, const struct message_status_reply *s)
{
	int rc;

	if (!l->json) {
		tidings_look(l->tidings, s, put, l);
		return;
	}
	rc = json_status(stdout, s, JSON_LINE);
	if (rc == 0)
		return;
	l->code = -rc;
	l->broken = true;
	loop_stop(l->loop);
}

static void
look(struct lines *l, int64_t now_us)
{
	int64_t heard_us;
	const struct message_status_reply *s =
	    follow_status(l->follow, &heard_us);

	if (s != NULL && heard_us != l->heard_us) {
		if (l->silent)
			say_back(l, heard_us);
		l->heard_us = heard_us;
		tell(l, s);
	} else if (!l->silent && now_us - l->heard_us >= REPLICA_SILENCE_US) {
		say_silent(l);
	}
}

static void
on_turn(void *arg, int64_t now_us)
{
	struct lines *l = arg;

	follow_turn(l->follow, now_us);
	if (follow_edition(l->follow) != l->edition) {
		l->edition = follow_edition(l->follow);
		watch_rules(l->options, l->follow);
	}
	/* Whose race it is comes first. */
	if (l->edition > 0)
		look(l, now_us);
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct lines *l = arg;
	int64_t due = follow_deadline(l->follow, now_us);
	int64_t silent_us = l->heard_us + REPLICA_SILENCE_US;

	return !l->silent && silent_us < due ? silent_us : due;
}

int
watch_lines(const struct verb_options *o, bool json)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
	};
	struct lines l = {
		.options = o,
		.json = json,
		.heard_us = clock_mono_us(),
	};
	struct err err;
	int rc;

	if (loop_new(&l.loop, &ops, &l, &err) < 0 ||
	    follow_new(&l.follow, l.loop, o->aggregator, o->race, FOLLOW_TICK,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	/* That it is silent is said among the lines. */
	if (!json)
		follow_hush(l.follow);
	follow_health(l.follow, true);
	l.tidings = tidings_new();
	rc = loop_run(l.loop);
	/* Whoever reads has seen enough. */
	if (l.broken && l.code != EPIPE)
		log_warnx("standard output: %s", strerror(l.code));
	tidings_free(l.tidings);
	follow_free(l.follow);
	loop_free(l.loop);
	return rc < 0 || l.broken ? 1 : 0;
}
