#include "aggregator/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/xalloc.h"

static bool
everywhere(const struct endpoint *e)
{
	return strcmp(e->host, "*") == 0 || strcmp(e->host, "0.0.0.0") == 0 ||
	    strcmp(e->host, "::") == 0;
}

/* Of a network that is up, and not only this machine's.  IPv4 alone: what
 * people read out to each other. */
static bool
address_of(const struct ifaddrs *a, char out[INET_ADDRSTRLEN])
{
	struct sockaddr_in in;

	if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET ||
	    (a->ifa_flags & IFF_UP) == 0 || (a->ifa_flags & IFF_LOOPBACK) != 0)
		return false;
	memcpy(&in, a->ifa_addr, sizeof in);
	return inet_ntop(AF_INET, &in.sin_addr, out, INET_ADDRSTRLEN) != NULL;
}

static char *
join(char *list, const char *host, int base)
{
	const char * or = list[0] != '\0' ? " or " : "";
	char *longer = base == ENDPOINT_BASE
	    ? xasprintf("%s%s%s", list, or, host)
	    : xasprintf("%s%s%s:%d", list, or, host, base);

	free(list);
	return longer;
}

char *
addresses_list(const struct endpoint *e)
{
	char *list = xstrdup("");
	char host[INET_ADDRSTRLEN];
	struct ifaddrs *all;

	if (!everywhere(e) || getifaddrs(&all) < 0)
		return list;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next)
		if (address_of(a, host))
			list = join(list, host, e->base);
	freeifaddrs(all);
	return list;
}
