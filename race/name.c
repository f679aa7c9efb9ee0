#include "race/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"

enum {
	DIGITS = 16,
	DIGITS_LEAST = 4, /* that are read */
	/* That are printed, where they are enough: what comes later will hardly
	 * begin with the same. */
	DIGITS_PRINTED = 6,
	LISTED = 4 /* of those that are meant, in words */
};

struct stream {
	uint64_t epoch;
	size_t order; /* in which they were told */
	char *name;
	bool operators;
	char *head; /* as printed */
};

/* Events of one stream that stand in the log one behind the other. */
struct run {
	uint64_t log; /* the first one's number */
	struct race_id first;
	uint64_t count;
};

struct name_streams {
	struct stream *all; /* by epoch */
	size_t count;
	size_t cap;
	size_t *stations; /* by name, then order; indices into all */
	size_t station_count;
	size_t *heads; /* of stations, by head, indices into all */
	size_t head_count;
	bool settled;     /* all of that, and the heads, are those of all */
	struct run *runs; /* by log */
	size_t run_count;
	size_t run_cap;
};

struct name_streams *
name_streams_new(void)
{
	return xcalloc(1, sizeof(struct name_streams));
}

void
name_streams_free(struct name_streams *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->all[i].name);
		free(s->all[i].head);
	}
	free(s->all);
	free(s->stations);
	free(s->heads);
	free(s->runs);
	free(s);
}

/* The first stream with no lesser epoch. */
static size_t
find(const struct name_streams *s, uint64_t epoch)
{
	size_t low = 0;
	size_t high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->all[middle].epoch < epoch)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct stream *
find_epoch(const struct name_streams *s, uint64_t epoch)
{
	size_t i = find(s, epoch);

	return i < s->count && s->all[i].epoch == epoch ? &s->all[i] : NULL;
}

void
name_stream(struct name_streams *s, uint64_t epoch, const char *name,
    bool operators)
{
	struct stream *st = find_epoch(s, epoch);
	size_t i;

	if (st != NULL && st->operators == operators &&
	    strcmp(st->name, name) == 0)
		return;
	s->settled = false;
	if (st != NULL) {
		free(st->name);
		st->name = xstrdup(name);
		st->operators = operators;
		return;
	}
	i = find(s, epoch);
	s->all = xgrow(s->all, &s->cap, s->count, sizeof *s->all);
	memmove(&s->all[i + 1], &s->all[i], (s->count - i) * sizeof *s->all);
	s->all[i] = (struct stream){ .epoch = epoch,
		.order = s->count,
		.name = xstrdup(name),
		.operators = operators };
	s->count++;
}

const char *
name_of(struct name_streams *s, uint64_t epoch)
{
	const struct stream *st = find_epoch(s, epoch);

	return st != NULL ? st->name : "";
}

bool
name_operators(struct name_streams *s, uint64_t epoch)
{
	const struct stream *st = find_epoch(s, epoch);

	return st != NULL && st->operators;
}

/* ---- numbers of the log ---- */

void
name_number(struct name_streams *s, uint64_t log, struct race_id id)
{
	struct run *last = s->run_count > 0 ? &s->runs[s->run_count - 1] : NULL;

	if (last != NULL && log == last->log + last->count &&
	    id.stream == last->first.stream &&
	    id.seq == last->first.seq + last->count) {
		last->count++;
		return;
	}
	s->runs = xgrow(s->runs, &s->run_cap, s->run_count, sizeof *s->runs);
	s->runs[s->run_count++] = (struct run){ log, id, 1 };
}

static bool
find_number(const struct name_streams *s, uint64_t log, struct race_id *out)
{
	size_t low = 0;
	size_t high = s->run_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->runs[middle].log <= log)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || log - s->runs[low - 1].log >= s->runs[low - 1].count)
		return false;
	*out = s->runs[low - 1].first;
	out->seq += log - s->runs[low - 1].log;
	return true;
}

/* ---- stations, sorted ---- */

