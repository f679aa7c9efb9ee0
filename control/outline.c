#include "control/outline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "common/text.h"

enum { ITEM_MAX = 256, KM_MAX = 1000 };

struct kind {
	const char *word;
	const char *rule;
	const char *comment;
	const char *award; /* NULL: no prizes */
};

static const struct kind kinds[OUTLINE_RANKINGS] = {
	{ "overall", "of: runners", "by the gun: who is first over the line",
	    "Overall" },
	{ "women", "of: runners, sex: F", "by column sex of entries.csv",
	    "Women" },
	{ "men", "of: runners, sex: M", NULL, "Men" },
	{ "net", "of: runners, by: net",
	    "from each one's own crossing of the start", NULL },
	{ "live", "of: runners, at: live", "the furthest on, while it is run",
	    NULL },
	{ "teams", "of: teams, score: time, best: 3",
	    "the sum of its three best", "Fastest team" },
	{ "km", "of: teams, score: km", "all kilometres that a team has run",
	    "Most kilometres" },
};

const char outline_choice[] = "overall, women, men, net, live, teams, km";

/* ---- answers ---- */

/* Copies the next of a list and goes on behind its comma.  False at the end. */
static bool
next_item(const char **list, char out[ITEM_MAX])
{
	size_t len;
	char *trimmed;

	*list += strspn(*list, ", ");
	len = strcspn(*list, ",");
	if (len == 0)
		return false;
	snprintf(out, ITEM_MAX, "%.*s", (int)len, *list);
	trimmed = text_trim(out);
	memmove(out, trimmed, strlen(trimmed) + 1);
	*list += len;
	return true;
}

/* Cuts the last word off; NULL if there is one only. */
static char *
last_word(char *item)
{
	char *blank = strrchr(item, ' ');

	if (blank == NULL)
		return NULL;
	*blank = '\0';
	memmove(item, text_trim(item), strlen(text_trim(item)) + 1);
	return blank + 1;
}

static bool
is_name(const char *text, size_t max)
{
	return text[0] != '\0' && strlen(text) <= max &&
	    text_utf8_valid(text, strlen(text)) && text_printable(text);
}

int
outline_title(struct outline *o, const char *text, struct err *err)
{
	if (!is_name(text, RACE_NAME_MAX))
		return err_set(err, -EINVAL,
		    "title: a line of at most %d bytes", RACE_NAME_MAX);
	snprintf(o->title, sizeof o->title, "%s", text);
	return 0;
}

int
outline_date(struct outline *o, const char *text, struct err *err)
{
	char q[TEXT_QUOTE_MAX];

	if (!instant_date_valid(text))
		return err_set(err, -EINVAL,
		    "date %s: as in 2026-09-20, year, month, day",
		    text_quote(q, text));
	snprintf(o->date, sizeof o->date, "%s", text);
	return 0;
}

int
outline_timezone(struct outline *o, const char *text, struct err *err)
{
	if (strlen(text) >= sizeof o->timezone)
		return err_set(err, -EINVAL,
		    "time zone: a name as Europe/Paris");
	if (instant_zone(text, err) < 0)
		return -EINVAL;
	snprintf(o->timezone, sizeof o->timezone, "%s", text);
	return 0;
}

/* "2.5" km as metres, -1: it is no such number. */
static int64_t
metres_of(const char *word)
{
	char *end;
	unsigned long km = strtoul(word, &end, 10);
	int64_t metres = (int64_t)km * 1000;
	int64_t unit = 100;

	if (word[0] < '0' || word[0] > '9' || km > KM_MAX)
		return -1;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9' && unit > 0; end++) {
			metres += (*end - '0') * unit;
			unit /= 10;
		}
	if (*end != '\0' && strcmp(end, "km") != 0)
		return -1;
	return metres;
}

static bool
has_point(const struct outline *o, const char *name)
{
	for (size_t i = 0; i < o->point_count; i++)
		if (strcmp(o->points[i].name, name) == 0)
			return true;
	return false;
}

