#include "control/season_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "race/shelf.h"

/* What a season is made of, while it is read. */
struct loading {
	struct shelf *shelf;
	struct progress progress;
};

static void
say_problem(void *arg, const char *dir, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s%s%s\n", dir, dir[0] != '\0' ? "/" : "", line);
}

static int
show_progress(void *arg, uint64_t done, uint64_t all)
{
	struct loading *l = arg;

	progress_show(&l->progress, "reading race.db", done, all);
	return 0;
}

static int
book_of(void *arg, const char *race, struct book **out, struct err *err)
{
	struct loading *l = arg;
	int rc;

	progress_begin(&l->progress);
	rc = shelf_book(l->shelf, race, out, err);
	progress_end(&l->progress);
	return rc;
}

/* Every race is read as it stands in its file. */
static const struct race_rules *
ours(void *arg, const char *race)
{
	(void)arg;
	(void)race;
	return NULL;
}

static void
no_matter(void *arg, const char *dir)
{
	(void)arg;
	(void)dir;
}

int
season_load(const struct season_source *from, struct gather *out,
    struct err *err)
{
	static const struct gather_ops ops = { book_of, ours, no_matter,
		say_problem };
	struct loading l = { 0 };
	int rc;

	l.shelf = shelf_new(show_progress, &l);
	rc = gather_read(out, from, &ops, &l, err);
	shelf_free(l.shelf);
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
		fprintf(c->out, "%s: %zu line%s not published yet", c->file,
		    c->lines, c->lines == 1 ? " is" : "s are");
	if (c->lines > 0 && c->dir != NULL)
		fprintf(c->out, ": palmares season %s publish", c->dir);
	if (c->lines > 0)
		fputc('\n', c->out);
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
	if (c.gone == 0)
		return;
	fprintf(out, "%zu line%s published and in no file any more", c.gone,
	    c.gone == 1 ? " is" : "s are");
	if (dir != NULL)
		fprintf(out, ": palmares season %s publish takes %s back", dir,
		    c.gone == 1 ? "it" : "them");
	fputc('\n', out);
}
