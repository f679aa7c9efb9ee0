#!/usr/bin/env python3
"""
recorded - every data set that has crossings: each of its races is recorded
while it runs, played to an aggregator that has nothing of it, and all exports
of the two are compared, byte for byte.  The sets are those of $PALMARES_DATA; a
set's columns say how it becomes a race (convert, raw_logs).

    recorded.py [SET...]      these alone
"""

import collections
import os
import re
import shutil
import sys

import convert
import palmares_test
import previews
import raw_logs
from palmares_test import Failed, System, read, sql, write

AT_ONCE = 4  # programs that export
MANY = 10000  # crossings that race.db is not read anew for, by each export
FOR_ALL = "  en-direct: { of: runners, at: live }\n" \
    "  le-plus-loin: { of: runners, by: km }\n"
Source = collections.namedtuple("Source", "point file rows")


class Relay(raw_logs.Relay):
    """A set of readers' own logs."""

    title = property(lambda self: self.name)

    def write(self, race):
        self.make_race(race)
        out = []
        for point in self.points:
            path = write(os.path.join(race, "crossings", point + ".csv"),
                         self.log(point))
            out.append((point, path, len(self.reads[point])))
        return out


def races(name):
    """Of a data set, as whatever it is; none if nobody crossed anything."""
    folder = palmares_test.data(name)
    if convert.has(folder, "crossings"):
        return convert.races(folder)
    if convert.has(folder, "readers"):
        return [Relay(name)]
    crossed = [f for f in os.listdir(folder)
               if re.search("crossing|read", f) and f != "README.md"]
    if crossed:
        raise Failed("%s has %s: how is it a race?" % (name, crossed))
    return []


class Recorded(System):
    def prepare(self, of):
        """(race folder, an empty one like it, what collectors read)"""
        race, other = self.path("race"), self.path("other")
        sources = [Source(*s) for s in of.write(race)]
        path = os.path.join(race, "race.yaml")
        teams = any(e.get("team") or e.get("club")
                    for e in getattr(of, "entries", ()))
        write(path, read(path).decode() + FOR_ALL +
              (previews.MORE if teams else ""))
        os.mkdir(other)
        for name in ("race.yaml", "entries.csv"):
            shutil.copy(os.path.join(race, name), other)
        return race, other, sources

    def time_it(self, race, sources):
        """All at once, and recorded as it goes."""
        aggregator = self.aggregator(race)
        recorder = self.start("palmares-record", self.file, race)
        running = [self.collector(race, s.point, "csv:" + s.file, "--once",
                                  "--timeout", "300") for s in sources]
        for c in running:
            self.ends_well(c, 300)
        self.stops_well(recorder)
        # What it lacks by then.
        self.ends_well(self.start("palmares-record", self.file, race, "--once"))
        last = sql(os.path.join(race, "race.db"),
                   "SELECT max(number) FROM log")[0][0]
        status, out, err = self.run_program("palmares", "verify", self.file)
        self.assertEqual(status, 0, out + err)
        self.assertIn(f": whole: {last:,} events, numbers 1 to {last:,},", out)
        return aggregator

    def exports_of(self, race, *args):
        """Every ranking in csv and json."""
        jobs = [(name, form) for name in palmares_test.rankings(race)
                for form in ("csv", "json")]
        out = {}
        for i in range(0, len(jobs), AT_ONCE):
            running = [self.start("palmares", "export", "--race", race,
                                  "--ranking", name, "--format", form, *args)
                       for name, form in jobs[i:i + AT_ONCE]]
            for job, p in zip(jobs[i:i + AT_ONCE], running):
                self.ends_well(p)
                out[job] = read(p.out_path)
        return out

    @staticmethod
    def events(race):
        """Of collectors: whose, and their bytes."""
        return sql(os.path.join(race, "race.db"), """
            SELECT s.epoch, s.name, e.seq, e.body, e.chain
            FROM log e JOIN stream s ON s.id = e.stream
            WHERE s.epoch <> (SELECT store FROM meta)
            ORDER BY s.epoch, e.seq""")

    def one(self, of):
        """(crossings, exports) of a race."""
        # One in two is compressed.
        self.file = self.path("race.rec" + ".zst" * (len(of.title) % 2))
        race, other, sources = self.prepare(of)
        crossings = sum(s.rows for s in sources)
        aggregator = self.time_it(race, sources)
        again = self.aggregator(other)
        status, out, err = self.run_program(
            "palmares-replay", self.file, "--race", other, timeout=300)
        self.assertEqual(status, 0, err)
        self.assertEqual(out, "replayed %d events of %d streams, accepted %d, "
                         "repeats 0\n" % (crossings, len(sources), crossings))
        how = () if crossings > MANY else ("--offline",)
        ours, theirs = self.exports_of(race, *how), self.exports_of(other, *how)
        self.stops_well(aggregator)
        self.stops_well(again)
        events = self.events(race)
        self.assertEqual(len(events), crossings)
        self.assertTrue(self.events(other) == events, "other events")
        self.assertEqual(set(theirs), set(ours))
        for job, board in ours.items():
            self.assertTrue(theirs[job] == board, job)
        self.assertGreater(sum(b.count(b"\n") for b in ours.values()),
                           len(ours))
        for folder in (race, other):
            shutil.rmtree(folder)
        os.remove(self.file)
        return crossings, len(ours)

    def check(self, name):
        total = compared = 0
        all_of_it = races(name)
        for of in all_of_it:
            crossings, exports = self.one(of)
            total += crossings
            compared += exports
        print("%s: recorded %d crossings in %d race%s, played again: %d "
              "exports the same" % (name, total, len(all_of_it), "s" * (
                  len(all_of_it) > 1), compared), flush=True)


def of_set(name):
    return lambda self: self.check(name)


if __name__ == "__main__":
    chosen = sys.argv[1:]
    del sys.argv[1:]
    names = chosen or sorted(os.listdir(palmares_test.DATA)
                             if os.path.isdir(palmares_test.DATA) else ())
    names = [n for n in names if palmares_test.data(n) and races(n)]
    if not names:
        print("skipped: no data sets with crossings in %s: set PALMARES_DATA"
              % palmares_test.DATA)
        sys.exit(palmares_test.SKIP)
    for data_set in names:
        setattr(Recorded, "test_" + data_set, of_set(data_set))
    palmares_test.main()
