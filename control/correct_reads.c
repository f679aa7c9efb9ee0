/* time, add, void, move and swap: crossings, and those that there should have
 * been. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/terms.h"
#include "race/rules.h"
#include "race/rulings.h"

/* Two that are further apart are no photo finish. */
#define PHOTO_US (5 * INSTANT_SECOND)

/* ---- a time that nobody took ---- */

struct passage {
	const struct race_entry *entry;
	const char *point;
	int at; /* index */
	int64_t time_us;
};

static bool
is_start(const struct race_rules *rules, int point)
{
	return point == 0 && rules_has_start(rules);
}

static int
check_after_start(struct correct *c, const struct passage *p, struct err *err)
{
	struct rank_start start;
	char at[STORY_MOMENT];
	char gun[STORY_MOMENT];

	if (is_start(c->job->book->rules, p->at) ||
	    !rank_start(c->job->book->rank, p->entry->bib, &start) ||
	    start.gun_us == RACE_NO_TIME || p->time_us >= start.gun_us)
		return 0;
	return err_set(err, -EINVAL, "%s at %s is before the start of %s at %s",
	    story_moment(at, &c->story, p->time_us), p->point, p->entry->bib,
	    story_moment(gun, &c->story, start.gun_us));
}

/* ---- times that run backwards ---- */

static bool
is_counting(const struct rank_read *r)
{
	return r->point >= 0 && (r->why == RANK_COUNTS || r->why == RANK_SET);
}

/* Whether a moment at a point and a read of another one cannot be: who is
 * further on was there later. */
static bool
is_backwards(const struct race_rules *rules, int point, int64_t time_us,
    const struct rank_read *r)
{
	uint32_t here = rules->points[point].metres;
	uint32_t there = rules->points[r->point].metres;

	return (there < here && r->time_us > time_us) ||
	    (there > here && r->time_us < time_us);
}

/* Whether what counts there now cannot be either: nobody who mends one of two
 * wrong times is kept from it by the other. */
static bool
was_backwards(const struct race_rules *rules, const struct rank_read *reads,
    size_t count, int point, const struct rank_read *r)
{
	for (size_t i = 0; i < count; i++)
		if (is_counting(&reads[i]) && reads[i].point == point &&
		    is_backwards(rules, point, reads[i].time_us, r))
			return true;
	return false;
}

static int
refuse_backwards(struct correct *c, const struct passage *p,
    const struct rank_read *r, struct err *err)
{
	const char *there = c->job->book->rules->points[r->point].name;
	char name[NAME_MAX_PRINTED];
	char at[STORY_MOMENT];
	char other[STORY_MOMENT];
	char *help = r->added
	    ? xstrdup("")
	    : xasprintf("; palmares void %s takes it out if it is not his",
	          name_print(name, r->id, c->job->streams));

	err_set(err, -EINVAL,
	    "%s would be at %s at %s, %s %s at %s: if that is the wrong one, "
	    "palmares time %s %s sets it first%s",
	    p->entry->bib, p->point, story_moment(at, &c->story, p->time_us),
	    r->time_us < p->time_us ? "after" : "before", there,
	    story_moment(other, &c->story, r->time_us), p->entry->bib, there,
	    help);
	free(help);
	return -EINVAL;
}

static int
check_order(struct correct *c, const struct passage *p, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, p->entry->bib, &reads);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (is_counting(&reads[i]) &&
		    is_backwards(rules, p->at, p->time_us, &reads[i]) &&
		    !was_backwards(rules, reads, count, p->at, &reads[i]))
			rc = refuse_backwards(c, p, &reads[i], err);
	free(reads);
	return rc;
}

static int
parse_passage(struct correct *c, char *const *words, size_t count,
    const char *verb, struct passage *out, struct err *err)
{
	struct passage p = { 0 };

	if (count != 3) {
		err_set(err, -EINVAL,
		    "%s: a bib, a point and a time, as in %s 124 arrivee "
		    "10:31:05.2",
		    verb, verb);
		return -EINVAL;
	}
	if (terms_bib(c, words[0], &p.entry, err) < 0 ||
	    terms_point(c, words[1], &p.at, err) < 0 ||
	    terms_moment(c, words[2], p.entry->bib, &p.time_us, err) < 0)
		return -EINVAL;
	p.point = c->job->book->rules->points[p.at].name;
	if (check_after_start(c, &p, err) < 0 || check_order(c, &p, err) < 0)
		return -EINVAL;
	*out = p;
	return 0;
}

