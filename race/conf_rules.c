/* race.yaml: what a race is, from the tree of conf_yaml. */
#include "race/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_read.h"
#include "race/rules.h"

enum {
	FILE_MAX = 96 * 1024,
	KM_DIGITS_MAX = 5,
	/* What an encoded member takes beside its text: tags, lengths, numbers,
	 * generously. */
	MEMBER_BYTES = 48,
	ALIAS_BYTES = 10
};

/* Guns further from the race's date than this are worth a question. */
#define GUN_FAR_US (INT64_C(3) * 86400 * INSTANT_SECOND)

#define MINUTE_US (60 * INSTANT_SECOND)
#define DAY_US    (INT64_C(86400) * INSTANT_SECOND)
#define SPAN_MAX  (100 * DAY_US)

/* ---- title, date, timezone ---- */

static bool
read_date(struct conf_reader *r, const struct conf_node *root)
{
	const struct conf_node *n = conf_yaml_get(root, "date");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "date");
	char q[TEXT_QUOTE_MAX];

	if (text == NULL)
		return false;
	if (!instant_date_valid(text)) {
		conf_complain(r, n, "date %s: must be a day as in 2014-09-21",
		    text_quote(q, text));
		return false;
	}
	if (strcmp(text, "2000") < 0 || strcmp(text, "2100") >= 0) {
		conf_complain(r, n,
		    "date %s: must be in the years 2000 to 2099",
		    text_quote(q, text));
		return false;
	}
	free(r->rules->date);
	r->rules->date = xstrdup(text);
	return true;
}

static bool
read_zone(struct conf_reader *r, const struct conf_node *root)
{
	const struct conf_node *n = conf_yaml_get(root, "timezone");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "timezone");
	struct err err;

	if (text == NULL)
		return false;
	if (instant_zone(text, &err) < 0) {
		conf_complain(r, n, "timezone %s", err.text);
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
local_gun(struct conf_reader *r, const struct conf_node *n, int64_t clock_us)
{
	int64_t first;
	int64_t last;
	char text[40];
	struct err err;

	if (!r->clock_ok)
		return RACE_NO_TIME;
	if (instant_local(r->rules->date, clock_us, INSTANT_NONE, &first,
	        &err) < 0) {
		conf_complain(r, n, "gun %s", err.text);
		return RACE_NO_TIME;
	}
	if (instant_local(r->rules->date, clock_us, INT64_MAX, &last, NULL) ==
	        0 &&
	    last != first)
		conf_warn(r, n,
		    "gun \"%s\" comes twice that day, the first is taken; the "
		    "second is %s",
		    n->text, instant_format(text, last));
	return first;
}

static void
ask_far_gun(struct conf_reader *r, const struct conf_node *n, int64_t gun_us)
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
		conf_warn(r, n, "gun %s is days away from the race's date %s",
		    instant_format(text, gun_us), r->rules->date);
}

static int64_t
read_gun(struct conf_reader *r, const struct conf_node *table)
{
	const struct conf_node *n = conf_yaml_get(table, "gun");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "gun");
	char q[TEXT_QUOTE_MAX];
	enum instant_form form;
	struct err err;
	int64_t us;

	if (text == NULL)
		return RACE_NO_TIME;
	if (text[0] == '\0') {
		conf_complain(r, n,
		    "gun is empty: write a time as in \"10:00:00\", or leave "
		    "the key out until it is known");
		return RACE_NO_TIME;
	}
	if (instant_parse(text, &form, &us, &err) < 0) {
		conf_complain(r, n, "gun %s", err.text);
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
	conf_complain(r, n,
	    "gun %s: must be a clock time as in \"10:00:00\", or "
	    "2014-09-21T10:00:00+02:00",
	    text_quote(q, text));
	return RACE_NO_TIME;
}

/* Who has no wave would be in two. */
static void
check_windows(struct conf_reader *r, const struct conf_node *waves, size_t i)
{
	const struct race_wave *w = r->rules->waves;
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	for (size_t k = 0; k < i; k++) {
		if (w[i].window_us == 0 || w[k].window_us == 0 ||
		    w[i].gun_us == RACE_NO_TIME || w[k].gun_us == RACE_NO_TIME)
			continue;
		if (w[i].gun_us >= w[k].gun_us + w[k].window_us ||
		    w[k].gun_us >= w[i].gun_us + w[i].window_us)
			continue;
		conf_complain(r, waves->pairs[i].key,
		    "the windows of %s and %s overlap, so that nobody could "
		    "tell who starts in which: shorten the first",
		    text_quote(a, w[k].name), text_quote(b, w[i].name));
	}
}

