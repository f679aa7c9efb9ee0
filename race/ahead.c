#include "race/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "proto/wire.h"

enum {
	BATCHES = 2,
	BATCH = 512 /* events: few handovers, and both fit into a cache */
};

struct batch {
	struct race_event events[BATCH];
	struct ahead_label labels[BATCH];
	struct store_stream streams[BATCH]; /* those that begin */
	struct wire_arena *arena;
	size_t count;
};

struct ahead {
	struct store *store;
	uint64_t after;
	struct batch batches[BATCHES];
	uint64_t filling; /* of the thread alone, as the next two */
	struct err err;
	int rc;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	uint64_t filled; /* batches in all: the next is in [filled % BATCHES] */
	uint64_t used;
	bool ended; /* no more will be filled */
	bool left;  /* no more will be used */
};

/* ---- the thread ---- */

static void
hand_over(struct ahead *a)
{
	a->filling++;
	pthread_mutex_lock(&a->lock);
	a->filled = a->filling;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

/* The batch to be filled; NULL: nobody wants any more. */
static struct batch *
next_empty(struct ahead *a)
{
	struct batch *b = &a->batches[a->filling % BATCHES];
	bool left;

	pthread_mutex_lock(&a->lock);
	while (!a->left && a->filling - a->used == BATCHES)
		pthread_cond_wait(&a->changed, &a->lock);
	left = a->left;
	pthread_mutex_unlock(&a->lock);
	if (left)
		return NULL;
	b->count = 0;
	wire_reset(b->arena);
	return b;
}

static int
add_event(void *arg, const struct store_event *e)
{
	struct ahead *a = arg;
	struct batch *b = &a->batches[a->filling % BATCHES];
	size_t i = b->count;

	if (i == BATCH) {
		hand_over(a);
		b = next_empty(a);
		if (b == NULL)
			return -ECANCELED;
		i = 0;
	}
	b->labels[i] = (struct ahead_label){
		.log = e->log,
		.id = e->id,
		.received_us = e->received_us,
	};
	if (e->id.seq == 1) {
		b->streams[i] = *e->stream;
		b->labels[i].stream = &b->streams[i];
	}
	b->events[i] = (struct race_event){ .kind = RACE_EVENT_UNKNOWN };
	b->labels[i].decoded =
	    wire_get_event(b->arena, e->body, e->len, &b->events[i]) == 0;
	b->count++;
	return 0;
}

static void *
work(void *arg)
{
	struct ahead *a = arg;

	a->rc = store_scan(a->store, a->after, add_event, a, &a->err);
	/* What came before the damage is told as well. */
	if (a->rc != -ECANCELED)
		hand_over(a);
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- who uses them ---- */

static const struct batch *
next_filled(struct ahead *a)
{
	const struct batch *b = &a->batches[a->used % BATCHES];

	pthread_mutex_lock(&a->lock);
	while (!a->ended && a->filled == a->used)
		pthread_cond_wait(&a->changed, &a->lock);
	if (a->filled == a->used)
		b = NULL;
	pthread_mutex_unlock(&a->lock);
	return b;
}

static void
give_back(struct ahead *a, bool left)
{
	pthread_mutex_lock(&a->lock);
	a->used++;
	a->left = left;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
}

static int
use_all(struct ahead *a, ahead_fn fn, void *arg)
{
	const struct batch *b;
	int rc = 0;

	while (rc >= 0 && (b = next_filled(a)) != NULL) {
		const struct ahead_batch batch = { b->events, b->labels,
			b->count };

		if (b->count > 0)
			rc = fn(arg, &batch);
		give_back(a, rc < 0);
	}
	return rc;
}

/* ---- its life ---- */

static struct ahead *
new_ahead(struct store *s, uint64_t after)
{
	struct ahead *a = xcalloc(1, sizeof *a);

	a->store = s;
	a->after = after;
	for (size_t i = 0; i < BATCHES; i++)
		a->batches[i].arena = wire_arena_new();
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	return a;
}

static void
free_ahead(struct ahead *a)
{
	for (size_t i = 0; i < BATCHES; i++)
		wire_arena_free(a->batches[i].arena);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Signals are for the caller's thread. */
static int
start(pthread_t *thread, struct ahead *a)
{
	sigset_t all;
	sigset_t before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

int
ahead_scan(struct store *s, uint64_t after, ahead_fn fn, void *arg,
    struct err *err)
{
	struct ahead *a = new_ahead(s, after);
	pthread_t thread;
	int rc = start(&thread, a);

	if (rc < 0) {
		err_errno(err, rc, "a thread that reads the log");
	} else {
		rc = use_all(a, fn, arg);
		pthread_join(thread, NULL);
		if (rc >= 0 && a->rc < 0)
			rc = err_set(err, a->rc, "%s", a->err.text);
	}
	free_ahead(a);
	return rc;
}
