/*
 * palmares-collector - source -> outbox -> uplink.
 *
 * A turn reads a bounded number of rows, commits them, and only then sends.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/courier.h"
#include "collector/gather.h"
#include "collector/lines.h"
#include "collector/options.h"
#include "collector/outbox.h"
#include "collector/source.h"
#include "collector/status.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "race/choice.h"
#include "race/conf.h"
#include "race/rules.h"

enum { FAILED = 1, USAGE = 2 };

struct collector {
	struct options options;
	struct race_rules *rules; /* NULL: no race */
	struct conf_roll roll;
	struct source *source;
	struct lines *lines;
	struct outbox *outbox;
	char *outbox_path;
	struct gather *gather;
	struct courier *courier;
	struct loop *loop;
	struct status *status;
	bool watched; /* stdin is */
	bool done;    /* --once, and all is acknowledged */
	bool failed;
	bool told_too_little; /* on the command line, for a row */
	int64_t give_up_mono_us;
};

/* ---- the race ---- */

static void
tell_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[1024];

		if (!report->problems[i].error)
			continue;
		conf_problem_print(line, sizeof line, &report->problems[i]);
		log_warnx("%s", line);
	}
}

static void
load_entries(struct collector *c)
{
	const char *race = c->options.race;
	struct conf_report report = { 0 };

	if (conf_entries(race, c->rules, &c->roll, &report) < 0)
		log_warnx("%s/entries.csv has %zu mistakes: 'palmares check "
		          "%s' "
		          "tells them; %zu entries are known here",
		    race, report.errors, race, c->roll.count);
	conf_report_clear(&report);
}

/* A slip of the finger at the start would flag every crossing of the day;
 * points that a file's own column names are taken, whatever they are. */
static void
check_point(const struct collector *c)
{
	const char *point = c->options.point;

	if (point[0] != '\0' && rules_point(c->rules, point) < 0)
		cli_usage(OPTIONS_PROGRAM, "--point: %s: %s", c->options.race,
		    choice_point(c->rules, point));
}

static void
load_race(struct collector *c)
{
	const char *race = c->options.race;
	struct conf_report report = { 0 };

	if (race == NULL)
		return;
	c->rules = conf_rules(race, &report);
	if (c->rules == NULL) {
		tell_problems(&report);
		log_fatal(FAILED, "the race folder %s cannot be used", race);
	}
	conf_report_clear(&report);
	if (c->options.gun[0] != '\0' &&
	    rules_wave(c->rules, c->options.gun) < 0)
		cli_usage(OPTIONS_PROGRAM,
		    "--gun %s: race.yaml has no such wave", c->options.gun);
	check_point(c);
	load_entries(c);
}

/* The zero of a source that is played at a speed. */
static int64_t
read_origin(const struct collector *c)
{
	const char *text = c->options.origin;
	enum instant_form form;
	struct err err;
	int64_t us;

	if (text == NULL)
		return lines_gun(c->lines);
	if (instant_parse(text, &form, &us, &err) < 0)
		cli_usage(OPTIONS_PROGRAM, "--origin: %s", err.text);
	if (form == INSTANT_RELATIVE)
		cli_usage(OPTIONS_PROGRAM,
		    "--origin %s: a time of day, not one after the gun", text);
	if (form == INSTANT_ABSOLUTE)
		return us;
	if (c->rules == NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "--origin %s is local: name the race folder with --race, "
		    "or write date and offset",
		    text);
	if (instant_local(c->rules->date, us, INSTANT_NONE, &us, &err) < 0)
		cli_usage(OPTIONS_PROGRAM, "--origin: %s", err.text);
	return us;
}

/* ---- opening ---- */

static void
say_line(void *arg, const char *text)
{
	const struct collector *c = arg;

	log_warnx("%s: %s", source_title(c->source), text);
}

static void
open_source(struct collector *c)
{
	struct lines_race race = { .rules = c->rules,
		/* Nobody entered: nothing to check against. */
		.entries = c->roll.count > 0 ? c->roll.entries : NULL,
		.entry_count = c->roll.count,
		.wave = c->options.gun };
	struct csv_row row;
	struct err err;
	int rc = source_open(&c->source, c->options.source, &err);

	if (rc == -ENOTSUP ||
	    (rc == -EINVAL && strchr(c->options.source, ':') == NULL))
		cli_usage(OPTIONS_PROGRAM, "%s", err.text);
	if (rc < 0)
		log_fatal(FAILED, "%s", err.text);
	c->lines = lines_new(&race, say_line, c);
	if (source_fd(c->source) >= 0)
		return;
	/* Before an outbox is made for a file that is none. */
	rc = source_header(c->source, &row, &err);
	if (rc < 0)
		log_fatal(FAILED, "%s", err.text);
	rc = lines_header(c->lines, &row, &err);
	if (rc < 0)
		log_fatal(FAILED, "%s:%" PRIu64 ": %s", source_title(c->source),
		    row.line, err.text);
}

