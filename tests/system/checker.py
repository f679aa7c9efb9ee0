#!/usr/bin/env python3
"""
checker - whether a race has everything that its collectors accepted, once.

    checker.py RACE OUTBOX...

Compares the outboxes with RACE/race.db event by event, by plain SQL and with
nothing of Palmarès, and prints

    accepted N, stored N, lost 0, doubled 0

then a line for each thing that is not as it should be.  Accepted is what the
outboxes hold; lost what race.db has not, or has with other bytes; doubled what
it has more than once.  Beyond these, race.db may hold nothing of a stream that
its outbox does not know, no hole, no event before its predecessor, and the
cursor has to stand at the last.

Stop the collectors first, for an outbox belongs to one process; the aggregator
may go on.  Files are only read.  Exit status: 0 right, 1 wrong, 2 usage.
"""

import contextlib
import os
import sqlite3
import sys

# What race.db has of one stream, beside what its outbox has.  An archived
# outbox begins later than 1: what came before is not for it to say.
COUNTS = {
    "accepted": "SELECT count(*) FROM outbox.event",
    "stored": "SELECT count(*) FROM stored",
    "lost": """SELECT count(*) FROM outbox.event o LEFT JOIN stored s
        ON s.seq = o.seq AND s.body = o.body WHERE s.seq IS NULL""",
    "doubled": "SELECT count(*) - count(DISTINCT seq) FROM stored",
}

WRONG = {
    "events that the outbox does not have": """SELECT count(*) FROM stored s
        LEFT JOIN outbox.event o ON o.seq = s.seq AND o.body = s.body
        WHERE o.seq IS NULL
        AND s.seq >= (SELECT coalesce(min(seq), 0) FROM outbox.event)""",
    "events with another hash of what came before": """SELECT count(*)
        FROM stored s JOIN outbox.event o ON o.seq = s.seq
        WHERE o.chain <> s.chain""",
    "holes": """SELECT coalesce(max(seq), 0) - count(DISTINCT seq)
        FROM stored""",
    "events stored before their predecessor": """SELECT count(*) FROM (
        SELECT number, lag(number) OVER (ORDER BY seq) AS before FROM stored)
        WHERE before >= number""",
    "events between the cursor and the last": """SELECT abs(
        coalesce((SELECT max(seq) FROM stored), 0) -
        coalesce((SELECT cursor FROM main.stream WHERE epoch =
            (SELECT epoch FROM which)), 0))""",
}


def only_read(path):
    return "file:%s?mode=ro" % path.replace("%", "%25").replace(
        "?", "%3f").replace("#", "%23")


def check_one(race, outbox):
    """The counts of one outbox, and what is wrong: name -> number."""
    for path in (race, outbox):
        if not os.path.isfile(path):
            raise OSError("%s: there is no such file" % path)
    with contextlib.closing(sqlite3.connect("file::memory:", uri=True,
                                            timeout=60)) as db:
        db.execute("ATTACH ? AS race", (only_read(race),))
        db.execute("ATTACH ? AS outbox", (only_read(outbox),))
        epoch = db.execute("SELECT epoch FROM outbox.meta").fetchone()[0]
        db.execute("CREATE TABLE which AS SELECT ? AS epoch",
                   ("%016x" % (epoch & 2 ** 64 - 1),))
        # One reading transaction: an aggregator may be writing.
        db.execute("""CREATE TABLE stored AS SELECT l.number, l.seq, l.chain,
            l.body FROM race.log l JOIN race.stream s ON s.id = l.stream
            WHERE s.epoch = (SELECT epoch FROM which)""")
        db.execute("""CREATE TABLE stream AS SELECT epoch, cursor
            FROM race.stream""")
        db.execute("CREATE INDEX stored_seq ON stored (seq)")

        def ask(queries):
            return {name: db.execute(query).fetchone()[0]
                    for name, query in queries.items()}

        return ask(COUNTS), ask(WRONG)


def check(race, outboxes):
    """The counts of all outboxes, and words for what is wrong."""
    database = os.path.join(race, "race.db")
    total = dict.fromkeys(COUNTS, 0)
    words = []
    for outbox in outboxes:
        counts, wrong = check_one(database, outbox)
        for name, count in counts.items():
            total[name] += count
        wrong.update(lost=counts["lost"], doubled=counts["doubled"])
        words += ["%s: %d %s" % (outbox, count, name)
                  for name, count in wrong.items() if count]
    return total, words


def main(arguments):
    if "--help" in arguments or "-h" in arguments:
        print(__doc__.strip())
        return 0
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print("usage: checker.py RACE OUTBOX...", file=sys.stderr)
        return 2
    try:
        total, words = check(arguments[0], arguments[1:])
    except (OSError, sqlite3.Error) as e:
        print("checker: %s" % e, file=sys.stderr)
        return 1
    print("accepted %(accepted)d, stored %(stored)d, lost %(lost)d, "
          "doubled %(doubled)d" % total)
    for line in words:
        print(line)
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
