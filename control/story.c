#include "control/story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

#define MINUTE_US (60 * INSTANT_SECOND)
#define NIGHTS_US (INT64_C(7) * 86400 * INSTANT_SECOND)

/* Behind the time comes the zone: +02:00, -03:00 or Z. */
static char *
zone_of(char *whole)
{
	char *t = strchr(whole, 'T');

	return t + strcspn(t, "+-Z");
}

/* In the nights in which clocks are put forward or back the time of day is not
 * enough: one comes twice, and what is between two is not their difference. */
static bool
clocks_changed(const struct story *s, int64_t us, char *whole)
{
	int64_t midnight_us;
	char midnight[40];

	if (instant_local(s->date, 0, INSTANT_NONE, &midnight_us, NULL) < 0 ||
	    us < midnight_us - NIGHTS_US || us > midnight_us + NIGHTS_US)
		return false;
	instant_format(midnight, midnight_us);
	return strcmp(zone_of(midnight), zone_of(whole)) != 0;
}

char *
story_moment(char out[STORY_MOMENT], const struct story *s, int64_t us)
{
	char whole[40];
	char *t;

	instant_format(whole, us);
	t = strchr(whole, 'T');
	if (!clocks_changed(s, us, whole))
		*zone_of(whole) = '\0';
	*t = '\0';
	if (strcmp(whole, s->date) == 0)
		snprintf(out, STORY_MOMENT, "%s", t + 1);
	else
		snprintf(out, STORY_MOMENT, "%s %s", whole, t + 1);
	return out;
}

int64_t
story_told(int64_t made_us, int64_t stored_us)
{
	return made_us - stored_us > MINUTE_US ? stored_us : made_us;
}

int64_t
story_when(const struct story *s, const struct rulings_item *item)
{
	int64_t us = item->event->made_us;

	if (item->number > 0 && item->number <= s->stored_count)
		us = story_told(us, s->stored_us[item->number - 1]);
	return us - us % INSTANT_SECOND;
}

uint64_t
story_number(const struct story *s, struct race_id id)
{
	size_t count = rulings_count(s->rulings);
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		rulings_at(s->rulings, i, &item);
		if (item.id.stream == id.stream && item.id.seq == id.seq)
			return item.number;
	}
	return 0;
}

/* ---- what comes from outside ---- */

/* Whatever is told is written here first: a collector's own words, and names of
 * a log that nobody checked, may be bytes that steer a terminal. */
struct raw {
	char *text;
	size_t len;
};

static FILE *
begin_raw(struct raw *r)
{
	FILE *out;

	*r = (struct raw){ NULL, 0 };
	out = open_memstream(&r->text, &r->len);
	if (out == NULL)
		abort();
	return out;
}

static void
end_raw(struct raw *r, FILE *in, FILE *out)
{
	size_t room;
	char *shown;

	fclose(in);
	/* U+FFFD has three bytes. */
	room = 3 * r->len + 1;
	shown = xmalloc(room);
	text_fit(shown, room, r->text, SIZE_MAX, false);
	fputs(shown, out);
	free(shown);
	free(r->text);
}

/* ---- parts ---- */

/* "decision 7"; one that has not come by its name. */
static void
put_decision(FILE *out, const struct story *s, struct race_id id)
{
	uint64_t number = story_number(s, id);
	char name[NAME_MAX_PRINTED];

	if (number > 0)
		fprintf(out, "decision %" PRIu64, number);
	else
		fprintf(out, "decision %s", name_print(name, id, s->streams));
}

static void
put_moment(FILE *out, const struct story *s, int64_t us)
{
	char text[STORY_MOMENT];

	fputs(story_moment(text, s, us), out);
}

static void
put_name(FILE *out, const struct story *s, struct race_id id)
{
	char text[NAME_MAX_PRINTED];

	fputs(name_print(text, id, s->streams), out);
}

static void
put_seconds(FILE *out, int64_t us)
{
	char text[32];

	fprintf(out, "%s s", instant_seconds(text, us));
}

/* ", F" behind what is there already. */
static void
put_more(FILE *out, const char *text)
{
	if (text[0] != '\0')
		fprintf(out, ", %s", text);
}

static void
put_entry(FILE *out, const struct story *s, const struct race_entry *e)
{
	fputs(e->name[0] != '\0' ? e->name : "no name", out);
	put_more(out, e->sex);
	put_more(out, e->born);
	put_more(out, e->category);
	put_more(out, e->team);
	put_more(out, e->nation);
	if (e->wave[0] != '\0')
		fprintf(out, ", wave %s", e->wave);
	put_more(out, rules_status_name(e->status));
	if (e->start_us != 0) {
		fputs(", start ", out);
		put_moment(out, s, e->start_us);
	}
	for (size_t i = 0; i < e->chip_count; i++)
		fprintf(out, "%s%s", i == 0 ? ", chip " : ";", e->chips[i]);
}

