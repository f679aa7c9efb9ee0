#include "support/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "race/season/folder.h"
#include "support/season_maker.h"

#define HEAD "season,competition,award,place,recipient,team,time\n"

enum { LISTS = 2, ROWS = 14, TABLES = 5 };

static const char *const lists[LISTS] = { "palmares/a.csv", "palmares/b.csv" };
static const char *const people[] = { "Ann", "Bo", "Cleo", "Dan", "Eve / Ann" };
static const char *const teams[] = { "", "Axa", "PMU" };
static const char *const seasons[] = { "2013", "2014" };
static const char *const competitions[] = { "A", "B", "C" };

#define ONE_OF(seed, words)                                                    \
	(words)[test_below(seed, sizeof(words) / sizeof *(words))]

/* ---- files ---- */

static void
write_in(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void
remove_in(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	(void)unlink(path);
	free(path);
}

void
season_maker_write(const struct season_maker *m, const char *name,
    const char *text)
{
	write_in(m->dir, name, text);
}

void
season_maker_remove(const struct season_maker *m, const char *name)
{
	remove_in(m->dir, name);
}

static char *
make_folder(const char *base, const char *name)
{
	char *dir = xasprintf("%s/%s", base, name);
	char *in = xasprintf("%s/palmares", dir);

	assert_int_equal(mkdir(dir, 0777), 0);
	assert_int_equal(mkdir(in, 0777), 0);
	free(in);
	return dir;
}

static void
remove_folder(char *dir)
{
	static const char *const names[] = { "season.yaml", "aliases.csv",
		"palmares/a.csv", "palmares/b.csv" };
	char *in = xasprintf("%s/palmares", dir);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove_in(dir, names[i]);
	assert_int_equal(rmdir(in), 0);
	assert_int_equal(rmdir(dir), 0);
	free(in);
	free(dir);
}

void
season_maker_refill(const struct season_maker *m)
{
	write_in(m->other, "season.yaml",
	    "title: League\ntables: { all: { points: [3, 2, 1] } }\n"
	    "competitions: { A: {}, Z: {} }\n");
	write_in(m->other, "palmares/a.csv",
	    HEAD "2014,A,,1,Ann,Axa,\n2014,A,,2,Bo,,\n");
	season_maker_write(m, "season.yaml",
	    "title: Prix\ncompetitions: { A: {}, N: { standings: ../other } }\n"
	    "tables: { g: { points: [10, 6, 4], ties: [wins, count-back] } "
	    "}\n");
	season_maker_write(m, "palmares/a.csv",
	    HEAD "2014,A,,1,Ann,Axa,\n2014,A,,2,Bo,,\n2013,A,,1,Cleo,PMU,\n");
	season_maker_write(m, "aliases.csv", "alias,recipient\nBob,Bo\n");
}

void
season_maker_make(struct season_maker *m, const char *base)
{
	*m = (struct season_maker){ .dir = make_folder(base, "season"),
		.other = make_folder(base, "other"),
		.now_us = RACE_TIME_MIN };
	season_maker_refill(m);
}

void
season_maker_unmake(struct season_maker *m)
{
	season_maker_forget(m);
	remove_folder(m->dir);
	remove_folder(m->other);
}

/* ---- what is decided ---- */

void
season_maker_forget(const struct season_maker *m)
{
	static const char *const names[] = { "season.db", "season.db-wal",
		"season.db-shm", "season.db.lock" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		season_maker_remove(m, names[i]);
}

static void
ignore_event(void *arg, const struct season_db_event *e)
{
	(void)arg;
	(void)e;
}

static void
store(struct season_maker *m, struct race_event *events, size_t count)
{
	struct err err;
	uint64_t last;

	for (size_t i = 0; i < count; i++)
		events[i].made_us = m->now_us++;
	if (season_db_scan(m->dir, ignore_event, NULL, &last, &err) < 0 ||
	    season_db_append(m->dir, last, "Zoe", events, count, &err) < 0)
		fail_msg("%s", err.text);
}

static struct race_decision
decision_of(enum race_verb verb, const struct race_matter *matter)
{
	return (struct race_decision){ .verb = verb,
		.by = "Zoe",
		.reason = "so it is",
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "",
		.matter = matter };
}

void
season_maker_decide(struct season_maker *m, enum race_verb verb, const char *a,
    const char *b)
{
	struct race_matter matter = { "", "", "", "", "" };
	struct race_decision d = decision_of(verb, &matter);
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };

	if (verb == RACE_NAME) {
		d.text = a;
		matter.subject = b;
	} else {
		matter.season = a;
		matter.competition = b;
	}
	store(m, &e, 1);
}

void
season_maker_publish(struct season_maker *m)
{
	const struct season_source from = season_source_folder(m->dir);
	struct race_decision d = decision_of(RACE_PUBLISH_LIST, NULL);
	struct conf_report report = { 0 };
	struct season_folder folder;
	struct race_event *events;
	size_t count;

	assert_int_equal(season_folder_read(&folder, &from, &report), 0);
	count = folder.listed_count;
	events = xcalloc(count + 1, sizeof *events);
	for (size_t i = 0; i < count; i++)
		events[i] = (struct race_event){ .kind = RACE_RESULT,
			.listed = folder.listed[i].what };
	events[count] =
	    (struct race_event){ .kind = RACE_DECISION, .decision = &d };
	store(m, events, count + 1);
	free(events);
	season_folder_clear(&folder);
	conf_report_clear(&report);
}

/* ---- any ---- */

static void
write_list(const char *dir, const char *name, uint64_t *seed)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	uint64_t rows = test_below(seed, ROWS);

	fputs(HEAD, f);
	for (uint64_t i = 0; i < rows; i++) {
		fprintf(f, "%s,%s,,", ONE_OF(seed, seasons),
		    ONE_OF(seed, competitions));
		if (test_below(seed, 5) > 0)
			fprintf(f, "%d", (int)(1 + test_below(seed, 4)));
		fprintf(f, ",%s,%s,%d:%02d\n", ONE_OF(seed, people),
		    ONE_OF(seed, teams), (int)(30 + test_below(seed, 3)),
		    (int)test_below(seed, 60));
	}
	(void)fclose(f);
	write_in(dir, name, text);
	free(text);
}

