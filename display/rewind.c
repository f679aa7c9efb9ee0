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

/* ... and again, while it is on its way. */
#define MORE_US INT64_C(50000)

static int
on_progress(void *arg, const char *doing, uint64_t done, uint64_t all)
{
	const struct rewind *r = arg;
	char words[128];
	char a[32];
	char b[32];

	if (all == 0)
		snprintf(words, sizeof words, "%s: %s events  Esc leaves",
		    doing, number_grouped(a, done));
	else
		snprintf(words, sizeof words, "%s: %s of %s events  Esc leaves",
		    doing, number_grouped(a, done), number_grouped(b, all));
	return r->fn(r->arg, words);
}

void
rewind_init(struct rewind *r, const struct display_job *job, bool live,
    rewind_fn fn, void *arg)
{
	*r = (struct rewind){
		.source = { .race = job->race,
		    .aggregator = job->aggregator,
		    .from = job->from,
		    .offline = job->offline,
		    .progress = on_progress,
		    .arg = r },
		.fn = fn,
		.arg = arg,
		.live = live,
	};
}

void
rewind_close(struct rewind *r)
{
	journey_free(r->journey);
	r->journey = NULL;
}

/* The ranking that is shown, as the rules of the moment count them; else the
 * first. */
static size_t
ranking_of(const struct rewind *r)
{
	int i = rules_ranking(travel_rules(journey_travel(r->journey),
	                          r->slider.moment),
	    r->ranking);

	return i < 0 ? 0 : (size_t)i;
}

/* Keys may come several in a turn, across a change of the rules. */
static struct slider_scene
scene_of(const struct rewind *r)
{
	return (struct slider_scene){ .travel = journey_travel(r->journey),
		.ranking = ranking_of(r),
		.live = r->live };
}

/* ---- reading ---- */

static int
read_log(struct rewind *r, struct err *err)
{
	struct journey *journey;
	int rc;

	if (r->fn(r->arg, "reading the log") != 0)
		return -ECANCELED;
	rc = journey_new(&journey, &r->source, JOURNEY_BUDGET, err);
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
read_again(struct rewind *r, struct err *err)
{
	struct travel *t = journey_travel(r->journey);
	uint64_t log = travel_event_at(t, r->slider.moment)->log;
	int rc = read_log(r, err);

	if (rc == 0)
		r->slider.moment =
		    travel_numbered(journey_travel(r->journey), log);
	return rc;
}

static int
read_on(struct rewind *r, struct err *err)
{
	int rc = journey_more(r->journey, err);

	return rc == -ESTALE ? read_again(r, err) : rc;
}

/* Somebody waits for the last moment. */
static int
read_up(struct rewind *r, struct err *err)
{
	int rc;

	if (r->journey == NULL)
		return read_log(r, err);
	while ((rc = read_on(r, err)) == -EAGAIN)
		if (r->fn(r->arg, "fetching what has come since  Esc leaves") !=
		    0)
			return -ECANCELED;
	if (rc >= 0 || rc == -ECANCELED)
		return rc;
	log_warnx("%s", err->text);
	return 0;
}

/* Of a recording nothing comes, nor where nobody writes; but who goes live
 * again has an aggregator, which can be started again. */
static bool
grows(const struct rewind *r)
{
	return r->source.from == NULL &&
	    (r->live || journey_running(r->journey));
}

static void
look_later(struct rewind *r, int64_t wait_us)
{
	r->look_us = grows(r) ? clock_mono_us() + wait_us : INT64_MAX;
}

int
rewind_open(struct rewind *r, const char *ranking, struct err *err)
{
	struct slider_scene c;
	int rc = read_up(r, err);

	if (rc < 0)
		return rc;
	snprintf(r->ranking, sizeof r->ranking, "%s", ranking);
	r->slider = (struct slider){ .speed = r->slider.speed, .moment = 1 };
	c = scene_of(r);
	slider_end(&r->slider, &c);
	r->rules = NULL;
	r->played_us = clock_mono_us();
	r->lost = false;
	look_later(r, LOOK_US);
	if (ranking[0] == '\0' ||
	    rules_ranking(travel_rules(c.travel, r->slider.moment), ranking) >=
	        0)
		return 0;
	return err_set(err, 1,
	    "%s: not in the race's log, which knows the race's own rankings: "
	    "the first of them",
	    ranking);
}

void
rewind_leave(struct rewind *r)
{
	journey_rest(r->journey);
}

/* ---- keys and time ---- */

enum slider_did
rewind_press(struct rewind *r, uint32_t key)
{
	const struct slider_scene c = scene_of(r);

	return slider_press(&r->slider, key, &c);
}

void
rewind_choose(struct rewind *r, const char *ranking)
{
	snprintf(r->ranking, sizeof r->ranking, "%s", ranking);
}

/* Told once, until it succeeds again. */
static void
look(struct rewind *r)
{
	struct err err;
	int rc = read_on(r, &err);

	if (rc == -EAGAIN) {
		look_later(r, MORE_US);
		return;
	}
	look_later(r, LOOK_US);
	/* Who has left it is not stopped again. */
	if (rc == -ECANCELED) {
		log_info("what has come since is not read: l, and t again, do");
		r->look_us = INT64_MAX;
	} else if (rc < 0 && !r->lost) {
		log_warnx("%s", err.text);
	}
	r->lost = rc < 0;
}

enum slider_did
rewind_turn(struct rewind *r, int64_t now_us)
{
	int64_t passed_us = now_us - r->played_us;
	struct slider_scene c;

	if (now_us >= r->look_us)
		look(r);
	if (!r->slider.playing) {
		r->played_us = now_us;
		return SLIDER_PASSED;
	}
	if (passed_us < PLAY_US)
		return SLIDER_PASSED;
	r->played_us = now_us;
	c = scene_of(r);
	return slider_play(&r->slider, passed_us, &c);
}

int64_t
rewind_deadline(const struct rewind *r)
{
	int64_t play = r->played_us + PLAY_US;

	return r->slider.playing && play < r->look_us ? play : r->look_us;
}

/* ---- what there is to show ---- */

bool
rewind_fill(struct rewind *r, struct view *v, size_t width,
    struct frame_scene *s)
{
	const struct slider_scene c = scene_of(r);
	struct travel *t = journey_travel(r->journey);
	const struct race_rules *rules = travel_rules(t, r->slider.moment);
	bool other = r->rules != rules;
	struct travel_scene then;

	if (other)
		v->ranking = c.ranking;
	r->rules = rules;
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
