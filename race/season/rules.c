/*
 * rules - a season's rules: copied, freed, asked.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/season/season.h"

static char *
copy_text(const char *s)
{
	return xstrdup(s != NULL ? s : "");
}

static struct season_points
copy_points(const struct season_points *from)
{
	struct season_points to = *from;

	to.list = xreallocarray(NULL, from->count, sizeof *to.list);
	if (from->count > 0)
		memcpy(to.list, from->list, from->count * sizeof *to.list);
	return to;
}

static char **
copy_texts(char *const *from, size_t count)
{
	char **to = xcalloc(count, sizeof *to);

	for (size_t i = 0; i < count; i++)
		to[i] = copy_text(from[i]);
	return to;
}

static struct season_award *
copy_awards(const struct season_award *from, size_t count)
{
	struct season_award *to = xcalloc(count, sizeof *to);

	for (size_t i = 0; i < count; i++) {
		to[i] = from[i];
		to[i].name = copy_text(from[i].name);
		to[i].competition = copy_text(from[i].competition);
		to[i].points = copy_points(&from[i].points);
	}
	return to;
}

static struct season_tie *
copy_ties(const struct season_tie *from, size_t count)
{
	struct season_tie *to = xcalloc(count, sizeof *to);

	for (size_t i = 0; i < count; i++) {
		to[i] = from[i];
		to[i].competition = copy_text(from[i].competition);
	}
	return to;
}

static void
copy_table(struct season_table *to, const struct season_table *from)
{
	*to = *from;
	to->name = copy_text(from->name);
	to->points = copy_points(&from->points);
	to->awards = copy_awards(from->awards, from->award_count);
	to->competitions =
	    copy_texts(from->competitions, from->competition_count);
	to->compulsory = copy_texts(from->compulsory, from->compulsory_count);
	to->sex = copy_text(from->sex);
	to->category = copy_text(from->category);
	to->team = copy_text(from->team);
	to->ties = copy_ties(from->ties, from->tie_count);
}

static void
copy_competition(struct season_competition *to,
    const struct season_competition *from)
{
	*to = *from;
	to->name = copy_text(from->name);
	to->title = copy_text(from->title);
	to->from = copy_text(from->from);
	to->to = copy_text(from->to);
}

struct season_rules *
season_rules_copy(const struct season_rules *rules)
{
	struct season_rules *to = xcalloc(1, sizeof *to);

	to->title = copy_text(rules->title);
	to->competition_count = rules->competition_count;
	to->competitions =
	    xcalloc(rules->competition_count, sizeof *to->competitions);
	for (size_t i = 0; i < rules->competition_count; i++)
		copy_competition(&to->competitions[i], &rules->competitions[i]);
	to->table_count = rules->table_count;
	to->tables = xcalloc(rules->table_count, sizeof *to->tables);
	for (size_t i = 0; i < rules->table_count; i++)
		copy_table(&to->tables[i], &rules->tables[i]);
	return to;
}

static void
free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void
free_table(struct season_table *t)
{
	for (size_t i = 0; i < t->award_count; i++) {
		free(t->awards[i].name);
		free(t->awards[i].competition);
		free(t->awards[i].points.list);
	}
	for (size_t i = 0; i < t->tie_count; i++)
		free(t->ties[i].competition);
	free_texts(t->competitions, t->competition_count);
	free_texts(t->compulsory, t->compulsory_count);
	free(t->name);
	free(t->points.list);
	free(t->awards);
	free(t->sex);
	free(t->category);
	free(t->team);
	free(t->ties);
}

void
season_rules_free(struct season_rules *rules)
{
	if (rules == NULL)
		return;
	for (size_t i = 0; i < rules->competition_count; i++) {
		free(rules->competitions[i].name);
		free(rules->competitions[i].title);
		free(rules->competitions[i].from);
		free(rules->competitions[i].to);
	}
	for (size_t i = 0; i < rules->table_count; i++)
		free_table(&rules->tables[i]);
	free(rules->competitions);
	free(rules->tables);
	free(rules->title);
	free(rules);
}

const struct season_award *
season_award_of(const struct season_table *t, const char *competition,
    const char *award)
{
	const struct season_award *named = NULL;
	const struct season_award *in = NULL;

	for (size_t i = 0; i < t->award_count; i++) {
		const struct season_award *a = &t->awards[i];

		if (a->competition[0] == '\0') {
			if (strcmp(a->name, award) == 0)
				named = a;
		} else if (strcmp(a->competition, competition) == 0) {
			in = a;
		}
	}
	if (named == NULL)
		return t->only_awards ? NULL : in;
	return named->plain && !named->bonus && in != NULL ? in : named;
}