/* Whether he has a read there at that time; counting: one that counts. */
static bool
has_read(struct correct *c, const struct passage *p, bool counting)
{
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, p->entry->bib, &reads);
	bool found = false;

	for (size_t i = 0; i < count; i++)
		if (reads[i].point == p->at && reads[i].time_us == p->time_us &&
		    (reads[i].why == RANK_COUNTS || reads[i].why == RANK_SET ||
		        (!counting && reads[i].added)))
			found = true;
	free(reads);
	return found;
}

/* Of several there the first counts. */
static void
note_earlier(struct correct *c, const struct passage *p)
{
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, p->entry->bib, &reads);
	char at[STORY_MOMENT];

	for (size_t i = 0; i < count; i++)
		if (reads[i].point == p->at &&
		    !is_start(c->job->book->rules, p->at) &&
		    (reads[i].why == RANK_SET ||
		        (reads[i].why == RANK_COUNTS &&
		            reads[i].time_us < p->time_us)))
			correct_note(c,
			    "%s has %s at %s, which counts: palmares time "
			    "sets another",
			    p->entry->bib,
			    story_moment(at, &c->story, reads[i].time_us),
			    p->point);
	free(reads);
}

static int
decide_passage(struct correct *c, const struct passage *p, enum race_verb verb)
{
	const struct race_decision d = { .verb = verb,
		.bib = p->entry->bib,
		.point = p->point,
		.time_us = p->time_us };
	char at[STORY_MOMENT];

	if (has_read(c, p, verb == RACE_SET_TIME)) {
		correct_note(c, "%s has %s at %s already", p->entry->bib,
		    story_moment(at, &c->story, p->time_us), p->point);
		return 0;
	}
	if (verb == RACE_ADD_READ)
		note_earlier(c, p);
	correct_decide(c, &d);
	return 0;
}

int
correct_time(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct passage p = { 0 };

	if (parse_passage(c, words, count, "time", &p, err) < 0)
		return -EINVAL;
	return decide_passage(c, &p, RACE_SET_TIME);
}

int
correct_add(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct passage p = { 0 };

	if (parse_passage(c, words, count, "add", &p, err) < 0)
		return -EINVAL;
	return decide_passage(c, &p, RACE_ADD_READ);
}

/* ---- crossings ---- */

static bool
is_decided_here(const struct correct *c, size_t from, struct race_id read)
{
	for (size_t i = from; i < c->count; i++) {
		const struct race_decision *d = c->events[i].event.decision;

		if (d->target.stream == read.stream &&
		    d->target.seq == read.seq)
			return true;
	}
	return false;
}

/* Crossings of one station, from first to last. */
struct range {
	struct race_id first;
	uint64_t last;
};

/* "arrivee:7", or "arrivee:7-19", of which both have come. */
static int
parse_range(struct correct *c, const char *word, struct range *out,
    struct err *err)
{
	const char *colon = strrchr(word, ':');
	const char *dash = colon != NULL ? strchr(colon, '-') : NULL;
	struct rank_crossing crossing;
	struct race_id last;
	char *head;
	char *tail;
	int rc;

	if (dash == NULL) {
		rc = terms_read(c, word, &out->first, &crossing, err);
		out->last = out->first.seq;
		return rc;
	}
	head = xstrndup(word, (size_t)(dash - word));
	tail = xasprintf("%.*s%s", (int)(colon + 1 - word), word, dash + 1);
	rc = terms_read(c, head, &out->first, &crossing, err);
	if (rc == 0)
		rc = terms_read(c, tail, &last, &crossing, err);
	if (rc == 0 && last.seq < out->first.seq)
		rc = err_set(err, -EINVAL,
		    "crossings %s: the lower number comes first", word);
	if (rc == 0)
		out->last = last.seq;
	free(head);
	free(tail);
	return rc;
}

static void
void_one(struct correct *c, struct race_id id, size_t from)
{
	const struct race_decision d = { .verb = RACE_VOID_READ, .target = id };
	struct rank_crossing crossing;
	char name[NAME_MAX_PRINTED];

	/* A clock that was measured, a read that was taken back ... */
	if (!rank_find(c->job->book->rank, id, &crossing))
		return;
	if (crossing.bib[0] != '\0')
		correct_concerns(c, crossing.bib);
	if (crossing.voided)
		correct_note(c, "crossing %s is no read already%s",
		    name_print(name, id, c->job->streams),
		    crossing.dismissed ? "" : ": its station took it back");
	else if (!is_decided_here(c, from, id))
		correct_decide(c, &d);
}

/* Whether the gun of d's wave is as d says, by a crossing that this command
 * voids. */
