/* undo: by the numbers that palmares history shows. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/text.h"
#include "control/terms.h"

enum { LAST_TOLD = 3 };

/* Whom it was about: his rows come first. */
static void
concern(struct correct *c, const struct race_event *e)
{
	const struct race_decision *d = e->decision;
	struct rank_crossing crossing;

	if (e->kind != RACE_DECISION)
		return;
	if (d->bib[0] != '\0')
		correct_concerns(c, d->bib);
	if (d->other_bib[0] != '\0')
		correct_concerns(c, d->other_bib);
	if (d->entry != NULL)
		correct_concerns(c, d->entry->bib);
	if (d->target.seq != 0 && d->verb != RACE_UNDO &&
	    rank_find(c->job->book->rank, d->target, &crossing) &&
	    crossing.bib[0] != '\0')
		correct_concerns(c, crossing.bib);
}

/* "7" or "7-9". */
static int
parse_numbers(const char *word, uint64_t *first, uint64_t *last,
    struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	char *end;

	errno = 0;
	*first = strtoull(word, &end, 10);
	*last = *first;
	if (end != word && *end == '-' && end[1] >= '0' && end[1] <= '9')
		*last = strtoull(end + 1, &end, 10);
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 ||
	    *last < *first)
		return err_set(err, -EINVAL,
		    "undo %s: a number of palmares history, or 7-9",
		    text_quote(q, word));
	return 0;
}

/* Numbers as they were said; all of them can be read. */
struct numbers {
	char *const *words;
	size_t count;
};

static bool
is_said(const struct numbers *n, uint64_t number)
{
	for (size_t i = 0; i < n->count; i++) {
		struct err err;
		uint64_t first;
		uint64_t last;

		if (parse_numbers(n->words[i], &first, &last, &err) == 0 &&
		    number >= first && number <= last)
			return true;
	}
	return false;
}

/* What was undone by one of these holds as soon as that is undone. */
static int
check_number(struct correct *c, const struct numbers *all, uint64_t number,
    struct err *err)
{
	const struct rulings *rulings = c->job->book->rulings;
	size_t count = rulings_count(rulings);
	struct rulings_item item;

	if (count == 0)
		return err_set(err, -EINVAL,
		    "undo %" PRIu64 ": nothing was decided yet", number);
	if (number == 0 || number > count)
		return err_set(err, -EINVAL,
		    "undo %" PRIu64 ": there are numbers 1 to %zu: palmares "
		    "history lists them",
		    number, count);
	rulings_at(rulings, number - 1, &item);
	if (!item.holds && !is_said(all, item.undone_by))
		return err_set(err, -EINVAL,
		    "undo %" PRIu64 ": it is undone already, by %" PRIu64
		    ": palmares undo %" PRIu64 " brings it back",
		    number, item.undone_by, item.undone_by);
	return 0;
}

static bool
is_undone_here(const struct correct *c, struct race_id id)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct race_decision *d = c->events[i].event.decision;

		if (c->events[i].event.kind == RACE_DECISION &&
		    d->verb == RACE_UNDO && d->target.stream == id.stream &&
		    d->target.seq == id.seq)
			return true;
	}
	return false;
}

static void
undo_one(struct correct *c, uint64_t number)
{
	struct race_decision d = { .verb = RACE_UNDO };
	struct rulings_item item;

	rulings_at(c->job->book->rulings, number - 1, &item);
	if (is_undone_here(c, item.id))
		return;
	concern(c, item.event);
	d.target = item.id;
	correct_decide(c, &d);
}

/* ---- what stays ---- */

static bool
same_id(struct race_id a, struct race_id b)
{
	return a.stream == b.stream && a.seq == b.seq;
}

static bool
same_name(const char *a, const char *b)
{
	return a[0] != '\0' && strcmp(a, b) == 0;
}

static bool
is_of_entries(const struct race_decision *d)
{
	return d->verb == RACE_SET_ENTRY || d->verb == RACE_REMOVE_ENTRY;
}

static const char *
entered(const struct race_decision *d)
{
	return d->entry != NULL ? d->entry->bib : "";
}

static bool
of_one_entry(const struct race_decision *a, const struct race_decision *b)
{
	return same_name(a->bib, b->bib) || same_name(a->bib, entered(b)) ||
	    same_name(entered(a), b->bib) || same_name(entered(a), entered(b));
}

