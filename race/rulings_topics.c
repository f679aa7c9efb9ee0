#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rulings_core.h"

static const struct race_decision *
decision_of(const struct item *it)
{
	return it->event->kind == RACE_DECISION ? it->event->decision : NULL;
}

/* ---- what is said of a topic ---- */

static uint32_t
add_topic(struct rulings *r, const struct topic *t)
{
	r->topics = xgrow(r->topics, &r->topics_cap, r->topics_count,
	    sizeof *r->topics);
	r->topics[r->topics_count] = *t;
	return (uint32_t)r->topics_count++;
}

static uint32_t
read_topic(struct rulings *r, struct race_id read)
{
	uint32_t mark = rulings_mark(r, read);

	if (read.seq == 0)
		return NONE;
	if (r->marks[mark].topic == NONE)
		r->marks[mark].topic = add_topic(r,
		    &(struct topic){ .about = ABOUT_READ,
		        .read = read,
		        .name = "",
		        .items = NONE,
		        .told.amendment = { false, NULL, NULL } });
	return r->marks[mark].topic;
}

/* Of all names one text, whatever is in them. */
static char *
topic_key(enum about about, const char *name, const char *more)
{
	return xasprintf("%d %zu %s %s", (int)about, strlen(name), name, more);
}

static uint32_t
find_topic(const struct rulings *r, enum about about, const char *name,
    const char *more)
{
	char *key = topic_key(about, name, more);
	uint32_t topic = strmap_get(r->topic_names, key);

	free(key);
	return topic;
}

/* Everybody is told of the one decision that holds. */
static bool
is_told_whole(enum about about)
{
	return about == ABOUT_TIME || about == ABOUT_NAME ||
	    about == ABOUT_COMPETITION || about == ABOUT_TIE;
}

/* name: lives as long as the rulings do. */
static uint32_t
named_topic(struct rulings *r, enum about about, const char *name,
    const char *more)
{
	struct topic t = { .about = about, .name = name, .items = NONE };
	uint32_t topic = find_topic(r, about, name, more);
	char *key;

	if (topic != STRMAP_NONE)
		return topic;
	if (about == ABOUT_WAVE)
		t.told.gun_us = RACE_NO_TIME;
	else if (is_told_whole(about))
		t.told.item = NONE;
	topic = add_topic(r, &t);
	key = topic_key(about, name, more);
	strmap_put(r->topic_names, key, topic);
	free(key);
	return topic;
}

static uint32_t
wave_topic(struct rulings *r, const char *wave)
{
	return named_topic(r, ABOUT_WAVE,
	    wave[0] != '\0' ? wave : r->first_wave, "");
}

static uint32_t
prize_topic(struct rulings *r, const struct race_prize *p)
{
	char place[16];

	snprintf(place, sizeof place, "%u", (unsigned)p->place);
	return named_topic(r, ABOUT_PRIZE, p->award, place);
}

/* Of two it is one matter which stands before the other. */
static uint32_t
tie_topic(struct rulings *r, const struct race_decision *d)
{
	const struct race_matter *m = d->matter;
	bool ahead = strcmp(d->text, m->subject) < 0;
	const char *first = ahead ? d->text : m->subject;
	const char *second = ahead ? m->subject : d->text;
	char *rest = xasprintf("%zu %s %zu %s %s", strlen(m->table), m->table,
	    strlen(first), first, second);
	uint32_t topic = named_topic(r, ABOUT_TIE, m->season, rest);

	free(rest);
	return topic;
}

static uint32_t
season_topic(struct rulings *r, const struct race_decision *d)
{
	const struct race_matter *m = d->matter;

	if (d->verb == RACE_NAME)
		return named_topic(r, ABOUT_NAME, d->text,
		    m != NULL ? m->team : "");
	if (d->verb == RACE_VOID_COMPETITION)
		return named_topic(r, ABOUT_COMPETITION, m->season,
		    m->competition);
	return tie_topic(r, d);
}

