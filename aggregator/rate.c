#include "aggregator/rate.h"

#include <string.h>

static int64_t
second_of(int64_t now_us)
{
	return now_us / 1000000;
}

void
rate_add(struct rate *r, int64_t now_us)
{
	int64_t now = second_of(now_us);

	if (now - r->second >= RATE_SECONDS) {
		memset(r->by_second, 0, sizeof r->by_second);
		r->second = now;
	}
	while (r->second < now)
		r->by_second[++r->second % RATE_SECONDS] = 0;
	r->by_second[now % RATE_SECONDS]++;
}

uint32_t
rate_minute(const struct rate *r, int64_t now_us)
{
	int64_t first = second_of(now_us) - RATE_SECONDS + 1;
	uint32_t sum = 0;

	for (int64_t s = r->second; s >= first && s >= 0; s--)
		sum += r->by_second[s % RATE_SECONDS];
	return sum;
}
