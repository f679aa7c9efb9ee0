#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"

/* Runs fn in a process of its own; gives what it said and how it ended. */
static int
said_by(void (*fn)(void), char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;
	int ends[2];
	int status;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		dup2(ends[1], STDERR_FILENO);
		log_init("palmares-test");
		fn();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
say_one_of_each(void)
{
	errno = ENOSPC;
	log_info("listening on %d", 5570);
	log_warnx("no answer");
	log_warn("commit");
	if (errno != ENOSPC)
		log_info("errno was changed");
}

static void
a_line_has_the_program_and_the_reason(void **state)
{
	char text[500];

	(void)state;
	assert_int_equal(said_by(say_one_of_each, text, sizeof text), 0);
	assert_string_equal(text,
	    "palmares-test: listening on 5570\n"
	    "palmares-test: no answer\n"
	    "palmares-test: commit: No space left on device\n");
}

static void
say_what_moves_the_cursor(void)
{
	log_info("Zo\xc3\xab\n\x1b[2J\x7f|\xc2\x9b|%s", "\r");
}

static void
a_name_does_not_move_the_cursor(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(said_by(say_what_moves_the_cursor, text, sizeof text),
	    0);
	assert_string_equal(text, "palmares-test: Zo\xc3\xab??[2J?|??|?\n");
}

static void
say_too_much(void)
{
	static char words[10000];

	memset(words, 'x', sizeof words - 1);
	errno = EIO;
	log_warn("%s", words);
}

static void
a_line_that_is_too_long_is_cut(void **state)
{
	char text[10000];

	(void)state;
	assert_int_equal(said_by(say_too_much, text, sizeof text), 0);
	assert_int_equal(strlen(text), strlen("palmares-test: ") + 2047 + 1);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void
fail_plainly(void)
{
	log_fatal(3, "race.yaml: %s", "gone");
}

static void
the_fatal_line_gives_the_status(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(said_by(fail_plainly, text, sizeof text), 3);
	assert_string_equal(text, "palmares-test: race.yaml: gone\n");
}

static char captured[200];

static void
keep(void *arg, const char *line)
{
	assert_ptr_equal(arg, captured);
	snprintf(captured, sizeof captured, "%s", line);
}

static void
a_captured_line_goes_to_the_program(void **state)
{
	(void)state;
	log_capture(keep, captured);
	errno = ENOENT;
	log_warn("open %s", "x");
	log_capture(NULL, NULL);
	assert_string_equal(captured, "open x: No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void
restore_terminal(void)
{
	fputs("(terminal restored)\n", stderr);
}

static void
drop(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static void
fail_in_full_screen(void)
{
	atexit(restore_terminal);
	log_capture(drop, NULL);
	log_fatal(1, "poll failed");
}

static void
last_words_come_after_the_terminal_is_restored(void **state)
{
	char text[200];

	(void)state;
	assert_int_equal(said_by(fail_in_full_screen, text, sizeof text), 1);
	assert_string_equal(text,
	    "(terminal restored)\n"
	    "palmares-test: poll failed\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_the_program_and_the_reason),
		cmocka_unit_test(a_name_does_not_move_the_cursor),
		cmocka_unit_test(a_line_that_is_too_long_is_cut),
		cmocka_unit_test(the_fatal_line_gives_the_status),
		cmocka_unit_test(a_captured_line_goes_to_the_program),
		cmocka_unit_test(
		    last_words_come_after_the_terminal_is_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
