#!/usr/bin/env python3
"""
golden - the races of tests/golden, worked by hand: each folder's crossings go
through a collector and an aggregator, and every expected-RANKING.csv, .json or
.text has to be what is exported, live and from race.db; an awards.csv what
palmares awards prints, a reads.csv what palmares reads says of each read.  The
corrections of a race are played before that, and undone in the end.

    golden.py [NAME...]       all of them, or some
"""

import csv
import glob
import json
import os
import re
import shutil
import sys

import palmares_test
from palmares_test import ROOT, System, rankings, read

FOLDER = os.path.join(ROOT, "tests", "golden")
INPUT = ("race.yaml", "entries.csv", "crossings.csv")


class Golden(System):
    def expected(self, race):
        """(ranking, format) -> bytes."""
        found = {}
        for path in glob.glob(os.path.join(FOLDER, race, "expected-*")):
            base, form = os.path.splitext(os.path.basename(path))
            found[base[len("expected-"):], form[1:]] = read(path)
        return found

    def compare(self, folder, expected, *args):
        for (ranking, form), text in sorted(expected.items()):
            ours = self.export(folder, ranking, "--format", form, *args)
            with self.subTest(ranking=ranking, format=form, how=args):
                self.assertEqual(ours.decode(), text.decode())

    def compare_awards(self, race, folder, *args):
        """awards.csv, where the race has one: the prizes."""
        path = os.path.join(FOLDER, race, "awards.csv")
        if not os.path.exists(path):
            return
        ours = self.start("palmares", "awards", "--race", folder, "--format",
                          "csv", *args)
        self.ends_well(ours)
        self.assertEqual(ours.out(), read(path).decode())

    def compare_reads(self, race, folder):
        """reads.csv, where the race has one: those of its bibs."""
        path = os.path.join(FOLDER, race, "reads.csv")
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8", newline="") as f:
            expected = [tuple(r.values()) for r in csv.DictReader(f)]
        ours = []
        for bib in sorted({bib for bib, _, _, _ in expected}):
            for line in self.palmares("reads", bib, "--race", folder,
                                      "--format", "json").splitlines():
                r = json.loads(line)
                clock = re.search(r"T(\d+:\d+:[\d.]+)", r["time"])[1]
                ours.append((r["bib"], r["point"], clock, r["why"]))
        self.assertEqual(ours, expected)

    def palmares(self, *args):
        status, out, err = self.run_program("palmares", *args)
        self.assertEqual(status, 0, out + err)
        return out

    def decide(self, *args):
        """The numbers that undo takes."""
        out = self.palmares(*args, "--yes", "--by", "jury", "--reason",
                            "see README")
        return re.search(r"undone with palmares undo (.*)", out)[1].split()

    def correct(self, race, folder):
        """corrections.csv, where the race has one: played, undone and played
        again."""
        path = os.path.join(FOLDER, race, "corrections.csv")
        if not os.path.exists(path):
            return
        before = self.exports(folder)
        numbers = self.decide("correct", path, "--race", folder)
        after = self.exports(folder)
        self.assertNotEqual(after, before)
        undone = self.decide("undo", *numbers, "--race", folder)
        self.assertEqual(self.exports(folder), before)
        self.decide("undo", *undone, "--race", folder)
        self.assertEqual(self.exports(folder), after)

    def run_race(self, race):
        folder = self.path(race)
        os.mkdir(folder)
        for name in INPUT:
            shutil.copy(os.path.join(FOLDER, race, name), folder)
        expected = self.expected(race)
        self.assertTrue(os.path.exists(os.path.join(FOLDER, race, "README")),
                        "%s has no README" % race)
        self.assertEqual({r for r, _ in expected}, set(rankings(folder)),
                         "%s: what is expected, and its rankings" % race)
        aggregator = self.aggregator(folder)
        self.ends_well(self.collector(
            folder, "arrivee", "csv:" + os.path.join(folder, "crossings.csv"),
            "--once"))
        self.correct(race, folder)
        self.compare(folder, expected)
        self.compare_awards(race, folder)
        self.compare_reads(race, folder)
        self.stops_well(aggregator)
        self.compare(folder, expected, "--offline")
        self.compare_awards(race, folder, "--offline")


def add(race):
    setattr(Golden, "test_" + race.replace("-", "_"),
            lambda self: self.run_race(race))


NAMES = [name for name in sys.argv[1:] if not name.startswith("-")]
for race in NAMES or sorted(os.listdir(FOLDER)):
    if os.path.isdir(os.path.join(FOLDER, race)):
        add(race)
sys.argv[1:] = [arg for arg in sys.argv[1:] if arg.startswith("-")]


if __name__ == "__main__":
    palmares_test.main()
