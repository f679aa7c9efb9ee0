/* gun and start: from when a time is counted. */
#include <errno.h>
#include <string.h>

#include "common/instant.h"
#include "control/terms.h"

/* 10:05, of which no crossing is called: no station is a number, as a rule. */
static bool
is_time_like(const char *word)
{
	return word[strspn(word, "0123456789:.,")] == '\0';
}

/* "now", a moment, or a crossing that is chosen as the gun. */
static int
gun_moment(struct correct *c, const char *word, int64_t *out, struct err *err)
{
	enum instant_form form;
	struct rank_crossing crossing;
	struct race_id id;
	int64_t us;
	struct err why;
	int rc = 0;

	if (strcmp(word, "now") == 0) {
		*out = c->job->now_us;
		return 0;
	}
	if (word[0] == '+' || instant_parse(word, &form, &us, &why) == 0)
		return terms_moment(c, word, NULL, out, err);
	if (strchr(word, ':') == NULL ||
	    (rc = name_parse(word, c->job->streams, &id, NULL)) == -EINVAL ||
	    (rc < 0 && is_time_like(word)))
		return err_set(err, -EINVAL,
		    "gun %s: a time of day (10:00:05), now, or a crossing "
		    "(depart:1): %s",
		    word, why.text);
	if (terms_read(c, word, &id, &crossing, err) < 0)
		return -EINVAL;
	*out = crossing.time_us;
	return 0;
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
	if (terms_wave(c, count == 2 ? words[0] : "", &wave, err) < 0 ||
	    gun_moment(c, words[count - 1], &d.time_us, err) < 0)
		return -EINVAL;
	d.wave = rules->waves[wave].name;
	was_us = rank_wave_gun(c->job->book->rank, (size_t)wave);
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
	correct_decide(c, &d);
	return 0;
}
