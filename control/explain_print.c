#include "control/explain_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/why.h"
#include "race/category.h"
#include "race/cells.h"
#include "race/prizes.h"
#include "race/row.h"
#include "race/rules.h"
#include "race/team.h"

enum {
	INDENT = 2,
	WORDS = 15,        /* column */
	WORDS_LATEST = 56, /* where there are many columns before */
	TIMES = 32
};

struct printer {
	FILE *out;
	const struct explain *e;
	const struct story *story;
};

/* "  head         words ..." */
static void __attribute__((format(printf, 3, 4)))
tell(struct printer *p, const char *head, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	prose_put(p->out, INDENT, head, WORDS, text);
	free(text);
}

static void
title(struct printer *p, const char *text)
{
	putc('\n', p->out);
	prose_put(p->out, 0, "", 0, text);
}

static const char *
moment(char out[STORY_MOMENT], struct printer *p, int64_t us)
{
	return story_moment(out, p->story, us);
}

static const char *
point_name(const struct printer *p, int point)
{
	return point >= 0 ? p->e->book->rules->points[point].name
	                  : "no point of the course";
}

/* All the decimals there are. */
static const char *
span(char out[TIMES], int64_t us)
{
	return instant_elapsed(out, us, false);
}

static int64_t
size_of(int64_t us)
{
	return us < 0 ? -us : us;
}

/* ---- who ---- */

static void
put_more(FILE *out, const char *text)
{
	if (text[0] != '\0')
		fprintf(out, ", %s", text);
}

static char *
describe(const struct race_rules *rules, const struct race_entry *entry)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	fputs(entry->name[0] != '\0' ? entry->name : "no name", out);
	put_more(out, entry->sex);
	put_more(out, category_of(rules, entry));
	put_more(out, team_of(rules, entry));
	put_more(out, entry->nation);
	for (size_t i = 0; i < entry->chip_count; i++)
		fprintf(out, "%s%s", i == 0 ? ", chip " : ";", entry->chips[i]);
	fclose(out);
	return text;
}

/* What the end is, for who reads no further. */
static void
put_summary(struct printer *p)
{
	const struct explain *e = p->e;
	const char *status = rules_status_name(e->line.row.status);
	char time[CELLS_MAX];
	char text[400];

	if (e->at < 0)
		snprintf(text, sizeof text, "not in %s", e->rule->name);
	else if (e->line.place == 0)
		snprintf(text, sizeof text, "no place in %s%s%s", e->rule->name,
		    status[0] != '\0' ? ": " : ": not seen", status);
	else
		snprintf(text, sizeof text, "%s%" PRIu32 ". of %zu in %s, %s%s",
		    e->line.tied ? "tied " : "", e->line.place, e->placed,
		    e->rule->name, cells_time(time, e->rule, &e->line),
		    e->line.provisional ? ", provisional" : "");
	prose_put(p->out, INDENT, "", INDENT, text);
}

static void
put_who(struct printer *p)
{
	const struct explain *e = p->e;
	char *who;

	if (e->rule->of == RACE_TEAMS) {
		prose_put(p->out, 0, e->label, 0, "");
		return;
	}
	who = describe(e->book->rules, e->runner.entry);
	prose_put(p->out, 0, e->label, INDENT, who);
	free(who);
}

/* ---- reads ---- */

/* What the rules say of a read that they do not take. */
static void
put_limit(FILE *out, const struct printer *p, const struct rank_read *r)
{
	const struct race_point *points = p->e->book->rules->points;
	char text[TIMES];

	if (r->point < 0)
		return;
	/* A span alone could be a time of day. */
	if (r->why == RANK_TOO_EARLY && points[r->point].min_us == 0)
		fputs(", before the start", out);
	else if (r->why == RANK_TOO_EARLY)
		fprintf(out, ", less than %s after the start",
		    span(text, points[r->point].min_us));
	else if (r->why == RANK_TOO_LATE)
		fprintf(out, ", more than %s after the start",
		    span(text, points[r->point].max_us));
	else if (r->why == RANK_REPEAT)
		fprintf(out, ", within %s",
		    span(text, points[r->point].gap_us));
	else if (r->why == RANK_BACKUP)
		fprintf(out, ", within %s",
		    span(text, points[r->point].tolerance_us));
}

