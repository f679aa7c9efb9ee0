#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/keys.h"
#include "common/screen.h"

/* How xterm is asked. */
#define CURSOR_ON  "\x1b[?25h"
#define CURSOR_OFF "\x1b[?25l"
#define BACK       "\x1b[?1049l" /* to the screen of before */

enum { ROWS = 24, COLUMNS = 40 };

struct fixture {
	int person;
	int terminal;
	struct termios before;
	char sent[65536]; /* to the terminal */
	int status;       /* the program's */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };

	assert_int_equal(openpty(&f->person, &f->terminal, NULL, NULL, &size),
	    0);
	assert_int_equal(tcgetattr(f->terminal, &f->before), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close(f->person);
	close(f->terminal);
	free(f);
	return 0;
}

/* ---- a program on that terminal ---- */

static void
play(const struct fixture *f, int (*program)(void))
{
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		dup2(f->terminal, fd);
	setenv("TERM", "xterm", 1);
	_exit(program());
}

static void
read_all(struct fixture *f)
{
	size_t len = strlen(f->sent);
	ssize_t n;

	while (
	    (n = read(f->person, f->sent + len, sizeof f->sent - 1 - len)) > 0)
		len += (size_t)n;
}

static void
run(struct fixture *f, int (*program)(void))
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		play(f, program);
	fcntl(f->person, F_SETFL, O_NONBLOCK);
	/* What it sends is less than a terminal holds. */
	assert_int_equal(waitpid(child, &f->status, 0), child);
	read_all(f);
}

static void
ended_well(const struct fixture *f)
{
	assert_true(WIFEXITED(f->status));
	assert_int_equal(WEXITSTATUS(f->status), 0);
}

static void
is_as_before(const struct fixture *f)
{
	struct termios after;

	assert_int_equal(tcgetattr(f->terminal, &after), 0);
	assert_int_equal(after.c_lflag, f->before.c_lflag);
	assert_int_equal(after.c_iflag, f->before.c_iflag);
	assert_int_equal(after.c_oflag, f->before.c_oflag);
	assert_non_null(strstr(f->sent, BACK));
	assert_non_null(strstr(f->sent, CURSOR_ON));
}

/* What was sent between two marks. */
static const char *
between(const struct fixture *f, const char *from, const char *to)
{
	static char out[65536];
	const char *begin = strstr(f->sent, from);
	const char *end = begin != NULL ? strstr(begin, to) : NULL;

	assert_non_null(end);
	begin += strlen(from);
	(void)snprintf(out, sizeof out, "%.*s", (int)(end - begin), begin);
	return out;
}

static void
mark(const char *name)
{
	size_t len = strlen(name);

	if (write(STDOUT_FILENO, name, len) != (ssize_t)len)
		_exit(99);
}

/* ---- the programs ---- */

static int
be_raw(void)
{
	struct termios t;

	if (screen_open_raw(NULL) < 0 || tcgetattr(STDIN_FILENO, &t) < 0)
		return 1;
	if ((t.c_lflag & (ISIG | ICANON | ECHO)) != 0 ||
	    (t.c_iflag & (IXON | ICRNL)) != 0)
		return 2;
	screen_close();
	return 0;
}

static int
be_plain(void)
{
	struct termios t;

	if (screen_open(NULL) < 0 || tcgetattr(STDIN_FILENO, &t) < 0)
		return 1;
	if ((t.c_lflag & (ICANON | ECHO)) != 0 || (t.c_lflag & ISIG) == 0)
		return 2;
	screen_close();
	return 0;
}

static int
crash(void)
{
	if (screen_open_raw(NULL) < 0)
		return 1;
	raise(SIGSEGV);
	return 2;
}

static int
hang_up(void)
{
	if (screen_open_raw(NULL) < 0)
		return 1;
	raise(SIGHUP);
	screen_close();
	return 0;
}

static int
ignore_hanging_up(void)
{
	signal(SIGHUP, SIG_IGN);
	return hang_up();
}

static int
draw(void)
{
	static struct screen_line lines[ROWS + 1];

	if (screen_open_raw(NULL) < 0)
		return 1;
	strcpy(lines[0].text, "first");
	lines[0].mark = 1;
	lines[0].mark_len = 2;
	strcpy(lines[1].text, "second");
	lines[1].style = SCREEN_BOLD;
	strcpy(lines[ROWS].text, "far below");
	screen_draw(lines, ROWS + 1);
	mark("<again>");
	screen_draw(lines, ROWS + 1);
	mark("<cursor>");
	screen_cursor(1, 6);
	screen_draw(lines, ROWS + 1);
	mark("<none>");
	screen_draw(lines, ROWS + 1);
	mark("<outside>");
	screen_cursor(ROWS, 0);
	screen_draw(lines, ROWS + 1);
	screen_cursor(SIZE_MAX, 0);
	screen_draw(lines, ROWS + 1);
	screen_cursor(0, SIZE_MAX);
	screen_draw(lines, ROWS + 1);
	mark("<bell>");
	screen_bell();
	mark("<end>");
	screen_close();
	return 0;
}

