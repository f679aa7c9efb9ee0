#!/usr/bin/env python3
"""
slider - the race at an earlier moment, as a person sees it in palmares-display:
what stands on the screen is what palmares export --at writes.  Skipped where
there is no tmux.
"""

import csv
import os
import random
import re
import sqlite3

import palmares_test
import screen
from palmares_test import read, sql, write

# As if it had been received on the day, a second an event.
BEGIN = 1411286400


def clock(number):
    """When event `number` was received, in Paris."""
    return "%02d:%02d:%02d" % (10 + number // 3600, number % 3600 // 60,
                               number % 60)


class Slider(screen.Terminal):
    def setUp(self):
        super().setUp()
        self.db = os.path.join(self.race, "race.db")
        self.file = self.path("race.rec")
        self.random = random.Random(palmares_test.seed())

    def palmares(self, verb, *args):
        status, out, err = self.run_program("palmares", verb, *args)
        self.assertEqual(status, 0, err)
        return out

    def decide(self):
        self.palmares("mark", "DSQ", "15", "--reason", "cut", "--yes", "--by",
                      "anna", "--race", self.race)

    def spread(self):
        db = sqlite3.connect(self.db)
        db.execute("UPDATE log SET received_us = (? + number) * 1000000",
                   (BEGIN,))
        db.commit()
        db.close()
        self.last = sql(self.db, "SELECT max(number) FROM log")[0][0]
        self.first = sql(self.db, "SELECT min(number) FROM log WHERE "
                         "kind = 'crossing'")[0][0]

    def race_that_is_over(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        self.decide()
        self.stops_well(aggregator)
        self.spread()

    def rows(self, lines):
        """Place and bib of each row on the screen."""
        head = next(i for i, line in enumerate(lines)
                    if line.lstrip().startswith("place"))
        place = lines[head].index("place") + len("place")
        bib = lines[head].index("bib") + len("bib")
        rows = []
        for line in lines[head + 1:]:
            if line.startswith("event "):
                break
            if line.strip():
                rows.append((line[:place].strip(" ~?="),
                             line[place:bib].strip()))
        return rows

    def exported(self, ranking, *at):
        out = self.palmares("export", "--ranking", ranking, *at)
        return [(r["place"], r["bib"]) for r in csv.DictReader(
            out.splitlines())]

    def compare(self, lines, ranking, *at):
        rows = self.rows(lines)
        self.assertEqual(len(rows), 18)
        self.assertEqual(rows, self.exported(ranking, *at)[:18])

    def goes_to(self, what, words):
        self.key(what, "Enter")
        return self.sees(words)

    def visit(self, ranking, source, count=6):
        """Random instants, there and back."""
        for _ in range(count):
            number = self.random.randint(self.first, self.last)
            lines = self.goes_to(clock(number),
                                 "as of %s — not live" % clock(number))
            self.compare(lines, ranking, "--at", "2014-09-21T%s+02:00"
                         % clock(number), *source)
        for _ in range(count):
            number = self.random.randint(self.first, self.last)
            lines = self.goes_to(str(number), "event %s of"
                                 % f"{number:,}")
            self.compare(lines, ranking, "--at-seq", str(number), *source)

    def test_a_race_that_is_over_is_seen_as_it_stood(self):
        self.race_that_is_over()
        before = read(self.db)
        source = ("--race", self.race, "--offline")
        self.display("--offline", "scratch")
        lines = self.sees("as of %s — not live" % clock(self.last))
        self.compare(lines, "scratch", *source)
        # A decision at its end is marked on the bar.
        self.key("Home")
        self.see("the moment is at the left end, the decision at the right",
                 lambda lines: any(re.match(r"\d\d:\d\d:\d\d ◆─+┼ ", line)
                                   for line in lines))
        self.visit("scratch", source)
        self.key("Tab")
        self.see("the women", lambda lines: self.rows(lines) == self.exported(
            "femmes", "--at-seq", self.number(lines), *source)[:18])
        self.visit("femmes", source, 2)
        self.key("End")
        lines = self.sees("as of %s — not live" % clock(self.last))
        self.compare(lines, "femmes", *source)
        self.key("q")
        self.sees("ended with 0")
        self.assertEqual(read(self.db), before)

    def number(self, lines):
        return next(re.match(r"event ([\d,]+) of", line).group(1).replace(
            ",", "") for line in lines if line.startswith("event "))

    def test_so_is_a_recording(self):
        self.race_that_is_over()
        self.palmares("record", self.file, "--race", self.race)
        before = read(self.file)
        self.run_in_it("--from", self.file, "live")
        self.sees("as of %s — not live" % clock(self.last))
        self.visit("live", ("--from", self.file))
        # From change to change, each of which is another board.
        lines = self.goes_to(str(self.last - 300),
                             "event %s of" % f"{self.last - 300:,}")
        for key in ("Left", "Left", "Right", "[", "PgUp", "]"):
            was = self.number(lines)
            self.key(key)
            lines = self.see("another moment", lambda lines:
                             self.number(lines) != was)
            self.compare(lines, "live", "--at-seq", self.number(lines),
                         "--from", self.file)
        self.key("q")
        self.sees("ended with 0")
        self.assertEqual(read(self.file), before)

    def look_back(self, *source):
        """In a live display, and to its board again."""
        self.sees("LIVE", "Fabrice Legeay")
        self.key("t")
        self.sees("not live", "event %s of" % f"{self.last:,}")
        self.visit("scratch", source, 2)
        number = self.number(self.lines())
        # What comes meanwhile is behind what is shown.
        self.decide()
        self.last += 1
        lines = self.sees("of %s  " % f"{self.last:,}")
        self.assertEqual(self.number(lines), number)
        self.compare(lines, "scratch", "--at-seq", number, *source)
        self.key("l")
        self.see("the live board", lambda lines: "LIVE" in lines[0] and
                 not any(line.startswith("event ") for line in lines))

    def running(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        self.stops_well(aggregator)
        self.spread()
        self.aggregator(self.race)

    def test_a_live_display_looks_back(self):
        self.running()
        self.display("scratch")
        self.look_back("--race", self.race)
        # Playing leads to the live board as well.
        self.key("t")
        self.sees("not live")
        self.key("PgUp", "+", "+", "+", "+", "+", "+", "+", "+", "+", "Space")
        self.see("it has played to its end", lambda lines:
                 "LIVE" in lines[0])

    def test_it_looks_back_over_the_network(self):
        self.running()
        address = self.endpoint(self.race)
        self.run_in_it("--aggregator", address, "scratch")
        self.look_back("--aggregator", address)

    def test_rules_that_changed_hold_as_of_the_moment(self):
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(
            self.race, "depart", "csv:%s/crossings/depart.csv" % self.race,
            "--once", "--timeout", "60"))
        self.stops_well(aggregator)
        then = sql(self.db, "SELECT max(number) FROM log")[0][0]
        rules = os.path.join(self.race, "race.yaml")
        write(rules, read(rules).decode().replace("femmes", "dames"))
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(
            self.race, "arrivee", "csv:%s/crossings/arrivee.csv" % self.race,
            "--once", "--timeout", "60"))
        self.stops_well(aggregator)
        self.spread()
        source = ("--race", self.race, "--offline")
        self.display("--offline", "dames")
        lines = self.sees("2 dames")
        self.compare(lines, "dames", *source)
        # A ranking that was not there then gives way to the first.
        lines = self.goes_to(str(then), "2 femmes")
        self.compare(lines, "scratch", "--at-seq", str(then), *source)
        self.key("Tab")
        lines = self.see("the women of then", lambda lines: self.rows(lines) ==
                         self.exported("femmes", "--at-seq", str(then),
                                       *source)[:18])
        self.goes_to(str(self.last), "2 dames")

    def test_mistakes_are_told_and_change_nothing(self):
        self.race_that_is_over()
        self.display("--offline", "femme")
        self.sees("femmes", "ended with 2")
        for n, (args, status, words) in enumerate((
                (("--from", self.db), 1, "no recording"),
                (("--from", self.path("none")), 1, "none"),
                (("--race", self.path(""), "--offline"), 1, "race.db"),
                (("--offline",), 2, "of which race folder"),
                (("--from", "x", "--offline"), 2, "one of them"),
                (("--from", "x", "--stations"), 2, "asks no aggregator"))):
            self.new_terminal("tmux-%d" % n)
            self.run_in_it(*args)
            self.sees(words, "ended with %d" % status)
        status, out, err = self.run_program(
            "palmares-display", "--from", self.db)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("palmares export", err)


if __name__ == "__main__":
    screen.main()
