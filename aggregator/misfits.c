#include "aggregator/misfits.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/instant.h"

enum { LINE = 400 };

static const char *
many(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void
say_begun(const char *point, const struct rank_conflict *c, misfits_say_fn say,
    void *arg)
{
	char clock[16];
	char line[LINE];

	(void)snprintf(line, sizeof line,
	    "%s: %" PRIu64 " time%s and %" PRIu64 " bib%s of two people do not "
	    "fit from %s on, and have no places: 'palmares unknown' tells what "
	    "to do",
	    point, c->times, many(c->times), c->bibs, many(c->bibs),
	    instant_clock(clock, c->first_us));
	say(arg, true, line);
}

static void
say_settled(const char *point, misfits_say_fn say, void *arg)
{
	char line[LINE];

	(void)snprintf(line, sizeof line,
	    "%s: times and bibs of two people fit again", point);
	say(arg, false, line);
}

/* Behind a time without bib, and behind a bib without time, is a runner; where
 * there are both it may be the same one. */
static uint64_t
runners(const struct rank_conflict *c)
{
	return c->times > c->bibs ? c->times : c->bibs;
}

/* "finish: times and bibs do not fit: 8 runners wait" */
static void
put_trouble(struct misfits *m, const struct race_rules *rules,
    const struct rank_conflict *all)
{
	const char *point = "";
	uint64_t waiting = 0;
	size_t points = 0;

	m->conflicts = 0;
	m->trouble[0] = '\0';
	for (size_t i = 0; i < rules->point_count; i++) {
		if (all[i].conflicts == 0)
			continue;
		if (points++ == 0)
			point = rules->points[i].name;
		m->conflicts += all[i].conflicts;
		waiting += runners(&all[i]);
	}
	if (points == 0)
		return;
	(void)snprintf(m->trouble, sizeof m->trouble,
	    "%s%s: times and bibs do not fit: %" PRIu64 " runner%s wait%s",
	    point, points > 1 ? " and elsewhere" : "", waiting, many(waiting),
	    waiting == 1 ? "s" : "");
}

void
misfits_look(struct misfits *m, const struct race_rules *rules,
    const struct rank_conflict *all, misfits_say_fn say, void *arg)
{
	for (size_t i = 0; i < rules->point_count; i++) {
		bool is = all[i].conflicts > 0;

		if (is && !m->told[i])
			say_begun(rules->points[i].name, &all[i], say, arg);
		else if (!is && m->told[i])
			say_settled(rules->points[i].name, say, arg);
		m->told[i] = is;
	}
	put_trouble(m, rules, all);
}