static void
put_clock(FILE *out, const struct explain_read *r)
{
	const struct race_crossing *c = r->said;
	int64_t moved_us;
	char text[TIMES];

	if (c == NULL || c->clock != RACE_CLOCK_LAPTOP)
		return;
	moved_us = r->is.time_us - c->time_us;
	if (r->is.bound_us == 0) {
		fputs("; laptop's clock, not measured", out);
		return;
	}
	fprintf(out, "; laptop's clock, %s s ",
	    instant_seconds(text, size_of(moved_us)));
	fputs(moved_us < 0 ? "fast" : "slow", out);
	fprintf(out, " (within %s s)", instant_seconds(text, r->is.bound_us));
}

/* Whether it counts, or why not; of somebody else's whose it is. */
static void
put_why(FILE *out, const struct printer *p, const struct rank_read *r)
{
	struct book *b = p->e->book;
	struct rank_crossing crossing;
	const struct race_entry *e;

	if (!why_counts(r->why))
		fputs("not used: ", out);
	if (r->why != RANK_NOT_OURS || !rank_find(b->rank, r->id, &crossing)) {
		fputs(why_words(r->why), out);
		return;
	}
	e = roster_find(b->roster, crossing.bib);
	if (crossing.bib[0] == '\0')
		fprintf(out, "nobody has %s",
		    crossing.under[0] != '\0' ? crossing.under : "it");
	else if (e != NULL && e->name[0] != '\0')
		fprintf(out, "it is that of %s %s", crossing.bib, e->name);
	else
		fprintf(out, "it is that of %s", crossing.bib);
}

/* What there is to say of a read, behind its columns. */
static char *
read_words(struct printer *p, const struct explain_read *r)
{
	char name[NAME_MAX_PRINTED];
	char text[STORY_MOMENT];
	char *words = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&words, &len);

	if (out == NULL)
		abort();
	put_why(out, p, &r->is);
	put_limit(out, p, &r->is);
	if (r->is.by.seq > 0)
		fprintf(out, " (%s counts)",
		    name_print(name, r->is.by, p->story->streams));
	if (r->is.added)
		fputs("; added by an operator", out);
	if (r->is.backup)
		fputs("; second reader", out);
	put_clock(out, r);
	if (r->said != NULL && r->is.time_us != r->said->time_us)
		fprintf(out, ", read at %s", moment(text, p, r->said->time_us));
	if (r->said != NULL && r->said->bib[0] != '\0' &&
	    strcmp(r->said->bib, p->e->label) != 0)
		fprintf(out, "; named %s", r->said->bib);
	if (r->said != NULL && r->said->chip[0] != '\0')
		fprintf(out, "; chip %s", r->said->chip);
	if (r->said != NULL && r->said->source[0] != '\0')
		fprintf(out, "; %s", r->said->source);
	fclose(out);
	return words;
}

enum { READ_POINT, READ_TIME, READ_NAME, READ_CELLS };

/* What is shown of a text from outside; for free(). */
static char *
clean(const char *text)
{
	size_t room = 3 * strlen(text) + 1; /* U+FFFD has three bytes */
	char *shown = xmalloc(room);

	text_fit(shown, room, text, SIZE_MAX, false);
	return shown;
}

static void
read_cells(struct printer *p, const struct explain_read *r,
    char *cells[READ_CELLS])
{
	char name[NAME_MAX_PRINTED];
	char text[STORY_MOMENT];

	cells[READ_POINT] = clean(point_name(p, r->is.point));
	cells[READ_TIME] = xstrdup(moment(text, p, r->is.time_us));
	cells[READ_NAME] = clean(name_print(name, r->is.id, p->story->streams));
}

static void
free_cells(char *cells[READ_CELLS])
{
	for (size_t k = 0; k < READ_CELLS; k++)
		free(cells[k]);
}

