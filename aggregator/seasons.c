#include "aggregator/seasons.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"
#include "race/season/gather.h"
#include "race/shelf.h"

enum {
	/* A table of 50,000 runners takes its time, as lists of a million lines
	 * do, which collectors are not to wait for: one part in so many. */
	SHARE = 20,
	/* Mistakes of one folder that are told line by line. */
	TOLD = 20
};

static const int64_t tick_us = 100000;
static const int64_t look_us = 1000000;
/* What is wrong may lie in another folder, which nobody looks at. */
static const int64_t retry_us = 5000000;
static const int64_t never_us = INT64_MAX;

/* One folder. */
struct one {
	char *dir;
	struct gather gather;
	char **names; /* by table */
	struct tally **tallies;
	size_t count;
	uint64_t files; /* a fingerprint of what was read */
	char *trouble;  /* why it is shown as it was, NULL */
	int64_t retry_at_us;
};

/* Another race, as it was at the start, or when a season came to name it. */
struct shelved {
	char *race;
	struct book *book;
};

struct seasons {
	char *race; /* its folder, resolved */
	struct book *book;
	struct one all[SEASONS_MAX];
	size_t count;
	struct shelved *shelf;
	size_t shelf_count;
	size_t shelf_cap;
	struct feed_table *tables;
	size_t table_count;
	bool hushed;  /* problems have been told */
	size_t told;  /* problems, of what is being read */
	bool changed; /* the book, since the last tick */
	int64_t tick_at_us;
	int64_t look_at_us;
};

/* ---- races ---- */

static int
take_off_shelf(struct seasons *s, const char *race, struct book **out,
    struct err *err)
{
	struct book *book;
	int rc;

	for (size_t i = 0; i < s->shelf_count; i++) {
		if (strcmp(s->shelf[i].race, race) == 0) {
			*out = s->shelf[i].book;
			return 0;
		}
	}
	rc = shelf_book(&book, race, err);
	if (rc < 0)
		return rc;
	s->shelf =
	    xgrow(s->shelf, &s->shelf_cap, s->shelf_count, sizeof *s->shelf);
	s->shelf[s->shelf_count++] = (struct shelved){ xstrdup(race), book };
	*out = book;
	return 0;
}

static int
book_of(void *arg, const char *race, struct book **out, struct err *err)
{
	struct seasons *s = arg;
	char *path = realpath(race, NULL);
	int rc = 0;

	if (path == NULL)
		return err_errno(err, -errno, "%s", race);
	if (strcmp(path, s->race) == 0)
		*out = s->book;
	else
		rc = take_off_shelf(s, path, out, err);
	free(path);
	return rc;
}

static void
say_problem(void *arg, const char *line)
{
	struct seasons *s = arg;

	if (!s->hushed && s->told++ < TOLD)
		log_warnx("%s", line);
}

static const struct gather_ops gather_ops = { book_of, say_problem };

static int
read_folder(struct seasons *s, struct gather *out, const char *dir,
    struct err *err)
{
	int rc;

	s->told = 0;
	rc = gather_read(out, dir, &gather_ops, s, err);
	if (s->told > TOLD)
		log_warnx("%s: %zu more: palmares season %s check tells them",
		    dir, s->told - TOLD, dir);
	return rc;
}

/* ---- the files of a folder ---- */

/* Any fixed key: it is compared with itself alone. */
static const struct hash_key look_key = { 1, 2 };

static uint64_t
look_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	uint64_t facts[5] = { 0 };

	/* A reader of season.db can leave an empty WAL. */
	if (stat(path, &st) == 0 && st.st_size > 0) {
		facts[0] = (uint64_t)st.st_ino;
		facts[1] = (uint64_t)st.st_size;
		facts[2] = (uint64_t)st.st_mtim.tv_sec;
		facts[3] = (uint64_t)st.st_mtim.tv_nsec;
	}
	facts[4] = hash_sip(&look_key, name, strlen(name));
	free(path);
	return hash_sip(&look_key, facts, sizeof facts);
}

