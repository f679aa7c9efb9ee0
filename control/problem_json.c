#include <jansson.h>
#include <stdlib.h>

#include "common/dump.h"
#include "common/instant.h"
#include "control/problem_print.h"

static void
put_text(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

static void
put_moment(json_t *o, const char *key, int64_t us)
{
	char text[40];

	if (us != RACE_NO_TIME)
		put_text(o, key, instant_format(text, us));
}

static void
put_written(json_t *o, const char *key, char *text)
{
	put_text(o, key, text);
	free(text);
}

static json_t *
json_reads(const struct problem_words *w, const struct problem *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < 2; i++) {
		char text[NAME_MAX_PRINTED];

		if (p->reads[i].id.seq > 0)
			json_array_append_new(all,
			    json_string(name_print(text, p->reads[i].id,
			        w->story->streams)));
	}
	return all;
}

static json_t *
json_near(const struct problem *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->near_count; i++) {
		json_t *o = json_object();

		put_text(o, "bib", p->near[i].bib);
		put_text(o, "name", p->near[i].name);
		put_text(o, "chip", p->near[i].chip);
		json_array_append_new(all, o);
	}
	return all;
}

/* By whom, and why. */
static json_t *
json_aside(const struct problem_words *w, uint64_t number)
{
	json_t *o = json_object();
	struct rulings_item item;

	rulings_at(w->story->rulings, number - 1, &item);
	json_object_set_new(o, "decision", json_integer((json_int_t)number));
	put_text(o, "by", story_by(w->story, item.id, item.event));
	put_text(o, "reason", story_reason(item.event));
	return o;
}

static json_t *
json_problem(const struct problem_words *w, const struct problem *p)
{
	json_t *o = json_object();

	put_text(o, "gravity", problem_gravity_name(problem_gravity(p->kind)));
	put_text(o, "kind", problem_kind_name(p->kind));
	put_written(o, "key", problem_key(w, p));
	if (p->entry != NULL)
		put_text(o, "bib", p->entry->bib);
	if (p->other != NULL)
		put_text(o, "other", p->other->bib);
	put_text(o, "name", p->text);
	put_text(o, "other_name", p->other_text);
	if (p->point >= 0)
		put_text(o, "point", w->rules->points[p->point].name);
	put_moment(o, "time", p->time_us);
	if (p->count > 0)
		json_object_set_new(o, "count",
		    json_integer((json_int_t)p->count));
	json_object_set_new(o, "reads", json_reads(w, p));
	json_object_set_new(o, "near", json_near(p));
	put_written(o, "words", problem_tell(w, p));
	put_written(o, "command", problem_command(w, p));
	return o;
}

int
problem_json(FILE *out, const struct problem_words *w,
    const struct problems *all, bool everything)
{
	json_t *root = json_object();
	json_t *list = json_array();
	json_int_t aside = 0;

	for (size_t i = 0; i < all->count; i++) {
		uint64_t number = problem_aside(w, &all->items[i]);
		json_t *o;

		aside += number > 0;
		if (number > 0 && !everything)
			continue;
		o = json_problem(w, &all->items[i]);
		if (number > 0)
			json_object_set_new(o, "aside", json_aside(w, number));
		json_array_append_new(list, o);
	}
	json_object_set_new(root, "problems", list);
	json_object_set_new(root, "set_aside", json_integer(aside));
	return dump_json(out, root, JSON_INDENT(1));
}
