/*
 * addresses - by which addresses other machines may reach this one.
 */
#ifndef AGGREGATOR_ADDRESSES_H
#define AGGREGATOR_ADDRESSES_H

#include "common/endpoint.h"

/* "10.0.0.2 or 192.168.1.7:6000" for --aggregator; "" if e is not every address
 * of this machine, or there is no network.  Free with free(). */
char *addresses_list(const struct endpoint *e);

#endif
