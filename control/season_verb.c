/* palmares season: tables over competitions and years. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/backup.h"
#include "control/season_check.h"
#include "control/season_decide.h"
#include "control/season_decisions.h"
#include "control/season_explain.h"
#include "control/season_from.h"
#include "control/season_load.h"
#include "control/season_print.h"
#include "control/season_record.h"
#include "control/season_story.h"
#include "control/verb.h"
#include "race/season/season_db.h"

enum { TOP = 12, PLOT_ROWS = 12, MANY = 1000 };

/* What was asked, and of what. */
struct question {
	const struct verb *v;
	const struct verb_options *o;
	struct season_from from;
	struct gather load;
	struct season_sheet sheet;
	char **rest; /* behind the folder and the word */
	int rest_count;
	bool table_named;
};

struct word {
	const char *name;
	int rest_min;
	int rest_max;
	const char *rest;    /* for a mistake */
	const char *options; /* enum verb_option: those that it takes */
	bool empty;          /* without results, too */
	bool folder;         /* of a folder alone: a recording only shows */
	/* 0, a status, or -errno of writing the result. */
	int (*run)(struct question *q);
};

/* ---- which table, which season ---- */

static void
find_table(struct question *q, const char *name)
{
	const struct season_rules *rules = q->load.folder.rules;
	const char *words[SEASON_TABLES_MAX];
	const char *near;
	char *all;

	for (size_t i = 0; i < rules->table_count; i++) {
		words[i] = rules->tables[i].name;
		if (strcmp(words[i], name) == 0) {
			q->sheet.table = i;
			q->table_named = true;
			return;
		}
	}
	near = nearest(name, words, rules->table_count);
	all = nearest_list(words, rules->table_count);
	cli_usage(q->v->program, "no table %s%s%s%s: there are %s", name,
	    near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "", all);
}

static size_t
find_season(const struct question *q, const char *label)
{
	struct season *s = q->load.season;
	int64_t found = season_find(s, label);
	size_t count = season_count(s);
	const char **words;
	char *all;

	if (found >= 0)
		return (size_t)found;
	words = xcalloc(count + 1, sizeof *words);
	for (size_t i = 0; i < count; i++)
		words[i] = season_label(s, i);
	all = nearest_list(words, count);
	cli_usage(q->v->program, "no season %s: there are %s", label, all);
}

static size_t
number(const struct question *q, const char *option, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	size_t n = digits >= 1 && digits <= 6 && text[digits] == '\0'
	    ? (size_t)strtoul(text, NULL, 10)
	    : 0;

	if (n == 0)
		cli_usage(q->v->program,
		    "%s %s: must be a whole number from 1 on", option, text);
	return n;
}

static size_t
held_of(const struct question *q)
{
	size_t count =
	    season_competitions(q->load.season, q->sheet.season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	size_t n = 0;

	(void)season_competitions(q->load.season, q->sheet.season, held, count);
	for (size_t i = 0; i < count; i++)
		n += held[i].held;
	free(held);
	return n;
}

/* From here on the table is the one after so many competitions. */
static void
go_back(struct question *q)
{
	size_t after = number(q, "--after", q->o->after);
	size_t held = held_of(q);
	struct season *then;

	if (after > held)
		cli_usage(q->v->program,
		    "--after %zu: %zu competition%s of %s been held", after,
		    held, held == 1 ? "" : "s",
		    held == 1 ? "the season has" : "the season have");
	then = season_after(q->load.season, q->sheet.season, after);
	season_free(q->load.season);
	q->load.season = then;
	q->sheet.s = then;
	q->sheet.season = 0;
}

/* ---- words ---- */

static enum season_format
format_of(const struct question *q)
{
	static const char *const words[] = { "text", "csv", "json" };
	const char *format = q->o->format == NULL ? "text" : q->o->format;

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(words[i], format) == 0)
			return (enum season_format)i;
	}
	cli_usage(q->v->program, "--format %s: text, csv or json", format);
}

static int
run_table(struct question *q)
{
	enum season_format format = format_of(q);

	if (q->rest_count > 0)
		find_table(q, q->rest[0]);
	return season_print(stdout, format, &q->sheet);
}

static bool
has_row(const struct question *q, const char *subject)
{
	return season_line(q->sheet.s, q->sheet.season, q->sheet.table,
	           subject) >= 0;
}

/* Of a pair each under its own name, in the order of the table; the halves are
 * in this order or the other.  For free(). */
