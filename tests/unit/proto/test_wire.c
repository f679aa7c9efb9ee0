#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"
#include "proto/wire.h"

struct fixture {
	struct wire_arena *arena;
	struct wire_buffer bytes;
	struct wire_buffer again;
};

static const enum message_type TYPES[] = { MESSAGE_HELLO, MESSAGE_WELCOME,
	MESSAGE_BATCH, MESSAGE_ACK, MESSAGE_GAP, MESSAGE_PING, MESSAGE_PONG,
	MESSAGE_REFUSE, MESSAGE_BYE, MESSAGE_DELTA, MESSAGE_HEARTBEAT,
	MESSAGE_SNAPSHOT_REQUEST, MESSAGE_SNAPSHOT_PAGE, MESSAGE_RULES_REQUEST,
	MESSAGE_RULES_REPLY, MESSAGE_LOG_REQUEST, MESSAGE_LOG_REPLY,
	MESSAGE_STATUS_REQUEST, MESSAGE_STATUS_REPLY, MESSAGE_UNKNOWN_REQUEST,
	MESSAGE_UNKNOWN_REPLY };

static const enum race_event_kind KINDS[] = { RACE_EVENT_UNKNOWN, RACE_CROSSING,
	RACE_VOID, RACE_FILL_IN, RACE_CLOCK, RACE_RULES, RACE_ENTRY,
	RACE_ENTRY_GONE, RACE_GUN, RACE_DECISION, RACE_AWARD, RACE_RESULT,
	RACE_RESULT_GONE, RACE_SEASON_FILE, RACE_SEASON_FILE_GONE,
	RACE_SEASON_GIVEN, RACE_SEASON_MOMENT };

#define COUNT(a) (sizeof(a) / sizeof *(a))

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->arena = wire_arena_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	wire_arena_free(f->arena);
	wire_buffer_free(&f->bytes);
	wire_buffer_free(&f->again);
	free(f);
	return 0;
}

/* ---- samples: every field set, every value another ---- */

/* The mark after which strings of samples can be found in the bytes. */
#define MARK "\xc3\xa9#"

#define S(n)     MARK #n
#define T(n)     (RACE_TIME_MIN + INT64_C(1000003) * (n))
#define BIG(n)   (UINT64_C(0xf123456789abcd00) + (n))
#define SMALL(n) (INT64_C(-70000) - (n))

static char TITLE[] = S(501), DATE[] = S(502), ZONE[] = S(503);
static char WAVE_A[] = S(504), WAVE_B[] = S(505);
static char POINT_A[] = S(506), POINT_B[] = S(507);
static char RANKING_A[] = S(508), RANKING_B[] = S(509);
static char SEX[] = S(510), CATEGORY[] = S(511), TEAM[] = S(512),
            WAVE[] = S(513);
static char AWARD[] = S(514), AWARD_OF[] = S(515), NOTHING[] = "";
static char BACKUP[] = S(516), ADULTS[] = S(517), ADULT_SEX[] = S(518);
static char OLD[] = S(519), SPELLING_A[] = S(531), SPELLING_B[] = S(532),
            FIRM[] = S(533);

static struct race_wave WAVES[] = { { WAVE_A, T(520), 534 },
	{ WAVE_B, RACE_NO_TIME, 0 } };
static struct race_point POINTS[] = {
	{ POINT_A, 0, 521, 0, 0, NOTHING, 0, 0 },
	{ POINT_B, 522, 523, 535, 536, BACKUP, 537, 538 },
};
static struct race_ranking RANKINGS[] = {
	{ .name = RANKING_A,
	    .of = RACE_TEAMS,
	    .sex = SEX,
	    .category = CATEGORY,
	    .team = TEAM,
	    .wave = WAVE,
	    .at = RACE_LIVE,
	    .by = RACE_BY_KM,
	    .ties = RACE_TIES_TIME,
	    .round = RACE_ROUND_NONE,
	    .score = RACE_SCORE_PLACES,
	    .best = 7,
	    .how = RACE_LAST,
	    .women = 8,
	    .men = 9,
	    .sides = 10,
	    .average = true,
	    .size_min = 539,
	    .size_max = 540 },
	{ .name = RANKING_B,
	    .of = RACE_RUNNERS,
	    .sex = NOTHING,
	    .category = NOTHING,
	    .team = NOTHING,
	    .wave = NOTHING,
	    .at = 1,
	    .by = RACE_BY_NET,
	    .ties = RACE_TIES_ORDER,
	    .gun_first = 541,
	    .without = { { 0, 542 }, { 0, 543 } },
	    .without_count = 2 },
};
static struct race_award AWARDS[] = { { AWARD, AWARD_OF, 530 } };
static struct race_category CATEGORIES[] = { { ADULTS, ADULT_SEX, 18, 39 },
	{ OLD, NOTHING, 40, RACE_AGE_MAX } };
static struct race_alias ALIASES[] = { { SPELLING_A, FIRM },
	{ SPELLING_B, FIRM } };
static const struct race_rules RULES = { TITLE, DATE, ZONE, WAVES, 2, POINTS, 2,
	RANKINGS, 2, AWARDS, 1, CATEGORIES, 2, ALIASES, 2, 544 };

static const char *const CHIPS[] = { S(540), S(541) };
static const struct race_column MORE[] = { { S(542), S(543) },
	{ S(544), S(545) } };
static const struct race_entry ENTRIES[] = {
	{ S(546), S(547), S(548), S(549), S(550), S(551), S(552), S(553),
	    RACE_DSQ, T(555), CHIPS, 2, MORE, 2 },
	{ S(554), "", "", "", "", "", "", "", RACE_STATUS_NONE, 0, CHIPS, 0,
	    MORE, 0 },
};

static const struct race_matter MATTER = { S(677), S(678), S(679), S(680),
	S(681) };
static const struct season_result RESULT = { S(682), S(683), S(684), 685,
	S(686), S(687), S(688), S(689), "2014-09-21", RACE_DNF, 691, 692,
	S(693) };

static const struct race_decision DECISION = { RACE_SWAP, S(660), S(661),
	{ BIG(662), 663 }, { BIG(664), 665 }, { BIG(666), 667 }, S(668), S(669),
	S(670), S(671), S(672), RACE_OTL, T(673), SMALL(674), &ENTRIES[0],
	S(675), BIG(676), &MATTER };

static const int64_t SPLITS[] = { 0, RACE_NO_SPLIT, 561, 1 };
static const struct race_row ROWS[] = {
	{ S(562), RACE_OTL,
	    { RACE_GROUP_DNS, { INT64_MIN, INT64_MAX, -563 },
	        { BIG(564), BIG(565) } },
	    566, 567, 3, SPLITS, 4, 568, 569, 575, 576, 577, 573, BIG(574),
	    -SMALL(578), SMALL(585), 579, S(580) },
	{ S(570), RACE_FINISHED, { RACE_GROUP_PLACED, { 1, 2, 3 }, { 0, 0 } },
	    -1, 0, -1, SPLITS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL },
};
static const char *const GONE[] = { S(571), S(572) };

static const uint8_t BODY_A[] = { 1, 0, 2, 255 };
static const uint8_t BODY_B[] = { 7 };
static const struct message_bytes BODIES[] = { { BODY_A, 4 }, { BODY_B, 1 },
	{ BODY_B, 0 } };

static const struct message_log_event LOG[] = {
	{ 680, { BIG(681), 682 }, T(683), BIG(684), BODY_A, 4 },
	{ 685, { BIG(686), 687 }, 0, 0, BODY_B, 0 },
};

static const struct message_log_stream LOG_STREAMS[] = {
	{ BIG(681), S(688), S(689), true },
	{ BIG(686), S(690), "", false },
};

#define OUTLOOK(n)                                                             \
	{                                                                      \
		true, { SMALL(n), -SMALL(n), INT64_MIN }, RACE_FINAL, T(n)     \
	}

static const struct message_view_state VIEWS[] = { { S(580), BIG(581), BIG(582),
	                                               583, OUTLOOK(700) },
	{ S(584), 585, 586, UINT32_MAX, { .open = false } } };

static const struct message_station STATIONS[] = {
	{ BIG(590), S(591), S(592), true, BIG(593), BIG(594), T(595), T(596),
	    BIG(597), BIG(598), SMALL(599), 600, BIG(601), S(602), BIG(603),
	    640, false, 637 },
	{ BIG(604), S(605), S(606), false, 607, 608, RACE_NO_TIME, 0, 609, 610,
	    611, 612, 613, S(614), 615, UINT32_MAX, true, UINT64_MAX },
};

static const struct message_alarm ALARMS[] = {
	{ MESSAGE_ALARM_SEASON, BIG(641), S(642), T(643), S(644) },
	{ MESSAGE_ALARM_SILENT, 0, "", 0, S(645) },
};

static const struct message_point_state POINT_STATES[] = {
	{ S(646), BIG(647), T(648), 649, 650 },
	{ S(651), 0, RACE_NO_TIME, 0, UINT32_MAX },
};

static const struct message_season SEASONS[] = {
	{ S(173), T(174), true, S(175) },
	{ S(176), T(177), false, "" },
};

static const struct race_unknown UNKNOWN[] = {
	{ RACE_UNKNOWN_NOBODY, "", BIG(620), T(621), T(622), S(623) },
	{ RACE_UNKNOWN_CHIP, S(624), 625, T(626), T(627), "" },
	{ RACE_UNKNOWN_CONFLICT, S(628), 629, T(630), T(631), S(632) },
	{ RACE_UNKNOWN_OPEN, S(633), 634, T(635), T(636), S(637) },
};

static struct message
sample_of_delta(void)
{
	return (struct message){ .type = MESSAGE_DELTA,
		.delta = { BIG(80), BIG(81), S(82), BIG(83), BIG(84), 85, 86,
		    BIG(87), T(88), T(89), ROWS, 2, ENTRIES, 2, GONE, 2,
		    OUTLOOK(701) } };
}

static struct message
sample_of_status(void)
{
	return (struct message){ .type = MESSAGE_STATUS_REPLY,
		.status_reply = { 150, BIG(151), BIG(152), S(153), S(154),
		    T(155), T(156), BIG(157), BIG(158), BIG(159), BIG(160),
		    BIG(161), BIG(162), BIG(163), BIG(164), BIG(165), BIG(166),
		    167, S(168), STATIONS, 2, T(169), BIG(170), T(171), ALARMS,
		    2, POINT_STATES, 2, 172, SEASONS, 2 } };
}

static struct message
sample_of_heartbeat(void)
{
	struct message m = { .type = MESSAGE_HEARTBEAT };

	m.heartbeat = (struct message_heartbeat){ BIG(90), BIG(91), T(92),
		T(93), BIG(94), VIEWS, 2, S(95) };
	return m;
}

static struct message
sample_of_page(void)
{
	struct message m = { .type = MESSAGE_SNAPSHOT_PAGE };

	m.snapshot_page = (struct message_snapshot_page){ 110, BIG(111),
		BIG(112), S(113), BIG(114), 115, 116, T(117), BIG(118), ROWS, 2,
		ENTRIES, 2, OUTLOOK(702) };
	return m;
}