static void
read_waves(struct conf_reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "gun", "window", NULL };
	static const char example[] = "masse: { gun: \"10:00:00\" }";
	const struct conf_node *waves =
	    conf_table_of(r, root, "waves", example);
	size_t n;

	if (waves == NULL)
		return;
	n = conf_bounded(r, waves, "waves", RACE_WAVES_MAX);
	r->rules->waves = xcalloc(n + 1, sizeof *r->rules->waves);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = waves->pairs[i].key;
		struct race_wave *w = &r->rules->waves[r->rules->wave_count++];
		const struct conf_node *table;

		w->name = xstrdup(key->text);
		w->gun_us = RACE_NO_TIME;
		(void)conf_name_ok(r, key, "wave", key->text, RACE_LABEL_MAX);
		table = conf_member_table(r, waves->pairs[i].value, example);
		if (table == NULL)
			continue;
		conf_check_keys(r, table, keys);
		w->gun_us = read_gun(r, table);
		w->window_us = conf_read_span(r, table, "window",
		    INSTANT_SECOND, DAY_US, 0);
		check_windows(r, waves, i);
	}
}

/* ---- points ---- */

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

static void
read_km(struct conf_reader *r, const struct conf_node *key,
    const struct conf_node *table, uint32_t *metres)
{
	const struct conf_node *n = conf_yaml_get(table, "km");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "km");
	char q[TEXT_QUOTE_MAX];

	if (n == NULL)
		conf_complain(r, key, "point %s has no km: write %s: { km: 4 }",
		    text_quote(q, key->text),
		    strlen(key->text) > RACE_LABEL_MAX ? "NAME" : key->text);
	if (text != NULL && !parse_km(text, metres))
		conf_complain(r, n,
		    "km %s: must be kilometres as in 4 or 21.097, with a point "
		    "and at most three decimals (metres), below 100000",
		    text_quote(q, text));
}

static void
refuse_backup(struct conf_reader *r, const struct conf_node *table,
    const char *name, const char *why)
{
	char q[TEXT_QUOTE_MAX];

	conf_complain(r, conf_yaml_get(table, "backup"), "backup %s: %s",
	    text_quote(q, name), why);
}

/* Its readers have a name that no other point or backup has. */
static void
read_backup(struct conf_reader *r, const struct conf_node *table,
    struct race_point *p)
{
	free(p->backup);
	p->backup = conf_read_name(r, table, "backup", RACE_LABEL_MAX);
	if (p->backup[0] == '\0') {
		conf_refuse_key(r, table, "tolerance",
		    "is for a backup: name one, as in backup: arrivee-b");
		return;
	}
	p->tolerance_us =
	    conf_read_span(r, table, "tolerance", 0, DAY_US, CONF_TOLERANCE_US);
}

static void
check_limits(struct conf_reader *r, const struct conf_node *table,
    const struct race_point *p)
{
	if (p->max_us != 0 && p->max_us <= p->min_us)
		conf_refuse_key(r, table, "max",
		    "has to be longer than min, or no read would count");
	if (p->cutoff_us != 0 && p->cutoff_us <= p->min_us)
		conf_refuse_key(r, table, "cutoff",
		    "has to be longer than min, or everybody would be late");
	if (p->cutoff_us != 0 && p->max_us != 0 && p->cutoff_us >= p->max_us)
		conf_refuse_key(r, table, "cutoff",
		    "nobody comes in after it, for max ends before: make max "
		    "longer, or leave it out");
}

/* There the last read before the course counts, early or late. */
static void
check_start(struct conf_reader *r, const struct conf_node *table,
    const struct race_point *p)
{
	static const char *const keys[] = { "min", "max" };

	if (p != r->rules->points || p->metres > 0)
		return;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		conf_refuse_key(r, table, keys[i],
		    "at the start the last read counts, early or late: leave "
		    "it out");
}

