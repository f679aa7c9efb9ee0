#include "control/podiums.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/csv.h"
#include "common/dump.h"
#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "race/outlook.h"
#include "race/team.h"

enum {
	COLUMNS = 80,
	WORDS = 12,  /* where the words behind a place begin */
	DETAILS = 14 /* ... and what is said of it */
};

struct sheet {
	FILE *out;
	struct book *book;
	const struct prizes *prizes;
};

static const struct race_award *
award_of(const struct sheet *s, const struct prize *z)
{
	return &s->book->rules->awards[z->award];
}

static const struct race_entry *
entry_of(const struct book *b, size_t ranking, const char *label)
{
	if (b->rules->rankings[ranking].of == RACE_TEAMS)
		return NULL;
	return roster_find(b->roster, label);
}

static const char *
name_of(const struct sheet *s, size_t ranking, const char *label)
{
	const struct race_entry *e = entry_of(s->book, ranking, label);

	return e != NULL ? e->name : "";
}

char *
podiums_who(const struct book *b, size_t ranking, const char *label)
{
	const struct race_entry *e = entry_of(b, ranking, label);
	const char *team = e != NULL ? team_of(b->rules, e) : "";

	return xasprintf("%s%s%s%s%s%s", label,
	    e != NULL && e->name[0] != '\0' ? " " : "",
	    e != NULL ? e->name : "", team[0] != '\0' ? " (" : "", team,
	    team[0] != '\0' ? ")" : "");
}

/* ---- text ---- */

static bool
is_first(const struct sheet *s, size_t i)
{
	return i == 0 ||
	    prizes_at(s->prizes, i - 1)->award !=
	    prizes_at(s->prizes, i)->award;
}

static void
put_head(const struct sheet *s, const struct prize *z)
{
	struct race_outlook outlook;
	char told[OUTLOOK_MAX];
	char line[4 * COLUMNS];
	char left[4 * COLUMNS];
	const struct race_award *a = award_of(s, z);

	book_outlook(s->book, z->ranking, &outlook);
	outlook_told(told, &outlook);
	snprintf(left, sizeof left, "%s", a->name);
	text_pair(line, sizeof line, COLUMNS, left,
	    told[0] != '\0' ? told : "not published yet");
	fprintf(s->out, "%s\n", line);
}

/* Who has won it, "and" whoever shares the place. */
static char *
winners_text(const struct sheet *s, const struct prize *z)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < z->winner_count; i++) {
		char *who = podiums_who(s->book, z->ranking, z->winners[i]);
		char *more =
		    xasprintf("%s%s%s", text, i > 0 ? " and " : "", who);

		free(text);
		free(who);
		text = more;
	}
	if (z->winner_count > 0)
		return text;
	free(text);
	return xstrdup(z->provisional ? "nobody yet" : "nobody");
}

static void
put_handed(const struct sheet *s, const struct prize *z)
{
	char *who = podiums_who(s->book, z->ranking, z->holder);
	char *text =
	    xasprintf("%s%s%s", who, z->note[0] != '\0' ? ": " : "", z->note);

	prose_put(s->out, WORDS, "handed on to", DETAILS + 11, text);
	free(text);
	free(who);
}

/* The result is another one since; who stands there has not collected it. */
static char *
changed_text(const struct sheet *s, const struct prize *z)
{
	const struct race_entry *e = NULL;
	char *then;
	char *text;

	if (z->winner_then[0] == '\0')
		then = xstrdup("nobody");
	else if ((e = entry_of(s->book, z->ranking, z->winner_then)) != NULL)
		then = podiums_who(s->book, z->ranking, e->bib);
	else
		then = xstrdup(z->winner_then); /* several, or a team */
	if (z->holder[0] == '\0' && z->winner_then[0] == '\0')
		text = xstrdup("! look again: it was collected when nobody had "
		               "won it");
	else if (z->holder[0] == '\0')
		text = xasprintf("! look again: collected by %s, who had this "
		                 "place then",
		    then);
	else
		text = xasprintf("! look again: it was handed on%s when %s had "
		                 "won it",
		    z->collected ? " and collected" : "", then);
	free(then);
	return text;
}

static void
put_details(const struct sheet *s, const struct prize *z)
{
	char *text;

	if (z->winner_count > 1)
		prose_put(s->out, WORDS, "", WORDS, "they share this place");
	if (z->holder[0] != '\0')
		put_handed(s, z);
	else if (z->note[0] != '\0')
		prose_put(s->out, WORDS, "", WORDS, z->note);
	if (!z->changed)
		return;
	text = changed_text(s, z);
	prose_put(s->out, WORDS, "", WORDS, text);
	free(text);
}

static void
put_prize(const struct sheet *s, const struct prize *z, bool boxes)
{
	char head[32];
	char *text = winners_text(s, z);
	char *whole = xasprintf("%s%s%s", text,
	    z->provisional && z->winner_count > 0 ? ", provisional" : "",
	    z->collected && !z->changed && !boxes ? ", collected" : "");

	snprintf(head, sizeof head, "%s%4" PRIu32 "%s",
	    !boxes             ? "    "
	        : z->changed   ? " [!]"
	        : z->collected ? " [x]"
	                       : " [ ]",
	    z->place, z->winner_count > 1 ? "=" : "");
	prose_put(s->out, 0, head, WORDS, whole);
	put_details(s, z);
	free(whole);
	free(text);
}

