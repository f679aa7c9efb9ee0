#!/usr/bin/env python3
"""
rehearsal - the rehearsals of examples/ worked through by their guides: what a
GUIDE.md says is typed into terminals of 80 x 24, what they show has to be what
it says, and in the end every ranking has to be that of a day without trouble.
"""

import fcntl
import filecmp
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time

import palmares_test
from palmares_test import (BIN, PATIENCE, ROOT, Failed, System, rankings, read,
                           write)

RACES = ("clean-race", "day-of-trouble")
MAKE = os.path.join(ROOT, "scripts", "make-rehearsal")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\(B")


def example(name, *rest):
    return os.path.join(ROOT, "examples", name, *rest)


def make(*args):
    return subprocess.run([sys.executable, MAKE, *args], check=False,
                          stderr=subprocess.PIPE)


class Terminal:
    """A terminal of 80 x 24 with one command in it."""

    def __init__(self, command, env=None):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("PALMARES_") and k not in ("TZ", "LANG")}
        clean.update({"LC_ALL": "C.UTF-8", "TERM": "xterm",
                      "PALMARES_BIN": BIN, "PS1": "$ "})
        clean.update(env or {})
        self.process = subprocess.Popen(
            ["bash", "-c", command], cwd=ROOT, env=clean, stdin=slave,
            stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.master = master
        self.raw = b""

    def pump(self, timeout):
        """Takes what there is; False: it has ended."""
        if not select.select([self.master], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.raw += data
        return bool(data)

    def text(self):
        plain = ANSI.sub("", self.raw.decode("utf-8", "replace"))
        return plain.replace("\r\n", "\n")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def sees(self, words, since=0):
        """Waits until it shows them behind that place; the place behind."""
        end = time.monotonic() + PATIENCE
        while words not in self.text()[since:]:
            if time.monotonic() > end or not self.pump(0.1):
                raise Failed("%r is not shown:\n%s"
                             % (words, self.text()[since:]))
        return self.text().index(words, since) + len(words)

    def ends(self):
        """Its exit status; all that it has shown is there."""
        end = time.monotonic() + PATIENCE
        while self.pump(0.1):
            if time.monotonic() > end:
                raise Failed("does not end:\n" + self.text())
        return self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGHUP)
        while self.pump(PATIENCE) and self.process.poll() is None:
            pass
        self.process.wait(PATIENCE)
        os.close(self.master)


def running_in(session):
    """The names of the programs of a terminal."""
    names = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = read("/proc/%s/stat" % pid).decode("utf-8", "replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        name, rest = stat.split("(", 1)[1].rsplit(")", 1)
        if int(rest.split()[3]) == session:
            names.append(name)
    return names


# ---- a guide

class Step:
    """A command with what it shows, or (command None) a time to be played
    to, '' the end."""

    def __init__(self, command, shown):
        self.command, self.shown = command, shown


def blocks(text):
    """(what stands before it, its lines) of each block of code."""
    parts = re.split(r"^```\n(.*?)^```\n", text, flags=re.M | re.S)
    return zip(parts[::2], parts[1::2])


def commands(block):
    """[(command, what it shows)]"""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return found


class Guide:
    def __init__(self, name):
        self.text = read(example(name, "GUIDE.md")).decode("utf-8")
        self.begin, self.steps = {}, []
        for before, block in blocks(self.text):
            marker = re.search(r"<!-- (.*) -->\n$", before)
            if marker:
                self.begin[marker[1]] = block.strip()
                continue
            for when in re.findall(r"^## (\d\d:\d\d|The end)\b", before, re.M):
                self.steps.append(Step(None, "" if when == "The end" else when))
            self.steps += [Step(*found) for found in commands(block)]

    def times(self):
        return [s.shown for s in self.steps if s.command is None and s.shown]


def line_pattern(line):
    """'...' is any text; columns are as wide as what stands in them."""
    parts = re.split(r"(\.\.\.|  +)", line)
    return "".join(".*?" if part == "..." else " +" if part[:2] == "  "
                   else re.escape(part) for part in parts) + " *\n"


def pattern(shown):
    """'...' alone on a line are any lines."""
    return re.compile("".join(r"(?:.*\n)*?" if line == "..."
                              else line_pattern(line) for line in shown))


def told_by(name):
    """What the file play says: [(option, words)]."""
    text = read(example(name, "play")).decode()
    return re.findall(r"^(--\S+) (.*)$", text, re.M)


# ---- the tests

class Rehearsal(System):
    def setUp(self):
        super().setUp()
        self.home = self.path("rehearsal")
        self.terminals = []
        self.addCleanup(lambda: [t.close() for t in self.terminals])

    def terminal(self, command, **kw):
        opened = Terminal(command, **kw)
        self.terminals.append(opened)
        return opened

    def rehearse(self, command, *more):
        """In a folder of ours, as fast as it goes."""
        return self.terminal(" ".join(
            [command, "--folder", shlex.quote(self.home), "--speed", "1000000",
             *more]))

    def mine(self, command):
        """Types it into my own terminal, and y where it asks: (status,
        what it shows)."""
        t = Terminal(". %s/terminal\n%s" % (shlex.quote(self.home), command))
        try:
            asked = 0
            while t.pump(PATIENCE):
                if t.text().count("[y/N] ") > asked:
                    asked += 1
                    t.type("y\n")
            return t.process.wait(PATIENCE), t.text()
        finally:
            t.close()

    def works(self, step):
        """What only the passing of time brings is waited for."""
        end = time.monotonic() + PATIENCE
        while True:
            status, shown = self.mine(step.command)
            fits = pattern(step.shown).fullmatch(shown)
            if fits and status == 0:
                self.fits_the_terminal(shown)
                return
            if step.command != "palmares status" or time.monotonic() > end:
                break
        self.assertEqual("\n".join(step.shown), shown.rstrip("\n"),
                         "$ %s\nended with %d" % (step.command, status))

    def fits_the_terminal(self, shown):
        """But for what names the folder of the test."""
        for line in shown.splitlines():
            if self.home not in line:
                self.assertLessEqual(len(line), 80, line)

    def goes_on(self, race, moment, since):
        """Plays on from where it stands: the place behind what it said."""
        race.type(" " if since else "\n")
        if moment:
            return race.sees(moment + ":00 stands still", since)
        return race.sees("The replay has ended", since)

    def work_through(self, name):
        guide = Guide(name)
        race = self.rehearse(guide.begin["the race"])
        self.assertEqual(guide.begin["yours"],
                         ". build/rehearsal/%s/terminal" % name)
        race.sees("Enter begins")
        since = 0
        for step in guide.steps:
            if step.command is None:
                since = self.goes_on(race, step.shown, since)
            else:
                self.works(step)
        for ranking in rankings(self.home):
            self.assertEqual(
                self.export(self.home, ranking, "--format", "csv").decode(),
                read(example(name, "results", ranking + ".csv")).decode(),
                ranking)
        race.type("\n")
        self.assertEqual(race.ends(), 0)

    def test_the_clean_race_goes_as_its_guide_says(self):
        self.work_through("clean-race")

    def test_the_day_of_trouble_is_mended_as_its_guide_says(self):
        self.work_through("day-of-trouble")

    def test_guides_stand_still_where_the_race_does(self):
        for name in RACES:
            guide = Guide(name)
            stands = [words for option, words in told_by(name)
                      if option == "--pause"]
            self.assertEqual([t + ":00" for t in guide.times()], stands)
            for line in guide.text.splitlines():
                self.assertLessEqual(len(line), 80, line)

    # ---- what they are made of

    def test_the_folders_are_what_their_generator_writes(self):
        for name in RACES:
            out = self.path(name)
            self.assertEqual(make(name, out).returncode, 0)
            written = [os.path.relpath(os.path.join(folder, file), out)
                       for folder, _, found in os.walk(out) for file in found]
            self.assertEqual(len(written), 2 + len(rankings(out)))
            for file in written:
                self.assertTrue(filecmp.cmp(os.path.join(out, file),
                                            example(name, file), False), file)
            self.assertEqual(make(name, out).returncode, 1)
            self.assertEqual(make("--force", name, out).returncode, 0)

    def test_a_recording_is_whole_and_always_the_same(self):
        for name in RACES:
            first, second = self.path(name + "1"), self.path(name + "2")
            for out in (first, second):
                self.assertEqual(make("--recording", name, out).returncode, 0)
            self.assertEqual(read(first), read(second))
            status, said, _ = self.run_program("palmares", "verify", first)
            self.assertEqual(status, 0, said)

    def play(self, name):
        race = self.path(name)
        make(name, race)
        make("--recording", name, os.path.join(race, "race.rec"))
        self.aggregator(race)
        status, _, err = self.run_program(
            "palmares-replay", os.path.join(race, "race.rec"), "--race", race)
        self.assertEqual(status, 0, err)
        self.assertNotIn("other rules", err)
        return race

    def test_whoever_decides_nothing_has_other_results(self):
        race = self.play("day-of-trouble")
        for ranking in rankings(race):
            self.assertNotEqual(
                self.export(race, ranking, "--format", "csv"),
                read(example("day-of-trouble", "results", ranking + ".csv")),
                ranking)

    def test_the_clean_race_has_no_problem(self):
        race = self.play("clean-race")
        _, said, _ = self.run_program("palmares", "problems", "--race", race)
        self.assertEqual(said, "no problems\n")

    def test_nothing_stands_still_where_there_are_no_keys(self):
        race = self.play("clean-race")
        recording = os.path.join(race, "race.rec")
        for moment, told in (("10:20", "needs a terminal"),
                             ("half past ten", "--pause half past ten")):
            status, _, err = self.run_program(
                "palmares-replay", recording, "--race", race,
                "--pause", moment)
            self.assertEqual(status, 2, err)
            self.assertIn(told, err)
        done = subprocess.run([os.path.join(ROOT, "scripts", "rehearse")],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"needs a terminal", done.stderr)

    # ---- the script

    def begun(self, *more):
        race = self.rehearse("scripts/rehearse day-of-trouble", *more)
        race.sees("Enter begins")
        race.type("\n")
        race.sees("10:08:00 stands still")
        return race

    def decisions(self):
        return self.mine("palmares history")[1]

    def test_what_was_ended_is_gone_on_with_or_begun_anew(self):
        race = self.begun()
        self.mine("palmares gun blue 10:00:07 --yes --reason video")
        race.type(" ")
        race.sees("10:22:00 stands still")
        race.type("q")
        race.sees("Enter ends")
        race.type("\n")
        self.assertEqual(race.ends(), 0)
        self.assertFalse(os.path.exists(os.path.join(self.home, "endpoint")))

        race = self.rehearse("scripts/rehearse day-of-trouble")
        race.sees("where you left it")
        race.sees("Enter begins")
        race.type("\n")
        race.sees("10:22:00 stands still")
        self.assertNotIn("10:08:00 stands still", race.text())
        self.assertIn("gun of blue at 10:00:07", self.decisions())
        os.killpg(race.process.pid, signal.SIGHUP)
        race.ends()

        self.begun("--anew")
        self.assertNotIn("gun of blue", self.decisions())

    def test_a_slip_in_a_verb_is_told_what_may_be_meant(self):
        for typed, meant in (("explian", "did you mean palmares explain?"),
                             ("problem", "did you mean palmares problems?"),
                             ("dsq", "did you mean palmares mark dsq 112?"),
                             ("xyzzy", "no such verb\n")):
            status, _, err = self.run_program("palmares", typed, "112")
            self.assertEqual(status, 2)
            self.assertIn(meant, err)

    def test_a_command_in_the_wrong_terminal_begins_and_ends_nothing(self):
        race = self.rehearse("scripts/rehearse day-of-trouble")
        race.sees("Enter begins")
        race.type("palmares gun blue 10:00:07\n")
        since = race.sees("into your terminal")
        race.sees("Enter begins", since)
        race.type("\n")
        race.sees("10:08:00 stands still")
        # What is typed up to a q ends the replay, and the rest nothing.
        race.type("palmares mark dsq")
        since = race.sees("Enter ends")
        race.type(" 112\n")
        race.sees("into your terminal", since)
        self.assertIn("palmares-aggreg", running_in(race.process.pid))
        self.assertIn("nothing was decided", self.decisions())

    def test_ctrl_c_ends_it_with_a_line_of_its_own(self):
        race = self.rehearse("scripts/rehearse day-of-trouble")
        race.sees("Enter begins")
        race.type("\x03")
        self.assertEqual(race.ends(), 130)
        self.assertRegex(race.text(), "\nrehearse: ended; the same command")
        self.assertEqual(running_in(race.process.pid), [])

    def test_nothing_is_left_behind_when_the_terminal_is_closed(self):
        race = self.begun()
        self.assertIn("palmares-aggreg", running_in(race.process.pid))
        os.killpg(race.process.pid, signal.SIGHUP)
        race.ends()
        self.assertEqual(running_in(race.process.pid), [])

    def test_a_folder_that_is_no_rehearsal_is_left_alone(self):
        kept = write(os.path.join(self.home, "results.csv"), "mine\n")
        race = self.rehearse("scripts/rehearse --anew")
        self.assertEqual(race.ends(), 1)
        self.assertIn("is no rehearsal", race.text())
        self.assertEqual(read(kept), b"mine\n")

    def test_one_terminal_rehearses_in_a_folder_at_a_time(self):
        self.begun()
        second = self.rehearse("scripts/rehearse day-of-trouble --anew")
        self.assertEqual(second.ends(), 1)
        self.assertIn("another terminal", second.text())


if __name__ == "__main__":
    palmares_test.main()
