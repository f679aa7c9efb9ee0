#!/usr/bin/env python3
"""
keyboard - a volunteer types bibs: palmares-collector in tmux, keys sent one at
a time, the screen read back, the collector killed at random moments.  Skipped
where there is no tmux.
"""

import contextlib
import datetime
import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zoneinfo

import palmares_test
import zmtp
from palmares_test import (BIN, ROOT, SKIP, Failed, System, free_ports, read,
                           seed, wait_until)

WINDOW = 20e-3
PATH = 0.5  # a key from here to its terminal, at the very worst
LISTED = 8
ROW = re.compile(r"^ *(\d+)  (\d\d:\d\d:\d\d\.\d)  (\S+) ")
PROMPT = re.compile(r"^ *(?:bib(?: of no \d+, [\d:.]+)?|[\d:.]+) >(?: (\S*))?$")
LINES, KILLS = 40, 15


class Stalls(threading.Thread):
    """Measures when the machine itself stood still: it oversleeps then."""

    STEP = 5e-3

    def __init__(self):
        super().__init__(daemon=True)
        self.over = []  # (from, to, by how much)
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            begin = time.time()
            time.sleep(self.STEP)
            end = time.time()
            if end - begin > 2 * self.STEP:
                self.over.append((begin, end, end - begin - self.STEP))

    def around(self, begin, end):
        """The stalls from a moment on, added up: each may delay a stamp."""
        return sum(by for b, e, by in self.over
                   if e >= begin and b <= end + 0.5)


class Line:
    """One that was entered: what it has become, and when it was typed."""

    def __init__(self, bib, window):
        self.bib, self.window, self.gone = bib, window, False


