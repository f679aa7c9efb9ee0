#!/usr/bin/env python3
"""
season_decisions - what is published and decided about a season: shown, stored
in season.db, told, undone; kill -9 in the middle; a season.db that is damaged.
"""

import os
import random
import shutil
import time

import palmares_test
from palmares_test import ROOT, System, read, seed, sql, write

EXAMPLE = os.path.join(ROOT, "examples", "prix-des-prix")
YEARS = range(2008, 2015)
LINES = 432
WHO = ("--by", "Ana", "--yes", "--reason")


class Decided(System):
    def setUp(self):
        super().setUp()
        self.folder = self.path("season")
        shutil.copytree(EXAMPLE, self.folder)
        self.db = os.path.join(self.folder, "season.db")

    def season(self, *args):
        return self.run_program("palmares", "season", self.folder, *args)

    def asked(self, *args):
        status, out, err = self.season(*args)
        self.assertEqual(status, 0, (args, out, err))
        return out

    def refused(self, *args, status=1):
        got, _, err = self.season(*args)
        self.assertEqual(got, status, (args, err))
        return err

    def tables(self):
        """Every table of every year, byte for byte."""
        return [self.asked("table", "--season", str(y), "--format", f)
                for y in YEARS for f in ("csv", "text")]

    def edit(self, year, old, new):
        path = os.path.join(self.folder, "palmares", "%d.csv" % year)
        text = read(path).decode()
        self.assertEqual(text.count(old), 1, old)
        write(path, text.replace(old, new))

    def publish(self, *args, reason="the lists"):
        return self.asked("publish", *args, *WHO, reason)


class Publications(Decided):
    def test_the_lists_as_published_are_the_lists_of_the_files(self):
        before = self.tables()
        out = self.publish()
        self.assertIn("%d lines new\n" % LINES, out)
        self.assertIn("nobody changes place, nor points\n", out)
        self.assertIn("decided: number 1; palmares season %s undo 1 takes it"
                      % self.folder, " ".join(out.split()))
        self.assertEqual(self.tables(), before)
        self.assertEqual(sql(self.db, "SELECT count(*) FROM log"),
                         [(LINES + 1,)])
        self.assertIn("nothing to publish",
                      self.asked("publish", *WHO, "again"))

    def test_a_correction_counts_once_it_is_published(self):
        self.publish()
        before = self.tables()
        self.edit(2014, "2014,Podium,Classement général,1,Nespresso,",
                  "2014,Podium,Classement général,3,Nespresso,")
        status, out, err = self.season("table", "--format", "csv")
        self.assertEqual(out, before[-2])
        self.assertIn("palmares/2014.csv: 1 line is not published yet: "
                      "palmares season %s publish" % self.folder, err)
        out = self.publish("Podium", reason="the jury counted again")
        self.assertIn("changed  2014 Podium, Classement général: 1 -> 3 "
                      "Nespresso", out)
        self.assertIn("  2014 general: Nespresso 1, 18 -> 16 points\n", out)
        self.assertIn(",Nespresso,16,",
                      self.asked("table", "--format", "csv"))
        told = self.asked("decisions")
        self.assertRegex(told, r"\n  2  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  Ana  "
                               r"holds\n     Podium 2014 published: 1 line "
                               r"changed \(the jury counted again\)\n"
                               r"     2014 general: Nespresso 1, 18 -> 16")
        self.asked("undo", "2", *WHO, "they had not")
        self.assertEqual(self.tables(), before)
        self.assertIn("undone by 3", self.asked("decisions"))
        self.asked("undo", "3", *WHO, "they had")
        self.assertNotEqual(self.tables(), before)

    def test_lines_come_and_go(self):
        self.publish()
        before = self.tables()
        self.edit(2014, "2014,Podium,Distribution,1,Nespresso,\n",
                  "2014,Podium,Nouveau,1,Personne & Cie,\n")
        out = self.publish()
        self.assertIn("new      2014 Podium, Nouveau: 1 Personne & Cie", out)
        self.assertIn("gone     2014 Podium, Distribution: 1 Nespresso", out)
        self.assertIn("\n1 line new, 1 gone\n", out)
        self.assertIn("general: Personne & Cie new -> ", out)
        self.asked("undo", "2", *WHO, "wrong file")
        self.assertEqual(self.tables(), before)
        self.assertIn("1 line is published and in no file any more",
                      self.season("table")[2])

    def test_one_competition_of_one_season_is_published(self):
        self.publish()
        self.edit(2014, "2014,Podium,Distribution,1,Nespresso,",
                  "2014,Podium,Distribution,2,Nespresso,")
        first = read(os.path.join(self.folder, "palmares", "2013.csv"))
        self.edit(2013, first.decode().split("\n")[1] + "\n", "")
        out = self.publish("--season", "2014")
        self.assertIn("\n1 line changed\n", out)
        self.assertIn("1 line is published and in no file",
                      self.season("table")[2])
        err = self.refused("publish", "Podiun", *WHO, "typo", status=2)
        self.assertIn("no line has that competition, did you mean Podium?",
                      err)

    def test_the_first_publication_undone_leaves_the_files(self):
        before = self.tables()
        self.publish()
        self.asked("undo", "1", *WHO, "too early")
        self.edit(2014, "2014,Podium,Classement général,1,Nespresso,",
                  "2014,Podium,Classement général,3,Nespresso,")
        status, out, err = self.season("table", "--format", "csv")
        self.assertNotEqual(out, before[-2])
        self.assertNotIn("published", err)

    def test_nothing_is_decided_without_a_word(self):
        before = self.tables()
        self.assertIn("--reason: why?",
                      self.refused("publish", "--yes", status=2))
        self.assertIn("nothing was decided: --dry-run",
                      self.asked("publish", "--dry-run"))
        status, out, _ = self.season("publish", "--reason", "x")
        self.assertEqual(status, 1)
        self.assertIn("nothing was decided: --yes decides this", out)
        self.assertFalse(os.path.exists(self.db))
        self.assertEqual(self.tables(), before)
        self.assertIn("nothing was decided", self.season("decisions")[2])


