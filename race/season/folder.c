#include "race/season/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/conf_season.h"
#include "race/season/folder_text.h"
#include "race/season/key.h"
#include "race/season/listed.h"
#include "race/season/listing.h"
#include "race/season/palmares.h"

#define ALIASES_FILE "aliases.csv"

/* ---- award lists ---- */

/* False: it is none. */
static bool
read_list(struct season_folder *f, const struct season_source *from,
    const char *found, struct conf_report *report)
{
	char *name = xasprintf(SEASON_SOURCE_LISTS "%s", found);
	bool list = season_source_is_list(found);

	if (list)
		palmares_read(f, from, name, report);
	else
		conf_report_add(report, false, name, 0, 0,
		    "is no *.csv: not read");
	free(name);
	return list;
}

static void
read_lists(struct season_folder *f, const struct season_source *from,
    struct conf_report *report)
{
	char **names = NULL;
	int n = from->ops->names(from->arg, &names);
	size_t lists = 0;

	if (n < 0 && (n != -ENOENT || f->feed_count == 0))
		conf_report_add(report, true, SEASON_SOURCE_LISTS, 0, 0,
		    "cannot be read: %s%s", strerror(-n),
		    n == -ENOENT ? ": award lists lie there, as "
		                   "palmares/2014.csv"
		                 : "");
	for (int i = 0; i < n && season_source_wanted(from); i++)
		lists += read_list(f, from, names[i], report);
	if (n >= 0 && lists == 0 && f->feed_count == 0)
		conf_report_add(report, false, SEASON_SOURCE_LISTS, 0, 0,
		    "holds no award list (*.csv)");
	season_source_names_free(names, n);
}

/* ---- keys ---- */

enum { TWICE_TOLD = 10, SAME_NAMES_MAX = 16 };

struct keyed {
	uint64_t key;
	size_t line;
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a;
	const struct keyed *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* One that says the same, among those before it with the same names; there are
 * hardly ever any, and of thousands the nearest will do.  NULL: none. */
static const struct season_listed *
find_same(const struct season_folder *f, const struct keyed *all, size_t at)
{
	const struct season_listed *l = &f->listed[all[at].line];

	for (size_t i = at; i > 0 && at - i < SAME_NAMES_MAX; i--) {
		const struct season_listed *old = &f->listed[all[i - 1].line];

		if (all[i - 1].key != all[at].key)
			return NULL;
		if (listed_same(&old->what.result, &l->what.result))
			return old;
	}
	return NULL;
}

/* A list that lies there under two names counts twice: hardly what is meant. */
static void
check_twice(const struct season_folder *f, const struct keyed *all,
    struct conf_report *report)
{
	size_t twice = 0;

	for (size_t i = 0; i < f->listed_count; i++) {
		const struct season_listed *l = &f->listed[all[i].line];
		const struct season_listed *old = find_same(f, all, i);

		if (old != NULL && twice++ < TWICE_TOLD)
			conf_report_add(report, false, l->file, l->line, 0,
			    "is the same as %s:%u: both count, leave one out",
			    old->file, old->line);
	}
	if (twice > TWICE_TOLD)
		conf_report_add(report, false, SEASON_SOURCE_LISTS, 0, 0,
		    "%zu more lines are there twice", twice - TWICE_TOLD);
}

/* Of lines with the same names the first is the first one in the files. */
static void
number_equals(struct season_folder *f, const struct keyed *all,
    const struct season_source *from)
{
	uint64_t equals = 0;

	for (size_t i = 0; i < f->listed_count && season_source_wanted(from);
	     i++) {
		struct race_listed *l = &f->listed[all[i].line].what;

		equals = i > 0 && all[i].key == all[i - 1].key ? equals + 1 : 0;
		l->key = key_of(&l->result, equals);
		index_put(&f->lines, l->key, (uint32_t)all[i].line);
	}
}

static void
put_keys(struct season_folder *f, const struct season_source *from,
    struct conf_report *report)
{
	struct keyed *all = xcalloc(f->listed_count + 1, sizeof *all);
	size_t n = 0;

	for (; n < f->listed_count && season_source_wanted(from); n++)
		all[n] =
		    (struct keyed){ key_of(&f->listed[n].what.result, 0), n };
	if (n == f->listed_count) {
		qsort(all, n, sizeof *all, by_key);
		number_equals(f, all, from);
		check_twice(f, all, report);
	}
	free(all);
}

/* ---- aliases ---- */

enum alias { ALIAS, ALIAS_TEAM, ALIAS_RECIPIENT, ALIAS_COLUMNS };

static const struct listing_column alias_columns[ALIAS_COLUMNS] = {
	[ALIAS] = { "alias", true },
	[ALIAS_TEAM] = { "team", false },
	[ALIAS_RECIPIENT] = { "recipient", true },
};

struct aliases {
	struct season_folder *folder;
	const struct season_source *from;
	struct conf_report *report;
	struct strmap *known; /* alias and team -> spelling */
};

#define complain(a, row, ...)                                                  \
	conf_report_add((a)->report, true, (row)->file, (row)->line, 0,        \
	    __VA_ARGS__)

static bool
alias_ok(const struct aliases *a, const struct listing_row *row)
{
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < ALIAS_COLUMNS; i++) {
		const char *s = row->fields[i];

		if (alias_columns[i].needed && s[0] == '\0') {
			complain(a, row, "%s is empty", alias_columns[i].name);
			return false;
		}
		if (strlen(s) > RACE_NAME_MAX || !text_printable(s)) {
			complain(a, row,
			    "%s %s: is longer than %d bytes, or has control "
			    "characters",
			    alias_columns[i].name, text_quote(q, s),
			    RACE_NAME_MAX);
			return false;
		}
	}
	return true;
}

