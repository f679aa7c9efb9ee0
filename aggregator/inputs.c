#include "aggregator/inputs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/hash.h"
#include "common/xalloc.h"

/* Any fixed key: it is compared with itself alone. */
static const struct hash_key look_key = { 1, 2 };

static bool
is_wal(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, "-wal") == 0;
}

static uint64_t
look_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;
	uint64_t facts[8] = { 0 };

	/* Whoever reads a database can leave an empty WAL. */
	if (stat(path, &st) == 0 && (st.st_size > 0 || !is_wal(name))) {
		facts[0] = (uint64_t)st.st_dev;
		facts[1] = (uint64_t)st.st_ino;
		facts[2] = (uint64_t)st.st_size;
		facts[3] = (uint64_t)st.st_mtim.tv_sec;
		facts[4] = (uint64_t)st.st_mtim.tv_nsec;
		/* Its rights; and what is put there with the time of what was
		 * there before. */
		facts[5] = (uint64_t)st.st_ctim.tv_sec;
		facts[6] = (uint64_t)st.st_ctim.tv_nsec;
	}
	facts[7] = hash_sip(&look_key, name, strlen(name));
	free(path);
	return hash_sip(&look_key, facts, sizeof facts);
}

/* A sum, so that the order in which a folder lists its files means nothing. */
static uint64_t
look_lists(const char *dir)
{
	char *path = xasprintf("%s/palmares", dir);
	DIR *d = opendir(path);
	const struct dirent *e;
	uint64_t sum = d != NULL;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			sum += look_file(path, e->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return sum;
}

static uint64_t
look_season(const char *dir)
{
	return look_lists(dir) + look_file(dir, "season.yaml") +
	    look_file(dir, "aliases.csv") + look_file(dir, "season.db") +
	    look_file(dir, "season.db-wal");
}

static uint64_t
look_race(const char *dir)
{
	return look_file(dir, "race.yaml") + look_file(dir, "race.db") +
	    look_file(dir, "race.db-wal");
}

static uint64_t
look(enum inputs_kind kind, const char *dir)
{
	switch (kind) {
	case INPUTS_SEASON:
		return look_season(dir);
	case INPUTS_RACE:
		break;
	}
	return look_race(dir);
}

void
inputs_add(struct inputs *in, enum inputs_kind kind, const char *dir)
{
	in->list = xgrow(in->list, &in->cap, in->count, sizeof *in->list);
	in->list[in->count++] =
	    (struct input){ kind, xstrdup(dir), look(kind, dir) };
}

void
inputs_clear(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++)
		free(in->list[i].dir);
	free(in->list);
	*in = (struct inputs){ .list = NULL };
}

bool
inputs_changed(const struct inputs *in, enum inputs_kind kind)
{
	for (size_t i = 0; i < in->count; i++) {
		const struct input *one = &in->list[i];

		if (one->kind == kind && look(kind, one->dir) != one->look)
			return true;
	}
	return false;
}
