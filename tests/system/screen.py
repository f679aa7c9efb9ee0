#!/usr/bin/env python3
"""
screen - the live board as a person sees it: palmares-display in tmux, keys sent
and the screen read back.  Skipped where there is no tmux.
"""

import os
import re
import shutil
import signal
import subprocess
import sys

import palmares_test
from palmares_test import BIN, ROOT, SKIP, Failed, System, wait_until

POINTS = ["depart", "mi-course", "arrivee"]


class Terminal(System):
    """A palmares-display in a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)
        self.new_terminal("tmux")

    def new_terminal(self, name):
        """A server of our own: nobody else's sessions are touched."""
        self.socket = self.path(name)
        self.addCleanup(
            subprocess.run, ["tmux", "-S", self.socket, "kill-server"],
            check=False, stderr=subprocess.DEVNULL)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket] + list(args),
                              check=True, capture_output=True).stdout.decode()

    def display(self, *args, width=80, height=24):
        self.run_in_it("--race", self.race, *args, width=width, height=height)

    def run_in_it(self, *args, width=80, height=24):
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="screen-256color")
        env.pop("NO_COLOR", None)
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d",
             "-x", str(width), "-y", str(height),
             os.path.join(BIN, "palmares-display") + " " + " ".join(args) +
             "; echo ended with $?; cat"],
            check=True, env=env)

    def lines(self):
        return self.tmux("capture-pane", "-p").splitlines()

    def key(self, *keys):
        self.tmux("send-keys", *keys)

    def see(self, what, condition):
        """The screen's lines, once they are as wanted."""
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

    def replay(self):
        for p in POINTS:
            self.ends_well(self.collector(
                self.race, p, "csv:%s/crossings/%s.csv" % (self.race, p),
                "--once", "--timeout", "60"))

    def first_place(self, lines):
        for line in lines:
            found = re.match(r" {3,4}1[ =] *(.*)", line)
            if found:
                return found.group(1)
        return ""


class Screen(Terminal):
    def test_a_board_fills_while_the_race_runs(self):
        self.aggregator(self.race)
        self.display("scratch")
        lines = self.sees("LIVE", "Les 8 kilomètres", "scratch")
        self.assertEqual(self.first_place(lines), "")
        self.replay()
        lines = self.sees("Fabrice Legeay", "30:16", "Antoine Cupillard")
        self.assertIn("Fabrice Legeay", self.first_place(lines))
        self.assertLessEqual(max(len(line) for line in lines), 80)
        self.key("q")
        self.sees("ended with 0")

    def test_keys_switch_find_and_scroll(self):
        self.aggregator(self.race)
        self.replay()
        self.display("scratch")
        self.sees("Fabrice Legeay")
        self.key("2")
        self.see("the first woman leads", lambda lines:
                 "Svetlana Molyavkina" in self.first_place(lines))
        self.key("Left")
        self.see("back at everybody", lambda lines:
                 "Fabrice Legeay" in self.first_place(lines))
        self.key("PgDn")
        self.see("the first line is gone", lambda lines:
                 not any("Fabrice Legeay" in line for line in lines))
        # Accents and capitals do not matter.
        self.key("/")
        self.key("-l", "fabrice andre")
        self.sees("Fabrice André")
        self.key("Escape")
        self.key("7")
        self.sees("Nespresso", "176 km", "22 in")

    def test_it_says_stale_and_since_when_and_comes_back(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        self.display("scratch")
        self.sees("LIVE", "Fabrice Legeay")
        listen = self.endpoint(self.race)
        aggregator.process.send_signal(signal.SIGSTOP)
        lines = self.sees("STALE")
        self.assertTrue(any("Fabrice Legeay" in line for line in lines))
        aggregator.process.send_signal(signal.SIGCONT)
        self.sees("LIVE")
        aggregator.kill9()
        self.sees("STALE")
        self.aggregator(self.race, listen=listen)
        self.sees("LIVE", "Fabrice Legeay")

    def test_it_takes_any_size(self):
        self.aggregator(self.race)
        self.replay()
        self.display("scratch", width=132, height=40)
        lines = self.sees("LIVE", "Bristol-Myers Squibb")
        self.assertGreater(len([x for x in lines if ":" in x]), 30)
        for width, height in ((40, 12), (20, 5), (80, 24)):
            self.tmux("resize-window", "-x", str(width), "-y", str(height))
            self.see("it fits %d x %d" % (width, height), lambda lines:
                     len(lines) <= height and
                     max(len(x) for x in lines) <= width)
        self.sees("LIVE", "Fabrice Legeay", "30:16")

    def test_it_waits_for_an_aggregator_and_says_so(self):
        self.display("scratch")
        self.sees("WAITING")
        self.key("q")
        self.sees("ended with 0")


def main():
    if shutil.which("tmux") is None:
        print("skipped: no tmux to see a screen with")
        sys.exit(SKIP)
    palmares_test.main()


if __name__ == "__main__":
    main()
