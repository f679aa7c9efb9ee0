#!/usr/bin/env python3
"""
real_decisions - what the people of real races decided, by the commands: tags
given out and taken back during 24 hours of three readers, four runners who were
added after the race, 987 who gave up.  Judged by the figures of the data sets;
then undone, and every board is as it was, byte for byte.
"""

import collections
import csv
import io
import json
import os
import re
import sys

import convert
import decisions
import palmares_test
import raw_logs
import real_races
from palmares_test import System, sql, wait_until, write

LEUVEN = "leuven-24h-2015"
BOULOGNE = "boulogne-2022"
UTMB = "utmb-2019"
NEEDED = [LEUVEN, BOULOGNE, UTMB]


class Decides(System):
    """Corrections as an operator plays them."""

    def setUp(self):
        super().setUp()
        self.files = 0

    def decide(self, race, rows):
        """All at once; the numbers that undo takes."""
        self.files += 1
        path = decisions.write(self.path("correct-%d.csv" % self.files), rows)
        before = self.decided(race)
        status, out, err = self.run_program(
            "palmares", "correct", path, "--race", race, "--yes",
            "--by", "jury", timeout=120)
        self.assertEqual(status, 0, out[-2000:] + err)
        found = re.search(r"undone with palmares undo (.*)", out)
        self.assertIsNotNone(found, out[-2000:])
        self.assertEqual(self.decided(race) - before, len(rows))
        return found.group(1).split()

    def undo(self, race, numbers):
        status, out, err = self.run_program(
            "palmares", "undo", *numbers, "--race", race, "--yes", "--by",
            "jury", "--reason", "as it was", timeout=120)
        self.assertEqual(status, 0, out[-2000:] + err)

    def decided(self, race):
        return sql(os.path.join(race, "race.db"),
                   "SELECT count(*) FROM log WHERE kind = 'decision'")[0][0]

    def lines(self, *args):
        """Of JSON, an object each."""
        status, out, err = self.run_program("palmares", *args, "--format",
                                            "json", timeout=120)
        self.assertEqual(status, 0, err)
        return [json.loads(line) for line in out.splitlines()]

    def same_boards(self, expected, race, *args):
        ours = self.exports(race, *args)
        self.assertEqual(set(ours), set(expected))
        for ranking, board in expected.items():
            self.assertEqual(ours[ranking].decode(), board.decode(), ranking)


