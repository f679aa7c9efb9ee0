#include "common/rescue.h"

#include <curses.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static char sequence[256];
static size_t sequence_len;
static volatile sig_atomic_t armed;

static void
crash(int sig)
{
	if (armed) {
		ssize_t n = write(STDOUT_FILENO, sequence, sequence_len);

		(void)n;
		tcsetattr(STDOUT_FILENO, TCSANOW, &before);
	}
	/* SA_RESETHAND: the second time is the default. */
	raise(sig);
}

static void
add_capability(const char *name)
{
	const char *text = tigetstr(name);
	size_t len;

	/* (char *)-1: no such capability; NULL: this terminal lacks it. */
	if (text == NULL || (intptr_t)text == -1)
		return;
	len = strlen(text);
	if (len >= sizeof sequence - sequence_len)
		return;
	memcpy(sequence + sequence_len, text, len);
	sequence_len += len;
}

static void catch (int sig)
{
	struct sigaction action = { .sa_handler = crash };
	struct sigaction old;

	action.sa_flags = (int)SA_RESETHAND;
	/* What is ignored ends nobody. */
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(sig, &action, NULL);
}

void
rescue_remember(void)
{
	tcgetattr(STDOUT_FILENO, &before);
}

void
rescue_arm(void)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL,
		SIGQUIT, SIGHUP };
	sequence_len = 0;
	add_capability("sgr0");
	add_capability("cnorm");
	add_capability("rmkx");
	add_capability("rmcup");
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		catch (signals[i]);
	armed = 1;
}

void
rescue_disarm(void)
{
	armed = 0;
}
