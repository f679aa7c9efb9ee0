#include "race/conf_read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"

const char *const conf_yes_words[] = { "no", "yes", NULL };

/* ---- keys ---- */

static void
unknown_key(struct conf_reader *r, const struct conf_node *key,
    const char *const *known, size_t count)
{
	const char *near = nearest(key->text, known, count);
	char *all = nearest_list(known, count);
	char q[TEXT_QUOTE_MAX];

	conf_complain(r, key, "unknown key %s%s%s%s Keys here are %s",
	    text_quote(q, key->text), near != NULL ? ": did you mean \"" : ".",
	    near != NULL ? near : "", near != NULL ? "\"?" : "", all);
	free(all);
}

void
conf_check_keys(struct conf_reader *r, const struct conf_node *table,
    const char *const *known)
{
	size_t count = 0;

	while (known[count] != NULL)
		count++;
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_node *key = table->pairs[i].key;
		bool found = false;

		for (size_t k = 0; k < count && !found; k++)
			found = strcmp(known[k], key->text) == 0;
		if (!found)
			unknown_key(r, key, known, count);
	}
}

/* ---- values ---- */

bool
conf_is_empty(const struct conf_node *n)
{
	return n->kind == CONF_TEXT && n->plain && n->text[0] == '\0';
}

const char *
conf_text_of(struct conf_reader *r, const struct conf_node *n, const char *what)
{
	if (n->kind == CONF_TEXT)
		return n->text;
	if (n->kind != CONF_BROKEN)
		conf_complain(r, n, "%s: has to be one value, not a %s", what,
		    n->kind == CONF_TABLE ? "table" : "list");
	return NULL;
}

static bool
has_blank_ends(const char *s)
{
	char *copy = xstrdup(s);
	bool differs = strcmp(text_trim(copy), s) != 0;

	free(copy);
	return differs;
}

bool
conf_name_ok(struct conf_reader *r, const struct conf_node *n, const char *what,
    const char *text, size_t max)
{
	char q[TEXT_QUOTE_MAX];

	if (text[0] == '\0') {
		conf_complain(r, n, "%s is empty", what);
		return false;
	}
	if (strlen(text) > max) {
		conf_complain(r, n, "%s %s: %zu bytes, must be at most %zu",
		    what, text_quote(q, text), strlen(text), max);
		return false;
	}
	if (!text_printable(text)) {
		conf_complain(r, n,
		    "%s %s: has control characters: leave them out", what,
		    text_quote(q, text));
		return false;
	}
	if (has_blank_ends(text)) {
		conf_complain(r, n, "%s %s: begins or ends with a blank", what,
		    text_quote(q, text));
		return false;
	}
	return true;
}

char *
conf_read_name(struct conf_reader *r, const struct conf_node *table,
    const char *key, size_t max)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : conf_text_of(r, n, key);

	if (text == NULL || !conf_name_ok(r, n, key, text, max))
		text = "";
	return xstrdup(text);
}

int
conf_read_choice(struct conf_reader *r, const struct conf_node *table,
    const char *key, const char *const *words, int other)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : conf_text_of(r, n, key);
	char q[TEXT_QUOTE_MAX];
	int count = 0;
	char *all;

	if (text == NULL)
		return other;
	for (; words[count] != NULL; count++) {
		if (strcmp(words[count], text) == 0)
			return count;
	}
	all = nearest_list(words, (size_t)count);
	conf_complain(r, n, "%s %s: must be one of %s", key,
	    text_quote(q, text), all);
	free(all);
	return other;
}

uint32_t
conf_read_count(struct conf_reader *r, const struct conf_node *table,
    const char *key, uint32_t max, uint32_t other)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : conf_text_of(r, n, key);
	size_t len = text == NULL ? 0 : strlen(text);
	char q[TEXT_QUOTE_MAX];
	uint32_t v = 0;

	if (text == NULL)
		return other;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || len > 6) {
			v = 0;
			break;
		}
		v = v * 10 + (uint32_t)(text[i] - '0');
	}
	if (v >= 1 && v <= max)
		return v;
	conf_complain(r, n, "%s %s: must be a whole number from 1 to %u", key,
	    text_quote(q, text), max);
	return other;
}

