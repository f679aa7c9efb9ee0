/*
 * race.yaml: rules that the reader lets through fit into an event and come back
 * out of it equal, and so they do when they are written; those that it refuses
 * have a reason.
 */
#include <assert.h>
#include <stdlib.h>

#include "fuzz.h"
#include "proto/wire.h"
#include "race/conf.h"
#include "race/rules.h"

static void
check_rules(const struct race_rules *rules)
{
	struct race_event event = { .kind = RACE_RULES, .rules = rules };
	struct wire_arena *a = wire_arena_new();
	struct wire_buffer b = { 0 };
	struct race_event back;
	struct race_rules *copy;

	assert(wire_put_event(&b, &event) > 0);
	assert(wire_get_event(a, b.data, b.len, &back) == 0);
	assert(back.kind == RACE_RULES);
	assert(rules_equal(rules, back.rules));
	copy = rules_copy(rules);
	assert(rules_equal(rules, copy));
	rules_free(copy);
	wire_buffer_free(&b);
	wire_arena_free(a);
}

static void
check_written(const struct race_rules *rules)
{
	struct conf_report report = { 0 };
	struct race_rules *back;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert(out != NULL);
	conf_rules_write(out, rules);
	assert(fclose(out) == 0);
	back = conf_rules(fuzz_folder("race.yaml", (const uint8_t *)text, len),
	    &report);
	assert(back != NULL && rules_equal(rules, back));
	rules_free(back);
	conf_report_clear(&report);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf_report report = { 0 };
	struct race_rules *rules =
	    conf_rules(fuzz_folder("race.yaml", data, len), &report);
	char line[4096];

	assert((rules == NULL) == (report.errors > 0));
	for (size_t i = 0; i < report.count; i++)
		assert(conf_problem_print(line, sizeof line,
		           &report.problems[i]) > 0);
	if (rules != NULL) {
		check_rules(rules);
		check_written(rules);
	}
	rules_free(rules);
	conf_report_clear(&report);
	return 0;
}
