#!/usr/bin/env python3
"""
slider - the race at an earlier moment, as a person sees it in palmares-display:
what stands on the screen is what palmares export --at writes.  Skipped where
there is no tmux.
"""

import csv
import os
import pty
import random
import re
import shutil
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
        """Place and bib of each row on the screen; none yet: none."""
        rows = []
        place = bib = None
        for line in lines:
            if line.startswith("event "):
                break
            if bib is not None and line.strip():
                rows.append((line[:place].strip(" ~?="),
                             line[place:bib].strip()))
            if line.lstrip().startswith("place"):
                place = line.index("place") + len("place")
                bib = line.index("bib") + len("bib")
        return rows

    def exported(self, ranking, *at):
        out = self.palmares("export", "--ranking", ranking, *at)
        return [(r["place"], r["bib"]) for r in csv.DictReader(
            out.splitlines())]

    def shows(self, words, ranking, *at):
        """What export says, under those words; half a frame may be seen."""
        want = self.exported(ranking, *at)[:18]
        self.assertEqual(len(want), 18)
        return self.see("the screen says %s, and %s" % (words, want),
                        lambda lines: any(words in x for x in lines) and
                        self.rows(lines) == want)

    def goes_to(self, what):
        self.key(what, "Enter")

    def visit(self, ranking, source, count=6):
        """Random instants, there and back."""
        for _ in range(count):
            when = clock(self.random.randint(self.first, self.last))
            self.goes_to(when)
            self.shows("as of %s — not live" % when, ranking, "--at",
                       "2014-09-21T%s+02:00" % when, *source)
        for _ in range(count):
            number = self.random.randint(self.first, self.last)
            self.goes_to(str(number))
            self.shows("event %s of" % f"{number:,}", ranking, "--at-seq",
                       str(number), *source)

    def shows_its_number(self, ranking, source, but):
        """Wherever it has gone, if not to `but`: what export says of that."""
        lines = self.see("another moment", lambda lines:
                         self.number(lines) not in (None, but))
        number = self.number(lines)
        self.shows("event %s of" % f"{int(number):,}", ranking, "--at-seq",
                   number, *source)
        return number

    def test_a_race_that_is_over_is_seen_as_it_stood(self):
        self.race_that_is_over()
        before = read(self.db)
        source = ("--race", self.race, "--offline")
        self.display("--offline", "scratch")
        self.shows("as of %s — not live" % clock(self.last), "scratch",
                   *source)
        # A decision at its end is marked on the bar.
        self.key("Home")
        self.see("the moment is at the left end, the decision at the right",
                 lambda lines: any(re.match(r"\d\d:\d\d:\d\d ◆─+┼ ", line)
                                   for line in lines))
        self.visit("scratch", source)
        self.key("Tab")
        self.shows_its_number("femmes", source, None)
        self.visit("femmes", source, 2)
        self.key("End")
        self.shows("as of %s — not live" % clock(self.last), "femmes",
                   *source)
        self.key("q")
        self.sees("ended with 0")
        self.assertEqual(read(self.db), before)

    def written(self, *args):
        """(status, bytes) of a display that ends by itself, in a terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(palmares_test.program_path("palmares-display"),
                      ["palmares-display"] + list(args),
                      dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8"))
        out = b""
        try:
            while piece := os.read(terminal, 65536):
                out += piece
        except OSError:  # its end, on Linux
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), out

    def test_what_is_refused_leaves_the_screen_as_it_is(self):
        season = self.path("prix-des-prix")
        shutil.copytree(os.path.join(palmares_test.ROOT, "examples",
                                     "prix-des-prix"), season)
        season_file = self.path("season.rec")
        self.palmares("season", season, "record", season_file)
        # Results come before the files there.
        published = self.path("published.rec")
        self.palmares("season", season, "publish", "--reason", "prizes",
                      "--yes", "--by", "anna")
        self.palmares("season", season, "record", published)
        for args, words in (
                (("--from", season_file), "recording of a season"),
                (("--from", published), "recording of a season"),
                (("--from", self.path("nix")), "No such file"),
                (("--from", os.path.join(self.race, "race.yaml")),
                 "no recording"),
                (("--offline", "--race", self.race), "race.db: not there")):
            status, out = self.written(*args)
            self.assertEqual(status, 1, out)
            self.assertIn(words.encode(), out)
            self.assertNotIn(b"\x1b", out)
        # Where it can be shown, a wrong ranking is seen behind it all.
        self.race_that_is_over()
        status, out = self.written("--offline", "--race", self.race, "nix")
        self.assertEqual(status, 2, out)
        self.assertIn(b"\x1b", out)

    def number(self, lines):
        """Of the event shown; None: not yet."""
        for line in lines:
            found = re.match(r"event ([\d,]+) of", line)
            if found:
                return found.group(1).replace(",", "")
        return None

    def test_so_is_a_recording(self):
        self.race_that_is_over()
        self.palmares("record", self.file, "--race", self.race)
        before = read(self.file)
        self.run_in_it("--from", self.file, "live")
        self.sees("as of %s — not live" % clock(self.last))
        self.visit("live", ("--from", self.file))
        # From change to change, each of which is another board.
        was = str(self.last - 300)
        self.goes_to(was)
        self.shows("event %s of" % f"{self.last - 300:,}", "live", "--at-seq",
                   was, "--from", self.file)
        for key in ("Left", "Left", "Right", "[", "PgUp", "]"):
            self.key(key)
            was = self.shows_its_number("live", ("--from", self.file), was)
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
        self.shows("event %s of %s  " % (f"{int(number):,}",
                                         f"{self.last:,}"),
                   "scratch", "--at-seq", number, *source)
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
        self.shows("2 dames", "dames", *source)
        # A ranking that was not there then gives way to the first.
        self.goes_to(str(then))
        self.shows("2 femmes", "scratch", "--at-seq", str(then), *source)
        self.key("Tab")
        self.shows("2 femmes", "femmes", "--at-seq", str(then), *source)
        self.goes_to(str(self.last))
        self.sees("2 dames")

    def test_rules_that_change_meanwhile_wait_behind_the_moment(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        self.stops_well(aggregator)
        self.spread()
        aggregator = self.aggregator(self.race)
        self.display("femmes")
        self.sees("LIVE")
        self.key("t")
        was = f"{self.last:,}"
        self.sees("event %s of %s " % (was, was), "2 femmes")
        # Nobody writes for a while, and then somebody does again.
        self.stops_well(aggregator)
        rules = os.path.join(self.race, "race.yaml")
        write(rules, read(rules).decode().replace("femmes", "dames"))
        self.aggregator(self.race)
        self.decide()
        last = sql(self.db, "SELECT max(number) FROM log")[0][0]
        self.assertGreater(last, self.last + 1)
        self.sees("event %s of %s " % (was, f"{last:,}"), "2 femmes")
        self.goes_to(str(last))
        self.shows("event %s of" % f"{last:,}", "scratch", "--race", self.race)
        self.sees("2 dames")
        # There and back in one go, faster than it is drawn.
        self.key(*["Left"] * 5, *["Right"] * 9)
        self.shows("event %s of" % f"{last:,}", "scratch", "--race", self.race)
        self.key("l")
        self.sees("LIVE", "2 dames")

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
