/* What is decided about a season: shown, asked, stored. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/operator.h"
#include "control/prose.h"
#include "control/season_decide.h"
#include "control/season_effect.h"
#include "race/season/season_db.h"

enum { EFFECTS_SHOWN = 20 };

/* ---- what it is made of ---- */

void
season_deed_init(struct season_deed *d, struct season_order *o)
{
	int64_t latest_us = rulings_latest(ledger_rulings(o->gather->ledger));
	int64_t now_us = clock_utc_us();

	*d = (struct season_deed){ .order = o };
	/* Behind all that was decided, whatever the clock was set to. */
	d->made_us = now_us > latest_us ? now_us : latest_us + 1;
	operator_check(o->verb, o->options);
	if (o->options->reason == NULL && !o->options->dry_run &&
	    !operator_is_there())
		cli_usage(o->verb->program,
		    "--reason: why? It is kept with what is decided");
}

void
season_deed_add(struct season_deed *d, const struct race_event *e)
{
	d->events = xgrow(d->events, &d->cap, d->count, sizeof *d->events);
	d->events[d->count] = *e;
	d->events[d->count++].made_us = d->made_us;
}

static const char *
or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

void
season_deed_decide(struct season_deed *d, const struct race_decision *decision)
{
	const struct verb_options *o = d->order->options;
	struct race_decision *copy = xmalloc(sizeof *copy);

	*copy = *decision;
	copy->by = operator_name(o);
	copy->reason = or_nothing(o->reason);
	copy->bib = "";
	copy->other_bib = "";
	copy->point = "";
	copy->wave = "";
	copy->ranking = "";
	copy->text = or_nothing(copy->text);
	season_deed_add(d,
	    &(struct race_event){ .kind = RACE_DECISION, .decision = copy });
}

static void
free_decision(const struct race_event *e)
{
	union {
		const struct race_decision *decision;
		void *block;
	} u = { e->decision };

	if (e->kind == RACE_DECISION)
		free(u.block);
}

void
season_deed_clear(struct season_deed *d)
{
	for (size_t i = 0; i < d->count; i++)
		free_decision(&d->events[i]);
	free(d->events);
}

/* ---- why ---- */

static void
give_reason(struct season_deed *d, const char *reason)
{
	for (size_t i = 0; i < d->count; i++) {
		struct race_decision now;

		if (d->events[i].kind != RACE_DECISION)
			continue;
		now = *d->events[i].decision;
		now.reason = reason;
		free_decision(&d->events[i]);
		d->events[i].decision =
		    memcpy(xmalloc(sizeof now), &now, sizeof now);
	}
}

/* Asked again while he says nothing; NULL: he is gone.  For free(). */
static char *
ask_reason(void)
{
	for (;;) {
		char *text = operator_says("Why? (it is kept with it)");

		if (text[0] != '\0' && strlen(text) <= RACE_REASON_MAX &&
		    text_printable(text))
			return text;
		free(text);
		if (feof(stdin))
			return NULL;
		printf("  a reason is required, a line of at most %d bytes "
		       "(Ctrl-C gives up)\n",
		    RACE_REASON_MAX);
	}
}

/* ---- shown, asked, stored ---- */

static void
show_effect(struct season_deed *d)
{
	struct gather *g = d->order->gather;
	struct season_effect *effect =
	    season_effect_begin(g->season, g->folder.rules);
	struct race_id id = { files_random(), 0 };

	for (size_t i = 0; i < d->count; i++) {
		id.seq++;
		(void)ledger_apply(g->ledger, id, &d->events[i]);
	}
	gather_settle(g);
	putchar('\n');
	if (season_effect_end(stdout, effect, g->season, EFFECTS_SHOWN, 2) == 0)
		puts("  nobody changes place, nor points");
	putchar('\n');
}

/* 1: go on; else the exit status, negated. */
static int
ask(const struct verb_options *o, char **reason)
{
	if (o->dry_run) {
		puts("nothing was decided: --dry-run");
		return 0;
	}
	if (!o->yes && !operator_is_there()) {
		puts("nothing was decided: --yes decides this");
		return -1;
	}
	if (!o->yes && !operator_agrees("Decide this?")) {
		puts("nothing was decided");
		return -1;
	}
	if (o->reason == NULL) {
		*reason = ask_reason();
		if (*reason == NULL) {
			puts("nothing was decided");
			return -1;
		}
	}
	return 1;
}

static void
tell_numbers(const struct season_deed *d)
{
	const struct rulings *r = ledger_rulings(d->order->gather->ledger);
	size_t last = rulings_count(r);
	size_t decisions = 0;
	char *line;

	for (size_t i = 0; i < d->count; i++)
		decisions += d->events[i].kind == RACE_DECISION;
	if (decisions == 1)
		line = xasprintf("number %zu; palmares season %s undo %zu "
		                 "takes it back",
		    last, d->order->dir, last);
	else
		line = xasprintf("numbers %zu to %zu; palmares season %s undo "
		                 "%zu takes the last one back",
		    last - decisions + 1, last, d->order->dir, last);
	prose_put(stdout, 0, "decided:", 9, line);
	free(line);
}

static int
store(struct season_deed *d)
{
	struct err err = { "" };
	int rc = season_db_append(d->order->dir, d->order->gather->log,
	    operator_name(d->order->options), d->events, d->count, &err);

	if (rc < 0) {
		fflush(stdout);
		log_warnx("%s", err.text);
		return 1;
	}
	tell_numbers(d);
	return 0;
}

int
season_deed_do(struct season_deed *d)
{
	char *reason = NULL;
	int go;
	int status;

	show_effect(d);
	go = ask(d->order->options, &reason);
	if (reason != NULL)
		give_reason(d, reason);
	status = go == 1 ? store(d) : -go;
	season_deed_clear(d);
	free(reason);
	return status;
}
