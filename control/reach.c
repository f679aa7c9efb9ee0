#include "control/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/files.h"
#include "common/instant.h"
#include "common/xalloc.h"
#include "race/ask_zmq.h"
#include "race/past.h"
#include "race/rules.h"
#include "race/served.h"

/* rules may be NULL. */
static int
ask_rules(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct race_rules **rules, struct err *err)
{
	struct message question = { .type = MESSAGE_RULES_REQUEST };
	struct message answer;
	char peer[ENDPOINT_URL];
	struct ask *a;
	int rc = endpoint_find(to, o->aggregator, o->race, err);

	if (rc < 0)
		return rc;
	rc = ask_new(&a, to, ENDPOINT_SNAPSHOTS, err);
	if (rc < 0)
		return rc;
	question.rules_request.request = 1;
	rc = ask(a, &question, MESSAGE_RULES_REPLY, &answer, err);
	if (rc == -ETIMEDOUT) {
		snprintf(peer, sizeof peer, "%s:%d", to->host, to->base);
		(void)served_silent(peer, o->aggregator, o->race, err);
	} else if (rc == 0) {
		*store = answer.rules_reply.store;
		rc = instant_zone(answer.rules_reply.rules->timezone, err);
	}
	if (rc == 0 && rules != NULL)
		*rules = rules_copy(answer.rules_reply.rules);
	ask_free(a);
	return rc;
}

int
reach(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct err *err)
{
	return ask_rules(o, to, store, NULL, err);
}

int
reach_rules(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct race_rules **rules, struct err *err)
{
	return ask_rules(o, to, store, rules, err);
}

int
reach_check(const struct verb_options *o, const char *peer, uint64_t store,
    const char *title, struct err *err)
{
	uint64_t ours;
	char *own;
	int rc;

	if (verb_aggregator_named(o) || o->race == NULL ||
	    (past_store(&ours, o->race, err) == 0 && ours == store))
		return 0;
	own = served_title(o->race);
	rc = served_check(peer, title, own, err);
	free(own);
	return rc;
}

/* An endpoint on this machine that outlived its aggregator: whoever serves the
 * folder from here has the lock of its race.db. */
static bool
is_orphan(const char *race)
{
	struct endpoint e;
	char *path;
	bool locked;

	if (endpoint_find(&e, NULL, race, NULL) < 0 || !endpoint_loopback(&e))
		return false;
	path = xasprintf("%s/race.db.lock", race);
	locked = files_locked(path);
	free(path);
	return !locked;
}

bool
reach_first(const struct verb_options *o)
{
	if (o->offline)
		return false;
	if (verb_aggregator_named(o) || o->race == NULL)
		return true;
	return endpoint_there(o->race) && !is_orphan(o->race);
}