static void
write_rules(const struct season_maker *m, uint64_t *seed)
{
	static const char *const tables[TABLES] = {
		"  g: { points: [10, 6, 4], best: 2, ties: [wins] }\n",
		"  w: { of: teams, points: place, lowest: yes }\n",
		"  t: { by: time, at-least: 1 }\n",
		"  p: { of: pairs, points: { first: 9, step: 2 } }\n",
		"  s: { points: [3, 1], tied: average, competitions: [A, N] }\n"
	};
	uint64_t weight = 1 + test_below(seed, 3);
	char *text = xasprintf("title: Prix\ncompetitions:\n"
	                       "  A: { weight: %d }\n"
	                       "  N: { standings: ../other%s }\n"
	                       "tables:\n%s%s",
	    (int)weight, test_below(seed, 2) == 0 ? "" : ", season: 2014",
	    tables[test_below(seed, 3)], tables[3 + test_below(seed, 2)]);

	season_maker_write(m, "season.yaml", text);
	free(text);
}

void
season_maker_random(struct season_maker *m, uint64_t *seed)
{
	season_maker_refill(m);
	write_rules(m, seed);
	for (size_t i = 0; i < LISTS; i++)
		write_list(m->dir, lists[i], seed);
	write_list(m->other, "palmares/a.csv", seed);
}

static void
change_aliases(const struct season_maker *m, uint64_t *seed)
{
	if (test_below(seed, 2) == 0)
		season_maker_remove(m, "aliases.csv");
	else
		season_maker_write(m, "aliases.csv",
		    "alias,team,recipient\nBo,,Ann\nCleo,Axa,Dan\n");
}

void
season_maker_change(struct season_maker *m, uint64_t *seed)
{
	switch (test_below(seed, 9)) {
	case 0:
		write_rules(m, seed);
		break;
	case 1:
	case 2:
		write_list(m->dir, ONE_OF(seed, lists), seed);
		break;
	case 3:
		season_maker_remove(m, "palmares/b.csv");
		break;
	case 4:
		change_aliases(m, seed);
		break;
	case 5:
		write_list(m->other, "palmares/a.csv", seed);
		break;
	case 6:
		season_maker_publish(m);
		break;
	case 7:
		season_maker_decide(m, RACE_NAME, ONE_OF(seed, people),
		    ONE_OF(seed, people));
		break;
	default:
		season_maker_decide(m, RACE_VOID_COMPETITION,
		    ONE_OF(seed, seasons), ONE_OF(seed, competitions));
		break;
	}
}
