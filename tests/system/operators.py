#!/usr/bin/env python3
"""
operators - the verbs of palmares on the example race: what a person asks before,
during and after a race, and what scripts read.
"""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import unittest

from palmares_test import (BIN, PATIENCE, ROOT, System, crossings_stored,
                           free_ports, wait_until, write)

POINTS = ["depart", "mi-course", "arrivee"]


def pump(source, sink):
    """Bytes one way, until one of the two has ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def pass_on_one(listener, port):
    """Passes the first connection on to a port; there is no second one."""
    near, _ = listener.accept()
    listener.close()
    with near, socket.create_connection(("127.0.0.1", port)) as far:
        back = threading.Thread(target=pump, args=(far, near), daemon=True)
        back.start()
        pump(near, far)
        back.join()


class Operators(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("8km-2014")
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)

    def palmares(self, *args):
        return self.run_program("palmares", *args)

    def replay(self):
        for p in POINTS:
            self.ends_well(self.collector(
                self.race, p, "csv:%s/crossings/%s.csv" % (self.race, p),
                "--once", "--timeout", "60"))

    def test_a_folder_without_mistakes_is_said_to_be_one(self):
        status, out, err = self.palmares("check", self.race)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("1 wave, 3 points, 412 entries, 70 teams, 7 rankings: "
                      "no mistakes", out)

    def test_every_mistake_is_told_in_one_run_with_file_and_line(self):
        folder = self.path("wrong")
        write(self.path("wrong", "race.yaml"), """\
