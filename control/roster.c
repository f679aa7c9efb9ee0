/* palmares roster: who is entered, taken from a spreadsheet while the race runs
 * or before it, and written as entries.csv. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/files.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/ask_zmq.h"
#include "control/changes.h"
#include "control/deliver_zmq.h"
#include "control/entries.h"
#include "control/offline.h"
#include "control/reach.h"
#include "control/table.h"
#include "control/verb.h"
#include "race/conf.h"
#include "race/fetch.h"
#include "race/roster.h"
#include "race/rules.h"

/* How long an aggregator may take to answer. */
#define PATIENCE_US INT64_C(3000000)

enum {
	PROBLEMS_SHOWN = 100,
	ENTRIES_BYTES_MAX = 1 << 30 /* of the entries.csv that is kept */
};

/* The roster as it is. */
struct held {
	struct race_entry **entries; /* by bib */
	size_t count;
	size_t cap;
};

static void
clear_held(struct held *h)
{
	while (h->count > 0)
		free(h->entries[--h->count]);
	free(h->entries);
	*h = (struct held){ 0 };
}

static int
by_bib(const void *a, const void *b)
{
	const struct race_entry *const *x = a;
	const struct race_entry *const *y = b;

	return text_label_cmp((*x)->bib, (*y)->bib);
}

static void
hold(struct held *h, const struct race_entry *e)
{
	h->entries = xgrow(h->entries, &h->cap, h->count, sizeof *h->entries);
	h->entries[h->count++] = roster_entry_copy(e);
}

static int
hold_roster(void *arg, const struct roster *roster)
{
	struct held *h = arg;
	size_t slots = roster_slots(roster);

	clear_held(h);
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			hold(h, e);
	}
	if (h->count > 0)
		qsort(h->entries, h->count, sizeof *h->entries, by_bib);
	return 0;
}

/* NULL: nobody has the bib. */
static const struct race_entry *
find_held(const struct held *h, const char *bib)
{
	const struct race_entry key = { .bib = bib };
	const struct race_entry *wanted = &key;
	struct race_entry **found = NULL;

	if (h->count > 0)
		found = bsearch(&wanted, h->entries, h->count,
		    sizeof *h->entries, by_bib);
	return found != NULL ? *found : NULL;
}

static bool
is_same(const struct race_entry *a, const struct race_entry *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return roster_entry_equal(a, b);
}

static const struct race_entry *const *
entries_of(const struct held *h)
{
	return (const struct race_entry *const *)h->entries;
}

/* ---- where it comes from ---- */

/* The loop of a fetch takes Ctrl-C for itself and keeps it: who is asked
 * something afterwards shall be able to end it. */
static int
fetch_held(const struct verb_options *o, uint64_t store, struct held *h,
    struct err *err)
{
	struct fetch_job fetch = {
		.aggregator = o->aggregator,
		.race = o->race,
		.store = store,
		.patience_us = PATIENCE_US,
	};
	sigset_t mask;
	int rc;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	rc = fetch_roster(&fetch, hold_roster, h, err);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return rc;
}

/* Whom it is about: what is imported into another race is hard to undo. */
static int
find_race(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct race_rules **rules, struct err *err)
{
	uint64_t ours;
	int rc = reach_rules(o, to, store, rules, err);

	if (rc < 0 || verb_aggregator_named(o) || o->race == NULL ||
	    offline_store(&ours, o->race, err) < 0 || ours == *store)
		return rc;
	rules_free(*rules);
	*rules = NULL;
	return err_set(err, -ESTALE,
	    "the aggregator at %s:%d holds another race", to->host, to->base);
}

static int
hold_store(const struct verb_options *o, struct held *h, struct err *err)
{
	struct book *b;
	int rc = offline_book(&b, o->race, err);

	if (rc < 0)
		return rc;
	hold_roster(h, b->roster);
	book_free(b);
	return 0;
}

static int
hold_live(const struct verb_options *o, struct held *h, struct err *err)
{
	struct race_rules *rules = NULL;
	struct endpoint to;
	uint64_t store;
	int rc = find_race(o, &to, &store, &rules, err);

	rules_free(rules);
	return rc < 0 ? rc : fetch_held(o, store, h, err);
}

/* ---- export ---- */

