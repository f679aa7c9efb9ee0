"""
campaign - what is done to a race by the real programs, a scenario each.

Three collectors follow files that a reader's software is still writing, an
aggregator stores and ranks, a display follows.  Faults come in the middle of
that.  Afterwards everything that the collectors accepted has to be in race.db
once (checker.py), every line of the files has to be among it, and every board
has to be, byte for byte, the one of a race of the same files without faults.

Nothing is decided by time: a fault comes when crossings flow, and is over when
they flow again.
"""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time

import checker
import disks
import hosts
import palmares_test
import zmtp
from palmares_test import Failed, System, crossings_stored, sql, wait_until
from palmares_test import write
from proxy import DOWN, UP, Proxy

POINTS = ["depart", "mi-course", "arrivee"]
GUN_MS = 1411286400 * 1000

# Set: whatever is being played is given up.
STOP = threading.Event()

RACE = """\
title: campaign
date: 2014-09-21
timezone: Europe/Paris
waves:
  all: { gun: "10:00:00" }
points:
  depart:    { km: 0 }
  mi-course: { km: 4 }
  arrivee:   { km: 8 }
rankings:
  scratch: { of: runners }
  net:     { of: runners, by: net }
  live:    { of: runners, at: live }
  fast:    { of: teams, best: 3 }
  teams:   { of: teams, score: km }
"""


def make_race(folder, runners=2000, rankings=""):
    write(os.path.join(folder, "race.yaml"), RACE + rankings)
    write(os.path.join(folder, "entries.csv"), "bib,name,team\n" + "".join(
        "%d,Coureur %04d,Entreprise %02d\n" % (i, i, i % 70)
        for i in range(1, runners + 1)))
    return folder


class GivenUp(Exception):
    pass


def go_on():
    if STOP.is_set():
        raise GivenUp("interrupted")


class Readers(threading.Thread):
    """What the timing readers write: a file a point, until told to stop."""

    def __init__(self, folder, rate, runners, seed):
        super().__init__(daemon=True)
        self.rate = rate  # lines a second and point
        self.runners = runners
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.lines = dict.fromkeys(POINTS, 0)
        self.random = random.Random(seed)
        self.paths = {p: os.path.join(folder, p + ".csv") for p in POINTS}
        self.pens = {p: open(path, "wb", buffering=0)
                     for p, path in self.paths.items()}
        for pen in self.pens.values():
            pen.write(b"time,bib\n")
        self.start()

    def run(self):
        due = 0.0
        while not self.ending.wait(0.05):
            due += self.rate / 20
            count = int(due)
            due -= count
            for point in POINTS:
                self.write(point, count)

    def write(self, point, count):
        """So many lines at once."""
        with self.lock:
            first = self.lines[point]
            self.pens[point].write("".join(
                "+%d.%03d,%d\n" % (n // 1000, n % 1000,
                                   self.random.randint(1, self.runners))
                for n in range(first, first + count)).encode())
            self.lines[point] = first + count

    def total(self):
        return sum(self.lines.values())

    def stop(self):
        self.ending.set()
        self.join()
        for pen in self.pens.values():
            pen.close()


