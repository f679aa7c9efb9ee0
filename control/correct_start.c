/* gun and start: from when a time is counted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/terms.h"

/* 10:05, of which no crossing is called: no station is a number, as a rule. */
static bool
is_time_like(const char *word)
{
	return word[strspn(word, "0123456789:.,")] == '\0';
}

/* Not 1005, 93000 or 7, which somebody in a hurry types for a time: only what
 * can be nothing but the number of a crossing in the log. */
static bool
is_log_number(const char *word)
{
	size_t len = strlen(word);
	unsigned hours;
	unsigned minutes = 0;
	unsigned seconds = 0;
	unsigned value;

	if (strspn(word, "0123456789") < len || len == 0)
		return false;
	if (len > 6)
		return true;
	value = (unsigned)strtoul(word, NULL, 10);
	if (len > 4) {
		seconds = value % 100;
		value /= 100;
	}
	if (len > 2) {
		minutes = value % 100;
		value /= 100;
	}
	hours = value;
	return hours > 23 || minutes > 59 || seconds > 59;
}

/* Whether a crossing is meant, be it there or not. */
static bool
is_read(const struct correct *c, const char *word)
{
	struct race_id id;
	int rc;

	if (strchr(word, ':') == NULL && !is_log_number(word))
		return false;
	rc = name_parse(word, c->job->streams, &id, NULL);
	return rc == 0 || (rc != -EINVAL && !is_time_like(word));
}

/* A time of day: on the race's date, but for a gun at midnight, which is put
 * right by minutes and not by a day.  Any further from the gun that there was a
 * wrong one is put right: then the date is what is known. */
static int
gun_of_clock(struct correct *c, const char *word, int64_t clock_us,
    int64_t was_us, int64_t *out, struct err *err)
{
	const int64_t near_us = INT64_C(2) * 3600 * INSTANT_SECOND;
	int64_t us;

	if (was_us == RACE_NO_TIME ||
	    instant_near(clock_us, was_us, &us, NULL) < 0 ||
	    us < was_us - near_us || us > was_us + near_us)
		return terms_moment(c, word, NULL, out, err);
	*out = us;
	return 0;
}

/* "now", a moment, or a crossing that is chosen as the gun, which is kept as
 * the target. */
static int
gun_moment(struct correct *c, const char *word, int64_t was_us,
    struct race_decision *d, struct err *err)
{
	enum instant_form form;
	struct rank_crossing crossing;
	struct race_id id;
	int64_t us;
	struct err why;

	if (strcmp(word, "now") == 0) {
		d->time_us = c->job->now_us;
		return 0;
	}
	if (word[0] == '+' || instant_parse(word, &form, &us, &why) == 0)
		return word[0] != '+' && form == INSTANT_CLOCK
		    ? gun_of_clock(c, word, us, was_us, &d->time_us, err)
		    : terms_moment(c, word, NULL, &d->time_us, err);
	if (!is_read(c, word))
		return err_set(err, -EINVAL,
		    "gun %s: a time of day (10:00:05), now, or a crossing "
		    "(depart:1): %s",
		    word, why.text);
	if (terms_read(c, word, &id, &crossing, err) < 0)
		return -EINVAL;
	d->time_us = crossing.time_us;
	d->target = id;
	return 0;
}

/* A read away from the start that counts, before that moment and not before
 * what the start was. */
static bool
is_overtaken(const struct race_rules *rules, const struct rank_read *r,
    int64_t was_us, int64_t time_us)
{
	return r->point >= 0 && rules->points[r->point].metres > 0 &&
	    (r->why == RANK_COUNTS || r->why == RANK_SET) &&
	    r->time_us >= was_us && r->time_us < time_us;
}

/* How many of a wave were on their way before its gun would be fired. */
static size_t
count_overtaken(struct correct *c, int wave, int64_t was_us, int64_t time_us)
{
	const struct book *b = c->job->book;
	size_t slots = roster_slots(b->roster);
	size_t total = 0;

	for (size_t i = 0; i < slots; i++) {
		struct rank_start start;
		struct rank_read *reads;
		const char *bib;
		size_t count;
		bool any = false;

		if (roster_at(b->roster, i, &bib) == NULL ||
		    !rank_start(b->rank, bib, &start) || start.own ||
		    start.wave != wave)
			continue;
		count = rank_own_reads(b->rank, bib, &reads);
		for (size_t k = 0; k < count; k++)
			any = any ||
			    is_overtaken(b->rules, &reads[k], was_us, time_us);
		free(reads);
		total += any;
	}
	return total;
}

/* A gun that is moved behind what was read since. */
static void
note_overtaken(struct correct *c, int wave, int64_t was_us, int64_t time_us)
{
	char text[STORY_MOMENT];
	size_t count;

	if (was_us == RACE_NO_TIME || time_us <= was_us)
		return;
	count = count_overtaken(c, wave, was_us, time_us);
	if (count > 0)
		correct_note(c,
		    "%zu of that wave %s read on the course before %s: "
		    "what was read then counts no more",
		    count, count == 1 ? "was" : "were",
		    story_moment(text, &c->story, time_us));
}

