/* The feeder that fills in nothing: what is in the outbox is to be sent. */
#include "collector/feeder.h"

static void *
idle_new(const struct options *options, const struct course *course)
{
	(void)options;
	(void)course;
	return NULL;
}

static void
idle_free(void *arg)
{
	(void)arg;
}

static char *
idle_lacks_point(void *arg)
{
	(void)arg;
	return NULL;
}

static int
idle_open(void *arg, const struct feeder_place *place, struct err *err)
{
	(void)arg;
	(void)place;
	(void)err;
	return 0;
}

static int
idle_turn(void *arg, int64_t now_mono_us, int64_t now_utc_us, struct err *err)
{
	(void)arg;
	(void)now_mono_us;
	(void)now_utc_us;
	(void)err;
	return 0;
}

static int64_t
idle_deadline(void *arg, int64_t now_mono_us)
{
	(void)arg;
	(void)now_mono_us;
	return LOOP_NEVER;
}

static bool
idle_done(void *arg)
{
	(void)arg;
	return true;
}

static bool
idle_draws(void *arg)
{
	(void)arg;
	return false;
}

static uint64_t
idle_refused(void *arg)
{
	(void)arg;
	return 0;
}

static int64_t
idle_last_time(void *arg)
{
	(void)arg;
	return RACE_NO_TIME;
}

static bool
idle_end(void *arg)
{
	(void)arg;
	return true;
}

const struct feeder_ops idle_feeder = {
	.new = idle_new,
	.free = idle_free,
	.lacks_point = idle_lacks_point,
	.open = idle_open,
	.turn = idle_turn,
	.deadline = idle_deadline,
	.done = idle_done,
	.draws = idle_draws,
	.refused = idle_refused,
	.last_time = idle_last_time,
	.end = idle_end,
};
