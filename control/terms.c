#include "control/terms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/person.h"
#include "race/choice.h"
#include "race/near.h"
#include "race/rules.h"

#define HOUR_US (INT64_C(3600) * INSTANT_SECOND)

enum { NEAR_MAX = 3 };

/* ---- bibs ---- */

static bool
is_entered(void *arg, const char *word)
{
	const struct roster *roster = arg;

	return roster_find(roster, word) != NULL;
}

/* "124 (Zoé Petit; two digits swapped)" */
static char *
near_bibs(struct correct *c, const char *word)
{
	struct near_match near[NEAR_MAX];
	struct roster *roster = c->job->book->roster;
	size_t count = near_find(word, is_entered, roster, near, NEAR_MAX);
	char *all = xstrdup("");

	for (size_t i = 0; i < count; i++) {
		const struct race_entry *e = roster_find(roster, near[i].word);
		char *more =
		    xasprintf("%s%s%s (%s; %s)", all, i == 0 ? "" : ", ",
		        e->bib, e->name[0] != '\0' ? e->name : "no name",
		        near_words(near[i].slip));

		free(all);
		all = more;
	}
	return all;
}

int
terms_bib(struct correct *c, const char *word, const struct race_entry **out,
    struct err *err)
{
	const struct race_entry *e = roster_find(c->job->book->roster, word);
	char q[TEXT_QUOTE_MAX];
	char *near;

	if (e != NULL) {
		*out = e;
		correct_concerns(c, e->bib);
		return 0;
	}
	if (person_gone(c->job->book->rulings, word, err) > 0)
		return -EINVAL;
	text_quote(q, word);
	near = near_bibs(c, word);
	if (near[0] != '\0')
		err_set(err, 0, "nobody has bib %s: did you mean %s?", q, near);
	else
		err_set(err, 0,
		    "nobody has bib %s: palmares enter enters somebody", q);
	free(near);
	return -EINVAL;
}

char *
terms_person(const struct correct *c, const char *bib)
{
	const struct race_entry *e = roster_find(c->job->book->roster, bib);
	bool named = e != NULL && e->name[0] != '\0';

	return xasprintf("%s%s%s", bib, named ? " " : "", named ? e->name : "");
}

/* ---- points and waves ---- */

int
terms_point(struct correct *c, const char *word, int *out, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	int i = rules_point(rules, word);
	char *words;

	if (i < 0) {
		words = choice_point(rules, word);
		err_set(err, 0, "%s", words);
		free(words);
		return -EINVAL;
	}
	*out = i;
	return 0;
}

int
terms_wave(struct correct *c, const char *word, int *out, struct err *err)
{
	const struct race_rules *rules = c->job->book->rules;
	const char *names[RACE_WAVES_MAX];
	char q[TEXT_QUOTE_MAX];
	char *all;
	int i = rules_wave(rules, word);

	if (word[0] == '\0' && rules->wave_count == 1)
		i = 0;
	if (i >= 0) {
		*out = i;
		return 0;
	}
	for (size_t k = 0; k < rules->wave_count; k++)
		names[k] = rules->waves[k].name;
	all = nearest_list(names, rules->wave_count);
	if (word[0] == '\0')
		err_set(err, 0, "the gun of which wave? There are: %s", all);
	else
		err_set(err, 0, "no wave %s. There are: %s",
		    text_quote(q, word), all);
	free(all);
	return -EINVAL;
}

/* ---- moments ---- */

static bool
start_of(struct correct *c, const char *bib, int64_t *gun_us)
{
	struct rank_start start;

	if (bib == NULL || !rank_start(c->job->book->rank, bib, &start) ||
	    start.gun_us == RACE_NO_TIME)
		return false;
	*gun_us = start.gun_us;
	return true;
}

/* A time of day after a start: what comes twice in the night in which the
 * clocks are put back is the first one, unless that was before the start. */
