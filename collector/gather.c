#include "collector/gather.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "proto/wire.h"

/* Rows a turn: enough that a commit is shared by many, few enough that acks and
 * signals are not kept waiting (about 3 ms). */
enum { ROWS = 1000, TEXT = 1001 };

static const int64_t retry_us = 1000000;

struct refusal {
	uint64_t line;
	char *text;
	char *why;
};

/* What a turn has read and the outbox does not hold yet. */
struct turn {
	struct wire_buffer bodies;
	size_t ends[ROWS]; /* of the bodies */
	size_t count;
	struct refusal refusals[ROWS];
	size_t refused;
	struct outbox_position pos;
	bool moved;   /* the position did */
	bool renamed; /* the columns have other names */
};

struct gather {
	struct source *source;
	struct lines *lines;
	struct outbox *outbox;
	struct gather_pace pace;
	bool header;
	char *columns; /* as they stand in the file; NULL: not kept */
	struct turn turn;
	struct race_crossing held; /* not due yet; lives in the source's row */
	bool holds;
	int64_t due_mono_us; /* of the held one */
	int64_t start_mono_us;
	bool started;
	bool more;  /* the turn's bound was reached */
	bool stuck; /* the disk is full */
	int64_t retry_mono_us;
};

/* Each crossing has to have a point from somewhere. */
static int
check_point(const struct gather *g, struct err *err)
{
	if (lines_has_point(g->lines) || outbox_point(g->outbox)[0] != '\0')
		return 0;
	return err_set(err, -EINVAL,
	    "%s has no column 'point': say --point NAME",
	    source_title(g->source));
}

/* The columns that a file goes on with which does not name them itself. */
static int
recall_columns(struct gather *g, struct err *err)
{
	char separator = g->turn.pos.separator;
	struct csv *csv = csv_new(0, 1, separator);
	struct csv_row row;
	int rc;

	csv_feed(csv, g->columns, strlen(g->columns));
	csv_end(csv);
	rc = csv_next(csv, &row, err);
	if (rc > 0)
		rc = lines_header(g->lines, &row, err);
	csv_free(csv);
	if (rc < 0)
		return err_wrap(err, rc, "outbox: the columns of %s",
		    source_title(g->source));
	g->header = true;
	return check_point(g, err);
}

static int
resume(struct gather *g, struct err *err)
{
	const char *key = source_key(g->source);
	int rc = outbox_get_position(g->outbox, key, &g->turn.pos);

	if (rc == -ENOENT)
		return 0;
	if (rc == 0 && !g->header)
		rc = outbox_get_columns(g->outbox, key, &g->columns);
	if (rc < 0)
		return err_set(err, rc, "outbox: reading the position of %s",
		    source_title(g->source));
	rc = source_resume(g->source, &g->turn.pos, err);
	if (rc < 0 || g->columns == NULL)
		return rc;
	return g->columns[0] == '\0' ? 0 : recall_columns(g, err);
}

int
gather_open(struct gather **out, struct source *source, struct lines *lines,
    bool header, struct outbox *outbox, const struct gather_pace *pace,
    struct err *err)
{
	struct gather *g = xcalloc(1, sizeof *g);
	bool pipe = source_fd(source) >= 0;
	int rc = 0;

	g->source = source;
	g->lines = lines;
	g->outbox = outbox;
	g->header = header;
	g->pace = *pace;
	g->turn.pos.near_us = RACE_NO_TIME;
	if (!pipe)
		rc = resume(g, err);
	if (rc < 0) {
		gather_free(g);
		return rc;
	}
	*out = g;
	return 0;
}

static void
clear_turn(struct turn *t)
{
	for (size_t i = 0; i < t->refused; i++) {
		free(t->refusals[i].text);
		free(t->refusals[i].why);
	}
	t->bodies.len = 0;
	t->count = 0;
	t->refused = 0;
	t->moved = false;
	t->renamed = false;
}

void
gather_free(struct gather *g)
{
	if (g == NULL)
		return;
	clear_turn(&g->turn);
	wire_buffer_free(&g->turn.bodies);
	free(g->columns);
	free(g);
}

/* ---- reading ---- */

static void
refuse_row(struct gather *g, const struct csv_row *row, const char *why)
{
	struct turn *t = &g->turn;
	char text[TEXT];

	log_warnx("%s:%" PRIu64 ": %s", source_title(g->source), row->line,
	    why);
	source_text(g->source, text, sizeof text);
	t->refusals[t->refused++] = (struct refusal){ .line = row->line,
		.text = xstrdup(text),
		.why = xstrdup(why) };
	t->pos.refused++;
	source_position(g->source, &t->pos);
	t->moved = true;
}

