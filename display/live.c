/* The full screen: live, or as the race was. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/instant.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/screen.h"
#include "display/display.h"
#include "display/frame.h"
#include "display/rewind.h"
#include "race/panel.h"
#include "race/past.h"
#include "race/rules.h"

/* Drawn at most 20 times a second, and as often as an age grows. */
#define FRAME_US INT64_C(50000)
#define IDLE_US  INT64_C(500000)

/* How long a line of the log stands at the bottom. */
#define LOG_US INT64_C(10000000)

enum { TYPED_EARLY = 32 };

struct live {
	const struct display_job *job;
	struct loop *loop;
	struct follow *follow; /* NULL: a race that is over */
	struct rewind rewind;
	bool past;             /* that is shown */
	struct replica *board; /* NULL until the rules have come */
	struct replica *roster;
	unsigned edition;
	char ranking[RACE_LABEL_MAX + 1]; /* the one that `board` is */
	struct view view;
	struct frame frame;
	struct panel panel;
	struct flash *flash;
	bool pressed;                /* a key waits for its effect */
	uint32_t early[TYPED_EARLY]; /* keys, while the log was read */
	size_t early_count;
	bool waiting; /* something that came since the last frame does */
	int64_t drawn_us;
	char log[512];
	int64_t log_until_us;
	bool gone; /* the terminal is */
};

static void
on_log(void *arg, const char *line)
{
	struct live *l = arg;

	snprintf(l->log, sizeof l->log, "%s", line);
	l->log_until_us = clock_mono_us() + LOG_US;
}

/* ---- rules ---- */

static void
watch(struct live *l, const struct race_rules *rules)
{
	const char *name = rules->rankings[l->view.ranking].name;

	snprintf(l->ranking, sizeof l->ranking, "%s", name);
	l->board = follow_view(l->follow, name);
	l->roster = follow_view(l->follow, MESSAGE_ROSTER);
}

/* Another race.yaml: the ranking that was shown, if it is still there. */
static void
take_rules(struct live *l, const struct race_rules *rules)
{
	int still = rules_ranking(rules, l->ranking);
	struct err err;

	display_check(l->job, l->follow);
	if (instant_zone(rules->timezone, &err) < 0)
		log_warnx("%s", err.text);
	if (l->ranking[0] == '\0') {
		l->view.ranking = display_choose(l->job, rules);
	} else {
		l->view.ranking = still < 0 ? 0 : (size_t)still;
		if (still < 0)
			log_warnx("%s: no longer in race.yaml", l->ranking);
	}
	follow_prune(l->follow);
	l->board = NULL;
	flash_reset(l->flash);
	l->edition = follow_edition(l->follow);
	if (l->view.ranking < rules->ranking_count)
		watch(l, rules);
}

/* ---- the scene ---- */

/* Rows of another time are no changes of those before. */
static void
forget_rows(struct live *l)
{
	flash_reset(l->flash);
	l->frame.listed = false;
}

static enum replica_state
worse(enum replica_state a, enum replica_state b)
{
	if (a == REPLICA_JOINING || b == REPLICA_JOINING)
		return REPLICA_JOINING;
	return a == REPLICA_STALE ? a : b;
}

static enum frame_link
link_state(enum replica_state state, int64_t age_us)
{
	switch (state) {
	case REPLICA_JOINING:
		return age_us < REPLICA_SILENCE_US ? FRAME_JOINING
		                                   : FRAME_WAITING;
	case REPLICA_LIVE:
		return FRAME_LIVE;
	case REPLICA_STALE:
		break;
	}
	return age_us < REPLICA_SILENCE_US ? FRAME_CHECKING : FRAME_STALE;
}

static void
fill_board(struct live *l, struct frame_scene *s, struct replica_facts *facts)
{
	enum replica_state state = worse(replica_state(l->board, s->now_us),
	    replica_state(l->roster, s->now_us));

	replica_facts(l->board, facts);
	s->age_us = s->now_us - facts->heard_us;
	s->link = link_state(state, s->age_us);
	s->as_of_us = facts->as_of_us;
	s->seq = facts->seq;
	s->trouble = facts->trouble;
	s->view.roster = replica_roster(l->roster);
	/* Names and rows come together, or not yet. */
	if (state != REPLICA_JOINING)
		s->view.board = replica_board(l->board);
}

static void
fill_live(struct live *l, struct frame_scene *s, struct replica_facts *facts)
{
	s->view.rules = follow_rules(l->follow);
	s->peer = follow_peer(l->follow);
	if (l->board != NULL)
		fill_board(l, s, facts);
}

static void
fill_scene(struct live *l, struct frame_scene *s, struct replica_facts *facts)
{
	*s = (struct frame_scene){
		.link = FRAME_WAITING,
		.trouble = "",
		.log = "",
		.as_of_us = RACE_NO_TIME,
		.now_us = clock_mono_us(),
	};
	s->view.page = frame_page(l->frame.height, l->past);
	if (s->now_us < l->log_until_us)
		s->log = l->log;
	if (!l->past)
		fill_live(l, s, facts);
	else if (rewind_fill(&l->rewind, &l->view, l->frame.width, s))
		forget_rows(l);
}

