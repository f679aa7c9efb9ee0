/*
 * endpoint - HOST[:BASE], as in --listen and --aggregator, and RACE/endpoint.
 *
 * BASE is the collectors' port; rankings are published at BASE+1, snapshots and
 * the log asked for at BASE+2, operators served at BASE+3.
 */
#ifndef COMMON_ENDPOINT_H
#define COMMON_ENDPOINT_H

#include <stdbool.h>

#include "common/err.h"

enum { ENDPOINT_BASE = 5570 };

struct endpoint {
	char host[256]; /* name, IPv4, or IPv6 without brackets */
	int base;       /* 0: pick free ports */
};

enum endpoint_port {
	ENDPOINT_INTAKE,
	ENDPOINT_RANKINGS,
	ENDPOINT_SNAPSHOTS,
	ENDPOINT_CONTROL
};

/* base is ENDPOINT_BASE unless given.  1 <= BASE <= 65532, or 0 if zero_ok. */
int endpoint_parse(struct endpoint *out, const char *s, bool zero_ok,
    struct err *err);

/* Only this machine can reach it: 127.0.0.0/8, ::1, localhost. */
bool endpoint_loopback(const struct endpoint *e);

enum { ENDPOINT_URL = 300 };

/*
 * "tcp://HOST:PORT" for libzmq, with the address for localhost, since libzmq
 * binds to no name; PORT is "*" if base is 0.  Returns out.
 */
char *endpoint_url(char out[ENDPOINT_URL], const struct endpoint *e,
    enum endpoint_port port);

/* Writes RACE/endpoint, durably and at once. */
int endpoint_write(const struct endpoint *e, const char *race, struct err *err);

/* Whether there is a RACE/endpoint; no race (NULL): no. */
bool endpoint_there(const char *race);

/* Whether somebody said whom to reach: --aggregator (NULL: no), or
 * PALMARES_AGGREGATOR. */
bool endpoint_named(const char *option);

/*
 * Whom to reach, by the contract: --aggregator (option, may be NULL), then
 * PALMARES_AGGREGATOR, then RACE/endpoint of `race` (may be NULL), then
 * 127.0.0.1:5570.  A missing file is none; a damaged one is an error.  Where
 * the aggregator listens everywhere (*, 0.0.0.0, ::), this machine is meant.
 */
int endpoint_find(struct endpoint *out, const char *option, const char *race,
    struct err *err);

/*
 * Looks again: true if it is elsewhere than *at was, which is so then.  While
 * an aggregator starts there is no RACE/endpoint, or a torn one: where it was
 * last is as good as any.
 */
bool endpoint_again(struct endpoint *at, const char *option, const char *race);

#endif
