#!/usr/bin/env python3
"""
replay - palmares-replay: a race is recorded while it runs, and played to an
aggregator that has nothing of it.  Every export has to be the same, byte for
byte, and every event stored once, under the name it had.
"""

import collections
import csv
import datetime
import itertools
import os
import pty
import random
import re
import shutil
import sys
import termios
import time

import convert
import palmares_test
import zmtp
from palmares_test import ROOT, System, crossings_stored, program_path, read, \
    sql, wait_until, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")
TYPED = 0x7479706564  # the stream of somebody at a keyboard
CRC = 5  # bytes of the last field of a record
PENALTY = 7  # a verb

Record = collections.namedtuple("Record", "log stream seq name received event")


def at(clock):
    """Of the race's day, in microseconds UTC."""
    moment = datetime.datetime.fromisoformat("2014-09-21T%s+02:00" % clock)
    return int(moment.timestamp()) * 10 ** 6


def without_bib(time_us):
    body = zmtp.text(1, "arrivee") + zmtp.fixed64(4, time_us) + zmtp.uint(5, 1)
    return zmtp.sint(1, time_us) + zmtp.text(2, body)


def void(time_us, seq):
    return zmtp.sint(1, time_us) + zmtp.text(3, zmtp.uint(1, seq))


def fill_in(time_us, seq, bib):
    return zmtp.sint(1, time_us) + zmtp.text(
        4, zmtp.uint(1, seq) + zmtp.text(2, bib))


# What was typed: two who are named later, two that were nobody.
KEYS = [without_bib(at("10:35:00")),
        zmtp.crossing("9071", at("10:36:00")),
        without_bib(at("10:37:00")),
        fill_in(at("10:37:10"), 1, "11"),
        void(at("10:37:20"), 2),
        fill_in(at("10:45:00"), 3, "12"),
        zmtp.crossing("9072", at("10:46:00")),
        void(at("10:46:30"), 7)]


def split(data):
    """The header's bytes, and those of each record's content."""
    header, *contents = (value for _, value in zmtp.each(data))
    return header, contents


def records(path):
    out = []
    for content in split(read(path))[1]:
        f = zmtp.fields(content[:-CRC])
        received = f[5] >> 1 ^ -(f[5] & 1)
        out.append(Record(f[1], f[2], f[3], f[4].decode(), received, f[6]))
    return out


def moment(event):
    """When it happened, by the event itself."""
    f = zmtp.fields(event)
    if 2 in f:
        return zmtp.fields(f[2])[4]
    return f[1] >> 1 ^ -(f[1] & 1)


def received_then(path):
    """The same recording, had each event come when it happened."""
    header, contents = split(read(path))
    latest = min(moment(r.event) for r in records(path))
    last = {}
    rows = []
    for content in contents:
        f = zmtp.fields(content[:-CRC])
        then = moment(f[6])
        # What was decided today comes behind what was recorded before it.
        if then > at("12:00:00"):
            then = latest
        latest = max(latest, then)
        last[f[2]] = then = max(then, last.get(f[2], then))
        rows.append((then, f))
    rows.sort(key=lambda row: row[0])
    return written(header, rows)


def written(header, rows):
    """A recording: what was received when, in that order."""
    out = [zmtp.text(1, header)]
    for number, (then, f) in enumerate(rows):
        body = (zmtp.uint(1, number + 1) + zmtp.fixed64(2, f[2]) +
                zmtp.uint(3, f[3]) + zmtp.text(4, f[4]) +
                zmtp.sint(5, then) + zmtp.text(6, f[6]) +
                zmtp.fixed64(7, f[7]))
        crc = zmtp.crc32c(body).to_bytes(4, "little")
        out.append(zmtp.text(2, body + b"\x45" + crc))
    return b"".join(out)


