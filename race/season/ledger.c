#include "race/season/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"
#include "race/rank/journal.h"
#include "race/season/index.h"
#include "race/season/listed.h"

/* Of names that go under names: nobody is renamed as often. */
enum { CHAIN_MAX = 64 };

/* What one publication says of one line. */
struct version {
	uint32_t line;
	uint32_t publication;
	uint32_t next; /* of the publication */
	uint64_t seq;
	struct race_listed *what; /* NULL: it is gone */
};

struct line {
	uint64_t key;
	uint32_t *versions;
	size_t count;
	size_t cap;
	uint32_t told; /* the version that the season has, or NONE */
	bool queued;
};

struct publication {
	struct race_id id; /* seq 0: it has not come, its lines have */
	int64_t made_us;
	bool holds;
	uint32_t first; /* version */
};

/* What is written so, by somebody of that team. */
struct named {
	char *written;
	char *team;
	char *alias;         /* of the files, NULL: none */
	const char *decided; /* NULL: nobody did, "": is itself */
	char *told;          /* NULL: nothing */
};

struct ledger {
	struct season *season;
	struct rulings *rulings;
	struct index keys; /* lines */
	struct line *lines;
	size_t line_count;
	size_t line_cap;
	struct version *versions;
	size_t version_count;
	size_t version_cap;
	struct publication *publications;
	size_t publication_count;
	size_t publication_cap;
	struct journal *published; /* publications + 1, by their names */
	struct index open;         /* that are not complete, by stream */
	size_t holding;
	uint32_t *queue; /* lines to look at */
	size_t queue_count;
	size_t queue_cap;
	struct strmap *names_known;
	struct named *names;
	size_t name_count;
	size_t name_cap;
	bool renamed;
};

/* ---- lines ---- */

static void
queue_line(struct ledger *l, uint32_t i)
{
	if (l->lines[i].queued)
		return;
	l->lines[i].queued = true;
	l->queue =
	    xgrow(l->queue, &l->queue_cap, l->queue_count, sizeof *l->queue);
	l->queue[l->queue_count++] = i;
}

static uint32_t
line_of(struct ledger *l, uint64_t key)
{
	uint32_t i = index_get(&l->keys, key);

	if (i != NONE)
		return i;
	i = (uint32_t)l->line_count++;
	l->lines = xgrow(l->lines, &l->line_cap, i, sizeof *l->lines);
	l->lines[i] = (struct line){ .key = key, .told = NONE };
	index_put(&l->keys, key, i);
	return i;
}

/* Of publications that hold the latest, as all that is decided; in one the
 * last word. */
static bool
is_later(const struct ledger *l, const struct version *a,
    const struct version *b)
{
	const struct publication *x = &l->publications[a->publication];
	const struct publication *y = &l->publications[b->publication];

	if (x->made_us != y->made_us)
		return x->made_us > y->made_us;
	if (x->id.stream != y->id.stream)
		return x->id.stream > y->id.stream;
	if (x->id.seq != y->id.seq)
		return x->id.seq > y->id.seq;
	return a->seq > b->seq;
}

static uint32_t
version_that_holds(const struct ledger *l, const struct line *line)
{
	uint32_t best = NONE;

	for (size_t i = 0; i < line->count; i++) {
		uint32_t v = line->versions[i];

		if (l->publications[l->versions[v].publication].holds &&
		    (best == NONE ||
		        is_later(l, &l->versions[v], &l->versions[best])))
			best = v;
	}
	return best;
}

static const struct race_listed *
what_is(const struct ledger *l, uint32_t version)
{
	return version == NONE ? NULL : l->versions[version].what;
}

static void
settle_line(struct ledger *l, struct line *line)
{
	uint32_t now = version_that_holds(l, line);
	const struct race_listed *what = what_is(l, now);
	const struct race_listed *was = what_is(l, line->told);

	line->queued = false;
	line->told = now;
	if (what == was)
		return;
	if (what != NULL)
		season_put(l->season, line->key, &what->result);
	else
		season_drop(l->season, line->key);
}

/* ---- publications ---- */

static uint32_t
add_publication(struct ledger *l)
{
	uint32_t i = (uint32_t)l->publication_count++;

	l->publications = xgrow(l->publications, &l->publication_cap, i,
	    sizeof *l->publications);
	l->publications[i] = (struct publication){ .first = NONE };
	return i;
}

