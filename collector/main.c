/*
 * palmares-collector - source -> outbox -> uplink.
 *
 * A turn reads a bounded number of rows, commits them, and only then sends.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/clockwork.h"
#include "collector/courier.h"
#include "collector/course.h"
#include "collector/feeder.h"
#include "collector/options.h"
#include "collector/outbox.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/status.h"
#include "common/xalloc.h"

enum { FAILED = 1, USAGE = 2 };

static const int64_t remind_every_us = 60000000;

struct collector {
	struct options options;
	struct course course;
	const struct feeder_ops *feed;
	void *feeder;
	struct outbox *outbox;
	char *outbox_path;
	char *outbox_where; /* the same, from the root */
	bool fresh;         /* it was not there before */
	struct courier_whom whom;
	struct clockwork *clocks;
	struct courier *courier;
	struct loop *loop;
	struct status *status; /* NULL while the feeder has the terminal */
	bool delivered;        /* --once, and all is acknowledged */
	bool failed;
	bool told_too_little; /* on the command line, for a row */
	bool gave_up;         /* and has said what waits */
	int64_t remind_mono_us;
	int64_t give_up_mono_us;
};

/* ---- opening ---- */

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
need_point(const struct collector *c)
{
	char *words = c->feed->lacks_point(c->feeder);

	if (words != NULL)
		cli_usage(OPTIONS_PROGRAM, "%s", words);
}

/* One that was put aside is whole: it is sent, and that is all. */
static void
refuse_archived(const struct collector *c)
{
	char when[40];

	log_fatal(FAILED,
	    "outbox %s was archived at %s, and nothing is added to it any "
	    "more: leave out --source to send it again with --once "
	    "--aggregator HOST, or name another file with --outbox",
	    c->outbox_path, instant_format(when, outbox_archived(c->outbox)));
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
	there = !outbox_missing(c->outbox_path);
	if (!there && o->source == NULL)
		log_fatal(FAILED,
		    "there is no outbox %s: name one with --outbox",
		    c->outbox_path);
	/* Before one is made. */
	if (!there && o->point[0] == '\0')
		need_point(c);
	/* An outbox that is there knows its name. */
	rc = outbox_open(&c->outbox, c->outbox_path,
	    there && o->name == NULL ? "" : name, o->point, &err);
	free(name);
	if (rc < 0)
		log_fatal(FAILED, "%s", err.text);
	if (outbox_archived(c->outbox) != 0 && o->source != NULL)
		refuse_archived(c);
	if (outbox_point(c->outbox)[0] == '\0')
		need_point(c);
	c->fresh = !there;
	c->outbox_where = realpath(c->outbox_path, NULL);
	if (c->outbox_where == NULL)
		c->outbox_where = xstrdup(c->outbox_path);
}

/* In another folder than yesterday there is another one. */
static void
tell_outbox(const struct collector *c)
{
	uint64_t events = outbox_last(c->outbox);
	int64_t archived_us = outbox_archived(c->outbox);
	char when[40];

	if (c->fresh)
		log_info("new outbox %s", c->outbox_where);
	else if (archived_us != 0)
		log_info("outbox %s, archived at %s: %" PRIu64 " event%s",
		    c->outbox_where, instant_format(when, archived_us), events,
		    events == 1 ? "" : "s");
	else
		log_info("outbox %s: %" PRIu64 " event%s", c->outbox_where,
		    events, events == 1 ? "" : "s");
}

/* Empty if the system does not tell. */
static void
read_boot_id(char *out, int cap)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, cap, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

static int
open_clocks(struct collector *c, struct err *err)
{
	struct keys_stamp now = clock_stamp();
	char boot_id[CLOCKWORK_BOOT_ID + 1];
	struct clockwork_epoch kept;
	int rc = outbox_get_clock(c->outbox, &kept);

	if (rc < 0)
		return err_errno(err, rc, "outbox %s: reading its clock",
		    c->outbox_path);
	read_boot_id(boot_id, sizeof boot_id);
	c->clocks = clockwork_new(&kept, boot_id, &now);
	return 0;
}

static int
open_courier(struct collector *c, struct err *err)
{
	const struct race_rules *rules = c->course.rules;
	/* Who types sees the link and the race. */
	bool quiet = c->options.quiet || c->options.typed;
	int rc;

	c->whom = (struct courier_whom){ .aggregator = c->options.aggregator,
		.race = c->options.race,
		.patient = c->options.typed };
	rc = courier_open(&c->courier, c->loop, c->outbox, c->outbox_path,
	    c->clocks, &c->whom, quiet, err);
	if (rc == 0 && rules != NULL)
		courier_expect(c->courier, rules->title);
	return rc;
}

