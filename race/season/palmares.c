#include "race/season/palmares.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"
#include "race/season/amount.h"
#include "race/season/folder_text.h"
#include "race/season/listing.h"

enum column {
	SEASON,
	COMPETITION,
	AWARD,
	PLACE,
	RECIPIENT,
	NOTE,
	TEAM,
	SEX,
	CATEGORY,
	DATE,
	TIME,
	POINTS,
	STATUS,
	COLUMNS
};

static const struct listing_column columns[COLUMNS] = {
	[SEASON] = { "season", true },
	[COMPETITION] = { "competition", true },
	[AWARD] = { "award", false },
	[PLACE] = { "place", true },
	[RECIPIENT] = { "recipient", true },
	[NOTE] = { "note", false },
	[TEAM] = { "team", false },
	[SEX] = { "sex", false },
	[CATEGORY] = { "category", false },
	[DATE] = { "date", false },
	[TIME] = { "time", false },
	[POINTS] = { "points", false },
	[STATUS] = { "status", false },
};

struct reading {
	struct season_folder *folder;
	struct conf_report *report;
	const char *file; /* the folder's */
	const struct season_source *from;
	const struct listing_row *row;
	bool refused;
};

#define complain(r, ...)                                                       \
	((r)->refused = true,                                                  \
	    conf_report_add((r)->report, true, (r)->row->file, (r)->row->line, \
	        0, __VA_ARGS__))

static const char *
text_field(struct reading *r, enum column c, size_t max)
{
	const char *s = r->row->fields[c];
	char q[TEXT_QUOTE_MAX];

	if (strlen(s) > max)
		complain(r, "%s %s: %zu bytes, must be at most %zu",
		    columns[c].name, text_quote(q, s), strlen(s), max);
	else if (!text_printable(s))
		complain(r, "%s %s: has control characters: leave them out",
		    columns[c].name, text_quote(q, s));
	else if (columns[c].needed && s[0] == '\0')
		complain(r, "%s is empty", columns[c].name);
	return s;
}

/* "3", and "3=" or "=3" of one that is shared; nothing or a status for who took
 * part. */
static void
read_place(struct reading *r, struct season_result *out)
{
	const char *s = r->row->fields[PLACE];
	char q[TEXT_QUOTE_MAX];
	const char *p = s[0] == '=' ? s + 1 : s;
	size_t digits = strspn(p, "0123456789");
	int status = rules_status(s);

	if (s[0] == '\0' || strcmp(s, "-") == 0)
		return;
	if (status >= 0) {
		out->status = (enum race_status)status;
		return;
	}
	if (digits >= 1 && digits <= 6 &&
	    (p[digits] == '\0' || strcmp(p + digits, "=") == 0))
		out->place = (uint32_t)strtoul(p, NULL, 10);
	if (out->place == 0)
		complain(r,
		    "place %s: must be a number from 1 to %d, as in 3 or 3=, "
		    "nothing for who took part, or one of DNS DNF DSQ OTL NC",
		    text_quote(q, s), SEASON_PLACE_MAX);
}

static void
read_status(struct reading *r, struct season_result *out)
{
	const char *s = r->row->fields[STATUS];
	char q[TEXT_QUOTE_MAX];
	int status = rules_status(s);

	if (s[0] == '\0')
		return;
	if (status < 0)
		complain(r,
		    "status %s: must be one of finished, running, DNS, DNF, "
		    "DSQ, OTL, NC",
		    text_quote(q, s));
	else
		out->status = (enum race_status)status;
}

static void
read_sex(struct reading *r, struct season_result *out)
{
	static const char *const words[] = { "F", "M", "X" };
	const char *s = r->row->fields[SEX];
	char q[TEXT_QUOTE_MAX];

	out->sex = "";
	for (size_t i = 0; i < 3; i++) {
		if (strcasecmp(s, words[i]) == 0)
			out->sex = words[i];
	}
	if (s[0] != '\0' && out->sex[0] == '\0')
		complain(r, "sex %s: must be F, M or X", text_quote(q, s));
}

