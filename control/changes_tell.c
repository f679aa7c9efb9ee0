/* changes - what a person may have meant otherwise: told, nothing more. */
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/changes.h"
#include "race/alike.h"
#include "race/conf_columns.h"

/* Each new one with all others: of more than these some seconds. */
enum { TEAMS_COMPARED = 5000 };

/* ---- what the whole file lacks ---- */

struct teller {
	const struct changes_job *job;
	const struct changes *changes;
	struct conf_report *report;
};

/* Columns in a language that is not known here are kept, not read. */
static void
tell_nameless(const struct teller *f)
{
	const struct conf_sheet *sheet = f->job->sheet;
	size_t count = f->changes->counts[CHANGES_NEW];

	if (count == 0 || conf_sheet_has(sheet, "name") ||
	    conf_sheet_has(sheet, "first") || conf_sheet_has(sheet, "last"))
		return;
	conf_report_add(f->report, false, f->job->file, sheet->line, 0,
	    "%zu of the new entries %s no name, for no column is taken as one: "
	    "call it name, or first and last",
	    count, count == 1 ? "has" : "have");
}

static const char *
filter_of(const struct race_ranking *k, enum conf_column column)
{
	if (column == CONF_SEX)
		return k->sex;
	if (column == CONF_CATEGORY)
		return k->category;
	return column == CONF_TEAM ? k->team : k->wave;
}

static const char *
value_of(const struct race_entry *e, enum conf_column column)
{
	if (column == CONF_SEX)
		return e->sex;
	if (column == CONF_CATEGORY)
		return e->category;
	return column == CONF_TEAM ? e->team : e->wave;
}

static bool
is_known(const struct teller *f, enum conf_column column)
{
	const struct changes_job *job = f->job;

	if (conf_sheet_has(job->sheet, conf_column_names[column]))
		return true;
	for (size_t i = 0; i < job->held_count; i++)
		if (*value_of(job->held[i], column) != '\0')
			return true;
	return false;
}

static void
tell_want(const struct teller *f, const char *const *names, size_t count,
    const char *does, enum conf_column column)
{
	const char *key = conf_column_names[column];
	bool one = count == 1;
	char *list;

	if (count == 0)
		return;
	list = nearest_list(names, count);
	conf_report_add(f->report, false, f->job->file, f->job->sheet->line, 0,
	    "ranking%s %s %s%s by %s, and no column is taken as %s: rename the "
	    "column that is",
	    one ? "" : "s", list, does, one ? "s" : "", key, key);
	free(list);
}

static void
tell_filter(const struct teller *f, enum conf_column column)
{
	const struct race_rules *rules = f->job->rules;
	const char *names[RACE_RANKINGS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < rules->ranking_count; i++)
		if (*filter_of(&rules->rankings[i], column) != '\0')
			names[count++] = rules->rankings[i].name;
	tell_want(f, names, count, "filter", column);
}

static void
tell_teams_missing(const struct teller *f)
{
	const struct race_rules *rules = f->job->rules;
	const char *names[RACE_RANKINGS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < rules->ranking_count; i++)
		if (rules->rankings[i].of == RACE_TEAMS)
			names[count++] = rules->rankings[i].name;
	tell_want(f, names, count, "rank", CONF_TEAM);
}

/* What the rules ask for and nobody has, while people are being entered: a
 * column in words that are not known here, most likely. */
static void
tell_wants(const struct teller *f)
{
	static const enum conf_column wanted[] = { CONF_SEX, CONF_CATEGORY,
		CONF_TEAM, CONF_WAVE };

	if (f->job->rules == NULL || f->changes->counts[CHANGES_NEW] == 0)
		return;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!is_known(f, wanted[i]))
			tell_filter(f, wanted[i]);
	if (!is_known(f, CONF_TEAM))
		tell_teams_missing(f);
}

/* ---- names of teams ---- */

struct team {
	const char *name;
	char *key;
	unsigned line;
	bool is_new;
};

struct teams {
	struct team *all;
	size_t count;
	size_t cap;
	struct strmap *held; /* names that were there before */
	struct strmap *seen;
};

static void
see_team(struct teams *t, const char *name, unsigned line)
{
	if (*name == '\0' || strmap_get(t->seen, name) != STRMAP_NONE)
		return;
	t->all = xgrow(t->all, &t->cap, t->count, sizeof *t->all);
	t->all[t->count] = (struct team){ .name = name,
		.key = alike_key(name),
		.line = line,
		.is_new = strmap_get(t->held, name) == STRMAP_NONE };
	strmap_put(t->seen, name, (uint32_t)t->count++);
}

/* As it would be; who was there comes first. */
static void
see_teams(const struct teller *f, struct teams *t)
{
	const struct changes *c = f->changes;

	for (size_t i = 0; i < f->job->held_count; i++)
		strmap_put(t->held, f->job->held[i]->team, 0);
	for (size_t i = 0; i < c->kept_count; i++)
		see_team(t, c->kept[i]->team, 0);
	for (size_t i = 0; i < c->count; i++)
		if (c->items[i].after != NULL)
			see_team(t, c->items[i].after->team, c->items[i].line);
}

static void
tell_team(const struct teller *f, const struct teams *t, size_t i)
{
	char q[2][TEXT_QUOTE_MAX];

	/* Of two new ones the later one is told. */
	for (size_t k = 0; k < t->count; k++) {
		const struct team *is = &t->all[i];
		const struct team *other = &t->all[k];

		if (k == i || (other->is_new && k > i) ||
		    !alike(is->key, other->key))
			continue;
		conf_report_add(f->report, false, f->job->file, is->line, 0,
		    "new team %s: near to %s", text_quote(q[0], is->name),
		    text_quote(q[1], other->name));
		return;
	}
}

/* A team of one's own by a slip is missed in the ranking of teams only. */
static void
tell_teams(const struct teller *f)
{
	struct teams t = { .held = strmap_new(), .seen = strmap_new() };

	see_teams(f, &t);
	for (size_t i = 0; t.count <= TEAMS_COMPARED && i < t.count; i++)
		if (t.all[i].is_new)
			tell_team(f, &t, i);
	for (size_t i = 0; i < t.count; i++)
		free(t.all[i].key);
	free(t.all);
	strmap_free(t.seen);
	strmap_free(t.held);
}

/* ---- all of it ---- */

void
changes_tell(const struct changes_job *job, const struct changes *c,
    struct conf_report *report)
{
	struct teller f = { job, c, report };

	/* A row that was said has no columns to rename. */
	if (job->sheet->line > 0) {
		tell_nameless(&f);
		tell_wants(&f);
	}
	tell_teams(&f);
}
