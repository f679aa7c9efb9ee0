#!/usr/bin/env python3
"""
season - palmares season, from the command line: the figures of the Prix des
prix, mistakes of a folder with their lines, every example of season.yaml(5).
"""

import collections
import csv
import filecmp
import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import palmares_test
from palmares_test import ROOT, System, read, wait_until, write

EXAMPLE = os.path.join(ROOT, "examples", "prix-des-prix")
LISTS = "season,competition,award,place,recipient,note\n"


class Season(System):
    def season(self, *args):
        return self.run_program("palmares", "season", *args)

    def asked(self, *args):
        status, out, err = self.season(*args)
        self.assertEqual(status, 0, err)
        return out

    def table(self, folder, *args):
        out = self.asked(folder, "table", *args, "--format", "csv")
        return list(csv.DictReader(io.StringIO(out)))

    def make(self, yaml, lists, aliases=None):
        folder = self.path("season")
        shutil.rmtree(folder, ignore_errors=True)
        write(os.path.join(folder, "season.yaml"), yaml)
        write(os.path.join(folder, "palmares", "lists.csv"), lists)
        if aliases is not None:
            write(os.path.join(folder, "aliases.csv"), aliases)
        return folder


class PrixDesPrix(Season):
    def test_the_example_is_what_its_generator_writes(self):
        out = self.path("again")
        subprocess.run([sys.executable,
                        os.path.join(ROOT, "scripts", "make-season"), out],
                       check=True)
        for base, _, names in os.walk(out):
            for name in names:
                path = os.path.join(base, name)
                kept = os.path.join(EXAMPLE, os.path.relpath(path, out))
                self.assertTrue(filecmp.cmp(path, kept, False), path)

    def test_the_published_figures_come_out(self):
        rows = self.table(EXAMPLE, "general", "--season", "2014")
        self.assertEqual(len(rows), 75)
        groups = collections.Counter(int(r["place"]) for r in rows)
        self.assertEqual([groups[p] for p in sorted(groups)],
                         [1, 1, 1, 1, 8, 42, 21])
        self.assertEqual([(r["name"], r["wins"]) for r in rows[:4]],
                         [("Nespresso", "6"), ("Vente-Privée.com", "3"),
                          ("L'Occitane", "2"), ("Acticall", "2")])
        self.assertEqual(len(self.table(EXAMPLE, "--season", "2008")), 35)
        told = self.asked(EXAMPLE, "history", "--season", "2014")
        self.assertIn("170 altogether", told)
        self.assertRegex(told, r"Most wins in one season: 6\n *2014 +Nespresso")
        for year, who in ((2008, "Toyota is the first to have it"),
                          (2009, "Toyota keeps it"),
                          (2010, "Vente-Privée.com takes it from Toyota"),
                          (2011, "Bouygues Telecom takes it from Vente-"),
                          (2012, "Nespresso takes it from Bouygues Telecom"),
                          (2013, "Vente-Privée.com takes it from Nespresso"),
                          (2014, "Nespresso takes it from Vente-Privée.com; "
                                 "second Vente-Privée.com")):
            self.assertRegex(told, r"%d +%s" % (year, re.escape(who)))
        # Prizes over all years: titles first, then wins.
        records = told.split("Over all seasons")[1].splitlines()[2:]
        self.assertRegex(records[0], r"^ *Nespresso +2 ")
        self.assertIn("after 11 of 11 competitions",
                      self.asked(EXAMPLE, "table"))
        self.assertIn("Acticall", told.split("New in 2014")[1])


