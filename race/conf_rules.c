/* race.yaml: typed readers over the tree of conf_yaml. */
#include "race/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/files.h"
#include "common/instant.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_yaml.h"
#include "race/rules.h"

#define FILE_NAME "race.yaml"

enum {
	FILE_MAX = 48 * 1024,
	BEST_DEFAULT = 3,
	PLACES_MAX = 1000,
	KM_DIGITS_MAX = 5,
	/* What an encoded member takes beside its text: tags, lengths, numbers,
	 * generously. */
	MEMBER_BYTES = 48
};

/* Guns further from the race's date than this are worth a question. */
#define GUN_FAR_US (INT64_C(3) * 86400 * INSTANT_SECOND)

struct reader {
	struct conf_report *report;
	struct race_rules *rules;
	bool clock_ok; /* date and zone can be used */
};

#define complain(r, n, ...)                                                    \
	conf_report_add((r)->report, true, FILE_NAME, (n)->line, (n)->column,  \
	    __VA_ARGS__)
#define warn(r, n, ...)                                                        \
	conf_report_add((r)->report, false, FILE_NAME, (n)->line, (n)->column, \
	    __VA_ARGS__)

/* ---- keys ---- */

static void
unknown_key(struct reader *r, const struct conf_node *key,
    const char *const *known, size_t count)
{
	const char *near = nearest(key->text, known, count);
	char *all = nearest_list(known, count);
	char q[TEXT_QUOTE_MAX];

	complain(r, key, "unknown key %s%s%s%s Keys here are %s",
	    text_quote(q, key->text), near != NULL ? ": did you mean \"" : ".",
	    near != NULL ? near : "", near != NULL ? "\"?" : "", all);
	free(all);
}

static void
check_keys(struct reader *r, const struct conf_node *table,
    const char *const *known)
{
	size_t count = 0;

	while (known[count] != NULL)
		count++;
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_node *key = table->pairs[i].key;
		bool found = false;

		for (size_t k = 0; k < count && !found; k++)
			found = strcmp(known[k], key->text) == 0;
		if (!found)
			unknown_key(r, key, known, count);
	}
}

/* ---- values ---- */

static bool
is_empty(const struct conf_node *n)
{
	return n->kind == CONF_TEXT && n->plain && n->text[0] == '\0';
}

/* The value as text, or NULL (reported). */
static const char *
text_of(struct reader *r, const struct conf_node *n, const char *what)
{
	if (n->kind == CONF_TEXT)
		return n->text;
	if (n->kind != CONF_BROKEN)
		complain(r, n, "%s: has to be one value, not a %s", what,
		    n->kind == CONF_TABLE ? "table" : "list");
	return NULL;
}

static bool
has_blank_ends(const char *s)
{
	char *copy = xstrdup(s);
	bool differs = strcmp(text_trim(copy), s) != 0;

	free(copy);
	return differs;
}

/* Text that names something: not empty, within bounds, printable. */
static bool
name_ok(struct reader *r, const struct conf_node *n, const char *what,
    const char *text, size_t max)
{
	char q[TEXT_QUOTE_MAX];

	if (text[0] == '\0') {
		complain(r, n, "%s is empty", what);
		return false;
	}
	if (strlen(text) > max) {
		complain(r, n, "%s %s: %zu bytes, must be at most %zu", what,
		    text_quote(q, text), strlen(text), max);
		return false;
	}
	if (!text_printable(text)) {
		complain(r, n, "%s %s: has control characters: leave them out",
		    what, text_quote(q, text));
		return false;
	}
	if (has_blank_ends(text)) {
		complain(r, n, "%s %s: begins or ends with a blank", what,
		    text_quote(q, text));
		return false;
	}
	return true;
}

/* A copy of the value under key, which names something; "" if it is not there
 * or wrong (reported). */
static char *
read_name(struct reader *r, const struct conf_node *table, const char *key,
    size_t max)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : text_of(r, n, key);

	if (text == NULL || !name_ok(r, n, key, text, max))
		text = "";
	return xstrdup(text);
}