class Witness(threading.Thread):
    """
    A collector that only remembers what was acknowledged to it.  Ours send
    again what is missing, which would hide an ack that came too early.
    """

    STREAM = 0x5717E55
    BATCH = 20

    def __init__(self, endpoint, repeats=False):
        super().__init__(daemon=True)
        host, base = endpoint.rsplit(":", 1)
        self.address = host, int(base)
        self.repeats = repeats  # the first batch, again and again
        self.acked = 0
        self.connected = False
        self.ending = threading.Event()
        self.broken = None  # a promise
        self.start()

    def run(self):
        while not self.ending.is_set():
            try:
                with zmtp.Peer(*self.address, timeout=2) as peer:
                    self.connected = True
                    self.talk(peer)
            except OSError:
                pass
            finally:
                self.connected = False
            self.ending.wait(0.02)

    def talk(self, peer):
        peer.send(zmtp.hello(self.STREAM, name="witness", point="nowhere"))
        while not self.ending.is_set():
            kind, content = peer.receive()
            if kind not in (zmtp.WELCOME, zmtp.ACK):
                continue
            welcome = kind == zmtp.WELCOME
            committed = content.get(3 if welcome else 2, 0)
            if committed < self.acked:
                self.broken = ("%d events acknowledged, %d held"
                               % (self.acked, committed))
                return
            self.acked = committed
            chain = content.get(4 if welcome else 3, 0)
            if self.repeats:
                committed = chain = 0
            peer.send(zmtp.batch(
                self.STREAM, committed + 1, chain,
                [zmtp.crossing("nobody", 10 ** 15 + n, "nowhere")
                 for n in range(committed + 1, committed + self.BATCH + 1)]))

    def check(self, race):
        """Called while no aggregator runs; what it acknowledged is stored."""
        wait_until("the witness has noticed", lambda: not self.connected)
        rows = sql(os.path.join(race, "race.db"),
                   "SELECT cursor FROM stream WHERE epoch = ?",
                   ("%016x" % self.STREAM,))
        held = rows[0][0] if rows else 0
        if self.broken is None and held < self.acked:
            self.broken = ("%d events acknowledged, %d held"
                           % (self.acked, held))
        if self.broken is not None:
            raise Failed("acknowledged too early: " + self.broken)

    def stop(self):
        self.ending.set()
        self.join()


