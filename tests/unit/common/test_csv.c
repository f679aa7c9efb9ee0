#include "support/test.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/csv.h"

/*
 * Rows as one text: "line:field|field" or "line!" for a refused one, each with
 * a newline; "~" in front if it was CP1252.
 */
struct told {
	char text[4096];
	size_t len;
	uint64_t offset; /* of the last row */
	struct err err;  /* of the last refused one */
};

static void
tell(struct told *t, const char *s)
{
	size_t len = strlen(s);

	assert_true(len < sizeof t->text - t->len);
	memcpy(t->text + t->len, s, len + 1);
	t->len += len;
}

static void
take_rows(struct csv *c, struct told *t)
{
	struct csv_row row;
	int rc;

	while ((rc = csv_next(c, &row, &t->err)) != 0) {
		char number[32];

		(void)snprintf(number, sizeof number, "%s%llu%s",
		    row.cp1252 ? "~" : "", (unsigned long long)row.line,
		    rc < 0 ? "!" : ":");
		tell(t, number);
		assert_true(rc > 0 || rc == -EINVAL);
		assert_true(rc > 0 || row.count == 0);
		for (size_t i = 0; i < row.count; i++) {
			tell(t, i == 0 ? "" : "|");
			tell(t, row.fields[i]);
		}
		tell(t, "\n");
		t->offset = row.offset;
	}
}

/* Fed in pieces of `step` bytes; each in memory of its own. */
static void
read_bytes(struct told *t, const char *bytes, size_t len, size_t step)
{
	struct csv *c = csv_new(0, 1, '\0');

	*t = (struct told){ .len = 0 };
	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;
		char *piece = malloc(n);

		assert_non_null(piece);
		memcpy(piece, bytes + at, n);
		csv_feed(c, piece, n);
		free(piece);
		take_rows(c, t);
	}
	csv_end(c);
	take_rows(c, t);
	csv_free(c);
}

/* The same whether the bytes come at once or in pieces of any size. */
static void
assert_rows_of(const char *bytes, size_t len, const char *expected)
{
	for (size_t step = 1; step <= len; step++) {
		struct told t;

		read_bytes(&t, bytes, len, step);
		assert_string_equal(t.text, expected);
	}
}

static void
assert_rows(const char *bytes, const char *expected)
{
	assert_rows_of(bytes, strlen(bytes), expected);
}

static void
rows_end_in_lf_crlf_cr_or_nothing(void **state)
{
	(void)state;
	assert_rows("bib,name\n1,A\n2,B", "1:bib|name\n2:1|A\n3:2|B\n");
	assert_rows("bib,name\r\n1,A\r\n", "1:bib|name\n2:1|A\n");
	assert_rows("bib,name\r1,A\r\r2,B", "1:bib|name\n2:1|A\n4:2|B\n");
	assert_rows("", "");
	assert_rows("\n\r\n", "");
}

static void
the_separator_is_found_in_the_first_row(void **state)
{
	(void)state;
	assert_rows("bib;name\n1;A,B\n", "1:bib|name\n2:1|A,B\n");
	assert_rows("bib\tname\n1\tA;B\n", "1:bib|name\n2:1|A;B\n");
	assert_rows("\n  \nbib;name\n1;A\n", "3:bib|name\n4:1|A\n");
	assert_rows("\"a,b,c,d\";name\n1;A\n", "1:a,b,c,d|name\n2:1|A\n");
	assert_rows("bib\n1\n", "1:bib\n2:1\n");
	/* In a tie, what is rarer in names. */
	assert_rows("bib;name, first\n1;A\n", "1:bib|name, first\n2:1|A\n");
}

static void
a_given_separator_holds(void **state)
{
	struct csv *c = csv_new(100, 7, ';');
	struct told t = { .len = 0 };

	(void)state;
	assert_int_equal(csv_separator(c), ';');
	csv_feed(c, "a,b,c;d\n", 8);
	take_rows(c, &t);
	assert_string_equal(t.text, "7:a,b,c|d\n");
	assert_int_equal(t.offset, 108);
	csv_free(c);
}

static void
fields_are_trimmed_unless_quoted(void **state)
{
	(void)state;
	assert_rows(" bib , name \n 1 ,\xc2\xa0"
	            "A\xc2\xa0\n 2 , \" B \" \n",
	    "1:bib|name\n2:1|A\n3:2| B \n");
	assert_rows("a\tb\n\t2\n", "1:a|b\n2:|2\n");
}

