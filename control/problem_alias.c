/* The line of race.yaml that makes one of teams that probably are one. */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "control/problem_print.h"

struct spellings {
	const char **names;
	size_t count;
	size_t cap;
};

static void
add(struct spellings *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->names[i], name) == 0)
			return;
	s->names = xgrow(s->names, &s->cap, s->count, sizeof *s->names);
	s->names[s->count++] = name;
}

/* Those that race.yaml has already, which the line takes the place of. */
static void
add_written(struct spellings *s, const struct race_rules *rules,
    const char *team)
{
	for (size_t i = 0; i < rules->alias_count; i++)
		if (strcmp(rules->aliases[i].team, team) == 0)
			add(s, rules->aliases[i].spelling);
}

static bool
is_told(const struct problem_words *w, const struct problem *p)
{
	return p->kind == PROBLEM_SAME_TEAM && problem_aside(w, p) == 0;
}

/* What team is spelt otherwise by, if that is told too: its name, or NULL. */
static const char *
spelling_of(const struct problem_words *w, const char *team)
{
	for (size_t i = 0; i < w->all->count; i++) {
		const struct problem *p = &w->all->items[i];

		if (p->kind == PROBLEM_SAME_TEAM &&
		    strcmp(p->other_text, team) == 0 && is_told(w, p))
			return p->text;
	}
	return NULL;
}

/* The team in the end: each is a spelling of one with more people, or of as
 * many with an earlier name, so that there is an end. */
static const char *
root_of(const struct problem_words *w, const char *team)
{
	const char *of = team;

	for (; of != NULL; of = spelling_of(w, of))
		team = of;
	return team;
}

/* What is told to be that name, with what it has already. */
static void
add_told(struct spellings *s, const struct problem_words *w, const char *name)
{
	for (size_t i = 0; i < w->all->count; i++) {
		const struct problem *p = &w->all->items[i];

		if (p->kind != PROBLEM_SAME_TEAM ||
		    strcmp(p->text, name) != 0 || !is_told(w, p))
			continue;
		add(s, p->other_text);
		add_written(s, w->rules, p->other_text);
	}
}

/* And what is told to be that, and so on: race.yaml takes a team once, and no
 * spelling of a spelling. */
static void
add_all_told(struct spellings *s, const struct problem_words *w,
    const char *team)
{
	add_told(s, w, team);
	for (size_t i = 0; i < s->count; i++)
		add_told(s, w, s->names[i]);
}

/* In quotes of YAML: everything can stand in these. */
static void
put(FILE *out, const char *name)
{
	putc('"', out);
	for (; *name != '\0'; name++)
		fprintf(out, *name == '"' || *name == '\\' ? "\\%c" : "%c",
		    *name);
	putc('"', out);
}

char *
problem_alias(const struct problem_words *w, const struct problem *p)
{
	bool told = is_told(w, p);
	const char *team = told ? root_of(w, p->text) : p->text;
	struct spellings s = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	add_written(&s, w->rules, team);
	if (told) {
		add_all_told(&s, w, team);
	} else {
		add(&s, p->other_text);
		add_written(&s, w->rules, p->other_text);
	}
	put(out, team);
	fputs(": [", out);
	for (size_t i = 0; i < s.count; i++) {
		if (i > 0)
			fputs(", ", out);
		put(out, s.names[i]);
	}
	putc(']', out);
	fclose(out);
	free(s.names);
	return text;
}
