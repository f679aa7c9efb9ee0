#include "collector/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/near.h"

enum {
	NAMED_MAX = 20, /* of each kind of unknown; the others are counted */
	NEAR_MAX = 3    /* entries that may have been meant */
};

enum column { TIME, BIB, CHIP, POINT, COLUMNS };

static const char *const column_names[COLUMNS] = { "time", "bib", "chip",
	"point" };

enum kind { UNKNOWN_POINT, UNKNOWN_BIB, UNKNOWN_CHIP, KINDS };

static const struct {
	uint32_t flag;
	const char *word;
	const char *where;
} kinds[KINDS] = {
	{ RACE_FLAG_UNKNOWN_POINT, "point", "race.yaml" },
	{ RACE_FLAG_UNKNOWN_BIB, "bib", "entries.csv" },
	{ RACE_FLAG_UNKNOWN_CHIP, "chip", "entries.csv" },
};

struct unknown {
	struct strmap *known; /* to entries; NULL: cannot be told */
	struct strmap *said;
	uint64_t reads;
};

struct lines {
	struct lines_race race;
	lines_say_fn say;
	void *arg;
	struct unknown unknown[KINDS];
	int columns[COLUMNS]; /* index, or -1 */
	size_t width;         /* of the first row */
	char *point;
	char chip[RACE_CHIP_MAX + 1];
};

static void say(struct lines *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct lines *l, const char *fmt, ...)
{
	char text[2048]; /* a quoted word and NEAR_MAX names */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	l->say(l->arg, text);
}

static void
know_entries(struct lines *l)
{
	struct strmap *bibs = strmap_new();
	struct strmap *chips = strmap_new();

	for (size_t i = 0; i < l->race.entry_count; i++) {
		const struct race_entry *e = &l->race.entries[i];

		strmap_put(bibs, e->bib, (uint32_t)i);
		for (size_t k = 0; k < e->chip_count; k++)
			strmap_put(chips, e->chips[k], (uint32_t)i);
	}
	l->unknown[UNKNOWN_BIB].known = bibs;
	l->unknown[UNKNOWN_CHIP].known = chips;
}

static void
know_points(struct lines *l)
{
	const struct race_rules *rules = l->race.rules;
	struct strmap *points = strmap_new();

	for (size_t i = 0; i < rules->point_count; i++) {
		const struct race_point *p = &rules->points[i];

		strmap_put(points, p->name, 0);
		if (p->backup != NULL && p->backup[0] != '\0')
			strmap_put(points, p->backup, 0);
	}
	l->unknown[UNKNOWN_POINT].known = points;
}

struct lines *
lines_new(const struct lines_race *race, lines_say_fn say_fn, void *arg)
{
	struct lines *l = xcalloc(1, sizeof *l);

	l->race = *race;
	l->say = say_fn;
	l->arg = arg;
	l->point = xstrdup("");
	for (size_t i = 0; i < COLUMNS; i++)
		l->columns[i] = -1;
	for (size_t i = 0; i < KINDS; i++)
		l->unknown[i].said = strmap_new();
	if (race->rules != NULL)
		know_points(l);
	if (race->entries != NULL)
		know_entries(l);
	return l;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < KINDS; i++) {
		strmap_free(l->unknown[i].known);
		strmap_free(l->unknown[i].said);
	}
	free(l->point);
	free(l);
}

void
lines_set_point(struct lines *l, const char *point)
{
	free(l->point);
	l->point = xstrdup(point);
}

bool
lines_has_point(const struct lines *l)
{
	return l->columns[POINT] >= 0;
}

/* ---- the first row ---- */

static int
column_of(const char *name)
{
	for (int i = 0; i < COLUMNS; i++) {
		if (strcasecmp(name, column_names[i]) == 0)
			return i;
	}
	return -1;
}

