/* palmares season DIR merge, void, undo. */
#include "control/season_decide.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/nearest.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/story.h"

static void
check_text(const struct season_order *o, const char *text)
{
	char q[TEXT_QUOTE_MAX];

	if (text[0] == '\0' || strlen(text) > RACE_NAME_MAX ||
	    !text_utf8_valid(text, strlen(text)) || !text_printable(text))
		cli_usage(o->verb->program,
		    "%s: a name of at most %d bytes of UTF-8",
		    text_quote(q, text), RACE_NAME_MAX);
}

/* In the words of the story; for free(). */
static char *
words_of(const struct season_deed *d, const struct race_event *e)
{
	struct story story = {
		.rulings = ledger_rulings(d->order->gather->ledger),
		.date = "",
	};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		log_fatal(1, "no memory for a line");
	story_decided(out, &story, e);
	fclose(out);
	return text;
}

void
season_deed_say(const struct season_deed *d)
{
	char *text = words_of(d, &d->events[d->count - 1]);

	prose_put(stdout, 0, "", 0, text);
	free(text);
}

static void
say_undone(const struct season_deed *d, const struct rulings_item *item)
{
	char *what = words_of(d, item->event);
	char *text =
	    xasprintf("decision %" PRIu64 " undone: %s", item->number, what);

	prose_put(stdout, 0, "", 0, text);
	free(text);
	free(what);
}

/* ---- names ---- */

/* Everything that is written somewhere, and what is near. */
struct search {
	const char *wanted;
	bool found;
	const char **words;
	size_t count;
	size_t cap;
};

static void
look_at(struct search *s, const char *word)
{
	const char *half = strstr(word, " / ");

	if (word[0] == '\0')
		return;
	s->found = s->found || strcmp(word, s->wanted) == 0 ||
	    (half != NULL &&
	        (strcmp(half + 3, s->wanted) == 0 ||
	            (strlen(s->wanted) == (size_t)(half - word) &&
	                strncmp(word, s->wanted, (size_t)(half - word)) == 0)));
	s->words = xgrow(s->words, &s->cap, s->count, sizeof *s->words);
	s->words[s->count++] = word;
}

static void
look(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct search *s = arg;

	(void)key;
	(void)state;
	look_at(s, r->recipient);
	look_at(s, r->team);
}

/* Under a name that nobody is written, but for an alias. */
static bool
is_in_a_table(const struct season_order *o, const char *name)
{
	struct season *s = o->gather->season;

	for (size_t i = 0; i < season_count(s); i++)
		for (size_t t = 0; t < o->gather->folder.rules->table_count;
		     t++)
			if (season_line(s, i, t, name) >= 0)
				return true;
	return false;
}

static bool
is_known(const struct season_order *o, const char *name, const char **near)
{
	struct search s = { .wanted = name };

	season_results(o->gather->season, look, &s);
	s.found = s.found || is_in_a_table(o, name);
	*near = s.found ? NULL : nearest(name, s.words, s.count);
	free(s.words);
	return s.found;
}

/* 1: there is something to decide; else the exit status, negated. */
static int
check_merge(const struct season_order *o, const char *name, const char *into,
    const char *team)
{
	struct season *s = o->gather->season;
	const char *near;
	const char *goes = season_subject(s, name, team);
	/* Merged with itself: somebody of its own, whatever the files say. */
	const char *under =
	    strcmp(name, into) == 0 ? name : season_subject(s, into, team);
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	if (!is_known(o, name, &near)) {
		log_warnx("merge %s: nobody is written so%s%s%s",
		    text_quote(a, name), near != NULL ? ", did you mean " : "",
		    near != NULL ? text_quote(b, near) : "",
		    near != NULL ? "?" : "");
		return -1;
	}
	if (strcmp(name, into) != 0 && strcmp(under, name) == 0) {
		log_warnx("merge: %s goes under %s: undo that first (palmares "
		          "season %s decisions; or aliases.csv says so)",
		    text_quote(a, into), text_quote(b, name), o->dir);
		return -1;
	}
	if (strcmp(goes, under) == 0) {
		printf("nothing to change: %s goes under %s already\n",
		    text_quote(a, name), text_quote(b, goes));
		return 0;
	}
	if (!is_known(o, into, &near))
		printf("note: nobody is written %s yet: it is a new name\n",
		    text_quote(a, into));
	return 1;
}

/* Awards in which two stand who are to be one: their points are added up there,
 * which is seldom what was meant. */
struct shared {
	const struct season_order *order;
	const char *names[2];
	struct strmap *awards[2]; /* "2014 Podium, Grand prix" */
	char *first;
	size_t count;
};

static void
look_in_awards(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct shared *x = arg;
	const char *goes =
	    season_subject(x->order->gather->season, r->recipient, r->team);
	size_t who = strcmp(goes, x->names[0]) == 0 ? 0 : 1;
	char *award;

	(void)key;
	(void)state;
	if (strcmp(goes, x->names[who]) != 0)
		return;
	award = xasprintf("%s %s, %s", r->season, r->competition, r->award);
	if (strmap_get(x->awards[who], award) == STRMAP_NONE) {
		(void)strmap_put(x->awards[who], award, 0);
		if (strmap_get(x->awards[1 - who], award) != STRMAP_NONE &&
		    x->count++ == 0)
			x->first = xstrdup(award);
	}
	free(award);
}

