/* changes - the summary. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "control/changes.h"
#include "control/entries.h"
#include "race/rules.h"

enum {
	SHOWN = 20,
	LEFT_SHOWN = 100, /* to be mended in one go */
	TEXT = 1200
};

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
	print_field(out, "start", entries_start(a, was), entries_start(b, is),
	    &any);
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

	if (count > 0)
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

/* "1 entry stays as it is", "12 entries stay as they are" */
static void
print_equal(FILE *out, size_t count)
{
	if (count == 1)
		fputs("1 entry stays as it is\n", out);
	else if (count > 1)
		fprintf(out, "%zu entries stay as they are\n", count);
}

static void
print_kept(FILE *out, size_t count)
{
	if (count == 1)
		fputs("1 entry is not in the file and stays, too (--remove "
		      "takes it out)\n",
		    out);
	else if (count > 1)
		fprintf(out,
		    "%zu entries are not in the file and stay, too (--remove "
		    "takes them out)\n",
		    count);
}

void
changes_print(FILE *out, const struct changes *c)
{
	print_kind(out, c, CHANGES_NEW, "new");
	print_kind(out, c, CHANGES_CHANGED, "changed");
	print_kind(out, c, CHANGES_GONE, "taken out");
	for (size_t i = 0; i < c->move_count && i < SHOWN; i++)
		fprintf(out, "chip %s moves from bib %s to bib %s\n",
		    c->moves[i].chip, c->moves[i].from, c->moves[i].to);
	print_rest(out, c->move_count);
	print_equal(out, c->counts[CHANGES_EQUAL]);
	print_kept(out, c->kept_count);
}

/* ---- who is left out ---- */

static size_t
count_held(const struct changes *c)
{
	size_t count = 0;

	for (size_t i = 0; i < c->left_count; i++)
		count += c->left[i].held;
	return count;
}

/* "  line 15, Anna: sex "Q": must be F, M or X; wave ..." */
static void
print_left(FILE *out, const struct changes_left *l,
    const struct conf_report *report)
{
	const char *comma = "";
	const char *mark = ": ";

	fputs("  ", out);
	if (l->line > 0) {
		fprintf(out, "line %u", l->line);
		comma = ", ";
	}
	if (*l->name != '\0')
		fprintf(out, "%s%s", comma, l->name);
	else if (*l->bib != '\0')
		fprintf(out, "%sbib %s", comma, l->bib);
	for (size_t i = 0; i < report->count; i++) {
		const struct conf_problem *p = &report->problems[i];

		if (!p->error || p->line != l->line)
			continue;
		fprintf(out, "%s%s", mark, p->text);
		mark = "; ";
	}
	fputc('\n', out);
}

static void
print_left_of(FILE *out, const struct changes *c, bool held,
    const struct conf_report *report)
{
	size_t shown = 0;
	size_t more = 0;

	for (size_t i = 0; i < c->left_count; i++) {
		if (c->left[i].held != held)
			continue;
		if (shown == LEFT_SHOWN) {
			more++;
			continue;
		}
		print_left(out, &c->left[i], report);
		shown++;
	}
	if (more > 0)
		fprintf(out, "  and %zu more\n", more);
}

static const char *
people(size_t count)
{
	return count == 1 ? "person" : "people";
}

void
changes_print_left(FILE *out, const struct changes *c,
    const struct conf_report *report)
{
	size_t held = count_held(c);
	size_t others = c->left_count - held;

	if (held > 0)
		fprintf(out, "NOT changed: %zu %s\n", held, people(held));
	print_left_of(out, c, true, report);
	if (others > 0)
		fprintf(out, "NOT entered: %zu %s\n", others, people(others));
	print_left_of(out, c, false, report);
}

void
changes_print_left_count(FILE *out, const struct changes *c)
{
	size_t held = count_held(c);
	size_t others = c->left_count - held;

	if (others > 0)
		fprintf(out, "NOT entered: %zu %s", others, people(others));
	if (held > 0)
		fprintf(out, "%sNOT changed: %zu %s", others > 0 ? "; " : "",
		    held, people(held));
}
