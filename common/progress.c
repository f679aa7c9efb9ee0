#include "common/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/number.h"

static const int64_t second_us = 1000000;

void
progress_begin(struct progress *p)
{
	*p = (struct progress){
		.terminal = isatty(STDERR_FILENO) != 0,
		.next_us = clock_mono_us() + second_us,
	};
}

void
progress_show(struct progress *p, const char *doing, uint64_t done,
    uint64_t all)
{
	int64_t now_us = p->terminal ? clock_mono_us() : 0;
	char a[32];
	char b[32];

	if (!p->terminal || now_us < p->next_us)
		return;
	p->next_us = now_us + second_us / 5;
	p->shown = true;
	fprintf(stderr, "\r%s: %s", doing, number_grouped(a, done));
	if (all > 0)
		fprintf(stderr, " of %s", number_grouped(b, all));
	fputs(" events", stderr);
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\n", stderr);
	p->shown = false;
}
