#include "control/season_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "control/past.h"

/* Keys: lines of files from 1, then the races. */
enum { FEED_SHIFT = 40, DEPTH_MAX = 8u };

static void
tell_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[2048];

		(void)conf_problem_print(line, sizeof line,
		    &report->problems[i]);
		fprintf(stderr, "%s\n", line);
	}
}

static void
put_listed(struct season_load *l)
{
	const struct season_folder *f = &l->folder;

	for (size_t i = 0; i < f->spelling_count; i++) {
		const struct season_spelling *s = &f->spellings[i];

		season_name(l->season, s->written, s->team, s->subject);
	}
	for (size_t i = 0; i < f->listed_count; i++)
		season_put(l->season, i + 1, &f->listed[i].result);
}

/* A race folder without anything timed yet is a competition to come. */
static int
find_race(const struct season_feed *feed, const char *race, struct err *err)
{
	char *rules = xasprintf("%s/race.yaml", race);
	char *db = xasprintf("%s/race.db", race);
	int rc = access(db, F_OK) == 0 ? 1 : 0;

	if (access(rules, R_OK) != 0)
		rc =
		    err_set(err, -EINVAL, "season.yaml: competition %s: %s: %s",
		        feed->competition, rules, strerror(errno));
	free(db);
	free(rules);
	return rc;
}

static int
take_past(struct season_load *l, size_t i, const char *race, struct err *err)
{
	const struct season_feed *feed = &l->folder.feeds[i];
	struct verb_options o = { .race = race };
	struct past past;
	char *why = NULL;
	int rc = past_load(&o, &past, NULL, NULL, err);

	if (rc < 0)
		return err_wrap(err, rc, "%s", race);
	l->takens[i] = taken_new(feed, past.book->rules,
	    (uint64_t)(i + 1) << FEED_SHIFT, &why);
	if (l->takens[i] != NULL)
		(void)taken_update(l->takens[i], past.book, l->season);
	else
		rc = err_set(err, -EINVAL, "season.yaml: competition %s: %s %s",
		    feed->competition, race, why);
	free(why);
	past_clear(&past);
	return rc;
}

static int
take_race(struct season_load *l, size_t i, const char *dir, struct err *err)
{
	const char *named = l->folder.feeds[i].race;
	char *race =
	    named[0] == '/' ? xstrdup(named) : xasprintf("%s/%s", dir, named);
	int rc = find_race(&l->folder.feeds[i], race, err);

	if (rc > 0)
		rc = take_past(l, i, race, err);
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
put_standings(struct season_load *l, size_t feed, struct season *from,
    size_t season, const struct season_table *table, size_t t)
{
	const char *competition = l->folder.feeds[feed].competition;
	const char *label = season_label(from, season);
	size_t count = season_row_count(from, season, t);
	struct season_row *rows = xcalloc(count + 1, sizeof *rows);
	bool time = table->by == SEASON_BY_TIME;

	count = season_rows(from, season, t, 0, rows, count);
	for (size_t i = 0; i < count; i++) {
		struct season_result r = { .season = label,
			.competition = competition,
			.award = table->name,
			.place = rows[i].place,
			.recipient = rows[i].subject,
			.team = "",
			.sex = "",
			.category = "",
			.date = "",
			.time_us = time ? rows[i].score : -1,
			.points = time ? SEASON_NO_VALUE : rows[i].score,
			.note = "" };

		season_put(l->season, ((uint64_t)(feed + 1) << FEED_SHIFT) + i,
		    &r);
	}
	if (count > 0 && !is_over(from, season))
		season_set_state(l->season, label, competition, SEASON_LIVE);
	free(rows);
}

static int
take_other(struct season_load *l, size_t i, struct season_load *other,
    struct err *err)
{
	const struct season_feed *feed = &l->folder.feeds[i];
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
		put_standings(l, i, other->season, (size_t)season,
		    &rules->tables[table], (size_t)table);
	return 0;
}

static int load(const char *dir, unsigned depth, struct season_load *out,
    struct err *err);

static int
take_standings(struct season_load *l, size_t i, const char *dir, unsigned depth,
    struct err *err)
{
	const char *named = l->folder.feeds[i].standings;
	char *path =
	    named[0] == '/' ? xstrdup(named) : xasprintf("%s/%s", dir, named);
	struct season_load other;
	int rc;

	if (depth == DEPTH_MAX) {
		free(path);
		return err_set(err, -EINVAL,
		    "%s: %u seasons that are made of each other: does one lead "
		    "back to itself?",
		    dir, DEPTH_MAX);
	}
	rc = load(path, depth + 1, &other, err);
	if (rc == 0)
		rc = take_other(l, i, &other, err);
	season_load_clear(&other);
	free(path);
	return rc;
}

/* ---- the folder ---- */

static int
load(const char *dir, unsigned depth, struct season_load *out, struct err *err)
{
	struct conf_report report = { 0 };
	int rc;

	*out = (struct season_load){ .season = NULL };
	rc = season_folder_read(&out->folder, dir, &report);
	tell_problems(&report);
	if (rc < 0)
		(void)err_set(err, rc, "%s: %zu mistake%s", dir, report.errors,
		    report.errors == 1 ? "" : "s");
	conf_report_clear(&report);
	if (rc < 0)
		return rc;
	out->season = season_new(out->folder.rules);
	out->takens =
	    xcalloc(out->folder.feed_count + 1, sizeof(struct taken *));
	put_listed(out);
	for (size_t i = 0; rc == 0 && i < out->folder.feed_count; i++) {
		if (out->folder.feeds[i].race[0] != '\0')
			rc = take_race(out, i, dir, err);
		else
			rc = take_standings(out, i, dir, depth, err);
	}
	return rc;
}

int
season_load(const char *dir, struct season_load *out, struct err *err)
{
	return load(dir, 0, out, err);
}

void
season_load_clear(struct season_load *l)
{
	for (size_t i = 0; l->takens != NULL && i < l->folder.feed_count; i++)
		taken_free(l->takens[i]);
	free(l->takens);
	season_free(l->season);
	season_folder_clear(&l->folder);
	*l = (struct season_load){ .season = NULL };
}

const struct season_listed *
season_load_listed(const struct season_load *l, uint64_t key)
{
	if (key == 0 || key > l->folder.listed_count)
		return NULL;
	return &l->folder.listed[key - 1];
}
