#include "race/conf_yaml.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "common/text.h"
#include "common/xalloc.h"

/* race.yaml needs four; a bound keeps the recursion off the stack's end. */
enum { DEPTH_MAX = 8 };

struct builder {
	yaml_parser_t parser;
	const char *text;
	size_t len;
	const char *file;
	struct conf_report *report;
	bool failed; /* the parser cannot go on */
};

/* Events come from libyaml with lines and columns from 0. */
static void
complain(struct builder *b, yaml_mark_t at, const char *what)
{
	conf_report_add(b->report, true, b->file, (unsigned)at.line + 1,
	    (unsigned)at.column + 1, "%s", what);
}

/* ---- syntax errors ---- */

/* The mark of a byte, which libyaml leaves out where it finds no UTF-8. */
static yaml_mark_t
mark_of(const struct builder *b, size_t offset)
{
	yaml_mark_t at = { 0 };

	for (size_t i = 0; i < offset && i < b->len; i++) {
		if (b->text[i] == '\n') {
			at.line++;
			at.column = 0;
		} else if ((b->text[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static bool
indented_by_tab(const struct builder *b, size_t line)
{
	const char *p = b->text;
	const char *end = b->text + b->len;

	while (line > 0 && p < end) {
		if (*p++ == '\n')
			line--;
	}
	while (p < end && *p == ' ')
		p++;
	return p < end && *p == '\t';
}

static void
complain_syntax(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;

	if (p->error == YAML_READER_ERROR) {
		complain(b, mark_of(b, p->problem_offset),
		    "is not UTF-8 text, or has control characters: save the "
		    "file as UTF-8");
		return;
	}
	if (indented_by_tab(b, p->problem_mark.line)) {
		complain(b, p->problem_mark,
		    "a TAB at the beginning of the line: indent with blanks");
		return;
	}
	conf_report_add(b->report, true, b->file,
	    (unsigned)p->problem_mark.line + 1,
	    (unsigned)p->problem_mark.column + 1,
	    "is not YAML: %s%s%s; what follows was not read",
	    p->context == NULL ? "" : p->context,
	    p->context == NULL ? "" : ", ",
	    p->problem == NULL ? "unknown problem" : p->problem);
}

static bool
next_event(struct builder *b, yaml_event_t *event)
{
	if (b->failed)
		return false;
	if (yaml_parser_parse(&b->parser, event) == 0) {
		complain_syntax(b);
		b->failed = true;
		return false;
	}
	return true;
}

/* ---- nodes ---- */

static struct conf_node *
node_new(enum conf_kind kind, yaml_mark_t at)
{
	struct conf_node *n = xcalloc(1, sizeof *n);

	n->kind = kind;
	n->line = (unsigned)at.line + 1;
	n->column = (unsigned)at.column + 1;
	return n;
}

void
conf_yaml_free(struct conf_node *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->count; i++) {
		conf_yaml_free(node->pairs[i].key);
		conf_yaml_free(node->pairs[i].value);
	}
	free(node->pairs);
	free(node->text);
	free(node);
}

const struct conf_node *
conf_yaml_get(const struct conf_node *table, const char *key)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->pairs[i].key->text, key) == 0)
			return table->pairs[i].value;
	}
	return NULL;
}

static void
check_marks(struct builder *b, yaml_mark_t at, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	if (anchor != NULL)
		complain(b, at,
		    "an anchor (&): not allowed, write the value out where it "
		    "is meant");
	if (tag != NULL)
		complain(b, at, "a tag (!): not allowed, leave it out");
}

static struct conf_node *
build_text(struct builder *b, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	struct conf_node *n;

	check_marks(b, e->start_mark, e->data.scalar.anchor,
	    e->data.scalar.tag);
	if (memchr(value, '\0', len) != NULL) {
		complain(b, e->start_mark, "has a NUL character: leave it out");
		return node_new(CONF_BROKEN, e->start_mark);
	}
	n = node_new(CONF_TEXT, e->start_mark);
	n->text = xstrndup(value, len);
	n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return n;
}

static struct conf_node *build(struct builder *b, const yaml_event_t *e,
    int depth);

static void
add_item(struct conf_node *list, struct conf_node *item)
{
	list->pairs =
	    xgrow(list->pairs, &list->cap, list->count, sizeof *list->pairs);
	list->pairs[list->count++] = (struct conf_pair){ .value = item };
}

static struct conf_node *
build_list(struct builder *b, const yaml_event_t *start, int depth)
{
	struct conf_node *n = node_new(CONF_LIST, start->start_mark);
	yaml_event_t e;

	check_marks(b, start->start_mark, start->data.sequence_start.anchor,
	    start->data.sequence_start.tag);
	while (next_event(b, &e)) {
		bool end = e.type == YAML_SEQUENCE_END_EVENT;

		if (!end)
			add_item(n, build(b, &e, depth + 1));
		yaml_event_delete(&e);
		if (end)
			break;
	}
	return n;
}

