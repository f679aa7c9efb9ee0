#!/usr/bin/env python3
"""
correct - a rehearsal on the example race: wrong gun, chip mix-up, unknown chip,
missed finish, disqualification, photo finish, a prize handed on, each mended by
the commands, undone and done again; two operators at once; an aggregator killed
between.
"""

import collections
import csv
import io
import json
import os
import pty
import re
import select
import shutil
import threading
import time

import palmares_test
from palmares_test import (PATIENCE, ROOT, System, program_path, read,
                           wait_until, write)

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")
GHOST = "DEADBEEF"  # a chip that nobody has


class Terminal:
    """palmares on a terminal, where it asks."""

    def __init__(self, args, env):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(program_path("palmares"), ["palmares"] + list(args), env)

    def read_until(self, words, timeout=PATIENCE):
        """words None: to its end.  What came since is forgotten."""
        end = time.monotonic() + timeout
        while words is None or words not in self.text:
            ready, _, _ = select.select([self.fd], [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                raise palmares_test.Failed("no %r in %s" % (words, self.text))
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                if words is None:
                    break
                raise palmares_test.Failed("ended without %r: %s"
                                           % (words, self.text))
            self.text += data.decode("utf-8", "replace").replace("\r", "")
        text, self.text = self.text, ""
        return text

    def say(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def end(self):
        """(exit status, what it said last)"""
        text = self.read_until(None)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status), text


class Correct(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        shutil.copytree(EXAMPLE, self.race)

    def begin(self):
        self.running = self.aggregator(self.race)
        for point in POINTS:
            self.ends_well(self.collector(
                self.race, point, "csv:" + os.path.join(
                    self.race, "crossings", point + ".csv"), "--once"))

    def kill_and_start_again(self):
        listen = self.endpoint(self.race)
        self.running.kill9()
        self.running = self.aggregator(self.race, listen=listen)

    def edit(self, name, change):
        path = os.path.join(self.race, name)
        write(path, change(read(path).decode()))

    def palmares(self, *args):
        return self.run_program("palmares", *args, "--race", self.race)

    def ok(self, *args):
        status, out, err = self.palmares(*args)
        self.assertEqual(status, 0, "%s\n%s%s" % (args, out, err))
        return out

    def decide(self, *args, reason="rehearsal", by="anna"):
        """Its numbers, as undo takes them."""
        before = self.boards()
        out = self.ok(*args, "--yes", "--reason", reason, "--by", by)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        found = re.search(r"undone with palmares undo (.*)", out)
        self.assertIsNotNone(found, out)
        self.told_what_changed(out, before)
        return found.group(1).split()

    def told_what_changed(self, out, before):
        """No ranking has other places than before without being named."""
        after = self.boards()
        for name, was in before.items():
            if was != after[name]:
                self.assertRegex(out, r"(?ms)^  (%s$|the same places .*\b%s\b)"
                                 % (name, name))

    def boards(self):
        return self.exports(self.race, "--offline")

    def row(self, bib, ranking="scratch"):
        data = self.export(self.race, ranking, "--offline").decode()
        return next(r for r in csv.DictReader(io.StringIO(data))
                    if r["bib"] == bib)

    def differ(self, boards):
        """The rankings that are not as in these boards."""
        return [name for name, now in self.boards().items()
                if now != boards[name]]

    def mended(self, *args):
        """Decided, undone and done again; the boards follow each time.
        Returns the numbers of what holds."""
        before = self.boards()
        numbers = self.decide(*args)
        after = self.boards()
        self.assertNotEqual(self.differ(before), [], args)
        undo = self.decide("undo", *numbers)
        self.assertEqual(self.differ(before), [], args)
        self.decide("undo", *undo)
        self.assertEqual(self.differ(after), [], args)
        return numbers

    def tried(self, *args):
        """The same, and undone in the end."""
        before = self.boards()
        self.decide("undo", *self.mended(*args))
        self.assertEqual(self.differ(before), [], args)

    def awards(self):
        return self.ok("awards", "--format", "json")

    def handed_on(self, *args):
        """As mended(), of a prize: no board shows it."""
        boards, before = self.boards(), self.awards()
        numbers = self.decide("award", *args)
        after = self.awards()
        self.assertNotEqual(after, before)
        undo = self.decide("undo", *numbers)
        self.assertEqual(self.awards(), before)
        self.decide("undo", *undo)
        self.assertEqual(self.awards(), after)
        self.assertEqual(self.differ(boards), [])
        return numbers

    def prize(self, award, place):
        return next(p for a in json.loads(self.awards())["awards"]
                    if a["award"] == award for p in a["prizes"]
                    if p["place"] == place)

    def same_everywhere(self):
        """What the aggregator has, race.db and a recording of it."""
        boards, awards = self.boards(), self.awards()
        recording = self.path("race.rec")
        self.ok("record", recording)
        self.assertEqual(self.exports(self.race), boards)
        for name, board in boards.items():
            status, out, err = self.run_program(
                "palmares", "export", "--from", recording, "--ranking", name,
                "--format", "csv")
            self.assertEqual((status, out), (0, board.decode()), err)
        status, out, err = self.run_program(
            "palmares", "awards", "--from", recording, "--format", "json")
        self.assertEqual((status, out), (0, awards), err)
        os.remove(recording)

    def test_a_wrong_gun(self):
        self.begin()
        first = self.row("15")
        self.mended("gun", "masse", "10:00:05")
        self.assertEqual(float(self.row("15")["time"]),
                         float(first["time"]) - 5)
        # A crossing chosen as the gun, and the time of day of before.
        reads = [json.loads(line) for line in self.ok(
            "reads", "--point", "depart", "--format", "json").splitlines()]
        gun = next(r for r in reads if "T10:00:0" in r["time"])
        self.decide("gun", gun["read"])
        self.assertEqual(
            round(float(first["time"]) - float(self.row("15")["time"]), 6),
            (gun["time_us"] - 1411286400000000) / 1e6)
        self.assertIn("already", self.ok("gun", "masse", gun["read"], "--yes",
                                         "--reason", "again"))
        self.stops_well(self.running)

    def finishes(self):
        path = os.path.join(self.race, "crossings", "arrivee.csv")
        return read(path).decode().splitlines()[1:]

    def test_a_race_that_is_mended_is_the_race_as_it_was(self):
        """Faults are put into the example, and mended by the commands."""
        self.begin()
        whole, prizes = self.boards(), self.awards()
        self.stops_well(self.running)
        entries = {r["bib"]: r for r in csv.DictReader(io.StringIO(
            read(os.path.join(self.race, "entries.csv")).decode()))}
        shutil.rmtree(self.race)
        shutil.copytree(EXAMPLE, self.race)
        chip = {b: entries[b]["chip"] for b in entries}
        bib = {c.lstrip("0"): b for b, c in chip.items() if c}
        seen = collections.Counter(bib.get(line.split(",")[1].upper().lstrip(
            "0")) for line in self.finishes())
        once = [b for b in seen if seen[b] == 1 and b]
        mixed, other, ghost, missed = "15", "383", once[3], once[5]

        def mix_up(text):
            return text.replace(chip[mixed], "@").replace(
                chip[other], chip[mixed]).replace("@", chip[other])

        def lose(text):
            lines = []
            for line in text.splitlines():
                seen = line.split(",")[1].upper().lstrip("0")
                if seen == chip[ghost].lstrip("0"):
                    line = line.replace(line.split(",")[1], GHOST)
                if seen == chip[missed].lstrip("0"):
                    self.lost.append(line.split(",")[0])
                    continue
                lines.append(line)
            return "\n".join(lines) + "\n"

        self.lost = []
        self.edit("entries.csv", mix_up)
        self.edit("crossings/arrivee.csv", lose)
        self.assertEqual(len(self.lost), 1)
        self.edit("race.yaml", lambda text: text.replace(
            'gun: "10:00:00"', 'gun: "10:00:30"'))
        self.begin()
        faulty, faulty_prizes = self.boards(), self.awards()
        self.assertEqual(set(self.differ(whole)), set(whole))
        # The wrong gun.
        done = self.mended("gun", "masse", "10:00:00")
        # Chips: the second command gives back what the first one took.
        chips = self.decide("change", mixed, "chip=" + chip[mixed])
        self.assertEqual(self.row(other)["time"], "")
        chips += self.decide("change", other, "chip=" + chip[other])
        done += chips
        # The unknown chip.
        unknown = [json.loads(line) for line in self.ok(
            "reads", "--unknown", "--format", "json").splitlines()]
        found = [r for r in unknown if r["under"] == GHOST]
        self.assertEqual(len(found), 1)
        done += self.mended("move", found[0]["read"], "bib=" + ghost)
        # The missed finish.
        done += self.mended("add", missed, "arrivee", self.lost[0])
        self.assertEqual(self.differ(whole), [])
        self.assertEqual(self.awards(), prizes)
        # Mended it is the race as it was; now what the jury decides.
        done += self.mended("mark", "dsq", mixed)
        self.assertEqual(self.prize("Hommes", 1)["winners"][0]["bib"], other)
        done += self.handed_on("Hommes", "1", "--to", missed, "--note",
                               "by his own wish")
        prize = self.prize("Hommes", 1)
        self.assertEqual((prize["winners"][0]["bib"], prize["holder"]["bib"],
                          prize["note"]), (other, missed, "by his own wish"))
        after, after_prizes = self.boards(), self.awards()
        self.same_everywhere()
        # All of it is undone, and done again.
        undo = self.decide("undo", *done)
        self.assertEqual(self.differ(faulty), [])
        self.assertEqual(self.awards(), faulty_prizes)
        self.kill_and_start_again()
        self.assertEqual(self.differ(faulty), [])
        self.decide("undo", *undo)
        self.assertEqual(self.differ(after), [])
        self.assertEqual(self.awards(), after_prizes)
        # The chips are mixed up again, and nothing else.
        self.decide("undo", *chips)
        self.assertNotEqual(self.differ(after), [])
        self.kill_and_start_again()
        self.same_everywhere()
        self.assertIn("undone by", self.ok("history"))
        self.stops_well(self.running)

    def test_every_verb_is_undone_and_done_again(self):
        self.begin()
        self.tried("mark", "dnf", "15", "383")
        self.tried("penalty", "401", "+2:00")
        self.tried("penalty", "401", "-0:30")
        self.tried("time", "15", "arrivee", "10:35:00.5")
        self.tried("add", "15", "arrivee", "+30:00")
        self.assertIn("which counts: palmares time sets another", self.ok(
            "add", "15", "arrivee", "+31:00", "--dry-run"))
        self.tried("void", "arrivee:2")
        self.tried("move", "arrivee:3", "point=mi-course")
        self.tried("start", "23", "+1:00")
        self.mended("change", "23", "bib=9023", "team=PMU", "name=Zoé Petit")
        self.assertEqual(self.row("9023")["name"], "Zoé Petit")
        # 15 and 383 are 37 s apart: no photo finish.
        status, out, err = self.palmares("swap", "15", "383", "--dry-run")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("more than a photo finish", err)
        rows = list(csv.DictReader(io.StringIO(self.export(
            self.race, "scratch", "--offline").decode())))
        a, b = next((x, y) for x, y in zip(rows[20:], rows[21:])
                    if 0 < float(y["time"]) - float(x["time"]) < 5)
        self.mended("swap", a["bib"], b["bib"])
        self.assertEqual(self.row(a["bib"])["time"], b["time"])
        self.assertEqual(self.row(b["bib"])["time"], a["time"])
        self.stops_well(self.running)

    def test_what_cannot_be_is_refused_and_helps(self):
        self.begin()
        before = self.boards()
        for args, words in (
                (("mark", "dsq", "1500"), "did you mean"),
                (("time", "15", "arrive", "10:31:00"), "did you mean 'arriv"),
                (("void", "arrivee:99999"), "palmares reads"),
                (("undo", "1"), "nothing was decided yet"),
                (("change", "15", "bib=383"), "is that of Antoine Cupillard"),
                (("time", "15", "arrivee", "09:00:00"), "before the start")):
            status, out, err = self.palmares(*args, "--yes", "--reason", "x")
            self.assertEqual((status, out), (1, ""), err)
            self.assertIn(words, err)
        # A reason is asked for; without a terminal it has to be there.
        status, _, err = self.palmares("mark", "dsq", "15", "--yes")
        self.assertEqual(status, 2)
        self.assertIn("--reason", err)
        status, out, _ = self.palmares("mark", "dsq", "15", "--reason", "x")
        self.assertEqual(status, 1)
        self.assertIn("--yes decides this", out)
        self.decide("mark", "dsq", "15")
        self.assertIn("15 Fabrice Legeay is DSQ already", self.ok(
            "mark", "dsq", "15", "--yes", "--reason", "x"))
        self.decide("undo", "1")
        status, _, err = self.palmares("undo", "1", "--yes", "--reason", "x")
        self.assertEqual(status, 1)
        self.assertIn("by 2: palmares undo 2", err)
        self.assertEqual(self.differ(before), [])
        self.assertEqual(len(self.ok("history").splitlines()), 2)
        self.stops_well(self.running)

    def test_without_an_aggregator_it_is_shown_alone(self):
        self.begin()
        self.stops_well(self.running)
        before = read(os.path.join(self.race, "race.db"))
        out = self.ok("mark", "dsq", "15", "--dry-run")
        self.assertIn("place 1, 30:16 -> DSQ", out)
        self.assertIn("nothing was decided: --dry-run", out)
        status, out, err = self.palmares("mark", "dsq", "15", "--yes",
                                         "--reason", "x")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("palmares-aggregator " + self.race, err)
        self.assertEqual(read(os.path.join(self.race, "race.db")), before)

    def test_a_file_is_all_or_nothing(self):
        self.begin()
        before = self.boards()
        path = write(self.path("jury.csv"),
                     "verb;bib;point;time;amount;team;reason\n"
                     "dsq;15;;;;;cut the course\n"
                     "time;383;arrivee;10:31:00;;;\n"
                     "kick;383;;;;;\n"
                     "penalty;1500;;;+1:00;;\n")
        status, out, err = self.palmares("correct", path, "--yes",
                                         "--reason", "jury")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("jury.csv:4: verb \"kick\"", err)
        self.assertIn("jury.csv:5: nobody has bib", err)
        self.assertEqual(self.differ(before), [])
        write(path, read(path).decode().replace("kick", "dnf").replace(
            "1500", "401"))
        status, out, err = self.palmares("correct", path, "--yes",
                                         "--reason", "jury")
        self.assertEqual(status, 0, out + err)
        self.assertIn("decided: numbers 1-4", out)
        self.assertIn("(cut the course)", self.ok("history", "15"))
        self.assertIn("(jury)", self.ok("history", "401"))
        self.assertEqual(self.row("383")["status"], "DNF")
        self.decide("undo", "1-4")
        self.assertEqual(self.differ(before), [])
        self.stops_well(self.running)

    def people(self):
        """bib -> row of the roster as it is exported."""
        return {r["bib"]: r for r in csv.DictReader(io.StringIO(
            self.ok("roster", "export")))}

    def test_a_late_entry_is_entered_changed_and_removed(self):
        self.begin()
        before, people = self.boards(), self.people()
        # Somebody runs with a bib that is in no list.
        late = ("enter", "9071", "nom=Zoé Petit", "sexe=femme",
                "équipe=P.M.U.")
        out = self.ok(*late, "--dry-run")
        self.assertIn("entry 9071: Zoé Petit, F, P.M.U.\n", out)
        self.assertIn("9071 has 1 read waiting; it counts now", out)
        self.assertIn('new team "P.M.U.": near to "PMU"', out)
        self.assertEqual(self.people(), people)
        self.mended(*late)
        self.assertNotEqual(self.row("9071", "mi-course")["place"], "")
        out = self.ok("change", "9071", "équipe=PMU", "--yes", "--reason", "x")
        self.assertIn("team: P.M.U. -> PMU", out)
        self.assertEqual(self.people()["9071"]["team"], "PMU")
        for args, words in (
                (("enter", "9071", "name=Ada"), "palmares change 9071"),
                (("enter", "9072", "sex=Q"), "must be F, M or X"),
                (("enter", "9072", "tem=PMU"), "nobody has such a column"),
                # A bib that is mistyped takes out nobody.
                (("remove", "9071", "7777"), "nobody has bib")):
            status, out, err = self.palmares(*args, "--yes", "--reason", "x")
            self.assertEqual((status, out), (1, ""), err)
            self.assertIn(words, err)
        # He was on the list all the same, and not she.
        removed = self.mended("remove", "9071")
        self.assertNotIn("9071", self.people())
        for args in (("mark", "dnf", "9071", "--dry-run"), ("explain", "9071"),
                     ("compare", "9071", "15")):
            status, _, err = self.palmares(*args)
            self.assertEqual(status, 1)
            self.assertIn("decision %s has removed it; palmares undo %s"
                          % (removed[0], removed[0]), err)
        self.kill_and_start_again()
        self.assertEqual(self.differ(before), [])
        self.decide("undo", *removed)
        self.assertEqual(self.people()["9071"]["name"], "Zoé Petit")
        self.same_everywhere()
        self.stops_well(self.running)

    def test_who_is_on_the_list_is_removed_and_comes_back(self):
        self.begin()
        before = self.boards()
        out = self.ok("remove", "15", "401", "--dry-run")
        for words in ("entry 15 removed - Fabrice Legeay",
                      "15 has 4 reads, nobody's then",
                      "15   Fabrice Legeay  place 1, 30:16",
                      "401  Louis Roudaut   place 3, 31:21",
                      "383 Antoine Cupillard"):
            self.assertIn(words, out)
        self.tried("remove", "15", "401")
        self.assertEqual(self.row("15")["place"], "1")
        numbers = self.decide("remove", "15", "401")
        self.assertNotIn("15", self.people())
        # The list says so still, when the aggregator reads it again.
        self.stops_well(self.running)
        self.running = self.aggregator(self.race)
        self.assertNotIn("15", self.people())
        self.assertIn("undo " + numbers[0].split("-")[0], self.ok(
            "enter", "15", "name=Fabrice", "--dry-run"))
        self.decide("undo", *numbers)
        self.assertEqual(self.differ(before), [])
        self.stops_well(self.running)

    def test_late_entries_of_a_file(self):
        self.begin()
        before, people = self.boards(), self.people()
        path = write(self.path("late.csv"),
                     "Verb,bib,name,sex,team,chip\n"
                     "Enter,9071,Zoé Petit,F,PMU,\n"
                     "enter,9072,Paul Roy,M,,DEADC0\n"
                     "change,77,,,Webhelp,\n"
                     "remove,412,,,,\n")
        numbers = self.decide("correct", path, reason="paid on the day")
        self.assertEqual(numbers, ["1-4"])
        now = self.people()
        self.assertEqual((now["9071"]["name"], now["9072"]["chip"],
                          now["77"]["team"]),
                         ("Zoé Petit", "DEADC0", "Webhelp"))
        self.assertEqual(now["77"]["name"], people["77"]["name"])
        self.assertNotIn("412", now)
        # All of its reads were those of an unknown chip.
        self.assertEqual(self.row("9072")["status"], "finished")
        self.assertEqual(self.ok("history").count("(paid on the day)"), 4)
        self.decide("undo", "2")
        self.assertNotIn("9072", self.people())
        self.assertIn("9071", self.people())
        self.decide("undo", "1", "3-4")
        self.assertEqual(self.differ(before), [])
        self.assertEqual(self.people(), people)
        self.stops_well(self.running)

    def test_before_the_race_the_list_is_a_file(self):
        list_of = read(os.path.join(self.race, "entries.csv"))
        for args in (("enter", "9071", "name=Zoé"), ("remove", "15")):
            status, out, err = self.palmares(*args, "--yes", "--reason", "x")
            self.assertEqual((status, out), (1, ""))
            self.assertIn("until then entries.csv says who is entered", err)
        self.assertEqual(read(os.path.join(self.race, "entries.csv")), list_of)
        self.assertFalse(os.path.exists(os.path.join(self.race, "race.db")))

    def test_two_operators_at_once(self):
        self.begin()
        self.assertEqual(self.row("15")["time"], "1815.4")

        def add(by):
            for _ in range(3):
                self.ok("penalty", "15", "+0:01", "--yes", "--reason", "x",
                        "--by", by)

        both = [threading.Thread(target=add, args=(by,))
                for by in ("anna", "bob")]
        for t in both:
            t.start()
        for t in both:
            t.join()
        self.assertEqual(self.row("15")["time"], "1821.4")
        history = self.ok("history", "15").splitlines()
        self.assertEqual([int(line.split()[0]) for line in history],
                         [1, 2, 3, 4, 5, 6])
        self.decide("undo", "1-6")
        self.assertEqual(self.row("15")["time"], "1815.4")
        self.stops_well(self.running)

    def on_terminal(self, *args):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("PALMARES_")}
        env.update(LC_ALL="C.UTF-8", PALMARES_RACE=self.race)
        return Terminal(args, env)

    def test_who_is_asked_hears_what_another_decided_meanwhile(self):
        self.begin()
        t = self.on_terminal("mark", "dsq", "15", "--by", "anna")
        shown = t.read_until("Decide this? [y/N]")
        self.assertIn("383 Antoine Cupillard", shown)
        t.say("y")
        t.read_until("Why?")
        self.decide("mark", "dns", "383", by="bob")
        t.say("")
        t.read_until("Why?")
        t.say("cut the course")
        shown = t.read_until("Decide this? [y/N]")
        self.assertIn("Meanwhile another operator has decided", shown)
        self.assertIn("1 by bob: 383: DNS", shown)
        t.say("y")
        status, shown = t.end()
        self.assertEqual(status, 0)
        self.assertIn("decided: number 2; undone with palmares undo 2", shown)
        self.assertIn("(cut the course)", self.ok("history", "15"))
        t = self.on_terminal("undo", "2", "--reason", "appeal")
        t.read_until("[y/N]")
        t.say("n")
        status, shown = t.end()
        self.assertEqual(status, 1)
        self.assertIn("nothing was decided", shown)
        self.assertEqual(self.row("15")["status"], "DSQ")
        self.stops_well(self.running)

    def test_two_who_agree_at_the_same_moment(self):
        """The second is shown it again, or told what came in between."""
        self.begin()
        for _ in range(3):
            both = [self.on_terminal("penalty", "15", amount, "--reason", "cut",
                                     "--by", by)
                    for by, amount in (("anna", "+1:00"), ("bob", "+2:00"))]
            for t in both:
                t.read_until("Decide this? [y/N]")
            for t in both:
                t.say("y")
            told = [self.agree(t) for t in both]
            numbers = [int(re.search(r"decided: number (\d+);", text).group(1))
                       for text in told]
            first, second = sorted(zip(numbers, told))
            self.assertEqual(first[0] + 1, second[0])
            self.assertNotRegex(first[1], "Meanwhile|just before")
            self.assertRegex(
                " ".join(second[1].split()),
                "Meanwhile another operator has decided: %d by (anna|bob): 15: "
                r"penalty of .* \(cut\)|1 decision of another operator came "
                "just before: what was shown above was without it; palmares "
                "history shows both" % first[0])
        self.assertEqual(self.row("15")["time"], "2355.4")
        self.stops_well(self.running)

    def agree(self, t):
        """To what is asked again; all that it says to its end."""
        text = ""
        while "decided: number" not in text:
            text += t.read_until("\n")
            if text.endswith("would be now:\n"):
                text += t.read_until("Decide this? [y/N]")
                t.say("y")
        status, rest = t.end()
        self.assertEqual(status, 0, text + rest)
        return text + rest

    def test_half_of_a_chip_transfer_undone_says_which_is_the_other(self):
        self.begin()
        chip = self.chip("15")
        self.assertEqual(
            self.decide("change", "16", "chip=%s;%s" % (self.chip("16"), chip)),
            ["1-2"])
        out = self.ok("undo", "2", "--yes", "--reason", "x")
        self.assertIn(
            "chip %s, of 16 until now, is nobody's then, and so are its 4 "
            "crossings: palmares undo 1 as well gives it to 15" % chip,
            " ".join(out.split()))
        out = self.ok("undo", "1", "--yes", "--reason", "x")
        self.assertNotIn("To be looked at", out)
        self.assertEqual(self.row("15")["time"], "1815.4")
        self.stops_well(self.running)

    def chip(self, bib):
        with open(os.path.join(self.race, "entries.csv"),
                  encoding="utf-8") as f:
            return next(row["chip"] for row in csv.DictReader(f)
                        if row["bib"] == bib).lstrip("0")

    def test_the_day_on_which_something_was_decided(self):
        """Not the one that a clock once said, which all later ones go by."""
        shim = os.path.normpath(os.path.join(palmares_test.BIN, "..", "tests",
                                             "clock_shim.so"))
        clock = write(self.path("clock"), "0 0 %d 0\n" % (86400 * 10 ** 9))
        ahead = self.aggregator(self.race, before=(
            "env", "LD_PRELOAD=" + shim, "PALMARES_TEST_CLOCK=" + clock,
            "ASAN_OPTIONS=verify_asan_link_order=0"))
        self.ok("penalty", "15", "+1:00", "--yes", "--reason", "x")
        self.stops_well(ahead)
        self.running = self.aggregator(self.race)
        self.ok("penalty", "15", "+2:00", "--yes", "--reason", "x")
        told = [json.loads(line) for line in
                self.ok("history", "--format", "json").splitlines()]
        self.assertGreater(told[1]["made"], told[0]["made"])
        self.assertLess(told[1]["received"], told[0]["received"])
        days = [line.split()[1] for line in self.ok("history").splitlines()]
        self.assertEqual(days, [told[0]["made"][:10], told[1]["received"][:10]])
        self.assertNotEqual(*days)
        self.assertIn("at %s %s" % (days[1], told[1]["received"][11:19]),
                      " ".join(self.ok("explain", "15").split()))
        lines = self.ok("log", "--kind", "decision").splitlines()
        self.assertIn(" %s " % days[1], lines[1])
        self.stops_well(self.running)

    def test_notes_are_as_many_as_can_be_read(self):
        self.begin()
        bibs = [str(bib) for bib in range(1, 24)]
        self.ok("mark", "dsq", *bibs, "--yes", "--reason", "x")
        out = self.ok("mark", "dsq", *bibs, "--yes", "--reason", "x")
        self.assertEqual(out.splitlines()[-2:],
                         ["and 3 more notes", "nothing to change"])
        self.assertEqual(out.count("is DSQ already"), 20)
        out = self.ok("mark", "dsq", *bibs, "30", "--yes", "--reason", "x")
        self.assertEqual(out.count("is DSQ already"), 20)
        self.assertIn("  and 3 more notes\n", out)
        self.stops_well(self.running)

    def test_the_history_fits_a_terminal_and_is_a_line_each_elsewhere(self):
        self.begin()
        self.ok("change", "15", "team=Une entreprise au nom bien long",
                "name=Jean-Baptiste de la Tour", "--yes", "--reason",
                "as he says " * 5)
        status, shown = self.on_terminal("history").end()
        self.assertEqual(status, 0)
        lines = shown.splitlines()
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertLessEqual(len(line), 80, line)
        out = self.ok("history")
        self.assertEqual(len(out.splitlines()), 1)
        self.assertEqual(shown.split(), out.split())
        self.stops_well(self.running)

    def test_a_prize_is_explained(self):
        self.begin()
        self.decide("award", "Hommes", "1", "--to", "383")
        out = self.ok("explain", "Hommes")
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        out = " ".join(out.split())
        self.assertIn("won by 15 Fabrice Legeay (Coriolis Service), 30:16", out)
        self.assertIn("handed on to 383 Antoine Cupillard", out)
        self.assertIn("Hommes, place 3", out)
        self.assertNotIn("place 1", self.ok("explain", "Hommes", "2"))
        self.assertIn("prize Hommes, place 1: won; handed on to 383",
                      " ".join(self.ok("explain", "15").split()))
        for place in ("4", "0", "scratch"):
            status, _, err = self.palmares("explain", "Hommes", place)
            self.assertNotEqual(status, 0, err)
        self.stops_well(self.running)

    def test_crossings_that_come_meanwhile_keep_nobody_waiting(self):
        self.begin()
        t = self.on_terminal("mark", "dsq", "15", "--reason", "appeal")
        t.read_until("Decide this? [y/N]")
        late = self.path("late.csv")
        write(late, "time,bib\n12:00:00,383\n")
        self.ends_well(self.collector(self.race, "arrivee", "csv:" + late,
                                      "--once", name="late"))
        t.say("y")
        status, shown = t.end()
        self.assertEqual(status, 0)
        self.assertNotIn("Meanwhile", shown)
        self.assertIn("decided: number 1; undone with palmares undo 1", shown)
        self.stops_well(self.running)

    def test_from_afar_numbers_are_told_too(self):
        self.begin()
        to = self.endpoint(self.race)
        rows = self.path("rows.csv")
        write(rows, "verb,bib,status,reason\nmark,15,dsq,a\nmark,383,dns,b\n")
        for words, numbers in ((("penalty", "15", "+1:00"), "number 1"),
                               (("correct", rows), "numbers 2-3"),
                               (("undo", "1"), "number 4")):
            status, out, err = self.run_program(
                "palmares", *words, "--aggregator", to, "--yes", "--reason",
                "rehearsal")
            self.assertEqual(status, 0, err)
            self.assertIn("decided: %s;" % numbers, out)
        self.stops_well(self.running)

    def test_an_aggregator_killed_while_he_thinks(self):
        self.begin()
        before = self.boards()
        t = self.on_terminal("mark", "dsq", "15", "--reason", "cut")
        t.read_until("[y/N]")
        self.kill_and_start_again()
        t.say("y")
        status, shown = t.end()
        self.assertEqual(status, 0, shown)
        self.assertIn("decided: number 1;", shown)
        after = self.boards()
        self.kill_and_start_again()
        self.assertEqual(self.differ(after), [])
        self.decide("undo", "1")
        self.kill_and_start_again()
        self.assertEqual(self.differ(before), [])
        self.stops_well(self.running)

    def test_an_aggregator_that_never_comes_back(self):
        self.begin()
        t = self.on_terminal("penalty", "15", "+1:00", "--reason", "cut")
        t.read_until("[y/N]")
        self.running.kill9()
        t.say("y")
        status, shown = t.end()
        self.assertEqual(status, 1, shown)
        self.assertIn("nothing is decided; palmares history tells", shown)
        self.assertIn("0 of 1 change stored", shown)
        self.assertNotIn("decided: number", shown)
        self.assertEqual(self.ok("history"), "")

    def test_a_display_shows_it(self):
        self.begin()
        display = self.start("palmares-display", "scratch", "--race",
                             self.race)

        def first():
            block = display.out().rstrip().split("\n\n")[-1]
            found = re.search(r"(?m)^\s*1 +(\S+)", block)
            return found and found.group(1)

        wait_until("15 is first", lambda: first() == "15",
                   programs=[display])
        self.decide("mark", "dsq", "15")
        wait_until("383 is first", lambda: first() == "383",
                   programs=[display])
        self.decide("undo", "1")
        wait_until("15 is first again", lambda: first() == "15",
                   programs=[display])
        self.stops_well(display)
        self.stops_well(self.running)


if __name__ == "__main__":
    palmares_test.main()
