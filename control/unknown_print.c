/* What nobody has, for people and for spreadsheets. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"
#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/json.h"
#include "control/table.h"
#include "control/unknown.h"

/* ---- csv ---- */

static void
join_bibs(char *out, const struct unknown *u)
{
	*out = '\0';
	for (size_t i = 0; i < u->near_count; i++) {
		if (i > 0)
			out = stpcpy(out, ";");
		out = stpcpy(out, u->near[i].bib);
	}
}

static void
print_csv(FILE *out, const struct unknown_list *l)
{
	fputs("kind,text,reads,first,last,point,near\n", out);
	for (size_t i = 0; i < l->count; i++) {
		const struct unknown *u = &l->items[i];
		char bibs[UNKNOWN_NEAR_MAX * (RACE_BIB_MAX + 1)];
		char near[2 * sizeof bibs + 3];
		char text[2 * RACE_NAME_MAX + 3];
		char point[2 * RACE_NAME_MAX + 3];
		char first[40];
		char last[40];

		join_bibs(bibs, u);
		csv_quote(near, sizeof near, bibs);
		csv_quote(text, sizeof text, u->what.text);
		csv_quote(point, sizeof point, u->what.point);
		fprintf(out, "%s,%s,%" PRIu64 ",%s,%s,%s,%s\n",
		    json_unknown_kind(u->what.kind), text, u->what.reads,
		    instant_format(first, u->what.first_us),
		    instant_format(last, u->what.last_us), point, near);
	}
}

/* ---- text ---- */

enum { WIDTH = 80, INDENT = 6, NEAR_SHOWN = 3, WHO_MIN = 30, NEAR_BYTES = 512 };

/* Times and bibs of two people: a table of their own, for what can be done
 * about them is another thing. */
static bool
is_pairing(enum race_unknown_kind kind)
{
	return kind == RACE_UNKNOWN_CONFLICT || kind == RACE_UNKNOWN_OPEN;
}

/* "      perhaps 102 Ada Lovelace: two digits swapped": of a long name what
 * fits, for the slip stands behind it. */
static void
print_near(FILE *out, const struct unknown_near *n, bool first)
{
	char *who =
	    xasprintf("%*s%s %s%s%s", INDENT, "", first ? "perhaps" : "     or",
	        n->bib, n->name[0] != '\0' ? " " : "", n->name);
	char *why = n->chip[0] == '\0'
	    ? xstrdup(near_words(n->slip))
	    : xasprintf("chip %s, %s", n->chip, near_words(n->slip));
	size_t width = text_width(why) + 2;
	char fitted[NEAR_BYTES];

	/* Behind a long chip the line is longer: a name is worth it. */
	(void)text_fit(fitted, sizeof fitted, who,
	    width < WIDTH - WHO_MIN ? WIDTH - width : WHO_MIN, false);
	fprintf(out, "%s: %s\n", fitted, why);
	free(who);
	free(why);
}

struct rows {
	const struct unknown **items;
	size_t count;
};

static void
print_nears(void *arg, FILE *out, size_t row)
{
	const struct rows *r = arg;
	const struct unknown *u = r->items[row];

	for (size_t i = 0; i < u->near_count && i < NEAR_SHOWN; i++)
		print_near(out, &u->near[i], i == 0);
	if (u->near_count > NEAR_SHOWN)
		fprintf(out, "%*s     or others: --format csv names them\n",
		    INDENT, "");
}

/* Free items with free(). */
static struct rows
choose(const struct unknown_list *l, bool pairings)
{
	struct rows r = { .count = 0 };

	r.items = xcalloc(l->count + 1, sizeof(const struct unknown *));
	for (size_t i = 0; i < l->count; i++)
		if (is_pairing(l->items[i].what.kind) == pairings)
			r.items[r.count++] = &l->items[i];
	return r;
}

static bool
any(const struct rows *r, enum race_unknown_kind kind)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i]->what.kind == kind)
			return true;
	return false;
}

static char *
clock_text(int64_t us)
{
	char clock[16];

	return xstrdup(instant_clock(clock, us));
}

static void
free_cells(char **cells, size_t count)
{
	while (count > 0)
		free(cells[--count]);
	free(cells);
}

