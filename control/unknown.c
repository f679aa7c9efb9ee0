#include "control/unknown.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"

static const char *
keep(struct unknown_list *l, const char *text)
{
	l->texts =
	    xgrow(l->texts, &l->text_cap, l->text_count, sizeof *l->texts);
	l->texts[l->text_count] = xstrdup(text);
	return l->texts[l->text_count++];
}

void
unknown_append(struct unknown_list *l, const struct race_unknown *u)
{
	struct unknown *to;

	l->items = xgrow(l->items, &l->cap, l->count, sizeof *l->items);
	to = &l->items[l->count++];
	*to = (struct unknown){ .what = *u };
	to->what.text = keep(l, u->text);
	to->what.point = keep(l, u->point);
}

void
unknown_clear(struct unknown_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i].near);
	while (l->text_count > 0)
		free(l->texts[--l->text_count]);
	free(l->texts);
	free(l->items);
	*l = (struct unknown_list){ 0 };
}

static bool
has_kind(const struct unknown_list *l, enum race_unknown_kind kind)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].what.kind == kind)
			return true;
	return false;
}

bool
unknown_has_names(const struct unknown_list *l)
{
	return has_kind(l, RACE_UNKNOWN_BIB) || has_kind(l, RACE_UNKNOWN_CHIP);
}

/* ---- who may be meant ---- */

struct people {
	const struct roster *roster;
	struct strmap *chips; /* slots of their owners; NULL: not needed */
};

static bool
is_bib(void *arg, const char *word)
{
	const struct people *p = arg;

	return roster_find(p->roster, word) != NULL;
}

static bool
is_chip(void *arg, const char *word)
{
	const struct people *p = arg;

	return strmap_get(p->chips, word) != STRMAP_NONE;
}

static struct strmap *
owners(const struct roster *roster)
{
	struct strmap *chips = strmap_new();

	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		for (size_t k = 0; e != NULL && k < e->chip_count; k++)
			strmap_put(chips, e->chips[k], (uint32_t)i);
	}
	return chips;
}

static const struct race_entry *
owner(const struct people *p, const char *chip)
{
	const char *bib;

	return roster_at(p->roster, strmap_get(p->chips, chip), &bib);
}

static bool
is_named(const struct unknown *u, const char *bib)
{
	for (size_t i = 0; i < u->near_count; i++)
		if (strcmp(u->near[i].bib, bib) == 0)
			return true;
	return false;
}

static void
seek(struct unknown_list *l, struct unknown *u, struct people *p)
{
	bool chip = u->what.kind == RACE_UNKNOWN_CHIP;
	struct near_match found[UNKNOWN_NEAR_MAX];
	size_t n = near_find(u->what.text, chip ? is_chip : is_bib, p, found,
	    UNKNOWN_NEAR_MAX);

	if (n == 0)
		return;
	u->near = xcalloc(n, sizeof *u->near);
	for (size_t i = 0; i < n; i++) {
		const struct race_entry *e = chip
		    ? owner(p, found[i].word)
		    : roster_find(p->roster, found[i].word);

		/* Two of somebody's chips may be near. */
		if (is_named(u, e->bib))
			continue;
		u->near[u->near_count++] = (struct unknown_near){
			.bib = keep(l, e->bib),
			.name = keep(l, e->name),
			.chip = keep(l, chip ? found[i].word : ""),
			.slip = found[i].slip,
		};
	}
}

void
unknown_seek(struct unknown_list *l, const struct roster *roster)
{
	struct people p = { .roster = roster };

	if (has_kind(l, RACE_UNKNOWN_CHIP))
		p.chips = owners(roster);
	for (size_t i = 0; i < l->count; i++) {
		enum race_unknown_kind kind = l->items[i].what.kind;

		if (kind == RACE_UNKNOWN_BIB || kind == RACE_UNKNOWN_CHIP)
			seek(l, &l->items[i], &p);
	}
	strmap_free(p.chips);
}
