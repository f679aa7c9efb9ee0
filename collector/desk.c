/* The feeder of a person who types: terminal -> keyboard -> notebook. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "collector/feeder.h"
#include "collector/news.h"
#include "collector/notebook.h"
#include "collector/sheet.h"
#include "collector/typist.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/screen.h"
#include "common/xalloc.h"
#include "race/choice.h"
#include "race/rules.h"

enum { LOG_LINES = 8, LOG = 1024 };

/* Drawn at most 20 times a second but for keys, and as often as it takes for a
 * clock that does not stumble. */
static const int64_t frame_us = 50000;
static const int64_t idle_us = 250000;

/* How long a line of the log stands on the screen. */
static const int64_t log_us = 10000000;

static const int64_t disk_every_us = 1000000;

/* More than two clocks can be read apart on a busy machine. */
static const int64_t jump_us = 500000;

struct log_line {
	char text[LOG];
	int64_t mono_us;
};

struct desk {
	const struct options *options;
	const struct course *course;
	struct feeder_place place;
	struct bibs *bibs;
	struct news *news;
	char *wrong; /* what is wrong with the point, NULL: nothing */
	struct keyboard *keyboard;
	struct notebook *notebook;
	struct typist *typist;
	int hangup_fd;
	bool hung_up;
	bool drawing; /* the screen is ours */
	struct sheet sheet;
	int64_t drawn_mono_us;
	bool pressed;  /* a key waits for its effect on the screen */
	bool waiting;  /* something that came since then does */
	uint64_t rung; /* the last event that the bell was rung for */
	uint64_t disk_free;
	int64_t disk_mono_us;
	int64_t lead_us; /* of the wall clock before the one that nobody sets */
	struct log_line log[LOG_LINES]; /* a ring */
	size_t log_count;
};

/* ---- before ---- */

static void
check_clock(void)
{
	int64_t now_us = clock_utc_us();
	char text[40];

	if (now_us < RACE_TIME_MIN || now_us >= RACE_TIME_MAX)
		log_fatal(1,
		    "this laptop's clock says %s: set it, for the "
		    "times are taken from it",
		    instant_format(text, now_us));
}

/* A clock that lost its battery is most often days off. */
static void
check_date(const struct race_rules *rules)
{
	char text[40];

	instant_format(text, clock_utc_us());
	if (strncmp(text, rules->date, 10) != 0)
		log_warnx("this laptop says %.10s, the race is on %s: is its "
		          "clock right?",
		    text, rules->date);
}

static int64_t
clock_lead(void)
{
	return clock_utc_us() - clock_boot_us();
}

/* Who looks at the screen's clock would wonder; times are corrected. */
static void
check_jump(struct desk *d)
{
	int64_t lead_us = clock_lead();
	int64_t by_us = lead_us - d->lead_us;
	char clock[24];

	d->lead_us = lead_us;
	if (by_us > -jump_us && by_us < jump_us)
		return;
	log_warnx("the clock was set %s by %.1f s at %s: times are corrected",
	    by_us < 0 ? "back" : "forward",
	    (double)(by_us < 0 ? -by_us : by_us) / INSTANT_SECOND,
	    keyboard_clock(clock, clock_utc_us()));
	screen_bell();
}

static void *
desk_new(const struct options *options, const struct course *course)
{
	struct desk *d;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		cli_usage(OPTIONS_PROGRAM,
		    "--source %s is for a person at a terminal, and this is "
		    "none: for a file there is csv:FILE, for a pipe stdin",
		    options->source);
	check_clock();
	d = xcalloc(1, sizeof *d);
	d->options = options;
	d->course = course;
	d->hangup_fd = -1;
	d->disk_mono_us = INT64_MIN;
	d->bibs = bibs_new(course->roll.entries, course->roll.count);
	return d;
}

static void
desk_free(void *arg)
{
	struct desk *d = arg;

	if (d->hangup_fd >= 0) {
		loop_del_fd(d->place.loop, d->hangup_fd);
		close(d->hangup_fd);
	}
	news_free(d->news);
	free(d->wrong);
	notebook_free(d->notebook);
	keyboard_free(d->keyboard);
	bibs_free(d->bibs);
	sheet_close(&d->sheet);
	free(d);
}

static char *
desk_lacks_point(void *arg)
{
	const struct desk *d = arg;
	const struct race_rules *rules = d->course->rules;
	char *points;
	char *words;

	if (rules == NULL)
		return xasprintf("where are you? Say --point NAME");
	points = choice_point(rules, "");
	words = xasprintf("where are you? Say --point NAME (%s)", points);
	free(points);
	return words;
}

/* ---- the screen ---- */