class Scenario(System):
    """
    A race and what is done to it: play() of each kind.  `draw` has the random
    moments; `long` asks for the full length of things that take their time.
    """

    NAME = ""
    NEEDS = None  # "hosts", "disks": root; "io_shim", "clock_shim": built
    RATE = 1000
    RUNNERS = 2000  # whose every read but the first at a point changes nothing
    RANKINGS = ""  # lines more of race.yaml
    ROUNDS = (3, 20)  # short; long: up to
    env = None  # of the programs

    def start(self, *args, **kw):
        return super().start(*args, env=self.env, **kw)

    def begin(self, seed, long, rounds):
        self.draw = random.Random("%s %s" % (seed, self.NAME))
        self.long = long
        if rounds is None and long:
            rounds = self.draw.randint((self.ROUNDS[1] + 1) // 2,
                                       self.ROUNDS[1])
        self.rounds = rounds or self.ROUNDS[0]
        self.times = 0
        self.counts = None
        self.setUp()
        self.running = {}
        self.accepted = {}
        self.done = ""
        self.places()
        self.db = os.path.join(self.race, "race.db")
        make_race(self.race, self.RUNNERS, self.RANKINGS)
        self.post = make_race(self.path("post"), self.RUNNERS,
                              self.RANKINGS)
        self.readers = Readers(self.folder, self.RATE, self.RUNNERS,
                               self.draw.random())
        self.addCleanup(self.readers.stop)
        self.start_aggregator()
        self.listen = self.endpoint(self.race)
        for point in POINTS:
            self.start_role(point)
        self.start_role("display")

    def places(self):
        """Where what lies."""
        self.race = self.path("race")
        self.outboxes = self.path("outboxes")
        os.mkdir(self.outboxes)

    def outbox_of(self, point):
        return os.path.join(self.outboxes, point + ".outbox.db")

    # ---- the roles

    def host(self, role):
        """Words before the program, for one that runs on another host."""
        return ()

    def whom(self, role):
        """Where a role connects to: as a laptop that was told."""
        return ["--race", self.post, "--aggregator", self.listen]

    def start_aggregator(self, listen="127.0.0.1:0"):
        self.running["aggregator"] = self.aggregator(
            self.race, listen=listen, before=self.host("aggregator"))

    def start_role(self, role):
        if role == "aggregator":
            self.start_aggregator(self.listen)
        elif role in self.displays():
            self.running[role] = self.start(
                "palmares-display", "live", *self.whom(role),
                before=self.host(role))
        else:
            self.running[role] = self.start(
                "palmares-collector", *self.whom(role), "--point", role,
                "--name", role, "--outbox", self.outbox_of(role),
                "--source", "tail:" + self.readers.paths[role], "--quiet",
                before=self.host(role))

    def displays(self):
        """Those that are there at the end."""
        return ["display"]

    def collectors(self):
        return [self.running[p] for p in POINTS]

    def again(self, role):
        self.running[role].kill9()
        self.start_role(role)

    # ---- the moments

    def stored(self, point=None):
        return crossings_stored(self.db, point)

    def all_run(self):
        go_on()
        for role, program in self.running.items():
            if not program.running():
                raise Failed("%s ended with %s\n%s" % (
                    role, program.process.returncode, program.err()[-3000:]))

    def progress(self, point=None, more=1):
        """Crossings that are on no disk yet come through."""
        if point is None:
            for p in POINTS:
                self.progress(p, more)
            return
        goal = self.stored(point) + more

        def further():
            self.all_run()
            return self.stored(point) >= goal

        wait_until("%d more crossings of %s are stored" % (more, point),
                   further, programs=self.running.values())

    def moment(self, seconds=0.3):
        self.last(self.draw.uniform(0, seconds))

    def last(self, seconds):
        """The length of a fault that has to take its time."""
        STOP.wait(seconds)
        go_on()

    def while_away(self, n):
        """Seconds of silence: of the first time, and of some others, more than
        the 3 s for which everybody waits."""
        if self.long:
            return self.draw.uniform(0.2, 10)
        return 4 if n == 0 else self.draw.uniform(0.2, 2.5)

    def waiting(self, more):
        """Until that many lines have been written for each point."""
        goal = {p: n + more for p, n in self.readers.lines.items()}

        def there():
            self.all_run()
            return all(self.readers.lines[p] >= n for p, n in goal.items())

        wait_until("%d more lines" % more, there, 2 * palmares_test.PATIENCE)

    # ---- the end

    def play(self):
        raise NotImplementedError

    def everything_is_stored(self, points=POINTS):
        """Every line: streams hold other events, too."""
        def there(point):
            self.all_run()
            lines = self.readers.lines[point]
            return self.stored(point) >= lines and sql(
                self.db, "SELECT count(*) FROM log WHERE kind = 'crossing' "
                "AND point = ?", (point,))[0][0] >= lines

        for point in points:
            wait_until("all of %s is stored" % point, lambda: there(point),
                       programs=self.running.values())

    def displays_show_it(self, live):
        """Those that were there all the time have what a new one gets."""
        head = [line.split(",")[1] for line in
                live.decode().splitlines()[1:6]]

        def shown(display):
            block = display.out().rstrip().split("\n\n")[-1]
            bibs = [line.split()[1] for line in block.splitlines()
                    if line.split() and line.split()[0].isdigit()]
            return bibs == head

        self.assertEqual(len(head), 5)
        for role in self.displays():
            display = self.running[role]
            wait_until("%s shows %s" % (role, head),
                       lambda display=display: shown(display),
                       programs=[display])

    def lines_are_stored(self):
        """Each line of the files once: by time and bib, without seq."""
        for point, path in self.readers.paths.items():
            want = []
            with open(path, encoding="ascii") as f:
                next(f)
                for line in f:
                    clock, bib = line[1:].rstrip().split(",")
                    want.append((GUN_MS + int(clock.replace(".", "")), bib))
            have = sql(self.db, "SELECT time_us / 1000, bib FROM log WHERE "
                       "kind = 'crossing' AND point = ?", (point,))
            if sorted(have) != sorted(want):
                raise Failed("%s: %d lines, %d crossings, and not the same"
                             % (point, len(want), len(have)))

    def without_faults(self):
        """The boards of the same files, in a race to which nothing happens."""
        race = make_race(self.path("reference"), self.RUNNERS,
                         self.RANKINGS)
        aggregator = self.aggregator(race)
        for point, path in self.readers.paths.items():
            self.ends_well(self.collector(race, point, "csv:" + path,
                                          "--once", "--quiet"))
        exports = self.exports(race)
        self.stops_well(aggregator)
        return exports

    def same_boards(self, what, boards, expected):
        for name, text in expected.items():
            if boards[name] == text:
                continue
            lines = zip(boards[name].decode().splitlines(),
                        text.decode().splitlines())
            raise Failed("%s: %s differs: %s" % (what, name, next(
                ("'%s', not '%s'" % pair for pair in lines
                 if pair[0] != pair[1]), "in length")))

    def boxes(self):
        """Every outbox that there is."""
        return [self.outbox_of(p) for p in POINTS]

    def count(self):
        self.counts, words = checker.check(self.race, self.boxes())
        return words

    def finish(self):
        self.readers.stop()
        self.everything_is_stored()
        live = self.exports_live()
        self.displays_show_it(live["live"])
        for role in POINTS + self.displays() + ["aggregator"]:
            self.stops_well(self.running.pop(role))
        words = self.count()
        if words:
            raise Failed("; ".join(words))
        self.lines_are_stored()
        self.same_boards("offline", self.exports(self.race, "--offline"), live)
        self.same_boards("without faults", self.without_faults(), live)

    def exports_live(self):
        names = palmares_test.rankings(self.race)
        programs = [self.start("palmares", "export", "--race", self.race,
                               "--format", "csv", "--ranking", name,
                               before=self.host("aggregator"))
                    for name in names]
        for p in programs:
            self.ends_well(p)
        return {name: palmares_test.read(p.out_path)
                for name, p in zip(names, programs)}

    def count_what_is_left(self):
        """After a failure: as far as it goes."""
        for program in self.programs:
            if program.running():
                program.kill9()
        with contextlib.suppress(OSError, sqlite3.Error):
            self.count()


