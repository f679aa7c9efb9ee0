#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"

uint8_t
fuzz_byte(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

uint64_t
fuzz_below(struct fuzz_input *in, uint64_t n)
{
	uint64_t number = 0;
	unsigned bits = 0;

	/* As many bytes as n has, so that small choices cost little. */
	do {
		number = number << 8 | fuzz_byte(in);
		bits += 8;
	} while (bits < 64 && (n == 0 || (n - 1) >> bits != 0));
	return n == 0 ? number : number % n;
}

int64_t
fuzz_between(struct fuzz_input *in, int64_t low, int64_t high)
{
	uint64_t width = (uint64_t)high - (uint64_t)low;
	uint8_t how = fuzz_byte(in);

	if (how < 32)
		return low;
	if (how < 64)
		return high;
	if (how < 128)
		return (int64_t)((uint64_t)low +
		    fuzz_below(in, width < 1000 ? width + 1 : 1000));
	return (int64_t)((uint64_t)low + fuzz_below(in, width + 1));
}

/* ---- text ---- */

static char pool[256 * 1024];
static size_t pool_used;

void
fuzz_forget(void)
{
	pool_used = 0;
}

static size_t
put_letter(char *to, size_t room, uint8_t byte)
{
	static const char *const wide[] = { "é", "œ", "ß", "И", "中", "🏃" };
	const char *s = wide[byte % (sizeof wide / sizeof wide[0])];
	size_t len = strlen(s);

	if (byte < 0xe0) {
		*to = (char)(' ' + byte % ('~' - ' ' + 1));
		return 1;
	}
	if (len > room)
		return 0;
	for (size_t i = 0; i < len; i++)
		to[i] = s[i];
	return len;
}

char *
fuzz_text(struct fuzz_input *in, size_t max)
{
	uint8_t how = fuzz_byte(in);
	size_t want = how >= 0xf0 ? max : how % 16;
	char *text = pool + pool_used;
	size_t len = 0;

	if (sizeof pool - pool_used <= max)
		return strcpy(pool + sizeof pool - 1, "");
	while (len < want && len < max) {
		size_t n = put_letter(text + len, max - len, fuzz_byte(in));

		if (n == 0)
			break;
		len += n;
	}
	text[len] = '\0';
	pool_used += len + 1;
	return text;
}

/* ---- files ---- */

enum { FILES_MAX = 4 };

struct file {
	const char *name;
	char *path;
	int fd;
};

static char *folder;
static char *inner; /* the only folder in it */
static struct file files[FILES_MAX];
static size_t file_count;

static void
remove_folder(void)
{
	while (file_count > 0) {
		file_count--;
		unlink(files[file_count].path);
		free(files[file_count].path);
	}
	if (inner != NULL)
		rmdir(inner);
	rmdir(folder);
	free(inner);
	free(folder);
	inner = NULL;
	folder = NULL;
}

static void
need(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static void
make_folder(void)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	folder = xasprintf("%s/palmares-fuzz-XXXXXX", base);
	need(mkdtemp(folder) != NULL, folder);
	atexit(remove_folder);
}

static void
make_inner(const char *name)
{
	const char *slash = strchr(name, '/');

	if (slash == NULL || inner != NULL)
		return;
	inner = xasprintf("%s/%.*s", folder, (int)(slash - name), name);
	need(mkdir(inner, 0700) == 0, inner);
}

/* All in memory, the file is a link to it: a million runs wear out no disk and
 * wait for none. */
static struct file *
make_file(const char *name)
{
	struct file *f = &files[file_count];
	char *target;

	need(file_count < FILES_MAX, "more files than a folder has");
	make_inner(name);
	f->name = name;
	f->fd = memfd_create("fuzz", MFD_CLOEXEC);
	need(f->fd >= 0, "memfd_create");
	f->path = xasprintf("%s/%s", folder, name);
	target = xasprintf("/proc/self/fd/%d", f->fd);
	need(symlink(target, f->path) == 0, f->path);
	free(target);
	file_count++;
	return f;
}

const char *
fuzz_folder(const char *name, const uint8_t *data, size_t len)
{
	struct file *f = NULL;

	if (folder == NULL)
		make_folder();
	for (size_t i = 0; i < file_count; i++)
		if (strcmp(files[i].name, name) == 0)
			f = &files[i];
	if (f == NULL)
		f = make_file(name);
	need(ftruncate(f->fd, 0) == 0, "ftruncate");
	need(pwrite(f->fd, data, len, 0) == (ssize_t)len, "pwrite");
	return folder;
}
