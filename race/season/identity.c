/*
 * identity - words, the names that are given to them, and who is the subject
 * of a result.
 *
 * A word is a text that has been seen, once: equal texts have equal addresses.
 * Results hang at the words that are written in them, so that a new name finds
 * those that it concerns.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/season/core.h"

static const char between[] = SEASON_BETWEEN;

uint32_t
word_of(struct season *s, const char *text)
{
	uint32_t word = strmap_get(s->words_by_text, text);
	struct word *w;

	if (word != STRMAP_NONE)
		return word;
	s->words = xgrow(s->words, &s->word_cap, s->word_count, sizeof *w);
	word = (uint32_t)s->word_count++;
	w = &s->words[word];
	*w = (struct word){ .recipients = NONE, .teams = NONE };
	w->text = strmap_put(s->words_by_text, text, word);
	return word;
}

const char *
word_text(struct season *s, const char *text)
{
	/* A new word may move the array. */
	uint32_t word = word_of(s, text);

	return s->words[word].text;
}

uint32_t
word_near(struct season *s, const char *text, uint32_t guess)
{
	if (guess < s->word_count && strcmp(s->words[guess].text, text) == 0)
		return guess;
	return word_of(s, text);
}

/* ---- pairs ---- */

/* Whether it is written as a pair; its halves are known from then on. */
static bool
halve(struct season *s, uint32_t word)
{
	const char *text = s->words[word].text;
	const char *at = strstr(text, between);

	if (at == NULL)
		return false;
	if (!s->words[word].halved) {
		char *left = xstrndup(text, (size_t)(at - text));
		uint32_t half[2] = { word_of(s, left),
			word_of(s, at + strlen(between)) };

		s->words[word].halved = true;
		for (size_t i = 0; i < 2; i++) {
			s->words[word].half[i] = half[i];
			slots_add(&s->words[half[i]].wholes, word);
		}
		free(left);
	}
	return true;
}

static uint32_t
join(struct season *s, uint32_t left, uint32_t right)
{
	char *text = xasprintf("%s%s%s", s->words[left].text, between,
	    s->words[right].text);
	uint32_t word = word_of(s, text);

	free(text);
	return word;
}

/* In either order it is one. */
static uint32_t
in_order(struct season *s, uint32_t word)
{
	const uint32_t *half;

	if (!halve(s, word))
		return word;
	half = s->words[word].half;
	if (strcmp(s->words[half[0]].text, s->words[half[1]].text) <= 0)
		return word;
	return join(s, half[1], half[0]);
}

/* ---- names ---- */

static char *
name_key(const char *written, const char *team)
{
	return xasprintf("%zu:%s%s", strlen(written), written, team);
}

static uint32_t
find_name(const struct season *s, uint32_t word, const char *team)
{
	char *key = name_key(s->words[word].text, team);
	uint32_t name = strmap_get(s->names_by_text, key);

	free(key);
	return name == STRMAP_NONE ? NONE : s->names[name].subject;
}

/* NONE: it has no name. */
static uint32_t
name_given(const struct season *s, uint32_t word, const char *team)
{
	uint32_t subject;

	if (!s->words[word].named)
		return NONE;
	subject = find_name(s, word, team);
	if (subject == NONE && team[0] != '\0')
		subject = find_name(s, word, "");
	return subject;
}

uint32_t
identity_name(const struct season *s, uint32_t word, const char *team)
{
	uint32_t subject = name_given(s, word, team);

	return subject == NONE ? word : subject;
}

/* The pair's own name in the order as written, then in the other one; else its
 * halves go under theirs. */
static uint32_t
pair_name(struct season *s, uint32_t word, const char *team)
{
	uint32_t subject = name_given(s, word, team);
	uint32_t half[2];

	if (subject == NONE && halve(s, word)) {
		half[0] = s->words[word].half[0];
		half[1] = s->words[word].half[1];
		subject = name_given(s, join(s, half[1], half[0]), team);
		if (subject == NONE)
			subject = join(s, identity_name(s, half[0], team),
			    identity_name(s, half[1], team));
	}
	return in_order(s, subject == NONE ? word : subject);
}

uint32_t
identity_subject(struct season *s, enum season_of of, const struct result *r)
{
	const char *team = s->words[r->team_word].text;
	bool teams = of == SEASON_TEAMS;
	uint32_t word = teams ? r->team_word : r->recipient_word;

	if (s->words[word].text[0] == '\0')
		return NONE;
	if (of == SEASON_PAIRS)
		word = pair_name(s, word, team);
	else
		word = identity_name(s, word, teams ? "" : team);
	return s->words[word].text[0] != '\0' ? word : NONE;
}

/* ---- names change ---- */

static void
rename_ring(struct season *s, enum ring ring, uint32_t first)
{
	for (uint32_t i = first; i != NONE; i = s->results[i].links[ring].next)
		result_rename(s, i);
}

static void
rename_pairs(struct season *s, uint32_t word)
{
	if (halve(s, word)) {
		uint32_t other =
		    join(s, s->words[word].half[1], s->words[word].half[0]);

		rename_ring(s, OF_RECIPIENT, s->words[other].recipients);
	}
	/* New words may move the array. */
	for (size_t i = 0; i < s->words[word].wholes.count; i++)
		rename_ring(s, OF_RECIPIENT,
		    s->words[s->words[word].wholes.at[i]].recipients);
}

static struct name *
name_slot(struct season *s, const char *written, const char *team)
{
	char *key = name_key(written, team);
	uint32_t at = strmap_get(s->names_by_text, key);

	if (at == STRMAP_NONE) {
		s->names = xgrow(s->names, &s->name_cap, s->name_count,
		    sizeof *s->names);
		at = (uint32_t)s->name_count++;
		s->names[at] = (struct name){ .subject = NONE,
			.written = word_of(s, written),
			.team = xstrdup(team) };
		strmap_put(s->names_by_text, key, at);
	}
	free(key);
	return &s->names[at];
}

void
season_name(struct season *s, const char *written, const char *team,
    const char *subject)
{
	struct name *name = name_slot(s, written, team);
	uint32_t to = subject != NULL ? word_of(s, subject) : NONE;
	uint32_t word = name->written;

	if (name->subject == to)
		return;
	name->subject = to;
	s->words[word].named = true;
	rename_ring(s, OF_RECIPIENT, s->words[word].recipients);
	rename_ring(s, OF_TEAM, s->words[word].teams);
	if (s->kinds[SEASON_PAIRS])
		rename_pairs(s, word);
}

const char *
season_subject(struct season *s, const char *written, const char *team)
{
	uint32_t word = identity_name(s, word_of(s, written), team);

	return s->words[word].text;
}

void
identity_free(struct season *s)
{
	for (size_t i = 0; i < s->word_count; i++)
		free(s->words[i].wholes.at);
	for (size_t i = 0; i < s->name_count; i++)
		free(s->names[i].team);
	free(s->words);
	free(s->names);
	strmap_free(s->words_by_text);
	strmap_free(s->names_by_text);
}