static void
refuse_import_options(const struct verb *v, const struct verb_options *o)
{
	if (o->yes || o->dry_run || o->remove || o->by != NULL)
		cli_usage(v->program,
		    "--yes, --dry-run, --remove and --by are for import");
}

static int
export_roster(const struct verb *v, const struct verb_options *o)
{
	struct held h = { 0 };
	struct err err;
	char *text;
	int rc;

	refuse_import_options(v, o);
	if (o->rest_count > 1)
		cli_usage(v->program, "export %s: no such argument",
		    o->rest[1]);
	if (o->format != NULL && strcmp(o->format, "csv") != 0)
		cli_usage(v->program, "--format %s: csv", o->format);
	if (o->offline && o->race == NULL)
		cli_usage(v->program,
		    "--offline: of which race folder? Use --race DIR or "
		    "PALMARES_RACE");
	rc = reach_first(o) ? hold_live(o, &h, &err) : hold_store(o, &h, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	text = entries_csv(entries_of(&h), h.count);
	fputs(text, stdout);
	free(text);
	clear_held(&h);
	return 0;
}

/* ---- import ---- */

struct import {
	const struct verb_options *options;
	const char *file;
	const char *name; /* of the file, without its folder */
	const char *by;
	bool live;
	struct endpoint to;
	uint64_t store;
	struct race_rules *rules; /* NULL: there is no race.yaml yet */
	struct held held;
	struct conf_sheet sheet;
	struct conf_roll roll;
	struct conf_report report;
	struct changes changes;
};

static void
end_import(struct import *im)
{
	changes_clear(&im->changes);
	conf_report_clear(&im->report);
	conf_roll_clear(&im->roll);
	clear_held(&im->held);
	rules_free(im->rules);
}

static void
print_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count && i < PROBLEMS_SHOWN; i++) {
		char line[4096];

		conf_problem_print(line, sizeof line, &report->problems[i]);
		puts(line);
	}
	if (report->count > PROBLEMS_SHOWN)
		printf("and %zu more of this kind\n",
		    report->count - PROBLEMS_SHOWN);
}

/* entries.csv of a folder that no aggregator has held yet. */
static int
hold_entries(struct import *im, const char *path)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	int rc = 0;

	if (access(path, F_OK) == 0)
		rc = conf_entries(im->options->race, im->rules, &roll, &report);
	for (size_t i = 0; rc == 0 && i < roll.count; i++)
		hold(&im->held, &roll.entries[i]);
	if (rc < 0)
		print_problems(&report);
	conf_roll_clear(&roll);
	conf_report_clear(&report);
	return rc;
}

static char *
path_in(const struct import *im, const char *name)
{
	return xasprintf("%s/%s", im->options->race, name);
}

/* The rules of the folder, if it has any. */
static int
read_rules(struct import *im)
{
	struct conf_report report = { 0 };
	char *path = path_in(im, "race.yaml");
	bool there = access(path, F_OK) == 0;

	free(path);
	if (there)
		im->rules = conf_rules(im->options->race, &report);
	print_problems(&report);
	conf_report_clear(&report);
	return there && im->rules == NULL ? -EINVAL : 0;
}

/* True if the folder is one before its race: entries.csv is all there is. */
static bool
load_folder(struct import *im, struct err *err)
{
	char *db = path_in(im, "race.db");
	char *entries = path_in(im, "entries.csv");
	bool begun = access(db, F_OK) == 0;
	bool ok = false;

	if (begun)
		err_set(err, 0,
		    "%s is there, and no aggregator runs: start the aggregator "
		    "first (palmares-aggregator %s), for a race that has begun "
		    "takes changes from it alone",
		    db, im->options->race);
	else if (read_rules(im) < 0)
		err_set(err, 0, "race.yaml has mistakes: mend them first");
	else if (hold_entries(im, entries) < 0)
		err_set(err, 0,
		    "%s has mistakes: mend them first, for it is written anew "
		    "from what can be read",
		    entries);
	else
		ok = true;
	free(entries);
	free(db);
	return ok;
}

static bool
load(struct import *im, struct err *err)
{
	const struct verb_options *o = im->options;

	im->live = reach_first(o);
	if (!im->live)
		return load_folder(im, err);
	return find_race(o, &im->to, &im->store, &im->rules, err) == 0 &&
	    fetch_held(o, im->store, &im->held, err) == 0;
}

