#include "control/watch.h"

#include "common/instant.h"
#include "common/log.h"
#include "common/screen.h"
#include "control/reach.h"

int
watch(const struct verb_options *o, bool json)
{
	if (!json && screen_usable())
		return watch_screen(o);
	return watch_lines(o, json);
}

void
watch_rules(const struct verb_options *o, const struct follow *f)
{
	const struct race_rules *rules = follow_rules(f);
	struct err err;

	if (reach_check(o, follow_peer(f), follow_store(f), rules->title,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	if (instant_zone(rules->timezone, &err) < 0)
		log_warnx("%s", err.text);
}