class Desk(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)
        self.outbox_path = self.outbox(self.race, "desk")
        self.pid_path = self.path("pid")
        self.number = 0
        self.entered = []
        self.stalls = Stalls()
        self.stalls.start()
        self.addCleanup(self.stalls.ended.set)

    # ---- the terminal

    def open_terminal(self, command, width=80, height=24):
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="screen-256color")
        env.pop("NO_COLOR", None)
        env.pop("TMUX", None)
        # A server of its own each: one whose last session has ended leaves,
        # and may be met leaving.
        self.number += 1
        self.socket = self.path("tmux-%d" % self.number)
        self.addCleanup(self.close_terminal, self.socket)
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d",
             "-x", str(width), "-y", str(height),
             command + "; echo ended with $?; cat"], check=True, env=env)

    def close_terminal(self, socket=None):
        subprocess.run(["tmux", "-S", socket or self.socket, "kill-server"],
                       check=False, stderr=subprocess.DEVNULL)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket] + list(args),
                              check=True, capture_output=True).stdout.decode()

    def desk(self, *args, source="keyboard"):
        """A terminal with a collector in it."""
        with contextlib.suppress(OSError):
            os.remove(self.pid_path)
        words = [os.path.join(BIN, "palmares-collector"), "--race", self.race,
                 "--point", "arrivee", "--name", "desk", "--source", source,
                 "--outbox", self.outbox_path] + list(args)
        self.open_terminal(
            "sh -c 'echo $$ > %s.new; mv %s.new %s; exec %s'"
            % (self.pid_path, self.pid_path, self.pid_path, " ".join(words)))
        wait_until("the collector's pid",
                   lambda: os.path.exists(self.pid_path))
        self.pid = int(read(self.pid_path))
        self.see("a prompt", lambda lines: self.prompt(lines) is not None)

    def gone(self):
        """The collector's process is."""
        wait_until("the collector is gone", lambda: not os.path.exists(
            "/proc/%d" % self.pid))

    def kill9(self):
        os.kill(self.pid, signal.SIGKILL)
        self.gone()
        self.close_terminal()

    def lines(self):
        return self.tmux("capture-pane", "-p").splitlines()

    def key(self, *keys):
        """When it was pressed: not before, not after."""
        before = time.time()
        self.tmux("send-keys", *keys)
        return before, time.time()

    def see(self, what, condition):
        seen = []

        def ask():
            seen[:] = self.lines()
            return condition(seen)

        try:
            wait_until(what, ask)
        except Failed as e:
            raise Failed("%s\n%s" % (e, "\n".join(seen))) from None
        return seen

    def sees(self, *words):
        return self.see("the screen says %s" % (words,), lambda lines: all(
            any(w in line for line in lines) for w in words))

    @staticmethod
    def prompt(lines):
        """The text of the line that is being typed; None: no prompt."""
        for line in lines:
            found = PROMPT.match(line)
            if found:
                return found.group(1) or ""
        return None

    @staticmethod
    def rows(lines):
        """number -> (bib, state)"""
        out = {}
        for line in lines:
            found = ROW.match(line)
            if found:
                state = line[found.end():].split("  ")[-1].strip()
                out[int(found.group(1))] = (found.group(3), state)
        return out

    def sees_row(self, number, bib, states=("on disk", "sent")):
        self.see("no %d is %s" % (number, bib or "?"), lambda lines:
                 self.rows(lines).get(number, ("", ""))[0] == (bib or "?") and
                 self.rows(lines)[number][1] in states)

    def ends(self, status=0):
        self.key("C-c")
        lines = self.sees("ended with")
        self.assertIn("ended with %d" % status, lines)

    # ---- typing

    def type(self, bib, pause=0.0):
        """A line; its window."""
        window = None
        for k in list(bib) + ["Enter"]:
            pressed = self.key(k)
            window = window or pressed
            time.sleep(pause)
        self.entered.append(Line(bib, window))

    def enter(self, bib):
        self.type(bib)
        self.sees_row(len(self.entered), bib)

    def enter_and_kill(self, rng, bib):
        """As a person would: looks after the restart, and goes on."""
        keys = list(bib) + ["Enter"]
        kill_at = rng.randrange(len(keys))
        window = None
        i = 0
        while i < len(keys):
            pressed = self.key(keys[i])
            window = window or pressed
            if i != kill_at:
                i += 1
                time.sleep(rng.uniform(0.02, 0.1))
                continue
            time.sleep(rng.uniform(0, 0.03))
            kill_at = -1
            self.kill9()
            self.desk()
            lines = self.lines()
            if len(self.entered) + 1 in self.rows(lines):
                break
            typed = self.prompt(lines)
            self.assertEqual(typed, bib[:len(typed)])
            i = len(typed)
            if i == 0:
                window = None
            else:
                self.sees("you were typing %s at" % typed)
        self.entered.append(Line(bib, window))
        self.sees_row(len(self.entered), bib)

    def choose(self, number):
        for _ in range(len(self.entered) + 1):
            self.key("Up")
        while not any("bib of no %d," % number in x for x in self.lines()):
            self.key("Down")
            time.sleep(0.05)

    # ---- what was stored

    def stored(self):
        """The crossings of the outbox as its events leave them: (time, bib,
        flags) by number, and those taken back."""
        there, gone = {}, {}
        with contextlib.closing(sqlite3.connect(
                "file:%s?mode=ro" % self.outbox_path, uri=True)) as db:
            rows = db.execute("SELECT seq, body FROM event ORDER BY seq")
            for seq, body in rows.fetchall():
                event = zmtp.fields(body)
                if 2 in event:
                    c = zmtp.fields(event[2])
                    there[seq] = [c[4] / 1e6, c.get(2, b"").decode(),
                                  c.get(10, 0)]
                elif 3 in event:
                    target = zmtp.fields(event[3])[1]
                    gone[target] = there.pop(target)
                elif 4 in event:
                    fill = zmtp.fields(event[4])
                    there[fill[1]][1] = fill.get(2, b"").decode()
        return there, gone

    def check_stored(self):
        """(typed, stored, lost, doubled, worst): each line once, in time."""
        there, _ = self.stored()
        found = sorted(there.values())
        wanted = [x for x in self.entered if not x.gone]
        lost = doubled = slow = 0
        worst = 0.0
        for line in wanted:
            before, after = line.window
            fits = [x for x in found if x[1] == line.bib and
                    before - WINDOW <= x[0] <= after + PATH]
            if not fits:
                lost += 1
                print("lost: %r in %r of %r" % (line.bib, line.window, found))
                continue
            found.remove(fits[0])
            late = max(before - fits[0][0], fits[0][0] - after, 0)
            worst = max(worst, late)
            slow += late > WINDOW + self.stalls.around(before, after)
        doubled = len(found)
        # tmux itself may be kept waiting on a busy machine.
        self.assertLessEqual(slow, max(1, len(wanted) // 20),
                             "times off by up to %.0f ms" % (1000 * worst))
        return len(wanted), len(there), lost, doubled, worst

    def proves(self, aggregator=None):
        typed, stored, lost, doubled, worst = self.check_stored()
        if aggregator is not None:
            accepted, kept, l, d = self.stored_exactly_once(self.race,
                                                            ["desk"])
            self.assertEqual((accepted, l, d), (kept, 0, 0))
        print("keyboard: typed %d, stored %d, lost %d, doubled %d, times "
              "within %.0f ms" % (typed, stored, lost, doubled, 1000 * worst),
              flush=True)
        self.assertEqual((lost, doubled), (0, 0))


def pass_on(listening, port):
    """One connection to that port, and back; others are let wait."""
    listening.listen()
    with contextlib.suppress(OSError):
        near, _ = listening.accept()
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=copy, args=(far, near))
            back.start()
            copy(near, far)
            back.join()


