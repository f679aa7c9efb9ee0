/*
 * Times: what is read can be written, and then reads as the same time.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/instant.h"
#include "fuzz.h"
#include "race/types.h"

static const char *const zones[] = { "Europe/Paris", "UTC", "America/St_Johns",
	"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati" };

static void
use_zone(uint8_t choice)
{
	static size_t now = SIZE_MAX;
	size_t zone = choice % (sizeof zones / sizeof zones[0]);

	/* Reading a zone takes longer than all that follows. */
	if (zone != now)
		assert(instant_zone(zones[zone], NULL) == 0);
	now = zone;
}

static void
check_written(int64_t us)
{
	enum instant_form form;
	char text[40];
	char clock[16];
	int64_t back;

	assert(
	    instant_parse(instant_format(text, us), &form, &back, NULL) == 0);
	assert(form == INSTANT_ABSOLUTE && back == us);
	assert(strncmp(instant_clock(clock, us), text + 11, 8) == 0);
}

static void
check_span(int64_t us)
{
	char text[32];
	int64_t back;

	assert(us >= 0);
	assert(instant_parse_span(instant_seconds(text, us), &back, NULL) == 0);
	assert(back == us);
	assert(instant_parse_span(instant_elapsed(text, us, false), &back,
	           NULL) == 0);
	assert(back == us);
	assert(instant_parse_span(instant_elapsed(text, us, true), &back,
	           NULL) == 0);
	assert(back >= us && back - us < INSTANT_SECOND);
}

/* A local time is what a clock on the wall shows at the moment found. */
static void
check_clock(int64_t clock_us, const char *date, int64_t near)
{
	char text[16];
	char wanted[16];
	int64_t s = clock_us / INSTANT_SECOND;
	int64_t us;

	assert(clock_us >= 0 && s < 86400);
	(void)snprintf(wanted, sizeof wanted, "%02d:%02d:%02d", (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60));
	if (instant_near(clock_us, near, &us, NULL) == 0)
		assert(strcmp(instant_clock(text, us), wanted) == 0);
	if (!instant_date_valid(date))
		return;
	/* Others are refused before they are written. */
	if (instant_local(date, clock_us, near, &us, NULL) == 0 &&
	    us >= RACE_TIME_MIN && us < RACE_TIME_MAX) {
		char full[40];

		assert(strcmp(instant_clock(text, us), wanted) == 0);
		assert(strncmp(instant_format(full, us), date, 10) == 0);
	}
}

static void
check_form(enum instant_form form, int64_t us, const char *date, int64_t near)
{
	switch (form) {
	case INSTANT_ABSOLUTE:
		check_written(us);
		return;
	case INSTANT_RELATIVE:
		check_span(us);
		return;
	case INSTANT_CLOCK:
		check_clock(us, date, near);
		return;
	}
	assert(0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	char text[200] = "";
	char date[16] = "";
	enum instant_form form;
	struct err err;
	int64_t near;
	int64_t us;

	use_zone(fuzz_byte(&in));
	near = fuzz_between(&in, RACE_TIME_MIN, RACE_TIME_MAX - 1);
	check_written(near);
	for (size_t i = 0; i < 10; i++)
		date[i] = (char)fuzz_byte(&in);
	memcpy(text, in.at, in.left < sizeof text ? in.left : sizeof text - 1);
	if (instant_parse(text, &form, &us, &err) == 0)
		check_form(form, us, date, near);
	if (instant_parse_span(text, &us, &err) == 0)
		check_span(us);
	return 0;
}
