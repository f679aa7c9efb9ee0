#include "race/season/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "race/season/season.h"

enum { WHOLE_DIGITS = 7, DECIMALS = 3 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
amount_parse_thousandths(const char *s, int64_t max, int64_t *out)
{
	int64_t n = 0;
	size_t whole = 0;
	size_t decimals = 0;

	for (; is_digit(*s) && whole < WHOLE_DIGITS; s++, whole++)
		n = n * 10 + (*s - '0');
	if (whole == 0)
		return false;
	if (*s == '.' || *s == ',') {
		s++;
		for (; is_digit(*s) && decimals < DECIMALS; s++, decimals++)
			n = n * 10 + (*s - '0');
		if (decimals == 0)
			return false;
	}
	if (*s != '\0')
		return false;
	for (; decimals < DECIMALS; decimals++)
		n *= 10;
	if (n > max)
		return false;
	*out = n;
	return true;
}

bool
amount_parse(const char *s, int64_t *out)
{
	int64_t n;

	if (!amount_parse_thousandths(s,
	        SEASON_VALUE_MAX / (SEASON_UNIT / 1000), &n))
		return false;
	*out = n * (SEASON_UNIT / 1000);
	return true;
}

char *
amount_print(char out[AMOUNT_MAX], int64_t amount)
{
	int64_t unit = SEASON_UNIT / 1000;
	bool minus = amount < 0;
	uint64_t size = minus ? -(uint64_t)amount : (uint64_t)amount;
	uint64_t n = (size + (uint64_t)unit / 2) / (uint64_t)unit;
	size_t len;

	(void)snprintf(out, AMOUNT_MAX, "%s%" PRIu64 ".%03" PRIu64,
	    minus ? "-" : "", n / 1000, n % 1000);
	len = strlen(out);
	while (out[len - 1] == '0')
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[--len] = '\0';
	return out;
}