static struct message
sample(enum message_type type)
{
	struct message m = { .type = type };

	switch (type) {
	case MESSAGE_HELLO:
		m.hello = (struct message_hello){ BIG(1), S(2), S(3), BIG(4),
			BIG(5), S(6), 7 };
		break;
	case MESSAGE_WELCOME:
		m.welcome = (struct message_welcome){ BIG(10), BIG(11), BIG(12),
			BIG(13), BIG(14), S(15), S(16), 17 };
		break;
	case MESSAGE_BATCH:
		m.batch =
		    (struct message_batch){ BIG(20), 21, BIG(22), BODIES, 3 };
		break;
	case MESSAGE_ACK:
		m.ack = (struct message_ack){ BIG(30), BIG(31), BIG(32),
			BIG(33), BIG(34), BIG(35) };
		break;
	case MESSAGE_GAP:
		m.gap = (struct message_gap){ BIG(36), BIG(37) };
		break;
	case MESSAGE_PING:
		m.ping =
		    (struct message_ping){ BIG(40), T(41), BIG(42), BIG(43),
			    T(44), BIG(45), SMALL(46), 47, BIG(48), T(49) };
		break;
	case MESSAGE_PONG:
		m.pong = (struct message_pong){ BIG(50), SMALL(51), T(52),
			T(53), BIG(54), BIG(55) };
		break;
	case MESSAGE_REFUSE:
		m.refuse = (struct message_refuse){ MESSAGE_WHY_NOT_HELD, S(60),
			BIG(61), BIG(62) };
		break;
	case MESSAGE_BYE:
		m.bye = (struct message_bye){ BIG(70), S(71) };
		break;
	case MESSAGE_DELTA:
		return sample_of_delta();
	case MESSAGE_HEARTBEAT:
		return sample_of_heartbeat();
	case MESSAGE_SNAPSHOT_REQUEST:
		m.snapshot_request =
		    (struct message_snapshot_request){ 100, S(101), 102 };
		break;
	case MESSAGE_SNAPSHOT_PAGE:
		return sample_of_page();
	case MESSAGE_RULES_REQUEST:
		m.rules_request.request = 120;
		break;
	case MESSAGE_RULES_REPLY:
		m.rules_reply = (struct message_rules_reply){ 130, BIG(131),
			BIG(132), &RULES, S(133) };
		break;
	case MESSAGE_LOG_REQUEST:
		m.log_request = (struct message_log_request){ 134, BIG(135) };
		break;
	case MESSAGE_LOG_REPLY:
		m.log_reply = (struct message_log_reply){ 136, BIG(137),
			BIG(138), 691, LOG, 2, LOG_STREAMS, 2 };
		break;
	case MESSAGE_STATUS_REQUEST:
		m.status_request.request = 140;
		break;
	case MESSAGE_STATUS_REPLY:
		return sample_of_status();
	case MESSAGE_UNKNOWN_REQUEST:
		m.unknown_request =
		    (struct message_unknown_request){ 170, 171 };
		break;
	case MESSAGE_UNKNOWN_REPLY:
		m.unknown_reply =
		    (struct message_unknown_reply){ 180, 181, UNKNOWN, 4 };
		break;
	}
	return m;
}

static struct race_event
sample_event(enum race_event_kind kind)
{
	struct race_event e = { .kind = kind, .made_us = T(200) };

	switch (kind) {
	case RACE_CROSSING:
		e.crossing = (struct race_crossing){ S(201), S(202), S(203),
			T(204), SMALL(205), 206, RACE_CLOCK_LAPTOP, 207,
			SMALL(208), 209, S(210) };
		break;
	case RACE_VOID:
		e.void_seq = BIG(211);
		break;
	case RACE_FILL_IN:
		e.fill_in = (struct race_fill_in){ BIG(212), S(213) };
		break;
	case RACE_CLOCK:
		e.clock = (struct race_clock_estimate){ 214, SMALL(215),
			SMALL(216), SMALL(217), 218, 219 };
		break;
	case RACE_RULES:
		e.rules = &RULES;
		break;
	case RACE_ENTRY:
		e.entry = ENTRIES[0];
		break;
	case RACE_ENTRY_GONE:
		e.entry_gone = S(219);
		break;
	case RACE_GUN:
		e.gun = (struct race_gun){ S(220), T(221) };
		break;
	case RACE_DECISION:
		e.decision = &DECISION;
		break;
	case RACE_AWARD:
		e.prize = (struct race_prize){ S(222), 223, S(224), S(225),
			true, S(226), S(227) };
		break;
	case RACE_RESULT:
		e.listed = (struct race_listed){ BIG(228), RESULT, MORE, 2 };
		break;
	case RACE_RESULT_GONE:
		e.result_gone = BIG(229);
		break;
	case RACE_SEASON_FILE:
		e.part = (struct season_part){ "palmares/" S(230), 231, 232,
			(const uint8_t *)"\xff\n233", 5 };
		break;
	case RACE_SEASON_FILE_GONE:
		e.file_gone = "palmares/" S(234);
		break;
	case RACE_SEASON_GIVEN:
		e.given = (struct season_given){ S(235), S(236), true };
		break;
	case RACE_SEASON_MOMENT:
		e.moment = (struct season_moment){ BIG(237) };
		break;
	case RACE_EVENT_UNKNOWN:
		break;
	}
	return e;
}

/* ---- equality, field by field ---- */

#define INT(f) assert_true(x->f == y->f)
#define STR(f) assert_string_equal(x->f, y->f)

static void
same_row(const struct race_row *x, const struct race_row *y)
{
	STR(label);
	INT(status);
	INT(sort.group);
	INT(sort.key[0]);
	INT(sort.key[1]);
	INT(sort.key[2]);
	INT(sort.tie.stream);
	INT(sort.tie.seq);
	INT(elapsed_us);
	INT(metres);
	INT(point);
	INT(split_count);
	for (size_t i = 0; i < x->split_count; i++)
		INT(splits[i]);
	INT(counted);
	INT(finishers);
	INT(women);
	INT(men);
	INT(places);
	INT(bound_us);
	INT(clock);
	INT(points);
	INT(dropped);
	INT(wins);
	assert_int_equal(x->why == NULL, y->why == NULL);
	if (x->why != NULL)
		STR(why);
}

static void
same_entry(const struct race_entry *x, const struct race_entry *y)
{
	STR(bib);
	STR(name);
	STR(sex);
	STR(born);
	STR(category);
	STR(team);
	STR(wave);
	STR(nation);
	INT(status);
	INT(start_us);
	INT(chip_count);
	for (size_t i = 0; i < x->chip_count; i++)
		STR(chips[i]);
	INT(more_count);
	for (size_t i = 0; i < x->more_count; i++) {
		STR(more[i].name);
		STR(more[i].value);
	}
}

static void
same_ranking(const struct race_ranking *x, const struct race_ranking *y)
{
	STR(name);
	INT(of);
	STR(sex);
	STR(category);
	STR(team);
	STR(wave);
	INT(at);
	INT(by);
	INT(ties);
	INT(round);
	INT(score);
	INT(best);
	INT(gun_first);
	INT(without_count);
	for (size_t i = 0; i < x->without_count; i++) {
		INT(without[i].ranking);
		INT(without[i].places);
	}
	INT(how);
	INT(women);
	INT(men);
	INT(sides);
	INT(average);
	INT(size_min);
	INT(size_max);
}

static void
same_groups(const struct race_rules *x, const struct race_rules *y)
{
	INT(category_count);
	for (size_t i = 0; i < x->category_count; i++) {
		STR(categories[i].name);
		STR(categories[i].sex);
		INT(categories[i].from);
		INT(categories[i].to);
	}
	INT(alias_count);
	for (size_t i = 0; i < x->alias_count; i++) {
		STR(aliases[i].spelling);
		STR(aliases[i].team);
	}
}

static void
same_rules(const struct race_rules *x, const struct race_rules *y)
{
	STR(title);
	STR(date);
	STR(timezone);
	INT(wave_count);
	for (size_t i = 0; i < x->wave_count; i++) {
		STR(waves[i].name);
		INT(waves[i].gun_us);
		INT(waves[i].window_us);
	}
	INT(point_count);
	for (size_t i = 0; i < x->point_count; i++) {
		STR(points[i].name);
		INT(points[i].metres);
		INT(points[i].min_us);
		INT(points[i].max_us);
		INT(points[i].gap_us);
		STR(points[i].backup);
		INT(points[i].tolerance_us);
		INT(points[i].cutoff_us);
	}
	INT(ranking_count);
	for (size_t i = 0; i < x->ranking_count; i++)
		same_ranking(&x->rankings[i], &y->rankings[i]);
	INT(award_count);
	for (size_t i = 0; i < x->award_count; i++) {
		STR(awards[i].name);
		STR(awards[i].ranking);
		INT(awards[i].places);
	}
	same_groups(x, y);
	INT(fastest_us_km);
}

static void
same_matter(const struct race_matter *x, const struct race_matter *y)
{
	STR(season);
	STR(competition);
	STR(table);
	STR(subject);
	STR(team);
}

static void
same_decision(const struct race_decision *x, const struct race_decision *y)
{
	INT(verb);
	STR(by);
	STR(reason);
	INT(target.stream);
	INT(target.seq);
	INT(other_target.stream);
	INT(other_target.seq);
	INT(replaces.stream);
	INT(replaces.seq);
	STR(bib);
	STR(other_bib);
	STR(point);
	STR(wave);
	STR(ranking);
	INT(status);
	INT(time_us);
	INT(amount_us);
	STR(text);
	assert_true(x->facts == y->facts);
	assert_true((x->entry == NULL) == (y->entry == NULL));
	if (x->entry != NULL)
		same_entry(x->entry, y->entry);
	assert_true((x->matter == NULL) == (y->matter == NULL));
	if (x->matter != NULL)
		same_matter(x->matter, y->matter);
}

static void
same_listed(const struct race_listed *x, const struct race_listed *y)
{
	INT(key);
	STR(result.season);
	STR(result.competition);
	STR(result.award);
	INT(result.place);
	STR(result.recipient);
	STR(result.team);
	STR(result.sex);
	STR(result.category);
	STR(result.date);
	INT(result.status);
	INT(result.time_us);
	INT(result.points);
	STR(result.note);
	INT(more_count);
	for (size_t i = 0; i < x->more_count; i++) {
		STR(more[i].name);
		STR(more[i].value);
	}
}

static void
same_crossing(const struct race_crossing *x, const struct race_crossing *y)
{
	STR(point);
	STR(bib);
	STR(chip);
	INT(time_us);
	INT(offset_us);
	INT(bound_us);
	INT(clock);
	INT(clock_epoch);
	INT(boot_us);
	INT(flags);
	STR(source);
}

static void
same_event(const struct race_event *x, const struct race_event *y)
{
	INT(kind);
	INT(made_us);
	switch (x->kind) {
	case RACE_CROSSING:
		same_crossing(&x->crossing, &y->crossing);
		break;
	case RACE_VOID:
		INT(void_seq);
		break;
	case RACE_FILL_IN:
		INT(fill_in.seq);
		STR(fill_in.bib);
		break;
	case RACE_CLOCK:
		INT(clock.clock_epoch);
		INT(clock.boot_us);
		INT(clock.offset_us);
		INT(clock.drift_ppb);
		INT(clock.bound_us);
		INT(clock.drift_bound_ppb);
		break;
	case RACE_RULES:
		same_rules(x->rules, y->rules);
		break;
	case RACE_ENTRY:
		same_entry(&x->entry, &y->entry);
		break;
	case RACE_ENTRY_GONE:
		STR(entry_gone);
		break;
	case RACE_GUN:
		STR(gun.wave);
		INT(gun.gun_us);
		break;
	case RACE_DECISION:
		same_decision(x->decision, y->decision);
		break;
	case RACE_AWARD:
		STR(prize.award);
		INT(prize.place);
		STR(prize.holder);
		STR(prize.note);
		INT(prize.collected);
		STR(prize.by);
		STR(prize.winner);
		break;
	case RACE_RESULT:
		same_listed(&x->listed, &y->listed);
		break;
	case RACE_RESULT_GONE:
		INT(result_gone);
		break;
	case RACE_SEASON_FILE:
		STR(part.name);
		INT(part.part);
		INT(part.parts);
		INT(part.len);
		assert_memory_equal(x->part.data, y->part.data, x->part.len);
		break;
	case RACE_SEASON_FILE_GONE:
		STR(file_gone);
		break;
	case RACE_SEASON_GIVEN:
		STR(given.season);
		STR(given.competition);
		INT(given.live);
		break;
	case RACE_SEASON_MOMENT:
		INT(moment.events);
		break;
	case RACE_EVENT_UNKNOWN:
		break;
	}
}

static void
same_hello(const struct message_hello *x, const struct message_hello *y)
{
	INT(stream);
	STR(name);
	STR(point);
	INT(first_kept);
	INT(last);
	STR(software);
	INT(protocol);
}

static void
same_welcome(const struct message_welcome *x, const struct message_welcome *y)
{
	INT(store);
	INT(run);
	INT(committed);
	INT(chain);
	INT(credit);
	STR(race);
	STR(software);
	INT(protocol);
}

static void
same_batch(const struct message_batch *x, const struct message_batch *y)
{
	INT(stream);
	INT(first);
	INT(chain);
	INT(count);
	for (size_t i = 0; i < x->count; i++) {
		INT(events[i].len);
		assert_memory_equal(x->events[i].data, y->events[i].data,
		    x->events[i].len);
	}
}