static int
take_name(struct lines *l, int index, const char *name, struct err *err)
{
	int column = column_of(name);

	if (column < 0 && name[0] == '\0') {
		say(l, "column %d has no name and is not used", index + 1);
		return 0;
	}
	if (column < 0) {
		char quoted[TEXT_QUOTE_MAX];

		say(l, "column %s is not used", text_quote(quoted, name));
		return 0;
	}
	if (l->columns[column] >= 0)
		return err_set(err, -EINVAL,
		    "columns %d and %d are both named '%s'",
		    l->columns[column] + 1, index + 1, column_names[column]);
	l->columns[column] = index;
	return 0;
}

bool
lines_is_header(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (column_of(text_trim(row->fields[i])) == TIME)
			return true;
	}
	return false;
}

static int
take_names(struct lines *l, const struct csv_row *row, struct err *err)
{
	for (size_t i = 0; i < COLUMNS; i++)
		l->columns[i] = -1;
	for (size_t i = 0; i < row->count; i++) {
		int rc = take_name(l, (int)i, text_trim(row->fields[i]), err);

		if (rc < 0)
			return rc;
	}
	if (l->columns[TIME] < 0)
		return err_set(err, -EINVAL,
		    "there is no column 'time': the first line has to name the "
		    "columns, as in 'time,bib'");
	if (l->columns[BIB] < 0 && l->columns[CHIP] < 0)
		return err_set(err, -EINVAL,
		    "there is no column 'bib' and none 'chip': the first line "
		    "has to name the columns, as in 'time,bib'");
	return 0;
}

int
lines_header(struct lines *l, const struct csv_row *row, struct err *err)
{
	int before[COLUMNS];
	int rc;

	memcpy(before, l->columns, sizeof before);
	rc = take_names(l, row, err);
	if (rc < 0)
		memcpy(l->columns, before, sizeof before);
	else
		l->width = row->count;
	return rc;
}

/* ---- times ---- */

int64_t
lines_gun(const struct lines *l)
{
	const struct race_rules *rules = l->race.rules;
	int64_t gun_us = RACE_NO_TIME;

	for (size_t i = 0; rules != NULL && i < rules->wave_count; i++) {
		const struct race_wave *w = &rules->waves[i];

		if (l->race.wave[0] != '\0' &&
		    strcmp(w->name, l->race.wave) != 0)
			continue;
		if (w->gun_us != RACE_NO_TIME &&
		    (gun_us == RACE_NO_TIME || w->gun_us < gun_us))
			gun_us = w->gun_us;
	}
	return gun_us;
}

static int
after_gun(const struct lines *l, const char *text, int64_t span_us, int64_t *us,
    struct err *err)
{
	const struct race_rules *rules = l->race.rules;
	int64_t gun_us = lines_gun(l);

	if (rules == NULL)
		return err_set(err, -ENODATA,
		    "%s counts from the gun: name the race folder with "
		    "--race",
		    text);
	if (rules->wave_count > 1 && l->race.wave[0] == '\0')
		return err_set(err, -ENODATA,
		    "%s counts from a gun, and the race has %zu: say "
		    "which with --gun WAVE",
		    text, rules->wave_count);
	if (gun_us == RACE_NO_TIME)
		return err_set(err, -ENODATA,
		    "%s counts from the gun, which race.yaml does not "
		    "have yet: enter it under waves",
		    text);
	*us = gun_us + span_us; /* instant_parse bounds the span */
	return 0;
}

static int
on_clock(const struct lines *l, const char *text, int64_t clock_us,
    int64_t near_us, int64_t *us, struct err *err)
{
	int64_t near = near_us != RACE_NO_TIME ? near_us : lines_gun(l);

	if (l->race.rules == NULL)
		return err_set(err, -ENODATA,
		    "%s is a local time: name the race folder with --race, or "
		    "write date and offset",
		    text);
	if (near != RACE_NO_TIME)
		return instant_near(clock_us, near, us, err);
	return instant_local(l->race.rules->date, clock_us, INSTANT_NONE, us,
	    err);
}

