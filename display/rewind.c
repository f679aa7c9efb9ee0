#include "display/rewind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/number.h"
#include "race/rules.h"

/* Ten frames a second while it plays; a log that goes on is looked at every two
 * seconds. */
#define PLAY_US INT64_C(100000)
#define LOOK_US INT64_C(2000000)

void
rewind_init(struct rewind *r, const struct display_job *job, bool live)
{
	*r = (struct rewind){
		.source = { .race = job->race,
		    .aggregator = job->aggregator,
		    .from = job->from,
		    .offline = job->offline },
		.live = live,
	};
}

void
rewind_close(struct rewind *r)
{
	journey_free(r->journey);
	r->journey = NULL;
}

static struct slider_scene
scene_of(const struct rewind *r, size_t ranking)
{
	return (struct slider_scene){ .travel = journey_travel(r->journey),
		.ranking = ranking,
		.live = r->live };
}

/* ---- reading ---- */

struct telling {
	rewind_fn fn;
	void *arg;
};

static int
on_progress(void *arg, const char *doing, uint64_t done, uint64_t all)
{
	const struct telling *t = arg;
	char words[128];
	char a[32];
	char b[32];

	if (all == 0)
		snprintf(words, sizeof words, "%s: %s events", doing,
		    number_grouped(a, done));
	else
		snprintf(words, sizeof words, "%s: %s of %s events  Esc leaves",
		    doing, number_grouped(a, done), number_grouped(b, all));
	return t->fn(t->arg, words);
}

static int
read_log(struct rewind *r, rewind_fn fn, void *arg, struct err *err)
{
	struct telling t = { fn, arg };
	struct journey *journey;
	int rc;

	if (fn(arg, "reading the log") != 0)
		return -ECANCELED;
	r->source.progress = on_progress;
	r->source.arg = &t;
	rc = journey_new(&journey, &r->source, JOURNEY_BUDGET, err);
	r->source.progress = NULL;
	if (rc < 0)
		return rc;
	/* What was read before is there until then. */
	journey_free(r->journey);
	r->journey = journey;
	r->rules = NULL;
	return 0;
}

/* The moment shown stays where it is, by its number in the log. */
static int
read_again(struct rewind *r, rewind_fn fn, void *arg, struct err *err)
{
	struct travel *t = journey_travel(r->journey);
	uint64_t log = travel_event_at(t, r->slider.moment)->log;
	int rc = read_log(r, fn, arg, err);

	if (rc == 0)
		r->slider.moment =
		    travel_numbered(journey_travel(r->journey), log);
	return rc;
}

static int
read_on(struct rewind *r, rewind_fn fn, void *arg, struct err *err)
{
	int rc = journey_more(r->journey, err);

	if (rc == -ESTALE)
		rc = read_again(r, fn, arg, err);
	return rc;
}

int
rewind_open(struct rewind *r, const char *ranking, rewind_fn fn, void *arg,
    struct err *err)
{
	struct slider_scene c;
	int rc;

	if (r->journey == NULL)
		rc = read_log(r, fn, arg, err);
	else
		rc = read_on(r, fn, arg, err);
	if (rc < 0)
		return rc;
	c = scene_of(r, 0);
	r->slider = (struct slider){ .speed = r->slider.speed };
	slider_end(&r->slider, &c);
	r->rules = NULL;
	r->played_us = clock_mono_us();
	r->looked_us = r->played_us;
	snprintf(r->ranking, sizeof r->ranking, "%s", ranking);
	if (ranking[0] == '\0' ||
	    rules_ranking(travel_rules(c.travel, r->slider.moment), ranking) >=
	        0)
		return 0;
	return err_set(err, 1,
	    "%s: not in the race's log, which knows the race's own rankings: "
	    "the first of them",
	    ranking);
}

/* ---- keys and time ---- */

enum slider_did
rewind_press(struct rewind *r, uint32_t key, const struct view *v)
{
	const struct slider_scene c = scene_of(r, v->ranking);

	return slider_press(&r->slider, key, &c);
}

void
rewind_choose(struct rewind *r, const char *ranking)
{
	snprintf(r->ranking, sizeof r->ranking, "%s", ranking);
}

/* Of a recording nothing comes. */
static bool
grows(const struct rewind *r)
{
	return journey_running(r->journey) && r->source.from == NULL;
}

enum slider_did
rewind_turn(struct rewind *r, struct view *v, int64_t now_us, rewind_fn fn,
    void *arg)
{
	int64_t passed_us = now_us - r->played_us;
	struct slider_scene c;
	struct err err;

	if (grows(r) && now_us - r->looked_us >= LOOK_US) {
		if (read_on(r, fn, arg, &err) < 0)
			log_warnx("%s", err.text);
		r->looked_us = clock_mono_us();
	}
	if (!r->slider.playing) {
		r->played_us = now_us;
		return SLIDER_PASSED;
	}
	if (passed_us < PLAY_US)
		return SLIDER_PASSED;
	r->played_us = now_us;
	c = scene_of(r, v->ranking);
	return slider_play(&r->slider, passed_us, &c);
}

int64_t
rewind_deadline(const struct rewind *r)
{
	int64_t due = INT64_MAX;

	if (grows(r))
		due = r->looked_us + LOOK_US;
	if (r->slider.playing && r->played_us + PLAY_US < due)
		due = r->played_us + PLAY_US;
	return due;
}

/* ---- what there is to show ---- */

/* Other rules: the ranking of that name, else the first. */
static bool
take_rules(struct rewind *r, struct view *v, const struct race_rules *rules)
{
	int i;

	if (r->rules == rules)
		return false;
	r->rules = rules;
	i = rules_ranking(rules, r->ranking);
	v->ranking = i < 0 ? 0 : (size_t)i;
	return true;
}

bool
rewind_fill(struct rewind *r, struct view *v, size_t width,
    struct frame_scene *s)
{
	struct slider_scene c = scene_of(r, v->ranking);
	struct travel *t = journey_travel(r->journey);
	bool other = take_rules(r, v, travel_rules(t, r->slider.moment));
	struct travel_scene then;

	c.ranking = v->ranking;
	travel_to(t, r->slider.moment, v->ranking, &then);
	slider_told(r->told, &r->slider, &c);
	r->bar = (struct screen_line){ .style = 0 };
	slider_bar(&r->bar, width, &r->slider, &c);
	r->past = (struct frame_past){
		.told = r->told,
		.bar = &r->bar,
		.typed = r->slider.typed,
		.wrong = r->slider.wrong,
		.log = travel_event_at(t, then.moment)->log,
		.last_log = travel_event_at(t, travel_count(t))->log,
		.live = r->live,
	};
	s->link = FRAME_PAST;
	s->past = &r->past;
	s->trouble = "";
	s->as_of_us = then.as_of_us;
	s->view.rules = then.rules;
	s->view.board = then.board;
	s->view.roster = then.roster;
	return other;
}
