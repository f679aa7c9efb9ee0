#!/usr/bin/env python3
"""
tail - a file grows by pieces of lines, is moved away, copied and cut off, while
the collector that follows it is killed (SIGKILL) twenty times at random
moments.  Every row that the file ever had has to be in race.db exactly once and
in order, which plain SQL counts.

PALMARES_KILLS sets the number of kills, PALMARES_SEED the moments.
"""

import os
import random
import shutil
import threading
import time

import palmares_test
import zmtp
from palmares_test import System, crossings_stored, sql, wait_until, write

KILLS = int(os.environ.get("PALMARES_KILLS", "20"))

RACE = """\
title: tail
date: 2014-09-21
timezone: UTC
waves:
  all: { gun: "08:00:00" }
points:
  depart:  { km: 0 }
  arrivee: { km: 8 }
rankings:
  scratch: { of: runners }
"""


def bib_of(event):
    """A row's bib is its number."""
    return int(zmtp.fields(zmtp.fields(event)[2])[2])


class Writer(threading.Thread):
    """A reader's software, and whatever rotates its files."""

    def __init__(self, path, seed):
        super().__init__(daemon=True)
        self.path = path
        self.random = random.Random(seed)
        self.ending = threading.Event()
        self.stored = None  # asks how many rows are stored
        self.rows = 0
        self.lines = 0  # of this file
        self.counts = {"moved": 0, "copied": 0, "cut": 0}
        self.error = None
        self.open()
        self.columns()

    def open(self):
        self.pen = open(self.path, "ab", buffering=0)
        self.lines = 0

    def columns(self):
        self.pen.write(b"time,bib\n")
        self.lines += 1

    def row(self):
        """In pieces, as a buffer is flushed."""
        self.rows += 1
        line = b"+%d.%d,%d\n" % (self.rows // 10, self.rows % 10, self.rows)
        at = self.random.randrange(len(line))
        self.pen.write(line[:at])
        if self.random.random() < 0.1:
            time.sleep(self.random.uniform(0, 0.15))
        self.pen.write(line[at:])
        self.lines += 1

    def shift(self):
        for n in range(99, 0, -1):
            if os.path.exists("%s.%d" % (self.path, n)):
                os.rename("%s.%d" % (self.path, n),
                          "%s.%d" % (self.path, n + 1))

    def move(self):
        self.shift()
        os.rename(self.path, self.path + ".1")
        for _ in range(self.random.randrange(3)):
            self.row()  # into the file that was moved
        self.pen.close()
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(0, 0.3))
        self.open()
        if self.random.random() < 0.5:
            self.columns()
        self.counts["moved"] += 1

    def catch_up(self):
        wait_until("row %d is stored" % self.rows,
                   lambda: self.stored() >= self.rows or self.ending.is_set())

    def begin_again(self):
        self.lines = 0
        if self.random.random() < 0.5:
            self.columns()

    def copy(self):
        """A copy is known by two lines that were read before."""
        while self.lines < 3:
            self.row()
        self.catch_up()
        for _ in range(self.random.randrange(4)):
            self.row()
        self.shift()
        shutil.copyfile(self.path, self.path + ".1")
        os.truncate(self.path, 0)
        self.begin_again()
        self.counts["copied"] += 1

    def cut(self):
        """Nothing of it is kept: what was not read would be lost."""
        self.catch_up()
        os.truncate(self.path, 0)
        self.begin_again()
        self.counts["cut"] += 1

    def run(self):
        try:
            while not self.ending.is_set():
                self.step()
        except BaseException as e:  # told by the test
            self.error = e

    def step(self):
        for _ in range(self.random.randrange(1, 30)):
            self.row()
        time.sleep(self.random.uniform(0, 0.05))
        what = self.random.random()
        if what < 0.10:
            self.move()
        elif what < 0.14:
            self.copy()
        elif what < 0.16:
            self.cut()


class Tail(System):
    def setUp(self):
        super().setUp()
        seed = palmares_test.seed()
        self.random = random.Random(seed)
        self.race = self.path("race")
        self.db = os.path.join(self.race, "race.db")
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), "bib,name\n1,Un\n")
        self.file = self.path("reader", "arrivee.csv")
        os.mkdir(self.path("reader"))
        self.running_aggregator = self.aggregator(self.race)
        self.writer = Writer(self.file, seed + 1)
        self.writer.stored = self.stored
        self.addCleanup(self.writer.ending.set)

    def stored(self):
        return crossings_stored(self.db, "arrivee")

    def follow(self):
        return self.collector(self.race, "arrivee", "tail:" + self.file,
                              "--quiet")

    def count(self):
        """(stored, lost, doubled) of the rows that were written."""
        outbox = self.outbox(self.race, "arrivee")
        accepted, stored, lost, doubled = self.stored_exactly_once(
            self.race, ["arrivee"])
        self.assertEqual((accepted, lost, doubled), (stored, 0, 0))
        bodies = [body for (body,) in sql(
            outbox, "SELECT body FROM event ORDER BY seq")]
        bibs = [bib_of(body) for body in bodies]
        self.assertEqual(bibs, sorted(bibs))
        wanted = set(range(1, self.writer.rows + 1))
        self.assertLessEqual(set(bibs), wanted)
        return stored, len(wanted - set(bibs)), len(bibs) - len(set(bibs))

    def test_a_collector_killed_again_and_again_misses_no_row(self):
        collector = self.follow()
        self.writer.start()
        for _ in range(KILLS):
            before = self.stored()
            wait_until("more rows are stored",
                       lambda: self.stored() > before or self.writer.error,
                       programs=[collector])
            time.sleep(self.random.uniform(0, 0.5))
            self.assertTrue(collector.running(), collector.err())
            collector.kill9()
            time.sleep(self.random.choice([0, 0, 0.1, 0.5]))
            collector = self.follow()
        self.writer.ending.set()
        self.writer.join(palmares_test.PATIENCE)
        if self.writer.error is not None:
            raise self.writer.error
        wait_until("row %d is stored" % self.writer.rows,
                   lambda: self.stored() >= self.writer.rows,
                   programs=[collector])
        self.stops_well(collector)
        self.stops_well(self.running_aggregator)
        self.assertIn("holes 0", collector.out())
        self.assertNotIn("refused", collector.out())
        stored, lost, doubled = self.count()
        print("rotations: %s" % self.writer.counts, flush=True)
        print("tail: written %d, stored %d, lost %d, doubled %d"
              % (self.writer.rows, stored, lost, doubled), flush=True)
        self.assertEqual((stored, lost, doubled), (self.writer.rows, 0, 0))
        self.assertGreater(self.writer.counts["moved"], 0)


if __name__ == "__main__":
    palmares_test.main()
