/* palmares status: what the aggregator knows of its stations and itself. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/offclock.h"
#include "common/xalloc.h"
#include "control/ask_zmq.h"
#include "control/json.h"
#include "control/offline.h"
#include "control/reach.h"
#include "control/table.h"
#include "control/verb.h"
#include "race/served.h"

static const struct table_column columns[] = {
	{ "station", false },
	{ "point", false },
	{ "link", false },
	{ "last read", false },
	{ "clock", false },
	{ "stored", true },
	{ "waiting", true },
	{ "repeats", true },
	{ "holes", true },
	{ "refused", true },
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static char *
number(uint64_t n)
{
	return xasprintf("%" PRIu64, n);
}

/* "42 s", "7 min", "3 h" */
static char *
age(int64_t us)
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

/* "10:33:57, 4 s ago" */
static char *
last_read(const struct message_station *s, int64_t now_us)
{
	char clock[16];
	char *ago;
	char *text;

	if (s->last_time_us == RACE_NO_TIME)
		return xstrdup("none yet");
	instant_clock(clock, s->last_time_us);
	/* A file replayed now may hold a race of next year. */
	if (s->last_time_us > now_us)
		return xstrdup(clock);
	ago = age(now_us - s->last_time_us);
	text = xasprintf("%s, %s ago", clock, ago);
	free(ago);
	return text;
}

static char *
link_state(const struct message_station *s, int64_t now_us)
{
	char *ago;
	char *text;

	if (s->connected)
		return xstrdup("connected");
	if (s->heard_us == 0)
		return xstrdup("not in this run");
	ago = age(now_us - s->heard_us);
	text = xasprintf("gone %s ago", ago);
	free(ago);
	return text;
}

/* "ok (0.2 ms)", "31.2 s fast (3 ms)": in brackets, how well it is known. */
static char *
wall_clock(const struct message_station *s)
{
	char bound[OFFCLOCK_WORDS];
	char words[OFFCLOCK_WORDS] = "ok";
	struct offclock o = { 0 };

	if (s->bound_us == 0)
		return xstrdup("");
	if ((offclock_look(&o, s->offset_us, (int64_t)s->bound_us) &
	        OFFCLOCK_WRONG) != 0)
		offclock_words(words, s->offset_us);
	return xasprintf("%s (%s)", words,
	    offclock_span(bound, (int64_t)s->bound_us));
}

static void
print_stations(const struct message_status_reply *s)
{
	size_t count = s->station_count * COLUMNS;
	char **cells = xcalloc(count + 1, sizeof *cells);
	size_t k = 0;

	for (size_t i = 0; i < s->station_count; i++) {
		const struct message_station *t = &s->stations[i];

		cells[k++] = xstrdup(t->name);
		cells[k++] = xstrdup(t->point);
		cells[k++] = link_state(t, s->now_us);
		cells[k++] = last_read(t, s->now_us);
		cells[k++] = wall_clock(t);
		cells[k++] = number(t->stored);
		cells[k++] = number(t->waiting);
		cells[k++] = number(t->repeats);
		cells[k++] = number(t->holes);
		cells[k++] = number(t->refused);
	}
	if (s->station_count == 0)
		puts("no station has spoken yet");
	else
		table_print(stdout, columns, COLUMNS,
		    (const char *const *)cells, s->station_count);
	while (k > 0)
		free(cells[--k]);
	free(cells);
}

/* "3 reads of nobody, 1 conflict of times and bibs: see palmares unknown" */
static void
print_unused(const struct message_status_reply *s)
{
	printf("%" PRIu64 " read%s of nobody, %" PRIu64
	       " conflict%s of times and bibs%s\n",
	    s->unknown, s->unknown == 1 ? "" : "s", s->misfits,
	    s->misfits == 1 ? "" : "s",
	    s->unknown + s->misfits > 0 ? ": see palmares unknown" : "");
}

static void
print_text(const struct message_status_reply *s)
{
	char started[40];

	printf("%s\n", s->race);
	if (s->trouble[0] != '\0')
		printf("TROUBLE: %s\n", s->trouble);
	putchar('\n');
	print_stations(s);
	printf("\nentries %" PRIu32 ", crossings %" PRIu64 ", events %" PRIu64
	       "\n",
	    s->entries, s->crossings, s->log);
	print_unused(s);
	printf("repeats %" PRIu64 ", holes %" PRIu64
	       ", outbox conflicts %" PRIu64 ", malformed %" PRIu64
	       ", undecoded %" PRIu64 "\n",
	    s->repeats, s->holes, s->conflicts, s->malformed, s->undecoded);
	printf("commits %" PRIu64 ", snapshots %" PRIu64 ", %s since %s\n",
	    s->commits, s->snapshots, s->software,
	    instant_format(started, s->started_us));
}

/* Whose aggregator it is: a title that was edited since it started does not
 * make it another one. */
static int
check_race(const struct verb_options *o, const struct endpoint *to,
    const struct message_status_reply *s, struct err *err)
{
	char peer[ENDPOINT_URL];
	char *title;
	uint64_t ours;
	int rc;

	if (verb_aggregator_named(o) || o->race == NULL ||
	    (offline_store(&ours, o->race, err) == 0 && ours == s->store))
		return 0;
	snprintf(peer, sizeof peer, "%s:%d", to->host, to->base);
	title = served_title(o->race);
	rc = served_check(peer, s->race, title, err);
	free(title);
	return rc;
}

static int
ask_status(const struct verb_options *o, const struct endpoint *to, bool json,
    struct err *err)
{
	struct message question = { .type = MESSAGE_STATUS_REQUEST };
	struct message answer;
	struct ask *a;
	int rc = ask_new(&a, to, ENDPOINT_CONTROL, err);

	if (rc < 0)
		return rc;
	question.status_request.request = 1;
	rc = ask(a, &question, MESSAGE_STATUS_REPLY, &answer, err);
	if (rc == 0)
		rc = check_race(o, to, &answer.status_reply, err);
	if (rc == 0 && json) {
		rc = json_status(stdout, &answer.status_reply);
		if (rc < 0)
			err_errno(err, rc, "write the status");
	} else if (rc == 0) {
		print_text(&answer.status_reply);
	}
	ask_free(a);
	return rc;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct endpoint to;
	struct err err;
	uint64_t store;

	verb_options(v, argc, argv, &o);
	if (o.rest_count > 0)
		cli_usage(v->program, "%s: no such argument", o.rest[0]);
	if (o.format == NULL)
		o.format = "text";
	bool json = strcmp(o.format, "json") == 0;
	if (!json && strcmp(o.format, "text") != 0)
		cli_usage(v->program, "--format %s: text or json", o.format);
	cli_folder(v->program, o.race);
	if (reach(&o, &to, &store, &err) < 0 ||
	    ask_status(&o, &to, json, &err) < 0)
		log_fatal(1, "%s", err.text);
	return 0;
}

const struct verb verb_status = {
	.name = "status",
	.program = "palmares status",
	.summary = "Shows the stations and counters of a running aggregator",
	.usage = "[OPTION]...",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n"
	           "  --aggregator HOST[:BASE]  whom to ask "
	           "(or PALMARES_AGGREGATOR)\n"
	           "  --format text|json        default text\n",
	.accepts = "raf",
	.run = run,
};
