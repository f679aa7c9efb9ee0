#include "control/person.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/near.h"
#include "race/team.h"

enum { LISTED = 5, NEAR = 3 };

/* ---- people ---- */

struct search {
	const char *key; /* folded */
	const struct race_entry *found[LISTED];
	size_t count;
};

static void
add(struct search *s, const struct race_entry *e)
{
	if (s->count < LISTED)
		s->found[s->count] = e;
	s->count++;
}

static void
look(struct search *s, const struct roster *roster, bool whole)
{
	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);
		char *name;

		if (e == NULL || e->name[0] == '\0')
			continue;
		name = text_fold(e->name);
		if (whole ? strcmp(name, s->key) == 0
		          : strstr(name, s->key) != NULL)
			add(s, e);
		free(name);
	}
}

static bool
is_bib(void *arg, const char *word)
{
	return roster_find(arg, word) != NULL;
}

static int
nobody(const struct roster *roster, const char *text, struct err *err)
{
	union {
		const struct roster *from;
		void *to;
	} u = { roster };
	struct near_match found[NEAR];
	size_t n = near_find(text, is_bib, u.to, found, NEAR);
	char q[TEXT_QUOTE_MAX];
	char who[800] = "";
	size_t len = 0;

	text_quote(q, text);
	if (n == 0)
		return err_set(err, -ENOENT,
		    "%s: nobody has that bib or name; palmares roster export "
		    "lists everybody",
		    q);
	for (size_t i = 0; i < n; i++) {
		const struct race_entry *e = roster_find(roster, found[i].word);
		int put = snprintf(who + len, sizeof who - len, "%s%s %s",
		    i > 0 ? ", " : "", e->bib, e->name);

		if (put > 0 && (size_t)put < sizeof who - len)
			len += (size_t)put;
	}
	return err_set(err, -ENOENT, "%s: nobody has that bib; near: %s", q,
	    who);
}

static int
several(const struct search *s, const char *text, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	char who[1400] = "";
	size_t len = 0;

	for (size_t i = 0; i < s->count && i < LISTED; i++) {
		int put = snprintf(who + len, sizeof who - len, "%s%s %s",
		    i > 0 ? ", " : "", s->found[i]->bib, s->found[i]->name);

		if (put > 0 && (size_t)put < sizeof who - len)
			len += (size_t)put;
	}
	return err_set(err, -ENOTUNIQ,
	    "%s: %zu have that name: %s%s; say the "
	    "bib",
	    text_quote(q, text), s->count, who,
	    s->count > LISTED ? ", ..." : "");
}

int
person_find(const struct race_entry **out, const struct roster *roster,
    const char *text, struct err *err)
{
	const struct race_entry *e = roster_find(roster, text);
	struct search s = { .count = 0 };
	char *key;
	int rc = 0;

	if (e != NULL) {
		*out = e;
		return 0;
	}
	key = text_fold(text);
	s.key = key;
	if (key[0] != '\0')
		look(&s, roster, true);
	/* "21" is a bib that nobody has, and no part of a name. */
	if (s.count == 0 && key[strspn(key, "0123456789")] != '\0')
		look(&s, roster, false);
	if (s.count == 1)
		*out = s.found[0];
	else if (s.count == 0)
		rc = nobody(roster, text, err);
	else
		rc = several(&s, text, err);
	free(key);
	return rc;
}

/* ---- who is gone ---- */

static bool
takes_away(const struct race_event *e, const char *bib)
{
	const struct race_decision *d = e->decision;

	if (e->kind != RACE_DECISION || strcmp(d->bib, bib) != 0)
		return false;
	return d->verb == RACE_REMOVE_ENTRY ||
	    (d->verb == RACE_SET_ENTRY && strcmp(d->entry->bib, bib) != 0);
}

static void
tell_gone(const struct rulings_item *gone, const char *bib, struct err *err)
{
	const struct race_decision *d = gone->event->decision;

	if (d->verb == RACE_REMOVE_ENTRY)
		err_set(err, 0,
		    "nobody has bib %s: decision %" PRIu64
		    " has removed it; palmares undo %" PRIu64 " brings it back",
		    bib, gone->number, gone->number);
	else
		err_set(err, 0,
		    "nobody has bib %s: by decision %" PRIu64 " it is %s", bib,
		    gone->number, d->entry->bib);
}

uint64_t
person_gone(const struct rulings *rulings, const char *bib, struct err *err)
{
	struct rulings_item gone = { .number = 0 };
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		rulings_at(rulings, i, &item);
		if (item.holds && takes_away(item.event, bib) &&
		    (gone.number == 0 ||
		        item.event->made_us >= gone.event->made_us))
			gone = item;
	}
	if (gone.number > 0)
		tell_gone(&gone, bib, err);
	return gone.number;
}

/* ---- teams ---- */

struct names {
	const char **all;
	size_t count;
	size_t cap;
	struct strmap *seen;
};

static void
add_name(struct names *n, const char *name)
{
	if (name[0] == '\0' || strmap_get(n->seen, name) != STRMAP_NONE)
		return;
	n->all = xgrow(n->all, &n->cap, n->count, sizeof *n->all);
	n->all[n->count] = name;
	strmap_put(n->seen, name, (uint32_t)n->count++);
}

static int
no_team(const struct names *n, const char *text, struct err *err)
{
	const char *near = nearest(text, n->all, n->count);
	char q[TEXT_QUOTE_MAX];

	if (n->count == 0)
		return err_set(err, -ENOENT, "%s: nobody is entered for a team",
		    text_quote(q, text));
	if (near == NULL)
		return err_set(err, -ENOENT, "%s: no such team",
		    text_quote(q, text));
	return err_set(err, -ENOENT, "%s: no such team; did you mean %s?",
	    text_quote(q, text), near);
}

int
person_team(const char **out, const struct race_rules *rules,
    const struct roster *roster, const char *text, struct err *err)
{
	struct names n = { .seen = strmap_new() };
	char *key = text_fold(text);
	const char *found = NULL;
	int rc = 0;

	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			add_name(&n, team_of(rules, e));
	}
	for (size_t i = 0; i < n.count && found == NULL; i++)
		if (strcmp(n.all[i], team_name(rules, text)) == 0)
			found = n.all[i];
	for (size_t i = 0; i < n.count && found == NULL; i++) {
		char *other = text_fold(n.all[i]);

		if (strcmp(other, key) == 0)
			found = n.all[i];
		free(other);
	}
	if (found != NULL)
		*out = found;
	else
		rc = no_team(&n, text, err);
	free(key);
	free(n.all);
	strmap_free(n.seen);
	return rc;
}