/* Last, for it may take the terminal. */
static int
open_feeder(struct collector *c, struct err *err)
{
	struct feeder_place place = { .loop = c->loop,
		.outbox = c->outbox,
		.outbox_path = c->outbox_path,
		.outbox_where = c->outbox_where,
		.fresh = c->fresh,
		.courier = c->courier,
		.whom = &c->whom,
		.clocks = c->clocks };

	return c->feed->open(c->feeder, &place, err);
}

/* ---- running ---- */

static void
fail(struct collector *c, const char *why)
{
	log_warnx("%s", why);
	c->failed = true;
	loop_stop(c->loop);
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
	c->gave_up = true;
	c->failed = true;
	loop_stop(c->loop);
}

static void
check_end(struct collector *c, int64_t now_mono_us)
{
	bool done = c->feed->done(c->feeder);

	/* Who types goes on: it is on the disk. */
	if (courier_failed(c->courier) && (done || !c->options.typed)) {
		c->failed = true;
		loop_stop(c->loop);
	} else if (c->options.once && done && courier_done(c->courier)) {
		c->delivered = true;
		loop_stop(c->loop);
	} else if (!c->options.once && done && c->feed->leaves) {
		loop_stop(c->loop);
	} else if (now_mono_us >= c->give_up_mono_us) {
		give_up(c);
	}
}

/* Whoever waits for --once to end has to see whom it asks: it may be the wrong
 * one, which is asked without end. */
static void
remind(struct collector *c, int64_t now_mono_us)
{
	struct uplink_facts f;

	courier_facts(c->courier, &f);
	if (!c->options.once || f.state == UPLINK_UP ||
	    f.state == UPLINK_REFUSED) {
		c->remind_mono_us = LOOP_NEVER;
	} else if (c->remind_mono_us == LOOP_NEVER) {
		c->remind_mono_us = now_mono_us + remind_every_us;
	} else if (now_mono_us >= c->remind_mono_us) {
		log_warnx("uplink %s: no answer yet, %" PRIu64
		          " crossings waiting on disk: is that the address? "
		          "Else say --aggregator HOST",
		    courier_url(c->courier), waiting(c));
		c->remind_mono_us = now_mono_us + remind_every_us;
	}
}

static void
begin_status(struct collector *c)
{
	if (c->status == NULL && !c->options.quiet &&
	    !c->feed->draws(c->feeder))
		c->status = status_new(OPTIONS_PROGRAM);
}

static void
look_at_clocks(struct collector *c)
{
	struct keys_stamp now = clock_stamp();
	char words[CLOCKWORK_WORDS];
	int news;

	clockwork_look(c->clocks, &now);
	while ((news = clockwork_news(c->clocks, &now, c->options.typed,
	            words)) != 0) {
		if (news > 1)
			log_warnx("%s", words);
		else
			log_info("%s", words);
	}
}

static void
turn_end(void *arg, int64_t now_mono_us)
{
	struct collector *c = arg;
	struct err err;
	int rc;

	if (c->failed)
		return;
	/* fsync before send */
	rc = c->feed->turn(c->feeder, now_mono_us, clock_utc_us(), &err);
	if (rc < 0) {
		c->told_too_little = rc == -ENODATA;
		fail(c, err.text);
		return;
	}
	/* The commit took its time. */
	now_mono_us = clock_mono_us();
	courier_turn(c->courier, now_mono_us, c->feed->last_time(c->feeder),
	    c->feed->refused(c->feeder));
	look_at_clocks(c);
	check_end(c, now_mono_us);
	remind(c, now_mono_us);
	begin_status(c);
	show_status(c, now_mono_us);
}

static void
resized(void *arg)
{
	struct collector *c = arg;

	if (c->feed->resized != NULL)
		c->feed->resized(c->feeder);
}