/* The index of the value in words; `other` if the key is not there or wrong. */
static int
read_choice(struct reader *r, const struct conf_node *table, const char *key,
    const char *const *words, int other)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : text_of(r, n, key);
	char q[TEXT_QUOTE_MAX];
	int count = 0;
	char *all;

	if (text == NULL)
		return other;
	for (; words[count] != NULL; count++) {
		if (strcmp(words[count], text) == 0)
			return count;
	}
	all = nearest_list(words, (size_t)count);
	complain(r, n, "%s %s: must be one of %s", key, text_quote(q, text),
	    all);
	free(all);
	return other;
}

/* A whole number from 1 to max; `other` if the key is not there or wrong. */
static uint32_t
read_count(struct reader *r, const struct conf_node *table, const char *key,
    uint32_t max, uint32_t other)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : text_of(r, n, key);
	size_t len = text == NULL ? 0 : strlen(text);
	char q[TEXT_QUOTE_MAX];
	uint32_t v = 0;

	if (text == NULL)
		return other;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || len > 6) {
			v = 0;
			break;
		}
		v = v * 10 + (uint32_t)(text[i] - '0');
	}
	if (v >= 1 && v <= max)
		return v;
	complain(r, n, "%s %s: must be a whole number from 1 to %u", key,
	    text_quote(q, text), max);
	return other;
}

/* Kilometres with up to three decimals, in metres: by digits, for nothing here
 * is rounded. */
static bool
parse_km(const char *s, uint32_t *metres)
{
	uint32_t km = 0;
	uint32_t m = 0;
	uint32_t unit = 1000;
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > KM_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		km = km * 10 + (uint32_t)(s[i] - '0');
	s += n;
	if (*s == '.') {
		s++;
		if (*s == '\0')
			return false;
		for (; *s >= '0' && *s <= '9' && unit > 1; s++) {
			unit /= 10;
			m += (uint32_t)(*s - '0') * unit;
		}
	}
	if (*s != '\0')
		return false;
	*metres = km * 1000 + m;
	return true;
}

/* ---- tables of named members ---- */

/* The table under key, or NULL: not there, empty, or no table (reported). */
static const struct conf_node *
table_of(struct reader *r, const struct conf_node *root, const char *key,
    const char *example)
{
	const struct conf_node *n = conf_yaml_get(root, key);

	if (n == NULL || n->kind == CONF_BROKEN || is_empty(n))
		return NULL;
	if (n->kind != CONF_TABLE) {
		complain(r, n, "%s: has to be a table, as in %s", key, example);
		return NULL;
	}
	return n;
}

/* How many of the table's members are read: more than max is reported. */
static size_t
bounded(struct reader *r, const struct conf_node *table, const char *what,
    size_t max)
{
	if (table->count <= max)
		return table->count;
	complain(r, table->pairs[max].key, "more than %zu %s", max, what);
	return max;
}

/*
 * A member's own table.  One that is left empty is an empty table, so that
 * `masse:` is a wave.  NULL: something else (reported).
 */
static const struct conf_node *
member_table(struct reader *r, const struct conf_node *value,
    const char *example)
{
	static const struct conf_node empty = { .kind = CONF_TABLE };

	if (is_empty(value))
		return &empty;
	if (value->kind == CONF_TABLE)
		return value;
	if (value->kind != CONF_BROKEN)
		complain(r, value, "has to be a table, as in %s", example);
	return NULL;
}

/* ---- title, date, timezone ---- */

static bool
read_date(struct reader *r, const struct conf_node *root)
{
	const struct conf_node *n = conf_yaml_get(root, "date");
	const char *text = n == NULL ? NULL : text_of(r, n, "date");
	char q[TEXT_QUOTE_MAX];

	if (text == NULL)
		return false;
	if (!instant_date_valid(text)) {
		complain(r, n, "date %s: must be a day as in 2014-09-21",
		    text_quote(q, text));
		return false;
	}
	if (strcmp(text, "2000") < 0 || strcmp(text, "2100") >= 0) {
		complain(r, n, "date %s: must be in the years 2000 to 2099",
		    text_quote(q, text));
		return false;
	}
	free(r->rules->date);
	r->rules->date = xstrdup(text);
	return true;
}

