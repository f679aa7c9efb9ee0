#!/usr/bin/env python3
"""
operators - the verbs of palmares on the example race: what a person asks before,
during and after a race, and what scripts read.
"""

import csv
import io
import json
import os
import shutil

from palmares_test import ROOT, System, write

POINTS = ["depart", "mi-course", "arrivee"]


class Operators(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)

    def palmares(self, *args):
        return self.run_program("palmares", *args)

    def replay(self):
        for p in POINTS:
            self.ends_well(self.collector(
                self.race, p, "csv:%s/crossings/%s.csv" % (self.race, p),
                "--once", "--timeout", "60"))

    def test_a_folder_without_mistakes_is_said_to_be_one(self):
        status, out, err = self.palmares("check", self.race)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("1 wave, 3 points, 412 entries, 70 teams, 7 rankings: "
                      "no mistakes", out)

    def test_every_mistake_is_told_in_one_run_with_file_and_line(self):
        folder = self.path("wrong")
        write(self.path("wrong", "race.yaml"), """\
titel: Wrong
date: 2014-02-30
timezone: Europe/Pari
waves: { all: { gun: "25:00:00" } }
points: { a: { km: 4 }, b: { km: 3 } }
rankings: { r: { of: riders, at: c } }
""")
        write(self.path("wrong", "entries.csv"),
              "bib,chip,sex,status\n1,A1,F,\n1,A2,F,\n2,A1,Q,\n3,A3,M,gone\n")
        status, out, _ = self.palmares("check", folder)
        self.assertEqual(status, 1)
        for words in ["race.yaml:1:", "titel", "race.yaml:2:", "2014-02-30",
                      "race.yaml:3:", "Europe/Pari", "race.yaml:4:", "25:00:00",
                      "race.yaml:5:", "race.yaml:6:", "riders",
                      "entries.csv:3:", "entries.csv:4:", "A1", "Q",
                      "entries.csv:5:", "gone"]:
            self.assertIn(words, out)

    def test_status_lists_the_stations_and_counts(self):
        status, _, err = self.palmares("status", "--race", self.race)
        self.assertEqual(status, 1)
        self.assertIn("no aggregator answers", err)
        self.aggregator(self.race)
        self.replay()
        status, out, _ = self.palmares("status", "--race", self.race)
        self.assertEqual(status, 0)
        for p in POINTS:
            self.assertIn(p, out)
        status, out, _ = self.palmares("status", "--race", self.race,
                                       "--format", "json")
        told = json.loads(out)
        self.assertEqual({s["name"]: s["stored"] for s in told["stations"]},
                         {"depart": 767, "mi-course": 550, "arrivee": 549})
        for s in told["stations"]:
            self.assertEqual((s["waiting"], s["holes"], s["repeats"]),
                             (0, 0, 0))

    def test_status_knows_the_last_reads_after_a_restart(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        args = ("status", "--race", self.race, "--format", "json")
        before = json.loads(self.palmares(*args)[1])["stations"]
        self.stops_well(aggregator)
        self.aggregator(self.race)
        after = json.loads(self.palmares(*args)[1])["stations"]
        self.assertEqual({s["name"]: s["last_read"] for s in before},
                         {s["name"]: s["last_read"] for s in after})
        self.assertEqual(len({s["last_read"] for s in after}), 3)

    def test_a_live_export_has_the_bytes_of_one_from_race_db(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        formats = ("csv", "json", "text")
        live = [self.export(self.race, "live", "--format", f) for f in formats]
        self.assertEqual(
            [self.export(self.race, "live", "--format", f, "--offline")
             for f in formats], live)
        self.stops_well(aggregator)
        # race.db alone is enough.
        for name in ("race.yaml", "entries.csv"):
            os.remove(os.path.join(self.race, name))
        self.assertEqual([self.export(self.race, "live", "--format", f)
                          for f in formats], live)
        table = json.loads(live[1])
        self.assertEqual(len(table["rows"]), 412)

    def test_a_chip_that_nobody_has_counts_as_soon_as_somebody_has_it(self):
        aggregator = self.aggregator(self.race)
        self.replay()

        def unknown():
            status, out, err = self.palmares(
                "unknown", "--race", self.race, "--format", "csv")
            self.assertEqual(status, 0, err)
            return list(csv.DictReader(io.StringIO(out)))

        before = unknown()
        self.assertEqual([u["kind"] for u in before], ["bib", "chip"])
        bib, chip = [u["text"] for u in before]
        self.stops_well(aggregator)
        self.assertEqual(unknown(), before)
        entries = os.path.join(self.race, "entries.csv")
        with open(entries, "a", encoding="utf-8") as f:
            f.write("%s,%s,Nouvelle Venue,F,SE,PMU\n" % (bib, chip))
        self.aggregator(self.race)
        self.assertEqual(unknown(), [])
        rows = csv.DictReader(io.StringIO(
            self.export(self.race, "scratch").decode("utf-8")))
        self.assertIn((bib, "Nouvelle Venue"),
                      [(r["bib"], r["name"]) for r in rows if r["place"]])


if __name__ == "__main__":
    import palmares_test
    palmares_test.main()
