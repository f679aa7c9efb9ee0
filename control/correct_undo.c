/* undo: by the numbers that palmares history shows. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/text.h"
#include "control/terms.h"

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

static int
check_number(struct correct *c, uint64_t number, struct err *err)
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
	if (!item.holds)
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

int
correct_undo(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	uint64_t first;
	uint64_t last;

	if (count == 0)
		return err_set(err, -EINVAL,
		    "undo: which number? palmares history lists them");
	for (size_t i = 0; i < count; i++) {
		if (parse_numbers(words[i], &first, &last, err) < 0)
			return -EINVAL;
		for (uint64_t n = first; n <= last; n++)
			if (check_number(c, n, err) < 0)
				return -EINVAL;
	}
	for (size_t i = 0; i < count; i++) {
		(void)parse_numbers(words[i], &first, &last, err);
		for (uint64_t n = first; n <= last; n++)
			undo_one(c, n);
	}
	return 0;
}