static void
put_read(struct printer *p, const struct explain_read *r,
    const size_t widths[READ_CELLS])
{
	char *words = read_words(p, r);
	char *cells[READ_CELLS];
	size_t from = INDENT;

	read_cells(p, r, cells);
	fprintf(p->out, "%*s", INDENT, "");
	for (size_t k = 0; k < READ_CELLS; k++) {
		size_t used = text_width(cells[k]);

		fprintf(p->out, "%s%*s  ", cells[k], (int)(widths[k] - used),
		    "");
		from += widths[k] + 2;
	}
	prose_go_on(p->out, from, from < WORDS_LATEST ? from : WORDS, words);
	free_cells(cells);
	free(words);
}

static void
put_reads(struct printer *p, const struct explain_runner *r)
{
	size_t widths[READ_CELLS] = { 0 };

	title(p, "Reads");
	for (size_t i = 0; i < r->read_count; i++) {
		char *cells[READ_CELLS];

		read_cells(p, &r->reads[i], cells);
		for (size_t k = 0; k < READ_CELLS; k++)
			if (text_width(cells[k]) > widths[k])
				widths[k] = text_width(cells[k]);
		free_cells(cells);
	}
	for (size_t i = 0; i < r->read_count; i++)
		put_read(p, &r->reads[i], widths);
	if (r->read_count == 0)
		tell(p, "", "none");
}

/* ---- the start ---- */

static const char *
own_start_from(const struct explain_runner *r)
{
	return r->entry->start_us == r->start.gun_us ? "as entered"
	                                             : "as decided";
}

static void
put_wave(struct printer *p, const struct explain_runner *r)
{
	const char *wave = r->start.wave >= 0
	    ? p->e->book->rules->waves[r->start.wave].name
	    : "";

	if (r->start.wave < 0)
		tell(p, "wave", "%s: there is no such wave, so no start",
		    r->entry->wave[0] != '\0' ? r->entry->wave : "none");
	else if (r->start.inferred)
		tell(p, "wave", "%s, for the start was crossed in its window",
		    wave);
	else if (r->entry->wave[0] != '\0')
		tell(p, "wave", "%s, as entered", wave);
	else
		tell(p, "wave", "%s, the first one, for none is entered%s",
		    wave,
		    rules_windows(p->e->book->rules)
		        ? ", and no start in a window counts"
		        : "");
}

static void
put_gun(struct printer *p, const struct explain_runner *r)
{
	const struct race_rules *rules = p->e->book->rules;
	char text[STORY_MOMENT];

	if (r->start.own)
		tell(p, "own start", "%s, %s", moment(text, p, r->start.gun_us),
		    own_start_from(r));
	else if (r->start.gun_us == RACE_NO_TIME)
		tell(p, "gun", "not yet: nobody of that wave has a time");
	else
		tell(p, "gun", "%s%s", moment(text, p, r->start.gun_us),
		    r->start.gun_us == rules->waves[r->start.wave].gun_us
		        ? ""
		        : ", as decided");
}

static void
put_start_line(struct printer *p, const struct explain_runner *r)
{
	int64_t after_us;
	char text[STORY_MOMENT];
	char time[TIMES];

	if (!rules_has_start(p->e->book->rules))
		return;
	if (r->start.crossed_us == RACE_NO_TIME) {
		tell(p, "start line", "no read: the %s counts",
		    r->start.own ? "own start" : "gun");
		return;
	}
	moment(text, p, r->start.crossed_us);
	if (r->start.gun_us == RACE_NO_TIME) {
		tell(p, "start line", "%s", text);
		return;
	}
	after_us = r->start.crossed_us - r->start.gun_us;
	tell(p, "start line", "%s, %s %s the %s", text,
	    span(time, size_of(after_us)), after_us < 0 ? "before" : "after",
	    r->start.own ? "own start" : "gun");
}

