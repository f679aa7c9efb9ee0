#!/usr/bin/env python3
"""
disk_full - the aggregator's disk fills up and gets room again: nothing is
acknowledged that is not stored, displays are told, and all comes again.
"""

import os
import resource

import palmares_test
import zmtp
from bad_input import ENTRIES, GUN_US, RACE
from palmares_test import System, crossings_stored, write

STREAM = 0x4321
BATCH = 400
HEARTBEAT, AS_OF, TROUBLE = 17, 4, 7


def unzigzag(n):
    return n >> 1 ^ -(n & 1)


class DiskFull(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), ENTRIES)
        self.db = os.path.join(self.race, "race.db")
        self.events = [zmtp.crossing(str(i % 100 + 1), GUN_US + 10 ** 6 * i)
                       for i in range(2 * BATCH)]

    def limit(self, program, size):
        """A file at its limit stands for a disk without room."""
        hard = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (size, hard))

    def send(self, peer, first, chain):
        peer.send(zmtp.batch(STREAM, first, chain,
                             self.events[first - 1:first - 1 + BATCH]))

    def until(self, peer, kind, condition=lambda content: True):
        """The first message of that kind that fits; the others, too."""
        others = []
        while True:
            got, content = peer.receive()
            if got == kind and condition(content):
                return content, others
            others.append((got, content))

    def test_nothing_is_acknowledged_that_found_no_room(self):
        program = self.aggregator(self.race)
        host, base = self.endpoint(self.race).rsplit(":", 1)
        with zmtp.Peer(host, int(base)) as peer, \
                zmtp.Peer(host, int(base) + 1, b"SUB") as display:
            display.send(b"\x01h/")
            peer.send(zmtp.hello(STREAM, name="box"))
            self.until(peer, zmtp.WELCOME)
            self.send(peer, 1, 0)
            ack, _ = self.until(peer, zmtp.ACK)
            self.assertEqual(ack[2], BATCH)
            chain = ack[3]

            wal = self.db + "-wal"
            self.limit(program, os.path.getsize(wal))
            self.send(peer, 1 + BATCH, chain)
            full, others = self.until(peer, zmtp.ACK)
            self.assertEqual((full[2], full.get(4, 0), others),
                             (BATCH, 0, []))
            self.assertEqual(crossings_stored(self.db), BATCH)
            beat, _ = self.until(display, HEARTBEAT, lambda beat: b"disk full"
                                 in beat.get(TROUBLE, b""))
            self.assertEqual(unzigzag(beat[AS_OF]),
                             GUN_US + 10 ** 6 * (BATCH - 1))

            self.limit(program, resource.RLIM_INFINITY)
            room, _ = self.until(peer, zmtp.ACK)
            self.assertEqual(room[2], BATCH)
            self.assertGreater(room[4], BATCH)
            self.send(peer, 1 + BATCH, chain)
            self.until(peer, zmtp.ACK, lambda a: a[2] == 2 * BATCH)
        self.assertEqual(crossings_stored(self.db), 2 * BATCH)
        self.stops_well(program)


if __name__ == "__main__":
    palmares_test.main()
