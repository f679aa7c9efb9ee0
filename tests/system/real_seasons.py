#!/usr/bin/env python3
"""
real_seasons - seasons that nobody here wrote, with all their rules in
season.yaml: after each competition the standings are compared with those that
were published.  Where a season is made of races, these are timed first, by the
real programs.
"""

import collections
import csv
import decimal
import io
import os
import sys

import convert
import palmares_test
from palmares_test import System, write

NEEDED = ["f1-2010-2014", "f1-1985-1987", "fife-midweek-2023",
          "fife-tour-2017", "westleague-2022-23"]


def table(data_set, name):
    return convert.table(palmares_test.data(data_set), name)


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def csv_text(head, lines):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return out.getvalue()


class Standings(System):
    def standings(self, folder, name, season, after):
        """The table after so many competitions, as rows of its csv."""
        status, out, err = self.run_program(
            "palmares", "season", folder, "table", name, "--season", season,
            "--after", str(after), "--format", "csv")
        self.assertEqual(status, 0, err)
        return list(csv.DictReader(io.StringIO(out)))


# ---- Formula 1

# Points by place, and how many results count, in the years of each data set.
F1 = {
    "f1-1985-1987": ("{ list: [9, 6, 4, 3, 2, 1], given: yes }", "best: 11, dropped-in-ties: yes,"),
    "f1-2010-2014": ("[25, 18, 15, 12, 10, 8, 6, 4, 2, 1]", ""),
}

# The last race of 2014 counted twice.
DOUBLE = {("2014", "19")}

STATUS = {"D": "DSQ", "E": "DSQ", "W": "DNS", "F": "DNS", "N": "NC",
          "R": "DNF"}


def f1_folder(folder, data_set, season):
    points, best = F1[data_set]
    races = [r for r in table(data_set, "races") if r["season"] == season]
    drivers = {e["bib"]: e["name"] for e in table(data_set, "entries")
               if e["season"] == season}
    teams = {t["team_id"]: t["name"] for t in table(data_set, "teams")
             if t["season"] == season}
    yaml = ["title: Formula 1 %s" % season, "competitions:"]
    for race in races:
        yaml.append("  %s: {%s }" % (quoted(race["name"]), " weight: 2" if
                    (season, race["round"]) in DOUBLE else ""))
    yaml += [
        "tables:",
        "  drivers: { points: %s, %s ties: [wins, count-back] }"
        % (points, best),
        "  constructors: { of: teams, points: %s, ties: [wins, count-back] }"
        % points]
    write(os.path.join(folder, "season.yaml"), "\n".join(yaml) + "\n")
    names = {r["round"]: r["name"] for r in races}
    lines = []
    for r in table(data_set, "results"):
        if r["season"] != season:
            continue
        place = r["place_text"]
        # Yannick Dalmas, fifth at Adelaide in 1987, was not entered for the
        # championship: his place has no points.
        outside = place.isdigit() and int(place) <= 6 and r["points"] == "0"
        lines.append([season, names[r["round"]], "race",
                      place if place.isdigit() else "", drivers[r["bib"]],
                      teams[r["team_id"]], STATUS.get(place, ""),
                      "0" if outside else ""])
    write(os.path.join(folder, "palmares", season + ".csv"), csv_text(
        ["season", "competition", "award", "place", "recipient", "team",
         "status", "points"], lines))
    return races, drivers, teams


