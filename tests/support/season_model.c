#include "support/season_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"

__extension__ typedef __int128 wide;

#define LIMIT (INT64_MAX / 4)

static int64_t
cut(wide sum)
{
	return sum > LIMIT ? LIMIT : sum < -LIMIT ? -LIMIT : (int64_t)sum;
}

/* Rounded half up: the whole number just not above sum / by + 1/2. */
static wide
half_up(wide sum, wide by)
{
	wide up = 2 * sum + by;
	wide down = 2 * by;
	wide rest = up % down;

	if (rest < 0)
		rest += down;
	return (up - rest) / down;
}

/* ---- names ---- */

static const char *
named(const struct season_model *m, const char *written, const char *team)
{
	for (size_t i = 0; i < m->name_count; i++)
		if (m->names[i].subject != NULL &&
		    strcmp(m->names[i].written, written) == 0 &&
		    strcmp(m->names[i].team, team) == 0)
			return m->names[i].subject;
	for (size_t i = 0; i < m->name_count; i++)
		if (m->names[i].subject != NULL &&
		    strcmp(m->names[i].written, written) == 0 &&
		    m->names[i].team[0] == '\0')
			return m->names[i].subject;
	return NULL;
}

static const char *
name_or_itself(const struct season_model *m, const char *written,
    const char *team)
{
	const char *name = named(m, written, team);

	return name != NULL ? name : written;
}

/* Turns "B / A" round, in a copy. */
static char *
turned(const char *pair)
{
	const char *cut_at = strstr(pair, " / ");

	if (cut_at == NULL)
		return xstrdup(pair);
	return xasprintf("%s / %.*s", cut_at + 3, (int)(cut_at - pair), pair);
}

static char *
sorted_pair(char *pair)
{
	char *left = xstrdup(pair);
	char *end = strstr(left, " / ");
	char *other;
	bool wrong;

	if (end == NULL) {
		free(left);
		return pair;
	}
	*end = '\0';
	wrong = strcmp(left, end + 3) > 0;
	free(left);
	if (!wrong)
		return pair;
	other = turned(pair);
	free(pair);
	return other;
}

static char *
pair_of(const struct season_model *m, const char *written, const char *team)
{
	const char *name = named(m, written, team);
	char *other = turned(written);
	char *left = xstrdup(written);
	char *end = strstr(left, " / ");
	char *out;

	if (name == NULL && end != NULL)
		name = named(m, other, team);
	if (name != NULL) {
		out = xstrdup(name);
	} else if (end == NULL) {
		out = xstrdup(written);
	} else {
		*end = '\0';
		out = xasprintf("%s / %s", name_or_itself(m, left, team),
		    name_or_itself(m, end + 3, team));
	}
	free(other);
	free(left);
	return sorted_pair(out);
}

/* "" for nobody; for free(). */
static char *
subject_of(const struct season_model *m, enum season_of of,
    const struct season_result *r)
{
	if (of == SEASON_TEAMS)
		return xstrdup(
		    r->team[0] != '\0' ? name_or_itself(m, r->team, "") : "");
	if (r->recipient[0] == '\0')
		return xstrdup("");
	if (of == SEASON_PAIRS)
		return pair_of(m, r->recipient, r->team);
	return xstrdup(name_or_itself(m, r->recipient, r->team));
}

/* ---- competitions ---- */

static enum season_state
state_of(const struct season_model *m, const char *season,
    const char *competition)
{
	for (size_t i = 0; i < m->state_count; i++)
		if (strcmp(m->states[i].season, season) == 0 &&
		    strcmp(m->states[i].competition, competition) == 0)
			return m->states[i].voided ? SEASON_VOID
			                           : m->states[i].state;
	return SEASON_PUBLISHED;
}

static const struct season_competition *
rule_of(const struct season_model *m, const char *competition)
{
	for (size_t i = 0; i < m->rules->competition_count; i++)
		if (strcmp(m->rules->competitions[i].name, competition) == 0)
			return &m->rules->competitions[i];
	return NULL;
}

static bool
is_of_season(const struct season_competition *c, const char *season)
{
	if (c->from[0] != '\0' && text_label_cmp(season, c->from) < 0)
		return false;
	return c->to[0] == '\0' || text_label_cmp(season, c->to) <= 0;
}