def copy(source, sink):
    with contextlib.suppress(OSError):
        while True:
            some = source.recv(65536)
            if not some:
                break
            sink.sendall(some)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Keyboard(Desk):
    def test_nothing_is_lost_to_a_kill_at_any_key(self):
        rng = random.Random(seed())
        aggregator = self.aggregator(self.race)
        self.desk()
        kills = set(rng.sample(range(LINES), KILLS))
        for i in range(LINES):
            time.sleep(rng.uniform(0.06, 0.2))
            bib = "" if rng.random() < 0.2 else str(rng.randrange(1, 413))
            if i in kills:
                self.enter_and_kill(rng, bib)
            else:
                self.enter(bib)
        # What has no bib gets one; one of those is thought better of.
        empty = [i for i, x in enumerate(self.entered) if x.bib == ""]
        for i in empty[:3]:
            self.choose(i + 1)
            for k in list("77") + ["Enter"]:
                self.key(k)
            self.sees("put in no %d" % (i + 1))
            self.entered[i].bib = "77"
        if empty:
            last = empty[:3][-1]
            self.key("C-z")
            self.sees("no %d, " % (last + 1), "has no bib again")
            self.entered[last].bib = ""
        self.kill9()
        self.desk()
        self.choose(LINES - 1)
        self.key("DC")
        self.sees("taken back: no %d" % (LINES - 1))
        self.entered[LINES - 2].gone = True
        self.see("all is sent", lambda lines: "all %d sent" % LINES in
                 lines[1])
        self.key("Escape")
        time.sleep(0.1)
        self.ends()
        self.assertTrue(any("holes 0" in x for x in self.lines()))
        self.stops_well(aggregator)
        self.proves(aggregator)

    def test_thirty_bibs_in_ten_seconds(self):
        aggregator = self.aggregator(self.race)
        self.desk()
        begin = time.monotonic()
        for i in range(30):
            time.sleep(max(0, begin + i / 3 - time.monotonic()))
            self.type(str(101 + i), pause=0.03)
        print("keyboard: 30 bibs in %.1f s" % (time.monotonic() - begin))
        self.see("all are sent", lambda lines: "all 30 sent" in lines[1])
        self.ends()
        self.stops_well(aggregator)
        self.proves(aggregator)

    def test_a_full_disk_is_an_alarm_and_loses_nothing(self):
        self.desk()
        self.enter("102")
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        size = os.path.getsize(self.outbox_path + "-wal")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))
        self.type("120")
        lines = self.sees("DISK FULL: 1 NOT ON DISK", "disk of the outbox")
        self.assertEqual(self.rows(lines)[2], ("120", "NOT ON DISK"))
        self.type("99")
        self.sees("DISK FULL: 2 NOT ON DISK")
        self.key("C-c")
        self.sees("2 NOT ON DISK: leave now and they are lost")
        self.key("Escape")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, hard))
        self.sees_row(3, "99")
        self.see("no alarm", lambda lines:
                 not any("DISK FULL" in x for x in lines))
        self.kill9()
        self.desk()
        self.sees_row(3, "99")
        self.ends()
        self.proves()

    def test_who_leaves_with_a_full_disk_is_told_what_was_lost(self):
        self.desk()
        self.enter("102")
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        size = os.path.getsize(self.outbox_path + "-wal")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))
        self.type("120")
        self.sees("DISK FULL: 1 NOT ON DISK")
        self.key("C-c")
        self.sees("leave now and they are lost")
        self.ends(1)
        self.assertTrue(any(re.search(r"not kept: [\d:.]+ 120", x)
                            for x in self.lines()))

    def test_a_closed_terminal_waits_for_room_on_the_disk(self):
        self.desk()
        self.enter("102")
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        size = os.path.getsize(self.outbox_path + "-wal")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))
        self.type("120")
        self.sees("DISK FULL: 1 NOT ON DISK")
        window = self.key("9")
        self.see("the line is there", lambda lines: self.prompt(lines) == "9")
        self.close_terminal()
        time.sleep(0.5)
        self.assertTrue(os.path.exists("/proc/%d" % self.pid))
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, hard))
        self.gone()
        self.desk()
        self.sees_row(2, "120")
        self.sees("you were typing 9 at")
        self.key("Enter")
        self.entered.append(Line("9", window))
        self.sees_row(3, "9")
        self.ends()
        self.proves()

    def test_a_line_that_found_no_room_is_not_said_to_be_kept(self):
        self.desk()
        self.enter("102")
        hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)[1]
        size = os.path.getsize(self.outbox_path + "-wal")
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))
        self.key("9")
        self.sees("DISK FULL")
        os.kill(self.pid, signal.SIGTERM)
        lines = self.sees("ended with 1")
        self.assertTrue(any(re.search(r"not kept: [\d:.]+ 9, which", x)
                            for x in lines))

    def test_the_aggregator_of_another_race_ends_nobodys_typing(self):
        other = self.path("other")
        shutil.copytree(self.race, other)
        path = os.path.join(other, "race.yaml")
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"(?m)^title: .*", "title: Un autre", f.read())
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        aggregator = self.aggregator(other)
        shutil.copy(os.path.join(other, "endpoint"), self.race)
        self.desk()
        self.enter("102")
        self.sees("serves 'Un autre', not 'Les 8")
        self.sees("NO LINK", "1 on disk to be sent")
        self.stops_well(aggregator)
        self.aggregator(self.race)
        self.enter("120")
        self.sees("link up: all 2 sent")
        self.ends()
        self.proves()

    def test_who_types_goes_on_where_the_aggregator_refuses(self):
        aggregator = self.aggregator(self.race)
        self.desk()
        self.enter("102")
        self.sees("link up: all 1 sent")
        self.ends()
        shutil.copy(self.outbox_path, self.path("older"))
        self.desk()
        self.enter("120")
        self.sees("link up: all 2 sent")
        self.ends()
        # A copy of before, put back.
        shutil.copy(self.path("older"), self.outbox_path)
        self.entered.pop()
        self.desk()
        self.sees("REFUSED", "refused at event")
        self.enter("99")
        self.sees_row(2, "99", ["on disk"])
        self.ends(1)
        self.sees("refused at event")
        self.stops_well(aggregator)
        self.proves()

    def test_a_screen_for_somebody_who_has_read_nothing(self):
        self.desk()
        self.sees("Type the bib of each runner who passes", "Ctrl-C: leave",
                  "arrivee - Les 8 kilomètres")
        for k in "52":
            self.key(k)
        self.sees("= Coureuse 148")
        self.key("2")
        self.sees("nobody has 522: perhaps 252 Coureuse 347 (two digits "
                  "swapped)")
        self.key("Enter")
        self.sees("522 taken, but nobody has it", "nobody has it: 252")
        time.sleep(0.06)
        self.key("Enter")
        self.sees("(no bib yet)")
        for k in list("102") + ["Enter"]:
            self.key(k)
        self.sees("102   Coureur 196")
        for k in "102":
            self.key(k)
        self.sees("again, first at")
        self.key("Enter")
        self.sees("again (")
        self.key("C-z")
        self.sees("taken back: no 4")
        self.sees_row(4, "102", ["taken back"])
        self.key("C-y")
        self.sees("brought back: no 4")
        for width, height in ((40, 10), (200, 60), (40, 12), (80, 24)):
            self.tmux("resize-window", "-x", str(width), "-y", str(height))
            lines = self.see("it fits %d x %d" % (width, height),
                             lambda lines: len(lines) == height and
                             max(len(x) for x in lines) <= width and
                             lines[0].rstrip()[-1:].isdigit() and
                             self.prompt(lines) == "")
        self.sees("102   Coureur 196")
        self.ends()

    def test_the_link_is_told_lost_and_back(self):
        aggregator = self.aggregator(self.race)
        self.desk()
        self.enter("102")
        self.sees("link up: all 1 sent")
        aggregator.process.send_signal(signal.SIGSTOP)
        self.sees("NO LINK for ")
        self.enter("120")
        self.sees("1 on disk to be sent, 1 sent", "no answer for")
        aggregator.process.send_signal(signal.SIGCONT)
        self.sees("link up: all 2 sent", "back after")
        # Estimates of the clock are events, too.
        wait_until("both are stored", lambda: palmares_test.sql(
            os.path.join(self.race, "race.db"),
            "SELECT count(*) FROM log WHERE kind = 'crossing'") == [(2,)])
        self.ends()

    # ---- what the aggregator knows

    def import_late(self, *rows):
        path = self.path("late.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write("bib,name,team\n" + "".join(x + "\n" for x in rows))
        status, _, talk = self.run_program(
            "palmares", "roster", "import", path, "--race", self.race,
            "--yes")
        self.assertEqual(status, 0, talk)

    def test_a_late_entry_reaches_the_desk(self):
        aggregator = self.aggregator(self.race)
        self.desk()
        self.enter("9131")
        self.sees("9131 taken, but nobody has it")
        self.import_late("9131,Hedy Lamarr,Radio")
        self.sees("9131 Hedy Lamarr: entered meanwhile", "Radio")
        self.see("nobody is unknown", lambda lines:
                 not any("nobody has it" in x for x in lines))
        wait_until("it is one entry", lambda:
                   "1 entry changed" in aggregator.err())
        # What was known stays while the aggregator is away, ...
        self.stops_well(aggregator)
        self.sees("NO LINK")
        for k in "9131":
            self.key(k)
        self.sees("= Hedy Lamarr, Radio")
        self.key("Escape")
        self.sees("dropped: 9131")
        self.kill9()
        # ... and is known again after a restart.
        aggregator = self.aggregator(self.race)
        self.desk()
        self.sees("Hedy Lamarr", "Radio")
        self.ends()
        self.stops_well(aggregator)
        self.proves(aggregator)

    def blind(self, point, name):
        """A desk on a laptop without the race's folder."""
        self.outbox_path = self.outbox(self.race, name)
        self.open_terminal(
            "%s --aggregator %s --point %s --name %s --source keyboard "
            "--outbox %s" % (os.path.join(BIN, "palmares-collector"),
                             self.endpoint(self.race), point, name,
                             self.outbox_path))
        self.see("a prompt", lambda lines: self.prompt(lines) is not None)

    def test_a_laptop_without_the_folder_knows_the_names(self):
        aggregator = self.aggregator(self.race)
        self.blind("mi-course", "second")
        self.sees("mi-course - Les 8 kilomètres")
        for k in "52":
            self.key(k)
        self.sees("= Coureuse 148")
        self.key("Enter")
        self.sees_row(1, "52", ["sent"])
        self.assertFalse(any("WRONG POINT" in x for x in self.lines()))
        self.ends()
        self.stops_well(aggregator)

    def test_a_point_that_the_race_does_not_have_is_an_alarm(self):
        aggregator = self.aggregator(self.race)
        self.blind("mi-cuorse", "third")
        self.sees("WRONG POINT: no point 'mi-cuorse': did you mean "
                  "'mi-course'?")
        for k in ("5", "2", "Enter"):
            self.key(k)
        self.sees_row(1, "52", ["sent"])
        self.sees("WRONG POINT", "Coureuse 148")
        self.ends()
        self.stops_well(aggregator)

    def test_ports_that_are_shut_cost_the_names_alone(self):
        aggregator = self.aggregator(self.race)
        base = int(self.endpoint(self.race).split(":")[1])
        with free_ports(3) as sockets:
            threading.Thread(target=pass_on, args=(sockets[0], base),
                             daemon=True).start()
            self.outbox_path = self.outbox(self.race, "fourth")
            self.open_terminal(
                "%s --aggregator 127.0.0.1:%d --point mi-course --name fourth "
                "--source keyboard --outbox %s"
                % (os.path.join(BIN, "palmares-collector"),
                   sockets[0].getsockname()[1], self.outbox_path))
            self.see("a prompt",
                     lambda lines: self.prompt(lines) is not None)
            for k in ("5", "2", "Enter"):
                self.key(k)
            self.sees_row(1, "52", ["sent"])
            self.sees("no names from 127.0.0.1:")
            self.ends()
        self.stops_well(aggregator)

    def test_names_of_another_race_are_not_shown(self):
        other = self.path("other")
        shutil.copytree(self.race, other)
        for name, old, new in (("race.yaml", r"^title: .*", "title: Autre"),
                               ("entries.csv", r"Coureu", "Autreu")):
            path = os.path.join(other, name)
            with open(path, encoding="utf-8") as f:
                text = re.sub("(?m)" + old, new, f.read())
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        aggregator = self.aggregator(other)
        shutil.copy(os.path.join(other, "endpoint"), self.race)
        self.desk()
        self.sees("serves 'Autre'")
        time.sleep(1)
        for k in "52":
            self.key(k)
        self.sees("= Coureuse 148", "arrivee - Les 8")
        self.key("Escape")
        self.sees("dropped: 52")
        self.ends()
        self.stops_well(aggregator)

    def test_a_new_outbox_and_an_old_one_are_told(self):
        # Of another day than the race's is told instead.
        path = os.path.join(self.race, "race.yaml")
        today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Paris"))
        text = read(path).decode().replace("2014-09-21",
                                           today.strftime("%Y-%m-%d"))
        palmares_test.write(path, text)
        self.desk()
        self.sees("new outbox " + self.outbox_path[:40],
                  "This is a new list, kept in")
        self.enter("102")
        self.see("no word of a new list", lambda lines: not any(
            "This is a new list" in x for x in lines))
        self.kill9()
        self.desk()
        self.see("the old one", lambda lines: any(
            x.startswith("outbox " + self.outbox_path[:40]) for x in lines))
        self.ends()

    def test_a_conflict_of_two_people_is_said_everywhere(self):
        aggregator = self.aggregator(self.race)
        self.desk(source="keyboard:bibs")
        bibs = self.socket
        self.outbox_path = self.outbox(self.race, "times")
        self.blind("arrivee", "times")
        times = self.socket

        # Typed more than 3 s before its runner: nobody can be sure.
        self.socket = bibs
        self.key("1")
        self.key("Enter")
        time.sleep(3.3)
        self.socket = times
        self.key("Enter")
        time.sleep(0.1)
        self.key("Enter")
        talk = "1 time and 1 bib of two people do not fit from "
        wait_until("the conflict is logged",
                   lambda: talk in aggregator.err(), programs=[aggregator])
        words = "arrivee: times and bibs do not fit: 1 runner waits"
        self.sees(words)
        self.socket = bibs
        self.sees(words)
        status, out, _ = self.run_program("palmares", "status", "--race",
                                          self.race)
        self.assertEqual(status, 0)
        self.assertIn("1 conflict of times and bibs: see palmares unknown",
                      out)
        self.assertIn("outbox conflicts 0", out)

        self.key("C-z")
        wait_until("its end is logged", lambda: "arrivee: times and bibs of "
                   "two people fit again" in aggregator.err())
        self.see("no word of it", lambda lines: not any(
            words in line for line in lines))
        self.assertEqual(aggregator.err().count(talk), 1)
        status, out, _ = self.run_program("palmares", "status", "--race",
                                          self.race)
        self.assertIn("2 reads of nobody, 0 conflicts of times and bibs", out)
        self.socket = times
        self.ends()
        self.socket = bibs
        self.ends()
        self.stops_well(aggregator)

    def test_bibs_on_a_second_laptop_are_listed(self):
        self.desk(source="keyboard:bibs")
        self.sees("arrivee (bibs)", "on the other laptop")
        self.enter("102")
        time.sleep(0.06)
        self.enter("")
        self.sees("(bib not read)")
        self.ends()
        there, _ = self.stored()
        self.assertEqual([(x[1], x[2]) for _, x in sorted(there.items())],
                         [("102", LISTED), ("", LISTED)])

    def test_what_was_being_typed_outlives_the_terminal(self):
        self.desk()
        self.enter("102")
        window = self.key("1")
        self.key("2")
        self.see("the line is there", lambda lines:
                 self.prompt(lines) == "12")
        time.sleep(0.3)  # the disk has it
        self.close_terminal()
        self.gone()
        self.assertFalse(os.path.exists(self.outbox_path + "-wal"))
        self.desk()
        self.sees("you were typing 12 at")
        self.key("0")
        self.key("Enter")
        self.entered.append(Line("120", window))
        self.sees_row(2, "120")
        self.ends()
        self.proves()

    def test_once_ends_when_all_is_delivered(self):
        self.desk("--once")
        self.enter("102")
        self.key("C-c")
        self.sees("waiting 1")
        aggregator = self.aggregator(self.race)
        self.sees("ended with 0", "stored 1")
        self.stops_well(aggregator)
        self.proves(aggregator)

    def test_who_leaves_without_a_link_is_told_what_waits(self):
        self.desk("--aggregator", "127.0.0.1:1")
        self.enter("102")
        self.key("C-c")
        lines = self.sees("ended with 0", "1 event is not acknowledged")
        # tmux has broken the line.
        self.assertIn("palmares-collector --outbox %s --once --aggregator "
                      "127.0.0.1:1" % os.path.realpath(self.outbox_path),
                      "".join(lines))

    def test_what_cannot_be_is_told(self):
        for args, words in (
                (["--point", "arrivee"], "for a person at a terminal"),
                (["--point", "arrivee", "--gun", "masse"], "--gun: of no use"),
                (["--point", "arrivee", "--speed", "3"], "--speed: of no use"),
                (["--point", "ariveee"], "did you mean 'arrivee'")):
            status, _, talk = self.run_program(
                "palmares-collector", "--race", self.race, "--source",
                "keyboard", *args)
            self.assertEqual(status, 2, talk)
            self.assertIn(words, talk)
        for source, words in (
                ("keyboards", "keyboard, or keyboard:bibs"),
                ("keyboard:times", "keyboard, or keyboard:bibs")):
            status, _, talk = self.run_program(
                "palmares-collector", "--race", self.race, "--point",
                "arrivee", "--source", source)
            self.assertEqual(status, 2, talk)
            self.assertIn(words, talk)

    def test_a_point_is_asked_for_by_name(self):
        self.open_terminal("%s --race %s --source keyboard --outbox %s" % (
            os.path.join(BIN, "palmares-collector"), self.race,
            self.path("new.db")))
        self.sees("ended with 2", "--point NAME", "mi-course")
        self.assertFalse(os.path.exists(self.path("new.db")))


if __name__ == "__main__":
    if shutil.which("tmux") is None:
        print("skipped: no tmux to type in")
        sys.exit(SKIP)
    palmares_test.main()
