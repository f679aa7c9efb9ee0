/*
 * err - why something failed, in words, with context added on the way up.
 *
 * What opens, parses or migrates takes a `struct err *` last; hot paths return
 * codes alone.  The pointer may be NULL.  Codes are 0 or -errno.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

struct err {
	char text[1024];
};

/* Sets the text and returns rc, so that `return err_set(...)` reads well. */
int err_set(struct err *err, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": strerror(-rc)" behind. */
int err_errno(struct err *err, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "fmt: " before the text that is there; returns rc. */
int err_wrap(struct err *err, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
