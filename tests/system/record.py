#!/usr/bin/env python3
"""
record - palmares-record follows an aggregator into a file: killed, its
aggregator killed, its disk filled, its link cut, what it wrote is the log,
each event once; plain, and as zstd frames.

PALMARES_KILLS sets the number of kills, PALMARES_SEED the moments.
"""

import os
import pty
import random
import re
import resource
import shutil
import signal
import subprocess
import time

import disks
import kill9
import palmares_test
import proxy
import replay
import zmtp
from bad_input import ENTRIES, GUN_US, RACE
from palmares_test import (ROOT, Failed, System, program_path, read, sql,
                           wait_until, write)

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
KILLS = int(os.environ.get("PALMARES_KILLS", "20"))
AGGREGATOR_KILLS = 5
POWER_CUTS = 8
POINTS = kill9.POINTS
# A point: 100,200 in all, if there are not more kills.
LINES = max(33400, 740 * (2 * KILLS + AGGREGATOR_KILLS))
BATCH = 300  # at once: less than a pipe holds
STALE = 3
STORED = ("SELECT l.number, s.epoch, l.seq, s.name, l.received_us, l.body, "
          "l.chain FROM log l JOIN stream s ON s.id = l.stream "
          "ORDER BY l.number")
U64 = 2 ** 64 - 1


def content(path):
    """What zstd -d makes of it; or it."""
    if not path.endswith(".zst"):
        return read(path)
    return subprocess.run(["zstd", "-dc", path], check=True,
                          stdout=subprocess.PIPE).stdout


def recorded(path):
    """Its events as STORED gives them."""
    events = []
    for record in replay.split(content(path))[1]:
        m = zmtp.fields(record[:-replay.CRC])
        events.append((m[1], "%016x" % m[2], m[3], m[4].decode(),
                       m[5] >> 1 ^ -(m[5] & 1), m[6], m[7]))
    return events


def stored(race):
    return [row[:6] + (row[6] & U64,)
            for row in sql(os.path.join(race, "race.db"), STORED)]


class Record(System):
    def setUp(self):
        super().setUp()
        if shutil.which("zstd") is None:
            self.skipTest("zstd is not installed")
        self.race = self.path("race")
        self.db = os.path.join(self.race, "race.db")
        self.file = self.path("race.rec")

    def recorder(self, file, *args):
        return self.start("palmares-record", file, "--race", self.race,
                          "--sync-ms", "20", *args)

    def until_said(self, program, words):
        def said():
            if not program.running():
                raise Failed("%s ended\n%s" % (program, program.err()))
            return re.search(words, program.err())
        wait_until("%s says %s" % (program, words), said, programs=[program])

    def once(self, file, *args, status=0):
        """Records what is missing; what it said."""
        got, out, err = self.run_program("palmares-record", "--once", file,
                                         "--race", self.race, *args)
        self.assertEqual((got, out), (status, ""), err)
        return err

    def verify(self, file, status=0):
        got, out, err = self.run_program("palmares", "verify", file)
        self.assertEqual(got, status, out + err)
        return out + err

    def count(self, file):
        """Of whole events, while it is written."""
        status, out, err = self.run_program("palmares", "verify", file)
        found = re.search(r": ([0-9,]+) events", out + err)
        return int(found.group(1).replace(",", "")) if found else 0

    def assert_is_log(self, file, race=None):
        """Event by event; how many there are."""
        want = stored(race or self.race)
        got = recorded(file)
        numbers = [row[0] for row in got]
        holes = sum(b - a - 1 for a, b in zip([0] + numbers, numbers))
        repeats = len(got) - len(set(row[1:3] for row in got))
        print("%s: events %d, holes %d, repeats %d"
              % (os.path.basename(file), len(got), holes, repeats), flush=True)
        self.assertEqual((len(got), holes, repeats), (len(want), 0, 0))
        self.assertEqual(got, want)
        self.assertRegex(self.verify(file), r"whole: %s events, numbers 1 to "
                         % f"{len(want):,}")
        return len(want)

    def example(self):
        shutil.copytree(EXAMPLE, self.race)

    def collect(self, *points):
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:" + os.path.join(
                    self.race, "crossings", point + ".csv"), "--once"))


