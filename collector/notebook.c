#include "collector/notebook.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "proto/wire.h"

enum {
	/* More than anybody types in a day; an outbox may have been fed by
	 * other sources, and a screen is not for all of that. */
	RECALLED = 20000,
	READ_BYTES = 64 * 1024
};

static const int64_t retry_us = 1000000;

struct notebook {
	struct outbox *outbox;
	struct keyboard *keyboard;
	struct clockwork *clocks;
	uint32_t epoch; /* as the outbox has it */
	uint32_t put;   /* and as it will after the commit */
	struct wire_buffer body;
	struct wire_arena *arena;
	struct keyboard_draft draft; /* as the outbox has it */
	bool drafted;                /* it has one */
	bool full;
	int64_t retry_mono_us;
};

/* ---- back ---- */

static void
recall_one(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct notebook *n = arg;
	struct race_event event;

	wire_reset(n->arena);
	/* One that this version cannot read was not typed here. */
	if (wire_get_event(n->arena, body, len, &event) < 0)
		return;
	if (event.kind == RACE_CLOCK)
		clockwork_recall(n->clocks, &event.clock);
	else
		keyboard_recall(n->keyboard, seq, &event);
}

static int
recall(struct notebook *n, struct err *err)
{
	uint64_t last = outbox_last(n->outbox);
	uint64_t seq = outbox_first(n->outbox);

	if (last > RECALLED && seq < last - RECALLED)
		seq = last - RECALLED;
	while (last > 0 && seq <= last) {
		int rc = outbox_read(n->outbox, seq, RACE_BATCH_EVENTS,
		    READ_BYTES, recall_one, n, err);

		if (rc <= 0)
			return rc;
		seq += (uint64_t)rc;
	}
	return 0;
}

static int
resume(struct notebook *n, struct err *err)
{
	struct outbox_draft d;
	int rc = outbox_get_draft(n->outbox, &d);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_errno(err, rc,
		    "outbox: reading the line that was being typed");
	n->drafted = true;
	n->draft = (struct keyboard_draft){ .time_us = d.time_us,
		.boot_us = d.boot_us,
		.mark = d.mark };
	memcpy(n->draft.text, d.text, sizeof n->draft.text);
	keyboard_resume(n->keyboard, &n->draft);
	return 0;
}

int
notebook_open(struct notebook **out, struct outbox *outbox,
    struct keyboard *keyboard, struct clockwork *clocks, struct err *err)
{
	struct notebook *n = xcalloc(1, sizeof *n);
	int rc;

	n->outbox = outbox;
	n->keyboard = keyboard;
	n->clocks = clocks;
	n->arena = wire_arena_new();
	rc = recall(n, err);
	if (rc == 0)
		rc = resume(n, err);
	if (rc < 0) {
		notebook_free(n);
		return rc;
	}
	*out = n;
	return 0;
}

void
notebook_free(struct notebook *n)
{
	if (n == NULL)
		return;
	wire_buffer_free(&n->body);
	wire_arena_free(n->arena);
	free(n);
}

/* ---- into ---- */

/* With the first event of it, so that another boot does not take its number. */
static int
put_epoch(struct notebook *n, const struct keyboard_draft *draft)
{
	const struct clockwork_epoch *e = clockwork_epoch(n->clocks);

	n->put = n->epoch;
	if (e->number == n->epoch ||
	    (notebook_waiting(n) == 0 && draft == NULL))
		return 0;
	n->put = e->number;
	return outbox_set_clock(n->outbox, e);
}

static int
put_events(struct notebook *n)
{
	uint64_t seq = outbox_last(n->outbox);
	int rc = 0;

	while (rc == 0 && seq < keyboard_last(n->keyboard)) {
		struct race_event event;
		uint64_t given = 0;

		keyboard_event(n->keyboard, ++seq, &event);
		n->body.len = 0;
		/* Its strings are bounded, so it is too. */
		(void)wire_put_event(&n->body, &event);
		rc =
		    outbox_append(n->outbox, n->body.data, n->body.len, &given);
		/* Fill-ins and voids name the numbers of before. */
		assert(rc < 0 || given == seq);
	}
	return rc;
}

