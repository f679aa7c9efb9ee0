#include "control/consequences.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/doubts.h"
#include "control/prose.h"
#include "race/cells.h"
#include "race/outlook.h"
#include "race/rules.h"

enum {
	COLUMNS = 80,
	NAME_COLUMNS = 24,
	NAME_LEAST = 8,
	TEXT = 128,
	OTHERS = 10,  /* rows of others than those it is about */
	KEEPING = 3,  /* ... that keep their places */
	RANGES = 3,   /* of places that move */
	WINNERS = 64, /* rows looked at behind the places of an award */
};

struct printer {
	FILE *out;
	const struct correct *correct;
	const struct race_rules *before; /* those that it was ranked by */
	struct book *book;
	const struct preview *preview;
	/* The ranking that is told of, as it was and as it is. */
	const struct race_ranking *was;
	const struct race_ranking *is;
	/* Rankings where only what people do not see changes. */
	const char *hidden[RACE_RANKINGS_MAX];
	size_t hidden_count;
};

/* ---- values ---- */

struct shown {
	char text[TEXT];
	char time[CELLS_MAX];
};

/* As the listing shows it: the place and the time, or why there is none. */
static void
describe(struct shown *out, const struct race_ranking *ranking,
    const struct rank_standing *s)
{
	char why[CELLS_MAX];
	struct board_line line;

	out->time[0] = '\0';
	if (s == NULL) {
		snprintf(out->text, TEXT, "not there");
		return;
	}
	line = (struct board_line){ .row = s->row,
		.place = s->place,
		.tied = s->tied };
	cells_time(out->time, ranking, &line);
	cells_gap(why, ranking, &line, &line);
	if (s->place > 0)
		snprintf(out->text, TEXT, "place %" PRIu32 "%s, %s", s->place,
		    s->tied ? "=" : "", out->time);
	else if (ranking->of == RACE_TEAMS)
		snprintf(out->text, TEXT, "%" PRIu32 " in%s%s%s%s",
		    s->row.counted, out->time[0] != '\0' ? ", " : "", out->time,
		    why[0] != '\0' ? ", " : "", why);
	else
		snprintf(out->text, TEXT, "%s", why);
}

static void
add_time(struct shown *s)
{
	size_t len = strlen(s->text);

	snprintf(s->text + len, TEXT - len, ", %s",
	    s->time[0] != '\0' ? s->time : "no time");
}

/* What it was and what it is.  The time of who is not placed is told if nothing
 * but that changes. */
static void
describe_both(const struct printer *p, struct shown *before,
    struct shown *after, const struct preview_change *c)
{
	describe(before, p->was, c->before);
	describe(after, p->is, c->after);
	if (strcmp(before->text, after->text) != 0 ||
	    strcmp(before->time, after->time) == 0)
		return;
	add_time(before);
	add_time(after);
}

/* ---- rows ---- */

struct line {
	char label[TEXT];
	char name[TEXT * 3];
	char before[TEXT];
	char after[TEXT];
};

static const char *
label_of(const struct preview_change *c)
{
	return c->after != NULL ? c->after->row.label : c->before->row.label;
}

static void
make_line(const struct printer *p, const struct preview_change *c,
    struct line *out)
{
	const char *label = label_of(c);
	bool runners = p->is->of == RACE_RUNNERS;
	struct shown before;
	struct shown after;

	text_fit(out->label, sizeof out->label, label, NAME_COLUMNS, false);
	text_fit(out->name, sizeof out->name,
	    runners ? correct_whose(p->correct, label) : "", NAME_COLUMNS,
	    false);
	describe_both(p, &before, &after, c);
	snprintf(out->before, TEXT, "%s", before.text);
	snprintf(out->after, TEXT, "%s", after.text);
}

static size_t
widest(size_t most, const char *text)
{
	size_t w = text_width(text);

	return w > most ? w : most;
}

static void
print_lines(FILE *out, const struct line *lines, size_t count)
{
	size_t label = 0;
	size_t name = 0;
	size_t before = 0;
	size_t after = 0;
	size_t rest;

	for (size_t i = 0; i < count; i++) {
		label = widest(label, lines[i].label);
		name = widest(name, lines[i].name);
		before = widest(before, lines[i].before);
		after = widest(after, lines[i].after);
	}
	rest = 4 + label + 2 + 2 + before + 4 + after;
	if (name > 0 && rest + name > COLUMNS)
		name =
		    rest + NAME_LEAST > COLUMNS ? NAME_LEAST : COLUMNS - rest;
	for (size_t i = 0; i < count; i++) {
		char cell[4 * TEXT];

		text_fit(cell, sizeof cell, lines[i].label, label, true);
		fprintf(out, "    %s  ", cell);
		if (name > 0) {
			text_fit(cell, sizeof cell, lines[i].name, name, true);
			fprintf(out, "%s  ", cell);
		}
		text_fit(cell, sizeof cell, lines[i].before, before, true);
		fprintf(out, "%s -> %s\n", cell, lines[i].after);
	}
}