class FormulaOne(Standings):
    def places(self, data_set, season, key):
        """(round, subject) -> how often it has been which place until then."""
        rounds = collections.defaultdict(list)
        for r in table(data_set, "results"):
            if r["season"] == season and r["place_text"].isdigit():
                rounds[int(r["round"])].append((r[key], int(r["place_text"])))
        so_far = collections.defaultdict(collections.Counter)
        out = {}
        for number in sorted(rounds):
            for who, place in rounds[number]:
                so_far[who][place] += 1
            for who, counts in so_far.items():
                out[str(number), who] = frozenset(counts.items())
        return out

    def same(self, ours, published, names, key, places):
        """
        Points and wins are equal; so is the position, but that who is equal in
        points and all places was published in either order, and shares here.
        """
        by_name = {r["name"]: r for r in ours}
        shared = collections.Counter(r["place"] for r in ours)
        equals = collections.defaultdict(set)
        for p in published:
            row = by_name[names[p[key]]]
            equals[row["place"]].add((p["points"], places.get(
                (p["round"], p[key]), frozenset())))
        for place, alike in equals.items():
            self.assertEqual(len(alike), 1, (published[0], place))
        self.assertEqual(len(by_name), len(ours))
        for p in published:
            row = by_name[names[p[key]]]
            where = (p["season"], p["round"], row["name"])
            self.assertEqual(decimal.Decimal(row["score"]),
                             decimal.Decimal(p["points"]), where)
            self.assertEqual(row["wins"], p["wins"], where)
            first = int(row["place"])
            self.assertIn(int(p["position"]),
                          range(first, first + shared[row["place"]]), where)
        return len(published), sum(
            1 for p in published
            if shared[by_name[names[p[key]]]["place"]] > 1)

    def check(self, data_set):
        drivers_all = table(data_set, "driver_standings")
        teams_all = table(data_set, "constructor_standings")
        for season in sorted({r["season"] for r in drivers_all}):
            folder = self.path(season)
            races, drivers, teams = f1_folder(folder, data_set, season)
            places = {key: self.places(data_set, season, key)
                      for key in ("bib", "team_id")}
            rows = ties = 0
            for race in races:
                for name, published, names, key in (
                        ("drivers", drivers_all, drivers, "bib"),
                        ("constructors", teams_all, teams, "team_id")):
                    n, t = self.same(
                        self.standings(folder, name, season,
                                       int(race["round"])),
                        [p for p in published if p["season"] == season and
                         p["round"] == race["round"]], names, key,
                        places[key])
                    rows += n
                    ties += t
            self.assertGreater(rows, 0)
            print("Formula 1 %s: %d rows of standings after %d races: points, "
                  "wins, positions 100 %% (%d share theirs)"
                  % (season, rows, len(races), ties))

    def test_the_standings_of_2010_to_2014_after_every_race(self):
        self.check("f1-2010-2014")

    def test_the_standings_of_1985_to_1987_where_eleven_results_count(self):
        self.check("f1-1985-1987")


# ---- races that are timed first

class Timed(Standings):
    def time_race(self, folder, title, date, entries, crossings, rankings):
        """crossings: (bib, seconds) in the order of recording."""
        write(os.path.join(folder, "race.yaml"),
              "title: %s\ndate: %s\ntimezone: Europe/London\n"
              "waves:\n  all: { gun: \"19:00:00\" }\n"
              "points:\n  finish: { km: 8 }\nrankings:\n%s"
              % (quoted(title), date, rankings))
        write(os.path.join(folder, "entries.csv"), csv_text(
            ["bib", "name", "sex", "category", "team", "start"], entries))
        write(os.path.join(folder, "finish.csv"), csv_text(
            ["time", "bib"], [["+" + s, bib] for bib, s in crossings]))
        aggregator = self.aggregator(folder)
        self.ends_well(self.collector(
            folder, "finish", "csv:%s/finish.csv" % folder, "--once",
            "--timeout", "60"))
        self.stops_well(aggregator)


def apostrophes(entries):
    """Names that are printed with the other apostrophe."""
    names = sorted({e["name"] for e in entries if "'" in e["name"]})
    return "".join("%s,,%s\n" % (n, n.replace("'", "\u2019")) for n in names)


MIDWEEK_SPLIT = ("alias,team,recipient\n"
                 "Barbara Brown,,Barbara Mary Brown\n")
# After the third race somebody entered for three clubs was no longer taken
# for one.
MIDWEEK_SPLIT_LATER = MIDWEEK_SPLIT + (
    "Kim Dickson,Recreational Runners,Kim Dickson (Recreational Runners)\n"
    "Kim Dickson,?,Kim Dickson (?)\n"
    "Kim Dickson,Fife AC,Kim Dickson (Fife AC)\n")