static void
print_text(const struct sheet *s, bool boxes, bool pages)
{
	size_t count = prizes_count(s->prizes);

	if (!pages)
		fprintf(s->out, "%s\n", s->book->rules->title);
	for (size_t i = 0; i < count; i++) {
		const struct prize *z = prizes_at(s->prizes, i);

		if (is_first(s, i)) {
			if (pages)
				fprintf(s->out, "%s%s\n", i > 0 ? "\f" : "",
				    s->book->rules->title);
			fputc('\n', s->out);
			put_head(s, z);
		}
		put_prize(s, z, boxes);
	}
}

/* ---- csv ---- */

static void
put_field(FILE *out, const char *text, bool last)
{
	char field[2 * RACE_REASON_MAX + 3];

	csv_quote(field, sizeof field, text);
	fprintf(out, "%s%c", field, last ? '\n' : ',');
}

static void
put_row(const struct sheet *s, const struct prize *z, const char *winner)
{
	struct race_outlook outlook;
	char place[16];

	book_outlook(s->book, z->ranking, &outlook);
	snprintf(place, sizeof place, "%" PRIu32, z->place);
	put_field(s->out, award_of(s, z)->name, false);
	put_field(s->out, place, false);
	put_field(s->out, winner, false);
	put_field(s->out, name_of(s, z->ranking, winner), false);
	put_field(s->out, z->holder[0] != '\0' ? z->holder : winner, false);
	put_field(s->out,
	    name_of(s, z->ranking, z->holder[0] != '\0' ? z->holder : winner),
	    false);
	put_field(s->out, z->collected ? "yes" : "", false);
	put_field(s->out, z->note, false);
	put_field(s->out, outlook_word(outlook.published), false);
	put_field(s->out, z->changed ? "yes" : "", true);
}

static void
print_csv(const struct sheet *s)
{
	fputs("award,place,winner,winner_name,holder,holder_name,collected,"
	      "note,published,changed\n",
	    s->out);
	for (size_t i = 0; i < prizes_count(s->prizes); i++) {
		const struct prize *z = prizes_at(s->prizes, i);

		if (z->winner_count == 0)
			put_row(s, z, "");
		for (size_t k = 0; k < z->winner_count; k++)
			put_row(s, z, z->winners[k]);
	}
}

/* ---- json ---- */

static json_t *
json_who(const struct sheet *s, const struct prize *z, const char *label)
{
	bool team = s->book->rules->rankings[z->ranking].of == RACE_TEAMS;
	json_t *o = json_object();

	json_object_set_new(o, team ? "team" : "bib", json_string(label));
	if (!team)
		json_object_set_new(o, "name",
		    json_string(name_of(s, z->ranking, label)));
	return o;
}

static json_t *
json_prize(const struct sheet *s, const struct prize *z)
{
	json_t *o = json_object();
	json_t *winners = json_array();

	for (size_t i = 0; i < z->winner_count; i++)
		json_array_append_new(winners, json_who(s, z, z->winners[i]));
	json_object_set_new(o, "place", json_integer(z->place));
	json_object_set_new(o, "winners", winners);
	if (z->provisional)
		json_object_set_new(o, "provisional", json_true());
	if (z->holder[0] != '\0')
		json_object_set_new(o, "holder", json_who(s, z, z->holder));
	if (z->note[0] != '\0')
		json_object_set_new(o, "note", json_string(z->note));
	json_object_set_new(o, "collected", json_boolean(z->collected));
	if (z->changed)
		json_object_set_new(o, "changed", json_true());
	return o;
}

static json_t *
json_award(const struct sheet *s, const struct prize *z)
{
	struct race_outlook outlook;
	char since[40];
	json_t *o = json_object();

	book_outlook(s->book, z->ranking, &outlook);
	json_object_set_new(o, "award", json_string(award_of(s, z)->name));
	json_object_set_new(o, "ranking", json_string(award_of(s, z)->ranking));
	if (outlook.published != RACE_UNPUBLISHED) {
		json_object_set_new(o, "published",
		    json_string(outlook_word(outlook.published)));
		json_object_set_new(o, "since",
		    json_string(instant_format(since, outlook.since_us)));
	}
	json_object_set_new(o, "prizes", json_array());
	return o;
}

static int
print_json(const struct sheet *s)
{
	json_t *root = json_object();
	json_t *awards = json_array();

	for (size_t i = 0; i < prizes_count(s->prizes); i++) {
		const struct prize *z = prizes_at(s->prizes, i);

		if (is_first(s, i))
			json_array_append_new(awards, json_award(s, z));
		json_array_append_new(json_object_get(json_array_get(awards,
		                                          json_array_size(
		                                              awards) -
		                                              1),
		                          "prizes"),
		    json_prize(s, z));
	}
	json_object_set_new(root, "race", json_string(s->book->rules->title));
	json_object_set_new(root, "awards", awards);
	return dump_json(s->out, root, JSON_INDENT(1));
}

int
podiums_print(FILE *out, enum podiums_format format, struct book *b,
    const struct prizes *prizes)
{
	const struct sheet s = { out, b, prizes };
	int rc = 0;

	switch (format) {
	case PODIUMS_TEXT:
		print_text(&s, false, false);
		break;
	case PODIUMS_LIST:
		print_text(&s, true, false);
		break;
	case PODIUMS_PAGES:
		print_text(&s, true, true);
		break;
	case PODIUMS_CSV:
		print_csv(&s);
		break;
	case PODIUMS_JSON:
		rc = print_json(&s);
		break;
	}
	return rc < 0 ? rc : dump_end(out);
}
