#include "control/problem_print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/nearest.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "race/outlook.h"

enum { INDENT = 2, HANG = 4, COMMAND = 6, TIMES = 32 };

/* ---- parts ---- */

struct teller {
	FILE *out;
	const struct problem_words *w;
	const struct problem *p;
};

static const char *
point_name(const struct problem_words *w, int point)
{
	return point >= 0 ? w->rules->points[point].name : "";
}

static void
put_who(FILE *out, const struct race_entry *e)
{
	fprintf(out, "%s%s%s", e->bib, e->name[0] != '\0' ? " " : "", e->name);
}

static void
put_moment(struct teller *t, int64_t us)
{
	char text[STORY_MOMENT];

	fputs(story_moment(text, t->w->story, us), t->out);
}

static void
put_span(struct teller *t, int64_t us)
{
	char text[TIMES];

	fputs(instant_elapsed(text, us < 0 ? -us : us, false), t->out);
}

static void
put_name(struct teller *t, struct race_id id)
{
	char text[NAME_MAX_PRINTED];

	fputs(name_print(text, id, t->w->story->streams), t->out);
}

/* ", 3 reads, the first at 10:31:05 at arrivee (arrivee:33)" */
static void
put_reads(struct teller *t)
{
	const struct problem *p = t->p;

	fprintf(t->out, ", %" PRIu64 " read%s", p->count,
	    p->count == 1 ? "" : "s, the first");
	if (p->time_us != RACE_NO_TIME) {
		fputs(" at ", t->out);
		put_moment(t, p->time_us);
	}
	if (p->reads[0].id.seq > 0) {
		fputs(" (", t->out);
		put_name(t, p->reads[0].id);
		fputs(")", t->out);
	}
}

static void
put_near(struct teller *t)
{
	const struct problem *p = t->p;

	for (size_t i = 0; i < p->near_count; i++) {
		const struct problem_near *n = &p->near[i];

		fprintf(t->out, "%s %s%s%s (%s%s%s)", i == 0 ? "; near:" : ",",
		    n->bib, n->name[0] != '\0' ? " " : "", n->name, n->chip,
		    n->chip[0] != '\0' ? ": " : "", near_words(n->slip));
	}
}

/* ---- what is the matter ---- */

static void
tell_stop(struct teller *t, const struct problem_read *r)
{
	if (r->id.seq == 0)
		fputs("the gun", t->out);
	else
		fputs(point_name(t->w, r->point), t->out);
	fputs(" at ", t->out);
	put_moment(t, r->time_us);
	if (r->id.seq > 0) {
		fputs(" (", t->out);
		put_name(t, r->id);
		fputs(")", t->out);
	}
}

static uint32_t
metres_between(const struct problem_words *w, const struct problem *p)
{
	uint32_t a = w->rules->points[p->reads[0].point].metres;
	uint32_t b = w->rules->points[p->reads[1].point].metres;

	return a > b ? a - b : b - a;
}

static bool
is_backwards(const struct problem_words *w, const struct problem *p)
{
	return w->rules->points[p->reads[0].point].metres >
	    w->rules->points[p->reads[1].point].metres;
}

static void
tell_pair(struct teller *t)
{
	const struct problem *p = t->p;
	uint32_t metres = metres_between(t->w, p);

	put_who(t->out, p->entry);
	if (p->kind == PROBLEM_TWO_PLACES)
		fputs(": at two places at once: ", t->out);
	else if (is_backwards(t->w, p))
		fputs(": in the wrong order: ", t->out);
	else
		fputs(": faster than anybody: ", t->out);
	tell_stop(t, &p->reads[0]);
	fputs(" and ", t->out);
	tell_stop(t, &p->reads[1]);
	fprintf(t->out, ", %" PRIu32 ".%03" PRIu32 " km in ", metres / 1000,
	    metres % 1000);
	put_span(t, p->reads[1].time_us - p->reads[0].time_us);
}

/* "the gun of wave masse at 10:00:00 may be wrong: from it to arrivee 12 of 14
 * are faster than anybody, the first: 12 Zoé Petit at ..., 8.000 km in 0:45" */