static void
same_ping(const struct message_ping *x, const struct message_ping *y)
{
	INT(stream);
	INT(t1_us);
	INT(last);
	INT(waiting);
	INT(last_time_us);
	INT(disk_free);
	INT(offset_us);
	INT(bound_us);
	INT(refused);
	INT(wall_us);
}

static void
same_outlook(const struct race_outlook *x, const struct race_outlook *y)
{
	INT(open);
	INT(from[0]);
	INT(from[1]);
	INT(from[2]);
	INT(published);
	INT(since_us);
}

static void
same_delta(const struct message_delta *x, const struct message_delta *y)
{
	INT(store);
	INT(run);
	STR(view);
	INT(from);
	INT(to);
	INT(part);
	INT(parts);
	INT(digest);
	INT(as_of_us);
	INT(sent_us);
	INT(row_count);
	for (size_t i = 0; i < x->row_count; i++)
		same_row(&x->rows[i], &y->rows[i]);
	INT(entry_count);
	for (size_t i = 0; i < x->entry_count; i++)
		same_entry(&x->entries[i], &y->entries[i]);
	INT(gone_count);
	for (size_t i = 0; i < x->gone_count; i++)
		STR(gone[i]);
	same_outlook(&x->outlook, &y->outlook);
}

static void
same_heartbeat(const struct message_heartbeat *x,
    const struct message_heartbeat *y)
{
	INT(store);
	INT(run);
	INT(now_us);
	INT(as_of_us);
	INT(log);
	INT(view_count);
	for (size_t i = 0; i < x->view_count; i++) {
		STR(views[i].view);
		INT(views[i].seq);
		INT(views[i].digest);
		INT(views[i].rows);
		same_outlook(&x->views[i].outlook, &y->views[i].outlook);
	}
	STR(trouble);
}

static void
same_page(const struct message_snapshot_page *x,
    const struct message_snapshot_page *y)
{
	INT(request);
	INT(store);
	INT(run);
	STR(view);
	INT(seq);
	INT(first);
	INT(next);
	INT(as_of_us);
	INT(digest);
	INT(row_count);
	for (size_t i = 0; i < x->row_count; i++)
		same_row(&x->rows[i], &y->rows[i]);
	INT(entry_count);
	for (size_t i = 0; i < x->entry_count; i++)
		same_entry(&x->entries[i], &y->entries[i]);
	same_outlook(&x->outlook, &y->outlook);
}

static void
same_station(const struct message_station *x, const struct message_station *y)
{
	INT(stream);
	STR(name);
	STR(point);
	INT(connected);
	INT(stored);
	INT(waiting);
	INT(last_time_us);
	INT(heard_us);
	INT(holes);
	INT(repeats);
	INT(offset_us);
	INT(bound_us);
	INT(disk_free);
	STR(software);
	INT(refused);
	INT(reads_minute);
	INT(left);
	INT(crossings);
}

static void
same_alarm(const struct message_alarm *x, const struct message_alarm *y)
{
	INT(kind);
	INT(stream);
	STR(point);
	INT(since_us);
	STR(text);
}

static void
same_point_state(const struct message_point_state *x,
    const struct message_point_state *y)
{
	STR(point);
	INT(reads);
	INT(last_us);
	INT(reads_minute);
	INT(awaited);
}

static void
same_status(const struct message_status_reply *x,
    const struct message_status_reply *y)
{
	INT(request);
	INT(store);
	INT(run);
	STR(race);
	STR(software);
	INT(now_us);
	INT(started_us);
	INT(log);
	INT(crossings);
	INT(unknown);
	INT(repeats);
	INT(holes);
	INT(commits);
	INT(undecoded);
	INT(snapshots);
	INT(malformed);
	INT(conflicts);
	INT(misfits);
	INT(entries);
	INT(entries_us);
	STR(trouble);
	INT(station_count);
	for (size_t i = 0; i < x->station_count; i++)
		same_station(&x->stations[i], &y->stations[i]);
	INT(station_total);
	INT(as_of_us);
	INT(alarm_count);
	for (size_t i = 0; i < x->alarm_count; i++)
		same_alarm(&x->alarms[i], &y->alarms[i]);
	INT(point_count);
	for (size_t i = 0; i < x->point_count; i++)
		same_point_state(&x->points[i], &y->points[i]);
	INT(season_count);
	for (size_t i = 0; i < x->season_count; i++) {
		STR(seasons[i].name);
		INT(seasons[i].read_us);
		INT(seasons[i].reading);
		STR(seasons[i].trouble);
	}
}

static void
same_unknown(const struct message_unknown_reply *x,
    const struct message_unknown_reply *y)
{
	INT(request);
	INT(next);
	INT(count);
	for (size_t i = 0; i < x->count; i++) {
		INT(unknown[i].kind);
		STR(unknown[i].text);
		INT(unknown[i].reads);
		INT(unknown[i].first_us);
		INT(unknown[i].last_us);
		STR(unknown[i].point);
	}
}

static void
same_log(const struct message_log_reply *x, const struct message_log_reply *y)
{
	INT(request);
	INT(store);
	INT(run);
	INT(log);
	INT(event_count);
	for (size_t i = 0; i < x->event_count; i++) {
		INT(events[i].log);
		INT(events[i].id.stream);
		INT(events[i].id.seq);
		INT(events[i].received_us);
		INT(events[i].chain);
		INT(events[i].len);
		assert_memory_equal(x->events[i].body, y->events[i].body,
		    x->events[i].len);
	}
	INT(stream_count);
	for (size_t i = 0; i < x->stream_count; i++) {
		INT(streams[i].stream);
		STR(streams[i].name);
		STR(streams[i].point);
		INT(streams[i].operators);
	}
}

static void
same_ack(const struct message_ack *x, const struct message_ack *y)
{
	INT(stream);
	INT(committed);
	INT(chain);
	INT(credit);
	INT(holes);
	INT(repeats);
}

static void
same_pong(const struct message_pong *x, const struct message_pong *y)
{
	INT(stream);
	INT(t1_us);
	INT(t2_us);
	INT(t3_us);
	INT(committed);
	INT(credit);
}

static void
same_refuse(const struct message_refuse *x, const struct message_refuse *y)
{
	INT(why);
	STR(text);
	INT(stream);
	INT(seq);
}

static void
same(const struct message *x, const struct message *y)
{
	INT(type);
	switch (x->type) {
	case MESSAGE_HELLO:
		same_hello(&x->hello, &y->hello);
		break;
	case MESSAGE_WELCOME:
		same_welcome(&x->welcome, &y->welcome);
		break;
	case MESSAGE_BATCH:
		same_batch(&x->batch, &y->batch);
		break;
	case MESSAGE_ACK:
		same_ack(&x->ack, &y->ack);
		break;
	case MESSAGE_GAP:
		INT(gap.stream);
		INT(gap.expected);
		break;
	case MESSAGE_PING:
		same_ping(&x->ping, &y->ping);
		break;
	case MESSAGE_PONG:
		same_pong(&x->pong, &y->pong);
		break;
	case MESSAGE_REFUSE:
		same_refuse(&x->refuse, &y->refuse);
		break;
	case MESSAGE_BYE:
		INT(bye.stream);
		STR(bye.text);
		break;
	case MESSAGE_DELTA:
		same_delta(&x->delta, &y->delta);
		break;
	case MESSAGE_HEARTBEAT:
		same_heartbeat(&x->heartbeat, &y->heartbeat);
		break;
	case MESSAGE_SNAPSHOT_REQUEST:
		INT(snapshot_request.request);
		STR(snapshot_request.view);
		INT(snapshot_request.first);
		break;
	case MESSAGE_SNAPSHOT_PAGE:
		same_page(&x->snapshot_page, &y->snapshot_page);
		break;
	case MESSAGE_RULES_REQUEST:
		INT(rules_request.request);
		break;
	case MESSAGE_RULES_REPLY:
		INT(rules_reply.request);
		INT(rules_reply.store);
		INT(rules_reply.run);
		same_rules(x->rules_reply.rules, y->rules_reply.rules);
		STR(rules_reply.software);
		break;
	case MESSAGE_LOG_REQUEST:
		INT(log_request.request);
		INT(log_request.after);
		break;
	case MESSAGE_LOG_REPLY:
		same_log(&x->log_reply, &y->log_reply);
		break;
	case MESSAGE_STATUS_REQUEST:
		INT(status_request.request);
		break;
	case MESSAGE_STATUS_REPLY:
		same_status(&x->status_reply, &y->status_reply);
		break;
	case MESSAGE_UNKNOWN_REQUEST:
		INT(unknown_request.request);
		INT(unknown_request.first);
		break;
	case MESSAGE_UNKNOWN_REPLY:
		same_unknown(&x->unknown_reply, &y->unknown_reply);
		break;
	}
}

/* ---- helpers ---- */

static void
put(struct wire_buffer *b, const struct message *m)
{
	assert_int_equal(wire_put(b, m), 0);
}

static void
put_event(struct wire_buffer *b, const struct race_event *e)
{
	int len;

	b->len = 0;
	len = wire_put_event(b, e);
	assert_true(len >= 0);
	assert_int_equal((size_t)len, b->len);
}

/* Length and CRC as an honest sender of these bytes would have set them. */
static void
seal(uint8_t *bytes, size_t len)
{
	uint32_t size = (uint32_t)(len - WIRE_HEADER);
	uint32_t crc;

	for (int i = 0; i < 4; i++)
		bytes[8 + i] = (uint8_t)(size >> (8 * i));
	crc = hash_crc32c(0, bytes, 12);
	crc = hash_crc32c(crc, bytes + WIRE_HEADER, size);
	for (int i = 0; i < 4; i++)
		bytes[12 + i] = (uint8_t)(crc >> (8 * i));
}

/* What it is to receive m. */
static int
received(struct fixture *f, const struct message *m)
{
	struct message got;

	put(&f->bytes, m);
	wire_reset(f->arena);
	return wire_get(f->arena, f->bytes.data, f->bytes.len, &got);
}

static int
received_event(struct fixture *f, const struct race_event *e)
{
	struct race_event got;

	put_event(&f->bytes, e);
	wire_reset(f->arena);
	return wire_get_event(f->arena, f->bytes.data, f->bytes.len, &got);
}

static void
payload(struct fixture *f, enum message_type type, const uint8_t *bytes,
    size_t len)
{
	struct wire_buffer *b = &f->bytes;
	struct message m = { .type = MESSAGE_RULES_REQUEST };

	put(b, &m);
	b->data = realloc(b->data, WIRE_HEADER + len);
	b->cap = b->len = WIRE_HEADER + len;
	memcpy(b->data + WIRE_HEADER, bytes, len);
	b->data[5] = (uint8_t)type;
	seal(b->data, b->len);
}

/* ---- tests ---- */

static void
every_message_comes_out_as_it_went_in(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(TYPES); i++) {
		struct message m = sample(TYPES[i]);
		struct message got;

		put(&f->bytes, &m);
		assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len,
		                     &got),
		    0);
		same(&m, &got);
	}
}

static void
every_event_comes_out_as_it_went_in(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(KINDS); i++) {
		struct race_event e = sample_event(KINDS[i]);
		struct race_event got;

		put_event(&f->bytes, &e);
		assert_int_equal(wire_get_event(f->arena, f->bytes.data,
		                     f->bytes.len, &got),
		    0);
		same_event(&e, &got);
	}
}

static void
bibs_gone_from_the_roster_are_carried_too(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_DELTA);
	struct message got;

	m.delta.view = MESSAGE_ROSTER;
	m.delta.row_count = 0;
	put(&f->bytes, &m);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	same(&m, &got);
}

static void
times_that_are_not_given_stay_so(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_HEARTBEAT);
	struct message got;

	m.heartbeat.as_of_us = RACE_NO_TIME;
	put(&f->bytes, &m);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_true(got.heartbeat.as_of_us == RACE_NO_TIME);
	m = sample(MESSAGE_PING);
	m.ping.last_time_us = RACE_NO_TIME;
	put(&f->bytes, &m);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_true(got.ping.last_time_us == RACE_NO_TIME);
	m = sample(MESSAGE_STATUS_REPLY);
	m.status_reply.as_of_us = RACE_NO_TIME;
	put(&f->bytes, &m);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_true(got.status_reply.as_of_us == RACE_NO_TIME);
}