/* When a read counts. */
static void
read_limits(struct conf_reader *r, const struct conf_node *table,
    struct race_point *p)
{
	p->min_us = conf_read_span(r, table, "min", 0, SPAN_MAX, 0);
	p->max_us =
	    conf_read_span(r, table, "max", INSTANT_SECOND, SPAN_MAX, 0);
	p->gap_us = conf_read_span(r, table, "gap", 0, DAY_US, 0);
	p->cutoff_us =
	    conf_read_span(r, table, "cutoff", INSTANT_SECOND, SPAN_MAX, 0);
	read_backup(r, table, p);
	check_limits(r, table, p);
	check_start(r, table, p);
}

static void
check_course(struct conf_reader *r, const struct conf_node *points, size_t i)
{
	const struct race_point *p = r->rules->points;
	char q[TEXT_QUOTE_MAX];
	char before[TEXT_QUOTE_MAX];

	if (i > 0 && p[i].metres < p[i - 1].metres)
		conf_complain(r, points->pairs[i].key,
		    "point %s at %u m comes behind %s at %u m: points stand in "
		    "the order of the course",
		    text_quote(q, p[i].name), p[i].metres,
		    text_quote(before, p[i - 1].name), p[i - 1].metres);
}

static void
check_backups(struct conf_reader *r, const struct conf_node *points, size_t n)
{
	const struct race_point *p = r->rules->points;

	for (size_t i = 0; i < n; i++) {
		const struct conf_node *table = points->pairs[i].value;

		if (p[i].backup[0] == '\0')
			continue;
		if (rules_point(r->rules, p[i].backup) >= 0)
			refuse_backup(r, table, p[i].backup,
			    "is a point: a second reader has a name of its own "
			    "and no km");
		for (size_t k = 0; k < i; k++)
			if (strcmp(p[i].backup, p[k].backup) == 0)
				refuse_backup(r, table, p[i].backup,
				    "is that of another point already");
	}
}

static void
read_points(struct conf_reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "km", "min", "max", "gap", "backup",
		"tolerance", "cutoff", NULL };
	static const char example[] = "arrivee: { km: 8 }";
	const struct conf_node *points =
	    conf_table_of(r, root, "points", example);
	size_t n;

	if (points == NULL)
		return;
	n = conf_bounded(r, points, "points", RACE_POINTS_MAX);
	r->rules->points = xcalloc(n + 1, sizeof *r->rules->points);
	for (size_t i = 0; i < n; i++) {
		const struct conf_node *key = points->pairs[i].key;
		struct race_point *p =
		    &r->rules->points[r->rules->point_count++];
		const struct conf_node *table;

		p->name = xstrdup(key->text);
		p->backup = xstrdup("");
		/* What cannot be read is no step back too. */
		p->metres = i > 0 ? p[-1].metres : 0;
		(void)conf_name_ok(r, key, "point", key->text, RACE_LABEL_MAX);
		if (strcmp(key->text, "live") == 0)
			conf_complain(r, key,
			    "point \"live\": the word has a meaning in "
			    "rankings, take another name");
		table = conf_member_table(r, points->pairs[i].value, example);
		if (table == NULL)
			continue;
		conf_check_keys(r, table, keys);
		read_km(r, key, table, &p->metres);
		read_limits(r, table, p);
		check_course(r, points, i);
	}
	check_backups(r, points, n);
}

/* ---- the whole ---- */

static void
check_missing(struct conf_reader *r, const struct conf_node *root)
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
			conf_report_add(r->report, true, r->file, 0, 0,
			    "%s is missing: add a line as in  %s",
			    needed[i].key, needed[i].example);
		else if (i >= 3 &&
		    (conf_is_empty(n) ||
		        (n->kind == CONF_TABLE && n->count == 0)))
			conf_complain(r, n,
			    "%s has nothing in it: write as in  %s",
			    needed[i].key, needed[i].example);
	}
}

