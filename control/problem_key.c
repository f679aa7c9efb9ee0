/* What a problem is called, and by what it is known to be the same still. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/problem_print.h"

/* "palmares aside 1": the letters, as hash_chain()'s. */
static const struct hash_key facts_key = { UINT64_C(0x736572616d6c6170),
	UINT64_C(0x3120656469736120) };

/* ---- keys ---- */

static const char *
point_of(const struct problem_words *w, const struct problem *p)
{
	return p->point >= 0 ? w->rules->points[p->point].name : "";
}

/* In an order that does not depend on who is told first. */
static void
put_two(FILE *out, const char *a, const char *b)
{
	bool swap = strcmp(b, a) < 0;

	fprintf(out, "%s,%s", swap ? b : a, swap ? a : b);
}

/* In UTC, of which there is one. */
static void
put_clock(FILE *out, int64_t us)
{
	int64_t s = us / 1000000 % 86400;

	fprintf(out, "%02d:%02d:%02dZ", (int)(s / 3600), (int)(s / 60 % 60),
	    (int)(s % 60));
}

static void
put_station(FILE *out, const struct problem_words *w, uint64_t stream)
{
	char name[NAME_MAX_PRINTED];

	name_print(name, (struct race_id){ stream, 1 }, w->story->streams);
	*strrchr(name, ':') = '\0';
	fputs(name, out);
}

static void
put_about(FILE *out, const struct problem_words *w, const struct problem *p)
{
	char name[NAME_MAX_PRINTED];

	switch (p->kind) {
	case PROBLEM_UNKNOWN_BIB:
	case PROBLEM_UNKNOWN_CHIP:
	case PROBLEM_UNKNOWN_POINT:
	case PROBLEM_GUN:
	case PROBLEM_TOP_THREE:
	case PROBLEM_PUBLISHED:
		fputs(p->text, out);
		break;
	case PROBLEM_CONFLICT:
		fprintf(out, "%s,", point_of(w, p));
		put_clock(out, p->time_us);
		break;
	case PROBLEM_CHIP_TWICE:
		fprintf(out, "%s,%s", p->text, p->other->bib);
		break;
	case PROBLEM_SERIES:
		fputs(name_print(name, p->gone[0], w->story->streams), out);
		break;
	case PROBLEM_NO_SPLIT:
	case PROBLEM_SEEN_TWICE:
		fprintf(out, "%s,%s", p->entry->bib, point_of(w, p));
		break;
	case PROBLEM_TWO_PLACES:
	case PROBLEM_PACE:
	case PROBLEM_WRONG_WAVE:
	case PROBLEM_EARLY_START:
	case PROBLEM_LATE_START:
	case PROBLEM_CUTOFF:
	case PROBLEM_NO_START:
	case PROBLEM_DNS_SEEN:
		fputs(p->entry->bib, out);
		break;
	case PROBLEM_SILENT_POINT:
		fputs(point_of(w, p), out);
		break;
	case PROBLEM_SAME_PERSON:
		put_two(out, p->entry->bib, p->other->bib);
		break;
	case PROBLEM_SAME_TEAM:
		put_two(out, p->text, p->other_text);
		break;
	case PROBLEM_CLOCK:
		put_station(out, w, p->stream);
		break;
	case PROBLEM_NOBODY:
	case PROBLEM_UNSEEN:
	case PROBLEM_KINDS:
		break;
	}
}

static FILE *
begin(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (out == NULL)
		abort();
	return out;
}

char *
problem_key(const struct problem_words *w, const struct problem *p)
{
	char *about = NULL;
	char *key;
	size_t len = 0;
	FILE *out = begin(&about, &len);

	put_about(out, w, p);
	fclose(out);
	key = xasprintf("%s%s%s", problem_kind_name(p->kind),
	    about[0] != '\0' ? ":" : "", about);
	free(about);
	return key;
}

/* ---- facts ---- */

/* With its length, so that two texts cannot be taken for two others. */
static void
put_text(FILE *out, const char *text)
{
	fprintf(out, "%zu:%s ", strlen(text), text);
}

static void
put_number(FILE *out, int64_t number)
{
	fprintf(out, "%" PRId64 " ", number);
}

static void
put_id(FILE *out, struct race_id id)
{
	fprintf(out, "%016" PRIx64 ":%" PRIu64 " ", id.stream, id.seq);
}

