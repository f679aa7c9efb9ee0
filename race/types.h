/*
 * types - what a race is made of, as plain structs that everybody shares.
 *
 * Strings are NUL-terminated UTF-8, "" means none, never NULL; pointers are
 * borrowed for the call unless a header says otherwise.  Times are
 * microseconds UTC (`_us`), spans too; distances are metres.
 */
#ifndef RACE_TYPES_H
#define RACE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RACE_NO_TIME INT64_MIN

/* Bounds that every edge checks; lengths in bytes without the NUL. */
enum {
	RACE_BIB_MAX = 32,
	RACE_CHIP_MAX = 64,
	RACE_LABEL_MAX = 64, /* points, waves, rankings, awards, categories */
	RACE_NAME_MAX = 200, /* people, teams, titles, collectors */
	/* A row's label: a team and side; of a season a pair, "A / B". */
	RACE_ROW_MAX = 2 * RACE_NAME_MAX + 3,
	RACE_WHY_MAX = 200,   /* a row's: why it stands there */
	RACE_MORE_MAX = 1000, /* a kept column's value */
	RACE_CHIPS_MAX = 16,
	RACE_COLUMNS_MAX = 64,
	RACE_POINTS_MAX = 64,
	RACE_WAVES_MAX = 256,
	RACE_RANKINGS_MAX = 64,
	RACE_AWARDS_MAX = 64,
	RACE_CATEGORIES_MAX = 128,
	RACE_ALIASES_MAX = 1000,
	RACE_WITHOUT_MAX = 8,
	RACE_AGE_MAX = 150,
	RACE_REASON_MAX = 500, /* an operator's words */
	RACE_BEST_MAX = 64,    /* scorers of a team */
	RACE_SIDES_MAX = 26,   /* teams of a company: A to Z */
	RACE_ENTRIES_MAX = 2000000,
	RACE_EVENT_MAX = 32 * 1024, /* an event's bytes */
	RACE_DRIFT_MAX = 1000000,   /* a clock's, in thousand-millionths */
	RACE_BATCH_EVENTS = 500,
	RACE_BATCH_BYTES = 64 * 1024
};

/* Times outside are refused at every edge: 2000-01-01 to 2100-01-01. */
#define RACE_TIME_MIN INT64_C(946684800000000)
#define RACE_TIME_MAX INT64_C(4102444800000000)

/* ---- rules: race.yaml as understood ---- */

/* A table of a season is a ranking that displays are told of beside those of
 * the race; no race.yaml has one. */
enum race_of { RACE_RUNNERS, RACE_TEAMS, RACE_SEASON };
enum race_by { RACE_BY_GUN, RACE_BY_NET, RACE_BY_KM };
enum race_ties { RACE_TIES_SHARED, RACE_TIES_ORDER, RACE_TIES_TIME };
enum race_round { RACE_ROUND_UP_SECOND, RACE_ROUND_NONE };
enum race_score {
	RACE_SCORE_TIME,
	RACE_SCORE_KM,
	RACE_SCORE_PLACES,
	RACE_SCORE_POINTS /* seasons */
};
/* What the scorers' times or places make: their sum, their mean, or the last
 * scorer's alone. */
enum race_how { RACE_SUM, RACE_MEAN, RACE_LAST };

#define RACE_LIVE (-1)

struct race_wave {
	char *name;
	int64_t gun_us; /* RACE_NO_TIME: not yet */
	/* Who has no wave and crosses the start from the gun on and before that
	 * span is over runs in it; 0: nobody does. */
	int64_t window_us;
};

struct race_point {
	char *name;
	uint32_t metres;
	int64_t min_us; /* after the gun; an earlier read does not count */
	int64_t max_us; /* ... a later one; 0: there is no such limit */
	int64_t gap_us; /* reads closer than that are one passage */
	/* A second reader at this point: crossings that name it count here, if
	 * this point's own has none within the tolerance.  "": there is none.
	 */
	char *backup;
	int64_t tolerance_us;
	int64_t cutoff_us; /* after the gun: who comes later is told to the
	                    * operator; 0: nobody is */
};

/* By age on the race's date, for entries that name no category. */
struct race_category {
	char *name;
	char *sex; /* "": any */
	uint32_t from;
	uint32_t to; /* years, both included */
};

/* A spelling of a team's name, and the name that it is shown under. */
struct race_alias {
	char *spelling;
	char *team;
};

/* Who is among the first of another ranking has no row in this one. */
struct race_without {
	uint32_t ranking; /* index, of runners, and itself without this */
	uint32_t places;
};

