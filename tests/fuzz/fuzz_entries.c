/*
 * entries.csv, and spreadsheets that are to become one: what the reader lets
 * through fits into an event and comes back out of it; and what it lets through
 * of entries.csv is read back as it was when it is written.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "control/entries.h"
#include "fuzz.h"
#include "proto/wire.h"
#include "race/conf.h"
#include "race/roster.h"

static char masse[] = "masse", elite[] = "elite", title[] = "Fuzz",
            date[] = "2014-09-21", zone[] = "Europe/Paris";
static struct race_wave waves[] = {
	{ .name = masse, .gun_us = INT64_C(1411286400000000) },
	{ .name = elite, .gun_us = RACE_NO_TIME },
};
static struct race_rules rules = {
	.title = title, .date = date, .timezone = zone, .waves = waves
};

static void
check_entry(struct wire_buffer *b, struct wire_arena *a,
    const struct race_entry *e)
{
	struct race_event event = { .kind = RACE_ENTRY, .entry = *e };
	struct race_event back;

	b->len = 0;
	wire_reset(a);
	assert(wire_put_event(b, &event) > 0);
	assert(wire_get_event(a, b->data, b->len, &back) == 0);
	assert(back.kind == RACE_ENTRY);
	assert(roster_entry_equal(e, &back.entry));
	assert(b->len <= wire_entry_bound(e));
}

static void
check_report(const struct conf_report *report)
{
	char line[4096];

	for (size_t i = 0; i < report->count; i++)
		assert(conf_problem_print(line, sizeof line,
		           &report->problems[i]) > 0);
}

static void
check_sheet(const struct conf_sheet *sheet)
{
	assert(sheet->count <= CONF_HEADINGS_MAX);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct conf_heading *h = &sheet->columns[i];

		assert(h->head != NULL);
		assert(h->key[0] == '\0' || conf_sheet_has(sheet, h->key));
	}
}

static int
read_sheet(const char *folder, const struct race_rules *use,
    struct conf_roll *roll, struct conf_report *report)
{
	static struct conf_sheet sheet;
	char *path = xasprintf("%s/entries.csv", folder);
	int rc;

	memset(&sheet, 0, sizeof sheet);
	rc = conf_sheet(path, use, &sheet, roll, report);
	check_sheet(&sheet);
	free(path);
	return rc;
}

/* Of a spreadsheet, those that have a bib yet. */
static void
check_roll(const struct conf_roll *roll, bool sheet)
{
	struct wire_buffer b = { 0 };
	struct wire_arena *a = wire_arena_new();

	for (size_t i = 0; i < roll->count; i++)
		if (!sheet || roll->entries[i].bib[0] != '\0')
			check_entry(&b, a, &roll->entries[i]);
	wire_buffer_free(&b);
	wire_arena_free(a);
}

static void
check_written(const struct conf_roll *roll, const struct race_rules *use)
{
	const struct race_entry **list = xcalloc(roll->count + 1, sizeof *list);
	struct conf_report report = { 0 };
	struct conf_roll back = { 0 };
	const char *folder;
	char *text;

	for (size_t i = 0; i < roll->count; i++)
		list[i] = &roll->entries[i];
	text = entries_csv(list, roll->count);
	folder =
	    fuzz_folder("entries.csv", (const uint8_t *)text, strlen(text));
	assert(
	    conf_entries(folder, use, &back, &report) == 0 || roll->count == 0);
	assert(back.count == roll->count);
	for (size_t i = 0; i < roll->count; i++)
		assert(roster_entry_equal(&back.entries[i], list[i]));
	conf_report_clear(&report);
	conf_roll_clear(&back);
	free(text);
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	uint8_t choice = fuzz_byte(&in);
	bool sheet = choice >= 128;
	const struct race_rules *use = choice % 3 > 0 ? &rules : NULL;
	const char *folder = fuzz_folder("entries.csv", in.at, in.left);
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	int rc;

	rules.wave_count = choice % 3;
	rc = sheet ? read_sheet(folder, use, &roll, &report)
	           : conf_entries(folder, use, &roll, &report);
	assert((rc == 0) == (report.errors == 0));
	check_roll(&roll, sheet);
	check_report(&report);
	if (!sheet)
		check_written(&roll, use);
	conf_report_clear(&report);
	conf_roll_clear(&roll);
	return 0;
}