static int
after_start(int64_t clock_us, int64_t gun_us, int64_t *out, struct err *err)
{
	int64_t first_us;
	int rc = instant_near(clock_us, gun_us + 10 * HOUR_US, out, err);

	if (rc == 0 &&
	    instant_near(clock_us, *out - HOUR_US, &first_us, NULL) == 0 &&
	    first_us >= gun_us && first_us < *out)
		*out = first_us;
	return rc;
}

int
terms_moment(struct correct *c, const char *word, const char *bib, int64_t *out,
    struct err *err)
{
	const char *date = c->job->book->rules->date;
	enum instant_form form = INSTANT_RELATIVE;
	int64_t gun_us = 0;
	bool started = start_of(c, bib, &gun_us);
	int64_t us;
	int rc;

	if (word[0] == '+')
		rc = instant_parse_span(word + 1, &us, err);
	else
		rc = instant_parse(word, &form, &us, err);
	if (rc < 0)
		return err_wrap(err, -EINVAL, "time %s", word);
	if (form == INSTANT_RELATIVE && !started)
		return err_set(err, -EINVAL,
		    bib != NULL ? "%s is after the start, and %s has none yet"
		                : "%s: after what? Give a time of day%s",
		    word, bib != NULL ? bib : "");
	if (form == INSTANT_RELATIVE)
		us += gun_us;
	else if (form == INSTANT_CLOCK && started)
		rc = after_start(us, gun_us, &us, err);
	else if (form == INSTANT_CLOCK)
		rc = instant_local(date, us, INSTANT_NONE, &us, err);
	if (rc < 0)
		return err_wrap(err, -EINVAL, "time %s", word);
	if (us < RACE_TIME_MIN || us > RACE_TIME_MAX)
		return err_set(err, -EINVAL,
		    "time %s: not in the years 2000 to 2099", word);
	*out = us;
	return 0;
}

/* ---- crossings ---- */

/* Of stations with one name the first was meant; another one may have it. */
static int
no_crossing(const struct correct *c, const char *word, struct race_id id,
    struct err *err)
{
	char name[NAME_MAX_PRINTED];
	struct rank_crossing crossing;

	while (name_next(c->job->streams, &id))
		if (rank_find(c->job->book->rank, id, &crossing))
			return err_set(err, -EINVAL,
			    "there is no crossing %s; did you mean %s, of the "
			    "other station with that name?",
			    word, name_print(name, id, c->job->streams));
	return err_set(err, -EINVAL,
	    "there is no crossing %s: palmares reads shows their names", word);
}

/* Whoever types a bib has forgotten what else belongs there. */
static int
check_no_bib(struct correct *c, const char *word, struct err *err)
{
	struct race_id id;
	char name[NAME_MAX_PRINTED];

	if (strchr(word, ':') != NULL ||
	    roster_find(c->job->book->roster, word) == NULL)
		return 0;
	if (name_parse(word, c->job->streams, &id, NULL) < 0)
		return err_set(err, -EINVAL,
		    "%s is a bib: which crossing? palmares reads %s shows "
		    "their names",
		    word, word);
	return err_set(err, -EINVAL,
	    "%s is a bib, whose crossings palmares reads %s shows, and the "
	    "number of a crossing in the log, which is %s",
	    word, word, name_print(name, id, c->job->streams));
}

int
terms_read(struct correct *c, const char *word, struct race_id *id,
    struct rank_crossing *out, struct err *err)
{
	struct race_id found;
	struct rank_crossing crossing;

	if (check_no_bib(c, word, err) < 0 ||
	    name_parse(word, c->job->streams, &found, err) < 0)
		return -EINVAL;
	if (!rank_find(c->job->book->rank, found, &crossing))
		return no_crossing(c, word, found, err);
	if (crossing.bib[0] != '\0')
		correct_concerns(c, crossing.bib);
	*id = found;
	*out = crossing;
	return 0;
}
