/* palmares: the operator's tool, a verb at a time. */
#include <stdio.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/nearest.h"
#include "control/verb.h"
#include "race/rules.h"

static const struct verb *const verbs[] = {
	&verb_check,
	&verb_status,
	&verb_export,
	&verb_unknown,
	&verb_roster,
	&verb_record,
	&verb_verify,
	&verb_cut,
	&verb_anonymise,
	&verb_backup,
	&verb_log,
	&verb_history,
	&verb_explain,
	&verb_compare,
	&verb_problems,
	&verb_reads,
	&verb_mark,
	&verb_penalty,
	&verb_time,
	&verb_add,
	&verb_void,
	&verb_move,
	&verb_swap,
	&verb_gun,
	&verb_start,
	&verb_change,
	&verb_enter,
	&verb_remove,
	&verb_aside,
	&verb_undo,
	&verb_correct,
	&verb_what_if,
	&verb_awards,
	&verb_award,
	&verb_publish,
	&verb_init,
	&verb_clone,
	&verb_unpack,
	&verb_season,
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int
help(void)
{
	puts("Usage: palmares VERB [OPTION]...\n");
	puts("Checks, watches and exports a race.\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
	puts("  help      This text, or that of a verb\n");
	puts("'palmares VERB --help' tells more about a verb.");
	return 0;
}

static const struct verb *
find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

_Noreturn static void
refuse(const char *name)
{
	const char *names[VERBS];
	const char *near;

	for (size_t i = 0; i < VERBS; i++)
		names[i] = verbs[i]->name;
	near = nearest(name, names, VERBS);
	if (near == NULL)
		cli_usage("palmares", "%s: no such verb", name);
	cli_usage("palmares", "%s: no such verb; did you mean palmares %s?",
	    name, near);
}

static int
run(const char *name, int argc, char **argv)
{
	const struct verb *v = find(name);

	if (v == NULL && rules_status(name) >= (int)RACE_DNS)
		cli_usage("palmares",
		    "%s: no such verb; did you mean palmares mark %s %s?", name,
		    name, argc > 1 ? argv[1] : "BIB");
	if (v == NULL)
		refuse(name);
	return v->run(v, argc, argv);
}

int
main(int argc, char **argv)
{
	char help_option[] = "--help";
	char *for_help[] = { argv[0], help_option, NULL };
	const char *verb = argc > 1 ? argv[1] : NULL;

	cli_locale();
	log_init("palmares");
	if (verb == NULL)
		cli_usage("palmares", "which verb?");
	if (strcmp(verb, "--version") == 0) {
		cli_version("palmares");
		return 0;
	}
	if (strcmp(verb, "--help") == 0 ||
	    (strcmp(verb, "help") == 0 && argc == 2))
		return cli_end("palmares", help());
	if (strcmp(verb, "help") == 0)
		return run(argv[2], 2, for_help);
	return cli_end("palmares", run(verb, argc - 1, argv + 1));
}
