#include "control/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/changes.h"
#include "control/deliver_zmq.h"
#include "control/entries.h"
#include "control/held.h"
#include "control/operator.h"
#include "control/reach.h"
#include "control/table.h"
#include "race/conf.h"
#include "race/roster.h"
#include "race/rules.h"

enum {
	PROBLEMS_SHOWN = 100,
	ENTRIES_BYTES_MAX = 1 << 30 /* of the entries.csv that is kept */
};

struct import {
	const struct verb_options *options;
	const char *file;
	const char *name; /* of the file, without its folder; for messages */
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
	bool refused; /* none of it is done, for the mistakes in it */
};

static void
end_import(struct import *im)
{
	changes_clear(&im->changes);
	conf_report_clear(&im->report);
	conf_roll_clear(&im->roll);
	held_clear(&im->held);
	rules_free(im->rules);
}

/*
 * The first mistakes, and every warning: each tells something else.  But not
 * those of the people that are left out (left may be NULL).  Whether there are
 * any.
 */
static bool
print_problems(const struct conf_report *report, const struct changes *left)
{
	size_t errors = 0;
	bool any = false;

	for (size_t i = 0; i < report->count; i++) {
		const struct conf_problem *p = &report->problems[i];
		char line[4096];

		if (p->error && left != NULL &&
		    changes_left_on(left, p->line) != NULL)
			continue;
		errors += p->error;
		if (p->error && errors > PROBLEMS_SHOWN)
			continue;
		conf_problem_print(line, sizeof line, p);
		puts(line);
		any = true;
	}
	if (errors > PROBLEMS_SHOWN)
		printf("and %zu more mistake%s\n", errors - PROBLEMS_SHOWN,
		    errors - PROBLEMS_SHOWN == 1 ? "" : "s");
	return any;
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
		held_put(&im->held, &roll.entries[i]);
	if (rc < 0)
		(void)print_problems(&report, NULL);
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
	(void)print_problems(&report, NULL);
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
	return held_race(o, &im->to, &im->store, &im->rules, err) == 0 &&
	    held_fetch(o, im->store, &im->held, err) == 0;
}

static const char *
entries_word(size_t count)
{
	return count == 1 ? "entry" : "entries";
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
		size_t rows = im->roll.count + im->roll.left_count;

		printf("%s: %zu %s, separated by %s\n\n", im->name, rows,
		    entries_word(rows), by);
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

static struct changes_job
job_of(const struct import *im)
{
	return (struct changes_job){
		.held = held_entries(&im->held),
		.held_count = im->held.count,
		.file = im->name,
		.sheet = &im->sheet,
		.roll = &im->roll,
		.rules = im->rules,
		.remove = im->options->remove,
	};
}

static void
find_changes(struct import *im)
{
	struct changes_job job = job_of(im);

	(void)conf_sheet(im->file, im->rules, &im->sheet, &im->roll,
	    &im->report);
	/* Not everybody is to be taken out for an empty file, either; and who
	 * is left out for a mistake is not to be taken out for it. */
	im->refused = im->roll.count == 0 ||
	    (im->report.errors > 0 && im->options->remove);
	changes_find(&job, &im->changes, &im->report);
}

/* ---- applying it ---- */

static bool
is_same(const struct race_entry *a, const struct race_entry *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return roster_entry_equal(a, b);
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
			    "%s: bib %s: with the columns that are there "
			    "already",
			    im->name, it->after->bib);
	}
	return 0;
}

/* Entries may be said twice, so whoever was interrupted need not count. */
static void
tell_again(int rc, struct err *err)
{
	char *why = xstrdup(err->text);

	err_set(err, rc, "%s; doing the same again is harmless%s", why,
	    rc == -EPROTO ? "" : ", and brings the rest");
	free(why);
}