class Flowing(Record):
    """Crossings run in meanwhile, from three points."""

    def begin(self):
        self.random = random.Random(palmares_test.seed())
        kill9.make_race(self.race)
        self.running = {"aggregator": self.aggregator(self.race)}
        self.listen = self.endpoint(self.race)
        self.pipes = {}
        for point in POINTS:
            source, self.pipes[point] = os.pipe()
            self.running[point] = self.start(
                "palmares-collector", "--race", self.race, "--point", point,
                "--name", point, "--source", "stdin", "--outbox",
                self.outbox(self.race, point), "--once", stdin=source)
            os.close(source)
            os.write(self.pipes[point], b"time,bib\n")
        self.sent = 0

    def send(self, upto):
        """Crossings at each point, as a reader gives them."""
        upto = min(upto, LINES)
        for pipe in self.pipes.values():
            os.write(pipe, "".join(
                "+%d.%03d,%d\n" % (n // 1000, n % 1000,
                                   self.random.randint(1, kill9.RUNNERS))
                for n in range(self.sent, upto)).encode())
        self.sent = upto

    def start_recorder(self, file):
        self.running[file] = self.recorder(file)

    def grows(self, file):
        """Whoever follows it writes what comes now."""
        before = os.path.getsize(file) if os.path.exists(file) else 0
        self.send(self.sent + BATCH)
        wait_until("%s grows" % file, lambda: os.path.exists(file) and
                   os.path.getsize(file) > before,
                   programs=self.running.values())

    def end(self):
        for point in POINTS:
            os.close(self.pipes[point])
            self.ends_well(self.running.pop(point), 120)


class Killed(Flowing):
    """100,000 of them."""

    def setUp(self):
        super().setUp()
        self.begin()

    def kill(self, role):
        if role == "aggregator":
            self.running[role].kill9()
            self.running[role] = self.aggregator(self.race, listen=self.listen)
            return
        time.sleep(self.random.uniform(0, 0.05))  # a random moment
        self.assertTrue(self.running[role].running(), self.running[role].err())
        self.running[role].kill9()
        self.start_recorder(role)

    def fill(self, file):
        """A file at its limit stands for a disk without room."""
        program = self.running[file]
        self.grows(file)
        hard = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE,
                         (os.path.getsize(file) + 1000, hard))
        self.send(self.sent + BATCH)
        self.until_said(program, "tried again each second")
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (hard, hard))
        self.until_said(program, "room again")
        self.grows(file)

    def test_killed_again_and_again_it_has_each_event_once(self):
        files = [self.file, self.file + ".zst"]
        for file in files:
            self.start_recorder(file)
        for file in files:
            self.grows(file)
        kills = 2 * KILLS + AGGREGATOR_KILLS
        fills = dict(zip(self.random.sample(range(kills), len(files)), files))
        each = (files * KILLS + ["aggregator"] * AGGREGATOR_KILLS)[:kills]
        self.random.shuffle(each)
        for i, role in enumerate(each):
            self.send(self.sent + BATCH)
            self.kill(role)
            if i in fills:
                self.fill(fills[i])
            self.grows(role if role in files else self.random.choice(files))
        print("sent meanwhile: %d of %d" % (len(POINTS) * self.sent,
                                            len(POINTS) * LINES), flush=True)
        self.assertLess(self.sent, LINES, "they were all sent too early")
        while self.sent < LINES:
            self.send(self.sent + BATCH)
        self.end()
        for file in files:
            self.stops_well(self.running[file])
            self.once(file)
        self.stops_well(self.running["aggregator"])
        for file in files:
            self.assertGreater(self.assert_is_log(file), 100000)
        self.assertEqual(content(files[0]), content(files[1]))


