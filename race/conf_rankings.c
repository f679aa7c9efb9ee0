/* race.yaml: rankings and awards. */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_read.h"
#include "race/rules.h"
#include "race/team.h"

enum { PLACES_MAX = 1000 };

/* In the order of their enums. */
const char *const conf_ofs[] = { "runners", "teams", NULL };
const char *const conf_bys[] = { "gun", "net", "km", NULL };
const char *const conf_ties[] = { "shared", "order", "time", NULL };
const char *const conf_rounds[] = { "up-second", "none", NULL };
const char *const conf_scores[] = { "time", "km", "places", NULL };
const char *const conf_hows[] = { "sum", "mean", "last", NULL };

/* ---- rankings ---- */

static char *
read_wave_filter(struct conf_reader *r, const struct conf_node *table)
{
	char *wave = conf_read_name(r, table, "wave", RACE_LABEL_MAX);
	char q[TEXT_QUOTE_MAX];

	if (wave[0] != '\0' && rules_wave(r->rules, wave) < 0)
		conf_complain(r, conf_yaml_get(table, "wave"),
		    "wave %s: none of the waves above has that name",
		    text_quote(q, wave));
	return wave;
}

static int
read_at(struct conf_reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "at");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "at");
	int last = (int)r->rules->point_count - 1;
	char q[TEXT_QUOTE_MAX];
	int at;

	if (text == NULL)
		return last;
	if (strcmp(text, "live") == 0)
		return RACE_LIVE;
	at = rules_point(r->rules, text);
	if (at >= 0)
		return at;
	conf_complain(r, n, "at %s: must be one of the points, or live",
	    text_quote(q, text));
	return last;
}

static enum race_by
read_by(struct conf_reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "by");

	if (n != NULL && n->kind == CONF_TEXT && strcmp(n->text, "laps") == 0) {
		conf_complain(r, n,
		    "by \"laps\": this version cannot do it yet; it can do "
		    "gun, net and km");
		return RACE_BY_GUN;
	}
	return (enum race_by)conf_read_choice(r, table, "by", conf_bys,
	    RACE_BY_GUN);
}

/* What the core can do, and what would contradict itself. */
static void
check_runners(struct conf_reader *r, const struct conf_node *table,
    const struct race_ranking *k)
{
	static const char *const of_teams[] = { "score", "best", "how", "women",
		"men", "sides", "size", "average" };

	for (size_t i = 0; i < sizeof of_teams / sizeof *of_teams; i++)
		conf_refuse_key(r, table, of_teams[i],
		    "a ranking of runners has none: leave it out, or write "
		    "of: teams");
	if (k->by == RACE_BY_KM)
		conf_refuse_key(r, table, "at",
		    "by: km counts the furthest point of each: leave it out");
	if (k->by != RACE_BY_NET)
		conf_refuse_key(r, table, "gun_first",
		    "is for a ranking by net whose first places are those of "
		    "the gun: leave it out, or write by: net");
}

static void
check_km(struct conf_reader *r, const struct conf_node *table)
{
	static const char *const of_scorers[] = { "best", "how", "women", "men",
		"sides" };

	for (size_t i = 0; i < sizeof of_scorers / sizeof *of_scorers; i++)
		conf_refuse_key(r, table, of_scorers[i],
		    "score: km adds up all runners: leave it out");
	conf_refuse_key(r, table, "at",
	    "score: km counts the furthest point of each: leave it out");
}

static void
check_quota(struct conf_reader *r, const struct conf_node *table,
    const struct race_ranking *k)
{
	if (k->women + k->men > k->best)
		conf_refuse_key(r, table, k->men > 0 ? "men" : "women",
		    "women and men are more than best, the number of scorers: "
		    "make best greater");
	if (k->sex[0] != '\0' && strcmp(k->sex, "F") != 0)
		conf_refuse_key(r, table, "women",
		    "sex leaves them out: take one of the two out");
	if (k->sex[0] != '\0' && strcmp(k->sex, "M") != 0)
		conf_refuse_key(r, table, "men",
		    "sex leaves them out: take one of the two out");
}

