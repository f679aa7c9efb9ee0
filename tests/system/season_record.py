#!/usr/bin/env python3
"""
season_record - a season recorded: the file alone shows what the folder shows,
byte for byte, then and later; kill -9 while it is written; damage.
"""

import json
import os
import random
import shutil
import time
import unittest

import palmares_test
import real_seasons
from palmares_test import ROOT, read, seed, write
from season import Season, Served

EXAMPLE = os.path.join(ROOT, "examples", "prix-des-prix")
WHO = ("--by", "Ana", "--yes", "--reason")


class Recorded(Season):
    def setUp(self):
        super().setUp()
        self.season_dir = self.path("season")
        self.file = self.path("season.rec")

    def record(self, file=None):
        """How many events were added."""
        status, _, err = self.season(self.season_dir, "record",
                                     file or self.file)
        self.assertEqual(status, 0, err)
        return int(err.rsplit(": ", 1)[1].split()[0])

    def refused(self, *args, status=1):
        got, out, err = self.season(*args)
        self.assertEqual((got, out), (status, ""), (args, err))
        return err

    def questions(self, folder):
        """All that a season can be asked."""
        table = json.loads(self.asked(folder, "table", "--format", "json"))
        who = table["rows"][0]["name"]
        seasons = sorted(
            {line.split()[0] for line in
             self.asked(folder, "history").split("\n\n")[0].splitlines()
             if line.strip()[:4].isdigit()})
        asks = [[], ["table"], ["history"], ["history", "--last", "2"],
                ["progress"], ["explain", who], ["decisions"],
                ["table", "--after", "2"], ["explain", who, "--after", "2"]]
        asks += [["table", "--format", f] for f in ("csv", "json")]
        asks += [["table", "--season", s, "--format", f]
                 for s in seasons for f in ("csv", "json", "text")]
        if len(seasons) > 1:
            asks.append(["compare", seasons[0], seasons[-1]])
        return asks

    def answers(self, what, asks, *more):
        return [self.asked(what, *ask, *more) for ask in asks]

    def same(self):
        folder = self.season_dir
        asks = self.questions(folder)
        ours = self.answers(folder, asks)
        for ask, a, b in zip(asks, ours, self.answers(self.file, asks)):
            self.assertEqual(a, b, ask)
        plots = []
        for what in (folder, self.file):
            plots.append(self.path("plot.svg"))
            self.asked(what, "progress", "--plot", plots[-1])
            plots[-1] = read(plots[-1])
        self.assertEqual(*plots)
        return asks, ours

    def table(self, file, *args):
        """Rows without names, and the names."""
        rows = json.loads(self.asked(file, "table", "--format", "json",
                                     *args))["rows"]
        names = [row.pop("name") for row in rows]
        for row in rows:
            row.pop("why", None)
        return rows, names

    def unnamed(self, *moments):
        """Without names it is the same, now and at moments."""
        self.other = self.path("other.rec")
        status, out, err = self.run_program("palmares", "anonymise",
                                            self.file, self.other)
        self.assertEqual(status, 0, err)
        self.assertIn("without names", out)
        known = {}
        for log in (0,) + moments:
            at = ("--at-seq", str(log)) if log else ()
            ours, names = self.table(self.file, *at)
            theirs, others = self.table(self.other, *at)
            self.assertEqual(theirs, ours)
            for name, other in zip(names, others):
                self.assertEqual(known.setdefault(name, other), other)
        self.assertEqual(len(set(known.values())), len(known))
        whole = read(self.other)
        for name in known:
            self.assertNotIn(name.encode(), whole)
        status, out, err = self.run_program("palmares", "verify", self.other)
        self.assertEqual(status, 0, err)

    def verified(self):
        status, out, err = self.run_program("palmares", "verify", self.file)
        self.assertEqual(status, 0, err)
        self.assertIn(": whole: ", out)

    def last(self):
        """The number of the last event."""
        status, out, err = self.run_program(
            "palmares", "log", "--from", self.file, "--format", "json",
            "-n", "1")
        self.assertEqual(status, 0, err)
        return json.loads(out)["log"]


