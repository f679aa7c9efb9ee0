#!/usr/bin/env python3
"""recording - palmares record, and palmares export --from what it wrote."""

import os
import shutil
import subprocess

import palmares_test
from palmares_test import ROOT, System, read, sql, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")


class Recording(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        shutil.copytree(EXAMPLE, self.race)
        self.file = self.path("race.rec")

    def crossings(self, point):
        return os.path.join(self.race, "crossings", point + ".csv")

    def collect(self, points):
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:" + self.crossings(point), "--once"))

    def run_race(self, points=POINTS):
        aggregator = self.aggregator(self.race)
        self.collect(points)
        self.stops_well(aggregator)

    def record(self, race=None, status=0):
        """What it said."""
        got, out, err = self.run_program(
            "palmares", "record", self.file, "--race", race or self.race)
        self.assertEqual((got, out), (status, ""), err)
        return err

    def from_file(self, ranking, *args, status=0):
        p = self.start("palmares", "export", "--from", self.file,
                       "--ranking", ranking, *args)
        self.assertEqual(p.wait(), status, p.err())
        return read(p.out_path) if status == 0 else p.err()

    def assert_same_rankings(self):
        for name in palmares_test.rankings(self.race):
            for form in ("csv", "json", "text"):
                want = self.export(self.race, name, "--offline",
                                   "--format", form)
                self.assertTrue(want)
                self.assertEqual(
                    self.from_file(name, "--format", form), want, name)

    def test_rankings_from_a_recording_are_those_of_race_db(self):
        self.run_race()
        self.record()
        # By itself, without the race folder.
        os.rename(self.race, self.path("away"))
        self.assertIn(b"finished", self.from_file("scratch"))
        os.rename(self.path("away"), self.race)
        self.assert_same_rankings()

    def test_a_recording_grows_while_the_aggregator_runs(self):
        aggregator = self.aggregator(self.race)
        self.collect(POINTS[:1])
        self.record()
        first = read(self.file)
        self.collect(POINTS[1:])
        self.record()
        second = read(self.file)
        self.stops_well(aggregator)
        self.assertTrue(second.startswith(first))
        self.assertGreater(len(second), len(first))
        self.assertIn(" 0 events added", self.record())
        self.assertEqual(read(self.file), second)
        self.assert_same_rankings()

    def test_a_torn_recording_is_read_and_made_whole(self):
        self.run_race()
        self.record()
        whole = read(self.file)
        write(self.file, whole[:-7])
        p = self.start("palmares", "export", "--from", self.file,
                       "--ranking", "scratch")
        self.ends_well(p)
        self.assertIn("cut off at byte", p.err())
        self.assertIn(": 1 event added", self.record())
        self.assertEqual(read(self.file), whole)

    def test_a_damaged_recording_is_refused_and_left_alone(self):
        self.run_race(POINTS[:1])
        self.record()
        damaged = bytearray(read(self.file))
        damaged[len(damaged) // 2] ^= 4
        write(self.file, bytes(damaged))
        for words in (self.from_file("scratch", status=1),
                      self.record(status=1)):
            self.assertRegex(words, r"race.rec: damaged at byte \d+: .*"
                             r"the \d+ events before it are good")
        self.assertEqual(read(self.file), bytes(damaged))
        # What the message says is so.
        offset = int(words.split("damaged at byte ")[1].split(":")[0])
        write(self.file, bytes(damaged[:offset]))
        self.assertIn(b"running", self.from_file("scratch"))

    def test_a_file_of_another_race_is_refused(self):
        self.run_race(POINTS[:1])
        self.record()
        before = read(self.file)
        other = self.path("other")
        shutil.copytree(EXAMPLE, other)
        self.stops_well(self.aggregator(other))
        self.assertIn("another race", self.record(other, status=1))
        write(self.file, "bib,time\n")
        self.assertIn("no recording", self.record(status=1))
        self.assertEqual(read(self.file), b"bib,time\n")
        write(self.file, before)

    def test_an_older_copy_of_race_db_is_refused(self):
        self.run_race(POINTS[:1])
        old = self.path("old")
        shutil.copytree(self.race, old)
        self.run_race(POINTS[1:])
        self.record()
        before = read(self.file)
        self.assertIn("older copy", self.record(old, status=1))
        self.assertEqual(read(self.file), before)

    def test_protoc_reads_a_recording(self):
        if shutil.which("protoc") is None:
            self.skipTest("protoc is not installed (protobuf-compiler)")
        self.run_race()
        self.record()
        proto = os.path.join(ROOT, "proto")
        text = subprocess.run(
            ["protoc", "--decode=palmares.Recording", "--proto_path", proto,
             "palmares.proto"], input=read(self.file), check=True,
            stdout=subprocess.PIPE).stdout.decode()
        db = os.path.join(self.race, "race.db")
        events = sql(db, "SELECT count(*) FROM log")[0][0]
        self.assertEqual(text.count("\nrecord {"), events)
        self.assertIn("header {\n  version: 1\n", text)
        self.assertIn('stream_name: "arrivee"', text)
        self.assertNotRegex(text, r"(?m)^ *\d+: ")  # fields not in the schema

    def test_mistakes_on_the_command_line_are_named(self):
        for args, words in (
                ((), "into which file"),
                (("a", "b"), "one file at a time"),
                (("a",), "which race folder")):
            status, _, err = self.run_program("palmares", "record", *args)
            self.assertEqual(status, 2)
            self.assertIn(words, err)
        self.run_race(())
        self.record()
        self.assertIn("scratch", self.from_file("scrach", status=2))
        status, _, err = self.run_program("palmares", "export", "--from",
                                          self.file)
        self.assertEqual(status, 2)
        self.assertIn("entreprise-rapide", err)
        status, _, err = self.run_program(
            "palmares", "export", "--from", self.file, "--ranking", "scratch",
            "--aggregator", "127.0.0.1:5570")
        self.assertEqual(status, 2)


if __name__ == "__main__":
    palmares_test.main()