static void
put_start(struct printer *p, const struct explain_runner *r)
{
	char gun[TIMES];
	char net[TIMES];

	title(p, "Start");
	put_wave(p, r);
	put_gun(p, r);
	put_start_line(p, r);
	if (r->time.elapsed_us >= 0)
		tell(p, "times",
		    "%s from the %s, %s from the start line, at %s%s",
		    span(gun, r->gun_us), r->start.own ? "own start" : "gun",
		    span(net, r->net_us), point_name(p, r->time.point),
		    r->time.penalty_us == 0      ? ""
		        : r->time.penalty_us < 0 ? ", with the bonus"
		                                 : ", with the penalty");
}

/* ---- what was decided ---- */

static char *
decided_words(struct printer *p, const struct rulings_item *item)
{
	const char *reason = story_reason(item->event);
	char text[STORY_MOMENT];
	char *words = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&words, &len);

	if (out == NULL)
		abort();
	story_decided(out, p->story, item->event);
	fprintf(out, "; by %s at %s", story_by(p->story, item->id, item->event),
	    moment(text, p, story_when(p->story, item)));
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	if (!item->holds)
		fprintf(out, "; undone by %" PRIu64, item->undone_by);
	fclose(out);
	return words;
}

static void
put_decided(struct printer *p)
{
	const struct explain *e = p->e;

	if (e->decided_count == 0)
		return;
	title(p, "Decisions");
	for (size_t i = 0; i < e->decided_count; i++) {
		char *words = decided_words(p, &e->decided[i]);
		char number[24];

		snprintf(number, sizeof number, "%" PRIu64,
		    e->decided[i].number);
		tell(p, number, "%s", words);
		free(words);
	}
}

/* ---- the rules, one by one ---- */

/* How somebody comes into a category; "" of anything else. */
static char *
filter_source(struct printer *p, const struct explain_runner *r,
    const struct explain_filter *f)
{
	int age = category_age(p->e->book->rules, r->entry);

	if (strcmp(f->what, "category") != 0)
		return xstrdup("");
	if (r->entry->category[0] != '\0')
		return xstrdup(", as entered");
	if (age < 0)
		return xstrdup(", for no birth is known");
	return xasprintf(", at the age of %d%s", age,
	    strchr(r->entry->born, '-') == NULL ? " by the year of birth" : "");
}

static void
put_filters(struct printer *p, const struct explain_runner *r)
{
	for (size_t i = 0; i < r->filter_count; i++) {
		const struct explain_filter *f = &r->filters[i];
		char *source = filter_source(p, r, f);

		if (f->passes)
			tell(p, f->what, "%s: yes%s", f->wants, source);
		else
			tell(p, f->what,
			    "%s: no (%s%s), so not in this ranking", f->wants,
			    f->has[0] != '\0' ? f->has : "none", source);
		free(source);
	}
}

static void
put_without(struct printer *p)
{
	const struct explain *e = p->e;
	const struct race_ranking *rankings = e->book->rules->rankings;

	for (size_t i = 0; i < e->rule->without_count; i++) {
		const struct race_without *w = &e->rule->without[i];

		if (w == e->without)
			tell(p, "without",
			    "the first %" PRIu32 " of %s: place %" PRIu32
			    " there, so not in this one",
			    w->places, rankings[w->ranking].name,
			    e->without_place);
		else
			tell(p, "without",
			    "the first %" PRIu32 " of %s: not one of them",
			    w->places, rankings[w->ranking].name);
	}
}

/* Where the ranking looks. */
static void
put_at(struct printer *p, const struct explain_runner *r)
{
	const struct race_ranking *rule = p->e->rule;
	char text[STORY_MOMENT];
	char km[CELLS_MAX];
	bool live = rule->at == RACE_LIVE || rule->by == RACE_BY_KM;

	if (r->time.read_us == RACE_NO_TIME) {
		tell(p, "at", "%s: no read counts there",
		    live ? "the furthest point" : point_name(p, rule->at));
		return;
	}
	moment(text, p, r->time.read_us);
	if (live)
		tell(p, "at", "the furthest point: %s, %s km, %s",
		    point_name(p, r->time.point), cells_km(km, r->metres),
		    text);
	else
		tell(p, "at", "%s: %s", point_name(p, rule->at), text);
}

