/*
 * message - what is said on the network, as plain structs.  PROTOCOL.md says
 * who may send what and when; wire.[ch] turns them into bytes and back.
 *
 * Pointers are borrowed: those of a received message live in the arena that
 * decoded it.  Strings are never NULL.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include "race/types.h"

enum { MESSAGE_PROTOCOL = 1 }; /* the version that this code speaks */

enum message_type {
	MESSAGE_HELLO = 1,
	MESSAGE_WELCOME,
	MESSAGE_BATCH,
	MESSAGE_ACK,
	MESSAGE_GAP,
	MESSAGE_PING,
	MESSAGE_PONG,
	MESSAGE_REFUSE,
	MESSAGE_BYE,
	MESSAGE_DELTA = 16,
	MESSAGE_HEARTBEAT,
	MESSAGE_SNAPSHOT_REQUEST,
	MESSAGE_SNAPSHOT_PAGE,
	MESSAGE_RULES_REQUEST,
	MESSAGE_RULES_REPLY,
	MESSAGE_LOG_REQUEST,
	MESSAGE_LOG_REPLY,
	MESSAGE_STATUS_REQUEST = 32,
	MESSAGE_STATUS_REPLY,
	MESSAGE_UNKNOWN_REQUEST,
	MESSAGE_UNKNOWN_REPLY
};

/* ---- uplink ---- */

struct message_hello {
	uint64_t stream;
	const char *name;
	const char *point;
	uint64_t first_kept;
	uint64_t last;
	const char *software;
	uint32_t protocol;
};

struct message_welcome {
	uint64_t store;
	uint64_t run;
	uint64_t committed;
	uint64_t chain;
	uint64_t credit;
	const char *race;
	const char *software;
	uint32_t protocol;
};

struct message_bytes {
	const uint8_t *data;
	size_t len;
};

struct message_batch {
	uint64_t stream;
	uint64_t first;
	uint64_t chain; /* before first */
	const struct message_bytes *events;
	size_t count; /* 1..RACE_BATCH_EVENTS */
};

struct message_ack {
	uint64_t stream;
	uint64_t committed;
	uint64_t chain;
	uint64_t credit;
	uint64_t holes;
	uint64_t repeats;
};

struct message_gap {
	uint64_t stream;
	uint64_t expected;
};

struct message_ping {
	uint64_t stream;
	int64_t t1_us;
	uint64_t last;
	uint64_t waiting;
	int64_t last_time_us;
	uint64_t disk_free;
	int64_t offset_us;
	uint64_t bound_us;
	uint64_t refused;
	int64_t wall_us;
};

struct message_pong {
	uint64_t stream;
	int64_t t1_us;
	int64_t t2_us;
	int64_t t3_us;
	uint64_t committed;
	uint64_t credit;
};

enum message_why {
	MESSAGE_WHY_UNSPECIFIED,
	MESSAGE_WHY_VERSION,
	MESSAGE_WHY_CONFLICT,
	MESSAGE_WHY_FORGOTTEN,
	MESSAGE_WHY_MALFORMED,
	MESSAGE_WHY_NOT_HELD
};

struct message_refuse {
	enum message_why why;
	const char *text;
	uint64_t stream;
	uint64_t seq;
};

struct message_bye {
	uint64_t stream;
	const char *text;
};

/* ---- displays ---- */

/* The roster is a view with this name; rankings have theirs, without '/'. */
#define MESSAGE_ROSTER "roster/"

struct message_delta {
	uint64_t store;
	uint64_t run;
	const char *view;
	uint64_t from;
	uint64_t to;
	uint32_t part;
	uint32_t parts;
	uint64_t digest;
	int64_t as_of_us;
	int64_t sent_us;
	const struct race_row *rows;
	size_t row_count;
	const struct race_entry *entries;
	size_t entry_count;
	const char *const *gone; /* labels of rows, or bibs of entries */
	size_t gone_count;
	struct race_outlook outlook;
};

struct message_view_state {
	const char *view;
	uint64_t seq;
	uint64_t digest;
	uint32_t rows;
	struct race_outlook outlook;
};

struct message_heartbeat {
	uint64_t store;
	uint64_t run;
	int64_t now_us;
	int64_t as_of_us;
	uint64_t log;
	const struct message_view_state *views;
	size_t view_count;
	const char *trouble;
};

struct message_snapshot_request {
	uint32_t request;
	const char *view;
	uint32_t first;
};

struct message_snapshot_page {
	uint32_t request;
	uint64_t store;
	uint64_t run;
	const char *view;
	uint64_t seq;
	uint32_t first;
	uint32_t next; /* 0: the last page */
	int64_t as_of_us;
	uint64_t digest;
	const struct race_row *rows;
	size_t row_count;
	const struct race_entry *entries;
	size_t entry_count;
	struct race_outlook outlook;
};

struct message_rules_request {
	uint32_t request;
};

