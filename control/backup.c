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
tell(const char *file, const struct store_copy *copy)
{
	char number[32];
	char when[16];

	printf("%s: %s event%s", file, number_grouped(number, copy->events),
	    copy->events == 1 ? "" : "s");
	if (copy->last_us != RACE_NO_TIME)
		printf(" up to %s", instant_clock(when, copy->last_us));
	if (copy->bytes < MB)
		printf(", %" PRIu64 " kB, checked\n", copy->bytes / 1000);
	else
		printf(", %" PRIu64 " MB, checked\n", copy->bytes / MB);
}

static int
back_up(const char *race, const char *file, struct store_copy *copy,
    struct err *err)
{
	struct progress progress = { .file = file };
	char *db = xasprintf("%s/race.db", race);
	struct store *s;
	int rc = store_open(&s, db, STORE_READ, err);

	if (rc == -ENOENT)
		err_set(err, rc,
		    "%s: not there: no aggregator has held this race folder",
		    db);
	free(db);
	if (rc < 0)
		return rc;
	use_zone(s);
	rc = store_backup(s, file, cli_colour(STDERR_FILENO) ? show : NULL,
	    &progress, copy, err);
	if (progress.shown)
		fputs("\r\033[K", stderr);
	store_free(s);
	return rc;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct store_copy copy;
	struct verb_options o;
	struct err err = { "" };

	verb_options(v, argc, argv, &o);
	verb_into_file(v, &o);
	if (back_up(o.race, o.rest[0], &copy, &err) < 0)
		log_fatal(1, "%s", err.text);
	tell(o.rest[0], &copy);
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
