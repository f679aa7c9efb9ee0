#include "control/anonymise.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/mask.h"
#include "proto/wire.h"
#include "race/category.h"
#include "race/kind.h"
#include "race/name.h"
#include "race/rules.h"
#include "race/stretches.h"

enum { YEAR_LEN = 4 };

struct job {
	struct anonymise *out;
	struct err *err;
	const char *path;
	bool survey;   /* words are collected, nothing is replaced */
	uint64_t last; /* event that was surveyed: the file may grow */
	uint64_t store;
	struct race_rules *rules; /* the newest */
	struct name_streams *streams;
	struct mask *bibs;
	struct mask *chips;
	struct mask *teams;
	struct mask *names;
	struct mask *people; /* operators */
	struct wire_arena *arena;
	struct wire_buffer bytes;
	struct stretches written;

	/* Of the event at hand. */
	struct race_rules *new_rules;
	struct race_decision decision;
	struct race_entry entry; /* of a decision */
	const char *new_chips[RACE_CHIPS_MAX];
	char year[YEAR_LEN + 1];
	char holder[RACE_NAME_MAX + 1];
	char winner[RACE_NAME_MAX + 1];
};

/* ---- words ---- */

static void
word(struct job *j, struct mask *m, const char **at)
{
	mask_pass(m, j->survey, at);
}

/* What anybody may have written. */
static void
words(struct job *j, const char **at)
{
	j->out->texts += mask_leave_out(j->survey, at);
}

/* In rules, which own theirs. */
static void
own_word(struct job *j, struct mask *m, char **at)
{
	const char *text = *at;

	word(j, m, &text);
	if (text == *at)
		return;
	free(*at);
	*at = xstrdup(text);
}

/* ---- entries ---- */

/* The year, unless that makes another category: then that is named, or where
 * there was none, the year goes as well. */
static void
hide_birthday(struct job *j, struct race_entry *e)
{
	const char *before = category_of(j->rules, e);
	const char *after;
	size_t len = strcspn(e->born, "-");

	snprintf(j->year, sizeof j->year, "%.*s",
	    len == YEAR_LEN ? YEAR_LEN : 0, e->born);
	e->born = j->year;
	after = category_of(j->rules, e);
	if (strcmp(before, after) == 0)
		return;
	if (before[0] == '\0')
		e->born = "";
	else
		e->category = before;
}

static void
do_entry(struct job *j, struct race_entry *e)
{
	word(j, j->bibs, &e->bib);
	word(j, j->names, &e->name);
	word(j, j->teams, &e->team);
	for (size_t i = 0; i < e->chip_count; i++) {
		j->new_chips[i] = e->chips[i];
		word(j, j->chips, &j->new_chips[i]);
	}
	if (j->survey)
		return;
	e->chips = j->new_chips;
	j->out->columns += e->more_count;
	e->more_count = 0;
	hide_birthday(j, e);
}

/* ---- decisions ---- */

static void
do_decision(struct job *j, struct race_event *event)
{
	struct race_decision *d = &j->decision;

	*d = *event->decision;
	event->decision = d;
	word(j, j->people, &d->by);
	word(j, j->bibs, &d->bib);
	word(j, j->bibs, &d->other_bib);
	words(j, &d->reason);
	/* Made of names and birthdays: whoever has a list could try them. */
	d->facts = 0;
	/* The key of a problem names bibs; what was published is a word. */
	if (d->verb != RACE_PUBLISH)
		words(j, &d->text);
	if (d->entry == NULL)
		return;
	j->entry = *d->entry;
	d->entry = &j->entry;
	do_entry(j, &j->entry);
}

/* ---- prizes ---- */

static bool
is_of_teams(const struct race_rules *rules, const char *award)
{
	for (size_t i = 0; i < rules->award_count; i++) {
		int v;

		if (strcmp(rules->awards[i].name, award) != 0)
			continue;
		v = rules_ranking(rules, rules->awards[i].ranking);
		return v >= 0 && rules->rankings[v].of == RACE_TEAMS;
	}
	return false;
}

/* Appends the new label for a row's: a bib; a team, "Axa", or one of several
 * sides, "Axa A". */
