#include "control/explain_prize.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/explain.h"
#include "control/podiums.h"
#include "control/prose.h"
#include "race/cells.h"
#include "race/outlook.h"

enum { INDENT = 2, WORDS = 15 /* column */ };

struct printer {
	FILE *out;
	struct book *book;
	const struct story *story;
	struct board *board; /* of its ranking */
	const struct prize *prize;
};

/* "  head         words ..." */
static void __attribute__((format(printf, 3, 4)))
tell(struct printer *p, const char *head, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	prose_put(p->out, INDENT, head, WORDS, text);
	free(text);
}

int
explain_award(const struct race_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->award_count; i++)
		if (strcmp(rules->awards[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* ---- who has won it ---- */

static void
put_ranking(struct printer *p)
{
	const struct race_ranking *rule =
	    &p->book->rules->rankings[p->prize->ranking];
	struct race_outlook outlook;
	char told[OUTLOOK_MAX];

	book_outlook(p->book, p->prize->ranking, &outlook);
	outlook_told(told, &outlook);
	tell(p, "ranking", "place %" PRIu32 " of %s, %s", p->prize->place,
	    rule->name, told[0] != '\0' ? told : "not published yet");
}

/* "15 Fabrice Legeay (Coriolis Service), 30:16"; for free(). */
static char *
line_text(const struct printer *p, const struct board_line *line)
{
	size_t v = p->prize->ranking;
	char *who = podiums_who(p->book, v, line->row.label);
	char time[CELLS_MAX];
	char *text = xasprintf("%s, %s", who,
	    cells_time(time, &p->book->rules->rankings[v], line));

	free(who);
	return text;
}

static void
put_winners(struct printer *p)
{
	const struct prize *z = p->prize;

	for (size_t i = 0; i < z->winner_count; i++) {
		int64_t at = board_find(p->board, z->winners[i]);
		struct board_line line;
		char *text;

		if (at < 0 || board_line(p->board, (size_t)at, &line) < 0)
			continue;
		text = line_text(p, &line);
		tell(p, "won by", "%s%s", text,
		    z->winner_count > 1 ? ", tied" : "");
		free(text);
	}
	if (z->winner_count == 0)
		tell(p, "won by", "nobody%s", z->provisional ? " yet" : "");
	if (z->provisional)
		tell(p, "provisional",
		    "somebody who is still out may change the place");
}

/* Who would have it without them. */
static void
put_next(struct printer *p)
{
	struct board_line line;
	char *text;

	for (size_t i = 0; board_line(p->board, i, &line) == 0; i++) {
		if (line.place == 0)
			return;
		if (line.place <= p->prize->place)
			continue;
		text = line_text(p, &line);
		tell(p, "next", "%" PRIu32 ". %s", line.place, text);
		free(text);
		return;
	}
}

/* ---- who holds it ---- */

static void
put_held(struct printer *p)
{
	const struct prize *z = p->prize;
	char *who;

	if (z->holder[0] != '\0') {
		who = podiums_who(p->book, z->ranking, z->holder);
		tell(p, "handed on", "to %s%s%s", who,
		    z->note[0] != '\0' ? ": " : "", z->note);
		free(who);
	} else if (z->note[0] != '\0') {
		tell(p, "note", "%s", z->note);
	}
	tell(p, "collected", "%s", z->collected ? "yes" : "not yet");
	if (z->changed)
		tell(p, "look at it",
		    "that was said when %s had won it: palmares award settles "
		    "it anew",
		    z->winner_then[0] != '\0' ? z->winner_then : "nobody");
}

static void
put_decided(struct printer *p, const struct rulings_item *item)
{
	const char *reason = story_reason(item->event);
	char moment[STORY_MOMENT];
	char number[24];
	char *words = NULL;
	size_t len;
	FILE *out = open_memstream(&words, &len);

	if (out == NULL)
		abort();
	story_decided(out, p->story, item->event);
	fprintf(out, "; by %s at %s", story_by(p->story, item->id, item->event),
	    story_moment(moment, p->story, story_when(p->story, item)));
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	if (!item->holds)
		fprintf(out, "; undone by %" PRIu64, item->undone_by);
	fclose(out);
	snprintf(number, sizeof number, "decision %" PRIu64, item->number);
	tell(p, number, "%s", words);
	free(words);
}

static void
put_all_decided(struct printer *p)
{
	const struct rulings *rulings = p->book->rulings;
	const char *name = p->book->rules->awards[p->prize->award].name;
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		rulings_at(rulings, i, &item);
		if (item.event->kind == RACE_AWARD &&
		    item.event->prize.place == p->prize->place &&
		    strcmp(item.event->prize.award, name) == 0)
			put_decided(p, &item);
	}
}

/* ---- all of it ---- */

static void
print_one(struct printer *p, bool first)
{
	const char *name = p->book->rules->awards[p->prize->award].name;
	char *head = xasprintf("%s, place %" PRIu32, name, p->prize->place);

	if (!first)
		putc('\n', p->out);
	prose_put(p->out, 0, "", 0, head);
	free(head);
	put_ranking(p);
	put_winners(p);
	put_next(p);
	put_held(p);
	put_all_decided(p);
}

int
explain_prize(FILE *out, struct book *b, const struct story *s, size_t award,
    uint32_t place)
{
	struct prizes *prizes = prizes_new(b);
	struct printer p = { .out = out, .book = b, .story = s };
	bool first = true;

	for (size_t i = 0; i < prizes_count(prizes); i++) {
		p.prize = prizes_at(prizes, i);
		if (p.prize->award != award ||
		    (place != 0 && p.prize->place != place))
			continue;
		p.board = explain_board(b, p.prize->ranking);
		print_one(&p, first);
		board_free(p.board);
		first = false;
	}
	prizes_free(prizes);
	return first ? -ENOENT : 0;
}
