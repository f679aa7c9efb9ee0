/*
 * log - talk on stderr, one line each: "palmares-aggregator: text".
 *
 * log_warn adds strerror(errno), log_warnx does not; all leave errno as it was.
 * A state is logged when it changes, not while it lasts: that is the caller's
 * part.  While a full-screen terminal program runs, log_capture() sends the
 * lines to it instead.  Not for deciders.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

/* name is borrowed for the life of the program. */
void log_init(const char *name);

typedef void (*log_sink_fn)(void *arg, const char *line);

/* Lines without prefix and newline go to fn until fn is NULL again. */
void log_capture(log_sink_fn fn, void *arg);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_warnx, then exit(status).  For the mains alone. */
_Noreturn void log_fatal(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