char *
conf_read_sex(struct conf_reader *r, const struct conf_node *table)
{
	static const char *const words[] = { "F", "M", "X" };
	const struct conf_node *n = conf_yaml_get(table, "sex");
	const char *text = n == NULL ? NULL : conf_text_of(r, n, "sex");
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; text != NULL && i < 3; i++) {
		if (strcasecmp(words[i], text) == 0)
			return xstrdup(words[i]);
	}
	if (text != NULL)
		conf_complain(r, n, "sex %s: must be F, M or X",
		    text_quote(q, text));
	return xstrdup("");
}

bool
conf_read_yes(struct conf_reader *r, const struct conf_node *table,
    const char *key, bool other)
{
	return conf_read_choice(r, table, key, conf_yes_words, other ? 1 : 0) ==
	    1;
}

int64_t
conf_read_span(struct conf_reader *r, const struct conf_node *table,
    const char *key, int64_t min_us, int64_t max_us, int64_t other)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : conf_text_of(r, n, key);
	char q[TEXT_QUOTE_MAX];
	char least[32];
	char most[32];
	struct err err;
	int64_t us;

	if (text == NULL)
		return other;
	if (instant_parse_span(text, &us, &err) < 0) {
		conf_complain(r, n, "%s %s", key, err.text);
		return other;
	}
	if (us >= min_us && us <= max_us)
		return us;
	conf_complain(r, n, "%s %s: must be between %s and %s", key,
	    text_quote(q, text), instant_elapsed(least, min_us, false),
	    instant_elapsed(most, max_us, false));
	return other;
}

/* One to six digits; moves *s behind them. */
static bool
take_whole(const char **s, uint32_t *v)
{
	size_t len = strspn(*s, "0123456789");
	uint32_t n = 0;

	if (len < 1 || len > 6)
		return false;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (uint32_t)(*(*s)++ - '0');
	*v = n;
	return true;
}

/* "from-to", "from-", "-to" or "both". */
static bool
take_range(const char *s, uint32_t open, uint32_t *from, uint32_t *to)
{
	bool begun = take_whole(&s, from);

	if (!begun)
		*from = 0;
	if (*s == '\0') {
		*to = *from;
		return begun;
	}
	if (*s++ != '-')
		return false;
	if (*s == '\0') {
		*to = open;
		return begun;
	}
	return take_whole(&s, to) && *s == '\0';
}

bool
conf_read_range(struct conf_reader *r, const struct conf_node *table,
    const char *key, uint32_t max, uint32_t open, uint32_t *from, uint32_t *to)
{
	const struct conf_node *n = conf_yaml_get(table, key);
	const char *text = n == NULL ? NULL : conf_text_of(r, n, key);
	char q[TEXT_QUOTE_MAX];
	uint32_t a;
	uint32_t b;

	if (text == NULL)
		return false;
	if (!take_range(text, open, &a, &b) || a > max || b > max) {
		conf_complain(r, n,
		    "%s %s: must be whole numbers up to %u, as in 18-22, 70- "
		    "or -17",
		    key, text_quote(q, text), max);
		return false;
	}
	if (b != open && a > b) {
		conf_complain(r, n, "%s %s: ends before it begins", key,
		    text_quote(q, text));
		return false;
	}
	*from = a;
	*to = b;
	return true;
}

void
conf_refuse_key(struct conf_reader *r, const struct conf_node *table,
    const char *key, const char *why)
{
	const struct conf_node *n = conf_yaml_get(table, key);

	if (n != NULL)
		conf_complain(r, n, "%s: %s", key, why);
}

/* ---- tables of named members ---- */

const struct conf_node *
conf_table_of(struct conf_reader *r, const struct conf_node *root,
    const char *key, const char *example)
{
	const struct conf_node *n = conf_yaml_get(root, key);

	if (n == NULL || n->kind == CONF_BROKEN || conf_is_empty(n))
		return NULL;
	if (n->kind != CONF_TABLE) {
		conf_complain(r, n, "%s: has to be a table, as in %s", key,
		    example);
		return NULL;
	}
	return n;
}

size_t
conf_bounded(struct conf_reader *r, const struct conf_node *table,
    const char *what, size_t max)
{
	if (table->count <= max)
		return table->count;
	conf_complain(r, table->pairs[max].key, "more than %zu %s", max, what);
	return max;
}

const struct conf_node *
conf_member_table(struct conf_reader *r, const struct conf_node *value,
    const char *example)
{
	static const struct conf_node empty = { .kind = CONF_TABLE };

	if (conf_is_empty(value))
		return &empty;
	if (value->kind == CONF_TABLE)
		return value;
	if (value->kind != CONF_BROKEN)
		conf_complain(r, value, "has to be a table, as in %s", example);
	return NULL;
}
