#include "made.h"

#include <string.h>

#include "fuzz.h"
#include "proto/wire.h"

enum { ROWS = 6, ENTRIES = 4, EVENTS = 5, MEMBERS = 4 };

/* ---- parts ---- */

static uint64_t
any(struct fuzz_input *in)
{
	return (uint64_t)fuzz_between(in, INT64_MIN, INT64_MAX);
}

static uint32_t
any32(struct fuzz_input *in)
{
	return (uint32_t)fuzz_between(in, 0, UINT32_MAX);
}

static int64_t
a_time(struct fuzz_input *in)
{
	return fuzz_between(in, RACE_TIME_MIN, RACE_TIME_MAX);
}

static int64_t
a_span(struct fuzz_input *in)
{
	return fuzz_between(in, -RACE_TIME_MAX, RACE_TIME_MAX);
}

static uint64_t
a_bound(struct fuzz_input *in)
{
	return (uint64_t)fuzz_between(in, 0, RACE_TIME_MAX);
}

static char *
a_label(struct fuzz_input *in)
{
	return fuzz_text(in, RACE_LABEL_MAX);
}

static char *
a_name(struct fuzz_input *in)
{
	return fuzz_text(in, RACE_NAME_MAX);
}

/* What may not be empty. */
static char *
some(char *text)
{
	static char one[] = "1";

	return text[0] != '\0' ? text : one;
}

static char *
a_view(struct fuzz_input *in)
{
	static char roster[] = MESSAGE_ROSTER;

	return fuzz_byte(in) < 64 ? roster : some(a_label(in));
}

static size_t
a_count(struct fuzz_input *in, size_t max)
{
	return (size_t)fuzz_below(in, max + 1);
}

static void
make_row(struct fuzz_input *in, struct race_row *row, int64_t *splits)
{
	*row = (struct race_row){ .label = some(a_name(in)),
		.status = (enum race_status)fuzz_below(in, RACE_NC + 1),
		.sort = { .group = (uint8_t)fuzz_below(in, RACE_GROUP_DNS + 1),
		    .key = { (int64_t)any(in), (int64_t)any(in),
		        (int64_t)any(in) },
		    .tie = { any(in), any(in) } },
		.elapsed_us = fuzz_between(in, -1, RACE_TIME_MAX),
		.metres = any32(in),
		.point = (int)fuzz_between(in, -1, RACE_POINTS_MAX - 1),
		.splits = splits,
		.split_count = a_count(in, MEMBERS),
		.counted = any32(in),
		.finishers = any32(in),
		.women = any32(in),
		.men = any32(in),
		.places = any32(in),
		.bound_us = (int64_t)a_bound(in),
		.clock = any(in),
		.points = fuzz_between(in, -(INT64_MAX / 2), INT64_MAX / 2),
		.dropped = fuzz_between(in, -(INT64_MAX / 2), INT64_MAX / 2),
		.wins = any32(in),
		.why = a_name(in) };
	if (row->why[0] == '\0')
		row->why = NULL;
	for (size_t i = 0; i < row->split_count; i++)
		splits[i] = fuzz_between(in, RACE_NO_SPLIT, RACE_TIME_MAX);
}

static const struct race_row *
make_rows(struct fuzz_input *in, size_t *count)
{
	static struct race_row rows[ROWS];
	static int64_t splits[ROWS][MEMBERS];

	*count = a_count(in, ROWS);
	for (size_t i = 0; i < *count; i++)
		make_row(in, &rows[i], splits[i]);
	return rows;
}

struct entry_parts {
	const char *chips[MEMBERS];
	struct race_column more[MEMBERS];
};

static void
make_entry(struct fuzz_input *in, struct race_entry *e, struct entry_parts *p)
{
	*e = (struct race_entry){ .bib = some(fuzz_text(in, RACE_BIB_MAX)),
		.name = a_name(in),
		.sex = a_label(in),
		.born = a_label(in),
		.category = a_label(in),
		.team = a_name(in),
		.wave = a_label(in),
		.nation = a_label(in),
		.status = (enum race_status)fuzz_below(in, RACE_NC + 1),
		.start_us = fuzz_byte(in) < 192 ? 0 : a_time(in),
		.chips = p->chips,
		.chip_count = a_count(in, MEMBERS),
		.more = p->more,
		.more_count = a_count(in, MEMBERS) };
	for (size_t i = 0; i < e->chip_count; i++)
		p->chips[i] = some(fuzz_text(in, RACE_CHIP_MAX));
	for (size_t i = 0; i < e->more_count; i++) {
		p->more[i].name = a_name(in);
		p->more[i].value = fuzz_text(in, RACE_MORE_MAX);
	}
}

