/* Rows, entries and rules: what messages and events are made of. */
#include <errno.h>
#include <string.h>

#include "proto/wire_parts.h"

enum { SPLIT_MAX = 9 /* bytes of a varint of up to 63 bits */ };

/* Of an elapsed time: the sums of teams stay below, and sums and differences of
 * two of them do not overflow. */
#define ELAPSED_MAX (64 * RACE_TIME_MAX)
#define POINTS_MAX  (INT64_MAX / 2)

/* Our enums have the values of the schema's. */
SAME(RACE_NC, PALMARES__STATUS__STATUS_NC);
SAME(RACE_DNS, PALMARES__STATUS__STATUS_DNS);
SAME(RACE_TEAMS, PALMARES__RANKING__OF__TEAMS);
SAME(RACE_SEASON, PALMARES__RANKING__OF__SEASON);
SAME(RACE_BY_NET, PALMARES__RANKING__BY__NET);
SAME(RACE_BY_KM, PALMARES__RANKING__BY__KM);
SAME(RACE_TIES_ORDER, PALMARES__RANKING__TIES__ORDER);
SAME(RACE_TIES_TIME, PALMARES__RANKING__TIES__TIME);
SAME(RACE_ROUND_NONE, PALMARES__RANKING__ROUND__NONE);
SAME(RACE_SCORE_PLACES, PALMARES__RANKING__SCORE__SCORE_PLACES);
SAME(RACE_SCORE_POINTS, PALMARES__RANKING__SCORE__SCORE_POINTS);
SAME(RACE_LAST, PALMARES__RANKING__HOW__LAST);

/* ---- to the schema's ---- */

static uint64_t
plus1(int64_t elapsed_us)
{
	return (uint64_t)elapsed_us + 1;
}

static void
put_row_head(Palmares__Row *p, const struct race_row *row)
{
	palmares__row__init(p);
	p->label = wire_str(row->label);
	p->status = (Palmares__Status)row->status;
	p->group = row->sort.group;
	p->key1 = row->sort.key[0];
	p->key2 = row->sort.key[1];
	p->key3 = row->sort.key[2];
	p->tie_stream = row->sort.tie.stream;
	p->tie_seq = row->sort.tie.seq;
	p->time_plus1 = plus1(row->elapsed_us);
	p->metres = row->metres;
	p->point_plus1 = (uint32_t)(row->point + 1);
	p->counted = row->counted;
	p->finishers = row->finishers;
	p->women = row->women;
	p->men = row->men;
	p->places = row->places;
	p->bound_us = (uint64_t)row->bound_us;
	p->clock = row->clock;
	p->points = row->points;
	p->dropped = row->dropped;
	p->wins = row->wins;
	p->why = wire_str(row->why != NULL ? row->why : "");
}

static void
put_row(struct wire_arena *a, Palmares__Row *p, const struct race_row *row)
{
	put_row_head(p, row);
	p->n_split_plus1 = row->split_count;
	p->split_plus1 = wire_take_array(a, row->split_count, sizeof(uint64_t));
	for (size_t i = 0; i < row->split_count; i++)
		p->split_plus1[i] = plus1(row->splits[i]);
}

Palmares__Row **
wire_put_rows(struct wire_arena *a, const struct race_row *rows, size_t count,
    const char *const *gone, size_t gone_count)
{
	size_t all = count + gone_count;
	Palmares__Row **list = wire_take_array(a, all, sizeof(Palmares__Row *));
	Palmares__Row *p = wire_take_array(a, all, sizeof *p);

	for (size_t i = 0; i < all; i++)
		list[i] = &p[i];
	for (size_t i = 0; i < count; i++)
		put_row(a, &p[i], &rows[i]);
	for (size_t i = 0; i < gone_count; i++) {
		palmares__row__init(&p[count + i]);
		p[count + i].label = wire_str(gone[i]);
		p[count + i].gone = true;
	}
	return list;
}

static void
put_entry_head(Palmares__Entry *p, const struct race_entry *entry)
{
	palmares__entry__init(p);
	p->bib = wire_str(entry->bib);
	p->n_chips = entry->chip_count;
	p->chips = (char **)entry->chips;
	p->name = wire_str(entry->name);
	p->sex = wire_str(entry->sex);
	p->born = wire_str(entry->born);
	p->category = wire_str(entry->category);
	p->team = wire_str(entry->team);
	p->wave = wire_str(entry->wave);
	p->nation = wire_str(entry->nation);
	p->status = (Palmares__Status)entry->status;
	p->start_us = entry->start_us;
}

