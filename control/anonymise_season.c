#include "control/anonymise_season.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/mask.h"
#include "control/season_mask.h"
#include "proto/wire.h"
#include "race/season/chronicle.h"
#include "race/season/index.h"
#include "race/season/key.h"
#include "race/stretches.h"

/* Lines with the same names: hardly ever more than one. */
enum { EQUALS_MAX = 256 };

struct job {
	struct anonymise *out;
	struct err *err;
	const char *path;
	bool survey;   /* words are collected, nothing is replaced */
	uint64_t last; /* event that was surveyed: the file may grow */
	uint64_t store;
	uint64_t seed;
	struct season_mask *names;
	struct mask *people; /* who decided */
	struct chronicle *chronicle;
	struct wire_arena *arena;
	struct wire_buffer bytes;
	struct stretches streams; /* as they are written */
	uint64_t log;
	struct index keys; /* old ones -> new ones */
	uint64_t *new_keys;
	size_t key_count;
	size_t key_cap;

	/* The new version of the file at hand, of which parts are written. */
	char *file;
	size_t file_len;
	uint32_t part;

	/* Of the event at hand. */
	struct race_decision decision;
	struct race_matter matter;
	char text[2][SEASON_MASK_MAX];
	char team[SEASON_MASK_MAX];
};

/* ---- words ---- */

static void
name(struct job *j, const char **at, char out[SEASON_MASK_MAX])
{
	if (j->survey)
		season_mask_add(j->names, *at);
	else
		*at = season_mask_of(j->names, *at, out);
}

static void
subject(struct job *j, const char **at, char out[SEASON_MASK_MAX])
{
	if (j->survey)
		season_mask_add(j->names, *at);
	else
		*at = season_mask_subject(j->names, *at, out);
}

/* What anybody may have written. */
static void
words(struct job *j, const char **at)
{
	j->out->texts += mask_leave_out(j->survey, at);
}

static void
person(struct job *j, const char **at)
{
	mask_pass(j->people, j->survey, at);
}

/* ---- keys ---- */

/* Of a line that no list of names could have: nobody can try them. */
static uint64_t
strange_key(const struct job *j, uint64_t key)
{
	const struct hash_key with = { j->seed, key };

	return hash_sip(&with, &key, sizeof key) | KEY_LEAST;
}

static uint64_t
new_key(const struct job *j, uint64_t key, const struct season_result *was,
    const struct season_result *is)
{
	for (uint64_t i = 0; i < EQUALS_MAX; i++)
		if (key_of(was, i) == key)
			return key_of(is, i);
	return strange_key(j, key);
}

static void
keep_key(struct job *j, uint64_t key, uint64_t is)
{
	if (index_get(&j->keys, key) != NONE)
		return;
	j->new_keys =
	    xgrow(j->new_keys, &j->key_cap, j->key_count, sizeof *j->new_keys);
	index_put(&j->keys, key, (uint32_t)j->key_count);
	j->new_keys[j->key_count++] = is;
}

static void
do_gone(const struct job *j, uint64_t *key)
{
	uint32_t i;

	if (j->survey || *key < KEY_LEAST)
		return;
	i = index_get(&j->keys, *key);
	*key = i != NONE ? j->new_keys[i] : strange_key(j, *key);
}

/* ---- events ---- */

static void
do_result(struct job *j, struct race_listed *l)
{
	const struct season_result was = l->result;

	name(j, &l->result.recipient, j->text[0]);
	name(j, &l->result.team, j->team);
	words(j, &l->result.note);
	if (j->survey)
		return;
	j->out->columns += l->more_count;
	l->more_count = 0;
	if (l->key < KEY_LEAST)
		return;
	keep_key(j, l->key, new_key(j, l->key, &was, &l->result));
	do_gone(j, &l->key);
}

static void
do_matter(struct job *j, struct race_decision *d)
{
	if (d->matter == NULL)
		return;
	j->matter = *d->matter;
	d->matter = &j->matter;
	subject(j, &j->matter.subject, j->text[1]);
	name(j, &j->matter.team, j->team);
}