class Replays(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        self.file = self.path("race.rec")
        self.folders = 0

    def folder_like(self, race):
        """Rules and entries, and nothing that has happened."""
        self.folders += 1
        folder = self.path("empty-%d" % self.folders)
        os.mkdir(folder)
        for name in ("race.yaml", "entries.csv"):
            shutil.copy(os.path.join(race, name), folder)
        return folder

    def record(self):
        status, _, err = self.run_program("palmares", "record", self.file,
                                          "--race", self.race)
        self.assertEqual(status, 0, err)

    def replay(self, race, *args, status=0, file=None):
        """What it said: (summary, talk)."""
        got, out, err = self.run_program("palmares-replay", file or self.file,
                                         "--race", race, *args, timeout=300)
        self.assertEqual(got, status, err)
        return out, err

    @staticmethod
    def events(race):
        """Of collectors and operators: (epoch, seq, body), and whose."""
        db = os.path.join(race, "race.db")
        own = sql(db, "SELECT store FROM meta")[0][0]
        return sorted(sql(db, """
            SELECT s.epoch, s.name, s.point, s.operators, e.seq, e.body,
                e.chain
            FROM log e JOIN stream s ON s.id = e.stream
            WHERE s.epoch <> ?""", (own,)))

    def all_exports(self, race):
        return {(name, form): self.export(race, name, "--offline", "--format",
                                          form)
                for name in palmares_test.rankings(race)
                for form in ("csv", "json", "text")}

    def same(self, race, other):
        self.assertEqual(self.events(race), self.events(other))
        ours = self.all_exports(race)
        theirs = self.all_exports(other)
        for key, board in ours.items():
            self.assertTrue(board)
            self.assertEqual(theirs[key], board, key)

    def summary(self, out):
        """(events, streams, accepted, repeats)"""
        found = re.fullmatch(r"replayed (\d+) events of (\d+) streams, "
                             r"accepted (\d+), repeats (\d+)\n", out)
        self.assertIsNotNone(found, out)
        return tuple(int(n) for n in found.groups())


class WholeRace(Replays):
    """The example, with all that people may do."""

    def setUp(self):
        super().setUp()
        shutil.copytree(EXAMPLE, self.race)

    def type_some(self, race=None):
        """Somebody at a keyboard, who undoes and fills in."""
        host, base = self.endpoint(race or self.race).split(":")
        with zmtp.Peer(host, int(base)) as peer:
            peer.send(zmtp.hello(TYPED, name="typed"))
            peer.receive()
            peer.send(zmtp.batch(TYPED, 1, 0, KEYS))
            kind, content = peer.receive()
            self.assertEqual((kind, content[2]), (zmtp.ACK, len(KEYS)))

    def decide(self, *args, race=None):
        status, out, err = self.run_program(
            "palmares", *args, "--race", race or self.race, "--yes", "--by",
            "anna", "--reason", "rehearsal")
        self.assertEqual(status, 0, out + err)



    def collect(self, race, points=POINTS):
        for point in points:
            self.ends_well(self.collector(
                race, point, "csv:%s/crossings/%s.csv" % (race, point),
                "--once"))

    def run_beginning(self):
        """As far as the start, with who sits at the keyboard."""
        aggregator = self.aggregator(self.race)
        self.collect(self.race, POINTS[:1])
        self.type_some()
        self.record()
        self.stops_well(aggregator)

    def run_race(self):
        """Recorded as it goes, with all that people do."""
        aggregator = self.aggregator(self.race)
        for point in POINTS:
            self.collect(self.race, [point])
            self.record()
            if point == "depart":
                self.decide("mark", "dns", "20")
                self.decide("gun", "masse", "10:00:03")
        self.type_some()
        self.decide("void", "arrivee:7")
        self.decide("penalty", "15", "+60s")
        self.decide("undo", "3")
        self.decide("void", "arrivee:9")
        self.decide("mark", "dsq", "21")
        self.decide("publish", "scratch", "final")
        self.record()
        self.stops_well(aggregator)

    def count(self):
        own = zmtp.fields(split(read(self.file))[0][:-CRC])[2]
        return [r for r in records(self.file) if r.stream != own]


class Replay(WholeRace):
    def test_an_empty_aggregator_gets_the_whole_race(self):
        self.run_race()
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        out, err = self.replay(other)
        all_of_it = self.count()
        streams = len({r.stream for r in all_of_it})
        self.assertEqual(self.summary(out),
                         (len(all_of_it), streams, len(all_of_it), 0))
        self.assertNotIn("other rules", err)
        out, _ = self.replay(other)
        self.assertEqual(self.summary(out),
                         (len(all_of_it), streams, 0, len(all_of_it)))
        self.stops_well(aggregator)
        self.same(self.race, other)

    def test_what_was_torn_and_made_whole_is_the_race(self):
        """At random bytes; at every one test_recovery has the same bytes."""
        self.run_race()
        whole = read(self.file)
        rng = random.Random(palmares_test.seed())
        for cut in rng.sample(range(1, len(whole)), 4):
            write(self.file, whole[:cut])
            self.record()
            self.assertEqual(read(self.file), whole, cut)
            other = self.folder_like(self.race)
            aggregator = self.aggregator(other)
            self.replay(other)
            self.stops_well(aggregator)
            self.same(self.race, other)

    def test_what_operators_said_comes_where_it_came(self):
        self.run_race()
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        self.replay(other)
        self.stops_well(aggregator)
        # What one of them had seen, the other one has seen too.
        for race in (self.race, other):
            db = os.path.join(race, "race.db")
            seen = []
            for number, in sql(db, "SELECT number FROM log WHERE kind IN "
                               "('decision', 'award', 'gun') ORDER BY number"):
                seen.append(sql(db, "SELECT count(*) FROM log WHERE kind = "
                                "'crossing' AND number < ?", (number,))[0][0])
            if race == self.race:
                want = seen
        self.assertEqual(len(want), 8)
        self.assertEqual(seen, want)

    def test_at_a_speed_it_takes_its_time(self):
        self.run_race()
        write(self.file, received_then(self.file))
        times = [r.received for r in self.count()]
        lasts = (times[-1] - times[0]) / 1e6
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        began = time.monotonic()
        self.replay(other, "--speed", "600")
        took = time.monotonic() - began
        self.assertGreaterEqual(took, lasts / 600)
        print("replay: %.0f s of a race at speed 600 in %.1f s"
              % (lasts, took), flush=True)
        self.stops_well(aggregator)
        self.same(self.race, other)

    def test_an_aggregator_that_is_killed_meanwhile_misses_nothing(self):
        self.run_race()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        player = self.start("palmares-replay", self.file, "--race", other,
                            "--speed", "1000")
        db = os.path.join(other, "race.db")
        for stored in (300, 900, 1500):
            wait_until("%d events are stored" % stored,
                       lambda least=stored: crossings_stored(db) >= least,
                       programs=[player])
            self.assertTrue(player.running())
            aggregator.kill9()
            aggregator = self.aggregator(other)
        self.ends_well(player)
        self.assertEqual(self.summary(player.out())[0], len(self.count()))
        self.stops_well(aggregator)
        self.same(self.race, other)

    def test_an_aggregator_that_is_set_back_gets_all_of_it_again(self):
        """To a backup: of streams, too, that had been played to their end."""
        self.run_race()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        db = os.path.join(other, "race.db")
        backup = self.path("backup.db")
        aggregator = self.aggregator(other)
        status, _, err = self.run_program("palmares", "backup", backup,
                                          "--race", other)
        self.assertEqual(status, 0, err)
        player = self.start("palmares-replay", self.file, "--race", other,
                            "--speed", "1000")
        first = self.count()[0].stream
        last = max(r.seq for r in self.count() if r.stream == first)
        wait_until("a stream is over", lambda: sql(
            db, "SELECT cursor FROM stream WHERE epoch = ?",
            ("%016x" % first,)) == [(last,)], programs=[player])
        wait_until("others go on", lambda: crossings_stored(db) > last + 200,
                   programs=[player])
        self.assertTrue(player.running())
        aggregator.kill9()
        for name in os.listdir(other):
            if name.startswith("race.db"):
                os.unlink(os.path.join(other, name))
        shutil.copy(backup, db)
        aggregator = self.aggregator(other)
        self.ends_well(player)
        self.assertEqual(self.summary(player.out())[0], len(self.count()))
        self.stops_well(aggregator)
        self.same(self.race, other)

    def test_one_that_is_killed_itself_goes_on(self):
        self.run_race()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        player = self.start("palmares-replay", self.file, "--race", other,
                            "--speed", "1000")
        wait_until("500 events are stored",
                   lambda: crossings_stored(
                       os.path.join(other, "race.db")) >= 500)
        player.kill9()
        out, _ = self.replay(other)
        events, _, accepted, repeats = self.summary(out)
        self.assertEqual((events, accepted + repeats),
                         (len(self.count()), len(self.count())))
        self.assertGreaterEqual(repeats, 500)
        self.stops_well(aggregator)
        self.same(self.race, other)

    # ---- parts

    def lines_between(self, folder, first, last):
        """The crossings of the race's files that lie there, as files."""
        for point in POINTS:
            name = os.path.join("crossings", point + ".csv")
            with open(os.path.join(EXAMPLE, name), encoding="utf-8") as f:
                rows = list(csv.reader(f))
            # A line behind a later one came after it.
            came = list(itertools.accumulate((r[0] for r in rows[1:]), max))
            kept = [r for r, then in zip(rows[1:], came)
                    if first <= then <= last]
            write(os.path.join(folder, name),
                  "\n".join(",".join(r) for r in rows[:1] + kept) + "\n")

    def play_part(self, *args):
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        out, err = self.replay(other, *args)
        again, _ = self.replay(other, *args)
        events, streams, _, _ = self.summary(out)
        self.assertEqual(self.summary(out), (events, streams, events, 0))
        self.assertEqual(self.summary(again), (events, streams, 0, events))
        self.stops_well(aggregator)
        return other, err

    def run_part(self, first, last, *decisions):
        """The same part, as if only that had happened."""
        expected = self.folder_like(self.race)
        self.lines_between(expected, first, last)
        aggregator = self.aggregator(expected)
        self.collect(expected)
        for d in decisions:
            self.decide(*d, race=expected)
        self.stops_well(aggregator)
        return expected

    def test_a_part_is_ranked_as_if_nothing_else_had_happened(self):
        aggregator = self.aggregator(self.race)
        self.collect(self.race)
        self.record()
        self.stops_well(aggregator)
        write(self.file, received_then(self.file))
        part, err = self.play_part("--from", "10:20:00", "--to", "10:40:00")
        self.assertIn("parts", err)
        expected = self.run_part("10:20:00", "10:40:00")
        self.assertEqual(self.all_exports(part), self.all_exports(expected))
        # Who came to the line until then is the beginning of a stream.
        before = {e[1]: e[0] for e in self.events(self.race)}
        after = {e[1]: e[0] for e in self.events(part)}
        self.assertEqual(after["arrivee"], before["arrivee"])
        self.assertNotEqual(after["mi-course"], before["mi-course"])
        self.assertNotIn("depart", after)
        # A recording of that part is played as the part.
        whole, self.file = self.file, self.path("part.rec")
        status, _, err = self.run_program(
            "palmares", "cut", whole, self.file, "--from", "10:20:00",
            "--to", "10:40:00")
        self.assertEqual(status, 0, err)
        part, err = self.play_part()
        self.assertIn("parts", err)
        self.assertEqual(self.all_exports(part), self.all_exports(expected))

    def test_what_is_decided_about_a_part_is_about_its_reads(self):
        self.run_race()
        write(self.file, received_then(self.file))
        first = "10:31:15"
        part, err = self.play_part("--from", "10:31:15")
        with open(os.path.join(EXAMPLE, "crossings", "arrivee.csv"),
                  encoding="utf-8") as f:
            times = [r[0] for r in list(csv.reader(f))[1:]]
        left_out = sum(t < first for t in times)
        self.assertTrue(0 < left_out < 7)
        # By the files alone, with the reads under their new numbers.
        expected = self.run_part(
            first, "12:00:00", ("mark", "dns", "20"),
            ("gun", "masse", "10:00:03"),
            ("void", "arrivee:%d" % (7 - left_out)), ("penalty", "15", "+60s"),
            ("undo", "3"), ("void", "arrivee:%d" % (9 - left_out)),
            ("mark", "dsq", "21"))
        aggregator = self.aggregator(expected)
        self.type_some(expected)
        self.decide("publish", "scratch", "final", race=expected)
        self.stops_well(aggregator)
        for name in palmares_test.rankings(self.race):
            self.assertEqual(
                self.export(part, name, "--offline"),
                self.export(expected, name, "--offline"), name)
        self.assertNotIn("left out", err)

    def test_what_names_what_is_left_out_is_left_out_and_told(self):
        self.run_race()
        write(self.file, received_then(self.file))
        # The fill-in of the third line and the void of the seventh are there;
        # behind 10:40 the third line is not.
        part, err = self.play_part("--from", "10:40:00", "--to", "11:00:00")
        self.assertRegex(err, r": 1 reference to what is left out dropped")
        bodies = [e[5] for e in self.events(part) if e[1] == "typed"]
        self.assertEqual(bodies, [KEYS[6], void(at("10:46:30"), 1)])

    def run_jury(self):
        """Files of several commands each: a penalty between two reads."""
        aggregator = self.aggregator(self.race)
        for point, bib in zip(POINTS, ("15", "17", "33")):
            self.collect(self.race, [point])
            path = write(self.path(point + ".csv"),
                         "verb,read,bib,amount\n"
                         "void,%s:9,,\npenalty,,%s,+60s\nvoid,%s:500,,\n"
                         % (point, bib, point))
            self.decide("correct", path)
        self.decide("undo", "1")
        self.record()
        self.stops_well(aggregator)
        write(self.file, received_then(self.file))

    def play_parts(self, *parts):
        """One after the other into one aggregator: nothing may show it."""
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        for part in parts + parts[:1]:
            self.replay(other, *part)
        self.stops_well(aggregator)
        self.assertEqual(self.penalties(other), self.penalties(self.race))
        ours, theirs = (self.all_exports(r) for r in (self.race, other))
        for key, board in ours.items():
            self.assertEqual(theirs[key], board, key)

    def penalties(self, race):
        """How many are stored."""
        bodies = sql(os.path.join(race, "race.db"),
                     "SELECT body FROM log WHERE kind = 'decision'")
        verbs = [zmtp.fields(zmtp.fields(b)[10])[3] for b, in bodies]
        self.assertIn(PENALTY, verbs)
        return verbs.count(PENALTY)

    def test_adjacent_parts_are_the_race(self):
        self.run_jury()
        self.play_parts(("--to", "10:25:00"),
                        ("--from", "10:25:00.000001", "--to", "10:40:00"),
                        ("--from", "10:40:00.000001"))

    def test_overlapping_parts_are_the_race(self):
        self.run_jury()
        self.play_parts(("--to", "10:35:00"),
                        ("--from", "10:20:00", "--to", "10:45:00"),
                        ("--from", "10:30:00"))

    def test_a_beginning_keeps_its_names_and_the_rest_may_follow(self):
        self.run_race()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        out, _ = self.replay(other, "--to", "10:40:00")
        begun = self.summary(out)[0]
        whole = {e[:2] + e[4:] for e in self.events(self.race)}
        self.assertEqual(
            len(whole & {e[:2] + e[4:] for e in self.events(other)}), begun)
        out, _ = self.replay(other)
        self.assertEqual(self.summary(out)[3], begun)
        # And a beginning of what is there is nothing new.
        out, _ = self.replay(other, "--to", "10:40:00")
        self.assertEqual(self.summary(out)[2:], (0, begun))
        self.stops_well(aggregator)
        self.same(self.race, other)

    # ---- what goes wrong

    def test_other_rules_and_another_race_are_told(self):
        self.run_beginning()
        other = self.folder_like(self.race)
        rules = read(os.path.join(other, "race.yaml")).decode()
        write(os.path.join(other, "race.yaml"),
              rules.replace('"10:00:00"', '"10:00:01"', 1))
        aggregator = self.aggregator(other)
        _, err = self.replay(other)
        self.assertIn("other rules than the recording", err)
        self.stops_well(aggregator)
        write(os.path.join(other, "race.yaml"),
              re.sub("(?m)^title: .*", "title: Rehearsal", rules))
        os.remove(os.path.join(other, "race.db"))
        aggregator = self.aggregator(other)
        _, err = self.replay(other)
        self.assertIn("serves 'Rehearsal'", err)
        self.stops_well(aggregator)

    def test_a_stream_that_went_on_otherwise_is_refused(self):
        self.run_beginning()
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        host, base = self.endpoint(other).split(":")
        with zmtp.Peer(host, int(base)) as peer:
            peer.send(zmtp.hello(TYPED, name="typed"))
            peer.receive()
            peer.send(zmtp.batch(TYPED, 1, 0, [KEYS[2]]))
            peer.receive()
        out, err = self.replay(other, status=1)
        self.assertIn("refused the stream typed", err)
        self.assertRegex(out, "^replayed ")
        self.stops_well(aggregator)

    def test_damage_is_found_before_anything_is_played(self):
        self.run_beginning()
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        whole = read(self.file)
        damaged = bytearray(whole)
        damaged[len(damaged) // 2] ^= 4
        write(self.file, bytes(damaged))
        _, err = self.replay(other, status=1)
        self.assertRegex(err, r"damaged at byte \d+")
        self.assertEqual(self.events(other), [])
        # Torn by a crash, it is played as far as it goes.
        write(self.file, whole[:-7])
        out, err = self.replay(other)
        self.assertIn("cut off", err)
        self.assertEqual(self.summary(out)[0], len(self.count_of(whole)) - 1)
        self.stops_well(aggregator)

    def count_of(self, data):
        write(self.file, data)
        return self.count()

    def test_nobody_there_is_given_up(self):
        self.run_beginning()
        with palmares_test.free_ports(4) as sockets:
            base = sockets[0].getsockname()[1]
        got, out, err = self.run_program(
            "palmares-replay", self.file, "--aggregator",
            "127.0.0.1:%d" % base, "--timeout", "1")
        self.assertEqual(got, 1)
        self.assertIn("gave up", err)
        self.assertIn("replayed 0 events", out)

    def test_mistakes_on_the_command_line_are_named(self):
        for args, words in (
                ((), "which recording"),
                (("a", "b"), "one recording at a time"),
                (("a", "--speed", "0"), "--speed 0"),
                (("a", "--from", "late"), "--from late"),
                (("a", "--to", "+8.5"), "a time of day"),
                (("a", "--timeout", "-1"), "--timeout")):
            status, _, err = self.run_program("palmares-replay", *args)
            self.assertEqual(status, 2, args)
            self.assertIn(words, err)
        self.run_beginning()
        for args, status, words in (
                (("--from", "11:00:00", "--to", "10:00:00"), 2, "nothing between"),
                (("--from", "2015-01-01T00:00:00Z",
                  "--to", "2015-01-02T00:00:00Z"), 1, "nothing of it was received then")):
            got, _, err = self.run_program("palmares-replay", self.file, *args)
            self.assertEqual(got, status)
            self.assertIn(words, err)
        got, _, err = self.run_program("palmares-replay", self.path("none"))
        self.assertEqual(got, 1)
        self.assertIn("none", err)


class Watched:
    """A replay at a terminal of its own."""

    def __init__(self, *args):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            clean = {k: v for k, v in os.environ.items()
                     if not k.startswith("PALMARES_") and k != "NO_COLOR"}
            os.execve(program_path("palmares-replay"),
                      ["palmares-replay"] + list(args),
                      dict(clean, TERM="xterm", LC_ALL="C.UTF-8"))
        os.set_blocking(self.terminal, False)
        self.text = ""
        self.status = None

    def look(self):
        """All it has written so far; it is there until it is waited for."""
        try:
            while True:
                piece = os.read(self.terminal, 65536)
                if not piece:
                    break
                self.text += piece.decode()
        except OSError:  # nothing now, or ended
            pass
        return self.text

    def played(self):
        found = re.findall(r"played (\d+) of", self.look())
        return int(found[-1]) if found else 0

    def press(self, key):
        os.write(self.terminal, key.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def ended(self):
        self.look()
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def clean(self):
        if not self.ended():
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)


class Keys(WholeRace):
    def watch(self, *args):
        watched = Watched(*args)
        self.addCleanup(watched.clean)
        return watched

    def test_keys_stop_step_and_end_it(self):
        self.run_race()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        self.aggregator(other)
        w = self.watch(self.file, "--race", other, "--speed", "100")
        wait_until("it plays", lambda: w.played() > 10)
        self.assertFalse(w.echoes())
        w.press(" ")
        wait_until("it stands", lambda: "stands" in w.look())
        db = os.path.join(other, "race.db")
        wait_until("all is stored that was played",
                   lambda: crossings_stored(db) == w.played() > 0)
        stood = w.played()
        w.press("x.\x1b[15~\x1c..")  # F5 is no key of it, nor is Ctrl-\
        wait_until("three more", lambda: w.played() == stood + 3)
        time.sleep(0.5)
        self.assertEqual(w.played(), stood + 3)
        w.press(" ")
        wait_until("it goes on", lambda: w.played() > stood + 10)
        w.press("q")
        wait_until("it has ended", w.ended)
        self.assertEqual(w.status, 0)
        self.assertIn("ended before its end", w.text)
        self.assertRegex(w.text, r"replayed \d+ events")
        self.assertTrue(w.echoes())
        out, _ = self.replay(other)
        self.assertGreater(self.summary(out)[3], stood)
        self.same(self.race, other)

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        self.run_beginning()
        write(self.file, received_then(self.file))
        other = self.folder_like(self.race)
        self.aggregator(other)
        w = self.watch(self.file, "--race", other, "--speed", "1")
        wait_until("it plays", lambda: w.played() > 0)
        self.assertFalse(w.echoes())
        w.press("\x03")
        wait_until("it has ended", w.ended)
        self.assertEqual(w.status, 0)
        self.assertTrue(w.echoes())


class Boston(Replays):
    def test_boston_gives_the_same_bytes(self):
        folder = palmares_test.data("boston-2015-top500")
        if folder is None:
            self.skipTest("boston-2015-top500 is not in %s"
                          % palmares_test.DATA)
        points = convert.convert(folder, self.race)
        aggregator = self.aggregator(self.race)
        running = [self.collector(
            self.race, point,
            "csv:%s/crossings/%s.csv" % (self.race, point), "--once")
            for point in points]
        while any(c.running() for c in running):
            self.record()
        for c in running:
            self.ends_well(c)
        self.record()
        self.stops_well(aggregator)
        other = self.folder_like(self.race)
        aggregator = self.aggregator(other)
        began = time.monotonic()
        out, _ = self.replay(other)
        print("replay: %s in %.2f s" % (out.strip(), time.monotonic() - began),
              flush=True)
        self.stops_well(aggregator)
        self.same(self.race, other)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    palmares_test.main()