static void
the_header_is_as_documented(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_GAP);
	/* stream = 9: tag, 8 bytes; expected = 5: tag, 1 byte */
	static const uint8_t expected[] = { 'P', 'L', 'M', 'R', 1, 5, 0, 0, 11,
		0, 0, 0 };

	m.gap = (struct message_gap){ 9, 5 };
	put(&f->bytes, &m);
	assert_int_equal(f->bytes.len, WIRE_HEADER + 11);
	assert_memory_equal(f->bytes.data, expected, sizeof expected);
}

static void
every_truncation_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(TYPES); i++) {
		struct message m = sample(TYPES[i]);
		struct message got;

		put(&f->bytes, &m);
		for (size_t len = 0; len < f->bytes.len; len++) {
			/* a copy of that length, so that the sanitizer sees
			 * a read behind its end */
			uint8_t *cut = malloc(len > 0 ? len : 1);

			memcpy(cut, f->bytes.data, len);
			assert_int_equal(wire_get(f->arena, cut, len, &got),
			    -EBADMSG);
			free(cut);
		}
	}
}

static void
every_single_flipped_bit_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(TYPES); i++) {
		struct message m = sample(TYPES[i]);
		struct message got;

		put(&f->bytes, &m);
		for (size_t bit = 0; bit < 8 * f->bytes.len; bit++) {
			int rc;

			f->bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			rc = wire_get(f->arena, f->bytes.data, f->bytes.len,
			    &got);
			assert_int_equal(rc, bit / 8 == 4 ? -EPROTO : -EBADMSG);
			f->bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void
two_messages_in_one_frame_are_refused(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_GAP);
	struct message got;
	uint8_t twice[256];

	put(&f->bytes, &m);
	memcpy(twice, f->bytes.data, f->bytes.len);
	memcpy(twice + f->bytes.len, f->bytes.data, f->bytes.len);
	assert_int_equal(wire_get(f->arena, twice, f->bytes.len, &got), 0);
	assert_int_equal(wire_get(f->arena, twice, 2 * f->bytes.len, &got),
	    -EBADMSG);
	assert_int_equal(wire_get(f->arena, twice, f->bytes.len + 1, &got),
	    -EBADMSG);
}

static void
versions_types_and_flags_of_the_future_are_named_as_such(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_GAP);
	struct message got;
	static const struct {
		size_t at;
		uint8_t value;
	} future[] = { { 4, 2 }, { 4, 0 }, { 5, 0 }, { 5, 10 }, { 5, 255 },
		{ 6, 1 }, { 7, 128 } };

	for (size_t i = 0; i < COUNT(future); i++) {
		put(&f->bytes, &m);
		f->bytes.data[future[i].at] = future[i].value;
		seal(f->bytes.data, f->bytes.len);
		assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len,
		                     &got),
		    -EPROTO);
	}
}

static void
fields_of_the_future_are_ignored(void **state)
{
	struct fixture *f = *state;
	/* field 100: varint 5; 101: bytes; 102: 8 bytes; 103: 4 bytes */
	static const uint8_t future[] = { 0xa0, 6, 5, 0xaa, 6, 2, 1, 2, 0xb1, 6,
		1, 2, 3, 4, 5, 6, 7, 8, 0xbd, 6, 1, 2, 3, 4 };

	for (size_t i = 0; i < COUNT(TYPES); i++) {
		struct message m = sample(TYPES[i]);
		struct message got;
		size_t len;
		uint8_t *bytes;

		put(&f->bytes, &m);
		len = f->bytes.len + sizeof future;
		bytes = malloc(len);
		memcpy(bytes, f->bytes.data, f->bytes.len);
		memcpy(bytes + f->bytes.len, future, sizeof future);
		seal(bytes, len);
		assert_int_equal(wire_get(f->arena, bytes, len, &got), 0);
		same(&m, &got);
		free(bytes);
	}
}

static void
an_event_of_the_future_is_unknown_and_no_error(void **state)
{
	struct fixture *f = *state;
	/* made_us = 7, field 60: a message of 2 bytes */
	static const uint8_t later[] = { 8, 14, 0xe2, 3, 2, 8, 1 };
	struct race_event got;

	assert_int_equal(wire_get_event(f->arena, later, sizeof later, &got),
	    0);
	assert_int_equal(got.kind, RACE_EVENT_UNKNOWN);
	assert_int_equal(got.made_us, 7);
	assert_int_equal(wire_get_event(f->arena, later, 0, &got), 0);
	assert_int_equal(got.kind, RACE_EVENT_UNKNOWN);
}

static void
a_reason_of_the_future_still_brings_its_words(void **state)
{
	struct fixture *f = *state;
	static const uint8_t bytes[] = { 8, 77, 18, 2, 'n', 'o' };
	struct message got;

	payload(f, MESSAGE_REFUSE, bytes, sizeof bytes);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_int_equal(got.refuse.why, MESSAGE_WHY_UNSPECIFIED);
	assert_string_equal(got.refuse.text, "no");
}

static void
an_alarm_of_the_future_still_brings_its_words(void **state)
{
	struct fixture *f = *state;
	/* field 24, 6 bytes: kind 77, text "no" */
	static const uint8_t bytes[] = { 0xc2, 1, 6, 8, 77, 42, 2, 'n', 'o' };
	struct message got;

	payload(f, MESSAGE_STATUS_REPLY, bytes, sizeof bytes);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_int_equal(got.status_reply.alarm_count, 1);
	assert_int_equal(got.status_reply.alarms[0].kind,
	    MESSAGE_ALARM_UNSPECIFIED);
	assert_string_equal(got.status_reply.alarms[0].text, "no");
}

/* They are for the terminal of whoever asks. */
static void
words_that_steer_a_terminal_are_refused(void **state)
{
	struct fixture *f = *state;
	struct message_alarm alarm = { .kind = MESSAGE_ALARM_DISK,
		.point = "",
		.text = "red\x1b[31m" };
	struct message m = sample(MESSAGE_STATUS_REPLY);
	struct message got;

	m.status_reply.alarms = &alarm;
	m.status_reply.alarm_count = 1;
	put(&f->bytes, &m);
	assert_true(wire_get(f->arena, f->bytes.data, f->bytes.len, &got) < 0);
	m = sample(MESSAGE_STATUS_REPLY);
	m.status_reply.trouble = alarm.text;
	put(&f->bytes, &m);
	assert_true(wire_get(f->arena, f->bytes.data, f->bytes.len, &got) < 0);
	m = sample(MESSAGE_HEARTBEAT);
	m.heartbeat.trouble = alarm.text;
	put(&f->bytes, &m);
	assert_true(wire_get(f->arena, f->bytes.data, f->bytes.len, &got) < 0);
	m = sample(MESSAGE_REFUSE);
	m.refuse.text = alarm.text;
	put(&f->bytes, &m);
	assert_true(wire_get(f->arena, f->bytes.data, f->bytes.len, &got) < 0);
	m = sample(MESSAGE_BYE);
	m.bye.text = alarm.text;
	put(&f->bytes, &m);
	assert_true(wire_get(f->arena, f->bytes.data, f->bytes.len, &got) < 0);
}

static void
an_older_status_tells_all_its_stations(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_STATUS_REPLY);
	struct message got;

	m.status_reply.station_total = 0;
	put(&f->bytes, &m);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	assert_int_equal(got.status_reply.station_count, 2);
	assert_int_equal(got.status_reply.station_total, 2);
}

/* Replaces the byte `at` behind each MARK in turn; calls refused(f) on it. */
static size_t
spoil_marks(struct fixture *f, size_t at, uint8_t with, size_t header,
    int (*get)(struct fixture *f, const uint8_t *bytes, size_t len), int rc)
{
	struct wire_buffer *b = &f->bytes;
	size_t spoilt = 0;

	for (size_t i = header; i + 3 <= b->len; i++) {
		uint8_t was = b->data[i + at];

		if (memcmp(b->data + i, MARK, 3) != 0)
			continue;
		b->data[i + at] = with;
		if (header > 0)
			seal(b->data, b->len);
		assert_int_equal(get(f, b->data, b->len), rc);
		b->data[i + at] = was;
		spoilt++;
	}
	return spoilt;
}

static int
get_message(struct fixture *f, const uint8_t *bytes, size_t len)
{
	struct message got;

	wire_reset(f->arena);
	return wire_get(f->arena, bytes, len, &got);
}

static int
get_event(struct fixture *f, const uint8_t *bytes, size_t len)
{
	struct race_event got;

	wire_reset(f->arena);
	return wire_get_event(f->arena, bytes, len, &got);
}

static void
text_that_is_not_utf8_is_refused_in_every_field(void **state)
{
	struct fixture *f = *state;
	size_t spoilt = 0;

	for (size_t i = 0; i < COUNT(TYPES); i++) {
		struct message m = sample(TYPES[i]);

		put(&f->bytes, &m);
		spoilt +=
		    spoil_marks(f, 1, 'x', WIRE_HEADER, get_message, -EINVAL);
	}
	/* as many as there are strings in the samples */
	assert_int_equal(spoilt, 101);
	spoilt = 0;
	for (size_t i = 0; i < COUNT(KINDS); i++) {
		struct race_event e = sample_event(KINDS[i]);

		put_event(&f->bytes, &e);
		spoilt += spoil_marks(f, 1, 'x', 0, get_event, -EINVAL);
	}
	assert_int_equal(spoilt, 92);
}

static void
control_characters_are_refused_in_what_names_something(void **state)
{
	struct fixture *f = *state;
	static const enum message_type named[] = { MESSAGE_HELLO,
		MESSAGE_SNAPSHOT_REQUEST, MESSAGE_RULES_REPLY };
	struct race_event e = sample_event(RACE_CROSSING);
	struct race_event got;

	for (size_t i = 0; i < COUNT(named); i++) {
		struct message m = sample(named[i]);

		put(&f->bytes, &m);
		assert_true(spoil_marks(f, 2, '\n', WIRE_HEADER, get_message,
		                -EINVAL) > 0);
	}
	e.crossing.bib = "1\t2";
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.crossing.bib = "1\x7f";
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.crossing.bib = "1\xc2\x85";
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.crossing.bib = "1\xe2\x80\xae"; /* turns the line around */
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.crossing.bib = "1\xc2\xa0";
	assert_int_equal(received_event(f, &e), 0);
	/* where a read came from is for people */
	e.crossing.source = "a\tb";
	put_event(&f->bytes, &e);
	assert_int_equal(wire_get_event(f->arena, f->bytes.data, f->bytes.len,
	                     &got),
	    0);
	assert_string_equal(got.crossing.source, "a\tb");
}

static void
times_outside_the_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_CROSSING);
	static const struct {
		int64_t time_us;
		int64_t offset_us;
		int rc;
	} cases[] = {
		{ RACE_TIME_MIN, 0, 0 },
		{ RACE_TIME_MAX, 0, 0 },
		{ RACE_TIME_MIN - 1, 0, -EINVAL },
		{ RACE_TIME_MAX + 1, 0, -EINVAL },
		{ INT64_MIN, 0, -EINVAL },
		{ INT64_MAX, 0, -EINVAL },
		{ RACE_TIME_MIN, -1, -EINVAL },
		{ RACE_TIME_MAX, 1, -EINVAL },
		{ RACE_TIME_MAX, INT64_MAX, -EINVAL },
		{ RACE_TIME_MIN, INT64_MIN, -EINVAL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		e.crossing.time_us = cases[i].time_us;
		e.crossing.offset_us = cases[i].offset_us;
		assert_int_equal(received_event(f, &e), cases[i].rc);
	}
	e = sample_event(RACE_GUN);
	e.gun.gun_us = RACE_TIME_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
a_clock_that_drifts_as_none_does_is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		int64_t drift_ppb;
		int64_t drift_bound_ppb;
		int rc;
	} cases[] = {
		{ RACE_DRIFT_MAX, RACE_DRIFT_MAX, 0 },
		{ -RACE_DRIFT_MAX, 0, 0 },
		{ RACE_DRIFT_MAX + 1, 0, -EINVAL },
		{ -RACE_DRIFT_MAX - 1, 0, -EINVAL },
		{ INT64_MAX, 0, -EINVAL },
		{ INT64_MIN, 0, -EINVAL },
		{ 0, RACE_DRIFT_MAX + 1, -EINVAL },
		{ 0, -1, -EINVAL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct race_event e = sample_event(RACE_CLOCK);

		e.clock.drift_ppb = cases[i].drift_ppb;
		e.clock.drift_bound_ppb = cases[i].drift_bound_ppb;
		assert_int_equal(received_event(f, &e), cases[i].rc);
	}
}