class Followed(Record):
    def test_what_it_writes_is_what_race_db_gives(self):
        self.example()
        aggregator = self.aggregator(self.race)
        files = [self.file, self.file + ".zst"]
        recorders = [self.recorder(f) for f in files]
        self.collect("depart", "mi-course", "arrivee")
        for p in recorders:
            self.until_said(p, "from 127.0.0.1")
        time_to_write = len(stored(self.race))
        for f, p, how in zip(files, recorders,
                             (signal.SIGINT, signal.SIGTERM)):
            wait_until("all is there", lambda: os.path.exists(f) and
                       self.count(f) == time_to_write, programs=[p])
            p.process.send_signal(how)
            self.ends_well(p)
            self.assertRegex(p.err(), r"2,279 events, 2,279 added\n$")
            self.assertEqual(p.out(), "")
            self.assert_is_log(f)
        self.stops_well(aggregator)
        # As palmares record does, byte for byte, and each goes on with it.
        other = self.path("other.rec")
        self.ends_well(self.start("palmares", "record", other, "--race",
                                  self.race))
        self.assertEqual(read(other), read(self.file))
        self.assertEqual(content(files[1]), read(self.file))
        self.ends_well(self.start("palmares", "record", files[1], "--race",
                                  self.race))
        self.assertEqual(content(files[1]), read(self.file))

    def test_an_event_is_there_soon(self):
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), ENTRIES)
        aggregator = self.aggregator(self.race)
        p = self.start("palmares-record", self.file, self.race, "--sync-ms",
                       "1")
        host, base = self.endpoint(self.race).rsplit(":", 1)
        wait_until("it has begun", lambda: os.path.exists(self.file) and
                   self.count(self.file) == len(stored(self.race)),
                   programs=[p])
        chain = 0
        took = []
        with zmtp.Peer(host, int(base)) as peer:
            peer.send(zmtp.hello(0x77, name="box"))
            while peer.receive()[0] != zmtp.WELCOME:
                pass
            for i in range(1, 22):
                size = os.path.getsize(self.file)
                peer.send(zmtp.batch(0x77, i, chain, [zmtp.crossing(
                    str(i), GUN_US + 10 ** 6 * i)]))
                while True:
                    kind, fields = peer.receive()
                    if kind == zmtp.ACK and fields.get(2) == i:
                        chain = fields[3]
                        break
                at = time.monotonic()
                wait_until("it is there",
                           lambda: os.path.getsize(self.file) > size)
                took.append(time.monotonic() - at)
        took.sort()
        print("in the file after its acknowledgement: median %.1f ms, "
              "max %.1f ms" % (1000 * took[10], 1000 * took[-1]), flush=True)
        # Heartbeats alone would take half a second.
        self.assertLess(took[10], 0.3)
        self.stops_well(p)
        self.stops_well(aggregator)
        self.assert_is_log(self.file)

    def test_what_is_much_does_not_wait_for_its_time(self):
        self.example()
        aggregator = self.aggregator(self.race)
        p = self.start("palmares-record", self.file, self.race, "--sync-ms",
                       "60000", "--sync-bytes", "1000")
        wait_until("the entries are there", lambda: self.count(self.file) ==
                   len(stored(self.race)), 30, programs=[p])
        self.stops_well(p)
        self.stops_well(aggregator)

    def test_a_link_that_is_cut_leaves_no_hole(self):
        self.example()
        aggregator = self.aggregator(self.race)
        host, base = self.endpoint(self.race).rsplit(":", 1)
        link = proxy.Proxy((host, int(base)), count=4)
        self.addCleanup(link.close)
        file = self.file + ".zst"
        p = self.start("palmares-record", file, "--aggregator", link.address,
                       "--sync-ms", "20")
        self.until_said(p, "from 127.0.0.1")
        self.collect("depart")
        for _ in range(3):
            link.cut_in_two()
        link.shut()
        self.collect("mi-course")
        self.until_said(p, "no answer for 3 s")
        link.reopen()
        self.until_said(p, "back after")
        self.collect("arrivee")
        wait_until("all is there",
                   lambda: self.count(file) == len(stored(self.race)))
        self.stops_well(p)
        self.stops_well(aggregator)
        self.assert_is_log(file)

    def test_an_aggregator_that_is_somewhere_else_is_found(self):
        self.example()
        first = self.aggregator(self.race)
        p = self.recorder(self.file)
        self.until_said(p, "from 127.0.0.1")
        self.collect("depart")
        first.kill9()
        second = self.aggregator(self.race)  # on other ports
        self.collect("mi-course")
        wait_until("all is there",
                   lambda: self.count(self.file) == len(stored(self.race)))
        self.stops_well(p)
        self.stops_well(second)
        self.assert_is_log(self.file)


