#!/usr/bin/env python3
"""
travelling - what scripts/bench travel measures; see there.

    travelling.py BUILD DATA
"""

import os
import resource
import shutil
import sys

from bench import Bench, query, say, thousands

HERE = os.path.dirname(os.path.abspath(__file__))
TIMES = 3
ENTRIES, CROSSINGS = 10000, 100000
LARGER = 4
LIMIT = 2  # times the cost of an event


def used_s():
    """Of what has ended; CPU time, so without what others do."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Travelling(Bench):
    def fill(self, times):
        """A race so many times as large, and its recording."""
        race = os.path.join(self.data, "race-%d" % times)
        os.mkdir(race)
        shutil.copy(os.path.join(HERE, "race.yaml"), race)
        say("a race.db of %s crossings" % thousands(times * CROSSINGS))
        self.end(self.start("../tests/fill", race, str(times * ENTRIES),
                            str(times * CROSSINGS)))
        file = race + ".rec"
        self.end(self.start("palmares", "record", file, "--race", race))
        return race, file

    def export(self, *args):
        """How long it takes, the least of some."""
        took = []
        for _ in range(TIMES):
            before = used_s()
            self.end(self.start("palmares", "export", "--ranking", "live",
                                *args))
            took.append(used_s() - before)
        return min(took)

    def measure(self, times):
        """Events, and by source and moment how long they take."""
        race, file = self.fill(times)
        log = os.path.join(race, "race.db")
        events, = query(log, "SELECT count(*) FROM log")[0]
        middle = events // 2
        at, = query(log, "SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%S', "
                    "received_us / 1000000, 'unixepoch') || "
                    "printf('.%%06dZ', received_us %% 1000000) FROM log "
                    "WHERE number = %d" % middle)[0]
        took = [self.export(*source, *moment)
                for source in (("--race", race), ("--from", file))
                for moment in (("--at-seq", str(middle)), ("--at", at))]
        shutil.rmtree(race)
        os.remove(file)
        return events, took


def main():
    build, data = sys.argv[1:3]
    b = Travelling(build, data)
    try:
        less, small = b.measure(1)
        more, large = b.measure(LARGER)
    finally:
        b.stop_all()
    print("A ranking as it stood in the middle of the race, offline: CPU time"
          " of\npalmares export (the least of %d)" % TIMES)
    print("  %-30s %10s %10s   %s" % (
        "", thousands(less), thousands(more), "an event costs"))
    worst = 0
    names = ["race.db, --at-seq", "race.db, --at", "a recording, --at-seq",
             "a recording, --at"]
    for name, a, z in zip(names, small, large):
        ratio = z / a * less / more
        worst = max(worst, ratio)
        print("  %-30s %8.3f s %8.3f s   %.2f times as much"
              % (name, a, z, ratio))
    if worst >= LIMIT:
        sys.exit("bench: an event of the larger race costs %.2f times as much"
                 % worst)


if __name__ == "__main__":
    main()
