#include "collector/bibs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

struct bibs {
	struct race_entry *sorted; /* by the bytes of their bibs */
	size_t count;
	char *text; /* of all of them */
};

static int
compare(const void *a, const void *b)
{
	const struct race_entry *const *x = a;
	const struct race_entry *const *y = b;

	return strcmp((*x)->bib, (*y)->bib);
}

/* ---- copies ---- */

static size_t
text_bytes(const struct race_entry *e)
{
	return strlen(e->bib) + strlen(e->name) + strlen(e->category) +
	    strlen(e->team) + 4;
}

static const char *
keep(char **to, const char *text)
{
	char *copy = *to;
	size_t size = strlen(text) + 1;

	memcpy(copy, text, size);
	*to += size;
	return copy;
}

static void
copy_all(struct bibs *b, const struct race_entry *const *entries, size_t count)
{
	size_t bytes = 0;
	char *to;

	for (size_t i = 0; i < count; i++)
		bytes += text_bytes(entries[i]);
	b->sorted = xcalloc(count + 1, sizeof *b->sorted);
	b->text = to = xmalloc(bytes + 1);
	b->count = count;
	for (size_t i = 0; i < count; i++)
		b->sorted[i] = (struct race_entry){
			.bib = keep(&to, entries[i]->bib),
			.name = keep(&to, entries[i]->name),
			.sex = "",
			.born = "",
			.category = keep(&to, entries[i]->category),
			.team = keep(&to, entries[i]->team),
			.wave = "",
			.nation = "",
		};
}

void
bibs_replace(struct bibs *b, const struct race_entry *const *entries,
    size_t count)
{
	const struct race_entry **order =
	    xcalloc(count + 1, sizeof(const struct race_entry *));

	for (size_t i = 0; i < count; i++)
		order[i] = entries[i];
	qsort(order, count, sizeof(const struct race_entry *), compare);
	free(b->sorted);
	free(b->text);
	copy_all(b, order, count);
	free(order);
}

struct bibs *
bibs_new(const struct race_entry *entries, size_t count)
{
	struct bibs *b = xcalloc(1, sizeof *b);
	const struct race_entry **all =
	    xcalloc(count + 1, sizeof(const struct race_entry *));

	for (size_t i = 0; i < count; i++)
		all[i] = &entries[i];
	bibs_replace(b, all, count);
	free(all);
	return b;
}

void
bibs_free(struct bibs *b)
{
	if (b == NULL)
		return;
	free(b->sorted);
	free(b->text);
	free(b);
}

bool
bibs_empty(const struct bibs *b)
{
	return b->count == 0;
}

/* The first that does not come before text. */
static size_t
lower_bound(const struct bibs *b, const char *text)
{
	size_t low = 0;
	size_t high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(b->sorted[middle].bib, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct race_entry *
bibs_find(const struct bibs *b, const char *bib)
{
	size_t at = lower_bound(b, bib);

	if (at == b->count || strcmp(b->sorted[at].bib, bib) != 0)
		return NULL;
	return &b->sorted[at];
}

bool
bibs_unknown(const struct bibs *b, const char *bib)
{
	return bib[0] != '\0' && !bibs_empty(b) && bibs_find(b, bib) == NULL;
}

size_t
bibs_beginning(const struct bibs *b, const char *text,
    const struct race_entry **out, size_t cap)
{
	size_t at = lower_bound(b, text);
	size_t len = strlen(text);
	size_t n = 0;

	while (n < cap && at < b->count &&
	    strncmp(b->sorted[at].bib, text, len) == 0)
		out[n++] = &b->sorted[at++];
	return n;
}

static bool
known(void *arg, const char *word)
{
	return bibs_find(arg, word) != NULL;
}

size_t
bibs_near(const struct bibs *b, const char *bib, struct near_match *out,
    size_t cap)
{
	/* near_find() hands it back to known(), which only reads. */
	struct bibs copy = *b;

	return near_find(bib, known, &copy, out, cap);
}

enum { GUESSES = 3, GUESS = RACE_CHIP_MAX + RACE_NAME_MAX + 64 };

char *
bibs_guess(const struct bibs *b, const char *bib, char *out, size_t cap)
{
	struct near_match near[GUESSES];
	size_t count = bibs_near(b, bib, near, GUESSES);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct race_entry *e = bibs_find(b, near[i].word);
		char one[GUESS];
		int n;

		/* Why is said of the best: the others are a choice. */
		n = snprintf(one, sizeof one, "%s%s%s%s%s%s%s",
		    i > 0 ? ", " : "", near[i].word,
		    e->name[0] != '\0' ? " " : "", e->name, i > 0 ? "" : " (",
		    i > 0 ? "" : near_words(near[i].slip), i > 0 ? "" : ")");
		if (n < 0 || (size_t)n >= cap - len)
			break;
		memcpy(out + len, one, (size_t)n + 1);
		len += (size_t)n;
	}
	return out;
}
