#!/usr/bin/env python3
"""
replay_faults - a race is played while links are cut, laptops die and clocks are
off: the aggregator sees what it would see on such a day, and in the end it has
each event once and the boards of the race, byte for byte.
"""

import csv
import io
import json
import os
import random
import re
import signal
import sys
import time

import palmares_test
import replay
import zmtp
from palmares_test import sql, wait_until, write
from replay import at, received_then

LAPTOP = 3
AHEAD = 2500000  # microseconds
KEYBOARD = 0x6B6579  # a stream
LINE = ["arrivee", "typed"]  # both stand there


def stamped(bib, time_us, measured=True):
    """A crossing of a laptop whose clock was measured, or was not."""
    body = (zmtp.text(1, "arrivee") + zmtp.text(2, bib) +
            zmtp.fixed64(4, time_us) + zmtp.uint(5, LAPTOP))
    if measured:
        body += zmtp.sint(6, 40) + zmtp.uint(7, 900) + zmtp.uint(8, 1)
    return zmtp.sint(1, time_us) + zmtp.text(2, body)


class Faults(replay.WholeRace):
    def setUp(self):
        super().setUp()
        self.run_race()
        write(self.file, received_then(self.file))
        self.other = self.folder_like(self.race)
        self.db = os.path.join(self.other, "race.db")

    def came_then(self, names, first, last):
        """Of these stations, received from then on and before then."""
        return [r for r in self.count() if r.name in names and
                at(first) <= r.received < at(last)]

    def play(self, *args, **kw):
        aggregator = self.aggregator(self.other)
        out, err = self.replay(self.other, *args, **kw)
        self.stops_well(aggregator)
        return out, err

    def order(self):
        """The log of what was played, as (stream, seq)."""
        return [(int(epoch, 16), seq) for epoch, seq in sql(
            self.db, "SELECT s.epoch, e.seq FROM log e JOIN stream s "
            "ON s.id = e.stream ORDER BY e.number")]

    def came_late(self, names, first, last):
        """What the stations had to say from then to then came in its order, and
        behind all that others said until then.  How much it was."""
        order = {key: i for i, key in enumerate(self.order())}
        late = self.came_then(names, first, last)
        for name in names:
            of = [order[r.stream, r.seq] for r in late if r.name == name]
            self.assertEqual(of, sorted(of))
        others = [order[r.stream, r.seq] for r in self.count()
                  if r.name not in names and r.received < at(last)]
        self.assertGreater(min(order[r.stream, r.seq] for r in late),
                           max(others))
        return len(late)

    # ---- links and laptops

    def test_a_link_that_is_cut_brings_one_burst_and_loses_nothing(self):
        out, err = self.play("--drop-link", "mi-course@+25m", "for", "5m")
        held = self.came_late(["mi-course"], "10:25:00", "10:30:00")
        self.assertGreater(held, 20)
        self.assertIn("10:25:00 link of mi-course dropped for 300 s, "
                      "%d events wait" % held, err)
        # What was under way when it was cut comes again.
        sent = re.search(r"10:30:00 link of mi-course is back, (\d+) events "
                         "are sent", err)
        self.assertGreaterEqual(int(sent[1]), held)
        everything = len(self.count())
        self.assertEqual(self.summary(out)[0], everything)
        self.assertEqual(self.summary(out)[2:], (everything, 0))
        self.same(self.race, self.other)

    def test_a_recording_of_another_day_begins_with_its_first_event(self):
        """Its gun, years ago, is no part of what was received."""
        self.record_again()
        out, err = self.play("--drop-link", "arrivee@+0s for 1h")
        self.assertRegex(err, r"link of arrivee dropped for 3600 s, "
                         r"5\d\d events wait")
        self.assertEqual(self.summary(out)[3], 0)
        self.same(self.race, self.other)

    def record_again(self):
        """As it was received: today, and within a moment."""
        os.remove(self.file)
        aggregator = self.aggregator(self.race)
        self.record()
        self.stops_well(aggregator)

    def test_a_laptop_that_dies_is_started_again_and_loses_nothing(self):
        out, err = self.play("--kill", "depart@09:59:30 for 1m",
                             "--kill", "arrivee@10:42 for 30s",
                             "--kill", "arrivee@10:45 for 90s")
        held = self.came_late(LINE, "10:45:00", "10:46:30")
        self.assertIn("10:45:00 the laptop of arrivee is dead for 90 s, %d "
                      "events wait in its outbox" % held, err)
        self.assertIn("10:46:30 arrivee is started again", err)
        self.came_late(LINE, "10:42:00", "10:42:30")
        everything = len(self.count())
        self.assertEqual(self.summary(out)[2:], (everything, 0))
        self.same(self.race, self.other)

    def test_faults_may_overlap_and_the_aggregator_may_die_in_them(self):
        aggregator = self.aggregator(self.other)
        player = self.start(
            "palmares-replay", self.file, "--race", self.other,
            "--speed", "600",
            "--drop-link", "mi-course@10:20 for 10m",
            "--kill", "mi-course@10:25", "for", "10m",
            "--drop-link", "arrivee@10:33 for 20m")
        wait_until("a link is cut", lambda: "10:33:00 link" in player.err(),
                   programs=[player])
        aggregator.kill9()
        aggregator = self.aggregator(self.other)
        self.ends_well(player)
        self.assertIn("10:30:00 --drop-link of mi-course is over, and another "
                      "fault still holds it", player.err())
        self.assertIn("10:35:00 mi-course is started again", player.err())
        self.assertEqual(self.summary(player.out())[0], len(self.count()))
        self.stops_well(aggregator)
        self.same(self.race, self.other)

    def test_the_aggregator_sees_it_as_on_the_day(self):
        """A station is gone, nobody took leave; then it is back, and late."""
        aggregator = self.aggregator(self.other)
        player = self.start(
            "palmares-replay", self.file, "--race", self.other,
            "--speed", "60", "--from", "10:30:00",
            "--drop-link", "arrivee@10:31 for 25m")
        wait_until("an alarm", lambda: any(
            a["kind"] == "gone" for a in self.status()["alarms"]),
            programs=[player])
        gone = self.status()
        self.assertIn("arrivee", json.dumps(gone["alarms"]))
        # Nobody took leave; what was held before has come, and no more does.
        self.assertNotIn("arrivee (arrivee): left", aggregator.err())
        stood = self.stored("arrivee")
        self.assertGreater(stood, 0)
        wait_until("it is back", lambda: "link of arrivee is back" in
                   player.err(), programs=[player])
        wait_until("no alarm", lambda: not any(
            a["kind"] == "gone" for a in self.status()["alarms"]),
            programs=[player])
        wait_until("it is late", lambda: self.stored("arrivee") > stood + 300,
                   programs=[player])
        self.stops_well(player)
        wait_until("leave is taken", lambda: "arrivee (arrivee): left" in
                   aggregator.err(), programs=[aggregator])
        self.stops_well(aggregator)

    def status(self):
        status, out, err = self.run_program(
            "palmares", "status", "--race", self.other, "--format", "json")
        self.assertEqual(status, 0, err)
        return json.loads(out)

    def stored(self, name):
        return palmares_test.crossings_stored(self.db, name)

    # ---- clocks

    def times(self, race, point):
        """By bib or chip, in microseconds, as they are stored."""
        out = {}
        for body, in sql(os.path.join(race, "race.db"),
                         "SELECT body FROM log WHERE kind = 'crossing'"):
            f = zmtp.fields(zmtp.fields(body)[2])
            if f[1].decode() == point:
                out.setdefault((f.get(2), f.get(3)), []).append(f[4])
        return out

    def test_a_clock_that_is_off_shifts_what_nobody_measured(self):
        out, err = self.play("--clock", "arrivee", "+2.5s",
                             "--clock", "mi-course -1s")
        self.assertRegex(err, r"the clock of arrivee is 2\.5 s fast: none of "
                         r"its \d+ crossings is corrected, for nothing was "
                         r"measured of it\n")
        self.assertRegex(err, "the clock of mi-course is 1 s slow")
        everything = self.summary(out)[0]
        self.assertEqual(self.summary(out)[2:], (everything, 0))
        for point, by in (("arrivee", AHEAD), ("mi-course", -1000000),
                          ("depart", 0)):
            before = self.times(self.race, point)
            after = self.times(self.other, point)
            self.assertEqual(
                {who: [t + by for t in times]
                 for who, times in before.items()}, after)
        # What operators decided about these crossings is decided of them.
        for race in (self.race, self.other):
            status, out, talk = self.run_program(
                "palmares", "reads", "--point", "arrivee", "--race", race)
            if status != 0:
                self.fail(talk)
            voided = sum("voided" in line for line in out.splitlines())
            if race == self.race:
                want = voided
        self.assertGreater(want, 0)
        self.assertEqual(voided, want)
        # The same again is the same, another error is another stream.
        aggregator = self.aggregator(self.other)
        again, _ = self.replay(self.other, "--clock", "arrivee +2.5s",
                               "--clock", "mi-course -1s")
        self.assertEqual(self.summary(again)[2:], (0, everything))
        self.stops_well(aggregator)

    def typed(self, name, measured):
        """A recording of a desk that typed ten runners."""
        race = self.folder_like(self.race)
        aggregator = self.aggregator(race)
        host, base = self.endpoint(race).split(":")
        keys = [stamped(str(100 + i), at("10:40:00") + i * 1000000, is_known)
                for i, is_known in enumerate(measured)]
        with zmtp.Peer(host, int(base)) as peer:
            peer.send(zmtp.hello(KEYBOARD, name="desk"))
            peer.receive()
            peer.send(zmtp.batch(KEYBOARD, 1, 0, keys))
            peer.receive()
        file = self.path(name)
        status, _, err = self.run_program("palmares", "record", file,
                                          "--race", race)
        self.assertEqual(status, 0, err)
        self.stops_well(aggregator)
        return race, file

    def test_a_clock_that_was_measured_is_corrected(self):
        race, file = self.typed("keys.rec", [False] + [True] * 9)
        _, err = self.play("--clock", "desk+2.5s", file=file)
        self.assertIn("9 of its 10 crossings are corrected by what was "
                      "measured of it, the rest is not\n", err)
        before, after = ({r["bib"]: r["time"] for r in csv.DictReader(
            io.StringIO(self.export(folder, "scratch", "--offline").decode()))
            if r["time"]} for folder in (race, self.other))
        self.assertEqual(len(before), 10)
        self.assertEqual(float(after.pop("100")),
                         float(before.pop("100")) + 2.5)
        self.assertEqual(after, before)

    def test_a_clock_that_was_measured_all_the_time_is_told_so(self):
        _, file = self.typed("keys.rec", [True] * 10)
        _, err = self.play("--clock", "desk+2.5s", file=file)
        self.assertIn("all of its 10 crossings are corrected by what was "
                      "measured of it\n", err)

    def test_a_clock_that_is_off_is_told_by_the_aggregator(self):
        aggregator = self.aggregator(self.other)
        player = self.start(
            "palmares-replay", self.file, "--race", self.other,
            "--speed", "10", "--from", "10:40", "--clock", "arrivee +2.5s")
        wait_until("it is told", lambda: "2.5 s fast" in aggregator.err(),
                   programs=[player, aggregator])
        self.stops_well(player)
        self.stops_well(aggregator)

    # ---- what is refused

    def test_a_fault_that_cannot_be_is_refused(self):
        for args, words in (
                (("--drop-link", "mi-cours@+20m for 90s"),
                 "did you mean 'mi-course'?"),
                (("--kill", "anna@+20m for 90s"), "no point or station"),
                (("--clock", "4km+2.5s"), "it has depart, "),
                (("--clock", "arrivee"), "how far its clock is off"),
                (("--clock", "arrivee", "2.5s"), "how far its clock is off"),
                (("--drop-link", "arrivee@+20m"), "as in 4km@+10m for 90s"),
                (("--drop-link", "arrivee@+20m", "for"),
                 "as in 4km@+10m for 90s"),
                (("--drop-link", "arrivee@12:30 for 90s"),
                 "nothing to send from 12:30:00 to 12:31:30")):
            status, out, err = self.run_program("palmares-replay", self.file,
                                                *args)
            self.assertEqual((status, out), (2, ""), args)
            self.assertIn(words, err)


