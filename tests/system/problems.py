#!/usr/bin/env python3
"""
problems - a race with a fault of each kind: all are told, and the commands that
they come with, typed as they stand, make them go away.
"""

import json
import os
import re
import shlex

import palmares_test
from palmares_test import System, write

RACE = """\
title: Faults
date: 2014-09-21
timezone: Europe/Paris
waves:
  masse: { gun: "10:00:00", window: 5 min }
  elite: { gun: "10:10:00", window: 5 min }
points:
  depart:    { km: 0 }
  mi-course: { km: 4 }
  arrivee:   { km: 8, min: 15 min, cutoff: 1 h }
rankings:
  scratch:     { of: runners }
  entreprises: { of: teams, score: time, best: 3 }
"""

# What there is to fill in where a command has a word in capitals.
WORDS = {"BIB": "203", "TIME": "10:16:00", "NAME": "Somebody", "OLD": "4FF103"}

# Those that no command mends, and why they stay.
STAY = {"same-team": "race.yaml is not read while the race runs"}


def clock(seconds):
    return "%02d:%02d:%02d" % (10 + seconds // 3600, seconds // 60 % 60,
                               seconds % 60)


class Problems(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        self.entries = ["bib,chip,name,sex,team,wave,status"]
        self.reads = {"depart": [], "mi-course": [], "arrivee": []}

    def enter(self, bib, name="", team="", wave="masse", chip="", status=""):
        self.entries.append("%s,%s,%s,,%s,%s,%s"
                            % (bib, chip, name, team, wave, status))

    def read_at(self, point, seconds, bib="", chip="", other=""):
        self.reads[point].append((seconds, bib, chip, other or point))

    def run_one(self, bib, start=1, finish=2400, **more):
        self.enter(bib, **more)
        self.read_at("depart", start, bib)
        self.read_at("mi-course", (start + finish) // 2, bib)
        self.read_at("arrivee", finish, bib)

    def begin(self):
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"),
              "\n".join(self.entries) + "\n")
        self.keeper = self.aggregator(self.race)
        self.collect("")

    def collect(self, name):
        for point, reads in self.reads.items():
            path = self.path(point + name + ".csv")
            write(path, "time,bib,chip,point\n" + "".join(
                "%s,%s,%s,%s\n" % (clock(when), bib, chip, other)
                for when, bib, chip, other in sorted(reads)))
            program = self.collector(self.race, point, "csv:" + path, "--once",
                                     name=point + name)
            program.wait()

    def say(self, *words):
        """What palmares says, and nothing went wrong."""
        status, out, err = self.run_program("palmares", *words)
        self.assertEqual(status, 0, "%s\n%s%s" % (words, out, err))
        return out

    def problems(self):
        found = json.loads(self.say(
            "problems", "--race", self.race, "--format", "json"))
        return found["problems"]

    def ranked(self):
        return [self.say("export", "--race", self.race, "--ranking", ranking)
                for ranking in ("scratch", "entreprises")]

    def mend(self, problem):
        words = shlex.split(problem["command"])
        self.assertEqual(words[0], "palmares", problem)
        words = [re.sub(r"\b[A-Z]+\b", lambda m: WORDS.get(m[0], m[0]), word)
                 for word in words[1:]]
        return self.say(*words, "--race", self.race, "--yes", "--reason",
                        problem["kind"])

    def faults(self):
        """A field of eight that is all right, and one fault of each kind."""
        for i in range(8):
            self.run_one(str(101 + i), 1 + i, 1900 + 30 * i)
        self.read_at("arrivee", 2500, "120")             # for 102
        self.enter("201", chip="ABC123")
        self.read_at("mi-course", 1200, chip="ABC132")   # two swapped
        self.enter("202")
        self.read_at("mi-course", 1210, "202", other="micourse")
        self.run_one("203", 2, 2410)
        self.run_one("204", 2, 2430)
        self.read_at("mi-course", 2400, "204")           # 30 s before the end
        self.enter("205")
        self.read_at("depart", 2, "205")
        self.read_at("mi-course", 100, "205")            # in 98 s
        self.read_at("arrivee", 2450, "205")
        self.run_one("206", 620, 2600)                   # with elite
        self.run_one("207", 400, 2600)                   # with nobody
        self.run_one("208", 2, 3700)                     # after an hour
        self.enter("209")
        self.read_at("mi-course", 1200, "209")
        self.read_at("arrivee", 2460, "209")
        self.enter("210")
        self.read_at("depart", 2, "210")
        self.read_at("arrivee", 2470, "210")
        self.run_one("211", 2, 2480, name="Zoé Petit")
        self.enter("212", name="ZOE PETIT")
        self.run_one("213", 2, 2490, team="Nespresso")
        self.run_one("214", 2, 2500, team="Nespreso")
        self.run_one("215", 2, 2510, status="DNS")
        self.run_one("216", 2, 2415)                     # was 203
        self.read_at("arrivee", 2600, "216")

    KINDS = {"unknown-bib", "unknown-chip", "unknown-point", "two-places",
             "pace", "wrong-wave", "late-start", "cut-off", "no-start",
             "no-split", "seen-twice", "dns-seen", "unseen", "same-person", "same-team"}

    def test_the_commands_make_the_problems_go_away(self):
        self.faults()
        self.begin()
        found = self.problems()
        self.assertEqual({p["kind"] for p in found}, self.KINDS)
        # What is mended may show what was behind it, but comes to an end.
        for _ in range(4):
            for problem in found:
                if problem["kind"] not in STAY:
                    self.mend(problem)
            found = self.problems()
            if {p["kind"] for p in found} <= set(STAY):
                break
        self.assertEqual({p["kind"] for p in found}, set(STAY), found)

    def test_who_was_marked_dns_by_mistake_is_told_with_the_way_back(self):
        self.run_one("1", 2, 2400)
        self.run_one("2", 2, 2410)
        self.begin()
        self.say("mark", "dns", "2", "--race", self.race, "--yes",
                 "--reason", "was not at the start")
        problem, = self.problems()
        self.assertEqual((problem["kind"], problem["gravity"], problem["bib"],
                          problem["command"]),
                         ("dns-seen", "wrong", "2", "palmares undo 1"))
        self.assertIn("DNS, but was seen at 3 points", problem["words"])
        self.mend(problem)
        self.assertEqual(self.problems(), [])

    def test_a_bib_typed_for_another_is_told_when_its_owner_comes(self):
        self.run_one("1", 2, 2640)
        self.enter("2")
        self.read_at("depart", 2, "2")
        self.read_at("mi-course", 1200, "2")
        self.read_at("arrivee", 2400, "1")
        self.begin()
        problem, = self.problems()
        self.assertEqual((problem["kind"], problem["gravity"], problem["key"],
                          problem["command"]),
                         ("seen-twice", "doubtful", "seen-twice:1,arrivee",
                          "palmares move arrivee:1 bib=BIB"))
        self.say(*shlex.split(problem["command"].replace("BIB", "2"))[1:],
                 "--race", self.race, "--yes", "--reason", "photo")
        self.assertEqual(self.problems(), [])
        rows = self.ranked()[0].splitlines()[1:]
        self.assertEqual([row.split(",")[:2] + [row.split(",")[6]]
                          for row in rows],
                         [["1", "2", "2400"], ["2", "1", "2640"]])

    def test_what_is_fine_is_set_aside_until_it_changes(self):
        self.faults()
        self.begin()
        ranked = self.ranked()
        found = self.problems()
        keys = [p["key"] for p in found]
        self.assertEqual(len(set(keys)), len(keys))
        decided = self.say("aside", *keys, "--race", self.race, "--yes",
                           "--reason", "looked at")
        self.assertIn("problem same-person:211,212 set aside", decided)
        self.assertIn("probably one person", decided)
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.say("problems", "--race", self.race),
                         "no problems; 15 set aside (--all shows them)\n")
        self.assertEqual(self.ranked(), ranked)

        # Over a restart, and from a recording.
        self.stops_well(self.keeper)
        self.aggregator(self.race)
        self.assertEqual(self.problems(), [])
        recording = self.path("race.rec")
        self.say("record", "--race", self.race, recording)
        for more in (["--race", self.race], ["--from", recording]):
            told = self.say("problems", "--all", *more)
            self.assertIn("\nSet aside\n", told)
            self.assertEqual(told.count("looked at"), 15)
        self.assertIn("problem pace:205 set aside",
                      self.say("history", "205", "--race", self.race))
        self.assertNotIn("problem pace:205 set aside",
                         self.say("history", "204", "--race", self.race))

        # One more read of nobody, and one of them undone.
        self.reads = {"arrivee": [(2550, "120", "", "arrivee")]}
        self.collect("more")
        self.assertEqual([p["key"] for p in self.problems()],
                         ["unknown-bib:120"])
        number = keys.index("same-person:211,212") + 1
        self.say("undo", str(number), "--race", self.race, "--yes",
                 "--reason", "one person after all")
        self.assertEqual([p["key"] for p in self.problems()],
                         ["unknown-bib:120", "same-person:211,212"])
        status, _, err = self.run_program(
            "palmares", "aside", "pace:206", "--race", self.race, "--yes",
            "--reason", "a slip")
        self.assertEqual(status, 1)
        self.assertIn("did you mean 'pace:205'", err)

    def test_a_mat_that_was_tried_out_is_mended_by_one_command(self):
        for i in range(8):
            self.run_one(str(101 + i), 1 + i, 1900 + 30 * i)
            self.read_at("mi-course", 60 + 2 * i, str(101 + i))
            self.read_at("mi-course", 90 + 2 * i, str(101 + i))
        self.begin()
        problem, = self.problems()
        self.assertEqual((problem["kind"], problem["count"],
                          problem["command"]),
                         ("series", 8, "palmares void mi-course:1-16"))
        self.mend(problem)
        self.assertEqual(self.problems(), [])

    def test_where_two_mats_contradict_each_other_no_finish_is_thrown_away(
            self):
        for i in range(8):
            bib = str(101 + i)
            self.enter(bib)
            self.read_at("depart", 1 + i, bib)
            self.read_at("mi-course", 1700 + 30 * i, bib)
            self.read_at("arrivee", 1900 + 30 * i, bib)
        self.begin()
        problem, = self.problems()
        self.assertEqual((problem["kind"], problem["count"],
                          problem["command"]),
                         ("series", 8, "palmares explain 101"))
        self.assertIn("mi-course", self.say("explain", "101",
                                            "--race", self.race))

    def test_a_read_goes_to_who_lacks_it_and_not_to_who_has_come_in(self):
        self.run_one("101", 1, 1900)
        self.run_one("102", 2, 1930)
        self.enter("121")
        self.read_at("depart", 2, "121")
        self.read_at("mi-course", 950, "121")
        self.read_at("arrivee", 1905, "120")
        self.begin()
        problem, = self.problems()
        self.mend(problem)
        self.assertEqual(self.problems(), [])
        self.assertEqual([line.split(",")[:2] for line in
                          self.ranked()[0].splitlines()[1:]],
                         [["1", "101"], ["2", "121"], ["3", "102"]])

    def test_who_was_never_seen_is_marked_and_places_are_certain(self):
        for i in range(3):
            self.run_one(str(101 + i), 1 + i, 1900 + 30 * i)
        for i in range(30):
            self.enter(str(201 + i), "Runner %d" % i)
        self.begin()
        problem, = self.problems()
        self.assertEqual((problem["kind"], problem["count"],
                          problem["command"]),
                         ("unseen", 30, "palmares mark dns --unseen"))
        told = self.mend(problem)
        for i in range(30):
            self.assertIn("%d: DNS - Runner %d\n" % (201 + i, i), told)
        self.assertEqual(self.problems(), [])
        again = self.mend(problem)
        self.assertIn("nothing to change", again)

    def test_a_chip_that_is_given_beside_another_takes_no_reads_away(self):
        self.enter("203", chip="4FF103")
        self.read_at("depart", 2, chip="4FF103")
        self.read_at("mi-course", 1200, chip="DEADC0")
        self.read_at("arrivee", 2400, chip="4FF103")
        self.begin()
        problem, = [p for p in self.problems() if p["kind"] == "unknown-chip"]
        self.assertEqual(problem["command"],
                         "palmares change BIB 'chip=OLD;DEADC0'")
        self.mend(problem)
        self.assertEqual(self.problems(), [])

    def test_lines_for_race_yaml_make_one_team_of_all_spellings(self):
        for i, team in enumerate(["Nespresso", "Nespresso", "NESPRESSO",
                                  "Nespreso", "La Poste", "La Poste",
                                  "LAPOSTE", "Orange"]):
            self.run_one(str(101 + i), 2, 2400 + 10 * i, team=team)
        self.begin()
        lines = {p["command"] for p in self.problems()}
        self.assertEqual(len(lines), 2)
        self.stops_well(self.keeper)
        write(os.path.join(self.race, "race.yaml"),
              RACE + "aliases:\n  " + "\n  ".join(sorted(lines)) + "\n")
        self.aggregator(self.race)
        self.assertEqual(self.problems(), [])

    def test_text_is_no_wider_than_a_terminal_but_for_commands(self):
        self.faults()
        self.begin()
        text = self.say("problems", "--race", self.race)
        self.assertRegex(text, r"\A15 problems: ")
        for line in text.splitlines():
            if not line.startswith("      palmares"):
                self.assertLessEqual(len(line), 80, line)
        explained = self.say("explain", "204", "--race",
                                     self.race)
        self.assertIn("not used", explained)

    def test_the_same_is_told_from_a_recording_and_over_the_network(self):
        self.faults()
        self.begin()
        recording = self.path("race.rec")
        self.say("record", "--race", self.race, recording)
        for words in (["problems"], ["explain", "204"],
                      ["explain", "Nespresso"], ["compare", "101", "102"]):
            told = self.say(*words, "--race", self.race)
            self.assertEqual(told, self.say(
                *words, "--from", recording))
            self.assertEqual(told, self.say(
                *words, "--aggregator",
                self.endpoint(self.race)))


if __name__ == "__main__":
    palmares_test.main()
