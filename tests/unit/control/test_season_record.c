/* A season recorded, and read from there: the same tables as from the folder,
 * then and later, wherever the file was cut. */
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "control/season_load.h"
#include "control/season_print.h"
#include "control/season_record.h"
#include "control/verify.h"
#include "race/season/recorded.h"
#include "support/season_maker.h"

enum { ROUNDS = 12, STEPS = 8 };

struct fixture {
	char dir[64];
	struct season_maker maker;
	char *file;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_season_record.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->file = xasprintf("%s/season.rec", f->dir);
	season_maker_make(&f->maker, f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	season_maker_unmake(&f->maker);
	(void)unlink(f->file);
	assert_int_equal(rmdir(f->dir), 0);
	free(f->file);
	free(f);
	return 0;
}

/* ---- all that a season shows ---- */

static void
print_all(FILE *out, struct gather *g)
{
	struct season_sheet sheet = { g->season, g->folder.rules, 0, 0 };

	for (; sheet.season < season_count(g->season); sheet.season++)
		for (sheet.table = 0; sheet.table < sheet.rules->table_count;
		     sheet.table++)
			assert_int_equal(season_print(out, SEASON_JSON, &sheet),
			    0);
	fprintf(out, "%zu lines, %zu decisions, published: %d\n",
	    g->folder.listed_count,
	    (size_t)rulings_count(ledger_rulings(g->ledger)), g->published);
}

/* For free(). */
static char *
shown_by(const struct season_source *from)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct gather g;
	struct err err;

	if (season_load(from, &g, &err) < 0)
		fail_msg("%s", err.text);
	print_all(out, &g);
	gather_clear(&g);
	(void)fclose(out);
	return text;
}

static char *
folder_shows(const struct fixture *f)
{
	const struct season_source from = season_source_folder(f->maker.dir);

	return shown_by(&from);
}

/* NULL: it holds none. */
static char *
file_shows(struct fixture *f, uint64_t log, struct recorded_moment *moment)
{
	const struct recorded_until until = { .log = log };
	struct recorded *r;
	struct season_source from;
	char *text;
	int rc = recorded_open(&r, f->file, &until, moment, &f->err);

	if (rc == -ENODATA || rc == -ENOENT)
		return NULL;
	if (rc < 0)
		fail_msg("%s", f->err.text);
	from = recorded_source(r);
	text = shown_by(&from);
	recorded_free(r);
	return text;
}

static uint64_t
record(struct fixture *f)
{
	uint64_t added;

