#!/usr/bin/env python3
"""
clocks - a laptop whose clocks are wrong: a collector in tmux behind a library
that gives it other clocks.  Its wall clock is an hour off and set during the
race, its crystal is 200 ppm off, it sleeps; and yet each crossing counts at the
moment when its key was pressed, within the bound that it states.
"""

import contextlib
import csv
import io
import os
import shutil
import sqlite3
import sys
import time

import keyboard
import palmares_test
import zmtp
from palmares_test import SKIP, sql, wait_until

SHIM = os.environ.get("PALMARES_CLOCK_SHIM", os.path.join(
    os.path.dirname(palmares_test.BIN), "tests", "clock_shim.so"))
LAPTOP = 3


def signed(n):
    """Of a sint64."""
    return n >> 1 ^ -(n & 1)


class Estimate:
    """A ClockEstimate, and what PROTOCOL.md 3.7 says that it means."""

    def __init__(self, seq, f):
        self.seq, self.epoch = seq, f.get(1, 0)
        self.boot, self.offset, self.drift = (
            signed(f.get(i, 0)) for i in (2, 3, 4))
        self.bound, self.drift_bound = f.get(5, 0), f.get(6, 0)

    def time(self, boot):
        return boot + self.offset + (boot - self.boot) * self.drift / 1e9

    def bound_at(self, boot):
        return self.bound + abs(boot - self.boot) * self.drift_bound / 1e9


class Stamp:
    """A crossing."""

    def __init__(self, seq, f):
        self.seq, self.bib, self.time = seq, f.get(2, b"").decode(), f[4]
        self.clock, self.offset = f.get(5, 0), signed(f.get(6, 0))
        self.bound, self.epoch = f.get(7, 0), f.get(8, 0)
        self.boot = signed(f.get(9, 0))

    def corrected(self, estimates):
        """(time, bound) by the rule."""
        said = [(e.bound_at(self.boot), -e.seq, e.time(self.boot))
                for e in estimates if e.epoch == self.epoch]
        own = self.time + self.offset
        if self.bound and not any(b < self.bound and
                                  abs(t - own) > self.bound
                                  for b, _, t in said):
            return own, self.bound
        if not said:
            return self.time, 0
        bound, _, there = min(said)
        return there, bound