static int
add_point(struct outline *o, char *item, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	char whole[ITEM_MAX];
	char *km;
	int64_t metres;
	struct outline_point *p = &o->points[o->point_count];

	snprintf(whole, sizeof whole, "%s", item);
	km = last_word(item);
	metres = km != NULL ? metres_of(km) : -1;
	if (metres < 0 || !is_name(item, RACE_LABEL_MAX))
		return err_set(err, -EINVAL,
		    "point %s: a name and its kilometre, as in half 2.5, with "
		    "at most three decimals",
		    text_quote(q, whole));
	if (o->point_count == OUTLINE_POINTS)
		return err_set(err, -EINVAL,
		    "points: %d at most to begin with; race.yaml takes more",
		    OUTLINE_POINTS);
	if (has_point(o, item))
		return err_set(err, -EINVAL, "point %s: twice",
		    text_quote(q, item));
	if (o->point_count > 0 && metres <= p[-1].metres)
		return err_set(err, -EINVAL,
		    "point %s: further on than the one before, in the order "
		    "of the course",
		    text_quote(q, item));
	memcpy(p->name, item, strlen(item) + 1);
	p->metres = (uint32_t)metres;
	o->point_count++;
	return 0;
}

int
outline_points(struct outline *o, const char *text, struct err *err)
{
	struct outline new = *o;
	char item[ITEM_MAX];

	new.point_count = 0;
	while (next_item(&text, item))
		if (add_point(&new, item, err) < 0)
			return -EINVAL;
	if (new.point_count == 0 || new.points[new.point_count - 1].metres == 0)
		return err_set(err, -EINVAL,
		    "points: names and kilometres, as in start 0, finish 10");
	*o = new;
	return 0;
}

/* "10:00" is a gun, as "10:00:05" is. */
static bool
read_gun(const char *word, char out[32])
{
	enum instant_form form;
	struct err err;
	int64_t us;
	const char *colon = strchr(word, ':');
	bool short_form = colon != NULL && strchr(colon + 1, ':') == NULL;

	if (colon == NULL || strlen(word) > 16)
		return false;
	snprintf(out, 32, "%s%s", word, short_form ? ":00" : "");
	return instant_parse(out, &form, &us, &err) == 0 &&
	    form == INSTANT_CLOCK;
}

static int
add_wave(struct outline *o, char *item, struct err *err)
{
	struct outline_wave *w = &o->waves[o->wave_count];
	char q[TEXT_QUOTE_MAX];
	char gun[32] = "";
	char *blank = strrchr(item, ' ');

	/* "10h00" is meant for one, too. */
	if (blank != NULL && blank[1] >= '0' && blank[1] <= '9' &&
	    strpbrk(blank, ":h.") != NULL) {
		if (!read_gun(last_word(item), gun))
			return err_set(err, -EINVAL,
			    "wave %s: its gun is a time of day, as 10:00:00",
			    text_quote(q, item));
	}
	if (!is_name(item, RACE_LABEL_MAX) || strchr(item, ':') != NULL)
		return err_set(err, -EINVAL,
		    "wave %s: a name and, if it is known, the time of its gun, "
		    "as in all 10:00",
		    text_quote(q, item));
	if (o->wave_count == OUTLINE_WAVES)
		return err_set(err, -EINVAL,
		    "waves: %d at most to begin with; race.yaml takes more",
		    OUTLINE_WAVES);
	for (size_t i = 0; i < o->wave_count; i++)
		if (strcmp(o->waves[i].name, item) == 0)
			return err_set(err, -EINVAL, "wave %s: twice",
			    text_quote(q, item));
	memcpy(w->name, item, strlen(item) + 1);
	snprintf(w->gun, sizeof w->gun, "%s", gun);
	o->wave_count++;
	return 0;
}

int
outline_waves(struct outline *o, const char *text, struct err *err)
{
	struct outline new = *o;
	char item[ITEM_MAX];

	new.wave_count = 0;
	while (next_item(&text, item))
		if (add_wave(&new, item, err) < 0)
			return -EINVAL;
	if (new.wave_count == 0)
		return err_set(err, -EINVAL,
		    "waves: at least one, as in all 10:00");
	*o = new;
	return 0;
}

int
outline_rankings(struct outline *o, const char *text, struct err *err)
{
	unsigned rankings = 0;
	char item[ITEM_MAX];
	char q[TEXT_QUOTE_MAX];

	while (next_item(&text, item)) {
		size_t i = 0;

		while (i < OUTLINE_RANKINGS && strcmp(kinds[i].word, item) != 0)
			i++;
		if (i == OUTLINE_RANKINGS)
			return err_set(err, -EINVAL,
			    "ranking %s: some of %s; race.yaml(5) tells of "
			    "more",
			    text_quote(q, item), outline_choice);
		rankings |= 1u << i;
	}
	if (rankings == 0)
		return err_set(err, -EINVAL, "rankings: some of %s",
		    outline_choice);
	o->rankings = rankings;
	return 0;
}