class Midweek(Timed):
    NAME = "fife-midweek-2023"

    def make(self):
        races = table(self.NAME, "races")
        everybody = table(self.NAME, "entries")
        crossings = table(self.NAME, "crossings")
        yaml = ["title: Fife midweek 2023", "competitions:"]
        for race in races:
            number = race["race"]
            entries = [[e["bib"], e["name"],
                        "F" if e["category"].startswith("F") else "M",
                        e["category"], e["club"], ""]
                       for e in everybody if e["race"] == number]
            self.time_race(
                self.path("race" + number), race["name"],
                "2023-06-%02d" % (7 * int(number) - 6), entries,
                [(c["bib"], c["time_s"]) for c in crossings
                 if c["race"] == number],
                "  women: { of: runners, sex: F, ties: order }\n"
                "  men: { of: runners, sex: M, ties: order }\n")
            yaml.append("  %s: { race: ../race%s, rankings: [women, men] }"
                        % (quoted(race["name"]), number))
        yaml += ["tables:", "  general: { points: { first: 200, step: 1 }, "
                 "best: 4, at-least: 4 }"]
        folder = self.path("season")
        write(os.path.join(folder, "season.yaml"), "\n".join(yaml) + "\n")
        return folder, [r["name"] for r in races]

    @staticmethod
    def published_name(row, after):
        if row["name"] == "Kim Dickson" and after > 2:
            return "Kim Dickson (%s)" % row["club"]
        return row["name"]

    def test_scores_totals_and_places_after_each_of_five_races(self):
        folder, races = self.make()
        published = table(self.NAME, "published_standings")
        compared = 0
        for after in range(1, 6):
            aliases = MIDWEEK_SPLIT if after < 3 else MIDWEEK_SPLIT_LATER
            write(os.path.join(folder, "aliases.csv"), aliases +
                  apostrophes(table(self.NAME, "entries")))
            ours = {r["name"]: r for r in
                    self.standings(folder, "general", "2023", after)}
            theirs = [p for p in published if p["after_race"] == str(after)]
            self.assertEqual(len(ours), len(theirs))
            shared = collections.Counter(r["place"] for r in ours.values())
            for p in theirs:
                row = ours[self.published_name(p, after)]
                where = (after, row["name"])
                for i in range(after):
                    score = row["result:" + races[i]].strip("()")
                    self.assertEqual(score, p["score_%d" % (i + 1)].replace(
                        "-", ""), where)
                if p["total"]:
                    self.assertEqual(row["score"], p["total"], where)
                place = row["place"]
                if place and shared[place] > 1:
                    place += "="
                self.assertEqual(place, p["place"].replace("-", ""), where)
                compared += 1
        self.assertEqual(compared, len(published))
        print("fife-midweek-2023: scores, totals and places 100 %% of %d"
              % compared)


class Tour(Timed):
    NAME = "fife-tour-2017"

    def make(self):
        starts = {(s["stage"], s["bib"]): int(s["start_s"])
                  for s in table(self.NAME, "starts")}
        crossings = table(self.NAME, "crossings")
        yaml = ["title: Tour of Fife 2017", "competitions:"]
        for stage in "12345":
            date = "2017-07-2%s" % stage
            entries = []
            for e in table(self.NAME, "entries"):
                start = starts.get((stage, e["bib"]))
                entries.append([e["bib"], e["name"], "", e["category"],
                                e["club"], "" if start is None else
                                "19:%02d:%02d" % divmod(start, 60)])
            self.time_race(
                self.path("stage" + stage), "Stage " + stage, date, entries,
                [(c["bib"], c["time_s"]) for c in crossings
                 if c["stage"] == stage],
                "  scratch: { of: runners }\n")
            yaml.append("  stage %s: { race: ../stage%s, rankings: [scratch] }"
                        % (stage, stage))
        yaml += ["tables:", "  general: { by: time }"]
        folder = self.path("season")
        write(os.path.join(folder, "aliases.csv"), "alias,team,recipient\n" +
              apostrophes(table(self.NAME, "entries")))
        write(os.path.join(folder, "season.yaml"), "\n".join(yaml) + "\n")
        return folder

    def test_times_totals_and_places_after_three_stages_and_five(self):
        folder = self.make()
        compared = 0
        for after in (3, 5):
            # Some capitals differ from those of the entries.
            ours = {r["name"].casefold(): r for r in
                    self.standings(folder, "general", "2017", after)}
            theirs = [p for p in table(self.NAME, "published_standings")
                      if p["after_stage"] == str(after)]
            # Not everybody was published after three stages: places are among
            # those who were.
            listed = [int(row["place"]) for row in
                      (ours[p["name"].casefold()] for p in theirs)
                      if row["place"]]
            for p in theirs:
                row = ours[p["name"].casefold()]
                where = (after, row["name"])
                for i in range(1, after + 1):
                    self.assertEqual(
                        row["result:stage %d" % i].strip("()"),
                        p["time_%d" % i].replace("-", ""), where)
                place = row["place"] and str(
                    1 + sum(1 for q in listed if q < int(row["place"])))
                self.assertEqual(place, p["place"].strip("-="), where)
                if p["total_s"]:
                    self.assertEqual(row["score"], p["total_s"], where)
                compared += 1
        self.assertGreater(compared, 200)
        print("fife-tour-2017: times, totals and places 100 %% of %d"
              % compared)