static void
put_person(FILE *out, const struct race_entry *e)
{
	put_text(out, e->bib);
	put_text(out, e->name);
	put_text(out, e->sex);
	put_text(out, e->born);
	put_text(out, e->team);
}

/* A span that a clock measured better moves a little is the same. */
static void
put_minutes(FILE *out, int64_t us)
{
	put_number(out, us / 60000000);
}

/* The start itself, which has no name, is known by its time. */
static void
put_read(FILE *out, const struct problem_read *r)
{
	put_id(out, r->id);
	put_number(out, r->point);
	if (r->id.seq == 0)
		put_number(out, r->time_us);
}

static void
put_gone(FILE *out, const struct problem *p)
{
	for (size_t i = 0; i < p->gone_count; i++)
		put_id(out, p->gone[i]);
}

static void
put_people(FILE *out, const struct problem *p)
{
	bool swap = strcmp(p->other->bib, p->entry->bib) < 0;

	put_person(out, swap ? p->other : p->entry);
	put_person(out, swap ? p->entry : p->other);
}

/*
 * What would make somebody look again.  Not how many more there are of what
 * grows by itself, as those past a mat that is broken; times by the names of
 * their reads, which a clock that is measured does not change.
 */
static void
put_facts(FILE *out, const struct problem *p)
{
	switch (p->kind) {
	case PROBLEM_UNKNOWN_BIB:
	case PROBLEM_UNKNOWN_CHIP:
	case PROBLEM_UNKNOWN_POINT:
	case PROBLEM_NOBODY:
	case PROBLEM_DNS_SEEN:
		put_read(out, &p->reads[0]);
		put_number(out, (int64_t)p->count);
		put_number(out, (int64_t)p->number);
		break;
	case PROBLEM_CONFLICT:
		put_text(out, p->text);
		put_number(out, p->time_us);
		put_number(out, p->amount_us);
		break;
	case PROBLEM_CHIP_TWICE:
	case PROBLEM_SAME_PERSON:
		put_people(out, p);
		break;
	case PROBLEM_TWO_PLACES:
	case PROBLEM_PACE:
		put_person(out, p->entry);
		put_read(out, &p->reads[0]);
		put_read(out, &p->reads[1]);
		put_gone(out, p);
		break;
	case PROBLEM_SEEN_TWICE:
		put_person(out, p->entry);
		put_read(out, &p->reads[0]);
		put_read(out, &p->reads[1]);
		break;
	case PROBLEM_SERIES:
		put_gone(out, p);
		break;
	case PROBLEM_GUN:
		put_number(out, p->time_us);
		put_number(out, p->point);
		break;
	case PROBLEM_WRONG_WAVE:
	case PROBLEM_EARLY_START:
	case PROBLEM_LATE_START:
	case PROBLEM_CUTOFF:
		put_read(out, &p->reads[0]);
		put_text(out, p->text);
		put_text(out, p->other_text);
		put_minutes(out, p->amount_us);
		break;
	case PROBLEM_NO_START:
	case PROBLEM_NO_SPLIT:
		put_read(out, &p->reads[0]);
		break;
	case PROBLEM_TOP_THREE:
		put_text(out, p->entry->bib);
		put_text(out, p->other->bib);
		put_number(out, p->place);
		break;
	case PROBLEM_PUBLISHED:
		put_number(out, p->time_us);
		put_id(out, (struct race_id){ p->digest, p->number });
		break;
	case PROBLEM_UNSEEN:
		put_number(out, (int64_t)p->count);
		break;
	case PROBLEM_SILENT_POINT:
	case PROBLEM_SAME_TEAM:
	case PROBLEM_CLOCK:
	case PROBLEM_KINDS:
		break;
	}
}

uint64_t
problem_facts(const struct problem *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = begin(&text, &len);
	uint64_t facts;

	put_facts(out, p);
	fclose(out);
	facts = hash_sip(&facts_key, text, len);
	free(text);
	return facts;
}

uint64_t
problem_aside(const struct problem_words *w, const struct problem *p)
{
	char *key = problem_key(w, p);
	uint64_t number =
	    rulings_aside(w->story->rulings, key, problem_facts(p));

	free(key);
	return number;
}
