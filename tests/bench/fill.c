/*
 * fill - a race folder of any size, as after the race.
 *
 *	fill RACE ENTRIES CROSSINGS
 *
 * RACE holds race.yaml.  Writes entries.csv, and race.db with the entries and
 * the first CROSSINGS crossings in the order of passing; with two readers at
 * each point if everybody once at each is too few.  Some of those that come
 * next are written to rest.csv, for a collector.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/folder.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/rules.h"
#include "tests/bench/passing.h"

enum {
	COMMIT = 50000, /* crossings; the WAL stays small beside the database */
	REST = 5000
};

struct fill {
	const char *dir;
	struct race_rules *rules;
	struct passing passing;
	struct store *store;
	struct store_stream streams[PASSING_STREAMS];
	struct wire_buffer out;
};

static void
fail(int rc, const char *what)
{
	log_fatal(1, "%s: %s", what, strerror(-rc));
}

static void
write_entries(struct fill *f, uint64_t entries)
{
	char *path = xasprintf("%s/entries.csv", f->dir);
	FILE *out = fopen(path, "w");

	if (out == NULL)
		fail(-errno, path);
	fputs("bib,name,sex,category,team,wave\n", out);
	for (uint64_t i = 0; i < entries; i++) {
		struct passing_entry e = { 0 };

		passing_entry(i, &e);
		fprintf(out, "%s,%s,%s,%s,%s,%s\n", e.entry.bib, e.entry.name,
		    e.entry.sex, e.entry.category, e.entry.team, e.entry.wave);
	}
	if (fclose(out) != 0)
		fail(-errno, path);
	free(path);
}

static void
print_problems(struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[1024];

		conf_problem_print(line, sizeof line, &report->problems[i]);
		log_warnx("%s", line);
	}
	conf_report_clear(report);
}

static void
read_rules(struct fill *f)
{
	struct conf_report report = { 0 };

	f->rules = conf_rules(f->dir, &report);
	print_problems(&report);
	if (f->rules == NULL)
		log_fatal(1, "%s/race.yaml has mistakes", f->dir);
}

/* As the aggregator does at its first start. */
static void
store_entries(struct fill *f)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct book *book;
	uint64_t undecoded;
	struct err err;

	conf_entries(f->dir, f->rules, &roll, &report);
	print_problems(&report);
	if (folder_load(&book, &undecoded, f->store, f->rules, &roll, &err) < 0)
		log_fatal(1, "%s", err.text);
	book_free(book);
	conf_roll_clear(&roll);
}

static void
open_streams(struct fill *f)
{
	for (unsigned i = 0; i < PASSING_STREAMS; i++) {
		char name[16];
		int rc;

		snprintf(name, sizeof name, "laptop %u", i + 1);
		rc = store_stream(f->store, i + 1, name, "", false,
		    &f->streams[i]);
		if (rc < 0)
			fail(rc, "race.db: make a stream");
	}
}

static void
commit(struct fill *f)
{
	struct err err;

	if (store_commit(f->store, &err) < 0)
		log_fatal(1, "%s", err.text);
	store_idle(f->store);
}

static void
store_crossing(struct fill *f, unsigned stream, const struct race_crossing *x)
{
	struct store_stream *st = &f->streams[stream];
	struct race_event event = { .kind = RACE_CROSSING,
		.made_us = x->time_us,
		.crossing = *x };
	int rc;

	f->out.len = 0;
	rc = wire_put_event(&f->out, &event);
	if (rc < 0)
		fail(rc, "a crossing");
	st->chain = hash_chain(st->chain, f->out.data, f->out.len);
	rc = store_append(f->store, st->id, ++st->cursor, &event, f->out.data,
	    f->out.len, st->chain, clock_utc_us());
	if (rc < 0)
		fail(rc, "race.db: append");
}

static void
store_crossings(struct fill *f, uint64_t count)
{
	struct race_crossing x;
	unsigned stream;

	open_streams(f);
	for (uint64_t i = 0; i < count; i++) {
		if (!passing_next(&f->passing, &x, &stream))
			log_fatal(1, "the race ends after %" PRIu64, i);
		store_crossing(f, stream, &x);
		if ((i + 1) % COMMIT == 0)
			commit(f);
	}
	commit(f);
}

static void
write_rest(struct fill *f)
{
	const int64_t second_us = 1000000;
	char *path = xasprintf("%s/rest.csv", f->dir);
	FILE *out = fopen(path, "w");
	struct race_crossing x;
	unsigned stream;

	if (out == NULL)
		fail(-errno, path);
	fputs("time,bib,point\n", out);
	for (int i = 0; i < REST && passing_next(&f->passing, &x, &stream);
	     i++) {
		int64_t us = x.time_us - f->rules->waves[0].gun_us;

		fprintf(out, "+%" PRId64 ".%06" PRId64 ",%s,%s\n",
		    us / second_us, us % second_us, x.bib, x.point);
	}
	if (fclose(out) != 0)
		fail(-errno, path);
	free(path);
}

int
main(int argc, char **argv)
{
	struct fill f = { 0 };
	int64_t crossings;
	int64_t entries;
	struct err err;
	char *path;

	log_init("fill");
	if (argc != 4 ||
	    cli_number(argv[2], 1000, RACE_ENTRIES_MAX, &entries) < 0 ||
	    entries % 1000 != 0 ||
	    cli_number(argv[3], 1, UINT32_MAX, &crossings) < 0)
		cli_usage("fill",
		    "RACE ENTRIES (a multiple of 1000) CROSSINGS");
	f.dir = argv[1];
	read_rules(&f);
	passing_init(&f.passing, f.rules, (uint64_t)entries, 1);
	if (passing_total(&f.passing) < (uint64_t)crossings)
		passing_init(&f.passing, f.rules, (uint64_t)entries, 2);
	write_entries(&f, (uint64_t)entries);
	path = xasprintf("%s/race.db", f.dir);
	if (store_open(&f.store, path, STORE_WRITE, &err) < 0)
		log_fatal(1, "%s", err.text);
	store_entries(&f);
	store_crossings(&f, (uint64_t)crossings);
	write_rest(&f);
	store_free(f.store);
	wire_buffer_free(&f.out);
	rules_free(f.rules);
	free(path);
	return 0;
}
