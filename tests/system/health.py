#!/usr/bin/env python3
"""
health - a mat that dies, a laptop that dies, an aggregator that hangs: each is
told once in the log when it begins and once when it ends, and stands in
`palmares status`, on its full screen, among its lines and on the display.
Skipped where there is no tmux.
"""

import datetime
import json
import os
import shutil
import signal
import sys

import keyboard
import palmares_test
from palmares_test import BIN, SKIP, crossings_stored, wait_until, write

RACE = """\
title: Health
date: 2014-09-21
timezone: UTC
waves:
  all: { gun: "08:00:00" }
points:
  quart:   { km: 2 }
  moitie:  { km: 4 }
  arrivee: { km: 8 }
rankings:
  scratch: { of: runners }
"""
POINTS = ("quart", "moitie", "arrivee")
RUNNERS = 40
SILENT = "moitie silent for "


def clock(minutes, seconds=0):
    at = datetime.timedelta(hours=8, minutes=minutes, seconds=seconds)
    return "0" + str(at)


class Health(keyboard.Desk):
    def setUp(self):
        super().setUp()
        shutil.rmtree(self.race)
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), "bib,name\n" + "".join(
            "%d,Runner %d\n" % (i, i) for i in range(1, RUNNERS + 1)))
        self.passed = 0
        self.stations = {}
        self.terminals = {}
        for point in POINTS:
            write(self.file(point), "time,bib\n")

    # ---- the race

    def file(self, point):
        return self.path(point + ".csv")

    def station(self, point):
        self.stations[point] = self.collector(
            self.race, point, "tail:" + self.file(point), name="at-" + point)

    def pass_at(self, point, bibs, minutes):
        """They come every other second; until all of it is stored."""
        with open(self.file(point), "a", encoding="ascii") as f:
            for i, bib in enumerate(bibs):
                f.write("%s,%d\n" % (clock(minutes, 2 * i), bib))
        self.passed += len(bibs)
        wait_until("%d crossings are stored" % self.passed,
                   lambda: crossings_stored(os.path.join(
                       self.race, "race.db")) == self.passed,
                   programs=list(self.stations.values()))

    # ---- who looks at it

    def open(self, name, program, *args):
        self.open_terminal(" ".join(
            [os.path.join(BIN, program), *args, "--race", self.race]))
        self.terminals[name] = self.socket

    def everywhere(self, *words):
        """All screens say so."""
        for name, self.socket in self.terminals.items():
            self.sees(*words)

    def nowhere(self, words):
        for name, self.socket in self.terminals.items():
            self.see("%s no longer says %s" % (name, words), lambda lines: not
                     any(words in x for x in lines))

    def status(self):
        status, out, talk = self.run_program("palmares", "status", "--race",
                                             self.race)
        self.assertEqual(status, 0, talk)
        return out

    def told(self):
        status, out, talk = self.run_program(
            "palmares", "status", "--race", self.race, "--format", "json")
        self.assertEqual(status, 0, talk)
        return json.loads(out)

    def alarms(self):
        return [(a["kind"], a.get("point", "")) for a in self.told()["alarms"]]

    def stored_once(self, words, program):
        self.assertEqual(program.err().count(words), 1, program.err())

    # ---- the tests

    def test_what_is_wrong_is_told_while_it_is(self):
        aggregator = self.aggregator(self.race)
        self.assertIn("no alarms", self.status())
        for point in POINTS:
            self.station(point)
        self.open("display", "palmares-display", "--stations")
        self.open("watch", "palmares", "status", "--watch")
        lines = self.start("palmares", "status", "--watch", "--race", self.race)
        self.everywhere("LIVE", "3 stations: 3 connected", "no alarms")

        self.a_split_dies_and_comes_back(aggregator, lines)
        self.a_laptop_dies_and_comes_back(aggregator, lines)
        self.a_laptop_leaves(aggregator, lines)
        self.the_aggregator_hangs(aggregator, lines)

        self.socket = self.terminals["watch"]
        self.key("q")
        self.sees("ended with 0")
        self.stops_well(lines)
        self.assertEqual(lines.err(), "")
        for point in ("quart", "moitie"):
            self.stops_well(self.stations[point])
        self.stops_well(aggregator)
        self.assertEqual(self.stored_exactly_once(
            self.race, ["at-" + p for p in POINTS])[2:], (0, 0))

    def a_split_dies_and_comes_back(self, aggregator, lines):
        self.pass_at("quart", range(1, 21), 8)
        self.pass_at("moitie", range(1, 9), 16)
        # By their pace twelve of the twenty are overdue at 8:25.
        self.pass_at("quart", range(21, 31), 40)
        self.everywhere("1 alarm", SILENT,
                        "12 runners should have passed")
        out = self.status()
        self.assertIn("ALARM since ", out)
        self.assertLess(out.index(SILENT), out.index("at-quart"))
        self.assertEqual(self.alarms(), [("silent", "moitie")])
        states = {p["point"]: p for p in self.told()["points"]}
        self.assertEqual(states["moitie"]["awaited"], 12)
        self.assertEqual(states["moitie"]["reads"], 8)
        self.assertEqual(states["arrivee"]["awaited"], 0)
        # On the ranking as well, in one line.
        self.socket = self.terminals["display"]
        self.key("s")
        self.sees("scratch", SILENT)
        self.key("s")

        self.pass_at("moitie", range(9, 21), 41)
        self.nowhere(SILENT)
        self.everywhere("no alarms")
        self.assertEqual(self.alarms(), [])
        self.stored_once(SILENT, aggregator)
        self.stored_once("moitie: reads again", aggregator)
        wait_until("the lines tell of both", lambda:
                   lines.out().count("alarm: " + SILENT) == 1 and
                   lines.out().count(": " + SILENT) == 2)

    def a_laptop_dies_and_comes_back(self, aggregator, lines):
        self.stations["moitie"].kill9()
        gone = "collector at-moitie (moitie): gone"
        self.everywhere("1 alarm", gone, "2 connected, 1 gone")
        self.assertEqual(self.alarms(), [("gone", "moitie")])
        self.assertIn(gone, self.status())
        self.station("moitie")
        self.everywhere("3 stations: 3 connected", "no alarms")
        self.stored_once(gone, aggregator)
        self.stored_once("at-moitie (moitie): connected again after",
                         aggregator)
        wait_until("the lines tell of both", lambda:
                   lines.out().count("at-moitie (moitie) gone\n") == 1 and
                   lines.out().count("alarm: " + gone) == 1 and
                   lines.out().count(": " + gone) == 2)

    def a_laptop_leaves(self, aggregator, lines):
        self.stops_well(self.stations["arrivee"])
        self.everywhere("2 connected, 1 left", "no alarms")
        self.assertEqual(self.alarms(), [])
        self.assertIn("left ", self.status())
        wait_until("the lines tell", lambda: "at-arrivee (arrivee) left\n"
                   in lines.out())
        self.assertIn("at-arrivee (arrivee): left, ", aggregator.err())
        self.assertNotIn("at-arrivee (arrivee): gone", aggregator.err())

    def the_aggregator_hangs(self, aggregator, lines):
        aggregator.process.send_signal(signal.SIGSTOP)
        self.everywhere("STALE")
        wait_until("the lines tell", lambda: "no word from the aggregator at "
                   in lines.out())
        # Longer than a station may be silent.
        self.socket = self.terminals["watch"]
        self.sees("STALE 7 s")
        aggregator.process.send_signal(signal.SIGCONT)
        self.everywhere("LIVE", "at-quart")
        wait_until("the lines tell", lambda: "the aggregator at %s is back"
                   % self.endpoint(self.race) in lines.out())

        # It did not listen: nobody else was silent.
        self.assertNotIn("at-quart (quart): gone", aggregator.err())

    def test_a_watch_outlives_its_aggregator(self):
        aggregator = self.aggregator(self.race)
        self.station("quart")
        watch = self.start("palmares", "status", "--watch", "--format", "json",
                           "--race", self.race)
        lines = self.start("palmares", "status", "--watch", "--race", self.race)
        self.open("watch", "palmares", "status", "--watch")
        self.everywhere("1 station: 1 connected")

        def runs():
            told = [json.loads(x) for x in watch.out().splitlines(True)
                    if x.endswith("\n")]
            return [x["run"] for x in told if any(
                s["connected"] for s in x["stations"])]

        wait_until("lines of JSON", lambda: len(runs()) >= 2)
        first = runs()[0]
        aggregator.kill9()
        self.everywhere("STALE")
        # On other ports.
        aggregator = self.aggregator(self.race)
        self.everywhere("LIVE", "1 station: 1 connected")
        wait_until("lines of JSON of another run",
                   lambda: runs()[-1] != first, programs=[watch])
        wait_until("the lines tell", lambda: "is back" in lines.out())
        # It may be there before the first word.
        self.assertIn(lines.out().count("at-quart (quart) connected"), (1, 2))
        self.stops_well(watch)
        self.stops_well(lines)
        for width, height in ((40, 12), (20, 5), (100, 30)):
            self.tmux("resize-window", "-x", str(width), "-y", str(height))
            self.see("it fits %d x %d" % (width, height), lambda seen:
                     len(seen) <= height and "LIVE" in seen[0] and
                     max(len(x) for x in seen) <= width)
        self.key("C-c")
        self.sees("ended with 0")

    def test_where_nobody_answers_it_is_said(self):
        for args in ((), ("--watch",), ("--watch", "--format", "json")):
            status, out, talk = self.run_program(
                "palmares", "status", "--race", self.race, *args)
            self.assertEqual((status, out), (1, ""))
            self.assertIn("no aggregator answers at 127.0.0.1:5570, which "
                          "was asked since %s has no endpoint" % self.race,
                          talk)

    def test_stations_of_the_display_need_a_terminal(self):
        for args in ((), ("--once",)):
            status, _, talk = self.run_program(
                "palmares-display", "--stations", "--race", self.race, *args)
            self.assertEqual(status, 2)
            self.assertIn("palmares status", talk)


if __name__ == "__main__":
    if shutil.which("tmux") is None:
        print("skipped: no tmux to see a screen with")
        sys.exit(SKIP)
    palmares_test.main()
