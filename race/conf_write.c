/* race.yaml: written as a person would, of rules that were read or recorded. */
#include "race/conf.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "race/conf_read.h"

/* A table on one line, which is closed by end_table(). */
struct table {
	FILE *out;
	bool any;
};

/* ---- texts ---- */

/* What a YAML file may not hold as it is, though a name may: 0, or its number.
 */
static unsigned
escaped(const char *s)
{
	if (strncmp(s, "\xef\xbb\xbf", 3) == 0)
		return 0xfeff;
	if (strncmp(s, "\xef\xbf\xbe", 3) == 0)
		return 0xfffe;
	if (strncmp(s, "\xef\xbf\xbf", 3) == 0)
		return 0xffff;
	return 0;
}

/* In quotes nothing means anything else: no, 010, # and all. */
void
conf_text_write(FILE *out, const char *s)
{
	putc('"', out);
	while (*s != '\0') {
		unsigned number = escaped(s);

		if (number != 0) {
			fprintf(out, "\\u%04X", number);
			s += 3;
			continue;
		}
		if (*s == '"' || *s == '\\')
			putc('\\', out);
		putc(*s++, out);
	}
	putc('"', out);
}

static bool
is_word(const char *s)
{
	/* To us they are words, to other programs not. */
	static const char *const others[] = { "null", "true", "false", "yes",
		"no", "on", "off", "y", "n" };
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcasecmp(others[i], s) == 0)
			return false;
	return *s != '\0' && strchr(letters, *s) != NULL &&
	    s[strspn(s,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789-_/")] == '\0';
}

/* Most names are plain. */
static void
put_name(FILE *out, const char *s)
{
	if (is_word(s))
		fputs(s, out);
	else
		conf_text_write(out, s);
}

/* ---- tables ---- */

static struct table
begin_table(FILE *out, const char *name)
{
	fputs("  ", out);
	put_name(out, name);
	fputs(":", out);
	return (struct table){ .out = out };
}

static void
begin_key(struct table *t, const char *key)
{
	fprintf(t->out, "%s%s: ", t->any ? ", " : " { ", key);
	t->any = true;
}

static void
end_table(struct table *t)
{
	fputs(t->any ? " }\n" : "\n", t->out);
}

/* "": it is left out. */
static void
put_named(struct table *t, const char *key, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	begin_key(t, key);
	put_name(t->out, name);
}

static void
put_word(struct table *t, const char *key, const char *const *words, int value,
    int usual)
{
	if (value == usual)
		return;
	begin_key(t, key);
	fputs(words[value], t->out);
}

static void
put_count(struct table *t, const char *key, uint32_t value, uint32_t usual)
{
	if (value == usual)
		return;
	begin_key(t, key);
	fprintf(t->out, "%" PRIu32, value);
}

static void
put_span(struct table *t, const char *key, int64_t us, int64_t usual_us)
{
	char text[32];

	if (us == usual_us)
		return;
	begin_key(t, key);
	fprintf(t->out, "\"%s\"", instant_elapsed(text, us, false));
}

static void
put_range(FILE *out, uint32_t from, uint32_t to, uint32_t open)
{
	if (from == to)
		fprintf(out, "%" PRIu32, from);
	else if (to == open)
		fprintf(out, "%" PRIu32 "-", from);
	else if (from == 0)
		fprintf(out, "-%" PRIu32, to);
	else
		fprintf(out, "%" PRIu32 "-%" PRIu32, from, to);
}

/* ---- waves and points ---- */

/* As clocks say it, where nothing else can be meant by that on the race's date:
 * moves *text to it, which is cut off behind it. */
static void
cut_to_clock(char **text, const struct race_rules *rules, int64_t gun_us)
{
	char *clock = *text + strlen("2014-09-21T");
	size_t len = strcspn(clock, "+-Z");
	char end = clock[len];
	enum instant_form form;
	int64_t first;
	int64_t last;
	int64_t us;

	if (strncmp(*text, rules->date, strlen("2014-09-21")) != 0)
		return;
	clock[len] = '\0';
	if (instant_parse(clock, &form, &us, NULL) == 0 &&
	    form == INSTANT_CLOCK &&
	    instant_local(rules->date, us, INSTANT_NONE, &first, NULL) == 0 &&
	    instant_local(rules->date, us, INT64_MAX, &last, NULL) == 0 &&
	    first == gun_us && last == gun_us)
		*text = clock;
	else
		clock[len] = end;
}

static void
write_waves(FILE *out, const struct race_rules *rules)
{
	fputs("waves:\n", out);
	for (size_t i = 0; i < rules->wave_count; i++) {
		const struct race_wave *w = &rules->waves[i];
		struct table t = begin_table(out, w->name);
		char room[40];
		char *text = room;

		if (w->gun_us != RACE_NO_TIME) {
			instant_format(room, w->gun_us);
			cut_to_clock(&text, rules, w->gun_us);
			begin_key(&t, "gun");
			fprintf(out, "\"%s\"", text);
		}
		put_span(&t, "window", w->window_us, 0);
		end_table(&t);
	}
}

static void
put_km(struct table *t, uint32_t metres)
{
	char decimals[8];
	size_t len;

	snprintf(decimals, sizeof decimals, ".%03" PRIu32, metres % 1000);
	len = strlen(decimals);
	while (decimals[len - 1] == '0')
		decimals[--len] = '\0';
	begin_key(t, "km");
	fprintf(t->out, "%" PRIu32 "%s", metres / 1000,
	    decimals[1] != '\0' ? decimals : "");
}

static void
write_points(FILE *out, const struct race_rules *rules)
{
	fputs("points:\n", out);
	for (size_t i = 0; i < rules->point_count; i++) {
		const struct race_point *p = &rules->points[i];
		bool backup = p->backup != NULL && p->backup[0] != '\0';
		struct table t = begin_table(out, p->name);

		put_km(&t, p->metres);
		put_span(&t, "min", p->min_us, 0);
		put_span(&t, "max", p->max_us, 0);
		put_span(&t, "gap", p->gap_us, 0);
		put_named(&t, "backup", p->backup);
		put_span(&t, "tolerance", p->tolerance_us,
		    backup ? CONF_TOLERANCE_US : 0);
		put_span(&t, "cutoff", p->cutoff_us, 0);
		end_table(&t);
	}
}

/* ---- categories and aliases ---- */

static void
write_categories(FILE *out, const struct race_rules *rules)
{
	if (rules->category_count > 0)
		fputs("categories:\n", out);
	for (size_t i = 0; i < rules->category_count; i++) {
		const struct race_category *c = &rules->categories[i];
		struct table t = begin_table(out, c->name);

		put_named(&t, "sex", c->sex);
		begin_key(&t, "ages");
		put_range(out, c->from, c->to, RACE_AGE_MAX);
		end_table(&t);
	}
}

/* Whether a spelling before this one has told of the same team. */
static bool
is_told(const struct race_rules *rules, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(rules->aliases[k].team, rules->aliases[i].team) == 0)
			return true;
	return false;
}

