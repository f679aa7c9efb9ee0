#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/files.h"

/* What files_replace() asked of the disk, in order: "F" a file was synced, "D"
 * a folder, "R" a file renamed.  The letter in `fail` fails. */
static char calls[16];
static char fail;

/* The linker's names.  NOLINTBEGIN(*-reserved-identifier,cert-dcl*) */
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
/* NOLINTEND(*-reserved-identifier,cert-dcl*) */

static int
note(char letter)
{
	size_t len = strlen(calls);

	assert_true(len < sizeof calls - 1);
	calls[len] = letter;
	calls[len + 1] = '\0';
	if (fail != letter)
		return 0;
	errno = EIO;
	return -1;
}

int
__wrap_fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (note(S_ISDIR(st.st_mode) ? 'D' : 'F') < 0)
		return -1;
	return __real_fsync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
	if (note('R') < 0)
		return -1;
	return __real_rename(from, to);
}

struct fixture {
	char folder[64];
	char path[80];
	char beside[96];
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	strcpy(f->folder, "/tmp/palmares-files-XXXXXX");
	if (mkdtemp(f->folder) == NULL) {
		free(f);
		return -1;
	}
	snprintf(f->path, sizeof f->path, "%s/file", f->folder);
	snprintf(f->beside, sizeof f->beside, "%s.new", f->path);
	calls[0] = '\0';
	fail = '\0';
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int rc;

	unlink(f->path);
	/* Fails if a test left something behind. */
	rc = rmdir(f->folder);
	free(f);
	return rc;
}

static void
write_file(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void
assert_file(struct fixture *f, const char *text)
{
	char *bytes;
	size_t len;

	assert_int_equal(files_read(f->path, 1000, &bytes, &len, &f->err), 0);
	assert_int_equal(len, strlen(text));
	assert_string_equal(bytes, text);
	free(bytes);
}

static void
a_file_is_read_whole_with_a_nul_behind(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 100000 };
	struct fixture *f = *state;
	static char bytes[100000];
	char *read_back;
	size_t len;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 251);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		write_file(f->path, bytes, sizes[i]);
		assert_int_equal(files_read(f->path, sizeof bytes, &read_back,
		                     &len, &f->err),
		    0);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(read_back, bytes, len);
		assert_int_equal(read_back[len], '\0');
		free(read_back);
	}
}

static void
a_pipe_is_read_to_its_end(void **state)
{
	struct fixture *f = *state;
	static char bytes[20000];
	int ends[2];
	char path[64];
	char *read_back;
	size_t len;

	memset(bytes, 'p', sizeof bytes);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
	close(ends[1]);
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	assert_int_equal(files_read(path, sizeof bytes, &read_back, &len,
	                     &f->err),
	    0);
	assert_int_equal(len, sizeof bytes);
	assert_memory_equal(read_back, bytes, len);
	free(read_back);
	close(ends[0]);
}

static void
a_file_that_is_too_large_is_refused(void **state)
{
	struct fixture *f = *state;
	char *bytes = NULL;
	size_t len = 77;

	write_file(f->path, "12345", 5);
	assert_int_equal(files_read(f->path, 4, &bytes, &len, &f->err), -EFBIG);
	assert_null(bytes);
	assert_int_equal(len, 77);
	assert_non_null(strstr(f->err.text, f->path));
	assert_int_equal(files_read(f->path, 5, &bytes, &len, &f->err), 0);
	assert_string_equal(bytes, "12345");
	free(bytes);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	struct fixture *f = *state;
	char *bytes = NULL;
	size_t len;

	assert_int_equal(files_read(f->path, 4, &bytes, &len, &f->err),
	    -ENOENT);
	assert_non_null(strstr(f->err.text, f->path));
	assert_int_equal(files_read(f->folder, 4, &bytes, &len, &f->err),
	    -EISDIR);
	assert_non_null(strstr(f->err.text, f->folder));
	assert_null(bytes);
}

static void
a_file_is_replaced_durably(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(files_replace(f->path, "one\n", &f->err), 0);
	assert_file(f, "one\n");
	assert_string_equal(calls, "FRD");
	assert_int_equal(files_replace(f->path, "2", &f->err), 0);
	assert_file(f, "2");
	assert_string_equal(calls, "FRDFRD");
}

static void
what_a_crash_left_beside_is_used_up(void **state)
{
	struct fixture *f = *state;

	write_file(f->beside, "half of something long", 22);
	assert_int_equal(files_replace(f->path, "whole", &f->err), 0);
	assert_file(f, "whole");
	assert_int_equal(access(f->beside, F_OK), -1);
}

