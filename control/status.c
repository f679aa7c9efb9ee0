/* palmares status: what the aggregator knows of its stations and itself. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/instant.h"
#include "common/log.h"
#include "control/json.h"
#include "control/reach.h"
#include "control/table.h"
#include "control/verb.h"
#include "control/watch.h"
#include "race/ask_zmq.h"
#include "race/stations.h"

static void
print_alarms(const struct message_status_reply *s)
{
	bool bold = cli_colour(STDOUT_FILENO);

	if (s->alarm_count == 0)
		puts("no alarms");
	for (size_t i = 0; i < s->alarm_count; i++) {
		char *text = stations_alarm(&s->alarms[i], s->now_us);

		printf("%sALARM %s%s\n", bold ? "\033[1m" : "", text,
		    bold ? "\033[0m" : "");
		free(text);
	}
}

/* Of the terminal; in a file there is room for all. */
static size_t
room(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return SIZE_MAX;
	return size.ws_col;
}

static void
print_table(struct stations_table *t)
{
	stations_fit(t, room(), TABLE_GAP);

	struct table_column columns[STATIONS_COLUMNS];

	for (size_t i = 0; i < t->column_count; i++)
		columns[i] = (struct table_column){ t->columns[i].head,
			t->columns[i].right };
	table_print(stdout, columns, t->column_count,
	    (const char *const *)t->cells, t->row_count);
}

static void
print_stations(const struct message_status_reply *s)
{
	struct stations_table t;

	if (s->station_count == 0) {
		puts("no station has spoken yet");
		return;
	}
	stations_table(&t, s);
	print_table(&t);
	stations_clear(&t);
	if (stations_more(s) > 0)
		printf("and %zu more\n", stations_more(s));
}

static void
print_points(const struct message_status_reply *s)
{
	struct stations_table t;

	if (s->point_count == 0)
		return;
	putchar('\n');
	stations_points(&t, s);
	print_table(&t);
	stations_clear(&t);
}

static void
print_seasons(const struct message_status_reply *s)
{
	if (s->season_count > 0)
		putchar('\n');
	for (size_t i = 0; i < s->season_count; i++) {
		char *text = stations_season(&s->seasons[i], s->now_us);

		puts(text);
		free(text);
	}
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
print_counters(const struct message_status_reply *s)
{
	char clock[40] = "none yet";

	if (s->as_of_us != RACE_NO_TIME)
		instant_clock(clock, s->as_of_us);
	printf("entries %" PRIu32 ", crossings %" PRIu64 ", events %" PRIu64
	       ", latest crossing %s\n",
	    s->entries, s->crossings, s->log, clock);
	print_unused(s);
	printf("repeats %" PRIu64 ", holes %" PRIu64
	       ", outbox conflicts %" PRIu64 ", malformed %" PRIu64
	       ", undecoded %" PRIu64 "\n",
	    s->repeats, s->holes, s->conflicts, s->malformed, s->undecoded);
	printf("commits %" PRIu64 ", snapshots %" PRIu64 "\n%s since %s\n",
	    s->commits, s->snapshots, s->software,
	    instant_format(clock,
	        s->started_us - s->started_us % INT64_C(1000000)));
}

static void
print_text(const struct message_status_reply *s)
{
	printf("%s\n", s->race);
	print_alarms(s);
	putchar('\n');
	print_stations(s);
	print_points(s);
	print_seasons(s);
	putchar('\n');
	print_counters(s);
}

static int
ask_status(const struct verb_options *o, const struct endpoint *to, bool json,
    struct err *err)
{
	struct message question = { .type = MESSAGE_STATUS_REQUEST };
	const struct message_status_reply *s;
	char peer[ENDPOINT_URL];
	struct message answer;
	struct ask *a;
	int rc = ask_new(&a, to, ENDPOINT_CONTROL, err);

	if (rc < 0)
		return rc;
	snprintf(peer, sizeof peer, "%s:%d", to->host, to->base);
	question.status_request.request = 1;
	rc = ask(a, &question, MESSAGE_STATUS_REPLY, &answer, err);
	s = &answer.status_reply;
	if (rc == 0)
		rc = reach_check(o, peer, s->store, s->race, err);
	if (rc == 0 && json) {
		rc = json_status(stdout, s, JSON_LINES);
		if (rc < 0)
			err_errno(err, rc, "write the status");
	} else if (rc == 0) {
		print_text(s);
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
	/* Also in front of a watch: a wrong address is told at once. */
	if (reach(&o, &to, &store, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (o.watch)
		return watch(&o, json);
	if (ask_status(&o, &to, json, &err) < 0)
		log_fatal(1, "%s", err.text);
	return 0;
}

const struct verb verb_status = {
	.name = "status",
	.program = "palmares status",
	.summary = "Tells what is wrong, and of stations, points and counters",
	.usage = "[OPTION]...",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n"
	           "  --aggregator HOST[:BASE]  whom to ask "
	           "(or PALMARES_AGGREGATOR)\n"
	           "  --watch                   go on: on the whole terminal "
	           "or, where there is\n"
	           "                            none, a line for what begins "
	           "and ends\n"
	           "  --format text|json        default text; with --watch, "
	           "json is a line a second\n",
	.accepts = "rafw",
	.run = run,
};
