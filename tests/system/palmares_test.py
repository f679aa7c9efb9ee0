"""
palmares_test - what the system tests share: folders of their own, the real
programs started and stopped by process id, waiting by condition.

Programs come from $PALMARES_BIN (CMake sets it), else build/dev/bin.  A test
works in a new folder below $TMPDIR, removed at the end unless PALMARES_KEEP is
set.  Nothing that a test started outlives it.
"""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BIN = os.environ.get("PALMARES_BIN", os.path.join(ROOT, "build", "dev", "bin"))
DATA = os.environ.get("PALMARES_DATA",
                      os.path.join(ROOT, "..", "shared", "data"))
SKIP = 77  # what ctest takes for "skipped"
PATIENCE = float(os.environ.get("PALMARES_PATIENCE", "60"))

# A shell ignores Ctrl-C in what it starts with "&", and so would everything
# that is started from there.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Failed(AssertionError):
    pass


def program_path(name):
    """In $PALMARES_PLANTED there may be one with a bug planted in it."""
    planted = os.path.join(os.environ.get("PALMARES_PLANTED", BIN), name)
    return planted if os.path.exists(planted) else os.path.join(BIN, name)


class Program:
    """One running program; its talk and its results are in files."""

    def __init__(self, folder, name, args, env, stdin=None, before=()):
        self.name = name
        self.args = [program_path(name)] + [str(a) for a in args]
        number = len(os.listdir(folder))
        base = os.path.join(folder, "%03d-%s" % (number,
                                                 os.path.basename(name)))
        self.out_path, self.err_path = base + ".out", base + ".err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                list(before) + self.args, stdout=out, stderr=err, env=env,
                stdin=subprocess.DEVNULL if stdin is None else stdin)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def out(self):
        return read(self.out_path).decode("utf-8", "replace")

    def err(self):
        return read(self.err_path).decode("utf-8", "replace")

    def wait(self, timeout=PATIENCE):
        """The exit status; negative: the signal that ended it."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed("%s did not end within %g s\n%s"
                         % (self, timeout, self.err()[-4000:])) from None

    def takes_signals(self):
        """Whether SIGTERM is caught, or blocked for a signalfd."""
        try:
            status = read("/proc/%d/status" % self.process.pid).decode()
        except FileNotFoundError:
            return False
        sets = dict(re.findall(r"^(Sig\w+):\t([0-9a-f]+)$", status, re.M))
        taken = int(sets["SigBlk"], 16) | int(sets["SigCgt"], 16)
        return bool(taken >> (signal.SIGTERM - 1) & 1)

    def stop(self, timeout=PATIENCE):
        """Asks it to end (SIGTERM); the exit status."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def __str__(self):
        return " ".join([self.name] + self.args[1:])


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def wait_until(what, condition, timeout=PATIENCE, programs=()):
    """Asks again and again; condition's result, once it is true."""
    end = time.monotonic() + timeout
    pause = 0.002
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            words = "".join("\n%s:\n%s" % (p, p.err()[-3000:])
                            for p in programs)
            raise Failed("not within %g s: %s%s" % (timeout, what, words))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


def sql(path, query, args=(), attach=None):
    """Reads; never writes nor checkpoints (mode=ro)."""
    uri = "file:%s?mode=ro"
    with contextlib.closing(sqlite3.connect(uri % path, uri=True,
                                            timeout=PATIENCE)) as db:
        if attach is not None:
            db.execute("ATTACH ? AS outbox", (uri % attach,))
        return db.execute(query, args).fetchall()


