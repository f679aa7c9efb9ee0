#!/usr/bin/env python3
"""
prizes - the end of the example race: what is provisional, published and amended,
on boards and in exports; prizes handed on, collected and given back; and the
folders that init and clone make.
"""

import json
import os
import shlex
import shutil

import palmares_test
from palmares_test import ROOT, System, read, wait_until, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")


class Prizes(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")

    def begin(self, points=POINTS, *args):
        if not os.path.exists(self.race):
            shutil.copytree(EXAMPLE, self.race)
        self.running = self.aggregator(self.race)
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:" + os.path.join(
                    self.race, "crossings", point + ".csv"), "--once", *args))

    def palmares(self, *args):
        return self.run_program("palmares", *args)

    def ok(self, *args):
        status, out, err = self.palmares(*args, "--race", self.race)
        self.assertEqual(status, 0, "%s\n%s%s" % (args, out, err))
        return out

    def decide(self, *args):
        out = self.ok(*args, "--yes")
        self.assertIn("decided: number", out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        return out

    def awards(self):
        """(award, place) -> the prize."""
        return {(a["award"], p["place"]): p
                for a in json.loads(self.ok("awards", "--format", "json"))
                ["awards"] for p in a["prizes"]}

    def json(self, ranking, *args):
        return json.loads(self.export(self.race, ranking, "--format", "json",
                                      *args))

    def provisional(self, ranking, *args):
        rows = [r for r in self.json(ranking, *args)["rows"] if r["place"]]
        return [r.get("provisional", False) for r in rows]

    def same_everywhere(self):
        for ranking in palmares_test.rankings(self.race):
            for form in ("json", "text"):
                self.assertEqual(
                    self.export(self.race, ranking, "--format", form),
                    self.export(self.race, ranking, "--format", form,
                                "--offline"))

    # ---- publishing

    def test_a_ranking_is_published_and_amended_by_a_correction(self):
        self.begin()
        self.decide("publish", "hommes", "final")
        self.assertEqual(self.json("hommes")["published"], "final")
        self.assertNotIn("published", self.json("femmes"))
        board = self.ok_board("hommes")
        self.assertRegex(board, r"\nhommes\nfinal since \d\d:\d\d\n\nplace")
        self.same_everywhere()

        shown = self.ok("mark", "dsq", "15", "--reason", "short cut",
                        "--dry-run")
        self.assertRegex(shown, r"\nhommes is final since \d\d:\d\d: this "
                                r"makes it amended\n")
        self.assertEqual(self.json("hommes")["published"], "final")
        # A woman's correction is none of theirs.
        self.assertNotIn("amended", self.ok(
            "mark", "dsq", "27", "--reason", "short cut", "--dry-run"))

        out = self.decide("mark", "dsq", "15", "--reason", "short cut")
        self.assertIn("undone with palmares undo 2-3", out)
        self.assertEqual(self.json("hommes")["published"], "amended")
        self.ok("undo", "2-3", "--reason", "it was none", "--yes")
        # Undone, the places are what they were; that is news, too.
        self.assertEqual(self.json("hommes")["rows"][0]["bib"], "15")
        self.same_everywhere()

    def alarms(self):
        status = json.loads(self.ok("status", "--format", "json"))
        return [a["text"] for a in status["alarms"]
                if a["kind"] == "published"]

    def changed_since(self):
        problems = json.loads(self.ok("problems", "--format", "json"))
        return [p["command"] for p in problems["problems"]
                if p["kind"] == "published-changed"]

    def test_a_laptop_that_comes_too_late_is_told(self):
        self.begin(POINTS[:2])
        self.decide("publish", "hommes", "final")
        self.assertEqual((self.alarms(), self.changed_since()), ([], []))
        self.ends_well(self.collector(
            self.race, "arrivee", "csv:" + os.path.join(
                self.race, "crossings", "arrivee.csv"), "--once"))
        wait_until("the alarm begins", self.alarms)
        self.assertRegex(self.alarms()[0], r"^hommes is final since \d\d:\d\d, "
                                           r"and has changed since$")
        amend = ["palmares publish hommes amended"]
        self.assertEqual(self.changed_since(), amend)

        # The log says so, not the memory of who has read it.
        self.stops_well(self.running)
        self.running = self.aggregator(self.race)
        wait_until("the alarm is back", self.alarms)
        self.assertEqual(self.changed_since(), amend)
        self.decide(*amend[0].split()[1:], "--reason", "a late laptop")
        wait_until("the alarm ends", lambda: not self.alarms())
        self.assertEqual(self.changed_since(), [])
        self.assertEqual(self.running.err().count("has changed since"), 1)
        self.assertEqual(self.running.err().count("is as was said"), 1)

    def ok_board(self, ranking):
        p = self.start("palmares-display", ranking, "--race", self.race,
                       "--once", "--format", "text")
        self.ends_well(p)
        return p.out()

    def test_all_rankings_at_once_and_wrong_words(self):
        self.begin(points=())
        self.decide("publish", "--all", "provisional")
        for ranking in palmares_test.rankings(self.race):
            self.assertEqual(self.json(ranking)["published"], "provisional")
        self.assertIn("already",
                      self.ok("publish", "scratch", "provisional", "--yes"))
        status, _, err = self.palmares("publish", "scrach", "final", "--yes",
                                       "--race", self.race)
        self.assertEqual(status, 1)
        self.assertIn("did you mean 'scratch'", err)
        status, _, err = self.palmares("publish", "scratch", "--race",
                                       self.race)
        self.assertEqual(status, 2)

    def test_a_display_hears_of_it(self):
        self.begin()
        lines = self.start("palmares-display", "hommes", "--race", self.race)
        wait_until("the board", lambda: "Legeay" in lines.out())
        self.decide("publish", "hommes", "final")
        wait_until("that it is final", lambda: "final since" in lines.out())

    # ---- provisional places

    def test_places_are_provisional_while_a_later_wave_may_win(self):
        # Nobody has seen 260, who is alone in a wave that starts when all
        # others are in.
        shutil.copytree(EXAMPLE, self.race)
        path = os.path.join(self.race, "race.yaml")
        write(path, read(path).decode().replace(
            "points:", '  late: { gun: "12:30:00" }\npoints:'))
        path = os.path.join(self.race, "entries.csv")
        head, *rows = read(path).decode().splitlines()
        bib = head.split(",").index("bib")
        write(path, "".join(
            "%s,%s\n" % (row, "late" if row.split(",")[bib] == "260"
                         else "masse") for row in rows).join(
            [head + ",wave\n", ""]))
        self.begin(POINTS, "--gun", "masse")
        self.assertTrue(all(self.provisional("scratch")))
        self.assertIn("all places are provisional",
                      self.export(self.race, "scratch", "--format",
                                  "text").decode())
        # No woman is in that wave.
        self.assertFalse(any(self.provisional("femmes")))
        self.same_everywhere()
        self.decide("mark", "dns", "260", "--reason", "was ill")
        self.assertFalse(any(self.provisional("scratch")))
        self.same_everywhere()

    def test_live_places_on_the_way_are_marked(self):
        self.begin()
        marks = self.provisional("live")
        self.assertEqual(sorted(marks), marks)
        self.assertEqual(marks.count(True), 1)
        text = self.export(self.race, "live", "--format", "text").decode()
        self.assertRegex(text, r"\n\?411 +365 ")
        self.assertTrue(text.endswith(
            "\n\n? provisional: somebody who is still out may change it\n"))

    # ---- prizes

    def test_a_prize_is_handed_on_collected_and_given_back(self):
        self.begin()
        before = self.awards()
        first = ("Femmes", 1)
        self.assertEqual(before[first]["winners"][0]["bib"], "27")
        status, _, err = self.palmares("award", "Femmes", "1", "--to", "9",
                                       "--yes", "--race", self.race)
        self.assertEqual(status, 2)  # why?
        self.assertIn("--reason", err)
        self.decide("award", "Femmes", "1", "--to", "9", "--note",
                    "by her own wish")
        now = self.awards()[first]
        self.assertEqual((now["winners"][0]["bib"], now["holder"]["bib"],
                          now["note"]), ("27", "9", "by her own wish"))
        self.decide("award", "Femmes", "1", "--collected")
        self.assertTrue(self.awards()[first]["collected"])
        self.assertIn("it is so already", self.ok(
            "award", "Femmes", "1", "--collected", "--yes"))
        self.assertEqual(self.ok("awards"), self.ok("awards", "--offline"))
        self.decide("award", "Femmes", "1", "--back")
        self.assertEqual(self.awards(), before)
        # Taken back the other way: undone one by one.
        self.ok("undo", "3", "--reason", "no", "--yes")
        self.assertTrue(self.awards()[first]["collected"])
        self.ok("undo", "1-2", "--reason", "no", "--yes")
        self.assertEqual(self.awards(), before)

    def test_a_prize_follows_the_place_and_asks_to_be_looked_at(self):
        self.begin()
        self.decide("award", "Hommes", "1", "--collected")
        out = self.decide("mark", "dsq", "15", "--reason", "short cut")
        self.assertIn("prizes that change hands", out)
        prize = self.awards()["Hommes", 1]
        self.assertEqual(prize["winners"][0]["bib"], "383")
        self.assertTrue(prize["changed"] and prize["collected"])
        out = self.ok("awards")
        self.assertIn("! look again: collected by 15 ", out)
        self.assertNotIn(", collected", out)
        self.decide("award", "Hommes", "1", "--collected")
        self.assertNotIn("changed", self.awards()["Hommes", 1])
        self.stops_well(self.running)
        self.assertNotIn("look again", self.ok("awards"))

    def test_a_company_holds_a_prize_and_the_list_is_printed(self):
        self.begin()
        name = "Entreprise la plus solidaire"
        self.decide("award", name, "1", "--to", "Webhelp", "--note", "gift")
        self.decide("award", name, "1", "--collected")
        text = self.ok("awards", "--print")
        self.assertIn("\n [x]   1    Nespresso", text)
        self.assertIn("\n            handed on to Webhelp: gift\n", text)
        self.assertEqual(text.count(" [ ] "), 10)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80)
        self.assertEqual(
            self.ok("awards", "--print", "--page").count("\f"), 3)
        status, _, err = self.palmares("award", name, "1", "--to", "Webhlp",
                                       "--yes", "--note", "x", "--race",
                                       self.race)
        self.assertEqual(status, 1)
        self.assertIn("did you mean 'Webhelp'?", err)

    # ---- folders

    def test_init_makes_a_folder_that_check_passes(self):
        folder = self.path("new")
        status, out, err = self.palmares(
            "init", folder, "--yes", "--title", "Trail: \"8\"", "--date",
            "2026-09-20", "--timezone", "Europe/Paris", "--points",
            "départ 0, col 4.2, arrivée 8", "--waves", "a 9:00, b 9:10:30, c",
            "--rankings", "overall, women, men, net, live, teams, km")
        self.assertEqual((status, err), (0, ""), out)
        status, out, _ = self.palmares("check", folder)
        self.assertEqual(status, 0, out)
        self.assertIn("3 waves, 3 points, 0 entries, 0 teams, 7 rankings: no "
                      "mistakes", out)
        self.assertIn("wave b: 2026-09-20T09:10:30+02:00", out)
        before = read(os.path.join(folder, "race.yaml"))
        status, _, err = self.palmares("init", folder, "--yes")
        self.assertEqual(status, 1)
        self.assertIn("nothing is overwritten", err)
        self.assertEqual(read(os.path.join(folder, "race.yaml")), before)
        # And it runs.
        self.stops_well(self.aggregator(folder))

    def test_init_with_wrong_answers_makes_nothing(self):
        folder = self.path("new")
        for option, word in (("--date", "tomorrow"), ("--points", "start"),
                             ("--waves", "a 10h"), ("--rankings", "x"),
                             ("--prizes", "many"), ("--timezone", "Mars")):
            status, _, err = self.palmares("init", folder, "--yes", option,
                                           word)
            self.assertEqual(status, 2)
            self.assertIn("palmares init: %s: " % option, err)
            self.assertFalse(os.path.exists(folder))
        status, _, err = self.palmares("init", folder)
        self.assertEqual(status, 2)
        self.assertIn("--yes takes what is usual", err)

    def test_what_init_says_comes_next_can_be_pasted(self):
        folder = self.path("l'été 2026")
        status, out, err = self.palmares("init", folder, "--yes")
        self.assertEqual((status, err), (0, ""))
        check = next(line for line in out.splitlines() if " check " in line)
        self.assertEqual(shlex.split(check), ["palmares", "check", folder])

    def test_clone_makes_next_years_folder(self):
        self.begin()
        self.stops_well(self.running)
        folder = self.path("2015")
        status, out, err = self.palmares("clone", self.race, folder)
        self.assertEqual((status, err), (0, ""), out)
        self.assertEqual(sorted(os.listdir(folder)),
                         ["entries.csv", "race.yaml"])
        ours = read(os.path.join(self.race, "race.yaml")).decode()
        self.assertEqual(read(os.path.join(folder, "race.yaml")).decode(),
                         ours.replace("2014-09-21", "2015-09-20"))
        entries = read(os.path.join(self.race, "entries.csv"))
        self.assertEqual(read(os.path.join(folder, "entries.csv")),
                         entries.split(b"\n")[0] + b"\n")
        self.assertEqual(self.palmares("check", folder)[0], 0)
        self.assertEqual(self.palmares("clone", self.race, folder)[0], 1)

        other = self.path("2016")
        self.assertEqual(self.palmares(
            "clone", self.race, other, "--entries", "--date",
            "2016-02-30")[0], 2)
        self.assertFalse(os.path.exists(other))
        status, out, _ = self.palmares("clone", self.race, other, "--entries",
                                       "--date", "2016-09-18")
        self.assertEqual(status, 0, out)
        self.assertEqual(read(os.path.join(other, "entries.csv")), entries)

    def test_what_entries_keep_of_the_old_year_is_told(self):
        shutil.copytree(EXAMPLE, self.race)
        path = os.path.join(self.race, "entries.csv")
        write(path, "bib,name,status,start\n"
                    "1,Ada,DNS,\n2,Bea,DSQ,\n3,Cle,,\n"
                    "4,Dan,,2014-09-21T10:05:00+02:00\n5,Eve,,10:06:00\n")
        folder = self.path("2015")
        status, out, err = self.palmares("clone", self.race, folder,
                                         "--entries")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("entries.csv: 2 have a status already, the first: "
                      "1 Ada, DNS\n", out)
        self.assertIn("entries.csv: 1 starts on another day, the first: "
                      "4 Dan, 2014-09-21\n", out)
        status, out, err = self.palmares("clone", self.race, self.path("16"))
        self.assertEqual((status, err), (0, ""))
        self.assertNotIn("entries.csv:", out)


if __name__ == "__main__":
    palmares_test.main()