static const struct race_entry *
make_entries(struct fuzz_input *in, size_t *count)
{
	static struct race_entry entries[ENTRIES];
	static struct entry_parts parts[ENTRIES];

	*count = a_count(in, ENTRIES);
	for (size_t i = 0; i < *count; i++)
		make_entry(in, &entries[i], &parts[i]);
	return entries;
}

/* ---- rules ---- */

enum { HUNDRED_DAYS_S = 100 * 86400 };

/* Of what the rules say. */
static int64_t
a_rule(struct fuzz_input *in)
{
	return fuzz_byte(in) < 128
	    ? 0
	    : fuzz_between(in, 0, HUNDRED_DAYS_S) * INT64_C(1000000);
}

static uint32_t
a_number(struct fuzz_input *in, uint32_t max)
{
	return (uint32_t)fuzz_below(in, max + 1);
}

static void
make_scoring(struct fuzz_input *in, struct race_ranking *r)
{
	r->score = (enum race_score)fuzz_below(in, RACE_SCORE_PLACES + 1);
	r->best = a_number(in, RACE_BEST_MAX);
	r->how = (enum race_how)fuzz_below(in, RACE_LAST + 1);
	r->women = a_number(in, 4);
	r->men = a_number(in, 4);
	r->sides = a_number(in, RACE_SIDES_MAX);
	r->average = fuzz_byte(in) >= 128;
	r->size_min = a_number(in, 9);
	r->size_max = r->size_min + a_number(in, 9);
}

/* Ranking i of count, that others may be left out of. */
static void
make_heads(struct fuzz_input *in, struct race_ranking *r, size_t i,
    size_t count)
{
	r->gun_first = a_number(in, 9);
	r->without_count = count < 2 ? 0 : a_count(in, 2);
	for (size_t k = 0; k < r->without_count; k++) {
		size_t other = (size_t)fuzz_below(in, count - 1);

		r->without[k].ranking = (uint32_t)(other + (other >= i));
		r->without[k].places = 1 + a_number(in, 4);
	}
}

static void
make_ranking(struct fuzz_input *in, struct race_ranking *r, size_t points)
{
	static char name[] = "scratch";

	*r = (struct race_ranking){ .name = some(a_label(in)),
		.of = (enum race_of)fuzz_below(in, RACE_TEAMS + 1),
		.sex = a_label(in),
		.category = a_label(in),
		.team = a_name(in),
		.wave = a_label(in),
		.at = (int)fuzz_between(in, RACE_LIVE, (int)points - 1),
		.by = (enum race_by)fuzz_below(in, RACE_BY_KM + 1),
		.ties = (enum race_ties)fuzz_below(in, RACE_TIES_TIME + 1),
		.round = (enum race_round)fuzz_below(in, RACE_ROUND_NONE + 1) };
	make_scoring(in, r);
	if (strchr(r->name, '/') != NULL)
		r->name = name;
}

static struct race_point
make_point(struct fuzz_input *in)
{
	return (struct race_point){ .name = a_label(in),
		.metres = any32(in),
		.min_us = (int64_t)a_bound(in),
		.max_us = a_rule(in),
		.gap_us = a_rule(in),
		.backup = a_label(in),
		.tolerance_us = a_rule(in),
		.cutoff_us = a_rule(in) };
}

static struct race_category
make_category(struct fuzz_input *in)
{
	struct race_category c = { .name = some(a_label(in)),
		.sex = a_label(in),
		.from = a_number(in, RACE_AGE_MAX) };

	c.to = c.from + a_number(in, RACE_AGE_MAX - c.from);
	return c;
}

/* In order and each once, whatever there is. */
static size_t
make_aliases(struct fuzz_input *in, struct race_alias *aliases)
{
	size_t wanted = a_count(in, MEMBERS);
	size_t count = 0;

	for (size_t i = 0; i < wanted; i++) {
		struct race_alias alias = { some(a_name(in)),
			some(a_name(in)) };

		if (count == 0 ||
		    strcmp(aliases[count - 1].spelling, alias.spelling) < 0)
			aliases[count++] = alias;
	}
	return count;
}

