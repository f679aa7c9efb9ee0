#!/usr/bin/env python3
"""
what_if - palmares what-if: what it shows of other decisions is what palmares
does when they are made, of other rules what an aggregator makes by them, and
the race stays as it is.  And palmares unpack: a recording played into the
folder that it gives makes the boards that were recorded.
"""

import hashlib
import os
import shutil

import convert
import palmares_test
import replay
from palmares_test import read, sql, write

DECISIONS = (
    ("gun", "masse", "10:00:07"),
    ("mark", "dsq", "15"),
    ("penalty", "383", "+2:00"),
    ("penalty", "3", "-0:30"),
    ("void", "arrivee:7"),
    ("swap", "27", "9"),
    ("start", "329", "10:00:20"),
    ("change", "401", "team=Groupe \"A\" & fils"),
    ("remove", "20"),
    ("enter", "990", "name=Zoé Petit", "sex=F", "wave=masse"),
    ("time", "990", "arrivee", "10:39:00"),
    ("award", "Femmes", "1", "--to", "990"),
)


def quoted(words):
    """As a shell takes it."""
    return " ".join("'%s'" % w.replace("'", "'\\''") for w in words)


def tree(folder):
    """All there is in it, but for the shared memory of a database that is read
    and an empty -wal, which SQLite makes for its readers."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            passing = name.endswith("-shm") or (
                name.endswith("-wal") and os.path.getsize(path) == 0)
            if not passing:
                found[path] = (hashlib.sha256(read(path)).hexdigest(),
                               os.stat(path).st_mtime_ns)
    return found


class Races(replay.WholeRace):
    def run_example(self):
        """Recorded, and its aggregator is still there."""
        aggregator = self.aggregator(self.race)
        self.collect(self.race)
        self.record()
        return aggregator

    def palmares(self, *args, status=0):
        got, out, err = self.run_program("palmares", *args)
        self.assertEqual(got, status, out + err)
        return out if status == 0 else err

    def what_if(self, *args, status=0):
        return self.palmares("what-if", *args, status=status)

    def boards(self, *args):
        """By what is supposed."""
        return {name: self.what_if(*args, "--ranking", name).encode()
                for name in palmares_test.rankings(self.race)}


class WhatIf(Races):
    def test_it_shows_what_the_decision_then_does(self):
        aggregator = self.run_example()
        first = self.path("first.rec")
        shutil.copy(self.file, first)
        self.decide("publish", "scratch", "final")
        self.record()
        supposed = []
        amended = 0
        for words in DECISIONS:
            supposed += ["--do", quoted(words)]
            told = self.what_if(self.file, "--do", quoted(words))
            boards = self.boards(self.file, "--do", quoted(words))
            out = self.palmares(*words, "--race", self.race, "--yes", "--by",
                                "anna", "--reason", "rehearsal")
            self.assertEqual(out[:out.index("\ndecided: ")], told)
            amended += ": this makes it amended" in told
            self.record()
            self.assertEqual(self.exports(self.race), boards, words)
        self.assertGreater(amended, 3)
        # One upon the other, all of them.
        self.assertEqual(self.boards(first, *supposed), boards)
        # ... and as if none of them had been made.
        undone = self.boards(self.file, "--undo", "1-%d" % sql(
            os.path.join(self.race, "race.db"),
            "SELECT count(*) FROM log WHERE kind = 'decision'")[0][0])
        self.assertEqual(undone, {
            name: self.palmares("export", "--from", first, "--ranking",
                                name).encode()
            for name in palmares_test.rankings(self.race)})
        self.stops_well(aggregator)

    def test_common_ones_have_options(self):
        aggregator = self.run_example()
        for option, words in (
                (("--gun", "masse=10:00:07"), "gun masse 10:00:07"),
                (("--gun", "10:00:07"), "gun 10:00:07"),
                (("--void", "arrivee:7"), "void arrivee:7")):
            told = self.what_if(self.file, *option)
            self.assertEqual(told, self.what_if(self.file, "--do", words))
            self.assertIn("What changes by that:\n", told)
        self.by_number()
        self.assertIn("15: DSQ", self.what_if(self.file, "--do", "dsq 15"))
        rows = write(self.path("rows.csv"),
                     "verb,bib,amount\ndsq,15,\npenalty,383,+2:00\n")
        self.assertEqual(
            self.boards(self.file, "--do", quoted(("correct", rows))),
            self.boards(self.file, "--do", "dsq 15", "--do",
                        "penalty 383 +2:00"))
        self.assertEqual(self.what_if(self.file, "--gun", "10:00:00"),
                         "the gun of masse is at 10:00:00 already\n\n"
                         "No ranking changes by that.\n")
        self.stops_well(aggregator)

    def by_number(self):
        """As palmares log shows it first, by what-if and when it is so."""
        line = self.palmares("log", "--from", self.file, "--station",
                             "arrivee").splitlines()[6]
        number, name = line.split()[:2]
        self.assertEqual(name, "arrivee:7")
        told = self.what_if(self.file, "--void", number)
        for source in ((self.file,), ("--race", self.race),
                       ("--aggregator", self.endpoint(self.race))):
            self.assertEqual(told, self.what_if(*source, "--void", name))
            self.assertEqual(told, self.what_if(*source, "--void", number))
        out = self.palmares("void", number, "--race", self.race, "--dry-run")
        self.assertEqual(out, told + "\nnothing was decided: --dry-run\n")

    def test_nothing_is_written_nor_sent(self):
        aggregator = self.run_example()
        db = os.path.join(self.race, "race.db")
        asked = (("--race", self.race),
                 ("--aggregator", self.endpoint(self.race)), (self.file,))
        streams = sql(db, "SELECT * FROM stream ORDER BY id")
        last = sql(db, "SELECT max(number) FROM log")
        want = None
        for running in (True, False):
            before = tree(self.folder)
            for source in asked:
                told = self.what_if(*source, "--do", "dsq 15", "--gun",
                                    "10:00:07")
                want = want or told
                self.assertEqual(told, want)
            after = {path: what for path, what in tree(self.folder).items()
                     if not path.startswith(self.talk)}
            before = {path: what for path, what in before.items()
                      if not path.startswith(self.talk)}
            self.assertEqual(after, before)
            self.assertEqual(sql(db, "SELECT * FROM stream ORDER BY id"),
                             streams)
            self.assertEqual(sql(db, "SELECT max(number) FROM log"), last)
            if running:
                self.stops_well(aggregator)
                asked = (("--race", self.race), (self.file,))

    def test_other_rules_are_what_an_aggregator_makes_by_them(self):
        aggregator = self.run_example()
        self.decide("mark", "dsq", "15")
        self.record()
        self.stops_well(aggregator)
        other = self.folder_like(self.race)
        path = os.path.join(other, "race.yaml")
        text = read(path).decode()
        for was, now in (
                ("best: 3", "best: 2, how: last"),
                ("scratch:              { of: runners }",
                 "scratch: { of: runners, by: net, ties: time }"),
                ("femmes:               { of: runners, sex: F }",
                 "femmes: { of: runners, sex: F, without: { scratch: 1 } }"),
                ("  mi-course: { km: 4 }\n", ""),
                ("  mi-course:            { of: runners, at: mi-course }\n",
                 "  net: { of: runners, by: net }\n"),
                ("ranking: hommes, places: 3", "ranking: hommes, places: 4")):
            self.assertIn(was, text)
            text = text.replace(was, now)
        write(path, text)
        aggregator = self.aggregator(other)
        self.replay(other)
        self.stops_well(aggregator)
        want = self.all_exports(other)
        for (name, form), board in want.items():
            self.assertEqual(
                self.what_if(self.file, "--rules", path, "--ranking", name,
                             "--format", form).encode(), board, (name, form))
        self.decide_offline(other, path)
        told = self.what_if(self.file, "--rules", path)
        for line in ("    - scratch: { of: runners }\n"
                     "    + scratch: { of: runners, by: net, ties: time }\n",
                     "    - mi-course: { km: 4 }\n",
                     "    + net: { of: runners, by: net }\n",
                     "  note: 550 crossings at mi-course, which those rules "
                     "do not have\n",
                     "  mi-course\n    would be gone\n",
                     "  net\n    would be new; the first in it: 383 ",
                     "    Hommes, place 4\n"):
            self.assertIn(line, told)
        self.assertLessEqual(max(len(s) for s in told.splitlines()), 80)
        path = write(self.path("waves.yaml"), text.replace("masse", "all"))
        self.decide_wave(path)
        # The rules that it was recorded by are no others.
        own = os.path.join(self.race, "race.yaml")
        self.assertEqual(self.what_if(self.file, "--rules", own),
                         "By %s:\n  the rules of the race\n\n"
                         "No ranking changes by that.\n" % own)

    def decide_wave(self, path):
        """Somebody is in a wave that the other rules do not have."""
        told = self.what_if(self.file, "--rules", path)
        self.assertNotIn("in wave masse", told)
        aggregator = self.aggregator(self.race)
        self.decide("change", "9", "wave=masse")
        self.record()
        self.stops_well(aggregator)
        told = self.what_if(self.file, "--rules", path)
        self.assertIn("  note: 1 entry in wave masse, which those rules do "
                      "not have\n", told)

    def decide_offline(self, other, path):
        """Both at once: a decision under other rules."""
        aggregator = self.aggregator(other)
        self.decide("penalty", "401", "+3:00", race=other)
        self.stops_well(aggregator)
        for name in ("scratch", "net", "entreprise-rapide"):
            self.assertEqual(
                self.what_if(self.file, "--rules", path, "--do",
                             "penalty 401 +3:00", "--ranking", name).encode(),
                self.export(other, name, "--offline"))

    def test_a_race_as_it_stood_can_be_asked_about(self):
        aggregator = self.run_example()
        number = sql(os.path.join(self.race, "race.db"),
                     "SELECT max(number) FROM log")[0][0]
        told = self.what_if(self.file, "--do", "dsq 15")
        self.decide("mark", "dsq", "15")
        self.record()
        self.stops_well(aggregator)
        self.assertEqual(self.what_if(self.file, "--do", "dsq 15", "--at-seq",
                                      str(number)), told)
        self.assertNotEqual(self.what_if(self.file, "--do", "dsq 15"), told)

    def test_mistakes_say_what_would_do(self):
        self.stops_well(self.run_example())
        bad = write(self.path("bad.csv"), "verb,bib\ndsq,15\ndsq,99999\n")
        yaml = write(self.path("bad.yaml"), "title: x\nwaves: 7\n")
        for status, args, words in (
                (1, ("--gun", "mase=10:00:07"), 'no wave "mase"'),
                (1, ("--gun", "masse=soon"), "soon"),
                (1, ("--void", "arrivee"), "STATION:NUMBER"),
                (1, ("--void", "999999"), "no crossing has that number"),
                (1, ("--void", "15"), "15 is a bib: which crossing?"),
                (1, ("--do", "dsq 15", "--void", "99999999", "--do", "dsq 16"),
                 "--void: 99999999: no crossing"),
                (1, ("--undo", "1"), "nothing was decided yet"),
                (1, ("--do", "dsq 99999"), "99999"),
                (1, ("--do", "win 15"), "no such verb here; there are mark"),
                (1, ("--do", "aside same-person:1,2"), "no such verb here"),
                (1, ("--do", ""), "nothing is said"),
                (1, ("--do", "change 15 name='Zoé"), "a quote is not closed"),
                (1, ("--do", "correct " + bad), "bad.csv:3: "),
                (1, ("--do", "correct"), "one file"),
                (1, ("--rules", yaml), "bad.yaml:2:8: waves"),
                (1, ("--rules", self.path("none.yaml")), "none.yaml"),
                (2, (), "what if what?"),
                (2, ("other.rec", "--do", "dsq 15"), "one recording"),
                (2, ("--do", "dsq 15", "--format", "json"), "--ranking NAME"),
                (2, ("--do", "dsq 15", "--ranking", "scrach"), "scratch"),
                (2, ("--do", "dsq 15", "--ranking", "scratch", "--format",
                     "pdf"), "csv, json or text"),
                (2, ("--do", "dsq 15", "--aggregator", "127.0.0.1"),
                 "is a recording")):
            err = self.what_if(self.file, *args, status=status)
            self.assertIn(words, err, args)
        self.assertIn("of which race?",
                      self.what_if("--do", "dsq 15", status=2))


class Unpack(Races):
    def unpack(self):
        folder = self.path("unpacked")
        out = self.palmares("unpack", self.file, folder)
        self.assertEqual(sorted(os.listdir(folder)),
                         ["entries.csv", "race.yaml"])
        self.assertNotIn("cannot say", out)
        return folder

    def comes_out_the_same(self):
        """Played into the folder that the recording holds."""
        folder = self.unpack()
        aggregator = self.aggregator(folder)
        _, err = self.replay(folder)
        self.assertNotIn("other rules", err)
        self.stops_well(aggregator)
        self.same(self.race, folder)
        shutil.rmtree(folder)

    def test_the_example_with_all_that_was_decided(self):
        self.run_race()
        self.comes_out_the_same()

    def test_entries_are_those_of_the_file_and_operators_come_again(self):
        aggregator = self.aggregator(self.race)
        self.stops_well(aggregator)
        path = os.path.join(self.race, "entries.csv")
        rows = read(path).decode().splitlines(keepends=True)
        head = rows[0].strip()
        self.assertTrue(head.startswith("bib,"), head)
        # Somebody goes, somebody comes, and of two columns each has one.
        empty = "," * (head.count(",") - head.split(",").index("name"))
        write(path, head + ",size,ville\n" +
              "".join(r.strip() + ",,Évry\n" for r in rows[3:6]) +
              "".join(r.strip() + ",\"L, \"\"XL\"\"\",Lyon\n"
                      for r in rows[6:]) +
              ("0990," if head.split(",")[1] != "name" else "0990") +
              ("" if head.split(",")[1] == "name" else "DECADE,") +
              "Zoé" + empty + ",,\n")
        aggregator = self.aggregator(self.race)
        self.collect(self.race)
        sheet = write(self.path("late.csv"),
                      "bib;name;sex\n991;Late Comer;M\n4;Other Name;F\n")
        self.palmares("roster", "import", sheet, "--yes", "--by", "anna",
                      "--race", self.race)
        self.decide("enter", "992", "name=Later", "sex=F")
        self.record()
        self.stops_well(aggregator)
        self.comes_out_the_same()

    def test_several_waves_and_nobody_entered_yet(self):
        path = os.path.join(self.race, "race.yaml")
        text = read(path).decode()
        wave = '  masse: { gun: "10:00:00" }\n'
        self.assertIn(wave, text)
        write(path, text.replace(wave, wave + "  elite:\n"))
        write(os.path.join(self.race, "entries.csv"), "bib,name\n")
        aggregator = self.aggregator(self.race)
        self.decide("enter", "992", "name=Later", "sex=F", "wave=elite")
        self.record()
        self.stops_well(aggregator)
        self.comes_out_the_same()

    def test_every_key_of_the_rules(self):
        path = os.path.join(self.race, "race.yaml")
        text = read(path).decode()
        head, rest = text.split("waves:\n")
        rest = rest[rest.index("rankings:\n"):]
        write(path, head.replace("Europe/Paris", "America/St_Johns") + """\
