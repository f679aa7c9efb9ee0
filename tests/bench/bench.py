#!/usr/bin/env python3
"""
bench - what scripts/bench measures; see there.

    bench.py BUILD DATA [PEERS]

BUILD is a build folder, DATA a folder on the disk to be measured, PEERS the
folder of the prototype's built programs.  All figures are taken in this run.
"""

import argparse
import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

ENTRIES = 50000
POINTS = ["5k", "10k", "15k", "20k", "25k", "arrivee"]
STREAMS = {"a": POINTS[0:2], "b": POINTS[2:4], "c": POINTS[4:6]}
RANKINGS = ["live", "femmes", "hommes", "seniors", "masters", "masters-femmes"]
RACE = """\
title: fifty thousand
date: 2014-09-21
timezone: Europe/Paris
waves:
  all: { gun: "10:00:00" }
points:
  5k:      { km: 5 }
  10k:     { km: 10 }
  15k:     { km: 15 }
  20k:     { km: 20 }
  25k:     { km: 25 }
  arrivee: { km: 30 }
rankings:
  live:           { of: runners, at: live }
  femmes:         { of: runners, at: live, sex: F }
  hommes:         { of: runners, at: live, sex: M }
  seniors:        { of: runners, at: live, category: SE }
  masters:        { of: runners, at: live, category: M1 }
  masters-femmes: { of: runners, at: live, category: M1, sex: F }
"""
RATE = 1000
SAMPLES = 5000


def say(*words):
    print("bench:", *words, file=sys.stderr, flush=True)


def tabs(line):
    return line.rstrip("\n").split("\t")


