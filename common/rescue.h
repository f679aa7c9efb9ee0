/*
 * rescue - the terminal put right by a program that crashes: what ncurses
 * would do, with what a signal handler may call.
 */
#ifndef COMMON_RESCUE_H
#define COMMON_RESCUE_H

/* Before ncurses takes the terminal. */
void rescue_remember(void);

/* After: from now on fatal signals restore it first, but for those that are
 * ignored. */
void rescue_arm(void);

/* ncurses itself gives it back. */
void rescue_disarm(void);

#endif