static void
on_log(void *arg, const char *text)
{
	struct desk *d = arg;
	size_t last = (d->log_count + LOG_LINES - 1) % LOG_LINES;
	struct log_line *line = &d->log[last];

	/* Said again, it stands longer. */
	if (strcmp(line->text, text) != 0)
		line = &d->log[d->log_count++ % LOG_LINES];
	(void)snprintf(line->text, sizeof line->text, "%s", text);
	line->mono_us = clock_mono_us();
}

/* Why nothing can be sent any more stays, too. */
static bool
stands(const struct desk *d, const struct log_line *line)
{
	return line->text[0] != '\0' &&
	    (courier_failed(d->place.courier) ||
	        clock_mono_us() - line->mono_us < log_us);
}

static const char *
latest_log(const struct desk *d)
{
	const struct log_line *line;

	if (d->log_count == 0)
		return "";
	line = &d->log[(d->log_count - 1) % LOG_LINES];
	return stands(d, line) ? line->text : "";
}

/* What nobody had the time to read. */
static void
tell_log(const struct desk *d)
{
	size_t first = d->log_count > LOG_LINES ? d->log_count - LOG_LINES : 0;

	for (size_t i = first; i < d->log_count; i++) {
		const struct log_line *line = &d->log[i % LOG_LINES];

		if (stands(d, line))
			log_info("%s", line->text);
	}
}

static void
look_at_disk(struct desk *d, int64_t now_mono_us)
{
	if (d->disk_mono_us != INT64_MIN &&
	    now_mono_us - d->disk_mono_us < disk_every_us)
		return;
	d->disk_free = files_free_bytes(d->place.outbox_path);
	d->disk_mono_us = now_mono_us;
}

/* The aggregator's, for what is typed goes there; else the folder's. */
static const struct race_rules *
rules_of(const struct desk *d)
{
	const struct race_rules *rules = news_rules(d->news);

	return rules != NULL ? rules : d->course->rules;
}

static void
draw(struct desk *d, int64_t now_mono_us)
{
	const struct race_rules *rules = rules_of(d);
	struct keys_stamp now = clock_stamp();
	char trouble[CLOCKWORK_WORDS];
	struct uplink_facts facts;
	struct sheet_scene scene;
	size_t height;
	size_t width;

	courier_facts(d->place.courier, &facts);
	look_at_disk(d, now_mono_us);
	scene = (struct sheet_scene){ .keyboard = d->keyboard,
		.bibs = d->bibs,
		.listed = d->options->listed,
		.title = rules != NULL ? rules->title : "",
		.point = outbox_point(d->place.outbox),
		.name = outbox_name(d->place.outbox),
		.now_us = clock_utc_us(),
		.link = facts.state,
		.gone_us = facts.down_since_us > 0
		    ? now_mono_us - facts.down_since_us
		    : 0,
		.durable = outbox_last(d->place.outbox),
		.acked = outbox_acked(d->place.outbox),
		.disk_free = d->disk_free,
		.full = notebook_full(d->notebook),
		.alarm = d->wrong != NULL ? d->wrong : news_trouble(d->news),
		.wrong = d->wrong != NULL,
		.fresh = d->place.fresh ? d->place.outbox_where : "",
		.log = latest_log(d) };
	if (scene.log[0] == '\0')
		scene.log = clockwork_trouble(d->place.clocks, &now, trouble);
	screen_size(&height, &width);
	sheet_compose(&d->sheet, height, width, &scene);
	screen_cursor(d->sheet.cursor_line, d->sheet.cursor_column);
	screen_draw(d->sheet.lines, d->sheet.height);
	d->drawn_mono_us = now_mono_us;
	d->pressed = false;
	d->waiting = false;
}

static void
desk_resized(void *arg)
{
	struct desk *d = arg;

	if (!d->drawing)
		return;
	screen_resize();
	d->pressed = true;
}

static void
close_screen(struct desk *d)
{
	if (!d->drawing)
		return;
	d->drawing = false;
	news_free(d->news);
	d->news = NULL;
	loop_del_fd(d->place.loop, typist_fd(d->typist));
	/* First, for what is typed from now on is the shell's. */
	typist_free(d->typist);
	screen_close();
	log_capture(NULL, NULL);
	tell_log(d);
}

/* ---- opening ---- */

static void
read_keys(void *arg)
{
	struct desk *d = arg;
	struct keys_press press;

	while (!keyboard_ended(d->keyboard) &&
	    typist_next(d->typist, clock_mono_us(), &press)) {
		clockwork_look(d->place.clocks, &press.stamp);
		keyboard_press(d->keyboard, &press);
		d->pressed = true;
	}
}

