#include "control/chips.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "control/shell.h"

/* "A1;B2": all but one. */
static char *
others(const struct race_entry *e, const char *chip)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < e->chip_count; i++) {
		char *longer;

		if (strcmp(e->chips[i], chip) == 0)
			continue;
		longer = xasprintf("%s%s%s", all, all[0] != '\0' ? ";" : "",
		    e->chips[i]);
		free(all);
		all = longer;
	}
	return all;
}

static char *
change(const char *bib, const char *chips)
{
	char *setting = xasprintf("chip=%s", chips);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	fputs("palmares change ", out);
	shell_word(out, bib);
	putc(' ', out);
	shell_word(out, setting);
	fclose(out);
	free(setting);
	return text;
}

char *
chips_more(const struct race_entry *e, const char *chip)
{
	char *has = e != NULL ? others(e, chip) : xstrdup("OLD");
	char *all = xasprintf("%s%s%s", has, has[0] != '\0' ? ";" : "", chip);
	char *text = change(e != NULL ? e->bib : "BIB", all);

	free(all);
	free(has);
	return text;
}

char *
chips_less(const struct race_entry *e, const char *chip)
{
	char *left = others(e, chip);
	/* An empty value says nothing; that says that there is none. */
	char *text = change(e->bib, left[0] != '\0' ? left : "-");

	free(left);
	return text;
}
