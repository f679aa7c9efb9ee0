"""
crowds - scenarios of many: displays that are stopped or slow, peers that flood,
displays that all come back at once.  What they cost others is measured in the
same run and printed; it decides only where no busy machine could be the cause.
"""

import bisect
import os
import re
import signal
import sys
import time

import palmares_test
import peer
from campaign import Scenario
from palmares_test import sql, wait_until


def part(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ms(us):
    return "%.1f" % (us / 1000) if us < 10000 else "%.0f" % (us / 1000)


class Probes:
    """Collectors that send little, and how long they wait for their acks."""

    # A crowd may not slow others down beyond this factor, and this: with two
    # cores for a hundred processes it is not always the aggregator that waits.
    FACTOR = 10
    MORE_US = 500000

    def __init__(self, scenario, count=3):
        self.scenario = scenario
        self.programs = [scenario.peer("probe", n + 1) for n in range(count)]

    def rows(self):
        """(when sent, how long it took, what is acknowledged) of each."""
        return [[tuple(int(word) for word in line.split())
                 for line in p.out().split("\n")[:-1]] for p in self.programs]

    def latencies(self, acks):
        """Of the next acks of each of them, once they have come."""
        first = [len(rows) for rows in self.rows()]

        def there():
            self.scenario.all_run()
            for p in self.programs:
                if not p.running():
                    raise palmares_test.Failed("a probe ended: " + p.err())
            return all(len(rows) >= n + acks
                       for rows, n in zip(self.rows(), first))

        wait_until("%d acks to each probe" % acks, there,
                   programs=self.scenario.running.values())
        return [row[1] for rows, n in zip(self.rows(), first)
                for row in rows[n:]]

    def compare(self, alone, with_them):
        """In words; fails if it is beyond all doubt."""
        words = []
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            before, after = part(alone, share), part(with_them, share)
            words.append("%s %s -> %s ms" % (name, ms(before), ms(after)))
            self.scenario.assertLess(
                after, before * self.FACTOR + self.MORE_US,
                "acks delayed: " + ", ".join(words))
        return ", ".join(words)

    def stop(self):
        """What was acknowledged is stored."""
        for n, p in enumerate(self.programs):
            self.scenario.ends_well_after_term(p)
            acked = self.rows()[n][-1][2]
            held = sql(self.scenario.db, "SELECT cursor FROM stream WHERE "
                       "epoch = ?", ("%016x" % (n + 1),))[0][0]
            self.scenario.assertGreaterEqual(held, acked)


class Crowd(Scenario):
    def start_role(self, role):
        """"display": all of them."""
        for name in self.displays() if role == "display" else [role]:
            super().start_role(name)

    def peer(self, what, more):
        host, base = self.listen.rsplit(":", 1)
        return self.start(peer.__file__, what, host, base, more,
                          before=[sys.executable, "-B"])

    def ends_well_after_term(self, program):
        """The last line that it said."""
        self.stops_well(program)
        return program.out().rstrip().rpartition("\n")[2]

    def memory(self):
        with open("/proc/%d/statm" % self.running["aggregator"].pid,
                  encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def joined(self, count):
        """So many displays have a snapshot of this run."""
        wait_until("%d snapshots" % count,
                   lambda: self.counter("snapshots") >= count,
                   programs=self.running.values())

    def counter(self, name):
        """Of palmares status."""
        p = self.start("palmares", "status", "--race", self.race)
        self.ends_well(p)
        return int(re.search(name + r" (\d+)", p.out())[1])


class SlowDisplays(Crowd):
    """Displays stopped (SIGSTOP), and others that read 64 KiB a second."""

    NAME = "slow-display"
    ROUNDS = (1, 3)
    RUNNERS = 20000
    RANKINGS = "".join("  live-%d: { of: runners, at: live }\n" % n
                       for n in range(peer.LIVE))
    STOPPED = 10
    SLOW = 30
    ACKS = 200
    QUEUE = 64  # messages for each of them: the aggregator's SNDHWM
    OWN = 32 << 20  # crossings meanwhile, and what the allocator keeps

    def displays(self):
        return ["display"] + ["display-%d" % n for n in range(self.STOPPED)]

    def signal(self, signum):
        for role in self.displays()[1:]:
            self.running[role].process.send_signal(signum)

    def play(self):
        probes = Probes(self)
        alone, with_them = [], []
        largest = missed = cut = grown = 0
        self.joined(len(self.displays()))
        before = self.counter("snapshots")
        for _ in range(self.rounds):
            self.progress()
            alone += probes.latencies(self.ACKS)
            had = self.memory()
            slow = self.peer("slow", self.SLOW)
            wait_until("the slow ones are there", slow.out)
            self.signal(signal.SIGSTOP)
            # Until queues are full, and connections are given up (5 s).
            self.waiting(6 * self.RATE)
            with_them += probes.latencies(self.ACKS)
            self.progress()
            grown = max(grown, self.memory() - had)
            self.signal(signal.SIGCONT)
            words = self.ends_well_after_term(slow).split()
            largest = max(largest, int(words[1]))
            missed += int(words[2])
            cut += int(words[3])
        probes.stop()
        self.assertGreater(missed + cut, 0, "no queue was ever full")
        most = (self.SLOW + self.STOPPED) * self.QUEUE * largest + self.OWN
        self.assertLess(grown, most, "memory")
        self.times = self.rounds
        self.done = (
            "displays stopped (SIGSTOP), and others that read 64 KiB a second; "
            "%d and %d of them, of whom %d missed some and %d were cut off: "
            "acks to others %s; +%.0f MiB of %.0f, %d snapshots" % (
                self.STOPPED, self.SLOW, missed, cut,
                probes.compare(alone, with_them), grown / 2 ** 20,
                most / 2 ** 20, self.counter("snapshots") - before))


class Flood(Crowd):
    """A collector with a huge backlog, and peers that flood every port."""

    NAME = "flood"
    ROUNDS = (1, 4)
    RATE = 100
    LINES = 150000
    POINT = "mi-course"
    ACKS = 50
    # Of the flooding collector, stored between two batches of another one: its
    # credit is 4,000, and a turn takes 2,000.
    AHEAD = 8000

    def ahead(self):
        """For each batch of a probe, how much of the flood came before it and
        after the one before."""
        flood = [n for n, in sql(self.db, "SELECT number FROM log WHERE "
                                 "point = ? ORDER BY number", (self.POINT,))]
        out = []
        for epoch in range(1, 4):
            at = [bisect.bisect(flood, n) for n, in sql(
                self.db, "SELECT number FROM log WHERE seq %% %d = 1 AND "
                "stream = (SELECT id FROM stream WHERE epoch = '%016x') "
                "ORDER BY number" % (peer.BATCH, epoch))]
            out += [b - a for a, b in zip(at, at[1:]) if b > a]
        return out

    def backlog(self, probes):
        """Acks while one collector has far more than all the others."""
        self.readers.write(self.POINT, self.LINES)
        self.progress(self.POINT, more=1000)
        out = []
        while self.stored(self.POINT) < self.readers.lines[self.POINT] - 1000:
            out += probes.latencies(1)
        return out

    def flooded(self, kind, probes):
        """Acks under one, which operators, too, get through; and how many
        messages of it were taken."""
        flood = self.peer("flood", kind)
        self.readers.write(self.POINT, self.LINES // 10)
        out = probes.latencies(self.ACKS)
        self.progress()
        self.counter("commits")
        return out, int(self.ends_well_after_term(flood))

    def play(self):
        probes = Probes(self)
        alone, backlog, under = [], [], []
        sent = 0
        for _ in range(self.rounds):
            self.progress()
            alone += probes.latencies(self.ACKS)
            backlog += self.backlog(probes)
            for kind in peer.FLOODS:
                out, count = self.flooded(kind, probes)
                under += out
                sent += count
        probes.stop()
        ahead = self.ahead()
        self.assertLess(part(ahead, 0.5), self.AHEAD, "the flood goes first")
        self.times = self.rounds
        self.done = (
            "floods of one collector, and of strangers at each port; %d "
            "crossings at once: acks to others %s, %d of the flood in between; "
            "%d %s: %s" % (
                self.LINES, probes.compare(alone, backlog), part(ahead, 0.5),
                sent, ", ".join(peer.FLOODS), probes.compare(alone, under)))


class Calm(Crowd):
    """Displays to which nothing happens, and which miss nothing."""

    # What an aggregator told wrong is seen by the digest, and repaired by a
    # snapshot: nobody should need one.

    NAME = "calm"
    ROUNDS = (4, 40)
    RATE = 500
    RUNNERS = 20000
    COUNT = 5

    def displays(self):
        return ["display-%d" % n for n in range(self.COUNT)]

    def play(self):
        self.joined(self.COUNT)
        self.waiting(self.RATE)
        snapshots, commits = self.counter("snapshots"), self.counter("commits")
        for _ in range(self.rounds):
            self.waiting(self.RATE)
        self.progress()
        more = self.counter("snapshots") - snapshots
        # A machine that stands still for 3 s is not the aggregator's fault.
        away = sum(self.running[role].err().count("no answer for")
                   for role in self.displays())
        if more > away:
            raise palmares_test.Failed("%d snapshots that nobody should have "
                                       "needed" % more)
        self.times = self.counter("commits") - commits
        self.done = ("a commit told to %d displays, none of which needed a "
                     "snapshot again" % self.COUNT)


class Storm(Crowd):
    """A hundred displays whose aggregator is killed come back at once."""

    NAME = "storm"
    ROUNDS = (2, 5)
    RATE = 50
    COUNT = 100

    def displays(self):
        return ["display-%d" % n for n in range(self.COUNT)]

    def play(self):
        self.joined(self.COUNT)
        took = []
        for _ in range(self.rounds):
            self.progress()
            self.running["aggregator"].kill9()
            self.start_role("aggregator")
            at = time.monotonic()
            self.joined(self.COUNT)
            took.append(time.monotonic() - at)
        self.progress()
        self.times = self.rounds
        self.done = ("all of %d displays back at once; within %.1f s"
                     % (self.COUNT, max(took)))


SCENARIOS = [SlowDisplays, Flood, Calm, Storm]
