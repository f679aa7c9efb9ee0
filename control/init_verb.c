/* palmares init: a race folder from a few questions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/err.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/ground.h"
#include "control/operator.h"
#include "control/outline.h"
#include "control/prose.h"
#include "control/shell.h"
#include "control/verb.h"

struct question {
	const char *words;
	const char *flag;   /* what answers it on the command line */
	const char *answer; /* from there, NULL: none */
	char *usual;        /* NULL: today, in the race's zone */
	int (*take)(struct outline *o, const char *text, struct err *err);
};

enum { QUESTIONS = 7 };

/* The zone that this machine is in, as its own files name it. */
static char *
zone_here(void)
{
	static const char mark[] = "/zoneinfo/";
	char path[512];
	ssize_t len = readlink("/etc/localtime", path, sizeof path - 1);
	const char *given = getenv("TZ");
	char *found;

	if (given != NULL && strchr(given, '/') != NULL && given[0] != ':')
		return xstrdup(given);
	if (len > 0) {
		path[len] = '\0';
		found = strstr(path, mark);
		if (found != NULL && strchr(found + strlen(mark), '/') != NULL)
			return xstrdup(found + strlen(mark));
	}
	return xstrdup("Europe/Paris");
}

static char *
today(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[16];

	localtime_r(&now, &tm);
	strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return xstrdup(text);
}

/* "my-race" as a title, from the folder's name. */
static char *
title_of(const char *dir)
{
	char *copy = xstrdup(dir);
	char *base;
	char *title;

	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	base = strrchr(copy, '/');
	base = base != NULL && base[1] != '\0' ? base + 1 : copy;
	title = xstrdup(base[0] == '.' ? "My race" : base);
	for (char *c = title; *c != '\0'; c++)
		if (*c == '-' || *c == '_')
			*c = ' ';
	if (title[0] >= 'a' && title[0] <= 'z')
		title[0] = (char)(title[0] - 'a' + 'A');
	free(copy);
	return title;
}

static void
list_questions(struct question q[QUESTIONS], const struct verb_options *o,
    const char *dir)
{
	const struct question all[QUESTIONS] = {
		{ "Title", "--title", o->title, title_of(dir), outline_title },
		{ "Time zone", "--timezone", o->timezone, zone_here(),
		    outline_timezone },
		{ "Date", "--date", o->date, NULL, outline_date },
		{ "Timing points, each with its kilometre", "--points",
		    o->points, xstrdup("start 0, finish 10"), outline_points },
		{ "Waves, each with its gun if that is known", "--waves",
		    o->waves, xstrdup("all 10:00"), outline_waves },
		{ "Rankings", "--rankings", o->rankings,
		    xstrdup("overall, women, men, live"), outline_rankings },
		{ "Prizes for the first ... of each ranking", "--prizes",
		    o->prizes, xstrdup("3"), outline_prizes },
	};

	memcpy(q, all, sizeof all);
}

/* Again until it is an answer; false when there is nobody any more. */
static bool
ask(const struct question *q, struct outline *o)
{
	char *words = xasprintf("%s [%s]:", q->words, q->usual);
	bool done = false;

	if (q->take == outline_waves)
		puts("(these times are only planned; palmares gun sets the "
		     "real one)");
	if (q->take == outline_rankings)
		printf("(rankings: some of %s)\n", outline_choice);
	while (!done && !feof(stdin)) {
		char *answer = operator_says(words);
		struct err err;

		if (answer[0] == '\0' && feof(stdin)) {
			free(answer);
			break;
		}
		done = q->take(o, answer[0] != '\0' ? answer : q->usual,
		           &err) == 0;
		if (!done)
			prose_put(stdout, 2, "", 2, err.text);
		free(answer);
	}
	free(words);
	return done;
}

