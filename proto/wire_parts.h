/*
 * wire_parts - what the files of wire share: memory, bounds, and each message
 * as a function either way.  The generated protobuf header is seen here, and so
 * in them alone.
 *
 * wire_put_X makes and packs a message; wire_get_X yields ours from the
 * schema's, or -EINVAL where a field is out of bounds.
 */
#ifndef PROTO_WIRE_PARTS_H
#define PROTO_WIRE_PARTS_H

#include "palmares.pb-c.h"
#include "proto/wire.h"

/* protobuf-c's structs and __INIT macros hold what is only read without const.
 */
#pragma GCC diagnostic ignored "-Wcast-qual"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours)

/* ---- arena ---- */

struct chunk;

/* How far an arena was filled. */
struct wire_mark {
	struct chunk *current;
	size_t used;
};

struct wire_mark wire_mark(const struct wire_arena *a);
void wire_rewind(struct wire_arena *a, struct wire_mark m);
void *wire_take(struct wire_arena *a, size_t size);

/* Counts come from what was decoded within the budget, or from our caller. */
void *wire_take_array(struct wire_arena *a, size_t count, size_t size);

/* protobuf-c makes half a million objects of a valid 1 MiB of empty messages;
 * the budget ends that. */
int wire_unpack(struct wire_arena *a, const ProtobufCMessageDescriptor *type,
    const uint8_t *bytes, size_t len, void *out);

/* The same of an event with a crossing, as protobuf-c packs it; false: anything
 * else.  *event borrows *crossing, whose texts are the arena's. */
bool wire_quick(struct wire_arena *a, const uint8_t *bytes, size_t len,
    Palmares__Event *event, Palmares__Crossing *crossing);

/* ---- buffer ---- */

void wire_reserve(struct wire_buffer *b, size_t more);

/* Memory that lasts until the next wire_put of b. */
struct wire_arena *wire_scratch(struct wire_buffer *b);
int wire_pack(struct wire_buffer *b, enum message_type type,
    const ProtobufCMessage *m);

/* ---- texts and times ---- */

char *wire_str(const char *s);

/* Optional times are 0 on the wire, which no race's time is. */
int64_t wire_put_time(int64_t time_us);
int64_t wire_get_time(int64_t us);

/* ---- bounds ---- */

/* UTF-8 of at most max bytes. */
bool wire_text_ok(const char *s, size_t max);
bool wire_label_ok(const char *s);
bool wire_name_ok(const char *s);
bool wire_row_ok(const char *s); /* a row's label */
bool wire_why_ok(const char *s); /* why it stands there */
bool wire_bib_ok(const char *s);
bool wire_chip_ok(const char *s);

/* An operator's words. */
bool wire_reason_ok(const char *s);

/* What the other side's program says, for the terminal of whoever hears it. */
bool wire_words_ok(const char *s);

/* A ranking's name or MESSAGE_ROSTER. */
bool wire_view_ok(const char *s);
bool wire_time_ok(int64_t us);

/* An offset, or a time for information: sums and differences do not overflow.
 */
bool wire_span_ok(int64_t us);
bool wire_bound_ok(uint64_t us);

/* 0: none. */
bool wire_start_ok(int64_t us);
bool wire_rule_span_ok(uint64_t us);

/* ---- rows, entries, rules ---- */

/* The rows, then those that are gone. */
Palmares__Row **wire_put_rows(struct wire_arena *a, const struct race_row *rows,
    size_t count, const char *const *gone, size_t gone_count);
void wire_put_entry(struct wire_arena *a, Palmares__Entry *p,
    const struct race_entry *entry);
Palmares__Entry **wire_put_entries(struct wire_arena *a,
    const struct race_entry *entries, size_t count);
void wire_put_rules(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules);

/* Those that are there to *rows, labels of the others to *gone. */
int wire_get_rows(struct wire_arena *a, Palmares__Row *const *list, size_t n,
    struct race_row *rows, size_t *row_count, const char **gone,
    size_t *gone_count);
int wire_get_entry(struct wire_arena *a, const Palmares__Entry *p,
    struct race_entry *out);
int wire_get_entries(struct wire_arena *a, Palmares__Entry *const *list,
    size_t n, const struct race_entry **out);
/* seasons: their tables too, behind the rankings of the race. */
int wire_get_rules(struct wire_arena *a, const Palmares__Rules *p, bool seasons,
    const struct race_rules **out);

/* ---- columns that nobody uses, kept ---- */

Palmares__Column **wire_put_columns(struct wire_arena *a,
    const struct race_column *more, size_t count);
int wire_get_columns(struct wire_arena *a, Palmares__Column *const *list,
    size_t n, const struct race_column **out);

