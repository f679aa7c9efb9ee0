#include "control/rewrite.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/files.h"
#include "common/log.h"
#include "common/xalloc.h"

struct rewriting {
	const char *beside;
	rewrite_fn fn;
	void *arg;
	struct recording *to;
	struct rewrite *out;
	struct err *err;
};

static int
take_header(void *arg, const struct recording_header *h)
{
	struct rewriting *w = arg;

	return recording_open(&w->to, w->beside, h, w->err);
}

/* As the callback says. */
static int
write_one(struct rewriting *w, const struct recording_record *rec)
{
	struct recording_record copy = *rec;
	int more = w->fn(w->arg, &copy);
	int rc;

	if (more <= 0)
		return more;
	rc = recording_append(w->to, &copy);
	if (rc < 0)
		return err_errno(w->err, rc, "write %s", w->beside);
	w->out->written++;
	return more;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct rewriting *w = arg;
	int rc;

	w->out->read++;
	do
		rc = write_one(w, rec);
	while (rc == REWRITE_MORE);
	return rc < 0 ? rc : 0;
}

static int
copy(struct rewriting *w, const char *from)
{
	const struct recording_reader reader = { take_header, take_record, w };
	struct recording_end end;
	int rc = recording_read(from, &reader, &end, w->err);

	if (rc < 0)
		return rc;
	if (end.torn)
		log_warnx("%s: the last record is cut off at byte %" PRIu64
		          ": read without it",
		    from, end.offset);
	rc = recording_sync(w->to);
	return rc < 0 ? err_errno(w->err, rc, "write %s", w->beside) : 0;
}

static int
give_name(struct rewriting *w, const char *to)
{
	int rc = 0;

	if (rename(w->beside, to) < 0)
		rc = -errno;
	if (rc == 0)
		rc = files_sync_folder_of(to);
	return rc < 0 ? err_errno(w->err, rc, "write %s", to) : 0;
}

int
rewrite_file(const char *from, const char *to, rewrite_fn fn, void *arg,
    struct rewrite *out, struct err *err)
{
	/* Of the same kind. */
	char *beside = xasprintf("%s.partial%s", to, recording_suffix(to));
	struct rewriting w = { beside, fn, arg, NULL, out, err };
	int rc = 0;

	*out = (struct rewrite){ 0 };
	if (access(to, F_OK) == 0)
		rc = err_set(err, -EEXIST,
		    "%s: there is such a file: name another one", to);
	else if (files_locked(beside))
		rc = err_set(err, -EBUSY,
		    "%s: another process writes it: wait for it", beside);
	else if (unlink(beside) < 0 && errno != ENOENT)
		rc = err_errno(err, -errno, "remove %s", beside);
	if (rc == 0) {
		rc = copy(&w, from);
		recording_free(w.to);
		if (rc == 0)
			rc = give_name(&w, to);
		unlink(beside);
	}
	free(beside);
	return rc;
}