# What fingers, terminals and pasted texts send.
WILD = (" ", ".", "..", "\x1b", "\x1b[C", "\x1b[6~", "\x1b[5~", "\x1b[D",
        "\x1b[999999~", "\x1bO", "\x1b[200~10:42\x1b[201~", "+", "-", "?", "j",
        "\r", "\x7f", "j10:3\r", "j+5m\r", "j23:59\r", "j00:00\r", "é",
        "j2014-10-26T02:30:00\r", "j" + "1" * 60 + "\r", "\x00", "\x1a", "\x1c")
TROUBLES = ((), ("--pause", "09:00", "--pause", "10:40"),
            ("--drop-link", "arrivee@10:35 for 10m",
             "--kill", "arrivee@10:40 for 20m",
             "--kill", "mi-course@10:20 for 30m"),
            ("--drop-link", "arrivee@08:35 for 10h"))


class Keys(replay.WholeRace):
    def setUp(self):
        super().setUp()
        self.run_race()
        write(self.file, received_then(self.file))
        self.other = self.folder_like(self.race)
        self.aggregator(self.other)

    def watch(self, *args):
        w = replay.Watched(self.file, "--race", self.other, *args)
        self.addCleanup(w.clean)
        return w

    def received_by(self, clock):
        return sum(r.received <= at(clock) for r in self.count())

    def says(self, w, words):
        wait_until(words, lambda: words in w.look())

    def test_a_jump_plays_what_lies_between(self):
        w = self.watch("--speed", "1")
        wait_until("it plays", lambda: w.played() > 0)
        w.press(" ")
        self.says(w, "stands")
        w.press("j")
        self.says(w, "jump to (10:42")
        w.press("10:39\x7f5\r")
        self.says(w, "jumps to 10:35:00")
        want = self.received_by("10:35:00")
        wait_until("it is there", lambda: w.played() == want)
        db = os.path.join(self.other, "race.db")
        wait_until("all of it is stored", lambda: sql(
            db, "SELECT total(cursor) FROM stream WHERE epoch <> "
            "(SELECT store FROM meta)")[0][0] == want)
        # It stands there.
        w.press("\x1b[C")
        self.says(w, "jumps to 10:36:00")
        w.press("\x1b[6~")
        self.says(w, "jumps to 10:46:00")
        want = self.received_by("10:46:00")
        wait_until("it is there", lambda: w.played() == want)
        # Keys add up, also before the first one is there.
        w.press("\x1b[C\x1b[C")
        self.says(w, "jumps to 10:48:00")
        w.press("j+2m\r")
        self.says(w, "jumps to 10:50:00")
        w.press("j11:30\r")
        wait_until("all is played", w.ended)
        self.assertEqual(w.status, 0)
        self.same(self.race, self.other)

    def test_what_is_held_of_any_station_is_not_waited_for(self):
        # Arrivals begin half an hour behind the start.
        self.replay(self.other, "--to", "10:45:00")
        w = self.watch("--speed", "1")
        want = self.received_by("10:45:00")
        wait_until("it is where it ended", lambda: w.played() >= want)
        self.says(w, "10:4")
        w.press("q")
        wait_until("it has ended", w.ended)
        self.assertEqual(w.status, 0)

    def test_it_stands_before_the_first_event(self):
        w = self.watch("--pause", "09:00")
        self.says(w, "09:00:00 stands still")
        self.assertEqual(w.played(), 0)
        w.press(" ")
        wait_until("all is played", w.ended)
        self.assertEqual(w.status, 0)
        self.same(self.race, self.other)

    def test_nothing_goes_back_and_mistakes_are_named(self):
        w = self.watch("--speed", "1")
        wait_until("it plays", lambda: w.played() > 0)
        w.press(" ")
        self.says(w, "stands")
        played = w.played()
        w.press("j09:00\r")
        self.says(w, "nothing goes back")
        w.press("j10:4x\r")
        self.says(w, "jump to 10:4x: ")
        w.press("\x1b[D")
        self.says(w, "what an aggregator has stored stays stored")
        w.press("?")
        self.says(w, "keys: Space stands")
        w.press("j10:59")
        self.says(w, "+5m; Esc: not): 10:59_")
        w.press("\x1b")
        wait_until("it is not typed any more",
                   lambda: "keys" in w.look().rsplit("\r", 1)[-1])
        self.assertEqual(w.played(), played)
        w.press("q")
        wait_until("it has ended", w.ended)
        self.assertEqual(w.status, 0)

    def test_it_goes_faster_and_slower(self):
        w = self.watch("--speed", "4")
        self.says(w, " x4 ")
        w.press(" -")
        self.says(w, " x2 ")
        w.press("+" * 18)
        self.says(w, " x524288 ")
        w.press("+")
        self.says(w, " max ")
        w.press("-")
        self.says(w, " x1000 ")
        w.press("+ ")
        wait_until("all is played", w.ended)
        self.assertEqual(w.status, 0)
        self.same(self.race, self.other)

    def press_some(self, w, draw):
        for _ in range(draw.randrange(40)):
            if w.ended():
                return
            w.press(draw.choice(WILD))
            time.sleep(draw.choice((0, 0.001, 0.02)))

    def test_keys_pressed_wildly_lose_nothing(self):
        draw = random.Random(palmares_test.seed())
        everything = set(self.events(self.race))
        for how in (signal.SIGKILL, signal.SIGTERM, "q", "\x03") * 2:
            w = self.watch("--speed", draw.choice(("1", "60", "max")),
                           *draw.choice(TROUBLES))
            wait_until("keys are read", lambda: w.ended() or not w.echoes())
            self.press_some(w, draw)
            if not w.ended() and isinstance(how, str):
                w.press("\r" + how)  # whatever was being typed
            elif not w.ended():
                os.kill(w.pid, how)
            wait_until("it has ended", w.ended)
            if w.status == -signal.SIGKILL:
                continue
            self.assertEqual(w.status, 0, w.text[-1000:])
            self.assertTrue(w.echoes())
            self.assertLessEqual(set(self.events(self.other)), everything)
        self.replay(self.other)
        self.same(self.race, self.other)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    palmares_test.main()