Palmares__Column **
wire_put_columns(struct wire_arena *a, const struct race_column *more,
    size_t count)
{
	Palmares__Column **list =
	    wire_take_array(a, count, sizeof(Palmares__Column *));
	Palmares__Column *columns = wire_take_array(a, count, sizeof *columns);

	for (size_t i = 0; i < count; i++) {
		palmares__column__init(&columns[i]);
		columns[i].name = wire_str(more[i].name);
		columns[i].value = wire_str(more[i].value);
		list[i] = &columns[i];
	}
	return list;
}

void
wire_put_entry(struct wire_arena *a, Palmares__Entry *p,
    const struct race_entry *entry)
{
	put_entry_head(p, entry);
	p->n_more = entry->more_count;
	p->more = wire_put_columns(a, entry->more, p->n_more);
}

Palmares__Entry **
wire_put_entries(struct wire_arena *a, const struct race_entry *entries,
    size_t count)
{
	Palmares__Entry **list =
	    wire_take_array(a, count, sizeof(Palmares__Entry *));
	Palmares__Entry *p = wire_take_array(a, count, sizeof *p);

	for (size_t i = 0; i < count; i++) {
		wire_put_entry(a, &p[i], &entries[i]);
		list[i] = &p[i];
	}
	return list;
}

static void
put_waves(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Wave *w = wire_take_array(a, rules->wave_count, sizeof *w);

	p->n_waves = rules->wave_count;
	p->waves = wire_take_array(a, p->n_waves, sizeof(Palmares__Wave *));
	for (size_t i = 0; i < p->n_waves; i++) {
		const struct race_wave *wave = &rules->waves[i];

		p->waves[i] = &w[i];
		palmares__wave__init(&w[i]);
		w[i].name = wave->name;
		w[i].window_us = (uint64_t)wave->window_us;
		if (wave->gun_us == RACE_NO_TIME)
			continue;
		w[i].start_case = PALMARES__WAVE__START_GUN_US;
		w[i].gun_us = wave->gun_us;
	}
}

static void
put_point(Palmares__Point *p, const struct race_point *point)
{
	palmares__point__init(p);
	p->name = point->name;
	p->metres = point->metres;
	p->min_us = (uint64_t)point->min_us;
	p->max_us = (uint64_t)point->max_us;
	p->gap_us = (uint64_t)point->gap_us;
	p->backup = point->backup;
	p->tolerance_us = (uint64_t)point->tolerance_us;
	p->cutoff_us = (uint64_t)point->cutoff_us;
}

static void
put_points(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Point *points =
	    wire_take_array(a, rules->point_count, sizeof *points);

	p->n_points = rules->point_count;
	p->points = wire_take_array(a, p->n_points, sizeof(Palmares__Point *));
	for (size_t i = 0; i < p->n_points; i++) {
		put_point(&points[i], &rules->points[i]);
		p->points[i] = &points[i];
	}
}

static void
put_without(struct wire_arena *a, Palmares__Ranking *p,
    const struct race_ranking *r)
{
	Palmares__Ranking__Without *w =
	    wire_take_array(a, r->without_count, sizeof *w);

	p->n_without = r->without_count;
	p->without = wire_take_array(a, p->n_without, sizeof *p->without);
	for (size_t i = 0; i < p->n_without; i++) {
		palmares__ranking__without__init(&w[i]);
		w[i].ranking = r->without[i].ranking;
		w[i].places = r->without[i].places;
		p->without[i] = &w[i];
	}
}

static void
put_ranking(struct wire_arena *a, Palmares__Ranking *p,
    const struct race_ranking *r)
{
	palmares__ranking__init(p);
	p->name = r->name;
	p->of = (Palmares__Ranking__Of)r->of;
	p->sex = r->sex;
	p->category = r->category;
	p->team = r->team;
	p->wave = r->wave;
	p->at = r->at;
	p->by = (Palmares__Ranking__By)r->by;
	p->ties = (Palmares__Ranking__Ties)r->ties;
	p->round = (Palmares__Ranking__Round)r->round;
	p->score = (Palmares__Ranking__Score)r->score;
	p->best = r->best;
	p->gun_first = r->gun_first;
	put_without(a, p, r);
	p->how = (Palmares__Ranking__How)r->how;
	p->women = r->women;
	p->men = r->men;
	p->sides = r->sides;
	p->average = r->average;
	p->size_min = r->size_min;
	p->size_max = r->size_max;
}

