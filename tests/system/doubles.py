#!/usr/bin/env python3
"""
doubles - the second of its kind is refused with words, and the first goes on;
what listens beyond this machine has to be asked for by name.
"""

import os

import palmares_test
from kill9 import make_race
from palmares_test import System, crossings_stored, wait_until, write


class Doubles(System):
    def setUp(self):
        super().setUp()
        self.race = make_race(self.path("race"))
        self.db = os.path.join(self.race, "race.db")

    def refused(self, program, *words):
        status = program.wait(30)
        self.assertIn(status, (1, 2), program.err())
        for word in words:
            self.assertIn(word, program.err())

    def test_a_second_aggregator_is_refused_and_told_who_has_the_race(self):
        first = self.aggregator(self.race)
        endpoint = self.endpoint(self.race)
        self.refused(self.start("palmares-aggregator", self.race, "--listen",
                                "127.0.0.1:0"), "race.db", str(first.pid))
        self.assertTrue(first.running())
        self.assertEqual(self.endpoint(self.race), endpoint)
        source = write(self.path("c.csv"), "time,bib\n+1800,1\n")
        self.ends_well(self.collector(self.race, "arrivee", "csv:" + source,
                                      "--once", "--timeout", "30"))
        self.assertEqual(crossings_stored(self.db), 1)

    def test_a_second_collector_on_one_outbox_is_refused(self):
        source = write(self.path("c.csv"), "time,bib\n" + "".join(
            "+%d.%02d,%d\n" % (n // 100, n % 100, n + 1)
            for n in range(300)))
        self.aggregator(self.race)
        first = self.collector(self.race, "arrivee", "csv:" + source, "--once",
                               "--timeout", "30", "--speed", "1")
        wait_until("the first has sent", lambda: crossings_stored(self.db) > 0,
                   programs=[first])
        self.refused(self.collector(self.race, "arrivee", "csv:" + source),
                     "arrivee.outbox.db", str(first.pid))
        self.assertTrue(first.running(), "too late to be a second one")
        self.ends_well(first)
        self.assertEqual(crossings_stored(self.db), 300)

    def test_two_collectors_with_one_name_are_both_welcome(self):
        aggregator = self.aggregator(self.race)
        names = []
        for i in range(2):
            source = write(self.path("c%d.csv" % i),
                           "time,bib\n+%d,%d\n" % (1800 + i, i + 1))
            c = self.start(
                "palmares-collector", "--race", self.race, "--point",
                "arrivee", "--name", "one name", "--source", "csv:" + source,
                "--outbox", self.outbox(self.race, "box%d" % i), "--once",
                "--timeout", "30")
            names.append("box%d" % i)
            self.ends_well(c)
        self.stops_well(aggregator)
        self.assertEqual(self.stored_exactly_once(self.race, names),
                         (2, 2, 0, 0))

    def test_nobody_listens_beyond_this_machine_unasked(self):
        for address in ("0.0.0.0:0", "[::]:0"):
            with self.subTest(address):
                self.refused(self.start("palmares-aggregator", self.race,
                                        "--listen", address), "--insecure")
        self.stops_well(self.aggregator(self.race, "--insecure",
                                        listen="0.0.0.0:0"))


if __name__ == "__main__":
    palmares_test.main()
