/* aside: what palmares problems tells, was looked at, and is fine. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/correct.h"
#include "control/problem_print.h"

/* What there is, and what each is called. */
struct desk {
	struct problem_words words;
	struct problems all;
	char **keys;
};

static void
open_desk(struct desk *d, struct correct *c)
{
	struct book *b = c->job->book;

	d->words = (struct problem_words){ &c->story, b->rules, &d->all };
	problems_find(&d->all, b, c->job->crossings);
	d->keys = xcalloc(d->all.count + 1, sizeof *d->keys);
	for (size_t i = 0; i < d->all.count; i++)
		d->keys[i] = problem_key(&d->words, &d->all.items[i]);
}

static void
close_desk(struct desk *d)
{
	for (size_t i = 0; i < d->all.count; i++)
		free(d->keys[i]);
	free(d->keys);
	problems_clear(&d->all);
}

static bool
is_there(const struct desk *d, const char *key)
{
	for (size_t i = 0; i < d->all.count; i++)
		if (strcmp(d->keys[i], key) == 0)
			return true;
	return false;
}

static int
not_there(const struct desk *d, const char *key, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	const char **keys = xcalloc(d->all.count + 1, sizeof *keys);
	const char *near;

	for (size_t i = 0; i < d->all.count; i++)
		keys[i] = d->keys[i];
	near = nearest(key, keys, d->all.count);
	err_set(err, -EINVAL,
	    "aside %s: there is no such problem%s%s%s: palmares problems "
	    "tells each with its key, as in [pace:12]",
	    text_quote(q, key), near != NULL ? "; did you mean '" : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
	free(keys);
	return -EINVAL;
}

static bool
is_decided(const struct correct *c, const struct race_decision *d)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct race_decision *is = c->events[i].event.decision;

		if (is->facts == d->facts && strcmp(is->text, d->text) == 0)
			return true;
	}
	return false;
}

/* Whose history it is part of; of many the first is an example. */
static bool
names_people(const struct problem *p)
{
	return p->entry != NULL && p->kind != PROBLEM_GUN &&
	    p->kind != PROBLEM_SERIES;
}

static void
put_aside(struct correct *c, const struct desk *desk, size_t i)
{
	const struct problem *p = &desk->all.items[i];
	const struct race_decision d = { .verb = RACE_ASIDE,
		.bib = names_people(p) ? p->entry->bib : "",
		.other_bib =
		    names_people(p) && p->other != NULL ? p->other->bib : "",
		.text = desk->keys[i],
		.facts = problem_facts(p) };
	uint64_t number = problem_aside(&desk->words, p);
	char *words;

	if (number > 0) {
		correct_note(c, "%s is set aside already, by decision %" PRIu64,
		    d.text, number);
		return;
	}
	if (is_decided(c, &d))
		return;
	words = problem_tell(&desk->words, p);
	correct_note(c, "%s", words);
	free(words);
	correct_decide(c, &d);
}

int
correct_aside(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct desk desk;
	int rc = 0;

	if (count == 0)
		return err_set(err, -EINVAL,
		    "aside: what? palmares problems tells each with its key, "
		    "as in [pace:12]");
	open_desk(&desk, c);
	for (size_t i = 0; i < count && rc == 0; i++)
		if (!is_there(&desk, words[i]))
			rc = not_there(&desk, words[i], err);
	/* Several may have one key, where names have commas in them. */
	for (size_t i = 0; i < count && rc == 0; i++)
		for (size_t k = 0; k < desk.all.count; k++)
			if (strcmp(desk.keys[k], words[i]) == 0)
				put_aside(c, &desk, k);
	close_desk(&desk);
	return rc;
}
