/* palmares what-if: the boards as other decisions, or other rules, would have
 * made them.  The race is only read. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/consequences.h"
#include "control/correct_print.h"
#include "control/explain.h"
#include "control/rules_diff.h"
#include "control/shell.h"
#include "control/suppose.h"
#include "control/verb.h"
#include "race/choice.h"
#include "race/conf.h"
#include "race/export.h"
#include "race/rules.h"

struct what_if {
	const struct verb *verb;
	const struct verb_options *options;
	struct race_rules *rules; /* other ones, or NULL */
	struct past past;
	struct book *other; /* by those */
	struct book *book;  /* of the two the one that is altered */
	struct correct_job job;
	struct correct correct;
};

/* ---- the race ---- */

/* The same events make a book by other rules. */
static void
note(void *arg, const struct past_event *e)
{
	struct what_if *w = arg;

	if (e->event->kind == RACE_CROSSING)
		name_number(w->past.streams, e->log, e->id);
	if (w->rules == NULL)
		return;
	if (w->other == NULL)
		w->other = book_new(w->rules, w->past.store);
	(void)book_apply(w->other, e->id, e->event);
}

static struct race_rules *
read_rules(const char *path)
{
	struct conf_report report = { 0 };
	struct race_rules *rules = conf_rules_file(path, &report);

	correct_print_problems(&report);
	conf_report_clear(&report);
	if (rules == NULL)
		log_fatal(1, "%s: mend it first", path);
	return rules;
}

static void
load(struct what_if *w)
{
	const char *path = w->options->rules;
	struct err err;

	if (path != NULL)
		w->rules = read_rules(path);
	if (verb_load(w->options, &w->past, note, w, &err) < 0)
		log_fatal(1, "%s", err.text);
	w->book = path != NULL ? w->other : w->past.book;
	/* The words are read by these rules. */
	(void)instant_zone(w->book->rules->timezone, &err);
}

/* ---- what is supposed ---- */

static int
suppose_line(struct what_if *w, const char *line, struct conf_report *report,
    struct err *err)
{
	char **words;
	size_t count;
	int rc = shell_split(&words, &count, line);

	if (rc < 0)
		return err_set(err, rc, "a quote is not closed");
	rc = suppose(&w->correct, words, count, report, err);
	shell_free(words);
	return rc;
}

/* WAVE=TIME, or the time of the only wave. */
static int
suppose_gun(struct what_if *w, const char *text, struct conf_report *report,
    struct err *err)
{
	char verb[] = "gun";
	char *wave = xstrdup(text);
	char *time = strrchr(wave, '=');
	char *words[3] = { verb, wave, NULL };
	int rc;

	if (time != NULL) {
		*time = '\0';
		words[2] = time + 1;
	}
	rc = suppose(&w->correct, words, time != NULL ? 3 : 2, report, err);
	free(wave);
	return rc;
}

static int
suppose_one(struct what_if *w, const char *verb, const char *word,
    struct conf_report *report, struct err *err)
{
	char *words[2] = { xstrdup(verb), xstrdup(word) };
	int rc = suppose(&w->correct, words, 2, report, err);

	free(words[0]);
	free(words[1]);
	return rc;
}

static int
suppose_said(struct what_if *w, const struct verb_said *said,
    struct conf_report *report, struct err *err)
{
	if (said->letter == VERB_GUN)
		return suppose_gun(w, said->text, report, err);
	if (said->letter == VERB_DO)
		return suppose_line(w, said->text, report, err);
	return suppose_one(w, said->letter == VERB_VOID ? "void" : "undo",
	    said->text, report, err);
}

/* Which of several it is about: of the others the words tell what they were. */
static void
name_option(struct err *err, const struct verb_said *said)
{
	if (said->letter == VERB_DO)
		err_wrap(err, -EINVAL, "--do %s", said->text);
	else if (said->letter == VERB_GUN)
		err_wrap(err, -EINVAL, "--gun %s", said->text);
	else
		err_wrap(err, -EINVAL, "%s",
		    said->letter == VERB_VOID ? "--void" : "--undo");
}

