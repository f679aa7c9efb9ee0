/*
 * source - where a season is read from: its folder, or a recording of it.
 *
 * Who reads a season does not know which: both give files by name, the lists
 * there are, and the events of season.db.  A recording has besides what races
 * and other seasons gave, who are not asked then.
 */
#ifndef RACE_SEASON_SOURCE_H
#define RACE_SEASON_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "race/season/chronicle.h"
#include "race/season/season_db.h"

#define SEASON_SOURCE_LISTS "palmares/"

struct season_source_ops {
	/* 0, or err says what is there instead, without its name.  NULL: it has
	 * been opened. */
	int (*there)(void *arg, struct err *err);
	/* An open file for fclose(), by its name in the folder.  -ENOENT: there
	 * is none; err says why it is not read, without its name. */
	int (*open)(void *arg, const char *name, FILE **out, struct err *err);
	/* What lies in SEASON_SOURCE_LISTS, without that, in the order of the
	 * bytes of the names; for season_source_names_free().  How many, or
	 * -errno. */
	int (*names)(void *arg, char ***out);
	/* As season_db_scan(). */
	int (*events)(void *arg, season_db_fn fn, void *fn_arg, uint64_t *last,
	    struct err *err);
};

struct season_source {
	const struct season_source_ops *ops;
	void *arg;
	const char *path; /* for messages; of a folder, where others lie, too */
	/* What races and other seasons gave; NULL: they are asked. */
	const struct chronicle *given;
	/* Asked at every line or so: false, once nobody wants any of it any
	 * more; what was read of it then is of no use.  NULL: somebody does. */
	bool (*wanted)(void *arg);
	void *wanted_arg;
};

bool season_source_wanted(const struct season_source *s);

/* The whole of a file of at most `max` bytes (else -EFBIG), with a NUL behind
 * it that is not counted; for free().  err as of open(). */
int season_source_read(const struct season_source *s, const char *name,
    size_t max, char **out, size_t *len, struct err *err);

/* dir is borrowed, as long as the source is used. */
struct season_source season_source_folder(const char *dir);

/* The files in memory, all else as of the folder; both are borrowed. */
struct season_source_bundle {
	const struct bundle *files;
	const char *dir;
};
struct season_source season_source_bundle(struct season_source_bundle *b);

/* Two of them, of a bundle, for whoever has one. */
int season_source_bundle_open(const struct bundle *files, const char *name,
    FILE **out, struct err *err);
int season_source_bundle_names(const struct bundle *files, char ***out);

void season_source_names_free(char **names, int count);

/* Whether what lies in SEASON_SOURCE_LISTS is an award list, by its name. */
bool season_source_is_list(const char *name);

#endif
