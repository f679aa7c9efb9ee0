/*
 * wire_check - what decodes survives encoding and decoding.
 */
#ifndef TESTS_WIRE_CHECK_H
#define TESTS_WIRE_CHECK_H

#include "proto/wire.h"

/* A message's header for that type and payload, with a CRC that is right:
 * random bytes would not get past it.  message has WIRE_HEADER bytes before the
 * payload. */
void wire_seal(uint8_t *message, size_t len, uint8_t type);

/* 0, or the code of wire_get for what does not decode. */
int wire_check_message(const uint8_t *bytes, size_t len);
int wire_check_event(const uint8_t *bytes, size_t len);

#endif