static void
quotes_hold_separators_quotes_and_newlines(void **state)
{
	(void)state;
	assert_rows("a,b\n\"x,\"\"y\"\"\",2\n", "1:a|b\n2:x,\"y\"|2\n");
	assert_rows("a,b\n\"x\r\ny\",2\n3,4\n", "1:a|b\n2:x\r\ny|2\n4:3|4\n");
	assert_rows("a,b\n\"\",\"\"\"\"\n", "1:a|b\n2:|\"\n");
	assert_rows("a,b\nx \"y\" z,2\n", "1:a|b\n2:x \"y\" z|2\n");
}

static void
blank_rows_are_skipped_and_counted(void **state)
{
	(void)state;
	assert_rows("a,b\n\n , \n,,\n1,2\n", "1:a|b\n5:1|2\n");
}

static void
a_mark_at_the_beginning_is_no_text(void **state)
{
	(void)state;
	assert_rows("\xef\xbb\xbf"
	            "bib,name\n1,A\n",
	    "1:bib|name\n2:1|A\n");
	assert_rows("\xef\xbb\xbf\"bib\",name\n", "1:bib|name\n");
}

static void
rows_of_windows_become_utf8(void **state)
{
	(void)state;
	assert_rows("a,b\n1,\xc9lo\xefse\n2,\xc3\x89\n",
	    "1:a|b\n~2:1|\xc3\x89lo\xc3\xafse\n3:2|\xc3\x89\n");
}

static void
a_refused_row_costs_one_line(void **state)
{
	(void)state;
	/* Not closed, up to the end. */
	assert_rows("a,b\n\"x,1\n2,3\n4,5", "1:a|b\n2!\n3:2|3\n4:4|5\n");
	assert_rows("a,b\n1,\"x", "1:a|b\n2!\n");
	/* Text behind the closing quote, on the same and on a later line. */
	assert_rows("a,b\n\"x\"y,1\n2,3\n", "1:a|b\n2!\n3:2|3\n");
	assert_rows("a,b\n\"x,1\ny\"z,3\n4,5\n",
	    "1:a|b\n2!\n3:y\"z|3\n4:4|5\n");
	assert_rows_of("a,b\nx\0y,1\n2,3\n", 14, "1:a|b\n2!\n3:2|3\n");
}

static void
a_stray_quote_holds_back_64_lines_at_most(void **state)
{
	struct csv *c = csv_new(0, 1, ',');
	struct csv_row row;
	struct err err;

	(void)state;
	csv_feed(c, "\"x,1\n", 5);
	for (int i = 0; i < 63; i++) {
		csv_feed(c, "2,3\n", 4);
		assert_int_equal(csv_next(c, &row, &err), 0);
	}
	csv_feed(c, "2,3\n", 4);
	assert_int_equal(csv_next(c, &row, &err), -EINVAL);
	assert_int_equal(row.line, 1);
	assert_int_equal(row.offset, 5);
	assert_non_null(strstr(err.text, "quote"));
	for (uint64_t line = 2; line <= 65; line++) {
		assert_int_equal(csv_next(c, &row, &err), 1);
		assert_int_equal(row.line, line);
		assert_string_equal(row.fields[1], "3");
	}
	assert_int_equal(csv_next(c, &row, &err), 0);
	csv_free(c);
}

/* A row of n bytes without its newline. */
static char *
long_row(size_t n)
{
	char *s = malloc(n + 1);

	assert_non_null(s);
	memset(s, 'x', n);
	s[n] = '\n';
	return s;
}

static void
a_row_that_is_too_long_is_passed(void **state)
{
	static const size_t sizes[] = { CSV_ROW_MAX + 1,
		(size_t)CSV_ROW_MAX * 3 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *s = long_row(sizes[i]);
		struct csv *c = csv_new(0, 1, ',');
		struct told t = { .len = 0 };

		csv_feed(c, s, sizes[i] / 2);
		take_rows(c, &t);
		csv_feed(c, s + sizes[i] / 2, sizes[i] + 1 - sizes[i] / 2);
		take_rows(c, &t);
		assert_int_equal(t.offset, sizes[i] + 1);
		csv_feed(c, "1,2\n", 4);
		take_rows(c, &t);
		assert_string_equal(t.text, "1!\n2:1|2\n");
		assert_non_null(strstr(t.err.text, "64 KiB"));
		csv_free(c);
		free(s);
	}
}