static struct race_rules *
make_rules(struct fuzz_input *in)
{
	static struct race_category categories[MEMBERS];
	static struct race_alias aliases[MEMBERS];
	static struct race_wave waves[MEMBERS];
	static struct race_point points[MEMBERS];
	static struct race_ranking rankings[MEMBERS];
	static struct race_award awards[MEMBERS];
	static struct race_rules rules;

	rules = (struct race_rules){ .title = a_name(in),
		.date = a_label(in),
		.timezone = a_label(in),
		.waves = waves,
		.wave_count = a_count(in, MEMBERS),
		.points = points,
		.point_count = a_count(in, MEMBERS),
		.rankings = rankings,
		.ranking_count = a_count(in, MEMBERS),
		.awards = awards,
		.award_count = a_count(in, MEMBERS),
		.categories = categories,
		.category_count = a_count(in, MEMBERS),
		.aliases = aliases,
		.fastest_us_km = a_rule(in) };
	for (size_t i = 0; i < rules.wave_count; i++)
		waves[i] = (struct race_wave){ a_label(in),
			fuzz_byte(in) < 128 ? RACE_NO_TIME : a_time(in),
			a_rule(in) };
	for (size_t i = 0; i < rules.point_count; i++)
		points[i] = make_point(in);
	for (size_t i = 0; i < rules.ranking_count; i++) {
		make_ranking(in, &rankings[i], rules.point_count);
		make_heads(in, &rankings[i], i, rules.ranking_count);
	}
	for (size_t i = 0; i < rules.category_count; i++)
		categories[i] = make_category(in);
	rules.alias_count = make_aliases(in, aliases);
	for (size_t i = 0; i < rules.award_count; i++)
		awards[i] = (struct race_award){ a_label(in), a_label(in),
			a_number(in, RACE_ENTRIES_MAX) };
	return &rules;
}

const struct race_rules *
made_rules(struct fuzz_input *in)
{
	return make_rules(in);
}

/* With tables of seasons, of which displays are told. */
static const struct race_rules *
make_tables(struct fuzz_input *in)
{
	static char name[] = "Prix/general";
	struct race_rules *rules = make_rules(in);

	for (size_t i = 0; i < rules->ranking_count; i++) {
		struct race_ranking *r = &rules->rankings[i];

		if (fuzz_byte(in) < 192)
			continue;
		r->name = name;
		r->of = RACE_SEASON;
		r->score =
		    fuzz_byte(in) < 128 ? RACE_SCORE_POINTS : RACE_SCORE_TIME;
	}
	return rules;
}

/* ---- events ---- */

static struct race_crossing
make_crossing(struct fuzz_input *in)
{
	struct race_crossing c = { .point = a_label(in),
		.bib = fuzz_text(in, RACE_BIB_MAX),
		.chip = fuzz_text(in, RACE_CHIP_MAX),
		.time_us = a_time(in),
		.bound_us = (int64_t)a_bound(in),
		.clock = (enum race_clock)fuzz_below(in, RACE_CLOCK_LAPTOP + 1),
		.clock_epoch = any32(in),
		.boot_us = a_span(in),
		.flags = any32(in),
		.source = fuzz_text(in, RACE_MORE_MAX) };

	c.offset_us = fuzz_between(in, RACE_TIME_MIN - c.time_us,
	    RACE_TIME_MAX - c.time_us);
	return c;
}

static struct race_id
make_id(struct fuzz_input *in)
{
	return (struct race_id){ any(in) | 1, 1 + fuzz_below(in, 1000) };
}

static char *
a_reason(struct fuzz_input *in)
{
	return fuzz_text(in, RACE_REASON_MAX);
}

static const struct race_matter *
make_matter(struct fuzz_input *in)
{
	static struct race_matter m;

	m = (struct race_matter){ .season = some(a_label(in)),
		.competition = some(a_name(in)),
		.table = some(a_label(in)),
		.subject = some(a_name(in)),
		.team = a_name(in) };
	return &m;
}