class Full(Record):
    """A disk that is full before there is a file, and once more behind it."""

    def setUp(self):
        super().setUp()
        why = disks.missing(self.folder)
        if why is not None:
            self.skipTest(why)
        self.example()
        self.running = self.aggregator(self.race)

    def fills_up(self, kind, suffix):
        disk = disks.Disk(self.path("disk-" + kind + suffix), 8, kind)
        self.addCleanup(disk.close)
        file = os.path.join(disk.path, "race.rec" + suffix)
        disk.fill()
        p = self.recorder(file)
        self.until_said(p, "No space left on device: tried again each second")
        disk.make_room()
        self.until_said(p, "room again")
        wait_until("the entries are there", lambda: self.count(file) ==
                   len(stored(self.race)), programs=[p])
        disk.fill()
        self.collect("depart", "mi-course", "arrivee")
        wait_until("it says so again", lambda: p.err().count(
            "No space left on device") == 2, programs=[p])
        disk.make_room()
        wait_until("all is there", lambda: self.count(file) ==
                   len(stored(self.race)), programs=[p])
        self.stops_well(p)
        self.assert_is_log(file)
        self.stops_well(self.running)

    def test_a_full_ext4_is_waited_for(self):
        self.fills_up("ext4", "")

    def test_so_is_full_memory(self):
        self.fills_up("tmpfs", ".zst")


class PowerCut(Flowing):
    """The disk of a recorder loses its power, and all that was not flushed."""

    def setUp(self):
        super().setUp()
        why = disks.missing(self.folder)
        if why is not None:
            self.skipTest(why)
        self.begin()

    def holds_all(self, file):
        """How many, of which the last were written to be flushed."""
        wait_until("all is in %s" % file, lambda: self.count(file) ==
                   len(stored(self.race)), programs=self.running.values())
        return self.count(file)

    def cut_again_and_again(self, suffix):
        disk = disks.Disk(self.path("disk"), 64)
        self.addCleanup(disk.close)
        file = os.path.join(disk.path, "race.rec" + suffix)
        self.start_recorder(file)
        self.grows(file)
        more = []
        for _ in range(POWER_CUTS):
            flushed = self.holds_all(file)
            # It writes again once it has flushed.
            self.grows(file)
            self.send(self.sent + BATCH)
            time.sleep(self.random.uniform(0, 0.05))  # a random moment
            disk.cut_power([self.running[file].pid])
            self.running[file].kill9()
            disk.power_on()
            there = self.count(file)
            self.assertGreaterEqual(there, flushed)
            more.append(there - flushed)
            self.start_recorder(file)
        self.end()
        self.holds_all(file)
        self.stops_well(self.running[file])
        self.stops_well(self.running["aggregator"])
        print("%d cuts; beyond what was flushed for certain %s events" %
              (disk.cuts, more), flush=True)
        self.assert_is_log(file)

    def test_what_was_flushed_is_there_and_the_rest_comes_again(self):
        self.cut_again_and_again("")

    def test_so_it_is_of_frames(self):
        self.cut_again_and_again(".zst")


