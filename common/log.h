/*
 * log - talk on stderr, one line each: "palmares-aggregator: text".
 *
 * log_warn adds strerror(errno), log_warnx does not; all leave errno as it was.
 * A state is logged when it changes, not while it lasts: that is the caller's
 * part.  Control characters, which names from files and peers may hold, become
 * '?'.  While a full-screen terminal program runs, log_capture() sends the
 * lines to it instead.  Not for deciders.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

/* First in main: see log_fatal.  name is borrowed for the program's life. */
void log_init(const char *name);

typedef void (*log_sink_fn)(void *arg, const char *line);

/* Lines without prefix and newline go to fn until fn is NULL again. */
void log_capture(log_sink_fn fn, void *arg);

void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * log_warnx, then exit(status).  For the mains alone.  While lines are
 * captured, it is said after all handlers at exit that were registered behind
 * log_init(), that is, on a terminal that has been restored.
 */
_Noreturn void log_fatal(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
