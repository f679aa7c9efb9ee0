#include "control/reads.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/dump.h"
#include "common/instant.h"
#include "common/strmap.h"
#include "common/xalloc.h"
#include "control/table.h"
#include "control/why.h"

enum column {
	COLUMN_TIME,
	COLUMN_POINT,
	COLUMN_AFTER,
	COLUMN_BIB,
	COLUMN_NAME,
	COLUMN_READ,
	COLUMN_COUNTS,
	COLUMNS
};

/* ---- finding them ---- */

static int64_t
gun_of(struct book *b, const char *bib)
{
	struct rank_start start;

	return rank_start(b->rank, bib, &start) ? start.gun_us : RACE_NO_TIME;
}

static void
add(struct reads *l, struct book *b, const struct rank_read *read)
{
	struct rank_crossing crossing = { .bib = "", .under = "" };
	struct reads_item *it;

	(void)rank_find(b->rank, read->id, &crossing);
	l->items = xgrow(l->items, &l->cap, l->count, sizeof *l->items);
	it = &l->items[l->count++];
	*it = (struct reads_item){ .read = *read,
		.bib = xstrdup(crossing.bib),
		.under = xstrdup(crossing.under) };
	it->gun_us = gun_of(b, it->bib);
}

void
reads_of_bib(struct reads *l, struct book *b, const char *bib)
{
	struct rank_read *reads;
	size_t count = rank_reads(b->rank, bib, &reads);

	for (size_t i = 0; i < count; i++)
		add(l, b, &reads[i]);
	free(reads);
}

static int
by_time(const void *a, const void *b)
{
	const struct rank_read *x = &((const struct reads_item *)a)->read;
	const struct rank_read *y = &((const struct reads_item *)b)->read;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->id.stream != y->id.stream)
		return x->id.stream < y->id.stream ? -1 : 1;
	return (x->id.seq > y->id.seq) - (x->id.seq < y->id.seq);
}

/* A runner's, each once. */
static void
add_runner(struct reads *l, struct book *b, struct strmap *seen,
    const char *bib, int point)
{
	char *name = xstrdup(bib);
	struct rank_read *reads;
	size_t count;

	if (strmap_get(seen, name) == STRMAP_NONE) {
		strmap_put(seen, name, 0);
		count = rank_reads(b->rank, name, &reads);
		for (size_t i = 0; i < count; i++)
			if (reads[i].point == point &&
			    reads[i].why != RANK_NOT_OURS)
				add(l, b, &reads[i]);
		free(reads);
	}
	free(name);
}

void
reads_of(struct reads *l, struct book *b, const struct race_id *ids,
    size_t count, int point)
{
	struct strmap *seen = strmap_new();

	for (size_t i = 0; i < count; i++) {
		struct rank_crossing c;
		struct rank_read read = { .id = ids[i], .why = RANK_NOT_OURS };

		if (!rank_find(b->rank, ids[i], &c) || c.listed ||
		    (point >= 0 && c.point != point))
			continue;
		read.point = c.point;
		read.time_us = c.time_us;
		if (c.bib[0] != '\0' && point >= 0)
			add_runner(l, b, seen, c.bib, point);
		else if (c.bib[0] == '\0' && !c.voided)
			add(l, b, &read);
	}
	strmap_free(seen);
	if (l->count > 0)
		qsort(l->items, l->count, sizeof *l->items, by_time);
}

static void
free_item(struct reads_item *it)
{
	free(it->bib);
	free(it->under);
}

void
reads_clear(struct reads *l)
{
	for (size_t i = 0; i < l->count; i++)
		free_item(&l->items[i]);
	free(l->items);
	*l = (struct reads){ 0 };
}

void
reads_last(struct reads *l, size_t n)
{
	size_t drop = l->count > n ? l->count - n : 0;

	for (size_t i = 0; i < drop; i++)
		free_item(&l->items[i]);
	l->count -= drop;
	if (drop > 0)
		memmove(l->items, l->items + drop, l->count * sizeof *l->items);
}

/* ---- for people ---- */

static const char *
point_name(const struct book *b, int point)
{
	return point >= 0 ? b->rules->points[point].name : "?";
}

static const char *
name_of_bib(const struct book *b, const char *bib)
{
	const struct race_entry *e = roster_find(b->roster, bib);

	return e != NULL ? e->name : "";
}

/* Since his start. */
static char *
after_start(const struct reads_item *it)
{
	char text[32] = "";

	if (it->gun_us != RACE_NO_TIME)
		instant_elapsed(text, it->read.time_us - it->gun_us, false);
	return xstrdup(text);
}