/* The host's name and the point, unless told otherwise.  Free with free(). */
static char *
collector_name(const struct options *o)
{
	char host[RACE_NAME_MAX - RACE_LABEL_MAX] = "";

	if (o->name != NULL)
		return xstrdup(o->name);
	if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0')
		(void)snprintf(host, sizeof host, "collector");
	if (o->point[0] == '\0')
		return xstrdup(host);
	return xasprintf("%s-%s", host, o->point);
}

static char *
outbox_file(const struct options *o, const char *name)
{
	if (o->outbox != NULL)
		return xstrdup(o->outbox);
	if (strchr(name, '/') != NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "the name '%s' cannot be that of a file: say --outbox FILE",
		    name);
	return xasprintf("./%s.outbox.db", name);
}

static void
open_outbox(struct collector *c)
{
	const struct options *o = &c->options;
	char *name = collector_name(o);
	struct err err;
	bool there;
	int rc;

	c->outbox_path = outbox_file(o, name);
	there = access(c->outbox_path, F_OK) == 0;
	if (!there && o->point[0] == '\0' && source_fd(c->source) < 0 &&
	    !lines_has_point(c->lines))
		cli_usage(OPTIONS_PROGRAM,
		    "%s has no column 'point': say --point NAME",
		    source_title(c->source));
	/* An outbox that is there knows its name. */
	rc = outbox_open(&c->outbox, c->outbox_path,
	    there && o->name == NULL ? "" : name, o->point, &err);
	free(name);
	if (rc < 0)
		log_fatal(FAILED, "%s", err.text);
	lines_set_point(c->lines, outbox_point(c->outbox));
}

static int
open_gather(struct collector *c, struct err *err)
{
	bool file = source_fd(c->source) < 0;
	struct gather_pace pace = { .speed = c->options.speed,
		.origin_us = RACE_NO_TIME };

	if (pace.speed > 0)
		pace.origin_us = read_origin(c);
	if (file && outbox_point(c->outbox)[0] == '\0' &&
	    !lines_has_point(c->lines))
		return err_set(err, -EINVAL,
		    "%s has no column 'point': say --point NAME",
		    source_title(c->source));
	return gather_open(&c->gather, c->source, c->lines, file, c->outbox,
	    &pace, err);
}

static int
open_courier(struct collector *c, struct err *err)
{
	struct courier_whom whom = { .aggregator = c->options.aggregator,
		.race = c->options.race };
	int rc = courier_open(&c->courier, c->loop, c->outbox, c->outbox_path,
	    &whom, c->options.quiet, err);

	if (rc == 0 && c->rules != NULL)
		courier_expect(c->courier, c->rules->title);
	return rc;
}

/* ---- running ---- */

static void
fail(struct collector *c, const char *why)
{
	log_warnx("%s", why);
	c->failed = true;
	loop_stop(c->loop);
}

static void
read_input(void *arg)
{
	struct collector *c = arg;
	struct err err;

	if (source_fill(c->source, &err) < 0)
		fail(c, err.text);
}

/* A pipe is read only when its bytes would be taken: it is its own queue. */
static void
watch_input(struct collector *c)
{
	int fd = source_fd(c->source);
	bool want = fd >= 0 && gather_hungry(c->gather);

	if (want && !c->watched)
		loop_add_fd(c->loop, fd, read_input, c);
	if (!want && c->watched)
		loop_del_fd(c->loop, fd);
	c->watched = want;
}

static const char *
link_word(const struct uplink_facts *f)
{
	switch (f->state) {
	case UPLINK_CONNECTING:
		return "connecting";
	case UPLINK_UP:
		return "up";
	case UPLINK_DOWN:
		return "no answer";
	case UPLINK_REFUSED:
		return "refused";
	}
	return "";
}

/* On disk, and not acknowledged. */
static uint64_t
waiting(const struct collector *c)
{
	uint64_t last = outbox_last(c->outbox);
	uint64_t acked = outbox_acked(c->outbox);

	return last > acked ? last - acked : 0;
}

static void
show_status(struct collector *c, int64_t now_mono_us)
{
	struct uplink_facts f;
	char text[512];

	if (!status_due(c->status, now_mono_us))
		return;
	courier_facts(c->courier, &f);
	(void)snprintf(text, sizeof text,
	    "%s: read %" PRIu64 "  waiting %" PRIu64 "  stored %" PRIu64
	    "  link %s",
	    outbox_name(c->outbox), outbox_last(c->outbox), waiting(c), f.acked,
	    link_word(&f));
	status_show(c->status, now_mono_us, text);
}