static void
accept_crossing(struct gather *g, const struct race_crossing *c,
    int64_t now_utc_us)
{
	struct turn *t = &g->turn;
	struct race_event e = { .kind = RACE_CROSSING,
		.made_us = now_utc_us,
		.crossing = *c };

	/* Its strings are bounded, so it is too. */
	(void)wire_put_event(&t->bodies, &e);
	t->ends[t->count++] = t->bodies.len;
	t->pos.near_us = c->time_us;
	source_position(g->source, &t->pos);
	t->moved = true;
}

/*
 * When a crossing is due.  After a restart the clock goes on from where the
 * source was left, and does not wait for what was played already.
 */
static int64_t
due(struct gather *g, const struct race_crossing *c, int64_t now_mono_us)
{
	struct gather_pace *p = &g->pace;
	double span;

	if (!g->started) {
		g->started = true;
		g->start_mono_us = now_mono_us;
		if (p->origin_us == RACE_NO_TIME)
			p->origin_us = c->time_us;
		if (g->turn.pos.near_us != RACE_NO_TIME &&
		    g->turn.pos.near_us > p->origin_us)
			p->origin_us = g->turn.pos.near_us;
	}
	span = (double)(c->time_us - p->origin_us) / p->speed;
	return g->start_mono_us + (int64_t)span;
}

/* The columns are stored with the position behind the row that names them, so
 * that a restart knows them when that row is in another file by then. */
static void
keep_columns(struct gather *g, char *columns)
{
	free(g->columns);
	g->columns = columns;
	source_position(g->source, &g->turn.pos);
	g->turn.moved = true;
	g->turn.renamed = true;
}

/* The row that was just read, as it stands in the file.  Free with free(). */
static char *
row_text(const struct gather *g)
{
	char *text = xmalloc(CSV_ROW_MAX + 1);

	source_text(g->source, text, CSV_ROW_MAX + 1);
	return text;
}

/*
 * The first row of a file that another was before may name the columns or be a
 * crossing already.  1: it was none, or is to be read again.
 */
static int
begin_file(struct gather *g, const struct csv_row *row)
{
	struct err err;
	char *text;

	if (!lines_is_header(row))
		return source_reread(g->source);
	text = row_text(g);
	if (g->columns != NULL && strcmp(text, g->columns) == 0) {
		free(text);
		return 1;
	}
	if (lines_header(g->lines, row, &err) == 0) {
		log_info("%s:%" PRIu64 ": other columns than before",
		    source_title(g->source), row->line);
		keep_columns(g, text);
		return 1;
	}
	free(text);
	refuse_row(g, row, err.text);
	return 1;
}

/* 1: a row was taken or refused, 0: none now, -errno. */
static int
take_row(struct gather *g, int64_t now_mono_us, int64_t now_utc_us,
    struct err *err)
{
	int64_t near_us = g->turn.pos.near_us;
	struct race_crossing c;
	struct csv_row row;
	struct err why;
	int rc;

	if (g->holds) {
		if (now_mono_us < g->due_mono_us)
			return 0;
		g->holds = false;
		accept_crossing(g, &g->held, now_utc_us);
		return 1;
	}
	rc = source_next(g->source, &row, &why);
	if (rc == 0)
		return 0;
	if (rc < 0 && rc != -EINVAL) {
		if (err != NULL)
			*err = why;
		return rc;
	}
	if (rc > 0 && source_began(g->source) && begin_file(g, &row))
		return 1;
	if (rc > 0)
		rc = lines_crossing(g->lines, &row, &near_us, &c, &why);
	/* A file can be read again; what a reader says into a pipe cannot. */
	if (rc == -ENODATA &&
	    (source_fd(g->source) < 0 || g->turn.pos.near_us == RACE_NO_TIME))
		return err_set(err, rc, "%s:%" PRIu64 ": %s",
		    source_title(g->source), row.line, why.text);
	if (rc != 0) {
		refuse_row(g, &row, why.text);
		return 1;
	}
	if (g->pace.speed > 0) {
		g->due_mono_us = due(g, &c, now_mono_us);
		if (now_mono_us < g->due_mono_us) {
			g->held = c;
			g->holds = true;
			return 0;
		}
	}
	accept_crossing(g, &c, now_utc_us);
	return 1;
}

