/* What displays follow. */
#include <errno.h>
#include <string.h>

#include "proto/wire_parts.h"

enum { PARTS_MAX = 65536 /* of a delta: a roster of 2 million needs 7000 */ };

/* ---- to the schema's ---- */

/* NULL: nothing is to be said. */
static Palmares__Outlook *
put_outlook(struct wire_arena *a, const struct race_outlook *o)
{
	Palmares__Outlook *p;

	if (!o->open && o->published == RACE_UNPUBLISHED)
		return NULL;
	p = wire_take(a, sizeof *p);
	palmares__outlook__init(p);
	p->open = o->open;
	p->from1 = o->from[0];
	p->from2 = o->from[1];
	p->from3 = o->from[2];
	p->published = (Palmares__Publication)o->published;
	p->since_us = o->since_us;
	return p;
}

int
wire_put_delta(struct wire_buffer *b, const struct message_delta *m)
{
	Palmares__Delta p = PALMARES__DELTA__INIT;
	bool bibs = strcmp(m->view, MESSAGE_ROSTER) == 0;
	size_t gone_rows = bibs ? 0 : m->gone_count;

	p.store = m->store;
	p.run = m->run;
	p.view = wire_str(m->view);
	p.from = m->from;
	p.to = m->to;
	p.part = m->part;
	p.parts = m->parts;
	p.digest = m->digest;
	p.as_of_us = wire_put_time(m->as_of_us);
	p.sent_us = m->sent_us;
	p.n_rows = m->row_count + gone_rows;
	p.rows = wire_put_rows(b->scratch, m->rows, m->row_count, m->gone,
	    gone_rows);
	p.n_entries = m->entry_count;
	p.entries = wire_put_entries(b->scratch, m->entries, m->entry_count);
	if (bibs) {
		p.n_gone = m->gone_count;
		p.gone = (char **)m->gone;
	}
	p.outlook = put_outlook(b->scratch, &m->outlook);
	return wire_pack(b, MESSAGE_DELTA, &p.base);
}

int
wire_put_heartbeat(struct wire_buffer *b, const struct message_heartbeat *m)
{
	Palmares__Heartbeat p = PALMARES__HEARTBEAT__INIT;
	Palmares__ViewState *views =
	    wire_take_array(b->scratch, m->view_count, sizeof *views);

	p.store = m->store;
	p.run = m->run;
	p.now_us = m->now_us;
	p.as_of_us = wire_put_time(m->as_of_us);
	p.log = m->log;
	p.trouble = wire_str(m->trouble);
	p.n_views = m->view_count;
	p.views = wire_take_array(b->scratch, p.n_views, sizeof *p.views);
	for (size_t i = 0; i < p.n_views; i++) {
		palmares__view_state__init(&views[i]);
		views[i].view = wire_str(m->views[i].view);
		views[i].seq = m->views[i].seq;
		views[i].digest = m->views[i].digest;
		views[i].rows = m->views[i].rows;
		views[i].outlook =
		    put_outlook(b->scratch, &m->views[i].outlook);
		p.views[i] = &views[i];
	}
	return wire_pack(b, MESSAGE_HEARTBEAT, &p.base);
}

int
wire_put_snapshot_request(struct wire_buffer *b,
    const struct message_snapshot_request *m)
{
	Palmares__SnapshotRequest p = PALMARES__SNAPSHOT_REQUEST__INIT;

	p.request = m->request;
	p.view = wire_str(m->view);
	p.first = m->first;
	return wire_pack(b, MESSAGE_SNAPSHOT_REQUEST, &p.base);
}

int
wire_put_snapshot_page(struct wire_buffer *b,
    const struct message_snapshot_page *m)
{
	Palmares__SnapshotPage p = PALMARES__SNAPSHOT_PAGE__INIT;

	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.view = wire_str(m->view);
	p.seq = m->seq;
	p.first = m->first;
	p.next = m->next;
	p.as_of_us = wire_put_time(m->as_of_us);
	p.digest = m->digest;
	p.n_rows = m->row_count;
	p.rows = wire_put_rows(b->scratch, m->rows, m->row_count, NULL, 0);
	p.n_entries = m->entry_count;
	p.entries = wire_put_entries(b->scratch, m->entries, m->entry_count);
	p.outlook = put_outlook(b->scratch, &m->outlook);
	return wire_pack(b, MESSAGE_SNAPSHOT_PAGE, &p.base);
}

int
wire_put_rules_request(struct wire_buffer *b,
    const struct message_rules_request *m)
{
	Palmares__RulesRequest p = PALMARES__RULES_REQUEST__INIT;

	p.request = m->request;
	return wire_pack(b, MESSAGE_RULES_REQUEST, &p.base);
}

int
wire_put_rules_reply(struct wire_buffer *b, const struct message_rules_reply *m)
{
	Palmares__RulesReply p = PALMARES__RULES_REPLY__INIT;
	Palmares__Rules rules;

	wire_put_rules(b->scratch, &rules, m->rules);
	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.rules = &rules;
	p.software = wire_str(m->software);
	return wire_pack(b, MESSAGE_RULES_REPLY, &p.base);
}

/* ---- from the schema's ---- */

static int
get_outlook(const Palmares__Outlook *p, struct race_outlook *out)
{
	bool published;

	*out = (struct race_outlook){ .open = false };
	if (p == NULL)
		return 0;
	if ((int)p->published < RACE_UNPUBLISHED ||
	    (int)p->published > RACE_AMENDED)
		return -EINVAL;
	out->published = (enum race_publication)p->published;
	published = out->published != RACE_UNPUBLISHED;
	if (published ? !wire_time_ok(p->since_us) : p->since_us != 0)
		return -EINVAL;
	out->open = p->open;
	out->from[0] = p->from1;
	out->from[1] = p->from2;
	out->from[2] = p->from3;
	out->since_us = p->since_us;
	return 0;
}