static void
put_label(struct job *j, bool teams, char *label, FILE *to)
{
	const char *mask = mask_of(teams ? j->teams : j->bibs, label);
	size_t len = strlen(label);

	if (mask != NULL) {
		fputs(mask, to);
		return;
	}
	if (teams && len > 2 && label[len - 2] == ' ') {
		label[len - 2] = '\0';
		mask = mask_of(j->teams, label);
	}
	if (mask != NULL)
		fprintf(to, "%s %c", mask, label[len - 1]);
	else
		fputs(mask_left_out, to);
}

/* Several that share a place stand there by ", ", which a name may hold. */
static const char *
labels(struct job *j, bool teams, const char *text, char out[RACE_NAME_MAX + 1])
{
	char *copy = xstrdup(text);
	char *at = copy;
	char *comma;
	FILE *to;

	/* As many as fit. */
	memset(out, 0, RACE_NAME_MAX + 1);
	to = fmemopen(out, RACE_NAME_MAX, "w");
	if (to == NULL) {
		free(copy);
		return mask_left_out;
	}
	if (mask_of(teams ? j->teams : j->bibs, copy) == NULL)
		while ((comma = strstr(at, ", ")) != NULL) {
			*comma = '\0';
			put_label(j, teams, at, to);
			fputs(", ", to);
			at = comma + 2;
		}
	if (at[0] != '\0')
		put_label(j, teams, at, to);
	fclose(to);
	free(copy);
	return out;
}

static void
do_prize(struct job *j, struct race_prize *p)
{
	bool teams;

	word(j, j->people, &p->by);
	words(j, &p->note);
	if (j->survey)
		return;
	teams = is_of_teams(j->rules, p->award);
	p->holder = labels(j, teams, p->holder, j->holder);
	p->winner = labels(j, teams, p->winner, j->winner);
}

/* ---- rules ---- */

static int
compare_aliases(const void *a, const void *b)
{
	return strcmp(((const struct race_alias *)a)->spelling,
	    ((const struct race_alias *)b)->spelling);
}

static void
do_rules(struct job *j, struct race_event *event)
{
	struct race_rules *r = rules_copy(event->rules);

	for (size_t i = 0; i < r->ranking_count; i++)
		own_word(j, j->teams, &r->rankings[i].team);
	for (size_t i = 0; i < r->alias_count; i++) {
		own_word(j, j->teams, &r->aliases[i].spelling);
		own_word(j, j->teams, &r->aliases[i].team);
	}
	if (r->alias_count > 0)
		qsort(r->aliases, r->alias_count, sizeof *r->aliases,
		    compare_aliases);
	rules_free(j->new_rules);
	j->new_rules = r;
	event->rules = r;
}

/* ---- an event ---- */

/* The folder that a file was in may be called after somebody. */
static void
do_crossing(struct job *j, struct race_crossing *c)
{
	const char *slash = strrchr(c->source, '/');

	word(j, j->bibs, &c->bib);
	word(j, j->chips, &c->chip);
	if (slash != NULL)
		c->source = slash + 1;
}

static int
do_event(struct job *j, struct race_event *e)
{
	switch (e->kind) {
	case RACE_CROSSING:
		do_crossing(j, &e->crossing);
		return 0;
	case RACE_FILL_IN:
		word(j, j->bibs, &e->fill_in.bib);
		return 0;
	case RACE_ENTRY:
		do_entry(j, &e->entry);
		return 0;
	case RACE_ENTRY_GONE:
		word(j, j->bibs, &e->entry_gone);
		return 0;
	case RACE_DECISION:
		if (e->decision->matter != NULL ||
		    e->decision->verb == RACE_VERB_UNSPECIFIED)
			return -ENOTSUP;
		do_decision(j, e);
		return 0;
	case RACE_AWARD:
		do_prize(j, &e->prize);
		return 0;
	case RACE_RULES:
		do_rules(j, e);
		return 0;
	case RACE_VOID:
	case RACE_CLOCK:
	case RACE_GUN:
		return 0;
	case RACE_EVENT_UNKNOWN:
	case RACE_RESULT:
	case RACE_RESULT_GONE:
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		break;
	}
	return -ENOTSUP;
}

static int
take_event(struct job *j, const struct recording_record *rec,
    struct race_event *out)
{
	int rc;