/* Reads that are added, entries and publications of lists are not here: each
 * stands for itself. */
static void
find_topics(struct rulings *r, const struct race_decision *d,
    uint32_t topics[TOPICS])
{
	switch (d->verb) {
	case RACE_VOID_READ:
	case RACE_MOVE_READ:
		topics[0] = read_topic(r, d->target);
		break;
	case RACE_SWAP:
		topics[0] = read_topic(r, d->target);
		topics[1] = read_topic(r, d->other_target);
		break;
	case RACE_SET_TIME:
		topics[0] = named_topic(r, ABOUT_TIME, d->bib, d->point);
		break;
	case RACE_SET_STATUS:
	case RACE_PENALTY:
	case RACE_SET_START:
		topics[0] = named_topic(r, ABOUT_BIB, d->bib, "");
		break;
	case RACE_SET_GUN:
		topics[0] = wave_topic(r, d->wave);
		break;
	case RACE_PUBLISH:
		topics[0] = named_topic(r, ABOUT_RANKING, d->ranking, "");
		break;
	case RACE_ASIDE:
		topics[0] = named_topic(r, ABOUT_PROBLEM, d->text, "");
		break;
	case RACE_NAME:
	case RACE_VOID_COMPETITION:
	case RACE_DECIDE_TIE:
		topics[0] = season_topic(r, d);
		break;
	case RACE_ADD_READ:
	case RACE_SET_ENTRY:
	case RACE_REMOVE_ENTRY:
	case RACE_PUBLISH_LIST:
	case RACE_UNDO:
	case RACE_VERB_UNSPECIFIED:
	case RACE_VERBS:
		break;
	}
}

void
topics_join(struct rulings *r, uint32_t i)
{
	const struct race_event *e = r->items[i].event;
	uint32_t topics[TOPICS] = { NONE, NONE };

	if (e->kind == RACE_GUN)
		topics[0] = wave_topic(r, e->gun.wave);
	else if (e->kind == RACE_AWARD)
		topics[0] = prize_topic(r, &e->prize);
	else
		find_topics(r, e->decision, topics);
	if (topics[1] == topics[0])
		topics[1] = NONE;
	for (size_t k = 0; k < TOPICS; k++) {
		r->items[i].topics[k] = topics[k];
		if (topics[k] != NONE)
			rulings_link(r, &r->topics[topics[k]].items, i);
	}
}

/* ---- what holds ---- */

/* Puts the later of the two into *latest; it is NULL at first. */
static bool
take_latest(const struct item **latest, const struct item *it)
{
	if (*latest != NULL && rulings_before(it, *latest))
		return false;
	*latest = it;
	return true;
}

/* Of what holds about a topic the latest; NULL: nothing does. */
static const struct item *
latest_of(const struct rulings *r, uint32_t topic)
{
	const struct item *latest = NULL;

	for (uint32_t l = r->topics[topic].items; l != NONE;
	     l = r->links[l].next) {
		const struct item *it = &r->items[r->links[l].item];

		if (it->holds)
			take_latest(&latest, it);
	}
	return latest;
}