class Leuven(Decides, raw_logs.RawLogs):
    # Its own test is run by raw_logs.
    test_every_read_of_the_raw_logs_is_stored_once = None

    def make_race(self, relay, folder):
        """
        Planned for eight, and each team with the tag of before the run.  The
        rankings look at the first read after hours, so that a tag that was
        changed in the night matters.
        """
        start = next(r for r in relay.central if r["type"] == "Start")
        gun = raw_logs.moment(start["time"])
        write(os.path.join(folder, "race.yaml"),
              "title: %s\ndate: %s\ntimezone: %s\n"
              "waves:\n  all: { gun: \"20:00:00\" }\n"
              "points:\n"
              "  reader0: { km: 0 }\n"
              "  reader1: { km: 0.197, min: 10 h }\n"
              "  reader2: { km: 0.322, min: 23 h }\n"
              "rankings:\n"
              "  morning: { of: runners, at: reader1, round: none }\n"
              "  last-hour: { of: runners, by: net, round: none }\n"
              "  live: { of: runners, at: live }\n"
              % (relay.name, gun.date(), raw_logs.ZONE))
        write(os.path.join(folder, "entries.csv"), "bib,name,chip\n" + "".join(
            "%s,%s,%s\n" % (t["team"], relay.teams[t["team"]], t["tag"])
            for t in raw_logs.table(relay.name, "tags.csv")))

    def names(self, relay, race):
        """(reader, time, tag) as in the data set -> as corrections name it."""
        out = {}
        for point, reads in relay.reads.items():
            named = self.lines("reads", "--point", point, "--race", race)
            self.assertEqual(len(named), len(reads))
            found = {(n["time_us"], n["under"]): n["read"] for n in named}
            for r in reads:
                key = (raw_logs.microseconds(r["time"]),
                       raw_logs.normal(r["tag"]))
                out[point[len("reader"):], r["time"], r["tag"]] = found[key]
        self.assertEqual(len(set(out.values())), len(out))
        return out

    def reads(self, race, team):
        """(time, reader) of what is the team's."""
        return [(r["time_us"], int(r["point"][len("reader"):]))
                for r in self.lines("reads", team, "--race", race)
                if "void" not in r["why"] and r["bib"] == team]

    @staticmethod
    def seen(relay):
        """The same of all teams, by the central log alone."""
        wearer, out = {}, collections.defaultdict(list)
        for row in relay.central:
            if row["type"] == "AddTag":
                wearer[row["tag"]] = row["team"]
            elif row["type"] == "RemoveTag":
                del wearer[row["tag"]]
            elif row["type"] == "TagSeen" and row["tag"] in wearer:
                out[wearer[row["tag"]]].append(
                    (raw_logs.microseconds(row["time"]), int(row["reader"])))
        return {team: sorted(reads) for team, reads in out.items()}

    @staticmethod
    def laps(relay, reads):
        """
        By the rule of the data set's README: fragments of the track by their
        number, from reader 0 at the start on; a reader that sees a team again
        within 30 s does not count.  The corrections are the log's.
        """
        start, end = (next(r for r in relay.central if r["type"] == what)
                      for what in ("Start", "End"))
        start_us = raw_logs.microseconds(start["time"])
        end_us = raw_logs.microseconds(end["time"])
        out = {}
        for team, seen in reads.items():
            before, fragments = (start_us, 0), 0
            for time_us, reader in sorted(seen):
                again = reader == before[1]
                if not start_us <= time_us <= end_us or (
                        again and time_us - before[0] < 30000000):
                    continue
                fragments += len(relay.readers) if again else (
                    reader - before[1]) % len(relay.readers)
                before = (time_us, reader)
            out[team] = fragments // len(relay.readers) + sum(
                int(r["correction"]) for r in relay.central
                if r["type"] == "Correction" and r["team"] == team
                and int(r["n"]) > int(start["n"]))
        return out

    @staticmethod
    def published_laps():
        path = os.path.join(palmares_test.data(LEUVEN), "README.md")
        with open(path, encoding="utf-8") as f:
            return {team: int(laps) for team, laps in
                    re.findall(r"team (\d+): (\d+)", f.read())}

    def is_as_the_central_log(self, relay, race):
        seen = self.seen(relay)
        ours = {team: sorted(self.reads(race, team)) for team in relay.teams}
        self.assertEqual(ours, seen)
        self.assertEqual(self.laps(relay, ours), self.published_laps())
        # README: 2302 of the central log are of tags that no team has.
        strangers = self.unknown_reads(race)
        late = [tag for p, time_us, tag in
                {x for reads in relay.raw().values() for x in reads}
                - set(relay.seen()) if tag not in relay.tags]
        self.assertEqual(sum(strangers.values()) - len(late), 2302)

    def all_at_once(self, relay, race, rows):
        """The reads first, without any decision; then all; then none."""
        self.make_race(relay, race)
        aggregator = self.aggregator(race)
        for p in relay.points:
            log = write(self.path("whole-" + p), relay.log(p))
            self.ends_well(self.collector(race, p, "csv:" + log, "--once",
                                          "--timeout", "300"), 300)
        plain = self.exports(race)
        names = self.names(relay, race)
        without = {team: self.reads(race, team) for team in relay.teams}
        self.assertNotEqual(self.laps(relay, without), self.published_laps())
        rows += decisions.outside(relay.central, names)
        numbers = self.decide(race, rows)
        self.is_as_the_central_log(relay, race)
        decided = self.exports(race)
        self.assertEqual([n for n in plain if plain[n] == decided[n]], [])
        self.undo(race, numbers)
        self.same_boards(plain, race)
        self.stops_well(aggregator)
        self.same_boards(plain, race, "--offline")
        return plain, decided

    def while_it_runs(self, relay, race, rows):
        """Each is decided while the logs grow."""
        self.make_race(relay, race)
        aggregator = self.aggregator(race)
        draw = raw_logs.random.Random(palmares_test.seed())
        writers = [raw_logs.Writer(self.path(p + ".log"), relay.log(p), draw)
                   for p in relay.points]
        running = [self.follow(race, p) for p in relay.points]
        total = sum(len(reads) for reads in relay.reads.values())
        db = os.path.join(race, "race.db")
        for w in writers:
            w.start()
        numbers = []
        for i, row in enumerate(rows):
            wait_until("some reads more", lambda n=i: palmares_test.
                       crossings_stored(db) > n * total // (2 * len(rows)),
                       programs=[aggregator] + running)
            numbers += self.decide(race, [row])
        self.assertLess(palmares_test.crossings_stored(db), total,
                        "decided too late to be in the middle")
        for w in writers:
            w.join()
        wait_until("all %d reads are stored" % total, lambda: palmares_test.
                   crossings_stored(db) >= total, programs=running)
        for c in running:
            self.stops_well(c)
        return aggregator, numbers

    def test_the_tags_that_leuven_gave_out_and_took_back(self):
        relay = raw_logs.Relay(LEUVEN)
        rows = decisions.gun(relay.central) + decisions.tags(relay.central)
        plain, decided = self.all_at_once(relay, self.path("after"),
                                          list(rows))
        race = self.path("during")
        aggregator, numbers = self.while_it_runs(relay, race, rows)
        late = decisions.outside(relay.central, self.names(relay, race))
        numbers += self.decide(race, late)
        self.is_as_the_central_log(relay, race)
        self.same_boards(decided, race)
        self.undo(race, numbers)
        self.same_boards(plain, race)
        self.stops_well(aggregator)
        kinds = collections.Counter(r["type"] for r in relay.central)
        print("%s: a gun, %d tags given out during the run, %d reads that were "
              "not a team's at that time (%d tags taken back, the end): reads "
              "of 16 teams as in the central log, and with its %d corrections "
              "of laps, which the test adds itself, the laps of the README; "
              "undone byte for byte"
              % (LEUVEN, len(rows) - 1, len(late), kinds["RemoveTag"],
                 kinds["Correction"]))