static void
on_hangup(void *arg)
{
	struct desk *d = arg;
	struct signalfd_siginfo info;
	ssize_t n = read(d->hangup_fd, &info, sizeof info);

	(void)n;
	d->hung_up = true;
}

/* The last keys are taken, and the line is left on the disk. */
static int
watch_hangup(struct desk *d, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	d->hangup_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (d->hangup_fd < 0)
		return err_errno(err, -errno, "signalfd");
	loop_add_fd(d->place.loop, d->hangup_fd, on_hangup, d);
	return 0;
}

static int
open_screen(struct desk *d, struct err *err)
{
	const char *term = getenv("TERM");
	int rc = screen_open_raw(err);

	if (rc == -ENOTTY)
		return err_set(err, rc,
		    "TERM=%s: no terminal to draw on: set TERM",
		    term != NULL ? term : "");
	if (rc < 0)
		return rc;
	log_capture(on_log, d);
	rc = typist_open(&d->typist, STDIN_FILENO, err);
	if (rc < 0) {
		screen_close();
		log_capture(NULL, NULL);
		return rc;
	}
	d->drawing = true;
	loop_add_fd(d->place.loop, typist_fd(d->typist), read_keys, d);
	return 0;
}

static int
check_point(const struct desk *d, struct err *err)
{
	const struct race_rules *rules = d->course->rules;
	const char *point = outbox_point(d->place.outbox);
	char *words;

	if (rules == NULL || rules_reader(rules, point) >= 0)
		return 0;
	words = choice_point(rules, point);
	err_set(err, -EINVAL, "outbox %s: %s", d->place.outbox_path, words);
	free(words);
	return -EINVAL;
}

/* On the screen, where it stands a while. */
static void
tell_start(const struct desk *d)
{
	size_t count = keyboard_count(d->keyboard);

	if (d->place.fresh)
		log_info("new outbox %s", d->place.outbox_where);
	else
		log_info("outbox %s: %zu entr%s", d->place.outbox_where, count,
		    count == 1 ? "y" : "ies");
	if (d->course->rules != NULL)
		check_date(d->course->rules);
}

static int
desk_open(void *arg, const struct feeder_place *place, struct err *err)
{
	struct desk *d = arg;
	struct keyboard_setup setup = { .point = outbox_point(place->outbox),
		.listed = d->options->listed,
		.bibs = d->bibs,
		.clocks = place->clocks,
		.last = outbox_last(place->outbox) };
	int rc;

	d->place = *place;
	d->lead_us = clock_lead();
	rc = check_point(d, err);
	if (rc < 0)
		return rc;
	d->keyboard = keyboard_new(&setup);
	d->rung = setup.last;
	rc = notebook_open(&d->notebook, place->outbox, d->keyboard,
	    place->clocks, err);
	if (rc == 0)
		rc = news_open(&d->news, place->loop, place->whom,
		    place->courier, d->bibs, err);
	if (rc == 0)
		rc = watch_hangup(d, err);
	if (rc == 0)
		rc = open_screen(d, err);
	if (rc == 0)
		tell_start(d);
	return rc;
}

/* ---- the aggregator's race ---- */

/* Taken all the same: rules may be put right, entries not typed again. */
static void
judge_point(struct desk *d, const struct race_rules *rules)
{
	const char *point = outbox_point(d->place.outbox);
	bool was_wrong = d->wrong != NULL;
	char *words;

	free(d->wrong);
	d->wrong = NULL;
	if (rules_reader(rules, point) >= 0)
		return;
	words = choice_point(rules, point);
	d->wrong = xasprintf("WRONG POINT: %s. Entries are kept, and do not "
	                     "count: leave, and start with the right --point.",
	    words);
	free(words);
	if (!was_wrong)
		screen_bell();
}

static void
take_rules(struct desk *d)
{
	const struct race_rules *rules = news_rules(d->news);
	struct err err;

	if (instant_zone(rules->timezone, &err) < 0)
		log_warnx("%s", err.text);
	if (d->course->rules == NULL)
		check_date(rules);
	judge_point(d, rules);
	d->waiting = true;
}

static void
read_news(struct desk *d, int64_t now_mono_us)
{
	unsigned what = news_turn(d->news, now_mono_us);

	if ((what & NEWS_RULES) != 0)
		take_rules(d);
	if ((what & NEWS_ENTRIES) != 0)
		keyboard_renew(d->keyboard);
}

/* ---- running ---- */

/* Also at each entry that the disk did not take: who types looks at runners. */
static void
ring(struct desk *d)
{
	uint64_t last = keyboard_last(d->keyboard);
	bool rings = keyboard_rings(d->keyboard);

	if (notebook_full(d->notebook) && last > d->rung)
		rings = true;
	d->rung = last;
	if (rings)
		screen_bell();
}

