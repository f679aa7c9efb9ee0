#include "control/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/nearest.h"
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
#include "race/conf_columns.h"
#include "race/roster.h"
#include "race/rules.h"

enum {
	PROBLEMS_SHOWN = 100,
	ENTRIES_BYTES_MAX = 1 << 30 /* of the entries.csv that is kept */
};

struct edit {
	const struct verb_options *options;
	/* Finds what would be other, and why not. */
	void (*find)(struct edit *ed);
	const char *file; /* NULL: nothing is read */
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
end_edit(struct edit *ed)
{
	changes_clear(&ed->changes);
	conf_report_clear(&ed->report);
	conf_roll_clear(&ed->roll);
	held_clear(&ed->held);
	rules_free(ed->rules);
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
hold_entries(struct edit *ed, const char *path)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	int rc = 0;

	if (access(path, F_OK) == 0)
		rc = conf_entries(ed->options->race, ed->rules, &roll, &report);
	for (size_t i = 0; rc == 0 && i < roll.count; i++)
		held_put(&ed->held, &roll.entries[i]);
	if (rc < 0)
		(void)print_problems(&report, NULL);
	conf_roll_clear(&roll);
	conf_report_clear(&report);
	return rc;
}

static char *
path_in(const struct edit *ed, const char *name)
{
	return xasprintf("%s/%s", ed->options->race, name);
}

/* The rules of the folder, if it has any. */
static int
read_rules(struct edit *ed)
{
	struct conf_report report = { 0 };
	char *path = path_in(ed, "race.yaml");
	bool there = access(path, F_OK) == 0;

	free(path);
	if (there)
		ed->rules = conf_rules(ed->options->race, &report);
	(void)print_problems(&report, NULL);
	conf_report_clear(&report);
	return there && ed->rules == NULL ? -EINVAL : 0;
}

/* True if the folder is one before its race: entries.csv is all there is. */
static bool
load_folder(struct edit *ed, struct err *err)
{
	char *db = path_in(ed, "race.db");
	char *entries = path_in(ed, "entries.csv");
	bool begun = access(db, F_OK) == 0;
	bool ok = false;

	if (begun)
		err_set(err, 0,
		    "%s is there, and no aggregator runs: start the aggregator "
		    "first (palmares-aggregator %s), for a race that has begun "
		    "takes changes from it alone",
		    db, ed->options->race);
	else if (read_rules(ed) < 0)
		err_set(err, 0, "race.yaml has mistakes: mend them first");
	else if (hold_entries(ed, entries) < 0)
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
load(struct edit *ed, struct err *err)
{
	const struct verb_options *o = ed->options;

	ed->live = reach_first(o);
	if (!ed->live)
		return load_folder(ed, err);
	return held_race(o, &ed->to, &ed->store, &ed->rules, err) == 0 &&
	    held_fetch(o, ed->store, &ed->held, err) == 0;
}

static const char *
entries_word(size_t count)
{
	return count == 1 ? "entry" : "entries";
}

static void
print_columns(const struct edit *ed)
{
	static const struct table_column columns[] = {
		{ "column", false },
		{ "taken as", false },
	};
	const struct conf_sheet *s = &ed->sheet;
	const char **cells = xcalloc(2 * s->count + 1, sizeof *cells);
	const char *by = s->separator == '\t' ? "tabs"
	    : s->separator == ';'             ? "semicolons"
	                                      : "commas";

	if (ed->file != NULL && s->count > 0) {
		size_t rows = ed->roll.count + ed->roll.left_count;

		printf("%s: %zu %s, separated by %s\n\n", ed->name, rows,
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
job_of(const struct edit *ed)
{
	return (struct changes_job){
		.held = held_entries(&ed->held),
		.held_count = ed->held.count,
		.file = ed->name,
		.sheet = &ed->sheet,
		.roll = &ed->roll,
		.rules = ed->rules,
		.remove = ed->options->remove,
	};
}

static void
find_of_sheet(struct edit *ed)
{
	struct changes_job job = job_of(ed);

	(void)conf_sheet(ed->file, ed->rules, &ed->sheet, &ed->roll,
	    &ed->report);
	/* Not everybody is to be taken out for an empty file, either; and who
	 * is left out for a mistake is not to be taken out for it. */
	ed->refused = ed->roll.count == 0 ||
	    (ed->report.errors > 0 && ed->options->remove);
	changes_find(&job, &ed->changes, &ed->report);
}

static bool
anybody_has(const struct held *h, const char *column)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct race_entry *e = h->entries[i];

		for (size_t k = 0; k < e->more_count; k++)
			if (strcasecmp(e->more[k].name, column) == 0)
				return true;
	}
	return false;
}

/* A slip in the name of a column is not to become one. */
static void
refuse_new_columns(struct edit *ed)
{
	char *known = nearest_list(conf_column_names, CONF_COLUMNS);

	for (size_t i = 0; i < ed->sheet.count; i++) {
		const struct conf_heading *h = &ed->sheet.columns[i];
		char q[TEXT_QUOTE_MAX];

		if (*h->key != '\0' || anybody_has(&ed->held, h->head))
			continue;
		ed->refused = true;
		conf_report_add(&ed->report, true, ed->name, 0, 0,
		    "%s=: nobody has such a column: %s; a new one comes with a "
		    "file",
		    text_quote(q, h->head), known);
	}
	free(known);
}

/* BIB KEY=VALUE... as a row below its header. */
static void
find_of_words(struct edit *ed)
{
	char **words = ed->options->rest + 1;
	size_t count = (size_t)ed->options->rest_count - 1;
	char *heads[CONF_HEADINGS_MAX];
	char *values[CONF_HEADINGS_MAX];
	struct changes_job job = job_of(ed);
	char bib[] = "bib";

	heads[0] = bib;
	values[0] = words[0];
	for (size_t i = 1; i < count; i++) {
		heads[i] = words[i];
		values[i] = strchr(words[i], '=');
		*values[i]++ = '\0';
	}
	if (conf_sheet_row(ed->name, heads, values, count, ed->rules,
	        &ed->sheet, &ed->roll, &ed->report) < 0)
		ed->refused = true;
	refuse_new_columns(ed);
	changes_find(&job, &ed->changes, &ed->report);
	/* There is no file that they could be in. */
	ed->changes.kept_count = 0;
}

static void
find_of_bibs(struct edit *ed)
{
	struct changes_job job = job_of(ed);

	changes_remove(&job, ed->options->rest + 1,
	    (size_t)ed->options->rest_count - 1, &ed->changes, &ed->report);
	ed->refused = ed->report.errors > 0;
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
add_changes(const struct edit *ed, struct deliver *d, int64_t made_us,
    struct err *err)
{
	for (size_t i = 0; i < ed->changes.count; i++) {
		const struct changes_item *it = &ed->changes.items[i];
		struct race_event e = event_of(it, made_us);
		int rc = it->kind != CHANGES_EQUAL ? deliver_add(d, &e) : 0;

		/* A row that is too long was refused; one that was joined with
		 * what is there may be. */
		if (rc < 0)
			return err_errno(err, rc,
			    "%s: bib %s: with the columns that are there "
			    "already",
			    ed->name, it->after->bib);
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
send_changes(const struct edit *ed, struct err *err)
{
	struct deliver_job job = { .aggregator = ed->options->aggregator,
		.race = ed->options->race,
		.store = ed->store,
		.name = ed->by };
	struct deliver *d;
	int64_t now_us;
	int64_t made_us = 0;
	int rc = operator_clock(&ed->to, &now_us, &made_us, err);

	if (rc < 0)
		return rc;
	rc = deliver_new(&d, &job, err);
	if (rc < 0)
		return rc;
	rc = add_changes(ed, d, made_us, err);
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
count_other(const struct edit *ed, const struct held *now, bool made,
    const char **first)
{
	size_t other = 0;

	for (size_t i = 0; i < ed->changes.count; i++) {
		const struct changes_item *it = &ed->changes.items[i];
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
check_unchanged(const struct edit *ed, struct err *err)
{
	struct held now = { 0 };
	int rc = held_fetch(ed->options, ed->store, &now, err);
	const char *first = NULL;

	if (rc == 0 && count_other(ed, &now, false, &first) > 0)
		rc = err_set(err, -ESTALE,
		    "nothing was changed: another operator has changed bib %s "
		    "meanwhile: import again to see",
		    first);
	held_clear(&now);
	return rc;
}

/* What was asked for is what holds, unless another operator was at it. */
static int
check_applied(const struct edit *ed, struct err *err)
{
	struct held now = { 0 };
	int rc = held_fetch(ed->options, ed->store, &now, err);
	const char *first = NULL;
	size_t doubles = now.doubles;
	char doubled[sizeof now.doubled];
	size_t other = 0;

	memcpy(doubled, now.doubled, sizeof doubled);
	if (rc == 0)
		other = count_other(ed, &now, true, &first);
	held_clear(&now);
	if (rc < 0)
		return err_wrap(err, rc, "all is stored, but");
	if (other > 0)
		return err_set(err, -ESTALE,
		    "all is stored, but another operator has changed %zu of "
		    "these since (bib %s is the first): import again to see",
		    other, first);
	if (doubles > ed->held.doubles)
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
merged_csv(const struct edit *ed, size_t *count)
{
	const struct changes *c = &ed->changes;
	struct roster *r = roster_new(0);
	const struct race_entry **all =
	    xcalloc(ed->held.count + c->count + 1, sizeof *all);
	struct race_id id = { 0, 0 };
	size_t slots;
	char *text;

	for (size_t i = 0; i < ed->held.count; i++)
		roster_put(r, 1, id, ed->held.entries[i]);
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
write_entries(const struct edit *ed, struct err *err)
{
	char *path = path_in(ed, "entries.csv");
	bool old = access(path, F_OK) == 0;
	size_t count;
	char *text = merged_csv(ed, &count);
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
apply(const struct edit *ed, struct err *err)
{
	int rc;

	if (!ed->live)
		return write_entries(ed, err);
	rc = ed->options->yes ? 0 : check_unchanged(ed, err);
	if (rc == 0)
		rc = send_changes(ed, err);
	if (rc < 0)
		return rc;
	printf("%zu %s changed, by %s\n", changes_total(&ed->changes),
	    entries_word(changes_total(&ed->changes)), ed->by);
	return check_applied(ed, err);
}

/* ---- asking ---- */

/* Whether to go on; says why not. */
static bool
is_wanted(const struct edit *ed)
{
	if (ed->options->dry_run) {
		puts("nothing was changed: --dry-run");
		return false;
	}
	if (ed->options->yes)
		return true;
	if (operator_is_there()) {
		if (operator_agrees(ed->changes.left_count > 0
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
decide(struct edit *ed, struct err *err)
{
	size_t errors = ed->report.errors;
	int status = errors > 0 ? 1 : 0;

	if (changes_total(&ed->changes) == 0) {
		puts(status == 0 ? "nothing to change" : "nothing was changed");
		return status;
	}
	if (!is_wanted(ed))
		return ed->options->dry_run ? status : 1;
	if (apply(ed, err) < 0) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	/* It may be far above by now. */
	if (ed->changes.left_count > 0) {
		changes_print_left_count(stdout, &ed->changes);
		printf(": mend %s and import it again\n", ed->name);
	}
	return status;
}

/* What is wrong comes last, next to the question. */
static void
print_summary(const struct edit *ed)
{
	const struct changes *c = &ed->changes;

	bool above = !ed->refused;

	print_columns(ed);
	if (!ed->refused)
		changes_print(stdout, c);
	above = print_problems(&ed->report, c) || above;
	if (above && c->left_count > 0)
		putchar('\n');
	changes_print_left(stdout, c, &ed->report);
	putchar('\n');
}

static void
print_refusal(const struct edit *ed)
{
	if (ed->file == NULL)
		puts("nothing was changed");
	else if (ed->roll.count > 0)
		puts("nothing was changed: with mistakes in the file nobody "
		     "knows who is missing; mend them, or leave out --remove");
	else if (ed->roll.left_count > 0)
		puts("nothing was changed: nobody is left");
	else
		puts("nothing was changed: nobody is in the file");
}

static int
make(struct edit *ed, struct err *err)
{
	if (!load(ed, err)) {
		fflush(stdout);
		log_warnx("%s", err->text);
		return 1;
	}
	ed->find(ed);
	print_summary(ed);
	if (ed->refused) {
		print_refusal(ed);
		return 1;
	}
	return decide(ed, err);
}

int
edit_run(enum edit_kind kind, const struct verb_options *o)
{
	struct edit ed = { .options = o };
	const char *slash;
	struct err err;
	int status;

	ed.by = operator_name(o);
	switch (kind) {
	case EDIT_SHEET:
		ed.find = find_of_sheet;
		ed.file = o->rest[1];
		slash = strrchr(ed.file, '/');
		ed.name = slash != NULL ? slash + 1 : ed.file;
		break;
	case EDIT_ADD:
		ed.find = find_of_words;
		ed.name = "roster add";
		break;
	case EDIT_REMOVE:
		ed.find = find_of_bibs;
		ed.name = "roster remove";
		break;
	}
	status = make(&ed, &err);
	end_edit(&ed);
	return status;
}
