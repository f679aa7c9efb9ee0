#include "control/bequest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "control/person.h"
#include "race/rules.h"
#include "race/rulings.h"

/* ---- what stays ---- */

static void
note_crossings(struct correct *c, const char *bib)
{
	struct rank_read *reads;
	size_t count = rank_reads(c->job->book->rank, bib, &reads);
	struct rank_crossing crossing;
	size_t named = 0;

	for (size_t i = 0; i < count; i++)
		if (rank_find(c->job->book->rank, reads[i].id, &crossing) &&
		    strcmp(crossing.under, bib) == 0)
			named++;
	free(reads);
	if (named > 0)
		correct_note(c,
		    "%zu crossing%s by bib %s, not by chip: nobody's then "
		    "(palmares move gives %s to somebody)",
		    named, named == 1 ? " is" : "s are", bib,
		    named == 1 ? "it" : "them");
}

static void
note_penalty(struct correct *c, const char *bib, const char *new_bib,
    int64_t us)
{
	char text[32];
	const char *sign = us < 0 ? "-" : "+";

	if (us == 0)
		return;
	instant_elapsed(text, us < 0 ? -us : us, false);
	correct_note(c,
	    "a %s of %s was given to bib %s, and stays there: palmares "
	    "penalty %s %s%s gives it to %s",
	    us < 0 ? "bonus" : "penalty", text, bib, new_bib, sign, text,
	    new_bib);
}

/* new_bib: NULL if he has none. */
static void
note_prizes(struct correct *c, const char *bib, const char *new_bib)
{
	const struct race_rules *rules = c->job->book->rules;

	for (size_t i = 0; i < rules->award_count; i++) {
		const struct race_award *a = &rules->awards[i];

		for (uint32_t k = 1; k <= a->places; k++) {
			const struct race_prize *p =
			    rulings_prize(c->job->book->rulings, a->name, k);

			if (p != NULL && strcmp(p->holder, bib) == 0)
				correct_note(c,
				    "prize %s, place %" PRIu32 " went to bib "
				    "%s, and stays there: palmares award "
				    "hands it %s%s",
				    a->name, k, bib,
				    new_bib != NULL ? "to " : "on",
				    new_bib != NULL ? new_bib : "");
		}
	}
}

/* Nobody is to get rid of a DSQ with his bib without a word. */
static void
note_decided(struct correct *c, const struct race_entry *e, const char *new_bib)
{
	char text[STORY_MOMENT];
	struct rank_start is;

	if (!rank_start(c->job->book->rank, e->bib, &is))
		return;
	if (is.status != e->status && is.status >= RACE_DNS) {
		const char *status = rules_status_name(is.status);
		char *word = text_fold(status);

		correct_note(c,
		    "%s was decided of bib %s, and stays there: palmares mark "
		    "%s %s says it of %s",
		    status, e->bib, word, new_bib, new_bib);
		free(word);
	}
	note_penalty(c, e->bib, new_bib, is.penalty_us);
	if (is.own && is.gun_us != e->start_us)
		correct_note(c,
		    "bib %s has a start of its own at %s: palmares start %s "
		    "gives one to %s",
		    e->bib, story_moment(text, &c->story, is.gun_us), new_bib,
		    new_bib);
}

void
bequest_changed(struct correct *c, const struct race_entry *e,
    const char *new_bib)
{
	note_crossings(c, e->bib);
	note_decided(c, e, new_bib);
	note_prizes(c, e->bib, new_bib);
}

/* Who is taken out leaves no trace in the results, which is seldom meant of
 * somebody who was there. */
static void
note_reads(struct correct *c, const char *bib)
{
	struct rank_read *reads;
	size_t count = rank_own_reads(c->job->book->rank, bib, &reads);

	free(reads);
	if (count > 0)
		correct_note(c,
		    "%s has %zu read%s, nobody's then; palmares mark keeps who "
		    "gave up (dnf) or is disqualified (dsq) in the results",
		    bib, count, count == 1 ? "" : "s");
}

void
bequest_removed(struct correct *c, const struct race_entry *e)
{
	note_reads(c, e->bib);
	note_prizes(c, e->bib, NULL);
}

/* ---- what comes ---- */

static bool
is_of_bib(const struct race_event *e, const char *bib)
{
	if (e->kind != RACE_DECISION || strcmp(e->decision->bib, bib) != 0)
		return false;
	switch (e->decision->verb) {
	case RACE_SET_STATUS:
	case RACE_PENALTY:
	case RACE_SET_START:
	case RACE_SET_TIME:
	case RACE_ADD_READ:
		return true;
	case RACE_VERB_UNSPECIFIED:
	case RACE_UNDO:
	case RACE_VOID_READ:
	case RACE_MOVE_READ:
	case RACE_SWAP:
	case RACE_SET_ENTRY:
	case RACE_SET_GUN:
	case RACE_PUBLISH:
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

/* Nobody is to inherit a DSQ without a word either. */
static void
note_waiting(struct correct *c, const char *bib)
{
	const struct rulings *rulings = c->job->book->rulings;
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		char *text = NULL;
		size_t len;
		FILE *out;

		rulings_at(rulings, i, &item);
		if (!item.holds || !is_of_bib(item.event, bib) ||
		    (out = open_memstream(&text, &len)) == NULL)
			continue;
		story_decided(out, &c->story, item.event);
		fclose(out);
		correct_note(c,
		    "decision %" PRIu64 " holds for whoever has bib %s: %s",
		    item.number, bib, text);
		free(text);
	}
}

static void
note_unclaimed(struct correct *c, enum race_unknown_kind kind, const char *text)
{
	uint64_t count = rank_waiting(c->job->book->rank, kind, text);

	if (count > 0)
		correct_note(c, "%s%s has %" PRIu64 " read%s waiting; %s now",
		    kind == RACE_UNKNOWN_CHIP ? "chip " : "", text, count,
		    count == 1 ? "" : "s",
		    count == 1 ? "it counts" : "they count");
}

/* Who had it may be the one who is entered again, with less than he had. */
static void
note_gone(struct correct *c, const char *bib)
{
	const struct rulings *rulings = c->job->book->rulings;
	struct err err;
	uint64_t number = person_gone(rulings, bib, &err);
	struct rulings_item item;

	if (number == 0)
		return;
	rulings_at(rulings, number - 1, &item);
	if (item.event->decision->verb == RACE_REMOVE_ENTRY)
		correct_note(c,
		    "decision %" PRIu64 " has removed bib %s: palmares undo "
		    "%" PRIu64 " brings back who that was",
		    number, bib, number);
}

static bool
has_chip(const struct race_entry *e, const char *chip)
{
	for (size_t i = 0; e != NULL && i < e->chip_count; i++)
		if (strcmp(e->chips[i], chip) == 0)
			return true;
	return false;
}

void
bequest_found(struct correct *c, const struct race_entry *before,
    const struct race_entry *after)
{
	if (before == NULL || strcmp(before->bib, after->bib) != 0) {
		note_gone(c, after->bib);
		note_unclaimed(c, RACE_UNKNOWN_BIB, after->bib);
		note_waiting(c, after->bib);
	}
	for (size_t i = 0; i < after->chip_count; i++)
		if (!has_chip(before, after->chips[i]))
			note_unclaimed(c, RACE_UNKNOWN_CHIP, after->chips[i]);
}