class Example(Recorded):
    def setUp(self):
        super().setUp()
        shutil.copytree(EXAMPLE, self.season_dir)

    def decide(self, *args, reason="so it is"):
        self.asked(self.season_dir, *args, *WHO, reason)

    def edit(self, year, old, new):
        path = os.path.join(self.season_dir, "palmares", "%d.csv" % year)
        text = read(path).decode()
        self.assertEqual(text.count(old), 1, old)
        write(path, text.replace(old, new))

    def test_every_answer_is_that_of_the_folder(self):
        self.assertGreater(self.record(), 0)
        self.same()
        size = os.path.getsize(self.file)
        self.assertEqual(self.record(), 0)
        self.assertEqual(os.path.getsize(self.file), size)
        self.verified()

    def test_what_was_decided_later_is_not_in_what_was_before(self):
        self.record()
        asks, before = self.same()
        first = self.last()
        instant = time.time() + 0.000001
        self.decide("publish")
        self.decide("merge", "Toyota", "Nespresso")
        self.decide("void", "Podium")
        self.edit(2014, "Agora,Trophée,1,Nespresso",
                  "Agora,Trophée,1,Vente-Privée.com")
        os.remove(os.path.join(self.season_dir, "aliases.csv"))
        self.record()
        _, after = self.same()
        self.assertNotEqual(before, after)
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(instant))
        when += ("%.6f" % (instant % 1))[1:] + "Z"
        for bound in (("--at-seq", str(first)), ("--at-seq", str(first + 1)),
                      ("--at", when)):
            self.assertEqual(self.answers(self.file, asks, *bound), before)
        last = str(self.last())
        self.assertEqual(
            self.answers(self.file, asks, "--at-seq", last), after)
        # What is undone is there again, and was not.
        self.decide("undo", "3")
        self.record()
        asks, again = self.same()
        self.assertEqual(
            self.answers(self.file, asks, "--at-seq", last), after)
        self.assertNotEqual(again, after)
        self.verified()

    def test_the_folder_may_be_gone(self):
        self.decide("merge", "Toyota", "Nespresso")
        self.record()
        asks, ours = self.same()
        shutil.rmtree(self.season_dir)
        self.assertEqual(self.answers(self.file, asks), ours)

    def test_what_it_holds_is_told(self):
        self.decide("merge", "Toyota", "Nespresso")
        self.record()
        status, out, err = self.run_program("palmares", "log", "--from",
                                            self.file)
        self.assertEqual(status, 0, err)
        lines = out.splitlines()
        self.assertIn("Toyota is Nespresso (so it is)", lines[0])
        self.assertRegex(out, r"file season\.yaml: %d bytes" % os.path.getsize(
            os.path.join(self.season_dir, "season.yaml")))
        self.assertIn("with 1 event of season.db", lines[-1])
        status, out, err = self.run_program(
            "palmares", "log", "--from", self.file, "--format", "json",
            "--kind", "season-file")
        self.assertEqual(status, 0, err)
        files = [json.loads(line) for line in out.splitlines()]
        self.assertEqual({f["file"] for f in files},
                         {"season.yaml", "aliases.csv"} |
                         {"palmares/%d.csv" % y for y in range(2008, 2015)})
        status, _, err = self.run_program(
            "palmares", "log", "--from", self.file, "--since", "10:31:05")
        self.assertEqual(status, 1)
        self.assertIn("of which day?", err)

    def test_what_a_recording_is_not_for_is_refused(self):
        self.record()
        for word in ("publish", "check", "merge a b", "void Podium",
                     "decide general a b", "undo 1", "backup x.db",
                     "record y.rec"):
            err = self.refused(self.file, *word.split(), status=2)
            self.assertIn("season.rec is a recording, which only shows", err)
        self.assertIn("is a folder", self.refused(
            self.season_dir, "--at-seq", "1", status=2))
        self.assertIn("of which day", self.refused(
            self.file, "--at", "10:42:00", status=2))
        self.assertIn("nothing is known of it before", self.refused(
            self.file, "--at", "2014-09-21T10:42:00+02:00"))
        self.assertIn("name a season folder, or its recording",
                      self.refused(self.path("nowhere"), "table"))
        self.assertIn("the last event of", self.refused(
            self.file, "--at-seq", "999"))
        for verb in ("export --ranking x", "explain 7", "problems"):
            status, _, err = self.run_program(
                "palmares", *verb.split(), "--from", self.file)
            self.assertEqual(status, 1)
            self.assertIn("is a recording of a season", err)
        status, _, err = self.run_program("palmares-replay", self.file,
                                          "--aggregator", "127.0.0.1:9")
        self.assertEqual(status, 1)
        self.assertIn("is a recording of a season", err)

    def test_another_season_is_not_written_behind_it(self):
        self.decide("merge", "Toyota", "Nespresso")
        self.record()
        before = read(self.file)
        os.remove(os.path.join(self.season_dir, "season.db"))
        err = self.refused(self.season_dir, "record", self.file)
        self.assertIn("Name another file", err)
        self.decide("merge", "Toyota", "Nespresso")
        err = self.refused(self.season_dir, "record", self.file)
        self.assertIn("an older copy of it?", err)
        other = self.make("title: Other\ntables: { g: { points: [1] } }\n",
                          "season,competition,place,recipient\n"
                          "2014,A,1,Ann\n") and self.path("season")
        err = self.refused(other, "record", self.file)
        self.assertIn("Name another file", err)
        self.assertEqual(read(self.file), before)

    def test_without_names_the_tables_are_the_same(self):
        self.record()
        first = self.last()
        self.decide("publish")
        self.decide("merge", "Toyota", "Nespresso", reason="said Jeanne")
        self.decide("void", "Podium")
        self.edit(2014, "Agora,Trophée,1,Nespresso",
                  "Agora,Trophée,1,Vente-Privée.com")
        self.record()
        self.decide("publish")
        self.record()
        self.unnamed(first)
        for word in ("Nespresso", "Toyota", "Entreprise", "Jeanne", "Ana"):
            self.assertNotIn(word.encode(), read(self.other), word)
        self.assertIn("Gala".encode(), read(self.other))

    def test_a_flipped_byte_is_found(self):
        self.decide("merge", "Toyota", "Nespresso")
        self.record()
        whole = read(self.file)
        rng = random.Random(seed())
        for _ in range(60):
            at = rng.randrange(len(whole) - 1)
            flipped = bytearray(whole)
            flipped[at] ^= 1 << rng.randrange(8)
            with open(self.file, "wb") as f:
                f.write(flipped)
            status, out, err = self.run_program("palmares", "verify",
                                                self.file)
            self.assertEqual(status, 1, (at, out, err))
            self.assertRegex(out + err, "byte|at its beginning", at)
            # Nothing that was damaged is shown as if it were not.
            status, out, err = self.season(self.file, "table")
            self.assertTrue(status == 1 or "cut off" in err, (at, err))
            status, _, err = self.season(self.season_dir, "record", self.file)
            if status == 0:  # it was cut off, and is said again
                self.verified()
                self.assertEqual(self.asked(self.file, "table"),
                                 self.asked(self.season_dir, "table"), at)
            else:
                self.assertEqual(status, 1, (at, err))


