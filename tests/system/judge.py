#!/usr/bin/env python3
"""
judge - those who say "lost 0, doubled 0" see what is lost, doubled or altered,
and a power cut takes what was not flushed.
"""

import contextlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest

import campaign
import checker
import disks
import palmares_test
import soak
from palmares_test import System, write
from kill9 import make_race

LINES = 300


class Checker(System):
    def setUp(self):
        super().setUp()
        self.race = make_race(self.path("race"))
        source = write(self.path("arrivee.csv"), "time,bib\n" + "".join(
            "+%d,%d\n" % (n, n % 50 + 1) for n in range(LINES)))
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(self.race, "arrivee", "csv:" + source,
                                      "--once"))
        self.stops_well(aggregator)
        self.book = self.outbox(self.race, "arrivee")

    def says(self):
        """(exit status, first line, how many lines more) of the program."""
        done = subprocess.run(
            [sys.executable, "-B", checker.__file__, self.race, self.book],
            check=False, stdout=subprocess.PIPE, encoding="utf-8")
        lines = done.stdout.splitlines()
        return done.returncode, lines[0] if lines else "", len(lines) - 1

    def sees(self, path, script, counts):
        """With that done to the file: other counts, or something to say."""
        shutil.copy(path, path + ".whole")
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(script)
        status, first, more = self.says()
        self.assertEqual((status, first), (1, counts), script)
        self.assertGreater(more, 0, script)
        for end in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path + end)
        os.replace(path + ".whole", path)

    def test_what_is_right_is_right(self):
        events = len(palmares_test.sql(self.book, "SELECT seq FROM event"))
        self.assertGreaterEqual(events, LINES)
        self.assertEqual(self.says(), (
            0, "accepted %d, stored %d, lost 0, doubled 0"
            % (events, events), 0))

    def test_what_is_wrong_is_seen(self):
        db = os.path.join(self.race, "race.db")
        n = len(palmares_test.sql(self.book, "SELECT seq FROM event"))
        words = "accepted %d, stored %d, lost %d, doubled %d"
        mine = ("stream = (SELECT id FROM stream WHERE name = 'arrivee')")
        last = "seq = (SELECT max(seq) FROM event)"
        loose = """CREATE TABLE loose AS SELECT * FROM log; DROP TABLE log;
            ALTER TABLE loose RENAME TO log;"""
        for path, script, counts in (
                (db, "DELETE FROM log WHERE seq = 7 AND " + mine,
                 (n, n - 1, 1, 0)),
                (db, "DELETE FROM log WHERE " + mine, (n, 0, n, 0)),
                (db, loose + "INSERT INTO log SELECT * FROM log "
                 "WHERE seq IN (3, 4) AND " + mine, (n, n + 2, 0, 2)),
                (db, "UPDATE log SET body = zeroblob(length(body)) "
                 "WHERE seq = 5 AND " + mine, (n, n, 1, 0)),
                (db, "UPDATE log SET chain = chain + 1 WHERE seq = 5 AND " +
                 mine, (n, n, 0, 0)),
                (db, loose + "UPDATE log SET number = -number WHERE "
                 "seq = 9 AND " + mine, (n, n, 0, 0)),
                (db, "UPDATE stream SET cursor = cursor - 1", (n, n, 0, 0)),
                (self.book, "DELETE FROM event WHERE " + last,
                 (n - 1, n, 0, 0))):
            self.sees(path, script, words % counts)

    def test_another_outbox_is_not_taken_for_this_one(self):
        with contextlib.closing(sqlite3.connect(self.book)) as db:
            db.executescript("UPDATE meta SET epoch = epoch + 1")
        status, first, _ = self.says()
        self.assertEqual(status, 1)
        self.assertIn("lost %d," % len(palmares_test.sql(
            self.book, "SELECT seq FROM event")), first)


class Table(unittest.TestCase):
    """What a soak says in the end, or scripts/soak --table of its log."""

    def table(self, *lines):
        totals = soak.Totals()
        for line in lines:
            totals.add_line(line)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            totals.show()
        return totals.failed, out.getvalue().splitlines()[2:]

    def test_results_of_one_kind_are_added_up(self):
        one = campaign.Result("resets", 7, "cut; of 9", {
            "accepted": 1200, "stored": 1200, "lost": 0, "doubled": 0})
        self.assertEqual(
            self.table("    " + one.line(), "seed: 12", one.line() + "\n"),
            (False, ["| cut | 14 | 2,400 | 0 | 0 | `scripts/soak resets` |"]))

    def test_what_failed_is_told(self):
        bad = campaign.Result("resets", 1, "cut", {
            "accepted": 5, "stored": 4, "lost": 1, "doubled": 0}, "1 lost")
        dead = campaign.Result("storm", 0, "", None, "nothing came")
        self.assertEqual(self.table(bad.line(), dead.line()), (True, [
            "| resets: FAILED 1 times | 0 | 5 | 1 | 0 | `scripts/soak resets` "
            "|",
            "| storm: FAILED 1 times | 0 | - | - | - | `scripts/soak storm` "
            "|"]))


class Power(System):
    def setUp(self):
        super().setUp()
        why = campaign.missing().get("disks")
        if why is None and disks.flushing() is None:
            why = "PALMARES_FLUSH does not name flush.so"
        if why is not None:
            self.skipTest(why)

    def plays(self, name):
        """On a disk that does not flush what it says it has."""
        scenario = campaign.SCENARIOS[name]()
        scenario.env = disks.flushing(FLUSH_LIES="1")
        return campaign.play(scenario, palmares_test.seed())

    def test_a_cut_shows_what_an_aggregator_did_not_flush(self):
        self.assertRegex(str(self.plays("power-aggregator").error),
                         "acknowledged too early")

    def test_a_cut_shows_what_a_collector_did_not_flush(self):
        self.assertRegex(str(self.plays("power-collector").error),
                         "sent before it was on the disk|no such table")


if __name__ == "__main__":
    palmares_test.main()
