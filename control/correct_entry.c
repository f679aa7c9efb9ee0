/* enter, change and remove: who is entered, who he is and what he wears. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/bequest.h"
#include "control/changes.h"
#include "control/terms.h"
#include "race/conf.h"
#include "race/conf_columns.h"
#include "race/roster.h"
#include "race/rules.h"
#include "race/rulings.h"

/* COLUMN=VALUE words as a row below its header, the bib first. */
struct words {
	char
	    *texts[CONF_HEADINGS_MAX]; /* owned; heads and values are in them */
	char *heads[CONF_HEADINGS_MAX];
	char *values[CONF_HEADINGS_MAX];
	size_t count;
	const char *verb; /* for messages */
	const char *bib;  /* the new one, NULL: he keeps his */
};

static void
clear_words(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->texts[i]);
}

static void
add_word(struct words *w, const char *head, const char *value)
{
	char *text = xasprintf("%s=%s", head, value);

	w->texts[w->count] = text;
	w->heads[w->count] = text;
	w->values[w->count] = text + strlen(head) + 1;
	text[strlen(head)] = '\0';
	w->count++;
}

static bool
anybody_has(const struct roster *r, const char *column)
{
	size_t slots = roster_slots(r);

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(r, i, &bib);

		for (size_t k = 0; e != NULL && k < e->more_count; k++)
			if (strcasecmp(e->more[k].name, column) == 0)
				return true;
	}
	return false;
}

/* As every edge has it. */
static int
check_form(const char *what, const char *bib, struct err *err)
{
	char q[TEXT_QUOTE_MAX];

	if (bib[0] != '\0' && strlen(bib) <= RACE_BIB_MAX &&
	    text_printable(bib) && bib[0] != ' ' && bib[strlen(bib) - 1] != ' ')
		return 0;
	return err_set(err, -EINVAL,
	    "%s: bib %s: at most %d bytes, not empty, and no blank at its "
	    "ends",
	    what, text_quote(q, bib), RACE_BIB_MAX);
}

static int
check_bib(struct correct *c, const struct race_entry *e, const char *bib,
    struct err *err)
{
	const struct race_entry *other = roster_find(c->job->book->roster, bib);
	char what[RACE_BIB_MAX + 16];

	if (other != NULL && other != e)
		return err_set(err, -EINVAL,
		    "change %s: bib %s is that of %s: who has it gives it up "
		    "first (palmares change %s bib=...)",
		    e->bib, bib,
		    other->name[0] != '\0' ? other->name : "somebody", bib);
	snprintf(what, sizeof what, "change %s", e->bib);
	return check_form(what, bib, err);
}

static int
parse_words(const char *bib, char *const *given, size_t count, struct words *w,
    struct err *err)
{
	char q[TEXT_QUOTE_MAX];

	add_word(w, "bib", bib);
	for (size_t i = 0; i < count; i++) {
		const char *value = strchr(given[i], '=');
		char *head;

		if (value == NULL || value == given[i])
			return err_set(err, -EINVAL,
			    "%s: %s: COLUMN=VALUE, as in team=\"Groupe A\"",
			    w->verb, text_quote(q, given[i]));
		if (strncasecmp(given[i], "bib=", 4) == 0) {
			if (w->bib != NULL)
				return err_set(err, -EINVAL,
				    "%s %s: bib=%s and bib=%s: he has one bib",
				    w->verb, bib, w->bib, value + 1);
			w->bib = value + 1;
			continue;
		}
		if (value[1] == '\0')
			return err_set(err, -EINVAL,
			    "%s: %s says nothing; %s- empties it", w->verb,
			    given[i], given[i]);
		if (w->count == CONF_HEADINGS_MAX)
			return err_set(err, -EINVAL, "%s: at most %d columns",
			    w->verb, CONF_HEADINGS_MAX - 1);
		head = xstrndup(given[i], (size_t)(value - given[i]));
		add_word(w, head, value + 1);
		free(head);
	}
	return 0;
}

/* A slip in the name of a column is not to become one. */
static int
check_columns(struct correct *c, const char *verb,
    const struct conf_sheet *sheet, struct err *err)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const struct conf_heading *h = &sheet->columns[i];
		char q[TEXT_QUOTE_MAX];
		char *known;

		if (*h->key != '\0' ||
		    anybody_has(c->job->book->roster, h->head))
			continue;
		known = nearest_list(conf_column_names, CONF_COLUMNS);
		err_set(err, 0, "%s: %s=: nobody has such a column: %s", verb,
		    text_quote(q, h->head), known);
		free(known);
		return -EINVAL;
	}
	return 0;
}

