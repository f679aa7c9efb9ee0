#include "collector/replay_when.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/instant.h"

enum { TEXT = 64 };

static const char hint[] = "write a time of day, such as 10:30 or 10:30:15, or "
                           "+10m";

/* In a race's configuration 20 m may be metres; here nothing is. */
int
when_span(const char *text, int64_t *us, struct err *err)
{
	char words[3 * TEXT];
	size_t len = 0;

	if (strlen(text) >= TEXT)
		return err_set(err, -EINVAL, "too long for a span of time");
	for (const char *s = text; *s != '\0'; s++) {
		words[len++] = *s;
		if (*s != 'm' || s[1] == 'i')
			continue;
		words[len++] = 'i';
		words[len++] = 'n';
	}
	words[len] = '\0';
	return instant_parse_span(words, us, err);
}

static bool
is_short_clock(const char *s)
{
	size_t hours = strspn(s, "0123456789");

	return hours >= 1 && hours <= 2 && s[hours] == ':' &&
	    isdigit((unsigned char)s[hours + 1]) &&
	    isdigit((unsigned char)s[hours + 2]) && s[hours + 3] == '\0';
}

static int
parse_clock(const char *text, struct when *out, struct err *err)
{
	char whole[TEXT + 3];
	enum instant_form form;
	int64_t us;
	int rc;

	(void)snprintf(whole, sizeof whole, "%s%s", text,
	    is_short_clock(text) ? ":00" : "");
	rc = instant_parse(whole, &form, &us, err);
	/* Its own hint for a bare number is about spreadsheets. */
	if (rc < 0 && strchr(text, ':') == NULL)
		return err_set(err, rc, "%s", hint);
	if (rc < 0)
		return rc;
	out->form = form == INSTANT_ABSOLUTE ? WHEN_INSTANT : WHEN_CLOCK;
	out->us = us;
	return 0;
}

int
when_parse(const char *text, struct when *out, struct err *err)
{
	int64_t us;
	int rc;

	if (strlen(text) >= TEXT)
		return err_set(err, -EINVAL, "%s", hint);
	if (text[0] != '+')
		return parse_clock(text, out, err);
	rc = when_span(text + 1, &us, err);
	if (rc < 0)
		return rc;
	*out = (struct when){ .form = WHEN_AFTER, .us = us };
	return 0;
}

int
when_settle(const struct when *w, const struct when_zero *zero, int64_t *us,
    struct err *err)
{
	assert(w->form != WHEN_NONE);
	if (w->form == WHEN_CLOCK)
		return instant_near(w->us, zero->near_us, us, err);
	*us = w->form == WHEN_AFTER ? zero->after_us + w->us : w->us;
	return 0;
}