/* One upon the other, in the order of the command line. */
static void
suppose_all(struct what_if *w)
{
	const struct verb_options *o = w->options;
	struct conf_report report = { 0 };
	struct err err;

	for (size_t i = 0; i < o->said_count; i++) {
		if (suppose_said(w, &o->said[i], &report, &err) == 0)
			continue;
		correct_print_problems(&report);
		if (o->said_count > 1)
			name_option(&err, &o->said[i]);
		log_fatal(1, "%s", err.text);
	}
	conf_report_clear(&report);
}

static void
begin_correct(struct what_if *w)
{
	w->job = (struct correct_job){ .book = w->book,
		.streams = w->past.streams,
		.by = "what-if",
		/* A read that is added may be tied with another: each time in
		 * the same way. */
		.stream = UINT64_MAX,
		.made_us = clock_utc_us(),
		.now_us = clock_utc_us(),
		/* Slips are what it is for. */
		.sure = true };
	correct_settle(&w->job);
	correct_init(&w->correct, &w->job);
}

/* ---- what is told ---- */

static size_t
entries_in(const struct roster *r, const char *wave)
{
	const char *bib;
	size_t count = 0;

	for (size_t i = 0; i < roster_slots(r); i++) {
		const struct race_entry *e = roster_at(r, i, &bib);

		count += e != NULL && strcmp(e->wave, wave) == 0;
	}
	return count;
}

/* Waves that the other rules do not have any more. */
static void
print_lost_waves(const struct what_if *w)
{
	const struct race_rules *was = w->past.book->rules;

	for (size_t i = 0; i < was->wave_count; i++) {
		const char *wave = was->waves[i].name;
		size_t count = entries_in(w->book->roster, wave);

		if (count > 0 && rules_wave(w->rules, wave) < 0)
			printf("  note: %zu entr%s in wave %s, which those "
			       "rules do not have\n",
			    count, count == 1 ? "y" : "ies", wave);
	}
}

/* So with points. */
static void
print_lost_points(const struct what_if *w)
{
	struct race_unknown *all;
	size_t count = rank_unknowns(w->book->rank, &all);

	for (size_t i = 0; i < count; i++)
		if (all[i].kind == RACE_UNKNOWN_POINT &&
		    rules_reader(w->past.book->rules, all[i].text) >= 0)
			printf("  note: %" PRIu64 " crossing%s at %s, which "
			       "those rules do not have\n",
			    all[i].reads, all[i].reads == 1 ? "" : "s",
			    all[i].text);
	free(all);
}

static void
print_rules(const struct what_if *w)
{
	if (w->rules == NULL)
		return;
	printf("By %s:\n", w->options->rules);
	if (!rules_diff_print(stdout, w->past.book->rules, w->rules))
		puts("  the rules of the race");
	print_lost_waves(w);
	print_lost_points(w);
	putchar('\n');
}

static void
print_supposed(const struct what_if *w)
{
	if (w->correct.count > 0)
		correct_print(&w->correct);
	else
		correct_print_notes(&w->correct);
	if (w->correct.count > 0 || w->correct.note_count > 0)
		putchar('\n');
}

static void
print_changes(struct what_if *w)
{
	struct consequences *before =
	    w->rules == NULL ? consequences_begin(w->book) : NULL;
	uint64_t changed;

	suppose_all(w);
	print_rules(w);
	print_supposed(w);
	if (before == NULL) {
		consequences_between(stdout, &w->correct, w->past.book,
		    w->book);
	} else {
		changed =
		    consequences_end(stdout, before, &w->correct, w->book);
		consequences_amend(stdout, &w->correct, w->book, changed);
	}
	consequences_free(before);
}