/* ---- which rows ---- */

static bool
is_about(const struct printer *p, const struct preview_change *change)
{
	const struct correct *c = p->correct;

	if (p->is->of != RACE_RUNNERS)
		return false;
	for (size_t i = 0; i < c->bib_count; i++)
		if (strcmp(c->bibs[i], label_of(change)) == 0)
			return true;
	return false;
}

static bool
keeps_place(const struct preview_change *c)
{
	return c->before != NULL && c->after != NULL &&
	    c->before->place == c->after->place;
}

/* In the order in which they are told; of hidden ones, how many. */
enum kind { ABOUT, ANOTHER_PLACE, SAME_PLACE, HIDDEN };

/* Splits, fractions, how many have finished, or what orders those that are
 * equal. */
static bool
looks_the_same(const struct printer *p, const struct preview_change *c)
{
	struct shown before;
	struct shown after;

	/* Which is told, of each. */
	if (c->before != NULL && c->after != NULL &&
	    c->before->place != c->after->place)
		return false;
	describe_both(p, &before, &after, c);
	return strcmp(before.text, after.text) == 0;
}

static enum kind
kind_of(const struct printer *p, const struct preview_change *c)
{
	if (looks_the_same(p, c))
		return HIDDEN;
	if (is_about(p, c))
		return ABOUT;
	return keeps_place(c) ? SAME_PLACE : ANOTHER_PLACE;
}

/* By how much all of those that are not told become longer. */
struct remainder {
	size_t count;
	size_t places; /* of them, that change place */
	int64_t by_us;
	bool uniform;
};

static void
add_remainder(struct remainder *r, const struct preview_change *c)
{
	int64_t by_us = 0;
	bool timed = c->before != NULL && c->after != NULL &&
	    c->before->row.elapsed_us >= 0 && c->after->row.elapsed_us >= 0;

	if (timed)
		by_us = c->after->row.elapsed_us - c->before->row.elapsed_us;
	if (r->count == 0)
		*r = (struct remainder){ .by_us = by_us, .uniform = timed };
	r->uniform = r->uniform && timed && by_us == r->by_us;
	r->count++;
	r->places += !keeps_place(c);
}

static void
print_remainder(FILE *out, const struct remainder *r)
{
	int64_t by_us = r->by_us < 0 ? -r->by_us : r->by_us;
	char text[32];

	if (r->count == 0)
		return;
	fprintf(out, "    and %zu more", r->count);
	if (r->uniform && by_us > 0)
		fprintf(out, ", each %s %s",
		    instant_elapsed(text, by_us, false),
		    r->by_us < 0 ? "faster" : "slower");
	if (r->places == 0)
		fputs(r->count == 1 ? "; it keeps its place\n"
		                    : "; they keep their places\n",
		    out);
	else
		fprintf(out, "; %zu of them change%s place\n", r->places,
		    r->places == 1 ? "s" : "");
}

static void
print_unseen(FILE *out, const uint8_t *kinds, size_t count)
{
	size_t unseen = 0;

	for (size_t i = 0; i < count; i++)
		unseen += kinds[i] == HIDDEN;
	if (unseen > 0)
		fprintf(out,
		    "    and %zu with the same place and shown time, but other "
		    "details\n",
		    unseen);
}

/* Those of one kind, of which so many are told. */
static size_t
take_kind(const struct printer *p, const struct preview_ranking *r,
    const uint8_t *kinds, enum kind kind, struct line *lines,
    struct remainder *rest)
{
	static const size_t most[HIDDEN] = { SIZE_MAX, OTHERS, KEEPING };
	size_t told = 0;

	for (size_t i = 0; i < r->change_count; i++) {
		if (kinds[i] != kind)
			continue;
		if (told >= most[kind])
			add_remainder(rest, &r->changes[i]);
		else
			make_line(p, &r->changes[i], &lines[told++]);
	}
	return told;
}

