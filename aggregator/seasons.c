#include "aggregator/seasons.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/inputs.h"
#include "aggregator/reader.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

enum {
	/* A table of 50,000 runners takes its time, which collectors are not to
	 * wait for, as a thousand files do: one part in so many. */
	SHARE = 20,
	/* Of a core, for what is read beside it. */
	READING_SHARE = 4
};

static const int64_t tick_us = 100000;
/* Of a turn, for tables. */
static const int64_t turn_us = 5000;
static const int64_t look_us = 1000000;
/* How long what has been read may lie there. */
static const int64_t fetch_us = 20000;
/* What is wrong may lie in another folder, which nobody looks at. */
static const int64_t retry_us = 5000000;
static const int64_t never_us = INT64_MAX;

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* One folder. */
struct one {
	char *dir;
	struct gather gather;
	struct inputs inputs; /* of what is shown, or could not be read */
	char **names;         /* by table */
	struct tally **tallies;
	size_t count;
	bool behind;   /* tables: they do not show yet what the season says */
	size_t next;   /* of them, that is read again */
	char *trouble; /* why it is shown as it was, NULL */
	bool edited;   /* what is being read: by somebody, in a season folder */
	int64_t read_us; /* what is shown */
	int64_t retry_at_us;
};

struct seasons {
	struct book *book;
	struct reader *reader;
	struct one *reading; /* NULL: none */
	size_t looked;       /* at that one, the last time */
	struct one all[SEASONS_MAX];
	size_t count;
	struct feed_table *tables;
	size_t table_count;
	bool changed;     /* the book, since the last tick */
	int64_t spent_us; /* on tables, since they were not behind */
	int64_t tick_at_us;
	int64_t look_at_us;
};

/* ---- the tables ---- */

/* Some of the tables that are behind.  True: one moved. */
static bool
step(struct one *one)
{
	struct gather *g = &one->gather;
	enum tally_step is = TALLY_SAME;

	if (one->next < one->count)
		is = tally_step(one->tallies[one->next], g->season,
		    gather_shown(g), g->folder.rules, one->next);
	if (is != TALLY_MORE)
		one->next++;
	if (one->next >= one->count) {
		one->behind = false;
		one->next = 0;
	}
	return is == TALLY_MOVED;
}

static struct one *
find_behind(struct seasons *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].behind)
			return &s->all[i];
	return NULL;
}

/* For a part of a turn: nothing else of the seasons changes until all tables
 * are there.  True: one moved. */
static bool
catch_up(struct seasons *s)
{
	int64_t began_us = clock_mono_us();
	int64_t took_us = 0;
	bool moved = false;
	struct one *one;

	while (took_us < turn_us && (one = find_behind(s)) != NULL) {
		moved = step(one) || moved;
		took_us = clock_mono_us() - began_us;
	}
	s->spent_us += took_us;
	return moved;
}

