#include "control/suppose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "control/correct_file.h"
#include "race/rules.h"

static int
suppose_file(struct correct *c, char *const *words, size_t count,
    struct conf_report *report, struct err *err)
{
	int rc;

	if (count != 2)
		return err_set(err, -EINVAL,
		    "correct: one file, as in correct mistakes.csv");
	rc = correct_file(c, words[1], report, err);
	if (rc == 0 && report->errors > 0)
		rc = err_set(err, -EINVAL, "correct %s: %zu row%s to mend",
		    words[1], report->errors, report->errors == 1 ? "" : "s");
	return rc;
}

static int
refuse(const char *word, struct err *err)
{
	char q[TEXT_QUOTE_MAX];
	char *all = correct_verb_list();

	err_set(err, -EINVAL,
	    "%s: no such verb here; there are %s, and correct",
	    text_quote(q, word), all);
	free(all);
	return -EINVAL;
}

int
suppose(struct correct *c, char *const *words, size_t count,
    struct conf_report *report, struct err *err)
{
	const struct correct_verb *v;
	size_t from = c->count;
	int rc;

	if (count == 0)
		return err_set(err, -EINVAL,
		    "nothing is said: a verb and its words, as in dsq 15");
	for (size_t i = 0; i < count; i++)
		if (!text_utf8_valid(words[i], strlen(words[i])))
			return err_set(err, -EINVAL, "word %zu is not UTF-8",
			    i + 1);
	if (strcasecmp(words[0], "correct") == 0)
		return suppose_file(c, words, count, report, err);
	v = correct_verb(words[0]);
	/* dsq 15 is mark dsq 15. */
	if (v == NULL && rules_status(words[0]) >= (int)RACE_DNS)
		rc = correct_mark(c, words, count, err);
	else if (v == NULL || v->crossings)
		return refuse(words[0], err);
	else
		rc = v->make(c, words + 1, count - 1, err);
	if (rc == 0)
		correct_apply(c, from);
	return rc;
}
