#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cli.h"

static void
whole_numbers_within_bounds_are_read(void **state)
{
	int64_t n = -7;

	(void)state;
	assert_int_equal(cli_number("0", 0, 9, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(cli_number("-12", -12, 9, &n), 0);
	assert_int_equal(n, -12);
	assert_int_equal(cli_number("007", 0, 9, &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(cli_number("9223372036854775807", INT64_MIN, INT64_MAX,
	                     &n),
	    0);
	assert_int_equal(n, INT64_MAX);
	assert_int_equal(cli_number("-9223372036854775808", INT64_MIN,
	                     INT64_MAX, &n),
	    0);
	assert_int_equal(n, INT64_MIN);
}

static void
what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1x", "x",
		"0x1", "1.0", "1e3", "--1", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999" };
	int64_t n = -7;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (cli_number(bad[i], INT64_MIN, INT64_MAX, &n) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(cli_number("10", 0, 9, &n), -EINVAL);
	assert_int_equal(cli_number("-1", 0, 9, &n), -EINVAL);
	assert_int_equal(n, -7);
}

static void
the_race_is_the_option_or_the_variable(void **state)
{
	(void)state;
	unsetenv("PALMARES_RACE");
	assert_null(cli_race(NULL));
	assert_string_equal(cli_race("a"), "a");
	setenv("PALMARES_RACE", "b", 1);
	assert_string_equal(cli_race("a"), "a");
	assert_string_equal(cli_race(NULL), "b");
	setenv("PALMARES_RACE", "", 1);
	assert_null(cli_race(NULL));
	unsetenv("PALMARES_RACE");
}

static void
a_mistake_in_usage_points_to_the_help_and_exits_2(void **state)
{
	char text[200] = "";
	int ends[2];
	int status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		cli_usage("palmares-x", "--speed %s: must be a number", "y");
	}
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_string_equal(text,
	    "palmares-x: --speed y: must be a number\n"
	    "Try 'palmares-x --help'.\n");
}

static void
colour_is_for_terminals_that_have_it(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	int file = open("/dev/null", O_RDWR);

	(void)state;
	assert_true(terminal >= 0 && file >= 0);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_true(cli_colour(terminal));
	assert_false(cli_colour(file));
	setenv("NO_COLOR", "1", 1);
	assert_false(cli_colour(terminal));
	setenv("NO_COLOR", "", 1);
	assert_true(cli_colour(terminal));
	setenv("TERM", "dumb", 1);
	assert_false(cli_colour(terminal));
	unsetenv("TERM");
	assert_false(cli_colour(terminal));
	close(terminal);
	close(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_within_bounds_are_read),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(the_race_is_the_option_or_the_variable),
		cmocka_unit_test(
		    a_mistake_in_usage_points_to_the_help_and_exits_2),
		cmocka_unit_test(colour_is_for_terminals_that_have_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