/* To whom it gives a crossing; "": of that it says nothing. */
static const char *
gives(const struct race_decision *d, struct race_id read)
{
	if (d->verb == RACE_SWAP && same_id(d->other_target, read))
		return d->bib;
	if (!same_id(d->target, read))
		return "";
	if (d->verb == RACE_SWAP)
		return d->other_bib;
	return d->verb == RACE_MOVE_READ ? d->bib : "";
}

static bool
of_one_crossing(const struct race_decision *a, const struct race_decision *b)
{
	const struct race_id reads[] = { a->target, a->other_target };
	bool points = a->verb == RACE_MOVE_READ && b->verb == RACE_MOVE_READ &&
	    a->point[0] != '\0' && b->point[0] != '\0' &&
	    same_id(a->target, b->target);

	for (size_t i = 0; i < 2; i++)
		if (gives(a, reads[i])[0] != '\0' &&
		    gives(b, reads[i])[0] != '\0')
			return true;
	return points;
}

static bool
of_one_matter(const struct race_decision *a, const struct race_decision *b)
{
	if (is_of_entries(a) && is_of_entries(b))
		return of_one_entry(a, b);
	if (of_one_crossing(a, b))
		return true;
	if (a->verb != b->verb)
		return false;
	switch (a->verb) {
	case RACE_SET_STATUS:
	case RACE_SET_START:
		return same_name(a->bib, b->bib);
	case RACE_SET_TIME:
		return same_name(a->bib, b->bib) &&
		    same_name(a->point, b->point);
	case RACE_PUBLISH:
		return same_name(a->ranking, b->ranking);
	case RACE_VERB_UNSPECIFIED:
	case RACE_UNDO:
	case RACE_ADD_READ:
	case RACE_VOID_READ:
	case RACE_MOVE_READ:
	case RACE_PENALTY:
	case RACE_SWAP:
	case RACE_SET_ENTRY:
	case RACE_SET_GUN:
	case RACE_REMOVE_ENTRY:
	case RACE_ASIDE:
	case RACE_NAME:
	case RACE_VOID_COMPETITION:
	case RACE_DECIDE_TIE:
	case RACE_PUBLISH_LIST:
	case RACE_VERBS:
		break;
	}
	return false;
}

/* Whose gun it sets, NULL: none. */
static const char *
gun_of(const struct correct *c, const struct race_event *e)
{
	const struct race_rules *rules = c->job->book->rules;
	const char *wave = NULL;

	if (e->kind == RACE_GUN)
		wave = e->gun.wave;
	else if (e->kind == RACE_DECISION && e->decision->verb == RACE_SET_GUN)
		wave = e->decision->wave;
	if (wave != NULL && wave[0] == '\0' && rules->wave_count > 0)
		wave = rules->waves[0].name;
	return wave;
}

/* Whether of two that hold only the later one counts. */
static bool
overrides(const struct correct *c, const struct race_event *later,
    const struct race_event *e)
{
	const char *gun = gun_of(c, e);

	if (gun != NULL)
		return gun_of(c, later) != NULL &&
		    strcmp(gun_of(c, later), gun) == 0;
	if (later->kind != e->kind)
		return false;
	if (e->kind == RACE_AWARD)
		return later->prize.place == e->prize.place &&
		    strcmp(later->prize.award, e->prize.award) == 0;
	return e->kind == RACE_DECISION &&
	    of_one_matter(e->decision, later->decision);
}

/* The order of PROTOCOL.md 3.9. */
static bool
is_later(const struct rulings_item *a, const struct rulings_item *b)
{
	if (a->event->made_us != b->event->made_us)
		return a->event->made_us > b->event->made_us;
	if (a->id.stream != b->id.stream)
		return a->id.stream > b->id.stream;
	return a->id.seq > b->id.seq;
}

/* What an undo, or the undo of that, is about in the end. */
static void
find_root(const struct correct *c, uint64_t number, struct rulings_item *out)
{
	const struct rulings *rulings = c->job->book->rulings;

	rulings_at(rulings, number - 1, out);
	while (out->event->kind == RACE_DECISION &&
	    out->event->decision->verb == RACE_UNDO) {
		struct rulings_item target;

		number = story_number(&c->story, out->event->decision->target);
		if (number == 0)
			return;
		rulings_at(rulings, number - 1, &target);
		/* Nothing undoes what comes after it. */
		if (!is_later(out, &target))
			return;
		*out = target;
	}
}