static int
get_gone_bibs(const Palmares__Delta *p, const char **gone)
{
	for (size_t i = 0; i < p->n_gone; i++) {
		if (p->gone[i][0] == '\0' || !wire_bib_ok(p->gone[i]))
			return -EINVAL;
		gone[i] = p->gone[i];
	}
	return 0;
}

static int
get_changes(struct wire_arena *a, const Palmares__Delta *p,
    struct message_delta *out)
{
	struct race_row *rows = wire_take_array(a, p->n_rows, sizeof *rows);
	const char **gone =
	    wire_take_array(a, p->n_rows + p->n_gone, sizeof *gone);
	/* Who is gone is a row of a ranking, and a bib of the roster. */
	bool bibs = strcmp(p->view, MESSAGE_ROSTER) == 0;
	int rc = wire_get_rows(a, p->rows, p->n_rows, rows, &out->row_count,
	    bibs ? NULL : gone, &out->gone_count);

	if (rc == 0)
		rc = wire_get_entries(a, p->entries, p->n_entries,
		    &out->entries);
	if (rc == 0 && !bibs && p->n_gone > 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = get_gone_bibs(p, gone + out->gone_count);
	if (rc < 0)
		return rc;
	out->rows = rows;
	out->entry_count = p->n_entries;
	out->gone = gone;
	out->gone_count += p->n_gone;
	return 0;
}

int
wire_get_delta(struct wire_arena *a, const Palmares__Delta *p,
    struct message_delta *out)
{
	if (!wire_view_ok(p->view) || p->from > p->to || p->parts < 1 ||
	    p->parts > PARTS_MAX || p->part >= p->parts ||
	    !wire_span_ok(p->as_of_us) || !wire_span_ok(p->sent_us))
		return -EINVAL;
	out->store = p->store;
	out->run = p->run;
	out->view = p->view;
	out->from = p->from;
	out->to = p->to;
	out->part = p->part;
	out->parts = p->parts;
	out->digest = p->digest;
	out->as_of_us = wire_get_time(p->as_of_us);
	out->sent_us = p->sent_us;
	if (get_outlook(p->outlook, &out->outlook) < 0)
		return -EINVAL;
	return get_changes(a, p, out);
}

static int
get_views(struct wire_arena *a, const Palmares__Heartbeat *p,
    struct message_heartbeat *out)
{
	struct message_view_state *views;

	if (p->n_views > RACE_RANKINGS_MAX + 1) /* and the roster */
		return -EINVAL;
	views = wire_take_array(a, p->n_views, sizeof *views);
	for (size_t i = 0; i < p->n_views; i++) {
		if (!wire_view_ok(p->views[i]->view) ||
		    get_outlook(p->views[i]->outlook, &views[i].outlook) < 0)
			return -EINVAL;
		views[i].view = p->views[i]->view;
		views[i].seq = p->views[i]->seq;
		views[i].digest = p->views[i]->digest;
		views[i].rows = p->views[i]->rows;
	}
	out->views = views;
	out->view_count = p->n_views;
	return 0;
}

int
wire_get_heartbeat(struct wire_arena *a, const Palmares__Heartbeat *p,
    struct message_heartbeat *out)
{
	if (!wire_span_ok(p->now_us) || !wire_span_ok(p->as_of_us) ||
	    !wire_words_ok(p->trouble))
		return -EINVAL;
	out->store = p->store;
	out->run = p->run;
	out->now_us = p->now_us;
	out->as_of_us = wire_get_time(p->as_of_us);
	out->log = p->log;
	out->trouble = p->trouble;
	return get_views(a, p, out);
}

int
wire_get_snapshot_request(const Palmares__SnapshotRequest *p,
    struct message_snapshot_request *out)
{
	if (!wire_view_ok(p->view))
		return -EINVAL;
	out->request = p->request;
	out->view = p->view;
	out->first = p->first;
	return 0;
}

int
wire_get_snapshot_page(struct wire_arena *a, const Palmares__SnapshotPage *p,
    struct message_snapshot_page *out)
{
	struct race_row *rows = wire_take_array(a, p->n_rows, sizeof *rows);
	size_t gone;
	int rc;

	if (!wire_view_ok(p->view) || (p->next != 0 && p->next <= p->first) ||
	    !wire_span_ok(p->as_of_us) ||
	    get_outlook(p->outlook, &out->outlook) < 0)
		return -EINVAL;
	rc = wire_get_rows(a, p->rows, p->n_rows, rows, &out->row_count, NULL,
	    &gone);
	if (rc == 0)
		rc = wire_get_entries(a, p->entries, p->n_entries,
		    &out->entries);
	if (rc < 0)
		return rc;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->view = p->view;
	out->seq = p->seq;
	out->first = p->first;
	out->next = p->next;
	out->as_of_us = wire_get_time(p->as_of_us);
	out->digest = p->digest;
	out->rows = rows;
	out->entry_count = p->n_entries;
	return 0;
}

int
wire_get_rules_reply(struct wire_arena *a, const Palmares__RulesReply *p,
    struct message_rules_reply *out)
{
	if (p->rules == NULL || !wire_name_ok(p->software))
		return -EINVAL;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->software = p->software;
	return wire_get_rules(a, p->rules, true, &out->rules);
}
