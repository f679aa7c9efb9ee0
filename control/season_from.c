#include "control/season_from.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/number.h"

static bool
is_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		log_fatal(1, "%s: %s: name a season folder, or its recording",
		    path, strerror(errno));
	return S_ISREG(st.st_mode);
}

/* A folder has no past: its files are what they are. */
static void
check_folder(const struct verb *v, const struct verb_options *o)
{
	if (o->at != NULL || o->at_seq != NULL)
		cli_usage(v->program,
		    "%s: %s is a folder: what it was is in its recording, if "
		    "palmares season %s record FILE has written one",
		    o->at != NULL ? "--at" : "--at-seq", o->rest[0],
		    o->rest[0]);
}

static struct recorded_until
until_of(const struct verb *v, const struct verb_options *o)
{
	if (o->at_clock)
		cli_usage(v->program,
		    "--at %s: of which day? As in 2014-09-21T10:42:00+02:00",
		    o->at);
	return (struct recorded_until){ .by_time = o->at != NULL,
		.us = o->at_us,
		.log = o->at_log };
}

static void
tell_moment(const char *path, const struct recorded_moment *m, bool asked)
{
	char number[32];
	char later[32];
	char when[40];

	if (m->torn)
		log_warnx("%s: the last event is cut off at byte %" PRIu64
		          ": read without it",
		    path, m->offset);
	if (asked && m->ahead > 0)
		log_warnx("%s of the moments up to then bear later times: the "
		          "recorder's clock was set back; --at-seq names the "
		          "event itself",
		    number_grouped(number, m->ahead));
	if (asked)
		log_info("as of event %s, recorded %s; %s came later",
		    number_grouped(number, m->log),
		    instant_format(when, m->received_us),
		    number_grouped(later, m->later));
	else if (m->later > 0)
		log_warnx("%s: a recorder was stopped before it was done: "
		          "read without the %s event%s behind event %" PRIu64
		          "; palmares season DIR record goes on there",
		    path, number_grouped(later, m->later),
		    m->later == 1 ? "" : "s", m->log);
}

void
season_from_open(struct season_from *out, const struct verb *v,
    const struct verb_options *o)
{
	const char *path = o->rest[0];
	struct recorded_until until;
	struct recorded_moment moment;
	struct err err;

	out->recorded = NULL;
	if (!is_file(path)) {
		check_folder(v, o);
		out->source = season_source_folder(path);
		return;
	}
	until = until_of(v, o);
	if (recorded_open(&out->recorded, path, &until, &moment, &err) < 0)
		log_fatal(1, "%s", err.text);
	tell_moment(path, &moment, o->at != NULL || o->at_seq != NULL);
	out->source = recorded_source(out->recorded);
}

void
season_from_close(struct season_from *f)
{
	recorded_free(f->recorded);
}