static void
print_changes(const struct printer *p, const struct preview_ranking *r,
    const uint8_t *kinds)
{
	struct line *lines = xcalloc(r->change_count + 1, sizeof *lines);
	struct remainder rest = { .count = 0 };
	size_t count = 0;

	for (int kind = ABOUT; kind < HIDDEN; kind++)
		count += take_kind(p, r, kinds, (enum kind)kind, lines + count,
		    &rest);
	print_lines(p->out, lines, count);
	print_remainder(p->out, &rest);
	print_unseen(p->out, kinds, r->change_count);
	free(lines);
}

/* ---- who only moves ---- */

static void
print_range(FILE *out, const struct preview_range *g)
{
	int64_t by = g->by < 0 ? -g->by : g->by;

	if (g->first == g->last)
		fprintf(out, "place %" PRIu32, g->first);
	else
		fprintf(out, "places %" PRIu32 " to %" PRIu32, g->first,
		    g->last);
	fprintf(out, " %s %" PRId64, g->by < 0 ? "up" : "down", by);
}

static void
print_ranges(FILE *out, const struct preview_ranking *r)
{
	char *text = NULL;
	size_t len;
	FILE *words = open_memstream(&text, &len);
	char head[48];

	if (words == NULL)
		return;
	for (size_t i = 0; i < r->range_count && i < RANGES; i++) {
		if (i > 0)
			fputs(", ", words);
		print_range(words, &r->ranges[i]);
	}
	if (r->range_count > RANGES)
		fprintf(words, " and %zu more stretch%s",
		    r->range_count - RANGES,
		    r->range_count - RANGES == 1 ? "" : "es");
	fclose(words);
	snprintf(head, sizeof head, "%zu others move:", r->moved);
	prose_put(out, 4, head, 6, text);
	free(text);
}

static void
print_moves(const struct printer *p, const struct preview_ranking *r)
{
	const struct preview_change *first = r->moves;

	if (r->moved == 0)
		return;
	if (r->moved == 1) {
		struct line line;

		make_line(p, first, &line);
		fprintf(p->out,
		    "    %s %s%sonly moves: %" PRIu32 " -> %" PRIu32 "\n",
		    line.label, line.name, line.name[0] != '\0' ? " " : "",
		    first->before->place, first->after->place);
		return;
	}
	print_ranges(p->out, r);
}

/* Whether anything is shown. */
static bool
find_kinds(const struct printer *p, const struct preview_ranking *r,
    uint8_t *kinds)
{
	bool shown = r->moved > 0;

	for (size_t i = 0; i < r->change_count; i++) {
		kinds[i] = (uint8_t)kind_of(p, &r->changes[i]);
		shown = shown || kinds[i] != HIDDEN;
	}
	return shown;
}

/* Other rules have it, and those that it is compared with have not. */
static void
print_new(const struct printer *p, size_t v)
{
	struct rank_standing first;

	fprintf(p->out, "  %s\n    would be new; ", p->is->name);
	if (rank_rows(p->book->rank, v, 0, &first, 1) == 0 || first.place == 0)
		fputs("nobody would have a place in it\n", p->out);
	else
		fprintf(p->out, "the first in it: %s %s\n", first.row.label,
		    p->is->of == RACE_RUNNERS
		        ? correct_whose(p->correct, first.row.label)
		        : "");
}

static void
print_ranking(struct printer *p, size_t v)
{
	struct preview_ranking r;
	uint8_t *kinds;
	int partner;

	p->is = &p->book->rules->rankings[v];
	partner = preview_partner(p->before, p->is);
	if (partner < 0) {
		print_new(p, v);
		return;
	}
	p->was = &p->before->rankings[partner];
	preview_ranking(p->preview, v, &r);
	if (r.change_count == 0 && r.moved == 0)
		return;
	/* Those of 50,000 take a while to find out. */
	kinds = xcalloc(r.change_count + 1, sizeof *kinds);
	if (find_kinds(p, &r, kinds)) {
		fprintf(p->out, "  %s\n", p->is->name);
		print_changes(p, &r, kinds);
		print_moves(p, &r);
	} else {
		p->hidden[p->hidden_count++] = p->is->name;
	}
	free(kinds);
}

/* Of a name that only those before have, or that is of teams now. */
static void
print_gone(const struct printer *p)
{
	for (size_t v = 0; v < p->before->ranking_count; v++)
		if (preview_partner(p->book->rules, &p->before->rankings[v]) <
		    0)
			fprintf(p->out, "  %s\n    would be gone\n",
			    p->before->rankings[v].name);
}

