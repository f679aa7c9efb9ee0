#!/usr/bin/env python3
"""recording - palmares record, and palmares export --from what it wrote."""

import os
import re
import shutil
import sqlite3
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
        self.db = os.path.join(self.race, "race.db")

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

    def test_the_log_is_the_same_from_both(self):
        self.run_race()
        self.record()
        for form in ("text", "json"):
            logs = [self.run_program("palmares", "log", *of, "--format", form)
                    for of in (["--race", self.race], [self.file],
                               ["--from", self.file])]
            self.assertEqual([log[0] for log in logs], [0, 0, 0], logs)
            self.assertGreater(len(logs[0][1].splitlines()), 2000)
            self.assertEqual(logs[0], logs[1])
            self.assertEqual(logs[1], logs[2])

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

    def verify(self, what, status):
        """What it said of a file: on stdout, on stderr."""
        got, out, err = self.run_program("palmares", "verify", what)
        self.assertEqual(got, status, out + err)
        return out, err

    def test_verify_says_whether_it_is_what_was_stored(self):
        aggregator = self.aggregator(self.race)
        self.collect(POINTS)
        # While it is written, and afterwards.
        whole, _ = self.verify(self.db, 0)
        self.assertRegex(whole, r"race.db: whole: 2,279 events, numbers 1 to "
                         r"2,279, of 4 streams\n")
        self.stops_well(aggregator)
        self.record()
        self.assertEqual(self.verify(self.race, 0)[0].split(": ", 1)[1],
                         whole.split(": ", 1)[1])
        out, err = self.verify(self.file, 0)
        data = read(self.file)
        self.assertIn("whole: 2,279 events", out)
        self.assertIn(", %s bytes" % f"{len(data):,}", out)
        self.assertEqual(err, "")
        write(self.file, data[:-1])
        out, err = self.verify(self.file, 1)
        self.assertIn("torn: 2,278 events", out)
        self.assertIn("palmares record goes on with it", err)
        self.record()
        self.verify(self.file, 0)
        self.assertEqual(read(self.file), data)

    def test_verify_finds_what_is_damaged(self):
        self.run_race()
        self.record()
        data = bytearray(read(self.file))
        data[len(data) // 3] ^= 1
        write(self.file, bytes(data))
        out, err = self.verify(self.file, 1)
        self.assertEqual(out, "")
        at = re.search(r"damaged at byte (\d+): .* the (\d+) events before it "
                       r"are good \(head -c \1 keeps them\)", err)
        self.assertLess(int(at.group(1)), len(data) // 3)
        write(self.file, bytes(data[:int(at.group(1))]))
        out, _ = self.verify(self.file, 0)
        self.assertIn("whole: %s events" % f"{int(at.group(2)):,}", out)
        os.unlink(self.file)
        # A race.db in which somebody has been at work.
        good = read(self.db)
        for change, words in (
                ("UPDATE log SET body = zeroblob(9) WHERE number = 1000",
                 "event 1,000 is not what was stored"),
                ("DELETE FROM log WHERE number = 2000",
                 "event 2,000 is missing"),
                ("DELETE FROM log WHERE number = 2279", "not in the log"),
                ("UPDATE stream SET cursor = cursor - 1 WHERE id = 2",
                 "another one than was stored"),
                ("UPDATE stream SET chain = chain + 1 WHERE id = 3",
                 "another one than was stored"),
                ("UPDATE stream SET cursor = cursor - 1, chain = (SELECT chain "
                 "FROM log WHERE stream = stream.id AND seq = cursor - 1) "
                 "WHERE id = 2", "and the log has")):
            db = sqlite3.connect(self.db)
            db.execute(change)
            db.commit()
            db.close()
            out, err = self.verify(self.db, 1)
            self.assertEqual(out, "", change)
            self.assertIn(words, err)
            write(self.db, good)
        self.verify(self.db, 0)
        half = len(good) // 2
        write(self.db, good[:half] + bytes(8192) + good[half + 8192:])
        self.assertIn("can be read", self.verify(self.db, 1)[1])
        # An index that has not what the log has, whose events are all good.
        write(self.db, good)
        db = sqlite3.connect(self.db)
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_schema SET sql = replace(sql, 'rules''', "
                   "'gun''') WHERE name = 'log_rules'")
        db.commit()
        db.close()
        self.assertIn("can be read", self.verify(self.db, 1)[1])
        write(self.db, b"\0" * 16 + good[16:])
        self.assertIn("is not a database", self.verify(self.db, 1)[1])
        self.assertIn("no recording", self.verify(
            os.path.join(self.race, "race.yaml"), 1)[1])
        self.assertIn("nowhere", self.verify(self.path("nowhere"), 1)[1])
        for args, words in (((), "which file"), (("a", "b"), "one file")):
            status, _, err = self.run_program("palmares", "verify", *args)
            self.assertEqual(status, 2)
            self.assertIn(words, err)

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
