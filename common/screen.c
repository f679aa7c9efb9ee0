#include "common/screen.h"

#include <curses.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/keys.h"
#include "common/rescue.h"

/* Milliseconds after Esc in which a key's sequence has to follow. */
enum { ESCAPE_MS = 25 };

static bool opened;
static SCREEN *terminal;

/* For the next drawing; -1: hidden. */
static int cursor_y = -1;
static int cursor_x;

bool
screen_usable(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

static int
take_terminal(struct err *err)
{
	static bool registered;

	rescue_remember();
	terminal = newterm(NULL, stdout, stdin);
	if (terminal == NULL)
		return err_set(err, -ENOTTY,
		    "TERM=%s: no terminal to draw on: use --once, or set TERM",
		    getenv("TERM") != NULL ? getenv("TERM") : "");
	opened = true;
	if (!registered)
		registered = atexit(screen_close) == 0;
	rescue_arm();
	noecho();
	nonl();
	curs_set(0);
	return 0;
}

int
screen_open(struct err *err)
{
	int rc = take_terminal(err);

	if (rc < 0)
		return rc;
	cbreak();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	return 0;
}

int
screen_open_raw(struct err *err)
{
	int rc = take_terminal(err);

	if (rc < 0)
		return rc;
	raw();
	/* Keys that wait are no reason to draw later. */
	typeahead(-1);
	return 0;
}

void
screen_close(void)
{
	if (!opened)
		return;
	opened = false;
	rescue_disarm();
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void
screen_size(size_t *height, size_t *width)
{
	*height = (size_t)getmaxy(stdscr);
	*width = (size_t)getmaxx(stdscr);
}

void
screen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
}

/* ---- drawing ---- */

static attr_t
attributes(unsigned style)
{
	attr_t a = A_NORMAL;

	if (style & SCREEN_BOLD)
		a |= A_BOLD;
	if (style & SCREEN_DIM)
		a |= A_DIM;
	if (style & SCREEN_REVERSE)
		a |= A_REVERSE;
	if (style & SCREEN_UNDERLINE)
		a |= A_UNDERLINE;
	return a;
}

static void
draw_line(int y, const struct screen_line *line)
{
	size_t marked = line->mark + line->mark_len;

	attrset((int)attributes(line->style));
	mvaddnstr(y, 0, line->text, (int)line->mark);
	attron(A_REVERSE);
	addnstr(line->text + line->mark, (int)line->mark_len);
	attrset((int)attributes(line->style));
	addstr(line->text + marked);
}

/* The cursor appears where it belongs, not where it was. */
static void
show(void)
{
	bool shown = cursor_y >= 0 && move(cursor_y, cursor_x) == OK;

	cursor_y = -1;
	refresh();
	curs_set(shown ? 1 : 0);
}

void
screen_draw(const struct screen_line *lines, size_t height)
{
	int below = getmaxy(stdscr);

	erase();
	for (int y = 0; y < below && (size_t)y < height; y++)
		draw_line(y, &lines[y]);
	attrset(A_NORMAL);
	show();
}

void
screen_cursor(size_t line, size_t column)
{
	cursor_y = line < INT_MAX ? (int)line : -1;
	cursor_x = column < INT_MAX ? (int)column : INT_MAX;
}

void
screen_bell(void)
{
	beep();
}

/* ---- keys ---- */

static uint32_t
special(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_LEFT, KEYS_LEFT },
		{ KEY_BTAB, KEYS_BACKTAB },
		{ KEY_SLEFT, KEYS_SHIFT_LEFT },
		{ KEY_SRIGHT, KEYS_SHIFT_RIGHT },
		{ KEY_RIGHT, KEYS_RIGHT },
		{ KEY_UP, KEYS_UP },
		{ KEY_DOWN, KEYS_DOWN },
		{ KEY_PPAGE, KEYS_PAGE_UP },
		{ KEY_NPAGE, KEYS_PAGE_DOWN },
		{ KEY_HOME, KEYS_HOME },
		{ KEY_END, KEYS_END },
		{ KEY_ENTER, KEYS_ENTER },
		{ KEY_BACKSPACE, KEYS_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return KEYS_NONE;
}

static uint32_t
plain(wint_t key)
{
	switch (key) {
	case '\t':
		return KEYS_TAB;
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case 27:
		return KEYS_ESCAPE;
	case '\b':
	case 127:
		return KEYS_BACKSPACE;
	default:
		return (uint32_t)key;
	}
}

uint32_t
screen_key(void)
{
	wint_t key;
	int rc;

	/* Keys that mean nothing are passed over. */
	while ((rc = get_wch(&key)) != ERR) {
		uint32_t k = rc == KEY_CODE_YES ? special(key) : plain(key);

		if (k != KEYS_NONE)
			return k;
	}
	return KEYS_NONE;
}

bool
screen_gone(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) < 0 ||
	    (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}
