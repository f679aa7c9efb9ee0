#include "control/operator.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/ask_zmq.h"
#include "race/types.h"

enum { ANSWER_MAX = 2048 };

/* Blanks alone say nothing. */
static bool
is_plain(const char *text, size_t max)
{
	return text[strspn(text, " ")] != '\0' && strlen(text) <= max &&
	    text_utf8_valid(text, strlen(text)) && text_printable(text);
}

const char *
operator_name(const struct verb_options *o)
{
	const struct passwd *p;

	if (o->by != NULL)
		return o->by;
	p = getpwuid(getuid());
	return p != NULL && is_plain(p->pw_name, RACE_NAME_MAX) ? p->pw_name
	                                                        : "somebody";
}

void
operator_check(const struct verb *v, const struct verb_options *o)
{
	if (o->by != NULL && !is_plain(o->by, RACE_NAME_MAX))
		cli_usage(v->program,
		    "--by: a name of at most %d bytes of UTF-8", RACE_NAME_MAX);
	if (o->reason != NULL && !is_plain(o->reason, RACE_REASON_MAX))
		cli_usage(v->program,
		    "--reason: a line of at most %d bytes of "
		    "UTF-8",
		    RACE_REASON_MAX);
	if (o->yes && o->dry_run)
		cli_usage(v->program, "--yes or --dry-run, not both");
}

int
operator_clock(const struct endpoint *to, int64_t *now_us, int64_t *made_us,
    struct err *err)
{
	struct message question = { .type = MESSAGE_STATUS_REQUEST };
	struct message answer;
	struct ask *a;
	int rc = ask_new(&a, to, ENDPOINT_CONTROL, err);

	if (rc < 0)
		return rc;
	question.status_request.request = 1;
	rc = ask(a, &question, MESSAGE_STATUS_REPLY, &answer, err);
	if (rc == 0) {
		const struct message_status_reply *s = &answer.status_reply;

		*now_us = s->now_us;
		*made_us =
		    s->now_us > s->entries_us ? s->now_us : s->entries_us + 1;
		if (*made_us > RACE_TIME_MAX)
			*made_us = RACE_TIME_MAX;
	}
	ask_free(a);
	return rc;
}

bool
operator_is_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

char *
operator_says(const char *question)
{
	char answer[ANSWER_MAX] = "";

	printf("%s ", question);
	fflush(stdout);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		putchar('\n');
	return xstrdup(
	    text_utf8_valid(answer, strlen(answer)) ? text_trim(answer) : "");
}

bool
operator_agrees(const char *question)
{
	char *whole = xasprintf("%s [y/N]", question);
	char *answer = operator_says(whole);
	char *folded = text_fold(answer);
	bool yes = strcmp(folded, "y") == 0 || strcmp(folded, "yes") == 0 ||
	    strcmp(folded, "o") == 0 || strcmp(folded, "oui") == 0;

	free(folded);
	free(answer);
	free(whole);
	return yes;
}