static char *
find_pair(const struct question *q, const char *written)
{
	const char *slash = strstr(written, " / ");
	char *half;
	const char *a;
	const char *b;
	char *pair;

	if (slash == NULL)
		return NULL;
	half = xasprintf("%.*s", (int)(slash - written), written);
	a = season_subject(q->load.season, half, "");
	b = season_subject(q->load.season, slash + 3, "");
	pair = xasprintf("%s / %s", a, b);
	if (!has_row(q, pair)) {
		free(pair);
		pair = xasprintf("%s / %s", b, a);
	}
	free(half);
	return pair;
}

static bool
explain_one(const struct question *q, bool more)
{
	const struct season_table *t =
	    &q->load.folder.rules->tables[q->sheet.table];
	const char *subject = season_subject(q->load.season, q->rest[0], "");
	char *pair = NULL;
	bool told;

	if (t->of == SEASON_PAIRS && !has_row(q, subject))
		pair = find_pair(q, q->rest[0]);
	if (pair != NULL)
		subject = pair;
	told = has_row(q, subject);
	if (told && more)
		fputc('\n', stdout);
	if (told)
		(void)season_explain(stdout, &q->sheet, &q->load, subject);
	free(pair);
	return told;
}

/* The name in these tables that was probably meant; NULL: none. */
static const char *
find_near(const struct question *q, size_t table)
{
	size_t count = season_row_count(q->sheet.s, q->sheet.season, table);
	struct season_row *rows = xcalloc(count + 1, sizeof *rows);
	const char **names = xcalloc(count + 1, sizeof *names);
	const char *near;

	count = season_rows(q->sheet.s, q->sheet.season, table, 0, rows, count);
	for (size_t i = 0; i < count; i++)
		names[i] = rows[i].subject;
	near = nearest(q->rest[0], names, count);
	free(names);
	free(rows);
	return near;
}