static void
print_columns(const struct import *im)
{
	static const struct table_column columns[] = {
		{ "column", false },
		{ "taken as", false },
	};
	const struct conf_sheet *s = &im->sheet;
	const char **cells = xcalloc(2 * s->count + 1, sizeof *cells);
	const char *by = s->separator == '\t' ? "tabs"
	    : s->separator == ';'             ? "semicolons"
	                                      : "commas";

	if (s->count > 0) {
		printf("%s: %zu entries, separated by %s\n\n", im->name,
		    im->roll.count, by);
		for (size_t i = 0; i < s->count; i++) {
			const char *key = s->columns[i].key;

			cells[2 * i] = s->columns[i].head;
			cells[2 * i + 1] = *key != '\0'   ? key
			    : *s->columns[i].head == '\0' ? "-"
			                                  : "kept as it is";
		}
		table_print(stdout, columns, 2, cells, s->count);
		putchar('\n');
	}
	free(cells);
}

static void
find_changes(struct import *im)
{
	struct changes_job job = {
		.held = entries_of(&im->held),
		.held_count = im->held.count,
		.file = im->name,
		.sheet = &im->sheet,
		.roll = &im->roll,
		.rules = im->rules,
		.remove = im->options->remove,
	};

	changes_find(&job, &im->changes, &im->report);
}

/* ---- applying it ---- */

/* Of all that operators decide the last one holds, by one clock. */
static int
aggregators_clock(const struct import *im, int64_t *now_us, struct err *err)
{
	struct message question = { .type = MESSAGE_STATUS_REQUEST };
	struct message answer;
	struct ask *a;
	int rc = ask_new(&a, &im->to, ENDPOINT_CONTROL, err);

	if (rc < 0)
		return rc;
	question.status_request.request = 1;
	rc = ask(a, &question, MESSAGE_STATUS_REPLY, &answer, err);
	if (rc == 0)
		*now_us = answer.status_reply.now_us;
	ask_free(a);
	return rc;
}

static struct race_event
event_of(const struct changes_item *it, int64_t made_us)
{
	struct race_event e = { .kind = RACE_ENTRY_GONE, .made_us = made_us };

	if (it->after != NULL) {
		e.kind = RACE_ENTRY;
		e.entry = *it->after;
	} else {
		e.entry_gone = it->before->bib;
	}
	return e;
}

static int
add_changes(const struct import *im, struct deliver *d, int64_t made_us,
    struct err *err)
{
	for (size_t i = 0; i < im->changes.count; i++) {
		const struct changes_item *it = &im->changes.items[i];
		struct race_event e = event_of(it, made_us);
		int rc = it->kind != CHANGES_EQUAL ? deliver_add(d, &e) : 0;

		/* A row that is too long was refused; one that was joined with
		 * what is there may be. */
		if (rc < 0)
			return err_errno(err, rc,
			    "%s:%u: with the columns that are there already",
			    im->name, it->line);
	}
	return 0;
}

static int
send_changes(const struct import *im, struct err *err)
{
	struct deliver_job job = { .aggregator = im->options->aggregator,
		.race = im->options->race,
		.store = im->store,
		.name = im->by };
	struct deliver *d;
	int64_t made_us = 0;
	int rc = aggregators_clock(im, &made_us, err);

	if (rc < 0)
		return rc;
	rc = deliver_new(&d, &job, err);
	if (rc < 0)
		return rc;
	rc = add_changes(im, d, made_us, err);
	if (rc == 0)
		rc = deliver_send(d, err);
	deliver_free(d);
	return rc;
}

/*
 * How many of the changes find the roster other than they were made for, or,
 * once they are made, than they made it; *first is the bib of the first.
 */
static size_t
count_other(const struct import *im, const struct held *now, bool made,
    const char **first)
{
	size_t other = 0;

	for (size_t i = 0; i < im->changes.count; i++) {
		const struct changes_item *it = &im->changes.items[i];
		const char *bib =
		    it->after != NULL ? it->after->bib : it->before->bib;
		const struct race_entry *is = find_held(now, bib);

		if (it->kind == CHANGES_EQUAL ||
		    is_same(is, made ? it->after : it->before))
			continue;
		if (other++ == 0)
			*first = bib;
	}
	return other;
}

