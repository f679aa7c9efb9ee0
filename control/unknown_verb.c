/* palmares unknown: the bibs, chips and points of crossings that nobody has. */
#include <errno.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/log.h"
#include "control/reach.h"
#include "control/unknown.h"
#include "control/verb.h"
#include "race/ask_zmq.h"
#include "race/export.h"
#include "race/fetch.h"
#include "race/past.h"

/* How long a roster may take to begin to come: the list is there already. */
#define PATIENCE_US INT64_C(3000000)

/* ---- where they come from ---- */

static int
ask_pages(struct ask *a, struct unknown_list *l, struct err *err)
{
	struct message question = { .type = MESSAGE_UNKNOWN_REQUEST };
	struct message answer;
	uint32_t next = 0;

	do {
		question.unknown_request.request = 1;
		question.unknown_request.first = next;
		int rc = ask(a, &question, MESSAGE_UNKNOWN_REPLY, &answer, err);
		if (rc < 0)
			return rc;
		for (size_t i = 0; i < answer.unknown_reply.count; i++)
			unknown_append(l, &answer.unknown_reply.unknown[i]);
		/* Pages that do not advance would never end. */
		if (answer.unknown_reply.next != 0 &&
		    answer.unknown_reply.next <= next)
			return err_set(err, -EPROTO,
			    "the aggregator's pages go round in circles");
		next = answer.unknown_reply.next;
	} while (next != 0);
	return 0;
}

static int
seek(void *arg, const struct roster *roster)
{
	unknown_seek(arg, roster);
	return 0;
}

/* Without it the list is as true, only less helpful. */
static void
ask_roster(const struct verb_options *o, uint64_t store, struct unknown_list *l)
{
	struct fetch_job fetch = {
		.aggregator = o->aggregator,
		.race = o->race,
		.store = store,
		.patience_us = PATIENCE_US,
	};
	struct err err;

	if (unknown_has_names(l) && fetch_roster(&fetch, seek, l, &err) < 0)
		log_warnx("%s: who may be meant cannot be told", err.text);
}

static int
from_aggregator(const struct verb_options *o, struct unknown_list *l,
    struct err *err)
{
	struct endpoint to;
	uint64_t store;
	uint64_t ours;
	struct ask *a;
	int rc = reach(o, &to, &store, err);

	if (rc < 0)
		return rc;
	if (!verb_aggregator_named(o) && o->race != NULL &&
	    past_store(&ours, o->race, err) == 0 && ours != store)
		return err_set(err, -ESTALE,
		    "the aggregator at %s:%d holds another race", to.host,
		    to.base);
	rc = ask_new(&a, &to, ENDPOINT_CONTROL, err);
	if (rc < 0)
		return rc;
	rc = ask_pages(a, l, err);
	ask_free(a);
	if (rc == 0)
		ask_roster(o, store, l);
	return rc;
}

static int
from_store(const struct verb_options *o, struct unknown_list *l,
    struct err *err)
{
	const struct verb_options local = { .race = o->race, .offline = true };
	struct race_unknown *found;
	struct past past;
	int rc = verb_load(&local, &past, NULL, NULL, err);
	size_t count;

	if (rc < 0)
		return rc;
	count = rank_unknowns(past.book->rank, &found);
	for (size_t i = 0; i < count; i++)
		unknown_append(l, &found[i]);
	free(found);
	unknown_seek(l, past.book->roster);
	past_clear(&past);
	return 0;
}

static int
load(const struct verb_options *o, struct unknown_list *l, struct err *err)
{
	int rc;

	if (!reach_first(o))
		return from_store(o, l, err);
	rc = from_aggregator(o, l, err);
	if (rc >= 0 || verb_aggregator_named(o) || o->race == NULL)
		return rc;
	log_info("%s; reading race.db", err->text);
	unknown_clear(l); /* of the pages that came */
	return from_store(o, l, err);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct unknown_list l = { 0 };
	struct err err;
	int format;

	verb_options(v, argc, argv, &o);
	if (o.rest_count > 0)
		cli_usage(v->program, "%s: no such argument", o.rest[0]);
	format = export_format(o.format != NULL ? o.format : "text");
	if (format < 0)
		cli_usage(v->program, "--format %s: text, csv or json",
		    o.format);
	if (o.offline && o.race == NULL)
		cli_usage(v->program,
		    "--offline: of which race folder? Use "
		    "--race DIR or PALMARES_RACE");
	if (load(&o, &l, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (unknown_print(stdout, &l, (enum export_format)format) < 0)
		log_fatal(1, "cannot write the result");
	unknown_clear(&l);
	return 0;
}

const struct verb verb_unknown = {
	.name = "unknown",
	.program = "palmares unknown",
	.summary = "Lists bibs, chips and points of crossings that nobody has",
	.usage = "[OPTION]...",
	.options = "  --race DIR                the race folder "
	           "(or PALMARES_RACE)\n"
	           "  --aggregator HOST[:BASE]  whom to ask "
	           "(or PALMARES_AGGREGATOR)\n"
	           "  --format text|csv|json    default text\n"
	           "  --offline                 read race.db, ask nobody\n",
	.accepts = "rafl",
	.run = run,
};