static void
print_names(FILE *out, struct rows *r)
{
	static const struct table_column columns[] = {
		{ "kind", false },
		{ "text", false },
		{ "reads", true },
		{ "first", false },
		{ "last", false },
		{ "point", false },
	};
	enum { COLUMNS = sizeof columns / sizeof columns[0] };
	char **cells = xcalloc(r->count * COLUMNS, sizeof *cells);
	size_t k = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct race_unknown *u = &r->items[i]->what;

		cells[k++] = xstrdup(json_unknown_kind(u->kind));
		cells[k++] = xstrdup(u->text);
		cells[k++] = xasprintf("%" PRIu64, u->reads);
		cells[k++] = clock_text(u->first_us);
		cells[k++] = clock_text(u->last_us);
		cells[k++] = xstrdup(u->point);
	}
	table_print_noted(out, columns, COLUMNS, (const char *const *)cells,
	    r->count, print_nears, r);
	if (any(r, RACE_UNKNOWN_NOBODY))
		fputs("\nnobody: neither bib nor chip. On the laptop where "
		      "they "
		      "were entered, Up to each,\nthen the bib, Enter.\n",
		    out);
	free_cells(cells, k);
}

/* What is to be done, each once, below the rows. */
static void
print_hints(FILE *out, const struct rows *r)
{
	if (any(r, RACE_UNKNOWN_CONFLICT))
		fputs("\nconflict: these times and bibs do not fit each other. "
		      "Nobody knows whose is\nwhose, and none of them "
		      "counts.\n",
		    out);
	if (any(r, RACE_UNKNOWN_OPEN))
		fputs("\nopen: the latest of a point, whose bibs or times may "
		      "still come; a conflict if\nnobody types any more.\n",
		    out);
	fputs("\n"
	      "What settles it:\n"
	      "  more times  On the laptop of the times, Up to who was not "
	      "typed, then the\n"
	      "              bib, Enter; or Up to one stamped twice, Delete.\n"
	      "  more bibs   On the laptop of the bibs, Up to one typed twice, "
	      "or without a\n"
	      "              time, Delete.\n"
	      "  as many     Typed far from their times: set the clocks of "
	      "both laptops alike;\n"
	      "              for these, type the bibs beside the times.\n"
	      "  not sure    Beside a time that you are sure of, type its bib "
	      "in the same way:\n"
	      "              what is before and behind it is then settled "
	      "apart.\n",
	    out);
}

static void
print_pairings(FILE *out, struct rows *r)
{
	static const struct table_column columns[] = {
		{ "kind", false },
		{ "point", false },
		{ "first", false },
		{ "last", false },
		{ "times and bibs of two people", false },
	};
	enum { COLUMNS = sizeof columns / sizeof columns[0] };
	char **cells = xcalloc(r->count * COLUMNS, sizeof *cells);
	size_t k = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct race_unknown *u = &r->items[i]->what;

		cells[k++] = xstrdup(json_unknown_kind(u->kind));
		cells[k++] = xstrdup(u->point);
		cells[k++] = clock_text(u->first_us);
		cells[k++] = clock_text(u->last_us);
		cells[k++] = xstrdup(u->text);
	}
	table_print(out, columns, COLUMNS, (const char *const *)cells,
	    r->count);
	print_hints(out, r);
	free_cells(cells, k);
}

static void
print_text(FILE *out, const struct unknown_list *l)
{
	struct rows names = choose(l, false);
	struct rows pairings = choose(l, true);

	if (l->count == 0)
		fputs("every crossing belongs to somebody\n", out);
	if (names.count > 0)
		print_names(out, &names);
	if (names.count > 0 && pairings.count > 0)
		fputc('\n', out);
	if (pairings.count > 0)
		print_pairings(out, &pairings);
	free(names.items);
	free(pairings.items);
}

int
unknown_print(FILE *out, const struct unknown_list *l,
    enum export_format format)
{
	switch (format) {
	case EXPORT_CSV:
		print_csv(out, l);
		break;
	case EXPORT_TEXT:
		print_text(out, l);
		break;
	case EXPORT_JSON:
		return json_unknown(out, l->items, l->count);
	}
	return ferror(out) ? -EIO : 0;
}
