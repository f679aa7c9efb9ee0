#include "race/season/chronicle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"
#include "race/season/index.h"
#include "race/season/key.h"
#include "race/season/listed.h"

/* A file of which there are not all parts yet. */
struct opened {
	char *name; /* NULL: none is */
	uint32_t next;
	uint32_t parts;
	char *data;
	size_t len;
	size_t cap;
};

struct given {
	char *season;
	char *competition;
	bool live;
};

struct chronicle {
	struct bundle files;
	struct opened opened;
	struct index keys;          /* lines */
	struct race_listed **lines; /* NULL: it is gone */
	size_t line_count;
	size_t line_cap;
	struct strmap *given_known;
	struct given *given;
	size_t given_count;
	size_t given_cap;
};

struct chronicle *
chronicle_new(void)
{
	struct chronicle *c = xcalloc(1, sizeof *c);

	index_init(&c->keys);
	c->given_known = strmap_new();
	return c;
}

static void
close_part(struct opened *o)
{
	free(o->name);
	free(o->data);
	*o = (struct opened){ .name = NULL };
}

void
chronicle_free(struct chronicle *c)
{
	if (c == NULL)
		return;
	bundle_clear(&c->files);
	close_part(&c->opened);
	for (size_t i = 0; i < c->line_count; i++)
		free(c->lines[i]);
	free(c->lines);
	index_close(&c->keys);
	for (size_t i = 0; i < c->given_count; i++) {
		free(c->given[i].season);
		free(c->given[i].competition);
	}
	free(c->given);
	strmap_free(c->given_known);
	free(c);
}

/* ---- files ---- */

void
chronicle_file(struct chronicle *c, const char *name, char *data, size_t len)
{
	bundle_put(&c->files, name, data, len);
}

const struct bundle *
chronicle_files(const struct chronicle *c)
{
	return &c->files;
}

/* A recorder that was killed begins anew with part 0. */
static bool
follows(const struct opened *o, const struct season_part *p)
{
	return p->part == 0 ||
	    (o->name != NULL && strcmp(o->name, p->name) == 0 &&
	        o->parts == p->parts && o->next == p->part);
}

static int
apply_part(struct chronicle *c, const struct season_part *p, const char **why)
{
	struct opened *o = &c->opened;

	if (!follows(o, p)) {
		*why = "is a part of a file that does not follow the one "
		       "before it";
		return -EINVAL;
	}
	if (p->part == 0) {
		close_part(o);
		o->name = xstrdup(p->name);
		o->parts = p->parts;
	}
	if (o->data == NULL || p->len > o->cap - o->len) {
		o->cap = (o->len + p->len) * 2 + 1;
		o->data = xreallocarray(o->data, o->cap, 1);
	}
	memcpy(o->data + o->len, p->data, p->len);
	o->len += p->len;
	o->next = p->part + 1;
	if (o->next == o->parts) {
		bundle_put(&c->files, o->name, o->data, o->len);
		o->data = NULL;
		close_part(o);
	}
	return 0;
}

/* ---- lines ---- */

static void
set_line(struct chronicle *c, uint64_t key, const struct race_listed *line)
{
	uint32_t i = index_get(&c->keys, key);

	if (i == NONE && line == NULL)
		return;
	if (i == NONE) {
		i = (uint32_t)c->line_count++;
		c->lines =
		    xgrow(c->lines, &c->line_cap, i, sizeof(c->lines[0]));
		c->lines[i] = NULL;
		index_put(&c->keys, key, i);
	}
	free(c->lines[i]);
	c->lines[i] = line != NULL ? listed_copy(line) : NULL;
}

static const struct race_listed *
line_of(const struct chronicle *c, uint64_t key)
{
	uint32_t i = index_get(&c->keys, key);

	return i == NONE ? NULL : c->lines[i];
}

void
chronicle_lines(const struct chronicle *c, chronicle_line_fn fn, void *arg)
{
	for (size_t i = 0; i < c->line_count; i++)
		if (c->lines[i] != NULL)
			fn(arg, c->lines[i]);
}

/* ---- what is as if it ended now ---- */

static char *
given_key(const char *season, const char *competition)
{
	return xasprintf("%s\n%s", season, competition);
}

static bool
is_live(const struct chronicle *c, const struct given *g)
{
	char *key = given_key(g->season, g->competition);
	uint32_t i = strmap_get(c->given_known, key);

	free(key);
	return i != STRMAP_NONE && c->given[i].live;
}

static void
apply_given(struct chronicle *c, const struct season_given *g)
{
	char *key = given_key(g->season, g->competition);
	uint32_t i = strmap_get(c->given_known, key);

	if (i == STRMAP_NONE) {
		i = (uint32_t)c->given_count++;
		c->given = xgrow(c->given, &c->given_cap, i, sizeof *c->given);
		c->given[i] = (struct given){ .season = xstrdup(g->season),
			.competition = xstrdup(g->competition) };
		(void)strmap_put(c->given_known, key, i);
	}
	c->given[i].live = g->live;
	free(key);
}