static int
send_changes(const struct import *im, struct err *err)
{
	struct deliver_job job = { .aggregator = im->options->aggregator,
		.race = im->options->race,
		.store = im->store,
		.name = im->by };
	struct deliver *d;
	int64_t now_us;
	int64_t made_us = 0;
	int rc = operator_clock(&im->to, &now_us, &made_us, err);

	if (rc < 0)
		return rc;
	rc = deliver_new(&d, &job, err);
	if (rc < 0)
		return rc;
	rc = add_changes(im, d, made_us, err);
	if (rc == 0) {
		rc = deliver_send(d, err);
		if (rc < 0)
			tell_again(rc, err);
	}
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
		const struct race_entry *is = held_find(now, bib);

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
	int rc = held_fetch(im->options, im->store, &now, err);
	const char *first = NULL;

	if (rc == 0 && count_other(im, &now, false, &first) > 0)
		rc = err_set(err, -ESTALE,
		    "nothing was changed: another operator has changed bib %s "
		    "meanwhile: import again to see",
		    first);
	held_clear(&now);
	return rc;
}

/* What was asked for is what holds, unless another operator was at it. */
static int
check_applied(const struct import *im, struct err *err)
{
	struct held now = { 0 };
	int rc = held_fetch(im->options, im->store, &now, err);
	const char *first = NULL;
	size_t doubles = now.doubles;
	char doubled[sizeof now.doubled];
	size_t other = 0;

	memcpy(doubled, now.doubled, sizeof doubled);
	if (rc == 0)
		other = count_other(im, &now, true, &first);
	held_clear(&now);
	if (rc < 0)
		return err_wrap(err, rc, "all is stored, but");
	if (other > 0)
		return err_set(err, -ESTALE,
		    "all is stored, but another operator has changed %zu of "
		    "these since (bib %s is the first): import again to see",
		    other, first);
	if (doubles > im->held.doubles)
		return err_set(err, -ESTALE,
		    "all is stored, but %s: the lower bib gets its reads; "
		    "import who has it, and who has not",
		    doubled);
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
		printf("%s: written, %zu %s%s\n", path, count,
		    entries_word(count),
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
	printf("%zu %s changed, by %s\n", changes_total(&im->changes),
	    entries_word(changes_total(&im->changes)), im->by);
	return check_applied(im, err);
}

/* ---- asking ---- */

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
	if (operator_is_there()) {
		if (operator_agrees(im->changes.left_count > 0
		            ? "Apply without them?"
		            : "Apply?"))
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
		puts(status == 0 ? "nothing to change" : "nothing was changed");
		return status;
	}
	if (!is_wanted(im))
		return im->options->dry_run ? status : 1;
	if (apply(im, err) < 0) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	/* It may be far above by now. */
	if (im->changes.left_count > 0) {
		changes_print_left_count(stdout, &im->changes);
		printf(": mend %s and import it again\n", im->name);
	}
	return status;
}

/* What is wrong comes last, next to the question. */
static void
print_summary(const struct import *im)
{
	const struct changes *c = &im->changes;

	bool above = !im->refused;

	print_columns(im);
	if (!im->refused)
		changes_print(stdout, c);
	above = print_problems(&im->report, c) || above;
	if (above && c->left_count > 0)
		putchar('\n');
	changes_print_left(stdout, c, &im->report);
	putchar('\n');
}

static void
print_refusal(const struct import *im)
{
	if (im->roll.count > 0)
		puts("nothing was changed: with mistakes in the file nobody "
		     "knows who is missing; mend them, or leave out --remove");
	else if (im->roll.left_count > 0)
		puts("nothing was changed: nobody is left");
	else
		puts("nothing was changed: nobody is in the file");
}

static int
make(struct import *im, struct err *err)
{
	if (!load(im, err)) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	find_changes(im);
	print_summary(im);
	if (im->refused) {
		print_refusal(im);
		return 1;
	}
	return decide(im, err);
}

int
import_run(const struct verb_options *o)
{
	const char *slash = strrchr(o->rest[1], '/');
	struct import im = { .options = o,
		.file = o->rest[1],
		.name = slash != NULL ? slash + 1 : o->rest[1],
		.by = operator_name(o) };
	struct err err;
	int status = make(&im, &err);

	end_import(&im);
	return status;
}
