#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"
#include "proto/wire.h"
#include "race/conf.h"
#include "race/rules.h"
#include "race/shelf.h"
#include "race/store.h"

static const char yaml[] = "title: T\n"
                           "date: 2014-09-21\n"
                           "timezone: Europe/Paris\n"
                           "waves: { all: { gun: \"10:00:00\" } }\n"
                           "points: { start: { km: 0 }, finish: { km: 8 } }\n"
                           "rankings: { scratch: { of: runners } }\n";

struct fixture {
	char dir[64];
	char db[96];
	struct race_rules *rules;
	struct shelf *shelf;
	uint64_t calls;
	uint64_t done;
	bool left;
	struct err err;
};

static int
count(void *arg, uint64_t done, uint64_t all)
{
	struct fixture *f = arg;

	assert_true(done <= all);
	f->calls++;
	f->done = done;
	return f->left ? -ECANCELED : 0;
}

static void
write_text(const struct fixture *f, const char *name, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void
make_rules(struct fixture *f)
{
	struct conf_report report = { 0 };

	f->rules = conf_rules(f->dir, &report);
	assert_int_equal(report.errors, 0);
	conf_report_clear(&report);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->dir, sizeof f->dir, "/tmp/test_shelf.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->db, sizeof f->db, "%s/race.db", f->dir);
	write_text(f, "race.yaml", yaml);
	make_rules(f);
	f->shelf = shelf_new(count, f);
	*state = f;
	return 0;
}

static void
remove_db(const struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->db, ends[i]);
		unlink(path);
	}
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char path[128];

	shelf_free(f->shelf);
	rules_free(f->rules);
	remove_db(f);
	snprintf(path, sizeof path, "%s/race.yaml", f->dir);
	unlink(path);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* ---- what an aggregator writes ---- */

static void
append(struct store *s, const struct race_event *e)
{
	struct wire_buffer out = { 0 };
	struct store_stream st;

	assert_int_equal(store_stream(s, store_id(s), "aggregator", "", false,
	                     &st),
	    0);
	assert_true(wire_put_event(&out, e) >= 0);
	assert_int_equal(store_append(s, st.id, st.cursor + 1, e, out.data,
	                     out.len, hash_chain(st.chain, out.data, out.len),
	                     1),
	    0);
	wire_buffer_free(&out);
}

static void
append_entry(struct store *s, const char *bib)
{
	const struct race_event e = { .kind = RACE_ENTRY,
		.made_us = 1,
		.entry = { .bib = bib,
		    .name = bib,
		    .sex = "",
		    .category = "",
		    .team = "",
		    .wave = "",
		    .nation = "" } };

	append(s, &e);
}

static void
append_rules(struct fixture *f, struct store *s)
{
	append(s,
	    &(struct race_event){ .kind = RACE_RULES,
	        .made_us = 1,
	        .rules = f->rules });
}

static struct store *
open_db(struct fixture *f)
{
	struct store *s;

	if (store_open(&s, f->db, STORE_WRITE, &f->err) != 0)
		fail_msg("%s", f->err.text);
	return s;
}

static void
commit_and_close(struct fixture *f, struct store *s)
{
	assert_int_equal(store_commit(s, &f->err), 0);
	store_free(s);
}

static void
make_db(struct fixture *f, const char *bib)
{
	struct store *s = open_db(f);

	append_rules(f, s);
	append_entry(s, bib);
	commit_and_close(f, s);
}

static struct book *
read_book(struct fixture *f)
{
	struct book *book = NULL;

	if (shelf_book(f->shelf, f->dir, &book, &f->err) != 0)
		fail_msg("%s", f->err.text);
	return book;
}

/* ---- tests ---- */

static void
a_race_without_a_database_has_no_book(void **state)
{
	struct fixture *f = *state;

	assert_null(read_book(f));
	make_db(f, "1");
	assert_non_null(read_book(f));
	remove_db(f);
	assert_null(read_book(f));
}

static void
a_folder_that_is_no_race_is_told(void **state)
{
	struct fixture *f = *state;
	struct book *book;

	assert_int_equal(shelf_book(f->shelf, "/tmp", &book, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "/tmp/race.yaml: No such file"));
}

static void
a_book_is_read_on_where_it_ended(void **state)
{
	struct fixture *f = *state;
	struct book *book;
	struct store *s;

	make_db(f, "1");
	book = read_book(f);
	assert_int_equal(roster_count(book->roster), 1);
	assert_int_equal(f->done, 2);
	f->calls = 0;
	assert_ptr_equal(read_book(f), book);
	assert_int_equal(f->calls, 0);
	s = open_db(f);
	append_entry(s, "2");
	commit_and_close(f, s);
	assert_ptr_equal(read_book(f), book);
	assert_int_equal(roster_count(book->roster), 2);
	assert_non_null(roster_find(book->roster, "2"));
}

static void
other_rules_begin_a_new_book(void **state)
{
	struct fixture *f = *state;
	struct store *s;

	make_db(f, "1");
	assert_string_equal(read_book(f)->rules->title, "T");
	free(f->rules->title);
	f->rules->title = strdup("Two");
	s = open_db(f);
	append_rules(f, s);
	commit_and_close(f, s);
	assert_string_equal(read_book(f)->rules->title, "Two");
	assert_int_equal(roster_count(read_book(f)->roster), 1);
}

static void
another_file_begins_a_new_book(void **state)
{
	struct fixture *f = *state;
	struct book *book;

	make_db(f, "1");
	(void)read_book(f);
	remove_db(f);
	make_db(f, "7");
	book = read_book(f);
	assert_int_equal(roster_count(book->roster), 1);
	assert_non_null(roster_find(book->roster, "7"));
}

static void
what_was_left_half_way_is_read_from_the_beginning(void **state)
{
	struct fixture *f = *state;
	struct book *book;

	make_db(f, "1");
	f->left = true;
	assert_int_equal(shelf_book(f->shelf, f->dir, &book, &f->err),
	    -ECANCELED);
	f->left = false;
	f->calls = 0;
	assert_int_equal(roster_count(read_book(f)->roster), 1);
	assert_int_equal(f->calls, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_race_without_a_database_has_no_book),
		TEST(a_folder_that_is_no_race_is_told),
		TEST(a_book_is_read_on_where_it_ended),
		TEST(other_rules_begin_a_new_book),
		TEST(another_file_begins_a_new_book),
		TEST(what_was_left_half_way_is_read_from_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
