#include "control/correct_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/consequences.h"
#include "control/correct.h"
#include "control/correct_file.h"
#include "control/correct_print.h"
#include "control/deliver_zmq.h"
#include "control/held.h"
#include "control/operator.h"
#include "control/prose.h"
#include "control/reach.h"
#include "control/terms.h"
#include "race/past.h"
#include "race/rules.h"

struct run {
	const struct verb *verb;
	const struct verb_options *options;
	const struct correct_verb *correct_verb;
	char *const *words;
	size_t count;
	const char *file; /* NULL: the words */
	struct endpoint to;
	uint64_t store;
	struct past past;
	struct crossings *crossings; /* NULL: nobody looks at them */
	/* What was there when the decisions were made of the words. */
	size_t decided;
	uint64_t roster;
	struct correct_job job;
	struct correct correct;
	struct consequences *before; /* of a file, whose rows change the book */
	bool asked;                  /* the operator has seen it, and agreed */
	char *reason; /* when he was asked, NULL: he was not yet */
};

/* What the steps return: go on, or end with that status. */
enum step { STEP_FAILED = -1, STEP_END, STEP_ON };

static enum step
fail(const struct err *err)
{
	fflush(stdout);
	log_warnx("%s", err->text);
	return STEP_FAILED;
}

/* ---- the race ---- */

