#include "control/ground.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "race/conf.h"
#include "race/rules.h"

static const char *const names[] = { "race.yaml", "entries.csv", "race.db" };

int
ground_is_free(const char *dir, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);

		if (access(path, F_OK) == 0)
			rc = err_set(err, -EEXIST,
			    "%s is there already: nothing is overwritten; name "
			    "another folder",
			    path);
		else if (errno != ENOENT)
			rc = err_errno(err, -errno, "%s", path);
		free(path);
	}
	return rc;
}

/* What is there meanwhile stays. */
static int
write_new(const char *path, const char *text, struct err *err)
{
	FILE *f = fopen(path, "wx");
	int rc = 0;

	if (f == NULL)
		return err_errno(err, -errno, "make %s", path);
	errno = EIO;
	if (fputs(text, f) < 0 || fflush(f) != 0 || fsync(fileno(f)) < 0)
		rc = err_errno(err, -errno, "write %s", path);
	if (fclose(f) != 0 && rc == 0)
		rc = err_errno(err, -errno, "write %s", path);
	if (rc < 0)
		unlink(path);
	else
		(void)files_sync_folder_of(path);
	return rc;
}

static int
check(const char *dir, struct err *err)
{
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct race_rules *rules = conf_rules(dir, &report);
	size_t errors;

	(void)conf_entries(dir, rules, &roll, &report);
	errors = report.errors;
	for (size_t i = 0; i < report.count; i++) {
		char line[4096];

		/* That nobody is entered is no news. */
		if (!report.problems[i].error && roll.count == 0)
			continue;
		conf_problem_print(line, sizeof line, &report.problems[i]);
		puts(line);
	}
	conf_roll_clear(&roll);
	conf_report_clear(&report);
	rules_free(rules);
	if (errors == 0)
		return 0;
	return err_set(err, -EINVAL, "%zu mistake%s: nothing was made in %s",
	    errors, errors == 1 ? "" : "s", dir);
}

int
ground_write(const char *dir, const char *rules, const char *entries,
    struct err *err)
{
	char *rules_path = xasprintf("%s/race.yaml", dir);
	char *entries_path = xasprintf("%s/entries.csv", dir);
	bool made = mkdir(dir, 0777) == 0;
	int rc = 0;

	if (!made && errno != EEXIST)
		rc = err_errno(err, -errno, "make folder %s", dir);
	if (rc == 0)
		rc = write_new(rules_path, rules, err);
	if (rc < 0)
		goto end;
	rc = write_new(entries_path, entries, err);
	if (rc < 0)
		goto end_rules;
	rc = check(dir, err);
	if (rc == 0)
		goto end;
	unlink(entries_path);
end_rules:
	unlink(rules_path);
	if (made)
		rmdir(dir);
end:
	free(rules_path);
	free(entries_path);
	return rc;
}