/* qsort has no room for an argument. */
struct by_word {
	const char *word;
	size_t order;
	size_t index;
};

static int
compare_words(const void *a, const void *b)
{
	const struct by_word *x = a;
	const struct by_word *y = b;
	int c = strcmp(x->word, y->word);

	return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

/* Room for all of them. */
static size_t *
sorted(struct by_word *list, size_t count)
{
	size_t *out = xcalloc(count + 1, sizeof *out);

	qsort(list, count, sizeof *list, compare_words);
	for (size_t i = 0; i < count; i++)
		out[i] = list[i].index;
	return out;
}

static void
sort_stations(struct name_streams *s)
{
	struct by_word *list = xcalloc(s->count + 1, sizeof *list);
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		if (!s->all[i].operators)
			list[count++] = (struct by_word){ s->all[i].name,
				s->all[i].order, i };
	free(s->stations);
	s->stations = sorted(list, count);
	s->station_count = count;
	free(list);
}

/* How many stations have that name, which begin at *first of them. */
static size_t
stations_called(const struct name_streams *s, const char *name, size_t *first)
{
	size_t low = 0;
	size_t high = s->station_count;
	size_t count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->all[s->stations[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low + count < s->station_count &&
	    strcmp(s->all[s->stations[low + count]].name, name) == 0)
		count++;
	return count;
}

/* The station whose head that is. */
static const struct stream *
headed(const struct name_streams *s, const char *head)
{
	size_t low = 0;
	size_t high = s->head_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct stream *st = &s->all[s->heads[middle]];
		int c = strcmp(st->head, head);

		if (c == 0)
			return st;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- digits of an epoch ---- */

/* 1 to 16 digits: the least epoch that begins with them, and how many do. */
static bool
digits(const char *text, size_t len, uint64_t *least, uint64_t *greatest)
{
	uint64_t value = 0;
	unsigned missing;

	if (len < 1 || len > DIGITS ||
	    strspn(text, "0123456789abcdefABCDEF") < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		unsigned digit = c <= '9' ? (unsigned)(c - '0')
		                          : (unsigned)((c | 0x20) - 'a' + 10);

		value = value << 4 | digit;
	}
	missing = 4 * (unsigned)(DIGITS - len);
	*least = value << missing;
	*greatest = *least | ((UINT64_C(1) << missing) - 1);
	return true;
}

/* How many first digits two epochs share. */
static size_t
shared(uint64_t a, uint64_t b)
{
	size_t n = 0;

	while (n < DIGITS && (a ^ b) >> (4 * (DIGITS - 1 - n)) == 0)
		n++;
	return n;
}

/* As many as it takes to tell it from its neighbours and from stations that
 * have such a name.  All of them are always its own (parse_head). */
static char *
print_digits(const struct name_streams *s, size_t i)
{
	char text[DIGITS + 1];
	size_t count = DIGITS_PRINTED;

	for (size_t k = i == 0 ? 0 : i - 1; k < s->count && k <= i + 1; k++) {
		size_t same = shared(s->all[k].epoch, s->all[i].epoch);

		if (k != i && same >= count)
			count = same + 1;
	}
	do {
		snprintf(text, count + 1, "%016" PRIx64, s->all[i].epoch);
	} while (headed(s, text) != NULL && count++ < (size_t)DIGITS);
	return xstrdup(text);
}

/* A name that is all digits of some epoch is read as that. */
static bool
is_epoch(const struct name_streams *s, const char *name)
{
	uint64_t least;
	uint64_t greatest;

	return strlen(name) == DIGITS &&
	    digits(name, DIGITS, &least, &greatest) &&
	    find_epoch(s, least) != NULL;
}

/* The first of a name has that, the second has name/2: whoever comes later
 * takes nothing from those before. */
static void
give_heads(struct name_streams *s)
{
	size_t nth = 0;

	for (size_t i = 0; i < s->station_count; i++) {
		struct stream *st = &s->all[s->stations[i]];
		bool again = i > 0 &&
		    strcmp(s->all[s->stations[i - 1]].name, st->name) == 0;

		nth = again ? nth + 1 : 1;
		if (st->name[0] == '\0' || is_epoch(s, st->name))
			continue;
		st->head = nth == 1 ? xstrdup(st->name)
		                    : xasprintf("%s/%zu", st->name, nth);
	}
}

/* Of those with one head, a/2 and the second a, the first to come has it. */
static void
settle_heads(struct name_streams *s)
{
	struct by_word *list = xcalloc(s->count + 1, sizeof *list);
	size_t *all;
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].head != NULL)
			list[count++] = (struct by_word){ s->all[i].head,
				s->all[i].order, i };
	all = sorted(list, count);
	free(list);
	s->head_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct stream *st = &s->all[all[i]];
		size_t kept = s->head_count;

		if (kept > 0 &&
		    strcmp(s->all[all[kept - 1]].head, st->head) == 0) {
			free(st->head);
			st->head = NULL;
		} else {
			all[s->head_count++] = all[i];
		}
	}
	free(s->heads);
	s->heads = all;
}