static void
an_estimate_far_from_every_race_is_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_CLOCK);
	int64_t *const fields[] = { &e.clock.boot_us, &e.clock.offset_us,
		&e.clock.bound_us };

	for (size_t i = 0; i < COUNT(fields); i++) {
		int64_t was = *fields[i];

		*fields[i] = RACE_TIME_MAX;
		assert_int_equal(received_event(f, &e), 0);
		*fields[i] = RACE_TIME_MAX + 1;
		assert_int_equal(received_event(f, &e), -EINVAL);
		*fields[i] = -RACE_TIME_MAX - 1;
		assert_int_equal(received_event(f, &e), -EINVAL);
		*fields[i] = was;
	}
}

static void
a_laptop_that_woke_in_1970_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_CROSSING);

	e.made_us = 300;
	assert_int_equal(received_event(f, &e), 0);
	e.made_us = -1;
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.made_us = RACE_TIME_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
values_that_no_enum_has_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_CROSSING);
	struct race_row rows[2] = { ROWS[0], ROWS[1] };
	struct race_unknown unknown = UNKNOWN[0];
	struct message m = sample(MESSAGE_DELTA);

	e.crossing.clock = (enum race_clock)4;
	assert_int_equal(received_event(f, &e), -EINVAL);
	e = sample_event(RACE_ENTRY);
	e.entry.status = (enum race_status)8;
	assert_int_equal(received_event(f, &e), -EINVAL);
	m.delta.rows = rows;
	assert_int_equal(received(f, &m), 0);
	rows[1].status = (enum race_status)8;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1] = ROWS[1];
	rows[1].sort.group = 7;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1] = ROWS[1];
	rows[1].point = 64;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1] = ROWS[1];
	rows[1].elapsed_us = -2;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1] = ROWS[1];
	rows[1].bound_us = RACE_TIME_MAX;
	assert_int_equal(received(f, &m), 0);
	rows[1].bound_us++;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1].bound_us = -1;
	assert_int_equal(received(f, &m), -EINVAL);
	rows[1] = ROWS[1];
	rows[1].label = "";
	assert_int_equal(received(f, &m), -EINVAL);
	m = sample(MESSAGE_UNKNOWN_REPLY);
	m.unknown_reply.unknown = &unknown;
	m.unknown_reply.count = 1;
	unknown.kind = RACE_UNKNOWN_OPEN;
	assert_int_equal(received(f, &m), 0);
	unknown.kind = (enum race_unknown_kind)(RACE_UNKNOWN_OPEN + 1);
	assert_int_equal(received(f, &m), -EINVAL);
}

static char *
letters(size_t n)
{
	char *s = malloc(n + 1);

	memset(s, 'a', n);
	s[n] = '\0';
	return s;
}

static void
names_of_the_greatest_length_pass_and_longer_ones_do_not(void **state)
{
	struct fixture *f = *state;
	struct {
		const char **field;
		size_t max;
	} fields[3];
	struct race_event e = sample_event(RACE_CROSSING);

	fields[0].field = &e.crossing.bib;
	fields[0].max = RACE_BIB_MAX;
	fields[1].field = &e.crossing.chip;
	fields[1].max = RACE_CHIP_MAX;
	fields[2].field = &e.crossing.point;
	fields[2].max = RACE_LABEL_MAX;
	for (size_t i = 0; i < COUNT(fields); i++) {
		char *good = letters(fields[i].max);
		char *bad = letters(fields[i].max + 1);
		const char *was = *fields[i].field;

		*fields[i].field = good;
		assert_int_equal(received_event(f, &e), 0);
		*fields[i].field = bad;
		assert_int_equal(received_event(f, &e), -EINVAL);
		*fields[i].field = was;
		free(good);
		free(bad);
	}
}

/* The longest team, and its side; a row that is gone too. */
static void
a_row_has_room_for_a_pair_of_names(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_DELTA);
	char label[RACE_ROW_MAX + 2];
	const char *gone[] = { label };
	struct race_row row = ROWS[0];

	(void)memset(label, 'x', sizeof label);
	label[RACE_ROW_MAX] = '\0';
	row.label = label;
	m.delta.rows = &row;
	m.delta.row_count = 1;
	m.delta.gone = gone;
	m.delta.gone_count = 1;
	assert_int_equal(received(f, &m), 0);
	label[RACE_ROW_MAX] = 'x';
	label[RACE_ROW_MAX + 1] = '\0';
	m.delta.gone_count = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	m.delta.row_count = 0;
	m.delta.gone_count = 1;
	assert_int_equal(received(f, &m), -EINVAL);
}

static void
why_and_points_of_a_row_have_bounds(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_DELTA);
	char why[RACE_WHY_MAX + 2];
	struct race_row row = ROWS[0];

	(void)memset(why, 'x', sizeof why);
	why[RACE_WHY_MAX] = '\0';
	row.why = why;
	row.points = INT64_MAX / 2;
	m.delta.rows = &row;
	m.delta.row_count = 1;
	assert_int_equal(received(f, &m), 0);
	why[RACE_WHY_MAX] = 'x';
	why[RACE_WHY_MAX + 1] = '\0';
	assert_int_equal(received(f, &m), -EINVAL);
	row.why = "a bell \a";
	assert_int_equal(received(f, &m), -EINVAL);
	row.why = NULL;
	row.points = -(INT64_MAX / 2);
	assert_int_equal(received(f, &m), 0);
	row.points = INT64_MAX / 2 + 1;
	assert_int_equal(received(f, &m), -EINVAL);
	row.points = -row.points;
	assert_int_equal(received(f, &m), -EINVAL);
	row.points = 0;
	row.dropped = -(INT64_MAX / 2);
	assert_int_equal(received(f, &m), 0);
	row.dropped--;
	assert_int_equal(received(f, &m), -EINVAL);
	row.dropped = INT64_MAX / 2 + 1;
	assert_int_equal(received(f, &m), -EINVAL);
}

/* No race.yaml has one, and no name of a race's ranking is one of theirs. */
static void
tables_of_seasons_are_told_and_never_stored(void **state)
{
	static char table[] = "prix/general", roster[] = MESSAGE_ROSTER;
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_RULES_REPLY);
	struct race_event e = sample_event(RACE_RULES);
	struct race_rules rules = RULES;
	struct race_ranking k[2] = { RANKINGS[0], RANKINGS[1] };

	rules.rankings = k;
	m.rules_reply.rules = &rules;
	e.rules = &rules;
	k[1].of = RACE_SEASON;
	k[1].score = RACE_SCORE_POINTS;
	assert_int_equal(received(f, &m), -EINVAL);
	k[1].name = table;
	assert_int_equal(received(f, &m), 0);
	assert_int_equal(received_event(f, &e), -EINVAL);
	k[1].name = roster;
	assert_int_equal(received(f, &m), -EINVAL);
	k[1].name = table;
	k[1].of = RACE_RUNNERS;
	k[1].score = RACE_SCORE_TIME;
	assert_int_equal(received(f, &m), -EINVAL);
	k[1].name = RANKINGS[1].name;
	assert_int_equal(received(f, &m), 0);
	assert_int_equal(received_event(f, &e), 0);
	k[1].score = RACE_SCORE_POINTS;
	assert_int_equal(received(f, &m), -EINVAL);
}

static void
counts_over_the_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct message_bytes bodies[RACE_BATCH_EVENTS + 1];
	const char *chips[RACE_CHIPS_MAX + 1];
	struct race_column more[RACE_COLUMNS_MAX + 1];
	int64_t splits[RACE_POINTS_MAX + 1] = { 0 };
	struct race_row row = ROWS[0];
	struct message m = sample(MESSAGE_BATCH);
	struct race_event e = sample_event(RACE_ENTRY);

	for (size_t i = 0; i < COUNT(bodies); i++)
		bodies[i] = BODIES[1];
	m.batch.events = bodies;
	m.batch.count = RACE_BATCH_EVENTS;
	assert_int_equal(received(f, &m), 0);
	m.batch.count = RACE_BATCH_EVENTS + 1;
	assert_int_equal(received(f, &m), -EINVAL);
	m.batch.count = 0;
	assert_int_equal(received(f, &m), -EINVAL);

	for (size_t i = 0; i < COUNT(chips); i++)
		chips[i] = "C1";
	e.entry.chips = chips;
	e.entry.chip_count = RACE_CHIPS_MAX;
	assert_int_equal(received_event(f, &e), 0);
	e.entry.chip_count = RACE_CHIPS_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);

	for (size_t i = 0; i < COUNT(more); i++)
		more[i] = MORE[0];
	e.entry.chip_count = 0;
	e.entry.more = more;
	e.entry.more_count = RACE_COLUMNS_MAX;
	assert_int_equal(received_event(f, &e), 0);
	e.entry.more_count = RACE_COLUMNS_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);

	m = sample(MESSAGE_SNAPSHOT_PAGE);
	m.snapshot_page.rows = &row;
	m.snapshot_page.row_count = 1;
	row.splits = splits;
	row.split_count = RACE_POINTS_MAX;
	assert_int_equal(received(f, &m), 0);
	row.split_count = RACE_POINTS_MAX + 1;
	assert_int_equal(received(f, &m), -EINVAL);
}

static void
health_out_of_bounds_is_refused(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_STATUS_REPLY);
	struct message_point_state points[RACE_POINTS_MAX + 1];
	struct message_alarm alarm = ALARMS[0];
	struct message_season season;
	char *text = letters(RACE_MORE_MAX + 1);

	for (size_t i = 0; i < COUNT(points); i++)
		points[i] = POINT_STATES[0];
	m.status_reply.points = points;
	m.status_reply.point_count = RACE_POINTS_MAX;
	assert_int_equal(received(f, &m), 0);
	m.status_reply.point_count++;
	assert_int_equal(received(f, &m), -EINVAL);
	m.status_reply.point_count = 1;
	points[0].point = "";
	assert_int_equal(received(f, &m), -EINVAL);
	points[0].point = "a\nb";
	assert_int_equal(received(f, &m), -EINVAL);
	points[0] = POINT_STATES[0];
	points[0].last_us = RACE_TIME_MAX + 1;
	assert_int_equal(received(f, &m), -EINVAL);
	points[0] = POINT_STATES[0];
	m.status_reply.as_of_us = RACE_TIME_MAX + 1;
	assert_int_equal(received(f, &m), -EINVAL);
	m.status_reply.as_of_us = 0;

	season = (struct message_season){ .name = "a", .trouble = "" };
	m.status_reply.seasons = &season;
	m.status_reply.season_count = 1;
	assert_int_equal(received(f, &m), 0);
	season.name = "";
	assert_int_equal(received(f, &m), -EINVAL);
	season.name = "a\nb";
	assert_int_equal(received(f, &m), -EINVAL);
	season.name = "a";
	season.read_us = INT64_MIN;
	assert_int_equal(received(f, &m), -EINVAL);
	season.read_us = 0;
	season.trouble = text;
	assert_int_equal(received(f, &m), -EINVAL);
	season.trouble = "";

	m.status_reply.alarms = &alarm;
	m.status_reply.alarm_count = 1;
	assert_int_equal(received(f, &m), 0);
	alarm.since_us = INT64_MIN;
	assert_int_equal(received(f, &m), -EINVAL);
	alarm = ALARMS[0];
	alarm.point = "a\nb";
	assert_int_equal(received(f, &m), -EINVAL);
	alarm = ALARMS[0];
	alarm.text = text;
	assert_int_equal(received(f, &m), -EINVAL);
	text[RACE_MORE_MAX] = '\0';
	assert_int_equal(received(f, &m), 0);
	free(text);
}

static void
rules_out_of_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_RULES);
	struct race_rules rules = RULES;
	struct race_ranking ranking = RANKINGS[0];
	struct race_wave waves[RACE_WAVES_MAX + 1];
	char slash[] = "a/b";

	e.rules = &rules;
	rules.rankings = &ranking;
	rules.ranking_count = 1;
	assert_int_equal(received_event(f, &e), 0);
	ranking.at = 2;
	assert_int_equal(received_event(f, &e), -EINVAL);
	ranking.at = -2;
	assert_int_equal(received_event(f, &e), -EINVAL);
	ranking = RANKINGS[0];
	ranking.best = RACE_BEST_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
	ranking = RANKINGS[0];
	ranking.name = slash;
	assert_int_equal(received_event(f, &e), -EINVAL);
	ranking.name = NOTHING;
	assert_int_equal(received_event(f, &e), -EINVAL);
	ranking = RANKINGS[0];
	for (size_t i = 0; i < COUNT(waves); i++)
		waves[i] = WAVES[0];
	rules.waves = waves;
	rules.wave_count = RACE_WAVES_MAX;
	assert_int_equal(received_event(f, &e), 0);
	rules.wave_count = RACE_WAVES_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
