#include "common/cli.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/instant.h"

/* Not that of the user: in Turkish I is no capital i, so that CHIP is not chip,
 * and a locale without UTF-8 would show names as noise.  Where there is no such
 * locale, the C library's own has points and plain letters. */
void
cli_locale(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

_Noreturn void
cli_usage(const char *program, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry '%s --help'.\n", program);
	exit(2);
}

void
cli_version(const char *program)
{
	printf("%s (Palmarès) %s\n", program, PALMARES_VERSION);
}

const char *
cli_race(const char *option)
{
	const char *race = option != NULL ? option : getenv("PALMARES_RACE");

	/* An empty variable is an unset one; an empty option is a mistake that
	 * opening it will tell. */
	if (option == NULL && race != NULL && race[0] == '\0')
		return NULL;
	return race;
}

void
cli_folder(const char *program, const char *race)
{
	struct stat st;

	if (race == NULL)
		return;
	if (stat(race, &st) < 0)
		cli_usage(program, "the race folder %s: %s", race,
		    strerror(errno));
	if (!S_ISDIR(st.st_mode))
		cli_usage(program, "the race folder %s: is no folder", race);
}

int
cli_end(const char *program, int status)
{
	/* Of a write before this one the reason is no longer known. */
	bool failed = ferror(stdout) != 0;

	errno = failed ? EIO : 0;
	if (fflush(stdout) == 0 && !failed)
		return status;
	/* Whoever reads has seen enough. */
	if (status == 0 && errno != EPIPE)
		fprintf(stderr, "%s: standard output: %s\n", program,
		    strerror(errno));
	return status != 0 ? status : 1;
}

int
cli_number(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits = s[0] == '-' ? s + 1 : s;
	long long number;

	/* strtoll would take blanks, a plus and what comes behind. */
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return -EINVAL;
	errno = 0;
	number = strtoll(s, NULL, 10);
	if (errno != 0 || number < min || number > max)
		return -EINVAL;
	*out = number;
	return 0;
}

double
cli_speed(const char *program, const char *value)
{
	char *end;
	double x;

	if (strcmp(value, "max") == 0)
		return 0;
	x = strtod(value, &end);
	if (end == value || *end != '\0' || !isfinite(x) || x < CLI_SPEED_MIN ||
	    x > CLI_SPEED_MAX)
		cli_usage(program,
		    "--speed %s: max, or a number from 0.001 to 1000000",
		    value);
	return x;
}

int64_t
cli_timeout(const char *program, const char *value)
{
	int64_t us;

	if (instant_parse_span(value, &us, NULL) < 0 || us <= 0)
		cli_usage(program, "--timeout %s: seconds, more than 0", value);
	return us;
}

bool
cli_colour(int fd)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	/* https://no-color.org: set, and not empty */
	if (no_color != NULL && no_color[0] != '\0')
		return false;
	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fd) == 1;
}