static void
tell_gun(struct teller *t)
{
	const struct problem *p = t->p;
	uint32_t metres = metres_between(t->w, p);

	fprintf(t->out, "the gun of wave %s at ", p->text);
	put_moment(t, p->time_us);
	fprintf(t->out,
	    " may be wrong: from it to %s %" PRIu64 " of %" PRIu64
	    " are faster than anybody, the first: ",
	    point_name(t->w, p->point), p->count, p->of);
	put_who(t->out, p->entry);
	fputs(", ", t->out);
	tell_stop(t, &p->reads[1]);
	fprintf(t->out, ", %" PRIu32 ".%03" PRIu32 " km in ", metres / 1000,
	    metres % 1000);
	put_span(t, p->reads[1].time_us - p->reads[0].time_us);
}

static void
tell_start(struct teller *t)
{
	const struct problem *p = t->p;

	put_who(t->out, p->entry);
	fprintf(t->out, ": over the start line at ");
	put_moment(t, p->time_us);
	fputs(", ", t->out);
	put_span(t, p->amount_us);
	fprintf(t->out, " %s the gun of wave %s",
	    p->amount_us < 0 ? "before" : "after", p->text);
	if (p->kind == PROBLEM_WRONG_WAVE)
		fprintf(t->out, ", in the time of wave %s", p->other_text);
	else if (p->kind == PROBLEM_LATE_START)
		fputs(", when its window was closed", t->out);
}

static void
tell_missing(struct teller *t)
{
	const struct problem *p = t->p;

	put_who(t->out, p->entry);
	if (p->kind == PROBLEM_NO_START)
		fputs(": finished without a read at the start, so that the gun "
		      "is the start",
		    t->out);
	else
		fprintf(t->out, ": no time at %s, but further on",
		    point_name(t->w, p->point));
	if (p->reads[0].id.seq > 0) {
		fputs("; a read there is not used: ", t->out);
		tell_stop(t, &p->reads[0]);
	}
}

/* "12 Zoé Petit: DNS, but was seen at 2 points, the last: arrivee at ..." */
static void
tell_dns(struct teller *t)
{
	const struct problem *p = t->p;

	put_who(t->out, p->entry);
	if (p->count == 1)
		fputs(": DNS, but was seen: ", t->out);
	else
		fprintf(t->out,
		    ": DNS, but was seen at %" PRIu64 " points, the last: ",
		    p->count);
	tell_stop(t, &p->reads[0]);
}

static void
tell_people(struct teller *t)
{
	const struct problem *p = t->p;

	put_who(t->out, p->entry);
	fputs(" and ", t->out);
	put_who(t->out, p->other);
	if (p->kind == PROBLEM_CHIP_TWICE)
		fprintf(t->out,
		    ": both have chip %s; its reads are taken for %s", p->text,
		    p->entry->bib);
	else if (p->kind == PROBLEM_TOP_THREE)
		fprintf(t->out,
		    ": place %" PRIu32 " of %s is the first one's by gun, and "
		    "the second one's by net time",
		    p->place, p->text);
	else
		fputs(": probably one person, entered twice", t->out);
}

/* What concerns no runner. */
static void
tell_thing(struct teller *t)
{
	const struct problem *p = t->p;

	if (p->kind == PROBLEM_SILENT_POINT) {
		fprintf(t->out,
		    "%s: no read of %" PRIu64 " of %" PRIu64
		    " who went past it",
		    point_name(t->w, p->point), p->count, p->of);
	} else if (p->kind == PROBLEM_SAME_TEAM) {
		fprintf(t->out,
		    "team %s (%" PRIu64 " entered) and team %s (%" PRIu64
		    " entered): probably one, written in two ways; an alias in "
		    "race.yaml makes them one:",
		    p->text, p->of, p->other_text, p->count);
	} else {
		const char *name = name_of(t->w->story->streams, p->stream);

		fprintf(t->out,
		    "station %s: %" PRIu64 " read%s by a laptop's clock that "
		    "nobody has measured; let its collector reach the "
		    "aggregator, which measures it, afterwards too",
		    name[0] != '\0' ? name : "without a name", p->count,
		    p->count == 1 ? "" : "s");
	}
}

static void
tell_published(struct teller *t)
{
	const struct race_outlook o = { .published =
		                            (enum race_publication)t->p->number,
		.since_us = t->p->time_us };
	char *words = outlook_changed(t->p->text, &o);

	fputs(words, t->out);
	free(words);
}

