#include "collector/news.h"

#include <stdlib.h>

#include "common/log.h"
#include "common/xalloc.h"
#include "race/follow_zmq.h"
#include "race/rules.h"

static const int64_t entries_every_us = 1000000;

/* Rules come within one round trip, or are asked for again each second. */
static const int64_t patience_us = 6000000;

struct news {
	struct follow *follow;
	struct replica *roster;
	const struct courier *courier;
	struct bibs *bibs;
	struct race_rules *rules;
	unsigned edition;
	uint64_t store; /* of the rules, 0: none yet */

	bool taken; /* entries, with this digest */
	uint64_t digest;
	int64_t taken_mono_us;
	bool pending; /* others are there, but it is too soon */

	struct replica_facts facts;
	bool heard;             /* of late */
	int64_t linked_mono_us; /* since when the courier's link is up, or 0 */
	bool told_deaf;
};

int
news_open(struct news **out, struct loop *l, const struct courier_whom *whom,
    const struct courier *courier, struct bibs *bibs, struct err *err)
{
	struct news *n = xcalloc(1, sizeof *n);
	int rc = follow_new(&n->follow, l, whom->aggregator, whom->race,
	    FOLLOW_TICK, err);

	if (rc < 0) {
		free(n);
		return rc;
	}
	/* The courier says it, with what waits. */
	follow_hush(n->follow);
	n->roster = follow_view(n->follow, MESSAGE_ROSTER);
	n->courier = courier;
	n->bibs = bibs;
	*out = n;
	return 0;
}

void
news_free(struct news *n)
{
	if (n == NULL)
		return;
	follow_free(n->follow);
	rules_free(n->rules);
	free(n);
}

/* Names of another race would be worse than none. */
static bool
is_ours(const struct news *n, uint64_t store)
{
	return store != 0 && store == courier_store(n->courier);
}

/* ---- rules ---- */

static bool
take_rules(struct news *n)
{
	const struct race_rules *rules = follow_rules(n->follow);
	uint64_t store = follow_store(n->follow);

	if (rules == NULL || !is_ours(n, store) ||
	    (store == n->store && follow_edition(n->follow) == n->edition))
		return false;
	rules_free(n->rules);
	n->rules = rules_copy(rules);
	n->edition = follow_edition(n->follow);
	n->store = store;
	return true;
}

/* ---- entries ---- */

static void
replace_entries(struct news *n, const struct roster *roster)
{
	size_t slots = roster_slots(roster);
	const struct race_entry **all =
	    xcalloc(slots + 1, sizeof(const struct race_entry *));
	size_t count = 0;

	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			all[count++] = e;
	}
	bibs_replace(n->bibs, all, count);
	free(all);
}

static bool
take_entries(struct news *n, int64_t now_us)
{
	const struct roster *roster = replica_roster(n->roster);
	uint64_t digest;

	n->pending = false;
	if (replica_state(n->roster, now_us) != REPLICA_LIVE ||
	    !is_ours(n, n->facts.store))
		return false;
	digest = roster_digest(roster);
	if (n->taken && digest == n->digest)
		return false;
	if (n->taken && now_us - n->taken_mono_us < entries_every_us) {
		n->pending = true;
		return false;
	}
	replace_entries(n, roster);
	n->taken = true;
	n->digest = digest;
	n->taken_mono_us = now_us;
	return true;
}

/* ---- ---- */

/* Crossings arrive, but not a word comes back by the ports of displays. */
static void
tell_deaf(struct news *n, int64_t now_us)
{
	struct uplink_facts facts;

	courier_facts(n->courier, &facts);
	if (facts.state != UPLINK_UP || follow_rules(n->follow) != NULL) {
		n->linked_mono_us = 0;
		return;
	}
	if (n->linked_mono_us == 0)
		n->linked_mono_us = now_us;
	if (n->told_deaf || now_us - n->linked_mono_us < patience_us)
		return;
	log_warnx("no names from %s: the two ports above its first one do not "
	          "answer; entries are sent all the same",
	    follow_peer(n->follow));
	n->told_deaf = true;
}

unsigned
news_turn(struct news *n, int64_t now_us)
{
	unsigned what = 0;

	follow_turn(n->follow, now_us);
	replica_facts(n->roster, &n->facts);
	n->heard = n->facts.heard_us != 0 &&
	    now_us - n->facts.heard_us < REPLICA_SILENCE_US;
	if (take_rules(n))
		what |= NEWS_RULES;
	if (take_entries(n, now_us))
		what |= NEWS_ENTRIES;
	tell_deaf(n, now_us);
	return what;
}

int64_t
news_deadline(const struct news *n, int64_t now_us)
{
	int64_t due = follow_deadline(n->follow, now_us);
	int64_t entries = n->taken_mono_us + entries_every_us;

	return n->pending && entries < due ? entries : due;
}

const struct race_rules *
news_rules(const struct news *n)
{
	return n->rules;
}

const char *
news_trouble(const struct news *n)
{
	return n->heard && is_ours(n, n->store) ? n->facts.trouble : "";
}