/* Undone, or done again, it does not count while a later one holds: which may
 * have been made of it, as an entry is. */
static void
note_later(struct correct *c, uint64_t number)
{
	const struct rulings *rulings = c->job->book->rulings;
	struct rulings_item root;
	struct rulings_item last = { .number = 0 };
	struct rulings_item item;
	char *text = NULL;
	size_t len;
	FILE *out;

	find_root(c, number, &root);
	for (size_t i = 0; i < rulings_count(rulings); i++) {
		rulings_at(rulings, i, &item);
		if (item.holds && is_later(&item, &root) &&
		    overrides(c, item.event, root.event) &&
		    !is_undone_here(c, item.id) &&
		    (last.number == 0 || is_later(&item, &last)))
			last = item;
	}
	if (last.number == 0 || (out = open_memstream(&text, &len)) == NULL)
		return;
	story_decided(out, &c->story, last.event);
	fclose(out);
	correct_note(c, "decision %" PRIu64 " came later, and stays: %s",
	    last.number, text);
	free(text);
}

static void
note_bib_imported(struct correct *c, const struct rulings_item *root,
    const char *bib)
{
	struct race_id by;

	if (bib[0] == '\0' ||
	    !roster_overruled(c->job->book->roster, bib, root->event->made_us,
	        root->id, &by) ||
	    story_number(&c->story, by) > 0)
		return;
	correct_note(c,
	    "what a spreadsheet said of bib %s came later, and stays: palmares "
	    "change %s says otherwise",
	    bib, bib);
}

/* So it is with an import, which is no decision. */
static void
note_imported(struct correct *c, uint64_t number)
{
	const struct race_decision *d;
	struct rulings_item root;

	find_root(c, number, &root);
	d = root.event->decision;
	if (root.event->kind != RACE_DECISION || !is_of_entries(d))
		return;
	note_bib_imported(c, &root, d->bib);
	if (strcmp(entered(d), d->bib) != 0)
		note_bib_imported(c, &root, entered(d));
}

/* The last ones, which are meant most often. */
static int
which_number(struct correct *c, struct err *err)
{
	const struct rulings *rulings = c->job->book->rulings;
	size_t count = rulings_count(rulings);
	size_t told = 0;
	char *text = NULL;
	size_t len;
	FILE *out;

	if (count == 0)
		return err_set(err, -EINVAL, "undo: nothing was decided yet");
	out = open_memstream(&text, &len);
	if (out == NULL)
		return -ENOMEM;
	for (size_t i = count; i-- > 0 && told < LAST_TOLD;) {
		struct rulings_item item;

		rulings_at(rulings, i, &item);
		if (!item.holds)
			continue;
		fprintf(out, "%s%" PRIu64 " (", told++ > 0 ? ", " : "",
		    item.number);
		story_decided(out, &c->story, item.event);
		fputc(')', out);
	}
	fclose(out);
	err_set(err, -EINVAL,
	    "undo: which number? The last: %s; palmares history lists all",
	    told > 0 ? text : "all are undone");
	free(text);
	return -EINVAL;
}

int
correct_undo(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct numbers all = { words, count };
	uint64_t first;
	uint64_t last;

	if (count == 0)
		return which_number(c, err);
	for (size_t i = 0; i < count; i++)
		if (parse_numbers(words[i], &first, &last, err) < 0)
			return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		(void)parse_numbers(words[i], &first, &last, err);
		for (uint64_t n = first; n <= last; n++)
			if (check_number(c, &all, n, err) < 0)
				return -EINVAL;
	}
	for (size_t i = 0; i < count; i++) {
		(void)parse_numbers(words[i], &first, &last, err);
		for (uint64_t n = first; n <= last; n++)
			undo_one(c, n);
	}
	for (size_t i = 0; i < count; i++) {
		(void)parse_numbers(words[i], &first, &last, err);
		for (uint64_t n = first; n <= last; n++) {
			note_later(c, n);
			note_imported(c, n);
		}
	}
	return 0;
}