class Killed(Recorded):
    LINES = 30000

    def lists(self, winner):
        write(os.path.join(self.season_dir, "palmares", "big.csv"),
              "season,competition,place,recipient\n" + "".join(
                  "2014,C%d,%d,%s\n" % (i % 50, i // 50 + 1,
                                        "N%d" % i if i else winner)
                  for i in range(self.LINES)))

    def test_a_recorder_that_was_killed_goes_on(self):
        write(os.path.join(self.season_dir, "season.yaml"),
              "title: T\ntables: { g: { points: [3, 2, 1] } }\n")
        self.lists("Ann")
        began = time.monotonic()
        self.record(file=self.path("plain.rec"))
        takes = time.monotonic() - began
        rng = random.Random(seed())
        killed = 0
        for i in range(16):
            # Half of them behind what is there already.
            if i % 2 == 0 and os.path.exists(self.file):
                os.remove(self.file)
            self.lists("Ann%d" % i)
            p = self.start("palmares", "season", self.season_dir, "record",
                           self.file)
            time.sleep(rng.random() * takes)
            killed += p.running()
            p.kill9()
            self.record()
            self.assertEqual(self.record(), 0)
            self.verified()
            for ask in (["table"], ["table", "--format", "csv"]):
                self.assertEqual(self.asked(self.file, *ask),
                                 self.asked(self.season_dir, *ask))
        self.assertGreater(killed, 3)


