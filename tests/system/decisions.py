"""
decisions - what the people of real races decided, as the rows of a file that
`palmares correct` plays.

Each function gives dictionaries, a row each, of what a data set tells; write()
makes the file.  The published result is looked at where it alone says what was
decided: who gave up, and who was put at the end of the list.
"""

import csv
import datetime

COLUMNS = ["verb", "bib", "status", "amount", "point", "time", "read", "wave",
           "chip", "name", "sex", "category", "team", "reason"]


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    return path


# ---- leuven: a central log, and the reads as their stations name them

def utc(seconds):
    """Of seconds since 1970 with digits behind the point, as text."""
    whole, _, part = seconds.partition(".")
    moment = datetime.datetime.fromtimestamp(int(whole), datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (
        "." + part if part else "") + "Z"


def gun(central):
    """The operator's start, in place of the one on the programme."""
    start = next(row for row in central if row["type"] == "Start")
    return [{"verb": "gun", "wave": "all", "time": utc(start["time"]),
             "reason": "Start of the central log, line " + start["n"]}]


def tags(central):
    """
    Tags given to teams during the run.  One that was removed stays the team's,
    for what it was read until then counts; see outside().
    """
    worn = {}
    rows = []
    for row in central:
        if row["type"] != "AddTag":
            continue
        worn.setdefault(row["team"], []).append(row["tag"])
        if row["time"] != "0":
            rows.append({"verb": "change", "bib": row["team"],
                         "chip": ";".join(worn[row["team"]]),
                         "reason": "AddTag of the central log, line "
                         + row["n"]})
    return rows


def outside(central, reads):
    """
    Reads of a tag before it was given to its team, after it was removed, and
    what never came to the central log, after the run.  reads: (reader, time,
    tag) -> name.
    """
    wearer, ever, counted = {}, set(), set()
    for row in central:
        if row["type"] == "AddTag":
            wearer[row["tag"]] = row["team"]
            ever.add(row["tag"])
        elif row["type"] == "RemoveTag":
            del wearer[row["tag"]]
        elif row["type"] == "TagSeen" and row["tag"] in wearer:
            counted.add((row["reader"], row["time"], row["tag"]))
    return [{"verb": "void", "read": name, "reason": "not the team's then"}
            for read, name in sorted(reads.items())
            if read[2] in ever and read not in counted]


# ---- boulogne: four who were added after the race

def entered(entries, bibs):
    return [dict({k: e[k] for k in ("bib", "name", "sex", "category", "team")},
                 verb="enter", reason="not on the list")
            for e in entries if e["bib"] in bibs]


def added(crossings, bibs, point_name):
    """Their times, point by point."""
    return [{"verb": "time", "bib": c["bib"], "point": point_name(c["point"]),
             "time": "+" + c["time_s"], "reason": "added after the race"}
            for c in crossings if c["bib"] in bibs]


def at_the_end(published, bibs):
    """
    The organiser appended them to the list in a certain order.  That order is
    no ranking by time: each is given a penalty that brings him there.
    """
    times = {p["bib"]: int(p["time_s"]) for p in published}
    last = max(times.values())
    order = sorted(bibs, key=lambda bib: next(
        int(p["place_overall"]) for p in published if p["bib"] == bib))
    return [{"verb": "penalty", "bib": bib,
             "amount": "+%d" % (last + i - times[bib]),
             "reason": "listed behind all others"}
            for i, bib in enumerate(order, 1)]


# ---- utmb: who did not finish

def gave_up(published):
    return [{"verb": "mark", "status": "dnf", "bib": p["bib"],
             "reason": "given up"} for p in published if p["status"] == "DNF"]