static void
settle(struct name_streams *s)
{
	if (s->settled)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->all[i].head);
		s->all[i].head = NULL;
	}
	sort_stations(s);
	give_heads(s);
	settle_heads(s);
	for (size_t i = 0; i < s->count; i++)
		if (s->all[i].head == NULL)
			s->all[i].head = print_digits(s, i);
	s->settled = true;
}

size_t
name_width(struct name_streams *s)
{
	size_t width = 0;

	settle(s);
	for (size_t i = 0; i < s->count; i++) {
		size_t w = text_width(s->all[i].head);

		if (w > width)
			width = w;
	}
	return width;
}

char *
name_print(char out[NAME_MAX_PRINTED], struct race_id id,
    struct name_streams *s)
{
	const struct stream *st;

	settle(s);
	st = find_epoch(s, id.stream);
	if (st != NULL)
		snprintf(out, NAME_MAX_PRINTED, "%s:%" PRIu64, st->head,
		    id.seq);
	else
		snprintf(out, NAME_MAX_PRINTED, "%016" PRIx64 ":%" PRIu64,
		    id.stream, id.seq);
	return out;
}

/* ---- and back ---- */

static bool
parse_seq(const char *text, uint64_t *out)
{
	uint64_t value = 0;

	if (*text == '\0' || strspn(text, "0123456789") != strlen(text))
		return false;
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (value > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return value > 0;
}

/* Some of what would do instead, "3fa4b1:7, 9c0012:7". */
struct words {
	char text[600];
	size_t len;
	size_t count;
};

static void
add_word(struct words *w, const char *head, uint64_t seq)
{
	int n;

	w->count++;
	if (w->count > LISTED || w->len >= sizeof w->text)
		return;
	if (seq == 0)
		n = snprintf(w->text + w->len, sizeof w->text - w->len, "%s%s",
		    w->count > 1 ? ", " : "", head);
	else
		n = snprintf(w->text + w->len, sizeof w->text - w->len,
		    "%s%s:%" PRIu64, w->count > 1 ? ", " : "", head, seq);
	w->len += n > 0 ? (size_t)n : 0;
}

/* By the name of a station: 1 if there is one. */
static int
parse_station(const struct name_streams *s, const char *head,
    struct race_id *id)
{
	const struct stream *st = headed(s, head);

	if (st != NULL)
		id->stream = st->epoch;
	return st != NULL;
}

static int
parse_digits(const struct name_streams *s, const char *text, const char *head,
    struct race_id *id, struct err *err)
{
	struct words w = { .len = 0 };
	size_t len = strlen(head);
	uint64_t least;
	uint64_t greatest;

	if (len < DIGITS_LEAST || !digits(head, len, &least, &greatest))
		return 0;
	for (size_t i = find(s, least);
	     i < s->count && s->all[i].epoch <= greatest; i++) {
		id->stream = s->all[i].epoch;
		add_word(&w, s->all[i].head, id->seq);
	}
	if (w.count <= 1)
		return (int)w.count;
	return err_set(err, -ENOTUNIQ,
	    "%s: %zu streams begin like that; which one: %s%s?", text, w.count,
	    w.text, w.count > LISTED ? ", ..." : "");
}

/* All digits, then names, then some digits: print_head() knows that order. */
static int
parse_head(const struct name_streams *s, const char *text, const char *head,
    struct race_id *id, struct err *err)
{
	int rc = 0;

	if (strlen(head) == DIGITS)
		rc = parse_digits(s, text, head, id, err);
	if (rc == 0)
		rc = parse_station(s, head, id);
	if (rc == 0)
		rc = parse_digits(s, text, head, id, err);
	return rc;
}

/* Where the crossings are known, what has none is not proposed for one: the
 * race folder has a stream as well. */
static bool
has_crossings(const struct name_streams *s, const struct stream *st)
{
	for (size_t i = 0; i < s->run_count; i++)
		if (s->runs[i].first.stream == st->epoch)
			return true;
	return s->run_count == 0;
}

/* seq 0: of stations, not of their crossings. */
static int
no_such(const struct name_streams *s, const char *text, uint64_t seq,
    struct err *err)
{
	struct words w = { .len = 0 };

	for (size_t i = 0; i < s->station_count; i++) {
		const struct stream *st = &s->all[s->stations[i]];

		if (seq == 0 || has_crossings(s, st))
			add_word(&w, st->head, seq);
	}
	if (w.count == 0)
		return err_set(err, -ENOENT, "%s: no station has sent anything",
		    text);
	return err_set(err, -ENOENT,
	    "%s: there is no such station; there %s %s%s", text,
	    w.count == 1 ? "is" : "are", w.text,
	    w.count > LISTED ? ", ..." : "");
}

int
name_station(const char *text, struct name_streams *s, struct err *err)
{
	struct race_id id = { 0, 0 };
	size_t first;
	int rc;

	settle(s);
	if (stations_called(s, text, &first) > 0)
		return 0;
	rc = parse_head(s, text, text, &id, err);
	if (rc == 0)
		return no_such(s, text, 0, err);
	return rc < 0 ? rc : 0;
}

bool
name_next(struct name_streams *s, struct race_id *id)
{
	const struct stream *st = find_epoch(s, id->stream);
	size_t first;
	size_t count;

	if (st == NULL || st->operators)
		return false;
	settle(s);
	count = stations_called(s, st->name, &first);
	for (size_t i = first; i < first + count; i++) {
		const struct stream *other = &s->all[s->stations[i]];

		if (other->order > st->order) {
			id->stream = other->epoch;
			return true;
		}
	}
	return false;
}

static int
parse_number(const char *text, uint64_t log, const struct name_streams *s,
    struct race_id *out, struct err *err)
{
	if (find_number(s, log, out))
		return 0;
	return err_set(err, -ENOENT,
	    "%s: no crossing has that number in the log; palmares log shows "
	    "the numbers, and the names, which are STATION:NUMBER",
	    text);
}

int
name_parse(const char *text, struct name_streams *s, struct race_id *out,
    struct err *err)
{
	const char *colon = strrchr(text, ':');
	struct race_id id;
	uint64_t log;
	char *head;
	int rc;

	if (s->run_count > 0 && parse_seq(text, &log))
		return parse_number(text, log, s, out, err);
	if (colon == NULL || colon == text || !parse_seq(colon + 1, &id.seq))
		return err_set(err, -EINVAL,
		    "%s: a crossing is named STATION:NUMBER, as arrivee:1234; "
		    "palmares log shows the names",
		    text);
	settle(s);
	head = xstrndup(text, (size_t)(colon - text));
	rc = parse_head(s, text, head, &id, err);
	free(head);
	if (rc == 0)
		return no_such(s, text, id.seq, err);
	if (rc < 0)
		return rc;
	*out = id;
	return 0;
}