/* What this race gives. */
static bool
take_race(const struct seasons *s, struct one *one)
{
	struct gather *g = &one->gather;
	bool changed = false;

	for (size_t i = 0; i < g->folder.feed_count; i++)
		if (g->takens[i] != NULL &&
		    taken_update(g->takens[i], s->book, g->season))
			changed = true;
	return changed;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static int
name_tables(struct one *one, struct err *err)
{
	const struct season_rules *rules = one->gather.folder.rules;
	const char *folder = base_name(one->dir);

	one->count = rules->table_count;
	one->names = xcalloc(one->count + 1, sizeof *one->names);
	one->tallies = xcalloc(one->count + 1, sizeof(struct tally *));
	for (size_t i = 0; i < one->count; i++) {
		char dir[TEXT_QUOTE_MAX];
		char name[TEXT_QUOTE_MAX];

		one->names[i] =
		    xasprintf("%s/%s", folder, rules->tables[i].name);
		one->tallies[i] = tally_new();
		/* Displays refuse such rules as a whole. */
		if (strlen(one->names[i]) > RACE_LABEL_MAX ||
		    !text_printable(one->names[i]))
			return err_set(err, -EINVAL,
			    "--season %s: its table would be called %s, which "
			    "is longer than %d bytes or has control "
			    "characters: rename the folder or the table",
			    text_quote(dir, one->dir),
			    text_quote(name, one->names[i]), RACE_LABEL_MAX);
	}
	return 0;
}

/* Whether displays may go on with the rules that they have. */
static bool
same_tables(const struct season_rules *a, const struct season_rules *b)
{
	if (a->table_count != b->table_count)
		return false;
	for (size_t i = 0; i < a->table_count; i++) {
		const struct season_table *x = &a->tables[i];
		const struct season_table *y = &b->tables[i];

		if (strcmp(x->name, y->name) != 0 || x->by != y->by)
			return false;
	}
	return true;
}

/* ---- life ---- */

static void
tell_problems(const struct one *one, const struct reader_answer *a)
{
	for (size_t i = 0; i < a->problem_count && i < READER_TOLD_MAX; i++)
		log_warnx("%s", a->problems[i]);
	if (a->problem_count > READER_TOLD_MAX)
		log_warnx("%s: %zu more: palmares season %s check tells them",
		    one->dir, a->problem_count - READER_TOLD_MAX, one->dir);
}

/* What was read is shown from now on; the answer has what was. */
static void
swap_answer(struct one *one, struct reader_answer *a)
{
	struct gather was = one->gather;

	one->gather = a->gather;
	one->read_us = clock_utc_us();
	a->gather = was;
}

/* It is looked at against what was read, whatever came of it. */
static void
take_inputs(struct one *one, struct reader_answer *a)
{
	inputs_clear(&one->inputs);
	one->inputs = a->inputs;
	a->inputs = (struct inputs){ .list = NULL };
}

static int
open_one(struct seasons *s, const char *dir, struct err *err)
{
	struct one *one = &s->all[s->count];
	struct reader_answer a;
	int rc;

	one->dir = realpath(dir, NULL);
	if (one->dir == NULL)
		return err_set(err, -errno,
		    "--season %s: %s: name a season folder, which has a "
		    "season.yaml",
		    dir, strerror(errno));
	s->count++;
	reader_start(s->reader, one->dir);
	reader_take(s->reader, &a);
	tell_problems(one, &a);
	take_inputs(one, &a);
	rc = a.rc;
	if (rc == 0)
		swap_answer(one, &a);
	else
		err_set(err, rc, "--season %s", a.err.text);
	reader_answer_clear(&a);
	return rc < 0 ? rc : name_tables(one, err);
}

/* Two folders of one name would show as one. */
static int
check_names(const struct seasons *s, struct err *err)
{
	for (size_t i = 1; i < s->count; i++) {
		for (size_t k = 0; k < i; k++) {
			const char *a = s->all[i].dir;
			const char *b = s->all[k].dir;

			if (strcmp(base_name(a), base_name(b)) == 0)
				return err_set(err, -EINVAL,
				    "--season %s: is called as %s is: displays "
				    "could not tell them apart: rename one",
				    a, b);
		}
	}
	return 0;
}

static int
list_tables(struct seasons *s, const struct race_rules *rules, struct err *err)
{
	size_t all = rules->ranking_count;

	for (size_t i = 0; i < s->count; i++)
		all += s->all[i].count;
	if (all > RACE_RANKINGS_MAX)
		return err_set(err, -EINVAL,
		    "--season: %zu tables and rankings in all: displays take "
		    "%d",
		    all, RACE_RANKINGS_MAX);
	s->tables = xcalloc(all + 1, sizeof *s->tables);
	for (size_t i = 0; i < s->count; i++) {
		const struct one *one = &s->all[i];

		for (size_t k = 0; k < one->count; k++)
			s->tables[s->table_count++] =
			    (struct feed_table){ one->names[k],
				    one->tallies[k] };
	}
	return 0;
}

int
seasons_new(struct seasons **out, const struct seasons_folders *folders,
    const char *race, const struct race_rules *rules, struct err *err)
{
	char *path = realpath(race, NULL);
	struct seasons *s;
	int rc = 0;

	if (path == NULL)
		return err_errno(err, -errno, "%s", race);
	s = xcalloc(1, sizeof *s);
	s->tick_at_us = INT64_MIN;
	s->look_at_us = INT64_MIN;
	s->reader = reader_new(path, rules);
	free(path);
	for (size_t i = 0; rc == 0 && i < folders->count; i++)
		rc = open_one(s, folders->dirs[i], err);
	if (rc == 0)
		rc = check_names(s, err);
	if (rc == 0)
		rc = list_tables(s, rules, err);
	if (rc < 0) {
		seasons_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

static void
free_one(struct one *one)
{
	for (size_t i = 0; i < one->count; i++) {
		tally_free(one->tallies[i]);
		free(one->names[i]);
	}
	free(one->tallies);
	free(one->names);
	gather_clear(&one->gather);
	inputs_clear(&one->inputs);
	free(one->trouble);
	free(one->dir);
}

void
seasons_free(struct seasons *s)
{
	if (s == NULL)
		return;
	reader_free(s->reader);
	for (size_t i = 0; i < s->count; i++)
		free_one(&s->all[i]);
	free(s->tables);
	free(s);
}

/* ---- as it goes on ---- */

void
seasons_follow(struct seasons *s, struct book *book)
{
	s->book = book;
	for (size_t i = 0; i < s->count; i++) {
		(void)take_race(s, &s->all[i]);
		s->all[i].behind = true;
		while (s->all[i].behind)
			(void)step(&s->all[i]);
	}
}

const struct feed_table *
seasons_tables(const struct seasons *s, size_t *count)
{
	*count = s->table_count;
	return s->tables;
}

static struct race_ranking
ranking_of(const struct season_table *table, const char *name)
{
	bool time = table->by == SEASON_BY_TIME;

	return (struct race_ranking){
		.name = xstrdup(name),
		.of = RACE_SEASON,
		.sex = xstrdup(""),
		.category = xstrdup(""),
		.team = xstrdup(""),
		.wave = xstrdup(""),
		.at = RACE_LIVE,
		.round = time ? RACE_ROUND_UP_SECOND : RACE_ROUND_NONE,
		.score = time ? RACE_SCORE_TIME : RACE_SCORE_POINTS,
	};
}

struct race_rules *
seasons_rules(const struct seasons *s, const struct race_rules *race)
{
	struct race_rules *all = rules_copy(race);

	all->rankings = xreallocarray(all->rankings,
	    all->ranking_count + s->table_count + 1, sizeof *all->rankings);
	for (size_t i = 0; i < s->count; i++) {
		const struct one *one = &s->all[i];
		const struct season_table *t = one->gather.folder.rules->tables;

		for (size_t k = 0; k < one->count; k++)
			all->rankings[all->ranking_count++] =
			    ranking_of(&t[k], one->names[k]);
	}
	return all;
}

void
seasons_commit(struct seasons *s)
{
	s->changed = s->count > 0;
}

/* edited: that is news, though it be the same trouble. */
static void
be_in_trouble(struct one *one, const char *why, bool edited)
{
	/* Displays take words of a bounded length. */
	char words[RACE_REASON_MAX + 1];
	char *was = one->trouble;

	(void)text_fit(words, sizeof words, why, SIZE_MAX, false);
	one->trouble = xasprintf("%s; shown as it was", words);
	if (edited || was == NULL || strcmp(was, one->trouble) != 0)
		log_warnx("%s", one->trouble);
	free(was);
}

static void
be_well(struct one *one)
{
	if (one->trouble != NULL)
		log_info("%s: read again without mistakes", one->dir);
	free(one->trouble);
	one->trouble = NULL;
}

const char *
seasons_trouble(const struct seasons *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].trouble != NULL)
			return s->all[i].trouble;
	return "";
}

size_t
seasons_states(const struct seasons *s, struct message_season out[SEASONS_MAX])
{
	for (size_t i = 0; i < s->count; i++) {
		const struct one *one = &s->all[i];

		out[i] = (struct message_season){ .name = base_name(one->dir),
			.read_us = one->read_us,
			.reading = s->reading == one,
			.trouble = one->trouble != NULL ? one->trouble : "" };
	}
	return s->count;
}

/* Its folder, or one that it is made of, was edited; a race alone goes on. */
static bool
look_at(struct seasons *s, struct one *one, int64_t now_us)
{
	bool edited = inputs_changed(&one->inputs, INPUTS_SEASON);

	if (!edited && !inputs_changed(&one->inputs, INPUTS_RACE) &&
	    (one->trouble == NULL || now_us < one->retry_at_us))
		return false;
	one->edited = edited;
	s->reading = one;
	reader_start(s->reader, one->dir);
	return true;
}

/* One after the other, and each of them in its turn. */
static void
look_again(struct seasons *s, int64_t now_us)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t next = (s->looked + 1) % s->count;

		s->looked = next;
		if (look_at(s, &s->all[next], now_us))
			return;
	}
}