# ---- kill -9

class KillAggregator(Scenario):
    """kill -9 of the aggregator in mid-race; acks to a witness hold."""

    NAME = "kill-aggregator"
    ROUNDS = (5, 100)

    def play(self):
        witness = Witness(self.listen)
        self.addCleanup(witness.stop)
        for _ in range(self.rounds):
            self.progress()
            self.moment()
            self.running["aggregator"].kill9()
            witness.check(self.race)
            self.start_role("aggregator")
        witness.stop()
        self.times = self.rounds
        self.done = ("aggregator killed; %d acks to a witness held"
                     % witness.acked)


class KillCollector(Scenario):
    """kill -9 of collectors in mid-race."""

    NAME = "kill-collector"
    ROUNDS = (5, 100)

    def play(self):
        for _ in range(self.rounds):
            point = self.draw.choice(POINTS)
            self.progress(point)
            self.moment()
            self.again(point)
        self.times = self.rounds
        self.done = "a collector killed"


class KillDisplay(Scenario):
    """kill -9 of the display in mid-race."""

    NAME = "kill-display"
    ROUNDS = (5, 100)

    def play(self):
        for _ in range(self.rounds):
            self.progress()
            self.moment()
            self.again("display")
        self.times = self.rounds
        self.done = "display killed"


# ---- power cuts

class Disked(Scenario):
    NEEDS = "disks"
    MEGABYTES = 512

    def disk(self, name, kind="ext4"):
        disk = disks.Disk(self.path(name), self.MEGABYTES, kind)
        self.addCleanup(self.unplug, disk)
        return disk

    def unplug(self, disk):
        for program in self.programs:
            if program.running():
                program.kill9()
        disk.close()


class Powered(Disked):
    """With a disk that takes its time, so that most cuts come before a flush
    that is due."""

    def begin(self, *how):
        if self.env is None:
            self.env = disks.flushing(FLUSH_US="5000")
        super().begin(*how)


class PowerAggregator(Powered):
    """A power cut under race.db: what was never flushed is gone; acks hold."""

    NAME = "power-aggregator"

    def places(self):
        super().places()
        self.plug = self.disk("server")
        self.race = os.path.join(self.plug.path, "race")

    def play(self):
        witness = Witness(self.listen)
        self.addCleanup(witness.stop)
        self.plug.settle()
        for _ in range(self.rounds):
            self.progress()
            self.moment(1)
            self.plug.cut_power([self.running["aggregator"].pid])
            self.running["aggregator"].kill9()
            self.plug.power_on()
            witness.check(self.race)
            self.start_role("aggregator")
        witness.stop()
        self.times = self.rounds
        self.done = ("power of the aggregator's ext4 cut; %d acks to a witness "
                     "held" % witness.acked)