static void
tell_unknown(struct teller *t, const char *what)
{
	fprintf(t->out, "%s", what);
	if (t->p->text[0] != '\0')
		fprintf(t->out, " %s", t->p->text);
	put_reads(t);
	put_near(t);
}

static void
tell(struct teller *t)
{
	const struct problem *p = t->p;

	switch (p->kind) {
	case PROBLEM_UNKNOWN_BIB:
		tell_unknown(t, "nobody has bib");
		break;
	case PROBLEM_UNKNOWN_CHIP:
		tell_unknown(t, "nobody has chip");
		break;
	case PROBLEM_UNKNOWN_POINT:
		tell_unknown(t, "there is no point");
		break;
	case PROBLEM_NOBODY:
		tell_unknown(t, "neither bib nor chip");
		break;
	case PROBLEM_CONFLICT:
		fprintf(t->out, "%s: times and bibs that do not fit: %s, from ",
		    point_name(t->w, p->point), p->text);
		put_moment(t, p->time_us);
		fputs(" on", t->out);
		break;
	case PROBLEM_TWO_PLACES:
	case PROBLEM_PACE:
		tell_pair(t);
		break;
	case PROBLEM_GUN:
		tell_gun(t);
		break;
	case PROBLEM_WRONG_WAVE:
	case PROBLEM_EARLY_START:
	case PROBLEM_LATE_START:
		tell_start(t);
		break;
	case PROBLEM_CUTOFF:
		put_who(t->out, p->entry);
		fprintf(t->out, ": at %s at ", point_name(t->w, p->point));
		put_moment(t, p->time_us);
		fputs(", ", t->out);
		put_span(t, p->amount_us);
		fputs(" after the cut-off", t->out);
		break;
	case PROBLEM_NO_START:
	case PROBLEM_NO_SPLIT:
		tell_missing(t);
		break;
	case PROBLEM_DNS_SEEN:
		tell_dns(t);
		break;
	case PROBLEM_CHIP_TWICE:
	case PROBLEM_TOP_THREE:
	case PROBLEM_SAME_PERSON:
		tell_people(t);
		break;
	case PROBLEM_PUBLISHED:
		tell_published(t);
		break;
	case PROBLEM_SILENT_POINT:
	case PROBLEM_SAME_TEAM:
	case PROBLEM_CLOCK:
	case PROBLEM_KINDS:
		tell_thing(t);
		break;
	}
}

/* ---- and what repairs it ---- */

