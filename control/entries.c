#include "control/entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/instant.h"
#include "common/xalloc.h"
#include "race/rules.h"

/* In the order of the manual. */
static const char *const keys[] = { "bib", "chip", "name", "sex", "born",
	"category", "team", "wave", "nation", "status", "start" };

enum {
	KEYS = sizeof keys / sizeof keys[0],
	CHIPS_MAX = RACE_CHIPS_MAX * (RACE_CHIP_MAX + 1) + 1,
	FIELD_MAX = 2 * CHIPS_MAX + 3 /* every byte a quote */
};

struct writer {
	FILE *out;
	bool used[KEYS];
	const char **more; /* names of other columns, as they first appear */
	size_t more_count;
	size_t more_cap;
};

char *
entries_start(char out[ENTRIES_START_MAX], const struct race_entry *e)
{
	if (e->start_us != 0)
		return instant_format(out, e->start_us);
	*out = '\0';
	return out;
}

static const char *
join_chips(char out[CHIPS_MAX], const struct race_entry *e)
{
	char *to = out;

	*to = '\0';
	for (size_t i = 0; i < e->chip_count; i++) {
		if (i > 0)
			*to++ = ';';
		to = stpcpy(to, e->chips[i]);
	}
	return out;
}

/* Room for values that are put together. */
struct room {
	char chips[CHIPS_MAX];
	char start[ENTRIES_START_MAX];
};

/* What stands in the column keys[k]. */
static const char *
value_of(const struct race_entry *e, size_t k, struct room *room)
{
	const char *const values[KEYS] = { e->bib, join_chips(room->chips, e),
		e->name, e->sex, e->born, e->category, e->team, e->wave,
		e->nation, rules_status_name(e->status),
		entries_start(room->start, e) };

	return values[k];
}

/* The reader takes names without regard to case. */
static const char *
more_of(const struct race_entry *e, const char *name)
{
	for (size_t i = 0; i < e->more_count; i++)
		if (strcasecmp(e->more[i].name, name) == 0)
			return e->more[i].value;
	return "";
}

static size_t
find_more(const struct writer *w, const char *name)
{
	size_t i = 0;

	while (i < w->more_count && strcasecmp(w->more[i], name) != 0)
		i++;
	return i;
}

static void
note_more(struct writer *w, const char *name)
{
	if (find_more(w, name) < w->more_count)
		return;
	w->more = xgrow(w->more, &w->more_cap, w->more_count, sizeof *w->more);
	w->more[w->more_count++] = name;
}

static void
note_columns(struct writer *w, const struct race_entry *e)
{
	struct room room;

	for (size_t k = 0; k < KEYS; k++)
		if (*value_of(e, k, &room) != '\0')
			w->used[k] = true;
	for (size_t i = 0; i < e->more_count; i++)
		note_more(w, e->more[i].name);
}

/* ---- the order of the other columns ---- */

/* Which of them stands before which in some entry: before[i * count + k]. */
static bool *
find_before(const struct writer *w, const struct race_entry *const *entries,
    size_t count)
{
	bool *before = xcalloc(w->more_count * w->more_count, sizeof *before);

	for (size_t i = 0; i < count; i++) {
		const struct race_entry *e = entries[i];
		size_t last = w->more_count;

		for (size_t k = 0; k < e->more_count; k++) {
			size_t at = find_more(w, e->more[k].name);

			if (last < w->more_count)
				before[last * w->more_count + at] = true;
			last = at;
		}
	}
	return before;
}

static bool
waits(const bool *before, const bool *placed, size_t count, size_t at)
{
	for (size_t i = 0; i < count; i++)
		if (i != at && !placed[i] && before[i * count + at])
			return true;
	return false;
}

/* The first that stands behind nothing more; where two orders contradict each
 * other, the first of all. */
static size_t
next_more(const bool *before, const bool *placed, size_t count)
{
	size_t first = count;

	for (size_t i = 0; i < count; i++) {
		if (placed[i])
			continue;
		if (!waits(before, placed, count, i))
			return i;
		if (first == count)
			first = i;
	}
	return first;
}

/* As everybody has them: who has few may come first. */
static void
order_columns(struct writer *w, const struct race_entry *const *entries,
    size_t count)
{
	size_t n = w->more_count;
	const char **ordered;
	bool *placed;
	bool *before;

	/* More than a file can have come of many files. */
	if (n < 2 || n > CSV_FIELDS_MAX)
		return;
	before = find_before(w, entries, count);
	placed = xcalloc(n, sizeof *placed);
	ordered = xcalloc(n, sizeof *ordered);
	for (size_t i = 0; i < n; i++) {
		size_t at = next_more(before, placed, n);

		placed[at] = true;
		ordered[i] = w->more[at];
	}
	free(before);
	free(placed);
	free(w->more);
	w->more = ordered;
}

/* ---- the file ---- */

static void
put(struct writer *w, const char *value, bool first)
{
	char field[FIELD_MAX];

	csv_quote(field, sizeof field, value);
	fprintf(w->out, "%s%s", first ? "" : ",", field);
}

static void
put_header(struct writer *w)
{
	for (size_t k = 0; k < KEYS; k++)
		if (w->used[k])
			put(w, keys[k], k == 0);
	for (size_t i = 0; i < w->more_count; i++)
		put(w, w->more[i], false);
	fputc('\n', w->out);
}

static void
put_entry(struct writer *w, const struct race_entry *e)
{
	struct room room;

	for (size_t k = 0; k < KEYS; k++)
		if (w->used[k])
			put(w, value_of(e, k, &room), k == 0);
	for (size_t i = 0; i < w->more_count; i++)
		put(w, more_of(e, w->more[i]), false);
	fputc('\n', w->out);
}

char *
entries_csv(const struct race_entry *const *entries, size_t count)
{
	struct writer w = { .used = { [0] = true, [2] = true } };
	char *text = NULL;
	size_t len;

	w.out = open_memstream(&text, &len);
	if (w.out == NULL)
		abort(); /* no memory */
	for (size_t i = 0; i < count; i++)
		note_columns(&w, entries[i]);
	order_columns(&w, entries, count);
	put_header(&w);
	for (size_t i = 0; i < count; i++)
		put_entry(&w, entries[i]);
	if (fclose(w.out) != 0)
		abort();
	free(w.more);
	return text;
}