static void
put_rankings(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Ranking *r =
	    wire_take_array(a, rules->ranking_count, sizeof *r);

	p->n_rankings = rules->ranking_count;
	p->rankings =
	    wire_take_array(a, p->n_rankings, sizeof(Palmares__Ranking *));
	for (size_t i = 0; i < p->n_rankings; i++) {
		put_ranking(a, &r[i], &rules->rankings[i]);
		p->rankings[i] = &r[i];
	}
}

static void
put_awards(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__AwardRule *w =
	    wire_take_array(a, rules->award_count, sizeof *w);

	p->n_awards = rules->award_count;
	p->awards =
	    wire_take_array(a, p->n_awards, sizeof(Palmares__AwardRule *));
	for (size_t i = 0; i < p->n_awards; i++) {
		palmares__award_rule__init(&w[i]);
		w[i].name = rules->awards[i].name;
		w[i].ranking = rules->awards[i].ranking;
		w[i].places = rules->awards[i].places;
		p->awards[i] = &w[i];
	}
}

static void
put_categories(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Category *c =
	    wire_take_array(a, rules->category_count, sizeof *c);

	p->n_categories = rules->category_count;
	p->categories =
	    wire_take_array(a, p->n_categories, sizeof(Palmares__Category *));
	for (size_t i = 0; i < p->n_categories; i++) {
		palmares__category__init(&c[i]);
		c[i].name = rules->categories[i].name;
		c[i].sex = rules->categories[i].sex;
		c[i].from = rules->categories[i].from;
		c[i].to = rules->categories[i].to;
		p->categories[i] = &c[i];
	}
}

static void
put_aliases(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Alias *list =
	    wire_take_array(a, rules->alias_count, sizeof *list);

	p->n_aliases = rules->alias_count;
	p->aliases =
	    wire_take_array(a, p->n_aliases, sizeof(Palmares__Alias *));
	for (size_t i = 0; i < p->n_aliases; i++) {
		palmares__alias__init(&list[i]);
		list[i].spelling = rules->aliases[i].spelling;
		list[i].team = rules->aliases[i].team;
		p->aliases[i] = &list[i];
	}
}

void
wire_put_rules(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	palmares__rules__init(p);
	p->title = rules->title;
	p->date = rules->date;
	p->timezone = rules->timezone;
	put_waves(a, p, rules);
	put_points(a, p, rules);
	put_rankings(a, p, rules);
	put_awards(a, p, rules);
	put_categories(a, p, rules);
	put_aliases(a, p, rules);
	p->fastest_us_km = (uint64_t)rules->fastest_us_km;
}

/* Field number, and a length of up to three bytes. */
static const size_t tag_and_length = 4;

size_t
wire_row_bound(const struct race_row *row)
{
	Palmares__Row p;

	put_row_head(&p, row);
	return 2 * tag_and_length + palmares__row__get_packed_size(&p) +
	    SPLIT_MAX * row->split_count;
}

size_t
wire_entry_bound(const struct race_entry *entry)
{
	Palmares__Entry p;
	size_t size;

	put_entry_head(&p, entry);
	size = tag_and_length + palmares__entry__get_packed_size(&p);
	for (size_t i = 0; i < entry->more_count; i++)
		size += 3 * tag_and_length + strlen(entry->more[i].name) +
		    strlen(entry->more[i].value);
	return size;
}

/* ---- from the schema's ---- */

/* *us - 1, as plus1() made it. */
static bool
minus1(uint64_t plus1, int64_t *us)
{
	*us = (int64_t)(plus1 - 1);
	return plus1 <= (uint64_t)ELAPSED_MAX;
}

static bool
row_ok(const Palmares__Row *p)
{
	return p->label[0] != '\0' && wire_row_ok(p->label) &&
	    (unsigned)p->status <= RACE_NC && p->group <= RACE_GROUP_DNS &&
	    p->point_plus1 <= RACE_POINTS_MAX &&
	    p->n_split_plus1 <= RACE_POINTS_MAX && wire_bound_ok(p->bound_us) &&
	    p->points >= -POINTS_MAX && p->points <= POINTS_MAX &&
	    p->dropped >= -POINTS_MAX && p->dropped <= POINTS_MAX &&
	    wire_why_ok(p->why);
}

