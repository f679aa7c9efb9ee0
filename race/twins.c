#include "race/twins.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/alike.h"

/*
 * Names that differ in a digit, or in a letter that stands alone, are not alike
 * (alike.h): such a letter is never left out, so that "Runner 1" to "Runner
 * 50000" do not all meet.  What meets by thousands all the same is no slip:
 * beyond that many, neighbours alone are compared.
 */
enum { MEET_MAX = 64 };

/* An odd number, so that no power of it is 0: the hash of a text is the sum of
 * its bytes, each times the power of how far it is from the end. */
#define BASE UINT64_C(0x9e3779b97f4a7c15)

struct hashed {
	uint64_t hash;
	uint32_t name;
};

struct finder {
	const char *const *keys;
	struct hashed *all;
	size_t count;
	size_t cap;
	struct twins_pair *pairs;
	size_t pair_count;
	size_t pair_cap;
};

static void
add(struct finder *f, uint64_t hash, size_t name)
{
	f->all = xgrow(f->all, &f->cap, f->count, sizeof *f->all);
	f->all[f->count++] = (struct hashed){ hash, (uint32_t)name };
}

static uint64_t
letter(char c)
{
	return (uint64_t)(unsigned char)c + 1;
}

/* A digit or a blank tells names of a series apart. */
static bool
is_slip(char c)
{
	return c != ' ' && (c < '0' || c > '9');
}

/* The key without blanks, whole and less one letter. */
static void
hash_key(struct finder *f, size_t name)
{
	const char *key = f->keys[name];
	size_t len = strlen(key);
	uint64_t before = 0; /* of the letters in front of i, to its end */
	uint64_t *behind = xcalloc(len + 1, sizeof *behind);
	uint64_t *powers = xcalloc(len + 1, sizeof *powers);

	powers[len] = 1;
	for (size_t i = len; i-- > 0;) {
		bool blank = key[i] == ' ';

		behind[i] = behind[i + 1] +
		    (blank ? 0 : letter(key[i]) * powers[i + 1]);
		powers[i] = blank ? powers[i + 1] : powers[i + 1] * BASE;
	}
	if (len > 0)
		add(f, behind[0], name);
	for (size_t i = 0; i < len; i++) {
		if (is_slip(key[i]))
			add(f, before * powers[i + 1] + behind[i + 1], name);
		if (key[i] != ' ')
			before = before * BASE + letter(key[i]);
	}
	free(behind);
	free(powers);
}

static int
by_hash(const void *a, const void *b)
{
	const struct hashed *x = a;
	const struct hashed *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->name > y->name) - (x->name < y->name);
}

static int
by_names(const void *a, const void *b)
{
	const struct twins_pair *x = a;
	const struct twins_pair *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

static void
look(struct finder *f, uint32_t a, uint32_t b)
{
	if (a == b || !alike(f->keys[a], f->keys[b]))
		return;
	f->pairs =
	    xgrow(f->pairs, &f->pair_cap, f->pair_count, sizeof *f->pairs);
	f->pairs[f->pair_count++] =
	    (struct twins_pair){ a < b ? a : b, a < b ? b : a };
}

/* Those with one hash. */
static void
look_at_all(struct finder *f, const struct hashed *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && k <= i + MEET_MAX; k++)
			look(f, at[i].name, at[k].name);
}

/* ---- equal keys ---- */

struct sorted {
	const char *key;
	uint32_t name;
};

static int
by_key(const void *a, const void *b)
{
	const struct sorted *x = a;
	const struct sorted *y = b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : (x->name > y->name) - (x->name < y->name);
}

/* Pairs those with the same key, and hashes the first of them alone. */
static void
look_at_keys(struct finder *f, size_t count)
{
	struct sorted *all = xcalloc(count + 1, sizeof *all);

	for (size_t i = 0; i < count; i++)
		all[i] = (struct sorted){ f->keys[i], (uint32_t)i };
	qsort(all, count, sizeof *all, by_key);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(all[i].key, all[i - 1].key) == 0)
			look(f, all[i - 1].name, all[i].name);
		else
			hash_key(f, all[i].name);
	}
	free(all);
}

static size_t
unique(struct twins_pair *pairs, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(pairs, count, sizeof *pairs, by_names);
	for (size_t i = 0; i < count; i++)
		if (n == 0 || by_names(&pairs[n - 1], &pairs[i]) != 0)
			pairs[n++] = pairs[i];
	return n;
}

size_t
twins_find(const char *const *keys, size_t count, struct twins_pair **out)
{
	struct finder f = { .keys = keys };

	look_at_keys(&f, count);
	if (f.count > 0)
		qsort(f.all, f.count, sizeof *f.all, by_hash);
	for (size_t i = 0, n; i < f.count; i += n) {
		for (n = 1;
		     i + n < f.count && f.all[i + n].hash == f.all[i].hash; n++)
			;
		look_at_all(&f, f.all + i, n);
	}
	free(f.all);
	*out = f.pairs;
	return unique(f.pairs, f.pair_count);
}
