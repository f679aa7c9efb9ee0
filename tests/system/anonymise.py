#!/usr/bin/env python3
"""anonymise - a recording without names, whose boards are the same but for
them."""

import csv
import io
import json
import os
import shutil

import convert
import palmares_test
from palmares_test import ROOT, System, read, write

EXAMPLE = os.path.join(ROOT, "examples", "8km-2014")
POINTS = ("depart", "mi-course", "arrivee")
NAMED = ("bib", "name", "team")


class Anonymise(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        self.file = self.path("race.rec")
        self.other = self.path("other.rec")

    def palmares(self, verb, *args):
        status, out, err = self.run_program("palmares", verb, *args)
        self.assertEqual(status, 0, err)
        return out

    def decide(self, verb, *args):
        self.palmares(verb, *args, "--reason", "said Jeanne", "--yes", "--by",
                      "Annabelle", "--race", self.race)

    def collect(self, points):
        for point in points:
            self.ends_well(self.collector(
                self.race, point, "csv:%s/crossings/%s.csv" %
                (self.race, point), "--once"), 300)

    def example(self):
        """With birthdays, columns of others, aliases, and all sorts decided."""
        shutil.copytree(EXAMPLE, self.race)
        path = os.path.join(self.race, "entries.csv")
        rows = list(csv.DictReader(io.StringIO(read(path).decode())))
        for i, row in enumerate(rows):
            row["born"] = "19%02d-%02d-%02d" % (60 + i % 40, 1 + i % 12,
                                                1 + i % 28)
            row["category"] = ""
            row["mail"] = "someone%d@example.org" % i
        out = io.StringIO()
        table = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        write(path, out.getvalue())
        yaml = os.path.join(self.race, "race.yaml")
        text = read(yaml).decode()
        first, second = sorted({r["team"] for r in rows if r["team"]})[4:6]
        text = text.replace("rankings:\n", "rankings:\n"
                            "  v45: { of: runners, category: V45 }\n"
                            "  one: { of: runners, team: \"%s\" }\n" % first)
        write(yaml, text + "aliases:\n  \"%s\": [\"%s\", Nobodys Ltd]\n"
              % (first, second) + "categories:\n" + "".join(
            "  V%d: { ages: %d-%d }\n" % (n, n, n + 4)
            for n in range(10, 60, 5)))
        return rows

    def boards(self, file, race=None, *args):
        return {name: json.loads(self.palmares(
            "export", "--ranking", name, "--format", "json", "--from", file,
            *args)) for name in palmares_test.rankings(race or self.race)}

    def same_but_for_names(self, got, want):
        """What became of each name."""
        became = {}
        for name, board in want.items():
            self.assertEqual(len(got[name]["rows"]), len(board["rows"]))
            for ours, theirs in zip(got[name]["rows"], board["rows"]):
                self.assertEqual({k: v for k, v in ours.items()
                                  if k not in NAMED},
                                 {k: v for k, v in theirs.items()
                                  if k not in NAMED}, name)
                for key in NAMED:
                    if theirs.get(key):
                        self.assertEqual(became.setdefault(
                            (key, theirs[key]), ours[key]), ours[key])
        for key in NAMED:
            words = [v for (k, _), v in became.items() if k == key]
            self.assertEqual(len(set(words)), len(words), key)
        return became

    def test_boards_are_the_same_but_for_names(self):
        rows = self.example()
        aggregator = self.aggregator(self.race)
        self.collect(POINTS)
        bibs = [r["bib"] for r in rows]
        self.decide("mark", "DSQ", bibs[3])
        self.decide("penalty", bibs[5], "+1:00")
        self.decide("swap", bibs[13], bibs[15])
        self.decide("time", bibs[7], "arrivee", "10:40:00")
        self.decide("change", bibs[11], "name=Zoé Œuvrard", "team=Nouvelle")
        self.decide("enter", "9071", "name=Paul Néant", "sex=M",
                    "born=1970-02-03")
        self.palmares("award", "Entreprise la plus rapide", "1", "--collected",
                      "--note", "to Jeanne", "--by", "Annabelle", "--race",
                      self.race, "--yes")
        self.stops_well(aggregator)
        self.palmares("record", self.file, "--race", self.race)
        out = self.palmares("anonymise", self.file, self.other, "--seed", "7")
        self.assertIn("values of other columns", out)
        self.assertIn("reasons and notes", out)
        want = self.boards(self.file)
        became = self.same_but_for_names(self.boards(self.other), want)
        self.assertGreater(len(became), 500)
        self.assertIn("whole", self.palmares("verify", self.other))
        # Nothing of what was there is there.
        data = read(self.other)
        words = {"Annabelle", "Jeanne", "example.org", "Zoé", "Nouvelle",
                 "Néant", "1970-02-03"}
        for row in rows:
            words |= {row["name"], row["team"], row["born"]}
            words |= {c for c in row.get("chip", "").split(";")}
        words = {w for w in words if len(w) > 3}
        self.assertGreater(len(words), 500)
        self.assertEqual([w for w in words if w.encode() in data], [])
        # The awards as well, and what was decided.
        awards = [json.loads(self.palmares("awards", "--from", f, "--format",
                                           "json"))
                  for f in (self.file, self.other)]
        self.assertEqual(shape(awards[0]), shape(awards[1]))
        self.assertEqual(len(self.palmares("history", "--from", self.file)
                             .splitlines()),
                         len(self.palmares("history", "--from", self.other)
                             .splitlines()))
        # The same words for the same seed, others for another.
        again, third = self.path("again.rec"), self.path("third.rec")
        self.palmares("anonymise", self.file, again, "--seed", "7")
        self.assertEqual(read(again), data)
        self.palmares("anonymise", self.file, third)
        self.assertNotEqual(read(third), data)
        self.same_but_for_names(self.boards(third), want)

    def test_real_races_are_the_same_but_for_names(self):
        for name in ("boulogne-2022", "utmb-2019"):
            if palmares_test.data(name) is None:
                self.skipTest("no data set %s in %s: set PALMARES_DATA"
                              % (name, palmares_test.DATA))
        for name in ("boulogne-2022", "utmb-2019"):
            self.race = self.path(name)
            points = convert.convert(palmares_test.data(name), self.race)
            aggregator = self.aggregator(self.race)
            self.collect(points)
            self.stops_well(aggregator)
            file, other = self.path(name + ".rec"), self.path(name + ".anon")
            self.palmares("record", file, "--race", self.race)
            self.palmares("anonymise", file, other, "--seed", "1")
            became = self.same_but_for_names(self.boards(other),
                                             self.boards(file))
            print("%s: %d words replaced" % (name, len(became)))

    def test_mistakes_are_named(self):
        shutil.copytree(EXAMPLE, self.race)
        self.stops_well(self.aggregator(self.race))
        self.palmares("record", self.file, "--race", self.race)
        for args, status, words in (
                ((self.file,), 2, "Name both"),
                ((self.file, self.other, "--seed", "x"), 2, "--seed x"),
                ((self.file, self.file), 1, "there is such a file"),
                ((self.path("nowhere"), self.other), 1, "nowhere")):
            got, out, err = self.run_program("palmares", "anonymise", *args)
            self.assertEqual((got, out), (status, ""), err)
            self.assertIn(words, err)
            self.assertFalse(os.path.exists(self.other))


def shape(what):
    """What it is but for the words of people."""
    if isinstance(what, dict):
        return {k: shape(v) for k, v in what.items()}
    if isinstance(what, list):
        return [shape(v) for v in what]
    return "" if isinstance(what, str) else what


if __name__ == "__main__":
    palmares_test.main()