class Folder(Season):
    YAML = "title: T\ntables:\n  all: { points: [3, 2, 1] }\n"

    def test_every_mistake_is_told_with_its_line(self):
        folder = self.make(
            "title: T\ntables:\n  a: { points: [3, x], ties: [winns] }\n"
            "  b: { of: everybody }\n  c: { points: place, missing: 10 }\n",
            LISTS + "2014,C,A,first,N,\n2014,,A,1,N,\n2014,C,A,1,N,ok\n",
            "alias,recipient\nA,B\nA,C\nD,A\n")
        status, _, err = self.season(folder)
        self.assertEqual(status, 1)
        for line in ("season.yaml:3:20: points \"x\"",
                     "season.yaml:3:31: ties \"winns\"",
                     "season.yaml:4:12: of \"everybody\"",
                     "season.yaml:4:3: table \"b\" has no points",
                     "season.yaml:5:3: table \"c\": missing says nothing",
                     "palmares/lists.csv:2: place \"first\"",
                     "palmares/lists.csv:3: competition is empty",
                     "aliases.csv:3: alias \"A\": is on line 2 already",
                     "aliases.csv:4: recipient \"A\": is an alias itself"):
            self.assertIn(line, err)

    def test_a_column_without_meaning_is_kept_and_told(self):
        folder = self.make(
            self.YAML, "season,competition,place,recipient,jury,tme\n"
            "2014,C,1,Anna,the public,\n")
        status, out, err = self.season(folder, "explain", "Anna")
        self.assertEqual(status, 0)
        self.assertIn('column "jury" has no meaning here', err)
        self.assertIn('did you mean "time"?', err)
        self.assertIn("jury: the public", out)

    def test_who_is_written_in_two_ways_is_suggested_and_merged(self):
        lists = LISTS + "2014,C,A,1,Nespresso,\n2014,D,A,1,NESPRESSO,\n"
        folder = self.make(self.YAML, lists)
        self.assertEqual(len(self.table(folder)), 2)
        self.assertIn("season %s merge NESPRESSO Nespresso\n" % folder,
                      self.asked(folder, "check"))
        folder = self.make(self.YAML, lists,
                             "alias,recipient\nNESPRESSO,Nespresso\n")
        self.assertEqual([(r["name"], r["score"], r["wins"])
                          for r in self.table(folder)],
                         [("Nespresso", "6", "2")])
        self.assertNotIn("NESPRESSO", self.asked(folder, "check"))

    def test_a_season_can_be_made_of_the_standings_of_others(self):
        for name, rows in (("nord", "2014,C,,1,Anna,\n2014,C,,2,Bob,\n"),
                           ("sud", "2014,C,,1,Zoe,\n2014,D,,1,Bob,\n"
                                   "2014,D,,2,Zoe,\n")):
            write(self.path(name, "season.yaml"), self.YAML)
            write(self.path(name, "palmares", "a.csv"), LISTS + rows)
        folder = self.make(
            "title: France\ncompetitions:\n  Nord: { standings: ../nord }\n"
            "  Sud: { standings: ../sud, season: 2014, table: all }\n"
            "tables:\n  places: { points: [10, 6] }\n"
            "  sums: { points: given }\n", LISTS)
        self.assertEqual([(r["place"], r["name"], r["score"])
                          for r in self.table(folder, "places")],
                         [("1", "Bob", "12"), ("2", "Anna", "10"),
                          ("2", "Zoe", "10")])
        self.assertEqual([(r["place"], r["name"], r["score"])
                          for r in self.table(folder, "sums")],
                         [("1", "Bob", "5"), ("1", "Zoe", "5"),
                          ("3", "Anna", "3")])
        write(self.path("nord", "season.yaml"), self.YAML +
              "competitions:\n  X: { standings: ../season, table: sums }\n")
        status, _, err = self.season(folder)
        self.assertEqual(status, 1)
        self.assertIn("does one lead back to itself?", err)

    def test_the_reason_stands_beside_the_place(self):
        folder = self.make(
            "title: T\ntables:\n  all: { points: [3, 2, 1], "
            "ties: [wins, count-back] }\n",
            LISTS + "2014,C,,1,Anna,\n2014,C,,2,Bob,\n2014,D,,3,Anna,\n"
            "2014,D,,2,Bob,\n")
        rows = self.table(folder)
        self.assertEqual([(r["place"], r["name"], r["score"], r["reason"])
                          for r in rows],
                         [("1", "Anna", "4", "more wins: 1 to 0"),
                          ("2", "Bob", "4", "")])
        self.assertIn("more wins: 1 to 0", self.asked(folder))
        self.assertIn("behind", self.asked(folder, "explain", "Anna"))

    def test_what_is_asked_wrongly_is_told(self):
        folder = self.make(self.YAML, LISTS + "2014,C,,1,Anna,\n")
        for args, words in (
                (("tabel",), "must be one of table"),
                (("table", "al"), "did you mean all?"),
                (("table", "--season", "2013"), "there are 2014"),
                (("history", "--format", "csv"), "--format says nothing here"),
                (("explain",), "write NAME"),
                (("table", "--after", "0"), "whole number")):
            status, _, err = self.season(folder, *args)
            self.assertEqual(status, 2, err)
            self.assertIn(words, err)
        status, _, err = self.season(folder, "explain", "Nobody")
        self.assertEqual(status, 1)
        self.assertIn("in none of the tables", err)


COLUMNS = "season,competition,award,place,recipient,team,sex,time,status\n"


