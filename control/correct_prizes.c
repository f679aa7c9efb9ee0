/* publish and award: how a ranking stands, and who holds a prize. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/terms.h"
#include "race/choice.h"
#include "race/outlook.h"
#include "race/prizes.h"
#include "race/rules.h"
#include "race/team.h"

/* ---- publish ---- */

static void
publish_one(struct correct *c, size_t v, enum race_publication state)
{
	struct book *b = c->job->book;
	struct race_decision d = { .verb = RACE_PUBLISH,
		.ranking = b->rules->rankings[v].name,
		.text = outlook_word(state) };
	struct race_outlook outlook;
	char told[OUTLOOK_MAX];

	book_outlook(b, v, &outlook);
	/* What was amended once may be again. */
	if (outlook.published == state && state != RACE_AMENDED) {
		correct_note(c, "%s is %s already", d.ranking,
		    outlook_told(told, &outlook));
		return;
	}
	if (state != RACE_PROVISIONAL && outlook.open)
		correct_note(c,
		    "places of %s may still change: somebody is neither in "
		    "nor out (palmares mark dns or dnf says who is)",
		    d.ranking);
	correct_decide(c, &d);
}

static int
ranking_of(struct correct *c, const char *word, size_t *out, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	int v = rules_ranking(rules, word);
	char *words;

	if (v < 0) {
		words = choice_ranking(rules, word);
		err_set(err, -EINVAL, "publish: %s", words);
		free(words);
		return -EINVAL;
	}
	*out = (size_t)v;
	return 0;
}

int
correct_publish(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	const char *word = count > 0 ? words[count - 1] : "";
	enum race_publication state = outlook_publication(word);
	size_t v = 0;

	if (count < 2 || state == RACE_UNPUBLISHED)
		return err_set(err, -EINVAL,
		    "publish: a ranking, and how it stands: provisional, final "
		    "or amended, as in publish scratch final");
	for (size_t i = 0; i + 1 < count; i++)
		if (ranking_of(c, words[i], &v, err) < 0)
			return -EINVAL;
	for (size_t i = 0; i + 1 < count; i++) {
		(void)ranking_of(c, words[i], &v, err);
		publish_one(c, v, state);
	}
	/* Why something is other than it was said to be is asked. */
	c->unreasoned = state != RACE_AMENDED;
	return 0;
}

/* ---- award ---- */

/* What is asked for. */
struct wish {
	const char *holder; /* NULL: as it is */
	const char *note;   /* NULL: as it is, for the same holder */
	bool collected;
	bool uncollected;
	bool back;
};

static int
award_of(struct correct *c, const char *word, size_t *out, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	const char *names[RACE_AWARDS_MAX];
	const char *near;
	char *list;

	for (size_t i = 0; i < rules->award_count; i++) {
		names[i] = rules->awards[i].name;
		if (strcmp(names[i], word) == 0) {
			*out = i;
			return 0;
		}
	}
	if (rules->award_count == 0)
		return err_set(err, -EINVAL,
		    "award %s: race.yaml has no awards", word);
	near = nearest(word, names, rules->award_count);
	list = nearest_list(names, rules->award_count);
	err_set(err, -EINVAL, "award %s: there is none%s%s%s There are: %s",
	    word, near != NULL ? "; did you mean '" : "",
	    near != NULL ? near : "", near != NULL ? "'?" : ".", list);
	free(list);
	return -EINVAL;
}

static int
place_of(const struct race_award *a, const char *word, uint32_t *out,
    struct err *err)
{
	char *end;
	unsigned long place = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end != '\0' || place < 1 ||
	    place > a->places)
		return err_set(err, -EINVAL,
		    "award %s, place %s: from 1 to %" PRIu32, a->name, word,
		    a->places);
	*out = (uint32_t)place;
	return 0;
}

/* What may get a team's prize: the rows of the ranking, and every team that
 * somebody is entered for.  For free(), but for the names. */
static const char **
list_teams(struct correct *c, const struct rank_standing *rows, size_t count,
    size_t *all)
{
	const struct book *b = c->job->book;
	size_t slots = roster_slots(b->roster);
	const char **names = xcalloc(count + slots + 1, sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		names[n++] = rows[i].row.label;
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(b->roster, i, &bib);

		if (e != NULL && e->team[0] != '\0')
			names[n++] = team_of(b->rules, e);
	}
	*all = n;
	return names;
}

static int
check_team(struct correct *c, size_t v, const char *word, struct err *err)
{
	struct rank *rank = c->job->book->rank;
	size_t count = rank_count(rank, v);
	struct rank_standing *rows = xcalloc(count + 1, sizeof *rows);
	const char **names;
	const char *near;
	bool there = false;

	count = rank_rows(rank, v, 0, rows, count);
	names = list_teams(c, rows, count, &count);
	for (size_t i = 0; i < count; i++)
		there = there || strcmp(names[i], word) == 0;
	near = there ? NULL : nearest(word, names, count);
	if (!there)
		err_set(err, -EINVAL, "to %s: there is no such team%s%s%s",
		    word, near != NULL ? "; did you mean '" : "",
		    near != NULL ? near : "", near != NULL ? "'?" : "");
	free(rows);
	free(names);
	return there ? 0 : -EINVAL;
}