static void
check_teams(struct conf_reader *r, const struct conf_node *table,
    const struct race_ranking *k)
{
	if (k->ties != RACE_TIES_SHARED)
		conf_refuse_key(r, table, "ties",
		    "teams that are equal to the last scorer share their "
		    "place: leave it out");
	if (k->by == RACE_BY_KM)
		conf_refuse_key(r, table, "by",
		    "of teams the kilometres are a score: write score: km");
	conf_refuse_key(r, table, "gun_first",
	    "a ranking of teams has none: leave it out");
	conf_refuse_key(r, table, "without",
	    "a ranking of teams has none: leave it out");
	if (k->score == RACE_SCORE_KM)
		check_km(r, table);
	else
		conf_refuse_key(r, table, "average",
		    "is for score: km; of times write how: mean");
	if (k->score == RACE_SCORE_PLACES)
		conf_refuse_key(r, table, "round",
		    "score: places adds up places, not times: leave it out");
	check_quota(r, table, k);
}

static void
read_scoring(struct conf_reader *r, const struct conf_node *table,
    struct race_ranking *k)
{
	k->score = (enum race_score)conf_read_choice(r, table, "score",
	    conf_scores, RACE_SCORE_TIME);
	k->best = conf_read_count(r, table, "best", RACE_BEST_MAX, CONF_BEST);
	k->how = (enum race_how)conf_read_choice(r, table, "how", conf_hows,
	    RACE_SUM);
	k->women = conf_read_count(r, table, "women", RACE_BEST_MAX, 0);
	k->men = conf_read_count(r, table, "men", RACE_BEST_MAX, 0);
	k->sides = conf_read_count(r, table, "sides", RACE_SIDES_MAX, 1);
	k->average = conf_read_yes(r, table, "average", false);
	(void)conf_read_range(r, table, "size", RACE_ENTRIES_MAX / 100, 0,
	    &k->size_min, &k->size_max);
}

/* A team by the name that it is ranked under. */
static char *
read_team_filter(struct conf_reader *r, const struct conf_node *table)
{
	char *team = conf_read_name(r, table, "team", RACE_NAME_MAX);
	const char *name = team_name(r->rules, team);
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	if (name != team)
		conf_complain(r, conf_yaml_get(table, "team"),
		    "team %s: is an alias above: write %s", text_quote(a, team),
		    text_quote(b, name));
	return team;
}

static void
read_ranking(struct conf_reader *r, const struct conf_node *table,
    struct race_ranking *k)
{
	k->of = (enum race_of)conf_read_choice(r, table, "of", conf_ofs,
	    RACE_RUNNERS);
	k->sex = conf_read_sex(r, table);
	k->category = conf_read_name(r, table, "category", RACE_LABEL_MAX);
	k->team = read_team_filter(r, table);
	k->wave = read_wave_filter(r, table);
	k->at = read_at(r, table);
	k->by = read_by(r, table);
	k->ties = (enum race_ties)conf_read_choice(r, table, "ties", conf_ties,
	    RACE_TIES_SHARED);
	k->round = (enum race_round)conf_read_choice(r, table, "round",
	    conf_rounds, RACE_ROUND_UP_SECOND);
	k->gun_first = conf_read_count(r, table, "gun_first", PLACES_MAX, 0);
	read_scoring(r, table, k);
	if (k->of == RACE_RUNNERS)
		check_runners(r, table, k);
	else
		check_teams(r, table, k);
}

/* ---- without ---- */

static void
add_without(struct conf_reader *r, const struct conf_node *table,
    const struct conf_node *key, struct race_ranking *k)
{
	int other = rules_ranking(r->rules, key->text);
	uint32_t places = conf_read_count(r, table, key->text, PLACES_MAX, 1);
	char q[TEXT_QUOTE_MAX];

	(void)text_quote(q, key->text);
	if (other < 0)
		conf_complain(r, key,
		    "without %s: none of the rankings has that name", q);
	else if (&r->rules->rankings[other] == k)
		conf_complain(r, key, "without %s: is this ranking itself", q);
	else if (r->rules->rankings[other].of != RACE_RUNNERS)
		conf_complain(r, key,
		    "without %s: is of teams, it has to be of runners", q);
	else
		k->without[k->without_count++] =
		    (struct race_without){ (uint32_t)other, places };
}

/* All rankings are known. */
static void
read_without(struct conf_reader *r, const struct conf_node *table,
    struct race_ranking *k)
{
	const struct conf_node *n =
	    conf_table_of(r, table, "without", "without: { scratch: 3 }");
	size_t count;

	if (n == NULL || k->of != RACE_RUNNERS)
		return;
	count = conf_bounded(r, n, "rankings in without", RACE_WITHOUT_MAX);
	for (size_t i = 0; i < count; i++)
		add_without(r, n, n->pairs[i].key, k);
}