class Explained(Season):
    """What a person who complains is told."""

    def explained(self, folder, *args):
        """In one line, so that no word depends on where lines end."""
        return " ".join(self.asked(folder, "explain", *args).split())

    def test_points_are_told_with_what_they_come_from(self):
        folder = self.make(
            "title: T\ncompetitions: { A: {}, B: { weight: 1.5 } }\n"
            "tables:\n  mean: { points: [10, 7, 4], tied: average }\n"
            "  ratio: { points: { winner: 1000, taking-part: 5 } }\n"
            "  women: { sex: F, again: yes, points: [10, 7, 4] }\n",
            COLUMNS + "2014,A,,1,Ann,,F,30:00,\n2014,A,,2=,Bob,,M,31:00,\n"
            "2014,A,,2=,Cid,,M,31:00,\n2014,A,,4,Dora,,F,32:00,\n"
            "2014,A,,,Eve,,F,,\n2014,A,,,Fay,,F,,DNS\n"
            "2014,B,,2,Ann,,F,20:00,\n")
        told = self.explained(folder, "Bob", "mean")
        self.assertIn("2nd, shared by 2 in 31:00: 5.5, the average of 2 places",
                      told)
        told = self.explained(folder, "Ann", "mean")
        self.assertIn("2nd in 20:00: 10.5, weight 1.5", told)
        told = self.explained(folder, "Bob", "ratio")
        self.assertIn("967.742, 1000 times the winner's time by this one",
                      told)
        self.assertIn("took part: 5, for taking part",
                      self.explained(folder, "Eve", "ratio"))
        self.assertIn("2nd (4th in the list) in 32:00: 7",
                      self.explained(folder, "Dora", "women"))
        told = self.explained(folder, "Fay", "mean")
        self.assertIn("DNS: nothing", told)
        self.assertNotIn("others", told)

    def test_what_a_team_lacks_is_told_with_its_points(self):
        folder = self.make(
            "title: T\ntables:\n  g: { of: teams, points: place, "
            "lowest: yes, each: 2, missing: 10 }\n",
            COLUMNS + "2014,A,,1,a,X,,,\n2014,A,,2,b,Y,,,\n"
            "2014,A,,3,c,X,,,\n2014,B,,1,b,Y,,,\n")
        self.assertIn("1 result missing: 13, 10 behind the last place",
                      self.explained(folder, "Y"))
        self.assertIn("2 results missing: 11 each, 10 behind the last place",
                      self.explained(folder, "X"))

    KARTING = ("title: T\ncompetitions: { A: {}, B: {}, C: {}, D: {}, E: {} }\n"
               "tables:\n  g: { points: [10, 8, 6, 5, 4], best: 2, "
               "at-least: 3, compulsory: [C], ties: [wins] }\n")
    KARTS = (LISTS + "2014,A,,1,Ann,\n2014,A,,2,Bob,\n2014,A,,3,Cid,\n"
             "2014,A,,4,Dan,\n2014,B,,1,Bob,\n2014,B,,2,Ann,\n"
             "2014,B,,3,Dan,\n2014,C,,1,Cid,\n2014,C,,2,Dan,\n"
             "2014,C,,5,Ann,\n")

    def test_a_dropped_result_is_better_than_a_compulsory_one(self):
        folder = self.make(self.KARTING, self.KARTS)
        told = self.explained(folder, "Ann")
        self.assertIn("(8), dropped: only the best 2 count, those that are "
                      "compulsory before all", told)
        self.assertIn("A place needs 3 competitions: 3 so far.", told)
        told = self.explained(folder, "Bob")
        self.assertIn("Bob 2014, g: without a place", told)
        self.assertIn('"C" is compulsory, and brought nothing yet.', told)

    def test_who_may_still_have_enough_is_not_behind_by_his_points(self):
        folder = self.make(self.KARTING, self.KARTS)
        self.assertEqual(
            [(r["place"], r["name"], r["score"], r["gap"], r["standing"],
              r["reason"]) for r in self.table(folder)],
            [("1", "Ann", "14", "0", "in", "more wins: 1 to 0"),
             ("2", "Dan", "14", "0", "in", "has enough competitions"),
             ("3", "Cid", "16", "", "open",
              "may still have enough competitions"),
             ("", "Bob", "18", "", "out", "")])
        told = self.asked(folder, "table")
        self.assertNotIn("-2", told)
        # He has two of three, and was not where everybody has to be.
        self.assertIn("lacks competitions that a place needs", told)

    def test_a_pair_is_found_in_either_order_and_by_other_names(self):
        folder = self.make(
            "title: T\ntables: { g: { of: pairs, points: [3, 2, 1] } }\n",
            LISTS + "2014,A,,1,Ann / Bob,\n2014,B,,1,Bob / Annie,\n",
            "alias,recipient\nAnnie,Ann\n")
        for name in ("Ann / Bob", "Bob / Ann", "Bob / Annie", "Annie / Bob"):
            self.assertIn("Ann / Bob 2014, g: place 1 of 1, 6 points",
                          self.explained(folder, name))
        status, _, err = self.season(folder, "explain", "An / Bob")
        self.assertEqual(status, 1)
        self.assertIn('did you mean "Ann / Bob"?', err)

    def test_what_is_void_is_told_and_brings_nothing(self):
        folder = self.make(
            "title: T\ntables: { g: { points: [3, 2] } }\n",
            LISTS + "2014,A,,1,Ann,\n2014,B,,2,Ann,\n2014,B,,1,Bob,\n")
        self.asked(folder, "void", "A", "--by", "Jo", "--reason", "short",
                   "--yes")
        told = self.explained(folder, "Ann")
        self.assertIn("place 2 of 2, 2 points; after 2 of 2 competitions, 1 of "
                      "them void", told)
        self.assertIn("A void: nobody has anything of it B 2", told)
        self.assertEqual([(r["name"], r["score"], r["result:A"])
                          for r in self.table(folder)],
                         [("Bob", "3", ""), ("Ann", "2", "")])

    def test_times_that_differ_by_tenths_are_shown_so(self):
        folder = self.make(
            "title: T\ntables: { g: { by: time } }\n",
            COLUMNS + "2014,A,,1,Ann,,,30:00.1,\n2014,A,,2,Bob,,,30:00.4,\n")
        told = self.asked(folder, "table")
        self.assertIn("30:00.1", told)
        self.assertIn("30:00.4", told)