struct race_ranking {
	char *name;
	enum race_of of;
	char *sex; /* filters, "" for none */
	char *category;
	char *team;
	char *wave;
	int at; /* index of a point, or RACE_LIVE */
	enum race_by by;
	enum race_ties ties;
	enum race_round round;
	enum race_score score; /* teams, seasons */
	uint32_t best;         /* teams by time and places: scorers */
	/* By net, runners: the first by gun keep the places of the gun. */
	uint32_t gun_first;
	struct race_without without[RACE_WITHOUT_MAX];
	size_t without_count;
	/* Teams: */
	enum race_how how;
	uint32_t women; /* so many of the scorers at least */
	uint32_t men;
	uint32_t sides;    /* teams a company may have: A, B, C; 1 */
	bool average;      /* by km: metres by member that counts */
	uint32_t size_min; /* by how many are entered for it; 0: no limit */
	uint32_t size_max;
};

struct race_award {
	char *name;
	char *ranking;
	uint32_t places;
};

/* Owned as a whole: rules_free() of race/rules.h. */
struct race_rules {
	char *title;
	char *date;
	char *timezone;
	struct race_wave *waves;
	size_t wave_count;
	struct race_point *points;
	size_t point_count;
	struct race_ranking *rankings;
	size_t ranking_count;
	struct race_award *awards;
	size_t award_count;
	struct race_category *categories; /* the first that fits */
	size_t category_count;
	struct race_alias *aliases; /* sorted by spelling, each once */
	size_t alias_count;
	int64_t fastest_us_km; /* a kilometre takes longer than that */
};

/* ---- roster ---- */

enum race_status {
	/* Of an entry: it follows from the crossings.  Of a row: no read yet,
	 * so that nothing is known. */
	RACE_STATUS_NONE,
	RACE_FINISHED,
	RACE_RUNNING,
	RACE_DNS,
	RACE_DNF,
	RACE_DSQ,
	RACE_OTL,
	RACE_NC
};

struct race_column {
	const char *name;
	const char *value;
};

struct race_entry {
	const char *bib;
	const char *name;
	const char *sex; /* "F" "M" "X" or "" */
	const char *born;
	const char *category;
	const char *team;
	const char *wave;
	const char *nation;
	enum race_status status;
	int64_t start_us;         /* of his own; 0: the gun */
	const char *const *chips; /* normalised */
	size_t chip_count;
	const struct race_column *more; /* columns we do not use */
	size_t more_count;
};

/* ---- events ---- */

enum race_event_kind {
	RACE_EVENT_UNKNOWN, /* bytes that this version cannot read: kept */
	RACE_CROSSING,
	RACE_VOID,
	RACE_FILL_IN,
	RACE_CLOCK,
	RACE_RULES,
	RACE_ENTRY,
	RACE_ENTRY_GONE,
	RACE_GUN,
	RACE_DECISION,
	RACE_AWARD,
	RACE_RESULT, /* of a season */
	RACE_RESULT_GONE,
	RACE_SEASON_FILE, /* of the recording of one, as all of these */
	RACE_SEASON_FILE_GONE,
	RACE_SEASON_GIVEN,
	RACE_SEASON_MOMENT
};

enum race_clock {
	RACE_CLOCK_UNSPECIFIED,
	RACE_CLOCK_FILE,
	RACE_CLOCK_READER,
	RACE_CLOCK_LAPTOP
};

enum {
	RACE_FLAG_UNKNOWN_POINT = 1,
	RACE_FLAG_UNKNOWN_BIB = 2,
	RACE_FLAG_UNKNOWN_CHIP = 4,
	/* A line of a list of bibs, in the order of passing, whose times are
	 * taken by somebody else: time_us is when it was typed.  An empty bib
	 * is somebody who could not be read. */
	RACE_FLAG_LISTED = 8
};

struct race_crossing {
	const char *point;
	const char *bib;
	const char *chip;  /* normalised */
	int64_t time_us;   /* raw, never altered */
	int64_t offset_us; /* laptops: time_us is so much behind, and */
	int64_t bound_us;  /* so sure was that; 0: not measured */
	enum race_clock clock;
	uint32_t clock_epoch; /* of boot_us; 0: none */
	int64_t boot_us;      /* CLOCK_BOOTTIME at the stamp, laptops only */
	uint32_t flags;
	const char *source;
};

struct race_fill_in {
	uint64_t seq;
	const char *bib;
};

