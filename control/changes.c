#include "control/changes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_columns.h"
#include "race/roster.h"
#include "race/rules.h"

/* An entry made of what was there and what the row says. */
struct changes_block {
	struct changes_block *next;
	struct race_entry entry;
	struct race_column more[];
};

struct finder {
	const struct changes_job *job;
	struct conf_report *report;
	struct changes *out;
	struct strmap *held; /* bib -> index */
	struct strmap *rows; /* bib -> item */
	bool *dropped;       /* by item: a row that cannot be */
	size_t move_cap;
};

static void
map_held(struct finder *f)
{
	for (size_t i = 0; i < f->job->held_count; i++)
		strmap_put(f->held, f->job->held[i]->bib, (uint32_t)i);
}

static const struct race_entry *
held_by(const struct finder *f, const char *bib)
{
	uint32_t i = strmap_get(f->held, bib);

	return i == STRMAP_NONE ? NULL : f->job->held[i];
}

static void
drop(struct finder *f, size_t item, const char *what, const char *value,
    const char *words)
{
	char q[TEXT_QUOTE_MAX];

	f->dropped[item] = true;
	conf_report_add(f->report, true, f->job->file, f->out->items[item].line,
	    0, "%s %s: %s", what, text_quote(q, value), words);
}

/* ---- a row over what was there ---- */

static const struct race_column *
column_named(const struct race_entry *e, const char *name)
{
	for (size_t i = 0; i < e->more_count; i++)
		if (strcasecmp(e->more[i].name, name) == 0)
			return &e->more[i];
	return NULL;
}

/* In the order that is there, so that nothing seems changed that is not. */
static size_t
merge_more(const struct race_entry *before, const struct race_entry *row,
    struct race_column *out)
{
	size_t count = 0;

	for (size_t i = 0; i < before->more_count; i++) {
		const struct race_column *was = &before->more[i];
		const struct race_column *is = column_named(row, was->name);

		if (is == NULL)
			out[count++] = *was;
		else if (*is->value != '\0')
			out[count++] =
			    (struct race_column){ was->name, is->value };
	}
	for (size_t i = 0; i < row->more_count; i++)
		if (*row->more[i].value != '\0' &&
		    column_named(before, row->more[i].name) == NULL)
			out[count++] = row->more[i];
	return count;
}

static bool
has_chip(const struct race_entry *e, const char *chip)
{
	for (size_t i = 0; e != NULL && i < e->chip_count; i++)
		if (strcmp(e->chips[i], chip) == 0)
			return true;
	return false;
}

static bool
same_chips(const struct race_entry *a, const struct race_entry *b)
{
	for (size_t i = 0; i < a->chip_count; i++)
		if (!has_chip(b, a->chips[i]))
			return false;
	return a->chip_count == b->chip_count;
}

static void
keep_chips(struct race_entry *to, const struct race_entry *before)
{
	to->chips = before->chips;
	to->chip_count = before->chip_count;
}

static bool
says(uint32_t given, enum conf_column column)
{
	return (given & (UINT32_C(1) << column)) != 0;
}

/* Whether the words of `part` begin or end `name`. */
static bool
is_part(const char *name, const char *part)
{
	size_t len = strlen(name);
	size_t n = strlen(part);

	if (n >= len)
		return false;
	return n == 0 || (memcmp(name, part, n) == 0 && name[n] == ' ') ||
	    (strcmp(name + len - n, part) == 0 && name[len - n - 1] == ' ');
}

/* Names are kept whole: half of one, beside a field that is empty, says
 * something only if it is not a part of the name that is there. */
static bool
says_name(const struct finder *f, const struct race_entry *before,
    const struct race_entry *row, uint32_t given)
{
	bool first = says(given, CONF_FIRST);
	bool last = says(given, CONF_LAST);
	bool both = conf_sheet_has(f->job->sheet, "first") &&
	    conf_sheet_has(f->job->sheet, "last");

	if (both && first != last)
		return !is_part(before->name, row->name);
	return first || last || says(given, CONF_NAME);
}