/* With all that any verb needs. */
static const struct race_decision *
make_decision(struct fuzz_input *in)
{
	static const char *const standings[] = { "provisional", "final",
		"amended" };
	static struct entry_parts parts;
	static struct race_entry entry;
	static struct race_decision d;

	make_entry(in, &entry, &parts);
	d = (struct race_decision){ .verb = (enum race_verb)fuzz_below(in,
		                        RACE_VERBS),
		.by = a_name(in),
		.reason = a_reason(in),
		.target = make_id(in),
		.other_target = make_id(in),
		.replaces =
		    fuzz_byte(in) < 64 ? make_id(in) : (struct race_id){ 0 },
		.bib = some(fuzz_text(in, RACE_BIB_MAX)),
		.other_bib = some(fuzz_text(in, RACE_BIB_MAX)),
		.point = some(a_label(in)),
		.wave = some(a_label(in)),
		.ranking = some(a_label(in)),
		.status = (enum race_status)fuzz_below(in, RACE_NC + 1),
		.time_us = a_time(in),
		.amount_us = fuzz_between(in, -3600, 3600) * INT64_C(1000000),
		.entry = &entry,
		.text = standings[fuzz_below(in, 3)],
		.facts = fuzz_below(in, UINT64_MAX),
		.matter = make_matter(in) };
	/* Two who are one are no equals. */
	if (strcmp(d.matter->subject, d.text) == 0)
		d.verb = RACE_VOID_COMPETITION;
	return &d;
}

static struct race_listed
make_listed(struct fuzz_input *in)
{
	static struct race_column more[2];

	for (size_t i = 0; i < 2; i++)
		more[i] = (struct race_column){ a_name(in), a_name(in) };
	return (struct race_listed){ .key = any(in) | 1,
		.result = { .season = some(a_label(in)),
		    .competition = some(a_name(in)),
		    .award = a_name(in),
		    .place = (uint32_t)fuzz_below(in, SEASON_PLACE_MAX),
		    .recipient = some(a_name(in)),
		    .team = a_name(in),
		    .sex = a_label(in),
		    .category = a_label(in),
		    .date = fuzz_byte(in) < 128 ? "2014-09-21" : "",
		    .status = (enum race_status)fuzz_below(in, RACE_NC + 1),
		    .time_us = (int64_t)a_bound(in) - 1,
		    .points = fuzz_byte(in) < 128
		        ? SEASON_NO_VALUE
		        : fuzz_between(in, 0, SEASON_VALUE_MAX),
		    .note = a_reason(in) },
		.more = more,
		.more_count = fuzz_below(in, 3) };
}

static const char *
a_file(struct fuzz_input *in)
{
	static const char *const names[] = { "season.yaml", "aliases.csv",
		"palmares/2014.csv", "palmares/\xc3\xa9.CSV" };

	return names[fuzz_below(in, sizeof names / sizeof *names)];
}

static struct season_part
make_part(struct fuzz_input *in)
{
	const char *text = some(a_reason(in));
	uint32_t parts = 1 + (uint32_t)fuzz_below(in, SEASON_PARTS_MAX);

	return (struct season_part){ a_file(in),
		(uint32_t)fuzz_below(in, parts), parts, (const uint8_t *)text,
		strlen(text) };
}

static struct race_prize
make_prize(struct fuzz_input *in)
{
	return (struct race_prize){ .award = some(a_label(in)),
		.place = 1 + a_number(in, 9),
		.holder = a_name(in),
		.note = a_reason(in),
		.collected = fuzz_byte(in) >= 128,
		.by = a_name(in),
		.winner = fuzz_text(in, RACE_NAME_MAX) };
}