/*
 * What a laptop's clock was against the aggregator's (PROTOCOL.md 3.7): at b of
 * CLOCK_BOOTTIME in that epoch it is b + offset_us + (b - boot_us) * drift_ppb
 * / 1e9, and no further off than bound_us + |b - boot_us| * drift_bound_ppb /
 * 1e9.
 */
struct race_clock_estimate {
	uint32_t clock_epoch;
	int64_t boot_us;
	int64_t offset_us;
	int64_t drift_ppb;
	int64_t bound_us;
	int64_t drift_bound_ppb;
};

struct race_gun {
	const char *wave;
	int64_t gun_us;
};

struct race_id {
	uint64_t stream; /* epoch */
	uint64_t seq;    /* 0: names nothing */
};

/* What an operator decided.  Which members mean something: PROTOCOL.md 3.9. */
enum race_verb {
	RACE_VERB_UNSPECIFIED, /* of a later version: kept, without effect */
	RACE_UNDO,
	RACE_ADD_READ,
	RACE_VOID_READ,
	RACE_MOVE_READ,
	RACE_SET_STATUS,
	RACE_SET_TIME,
	RACE_PENALTY,
	RACE_SWAP,
	RACE_SET_ENTRY,
	RACE_SET_GUN,
	RACE_PUBLISH,
	RACE_SET_START,
	RACE_REMOVE_ENTRY,
	RACE_ASIDE, /* changes no row of any ranking */
	/* Of a season; in a race they mean nothing: */
	RACE_NAME,
	RACE_VOID_COMPETITION,
	RACE_DECIDE_TIE,
	RACE_PUBLISH_LIST,
	RACE_VERBS
};

/* What a decision about a season is about. */
struct race_matter {
	const char *season;
	const char *competition;
	const char *table;
	const char *subject;
	const char *team;
};

struct race_decision {
	enum race_verb verb;
	const char *by;
	const char *reason;
	struct race_id target;
	struct race_id other_target;
	struct race_id replaces; /* undone by this one */
	const char *bib;
	const char *other_bib;
	const char *point;
	const char *wave;
	const char *ranking;
	enum race_status status;
	int64_t time_us; /* 0: none */
	int64_t amount_us;
	const struct race_entry *entry; /* NULL: none */
	const char *text;
	uint64_t facts; /* a fingerprint, of what is set aside */
	const struct race_matter *matter; /* NULL: of no season */
};

/* A prize as it is held. */
struct race_prize {
	const char *award;
	uint32_t place;
	const char *holder; /* bib or team; "": who has won it */
	const char *note;
	bool collected;
	const char *by;
	const char *winner; /* who had won it when that was said; "": nobody */
};

/* ---- seasons ---- */

/* Points are integers in this unit, so that thousandths are exact, and means of
 * whole points over up to 16 places: lcm(1..16) * 25. */
#define SEASON_UNIT INT64_C(18018000)

/* Points of a single result before weights are 0 to SEASON_VALUE_MAX. */
#define SEASON_VALUE_MAX (INT64_C(1000000) * SEASON_UNIT)
#define SEASON_NO_VALUE  INT64_MIN

enum { SEASON_PLACE_MAX = 999999 };

/* A line of an award list. */
struct season_result {
	const char *season;
	const char *competition;
	const char *award; /* "" where a competition has but one */
	uint32_t place;    /* 0: took part */
	const char *recipient;
	const char *team;
	const char *sex;
	const char *category;
	const char *date;        /* of the competition, YYYY-MM-DD, or "" */
	enum race_status status; /* NONE and FINISHED: as it is */
	int64_t time_us;         /* -1: none */
	int64_t points;          /* SEASON_UNIT, SEASON_NO_VALUE: none */
	const char *note;
};

/* The same as published, by its key (PROTOCOL.md 3.10). */
struct race_listed {
	uint64_t key;
	struct season_result result;
	const struct race_column *more; /* columns we do not use */
	size_t more_count;
};

/* ---- the recording of a season: PROTOCOL.md 3.11 ---- */

enum {
	SEASON_FILE_NAME_MAX = 264, /* "palmares/" and a file's name */
	SEASON_PART_MAX = 30 * 1024,
	SEASON_PARTS_MAX = 65536
};

/* A piece of a file of the season's folder. */
struct season_part {
	const char *name; /* "season.yaml", "palmares/2014.csv" */
	uint32_t part;    /* of parts, from 0 */
	uint32_t parts;
	const uint8_t *data;
	size_t len;
};

