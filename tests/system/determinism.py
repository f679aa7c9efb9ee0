#!/usr/bin/env python3
"""
determinism - one recording, the same boards, byte for byte: whatever the speed
and the order in which it comes, whoever is killed meanwhile, in which time zone
and language, at which addresses, and however the programs were built.

    PALMARES_BUILDS=DIR:...   folders with programs of other builds (aggregator,
                              replay, palmares), which have to give the same
    PALMARES_ORDERS=N         so many random orders (default: 20)

The boards are compared as csv and as json, with what prizes there are, and so
are the digests that the aggregator sends of them.
"""

import contextlib
import functools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import convert
import palmares_test
import previews
import replay
import zmtp
from palmares_test import read, wait_until, write
from replay import at

BUILDS = [b for b in os.environ.get("PALMARES_BUILDS", "").split(":") if b]
ORDERS = int(os.environ.get("PALMARES_ORDERS", "20"))
SHIM = os.environ.get("PALMARES_CLOCK_SHIM", os.path.join(
    os.path.dirname(palmares_test.BIN), "tests", "clock_shim.so"))
LAPTOP = 0x6C6170746F70  # a stream stamped by a laptop an hour off
LATE = 0x6C617465  # what a mat kept to itself until the end
LAPTOP_CLOCK = 3
ADDR_NO_RANDOMIZE = 0x40000
YEAR = 365 * 86400
KILLS = 6
BOSTON = "boston-2015-top500"
HOUR = 3600 * 10 ** 6
ZONES = ("Pacific/Auckland", "America/New_York", "UTC")
# Decimal commas; an I without a dot, also in one byte; two bytes a letter.
LOCALES = (("fr_FR", "UTF-8"), ("tr_TR", "UTF-8"), ("tr_TR", "ISO-8859-9"),
           ("de_DE", "ISO-8859-1"), ("ja_JP", "EUC-JP"), ("hi_IN", "UTF-8"))
DECISIONS = (
    ("mark", "dns", "20"),
    ("gun", "masse", "10:00:03"),
    ("void", "arrivee:7"),
    ("penalty", "15", "+60s"),
    ("undo", "3"),
    ("void", "arrivee:9"),
    ("mark", "dsq", "21"),
    ("swap", "30", "31"),
    ("time", "40", "arrivee", "10:44:44.4"),
    ("move", "arrivee:12", "bib=44"),
    ("start", "50", "+0:30"),
    ("change", "51", "team=PMU", "sex=X"),
    ("enter", "7001", "name=Zo\u00e9 \u0130nan\u00e7", "sex=F", "team=Axa"),
    ("change", "51", "category=M1"),
    ("remove", "52"),
    ("publish", "scratch", "final"))


def stamp(bib, clock_us, boot_us):
    """By a laptop that knows nothing yet of how wrong its clock is."""
    body = (zmtp.text(1, "mi-course") + zmtp.text(2, bib) +
            zmtp.fixed64(4, clock_us) + zmtp.uint(5, LAPTOP_CLOCK) +
            zmtp.uint(8, 1) + zmtp.sint(9, boot_us))
    return zmtp.sint(1, clock_us) + zmtp.text(2, body)


def estimate(made_us, boot_us, offset_us, bound_us):
    body = (zmtp.uint(1, 1) + zmtp.sint(2, boot_us) + zmtp.sint(3, offset_us) +
            zmtp.sint(4, -40000) + zmtp.uint(5, bound_us) +
            zmtp.uint(6, 10000))
    return zmtp.sint(1, made_us) + zmtp.text(5, body)


def laptop():
    """Five who passed at half way; then the clock is measured, and better."""
    boot = at("09:00:00")
    clocks = [at("10:%02d:00" % m) for m in range(22, 27)]
    return ([stamp(str(60 + i), us + HOUR, us - boot)
             for i, us in enumerate(clocks)] +
            [estimate(clocks[-1] + HOUR, clocks[-1] - boot, boot + 2000, 90000),
             estimate(clocks[-1] + HOUR, clocks[-1] - boot, boot + 150, 4000)])


