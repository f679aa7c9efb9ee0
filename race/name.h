/*
 * name - what people call an event: STATION:SEQ, as arrivee:1234; or a crossing
 * by its number in the log, which is no name, for another log has others, but
 * what stands there first.  Pure.
 *
 * Where stations have one name (two laptops, or one with a new outbox), they
 * are counted in the order of their first event in the log, which never
 * changes: the first is arrivee for good, the next ones are arrivee/2,
 * arrivee/3.  So a name that was printed means the same event later, whoever
 * has come since, and whichever numbers the others have reached: a plain name
 * is never taken as that of another one because he alone has the number.
 *
 * For operators, each of whose commands is a stream of its own, the first
 * digits of the stream's epoch stand for it: 3fa4b1:7.  On the way in any four
 * of them or more will do that no other stream begins with; what has become
 * ambiguous meanwhile is refused.
 */
#ifndef RACE_NAME_H
#define RACE_NAME_H

#include "common/err.h"
#include "race/types.h"

/* The streams of a race. */
struct name_streams;

struct name_streams *name_streams_new(void);
void name_streams_free(struct name_streams *s);

/* Copied; told again, with another name too, it is as told last.  To be told in
 * the order of their first events in the log. */
void name_stream(struct name_streams *s, uint64_t epoch, const char *name,
    bool operators);

/* "" for a stream that was not told of. */
const char *name_of(struct name_streams *s, uint64_t epoch);
bool name_operators(struct name_streams *s, uint64_t epoch);

/* The number of a crossing in the log, so that name_parse() knows it; to be
 * told in the order of the log. */
void name_number(struct name_streams *s, uint64_t log, struct race_id id);

/* Columns of the longest name of a station, for what is aligned. */
size_t name_width(struct name_streams *s);

/* Room for name_print(). */
enum { NAME_MAX_PRINTED = RACE_NAME_MAX + 36 };

/* Returns out.  A stream that was not told of is printed with all its digits.
 */
char *name_print(char out[NAME_MAX_PRINTED], struct race_id id,
    struct name_streams *s);

/* -EINVAL: not such a name; -ENOENT: no such stream, or number; -ENOTUNIQ: of
 * several, which err lists.  Whether the stream has such an event is not looked
 * at. */
int name_parse(const char *text, struct name_streams *s, struct race_id *out,
    struct err *err);

/* Whether there is such a station, or are several: 0, or -ENOENT and words. */
int name_station(const char *text, struct name_streams *s, struct err *err);

/* The crossing with that number of the next station with that name; false:
 * there is none. */
bool name_next(struct name_streams *s, struct race_id *id);

#endif