/* A person may have taken minutes to answer. */
static int
check_unchanged(const struct import *im, struct err *err)
{
	struct held now = { 0 };
	int rc = fetch_held(im->options, im->store, &now, err);
	const char *first = NULL;

	if (rc == 0 && count_other(im, &now, false, &first) > 0)
		rc = err_set(err, -ESTALE,
		    "nothing was changed: another operator has changed bib %s "
		    "meanwhile: import again to see",
		    first);
	clear_held(&now);
	return rc;
}

/* What was asked for is what holds, unless another operator was at it. */
static int
check_applied(const struct import *im, struct err *err)
{
	struct held now = { 0 };
	int rc = fetch_held(im->options, im->store, &now, err);
	const char *first = NULL;
	size_t other = 0;

	if (rc == 0)
		other = count_other(im, &now, true, &first);
	clear_held(&now);
	if (rc < 0)
		return err_wrap(err, rc, "all is stored, but");
	if (other > 0)
		return err_set(err, -ESTALE,
		    "all is stored, but another operator has changed %zu of "
		    "these since (bib %s is the first): import again to see",
		    other, first);
	return 0;
}

static int
keep_old(const char *path, struct err *err)
{
	char *bak = xasprintf("%s.bak", path);
	char *text;
	size_t len;
	int rc;

	if (access(path, F_OK) < 0) {
		free(bak);
		return 0;
	}
	rc = files_read(path, ENTRIES_BYTES_MAX, &text, &len, err);
	if (rc == 0) {
		rc = files_replace(bak, text, err);
		free(text);
	}
	free(bak);
	return rc;
}

/* Who was there in the old order, then who is new. */
static char *
merged_csv(const struct import *im, size_t *count)
{
	const struct changes *c = &im->changes;
	struct roster *r = roster_new(0);
	const struct race_entry **all =
	    xcalloc(im->held.count + c->count + 1, sizeof *all);
	struct race_id id = { 0, 0 };
	size_t slots;
	char *text;

	for (size_t i = 0; i < im->held.count; i++)
		roster_put(r, 1, id, im->held.entries[i]);
	for (size_t i = 0; i < c->count; i++) {
		if (c->items[i].after != NULL)
			roster_put(r, 2, id, c->items[i].after);
		else
			roster_remove(r, 2, id, c->items[i].before->bib);
	}
	slots = roster_slots(r);
	*count = 0;
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(r, i, &bib);

		if (e != NULL)
			all[(*count)++] = e;
	}
	text = entries_csv(all, *count);
	free(all);
	roster_free(r);
	return text;
}

static int
write_entries(const struct import *im, struct err *err)
{
	char *path = path_in(im, "entries.csv");
	bool old = access(path, F_OK) == 0;
	size_t count;
	char *text = merged_csv(im, &count);
	int rc = keep_old(path, err);

	if (rc == 0)
		rc = files_replace(path, text, err);
	if (rc == 0)
		printf("%s: written, %zu entries%s\n", path, count,
		    old ? "; what it was is in entries.csv.bak" : "");
	free(text);
	free(path);
	return rc;
}

static int
apply(const struct import *im, struct err *err)
{
	int rc;

	if (!im->live)
		return write_entries(im, err);
	rc = im->options->yes ? 0 : check_unchanged(im, err);
	if (rc == 0)
		rc = send_changes(im, err);
	if (rc < 0)
		return rc;
	printf("%zu entries changed, by %s\n", changes_total(&im->changes),
	    im->by);
	return check_applied(im, err);
}

/* ---- asking ---- */

static bool
says_yes(void)
{
	char answer[16] = "";
	char *folded;
	bool yes;

	fputs("Apply? [y/N] ", stdout);
	fflush(stdout);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		putchar('\n');
	folded = text_fold(answer);
	yes = strcmp(folded, "y") == 0 || strcmp(folded, "yes") == 0 ||
	    strcmp(folded, "o") == 0 || strcmp(folded, "oui") == 0;
	free(folded);
	return yes;
}

/* Whether to go on; says why not. */
static bool
is_wanted(const struct import *im)
{
	if (im->options->dry_run) {
		puts("nothing was changed: --dry-run");
		return false;
	}
	if (im->options->yes)
		return true;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
		if (says_yes())
			return true;
		puts("nothing was changed");
		return false;
	}
	puts("nothing was changed: --yes applies this");
	return false;
}

static int
decide(struct import *im, struct err *err)
{
	size_t errors = im->report.errors;
	int status = errors > 0 ? 1 : 0;

	if (changes_total(&im->changes) == 0) {
		puts("nothing to change");
		return status;
	}
	if (!is_wanted(im))
		return im->options->dry_run ? status : 1;
	if (apply(im, err) < 0) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	return status;
}