class Refused(Record):
    def recorded_race(self):
        """Recorded to its end, and an older copy of its race.db."""
        self.example()
        aggregator = self.aggregator(self.race)
        self.collect("depart")
        old = self.path("old.db")
        self.ends_well(self.start("palmares", "backup", old, "--race",
                                  self.race))
        self.collect("mi-course")
        self.once(self.file)
        return aggregator, old

    def restore(self, aggregator, old):
        if aggregator.running():
            self.stops_well(aggregator)
        for name in ("race.db", "race.db-wal", "race.db-shm"):
            if os.path.exists(os.path.join(self.race, name)):
                os.unlink(os.path.join(self.race, name))
        shutil.copy(old, self.db)
        return self.aggregator(self.race)

    def test_a_race_db_that_was_set_back_is_told(self):
        aggregator, old = self.recorded_race()
        before = read(self.file)
        p = self.recorder(self.file)
        self.until_said(p, "goes on behind event")
        aggregator = self.restore(aggregator, old)
        # While it follows, and at its start.
        self.assertEqual(p.wait(), STALE, p.err())
        self.assertIn("older copy", p.err())
        self.assertIn("older copy", self.once(self.file, status=STALE))
        # The same crossings again make another log of it all the same.
        self.collect("mi-course", "arrivee")
        words = self.once(self.file, status=STALE)
        self.assertIn("older copy", words)
        self.assertEqual(read(self.file), before)
        self.stops_well(aggregator)

    def test_a_copy_that_has_all_of_it_goes_on(self):
        aggregator, _ = self.recorded_race()
        copy = self.path("copy.db")
        self.ends_well(self.start("palmares", "backup", copy, "--race",
                                  self.race))
        aggregator = self.restore(aggregator, copy)
        self.collect("arrivee")
        self.once(self.file)
        self.stops_well(aggregator)
        self.assert_is_log(self.file)

    def test_another_race_is_told(self):
        aggregator, _ = self.recorded_race()
        before = read(self.file)
        other = self.path("other")
        shutil.copytree(EXAMPLE, other)
        second = self.aggregator(other)
        status, _, err = self.run_program("palmares-record", self.file, other)
        self.assertEqual(status, STALE, err)
        self.assertIn("another race", err)
        self.assertEqual(read(self.file), before)
        self.stops_well(second)
        self.stops_well(aggregator)

    def test_damage_and_a_second_writer_are_told_at_once(self):
        aggregator, _ = self.recorded_race()
        p = self.recorder(self.file)
        self.until_said(p, "goes on behind event")
        status, _, err = self.run_program("palmares-record", self.file,
                                          self.race)
        self.assertEqual(status, 1)
        self.assertIn("another process writes it", err)
        self.stops_well(p)
        self.stops_well(aggregator)
        data = bytearray(read(self.file))
        data[len(data) // 2] ^= 1
        write(self.file, bytes(data))
        status, _, err = self.run_program("palmares-record", self.file,
                                          self.race)
        self.assertEqual(status, 1)
        self.assertRegex(err, r"damaged at byte \d+")
        status, _, err = self.run_program(
            "palmares-record", self.path("nowhere", "race.rec"), self.race)
        self.assertEqual(status, 1)
        self.assertIn("No such file or directory", err)
        self.assertEqual(read(self.file), bytes(data))

    def test_mistakes_on_the_command_line_are_named(self):
        os.mkdir(self.race)
        for args, words in (
                ((), "into which file"),
                (("a", self.race, "c"), "one file at a time"),
                (("a", self.race, "--race", self.race), "already"),
                (("a", "--from-seq", "0"), "from 1"),
                (("a", "--sync-ms", "soon"), "from 1 to 60000"),
                (("a", "--sync-bytes", "-3"), "from 1"),
                (("a", "--race", self.path("no")), "no")):
            status, _, err = self.run_program("palmares-record", *args)
            self.assertEqual(status, 2, err)
            self.assertIn(words, err)
        status, out, _ = self.run_program("palmares-record", "--help")
        self.assertEqual(status, 0)
        self.assertLessEqual(max(len(l) for l in out.splitlines()), 80)
        with palmares_test.free_ports(4) as sockets:
            address = "127.0.0.1:%d" % sockets[0].getsockname()[1]
            status, _, err = self.run_program(
                "palmares-record", "--once", self.file, "--aggregator",
                address)
        self.assertEqual(status, 1)
        self.assertIn("is it running?", err)
        self.assertFalse(os.path.exists(self.file))


class Used(Record):
    """What else can be done with a file, and with a .zst."""

    def setUp(self):
        super().setUp()
        self.example()
        self.running = self.aggregator(self.race)
        self.collect("depart", "mi-course", "arrivee")
        self.packed = self.file + ".zst"
        for file in (self.file, self.packed):
            self.once(file)

    def run_well(self, *args):
        p = self.start("palmares", *args)
        self.ends_well(p)
        return read(p.out_path)

    def test_a_part_is_a_race_of_its_own(self):
        part = self.path("part.rec.zst")
        self.once(part, "--from-seq", "1500")
        events = recorded(part)
        whole = recorded(self.file)
        own = whole[0][1]
        self.assertEqual(events, [e for e in whole
                                  if e[1] == own or e[0] >= 1500])
        self.assertGreater(len(events), 1000)
        self.assertIn("whole: %s events" % f"{len(events):,}",
                      self.verify(part))
        self.assertIn(b"finished", self.run_well(
            "export", "--from", part, "--ranking", "scratch"))
        # Again, it goes on; and it cannot be made to skip something.
        self.assertIn(" 0 added", self.once(part, "--from-seq", "1500"))
        self.stops_well(self.running)
        self.run_well("cut", self.file, self.path("cut.rec"), "--from", "1500")
        self.assertEqual(recorded(self.path("cut.rec")), events)

    def test_everything_that_reads_a_recording_reads_a_zst(self):
        self.stops_well(self.running)
        for args in (("log", "--format", "json"), ("log",),
                     ("export", "--ranking", "scratch", "--format", "csv"),
                     ("export", "--ranking", "scratch", "--at-seq", "1800"),
                     ("explain", "12")):
            self.assertEqual(
                self.run_well(*args, "--from", self.packed),
                self.run_well(*args, "--from", self.file), args)
        # Into one and back, it is the same bytes.
        there, back = self.path("there.rec.zst"), self.path("back.rec")
        self.run_well("cut", self.file, there)
        self.run_well("cut", there, back)
        self.assertEqual(read(back), read(self.file))
        self.assertEqual(content(there), read(self.file))
        self.assertLess(os.path.getsize(there), os.path.getsize(back) / 2)
        self.run_well("anonymise", there, self.path("nobody.rec.zst"))
        self.assertIn("whole: 2,279 events",
                      self.verify(self.path("nobody.rec.zst")))
        for name in os.listdir(self.folder):
            self.assertNotIn("partial", name)
        # What zstd makes is one, too, and grows.
        subprocess.run(["zstd", "-q", back], check=True)
        self.assertIn("whole: 2,279 events", self.verify(back + ".zst"))
        self.run_well("record", back + ".zst", "--race", self.race)
        # A whole race from it.
        empty = self.path("empty")
        os.mkdir(empty)
        for name in ("race.yaml", "entries.csv"):
            shutil.copy(os.path.join(self.race, name), empty)
        second = self.aggregator(empty)
        got, out, err = self.run_program("palmares-replay", self.packed,
                                         "--race", empty)
        self.assertEqual(got, 0, err)
        self.stops_well(second)
        self.assertEqual(self.exports(empty, "--offline"),
                         self.exports(self.race, "--offline"))

    def test_protoc_reads_what_zstd_makes_of_it(self):
        self.stops_well(self.running)
        if shutil.which("protoc") is None:
            self.skipTest("protoc is not installed (protobuf-compiler)")
        text = subprocess.run(
            ["protoc", "--decode=palmares.Recording", "--proto_path",
             os.path.join(ROOT, "proto"), "palmares.proto"],
            input=content(self.packed), check=True,
            stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual(text.count("\nrecord {"), 2279)
        self.assertNotRegex(text, r"(?m)^ *\d+: ")  # fields not in the schema

    def test_a_flipped_bit_is_told_with_what_would_do(self):
        self.stops_well(self.running)
        good = read(self.packed)
        bad = bytearray(good)
        bad[len(bad) * 2 // 3] ^= 16
        write(self.packed, bytes(bad))
        words = self.verify(self.packed, 1)
        at = re.search(r"damaged at byte (\d+): .*; the (\d+) events before "
                       r"it are good \(head -c \1 keeps them\)", words)
        self.assertIsNotNone(at, words)
        write(self.packed, bytes(bad[:int(at.group(1))]))
        self.assertIn("whole: %s events" % f"{int(at.group(2)):,}",
                      self.verify(self.packed))
        self.run_well("record", self.packed, "--race", self.race)
        self.assertEqual(content(self.packed), read(self.file))
        # Torn, it is read without what is in that frame.
        write(self.packed, good[:-9])
        self.assertIn("torn", self.verify(self.packed, 1))
        self.run_well("log", "--from", self.packed)

    def test_a_terminal_shows_how_it_goes(self):
        file = self.path("shown.rec")
        pid, terminal = pty.fork()
        if pid == 0:
            clean = {k: v for k, v in os.environ.items()
                     if not k.startswith("PALMARES_") and k != "NO_COLOR"}
            os.execve(program_path("palmares-record"),
                      ["palmares-record", file, self.race],
                      dict(clean, TERM="xterm", LC_ALL="C.UTF-8"))
        os.set_blocking(terminal, False)
        text = ""

        def look(words):
            nonlocal text
            try:
                text += os.read(terminal, 65536).decode()
            except OSError:
                pass
            return re.search(words, text)

        try:
            wait_until("the line", lambda: look(
                r"2,279 events .* 0 missing .*0\.2 MiB .*synced"))
            self.stops_well(self.running)
            wait_until("waiting", lambda: look("waiting for 127.0.0.1"))
            os.kill(pid, signal.SIGINT)
            wait_until("the end", lambda: look("2,279 events, 2,279 added"))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)


if __name__ == "__main__":
    palmares_test.main()