/* Marks the rankings on which ranking i depends. */
static void
mark_needed(const struct race_rules *rules, size_t i, bool *needed)
{
	const struct race_ranking *k = &rules->rankings[i];

	for (size_t w = 0; w < k->without_count; w++) {
		size_t other = k->without[w].ranking;

		if (needed[other])
			continue;
		needed[other] = true;
		mark_needed(rules, other, needed);
	}
}

static void
check_circle(struct conf_reader *r, const struct conf_node *key, size_t i)
{
	bool needed[RACE_RANKINGS_MAX] = { false };
	char q[TEXT_QUOTE_MAX];

	mark_needed(r->rules, i, needed);
	if (needed[i])
		conf_complain(r, key,
		    "ranking %s: goes round in a circle, for what it leaves "
		    "out depends on itself",
		    text_quote(q, key->text));
}

static void
read_all_without(struct conf_reader *r, const struct conf_node *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all->pairs[i].value->kind == CONF_TABLE)
			read_without(r, all->pairs[i].value,
			    &r->rules->rankings[i]);
	for (size_t i = 0; i < n; i++)
		check_circle(r, all->pairs[i].key, i);
}

/* ---- rankings together ---- */

void
conf_read_rankings(struct conf_reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "of", "sex", "category", "team",
		"wave", "at", "by", "ties", "round", "gun_first", "without",
		"score", "best", "how", "women", "men", "sides", "size",
		"average", NULL };
	static const char example[] = "scratch: { of: runners }";
	static const struct conf_node none = { .kind = CONF_TABLE };
	const struct conf_node *all =
	    conf_table_of(r, root, "rankings", example);
	char q[TEXT_QUOTE_MAX];
	size_t n;

	if (all == NULL)
		return;
	n = conf_bounded(r, all, "rankings", RACE_RANKINGS_MAX);
	r->rules->rankings = xcalloc(n + 1, sizeof *r->rules->rankings);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct race_ranking *k =
		    &r->rules->rankings[r->rules->ranking_count++];
		const struct conf_node *table;

		k->name = xstrdup(key->text);
		(void)conf_name_ok(r, key, "ranking", key->text,
		    RACE_LABEL_MAX);
		if (strchr(key->text, '/') != NULL)
			conf_complain(r, key,
			    "ranking %s: a name of a ranking has no \"/\"",
			    text_quote(q, key->text));
		table = conf_member_table(r, all->pairs[i].value, example);
		conf_check_keys(r, table == NULL ? &none : table, keys);
		read_ranking(r, table == NULL ? &none : table, k);
	}
	read_all_without(r, all, n);
}

/* ---- awards ---- */

static void
read_award(struct conf_reader *r, const struct conf_node *key,
    const struct conf_node *table, struct race_award *a)
{
	static const char *const keys[] = { "ranking", "places", NULL };
	char q[TEXT_QUOTE_MAX];

	conf_check_keys(r, table, keys);
	if (conf_yaml_get(table, "ranking") == NULL)
		conf_complain(r, key,
		    "award %s has no ranking: write ranking: and the name of "
		    "one",
		    text_quote(q, key->text));
	if (conf_yaml_get(table, "places") == NULL)
		conf_complain(r, key, "award %s has no places: write places: 3",
		    text_quote(q, key->text));
	free(a->ranking);
	a->ranking = conf_read_name(r, table, "ranking", RACE_LABEL_MAX);
	if (a->ranking[0] != '\0' && rules_ranking(r->rules, a->ranking) < 0)
		conf_complain(r, conf_yaml_get(table, "ranking"),
		    "ranking %s: none of the rankings has that name",
		    text_quote(q, a->ranking));
	a->places = conf_read_count(r, table, "places", PLACES_MAX, 1);
}

void
conf_read_awards(struct conf_reader *r, const struct conf_node *root)
{
	static const char example[] =
	    "La plus rapide: { ranking: femmes, places: 3 }";
	const struct conf_node *all = conf_table_of(r, root, "awards", example);
	size_t n;

	if (all == NULL)
		return;
	n = conf_bounded(r, all, "awards", RACE_AWARDS_MAX);
	r->rules->awards = xcalloc(n + 1, sizeof *r->rules->awards);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct race_award *a =
		    &r->rules->awards[r->rules->award_count++];
		const struct conf_node *table;

		a->name = xstrdup(key->text);
		a->ranking = xstrdup("");
		(void)conf_name_ok(r, key, "award", key->text, RACE_LABEL_MAX);
		table = conf_member_table(r, all->pairs[i].value, example);
		if (table != NULL)
			read_award(r, key, table, a);
	}
}