static struct season_held
held_of(const struct season_model *m, const char *season, const char *name)
{
	const struct season_competition *rule = rule_of(m, name);
	struct season_held out = { .name = name,
		.title =
		    rule != NULL && rule->title[0] != '\0' ? rule->title : name,
		.date = "",
		.state = state_of(m, season, name) };

	out.held = out.state == SEASON_VOID;
	for (size_t i = 0; i < m->result_count; i++) {
		const struct season_result *r = &m->results[i].r;

		if (strcmp(r->season, season) != 0 ||
		    strcmp(r->competition, name) != 0)
			continue;
		out.held = true;
		if (r->date[0] != '\0' &&
		    (out.date[0] == '\0' || strcmp(r->date, out.date) < 0))
			out.date = r->date;
	}
	return out;
}

static int
by_date(const void *a, const void *b)
{
	const struct season_held *x = a;
	const struct season_held *y = b;

	if ((x->date[0] == '\0') != (y->date[0] == '\0'))
		return x->date[0] == '\0' ? 1 : -1;
	if (strcmp(x->date, y->date) != 0)
		return strcmp(x->date, y->date);
	return strcmp(x->name, y->name);
}

size_t
season_model_competitions(const struct season_model *m, const char *season,
    struct season_held *out, size_t cap)
{
	struct season_held *all =
	    xcalloc(m->rules->competition_count + m->result_count, sizeof *all);
	size_t count = 0;
	size_t first;

	for (size_t i = 0; i < m->rules->competition_count; i++)
		if (is_of_season(&m->rules->competitions[i], season))
			all[count++] =
			    held_of(m, season, m->rules->competitions[i].name);
	first = count;
	for (size_t i = 0; i < m->result_count; i++) {
		const struct season_result *r = &m->results[i].r;
		size_t k = 0;

		while (k < count && strcmp(all[k].name, r->competition) != 0)
			k++;
		if (k == count && strcmp(r->season, season) == 0)
			all[count++] = held_of(m, season, r->competition);
	}
	if (count > first)
		qsort(all + first, count - first, sizeof *all, by_date);
	for (size_t i = 0; i < count && i < cap; i++)
		out[i] = all[i];
	free(all);
	return count;
}

/* ---- what is worked with ---- */

enum { COMPS = 200 };

struct mline {
	const struct season_model_result *result;
	char *subject;
	size_t comp;
	const struct season_award *own;
	bool bonus;
	uint32_t place;
	uint32_t shared;
	bool scored;
	int64_t points;
	bool kept; /* within `each` */
};

struct mscore {
	bool has;   /* a score, his own or missing */
	bool own;   /* with a result */
	bool loose; /* bonus alone */
	bool counts;
	int64_t value;
};

struct mrow {
	const char *subject;
	struct mscore *scores; /* by comp */
	uint32_t own;
	struct season_row row;
};

struct work {
	const struct season_model *m;
	const struct season_table *table;
	const char *season;
	bool less;
	struct season_held comps[COMPS];
	size_t comp_count;
	struct mline *lines;
	size_t line_count;
	struct mrow *rows;
	size_t row_count;
};

