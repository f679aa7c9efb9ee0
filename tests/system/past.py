#!/usr/bin/env python3
"""past - one book, and one log, from race.db, a recording and the network."""

import json
import os
import re
import shutil

import palmares_test
import zmtp
from palmares_test import (Failed, ROOT, System, crossings_stored, read,
                           wait_until, write)
from proxy import Proxy

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")
BOOK = os.environ.get("PALMARES_PAST_BOOK")


class Past(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        shutil.copytree(EXAMPLE, self.race)
        self.file = self.path("race.rec")
        self.db = os.path.join(self.race, "race.db")

    def crossings(self, point):
        return "csv:" + os.path.join(self.race, "crossings", point + ".csv")

    def collect(self, points=POINTS):
        for point in points:
            self.ends_well(self.collector(self.race, point,
                                          self.crossings(point), "--once"))

    def ok(self, *args):
        p = self.start(*args)
        self.ends_well(p)
        return read(p.out_path).decode()

    def palmares(self, verb, *args):
        return self.ok("palmares", verb, *args)

    def book(self, kind, what):
        """Every ranking, and how many events were told."""
        p = self.start(BOOK, kind, what)
        self.ends_well(p)
        return self.of_book(p)

    def of_book(self, p):
        return (int(re.search(r"events (\d+)", p.err()).group(1)),
                read(p.out_path))

    def record(self):
        self.palmares("record", self.file, "--race", self.race)

    def change_roster(self):
        self.palmares("enter", "9071", "name=Zoé Œuvrard", "sex=F",
                      "--reason", "late", "--yes", "--by", "anna", "--race", self.race)

    def all_sources(self):
        """Where to read the same past: options of a verb."""
        return (("--race", self.race), ("--from", self.file),
                ("--aggregator", self.endpoint(self.race)))

    def test_the_book_is_the_same_from_wherever_it_comes(self):
        aggregator = self.aggregator(self.race)
        self.collect()
        self.change_roster()
        self.record()
        count, want = self.book("race", self.race)
        self.assertIn("Zoé Œuvrard".encode(), want)
        self.assertEqual(count, palmares_test.sql(
            self.db, "SELECT count(*) FROM log")[0][0])
        self.assertEqual(self.book("from", self.file), (count, want))
        self.assertEqual(
            self.book("aggregator", self.endpoint(self.race)), (count, want))
        # And it is what is exported.
        for args in (("--offline",), (), ("--from", self.file)):
            parts = [b"== %s\n%s" % (name.encode(), data) for name, data in
                     self.exports(self.race, *args).items()]
            self.assertEqual(b"".join(parts), want)
        self.stops_well(aggregator)
        self.assertEqual(self.book("race", self.race), (count, want))

    def test_the_log_is_the_same_from_wherever_it_comes(self):
        aggregator = self.aggregator(self.race)
        self.collect()
        self.change_roster()
        self.record()
        for args in (("--format", "text"), ("--format", "json"),
                     ("--bib", "9071"), ("-n", "5"),
                     ("--kind", "entry", "--format", "json"),
                     ("--station", "mi-course", "--since", "10:20:00",
                      "--until", "10:30:00")):
            logs = [self.palmares("log", *source, *args)
                    for source in self.all_sources()]
            self.assertTrue(logs[0].strip(), args)
            self.assertEqual(logs[1], logs[0], args)
            self.assertEqual(logs[2], logs[0], args)
        self.stops_well(aggregator)

    def lines(self, *args):
        return [json.loads(line) for line in self.palmares(
            "log", "--race", self.race, "--format", "json", *args).split("\n")
                if line]

    def test_filters_choose_what_plain_reading_chooses(self):
        aggregator = self.aggregator(self.race)
        self.collect()
        self.change_roster()
        self.stops_well(aggregator)
        everything = self.lines()
        self.assertEqual([e["log"] for e in everything],
                         list(range(1, len(everything) + 1)))

        def same(args, wanted):
            want = [e for e in everything if wanted(e)]
            self.assertTrue(want, args)
            self.assertEqual(self.lines(*args), want, args)

        same(("--kind", "crossing"), lambda e: e["kind"] == "crossing")
        same(("--point", "arrivee"), lambda e: e.get("point") == "arrivee")
        same(("--station", "depart"), lambda e: e.get("station") == "depart")
        same(("--bib", "9071"), lambda e: e.get("bib") == "9071")
        same(("--kind", "crossing", "--since", "2014-09-21T10:20:00+02:00",
              "--until", "10:21:00"),
             lambda e: e["kind"] == "crossing" and
             "T10:20:00" <= e["time"][10:] <= "T10:21:00+")
        # A chip's crossings are those of whoever has it.
        chip = next(e["chip"] for e in everything
                    if e["kind"] == "crossing" and "chip" in e)
        entry = next(e for e in everything if e["kind"] == "entry" and
                     chip in e["entry"].get("chips", ()))
        same(("--bib", entry["bib"], "--kind", "crossing"),
             lambda e: e.get("chip") == chip)
        self.assertEqual(self.lines("-n", "7"), everything[-7:])
        self.assertEqual(self.lines("-n", "100000"), everything)
        # Names, as people type them.
        last = everything[-1]
        self.assertTrue(last["operator"])
        self.assertTrue(last["stream"].startswith(last["event"].split(":")[0]))
        self.assertEqual(everything[0]["event"], "race folder:1")
        at = [e for e in everything if e.get("station") == "arrivee"]
        self.assertEqual(at[41]["event"], "arrivee:42")

    def decide(self, stream, made_us, *decisions):
        """Brings them as an operator called anna."""
        host, base = self.endpoint(self.race).rsplit(":", 1)
        events = [zmtp.sint(1, made_us + n) + zmtp.text(10, d)
                  for n, d in enumerate(decisions)]
        with zmtp.Peer(host, int(base) + 3) as peer:
            peer.send(zmtp.hello(stream, name="anna", point=""))
            peer.receive()
            peer.send(zmtp.batch(stream, 1, 0, events))
            kind, ack = peer.receive()
            self.assertEqual((kind, ack[2]), (zmtp.ACK, len(events)))

    def test_the_history_tells_what_was_decided_and_what_holds(self):
        aggregator = self.aggregator(self.race)
        self.collect()
        first = self.lines("--station", "arrivee")[0]
        chip = first["chip"]
        bib = next(e["bib"] for e in self.lines("--kind", "entry")
                   if chip in e["entry"].get("chips", ()))
        other = "15" if bib != "15" else "383"
        plain = self.export(self.race, "scratch", "--offline")
        anna, paul = 0xabcdef12 << 32, 0x77777777 << 32

        def target(stream, seq):
            return zmtp.text(4, zmtp.fixed64(1, stream) + zmtp.uint(2, seq))

        self.decide(anna, 1411290000000000,
                    zmtp.text(2, "came by bus") + zmtp.uint(3, 5) +
                    zmtp.text(6, other) + zmtp.uint(11, 5),
                    zmtp.text(2, "ghost") + zmtp.uint(3, 3) +
                    target(int(first["stream"], 16), first["seq"]))
        decided = self.export(self.race, "scratch", "--offline")
        self.assertNotEqual(decided, plain)
        self.decide(paul, 1411290100000000,
                    zmtp.text(1, "paul") + zmtp.uint(3, 1) + target(anna, 1))
        self.record()
        for args in ((), ("--format", "json"), (bib,), (other,)):
            told = [self.palmares("history", *source, *args)
                    for source in self.all_sources()]
            self.assertEqual(told[1], told[0])
            self.assertEqual(told[2], told[0])
        history = [line.split(None, 3) for line in self.palmares(
            "history", "--race", self.race).splitlines()]
        self.assertEqual(
            [(no, who, " ".join(rest.split())) for no, _, who, rest in history],
            [("1", "anna", "undone by 3 %s: DSQ (came by bus)" % other),
             ("2", "anna", "holds crossing %s is no read (ghost)"
              % first["event"]),
             ("3", "paul", "holds decision 1 undone")])

        def numbers(bib):
            return [json.loads(line)["decision"] for line in self.palmares(
                "history", "--race", self.race, bib, "--format", "json"
                ).splitlines()]

        self.assertEqual(numbers(bib), [2])
        self.assertEqual(numbers(other), [1, 3])
        log = self.palmares("log", "--race", self.race, "--kind", "decision")
        self.assertRegex(log, r"abcdef:1 .* decision 1 by anna: %s: DSQ "
                         r"\(came by bus\)\n" % other)
        self.assertRegex(log, r"777777:1 .* decision 3 by paul: decision 1 "
                         r"undone\n")
        self.stops_well(aggregator)
        count, want = self.book("race", self.race)
        self.assertEqual(self.book("from", self.file), (count, want))

    def test_crossings_come_in_and_the_aggregator_is_killed(self):
        aggregator = self.aggregator(self.race)
        self.collect(POINTS[:1])
        sources = [self.collector(self.race, p, self.crossings(p), "--once",
                                  "--speed", "300") for p in POINTS[1:]]
        host, base = self.endpoint(self.race).rsplit(":", 1)
        way = Proxy((host, int(base)), 4)
        self.addCleanup(way.close)
        way.rate = 500000
        before = crossings_stored(self.db)
        book = self.start(BOOK, "aggregator", "127.0.0.1:%d" % way.base)
        wait_until("a page or two came", lambda: way.passed > 70000,
                   programs=[book])
        self.assertTrue(book.running())
        aggregator.kill9()
        way.reset()
        aggregator = self.aggregator(self.race,
                                     listen="%s:%s" % (host, base))
        way.rate = 0
        self.ends_well(book)
        count, _ = self.of_book(book)
        self.assertGreaterEqual(count, before)
        for source in sources:
            self.ends_well(source)
        # Whole, once more, and now nothing comes in.
        want = self.book("race", self.race)
        self.assertEqual(
            self.book("aggregator", self.endpoint(self.race)), want)
        self.assertGreater(want[0], count)
        accepted, stored, lost, doubled = self.stored_exactly_once(
            self.race, POINTS)
        self.assertEqual((stored, lost, doubled), (accepted, 0, 0))
        self.record()
        self.assertEqual(self.book("from", self.file), want)
        self.stops_well(aggregator)

    def test_silence_is_given_up_with_words(self):
        p = self.start("palmares", "log", "--aggregator", "127.0.0.1:1")
        self.assertEqual(p.wait(), 1)
        self.assertIn("no aggregator answers at 127.0.0.1:1", p.err())
        aggregator = self.aggregator(self.race)
        self.collect()
        host, base = self.endpoint(self.race).rsplit(":", 1)
        way = Proxy((host, int(base)), 4)
        self.addCleanup(way.close)
        way.rate = 500000
        p = self.start("palmares", "log", "--aggregator",
                       "127.0.0.1:%d" % way.base)
        wait_until("a page or two came", lambda: way.passed > 70000,
                   programs=[p])
        way.shut()
        self.assertEqual(p.wait(), 1)
        self.assertRegex(p.err(), r"fell silent: nothing for 10 s, after "
                         r"[\d,]+ of 2,279 events")
        self.stops_well(aggregator)

    def test_a_damaged_race_db_is_told_not_shown(self):
        aggregator = self.aggregator(self.race)
        self.collect()
        self.stops_well(aggregator)
        data = bytearray(read(self.db))
        data[len(data) // 2:len(data) // 2 + 8192] = bytes(8192)
        write(self.db, bytes(data))
        p = self.start("palmares", "log", "--race", self.race)
        self.assertEqual(p.wait(), 1)
        self.assertIn("can be read", p.err())

    def test_mistakes_on_the_command_line_are_named(self):
        self.stops_well(self.aggregator(self.race))
        for args, words in (
                (("--kind", "crosing"), "fill-in"),
                (("--since", "noon"), "--since noon"),
                (("--since", "+5:00:00"), "which gun"),
                (("-n", "0"), "a number from 1"),
                (("--format", "csv"), "text or json"),
                (("nix.rec",), "nix.rec: No such file or directory: name a "
                 "recording"),
                ((self.race,), "is a folder: --race %s reads" % self.race),
                (("a.rec", "b.rec"), "one recording at a time: b.rec"),
                (("--from", "a.rec", "b.rec"), "b.rec is too much"),
                ((self.db, "--aggregator", "y"), "leave --aggregator"),
                (("--from", "x", "--aggregator", "y"), "leave --aggregator")):
            status, out, err = self.run_program(
                "palmares", "log", "--race", self.race, *args)
            self.assertEqual((status, out), (2, ""), err)
            self.assertIn(words, err)
        status, out, err = self.run_program(
            "palmares", "log", "--race", self.race, "--point", "arivee",
            "--station", "arrive")
        self.assertEqual((status, out), (0, ""))
        self.assertIn("arrivee", err)
        self.assertIn("no event of --station arrive", err)
        status, _, err = self.run_program("palmares", "log", "--race",
                                          self.path("nowhere"))
        self.assertEqual(status, 2)
        # A file that is there, and no recording, is no usage.
        status, _, err = self.run_program("palmares", "log", self.db)
        self.assertEqual(status, 1)
        self.assertIn("no recording", err)


if __name__ == "__main__":
    if BOOK is None:
        raise Failed("PALMARES_PAST_BOOK: where is that program?")
    palmares_test.main()