static int
get_row(struct wire_arena *a, const Palmares__Row *p, struct race_row *out)
{
	int64_t *splits;

	if (!row_ok(p) || !minus1(p->time_plus1, &out->elapsed_us))
		return -EINVAL;
	splits = wire_take_array(a, p->n_split_plus1, sizeof *splits);
	for (size_t i = 0; i < p->n_split_plus1; i++)
		if (!minus1(p->split_plus1[i], &splits[i]))
			return -EINVAL;
	out->label = p->label;
	out->status = (enum race_status)p->status;
	out->sort.group = (uint8_t)p->group;
	out->sort.key[0] = p->key1;
	out->sort.key[1] = p->key2;
	out->sort.key[2] = p->key3;
	out->sort.tie.stream = p->tie_stream;
	out->sort.tie.seq = p->tie_seq;
	out->metres = p->metres;
	out->point = (int)p->point_plus1 - 1;
	out->splits = splits;
	out->split_count = p->n_split_plus1;
	out->counted = p->counted;
	out->finishers = p->finishers;
	out->women = p->women;
	out->men = p->men;
	out->places = p->places;
	out->bound_us = (int64_t)p->bound_us;
	out->clock = p->clock;
	out->points = p->points;
	out->dropped = p->dropped;
	out->wins = p->wins;
	out->why = p->why[0] != '\0' ? p->why : NULL;
	return 0;
}

int
wire_get_rows(struct wire_arena *a, Palmares__Row *const *list, size_t n,
    struct race_row *rows, size_t *row_count, const char **gone,
    size_t *gone_count)
{
	size_t r = 0;
	size_t g = 0;

	for (size_t i = 0; i < n; i++) {
		const Palmares__Row *p = list[i];
		int rc = 0;

		if (!p->gone)
			rc = get_row(a, p, &rows[r++]);
		else if (gone != NULL && p->label[0] != '\0' &&
		    wire_row_ok(p->label))
			gone[g++] = p->label;
		else
			rc = -EINVAL;
		if (rc < 0)
			return rc;
	}
	*row_count = r;
	*gone_count = g;
	return 0;
}

int
wire_get_columns(struct wire_arena *a, Palmares__Column *const *list, size_t n,
    const struct race_column **out)
{
	struct race_column *more;

	if (n > RACE_COLUMNS_MAX)
		return -EINVAL;
	more = wire_take_array(a, n, sizeof *more);
	for (size_t i = 0; i < n; i++) {
		more[i].name = list[i]->name;
		more[i].value = list[i]->value;
		if (!wire_text_ok(more[i].name, RACE_NAME_MAX) ||
		    !wire_text_ok(more[i].value, RACE_MORE_MAX))
			return -EINVAL;
	}
	*out = more;
	return 0;
}

static bool
chips_ok(const Palmares__Entry *p)
{
	if (p->n_chips > RACE_CHIPS_MAX)
		return false;
	for (size_t i = 0; i < p->n_chips; i++)
		if (p->chips[i][0] == '\0' || !wire_chip_ok(p->chips[i]))
			return false;
	return true;
}

int
wire_get_entry(struct wire_arena *a, const Palmares__Entry *p,
    struct race_entry *out)
{
	if (p->bib[0] == '\0' || !wire_bib_ok(p->bib) || !chips_ok(p) ||
	    !wire_name_ok(p->name) || !wire_label_ok(p->sex) ||
	    !wire_label_ok(p->born) || !wire_label_ok(p->category) ||
	    !wire_name_ok(p->team) || !wire_label_ok(p->wave) ||
	    !wire_label_ok(p->nation) || (unsigned)p->status > RACE_NC ||
	    !wire_start_ok(p->start_us))
		return -EINVAL;
	out->bib = p->bib;
	out->name = p->name;
	out->sex = p->sex;
	out->born = p->born;
	out->category = p->category;
	out->team = p->team;
	out->wave = p->wave;
	out->nation = p->nation;
	out->status = (enum race_status)p->status;
	out->start_us = p->start_us;
	out->chips = (const char *const *)p->chips;
	out->chip_count = p->n_chips;
	out->more_count = p->n_more;
	return wire_get_columns(a, p->more, p->n_more, &out->more);
}

int
wire_get_entries(struct wire_arena *a, Palmares__Entry *const *list, size_t n,
    const struct race_entry **out)
{
	struct race_entry *entries = wire_take_array(a, n, sizeof *entries);

	for (size_t i = 0; i < n; i++) {
		int rc = wire_get_entry(a, list[i], &entries[i]);

		if (rc < 0)
			return rc;
	}
	*out = entries;
	return 0;
}

