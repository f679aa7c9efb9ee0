#!/usr/bin/env python3
"""
soak - the fault campaign for as long as you like: every scenario in a random
order and in its long form with random lengths, again and again, and the
simulation between them.  Beside them one aggregator runs all the time, to which
displays, collectors, exports and repeats come and go: it must not grow.

    soak.py [--for 30m] [--seed S] [SCENARIO...]
    soak.py --list

Prints a line for each that was played, then the totals and the aggregator's
memory and files.  Exit status 1 if anything was lost or doubled, failed, or has
grown; 2 usage; 130 interrupted.

PALMARES_SIM is the program of the simulation (test_sim); without it only the
real programs run.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import campaign
from campaign import POINTS, STOP, GivenUp, Result, Scenario, Witness
from palmares_test import wait_until

AT_ONCE = 2
SIM = "simulation"
SIM_SECONDS = 30
SHORT_S = 240  # with less than that left, short forms

# What an aggregator may have more in the end, beside its crossings: leftovers
# of the allocator.
SLACK = 1 << 20
SLOPE_S = 300


def length(text):
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(
            "'%s' is no length of time: say 90s, 30m or 2h" % text)
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def number(text):
    try:
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "'%s' is no number such as 7 or 0x1f" % text) from None


class Steady(Scenario):
    """The aggregator that is watched."""

    NAME = "steady"
    RATE = 1000

    def __init__(self, until):
        super().__init__()
        self.until = until
        self.samples = []  # (seconds, resident bytes, files, crossings)
        self.cost = 0  # bytes a crossing

    def sample(self):
        pid = self.running["aggregator"].pid
        with open("/proc/%d/statm" % pid, encoding="ascii") as f:
            resident = int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        self.samples.append((time.monotonic() - self.begun, resident,
                             len(os.listdir("/proc/%d/fd" % pid)),
                             self.stored()))

    def visit(self):
        """Everybody comes by once, and leaves in his own way."""
        display = self.start("palmares-display", self.draw.choice(
            ["live", "scratch", "teams"]), *self.whom("display"), "--once")
        self.ends_well(display)
        self.exports_live()
        self.again("display")
        point = self.draw.choice(POINTS)
        if self.draw.random() < 0.5:
            self.again(point)
        else:
            self.stops_well(self.running[point])
            self.start_role(point)
        witness = Witness(self.listen, repeats=True)
        wait_until("the witness is served", lambda: witness.acked > 0)
        witness.stop()
        # What has ended is in the way of nothing but memory of our own.
        self.programs[:] = [p for p in self.programs if p.running()]
        if self.times % 50 == 49:
            self.talks_little()

    def talks_little(self):
        """A soak of hours must not fill the disk with what was said."""
        kept = {path for p in self.programs
                for path in (p.out_path, p.err_path)}
        for name in os.listdir(self.talk):
            path = os.path.join(self.talk, name)
            if path not in kept and os.path.getsize(path) > 0:
                os.truncate(path, 0)

    def load(self):
        """Fills the race, and finds out what a crossing costs."""
        self.progress()
        self.sample()
        self.waiting(20000)
        self.readers.rate = 1
        self.progress()
        self.sample()
        (_, bytes0, _, count0), (_, bytes1, _, count1) = self.samples
        self.cost = (bytes1 - bytes0) / (count1 - count0)
        self.samples.clear()

    def play(self):
        self.begun = time.monotonic()
        self.load()
        for _ in range(10):
            self.visit()
        while self.times < 5 or time.monotonic() < self.until:
            self.visit()
            self.sample()
            self.times += 1
            self.last(2)
        self.done = "everybody comes and goes, one aggregator"

    def part(self, first, last):
        """Of a part of the samples: the medians."""
        count = len(self.samples)
        some = self.samples[int(count * first):int(count * last)] or \
            self.samples
        return [sorted(column)[len(some) // 2] for column in zip(*some)]

    def rest(self, sample):
        """The bytes that its crossings do not explain."""
        return sample[1] - self.cost * sample[3]

    def slope(self):
        """Of the rest, in bytes an hour, by least squares."""
        mean_x = sum(s[0] for s in self.samples) / len(self.samples)
        mean_y = sum(map(self.rest, self.samples)) / len(self.samples)
        square = sum((s[0] - mean_x) ** 2 for s in self.samples)
        return 0 if square == 0 else 3600 * sum(
            (s[0] - mean_x) * (self.rest(s) - mean_y)
            for s in self.samples) / square

    def report(self):
        """Prints what was measured; whether it has grown."""
        if not self.samples:
            print("aggregator: never measured")
            return True
        parts = {"start": self.part(0, 0.2), "middle": self.part(0.4, 0.6),
                 "end": self.part(0.8, 1)}
        print("\none aggregator, %d visits in %.0f s\n%-8s %9s %6s %10s" % (
            len(self.samples), self.samples[-1][0] - self.samples[0][0],
            "", "MiB", "files", "crossings"))
        for name, (_, resident, files, crossings) in parts.items():
            print("%-8s %9.2f %6d %10d" % (name, resident / 2 ** 20, files,
                                           crossings))
        more = self.rest(parts["end"]) - self.rest(parts["start"])
        slope = "slope %.2f MiB an hour" % (self.slope() / 2 ** 20)
        if self.samples[-1][0] - self.samples[0][0] < SLOPE_S:
            slope = "too short for a slope"
        print("beside %d bytes a crossing, measured while it was filled: %+.2f "
              "MiB, %s" % (self.cost, more / 2 ** 20, slope))
        grown = more > SLACK or parts["end"][2] > parts["start"][2] + 2
        if grown:
            print("aggregator: HAS GROWN")
        return grown


def simulate(program, seed):
    """The whole system on a virtual clock, by its own random scenarios."""
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(
            [program], stdout=talk, stderr=subprocess.STDOUT,
            env=dict(os.environ, PALMARES_SEED="0x%x" % seed,
                     PALMARES_SECONDS=str(SIM_SECONDS)))
        while process.poll() is None:
            if STOP.wait(0.1):
                process.kill()
                process.wait()
                raise GivenUp("interrupted")
        talk.seek(0)
        words = talk.read().decode("utf-8", "replace")
    result = Result(SIM, done="scenarios on a virtual clock")
    found = re.search(r"(\d+) scenarios: accepted (\d+), stored (\d+), "
                      r"lost (\d+), doubled (\d+)", words)
    if found:
        result.times, *counts = (int(n) for n in found.groups())
        result.counts = dict(zip(Totals.NUMBERS, counts))
    if process.returncode != 0 or not found:
        result.error = "PALMARES_SEED=0x%x: exit status %d\n%s" % (
            seed, process.returncode, words[-4000:])
    return result


class Totals:
    """A row for each scenario."""

    NUMBERS = ["accepted", "stored", "lost", "doubled"]

    def __init__(self):
        self.rows = {}
        self.failed = False
        self.lock = threading.Lock()

    def add(self, result):
        with self.lock:
            print(result.line(), flush=True)
            row = self.rows.setdefault(result.name, {"played": 0, "times": 0})
            row["played"] += 1
            row["times"] += result.times
            row["done"] = result.done or row.get("done", "")
            for name in self.NUMBERS:
                if result.counts is not None:
                    row[name] = row.get(name, 0) + result.counts[name]
            if result.error is not None:
                self.failed = True
                row["failed"] = row.get("failed", 0) + 1

    def show(self):
        head = "%-18s %7s %7s %10s %10s %6s %8s  %s"
        print("\n" + head % ("what", "played", "times", "accepted", "stored",
                             "lost", "doubled", "how"))
        for name, row in sorted(self.rows.items()):
            how = re.sub(r"; \d+ .*|, \d+ .*", "", row["done"])
            if "failed" in row:
                how = "FAILED %d times" % row["failed"]
            print(head % (name, row["played"], row["times"],
                          *(row.get(n, "-") for n in self.NUMBERS), how))


class Soak:
    def __init__(self, names, seconds, seed):
        self.until = time.monotonic() + seconds
        self.draw = random.Random(seed)
        self.names = names
        self.left = []
        self.totals = Totals()
        self.lock = threading.Lock()

    def next(self):
        """(name, seed, long) of what to play, or None when time is over."""
        with self.lock:
            left_s = self.until - time.monotonic()
            if left_s <= 0 or STOP.is_set():
                return None
            if not self.left:
                self.left = self.draw.sample(self.names, len(self.names))
            return (self.left.pop(), self.draw.getrandbits(32),
                    left_s > SHORT_S)

    def work(self):
        while True:
            what = self.next()
            if what is None:
                return
            name, seed, long = what
            try:
                if name == SIM:
                    result = simulate(os.environ["PALMARES_SIM"], seed)
                else:
                    result = campaign.play(name, seed, long)
            except GivenUp:
                return
            if result is not None:
                self.totals.add(result)

    def run(self):
        """Whether all is well."""
        steady = Steady(self.until)

        def watch():
            result = campaign.play("steady", self.draw.getrandbits(32),
                                   scenario=steady)
            if result is not None:
                self.totals.add(result)

        threads = [threading.Thread(target=watch)] + [
            threading.Thread(target=self.work) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.totals.show()
        return not steady.report() and not self.totals.failed


def possible(names):
    """Those that can be played here; says why not of the others."""
    missing = campaign.missing()
    out = []
    for name in names:
        need = None if name == SIM else campaign.SCENARIOS[name].NEEDS
        if name == SIM and not os.path.exists(
                os.environ.get("PALMARES_SIM", "")):
            print("skipped: %s: PALMARES_SIM does not name it" % name)
        elif need in missing:
            print("skipped: %s: %s" % (name, missing[need]))
        else:
            out.append(name)
    return out


def main():
    known = list(campaign.SCENARIOS) + [SIM]
    parser = argparse.ArgumentParser(prog="soak", allow_abbrev=False)
    parser.add_argument("--for", dest="seconds", type=length, default="30m",
                        metavar="TIME", help="90s, 30m (default), 2h")
    parser.add_argument("--seed", type=number,
                        default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--list", action="store_true",
                        help="the scenarios, and what each does")
    parser.add_argument("scenario", nargs="*")
    options = parser.parse_args()
    if options.list:
        for name in known:
            words = simulate if name == SIM else campaign.SCENARIOS[name]
            print("%-18s %s" % (name, words.__doc__))
        return 0
    for name in options.scenario:
        if name not in known:
            parser.error("no scenario '%s': try --list" % name)
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: STOP.set())
    print("soak: --seed 0x%x" % options.seed, flush=True)
    names = possible(options.scenario or known)
    if not names:
        print("soak: nothing can be played here")
        return 1
    well = Soak(names, options.seconds, options.seed).run()
    if STOP.is_set():
        return 130
    print("nothing lost, nothing doubled, nothing grown" if well
          else "soak: FAILED")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