reads_rules_out_of_bounds_are_refused(void **state)
{
	static const int64_t century = INT64_C(36525) * 86400 * 1000000;
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_RULES);
	struct race_rules rules = RULES;
	struct race_wave wave = WAVES[0];
	struct race_point points[2] = { POINTS[0], POINTS[1] };
	int64_t *const spans[] = { &wave.window_us, &points[1].max_us,
		&points[1].gap_us, &points[1].tolerance_us,
		&points[1].cutoff_us, &rules.fastest_us_km };

	e.rules = &rules;
	rules.waves = &wave;
	rules.wave_count = 1;
	rules.points = points;
	assert_int_equal(received_event(f, &e), 0);
	for (size_t i = 0; i < COUNT(spans); i++) {
		int64_t was = *spans[i];

		*spans[i] = -1;
		assert_int_equal(received_event(f, &e), -EINVAL);
		*spans[i] = century;
		assert_int_equal(received_event(f, &e), -EINVAL);
		*spans[i] = 0;
		assert_int_equal(received_event(f, &e), 0);
		*spans[i] = was;
	}
}

/* The word is refused with that value, and was not before. */
static void
refuses(struct fixture *f, const struct race_event *e, uint32_t *word,
    uint32_t value)
{
	uint32_t was = *word;

	assert_int_equal(received_event(f, e), 0);
	*word = value;
	assert_int_equal(received_event(f, e), -EINVAL);
	*word = was;
}

static void
scoring_rules_out_of_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_RULES);
	struct race_rules rules = RULES;
	struct race_ranking k[2] = { RANKINGS[0], RANKINGS[1] };

	e.rules = &rules;
	rules.rankings = k;
	refuses(f, &e, &k[0].women, RACE_BEST_MAX + 1);
	refuses(f, &e, &k[0].men, RACE_BEST_MAX + 1);
	refuses(f, &e, &k[0].sides, RACE_SIDES_MAX + 1);
	refuses(f, &e, &k[0].size_min, k[0].size_max + 1);
	refuses(f, &e, &k[0].size_max, RACE_ENTRIES_MAX + 1);
	refuses(f, &e, &k[1].gun_first, RACE_ENTRIES_MAX + 1);
	refuses(f, &e, &k[1].without[1].places, 0);
	refuses(f, &e, &k[1].without[1].places, RACE_ENTRIES_MAX + 1);
	refuses(f, &e, &k[1].without[1].ranking, 1); /* itself */
	refuses(f, &e, &k[1].without[1].ranking, 2); /* none */
	k[0].how = (enum race_how)(RACE_LAST + 1);
	assert_int_equal(received_event(f, &e), -EINVAL);
	k[0].how = RACE_MEAN;
	k[0].score = (enum race_score)(RACE_SCORE_PLACES + 1);
	assert_int_equal(received_event(f, &e), -EINVAL);
	k[0].score = RACE_SCORE_TIME;
	k[0].size_max = 0; /* no limit */
	assert_int_equal(received_event(f, &e), 0);
}

static void
groups_out_of_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_RULES);
	struct race_rules rules = RULES;
	struct race_category categories[RACE_CATEGORIES_MAX + 1];
	struct race_alias aliases[2] = { ALIASES[0], ALIASES[1] };

	e.rules = &rules;
	for (size_t i = 0; i < COUNT(categories); i++)
		categories[i] = CATEGORIES[0];
	rules.categories = categories;
	rules.category_count = RACE_CATEGORIES_MAX;
	refuses(f, &e, &categories[1].from, 40);
	refuses(f, &e, &categories[1].to, RACE_AGE_MAX + 1);
	rules.category_count++;
	assert_int_equal(received_event(f, &e), -EINVAL);
	rules.category_count = 1;
	categories[0].name = NOTHING;
	assert_int_equal(received_event(f, &e), -EINVAL);
	rules.categories = CATEGORIES;
	rules.aliases = aliases;
	assert_int_equal(received_event(f, &e), 0);
	aliases[0].spelling = aliases[1].spelling; /* twice */
	assert_int_equal(received_event(f, &e), -EINVAL);
	aliases[1].spelling = ALIASES[0].spelling; /* out of order */
	assert_int_equal(received_event(f, &e), -EINVAL);
	aliases[0] = ALIASES[0];
	aliases[1] = ALIASES[1];
	aliases[1].team = NOTHING;
	assert_int_equal(received_event(f, &e), -EINVAL);
	aliases[1].team = FIRM;
	aliases[0].spelling = NOTHING;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

/* What each verb cannot do without; a bit for each member. */
enum {
	TARGET = 1,
	OTHER_TARGET = 2,
	BIB = 4,
	OTHER_BIB = 8,
	AT_POINT = 16,
	OF_WAVE = 32,
	OF_RANKING = 64,
	TIME = 128,
	WHO = 256,
	TEXT = 512,
	OF_SEASON = 1024,
	OF_COMPETITION = 2048,
	OF_TABLE = 4096,
	BEHIND = 8192,
	MEMBERS = 14
};

static void
take_out(struct race_decision *d, int members)
{
	static struct race_matter matter;

	if (members & TARGET)
		d->target = (struct race_id){ 0, 0 };
	if (members & OTHER_TARGET)
		d->other_target = (struct race_id){ 0, 0 };
	if (members & BIB)
		d->bib = "";
	if (members & OTHER_BIB)
		d->other_bib = "";
	if (members & AT_POINT)
		d->point = "";
	if (members & OF_WAVE)
		d->wave = "";
	if (members & OF_RANKING)
		d->ranking = "";
	if (members & TIME)
		d->time_us = 0;
	if (members & WHO)
		d->entry = NULL;
	if (members & TEXT)
		d->text = "";
	matter = *d->matter;
	if (members & OF_SEASON)
		matter.season = "";
	if (members & OF_COMPETITION)
		matter.competition = "";
	if (members & OF_TABLE)
		matter.table = "";
	if (members & BEHIND)
		matter.subject = "";
	d->matter = &matter;
}

static void
a_decision_that_lacks_what_its_verb_needs_is_refused(void **state)
{
	struct fixture *f = *state;
	static const int needed[RACE_VERBS] = { [RACE_UNDO] = TARGET,
		[RACE_ADD_READ] = BIB | AT_POINT | TIME,
		[RACE_VOID_READ] = TARGET,
		[RACE_MOVE_READ] = TARGET,
		[RACE_SET_STATUS] = BIB,
		[RACE_SET_TIME] = BIB | AT_POINT | TIME,
		[RACE_PENALTY] = BIB,
		[RACE_SWAP] = TARGET | OTHER_TARGET | BIB | OTHER_BIB,
		[RACE_SET_ENTRY] = WHO,
		[RACE_SET_GUN] = OF_WAVE | TIME,
		[RACE_PUBLISH] = OF_RANKING | TEXT,
		[RACE_SET_START] = BIB | TIME,
		[RACE_REMOVE_ENTRY] = BIB,
		[RACE_ASIDE] = TEXT,
		[RACE_NAME] = TEXT,
		[RACE_VOID_COMPETITION] = OF_SEASON | OF_COMPETITION,
		[RACE_DECIDE_TIE] = TEXT | OF_SEASON | OF_TABLE | BEHIND };

	for (int verb = 0; verb < RACE_VERBS; verb++) {
		for (int i = 0; i < MEMBERS; i++) {
			struct race_decision d = DECISION;
			struct race_event e = { .kind = RACE_DECISION,
				.decision = &d };
			bool miss = (needed[verb] & 1 << i) != 0;

			d.verb = (enum race_verb)verb;
			d.text = "final";
			take_out(&d, 1 << i);
			assert_int_equal(received_event(f, &e),
			    miss ? -EINVAL : 0);
		}
	}
}