/* Takes key and value; a key that was there is reported, and the first holds.
 */
static void
add_pair(struct builder *b, struct conf_node *table, struct conf_node *key,
    struct conf_node *value)
{
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; key->kind == CONF_TEXT && i < table->count; i++) {
		const struct conf_node *first = table->pairs[i].key;

		if (strcmp(first->text, key->text) != 0)
			continue;
		conf_report_add(b->report, true, b->file, key->line,
		    key->column, "%s is on line %u already: leave one out",
		    text_quote(q, key->text), first->line);
		conf_yaml_free(key);
		conf_yaml_free(value);
		return;
	}
	if (key->kind == CONF_TABLE || key->kind == CONF_LIST)
		conf_report_add(b->report, true, b->file, key->line,
		    key->column, "a key has to be plain text");
	if (key->kind != CONF_TEXT) {
		conf_yaml_free(key);
		conf_yaml_free(value);
		return;
	}
	table->pairs = xgrow(table->pairs, &table->cap, table->count,
	    sizeof *table->pairs);
	table->pairs[table->count++] =
	    (struct conf_pair){ .key = key, .value = value };
}

static struct conf_node *
build_table(struct builder *b, const yaml_event_t *start, int depth)
{
	struct conf_node *table = node_new(CONF_TABLE, start->start_mark);
	struct conf_node *key = NULL;
	yaml_event_t e;

	check_marks(b, start->start_mark, start->data.mapping_start.anchor,
	    start->data.mapping_start.tag);
	while (next_event(b, &e)) {
		bool end = e.type == YAML_MAPPING_END_EVENT;
		struct conf_node *n = end ? NULL : build(b, &e, depth + 1);

		yaml_event_delete(&e);
		if (end)
			break;
		if (key == NULL) {
			key = n;
			continue;
		}
		add_pair(b, table, key, n);
		key = NULL;
	}
	conf_yaml_free(key);
	return table;
}

/* The node that begins with e; never NULL. */
static struct conf_node *
build(struct builder *b, const yaml_event_t *e, int depth)
{
	if (depth > DEPTH_MAX) {
		complain(b, e->start_mark,
		    "is nested too deep; what follows was not read");
		b->failed = true;
		return node_new(CONF_BROKEN, e->start_mark);
	}
	if (e->type == YAML_SCALAR_EVENT)
		return build_text(b, e);
	if (e->type == YAML_MAPPING_START_EVENT)
		return build_table(b, e, depth);
	if (e->type == YAML_SEQUENCE_START_EVENT)
		return build_list(b, e, depth);
	complain(b, e->start_mark,
	    "an alias (*): not allowed, write the value out");
	return node_new(CONF_BROKEN, e->start_mark);
}

/* ---- documents ---- */

static void
check_tag_directives(struct builder *b, const yaml_event_t *e)
{
	if (e->data.document_start.tag_directives.start !=
	    e->data.document_start.tag_directives.end)
		complain(b, e->start_mark,
		    "a %TAG directive: not allowed, leave it out");
}

static struct conf_node *
build_document(struct builder *b)
{
	struct conf_node *root = NULL;
	unsigned documents = 0;
	bool end = false;
	yaml_event_t e;

	while (!end && next_event(b, &e)) {
		switch (e.type) {
		case YAML_NO_EVENT:
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			end = true;
			break;
		case YAML_DOCUMENT_START_EVENT:
			check_tag_directives(b, &e);
			end = ++documents > 1;
			if (end)
				complain(b, e.start_mark,
				    "a second document: a race has one; what "
				    "follows was not read");
			break;
		case YAML_ALIAS_EVENT:
		case YAML_SCALAR_EVENT:
		case YAML_SEQUENCE_START_EVENT:
		case YAML_SEQUENCE_END_EVENT:
		case YAML_MAPPING_START_EVENT:
		case YAML_MAPPING_END_EVENT:
			root = build(b, &e, 0);
			break;
		}
		yaml_event_delete(&e);
	}
	return root;
}

/* An empty document is one empty scalar. */
static bool
is_empty(const struct conf_node *n)
{
	return n->kind == CONF_TEXT && n->plain && n->text[0] == '\0';
}

struct conf_node *
conf_yaml_read(const char *text, size_t len, const char *file,
    struct conf_report *report)
{
	struct builder b = { .text = text,
		.len = len,
		.file = file,
		.report = report };
	struct conf_node *root;

	if (yaml_parser_initialize(&b.parser) == 0)
		abort(); /* out of memory */
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)text,
	    len);
	root = build_document(&b);
	yaml_parser_delete(&b.parser);
	if (!b.failed && root != NULL && !is_empty(root))
		return root;
	conf_yaml_free(root);
	return b.failed ? NULL : node_new(CONF_TABLE, (yaml_mark_t){ 0 });
}
