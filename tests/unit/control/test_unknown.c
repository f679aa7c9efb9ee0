#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "control/unknown.h"
#include "support/plain.h"

/* 2014-09-21T10:00:00+02:00 */
#define GUN INT64_C(1411286400000000)
#define S   INT64_C(1000000)

struct fixture {
	struct roster *roster;
	uint64_t entries;
	struct unknown_list list;
	char *text;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->roster = roster_new(0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	unknown_clear(&f->list);
	roster_free(f->roster);
	free(f->text);
	free(f);
	return 0;
}

static void
enter(struct fixture *f, const char *bib, const char *name, const char *chip,
    const char *second)
{
	const char *chips[] = { chip, second };
	struct race_entry e = plain_entry(bib);

	e.name = name;
	e.chips = chips;
	e.chip_count = (size_t)(chip[0] != '\0') + (second[0] != '\0');
	assert_int_equal(roster_put(f->roster, 1,
	                     (struct race_id){ 1, ++f->entries }, &e),
	    1);
}

static void
miss(struct fixture *f, enum race_unknown_kind kind, const char *text)
{
	unknown_append(&f->list,
	    &(struct race_unknown){ .kind = kind,
	        .text = text,
	        .reads = 3,
	        .first_us = GUN + 60 * S,
	        .last_us = GUN + 61 * S,
	        .point = "arrivee" });
}

static const char *
printed(struct fixture *f, enum export_format format)
{
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	assert_non_null(out);
	assert_int_equal(unknown_print(out, &f->list, format), 0);
	assert_int_equal(fclose(out), 0);
	return f->text;
}

static void
who_may_be_meant_stands_below_a_bib(void **state)
{
	struct fixture *f = *state;

	enter(f, "102", "Ada Lovelace", "", "");
	enter(f, "1200", "", "", "");
	enter(f, "12", "Jean Valjean", "", "");
	enter(f, "150", "Fantine", "", "");
	enter(f, "7", "Cosette", "", "");
	miss(f, RACE_UNKNOWN_BIB, "120");
	miss(f, RACE_UNKNOWN_BIB, "007");
	miss(f, RACE_UNKNOWN_BIB, "999");
	miss(f, RACE_UNKNOWN_POINT, "12");
	miss(f, RACE_UNKNOWN_NOBODY, "");
	unknown_seek(&f->list, f->roster);
	assert_string_equal(printed(f, EXPORT_TEXT),
	    "kind    text  reads  first     last      point\n"
	    "bib     120       3  10:01:00  10:01:01  arrivee\n"
	    "      perhaps 102 Ada Lovelace: two digits swapped\n"
	    "           or 1200: one digit missing\n"
	    "           or 12 Jean Valjean: one digit too many\n"
	    "           or others: --format csv names them\n"
	    "bib     007       3  10:01:00  10:01:01  arrivee\n"
	    "      perhaps 7 Cosette: zeros in front\n"
	    "bib     999       3  10:01:00  10:01:01  arrivee\n"
	    "point   12        3  10:01:00  10:01:01  arrivee\n"
	    "nobody            3  10:01:00  10:01:01  arrivee\n"
	    "\n"
	    "nobody: neither bib nor chip. On the laptop where they were "
	    "entered, Up to each,\n"
	    "then the bib, Enter.\n");
	assert_string_equal(printed(f, EXPORT_CSV),
	    "kind,text,reads,first,last,point,near\n"
	    "bib,120,3,2014-09-21T10:01:00+02:00,2014-09-21T10:01:01+02:00,"
	    "arrivee,\"102;1200;12;150\"\n"
	    "bib,007,3,2014-09-21T10:01:00+02:00,2014-09-21T10:01:01+02:00,"
	    "arrivee,7\n"
	    "bib,999,3,2014-09-21T10:01:00+02:00,2014-09-21T10:01:01+02:00,"
	    "arrivee,\n"
	    "point,12,3,2014-09-21T10:01:00+02:00,2014-09-21T10:01:01+02:00,"
	    "arrivee,\n"
	    "nobody,,3,2014-09-21T10:01:00+02:00,2014-09-21T10:01:01+02:00,"
	    "arrivee,\n");
}

static void
a_chip_leads_to_its_owner_once(void **state)
{
	struct fixture *f = *state;

	enter(f, "12", "Jean Valjean", "E5501", "E5502");
	enter(f, "13", "Fantine", "E5563", "");
	/* As bibs they would be near. */
	enter(f, "E55", "Javert", "", "");
	enter(f, "E55031", "Javert", "", "");
	miss(f, RACE_UNKNOWN_CHIP, "E5503");
	unknown_seek(&f->list, f->roster);
	assert_string_equal(printed(f, EXPORT_TEXT),
	    "kind  text   reads  first     last      point\n"
	    "chip  E5503      3  10:01:00  10:01:01  arrivee\n"
	    "      perhaps 12 Jean Valjean: chip E5502, a neighbouring key\n");
	assert_string_equal(strstr(printed(f, EXPORT_JSON), "\"near\""),
	    "\"near\": [\n"
	    "   {\n"
	    "    \"bib\": \"12\",\n"
	    "    \"name\": \"Jean Valjean\",\n"
	    "    \"chip\": \"E5502\",\n"
	    "    \"slip\": \"key\"\n"
	    "   }\n"
	    "  ]\n"
	    " }\n"
	    "]\n");
}

static void
who_has_left_is_not_meant(void **state)
{
	struct fixture *f = *state;

	enter(f, "102", "Ada Lovelace", "A1", "");
	assert_int_equal(roster_remove(f->roster, 2, (struct race_id){ 1, 99 },
	                     "102"),
	    1);
	miss(f, RACE_UNKNOWN_BIB, "120");
	miss(f, RACE_UNKNOWN_CHIP, "1A");
	unknown_seek(&f->list, f->roster);
	assert_null(strstr(printed(f, EXPORT_TEXT), "perhaps"));
}

static void
lines_about_people_fit_into_80_columns(void **state)
{
	struct fixture *f = *state;
	char name[RACE_NAME_MAX + 1] = "";
	size_t lines = 0;

	for (size_t i = 0; i < RACE_NAME_MAX / 2; i++)
		strcat(name, "\u00e9");
	enter(f, "102", name, "0123456789ABCDEF", "");
	enter(f, "12345678901234567890123456789012", name, "", "");
	miss(f, RACE_UNKNOWN_BIB, "120");
	miss(f, RACE_UNKNOWN_BIB, "21345678901234567890123456789012");
	miss(f, RACE_UNKNOWN_CHIP, "0123456789ABCDFE");
	unknown_seek(&f->list, f->roster);
	(void)printed(f, EXPORT_TEXT);
	for (char *line = strtok(f->text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		size_t columns = 0;

		for (const char *c = line; *c != '\0'; c++)
			columns += ((unsigned char)*c & 0xc0) != 0x80;
		if (strstr(line, "perhaps") == NULL)
			continue;
		assert_int_equal(columns, 80);
		assert_non_null(strstr(line, "\u2026: "));
		assert_non_null(strstr(line, "two digits swapped"));
		lines++;
	}
	assert_int_equal(lines, 3);
}

/* How, in the words of a keyboard. */
#define WHAT_SETTLES_IT                                                        \
	"What settles it:\n"                                                   \
	"  more times  On the laptop of the times, Up to who was not typed, "  \
	"then the\n"                                                           \
	"              bib, Enter; or Up to one stamped twice, Delete.\n"      \
	"  more bibs   On the laptop of the bibs, Up to one typed twice, or "  \
	"without a\n"                                                          \
	"              time, Delete.\n"                                        \
	"  as many     Typed far from their times: set the clocks of both "    \
	"laptops alike;\n"                                                     \
	"              for these, type the bibs beside the times.\n"           \
	"  not sure    Beside a time that you are sure of, type its bib in "   \
	"the same way:\n"                                                      \
	"              what is before and behind it is then settled apart.\n"

static void
what_two_people_did_not_agree_on_is_told_with_what_settles_it(void **state)
{
	struct fixture *f = *state;

	miss(f, RACE_UNKNOWN_CONFLICT, "29 times, 30 bibs: 102 ... 345");
	assert_false(unknown_has_names(&f->list));
	assert_string_equal(printed(f, EXPORT_TEXT),
	    "kind      point    first     last      times and bibs of two "
	    "people\n"
	    "conflict  arrivee  10:01:00  10:01:01  29 times, 30 bibs: 102 "
	    "... 345\n"
	    "\n"
	    "conflict: these times and bibs do not fit each other. Nobody "
	    "knows whose is\n"
	    "whose, and none of them counts.\n"
	    "\n" WHAT_SETTLES_IT);
	miss(f, RACE_UNKNOWN_OPEN, "1 times, 0 bibs");
	miss(f, RACE_UNKNOWN_BIB, "120");
	assert_true(unknown_has_names(&f->list));
	unknown_seek(&f->list, f->roster);
	assert_string_equal(printed(f, EXPORT_TEXT),
	    "kind  text  reads  first     last      point\n"
	    "bib   120       3  10:01:00  10:01:01  arrivee\n"
	    "\n"
	    "kind      point    first     last      times and bibs of two "
	    "people\n"
	    "conflict  arrivee  10:01:00  10:01:01  29 times, 30 bibs: 102 "
	    "... 345\n"
	    "open      arrivee  10:01:00  10:01:01  1 times, 0 bibs\n"
	    "\n"
	    "conflict: these times and bibs do not fit each other. Nobody "
	    "knows whose is\n"
	    "whose, and none of them counts.\n"
	    "\n"
	    "open: the latest of a point, whose bibs or times may still come; "
	    "a conflict if\n"
	    "nobody types any more.\n"
	    "\n" WHAT_SETTLES_IT);
	for (const char *c = f->text; *c != '\0'; c += strcspn(c, "\n") + 1)
		assert_true(strcspn(c, "\n") <= 80);
	assert_non_null(
	    strstr(printed(f, EXPORT_CSV), "\nopen,\"1 times, 0 bibs\",3,"));
}

static void
an_empty_list_says_so(void **state)
{
	struct fixture *f = *state;

	assert_false(unknown_has_names(&f->list));
	assert_string_equal(printed(f, EXPORT_TEXT),
	    "every crossing belongs to somebody\n");
	assert_string_equal(printed(f, EXPORT_CSV),
	    "kind,text,reads,first,last,point,near\n");
	assert_string_equal(printed(f, EXPORT_JSON), "[]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_may_be_meant_stands_below_a_bib),
		TEST(a_chip_leads_to_its_owner_once),
		TEST(who_has_left_is_not_meant),
		TEST(lines_about_people_fit_into_80_columns),
		TEST(
		    what_two_people_did_not_agree_on_is_told_with_what_settles_it),
		TEST(an_empty_list_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
