#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/dump.h"
#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/compare.h"
#include "race/cells.h"
#include "race/rules.h"

enum {
	NAME_COLUMNS = 26,
	NAME_BYTES = 200,
	TIMES = 32,
	WORDS = 64,
	BEHIND = WORDS + 8
};

/* As the ranking shows it: what is subtracted gives what is printed. */
static int64_t
shown(const struct compare *c, int64_t us)
{
	if (c->rule->round == RACE_ROUND_NONE)
		return us;
	return (us + INSTANT_SECOND - 1) / INSTANT_SECOND * INSTANT_SECOND;
}

static const char *
time_words(char out[TIMES], const struct compare *c, int64_t us)
{
	return instant_elapsed(out, shown(c, us), false);
}

/* "85 places and 13:04", "13:04", "1 place and 0:00"; "" where nothing can be
 * said.  Not of those who share a place. */
static const char *
between(char out[WORDS], const struct compare *c,
    const struct compare_split *first, const struct compare_split *other)
{
	int64_t places = (int64_t)other->place - (int64_t)first->place;
	int64_t us = shown(c, other->elapsed_us) - shown(c, first->elapsed_us);
	char time[TIMES];

	out[0] = '\0';
	if (first->elapsed_us < 0 || other->elapsed_us < 0)
		return out;
	instant_elapsed(time, us < 0 ? -us : us, false);
	if (first->place == 0 || other->place == 0)
		snprintf(out, WORDS, "%s", time);
	else
		snprintf(out, WORDS, "%" PRId64 " place%s and %s", places,
		    places == 1 ? "" : "s", time);
	return out;
}

/* ---- text ---- */

struct at {
	const struct compare_runner *runner;
	const struct compare_split *split;
	size_t i;
};

static int
by_time(const void *a, const void *b)
{
	const struct at *x = a;
	const struct at *y = b;
	int64_t t = x->split->elapsed_us;
	int64_t u = y->split->elapsed_us;

	if ((t < 0) != (u < 0))
		return t < 0 ? 1 : -1;
	if (x->split->place != y->split->place && x->split->place > 0 &&
	    y->split->place > 0)
		return x->split->place < y->split->place ? -1 : 1;
	if (t != u)
		return t < u ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i);
}

/* "1 place and 0:10 behind"; "" of the first. */
static void
behind(char out[BEHIND], const struct compare *c, const struct at *first,
    const struct at *a)
{
	char words[WORDS];

	out[0] = '\0';
	if (a == first)
		return;
	if (a->split->place > 0 && a->split->place == first->split->place)
		snprintf(out, BEHIND, "the same place");
	else if (between(words, c, first->split, a->split)[0] != '\0')
		snprintf(out, BEHIND, "%s behind", words);
}

static void
put_runner(FILE *out, const struct compare *c, const struct at *a,
    const struct at *first)
{
	const struct race_entry *e = a->runner->entry;
	char place[24] = "";
	char time[TIMES] = "-";
	char words[BEHIND];
	char fitted[NAME_BYTES];
	char *name = xasprintf("%s %s", e->bib, e->name);

	if (a->split->place > 0)
		snprintf(place, sizeof place, "%" PRIu32 ".", a->split->place);
	if (a->split->elapsed_us >= 0)
		time_words(time, c, a->split->elapsed_us);
	behind(words, c, first, a);
	text_fit(fitted, sizeof fitted, name, NAME_COLUMNS, true);
	fprintf(out, "%8s  %s  %9s%s%s\n", place, fitted, time,
	    words[0] != '\0' ? "  " : "", words);
	free(name);
}

static void
put_point(FILE *out, const struct compare *c, int point)
{
	const struct race_point *is = &c->rules->points[point];
	struct at all[COMPARE_MAX] = { { .i = 0 } };
	char km[CELLS_MAX];

	for (size_t i = 0; i < c->count; i++)
		all[i] = (struct at){ &c->runners[i],
			&c->runners[i].splits[point], i };
	qsort(all, c->count, sizeof *all, by_time);
	fprintf(out, "\n%s, %s km\n", is->name, cells_km(km, is->metres));
	for (size_t i = 0; i < c->count; i++)
		put_runner(out, c, &all[i], &all[0]);
}

