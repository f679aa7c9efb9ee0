#include "aggregator/reader.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/xalloc.h"
#include "race/rules.h"
#include "race/shelf.h"

enum { PAGE = 256 };

enum state { IDLE, READING, CLEARING };

struct reader {
	char *race;
	struct race_rules *rules;
	enum state state;
	bool threaded; /* there is one to be waited for */
	pthread_t thread;

	atomic_bool left; /* nobody wants the answer any more */
	atomic_bool done; /* the thread touches nothing of what follows now */

	struct shelf *shelf;
	char *dir;
	struct reader_answer answer;
	struct gather waste;
	struct season_row page[PAGE];
};

void
reader_answer_clear(struct reader_answer *a)
{
	size_t kept = a->problem_count < READER_TOLD_MAX ? a->problem_count
	                                                 : READER_TOLD_MAX;

	for (size_t i = 0; i < kept; i++)
		free(a->problems[i]);
	free(a->problems);
	gather_clear(&a->gather);
	inputs_clear(&a->inputs);
	*a = (struct reader_answer){ .rc = 0 };
}

/* ---- the thread ---- */

static bool
wanted(void *arg)
{
	const struct reader *r = arg;

	return !atomic_load_explicit(&r->left, memory_order_relaxed);
}

static int
go_on(void *arg, uint64_t done, uint64_t all)
{
	(void)done;
	(void)all;
	return wanted(arg) ? 0 : -ECANCELED;
}

static int
book_of(void *arg, const char *race, struct book **out, struct err *err)
{
	struct reader *r = arg;
	int rc;

	inputs_add(&r->answer.inputs, INPUTS_RACE, race);
	rc = shelf_book(r->shelf, race, out, err);
	if (rc == -ECANCELED)
		err_set(err, rc, "%s: not wanted any more", race);
	return rc;
}

static const struct race_rules *
ours(void *arg, const char *race)
{
	struct reader *r = arg;
	char *path = realpath(race, NULL);
	bool is = path != NULL && strcmp(path, r->race) == 0;

	free(path);
	return is ? r->rules : NULL;
}

static void
take_folder(void *arg, const char *dir)
{
	struct reader *r = arg;

	inputs_add(&r->answer.inputs, INPUTS_SEASON, dir);
}

/* There are several seasons, with files of the same names. */
static void
take_problem(void *arg, const char *dir, const char *line)
{
	struct reader *r = arg;
	struct reader_answer *a = &r->answer;

	if (a->problem_count < READER_TOLD_MAX)
		a->problems[a->problem_count] =
		    xasprintf("%s/%s", dir[0] != '\0' ? dir : r->dir, line);
	a->problem_count++;
}

/* A table is worked out when it is asked for: here, and not in a turn. */
static void
work_out(struct reader *r)
{
	struct gather *g = &r->answer.gather;
	int64_t season = gather_shown(g);

	for (size_t i = 0; season >= 0 && i < g->folder.rules->table_count;
	     i++) {
		size_t from = 0;
		size_t n;

		while (wanted(r) &&
		    (n = season_rows(g->season, (size_t)season, i, from,
		         r->page, PAGE)) > 0)
			from += n;
	}
}

static const struct gather_ops gather_ops = { book_of, ours, take_folder,
	take_problem };

static void *
work(void *arg)
{
	struct reader *r = arg;
	struct reader_answer *a = &r->answer;
	int64_t began_us = clock_mono_us();

	gather_clear(&r->waste);
	if (r->dir != NULL) {
		struct season_source from = season_source_folder(r->dir);

		from.wanted = wanted;
		from.wanted_arg = r;
		a->rc = gather_read(&a->gather, &from, &gather_ops, r, &a->err);
		if (a->rc == 0)
			work_out(r);
		a->took_us = clock_mono_us() - began_us;
	}
	atomic_store(&r->done, true);
	return NULL;
}

/* ---- whoever asks ---- */

struct reader *
reader_new(const char *race, const struct race_rules *rules)
{
	struct reader *r = xcalloc(1, sizeof *r);

	r->race = xstrdup(race);
	r->rules = rules_copy(rules);
	r->shelf = shelf_new(go_on, r);
	return r;
}

/* Signals are for the caller's thread. */
static int
start(struct reader *r)
{
	sigset_t all;
	sigset_t before;
	int rc;

	atomic_store(&r->done, false);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&r->thread, NULL, work, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

/* Whatever is begun without one is done at once, but for an answer, which is
 * why there is none. */
static void
begin(struct reader *r, enum state state)
{
	int rc = start(r);

	r->state = state;
	r->threaded = rc == 0;
	if (rc == 0)
		return;
	atomic_store(&r->done, true);
	gather_clear(&r->waste);
	r->answer.rc =
	    err_errno(&r->answer.err, rc, "a thread that reads a season");
}

static void
wait_for(struct reader *r)
{
	if (r->threaded)
		pthread_join(r->thread, NULL);
	r->threaded = false;
	r->state = IDLE;
	free(r->dir);
	r->dir = NULL;
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	atomic_store(&r->left, true);
	wait_for(r);
	reader_answer_clear(&r->answer);
	shelf_free(r->shelf);
	rules_free(r->rules);
	free(r->race);
	free(r);
}

void
reader_start(struct reader *r, const char *dir)
{
	r->dir = xstrdup(dir);
	r->answer.problems = xcalloc(READER_TOLD_MAX, sizeof(char *));
	begin(r, READING);
}

void
reader_waste(struct reader *r, struct gather *waste)
{
	r->waste = *waste;
	*waste = (struct gather){ .season = NULL };
	begin(r, CLEARING);
	r->answer.rc = 0;
}

bool
reader_busy(struct reader *r)
{
	if (r->state == CLEARING && atomic_load(&r->done))
		wait_for(r);
	return r->state != IDLE;
}

bool
reader_ready(const struct reader *r)
{
	return r->state == READING && atomic_load(&r->done);
}

void
reader_take(struct reader *r, struct reader_answer *out)
{
	wait_for(r);
	*out = r->answer;
	r->answer = (struct reader_answer){ .rc = 0 };
}