class Finishers(Decides):
    places = real_races.RealRaces.places
    time_it = real_races.RealRaces.time_it

    def edit(self, path, change):
        """Rows of a csv file, changed or left out (None)."""
        with open(path, encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        kept = [r for r in map(change, rows) if r is not None]
        with open(path, "w", encoding="utf-8", newline="") as f:
            out = csv.DictWriter(f, rows[0].keys(), lineterminator="\n")
            out.writeheader()
            out.writerows(kept)

    def agrees(self, race, people, kinds, left_out=frozenset()):
        """By `gap`: how many were compared."""
        compared = 0
        for ranking in palmares_test.rankings(race):
            kind = ranking.split("-")[0].replace("scratch", "overall")
            if kind not in kinds:
                continue
            ours = real_races.without(self.places(race, ranking), left_out)
            theirs = {b: int(people[b]["place_" + kind] or 0) for b in ours}
            self.assertEqual(real_races.gap_disagreements(ours, theirs), [],
                             ranking)
            compared += len(ours)
        return compared

    def test_the_four_late_additions_of_boulogne(self):
        folder, race = palmares_test.data(BOULOGNE), self.path(BOULOGNE)
        points = convert.convert(folder, race)
        people = {p["bib"]: p for p in convert.table(folder, "published")}
        exceptions = real_races.exceptions(BOULOGNE)
        four = exceptions["overall"]
        self.assertEqual(len(four), 4)
        for path in ["entries.csv"] + ["crossings/%s.csv" % p for p in points]:
            self.edit(os.path.join(race, path),
                      lambda r: None if r["bib"] in four else r)
        aggregator = self.aggregator(race)
        self.time_it(race, points)
        plain = self.exports(race)
        compared = self.agrees(race, people, ("overall", "sex", "category"),
                               exceptions["category"])
        # They are entered, and then their times decided.
        late = self.decide(race, decisions.entered(
            convert.table(folder, "entries"), four))
        entered = self.exports(race)
        times = self.decide(race, decisions.added(
            convert.table(folder, "crossings"), four, convert.point_name))
        # Their places are those of their times, and everybody's time is the
        # published one; in their categories the organiser did the same.
        table = list(csv.DictReader(io.StringIO(
            self.export(race, "scratch").decode())))
        self.assertEqual({r["bib"]: r["time"] for r in table},
                         {b: p["time_s"] for b, p in people.items()})
        ours = self.places(race, "scratch")
        seconds = [int(p["time_s"]) for p in people.values()]
        self.assertEqual({b: ours[b] for b in four}, {b: 1 + sum(
            s < int(people[b]["time_s"]) for s in seconds) for b in four})
        compared += self.agrees(race, people, ("category",),
                                exceptions["category"])
        with_them = self.exports(race)
        # Overall and by sex he put them at the end.
        behind = self.decide(race, decisions.at_the_end(people.values(), four))
        compared += self.agrees(race, people, ("overall", "sex"))
        self.assertEqual(
            {b: p for b, p in self.places(race, "scratch").items()
             if b in four},
            {b: int(people[b]["place_overall"]) for b in four})
        self.undo(race, behind)
        self.same_boards(with_them, race)
        self.undo(race, times)
        self.same_boards(entered, race)
        self.undo(race, late)
        self.same_boards(plain, race)
        self.stops_well(aggregator)
        self.same_boards(plain, race, "--offline")
        print("%s: gap 100 %% of %d places, without the four, with them by "
              "their times (categories), and with them at the end; undone "
              "byte for byte" % (BOULOGNE, compared))

    def test_the_statuses_of_utmb(self):
        folder, race = palmares_test.data(UTMB), self.path(UTMB)
        points = convert.convert(folder, race)
        self.edit(os.path.join(race, "entries.csv"),
                  lambda r: dict(r, status=""))
        people = convert.table(folder, "published")
        aggregator = self.aggregator(race)
        self.time_it(race, points)
        plain = self.exports(race)
        self.assertNotIn(b"DNF", b"".join(plain.values()))
        numbers = self.decide(race, decisions.gave_up(people))
        table = list(csv.DictReader(io.StringIO(
            self.export(race, "scratch").decode())))
        self.assertEqual(
            {r["bib"]: (r["place"], r["status"], r["time"]) for r in table},
            {p["bib"]: (p["place_overall"],
                        "finished" if p["status"] == "OK" else "DNF",
                        p["time_s"]) for p in people})
        # As if the entries had said so.
        entered = self.path("entered")
        convert.convert(folder, entered)
        second = self.aggregator(entered)
        self.time_it(entered, points)
        self.same_boards(self.exports(entered), race)
        self.stops_well(second)
        self.undo(race, numbers)
        self.same_boards(plain, race)
        self.stops_well(aggregator)
        print("%s: %d marked dnf: statuses, places and times as published; "
              "undone byte for byte" % (UTMB, self.count_dnf(people)))

    @staticmethod
    def count_dnf(people):
        return sum(1 for p in people if p["status"] == "DNF")


if __name__ == "__main__":
    absent = [n for n in NEEDED if palmares_test.data(n) is None]
    if absent:
        print("skipped: no data set %s in %s: set PALMARES_DATA"
              % (", ".join(absent), palmares_test.DATA))
        sys.exit(palmares_test.SKIP)
    palmares_test.main()