static bool
read_zone(struct reader *r, const struct conf_node *root)
{
	const struct conf_node *n = conf_yaml_get(root, "timezone");
	const char *text = n == NULL ? NULL : text_of(r, n, "timezone");
	struct err err;

	if (text == NULL)
		return false;
	if (instant_zone(text, &err) < 0) {
		complain(r, n, "timezone %s", err.text);
		return false;
	}
	free(r->rules->timezone);
	r->rules->timezone = xstrdup(text);
	return true;
}

/* ---- waves ---- */

/* A clock time on the race's date.  Of one that comes twice the first holds,
 * and is asked about. */
static int64_t
local_gun(struct reader *r, const struct conf_node *n, int64_t clock_us)
{
	int64_t first;
	int64_t last;
	char text[40];
	struct err err;

	if (!r->clock_ok)
		return RACE_NO_TIME;
	if (instant_local(r->rules->date, clock_us, INSTANT_NONE, &first,
	        &err) < 0) {
		complain(r, n, "gun %s", err.text);
		return RACE_NO_TIME;
	}
	if (instant_local(r->rules->date, clock_us, INT64_MAX, &last, NULL) ==
	        0 &&
	    last != first)
		warn(r, n,
		    "gun \"%s\" comes twice that day, the first is taken; the "
		    "second is %s",
		    n->text, instant_format(text, last));
	return first;
}

static void
ask_far_gun(struct reader *r, const struct conf_node *n, int64_t gun_us)
{
	int64_t noon;
	int64_t apart;
	char text[40];

	if (!r->clock_ok ||
	    instant_local(r->rules->date, INT64_C(43200) * INSTANT_SECOND,
	        INSTANT_NONE, &noon, NULL) < 0)
		return;
	apart = gun_us > noon ? gun_us - noon : noon - gun_us;
	if (apart > GUN_FAR_US)
		warn(r, n, "gun %s is days away from the race's date %s",
		    instant_format(text, gun_us), r->rules->date);
}

static int64_t
read_gun(struct reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "gun");
	const char *text = n == NULL ? NULL : text_of(r, n, "gun");
	char q[TEXT_QUOTE_MAX];
	enum instant_form form;
	struct err err;
	int64_t us;

	if (text == NULL)
		return RACE_NO_TIME;
	if (text[0] == '\0') {
		complain(r, n,
		    "gun is empty: write a time as in \"10:00:00\", or leave "
		    "the key out until it is known");
		return RACE_NO_TIME;
	}
	if (instant_parse(text, &form, &us, &err) < 0) {
		complain(r, n, "gun %s", err.text);
		return RACE_NO_TIME;
	}
	switch (form) {
	case INSTANT_CLOCK:
		return local_gun(r, n, us);
	case INSTANT_ABSOLUTE:
		ask_far_gun(r, n, us);
		return us;
	case INSTANT_RELATIVE:
		break;
	}
	complain(r, n,
	    "gun %s: must be a clock time as in \"10:00:00\", or "
	    "2014-09-21T10:00:00+02:00",
	    text_quote(q, text));
	return RACE_NO_TIME;
}

static void
read_waves(struct reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "gun", NULL };
	static const char example[] = "masse: { gun: \"10:00:00\" }";
	const struct conf_node *waves = table_of(r, root, "waves", example);
	size_t n;

	if (waves == NULL)
		return;
	n = bounded(r, waves, "waves", RACE_WAVES_MAX);
	r->rules->waves = xcalloc(n + 1, sizeof *r->rules->waves);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = waves->pairs[i].key;
		struct race_wave *w = &r->rules->waves[r->rules->wave_count++];
		const struct conf_node *table;

		w->name = xstrdup(key->text);
		w->gun_us = RACE_NO_TIME;
		(void)name_ok(r, key, "wave", key->text, RACE_LABEL_MAX);
		table = member_table(r, waves->pairs[i].value, example);
		if (table == NULL)
			continue;
		check_keys(r, table, keys);
		w->gun_us = read_gun(r, table);
	}
}