static bool
is_plain(const char *word)
{
	return word[0] != '\0' &&
	    strspn(word,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789_.,:=+-/@%") == strlen(word);
}

/* A word of a command line, as a shell takes it. */
static void
put_word(struct teller *t, const char *word)
{
	putc(' ', t->out);
	if (is_plain(word)) {
		fputs(word, t->out);
		return;
	}
	putc('\'', t->out);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", t->out);
		else
			putc(*word, t->out);
	putc('\'', t->out);
}

static void
put_setting(struct teller *t, const char *column, const char *value)
{
	char *word = xasprintf("%s=%s", column, value);

	put_word(t, word);
	free(word);
}

static void
put_read(struct teller *t, struct race_id id)
{
	char text[NAME_MAX_PRINTED];

	put_word(t, name_print(text, id, t->w->story->streams));
}

/* As the verbs read it: on another day than that of the race with its date. */
static void
put_time(struct teller *t, int64_t us)
{
	char text[STORY_MOMENT];
	char whole[40];

	story_moment(text, t->w->story, us);
	put_word(t,
	    strchr(text, ' ') != NULL ? instant_format(whole, us) : text);
}

static void
put_begin(struct teller *t, const char *verb)
{
	fprintf(t->out, "palmares %s", verb);
}

/* "chip=A;B": the chips that somebody has, less one or (extra) and one more. */
static void
put_chips(struct teller *t, const struct race_entry *e, const char *chip,
    bool extra)
{
	char *all = xstrdup(extra ? chip : "");

	for (size_t i = 0; i < e->chip_count; i++) {
		char *longer;

		if (strcmp(e->chips[i], chip) == 0)
			continue;
		longer = xasprintf("%s%s%s", all, all[0] != '\0' ? ";" : "",
		    e->chips[i]);
		free(all);
		all = longer;
	}
	/* An empty value says nothing; that says that there is none. */
	put_setting(t, "chip", all[0] != '\0' ? all : "-");
	free(all);
}

/* To whom it most probably belongs. */
static const char *
best_bib(const struct problem *p)
{
	return p->near_count > 0 ? p->near[0].bib : "BIB";
}

static void
command_unknown(struct teller *t)
{
	const struct problem *p = t->p;

	/* Readers make no slips: it was entered wrongly, and all reads of it
	 * are his. */
	if (p->kind == PROBLEM_UNKNOWN_CHIP) {
		put_begin(t, "change");
		put_word(t, best_bib(p));
		if (p->other != NULL)
			put_chips(t, p->other, p->text, true);
		else
			put_setting(t, "chip", p->text);
		return;
	}
	if (p->kind == PROBLEM_UNKNOWN_BIB && p->near_count == 0) {
		put_begin(t, "roster add");
		put_word(t, p->text);
		fputs(" name=NAME", t->out);
		return;
	}
	if (p->reads[0].id.seq == 0) {
		put_begin(t, "reads --unknown");
		return;
	}
	put_begin(t, "move");
	put_read(t, p->reads[0].id);
	put_setting(t, "bib", best_bib(p));
}

static void
command_point(struct teller *t)
{
	const struct race_rules *rules = t->w->rules;
	const char *names[RACE_POINTS_MAX];
	const char *near;

	if (t->p->reads[0].id.seq == 0) {
		put_begin(t, "reads --unknown");
		return;
	}
	for (size_t i = 0; i < rules->point_count; i++)
		names[i] = rules->points[i].name;
	near = nearest(t->p->text, names, rules->point_count);
	put_begin(t, "move");
	put_read(t, t->p->reads[0].id);
	put_setting(t, "point", near != NULL ? near : "POINT");
}

static void
command_conflict(struct teller *t)
{
	put_begin(t, "log --point");
	put_word(t, point_name(t->w, t->p->point));
	fputs(" --since", t->out);
	put_time(t, t->p->time_us);
	fputs(" --until", t->out);
	put_time(t, t->p->time_us + t->p->amount_us);
}

static void
command_missing(struct teller *t)
{
	const struct problem *p = t->p;

	put_begin(t, "time");
	put_word(t, p->entry->bib);
	put_word(t, point_name(t->w, p->point));
	if (p->reads[0].id.seq > 0)
		put_time(t, p->reads[0].time_us);
	else if (p->kind == PROBLEM_NO_START && p->amount_us != 0)
		put_time(t, p->amount_us);
	else
		fputs(" TIME", t->out);
}

static void
command_dns(struct teller *t)
{
	if (t->p->number > 0) {
		put_begin(t, "undo");
		fprintf(t->out, " %" PRIu64, t->p->number);
		return;
	}
	put_begin(t, "change");
	put_word(t, t->p->entry->bib);
	put_setting(t, "status", "-");
}

/* Lines of race.yaml, in its own quotes: everything can stand in these. */
static void
put_yaml(struct teller *t, const char *name)
{
	putc('"', t->out);
	for (; *name != '\0'; name++)
		fprintf(t->out, *name == '"' || *name == '\\' ? "\\%c" : "%c",
		    *name);
	putc('"', t->out);
}

static void
command_alias(struct teller *t)
{
	fputs("aliases: { ", t->out);
	put_yaml(t, t->p->text);
	fputs(": ", t->out);
	put_yaml(t, t->p->other_text);
	fputs(" }", t->out);
}

static void
command_pair(struct teller *t, const char *verb, const char *a, const char *b)
{
	put_begin(t, verb);
	put_word(t, a);
	put_word(t, b);
}

static void
command(struct teller *t)
{
	const struct problem *p = t->p;

	switch (p->kind) {
	case PROBLEM_UNKNOWN_BIB:
	case PROBLEM_UNKNOWN_CHIP:
	case PROBLEM_NOBODY:
		command_unknown(t);
		break;
	case PROBLEM_UNKNOWN_POINT:
		command_point(t);
		break;
	case PROBLEM_CONFLICT:
		command_conflict(t);
		break;
	case PROBLEM_CHIP_TWICE:
		put_begin(t, "change");
		put_word(t, p->other->bib);
		put_chips(t, p->other, p->text, false);
		break;
	case PROBLEM_TWO_PLACES:
	case PROBLEM_PACE:
		put_begin(t, "void");
		put_read(t, p->reads[p->suspect].id);
		break;
	case PROBLEM_GUN:
		put_begin(t, "gun");
		put_word(t, p->text);
		fputs(" TIME", t->out);
		break;
	case PROBLEM_WRONG_WAVE:
		put_begin(t, "change");
		put_word(t, p->entry->bib);
		put_setting(t, "wave", p->other_text);
		break;
	case PROBLEM_EARLY_START:
	case PROBLEM_LATE_START:
		put_begin(t, "start");
		put_word(t, p->entry->bib);
		put_time(t, p->time_us);
		break;
	case PROBLEM_CUTOFF:
		command_pair(t, "mark", "otl", p->entry->bib);
		break;
	case PROBLEM_NO_START:
	case PROBLEM_NO_SPLIT:
		command_missing(t);
		break;
	case PROBLEM_DNS_SEEN:
		command_dns(t);
		break;
	case PROBLEM_SILENT_POINT:
		put_begin(t, "reads --point");
		put_word(t, point_name(t->w, p->point));
		break;
	case PROBLEM_TOP_THREE:
		command_pair(t, "compare", p->entry->bib, p->other->bib);
		fputs(" --ranking", t->out);
		put_word(t, p->text);
		break;
	case PROBLEM_SAME_PERSON:
		put_begin(t, "roster remove");
		put_word(t, p->other->bib);
		break;
	case PROBLEM_SAME_TEAM:
		command_alias(t);
		break;
	case PROBLEM_CLOCK:
		put_begin(t, "status");
		break;
	case PROBLEM_PUBLISHED:
		command_pair(t, "publish", p->text, outlook_word(RACE_AMENDED));
		break;
	case PROBLEM_KINDS:
		break;
	}
}

static char *
written(const struct problem_words *w, const struct problem *p,
    void (*write)(struct teller *t))
{
	char *text = NULL;
	size_t len = 0;
	struct teller t = { open_memstream(&text, &len), w, p };

	if (t.out == NULL)
		abort();
	write(&t);
	fclose(t.out);
	return text;
}

char *
problem_tell(const struct problem_words *w, const struct problem *p)
{
	return written(w, p, tell);
}

char *
problem_command(const struct problem_words *w, const struct problem *p)
{
	return written(w, p, command);
}

/* ---- all of them ---- */

static size_t
count_of(const struct problems *all, enum problem_gravity gravity)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		n += problem_gravity(all->items[i].kind) == gravity;
	return n;
}

