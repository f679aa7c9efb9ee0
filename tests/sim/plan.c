#include "sim/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const struct field {
	const char *name;
	size_t at;
	unsigned least;
} fields[] = {
#define FIELD(name, least)                                                     \
	{                                                                      \
#name, offsetof(struct sim_plan, name), least                  \
	}
	/* In the order of shrinking: first whole kinds of faults. */
	FIELD(restore, 0),
	FIELD(copied, 0),
	FIELD(old_disk, 0),
	FIELD(archive, 0),
	FIELD(clock, 0),
	FIELD(freeze, 0),
	FIELD(high_water, 0),
	FIELD(lag_ms, 0),
	FIELD(half, 0),
	FIELD(cut, 0),
	FIELD(disk_error, 0),
	FIELD(torn, 0),
	FIELD(disk_full, 0),
	FIELD(operators, 0),
	FIELD(commands, 1),
	FIELD(operator_crash, 0),
	FIELD(display_crash, 0),
	FIELD(collector_crash, 0),
	FIELD(aggregator_crash, 0),
	FIELD(displays, 0),
	FIELD(late_ms, 0),
	FIELD(shuffle, 0),
	FIELD(repeat, 0),
	FIELD(loss, 0),
	FIELD(delay_us, 0),
	FIELD(collectors, 1),
	FIELD(events, 1),
	FIELD(runners, 1),
#undef FIELD
};

enum { FIELDS = sizeof fields / sizeof *fields };

static unsigned
get(const struct sim_plan *p, const struct field *f)
{
	unsigned value;

	memcpy(&value, (const char *)p + f->at, sizeof value);
	return value;
}

static void
set(struct sim_plan *p, const struct field *f, unsigned value)
{
	memcpy((char *)p + f->at, &value, sizeof value);
}

void
plan_print(const struct sim_plan *p, char out[SIM_PLAN_TEXT])
{
	int len = snprintf(out, SIM_PLAN_TEXT, "{ .seed = 0x%" PRIx64, p->seed);

	/* What is not named is 0. */
	for (size_t i = 0; i < FIELDS; i++)
		if (get(p, &fields[i]) != 0)
			len += snprintf(out + len, SIM_PLAN_TEXT - (size_t)len,
			    ", .%s = %u", fields[i].name, get(p, &fields[i]));
	snprintf(out + len, SIM_PLAN_TEXT - (size_t)len, " }");
}

static int
parse_one(struct sim_plan *p, const char *name, const char *value)
{
	if (strcmp(name, "seed") == 0) {
		p->seed = strtoull(value, NULL, 0);
		return 0;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		set(p, &fields[i], (unsigned)strtoul(value, NULL, 0));
		return 0;
	}
	return -EINVAL;
}

int
plan_parse(struct sim_plan *out, const char *text)
{
	struct sim_plan p = { 0 };
	const char *at = text;

	while ((at = strchr(at, '.')) != NULL) {
		char name[32];
		char value[32];

		if (sscanf(at, ".%31[a-z_] = %31[0-9a-fx]", name, value) != 2 ||
		    parse_one(&p, name, value) < 0)
			return -EINVAL;
		at++;
	}
	if (p.collectors < (p.copied ? 2 : 1) ||
	    p.collectors > SIM_COLLECTORS_MAX ||
	    p.displays > SIM_DISPLAYS_MAX || p.operators > SIM_OPERATORS_MAX ||
	    p.runners < 1)
		return -EINVAL;
	*out = p;
	return 0;
}

int
plan_smaller(const struct sim_plan *p, size_t i, unsigned try,
    struct sim_plan *out)
{
	const struct field *f = &fields[i];
	unsigned value;

	if (i >= FIELDS)
		return -ERANGE;
	value = get(p, f);
	if (try > 1 || value <= f->least || (try == 1 && value / 2 <= f->least))
		return -ENOENT;
	*out = *p;
	set(out, f, try == 0 ? f->least : value / 2);
	return out->copied && out->collectors < 2 ? -ENOENT : 0;
}

static unsigned
below(uint64_t *random, uint64_t n)
{
	return (unsigned)test_below(random, n);
}

/* Half of the scenarios are without a fault: rare ones would drown in the
 * recoveries from the others. */
static unsigned
maybe(uint64_t *random, uint64_t n)
{
	return below(random, 2) == 0 ? 0 : 1 + below(random, n);
}

struct sim_plan
plan_random(uint64_t *random)
{
	struct sim_plan p = { .seed = test_random(random) };

	p.collectors = 1 + below(random, 4);
	p.displays = 1 + below(random, SIM_DISPLAYS_MAX);
	p.operators = below(random, SIM_OPERATORS_MAX + 1);
	p.runners = 2 + below(random, 30);
	p.events = 10 + below(random, 55);
	p.commands = 1 + below(random, 4);
	p.late_ms = 5000;
	p.delay_us = 1 + below(random, 400000);
	p.shuffle = below(random, 2);
	p.loss = maybe(random, 200);
	p.repeat = maybe(random, 100);
	p.cut = maybe(random, 30);
	p.half = below(random, 1000);
	p.collector_crash = maybe(random, 20);
	p.aggregator_crash = maybe(random, 20);
	p.display_crash = maybe(random, 10);
	p.operator_crash = maybe(random, 40);
	p.freeze = maybe(random, 30);
	p.high_water = maybe(random, 20);
	p.lag_ms = maybe(random, 200);
	p.disk_full = maybe(random, 100);
	p.disk_error = maybe(random, 60);
	p.torn = below(random, 1000);
	p.restore = maybe(random, 30);
	p.clock = maybe(random, 20);
	p.archive = maybe(random, 30);
	/* With both an event that was acknowledged may be nowhere. */
	p.old_disk = p.restore == 0 && below(random, 4) == 0;
	return p;
}
