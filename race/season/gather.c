#include "race/season/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/season/folder_text.h"

/* Keys of what each feed gives: lines of files have greater ones (key.h). */
enum { FEED_SHIFT = 40, DEPTH_MAX = 8u };

/* Who is asked for what lies outside the folder. */
struct asked {
	const struct gather_ops *ops;
	void *arg;
};

static void
tell_problems(const struct asked *a, const char *dir,
    const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[2048];

		(void)conf_problem_print(line, sizeof line,
		    &report->problems[i]);
		a->ops->problem(a->arg, dir, line);
	}
}

/* ---- what is published and decided, and the files ---- */

static void
take_event(void *arg, const struct season_db_event *e)
{
	const struct gather *g = arg;

	(void)ledger_apply(g->ledger, e->id, e->event);
}

static void
settle_line(const struct gather *g, const struct race_listed *l)
{
	if (!g->published)
		season_put(g->season, l->key, &l->result);
	else if (ledger_line(g->ledger, l->key) == NULL)
		season_drop(g->season, l->key);
}

/* As long as that source is wanted. */
static void
settle(struct gather *g, const struct season_source *from)
{
	const struct season_folder *f = &g->folder;
	bool was = g->published;

	ledger_settle(g->ledger);
	g->published = ledger_published(g->ledger);
	for (size_t i = 0; i < f->listed_count && g->published != was &&
	     season_source_wanted(from);
	     i++)
		settle_line(g, &f->listed[i].what);
}

void
gather_settle(struct gather *g)
{
	static const struct season_source somebody = { .wanted = NULL };

	settle(g, &somebody);
}

static int
not_wanted(const struct season_source *from, struct err *err)
{
	return err_set(err, -ECANCELED, "%s: not wanted any more", from->path);
}

static int
take_ledger(struct gather *g, const struct season_source *from, struct err *err)
{
	const struct season_folder *f = &g->folder;
	int rc;

	g->ledger = ledger_new(g->season);
	for (size_t i = 0; i < f->spelling_count; i++) {
		const struct season_spelling *s = &f->spellings[i];

		ledger_alias(g->ledger, s->written, s->team, s->subject);
	}
	rc = from->ops->events(from->arg, take_event, g, &g->log, err);
	if (rc < 0)
		return rc;
	/* Nothing of the files has been told yet. */
	g->published = true;
	settle(g, from);
	return season_source_wanted(from) ? 0 : not_wanted(from, err);
}

static char *
path_of(const char *dir, const char *named)
{
	return named[0] == '/' ? xstrdup(named)
	                       : xasprintf("%s/%s", dir, named);
}

/* What is as if it ended now; copied. */
static void
add_live(struct gather *g, const char *season, const char *competition)
{
	g->live = xgrow(g->live, &g->live_cap, g->live_count, sizeof *g->live);
	g->live[g->live_count++] =
	    (struct season_given){ folder_text(&g->folder, season),
		    folder_text(&g->folder, competition), true };
}

/* ---- a race ---- */

static struct taken *
new_taken(const struct gather *g, size_t i, const char *race,
    const struct race_rules *rules, struct err *err)
{
	const struct season_feed *feed = &g->folder.feeds[i];
	char *why;
	struct taken *t =
	    taken_new(feed, rules, (uint64_t)(i + 1) << FEED_SHIFT, &why);

	if (t == NULL)
		err_set(err, -EINVAL, "season.yaml: competition %s: %s %s",
		    feed->competition, race, why);
	free(why);
	return t;
}

/* A race folder without anything timed yet is a competition to come. */
static int
take_book(struct gather *g, size_t i, const char *race, const struct asked *a,
    struct err *err)
{
	struct book *book;
	struct taken *t;
	int rc = a->ops->book(a->arg, race, &book, err);

