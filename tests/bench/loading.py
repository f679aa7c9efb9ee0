#!/usr/bin/env python3
"""
loading - what scripts/bench start and scripts/bench memory measure; see there.

    loading.py BUILD DATA (start|memory)
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from bench import Bench, say, thousands

HERE = os.path.dirname(os.path.abspath(__file__))
STARTS = 5
LIMIT_KB = 2 * 1024 * 1024
REST = 5000  # as fill leaves
# What the aggregator reads of each event.
SCAN = "SELECT count(*), sum(stream + seq + received_us % 2 + chain % 2 +" \
    " length(body)) FROM log"


def peak_kb(p):
    with open("/proc/%d/status" % p.pid, encoding="ascii") as f:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", f.read(), re.M)[1])


def megabytes(kb):
    return "%s MiB" % thousands(kb / 1024)


def timed(call):
    begin = time.monotonic()
    result = call()
    return time.monotonic() - begin, result


class Loading(Bench):
    def fill(self, entries, crossings):
        race = os.path.join(self.data, "race")
        os.mkdir(race)
        shutil.copy(os.path.join(HERE, "race.yaml"), race)
        say("a race.db of %s crossings" % thousands(crossings))
        self.end(self.start("../tests/fill", race, str(entries),
                            str(crossings)))
        return race

    def scan(self, race):
        """Seconds of a bare SELECT of the same rows."""
        seconds, line = timed(lambda: subprocess.run(
            ["sqlite3", "-readonly", os.path.join(race, "race.db"), SCAN],
            stdout=subprocess.PIPE, check=True, text=True).stdout)
        return seconds, int(line.split("|")[0])

    # ---- start

    def measure_start(self):
        race = self.fill(50000, 1000000)
        starts, scans, peaks = [], [], []
        for _ in range(STARTS):
            seconds, events = self.scan(race)
            scans.append(seconds)
            seconds, aggregator = timed(lambda: self.aggregator(race))
            starts.append(seconds)
            peaks.append(peak_kb(aggregator))
            self.stop(aggregator)
        start, scan = statistics.median(starts), statistics.median(scans)
        print("Start of the aggregator from a race.db of %s events: 50,000"
              " entries,\n1,000,000 crossings, six rankings, until it is ready"
              " (medians of %d)" % (thousands(events), STARTS))
        print("  %-34s %8.2f s   %s events a second" % (
            "aggregator", start, thousands(events / start)))
        print("  %-34s %8.2f s   %.1f times as long" % (
            "a bare SELECT of the same rows", scan, start / scan))
        print("  %-34s %8s" % ("its memory at most", megabytes(max(peaks))))

    # ---- memory

    def follow(self, race):
        """Sends what the race still lacks to a display; their peak."""
        display = self.display(race)
        self.end(self.start(
            "palmares-collector", "--race", race, "--point", "arrivee",
            "--name", "rest", "--gun", "a", "--source",
            "csv:" + os.path.join(race, "rest.csv"), "--once", "--timeout",
            "60", "--outbox", os.path.join(race, "rest.outbox.db")))
        # Two heartbeats, so that it has shown what it was told.
        time.sleep(2)
        if display.poll() is not None:
            sys.exit("bench: the display ended")
        peak = peak_kb(display)
        self.stop(display)
        return peak

    def measure_memory(self):
        race = self.fill(1000000, 10000000 - REST)
        say("starting the aggregator")
        seconds, aggregator = timed(lambda: self.aggregator(race))
        ready = peak_kb(aggregator)
        say("a display follows")
        display = self.follow(race)
        peak = peak_kb(aggregator)
        crossings = self.status(race)["crossings"]
        self.stop(aggregator)
        if crossings != 10000000:
            sys.exit("bench: %d crossings stored" % crossings)
        print("Memory with 1,000,000 entries, %s crossings, six rankings"
              % thousands(crossings))
        print("  %-44s %10s   (ready after %.1f s)" % (
            "aggregator, when it is ready", megabytes(ready), seconds))
        print("  %-44s %10s" % (
            "aggregator, with a display that follows", megabytes(peak)))
        print("  %-44s %10s" % (
            "that display: a ranking of all, and the names",
            megabytes(display)))
        if peak >= LIMIT_KB:
            sys.exit("bench: the aggregator took more than 2 GiB")


def main():
    build, data, what = sys.argv[1:]
    loading = Loading(build, data)
    try:
        if what == "start":
            loading.measure_start()
        else:
            loading.measure_memory()
    finally:
        loading.stop_all()
        shutil.rmtree(os.path.join(data, "race"), ignore_errors=True)


if __name__ == "__main__":
    main()
