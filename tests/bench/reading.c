/*
 * reading - how long an aggregator's turn takes while a changed season is read
 * beside it.
 *
 *	reading DIR [LINES SUBJECTS]
 *
 * 500,000 lines of 100,000 recipients, unless told otherwise, appear in the
 * palmares/ of a season that an aggregator shows, and go again; DIR (made, and
 * left) holds both folders.  Prints for each how long it takes until the table
 * shows it, and the longest turn meanwhile: of those in which it is read and
 * put on the table, and of the last one, which shows it.  Fails if one takes
 * more than 50 ms.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregator/seasons.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "race/conf.h"
#include "race/rules.h"

enum { AWARD = 1000, LIMIT_US = 50000, REST_US = 1000 };

static const char race_yaml[] =
    "title: R\n"
    "date: 2014-09-21\n"
    "timezone: Europe/Paris\n"
    "waves: { all: { gun: \"10:00:00\" } }\n"
    "points: { start: { km: 0 }, finish: { km: 8 } }\n"
    "rankings: { scratch: { of: runners } }\n";

static const char season_yaml[] =
    "title: S\n"
    "tables: { all: { points: { first: 100, step: 1, beyond: 1 } } }\n";

struct bench {
	char *race;
	char *dir;
	char *list; /* of many lines */
	unsigned lines;
	unsigned subjects;
	struct race_rules *rules;
	struct book *book;
	struct seasons *seasons;
};

static char *
folder(const char *in, const char *name)
{
	char *path = xasprintf("%s/%s", in, name);

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		log_fatal(1, "%s: %s", path, strerror(errno));
	return path;
}

static FILE *
begin_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	if (f == NULL)
		log_fatal(1, "%s: %s", path, strerror(errno));
	free(path);
	return f;
}

static void
end_file(FILE *f, const char *what)
{
	if (fclose(f) != 0)
		log_fatal(1, "%s: %s", what, strerror(errno));
}

static void
write_text(const char *dir, const char *name, const char *text)
{
	FILE *f = begin_file(dir, name);

	fputs(text, f);
	end_file(f, name);
}

/* Competitions of AWARD places each; under its name when all of it is there. */
static void
write_lines(const struct bench *b)
{
	char *part = xasprintf("%s.part", b->list);
	FILE *f = fopen(part, "w");

	if (f == NULL)
		log_fatal(1, "%s: %s", part, strerror(errno));
	fputs("season,competition,place,recipient\n", f);
	for (unsigned i = 0; i < b->lines; i++)
		fprintf(f, "2014,C%u,%u,R%u\n", i / AWARD, i % AWARD + 1,
		    i * 7919 % b->subjects);
	end_file(f, part);
	if (rename(part, b->list) < 0)
		log_fatal(1, "%s: %s", b->list, strerror(errno));
	free(part);
}

static void
open_all(struct bench *b, const char *in)
{
	struct seasons_folders folders = { .count = 1 };
	struct conf_report report = { 0 };
	struct err err;
	char *lists;

	b->race = folder(in, "race");
	b->dir = folder(in, "season");
	lists = folder(b->dir, "palmares");
	b->list = xasprintf("%s/many.csv", lists);
	(void)unlink(b->list);
	write_text(b->race, "race.yaml", race_yaml);
	write_text(b->dir, "season.yaml", season_yaml);
	write_text(lists, "one.csv",
	    "season,competition,place,recipient\n2014,C,1,R1\n");
	free(lists);
	b->rules = conf_rules(b->race, &report);
	conf_report_clear(&report);
	b->book = book_new(b->rules, 0);
	folders.dirs[0] = b->dir;
	if (seasons_new(&b->seasons, &folders, b->race, b->rules, &err) < 0)
		log_fatal(1, "%s", err.text);
	seasons_follow(b->seasons, b->book);
}

/* Turns, until the table has moved. */
static int64_t
measure(struct bench *b, const char *what)
{
	int64_t began_us = clock_mono_us();
	int64_t longest_us = 0;
	int64_t took_us = 0;
	bool shown = false;

	while (!shown) {
		int64_t at_us = clock_mono_us();

		if (took_us > longest_us)
			longest_us = took_us;
		shown = seasons_turn(b->seasons, at_us);
		took_us = clock_mono_us() - at_us;
		(void)usleep(REST_US);
	}
	printf("%-22s shown after %5.2f s; longest turn %7.3f ms, of the one "
	       "that shows it %7.3f ms\n",
	    what, (double)(clock_mono_us() - began_us) / 1e6,
	    (double)longest_us / 1e3, (double)took_us / 1e3);
	return took_us > longest_us ? took_us : longest_us;
}

int
main(int argc, char **argv)
{
	struct bench b = { .lines = 500000, .subjects = 100000 };
	int64_t longest_us;
	int64_t gone_us;
	char what[64];

	log_init("reading");
	if (argc != 2 && argc != 4)
		log_fatal(2, "usage: reading DIR [LINES SUBJECTS]");
	if (argc == 4) {
		b.lines = (unsigned)strtoul(argv[2], NULL, 10);
		b.subjects = (unsigned)strtoul(argv[3], NULL, 10);
	}
	open_all(&b, argv[1]);
	write_lines(&b);
	snprintf(what, sizeof what, "%u more lines:", b.lines);
	longest_us = measure(&b, what);
	(void)unlink(b.list);
	gone_us = measure(&b, "and gone again:");
	seasons_free(b.seasons);
	book_free(b.book);
	rules_free(b.rules);
	free(b.race);
	free(b.dir);
	free(b.list);
	return longest_us > LIMIT_US || gone_us > LIMIT_US ? 1 : 0;
}
