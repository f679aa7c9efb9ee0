#include "race/season/listed.h"

#include <stdio.h>
#include <string.h>

#include "common/xalloc.h"

enum { TEXTS = 9 };

static void
texts_of(struct season_result *r, const char **out[TEXTS])
{
	const char **all[TEXTS] = { &r->season, &r->competition, &r->award,
		&r->recipient, &r->team, &r->sex, &r->category, &r->date,
		&r->note };

	memcpy(out, all, sizeof all);
}

static size_t
bytes_of(struct race_listed *l)
{
	const char **texts[TEXTS];
	size_t bytes = 0;

	texts_of(&l->result, texts);
	for (size_t i = 0; i < TEXTS; i++)
		bytes += strlen(*texts[i]) + 1;
	for (size_t i = 0; i < l->more_count; i++)
		bytes += strlen(l->more[i].name) + strlen(l->more[i].value) + 2;
	return bytes;
}

static const char *
put_text(char **to, const char *text)
{
	char *at = *to;

	*to = stpcpy(at, text) + 1;
	return at;
}

struct race_listed *
listed_copy(const struct race_listed *from)
{
	struct race_listed l = *from;
	size_t columns = l.more_count * sizeof(struct race_column);
	struct race_listed *copy = xmalloc(sizeof l + columns + bytes_of(&l));
	struct race_column *more = (struct race_column *)(copy + 1);
	char *to = (char *)(more + l.more_count);
	const char **texts[TEXTS];

	*copy = l;
	texts_of(&copy->result, texts);
	for (size_t i = 0; i < TEXTS; i++)
		*texts[i] = put_text(&to, *texts[i]);
	for (size_t i = 0; i < l.more_count; i++)
		more[i] = (struct race_column){ put_text(&to, l.more[i].name),
			put_text(&to, l.more[i].value) };
	copy->more = more;
	return copy;
}

bool
listed_same(const struct season_result *a, const struct season_result *b)
{
	return a->place == b->place && a->status == b->status &&
	    a->time_us == b->time_us && a->points == b->points &&
	    strcmp(a->season, b->season) == 0 &&
	    strcmp(a->competition, b->competition) == 0 &&
	    strcmp(a->award, b->award) == 0 &&
	    strcmp(a->recipient, b->recipient) == 0 &&
	    strcmp(a->team, b->team) == 0 && strcmp(a->sex, b->sex) == 0 &&
	    strcmp(a->category, b->category) == 0 &&
	    strcmp(a->date, b->date) == 0 && strcmp(a->note, b->note) == 0;
}