static int
read_time(const struct lines *l, const char *text, int64_t near_us,
    int64_t *out, struct err *err)
{
	enum instant_form form;
	int64_t us;
	int rc;

	if (text[0] == '\0')
		return err_set(err, -EINVAL, "the time is missing");
	rc = instant_parse(text, &form, &us, err);
	if (rc < 0)
		return rc;
	switch (form) {
	case INSTANT_ABSOLUTE:
		break;
	case INSTANT_RELATIVE:
		rc = after_gun(l, text, us, &us, err);
		break;
	case INSTANT_CLOCK:
		rc = on_clock(l, text, us, near_us, &us, err);
		break;
	}
	if (rc < 0)
		return rc == -ENODATA ? rc : -EINVAL;
	if (us < RACE_TIME_MIN || us >= RACE_TIME_MAX)
		return err_set(err, -EINVAL,
		    "time %s: must be between the years 2000 and 2099", text);
	*out = us;
	return 0;
}

/* ---- rows ---- */

static const char *
field(const struct lines *l, const struct csv_row *row, enum column column)
{
	int i = l->columns[column];

	if (i < 0 || (size_t)i >= row->count)
		return "";
	/* In quotes, too: entries.csv is read so. */
	return text_trim(row->fields[i]);
}

static int
check_label(const char *what, const char *s, size_t max, struct err *err)
{
	char quoted[TEXT_QUOTE_MAX];

	if (strlen(s) > max)
		return err_set(err, -EINVAL,
		    "the %s %s has %zu bytes: at most %zu", what,
		    text_quote(quoted, s), strlen(s), max);
	if (!text_printable(s))
		return err_set(err, -EINVAL,
		    "the %s %s has control characters in it", what,
		    text_quote(quoted, s));
	return 0;
}

/* Cells behind the last named column: a spreadsheet's empty ones are nothing,
 * any other was meant for something. */
static int
check_width(const struct lines *l, const struct csv_row *row, struct err *err)
{
	for (size_t i = l->width; i < row->count; i++) {
		if (row->fields[i][0] != '\0')
			return err_set(err, -EINVAL,
			    "%zu fields, but the first line names %zu columns",
			    row->count, l->width);
	}
	return 0;
}

static int
read_labels(struct lines *l, const struct csv_row *row, struct race_crossing *c,
    struct err *err)
{
	const char *chip = field(l, row, CHIP);
	char quoted[TEXT_QUOTE_MAX];
	int rc;

	c->bib = field(l, row, BIB);
	c->chip = l->chip; /* normalised below */
	c->point = field(l, row, POINT);
	if (c->point[0] == '\0')
		c->point = l->point;
	if (c->point[0] == '\0')
		return err_set(err, -ENODATA,
		    "no point: fill in the column 'point', or say --point");
	if (c->bib[0] == '\0' && chip[0] == '\0')
		return err_set(err, -EINVAL, "no bib and no chip");
	if (text_chip(l->chip, sizeof l->chip, chip) < 0)
		return err_set(err, -EINVAL,
		    "the chip %s: at most %d letters, digits, '-', ':', '_' "
		    "and '.'",
		    text_quote(quoted, chip), RACE_CHIP_MAX);
	rc = check_label("bib", c->bib, RACE_BIB_MAX, err);
	if (rc == 0)
		rc = check_label("point", c->point, RACE_LABEL_MAX, err);
	return rc;
}

static bool
is_known(void *arg, const char *word)
{
	return strmap_get(arg, word) != STRMAP_NONE;
}

/* The entries that may have been meant, best first; how many. */
static size_t
find_near(struct lines *l, enum kind kind, const char *text,
    struct near_match out[NEAR_MAX], uint32_t entries[NEAR_MAX])
{
	struct strmap *known = l->unknown[kind].known;
	struct near_match found[RACE_CHIPS_MAX];
	size_t n = near_find(text, is_known, known, found, RACE_CHIPS_MAX);
	size_t count = 0;

