#include "control/season_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/files.h"
#include "common/hash.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/season_load.h"
#include "proto/wire.h"
#include "race/season/key.h"
#include "race/season/recorded.h"

/* Of the recorder's own stream. */
#define RECORDER "recorder"

/* What a file's parts can hold. */
#define FILE_MOST ((size_t)SEASON_PARTS_MAX * SEASON_PART_MAX)

struct job {
	const char *dir;
	const char *file;
	struct chronicle *now; /* the season as it is */
	char *title;
	struct recorded *had; /* the file as it was */
	struct recording *to;
	struct recorded_end at; /* how far it is now */
	uint64_t scanned;       /* events of season.db */
	bool proven;            /* it has the last one that was recorded */
	uint64_t added;
	int64_t now_us;
	struct wire_buffer bytes;
	struct wire_arena *arena;
	int rc; /* of a scan */
	struct err *err;
};

/* ---- the season as it is ---- */

static int
take_file(struct job *j, const struct season_source *from, const char *name)
{
	struct err why;
	char *data;
	size_t len;
	int rc = season_source_read(from, name, FILE_MOST, &data, &len, &why);

	/* Whether it has to be there is said by who reads the season. */
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_set(j->err, rc, "%s/%s: %s", j->dir, name, why.text);
	chronicle_file(j->now, name, data, len);
	return 0;
}

static int
take_lists(struct job *j, const struct season_source *from)
{
	char **names = NULL;
	int n = from->ops->names(from->arg, &names);
	int rc = 0;

	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return err_errno(j->err, n, "%s/" SEASON_SOURCE_LISTS, j->dir);
	for (int i = 0; rc == 0 && i < n; i++) {
		char *name = xasprintf(SEASON_SOURCE_LISTS "%s", names[i]);

		if (season_source_is_list(names[i]))
			rc = take_file(j, from, name);
		free(name);
	}
	season_source_names_free(names, n);
	return rc;
}

static int
take_files(struct job *j)
{
	const struct season_source from = season_source_folder(j->dir);
	int rc = take_file(j, &from, "season.yaml");

	if (rc == 0)
		rc = take_file(j, &from, "aliases.csv");
	return rc < 0 ? rc : take_lists(j, &from);
}

static void
take_line(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct job *j = arg;
	const struct race_event e = { .kind = RACE_RESULT,
		.listed = { .key = key, .result = *r } };
	const char *why;

	(void)state;
	/* What lists say, they or season.db say again. */
	if (key < KEY_LEAST)
		(void)chronicle_apply(j->now, &e, &why);
}

/* What was read of the files is what will be recorded, whoever edits them
 * meanwhile. */
static int
take_season(struct job *j)
{
	struct season_source_bundle bundle = { chronicle_files(j->now),
		j->dir };
	const struct season_source from = season_source_bundle(&bundle);
	struct gather g;
	int rc = season_load(&from, &g, j->err);

	if (rc == 0) {
		j->title = xstrdup(g.folder.rules->title);
		season_results(g.season, take_line, j);
	}
	for (size_t i = 0; rc == 0 && i < g.live_count; i++) {
		const struct race_event e = { .kind = RACE_SEASON_GIVEN,
			.given = g.live[i] };
		const char *why;

		(void)chronicle_apply(j->now, &e, &why);
	}
	gather_clear(&g);
	return rc;
}

/* ---- the file ---- */

static int
create(struct job *j)
{
	const struct recording_header header = { files_random(), j->title,
		PALMARES_VERSION };
	int rc = recording_open(&j->to, j->file, &header, j->err);

	j->at = (struct recorded_end){ .store = header.store, .settled = true };
	return rc;
}

static int
open_file(struct job *j)
{
	struct recording_reader reader;
	int rc;

	j->had = recorded_new(j->file, j->err);
	reader = recorded_reader(j->had);
	rc = recording_resume(&j->to, j->file, NULL, &reader, j->err);
	if (rc == -ENOENT || rc == -ENODATA)
		return create(j);
	if (rc == 0)
		j->at = *recorded_end(j->had);
	return rc;
}

/* Until something of season.db is there, the title alone says whose it is. */
static int
check_title(struct job *j)
{
	char was[TEXT_QUOTE_MAX];
	char is[TEXT_QUOTE_MAX];

	if (j->at.title == NULL || j->at.events > 0 ||
	    strcmp(j->at.title, j->title) == 0)
		return 0;
	return err_set(j->err, -ESTALE,
	    "%s: is a recording of %s, and %s is %s: name another file",
	    j->file, text_quote(was, j->at.title), j->dir,
	    text_quote(is, j->title));
}

/* ---- events ---- */

static int
put(struct job *j, struct recording_record *rec)
{
	int rc;

	rec->log = ++j->at.log;
	rc = recording_append(j->to, rec);
	if (rc < 0)
		return err_errno(j->err, rc, "write %s", j->file);
	j->at.settled = false;
	j->added++;
	return 0;
}