static int
do_decision(struct job *j, struct race_event *e)
{
	struct race_decision *d = &j->decision;

	*d = *e->decision;
	e->decision = d;
	person(j, &d->by);
	words(j, &d->reason);
	do_matter(j, d);
	if (d->verb == RACE_NAME)
		name(j, &d->text, j->text[0]);
	else if (d->verb == RACE_DECIDE_TIE)
		subject(j, &d->text, j->text[0]);
	else if (d->verb == RACE_UNDO || d->verb == RACE_VOID_COMPETITION ||
	    d->verb == RACE_PUBLISH_LIST)
		words(j, &d->text);
	else
		return -ENOTSUP;
	return 0;
}

static int
do_event(struct job *j, struct race_event *e)
{
	switch (e->kind) {
	case RACE_RESULT:
		do_result(j, &e->listed);
		return 0;
	case RACE_RESULT_GONE:
		do_gone(j, &e->result_gone);
		return 0;
	case RACE_DECISION:
		return do_decision(j, e);
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		return 0;
	case RACE_EVENT_UNKNOWN:
	case RACE_CROSSING:
	case RACE_VOID:
	case RACE_FILL_IN:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_ENTRY:
	case RACE_ENTRY_GONE:
	case RACE_GUN:
	case RACE_AWARD:
		break;
	}
	return -ENOTSUP;
}

static int
take_event(struct job *j, const struct recording_record *rec,
    struct race_event *out)
{
	const char *why;
	int rc;

	wire_reset(j->arena);
	rc = wire_get_event(j->arena, rec->event, rec->len, out);
	if (rc == 0 && rec->id.stream == j->store &&
	    chronicle_apply(j->chronicle, out, &why) < 0)
		return err_set(j->err, -EINVAL, "%s: event %" PRIu64 " %s",
		    j->path, rec->log, why);
	if (rc == 0)
		rc = do_event(j, out);
	if (rc == 0)
		return 0;
	return err_set(j->err, -ENOTSUP,
	    "%s: event %" PRIu64
	    " is of a race, or of a later version: what it names cannot be "
	    "told; nothing was written",
	    j->path, rec->log);
}

/* The file whose last part that is; NULL: there are more to come. */
static const struct bundle_file *
whole_file(const struct job *j, const struct race_event *e)
{
	if (e->kind != RACE_SEASON_FILE || e->part.part + 1 < e->part.parts)
		return NULL;
	return bundle_find(chronicle_files(j->chronicle), e->part.name);
}

/* ---- the first time: all words ---- */

static int
take_header(void *arg, const struct recording_header *h)
{
	struct job *j = arg;

	j->store = h->store;
	return 0;
}

static int
survey_record(void *arg, const struct recording_record *rec)
{
	struct job *j = arg;
	const struct bundle_file *file;
	struct race_event event;
	int rc = take_event(j, rec, &event);

	if (rc < 0)
		return rc;
	j->last = rec->log;
	if (rec->id.stream != j->store)
		mask_add(j->people, rec->stream_name);
	file = whole_file(j, &event);
	rc = file != NULL ? season_mask_survey(j->names, file, j->err) : 0;
	return rc < 0
	    ? err_wrap(j->err, rc, "%s: event %" PRIu64, j->path, rec->log)
	    : 0;
}

static int
survey(struct job *j)
{
	const struct recording_reader reader = { take_header, survey_record,
		j };
	struct recording_end end;
	int rc;

	j->survey = true;
	rc = recording_read(j->path, &reader, &end, j->err);
	j->survey = false;
	return rc;
}

/* ---- the second time ---- */

/* The next one of its stream, in the order of the new log. */
static int
put(struct job *j, struct recording_record *rec, const struct race_event *e)
{
	const struct stretch *st = stretches_find(&j->streams, rec->id.stream);
	int rc;

	j->bytes.len = 0;
	rc = wire_put_event(&j->bytes, e);
	if (rc < 0)
		return err_errno(j->err, rc, "%s: event %" PRIu64, j->path,
		    rec->log);
	rec->event = rc > 0 ? j->bytes.data : (const uint8_t *)"";
	rec->len = (size_t)rc;
	rec->id.seq = st != NULL ? st->seq + 1 : 1;
	rec->chain =
	    stretches_write(&j->streams, rec->id, rec->event, rec->len);
	rec->log = ++j->log;
	return 1;
}