/* ---- what was decided ---- */

static void
put_penalty(FILE *out, const struct race_decision *d)
{
	char text[32];
	int64_t us = d->amount_us;

	fprintf(out, "%s: %s of %s", d->bib, us < 0 ? "bonus" : "penalty",
	    instant_elapsed(text, us < 0 ? -us : us, false));
}

static void
put_set_entry(FILE *out, const struct story *s, const struct race_decision *d)
{
	if (d->bib[0] != '\0' && strcmp(d->bib, d->entry->bib) != 0)
		fprintf(out, "entry %s becomes %s: ", d->bib, d->entry->bib);
	else
		fprintf(out, "entry %s: ", d->entry->bib);
	put_entry(out, s, d->entry);
}

static void
put_move(FILE *out, const struct story *s, const struct race_decision *d)
{
	fputs("crossing ", out);
	put_name(out, s, d->target);
	if (d->bib[0] != '\0')
		fprintf(out, " is %s", d->bib);
	if (d->point[0] != '\0')
		fprintf(out, "%s at %s", d->bib[0] != '\0' ? "" : " is",
		    d->point);
}

static void
put_swap(FILE *out, const struct story *s, const struct race_decision *d)
{
	fprintf(out, "%s and %s swapped: crossing ", d->bib, d->other_bib);
	put_name(out, s, d->target);
	fprintf(out, " is %s, ", d->other_bib);
	put_name(out, s, d->other_target);
	fprintf(out, " is %s", d->bib);
}

static void
put_gun(FILE *out, const struct story *s, const char *wave, int64_t gun_us)
{
	if (wave[0] != '\0')
		fprintf(out, "gun of %s at ", wave);
	else
		fputs("gun at ", out);
	put_moment(out, s, gun_us);
}

/* The crossing that was chosen as the gun, if one was. */
static void
put_taken_from(FILE *out, const struct story *s, struct race_id read)
{
	if (read.seq == 0)
		return;
	fputs(", taken from crossing ", out);
	put_name(out, s, read);
}

static void
put_start(FILE *out, const struct story *s, const struct race_decision *d)
{
	if (d->time_us == 0) {
		fprintf(out, "%s: no start of his own", d->bib);
		return;
	}
	fprintf(out, "%s: start at ", d->bib);
	put_moment(out, s, d->time_us);
}

static void
put_status(FILE *out, const struct race_decision *d)
{
	const char *status = rules_status_name(d->status);

	fprintf(out, "%s: %s", d->bib,
	    status[0] != '\0' ? status : "status as entered");
}

/* "general 2014: A before B" of equals. */
static void
put_tie(FILE *out, const struct race_decision *d)
{
	fprintf(out, "%s %s: of equals %s before %s", d->matter->season,
	    d->matter->table, d->text, d->matter->subject);
}

static void
put_named(FILE *out, const struct race_decision *d)
{
	const struct race_matter *m = d->matter;

	fputs(d->text, out);
	if (m != NULL && m->team[0] != '\0')
		fprintf(out, " of %s", m->team);
	if (m != NULL && m->subject[0] != '\0')
		fprintf(out, " is %s", m->subject);
	else
		fputs(" is somebody of its own", out);
}

static void
put_published(FILE *out, const struct race_decision *d)
{
	const struct race_matter *m = d->matter;

	if (m != NULL && m->competition[0] != '\0')
		fprintf(out, "%s ", m->competition);
	if (m != NULL && m->season[0] != '\0')
		fprintf(out, "%s ", m->season);
	fprintf(out, "published: %s", d->text);
}

static void
put_of_season(FILE *out, const struct race_decision *d)
{
	if (d->verb == RACE_NAME)
		put_named(out, d);
	else if (d->verb == RACE_VOID_COMPETITION)
		fprintf(out, "%s %s is void", d->matter->competition,
		    d->matter->season);
	else if (d->verb == RACE_DECIDE_TIE)
		put_tie(out, d);
	else
		put_published(out, d);
}