/* 0, or why it stays as it was. */
static int
judge(const struct one *one, const struct reader_answer *a, struct err *err)
{
	if (a->rc < 0)
		return err_set(err, a->rc, "%s", a->err.text);
	if (!same_tables(a->gather.folder.rules, one->gather.folder.rules))
		return err_set(err, -ESTALE,
		    "%s: has other tables now: start the aggregator again to "
		    "show them",
		    one->dir);
	return 0;
}

static void
show(struct seasons *s, struct one *one, struct reader_answer *a)
{
	uint64_t log = one->gather.log;

	swap_answer(one, a);
	/* A backup, or none at all: the tables follow, and nobody may know. */
	if (one->gather.log < log)
		log_warnx("%s/season.db: ends with event %" PRIu64
		          ", it went on to %" PRIu64
		          ": what was published and decided behind it is not "
		          "shown any more: was it moved or replaced?",
		    one->dir, one->gather.log, log);
	reader_waste(s->reader, &a->gather);
	be_well(one);
	(void)take_race(s, one);
	one->behind = true;
}

/* What has been read. */
static void
fetch(struct seasons *s, int64_t now_us)
{
	struct one *one = s->reading;
	struct reader_answer a;
	struct err err;

	reader_take(s->reader, &a);
	s->reading = NULL;
	take_inputs(one, &a);
	one->retry_at_us = now_us + retry_us;
	s->look_at_us =
	    later(now_us + a.took_us * READING_SHARE, now_us + look_us);
	if (one->edited)
		tell_problems(one, &a);
	if (judge(one, &a, &err) < 0)
		be_in_trouble(one, err.text, one->edited);
	else
		show(s, one, &a);
	reader_answer_clear(&a);
}

