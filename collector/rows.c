/* The feeder of files and pipes: source -> lines -> gather. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/feeder.h"
#include "collector/gather.h"
#include "collector/lines.h"
#include "collector/source.h"
#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"

struct rows {
	const struct options *options;
	const struct course *course;
	struct feeder_place place;
	struct source *source;
	struct lines *lines;
	struct gather *gather;
	bool watched; /* the pipe is */
	int failed;   /* reading it did: -errno */
	struct err why;
};

/* ---- opening ---- */

static void
say_line(void *arg, const char *text)
{
	const struct rows *r = arg;

	log_warnx("%s: %s", source_title(r->source), text);
}

static bool
is_file(const struct rows *r)
{
	return source_fd(r->source) < 0;
}

static void
open_source(struct rows *r)
{
	const char *spec = r->options->source;
	struct err err;
	int rc = source_open(&r->source, spec, &err);

	if (rc == -ENOTSUP || (rc == -EINVAL && strchr(spec, ':') == NULL))
		cli_usage(OPTIONS_PROGRAM, "%s", err.text);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
}

/* Before an outbox is made for a file that is none. */
static void
read_header(struct rows *r)
{
	struct csv_row row;
	struct err err;

	if (source_header(r->source, &row, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (lines_header(r->lines, &row, &err) < 0)
		log_fatal(1, "%s:%" PRIu64 ": %s", source_title(r->source),
		    row.line, err.text);
}

static void *
rows_new(const struct options *options, const struct course *course)
{
	const struct conf_roll *roll = &course->roll;
	struct lines_race race = { .rules = course->rules,
		/* Nobody entered: nothing to check against. */
		.entries = roll->count > 0 ? roll->entries : NULL,
		.entry_count = roll->count,
		.wave = options->gun };
	struct rows *r = xcalloc(1, sizeof *r);

	r->options = options;
	r->course = course;
	open_source(r);
	r->lines = lines_new(&race, say_line, r);
	if (source_whole(r->source))
		read_header(r);
	return r;
}

static void
rows_free(void *arg)
{
	struct rows *r = arg;

	gather_free(r->gather);
	lines_free(r->lines);
	source_free(r->source);
	free(r);
}

static char *
rows_lacks_point(void *arg)
{
	struct rows *r = arg;

	if (!source_whole(r->source) || lines_has_point(r->lines))
		return NULL;
	return xasprintf("%s has no column 'point': say --point NAME",
	    source_title(r->source));
}

/* The zero of a source that is played at a speed. */
static int64_t
read_origin(const struct rows *r)
{
	const struct race_rules *rules = r->course->rules;
	const char *text = r->options->origin;
	enum instant_form form;
	struct err err;
	int64_t us;

	if (text == NULL)
		return lines_gun(r->lines);
	if (instant_parse(text, &form, &us, &err) < 0)
		cli_usage(OPTIONS_PROGRAM, "--origin: %s", err.text);
	if (form == INSTANT_RELATIVE)
		cli_usage(OPTIONS_PROGRAM,
		    "--origin %s: a time of day, not one after the gun", text);
	if (form == INSTANT_ABSOLUTE)
		return us;
	if (rules == NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "--origin %s is local: name the race folder with --race, "
		    "or write date and offset",
		    text);
	if (instant_local(rules->date, us, INSTANT_NONE, &us, &err) < 0)
		cli_usage(OPTIONS_PROGRAM, "--origin: %s", err.text);
	return us;
}

static void watch(struct rows *r);

static int
rows_open(void *arg, const struct feeder_place *place, struct err *err)
{
	struct rows *r = arg;
	struct gather_pace pace = { .speed = r->options->speed,
		.origin_us = RACE_NO_TIME };
	int rc;

	r->place = *place;
	lines_set_point(r->lines, outbox_point(place->outbox));
	if (pace.speed > 0)
		pace.origin_us = read_origin(r);
	rc = gather_open(&r->gather, r->source, r->lines,
	    source_whole(r->source), place->outbox, &pace, err);
	if (rc == 0)
		watch(r);
	return rc;
}

/* ---- running ---- */

static void
read_pipe(void *arg)
{
	struct rows *r = arg;
	int rc = source_fill(r->source, &r->why);

	if (rc < 0)
		r->failed = rc;
}

/* A pipe is read only when its bytes would be taken: it is its own queue. */
static void
watch(struct rows *r)
{
	int fd = source_fd(r->source);
	bool want = fd >= 0 && gather_hungry(r->gather);

	if (want && !r->watched)
		loop_add_fd(r->place.loop, fd, read_pipe, r);
	if (!want && r->watched)
		loop_del_fd(r->place.loop, fd);
	r->watched = want;
}

static int
rows_turn(void *arg, int64_t now_mono_us, int64_t now_utc_us, struct err *err)
{
	struct rows *r = arg;
	int rc;

	if (r->failed < 0)
		return err_set(err, r->failed, "%s", r->why.text);
	rc = gather_turn(r->gather, now_mono_us, now_utc_us, err);
	if (rc == 0)
		watch(r);
	return rc;
}

static int64_t
rows_deadline(void *arg, int64_t now_mono_us)
{
	struct rows *r = arg;

	return gather_deadline(r->gather, now_mono_us);
}

static bool
rows_done(void *arg)
{
	struct rows *r = arg;

	return gather_done(r->gather);
}

static bool
rows_draws(void *arg)
{
	(void)arg;
	return false;
}

static uint64_t
rows_refused(void *arg)
{
	struct rows *r = arg;

	return gather_refused(r->gather);
}

static int64_t
rows_last_time(void *arg)
{
	struct rows *r = arg;

	return gather_last_time(r->gather);
}

static bool
rows_end(void *arg)
{
	struct rows *r = arg;
	size_t lost = gather_waiting(r->gather);

	lines_sum_up(r->lines);
	/* A file can be read again. */
	if (lost == 0 || is_file(r))
		return true;
	log_warnx("%zu crossings from stdin found no room on the disk and were "
	          "not kept",
	    lost);
	return false;
}

const struct feeder_ops rows_feeder = {
	.new = rows_new,
	.free = rows_free,
	.lacks_point = rows_lacks_point,
	.open = rows_open,
	.turn = rows_turn,
	.deadline = rows_deadline,
	.done = rows_done,
	.draws = rows_draws,
	.refused = rows_refused,
	.last_time = rows_last_time,
	.end = rows_end,
};
