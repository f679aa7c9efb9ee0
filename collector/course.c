#include "collector/course.h"

#include "common/cli.h"
#include "common/log.h"
#include "race/choice.h"
#include "race/rules.h"

static void
tell_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[1024];

		if (!report->problems[i].error)
			continue;
		conf_problem_print(line, sizeof line, &report->problems[i]);
		log_warnx("%s", line);
	}
}

static void
load_entries(struct course *c, const char *race)
{
	struct conf_report report = { 0 };

	if (conf_entries(race, c->rules, &c->roll, &report) < 0)
		log_warnx("%s/entries.csv has %zu mistakes: 'palmares check "
		          "%s' "
		          "tells them; %zu entries are known here",
		    race, report.errors, race, c->roll.count);
	conf_report_clear(&report);
}

/* A slip of the finger at the start would flag every crossing of the day;
 * points that a file's own column names are taken, whatever they are. */
static void
check_point(const struct course *c, const struct options *o)
{
	if (o->point[0] != '\0' && rules_reader(c->rules, o->point) < 0)
		cli_usage(OPTIONS_PROGRAM, "--point: %s: %s", o->race,
		    choice_point(c->rules, o->point));
}

void
course_load(struct course *c, const struct options *o)
{
	struct conf_report report = { 0 };

	if (o->race == NULL)
		return;
	c->rules = conf_rules(o->race, &report);
	if (c->rules == NULL) {
		tell_problems(&report);
		log_fatal(1, "the race folder %s cannot be used", o->race);
	}
	conf_report_clear(&report);
	if (o->gun[0] != '\0' && rules_wave(c->rules, o->gun) < 0)
		cli_usage(OPTIONS_PROGRAM,
		    "--gun %s: race.yaml has no such wave", o->gun);
	check_point(c, o);
	load_entries(c, o->race);
}

void
course_close(struct course *c)
{
	conf_roll_clear(&c->roll);
	rules_free(c->rules);
}