	if (rc < 0)
		return err_wrap(err, rc, "season.yaml: competition %s",
		    g->folder.feeds[i].competition);
	if (book == NULL)
		return 0;
	t = new_taken(g, i, race, book->rules, err);
	if (t == NULL)
		return -EINVAL;
	(void)taken_update(t, book, g->season);
	if (taken_state(t) == SEASON_LIVE)
		add_live(g, taken_season(t), g->folder.feeds[i].competition);
	taken_free(t);
	return 0;
}

static int
take_race(struct gather *g, size_t i, const char *dir, unsigned depth,
    const struct asked *a, struct err *err)
{
	char *race = path_of(dir, g->folder.feeds[i].race);
	const struct race_rules *ours =
	    depth == 0 ? a->ops->ours(a->arg, race) : NULL;
	int rc = 0;

	if (ours == NULL) {
		rc = take_book(g, i, race, a, err);
	} else {
		g->takens[i] = new_taken(g, i, race, ours, err);
		rc = g->takens[i] != NULL ? 0 : -EINVAL;
	}
	free(race);
	return rc;
}

/* ---- the standings of another season ---- */

static int64_t
table_of(const struct season_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->table_count; i++) {
		if (name[0] == '\0' || strcmp(rules->tables[i].name, name) == 0)
			return (int64_t)i;
	}
	return -1;
}

