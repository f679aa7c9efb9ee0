/* palmares unpack: the race folder that a recording was made in, without what
 * has happened. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "control/entries.h"
#include "control/ground.h"
#include "control/prose.h"
#include "control/rules_diff.h"
#include "control/shell.h"
#include "control/verb.h"
#include "race/conf.h"
#include "race/past.h"
#include "race/rules.h"

struct unpack {
	const char *file;
	const char *dir;
	struct past past;
	/* What entries.csv said, whatever operators made of it. */
	struct roster *entered;
	uint64_t unread; /* of the race folder, by a later version */
	uint64_t commands;
	uint64_t crossings;
};

/* ---- what is in it ---- */

static void
note_own(struct unpack *u, const struct past_event *e)
{
	const struct race_event *event = e->event;

	if (event->kind == RACE_ENTRY)
		roster_put(u->entered, event->made_us, e->id, &event->entry);
	else if (event->kind == RACE_ENTRY_GONE)
		roster_remove(u->entered, event->made_us, e->id,
		    event->entry_gone);
	else if (event->kind == RACE_EVENT_UNKNOWN)
		u->unread++;
}

static void
note(void *arg, const struct past_event *e)
{
	struct unpack *u = arg;

	if (e->id.stream == u->past.store)
		note_own(u, e);
	else if (e->operators)
		u->commands++;
	else
		u->crossings += e->event->kind == RACE_CROSSING;
}

/* In the order of the file; for free(). */
static const struct race_entry **
list_entered(const struct roster *r, size_t *count)
{
	const struct race_entry **list =
	    xcalloc(roster_count(r) + 1, sizeof *list);
	const char *bib;

	*count = 0;
	for (size_t i = 0; i < roster_slots(r); i++) {
		const struct race_entry *e = roster_at(r, i, &bib);

		if (e != NULL)
			list[(*count)++] = e;
	}
	return list;
}

/* ---- the folder ---- */

static char *
rules_text(const struct race_rules *rules)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort(); /* no memory */
	fputs("# By palmares unpack, of a recording: man race.yaml tells what "
	      "each key means.\n",
	    out);
	conf_rules_write(out, rules);
	if (fclose(out) != 0)
		abort();
	return text;
}

static int
write_folder(const struct unpack *u, struct err *err)
{
	char *rules = rules_text(u->past.book->rules);
	size_t count;
	const struct race_entry **list = list_entered(u->entered, &count);
	char *entries = entries_csv(list, count);
	int rc = ground_write(u->dir, rules, entries, err);

	free(entries);
	free(list);
	free(rules);
	return rc;
}

/* ---- whether it says what was recorded ---- */

static bool
check_rules(const struct unpack *u, const struct race_rules *rules)
{
	const struct race_rules *recorded = u->past.book->rules;

	if (rules_equal(recorded, rules))
		return true;
	printf("%s/race.yaml cannot say all of the recorded rules:\n", u->dir);
	if (!rules_diff_print(stdout, recorded, rules))
		puts("  what differs has no key in it");
	return false;
}

static bool
check_entries(const struct unpack *u, const struct conf_roll *roll)
{
	size_t others = roster_count(u->entered) - roll->count;
	const char *first = NULL;

	for (size_t i = 0; i < roll->count; i++) {
		const struct race_entry *e = &roll->entries[i];
		const struct race_entry *recorded =
		    roster_find(u->entered, e->bib);

		if (recorded != NULL && roster_entry_equal(recorded, e))
			continue;
		first = first != NULL ? first : e->bib;
		others++;
	}
	if (others > 0)
		printf("%s/entries.csv cannot say all of %zu entr%s%s%s\n",
		    u->dir, others, others == 1 ? "y" : "ies",
		    first != NULL ? ", the first: bib " : "",
		    first != NULL ? first : "");
	return others == 0;
}

/* As the aggregator will read it. */
static bool
check(const struct unpack *u)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct race_rules *rules = conf_rules(u->dir, &report);
	bool same;

	if (rules == NULL)
		log_fatal(1, "%s/race.yaml: somebody changes it", u->dir);
	(void)conf_entries(u->dir, rules, &roll, &report);
	same = check_rules(u, rules);
	same = check_entries(u, &roll) && same;
	if (u->unread > 0) {
		printf("%" PRIu64 " events of the race folder are of a later "
		       "version, and left out\n",
		    u->unread);
		same = false;
	}
	conf_roll_clear(&roll);
	conf_report_clear(&report);
	rules_free(rules);
	return same;
}

/* ---- what is told ---- */

static void
tell(const struct unpack *u)
{
	const struct race_rules *rules = u->past.book->rules;
	char entered[32];
	char crossings[32];
	char commands[32];

	printf("%s: %s on %s, %s entered\n", u->dir, rules->title, rules->date,
	    number_grouped(entered, roster_count(u->entered)));
	printf("in the recording, for palmares-replay: %s crossings, and %s "
	       "of operators\n\nnext:\n  palmares-aggregator ",
	    number_grouped(crossings, u->crossings),
	    number_grouped(commands, u->commands));
	shell_word(stdout, u->dir);
	fputs("\n  palmares-replay ", stdout);
	shell_word(stdout, u->file);
	fputs(" --race ", stdout);
	shell_word(stdout, u->dir);
	putchar('\n');
}

static int
unpack(struct unpack *u, struct err *err)
{
	const struct past_source from = { .from = u->file };
	bool same;
	int rc = past_load(&from, &u->past, note, u, err);

	if (rc < 0)
		return rc;
	rc = write_folder(u, err);
	if (rc == 0) {
		same = check(u);
		tell(u);
		rc = same ? 0 : 1;
	}
	past_clear(&u->past);
	return rc;
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct unpack u = { .unread = 0 };
	struct verb_options o;
	struct err err;
	int rc;

	verb_options(v, argc, argv, &o);
	if (o.rest_count != 2)
		cli_usage(v->program,
		    "which recording, and into which new folder? Name both");
	u.file = o.rest[0];
	u.dir = o.rest[1];
	if (ground_is_free(u.dir, &err) < 0)
		log_fatal(1, "%s", err.text);
	u.entered = roster_new(0);
	rc = unpack(&u, &err);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	roster_free(u.entered);
	return rc;
}

const struct verb verb_unpack = {
	.name = "unpack",
	.program = "palmares unpack",
	.summary = "Makes the race folder of a recording",
	.usage = "FILE DIR",
	.options =
	    "race.yaml and entries.csv as they were when FILE was recorded, to "
	    "start an\n"
	    "aggregator with and play FILE to it with palmares-replay.  What "
	    "was timed and\n"
	    "decided stays in FILE.  What is there is never overwritten.\n\n",
	.accepts = "",
	.run = run,
};
