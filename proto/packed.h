/*
 * packed - bytes in zstd frames, one behind the other, such that a file which
 * grows by frames can be cut off anywhere and tells a torn end from damage.
 *
 * Before each frame of ours stands its guard, a skippable frame of 20 bytes,
 * which zstd leaves out (little endian):
 *
 *   0x184D2A5E  12  LENGTH  CRC-32C of the frame  CRC-32C of these 16 bytes
 *
 * The bytes of such a frame are given all or none.  What ends within a guard or
 * within as many bytes as it says was torn by a crash; anything else that is
 * not as it was written is damage.  Frames without a guard, as zstd makes them,
 * are read too, a piece at a time; one that ends too early counts as damaged.
 * So does any other skippable frame, for it may be a guard with a flipped bit.
 * A reader takes some 10 MiB at most, whatever is in the file.  zstd.h is seen
 * in packed.c alone.
 */
#ifndef PROTO_PACKED_H
#define PROTO_PACKED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	PACKED_CONTENT = 128 * 1024,        /* of a frame of ours, in bytes */
	PACKED_ROOM = PACKED_CONTENT + 2048 /* for one with its guard */
};

struct packer;

struct packer *packer_new(void);
void packer_free(struct packer *p);

/* Puts a frame with its guard at out, where there is PACKED_ROOM; at most
 * PACKED_CONTENT bytes go in.  Returns how long it is. */
size_t packer_put(struct packer *p, const uint8_t *bytes, size_t len,
    uint8_t *out);

struct unpacker;

/* f is borrowed and stands at its beginning. */
struct unpacker *unpacker_new(FILE *f);
void unpacker_free(struct unpacker *u);

enum unpacked {
	UNPACKED_SOME, /* bytes, until the next call */
	UNPACKED_END,
	UNPACKED_TORN
};

/*
 * What comes next, or -EUCLEAN, and *why says what is wrong; -errno if it
 * cannot be read.  Not to be called again after anything but UNPACKED_SOME.
 */
int unpacker_next(struct unpacker *u, const uint8_t **bytes, size_t *len,
    const char **why);

/* Where in the file the frame begins that the last call was about, and where
 * the first one begins of which nothing has been given. */
uint64_t unpacker_frame(const struct unpacker *u);
uint64_t unpacker_behind(const struct unpacker *u);

#endif
