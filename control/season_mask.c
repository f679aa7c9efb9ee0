#include "control/season_mask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/mask.h"
#include "race/conf.h"
#include "race/conf_yaml.h"
#include "race/season/season.h"

struct season_mask {
	struct mask *names;
};

struct season_mask *
season_mask_new(void)
{
	struct season_mask *m = xcalloc(1, sizeof *m);

	m->names = mask_new(MASK_ORDERED, "Name");
	return m;
}

void
season_mask_free(struct season_mask *m)
{
	if (m == NULL)
		return;
	mask_free(m->names);
	free(m);
}

/* ---- words ---- */

/* The two names of a pair, for free(); false: it is none. */
static bool
halve(const char *text, char *half[2])
{
	const char *at = strstr(text, SEASON_BETWEEN);

	if (at == NULL)
		return false;
	half[0] = xstrndup(text, (size_t)(at - text));
	half[1] = xstrdup(at + strlen(SEASON_BETWEEN));
	return true;
}

void
season_mask_add(struct season_mask *m, const char *text)
{
	char *half[2];

	if (!halve(text, half)) {
		mask_add(m->names, text);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		mask_add(m->names, half[i]);
		free(half[i]);
	}
}

void
season_mask_settle(struct season_mask *m, uint64_t *random)
{
	mask_settle(m->names, random);
}

static const char *
pair_of(const struct season_mask *m, const char *text, bool ordered,
    char out[SEASON_MASK_MAX])
{
	char *half[2];
	const char *a;
	const char *b;
	bool swap;

	if (!halve(text, half)) {
		(void)snprintf(out, SEASON_MASK_MAX, "%s",
		    mask_word(m->names, text));
		return out;
	}
	a = mask_word(m->names, half[0]);
	b = mask_word(m->names, half[1]);
	swap = ordered && strcmp(half[0], half[1]) <= 0 && strcmp(a, b) > 0;
	(void)snprintf(out, SEASON_MASK_MAX, "%s" SEASON_BETWEEN "%s",
	    swap ? b : a, swap ? a : b);
	free(half[0]);
	free(half[1]);
	return out;
}

const char *
season_mask_of(const struct season_mask *m, const char *text,
    char out[SEASON_MASK_MAX])
{
	return pair_of(m, text, false, out);
}

const char *
season_mask_subject(const struct season_mask *m, const char *text,
    char out[SEASON_MASK_MAX])
{
	return pair_of(m, text, true, out);
}

/* ---- lists ---- */

enum meaning { UNKNOWN, KEPT, NAME, NOTE };

struct list {
	struct season_mask *survey; /* words go there; NULL: they are written */
	const struct season_mask *mask;
	const char *file;
	FILE *to;
	struct anonymise *told;
	struct err *err;
	bool headed;
	enum meaning meaning[CSV_FIELDS_MAX];
	size_t columns;
};

static enum meaning
meaning_of(const char *column)
{
	static const struct {
		const char *name;
		enum meaning meaning;
	} known[] = { { "season", KEPT }, { "competition", KEPT },
		{ "award", KEPT }, { "place", KEPT }, { "recipient", NAME },
		{ "alias", NAME }, { "team", NAME }, { "note", NOTE },
		{ "sex", KEPT }, { "category", KEPT }, { "date", KEPT },
		{ "time", KEPT }, { "points", KEPT }, { "status", KEPT } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(known[i].name, column) == 0)
			return known[i].meaning;
	return UNKNOWN;
}

static const char *
cell_of(struct list *l, enum meaning meaning, const char *text,
    char out[SEASON_MASK_MAX])
{
	if (meaning == KEPT || text[0] == '\0')
		return text;
	if (meaning == NAME)
		return season_mask_of(l->mask, text, out);
	l->told->texts++;
	return mask_left_out;
}

static void
put_field(struct list *l, const char *text, bool first)
{
	size_t len = csv_quote(NULL, 0, text);
	char *quoted = xmalloc(len + 1);

	(void)csv_quote(quoted, len + 1, text);
	fprintf(l->to, "%s%s", first ? "" : ",", quoted);
	free(quoted);
}

static void
take_head(struct list *l, const struct csv_row *row)
{
	bool first = true;

	l->headed = true;
	l->columns = row->count;
	for (size_t i = 0; i < row->count; i++) {
		const char *name = text_trim(row->fields[i]);

		l->meaning[i] = meaning_of(name);
		if (l->meaning[i] == UNKNOWN || l->survey != NULL)
			continue;
		put_field(l, name, first);
		first = false;
	}
	if (l->survey == NULL)
		fputc('\n', l->to);
}

static void
survey_row(struct list *l, const struct csv_row *row)
{
	for (size_t i = 0; i < row->count && i < l->columns; i++)
		if (l->meaning[i] == NAME)
			season_mask_add(l->survey, text_trim(row->fields[i]));
}