/* To whom a decision gives a read; "": it says nothing of that. */
static const char *
bib_for(const struct race_decision *d, struct race_id read)
{
	if (d->verb == RACE_SWAP &&
	    (d->other_target.stream != read.stream ||
	        d->other_target.seq != read.seq))
		return d->other_bib;
	return d->verb == RACE_VOID_READ ? "" : d->bib;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
decide_read(struct rulings *r, struct topic *t)
{
	struct rank_amendment a = { false, NULL, NULL };
	struct rank_amendment *told = &t->told.amendment;
	const struct item *bib = NULL;
	const struct item *point = NULL;

	for (uint32_t l = t->items; l != NONE; l = r->links[l].next) {
		const struct item *it = &r->items[r->links[l].item];
		const struct race_decision *d = it->event->decision;
		const char *to = bib_for(d, t->read);

		if (!it->holds)
			continue;
		if (d->verb == RACE_VOID_READ)
			a.voided = true;
		if (to[0] != '\0' && take_latest(&bib, it))
			a.bib = to;
		if (d->verb == RACE_MOVE_READ && d->point[0] != '\0' &&
		    take_latest(&point, it))
			a.point = d->point;
	}
	if (a.voided == told->voided && same_text(a.bib, told->bib) &&
	    same_text(a.point, told->point))
		return;
	*told = a;
	if (r->ops->amend != NULL)
		r->ops->amend(r->arg, t->read,
		    a.voided || a.bib != NULL || a.point != NULL ? &a : NULL);
}

static void
tell_added(struct rulings *r, const struct item *it, bool holds)
{
	const struct race_decision *d = it->event->decision;
	struct rank_added a = {
		.bib = d->bib,
		.point = d->point,
		.time_us = d->time_us,
		.set = d->verb == RACE_SET_TIME,
	};

	if (r->ops->add != NULL)
		r->ops->add(r->arg, it->id, holds ? &a : NULL);
}

static void
decide_time(struct rulings *r, uint32_t topic)
{
	const struct item *it = latest_of(r, topic);
	uint32_t *told = &r->topics[topic].told.item;
	uint32_t i = it != NULL ? (uint32_t)(it - r->items) : NONE;

	if (i == *told)
		return;
	if (*told != NONE)
		tell_added(r, &r->items[*told], false);
	*told = i;
	if (i != NONE)
		tell_added(r, it, true);
}

static void
decide_bib(struct rulings *r, uint32_t topic)
{
	struct topic *t = &r->topics[topic];
	struct rank_ruling *told = &t->told.ruling;
	struct rank_ruling now = { 0 };
	const struct item *status = NULL;
	const struct item *start = NULL;

	for (uint32_t l = t->items; l != NONE; l = r->links[l].next) {
		const struct item *it = &r->items[r->links[l].item];
		const struct race_decision *d = it->event->decision;

		if (!it->holds)
			continue;
		if (d->verb == RACE_PENALTY)
			now.penalty_us += d->amount_us;
		else if (d->verb == RACE_SET_STATUS && take_latest(&status, it))
			now.status = d->status;
		else if (d->verb == RACE_SET_START && take_latest(&start, it))
			now.start_us = d->time_us;
	}
	if (now.status == told->status && now.penalty_us == told->penalty_us &&
	    now.start_us == told->start_us)
		return;
	*told = now;
	if (r->ops->rule != NULL)
		r->ops->rule(r->arg, t->name, &now);
}

static void
decide_wave(struct rulings *r, uint32_t topic)
{
	struct topic *t = &r->topics[topic];
	const struct item *it = latest_of(r, topic);
	int64_t gun_us = RACE_NO_TIME;

	if (it != NULL)
		gun_us = it->event->kind == RACE_GUN
		    ? it->event->gun.gun_us
		    : it->event->decision->time_us;
	if (gun_us == t->told.gun_us)
		return;
	t->told.gun_us = gun_us;
	if (r->ops->gun != NULL)
		r->ops->gun(r->arg, t->name, gun_us);
}

/* A race has nothing to do with them. */
static void
decide_season(struct rulings *r, uint32_t topic)
{
	const struct item *it = latest_of(r, topic);
	uint32_t *told = &r->topics[topic].told.item;
	uint32_t i = it != NULL ? (uint32_t)(it - r->items) : NONE;

	if (i == *told)
		return;
	if (*told != NONE && r->ops->season != NULL)
		r->ops->season(r->arg, r->items[*told].id,
		    r->items[*told].event, false);
	*told = i;
	if (i != NONE && r->ops->season != NULL)
		r->ops->season(r->arg, it->id, it->event, true);
}

static void
decide(struct rulings *r, uint32_t topic)
{
	switch (r->topics[topic].about) {
	case ABOUT_READ:
		decide_read(r, &r->topics[topic]);
		break;
	case ABOUT_TIME:
		decide_time(r, topic);
		break;
	case ABOUT_BIB:
		decide_bib(r, topic);
		break;
	case ABOUT_WAVE:
		decide_wave(r, topic);
		break;
	case ABOUT_NAME:
	case ABOUT_COMPETITION:
	case ABOUT_TIE:
		decide_season(r, topic);
		break;
	case ABOUT_RANKING:
	case ABOUT_PRIZE:
	case ABOUT_PROBLEM:
		/* Whoever shows them asks. */
		break;
	}
}

/* What stands for itself. */
static void
tell_alone(struct rulings *r, const struct item *it)
{
	const struct race_decision *d = decision_of(it);
	int64_t made_us = it->event->made_us;

	if (d == NULL)
		return;
	if (d->verb == RACE_PUBLISH_LIST && r->ops->season != NULL)
		r->ops->season(r->arg, it->id, it->event, it->holds);
	if (d->verb == RACE_ADD_READ)
		tell_added(r, it, it->holds);
	if (r->ops->entry == NULL)
		return;
	if (d->verb == RACE_REMOVE_ENTRY ||
	    (d->verb == RACE_SET_ENTRY && d->bib[0] != '\0' &&
	        strcmp(d->bib, d->entry->bib) != 0))
		r->ops->entry(r->arg, made_us, it->id, d->bib, NULL, it->holds);
	if (d->verb == RACE_SET_ENTRY)
		r->ops->entry(r->arg, made_us, it->id, d->entry->bib, d->entry,
		    it->holds);
}

/* ---- what changes ---- */

void
topics_turned(struct rulings *r, uint32_t i)
{
	const struct item *it = &r->items[i];

	for (size_t k = 0; k < TOPICS; k++) {
		uint32_t topic = it->topics[k];

		if (topic == NONE || r->topics[topic].queued)
			continue;
		r->topics[topic].queued = true;
		rulings_list(&r->changed, topic);
	}
	tell_alone(r, it);
}

void
topics_settle(struct rulings *r)
{
	for (size_t k = 0; k < r->changed.count; k++) {
		r->topics[r->changed.at[k]].queued = false;
		decide(r, r->changed.at[k]);
	}
	r->changed.count = 0;
}

/* ---- what is asked for ---- */

const char *
rulings_published(const struct rulings *r, const char *ranking,
    int64_t *since_us)
{
	uint32_t topic = find_topic(r, ABOUT_RANKING, ranking, "");
	const struct item *it;

	*since_us = RACE_NO_TIME;
	if (topic == STRMAP_NONE)
		return "";
	it = latest_of(r, topic);
	if (it == NULL)
		return "";
	*since_us = it->event->made_us;
	return it->event->decision->text;
}

const struct race_prize *
rulings_prize(const struct rulings *r, const char *award, uint32_t place)
{
	char text[16];
	uint32_t topic;
	const struct item *it = NULL;

	snprintf(text, sizeof text, "%u", (unsigned)place);
	topic = find_topic(r, ABOUT_PRIZE, award, text);
	if (topic != STRMAP_NONE)
		it = latest_of(r, topic);
	return it != NULL ? &it->event->prize : NULL;
}

uint64_t
rulings_aside(const struct rulings *r, const char *key, uint64_t facts)
{
	uint32_t topic = find_topic(r, ABOUT_PROBLEM, key, "");
	const struct item *latest = NULL;

	if (topic == STRMAP_NONE)
		return 0;
	for (uint32_t l = r->topics[topic].items; l != NONE;
	     l = r->links[l].next) {
		const struct item *it = &r->items[r->links[l].item];

		if (it->holds && it->event->decision->facts == facts)
			take_latest(&latest, it);
	}
	return latest != NULL ? (uint64_t)(latest - r->items) + 1 : 0;
}
