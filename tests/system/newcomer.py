#!/usr/bin/env python3
"""
newcomer - two laptops and a spreadsheet, by the README alone: its commands are
taken out of it and typed into the terminals (tmux) of two machines, which are
network namespaces with a wire between them.

    newcomer.py           with the programs of $PALMARES_BIN
    newcomer.py --full    both laptops clone, build and install first: prints
                          how long each step took (needs the packages' mirror)

Skipped where one may not make network namespaces.
"""

import os
import re
import shutil
import subprocess
import sys
import time

import palmares_test
from palmares_test import BIN, ROOT, SKIP, Failed, System, wait_until

FULL = "--full" in sys.argv
ADDRESS = ["10.77.0.1", "10.77.0.2"]

# As a French spreadsheet saves it: CP1252, semicolons, its own column names.
PEOPLE = """Dossard;Nom;Prénom;Sexe;Club;Téléphone
101;Lovelace;Ada;Femme;Tortues;0600000001
102;Noël;Gaëlle;Femme;Tortues;0600000002
103;Müller;Jürgen;Homme;Lièvres;0600000003
""".replace("\n", "\r\n").encode("cp1252")


def run(*args):
    return subprocess.run(args, check=True, capture_output=True)


def may_make_namespaces():
    name = "palmares-try-%d" % os.getpid()
    try:
        run("ip", "netns", "add", name)
        run("ip", "netns", "del", name)
        return True
    except (OSError, subprocess.CalledProcessError):
        return False


def readme_commands(marker):
    """The block of README.md behind <!-- marker -->."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        found = re.search(r"<!-- %s -->\n```\n(.*?)```\n" % re.escape(marker),
                          f.read(), re.S)
    if found is None:
        raise Failed("README.md has no commands for '%s'" % marker)
    return found.group(1).splitlines()


class Terminal:
    """A terminal of a laptop, that somebody types into."""

    def __init__(self, test, namespace, folder, path):
        self.tmux = ["ip", "netns", "exec", namespace, "tmux", "-S",
                     os.path.join(folder, "tmux-%d" % time.monotonic_ns())]
        env = {"PATH": path, "HOME": folder, "TERM": "screen-256color",
               "LC_ALL": "C.UTF-8"}
        subprocess.run(
            self.tmux + ["-f", "/dev/null", "new-session", "-d", "-x", "100",
                         "-y", "30", "-c", folder,
                         "bash --noprofile --norc"], check=True, env=env)
        test.addCleanup(lambda: subprocess.run(
            self.tmux + ["kill-server"], check=False,
            stderr=subprocess.DEVNULL))
        self.type("PS1='ready$ '; clear", "Enter")
        self.prompt()

    def screen(self):
        return subprocess.run(self.tmux + ["capture-pane", "-p", "-S", "-200"],
                              check=True, capture_output=True).stdout.decode()

    def type(self, text, *keys):
        subprocess.run(self.tmux + ["send-keys", "-l", text], check=True)
        for key in keys:
            subprocess.run(self.tmux + ["send-keys", key], check=True)

    def see(self, what, condition, timeout):
        seen = [""]

        def there():
            seen[0] = self.screen()
            return condition(seen[0])

        try:
            wait_until("the terminal shows %s" % what, there, timeout)
        except Failed as e:
            raise Failed("%s\n%s" % (e, seen[0])) from None

    def sees(self, words, timeout=palmares_test.PATIENCE):
        self.see(repr(words), lambda screen: words in screen, timeout)

    def prompt(self, timeout=palmares_test.PATIENCE):
        """Waits until the last command has ended."""
        self.see("a prompt", lambda screen: screen.rstrip().endswith("ready$"),
                 timeout)


class Newcomer(System):
    def setUp(self):
        super().setUp()
        self.laptops = ["palmares-%d-%d" % (os.getpid(), i) for i in (1, 2)]
        self.homes = [self.path("laptop%d" % i) for i in (1, 2)]
        for home in self.homes:
            os.mkdir(home)
        for name in self.laptops:
            run("ip", "netns", "add", name)
            self.addCleanup(run, "ip", "netns", "del", name)
        run("ip", "link", "add", "wire", "netns", self.laptops[0], "type",
            "veth", "peer", "name", "wire", "netns", self.laptops[1])
        for name, address in zip(self.laptops, ADDRESS):
            inside = ["ip", "netns", "exec", name, "ip"]
            run(*inside, "address", "add", address + "/24", "dev", "wire")
            run(*inside, "link", "set", "wire", "up")
            run(*inside, "link", "set", "lo", "up")
        self.begun = time.monotonic()

    def lap(self, what):
        print("newcomer: %5.1f s  %s" % (time.monotonic() - self.begun, what),
              flush=True)

    def programs_paths(self):
        """Where the programs are; with --full they are built first."""
        rest = os.environ["PATH"]
        if not FULL:
            return [BIN + ":" + rest] * 2
        for home in self.homes:
            clone = os.path.join(home, "palmares")
            run("git", "clone", "--quiet", ROOT, clone)
            subprocess.run(["scripts/install", "--prefix", home + "/.local"],
                           cwd=clone, check=True)
            self.lap("installed on " + os.path.basename(home))
        return [home + "/.local/bin:" + rest for home in self.homes]

    def test_a_board_is_live_on_the_second_laptop(self):
        paths = self.programs_paths()
        with open(os.path.join(self.homes[0], "people.csv"), "wb") as f:
            f.write(PEOPLE)

        first = Terminal(self, self.laptops[0], self.homes[0], paths[0])
        first.type("\n".join(readme_commands("laptop 1")), "Enter")
        first.sees("[y/N]")
        self.assertIn("Téléphone", first.screen())
        first.type("y", "Enter")
        first.prompt()
        self.lap("the race folder is made")
        first.type("\n".join(readme_commands("laptop 1, then")), "Enter")
        first.sees("--aggregator " + ADDRESS[0])
        self.lap("the aggregator runs")

        keyboard = Terminal(self, self.laptops[0], self.homes[0], paths[0])
        for line in readme_commands("laptop 1, second terminal"):
            keyboard.type(line, "Enter")
        keyboard.sees("Club 5 km")
        keyboard.type("102", "Enter")
        keyboard.sees("Gaëlle")
        self.lap("a bib is typed")

        second = Terminal(self, self.laptops[1], self.homes[1], paths[1])
        for line in readme_commands("laptop 2"):
            second.type(line.replace("192.168.1.7", ADDRESS[0]), "Enter")
        second.sees("LIVE")
        second.sees("Noël")
        self.lap("the board is live on the second laptop")

        keyboard.type("103", "Enter")
        second.sees("Müller")
        self.assertIn("Lièvres", second.screen())
        self.lap("and moves")


if __name__ == "__main__":
    if shutil.which("tmux") is None or not may_make_namespaces():
        print("skipped: needs tmux, and the right to make network namespaces")
        sys.exit(SKIP)
    sys.argv = [a for a in sys.argv if a != "--full"]
    palmares_test.main()
