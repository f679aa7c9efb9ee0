#include "control/problem_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/nearest.h"
#include "common/xalloc.h"
#include "control/chips.h"
#include "control/shell.h"
#include "race/outlook.h"
#include "race/rules.h"

enum { TIMES = 32 };

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

static const char *
clash_words(enum problem_clash clash)
{
	switch (clash) {
	case PROBLEM_HAS_TIME:
		return ", but has another time there";
	case PROBLEM_ELSEWHERE:
		return ", but was elsewhere then";
	case PROBLEM_FITS:
		break;
	}
	return "";
}

static void
put_near(struct teller *t)
{
	const struct problem *p = t->p;

	for (size_t i = 0; i < p->near_count; i++) {
		const struct problem_near *n = &p->near[i];

		fprintf(t->out, "%s %s%s%s (%s%s%s%s)",
		    i == 0 ? "; near:" : ",", n->bib,
		    n->name[0] != '\0' ? " " : "", n->name, n->chip,
		    n->chip[0] != '\0' ? ": " : "", near_words(n->slip),
		    clash_words(n->clash));
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
tell_gone(struct teller *t)
{
	if (t->p->gone_count > 1)
		fprintf(t->out, "; %zu reads have to go until the rest can be",
		    t->p->gone_count);
}

/* Somebody read the bib at one of them: at the other it may have been anybody
 * with the chip. */
static void
tell_chip(struct teller *t)
{
	if (t->p->text[0] != '\0')
		fprintf(t->out, "%s, or somebody else wears chip %s",
		    t->p->gone_count > 1 ? "" : "; one of them is wrong",
		    t->p->text);
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
	tell_gone(t);
	tell_chip(t);
}

/* "13 runners were read at mi-course from 09:58:10 to 09:58:31, and nobody can
 * have ..." */
static void
tell_series(struct teller *t)
{
	const struct problem *p = t->p;

	fprintf(t->out, "%" PRIu64 " runners were read at %s from ", p->count,
	    point_name(t->w, p->point));
	put_moment(t, p->time_us);
	fputs(" to ", t->out);
	put_moment(t, p->time_us + p->amount_us);
	if (p->open)
		fprintf(t->out,
		    ", and cannot have been there and at %s: the clock of one "
		    "of the two is wrong; the first: ",
		    point_name(t->w, p->reads[1 - p->suspect].point));
	else
		fputs(", and cannot have been there: the mat was tried out, or "
		      "its clock is wrong; the first: ",
		    t->out);
	put_who(t->out, p->entry);
	fputs(", ", t->out);
	tell_stop(t, &p->reads[0]);
	fputs(" and ", t->out);
	tell_stop(t, &p->reads[1]);
	if (!p->open)
		tell_gone(t);
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
	fputs(" may be wrong: ", t->out);
	if (p->point > 0)
		fprintf(t->out, "from it to %s ", point_name(t->w, p->point));
	fprintf(t->out,
	    "%" PRIu64 " of %" PRIu64 " are %s, the first: ", p->count, p->of,
	    p->point > 0 ? "faster than anybody"
	                 : "too early or too late over the start line");
	put_who(t->out, p->entry);
	fputs(", ", t->out);
	tell_stop(t, &p->reads[1]);
	if (p->point == 0)
		return;
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

/* "12 Zoé Petit: seen twice, 4:10 apart: arrivee at 10:42:10 (arrivee:33),
 * which counts, and arrivee at ..." */
static void
tell_twice(struct teller *t)
{
	const struct problem *p = t->p;

	put_who(t->out, p->entry);
	fputs(": seen twice, ", t->out);
	put_span(t, p->amount_us);
	fputs(" apart: ", t->out);
	tell_stop(t, &p->reads[0]);
	fputs(", which counts, and ", t->out);
	tell_stop(t, &p->reads[1]);
	if (p->open) {
		fputs("; one of the two may be somebody else's", t->out);
		return;
	}
	fputs("; ", t->out);
	put_name(t, p->reads[p->suspect].id);
	fputs(", which was named by its bib, may be somebody else's", t->out);
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
		    " entered): probably one, written in two ways; this line "
		    "below aliases: in race.yaml makes them one at the next "
		    "start of the aggregator",
		    p->text, p->of, p->other_text, p->count);
	} else if (p->kind == PROBLEM_UNSEEN) {
		fprintf(t->out,
		    "%" PRIu64 " of %" PRIu64
		    " who are entered %s never seen, and the start is over: "
		    "until that is said, places by net are provisional",
		    p->count, p->of, p->count == 1 ? "was" : "were");
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
	case PROBLEM_SERIES:
		tell_series(t);
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
	case PROBLEM_SEEN_TWICE:
		tell_twice(t);
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
	case PROBLEM_UNSEEN:
	case PROBLEM_KINDS:
		tell_thing(t);
		break;
	}
}

/* ---- and what repairs it ---- */

static void
put_word(struct teller *t, const char *word)
{
	putc(' ', t->out);
	shell_word(t->out, word);
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

/* As the verbs read it: on another day than that of the race, or where the
 * clocks were put back, with its date. */
static void
put_time(struct teller *t, int64_t us)
{
	char text[STORY_MOMENT];
	char whole[40];

	story_moment(text, t->w->story, us);
	put_word(t,
	    strpbrk(text, " +-Z") != NULL ? instant_format(whole, us) : text);
}

static int
by_id(const void *x, const void *y)
{
	const struct race_id *a = x;
	const struct race_id *b = y;

	if (a->stream != b->stream)
		return a->stream < b->stream ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* Those that follow each other as arrivee:7-19. */
static void
put_gone(struct teller *t)
{
	size_t count = t->p->gone_count;
	struct race_id *ids = xcalloc(count + 1, sizeof *ids);
	size_t n;

	memcpy(ids, t->p->gone, count * sizeof *ids);
	qsort(ids, count, sizeof *ids, by_id);
	for (size_t i = 0; i < count; i += n) {
		n = 1;
		while (i + n < count && ids[i + n].stream == ids[i].stream &&
		    ids[i + n].seq == ids[i].seq + n)
			n++;
		put_read(t, ids[i]);
		if (n > 1)
			fprintf(t->out, "-%" PRIu64, ids[i + n - 1].seq);
	}
	free(ids);
}

static void
put_begin(struct teller *t, const char *verb)
{
	fprintf(t->out, "palmares %s", verb);
}

static void
put_written(struct teller *t, char *text)
{
	fputs(text, t->out);
	free(text);
}

/* To whom it most probably belongs. */
static const char *
best_bib(const struct problem *p)
{
	return p->other != NULL ? p->other->bib : "BIB";
}

/* Somebody late, or whom the list has forgotten. */
static void
command_enter(struct teller *t)
{
	const struct race_rules *rules = t->w->rules;

	put_begin(t, "enter");
	put_word(t, t->p->text);
	fputs(" name=NAME", t->out);
	if (rules->wave_count > 1 && !rules_windows(rules))
		fputs(" wave=WAVE", t->out);
}

static void
command_unknown(struct teller *t)
{
	const struct problem *p = t->p;

	/* Readers make no slips: it was entered wrongly, and all reads of it
	 * are his. */
	if (p->kind == PROBLEM_UNKNOWN_CHIP) {
		put_written(t, chips_more(p->other, p->text));
		return;
	}
	if (p->kind == PROBLEM_UNKNOWN_BIB && p->other == NULL) {
		command_enter(t);
		return;
	}
	if (p->reads[0].id.seq == 0) {
		put_begin(t, "reads --unknown");
		return;
	}
	put_begin(t, "move");
	if (p->gone_count > 0)
		put_gone(t);
	else
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
	put_gone(t);
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
command_void(struct teller *t)
{
	put_begin(t, "void");
	put_gone(t);
}

/* Times of many are not thrown away on a guess: his show both stations. */
static void
command_series(struct teller *t)
{
	if (!t->p->open) {
		command_void(t);
		return;
	}
	put_begin(t, "explain");
	put_word(t, t->p->entry->bib);
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
command_twice(struct teller *t)
{
	put_begin(t, "move");
	put_gone(t);
	put_setting(t, "bib", "BIB");
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

static void
command_pair(struct teller *t, const char *verb, const char *a, const char *b)
{
	put_begin(t, verb);
	put_word(t, a);
	put_word(t, b);
}

static void
command_gun(struct teller *t)
{
	put_begin(t, "gun");
	put_word(t, t->p->text);
	fputs(" TIME", t->out);
}

static void
command_wave(struct teller *t)
{
	put_begin(t, "change");
	put_word(t, t->p->entry->bib);
	put_setting(t, "wave", t->p->other_text);
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
		put_written(t, chips_less(p->other, p->text));
		break;
	case PROBLEM_TWO_PLACES:
	case PROBLEM_PACE:
		command_void(t);
		break;
	case PROBLEM_SERIES:
		command_series(t);
		break;
	case PROBLEM_GUN:
		command_gun(t);
		break;
	case PROBLEM_WRONG_WAVE:
		command_wave(t);
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
	case PROBLEM_SEEN_TWICE:
		command_twice(t);
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
		put_begin(t, "remove");
		put_word(t, p->other->bib);
		break;
	case PROBLEM_SAME_TEAM:
		put_written(t, problem_alias(t->w, p));
		break;
	case PROBLEM_CLOCK:
		put_begin(t, "status");
		break;
	case PROBLEM_UNSEEN:
		put_begin(t, "mark dns --unseen");
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