static void
a_row_that_is_too_long_at_the_end_is_told(void **state)
{
	char *s = long_row(CSV_ROW_MAX + 1);
	struct csv *c = csv_new(0, 1, ',');
	struct told t = { .len = 0 };

	(void)state;
	csv_feed(c, s, CSV_ROW_MAX + 1);
	take_rows(c, &t);
	csv_end(c);
	take_rows(c, &t);
	assert_string_equal(t.text, "1!\n");
	csv_free(c);
	free(s);
}

static void
the_longest_row_is_read(void **state)
{
	char *s = long_row(CSV_ROW_MAX);
	struct csv *c = csv_new(0, 1, ',');
	struct csv_row row;

	(void)state;
	csv_feed(c, s, CSV_ROW_MAX + 1);
	assert_int_equal(csv_next(c, &row, NULL), 1);
	assert_int_equal(strlen(row.fields[0]), CSV_ROW_MAX);
	csv_free(c);
	free(s);
}

static void
the_bound_of_fields_holds(void **state)
{
	char s[2 * CSV_FIELDS_MAX + 2];
	struct csv *c = csv_new(0, 1, ',');
	struct csv_row row;
	struct err err;

	(void)state;
	for (size_t i = 0; i <= CSV_FIELDS_MAX; i++) {
		s[2 * i] = 'x';
		s[2 * i + 1] = ',';
	}
	s[2 * CSV_FIELDS_MAX - 1] = '\n';
	csv_feed(c, s, (size_t)2 * CSV_FIELDS_MAX);
	assert_int_equal(csv_next(c, &row, &err), 1);
	assert_int_equal(row.count, CSV_FIELDS_MAX);
	s[2 * CSV_FIELDS_MAX - 1] = ',';
	s[2 * CSV_FIELDS_MAX + 1] = '\n';
	csv_feed(c, s, sizeof s);
	assert_int_equal(csv_next(c, &row, &err), -EINVAL);
	assert_non_null(strstr(err.text, "256"));
	csv_free(c);
}

static void
a_row_behind_cr_does_not_wait_for_lf(void **state)
{
	struct csv *c = csv_new(0, 1, ',');
	struct told t = { .len = 0 };

	(void)state;
	csv_feed(c, "1,2\r", 4);
	take_rows(c, &t);
	assert_string_equal(t.text, "1:1|2\n");
	csv_feed(c, "\n3,4\r\n", 6);
	take_rows(c, &t);
	assert_string_equal(t.text, "1:1|2\n2:3|4\n");
	csv_free(c);
}

static const char sample[] =
    "\xef\xbb\xbf"
    "bib;name\r\n1;\"A;\r\nB\"\r\n\r\n2;\xc9\n3;\"x\"y\n"
    "4;\"open\n5;E\r6;F";

/* Everything but the line numbers, which a second reader begins anew. */
static void
strip_lines(char *s)
{
	char *to = s;

	for (bool number = true; *s != '\0'; s++) {
		if (strchr("0123456789~", *s) == NULL)
			number = false;
		if (!number)
			*to++ = *s;
		if (*s == '\n')
			number = true;
	}
	*to = '\0';
}

/* The first rows from one reader, the rest from another at its offset. */
static void
read_in_two(struct told *t, int rows)
{
	struct csv *c = csv_new(0, 1, '\0');
	struct told rest;

	*t = (struct told){ .len = 0 };
	csv_feed(c, sample, sizeof sample - 1);
	csv_end(c);
	for (int i = 0; i < rows; i++) {
		struct csv_row row;
		int rc = csv_next(c, &row, NULL);

		assert_int_not_equal(rc, 0);
		tell(t, rc < 0 ? "!" : ":");
		for (size_t k = 0; k < row.count; k++) {
			tell(t, k == 0 ? "" : "|");
			tell(t, row.fields[k]);
		}
		tell(t, "\n");
		t->offset = row.offset;
	}
	csv_free(c);
	rest = (struct told){ .len = 0 };
	c = csv_new(t->offset, 1, ';');
	csv_feed(c, sample + t->offset, sizeof sample - 1 - t->offset);
	csv_end(c);
	take_rows(c, &rest);
	csv_free(c);
	strip_lines(rest.text);
	tell(t, rest.text);
}