static const char *
by_words(const struct explain *e)
{
	switch (e->rule->by) {
	case RACE_BY_GUN:
		return e->runner.start.own ? "gun, which is the own start"
		                           : "gun";
	case RACE_BY_NET:
		return e->by_gun ? "gun, as one of the first" : "net";
	case RACE_BY_KM:
		return "kilometres, then gun";
	}
	return "";
}

static void
put_by(struct printer *p, const struct explain_runner *r)
{
	const struct explain_time *t = &r->time;
	char read[STORY_MOMENT];
	char since[STORY_MOMENT];
	char time[TIMES];

	if (p->e->by_gun)
		tell(p, "first by gun",
		    "the first %" PRIu32
		    " by gun keep the places of the gun: one of them",
		    p->e->rule->gun_first);
	else if (p->e->rule->gun_first > 0 && t->elapsed_us >= 0)
		tell(p, "first by gun",
		    "the first %" PRIu32 " by gun go before: not one of them",
		    p->e->rule->gun_first);
	if (t->elapsed_us < 0) {
		tell(p, "by", "%s: no time", by_words(p->e));
		return;
	}
	moment(read, p, t->read_us);
	moment(since, p, t->since_us);
	tell(p, "by", "%s: %s - %s = %s%s", by_words(p->e), read, since,
	    t->read_us < t->since_us ? "0:00"
	                             : span(time, t->read_us - t->since_us),
	    t->read_us < t->since_us ? ", for nobody is before the gun" : "");
}

static void
put_penalty(struct printer *p, const struct explain_runner *r)
{
	const struct explain_time *t = &r->time;
	char time[TIMES];
	char whole[TIMES];

	if (r->start.penalty_us == 0)
		return;
	span(time, size_of(r->start.penalty_us));
	if (t->elapsed_us < 0)
		tell(p, r->start.penalty_us < 0 ? "bonus" : "penalty",
		    "%s, but there is no time", time);
	else if (t->penalty_us == 0)
		tell(p, "penalty", "%s%s at the last point, so not here",
		    r->start.penalty_us < 0 ? "-" : "+", time);
	else
		tell(p, r->start.penalty_us < 0 ? "bonus" : "penalty",
		    "%s %s = %s%s", r->start.penalty_us < 0 ? "-" : "+", time,
		    span(whole, t->elapsed_us),
		    t->read_us - t->since_us + t->penalty_us < 0
		        ? ", for no time is below that"
		        : "");
}

static void
put_status(struct printer *p, const struct explain_runner *r)
{
	const char *status = rules_status_name(r->start.status);
	bool placed = p->e->at >= 0 && p->e->line.place > 0;
	bool runs =
	    r->start.status == RACE_FINISHED || r->start.status == RACE_RUNNING;

	if (r->start.status == RACE_STATUS_NONE)
		tell(p, "status", "not seen: no read counts anywhere");
	else
		tell(p, "status", "%s%s", status,
		    placed     ? ""
		        : runs ? ", but no place without a time"
		               : ", so no place");
}

static void
put_ties(struct printer *p)
{
	switch (p->e->rule->ties) {
	case RACE_TIES_SHARED:
		tell(p, "ties",
		    "the same time shares a place, to the "
		    "microsecond, whatever is shown");
		break;
	case RACE_TIES_ORDER:
		tell(p, "ties",
		    "the same time keeps the order in which one "
		    "station recorded it; of several stations it shares a "
		    "place");
		break;
	case RACE_TIES_TIME:
		tell(p, "ties", "the same time as shown shares a place");
		break;
	}
}

static void
put_round(struct printer *p, int64_t elapsed_us)
{
	bool up = p->e->rule->round == RACE_ROUND_UP_SECOND;
	char text[TIMES];

	if (elapsed_us >= 0)
		tell(p, "shown", "%s%s", instant_elapsed(text, elapsed_us, up),
		    up ? ", up to the next whole second" : ", not rounded");
}

