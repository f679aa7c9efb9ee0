/*
 * text - UTF-8 as people write it.  libunistring is seen here alone.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

bool text_utf8_valid(const char *s, size_t len);

/* UTF-8 without control characters, line separators and marks that turn the
 * direction of writing: can be a name. */
bool text_printable(const char *s);

/* Room for text_quote(). */
#define TEXT_QUOTE_MAX 272

/*
 * A value for a message, in quotes: whole up to 64 characters, else the first
 * 20 and "…"; what is not printable becomes U+FFFD.  Returns out.
 */
char *text_quote(char out[TEXT_QUOTE_MAX], const char *s);

/* A copy of s in UTF-8, read as CP1252 (bytes it leaves undefined become
 * U+FFFD).  Free with free(). */
char *text_from_cp1252(const char *s, size_t len);

/* Cuts white space (also U+00A0 and U+FEFF) at both ends, in place;
 * returns the new beginning. */
char *text_trim(char *s);

/*
 * For finding: lower case, without accents, œ as oe, ß as ss, runs of blanks
 * and punctuation as one blank.  Free with free().
 */
char *text_fold(const char *s);

/* Columns on a terminal; what is not printable counts as 1. */
size_t text_width(const char *s);

/*
 * Copies as much of s as fits into `width` columns and `cap` bytes (NUL
 * included), with a last "…" if anything was cut, padded with blanks to `width`
 * if pad.  What is not printable becomes U+FFFD, so that nothing in a name
 * steers the terminal.  Returns the columns used.
 */
size_t text_fit(char *out, size_t cap, const char *s, size_t width, bool pad);

/* left and right at the ends of `width` columns; left is cut if need be, to a
 * blank before right. */
void text_pair(char *out, size_t cap, size_t width, const char *left,
    const char *right);

/*
 * The order of bibs and other labels: numbers first by value, then text by
 * bytes; equal values ("7", "007") by bytes.  Unique: 0 only for equal bytes.
 */
int text_label_cmp(const char *a, const char *b);

/*
 * Chips are compared without case and leading zeros: copies the normal form to
 * out (capitals; "" stays "", all zeros become "0").  0, or -EINVAL if it does
 * not fit or holds anything but letters, digits, '-', ':', '_' and '.'.
 */
int text_chip(char *out, size_t cap, const char *s);

#endif
