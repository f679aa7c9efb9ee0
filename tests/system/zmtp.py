"""
zmtp - just enough of ZeroMQ's wire protocol and of ours to say wrong things.

libzmq sends well-formed frames alone, so a test that wants others speaks
ZMTP 3.0 (https://rfc.zeromq.org/spec/23/) over a plain socket.  The messages
are those of proto/PROTOCOL.md; the fields are numbered in palmares.proto.
"""

import socket
import struct

HELLO, WELCOME, BATCH, ACK, GAP, PING, PONG, REFUSE, BYE = range(1, 10)
DELTA, HEARTBEAT = 16, 17
SNAPSHOT_REQUEST, RULES_REQUEST, LOG_REQUEST, STATUS_REQUEST = 18, 20, 22, 32

_TABLE = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
    _TABLE.append(_n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


# ---- protobuf

def varint(n):
    out = bytearray()
    n &= 2 ** 64 - 1
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def uint(field, n):
    return varint(field << 3) + varint(n)


def sint(field, n):
    return uint(field, n << 1 ^ n >> 63)


def fixed64(field, n):
    return varint(field << 3 | 1) + struct.pack("<Q", n & 2 ** 64 - 1)


def text(field, value):
    if isinstance(value, str):
        value = value.encode("utf-8")
    return varint(field << 3 | 2) + varint(len(value)) + value


def each(data):
    """(field, value) of a message without groups, in its order."""
    at = 0

    def read():
        nonlocal at
        n = shift = 0
        while True:
            byte = data[at]
            at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n

    while at < len(data):
        key = read()
        if key & 7 == 0:
            yield key >> 3, read()
        elif key & 7 == 1:
            yield key >> 3, struct.unpack_from("<Q", data, at)[0]
            at += 8
        elif key & 7 == 2:
            length = read()
            yield key >> 3, data[at:at + length]
            at += length
        else:
            raise ValueError("wire type %d" % (key & 7))


def fields(data, last=None):
    """field -> last value, of a message; of one in the order of its fields only
    as far as `last`."""
    out = {}
    for field, value in each(data):
        if last is not None and field > last:
            break
        out[field] = value
    return out


# ---- our messages

def message(kind, payload, version=1):
    head = b"PLMR" + struct.pack("<BBHI", version, kind, 0, len(payload))
    return head + struct.pack("<I", crc32c(head + payload)) + payload


def hello(stream, name="test", point="arrivee"):
    return message(HELLO, fixed64(1, stream) + text(2, name) + text(3, point) +
                   uint(4, 1) + uint(5, 1) + text(6, "test") + uint(7, 1))


def crossing(bib, time_us, point="arrivee"):
    """The bytes of an event."""
    body = text(1, point) + text(2, bib) + fixed64(4, time_us) + uint(5, 1)
    return sint(1, time_us) + text(2, body)


def batch(stream, first, chain, events):
    return message(BATCH, fixed64(1, stream) + uint(2, first) +
                   fixed64(3, chain) + b"".join(text(4, e) for e in events))


def parse(data):
    """(type, fields) of a message of ours."""
    assert data[:4] == b"PLMR", data[:16]
    return data[5], fields(data[16:])


# ---- ZMTP

class Peer:
    """A DEALER (or SUB) that says what the caller wants."""

    def __init__(self, host, port, kind=b"DEALER", timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" +
                            b"NULL".ljust(20, b"\0") + bytes(32))
        self.exactly(64)
        ready = b"\x05READY" + self.property(b"Socket-Type", kind)
        if kind == b"DEALER":
            ready += self.property(b"Identity", b"")
        self.socket.sendall(b"\x04" + bytes([len(ready)]) + ready)
        self.frame()

    @staticmethod
    def property(name, value):
        return (bytes([len(name)]) + name + struct.pack(">I", len(value)) +
                value)

    def exactly(self, count):
        out = b""
        while len(out) < count:
            piece = self.socket.recv(count - len(out))
            if not piece:
                raise ConnectionError("closed by the other side")
            out += piece
        return out

    def frame(self):
        """The next frame: (flags, body)."""
        flags = self.exactly(1)[0]
        if flags & 2:
            size = struct.unpack(">Q", self.exactly(8))[0]
        else:
            size = self.exactly(1)[0]
        return flags, self.exactly(size)

    def send(self, data, more=False):
        flags = 1 if more else 0
        if len(data) > 255:
            head = bytes([flags | 2]) + struct.pack(">Q", len(data))
        else:
            head = bytes([flags, len(data)])
        self.socket.sendall(head + data)

    def claim(self, size, data=b""):
        """A frame's head that says `size`, and as much of it as given."""
        self.socket.sendall(b"\x02" + struct.pack(">Q", size) + data)

    def receive(self):
        """The next message of ours that is not a PONG: (type, fields)."""
        while True:
            flags, body = self.frame()
            if flags & 4 or flags & 1:  # a command, or part of more
                continue
            kind, content = parse(body)
            if kind != PONG:
                return kind, content

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
