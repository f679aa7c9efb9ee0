#include "control/rules_diff.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "control/prose.h"
#include "race/conf.h"
#include "race/rules.h"

/* A line of race.yaml, and under which key it stands. */
struct line {
	const char *section; /* "" for one of its own */
	const char *text;
	size_t key; /* bytes of it that name something */
};

struct lines {
	char *text;
	struct line *list;
	size_t count;
	size_t cap;
};

/* A name in quotes may have colons in it. */
static size_t
key_of(const char *line)
{
	size_t i = 0;

	if (line[0] != '"')
		return strcspn(line, ":");
	for (i = 1; line[i] != '\0' && line[i] != '"'; i++)
		if (line[i] == '\\' && line[i + 1] != '\0')
			i++;
	return i;
}

static void
split(struct lines *l)
{
	const char *section = "";
	char *rest = l->text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		bool inner = line[0] == ' ';

		if (line[0] == '\0')
			continue;
		if (!inner)
			section = line;
		/* What names a section alone says nothing. */
		if (!inner && line[strlen(line) - 1] == ':')
			continue;
		line += strspn(line, " ");
		l->list = xgrow(l->list, &l->cap, l->count, sizeof *l->list);
		l->list[l->count++] =
		    (struct line){ inner ? section : "", line, key_of(line) };
	}
}

static struct lines
lines_of(const struct race_rules *rules)
{
	struct lines l = { .count = 0 };
	size_t len;
	FILE *out = open_memstream(&l.text, &len);

	if (out == NULL)
		abort(); /* no memory */
	conf_rules_write(out, rules);
	if (fclose(out) != 0)
		abort();
	split(&l);
	return l;
}

static void
free_lines(struct lines *l)
{
	free(l->list);
	free(l->text);
}

/* The one of the same name in the same section, or NULL. */
static const struct line *
find(const struct lines *l, const struct line *like)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->list[i].section, like->section) == 0 &&
		    l->list[i].key == like->key &&
		    strncmp(l->list[i].text, like->text, like->key) == 0)
			return &l->list[i];
	return NULL;
}

struct printer {
	FILE *out;
	const char *section; /* the last that was named */
	bool any;
};

static void
print(struct printer *p, const char *sign, const struct line *line)
{
	if (strcmp(p->section, line->section) != 0)
		fprintf(p->out, "  %s\n", line->section);
	p->section = line->section;
	prose_put(p->out, line->section[0] != '\0' ? 4 : 2, sign,
	    line->section[0] != '\0' ? 6 : 4, line->text);
	p->any = true;
}

static void
print_added(struct printer *p, const struct lines *was, const struct lines *is,
    const char *section)
{
	for (size_t i = 0; i < is->count; i++)
		if (strcmp(is->list[i].section, section) == 0 &&
		    find(was, &is->list[i]) == NULL)
			print(p, "+", &is->list[i]);
}

/* The lines of a section, up to where the next begins; what is new in it comes
 * last. */
static size_t
compare_section(struct printer *p, const struct lines *was, size_t from,
    const struct lines *is)
{
	const char *section = was->list[from].section;
	size_t i;

	for (i = from;
	     i < was->count && strcmp(was->list[i].section, section) == 0;
	     i++) {
		const struct line *line = &was->list[i];
		const struct line *other = find(is, line);

		if (other != NULL && strcmp(other->text, line->text) == 0)
			continue;
		print(p, "-", line);
		if (other != NULL)
			print(p, "+", other);
	}
	print_added(p, was, is, section);
	return i;
}

static bool
has_section(const struct lines *l, const char *section)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->list[i].section, section) == 0)
			return true;
	return false;
}

static void
compare(struct printer *p, const struct lines *was, const struct lines *is)
{
	size_t i = 0;

	while (i < was->count)
		i = compare_section(p, was, i, is);
	for (i = 0; i < is->count; i++)
		if (!has_section(was, is->list[i].section))
			print(p, "+", &is->list[i]);
}

bool
rules_diff_print(FILE *out, const struct race_rules *was,
    const struct race_rules *is)
{
	struct printer p = { .out = out, .section = "" };
	struct lines before = lines_of(was);
	struct lines after = lines_of(is);

	compare(&p, &before, &after);
	free_lines(&before);
	free_lines(&after);
	/* Which of two comes first is said by no line. */
	if (!p.any && !rules_equal(was, is)) {
		fputs("  the same lines in another order\n", out);
		p.any = true;
	}
	return p.any;
}