static void
reading_goes_on_where_a_row_ended(void **state)
{
	struct told whole;

	(void)state;
	read_bytes(&whole, sample, sizeof sample - 1, sizeof sample);
	assert_string_equal(whole.text,
	    "1:bib|name\n2:1|A;\r\nB\n~5:2|\xc3\x89\n6!\n7!\n8:5|E\n"
	    "9:6|F\n");
	strip_lines(whole.text);
	for (int rows = 1; rows <= 7; rows++) {
		struct told t;

		read_in_two(&t, rows);
		assert_string_equal(t.text, whole.text);
	}
}

static void
any_bytes_are_read_in_any_pieces_alike(void **state)
{
	static const char alphabet[] = "ab,;\t\"\"\n\r \xc9\xc3\xa9";
	uint64_t seed = test_seed();

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char bytes[48];
		size_t len = 1 + test_below(&seed, sizeof bytes - 1);
		struct told whole;
		struct told cut;

		for (size_t i = 0; i < len; i++)
			bytes[i] = alphabet[test_below(&seed,
			    sizeof alphabet /* and NUL */)];
		read_bytes(&whole, bytes, len, len);
		read_bytes(&cut, bytes, len, 1 + test_below(&seed, len));
		assert_string_equal(whole.text, cut.text);
		assert_true(whole.offset <= len);
	}
}

static void
what_is_quoted_reads_back(void **state)
{
	static const char alphabet[] = "ab,;\t\"\n\r \xc2\xa0";
	uint64_t seed = test_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char field[12] = { 0 };
		char out[64];
		size_t len = 1 + test_below(&seed, sizeof field - 2);
		struct csv *c = csv_new(0, 1, ',');
		struct csv_row row;
		size_t n;

		for (size_t i = 0; i < len; i++) {
			size_t k = test_below(&seed, sizeof alphabet - 2);

			field[i] = alphabet[k];
			/* U+00A0 whole, for half of it would be CP1252. */
			if (alphabet[k] == '\xc2' && i + 1 < len)
				field[++i] = '\xa0';
			else if (alphabet[k] == '\xc2')
				field[i] = 'c';
		}
		out[0] = '1';
		out[1] = ',';
		n = 2 + csv_quote(out + 2, sizeof out - 2, field);
		assert_true(n < sizeof out);
		csv_feed(c, out, n);
		csv_end(c);
		assert_int_equal(csv_next(c, &row, NULL), 1);
		assert_int_equal(row.count, 2);
		assert_string_equal(row.fields[1], field);
		csv_free(c);
	}
}

static void
quotes_are_written_where_they_are_needed(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(csv_quote(out, sizeof out, "a b"), 3);
	assert_string_equal(out, "a b");
	assert_int_equal(csv_quote(out, sizeof out, "\xc3\x89"), 2);
	assert_string_equal(out, "\xc3\x89");
	assert_int_equal(csv_quote(out, sizeof out, "a\"b"), 6);
	assert_string_equal(out, "\"a\"\"b\"");
	/* As snprintf: the length that it would have. */
	assert_int_equal(csv_quote(out, 4, "a,b,c"), 7);
	assert_string_equal(out, "\"a,");
	assert_int_equal(csv_quote(NULL, 0, "abc"), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_in_lf_crlf_cr_or_nothing),
		cmocka_unit_test(the_separator_is_found_in_the_first_row),
		cmocka_unit_test(a_given_separator_holds),
		cmocka_unit_test(fields_are_trimmed_unless_quoted),
		cmocka_unit_test(quotes_hold_separators_quotes_and_newlines),
		cmocka_unit_test(blank_rows_are_skipped_and_counted),
		cmocka_unit_test(a_mark_at_the_beginning_is_no_text),
		cmocka_unit_test(rows_of_windows_become_utf8),
		cmocka_unit_test(a_refused_row_costs_one_line),
		cmocka_unit_test(a_stray_quote_holds_back_64_lines_at_most),
		cmocka_unit_test(a_row_that_is_too_long_is_passed),
		cmocka_unit_test(a_row_that_is_too_long_at_the_end_is_told),
		cmocka_unit_test(the_longest_row_is_read),
		cmocka_unit_test(the_bound_of_fields_holds),
		cmocka_unit_test(a_row_behind_cr_does_not_wait_for_lf),
		cmocka_unit_test(reading_goes_on_where_a_row_ended),
		cmocka_unit_test(any_bytes_are_read_in_any_pieces_alike),
		cmocka_unit_test(what_is_quoted_reads_back),
		cmocka_unit_test(quotes_are_written_where_they_are_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