class Story(Season):
    YEARS = ("title: T\ncompetitions: { P: {}, R: { seasons: 2012 } }\n"
             "tables: { g: { points: [3, 2, 1] } }\n")
    LINES = (LISTS + "2009,P,,1,Ann,\n2009,P,,1,Bob,\n2010,P,,1,Bob,\n"
             "2011,P,,1,Ann,\n2011,P,,1,Bob,\n2012,P,,1,Eve,\n"
             "2012,P,,2,Ann,\n")

    def test_a_shared_first_place_is_taken_from_nobody_who_keeps_it(self):
        told = self.asked(self.make(self.YEARS, self.LINES), "history")
        for line in ("  2009   Ann and Bob are the first to have it\n",
                     "  2010   Bob keeps it, no longer with Ann\n",
                     "  2011   Bob keeps it, now with Ann\n",
                     "  2012?  Eve takes it from Ann and Bob; second Ann\n"):
            self.assertIn(line, told)

    def test_a_season_that_goes_on_gives_no_title(self):
        told = self.asked(self.make(self.YEARS, self.LINES), "history")
        self.assertRegex(told, r"(?m)^Bob +3 ")
        self.assertRegex(told, r"(?m)^Eve +0 +1 ")

    def test_who_left_is_not_new(self):
        told = self.asked(self.make(self.YEARS, self.LINES), "compare", "2011",
                          "2012")
        self.assertRegex(told, r"(?m)^Bob +1= +3 +-")

    def test_more_than_have_been_held_is_not_a_table(self):
        folder = self.make(self.YEARS, self.LINES)
        status, _, err = self.season(folder, "table", "--after", "2")
        self.assertEqual(status, 2)
        self.assertIn("1 competition of the season has been held", err)

    def leaders(self):
        """R00 leads after the first, and is the last of fourteen."""
        lines = "".join("2014,A,,%d,R%02d,\n" % (i + 1, i) for i in range(14))
        lines += "".join("2014,B%02d,,1,R%02d,\n2014,C%02d,,1,R%02d,\n"
                         % (i, i, i, i) for i in range(1, 14))
        return self.make("title: A < B & C\ncompetitions: { A: {} }\ntables: "
                         "{ g: { points: { list: [10], beyond: 1 } } }\n",
                         LISTS + lines)

    def test_who_led_is_told_however_far_behind_in_the_end(self):
        told = self.asked(self.leaders(), "progress")
        self.assertIn("after 1, A: R00 leads\n", told)
        self.assertIn("after 2, B01: R01 takes the lead from R00\n", told)
        self.assertIn("after 27", told)

    def test_a_picture_shows_every_place_and_round_numbers(self):
        folder = self.make("title: A < B & C\ntables: { g: { points: [3] } }\n",
                           LISTS + "2014,C,,1,Anna,\n")
        path = self.path("plot.svg")
        self.asked(folder, "progress", "--plot", path)
        root = xml.etree.ElementTree.parse(path).getroot()
        svg = "{http://www.w3.org/2000/svg}"
        texts = [t.text for t in root.iter(svg + "text")]
        self.assertEqual(texts, ["A < B & C 2014, g", "points", "0", "1", "2",
                                 "3", "1", "competitions", "Anna"])
        circles = list(root.iter(svg + "circle"))
        self.assertEqual(len(circles), 1)
        self.asked(self.leaders(), "progress", "--plot", path)
        root = xml.etree.ElementTree.parse(path).getroot()
        circles = list(root.iter(svg + "circle"))
        self.assertEqual(len(circles), 12 * 27)
        for c in circles:
            self.assertTrue(80 <= int(c.get("cx")) <= 720)
            self.assertTrue(30 <= int(c.get("cy")) <= 500)

    def test_nothing_is_wider_than_80_columns(self):
        long = "Société " + "très longue " * 12
        lists = LISTS + "".join(
            "%d,%s,,%d,%s %d,\n" % (year, long[:150] + str(c), p, long[:120] + "x", p)
            for year in (2013, 2014) for c in range(9) for p in range(1, 5))
        folder = self.make(
            'title: "%s"\ntables:\n  general: { points: [100, 90, 80, 70], '
            "best: 7, at-least: 9, ties: [wins, count-back, latest] }\n"
            % long[:180].strip(), lists)
        for args in ((), ("table",), ("progress",), ("history",),
                     ("compare", "2013", "2014"),
                     ("explain", long[:120] + "x 1")):
            for line in self.asked(folder, *args).splitlines():
                self.assertLessEqual(len(line), 80, (args, line))


