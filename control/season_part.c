/* palmares season DIR decide: who of two equals stands before the other. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_decide.h"

/* ---- who is meant ---- */

static size_t
find_table(const struct season_order *o, const char *name)
{
	const struct season_rules *rules = o->gather->folder.rules;
	const char *names[SEASON_TABLES_MAX];
	char *all;

	for (size_t i = 0; i < rules->table_count; i++) {
		names[i] = rules->tables[i].name;
		if (strcmp(names[i], name) == 0)
			return i;
	}
	all = nearest_list(names, rules->table_count);
	cli_usage(o->verb->program, "no table %s: there are %s", name, all);
}

static struct season_row
find_row(const struct season_order *o, size_t table, const char *name)
{
	struct season *s = o->gather->season;
	int64_t line = season_line(s, o->season, table, name);
	struct season_row row = { 0 };
	char q[TEXT_QUOTE_MAX];

	if (line < 0)
		log_fatal(1,
		    "decide: %s is not in the table %s of %s: palmares season "
		    "%s table shows who is",
		    text_quote(q, name), o->words[0],
		    season_label(s, o->season), o->dir);
	(void)season_rows(s, o->season, table, (size_t)line, &row, 1);
	return row;
}

/* ---- circles ---- */

/* What was decided before about the equals of that table, as far as it holds:
 * who stands behind whom. */
struct behind {
	const char *before;
	const char *behind;
	uint64_t number;
};

static size_t
decided_before(const struct season_order *o, const struct race_matter *m,
    struct behind **out)
{
	const struct rulings *all = ledger_rulings(o->gather->ledger);
	size_t count = 0;

	*out = xcalloc(rulings_count(all) + 1, sizeof **out);
	for (size_t i = 0; i < rulings_count(all); i++) {
		const struct race_decision *d;
		struct rulings_item item;

		rulings_at(all, i, &item);
		d = item.event->decision;
		if (item.holds && d->verb == RACE_DECIDE_TIE &&
		    strcmp(d->matter->season, m->season) == 0 &&
		    strcmp(d->matter->table, m->table) == 0)
			(*out)[count++] = (struct behind){ d->text,
				d->matter->subject, item.number };
	}
	return count;
}

/* From the last one that was come to back to the first. */
static char *
numbers_back(const struct behind *all, const size_t *by, const size_t *parent,
    size_t at)
{
	char *text = xasprintf("%" PRIu64, all[by[at - 1]].number);

	for (at = parent[at - 1]; at > 0; at = parent[at - 1]) {
		char *longer =
		    xasprintf("%" PRIu64 ", %s", all[by[at - 1]].number, text);

		free(text);
		text = longer;
	}
	return text;
}

/* The decisions that lead from one to the other: their numbers, "3, 4"; NULL:
 * none do.  For free(). */
static char *
way(const struct behind *all, size_t count, const char *from, const char *to)
{
	bool *used = xcalloc(count + 1, sizeof *used);
	/* Each was come to by a decision, behind somebody come to before. */
	size_t *by = xcalloc(count + 1, sizeof *by);
	size_t *parent = xcalloc(count + 1, sizeof *parent);
	size_t reached = 0;
	char *numbers = NULL;

	for (size_t at = 0; at <= reached && numbers == NULL; at++) {
		const char *here = at == 0 ? from : all[by[at - 1]].behind;

		for (size_t i = 0; i < count && numbers == NULL; i++) {
			if (used[i] || strcmp(all[i].before, here) != 0)
				continue;
			used[i] = true;
			by[reached] = i;
			parent[reached++] = at;
			if (strcmp(all[i].behind, to) == 0)
				numbers =
				    numbers_back(all, by, parent, reached);
		}
	}
	free(used);
	free(by);
	free(parent);
	return numbers;
}

/* It follows from what was decided; told. */
static bool
is_decided(const struct season_order *o, const struct race_matter *m,
    const char *before)
{
	struct behind *all;
	size_t count = decided_before(o, m, &all);
	char *numbers = way(all, count, before, m->subject);
	bool there = numbers != NULL;
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	free(all);
	if (there)
		printf("nothing to change: %s stands before %s already, by "
		       "what was decided (%s)\n",
		    text_quote(a, before), text_quote(b, m->subject), numbers);
	free(numbers);
	return there;
}

/* Decisions that contradict each other would say nothing, none of them. */
static void
check_circle(const struct season_order *o, const struct race_matter *m,
    const char *before)
{
	struct behind *all;
	size_t count = decided_before(o, m, &all);
	char *numbers = way(all, count, m->subject, before);
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	free(all);
	if (numbers != NULL)
		log_fatal(1,
		    "decide: %s stands before %s already, by what was decided "
		    "(%s): undo that first (palmares season %s undo NUMBER)",
		    text_quote(a, m->subject), text_quote(b, before), numbers,
		    o->dir);
}

/* ---- the verb ---- */

int
season_part(struct season_order *o)
{
	size_t table = find_table(o, o->words[0]);
	const char *label = season_label(o->gather->season, o->season);
	const char *before = o->words[1];
	const char *behind = o->words[2];
	struct race_matter matter = { label, "", o->words[0], behind, "" };
	struct season_row first = find_row(o, table, before);
	struct season_row second = find_row(o, table, behind);
	struct season_deed deed;

	if (strcmp(before, behind) == 0)
		cli_usage(o->verb->program, "decide: name two who are equal");
	if (is_decided(o, &matter, before))
		return 0;
	check_circle(o, &matter, before);
	season_deed_init(&deed, o);
	season_deed_decide(&deed,
	    &(struct race_decision){ .verb = RACE_DECIDE_TIE,
	        .text = before,
	        .matter = &matter });
	season_deed_say(&deed);
	if (first.score != second.score || first.place != second.place)
		prose_put(stdout, 0, "", 0,
		    "note: they are not equal now: it waits until they are");
	return season_deed_do(&deed);
}
