#!/usr/bin/env python3
"""
real_races - races that nobody here wrote, timed by the real programs: a
collector at each timing point, all at once and at full speed; the exports are
compared with the published places, by the rule that the README of each data
set states.
"""

import collections
import csv
import decimal
import io
import json
import os
import random
import sys

import convert
import palmares_test
from palmares_test import System, wait_until

NEEDED = ["boston-2015-top500", "boston-2015", "boston-2017", "boulogne-2022",
          "utmb-2019"]


def rows(export):
    return list(csv.DictReader(io.StringIO(export.decode("utf-8"))))


def published(name):
    return convert.table(palmares_test.data(name), "published")


def exceptions(name):
    path = os.path.join(palmares_test.data(name), "exceptions.csv")
    out = collections.defaultdict(set)
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                out[row["list"]].add(row["bib"])
    return out


def gap_disagreements(ours, places):
    """
    The rule `gap`: the k-th fastest gets the k-th smallest place number of the
    published list; who is tied may have any of those that the tied share.
    ours: bib -> our place (1 2 2 4); places: bib -> published place.  Returns
    the bibs that disagree.
    """
    numbers = sorted(places[bib] for bib in ours)
    sharing = collections.Counter(ours.values())
    wrong = []
    for bib, place in ours.items():
        allowed = numbers[place - 1:place - 1 + sharing[place]]
        if places[bib] not in allowed:
            wrong.append(bib)
    return wrong


def without(ours, left_out):
    """Our places when some are left out: recounted among the others."""
    kept = {b: p for b, p in ours.items() if b not in left_out}
    first = {}
    for i, (place, bib) in enumerate(sorted((p, b) for b, p in kept.items())):
        first.setdefault(place, i + 1)
    return {bib: first[place] for bib, place in kept.items()}


