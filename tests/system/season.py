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

import palmares_test
from palmares_test import ROOT, System, read, write

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
        self.assertIn('"NESPRESSO","Nespresso"', self.asked(folder, "check"))
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
                folder = self.make("title: T\n" + text + tables, lists)
            elif kind == "tables":
                folder = self.make("title: T\n" + text, lists)
            elif kind == "season":
                folder = self.make("title: T\n" + tables, text)
            else:
                folder = self.make("title: T\n" + tables, lists, text)
            self.assertIn("no mistakes", self.asked(folder, "check"), text)
        self.assertEqual(seen, {"title": 1, "competitions": 3, "tables": 2,
                                "season": 1, "alias": 1})


if __name__ == "__main__":
    palmares_test.main()