/* "31:00.5", and "31:00,5" of a French spreadsheet, as points have it. */
static bool
parse_time(const char *s, int64_t *us)
{
	size_t size = strlen(s) + 1;
	char span[64];
	char *comma;
	struct err err;

	if (size > sizeof span)
		return false;
	comma = strchr(memcpy(span, s, size), ',');
	if (comma != NULL)
		*comma = '.';
	return instant_parse_span(span, us, &err) == 0 && *us >= 0;
}

static void
read_numbers(struct reading *r, struct season_result *out)
{
	const char *time = r->row->fields[TIME];
	const char *points = r->row->fields[POINTS];
	char q[TEXT_QUOTE_MAX];

	out->time_us = -1;
	out->points = SEASON_NO_VALUE;
	if (time[0] != '\0' && !parse_time(time, &out->time_us)) {
		complain(r,
		    "time %s: must be a span as in 1:02:33.5, 33:57 or 33:57,5",
		    text_quote(q, time));
		out->time_us = -1;
	}
	if (points[0] != '\0' && !amount_parse(points, &out->points))
		complain(r,
		    "points %s: must be a number up to 1000000 with at most "
		    "three decimals",
		    text_quote(q, points));
}

static void
read_fields(struct reading *r, struct season_result *out)
{
	char q[TEXT_QUOTE_MAX];

	out->season = text_field(r, SEASON, RACE_LABEL_MAX);
	out->competition = text_field(r, COMPETITION, RACE_NAME_MAX);
	out->award = text_field(r, AWARD, RACE_NAME_MAX);
	out->recipient = text_field(r, RECIPIENT, RACE_NAME_MAX);
	out->team = text_field(r, TEAM, RACE_NAME_MAX);
	out->category = text_field(r, CATEGORY, RACE_LABEL_MAX);
	out->note = text_field(r, NOTE, RACE_REASON_MAX);
	out->date = text_field(r, DATE, RACE_LABEL_MAX);
	if (out->date[0] != '\0' && !instant_date_valid(out->date))
		complain(r, "date %s: must be a day as in 2014-09-21",
		    text_quote(q, out->date));
	read_sex(r, out);
	read_place(r, out);
	read_status(r, out);
	read_numbers(r, out);
}

static void
keep(struct reading *r, const struct season_result *read)
{
	struct season_folder *f = r->folder;
	struct season_listed *l;

	f->listed = xgrow(f->listed, &f->listed_cap, f->listed_count,
	    sizeof *f->listed);
	l = &f->listed[f->listed_count++];
	*l = (struct season_listed){ .what.result = *read,
		.file = r->file,
		.line = r->row->line };
	l->what.result.season = folder_text(f, read->season);
	l->what.result.competition = folder_text(f, read->competition);
	l->what.result.award = folder_text(f, read->award);
	l->what.result.recipient = folder_text(f, read->recipient);
	l->what.result.team = folder_text(f, read->team);
	l->what.result.category = folder_text(f, read->category);
	l->what.result.note = folder_text(f, read->note);
	l->what.result.date = folder_text(f, read->date);
	l->what.more = folder_more(f, r->row->more, r->row->more_count);
	l->what.more_count = r->row->more_count;
}

static bool
take(void *arg, const struct listing_row *row)
{
	struct reading *r = arg;
	struct season_result read = { .status = RACE_STATUS_NONE };

	r->row = row;
	r->refused = false;
	if (r->folder->listed_count >= SEASON_RESULTS_MAX) {
		complain(r, "more than %d results", SEASON_RESULTS_MAX);
		return false;
	}
	read_fields(r, &read);
	if (!r->refused)
		keep(r, &read);
	return season_source_wanted(r->from);
}

void
palmares_read(struct season_folder *f, const struct season_source *from,
    const char *name, struct conf_report *report)
{
	struct reading r = { .folder = f,
		.report = report,
		.file = folder_text(f, name),
		.from = from };
	struct err err;
	FILE *file;

	if (from->ops->open(from->arg, name, &file, &err) < 0)
		conf_report_add(report, true, name, 0, 0, "%s", err.text);
	else
		(void)listing_read(file, name, columns, COLUMNS, take, &r,
		    report);
}
