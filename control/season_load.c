#include "control/season_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "control/past.h"

/* The races that a season takes its results from, while it is read. */
struct pasts {
	struct past *list;
	size_t count;
	size_t cap;
};

static void
say_problem(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

/* A race folder without anything timed yet is a competition to come. */
static int
find_race(const char *race, struct err *err)
{
	char *rules = xasprintf("%s/race.yaml", race);
	char *db = xasprintf("%s/race.db", race);
	int rc = access(db, F_OK) == 0 ? 1 : 0;

	if (access(rules, R_OK) != 0)
		rc = err_set(err, -EINVAL, "%s: %s", rules, strerror(errno));
	free(db);
	free(rules);
	return rc;
}

static int
book_of(void *arg, const char *race, struct book **out, struct err *err)
{
	struct pasts *p = arg;
	struct verb_options o = { .race = race };
	struct past past;
	int rc = find_race(race, err);

	*out = NULL;
	if (rc <= 0)
		return rc;
	rc = past_load(&o, &past, NULL, NULL, err);
	if (rc < 0)
		return err_wrap(err, rc, "%s", race);
	p->list = xgrow(p->list, &p->cap, p->count, sizeof *p->list);
	p->list[p->count++] = past;
	*out = past.book;
	return 0;
}

int
season_load(const char *dir, struct gather *out, struct err *err)
{
	static const struct gather_ops ops = { book_of, say_problem };
	struct pasts pasts = { 0 };
	int rc = gather_read(out, dir, &ops, &pasts, err);

	for (size_t i = 0; i < pasts.count; i++)
		past_clear(&pasts.list[i]);
	free(pasts.list);
	return rc;
}

/* ---- the files, beside what is published ---- */

static bool
same_more(const struct race_listed *a, const struct race_listed *b)
{
	if (a->more_count != b->more_count)
		return false;
	for (size_t i = 0; i < a->more_count; i++)
		if (strcmp(a->more[i].name, b->more[i].name) != 0 ||
		    strcmp(a->more[i].value, b->more[i].value) != 0)
			return false;
	return true;
}

/* What names the line is the same: it has one key. */
static bool
same_line(const struct race_listed *a, const struct race_listed *b)
{
	const struct season_result *x = &a->result;
	const struct season_result *y = &b->result;

	return x->place == y->place && strcmp(x->sex, y->sex) == 0 &&
	    strcmp(x->category, y->category) == 0 &&
	    strcmp(x->date, y->date) == 0 && x->status == y->status &&
	    x->time_us == y->time_us && x->points == y->points &&
	    strcmp(x->note, y->note) == 0 && same_more(a, b);
}

struct walk {
	const struct gather *g;
	season_difference_fn fn;
	void *arg;
};

static void
check_published(void *arg, const struct race_listed *line)
{
	const struct walk *w = arg;
	struct season_difference d = { NULL, line };

	if (season_folder_line(&w->g->folder, line->key) == NULL)
		w->fn(w->arg, &d);
}

void
season_differences(const struct gather *g, season_difference_fn fn, void *arg)
{
	struct walk w = { g, fn, arg };

	for (size_t i = 0; i < g->folder.listed_count; i++) {
		const struct season_listed *l = &g->folder.listed[i];
		struct season_difference d = { l,
			ledger_line(g->ledger, l->what.key) };

		if (d.published == NULL || !same_line(d.published, &l->what))
			fn(arg, &d);
	}
	ledger_lines(g->ledger, check_published, &w);
}

/* The files come one after the other. */
struct counting {
	FILE *out;
	const char *dir;
	const char *file;
	size_t lines;
	size_t gone;
};

static void
tell_file(struct counting *c)
{
	if (c->lines > 0)
		fprintf(c->out,
		    "%s: %zu line%s not published yet: palmares season %s "
		    "publish\n",
		    c->file, c->lines, c->lines == 1 ? " is" : "s are", c->dir);
	c->lines = 0;
}

static void
count_difference(void *arg, const struct season_difference *d)
{
	struct counting *c = arg;

	if (d->file == NULL) {
		c->gone++;
		return;
	}
	if (c->file != NULL && strcmp(c->file, d->file->file) != 0)
		tell_file(c);
	c->file = d->file->file;
	c->lines++;
}

void
season_load_tell(FILE *out, const struct gather *g, const char *dir)
{
	struct counting c = { .out = out, .dir = dir };

	if (!g->published)
		return;
	season_differences(g, count_difference, &c);
	tell_file(&c);
	if (c.gone > 0)
		fprintf(out,
		    "%zu line%s published and in no file any more: palmares "
		    "season %s publish takes %s back\n",
		    c.gone, c.gone == 1 ? " is" : "s are", dir,
		    c.gone == 1 ? "it" : "them");
}
