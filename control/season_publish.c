/* palmares season DIR publish: the award lists as the files have them now. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/season_decide.h"
#include "race/season/amount.h"
#include "race/season/words.h"

enum { LINES_SHOWN = 20, COLUMN = 11 };

struct publishing {
	struct season_order *order;
	struct season_deed deed;
	size_t came;
	size_t changed;
	size_t went;
	/* The season and the competition of all lines; "": of several. */
	const char *season;
	const char *competition;
};

/* ---- which ---- */

static const struct season_result *
result_of(const struct season_difference *d)
{
	return d->file != NULL ? &d->file->what.result : &d->published->result;
}

static bool
is_meant(const struct season_order *o, const struct season_result *r)
{
	if (o->options->season != NULL &&
	    strcmp(r->season, o->options->season) != 0)
		return false;
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->words[i], r->competition) == 0)
			return true;
	return o->count == 0;
}

/* Every competition that has a line. */
struct names {
	const char **list;
	size_t count;
	size_t cap;
};

static void
add_name(struct names *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->list[i], name) == 0)
			return;
	n->list = xgrow(n->list, &n->cap, n->count, sizeof *n->list);
	n->list[n->count++] = name;
}

static void
add_published(void *arg, const struct race_listed *l)
{
	add_name(arg, l->result.competition);
}

static void
check_names(const struct season_order *o)
{
	const struct gather *g = o->gather;
	struct names n = { 0 };

	if (o->count == 0)
		return;
	for (size_t i = 0; i < g->folder.listed_count; i++)
		add_name(&n, g->folder.listed[i].what.result.competition);
	ledger_lines(g->ledger, add_published, &n);
	for (size_t i = 0; i < o->count; i++) {
		const char *near = nearest(o->words[i], n.list, n.count);

		if (near == NULL || strcmp(near, o->words[i]) != 0)
			cli_usage(o->verb->program,
			    "publish %s: no line has that competition%s%s%s",
			    o->words[i], near != NULL ? ", did you mean " : "",
			    near != NULL ? near : "", near != NULL ? "?" : "");
	}
	free(n.list);
}

/* ---- what it says of a line ---- */

static void
put_place(FILE *out, const struct season_result *r)
{
	if (r->place > 0)
		fprintf(out, "%" PRIu32, r->place);
	else
		fputs("without place", out);
}

static void
put_points(FILE *out, int64_t points)
{
	char text[SEASON_WORDS_MAX];

	fputs(points == SEASON_NO_VALUE ? "none" : amount_print(text, points),
	    out);
}

/* What else it says is other. */
static void
put_others(FILE *out, const struct season_result *was,
    const struct season_result *now)
{
	const struct {
		const char *name;
		bool other;
	} members[] = {
		{ "sex", strcmp(was->sex, now->sex) != 0 },
		{ "category", strcmp(was->category, now->category) != 0 },
		{ "date", strcmp(was->date, now->date) != 0 },
		{ "status", was->status != now->status },
		{ "time", was->time_us != now->time_us },
		{ "note", strcmp(was->note, now->note) != 0 },
	};
	bool told = was->place != now->place || was->points != now->points;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (!members[i].other)
			continue;
		fprintf(out, ", another %s", members[i].name);
		told = true;
	}
	if (!told)
		fputs(", other columns", out);
}

static void
put_line(FILE *out, const struct season_difference *d)
{
	const struct season_result *r = result_of(d);

	fprintf(out, "%s %s%s%s: ", r->season, r->competition,
	    r->award[0] != '\0' ? ", " : "", r->award);
	if (d->file == NULL || d->published == NULL ||
	    d->published->result.place == r->place) {
		put_place(out, r);
	} else {
		put_place(out, &d->published->result);
		fputs(" -> ", out);
		put_place(out, r);
	}
	fprintf(out, " %s", r->recipient);
	if (d->file != NULL && d->published != NULL) {
		const struct season_result *was = &d->published->result;

		if (was->points != r->points) {
			fputs(", points ", out);
			put_points(out, was->points);
			fputs(" -> ", out);
			put_points(out, r->points);
		}
		put_others(out, was, r);
	}
	if (d->file != NULL)
		fprintf(out, " (%s:%u)", d->file->file, d->file->line);
}

static void
show_line(const struct publishing *p, const struct season_difference *d)
{
	const char *head = "new";
	char *text = NULL;
	size_t len;
	FILE *out;

	if (p->came + p->changed + p->went > LINES_SHOWN)
		return;
	out = open_memstream(&text, &len);
	if (out == NULL)
		log_fatal(1, "no memory for a line");
	put_line(out, d);
	fclose(out);
	if (d->file == NULL)
		head = "gone";
	else if (d->published != NULL)
		head = "changed";
	prose_put(stdout, 2, head, COLUMN, text);
	free(text);
}

/* ---- what is published ---- */

static void
note_matter(struct publishing *p, const struct season_result *r)
{
	if (p->season == NULL) {
		p->season = r->season;
		p->competition = r->competition;
	}
	if (strcmp(p->season, r->season) != 0)
		p->season = "";
	if (strcmp(p->competition, r->competition) != 0)
		p->competition = "";
}

static void
take(void *arg, const struct season_difference *d)
{
	struct publishing *p = arg;

	if (!is_meant(p->order, result_of(d)))
		return;
	note_matter(p, result_of(d));
	if (d->file == NULL) {
		p->went++;
		season_deed_add(&p->deed,
		    &(struct race_event){ .kind = RACE_RESULT_GONE,
		        .result_gone = d->published->key });
	} else {
		*(d->published == NULL ? &p->came : &p->changed) += 1;
		season_deed_add(&p->deed,
		    &(struct race_event){ .kind = RACE_RESULT,
		        .listed = d->file->what });
	}
	show_line(p, d);
}

/* "12 lines new, 1 changed"; for free(). */
static char *
summary(const struct publishing *p)
{
	const struct {
		size_t count;
		const char *word;
	} parts[] = { { p->came, "new" }, { p->changed, "changed" },
		{ p->went, "gone" } };
	char *text = xstrdup("");

	for (size_t i = 0; i < 3; i++) {
		char *more;

		if (parts[i].count == 0)
			continue;
		if (text[0] == '\0')
			more = xasprintf("%zu line%s %s", parts[i].count,
			    parts[i].count == 1 ? "" : "s", parts[i].word);
		else
			more = xasprintf("%s, %zu %s", text, parts[i].count,
			    parts[i].word);
		free(text);
		text = more;
	}
	return text;
}

int
season_publish(struct season_order *o)
{
	struct publishing p = { .order = o };
	struct race_matter matter = { "", "", "", "", "" };
	size_t lines;
	char *text;
	int status;

	check_names(o);
	season_deed_init(&p.deed, o);
	season_differences(o->gather, take, &p);
	lines = p.came + p.changed + p.went;
	if (lines == 0) {
		season_deed_clear(&p.deed);
		puts("nothing to publish: what is published is what the files "
		     "say");
		return 0;
	}
	if (lines > LINES_SHOWN)
		printf("  and %zu more lines\n", lines - LINES_SHOWN);
	text = summary(&p);
	printf("%s\n", text);
	matter.season = p.season;
	matter.competition = p.competition;
	season_deed_decide(&p.deed,
	    &(struct race_decision){ .verb = RACE_PUBLISH_LIST,
	        .text = text,
	        .matter = &matter });
	status = season_deed_do(&p.deed);
	free(text);
	return status;
}
