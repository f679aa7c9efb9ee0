/*
 * What a recorder says of a season, in any order and with any part missing:
 * what is refused changes nothing, and what is to be said to somebody who knows
 * nothing makes the same season of it, after which there is no more to say.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "race/season/chronicle.h"
#include "race/season/key.h"

enum { EVENTS_MAX = 200, NAMES = 3 };

static const char *const names[NAMES] = { "season.yaml", "palmares/a.csv",
	"palmares/b.csv" };

static void
make_event(struct fuzz_input *in, struct race_event *e)
{
	static const enum race_event_kind kinds[] = { RACE_SEASON_FILE,
		RACE_SEASON_FILE, RACE_SEASON_FILE, RACE_SEASON_FILE_GONE,
		RACE_RESULT, RACE_RESULT_GONE, RACE_SEASON_GIVEN,
		RACE_SEASON_MOMENT, RACE_EVENT_UNKNOWN, RACE_GUN };
	const char *text = fuzz_text(in, 40);

	*e = (struct race_event){
		.kind = kinds[fuzz_below(in, sizeof kinds / sizeof *kinds)]
	};
	if (e->kind == RACE_SEASON_FILE) {
		e->part.name = names[fuzz_below(in, NAMES)];
		e->part.parts = 1 + (uint32_t)fuzz_below(in, 3);
		e->part.part = (uint32_t)fuzz_below(in, e->part.parts);
		e->part.data = (const uint8_t *)text;
		e->part.len = strlen(text);
	} else if (e->kind == RACE_SEASON_FILE_GONE) {
		e->file_gone = names[fuzz_below(in, NAMES)];
	} else if (e->kind == RACE_RESULT) {
		e->listed.key =
		    fuzz_below(in, 16) == 0 ? KEY_LEAST : 1 + fuzz_below(in, 6);
		e->listed.result =
		    (struct season_result){ "2014", "A", "", 1, text, "", "",
			    "", "", RACE_STATUS_NONE, -1, SEASON_NO_VALUE, "" };
	} else if (e->kind == RACE_RESULT_GONE) {
		e->result_gone = 1 + fuzz_below(in, 6);
	} else if (e->kind == RACE_SEASON_GIVEN) {
		e->given = (struct season_given){ "2014",
			names[fuzz_below(in, NAMES)], fuzz_byte(in) >= 128 };
	}
}

static int
apply(void *arg, const struct race_event *e)
{
	const char *why;
	int rc = chronicle_apply(arg, e, &why);

	assert(rc == 0);
	return rc;
}

static int
nothing_more(void *arg, const struct race_event *e)
{
	(void)arg;
	(void)e;
	assert(false);
	return 0;
}

static void
check_same(const struct chronicle *a, const struct chronicle *b)
{
	assert(chronicle_differ(a, b, nothing_more, NULL) == 0);
	assert(chronicle_differ(b, a, nothing_more, NULL) == 0);
}

static struct chronicle *
copy(const struct chronicle *c)
{
	struct chronicle *out = chronicle_new();

	assert(chronicle_differ(out, c, apply, out) == 0);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = { data, len };
	struct chronicle *c = chronicle_new();

	for (size_t i = 0; i < EVENTS_MAX && in.left > 0; i++) {
		struct chronicle *before = copy(c);
		struct race_event e;
		const char *why = NULL;

		make_event(&in, &e);
		if (chronicle_apply(c, &e, &why) < 0) {
			assert(why != NULL);
			check_same(before, c);
		} else {
			/* One who knew what was before is told the rest. */
			assert(chronicle_differ(before, c, apply, before) == 0);
			check_same(before, c);
		}
		chronicle_free(before);
	}
	chronicle_free(c);
	fuzz_forget();
	return 0;
}