class Doubts(Season):
    def test_what_no_list_has_is_doubted(self):
        folder = self.make(
            "title: T\ncompetitions: { Podium: {}, Gala: { seasons: 2013 } }\n"
            "tables:\n  a: { points: [1], points-of: { Rcae: [2] } }\n"
            "  b: { points: [1], sex: F }\n"
            "  c: { points: [1], category: SE }\n"
            "  d: { points: [1], team: Orange }\n",
            COLUMNS + "2014,Podium,Race,1,Ann,Oragne,,,\n"
            "2014,Gala,Race,1,Ann,,,,\n2014,Podum,Race,1,Ann,,,,\n",
            "alias,team,recipient\nAnn,Oragne,Anna\nAnn,SFR,Zoe\n"
            "Bob,,Robert\n")
        told = self.asked(folder, "check")
        for line in ('table "a": no list has the award "Rcae": did you mean '
                     '"Race"?',
                     'table "b": no list has the sex "F"',
                     'table "c": no list has the category "SE"',
                     'table "d": no list has the team "Orange": did you mean '
                     '"Oragne"?',
                     'competition "Gala": has results in a season that it is '
                     'not held in, "2014"',
                     'season.yaml: has no competition "Podum": did you mean '
                     '"Podium"?',
                     'aliases.csv:3: no list has the alias "Ann"',
                     'aliases.csv:4: no list has the alias "Bob"',
                     "no mistakes, 8 doubts"):
            self.assertIn(line, " ".join(told.split()))
        self.assertNotIn("aliases.csv:2", told)


class Standings(Season):
    def test_what_is_fed_and_listed_too_is_doubted(self):
        write(self.path("tour", "season.yaml"),
              "title: Tour\ntables: { g: { points: [1] } }\n")
        write(self.path("tour", "palmares", "a.csv"),
              LISTS + "2014,S,,1,Ann,\n")
        folder = self.make(
            "title: All\ncompetitions: { Tour: { standings: ../tour } }\n"
            "tables: { g: { points: [1] } }\n", LISTS + "2013,Tour,,1,Ann,\n")
        self.assertNotIn("doubt", self.asked(folder, "check"))
        write(os.path.join(folder, "palmares", "b.csv"),
              LISTS + "2014,Tour,,1,Ann,\n")
        self.assertIn('competition "Tour": has a race or standings, and lines '
                      'in the lists too, which count as well, in "2014"',
                      " ".join(self.asked(folder, "check").split()))

    def test_a_mistake_of_another_season_is_told_with_its_folder(self):
        write(self.path("tour", "season.yaml"), "title: Tour\ntables: {}\n")
        write(self.path("tour", "palmares", "a.csv"), LISTS)
        folder = self.make(
            "title: All\ncompetitions: { Tour: { standings: ../tour } }\n"
            "tables: { g: { by: time } }\n", LISTS)
        status, _, err = self.season(folder)
        self.assertEqual(status, 1)
        self.assertIn("/../tour/season.yaml: has no tables", err)

    def test_who_has_no_place_in_a_season_brings_no_sum_from_it(self):
        write(self.path("tour", "season.yaml"),
              "title: Tour\ntables: { g: { by: time } }\n")
        write(self.path("tour", "palmares", "a.csv"), COLUMNS +
              "2014,S1,,1,Ann,,,10:00,\n2014,S1,,2,Bob,,,11:00,\n"
              "2014,S2,,1,Ann,,,10:00,\n")
        folder = self.make(
            "title: All\ncompetitions: { Tour: { standings: ../tour } }\n"
            "tables: { g: { by: time } }\n", LISTS)
        self.assertEqual([(r["place"], r["name"], r["score"])
                          for r in self.table(folder)],
                         [("1", "Ann", "1200"), ("", "Bob", "0")])
        self.assertIn("(the standings of ../tour)",
                      self.asked(folder, "explain", "Ann"))