static bool
has_begun(const char *race)
{
	char *path = xasprintf("%s/race.db", race);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int
check_running(const struct run *r, struct err *err)
{
	const char *race = r->options->race;

	if (reach_first(r->options))
		return 0;
	if (!has_begun(race))
		return err_set(err, -ENOTCONN,
		    "no aggregator has held %s yet: start it with "
		    "palmares-aggregator %s; until then entries.csv says who "
		    "is entered, and palmares roster import writes it",
		    race, race);
	return err_set(err, -ENOTCONN,
	    "no aggregator runs for %s, and it alone writes race.db: start it "
	    "with palmares-aggregator %s (--dry-run shows what would change "
	    "without it)",
	    race, race);
}

/* By the aggregator's clock, when the command was given. */
static int
take_clock(struct run *r, int64_t given_us, struct err *err)
{
	int64_t now_us;
	int64_t made_us;
	int rc = operator_clock(&r->to, &now_us, &made_us, err);

	if (rc < 0)
		return rc;
	r->job.made_us = made_us;
	r->job.now_us = now_us - (clock_utc_us() - given_us);
	return 0;
}

static int
find_aggregator(struct run *r, int64_t given_us, struct err *err)
{
	struct race_rules *rules = NULL;
	int rc = check_running(r, err);

	if (rc == 0)
		rc = held_race(r->options, &r->to, &r->store, &rules, err);
	rules_free(rules);
	return rc < 0 ? rc : take_clock(r, given_us, err);
}

struct loading {
	struct past *past;
	struct crossings *crossings; /* or NULL */
};

static void
note(void *arg, const struct past_event *e)
{
	struct loading *l = arg;

	if (e->event->kind == RACE_CROSSING)
		name_number(l->past->streams, e->log, e->id);
	if (l->crossings != NULL)
		crossings_note(l->crossings, e->id, e->event);
}

static int
load(struct run *r, struct past *out, struct err *err)
{
	bool all = r->file == NULL && r->correct_verb->crossings;
	struct loading l = { .past = out };
	int rc;

	crossings_free(r->crossings);
	r->crossings = all ? crossings_new() : NULL;
	l.crossings = r->crossings;
	rc = verb_load(r->options, out, note, &l, err);
	if (rc == 0 && r->store != 0 && out->store != r->store) {
		past_clear(out);
		return err_set(err, -ESTALE,
		    "the aggregator at %s:%d holds another race.db than that "
		    "of %s",
		    r->to.host, r->to.base, r->options->race);
	}
	return rc;
}

/* Later than all that is there. */
static void
settle_job(struct run *r)
{
	r->job.book = r->past.book;
	correct_settle(&r->job);
	r->job.streams = r->past.streams;
	r->job.crossings = r->crossings;
	r->decided = rulings_count(r->past.book->rulings);
	r->roster = roster_digest(r->past.book->roster);
}

static enum step
open_race(struct run *r, int64_t given_us, struct err *err)
{
	r->job.now_us = given_us;
	r->job.made_us = given_us;
	if (!r->options->dry_run && find_aggregator(r, given_us, err) < 0)
		return fail(err);
	if (load(r, &r->past, err) < 0)
		return fail(err);
	settle_job(r);
	return STEP_ON;
}

/* ---- what is decided ---- */

static enum step
read_file(struct run *r, struct err *err)
{
	struct conf_report report = { 0 };
	enum step step = STEP_ON;

	if (correct_file(&r->correct, r->file, &report, err) < 0)
		step = fail(err);
	if (report.errors > 0) {
		correct_print_problems(&report);
		fprintf(stderr, "nothing was decided: mend %zu row%s of %s\n",
		    report.errors, report.errors == 1 ? "" : "s", r->file);
		step = STEP_FAILED;
	}
	conf_report_clear(&report);
	return step;
}

static enum step
make(struct run *r, struct err *err)
{
	correct_init(&r->correct, &r->job);
	if (r->file != NULL) {
		r->before = consequences_begin(r->past.book);
		return read_file(r, err);
	}
	if (r->correct_verb->make(&r->correct, r->words, r->count, err) < 0)
		return fail(err);
	return STEP_ON;
}

/* ---- why ---- */

static bool
lacks_reason(const struct correct *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (story_reason(&c->events[i].event)[0] == '\0')
			return !c->unreasoned;
	return false;
}

static bool
can_be_reason(const char *text)
{
	return text[0] != '\0' && strlen(text) <= RACE_REASON_MAX &&
	    text_printable(text);
}

static void
say_required(const char *text)
{
	if (text[0] == '\0')
		puts("  a reason is required: nothing is decided without one "
		     "(Ctrl-C gives up)");
	else
		printf("  one line of at most %d bytes, please\n",
		    RACE_REASON_MAX);
}

/* Asked again while he says nothing; the end of what he says ends it. */
static enum step
ask_reason(struct run *r)
{
	while (lacks_reason(&r->correct)) {
		char *text = operator_says("Why? (it is kept with it)");

		if (can_be_reason(text)) {
			correct_reason(&r->correct, text);
			r->reason = text;
			r->asked = true;
			continue;
		}
		if (feof(stdin)) {
			free(text);
			puts("nothing was decided");
			return STEP_FAILED;
		}
		say_required(text);
		free(text);
	}
	return STEP_ON;
}

/* What he said, with the command or when he was asked before. */
static void
give_reason(struct run *r)
{
	const char *reason =
	    r->options->reason != NULL ? r->options->reason : r->reason;

	if (reason != NULL)
		correct_reason(&r->correct, reason);
	if (!r->options->dry_run && lacks_reason(&r->correct) &&
	    !operator_is_there())
		cli_usage(r->verb->program,
		    "--reason: why? It is kept with what is decided");
}

/* ---- shown, and asked ---- */

static void
print_consequences(struct run *r)
{
	struct book *b = r->past.book;
	uint64_t changed = r->before != NULL
	    ? consequences_end(stdout, r->before, &r->correct, b)
	    : consequences_print(stdout, &r->correct, b);

	consequences_amend(stdout, &r->correct, b, changed);
}

static enum step
ask_operator(struct run *r)
{
	if (r->options->dry_run) {
		puts("nothing was decided: --dry-run");
		return STEP_END;
	}
	if (r->options->yes)
		return STEP_ON;
	if (!operator_is_there()) {
		puts("nothing was decided: --yes decides this");
		return STEP_FAILED;
	}
	if (!operator_agrees(r->correct.count == 1 ? "Decide this?"
	                                           : "Decide all of this?")) {
		puts("nothing was decided");
		return STEP_FAILED;
	}
	r->asked = true;
	return STEP_ON;
}

static enum step
show(struct run *r)
{
	enum step step;

	if (r->correct.count == 0) {
		correct_print_notes(&r->correct);
		puts("nothing to change");
		return STEP_END;
	}
	give_reason(r);
	correct_print(&r->correct);
	putchar('\n');
	print_consequences(r);
	putchar('\n');
	step = ask_operator(r);
	return step == STEP_ON ? ask_reason(r) : step;
}

/* ---- meanwhile ---- */

static void
print_item(const struct story *s, const struct rulings_item *item)
{
	const char *reason = story_reason(item->event);
	char number[24];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return;
	fprintf(out, "by %s: ", story_by(s, item->id, item->event));
	story_decided(out, s, item->event);
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	fclose(out);
	snprintf(number, sizeof number, "%" PRIu64, item->number);
	prose_put(stdout, 2, number, 4, text);
	free(text);
}

static void
print_meanwhile(const struct run *r, const struct past *now)
{
	struct story story = verb_story(now);
	size_t count = rulings_count(now->book->rulings);
	struct rulings_item item;

	puts("\nMeanwhile another operator has decided:");
	for (size_t i = r->decided; i < count; i++) {
		rulings_at(now->book->rulings, i, &item);
		print_item(&story, &item);
	}
	if (count == r->decided)
		puts("  who is entered");
	puts("So this is what it would be now:\n");
}

static bool
is_ruling(enum race_event_kind kind)
{
	return kind == RACE_DECISION || kind == RACE_GUN || kind == RACE_AWARD;
}

static void
note_meanwhile(void *arg, const struct past_event *e)
{
	enum race_event_kind kind = e->event->kind;
	bool *decided = arg;

	*decided = *decided || is_ruling(kind) || kind == RACE_ENTRY ||
	    kind == RACE_ENTRY_GONE;
}

/* A person may have taken minutes to answer.  STEP_END: he has to look again,
 * at the race as it is now. */
static enum step
check_meanwhile(struct run *r, struct err *err)
{
	struct past now;
	int64_t now_us = r->job.now_us;
	bool decided = false;

	if (!r->asked)
		return STEP_ON;
	if (verb_more(r->options, &r->past, note_meanwhile, &decided, err) < 0)
		return fail(err);
	if (!decided)
		return STEP_ON;
	if (load(r, &now, err) < 0)
		return fail(err);
	if (rulings_count(now.book->rulings) == r->decided &&
	    roster_digest(now.book->roster) == r->roster) {
		past_clear(&now);
		return STEP_ON;
	}
	print_meanwhile(r, &now);
	correct_clear(&r->correct);
	consequences_free(r->before);
	r->before = NULL;
	past_clear(&r->past);
	r->past = now;
	r->asked = false;
	if (take_clock(r, clock_utc_us(), err) < 0)
		return fail(err);
	r->job.now_us = now_us;
	settle_job(r);
	return STEP_END;
}

/* ---- delivered ---- */

static int
deliver(struct run *r, struct err *err)
{
	const struct deliver_job job = { .aggregator = r->options->aggregator,
		.race = r->options->race,
		.store = r->store,
		.name = r->job.by,
		.epoch = r->job.stream };
	struct deliver *d;
	int rc = deliver_new(&d, &job, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < r->correct.count; i++) {
		rc = deliver_add(d, &r->correct.events[i].event);
		if (rc < 0)
			err_set(err, rc, "decision %zu is too long", i + 1);
	}
	if (rc == 0)
		rc = deliver_send(d, err);
	deliver_free(d);
	return rc;
}

/* What was decided since the race was read, and what of it is ours: as "7", or
 * "7-9 11". */
struct numbers {
	uint64_t stream;
	uint64_t number; /* the last one's */
	uint64_t first;  /* ... of ours without one between, 0: none */
	uint64_t last;
	size_t count; /* ours */
	char *text;
};

static void
end_run(struct numbers *n)
{
	char *more;

	if (n->first == 0)
		return;
	more = xasprintf("%s%s%" PRIu64, n->text, n->text[0] != '\0' ? " " : "",
	    n->first);
	free(n->text);
	n->text = n->last == n->first ? xstrdup(more)
	                              : xasprintf("%s-%" PRIu64, more, n->last);
	free(more);
	n->first = 0;
}

static void
number_event(void *arg, const struct past_event *e)
{
	struct numbers *n = arg;

	if (!is_ruling(e->event->kind))
		return;
	n->number++;
	if (e->id.stream != n->stream) {
		end_run(n);
		return;
	}
	if (n->first == 0)
		n->first = n->number;
	n->last = n->number;
	n->count++;
}

static void
print_numbers(const char *numbers, size_t count)
{
	printf("decided: number%s %s; undone with palmares undo %s\n",
	    count == 1 ? "" : "s", numbers, numbers);
}

/* Two may agree at the same moment, each to what he was shown without the
 * other's. */
static void
print_between(uint64_t between)
{
	char *text;

	if (between == 0)
		return;
	text = xasprintf(
	    "%" PRIu64 " decision%s of another operator came just before: what "
	    "was shown above was without %s; palmares history shows both",
	    between, between == 1 ? "" : "s", between == 1 ? "it" : "them");
	prose_put(stdout, 0, "", 0, text);
	free(text);
}

/* What is stored has its number there. */
static enum step
tell_numbers(struct run *r, int rc, struct err *err)
{
	struct numbers n = { .stream = r->job.stream,
		.number = r->decided,
		.text = xstrdup("") };
	struct err why;

	if (verb_more(r->options, &r->past, number_event, &n, &why) < 0) {
		free(n.text);
		if (rc == 0) {
			puts("decided; palmares history shows its number");
			return STEP_END;
		}
		err_wrap(err, rc,
		    "palmares history tells, once the aggregator is back, "
		    "whether it is decided");
		return fail(err);
	}
	end_run(&n);
	if (n.count > 0) {
		print_numbers(n.text, n.count);
		print_between(n.last - r->decided - n.count);
	}
	/* A penalty given twice counts twice. */
	if (rc < 0 && n.count == r->correct.count)
		rc = 0;
	else if (rc < 0)
		err_wrap(err, rc,
		    n.count == 0 ? "nothing is decided; palmares history tells "
		                   "whether it comes to that, before you do it "
		                   "again"
		                 : "not all is decided: undo that, and do it "
		                   "again");
	free(n.text);
	return rc < 0 ? fail(err) : STEP_END;
}

/* ---- all of it ---- */

static enum step
go(struct run *r, struct err *err)
{
	enum step step = open_race(r, clock_utc_us(), err);
	int rc;

	if (step != STEP_ON)
		return step;
	do {
		step = make(r, err);
		if (step == STEP_ON)
			step = show(r);
		if (step != STEP_ON)
			return step;
		step = check_meanwhile(r, err);
	} while (step == STEP_END);
	if (step != STEP_ON)
		return step;
	rc = deliver(r, err);
	return tell_numbers(r, rc, err);
}

int
correct_run(const struct verb *v, const struct verb_options *o,
    const char *name, char *const *words, size_t count, const char *file)
{
	struct run r = { .verb = v,
		.options = o,
		.correct_verb = correct_verb(name),
		.words = words,
		.count = count,
		.file = file };
	struct err err = { "" };
	enum step step;

	operator_check(v, o);
	r.job.by = operator_name(o);
	r.job.stream = files_random();
	r.job.sure = o->yes;
	step = go(&r, &err);
	correct_clear(&r.correct);
	consequences_free(r.before);
	past_clear(&r.past);
	crossings_free(r.crossings);
	free(r.reason);
	return step == STEP_FAILED ? 1 : 0;
}