/* The first mistake of a report, in its words. */
static int
refuse(const char *verb, const struct conf_report *report, struct err *err)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->problems[i].error)
			return err_set(err, -EINVAL, "%s: %s", verb,
			    report->problems[i].text);
	return err_set(err, -EINVAL, "%s: this cannot be", verb);
}

/* ---- chips ---- */

static bool
has_chip(const struct race_entry *e, const char *chip)
{
	for (size_t i = 0; i < e->chip_count; i++)
		if (strcmp(e->chips[i], chip) == 0)
			return true;
	return false;
}

/* Without the chips that `to` has got. */
static void
take_chips(struct correct *c, const struct race_entry *from,
    const struct race_entry *to)
{
	const char *kept[RACE_CHIPS_MAX];
	struct race_entry left = *from;
	struct race_decision d = { .verb = RACE_SET_ENTRY,
		.bib = from->bib,
		.entry = &left };

	left.chips = kept;
	left.chip_count = 0;
	for (size_t i = 0; i < from->chip_count; i++)
		if (!has_chip(to, from->chips[i]))
			kept[left.chip_count++] = from->chips[i];
	if (left.chip_count == from->chip_count)
		return;
	correct_note(c, "%s wore that chip until now: it is taken from %s%s",
	    from->bib, from->bib,
	    left.chip_count == 0 ? ", who has none then" : "");
	correct_concerns(c, from->bib);
	correct_decide(c, &d);
}

/* Whoever wears a chip that somebody gets now does so no longer. */
static void
take_from_others(struct correct *c, const struct race_entry *before,
    const struct race_entry *after)
{
	const struct roster *r = c->job->book->roster;
	size_t slots = after->chip_count > 0 ? roster_slots(r) : 0;

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(r, i, &bib);

		if (e != NULL && e != before)
			take_chips(c, e, after);
	}
}

/* ---- all of it ---- */

static void
note_column(struct correct *c, const char *column, const char *was,
    const char *is)
{
	if (strcmp(was, is) != 0)
		correct_note(c, "%s: %s -> %s", column,
		    was[0] != '\0' ? was : "nothing",
		    is[0] != '\0' ? is : "nothing");
}

/* For the decision says how it is, not how it was. */
static void
note_columns(struct correct *c, const struct race_entry *was,
    const struct race_entry *is)
{
	note_column(c, "bib", was->bib, is->bib);
	note_column(c, "name", was->name, is->name);
	note_column(c, "sex", was->sex, is->sex);
	note_column(c, "born", was->born, is->born);
	note_column(c, "category", was->category, is->category);
	note_column(c, "team", was->team, is->team);
	note_column(c, "wave", was->wave, is->wave);
	note_column(c, "nation", was->nation, is->nation);
	note_column(c, "status", rules_status_name(was->status),
	    rules_status_name(is->status));
}

static void
decide(struct correct *c, const struct race_entry *before,
    const struct race_entry *after)
{
	struct race_entry now = *after;
	const struct race_decision d = { .verb = RACE_SET_ENTRY,
		.bib = before->bib,
		.entry = &now };

	if (roster_entry_equal(before, after)) {
		char *who = terms_person(c, before->bib);

		correct_note(c, "%s is that already", who);
		free(who);
		return;
	}
	note_columns(c, before, after);
	take_from_others(c, before, after);
	if (strcmp(before->bib, after->bib) != 0) {
		correct_concerns(c, after->bib);
		bequest_changed(c, before, after->bib);
	}
	bequest_found(c, before, after);
	correct_decide(c, &d);
}

static void
enter(struct correct *c, const struct race_entry *after)
{
	const struct race_decision d = { .verb = RACE_SET_ENTRY,
		.bib = after->bib,
		.entry = after };

	take_from_others(c, NULL, after);
	bequest_found(c, NULL, after);
	correct_concerns(c, after->bib);
	correct_decide(c, &d);
}

/* ---- what looks like a slip ---- */

static bool
is_known_team(const struct roster *r, const char *team)
{
	size_t slots = roster_slots(r);

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(r, i, &bib);

		if (e != NULL && strcmp(e->team, team) == 0)
			return true;
	}
	return false;
}

/* With everybody else beside him, as an import has them. */
static void
tell_team(struct correct *c, struct changes_job job,
    const struct changes_item *item, struct conf_report *report)
{
	const struct roster *r = c->job->book->roster;
	size_t slots = roster_slots(r);
	const struct race_entry **all = xcalloc(slots + 1, sizeof *all);
	struct changes_item copy = *item;
	struct changes changes = { .items = &copy, .count = 1, .kept = all };

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(r, i, &bib);

		if (e != NULL && e != item->before)
			all[changes.kept_count++] = e;
	}
	job.held = all;
	job.held_count = changes.kept_count;
	changes_tell(&job, &changes, report);
	free(all);
}