class Served(Season):
    """A race, and the season it belongs to, for an aggregator."""

    TABLE = "prix-des-prix/general"

    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        self.prix = self.path("prix-des-prix")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)
        shutil.copytree(EXAMPLE, self.prix)
        self.edit("season.yaml", "  RSE: {",
                  "  8 km: { race: ../8km-2014 }\n  RSE: {")

    def edit(self, name, old, new):
        path = os.path.join(self.prix, name)
        text = read(path).decode()
        self.assertEqual(text.count(old), 1)
        write(path, text.replace(old, new))

    def serve(self, *args, before=()):
        return self.aggregator(self.race, "--season", self.prix, *args,
                               before=before)

    def replay(self, point):
        self.ends_well(self.collector(
            self.race, point,
            "csv:%s/crossings/%s.csv" % (self.race, point), "--once"))

    def shown(self):
        return self.export(self.race, self.TABLE, "--format", "csv").decode()

    def points(self, who):
        rows = csv.DictReader(io.StringIO(self.shown()))
        return {r["name"]: r["score"] for r in rows}.get(who)

    def offline(self):
        """The same columns of palmares season."""
        rows = self.table(self.prix, "general", "--season", "2014")
        names = [n for n in rows[0] if ":" not in n]
        out = io.StringIO()
        w = csv.DictWriter(out, names, "", "ignore", lineterminator="\n")
        w.writeheader()
        w.writerows(rows)
        return out.getvalue()