/* Keys wait: drawing goes on, and leaves them alone. */
static int
draw_beside_keys(void)
{
	static struct screen_line lines[ROWS];
	char typed[8] = "";

	if (screen_open_raw(NULL) < 0)
		return 1;
	/* The first drawing is one of its own kind. */
	screen_draw(lines, ROWS);
	for (int i = 0; i < ROWS; i++)
		(void)snprintf(lines[i].text, SCREEN_BYTES, "line %d", i);
	mark("<begin>");
	screen_draw(lines, ROWS);
	mark("<end>");
	if (read(STDIN_FILENO, typed, sizeof typed) != 3 ||
	    memcmp(typed, "7\r\x03", 3) != 0)
		return 2;
	screen_close();
	return 0;
}

static int
read_keys(void)
{
	static const uint32_t wanted[] = { '7', KEYS_UP, 0xe9, KEYS_ENTER,
		KEYS_BACKSPACE };

	if (screen_open(NULL) < 0)
		return 1;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (screen_key() != wanted[i])
			return 2 + (int)i;
	if (screen_key() != KEYS_NONE || screen_gone())
		return 90;
	screen_close();
	return 0;
}

static int
have_no_terminal(void)
{
	struct err err = { "" };

	setenv("TERM", "no-such-terminal", 1);
	if (screen_open_raw(&err) != -ENOTTY)
		return 1;
	screen_close();
	return strstr(err.text, "no-such-terminal") == NULL;
}

/* ---- tests ---- */

static void
raw_keys_are_no_signals_until_it_is_closed(void **state)
{
	struct fixture *f = *state;

	run(f, be_raw);
	ended_well(f);
	is_as_before(f);
}

static void
ctrl_c_is_a_signal_where_keys_are_not_raw(void **state)
{
	struct fixture *f = *state;

	run(f, be_plain);
	ended_well(f);
	is_as_before(f);
}

static void
a_crash_leaves_the_terminal_as_it_was(void **state)
{
	struct fixture *f = *state;

	run(f, crash);
	assert_true(WIFSIGNALED(f->status));
	assert_int_equal(WTERMSIG(f->status), SIGSEGV);
	is_as_before(f);
}

static void
a_hangup_leaves_the_terminal_as_it_was(void **state)
{
	struct fixture *f = *state;

	run(f, hang_up);
	assert_true(WIFSIGNALED(f->status));
	assert_int_equal(WTERMSIG(f->status), SIGHUP);
	is_as_before(f);
}

static void
a_hangup_that_is_ignored_ends_nothing(void **state)
{
	struct fixture *f = *state;

	run(f, ignore_hanging_up);
	ended_well(f);
	is_as_before(f);
}

static void
what_is_there_is_not_sent_again(void **state)
{
	struct fixture *f = *state;

	run(f, draw);
	ended_well(f);
	assert_non_null(strstr(f->sent, "second"));
	assert_null(strstr(f->sent, "far below"));
	assert_string_equal(between(f, "<again>", "<cursor>"), "");
}

static void
the_cursor_is_shown_for_one_drawing(void **state)
{
	struct fixture *f = *state;

	run(f, draw);
	ended_well(f);
	assert_null(strstr(between(f, "", "<cursor>"), CURSOR_ON));
	assert_non_null(strstr(between(f, "<cursor>", "<none>"), CURSOR_ON));
	assert_non_null(strstr(between(f, "<none>", "<outside>"), CURSOR_OFF));
	assert_null(strstr(between(f, "<outside>", "<bell>"), CURSOR_ON));
}

static void
the_bell_is_rung_at_once(void **state)
{
	struct fixture *f = *state;

	run(f, draw);
	ended_well(f);
	assert_string_equal(between(f, "<bell>", "<end>"), "\a");
}

static void
drawing_leaves_the_keys_that_wait(void **state)
{
	struct fixture *f = *state;
	struct termios raw = f->before;

	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(f->terminal, TCSANOW, &raw), 0);
	assert_int_equal(write(f->person, "7\r\x03", 3), 3);
	run(f, draw_beside_keys);
	ended_well(f);
	assert_non_null(strstr(between(f, "<begin>", "<end>"), "line 23"));
}

static void
keys_are_read_where_that_is_asked(void **state)
{
	struct fixture *f = *state;
	struct termios raw = f->before;

	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(f->terminal, TCSANOW, &raw), 0);
	assert_int_equal(write(f->person, "7\x1bOA\xc3\xa9\r\x7f", 8), 8);
	run(f, read_keys);
	ended_well(f);
}

static void
without_a_terminal_it_says_so(void **state)
{
	struct fixture *f = *state;

	run(f, have_no_terminal);
	ended_well(f);
	assert_string_equal(f->sent, "");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(raw_keys_are_no_signals_until_it_is_closed),
		CASE(ctrl_c_is_a_signal_where_keys_are_not_raw),
		CASE(a_crash_leaves_the_terminal_as_it_was),
		CASE(a_hangup_leaves_the_terminal_as_it_was),
		CASE(a_hangup_that_is_ignored_ends_nothing),
		CASE(what_is_there_is_not_sent_again),
		CASE(the_cursor_is_shown_for_one_drawing),
		CASE(the_bell_is_rung_at_once),
		CASE(drawing_leaves_the_keys_that_wait),
		CASE(keys_are_read_where_that_is_asked),
		CASE(without_a_terminal_it_says_so),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
