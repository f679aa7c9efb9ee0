#include "control/mask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"

/* Two of three numbers are left out, so that none tells how many came before.
 */
enum { STEP_MAX = 5 };

struct word {
	char *text;
	char *mask;
};

struct mask {
	enum mask_form form;
	const char *prefix;
	struct strmap *known; /* to indices of words */
	struct word *words;
	size_t count;
	size_t cap;
};

struct mask *
mask_new(enum mask_form form, const char *prefix)
{
	struct mask *m = xcalloc(1, sizeof *m);

	m->form = form;
	m->prefix = prefix;
	m->known = strmap_new();
	return m;
}

void
mask_free(struct mask *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->words[i].text);
		free(m->words[i].mask);
	}
	free(m->words);
	strmap_free(m->known);
	free(m);
}

void
mask_add(struct mask *m, const char *word)
{
	if (word[0] == '\0' || strmap_get(m->known, word) != STRMAP_NONE)
		return;
	strmap_put(m->known, word, (uint32_t)m->count);
	m->words = xgrow(m->words, &m->cap, m->count, sizeof *m->words);
	m->words[m->count++] = (struct word){ .text = xstrdup(word) };
}

static int
compare(const void *a, const void *b)
{
	return text_label_cmp(((const struct word *)a)->text,
	    ((const struct word *)b)->text);
}

static uint64_t
below(uint64_t *random, uint64_t n)
{
	static const struct hash_key key = { 0x6d61736b, 0 };

	*random = hash_sip(&key, random, sizeof *random);
	return *random % n;
}

/* 0 .. count - 1 in no order, for free(). */
static size_t *
shuffle(size_t count, uint64_t *random)
{
	size_t *all = xcalloc(count + 1, sizeof *all);

	for (size_t i = 0; i < count; i++) {
		size_t k = (size_t)below(random, i + 1);

		all[i] = all[k];
		all[k] = i;
	}
	return all;
}

static int
digits(size_t count)
{
	return snprintf(NULL, 0, "%zu", count);
}

void
mask_settle(struct mask *m, uint64_t *random)
{
	size_t *order = shuffle(m->count, random);
	uint64_t number = 0;

	if (m->count > 0)
		qsort(m->words, m->count, sizeof *m->words, compare);
	for (size_t i = 0; i < m->count; i++) {
		struct word *w = &m->words[i];

		strmap_put(m->known, w->text, (uint32_t)i);
		number += 1 + below(random, STEP_MAX);
		switch (m->form) {
		case MASK_NUMBERS:
			w->mask = xasprintf("%" PRIu64, number);
			break;
		case MASK_ORDERED:
			w->mask = xasprintf("%s %0*zu", m->prefix,
			    digits(m->count), i + 1);
			break;
		case MASK_SHUFFLED:
			w->mask = xasprintf("%s%zu", m->prefix, order[i] + 1);
			break;
		}
	}
	free(order);
}

const char *
mask_of(const struct mask *m, const char *word)
{
	uint32_t i;

	if (word[0] == '\0')
		return "";
	i = strmap_get(m->known, word);
	return i == STRMAP_NONE ? NULL : m->words[i].mask;
}

const char mask_left_out[] = "(left out)";

const char *
mask_word(const struct mask *m, const char *word)
{
	const char *mask = mask_of(m, word);

	return mask != NULL ? mask : mask_left_out;
}

void
mask_pass(struct mask *m, bool survey, const char **at)
{
	if (survey)
		mask_add(m, *at);
	else
		*at = mask_word(m, *at);
}

bool
mask_leave_out(bool survey, const char **at)
{
	if (survey || (*at)[0] == '\0')
		return false;
	*at = mask_left_out;
	return true;
}