class Live(Served):
    """A running aggregator that shows the season its race belongs to."""

    def test_the_table_moves_with_the_race(self):
        aggregator = self.serve()
        lines = self.start("palmares-display", self.TABLE, "--race", self.race)
        wait_until("the display shows the table before the race",
                   lambda: re.search(r"Nespresso +18 ", lines.out()),
                   programs=[lines])
        before = self.shown()
        self.replay("depart")
        self.replay("mi-course")
        self.replay("arrivee")
        wait_until("the race is in the table",
                   lambda: self.points("Nespresso") == "21")
        wait_until("the display shows it",
                   lambda: re.search(r"Nespresso +21 ", lines.out()),
                   programs=[lines])
        self.assertIn("competitions are open", lines.out())
        after = self.shown()
        self.assertNotIn("Coriolis Service", before)
        self.assertEqual(after, self.offline())
        # Digests agree, or they would never be shown.
        for _ in range(2):
            p = self.start("palmares-display", self.TABLE, "--race", self.race,
                           "--once", "--format", "csv")
            self.ends_well(p)
            self.assertEqual(p.out(), after)
        aggregator.kill9()
        self.serve()
        self.assertEqual(self.shown(), after)

    def test_a_correction_moves_it_and_undone_it_is_as_before(self):
        self.serve()
        for point in ("depart", "mi-course", "arrivee"):
            self.replay(point)
        wait_until("the race is in the table",
                   lambda: self.points("Svetlana Molyavkina") == "3")
        before = self.shown()
        for args, points in ((("mark", "DSQ", "27"), None),
                             (("undo", "1"), "3")):
            status, _, err = self.run_program(
                "palmares", *args, "--race", self.race, "--yes", "--reason",
                "cut a corner")
            self.assertEqual(status, 0, err)
            wait_until("the table moves", lambda p=points:
                       self.points("Svetlana Molyavkina") == p)
        wait_until("all is as before", lambda: self.shown() == before)

    def test_it_moves_again_when_the_aggregator_was_killed_in_between(self):
        aggregator = self.serve()
        self.replay("depart")
        runner = self.collector(
            self.race, "arrivee",
            "csv:%s/crossings/arrivee.csv" % self.race, "--once",
            "--origin", "10:30:00", "--speed", "600", "--timeout", "60")
        wait_until("somebody has finished",
                   lambda: self.points("Coriolis Service") is not None)
        aggregator.kill9()
        self.serve()
        self.replay("mi-course")
        self.ends_well(runner)
        wait_until("all have finished",
                   lambda: self.points("Nespresso") == "21")
        wait_until("the table is that of the files",
                   lambda: self.shown() == self.offline())

    def test_what_is_edited_is_shown_at_once_and_a_mistake_is_told(self):
        aggregator = self.serve()
        self.assertEqual(self.points("Nespresso"), "18")
        path = os.path.join(self.prix, "aliases.csv")
        write(path, read(path).decode() + "Acticall,Nespresso\n")
        wait_until("the merge shows",
                   lambda: self.points("Acticall") is None)
        self.assertEqual(self.shown(), self.offline())
        merged = self.shown()
        yaml = read(os.path.join(self.prix, "season.yaml"))
        self.edit("season.yaml", "list: [3]", "list: [x]")
        wait_until("the mistake is told",
                   lambda: "shown as it was" in aggregator.err())
        self.assertIn('points "x"', aggregator.err())
        wait_until("status tells it", lambda: "1 mistake; shown as it was"
                   in self.run_program("palmares", "status", "--race",
                                       self.race)[1])
        self.assertEqual(self.shown(), merged)
        write(os.path.join(self.prix, "season.yaml"),
              yaml.replace(b"  general:", b"  overall:"))
        wait_until("that there are other tables is told",
                   lambda: "has other tables now" in aggregator.err())
        self.assertEqual(self.shown(), merged)
        write(os.path.join(self.prix, "season.yaml"), yaml)
        write(path, read(path).decode() + "Alstom,Nespresso\n")
        wait_until("it goes on",
                   lambda: self.points("Alstom") is None)
        self.assertIn("read again without mistakes", aggregator.err())
        wait_until("status is well", lambda: "no alarms" in self.run_program(
            "palmares", "status", "--race", self.race)[1])

    def test_what_is_decided_is_shown_at_once_and_undone_it_is_as_before(self):
        self.serve()
        before = self.shown()
        decide = ("--yes", "--by", "me", "--reason", "one firm")
        self.asked(self.prix, "merge", "Acticall", "Nespresso", *decide)
        wait_until("the merge shows", lambda: self.points("Acticall") is None)
        self.assertEqual(self.points("Nespresso"), "24")
        self.assertEqual(self.shown(), self.offline())
        self.asked(self.prix, "undo", "1", *decide)
        wait_until("it is as before", lambda: self.shown() == before)

    def test_other_races_and_seasons_are_there_from_the_start(self):
        aggregator = self.serve()
        for point in ("depart", "mi-course", "arrivee"):
            self.replay(point)
        self.stops_well(aggregator)
        shutil.copytree(self.race, self.path("another"))
        for name in os.listdir(self.race):
            if ".db" in name:
                os.remove(os.path.join(self.race, name))
        self.edit("season.yaml", "  RSE: {",
                  "  8 km B: { race: ../another, season: \"2014\" }\n"
                  "  RSE: {")
        league = self.path("league")
        write(os.path.join(league, "season.yaml"),
              "title: L\ncompetitions:\n"
              "  Prix: { standings: ../prix-des-prix }\n"
              "tables:\n  all: { points: { list: [10, 5], beyond: 1 } }\n")
        self.serve("--season", league)
        self.assertEqual(self.points("Nespresso"), "21")
        self.assertEqual(self.shown(), self.offline())
        self.replay("arrivee")
        wait_until("both count", lambda: self.points("Nespresso") == "24")
        self.assertEqual(self.shown(), self.offline())
        rows = list(csv.DictReader(io.StringIO(self.export(
            self.race, "league/all", "--format", "csv").decode())))
        self.assertEqual((rows[0]["name"], rows[0]["score"]),
                         ("Nespresso", "10"))

    def refused(self, *args):
        p = self.start("palmares-aggregator", self.race, "--listen",
                       "127.0.0.1:0", *args)
        self.assertEqual(p.wait(), 1, p.err())
        self.assertFalse(os.path.exists(os.path.join(self.race, "race.db")))
        return p.err()

    def test_a_broken_folder_is_refused_with_its_lines(self):
        self.edit("season.yaml", "list: [3]", "list: [x]")
        write(os.path.join(self.prix, "palmares", "2014b.csv"),
              LISTS + "2014,C,A,first,N,\n")
        err = self.refused("--season", self.prix)
        self.assertRegex(err, r'season.yaml:\d+:\d+: points "x"')
        self.assertIn('palmares/2014b.csv:2: place "first"', err)
        self.assertIn("No such file", self.refused("--season", "nowhere"))

    def test_a_file_is_no_season_folder(self):
        file = self.path("prix.rec")
        self.asked(self.prix, "record", file)
        err = self.refused("--season", file)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertIn("--season %s: is a file: name a season folder" % file,
                      err)
        league = self.path("league")
        write(os.path.join(league, "season.yaml"),
              "title: L\ncompetitions:\n  Prix: { standings: ../prix.rec }\n"
              "tables:\n  all: { points: given }\n")
        for err in (self.refused("--season", league),
                    self.season(league)[2]):
            self.assertEqual(err.count("\n"), 1, err)
            self.assertRegex(err, r"league/season.yaml: competition Prix: "
                             r"\S*/prix.rec: is a file: name a season folder")

    def test_what_cannot_be_shown_is_refused(self):
        self.assertIn("is called as", self.refused(
            "--season", self.prix, "--season", self.prix))
        self.edit("season.yaml", "  8 km: { race: ../8km-2014",
                  "  8 km: { race: ../8km-2014, rankings: [nix]")
        self.assertIn("has no ranking nix",
                      self.refused("--season", self.prix))
        self.edit("season.yaml", ", rankings: [nix]", "")
        self.edit("season.yaml", "  general:", "  %s:" % ("x" * 60))
        self.assertIn("longer than 64 bytes",
                      self.refused("--season", self.prix))
        strange = self.path("a\tb")
        shutil.copytree(EXAMPLE, strange)
        self.assertIn("rename", self.refused("--season", strange))
        p = self.start("palmares-aggregator", self.race,
                       *["--season", self.prix] * 5)
        self.assertEqual(p.wait(), 2)

    def test_a_race_that_comes_later_is_shown_without_another_edit(self):
        aggregator = self.serve()
        self.edit("season.yaml", "  RSE: {",
                  "  8 km B: { race: ../another, season: \"2014\" }\n"
                  "  RSE: {")
        wait_until("that it is not there is told",
                   lambda: "shown as it was" in aggregator.err())
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"),
                        self.path("another"))
        wait_until("it is there",
                   lambda: "read again without mistakes" in aggregator.err(),
                   30)
        self.assertEqual(aggregator.err().count("shown as it was"), 1)
        self.assertEqual(self.shown(), self.offline())

    def test_decisions_that_are_gone_are_told(self):
        aggregator = self.serve()
        self.asked(self.prix, "merge", "Acticall", "Nespresso", "--yes",
                   "--by", "me", "--reason", "one firm")
        wait_until("the merge shows", lambda: self.points("Acticall") is None)
        self.assertNotIn("season.db", aggregator.err())
        for name in os.listdir(self.prix):
            if name.startswith("season.db"):
                os.remove(os.path.join(self.prix, name))
        wait_until("it is told", lambda: "season.db: ends with event 0, it "
                   "went on to 1: " in aggregator.err())
        self.assertEqual(self.points("Acticall"), "6")

    def test_a_file_that_never_ends_keeps_nobody_waiting(self):
        aggregator = self.serve()
        before = self.shown()
        path = os.path.join(self.prix, "season.yaml")
        os.rename(path, path + ".old")
        os.mkfifo(path)
        wait_until("that it is no file is told",
                   lambda: "no ordinary file" in aggregator.err())
        self.assertEqual(self.shown(), before)

    def test_of_thousands_of_mistakes_a_few_are_told(self):
        aggregator = self.serve()
        write(os.path.join(self.prix, "palmares", "2015.csv"),
              LISTS + "2015,C,A,first,N,\n" * 3000)
        wait_until("the mistakes are told",
                   lambda: "shown as it was" in aggregator.err())
        told = aggregator.err()
        self.assertIn('palmares/2015.csv:2: place "first"', told)
        self.assertLess(told.count("place \"first\""), 100)
        self.assertRegex(told, r"29\d\d more: palmares season .* check")

    def test_race_db_alone_says_where_the_tables_are(self):
        aggregator = self.serve()
        self.stops_well(aggregator)
        status, _, err = self.run_program(
            "palmares", "export", "--race", self.race, "--offline",
            "--ranking", self.TABLE)
        self.assertEqual(status, 2)
        self.assertIn("from palmares season", err)