int
outline_prizes(struct outline *o, const char *text, struct err *err)
{
	char *end;
	unsigned long prizes = strtoul(text, &end, 10);
	char q[TEXT_QUOTE_MAX];

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || prizes > 100)
		return err_set(err, -EINVAL,
		    "prizes %s: how many places get one, 0 to 100",
		    text_quote(q, text));
	o->prizes = (unsigned)prizes;
	return 0;
}

/* ---- race.yaml ---- */

/* What YAML takes for text whatever it says. */
static bool
is_plain(const char *name)
{
	static const char *const words[] = { "yes", "no", "on", "off", "true",
		"false", "null", "y", "n" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(words[i], name) == 0)
			return false;
	for (const char *c = name; *c != '\0'; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') ||
		    (*c >= 'A' && *c <= 'Z') || (unsigned char)*c >= 0x80;
		bool inside =
		    (*c >= '0' && *c <= '9') || *c == '-' || *c == ' ';

		if (!letter && (c == name || !inside))
			return false;
	}
	return true;
}

/* Anything else between quotes: a name may be 10, or hold a colon. */
static void
put_name(FILE *out, const char *name)
{
	if (is_plain(name)) {
		fputs(name, out);
		return;
	}
	fputc('"', out);
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			fputc('\\', out);
		fputc(*name, out);
	}
	fputc('"', out);
}

/* "2.5" of 2500. */
static void
put_km(FILE *out, uint32_t metres)
{
	uint32_t rest = metres % 1000;
	int digits = 3;

	fprintf(out, "%" PRIu32, metres / 1000);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	fprintf(out, ".%0*" PRIu32, digits, rest);
}

static void
put_head(FILE *out, const struct outline *o)
{
	fputs("# The rules of a race.  race.yaml(5) tells what else can stand "
	      "here;\n"
	      "# palmares check tells what is wrong with it.\n\n"
	      "title: ",
	    out);
	put_name(out, o->title);
	fprintf(out,
	    "\ndate: %s\n"
	    "timezone: %s  # of all times of day, here and in files\n\n",
	    o->date, o->timezone);
}

static void
put_waves(FILE *out, const struct outline *o)
{
	fputs("# Who starts together.  The gun may be set later, or put "
	      "right: palmares gun.\n",
	    out);
	if (o->wave_count > 1)
		fputs("# Column wave of entries.csv says who starts in which, "
		      "of everybody.\n",
		    out);
	fputs("waves:\n", out);
	for (size_t i = 0; i < o->wave_count; i++) {
		fputs("  ", out);
		put_name(out, o->waves[i].name);
		if (o->waves[i].gun[0] != '\0')
			fprintf(out, ": { gun: \"%s\" }\n", o->waves[i].gun);
		else
			fputs(": {}  # { gun: \"10:00:00\" }\n", out);
	}
	fputc('\n', out);
}

static void
put_points(FILE *out, const struct outline *o)
{
	fputs("# Where times are taken, in the order of the course.\n"
	      "points:\n",
	    out);
	for (size_t i = 0; i < o->point_count; i++) {
		fputs("  ", out);
		put_name(out, o->points[i].name);
		fputs(": { km: ", out);
		put_km(out, o->points[i].metres);
		fputs(" }\n", out);
	}
	fputc('\n', out);
}

static void
put_rankings(FILE *out, const struct outline *o)
{
	fputs("# Who is ranked, and by what.  Filters: sex, category, team, "
	      "wave.\n"
	      "rankings:\n",
	    out);
	for (size_t i = 0; i < OUTLINE_RANKINGS; i++) {
		if ((o->rankings >> i & 1) == 0)
			continue;
		fprintf(out, "  %s: { %s }", kinds[i].word, kinds[i].rule);
		if (kinds[i].comment != NULL)
			fprintf(out, "  # %s", kinds[i].comment);
		fputc('\n', out);
	}
	fputs("  # veterans: { of: runners, category: V }  # by column "
	      "category\n",
	    out);
}

static void
put_awards(FILE *out, const struct outline *o)
{
	bool any = false;

	for (size_t i = 0; o->prizes > 0 && i < OUTLINE_RANKINGS; i++) {
		if ((o->rankings >> i & 1) == 0 || kinds[i].award == NULL)
			continue;
		if (!any)
			fputs("\n# Prizes for the first of a ranking: palmares "
			      "awards.\n"
			      "awards:\n",
			    out);
		any = true;
		fprintf(out, "  %s: { ranking: %s, places: %u }\n",
		    kinds[i].award, kinds[i].word, o->prizes);
	}
}

void
outline_write(FILE *out, const struct outline *o)
{
	put_head(out, o);
	put_waves(out, o);
	put_points(out, o);
	put_rankings(out, o);
	put_awards(out, o);
}
