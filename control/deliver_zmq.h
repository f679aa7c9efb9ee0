/*
 * deliver - brings what an operator changed to a running aggregator and waits
 * until it is stored.  zmq.h is seen in deliver_zmq.c alone.
 */
#ifndef CONTROL_DELIVER_ZMQ_H
#define CONTROL_DELIVER_ZMQ_H

#include "common/err.h"
#include "race/types.h"

struct deliver_job {
	const char *aggregator; /* as endpoint_find() takes them, which is */
	const char *race;       /* asked again at each new socket */
	uint64_t store;         /* the race.db that has to be there */
	const char *name;       /* the operator's */
	uint64_t epoch;         /* of the stream, random; 0: made here */
};

struct deliver;

/* job's strings are borrowed for the life of *out. */
int deliver_new(struct deliver **out, const struct deliver_job *job,
    struct err *err);
void deliver_free(struct deliver *d);

/* -EMSGSIZE: more than an event may hold. */
int deliver_add(struct deliver *d, const struct race_event *e);

/*
 * Sends what was added.  0: all of it is stored; -ETIMEDOUT (nothing was stored
 * for 10 s) or -EPROTO (refused), and err says how much is.
 */
int deliver_send(struct deliver *d, struct err *err);

#endif