/* Each spelling once: of two that differ nobody could say which holds. */
static bool
alias_new(const struct aliases *a, const struct listing_row *row)
{
	char *key =
	    xasprintf("%s\n%s", row->fields[ALIAS], row->fields[ALIAS_TEAM]);
	const struct season_folder *f = a->folder;
	uint32_t i = strmap_get(a->known, key);
	char q[TEXT_QUOTE_MAX];

	if (i == STRMAP_NONE)
		(void)strmap_put(a->known, key, (uint32_t)f->spelling_count);
	else
		complain(a, row,
		    "alias %s: is on line %u already: leave one out",
		    text_quote(q, row->fields[ALIAS]), f->spellings[i].line);
	free(key);
	return i == STRMAP_NONE;
}

static bool
take_alias(void *arg, const struct listing_row *row)
{
	struct aliases *a = arg;
	struct season_folder *f = a->folder;

	if (!alias_ok(a, row) || !alias_new(a, row))
		return true;
	f->spellings = xgrow(f->spellings, &f->spelling_cap, f->spelling_count,
	    sizeof *f->spellings);
	f->spellings[f->spelling_count++] = (struct season_spelling){
		.written = folder_text(f, row->fields[ALIAS]),
		.team = folder_text(f, row->fields[ALIAS_TEAM]),
		.subject = folder_text(f, row->fields[ALIAS_RECIPIENT]),
		.line = row->line,
	};
	return season_source_wanted(a->from);
}

static bool
is_itself(const struct season_spelling *s)
{
	return strcmp(s->written, s->subject) == 0;
}

/* An alias of an alias: whom does it mean? */
static void
check_chains(const struct aliases *a)
{
	const struct season_folder *f = a->folder;
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < f->spelling_count; i++) {
		const struct season_spelling *s = &f->spellings[i];
		char *key = xasprintf("%s\n", s->subject);
		uint32_t at = strmap_get(a->known, key);

		if (at != STRMAP_NONE && !is_itself(s) &&
		    !is_itself(&f->spellings[at]))
			conf_report_add(a->report, true, ALIASES_FILE, s->line,
			    0,
			    "recipient %s: is an alias itself, on line %u: "
			    "name the recipient that stands there",
			    text_quote(q, s->subject), f->spellings[at].line);
		free(key);
	}
}

static void
read_aliases(struct season_folder *f, const struct season_source *from,
    struct conf_report *report)
{
	struct aliases a = { .folder = f,
		.from = from,
		.report = report,
		.known = strmap_new() };
	struct err err;
	FILE *file;
	int rc = from->ops->open(from->arg, ALIASES_FILE, &file, &err);

	/* There need not be any. */
	if (rc == 0) {
		(void)listing_read(file, ALIASES_FILE, alias_columns,
		    ALIAS_COLUMNS, take_alias, &a, report);
		check_chains(&a);
	} else if (rc != -ENOENT) {
		conf_report_add(report, true, ALIASES_FILE, 0, 0, "%s",
		    err.text);
	}
	strmap_free(a.known);
}

/* ---- the folder ---- */

int
season_folder_read(struct season_folder *out, const struct season_source *from,
    struct conf_report *report)
{
	size_t errors = report->errors;

	*out = (struct season_folder){ 0 };
	index_init(&out->lines);
	conf_season_read(out, from, report);
	read_lists(out, from, report);
	put_keys(out, from, report);
	read_aliases(out, from, report);
	return report->errors == errors ? 0 : -EINVAL;
}

static void
feed_clear(struct season_feed *f)
{
	free(f->competition);
	free(f->season);
	free(f->race);
	free(f->standings);
	free(f->table);
	for (size_t i = 0; i < f->ranking_count; i++)
		free(f->rankings[i]);
	free(f->rankings);
}

void
season_folder_clear(struct season_folder *f)
{
	season_rules_free(f->rules);
	for (size_t i = 0; i < f->feed_count; i++)
		feed_clear(&f->feeds[i]);
	free(f->feeds);
	free(f->listed);
	index_close(&f->lines);
	free(f->spellings);
	folder_text_free(f);
	*f = (struct season_folder){ 0 };
}

const struct season_listed *
season_folder_line(const struct season_folder *f, uint64_t key)
{
	uint32_t line = index_get(&f->lines, key);

	return line == NONE ? NULL : &f->listed[line];
}