static int
encode(struct job *j, const struct race_event *e)
{
	struct race_event made = *e;
	int rc;

	made.made_us = j->now_us;
	j->bytes.len = 0;
	rc = wire_put_event(&j->bytes, &made);
	return rc < 0
	    ? err_errno(j->err, rc, "%s: an event takes more than %d bytes",
	          j->dir, RACE_EVENT_MAX)
	    : 0;
}

/* Called by chronicle_differ(). */
static int
check_own(void *arg, const struct race_event *e)
{
	struct job *j = arg;
	struct race_event read;
	int rc = encode(j, e);

	if (rc < 0)
		return rc;
	wire_reset(j->arena);
	if (wire_get_event(j->arena, j->bytes.data, j->bytes.len, &read) == 0)
		return 0;
	if (e->kind == RACE_SEASON_FILE)
		return err_set(j->err, -EINVAL,
		    "%s/%s: its name is no UTF-8 without control characters, "
		    "or has more than %d bytes: rename it",
		    j->dir, e->part.name, SEASON_FILE_NAME_MAX);
	if (e->kind != RACE_RESULT)
		return err_set(j->err, -EINVAL,
		    "%s: competition %s of season %s cannot be recorded: a "
		    "name is too long, or has control characters",
		    j->dir, e->given.competition, e->given.season);
	return err_set(j->err, -EINVAL,
	    "%s: what competition %s gives to %s cannot be recorded: a name is "
	    "longer than %d bytes, or points are over 1,000,000",
	    j->dir, e->listed.result.competition, e->listed.result.recipient,
	    RACE_ROW_MAX);
}

/* Of what the recorder says itself nothing is written, nor any of it begun, if
 * it could not be read: a list may be called as no list can be. */
static int
check_season(struct job *j)
{
	struct chronicle *none = chronicle_new();
	int rc = chronicle_differ(none, j->now, check_own, j);

	chronicle_free(none);
	return rc;
}

/* As check_own(). */
static int
put_own(void *arg, const struct race_event *e)
{
	struct job *j = arg;
	struct recording_record rec = { .stream_name = RECORDER,
		.received_us = j->now_us };
	int rc = encode(j, e);

	if (rc < 0)
		return rc;
	rec.event = j->bytes.data;
	rec.len = j->bytes.len;
	j->at.chain = hash_chain(j->at.chain, rec.event, rec.len);
	rec.chain = j->at.chain;
	rec.id = (struct race_id){ j->at.store, ++j->at.seq };
	return put(j, &rec);
}

/* An event of season.db: its bytes, name and time are kept as they are. */
static void
put_stored(void *arg, const struct season_db_event *e)
{
	struct job *j = arg;
	struct recording_record rec = { .id = e->id,
		.stream_name = e->stream,
		.received_us = e->received_us,
		.event = e->len > 0 ? e->body : (const uint8_t *)"",
		.len = e->len,
		.chain = e->chain };

	if (++j->scanned == j->at.events)
		j->proven = e->id.stream == j->at.last.stream &&
		    e->id.seq == j->at.last.seq && e->chain == j->at.last_chain;
	if (j->scanned > j->at.events && j->proven && j->rc == 0)
		j->rc = put(j, &rec);
}

/* season.db goes on where the recording ends, or it is another one. */
static int
put_ledger(struct job *j)
{
	uint64_t last;
	int rc;

	j->proven = j->at.events == 0;
	rc = season_db_scan(j->dir, put_stored, j, &last, j->err);
	if (rc == 0)
		rc = j->rc;
	if (rc == 0 && !j->proven)
		rc = err_set(j->err, -ESTALE,
		    "%s: its last event of season.db, %" PRIu64
		    " of them, is not in that of %s: another season, or an "
		    "older copy of it? Name another file",
		    j->file, j->at.events, j->dir);
	return rc;
}

static int
put_moment(struct job *j)
{
	struct race_event moment = { .kind = RACE_SEASON_MOMENT };

	if (j->at.settled)
		return 0;
	moment.moment.events = j->scanned;
	return put_own(j, &moment);
}

/* ---- the work ---- */

static int
record(struct job *j)
{
	int rc = take_files(j);

	if (rc == 0)
		rc = take_season(j);
	if (rc == 0)
		rc = check_season(j);
	if (rc == 0)
		rc = open_file(j);
	if (rc == 0)
		rc = check_title(j);
	if (rc == 0)
		rc = put_ledger(j);
	if (rc == 0)
		rc = chronicle_differ(recorded_chronicle(j->had), j->now,
		    put_own, j);
	if (rc == 0)
		rc = put_moment(j);
	if (rc < 0)
		return rc;
	rc = recording_sync(j->to);
	return rc < 0 ? err_errno(j->err, rc, "write %s", j->file) : 0;
}

int
season_record(const char *dir, const char *file, uint64_t *added,
    struct err *err)
{
	struct job j = { .dir = dir, .file = file, .err = err };
	int rc;

	j.now = chronicle_new();
	j.arena = wire_arena_new();
	j.now_us = clock_utc_us();
	rc = record(&j);
	*added = j.added;
	recording_free(j.to);
	recorded_free(j.had);
	chronicle_free(j.now);
	wire_buffer_free(&j.bytes);
	wire_arena_free(j.arena);
	free(j.title);
	return rc;
}
