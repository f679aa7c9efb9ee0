#!/usr/bin/env python3
"""travel - a race as it stood: palmares export --at and --at-seq."""

import csv
import json
import os
import re
import shutil
import sqlite3

import convert
import palmares_test
from palmares_test import Failed, ROOT, System, read, sql, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")
POINTS_MAX = 64  # of a race (race/types.h)
TRAVEL = os.environ.get("PALMARES_PAST_TRAVEL")


class Travel(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        self.file = self.path("race.rec")
        self.db = os.path.join(self.race, "race.db")

    def example(self):
        shutil.copytree(EXAMPLE, self.race)

    def collect(self, points=POINTS):
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:" + os.path.join(
                    self.race, "crossings", point + ".csv"), "--once"))

    def palmares(self, verb, *args):
        status, out, err = self.run_program("palmares", verb, *args)
        self.assertEqual(status, 0, err)
        return out

    def record(self):
        self.palmares("record", self.file, "--race", self.race)

    def sources(self):
        return (("--race", self.race), ("--from", self.file),
                ("--aggregator", self.endpoint(self.race)))

    def test_what_a_board_showed_is_shown_again(self):
        self.example()
        aggregator = self.aggregator(self.race)
        shown = {}

        def show():
            number = sql(self.db, "SELECT max(number) FROM log")[0][0]
            shown[number] = self.export(self.race, "scratch", "--offline")

        for point in POINTS:
            self.collect((point,))
            show()
        first = json.loads(self.palmares(
            "log", "--race", self.race, "--station", "arrivee", "-n", "1",
            "--format", "json"))
        self.palmares("mark", "DSQ", "15", "--reason", "cut", "--yes", "--by",
                      "anna", "--race", self.race)
        show()
        self.assertEqual(len(set(shown.values())), len(POINTS) + 1)
        self.record()
        for number, board in shown.items():
            for source in self.sources():
                self.assertEqual(self.palmares(
                    "export", "--ranking", "scratch", "--at-seq", str(number),
                    *source).encode(), board)
        # Before that decision nobody had decided anything.
        at = ("--at-seq", str(first["log"]))
        for source in self.sources():
            self.assertEqual(self.palmares("history", *at, *source), "")
            self.assertIn("anna", self.palmares("history", *source))
            self.assertNotIn("cut", self.palmares(
                "explain", "15", "--ranking", "scratch", *at, *source))
            for verb in ("awards", "problems"):
                self.palmares(verb, *at, *source)
        self.stops_well(aggregator)

    def test_a_time_of_day_is_found_on_the_day_of_the_race(self):
        self.example()
        self.stops_well(self.aggregator(self.race))
        aggregator = self.aggregator(self.race)
        self.collect()
        self.stops_well(aggregator)
        self.record()
        last = sql(self.db, "SELECT max(number) FROM log")[0][0]
        middle = last // 2
        # As if it had been received in 2014, a second an event.
        begin = 1411286400 * 1000000
        db = sqlite3.connect(self.db)
        db.execute("UPDATE log SET received_us = ? + number * 1000000",
                   (begin,))
        db.commit()
        db.close()
        want = self.palmares("export", "--race", self.race, "--ranking",
                             "scratch", "--at-seq", str(middle))
        clock = "1%d:%02d:%02d" % (middle // 3600, middle % 3600 // 60,
                                   middle % 60)
        for when in (clock, "2014-09-21T%s+02:00" % clock, clock + ".9"):
            status, out, err = self.run_program(
                "palmares", "export", "--race", self.race, "--ranking",
                "scratch", "--at", when)
            self.assertEqual((status, out), (0, want), err)
            self.assertIn("as of event %s, received 2014-09-21T%s+02:00; %s "
                          "came later" % (f"{middle:,}", clock,
                                          f"{last - middle:,}"), err)

    def recorded(self):
        """A race with a decision, in a file; its log."""
        self.example()
        aggregator = self.aggregator(self.race)
        self.collect()
        self.palmares("mark", "DSQ", "15", "--reason", "cut", "--yes", "--by",
                      "anna", "--race", self.race)
        self.stops_well(aggregator)
        self.record()
        return self.log_of(self.file)

    def log_of(self, file):
        return [json.loads(line) for line in self.palmares(
            "log", "--from", file, "--format", "json").splitlines()]

    def boards(self, *args):
        return [self.palmares("export", "--ranking", name, *args)
                for name in palmares_test.rankings(self.race)]

    def test_a_part_up_to_a_number_is_the_race_as_it_stood(self):
        log = self.recorded()
        part = self.path("part.rec")
        for number in (len(log) // 3, len(log) // 2, len(log) - 1, len(log)):
            self.palmares("cut", self.file, part, "--to", str(number))
            self.assertEqual(self.log_of(part), log[:number])
            self.assertEqual(self.boards("--from", part), self.boards(
                "--from", self.file, "--at-seq", str(number)))
            self.assertIn("part.rec: whole", self.palmares("verify", part))
            os.unlink(part)

    def test_a_part_has_what_it_is_ranked_by_and_holes_nowhere(self):
        log = self.recorded()
        part = self.path("part.rec")
        stations = {e["stream"] for e in log if e["kind"] == "crossing"}
        crossings = [e["log"] for e in log if e["kind"] == "crossing"]
        first, last = crossings[400], crossings[-300]
        out = self.palmares("cut", self.file, part, "--from", str(first),
                            "--to", str(last))
        want = [e for e in log if e["log"] <= last and
                (e["log"] >= first or e["stream"] not in stations)]
        self.assertEqual(self.log_of(part), want)
        self.assertRegex(out, r"part.rec: [\d,]+ events, numbers %s to %s, and "
                         r"[\d,]+ from before" % (f"{first:,}", f"{last:,}"))
        status, out, err = self.run_program("palmares", "verify", part)
        self.assertEqual(status, 0, err)
        self.assertIn("%s events between those numbers are not in it"
                      % f"{last - len(want):,}", err)
        # A part of a part; by times it is the same.
        again = self.path("again.rec")
        self.palmares("cut", part, again, "--from", log[first - 1]["received"],
                      "--to", "2099-01-01T00:00:00Z")
        received = [e["received"] for e in want]
        self.assertEqual(self.log_of(again), [
            e for e in want if e["stream"] not in stations or
            e["received"] >= log[first - 1]["received"]])
        self.assertEqual(received, sorted(received))

    def test_a_cut_that_gives_nothing_leaves_no_file(self):
        log = self.recorded()
        part = self.path("part.rec")
        write(self.path("there"), "mine")
        for args, status, words in (
                ((self.file, part, "--from", str(len(log) + 1)), 1,
                 "it has events 1 to %d" % len(log)),
                ((self.file, part, "--to", "2001-01-01T00:00:00Z"), 1,
                 "nothing lies between"),
                ((self.file, self.path("there"), "--to", "5"), 1,
                 "there is such a file"),
                ((self.db, part, "--to", "5"), 1, "no recording"),
                ((self.file, part, "--to", "+5"), 2, "--to +5"),
                ((self.file, "--to", "5"), 2, "Name both")):
            got, out, err = self.run_program("palmares", "cut", *args)
            self.assertEqual((got, out), (status, ""), err)
            self.assertIn(words, err)
            self.assertFalse(os.path.exists(part))
            self.assertFalse(os.path.exists(part + ".partial"))
        self.assertEqual(read(self.path("there")), b"mine")

    def test_mistakes_are_named(self):
        self.example()
        self.stops_well(self.aggregator(self.race))
        last = sql(self.db, "SELECT max(number) FROM log")[0][0]
        for args, status, words in (
                (("--at", "noon"), 2, "--at noon"),
                (("--at", "+0:05:00"), 2, "which gun"),
                (("--at-seq", "0"), 2, "from 1"),
                (("--at-seq", "1", "--at", "10:00:00"), 2, "one of them"),
                (("--at-seq", str(last + 1)), 1, "is number %d" % last),
                (("--at", "2001-01-01T00:00:00Z"), 1,
                 "nothing had been received by 2001-01-01T01:00:00+01:00")):
            got, out, err = self.run_program(
                "palmares", "export", "--race", self.race, "--ranking",
                "scratch", *args)
            self.assertEqual((got, out), (status, ""), err)
            self.assertIn(words, err)
        got, _, err = self.run_program("palmares", "status", "--at", "10:00:00")
        self.assertEqual(got, 2)
        self.assertIn("not for this verb", err)

    def travel(self, point, instants, loads, one_in):
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(
            self.race, point, "csv:" + self.path("all.csv"), "--once"), 300)
        self.stops_well(aggregator)
        self.record()
        p = self.start(TRAVEL, self.file, str(instants), str(loads),
                       str(one_in), str(palmares_test.seed()))
        self.ends_well(p, 300)
        told = re.match(r"instants %d loads %d lines (\d+) events (\d+)\n"
                        % (instants, loads), read(p.out_path).decode())
        self.assertIsNotNone(told)
        print("%d instants, %s lines, %d of them loaded whole, of %s events"
              % (instants, told.group(1), loads, told.group(2)))
        return int(told.group(1))

    def crossings(self, rows):
        """One file, in the order of passing."""
        with open(self.path("all.csv"), "w", encoding="utf-8") as f:
            f.write("time,bib,point\n")
            for time, bib, point in sorted(rows, key=lambda r: float(r[0])):
                f.write("+%s,%s,%s\n" % (time, bib, point))

    def data(self, name):
        folder = palmares_test.data(name)
        if folder is None:
            self.skipTest("no data set %s in %s: set PALMARES_DATA"
                          % (name, palmares_test.DATA))
        return folder

    def test_boston_2015_at_1000_instants(self):
        points = convert.convert(self.data("boston-2015"), self.race)
        rows = []
        for point in points:
            with open(os.path.join(self.race, "crossings", point + ".csv"),
                      encoding="utf-8", newline="") as f:
                rows += [(r["time"][1:], r["bib"], point)
                         for r in csv.DictReader(f)]
        self.crossings(rows)
        self.assertGreater(self.travel(points[0], 1000, 10, 500),
                           20000)

    def formula_1(self, season, number, laps, entries):
        """One of its races: a point a lap."""
        last = max(int(r["lap"]) for r in laps)
        self.race = self.path("race-%s-%s" % (season, number))
        self.file = self.race + ".rec"
        os.makedirs(self.race)
        write(os.path.join(self.race, "race.yaml"), "\n".join(
            ["title: race %s of %s" % (number, season), "date: 2010-03-14",
             "timezone: Asia/Bahrain", "waves:",
             '  all: { gun: "15:00:00" }', "points:"] +
            ["  lap-%d: { km: %d.412 }" % (n, 5 * n)
             for n in range(1, last + 1)] +
            ["rankings:", "  scratch: { of: runners }",
             "  live: { of: runners, at: live }",
             "  laps: { of: runners, by: km }"]) + "\n")
        bibs = {r["bib"] for r in laps}
        write(os.path.join(self.race, "entries.csv"), "bib,name\n" + "".join(
            "%s,%s\n" % (r["bib"], r["name"]) for r in entries
            if r["season"] == season and r["bib"] in bibs))
        self.crossings((int(r["time_ms"]) / 1000, r["bib"],
                        "lap-" + r["lap"]) for r in laps)

    def test_formula_1_races_at_1000_instants(self):
        """Of those that have no more laps than a race may have points."""
        folder = self.data("f1-2010-2014")
        entries = list(convert.table(folder, "entries"))
        races = {}
        for r in convert.table(folder, "crossings"):
            races.setdefault((r["season"], r["round"]), []).append(r)
        fit = sorted(of for of, laps in races.items()
                     if max(int(r["lap"]) for r in laps) <= POINTS_MAX)
        each = 1000 // len(fit) + 1
        lines = 0
        for of in fit:
            with self.subTest(race=of):
                self.formula_1(*of, races[of], entries)
                lines += self.travel("lap-1", each, each, 1)
        self.assertGreater(lines, 20000)


if __name__ == "__main__":
    if TRAVEL is None:
        raise Failed("PALMARES_PAST_TRAVEL: where is that program?")
    palmares_test.main()
