#!/usr/bin/env python3
"""
previews - what a correction says that it would change, and what changes by it:
random corrections of every kind, each of which is compared, ranking by ranking,
row by row and prize by prize, with the exports before and after it.  At the end
all are undone, and the boards are those of the beginning, byte for byte.

    PALMARES_PREVIEWS=N       so many corrections of each race (default: 40)
"""

import csv
import io
import json
import math
import os
import random
import re
import shutil

import convert
import palmares_test
from palmares_test import ROOT, System, rankings, read, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
COUNT = int(os.environ.get("PALMARES_PREVIEWS", "40"))
# What a row shows besides its place, and what is not of it.
NOT_OF_THE_ROW = ("place", "gap", "name", "sex", "category", "team")
AWARDS = """awards:
  Sans prix: { ranking: sans-prix, places: 3 }
  Places:    { ranking: par-places, places: 3 }
  Trios:     { ranking: a-b-c, places: 5 }
"""
MORE = """  sans-prix:            { of: runners, without: { scratch: 3 } }
  net:                  { of: runners, by: net, gun_first: 3 }
  kilometres:           { of: runners, by: km }
  moyenne:              { of: teams, score: time, best: 5, how: mean }
  mixtes:               { of: teams, score: time, best: 4, women: 2, men: 2 }
  a-b-c:                { of: teams, score: time, best: 3, sides: 3 }
  par-places:           { of: teams, score: places, best: 4, how: mean }
  par-tete:             { of: teams, score: km, average: yes, size: 3- }
"""


