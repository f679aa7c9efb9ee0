/* All problems, in order, and what is set aside. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "control/problem_print.h"
#include "control/prose.h"
#include "control/shell.h"

enum { INDENT = 2, HANG = 4, COMMAND = 6 };

struct list {
	FILE *out;
	const struct problem_words *w;
	const struct problems *all;
	uint64_t *aside; /* of each: the number of the decision, 0: none */
	size_t aside_count;
};

static size_t
count_of(const struct list *l, enum problem_gravity gravity)
{
	size_t n = 0;

	for (size_t i = 0; i < l->all->count; i++)
		n += l->aside[i] == 0 &&
		    problem_gravity(l->all->items[i].kind) == gravity;
	return n;
}

static void
put_summary(const struct list *l, bool everything)
{
	size_t count = l->all->count - l->aside_count;
	const char *comma = ": ";

	if (count == 0)
		fputs("no problems", l->out);
	else
		fprintf(l->out, "%zu problem%s", count, count == 1 ? "" : "s");
	for (enum problem_gravity g = PROBLEM_WRONG; g <= PROBLEM_NOTE; g++) {
		size_t n = count_of(l, g);

		if (n == 0)
			continue;
		fprintf(l->out, "%s%zu %s%s", comma, n, problem_gravity_name(g),
		    g == PROBLEM_NOTE && n > 1 ? "s" : "");
		comma = ", ";
	}
	if (l->aside_count > 0)
		fprintf(l->out, "; %zu set aside%s", l->aside_count,
		    everything ? "" : " (--all shows them)");
	putc('\n', l->out);
}

/* With its key behind, as the shell takes it: "... [pace:12]". */
static void
put_words(const struct list *l, const struct problem *p)
{
	char *words = problem_tell(l->w, p);
	char *key = problem_key(l->w, p);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	fprintf(out, "%s [", words);
	shell_word(out, key);
	fputs("]", out);
	fclose(out);
	prose_put(l->out, INDENT, "-", HANG, text);
	free(text);
	free(key);
	free(words);
}

static void
put_problem(const struct list *l, const struct problem *p)
{
	char *what = problem_command(l->w, p);

	put_words(l, p);
	if (what[0] != '\0')
		fprintf(l->out, "%*s%s\n", COMMAND, "", what);
	free(what);
}

static void
put_aside(const struct list *l, const struct problem *p, uint64_t number)
{
	const struct story *story = l->w->story;
	struct rulings_item item;
	const char *reason;
	char *why;

	rulings_at(story->rulings, number - 1, &item);
	reason = story_reason(item.event);
	why = xasprintf("by %s%s%s", story_by(story, item.id, item.event),
	    reason[0] != '\0' ? ": " : "", reason);
	put_words(l, p);
	prose_put(l->out, COMMAND, "", COMMAND, why);
	fprintf(l->out, "%*spalmares undo %" PRIu64 "\n", COMMAND, "", number);
	free(why);
}

static void
put_list(const struct list *l, bool everything)
{
	static const char *const titles[] = { "Wrong", "Doubtful", "Notes" };
	int last = -1;

	put_summary(l, everything);
	for (size_t i = 0; i < l->all->count; i++) {
		const struct problem *p = &l->all->items[i];
		int g = (int)problem_gravity(p->kind);

		if (l->aside[i] != 0)
			continue;
		if (g != last)
			fprintf(l->out, "\n%s\n", titles[g]);
		last = g;
		put_problem(l, p);
	}
	if (!everything || l->aside_count == 0)
		return;
	fputs("\nSet aside\n", l->out);
	for (size_t i = 0; i < l->all->count; i++)
		if (l->aside[i] != 0)
			put_aside(l, &l->all->items[i], l->aside[i]);
}

int
problem_print(FILE *out, const struct problem_words *w,
    const struct problems *all, bool everything)
{
	struct list l = { .out = out,
		.w = w,
		.all = all,
		.aside = xcalloc(all->count + 1, sizeof *l.aside) };

	for (size_t i = 0; i < all->count; i++) {
		l.aside[i] = problem_aside(w, &all->items[i]);
		l.aside_count += l.aside[i] != 0;
	}
	put_list(&l, everything);
	free(l.aside);
	return ferror(out) ? -EIO : 0;
}
