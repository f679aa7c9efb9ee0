/* mark and penalty: what is decided of a runner as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/terms.h"
#include "race/rules.h"
#include "race/unseen.h"

static int
parse_status(const char *word, enum race_status *out, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	int status = rules_status(word);

	if (status < (int)RACE_DNS)
		return err_set(err, -EINVAL,
		    "mark %s: dns, dnf, dsq, otl or nc; palmares undo takes a "
		    "mark back",
		    text_quote(q, word));
	*out = (enum race_status)status;
	return 0;
}

static void
mark_one(struct correct *c, const struct race_entry *e, enum race_status status)
{
	const struct race_decision d = { .verb = RACE_SET_STATUS,
		.bib = e->bib,
		.status = status };
	struct rank_start is;
	char *who;

	if (!rank_start(c->job->book->rank, e->bib, &is) ||
	    is.status != status) {
		correct_decide(c, &d);
		return;
	}
	who = terms_person(c, e->bib);
	correct_note(c, "%s is %s already", who, rules_status_name(status));
	free(who);
}

/* The status is before them. */
static bool
is_said_before(char *const *words, size_t i)
{
	for (size_t k = 1; k < i; k++)
		if (strcmp(words[k], words[i]) == 0)
			return true;
	return false;
}

/* "mark 106 dnf" */
static int
swapped(char *const *words, size_t count, struct err *err)
{
	char *bibs = xstrdup("");

	for (size_t i = 0; i + 1 < count; i++) {
		char *more = xasprintf("%s %s", bibs, words[i]);

		free(bibs);
		bibs = more;
	}
	err_set(err, -EINVAL,
	    "mark: the status comes before the bibs: mark %s%s",
	    words[count - 1], bibs);
	free(bibs);
	return -EINVAL;
}

/* Who is entered, and was never seen. */
static int
mark_unseen(struct correct *c, enum race_status status, struct err *err)
{
	struct unseen u;

	if (status != RACE_DNS)
		return err_set(err, -EINVAL,
		    "mark %s --unseen: who was never seen did not start: mark "
		    "dns --unseen",
		    rules_status_name(status));
	unseen_find(&u, c->job->book);
	for (size_t i = 0; i < u.count; i++)
		mark_one(c, u.entries[i], status);
	if (u.count == 0)
		correct_note(c,
		    "nobody is entered whose start is over and "
		    "who was never seen");
	else if (!u.timed)
		correct_note(c,
		    "nobody was read at the start: who is on his way, and was "
		    "not seen yet, is among them");
	if (u.awaited > 0)
		correct_note(c,
		    "%zu more %s not seen yet, and the start is not over: %s "
		    "left out",
		    u.awaited, u.awaited == 1 ? "was" : "were",
		    u.awaited == 1 ? "he is" : "they are");
	unseen_clear(&u);
	c->listed = true;
	correct_note_parts(c);
	return 0;
}

int
correct_mark(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	enum race_status status = RACE_STATUS_NONE;
	const struct race_entry *e = NULL;

	if (count < 2)
		return err_set(err, -EINVAL,
		    "mark: a status and bibs, as in mark dsq 124");
	if (rules_status(words[0]) < (int)RACE_DNS &&
	    rules_status(words[count - 1]) >= (int)RACE_DNS)
		return swapped(words, count, err);
	if (parse_status(words[0], &status, err) < 0)
		return -EINVAL;
	if (count == 2 && strcmp(words[1], "--unseen") == 0)
		return mark_unseen(c, status, err);
	for (size_t i = 1; i < count; i++)
		if (terms_bib(c, words[i], &e, err) < 0)
			return -EINVAL;
	for (size_t i = 1; i < count; i++) {
		if (is_said_before(words, i))
			continue;
		(void)terms_bib(c, words[i], &e, err);
		mark_one(c, e, status);
	}
	return 0;
}

/* +2:00 or -0:30; U+2212 is a minus too. */
static int
parse_amount(const char *word, int64_t *out, struct err *err)
{
	static const char minus[] = "\xe2\x88\x92";
	bool bonus = word[0] == '-' || strncmp(word, minus, 3) == 0;
	const char *span = word +
	    (word[0] == '-' || word[0] == '+' ? 1
	            : bonus                   ? 3
	                                      : 0);
	char q[TEXT_QUOTE_MAX];
	int64_t us;

	if (span == word)
		return err_set(err, -EINVAL,
		    "penalty %s: more or less? +2:00 is a penalty, -2:00 a "
		    "bonus",
		    text_quote(q, word));
	if (instant_parse_span(span, &us, err) < 0)
		return err_wrap(err, -EINVAL, "penalty %s", word);
	if (us <= 0 || us > INT64_C(86400) * INSTANT_SECOND)
		return err_set(err, -EINVAL,
		    "penalty %s: more than 0, and a day at most", word);
	*out = bonus ? -us : us;
	return 0;
}

int
correct_penalty(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const struct race_entry *e;
	struct race_decision d = { .verb = RACE_PENALTY };
	struct rank_start is;
	char text[32];

	if (count != 2)
		return err_set(err, -EINVAL,
		    "penalty: a bib and an amount, as in penalty 124 +2:00");
	if (terms_bib(c, words[0], &e, err) < 0 ||
	    parse_amount(words[1], &d.amount_us, err) < 0)
		return -EINVAL;
	d.bib = e->bib;
	if (rank_start(c->job->book->rank, e->bib, &is) && is.penalty_us != 0)
		correct_note(c, "%s has a penalty of %s already: they add up",
		    e->bib, instant_elapsed(text, is.penalty_us, false));
	correct_decide(c, &d);
	return 0;
}