static char *
who(const struct compare_runner *r)
{
	return xasprintf("%s%s%s", r->entry->bib,
	    r->entry->name[0] != '\0' ? " " : "", r->entry->name);
}

/* How far the best is ahead of another one. */
static void
put_ahead(FILE *out, const struct compare *c, const struct compare_runner *r)
{
	const struct compare_runner *first = &c->runners[0];
	const struct compare_split best = { first->line.row.elapsed_us,
		first->line.place };
	const struct compare_split end = { r->line.row.elapsed_us,
		r->line.place };
	uint32_t places = end.place - best.place;
	char words[WORDS];
	char *a = who(first);
	char *b = who(r);

	if (places == 0)
		fprintf(out, "%s shares place %" PRIu32 " with %s.\n", a,
		    best.place, b);
	else if (first->line.row.metres == r->line.row.metres)
		fprintf(out, "%s is %s ahead of %s.\n", a,
		    between(words, c, &best, &end), b);
	else
		fprintf(out, "%s is %" PRIu32 " place%s ahead of %s.\n", a,
		    places, places == 1 ? "" : "s", b);
	free(a);
	free(b);
}

/* The end of it, in a sentence for each but the best. */
static void
put_end(FILE *out, const struct compare *c)
{
	putc('\n', out);
	for (size_t i = 0; i < c->count; i++) {
		const struct compare_runner *r = &c->runners[i];
		const char *status = rules_status_name(r->line.row.status);

		if (!r->in)
			fprintf(out, "%s is not in %s.\n", r->entry->bib,
			    c->rule->name);
		else if (r->line.place == 0)
			fprintf(out, "%s has no place in %s: %s.\n",
			    r->entry->bib, c->rule->name,
			    status[0] != '\0' ? status : "not seen");
		else if (i > 0)
			put_ahead(out, c, r);
	}
}

int
compare_print(FILE *out, const struct compare *c)
{
	fprintf(out, "%s, %s, by %s\n", c->rules->title, c->rule->name,
	    c->rule->by == RACE_BY_NET ? "net time" : "gun time");
	for (size_t i = 0; i < c->point_count; i++)
		put_point(out, c, c->points[i]);
	if (c->point_count == 0)
		fputs("none of them has a time yet\n", out);
	put_end(out, c);
	return ferror(out) ? -EIO : 0;
}

/* ---- json ---- */

static json_t *
span(int64_t us)
{
	return us < 0 ? json_null() : json_integer((json_int_t)us);
}

static json_t *
place(uint32_t is)
{
	return is == 0 ? json_null() : json_integer(is);
}

static json_t *
json_runner(const struct compare *c, const struct compare_runner *r)
{
	json_t *o = json_object();
	json_t *splits = json_array();

	for (size_t i = 0; i < c->point_count; i++) {
		const struct compare_split *s = &r->splits[c->points[i]];
		const struct compare_split *first =
		    &c->runners[0].splits[c->points[i]];
		json_t *split = json_object();

		json_object_set_new(split, "point",
		    json_string(c->rules->points[c->points[i]].name));
		json_object_set_new(split, "elapsed_us", span(s->elapsed_us));
		json_object_set_new(split, "place", place(s->place));
		json_object_set_new(split, "behind_us",
		    s->elapsed_us < 0 || first->elapsed_us < 0
		        ? json_null()
		        : json_integer(
		              (json_int_t)(s->elapsed_us - first->elapsed_us)));
		json_array_append_new(splits, split);
	}
	json_object_set_new(o, "bib", json_string(r->entry->bib));
	json_object_set_new(o, "name", json_string(r->entry->name));
	json_object_set_new(o, "status",
	    json_string(r->in ? rules_status_name(r->line.row.status) : ""));
	json_object_set_new(o, "place", place(r->line.place));
	json_object_set_new(o, "elapsed_us",
	    r->in ? span(r->line.row.elapsed_us) : json_null());
	json_object_set_new(o, "splits", splits);
	return o;
}

int
compare_json(FILE *out, const struct compare *c)
{
	json_t *o = json_object();
	json_t *runners = json_array();

	for (size_t i = 0; i < c->count; i++)
		json_array_append_new(runners, json_runner(c, &c->runners[i]));
	json_object_set_new(o, "ranking", json_string(c->rule->name));
	json_object_set_new(o, "runners", runners);
	return dump_json(out, o, JSON_INDENT(1));
}