static void
note_shared_awards(const struct season_order *o, const char *goes,
    const char *under)
{
	struct shared x = { .order = o,
		.names = { goes, under },
		.awards = { strmap_new(), strmap_new() } };

	season_results(o->gather->season, look_in_awards, &x);
	if (x.count > 0) {
		char *more = x.count == 1
		    ? xstrdup("")
		    : xasprintf(" and in %zu more", x.count - 1);
		char *text = xasprintf("note: both stand in %s%s: are they two "
		                       "after all? What they have there is "
		                       "added up",
		    x.first, more);

		prose_put(stdout, 0, "", 0, text);
		free(text);
		free(more);
	}
	free(x.first);
	strmap_free(x.awards[0]);
	strmap_free(x.awards[1]);
}

int
season_merge(struct season_order *o)
{
	const char *name = o->words[0];
	const char *into = o->words[1];
	const char *team = o->options->team != NULL ? o->options->team : "";
	struct race_matter matter = { "", "", "", into, team };
	struct season *s = o->gather->season;
	struct season_deed deed;
	int rc;

	check_text(o, name);
	check_text(o, into);
	if (team[0] != '\0')
		check_text(o, team);
	rc = check_merge(o, name, into, team);
	if (rc != 1)
		return -rc;
	if (strcmp(name, into) != 0)
		note_shared_awards(o, season_subject(s, name, team),
		    season_subject(s, into, team));
	else
		matter.subject = "";
	season_deed_init(&deed, o);
	season_deed_decide(&deed,
	    &(struct race_decision){ .verb = RACE_NAME,
	        .text = name,
	        .matter = &matter });
	season_deed_say(&deed);
	return season_deed_do(&deed);
}

/* ---- competitions ---- */

/* Those of the season; *out for free(). */
static size_t
competitions_of(const struct season_order *o, struct season_held **out)
{
	struct season *s = o->gather->season;
	size_t count = season_competitions(s, o->season, NULL, 0);

	*out = xcalloc(count + 1, sizeof **out);
	return season_competitions(s, o->season, *out, count);
}

static const struct season_held *
find_competition(const struct season_order *o, const struct season_held *held,
    size_t count, const char *name)
{
	const char **names = xcalloc(count + 1, sizeof *names);
	char *all;

	for (size_t i = 0; i < count; i++) {
		names[i] = held[i].name;
		if (strcmp(held[i].name, name) == 0) {
			free(names);
			return &held[i];
		}
	}
	all = nearest_list(names, count);
	cli_usage(o->verb->program, "no competition %s in %s: there are %s",
	    name, season_label(o->gather->season, o->season), all);
}

int
season_void_competition(struct season_order *o)
{
	const char *label = season_label(o->gather->season, o->season);
	struct race_matter matter = { label, o->words[0], "", "", "" };
	struct season_held *held;
	size_t count = competitions_of(o, &held);
	const struct season_held *c =
	    find_competition(o, held, count, o->words[0]);
	bool is_void = c->state == SEASON_VOID;
	struct season_deed deed;

	free(held);
	if (is_void) {
		printf("nothing to change: %s %s is void already\n",
		    o->words[0], label);
		return 0;
	}
	season_deed_init(&deed, o);
	season_deed_decide(&deed,
	    &(struct race_decision){ .verb = RACE_VOID_COMPETITION,
	        .matter = &matter });
	season_deed_say(&deed);
	return season_deed_do(&deed);
}

/* ---- undone ---- */

static uint64_t
parse_number(const struct season_order *o, const char *word, size_t count)
{
	size_t digits = strspn(word, "0123456789");
	uint64_t n = digits >= 1 && digits <= 9 && word[digits] == '\0'
	    ? strtoull(word, NULL, 10)
	    : 0;

	if (count == 0)
		log_fatal(1, "undo %s: nothing was decided yet", word);
	if (n == 0 || n > count)
		cli_usage(o->verb->program,
		    "undo %s: there are numbers 1 to %zu: palmares season %s "
		    "decisions lists them",
		    word, count, o->dir);
	return n;
}

static void
undo_one(struct season_deed *d, uint64_t number)
{
	const struct season_order *o = d->order;
	struct rulings_item item;

	rulings_at(ledger_rulings(o->gather->ledger), number - 1, &item);
	if (!item.holds)
		log_fatal(1,
		    "undo %" PRIu64 ": it is undone already, by %" PRIu64
		    ": palmares season %s undo %" PRIu64 " brings it back",
		    number, item.undone_by, o->dir, item.undone_by);
	season_deed_decide(d,
	    &(struct race_decision){ .verb = RACE_UNDO, .target = item.id });
	say_undone(d, &item);
}

int
season_undo(struct season_order *o)
{
	size_t count = rulings_count(ledger_rulings(o->gather->ledger));
	struct season_deed deed;

	season_deed_init(&deed, o);
	for (size_t i = 0; i < o->count; i++) {
		uint64_t number = parse_number(o, o->words[i], count);

		for (size_t k = 0; k < i; k++)
			if (parse_number(o, o->words[k], count) == number)
				cli_usage(o->verb->program,
				    "undo %s: named twice", o->words[i]);
		undo_one(&deed, number);
	}
	return season_deed_do(&deed);
}