void
made_event(struct fuzz_input *in, struct race_event *e)
{
	static struct entry_parts parts;

	e->kind =
	    (enum race_event_kind)(1 + fuzz_below(in, RACE_SEASON_MOMENT));
	e->made_us = fuzz_between(in, 0, RACE_TIME_MAX);
	switch (e->kind) {
	case RACE_CROSSING:
		e->crossing = make_crossing(in);
		break;
	case RACE_VOID:
		e->void_seq = any(in);
		break;
	case RACE_FILL_IN:
		e->fill_in.seq = any(in);
		e->fill_in.bib = some(fuzz_text(in, RACE_BIB_MAX));
		break;
	case RACE_CLOCK:
		e->clock = (struct race_clock_estimate){ any32(in), a_span(in),
			a_span(in), fuzz_between(in, -1000000, 1000000),
			(int64_t)a_bound(in), fuzz_between(in, 0, 1000000) };
		break;
	case RACE_RULES:
		e->rules = made_rules(in);
		break;
	case RACE_ENTRY:
		make_entry(in, &e->entry, &parts);
		break;
	case RACE_ENTRY_GONE:
		e->entry_gone = some(fuzz_text(in, RACE_BIB_MAX));
		break;
	case RACE_GUN:
		e->gun = (struct race_gun){ a_label(in), a_time(in) };
		break;
	case RACE_DECISION:
		e->decision = make_decision(in);
		break;
	case RACE_AWARD:
		e->prize = make_prize(in);
		break;
	case RACE_RESULT:
		e->listed = make_listed(in);
		break;
	case RACE_RESULT_GONE:
		e->result_gone = any(in) | 1;
		break;
	case RACE_SEASON_FILE:
		e->part = make_part(in);
		break;
	case RACE_SEASON_FILE_GONE:
		e->file_gone = a_file(in);
		break;
	case RACE_SEASON_GIVEN:
		e->given = (struct season_given){ some(a_label(in)),
			some(a_name(in)), fuzz_byte(in) >= 128 };
		break;
	case RACE_SEASON_MOMENT:
		e->moment = (struct season_moment){ any(in) };
		break;
	case RACE_EVENT_UNKNOWN:
		break;
	}
}

/* ---- messages ---- */

static void
make_batch(struct fuzz_input *in, struct message_batch *m)
{
	static struct wire_buffer buffers[EVENTS];
	static struct message_bytes events[EVENTS];

	*m = (struct message_batch){ .stream = any(in),
		.first = 1 + fuzz_below(in, 1000),
		.chain = any(in),
		.events = events,
		.count = 1 + a_count(in, EVENTS - 1) };
	for (size_t i = 0; i < m->count; i++) {
		struct race_event e;

		made_event(in, &e);
		buffers[i].len = 0;
		if (wire_put_event(&buffers[i], &e) < 0)
			buffers[i].len = 0;
		events[i].data = buffers[i].data;
		events[i].len = buffers[i].len;
		if (events[i].data == NULL)
			events[i].data = (const uint8_t *)"";
	}
}

static void
make_outlook(struct fuzz_input *in, struct race_outlook *o)
{
	*o = (struct race_outlook){ .open = fuzz_byte(in) < 128 };
	for (size_t i = 0; o->open && i < 3; i++)
		o->from[i] = (int64_t)any(in);
	o->published = (enum race_publication)fuzz_below(in, 4);
	if (o->published != RACE_UNPUBLISHED)
		o->since_us = RACE_TIME_MIN + (int64_t)fuzz_below(in, 1000000);
}

static void
make_delta(struct fuzz_input *in, struct message_delta *m)
{
	static const char *gone[MEMBERS];

	*m = (struct message_delta){ .store = any(in),
		.run = any(in),
		.view = a_view(in),
		.from = fuzz_below(in, 1000),
		.part = (uint32_t)fuzz_below(in, 3),
		.parts = 3,
		.digest = any(in),
		.as_of_us = RACE_NO_TIME,
		.sent_us = a_span(in),
		.gone = gone,
		.gone_count = a_count(in, MEMBERS) };
	m->to = m->from + fuzz_below(in, 1000);
	m->rows = make_rows(in, &m->row_count);
	m->entries = make_entries(in, &m->entry_count);
	/* A view holds rows or entries. */
	if (strcmp(m->view, MESSAGE_ROSTER) == 0)
		m->row_count = 0;
	else
		m->entry_count = 0;
	for (size_t i = 0; i < m->gone_count; i++)
		gone[i] = some(fuzz_text(in, RACE_BIB_MAX));
	make_outlook(in, &m->outlook);
}

static void
make_heartbeat(struct fuzz_input *in, struct message_heartbeat *m)
{
	static struct message_view_state views[MEMBERS];

	*m = (struct message_heartbeat){ .store = any(in),
		.run = any(in),
		.now_us = a_span(in),
		.as_of_us = a_time(in),
		.log = any(in),
		.views = views,
		.view_count = a_count(in, MEMBERS),
		.trouble = fuzz_text(in, RACE_MORE_MAX) };
	for (size_t i = 0; i < m->view_count; i++) {
		views[i] = (struct message_view_state){ .view = a_view(in),
			.seq = any(in),
			.digest = any(in),
			.rows = any32(in) };
		make_outlook(in, &views[i].outlook);
	}
}