static int
get_waves(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_waves > RACE_WAVES_MAX)
		return -EINVAL;
	out->wave_count = p->n_waves;
	out->waves = wire_take_array(a, p->n_waves, sizeof *out->waves);
	for (size_t i = 0; i < p->n_waves; i++) {
		const Palmares__Wave *w = p->waves[i];
		bool gun = w->start_case == PALMARES__WAVE__START_GUN_US;

		if (!wire_label_ok(w->name) ||
		    (gun && !wire_time_ok(w->gun_us)) ||
		    !wire_rule_span_ok(w->window_us))
			return -EINVAL;
		out->waves[i].window_us = (int64_t)w->window_us;
		out->waves[i].name = w->name;
		out->waves[i].gun_us = gun ? w->gun_us : RACE_NO_TIME;
	}
	return 0;
}

static int
get_point(const Palmares__Point *p, struct race_point *out)
{
	if (!wire_label_ok(p->name) || !wire_bound_ok(p->min_us) ||
	    !wire_rule_span_ok(p->max_us) || !wire_rule_span_ok(p->gap_us) ||
	    !wire_label_ok(p->backup) || !wire_rule_span_ok(p->tolerance_us) ||
	    !wire_rule_span_ok(p->cutoff_us))
		return -EINVAL;
	out->name = p->name;
	out->metres = p->metres;
	out->min_us = (int64_t)p->min_us;
	out->max_us = (int64_t)p->max_us;
	out->gap_us = (int64_t)p->gap_us;
	out->backup = p->backup;
	out->tolerance_us = (int64_t)p->tolerance_us;
	out->cutoff_us = (int64_t)p->cutoff_us;
	return 0;
}

static int
get_points(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_points > RACE_POINTS_MAX)
		return -EINVAL;
	out->point_count = p->n_points;
	out->points = wire_take_array(a, p->n_points, sizeof *out->points);
	for (size_t i = 0; i < p->n_points; i++) {
		int rc = get_point(p->points[i], &out->points[i]);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool
ranking_ok(const Palmares__Ranking *r, size_t points)
{
	bool season = r->of == PALMARES__RANKING__OF__SEASON;

	/* Only they hold one, so that no two views have one name. */
	return wire_view_ok(r->name) && strcmp(r->name, MESSAGE_ROSTER) != 0 &&
	    (strchr(r->name, '/') != NULL) == season &&
	    (unsigned)r->of <= RACE_SEASON && wire_label_ok(r->sex) &&
	    wire_label_ok(r->category) && wire_name_ok(r->team) &&
	    wire_label_ok(r->wave) && r->at >= RACE_LIVE &&
	    r->at < (int)points && (unsigned)r->by <= RACE_BY_KM &&
	    (unsigned)r->ties <= RACE_TIES_TIME &&
	    (unsigned)r->round <= RACE_ROUND_NONE &&
	    (unsigned)r->score <= RACE_SCORE_POINTS &&
	    (season || r->score != PALMARES__RANKING__SCORE__SCORE_POINTS) &&
	    r->best <= RACE_BEST_MAX && r->gun_first <= RACE_ENTRIES_MAX;
}

/* What is for teams alone. */
static bool
scoring_ok(const Palmares__Ranking *r)
{
	return (unsigned)r->how <= RACE_LAST && r->women <= RACE_BEST_MAX &&
	    r->men <= RACE_BEST_MAX && r->sides <= RACE_SIDES_MAX &&
	    r->size_min <= RACE_ENTRIES_MAX &&
	    r->size_max <= RACE_ENTRIES_MAX &&
	    (r->size_max == 0 || r->size_min <= r->size_max);
}

/* Of ranking i of n.  That they go round in no circle is the core's to see. */
static int
get_without(const Palmares__Ranking *p, size_t i, size_t n,
    struct race_ranking *out)
{
	if (p->n_without > RACE_WITHOUT_MAX)
		return -EINVAL;
	for (size_t k = 0; k < p->n_without; k++) {
		const Palmares__Ranking__Without *w = p->without[k];

		if (w->ranking >= n || w->ranking == i || w->places < 1 ||
		    w->places > RACE_ENTRIES_MAX)
			return -EINVAL;
		out->without[k].ranking = w->ranking;
		out->without[k].places = w->places;
	}
	out->without_count = p->n_without;
	return 0;
}

static int
get_rankings(struct wire_arena *a, const Palmares__Rules *p, bool seasons,
    struct race_rules *out)
{
	if (p->n_rankings > RACE_RANKINGS_MAX)
		return -EINVAL;
	out->ranking_count = p->n_rankings;
	out->rankings =
	    wire_take_array(a, p->n_rankings, sizeof *out->rankings);
	for (size_t i = 0; i < p->n_rankings; i++) {
		const Palmares__Ranking *r = p->rankings[i];

		if (!ranking_ok(r, p->n_points) || !scoring_ok(r) ||
		    (!seasons && r->of == PALMARES__RANKING__OF__SEASON))
			return -EINVAL;
		out->rankings[i] = (struct race_ranking){
			.name = r->name,
			.of = (enum race_of)r->of,
			.sex = r->sex,
			.category = r->category,
			.team = r->team,
			.wave = r->wave,
			.at = r->at,
			.by = (enum race_by)r->by,
			.ties = (enum race_ties)r->ties,
			.round = (enum race_round)r->round,
			.score = (enum race_score)r->score,
			.best = r->best,
			.gun_first = r->gun_first,
			.how = (enum race_how)r->how,
			.women = r->women,
			.men = r->men,
			.sides = r->sides,
			.average = r->average != 0,
			.size_min = r->size_min,
			.size_max = r->size_max,
		};
		if (get_without(r, i, p->n_rankings, &out->rankings[i]) < 0)
			return -EINVAL;
	}
	return 0;
}

static int
get_awards(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_awards > RACE_AWARDS_MAX)
		return -EINVAL;
	out->award_count = p->n_awards;
	out->awards = wire_take_array(a, p->n_awards, sizeof *out->awards);
	for (size_t i = 0; i < p->n_awards; i++) {
		const Palmares__AwardRule *w = p->awards[i];

		if (!wire_label_ok(w->name) || !wire_label_ok(w->ranking) ||
		    w->places > RACE_ENTRIES_MAX)
			return -EINVAL;
		out->awards[i].name = w->name;
		out->awards[i].ranking = w->ranking;
		out->awards[i].places = w->places;
	}
	return 0;
}