static void
write_team(FILE *out, const struct race_rules *rules, size_t first)
{
	const char *team = rules->aliases[first].team;

	fputs("  ", out);
	put_name(out, team);
	fputs(": [", out);
	for (size_t i = first; i < rules->alias_count; i++) {
		if (strcmp(rules->aliases[i].team, team) != 0)
			continue;
		fputs(i > first ? ", " : "", out);
		put_name(out, rules->aliases[i].spelling);
	}
	fputs("]\n", out);
}

static void
write_aliases(FILE *out, const struct race_rules *rules)
{
	if (rules->alias_count > 0)
		fputs("aliases:\n", out);
	for (size_t i = 0; i < rules->alias_count; i++)
		if (!is_told(rules, i))
			write_team(out, rules, i);
}

/* ---- rankings and awards ---- */

static void
put_at(struct table *t, const struct race_rules *rules,
    const struct race_ranking *k)
{
	if (k->at == (int)rules->point_count - 1)
		return;
	begin_key(t, "at");
	if (k->at >= 0 && (size_t)k->at < rules->point_count)
		put_name(t->out, rules->points[k->at].name);
	else
		fputs("live", t->out);
}

static void
put_without(struct table *t, const struct race_rules *rules,
    const struct race_ranking *k)
{
	struct table inner = { .out = t->out };

	if (k->without_count == 0)
		return;
	begin_key(t, "without");
	for (size_t i = 0; i < k->without_count; i++) {
		uint32_t other = k->without[i].ranking;

		fputs(inner.any ? ", " : "{ ", t->out);
		inner.any = true;
		put_name(t->out, rules->rankings[other].name);
		fprintf(t->out, ": %" PRIu32, k->without[i].places);
	}
	fputs(" }", t->out);
}

