/*
 * folder - a season folder, read and checked: season.yaml, the award lists in
 * palmares/ and the names in aliases.csv (season.yaml(5)).
 *
 * Every mistake of it is told in one run, each with file and line.
 */
#ifndef RACE_SEASON_FOLDER_H
#define RACE_SEASON_FOLDER_H

#include "race/conf.h"
#include "race/season/index.h"
#include "race/season/season.h"
#include "race/season/source.h"

/* A competition that a race decides, by its awards or whole rankings; or the
 * standings of another season. */
struct season_feed {
	char *competition;
	char *season; /* "": the year of the race's date, or the last one */
	char *race;   /* its folder; "": it is not from a race */
	char *
	    *rankings; /* of these the whole ranking; none: the race's awards */
	size_t ranking_count;
	char *standings; /* the other season's folder; "" */
	char *table;     /* of it; "": the first */
};

/* A line of an award list; all texts are the folder's. */
struct season_listed {
	struct race_listed what; /* keys: PROTOCOL.md 3.10 */
	const char *file;        /* "palmares/2014.csv" */
	unsigned line;
};

/* A line of aliases.csv. */
struct season_spelling {
	const char *written;
	const char *team; /* "": of any */
	const char *subject;
	unsigned line;
};

struct season_folder {
	struct season_rules *rules;
	struct season_feed *feeds;
	size_t feed_count;
	struct season_listed *listed;
	size_t listed_count;
	size_t listed_cap;
	struct index lines; /* by key */
	struct season_spelling *spellings;
	size_t spelling_count;
	size_t spelling_cap;
	struct folder_block *blocks; /* where the texts are */
};

/* 0, or -EINVAL if the report has any error: rules can be NULL then.  Cleared
 * in any case. */
int season_folder_read(struct season_folder *out,
    const struct season_source *from, struct conf_report *report);
void season_folder_clear(struct season_folder *f);

/* The line with that key; NULL: it stands in no file. */
const struct season_listed *season_folder_line(const struct season_folder *f,
    uint64_t key);

#endif
