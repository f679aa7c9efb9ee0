#include "collector/replay_peer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/link_zmq.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/served.h"

struct peer {
	const char *aggregator;
	const char *race;
	const char *title;
	struct links *links;
	struct endpoint to;
	char name[ENDPOINT_URL];
	bool foreign_said;
	bool unread_said;
	bool gone; /* said that it does not answer, not yet that it is back */
	int64_t gone_mono_us;
};

static void
set_name(struct peer *p)
{
	bool six = strchr(p->to.host, ':') != NULL;

	(void)snprintf(p->name, sizeof p->name, six ? "[%s]:%d" : "%s:%d",
	    p->to.host, p->to.base);
}

int
peer_new(struct peer **out, const char *aggregator, const char *race,
    const char *title, struct err *err)
{
	struct peer *p = xcalloc(1, sizeof *p);
	int rc = endpoint_find(&p->to, aggregator, race, err);

	if (rc == 0)
		rc = links_open(&p->links, err);
	if (rc < 0) {
		free(p);
		return rc;
	}
	p->aggregator = aggregator;
	p->race = race;
	p->title = title;
	set_name(p);
	*out = p;
	return 0;
}

void
peer_free(struct peer *p)
{
	if (p == NULL)
		return;
	links_free(p->links);
	free(p);
}

const char *
peer_name(const struct peer *p)
{
	return p->name;
}

const struct links *
peer_links(const struct peer *p)
{
	return p->links;
}

char *
peer_url(const struct peer *p, enum endpoint_port port, char out[ENDPOINT_URL])
{
	return endpoint_url(out, &p->to, port);
}

void
peer_find_again(struct peer *p)
{
	if (!endpoint_again(&p->to, p->aggregator, p->race))
		return;
	set_name(p);
	log_info("the aggregator is at %s now", p->name);
}

int
peer_check(struct peer *p, const struct message_welcome *w)
{
	struct err err;

	if (served_check(p->name, w->race, p->title, &err) == 0)
		return 0;
	if (!endpoint_named(p->aggregator) && !endpoint_there(p->race)) {
		log_warnx("%s", err.text);
		return -ESTALE;
	}
	if (!p->foreign_said)
		log_warnx("%s serves '%s', and the recording is of '%s': it "
		          "was named, and gets the events all the same",
		    p->name, w->race, p->title);
	p->foreign_said = true;
	return 0;
}

void
peer_unread(struct peer *p, int rc)
{
	if (!p->unread_said)
		log_warnx("%s: a message was dropped: %s", p->name,
		    wire_why(rc));
	p->unread_said = true;
}

void
peer_lost(struct peer *p, int64_t silent_us, uint64_t waiting)
{
	if (p->gone)
		return;
	p->gone = true;
	p->gone_mono_us = clock_mono_us() - silent_us;
	if (silent_us == 0)
		log_warnx("%s: the aggregator took leave, %" PRIu64
		          " events wait",
		    p->name, waiting);
	else
		log_warnx("%s: no answer for %" PRId64 " s, %" PRIu64
		          " events wait",
		    p->name, silent_us / 1000000, waiting);
}

void
peer_back(struct peer *p)
{
	if (!p->gone)
		return;
	p->gone = false;
	log_info("%s: back after %" PRId64 " s", p->name,
	    (clock_mono_us() - p->gone_mono_us + 500000) / 1000000);
}

bool
peer_is_gone(const struct peer *p)
{
	return p->gone;
}
