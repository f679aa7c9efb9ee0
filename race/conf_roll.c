/* The entries of a file, and the memory they are in. */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/conf_rows.h"

enum { BLOCK = 256 * 1024 };

/* Blocks never move, and are freed together. */
struct conf_block {
	struct conf_block *next;
	size_t used;
	size_t cap;
	max_align_t data[];
};

static void *
keep(struct conf_roll *roll, size_t size)
{
	size_t unit = sizeof(max_align_t);
	size_t units = (size + unit - 1) / unit;
	struct conf_block *b = roll->blocks;
	void *p;

	if (b == NULL || units > b->cap - b->used) {
		size_t cap = BLOCK / unit > units ? BLOCK / unit : units;

		b = xmalloc(sizeof *b + cap * unit);
		b->next = roll->blocks;
		b->used = 0;
		b->cap = cap;
		roll->blocks = b;
	}
	p = b->data + b->used;
	b->used += units;
	return p;
}

const char *
conf_roll_text(struct conf_roll *roll, const char *s)
{
	size_t len = strlen(s);
	char *copy;

	if (len == 0)
		return "";
	copy = keep(roll, len + 1);
	memcpy(copy, s, len + 1);
	return copy;
}

void
conf_roll_clear(struct conf_roll *roll)
{
	struct conf_block *next;

	for (struct conf_block *b = roll->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(roll->entries);
	free(roll->lines);
	free(roll->given);
	free(roll->left);
	*roll = (struct conf_roll){ 0 };
}

static const char *const *
keep_chips(struct conf_roll *roll, const struct race_entry *e)
{
	const char **chips = keep(roll, e->chip_count * sizeof *chips);

	for (size_t i = 0; i < e->chip_count; i++)
		chips[i] = conf_roll_text(roll, e->chips[i]);
	return chips;
}

static const struct race_column *
keep_more(struct conf_roll *roll, const struct race_entry *e)
{
	struct race_column *more = keep(roll, e->more_count * sizeof *more);

	for (size_t i = 0; i < e->more_count; i++) {
		more[i].name = e->more[i].name;
		more[i].value = conf_roll_text(roll, e->more[i].value);
	}
	return more;
}

/* What stands beside the entries grows with them. */
static void
grow(struct conf_roll *roll)
{
	size_t cap = roll->cap;

	roll->lines =
	    xgrow(roll->lines, &cap, roll->count, sizeof *roll->lines);
	cap = roll->cap;
	roll->given =
	    xgrow(roll->given, &cap, roll->count, sizeof *roll->given);
	roll->entries = xgrow(roll->entries, &roll->cap, roll->count,
	    sizeof *roll->entries);
}

void
conf_roll_add(struct conf_roll *roll, const struct race_entry *e,
    uint32_t given, unsigned line)
{
	struct race_entry copy = *e;

	copy.bib = conf_roll_text(roll, e->bib);
	copy.name = conf_roll_text(roll, e->name);
	copy.born = conf_roll_text(roll, e->born);
	copy.category = conf_roll_text(roll, e->category);
	copy.team = conf_roll_text(roll, e->team);
	copy.wave = conf_roll_text(roll, e->wave);
	copy.nation = conf_roll_text(roll, e->nation);
	copy.chips = e->chip_count > 0 ? keep_chips(roll, e) : NULL;
	copy.more = e->more_count > 0 ? keep_more(roll, e) : NULL;
	grow(roll);
	roll->entries[roll->count] = copy;
	roll->given[roll->count] = given;
	roll->lines[roll->count] = line;
	roll->count++;
}

void
conf_roll_leave(struct conf_roll *roll, unsigned line, const char *bib,
    const char *name)
{
	roll->left = xgrow(roll->left, &roll->left_cap, roll->left_count,
	    sizeof *roll->left);
	roll->left[roll->left_count++] = (struct conf_left){ .line = line,
		.bib = conf_roll_text(roll, bib),
		.name = conf_roll_text(roll, name) };
}