static void
make_page(struct fuzz_input *in, struct message_snapshot_page *m)
{
	*m = (struct message_snapshot_page){ .request = any32(in),
		.store = any(in),
		.run = any(in),
		.view = a_view(in),
		.seq = any(in),
		.first = (uint32_t)fuzz_below(in, 1000),
		.as_of_us = a_time(in),
		.digest = any(in) };
	if (fuzz_byte(in) < 128)
		m->next = m->first + 1 + (uint32_t)fuzz_below(in, 1000);
	m->rows = make_rows(in, &m->row_count);
	m->entries = make_entries(in, &m->entry_count);
	if (strcmp(m->view, MESSAGE_ROSTER) == 0)
		m->row_count = 0;
	else
		m->entry_count = 0;
	make_outlook(in, &m->outlook);
}

static void
make_station(struct fuzz_input *in, struct message_station *s)
{
	*s = (struct message_station){ .stream = any(in),
		.name = a_name(in),
		.point = a_label(in),
		.connected = fuzz_byte(in) < 128,
		.stored = any(in),
		.waiting = any(in),
		.last_time_us = a_time(in),
		.heard_us = a_span(in),
		.holes = any(in),
		.repeats = any(in),
		.offset_us = a_span(in),
		.bound_us = a_bound(in),
		.disk_free = any(in),
		.software = a_name(in),
		.refused = any(in),
		.reads_minute = any32(in),
		.left = fuzz_byte(in) < 128,
		.crossings = any(in) };
}

static void
make_alarm(struct fuzz_input *in, struct message_alarm *a)
{
	*a = (struct message_alarm){ .kind =
		                         (enum message_alarm_kind)fuzz_below(in,
		                             MESSAGE_ALARM_SEASON + 1),
		.stream = any(in),
		.point = a_label(in),
		.since_us = a_span(in),
		.text = fuzz_text(in, RACE_MORE_MAX) };
}

static void
make_point_state(struct fuzz_input *in, struct message_point_state *p)
{
	*p = (struct message_point_state){ .point = some(a_label(in)),
		.reads = any(in),
		.last_us = a_time(in),
		.reads_minute = any32(in),
		.awaited = any32(in) };
}

static void
make_status(struct fuzz_input *in, struct message_status_reply *m)
{
	static struct message_station stations[MEMBERS];
	static struct message_alarm alarms[MEMBERS];
	static struct message_point_state points[MEMBERS];
	static struct message_season seasons[MEMBERS];

	*m = (struct message_status_reply){ .request = any32(in),
		.store = any(in),
		.run = any(in),
		.race = a_name(in),
		.software = a_name(in),
		.now_us = a_span(in),
		.started_us = a_span(in),
		.log = any(in),
		.crossings = any(in),
		.conflicts = any(in),
		.misfits = any(in),
		.entries = any32(in),
		.trouble = fuzz_text(in, RACE_MORE_MAX),
		.stations = stations,
		.station_count = a_count(in, MEMBERS),
		.as_of_us = a_time(in),
		.alarms = alarms,
		.alarm_count = a_count(in, MEMBERS),
		.points = points,
		.point_count = a_count(in, MEMBERS),
		.station_total = any32(in),
		.seasons = seasons,
		.season_count = a_count(in, MEMBERS) };
	for (size_t i = 0; i < m->station_count; i++)
		make_station(in, &stations[i]);
	for (size_t i = 0; i < m->alarm_count; i++)
		make_alarm(in, &alarms[i]);
	for (size_t i = 0; i < m->point_count; i++)
		make_point_state(in, &points[i]);
	for (size_t i = 0; i < m->season_count; i++)
		seasons[i] = (struct message_season){ .name = some(a_label(in)),
			.read_us = a_span(in),
			.reading = fuzz_byte(in) < 128,
			.trouble = fuzz_text(in, RACE_MORE_MAX) };
}