titel: Wrong
date: 2014-02-30
timezone: Europe/Pari
waves: { all: { gun: "25:00:00" } }
points: { a: { km: 4 }, b: { km: 3 } }
rankings: { r: { of: riders, at: c } }
""")
        write(self.path("wrong", "entries.csv"),
              "bib,chip,sex,status\n1,A1,F,\n1,A2,F,\n2,A1,Q,\n3,A3,M,gone\n")
        status, out, _ = self.palmares("check", folder)
        self.assertEqual(status, 1)
        for words in ["race.yaml:1:", "titel", "race.yaml:2:", "2014-02-30",
                      "race.yaml:3:", "Europe/Pari", "race.yaml:4:", "25:00:00",
                      "race.yaml:5:", "race.yaml:6:", "riders",
                      "entries.csv:3:", "entries.csv:4:", "A1", "Q",
                      "entries.csv:5:", "gone"]:
            self.assertIn(words, out)

    def test_a_title_edited_meanwhile_does_not_send_a_collector_away(self):
        """The aggregator holds its stream: it is the right one."""
        self.aggregator(self.race)
        source = write(self.path("more.csv"), "time,bib\n+1800,1\n")
        args = ("arrivee", "csv:" + source, "--once", "--timeout", "30")
        self.ends_well(self.collector(self.race, *args))
        path = os.path.join(self.race, "race.yaml")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        write(path, text.replace("title: Les 8", "title: The 8"))
        with open(source, "a", encoding="utf-8") as f:
            f.write("+1801,2\n")
        c = self.collector(self.race, *args)
        self.ends_well(c)
        self.assertIn("stored 2", " ".join(c.out().split()))

    def test_status_lists_the_stations_and_counts(self):
        status, _, err = self.palmares("status", "--race", self.race)
        self.assertEqual(status, 1)
        self.assertIn("no aggregator answers", err)
        self.aggregator(self.race)
        self.replay()
        status, out, _ = self.palmares("status", "--race", self.race)
        self.assertEqual(status, 0)
        for p in POINTS:
            self.assertIn(p, out)
        status, out, _ = self.palmares("status", "--race", self.race,
                                       "--format", "json")
        told = json.loads(out)
        self.assertEqual({s["name"]: s["stored"] for s in told["stations"]},
                         {"depart": 767, "mi-course": 550, "arrivee": 549})
        for s in told["stations"]:
            self.assertEqual((s["waiting"], s["holes"], s["repeats"]),
                             (0, 0, 0))

    def test_status_knows_the_last_reads_after_a_restart(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        args = ("status", "--race", self.race, "--format", "json")
        before = json.loads(self.palmares(*args)[1])["stations"]
        self.stops_well(aggregator)
        self.aggregator(self.race)
        after = json.loads(self.palmares(*args)[1])["stations"]
        self.assertEqual({s["name"]: s["last_read"] for s in before},
                         {s["name"]: s["last_read"] for s in after})
        self.assertEqual(len({s["last_read"] for s in after}), 3)

    def test_a_live_export_has_the_bytes_of_one_from_race_db(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        formats = ("csv", "json", "text")
        live = [self.export(self.race, "live", "--format", f) for f in formats]
        self.assertEqual(
            [self.export(self.race, "live", "--format", f, "--offline")
             for f in formats], live)
        self.stops_well(aggregator)
        # race.db alone is enough.
        for name in ("race.yaml", "entries.csv"):
            os.remove(os.path.join(self.race, name))
        self.assertEqual([self.export(self.race, "live", "--format", f)
                          for f in formats], live)
        table = json.loads(live[1])
        self.assertEqual(len(table["rows"]), 412)

    def test_a_chip_that_nobody_has_counts_as_soon_as_somebody_has_it(self):
        aggregator = self.aggregator(self.race)
        self.replay()

        def unknown():
            status, out, err = self.palmares(
                "unknown", "--race", self.race, "--format", "csv")
            self.assertEqual(status, 0, err)
            return list(csv.DictReader(io.StringIO(out)))

        before = unknown()
        self.assertEqual([u["kind"] for u in before], ["bib", "chip"])
        bib, chip = [u["text"] for u in before]
        self.stops_well(aggregator)
        self.assertEqual(unknown(), before)
        entries = os.path.join(self.race, "entries.csv")
        with open(entries, "a", encoding="utf-8") as f:
            f.write("%s,%s,Nouvelle Venue,F,SE,PMU\n" % (bib, chip))
        self.aggregator(self.race)
        self.assertEqual(unknown(), [])
        rows = csv.DictReader(io.StringIO(
            self.export(self.race, "scratch").decode("utf-8")))
        self.assertIn((bib, "Nouvelle Venue"),
                      [(r["bib"], r["name"]) for r in rows if r["place"]])

    def mistype(self):
        """Sends crossings of bibs and a chip that nobody has; what was said."""
        source = write(self.path("typed.csv"), """\
time,bib,chip
+1800,421,
+1801,421,
+1802,9000,
+1803,,0E377A21
""")
        c = self.collector(self.race, "arrivee", "csv:" + source, "--once",
                           "--timeout", "60")
        self.ends_well(c)
        return c.err()

    def test_unknown_bibs_and_chips_come_with_who_may_be_meant(self):
        aggregator = self.aggregator(self.race)
        said = self.mistype()
        self.assertIn(
            'bib "421" is not in entries.csv: perhaps 241 Coureuse 335 (two '
            'digits swapped), or 412 Coureur Fran\u00e7ois 225 (two digits '
            'swapped), or 21 Coureur 051 (one digit too many); taken all the '
            'same\n', said)
        self.assertIn(
            'chip "E377A21" is not in entries.csv: perhaps that of 1 Coureur '
            '064 (two digits swapped); taken all the same\n', said)
        self.assertIn(
            'bib "9000" is not in entries.csv: taken all the same\n', said)
        formats = ("text", "csv", "json")

        def unknown():
            results = [self.palmares("unknown", "--race", self.race,
                                     "--format", f) for f in formats]
            for status, _, err in results:
                self.assertEqual((status, err), (0, ""))
            return [out for _, out, _ in results]

        live = unknown()
        self.stops_well(aggregator)
        self.assertEqual(unknown(), live)
        self.assertEqual(live[0], """\
