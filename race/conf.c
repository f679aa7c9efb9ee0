#include "race/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* Does a problem of that place belong before p? */
static bool
before(const char *file, unsigned line, unsigned column,
    const struct conf_problem *p)
{
	if (strcmp(p->file, file) != 0)
		return false;
	if (p->line != line)
		return line < p->line;
	return column < p->column;
}

void
conf_report_add(struct conf_report *report, bool error, const char *file,
    unsigned line, unsigned column, const char *fmt, ...)
{
	char text[1024];
	size_t at = report->count;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report->problems = xgrow(report->problems, &report->cap, report->count,
	    sizeof *report->problems);
	/* What is checked at the end often belongs to an earlier line. */
	while (at > 0 && before(file, line, column, &report->problems[at - 1]))
		at--;
	memmove(report->problems + at + 1, report->problems + at,
	    (report->count - at) * sizeof *report->problems);
	report->problems[at] = (struct conf_problem){ .error = error,
		.file = xstrdup(file),
		.line = line,
		.column = column,
		.text = xstrdup(text) };
	report->count++;
	if (error)
		report->errors++;
}

void
conf_report_clear(struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->problems[i].file);
		free(report->problems[i].text);
	}
	free(report->problems);
	*report = (struct conf_report){ 0 };
}

int
conf_problem_print(char *out, size_t cap, const struct conf_problem *p)
{
	const char *kind = p->error ? "" : "warning: ";

	if (p->line == 0)
		return snprintf(out, cap, "%s: %s%s", p->file, kind, p->text);
	if (p->column == 0)
		return snprintf(out, cap, "%s:%u: %s%s", p->file, p->line, kind,
		    p->text);
	return snprintf(out, cap, "%s:%u:%u: %s%s", p->file, p->line, p->column,
	    kind, p->text);
}
