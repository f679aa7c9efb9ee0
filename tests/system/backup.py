#!/usr/bin/env python3
"""
backup - race.db copied while collectors run at full speed, put back, and
refilled; race.db damaged, and put right by what its message says.
"""

import contextlib
import os
import re
import shutil
import sqlite3

import palmares_test
from palmares_test import Failed, System, crossings_stored, sql, wait_until, \
    write

LINES = 40000  # a point
POINTS = ["depart", "mi-course", "arrivee"]
PAGE = 4096

RACE = """\
title: backup
date: 2014-09-21
timezone: Europe/Paris
waves:
  all: { gun: "10:00:00" }
points:
  depart:    { km: 0 }
  mi-course: { km: 4 }
  arrivee:   { km: 8 }
rankings:
  scratch: { of: runners }
  live:    { of: runners, at: live }
"""


class Backup(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        self.db = os.path.join(self.race, "race.db")
        self.copy = self.path("race-backup.db")
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), "bib,name\n" + "".join(
            "%d,Coureur %d\n" % (i, i) for i in range(1, 501)))
        for n, point in enumerate(POINTS):
            write(self.path(point + ".csv"), "time,bib\n" + "".join(
                "+%d.%03d,%d\n" % (600 * n + i // 100, i % 100,
                                   i * 7 % 500 + 1) for i in range(LINES)))

    def collectors(self, speed="max"):
        return [self.collector(
            self.race, p, "csv:" + self.path(p + ".csv"), "--once",
            "--timeout", "120", "--speed", speed) for p in POINTS]

    def back_up(self, *args):
        return self.run_program("palmares", "backup", self.copy,
                                "--race", self.race, *args)

    def events(self, path):
        return sql(path, "SELECT count(*) FROM log")[0][0]

    def whole_race(self):
        counts = self.stored_exactly_once(self.race, POINTS)
        print("accepted %d, stored %d, lost %d, doubled %d" % counts,
              flush=True)
        self.assertEqual(counts, (3 * LINES, 3 * LINES, 0, 0))

    def move_away(self):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.db + end):
                os.replace(self.db + end, self.path("away.db" + end))

    def damage(self):
        """A page of the log's own table, in its middle."""
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = db.execute("PRAGMA page_count").fetchone()[0]
        with open(self.db, "r+b") as f:
            for page in range(pages // 2, pages):
                f.seek(page * PAGE)
                if f.read(1) == b"\x0d":  # a leaf of a table
                    f.seek(page * PAGE)
                    f.write(b"\x5a" * PAGE)
                    return
        raise Failed("no page of the log in %s" % self.db)

    def readable(self, words):
        """How many events can be read, says a message."""
        found = re.search(r"events 1 to ([\d,]+) can be read", words)
        self.assertIsNotNone(found, words)
        return int(found.group(1).replace(",", ""))

    def test_a_copy_taken_at_full_speed_is_refilled(self):
        aggregator = self.aggregator(self.race)
        running = self.collectors()
        backups = 0
        after = 0
        while any(c.running() for c in running):
            wait_until("more is stored",
                       lambda: crossings_stored(self.db) > after or
                       not any(c.running() for c in running),
                       programs=running)
            before = self.events(self.db)
            status, out, err = self.back_up()
            after = self.events(self.db)
            self.assertEqual((status, err), (0, ""))
            told = re.match(r"(.*): ([\d,]+) events up to \d\d:\d\d:\d\d, "
                            r"\d+ (MB|kB), checked\n$", out)
            self.assertIsNotNone(told, out)
            self.assertEqual(told.group(1), self.copy)
            events = int(told.group(2).replace(",", ""))
            self.assertEqual(self.events(self.copy), events)
            self.assertTrue(before <= events <= after,
                            (before, events, after))
            backups += 1
            if backups == 1:
                first = self.path("first.db")
                shutil.copy(self.copy, first)
        for c in running:
            self.ends_well(c)
        whole = self.export(self.race, "live", "--format", "csv")
        aggregator.kill9()
        self.assertLess(self.events(first), self.events(self.db))
        self.move_away()
        shutil.copy(first, self.db)
        aggregator = self.aggregator(self.race)
        for c in self.collectors():
            self.ends_well(c)
        self.assertEqual(self.export(self.race, "live", "--format", "csv"),
                         whole)
        self.stops_well(aggregator)
        self.whole_race()

    def test_damage_is_told_with_what_to_do_and_that_helps(self):
        aggregator = self.aggregator(self.race)
        running = self.collectors()
        wait_until("a third is stored",
                   lambda: crossings_stored(self.db) > LINES,
                   programs=running)
        self.assertEqual(self.back_up()[0], 0)
        for c in running:
            self.ends_well(c)
        whole = self.export(self.race, "live", "--format", "csv")
        aggregator.kill9()
        self.damage()
        write(self.db + "-wal", "")  # of an unclean end: all is checked
        events = 3 * LINES
        for name, *args in (("palmares-aggregator", self.race, "--listen",
                             "127.0.0.1:0"),
                            ("palmares", "export", "--race", self.race,
                             "--ranking", "live", "--offline"),
                            ("palmares", "backup", self.path("other.db"),
                             "--race", self.race)):
            status, _, err = self.run_program(name, *args)
            self.assertEqual(status, 1, err)
            self.assertTrue(0 < self.readable(err) < events, err)
            for words in ("move it away", "race.db-wal", "newest backup",
                          "start the aggregator again", "outboxes",
                          "entered again"):
                self.assertIn(words, err)
        self.assertFalse(os.path.exists(self.path("other.db")))
        # What it says can be read can be read.
        last = self.readable(err)
        self.assertEqual(sql(self.db, "SELECT count(*) FROM (SELECT body FROM "
                             "log NOT INDEXED ORDER BY number LIMIT ?)",
                             (last,))[0][0], last)
        # Exactly what it says.
        self.move_away()
        shutil.copy(self.copy, self.db)
        aggregator = self.aggregator(self.race)
        for c in self.collectors():
            self.ends_well(c)
        self.assertEqual(self.export(self.race, "live", "--format", "csv"),
                         whole)
        self.stops_well(aggregator)
        self.whole_race()

    def test_damage_without_a_backup_is_refilled_from_nothing(self):
        aggregator = self.aggregator(self.race)
        for c in self.collectors():
            self.ends_well(c)
        whole = self.export(self.race, "live", "--format", "csv")
        self.stops_well(aggregator)
        self.damage()
        # A clean end: found when the log is read.
        status, _, err = self.run_program(
            "palmares-aggregator", self.race, "--listen", "127.0.0.1:0")
        self.assertEqual(status, 1, err)
        self.readable(err)
        self.move_away()
        aggregator = self.aggregator(self.race)
        for c in self.collectors():
            self.ends_well(c)
        self.assertEqual(self.export(self.race, "live", "--format", "csv"),
                         whole)
        self.stops_well(aggregator)
        self.whole_race()

    def test_a_bib_that_has_changed_in_the_file_is_found_at_the_start(self):
        """SQLite sees nothing wrong in it."""
        aggregator = self.aggregator(self.race)
        for c in self.collectors():
            self.ends_well(c)
        self.stops_well(aggregator)
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            body = db.execute("SELECT body FROM log WHERE number = 60000"
                              ).fetchone()[0]
        everything = palmares_test.read(self.db)
        self.assertEqual(everything.count(body), 1)
        write(self.db, everything.replace(body, body[:-1] + b"\x00"))
        status, _, err = self.run_program(
            "palmares-aggregator", self.race, "--listen", "127.0.0.1:0")
        self.assertEqual(status, 1, err)
        self.assertIn("event 60,000 is not what was stored", err)
        self.assertEqual(self.readable(err), 59999)

    def test_mistakes_are_told(self):
        status, _, err = self.back_up()
        self.assertEqual(status, 1)
        self.assertIn("race.db: not there", err)
        self.stops_well(self.aggregator(self.race))
        write(self.copy, "mine")
        status, _, err = self.back_up()
        self.assertEqual(status, 1)
        self.assertIn("is no backup of", err)
        self.assertEqual(palmares_test.read(self.copy), b"mine")
        self.assertEqual(self.run_program("palmares", "backup", "--race",
                                          self.race)[0], 2)


if __name__ == "__main__":
    palmares_test.main()