static _Noreturn void
explain_nobody(const struct question *q)
{
	size_t tables = q->load.folder.rules->table_count;
	const char *near = NULL;
	char text[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < tables && near == NULL; i++)
		if (!q->table_named || i == q->sheet.table)
			near = find_near(q, i);
	log_fatal(1, "%s is in none of the tables of %s%s%s%s",
	    text_quote(text, q->rest[0]),
	    season_label(q->sheet.s, q->sheet.season),
	    near != NULL ? ": did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

/* In the tables that were named, or in all where he stands. */
static int
run_explain(struct question *q)
{
	size_t tables = q->load.folder.rules->table_count;
	size_t named;
	bool told = false;

	if (q->rest_count > 1)
		find_table(q, q->rest[1]);
	named = q->sheet.table;
	for (size_t i = 0; i < tables; i++) {
		if (q->table_named && i != named)
			continue;
		q->sheet.table = i;
		told = explain_one(q, told) || told;
	}
	q->sheet.table = named;
	if (!told)
		explain_nobody(q);
	return 0;
}

static size_t
last_of(const struct question *q)
{
	return q->o->last == NULL ? 0 : number(q, "--last", q->o->last);
}

static int
run_history(struct question *q)
{
	if (q->rest_count > 0)
		find_table(q, q->rest[0]);
	season_story(stdout, &q->sheet, last_of(q));
	return 0;
}

static int
run_progress(struct question *q)
{
	int rc;

	if (q->rest_count > 0)
		find_table(q, q->rest[0]);
	if (q->o->plot == NULL) {
		season_progress(stdout, &q->sheet, TOP);
		return 0;
	}
	rc = season_plot(q->o->plot, &q->sheet, PLOT_ROWS);
	if (rc < 0)
		log_fatal(1, "cannot write %s: %s", q->o->plot, strerror(-rc));
	return 0;
}

static int
run_compare(struct question *q)
{
	size_t other = find_season(q, q->rest[1]);

	q->sheet.season = find_season(q, q->rest[0]);
	if (q->rest_count > 2)
		find_table(q, q->rest[2]);
	season_beside(stdout, &q->sheet, other);
	return 0;
}

static int
run_check(struct question *q)
{
	season_check(stdout, q->o->rest[0], &q->load);
	return 0;
}

/* Without a word: what most people want to know. */
static int
run_overview(struct question *q)
{
	size_t tables = q->load.folder.rules->table_count;

	for (q->sheet.table = 0; q->sheet.table < tables; q->sheet.table++) {
		if (q->sheet.table > 0)
			fputc('\n', stdout);
		season_print_top(stdout, &q->sheet, TOP);
	}
	q->sheet.table = 0;
	if (season_count(q->load.season) > 1) {
		fputc('\n', stdout);
		season_story(stdout, &q->sheet, 0);
	} else {
		fputc('\n', stdout);
		season_progress(stdout, &q->sheet, TOP);
	}
	return 0;
}

/* ---- what is decided ---- */

static struct season_order
order_of(struct question *q)
{
	return (struct season_order){ .verb = q->v,
		.options = q->o,
		.dir = q->o->rest[0],
		.gather = &q->load,
		.season = q->sheet.season,
		.words = q->rest,
		.count = (size_t)q->rest_count };
}

static int
run_publish(struct question *q)
{
	struct season_order o = order_of(q);

	return season_publish(&o);
}

static int
run_merge(struct question *q)
{
	struct season_order o = order_of(q);

	return season_merge(&o);
}

static int
run_void(struct question *q)
{
	struct season_order o = order_of(q);

	return season_void_competition(&o);
}

static int
run_decide(struct question *q)
{
	struct season_order o = order_of(q);

	return season_part(&o);
}

static int
run_undo(struct question *q)
{
	struct season_order o = order_of(q);

	return season_undo(&o);
}

static int
run_decisions(struct question *q)
{
	struct err err;

	if (season_decisions(stdout, &q->from.source, &q->load, &err) < 0)
		log_fatal(1, "%s", err.text);
	return 0;
}

static int
run_backup(struct question *q)
{
	char *db = season_db_path(q->o->rest[0]);
	struct err err;

	if (q->load.log == 0)
		log_fatal(1, "%s: not there: nothing was decided yet", db);
	if (backup_copy(db, q->rest[0], &err) < 0)
		log_fatal(1, "%s", err.text);
	free(db);
	return 0;
}

static int
run_record(struct question *q)
{
	struct err err;
	uint64_t added;

	if (season_record(q->o->rest[0], q->rest[0], &added, &err) < 0)
		log_fatal(1, "%s", err.text);
	log_info("%s: %" PRIu64 " event%s added", q->rest[0], added,
	    added == 1 ? "" : "s");
	return 0;
}

static const struct word words[] = {
	{ "", 0, 0, "", "SIQ", false, false, run_overview },
	{ "table", 0, 1, "[TABLE]", "SFfIQ", false, false, run_table },
	{ "explain", 1, 2, "NAME [TABLE]", "SFIQ", false, false, run_explain },
	{ "history", 0, 1, "[TABLE]", "SnIQ", false, false, run_history },
	{ "progress", 0, 1, "[TABLE]", "SLIQ", false, false, run_progress },
	{ "check", 0, 0, "", "", true, true, run_check },
	{ "compare", 2, 3, "SEASON SEASON [TABLE]", "IQ", false, false,
	    run_compare },
	{ "publish", 0, MANY, "[COMPETITION]...", "Sbeyd", true, true,
	    run_publish },
	{ "merge", 2, 2, "NAME RECIPIENT", "Mbeyd", false, true, run_merge },
	{ "void", 1, 1, "COMPETITION", "Sbeyd", false, true, run_void },
	{ "decide", 3, 3, "TABLE BEFORE BEHIND", "Sbeyd", false, true,
	    run_decide },
	{ "undo", 1, MANY, "NUMBER...", "beyd", true, true, run_undo },
	{ "decisions", 0, 0, "", "IQ", true, false, run_decisions },
	{ "record", 1, 1, "FILE", "", true, true, run_record },
	{ "backup", 1, 1, "FILE", "", true, true, run_backup },
};

enum { WORDS = sizeof words / sizeof words[0] };

static const struct word *
find_word(const struct verb *v, const struct verb_options *o)
{
	const char *name = o->rest_count > 1 ? o->rest[1] : "";
	const char *names[WORDS];
	char *all;

	for (size_t i = 0; i < WORDS; i++) {
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
		names[i] = words[i].name;
	}
	all = nearest_list(names + 1, WORDS - 1);
	cli_usage(v->program, "%s: must be one of %s", name, all);
}

/* Nothing is silently ignored: an option that says nothing here is refused. */
static void
check_options(const struct verb *v, const struct verb_options *o,
    const struct word *w)
{
	const struct {
		const char *value;
		char letter;
		const char *name;
	} given[] = {
		{ o->season, VERB_SEASON, "--season" },
		{ o->after, VERB_AFTER, "--after" },
		{ o->format, VERB_FORMAT, "--format" },
		{ o->last, VERB_LAST, "--last" },
		{ o->at, VERB_AT, "--at" },
		{ o->at_seq, VERB_AT_SEQ, "--at-seq" },
		{ o->plot, VERB_PLOT, "--plot" },
		{ o->team, VERB_TEAM, "--team" },
		{ o->by, VERB_BY, "--by" },
		{ o->reason, VERB_REASON, "--reason" },
		{ o->yes ? "" : NULL, VERB_YES, "--yes" },
		{ o->dry_run ? "" : NULL, VERB_DRY_RUN, "--dry-run" },
	};

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		if (given[i].value != NULL &&
		    strchr(w->options, given[i].letter) == NULL)
			cli_usage(v->program, "%s says nothing here",
			    given[i].name);
	}
}

/* What it is about: a folder, or, where it is only shown, a recording. */
static void
open_from(struct question *q, const struct word *w)
{
	season_from_open(&q->from, q->v, q->o);
	if (w->folder && q->from.recorded != NULL)
		cli_usage(q->v->program,
		    "%s: %s is a recording, which only shows a season: name "
		    "the season folder",
		    w->name, q->o->rest[0]);
}

static void
load(struct question *q, const struct word *w)
{
	const struct verb_options *o = q->o;
	struct err err;

	if (season_load(&q->from.source, &q->load, &err) < 0)
		log_fatal(1, "%s", err.text);
	q->sheet = (struct season_sheet){ .s = q->load.season,
		.rules = q->load.folder.rules };
	if (season_count(q->load.season) == 0 && !w->empty)
		log_fatal(1, "%s: there is no result yet", o->rest[0]);
	if (season_count(q->load.season) > 0)
		q->sheet.season = season_count(q->load.season) - 1;
	/* One that is published for the first time is in no table yet. */
	if (o->season != NULL && w->run != run_publish)
		q->sheet.season = find_season(q, o->season);
	if (w->run != run_publish)
		season_load_tell(stderr, &q->load,
		    q->from.recorded == NULL ? o->rest[0] : NULL);
	if (o->after != NULL)
		go_back(q);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct question q = { .v = v, .o = &o };
	const struct word *w;
	int rc;

	verb_options(v, argc, argv, &o);
	if (o.rest_count < 1)
		cli_usage(v->program, "which season folder, or recording?");
	w = find_word(v, &o);
	q.rest = o.rest + (o.rest_count > 1 ? 2 : 1);
	q.rest_count = o.rest_count > 1 ? o.rest_count - 2 : 0;
	if (q.rest_count < w->rest_min || q.rest_count > w->rest_max)
		cli_usage(v->program, "%s: write %s", w->name, w->rest);
	check_options(v, &o, w);
	open_from(&q, w);
	/* What is recorded is read on its own. */
	if (w->run != run_record)
		load(&q, w);
	rc = w->run(&q);
	gather_clear(&q.load);
	season_from_close(&q.from);
	if (rc < 0)
		log_fatal(1, "cannot write the result");
	return rc;
}

const struct verb verb_season = {
	.name = "season",
	.program = "palmares season",
	.summary = "Tables over competitions and years: points, titles, "
	           "records",
	.usage = "DIR|FILE [WORD] [OPTION]...",
	.options =
	    "DIR is a season folder: season.yaml, palmares/*.csv, aliases.csv\n"
	    "(season.yaml(5)); FILE is its recording, which is only shown.\n"
	    "Without a word: the tables, who had the lead, records.\n\n"
	    "  table [TABLE]             one table, whole\n"
	    "  explain NAME [TABLE]      what a place is made of\n"
	    "  history [TABLE]           titles, leads, records, newcomers\n"
	    "  progress [TABLE]          after each competition\n"
	    "  check                     mistakes, doubts, names that may be "
	    "one\n"
	    "  compare S1 S2 [TABLE]     a season beside another\n"
	    "  publish [COMPETITION]...  the award lists as they are now\n"
	    "  merge NAME RECIPIENT      who is written so is that one\n"
	    "  void COMPETITION          it counts no more\n"
	    "  decide TABLE A B          of equals A stands before B\n"
	    "  undo NUMBER...            takes back what was decided\n"
	    "  decisions                 what was decided, by whom, why\n"
	    "  record FILE               what is new of the season goes into a "
	    "recording\n"
	    "  backup FILE               a checked copy of season.db\n\n"
	    "  --season S                that season (default: the last)\n"
	    "  --after K                 as it was after K competitions\n"
	    "  --format text|csv|json    (table)\n"
	    "  --last N                  prizes over the last N seasons, too "
	    "(history)\n"
	    "  --plot FILE.svg           as a picture (progress)\n"
	    "  --at TIME                 as it was recorded by then (FILE)\n"
	    "  --at-seq N                as it was recorded up to event N "
	    "(FILE)\n"
	    "  --team T                  of that team alone (merge)\n"
	    "  --by NAME                 who decides (default: the user)\n"
	    "  --reason TEXT             why; kept with it\n"
	    "  --yes                     decides without asking\n"
	    "  --dry-run                 shows what would change\n",
	.accepts = "SFfnLMbeydIQ",
	.run = run,
};
