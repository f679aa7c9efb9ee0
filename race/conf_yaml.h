/*
 * conf_yaml - a YAML document as a tree whose nodes know their line: part of
 * conf.  libyaml is seen in its source alone.
 *
 * Scalars stay text.  Repeated keys, anchors, aliases, tags and further
 * documents are reported here; after a syntax error there is no tree.
 */
#ifndef RACE_CONF_YAML_H
#define RACE_CONF_YAML_H

#include "race/conf.h"

enum conf_kind {
	CONF_TEXT,
	CONF_TABLE,
	CONF_LIST,  /* its members are values of pairs without key */
	CONF_BROKEN /* reported already */
};

struct conf_node {
	enum conf_kind kind;
	unsigned line;
	unsigned column;
	char *text;              /* CONF_TEXT */
	bool plain;              /* CONF_TEXT without quotes */
	struct conf_pair *pairs; /* CONF_TABLE, CONF_LIST */
	size_t count;
	size_t cap;
};

struct conf_pair {
	struct conf_node *key; /* of a table, always CONF_TEXT */
	struct conf_node *value;
};

/* NULL after a syntax error alone; an empty document is an empty table. */
struct conf_node *conf_yaml_read(const char *text, size_t len, const char *file,
    struct conf_report *report);
void conf_yaml_free(struct conf_node *node);

/* The value of key in a table, or NULL. */
const struct conf_node *conf_yaml_get(const struct conf_node *table,
    const char *key);

#endif
