/*
 * screen - the terminal: draws frames, reads keys, and is left as it was found
 * on every way out, errors and fatal signals included.  ncurses is seen in
 * screen.c alone.
 */
#ifndef DISPLAY_SCREEN_H
#define DISPLAY_SCREEN_H

#include "common/err.h"
#include "display/frame.h"

/* -ENOTTY: no terminal that this can work on. */
int screen_open(struct err *err);
void screen_close(void);

void screen_size(size_t *height, size_t *width);

/* The window has another size. */
void screen_resize(void);

/* Only what differs from the frame before is sent, so that nothing flickers. */
void screen_draw(const struct frame *f);

/* The next key (enum view_key or a code point), VIEW_KEY_NONE if none waits. */
uint32_t screen_key(void);

/* The terminal is gone. */
bool screen_gone(void);

#endif
