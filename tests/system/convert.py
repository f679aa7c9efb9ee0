#!/usr/bin/env python3
"""
convert - makes race folders out of a data set of real results.

    convert.py DATASET RACE

DATASET has crossings.csv and entries.csv (or .csv.gz), and maybe course.csv and
starts.csv, as the data sets of $PALMARES_DATA do; RACE gets race.yaml,
entries.csv and crossings/POINT.csv, one file a timing point (one of all laps,
where laps were counted), times as "+seconds" after the gun.  What a set is made
of is seen by its columns alone: crossings of several stages, rounds or events
are as many races.
Rankings: scratch, one for each sex, one for each category.  The published
result is never read here.
"""

import csv
import gzip
import os
import re
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
SOMETIME = ("2020-06-01", "Europe/London", "10:00:00")

# The course of UTMB 2019; its data set leaves the distance out.
METRES = {"utmb-2019": 171000}

# Of a race.yaml.
MOST_POINTS = 64

# Columns of crossings that say of which race they are.
OF_A_RACE = ("season", "round", "stage", "race", "event")


def has(folder, name):
    return any(os.path.exists(os.path.join(folder, name + end))
               for end in (".csv", ".csv.gz"))


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


def ranking_name(category):
    return "category-" + re.sub("[^A-Za-z0-9]+", "-",
                                category.replace("+", "plus"))


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def write_csv(path, head, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


class Race:
    """One of a data set."""

    def __init__(self, folder, key, entries, crossings, starts):
        self.set = os.path.basename(os.path.normpath(folder))
        self.title = "-".join((self.set,) + key)
        self.entries = entries
        self.crossings = crossings
        self.starts = starts
        self.laps = "lap" in crossings[0]
        if self.laps:
            self.step = -(-max(int(c["lap"]) for c in crossings) // MOST_POINTS)
        self.points = self.course(folder)

    def course(self, folder):
        """(name, metres) of each point."""
        if has(folder, "course"):
            return [(point_name(p["point"]), round(float(
                p["distance_m"] or METRES.get(self.set, 5000 * n))))
                for n, p in enumerate(sorted(
                    table(folder, "course"), key=lambda p: int(p["order"])), 1)]
        if self.laps:
            return [("lap-%d" % n, 5000 * n) for n in range(
                self.step, max(self.lap(c) for c in self.crossings) + 1,
                self.step)]
        return [("finish", 10000)]

    def lap(self, crossing):
        """The next one that is a timing point."""
        return -(-int(crossing["lap"]) // self.step) * self.step

    def point(self, crossing):
        if self.laps:
            return "lap-%d" % self.lap(crossing)
        return point_name(crossing.get("point", "finish"))

    @staticmethod
    def seconds(crossing):
        if "time_ms" in crossing:
            return "%d.%03d" % divmod(int(crossing["time_ms"]), 1000)
        return crossing["time_s"]

    def sexes(self):
        return sorted({e["sex"] for e in self.entries if e.get("sex")})

    def categories(self):
        found = sorted({e["category"] for e in self.entries
                        if e.get("category")})
        if len(found) > 40:
            sys.exit("convert: %d categories in %s" % (len(found), self.title))
        return found

    def race_yaml(self):
        date, zone, gun = WHEN.get(self.set, SOMETIME)
        lines = ["title: " + self.title, "date: " + date, "timezone: " + zone,
                 "waves:", "  all: { gun: \"%s\" }" % gun, "points:"]
        for name, metres in self.points:
            lines.append("  %s: { km: %g }" % (name, metres / 1000))
        lines += ["rankings:", "  scratch: { of: runners }"]
        for sex in self.sexes():
            lines.append("  sex-%s: { of: runners, sex: %s }" % (sex, sex))
        for category in self.categories():
            lines.append("  %s: { of: runners, category: %s }"
                         % (ranking_name(category), quoted(category)))
        return "\n".join(lines) + "\n"

    def write_entries(self, path):
        last = self.points[-1][0]
        finishers = {c["bib"] for c in self.crossings if self.point(c) == last}
        rows = []
        for e in self.entries:
            # The lists are of people who started: who has no time gave up.
            status = "" if self.laps or e["bib"] in finishers else "DNF"
            row = [e["bib"], e.get("name") or e.get("team"), e.get("sex"),
                   e.get("category"), e.get("team") or e.get("club"),
                   e.get("country_code") or e.get("country"), status]
            rows.append(row + ([self.start(e["bib"])] if self.starts else []))
        write_csv(path, ["bib", "name", "sex", "category", "team", "nation",
                         "status"] + (["start"] if self.starts else []), rows)

    def start(self, bib):
        """Of somebody who started after the gun, as a time of day."""
        if bib not in self.starts:
            return ""
        gun = WHEN.get(self.set, SOMETIME)[2]
        hours, minutes, seconds = (int(n) for n in gun.split(":"))
        minutes, seconds = divmod(60 * (60 * hours + minutes) + seconds +
                                  int(self.starts[bib]), 60)
        return "%02d:%02d:%02d" % (divmod(minutes, 60) + (seconds,))

    def write(self, race):
        """The race folder; what collectors read: (timing point, file, rows)."""
        folder = os.path.join(race, "crossings")
        os.makedirs(folder)
        with open(os.path.join(race, "race.yaml"), "w", encoding="utf-8") as f:
            f.write(self.race_yaml())
        self.write_entries(os.path.join(race, "entries.csv"))
        rows = {name: [] for name, _ in self.points}
        for c in self.crossings:
            rows[self.point(c)].append(["+" + self.seconds(c), c["bib"]])
        if self.laps:
            path = os.path.join(folder, "laps.csv")
            write_csv(path, ["time", "bib", "point"],
                      [["+" + self.seconds(c), c["bib"], self.point(c)]
                       for c in self.crossings])
            return [(self.points[0][0], path, len(self.crossings))]
        out = []
        for name, _ in self.points:
            path = os.path.join(folder, name + ".csv")
            write_csv(path, ["time", "bib"], rows[name])
            out.append((name, path, len(rows[name])))
        return out


def races(folder):
    """All races of a data set."""
    crossings = table(folder, "crossings")
    entries = table(folder, "entries")
    starts = table(folder, "starts") if has(folder, "starts") else []
    columns = [c for c in OF_A_RACE if c in crossings[0]]

    def of(key, rows):
        """The rows of one race: by those columns of it that they have."""
        return [r for r in rows if all(
            r[c] == k for c, k in zip(columns, key) if c in r)]

    parts = {}
    for c in crossings:
        parts.setdefault(tuple(c[name] for name in columns), []).append(c)
    return [Race(folder, key, of(key, entries), part,
                 {s["bib"]: s["start_s"] for s in of(key, starts)})
            for key, part in parts.items()]


def convert(folder, race):
    """Of a set that is one race; its timing points."""
    one, = races(folder)
    return [point for point, _, _ in one.write(race)]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: convert.py DATASET RACE")
    convert(sys.argv[1], sys.argv[2])