/* A sum, so that the order in which a folder lists its files means nothing. */
static uint64_t
look_lists(const char *dir)
{
	char *path = xasprintf("%s/palmares", dir);
	DIR *d = opendir(path);
	const struct dirent *e;
	uint64_t sum = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			sum += look_file(path, e->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return sum;
}

static uint64_t
look_files(const char *dir)
{
	static const char *const names[] = { "season.yaml", "aliases.csv",
		"season.db", "season.db-wal" };
	uint64_t sum = look_lists(dir);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		sum += look_file(dir, names[i]);
	return sum;
}

/* ---- the tables ---- */

/* The season of this race, else the last one that has begun; -ENOENT: none. */
static int64_t
season_of(const struct seasons *s, const struct gather *g)
{
	for (size_t i = 0; i < g->folder.feed_count; i++) {
		if (g->takens[i] != NULL && g->books[i] == s->book)
			return season_find(g->season,
			    taken_season(g->takens[i]));
	}
	return (int64_t)season_count(g->season) - 1;
}

static bool
tally_all(const struct seasons *s, struct one *one)
{
	struct gather *g = &one->gather;
	int64_t season = season_of(s, g);
	bool changed = false;

	for (size_t i = 0; i < one->count; i++)
		if (tally_update(one->tallies[i], g->season, season,
		        g->folder.rules, i))
			changed = true;
	return changed;
}

/* What this race gives. */
static bool
take_race(const struct seasons *s, struct one *one)
{
	struct gather *g = &one->gather;
	bool changed = false;

	for (size_t i = 0; i < g->folder.feed_count; i++)
		if (g->takens[i] != NULL && g->books[i] == s->book &&
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

static int
open_one(struct seasons *s, const char *dir, struct err *err)
{
	struct one *one = &s->all[s->count];
	int rc;

	one->dir = realpath(dir, NULL);
	if (one->dir == NULL)
		return err_errno(err, -errno, "--season %s", dir);
	s->count++;
	one->files = look_files(one->dir);
	rc = read_folder(s, &one->gather, one->dir, err);
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
	struct seasons *s = xcalloc(1, sizeof *s);
	struct book *nothing = book_new(rules, 0);
	int rc = 0;

	s->tick_at_us = INT64_MIN;
	s->look_at_us = INT64_MIN;
	s->book = nothing;
	s->race = realpath(race, NULL);
	if (s->race == NULL)
		rc = err_errno(err, -errno, "%s", race);
	for (size_t i = 0; rc == 0 && i < folders->count; i++)
		rc = open_one(s, folders->dirs[i], err);
	if (rc == 0)
		rc = check_names(s, err);
	if (rc == 0)
		rc = list_tables(s, rules, err);
	book_free(nothing);
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
	free(one->trouble);
	free(one->dir);
}

void
seasons_free(struct seasons *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		free_one(&s->all[i]);
	for (size_t i = 0; i < s->shelf_count; i++) {
		book_free(s->shelf[i].book);
		free(s->shelf[i].race);
	}
	free(s->shelf);
	free(s->tables);
	free(s->race);
	free(s);
}

/* ---- as it goes on ---- */

/* Reads a folder again; if that fails it stays as it was. */
static int
read_again(struct seasons *s, struct one *one, struct err *err)
{
	struct gather fresh;
	int rc = read_folder(s, &fresh, one->dir, err);

	if (rc == 0 &&
	    !same_tables(fresh.folder.rules, one->gather.folder.rules))
		rc = err_set(err, -ESTALE,
		    "%s: has other tables now: start the aggregator again to "
		    "show them",
		    one->dir);
	if (rc < 0) {
		gather_clear(&fresh);
		return rc;
	}
	/* A backup, or none at all: the tables follow, and nobody may know. */
	if (fresh.log < one->gather.log)
		log_warnx("%s/season.db: ends with event %" PRIu64
		          ", it went on to %" PRIu64
		          ": what was published and decided behind it is not "
		          "shown any more: was it moved or replaced?",
		    one->dir, fresh.log, one->gather.log);
	gather_clear(&one->gather);
	one->gather = fresh;
	return 0;
}

int
seasons_follow(struct seasons *s, struct book *book, struct err *err)
{
	int rc = 0;

	s->book = book;
	/* What was doubtful has been told by seasons_new(). */
	s->hushed = true;
	for (size_t i = 0; rc == 0 && i < s->count; i++) {
		rc = read_again(s, &s->all[i], err);
		(void)tally_all(s, &s->all[i]);
	}
	s->hushed = false;
	return rc;
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

/* True: a table may have changed. */
static bool
look_at(struct seasons *s, struct one *one, int64_t now_us)
{
	/* Files may change while they are read: what is looked at before is
	 * looked at again. */
	uint64_t files = look_files(one->dir);
	bool edited = files != one->files;
	struct err err;
	int rc;

	if (!edited && (one->trouble == NULL || now_us < one->retry_at_us))
		return false;
	one->files = files;
	one->retry_at_us = now_us + retry_us;
	s->hushed = !edited;
	rc = read_again(s, one, &err);
	s->hushed = false;
	if (rc < 0) {
		be_in_trouble(one, err.text, edited);
		return false;
	}
	be_well(one);
	return tally_all(s, one);
}

static bool
look_again(struct seasons *s, int64_t now_us)
{
	bool changed = false;

	for (size_t i = 0; i < s->count; i++)
		if (look_at(s, &s->all[i], now_us))
			changed = true;
	return changed;
}

static bool
tick(struct seasons *s)
{
	bool changed = false;

	for (size_t i = 0; i < s->count; i++) {
		struct one *one = &s->all[i];

		if (take_race(s, one) && tally_all(s, one))
			changed = true;
	}
	return changed;
}

/* After work that began then, so that it has its share and no more. */
static int64_t
rest_us(int64_t began_us, int64_t least_us)
{
	int64_t us = (clock_mono_us() - began_us) * SHARE;

	return us > least_us ? us : least_us;
}

bool
seasons_turn(struct seasons *s, int64_t now_us)
{
	bool changed = false;

	if (s->count == 0)
		return false;
	if (now_us >= s->look_at_us) {
		int64_t began_us = clock_mono_us();

		changed = look_again(s, now_us);
		s->look_at_us = now_us + rest_us(began_us, look_us);
	}
	if (s->changed && now_us >= s->tick_at_us) {
		int64_t began_us = clock_mono_us();

		s->changed = false;
		changed = tick(s) || changed;
		s->tick_at_us = now_us + rest_us(began_us, tick_us);
	}
	return changed;
}

int64_t
seasons_deadline(const struct seasons *s, int64_t now_us)
{
	int64_t at_us = s->count > 0 ? s->look_at_us : never_us;

	if (s->changed && s->tick_at_us < at_us)
		at_us = s->tick_at_us;
	return at_us < now_us ? now_us : at_us;
}