/* Rules travel as one event. */
static void
check_size(struct conf_reader *r)
{
	const struct race_rules *k = r->rules;
	size_t size = strlen(k->title) + strlen(k->date) + strlen(k->timezone) +
	    (size_t)2 * MEMBER_BYTES;

	for (size_t i = 0; i < k->wave_count; i++)
		size += strlen(k->waves[i].name) + MEMBER_BYTES / 2;
	for (size_t i = 0; i < k->point_count; i++)
		size += strlen(k->points[i].name) +
		    strlen(k->points[i].backup) + MEMBER_BYTES;
	for (size_t i = 0; i < k->ranking_count; i++)
		size += strlen(k->rankings[i].name) +
		    strlen(k->rankings[i].category) +
		    strlen(k->rankings[i].team) + strlen(k->rankings[i].wave) +
		    MEMBER_BYTES * (1 + k->rankings[i].without_count / 3);
	for (size_t i = 0; i < k->award_count; i++)
		size += strlen(k->awards[i].name) +
		    strlen(k->awards[i].ranking) + MEMBER_BYTES / 2;
	for (size_t i = 0; i < k->category_count; i++)
		size += strlen(k->categories[i].name) + MEMBER_BYTES / 2;
	for (size_t i = 0; i < k->alias_count; i++)
		size += strlen(k->aliases[i].spelling) +
		    strlen(k->aliases[i].team) + ALIAS_BYTES;
	if (size > RACE_EVENT_MAX)
		conf_report_add(r->report, true, r->file, 0, 0,
		    "the rules take about %zu bytes, at most %d fit into an "
		    "event: shorten names, or leave rankings or aliases out",
		    size, RACE_EVENT_MAX);
}

static void
read_root(struct conf_reader *r, const struct conf_node *root)
{
	static const char *const keys[] = { "title", "date", "timezone",
		"waves", "points", "categories", "aliases", "rankings",
		"awards", "fastest", NULL };
	bool date_ok;
	bool zone_ok;

	conf_check_keys(r, root, keys);
	check_missing(r, root);
	free(r->rules->title);
	r->rules->title = conf_read_name(r, root, "title", RACE_NAME_MAX);
	date_ok = read_date(r, root);
	zone_ok = read_zone(r, root);
	/* Whatever the order in the file: guns need date and zone, rankings
	 * waves, points and aliases, awards rankings. */
	r->clock_ok = date_ok && zone_ok;
	read_waves(r, root);
	read_points(r, root);
	conf_read_categories(r, root);
	conf_read_aliases(r, root);
	r->rules->fastest_us_km = conf_read_span(r, root, "fastest", MINUTE_US,
	    60 * MINUTE_US, CONF_FASTEST_US);
	conf_read_rankings(r, root);
	conf_read_awards(r, root);
	check_size(r);
}

static struct race_rules *
read_text(const char *file, const char *text, size_t len,
    struct conf_report *report)
{
	struct conf_reader r = { .file = file, .report = report };
	size_t errors = report->errors;
	struct conf_node *root = conf_yaml_read(text, len, file, report);

	if (root == NULL)
		return NULL;
	r.rules = xcalloc(1, sizeof *r.rules);
	r.rules->title = xstrdup("");
	r.rules->date = xstrdup("");
	r.rules->timezone = xstrdup("");
	if (root->kind == CONF_TABLE)
		read_root(&r, root);
	else
		conf_complain(&r, root,
		    "has to be a table of keys, as in  title: My race");
	conf_yaml_free(root);
	if (report->errors == errors)
		return r.rules;
	rules_free(r.rules);
	return NULL;
}

struct race_rules *
conf_rules_file(const char *path, struct conf_report *report)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash != NULL ? slash + 1 : path;
	struct race_rules *rules;
	struct err err;
	char *text;
	size_t len;
	int rc = files_read(path, FILE_MAX, &text, &len, &err);

	if (rc == -EFBIG)
		conf_report_add(report, true, file, 0, 0,
		    "is larger than 96 KiB, which no race needs");
	else if (rc < 0)
		conf_report_add(report, true, file, 0, 0, "%s", err.text);
	if (rc < 0)
		return NULL;
	rules = read_text(file, text, len, report);
	free(text);
	return rules;
}

struct race_rules *
conf_rules(const char *dir, struct conf_report *report)
{
	char *path = xasprintf("%s/%s", dir, CONF_RULES_FILE);
	struct race_rules *rules = conf_rules_file(path, report);

	free(path);
	return rules;
}
