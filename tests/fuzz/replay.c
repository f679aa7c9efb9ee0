/*
 * Runs a fuzz target over files, and over the files of folders: the main of
 * the targets wherever libFuzzer is not.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "fuzz.h"

enum { INPUT_MAX = 16 * 1024 * 1024 };

static size_t runs;

static void
run_file(const char *path)
{
	struct err err;
	char *bytes;
	size_t len;

	if (files_read(path, INPUT_MAX, &bytes, &len, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	/* Not the NUL behind: a target that reads too far is seen. */
	uint8_t *exact = xmalloc(len > 0 ? len : 1);
	memcpy(exact, bytes, len);
	free(bytes);
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	runs++;
}

static int
is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void
run_path(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, is_visible, alphasort);

	if (n < 0 && errno == ENOTDIR) {
		run_file(path);
		return;
	}
	if (n < 0) {
		perror(path);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		char *inside = xasprintf("%s/%s", path, list[i]->d_name);

		run_file(inside);
		free(inside);
		free(list[i]);
	}
	free(list);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%zu inputs\n", runs);
	return runs > 0 ? 0 : 1;
}