	for (size_t i = 0; i < n && count < NEAR_MAX; i++) {
		uint32_t entry = strmap_get(known, found[i].word);
		size_t k = 0;

		/* The chips of one entry may be near each other. */
		while (k < count && entries[k] != entry)
			k++;
		if (k < count)
			continue;
		entries[count] = entry;
		out[count++] = found[i];
	}
	return count;
}

/* ": perhaps 102 Ada Lovelace (two digits swapped)", or "".  Free with free().
 */
static char *
perhaps(struct lines *l, enum kind kind, const char *text)
{
	struct near_match found[NEAR_MAX];
	uint32_t entries[NEAR_MAX];
	char *all = xstrdup("");
	size_t n = 0;

	/* Points are no entries. */
	if (kind != UNKNOWN_POINT)
		n = find_near(l, kind, text, found, entries);
	for (size_t i = 0; i < n; i++) {
		const struct race_entry *e = &l->race.entries[entries[i]];
		char *longer = xasprintf("%s%s%s%s%s%s (%s)", all,
		    i == 0 ? ": perhaps " : ", or ",
		    kind == UNKNOWN_CHIP ? "that of " : "", e->bib,
		    e->name[0] != '\0' ? " " : "", e->name,
		    near_words(found[i].slip));

		free(all);
		all = longer;
	}
	return all;
}

static void
say_unknown(struct lines *l, enum kind kind, const char *text)
{
	char quoted[TEXT_QUOTE_MAX];
	char *near = perhaps(l, kind, text);

	say(l, "%s %s is not in %s%s%s taken all the same", kinds[kind].word,
	    text_quote(quoted, text), kinds[kind].where, near,
	    near[0] != '\0' ? ";" : ":");
	free(near);
}

static uint32_t
look_up(struct lines *l, enum kind kind, const char *text)
{
	struct unknown *u = &l->unknown[kind];

	if (u->known == NULL || text[0] == '\0' ||
	    strmap_get(u->known, text) != STRMAP_NONE)
		return 0;
	u->reads++;
	if (strmap_get(u->said, text) != STRMAP_NONE)
		return kinds[kind].flag;
	if (strmap_count(u->said) < NAMED_MAX) {
		say_unknown(l, kind, text);
		strmap_put(u->said, text, 0);
		return kinds[kind].flag;
	}
	if (strmap_count(u->said) == NAMED_MAX) {
		say(l, "more %ss are not in %s: counted from here on",
		    kinds[kind].word, kinds[kind].where);
		strmap_put(u->said, "", 0); /* said */
	}
	return kinds[kind].flag;
}

int
lines_crossing(struct lines *l, const struct csv_row *row, int64_t *near_us,
    struct race_crossing *out, struct err *err)
{
	struct race_crossing c = { .clock = RACE_CLOCK_FILE, .source = "" };
	int rc = check_width(l, row, err);

	if (rc == 0)
		rc = read_time(l, field(l, row, TIME), *near_us, &c.time_us,
		    err);
	if (rc == 0)
		rc = read_labels(l, row, &c, err);
	if (rc != 0)
		return rc;
	c.flags = look_up(l, UNKNOWN_POINT, c.point) |
	    look_up(l, UNKNOWN_BIB, c.bib) | look_up(l, UNKNOWN_CHIP, c.chip);
	*near_us = c.time_us;
	*out = c;
	return 0;
}

void
lines_sum_up(const struct lines *l)
{
	for (size_t i = 0; i < KINDS; i++) {
		const struct unknown *u = &l->unknown[i];
		char text[256];

		if (strmap_count(u->said) <= NAMED_MAX)
			continue;
		(void)snprintf(text, sizeof text,
		    "%" PRIu64 " reads in all with a %s that is not in %s",
		    u->reads, kinds[i].word, kinds[i].where);
		l->say(l->arg, text);
	}
}
