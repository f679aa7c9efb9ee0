/* palmares record: the log of race.db as a recording, which grows with it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/xalloc.h"
#include "control/verb.h"
#include "proto/wire.h"
#include "race/recorder.h"
#include "race/store.h"

struct name {
	uint64_t epoch;
	char *text;
};

struct job {
	const char *file;
	char *db; /* RACE/race.db */
	struct store *store;
	struct recorder *to;
	struct name *names; /* of streams, by epoch */
	size_t name_count;
	size_t name_cap;
	uint64_t added;
	struct err *err;
};

/* ---- names of streams ---- */

static int
by_epoch(const void *a, const void *b)
{
	const struct name *x = a;
	const struct name *y = b;

	return (x->epoch > y->epoch) - (x->epoch < y->epoch);
}

static void
forget_names(struct job *j)
{
	while (j->name_count > 0)
		free(j->names[--j->name_count].text);
}

static int
add_name(void *arg, const struct store_stream *st)
{
	struct job *j = arg;

	j->names =
	    xgrow(j->names, &j->name_cap, j->name_count, sizeof *j->names);
	j->names[j->name_count++] =
	    (struct name){ st->epoch, xstrdup(st->name) };
	return 0;
}

static const struct name *
look_up(const struct job *j, uint64_t epoch)
{
	const struct name key = { .epoch = epoch };

	if (j->name_count == 0)
		return NULL;
	return bsearch(&key, j->names, j->name_count, sizeof *j->names,
	    by_epoch);
}

/* A running aggregator makes streams while we read. */
static int
find_name(struct job *j, uint64_t epoch, const char **out)
{
	const struct name *found = look_up(j, epoch);

	if (found == NULL) {
		int rc;

		forget_names(j);
		rc = store_streams(j->store, add_name, j);
		if (rc < 0)
			return err_errno(j->err, rc, "%s: read the streams",
			    j->db);
		qsort(j->names, j->name_count, sizeof *j->names, by_epoch);
		found = look_up(j, epoch);
	}
	*out = found != NULL ? found->text : "";
	return 0;
}

/* ---- the work ---- */

static int
add(void *arg, const struct store_event *e)
{
	struct job *j = arg;
	struct recording_record rec = { .log = e->log,
		.id = e->id,
		.received_us = e->received_us,
		.event = e->len > 0 ? e->body : (const uint8_t *)"",
		.len = e->len,
		.chain = e->chain };
	int rc = find_name(j, e->id.stream, &rec.stream_name);

	if (rc == 0)
		rc = recorder_take(j->to, &rec, false, j->err);
	if (rc < 0)
		return rc;
	j->added += (uint64_t)rc;
	return 0;
}

/* The race's title, if there are rules that we can read.  For free(). */
static char *
title(struct store *s)
{
	struct wire_arena *a = wire_arena_new();
	struct race_event event;
	char *text = NULL;
	uint8_t *body;
	size_t len;

	if (store_rules(s, &body, &len, NULL) == 0) {
		if (wire_get_event(a, body, len, &event) == 0 &&
		    event.kind == RACE_RULES)
			text = xstrdup(event.rules->title);
		free(body);
	}
	wire_arena_free(a);
	return text != NULL ? text : xstrdup("");
}

static int
open_both(struct job *j)
{
	struct recording_header header = { .software = PALMARES_VERSION };
	char *race;
	int rc = store_open(&j->store, j->db, STORE_READ, j->err);

	if (rc == -ENOENT)
		return err_set(j->err, rc,
		    "%s: not there: no aggregator has held this race folder",
		    j->db);
	if (rc < 0)
		return rc;
	race = title(j->store);
	header.store = store_id(j->store);
	header.race = race;
	rc = recorder_open(&j->to, j->file, 1, j->err);
	if (rc == 0)
		rc = recorder_begin(j->to, &header, j->err);
	free(race);
	return rc;
}

/* A race.db that came back from a backup may not reach as far. */
static int
check_reach(struct job *j)
{
	struct recorder_facts facts;

	recorder_facts(j->to, &facts);
	if (facts.last <= store_log(j->store))
		return 0;
	return err_set(j->err, -ESTALE,
	    "%s: its last event, number %" PRIu64
	    ", is not in %s: an older copy of it? Name another file",
	    j->file, facts.last, j->db);
}

static int
record(struct job *j)
{
	int rc = open_both(j);

	if (rc == 0)
		rc = check_reach(j);
	if (rc == 0)
		rc =
		    store_scan(j->store, recorder_after(j->to), add, j, j->err);
	return rc < 0 ? rc : recorder_sync(j->to, j->err);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct job j = { .err = &err };
	int rc;

	verb_options(v, argc, argv, &o);
	verb_into_file(v, &o);
	j.file = o.rest[0];
	j.db = xasprintf("%s/race.db", o.race);
	rc = record(&j);
	recorder_free(j.to);
	store_free(j.store);
	forget_names(&j);
	free(j.names);
	free(j.db);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	log_info("%s: %" PRIu64 " event%s added", j.file, j.added,
	    j.added == 1 ? "" : "s");
	return 0;
}

const struct verb verb_record = {
	.name = "record",
	.program = "palmares record",
	.summary = "Writes the log of race.db into a file that grows with it",
	.usage = "[OPTION]... FILE",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n",
	.accepts = "r",
	.run = run,
};
