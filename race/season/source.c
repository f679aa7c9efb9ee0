#include "race/season/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"

enum { PIECE = 64 * 1024 };

bool
season_source_wanted(const struct season_source *s)
{
	return s->wanted == NULL || s->wanted(s->wanted_arg);
}

bool
season_source_is_list(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".csv") == 0;
}

void
season_source_names_free(char **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int
read_file(FILE *f, size_t max, char **out, size_t *len)
{
	size_t cap = 0;
	size_t used = 0;
	char *text = NULL;

	do {
		cap = cap == 0 ? PIECE : cap * 2;
		text = xreallocarray(text, cap + 1, 1);
		used += fread(text + used, 1, cap - used, f);
	} while (used == cap && used <= max);
	if (ferror(f) != 0 || used > max) {
		int rc = used > max ? -EFBIG : -EIO;

		free(text);
		return rc;
	}
	text[used] = '\0';
	*out = text;
	*len = used;
	return 0;
}

int
season_source_read(const struct season_source *s, const char *name, size_t max,
    char **out, size_t *len, struct err *err)
{
	FILE *f;
	int rc = s->ops->open(s->arg, name, &f, err);

	if (rc < 0)
		return rc;
	rc = read_file(f, max, out, len);
	(void)fclose(f);
	return rc < 0 ? err_errno(err, rc, "cannot be read") : 0;
}

/* ---- a folder ---- */

/* Nothing that waits for whoever writes into it. */
static int
open_path(const char *path, FILE **out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *f = NULL;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		rc = err_errno(err, -errno, "cannot be read");
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, -EINVAL, "is no ordinary file");
	else if ((f = fdopen(fd, "rb")) == NULL)
		rc = err_errno(err, -errno, "cannot be read");
	if (f == NULL && fd >= 0)
		(void)close(fd);
	if (rc == 0)
		*out = f;
	return rc;
}

static int
open_in(const char *dir, const char *name, FILE **out, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, name);
	int rc = open_path(path, out, err);

	free(path);
	return rc;
}

static int
is_shown(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Whatever the locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
names_in(const char *dir, char ***out)
{
	char *path = xasprintf("%s/" SEASON_SOURCE_LISTS, dir);
	struct dirent **found;
	int n = scandir(path, &found, is_shown, by_name);

	if (n < 0)
		n = -errno;
	free(path);
	if (n < 0)
		return n;
	*out = xcalloc((size_t)n + 1, sizeof **out);
	for (int i = 0; i < n; i++) {
		(*out)[i] = xstrdup(found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return n;
}

static int
folder_there(void *arg, struct err *err)
{
	static const char hint[] = "name a season folder, which has a "
	                           "season.yaml";
	struct stat st;

	if (stat(arg, &st) < 0) {
		int rc = -errno;

		return err_set(err, rc, "%s: %s", strerror(-rc), hint);
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "is a file: %s", hint);
	return 0;
}

static int
folder_open(void *arg, const char *name, FILE **out, struct err *err)
{
	return open_in(arg, name, out, err);
}

static int
folder_names(void *arg, char ***out)
{
	return names_in(arg, out);
}

static int
folder_events(void *arg, season_db_fn fn, void *fn_arg, uint64_t *last,
    struct err *err)
{
	return season_db_scan(arg, fn, fn_arg, last, err);
}

struct season_source
season_source_folder(const char *dir)
{
	static const struct season_source_ops ops = { folder_there, folder_open,
		folder_names, folder_events };
	/* Nobody writes to it. */
	union {
		const char *from;
		void *to;
	} arg = { dir };

	return (
	    struct season_source){ .ops = &ops, .arg = arg.to, .path = dir };
}

/* ---- files in memory ---- */

int
season_source_bundle_open(const struct bundle *files, const char *name,
    FILE **out, struct err *err)
{
	const struct bundle_file *file = bundle_find(files, name);
	FILE *f;

	if (file == NULL)
		return err_errno(err, -ENOENT, "cannot be read");
	f = fmemopen(file->data, file->len, "rb");
	if (f == NULL)
		return err_errno(err, -errno, "cannot be read");
	*out = f;
	return 0;
}

int
season_source_bundle_names(const struct bundle *files, char ***out)
{
	size_t skip = sizeof SEASON_SOURCE_LISTS - 1;
	int n = 0;

	*out = xcalloc(files->count + 1, sizeof **out);
	for (size_t i = 0; i < files->count; i++) {
		const char *name = files->files[i].name;

		if (strncmp(name, SEASON_SOURCE_LISTS, skip) == 0)
			(*out)[n++] = xstrdup(name + skip);
	}
	return n;
}

static int
bundle_open(void *arg, const char *name, FILE **out, struct err *err)
{
	const struct season_source_bundle *b = arg;

	return season_source_bundle_open(b->files, name, out, err);
}

static int
bundle_names(void *arg, char ***out)
{
	const struct season_source_bundle *b = arg;

	return season_source_bundle_names(b->files, out);
}

static int
bundle_events(void *arg, season_db_fn fn, void *fn_arg, uint64_t *last,
    struct err *err)
{
	const struct season_source_bundle *b = arg;

	return season_db_scan(b->dir, fn, fn_arg, last, err);
}

struct season_source
season_source_bundle(struct season_source_bundle *b)
{
	static const struct season_source_ops ops = { NULL, bundle_open,
		bundle_names, bundle_events };

	return (struct season_source){ .ops = &ops, .arg = b, .path = b->dir };
}
