/*
 * screen - the terminal: draws lines, reads keys where asked to, and is left as
 * it was found on every way out, errors and fatal signals included.  ncurses is
 * seen in screen.c and rescue.c alone.
 */
#ifndef COMMON_SCREEN_H
#define COMMON_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { SCREEN_BYTES = 4096 /* room for any line */ };

enum screen_style {
	SCREEN_BOLD = 1,
	SCREEN_DIM = 2,
	SCREEN_REVERSE = 4,
	SCREEN_UNDERLINE = 8
};

struct screen_line {
	char text[SCREEN_BYTES];
	unsigned style; /* of enum screen_style */
	size_t mark;    /* the bytes of text that are reversed: */
	size_t mark_len;
};

/* Standard output is a terminal to draw on, and keys can be read from standard
 * input. */
bool screen_usable(void);

/* For screen_key().  -ENOTTY: no terminal that this can work on. */
int screen_open(struct err *err);

/*
 * For drawing alone: somebody else reads the keys from standard input, where
 * each is bytes, Ctrl-C and Ctrl-Z as well.  He also sees a hangup, if SIGHUP
 * is ignored before this; else it ends the program.
 */
int screen_open_raw(struct err *err);

void screen_close(void);

void screen_size(size_t *height, size_t *width);

/* The window has another size. */
void screen_resize(void);

/* Only what differs from before is sent, so that nothing flickers; lines below
 * the screen are left out. */
void screen_draw(const struct screen_line *lines, size_t height);

/* The next drawing, and it alone, shows the cursor there; it is hidden
 * otherwise, and where there is no such place. */
void screen_cursor(size_t line, size_t column);

/* At once. */
void screen_bell(void);

/* After screen_open(): the next key (enum keys_key of common/keys.h, or a code
 * point), KEYS_NONE if none waits. */
uint32_t screen_key(void);

/* The terminal is gone. */
bool screen_gone(void);

#endif