static void
make_unknown(struct fuzz_input *in, struct message_unknown_reply *m)
{
	static struct race_unknown list[MEMBERS];

	*m = (struct message_unknown_reply){ .request = any32(in),
		.unknown = list,
		.count = a_count(in, MEMBERS) };
	for (size_t i = 0; i < m->count; i++)
		list[i] = (struct race_unknown){
			.kind = (enum race_unknown_kind)fuzz_below(in,
			    RACE_UNKNOWN_NOBODY + 1),
			.text = a_label(in),
			.reads = any(in),
			.first_us = a_span(in),
			.last_us = a_span(in),
			.point = a_label(in),
		};
}

static void
make_ping(struct fuzz_input *in, struct message_ping *m)
{
	*m = (struct message_ping){ .stream = any(in),
		.t1_us = a_span(in),
		.last = any(in),
		.waiting = any(in),
		.last_time_us = a_time(in),
		.disk_free = any(in),
		.offset_us = a_span(in),
		.bound_us = a_bound(in),
		.refused = any(in),
		.wall_us = a_span(in) };
}

static void
make_log(struct fuzz_input *in, struct message_log_reply *m)
{
	static struct wire_buffer buffers[EVENTS];
	static struct message_log_event events[EVENTS];
	static struct message_log_stream streams[MEMBERS];

	*m = (struct message_log_reply){ .request = any32(in),
		.store = any(in),
		.run = any(in),
		.events = events,
		.event_count = a_count(in, EVENTS),
		.streams = streams,
		.stream_count = a_count(in, MEMBERS) };
	for (size_t i = 0; i < m->event_count; i++) {
		struct race_event e;

		made_event(in, &e);
		buffers[i].len = 0;
		if (wire_put_event(&buffers[i], &e) < 0)
			buffers[i].len = 0;
		m->log += 1 + fuzz_below(in, 9);
		events[i] = (struct message_log_event){ m->log,
			{ any(in) | 1, 1 + fuzz_below(in, 1000) }, a_span(in),
			any(in), buffers[i].data, buffers[i].len };
	}
	for (size_t i = 0; i < m->stream_count; i++)
		streams[i] = (struct message_log_stream){ any(in) | 1,
			a_name(in), a_label(in), fuzz_byte(in) >= 128 };
}

/* One of each that has something inside. */
void
made_message(struct fuzz_input *in, struct message *m)
{
	static const enum message_type types[] = { MESSAGE_HELLO, MESSAGE_BATCH,
		MESSAGE_PING, MESSAGE_REFUSE, MESSAGE_DELTA, MESSAGE_HEARTBEAT,
		MESSAGE_SNAPSHOT_REQUEST, MESSAGE_SNAPSHOT_PAGE,
		MESSAGE_RULES_REPLY, MESSAGE_STATUS_REPLY,
		MESSAGE_UNKNOWN_REPLY, MESSAGE_LOG_REPLY };

	m->type = types[fuzz_below(in, sizeof types / sizeof types[0])];
	if (m->type == MESSAGE_HELLO)
		m->hello = (struct message_hello){ any(in) | 1, a_name(in),
			a_label(in), any(in), any(in), a_name(in), any32(in) };
	else if (m->type == MESSAGE_BATCH)
		make_batch(in, &m->batch);
	else if (m->type == MESSAGE_PING)
		make_ping(in, &m->ping);
	else if (m->type == MESSAGE_REFUSE)
		m->refuse =
		    (struct message_refuse){ (enum message_why)fuzz_below(in,
			                         6),
			    fuzz_text(in, RACE_MORE_MAX), any(in), any(in) };
	else if (m->type == MESSAGE_DELTA)
		make_delta(in, &m->delta);
	else if (m->type == MESSAGE_HEARTBEAT)
		make_heartbeat(in, &m->heartbeat);
	else if (m->type == MESSAGE_SNAPSHOT_REQUEST)
		m->snapshot_request =
		    (struct message_snapshot_request){ any32(in), a_view(in),
			    any32(in) };
	else if (m->type == MESSAGE_SNAPSHOT_PAGE)
		make_page(in, &m->snapshot_page);
	else if (m->type == MESSAGE_RULES_REPLY)
		m->rules_reply = (struct message_rules_reply){ any32(in),
			any(in), any(in), make_tables(in), a_name(in) };
	else if (m->type == MESSAGE_STATUS_REPLY)
		make_status(in, &m->status_reply);
	else if (m->type == MESSAGE_LOG_REPLY)
		make_log(in, &m->log_reply);
	else
		make_unknown(in, &m->unknown_reply);
}
