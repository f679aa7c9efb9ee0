#!/usr/bin/env python3
"""
golden - the races of tests/golden, worked by hand: each folder's crossings go
through a collector and an aggregator, and every expected-RANKING.csv, .json or
.text has to be what is exported, live and from race.db; an awards.csv what
palmares awards prints.

    golden.py [NAME...]       all of them, or some
"""

import glob
import os
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
        self.compare(folder, expected)
        self.compare_awards(race, folder)
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
