#!/usr/bin/env python3
"""
soak - the fault campaign for as long as you like: every scenario in a random
order and in its long form with random lengths, again and again, and the
simulation between them.  Beside them one aggregator runs all the time, to which
displays, collectors, exports and repeats come and go: it must not grow.

    soak.py [--for 30m] [--kills N] [--seed S] [SCENARIO...]
    soak.py --list
    soak.py --table LOG...

Prints a line for each that was played, then the totals as a table, and memory
and files of the programs that stayed.  --kills: it goes on until each role has
been killed that often; by default 500 times in 30 minutes.  --table prints the
table of what was said before, by this or by scripts/test.  Exit status 1 if
anything was lost or doubled, failed, or has grown; 2 usage; 130 interrupted.

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
from scenarios import SCENARIOS

AT_ONCE = 3
SIM = "simulation"
SIM_SECONDS = 30
SHORT_S = 240  # with less than that left, short forms
KILLS = {"kill-aggregator", "kill-collector", "kill-display"}
KILLS_S = 500 / 1800  # a second, of each
KILLS_MAX = 50  # in one race, which grows, and an aggregator reads it each time

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
    """An aggregator, a collector and a display that stay and are watched."""

    NAME = "steady"
    RATE = 1000
    STAY = ["aggregator", POINTS[-1], "stays"]

    def __init__(self, until):
        super().__init__()
        self.until = until
        # Seconds, crossings; resident bytes and files of each that stays.
        self.samples = []
        self.cost = 0  # bytes of the aggregator for a crossing

    def displays(self):
        return ["display", "stays"]

    def usage(self, role):
        pid = self.running[role].pid
        with open("/proc/%d/statm" % pid, encoding="ascii") as f:
            resident = int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        return resident, len(os.listdir("/proc/%d/fd" % pid))

    def sample(self):
        self.samples.append(
            (time.monotonic() - self.begun, self.stored()) +
            sum((self.usage(role) for role in self.STAY), ()))

    def visit(self):
        """Everybody comes by once, and leaves in his own way."""
        display = self.start("palmares-display", self.draw.choice(
            ["live", "scratch", "teams"]), *self.whom("display"), "--once")
        self.ends_well(display)
        self.exports_live()
        self.again("display")
        point = self.draw.choice(POINTS[:-1])
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
        first, last = self.samples
        self.cost = (last[2] - first[2]) / (last[1] - first[1])
        self.samples.clear()

    def play(self):
        self.begun = time.monotonic()
        self.start_role("stays")
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

    def rest(self, sample, i):
        """The bytes of the i-th that its crossings do not explain."""
        return sample[2 + 2 * i] - (self.cost * sample[1] if i == 0 else 0)

    def slope(self, i):
        """Of the rest, in bytes an hour, by least squares."""
        mean_x = sum(s[0] for s in self.samples) / len(self.samples)
        mean_y = sum(self.rest(s, i) for s in self.samples) / len(self.samples)
        square = sum((s[0] - mean_x) ** 2 for s in self.samples)
        return 0 if square == 0 else 3600 * sum(
            (s[0] - mean_x) * (self.rest(s, i) - mean_y)
            for s in self.samples) / square

    def report_one(self, i, role, parts):
        start, middle, end = parts
        more = self.rest(end, i) - self.rest(start, i)
        slope = "%.2f MiB/h" % (self.slope(i) / 2 ** 20)
        if self.samples[-1][0] - self.samples[0][0] < SLOPE_S:
            slope = "-"
        grown = more > SLACK or end[3 + 2 * i] > start[3 + 2 * i] + 2
        print("| %s | %s | %s | %+.2f MiB | %s |%s" % (
            role,
            ", ".join("%.2f" % (p[2 + 2 * i] / 2 ** 20) for p in parts),
            ", ".join("%d" % p[3 + 2 * i] for p in parts), more / 2 ** 20,
            slope, " HAS GROWN" if grown else ""))
        return grown

    def report(self):
        """Prints what was measured; whether anything has grown."""
        if not self.samples:
            print("steady: never measured")
            return True
        parts = [self.part(0, 0.2), self.part(0.4, 0.6), self.part(0.8, 1)]
        print("\n%d visits in %.0f s, %d to %d crossings; %d bytes a crossing, "
              "measured while the race was filled\n" % (
                  len(self.samples), self.samples[-1][0] - self.samples[0][0],
                  parts[0][1], parts[-1][1], self.cost))
        print("| stays | MiB: start, middle, end | files | more, beside "
              "crossings | slope |\n|---|---|---|---|---|")
        return any([self.report_one(i, role, parts) for i, role in
                    enumerate(["aggregator", "collector", "display"])])


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
    LINE = re.compile(
        r"\s*([\w-]+): (?:(FAILED)(?: \(|:))?(?:accepted (\d+), stored (\d+), "
        r"lost (\d+), doubled (\d+)(?: \((\d+) x (.*)\)$)?)?")

    def __init__(self):
        self.rows = {}
        self.failed = False
        self.lock = threading.Lock()

    def add(self, result):
        with self.lock:
            row = self.rows.setdefault(result.name, {"times": 0})
            row["times"] += result.times
            row["done"] = result.done or row.get("done", "")
            for name in self.NUMBERS:
                if result.counts is not None:
                    row[name] = row.get(name, 0) + result.counts[name]
            if result.error is not None:
                self.failed = True
                row["failed"] = row.get("failed", 0) + 1

    def add_line(self, line):
        """As Result.line() made it; any other is left out."""
        found = self.LINE.match(line.rstrip("\n"))
        if not found or not (found[2] or found[3]):
            return
        name, failed, *counts, times, done = found.groups()
        counts = dict(zip(self.NUMBERS, map(int, counts))) \
            if found[3] else None
        self.add(Result(name, int(times or 0), done or "", counts, failed))

    def times(self, name):
        with self.lock:
            return self.rows.get(name, {}).get("times", 0)

    def show(self):
        """For README.md."""
        print("| what we did to it | how often | accepted | lost | doubled | "
              "command |\n|---|---|---|---|---|---|")
        for name, row in sorted(self.rows.items()):
            done = row["done"].partition(";")[0]
            if "failed" in row:
                done = "%s: FAILED %d times" % (done or name, row["failed"])
            command = "scripts/soak " + name if name != "steady" else \
                "scripts/soak"
            print("| %s | %s | %s | %s | %s | `%s` |" % (
                done, "{:,}".format(row["times"]),
                *("{:,}".format(row[n]) if n in row else "-"
                  for n in ("accepted", "lost", "doubled")), command))


class Soak:
    def __init__(self, names, seconds, kills, seed):
        self.seconds = seconds
        self.until = time.monotonic() + seconds
        self.draw = random.Random(seed)
        self.kills = {name: kills for name in names if name in KILLS and kills}
        # What is paced is not drawn, unless there is nothing else.
        self.names = [n for n in names if n not in self.kills] or names
        self.left = []
        self.playing = set()
        self.totals = Totals()
        self.lock = threading.Lock()

    def behind(self, left_s):
        """Who has to be killed now, to be killed often enough in the end."""
        over = 1 if left_s <= 0 else 1 - left_s / self.seconds
        return [] if left_s <= 0 and self.totals.failed else [
            name for name, kills in self.kills.items()
            if name not in self.playing and
            self.totals.times(name) < kills * over]

    def next(self):
        """(name, seed, long, how many rounds if that is given) of what to
        play, or None when time is over."""
        with self.lock:
            left_s = self.until - time.monotonic()
            behind = self.behind(left_s)
            if STOP.is_set() or (left_s <= 0 and not behind):
                return None
            rounds = None
            if behind:
                name = self.draw.choice(behind)
                rounds = min(KILLS_MAX,
                             self.kills[name] - self.totals.times(name))
            else:
                if not self.left:
                    self.left = self.draw.sample(self.names, len(self.names))
                name = self.left.pop()
            self.playing.add(name)
            return name, self.draw.getrandbits(32), left_s > SHORT_S, rounds

    def played(self, name, result):
        print(result.line(), flush=True)
        self.totals.add(result)
        with self.lock:
            self.playing.discard(name)

    def work(self):
        while True:
            what = self.next()
            if what is None:
                return
            name, seed, long, rounds = what
            try:
                if name == SIM:
                    result = simulate(os.environ["PALMARES_SIM"], seed)
                else:
                    result = campaign.play(SCENARIOS[name](), seed, long,
                                           rounds)
            except GivenUp:
                return
            if result is None:
                return
            self.played(name, result)

    def run(self):
        """Whether all is well."""
        steady = Steady(self.until)

        def watch():
            result = campaign.play(steady, self.draw.getrandbits(32))
            if result is not None:
                self.played(result.name, result)

        threads = [threading.Thread(target=watch)] + [
            threading.Thread(target=self.work) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print()
        self.totals.show()
        return not steady.report() and not self.totals.failed


def possible(names):
    """Those that can be played here; says why not of the others."""
    missing = campaign.missing()
    out = []
    for name in names:
        need = None if name == SIM else SCENARIOS[name].NEEDS
        if name == SIM and not os.path.exists(
                os.environ.get("PALMARES_SIM", "")):
            print("skipped: %s: PALMARES_SIM does not name it" % name)
        elif need in missing:
            print("skipped: %s: %s" % (name, missing[need]))
        else:
            out.append(name)
    return out


def table(paths):
    totals = Totals()
    for path in paths:
        with open(path, encoding="utf-8") as f:
            for line in f:
                totals.add_line(line)
    totals.show()
    return 1 if totals.failed else 0


def main():
    known = list(SCENARIOS) + [SIM]
    parser = argparse.ArgumentParser(prog="soak", allow_abbrev=False)
    parser.add_argument("--for", dest="seconds", type=length, default="30m",
                        metavar="TIME", help="90s, 30m (default), 2h")
    parser.add_argument("--kills", type=number,
                        help="of each role; default 500 in 30m")
    parser.add_argument("--seed", type=number,
                        default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--list", action="store_true",
                        help="the scenarios, and what each does")
    parser.add_argument("--table", nargs="+", metavar="LOG",
                        help="the table of what a soak has printed")
    parser.add_argument("scenario", nargs="*")
    options = parser.parse_args()
    if options.table:
        return table(options.table)
    if options.list:
        for name in known:
            words = simulate if name == SIM else SCENARIOS[name]
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
    kills = options.kills
    if kills is None:
        kills = round(options.seconds * KILLS_S)
    well = Soak(names, options.seconds, kills, options.seed).run()
    if STOP.is_set():
        return 130
    print("nothing lost, nothing doubled, nothing grown" if well
          else "soak: FAILED")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
