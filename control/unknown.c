/* palmares unknown: the bibs, chips and points of crossings that nobody has. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/csv.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/ask_zmq.h"
#include "control/json.h"
#include "control/offline.h"
#include "control/reach.h"
#include "control/table.h"
#include "control/verb.h"
#include "race/export.h"

/* All pages together. */
struct list {
	struct race_unknown *items;
	size_t count;
	size_t cap;
	char **texts; /* that the items point to */
	size_t text_count;
	size_t text_cap;
};

static const char *
keep(struct list *l, const char *text)
{
	l->texts =
	    xgrow(l->texts, &l->text_cap, l->text_count, sizeof *l->texts);
	l->texts[l->text_count] = xstrdup(text);
	return l->texts[l->text_count++];
}

static void
append(struct list *l, const struct race_unknown *u)
{
	struct race_unknown *to;

	l->items = xgrow(l->items, &l->cap, l->count, sizeof *l->items);
	to = &l->items[l->count++];
	*to = *u;
	to->text = keep(l, u->text);
	to->point = keep(l, u->point);
}

static void
clear(struct list *l)
{
	while (l->text_count > 0)
		free(l->texts[--l->text_count]);
	free(l->texts);
	free(l->items);
}

/* ---- where they come from ---- */

static int
ask_pages(struct ask *a, struct list *l, struct err *err)
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
			append(l, &answer.unknown_reply.unknown[i]);
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
from_aggregator(const struct verb_options *o, struct list *l, struct err *err)
{
	struct endpoint to;
	uint64_t store;
	uint64_t ours;
	struct ask *a;
	int rc = reach(o, &to, &store, err);

	if (rc < 0)
		return rc;
	if (!verb_aggregator_named(o) && o->race != NULL &&
	    offline_store(&ours, o->race, err) == 0 && ours != store)
		return err_set(err, -ESTALE,
		    "the aggregator at %s:%d holds another race", to.host,
		    to.base);
	rc = ask_new(&a, &to, ENDPOINT_CONTROL, err);
	if (rc < 0)
		return rc;
	rc = ask_pages(a, l, err);
	ask_free(a);
	return rc;
}

static int
from_store(const struct verb_options *o, struct list *l, struct err *err)
{
	struct race_unknown *found;
	struct book *b;
	int rc = offline_book(&b, o->race, err);
	size_t count;

	if (rc < 0)
		return rc;
	count = rank_unknowns(b->rank, &found);
	for (size_t i = 0; i < count; i++)
		append(l, &found[i]);
	free(found);
	book_free(b);
	return 0;
}

static int
load(const struct verb_options *o, struct list *l, struct err *err)
{
	int rc;

	if (!reach_first(o))
		return from_store(o, l, err);
	rc = from_aggregator(o, l, err);
	if (rc >= 0 || verb_aggregator_named(o) || o->race == NULL)
		return rc;
	log_info("%s; reading race.db", err->text);
	return from_store(o, l, err);
}

/* ---- how they are printed ---- */

static void
print_csv(const struct list *l)
{
	puts("kind,text,reads,first,last,point");
	for (size_t i = 0; i < l->count; i++) {
		const struct race_unknown *u = &l->items[i];
		char text[2 * RACE_NAME_MAX + 3];
		char point[2 * RACE_NAME_MAX + 3];
		char first[40];
		char last[40];

		csv_quote(text, sizeof text, u->text);
		csv_quote(point, sizeof point, u->point);
		printf("%s,%s,%" PRIu64 ",%s,%s,%s\n",
		    json_unknown_kind(u->kind), text, u->reads,
		    instant_format(first, u->first_us),
		    instant_format(last, u->last_us), point);
	}
}

static void
print_text(const struct list *l)
{
	static const struct table_column columns[] = {
		{ "kind", false },
		{ "text", false },
		{ "reads", true },
		{ "first", false },
		{ "last", false },
		{ "point", false },
	};
	enum { COLUMNS = sizeof columns / sizeof columns[0] };
	char **cells = xcalloc(l->count * COLUMNS + 1, sizeof *cells);
	size_t k = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct race_unknown *u = &l->items[i];
		char clock[16];

		cells[k++] = xstrdup(json_unknown_kind(u->kind));
		cells[k++] = xstrdup(u->text);
		cells[k++] = xasprintf("%" PRIu64, u->reads);
		cells[k++] = xstrdup(instant_clock(clock, u->first_us));
		cells[k++] = xstrdup(instant_clock(clock, u->last_us));
		cells[k++] = xstrdup(u->point);
	}
	if (l->count == 0)
		puts("every crossing belongs to somebody");
	else
		table_print(stdout, columns, COLUMNS,
		    (const char *const *)cells, l->count);
	while (k > 0)
		free(cells[--k]);
	free(cells);
}

static int
print(const struct list *l, enum export_format format)
{
	switch (format) {
	case EXPORT_CSV:
		print_csv(l);
		return 0;
	case EXPORT_TEXT:
		print_text(l);
		return 0;
	case EXPORT_JSON:
		return json_unknown(stdout, l->items, l->count);
	}
	return 0;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct list l = { 0 };
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
	if (print(&l, (enum export_format)format) < 0)
		log_fatal(1, "cannot write the result");
	clear(&l);
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
