/*
 * flash - which rows on the screen have just changed.  Pure.
 */
#ifndef DISPLAY_FLASH_H
#define DISPLAY_FLASH_H

#include <stdbool.h>
#include <stdint.h>

/* How long a change stands out. */
#define FLASH_US INT64_C(2000000)

struct flash;

struct flash *flash_new(void);
void flash_free(struct flash *f);

/* Begins a frame.  moved: other rows are on the screen than before, because
 * somebody scrolled: the first sight of one is then no news. */
void flash_frame(struct flash *f, bool moved);

/* Another ranking: everything is forgotten. */
void flash_reset(struct flash *f);

/* Whether the row of that label, with that hash, stands out now. */
bool flash_row(struct flash *f, const char *label, uint64_t hash,
    int64_t now_us);

#endif