/* The one that the lines of this stream wait for. */
static uint32_t
open_publication(struct ledger *l, uint64_t stream)
{
	uint32_t i = index_get(&l->open, stream);

	if (i == NONE) {
		i = add_publication(l);
		index_put(&l->open, stream, i);
	}
	return i;
}

static void
add_version(struct ledger *l, struct race_id id, uint64_t key,
    struct race_listed *what)
{
	uint32_t p = open_publication(l, id.stream);
	uint32_t line = line_of(l, key);
	struct line *of = &l->lines[line];
	uint32_t i = (uint32_t)l->version_count++;

	l->versions =
	    xgrow(l->versions, &l->version_cap, i, sizeof *l->versions);
	l->versions[i] = (struct version){ .line = line,
		.publication = p,
		.next = l->publications[p].first,
		.seq = id.seq,
		.what = what };
	l->publications[p].first = i;
	of->versions =
	    xgrow(of->versions, &of->cap, of->count, sizeof *of->versions);
	of->versions[of->count++] = i;
}

static void
close_publication(struct ledger *l, struct race_id id, int64_t made_us)
{
	uint32_t i = index_get(&l->open, id.stream);

	if (i == NONE)
		i = add_publication(l);
	else
		index_drop(&l->open, id.stream);
	l->publications[i].id = id;
	l->publications[i].made_us = made_us;
	*journal_at(l->published, id) = i + 1;
}

static void
turn_publication(struct ledger *l, struct race_id id, bool holds)
{
	struct publication *p =
	    &l->publications[*journal_at(l->published, id) - 1];

	p->holds = holds;
	l->holding += holds ? 1 : SIZE_MAX;
	for (uint32_t v = p->first; v != NONE; v = l->versions[v].next)
		queue_line(l, l->versions[v].line);
}

/* ---- names ---- */

static uint32_t
find_name(const struct ledger *l, const char *written, const char *team)
{
	char *key = xasprintf("%zu %s %s", strlen(written), written, team);
	uint32_t i = strmap_get(l->names_known, key);

	free(key);
	return i;
}

static struct named *
name_slot(struct ledger *l, const char *written, const char *team)
{
	uint32_t i = find_name(l, written, team);
	char *key;

	if (i != STRMAP_NONE)
		return &l->names[i];
	i = (uint32_t)l->name_count++;
	l->names = xgrow(l->names, &l->name_cap, i, sizeof *l->names);
	l->names[i] = (struct named){ .written = xstrdup(written),
		.team = xstrdup(team) };
	key = xasprintf("%zu %s %s", strlen(written), written, team);
	(void)strmap_put(l->names_known, key, i);
	free(key);
	return &l->names[i];
}

static const char *
said_of(const struct named *n)
{
	if (n->decided == NULL)
		return n->alias;
	return n->decided[0] != '\0' ? n->decided : n->written;
}

/* A step on, as the season looks names up: the team's own first. */
static const char *
goes_under(const struct ledger *l, const char *written, const char *team)
{
	uint32_t i = find_name(l, written, team);
	const char *to = i != STRMAP_NONE ? said_of(&l->names[i]) : NULL;

	if (to == NULL && team[0] != '\0')
		return goes_under(l, written, "");
	return to;
}

/* Who is merged into somebody that is merged himself goes with him; where
 * decisions lead in a circle, it ends before it closes. */
static const char *
resolve(const struct ledger *l, const struct named *n)
{
	const char *seen[CHAIN_MAX] = { n->written };
	const char *at = said_of(n);
	size_t count = 1;

	while (at != NULL && count < CHAIN_MAX) {
		const char *next = goes_under(l, at, n->team);

		seen[count++] = at;
		for (size_t i = 0; next != NULL && i < count; i++)
			if (strcmp(seen[i], next) == 0)
				next = NULL;
		if (next == NULL)
			break;
		at = next;
	}
	return at;
}

static void
settle_name(struct ledger *l, struct named *n)
{
	const char *now = resolve(l, n);

	if (n->told == NULL ? now == NULL
	                    : now != NULL && strcmp(now, n->told) == 0)
		return;
	season_name(l->season, n->written, n->team, now);
	free(n->told);
	n->told = now != NULL ? xstrdup(now) : NULL;
}