/* ---- points ---- */

static void
read_km(struct reader *r, const struct conf_node *key,
    const struct conf_node *table, uint32_t *metres)
{
	const struct conf_node *n = conf_yaml_get(table, "km");
	const char *text = n == NULL ? NULL : text_of(r, n, "km");
	char q[TEXT_QUOTE_MAX];

	if (n == NULL)
		complain(r, key, "point %s has no km: write %s: { km: 4 }",
		    text_quote(q, key->text),
		    strlen(key->text) > RACE_LABEL_MAX ? "NAME" : key->text);
	if (text != NULL && !parse_km(text, metres))
		complain(r, n,
		    "km %s: must be kilometres as in 4 or 21.097, with a point "
		    "and at most three decimals (metres), below 100000",
		    text_quote(q, text));
}

static void
read_min(struct reader *r, const struct conf_node *table, int64_t *min_us)
{
	const struct conf_node *n = conf_yaml_get(table, "min");
	const char *text = n == NULL ? NULL : text_of(r, n, "min");
	struct err err;

	if (text != NULL && instant_parse_span(text, min_us, &err) < 0)
		complain(r, n, "min %s", err.text);
}

static void
check_course(struct reader *r, const struct conf_node *points, size_t i)
{
	const struct race_point *p = r->rules->points;
	char q[TEXT_QUOTE_MAX];
	char before[TEXT_QUOTE_MAX];

	if (i > 0 && p[i].metres < p[i - 1].metres)
		complain(r, points->pairs[i].key,
		    "point %s at %u m comes behind %s at %u m: points stand in "
		    "the order of the course",
		    text_quote(q, p[i].name), p[i].metres,
		    text_quote(before, p[i - 1].name), p[i - 1].metres);
}

static void
read_points(struct reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "km", "min", NULL };
	static const char example[] = "arrivee: { km: 8 }";
	const struct conf_node *points = table_of(r, root, "points", example);
	size_t n;

	if (points == NULL)
		return;
	n = bounded(r, points, "points", RACE_POINTS_MAX);
	r->rules->points = xcalloc(n + 1, sizeof *r->rules->points);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = points->pairs[i].key;
		struct race_point *p =
		    &r->rules->points[r->rules->point_count++];
		const struct conf_node *table;

		p->name = xstrdup(key->text);
		/* What cannot be read is no step back too. */
		p->metres = i > 0 ? p[-1].metres : 0;
		(void)name_ok(r, key, "point", key->text, RACE_LABEL_MAX);
		if (strcmp(key->text, "live") == 0)
			complain(r, key,
			    "point \"live\": the word has a meaning in "
			    "rankings, take another name");
		table = member_table(r, points->pairs[i].value, example);
		if (table == NULL)
			continue;
		check_keys(r, table, keys);
		read_km(r, key, table, &p->metres);
		read_min(r, table, &p->min_us);
		check_course(r, points, i);
	}
}

/* ---- rankings ---- */

/* "F" for f; "" if the key is not there or wrong. */
static char *
read_sex(struct reader *r, const struct conf_node *table)
{
	static const char *const words[] = { "F", "M", "X" };
	const struct conf_node *n = conf_yaml_get(table, "sex");
	const char *text = n == NULL ? NULL : text_of(r, n, "sex");
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; text != NULL && i < 3; i++) {
		if (strcasecmp(words[i], text) == 0)
			return xstrdup(words[i]);
	}
	if (text != NULL)
		complain(r, n, "sex %s: must be F, M or X",
		    text_quote(q, text));
	return xstrdup("");
}

