#!/usr/bin/env python3
"""
peer - strangers at an aggregator, in a process of their own, so that whoever
measures is not slowed down by what he measures.  Ends on SIGTERM.

    peer.py probe HOST BASE STREAM    a collector that sends 20 events and waits
                                      for the ack, again and again; a line for
                                      each: when it was sent (CLOCK_MONOTONIC in
                                      microseconds), how long the ack took, and
                                      what is acknowledged
    peer.py slow HOST BASE COUNT      so many displays that read 64 KiB a
                                      second; in the end a line: messages read,
                                      the largest, how many of the displays have
                                      missed some, and how often one was cut off
    peer.py flood HOST BASE WHAT      one of FLOODS, as fast as it can; in the
                                      end a line: messages sent
"""

import contextlib
import os
import select
import signal
import struct
import sys
import time

import zmtp

PACE_S = 0.005
BATCH = 20
LIVE = 12  # rankings, of which each read changes a row
DRAIN_US = 2000000

ending = False


def end(*_):
    global ending
    ending = True


def now_us():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def probe(host, base, stream):
    stream = int(stream)
    with zmtp.Peer(host, base, timeout=120) as peer:
        peer.send(zmtp.hello(stream, name="probe-%d" % stream, point="nowhere"))
        _, welcome = peer.receive()
        acked, chain = welcome.get(3, 0), welcome.get(4, 0)
        while not ending:
            data = zmtp.batch(stream, acked + 1, chain, [
                zmtp.crossing("nobody", 10 ** 15 + n, "nowhere")
                for n in range(acked + 1, acked + BATCH + 1)])
            sent = now_us()
            peer.send(data)
            kind, content = peer.receive()
            if kind != zmtp.ACK or content.get(2, 0) != acked + BATCH:
                raise SystemExit("peer: not the ack of %d: %d %r"
                                 % (acked + BATCH, kind, content))
            acked, chain = content[2], content.get(3, 0)
            print(sent, now_us() - sent, acked, flush=True)
            time.sleep(PACE_S)


class Slow:
    """A display that has a look now and then."""

    PIECE = 65536

    TOPICS = [b"h/"] + [b"c/live-%d\n" % n for n in range(LIVE)]

    def __init__(self, address):
        self.address = address
        self.count = self.largest = self.cut = 0
        self.missed = False
        self.connect()

    def connect(self):
        self.at = {}  # view -> feed seq
        self.buffer = b""
        self.peer = zmtp.Peer(*self.address, b"SUB", timeout=60)
        for topic in self.TOPICS:
            self.peer.send(b"\x01" + topic)
        self.peer.socket.setblocking(False)

    def look(self):
        """Takes a piece of what there is; comes back if it was cut off, as who
        takes nothing for 5 s is (ZMQ_TCP_MAXRT)."""
        try:
            piece = self.peer.socket.recv(self.PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self.cut += 1
            self.peer.close()
            self.connect()
            return
        self.buffer += piece
        while self.take():
            pass

    def take(self):
        """A frame, if all of it is there."""
        b = self.buffer
        if len(b) < 9:
            return False
        long = b[0] & 2
        size, at = (struct.unpack_from(">Q", b, 1)[0], 9) if long else (b[1], 2)
        if len(b) < at + size:
            return False
        self.buffer = b[at + size:]
        if not b[0] & 5:  # neither a topic nor a command
            self.message(b[at:at + size])
        return True

    def message(self, body):
        self.count += 1
        self.largest = max(self.largest, len(body))
        if body[5] != zmtp.DELTA:
            return
        delta = zmtp.fields(body[16:], 5)
        if delta.get(4, 0) > self.at.get(delta[3], delta.get(4, 0)):
            self.missed = True
        self.at[delta[3]] = delta[5]


def slow(host, base, count):
    displays = [Slow((host, base + 1)) for _ in range(int(count))]
    print("all are there", flush=True)
    while not ending:
        for d in displays:
            d.look()
        time.sleep(1)
    # What was held back for them, until they see that there was more.
    end_us = now_us() + DRAIN_US
    while now_us() < end_us and not all(d.missed or d.cut for d in displays):
        for d in displays:
            d.look()
    print(sum(d.count for d in displays), max(d.largest for d in displays),
          sum(d.missed for d in displays), sum(d.cut for d in displays),
          flush=True)


def frame(data, more=False):
    flags = 1 if more else 0
    if len(data) > 255:
        return bytes([flags | 2]) + struct.pack(">Q", len(data)) + data
    return bytes([flags, len(data)]) + data


def repeated():
    return zmtp.batch(0xF100D, 1, 0, [
        zmtp.crossing("nobody", 10 ** 15 + n, "nowhere") for n in range(500)])


def request(kind, *more):
    return zmtp.message(kind, zmtp.uint(1, 1) + b"".join(more))


# Port, what is said first, and then for ever, and whether answers are read.
FLOODS = {
    "batches": lambda: (0, [zmtp.hello(0xF100D, "flood", "nowhere")],
                        [repeated()], True),
    "hellos": lambda: (0, [], [zmtp.hello(0xF200D + n, "flood", "nowhere")
                               for n in range(100)], True),
    "rubbish": lambda: (0, [], [b"x" * 16, zmtp.message(200, b"?"),
                                b"PLMR" + bytes(50)], False),
    "unread": lambda: (0, [], [zmtp.hello(0xF300D, "flood", "nowhere")], False),
    "snapshots": lambda: (2, [], [request(zmtp.SNAPSHOT_REQUEST,
                                          zmtp.text(2, "live"))], True),
    "log": lambda: (2, [], [request(zmtp.LOG_REQUEST)], True),
    "status": lambda: (3, [], [request(zmtp.STATUS_REQUEST)], True),
}


def flood(host, base, what):
    port, greeting, messages, reads = FLOODS[what]()
    one = b"".join(map(frame, messages))
    data = one * (1 + 2 ** 20 // len(one))
    sent = 0
    with zmtp.Peer(host, base + port) as peer:
        for message in greeting:
            peer.send(message)
        peer.socket.setblocking(False)
        while not ending:
            can_read, can_write, _ = select.select(
                [peer.socket] if reads else [], [peer.socket], [], 0.2)
            with contextlib.suppress(BlockingIOError):
                if can_read and not peer.socket.recv(1 << 20):
                    raise SystemExit("peer: closed by the other side")
            with contextlib.suppress(BlockingIOError):
                if can_write:
                    at = sent % len(one)
                    sent += peer.socket.send(data[at:at + (1 << 18)])
    print(sent * len(messages) // len(one), flush=True)


def main(what, host, base, more):
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, end)
    {"probe": probe, "slow": slow, "flood": flood}[what](host, int(base), more)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        print("usage: %s probe|slow|flood HOST BASE MORE"
              % os.path.basename(sys.argv[0]), file=sys.stderr)
        sys.exit(2)
    main(*sys.argv[1:])
