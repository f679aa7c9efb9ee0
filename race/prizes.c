#include "race/prizes.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rules.h"
#include "race/rulings.h"

/* Rows looked at in one go. */
enum { ROWS = 64 };

struct prizes {
	struct prize *all;
	size_t cap;
	size_t count;
};

static void
prize_close(struct prize *z)
{
	union {
		const char *const *from;
		char **to;
	} winners = { z->winners };
	union {
		const char *from;
		char *to;
	} texts[] = { { z->holder }, { z->note }, { z->winner_then } };

	for (size_t i = 0; i < z->winner_count; i++)
		free(winners.to[i]);
	free(winners.to);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i].to);
}

void
prizes_free(struct prizes *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		prize_close(&p->all[i]);
	free(p->all);
	free(p);
}

/* ---- who has won ---- */

struct winners {
	char **labels;
	size_t cap;
	size_t count;
};

static bool
is_open(const struct race_outlook *o, const struct race_key *key)
{
	for (size_t i = 0; o->open && i < 3; i++)
		if (key->key[i] != o->from[i])
			return key->key[i] > o->from[i];
	return o->open;
}

/* Lists who has the places from 1 to `last` of ranking v, by place; says of
 * which on they are provisional. */
static uint32_t
find_winners(struct book *b, size_t v, uint32_t last, struct winners *by_place)
{
	struct rank_standing rows[ROWS];
	struct race_outlook outlook;
	uint32_t certain = 0;
	size_t from = 0;
	size_t n;

	rank_provisional(b->rank, v, &outlook);
	do {
		n = rank_rows(b->rank, v, from, rows, ROWS);
		for (size_t i = 0; i < n; i++) {
			struct winners *w;

			if (rows[i].place == 0 || rows[i].place > last)
				return outlook.open ? certain : last;
			if (!is_open(&outlook, &rows[i].row.sort))
				certain = rows[i].place;
			w = &by_place[rows[i].place - 1];
			w->labels = xgrow(w->labels, &w->cap, w->count,
			    sizeof *w->labels);
			w->labels[w->count++] = xstrdup(rows[i].row.label);
		}
		from += n;
	} while (n > 0);
	return outlook.open ? certain : last;
}

char *
prizes_winner(char out[RACE_NAME_MAX + 1], const struct prize *prize)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < prize->winner_count; i++) {
		const char *label = prize->winners[i];
		size_t more = strlen(label) + (i > 0 ? 2 : 0);

		if (more > RACE_NAME_MAX - len)
			break;
		if (i > 0)
			memcpy(out + len, ", ", 2);
		memcpy(out + len + (i > 0 ? 2 : 0), label, strlen(label));
		len += more;
		out[len] = '\0';
	}
	return out;
}

/* ---- what was said of it ---- */

static void
put_said(struct prize *z, const struct race_prize *said)
{
	char now[RACE_NAME_MAX + 1];

	z->holder = xstrdup(said != NULL ? said->holder : "");
	z->note = xstrdup(said != NULL ? said->note : "");
	z->winner_then = xstrdup(said != NULL ? said->winner : "");
	z->collected = said != NULL && said->collected;
	z->changed = (z->holder[0] != '\0' || z->collected) &&
	    strcmp(prizes_winner(now, z), z->winner_then) != 0;
}

static void
add_award(struct prizes *p, struct book *b, size_t award, size_t ranking)
{
	const struct race_award *a = &b->rules->awards[award];
	struct winners *by_place = xcalloc(a->places, sizeof *by_place);
	uint32_t certain = find_winners(b, ranking, a->places, by_place);

	for (uint32_t i = 0; i < a->places; i++) {
		struct prize *z;

		p->all = xgrow(p->all, &p->cap, p->count, sizeof *p->all);
		z = &p->all[p->count++];
		*z = (struct prize){
			.award = award,
			.ranking = ranking,
			.place = i + 1,
			.winners = (const char *const *)by_place[i].labels,
			.winner_count = by_place[i].count,
			.provisional = i + 1 > certain,
		};
		put_said(z, rulings_prize(b->rulings, a->name, i + 1));
	}
	free(by_place);
}

struct prizes *
prizes_new(struct book *b)
{
	struct prizes *p = xcalloc(1, sizeof *p);

	for (size_t i = 0; i < b->rules->award_count; i++) {
		int v = rules_ranking(b->rules, b->rules->awards[i].ranking);

		if (v >= 0 && b->rules->awards[i].places > 0)
			add_award(p, b, i, (size_t)v);
	}
	return p;
}

size_t
prizes_count(const struct prizes *p)
{
	return p->count;
}

const struct prize *
prizes_at(const struct prizes *p, size_t i)
{
	return &p->all[i];
}

const struct prize *
prizes_find(const struct prizes *p, size_t award, uint32_t place)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->all[i].award == award && p->all[i].place == place)
			return &p->all[i];
	return NULL;
}