	if (season_record(f->maker.dir, f->file, &added, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return added;
}

static void
assert_same_shown(struct fixture *f)
{
	struct recorded_moment moment;
	char *folder = folder_shows(f);
	char *file = file_shows(f, 0, &moment);

	assert_non_null(file);
	assert_string_equal(file, folder);
	free(folder);
	free(file);
}

static uint64_t
verified(struct fixture *f)
{
	struct verify v;

	if (verify_file(f->file, &v, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return v.events;
}

static uint64_t
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

/* ---- tests ---- */

static void
a_recorded_season_is_the_folder(void **state)
{
	struct fixture *f = *state;

	assert_true(record(f) > 0);
	assert_same_shown(f);
	(void)verified(f);
}

static void
nothing_is_added_where_nothing_changed(void **state)
{
	struct fixture *f = *state;
	uint64_t size;

	assert_true(record(f) > 0);
	size = size_of(f->file);
	assert_int_equal(record(f), 0);
	assert_int_equal(size_of(f->file), size);
}

static void
what_is_new_alone_is_added(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	(void)record(f);
	before = verified(f);
	season_maker_write(&f->maker, "palmares/a.csv",
	    "season,competition,place,recipient\n2014,A,1,Zoe\n");
	/* The file, and that the season is so now. */
	assert_int_equal(record(f), 2);
	assert_int_equal(verified(f), before + 2);
	assert_same_shown(f);
	season_maker_decide(&f->maker, RACE_NAME, "Zoe", "Zora");
	assert_int_equal(record(f), 2);
	assert_same_shown(f);
	season_maker_remove(&f->maker, "aliases.csv");
	assert_int_equal(record(f), 2);
	assert_same_shown(f);
}

static void
the_season_is_shown_as_it_was_then(void **state)
{
	struct fixture *f = *state;
	struct recorded_moment first;
	struct recorded_moment again;
	char *was = folder_shows(f);
	char *shown;

	(void)record(f);
	free(file_shows(f, 0, &first));
	season_maker_decide(&f->maker, RACE_VOID_COMPETITION, "2014", "A");
	season_maker_remove(&f->maker, "palmares/a.csv");
	(void)record(f);
	assert_same_shown(f);
	shown = file_shows(f, first.log, &again);
	assert_string_equal(shown, was);
	assert_int_equal(again.log, first.log);
	free(shown);
	/* Between two moments, and before the first. */
	shown = file_shows(f, first.log + 1, &again);
	assert_string_equal(shown, was);
	free(shown);
	assert_null(file_shows(f, 1, &again));
	free(was);
}

static void
a_folder_with_mistakes_is_not_recorded(void **state)
{
	struct fixture *f = *state;
	uint64_t size;
	uint64_t added;

	(void)record(f);
	size = size_of(f->file);
	season_maker_write(&f->maker, "season.yaml", "title: T\n");
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -EINVAL);
	assert_int_equal(size_of(f->file), size);
}

static void
the_recording_of_another_season_is_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t added;

	(void)record(f);
	/* Nothing but the title tells them apart. */
	season_maker_write(&f->maker, "season.yaml",
	    "title: Other\ntables: { g: { points: [1] } }\n");
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -ESTALE);
	assert_non_null(strstr(f->err.text, "name another file"));
	/* From its first decision on season.db does. */
	season_maker_refill(&f->maker);
	season_maker_decide(&f->maker, RACE_NAME, "Zoe", "Zora");
	(void)record(f);
	season_maker_write(&f->maker, "season.yaml",
	    "title: Renamed\ntables: { g: { points: [1] } }\n");
	(void)record(f);
	assert_same_shown(f);
	season_maker_forget(&f->maker);
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -ESTALE);
	season_maker_decide(&f->maker, RACE_NAME, "Zoe", "Zora");
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -ESTALE);
	assert_non_null(strstr(f->err.text, "older copy"));
}

/* Copies a recording, but for what is said to have stood before an event of
 * season.db. */
struct copying {
	struct recording *to;
	const char *path;
	uint64_t store;
	struct err *err;
};

static int
copy_header(void *arg, const struct recording_header *h)
{
	struct copying *c = arg;

	c->store = h->store;
	return recording_open(&c->to, c->path, h, c->err);
}

static int
copy_record(void *arg, const struct recording_record *rec)
{
	struct copying *c = arg;
	struct recording_record copy = *rec;

	if (rec->id.stream != c->store)
		copy.chain ^= 1;
	return recording_append(c->to, &copy);
}

static void
what_says_otherwise_under_the_same_name_is_refused(void **state)
{
	struct fixture *f = *state;
	char *other = xasprintf("%s/other.rec", f->dir);
	struct copying c = { .path = other, .err = &f->err };
	const struct recording_reader reader = { copy_header, copy_record, &c };
	struct recording_end end;
	uint64_t added;

	season_maker_decide(&f->maker, RACE_NAME, "Zoe", "Zora");
	(void)record(f);
	assert_int_equal(recording_read(f->file, &reader, &end, &f->err), 0);
	assert_int_equal(recording_sync(c.to), 0);
	recording_free(c.to);
	assert_int_equal(rename(other, f->file), 0);
	free(other);
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -ESTALE);
}

static void
a_list_whose_name_is_no_text_is_told(void **state)
{
	struct fixture *f = *state;
	uint64_t added;

	season_maker_write(&f->maker, "palmares/\xe9.csv",
	    "season,competition,place,recipient\n");
	assert_int_equal(season_record(f->maker.dir, f->file, &added, &f->err),
	    -EINVAL);
	assert_non_null(strstr(f->err.text, "rename it"));
	/* Nothing is written of what cannot be. */
	assert_int_equal(access(f->file, F_OK), -1);
	season_maker_remove(&f->maker, "palmares/\xe9.csv");
	(void)record(f);
	assert_same_shown(f);
}

/* ---- cut ---- */

/* A file as it is after two moments, and what each of them shows. */
struct story {
	char *bytes;
	size_t len;
	size_t half; /* the first one's */
	char *was;
	char *now;
};

