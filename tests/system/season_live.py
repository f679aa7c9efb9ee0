#!/usr/bin/env python3
"""
season_live - a season in a running aggregator, when the files that it is made
of change: each change is shown or told, and nobody waits for it.
"""

import json
import os
import re
import shutil
import signal
import unittest

import palmares_test
import season
from palmares_test import ROOT, read, wait_until, write
from season import LISTS

# As anybody else, whom the rights of files concern.
NO_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search",
           "--inh-caps", "-all", "--")


class Files(season.Served):
    """What is done to the files of a season while it is shown."""

    def list(self, name):
        return os.path.join(self.prix, "palmares", name)

    def status(self, *args):
        code, out, err = self.run_program("palmares", "status", "--race",
                                          self.race, *args)
        self.assertEqual(code, 0, err)
        return out

    def told(self, aggregator, words):
        wait_until("it is told: %s" % words,
                   lambda: words in aggregator.err(), programs=[aggregator])

    def well(self, aggregator):
        self.told(aggregator, "read again without mistakes")
        self.assertEqual(self.shown(), self.offline())

    def test_a_list_that_comes_and_goes_is_shown(self):
        self.serve()
        before = self.shown()
        write(self.list("2014b.csv"), LISTS + "2014,New,A,1,Newcomer,\n")
        wait_until("it is shown", lambda: self.points("Newcomer") == "3")
        self.assertEqual(self.shown(), self.offline())
        os.remove(self.list("2014b.csv"))
        wait_until("it is gone", lambda: self.points("Newcomer") is None)
        self.assertEqual(self.shown(), before)

    def test_a_list_that_is_emptied_is_told(self):
        aggregator = self.serve()
        before = self.shown()
        text = read(self.list("2014.csv")).decode()
        write(self.list("2014.csv"), "")
        self.told(aggregator, "palmares/2014.csv: is empty")
        self.told(aggregator, "shown as it was")
        self.assertEqual(self.shown(), before)
        write(self.list("2014.csv"), text)
        self.well(aggregator)

    @unittest.skipIf(os.geteuid() == 0 and shutil.which("setpriv") is None,
                     "root reads everything, and there is no setpriv")
    def test_a_list_that_nobody_may_read_any_more_is_told(self):
        aggregator = self.serve(before=NO_ROOT if os.geteuid() == 0 else ())
        before = self.shown()
        os.chmod(self.list("2014.csv"), 0)
        self.told(aggregator, "2014.csv: cannot be read: Permission denied")
        self.told(aggregator, "shown as it was")
        self.assertEqual(self.shown(), before)
        os.chmod(self.list("2014.csv"), 0o644)
        self.well(aggregator)

    def test_lists_that_are_all_gone_are_shown_so(self):
        aggregator = self.serve()
        os.rename(os.path.join(self.prix, "palmares"), self.path("away"))
        wait_until("it is empty", lambda: self.points("Nespresso") is None)
        os.rename(self.path("away"), os.path.join(self.prix, "palmares"))
        wait_until("it is as before",
                   lambda: self.points("Nespresso") == "18",
                   programs=[aggregator])

    def test_another_race_is_shown_while_it_runs(self):
        other = self.path("another")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), other)
        self.edit("season.yaml", "  RSE: {",
                  "  8 km B: { race: ../another, season: \"2014\" }\n"
                  "  RSE: {")
        mine = self.serve()
        theirs = self.aggregator(other)
        for point in ("depart", "mi-course", "arrivee"):
            self.ends_well(self.collector(
                other, point, "csv:%s/crossings/%s.csv" % (other, point),
                "--once"))
        wait_until("it is shown", lambda: self.points("Nespresso") == "21")
        wait_until("all of it is", lambda: self.shown() == self.offline())
        self.assertNotIn("shown as it was", mine.err())
        status, _, err = self.run_program(
            "palmares", "mark", "DSQ", "27", "--race", other, "--yes",
            "--reason", "cut a corner")
        self.assertEqual(status, 0, err)
        wait_until("who is disqualified there is",
                   lambda: self.points("Svetlana Molyavkina") is None)
        self.assertEqual(self.shown(), self.offline())
        self.stops_well(theirs)

    def test_another_season_moves_with_this_race(self):
        league = self.path("league")
        write(os.path.join(league, "season.yaml"),
              "title: L\ncompetitions:\n"
              "  Prix: { standings: ../prix-des-prix }\n"
              "tables:\n  all: { points: given }\n")
        self.serve("--season", league)

        def score():
            out = self.export(self.race, "league/all", "--format", "text")
            return re.search(r"Nespresso +([0-9]+) ", out.decode()).group(1)
        self.assertEqual(score(), "18")
        for point in ("depart", "mi-course", "arrivee"):
            self.replay(point)
        wait_until("the race has come to it", lambda: score() == "21")
        status = self.status()
        self.assertIn("season prix-des-prix: ", status)
        self.assertIn("season league: ", status)

    def once(self):
        p = self.start("palmares-display", self.TABLE, "--race", self.race,
                       "--once", "--format", "csv")
        self.ends_well(p)
        return p.out()

    def test_who_joins_while_a_large_table_comes_sees_all_or_none_of_it(self):
        aggregator = self.serve()
        stays = self.start("palmares-display", self.TABLE, "--race", self.race)
        before = self.shown()
        write(self.path("many.csv"), LISTS + "".join(
            "2014,Many,A%d,1,Firm %05d,\n" % (i, i) for i in range(30000)))
        os.rename(self.path("many.csv"), self.list("many.csv"))
        seen = [before]
        wait_until("it is shown",
                   lambda: seen.append(self.once()) or seen[-1] != before,
                   programs=[aggregator])
        after = self.once()
        self.assertEqual(after, self.offline())
        self.assertEqual(set(seen), {before, after})
        os.remove(self.list("many.csv"))
        wait_until("it is gone",
                   lambda: seen.append(self.once()) or seen[-1] != after)
        self.assertEqual(set(seen), {before, after})
        # Whoever has been there all the time has it too.
        write(self.list("2014b.csv"), LISTS + "".join(
            "2014,New,A%d,1,Newcomer,\n" % i for i in range(100)))
        wait_until("the display goes on",
                   lambda: re.search(r"Newcomer +300 ", stays.out()),
                   programs=[stays])

    def test_a_stop_does_not_wait_for_half_a_million_lines(self):
        aggregator = self.serve()
        with open(self.path("many.csv"), "w", encoding="utf-8") as out:
            out.write("season,competition,place,recipient\n")
            for i in range(500000):
                out.write("2014,C%d,%d,R%d\n"
                          % (i // 1000, i % 1000 + 1, i * 7919 % 10000))
        os.rename(self.path("many.csv"), self.list("many.csv"))
        wait_until("it is being read", lambda: json.loads(
            self.status("--format", "json"))["seasons"][0]["reading"])
        aggregator.process.send_signal(signal.SIGTERM)
        self.ends_well(aggregator)
        self.assertNotIn("many.csv", aggregator.err())


class Status(season.Served):
    """What operators are told of the seasons that are shown."""

    def seasons(self):
        code, out, err = self.run_program("palmares", "status", "--race",
                                          self.race, "--format", "json")
        self.assertEqual(code, 0, err)
        return json.loads(out)["seasons"]

    def text(self):
        return self.run_program("palmares", "status", "--race", self.race)[1]

    def test_each_is_named_and_whether_it_is_current(self):
        self.serve()
        self.assertRegex(self.text(), r"(?m)^season prix-des-prix: current, "
                         r"read at \d\d:\d\d:\d\d \(.* ago\)$")
        [told] = self.seasons()
        self.assertEqual((told["season"], told["current"], told["reading"],
                          told["trouble"]),
                         ("prix-des-prix", True, False, ""))
        first = told["read"]
        self.edit("season.yaml", "list: [3]", "list: [x]")
        wait_until("it is not current",
                   lambda: self.seasons()[0]["trouble"] != "")
        [told] = self.seasons()
        self.assertEqual((told["current"], told["read"]), (False, first))
        self.assertRegex(self.text(),
                         r"(?m)^season prix-des-prix: .*/prix-des-prix: 1 "
                         r"mistake; shown as it was, read at ")
        self.edit("season.yaml", "list: [x]", "list: [3]")
        wait_until("it is current again", lambda: self.seasons()[0]["current"])
        self.assertGreater(self.seasons()[0]["read"], first)

    def test_without_a_season_none_is_named(self):
        self.aggregator(self.race)
        self.assertEqual(self.seasons(), [])
        self.assertNotIn("season", self.text())


if __name__ == "__main__":
    palmares_test.main()