int
correct_gun(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	struct race_decision d = { .verb = RACE_SET_GUN };
	char text[STORY_MOMENT];
	int64_t was_us;
	int wave;

	if (count != 1 && count != 2)
		return err_set(err, -EINVAL,
		    "gun: a wave and a time, now or a crossing, as in gun %s "
		    "10:00:05",
		    rules->wave_count > 0 ? rules->waves[0].name : "WAVE");
	if (terms_wave(c, count == 2 ? words[0] : "", &wave, err) < 0)
		return -EINVAL;
	d.wave = rules->waves[wave].name;
	was_us = rank_wave_gun(c->job->book->rank, (size_t)wave);
	if (gun_moment(c, words[count - 1], was_us, &d, err) < 0)
		return -EINVAL;
	if (was_us == d.time_us) {
		correct_note(c, "the gun of %s is at %s already", d.wave,
		    story_moment(text, &c->story, was_us));
		return 0;
	}
	/* A race that begins does not wait for words. */
	if (was_us == RACE_NO_TIME)
		c->unreasoned = true;
	else
		correct_note(c, "the gun of %s was at %s", d.wave,
		    story_moment(text, &c->story, was_us));
	note_overtaken(c, wave, was_us, d.time_us);
	correct_decide(c, &d);
	return 0;
}

/* Of the clock it is the one nearest to the start that he has: walkers go
 * hours before all others. */
static int
start_moment(struct correct *c, const char *word, const char *bib,
    struct rank_start *is, bool started, int64_t *out, struct err *err)
{
	enum instant_form form;
	int64_t us;

	if (terms_moment(c, word, bib, out, err) < 0)
		return -EINVAL;
	if (word[0] == '+' || !started || is->gun_us == RACE_NO_TIME ||
	    instant_parse(word, &form, &us, err) < 0 || form != INSTANT_CLOCK)
		return 0;
	return instant_near(us, is->gun_us, out, err);
}

/* Whether a later read of his at that point would count in its place. */
static bool
has_later(const struct rank_read *reads, size_t count,
    const struct rank_read *than, int64_t from_us)
{
	for (size_t i = 0; i < count; i++) {
		enum rank_why why = reads[i].why;

		if (reads[i].point == than->point &&
		    reads[i].time_us >= from_us &&
		    (why == RANK_COUNTS || why == RANK_NOT_FIRST ||
		        why == RANK_REPEAT))
			return true;
	}
	return false;
}

/* Nobody starts behind a point that he has passed: a start that would leave him
 * without a time there is a mistake. */
static int
check_overtaken(struct correct *c, const char *bib, int64_t was_us,
    int64_t time_us, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, bib, &reads);
	const struct rank_read *found = NULL;
	char start[STORY_MOMENT];
	char read[STORY_MOMENT];
	char name[NAME_MAX_PRINTED];

	for (size_t i = 0; found == NULL && i < count; i++)
		if (is_overtaken(rules, &reads[i], was_us, time_us) &&
		    !has_later(reads, count, &reads[i], time_us))
			found = &reads[i];
	if (found != NULL)
		err_set(err, -EINVAL,
		    "%s would start at %s, after %s at %s: if that is the "
		    "wrong one, palmares time %s %s sets it first%s%s%s",
		    bib, story_moment(start, &c->story, time_us),
		    rules->points[found->point].name,
		    story_moment(read, &c->story, found->time_us), bib,
		    rules->points[found->point].name,
		    found->added ? "" : "; palmares void ",
		    found->added ? ""
		                 : name_print(name, found->id, c->job->streams),
		    found->added ? "" : " takes it out if it is not his");
	free(reads);
	return found != NULL ? -EINVAL : 0;
}

int
correct_start(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_entry *e;
	struct race_decision d = { .verb = RACE_SET_START };
	struct rank_start is;
	bool started;
	char text[STORY_MOMENT];

	if (count != 2)
		return err_set(err, -EINVAL,
		    "start: a bib and a time, as in start 124 10:05:00");
	if (terms_bib(c, words[0], &e, err) < 0)
		return -EINVAL;
	started = rank_start(c->job->book->rank, e->bib, &is);
	if (start_moment(c, words[1], e->bib, &is, started, &d.time_us, err) <
	    0)
		return -EINVAL;
	d.bib = e->bib;
	if (started && is.own && is.gun_us == d.time_us) {
		correct_note(c, "%s starts at %s already", e->bib,
		    story_moment(text, &c->story, d.time_us));
		return 0;
	}
	if (check_overtaken(c, e->bib, started ? is.gun_us : RACE_NO_TIME,
	        d.time_us, err) < 0)
		return -EINVAL;
	correct_decide(c, &d);
	return 0;
}
