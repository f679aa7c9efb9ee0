#!/usr/bin/env python3
"""
raw_logs - 24 hours of three RFID readers, as their own logs tell them: each
log grows in pieces that end in the middle of lines, a collector follows it,
and collectors and aggregator are killed meanwhile.  In the end race.db holds
every read of every log once, in the order of each reader, tags that nobody has
included; counted by plain SQL.
"""

import csv
import datetime
import gzip
import os
import random
import sys
import threading
import time
import zoneinfo

import palmares_test
from palmares_test import System, sql, wait_until, write

NEEDED = ["leuven-24h-2014", "leuven-24h-2015"]
SECONDS = 6  # in which the logs grow
KILLS = 5  # of each
ZONE = "Europe/Brussels"


def table(name, file):
    path = os.path.join(palmares_test.data(name), file)
    f = (gzip.open(path, "rt", encoding="utf-8", newline="")
         if path.endswith(".gz") else open(path, encoding="utf-8", newline=""))
    with f:
        return list(csv.DictReader(f))


def microseconds(text):
    """Seconds since 1970 with up to six digits behind the point."""
    whole, _, part = text.partition(".")
    return int(whole) * 1000000 + int(part.ljust(6, "0"))


def moment(text):
    return datetime.datetime.fromtimestamp(
        microseconds(text) // 1000000, zoneinfo.ZoneInfo(ZONE))


def iso(text):
    whole, _, part = text.partition(".")
    utc = datetime.datetime.fromtimestamp(int(whole), datetime.timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S") + "." + (part or "0") + "Z"


class Relay:
    """A data set: readers with raw logs, teams with tags, a central log."""

    def __init__(self, name):
        self.name = name
        self.readers = table(name, "readers.csv")
        self.points = ["reader" + r["reader"] for r in self.readers]
        self.reads = {
            point: table(name, "reads-reader%s.csv.gz" % r["reader"])
            for point, r in zip(self.points, self.readers)}
        self.central = table(name, "central.csv.gz")
        self.teams = {t["team"]: t["name"] for t in table(name, "teams.csv")}
        self.tags = {t["tag"]: t["team"] for t in table(name, "tags.csv")}
        for row in self.central:
            if row["type"] == "AddTag":
                # A tag moved to another team would need time: no set has one.
                assert self.tags.get(row["tag"], row["team"]) == row["team"]
                self.tags[row["tag"]] = row["team"]

    def raw(self):
        """(reader, time, tag) of every read, in the order of each log."""
        return {p: [(p, microseconds(r["time"]), r["tag"]) for r in reads]
                for p, reads in self.reads.items()}

    def seen(self):
        """The same of the central log, which never got the last few."""
        return [("reader" + r["reader"], microseconds(r["time"]), r["tag"])
                for r in self.central if r["type"] == "TagSeen"]

    def make_race(self, folder):
        gun = next(moment(r["time"]) for r in self.central
                   if r["type"] == "Start")
        points = "".join(
            "  %s: { km: %g }\n" % (p, int(float(r["position_m"])) / 1000)
            for p, r in zip(self.points, self.readers))
        write(os.path.join(folder, "race.yaml"),
              "title: %s\ndate: %s\ntimezone: %s\n"
              "waves:\n  all: { gun: \"%s\" }\n"
              "points:\n%srankings:\n"
              "  live: { of: runners, at: live }\n"
              % (self.name, gun.date(), ZONE, gun.strftime("%H:%M:%S"),
                 points))
        write(os.path.join(folder, "entries.csv"), "bib,name,chip\n" + "".join(
            "%s,%s,%s\n" % (team, name, ";".join(
                tag for tag, owner in self.tags.items() if owner == team))
            for team, name in self.teams.items()))

    def log(self, point):
        return "time,chip\n" + "".join(
            "%s,%s\n" % (iso(r["time"]), r["tag"]) for r in self.reads[point])


def normal(tag):
    """As chips are compared: without case and leading zeros."""
    return tag.upper().lstrip("0") or "0"


class Writer(threading.Thread):
    """A reader: appends its log in pieces of any length."""

    def __init__(self, path, text, draw):
        super().__init__(daemon=True)
        self.path = path
        self.bytes = text.encode()
        cuts = sorted(draw.sample(range(1, len(self.bytes)), 199))
        self.pieces = zip([0] + cuts, cuts + [len(self.bytes)])
        open(path, "wb").close()

    def run(self):
        for begin, end in self.pieces:
            with open(self.path, "ab") as f:
                f.write(self.bytes[begin:end])
            time.sleep(SECONDS / 200)


class RawLogs(System):
    def follow(self, race, point):
        return self.collector(race, point,
                              "tail:" + self.path(point + ".log"))

    def kill_one(self, draw, race, running, listen):
        role = draw.choice(list(running))
        running[role].kill9()
        if role == "aggregator":
            running[role] = self.aggregator(race, listen=listen)
        else:
            running[role] = self.follow(race, role)

    def time_it(self, relay, race, draw):
        running = {"aggregator": self.aggregator(race)}
        listen = self.endpoint(race)
        writers = [Writer(self.path(p + ".log"), relay.log(p), draw)
                   for p in relay.points]
        for p in relay.points:
            running[p] = self.follow(race, p)
        for w in writers:
            w.start()
        for _ in range(KILLS * len(running)):
            self.kill_one(draw, race, running, listen)
            time.sleep(draw.random() * 2 * SECONDS / (KILLS * len(running)))
        for w in writers:
            w.join()
        total = sum(len(reads) for reads in relay.reads.values())
        wait_until("all %d reads are stored" % total, lambda:
                   palmares_test.crossings_stored(
                       os.path.join(race, "race.db")) >= total,
                   programs=running.values())
        for p in relay.points:
            self.stops_well(running[p])
        return running["aggregator"]

    def stored(self, race, point):
        """(reader, time, chip) in the order of the stream."""
        return sql(os.path.join(race, "race.db"), """
            SELECT e.point, e.time_us, e.chip FROM log e
            JOIN stream s ON s.id = e.stream
            WHERE s.name = ? AND e.kind = 'crossing' ORDER BY e.seq""",
                   (point,))

    def unknown_reads(self, race):
        status, out, err = self.run_program(
            "palmares", "unknown", "--race", race, "--format", "csv")
        self.assertEqual(status, 0, err)
        rows = list(csv.DictReader(out.splitlines()))
        self.assertEqual({r["kind"] for r in rows}, {"chip"})
        return {r["text"]: int(r["reads"]) for r in rows}

    def test_every_read_of_the_raw_logs_is_stored_once(self):
        draw = random.Random(palmares_test.seed())
        for name in NEEDED:
            with self.subTest(race=name):
                self.check(Relay(name), self.path(name), draw)

    def check(self, relay, race, draw):
        relay.make_race(race)
        aggregator = self.time_it(relay, race, draw)
        raw = relay.raw()
        everything = []
        for point in relay.points:
            expected = [(p, t, normal(tag)) for p, t, tag in raw[point]]
            self.assertEqual(self.stored(race, point), expected)
            everything += expected
        self.assertEqual(len(set(everything)), len(everything))

        seen = {(p, t, normal(tag)) for p, t, tag in relay.seen()}
        self.assertEqual(seen - set(everything), set())
        late = set(everything) - seen
        # What never reached the central log came after the end of the run.
        end = next(microseconds(r["time"]) for r in relay.central
                   if r["type"] == "End")
        self.assertTrue(all(t > end for _, t, _ in late), late)

        known = {normal(tag) for tag in relay.tags}
        strangers = {}
        for _, _, chip in everything:
            if chip not in known:
                strangers[chip] = strangers.get(chip, 0) + 1
        self.assertEqual(self.unknown_reads(race), strangers)
        accepted, stored, lost, doubled = self.stored_exactly_once(
            race, relay.points)
        self.assertEqual((accepted, lost, doubled), (stored, 0, 0))
        self.stops_well(aggregator)
        central = sum(1 for _, _, chip in seen if chip not in known)
        print("%s: accepted %d, stored %d, lost %d, doubled %d; %d never "
              "reached its central log; of tags that nobody has: %d (%d in "
              "its central log)"
              % (relay.name, accepted, stored, lost, doubled, len(late),
                 sum(strangers.values()), central))


if __name__ == "__main__":
    absent = [n for n in NEEDED if palmares_test.data(n) is None]
    if absent:
        print("skipped: no data set %s in %s: set PALMARES_DATA"
              % (", ".join(absent), palmares_test.DATA))
        sys.exit(palmares_test.SKIP)
    palmares_test.main()