class WestLeague(Timed):
    NAME = "westleague-2022-23"

    def make(self):
        everybody = table(self.NAME, "entries")
        crossings = table(self.NAME, "crossings")
        yaml = ["title: West District league 2022-23", "competitions:"]
        for event in table(self.NAME, "events"):
            number = event["event"]
            # Runners of sex A compete with the men.
            entries = [[e["bib"], "%s %s" % (e["name"], e["bib"]),
                        "F" if e["sex"] == "F" else "M", e["category"],
                        e["club"], ""]
                       for e in everybody if e["event"] == number]
            self.time_race(
                self.path("event" + number), "Event " + number, event["date"],
                entries, [(c["bib"], c["time_s"]) for c in crossings
                          if c["event"] == number],
                "  scratch: { of: runners, ties: order }\n")
            yaml.append("  event %s: { race: ../event%s, season: 2022-23, "
                        "rankings: [scratch] }" % (number, number))
        yaml.append("tables:")
        for competition in ("OVERALL", "SENIOR", "MASTER"):
            for sex in "MF":
                yaml.append(
                    "  %s-%s: { of: teams, sex: %s,%s again: yes, "
                    "points: place, lowest: yes, each: %d, missing: 10 }"
                    % (competition, sex, sex,
                       "" if competition == "OVERALL" else
                       " category: %s," % competition,
                       3 if competition == "MASTER" else 4))
        folder = self.path("season")
        write(os.path.join(folder, "season.yaml"), "\n".join(yaml) + "\n")
        return folder

    def test_points_per_event_and_standings(self):
        folder = self.make()
        compared = 0
        published = table(self.NAME, "published_standings")
        for name in sorted({p["competition"] + "-" + p["sex"]
                            for p in published}):
            ours = {r["name"]: r for r in
                    self.standings(folder, name, "2022-23", 3)}
            theirs = [p for p in published
                      if p["competition"] + "-" + p["sex"] == name]
            for p in theirs:
                row = ours[p["club"]]
                for i in range(1, 4):
                    self.assertEqual(row["result:event %d" % i],
                                     p["event_%d" % i], (name, p["club"]))
                self.assertEqual(row["score"], p["total"], (name, p["club"]))
                compared += 1
            self.assertEqual(len(ours), len(theirs), name)
            # Equal totals follow no rule that the league states.
            order = [int(p["total"]) for p in sorted(
                theirs, key=lambda p: int(ours[p["club"]]["place"]))]
            self.assertEqual(order, sorted(order), name)
        self.assertEqual(compared, len(published))
        print("westleague-2022-23: points of each event and totals 100 %% of "
              "%d" % compared)


if __name__ == "__main__":
    absent = [n for n in NEEDED if palmares_test.data(n) is None]
    if absent:
        print("skipped: no data set %s in %s: set PALMARES_DATA"
              % (", ".join(absent), palmares_test.DATA))
        sys.exit(palmares_test.SKIP)
    palmares_test.main()
