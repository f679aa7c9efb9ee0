/* The ranking as it is now, on stdout. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "display/display.h"
#include "race/fetch.h"
#include "race/served.h"

#define PATIENCE_US INT64_C(5000000)

struct printing {
	enum export_format format;
	struct err err;
};

static int
print(void *arg, const struct race_rules *rules, size_t ranking,
    struct board *board, const struct roster *roster)
{
	struct printing *p = arg;
	struct err err;
	int rc;

	/* A zone that this system does not have leaves its own. */
	(void)instant_zone(rules->timezone, &err);
	rc = export_ranking(stdout, p->format, rules, ranking, board, roster);
	return rc < 0 ? err_errno(&p->err, rc, "write the ranking") : 0;
}

int
display_once(const struct display_job *job)
{
	char *title = job->named ? NULL : served_title(job->race);
	struct fetch_job fetch = {
		.aggregator = job->aggregator,
		.race = job->race,
		.ranking = job->ranking,
		.title = title,
		.patience_us = PATIENCE_US,
	};
	struct printing p = { .format = job->format };
	char *words = NULL;
	int rc = fetch_ranking(&fetch, print, &p, &words, &p.err);

	free(title);
	if (words != NULL)
		cli_usage("palmares-display", "%s", words);
	/* Whoever reads has seen enough. */
	if (rc == -EPIPE)
		return 1;
	if (rc < 0)
		log_fatal(1, "%s", p.err.text);
	return 0;
}
