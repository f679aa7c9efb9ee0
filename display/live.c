/* The full screen. */
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/instant.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/screen.h"
#include "display/display.h"
#include "display/frame.h"
#include "race/panel.h"
#include "race/rules.h"

/* Drawn at most 20 times a second, and as often as an age grows. */
#define FRAME_US INT64_C(50000)
#define IDLE_US  INT64_C(500000)

/* How long a line of the log stands at the bottom. */
#define LOG_US INT64_C(10000000)

struct live {
	const struct display_job *job;
	struct loop *loop;
	struct follow *follow;
	struct replica *board; /* NULL until the rules have come */
	struct replica *roster;
	unsigned edition;
	char ranking[RACE_LABEL_MAX + 1]; /* the one that `board` is */
	struct view view;
	struct frame frame;
	struct panel panel;
	struct flash *flash;
	bool pressed; /* a key waits for its effect */
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
fill_scene(struct live *l, struct frame_scene *s, struct replica_facts *facts)
{
	*s = (struct frame_scene){
		.view = { .rules = follow_rules(l->follow) },
		.link = FRAME_WAITING,
		.peer = follow_peer(l->follow),
		.trouble = "",
		.log = "",
		.as_of_us = RACE_NO_TIME,
		.now_us = clock_mono_us(),
	};
	s->view.page = frame_page(l->frame.height);
	if (s->now_us < l->log_until_us)
		s->log = l->log;
	if (l->board != NULL)
		fill_board(l, s, facts);
}

static void
draw_board(struct live *l, size_t height, size_t width)
{
	struct replica_facts facts;
	struct frame_scene s;

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

/* ---- the loop ---- */

/* False when it ends the program. */
static bool
press(struct live *l, uint32_t key)
{
	size_t ranking = l->view.ranking;
	struct replica_facts facts;
	struct frame_scene s;

	if (on_stations(l) && panel_press(&l->panel, key))
		return true;
	fill_scene(l, &s, &facts);
	if (!view_press(&l->view, key, &s.view))
		return false;
	if (l->view.ranking != ranking)
		watch(l, s.view.rules);
	return true;
}

static void
on_keys(void *arg)
{
	struct live *l = arg;
	uint32_t key;

	while ((key = screen_key()) != KEYS_NONE) {
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
on_turn(void *arg, int64_t now_us)
{
	struct live *l = arg;

	follow_health(l->follow, l->view.stations);
	follow_turn(l->follow, now_us);
	if (follow_edition(l->follow) != l->edition) {
		take_rules(l, follow_rules(l->follow));
		follow_turn(l->follow, now_us);
	}
	if (l->pressed || now_us - l->drawn_us >= FRAME_US)
		draw(l, now_us);
	else
		l->waiting = true;
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct live *l = arg;
	int64_t due = follow_deadline(l->follow, now_us);
	int64_t next = l->drawn_us + (l->waiting ? FRAME_US : IDLE_US);

	return next < due ? next : due;
}

static void
run(struct live *l)
{
	struct err err;

	if (screen_open(&err) < 0)
		log_fatal(1, "%s", err.text);
	log_capture(on_log, l);
	loop_add_fd(l->loop, STDIN_FILENO, on_keys, l);
	loop_run(l->loop);
	screen_close();
	log_capture(NULL, NULL);
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
	struct err err;

	if (loop_new(&l.loop, &ops, &l, &err) < 0 ||
	    follow_new(&l.follow, l.loop, job->aggregator, job->race, job->tier,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	l.flash = flash_new();
	run(&l);
	flash_free(l.flash);
	frame_close(&l.frame);
	panel_close(&l.panel);
	follow_free(l.follow);
	loop_free(l.loop);
	return l.gone ? 1 : 0;
}