static int
import_sheet(struct import *im, struct err *err)
{
	size_t in_file;

	if (!load(im, err)) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	(void)conf_sheet(im->file, im->rules, &im->sheet, &im->roll,
	    &im->report);
	in_file = im->report.errors;
	find_changes(im);
	print_columns(im);
	print_problems(&im->report);
	if (im->report.errors > 0 && im->roll.count > 0)
		printf("%zu mistake%s: what has one is left out\n",
		    im->report.errors, im->report.errors == 1 ? "" : "s");
	if (im->report.count > 0)
		putchar('\n');
	/* Not everybody is to be taken out for an empty file, either. */
	if (im->roll.count == 0) {
		puts("nothing was changed: nobody is in the file");
		return 1;
	}
	/* Who is left out for a mistake is not to be taken out for it. */
	if (in_file > 0 && im->options->remove) {
		puts("nothing was changed: with mistakes in the file nobody "
		     "knows who is missing; mend them, or leave out --remove");
		return 1;
	}
	changes_print(stdout, &im->changes);
	putchar('\n');
	return decide(im, err);
}

static const char *
own_name(void)
{
	const struct passwd *p = getpwuid(getuid());

	return p != NULL && text_utf8_valid(p->pw_name, strlen(p->pw_name)) &&
	        text_printable(p->pw_name) &&
	        strlen(p->pw_name) <= RACE_NAME_MAX
	    ? p->pw_name
	    : "somebody";
}

static void
check_import(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count < 2)
		cli_usage(v->program, "import: which file?");
	if (o->rest_count > 2)
		cli_usage(v->program,
		    "import: one file at a time: %s is too "
		    "much",
		    o->rest[2]);
	if (o->format != NULL || o->offline)
		cli_usage(v->program, "--format and --offline are for export");
	if (o->by != NULL &&
	    (*o->by == '\0' || strlen(o->by) > RACE_NAME_MAX ||
	        !text_utf8_valid(o->by, strlen(o->by)) ||
	        !text_printable(o->by)))
		cli_usage(v->program,
		    "--by: a name of at most %d bytes of UTF-8", RACE_NAME_MAX);
	if (o->yes && o->dry_run)
		cli_usage(v->program, "--yes or --dry-run, not both");
	cli_folder(v->program, o->race);
}

static int
import_roster(const struct verb *v, const struct verb_options *o)
{
	struct import im = { .options = o };
	struct err err;
	const char *slash;
	int status;

	check_import(v, o);
	im.file = o->rest[1];
	slash = strrchr(im.file, '/');
	im.name = slash != NULL ? slash + 1 : im.file;
	im.by = o->by != NULL ? o->by : own_name();
	status = import_sheet(&im, &err);
	end_import(&im);
	return status;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;

	verb_options(v, argc, argv, &o);
	if (o.rest_count > 0 && strcmp(o.rest[0], "import") == 0)
		return import_roster(v, &o);
	if (o.rest_count > 0 && strcmp(o.rest[0], "export") == 0)
		return export_roster(v, &o);
	if (o.rest_count > 0)
		cli_usage(v->program, "%s: import FILE or export", o.rest[0]);
	cli_usage(v->program, "import FILE, or export?");
}

const struct verb verb_roster = {
	.name = "roster",
	.program = "palmares roster",
	.summary = "Takes entries from a spreadsheet, or writes them",
	.usage = "import FILE [OPTION]... | export [OPTION]...",
	.options =
	    "import compares FILE (CSV with commas, semicolons or tabs) with "
	    "the roster,\n"
	    "shows what would change, asks, and changes it, while the race "
	    "runs or before.\n"
	    "export writes the roster in the form of entries.csv.\n"
	    "\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to reach "
	    "(or PALMARES_AGGREGATOR)\n"
	    "  --yes                     import: do not ask\n"
	    "  --dry-run                 import: show, change nothing\n"
	    "  --remove                  import: who is not in FILE is taken "
	    "out\n"
	    "  --by NAME                 import: the operator; default the "
	    "user's name\n"
	    "  --format csv              export: the only one\n"
	    "  --offline                 export: read race.db, ask nobody\n",
	.accepts = "rafldyxb",
	.run = run,
};