def late():
    """Who came long after what the board showed then, and one doubled."""
    seen = [("70", "10:33:03"), ("71", "10:31:00"), ("72", "10:52:10.5"),
            ("70", "10:33:04"), ("73", "10:30:00")]
    return [zmtp.crossing(bib, at(clock)) for bib, clock in seen]


def views(beat):
    """name -> (digest, rows), of a heartbeat's bytes."""
    out = {}
    for field, value in zmtp.each(beat[16:]):
        if field == 6:
            view = zmtp.fields(value)
            out[view[1].decode()] = (view.get(3, 0), view.get(4, 0))
    return out


class Race:
    """What was recorded, and what it gives."""

    def __init__(self, folder, file, boards, digests):
        self.files = {name: read(os.path.join(folder, name))
                      for name in ("race.yaml", "entries.csv")}
        self.data = read(file)
        self.boards = boards
        self.digests = digests
        header, contents = replay.split(self.data)
        self.header = header
        fields = [zmtp.fields(c[:-replay.CRC]) for c in contents]
        own = zmtp.fields(header[:-replay.CRC])[2]
        self.own = [f for f in fields if f[2] == own]
        self.streams = {}
        for f in fields:
            if f[2] != own:
                self.streams.setdefault(f[2], []).append(f)
        self.events = sum(map(len, self.streams.values()))

    def first_us(self):
        return max(f[5] >> 1 ^ -(f[5] & 1) for f in self.own)

    def shuffled(self, rng, seconds):
        """Each stream in its order, somewhere in so many seconds."""
        start = self.first_us()
        rows = [(start, f) for f in self.own]
        played = []
        for fields in self.streams.values():
            begin, end = sorted((rng.random(), rng.random()))
            times = sorted(rng.uniform(begin, end) for _ in fields)
            played += zip(times, fields)
        played.sort(key=lambda row: row[0])
        rows += [(start + round(t * seconds * 10 ** 6), f) for t, f in played]
        return replay.written(self.header, rows)

    def apart(self):
        """A recording of each stream alone."""
        start = self.first_us()
        return [replay.written(self.header, [
            (start, f) for f in self.own + fields])
            for fields in self.streams.values()]