static int
put_draft(struct notebook *n, const struct keyboard_draft *draft)
{
	struct outbox_draft d;

	if (draft == NULL)
		return outbox_set_draft(n->outbox, NULL);
	d = (struct outbox_draft){ .time_us = draft->time_us,
		.boot_us = draft->boot_us,
		.mark = draft->mark };
	memcpy(d.text, draft->text, sizeof d.text);
	return outbox_set_draft(n->outbox, &d);
}

static bool
is_same_draft(const struct notebook *n, const struct keyboard_draft *draft)
{
	if (draft == NULL)
		return !n->drafted;
	return n->drafted && n->draft.time_us == draft->time_us &&
	    n->draft.boot_us == draft->boot_us &&
	    strcmp(n->draft.text, draft->text) == 0;
}

static int
put(struct notebook *n, const struct keyboard_draft *draft, struct err *err)
{
	int rc = put_epoch(n, draft);

	if (rc == 0)
		rc = put_events(n);
	if (rc == 0 && !is_same_draft(n, draft))
		rc = put_draft(n, draft);
	if (rc == 0)
		return outbox_commit(n->outbox, err);
	outbox_rollback(n->outbox);
	return err_errno(err, rc, "write to the outbox");
}

static void
took(struct notebook *n, const struct keyboard_draft *draft)
{
	keyboard_durable(n->keyboard, outbox_last(n->outbox));
	n->epoch = n->put;
	n->drafted = draft != NULL;
	if (draft != NULL)
		n->draft = *draft;
	if (n->full)
		log_info("everything that was typed is on the disk again");
	n->full = false;
}

static void
is_full(struct notebook *n, int64_t now_mono_us)
{
	if (!n->full)
		log_warnx("the disk of the outbox is full: what is typed waits "
		          "in memory; make room, it is tried again each "
		          "second");
	n->full = true;
	n->retry_mono_us = now_mono_us + retry_us;
}

int
notebook_turn(struct notebook *n, int64_t now_mono_us, struct err *err)
{
	struct keyboard_draft line;
	const struct keyboard_draft *draft =
	    keyboard_draft(n->keyboard, &line) ? &line : NULL;
	int rc;

	if (n->full && now_mono_us < n->retry_mono_us)
		return 0;
	if (notebook_waiting(n) == 0 && is_same_draft(n, draft) && !n->full)
		return 0;
	rc = put(n, draft, err);
	if (rc == 0)
		took(n, draft);
	else if (rc == -ENOSPC)
		is_full(n, now_mono_us);
	else
		return rc;
	return 0;
}

int64_t
notebook_deadline(const struct notebook *n)
{
	return n->full ? n->retry_mono_us : LOOP_NEVER;
}

bool
notebook_full(const struct notebook *n)
{
	return n->full;
}

size_t
notebook_waiting(const struct notebook *n)
{
	return (size_t)(keyboard_last(n->keyboard) - outbox_last(n->outbox));
}

size_t
notebook_tell_lost(const struct notebook *n)
{
	uint64_t durable = outbox_last(n->outbox);
	size_t lost = 0;

	if (notebook_waiting(n) == 0)
		return 0;
	for (size_t i = 0; i < keyboard_count(n->keyboard); i++) {
		const struct deeds_entry *e = keyboard_entry(n->keyboard, i);
		char clock[24];

		if (e->touched <= durable)
			continue;
		log_warnx("not kept: %s %s%s",
		    keyboard_clock(clock, e->time_us),
		    e->bib[0] != '\0' ? e->bib : "(no bib)",
		    e->gone ? ", taken back" : "");
		lost++;
	}
	return lost;
}
