/*
 * table - columns aligned for people.
 */
#ifndef CONTROL_TABLE_H
#define CONTROL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
	const char *head;
	bool right; /* numbers */
};

enum { TABLE_GAP = 2 }; /* between two columns */

/* cells: rows * columns strings, row by row.  Wide ones are cut at 40. */
void table_print(FILE *out, const struct table_column *columns, size_t count,
    const char *const *cells, size_t rows);

/* With whole lines of the caller's below each row. */
typedef void (*table_note_fn)(void *arg, FILE *out, size_t row);
void table_print_noted(FILE *out, const struct table_column *columns,
    size_t count, const char *const *cells, size_t rows, table_note_fn note,
    void *arg);

#endif