static void
a_replacement_that_fails_leaves_the_old_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(files_replace(f->path, "old", &f->err), 0);
	for (const char *letter = "FR"; *letter != '\0'; letter++) {
		fail = *letter;
		assert_int_equal(files_replace(f->path, "new", &f->err), -EIO);
		assert_non_null(strstr(f->err.text, f->path));
		assert_file(f, "old");
		assert_int_equal(access(f->beside, F_OK), -1);
	}
}

static void
a_folder_that_does_not_sync_is_said(void **state)
{
	struct fixture *f = *state;

	fail = 'D';
	assert_int_equal(files_replace(f->path, "new", &f->err), -EIO);
	assert_non_null(strstr(f->err.text, f->path));
}

static void
a_file_in_the_working_folder_is_replaced(void **state)
{
	struct fixture *f = *state;
	char before[4096];

	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(f->folder), 0);
	assert_int_equal(files_replace("file", "here", &f->err), 0);
	assert_int_equal(chdir(before), 0);
	assert_file(f, "here");
	assert_string_equal(calls, "FRD");
}

/* A process of its own that takes the lock and keeps it until it is killed. */
static pid_t
start_holder(struct fixture *f)
{
	int ends[2];
	int fd;
	char byte;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (files_lock(f->path, &fd, NULL) == 0 &&
		    write(ends[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static void
a_lock_is_taken_once_until_its_holder_dies(void **state)
{
	struct fixture *f = *state;
	pid_t pid = start_holder(f);
	char words[64];
	int fd = -77;

	assert_true(files_locked(f->path));
	assert_int_equal(files_lock(f->path, &fd, &f->err), -EBUSY);
	assert_int_equal(fd, -77);
	snprintf(words, sizeof words, "process %ld ", (long)pid);
	assert_non_null(strstr(f->err.text, words));
	assert_non_null(strstr(f->err.text, f->path));

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(files_locked(f->path));
	assert_int_equal(files_lock(f->path, &fd, &f->err), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	snprintf(words, sizeof words, "%ld\n", (long)getpid());
	assert_file(f, words);
	close(fd);
}

static void
a_lock_file_without_a_pid_is_a_lock(void **state)
{
	struct fixture *f = *state;
	int first;
	int second;

	assert_int_equal(files_lock(f->path, &first, &f->err), 0);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(files_lock(f->path, &second, &f->err), -EBUSY);
	assert_non_null(strstr(f->err.text, "another process"));
	close(first);
	assert_int_equal(files_lock(f->path, &second, &f->err), 0);
	close(second);
}

static void
nobody_has_a_lock_that_is_not_there(void **state)
{
	struct fixture *f = *state;

	assert_false(files_locked(f->path));
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
a_lock_in_no_folder_is_an_error(void **state)
{
	struct fixture *f = *state;
	char path[96];
	int fd;

	snprintf(path, sizeof path, "%s/no/lock", f->folder);
	assert_int_equal(files_lock(path, &fd, &f->err), -ENOENT);
	assert_non_null(strstr(f->err.text, path));
}

static void
random_numbers_differ(void **state)
{
	uint64_t first = files_random();
	uint64_t second = files_random();

	(void)state;
	assert_int_not_equal(first, 0);
	assert_int_not_equal(second, 0);
	assert_int_not_equal(first, second);
}

static void
room_is_told_for_files_that_are_not_yet(void **state)
{
	struct fixture *f = *state;
	char path[96];

	assert_true(files_free_bytes(f->folder) > 0);
	assert_true(files_free_bytes(f->path) > 0);
	snprintf(path, sizeof path, "%s/no/file", f->folder);
	assert_int_equal(files_free_bytes(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_whole_with_a_nul_behind),
		TEST(a_pipe_is_read_to_its_end),
		TEST(a_file_that_is_too_large_is_refused),
		TEST(a_file_that_cannot_be_read_is_named),
		TEST(a_file_is_replaced_durably),
		TEST(what_a_crash_left_beside_is_used_up),
		TEST(a_replacement_that_fails_leaves_the_old_file),
		TEST(a_folder_that_does_not_sync_is_said),
		TEST(a_file_in_the_working_folder_is_replaced),
		TEST(a_lock_is_taken_once_until_its_holder_dies),
		TEST(a_lock_file_without_a_pid_is_a_lock),
		TEST(nobody_has_a_lock_that_is_not_there),
		TEST(a_lock_in_no_folder_is_an_error),
		TEST(random_numbers_differ),
		TEST(room_is_told_for_files_that_are_not_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