static int
check_holder(struct correct *c, const struct prize *z, const char *word,
    struct err *err)
{
	const struct race_entry *e;

	if (c->job->book->rules->rankings[z->ranking].of == RACE_TEAMS)
		return check_team(c, z->ranking, word, err);
	return terms_bib(c, word, &e, err);
}

/* As the command line has it. */
static bool
read_flag(struct wish *w, char *const *words, size_t count, size_t *i)
{
	const char *word = words[*i];

	if (strcmp(word, "--collected") == 0)
		w->collected = true;
	else if (strcmp(word, "--back") == 0)
		w->back = true;
	else if (strcmp(word, "--to") == 0 && *i + 1 < count)
		w->holder = words[++*i];
	else if (strcmp(word, "--note") == 0 && *i + 1 < count)
		w->note = words[++*i];
	else
		return false;
	return true;
}

static int
read_wish(struct wish *w, char *const *words, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *word = words[i];

		if (read_flag(w, words, count, &i))
			continue;
		if (strncmp(word, "to=", 3) == 0)
			w->holder = word + 3;
		else if (strncmp(word, "note=", 5) == 0)
			w->note = word + 5;
		else if (strcmp(word, "collected=yes") == 0)
			w->collected = true;
		else if (strcmp(word, "collected=no") == 0)
			w->uncollected = true;
		else
			return err_set(err, -EINVAL,
			    "award: %s: what of it? to=BIB, note=TEXT, "
			    "collected=yes or collected=no",
			    word);
	}
	if (count == 0)
		return err_set(err, -EINVAL,
		    "award: what of it? --to BIB hands it on, --collected "
		    "marks it, --back takes it back");
	if (w->collected && w->uncollected)
		return err_set(err, -EINVAL,
		    "award: collected=yes and collected=no: one of them");
	if (!w->back)
		return 0;
	if (w->holder != NULL || w->collected)
		return err_set(err, -EINVAL,
		    "award: --back takes a prize back: without --to and "
		    "--collected");
	w->holder = "";
	w->uncollected = true;
	return 0;
}

/* A team by the name under which it is ranked. */
static const char *
holder_of(const struct correct *c, const struct prize *z, const char *word)
{
	const struct race_rules *rules = c->job->book->rules;

	return rules->rankings[z->ranking].of == RACE_TEAMS
	    ? team_name(rules, word)
	    : word;
}

static bool
has_won(const struct prize *z, const char *label)
{
	for (size_t i = 0; i < z->winner_count; i++)
		if (strcmp(z->winners[i], label) == 0)
			return true;
	return false;
}

static int
give(struct correct *c, const struct prize *z, const struct race_award *a,
    const struct wish *w, struct err *err)
{
	char winner[RACE_NAME_MAX + 1];
	bool same = w->holder == NULL || strcmp(w->holder, z->holder) == 0;
	struct race_prize p = { .award = a->name,
		.place = z->place,
		.holder = same ? z->holder : w->holder,
		.note = w->note != NULL ? w->note
		    : same              ? z->note
		                        : "",
		.collected =
		    w->collected || (same && z->collected && !w->uncollected),
		.winner = prizes_winner(winner, z) };

	if (!same && p.holder[0] != '\0') {
		if (check_holder(c, z, p.holder, err) < 0)
			return -EINVAL;
		if (z->winner_count == 1 && has_won(z, p.holder))
			return err_set(err, -EINVAL,
			    "award %s, place %" PRIu32
			    ": %s has won it: --back gives it back",
			    a->name, z->place, p.holder);
	}
	if (same && p.collected == z->collected && !z->changed &&
	    strcmp(p.note, z->note) == 0) {
		correct_note(c, "prize %s, place %" PRIu32 ": it is so already",
		    a->name, z->place);
		return 0;
	}
	if (z->winner_count == 0)
		correct_note(c, "nobody has won place %" PRIu32 " of %s",
		    z->place, a->name);
	else if (z->provisional)
		correct_note(c, "place %" PRIu32 " of %s may still change",
		    z->place, a->name);
	/* Why somebody else gets it is kept; that he came for it needs no
	 * words. */
	c->unreasoned = same || p.holder[0] == '\0';
	correct_give(c, &p);
	return 0;
}

int
correct_award(struct correct *c, char *const *words, size_t count,
    struct err *err)
{
	struct wish w = { .holder = NULL };
	struct prizes *prizes;
	const struct race_award *a;
	const struct prize *z;
	uint32_t place = 0;
	size_t award = 0;
	int rc = -EINVAL;

	if (count < 2)
		return err_set(err, -EINVAL,
		    "award: which one, and which place, as in award Femmes 1 "
		    "--collected");
	if (award_of(c, words[0], &award, err) < 0)
		return -EINVAL;
	a = &c->job->book->rules->awards[award];
	if (place_of(a, words[1], &place, err) < 0 ||
	    read_wish(&w, words + 2, count - 2, err) < 0)
		return -EINVAL;
	prizes = prizes_new(c->job->book);
	z = prizes_find(prizes, award, place);
	if (z != NULL && w.holder != NULL)
		w.holder = holder_of(c, z, w.holder);
	if (z == NULL)
		err_set(err, -EINVAL, "award %s: there is no ranking %s",
		    a->name, a->ranking);
	else
		rc = give(c, z, a, &w, err);
	prizes_free(prizes);
	return rc;
}