static bool
is_gun_of_voided(const struct correct *c, size_t from,
    const struct rulings_item *item)
{
	const struct race_decision *d = item->event->decision;
	const struct book *b = c->job->book;
	int wave;

	if (!item->holds || item->event->kind != RACE_DECISION ||
	    d->verb != RACE_SET_GUN || !is_decided_here(c, from, d->target))
		return false;
	wave = rules_wave(b->rules, d->wave);
	return wave >= 0 && rank_wave_gun(b->rank, (size_t)wave) == d->time_us;
}

/* A gun keeps its time, whatever becomes of the crossing that it was taken
 * from. */
static void
note_guns(struct correct *c, size_t from)
{
	const struct rulings *rulings = c->job->book->rulings;
	char name[NAME_MAX_PRINTED];
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		const struct race_decision *d;

		rulings_at(rulings, i, &item);
		if (!is_gun_of_voided(c, from, &item))
			continue;
		d = item.event->decision;
		correct_note(c,
		    "the gun of %s was taken from %s, and stays as it is: "
		    "palmares gun sets another one, palmares undo %" PRIu64
		    " brings the one before back",
		    d->wave, name_print(name, d->target, c->job->streams),
		    item.number);
	}
}

int
correct_void(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct range range = { .last = 0 };
	size_t from = c->count;

	if (count == 0)
		return err_set(err, -EINVAL,
		    "void: which crossing? palmares reads shows their names");
	for (size_t i = 0; i < count; i++)
		if (parse_range(c, words[i], &range, err) < 0)
			return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		(void)parse_range(c, words[i], &range, err);
		for (; range.first.seq <= range.last; range.first.seq++)
			void_one(c, range.first, from);
	}
	note_guns(c, from);
	return 0;
}

/* bib=B or point=P */
static bool
is_target(const char *word)
{
	return strncmp(word, "bib=", 4) == 0 || strncmp(word, "point=", 6) == 0;
}

static int
parse_target(struct correct *c, const char *word, struct race_decision *d,
    int *point, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	const struct race_entry *e;

	if (word[0] == 'b') {
		if (d->bib[0] != '\0')
			return err_set(err, -EINVAL,
			    "move: %s: it can be of one bib only",
			    text_quote(q, word));
		if (terms_bib(c, word + 4, &e, err) < 0)
			return -EINVAL;
		d->bib = e->bib;
		return 0;
	}
	if (d->point[0] != '\0')
		return err_set(err, -EINVAL,
		    "move: %s: it can be at one point only",
		    text_quote(q, word));
	if (terms_point(c, word + 6, point, err) < 0)
		return -EINVAL;
	d->point = c->job->book->rules->points[*point].name;
	return 0;
}

static bool
is_there(const struct rank_crossing *crossing, const struct race_decision *d,
    int point)
{
	return (d->bib[0] == '\0' || strcmp(crossing->bib, d->bib) == 0) &&
	    (d->point[0] == '\0' || crossing->point == point);
}

static void
move_one(struct correct *c, const struct race_decision *d, int point)
{
	struct rank_crossing crossing;
	char name[NAME_MAX_PRINTED];

	/* A clock that was measured, a read that was taken back ... */
	if (!rank_find(c->job->book->rank, d->target, &crossing))
		return;
	if (crossing.bib[0] != '\0')
		correct_concerns(c, crossing.bib);
	name_print(name, d->target, c->job->streams);
	if (is_there(&crossing, d, point)) {
		correct_note(c, "crossing %s is %s%s%s already", name, d->bib,
		    d->point[0] != '\0' ? " at " : "", d->point);
		return;
	}
	if (crossing.voided)
		correct_note(c,
		    "crossing %s is no read: it has no effect before that is "
		    "undone",
		    name);
	correct_decide(c, d);
}

/* The words that say where to, and how many name crossings. */
static int
parse_targets(struct correct *c, char *const *words, size_t count,
    struct race_decision *d, int *point, struct err *err)
{
	struct range range;
	char q[TEXT_QUOTE_MAX];
	int reads = 0;

	for (size_t i = 0; i < count; i++) {
		int rc;

		if (!is_target(words[i]) && strchr(words[i], '=') != NULL &&
		    strchr(words[i], ':') == NULL)
			return err_set(err, -EINVAL,
			    "move: %s: bib=BIB or point=POINT",
			    text_quote(q, words[i]));
		rc = is_target(words[i])
		    ? parse_target(c, words[i], d, point, err)
		    : parse_range(c, words[i], &range, err);
		if (rc < 0)
			return rc;
		reads += !is_target(words[i]);
	}
	return reads;
}