class Names(Decided):
    def test_a_firm_is_parted_and_merged_again(self):
        self.publish()
        before = self.tables()
        out = self.asked("merge", "BMS", "BMS", *WHO, "a firm of its own")
        self.assertIn("BMS is somebody of its own\n", out)
        self.assertIn("2012 general: BMS new -> ", out)
        parted = self.tables()
        self.assertNotEqual(parted, before)
        out = self.asked("merge", "BMS", "Bristol-Myers Squibb", *WHO,
                         "no, it is not")
        self.assertIn("2012 general: BMS gone, was ", out)
        self.assertEqual(self.tables(), before)
        self.asked("undo", "3", *WHO, "yes it is")
        self.assertEqual(self.tables(), parted)
        self.asked("undo", "2", *WHO, "as the file says")
        self.assertEqual(self.tables(), before)

    def test_a_name_is_merged_without_anything_published(self):
        before = self.tables()
        out = self.asked("merge", "Bristol-Myers Squibb", "BMS Group", *WHO,
                         "renamed")
        self.assertIn('note: nobody is written "BMS Group" yet', out)
        rows = self.asked("table", "--season", "2012", "--format", "csv")
        self.assertIn("BMS Group", rows)
        self.assertNotIn("Bristol", rows)
        self.asked("undo", "1", *WHO, "not yet")
        self.assertEqual(self.tables(), before)

    def test_what_cannot_be_merged_says_why(self):
        self.assertIn('nobody is written so, did you mean "Nespresso"?',
                      self.refused("merge", "Nespreso", "Maaf", *WHO, "x"))
        self.assertIn("goes under", self.asked("merge", "BMS",
                                               "Bristol-Myers Squibb", *WHO,
                                               "x"))
        self.asked("merge", "Acticall", "Alstom", *WHO, "one group")
        self.assertIn("undo that first",
                      self.refused("merge", "Alstom", "Acticall", *WHO, "x"))


