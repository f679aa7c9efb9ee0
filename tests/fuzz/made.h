/*
 * made - messages and events made from the choices of an input, all of them
 * within the bounds that wire_get() checks.  What they point to is the maker's,
 * until the next one is made.
 */
#ifndef TESTS_MADE_H
#define TESTS_MADE_H

#include "fuzz.h"
#include "proto/message.h"

void made_event(struct fuzz_input *in, struct race_event *e);
void made_message(struct fuzz_input *in, struct message *m);
const struct race_rules *made_rules(struct fuzz_input *in);

#endif
