#include "common/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/files.h"
#include "common/xalloc.h"

enum {
	/* BASE+3 is a port, too. */
	BASE_MAX = 65532,
	/* A host, a port and a newline, with room to be wrong in. */
	FILE_BYTES_MAX = 512
};

static const char digits[] = "0123456789";

static bool
all_of(const char *s, const char *set)
{
	return s[strspn(s, set)] == '\0';
}

/* "fe80::1%eth0" has a zone behind, which inet_pton does not know. */
static bool
ipv6(const char *host, struct in6_addr *out)
{
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");

	if (len >= sizeof address)
		return false;
	memcpy(address, host, len);
	address[len] = '\0';
	return inet_pton(AF_INET6, address, out) == 1;
}

static bool
ipv4(const char *host, struct in_addr *out)
{
	return inet_pton(AF_INET, host, out) == 1;
}

static int
check_name(const char *host, const char *s, struct err *err)
{
	struct in_addr address;

	if (host[0] == '\0')
		return err_set(err, -EINVAL,
		    "%s: no host: write HOST:PORT, as in 127.0.0.1:%d", s,
		    ENDPOINT_BASE);
	if (strcmp(host, "*") == 0)
		return 0;
	if (all_of(host, digits))
		return err_set(err, -EINVAL,
		    "%s: a port without a host: write HOST:PORT, as in "
		    "127.0.0.1:%d",
		    s, ENDPOINT_BASE);
	if (all_of(host, "0123456789.") && !ipv4(host, &address))
		return err_set(err, -EINVAL, "%s: %s is no IPv4 address", s,
		    host);
	if (!all_of(host,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789.-_"))
		return err_set(err, -EINVAL,
		    "%s: a host has letters, digits, '.', '-' and '_'", s);
	return 0;
}

static int
check_ipv6(const char *host, const char *s, struct err *err)
{
	struct in6_addr address;

	if (!ipv6(host, &address))
		return err_set(err, -EINVAL,
		    "%s: %s is no IPv6 address: write [ADDRESS]:PORT", s, host);
	return 0;
}

/* text is what stands behind the colon. */
static int
parse_base(int *out, const char *text, bool zero_ok, const char *s,
    struct err *err)
{
	int min = zero_ok ? 0 : 1;
	long base = -1;

	if (text[0] != '\0' && strlen(text) <= 5 && all_of(text, digits))
		base = strtol(text, NULL, 10);
	if (base < min || base > BASE_MAX)
		return err_set(err, -EINVAL,
		    "%s: port %s: must be between %d and %d (the three above "
		    "it "
		    "are used as well)",
		    s, text, min, BASE_MAX);
	*out = (int)base;
	return 0;
}

struct parts {
	const char *host;
	size_t len;
	const char *base; /* behind the colon; NULL: none */
	bool six;         /* the host has to be an IPv6 address */
};

static int
cut_brackets(struct parts *out, const char *s, struct err *err)
{
	const char *end = strchr(s, ']');

	if (end == NULL || (end[1] != '\0' && end[1] != ':'))
		return err_set(err, -EINVAL, "%s: write [ADDRESS]:PORT", s);
	*out = (struct parts){ .host = s + 1,
		.len = (size_t)(end - s - 1),
		.base = end[1] == ':' ? end + 2 : NULL,
		.six = true };
	return 0;
}

static struct parts
cut(const char *s)
{
	size_t len = strlen(s);
	const char *colon = strchr(s, ':');

	if (colon == NULL)
		return (struct parts){ .host = s, .len = len };
	/* Two colons and no brackets: an IPv6 address alone. */
	if (strchr(colon + 1, ':') != NULL)
		return (struct parts){ .host = s, .len = len, .six = true };
	return (struct parts){ .host = s,
		.len = (size_t)(colon - s),
		.base = colon + 1 };
}

int
endpoint_parse(struct endpoint *out, const char *s, bool zero_ok,
    struct err *err)
{
	struct endpoint e = { .base = ENDPOINT_BASE };
	struct parts p = cut(s);
	int rc = 0;

	if (strstr(s, "://") != NULL)
		return err_set(err, -EINVAL,
		    "%s: write HOST:PORT, without a protocol", s);
	if (s[0] == '[')
		rc = cut_brackets(&p, s, err);
	if (rc < 0)
		return rc;
	if (p.len >= sizeof e.host)
		return err_set(err, -EINVAL,
		    "%.32s...: a host has at most %zu bytes", s,
		    sizeof e.host - 1);
	memcpy(e.host, p.host, p.len);
	rc = p.six ? check_ipv6(e.host, s, err) : check_name(e.host, s, err);
	if (rc == 0 && p.base != NULL)
		rc = parse_base(&e.base, p.base, zero_ok, s, err);
	if (rc < 0)
		return rc;
	*out = e;
	return 0;
}

bool
endpoint_loopback(const struct endpoint *e)
{
	struct in6_addr six;
	struct in_addr four;

	if (ipv4(e->host, &four))
		return ntohl(four.s_addr) >> 24 == 127;
	if (ipv6(e->host, &six))
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcasecmp(e->host, "localhost") == 0;
}

char *
endpoint_url(char out[ENDPOINT_URL], const struct endpoint *e,
    enum endpoint_port port)
{
	struct in6_addr six;
	bool brackets = ipv6(e->host, &six);
	const char *host = e->host;
	char number[16] = "*";

	/* libzmq binds to addresses alone: ENODEV for a name. */
	if (strcasecmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (e->base != 0)
		snprintf(number, sizeof number, "%d", e->base + (int)port);
	snprintf(out, ENDPOINT_URL, "tcp://%s%s%s:%s", brackets ? "[" : "",
	    host, brackets ? "]" : "", number);
	return out;
}

int
endpoint_write(const struct endpoint *e, const char *race, struct err *err)
{
	struct in6_addr six;
	bool brackets = ipv6(e->host, &six);
	char *path = xasprintf("%s/endpoint", race);
	char *line = xasprintf("%s%s%s:%d\n", brackets ? "[" : "", e->host,
	    brackets ? "]" : "", e->base);
	int rc = files_replace(path, line, err);

	free(line);
	free(path);
	return rc;
}

bool
endpoint_there(const char *race)
{
	char *path;
	bool there;

	if (race == NULL)
		return false;
	path = xasprintf("%s/endpoint", race);
	there = access(path, F_OK) == 0;
	free(path);
	return there;
}

/* Cuts the newline off; false unless it is one line of text. */
static bool
one_line(char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	return len > 0 && strlen(text) == len && strchr(text, '\n') == NULL;
}

/* -ENOENT if there is no file. */
static int
read_file(struct endpoint *out, const char *path, struct err *err)
{
	char *text;
	size_t len;
	int rc = files_read(path, FILE_BYTES_MAX, &text, &len, err);

	if (rc < 0)
		return rc;
	if (one_line(text, len))
		rc = endpoint_parse(out, text, false, err);
	else
		rc = err_set(err, -EINVAL, "must be one line, HOST:PORT");
	free(text);
	if (rc < 0)
		return err_wrap(err, rc,
		    "%s: damaged (start the aggregator again, or delete it)",
		    path);
	return 0;
}

/* Listening everywhere is no place to connect to: this machine is one. */
static void
point_home(struct endpoint *e)
{
	struct in6_addr six;

	if (strcmp(e->host, "*") == 0 || strcmp(e->host, "0.0.0.0") == 0)
		snprintf(e->host, sizeof e->host, "127.0.0.1");
	else if (ipv6(e->host, &six) && IN6_IS_ADDR_UNSPECIFIED(&six))
		snprintf(e->host, sizeof e->host, "::1");
}

bool
endpoint_named(const char *option)
{
	const char *variable = getenv("PALMARES_AGGREGATOR");

	return option != NULL || (variable != NULL && variable[0] != '\0');
}

static int
find(struct endpoint *out, const char *option, const char *race,
    struct err *err)
{
	const char *variable = getenv("PALMARES_AGGREGATOR");
	int rc = -ENOENT;

	if (option != NULL) {
		rc = endpoint_parse(out, option, false, err);
		return rc < 0 ? err_wrap(err, rc, "--aggregator") : 0;
	}
	if (variable != NULL && variable[0] != '\0') {
		rc = endpoint_parse(out, variable, false, err);
		return rc < 0 ? err_wrap(err, rc, "PALMARES_AGGREGATOR") : 0;
	}
	if (race != NULL) {
		char *path = xasprintf("%s/endpoint", race);

		rc = read_file(out, path, err);
		free(path);
	}
	if (rc != -ENOENT)
		return rc;
	*out = (struct endpoint){ .host = "127.0.0.1", .base = ENDPOINT_BASE };
	return 0;
}

int
endpoint_find(struct endpoint *out, const char *option, const char *race,
    struct err *err)
{
	int rc = find(out, option, race, err);

	if (rc == 0)
		point_home(out);
	return rc;
}

bool
endpoint_again(struct endpoint *at, const char *option, const char *race)
{
	struct endpoint now = *at;

	if (!endpoint_there(race) ||
	    endpoint_find(&now, option, race, NULL) < 0 ||
	    (strcmp(now.host, at->host) == 0 && now.base == at->base))
		return false;
	*at = now;
	return true;
}