class Manual(Season):
    """Every example of season.yaml(5) is taken."""

    def examples(self):
        page = read(os.path.join(ROOT, "race", "season",
                                 "season.yaml.5")).decode()
        return re.findall(r"^\.EX\n(.*?)^\.EE$", page.replace("\\-", "-"),
                          re.M | re.S)

    def test_every_example_is_taken(self):
        lists = LISTS + "2014,Podium,Grand prix,1,Nespresso,\n"
        texts = self.examples()
        self.assertEqual(len(texts), 8)
        tables = "tables:\n  all: { points: [1] }\n"
        seen = collections.Counter()
        for text in texts:
            kind = text.split(":")[0].split(",")[0].strip()
            seen[kind] += 1
            if kind == "title":
                folder = self.make(text, lists)
            elif kind == "competitions":
                # A race folder that nobody has timed yet.
                shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"),
                                self.path("8km-2014"), dirs_exist_ok=True)
                write(self.path("ligue-nord", "season.yaml"),
                      "title: Nord\ntables:\n  general: { points: [3] }\n")
                write(self.path("ligue-nord", "palmares", "a.csv"), lists)
                own = "" if "\ntables:" in text else tables
                folder = self.make("title: T\n" + text + own, lists)
            elif kind == "tables":
                folder = self.make("title: T\n" + text, lists)
            elif kind == "season":
                folder = self.make("title: T\n" + tables, text)
            else:
                folder = self.make("title: T\n" + tables, lists, text)
            self.assertIn("no mistakes", self.asked(folder, "check"), text)
        self.assertEqual(seen, {"title": 1, "competitions": 4, "tables": 1,
                                "season": 1, "alias": 1})


if __name__ == "__main__":
    palmares_test.main()