static char *
read_wave_filter(struct reader *r, const struct conf_node *table)
{
	char *wave = read_name(r, table, "wave", RACE_LABEL_MAX);
	char q[TEXT_QUOTE_MAX];

	if (wave[0] != '\0' && rules_wave(r->rules, wave) < 0)
		complain(r, conf_yaml_get(table, "wave"),
		    "wave %s: none of the waves above has that name",
		    text_quote(q, wave));
	return wave;
}

static int
read_at(struct reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "at");
	const char *text = n == NULL ? NULL : text_of(r, n, "at");
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
	complain(r, n, "at %s: must be one of the points, or live",
	    text_quote(q, text));
	return last;
}

static enum race_by
read_by(struct reader *r, const struct conf_node *table)
{
	static const char *const words[] = { "gun", "net", "km", NULL };
	const struct conf_node *n = conf_yaml_get(table, "by");

	if (n != NULL && n->kind == CONF_TEXT && strcmp(n->text, "laps") == 0) {
		complain(r, n,
		    "by \"laps\": this version cannot do it yet; it can do "
		    "gun, net and km");
		return RACE_BY_GUN;
	}
	return (enum race_by)read_choice(r, table, "by", words, RACE_BY_GUN);
}

static enum race_score
read_score(struct reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "score");
	const char *text = n == NULL ? NULL : text_of(r, n, "score");
	char q[TEXT_QUOTE_MAX];

	if (text == NULL || strcmp(text, "time") == 0)
		return RACE_SCORE_TIME;
	if (strcmp(text, "km") != 0)
		complain(r, n,
		    "score %s: this version cannot do it yet; it can do time "
		    "and km",
		    text_quote(q, text));
	return RACE_SCORE_KM;
}

static void
refuse_key(struct reader *r, const struct conf_node *table, const char *key,
    const char *why)
{
	const struct conf_node *n = conf_yaml_get(table, key);

	if (n != NULL)
		complain(r, n, "%s: %s", key, why);
}

/* Keys that say nothing beside the others: better asked than ignored. */
static void
check_sense(struct reader *r, const struct conf_node *table,
    const struct race_ranking *k)
{
	if (k->of == RACE_RUNNERS) {
		refuse_key(r, table, "score",
		    "a ranking of runners has none: leave it out, or write "
		    "of: teams");
		refuse_key(r, table, "best",
		    "a ranking of runners has none: leave it out, or write "
		    "of: teams");
		if (k->by == RACE_BY_KM)
			refuse_key(r, table, "at",
			    "by: km counts the furthest point of each: leave "
			    "it out");
		return;
	}
	if (k->ties != RACE_TIES_SHARED)
		refuse_key(r, table, "ties",
		    "teams that are equal to the last scorer share their "
		    "place: leave it out");
	if (k->by == RACE_BY_KM)
		refuse_key(r, table, "by",
		    "of teams the kilometres are a score: write score: km");
	if (k->score == RACE_SCORE_KM) {
		refuse_key(r, table, "best",
		    "score: km adds up all runners: leave it out");
		refuse_key(r, table, "at",
		    "score: km counts the furthest point of each: leave it "
		    "out");
	}
}

static void
read_ranking(struct reader *r, const struct conf_node *table,
    struct race_ranking *k)
{
	static const char *const of[] = { "runners", "teams", NULL };
	static const char *const ties[] = { "shared", "order", "time", NULL };
	static const char *const rounds[] = { "up-second", "none", NULL };

	k->of = (enum race_of)read_choice(r, table, "of", of, RACE_RUNNERS);
	k->sex = read_sex(r, table);
	k->category = read_name(r, table, "category", RACE_LABEL_MAX);
	k->team = read_name(r, table, "team", RACE_NAME_MAX);
	k->wave = read_wave_filter(r, table);
	k->at = read_at(r, table);
	k->by = read_by(r, table);
	k->ties = (enum race_ties)read_choice(r, table, "ties", ties,
	    RACE_TIES_SHARED);
	k->round = (enum race_round)read_choice(r, table, "round", rounds,
	    RACE_ROUND_UP_SECOND);
	k->score = read_score(r, table);
	k->best = read_count(r, table, "best", RACE_BEST_MAX, BEST_DEFAULT);
	check_sense(r, table, k);
}

