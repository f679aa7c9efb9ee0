/* What a damaged race.db still tells, and what to do about it. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/xalloc.h"
#include "race/sound.h"
#include "race/store_db.h"

enum sound_column {
	SOUND_NUMBER,
	SOUND_STREAM,
	SOUND_SEQ,
	SOUND_CHAIN,
	SOUND_BODY
};

static const char sound_sql[] =
    "SELECT number, stream, seq, chain, body FROM log NOT INDEXED"
    " ORDER BY number";

static const char *
next(struct sound *sound, sqlite3_stmt *stmt)
{
	const struct sound_event e = {
		.log = (uint64_t)sqlite3_column_int64(stmt, SOUND_NUMBER),
		.stream = sqlite3_column_int64(stmt, SOUND_STREAM),
		.seq = (uint64_t)sqlite3_column_int64(stmt, SOUND_SEQ),
		.chain = (uint64_t)sqlite3_column_int64(stmt, SOUND_CHAIN),
		.body = sqlite3_column_blob(stmt, SOUND_BODY),
		.len = (size_t)sqlite3_column_bytes(stmt, SOUND_BODY),
	};

	return sound_next(sound, &e);
}

int
store_sound(struct sqlite3 *db, uint64_t *last, struct err *err)
{
	struct sound sound = { 0 };
	const char *wrong = NULL;
	sqlite3_stmt *stmt;
	char number[32];
	int rc;

	*last = 0;
	rc = sqlite3_prepare_v2(db, sound_sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		return err_set(err, -EUCLEAN, "%s", sqlite3_errmsg(db));
	while (wrong == NULL && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		wrong = next(&sound, stmt);
	number_grouped(number, sound.log + 1);
	if (wrong != NULL)
		rc = err_set(err, -EUCLEAN, "event %s %s", number, wrong);
	else if (rc != SQLITE_DONE)
		rc = err_set(err, -EUCLEAN, "event %s: %s", number,
		    sqlite3_errmsg(db));
	else
		rc = 0;
	sqlite3_finalize(stmt);
	*last = sound.log;
	sound_close(&sound);
	return rc;
}

/* By the name that the file has in its folder. */
static const char *
what_to_do(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(slash != NULL ? slash + 1 : path, "season.db") == 0)
		return "move it away (and season.db-wal and season.db-shm "
		       "beside it), copy the newest backup there as season.db, "
		       "or nothing if there is none, and publish again: "
		       "palmares season DIR publish; what else was decided "
		       "since the backup has to be decided again";
	return "stop the aggregator, move it away (and race.db-wal and "
	       "race.db-shm beside it), copy the newest backup there as "
	       "race.db, or nothing if there is none, and start the "
	       "aggregator again: the collectors send what is missing from "
	       "their outboxes; what operators decided and changed in the "
	       "roster since the backup has to be entered again";
}

int
store_damaged(struct store *s, struct err *err, const char *what)
{
	/* SQLite's checks put a line of stars before their words.  Copied, for
	 * they may be those of the connection that reads below. */
	const char *line = strrchr(what, '\n');
	char *words = xstrdup(line != NULL ? line + 1 : what);
	char can[96] = "no event in it can be read";
	char number[32];
	uint64_t last = 0;

	/* Reading all that can be read takes its time. */
	if (err == NULL) {
		free(words);
		return -EUCLEAN;
	}
	if (store_db(s) != NULL)
		(void)store_sound(store_db(s), &last, NULL);
	if (last > 0)
		snprintf(can, sizeof can, "events 1 to %s can be read",
		    number_grouped(number, last));
	err_set(err, -EUCLEAN, "%s: %s; %s. What to do: %s", store_path(s),
	    words, can, what_to_do(store_path(s)));
	free(words);
	return -EUCLEAN;
}