class RealRaces(System):
    def race(self, name):
        """(race folder, timing points)"""
        folder = self.path(name)
        return folder, convert.convert(palmares_test.data(name), folder)

    def time_it(self, race, points, together=True, speed="max"):
        """Runs the collectors to their end."""
        running = []
        for point in points:
            c = self.collector(
                race, point, "csv:%s/crossings/%s.csv" % (race, point),
                "--once", "--timeout", "300", "--speed", speed)
            running.append(c)
            if not together:
                self.ends_well(c, 300)
        for c in running:
            self.ends_well(c, 400)

    def places(self, race, ranking):
        """bib -> place, of those who have one; checks 1 2 2 4 as it goes."""
        table = rows(self.export(race, ranking, "--format", "csv"))
        out = {}
        before = None
        for i, row in enumerate(r for r in table if r["place"]):
            time = decimal.Decimal(row["time"])
            expected = i + 1
            if before and before[0] == time:
                expected = before[1]
            self.assertEqual(int(row["place"]), expected,
                             "%s: %s" % (ranking, row["bib"]))
            before = (time, expected)
            out[row["bib"]] = expected
        return out

    def agrees_by_gap(self, name, race):
        """Every list: overall, sex, category."""
        people = {p["bib"]: p for p in published(name)}
        entries = convert.table(palmares_test.data(name), "entries")
        left_out = exceptions(name)
        overall = self.places(race, "scratch")
        self.assertEqual(set(overall), set(people))
        compared = {"overall": 0, "sex": 0, "category": 0}
        for ranking in palmares_test.rankings(race):
            kind = ranking.split("-")[0]
            kind = "overall" if kind == "scratch" else kind
            ours = without(self.places(race, ranking), left_out[kind])
            theirs = {b: int(people[b]["place_" + kind] or 0) for b in ours}
            wrong = gap_disagreements(ours, theirs)
            self.assertEqual(wrong, [], "%s of %s" % (ranking, name))
            compared[kind] += len(ours)
        for kind, count in compared.items():
            # Who has no category is in no list of one.
            listed = {e["bib"] for e in entries if e.get(kind, "all")}
            self.assertEqual(count, len(listed - left_out[kind]), kind)
        print("%s: gap 100 %% of %s%s" % (name, ", ".join(
            "%d %s" % (count, kind) for kind, count in compared.items()),
            "".join("; left out of %s: %s" % (kind, " ".join(sorted(bibs)))
                    for kind, bibs in left_out.items() if bibs)))

    def times_are_the_published_ones(self, name, race):
        table = rows(self.export(race, "scratch", "--format", "csv"))
        times = {r["bib"]: r["time"] for r in table if r["place"]}
        expected = {p["bib"]: p["time_s"] for p in published(name)
                    if p["time_s"]}
        self.assertEqual(times, expected)

    def test_the_first_500_of_boston_have_their_published_places(self):
        race, points = self.race("boston-2015-top500")
        self.aggregator(race)
        self.time_it(race, points)
        self.agrees_by_gap("boston-2015-top500", race)
        self.times_are_the_published_ones("boston-2015-top500", race)

    def test_all_of_boston_2015_have_their_published_places(self):
        race, points = self.race("boston-2015")
        aggregator = self.aggregator(race)
        self.time_it(race, points)
        self.agrees_by_gap("boston-2015", race)
        self.times_are_the_published_ones("boston-2015", race)
        accepted, stored, lost, doubled = self.stored_exactly_once(race, points)
        self.assertEqual((accepted, lost, doubled), (stored, 0, 0))
        live = self.exports(race)
        self.stops_well(aggregator)
        self.assertEqual(self.exports(race, "--offline"), live)

    def test_all_of_boston_2017_have_their_published_places(self):
        race, points = self.race("boston-2017")
        self.aggregator(race)
        self.time_it(race, points)
        self.agrees_by_gap("boston-2017", race)
        self.times_are_the_published_ones("boston-2017", race)
        accepted, stored, lost, doubled = self.stored_exactly_once(race, points)
        self.assertEqual((accepted, lost, doubled), (263858, 0, 0))
        self.assertEqual(stored, accepted)

    def test_boulogne_2022_has_its_places_and_its_accents(self):
        name = "boulogne-2022"
        race, points = self.race(name)
        self.aggregator(race)
        self.time_it(race, points)
        self.agrees_by_gap(name, race)
        self.times_are_the_published_ones(name, race)
        self.names_are_those_of_the_source(name, race)
        accepted, stored, lost, doubled = self.stored_exactly_once(race, points)
        self.assertEqual((accepted, lost, doubled), (32574, 0, 0))
        self.assertEqual(stored, accepted)

    def names_are_those_of_the_source(self, name, race):
        """Every name and club, to the byte, in both formats."""
        source = {e["bib"]: (e["name"], e["team"]) for e in
                  convert.table(palmares_test.data(name), "entries")}
        table = rows(self.export(race, "scratch", "--format", "csv"))
        self.assertEqual({r["bib"]: (r["name"], r["team"]) for r in table},
                         source)
        document = json.loads(self.export(race, "scratch", "--format", "json"))
        self.assertEqual({r["bib"]: (r["name"], r["team"])
                          for r in document["rows"]}, source)
        accents = sum(1 for words in source.values()
                      if not "".join(words).isascii())
        self.assertGreater(accents, 0)
        print("%s: %d names and clubs to the byte, %d with letters outside "
              "ASCII" % (name, len(source), accents))

    def test_utmb_2019_has_its_shared_places_and_those_who_gave_up(self):
        name = "utmb-2019"
        race, points = self.race(name)
        self.aggregator(race)
        self.time_it(race, points)
        table = rows(self.export(race, "scratch", "--format", "csv"))
        ours = {r["bib"]: (r["place"], r["status"]) for r in table}
        theirs = {p["bib"]: (p["place_overall"],
                             "finished" if p["status"] == "OK" else "DNF")
                  for p in published(name)}
        self.assertEqual(len(table), 2543)
        self.assertEqual(ours, theirs)
        self.times_are_the_published_ones(name, race)
        print("%s: strict 100 %% of %d places, %d DNF" % (
            name, sum(1 for p, _ in theirs.values() if p),
            sum(1 for _, s in theirs.values() if s == "DNF")))

    def test_the_order_of_arrival_changes_no_byte(self):
        random_order = random.Random(palmares_test.seed())
        for name in NEEDED:
            expected = None
            for how in ("together", "one at a time", "in another order",
                        "aggregator stopped in the middle"):
                with self.subTest(race=name, how=how):
                    result = self.timed(name, how, random_order)
                    expected = expected or result
                    self.assertEqual(set(result), set(expected))
                    for ranking in expected:
                        self.assertEqual(result[ranking], expected[ranking],
                                         ranking)
            print("%s: the same bytes of %d rankings in four orders of arrival"
                  % (name, len(expected)))

    def timed(self, name, how, random_order):
        """The exports of a race whose crossings come in a certain order."""
        folder = self.path("%s-%s" % (name, how.replace(" ", "-")))
        points = convert.convert(palmares_test.data(name), folder)
        aggregator = self.aggregator(folder)
        if how == "in another order":
            random_order.shuffle(points)
        if how == "aggregator stopped in the middle":
            aggregator = self.stopped_in_the_middle(folder, points, aggregator)
        else:
            self.time_it(folder, points, how == "together")
        result = self.exports(folder)
        self.stops_well(aggregator)
        return result

    def stopped_in_the_middle(self, race, points, aggregator):
        """The race takes some 3 s; the aggregator is away during it."""
        listen = self.endpoint(race)
        files = ["%s/crossings/%s.csv" % (race, p) for p in points]
        total, seconds = 0, 0
        for path in files:
            with open(path, encoding="utf-8", newline="") as f:
                times = [float(r["time"]) for r in csv.DictReader(f)]
            total += len(times)
            seconds = max([seconds] + times)
        collectors = [self.collector(
            race, p, "csv:" + f, "--once", "--timeout", "300", "--speed",
            "%d" % (seconds / 3)) for p, f in zip(points, files)]
        db = os.path.join(race, "race.db")
        wait_until("a third of the crossings is stored",
                   lambda: palmares_test.crossings_stored(db) > total / 3,
                   programs=[aggregator] + collectors)
        self.stops_well(aggregator)
        self.assertLess(palmares_test.crossings_stored(db), total,
                        "stopped too late to be in the middle")
        aggregator = self.aggregator(race, listen=listen)
        for c in collectors:
            self.ends_well(c, 300)
        self.assertEqual(palmares_test.crossings_stored(db), total)
        return aggregator


if __name__ == "__main__":
    absent = [n for n in NEEDED if palmares_test.data(n) is None]
    if absent:
        print("skipped: no data set %s in %s: set PALMARES_DATA"
              % (", ".join(absent), palmares_test.DATA))
        sys.exit(palmares_test.SKIP)
    palmares_test.main()