static void
read_rankings(struct reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "of", "sex", "category", "team",
		"wave", "at", "by", "ties", "round", "score", "best", NULL };
	static const char example[] = "scratch: { of: runners }";
	static const struct conf_node none = { .kind = CONF_TABLE };
	const struct conf_node *all = table_of(r, root, "rankings", example);
	char q[TEXT_QUOTE_MAX];
	size_t n;

	if (all == NULL)
		return;
	n = bounded(r, all, "rankings", RACE_RANKINGS_MAX);
	r->rules->rankings = xcalloc(n + 1, sizeof *r->rules->rankings);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct race_ranking *k =
		    &r->rules->rankings[r->rules->ranking_count++];
		const struct conf_node *table;

		k->name = xstrdup(key->text);
		(void)name_ok(r, key, "ranking", key->text, RACE_LABEL_MAX);
		if (strchr(key->text, '/') != NULL)
			complain(r, key,
			    "ranking %s: a name of a ranking has no \"/\"",
			    text_quote(q, key->text));
		table = member_table(r, all->pairs[i].value, example);
		check_keys(r, table == NULL ? &none : table, keys);
		read_ranking(r, table == NULL ? &none : table, k);
	}
}

/* ---- awards ---- */

static void
read_award(struct reader *r, const struct conf_node *key,
    const struct conf_node *table, struct race_award *a)
{
	static const char *const keys[] = { "ranking", "places", NULL };
	char q[TEXT_QUOTE_MAX];

	check_keys(r, table, keys);
	if (conf_yaml_get(table, "ranking") == NULL)
		complain(r, key,
		    "award %s has no ranking: write ranking: and the name of "
		    "one",
		    text_quote(q, key->text));
	if (conf_yaml_get(table, "places") == NULL)
		complain(r, key, "award %s has no places: write places: 3",
		    text_quote(q, key->text));
	free(a->ranking);
	a->ranking = read_name(r, table, "ranking", RACE_LABEL_MAX);
	if (a->ranking[0] != '\0' && rules_ranking(r->rules, a->ranking) < 0)
		complain(r, conf_yaml_get(table, "ranking"),
		    "ranking %s: none of the rankings has that name",
		    text_quote(q, a->ranking));
	a->places = read_count(r, table, "places", PLACES_MAX, 1);
}

static void
read_awards(struct reader *r, const struct conf_node *root)
{
	static const char example[] =
	    "La plus rapide: { ranking: femmes, places: 3 }";
	const struct conf_node *all = table_of(r, root, "awards", example);
	size_t n;

	if (all == NULL)
		return;
	n = bounded(r, all, "awards", RACE_AWARDS_MAX);
	r->rules->awards = xcalloc(n + 1, sizeof *r->rules->awards);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = all->pairs[i].key;
		struct race_award *a =
		    &r->rules->awards[r->rules->award_count++];
		const struct conf_node *table;

		a->name = xstrdup(key->text);
		a->ranking = xstrdup("");
		(void)name_ok(r, key, "award", key->text, RACE_LABEL_MAX);
		table = member_table(r, all->pairs[i].value, example);
		if (table != NULL)
			read_award(r, key, table, a);
	}
}

/* ---- the whole ---- */

static void
check_missing(struct reader *r, const struct conf_node *root)
{
	static const struct {
		const char *key;
		const char *example;
	} needed[] = { { "title",
		           "title: Les 8 kilomètres de la relation client" },
		{ "date", "date: 2014-09-21" },
		{ "timezone", "timezone: Europe/Paris" },
		{ "waves", "waves: { masse: { gun: \"10:00:00\" } }" },
		{ "points",
		    "points: { depart: { km: 0 }, arrivee: { km: 8 } }" },
		{ "rankings", "rankings: { scratch: { of: runners } }" } };

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		const struct conf_node *n = conf_yaml_get(root, needed[i].key);

		if (n == NULL)
			conf_report_add(r->report, true, FILE_NAME, 0, 0,
			    "%s is missing: add a line as in  %s",
			    needed[i].key, needed[i].example);
		else if (i >= 3 &&
		    (is_empty(n) || (n->kind == CONF_TABLE && n->count == 0)))
			complain(r, n, "%s has nothing in it: write as in  %s",
			    needed[i].key, needed[i].example);
	}
}