static void
draw_board(struct live *l, size_t height, size_t width)
{
	struct replica_facts facts;
	struct frame_scene s;

	l->frame.width = width;
	fill_scene(l, &s, &facts);
	frame_compose(&l->frame, height, width, &l->view, l->flash, &s);
	screen_draw(l->frame.lines, l->frame.height);
}

static void
draw_stations(struct live *l, size_t height, size_t width, int64_t now_us)
{
	const struct race_rules *rules = follow_rules(l->follow);
	struct panel_scene s = {
		.title = rules != NULL ? rules->title : "",
		.peer = follow_peer(l->follow),
		.log = now_us < l->log_until_us ? l->log : "",
		.keys = "s ranking  Up/Down scroll  ? help  q quit",
	};
	int64_t heard_us;

	s.status = follow_status(l->follow, &heard_us);
	if (s.status != NULL)
		s.age_us = now_us - heard_us;
	panel_compose(&l->panel, height, width, &s);
	screen_draw(l->panel.lines, l->panel.height);
}

/* Help is the board's, which tells of both. */
static bool
on_stations(const struct live *l)
{
	return l->view.stations && !l->view.help;
}

static void
draw(struct live *l, int64_t now_us)
{
	size_t height;
	size_t width;

	screen_size(&height, &width);
	if (on_stations(l))
		draw_stations(l, height, width, now_us);
	else
		draw_board(l, height, width);
	l->drawn_us = now_us;
	l->pressed = false;
	l->waiting = false;
}

/* ---- back in time ---- */

/* How far the log is read, drawn at once: nothing else is meanwhile, and what
 * is typed waits, as in every terminal. */
static int
on_reading(void *arg, const char *words)
{
	struct live *l = arg;
	struct frame_scene s = {
		.link = FRAME_READING,
		.words = words,
		.trouble = "",
		.log = "",
		.as_of_us = RACE_NO_TIME,
		.now_us = clock_mono_us(),
	};
	size_t height;
	size_t width;
	uint32_t key;

	if (!l->past && l->follow != NULL)
		s.view.rules = follow_rules(l->follow);
	screen_size(&height, &width);
	frame_compose(&l->frame, height, width, &l->view, l->flash, &s);
	screen_draw(l->frame.lines, l->frame.height);
	while ((key = screen_key()) != KEYS_NONE) {
		if (key == KEYS_ESCAPE || key == 'q')
			return 1;
		if (l->early_count < TYPED_EARLY)
			l->early[l->early_count++] = key;
	}
	l->gone = screen_gone();
	return l->gone;
}

static void
choose_past(struct live *l, const struct race_rules *rules)
{
	if (l->view.ranking < rules->ranking_count)
		rewind_choose(&l->rewind,
		    rules->rankings[l->view.ranking].name);
}

/* 0, or why not; the race goes on as it is shown then. */
static int
open_past(struct live *l, const char *ranking, struct err *err)
{
	int rc = rewind_open(&l->rewind, ranking, err);

	if (rc < 0)
		return rc;
	if (rc > 0)
		log_warnx("%s", err->text);
	l->past = true;
	l->view.stations = false;
	forget_rows(l);
	return 0;
}

static void
go_back(struct live *l)
{
	struct err err;
	bool asked = l->ranking[0] == '\0' && l->job->ranking != NULL;
	int rc = open_past(l, asked ? l->job->ranking : l->ranking, &err);

	if (rc < 0 && rc != -ECANCELED)
		log_warnx("%s", err.text);
}

/* The ranking that was looked at, if the live race has it. */
static void
go_live(struct live *l)
{
	const struct race_rules *rules = follow_rules(l->follow);
	int i = rules != NULL ? rules_ranking(rules, l->rewind.ranking) : -1;

	l->past = false;
	rewind_leave(&l->rewind);
	l->view.ranking = i < 0 ? 0 : (size_t)i;
	forget_rows(l);
	if (rules != NULL && l->view.ranking < rules->ranking_count)
		watch(l, rules);
}

/* False: the key is the view's. */
static bool
press_past(struct live *l, uint32_t key)
{
	if (l->view.searching || l->view.help)
		return false;
	if (key == 's') {
		log_info("the stations are told live alone%s",
		    l->follow != NULL ? ": l goes back" : "");
		return true;
	}
	switch (rewind_press(&l->rewind, key)) {
	case SLIDER_PASSED:
		return false;
	case SLIDER_TOOK:
		break;
	case SLIDER_LEFT:
		go_live(l);
		break;
	}
	return true;
}

static bool
press_live(struct live *l, uint32_t key)
{
	if (l->view.searching || l->view.help)
		return false;
	if (key == 't') {
		go_back(l);
		return true;
	}
	return on_stations(l) && panel_press(&l->panel, key);
}