/* Of teams what makes the score is said, though it be what is usual. */
static void
put_scoring(struct table *t, const struct race_ranking *k)
{
	bool teams = k->of == RACE_TEAMS;
	bool km = k->score == RACE_SCORE_KM;

	put_word(t, "score", conf_scores, (int)k->score,
	    teams ? -1 : RACE_SCORE_TIME);
	put_count(t, "best", k->best, teams && !km ? 0 : CONF_BEST);
	put_word(t, "how", conf_hows, (int)k->how, RACE_SUM);
	put_count(t, "women", k->women, 0);
	put_count(t, "men", k->men, 0);
	put_count(t, "sides", k->sides, 1);
	put_word(t, "average", conf_yes_words, k->average ? 1 : 0, 0);
	if (k->size_min == 0 && k->size_max == 0)
		return;
	begin_key(t, "size");
	put_range(t->out, k->size_min, k->size_max, 0);
}

static void
write_rankings(FILE *out, const struct race_rules *rules)
{
	fputs("rankings:\n", out);
	for (size_t i = 0; i < rules->ranking_count; i++) {
		const struct race_ranking *k = &rules->rankings[i];
		struct table t = begin_table(out, k->name);

		begin_key(&t, "of");
		fputs(conf_ofs[k->of], out);
		put_named(&t, "sex", k->sex);
		put_named(&t, "category", k->category);
		put_named(&t, "team", k->team);
		put_named(&t, "wave", k->wave);
		put_at(&t, rules, k);
		put_word(&t, "by", conf_bys, (int)k->by, RACE_BY_GUN);
		put_word(&t, "ties", conf_ties, (int)k->ties, RACE_TIES_SHARED);
		put_word(&t, "round", conf_rounds, (int)k->round,
		    RACE_ROUND_UP_SECOND);
		put_count(&t, "gun_first", k->gun_first, 0);
		put_without(&t, rules, k);
		put_scoring(&t, k);
		end_table(&t);
	}
}

static void
write_awards(FILE *out, const struct race_rules *rules)
{
	if (rules->award_count > 0)
		fputs("awards:\n", out);
	for (size_t i = 0; i < rules->award_count; i++) {
		const struct race_award *a = &rules->awards[i];
		struct table t = begin_table(out, a->name);

		put_named(&t, "ranking", a->ranking);
		begin_key(&t, "places");
		fprintf(out, "%" PRIu32, a->places);
		end_table(&t);
	}
}

/* ---- the whole ---- */

void
conf_rules_write(FILE *out, const struct race_rules *rules)
{
	char text[32];
	struct err err;

	/* Of a zone that this system does not have the guns are in another one,
	 * with its offset. */
	(void)instant_zone(rules->timezone, &err);
	fputs("title: ", out);
	conf_text_write(out, rules->title);
	fprintf(out, "\ndate: %s\ntimezone: ", rules->date);
	put_name(out, rules->timezone);
	putc('\n', out);
	if (rules->fastest_us_km != CONF_FASTEST_US)
		fprintf(out, "fastest: \"%s\"\n",
		    instant_elapsed(text, rules->fastest_us_km, false));
	write_waves(out, rules);
	write_points(out, rules);
	write_categories(out, rules);
	write_aliases(out, rules);
	write_rankings(out, rules);
	write_awards(out, rules);
}