static void
put_rules(struct printer *p)
{
	const struct explain *e = p->e;
	char *head = xasprintf("Ranking %s", e->rule->name);

	title(p, head);
	free(head);
	put_filters(p, &e->runner);
	put_without(p);
	if (!e->runner.passes || e->without != NULL)
		return;
	put_at(p, &e->runner);
	put_by(p, &e->runner);
	put_penalty(p, &e->runner);
	put_status(p, &e->runner);
	put_ties(p);
	put_round(p, e->runner.time.elapsed_us);
}

/* ---- teams ---- */

static const char *const share_words[] = {
	[EXPLAIN_SCORES] = "scores",
	[EXPLAIN_OTHER_SIDE] = "other-side",
	[EXPLAIN_SLOWER] = "slower",
	[EXPLAIN_NOT_THERE] = "not-there",
	[EXPLAIN_STATUS] = "status",
	[EXPLAIN_FILTERED] = "filtered",
};

const char *
explain_share(enum explain_share share)
{
	return share_words[share];
}

static void
put_member(struct printer *p, const struct explain_member *m)
{
	const struct explain_runner *r = &m->runner;
	char time[CELLS_MAX] = "";
	char *head;

	if (m->share == EXPLAIN_STATUS)
		snprintf(time, sizeof time, "%s",
		    rules_status_name(r->start.status));
	else if (m->place > 0)
		snprintf(time, sizeof time, "%" PRIu32 ".", m->place);
	else if (m->share <= EXPLAIN_SLOWER && cells_by_km(p->e->rule))
		cells_km(time, r->metres);
	else if (m->share <= EXPLAIN_SLOWER)
		span(time, r->time.elapsed_us);
	head = xasprintf("%-6s %12s", r->entry->bib, time);
	prose_put(p->out, INDENT, head, INDENT + 21,
	    r->entry->name[0] != '\0' ? r->entry->name : "no name");
	free(head);
}

static void
put_sum(struct printer *p)
{
	const struct explain *e = p->e;
	char counted[CELLS_MAX];
	char score[CELLS_MAX];
	char exact[TIMES];
	bool by_time = e->rule->score == RACE_SCORE_TIME;

	if (e->at < 0)
		return;
	cells_time(score, e->rule, &e->line);
	if (by_time && e->line.row.elapsed_us >= 0)
		span(exact, e->line.row.elapsed_us);
	tell(p, "score", "%s by %s%s",
	    by_time && e->line.row.elapsed_us >= 0 ? exact : score,
	    cells_counted(counted, e->rule, &e->line),
	    e->line.place == 0 ? ": no place" : "");
}

static void
put_team_rules(struct printer *p)
{
	const struct race_ranking *rule = p->e->rule;
	char *head = xasprintf("Ranking %s", rule->name);

	title(p, head);
	free(head);
	if (cells_by_km(rule)) {
		tell(p, "score",
		    "the kilometres of all who run%s, finished or not, up to "
		    "the last point reached",
		    rule->average ? ", by runner" : "");
		tell(p, "ties",
		    "more runners, then less time in all, then "
		    "shared");
		return;
	}
	tell(p, "score", "%s the %s of the best %" PRIu32 " at %s",
	    rule->how == RACE_LAST       ? "of"
	        : rule->how == RACE_MEAN ? "the mean of"
	                                 : "the sum of",
	    rule->score == RACE_SCORE_PLACES ? "places" : "times", rule->best,
	    rule->at == RACE_LIVE ? "the furthest point"
	                          : point_name(p, rule->at));
	if (rule->women > 0 || rule->men > 0)
		tell(p, "quota",
		    "at least %" PRIu32 " of them women and %" PRIu32 " men",
		    rule->women, rule->men);
	tell(p, "ties", "the last scorer's, then the first one's, then shared");
}

static const char *
share_title(enum explain_share share)
{
	switch (share) {
	case EXPLAIN_SCORES:
		return "Scorers";
	case EXPLAIN_OTHER_SIDE:
		return "Score for other sides of the team";
	case EXPLAIN_SLOWER:
		return "Do not score, for enough are faster";
	case EXPLAIN_NOT_THERE:
		return "No time there";
	case EXPLAIN_STATUS:
		return "Do not score, for they have no place";
	case EXPLAIN_FILTERED:
		return "Not of those whom this ranking takes";
	}
	return "";
}