static void
tick(struct seasons *s)
{
	int64_t began_us = clock_mono_us();

	s->changed = false;
	for (size_t i = 0; i < s->count; i++)
		s->all[i].behind = take_race(s, &s->all[i]);
	s->spent_us += clock_mono_us() - began_us;
}

static void
look(struct seasons *s, int64_t now_us)
{
	int64_t began_us = clock_mono_us();
	int64_t took_us;

	look_again(s, now_us);
	took_us = clock_mono_us() - began_us;
	s->look_at_us = now_us + later(took_us * SHARE, look_us);
}

static void
take_in(struct seasons *s, int64_t now_us)
{
	if (reader_ready(s->reader)) {
		fetch(s, now_us);
	} else if (now_us >= s->look_at_us) {
		if (reader_busy(s->reader))
			s->look_at_us = now_us + fetch_us;
		else
			look(s, now_us);
	}
	if (find_behind(s) == NULL && s->changed && now_us >= s->tick_at_us) {
		s->tick_at_us = now_us + tick_us;
		tick(s);
	}
}

bool
seasons_turn(struct seasons *s, int64_t now_us)
{
	bool moved;

	if (s->count == 0)
		return false;
	if (find_behind(s) == NULL)
		take_in(s, now_us);
	moved = catch_up(s);
	/* All of it has its share and no more. */
	if (find_behind(s) == NULL) {
		s->tick_at_us =
		    later(s->tick_at_us, now_us + s->spent_us * SHARE);
		s->spent_us = 0;
	}
	return moved;
}

int64_t
seasons_deadline(const struct seasons *s, int64_t now_us)
{
	int64_t at_us = s->count > 0 ? s->look_at_us : never_us;

	if (s->reading != NULL)
		at_us = now_us + fetch_us;
	if (s->changed && s->tick_at_us < at_us)
		at_us = s->tick_at_us;
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].behind)
			at_us = now_us;
	return at_us < now_us ? now_us : at_us;
}