static void
tell(struct fixture *f, struct story *s, const char *list)
{
	struct recorded_moment first;

	(void)record(f);
	s->half = size_of(f->file);
	s->was = file_shows(f, 0, &first);
	season_maker_write(&f->maker, "palmares/a.csv", list);
	season_maker_decide(&f->maker, RACE_NAME, "Zoe", "Zora");
	(void)record(f);
	s->now = folder_shows(f);
	assert_int_equal(files_read(f->file, 10000000, &s->bytes, &s->len,
	                     &f->err),
	    0);
	assert_true(s->half < s->len);
}

static void
forget(struct story *s)
{
	free(s->bytes);
	free(s->was);
	free(s->now);
}

/* The moment before is shown, and the next recorder goes on. */
static void
check_cut(struct fixture *f, const struct story *s, size_t cut)
{
	struct recorded_moment moment;
	FILE *out = fopen(f->file, "wb");
	char *shown;

	assert_non_null(out);
	assert_int_equal(fwrite(s->bytes, 1, cut, out), cut);
	assert_int_equal(fclose(out), 0);
	/* Before it there is no moment yet, or no header. */
	if (cut >= s->half) {
		shown = file_shows(f, 0, &moment);
		assert_non_null(shown);
		assert_string_equal(shown, s->was);
		free(shown);
	}
	assert_true(record(f) > 0);
	shown = file_shows(f, 0, &moment);
	assert_string_equal(shown, s->now);
	free(shown);
	(void)verified(f);
}

static void
a_file_that_was_cut_shows_the_moment_before(void **state)
{
	struct fixture *f = *state;
	struct story s;

	tell(f, &s, "season,competition,place,recipient\n2014,A,1,Zoe\n");
	for (size_t cut = 0; cut < s.half; cut += 5)
		check_cut(f, &s, cut);
	for (size_t cut = s.half; cut < s.len; cut++)
		check_cut(f, &s, cut);
	forget(&s);
}

static void
a_cut_between_the_parts_of_a_file_leaves_the_version_before(void **state)
{
	struct fixture *f = *state;
	struct story s;
	char *list = NULL;
	size_t len;
	FILE *out = open_memstream(&list, &len);

	fputs("season,competition,place,recipient\n", out);
	for (int i = 1; i <= 4000; i++)
		fprintf(out, "2014,A,%d,Somebody %d\n", i, i);
	assert_int_equal(fclose(out), 0);
	assert_true(len > 3 * SEASON_PART_MAX);
	tell(f, &s, list);
	for (size_t cut = s.half; cut < s.len; cut += SEASON_PART_MAX / 2)
		check_cut(f, &s, cut);
	check_cut(f, &s, s.len - 1);
	forget(&s);
	free(list);
}

/* Any folder, edited and decided about at random. */
static void
any_season_is_recorded_as_it_is_and_was(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (size_t i = 0; i < ROUNDS; i++) {
		struct recorded_moment moments[STEPS];
		char *shown[STEPS];

		(void)unlink(f->file);
		season_maker_forget(&f->maker);
		season_maker_random(&f->maker, &seed);
		for (size_t k = 0; k < STEPS; k++) {
			char *file;

			season_maker_change(&f->maker, &seed);
			(void)record(f);
			shown[k] = folder_shows(f);
			file = file_shows(f, 0, &moments[k]);
			assert_string_equal(file, shown[k]);
			free(file);
		}
		(void)verified(f);
		for (size_t k = 0; k < STEPS; k++) {
			struct recorded_moment moment;
			char *file = file_shows(f, moments[k].log, &moment);

			assert_string_equal(file, shown[k]);
			free(file);
			free(shown[k]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_recorded_season_is_the_folder),
		TEST(nothing_is_added_where_nothing_changed),
		TEST(what_is_new_alone_is_added),
		TEST(the_season_is_shown_as_it_was_then),
		TEST(a_folder_with_mistakes_is_not_recorded),
		TEST(the_recording_of_another_season_is_refused),
		TEST(what_says_otherwise_under_the_same_name_is_refused),
		TEST(a_list_whose_name_is_no_text_is_told),
		TEST(a_file_that_was_cut_shows_the_moment_before),
		TEST(
		    a_cut_between_the_parts_of_a_file_leaves_the_version_before),
		TEST(any_season_is_recorded_as_it_is_and_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