class Clocks(keyboard.Desk):
    def setUp(self):
        super().setUp()
        self.clock_path = self.path("clock")
        self.since = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.wall = self.asleep = 0.0
        self.ppm = 200
        self.set_clock(wall=3600)

    def set_clock(self, wall=None, asleep=None):
        """What the laptop's clocks show from now on."""
        self.wall = self.wall if wall is None else wall
        self.asleep = self.asleep if asleep is None else asleep
        with open(self.clock_path + ".new", "w", encoding="ascii") as f:
            f.write("%d %d %d %d\n" % (self.since, self.ppm * 1000,
                                       self.wall * 1e9, self.asleep * 1e9))
        os.rename(self.clock_path + ".new", self.clock_path)

    def open_terminal(self, command, width=80, height=24):
        """The collector alone gets the other clocks."""
        env = ("exec env LD_PRELOAD=%s PALMARES_TEST_CLOCK=%s "
               "ASAN_OPTIONS=verify_asan_link_order=0 "
               % (SHIM, self.clock_path))
        super().open_terminal(command.replace("exec ", env, 1), width, height)

    def events(self):
        """The outbox's crossings and estimates."""
        crossings, estimates = [], []
        with contextlib.closing(sqlite3.connect(
                "file:%s?mode=ro" % self.outbox_path, uri=True)) as db:
            rows = db.execute("SELECT seq, body FROM event ORDER BY seq")
            for seq, body in rows.fetchall():
                event = zmtp.fields(body)
                if 2 in event:
                    crossings.append(Stamp(seq, zmtp.fields(event[2])))
                elif 5 in event:
                    estimates.append(Estimate(seq, zmtp.fields(event[5])))
        return crossings, estimates

    def measured(self, epoch):
        def ask():
            return any(
                zmtp.fields(zmtp.fields(body).get(5, b"")).get(1, 0) == epoch
                for (body,) in sql(os.path.join(self.race, "race.db"),
                                   "SELECT body FROM log"))

        wait_until("an estimate of clock epoch %d" % epoch, ask)

    def type_some(self, first, count):
        for bib in range(first, first + count):
            self.enter(str(bib))

    def check_times(self):
        """Each one within its bound of the truth; (worst error, bound) in
        seconds."""
        crossings, estimates = self.events()
        self.assertEqual([c.bib for c in crossings],
                         [x.bib for x in self.entered])
        worst = widest = 0.0
        for c, line in zip(crossings, self.entered):
            self.assertEqual(c.clock, LAPTOP)
            at, bound = c.corrected(estimates)
            before, after = line.window
            slack = (keyboard.WINDOW + self.stalls.around(before, after) +
                     bound / 1e6)
            self.assertGreater(bound, 0)
            self.assertTrue(
                before - bound / 1e6 <= at / 1e6 <= after + slack,
                "%s: %.4f, not in %.4f..%.4f, bound %.4f" % (
                    c.bib, at / 1e6, before, after, bound / 1e6))
            worst = max(worst, before - at / 1e6, at / 1e6 - after)
            widest = max(widest, bound / 1e6)
        return worst, widest

    def check_results(self):
        """The aggregator ranks by the same times."""
        crossings, estimates = self.events()
        status, text, talk = self.run_program(
            "palmares", "export", "--race", self.race, "--ranking", "scratch",
            "--format", "csv")
        self.assertEqual(status, 0, talk)
        shown = {r["bib"]: float(r["time"])
                 for r in csv.DictReader(io.StringIO(text)) if r["time"]}
        self.assertEqual(len(shown), len(crossings), text[:2000])
        first = crossings[0]
        zero = first.corrected(estimates)[0] / 1e6 - shown[first.bib]
        for c in crossings:
            self.assertAlmostEqual(
                shown[c.bib], c.corrected(estimates)[0] / 1e6 - zero,
                delta=5e-6)

    def test_no_wrong_clock_changes_a_result(self):
        aggregator = self.aggregator(self.race)
        self.desk()
        self.sees("60 min 0 s fast: times are corrected")
        self.measured(1)
        self.type_some(101, 4)
        # Set by somebody, back and forth.
        for wall in (-1800, 7200):
            self.set_clock(wall=wall)
            self.type_some(105 if wall < 0 else 108, 3)
        # Started again: the outbox knows the epoch.
        self.ends()
        self.close_terminal()
        self.desk()
        self.type_some(111, 2)
        # A lid that was closed; somebody types before anything is known.
        self.set_clock(asleep=600)
        self.type_some(113, 2)
        self.measured(2)
        self.type_some(115, 2)
        # Without an aggregator, and set meanwhile.
        self.stops_well(aggregator)
        self.sees("NO LINK")
        self.set_clock(wall=0.2)
        self.type_some(117, 3)
        aggregator = self.aggregator(self.race)
        self.see("all is sent", lambda lines: any(
            "all %d sent" % len(self.entered) in x for x in lines))
        wait_until("the aggregator says so", lambda: "its clock is" in
                   aggregator.err())
        self.ends()
        self.check_results()
        self.stops_well(aggregator)
        worst, widest = self.check_times()
        kept, stored, lost, doubled = self.stored_exactly_once(
            self.race, ["desk"])
        self.assertEqual((stored, lost, doubled), (kept, 0, 0))
        print("clocks: %d crossings of a laptop 1 h off, set 3 times, 200 ppm "
              "fast, asleep once: times within %.0f ms, bounds up to %.1f ms"
              % (len(self.entered), 1000 * max(worst, 0), 1000 * widest),
              flush=True)

    def test_a_right_clock_is_said_to_be_right(self):
        aggregator = self.aggregator(self.race)
        self.set_clock(wall=31.2)
        self.desk()
        self.sees("this laptop's clock is 31.2 s fast: times are corrected")
        wait_until("the aggregator says so", lambda:
                   "collector desk (arrivee): its clock is 31.2 s fast" in
                   aggregator.err())
        status, text, talk = self.run_program(
            "palmares", "status", "--race", self.race)
        self.assertEqual(status, 0, talk)
        self.assertIn("31.2 s fast (", text)
        self.set_clock(wall=0)
        self.sees("this laptop's clock is right, to ")
        wait_until("the aggregator says so, too", lambda:
                   "its clock is right, to" in aggregator.err())
        self.ends()
        self.stops_well(aggregator)
        self.assertEqual(aggregator.err().count("31.2 s fast"), 1)


if __name__ == "__main__":
    if shutil.which("tmux") is None:
        print("skipped: no tmux to type in")
        sys.exit(SKIP)
    if not os.path.exists(SHIM):
        print("skipped: no %s" % SHIM)
        sys.exit(SKIP)
    palmares_test.main()