static bool
is_left(const struct desk *d)
{
	return keyboard_ended(d->keyboard) || d->hung_up ||
	    typist_gone(d->typist);
}

/* What was measured goes into the stream, where the disk takes it. */
static void
put_estimate(struct desk *d)
{
	int64_t boot_us = clock_boot_us();
	struct race_clock_estimate e;

	if (!notebook_full(d->notebook) &&
	    clockwork_due(d->place.clocks, boot_us, &e))
		/* The laptop's own clock may be anywhere. */
		keyboard_estimate(d->keyboard, &e, clockfit_time(&e, boot_us));
}

static int
desk_turn(void *arg, int64_t now_mono_us, int64_t now_utc_us, struct err *err)
{
	struct desk *d = arg;
	int rc;

	(void)now_utc_us; /* keys have their own stamps */
	if (!d->drawing)
		return notebook_turn(d->notebook, now_mono_us, err);
	check_jump(d);
	/* An Esc that waited is a key by now. */
	read_keys(d);
	keyboard_tick(d->keyboard, now_mono_us);
	/* The disk may take its time: what was typed is seen before. */
	if (d->pressed)
		draw(d, now_mono_us);
	put_estimate(d);
	rc = notebook_turn(d->notebook, now_mono_us, err);
	if (rc < 0)
		return rc;
	ring(d);
	/* Last: 50,000 names take their time. */
	read_news(d, clock_mono_us());
	now_mono_us = clock_mono_us();
	if (now_mono_us - d->drawn_mono_us >= frame_us)
		draw(d, now_mono_us);
	else
		d->waiting = true;
	if (is_left(d))
		close_screen(d);
	return 0;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
desk_deadline(void *arg, int64_t now_mono_us)
{
	struct desk *d = arg;
	int64_t least = d->drawn_mono_us + (d->waiting ? frame_us : idle_us);

	if (!d->drawing)
		return notebook_deadline(d->notebook);
	least = earlier(least, typist_deadline(d->typist));
	least = earlier(least, keyboard_deadline(d->keyboard));
	least = earlier(least, news_deadline(d->news, now_mono_us));
	return earlier(least, notebook_deadline(d->notebook));
}

/* Whoever left has insisted; a terminal that was closed has not. */
static bool
desk_done(void *arg)
{
	const struct desk *d = arg;

	return !d->drawing &&
	    (keyboard_ended(d->keyboard) || !notebook_full(d->notebook));
}

static bool
desk_draws(void *arg)
{
	const struct desk *d = arg;

	return d->drawing;
}

static uint64_t
desk_refused(void *arg)
{
	(void)arg;
	return 0;
}

static int64_t
desk_last_time(void *arg)
{
	const struct desk *d = arg;
	size_t count = keyboard_count(d->keyboard);

	if (count == 0)
		return RACE_NO_TIME;
	return keyboard_entry(d->keyboard, count - 1)->time_us;
}

/* False if it is lost. */
static bool
tell_draft(const struct desk *d, bool kept)
{
	struct keyboard_draft line;
	char clock[24];

	if (!keyboard_draft(d->keyboard, &line) || line.text[0] == '\0')
		return true;
	keyboard_clock(clock, line.time_us);
	if (kept)
		log_info("%s, typed at %s, was not entered: it stands in the "
		         "line when this is started again",
		    line.text, clock);
	else
		log_warnx("not kept: %s %s, which was not entered", clock,
		    line.text);
	return kept;
}

static bool
desk_end(void *arg)
{
	struct desk *d = arg;
	struct err err;
	bool kept;

	/* A signal ended it: what was typed until now counts. */
	if (d->drawing)
		read_keys(d);
	/* Whenever it is to be tried again: now. */
	kept = notebook_turn(d->notebook, INT64_MAX / 2, &err) == 0;
	if (!kept)
		log_warnx("%s", err.text);
	close_screen(d);
	kept = tell_draft(d, kept && !notebook_full(d->notebook)) && kept;
	return notebook_tell_lost(d->notebook) == 0 && kept;
}

const struct feeder_ops desk_feeder = {
	.new = desk_new,
	.free = desk_free,
	.lacks_point = desk_lacks_point,
	.open = desk_open,
	.turn = desk_turn,
	.deadline = desk_deadline,
	.resized = desk_resized,
	.done = desk_done,
	.leaves = true,
	.draws = desk_draws,
	.refused = desk_refused,
	.last_time = desk_last_time,
	.end = desk_end,
};
