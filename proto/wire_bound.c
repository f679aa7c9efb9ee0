#include <string.h>

#include "common/text.h"
#include "proto/wire_parts.h"

/* Of a span in the rules: no race goes on for longer. */
#define SPAN_MAX (INT64_C(100) * 86400 * 1000000)

bool
wire_text_ok(const char *s, size_t max)
{
	unsigned char high = 0;
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		high |= (unsigned char)s[n];
	return n <= max && (high < 0x80 || text_utf8_valid(s, n));
}

/* The same, and nothing that steers a terminal. */
static bool
plain_ok(const char *s, size_t max)
{
	bool ascii = true;
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		ascii = ascii && s[n] >= 0x20 && s[n] < 0x7f;
	return n <= max && (ascii || text_printable(s));
}

bool
wire_label_ok(const char *s)
{
	return plain_ok(s, RACE_LABEL_MAX);
}

bool
wire_name_ok(const char *s)
{
	return plain_ok(s, RACE_NAME_MAX);
}

bool
wire_row_ok(const char *s)
{
	return plain_ok(s, RACE_ROW_MAX);
}

bool
wire_file_ok(const char *name)
{
	static const char lists[] = "palmares/";

	if (strcmp(name, "season.yaml") == 0 ||
	    strcmp(name, "aliases.csv") == 0)
		return true;
	if (!plain_ok(name, SEASON_FILE_NAME_MAX) ||
	    strncmp(name, lists, sizeof lists - 1) != 0)
		return false;
	name += sizeof lists - 1;
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

bool
wire_why_ok(const char *s)
{
	return plain_ok(s, RACE_WHY_MAX);
}

bool
wire_bib_ok(const char *s)
{
	return plain_ok(s, RACE_BIB_MAX);
}

bool
wire_chip_ok(const char *s)
{
	return plain_ok(s, RACE_CHIP_MAX);
}

bool
wire_reason_ok(const char *s)
{
	return plain_ok(s, RACE_REASON_MAX);
}

bool
wire_words_ok(const char *s)
{
	return plain_ok(s, RACE_MORE_MAX);
}

bool
wire_view_ok(const char *s)
{
	return s[0] != '\0' && wire_label_ok(s);
}

bool
wire_time_ok(int64_t us)
{
	return us >= RACE_TIME_MIN && us <= RACE_TIME_MAX;
}

bool
wire_span_ok(int64_t us)
{
	return us >= -RACE_TIME_MAX && us <= RACE_TIME_MAX;
}

bool
wire_bound_ok(uint64_t us)
{
	return us <= (uint64_t)RACE_TIME_MAX;
}

bool
wire_start_ok(int64_t us)
{
	return us == 0 || wire_time_ok(us);
}

bool
wire_rule_span_ok(uint64_t us)
{
	return us <= (uint64_t)SPAN_MAX;
}

int64_t
wire_get_time(int64_t us)
{
	return us == 0 ? RACE_NO_TIME : us;
}

char *
wire_str(const char *s)
{
	return (char *)s;
}

int64_t
wire_put_time(int64_t time_us)
{
	return time_us == RACE_NO_TIME ? 0 : time_us;
}
