#!/usr/bin/env python3
"""
restart - the example race by the real programs: its published podiums, and the
same boards whoever was stopped and started, live, offline and displayed.
"""

import csv
import io
import os
import shutil
import socket

import palmares_test
from palmares_test import ROOT, System, crossings_stored, wait_until

POINTS = ["depart", "mi-course", "arrivee"]


class Restart(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)

    def replay(self):
        collectors = [self.collector(
            self.race, p, "csv:%s/crossings/%s.csv" % (self.race, p), "--once",
            "--timeout", "60") for p in POINTS]
        for c in collectors:
            self.ends_well(c)
        return collectors

    def rows(self, exports, ranking):
        return list(csv.DictReader(io.StringIO(
            exports[ranking].decode("utf-8"))))

    def test_the_podiums_are_the_published_ones(self):
        self.aggregator(self.race)
        self.replay()
        exports = self.exports(self.race)

        def who(ranking, n=3):
            return [(r["place"], r["name"], r["team"])
                    for r in self.rows(exports, ranking)[:n]]

        self.assertEqual(who("femmes"), [
            ("1", "Svetlana Molyavkina", "Effiliation"),
            ("2", "Amel Belloucif", "Bristol-Myers Squibb"),
            ("3", "Anita Mainguenaud", "Maaf Assurances")])
        self.assertEqual(who("hommes"), [
            ("1", "Fabrice Legeay", "Coriolis Service"),
            ("2", "Antoine Cupillard", "Smartfocus"),
            ("3", "Louis Roudaut", "Webhelp")])
        fast = self.rows(exports, "entreprise-rapide")
        self.assertEqual([r["team"] for r in fast[:3]], [
            "Coriolis Service", "Bristol-Myers Squibb", "PMU"])
        self.assertEqual(len(fast), 70)
        kind = self.rows(exports, "entreprise-solidaire")
        self.assertEqual(
            [(r["team"], r["counted"], r["km"]) for r in kind[:2]],
            [("Nespresso", "22", "176"), ("PMU", "22", "172")])
        scratch = {r["name"]: r for r in self.rows(exports, "scratch")}
        self.assertEqual(int(scratch["L'auteur"]["place"]) -
                         int(scratch["Eric Lestanguet"]["place"]), 85)
        self.assertEqual(scratch["Svetlana Molyavkina"]["time"], "2036.8")
        self.assertEqual(scratch["Fabrice Legeay"]["time"], "1815.4")

    def test_a_restart_changes_no_board(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        before = self.exports(self.race)
        self.stops_well(aggregator)
        self.assertEqual(self.exports(self.race, "--offline"), before)
        aggregator = self.aggregator(self.race)
        self.assertEqual(self.exports(self.race), before)
        aggregator.kill9()
        self.aggregator(self.race)
        self.assertEqual(self.exports(self.race), before)

    def test_a_second_replay_of_the_same_outboxes_adds_nothing(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        before = self.exports(self.race)
        for c in self.replay():
            self.assertIn("holes 0", c.out())
        self.assertEqual(self.exports(self.race), before)
        self.stops_well(aggregator)
        accepted, stored, lost, doubled = self.stored_exactly_once(
            self.race, POINTS)
        self.assertEqual((accepted, lost, doubled), (stored, 0, 0))

    def test_the_collectors_prove_what_they_sent(self):
        self.aggregator(self.race)
        for c, point in zip(self.replay(), POINTS):
            lines = palmares_test.read(os.path.join(
                self.race, "crossings", point + ".csv")).count(b"\n") - 1
            words = " ".join(c.out().split())
            self.assertEqual(words, "%s: read %d sent %d stored %d holes 0"
                             " repeats 0" % (point, lines, lines, lines))

    def test_a_display_shows_what_is_exported(self):
        self.aggregator(self.race)
        self.replay()
        for ranking, expected in self.exports(self.race).items():
            p = self.start("palmares-display", ranking, "--race", self.race,
                           "--once", "--format", "csv")
            self.ends_well(p)
            self.assertEqual(palmares_test.read(p.out_path), expected, ranking)

    def test_an_aggregator_that_comes_back_on_other_ports_is_found(self):
        """Only DIR/endpoint tells where; a collector in the middle of a file
        and one of a pipe follow it."""
        read_end, write_end = os.pipe()
        aggregator = self.aggregator(self.race)
        before = self.endpoint(self.race)
        file = self.collector(
            self.race, "arrivee",
            "csv:%s/crossings/arrivee.csv" % self.race, "--once",
            "--origin", "10:30:00", "--speed", "200", "--timeout", "60")
        with os.fdopen(read_end, "rb") as stdin:
            pipe = self.start(
                "palmares-collector", "--race", self.race, "--source", "stdin",
                "--point", "depart", "--name", "depart", "--outbox",
                self.outbox(self.race, "depart"), "--once", "--timeout", "60",
                stdin=stdin)
        with os.fdopen(write_end, "wb", buffering=0) as pen:
            pen.write(b"time,bib\n+1,1\n")
            db = os.path.join(self.race, "race.db")
            for name in ("arrivee", "depart"):
                wait_until("crossings of %s are stored" % name,
                           lambda name=name: crossings_stored(db, name),
                           programs=[file, pipe])
            aggregator.kill9()
            pen.write(b"+2,2\n")
            with socket.socket() as taken:
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind(("127.0.0.1", int(before.rpartition(":")[2])))
                self.aggregator(self.race)
            after = self.endpoint(self.race)
            self.assertNotEqual(after, before)
            pen.write(b"+3,3\n")
        self.ends_well(file)
        self.ends_well(pipe)
        for c in (file, pipe):
            self.assertEqual(c.err().count("the aggregator is at tcp://%s now"
                                           % after), 1, c.err())
        accepted, stored, lost, doubled = self.stored_exactly_once(
            self.race, ["arrivee", "depart"])
        self.assertEqual((accepted, lost, doubled), (stored, 0, 0))
        self.assertEqual(accepted, 3 + palmares_test.read(os.path.join(
            self.race, "crossings", "arrivee.csv")).count(b"\n") - 1)


if __name__ == "__main__":
    palmares_test.main()
