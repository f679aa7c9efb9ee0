#!/usr/bin/env python3
"""
kill9 - each role is killed (SIGKILL) twenty times in the middle of a race, at
random moments, and started again.  Everything that a collector accepted has to
be in race.db exactly once, which plain SQL counts.

PALMARES_KILLS sets the number of kills, PALMARES_SEED the moments.
"""

import os
import random
import time

import palmares_test
from palmares_test import System, wait_until, write

KILLS = int(os.environ.get("PALMARES_KILLS", "20"))
RUNNERS = 3000
SPEED = "5"  # times 1,000 crossings a second and point
LINES = 200000  # a point: longer than the kills take
POINTS = ["depart", "mi-course", "arrivee"]

RACE = """\
title: kill -9
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
  teams:   { of: teams, score: km }
"""


def make_race(folder):
    write(os.path.join(folder, "race.yaml"), RACE)
    write(os.path.join(folder, "entries.csv"), "bib,name,team\n" + "".join(
        "%d,Coureur %04d,Entreprise %02d\n" % (i, i, i % 70)
        for i in range(1, RUNNERS + 1)))
    return folder


def make_crossings(folder, draw):
    """A file for each point: 1,000 crossings a second from the gun on."""
    for point in POINTS:
        write(os.path.join(folder, point + ".csv"), "time,bib\n" + "".join(
            "+%d.%03d,%d\n" % (n // 1000, n % 1000, draw.randint(1, RUNNERS))
            for n in range(LINES)))


class Kill9(System):
    def setUp(self):
        super().setUp()
        self.random = random.Random(palmares_test.seed())
        self.race = make_race(self.path("race"))
        self.db = os.path.join(self.race, "race.db")
        make_crossings(self.folder, self.random)
        self.running = {"aggregator": self.aggregator(self.race)}
        self.listen = self.endpoint(self.race)
        for point in POINTS:
            self.start_role(point)
        self.start_role("display")
        self.progress(1)

    def start_role(self, role, *args):
        """Readers give crossings at SPEED times the pace of the files."""
        if role == "aggregator":
            program = self.aggregator(self.race, listen=self.listen)
        elif role == "display":
            program = self.start("palmares-display", "live",
                                 "--race", self.race)
        else:
            program = self.collector(
                self.race, role, "csv:" + self.path(role + ".csv"), "--once",
                *(args or ("--speed", SPEED)))
        self.running[role] = program

    def stored(self, point=None):
        return palmares_test.crossings_stored(self.db, point)

    def progress(self, more, point=None):
        """Waits until the race has gone on."""
        before = self.stored(point)
        wait_until("%d more crossings of %s are stored" % (more, point or "all"),
                   lambda: self.stored(point) >= before + more,
                   programs=self.running.values())

    def kill(self, role, point=None):
        """In the middle: crossings flow, and then a random moment."""
        self.progress(1, point)
        time.sleep(self.random.uniform(0, 0.3))
        self.assertTrue(self.running[role].running(),
                        "%s ended by itself\n%s" % (role,
                                                    self.running[role].err()))
        self.running[role].kill9()
        self.start_role(role)

    def ends_right(self):
        """The rest of the race, in a hurry; then everything is counted."""
        for point in POINTS:
            self.assertTrue(self.running[point].running(),
                            "%s ended before the kills did" % point)
            self.running[point].stop()
            self.start_role(point, "--speed", "max", "--timeout", "120")
        for point in POINTS:
            self.ends_well(self.running[point], 150)
        shown = self.start("palmares-display", "live", "--race", self.race,
                           "--once", "--format", "csv")
        self.ends_well(shown)
        live = self.export(self.race, "live", "--format", "csv")
        self.assertEqual(palmares_test.read(shown.out_path), live)
        self.stops_well(self.running["display"])
        self.stops_well(self.running["aggregator"])
        accepted, stored, lost, doubled = self.stored_exactly_once(
            self.race, POINTS)
        print("accepted %d, stored %d, lost %d, doubled %d"
              % (accepted, stored, lost, doubled), flush=True)
        read = LINES * len(POINTS)
        self.assertEqual((accepted, stored, lost, doubled), (read, read, 0, 0))
        self.assertEqual(self.export(self.race, "live", "--format", "csv",
                                     "--offline"), live)

    def test_an_aggregator_killed_again_and_again_loses_nothing(self):
        for _ in range(KILLS):
            self.kill("aggregator")
        self.ends_right()

    def test_a_collector_killed_again_and_again_loses_nothing(self):
        for _ in range(KILLS):
            point = self.random.choice(POINTS)
            self.kill(point, point)
        self.ends_right()

    def test_a_display_killed_again_and_again_disturbs_nobody(self):
        for _ in range(KILLS):
            self.kill("display")
        self.ends_right()


if __name__ == "__main__":
    palmares_test.main()