static int64_t
deadline(void *arg, int64_t now_mono_us)
{
	const struct collector *c = arg;
	int64_t all[] = { c->feed->deadline(c->feeder, now_mono_us),
		courier_deadline(c->courier, now_mono_us),
		status_deadline(c->status), c->give_up_mono_us,
		c->remind_mono_us };
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
	uint64_t refused = c->feed->refused(c->feeder);

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

/* As --aggregator takes it: whom it was to reach, or has reached. */
static const char *
aggregator_word(const struct collector *c)
{
	static const char scheme[] = "tcp://";
	const char *url = courier_url(c->courier);

	if (c->options.aggregator != NULL)
		return c->options.aggregator;
	/* Nobody may be there, at an address that nobody has said. */
	if (courier_store(c->courier) == 0 && !endpoint_named(NULL))
		return "HOST";
	return url + sizeof scheme - 1;
}

/* The last words: it may be days until somebody starts it again. */
static void
tell_waiting(const struct collector *c)
{
	uint64_t n = waiting(c);
	/* A folder may be called "8 km"; the command is to be pasted. */
	const char *quote =
	    strpbrk(c->outbox_where, " ()&;$") != NULL ? "'" : "";

	/* A refusal has its own advice: to send it once more is none. */
	if (n == 0 || c->gave_up || courier_failed(c->courier))
		return;
	log_warnx("%" PRIu64 " event%s not acknowledged: %s safe in %s; send "
	          "%s with palmares-collector --outbox %s%s%s --once "
	          "--aggregator %s",
	    n, n == 1 ? " is" : "s are", n == 1 ? "it is" : "they are",
	    c->outbox_where, n == 1 ? "it" : "them", quote, c->outbox_where,
	    quote, aggregator_word(c));
}

static int
run(struct collector *c)
{
	int rc;

	if (c->options.timeout_us > 0)
		c->give_up_mono_us = clock_mono_us() + c->options.timeout_us;
	begin_status(c);
	rc = loop_run(c->loop);
	status_free(c->status);
	if (!c->feed->end(c->feeder))
		c->failed = true;
	print_proof(c);
	tell_waiting(c);
	if (c->told_too_little)
		return USAGE;
	if (rc < 0 || c->failed)
		return FAILED;
	return c->delivered && c->feed->refused(c->feeder) > 0 ? FAILED : 0;
}

/* ---- putting aside ---- */

static int
archive(struct collector *c)
{
	/* To the second, as the name of the file says it. */
	int64_t now_us = clock_utc_us() / INSTANT_SECOND * INSTANT_SECOND;
	uint64_t events = outbox_last(c->outbox);
	struct err err;
	char when[40];
	char *path;
	char *where;
	int rc;

	if (outbox_archived(c->outbox) != 0) {
		log_warnx("outbox %s is archived already, since %s",
		    c->outbox_where,
		    instant_format(when, outbox_archived(c->outbox)));
		return FAILED;
	}
	rc = outbox_archive(c->outbox, now_us, &path, &err);
	if (rc == -ENODATA) {
		log_info("%s", err.text);
		return 0;
	}
	if (rc < 0) {
		log_warnx("%s", err.text);
		return FAILED;
	}
	where = realpath(path, NULL);
	printf("%s: %" PRIu64 " events archived at %s in %s\n",
	    outbox_name(c->outbox), events, instant_format(when, now_us),
	    where != NULL ? where : path);
	free(where);
	free(path);
	return cli_end(OPTIONS_PROGRAM, 0);
}

/* ---- ---- */

static const struct feeder_ops *
choose_feeder(const struct options *o)
{
	if (o->source == NULL)
		return &idle_feeder;
	return o->typed ? &desk_feeder : &rows_feeder;
}

static int
collect(struct collector *c)
{
	static const struct loop_ops ops = { .turn_end = turn_end,
		.deadline = deadline,
		.winch = resized };
	int status = FAILED;
	struct err err;

	if (!c->options.typed && !c->options.quiet)
		tell_outbox(c);
	if (loop_new(&c->loop, &ops, c, &err) < 0 || open_clocks(c, &err) < 0 ||
	    open_courier(c, &err) < 0 || open_feeder(c, &err) < 0)
		log_warnx("%s", err.text);
	else
		status = run(c);
	courier_free(c->courier);
	return status;
}

int
main(int argc, char **argv)
{
	static struct collector c;
	int status;

	cli_locale();
	log_init(OPTIONS_PROGRAM);
	c.give_up_mono_us = LOOP_NEVER;
	c.remind_mono_us = LOOP_NEVER;
	options_parse(&c.options, argc, argv);
	if (!c.options.archive)
		course_load(&c.course, &c.options);
	c.feed = choose_feeder(&c.options);
	c.feeder = c.feed->new (&c.options, &c.course);
	open_outbox(&c);
	status = c.options.archive ? archive(&c) : collect(&c);
	c.feed->free(c.feeder);
	loop_free(c.loop);
	clockwork_free(c.clocks);
	outbox_free(c.outbox);
	course_close(&c.course);
	free(c.outbox_path);
	free(c.outbox_where);
	return status;
}
