#!/usr/bin/env python3
"""
decisions - what scripts/bench decisions measures; see there.

    decisions.py BUILD DATA
"""

import os
import re
import resource
import shutil
import sqlite3
import sys
import time

from bench import milliseconds, query, say, tabs, thousands
from curves import PHASES, measure
from loading import HERE, Loading, timed

# Four of five are in the first wave, as passing.c has it.
ENTRIES = 63000
MOVED = ENTRIES * 4 // 5
# With a mat each ten kilometres, and with all of race.yaml.
FEW = ("depart", "10k", "20k", "30k", "arrivee")
ALL = ("depart", "5k", "10k", "15k", "20k", "25k", "30k", "35k", "40k",
       "arrivee")
ROUNDS = 5
SIZES = [1000, 10000, 100000]
DECISIONS = 10000
START_LIMIT_S = 1.0
DISPLAY_LIMIT_US = 200000


def used():
    """CPU seconds of the children that have ended."""
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


class Decisions(Loading):
    def make_race(self, points):
        """A marathon with mats at those points, all over."""
        race = os.path.join(self.data, "race")
        shutil.rmtree(race, ignore_errors=True)
        os.mkdir(race)
        with open(os.path.join(HERE, "race.yaml"), encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(race, "race.yaml"), "w",
                  encoding="utf-8") as f:
            for line in text.splitlines(True):
                point = re.match(r"  (\w+): +\{ km:", line)
                if not point or point[1] in points:
                    f.write(line)
        say("a race.db of %s crossings" % thousands(ENTRIES * len(points)))
        self.end(self.start("../tests/fill", race, str(ENTRIES),
                            str(ENTRIES * len(points))))
        return race

    # ---- a start time that is moved

    def palmares(self, race, *args):
        """(seconds, CPU seconds, what it said)"""
        path = os.path.join(self.data, "said")
        before = used()
        with open(path, "wb") as out:
            seconds, _ = timed(lambda: self.end(self.start(
                "palmares", *args, "--race", race, stdout=out)))
        with open(path, encoding="utf-8") as f:
            return seconds, used() - before, f.read()

    def moved_starts(self, race):
        """{what: [(seconds, CPU seconds)]}"""
        out = {"shown": [], "decided": [], "read": [], "select": []}
        for i in range(ROUNDS):
            gun = ["gun", "a", "10:00:%02d" % (i + 1), "--reason", "bench"]
            before = used()
            seconds, _ = self.scan(race)
            out["select"].append((seconds, used() - before))
            out["read"].append(self.palmares(race, "history")[:2])
            out["shown"].append(self.palmares(race, *gun, "--dry-run")[:2])
            *cost, said = self.palmares(race, *gun, "--yes")
            if "decided: number" not in said:
                sys.exit("bench: the gun was not moved: " + said)
            out["decided"].append(tuple(cost))
        return out

    def show_starts(self, points):
        race = self.make_race(points)
        aggregator = self.aggregator(race)
        costs = self.moved_starts(race)
        events = query(os.path.join(race, "race.db"),
                       "SELECT count(*) FROM log")[0][0]
        self.stop(aggregator)
        print("  %-44s %8s %8s" % (
            "%d mats, %s events" % (len(points), thousands(events)), "wall",
            "CPU"))
        for what, words in (
                ("shown", "palmares gun --dry-run"),
                ("decided", "palmares gun: shown, decided and stored"),
                ("read", "of that, to read the race (history)"),
                ("select", "a bare SELECT of the same rows")):
            print("  %-44s %6.2f s %6.2f s" % (
                words, min(c[0] for c in costs[what]),
                min(c[1] for c in costs[what])))
        best = min(c[0] for c in costs["decided"])
        if best >= START_LIMIT_S:
            return ["a start moved with %d mats took %.2f s" % (
                len(points), best)]
        return []

    # ---- a decision on its way to a display

    def deciding(self, race, count, what, tier):
        """[count, p50, p99, max] in microseconds."""
        say("%d times %s, tier %s" % (count, what, tier))
        path = os.path.join(self.data, "deciding")
        with open(path, "wb") as out:
            self.end(self.start("../tests/deciding", race, "live", str(count),
                                what, tier, stdout=out), 300)
        with open(path, encoding="ascii") as f:
            return [int(n) for n in tabs(f.read())]

    def commit_us(self):
        """Of one row, by SQLite as race.db is written."""
        path = os.path.join(self.data, "commit.db")
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)")
        taken = []
        for i in range(200):
            begin = time.monotonic()
            db.execute("INSERT INTO t VALUES (?, ?)", (i, b"x" * 100))
            taken.append((time.monotonic() - begin) * 1e6)
        db.close()
        return taken

    def show_way(self, race):
        rows = [("one runner's, every commit", self.deciding(
            race, 200, "mark", "commit"))]
        rows.append(("a start of %s, every commit" % thousands(MOVED),
                     self.deciding(race, 20, "gun", "commit")))
        rows.append(("a start of %s, 10 a second" % thousands(MOVED),
                     self.deciding(race, 20, "gun", "tick")))
        taken = sorted(self.commit_us())
        print("\nFrom a decision's delivery, with a connection of its own, to"
              " its rows on a display")
        print("  %-44s %10s %10s %10s" % ("", "p50", "p99", "max"))
        for words, (count, *us) in rows:
            print("  %-44s %10s %10s %10s" % (
                words, *map(milliseconds, us)))
        print("  %-44s %10s %10s %10s" % (
            "a commit of one row by SQLite", *(milliseconds(us) for us in (
                taken[100], taken[198], taken[-1]))))
        p50 = rows[0][1][1]
        if p50 >= DISPLAY_LIMIT_US:
            return ["a decision took %s to a display" % milliseconds(p50)]
        return []

    # ---- what crossings cost beside decisions

    def show_curves(self, build, race):
        cost = os.path.join(build, "tests", "cost")
        rows = {n: measure(cost, race, self.data, SIZES, n)
                for n in (0, DECISIONS)}
        print("\nInstructions (callgrind) with %s decisions present, and as"
              " many times those without" % thousands(DECISIONS))
        print("  %-28s" % "entries" + "".join(
            "%20s" % thousands(size) for size in SIZES))
        told = []
        for phase, title in PHASES.items():
            with_, without = ([r["instructions"] for r in rows[n]
                               if r["phase"] == phase] for n in (DECISIONS, 0))
            print("  %-28s" % title + "".join("%20s" % (
                "%s (%.2f x)" % (thousands(a), a / b))
                for a, b in zip(with_, without)))
            if phase == "crossings" and with_[-1] >= 2 * without[-1]:
                told.append("decisions double what a crossing costs")
            if phase == "crossings" and with_[-1] >= 2 * with_[0]:
                told.append("with decisions a crossing costs twice as much in"
                            " a large field")
        return told


def main():
    build, data = sys.argv[1:]
    decisions = Decisions(build, data)
    try:
        print("The start of %s runners moved by a second, six rankings (%d"
              " times; the best, for\na command has the machine to itself at"
              " best)" % (thousands(MOVED), ROUNDS))
        missed = decisions.show_starts(ALL) + decisions.show_starts(FEW)
        race = os.path.join(data, "race")
        aggregator = decisions.aggregator(race)
        missed += decisions.show_way(race)
        decisions.stop(aggregator)
        shutil.copy(os.path.join(HERE, "race.yaml"), race)
        missed += decisions.show_curves(build, race)
    finally:
        decisions.stop_all()
        shutil.rmtree(os.path.join(data, "race"), ignore_errors=True)
    if missed:
        sys.exit("bench: " + "; ".join(missed))


if __name__ == "__main__":
    main()