fastest: 2:30
waves:
  masse: { gun: "05:30:00", window: "15:00" }
  "no": { gun: 2014-09-21T10:20:00.125+02:00 }
points:
  depart: { km: 0, gap: 2 }
  mi-course: { km: 4, min: 10:00, max: "3:00:00", backup: "mi: 2" }
  arrivee: { km: 8.015, cutoff: "1:30:00", backup: b, tolerance: 0.5 }
categories:
  SEF: { sex: F, ages: -39 }
  SEM: { sex: M, ages: 18-39 }
  "M0": { ages: 40- }
aliases:
  PMU: ["Pari mutuel", 'P.M.U. # "x"']
""" + rest.replace("best: 3", "best: 4, women: 1, how: mean, sides: 2") + """\
  "Prix: net": { ranking: net, places: 2 }
""")
        text = read(path).decode().replace("awards:\n", """\
  net: { of: runners, by: net, gun_first: 3, ties: order, round: none }
  cadres: { of: runners, category: SEF, wave: masse, without: { net: 2 } }
  km: { of: teams, score: km, average: yes, size: 3- }
  places: { of: teams, score: places, men: 1, size: -40 }
awards:
""")
        write(path, text)
        aggregator = self.aggregator(self.race)
        self.collect(self.race)
        self.record()
        self.stops_well(aggregator)
        self.comes_out_the_same()

    def test_boston(self):
        source = palmares_test.data("boston-2015-top500")
        if source is None:
            self.skipTest("no data set boston-2015-top500 in %s: set "
                          "PALMARES_DATA" % palmares_test.DATA)
        shutil.rmtree(self.race)
        points = convert.convert(source, self.race)
        aggregator = self.aggregator(self.race)
        self.collect(self.race, points)
        self.record()
        self.stops_well(aggregator)
        self.comes_out_the_same()

    def test_what_is_there_is_never_overwritten(self):
        self.stops_well(self.run_example())
        before = tree(self.race)
        err = self.palmares("unpack", self.file, self.race, status=1)
        self.assertIn("nothing is overwritten", err)
        self.assertEqual(tree(self.race), before)
        err = self.palmares("unpack", self.path("none.rec"),
                            self.path("new"), status=1)
        self.assertIn("none.rec", err)
        self.assertFalse(os.path.exists(self.path("new")))
        self.palmares("unpack", self.file, status=2)

    def test_a_torn_recording_gives_what_it_has(self):
        self.stops_well(self.run_example())
        whole = read(self.file)
        folder = self.unpack()
        want = tree(folder)
        shutil.rmtree(folder)
        write(self.file, whole[:-7])
        folder = self.unpack()
        self.assertEqual({path: what[0] for path, what in
                          tree(folder).items()},
                         {path: what[0] for path, what in want.items()})


if __name__ == "__main__":
    palmares_test.main()