class Fed(Served, Recorded):
    """With what a race gives while it is on, and another season."""

    def setUp(self):
        super().setUp()
        self.season_dir = self.prix

    def test_what_a_race_gives_is_kept_as_it_was_then(self):
        self.record()
        asks, before = self.same()
        first = self.last()
        aggregator = self.serve()
        for point in ("depart", "mi-course", "arrivee"):
            self.replay(point)
        self.assertGreater(self.record(), 1)
        asks, after = self.same()
        self.assertNotEqual(before, after)
        self.assertIn("are open", "".join(after))
        self.assertEqual(self.points("Nespresso"), "21")
        self.assertEqual(self.record(), 0)
        self.unnamed(first)
        self.stops_well(aggregator)
        shutil.rmtree(self.race)
        self.assertEqual(self.answers(self.file, asks), after)
        self.assertEqual(
            self.answers(self.file, asks, "--at-seq", str(first)), before)

    def test_the_recording_of_the_race_gives_the_table_too(self):
        aggregator = self.serve()
        for point in ("depart", "mi-course", "arrivee"):
            self.replay(point)
        self.record()
        asks, ours = self.same()
        self.stops_well(aggregator)
        tape = self.path("race.rec")
        again = self.path("again")
        for args in (("record", "--race", self.race, tape),
                     ("unpack", tape, again)):
            status, _, err = self.run_program("palmares", *args)
            self.assertEqual(status, 0, err)
        aggregator = self.aggregator(again)
        self.ends_well(self.start("palmares-replay", tape, "--race", again))
        self.stops_well(aggregator)
        shutil.rmtree(self.race)
        os.rename(again, self.race)
        self.assertEqual(self.answers(self.season_dir, asks), ours)

    def test_the_standings_of_another_season_are_kept(self):
        league = self.path("league")
        write(os.path.join(league, "season.yaml"),
              "title: League\ncompetitions: { A: {}, Z: {} }\n"
              "tables: { all: { points: [3, 2, 1] } }\n")
        lists = os.path.join(league, "palmares", "a.csv")
        head = "season,competition,place,recipient\n"
        write(lists, head + "2014,A,1,Nespresso\n2014,A,2,Toyota\n")
        self.edit("season.yaml", "  RSE: {",
                  "  League: { standings: ../league }\n  RSE: {")
        self.record()
        asks, before = self.same()
        first = self.last()
        write(lists, head + "2014,A,1,Toyota\n2014,Z,1,Toyota\n")
        # One line is another, one goes, and it is over now.
        self.assertEqual(self.record(), 4)
        _, after = self.same()
        self.assertNotEqual(before, after)
        shutil.rmtree(league)
        self.assertEqual(self.answers(self.file, asks), after)
        self.assertEqual(
            self.answers(self.file, asks, "--at-seq", str(first)), before)


F1 = ("f1-1985-1987", "f1-2010-2014")


@unittest.skipIf(None in [palmares_test.data(n) for n in F1],
                 "no data sets: set PALMARES_DATA")
class FormulaOne(Recorded):
    def test_real_seasons_are_those_of_their_folders(self):
        for data_set, season in zip(F1, ("1986", "2012")):
            shutil.rmtree(self.season_dir, ignore_errors=True)
            if os.path.exists(self.file):
                os.remove(self.file)
            real_seasons.f1_folder(self.season_dir, data_set, season)
            self.record()
            self.same()
            for after in range(1, 17, 5):
                for name in ("drivers", "constructors"):
                    ask = ("table", name, "--after", str(after),
                           "--format", "csv")
                    self.assertEqual(self.asked(self.file, *ask),
                                     self.asked(self.season_dir, *ask))
            self.verified()
            self.unnamed()
            os.remove(self.other)


if __name__ == "__main__":
    palmares_test.main()