static void
print_hidden(const struct printer *p)
{
	static const char head[] =
	    "  the same places and shown times, but other details:";
	size_t used = sizeof head - 1;

	if (p->hidden_count == 0)
		return;
	fputs(head, p->out);
	for (size_t i = 0; i < p->hidden_count; i++) {
		size_t width = text_width(p->hidden[i]) + 2;

		if (used + width > COLUMNS) {
			fputs("\n   ", p->out);
			used = 3;
		}
		fprintf(p->out, " %s%s", p->hidden[i],
		    i + 1 < p->hidden_count ? "," : "\n");
		used += width;
	}
}

/* ---- prizes ---- */

/* Who has won a place. */
struct winners {
	const char *award; /* the rules' */
	uint32_t place;
	char *labels; /* what makes them others: not their names */
	char *text;   /* "12 Zoé Petit and 14 ..." */
};

static void
join(char **list, const char *between, const char *label, const char *name)
{
	char *more =
	    xasprintf("%s%s%s%s%s", *list, (*list)[0] != '\0' ? between : "",
	        label, name[0] != '\0' ? " " : "", name);

	free(*list);
	*list = more;
}

static struct winners
take_winners(struct book *b, size_t v, const char *award, uint32_t place)
{
	size_t count = (size_t)place + WINNERS;
	struct rank_standing *rows = xcalloc(count, sizeof *rows);
	struct winners w = { award, place, xstrdup(""), xstrdup("") };

	count = rank_rows(b->rank, v, 0, rows, count);
	for (size_t i = 0; i < count; i++) {
		const char *label = rows[i].row.label;
		const struct race_entry *e = NULL;

		if (rows[i].place != place)
			continue;
		if (b->rules->rankings[v].of == RACE_RUNNERS)
			e = roster_find(b->roster, label);
		join(&w.labels, "\n", label, "");
		join(&w.text, " and ", label, e != NULL ? e->name : "");
	}
	free(rows);
	return w;
}

struct prizes {
	struct winners *winners;
	size_t count;
};

static struct prizes
take_prizes(struct book *b)
{
	const struct race_rules *rules = b->rules;
	struct prizes p = { .count = 0 };
	size_t cap = 0;

	for (size_t i = 0; i < rules->award_count; i++) {
		const struct race_award *a = &rules->awards[i];
		int v = rules_ranking(rules, a->ranking);

		for (uint32_t k = 1; v >= 0 && k <= a->places; k++) {
			p.winners =
			    xgrow(p.winners, &cap, p.count, sizeof *p.winners);
			p.winners[p.count++] =
			    take_winners(b, (size_t)v, a->name, k);
		}
	}
	return p;
}

static void
free_prizes(struct prizes *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->winners[i].labels);
		free(p->winners[i].text);
	}
	free(p->winners);
}

static void
print_prize(const struct printer *p, const struct winners *of, const char *was,
    const char *is)
{
	const struct race_prize *held =
	    rulings_prize(p->book->rulings, of->award, of->place);
	char *text = xasprintf("%s -> %s", was[0] != '\0' ? was : "nobody",
	    is[0] != '\0' ? is : "nobody");

	fprintf(p->out, "    %s, place %" PRIu32 "\n", of->award, of->place);
	prose_put(p->out, 6, "", 6, text);
	free(text);
	if (held != NULL && held->holder[0] != '\0')
		fprintf(p->out, "      it stays with %s, to whom it went\n",
		    held->holder);
	else if (held != NULL && held->collected)
		fputs("      and it was collected\n", p->out);
}

static bool
same_prize(const struct winners *a, const struct winners *b)
{
	return a->place == b->place && strcmp(a->award, b->award) == 0;
}

/* The same place of the same award: most often at the same index. */
static const struct winners *
find_prize(const struct prizes *p, const struct winners *like, size_t i)
{
	if (i < p->count && same_prize(&p->winners[i], like))
		return &p->winners[i];
	for (i = 0; i < p->count; i++)
		if (same_prize(&p->winners[i], like))
			return &p->winners[i];
	return NULL;
}

static void
begin_prizes(const struct printer *p, bool *told)
{
	if (!*told)
		fputs("  prizes that change hands\n", p->out);
	*told = true;
}