class System(unittest.TestCase):
    """A test with a folder and programs of its own."""

    maxDiff = None

    def shortDescription(self):
        return None  # the name is a sentence

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="palmares-test-")
        self.talk = os.path.join(self.folder, "talk")
        os.mkdir(self.talk)
        self.programs = []
        self.addCleanup(self.clean)

    def clean(self):
        for p in self.programs:
            if p.running():
                p.kill9()
        if os.environ.get("PALMARES_KEEP"):
            print("kept: %s" % self.folder, file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def start(self, name, *args, stdin=None, env=None, before=()):
        """before: words in front, of a command that becomes the program."""
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("PALMARES_") and k not in ("TZ", "LANG")}
        clean["LC_ALL"] = "C.UTF-8"
        clean.update(env or {})
        program = Program(self.talk, name, args, clean, stdin, before)
        self.programs.append(program)
        return program

    def run_program(self, name, *args, timeout=PATIENCE, **kw):
        """Runs to the end: (exit status, stdout, stderr)."""
        p = self.start(name, *args, **kw)
        status = p.wait(timeout)
        return status, p.out(), p.err()

    # ---- the four programs

    def aggregator(self, race, *args, listen="127.0.0.1:0", before=()):
        """Starts one and waits until it is ready."""
        endpoint = os.path.join(race, "endpoint")
        if os.path.exists(endpoint):
            os.remove(endpoint)
        p = self.start("palmares-aggregator", race, "--listen", listen, *args,
                       before=before)

        def ready():
            if not p.running():
                raise Failed("%s ended with %s\n%s"
                             % (p, p.process.returncode, p.err()))
            return os.path.exists(endpoint)

        wait_until("%s is ready" % p, ready, programs=[p])
        return p

    def endpoint(self, race):
        return read(os.path.join(race, "endpoint")).decode().strip()

    def collector(self, race, point, source, *args, name=None):
        name = name or point
        return self.start(
            "palmares-collector", "--race", race, "--point", point,
            "--name", name, "--source", source,
            "--outbox", self.outbox(race, name), *args)

    def outbox(self, race, name):
        return os.path.join(race, "%s.outbox.db" % name)

    def ends_well(self, program, timeout=PATIENCE):
        status = program.wait(timeout)
        self.assertEqual(status, 0, "%s\n%s" % (program, program.err()[-4000:]))

    def stops_well(self, program):
        # Before a program takes signals it ends by them, as any other does.
        wait_until("%s takes signals" % program,
                   lambda: not program.running() or program.takes_signals())
        status = program.stop()
        self.assertEqual(status, 0, "%s\n%s" % (program, program.err()[-4000:]))

    def export(self, race, ranking, *args):
        """The bytes of an export."""
        p = self.start("palmares", "export", "--race", race,
                       "--ranking", ranking, *args)
        self.ends_well(p)
        return read(p.out_path)

    def exports(self, race, *args):
        """Every ranking of the race, name -> bytes."""
        return {name: self.export(race, name, "--format", "csv", *args)
                for name in rankings(race)}

    # ---- exactly once

    def stored_exactly_once(self, race, names):
        """
        Compares the outboxes with race.db by plain SQL, both ways, event by
        event: (accepted, stored, lost, doubled).
        """
        db = os.path.join(race, "race.db")
        accepted = stored = lost = doubled = 0
        for name in names:
            outbox = self.outbox(race, name)
            epoch = sql(outbox, OUTBOX_EPOCH)[0][0] & (2 ** 64 - 1)
            args = ("%016x" % epoch,)
            accepted += sql(outbox, "SELECT count(*) FROM event")[0][0]
            stored += sql(db, STORED_COUNT, args)[0][0]
            doubled += sql(db, STORED_DOUBLED, args)[0][0]
            lost += sql(db, LOST, args, attach=outbox)[0][0]
            strange = sql(db, STRANGE, args, attach=outbox)[0][0]
            self.assertEqual(strange, 0, "events of %s in race.db that its "
                             "outbox does not have" % name)
        return accepted, stored, lost, doubled


# The tables of race.db and of an outbox, as store.c and outbox.c make them.
OUTBOX_EPOCH = "SELECT epoch FROM meta"
STORED_COUNT = """
    SELECT count(*) FROM log e JOIN stream s ON s.id = e.stream
    WHERE s.epoch = ?"""
STORED_DOUBLED = """
    SELECT count(*) - count(DISTINCT e.seq) FROM log e
    JOIN stream s ON s.id = e.stream WHERE s.epoch = ?"""
LOST = """
    SELECT count(*) FROM (
        SELECT seq, body FROM outbox.event
        EXCEPT
        SELECT e.seq, e.body FROM main.log e
        JOIN main.stream s ON s.id = e.stream WHERE s.epoch = ?)"""
STRANGE = """
    SELECT count(*) FROM (
        SELECT e.seq, e.body FROM main.log e
        JOIN main.stream s ON s.id = e.stream WHERE s.epoch = ?
        EXCEPT
        SELECT seq, body FROM outbox.event)"""


@contextlib.contextmanager
def free_ports(count):
    """Sockets bound to consecutive ports, closed at the end."""
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            base = random.SystemRandom().randrange(10000, 19000)
            try:
                with contextlib.ExitStack() as attempt:
                    sockets = []
                    for port in range(base, base + count):
                        s = attempt.enter_context(socket.socket())
                        s.bind(("127.0.0.1", port))
                        sockets.append(s)
                    stack.push(attempt.pop_all())
                break
            except OSError:
                continue
        else:
            raise Failed("no %d consecutive ports are free" % count)
        yield sockets


def crossings_stored(db, name=None):
    """
    Events of collectors in race.db, or of the collector of that name.  By the
    cursors, which move in the transaction of their events, so that asking often
    costs nothing; stored_exactly_once() counts the events themselves.
    """
    if not os.path.exists(db):
        return 0
    query = "SELECT total(cursor) FROM stream WHERE point <> ''"
    if name is None:
        return int(sql(db, query)[0][0])
    return int(sql(db, query + " AND name = ?", (name,))[0][0])


def rankings(race):
    """The names of the rankings of a race.yaml as our tests write them."""
    names = []
    inside = False
    for line in read(os.path.join(race, "race.yaml")).decode().splitlines():
        if not line.startswith(" "):
            inside = line.startswith("rankings:")
        elif inside and line.strip():
            names.append(line.split(":")[0].strip())
    return names


def seed():
    """Printed, and taken back from PALMARES_SEED."""
    given = os.environ.get("PALMARES_SEED")
    number = int(given, 0) if given else random.SystemRandom().getrandbits(63)
    print("seed: PALMARES_SEED=0x%x" % number, flush=True)
    return number


def data(name):
    """The folder of a data set, or None."""
    folder = os.path.join(DATA, name)
    return folder if os.path.isdir(folder) else None


def main():
    """Runs the tests of the calling file; SKIP if all were skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun and len(result.skipped) == result.testsRun:
        sys.exit(SKIP)
    sys.exit(0)