static void
put_members(struct printer *p)
{
	const struct explain *e = p->e;

	if (e->scorer_count == 0) {
		title(p, share_title(EXPLAIN_SCORES));
		tell(p, "", "nobody yet");
	}
	for (size_t i = 0; i < e->member_count; i++) {
		if (i == 0 || e->members[i].share != e->members[i - 1].share)
			title(p, share_title(e->members[i].share));
		put_member(p, &e->members[i]);
		if (i + 1 == e->scorer_count)
			put_sum(p);
	}
}

/* ---- the place ---- */

/* "88 Zoé Petit" */
static char *
name_line(const struct explain *e, const struct board_line *line)
{
	const struct race_entry *entry = e->rule->of == RACE_RUNNERS
	    ? roster_find(e->book->roster, line->row.label)
	    : NULL;

	if (entry == NULL || entry->name[0] == '\0')
		return xstrdup(line->row.label);
	return xasprintf("%s %s", line->row.label, entry->name);
}

/* What has parted two teams with one score; NULL: the score has. */
static const char *
breaker(const struct explain *e, const struct board_line *front,
    const struct board_line *back)
{
	const int64_t *f = front->row.sort.key;
	const int64_t *b = back->row.sort.key;
	bool km = cells_by_km(e->rule);

	if (e->rule->of != RACE_TEAMS || e->rule->average || f[0] != b[0])
		return NULL;
	if (f[1] != b[1])
		return km ? "more runners" : "the last scorer";
	return km ? "less time in all" : "the first scorer";
}

/* How far the one in front is before the one behind, where that can be said. */
static char *
apart(const struct explain *e, const struct board_line *front,
    const struct board_line *back, bool is_before)
{
	const char *word = is_before ? "ahead" : "behind";
	char text[TIMES];
	char km[CELLS_MAX];

	if (front->place == back->place)
		return xstrdup(", tied");
	if (breaker(e, front, back) != NULL)
		return xasprintf(", %s by %s", word, breaker(e, front, back));
	/* Of equal keys the order of crossing alone makes two places. */
	if (row_key_cmp(&front->row.sort, &back->row.sort) == 0)
		return xasprintf(", the same time, recorded %s",
		    is_before ? "before" : "after");
	if (front->row.metres > back->row.metres &&
	    (cells_by_km(e->rule) || e->rule->at == RACE_LIVE ||
	        e->rule->by == RACE_BY_KM))
		return xasprintf(", %s km %s",
		    cells_km(km, front->row.metres - back->row.metres), word);
	if (back->ahead_us < 0)
		return xstrdup("");
	return xasprintf(", %s %s", span(text, back->ahead_us), word);
}

static void
put_neighbour(struct printer *p, const char *head, size_t i, bool is_before)
{
	const struct explain *e = p->e;
	struct board_line line;
	char time[CELLS_MAX];
	char *name;
	char *by;

	if (board_line(e->board, i, &line) < 0 || line.place == 0) {
		tell(p, head, "nobody%s", is_before ? "" : " with a place");
		return;
	}
	name = name_line(e, &line);
	by = is_before ? apart(e, &line, &e->line, true)
	               : apart(e, &e->line, &line, false);
	tell(p, head, "%" PRIu32 ". %s, %s%s", line.place, name,
	    cells_time(time, e->rule, &line), by);
	free(name);
	free(by);
}

static void
put_tied(struct printer *p)
{
	const struct explain *e = p->e;

	for (size_t i = 0; i < e->tied_count; i++) {
		struct board_line line;
		char *name;

		if (e->first_tied + i == (size_t)e->at ||
		    board_line(e->board, e->first_tied + i, &line) < 0)
			continue;
		name = name_line(e, &line);
		tell(p, "tied with", "%s", name);
		free(name);
	}
}