static int
make_file(struct job *j, const struct bundle_file *from)
{
	FILE *to = open_memstream(&j->file, &j->file_len);
	int rc;

	if (to == NULL)
		return err_errno(j->err, -errno, "%s", from->name);
	rc = season_mask_file(j->names, from, to, j->out, j->err);
	if (fclose(to) != 0 && rc == 0)
		rc = err_errno(j->err, -errno, "%s", from->name);
	return rc;
}

/* Of the new version, as many parts as it has. */
static int
put_part(struct job *j, struct recording_record *rec, struct race_event *e)
{
	int rc;

	chronicle_part(&e->part, j->part++, j->file, j->file_len);
	rc = put(j, rec, e);
	if (rc == 1 && j->part < e->part.parts)
		return REWRITE_MORE;
	free(j->file);
	j->file = NULL;
	return rc;
}

static int
replace_file(struct job *j, struct recording_record *rec, struct race_event *e)
{
	const struct bundle_file *file = whole_file(j, e);
	int rc = 0;

	if (file == NULL)
		return 0;
	if (j->file == NULL) {
		j->part = 0;
		rc = make_file(j, file);
	}
	return rc < 0 ? rc : put_part(j, rec, e);
}

static int
replace(void *arg, struct recording_record *rec)
{
	struct job *j = arg;
	struct race_event event;
	int rc;

	if (rec->log > j->last)
		return 0;
	if (j->file != NULL) {
		/* It has been taken before. */
		wire_reset(j->arena);
		rc = wire_get_event(j->arena, rec->event, rec->len, &event);
	} else {
		rc = take_event(j, rec, &event);
	}
	if (rc < 0)
		return rc;
	if (rec->id.stream != j->store)
		person(j, &rec->stream_name);
	if (event.kind == RACE_SEASON_FILE)
		return replace_file(j, rec, &event);
	return put(j, rec, &event);
}

/* ---- its life ---- */

static void
close_job(struct job *j)
{
	season_mask_free(j->names);
	mask_free(j->people);
	chronicle_free(j->chronicle);
	wire_arena_free(j->arena);
	wire_buffer_free(&j->bytes);
	stretches_clear(&j->streams);
	index_close(&j->keys);
	free(j->new_keys);
	free(j->file);
}

int
anonymise_season(const char *from, const char *to, uint64_t seed,
    struct anonymise *out, struct err *err)
{
	struct job j = { .out = out, .err = err, .path = from, .seed = seed };
	int rc;

	*out = (struct anonymise){ 0 };
	j.names = season_mask_new();
	j.people = mask_new(MASK_SHUFFLED, "operator ");
	j.chronicle = chronicle_new();
	j.arena = wire_arena_new();
	index_init(&j.keys);
	rc = survey(&j);
	season_mask_settle(j.names, &seed);
	mask_settle(j.people, &seed);
	/* From its beginning again. */
	chronicle_free(j.chronicle);
	j.chronicle = chronicle_new();
	if (rc == 0)
		rc = rewrite_file(from, to, replace, &j, &out->rewrite, err);
	close_job(&j);
	return rc;
}

/* ---- which kind ---- */

struct looking {
	uint64_t store;
	struct wire_arena *arena;
	bool season;
};

static int
look_header(void *arg, const struct recording_header *h)
{
	struct looking *l = arg;

	l->store = h->store;
	return 0;
}

/* Its own stream begins with a file. */
static int
look_record(void *arg, const struct recording_record *rec)
{
	struct looking *l = arg;
	struct race_event event;

	if (rec->id.stream != l->store)
		return 0;
	wire_reset(l->arena);
	l->season =
	    wire_get_event(l->arena, rec->event, rec->len, &event) == 0 &&
	    event.kind == RACE_SEASON_FILE;
	return -ECANCELED;
}

int
anonymise_is_season(const char *path, struct err *err)
{
	struct looking l = { .arena = wire_arena_new() };
	const struct recording_reader reader = { look_header, look_record, &l };
	struct recording_end end;
	int rc = recording_read(path, &reader, &end, err);

	wire_arena_free(l.arena);
	if (rc < 0 && rc != -ECANCELED)
		return rc;
	return l.season;
}
