#!/usr/bin/env python3
"""
curves - what scripts/bench curves measures; see there.

    curves.py BUILD DATA OUT

BUILD is a build folder with tests/cost, DATA a folder for what can be thrown
away, OUT where curves.csv and curves.svg go.
"""

import csv
import os
import re
import shutil
import subprocess
import sys

from bench import say, tabs, thousands

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [1000, 10000, 100000, 1000000]
PHASES = {"entries": "entry loaded", "crossings": "crossing ranked and told",
          "display": "crossing shown by a display"}
COLUMNS = ["entries", "phase", "counted", "instructions", "ns", "bytes"]
# gnuplot: instructions above, bytes below.
PLOT = """\
set terminal {terminal} size 760,800
set output "{output}"
set datafile separator ","
set title "Cost of a race with six rankings"
set multiplot layout 2,1 margins 0.11,0.97,0.08,0.95 spacing 0.12
set logscale x
set format x "%.0s%c"
set xlabel "entries"
set xrange [700:1400000]
set yrange [0:*]
set grid
set key inside right bottom samplen 2
set offsets 0, 0, graph 0.15, 0
set ylabel "instructions"
set format y "%.0s%c"
of(name, column) = strcol(2) eq name ? column : NaN
set datafile missing NaN
plot {instructions}
unset title
set ylabel "bytes"
set key inside right top
set format y "%.0f"
plot {bytes}
"""
BYTES = {"entries": "an entry",
         "crossings": "a crossing", "display": "a row of a display"}


def run(args, cwd):
    return subprocess.run(args, cwd=cwd, stdout=subprocess.PIPE, check=True,
                          text=True).stdout


def instructions(cost, race, size, decisions, data):
    """{phase: instructions} of the marked phases."""
    folder = os.path.join(data, "callgrind")
    os.mkdir(folder)
    run(["valgrind", "--tool=callgrind", "--quiet", "--instr-atstart=no",
         "--callgrind-out-file=out", cost, race, str(size), str(decisions)],
        folder)
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="ascii",
                  errors="replace") as f:
            text = f.read()
        phase = re.search(r"^desc: Trigger: Client Request: (\w+)$", text,
                          re.M)
        totals = re.search(r"^totals: (\d+)$", text, re.M)
        if phase:
            found[phase[1]] = int(totals[1])
    shutil.rmtree(folder)
    return found


def measure(cost, race, data, sizes, decisions):
    rows = []
    for size in sizes:
        say("%s entries, %s decisions" % (thousands(size),
                                          thousands(decisions)))
        lines = run([cost, race, str(size), str(decisions)],
                    data).splitlines()
        counted = instructions(cost, race, size, decisions, data)
        for phase, count, us, kept, held in map(tabs, lines):
            rows.append(dict(zip(COLUMNS, (
                size, phase, int(count), counted[phase] / int(count),
                int(us) * 1000 / int(count), int(held) / int(kept)))))
    return rows


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="ascii") as f:
        out = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        out.writeheader()
        for row in rows:
            out.writerow({k: round(v) if isinstance(v, float) else v
                          for k, v in row.items()})


def plot(path, table, terminal):
    def lines(words, column):
        return ", ".join(
            '"%s" skip 1 using 1:(of("%s", $%d)) with linespoints linewidth 2'
            ' pointtype 7 title "%s"' % (table, phase, column, title)
            for phase, title in words.items())
    script = PLOT.format(
        terminal=terminal, output=path,
        instructions=lines(PHASES, COLUMNS.index("instructions") + 1),
        bytes=lines(BYTES, COLUMNS.index("bytes") + 1))
    subprocess.run(["gnuplot"], input=script, check=True, text=True)


def show(rows):
    print("Instructions (callgrind; nanoseconds without it), six rankings, a"
          " display on the\nper-commit tier, turns of 1,000 crossings in"
          " mid-race, without disk and network")
    print("  %-28s" % "entries" + "".join(
        "%16s" % thousands(size) for size in SIZES) + "%10s" % "growth")
    for phase, title in PHASES.items():
        of = [row for row in rows if row["phase"] == phase]
        print("  %-28s" % title + "".join("%16s" % (
            "%s (%s)" % (thousands(row["instructions"]), thousands(row["ns"])))
            for row in of) + "%8.2f x" % (
                of[-1]["instructions"] / of[0]["instructions"]))
    print("\nBytes allocated, with what growing arrays hold in reserve")
    for phase, title in BYTES.items():
        of = [row for row in rows if row["phase"] == phase]
        print("  %-28s" % title + "".join(
            "%16s" % thousands(row["bytes"]) for row in of))


def main():
    build, data, out = sys.argv[1:]
    race = os.path.join(data, "race")
    os.mkdir(race)
    shutil.copy(os.path.join(HERE, "race.yaml"), race)
    table = os.path.join(out, "curves.csv")
    picture = os.path.join(out, "curves.svg")
    rows = measure(os.path.join(build, "tests", "cost"), race, data, SIZES, 0)
    write_csv(table, rows)
    plot(picture, table, "svg background rgb 'white' font 'sans,12'")
    show(rows)
    print("\n%s\n%s" % (table, picture))
    crossings = [row["instructions"] for row in rows
                 if row["phase"] == "crossings"]
    if crossings[-1] >= 2 * crossings[0]:
        sys.exit("bench: a crossing costs twice as much in a large field")


if __name__ == "__main__":
    main()