def clock(us, whole):
    """As boards do: 30:16, 1:00:05.25."""
    if whole:
        us = math.ceil(us / 1000000) * 1000000
    s, rest = divmod(us, 1000000)
    text = "%d:%02d" % divmod(s, 60) if s < 3600 else "%d:%02d:%02d" % (
        s // 3600, s // 60 % 60, s % 60)
    return text + ((".%06d" % rest).rstrip("0") if rest else "")


def micros(seconds):
    whole, _, rest = seconds.partition(".")
    return int(whole) * 1000000 + int((rest + "000000")[:6])


class Board:
    """An export, by label: its place, what it shows, and all of its row."""

    def __init__(self, text, ranking):
        lines = list(csv.DictReader(io.StringIO(text.decode())))
        self.runners = "bib" in (lines[0] if lines else {})
        places = [line["place"] for line in lines]
        self.rows = {}
        for line in lines:
            label = line["bib" if self.runners else "team"]
            rest = tuple(v for k, v in line.items()
                         if k not in NOT_OF_THE_ROW or k == "score")
            tied = line["place"] != "" and places.count(line["place"]) > 1
            result = self.result(line, ranking)
            self.rows[label] = (line["place"], tied, rest,
                                self.said(line, tied, result), result)

    @staticmethod
    def result(line, ranking):
        value = line.get("time", line.get("score"))
        if "score: km" in ranking:
            return value + " km"
        if "score: places" in ranking or not value:
            return value
        return clock(micros(value), True)

    def said(self, line, tied, result):
        if line["place"]:
            return "place %s%s, %s" % (line["place"], "=" if tied else "",
                                       result)
        if self.runners:
            unseen = line["status"] == "DNS" and not any(
                v for k, v in line.items() if k.startswith("split:"))
            return "not seen" if unseen else line["status"]
        words = [line["counted"] + " in", result]
        if line["status"] != "running":
            words.append("too few")
        return ", ".join(w for w in words if w)


NOT_THERE = (None, None, None, "not there", "")


def said_both(before, after):
    """What is told of a row: the time of who is not placed, if that alone
    changes."""
    words = before[3], after[3]
    if words[0] == words[1] and before[4] != after[4]:
        return tuple("%s, %s" % (row[3], row[4] or "no time")
                     for row in (before, after))
    return words


class Told:
    """Of a ranking what the summary says."""

    def __init__(self):
        self.rows = []  # as printed
        self.more = 0
        self.hidden = 0
        self.moved = 0
        self.ranges = []
        self.all_ranges = True
        self.only = None


def parse(out):
    """ranking -> Told, and the names of those with hidden changes alone."""
    told, hidden = {}, []
    now = None
    out = out.split("What changes by that:\n", 1)[-1]
    lines = iter(re.sub(r"\n {6,}", " ", out).splitlines())
    for line in lines:
        if line.startswith("  the same places and shown times"):
            names = line.split(":", 1)[1]
            while not names.strip() or names.rstrip().endswith(","):
                names += next(lines)
            hidden = [n.strip() for n in names.split(",")]
        elif re.match(r"  prizes that change hands$", line) or not line:
            break
        elif re.match(r"  \S", line):
            now = told[line.strip()] = Told()
        elif m := re.match(r"    and (\d+) more[,;]", line):
            now.more = int(m[1])
        elif m := re.match(r"    and (\d+) with the same place and", line):
            now.hidden = int(m[1])
        elif m := re.match(r"    (\d+) others move: (.*)", line):
            now.moved = int(m[1])
            now.all_ranges = "more stretch" not in m[2]
            now.ranges = re.findall(
                r"places? (\d+)(?: to (\d+))? (up|down) (\d+)", m[2])
        elif m := re.match(r"    (.*) only moves: (\d+) -> (\d+)$", line):
            now.moved, now.only = 1, (m[1], m[2], m[3])
        else:
            now.rows.append(line[4:])
    return told, hidden


class Previews(System):
    def palmares(self, *args):
        return self.run_program("palmares", *args, "--race", self.race)

    def boards(self):
        return self.exports(self.race, "--offline")

    def feed(self, points):
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:" + os.path.join(
                    self.race, "crossings", point + ".csv"), "--once"))
        self.points = points
        self.reads = []
        for point in points:
            status, out, err = self.palmares("reads", "--point", point,
                                             "--format", "json")
            self.assertEqual(status, 0, err)
            self.reads += [json.loads(r) for r in out.splitlines()]

    # ---- one of each

    def some_correction(self, rng):
        bibs = sorted({r["bib"] for r in self.reads if r.get("bib")})
        bib, other = rng.sample(bibs, 2)
        point = rng.choice(self.points)
        reads = rng.choice(self.reads)["read"]
        time = "+%d.%d" % (rng.randrange(1200, 5000), rng.randrange(10))
        teams = sorted(self.teams)
        return rng.choice((
            ("mark", rng.choice(("dns", "dnf", "dsq", "otl", "nc")), bib),
            ("mark", "dnf", bib, other),
            ("penalty", bib, rng.choice(("+2:00", "-0:30", "+0:00.1"))),
            ("time", bib, point, time),
            ("add", bib, point, time),
            ("void", reads),
            ("move", reads, "bib=" + other),
            ("move", reads, "point=" + point),
            ("swap", bib, other),
            ("gun", rng.choice(("10:00:01", "09:59:58.7", "10:00:00"))),
            ("start", bib, rng.choice(("+0:30", "+2:00.5"))),
            ("change", bib, "sex=" + rng.choice("FMX")),
            ("change", bib, "team=" + rng.choice(teams + ["Neuve", "-"])),
            ("change", bib, "category=" + rng.choice(("SE", "M1", "Q"))),
            ("change", bib, "bib=%d" % rng.randrange(90000, 99999)),
            ("change", bib, "name=Zoé"),
            ("change", bib, "name=Zoé", "sex=F"),
            ("enter", str(rng.randrange(70000, 79999)), "sex=F",
             "team=" + rng.choice(teams)),
            ("undo", str(rng.randrange(1, self.number + 1)))
            if self.number else ("mark", "dsq", bib)))

    # ---- compared

    def told_row(self, text, labels, before, after):
        """The label of a row that is told; its words are those it shows."""
        for label in labels:
            if not text.startswith(label[:20]):
                continue
            said = said_both(*(b.rows.get(label, NOT_THERE)
                               for b in (before, after)))
            if re.search(r" %s +-> %s$" % tuple(map(re.escape, said)), text):
                return label
        self.fail("told, and not so: %r" % text)

    def compare_moves(self, told, moves):
        """Each is in a range by which it moves, if all ranges are told."""
        if told.only:
            (label, was, now), = moves
            self.assertTrue(told.only[0].startswith(label[:20]), told.only)
            self.assertEqual((was, now), told.only[1:])
            return
        ranges = [(int(first), int(last or first), int(n) * (
            -1 if way == "up" else 1)) for first, last, way, n in told.ranges]
        for label, was, now in moves if told.all_ranges else ():
            self.assertTrue(any(
                first <= int(was) <= last and int(now) - int(was) == n
                for first, last, n in ranges), "%s %s -> %s: %s"
                % (label, was, now, ranges))

    def compare_ranking(self, name, told, hidden, before, after):
        pairs = {l: (before.rows.get(l, NOT_THERE),
                     after.rows.get(l, NOT_THERE))
                 for l in {**before.rows, **after.rows}}
        changed = [l for l, (a, b) in pairs.items() if a[1:3] != b[1:3]]
        moves = [(l, a[0], b[0]) for l, (a, b) in pairs.items()
                 if l not in changed and a[0] != b[0]]
        seen = [l for l in changed if pairs[l][0][0] != pairs[l][1][0] or
                len(set(said_both(*pairs[l]))) == 2]
        if not changed and not moves:
            # Of those that are equal the order may be another one.
            self.assertNotIn(name, told)
            return
        if not seen and not moves:
            self.assertIn(name, hidden)
            return
        self.assertIn(name, told, "changes, and is not told")
        t = told[name]
        rows = [self.told_row(r, pairs, before, after) for r in t.rows]
        self.assertEqual(len(set(rows)), len(rows), rows)
        self.assertEqual(len(rows) + t.more + t.moved,
                         len(seen) + len(moves), (rows, seen, moves))
        # What orders them is not in every export (all of a team's time, who is
        # among the first by gun): a row may be told that only seems to move.
        if not re.search("score: km|gun_first", self.rules[name]):
            self.assertEqual(t.moved, len(moves))
            self.assertLessEqual(set(rows), set(seen))
            self.compare_moves(t, moves)
        self.assertGreaterEqual(t.hidden, len(changed) - len(seen))

    def winners(self):
        """(award, place) -> who has won it."""
        status, out, err = self.palmares("awards", "--offline", "--format",
                                         "json")
        self.assertEqual(status, 0, err)
        return {(a["award"], str(p["place"])): [
            w.get("bib") or w["team"] for w in p["winners"]]
            for a in json.loads(out)["awards"] for p in a["prizes"]}

    def compare_prizes(self, out, before, after):
        told = out.partition("  prizes that change hands\n")[2]
        self.assertEqual(
            re.findall(r"(?m)^    (\S.*), place (\d+)$", told),
            [prize for prize in before if before[prize] != after[prize]], out)

    def one(self, args, before):
        """Decides it; the boards after it, None if it cannot be."""
        won = self.winners()
        status, out, err = self.palmares(*args, "--yes", "--reason", "random",
                                         "--by", "anna")
        if status != 0:
            self.assertNotEqual(err, "")
            self.assertEqual(self.boards(), before, "refused, and decided")
            return None
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80, line)
        after = self.boards()
        told, hidden = parse(out) if "What changes" in out else ({}, [])
        for name in before:
            with self.subTest(args=args, ranking=name):
                rule = self.rules[name]
                try:
                    self.compare_ranking(name, told, hidden,
                                         Board(before[name], rule),
                                         Board(after[name], rule))
                except AssertionError as e:
                    raise AssertionError("%s\n%s" % (e, out)) from None
        self.compare_prizes(out, won, self.winners())
        decided = re.search(r"decided: numbers? (?:\d+-)?(\d+)", out)
        if decided:
            self.number = int(decided[1])
        return after

    def rehearse(self, rng):
        self.rules = {n: re.search(r"(?m)^  %s: *(.*)$" % re.escape(n), read(
            os.path.join(self.race, "race.yaml")).decode())[1]
            for n in rankings(self.race)}
        first = now = self.boards()
        self.number = done = 0
        while done < COUNT:
            after = self.one(self.some_correction(rng), now)
            if after is not None:
                done += 1
                now = after
        self.all_undone()
        self.assertEqual(self.boards(), first)

    def all_undone(self):
        status, out, err = self.palmares("undo", "1-%d" % self.number, "--yes",
                                         "--reason", "all of it")
        self.assertEqual(status, 0, err)

    def test_the_example(self):
        self.race = self.path("race")
        shutil.copytree(EXAMPLE, self.race)
        path = os.path.join(self.race, "race.yaml")
        text = read(path).decode()
        write(path, text.replace("awards:\n", MORE + AWARDS))
        rng = random.Random(palmares_test.seed())
        self.teams = {"PMU", "Nespresso", "Coriolis Service"}
        running = self.aggregator(self.race)
        self.feed(["depart", "mi-course", "arrivee"])
        self.rehearse(rng)
        self.stops_well(running)

    def test_boston(self):
        folder = palmares_test.data("boston-2015-top500")
        if folder is None:
            self.skipTest("no data")
        self.race = self.path("race")
        points = convert.convert(folder, self.race)
        path = os.path.join(self.race, "race.yaml")
        write(path, read(path).decode() + MORE + AWARDS)
        # A team is a country.
        path = os.path.join(self.race, "entries.csv")
        entries = list(csv.DictReader(io.StringIO(read(path).decode())))
        with open(path, "w", encoding="utf-8", newline="") as f:
            out = csv.DictWriter(f, entries[0], lineterminator="\n")
            out.writeheader()
            out.writerows(dict(e, team=e["nation"]) for e in entries)
        self.teams = {"USA", "KEN", "CAN"}
        rng = random.Random(palmares_test.seed())
        running = self.aggregator(self.race)
        self.feed(points)
        self.rehearse(rng)
        self.stops_well(running)


if __name__ == "__main__":
    palmares_test.main()