static void
write_row(struct list *l, const struct csv_row *row)
{
	bool first = true;

	for (size_t i = 0; i < l->columns; i++) {
		const char *text =
		    i < row->count ? text_trim(row->fields[i]) : "";
		char mask[SEASON_MASK_MAX];

		if (l->meaning[i] == UNKNOWN) {
			l->told->columns += text[0] != '\0';
			continue;
		}
		put_field(l, cell_of(l, l->meaning[i], text, mask), first);
		first = false;
	}
	fputc('\n', l->to);
}

static int
take_rows(struct list *l, struct csv *csv)
{
	struct csv_row row;
	struct err why;
	int rc;

	while ((rc = csv_next(csv, &row, &why)) > 0) {
		if (!l->headed)
			take_head(l, &row);
		else if (l->survey != NULL)
			survey_row(l, &row);
		else
			write_row(l, &row);
	}
	if (rc < 0)
		return err_set(l->err, -EINVAL, "%s:%llu: %s", l->file,
		    (unsigned long long)row.line, why.text);
	return 0;
}

static int
do_list(struct list *l, const struct bundle_file *f)
{
	struct csv *csv = csv_new(0, 1, '\0');
	int rc;

	csv_feed(csv, f->data, f->len);
	csv_end(csv);
	rc = take_rows(l, csv);
	csv_free(csv);
	return rc;
}

/* ---- season.yaml ---- */

/* A folder may be called after somebody: the last name will do. */
static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Of a competition, or of a table. */
enum { MEMBER = 3 };

/* What stands behind key; nothing where it says nothing. */
static void
put_text(const struct season_mask *m, const char *key,
    const struct conf_node *n, FILE *to)
{
	char mask[SEASON_MASK_MAX];
	const char *text = n->text;

	if (n->plain && text[0] == '\0')
		return;
	if (strcmp(key, "team") == 0)
		text = season_mask_of(m, text, mask);
	else if (strcmp(key, "race") == 0 || strcmp(key, "standings") == 0)
		text = last_name(text);
	conf_text_write(to, text);
}

static void
put_node(const struct season_mask *m, const char *key,
    const struct conf_node *n, FILE *to, int depth)
{
	bool table = n->kind == CONF_TABLE;

	if (n->kind == CONF_TEXT) {
		/* Elsewhere a key may be anybody's word. */
		put_text(m, depth == MEMBER ? key : "", n, to);
		return;
	}
	if (n->kind == CONF_BROKEN)
		return;
	fputc(table ? '{' : '[', to);
	for (size_t i = 0; i < n->count; i++) {
		const struct conf_pair *p = &n->pairs[i];

		/* A member a line, down to competitions and tables. */
		fprintf(to, "%s%c", i > 0 ? "," : "", depth < 2 ? '\n' : ' ');
		if (table) {
			conf_text_write(to, p->key->text);
			fputs(": ", to);
		}
		put_node(m, table ? p->key->text : "", p->value, to, depth + 1);
	}
	fputs(table ? " }" : " ]", to);
}

/* The filters of tables. */
static void
survey_tables(struct season_mask *m, const struct conf_node *root)
{
	const struct conf_node *all =
	    root->kind == CONF_TABLE ? conf_yaml_get(root, "tables") : NULL;

	for (size_t i = 0;
	     all != NULL && all->kind == CONF_TABLE && i < all->count; i++) {
		const struct conf_node *table = all->pairs[i].value;
		const struct conf_node *team = table->kind == CONF_TABLE
		    ? conf_yaml_get(table, "team")
		    : NULL;

		if (team != NULL && team->kind == CONF_TEXT)
			season_mask_add(m, team->text);
	}
}

static struct conf_node *
read_yaml(const struct bundle_file *f, struct err *err)
{
	struct conf_report report = { 0 };
	struct conf_node *root =
	    conf_yaml_read(f->data, f->len, f->name, &report);

	if (root != NULL && report.errors > 0) {
		conf_yaml_free(root);
		root = NULL;
	}
	if (root == NULL)
		(void)err_set(err, -EINVAL, "%s: is no YAML", f->name);
	conf_report_clear(&report);
	return root;
}

/* ---- a file ---- */

static bool
is_yaml(const struct bundle_file *f)
{
	return strcmp(f->name, "season.yaml") == 0;
}

int
season_mask_survey(struct season_mask *m, const struct bundle_file *f,
    struct err *err)
{
	struct list l = { .survey = m, .file = f->name, .err = err };
	struct conf_node *root;

	if (!is_yaml(f))
		return do_list(&l, f);
	root = read_yaml(f, err);
	if (root == NULL)
		return -EINVAL;
	survey_tables(m, root);
	conf_yaml_free(root);
	return 0;
}

int
season_mask_file(const struct season_mask *m, const struct bundle_file *f,
    FILE *to, struct anonymise *told, struct err *err)
{
	struct list l = { .mask = m,
		.file = f->name,
		.to = to,
		.told = told,
		.err = err };
	struct conf_node *root;

	if (!is_yaml(f))
		return do_list(&l, f);
	root = read_yaml(f, err);
	if (root == NULL)
		return -EINVAL;
	put_node(m, "", root, to, 0);
	fputc('\n', to);
	conf_yaml_free(root);
	return 0;
}