static bool
answer_all(const struct verb *v, struct question q[QUESTIONS],
    const struct verb_options *given, struct outline *o)
{
	bool asking = !given->yes;

	for (size_t i = 0; i < QUESTIONS; i++) {
		struct err err;

		if (q[i].answer != NULL) {
			if (q[i].take(o, q[i].answer, &err) < 0)
				cli_usage(v->program, "%s: %s", q[i].flag,
				    err.text);
			continue;
		}
		if (q[i].usual == NULL)
			q[i].usual = today();
		if (asking && !operator_is_there())
			cli_usage(v->program,
			    "%s: nobody is there to be asked; --yes takes "
			    "what is usual",
			    q[i].flag);
		if (!asking) {
			if (q[i].take(o, q[i].usual, &err) < 0)
				cli_usage(v->program, "%s: %s", q[i].flag,
				    err.text);
		} else if (!ask(&q[i], o)) {
			return false;
		}
	}
	return true;
}

static int
write_folder(const char *dir, const struct outline *o, struct err *err)
{
	static const char *const head =
	    "bib,chip,name,sex,born,category,team,wave\n";
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (f == NULL)
		return err_errno(err, -errno, "race.yaml");
	outline_write(f, o);
	fclose(f);
	rc = ground_write(dir, text, head, err);
	free(text);
	return rc;
}

static bool
has_guns(const struct outline *o)
{
	for (size_t i = 0; i < o->wave_count; i++)
		if (o->waves[i].gun[0] != '\0')
			return true;
	return false;
}

/* Ready to be pasted. */
static void
print_command(const char *command, const char *dir)
{
	printf("  %s ", command);
	shell_word(stdout, dir);
	putchar('\n');
}

static void
print_next(const char *dir, bool planned)
{
	if (planned)
		puts("the guns in it are only planned: palmares gun WAVE now, "
		     "or WAVE 10:00:05,\nsets the real one");
	printf("%s/race.yaml: the rules, with comments; edit them as you "
	       "like\n"
	       "%s/entries.csv: nobody is entered yet\n\n"
	       "next:\n",
	    dir, dir);
	print_command("palmares roster import people.csv --race", dir);
	print_command("palmares check", dir);
	print_command("palmares-aggregator", dir);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct question questions[QUESTIONS];
	struct outline outline = { .point_count = 0 };
	struct err err;
	const char *dir;
	bool all;

	verb_options(v, argc, argv, &o);
	if (o.rest_count != 1)
		cli_usage(v->program, "%s %s", v->program, v->usage);
	dir = o.rest[0];
	if (ground_is_free(dir, &err) < 0)
		log_fatal(1, "%s", err.text);
	list_questions(questions, &o, dir);
	all = answer_all(v, questions, &o, &outline);
	for (size_t i = 0; i < QUESTIONS; i++)
		free(questions[i].usual);
	if (!all) {
		puts("nothing was made");
		return 1;
	}
	if (write_folder(dir, &outline, &err) < 0)
		log_fatal(1, "%s", err.text);
	print_next(dir, has_guns(&outline));
	return 0;
}

const struct verb verb_init = {
	.name = "init",
	.program = "palmares init",
	.summary = "Makes a race folder, asking a few questions",
	.usage = "DIR [OPTION]...",
	.options =
	    "Each option answers a question.  What is there is never "
	    "overwritten.\n\n"
	    "  --title TEXT              default: the folder's name\n"
	    "  --date YYYY-MM-DD         default: today\n"
	    "  --timezone ZONE           as Europe/Paris; default: this "
	    "machine's\n"
	    "  --points LIST             as \"start 0, half 2.5, finish 5\"\n"
	    "  --waves LIST              as \"elite 10:00, all 10:15:30\"; "
	    "without a time:\n"
	    "                            the gun is set when it goes off\n"
	    "  --rankings LIST           some of overall, women, men, net, "
	    "live, teams, km\n"
	    "  --prizes N                for the first N of each; 0: none\n"
	    "  --yes                     do not ask: what is usual\n",
	.accepts = "TDZOWKRy",
	.run = run,
};
