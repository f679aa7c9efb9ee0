#include "common/instant.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)
#define DAY    INT64_C(86400)

/* The years that a race can be in; race/types.h has the same bounds. */
enum { YEAR_MIN = 2000, YEAR_MAX = 2099 };

/* Longer spans are mistakes: the longest race on foot lasts 52 days. */
#define SPAN_MAX (366 * DAY)

/* ---- the calendar ---- */

/*
 * Days since 1970-01-01, proleptic Gregorian.  Years begin in March, so that
 * the leap day is the last (Howard Hinnant, chrono-compatible date algorithms).
 */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

static bool
leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
month_days(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

/* Towards the past, for times before 1970 too. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* ---- reading ---- */

/* Exactly n digits; moves *s behind them. */
static bool
take_digits(const char **s, int n, int64_t *out)
{
	int64_t v = 0;

	for (int i = 0; i < n; i++) {
		char c = (*s)[i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*s += n;
	*out = v;
	return true;
}

/* One digit or more, up to max: -ERANGE for a greater number. */
static int
take_number(const char **s, int64_t max, int64_t *out)
{
	const char *p = *s;
	int64_t v = 0;
	bool big = false;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (!big)
			v = v * 10 + (*p - '0');
		big = big || v > max;
	}
	*s = p;
	if (big)
		return -ERANGE;
	*out = v;
	return 0;
}

static bool
take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* ".f", or nothing; -EDOM for more than six decimals. */
static int
take_fraction(const char **s, int64_t *us)
{
	int64_t v = 0;
	int64_t unit = INSTANT_SECOND;

	if (take_char(s, '.')) {
		if (**s < '0' || **s > '9')
			return -EINVAL;
		for (; **s >= '0' && **s <= '9'; (*s)++) {
			if (unit == 1)
				return -EDOM;
			unit /= 10;
			v += (**s - '0') * unit;
		}
	}
	*us = v;
	return 0;
}

static int
complain(struct err *err, const char *s, const char *what)
{
	char q[TEXT_QUOTE_MAX];

	return err_set(err, -EINVAL, "%s: %s", text_quote(q, s), what);
}

static int
complain_decimals(struct err *err, const char *s)
{
	return complain(err, s,
	    "more than six decimals: write microseconds at most, "
	    "for nothing is rounded on the way in");
}

/*
 * [[h:]mm:]ss[.f] to the end of s; *parts is how many.  -EINVAL, -EDOM
 * (decimals), -ERANGE (longer than a year).
 */
static int
take_span(const char *s, int *parts, int64_t *us)
{
	int64_t seconds = 0;
	int64_t fraction = 0;
	int n = 1;
	int rc = take_number(&s, SPAN_MAX, &seconds);

	if (rc == -EINVAL)
		return rc;
	while (n < 3 && take_char(&s, ':')) {
		int64_t v;

		if (!take_digits(&s, 2, &v) || v > 59)
			return -EINVAL;
		n++;
		if (rc == 0)
			seconds = seconds * 60 + v;
	}
	if (rc == 0) {
		rc = take_fraction(&s, &fraction);
		if (rc < 0)
			return rc;
		if (*s != '\0')
			return -EINVAL;
	}
	if (rc == -ERANGE || seconds > SPAN_MAX)
		return -ERANGE;
	*parts = n;
	*us = seconds * INSTANT_SECOND + fraction;
	return 0;
}

static void
skip_blanks(const char **s)
{
	while (**s == ' ')
		(*s)++;
}

/* A number behind hours may have none: "2h30". */
static bool
take_unit(const char **s, int64_t *unit)
{
	static const struct {
		const char *word;
		int64_t seconds;
	} units[] = { { "h", HOUR }, { "min", MINUTE }, { "s", 1 } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t len = strlen(units[i].word);

		if (strncmp(*s, units[i].word, len) != 0)
			continue;
		*s += len;
		*unit = units[i].seconds;
		return true;
	}
	if (**s != '\0' || *unit != HOUR)
		return false;
	*unit = MINUTE;
	return true;
}

/* "2 h", "2 h 30 min", "2h30", "20 min", "30 s", "0.5 s"; as take_span(). */
static int
take_units(const char *s, int64_t *us)
{
	int64_t unit = SPAN_MAX;
	int64_t sum = 0;
	int64_t fraction = 0;

	while (*s != '\0') {
		int64_t before = unit;
		int64_t v = 0;
		int rc = take_number(&s, SPAN_MAX, &v);

		if (rc == 0)
			rc = take_fraction(&s, &fraction);
		if (rc < 0)
			return rc;
		skip_blanks(&s);
		if (!take_unit(&s, &unit) || unit >= before ||
		    (fraction != 0 && unit != 1))
			return -EINVAL;
		skip_blanks(&s);
		if (v > (SPAN_MAX - sum) / unit)
			return -ERANGE;
		sum += v * unit;
	}
	*us = sum * INSTANT_SECOND + fraction;
	return unit == SPAN_MAX ? -EINVAL : 0;
}

int
instant_parse_span(const char *s, int64_t *us, struct err *err)
{
	bool units = strpbrk(s, "hms") != NULL;
	int64_t v;
	int parts;
	int rc = units ? take_units(s, &v) : take_span(s, &parts, &v);

	switch (rc) {
	case 0:
		*us = v;
		return 0;
	case -EDOM:
		return complain_decimals(err, s);
	case -ERANGE:
		return complain(err, s, "longer than a year");
	default:
		return complain(err, s,
		    "write 30 s, 20 min, 2 h, 2 h 30 min or h:mm:ss, as in "
		    "0:20:00");
	}
}

static int
parse_relative(const char *s, int64_t *us, struct err *err)
{
	int64_t v;
	int parts;
	int rc = take_span(s + 1, &parts, &v);

	if (rc == -EDOM)
		return complain_decimals(err, s);
	if (rc == -ERANGE)
		return complain(err, s, "longer than a year after the gun");
	if (rc < 0 || parts == 2)
		return complain(err, s,
		    "write +seconds or +h:mm:ss after the gun, as in +1816.5 "
		    "or +0:30:16.5");
	*us = v;
	return 0;
}

/* hh:mm:ss[.f]; -EINVAL, -EDOM, -ERANGE (no such time of day). */
static int
take_clock(const char **s, int64_t *us)
{
	int64_t h;
	int64_t m;
	int64_t sec;
	int64_t fraction;
	int rc = take_number(s, 99, &h);

	if (rc == -EINVAL || !take_char(s, ':') || !take_digits(s, 2, &m) ||
	    !take_char(s, ':') || !take_digits(s, 2, &sec))
		return -EINVAL;
	if (rc < 0 || h > 23 || m > 59 || sec > 59)
		return -ERANGE;
	rc = take_fraction(s, &fraction);
	if (rc < 0)
		return rc;
	*us = (h * HOUR + m * MINUTE + sec) * INSTANT_SECOND + fraction;
	return 0;
}

static int
complain_clock(struct err *err, const char *s, int rc)
{
	if (rc == -EDOM)
		return complain_decimals(err, s);
	if (rc == -ERANGE)
		return complain(err, s,
		    "no time of day: hours go to 23, minutes and seconds to "
		    "59");
	return complain(err, s,
	    "no time: write hh:mm:ss, +seconds or +h:mm:ss after the gun, "
	    "or 2014-09-21T10:30:16+02:00");
}

static bool
take_date(const char **s, int64_t *days)
{
	int64_t y;
	int64_t m;
	int64_t d;

	if (!take_digits(s, 4, &y) || !take_char(s, '-') ||
	    !take_digits(s, 2, &m) || !take_char(s, '-') ||
	    !take_digits(s, 2, &d))
		return false;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	*days = days_of(y, m, d);
	return true;
}

bool
instant_date_valid(const char *date)
{
	int64_t days;

	return take_date(&date, &days) && *date == '\0';
}

/* Z, +hh, +hhmm or +hh:mm, in seconds. */
static bool
take_offset(const char **s, int64_t *seconds)
{
	int64_t sign;
	int64_t h;
	int64_t m = 0;

	if (take_char(s, 'Z') || take_char(s, 'z')) {
		*seconds = 0;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	sign = *(*s)++ == '-' ? -1 : 1;
	if (!take_digits(s, 2, &h))
		return false;
	if (**s != '\0') {
		(void)take_char(s, ':');
		if (!take_digits(s, 2, &m))
			return false;
	}
	if (h > 15 || m > 59) /* the widest ever used is +15:13:42 */
		return false;
	*seconds = sign * (h * HOUR + m * MINUTE);
	return true;
}

static bool
within_years(int64_t seconds)
{
	return seconds >= days_of(YEAR_MIN, 1, 1) * DAY &&
	    seconds < days_of(YEAR_MAX + 1, 1, 1) * DAY;
}

static int
parse_absolute(const char *s, int64_t *us, struct err *err)
{
	const char *p = s;
	int64_t days;
	int64_t clock_us;
	int64_t offset;
	int rc;

	if (!take_date(&p, &days))
		return complain(err, s,
		    "no such date: write it as in 2014-09-21");
	if (*p != 'T' && *p != 't' && *p != ' ')
		return complain(err, s,
		    "a date without time: add one, as in T10:30:16");
	p++;
	rc = take_clock(&p, &clock_us);
	if (rc < 0)
		return complain_clock(err, s, rc);
	if (*p == '\0')
		return complain(err, s,
		    "a date needs the offset from UTC: add +02:00 or the like, "
		    "or Z, or leave the date out");
	if (!take_offset(&p, &offset) || *p != '\0')
		return complain(err, s,
		    "no offset from UTC behind the time: write Z, or as in "
		    "+02:00");
	if (!within_years(days * DAY + clock_us / INSTANT_SECOND - offset))
		return complain(err, s,
		    "must be in the years 2000 to 2099 (UTC)");
	*us = (days * DAY - offset) * INSTANT_SECOND + clock_us;
	return 0;
}

/* Room for the dot, six digits and the NUL. */
struct decimals {
	char text[8];
};

/* 250000 -> ".25", 0 -> "" */
static struct decimals
decimals_of(uint64_t us)
{
	struct decimals d = { "" };
	size_t len = 7;

	if (us == 0)
		return d;
	(void)snprintf(d.text, sizeof d.text, ".%06u",
	    (unsigned)(us % 1000000));
	while (d.text[len - 1] == '0')
		d.text[--len] = '\0';
	return d;
}

/* h:mm:ss[.f], or with more digits of the hour. */
static void
print_span(char *out, size_t cap, int digits, int64_t us)
{
	int64_t s = us / INSTANT_SECOND;

	(void)snprintf(out, cap, "%0*lld:%02lld:%02lld%s", digits,
	    (long long)(s / HOUR), (long long)(s / MINUTE % 60),
	    (long long)(s % 60),
	    decimals_of((uint64_t)(us % INSTANT_SECOND)).text);
}

static int
complain_bare(struct err *err, const char *s, int64_t us)
{
	char q[TEXT_QUOTE_MAX];
	char span[40];

	print_span(span, sizeof span, 1, us);
	return err_set(err, -EINVAL,
	    "%s: a bare number: write +%s or +%s after the gun, or the clock "
	    "time as hh:mm:ss (a spreadsheet eats the plus)",
	    text_quote(q, s), s, span);
}

static bool
bare_number(const char *s)
{
	return s[strspn(s, "0123456789.")] == '\0';
}

static int
parse_clock(const char *s, int64_t *us, struct err *err)
{
	const char *p = s;
	int64_t v;
	int parts;
	int rc = take_clock(&p, &v);

	if (rc == 0 && *p == '\0') {
		*us = v;
		return 0;
	}
	if (rc == 0)
		return complain_clock(err, s, -EINVAL);
	if (bare_number(s) && take_span(s, &parts, &v) == 0)
		return complain_bare(err, s, v);
	if (bare_number(s))
		return complain(err, s,
		    "a bare number: write +seconds after the gun, or the clock "
		    "time as hh:mm:ss");
	if (take_span(s, &parts, &v) == 0 && parts == 2)
		return complain(err, s,
		    "two numbers can be minutes or hours: write hh:mm:ss for "
		    "a clock time, +h:mm:ss after the gun");
	return complain_clock(err, s, rc);
}

/* Four digits and a hyphen: a date was meant. */
static bool
begins_as_date(const char *s)
{
	int64_t year;

	return take_digits(&s, 4, &year) && *s == '-';
}

int
instant_parse(const char *s, enum instant_form *form, int64_t *us,
    struct err *err)
{
	enum instant_form f;
	int rc;

	if (*s == '\0')
		return err_set(err, -EINVAL, "the time is empty");
	if (strchr(s, ',') != NULL)
		return complain(err, s, "decimals need a point, not a comma");
	if (*s == '+') {
		f = INSTANT_RELATIVE;
		rc = parse_relative(s, us, err);
	} else if (begins_as_date(s)) {
		f = INSTANT_ABSOLUTE;
		rc = parse_absolute(s, us, err);
	} else {
		f = INSTANT_CLOCK;
		rc = parse_clock(s, us, err);
	}
	if (rc == 0)
		*form = f;
	return rc;
}

/* ---- zones ---- */

/* A name, not a way out of the folder; "right/" counts leap seconds. */
static bool
zone_name_safe(const char *iana)
{
	if (iana[0] == '\0' || iana[0] == '/' || strlen(iana) > 64)
		return false;
	for (const char *p = iana; *p != '\0'; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') ||
		    (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

		if (!letter && strchr("_+-/", *p) == NULL)
			return false;
	}
	return strncmp(iana, "right/", 6) != 0;
}

static bool
zone_exists(const char *iana)
{
	const char *dir = getenv("TZDIR");
	char path[512];
	char magic[4];
	FILE *f;
	bool found;
	int n;

	if (dir == NULL || dir[0] == '\0')
		dir = "/usr/share/zoneinfo";
	n = snprintf(path, sizeof path, "%s/%s", dir, iana);
	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	/* The folder has tables beside its zones (RFC 8536). */
	found = fread(magic, 1, sizeof magic, f) == sizeof magic &&
	    memcmp(magic, "TZif", sizeof magic) == 0;
	(void)fclose(f);
	return found;
}

int
instant_zone(const char *iana, struct err *err)
{
	/* libc knows UTC without a zone database. */
	if (strcmp(iana, "UTC") != 0 &&
	    (!zone_name_safe(iana) || !zone_exists(iana)))
		return complain(err, iana,
		    "no time zone of this system: write a name as in "
		    "Europe/Paris or UTC (package tzdata has the list)");
	if (setenv("TZ", iana, 1) != 0)
		return err_errno(err, -errno, "set the time zone");
	tzset();
	return 0;
}

static const char *
zone_in_use(void)
{
	const char *tz = getenv("TZ");

	return tz == NULL ? "the system's zone" : tz;
}

/* Seconds east of UTC at a moment. */
static int
offset_at(int64_t utc, int64_t *offset)
{
	time_t t = (time_t)utc;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return -ERANGE;
	*offset = tm.tm_gmtoff;
	return 0;
}

/* The moments that a wall clock shows one time at. */
struct shown {
	int64_t utc[2]; /* in order */
	int count;
	int64_t if_not; /* count 0: where the clock before the jump has it */
};

/*
 * `wall` is the wall clock as seconds since 1970 without zone.  No offset
 * reaches a day and no two changes lie within two, so what holds a day before
 * and a day after are the only candidates.  (mktime() with tm_isdst 0 and 1
 * would miss changes that are no summer time: Moscow 2014, Samoa 2011.)
 */
static int
find_shown(int64_t wall, struct shown *out)
{
	int64_t offsets[2];
	int n = 0;

	if (offset_at(wall - DAY, &offsets[0]) < 0 ||
	    offset_at(wall + DAY, &offsets[1]) < 0)
		return -ERANGE;
	out->if_not = wall - offsets[0];
	for (int i = 0; i < 2; i++) {
		int64_t utc = wall - offsets[i];
		int64_t really;

		if (i == 1 && offsets[1] == offsets[0])
			break;
		if (offset_at(utc, &really) == 0 && really == offsets[i])
			out->utc[n++] = utc;
	}
	if (n == 2 && out->utc[0] > out->utc[1]) {
		int64_t later = out->utc[0];

		out->utc[0] = out->utc[1];
		out->utc[1] = later;
	}
	out->count = n;
	return 0;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* Of the moments in s the one nearest to near_us (INSTANT_NONE: the first). */
static int64_t
nearest(const struct shown *s, int64_t fraction, int64_t near_us)
{
	int64_t first = s->utc[0] * INSTANT_SECOND + fraction;
	int64_t second;

	if (s->count == 1 || near_us == INSTANT_NONE)
		return first;
	second = s->utc[1] * INSTANT_SECOND + fraction;
	return distance(second, near_us) < distance(first, near_us) ? second
	                                                            : first;
}

static int
complain_gap(struct err *err, int64_t clock_us)
{
	char span[40];

	print_span(span, sizeof span, 2, clock_us);
	return err_set(err, -ERANGE,
	    "%s does not exist that day in %s: the clocks are put forward "
	    "over it; write the time with its offset from UTC",
	    span, zone_in_use());
}

int
instant_local(const char *date, int64_t clock_us, int64_t near, int64_t *us,
    struct err *err)
{
	const char *p = date;
	int64_t fraction = clock_us % INSTANT_SECOND;
	struct shown shown;
	int64_t days;

	assert(clock_us >= 0 && clock_us < DAY * INSTANT_SECOND);
	if (!take_date(&p, &days) || *p != '\0')
		return complain(err, date,
		    "no such date: write it as in 2014-09-21");
	if (find_shown(days * DAY + clock_us / INSTANT_SECOND, &shown) < 0)
		return complain(err, date, "a date out of reach");
	if (shown.count == 0)
		return complain_gap(err, clock_us);
	*us = nearest(&shown, fraction, near);
	return 0;
}

int
instant_near(int64_t clock_us, int64_t near, int64_t *us, struct err *err)
{
	int64_t utc = floor_div(near, INSTANT_SECOND);
	int64_t fraction = clock_us % INSTANT_SECOND;
	int64_t best = 0;
	bool found = false;
	bool gap = false;
	int64_t offset;
	int64_t today;

	assert(clock_us >= 0 && clock_us < DAY * INSTANT_SECOND);
	if (!within_years(utc) || offset_at(utc, &offset) < 0)
		return err_set(err, -ERANGE,
		    "no time near enough to tell the day of a clock time");
	today = floor_div(utc + offset, DAY);
	for (int64_t day = today - 1; day <= today + 1; day++) {
		struct shown shown;
		int64_t at;

		if (find_shown(day * DAY + clock_us / INSTANT_SECOND, &shown) <
		    0)
			continue;
		/* A time that is left out must not slip to another day. */
		at = shown.count == 0 ? shown.if_not * INSTANT_SECOND + fraction
		                      : nearest(&shown, fraction, near);
		if (found && distance(at, near) >= distance(best, near))
			continue;
		found = true;
		gap = shown.count == 0;
		best = at;
	}
	if (!found)
		return err_set(err, -ERANGE, "the time zone has no such time");
	if (gap)
		return complain_gap(err, clock_us);
	*us = best;
	return 0;
}

/* ---- writing ---- */

/* Local time and offset; of a time beyond the calendar, UTC of 1970. */
static struct tm
local(int64_t us)
{
	time_t t = (time_t)floor_div(us, INSTANT_SECOND);
	struct tm tm = { 0 };

	if (localtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof tm);
	return tm;
}

char *
instant_format(char out[40], int64_t us)
{
	struct tm tm = local(us);
	int64_t rest = us % INSTANT_SECOND;
	int64_t fraction = rest < 0 ? rest + INSTANT_SECOND : rest;
	char date[24];
	char zone[8];

	(void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)strftime(zone, sizeof zone, "%z", &tm);
	(void)snprintf(out, 40, "%s%s%.3s:%.2s", date,
	    decimals_of((uint64_t)fraction).text, zone, zone + 3);
	return out;
}

char *
instant_clock(char out[16], int64_t us)
{
	struct tm tm = local(us);

	(void)strftime(out, 16, "%H:%M:%S", &tm);
	return out;
}

/* -INT64_MIN is no int64_t. */
static uint64_t
size_of(int64_t us)
{
	return us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
}

char *
instant_elapsed(char out[32], int64_t us, bool up)
{
	uint64_t size = size_of(us);
	uint64_t s = size / 1000000;
	uint64_t rest = size % 1000000;
	const char *minus;
	char hours[24] = "";

	if (up) {
		/* "The next longer whole second": World Athletics TR 19.24. */
		if (rest > 0 && us > 0)
			s++;
		rest = 0;
	}
	minus = us < 0 && (s > 0 || rest > 0) ? "-" : "";
	if (s >= 3600)
		(void)snprintf(hours, sizeof hours,
		    "%llu:", (unsigned long long)(s / 3600));
	(void)snprintf(out, 32, s >= 3600 ? "%s%s%02u:%02u%s" : "%s%s%u:%02u%s",
	    minus, hours, (unsigned)(s / 60 % 60), (unsigned)(s % 60),
	    decimals_of(rest).text);
	return out;
}

/* Digit by digit, from the last one on: of an export's time printf took a
 * tenth. */
char *
instant_seconds(char out[32], int64_t us)
{
	struct decimals d = decimals_of(size_of(us) % 1000000);
	uint64_t s = size_of(us) / 1000000;
	char digits[24];
	size_t at = sizeof digits;
	size_t len;

	do
		digits[--at] = (char)('0' + s % 10);
	while ((s /= 10) > 0);
	if (us < 0)
		digits[--at] = '-';
	len = sizeof digits - at;
	memcpy(out, digits + at, len);
	memcpy(out + len, d.text, sizeof d.text);
	return out;
}