static void
put_summary(FILE *out, const struct problems *all)
{
	const char *comma = "";

	fprintf(out, "%zu problem%s: ", all->count, all->count == 1 ? "" : "s");
	for (enum problem_gravity g = PROBLEM_WRONG; g <= PROBLEM_NOTE; g++) {
		size_t n = count_of(all, g);

		if (n == 0)
			continue;
		fprintf(out, "%s%zu %s%s", comma, n, problem_gravity_name(g),
		    g == PROBLEM_NOTE && n > 1 ? "s" : "");
		comma = ", ";
	}
	putc('\n', out);
}

static void
put_problem(FILE *out, const struct problem_words *w, const struct problem *p)
{
	char *words = problem_tell(w, p);
	char *what = problem_command(w, p);

	prose_put(out, INDENT, "-", HANG, words);
	if (what[0] != '\0')
		fprintf(out, "%*s%s\n", COMMAND, "", what);
	free(words);
	free(what);
}

int
problem_print(FILE *out, const struct problem_words *w,
    const struct problems *all)
{
	static const char *const titles[] = { "Wrong", "Doubtful", "Notes" };

	if (all->count == 0) {
		fputs("no problems\n", out);
		return ferror(out) ? -EIO : 0;
	}
	put_summary(out, all);
	for (size_t i = 0; i < all->count; i++) {
		enum problem_gravity g = problem_gravity(all->items[i].kind);

		if (i == 0 || g != problem_gravity(all->items[i - 1].kind))
			fprintf(out, "\n%s\n", titles[g]);
		put_problem(out, w, &all->items[i]);
	}
	return ferror(out) ? -EIO : 0;
}
