"""
broken - scenarios of computers on which something is wrong: a disk that fails,
clocks that jump.
"""

import os
import time

from campaign import POINTS, Scenario, Witness
from palmares_test import Failed, wait_until


class Broken(Scenario):
    """One program after the other gets a disk on which the n-th write or flush
    fails (io_shim.c); each second one goes on failing."""

    NEEDS = "io_shim"
    ROUNDS = (30, 120)
    LIBRARY = os.environ.get("PALMARES_IO_SHIM", "")
    WORDS = "I/O error"

    def begin(self, *how):
        self.bad = None  # the role whose disk fails, and how
        self.words = ()
        super().begin(*how)

    def host(self, role):
        return self.words if role == self.bad else ()

    def fail(self, role, path, n):
        """Starts it; what it ended with, or None if it went on."""
        path = os.path.realpath(path)
        self.bad = role
        self.words = ["env", "LD_PRELOAD=" + self.LIBRARY,
                      "PALMARES_TEST_IO=%d" % n,
                      "PALMARES_TEST_IO_PATH=" + path]
        if n % 2 == 0:
            self.words.append("PALMARES_TEST_IO_DEAD=1")
        program = self.start_bad(role)
        self.bad = None
        wait_until("write or flush %d of %s" % (n, program), lambda:
                   os.path.exists(path + ".failed") or not program.running(),
                   programs=[program])
        os.remove(path + ".failed")
        return program

    def start_bad(self, role):
        self.start_role(role)
        return self.running[role]

    def ends_or_goes_on(self, program, further):
        """It says what is wrong and ends, or nothing hung on that write."""
        wait_until("%s ends, or goes on" % program,
                   lambda: not program.running() or further(),
                   programs=[program])
        if program.running():
            program.kill9()
        elif program.process.returncode != 1 or self.WORDS not in program.err():
            raise Failed("%s ended with %s\n%s" % (
                program, program.process.returncode, program.err()[-3000:]))
        else:
            self.ended += 1


class BrokenStore(Broken):
    """The n-th write or flush of race.db fails, n = 1, 2, 3 ..."""

    NAME = "io-aggregator"

    def start_bad(self, role):
        # It may end before it is ready.
        return self.start("palmares-aggregator", self.race, "--listen",
                          self.listen, before=self.host(role))

    def play(self):
        self.ended = 0
        witness = Witness(self.listen)
        self.addCleanup(witness.stop)
        for n in range(1, self.rounds + 1):
            self.running["aggregator"].kill9()
            witness.check(self.race)
            program = self.fail("aggregator", self.db, n)
            before = self.stored()
            self.ends_or_goes_on(program,
                                 lambda before=before: self.stored() > before)
            witness.check(self.race)
            self.start_role("aggregator")
            if n % 5 == 0:
                self.progress()
        self.progress()
        witness.stop()
        self.times = self.rounds
        self.done = ("write or flush n of race.db failed; n = 1 ... %d, ended "
                     "%d times, %d acks to a witness held"
                     % (self.rounds, self.ended, witness.acked))


class BrokenOutbox(Broken):
    """The n-th write or flush of an outbox fails, n = 1, 2, 3 ..."""

    NAME = "io-collector"

    def play(self):
        self.ended = 0
        for n in range(1, self.rounds + 1):
            point = self.draw.choice(POINTS)
            self.progress(point)
            self.running[point].kill9()
            program = self.fail(point, self.outbox_of(point), n)
            before = self.stored(point)
            self.ends_or_goes_on(
                program, lambda point=point, before=before:
                self.stored(point) > before)
            self.start_role(point)
        self.times = self.rounds
        self.done = ("write or flush n of an outbox failed; n = 1 ... %d, "
                     "ended %d times" % (self.rounds, self.ended))


class WrongClocks(Scenario):
    """Clocks of everybody that are set, drift, sleep, or change their zone."""

    NAME = "clocks"
    NEEDS = "clock_shim"
    ROUNDS = (1, 8)
    LIBRARY = os.environ.get("PALMARES_CLOCK_SHIM", "")
    STEPS = [1, -1, 100, -100, 10000, -10000, -86400]
    ZONES = ["Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu"]

    def begin(self, *how):
        self.zones = {}
        self.since = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        super().begin(*how)

    def places(self):
        super().places()
        self.clocks = {role: [0, 0, 0] for role in
                       ["aggregator", "display"] + POINTS}
        for role in self.clocks:
            self.set_clock(role)

    def set_clock(self, role):
        """Parts per thousand million, seconds of the wall, seconds asleep."""
        ppb, wall, asleep = self.clocks[role]
        path = self.path(role + ".clock")
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write("%d %d %d %d\n" % (self.since, ppb, wall * 10 ** 9,
                                       asleep * 10 ** 9))
        os.rename(path + ".new", path)

    def host(self, role):
        return ["env", "LD_PRELOAD=" + self.LIBRARY,
                "PALMARES_TEST_CLOCK=" + self.path(role + ".clock"),
                "TZ=" + self.zones.get(role, "Europe/Paris")]

    def change(self, role, index, by):
        self.clocks[role][index] += by
        self.set_clock(role)
        self.times += 1
        self.progress()

    def play(self):
        for _ in range(self.rounds):
            for role in self.draw.sample(list(self.clocks), len(self.clocks)):
                for seconds in self.draw.sample(self.STEPS, len(self.STEPS)):
                    self.change(role, 1, seconds)
                self.change(role, 2, 600)
                self.change(role, 0, 50000)
                self.zones[role] = self.draw.choice(self.ZONES)
                self.again(role)
                self.times += 1
                self.progress()
        self.done = ("clock of aggregator, collectors, display set by +-1, "
                     "+-100, +-10,000 s, -1 day, asleep for 10 min, 50 ppm "
                     "off, in another zone")


SCENARIOS = [BrokenStore, BrokenOutbox, WrongClocks]