static void
a_read_is_moved_to_a_bib_or_a_point_or_both(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = DECISION;
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };

	d.verb = RACE_MOVE_READ;
	assert_int_equal(received_event(f, &e), 0);
	take_out(&d, BIB);
	assert_int_equal(received_event(f, &e), 0);
	take_out(&d, AT_POINT);
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
a_ranking_is_published_as_one_of_three(void **state)
{
	static const char *const words[] = { "provisional", "final",
		"amended" };
	struct fixture *f = *state;
	struct race_decision d = DECISION;
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };

	d.verb = RACE_PUBLISH;
	for (size_t i = 0; i < COUNT(words); i++) {
		d.text = words[i];
		assert_int_equal(received_event(f, &e), 0);
	}
	d.text = "Final";
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
a_decision_about_no_season_has_no_matter(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = DECISION;
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	struct race_event out;

	d.matter = &(struct race_matter){ "", "", "", "", "" };
	put_event(&f->bytes, &e);
	wire_reset(f->arena);
	assert_int_equal(wire_get_event(f->arena, f->bytes.data, f->bytes.len,
	                     &out),
	    0);
	assert_null(out.decision->matter);
	/* Two who are one are no equals. */
	d = DECISION;
	d.verb = RACE_DECIDE_TIE;
	assert_int_equal(received_event(f, &e), 0);
	d.text = MATTER.subject;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static int
received_part(struct fixture *f, const char *name, uint32_t part,
    uint32_t parts, size_t len)
{
	static uint8_t data[SEASON_PART_MAX + 1];
	struct race_event e = { .kind = RACE_SEASON_FILE,
		.part = { name, part, parts, data, len } };

	return received_event(f, &e);
}

static void
a_part_of_a_file_is_within_its_bounds(void **state)
{
	struct fixture *f = *state;
	char name[SEASON_FILE_NAME_MAX + 2] = "palmares/";

	assert_int_equal(received_part(f, "season.yaml", 0, 1, 0), 0);
	assert_int_equal(received_part(f, "aliases.csv", 1, 2, 1), 0);
	assert_int_equal(received_part(f, "palmares/é.csv", 0, 1,
	                     SEASON_PART_MAX),
	    0);
	assert_int_equal(received_part(f, "season.yaml", 0, 1,
	                     SEASON_PART_MAX + 1),
	    -EINVAL);
	assert_int_equal(received_part(f, "season.yaml", 1, 1, 1), -EINVAL);
	assert_int_equal(received_part(f, "season.yaml", 0, 0, 1), -EINVAL);
	assert_int_equal(received_part(f, "season.yaml", 0, 2, 0), -EINVAL);
	assert_int_equal(received_part(f, "season.yaml", SEASON_PARTS_MAX - 1,
	                     SEASON_PARTS_MAX, 1),
	    0);
	assert_int_equal(received_part(f, "season.yaml", 0,
	                     SEASON_PARTS_MAX + 1, 1),
	    -EINVAL);
	memset(name + 9, 'x', SEASON_FILE_NAME_MAX - 9);
	assert_int_equal(received_part(f, name, 0, 1, 1), 0);
	name[SEASON_FILE_NAME_MAX] = 'x';
	assert_int_equal(received_part(f, name, 0, 1, 1), -EINVAL);
}

static void
a_file_that_no_season_folder_holds_is_refused(void **state)
{
	static const char *const names[] = { "", "season.db", "/etc/passwd",
		"palmares/", "palmares/.a.csv", "palmares/../a.csv",
		"palmares/a/b.csv", "palmares/\xff.csv", "palmares/a\n.csv" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(names); i++) {
		struct race_event gone = { .kind = RACE_SEASON_FILE_GONE,
			.file_gone = names[i] };

		assert_int_equal(received_part(f, names[i], 0, 1, 1), -EINVAL);
		assert_int_equal(received_event(f, &gone), -EINVAL);
	}
}

static void
what_a_feed_gives_has_a_season_and_a_competition(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_SEASON_GIVEN,
		.given = { "2014", "8 km", false } };

	assert_int_equal(received_event(f, &e), 0);
	e.given.season = "";
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.given = (struct season_given){ "2014", "", true };
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static int
received_result(struct fixture *f, const struct season_result *r)
{
	struct race_event e = { .kind = RACE_RESULT,
		.listed = { 1, *r, MORE, 2 } };

	return received_event(f, &e);
}

static void
a_line_of_a_list_is_within_its_bounds(void **state)
{
	struct fixture *f = *state;
	struct season_result r = RESULT;
	struct race_event gone = { .kind = RACE_RESULT_GONE };

	assert_int_equal(received_result(f, &r), 0);
	r.time_us = -1;
	r.points = SEASON_NO_VALUE;
	r.place = 0;
	r.date = "";
	assert_int_equal(received_result(f, &r), 0);
	r.time_us = 0;
	r.points = 0;
	r.place = SEASON_PLACE_MAX;
	assert_int_equal(received_result(f, &r), 0);
	r.points = SEASON_VALUE_MAX;
	assert_int_equal(received_result(f, &r), 0);
	r.points = SEASON_VALUE_MAX + 1;
	assert_int_equal(received_result(f, &r), -EINVAL);
	r = RESULT;
	r.place = SEASON_PLACE_MAX + 1;
	assert_int_equal(received_result(f, &r), -EINVAL);
	r = RESULT;
	r.date = "2014-02-30";
	assert_int_equal(received_result(f, &r), -EINVAL);
	r = RESULT;
	r.season = "";
	assert_int_equal(received_result(f, &r), -EINVAL);
	r = RESULT;
	r.competition = "";
	assert_int_equal(received_result(f, &r), -EINVAL);
	r = RESULT;
	r.recipient = "";
	assert_int_equal(received_result(f, &r), -EINVAL);
	assert_int_equal(received_event(f, &gone), -EINVAL);
	gone.result_gone = 1;
	assert_int_equal(received_event(f, &gone), 0);
}

static void
a_verb_of_the_future_is_unspecified_and_no_error(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = DECISION;
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	struct race_event got;

	d.verb = (enum race_verb)77;
	put_event(&f->bytes, &e);
	assert_int_equal(wire_get_event(f->arena, f->bytes.data, f->bytes.len,
	                     &got),
	    0);
	d.verb = RACE_VERB_UNSPECIFIED;
	same_event(&e, &got);
}

static void
decisions_out_of_bounds_are_refused(void **state)
{
	static const int64_t days = INT64_C(10) * 86400 * 1000000;
	struct fixture *f = *state;
	struct race_decision d = DECISION;
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	struct race_entry entry = ENTRIES[0];
	char *reason = letters(RACE_REASON_MAX + 1);

	for (int sign = -1; sign <= 1; sign += 2) {
		d.amount_us = sign * days;
		assert_int_equal(received_event(f, &e), 0);
		d.amount_us += sign;
		assert_int_equal(received_event(f, &e), -EINVAL);
	}
	d = DECISION;
	d.time_us = RACE_TIME_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
	d.time_us = 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
	d = DECISION;
	d.status = (enum race_status)(RACE_NC + 1);
	assert_int_equal(received_event(f, &e), -EINVAL);
	d = DECISION;
	d.replaces.seq = (uint64_t)INT64_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
	d.replaces = (struct race_id){ 0, 1 };
	assert_int_equal(received_event(f, &e), -EINVAL);
	d = DECISION;
	d.entry = &entry;
	entry.bib = "";
	assert_int_equal(received_event(f, &e), -EINVAL);
	d = DECISION;
	d.reason = reason;
	assert_int_equal(received_event(f, &e), -EINVAL);
	reason[RACE_REASON_MAX] = '\0';
	assert_int_equal(received_event(f, &e), 0);
	d.reason = "red\x1b[31m";
	assert_int_equal(received_event(f, &e), -EINVAL);
	free(reason);
}

static void
the_key_of_a_problem_is_a_line_as_long_as_a_reason(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = { .verb = RACE_ASIDE,
		.by = "",
		.reason = "",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "" };
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	char *key = letters(RACE_REASON_MAX + 1);

	d.text = key;
	assert_int_equal(received_event(f, &e), -EINVAL);
	key[RACE_REASON_MAX] = '\0';
	assert_int_equal(received_event(f, &e), 0);
	d.text = "same-team:Caf\xe9";
	assert_int_equal(received_event(f, &e), -EINVAL);
	d.text = "pace:\x1b[31m12";
	assert_int_equal(received_event(f, &e), -EINVAL);
	d.text = "";
	assert_int_equal(received_event(f, &e), -EINVAL);
	free(key);
}

static void
prizes_out_of_bounds_are_refused(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_AWARD);

	refuses(f, &e, &e.prize.place, 0);
	refuses(f, &e, &e.prize.place, RACE_ENTRIES_MAX + 1);
	e.prize.holder = "";
	assert_int_equal(received_event(f, &e), 0);
	e.prize.award = "";
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
a_start_of_ones_own_is_a_time_or_none(void **state)
{
	struct fixture *f = *state;
	struct race_event e = sample_event(RACE_ENTRY);

	e.entry.start_us = RACE_TIME_MIN;
	assert_int_equal(received_event(f, &e), 0);
	e.entry.start_us--;
	assert_int_equal(received_event(f, &e), -EINVAL);
	e.entry.start_us = RACE_TIME_MAX + 1;
	assert_int_equal(received_event(f, &e), -EINVAL);
}

static void
the_numbers_of_a_log_rise_up_to_the_last(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_LOG_REPLY);
	struct message_log_event events[2] = { LOG[0], LOG[1] };
	struct message_log_stream stream = LOG_STREAMS[0];
	struct message_log_reply *p = &m.log_reply;

	p->events = events;
	p->streams = &stream;
	p->stream_count = 1;
	p->log = LOG[1].log;
	assert_int_equal(received(f, &m), 0);
	p->log--;
	assert_int_equal(received(f, &m), -EINVAL);
	p->log = (uint64_t)INT64_MAX + 1;
	assert_int_equal(received(f, &m), -EINVAL);
	p->log = LOG[1].log;
	events[1].log = events[0].log;
	assert_int_equal(received(f, &m), -EINVAL);
	events[1] = LOG[1];
	events[0].log = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	events[0] = LOG[0];
	events[0].id.seq = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	events[0].id = (struct race_id){ 0, 1 };
	assert_int_equal(received(f, &m), -EINVAL);
	events[0] = LOG[0];
	stream.stream = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	stream = LOG_STREAMS[0];
	p->event_count = 0;
	assert_int_equal(received(f, &m), 0);
}

static void
numbers_that_contradict_each_other_are_refused(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_DELTA);

	m.delta.part = m.delta.parts;
	assert_int_equal(received(f, &m), -EINVAL);
	m.delta.part = m.delta.parts = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	m = sample(MESSAGE_DELTA);
	m.delta.to = m.delta.from - 1;
	assert_int_equal(received(f, &m), -EINVAL);
	m = sample(MESSAGE_SNAPSHOT_PAGE);
	m.snapshot_page.next = m.snapshot_page.first;
	assert_int_equal(received(f, &m), -EINVAL);
	m = sample(MESSAGE_BATCH);
	m.batch.first = 0;
	assert_int_equal(received(f, &m), -EINVAL);
	m.batch.first = UINT64_MAX;
	assert_int_equal(received(f, &m), -EINVAL);
	m = sample(MESSAGE_HELLO);
	m.hello.stream = 0;
	assert_int_equal(received(f, &m), -EINVAL);
}

static int
delta_of(struct fixture *f, const char *bytes, size_t len)
{
	payload(f, MESSAGE_DELTA, (const uint8_t *)bytes, len);
	return get_message(f, f->bytes.data, f->bytes.len);
}

static void
who_is_gone_is_a_row_of_a_ranking_and_a_bib_of_the_roster(void **state)
{
	static const char row[] = "\x1a\1s\x38\1\x52\5\x0a\1x\x10\1";
	static const char bib[] = "\x1a\7roster/\x38\1\x62\1x";
	static const char row_of_roster[] =
	    "\x1a\7roster/\x38\1\x52\5\x0a\1x\x10\1";
	static const char bib_of_ranking[] = "\x1a\1s\x38\1\x62\1x";
	struct fixture *f = *state;

	assert_int_equal(delta_of(f, row, sizeof row - 1), 0);
	assert_int_equal(delta_of(f, bib, sizeof bib - 1), 0);
	assert_int_equal(delta_of(f, row_of_roster, sizeof row_of_roster - 1),
	    -EINVAL);
	assert_int_equal(delta_of(f, bib_of_ranking, sizeof bib_of_ranking - 1),
	    -EINVAL);
}

static void
the_budget_ends_a_message_of_empty_messages(void **state)
{
	struct fixture *f = *state;
	static uint8_t bytes[WIRE_MESSAGE_MAX - WIRE_HEADER];

	for (size_t i = 0; i + 1 < sizeof bytes; i += 2)
		bytes[i] = 0x52; /* rows of a delta, each of length 0 */
	payload(f, MESSAGE_DELTA, bytes, sizeof bytes);
	assert_int_equal(get_message(f, f->bytes.data, f->bytes.len), -E2BIG);
	for (size_t i = 0; i + 1 < sizeof bytes; i += 2)
		bytes[i] = 0x2a; /* events of the log */
	payload(f, MESSAGE_LOG_REPLY, bytes, sizeof bytes);
	assert_int_equal(get_message(f, f->bytes.data, f->bytes.len), -E2BIG);
	for (size_t i = 0; i + 2 < sizeof bytes; i += 3)
		memcpy(bytes + i, "\xc2\1", 3); /* alarms of a status */
	payload(f, MESSAGE_STATUS_REPLY, bytes,
	    sizeof bytes - sizeof bytes % 3);
	assert_int_equal(get_message(f, f->bytes.data, f->bytes.len), -E2BIG);
}

static void
what_fails_gives_its_memory_back(void **state)
{
	struct fixture *f = *state;
	struct message first = sample(MESSAGE_STATUS_REPLY);
	struct message bad = sample(MESSAGE_DELTA);
	struct message kept;
	struct message got;

	put(&f->bytes, &first);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &kept),
	    0);
	bad.delta.part = bad.delta.parts;
	put(&f->bytes, &bad);
	/* 10 GB, were it kept */
	for (int i = 0; i < 100000; i++)
		assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len,
		                     &got),
		    -EINVAL);
	same(&first, &kept);
}

static void
a_message_is_as_before_when_another_one_fails(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_GAP);
	struct message got = { .type = MESSAGE_BYE };
	struct race_event e = { .kind = RACE_GUN };

	put(&f->bytes, &m);
	f->bytes.data[20] ^= 1;
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    -EBADMSG);
	assert_int_equal(got.type, MESSAGE_BYE);
	assert_int_equal(wire_get_event(f->arena, f->bytes.data, 5, &e),
	    -EINVAL);
	assert_int_equal(e.kind, RACE_GUN);
}

static void
a_message_over_128_KiB_is_neither_made_nor_taken(void **state)
{
	struct fixture *f = *state;
	static uint8_t body[RACE_EVENT_MAX];
	static uint8_t huge[WIRE_MESSAGE_MAX + 1] = "PLMR\1\1";
	struct message_bytes bodies[4] = { { body, sizeof body },
		{ body, sizeof body }, { body, sizeof body },
		{ body, sizeof body - 100 } };
	struct message m = sample(MESSAGE_BATCH);

	m.batch.events = bodies;
	m.batch.count = 4;
	assert_int_equal(received(f, &m), 0);
	bodies[3].len = sizeof body;
	assert_int_equal(wire_put(&f->bytes, &m), -EMSGSIZE);
	seal(huge, sizeof huge);
	assert_int_equal(get_message(f, huge, sizeof huge), -E2BIG);
}

static void
an_event_over_32_KiB_is_neither_made_nor_taken(void **state)
{
	struct fixture *f = *state;
	static uint8_t huge[RACE_EVENT_MAX + 1];
	struct race_column more[RACE_COLUMNS_MAX];
	char *value = letters(RACE_MORE_MAX);
	struct race_event e = sample_event(RACE_ENTRY);

	for (size_t i = 0; i < COUNT(more); i++)
		more[i] = (struct race_column){ "n", value };
	e.entry.more = more;
	e.entry.more_count = 30;
	assert_int_equal(received_event(f, &e), 0);
	e.entry.more_count = COUNT(more);
	f->bytes.len = 3;
	assert_int_equal(wire_put_event(&f->bytes, &e), -EMSGSIZE);
	assert_int_equal(f->bytes.len, 3);
	/* made_us = 0, over and over */
	for (size_t i = 0; i + 1 < sizeof huge; i += 2)
		huge[i] = 8;
	assert_int_equal(get_event(f, huge, sizeof huge - 1), 0);
	huge[sizeof huge - 1] = 8;
	assert_int_equal(get_event(f, huge, sizeof huge), -EINVAL);
	free(value);
}

