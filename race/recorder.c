#include "race/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/xalloc.h"
#include "race/stretches.h"

/* What identifies an event, and the row that it was. */
struct mark {
	uint64_t log;
	struct race_id id;
	int64_t received_us;
	uint64_t chain;
};

struct recorder {
	const char *path;
	uint64_t from;
	struct recording *to; /* NULL: no file yet */
	uint64_t store;
	struct stretches streams;
	struct mark last; /* that the recording has */
	uint64_t seen;    /* number in the log, looked at last */
	uint64_t events;
	uint64_t unsynced;
	uint64_t waiting;
};

/* ---- what is there ---- */

static int
know_header(void *arg, const struct recording_header *h)
{
	struct recorder *r = arg;

	r->store = h->store;
	return 0;
}

static void
note(struct recorder *r, const struct recording_record *rec)
{
	r->last =
	    (struct mark){ rec->log, rec->id, rec->received_us, rec->chain };
	r->events++;
	stretches_put(&r->streams, rec->id, rec->chain);
}

/* It has to be whole: what follows is compared with it. */
static int
know_record(void *arg, const struct recording_record *rec)
{
	struct recorder *r = arg;

	if (stretches_check(&r->streams, rec->id, rec->chain, rec->event,
	        rec->len) < 0)
		return -EBADMSG;
	note(r, rec);
	return 0;
}

int
recorder_open(struct recorder **out, const char *path, uint64_t from,
    struct err *err)
{
	struct recorder *r = xcalloc(1, sizeof *r);
	const struct recording_reader reader = { know_header, know_record, r };
	int rc;

	r->path = path;
	r->from = from;
	rc = recording_resume(&r->to, path, NULL, &reader, err);
	if (rc == -EBADMSG)
		err_set(err, rc,
		    "%s: damaged behind event %" PRIu64 ": palmares verify %s "
		    "says where",
		    path, r->last.log, path);
	if (rc < 0 && rc != -ENOENT && rc != -ENODATA) {
		recorder_free(r);
		return rc;
	}
	r->seen = recorder_after(r);
	*out = r;
	return 0;
}

void
recorder_free(struct recorder *r)
{
	if (r == NULL)
		return;
	recording_free(r->to);
	stretches_clear(&r->streams);
	free(r);
}

int
recorder_begin(struct recorder *r, const struct recording_header *header,
    struct err *err)
{
	int rc;

	if (r->to != NULL && header->store != r->store)
		return err_set(err, -ESTALE,
		    "%s: a recording of another race than %s: name another "
		    "file",
		    r->path, header->race);
	r->seen = recorder_after(r);
	if (r->to != NULL)
		return 0;
	rc = recording_open(&r->to, r->path, header, err);
	if (rc == 0)
		r->store = header->store;
	return rc;
}

uint64_t
recorder_after(const struct recorder *r)
{
	/* The last one once more, to be compared. */
	return r->last.log > 0 ? r->last.log - 1 : 0;
}

/* ---- the log ---- */

static int
stale(struct recorder *r, const struct recording_record *rec, const char *what,
    struct err *err)
{
	char number[32];

	return err_set(err, -ESTALE,
	    "%s: the log is another one from event %s on: %s: was race.db set "
	    "back to an older copy? Name another file",
	    r->path, number_grouped(number, rec->log), what);
}

static bool
same(const struct mark *m, const struct recording_record *rec)
{
	return m->id.stream == rec->id.stream && m->id.seq == rec->id.seq &&
	    m->received_us == rec->received_us && m->chain == rec->chain;
}

/* A station's event before `from`. */
static int
leave_out(struct recorder *r, const struct recording_record *rec,
    struct err *err)
{
	if (stretches_find(&r->streams, rec->id.stream) != NULL)
		return err_set(err, -EINVAL,
		    "%s ends with event %" PRIu64 ", and has some of %s: from "
		    "%" PRIu64 " on they would have a hole; leave it to go on "
		    "where it ends, or name another file",
		    r->path, r->last.log, rec->stream_name, r->from);
	r->seen = rec->log;
	return 0;
}

/* Is that what has to come? */
static int
check(struct recorder *r, const struct recording_record *rec, struct err *err)
{
	if (rec->log != r->seen + 1)
		return stale(r, rec, "there is a hole before it", err);
	switch (stretches_check(&r->streams, rec->id, rec->chain, rec->event,
	    rec->len)) {
	case 0:
		return 0;
	case -ENODATA:
		return stale(r, rec, "it is not the next one of its stream",
		    err);
	default:
		return stale(r, rec, "its chain is not that of the events here",
		    err);
	}
}

int
recorder_take(struct recorder *r, const struct recording_record *rec,
    bool station, struct err *err)
{
	int rc;

	if (rec->log == r->last.log) {
		if (!same(&r->last, rec))
			return stale(r, rec, "the last one here is not it",
			    err);
		r->seen = rec->log;
		return 0;
	}
	if (station && rec->log < r->from && rec->log == r->seen + 1)
		return leave_out(r, rec, err);
	rc = check(r, rec, err);
	if (rc < 0)
		return rc;
	rc = recording_append(r->to, rec);
	if (rc < 0)
		return err_errno(err, rc, "write %s", r->path);
	note(r, rec);
	r->seen = rec->log;
	r->unsynced++;
	r->waiting += rec->len;
	return 1;
}

int
recorder_sync(struct recorder *r, struct err *err)
{
	int rc = r->to != NULL ? recording_sync(r->to) : 0;

	if (rc < 0)
		return err_errno(err, rc, "write %s", r->path);
	r->unsynced = 0;
	r->waiting = 0;
	return 0;
}

void
recorder_facts(const struct recorder *r, struct recorder_facts *out)
{
	*out = (struct recorder_facts){ .store = r->store,
		.last = r->last.log,
		.seen = r->seen,
		.events = r->events,
		.unsynced = r->unsynced,
		.waiting = r->waiting,
		.size = r->to != NULL ? recording_size(r->to) : 0 };
}