static void
print_prizes(const struct printer *p, const struct prizes *was,
    const struct prizes *is)
{
	bool told = false;

	for (size_t i = 0; i < is->count; i++) {
		const struct winners *now = &is->winners[i];
		const struct winners *then = find_prize(was, now, i);

		if (then != NULL && strcmp(then->labels, now->labels) == 0)
			continue;
		begin_prizes(p, &told);
		print_prize(p, now, then != NULL ? then->text : "", now->text);
	}
	for (size_t i = 0; i < was->count; i++) {
		const struct winners *then = &was->winners[i];

		if (find_prize(is, then, i) != NULL)
			continue;
		begin_prizes(p, &told);
		print_prize(p, then, then->text, "");
	}
}

static uint64_t
changed(const struct preview *preview, size_t count)
{
	struct preview_ranking r;
	uint64_t bits = 0;

	for (size_t v = 0; v < count; v++) {
		preview_ranking(preview, v, &r);
		if (r.change_count > 0 || r.moved > 0)
			bits |= UINT64_C(1) << v;
	}
	return bits;
}

struct consequences {
	struct prizes prizes;
	struct preview *preview;
	struct doubts *doubts;
};

struct consequences *
consequences_begin(struct book *b)
{
	struct consequences *before = xcalloc(1, sizeof *before);

	before->prizes = take_prizes(b);
	before->preview = preview_begin(b);
	before->doubts = doubts_begin(b->roster);
	return before;
}

void
consequences_free(struct consequences *before)
{
	if (before == NULL)
		return;
	free_prizes(&before->prizes);
	preview_free(before->preview);
	doubts_free(before->doubts);
	free(before);
}

static void
print_all(struct printer *p, const struct prizes *was, const struct prizes *is)
{
	for (size_t v = 0; v < p->book->rules->ranking_count; v++)
		print_ranking(p, v);
	print_gone(p);
	print_hidden(p);
	print_prizes(p, was, is);
}

/* There may be nothing. */
static void
print(FILE *out, struct printer *p, const struct prizes *was)
{
	struct prizes is = take_prizes(p->book);
	char *text = NULL;
	size_t len;

	p->out = open_memstream(&text, &len);
	if (p->out == NULL)
		abort(); /* no memory */
	print_all(p, was, &is);
	if (fclose(p->out) != 0)
		abort();
	fputs(len > 0 ? "What changes by that:\n"
	              : "No ranking changes by that.\n",
	    out);
	fputs(text, out);
	free(text);
	free_prizes(&is);
}

/* What was before is known, and so is the preview. */
static uint64_t
end(FILE *out, const struct consequences *before,
    const struct race_rules *rules, const struct correct *c, struct book *b)
{
	struct printer p = { .correct = c,
		.before = rules,
		.book = b,
		.preview = before->preview };

	print(out, &p, &before->prizes);
	doubts_print(out, before->doubts, c, b);
	return changed(before->preview, b->rules->ranking_count);
}

uint64_t
consequences_end(FILE *out, struct consequences *before,
    const struct correct *c, struct book *b)
{
	preview_end(before->preview, b, c->events, c->count, 1);
	return end(out, before, b->rules, c, b);
}

void
consequences_between(FILE *out, const struct correct *c, struct book *before,
    struct book *after)
{
	struct consequences was = { .prizes = take_prizes(before),
		.preview = preview_between(before, after, 1),
		.doubts = doubts_begin(before->roster) };

	(void)end(out, &was, before->rules, c, after);
	free_prizes(&was.prizes);
	preview_free(was.preview);
	doubts_free(was.doubts);
}

uint64_t
consequences_print(FILE *out, const struct correct *c, struct book *b)
{
	struct consequences *before = consequences_begin(b);
	uint64_t bits = consequences_end(out, before, c, b);

	consequences_free(before);
	return bits;
}

void
consequences_amend(FILE *out, struct correct *c, struct book *b,
    uint64_t changed)
{
	for (size_t v = 0; c->count > 0 && v < b->rules->ranking_count; v++) {
		struct race_decision d = { .verb = RACE_PUBLISH,
			.ranking = b->rules->rankings[v].name,
			.text = outlook_word(RACE_AMENDED),
			.reason = story_reason(&c->events[0].event) };
		struct race_outlook o;
		char told[OUTLOOK_MAX];

		book_outlook(b, v, &o);
		if ((changed >> v & 1) == 0 || o.since_us >= c->job->made_us ||
		    (o.published != RACE_FINAL && o.published != RACE_AMENDED))
			continue;
		fprintf(out, "%s is %s: this makes it amended%s\n", d.ranking,
		    outlook_told(told, &o),
		    o.published == RACE_AMENDED ? " again" : "");
		correct_decide(c, &d);
	}
}
