#include "aggregator/report.h"

#include <errno.h>

#include "race/rulings.h"

/* What an operator decides next is to come after all of that. */
static int64_t
latest_said(const struct book *b)
{
	int64_t entries_us = roster_latest(b->roster);
	int64_t rulings_us = rulings_latest(b->rulings);

	return entries_us > rulings_us ? entries_us : rulings_us;
}

static void
fill_counts(const struct report_scene *s, struct message_status_reply *m)
{
	struct intake_facts facts;

	intake_facts(s->intake, &facts);
	m->log = store_log(s->store);
	m->crossings = s->book->crossings;
	m->unknown = rank_unknown_reads(s->book->rank);
	m->repeats = facts.repeats;
	m->holes = facts.holes;
	m->commits = s->commits;
	m->undecoded = s->undecoded + s->book->undecoded;
	m->snapshots = feed_snapshots(s->feed);
	m->malformed = facts.malformed + s->malformed;
	m->conflicts = facts.conflicts;
	m->misfits = s->misfits;
	m->entries = (uint32_t)roster_count(s->book->roster);
	m->entries_us = latest_said(s->book);
}

static void
fill_health(const struct report_scene *s, struct message_status_reply *m)
{
	struct message_station *stations;

	m->station_count = intake_stations(s->intake, &stations);
	m->station_total = (uint32_t)m->station_count;
	health_reads(s->health, s->book->rank, stations, m->station_count,
	    s->now_us);
	for (size_t i = 0; i < m->station_count; i++)
		stations[i].crossings =
		    book_crossings(s->book, stations[i].stream);
	m->stations = stations;
	m->alarm_count = health_alarms(s->health, &m->alarms);
	m->point_count = health_points(s->health, &m->points);
	m->as_of_us = book_as_of(s->book);
	m->seasons = s->seasons;
	m->season_count = s->season_count;
}

int
report_put(struct wire_buffer *out, const struct report_scene *s,
    uint32_t request)
{
	struct message m = { .type = MESSAGE_STATUS_REPLY };
	struct message_status_reply *r = &m.status_reply;

	*r = (struct message_status_reply){
		.request = request,
		.store = store_id(s->store),
		.run = s->run,
		.race = s->book->rules->title,
		.software = s->software,
		.now_us = s->now_utc_us,
		.started_us = s->started_us,
		.trouble = s->trouble,
	};
	fill_counts(s, r);
	fill_health(s, r);
	/* Some 500 stations fit with all their alarms.  What is wrong goes
	 * before what is right. */
	while (wire_put(out, &m) < 0) {
		if (r->station_count > r->alarm_count)
			r->station_count /= 2;
		else if (r->alarm_count > 0)
			r->alarm_count /= 2;
		else
			return -EMSGSIZE;
	}
	return 0;
}
