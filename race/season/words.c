#include "race/season/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/instant.h"
#include "common/xalloc.h"
#include "race/season/amount.h"

char *
season_score(char out[SEASON_WORDS_MAX], const struct season_table *t,
    int64_t score)
{
	if (t->by == SEASON_BY_TIME)
		return instant_elapsed(out, score, false);
	return amount_print(out, score);
}

char *
season_figure(char out[SEASON_WORDS_MAX], const struct season_table *t,
    int64_t score)
{
	if (t->by == SEASON_BY_TIME)
		return instant_seconds(out, score);
	return amount_print(out, score);
}

char *
season_ordinal(char out[SEASON_WORDS_MAX], uint32_t n)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };
	bool teen = n % 100 >= 11 && n % 100 <= 13;

	(void)snprintf(out, SEASON_WORDS_MAX, "%" PRIu32 "%s", n,
	    ends[!teen && n % 10 <= 3 ? n % 10 : 0]);
	return out;
}

static void
scores_words(char out[SEASON_WHY_MAX], const char *head,
    const struct season_table *t, const struct season_reason *r)
{
	char mine[SEASON_WORDS_MAX];
	char theirs[SEASON_WORDS_MAX];

	(void)snprintf(out, SEASON_WHY_MAX, "%s: %s to %s", head,
	    season_score(mine, t, r->mine), season_score(theirs, t, r->theirs));
}

static void
count_words(char out[SEASON_WHY_MAX], const char *head,
    const struct season_reason *r)
{
	(void)snprintf(out, SEASON_WHY_MAX, "%s: %" PRId64 " to %" PRId64, head,
	    r->mine, r->theirs);
}

static void
count_back_words(char out[SEASON_WHY_MAX], const struct season_reason *r)
{
	char nth[SEASON_WORDS_MAX];
	char head[SEASON_WORDS_MAX + 16];

	(void)snprintf(head, sizeof head, "more %s places",
	    season_ordinal(nth, r->place));
	count_words(out, head, r);
}

char *
season_why(char out[SEASON_WHY_MAX], const struct season_table *t,
    const struct season_row *row)
{
	const struct season_reason *r = &row->before;
	char mine[32];
	char theirs[32];

	out[0] = '\0';
	switch (r->rule) {
	case SEASON_SHARED:
	case SEASON_SCORE:
		break;
	case SEASON_STANDING:
		(void)snprintf(out, SEASON_WHY_MAX, "%s enough competitions",
		    row->standing == SEASON_IN ? "has" : "may still have");
		break;
	case SEASON_WINS:
		count_words(out, "more wins", r);
		break;
	case SEASON_COUNT_BACK:
		count_back_words(out, r);
		break;
	case SEASON_HEAD_TO_HEAD:
		count_words(out, "head to head", r);
		break;
	case SEASON_BEST_RESULT:
		scores_words(out, "better results", t, r);
		break;
	case SEASON_LATEST:
	case SEASON_BETTER_IN:
		(void)snprintf(out, SEASON_WHY_MAX, "better in %s",
		    r->competition);
		break;
	case SEASON_MORE_COMPETITIONS:
		count_words(out, "more competitions", r);
		break;
	case SEASON_LESS_TIME:
		(void)snprintf(out, SEASON_WHY_MAX, "less time: %s to %s",
		    instant_elapsed(mine, r->mine, false),
		    instant_elapsed(theirs, r->theirs, false));
		break;
	case SEASON_DECIDED:
		(void)snprintf(out, SEASON_WHY_MAX, "decided: %s", r->note);
		break;
	}
	return out;
}

char *
season_state(char out[SEASON_WHY_MAX], struct season *s, size_t season)
{
	size_t count = season_competitions(s, season, NULL, 0);
	struct season_held *held = xcalloc(count + 1, sizeof *held);
	size_t done = 0;
	size_t live = 0;
	size_t gone = 0;
	char words[48] = "";

	(void)season_competitions(s, season, held, count);
	for (size_t i = 0; i < count; i++) {
		done += held[i].held;
		live += held[i].held && held[i].state == SEASON_LIVE;
		gone += held[i].state == SEASON_VOID;
	}
	free(held);
	if (gone > 0)
		(void)snprintf(words, sizeof words, ", %zu of them void", gone);
	(void)snprintf(out, SEASON_WHY_MAX,
	    "after %zu of %zu competition%s%s%s%s", done, count,
	    count == 1 ? "" : "s", words,
	    live > 0 ? ", as if those that are open ended now" : "",
	    done < count || live > 0 ? ", provisional" : "");
	return out;
}
