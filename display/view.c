#include "display/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/keys.h"
#include "common/text.h"

/* ---- finding ---- */

static bool
contains(const char *text, const char *wanted)
{
	char *folded = text_fold(text);
	bool found = strstr(folded, wanted) != NULL;

	free(folded);
	return found;
}

static bool
begins(const char *text, const char *wanted)
{
	char *folded = text_fold(text);
	bool found = strncmp(folded, wanted, strlen(wanted)) == 0;

	free(folded);
	return found;
}

/* A bib from its beginning, a runner's or a team's name anywhere. */
static bool
matches(const struct view *v, const struct view_scene *s, const char *label,
    const char *wanted)
{
	const struct race_entry *e;

	if (s->rules->rankings[v->ranking].of != RACE_RUNNERS)
		return contains(label, wanted);
	e = roster_find(s->roster, label);
	return begins(label, wanted) ||
	    (e != NULL && contains(e->name, wanted));
}

static void
show(struct view *v, const struct view_scene *s, size_t i)
{
	if (i < v->top || i >= v->top + s->page)
		v->top = i > s->page / 2 ? i - s->page / 2 : 0;
}

static void
found_at(struct view *v, const struct view_scene *s, size_t i)
{
	struct board_line line;

	if (board_line(s->board, i, &line) < 0)
		return;
	snprintf(v->found, sizeof v->found, "%s", line.row.label);
	v->missed = false;
	show(v, s, i);
}

/* The first match from line `from` on, and round to it. */
static void
search(struct view *v, const struct view_scene *s, size_t from)
{
	size_t count = board_count(s->board);
	char *wanted = text_fold(v->query);
	struct board_line line;

	v->missed = wanted[0] != '\0';
	for (size_t n = 0; n < count && v->missed; n++) {
		size_t i = (from + n) % count;

		if (board_line(s->board, i, &line) == 0 &&
		    matches(v, s, line.row.label, wanted))
			found_at(v, s, i);
	}
	if (v->missed || wanted[0] == '\0')
		v->found[0] = '\0';
	free(wanted);
}

/* As it is typed: a bib that is exactly that, else the first match. */
static void
search_typed(struct view *v, const struct view_scene *s)
{
	int64_t i;

	if (s->board == NULL)
		return;
	i = board_find(s->board, v->query);
	if (i >= 0)
		found_at(v, s, (size_t)i);
	else
		search(v, s, 0);
}

static void
search_next(struct view *v, const struct view_scene *s)
{
	int64_t i;

	if (s->board == NULL)
		return;
	i = board_find(s->board, v->found);
	search(v, s, i < 0 ? 0 : (size_t)i + 1);
}

/* ---- typing ---- */

static void
erase(struct view *v, const struct view_scene *s)
{
	size_t len = strlen(v->query);

	/* A character and the bytes that continue it. */
	while (len > 0 && (v->query[--len] & 0xc0) == 0x80)
		;
	v->query[len] = '\0';
	search_typed(v, s);
}

static size_t
utf8(char out[5], uint32_t c)
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(len == 1 ? c : (0xf00U >> len & 0xf0) | c);
	out[len] = '\0';
	return len;
}

static void
type(struct view *v, const struct view_scene *s, uint32_t c)
{
	char bytes[5];
	size_t len = strlen(v->query);

	if (c < ' ' || c == 0x7f || c > 0x10ffff)
		return;
	if (len + utf8(bytes, c) >= sizeof v->query)
		return;
	memcpy(v->query + len, bytes, strlen(bytes) + 1);
	search_typed(v, s);
}

/* ---- moving ---- */

static void
scroll(struct view *v, const struct view_scene *s, uint32_t key)
{
	size_t back = key == KEYS_UP ? 1 : s->page;

	v->following = false;
	if (key == KEYS_HOME)
		v->top = 0;
	else if (key == KEYS_END)
		v->top = SIZE_MAX;
	else if (key == KEYS_DOWN)
		v->top++;
	else if (key == KEYS_PAGE_DOWN)
		v->top += s->page;
	else
		v->top = v->top > back ? v->top - back : 0;
	view_settle(v, s);
}

static void
choose(struct view *v, const struct view_scene *s, size_t ranking)
{
	if (s->rules == NULL || ranking >= s->rules->ranking_count)
		return;
	v->stations = false;
	if (ranking == v->ranking)
		return;
	v->ranking = ranking;
	v->top = 0;
}

static void
step(struct view *v, const struct view_scene *s, bool forward)
{
	size_t count = s->rules != NULL ? s->rules->ranking_count : 0;

	if (count > 0)
		choose(v, s, (v->ranking + (forward ? 1 : count - 1)) % count);
}

static void
start_search(struct view *v)
{
	v->stations = false;
	v->searching = true;
	v->missed = false;
	v->query[0] = '\0';
}

static void
let_go(struct view *v)
{
	if (v->stations) {
		v->stations = false;
		return;
	}
	v->following = false;
	v->found[0] = '\0';
}

static void
press_plain(struct view *v, uint32_t key, const struct view_scene *s)
{
	if (key >= '1' && key <= '9')
		choose(v, s, key - '1');
	else if (key == KEYS_LEFT || key == KEYS_BACKTAB)
		step(v, s, false);
	else if (key == KEYS_RIGHT || key == KEYS_TAB)
		step(v, s, true);
	else if (key >= KEYS_UP && key <= KEYS_END)
		scroll(v, s, key);
	else if (key == '/')
		start_search(v);
	else if (key == 's')
		v->stations = !v->stations;
	else if (key == '?')
		v->help = true;
	else if (key == KEYS_ESCAPE)
		let_go(v);
	else if (v->stations)
		return;
	else if (key == 'f')
		v->following = !v->following && v->found[0] != '\0';
	else if (key == KEYS_ENTER && v->query[0] != '\0')
		search_next(v, s);
}

/* An arrow is no text: it means the listing. */
static void
leave_search(struct view *v, uint32_t key, const struct view_scene *s)
{
	v->searching = false;
	press_plain(v, key, s);
}

static void
press_searching(struct view *v, uint32_t key, const struct view_scene *s)
{
	if (key == KEYS_ESCAPE)
		v->searching = false;
	else if (key == KEYS_ENTER)
		search_next(v, s);
	else if (key == KEYS_BACKSPACE)
		erase(v, s);
	else if (key < KEYS_LEFT)
		type(v, s, key);
	else
		leave_search(v, key, s);
}

bool
view_press(struct view *v, uint32_t key, const struct view_scene *s)
{
	if (v->searching) {
		press_searching(v, key, s);
		return true;
	}
	if (key == 'q')
		return false;
	if (v->help)
		v->help = false;
	else
		press_plain(v, key, s);
	return true;
}

void
view_settle(struct view *v, const struct view_scene *s)
{
	size_t count = s->board != NULL ? board_count(s->board) : 0;
	size_t last = count > s->page ? count - s->page : 0;
	int64_t i = -1;

	if (v->following && s->board != NULL)
		i = board_find(s->board, v->found);
	if (i >= 0)
		v->top = (size_t)i > s->page / 2 ? (size_t)i - s->page / 2 : 0;
	if (v->top > last)
		v->top = last;
}