/* ---- seasons ---- */

void wire_put_result(struct wire_arena *a, Palmares__Result *p,
    const struct race_listed *l);
int wire_get_result(struct wire_arena *a, const Palmares__Result *p,
    struct race_listed *out);
void wire_put_matter(Palmares__Decision *p, const struct race_matter *m);

/* NULL: nothing of a season. */
int wire_get_matter(struct wire_arena *a, const Palmares__Decision *p,
    const struct race_matter **out);

/* What the recording of a season holds besides. */
void wire_put_part(Palmares__SeasonFile *p, const struct season_part *part);
int wire_get_part(const Palmares__SeasonFile *p, struct season_part *out);
void wire_put_given(Palmares__SeasonGiven *p, const struct season_given *g);
int wire_get_given(const Palmares__SeasonGiven *p, struct season_given *out);

/* A file that a season's folder may hold. */
bool wire_file_ok(const char *name);

/* It says all that a season's verb needs. */
bool wire_matter_whole(const struct race_decision *d);

/* ---- uplink ---- */

int wire_put_hello(struct wire_buffer *b, const struct message_hello *m);
int wire_put_welcome(struct wire_buffer *b, const struct message_welcome *m);
int wire_put_batch(struct wire_buffer *b, const struct message_batch *m);
int wire_put_ack(struct wire_buffer *b, const struct message_ack *m);
int wire_put_gap(struct wire_buffer *b, const struct message_gap *m);
int wire_put_ping(struct wire_buffer *b, const struct message_ping *m);
int wire_put_pong(struct wire_buffer *b, const struct message_pong *m);
int wire_put_refuse(struct wire_buffer *b, const struct message_refuse *m);
int wire_put_bye(struct wire_buffer *b, const struct message_bye *m);
int wire_get_hello(const Palmares__Hello *p, struct message_hello *out);
int wire_get_welcome(const Palmares__Welcome *p, struct message_welcome *out);
int wire_get_batch(struct wire_arena *a, const Palmares__Batch *p,
    struct message_batch *out);
int wire_get_ack(const Palmares__Ack *p, struct message_ack *out);
int wire_get_gap(const Palmares__Gap *p, struct message_gap *out);
int wire_get_ping(const Palmares__Ping *p, struct message_ping *out);
int wire_get_pong(const Palmares__Pong *p, struct message_pong *out);
int wire_get_refuse(const Palmares__Refuse *p, struct message_refuse *out);
int wire_get_bye(const Palmares__Bye *p, struct message_bye *out);

/* ---- displays ---- */

int wire_put_delta(struct wire_buffer *b, const struct message_delta *m);
int wire_put_heartbeat(struct wire_buffer *b,
    const struct message_heartbeat *m);
int wire_put_snapshot_request(struct wire_buffer *b,
    const struct message_snapshot_request *m);
int wire_put_snapshot_page(struct wire_buffer *b,
    const struct message_snapshot_page *m);
int wire_put_rules_request(struct wire_buffer *b,
    const struct message_rules_request *m);
int wire_put_rules_reply(struct wire_buffer *b,
    const struct message_rules_reply *m);
int wire_get_delta(struct wire_arena *a, const Palmares__Delta *p,
    struct message_delta *out);
int wire_get_heartbeat(struct wire_arena *a, const Palmares__Heartbeat *p,
    struct message_heartbeat *out);
int wire_get_snapshot_request(const Palmares__SnapshotRequest *p,
    struct message_snapshot_request *out);
int wire_get_snapshot_page(struct wire_arena *a,
    const Palmares__SnapshotPage *p, struct message_snapshot_page *out);
int wire_get_rules_reply(struct wire_arena *a, const Palmares__RulesReply *p,
    struct message_rules_reply *out);

/* ---- operators ---- */

int wire_put_status_request(struct wire_buffer *b,
    const struct message_status_request *m);
int wire_put_status_reply(struct wire_buffer *b,
    const struct message_status_reply *m);
int wire_put_unknown_request(struct wire_buffer *b,
    const struct message_unknown_request *m);
int wire_put_unknown_reply(struct wire_buffer *b,
    const struct message_unknown_reply *m);
int wire_put_log_request(struct wire_buffer *b,
    const struct message_log_request *m);
int wire_put_log_reply(struct wire_buffer *b,
    const struct message_log_reply *m);
int wire_get_status_reply(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out);
int wire_get_unknown_reply(struct wire_arena *a,
    const Palmares__UnknownReply *p, struct message_unknown_reply *out);
int wire_get_log_reply(struct wire_arena *a, const Palmares__LogReply *p,
    struct message_log_reply *out);

#endif
