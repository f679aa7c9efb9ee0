#!/usr/bin/env python3
"""
convert - makes a race folder out of a data set of real results.

    convert.py DATASET RACE

DATASET has course.csv, entries.csv and crossings.csv (or .csv.gz), as the data
sets of $PALMARES_DATA do; RACE gets race.yaml, entries.csv and
crossings/POINT.csv, one file a timing point, times as "+seconds" after the gun.
Rankings: scratch, one for each sex, one for each category.  The published
result is never read here.
"""

import csv
import gzip
import os
import sys

# Where and when, which the data sets do not say.  A start without a time zone
# of its own would do as well: all times are relative to the gun.
WHEN = {
    "boston-2015": ("2015-04-20", "America/New_York", "10:00:00"),
    "boston-2015-top500": ("2015-04-20", "America/New_York", "10:00:00"),
    "boston-2017": ("2017-04-17", "America/New_York", "10:00:00"),
    "boulogne-2022": ("2022-11-27", "Europe/Paris", "10:00:00"),
    "utmb-2019": ("2019-08-30", "Europe/Paris", "18:00:00"),
}

# The course of UTMB 2019; its data set leaves the distance out.
METRES = {"utmb-2019": 171000}


def table(folder, name):
    """The rows of a csv file of a data set, as dictionaries."""
    path = os.path.join(folder, name + ".csv")
    if os.path.exists(path):
        f = open(path, encoding="utf-8", newline="")
    else:
        f = gzip.open(path + ".gz", "rt", encoding="utf-8", newline="")
    with f:
        return list(csv.DictReader(f))


def point_name(name):
    return name.replace(" ", "-")


def race_yaml(title, points, sexes, categories):
    date, zone, gun = WHEN[title]
    lines = ["title: %s" % title, "date: %s" % date, "timezone: %s" % zone,
             "waves:", "  all: { gun: \"%s\" }" % gun, "points:"]
    for name, metres in points:
        lines.append("  %s: { km: %g }" % (name, metres / 1000))
    lines.append("rankings:")
    lines.append("  scratch: { of: runners }")
    for sex in sexes:
        lines.append("  sex-%s: { of: runners, sex: %s }" % (sex, sex))
    for category in categories:
        lines.append("  category-%s: { of: runners, category: \"%s\" }"
                     % (category.replace("+", "plus"), category))
    return "\n".join(lines) + "\n"


def convert(folder, race):
    title = os.path.basename(os.path.normpath(folder))
    course = sorted(table(folder, "course"), key=lambda p: int(p["order"]))
    points = [(point_name(p["point"]),
               round(float(p["distance_m"] or METRES[title]))) for p in course]
    entries = table(folder, "entries")
    crossings = table(folder, "crossings")
    last = points[-1][0]
    finishers = {c["bib"] for c in crossings if point_name(c["point"]) == last}

    os.makedirs(os.path.join(race, "crossings"))
    sexes = sorted({e["sex"] for e in entries if e["sex"]})
    categories = sorted({e["category"] for e in entries if e["category"]})
    if len(categories) > 40:
        sys.exit("convert: %d categories in %s" % (len(categories), folder))
    with open(os.path.join(race, "race.yaml"), "w", encoding="utf-8") as f:
        f.write(race_yaml(title, points, sexes, categories))

    with open(os.path.join(race, "entries.csv"), "w", encoding="utf-8",
              newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["bib", "name", "sex", "category", "team", "nation",
                      "status"])
        for e in entries:
            # The lists are of people who started: who has no time gave up.
            status = "" if e["bib"] in finishers else "DNF"
            out.writerow([e["bib"], e["name"], e["sex"], e["category"],
                          e.get("team"),
                          e.get("country_code") or e.get("country"), status])

    files = {}
    for name, _ in points:
        f = open(os.path.join(race, "crossings", name + ".csv"), "w",
                 encoding="utf-8", newline="")
        files[name] = (f, csv.writer(f, lineterminator="\n"))
        files[name][1].writerow(["time", "bib"])
    for c in crossings:
        files[point_name(c["point"])][1].writerow(["+" + c["time_s"],
                                                   c["bib"]])
    for f, _ in files.values():
        f.close()
    return [name for name, _ in points]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: convert.py DATASET RACE")
    convert(sys.argv[1], sys.argv[2])