/* Rules travel as one event. */
static void
check_size(struct reader *r)
{
	const struct race_rules *k = r->rules;
	size_t size = strlen(k->title) + strlen(k->date) + strlen(k->timezone) +
	    (size_t)2 * MEMBER_BYTES;

	for (size_t i = 0; i < k->wave_count; i++)
		size += strlen(k->waves[i].name) + MEMBER_BYTES / 2;
	for (size_t i = 0; i < k->point_count; i++)
		size += strlen(k->points[i].name) + MEMBER_BYTES / 2;
	for (size_t i = 0; i < k->ranking_count; i++)
		size += strlen(k->rankings[i].name) +
		    strlen(k->rankings[i].category) +
		    strlen(k->rankings[i].team) + strlen(k->rankings[i].wave) +
		    MEMBER_BYTES;
	for (size_t i = 0; i < k->award_count; i++)
		size += strlen(k->awards[i].name) +
		    strlen(k->awards[i].ranking) + MEMBER_BYTES / 2;
	if (size > RACE_EVENT_MAX)
		conf_report_add(r->report, true, FILE_NAME, 0, 0,
		    "the rules take about %zu bytes, at most %d fit into an "
		    "event: shorten names or leave rankings out",
		    size, RACE_EVENT_MAX);
}

static void
read_root(struct reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "title", "date", "timezone",
		"waves", "points", "rankings", "awards", NULL };
	bool date_ok;
	bool zone_ok;

	check_keys(r, root, keys);
	check_missing(r, root);
	free(r->rules->title);
	r->rules->title = read_name(r, root, "title", RACE_NAME_MAX);
	date_ok = read_date(r, root);
	zone_ok = read_zone(r, root);
	/* Whatever the order in the file: guns need date and zone, rankings
	 * waves and points, awards rankings. */
	r->clock_ok = date_ok && zone_ok;
	read_waves(r, root);
	read_points(r, root);
	read_rankings(r, root);
	read_awards(r, root);
	check_size(r);
}

static struct race_rules *
read_text(const char *text, size_t len, struct conf_report *report)
{
	struct reader r = { .report = report };
	size_t errors = report->errors;
	struct conf_node *root = conf_yaml_read(text, len, FILE_NAME, report);

	if (root == NULL)
		return NULL;
	r.rules = xcalloc(1, sizeof *r.rules);
	r.rules->title = xstrdup("");
	r.rules->date = xstrdup("");
	r.rules->timezone = xstrdup("");
	if (root->kind == CONF_TABLE)
		read_root(&r, root);
	else
		complain(&r, root,
		    "has to be a table of keys, as in  title: My race");
	conf_yaml_free(root);
	if (report->errors == errors)
		return r.rules;
	rules_free(r.rules);
	return NULL;
}

struct race_rules *
conf_rules(const char *dir, struct conf_report *report)
{
	char *path = xasprintf("%s/%s", dir, FILE_NAME);
	struct race_rules *rules = NULL;
	struct err err;
	char *text;
	size_t len;
	int rc = files_read(path, FILE_MAX, &text, &len, &err);

	if (rc == -EFBIG)
		conf_report_add(report, true, FILE_NAME, 0, 0,
		    "is larger than 48 KiB, which no race needs");
	else if (rc < 0)
		conf_report_add(report, true, FILE_NAME, 0, 0, "%s", err.text);
	free(path);
	if (rc < 0)
		return NULL;
	rules = read_text(text, len, report);
	free(text);
	return rules;
}