static int
get_categories(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_categories > RACE_CATEGORIES_MAX)
		return -EINVAL;
	out->category_count = p->n_categories;
	out->categories =
	    wire_take_array(a, p->n_categories, sizeof *out->categories);
	for (size_t i = 0; i < p->n_categories; i++) {
		const Palmares__Category *c = p->categories[i];

		if (c->name[0] == '\0' || !wire_label_ok(c->name) ||
		    !wire_label_ok(c->sex) || c->from > c->to ||
		    c->to > RACE_AGE_MAX)
			return -EINVAL;
		out->categories[i] =
		    (struct race_category){ c->name, c->sex, c->from, c->to };
	}
	return 0;
}

static int
get_aliases(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_aliases > RACE_ALIASES_MAX)
		return -EINVAL;
	out->alias_count = p->n_aliases;
	out->aliases = wire_take_array(a, p->n_aliases, sizeof *out->aliases);
	for (size_t i = 0; i < p->n_aliases; i++) {
		const Palmares__Alias *alias = p->aliases[i];

		/* They are searched for by halving. */
		if (alias->spelling[0] == '\0' ||
		    !wire_name_ok(alias->spelling) || alias->team[0] == '\0' ||
		    !wire_name_ok(alias->team) ||
		    (i > 0 &&
		        strcmp(p->aliases[i - 1]->spelling, alias->spelling) >=
		            0))
			return -EINVAL;
		out->aliases[i] =
		    (struct race_alias){ alias->spelling, alias->team };
	}
	return 0;
}

int
wire_get_rules(struct wire_arena *a, const Palmares__Rules *p, bool seasons,
    const struct race_rules **out)
{
	struct race_rules *rules = wire_take(a, sizeof *rules);
	int rc;

	if (!wire_name_ok(p->title) || !wire_label_ok(p->date) ||
	    !wire_label_ok(p->timezone) || !wire_rule_span_ok(p->fastest_us_km))
		return -EINVAL;
	rules->fastest_us_km = (int64_t)p->fastest_us_km;
	rules->title = p->title;
	rules->date = p->date;
	rules->timezone = p->timezone;
	rc = get_waves(a, p, rules);
	if (rc == 0)
		rc = get_points(a, p, rules);
	if (rc == 0)
		rc = get_rankings(a, p, seasons, rules);
	if (rc == 0)
		rc = get_awards(a, p, rules);
	if (rc == 0)
		rc = get_categories(a, p, rules);
	if (rc == 0)
		rc = get_aliases(a, p, rules);
	if (rc == 0)
		*out = rules;
	return rc;
}