void
chronicle_live(const struct chronicle *c, chronicle_live_fn fn, void *arg)
{
	for (size_t i = 0; i < c->given_count; i++) {
		const struct given *g = &c->given[i];
		const struct season_given out = { g->season, g->competition,
			true };

		if (g->live)
			fn(arg, &out);
	}
}

/* ---- what is said ---- */

static int
refuse(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

int
chronicle_apply(struct chronicle *c, const struct race_event *e,
    const char **why)
{
	if (e->kind == RACE_SEASON_FILE)
		return apply_part(c, &e->part, why);
	close_part(&c->opened);
	if (e->kind == RACE_SEASON_FILE_GONE) {
		bundle_drop(&c->files, e->file_gone);
	} else if (e->kind == RACE_RESULT) {
		/* A line of a file, which the files say themselves. */
		if (e->listed.key >= KEY_LEAST)
			return refuse(why, "is a line that no race gives");
		set_line(c, e->listed.key, &e->listed);
	} else if (e->kind == RACE_RESULT_GONE) {
		set_line(c, e->result_gone, NULL);
	} else if (e->kind == RACE_SEASON_GIVEN) {
		apply_given(c, &e->given);
	} else if (e->kind == RACE_EVENT_UNKNOWN) {
		return refuse(why,
		    "is of a later version of Palmarès: use that one");
	} else if (e->kind != RACE_SEASON_MOMENT) {
		return refuse(why, "is not what records a season");
	}
	return 0;
}

/* ---- what is other ---- */

void
chronicle_part(struct season_part *out, uint32_t i, const char *data,
    size_t len)
{
	size_t from = (size_t)i * SEASON_PART_MAX;
	size_t left = len - from;

	out->part = i;
	/* An empty file has a part, too. */
	out->parts = len == 0
	    ? 1
	    : (uint32_t)((len + SEASON_PART_MAX - 1) / SEASON_PART_MAX);
	out->data = (const uint8_t *)data + from;
	out->len = left < SEASON_PART_MAX ? left : SEASON_PART_MAX;
}

struct differing {
	chronicle_event_fn fn;
	void *arg;
};

static int
say(const struct differing *d, const struct race_event *e)
{
	return d->fn(d->arg, e);
}

static int
say_file(const struct differing *d, const struct bundle_file *f)
{
	struct race_event e = { .kind = RACE_SEASON_FILE };
	uint32_t i = 0;
	int rc;

	e.part.name = f->name;
	do {
		chronicle_part(&e.part, i, f->data, f->len);
		rc = say(d, &e);
	} while (rc == 0 && ++i < e.part.parts);
	return rc;
}

static bool
same_file(const struct bundle_file *a, const struct bundle_file *b)
{
	return a != NULL && b != NULL && a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static int
differ_files(const struct bundle *was, const struct bundle *now,
    const struct differing *d)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < was->count; i++) {
		const char *name = was->files[i].name;
		struct race_event gone = { .kind = RACE_SEASON_FILE_GONE,
			.file_gone = name };

		if (bundle_find(now, name) == NULL)
			rc = say(d, &gone);
	}
	for (size_t i = 0; rc == 0 && i < now->count; i++) {
		const struct bundle_file *f = &now->files[i];

		if (!same_file(bundle_find(was, f->name), f))
			rc = say_file(d, f);
	}
	return rc;
}

static int
differ_lines(const struct chronicle *was, const struct chronicle *now,
    const struct differing *d)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < was->line_count; i++) {
		const struct race_listed *l = was->lines[i];
		struct race_event gone = { .kind = RACE_RESULT_GONE };

		if (l == NULL || line_of(now, l->key) != NULL)
			continue;
		gone.result_gone = l->key;
		rc = say(d, &gone);
	}
	for (size_t i = 0; rc == 0 && i < now->line_count; i++) {
		const struct race_listed *l = now->lines[i];
		const struct race_listed *old =
		    l != NULL ? line_of(was, l->key) : NULL;

		if (l != NULL &&
		    (old == NULL || !listed_same(&old->result, &l->result)))
			rc = say(d,
			    &(struct race_event){ .kind = RACE_RESULT,
			        .listed = *l });
	}
	return rc;
}

static int
differ_live(const struct chronicle *from, const struct chronicle *beside,
    bool live, const struct differing *d)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < from->given_count; i++) {
		const struct given *g = &from->given[i];
		struct race_event e = { .kind = RACE_SEASON_GIVEN,
			.given = { g->season, g->competition, live } };

		if (g->live && !is_live(beside, g))
			rc = say(d, &e);
	}
	return rc;
}

int
chronicle_differ(const struct chronicle *c, const struct chronicle *now,
    chronicle_event_fn fn, void *arg)
{
	const struct differing d = { fn, arg };
	int rc = differ_files(&c->files, &now->files, &d);

	if (rc == 0)
		rc = differ_lines(c, now, &d);
	if (rc == 0)
		rc = differ_live(c, now, false, &d);
	return rc < 0 ? rc : differ_live(now, c, true, &d);
}