class PowerCollector(Powered):
    """A power cut under the outboxes; nothing was sent before its flush."""

    NAME = "power-collector"

    def places(self):
        super().places()
        self.plug = self.disk("laptops")
        self.outboxes = self.plug.path

    def sent_is_on_disk(self):
        """Before the collectors go on, who would only make it again."""
        copies = self.path("copies")
        shutil.copytree(self.outboxes, copies)
        for point in POINTS:
            path = os.path.join(copies, os.path.basename(self.outbox_of(point)))
            with contextlib.closing(sqlite3.connect(path)) as db:
                kept = db.execute(
                    "SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
            self.assertLessEqual(self.stored(point), kept,
                                 "sent before it was on the disk: " + point)
        shutil.rmtree(copies)

    def play(self):
        self.plug.settle()
        for _ in range(self.rounds):
            self.progress()
            self.moment(1)
            self.plug.cut_power([p.pid for p in self.collectors()])
            for program in self.collectors():
                program.kill9()
            self.plug.power_on()
            self.sent_is_on_disk()
            for point in POINTS:
                self.start_role(point)
        self.times = self.rounds
        self.done = "power of the collectors' ext4 cut"


# ---- full disks

class FullStore(Disked):
    """The disk of race.db fills up, then there is room again."""

    NAME = "full-store"
    WHOSE = "race.db"
    WORDS = "disk full"

    def places(self):
        super().places()
        self.plug = self.disk("server", self.draw.choice(["ext4", "tmpfs"]))
        self.race = os.path.join(self.plug.path, "race")

    def full(self):
        """Everybody who writes there."""
        return ["aggregator"]

    def play(self):
        for _ in range(self.rounds):
            self.progress()
            before = {r: self.running[r].err().count(self.WORDS)
                      for r in self.full()}
            self.plug.fill()
            for role, said in before.items():
                wait_until("%s says that the disk is full" % role, lambda
                           role=role, said=said: self.running[role].err().count(
                               self.WORDS) > said,
                           programs=[self.running[role]])
            self.waiting(500)
            self.plug.make_room()
        self.progress()
        self.times = self.rounds
        self.done = "disk of %s filled up, then room; %s" % (
            self.WHOSE, self.plug.kind)


class FullOutbox(FullStore):
    """The disk of the outboxes fills up, then there is room again."""

    NAME = "full-outbox"
    WHOSE = "the outboxes"
    WORDS = "the disk of the outbox is full"

    def places(self):
        super().places()
        self.race = self.path("race")
        self.outboxes = self.plug.path

    def full(self):
        return POINTS


# ---- half open

class Stopped(Scenario):
    """SIGSTOP: programs that stand still while the kernel answers for them."""

    NAME = "stopped"
    ROUNDS = (5, 5)

    def play(self):
        for n in range(self.rounds):
            for role in ["aggregator", self.draw.choice(POINTS), "display"]:
                self.progress()
                self.running[role].process.send_signal(signal.SIGSTOP)
                self.last(self.while_away(n))
                self.running[role].process.send_signal(signal.SIGCONT)
                self.times += 1
        self.progress()
        self.done = ("aggregator, collector, display in turn stopped (SIGSTOP) "
                     "for seconds")


# ---- bad links

class Linked(Scenario):
    """The collectors reach the aggregator through a proxy."""

    proxy = None

    def start_role(self, role):
        if self.proxy is None:
            host, base = self.listen.rsplit(":", 1)
            self.proxy = Proxy((host, int(base)), draw=self.draw)
            self.addCleanup(self.proxy.close)
            self.prepare()
        super().start_role(role)

    def prepare(self):
        """Before the first connects."""

    def whom(self, role):
        address = self.proxy.address if role in POINTS else self.listen
        return ["--race", self.post, "--aggregator", address]


class SlowLink(Linked):
    """64 kbit/s, 300 +- 200 ms each way, with and without a backlog."""

    NAME = "slow-link"
    RATE = 150  # what 64 kbit/s can carry, and a little less
    ROUNDS = (3, 20)

    def play(self):
        self.progress()
        self.proxy.delay, self.proxy.jitter = 0.3, 0.2
        self.proxy.rate = 64000
        for _ in range(self.rounds):
            self.progress(more=self.RATE)
        # Behind, by more than the link can carry for a while.
        self.readers.rate = 2000
        self.waiting(3000)
        self.readers.rate = self.RATE
        for _ in range(self.rounds):
            self.progress(more=self.RATE)
        self.proxy.delay = self.proxy.jitter = self.proxy.rate = 0
        self.times = 2 * self.rounds
        self.done = ("stretches of 64 kbit/s with 300 +- 200 ms each way, half "
                     "of them behind")


class Resets(Linked):
    """Connections that are reset in the middle of a frame."""

    NAME = "resets"
    ROUNDS = (10, 100)

    def play(self):
        for _ in range(self.rounds):
            self.progress()
            self.moment(0.1)
            before = self.proxy.resets
            self.proxy.cut_in_two()
            wait_until("a connection is reset",
                       lambda before=before: self.proxy.resets > before)
        self.progress()
        self.times = self.proxy.resets
        self.done = "connections reset in the middle of a frame"


class Silence(Linked):
    """A link that goes silent: one way, the other, both."""

    NAME = "silence"
    ROUNDS = (15, 15)
    WAYS = [(True, False), (False, True), (True, True)]

    def play(self):
        for n in range(self.rounds):
            self.progress()
            self.proxy.silent[UP], self.proxy.silent[DOWN] = self.WAYS[n % 3]
            self.last(self.while_away(n // 3))
            self.proxy.silent[UP] = self.proxy.silent[DOWN] = False
        self.progress()
        self.times = self.rounds
        self.done = "links silent for seconds: one way, the other, both"


class Backlog(Linked):
    """Cut off while a hundred thousand crossings pile up."""

    NAME = "backlog"
    ROUNDS = (1, 3)
    LINES = 34000  # a point

    def behind(self, points):
        self.all_run()
        return any(self.stored(p) < n for p, n in points.items())

    def play(self):
        most = slowest = 0
        for _ in range(self.rounds):
            self.progress()
            self.proxy.shut()
            for point in POINTS:
                self.readers.write(point, self.LINES)
            self.last(60 if self.long else 4)
            goal = dict(self.readers.lines)
            waiting = sum(goal.values()) - self.stored()
            self.proxy.reopen()
            at = time.monotonic()
            wait_until("the backlog is stored",
                       lambda goal=goal: not self.behind(goal),
                       2 * palmares_test.PATIENCE, self.running.values())
            slowest = max(slowest, time.monotonic() - at)
            most = max(most, waiting)
        self.times = self.rounds
        self.done = ("cut off while crossings pile up; %d were stored %.1f s "
                     "after the link was back" % (most, slowest))


class LateLaptop(Linked):
    """A laptop that was cut off from the start, and comes after the race."""

    NAME = "late-laptop"
    LATE = "mi-course"
    ROUNDS = (1, 1)

    def whom(self, role):
        address = self.proxy.address if role == self.LATE else self.listen
        return ["--race", self.post, "--aggregator", address]

    def prepare(self):
        self.proxy.shut()

    def play(self):
        others = [p for p in POINTS if p != self.LATE]
        for point in others:
            self.progress(point)
        self.waiting(20000 if self.long else 3000)
        self.readers.stop()
        self.everything_is_stored(others)
        for point in others:
            self.stops_well(self.running.pop(point))
        self.assertEqual(self.stored(self.LATE), 0)
        self.again(self.LATE)  # the laptop was closed, and is opened at home
        self.proxy.reopen()
        self.everything_is_stored()
        for point in others:
            self.start_role(point)
        self.times = 1
        self.done = ("a laptop comes back after the race; with %d crossings"
                     % self.readers.lines[self.LATE])


# ---- hosts

class Hosted(Scenario):
    """The aggregator on one host, each collector on one of its own."""

    NEEDS = "hosts"

    def places(self):
        super().places()
        self.cable = hosts.Cable()
        self.addCleanup(self.unplug)
        self.hosts = {role: self.cable.host()
                      for role in ["aggregator"] + POINTS}
        self.hosts["display"] = self.hosts["aggregator"]

    def unplug(self):
        for program in self.programs:
            if program.running():
                program.kill9()
        self.cable.close()

    def host(self, role):
        return self.hosts[role].inside()

    def start_aggregator(self, listen=None):
        race_listen = listen or "%s:5570" % self.hosts["aggregator"].address
        self.running["aggregator"] = self.aggregator(
            self.race, "--insecure", listen=race_listen,
            before=self.host("aggregator"))


class Partition(Hosted):
    """Hosts cut off by nftables: in, out, both."""

    NAME = "partition"
    ROUNDS = (15, 15)
    WAYS = [("in",), ("out",), ("in", "out")]

    def play(self):
        server = self.hosts["aggregator"]
        for n in range(self.rounds):
            self.progress()
            for way in self.WAYS[n % 3]:
                for point in self.draw.sample(POINTS, 2):
                    server.cut(way, self.hosts[point].address)
            self.last(self.while_away(n // 3))
            server.heal()
        self.progress()
        self.times = self.rounds
        self.done = "hosts cut off by nftables: in, out, both"


class MovedCollector(Hosted):
    """A laptop that gets another address."""

    NAME = "moved-collector"
    ROUNDS = (3, 15)

    def play(self):
        for n in range(self.rounds):
            point = self.draw.choice(POINTS)
            self.progress(point)
            self.hosts[point].move(100 + n % 100)
            self.progress(point)
        self.times = self.rounds
        self.done = "a collector's own address changed, as by DHCP"


class MovedAggregator(Hosted):
    """An aggregator that comes back at another address."""

    NAME = "moved-aggregator"
    ROUNDS = (3, 15)

    def whom(self, role):
        return ["--race", self.race]  # a share: its endpoint tells

    def play(self):
        server = self.hosts["aggregator"]
        for n in range(self.rounds):
            self.progress()
            self.moment()
            self.running["aggregator"].kill9()
            server.move(100 + n % 100)
            self.start_aggregator()
        self.progress()
        self.times = self.rounds
        self.done = "aggregator killed and back at another address"


# ---- backups

class Copied(Scenario):
    """There are copies of race.db."""

    def back_up(self, path):
        """While the aggregator writes."""
        with contextlib.closing(sqlite3.connect(
                "file:%s?mode=ro" % self.db, uri=True, timeout=60)) as source, \
                contextlib.closing(sqlite3.connect(path)) as copy:
            source.backup(copy)

    def bring_back(self, path):
        """The copy takes its place; how many crossings are gone."""
        before = self.stored()
        for end in ("-wal", "-shm"):
            if os.path.exists(self.db + end):
                os.remove(self.db + end)
        os.replace(path, self.db)
        return before - self.stored()


class Restored(Copied):
    """race.db replaced by an older copy, and refilled by the collectors."""

    NAME = "restored"
    ROUNDS = (2, 10)

    def play(self):
        lost = 0
        for n in range(self.rounds):
            copy = self.path("copy-%d.db" % n)
            self.progress()
            self.back_up(copy)
            self.progress(more=1000)
            if self.draw.random() < 0.5:
                self.stops_well(self.running["aggregator"])
            else:
                self.running["aggregator"].kill9()
            lost += self.bring_back(copy)
            self.start_role("aggregator")
        self.progress()
        self.times = self.rounds
        self.done = ("race.db replaced by an old copy; %d crossings refilled"
                     % lost)


class Archive(Linked, Copied):
    """Outboxes archived in mid-race, cut off, killed; and sent again."""

    NAME = "archive"
    ROUNDS = (6, 40)
    refused = killed = 0

    def boxes(self):
        return sorted(os.path.join(self.outboxes, name)
                      for name in os.listdir(self.outboxes)
                      if name.endswith(".db"))

    def aside(self, point):
        return [path for path in self.boxes()
                if os.path.basename(path).startswith(point + ".outbox-")]

    def collect(self, *args, **kw):
        """A collector that ends: (exit status, what it said)."""
        status, out, err = self.run_program("palmares-collector", *args, **kw)
        return status, out + err

    def deliver(self, point, path):
        status, words = self.collect(*self.whom(point), "--outbox", path,
                                     "--once", "--quiet")
        self.assertEqual(status, 0, words)

    def put_aside(self, point):
        """Once; perhaps it is killed while it does."""
        args = ["--archive", "--outbox", self.outbox_of(point)]
        if self.draw.random() < 0.7:
            program = self.start("palmares-collector", *args)
            time.sleep(self.draw.uniform(0, 0.02))
            self.killed += program.running()
            program.kill9()
        return self.collect(*args)

    def all_of_it_is_stored(self, path):
        with contextlib.closing(sqlite3.connect(path)) as box:
            epoch, kept = box.execute("SELECT epoch, (SELECT max(seq) FROM "
                                      "event) FROM meta").fetchone()
        stored = sql(self.db, "SELECT cursor FROM stream WHERE epoch = ?",
                     ("%016x" % (epoch & 2 ** 64 - 1),))
        stored = stored[0][0] if stored else 0
        if stored < kept:
            raise Failed("archived with %d of %d events stored: %s"
                         % (stored, kept, path))

    def archive(self, point):
        before = self.aside(point)
        status, words = self.put_aside(point)
        if status != 0:
            self.assertIn("not known to be acknowledged", words)
            self.assertEqual(self.aside(point), before)
            self.refused += 1
            self.proxy.reopen()
            self.deliver(point, self.outbox_of(point))
            status, words = self.put_aside(point)
            self.assertEqual(status, 0, words)
        after = [path for path in self.aside(point) if path not in before]
        self.assertEqual(len(after), 1, words)
        self.all_of_it_is_stored(after[0])
        status, words = self.collect(
            "--point", point, "--outbox", after[0], "--source",
            "csv:" + self.readers.paths[point], "--once", "--race", self.post)
        self.assertEqual(status, 1)
        self.assertIn("nothing is added to it", words)

    def play(self):
        copy = self.path("copy.db")
        for n in range(self.rounds):
            point = self.draw.choice(POINTS)
            self.progress()
            if n == 1:
                self.back_up(copy)
            self.moment()
            if n % 3 == 1:
                self.proxy.shut()
                self.waiting(300)
            # Else it would run on an outbox that is another one by now.
            program = self.running.pop(point)
            if self.draw.random() < 0.5:
                self.stops_well(program)
            else:
                program.kill9()
            self.archive(point)
            self.proxy.reopen()
            self.start_role(point)
        self.progress()
        self.running["aggregator"].kill9()
        gone = self.bring_back(copy)
        self.start_role("aggregator")
        for point in POINTS:
            for path in self.aside(point):
                self.deliver(point, path)
        self.progress()
        self.times = self.rounds
        self.done = ("outbox archived; %d times refused at first, %d killed at "
                     "it; %d crossings refilled"
                     % (self.refused, self.killed, gone))


SCENARIOS = {s.NAME: s for s in (
    KillAggregator, KillCollector, KillDisplay, PowerAggregator,
    PowerCollector, FullStore, FullOutbox, Stopped, SlowLink, Resets, Silence,
    Backlog, LateLaptop, Partition, MovedCollector, MovedAggregator,
    Restored, Archive)}


def missing():
    """Why some scenarios cannot be played here: need -> words."""
    folder = tempfile.mkdtemp(prefix="palmares-test-")
    try:
        why = {"hosts": hosts.missing(), "disks": disks.missing(folder)}
    finally:
        shutil.rmtree(folder)
    for shim in ("io_shim", "clock_shim"):
        name = "PALMARES_" + shim.upper()
        if not os.path.exists(os.environ.get(name, "")):
            why[shim] = "%s does not name it" % name
    return {need: words for need, words in why.items() if words}


class Result:
    """What came of a scenario."""

    def __init__(self, name, times=0, done="", counts=None, error=None):
        self.name, self.times = name, times
        self.done = done  # what; and figures behind a semicolon
        self.counts, self.error = counts, error

    def line(self):
        if self.error is not None:
            said = "" if self.counts is None else " (%s)" % self.said()
            return "%s: FAILED%s: %s" % (self.name, said, self.error)
        return "%s: %s (%d x %s)" % (self.name, self.said(), self.times,
                                     self.done)

    def said(self):
        return ("accepted %(accepted)d, stored %(stored)d, lost %(lost)d, "
                "doubled %(doubled)d" % self.counts)


def play(scenario, seed, long=False, rounds=None):
    """Plays it to the end, and clears up; None: given up."""
    error = None
    try:
        scenario.begin(seed, long, rounds)
        scenario.play()
        scenario.finish()
    except GivenUp:
        return None
    except Exception as e:  # whatever it is, the next one is played
        error = "%s: %s" % (type(e).__name__, e)
        scenario.count_what_is_left()
    finally:
        cleared = scenario.doCleanups()
    if not cleared:
        error = "%s: could not clear up" % (error or "played")
    return Result(scenario.NAME, scenario.times, scenario.done,
                  scenario.counts, error)
