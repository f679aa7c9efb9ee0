/*
 * ask_zmq - one question to a running aggregator, and its answer.
 */
#ifndef RACE_ASK_ZMQ_H
#define RACE_ASK_ZMQ_H

#include "common/endpoint.h"
#include "common/err.h"
#include "proto/message.h"

struct ask;

/* port: ENDPOINT_CONTROL, or ENDPOINT_SNAPSHOTS for the rules. */
int ask_new(struct ask **out, const struct endpoint *to,
    enum endpoint_port port, struct err *err);
void ask_free(struct ask *a);

/*
 * Sends the question and waits for an answer of type `wanted`, for 3 s in all.
 * The answer is valid until the next call.  -ETIMEDOUT: nobody answers;
 * -EPROTO: REFUSE, in its own words.
 */
int ask(struct ask *a, const struct message *question, enum message_type wanted,
    struct message *answer, struct err *err);

/* The two halves of it, for whoever has several questions under way. */
int ask_send(struct ask *a, const struct message *question, struct err *err);
int ask_wait(struct ask *a, int64_t until_mono_us, struct message *answer,
    struct err *err);

#endif
