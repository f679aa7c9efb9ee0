#include "race/served.h"

#include <errno.h>
#include <string.h>

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