static const struct race_entry *
merge(struct finder *f, const struct race_entry *before,
    const struct race_entry *row, uint32_t given)
{
	size_t more = before->more_count + row->more_count;
	struct changes_block *b =
	    xmalloc(sizeof *b + more * sizeof(struct race_column));
	struct race_entry *e = &b->entry;
	const struct {
		enum conf_column column;
		const char **to;
		const char *was;
	} texts[] = {
		{ CONF_SEX, &e->sex, before->sex },
		{ CONF_BORN, &e->born, before->born },
		{ CONF_CATEGORY, &e->category, before->category },
		{ CONF_TEAM, &e->team, before->team },
		{ CONF_WAVE, &e->wave, before->wave },
		{ CONF_NATION, &e->nation, before->nation },
	};

	b->next = f->out->blocks;
	f->out->blocks = b;
	*e = *row;
	if (!says_name(f, before, row, given))
		e->name = before->name;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!says(given, texts[i].column))
			*texts[i].to = texts[i].was;
	if (!says(given, CONF_STATUS))
		e->status = before->status;
	if (!says(given, CONF_START))
		e->start_us = before->start_us;
	if (!says(given, CONF_CHIP) || same_chips(row, before))
		keep_chips(e, before);
	e->more_count = merge_more(before, row, b->more);
	e->more = b->more;
	return e;
}

/* ---- rows that cannot be ---- */

static void
check_waves(struct finder *f)
{
	const struct race_rules *rules = f->job->rules;

	if (rules == NULL || rules->wave_count < 2 || rules_windows(rules))
		return;
	for (size_t i = 0; i < f->out->count; i++) {
		const struct changes_item *it = &f->out->items[i];

		if (*it->after->wave == '\0' &&
		    (it->before == NULL || *it->before->wave != '\0'))
			drop(f, i, "bib", it->after->bib,
			    "names no wave, and the race has several");
	}
}

/* Whether h keeps the chip if everything that is not dropped is done. */
static bool
keeps_chip(const struct finder *f, const struct race_entry *h, const char *chip)
{
	uint32_t i = strmap_get(f->rows, h->bib);

	if (i == STRMAP_NONE)
		return !f->job->remove;
	return f->dropped[i] || has_chip(f->out->items[i].after, chip);
}

/* Somebody's chip may pass to another only if he lets it go. */
static bool
check_chips(struct finder *f, const struct strmap *chips, size_t item)
{
	const struct changes_item *it = &f->out->items[item];

	for (size_t k = 0; k < it->after->chip_count; k++) {
		const char *chip = it->after->chips[k];
		uint32_t owner = strmap_get(chips, chip);
		const struct race_entry *h;
		char words[64 + TEXT_QUOTE_MAX];
		char q[TEXT_QUOTE_MAX];

		if (has_chip(it->before, chip) || owner == STRMAP_NONE)
			continue;
		h = f->job->held[owner];
		if (!keeps_chip(f, h, chip))
			continue;
		snprintf(words, sizeof words, "is that of bib %s, who keeps it",
		    text_quote(q, h->bib));
		drop(f, item, "chip", chip, words);
		return false;
	}
	return true;
}

static struct strmap *
map_chips(const struct changes_job *job)
{
	struct strmap *chips = strmap_new();

	for (size_t i = 0; i < job->held_count; i++)
		for (size_t k = 0; k < job->held[i]->chip_count; k++)
			strmap_put(chips, job->held[i]->chips[k], (uint32_t)i);
	return chips;
}

static void
note_moves(struct finder *f, const struct strmap *chips,
    const struct changes_item *it)
{
	struct changes *c = f->out;

	for (size_t k = 0; k < it->after->chip_count; k++) {
		const char *chip = it->after->chips[k];
		uint32_t owner = strmap_get(chips, chip);

		if (owner == STRMAP_NONE || has_chip(it->before, chip))
			continue;
		c->moves = xgrow(c->moves, &f->move_cap, c->move_count,
		    sizeof *c->moves);
		c->moves[c->move_count++] = (struct changes_move){ chip,
			f->job->held[owner]->bib, it->after->bib };
	}
}

/* Who is dropped keeps his chips, which may drop another. */
static void
settle_chips(struct finder *f)
{
	struct strmap *chips = map_chips(f->job);
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < f->out->count; i++)
			if (!f->dropped[i] && !check_chips(f, chips, i))
				again = true;
	} while (again);
	for (size_t i = 0; i < f->out->count; i++)
		if (!f->dropped[i])
			note_moves(f, chips, &f->out->items[i]);
	strmap_free(chips);
}

/* ---- who is left out ---- */

static bool
is_held(const struct finder *f, const char *bib)
{
	/* Another row has that bib: this is somebody else. */
	return held_by(f, bib) != NULL &&
	    strmap_get(f->rows, bib) == STRMAP_NONE;
}