static void
note_warnings(struct correct *c, const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (!report->problems[i].error)
			correct_note(c, "%s", report->problems[i].text);
}

/* ---- all of it ---- */

/* Of the one row that there is. */
static void
decide_item(struct correct *c, const struct changes_job *job,
    const struct changes_item *item, const char *bib,
    struct conf_report *report)
{
	struct race_entry after = *item->after;

	if (bib != NULL)
		after.bib = bib;
	if (!is_known_team(c->job->book->roster, after.team))
		tell_team(c, *job, item, report);
	note_warnings(c, report);
	if (item->before != NULL)
		decide(c, item->before, &after);
	else
		enter(c, &after);
}

/* before NULL: he is entered. */
static int
decide_words(struct correct *c, const struct race_entry *before,
    struct words *w, struct err *err)
{
	struct conf_sheet *sheet = xcalloc(1, sizeof *sheet);
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct changes changes = { 0 };
	/* Alone: chips of others are taken from them. */
	const struct changes_job job = {
		.held = &before,
		.held_count = before != NULL,
		.file = w->verb,
		.sheet = sheet,
		.roll = &roll,
		.rules = c->job->book->rules,
	};
	int rc = conf_sheet_row(w->verb, w->heads, w->values, w->count,
	    c->job->book->rules, sheet, &roll, &report);

	if (rc == 0)
		rc = check_columns(c, w->verb, sheet, err);
	else
		rc = refuse(w->verb, &report, err);
	if (rc == 0) {
		changes_find(&job, &changes, &report);
		if (report.errors > 0 || changes.count != 1)
			rc = refuse(w->verb, &report, err);
	}
	if (rc == 0)
		decide_item(c, &job, &changes.items[0], w->bib, &report);
	changes_clear(&changes);
	conf_roll_clear(&roll);
	conf_report_clear(&report);
	free(sheet);
	return rc;
}

int
correct_change(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_entry *e;
	struct words w = { .verb = "change" };
	int rc;

	if (count < 2)
		return err_set(err, -EINVAL,
		    "change: a bib, and what is other, as in change 124 "
		    "team=\"Groupe A\"");
	if (terms_bib(c, words[0], &e, err) < 0)
		return -EINVAL;
	rc = parse_words(e->bib, words + 1, count - 1, &w, err);
	if (rc == 0 && w.bib != NULL)
		rc = check_bib(c, e, w.bib, err);
	if (rc == 0)
		rc = decide_words(c, e, &w, err);
	clear_words(&w);
	return rc;
}

int
correct_enter(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_entry *e;
	struct words w = { .verb = "enter" };
	int rc;

	if (count < 1)
		return err_set(err, -EINVAL,
		    "enter: a bib, and who has it, as in enter 412 "
		    "name=\"Zoé Petit\" sex=F");
	if (check_form("enter", words[0], err) < 0)
		return -EINVAL;
	e = roster_find(c->job->book->roster, words[0]);
	if (e != NULL)
		return err_set(err, -EINVAL,
		    "enter: bib %s is that of %s: palmares change %s says who "
		    "he is",
		    e->bib, e->name[0] != '\0' ? e->name : "somebody", e->bib);
	rc = parse_words(words[0], words + 1, count - 1, &w, err);
	if (rc == 0 && w.bib != NULL)
		rc = err_set(err, -EINVAL, "enter: one bib: bib=%s is another",
		    w.bib);
	if (rc == 0)
		rc = decide_words(c, NULL, &w, err);
	clear_words(&w);
	return rc;
}

static bool
is_said_before(char *const *words, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(words[k], words[i]) == 0)
			return true;
	return false;
}

static void
remove_one(struct correct *c, const struct race_entry *e)
{
	const struct race_decision d = { .verb = RACE_REMOVE_ENTRY,
		.bib = e->bib };

	bequest_removed(c, e);
	correct_decide(c, &d);
}

int
correct_remove(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_entry *e;

	if (count < 1)
		return err_set(err, -EINVAL,
		    "remove: the bibs of who is not to be entered, as in "
		    "remove 412");
	for (size_t i = 0; i < count; i++)
		if (terms_bib(c, words[i], &e, err) < 0)
			return -EINVAL;
	for (size_t i = 0; i < count; i++)
		if (!is_said_before(words, i) &&
		    terms_bib(c, words[i], &e, err) == 0)
			remove_one(c, e);
	return 0;
}