static void
events_are_appended(void **state)
{
	struct fixture *f = *state;
	struct race_event a = sample_event(RACE_GUN);
	struct race_event b = sample_event(RACE_ENTRY);
	struct race_event got;
	int first = wire_put_event(&f->bytes, &a);
	int second = wire_put_event(&f->bytes, &b);

	assert_true(first > 0 && second > 0);
	assert_int_equal(f->bytes.len, (size_t)(first + second));
	assert_int_equal(wire_get_event(f->arena, f->bytes.data, (size_t)first,
	                     &got),
	    0);
	same_event(&a, &got);
	assert_int_equal(wire_get_event(f->arena, f->bytes.data + first,
	                     (size_t)second, &got),
	    0);
	same_event(&b, &got);
}

static void
bounds_hold_for_rows_and_entries(void **state)
{
	struct fixture *f = *state;
	struct message m = sample(MESSAGE_SNAPSHOT_PAGE);
	struct message_snapshot_page *p = &m.snapshot_page;
	int64_t splits[RACE_POINTS_MAX];
	struct race_row row = ROWS[0];
	size_t empty;

	p->row_count = p->entry_count = 0;
	put(&f->bytes, &m);
	empty = f->bytes.len;
	for (size_t i = 0; i < RACE_POINTS_MAX; i++)
		splits[i] = INT64_C(1) << i % 57;
	row.splits = splits;
	p->rows = &row;
	p->row_count = 1;
	for (row.split_count = 0; row.split_count <= 64; row.split_count++) {
		put(&f->bytes, &m);
		assert_true(f->bytes.len - empty <= wire_row_bound(&row));
		/* and do not waste much */
		assert_true(wire_row_bound(&row) <=
		    f->bytes.len - empty + 16 + 9 * row.split_count);
	}
	p->row_count = 0;
	p->entry_count = 1;
	for (size_t i = 0; i < COUNT(ENTRIES); i++) {
		p->entries = &ENTRIES[i];
		put(&f->bytes, &m);
		assert_true(
		    f->bytes.len - empty <= wire_entry_bound(&ENTRIES[i]));
		assert_true(
		    wire_entry_bound(&ENTRIES[i]) <= f->bytes.len - empty + 32);
	}
}

static void
a_part_of_nothing_but_gone_rows_can_be_read(void **state)
{
	struct fixture *f = *state;
	enum { ROWS_GONE = 7000 };
	static char labels[ROWS_GONE][12];
	static const char *gone[ROWS_GONE];
	struct message m = sample(MESSAGE_DELTA);
	struct message got;

	for (int i = 0; i < ROWS_GONE; i++) {
		snprintf(labels[i], sizeof labels[i], "%d", i + 1);
		gone[i] = labels[i];
	}
	m.delta.row_count = m.delta.entry_count = 0;
	m.delta.gone = gone;
	m.delta.gone_count = ROWS_GONE;
	put(&f->bytes, &m);
	assert_true(f->bytes.len > 64 * 1024);
	assert_int_equal(wire_get(f->arena, f->bytes.data, f->bytes.len, &got),
	    0);
	same(&m, &got);
}

/* ---- random damage under a right CRC ---- */

/* One to four edits of buf; returns the new length. */
static size_t
damage(uint64_t *seed, uint8_t *buf, size_t from, size_t len, size_t cap)
{
	for (uint64_t n = 1 + test_below(seed, 4); n > 0; n--) {
		size_t at = from + test_below(seed, len - from + 1);

		switch (test_below(seed, 4)) {
		case 0:
			if (at < len)
				buf[at] ^= (uint8_t)(1 << test_below(seed, 8));
			break;
		case 1:
			if (at < len)
				buf[at] = (uint8_t)test_random(seed);
			break;
		case 2: /* out */
			if (at < len) {
				memmove(buf + at, buf + at + 1, len - at - 1);
				len--;
			}
			break;
		default: /* in */
			if (len < cap) {
				memmove(buf + at + 1, buf + at, len - at);
				buf[at] = (uint8_t)test_random(seed);
				len++;
			}
			break;
		}
	}
	return len;
}

static size_t
check_message(struct fixture *f, const uint8_t *bytes, size_t len)
{
	struct message first;
	struct message second;

	wire_reset(f->arena);
	if (wire_get(f->arena, bytes, len, &first) < 0)
		return 0;
	put(&f->again, &first);
	assert_int_equal(wire_get(f->arena, f->again.data, f->again.len,
	                     &second),
	    0);
	same(&first, &second);
	return 1;
}

static size_t
check_event(struct fixture *f, const uint8_t *bytes, size_t len)
{
	struct race_event first;
	struct race_event second;

	wire_reset(f->arena);
	if (wire_get_event(f->arena, bytes, len, &first) < 0)
		return 0;
	put_event(&f->again, &first);
	assert_int_equal(wire_get_event(f->arena, f->again.data, f->again.len,
	                     &second),
	    0);
	same_event(&first, &second);
	return 1;
}

static void
what_decodes_after_damage_survives_encoding(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	uint8_t buf[4096];
	size_t messages = 0;
	size_t events = 0;

	for (int i = 0; i < 200000; i++) {
		struct message m = sample(TYPES[(size_t)i % COUNT(TYPES)]);
		size_t len;

		put(&f->bytes, &m);
		memcpy(buf, f->bytes.data, f->bytes.len);
		len = damage(&seed, buf, WIRE_HEADER, f->bytes.len, sizeof buf);
		seal(buf, len);
		messages += check_message(f, buf, len);
	}
	for (int i = 0; i < 200000; i++) {
		struct race_event e =
		    sample_event(KINDS[(size_t)i % COUNT(KINDS)]);
		size_t len;

		put_event(&f->bytes, &e);
		memcpy(buf, f->bytes.data, f->bytes.len);
		len = damage(&seed, buf, 0, f->bytes.len, sizeof buf);
		events += check_event(f, buf, len);
	}
	/* or else the test has tried nothing */
	assert_true(messages > 10000);
	assert_true(events > 10000);
}

/* A field that nobody knows, in front: then protobuf-c decodes. */
static int
get_slowly(struct fixture *f, const uint8_t *bytes, size_t len,
    struct race_event *out)
{
	uint8_t buf[4096] = { 0xf0, 0x01, 1 }; /* field 30, which nobody has */

	assert_in_range(len, 0, sizeof buf - 3);
	memcpy(buf + 3, bytes, len);
	return wire_get_event(f->arena, buf, len + 3, out);
}

static void
a_crossing_read_quickly_is_what_protobuf_c_reads(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	struct race_event e = sample_event(RACE_CROSSING);
	uint8_t buf[4096];
	size_t sound = 0;

	put_event(&f->bytes, &e);
	for (int i = 0; i < 500000; i++) {
		struct race_event quick;
		struct race_event slow;
		size_t len = f->bytes.len;
		int rc;

		memcpy(buf, f->bytes.data, len);
		if (i > 0)
			len = damage(&seed, buf, 0, len, sizeof buf - 3);
		wire_reset(f->arena);
		rc = get_slowly(f, buf, len, &slow);
		assert_int_equal(wire_get_event(f->arena, buf, len, &quick),
		    rc);
		if (rc < 0)
			continue;
		same_event(&slow, &quick);
		sound++;
	}
	/* or else the test has tried nothing */
	assert_in_range(sound, 10000, 490000);
}

static void
random_bytes_do_no_harm(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	uint8_t buf[64 + WIRE_HEADER];

	for (int i = 0; i < 1000000; i++) {
		size_t len = WIRE_HEADER + test_below(&seed, 65);

		for (size_t at = 0; at < len; at += 8) {
			uint64_t r = test_random(&seed);

			memcpy(buf + at, &r, len - at < 8 ? len - at : 8);
		}
		check_event(f, buf + WIRE_HEADER, len - WIRE_HEADER);
		if (i % 4 > 0) {
			memcpy(buf, "PLMR\1", 5);
			buf[5] = (uint8_t)TYPES[(size_t)i % COUNT(TYPES)];
			buf[6] = buf[7] = 0;
			seal(buf, len);
		}
		check_message(f, buf, len);
	}
}

static void
a_refusal_has_words_of_its_own(void **state)
{
	static const int codes[] = { -EBADMSG, -EPROTO, -EINVAL, -E2BIG,
		-EMSGSIZE };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(wire_why(codes[i]),
			    wire_why(codes[j]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_message_comes_out_as_it_went_in),
		TEST(every_event_comes_out_as_it_went_in),
		TEST(bibs_gone_from_the_roster_are_carried_too),
		TEST(times_that_are_not_given_stay_so),
		TEST(the_header_is_as_documented),
		TEST(every_truncation_is_refused),
		TEST(every_single_flipped_bit_is_refused),
		TEST(two_messages_in_one_frame_are_refused),
		TEST(versions_types_and_flags_of_the_future_are_named_as_such),
		TEST(fields_of_the_future_are_ignored),
		TEST(an_event_of_the_future_is_unknown_and_no_error),
		TEST(a_reason_of_the_future_still_brings_its_words),
		TEST(an_alarm_of_the_future_still_brings_its_words),
		TEST(words_that_steer_a_terminal_are_refused),
		TEST(an_older_status_tells_all_its_stations),
		TEST(text_that_is_not_utf8_is_refused_in_every_field),
		TEST(control_characters_are_refused_in_what_names_something),
		TEST(times_outside_the_bounds_are_refused),
		TEST(a_clock_that_drifts_as_none_does_is_refused),
		TEST(an_estimate_far_from_every_race_is_refused),
		TEST(a_laptop_that_woke_in_1970_loses_nothing),
		TEST(values_that_no_enum_has_are_refused),
		TEST(names_of_the_greatest_length_pass_and_longer_ones_do_not),
		TEST(a_row_has_room_for_a_pair_of_names),
		TEST(why_and_points_of_a_row_have_bounds),
		TEST(tables_of_seasons_are_told_and_never_stored),
		TEST(counts_over_the_bounds_are_refused),
		TEST(health_out_of_bounds_is_refused),
		TEST(rules_out_of_bounds_are_refused),
		TEST(reads_rules_out_of_bounds_are_refused),
		TEST(scoring_rules_out_of_bounds_are_refused),
		TEST(groups_out_of_bounds_are_refused),
		TEST(a_decision_that_lacks_what_its_verb_needs_is_refused),
		TEST(a_read_is_moved_to_a_bib_or_a_point_or_both),
		TEST(a_ranking_is_published_as_one_of_three),
		TEST(a_decision_about_no_season_has_no_matter),
		TEST(a_line_of_a_list_is_within_its_bounds),
		TEST(a_part_of_a_file_is_within_its_bounds),
		TEST(a_file_that_no_season_folder_holds_is_refused),
		TEST(what_a_feed_gives_has_a_season_and_a_competition),
		TEST(a_verb_of_the_future_is_unspecified_and_no_error),
		TEST(decisions_out_of_bounds_are_refused),
		TEST(the_key_of_a_problem_is_a_line_as_long_as_a_reason),
		TEST(prizes_out_of_bounds_are_refused),
		TEST(a_start_of_ones_own_is_a_time_or_none),
		TEST(the_numbers_of_a_log_rise_up_to_the_last),
		TEST(numbers_that_contradict_each_other_are_refused),
		TEST(who_is_gone_is_a_row_of_a_ranking_and_a_bib_of_the_roster),
		TEST(the_budget_ends_a_message_of_empty_messages),
		TEST(what_fails_gives_its_memory_back),
		TEST(a_message_is_as_before_when_another_one_fails),
		TEST(a_message_over_128_KiB_is_neither_made_nor_taken),
		TEST(an_event_over_32_KiB_is_neither_made_nor_taken),
		TEST(events_are_appended),
		TEST(bounds_hold_for_rows_and_entries),
		TEST(a_part_of_nothing_but_gone_rows_can_be_read),
		TEST(what_decodes_after_damage_survives_encoding),
		TEST(a_crossing_read_quickly_is_what_protobuf_c_reads),
		TEST(random_bytes_do_no_harm),
		TEST(a_refusal_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