class Deterministic(replay.WholeRace):
    """Plays a race that was recorded once, in a folder of its own."""

    races = {}

    def setUp(self):
        super().setUp()
        self.bin = ""
        self.around = {}
        self.words = ()  # in front of each program

    def start(self, name, *args, env=None, before=(), **kw):
        return super().start(os.path.join(self.bin, name), *args,
                             env=dict(self.around, **(env or {})),
                             before=self.words + tuple(before), **kw)

    @contextlib.contextmanager
    def within(self, build=None, **env):
        """Programs are started so."""
        before = self.bin, self.around
        self.bin, self.around = build or self.bin, dict(self.around, **env)
        try:
            yield
        finally:
            self.bin, self.around = before

    # ---- what is compared

    def said(self, *args):
        p = self.start("palmares", *args)
        self.ends_well(p)
        return read(p.out_path)

    def boards(self, race, *source):
        """Of a race folder, or of another source of the same race."""
        source = source or ("--race", race, "--offline")
        out = {(name, form): self.said("export", "--ranking", name, "--format",
                                       form, *source)
               for name in palmares_test.rankings(race)
               for form in ("csv", "json")}
        out["awards", "json"] = self.said("awards", "--format", "json", *source)
        return out

    def digests(self, race):
        """Of the running aggregator, by its heartbeat."""
        host, base = self.endpoint(race).rsplit(":", 1)
        with zmtp.Peer(host, int(base) + 1, b"SUB", 60) as display:
            display.send(b"\x01h/")
            while True:
                flags, body = display.frame()
                if not flags & 5 and body[5] == zmtp.HEARTBEAT:
                    return views(body)

    # ---- recorded once

    def run_trouble(self):
        """The example, with what goes wrong and what people do about it."""
        path = os.path.join(self.race, "race.yaml")
        write(path, read(path).decode().replace("awards:\n", previews.MORE +
                                                previews.AWARDS))
        aggregator = self.aggregator(self.race)
        self.collect(self.race)
        self.type_some()
        self.crossings_of(LAPTOP, "laptop", laptop())
        for args in DECISIONS:
            self.decide(*args)
        self.crossings_of(LATE, "late", late())
        return self.recorded(aggregator)

    def crossings_of(self, stream, name, events):
        host, base = self.endpoint(self.race).split(":")
        with zmtp.Peer(host, int(base)) as peer:
            peer.send(zmtp.hello(stream, name=name))
            peer.receive()
            peer.send(zmtp.batch(stream, 1, 0, events))
            kind, content = peer.receive()
            self.assertEqual((kind, content[2]), (zmtp.ACK, len(events)))

    def run_boston(self):
        self.race, self.file = self.path("boston"), self.path("boston.rec")
        points = convert.convert(palmares_test.data(BOSTON), self.race)
        path = os.path.join(self.race, "race.yaml")
        write(path, read(path).decode() + previews.MORE)
        aggregator = self.aggregator(self.race)
        self.collect(self.race, points)
        for args in (("penalty", "15", "+60s"), ("mark", "dsq", "21")):
            self.decide(*args)
        return self.recorded(aggregator)

    def recorded(self, aggregator):
        digests = self.digests(self.race)
        self.stops_well(aggregator)
        self.record()
        return Race(self.race, self.file, self.boards(self.race), digests)

    def known(self, name="trouble"):
        if name not in self.races:
            self.races[name] = (self.run_trouble if name == "trouble" else
                                self.run_boston)()
            race = self.races[name]
            self.assertEqual(len(race.digests),
                             len(race.boards) // 2 + 1)  # and the roster
            self.assertGreater(len(set(race.digests.values())), 10)
        return self.races[name]

    def empty(self, race):
        self.folders += 1
        folder = self.path("empty-%d" % self.folders)
        for name, data in race.files.items():
            write(os.path.join(folder, name), data)
        return folder

    def same_as(self, race, folder, aggregator):
        self.assertEqual(self.digests(folder), race.digests, "other digests")
        self.stops_well(aggregator)
        boards = self.boards(folder)
        self.assertEqual(set(boards), set(race.boards))
        for key, board in race.boards.items():
            self.assertTrue(board)
            self.assertEqual(boards[key].decode(), board.decode(), key)

    def play(self, race, data, *args):
        """One recording after the other, to an aggregator that has nothing."""
        folder = self.empty(race)
        aggregator = self.aggregator(folder)
        for i, one in enumerate(data):
            file = write(self.path("play-%d-%d.rec" % (self.folders, i)), one)
            _, err = self.replay(folder, *args, file=file)
            self.assertNotIn("dropped", err)
            self.assertNotIn("other rules", err)
        self.same_as(race, folder, aggregator)
        return folder


def seeded(test):
    @functools.wraps(test)
    def run(self):
        test(self, random.Random(palmares_test.seed()))
    return run


class Orders(Deterministic):
    def orders(self, rng, race, count):
        for i in range(count):
            if i % 4 == 0:
                alone = race.apart()
                rng.shuffle(alone)
                self.play(race, alone)
            else:
                self.play(race, [race.shuffled(rng, 100)], "--speed",
                          rng.choice(("max", "200", "400", "2000")))

    @seeded
    def test_streams_may_come_in_any_order(self, rng):
        race = self.known()
        self.orders(rng, race, ORDERS)
        print("determinism: %d boards of %d events in %d streams, in %d orders"
              % (len(race.boards), race.events, len(race.streams), ORDERS))

    @seeded
    def test_streams_of_boston_may_come_in_any_order(self, rng):
        if palmares_test.data(BOSTON) is None:
            self.skipTest("no data set %s in %s: set PALMARES_DATA"
                          % (BOSTON, palmares_test.DATA))
        race = self.known("boston")
        count = max(ORDERS // 4, 2)
        self.orders(rng, race, count)
        print("determinism: %d boards of %d events of %s, in %d orders"
              % (len(race.boards), race.events, BOSTON, count))

    def test_it_may_be_played_at_any_speed(self):
        race = self.known()
        then = replay.received_then(write(self.file, race.data))
        for speed in ("2000", "20000", "1000000", "max"):
            with self.subTest(speed=speed):
                self.play(race, [then], "--speed", speed)

    @seeded
    def test_an_aggregator_may_be_killed_in_the_middle(self, rng):
        race = self.known()
        killed = 0
        for _ in range(20):
            if killed >= KILLS:
                break
            killed += self.killed(race, rng)
        self.assertGreaterEqual(killed, KILLS)
        print("determinism: the same with the aggregator killed %d times while "
              "it took events" % killed)

    def killed(self, race, rng):
        """How often, before it had everything."""
        file = write(self.file, race.shuffled(rng, 200))
        folder = self.empty(race)
        db = os.path.join(folder, "race.db")
        aggregator = self.aggregator(folder)
        player = self.start("palmares-replay", file, "--race", folder,
                            "--speed", "100")
        times = 0
        for part in sorted(rng.sample(range(5, 90), 4)):
            least = race.events * part // 100
            wait_until("%d events are stored" % least,
                       lambda least=least: self.stored(db) >= least,
                       programs=[player])
            aggregator.kill9()
            times += self.stored(db) < race.events
            aggregator = self.aggregator(folder)
        self.ends_well(player)
        self.same_as(race, folder, aggregator)
        return times

    @staticmethod
    def stored(db):
        """Of collectors and operators."""
        if not os.path.exists(db):
            return 0
        return palmares_test.sql(
            db, "SELECT total(cursor) FROM stream WHERE epoch <> "
            "(SELECT store FROM meta)")[0][0]


class Machines(Deterministic):
    """The same programs elsewhere."""

    made = None

    def locales(self):
        """Made for these tests, and nowhere else: (LOCPATH, names)."""
        if self.made is None:
            if shutil.which("localedef") is None or not os.path.isdir(
                    "/usr/share/i18n/locales"):
                print("skipped: no locales to make others from: install "
                      "locales")
                self.skipTest("no locales")
            type(self).made = tempfile.mkdtemp(prefix="palmares-locales-")
            self.addClassCleanup(shutil.rmtree, self.made)
            for name, charset in LOCALES:
                subprocess.run(
                    ["localedef", "--no-archive", "-i", name, "-f", charset,
                     os.path.join(self.made, "%s.%s" % (name, charset))],
                    check=True, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
        return self.made, ["C"] + ["%s.%s" % pair for pair in LOCALES]

    def test_in_any_time_zone_and_language(self):
        race = self.known()
        folder, names = self.locales()
        for i, name in enumerate(names):
            zone = ZONES[i % len(ZONES)]
            with self.subTest(locale=name, zone=zone), self.within(
                    TZ=zone, LC_ALL=name, LOCPATH=folder):
                self.is_another_place(name)
                self.play(race, [race.data])

    def is_another_place(self, name):
        """That the locale is one: else nothing would have been tested."""
        said = subprocess.run(
            ["locale", "-k", "decimal_point", "charmap"],
            env=dict(os.environ, **self.around), stdout=subprocess.PIPE,
            text=True, check=True).stdout
        if name != "C":
            self.assertIn(name.partition(".")[2], said)
        self.assertIn('decimal_point="%s"' % (
            "," if name[:2] in ("fr", "tr", "de") else "."), said)

    def test_files_are_read_alike_in_any_time_zone_and_language(self):
        folder, names = self.locales()
        expected = None
        for i, name in enumerate(names):
            race = self.path("read-%d" % i, "race")
            shutil.copytree(replay.EXAMPLE, race)
            for file in ["entries.csv"] + [os.path.join(
                    "crossings", p + ".csv") for p in replay.POINTS]:
                path = os.path.join(race, file)
                head, _, rest = read(path).partition(b"\n")
                write(path, head.upper() + b"\n" + rest)
            with self.subTest(locale=name), self.within(
                    TZ=ZONES[i % len(ZONES)], LC_ALL=name, LOCPATH=folder):
                boards = self.read_and_decide(race)
                expected = expected or boards
                self.assertEqual(boards, expected)

    def read_and_decide(self, race):
        """What all programs make of the files."""
        aggregator = self.aggregator(race)
        self.collect(race)
        self.decide("penalty", "15", "+1:00.5", race=race)
        self.decide("change", "11", "CATEGORY=si", "SEX=x", race=race)
        corrections = write(self.path("corrections.csv"),
                            "VERB,BIB,STATUS\nMARK,12,DNF\n")
        self.decide("correct", corrections, race=race)
        out = {}
        for ranking in palmares_test.rankings(race):
            p = self.start("palmares-display", ranking, "--race", race,
                           "--once", "--format", "csv")
            self.ends_well(p)
            out["shown", ranking] = read(p.out_path)
        out["check"] = self.said("check", race)
        self.stops_well(aggregator)
        out.update(self.boards(race))
        return out

    def test_wherever_the_memory_lies_and_whatever_is_in_it(self):
        race = self.known()
        for fill in ("0", "85", "170"):
            with self.subTest(fill=fill), self.within(
                    MALLOC_PERTURB_=fill, MALLOC_ARENA_MAX="1"):
                self.play(race, [race.data])
        fixed = subprocess.run(
            ["setarch", "-R", "cat", "/proc/self/personality"], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        if int(fixed or b"0", 16) & ADDR_NO_RANDOMIZE == 0:
            print("skipped: at fixed addresses: setarch -R is not allowed here")
            return
        self.words = ("setarch", "-R")
        self.play(race, [race.data])

    def test_whatever_the_wall_clock_says(self):
        if not os.path.exists(SHIM):
            self.skipTest("no %s" % SHIM)
        race = self.known()
        clock = self.path("clock")
        for years in (-8, 15):
            write(clock, "0 200000 %d 0\n" % (years * YEAR * 10 ** 9))
            with self.subTest(years=years), self.within(
                    LD_PRELOAD=SHIM, PALMARES_TEST_CLOCK=clock,
                    ASAN_OPTIONS="verify_asan_link_order=0"):
                folder = self.play(race, [race.data])
                received = palmares_test.sql(
                    os.path.join(folder, "race.db"),
                    "SELECT min(received_us) FROM log")[0][0] / 1e6
                self.assertAlmostEqual((received - time.time()) / YEAR, years,
                                       delta=1)


class Builds(Deterministic):
    def test_however_the_programs_were_built(self):
        if not BUILDS:
            print("skipped: no programs of other builds: scripts/test makes "
                  "them (PALMARES_BUILDS)")
            self.skipTest("no PALMARES_BUILDS")
        print("determinism: %d recordings by programs of %d other builds"
              % (1 + (palmares_test.data(BOSTON) is not None), len(BUILDS)))
        races = [self.known()]
        if palmares_test.data(BOSTON):
            races.append(self.known("boston"))
        for build in BUILDS:
            for race in races:
                with self.subTest(build=build), self.within(
                        os.path.abspath(build)):
                    self.same_by_this_build(race)

    def same_by_this_build(self, race):
        folder = self.play(race, [race.data])
        file = write(self.file, race.data)
        self.assertEqual(self.boards(folder, "--from", file), race.boards)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    palmares_test.main()
