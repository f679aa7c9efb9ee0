/*
 * fuzz - what the fuzz targets share.
 *
 * A target is one function over bytes.  In the preset `fuzz` libFuzzer calls
 * it; everywhere else replay.c does, with the files of corpus/NAME, as an
 * ordinary test.  What must not happen is an assert, or what the sanitizers
 * see.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* An input that is read as a series of choices; all are 0 behind its end. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

uint8_t fuzz_byte(struct fuzz_input *in);

/* 0 <= result < n; of the full 64 bits for n 0. */
uint64_t fuzz_below(struct fuzz_input *in, uint64_t n);

/* Low or high numbers as often as any between. */
int64_t fuzz_between(struct fuzz_input *in, int64_t low, int64_t high);

/* Printable UTF-8 of at most max bytes, mostly short.  Valid until
 * fuzz_forget(). */
char *fuzz_text(struct fuzz_input *in, size_t max);
void fuzz_forget(void);

/*
 * A folder with a file of that name (a literal, at most one folder deep) and
 * content beside the others that were asked for, for what reads files; in
 * memory, and the same folder each time.
 */
const char *fuzz_folder(const char *name, const uint8_t *data, size_t len);

#endif