/* Supposed as it would be decided, and what is final amended. */
static void
suppose_quietly(struct what_if *w)
{
	struct consequences *before = consequences_begin(w->book);
	char *text = NULL;
	size_t len;
	FILE *nobody = open_memstream(&text, &len);
	uint64_t changed;
	size_t from;

	if (nobody == NULL)
		abort(); /* no memory */
	suppose_all(w);
	changed = consequences_end(nobody, before, &w->correct, w->book);
	from = w->correct.count;
	consequences_amend(nobody, &w->correct, w->book, changed);
	correct_apply(&w->correct, from);
	fclose(nobody);
	free(text);
	consequences_free(before);
}

/* The whole board, as palmares export has it. */
static int
print_board(struct what_if *w, enum export_format format)
{
	int v = rules_ranking(w->book->rules, w->options->ranking);
	struct board *board;
	int rc;

	if (v < 0)
		cli_usage(w->verb->program, "%s",
		    choice_ranking(w->book->rules, w->options->ranking));
	suppose_quietly(w);
	board = explain_board(w->book, (size_t)v);
	rc = export_ranking(stdout, format, w->book->rules, (size_t)v, board,
	    w->book->roster);
	board_free(board);
	return rc;
}

/* ---- the command line ---- */

static void
check_options(const struct verb *v, struct verb_options *o)
{
	verb_recording(v, o);
	if (o->from != NULL && o->aggregator != NULL)
		cli_usage(v->program,
		    "%s is a recording: leave --aggregator out", o->from);
	if (o->from == NULL && !verb_aggregator_named(o) && o->race == NULL)
		cli_usage(v->program,
		    "of which race? Name a recording, --race or --aggregator");
	if (o->from == NULL)
		cli_folder(v->program, o->race);
	if (o->said_count == 0 && o->rules == NULL)
		cli_usage(v->program,
		    "what if what? --gun, --void, --undo, --do or --rules");
	if (o->format != NULL && o->ranking == NULL)
		cli_usage(v->program,
		    "--format %s: of which board? Add --ranking NAME",
		    o->format);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct what_if w = { .verb = v, .options = &o };
	int format;
	int rc = 0;

	verb_options(v, argc, argv, &o);
	check_options(v, &o);
	format = export_format(o.format != NULL ? o.format : "csv");
	if (format < 0)
		cli_usage(v->program, "--format %s: csv, json or text",
		    o.format);
	load(&w);
	begin_correct(&w);
	if (o.ranking == NULL)
		print_changes(&w);
	else
		rc = print_board(&w, (enum export_format)format);
	correct_clear(&w.correct);
	book_free(w.other);
	past_clear(&w.past);
	rules_free(w.rules);
	free(o.said);
	/* Whoever reads has seen enough. */
	if (rc < 0 && rc != -EPIPE)
		log_fatal(1, "cannot write the ranking");
	return rc < 0 ? 1 : 0;
}

const struct verb verb_what_if = {
	.name = "what-if",
	.program = "palmares what-if",
	.summary = "Shows what other decisions or rules would change",
	.usage = "[FILE] [OPTION]...",
	.options =
	    "Of a recording, or of the race folder or aggregator that the "
	    "options name; the\n"
	    "race is only read.  What is supposed builds upon what was "
	    "decided, in the order\n"
	    "of the command line.\n\n"
	    "  --gun WAVE=TIME           another gun, as in --gun "
	    "masse=10:00:07\n"
	    "  --void READ               a crossing that does not count: "
	    "arrivee:7, or its\n"
	    "                            number in the log\n"
	    "  --undo NUMBER             a decision that was not made\n"
	    "  --do 'VERB WORD...'       anything else that palmares decides: "
	    "'dsq 15',\n"
	    "                            'penalty 15 +2:00', 'change 15 "
	    "team=\"Groupe A\"',\n"
	    "                            'award Femmes 1 --to 16', or "
	    "'correct FILE.csv'\n"
	    "  --rules FILE              another race.yaml\n"
	    "  --ranking NAME            its whole board, as palmares export "
	    "writes it\n"
	    "  --format csv|json|text    of that board, default csv\n"
	    "  --at TIME                 the race as it stood at 10:42:00, or\n"
	    "                            2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafkIQBCHUX",
	.run = run,
};