static void
leave(struct finder *f, unsigned line, const char *bib, const char *name,
    bool held)
{
	const struct race_entry *e = held ? held_by(f, bib) : NULL;

	f->out->left[f->out->left_count++] =
	    (struct changes_left){ .line = line,
		    .bib = bib,
		    .name = *name == '\0' && e != NULL ? e->name : name,
		    .held = held };
	/* He is in the file. */
	if (held)
		strmap_put(f->rows, bib, 0);
}

static int
by_line(const void *a, const void *b)
{
	const struct changes_left *x = a;
	const struct changes_left *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void
list_left(struct finder *f)
{
	const struct conf_roll *roll = f->job->roll;
	struct changes *c = f->out;

	for (size_t i = 0; i < roll->left_count; i++) {
		const struct conf_left *l = &roll->left[i];

		leave(f, l->line, l->bib, l->name, is_held(f, l->bib));
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct changes_item *it = &c->items[i];

		if (f->dropped[i])
			leave(f, it->line, it->after->bib, it->after->name,
			    it->before != NULL);
	}
	qsort(c->left, c->left_count, sizeof *c->left, by_line);
}

const struct changes_left *
changes_left_on(const struct changes *c, unsigned line)
{
	const struct changes_left key = { .line = line };

	return c->left_count == 0
	    ? NULL
	    : bsearch(&key, c->left, c->left_count, sizeof *c->left, by_line);
}

/* ---- all of it ---- */

static void
read_rows(struct finder *f)
{
	static const struct race_entry nobody = { .bib = "",
		.name = "",
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "" };
	const struct conf_roll *roll = f->job->roll;
	struct changes *c = f->out;

	for (size_t i = 0; i < roll->count; i++) {
		const struct race_entry *row = &roll->entries[i];
		struct changes_item *it = &c->items[c->count];

		*it = (struct changes_item){ .kind = CHANGES_NEW,
			.before = held_by(f, row->bib),
			.line = roll->lines[i] };
		it->after = merge(f, it->before != NULL ? it->before : &nobody,
		    row, roll->given[i]);
		if (it->before != NULL)
			it->kind = roster_entry_equal(it->before, it->after)
			    ? CHANGES_EQUAL
			    : CHANGES_CHANGED;
		strmap_put(f->rows, row->bib, (uint32_t)c->count++);
	}
}

static void
take_out_dropped(struct finder *f)
{
	struct changes *c = f->out;
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++)
		if (!f->dropped[i])
			c->items[kept++] = c->items[i];
	c->count = kept;
}

static void
find_missing(struct finder *f)
{
	const struct changes_job *job = f->job;
	struct changes *c = f->out;

	for (size_t i = 0; i < job->held_count; i++) {
		if (strmap_get(f->rows, job->held[i]->bib) != STRMAP_NONE)
			continue;
		if (job->remove)
			c->items[c->count++] =
			    (struct changes_item){ .kind = CHANGES_GONE,
				    .before = job->held[i] };
		else
			c->kept[c->kept_count++] = job->held[i];
	}
}

static void
count_kinds(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->counts[c->items[i].kind]++;
}

void
changes_find(const struct changes_job *job, struct changes *out,
    struct conf_report *report)
{
	struct finder f = { .job = job,
		.report = report,
		.out = out,
		.held = strmap_new(),
		.rows = strmap_new() };
	size_t rows = job->roll->count;

	*out = (struct changes){ 0 };
	out->items = xcalloc(rows + job->held_count + 1, sizeof *out->items);
	out->kept = xcalloc(job->held_count + 1, sizeof *out->kept);
	out->left =
	    xcalloc(rows + job->roll->left_count + 1, sizeof *out->left);
	f.dropped = xcalloc(rows + 1, sizeof *f.dropped);
	map_held(&f);
	read_rows(&f);
	check_waves(&f);
	settle_chips(&f);
	list_left(&f);
	take_out_dropped(&f);
	find_missing(&f);
	count_kinds(out);
	changes_tell(job, out, report);
	free(f.dropped);
	strmap_free(f.rows);
	strmap_free(f.held);
}

void
changes_clear(struct changes *c)
{
	while (c->blocks != NULL) {
		struct changes_block *next = c->blocks->next;

		free(c->blocks);
		c->blocks = next;
	}
	free(c->items);
	free(c->kept);
	free(c->moves);
	free(c->left);
	*c = (struct changes){ 0 };
}

size_t
changes_total(const struct changes *c)
{
	return c->counts[CHANGES_NEW] + c->counts[CHANGES_CHANGED] +
	    c->counts[CHANGES_GONE];
}