static void
put_close(struct printer *p)
{
	char text[TIMES];

	if (!p->e->line.close)
		return;
	tell(p, "too close",
	    "to call: the next one was timed by another clock, and the two are "
	    "no further apart than these may be off (this one by %s s)",
	    instant_seconds(text, p->e->line.row.bound_us));
}

static void
put_provisional(struct printer *p)
{
	const struct explain *e = p->e;

	if (!e->line.provisional)
		return;
	/* It may hang on others than those of this ranking: on the first of
	 * one that it leaves out, or on the members of teams. */
	if (e->awaited == 0 && e->line.row.status == RACE_RUNNING &&
	    e->rule->of == RACE_RUNNERS &&
	    (e->rule->at == RACE_LIVE || e->rule->by == RACE_BY_KM))
		tell(p, "provisional", "still on the way");
	else if (e->awaited == 0)
		tell(p, "provisional",
		    "somebody who is still out may change the place");
	else
		tell(p, "provisional",
		    "%zu of this ranking %s still out, on the way or not seen, "
		    "and may change the place",
		    e->awaited, e->awaited == 1 ? "is" : "are");
}

static void
put_place(struct printer *p)
{
	const struct explain *e = p->e;
	const char *state;
	int64_t since_us;
	char text[STORY_MOMENT];

	if (e->at < 0 || e->line.place == 0)
		return;
	title(p, "Place");
	tell(p, "place", "%" PRIu32 ". of %zu", e->line.place, e->placed);
	put_tied(p);
	if (e->at > 0)
		put_neighbour(p, "before", (size_t)e->at - 1, true);
	put_neighbour(p, "behind", (size_t)e->at + 1, false);
	put_close(p);
	put_provisional(p);
	state = rulings_published(e->book->rulings, e->rule->name, &since_us);
	if (state[0] != '\0')
		tell(p, "published", "%s since %s", state,
		    moment(text, p, since_us));
}

/* ---- prizes ---- */

static bool
has_won(const struct prize *z, const char *label)
{
	for (size_t i = 0; i < z->winner_count; i++)
		if (strcmp(z->winners[i], label) == 0)
			return true;
	return false;
}

static void
put_prize(struct printer *p, const struct prize *z)
{
	const char *award = p->e->book->rules->awards[z->award].name;
	bool won = has_won(z, p->e->label);
	bool his = z->holder[0] == '\0' || strcmp(z->holder, p->e->label) == 0;

	tell(p, "prize", "%s, place %" PRIu32 ": %s%s%s%s%s%s%s%s", award,
	    z->place, won ? "won" : "handed on to this one",
	    won && z->winner_count > 1 ? ", tied" : "",
	    z->provisional ? ", provisional" : "", his ? "" : "; handed on to ",
	    his ? "" : z->holder, z->note[0] != '\0' ? ": " : "", z->note,
	    z->collected ? "; collected" : "");
}

/* Of all awards: what he has won, and what he holds. */
static void
put_prizes(struct printer *p)
{
	const struct explain *e = p->e;
	struct prizes *prizes = prizes_new(e->book);
	bool any = false;

	for (size_t i = 0; i < prizes_count(prizes); i++) {
		const struct prize *z = prizes_at(prizes, i);

		if (e->book->rules->rankings[z->ranking].of != e->rule->of ||
		    (!has_won(z, e->label) && strcmp(z->holder, e->label) != 0))
			continue;
		if (!any)
			title(p, "Prizes");
		any = true;
		put_prize(p, z);
	}
	prizes_free(prizes);
}

void
explain_print(FILE *out, const struct explain *e, const struct story *s)
{
	struct printer p = { out, e, s };

	put_who(&p);
	put_summary(&p);
	if (e->rule->of == RACE_TEAMS) {
		put_team_rules(&p);
		put_members(&p);
	} else {
		put_reads(&p, &e->runner);
		put_start(&p, &e->runner);
	}
	put_decided(&p);
	if (e->rule->of == RACE_RUNNERS)
		put_rules(&p);
	put_place(&p);
	put_prizes(&p);
}
