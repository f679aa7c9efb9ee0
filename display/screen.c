#include "display/screen.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "display/rescue.h"

/* Milliseconds after Esc in which a key's sequence has to follow. */
enum { ESCAPE_MS = 25 };

static bool opened;
static SCREEN *terminal;

int
screen_open(struct err *err)
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
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
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

	if (style & FRAME_BOLD)
		a |= A_BOLD;
	if (style & FRAME_DIM)
		a |= A_DIM;
	if (style & FRAME_REVERSE)
		a |= A_REVERSE;
	if (style & FRAME_UNDERLINE)
		a |= A_UNDERLINE;
	return a;
}

static void
draw_line(int y, const struct frame_line *line)
{
	size_t marked = line->mark + line->mark_len;

	attrset((int)attributes(line->style));
	mvaddnstr(y, 0, line->text, (int)line->mark);
	attron(A_REVERSE);
	addnstr(line->text + line->mark, (int)line->mark_len);
	attrset((int)attributes(line->style));
	addstr(line->text + marked);
}

void
screen_draw(const struct frame *f)
{
	int height = getmaxy(stdscr);

	erase();
	for (int y = 0; y < height && (size_t)y < f->height; y++)
		draw_line(y, &f->lines[y]);
	attrset(A_NORMAL);
	refresh();
}

/* ---- keys ---- */

static uint32_t
special(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_LEFT, VIEW_KEY_LEFT },
		{ KEY_BTAB, VIEW_KEY_LEFT },
		{ KEY_RIGHT, VIEW_KEY_RIGHT },
		{ KEY_UP, VIEW_KEY_UP },
		{ KEY_DOWN, VIEW_KEY_DOWN },
		{ KEY_PPAGE, VIEW_KEY_PAGE_UP },
		{ KEY_NPAGE, VIEW_KEY_PAGE_DOWN },
		{ KEY_HOME, VIEW_KEY_HOME },
		{ KEY_END, VIEW_KEY_END },
		{ KEY_ENTER, VIEW_KEY_ENTER },
		{ KEY_BACKSPACE, VIEW_KEY_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return VIEW_KEY_NONE;
}

static uint32_t
plain(wint_t key)
{
	switch (key) {
	case '\t':
		return VIEW_KEY_RIGHT;
	case '\r':
	case '\n':
		return VIEW_KEY_ENTER;
	case 27:
		return VIEW_KEY_ESCAPE;
	case '\b':
	case 127:
		return VIEW_KEY_BACKSPACE;
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

		if (k != VIEW_KEY_NONE)
			return k;
	}
	return VIEW_KEY_NONE;
}

bool
screen_gone(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) < 0 ||
	    (p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}