/* Whether what a race or another season gives is as if it ended now. */
struct season_given {
	const char *season;
	const char *competition;
	bool live;
};

/* The season is what was said before. */
struct season_moment {
	uint64_t events; /* so many of season.db were recorded before */
};

/* An event's name is (stream, seq); it is not part of its bytes. */
struct race_event {
	enum race_event_kind kind;
	int64_t made_us;
	union {
		struct race_crossing crossing;
		uint64_t void_seq;
		struct race_fill_in fill_in;
		struct race_clock_estimate clock;
		const struct race_rules *rules;
		struct race_entry entry;
		const char *entry_gone; /* bib */
		struct race_gun gun;
		const struct race_decision *decision;
		struct race_prize prize;
		struct race_listed listed;
		uint64_t result_gone; /* key */
		struct season_part part;
		const char *file_gone; /* name */
		struct season_given given;
		struct season_moment moment;
	};
};

/* ---- what could not be used ---- */

enum race_unknown_kind {
	RACE_UNKNOWN_BIB,
	RACE_UNKNOWN_CHIP,
	RACE_UNKNOWN_POINT,
	RACE_UNKNOWN_NOBODY, /* neither bib nor chip */
	/* Times and listed bibs that do not fit each other, or not yet: text
	 * says how many and whose, reads are both. */
	RACE_UNKNOWN_CONFLICT,
	RACE_UNKNOWN_OPEN
};

/* A bib, chip or point that crossings name and the race does not have; or
 * crossings that nobody can be given to. */
struct race_unknown {
	enum race_unknown_kind kind;
	const char *text;
	uint64_t reads;
	int64_t first_us;
	int64_t last_us;
	const char *point; /* of the last one; "" if none */
};

/* ---- rows of rankings ---- */

/* The order of a listing; only the first has places. */
enum race_group {
	RACE_GROUP_PLACED,
	RACE_GROUP_RUNNING, /* also teams that may still be complete, */
	RACE_GROUP_DNF,     /* ... and that cannot be any more */
	RACE_GROUP_OTL,
	RACE_GROUP_DSQ,
	RACE_GROUP_NC,
	RACE_GROUP_DNS /* and who has not been seen */
};

/*
 * Rows are ordered by group, key[0..2], then (ties: order alone) by the rule
 * for ties, then by label.  Rows of group PLACED with equal keys are tied.
 */
struct race_key {
	uint8_t group;
	int64_t key[3];
	struct race_id tie; /* the counting read, for `ties: order`; else 0 */
};

#define RACE_NO_SPLIT (-1)

struct race_row {
	const char *label; /* bib, team (with sides: "Axa A"), or subject of
	                    * a season */
	enum race_status status;
	struct race_key sort;
	int64_t elapsed_us; /* since the start that counts, -1: none; teams by
	                     * time: the score, by km: of all together */
	uint32_t metres;    /* of the furthest point; teams by km: of all */
	int point;          /* furthest point reached, -1: none */
	const int64_t *splits; /* by point, elapsed or RACE_NO_SPLIT */
	size_t split_count;
	uint32_t counted;   /* teams: how many make up the score; seasons: the
	                     * competitions that count */
	uint32_t finishers; /* teams; seasons: competitions with a result */
	uint32_t women;     /* teams with a quota: of those that count */
	uint32_t men;
	uint32_t places; /* teams by places: the sum, or the last one's */
	/* Runners: how far off elapsed_us may be, 0: not at all, or nobody
	 * knows; and the stream of the laptop whose clock it is by, 0: that of
	 * a file or a reader. */
	int64_t bound_us;
	uint64_t clock;
	/* Seasons (PROTOCOL.md 4.5): the score, in the unit of season.h, and
	 * what was dropped, in that or by time; first places; and why the row
	 * stands before the next one, NULL for what the score says, and of
	 * races. */
	int64_t points;
	int64_t dropped;
	uint32_t wins;
	const char *why;
};

/* ---- how far places can be relied on ---- */

/* What the organiser said of a ranking. */
enum race_publication {
	RACE_UNPUBLISHED,
	RACE_PROVISIONAL,
	RACE_FINAL,
	RACE_AMENDED
};

/* Of a ranking, beside its rows. */
struct race_outlook {
	/* Somebody may still come: the places of placed rows with this sort
	 * key or a greater one are provisional (rank.h). */
	bool open;
	int64_t from[3];
	enum race_publication published;
	int64_t since_us; /* 0 if it was not */
};

#endif