int
correct_move(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct race_decision d = { .verb = RACE_MOVE_READ,
		.bib = "",
		.point = "" };
	struct range range = { .last = 0 };
	size_t from = c->count;
	int point = -1;
	int reads = parse_targets(c, words, count, &d, &point, err);

	if (reads < 0)
		return -EINVAL;
	if (reads == 0 || (d.bib[0] == '\0' && d.point[0] == '\0'))
		return err_set(err, -EINVAL,
		    "move: a crossing, or several, and where they belong: "
		    "bib=BIB or point=POINT, as in move arrivee:33 bib=124");
	for (size_t i = 0; i < count; i++) {
		if (is_target(words[i]))
			continue;
		(void)parse_range(c, words[i], &range, err);
		for (; range.first.seq <= range.last; range.first.seq++) {
			d.target = range.first;
			if (!is_decided_here(c, from, d.target))
				move_one(c, &d, point);
		}
	}
	return 0;
}

/* ---- a photo finish ---- */

/* The read that counts for him there. */
static int
counting_read(struct correct *c, const char *bib, int point,
    struct rank_read *out, struct err *err)
{
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, bib, &reads);
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (reads[i].point != point ||
		    (reads[i].why != RANK_COUNTS && reads[i].why != RANK_SET))
			continue;
		*out = reads[i];
		found = true;
	}
	free(reads);
	if (found)
		return 0;
	err_set(err, -EINVAL,
	    "swap: no crossing of %s counts at %s: palmares reads %s", bib,
	    c->job->book->rules->points[point].name, bib);
	return -EINVAL;
}

static int
check_photo(struct correct *c, const struct rank_read *a,
    const struct rank_read *b, struct err *err)
{
	int64_t apart_us = a->time_us - b->time_us;
	char text[32];

	if (apart_us < 0)
		apart_us = -apart_us;
	if (apart_us <= PHOTO_US || c->job->sure)
		return 0;
	return err_set(err, -EINVAL,
	    "swap: they are %s s apart, more than a photo finish: --yes if it "
	    "is meant, palmares move if a crossing is somebody else's",
	    instant_seconds(text, apart_us));
}

/* Whether one of his other reads there would count before that of the other. */
static bool
is_spoilt(struct correct *c, const char *bib, const struct rank_read *counting,
    const struct rank_read *other)
{
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, bib, &reads);
	bool start = is_start(c->job->book->rules, counting->point);
	bool spoilt = false;

	for (size_t i = 0; i < count; i++) {
		const struct rank_read *r = &reads[i];
		bool usable = r->why == RANK_OVERRULED ||
		    r->why == RANK_NOT_FIRST || r->why == RANK_REPEAT ||
		    r->why == RANK_NOT_LAST || r->why == RANK_BACKUP;

		if (usable && r->point == counting->point &&
		    (start ? r->time_us > other->time_us
		           : r->time_us < other->time_us))
			spoilt = true;
	}
	free(reads);
	return spoilt;
}

/* The times themselves, whatever else was read of either. */
static void
set_both(struct correct *c, const struct race_decision *swap,
    const struct rank_read *first, const struct rank_read *second)
{
	struct race_decision d = { .verb = RACE_SET_TIME };

	d.point = c->job->book->rules->points[first->point].name;
	d.bib = swap->bib;
	d.time_us = second->time_us;
	correct_decide(c, &d);
	d.bib = swap->other_bib;
	d.time_us = first->time_us;
	correct_decide(c, &d);
}

int
correct_swap(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	int point = (int)rules->point_count - 1;
	const struct race_entry *a;
	const struct race_entry *b;
	struct rank_read first;
	struct rank_read second;
	struct race_decision d = { .verb = RACE_SWAP };

	if (count != 2 && count != 3)
		return err_set(err, -EINVAL,
		    "swap: two bibs, and a point if it is not the last");
	if (terms_bib(c, words[0], &a, err) < 0 ||
	    terms_bib(c, words[1], &b, err) < 0 ||
	    (count == 3 && terms_point(c, words[2], &point, err) < 0))
		return -EINVAL;
	if (a == b)
		return err_set(err, -EINVAL, "swap: %s with himself?", a->bib);
	if (point < 0)
		return err_set(err, -EINVAL, "swap: this race has no points");
	if (counting_read(c, a->bib, point, &first, err) < 0 ||
	    counting_read(c, b->bib, point, &second, err) < 0 ||
	    check_photo(c, &first, &second, err) < 0)
		return -EINVAL;
	d.target = first.id;
	d.bib = a->bib;
	d.other_target = second.id;
	d.other_bib = b->bib;
	if (is_spoilt(c, a->bib, &first, &second) ||
	    is_spoilt(c, b->bib, &second, &first))
		set_both(c, &d, &first, &second);
	else
		correct_decide(c, &d);
	return 0;
}
