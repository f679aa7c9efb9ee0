#include "race/season/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/conf_season.h"
#include "race/season/folder_text.h"
#include "race/season/listing.h"
#include "race/season/palmares.h"

#define LISTS_DIR    "palmares"
#define ALIASES_FILE "aliases.csv"

/* ---- award lists ---- */

static int
is_list(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 4 && d->d_name[0] != '.' &&
	    strcmp(d->d_name + len - 4, ".csv") == 0;
}

/* In the order of their names, whatever the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_lists(struct season_folder *f, const char *dir, struct conf_report *report)
{
	char *path = xasprintf("%s/" LISTS_DIR, dir);
	struct dirent **found;
	int n = scandir(path, &found, is_list, by_name);

	if (n < 0 && (errno != ENOENT || f->feed_count == 0))
		conf_report_add(report, true, LISTS_DIR, 0, 0,
		    "cannot be read: %s%s", strerror(errno),
		    errno == ENOENT ? ": award lists lie there, as "
		                      "palmares/2014.csv"
		                    : "");
	for (int i = 0; i < n; i++) {
		char *name = xasprintf(LISTS_DIR "/%s", found[i]->d_name);
		char *file = xasprintf("%s/%s", dir, name);

		palmares_read(f, file, name, report);
		free(file);
		free(name);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	if (n == 0 && f->feed_count == 0)
		conf_report_add(report, false, LISTS_DIR, 0, 0,
		    "holds no award list (*.csv)");
	free(path);
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
	struct conf_report *report;
	struct strmap *lines; /* alias and team -> line */
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
	uint32_t line = strmap_get(a->lines, key);
	char q[TEXT_QUOTE_MAX];

	if (line == STRMAP_NONE)
		(void)strmap_put(a->lines, key, row->line);
	else
		complain(a, row,
		    "alias %s: is on line %u already: leave one out",
		    text_quote(q, row->fields[ALIAS]), line);
	free(key);
	return line == STRMAP_NONE;
}

static void
take_alias(void *arg, const struct listing_row *row)
{
	struct aliases *a = arg;
	struct season_folder *f = a->folder;

	if (!alias_ok(a, row) || !alias_new(a, row))
		return;
	f->spellings = xgrow(f->spellings, &f->spelling_cap, f->spelling_count,
	    sizeof *f->spellings);
	f->spellings[f->spelling_count++] = (struct season_spelling){
		.written = folder_text(f, row->fields[ALIAS]),
		.team = folder_text(f, row->fields[ALIAS_TEAM]),
		.subject = folder_text(f, row->fields[ALIAS_RECIPIENT]),
		.line = row->line,
	};
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
		uint32_t line = strmap_get(a->lines, key);

		if (line != STRMAP_NONE && strcmp(s->written, s->subject) != 0)
			conf_report_add(a->report, true, ALIASES_FILE, s->line,
			    0,
			    "recipient %s: is an alias itself, on line %u: "
			    "name the recipient that stands there",
			    text_quote(q, s->subject), line);
		free(key);
	}
}

static void
read_aliases(struct season_folder *f, const char *dir,
    struct conf_report *report)
{
	char *path = xasprintf("%s/" ALIASES_FILE, dir);
	struct aliases a = { .folder = f,
		.report = report,
		.lines = strmap_new() };

	/* There need not be any. */
	if (access(path, F_OK) == 0 || errno != ENOENT) {
		(void)listing_read(path, ALIASES_FILE, alias_columns,
		    ALIAS_COLUMNS, take_alias, &a, report);
		check_chains(&a);
	}
	strmap_free(a.lines);
	free(path);
}

/* ---- the folder ---- */

int
season_folder_read(struct season_folder *out, const char *dir,
    struct conf_report *report)
{
	size_t errors = report->errors;

	*out = (struct season_folder){ 0 };
	conf_season_read(out, dir, report);
	read_lists(out, dir, report);
	read_aliases(out, dir, report);
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
	free(f->spellings);
	folder_text_free(f);
	*f = (struct season_folder){ 0 };
}