static int
take_header(struct gather *g, struct err *err)
{
	struct csv_row row;
	int rc = source_header(g->source, &row, err);

	if (rc <= 0)
		return rc;
	rc = lines_header(g->lines, &row, err);
	if (rc < 0)
		return err_wrap(err, rc, "%s", source_title(g->source));
	rc = check_point(g, err);
	if (rc < 0)
		return rc;
	g->header = true;
	if (source_fd(g->source) < 0)
		keep_columns(g, row_text(g));
	return 0;
}

static int
read_rows(struct gather *g, int64_t now_mono_us, int64_t now_utc_us,
    struct err *err)
{
	struct turn *t = &g->turn;
	int rc = 0;

	g->more = false;
	if (!g->header)
		rc = take_header(g, err);
	if (rc < 0 || !g->header)
		return rc;
	do {
		rc = take_row(g, now_mono_us, now_utc_us, err);
	} while (rc > 0 && t->count < ROWS && t->refused < ROWS);
	g->more = rc > 0;
	return rc < 0 ? rc : 0;
}

/* A file that has begun and not given a row yet is known after a restart, even
 * if it was moved away by then.  A row that is held was not taken yet. */
static void
note_turn(struct gather *g)
{
	if (source_fd(g->source) >= 0 || g->holds || !source_turned(g->source))
		return;
	source_position(g->source, &g->turn.pos);
	g->turn.moved = true;
}

/* ---- storing ---- */

static int
put_turn(struct gather *g, struct err *err)
{
	const struct turn *t = &g->turn;
	const char *key = source_key(g->source);
	size_t begin = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < t->count; i++) {
		uint64_t seq;

		rc = outbox_append(g->outbox, t->bodies.data + begin,
		    t->ends[i] - begin, &seq);
		begin = t->ends[i];
	}
	for (size_t i = 0; rc == 0 && i < t->refused; i++)
		rc = outbox_refuse(g->outbox, key, t->refusals[i].line,
		    t->refusals[i].text, t->refusals[i].why);
	if (rc == 0)
		rc = outbox_set_position(g->outbox, key, &t->pos);
	if (rc == 0 && t->renamed)
		rc = outbox_set_columns(g->outbox, key, g->columns);
	if (rc == 0)
		return outbox_commit(g->outbox, err);
	outbox_rollback(g->outbox);
	return err_errno(err, rc, "write to the outbox");
}

static int
store_turn(struct gather *g, int64_t now_mono_us, struct err *err)
{
	int rc = put_turn(g, err);

	if (rc == -ENOSPC) {
		if (!g->stuck)
			log_warnx("the disk of the outbox is full: %s waits, "
			          "nothing is lost; make room, it is tried "
			          "again each second",
			    source_title(g->source));
		g->stuck = true;
		g->retry_mono_us = now_mono_us + retry_us;
		return 0;
	}
	if (rc < 0)
		return rc;
	if (g->stuck)
		log_info("the disk of the outbox has room again: reading goes "
		         "on");
	g->stuck = false;
	clear_turn(&g->turn);
	return 0;
}

int
gather_turn(struct gather *g, int64_t now_mono_us, int64_t now_utc_us,
    struct err *err)
{
	int rc = 0;

	if (g->stuck) {
		if (now_mono_us < g->retry_mono_us)
			return 0;
	} else {
		source_poll(g->source, now_mono_us);
		rc = read_rows(g, now_mono_us, now_utc_us, err);
		/* Nor was the row that ends the program. */
		if (rc == 0)
			note_turn(g);
	}
	/* What was read before a read failed is kept. */
	if (g->turn.moved) {
		int stored = store_turn(g, now_mono_us, rc < 0 ? NULL : err);

		if (rc == 0)
			rc = stored;
	}
	return rc;
}

int64_t
gather_deadline(const struct gather *g, int64_t now_mono_us)
{
	if (g->stuck)
		return g->retry_mono_us;
	if (g->holds)
		return g->due_mono_us;
	return g->more ? now_mono_us : source_deadline(g->source);
}

bool
gather_hungry(const struct gather *g)
{
	return !g->stuck && !g->holds && !g->more && !source_ended(g->source);
}

bool
gather_done(const struct gather *g)
{
	return source_ended(g->source) && !g->stuck && !g->holds && !g->more;
}

size_t
gather_waiting(const struct gather *g)
{
	return g->turn.count;
}

uint64_t
gather_refused(const struct gather *g)
{
	return g->turn.pos.refused;
}

int64_t
gather_last_time(const struct gather *g)
{
	return g->turn.pos.near_us;
}
