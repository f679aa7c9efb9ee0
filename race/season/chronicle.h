/*
 * chronicle - what the recording of a season says besides the events of
 * season.db: the files of the folder, and what races and other seasons gave, as
 * they were when it was made and whenever it went on (PROTOCOL.md 3.11).
 *
 * A file's version is there as a whole or not at all.  Pure.
 */
#ifndef RACE_SEASON_CHRONICLE_H
#define RACE_SEASON_CHRONICLE_H

#include "race/season/bundle.h"
#include "race/types.h"

struct chronicle;

struct chronicle *chronicle_new(void);
void chronicle_free(struct chronicle *c);

/* The next event of the recorder's stream.  0, or -EINVAL for what no recorder
 * says, with *why to stand behind "event 12 ". */
int chronicle_apply(struct chronicle *c, const struct race_event *e,
    const char **why);

/* As if that had been said; data becomes c's. */
void chronicle_file(struct chronicle *c, const char *name, char *data,
    size_t len);

const struct bundle *chronicle_files(const struct chronicle *c);

/* The i-th part of a file's version, but for its name. */
void chronicle_part(struct season_part *out, uint32_t i, const char *data,
    size_t len);

/* What races and other seasons give; what of it is as if it ended now. */
typedef void (*chronicle_line_fn)(void *arg, const struct race_listed *line);
typedef void (*chronicle_live_fn)(void *arg, const struct season_given *given);
void chronicle_lines(const struct chronicle *c, chronicle_line_fn fn,
    void *arg);
void chronicle_live(const struct chronicle *c, chronicle_live_fn fn, void *arg);

/*
 * The events that make of c what `now` is, none if it is that; made_us is 0.
 * A negative result of fn ends it, and is returned.
 */
typedef int (*chronicle_event_fn)(void *arg, const struct race_event *e);
int chronicle_differ(const struct chronicle *c, const struct chronicle *now,
    chronicle_event_fn fn, void *arg);

#endif