static bool
is_in(char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* Held or to come, not void. */
static bool
takes(const struct work *w, size_t comp)
{
	return w->comps[comp].state != SEASON_VOID &&
	    (w->table->competition_count == 0 ||
	        is_in(w->table->competitions, w->table->competition_count,
	            w->comps[comp].name));
}

static bool
filter(const char *asked, const char *has)
{
	return asked[0] == '\0' || strcmp(asked, has) == 0;
}

static int64_t
weight_of(const struct work *w, size_t comp)
{
	const struct season_competition *c = rule_of(w->m, w->comps[comp].name);

	return c != NULL ? c->weight : 1000;
}

/* ---- lines ---- */

static bool
is(const char *a, const char *b)
{
	return a != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

/* What names the award, unless it says no more than that; else what names the
 * competition, of an award that counts. */
static const struct season_award *
own_points(const struct season_table *t, const struct season_result *r)
{
	const struct season_award *own = NULL;

	for (size_t k = 0; k < t->award_count; k++) {
		if (is(t->awards[k].name, r->award))
			own = &t->awards[k];
	}
	if (own == NULL ? t->only_awards : own->bonus || !own->plain)
		return own;
	for (size_t k = 0; k < t->award_count; k++) {
		if (is(t->awards[k].competition, r->competition))
			own = &t->awards[k];
	}
	return own;
}

static void
find_lines(struct work *w)
{
	const struct season_model *m = w->m;
	const struct season_table *t = w->table;

	w->lines = xcalloc(m->result_count, sizeof *w->lines);
	for (size_t i = 0; i < m->result_count; i++) {
		const struct season_result *r = &m->results[i].r;
		struct mline l = { .result = &m->results[i] };

		if (strcmp(r->season, w->season) != 0)
			continue;
		while (strcmp(w->comps[l.comp].name, r->competition) != 0)
			l.comp++;
		l.own = own_points(t, r);
		l.bonus = l.own != NULL && l.own->bonus;
		if (!takes(w, l.comp) || (l.own == NULL && t->only_awards) ||
		    !filter(t->sex, r->sex) ||
		    !filter(t->category, r->category) ||
		    !filter(t->team, name_or_itself(m, r->team, "")))
			continue;
		l.subject = subject_of(m, t->of, r);
		if (l.subject[0] == '\0')
			free(l.subject);
		else
			w->lines[w->line_count++] = l;
	}
}

static bool
same_award(const struct season_result *a, const struct season_result *b)
{
	return strcmp(a->season, b->season) == 0 &&
	    strcmp(a->competition, b->competition) == 0 &&
	    strcmp(a->award, b->award) == 0;
}

/* Among all of the award, or among those of the table. */
static void
find_place(struct work *w, struct mline *l, int64_t *least_us)
{
	const struct season_model *m = w->m;
	const struct season_result *r = &l->result->r;
	bool again = w->table->again;
	size_t count = again ? w->line_count : m->result_count;

	*least_us = INT64_MAX;
	l->place = r->place == 0 || !again ? r->place : 1;
	l->shared = r->place == 0 ? 1 : 0;
	for (size_t i = 0; i < count; i++) {
		const struct season_result *o =
		    again ? &w->lines[i].result->r : &m->results[i].r;

		if (o->place == 0 || !same_award(o, r))
			continue;
		if (o->time_us > 0 && o->time_us < *least_us)
			*least_us = o->time_us;
		if (r->place == 0)
			continue;
		l->place += again && o->place < r->place;
		l->shared += o->place == r->place;
	}
}

static wide
one_place(const struct season_points *p, uint64_t place)
{
	wide value;

	switch (p->scale) {
	case SEASON_LIST:
		return place <= p->count ? p->list[place - 1] : p->beyond;
	case SEASON_STEPS:
		value = p->from - (wide)(place - 1) * p->step;
		return value > p->beyond ? value : p->beyond;
	case SEASON_PLACE:
		return (wide)place * SEASON_UNIT;
	case SEASON_RATIO:
		break;
	}
	return 0;
}

static int64_t
ratio(const struct season_points *p, int64_t least_us, int64_t time_us,
    int64_t weight)
{
	/* from is in units; thousandths of a point are asked for. */
	wide thousandths = half_up((wide)p->from * 1000 * least_us,
	    (wide)SEASON_UNIT * time_us);

	return cut(half_up(thousandths * (SEASON_UNIT / 1000) * weight, 1000));
}

static void
count_points(struct work *w, struct mline *l, int64_t least_us)
{
	const struct season_result *r = &l->result->r;
	const struct season_points *p =
	    l->own != NULL ? &l->own->points : &w->table->points;
	int64_t weight = weight_of(w, l->comp);
	bool fine = r->status == RACE_STATUS_NONE || r->status == RACE_FINISHED;
	bool average = w->table->tied == SEASON_TIED_AVERAGE;
	wide sum = 0;

	if (!fine && l->place == 0 &&
	    !(p->given && r->points != SEASON_NO_VALUE &&
	        w->table->by == SEASON_BY_POINTS))
		return;
	l->scored = true;
	if (w->table->by == SEASON_BY_TIME) {
		l->scored = r->time_us >= 0;
		l->points = l->scored ? r->time_us : 0;
		return;
	}
	if (p->given && r->points != SEASON_NO_VALUE) {
		l->points = cut(half_up((wide)r->points * weight, 1000));
		return;
	}
	if (l->place == 0 || (p->scale == SEASON_RATIO && r->time_us <= 0)) {
		l->points = cut(half_up((wide)p->taking_part * weight, 1000));
		return;
	}
	if (p->scale == SEASON_RATIO) {
		l->points = ratio(p, least_us, r->time_us, weight);
		return;
	}
	for (uint32_t i = 0; i < (average ? l->shared : 1); i++)
		sum += one_place(p, (uint64_t)l->place + i);
	l->points =
	    cut(half_up(sum * weight, (wide)1000 * (average ? l->shared : 1)));
}

static bool
is_better_line(const struct work *w, const struct mline *a,
    const struct mline *b)
{
	if (a->points != b->points)
		return w->less ? a->points < b->points : a->points > b->points;
	if (a->place != b->place)
		return b->place == 0 || (a->place != 0 && a->place < b->place);
	if (strcmp(a->result->r.award, b->result->r.award) != 0)
		return strcmp(a->result->r.award, b->result->r.award) < 0;
	return a->result->key < b->result->key;
}

/* Kept are those than which fewer than `each` are better. */
static void
keep_best(struct work *w)
{
	for (size_t i = 0; i < w->line_count; i++) {
		struct mline *l = &w->lines[i];
		uint32_t better = 0;

		for (size_t k = 0; k < w->line_count; k++) {
			const struct mline *o = &w->lines[k];

			better += o->comp == l->comp && o->scored &&
			    !o->bonus && strcmp(o->subject, l->subject) == 0 &&
			    is_better_line(w, o, l);
		}
		l->kept = l->scored &&
		    (l->bonus || w->table->each == 0 ||
		        better < w->table->each);
	}
}

/* ---- scores ---- */

static uint32_t
placed_in(const struct work *w, size_t comp)
{
	uint32_t count = 0;

	for (size_t i = 0; i < w->line_count; i++)
		count += w->lines[i].comp == comp && !w->lines[i].bonus &&
		    w->lines[i].result->r.place > 0;
	return count;
}

static void
make_score(struct work *w, struct mrow *row, size_t comp)
{
	const struct season_table *t = w->table;
	struct mscore *x = &row->scores[comp];
	wide value = 0;
	bool extra = false;
	uint32_t kept = 0;

	for (size_t i = 0; i < w->line_count; i++) {
		const struct mline *l = &w->lines[i];

		if (l->comp != comp || !l->kept ||
		    strcmp(l->subject, row->subject) != 0)
			continue;
		value += l->points;
		if (l->bonus)
			extra = true;
		else
			kept++;
	}
	x->own = kept > 0;
	if (t->by == SEASON_BY_POINTS && t->missing != SEASON_NO_VALUE &&
	    kept < t->each && takes(w, comp) && w->comps[comp].held) {
		wide lack = (wide)placed_in(w, comp) * SEASON_UNIT + t->missing;

		lack = half_up(lack * weight_of(w, comp), 1000);
		value += lack * (t->each - kept);
		x->has = true;
	}
	x->has = x->has || x->own;
	x->loose = !x->has && extra;
	x->value = cut(value);
}

static bool
is_compulsory(const struct work *w, size_t comp)
{
	return takes(w, comp) &&
	    is_in(w->table->compulsory, w->table->compulsory_count,
	        w->comps[comp].name);
}

static bool
counts_before(const struct work *w, const struct mrow *row, size_t a, size_t b)
{
	int64_t x = row->scores[a].value;
	int64_t y = row->scores[b].value;

	if (is_compulsory(w, a) != is_compulsory(w, b))
		return is_compulsory(w, a);
	if (x != y)
		return w->less ? x < y : x > y;
	return a < b;
}

static void
choose(struct work *w, struct mrow *row)
{
	for (size_t i = 0; i < w->comp_count; i++) {
		struct mscore *x = &row->scores[i];
		uint32_t before = 0;

		for (size_t k = 0; k < w->comp_count; k++)
			before += k != i && row->scores[k].has &&
			    counts_before(w, row, k, i);
		x->counts = x->loose ||
		    (x->has &&
		        (w->table->best == 0 || before < w->table->best));
	}
}

static enum season_standing
standing_of(const struct work *w, const struct mrow *row)
{
	uint32_t all = 0;
	uint32_t to_come = 0;
	uint32_t need = w->table->at_least;
	bool in = true;
	bool open = true;

	for (size_t i = 0; i < w->comp_count; i++) {
		all += takes(w, i);
		to_come += takes(w, i) && !w->comps[i].held;
		if (is_compulsory(w, i) && !row->scores[i].own) {
			in = false;
			open = open && !w->comps[i].held;
		}
	}
	if (need == 0 && w->table->by == SEASON_BY_TIME)
		need = all;
	if (need == 0 && w->less)
		need = 1;
	if (in && row->own >= need)
		return SEASON_IN;
	return open && row->own + to_come >= need ? SEASON_OPEN : SEASON_OUT;
}

static void
count_lines(struct work *w, struct mrow *row, wide *beyond)
{
	struct season_row *out = &row->row;
	bool there[COMPS] = { false };

	for (size_t i = 0; i < w->line_count; i++) {
		const struct mline *l = &w->lines[i];

		if (strcmp(l->subject, row->subject) != 0)
			continue;
		out->results++;
		out->wins += !l->bonus && l->place == 1;
		if (!l->bonus && l->result->r.status != RACE_DNS)
			there[l->comp] = true;
		if (l->scored && !l->kept)
			*beyond += l->points;
	}
	for (size_t i = 0; i < w->comp_count; i++)
		out->took_part += there[i];
}

static void
make_row(struct work *w, const char *subject)
{
	struct mrow *row = &w->rows[w->row_count++];
	wide total = 0;
	wide dropped = 0;

	*row = (struct mrow){ .subject = subject };
	row->scores = xcalloc(w->comp_count, sizeof *row->scores);
	for (size_t i = 0; i < w->comp_count; i++)
		make_score(w, row, i);
	choose(w, row);
	count_lines(w, row, &dropped);
	for (size_t i = 0; i < w->comp_count; i++) {
		const struct mscore *x = &row->scores[i];

		row->own += x->own;
		row->row.counted += x->counts && !x->loose;
		if (x->counts)
			total += x->value;
		else if (x->has)
			dropped += x->value;
	}
	row->row.score = cut(total);
	row->row.dropped = cut(dropped);
	row->row.standing = standing_of(w, row);
}

static void
make_rows(struct work *w)
{
	w->rows = xcalloc(w->line_count, sizeof *w->rows);
	for (size_t i = 0; i < w->line_count; i++) {
		size_t k = 0;

		while (strcmp(w->lines[k].subject, w->lines[i].subject) != 0)
			k++;
		if (k == i)
			make_row(w, w->lines[i].subject);
	}
}

/* ---- ties ---- */

static int
sign(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Whether a line matters in ties. */
static bool
tells(const struct work *w, const struct mrow *row, const struct mline *l)
{
	if (l->bonus || !l->scored || strcmp(l->subject, row->subject) != 0)
		return false;
	return w->table->dropped_in_ties ||
	    (l->kept && row->scores[l->comp].counts);
}

static bool
score_tells(const struct work *w, const struct mscore *x)
{
	return x->has && (x->counts || w->table->dropped_in_ties);
}

static int64_t
places_of(const struct work *w, const struct mrow *row, uint32_t place)
{
	int64_t count = 0;

	for (size_t i = 0; i < w->line_count; i++)
		count +=
		    tells(w, row, &w->lines[i]) && w->lines[i].place == place;
	return count;
}

static int
count_back(const struct work *w, const struct mrow *a, const struct mrow *b,
    uint32_t most, struct season_reason *out)
{
	uint32_t last = 0;

	for (size_t i = 0; i < w->line_count; i++)
		if (w->lines[i].place > last)
			last = w->lines[i].place;
	if (most > 0 && most < last)
		last = most;
	for (uint32_t i = 1; i <= last; i++) {
		out->place = i;
		out->mine = places_of(w, a, i);
		out->theirs = places_of(w, b, i);
		if (out->mine != out->theirs)
			return sign(out->theirs, out->mine);
	}
	return 0;
}

/* Having one before having none. */
static int
cmp_score(const struct work *w, const struct mscore *a, const struct mscore *b,
    struct season_reason *out)
{
	out->mine = a != NULL ? a->value : SEASON_NO_VALUE;
	out->theirs = b != NULL ? b->value : SEASON_NO_VALUE;
	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	return w->less ? sign(a->value, b->value) : sign(b->value, a->value);
}

static const struct mscore *
score_in(const struct work *w, const struct mrow *row, size_t comp)
{
	return score_tells(w, &row->scores[comp]) ? &row->scores[comp] : NULL;
}

/* The n-th best, or NULL. */
static const struct mscore *
nth_best(const struct work *w, const struct mrow *row, size_t n)
{
	for (size_t i = 0; i < w->comp_count; i++) {
		const struct mscore *x = score_in(w, row, i);
		struct season_reason unused;
		size_t before = 0;

		if (x == NULL)
			continue;
		for (size_t k = 0; k < w->comp_count; k++) {
			const struct mscore *o = score_in(w, row, k);
			int c = o != NULL ? cmp_score(w, o, x, &unused) : 1;

			before += c < 0 || (c == 0 && k < i);
		}
		if (before == n)
			return x;
	}
	return NULL;
}

static int
cmp_scores(const struct work *w, const struct mrow *a, const struct mrow *b,
    const struct season_tie *tie, struct season_reason *out)
{
	for (size_t i = 0; i < w->comp_count; i++) {
		size_t comp = w->comp_count - 1 - i;
		int c = 0;

		if (tie->rule == SEASON_BEST_RESULT) {
			out->place = (uint32_t)i + 1;
			c = cmp_score(w, nth_best(w, a, i), nth_best(w, b, i),
			    out);
		} else if (tie->rule == SEASON_LATEST ||
		    strcmp(w->comps[comp].name, tie->competition) == 0) {
			out->competition = w->comps[comp].name;
			c = cmp_score(w, score_in(w, a, comp),
			    score_in(w, b, comp), out);
		}
		if (c != 0)
			return c;
	}
	return 0;
}

static int64_t
time_of(const struct work *w, const struct mrow *row)
{
	wide sum = 0;
	bool any = false;

	for (size_t i = 0; i < w->line_count; i++) {
		const struct mline *l = &w->lines[i];

		if (!tells(w, row, l) || l->result->r.time_us < 0)
			continue;
		any = true;
		sum += l->result->r.time_us;
	}
	return any ? cut(sum) : SEASON_NO_VALUE;
}

/* <0: a is in front. */
static int
cmp_by_rule(const struct work *w, const struct mrow *a, const struct mrow *b,
    const struct season_tie *tie, struct season_reason *out)
{
	*out = (struct season_reason){ .rule = tie->rule,
		.competition = "",
		.note = "" };
	switch (tie->rule) {
	case SEASON_WINS:
		out->mine = places_of(w, a, 1);
		out->theirs = places_of(w, b, 1);
		return sign(out->theirs, out->mine);
	case SEASON_COUNT_BACK:
		return count_back(w, a, b, tie->places, out);
	case SEASON_BEST_RESULT:
	case SEASON_LATEST:
	case SEASON_BETTER_IN:
		return cmp_scores(w, a, b, tie, out);
	case SEASON_MORE_COMPETITIONS:
		out->mine = a->row.took_part;
		out->theirs = b->row.took_part;
		return sign(out->theirs, out->mine);
	case SEASON_LESS_TIME:
		out->mine = time_of(w, a);
		out->theirs = time_of(w, b);
		if (out->mine == SEASON_NO_VALUE ||
		    out->theirs == SEASON_NO_VALUE)
			return sign(out->theirs, out->mine);
		return sign(out->mine, out->theirs);
	case SEASON_HEAD_TO_HEAD:
	case SEASON_DECIDED:
	case SEASON_SHARED:
	case SEASON_SCORE:
	case SEASON_STANDING:
		break;
	}
	return 0;
}

/* The best of a row in the award of a line, as less is better; -1: none. */
static int64_t
best_in(const struct work *w, const struct mrow *row,
    const struct season_result *award)
{
	int64_t best = -1;

	for (size_t i = 0; i < w->line_count; i++) {
		const struct mline *l = &w->lines[i];
		int64_t value = l->place > 0 ? l->place : INT64_MAX;

		if (w->table->by == SEASON_BY_TIME)
			value = l->points;
		if (tells(w, row, l) && same_award(&l->result->r, award) &&
		    (best < 0 || value < best))
			best = value;
	}
	return best;
}

/* How often a is in front of b. */
static int64_t
duels(const struct work *w, const struct mrow *a, const struct mrow *b)
{
	int64_t count = 0;

	for (size_t i = 0; i < w->line_count; i++) {
		const struct season_result *award = &w->lines[i].result->r;
		bool seen = false;
		int64_t mine;
		int64_t theirs;

		for (size_t k = 0; k < i; k++)
			seen =
			    seen || same_award(&w->lines[k].result->r, award);
		if (seen)
			continue;
		mine = best_in(w, a, award);
		theirs = best_in(w, b, award);
		count += mine >= 0 && theirs >= 0 && mine < theirs;
	}
	return count;
}

struct seat {
	struct mrow *row;
	int64_t number; /* more is in front */
	const char *note;
};

/* Whether decisions lead from a to b among these, at most `steps` of them. */
static const char *
decided(const struct work *w, const struct seat *a, const struct seat *b)
{
	const struct season_model *m = w->m;

	for (size_t i = 0; i < m->decision_count; i++) {
		const struct season_model_decision *d = &m->decisions[i];

		if (d->note != NULL && strcmp(d->season, w->season) == 0 &&
		    strcmp(d->table, w->table->name) == 0 &&
		    strcmp(d->before, a->row->subject) == 0 &&
		    strcmp(d->behind, b->row->subject) == 0)
			return d->note;
	}
	return NULL;
}

static bool
leads(const struct work *w, const struct seat *group, size_t count, size_t from,
    size_t to, bool *seen)
{
	if (from == to)
		return true;
	seen[from] = true;
	for (size_t i = 0; i < count; i++)
		if (!seen[i] && decided(w, &group[from], &group[i]) != NULL &&
		    leads(w, group, count, i, to, seen))
			return true;
	return false;
}

static const char *
holds(const struct work *w, const struct seat *group, size_t count, size_t from,
    size_t to)
{
	bool *seen = xcalloc(count, sizeof *seen);
	const char *note =
	    from != to ? decided(w, &group[from], &group[to]) : NULL;

	if (note != NULL && leads(w, group, count, to, from, seen))
		note = NULL;
	free(seen);
	return note;
}

/* The longest chain before a member, below zero. */
static int64_t
depth(const struct work *w, struct seat *group, size_t count, size_t at)
{
	int64_t least = 0;

	for (size_t i = 0; i < count; i++)
		if (holds(w, group, count, i, at) != NULL) {
			int64_t d = depth(w, group, count, i) - 1;

			least = d < least ? d : least;
		}
	return least;
}

static void
number_seats(const struct work *w, struct seat *group, size_t count,
    enum season_rule rule)
{
	for (size_t i = 0; i < count; i++) {
		group[i].number = 0;
		group[i].note = "";
		if (rule == SEASON_DECIDED)
			group[i].number = depth(w, group, count, i);
		for (size_t k = 0; k < count; k++)
			if (rule == SEASON_HEAD_TO_HEAD && k != i)
				group[i].number +=
				    duels(w, group[i].row, group[k].row);
	}
	for (size_t i = 0; i < count && rule == SEASON_DECIDED; i++)
		for (size_t k = count; k > 0; k--) {
			const char *note = holds(w, group, count, k - 1, i);

			if (note != NULL &&
			    group[k - 1].number == group[i].number + 1)
				group[i].note = note;
		}
}

static int
cmp_seats(const struct work *w, const struct seat *a, const struct seat *b,
    const struct season_tie *tie, struct season_reason *out)
{
	bool duel = tie->rule == SEASON_HEAD_TO_HEAD;

	if (!duel && tie->rule != SEASON_DECIDED)
		return cmp_by_rule(w, a->row, b->row, tie, out);
	*out = (struct season_reason){ .rule = tie->rule,
		.mine = duel ? a->number : 0,
		.theirs = duel ? b->number : 0,
		.competition = "",
		.note = duel ? "" : b->note };
	return sign(b->number, a->number);
}

/* Insertion, so that those who are equal keep the order of their labels. */
static void
sort_seats(const struct work *w, struct seat *group, size_t count,
    const struct season_tie *tie)
{
	struct season_reason unused;

	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 &&
		     cmp_seats(w, &group[k], &group[k - 1], tie, &unused) < 0;
		     k--) {
			struct seat swap = group[k];

			group[k] = group[k - 1];
			group[k - 1] = swap;
		}
}

/* begin: how many stand before the group. */
static void
part(const struct work *w, struct seat *group, size_t count, size_t begin,
    const struct season_tie *ties, size_t tie_count)
{
	size_t from = 0;

	if (tie_count == 0 || count == 1) {
		for (size_t i = 0; i < count; i++) {
			struct season_row *row = &group[i].row->row;

			if (row->standing == SEASON_OUT)
				continue;
			row->place = (uint32_t)begin + 1;
			row->tied = count > 1;
		}
		return;
	}
	if (ties->rule == SEASON_HEAD_TO_HEAD || ties->rule == SEASON_DECIDED)
		number_seats(w, group, count, ties->rule);
	sort_seats(w, group, count, ties);
	for (size_t i = 0; i < count; i++) {
		struct season_reason reason;
		bool again;

		if (i + 1 < count &&
		    cmp_seats(w, &group[i], &group[i + 1], ties, &reason) == 0)
			continue;
		again =
		    ties->rule == SEASON_HEAD_TO_HEAD && i + 1 - from < count;
		part(w, group + from, i + 1 - from, begin + from,
		    again ? ties : ties + 1, again ? tie_count : tie_count - 1);
		/* Whoever is the last of them now. */
		if (i + 1 < count)
			group[i].row->row.before = reason;
		from = i + 1;
	}
}

/* ---- the order ---- */

static int
cmp_rows(const struct work *w, const struct mrow *a, const struct mrow *b)
{
	if (a->row.standing != b->row.standing)
		return sign((int64_t)a->row.standing, (int64_t)b->row.standing);
	if (w->less && a->row.counted != b->row.counted)
		return sign(b->row.counted, a->row.counted);
	return w->less ? sign(a->row.score, b->row.score)
	               : sign(b->row.score, a->row.score);
}

static struct season_reason
between(const struct work *w, const struct mrow *a, const struct mrow *b)
{
	struct season_reason out = { .rule = SEASON_SCORE,
		.mine = a->row.score,
		.theirs = b->row.score,
		.competition = "",
		.note = "" };

	if (a->row.standing != b->row.standing) {
		out.rule = SEASON_STANDING;
		out.mine = a->own;
		out.theirs = b->own;
	} else if (w->less && a->row.counted != b->row.counted) {
		out.rule = SEASON_MORE_COMPETITIONS;
		out.mine = a->row.counted;
		out.theirs = b->row.counted;
	}
	return out;
}

static void
part_all(struct work *w, struct seat *all)
{
	struct season_tie ties[SEASON_TIES_MAX + 1];
	size_t tie_count = w->table->tie_count;
	bool named_there = false;

	for (size_t i = 0; i < tie_count; i++) {
		ties[i] = w->table->ties[i];
		named_there = named_there || ties[i].rule == SEASON_DECIDED;
	}
	if (!named_there)
		ties[tie_count++] =
		    (struct season_tie){ .rule = SEASON_DECIDED };
	for (size_t from = 0, to; from < w->row_count; from = to) {
		to = from + 1;
		while (to < w->row_count &&
		    cmp_rows(w, all[from].row, all[to].row) == 0)
			to++;
		part(w, all + from, to - from, from, ties, tie_count);
		if (to < w->row_count)
			all[to - 1].row->row.before =
			    between(w, all[to - 1].row, all[to].row);
	}
}

static void
order_rows(struct work *w, struct seat *all)
{
	for (size_t i = 0; i < w->row_count; i++) {
		size_t k = i;
		struct mrow *row = &w->rows[i];

		row->row.before =
		    (struct season_reason){ .competition = "", .note = "" };
		for (; k > 0; k--) {
			const struct mrow *o = all[k - 1].row;
			int c = cmp_rows(w, row, o);

			if (c == 0)
				c = text_label_cmp(row->subject, o->subject);
			if (c > 0)
				break;
			all[k] = all[k - 1];
		}
		all[k] = (struct seat){ .row = row };
	}
	part_all(w, all);
}

void
season_model_rows(const struct season_model *m, const char *season,
    size_t table, struct season_model_rows *out)
{
	struct work w = { .m = m,
		.table = &m->rules->tables[table],
		.season = season };
	struct seat *all;

	w.less = w.table->lowest || w.table->by == SEASON_BY_TIME;
	w.comp_count = season_model_competitions(m, season, w.comps, COMPS);
	find_lines(&w);
	for (size_t i = 0; i < w.line_count; i++) {
		int64_t least_us;

		find_place(&w, &w.lines[i], &least_us);
		count_points(&w, &w.lines[i], least_us);
	}
	keep_best(&w);
	make_rows(&w);
	all = xcalloc(w.row_count, sizeof *all);
	order_rows(&w, all);
	out->count = w.row_count;
	out->rows = xcalloc(w.row_count, sizeof *out->rows);
	for (size_t i = 0; i < w.row_count; i++) {
		out->rows[i] = all[i].row->row;
		out->rows[i].subject = xstrdup(all[i].row->subject);
	}
	for (size_t i = 0; i < w.row_count; i++)
		free(w.rows[i].scores);
	for (size_t i = 0; i < w.line_count; i++)
		free(w.lines[i].subject);
	free(all);
	free(w.rows);
	free(w.lines);
}

void
season_model_free(struct season_model_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		union {
			const char *from;
			char *to;
		} u = { rows->rows[i].subject };

		free(u.to);
	}
	free(rows->rows);
}