	wire_reset(j->arena);
	rc = wire_get_event(j->arena, rec->event, rec->len, out);
	if (rc == 0)
		rc = do_event(j, out);
	if (rc == 0)
		return 0;
	return err_set(j->err, -ENOTSUP,
	    "%s: event %" PRIu64
	    " is of a season, or of a later version: what it names cannot be "
	    "told; nothing was written",
	    j->path, rec->log);
}

/* ---- the first time: all words ---- */

static int
survey_header(void *arg, const struct recording_header *h)
{
	struct job *j = arg;

	j->store = h->store;
	return 0;
}

static int
survey_record(void *arg, const struct recording_record *rec)
{
	struct job *j = arg;
	bool own = rec->id.stream == j->store;
	struct race_event event;
	int rc = take_event(j, rec, &event);

	if (rc < 0)
		return rc;
	j->last = rec->log;
	/* In a part, that need not be the first of its stream. */
	if (!own && kind_of_operators(event.kind))
		name_stream(j->streams, rec->id.stream, rec->stream_name, true);
	if (name_operators(j->streams, rec->id.stream))
		mask_add(j->people, rec->stream_name);
	if (own && event.kind == RACE_RULES) {
		rules_free(j->rules);
		j->rules = rules_copy(event.rules);
	}
	return 0;
}

static int
survey(struct job *j)
{
	const struct recording_reader reader = { survey_header, survey_record,
		j };
	struct recording_end end;
	int rc;

	j->survey = true;
	rc = recording_read(j->path, &reader, &end, j->err);
	j->survey = false;
	if (rc == 0 && j->rules == NULL)
		rc = err_set(j->err, -ENOENT,
		    "%s: holds no rules that this version can read", j->path);
	return rc;
}

static void
settle(struct job *j, uint64_t seed)
{
	mask_settle(j->bibs, &seed);
	mask_settle(j->chips, &seed);
	mask_settle(j->teams, &seed);
	mask_settle(j->names, &seed);
	mask_settle(j->people, &seed);
}

/* ---- the second time ---- */

static int
replace(void *arg, struct recording_record *rec)
{
	struct job *j = arg;
	struct race_event event;
	int rc;

	if (rec->log > j->last)
		return 0;
	rc = take_event(j, rec, &event);
	if (rc < 0)
		return rc;
	j->bytes.len = 0;
	rc = wire_put_event(&j->bytes, &event);
	if (rc < 0)
		return err_errno(j->err, rc, "%s: event %" PRIu64, j->path,
		    rec->log);
	rec->event = rc > 0 ? j->bytes.data : (const uint8_t *)"";
	rec->len = (size_t)rc;
	rec->chain =
	    stretches_write(&j->written, rec->id, rec->event, rec->len);
	if (name_operators(j->streams, rec->id.stream))
		rec->stream_name = mask_word(j->people, rec->stream_name);
	return 1;
}

/* ---- its life ---- */

static void
open_job(struct job *j)
{
	j->streams = name_streams_new();
	j->bibs = mask_new(MASK_NUMBERS, "");
	j->chips = mask_new(MASK_SHUFFLED, "C");
	j->teams = mask_new(MASK_ORDERED, "Team");
	j->names = mask_new(MASK_SHUFFLED, "Runner ");
	j->people = mask_new(MASK_SHUFFLED, "operator ");
	j->arena = wire_arena_new();
}

static void
close_job(struct job *j)
{
	name_streams_free(j->streams);
	mask_free(j->bibs);
	mask_free(j->chips);
	mask_free(j->teams);
	mask_free(j->names);
	mask_free(j->people);
	wire_arena_free(j->arena);
	wire_buffer_free(&j->bytes);
	rules_free(j->rules);
	rules_free(j->new_rules);
	stretches_clear(&j->written);
}

int
anonymise_file(const char *from, const char *to, uint64_t seed,
    struct anonymise *out, struct err *err)
{
	struct job j = { .out = out, .err = err, .path = from };
	int rc;

	*out = (struct anonymise){ 0 };
	open_job(&j);
	rc = survey(&j);
	settle(&j, seed);
	if (rc == 0)
		rc = rewrite_file(from, to, replace, &j, &out->rewrite, err);
	close_job(&j);
	return rc;
}
