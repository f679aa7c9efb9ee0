#include "race/served.h"

#include <errno.h>
#include <string.h>

#include "common/endpoint.h"
#include "common/xalloc.h"
#include "race/conf.h"
#include "race/rules.h"

char *
served_title(const char *dir)
{
	struct conf_report report = { 0 };
	struct race_rules *rules;
	char *title;

	if (dir == NULL)
		return NULL;
	rules = conf_rules(dir, &report);
	conf_report_clear(&report);
	if (rules == NULL)
		return NULL;
	title = xstrdup(rules->title);
	rules_free(rules);
	return title;
}

int
served_silent(const char *peer, const char *aggregator, const char *race,
    struct err *err)
{
	if (endpoint_named(aggregator) || endpoint_there(race))
		return err_set(err, -ETIMEDOUT,
		    "no aggregator answers at %s (is it running?)", peer);
	if (race == NULL)
		return err_set(err, -ETIMEDOUT,
		    "no aggregator answers at %s, which was asked for want of "
		    "--race DIR and --aggregator HOST[:BASE]",
		    peer);
	return err_set(err, -ETIMEDOUT,
	    "no aggregator answers at %s, which was asked since %s has no "
	    "endpoint: start palmares-aggregator %s, or name one with "
	    "--aggregator",
	    peer, race, race);
}

int
served_check(const char *peer, const char *theirs, const char *ours,
    struct err *err)
{
	if (ours == NULL || strcmp(theirs, ours) == 0)
		return 0;
	return err_set(err, -ESTALE,
	    "the aggregator at %s serves '%s', not '%s': start the one of '%s' "
	    "(again, if race.yaml was edited), or name it with --aggregator",
	    peer, theirs, ours, ours);
}