static void
put_decided(FILE *out, const struct story *s, const struct race_decision *d)
{
	switch (d->verb) {
	case RACE_VERB_UNSPECIFIED:
	case RACE_VERBS:
		fputs("something that only a newer palmares knows", out);
		break;
	case RACE_UNDO:
		put_decision(out, s, d->target);
		fputs(" undone", out);
		break;
	case RACE_ADD_READ:
		fprintf(out, "%s at %s added, at ", d->bib, d->point);
		put_moment(out, s, d->time_us);
		break;
	case RACE_VOID_READ:
		fputs("crossing ", out);
		put_name(out, s, d->target);
		fputs(" is no read", out);
		break;
	case RACE_MOVE_READ:
		put_move(out, s, d);
		break;
	case RACE_SET_STATUS:
		put_status(out, d);
		break;
	case RACE_SET_TIME:
		fprintf(out, "%s at %s: time set to ", d->bib, d->point);
		put_moment(out, s, d->time_us);
		break;
	case RACE_PENALTY:
		put_penalty(out, d);
		break;
	case RACE_SWAP:
		put_swap(out, s, d);
		break;
	case RACE_SET_ENTRY:
		put_set_entry(out, s, d);
		break;
	case RACE_SET_GUN:
		put_gun(out, s, d->wave, d->time_us);
		put_taken_from(out, s, d->target);
		break;
	case RACE_PUBLISH:
		fprintf(out, "%s is %s", d->ranking, d->text);
		break;
	case RACE_SET_START:
		put_start(out, s, d);
		break;
	case RACE_REMOVE_ENTRY:
		fprintf(out, "entry %s removed", d->bib);
		break;
	case RACE_ASIDE:
		fprintf(out, "problem %s set aside", d->text);
		break;
	case RACE_NAME:
	case RACE_VOID_COMPETITION:
	case RACE_DECIDE_TIE:
	case RACE_PUBLISH_LIST:
		put_of_season(out, d);
		break;
	}
	if (d->replaces.seq > 0) {
		fputs(", instead of ", out);
		put_decision(out, s, d->replaces);
	}
}

static void
put_prize(FILE *out, const struct race_prize *p)
{
	fprintf(out, "prize %s, place %" PRIu32 ":", p->award, p->place);
	if (p->holder[0] != '\0')
		fprintf(out, " goes to %s", p->holder);
	else
		fputs(" stays with who has won it", out);
	if (p->collected)
		fputs(", collected", out);
}

static void
put_any_decided(FILE *out, const struct story *s, const struct race_event *e)
{
	if (e->kind == RACE_DECISION)
		put_decided(out, s, e->decision);
	else if (e->kind == RACE_AWARD)
		put_prize(out, &e->prize);
	else if (e->kind == RACE_GUN)
		put_gun(out, s, e->gun.wave, e->gun.gun_us);
}

void
story_decided(FILE *out, const struct story *s, const struct race_event *e)
{
	struct raw raw;
	FILE *in = begin_raw(&raw);

	put_any_decided(in, s, e);
	end_raw(&raw, in, out);
}

const char *
story_by(const struct story *s, struct race_id id, const struct race_event *e)
{
	const char *by = "";

	if (e->kind == RACE_DECISION)
		by = e->decision->by;
	else if (e->kind == RACE_AWARD)
		by = e->prize.by;
	/* Streams of operators are named after them. */
	return by[0] != '\0' ? by : name_of(s->streams, id.stream);
}

const char *
story_reason(const struct race_event *e)
{
	if (e->kind == RACE_DECISION)
		return e->decision->reason;
	return e->kind == RACE_AWARD ? e->prize.note : "";
}

/* ---- any event ---- */

static void
put_clock(FILE *out, const struct race_crossing *c)
{
	switch (c->clock) {
	case RACE_CLOCK_UNSPECIFIED:
	case RACE_CLOCK_FILE:
		break;
	case RACE_CLOCK_READER:
		fputs(", reader's clock", out);
		break;
	case RACE_CLOCK_LAPTOP:
		if (c->bound_us == 0) {
			fputs(", clock not measured", out);
			break;
		}
		fputs(", clock ", out);
		put_seconds(out, c->offset_us);
		fputs(" behind, within ", out);
		put_seconds(out, c->bound_us);
		break;
	}
}

static void
put_flags(FILE *out, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *words;
	} all[] = {
		{ RACE_FLAG_LISTED, ", listed" },
		{ RACE_FLAG_UNKNOWN_POINT, ", unknown point" },
		{ RACE_FLAG_UNKNOWN_BIB, ", unknown bib" },
		{ RACE_FLAG_UNKNOWN_CHIP, ", unknown chip" },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if ((flags & all[i].flag) != 0)
			fputs(all[i].words, out);
}

static void
put_crossing(FILE *out, const struct race_crossing *c)
{
	if (c->bib[0] != '\0')
		fputs(c->bib, out);
	else
		fputs(c->chip[0] != '\0' ? "chip" : "nobody", out);
	if (c->chip[0] != '\0')
		fprintf(out, c->bib[0] != '\0' ? " (chip %s)" : " %s", c->chip);
	fprintf(out, " at %s", c->point[0] != '\0' ? c->point : "no point");
	put_clock(out, c);
	put_flags(out, c->flags);
	put_more(out, c->source);
}

