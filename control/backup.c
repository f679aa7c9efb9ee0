/* palmares backup: a checked copy of race.db, while an aggregator writes it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "control/backup.h"
#include "control/verb.h"
#include "proto/wire.h"
#include "race/store.h"

enum { MB = 1000000 };

/* What is shown of a copy under way. */
struct progress {
	const char *file;
	uint64_t percent; /* the last one shown */
	bool shown;
};

static void
show(void *arg, uint64_t done, uint64_t total)
{
	struct progress *p = arg;
	uint64_t percent = total > 0 ? 100 * done / total : 100;

	if (p->shown && percent == p->percent)
		return;
	fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 " MB%s", p->file,
	    done / MB, total / MB, done == total ? ", checking" : "");
	p->percent = percent;
	p->shown = true;
}

/* The race's zone for the time of the last event, if there are rules. */
static void
use_zone(struct store *s)
{
	struct wire_arena *a = wire_arena_new();
	struct race_event event;
	uint8_t *body;
	size_t len;

	if (store_rules(s, &body, &len, NULL) == 0) {
		if (wire_get_event(a, body, len, &event) == 0 &&
		    event.kind == RACE_RULES)
			(void)instant_zone(event.rules->timezone, NULL);
		free(body);
	}
	wire_arena_free(a);
}

static void
tell(const char *file, const struct store_copy *copied)
{
	char number[32];
	char when[16];

	printf("%s: %s event%s", file, number_grouped(number, copied->events),
	    copied->events == 1 ? "" : "s");
	if (copied->last_us != RACE_NO_TIME)
		printf(" up to %s", instant_clock(when, copied->last_us));
	if (copied->bytes < MB)
		printf(", %" PRIu64 " kB, checked\n", copied->bytes / 1000);
	else
		printf(", %" PRIu64 " MB, checked\n", copied->bytes / MB);
}

static int
copy(const char *db, const char *file, struct store_copy *copied,
    struct err *err)
{
	struct progress progress = { .file = file };
	struct store *s;
	int rc = store_open(&s, db, STORE_READ, err);

	if (rc < 0)
		return rc;
	use_zone(s);
	rc = store_backup(s, file, cli_colour(STDERR_FILENO) ? show : NULL,
	    &progress, copied, err);
	if (progress.shown)
		fputs("\r\033[K", stderr);
	store_free(s);
	return rc;
}

int
backup_copy(const char *db, const char *file, struct err *err)
{
	struct store_copy copied;
	int rc = copy(db, file, &copied, err);

	if (rc == 0)
		tell(file, &copied);
	return rc;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	char *db;

	verb_options(v, argc, argv, &o);
	verb_into_file(v, &o);
	db = xasprintf("%s/race.db", o.race);
	if (access(db, F_OK) != 0 && errno == ENOENT)
		log_fatal(1,
		    "%s: not there: no aggregator has held this race folder",
		    db);
	if (backup_copy(db, o.rest[0], &err) < 0)
		log_fatal(1, "%s", err.text);
	free(db);
	return 0;
}

const struct verb verb_backup = {
	.name = "backup",
	.program = "palmares backup",
	.summary =
	    "Copies race.db, of a running race, too, and checks the copy",
	.usage = "[OPTION]... FILE",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n",
	.accepts = "r",
	.run = run,
};