static void
give_up(struct collector *c)
{
	log_warnx("gave up: --timeout is over, %" PRIu64 " crossings wait on "
	          "disk for %s: run the same again to send them",
	    waiting(c), courier_url(c->courier));
	c->failed = true;
	loop_stop(c->loop);
}

static void
check_end(struct collector *c, int64_t now_mono_us)
{
	if (courier_failed(c->courier)) {
		c->failed = true;
		loop_stop(c->loop);
	} else if (c->options.once && gather_done(c->gather) &&
	    courier_done(c->courier)) {
		c->done = true;
		loop_stop(c->loop);
	} else if (now_mono_us >= c->give_up_mono_us) {
		give_up(c);
	}
}

static void
turn_end(void *arg, int64_t now_mono_us)
{
	struct collector *c = arg;
	int64_t now_utc_us = clock_utc_us();
	struct err err;
	int rc;

	if (c->failed)
		return;
	/* fsync before send */
	rc = gather_turn(c->gather, now_mono_us, now_utc_us, &err);
	if (rc < 0) {
		c->told_too_little = rc == -ENODATA;
		fail(c, err.text);
		return;
	}
	watch_input(c);
	/* The commit took its time, and the wall clock is for measuring. */
	now_mono_us = clock_mono_us();
	courier_turn(c->courier, now_mono_us, clock_utc_us(),
	    gather_last_time(c->gather), gather_refused(c->gather));
	check_end(c, now_mono_us);
	show_status(c, now_mono_us);
}

static int64_t
deadline(void *arg, int64_t now_mono_us)
{
	const struct collector *c = arg;
	int64_t all[] = { gather_deadline(c->gather, now_mono_us),
		courier_deadline(c->courier, now_mono_us),
		status_deadline(c->status), c->give_up_mono_us };
	int64_t least = LOOP_NEVER;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (all[i] < least)
			least = all[i];
	}
	return least;
}

/* What was promised and what was done, for a person and for scripts. */
static void
print_proof(const struct collector *c)
{
	struct uplink_facts f;
	uint64_t refused = gather_refused(c->gather);

	courier_facts(c->courier, &f);
	printf("%s: read %" PRIu64 "  sent %" PRIu64 "  stored %" PRIu64
	       "  holes %" PRIu64 "  repeats %" PRIu64,
	    outbox_name(c->outbox), outbox_last(c->outbox), f.sent, f.acked,
	    f.holes, f.repeats);
	if (refused > 0)
		printf("  refused %" PRIu64, refused);
	putchar('\n');
	fflush(stdout);
}

static int
run(struct collector *c)
{
	size_t lost;
	int rc;

	if (c->options.timeout_us > 0)
		c->give_up_mono_us = clock_mono_us() + c->options.timeout_us;
	if (!c->options.quiet)
		c->status = status_new(OPTIONS_PROGRAM);
	watch_input(c);
	rc = loop_run(c->loop);
	status_free(c->status);
	lines_sum_up(c->lines);
	lost = gather_waiting(c->gather);
	if (lost > 0 && source_fd(c->source) >= 0) {
		log_warnx("%zu crossings from stdin found no room on the disk "
		          "and were not kept",
		    lost);
		c->failed = true;
	}
	print_proof(c);
	if (c->told_too_little)
		return USAGE;
	if (rc < 0 || c->failed)
		return FAILED;
	return c->done && gather_refused(c->gather) > 0 ? FAILED : 0;
}

int
main(int argc, char **argv)
{
	static const struct loop_ops ops = { .turn_end = turn_end,
		.deadline = deadline };
	static struct collector c;
	int status = FAILED;
	struct err err;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	log_init(OPTIONS_PROGRAM);
	c.give_up_mono_us = LOOP_NEVER;
	options_parse(&c.options, argc, argv);
	load_race(&c);
	open_source(&c);
	open_outbox(&c);
	if (loop_new(&c.loop, &ops, &c, &err) < 0 ||
	    open_gather(&c, &err) < 0 || open_courier(&c, &err) < 0)
		log_warnx("%s", err.text);
	else
		status = run(&c);
	courier_free(c.courier);
	gather_free(c.gather);
	loop_free(c.loop);
	outbox_free(c.outbox);
	lines_free(c.lines);
	source_free(c.source);
	conf_roll_clear(&c.roll);
	rules_free(c.rules);
	free(c.outbox_path);
	return status;
}
