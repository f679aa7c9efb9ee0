#!/usr/bin/env python3
"""
replaying - what scripts/bench replay measures; see there.

    replaying.py BUILD DATA SET [PEERS]

SET is the data set boston-2015.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time

import bench
from bench import Bench, query, say, thousands

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import convert  # noqa: E402
import previews  # noqa: E402

TIMES = 3
LIMIT_S = 0.5


class Replaying(Bench):
    def race(self, data_set):
        """The race, recorded: (folder, recording, crossings)."""
        race = os.path.join(self.data, "race")
        points = convert.convert(data_set, race)
        with open(os.path.join(race, "race.yaml"), "a", encoding="utf-8") as f:
            f.write("  en-direct: { of: runners, at: live }\n" + previews.MORE)
        say("recording %s" % os.path.basename(data_set))
        aggregator = self.aggregator(race)
        running = [self.start(
            "palmares-collector", "--race", race, "--point", point, "--name",
            point, "--source", "csv:%s/crossings/%s.csv" % (race, point),
            "--once", "--timeout", "300", "--outbox",
            os.path.join(race, point + ".outbox.db")) for point in points]
        for p in running:
            self.end(p)
        self.stop(aggregator)
        file = os.path.join(self.data, "race.rec")
        self.end(self.start("palmares", "record", file, "--race", race))
        return race, file, self.crossings(race)

    @staticmethod
    def crossings(race):
        return query(os.path.join(race, "race.db"), "SELECT count(*) FROM log "
                     "WHERE kind = 'crossing'")[0][0]

    def play(self, race, file, crossings):
        """
        Crossings a second into a race.db that has none: from the first that was
        received to the last acknowledged.
        """
        other = os.path.join(self.data, "other")
        os.mkdir(other)
        for name in ("race.yaml", "entries.csv"):
            shutil.copy(os.path.join(race, name), other)
        aggregator = self.aggregator(other)
        self.end(self.start("palmares-replay", file, "--race", other))
        done_us = time.time() * 1e6
        self.stop(aggregator)
        if self.crossings(other) != crossings:
            sys.exit("bench: %d of %d crossings stored"
                     % (self.crossings(other), crossings))
        first_us = query(os.path.join(other, "race.db"), "SELECT "
                         "min(received_us) FROM log WHERE kind = 'crossing'")
        shutil.rmtree(other)
        return crossings / (done_us - first_us[0][0]) * 1e6

    def rank(self, file):
        """Of a ranking, from the recording alone: seconds, and of CPU."""
        before = os.times()
        self.end(self.start("palmares", "export", "--from", file, "--ranking",
                            "scratch", stdout=subprocess.DEVNULL))
        after = os.times()
        return (after.elapsed - before.elapsed,
                after.children_user + after.children_system -
                before.children_user - before.children_system)


def read_through(file):
    """Seconds that it takes to read as many bytes, and to do nothing."""
    begin = time.monotonic()
    with open(file, "rb") as f:
        while f.read(1 << 20):
            pass
    return time.monotonic() - begin


def rankings(race):
    with open(os.path.join(race, "race.yaml"), encoding="utf-8") as f:
        return len(re.findall(r"(?m)^  \S+ *\{ of: ", f.read()))


def main():
    build, data, data_set = sys.argv[1:4]
    peers = sys.argv[4] if len(sys.argv) > 4 else None
    b = Replaying(build, data)
    limits = []
    try:
        race, file, crossings = b.race(data_set)
        rates = []
        for i in range(TIMES):
            if peers:
                limits.append(bench.sqlite_limit(peers, data))
            say("replay %d of %d" % (i + 1, TIMES))
            rates.append(b.play(race, file, crossings))
        ranked, used = (statistics.median(times) for times in zip(
            *(b.rank(file) for _ in range(2 * TIMES - 1))))
        size = os.path.getsize(file)
        bare = read_through(file)
        count = rankings(race)
    finally:
        b.stop_all()
        for name in ("race", "other"):
            shutil.rmtree(os.path.join(data, name), ignore_errors=True)
    rate = statistics.median(rates)
    print("Replay of %s at max into an empty, durable aggregator: %s crossings,"
          "\n%d rankings (medians of %d)" % (
              os.path.basename(data_set), thousands(crossings), count, TIMES))
    print("  %-34s %10s   %s" % ("", "per second", "ours is"))
    print("  %-34s %10s" % ("ours", thousands(rate)))
    if limits:
        limit = statistics.median(limits)
        print("  %-34s %10s   %.2f x" % ("SQLite, 1000 rows a commit",
                                         thousands(limit), rate / limit))
    print("\nA ranking of it from the recording alone (%.1f MiB)"
          % (size / 2 ** 20))
    print("  %-34s %8.2f s   (%.2f s of CPU)" % (
        "palmares export --from FILE", ranked, used))
    print("  %-34s %8.2f s" % ("the file read, and nothing else", bare))
    # What else the machine does is not ours.
    if used >= LIMIT_S:
        sys.exit("bench: the ranking took more than %g s of CPU" % LIMIT_S)


if __name__ == "__main__":
    main()
