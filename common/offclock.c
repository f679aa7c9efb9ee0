#include "common/offclock.h"

#include <inttypes.h>
#include <stdio.h>

static int64_t
size_of(int64_t us)
{
	return us < 0 ? -us : us;
}

static bool
is_above(bool before, int64_t us, int64_t limit_us)
{
	return us > (before ? limit_us - limit_us / 5 : limit_us);
}

unsigned
offclock_look(struct offclock *o, int64_t offset_us, int64_t bound_us)
{
	struct offclock now;
	unsigned news = 0;

	if (bound_us <= 0)
		return 0;
	/* What is not known is nobody's fault. */
	now.wrong = is_above(o->wrong, size_of(offset_us) - bound_us,
	    OFFCLOCK_WRONG_US);
	now.vague = is_above(o->vague, bound_us, OFFCLOCK_VAGUE_US);
	if (now.wrong != o->wrong)
		news |= now.wrong ? OFFCLOCK_WRONG : OFFCLOCK_RIGHT;
	if (now.vague != o->vague)
		news |= now.vague ? OFFCLOCK_VAGUE : OFFCLOCK_SHARP;
	*o = now;
	return news;
}

/* Rounded: nobody wants to read of 59 min 59 s. */
char *
offclock_span(char out[OFFCLOCK_WORDS], int64_t us)
{
	int64_t size = size_of(us);
	int64_t ms = (size + 500) / 1000;
	int64_t tenths = (size + 50000) / 100000;
	int64_t s = (size + 500000) / 1000000;
	int64_t min = (s + 30) / 60;

	if (ms < 1)
		(void)snprintf(out, OFFCLOCK_WORDS, "0.%" PRId64 " ms",
		    size / 100);
	else if (ms < 1000)
		(void)snprintf(out, OFFCLOCK_WORDS, "%" PRId64 " ms", ms);
	else if (s < 120)
		(void)snprintf(out, OFFCLOCK_WORDS, "%" PRId64 ".%" PRId64 " s",
		    tenths / 10, tenths % 10);
	else if (s < 7200)
		(void)snprintf(out, OFFCLOCK_WORDS,
		    "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else
		(void)snprintf(out, OFFCLOCK_WORDS,
		    "%" PRId64 " h %" PRId64 " min", min / 60, min % 60);
	return out;
}

char *
offclock_words(char out[OFFCLOCK_WORDS], int64_t offset_us)
{
	char span[OFFCLOCK_WORDS];

	offclock_span(span, offset_us);
	(void)snprintf(out, OFFCLOCK_WORDS, "%.40s %s", span,
	    offset_us < 0 ? "fast" : "slow");
	return out;
}