static bool
is_over(struct season *s, size_t season)
{
	size_t count = season_competitions(s, season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	bool over = true;

	(void)season_competitions(s, season, held, count);
	for (size_t i = 0; i < count; i++)
		over = over && held[i].held && held[i].state != SEASON_LIVE;
	free(held);
	return over;
}

static void
put_standings(struct gather *g, size_t feed, struct season *from, size_t season,
    const struct season_table *table, size_t t)
{
	const char *competition = g->folder.feeds[feed].competition;
	const char *label = season_label(from, season);
	size_t count = season_row_count(from, season, t);
	struct season_row *rows = xcalloc(count + 1, sizeof *rows);
	bool time = table->by == SEASON_BY_TIME;

	count = season_rows(from, season, t, 0, rows, count);
	for (size_t i = 0; i < count; i++) {
		bool placed = rows[i].place > 0;
		struct season_result r = { .season = label,
			.competition = competition,
			.award = table->name,
			.place = rows[i].place,
			.recipient = rows[i].subject,
			.team = "",
			.sex = "",
			.category = "",
			.date = "",
			/* Who has no place has too few for a sum that
			 * could be compared. */
			.time_us = placed && time ? rows[i].score : -1,
			.points =
			    placed && !time ? rows[i].score : SEASON_NO_VALUE,
			.note = "" };

		season_put(g->season, ((uint64_t)(feed + 1) << FEED_SHIFT) + i,
		    &r);
	}
	if (count > 0 && !is_over(from, season)) {
		season_set_state(g->season, label, competition, SEASON_LIVE);
		add_live(g, label, competition);
	}
	free(rows);
}

static int
take_other(struct gather *g, size_t i, struct gather *other, struct err *err)
{
	const struct season_feed *feed = &g->folder.feeds[i];
	const struct season_rules *rules = other->folder.rules;
	int64_t table = table_of(rules, feed->table);
	int64_t season = season_find(other->season, feed->season);

	if (table < 0)
		return err_set(err, -EINVAL,
		    "season.yaml: competition %s: %s has no table %s",
		    feed->competition, feed->standings, feed->table);
	if (feed->season[0] == '\0')
		season = (int64_t)season_count(other->season) - 1;
	/* A season that has not begun is a competition to come. */
	if (season >= 0)
		put_standings(g, i, other->season, (size_t)season,
		    &rules->tables[table], (size_t)table);
	return 0;
}

static int load(struct gather *out, const struct season_source *from,
    unsigned depth, const struct asked *a, struct err *err);

static int
take_standings(struct gather *g, size_t i, const struct season_source *of,
    unsigned depth, const struct asked *a, struct err *err)
{
	char *path = path_of(of->path, g->folder.feeds[i].standings);
	struct season_source from = season_source_folder(path);
	struct gather other;
	int rc;

	from.wanted = of->wanted;
	from.wanted_arg = of->wanted_arg;
	if (depth == DEPTH_MAX) {
		free(path);
		return err_set(err, -EINVAL,
		    "%s: %u seasons that are made of each other: does one lead "
		    "back to itself?",
		    of->path, DEPTH_MAX);
	}
	rc = load(&other, &from, depth + 1, a, err);
	if (rc == -ENOTDIR || rc == -ENOENT)
		err_wrap(err, rc, "%s/season.yaml: competition %s", of->path,
		    g->folder.feeds[i].competition);
	if (rc == 0)
		rc = take_other(g, i, &other, err);
	gather_clear(&other);
	free(path);
	return rc;
}

/* ---- what was kept of them ---- */

static void
put_given(void *arg, const struct race_listed *line)
{
	const struct gather *g = arg;

	season_put(g->season, line->key, &line->result);
}

static void
put_live(void *arg, const struct season_given *given)
{
	struct gather *g = arg;

	season_set_state(g->season, given->season, given->competition,
	    SEASON_LIVE);
	add_live(g, given->season, given->competition);
}

/* ---- the folder ---- */

static int
take_feeds(struct gather *g, const struct season_source *from, unsigned depth,
    const struct asked *a, struct err *err)
{
	int rc = 0;

	if (from->given != NULL) {
		chronicle_lines(from->given, put_given, g);
		chronicle_live(from->given, put_live, g);
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < g->folder.feed_count; i++) {
		if (g->folder.feeds[i].race[0] != '\0')
			rc = take_race(g, i, from->path, depth, a, err);
		else
			rc = take_standings(g, i, from, depth, a, err);
	}
	return rc;
}

static int
load(struct gather *out, const struct season_source *from, unsigned depth,
    const struct asked *a, struct err *err)
{
	const char *dir = from->path;
	struct conf_report report = { 0 };
	int rc;

	*out = (struct gather){ .season = NULL };
	a->ops->folder(a->arg, dir);
	if (from->ops->there != NULL) {
		rc = from->ops->there(from->arg, err);
		if (rc < 0)
			return err_wrap(err, rc, "%s", dir);
	}
	rc = season_folder_read(&out->folder, from, &report);
	if (!season_source_wanted(from)) {
		conf_report_clear(&report);
		return not_wanted(from, err);
	}
	tell_problems(a, depth > 0 ? dir : "", &report);
	if (rc < 0)
		(void)err_set(err, rc, "%s: %zu mistake%s", dir, report.errors,
		    report.errors == 1 ? "" : "s");
	conf_report_clear(&report);
	if (rc < 0)
		return rc;
	out->season = season_new(out->folder.rules);
	out->takens =
	    xcalloc(out->folder.feed_count + 1, sizeof(struct taken *));
	rc = take_ledger(out, from, err);
	return rc < 0 ? rc : take_feeds(out, from, depth, a, err);
}

int
gather_read(struct gather *out, const struct season_source *from,
    const struct gather_ops *ops, void *arg, struct err *err)
{
	const struct asked a = { ops, arg };

	return load(out, from, 0, &a, err);
}

void
gather_clear(struct gather *g)
{
	for (size_t i = 0; g->takens != NULL && i < g->folder.feed_count; i++)
		taken_free(g->takens[i]);
	free(g->takens);
	free(g->live);
	ledger_free(g->ledger);
	season_free(g->season);
	season_folder_clear(&g->folder);
	*g = (struct gather){ .season = NULL };
}

int64_t
gather_shown(const struct gather *g)
{
	for (size_t i = 0; i < g->folder.feed_count; i++) {
		if (g->takens[i] != NULL)
			return season_find(g->season,
			    taken_season(g->takens[i]));
	}
	return (int64_t)season_count(g->season) - 1;
}