/* For free(). */
static char *
why_text(const struct reads_item *it)
{
	if (why_counts(it->read.why))
		return xstrdup(why_words(it->read.why));
	if (it->read.why != RANK_NOT_OURS)
		return xasprintf("no: %s", why_words(it->read.why));
	if (it->bib[0] == '\0')
		return xasprintf("no: nobody has %s",
		    it->under[0] != '\0' ? it->under : "it");
	return xasprintf("no: it is %s's", it->bib);
}

/* Whether it has the column: of a bib no bib, of a point no point, of nobody
 * neither bib nor start. */
static bool
has_column(enum reads_columns columns, enum column column)
{
	switch (column) {
	case COLUMN_POINT:
		return columns != READS_OF_POINT;
	case COLUMN_AFTER:
		return columns != READS_OF_NOBODY;
	case COLUMN_BIB:
	case COLUMN_NAME:
		return columns == READS_OF_POINT;
	case COLUMN_TIME:
	case COLUMN_READ:
	case COLUMN_COUNTS:
	case COLUMNS:
		break;
	}
	return true;
}

/* For free(). */
static char *
cell_of(const struct reads_item *it, struct book *b, const struct story *s,
    enum column column)
{
	char text[NAME_MAX_PRINTED + STORY_MOMENT];
	char *why;
	char *cell;

	switch (column) {
	case COLUMN_TIME:
		return xstrdup(story_moment(text, s, it->read.time_us));
	case COLUMN_POINT:
		return xstrdup(point_name(b, it->read.point));
	case COLUMN_AFTER:
		return after_start(it);
	case COLUMN_BIB:
		return xstrdup(it->bib);
	case COLUMN_NAME:
		return xstrdup(name_of_bib(b, it->bib));
	case COLUMN_READ:
		return xstrdup(name_print(text, it->read.id, s->streams));
	case COLUMN_COUNTS:
	case COLUMNS:
		break;
	}
	why = why_text(it);
	cell =
	    xasprintf("%s%s", why, it->read.added ? " (by an operator)" : "");
	free(why);
	return cell;
}

void
reads_print(FILE *out, const struct reads *l, struct book *b,
    const struct story *s, enum reads_columns columns)
{
	static const struct table_column all[COLUMNS] = {
		[COLUMN_TIME] = { "time", true },
		[COLUMN_POINT] = { "point", false },
		[COLUMN_AFTER] = { "after start", true },
		[COLUMN_BIB] = { "bib", true },
		[COLUMN_NAME] = { "name", false },
		[COLUMN_READ] = { "read", false },
		[COLUMN_COUNTS] = { "counts", false },
	};
	struct table_column heads[COLUMNS];
	char **cells = xcalloc(l->count * COLUMNS + 1, sizeof *cells);
	size_t width = 0;
	size_t n = 0;

	for (enum column k = 0; k < COLUMNS; k++)
		if (has_column(columns, k))
			heads[width++] = all[k];
	for (size_t i = 0; i < l->count; i++)
		for (enum column k = 0; k < COLUMNS; k++)
			if (has_column(columns, k))
				cells[n++] = cell_of(&l->items[i], b, s, k);
	table_print(out, heads, width, (const char *const *)cells, l->count);
	while (n > 0)
		free(cells[--n]);
	free(cells);
}

/* ---- for programs ---- */

static void
put_text(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

static json_t *
object_of(const struct reads_item *it, const struct book *b,
    const struct story *s)
{
	json_t *o = json_object();
	char *why = why_text(it);
	char text[NAME_MAX_PRINTED];

	put_text(o, "read", name_print(text, it->read.id, s->streams));
	put_text(o, "time", instant_format(text, it->read.time_us));
	json_object_set_new(o, "time_us",
	    json_integer((json_int_t)it->read.time_us));
	if (it->read.point >= 0)
		put_text(o, "point", point_name(b, it->read.point));
	put_text(o, "bib", it->bib);
	put_text(o, "under", it->under);
	json_object_set_new(o, "counts",
	    json_boolean(why_counts(it->read.why)));
	put_text(o, "why", why);
	json_object_set_new(o, "added", json_boolean(it->read.added));
	free(why);
	return o;
}

int
reads_json(FILE *out, const struct reads *l, struct book *b,
    const struct story *s)
{
	for (size_t i = 0; i < l->count; i++) {
		int rc =
		    dump_json(out, object_of(&l->items[i], b, s), JSON_COMPACT);

		if (rc < 0)
			return rc;
	}
	return 0;
}