/* ---- what is decided ---- */

static void
decide_name(struct ledger *l, const struct race_decision *d, bool holds)
{
	const struct race_matter *m = d->matter;
	struct named *n = name_slot(l, d->text, m != NULL ? m->team : "");

	n->decided = NULL;
	if (holds)
		n->decided = m != NULL ? m->subject : "";
	l->renamed = true;
}

/* Called by the rulings. */
static void
on_season(void *arg, struct race_id id, const struct race_event *e, bool holds)
{
	struct ledger *l = arg;
	const struct race_decision *d = e->decision;
	const struct race_matter *m = d->matter;

	if (d->verb == RACE_NAME)
		decide_name(l, d, holds);
	else if (d->verb == RACE_VOID_COMPETITION)
		season_void(l->season, m->season, m->competition, holds);
	else if (d->verb == RACE_DECIDE_TIE)
		season_decide(l->season, m->season, m->table, d->text,
		    m->subject, holds ? d->reason : NULL);
	else
		turn_publication(l, id, holds);
}

/* ---- the doors ---- */

struct ledger *
ledger_new(struct season *s)
{
	static const struct rulings_ops ops = { .season = on_season };
	struct ledger *l = xcalloc(1, sizeof *l);

	l->season = s;
	l->rulings = rulings_new(&ops, l, "");
	index_init(&l->keys);
	index_init(&l->open);
	l->published = journal_new();
	l->names_known = strmap_new();
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->line_count; i++)
		free(l->lines[i].versions);
	for (size_t i = 0; i < l->version_count; i++)
		free(l->versions[i].what);
	for (size_t i = 0; i < l->name_count; i++) {
		free(l->names[i].written);
		free(l->names[i].team);
		free(l->names[i].alias);
		free(l->names[i].told);
	}
	free(l->lines);
	free(l->versions);
	free(l->names);
	free(l->publications);
	free(l->queue);
	index_close(&l->keys);
	index_close(&l->open);
	journal_free(l->published);
	strmap_free(l->names_known);
	rulings_free(l->rulings);
	free(l);
}

void
ledger_alias(struct ledger *l, const char *written, const char *team,
    const char *subject)
{
	struct named *n = name_slot(l, written, team);

	free(n->alias);
	n->alias = xstrdup(subject);
	l->renamed = true;
}

int
ledger_apply(struct ledger *l, struct race_id id, const struct race_event *e)
{
	if (e->kind == RACE_RESULT)
		add_version(l, id, e->listed.key, listed_copy(&e->listed));
	else if (e->kind == RACE_RESULT_GONE)
		add_version(l, id, e->result_gone, NULL);
	else if (e->kind == RACE_DECISION || e->kind == RACE_AWARD ||
	    e->kind == RACE_GUN) {
		if (e->kind == RACE_DECISION &&
		    e->decision->verb == RACE_PUBLISH_LIST &&
		    *journal_at(l->published, id) == 0)
			close_publication(l, id, e->made_us);
		return rulings_apply(l->rulings, id, e);
	}
	return 0;
}

void
ledger_settle(struct ledger *l)
{
	for (size_t i = 0; l->renamed && i < l->name_count; i++)
		settle_name(l, &l->names[i]);
	l->renamed = false;
	for (size_t i = 0; i < l->queue_count; i++)
		settle_line(l, &l->lines[l->queue[i]]);
	l->queue_count = 0;
}

bool
ledger_published(const struct ledger *l)
{
	return l->holding > 0;
}

const struct race_listed *
ledger_line(const struct ledger *l, uint64_t key)
{
	uint32_t i = index_get(&l->keys, key);

	return i == NONE ? NULL
	                 : what_is(l, version_that_holds(l, &l->lines[i]));
}

void
ledger_lines(const struct ledger *l, ledger_line_fn fn, void *arg)
{
	for (size_t i = 0; i < l->line_count; i++) {
		const struct race_listed *what =
		    what_is(l, version_that_holds(l, &l->lines[i]));

		if (what != NULL)
			fn(arg, what);
	}
}

const struct rulings *
ledger_rulings(const struct ledger *l)
{
	return l->rulings;
}
