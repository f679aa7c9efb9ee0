/*
 * rulings_core - what the files of the rulings share, and nobody else sees.
 *
 *	rulings          what came, what is undone, and the story
 *	rulings_topics   what is said of a thing, and what follows from it
 */
#ifndef RACE_RULINGS_CORE_H
#define RACE_RULINGS_CORE_H

#include "common/strmap.h"
#include "race/rank/journal.h"
#include "race/rulings.h"

#define NONE UINT32_MAX

/* What an event may undo (target, replaces), and be about (the two of a swap).
 */
enum { TARGETS = 2, TOPICS = 2 };

/* A decision, an award or a gun. */
struct item {
	struct race_event *event;
	struct race_id id;
	uint32_t targets[TARGETS]; /* marks of what it undoes, or NONE */
	uint32_t topics[TOPICS];   /* what it is about, or NONE */
	uint32_t undoing;          /* how many that hold undo it */
	bool holds;                /* as everybody was told */
	bool queued;
};

/* A name: of an item, of a crossing, or of something that has not come. */
struct mark {
	uint32_t item;    /* NONE: has not come, or is no item */
	uint32_t undoers; /* items that would undo it: the first link */
	uint32_t topic;   /* what is said of a crossing of that name, or NONE */
};

/* A list of items. */
struct link {
	uint32_t item;
	uint32_t next;
};

enum about {
	ABOUT_READ,
	ABOUT_TIME, /* of a bib at a point */
	ABOUT_BIB,
	ABOUT_WAVE,
	ABOUT_RANKING,
	ABOUT_PRIZE,
	ABOUT_PROBLEM,
	ABOUT_NAME, /* as written, by somebody of a team */
	ABOUT_COMPETITION,
	ABOUT_TIE /* of two, in a table of a season */
};

/* A thing that several may speak of. */
struct topic {
	enum about about;
	struct race_id read;
	const char *name; /* a bib or a wave, else "" */
	uint32_t items;   /* the first link */
	bool queued;
	/* As everybody was told. */
	union {
		struct rank_amendment amendment;
		struct rank_ruling ruling;
		int64_t gun_us;
		uint32_t item; /* the one that holds, or NONE */
	} told;
};

struct list {
	uint32_t *at;
	size_t cap;
	size_t count;
};

struct rulings {
	const struct rulings_ops *ops;
	void *arg;
	char *first_wave;
	struct item *items; /* in the order of arrival */
	size_t items_cap;
	size_t items_count;
	struct journal *names; /* indices in marks + 1 */
	struct mark *marks;
	size_t marks_cap;
	size_t marks_count;
	struct link *links;
	size_t links_cap;
	size_t links_count;
	struct strmap *topic_names;
	struct topic *topics;
	size_t topics_cap;
	size_t topics_count;
	struct list undone;  /* items to be looked at: a heap, latest first */
	struct list changed; /* topics */
	int64_t latest_us;
};

/* rulings.c */
uint32_t rulings_mark(struct rulings *r, struct race_id id);
void rulings_link(struct rulings *r, uint32_t *first, uint32_t item);
void rulings_list(struct list *l, uint32_t number);
bool rulings_before(const struct item *a, const struct item *b);

/* rulings_topics.c */
/* Lists item i with what it is about. */
void topics_join(struct rulings *r, uint32_t i);
/* Item i holds, or does no longer: its topics are queued, and what stands for
 * itself is told. */
void topics_turned(struct rulings *r, uint32_t i);
/* Tells of the queued ones what has changed. */
void topics_settle(struct rulings *r);

#endif