static void
put_estimate(FILE *out, const struct race_clock_estimate *c)
{
	fprintf(out, "clock %" PRIu32 " measured, within ", c->clock_epoch);
	put_seconds(out, c->bound_us);
	fprintf(out, ", drift %" PRId64 " ppb, within %" PRId64 " ppb",
	    c->drift_ppb, c->drift_bound_ppb);
}

static void
put_count(FILE *out, size_t count, const char *what)
{
	fprintf(out, ", %zu %s%s", count, what, count == 1 ? "" : "s");
}

static void
put_rules(FILE *out, const struct race_rules *r)
{
	fprintf(out, "rules: %s, %s", r->title, r->date);
	put_count(out, r->point_count, "point");
	put_count(out, r->wave_count, "wave");
	put_count(out, r->ranking_count, "ranking");
	put_count(out, r->award_count, "award");
}

static void
put_ruling(FILE *out, const struct story *s, struct race_id id,
    const struct race_event *e)
{
	uint64_t number = story_number(s, id);
	const char *reason = story_reason(e);

	/* Told before it is applied, it is the next one. */
	if (number == 0)
		number = rulings_count(s->rulings) + 1;
	fprintf(out, "decision %" PRIu64 " by %s: ", number,
	    story_by(s, id, e));
	put_any_decided(out, s, e);
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
}

/* "2014, Podium, Grand prix: 1 Nespresso". */
static void
put_listed(FILE *out, const struct race_listed *l)
{
	const struct season_result *r = &l->result;

	fprintf(out, "%s, %s%s%s: ", r->season, r->competition,
	    r->award[0] != '\0' ? ", " : "", r->award);
	if (r->place > 0)
		fprintf(out, "%" PRIu32 " ", r->place);
	fputs(r->recipient, out);
}

static void
put_part(FILE *out, const struct season_part *p)
{
	fprintf(out, "file %s: ", p->name);
	if (p->parts > 1)
		fprintf(out, "part %" PRIu32 " of %" PRIu32 ", ", p->part + 1,
		    p->parts);
	fprintf(out, "%zu bytes", p->len);
}

/* Of the recording of a season. */
static void
put_season(FILE *out, const struct race_event *e)
{
	if (e->kind == RACE_SEASON_FILE)
		put_part(out, &e->part);
	else if (e->kind == RACE_SEASON_FILE_GONE)
		fprintf(out, "file %s: gone", e->file_gone);
	else if (e->kind == RACE_SEASON_GIVEN)
		fprintf(out, "%s, %s: %s", e->given.season,
		    e->given.competition,
		    e->given.live ? "as if it ended now" : "published");
	else
		fprintf(out,
		    "the season is what stands above, with %" PRIu64
		    " event%s of season.db",
		    e->moment.events, e->moment.events == 1 ? "" : "s");
}

static void
put_event(FILE *out, const struct story *s, struct race_id id,
    const struct race_event *e)
{
	struct race_id about = { .stream = id.stream };

	switch (e->kind) {
	case RACE_EVENT_UNKNOWN:
		fputs("something that only a newer palmares can read", out);
		break;
	case RACE_CROSSING:
		put_crossing(out, &e->crossing);
		break;
	case RACE_VOID:
		about.seq = e->void_seq;
		put_name(out, s, about);
		fputs(" taken back", out);
		break;
	case RACE_FILL_IN:
		about.seq = e->fill_in.seq;
		put_name(out, s, about);
		fprintf(out, " is %s", e->fill_in.bib);
		break;
	case RACE_CLOCK:
		put_estimate(out, &e->clock);
		break;
	case RACE_RULES:
		put_rules(out, e->rules);
		break;
	case RACE_ENTRY:
		fprintf(out, "entry %s: ", e->entry.bib);
		put_entry(out, s, &e->entry);
		break;
	case RACE_ENTRY_GONE:
		fprintf(out, "entry %s removed", e->entry_gone);
		break;
	case RACE_GUN:
	case RACE_DECISION:
	case RACE_AWARD:
		put_ruling(out, s, id, e);
		break;
	case RACE_RESULT:
		put_listed(out, &e->listed);
		break;
	case RACE_RESULT_GONE:
		fprintf(out, "line %016" PRIx64 " of an award list gone",
		    e->result_gone);
		break;
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		put_season(out, e);
		break;
	}
}

void
story_event(FILE *out, const struct story *s, struct race_id id,
    const struct race_event *e)
{
	struct raw raw;
	FILE *in = begin_raw(&raw);

	put_event(in, s, id, e);
	end_raw(&raw, in, out);
}