kind  text     reads  first     last      point
bib   421          2  10:30:00  10:30:01  arrivee
      perhaps 241 Coureuse 335: two digits swapped
           or 412 Coureur Fran\u00e7ois 225: two digits swapped
           or 21 Coureur 051: one digit too many
           or others: --format csv names them
bib   9000         1  10:30:02  10:30:02  arrivee
chip  E377A21      1  10:30:03  10:30:03  arrivee
      perhaps 1 Coureur 064: chip E377A12, two digits swapped
""")
        self.assertEqual(
            [(u["text"], u["near"])
             for u in csv.DictReader(io.StringIO(live[1]))],
            [("421", "241;412;21;41;42;121;321;401"), ("9000", ""),
             ("E377A21", "1")])
        near = [u["near"] for u in json.loads(live[2])]
        self.assertEqual(near[0][0], {"bib": "241", "name": "Coureuse 335",
                                      "slip": "swapped"})
        self.assertEqual(near[2], [{"bib": "1", "name": "Coureur 064",
                                    "chip": "E377A12", "slip": "swapped"}])

    def test_what_is_unknown_is_listed_without_the_entries_too(self):
        """Who serves them falls silent behind the first question."""
        self.aggregator(self.race)
        self.mistype()
        to = int(self.endpoint(self.race).split(":")[1])
        with free_ports(4) as ports:
            for i in (2, 3):
                ports[i].listen()
                threading.Thread(target=pass_on_one, daemon=True,
                                 args=(ports[i], to + i)).start()
            where = "127.0.0.1:%d" % ports[0].getsockname()[1]
            status, out, err = self.palmares(
                "unknown", "--format", "csv", "--aggregator", where)
        self.assertEqual(status, 0, err)
        self.assertIn("who may be meant cannot be told", err)
        self.assertEqual(
            [(u["text"], u["near"]) for u in csv.DictReader(io.StringIO(out))],
            [("421", ""), ("9000", ""), ("E377A21", "")])

    def other_race(self):
        """A folder of another race, whose endpoint has passed on to ours."""
        other = self.path("other")
        shutil.copytree(self.race, other,
                        ignore=shutil.ignore_patterns("race.db*"))
        with open(os.path.join(other, "race.yaml"), encoding="utf-8") as f:
            text = f.read()
        write(os.path.join(other, "race.yaml"),
              re.sub("^title: .*", "title: Other", text, flags=re.M))
        return other

    def send_start(self, race, *args):
        p = self.collector(
            race, "depart", "csv:%s/crossings/depart.csv" % race,
            "--once", "--timeout", "60", *args)
        return p.wait(), p.err()

    def test_crossings_do_not_go_to_another_race_unless_it_is_named(self):
        self.aggregator(self.race)
        other = self.other_race()
        status, err = self.send_start(other)
        self.assertEqual(status, 1)
        self.assertIn("not 'Other'", err)
        db = os.path.join(self.race, "race.db")
        self.assertEqual(crossings_stored(db), 0)
        status, err = self.send_start(other, "--aggregator",
                                      self.endpoint(self.race))
        self.assertEqual(status, 0, err)
        self.assertEqual(err.count("not 'Other'"), 1)
        self.assertEqual(crossings_stored(db), 767)

    def test_another_race_is_not_shown_unless_it_is_named(self):
        self.aggregator(self.race)
        other = self.other_race()
        named = ("--aggregator", self.endpoint(self.race))
        for args in [("palmares", "status"), ("palmares-display", "--once"),
                     ("palmares-display",)]:
            status, out, err = self.run_program(*args, "--race", other)
            self.assertEqual((status, out), (1, ""), args)
            self.assertIn("not 'Other'", err)
        for args in [("palmares", "status"), ("palmares-display", "--once")]:
            status, _, err = self.run_program(*args, "--race", other, *named)
            self.assertEqual(status, 0, err)

    def test_a_title_edited_during_the_race_stops_nobody(self):
        aggregator = self.aggregator(self.race)
        reader, writer = os.pipe()
        p = self.start("palmares-collector", "--race", self.race, "--point",
                       "depart", "--source", "stdin", "--outbox",
                       self.outbox(self.race, "depart"), stdin=reader)
        os.close(reader)
        db = os.path.join(self.race, "race.db")
        with os.fdopen(writer, "w") as lines:
            lines.write("time,bib\n2014-05-15T12:30:00+02:00,1\n")
            lines.flush()
            wait_until("the first is stored",
                       lambda: crossings_stored(db) == 1, programs=[p])
            path = os.path.join(self.race, "race.yaml")
            with open(path, encoding="utf-8") as f:
                text = f.read()
            write(path, re.sub("^title: .*", "title: Edited", text,
                               flags=re.M))
            status, _, err = self.palmares("status", "--race", self.race)
            self.assertEqual(status, 0, err)
            where = self.endpoint(self.race)
            self.stops_well(aggregator)
            self.aggregator(self.race, listen=where)
            lines.write("2014-05-15T12:30:01+02:00,2\n")
            lines.flush()
            wait_until("the second is stored",
                       lambda: crossings_stored(db) == 2, programs=[p])
        self.stops_well(p)

    def test_a_race_folder_that_is_not_there_is_said_not_to_be(self):
        for args in [("palmares", "status"), ("palmares-display",),
                     ("palmares-display", "--once")]:
            status, _, err = self.run_program(*args, "--race", "/nonexistent")
            self.assertEqual(status, 2, err)
            self.assertIn("/nonexistent: No such file", err)

    def test_an_output_that_is_full_is_a_failure_that_is_told(self):
        self.aggregator(self.race)
        self.replay()
        where = ("--race", self.race)
        for args in [("palmares", "check", self.race),
                     ("palmares", "status", *where),
                     ("palmares", "status", "--format", "json", *where),
                     ("palmares", "unknown", *where),
                     ("palmares", "unknown", "--format", "csv", *where),
                     ("palmares", "export", "--ranking", "live", *where),
                     ("palmares", "help"),
                     ("palmares-display", "--once", *where),
                     ("palmares-display", *where)]:
            with open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [os.path.join(BIN, args[0]), *args[1:]], stdout=full,
                    stderr=subprocess.PIPE, timeout=PATIENCE)
            self.assertEqual(done.returncode, 1, args)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_an_export_of_no_ranking_names_them_at_once(self):
        status, _, err = self.palmares("export", "--race", self.race)
        self.assertEqual(status, 2)
        self.assertIn("scratch", err)
        # Nobody listens there, and nobody is asked.
        status, _, err = self.palmares("export", "--aggregator", "127.0.0.1:1")
        self.assertEqual(status, 2)
        self.assertIn("--ranking", err)

    def test_what_a_killed_aggregator_left_is_read_without_asking_it(self):
        aggregator = self.aggregator(self.race)
        self.replay()
        aggregator.kill9()
        self.assertTrue(os.path.exists(os.path.join(self.race, "endpoint")))
        for args in [("export", "--ranking", "live"), ("unknown",)]:
            status, _, err = self.palmares(*args, "--race", self.race)
            self.assertEqual((status, err), (0, ""))

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes somebody else")
    def test_whoever_may_not_write_the_race_folder_can_read_it(self):
        self.stops_well(self.aggregator(self.race))
        for folder, _, files in os.walk(self.race):
            os.chmod(folder, 0o555)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(self.folder, 0o755)
        # The build may lie where nobody else may go.
        program = shutil.copy(os.path.join(BIN, "palmares"), self.folder)
        for args in [("check", self.race),
                     ("unknown", "--offline", "--race", self.race),
                     ("export", "--ranking", "live", "--race", self.race)]:
            done = subprocess.run(
                [program, *args], user=65534,
                capture_output=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, b""), args)


if __name__ == "__main__":
    import palmares_test
    palmares_test.main()