static void
turn_past(struct live *l, int64_t now_us)
{
	switch (rewind_turn(&l->rewind, now_us)) {
	case SLIDER_PASSED:
		break;
	case SLIDER_TOOK:
		l->pressed = true;
		break;
	case SLIDER_LEFT:
		go_live(l);
		break;
	}
}

/* ---- the loop ---- */

/* False when it ends the program. */
static bool
press(struct live *l, uint32_t key)
{
	struct replica_facts facts;
	struct frame_scene s;
	size_t ranking;

	if (l->past ? press_past(l, key) : press_live(l, key))
		return true;
	fill_scene(l, &s, &facts);
	ranking = l->view.ranking;
	if (!view_press(&l->view, key, &s.view))
		return false;
	if (l->view.ranking != ranking && l->past)
		choose_past(l, s.view.rules);
	else if (l->view.ranking != ranking)
		watch(l, s.view.rules);
	return true;
}

/* First those that were typed while the log was read. */
static uint32_t
next_key(struct live *l)
{
	uint32_t key = l->early[0];

	if (l->early_count == 0)
		return screen_key();
	l->early_count--;
	memmove(l->early, l->early + 1, l->early_count * sizeof key);
	return key;
}

static void
on_keys(void *arg)
{
	struct live *l = arg;
	uint32_t key;

	while ((key = next_key(l)) != KEYS_NONE) {
		l->pressed = true;
		l->log_until_us = 0;
		if (!press(l, key)) {
			loop_stop(l->loop);
			return;
		}
	}
	if (!l->pressed && screen_gone()) {
		l->gone = true;
		loop_stop(l->loop);
	}
}

static void
on_winch(void *arg)
{
	struct live *l = arg;

	screen_resize();
	l->pressed = true;
}

static void
turn_live(struct live *l, int64_t now_us)
{
	follow_health(l->follow, l->view.stations);
	follow_turn(l->follow, now_us);
	if (follow_edition(l->follow) != l->edition) {
		size_t shown = l->view.ranking;

		take_rules(l, follow_rules(l->follow));
		/* What is looked at is of the past's rules. */
		if (l->past)
			l->view.ranking = shown;
		follow_turn(l->follow, now_us);
	}
}

static void
on_turn(void *arg, int64_t now_us)
{
	struct live *l = arg;

	if (l->follow != NULL)
		turn_live(l, now_us);
	if (l->past)
		turn_past(l, now_us);
	if (l->early_count > 0)
		on_keys(l);
	if (l->pressed || now_us - l->drawn_us >= FRAME_US)
		draw(l, now_us);
	else
		l->waiting = true;
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct live *l = arg;
	int64_t due = LOOP_NEVER;
	int64_t next = l->drawn_us + (l->waiting ? FRAME_US : IDLE_US);
	int64_t play = LOOP_NEVER;

	if (l->follow != NULL)
		due = follow_deadline(l->follow, now_us);
	if (l->past)
		play = rewind_deadline(&l->rewind);
	due = play < due ? play : due;
	return next < due ? next : due;
}

/* A race that is over, with the ranking asked for; false: somebody has not
 * waited for it. */
static bool
begin_past(struct live *l)
{
	struct travel *t;
	struct err err;
	int rc = open_past(l, "", &err);

	if (rc == -ECANCELED)
		return false;
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	t = journey_travel(l->rewind.journey);
	l->view.ranking =
	    display_choose(l->job, travel_rules(t, travel_count(t)));
	choose_past(l, travel_rules(t, travel_count(t)));
	return true;
}

static void
run(struct live *l)
{
	struct err err;

	if (screen_open(&err) < 0)
		log_fatal(1, "%s", err.text);
	log_capture(on_log, l);
	loop_add_fd(l->loop, STDIN_FILENO, on_keys, l);
	if (l->follow != NULL || begin_past(l))
		loop_run(l->loop);
	screen_close();
	log_capture(NULL, NULL);
}

/* What can be told before there is a full screen. */
static void
check_past(const struct display_job *job)
{
	uint64_t store;
	struct err err;
	int rc = 0;

	if (job->from != NULL)
		rc = past_begins(job->from, &err);
	else if (job->offline)
		rc = past_store(&store, job->race, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
}

int
display_screen(const struct display_job *job)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
		.winch = on_winch,
	};
	struct live l = {
		.job = job,
		.pressed = true,
		.view.stations = job->stations,
	};
	bool over = job->from != NULL || job->offline;
	struct err err;
	int rc;

	check_past(job);
	rc = loop_new(&l.loop, &ops, &l, &err);
	if (rc == 0 && !over)
		rc = follow_new(&l.follow, l.loop, job->aggregator, job->race,
		    job->tier, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	rewind_init(&l.rewind, job, !over, on_reading, &l);
	l.flash = flash_new();
	run(&l);
	rewind_close(&l.rewind);
	flash_free(l.flash);
	frame_close(&l.frame);
	panel_close(&l.panel);
	follow_free(l.follow);
	loop_free(l.loop);
	return l.gone ? 1 : 0;
}