class Bench:
    def __init__(self, build, data):
        self.bin = os.path.join(build, "bin")
        self.latency = os.path.join(build, "tests", "latency")
        self.data = data
        self.running = []
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("PALMARES_")}

    def start(self, *args, stdin=subprocess.DEVNULL, stdout=None, log="log"):
        with open(os.path.join(self.data, log), "ab") as err:
            p = subprocess.Popen(
                [os.path.join(self.bin, args[0]), *args[1:]], env=self.env,
                stdin=stdin, stdout=stdout or subprocess.DEVNULL, stderr=err)
        self.running.append(p)
        return p

    def end(self, p, timeout=600, statuses=(0,)):
        status = p.wait(timeout)
        self.running.remove(p)
        if status not in statuses:
            with open(os.path.join(self.data, "log"), errors="replace") as f:
                sys.stderr.write(f.read()[-3000:])
            sys.exit("bench: %s ended with %d" % (p.args[0], status))

    def stop(self, p):
        p.send_signal(signal.SIGTERM)
        self.end(p)

    def stop_all(self):
        for p in self.running:
            p.kill()
            p.wait()

    def new_race(self, name):
        race = os.path.join(self.data, name)
        os.mkdir(race)
        with open(os.path.join(race, "race.yaml"), "w") as f:
            f.write(RACE)
        with open(os.path.join(race, "entries.csv"), "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(["bib", "name", "sex", "category", "team"])
            for i in range(1, ENTRIES + 1):
                out.writerow([i, "Coureur %05d" % i, "FM"[i % 2],
                              ["SE", "M1", "M2"][i % 3],
                              "Entreprise %04d" % (i % 4000)])
        return race

    def aggregator(self, race):
        p = self.start("palmares-aggregator", race, "--listen", "127.0.0.1:0")
        endpoint = os.path.join(race, "endpoint")
        end = time.monotonic() + 300
        while not os.path.exists(endpoint):
            if p.poll() is not None or time.monotonic() > end:
                self.end(p, 0.1, ())
            time.sleep(0.01)
        return p

    # ---- outbox to store

    def prefill(self, race):
        """Outboxes with two points of 50,000 runners each; nobody answers."""
        total = 0
        for name, points in STREAMS.items():
            path = os.path.join(race, name + ".csv")
            with open(path, "w") as f:
                f.write("time,bib,point\n")
                for i in range(1, ENTRIES + 1):
                    for point in points:
                        at = (POINTS.index(point) + 1) * 1500000 + i * 37
                        f.write("+%d.%03d,%d,%s\n"
                                % (at // 1000, at % 1000, i, point))
            lines = len(points) * ENTRIES
            while self.outbox_count(race, name) < lines:
                self.end(self.collector(race, name, "--timeout", "1",
                                        "--aggregator", "127.0.0.1:9"),
                         statuses=(1,))
            total += lines
        return total

    def collector(self, race, name, *args):
        return self.start(
            "palmares-collector", "--race", race, "--point", STREAMS[name][0],
            "--name", name, "--source",
            "csv:" + os.path.join(race, name + ".csv"), "--once",
            "--outbox", os.path.join(race, name + ".outbox.db"), *args)

    @staticmethod
    def outbox_count(race, name):
        path = os.path.join(race, name + ".outbox.db")
        if not os.path.exists(path):
            return 0
        return query(path, "SELECT count(*) FROM event")[0][0]

    def display(self, race):
        """One that follows every commit and has its first board."""
        path = os.path.join(self.data, "display")
        with open(path, "wb") as out:
            p = self.start("palmares-display", "live", "--race", race,
                           "--every-commit", stdout=out)
        end = time.monotonic() + 60
        while os.path.getsize(path) == 0:
            if p.poll() is not None or time.monotonic() > end:
                sys.exit("bench: the display shows nothing")
            time.sleep(0.01)
        return p

    def status(self, race):
        path = os.path.join(self.data, "status")
        with open(path, "wb") as out:
            self.end(self.start("palmares", "status", "--race", race,
                                "--format", "json", stdout=out))
        with open(path, encoding="utf-8") as f:
            return json.load(f)

    def outbox_to_store(self):
        """Crossings a second, from the first stored to the last acknowledged."""
        race = self.new_race("throughput")
        say("filling three outboxes")
        total = self.prefill(race)
        aggregator = self.aggregator(race)
        display = self.display(race)
        say("%d crossings from outboxes to store" % total)
        collectors = [self.collector(race, name, "--timeout", "300")
                      for name in STREAMS]
        cpu = os.times()
        for p in collectors:
            self.end(p)
        done_us = time.time() * 1e6
        display_lives = display.poll() is None
        commits = self.status(race)["commits"]
        self.stop(display)
        self.stop(aggregator)
        used = os.times()
        stored, first = query(
            os.path.join(race, "race.db"), "SELECT count(*), min(received_us)"
            " FROM log WHERE kind = 'crossing'")[0]
        if stored != total or not display_lives:
            sys.exit("bench: %d of %d stored; display %s" % (
                stored, total, "lives" if display_lives else "ended"))
        return {
            "rate": total / (done_us - first) * 1e6,
            "commits": commits,
            "cpu": (used.children_user + used.children_system -
                    cpu.children_user - cpu.children_system) / total * 1e5,
        }

    # ---- crossing to display

    def crossing_to_display(self):
        """{tier: (count, p50, p99, max)} in microseconds."""
        race = self.new_race("latency")
        aggregator = self.aggregator(race)
        out = {}
        for i, tier in enumerate(("commit", "tick")):
            say("%d crossings at %d a second, tier %s" % (SAMPLES, RATE, tier))
            fifo = os.path.join(self.data, "fifo-" + tier)
            os.mkfifo(fifo)
            # Open at both ends, so that the collector sees no end before ours.
            ends = os.open(fifo, os.O_RDWR)
            collector = self.start(
                "palmares-collector", "--race", race, "--point", "arrivee",
                "--name", tier, "--source", "stdin", "--outbox",
                os.path.join(race, tier + ".outbox.db"), "--once",
                "--timeout", "60", stdin=os.open(fifo, os.O_RDONLY))
            result = os.path.join(self.data, "latency-" + tier)
            with open(result, "wb") as f:
                p = self.start(self.latency, race, "live", fifo, str(RATE),
                               str(SAMPLES), str(1 + i * SAMPLES), tier,
                               stdout=f)
                self.end(p, 120)
            os.close(ends)
            self.end(collector, 120)
            with open(result, encoding="ascii") as f:
                out[tier] = [int(n) for n in tabs(f.read())]
        self.stop(aggregator)
        return out


def query(path, text):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=60)
    try:
        return db.execute(text).fetchall()
    finally:
        db.close()


# ---- the prototype and the limits, in the same minutes

def prototype(peers, data, *args):
    line = tabs(subprocess.run(
        [os.path.join(peers, "bench_zmq"), "-d", data, "-l", "prototype",
         *args], stdout=subprocess.PIPE, check=True, text=True).stdout)
    if line[-1] != "ok":
        sys.exit("bench: the prototype failed: %s" % "\t".join(line))
    return line


def sqlite_limit(peers, data):
    out = subprocess.run([os.path.join(peers, "limits"), data],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    for line in out.splitlines():
        if line.startswith("sqlite WAL FULL, 1000 rows"):
            return float(tabs(line)[1])
    sys.exit("bench: limits printed no line about 1000 rows a commit")


def thousands(n):
    return "{:,.0f}".format(n)


def milliseconds(us):
    return "%.2f ms" % (us / 1000)


def main():
    parser = argparse.ArgumentParser(prog="bench.py")
    parser.add_argument("build")
    parser.add_argument("data")
    parser.add_argument("peers", nargs="?")
    args = parser.parse_args()
    bench = Bench(args.build, args.data)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        rows = []
        if args.peers:
            say("prototype and SQLite's limit")
            before = float(prototype(args.peers, args.data, "-p", "3")[4])
            limit = sqlite_limit(args.peers, args.data)
        ours = bench.outbox_to_store()
        if args.peers:
            after = float(prototype(args.peers, args.data, "-p", "3")[4])
            proto = (before + after) / 2
            rows.append(("SQLite, 1000 rows a commit", limit))
            rows.append(("prototype, before and after", proto))
        latency = bench.crossing_to_display()
        steady = None
        if args.peers:
            steady = prototype(args.peers, args.data, "-r", str(RATE), "-n",
                               str(SAMPLES))
    finally:
        bench.stop_all()
        for name in ("throughput", "latency"):
            shutil.rmtree(os.path.join(args.data, name), ignore_errors=True)

    print("Acknowledged, durable crossings a second: 3 collectors, outbox to"
          " store, %s entries,\n%d live rankings, one display on the per-commit"
          " tier (%d commits, %.2f CPU s per 100,000)" % (
              thousands(ENTRIES), len(RANKINGS), ours["commits"], ours["cpu"]))
    print("  %-32s %10s   %s" % ("", "per second", "ours is"))
    print("  %-32s %10s" % ("ours", thousands(ours["rate"])))
    for name, rate in rows:
        print("  %-32s %10s   %.2f x" % (name, thousands(rate),
                                         ours["rate"] / rate))
    print("\nFrom a line on a collector's standard input to the row on a"
          " display, at %s a second" % thousands(RATE))
    print("  %-32s %10s %10s %10s" % ("", "p50", "p99", "max"))
    for tier, name in (("commit", "ours, every commit"),
                       ("tick", "ours, 10 a second")):
        print("  %-32s %10s %10s %10s" % (
            name, *[milliseconds(us) for us in latency[tier][1:]]))
    if steady:
        # Its consumer's p50 and p99; outboxes in memory, no rankings.
        p50, p99 = float(steady[8]), float(steady[9])
        print("  %-32s %10s %10s" % ("prototype, to its consumer",
                                     milliseconds(p50), milliseconds(p99)))
        print("  %-32s %9.1fx %9.1fx" % (
            "ours, every commit / prototype", latency["commit"][1] / p50,
            latency["commit"][2] / p99))


if __name__ == "__main__":
    main()
