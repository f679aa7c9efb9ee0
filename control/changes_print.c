/* changes - the summary. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "control/changes.h"
#include "race/rules.h"

enum { SHOWN = 20, TEXT = 1200 };

/* ", F, Orange": what tells two people of one name apart. */
static void
print_person(FILE *out, const struct race_entry *e)
{
	const char *const texts[] = { e->name, e->sex, e->born, e->category,
		e->team };
	bool any = false;

	fprintf(out, "  %s", e->bib);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (*texts[i] == '\0')
			continue;
		fprintf(out, "%s%s", any ? ", " : "  ", texts[i]);
		any = true;
	}
}

static void
print_field(FILE *out, const char *key, const char *was, const char *is,
    bool *any)
{
	char a[TEXT_QUOTE_MAX];
	char b[TEXT_QUOTE_MAX];

	if (strcmp(was, is) == 0)
		return;
	fprintf(out, "%s %s %s -> %s", *any ? ";" : ":", key,
	    text_quote(a, was), text_quote(b, is));
	*any = true;
}

static const char *
join_chips(char out[TEXT], const struct race_entry *e)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < e->chip_count; i++)
		used += (size_t)snprintf(out + used, TEXT - used, "%s%s",
		    i == 0 ? "" : ";", e->chips[i]);
	return out;
}

static const char *
more_of(const struct race_entry *e, const char *name)
{
	for (size_t i = 0; i < e->more_count; i++)
		if (strcasecmp(e->more[i].name, name) == 0)
			return e->more[i].value;
	return "";
}

static void
print_more(FILE *out, const struct race_entry *was, const struct race_entry *is,
    bool *any)
{
	for (size_t i = 0; i < was->more_count; i++)
		print_field(out, was->more[i].name, was->more[i].value,
		    more_of(is, was->more[i].name), any);
	for (size_t i = 0; i < is->more_count; i++)
		if (*more_of(was, is->more[i].name) == '\0')
			print_field(out, is->more[i].name, "",
			    is->more[i].value, any);
}

static void
print_changed(FILE *out, const struct race_entry *was,
    const struct race_entry *is)
{
	char a[TEXT];
	char b[TEXT];
	bool any = false;

	fprintf(out, "  %s  %s", is->bib, was->name);
	print_field(out, "name", was->name, is->name, &any);
	print_field(out, "chip", join_chips(a, was), join_chips(b, is), &any);
	print_field(out, "sex", was->sex, is->sex, &any);
	print_field(out, "born", was->born, is->born, &any);
	print_field(out, "category", was->category, is->category, &any);
	print_field(out, "team", was->team, is->team, &any);
	print_field(out, "wave", was->wave, is->wave, &any);
	print_field(out, "nation", was->nation, is->nation, &any);
	print_field(out, "status", rules_status_name(was->status),
	    rules_status_name(is->status), &any);
	print_more(out, was, is, &any);
}

static void
print_rest(FILE *out, size_t count)
{
	if (count > SHOWN)
		fprintf(out, "  and %zu more\n", count - SHOWN);
}

static void
print_kind(FILE *out, const struct changes *c, enum changes_kind kind,
    const char *words)
{
	size_t count = c->counts[kind];
	size_t shown = 0;

	fprintf(out, "%zu %s\n", count, words);
	for (size_t i = 0; i < c->count && shown < SHOWN; i++) {
		const struct changes_item *it = &c->items[i];

		if (it->kind != kind)
			continue;
		if (kind == CHANGES_CHANGED)
			print_changed(out, it->before, it->after);
		else
			print_person(out,
			    it->after != NULL ? it->after : it->before);
		fputc('\n', out);
		shown++;
	}
	print_rest(out, count);
}

void
changes_print(FILE *out, const struct changes *c)
{
	print_kind(out, c, CHANGES_NEW, "new");
	print_kind(out, c, CHANGES_CHANGED, "changed");
	fprintf(out, "%zu equal\n", c->counts[CHANGES_EQUAL]);
	if (c->counts[CHANGES_GONE] > 0)
		print_kind(out, c, CHANGES_GONE,
		    "not in the file: they are taken out");
	if (c->kept_count > 0)
		fprintf(out,
		    "%zu others stay as they are (--remove takes out who is "
		    "not in the file)\n",
		    c->kept_count);
	for (size_t i = 0; i < c->kept_count && i < SHOWN; i++) {
		print_person(out, c->kept[i]);
		fputc('\n', out);
	}
	print_rest(out, c->kept_count);
	for (size_t i = 0; i < c->move_count && i < SHOWN; i++)
		fprintf(out, "chip %s moves from bib %s to bib %s\n",
		    c->moves[i].chip, c->moves[i].from, c->moves[i].to);
	print_rest(out, c->move_count);
}
