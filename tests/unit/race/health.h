/*
 * health - a word of the aggregator about its stations, for the tests of what
 * shows it.
 */
#ifndef TESTS_UNIT_RACE_HEALTH_H
#define TESTS_UNIT_RACE_HEALTH_H

#include "proto/message.h"

#define S INT64_C(1000000)

/* 2014-09-21T10:46:07+02:00 */
static const int64_t health_now_us = INT64_C(1411289167) * S;

struct health {
	struct message_station stations[3];
	struct message_point_state points[3];
	struct message_alarm alarms[2];
	struct message_status_reply status;
};

static inline struct message_station
health_station(uint64_t stream, const char *name, const char *point)
{
	return (struct message_station){
		.stream = stream,
		.name = name,
		.point = point,
		.connected = true,
		.stored = 120,
		.crossings = 117,
		.waiting = 0,
		.last_time_us = health_now_us - 4 * S,
		.heard_us = health_now_us,
		.offset_us = 1000,
		.bound_us = 250,
		.disk_free = UINT64_C(12345678901),
		.software = "palmares-collector 0.1.0",
		.reads_minute = 31,
	};
}

/* All is well with two; the laptop at the middle is gone, and should not be. */
static inline void
health_init(struct health *h)
{
	h->stations[0] = health_station(7, "laptop-1", "depart");
	h->stations[1] = health_station(8, "laptop-2", "mi-course");
	h->stations[1].connected = false;
	h->stations[1].heard_us = health_now_us - 240 * S;
	h->stations[1].last_time_us = health_now_us - 250 * S;
	h->stations[1].reads_minute = 0;
	h->stations[2] = health_station(9, "arrivee", "arrivee");
	h->points[0] = (struct message_point_state){ "depart", 767,
		health_now_us - 2400 * S, 0, 0 };
	h->points[1] = (struct message_point_state){ "mi-course", 301,
		health_now_us - 250 * S, 0, 212 };
	h->points[2] =
	    (struct message_point_state){ "arrivee", 0, RACE_NO_TIME, 0, 0 };
	h->alarms[0] = (struct message_alarm){ MESSAGE_ALARM_GONE, 8, "",
		health_now_us - 240 * S, "laptop-2 (mi-course) is gone" };
	h->alarms[1] = (struct message_alarm){ MESSAGE_ALARM_SILENT, 0,
		"mi-course", health_now_us - 190 * S,
		"mi-course silent for 4 min, 212 runners should have passed" };
	h->status = (struct message_status_reply){
		.race = "Les 8 kilomètres de la relation client",
		.software = "palmares-aggregator 0.1.0",
		.trouble = "",
		.now_us = health_now_us,
		.started_us = health_now_us - 3600 * S,
		.as_of_us = health_now_us - 4 * S,
		.entries = 766,
		.crossings = 1068,
		.unknown = 3,
		.stations = h->stations,
		.station_count = 3,
		.station_total = 3,
		.alarms = h->alarms,
		.alarm_count = 2,
		.points = h->points,
		.point_count = 3,
	};
}

#endif
