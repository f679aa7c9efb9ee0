#!/usr/bin/env python3
"""
hostile - peers that flood, repeat, subscribe to nonsense or stop reading:
collectors are served meanwhile, and memory stays bounded.
"""

import os
import random
import struct
import threading
import time

import palmares_test
import zmtp
from bad_input import ENTRIES, GUN_US, RACE, memory
from palmares_test import System, crossings_stored, write

ROWS = 2000
MB = 1000 * 1000


def frame(data, more=False):
    """A ZMTP frame."""
    flags = 1 if more else 0
    if len(data) > 255:
        return bytes([flags | 2]) + struct.pack(">Q", len(data)) + data
    return bytes([flags, len(data)]) + data


class Flood:
    """Sends the same bytes again and again, and reads what comes if told."""

    def __init__(self, address, data, kind=b"DEALER", greeting=(), reads=False):
        self.peer = zmtp.Peer(*address, kind)
        self.stopped = False
        for message in greeting:
            self.peer.send(message)
        self.data = data * (1 + MB // len(data))
        self.threads = [threading.Thread(target=self.send, daemon=True)]
        if reads:
            self.threads.append(
                threading.Thread(target=self.read, daemon=True))
        for thread in self.threads:
            thread.start()

    def send(self):
        self.peer.socket.settimeout(1)
        at = 0
        while not self.stopped:
            try:
                at += self.peer.socket.send(self.data[at:at + 65536])
                at %= len(self.data)
            except TimeoutError:
                pass
            except OSError:
                return

    def read(self):
        while not self.stopped:
            try:
                if not self.peer.socket.recv(65536):
                    return
            except TimeoutError:
                pass
            except OSError:
                return

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()
        self.peer.close()


class Hostile(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), ENTRIES)
        self.db = os.path.join(self.race, "race.db")
        self.good = write(self.path("good.csv"), "time,bib\n" + "".join(
            "+%d.5,%d\n" % (1800 + i, i % 100 + 1) for i in range(ROWS)))
        self.program = self.aggregator(self.race)
        host, base = self.endpoint(self.race).rsplit(":", 1)
        self.ports = [(host, int(base) + i) for i in range(4)]
        self.served = 0

    def a_collector_is_served(self, seconds=15):
        self.served += 1
        name = "good%d" % self.served
        before = time.monotonic()
        self.ends_well(self.collector(
            self.race, "arrivee", "csv:" + self.good, "--once", "--timeout",
            str(seconds), name=name))
        took = time.monotonic() - before
        print("served in %.2f s " % took, end="", flush=True)
        self.assertEqual(self.stored_exactly_once(self.race, [name]),
                         (ROWS, ROWS, 0, 0))

    def grew_less(self, before, limit):
        with open(self.program.args[0], "rb") as f:
            if b"__asan_init" not in f.read():  # it keeps what is freed
                self.assertLess(memory(self.program) - before, limit)

    def under(self, *floods, bounded=True):
        """A collector is served while these go on."""
        before = memory(self.program)
        try:
            time.sleep(0.5)
            self.a_collector_is_served()
        finally:
            for flood in floods:
                flood.stop()
        self.assertTrue(self.program.running(), self.program.err())
        if bounded:
            self.grew_less(before, 50 * MB)

    def test_short_nonsense_on_every_port(self):
        self.under(*[Flood(self.ports[i], frame(b"x")) for i in (0, 2, 3)])

    def test_messages_of_three_frames_on_every_port(self):
        three = frame(b"a", True) + frame(b"b", True) + frame(b"c")
        self.under(*[Flood(self.ports[i], three) for i in (0, 2, 3)])

    def test_nonsense_where_subscriptions_are_expected(self):
        # libzmq 4.3.4 keeps all that has come in its own memory, at once.
        three = frame(b"a", True) + frame(b"b", True) + frame(b"c")
        self.under(Flood(self.ports[1], frame(b"x"), b"SUB"),
                   Flood(self.ports[1], three, b"SUB"), bounded=False)

    def test_questions_in_a_loop_whose_answers_are_not_read(self):
        snapshot = zmtp.message(zmtp.SNAPSHOT_REQUEST,
                                zmtp.uint(1, 1) + zmtp.text(2, "roster/"))
        self.under(
            Flood(self.ports[2], frame(snapshot)),
            Flood(self.ports[2], frame(snapshot), reads=True),
            Flood(self.ports[3], frame(zmtp.message(
                zmtp.STATUS_REQUEST, zmtp.uint(1, 1)))))

    def test_a_batch_repeated_for_ever(self):
        event = zmtp.crossing("17", GUN_US + 1800 * 10 ** 6)
        batch = zmtp.batch(0x1234, 1, 0, [event] * 500)
        self.under(Flood(self.ports[0], frame(batch),
                         greeting=[zmtp.hello(0x1234)], reads=True))

    def test_subscriptions_to_nonsense(self):
        noise = random.Random(palmares_test.seed())
        before = memory(self.program)
        for _ in range(200):
            with zmtp.Peer(*self.ports[1], b"SUB") as peer:
                try:
                    peer.send(b"\x01" + noise.randbytes(100 * 1000))
                    peer.socket.settimeout(0.02)
                    peer.socket.recv(1)
                except OSError:
                    pass
        self.grew_less(before, 20 * MB)
        self.a_collector_is_served()

    def test_nobody_unsubscribes_for_others(self):
        with zmtp.Peer(*self.ports[1], b"SUB") as good, \
                zmtp.Peer(*self.ports[1], b"SUB") as bad:
            good.send(b"\x01h/")
            good.socket.settimeout(5)
            self.assertEqual(good.receive()[0], 17)
            for _ in range(100):
                bad.send(b"\x00h/")
            for _ in range(4):
                self.assertEqual(good.receive()[0], 17)

    def test_thousands_of_streams_of_one_peer(self):
        with zmtp.Peer(*self.ports[0]) as peer:
            for i in range(12000):
                peer.send(zmtp.hello(0x10000 + i))
            peer.socket.settimeout(1)
            self.a_collector_is_served()


if __name__ == "__main__":
    palmares_test.main()