struct message_rules_reply {
	uint32_t request;
	uint64_t store;
	uint64_t run;
	const struct race_rules *rules;
	const char *software;
};

struct message_log_request {
	uint32_t request;
	uint64_t after;
};

struct message_log_event {
	uint64_t log;
	struct race_id id;
	int64_t received_us;
	uint64_t chain;
	const uint8_t *body;
	size_t len;
};

struct message_log_stream {
	uint64_t stream;
	const char *name;
	const char *point;
	bool operators;
};

struct message_log_reply {
	uint32_t request;
	uint64_t store;
	uint64_t run;
	uint64_t log; /* the last number there is */
	const struct message_log_event *events;
	size_t event_count;
	const struct message_log_stream *streams; /* of these events */
	size_t stream_count;
};

/* ---- operators ---- */

struct message_status_request {
	uint32_t request;
};

struct message_station {
	uint64_t stream;
	const char *name;
	const char *point;
	bool connected;
	uint64_t stored;
	uint64_t waiting;
	int64_t last_time_us; /* RACE_NO_TIME: none yet */
	int64_t heard_us;     /* 0: not in this run */
	uint64_t holes;
	uint64_t repeats;
	int64_t offset_us;
	uint64_t bound_us;
	uint64_t disk_free;
	const char *software;
	uint64_t refused;
	uint32_t reads_minute;
	bool left;          /* not connected, and took leave */
	uint64_t crossings; /* stored of it: its reads, of all its events */
};

enum message_alarm_kind {
	MESSAGE_ALARM_UNSPECIFIED,
	MESSAGE_ALARM_STORE,
	MESSAGE_ALARM_MISFITS,
	MESSAGE_ALARM_GONE,
	MESSAGE_ALARM_SILENT,
	MESSAGE_ALARM_WALL_CLOCK,
	MESSAGE_ALARM_CLOCK_BOUND,
	MESSAGE_ALARM_DISK,
	MESSAGE_ALARM_WAITING,
	MESSAGE_ALARM_POINT,
	MESSAGE_ALARM_VERSION,
	MESSAGE_ALARM_PUBLISHED,
	MESSAGE_ALARM_SEASON
};

struct message_alarm {
	enum message_alarm_kind kind;
	uint64_t stream;   /* 0: not about a station */
	const char *point; /* "": not about a point */
	int64_t since_us;
	const char *text; /* whole, for a person */
};

struct message_point_state {
	const char *point;
	uint64_t reads;
	int64_t last_us; /* RACE_NO_TIME: none yet */
	uint32_t reads_minute;
	uint32_t awaited;
};

struct message_season {
	const char *name; /* of its folder */
	int64_t read_us;
	bool reading;
	const char *trouble; /* "": it is current */
};

/* The answer to STATUS_REQUEST, and what topic "s/" tells each second. */
struct message_status_reply {
	uint32_t request;
	uint64_t store;
	uint64_t run;
	const char *race;
	const char *software;
	int64_t now_us;
	int64_t started_us;
	uint64_t log;
	uint64_t crossings;
	uint64_t unknown;
	uint64_t repeats;
	uint64_t holes;
	uint64_t commits;
	uint64_t undecoded;
	uint64_t snapshots;
	uint64_t malformed;
	uint64_t conflicts; /* of outboxes */
	uint32_t entries;
	const char *trouble;
	const struct message_station *stations;
	size_t station_count;
	int64_t entries_us; /* the greatest made_us of entries and decisions */
	uint64_t misfits;   /* conflicts of two people's times and bibs */
	int64_t as_of_us;   /* RACE_NO_TIME: no crossing yet */
	const struct message_alarm *alarms; /* the gravest first */
	size_t alarm_count;
	const struct message_point_state *points;
	size_t point_count;
	uint32_t station_total; /* stations may be the first of them */
	const struct message_season *seasons;
	size_t season_count;
};

struct message_unknown_request {
	uint32_t request;
	uint32_t first;
};

struct message_unknown_reply {
	uint32_t request;
	uint32_t next; /* 0: the last page */
	const struct race_unknown *unknown;
	size_t count;
};

struct message {
	enum message_type type;
	union {
		struct message_hello hello;
		struct message_welcome welcome;
		struct message_batch batch;
		struct message_ack ack;
		struct message_gap gap;
		struct message_ping ping;
		struct message_pong pong;
		struct message_refuse refuse;
		struct message_bye bye;
		struct message_delta delta;
		struct message_heartbeat heartbeat;
		struct message_snapshot_request snapshot_request;
		struct message_snapshot_page snapshot_page;
		struct message_rules_request rules_request;
		struct message_rules_reply rules_reply;
		struct message_log_request log_request;
		struct message_log_reply log_reply;
		struct message_status_request status_request;
		struct message_status_reply status_reply;
		struct message_unknown_request unknown_request;
		struct message_unknown_reply unknown_reply;
	};
};

#endif
