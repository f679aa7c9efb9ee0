#include "race/until.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/xalloc.h"

void
until_event(struct until *u, const struct until_event *e)
{
	u->events = xgrow(u->events, &u->cap, u->count, sizeof *u->events);
	u->events[u->count++] = *e;
}

void
until_rules(struct until *u, uint64_t log, const uint8_t *body, size_t len)
{
	uint8_t *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, body, len);
	u->rules =
	    xgrow(u->rules, &u->rules_cap, u->rules_count, sizeof *u->rules);
	u->rules[u->rules_count++] = (struct until_rules){ log, copy, len };
}

void
until_clear(struct until *u)
{
	for (size_t i = 0; i < u->rules_count; i++)
		free(u->rules[i].body);
	free(u->rules);
	free(u->events);
	*u = (struct until){ 0 };
}

const struct until_rules *
until_ruled(const struct until *u, uint64_t log)
{
	for (size_t i = u->rules_count; i > 0; i--)
		if (u->rules[i - 1].log <= log)
			return &u->rules[i - 1];
	return NULL;
}

const struct until_event *
until_received(const struct until *u, int64_t us)
{
	for (size_t i = u->count; i > 0; i--)
		if (u->events[i - 1].received_us <= us)
			return &u->events[i - 1];
	return NULL;
}

size_t
until_ahead(const struct until *u, const struct until_event *last)
{
	size_t ahead = 0;

	for (size_t i = 0; i < u->count && u->events[i].log < last->log; i++)
		ahead += u->events[i].received_us > last->received_us;
	return ahead;
}

static int
compare_us(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of all events, where no station has said anything yet. */
static int64_t
middle(const struct until *u)
{
	int64_t *all = xcalloc(u->count, sizeof *all);
	size_t count = 0;
	int64_t us;

	for (size_t i = 0; i < u->count; i++)
		if (u->events[i].station)
			all[count++] = u->events[i].received_us;
	for (size_t i = 0; count == 0 && i < u->count; i++)
		all[i] = u->events[i].received_us;
	count = count > 0 ? count : u->count;
	qsort(all, count, sizeof *all, compare_us);
	us = all[count / 2];
	free(all);
	return us;
}

int
until_clock(const struct until *u, int64_t clock_us, int64_t *us,
    struct err *err)
{
	if (u->count == 0)
		return err_set(err, -ENOENT, "nothing was received at all");
	return instant_near(clock_us, middle(u), us, err);
}
