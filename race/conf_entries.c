/* entries.csv: who is entered, checked line by line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/conf_rows.h"

#define FILE_NAME "entries.csv"

enum { PIECE = 64 * 1024 };

static void
read_file(struct conf_rows *r, FILE *f)
{
	char *piece = xmalloc(PIECE);
	bool go_on = true;
	size_t n;

	while (go_on && (n = fread(piece, 1, PIECE, f)) > 0)
		go_on = conf_rows_feed(r, piece, n);
	free(piece);
	if (go_on && ferror(f) != 0) {
		r->line = 0;
		complain(r, "cannot be read: %s", strerror(errno));
		return;
	}
	conf_rows_finish(r, go_on);
}

static void
read_path(struct conf_rows *r, const char *path)
{
	FILE *f = fopen(path, "rbe");

	if (f == NULL) {
		complain(r, "cannot be read: %s%s", strerror(errno),
		    errno == ENOENT ? ": palmares roster import makes it of a "
		                      "spreadsheet; the line bib,name alone is "
		                      "enough to begin with"
		                    : "");
		return;
	}
	read_file(r, f);
	(void)fclose(f);
}

int
conf_entries(const char *dir, const struct race_rules *rules,
    struct conf_roll *roll, struct conf_report *report)
{
	struct conf_rows r = { .file = FILE_NAME,
		.rules = rules,
		.roll = roll,
		.report = report };
	char *path = xasprintf("%s/%s", dir, FILE_NAME);
	size_t errors = report->errors;

	conf_rows_open(&r, 0, 1);
	read_path(&r, path);
	conf_rows_close(&r);
	free(path);
	return report->errors == errors ? 0 : -EINVAL;
}