class Others(Decided):
    def test_a_competition_is_void_and_counts_again(self):
        before = self.tables()
        out = self.asked("void", "Podium", *WHO, "cancelled")
        self.assertIn("Podium 2014 is void\n", out)
        self.assertIn("2014 general: Nespresso 1, 18 -> 12 points\n", out)
        self.assertIn("is void already",
                      self.asked("void", "Podium", *WHO, "again"))
        self.asked("undo", "1", *WHO, "it was not")
        self.assertEqual(self.tables(), before)
        self.asked("void", "Podium", "--season", "2008", *WHO, "cancelled")
        self.assertEqual(self.tables()[2:], before[2:])
        self.assertIn("no competition Podiun in 2014",
                      self.refused("void", "Podiun", *WHO, "x", status=2))

    def test_of_two_equals_the_organiser_decides(self):
        before = self.tables()
        out = self.asked("decide", "general", "Meetic", "Alstom", *WHO,
                         "drawn by lot")
        self.assertIn("2014 general: of equals Meetic before Alstom\n", out)
        text = self.asked("table")
        self.assertLess(text.index("Meetic"), text.index("Alstom"))
        self.assertIn("drawn by lot", text)
        self.asked("undo", "1", *WHO, "no lot")
        self.assertEqual(self.tables(), before)
        self.assertIn("is not in the table",
                      self.refused("decide", "general", "Personne", "Alstom",
                                   *WHO, "x"))

    def test_what_would_close_a_circle_is_refused(self):
        """Decisions that lead in a circle say nothing, none of them."""
        self.asked("decide", "general", "Meetic", "Alstom", *WHO, "lot")
        self.asked("decide", "general", "Alstom", "BMW", *WHO, "lot")
        now = self.tables()
        err = self.refused("decide", "general", "BMW", "Meetic", *WHO, "x")
        self.assertIn("\"Meetic\" stands before \"BMW\" already, by what "
                      "was decided (1, 2): undo that first", err)
        self.assertIn("nothing to change",
                      self.asked("decide", "general", "Meetic", "BMW",
                                 *WHO, "x"))
        self.assertEqual(self.tables(), now)
        self.asked("undo", "2", *WHO, "x")
        self.asked("decide", "general", "BMW", "Meetic", *WHO, "lot")

    def test_two_of_one_award_are_not_merged_without_a_word(self):
        out = self.asked("merge", "Meetic", "Alstom", *WHO, "x")
        self.assertNotIn("both stand", out)
        folder = os.path.join(self.folder, "palmares", "2014.csv")
        rows = [r.split(",") for r in read(folder).decode().splitlines()[1:]]
        by_award = {}
        for r in rows:
            by_award.setdefault((r[1], r[2]), []).append(r[4])
        award, names = next((a, n) for a, n in by_award.items()
                            if len(n) > 1 and "Alstom" not in n)
        out = self.asked("merge", names[0], names[1], *WHO, "x")
        self.assertIn("note: both stand in 2014 %s, %s" % award,
                      " ".join(out.split()))

    def test_an_undo_that_cannot_be_says_why(self):
        self.assertIn("nothing was decided yet",
                      self.refused("undo", "1", *WHO, "x"))
        self.asked("void", "Podium", *WHO, "cancelled")
        self.assertIn("there are numbers 1 to 1",
                      self.refused("undo", "2", *WHO, "x", status=2))
        self.asked("undo", "1", *WHO, "x")
        self.assertIn("it is undone already, by 2",
                      self.refused("undo", "1", *WHO, "x"))

    def test_options_that_say_nothing_are_refused(self):
        self.assertIn("--team says nothing here",
                      self.refused("void", "Podium", "--team", "x", status=2))
        self.assertIn("--yes says nothing here",
                      self.refused("table", "--yes", status=2))

    def test_a_backup_goes_on_as_the_season_itself(self):
        self.publish()
        self.asked("void", "Podium", *WHO, "cancelled")
        now = self.tables()
        copy = self.path("copy.db")
        self.assertIn("%d events" % (LINES + 2), self.asked("backup", copy))
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.db + end):
                os.remove(self.db + end)
        self.assertNotEqual(self.tables(), now)
        shutil.copy(copy, self.db)
        self.assertEqual(self.tables(), now)
        self.asked("undo", "2", *WHO, "it was not")

    def test_a_damaged_season_db_says_what_to_do(self):
        self.publish()
        with open(self.db, "r+b") as f:
            f.seek(20 * 4096)
            f.write(b"\xff" * 8 * 4096)
        err = self.refused("table")
        self.assertIn("season.db", err)
        self.assertIn("copy the newest backup there as season.db", err)
        self.assertNotIn("aggregator", err)

    def test_two_who_decide_at_once_do_not_undo_each_other(self):
        """What somebody has not seen he has not decided over."""
        self.publish()
        refused = 0
        for n in range(10):
            before = sql(self.db, "SELECT count(*) FROM log")[0][0]
            both = [self.start("palmares", "season", self.folder, "merge",
                               name, "Firm %d" % n, *WHO, "lots")
                    for name in ("Meetic", "Alstom")]
            done = [p.wait() for p in both]
            self.assertEqual(sql(self.db, "SELECT count(*) FROM log")[0][0],
                             before + done.count(0))
            self.assertGreater(done.count(0), 0)
            for p, status in zip(both, done):
                self.assertIn(status, (0, 1))
                if status == 1:
                    refused += 1
                    self.assertRegex(p.err(), "decided something meanwhile|"
                                              "written by another program")
        self.assertGreater(refused, 0)


class Killed(Decided):
    COUNT = 12000

    def test_a_publication_is_there_as_a_whole_or_not_at_all(self):
        chosen = random.Random(seed())
        rows = "".join("2014,C%d,A,%d,R%d,\n" % (i % 11, i % 97 + 1, i)
                       for i in range(self.COUNT))
        shutil.rmtree(os.path.join(self.folder, "palmares"))
        write(os.path.join(self.folder, "palmares", "all.csv"),
              "season,competition,award,place,recipient,note\n" + rows)
        begun = time.monotonic()
        self.publish()
        whole = time.monotonic() - begun
        expected = sql(self.db, "SELECT count(*) FROM log")
        self.assertEqual(expected, [(self.COUNT + 1,)])
        killed = 0
        for _ in range(15):
            for end in ("", "-wal", "-shm", ".lock"):
                if os.path.exists(self.db + end):
                    os.remove(self.db + end)
            program = self.start("palmares", "season", self.folder, "publish",
                                 *WHO, "the lists")
            time.sleep(chosen.uniform(0.3, 1.05) * whole)
            killed += program.running()
            program.kill9()
            told = self.asked("decisions")
            if told == "":
                self.assertEqual(self.season("table")[2], "")
            else:
                self.assertIn("%d lines new" % self.COUNT, told)
                self.assertEqual(sql(self.db, "SELECT count(*) FROM log"),
                                 expected)
        self.assertGreater(killed, 0)
        # Whatever is left, the next one goes on from there.
        self.season("publish", *WHO, "the lists")
        self.assertEqual(sql(self.db, "SELECT count(*) FROM log"), expected)


if __name__ == "__main__":
    palmares_test.main()
