#!/usr/bin/env python3
"""
bad_input - what people and networks get wrong: each has to give a clear
message and exit status 1 or 2, crash nothing and lose nothing.
"""

import os
import random
import socket
import sqlite3
import subprocess
import time

import palmares_test
import zmtp
from palmares_test import System, crossings_stored, read, wait_until, write

RACE = """\
title: Mistakes
date: 2014-03-30
timezone: Europe/Paris
waves:
  all: { gun: "10:00:00" }
points:
  depart:  { km: 0 }
  arrivee: { km: 8 }
rankings:
  scratch: { of: runners }
  teams:   { of: teams, score: time, best: 3 }
"""
ENTRIES = "bib,chip,name,team\n" + "".join(
    "%d,C%04d,Coureuse Élodie %03d,Entreprise %02d\n" % (i, i, i, i % 7)
    for i in range(1, 101))
GOOD = "time,bib\n" + "".join("+%d.5,%d\n" % (1800 + i, i)
                              for i in range(1, 101))
GUN_US = 1396166400000000  # 2014-03-30 10:00:00 in Paris
LONG = "7" * 10000


class BadInput(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")
        write(os.path.join(self.race, "race.yaml"), RACE)
        write(os.path.join(self.race, "entries.csv"), ENTRIES)
        self.db = os.path.join(self.race, "race.db")
        self.good = write(self.path("good.csv"), GOOD)

    # ---- what is asked of every refusal

    def refused(self, program, *words, timeout=30):
        """It ended by itself with 1 or 2 and said these words."""
        status = program.wait(timeout)
        said = program.err() + program.out()
        self.assertIn(status, (1, 2), "%s\n%s" % (program, said))
        self.assertTrue(said.strip(), "%s said nothing" % program)
        self.assertNotIn("Sanitizer", said)
        for word in words:
            self.assertIn(word.lower(), said.lower(), str(program))

    def aggregator_refused(self, *words, args=()):
        p = self.start("palmares-aggregator", self.race,
                       "--listen", "127.0.0.1:0", *args)
        self.refused(p, *words)

    def check_refused(self, *words):
        self.refused(self.start("palmares", "check", "--race", self.race),
                     *words)

    def good_collector(self, name="arrivee"):
        self.ends_well(self.collector(
            self.race, "arrivee", "csv:" + self.good, "--once", "--timeout",
            "30", name=name))

    def still_works(self, aggregator, stored):
        """The aggregator lives, and a collector's crossings get there."""
        self.assertTrue(aggregator.running(), aggregator.err())
        self.good_collector("afterwards")
        self.assertEqual(crossings_stored(self.db), stored + 100)
        table = self.export(self.race, "scratch", "--format", "csv")
        self.assertEqual(len(table.splitlines()), 101)
        self.assertEqual(self.stored_exactly_once(self.race, ["afterwards"]),
                         (100, 100, 0, 0))

    # ---- files of the race folder

    def test_a_race_folder_that_is_not_there(self):
        self.race = self.path("nowhere")
        self.aggregator_refused("nowhere")
        self.check_refused("race.yaml")

    def test_a_missing_race_yaml(self):
        os.remove(os.path.join(self.race, "race.yaml"))
        self.aggregator_refused("race.yaml")
        self.check_refused("race.yaml")

    def test_missing_entries(self):
        os.remove(os.path.join(self.race, "entries.csv"))
        self.aggregator_refused("entries.csv")
        self.check_refused("entries.csv")

    def test_files_that_cannot_be_read(self):
        # A directory, since root may read whatever mode a file has.
        for name in ("race.yaml", "entries.csv"):
            with self.subTest(name):
                path = os.path.join(self.race, name)
                kept = read(path)
                os.remove(path)
                os.mkdir(path)
                self.aggregator_refused(name)
                self.check_refused(name)
                os.rmdir(path)
                write(path, kept)

    def test_a_race_yaml_with_several_mistakes_reports_them_all(self):
        write(os.path.join(self.race, "race.yaml"), RACE
              .replace("Europe/Paris", "Europe/Pariss")
              .replace("best: 3", "bets: 3")
              .replace("km: 8", "km: huit"))
        self.check_refused("race.yaml:3", "Europe/Pariss", "race.yaml:8",
                           "huit", "race.yaml:11", "bets")
        self.aggregator_refused("Europe/Pariss")

    def test_entries_without_a_bib_column(self):
        write(os.path.join(self.race, "entries.csv"), "nom,prenom\na,b\n")
        self.check_refused("entries.csv:1", "bib")
        self.aggregator_refused("entries.csv", "bib")

    def test_bibs_given_twice(self):
        write(os.path.join(self.race, "entries.csv"),
              ENTRIES + "17,C9999,Coureur 900,Entreprise 01\n")
        self.check_refused("entries.csv:102", "17")
        self.aggregator_refused("entries.csv:102", "17")

    def test_chips_given_twice(self):
        # Case and leading zeros make no other chip.
        write(os.path.join(self.race, "entries.csv"),
              ENTRIES + "901,0c0017,Coureur 901,\n902,C0017,Coureur 902,\n"
              "903,00C0017,Coureur 903,\n")
        self.check_refused("entries.csv:103", "C0017")
        self.aggregator_refused("entries.csv", "C0017")

    def test_a_bib_of_10000_characters_among_the_entries(self):
        write(os.path.join(self.race, "entries.csv"),
              ENTRIES + LONG + ",C9999,Coureur 900,Entreprise 01\n")
        self.check_refused("entries.csv:102", "bib")
        self.aggregator_refused("entries.csv:102")

    def test_bytes_that_are_no_text_among_the_entries(self):
        write(os.path.join(self.race, "entries.csv"),
              ENTRIES.encode("utf-8") + b"901,C9\x00999,Coureur,\n")
        self.check_refused("entries.csv:102")
        self.aggregator_refused("entries.csv:102")

    # ---- crossings

    def bad_lines(self, bad, *words, header="time,bib\n"):
        """
        A file with one bad line in the middle: it is reported by file and line,
        the others are stored, and the collector ends with 1.
        """
        lines = GOOD.splitlines(True)[1:]
        if isinstance(bad, str):
            bad = bad.encode("utf-8")
        path = write(self.path("crossings.csv"), header.encode() +
                     "".join(lines[:50]).encode() + bad +
                     "".join(lines[50:]).encode())
        aggregator = self.aggregator(self.race)
        p = self.collector(self.race, "arrivee", "csv:" + path, "--once",
                           "--timeout", "30", name="bad")
        self.refused(p, "crossings.csv:52", *words)
        self.assertEqual(p.process.returncode, 1)
        self.assertEqual(crossings_stored(self.db), 100)
        self.assertEqual(self.stored_exactly_once(self.race, ["bad"]),
                         (100, 100, 0, 0))
        self.still_works(aggregator, 100)

    def test_a_time_that_the_clocks_left_out(self):
        # At two in the morning of that day Paris went straight to three.
        self.bad_lines("02:30:00,17\n", "02:30")

    def test_a_bare_number_as_time(self):
        self.bad_lines("1816.5,17\n", "1816.5", "+")

    def test_words_as_time(self):
        self.bad_lines("midi,17\n", "midi")

    def test_a_time_of_another_century(self):
        self.bad_lines("1914-09-21T10:00:00Z,17\n", "1914")

    def test_a_bib_of_10000_characters_in_a_crossing(self):
        self.bad_lines("+1816.5,%s\n" % LONG, "bib")

    def test_a_nul_byte_in_a_crossing(self):
        self.bad_lines(b"+1816.5,1\x007\n")

    def test_a_line_without_a_time(self):
        self.bad_lines(",17\n")

    def test_a_crossings_file_that_is_not_there(self):
        self.aggregator(self.race)
        self.refused(self.collector(
            self.race, "arrivee", "csv:" + self.path("nowhere.csv"), "--once",
            "--timeout", "30"), "nowhere.csv")

    def test_a_crossings_file_that_is_a_directory(self):
        self.aggregator(self.race)
        self.refused(self.collector(self.race, "arrivee", "csv:" + self.folder,
                                    "--once", "--timeout", "30"), self.folder)

    def test_crossings_with_wrong_columns(self):
        aggregator = self.aggregator(self.race)
        path = write(self.path("crossings.csv"), "heure,dossard\n+1800,17\n")
        p = self.collector(self.race, "arrivee", "csv:" + path, "--once",
                           "--timeout", "30", name="bad")
        self.refused(p, "crossings.csv", "time")
        self.still_works(aggregator, 0)

    def test_rows_that_need_the_race_are_taken_once_it_is_named(self):
        """Forgetting --race or --gun loses no row: nothing is refused."""
        write(os.path.join(self.race, "race.yaml"), RACE.replace(
            "points:", "  late: { gun: \"10:10:00\" }\npoints:"))
        write(os.path.join(self.race, "entries.csv"),
              "bib,team,wave\n1,A,all\n2,A,all\n3,A,late\n")
        aggregator = self.aggregator(self.race)
        path = write(self.path("crossings.csv"), "time,bib\n"
                     "2014-03-30T10:30:00+02:00,1\n10:30:01,2\n+1802,3\n")
        start = ["palmares-collector", "--name", "slip", "--point", "arrivee",
                 "--aggregator", self.endpoint(self.race), "--source",
                 "csv:" + path, "--outbox", self.outbox(self.race, "slip"),
                 "--once", "--timeout", "30"]
        for args, words in (
                ([], ":3: 10:30:01 is a local time: name the race folder with "
                     "--race"),
                (["--race", self.race], ":4: +1802 counts from a gun")):
            p = self.start(*start, *args)
            self.refused(p, path + words)
            self.assertEqual(p.process.returncode, 2)
            self.assertNotIn("refused", p.out())
        self.ends_well(self.start(*start, "--race", self.race, "--gun", "all"))
        self.assertEqual(self.stored_exactly_once(self.race, ["slip"]),
                         (3, 3, 0, 0))
        self.stops_well(aggregator)

    def test_a_file_that_another_one_has_taken_the_place_of(self):
        """Whatever its length, it is not read on in the middle."""
        self.aggregator(self.race)
        first = "time,bib\n+1800,1\n+1801,2\n"
        path = write(self.path("crossings.csv"), first)
        args = ("arrivee", "csv:" + path, "--once", "--timeout", "30")
        self.ends_well(self.collector(self.race, *args))
        for other in (first.replace("+1801", "+1800,9\n+1801"),
                      first.replace(",2", ",3")):
            write(path, other)
            p = self.collector(self.race, *args)
            self.refused(p, path + " is not the file that was read before (its "
                         "first %d bytes differ)" % len(first), "--outbox")
        write(path, first + "+1802,3\n")
        self.ends_well(self.collector(self.race, *args))
        self.assertEqual(self.stored_exactly_once(self.race, ["arrivee"]),
                         (3, 3, 0, 0))

    def test_a_point_that_is_not_on_the_course(self):
        aggregator = self.aggregator(self.race)
        self.refused(self.collector(
            self.race, "mi-cuorse", "csv:" + self.good, "--once", "--timeout",
            "30"), "mi-cuorse")
        self.still_works(aggregator, 0)

    def test_a_pipe_that_has_given_crossings_goes_on_after_a_row_like_no_other(
            self):
        """A reader cannot say again what came behind it."""
        self.aggregator(self.race)
        c = self.start("palmares-collector", "--aggregator",
                       self.endpoint(self.race), "--point", "arrivee",
                       "--outbox", self.path("o.db"), "--source", "stdin",
                       "--once", "--timeout", "30", stdin=subprocess.PIPE)
        c.process.stdin.write(b"time,bib\n2014-09-21T10:30:00Z,1\n"
                              b"10:30:01,2\n2014-09-21T10:30:02Z,3\n")
        c.process.stdin.close()
        self.refused(c, "stdin:3", "--race")
        self.assertIn("stored 2", " ".join(c.out().split()))
        self.assertIn("refused 1", c.out())

    def test_a_point_that_only_the_aggregator_knows_to_be_wrong(self):
        """Without a race folder a collector cannot tell; it is said there."""
        aggregator = self.aggregator(self.race)
        listen = self.endpoint(self.race)
        c = self.start("palmares-collector", "--aggregator", listen, "--point",
                       "mi-cuorse", "--outbox", self.path("o.db"), "--source",
                       "stdin", stdin=subprocess.PIPE)
        wait_until("the aggregator says so", lambda:
                   "no point 'mi-cuorse'" in aggregator.err(),
                   programs=[aggregator, c])
        self.stops_well(c)
        c.process.stdin.close()

    def test_crossings_that_nobody_can_use_are_kept_and_listed(self):
        """A bib and a chip that nobody has: stored, and `unknown` names them."""
        path = write(self.path("strange.csv"),
                     "time,bib,chip\n+1800,9071,\n+1801,,DEADC0DE\n+1802,,C0017\n")
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(self.race, "arrivee", "csv:" + path,
                                      "--once", "--timeout", "30"))
        status, out, err = self.run_program("palmares", "unknown", "--race",
                                            self.race)
        self.assertEqual(status, 0, err)
        self.assertIn("9071", out)
        self.assertIn("DEADC0DE", out)
        self.assertNotIn("C0017", out)
        self.still_works(aggregator, 3)

    # ---- questions

    def test_a_ranking_that_does_not_exist(self):
        for how in ("offline", "live"):
            with self.subTest(how):
                if how == "live":
                    aggregator = self.aggregator(self.race)
                else:
                    self.stops_well(self.aggregator(self.race))
                self.refused(self.start(
                    "palmares", "export", "--race", self.race, "--ranking",
                    "scratsh"), "scratsh", "scratch")
        self.refused(self.start("palmares-display", "scratsh", "--race",
                                self.race, "--once"), "scratsh")
        self.still_works(aggregator, 0)

    def test_arguments_that_do_not_exist(self):
        for name in ("palmares-aggregator", "palmares-collector",
                     "palmares-display", "palmares"):
            p = self.start(name, "--colour-of-the-sky")
            self.refused(p, "--help")
            self.assertEqual(p.process.returncode, 2, name)
            # Its name, not the path that it was started by.
            self.assertTrue(p.err().startswith(name + ": "), p.err())

    def test_nobody_there(self):
        """Without an aggregator a collector keeps everything and says so."""
        p = self.collector(self.race, "arrivee", "csv:" + self.good, "--once",
                           "--timeout", "1", "--aggregator", "127.0.0.1:1")
        self.refused(p, "--timeout is over, 100 crossings wait on disk for "
                     "tcp://127.0.0.1:1")
        self.assertEqual(p.process.returncode, 1)
        aggregator = self.aggregator(self.race)
        self.ends_well(self.collector(self.race, "arrivee", "csv:" + self.good,
                                      "--once", "--timeout", "30"))
        self.assertEqual(crossings_stored(self.db), 100)
        self.still_works(aggregator, 100)

    def test_a_collector_that_reaches_nobody_says_each_minute_whom_it_asks(
            self):
        clock = write(self.path("clock"), "0 0 0 0\n")
        shim = os.path.normpath(os.path.join(palmares_test.BIN, "..", "tests",
                                             "clock_shim.so"))
        p = self.start(
            "palmares-collector", "--race", self.race, "--point", "arrivee",
            "--source", "csv:" + self.good, "--outbox", self.path("asks.db"),
            "--once", "--aggregator", "127.0.0.1:1",
            env={"LD_PRELOAD": shim, "PALMARES_TEST_CLOCK": clock,
                 "ASAN_OPTIONS": "verify_asan_link_order=0"})
        wait_until("it says that nobody answers",
                   lambda: "no answer for 3 s" in p.err(), programs=[p])
        self.assertNotIn("no answer yet", p.err())
        # All clocks have gone on by a minute.
        write(clock + ".new", "%d 1000000000 0 0\n"
              % (time.monotonic_ns() - 60 * 10 ** 9))
        os.rename(clock + ".new", clock)
        wait_until("it says whom it asks", lambda:
                   "uplink tcp://127.0.0.1:1: no answer yet, 100 crossings "
                   "waiting on disk" in p.err(), programs=[p])
        self.assertEqual(p.err().count("no answer yet"), 1)
        self.stops_well(p)

    def test_who_stops_a_collector_is_told_what_waits_and_how_to_send_it(self):
        source = write(self.path("growing.csv"), GOOD)
        for address, named in ((None, "HOST"), ("127.0.0.1:1", "127.0.0.1:1")):
            args = [] if address is None else ["--aggregator", address]
            p = self.collector(self.race, "arrivee", "tail:" + source, *args,
                               name="stopped-" + named.replace(":", "-"))
            wait_until("it is read", lambda: "no answer" in p.err(),
                       programs=[p])
            self.stops_well(p)
            path = os.path.realpath(p.args[p.args.index("--outbox") + 1])
            self.assertIn(
                "100 events are not acknowledged: they are safe in %s; send "
                "them with palmares-collector --outbox %s --once --aggregator "
                "%s\n" % (path, path, named), p.err())
        # So it is.
        aggregator = self.aggregator(self.race)
        self.ends_well(self.start(
            "palmares-collector", "--outbox", path, "--once", "--aggregator",
            self.endpoint(self.race)))
        self.assertEqual(crossings_stored(self.db), 100)
        p = self.collector(self.race, "arrivee", "tail:" + source,
                           name="stopped-127.0.0.1-1")
        wait_until("it is there", lambda: "race '" in p.err(), programs=[p])
        self.stops_well(p)
        self.assertNotIn("not acknowledged", p.err())
        self.stops_well(aggregator)

    # ---- ports and databases

    def test_ports_in_use(self):
        # Of seven ports that nobody has, below those that the system gives to
        # whoever connects, the one in the middle.
        with palmares_test.free_ports(7) as sockets:
            port = sockets[3].getsockname()[1]
            sockets[3].listen()
            for s in sockets[:3] + sockets[4:]:
                s.close()
            for base in (port, port - 1, port - 2, port - 3):
                with self.subTest(base - port):
                    self.refused(self.start(
                        "palmares-aggregator", self.race, "--listen",
                        "127.0.0.1:%d" % base), str(port))
        # Nothing has begun: entries are still those of the folder.
        self.assertFalse(os.path.exists(self.db))
        late = write(self.path("late.csv"), "bib,name\n101,Late\n")
        status, _, err = self.run_program(
            "palmares", "roster", "import", late, "--race", self.race, "--yes")
        self.assertEqual(status, 0, err)
        write(os.path.join(self.race, "entries.csv"), ENTRIES)
        self.still_works(self.aggregator(self.race), 0)

    def with_a_used_store(self):
        aggregator = self.aggregator(self.race)
        self.good_collector()
        self.stops_well(aggregator)
        return read(self.db)

    def test_a_database_of_a_newer_schema(self):
        kept = self.with_a_used_store()
        db = sqlite3.connect(self.db)
        db.execute("PRAGMA user_version = 99")
        db.commit()
        db.close()
        changed = read(self.db)
        self.aggregator_refused("race.db", "99")
        self.refused(self.start("palmares", "export", "--race", self.race,
                                "--ranking", "scratch", "--offline"), "99")
        self.assertEqual(read(self.db), changed, "race.db was written to")
        write(self.db, kept)
        self.still_works(self.aggregator(self.race), 100)

    def test_a_truncated_database(self):
        kept = self.with_a_used_store()
        for size in (1, 50, 4096, len(kept) // 2, len(kept) - 4096):
            with self.subTest(size):
                write(self.db, kept[:size])
                self.aggregator_refused("race.db")
                self.assertEqual(read(self.db), kept[:size],
                                 "race.db was written to")
        write(self.db, kept)
        self.still_works(self.aggregator(self.race), 100)

    def test_a_database_that_is_something_else(self):
        write(self.db, "Ceci n'est pas une base.\n" * 1000)
        self.aggregator_refused("race.db")
        os.remove(self.db)
        db = sqlite3.connect(self.db)
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()
        db.close()
        self.aggregator_refused("race.db")

    # ---- the network

    def ports(self):
        host, base = self.endpoint(self.race).rsplit(":", 1)
        return host, [int(base) + i for i in range(4)]

    def test_random_bytes_on_every_port(self):
        noise = random.Random(palmares_test.seed())
        aggregator = self.aggregator(self.race)
        self.good_collector()
        host, ports = self.ports()
        for port in ports:
            for _ in range(50):
                with socket.create_connection((host, port), 10) as s:
                    try:
                        s.sendall(noise.randbytes(noise.randint(1, 5000)))
                    except ConnectionError:
                        pass  # libzmq may hang up before it has all
        self.still_works(aggregator, 100)

    def test_random_frames_on_every_port(self):
        noise = random.Random(palmares_test.seed())
        aggregator = self.aggregator(self.race)
        self.good_collector()
        host, ports = self.ports()
        for i, port in enumerate(ports):
            kind = b"SUB" if i == 1 else b"DEALER"
            with zmtp.Peer(host, port, kind) as peer:
                for _ in range(200):
                    peer.send(noise.randbytes(noise.randint(0, 400)),
                              more=noise.random() < 0.2)
                peer.send(b"PLMR" + noise.randbytes(60))
        self.still_works(aggregator, 100)

    def test_a_frame_of_100_megabytes(self):
        aggregator = self.aggregator(self.race)
        self.good_collector()
        host, ports = self.ports()
        before = memory(aggregator)
        for i, port in enumerate(ports):
            with self.subTest(port=i):
                peer = zmtp.Peer(host, port, b"SUB" if i == 1 else b"DEALER")
                with self.assertRaises(OSError, msg="the claim was believed"):
                    peer.claim(100 * 1000 * 1000)
                    for _ in range(100):
                        peer.socket.sendall(bytes(1000 * 1000))
                peer.close()
        self.assertLess(memory(aggregator) - before, 20 * 1000 * 1000)
        self.still_works(aggregator, 100)

    def refusal(self, peer, data):
        """Sends it on the collectors' port; the words of the REFUSE."""
        peer.send(data)
        kind, content = peer.receive()
        self.assertEqual(kind, zmtp.REFUSE)
        return content.get(2, b"").decode("utf-8")

    def test_messages_that_are_not_right(self):
        aggregator = self.aggregator(self.race)
        self.good_collector()
        host, ports = self.ports()
        good = zmtp.hello(0x1234)
        flipped = bytearray(good)
        flipped[20] ^= 4
        wrong = {
            "two messages in one": good + good,
            "a message cut short": good[:-1],
            "a bit flipped": bytes(flipped),
            "another magic": b"HTTP" + good[4:],
            "invalid UTF-8": zmtp.hello(0x1234, name=b"caf\xe9"),
            "a name of 10,000 characters": zmtp.hello(0x1234, name=LONG),
            "no payload": zmtp.message(zmtp.HELLO, b""),
            "a message that only we send": zmtp.message(
                zmtp.WELCOME, zmtp.fixed64(1, 1)),
            "another type": zmtp.message(99, b""),
            "another version": zmtp.message(zmtp.HELLO, good[16:], version=9),
            "nothing": b"",
        }
        with zmtp.Peer(host, ports[0]) as peer:
            for what, data in wrong.items():
                with self.subTest(what):
                    self.assertTrue(self.refusal(peer, data), "no words")
            peer.send(good)  # the same connection goes on
            self.assertEqual(peer.receive()[0], zmtp.WELCOME)
        self.still_works(aggregator, 100)

    def test_batches_that_are_not_right(self):
        aggregator = self.aggregator(self.race)
        host, ports = self.ports()
        event = zmtp.crossing("17", GUN_US + 1800 * 10 ** 6)
        with zmtp.Peer(host, ports[0]) as peer:
            self.refusal(peer, zmtp.batch(0x1234, 1, 0, [event]))  # no HELLO
            peer.send(zmtp.hello(0x1234))
            self.assertEqual(peer.receive()[0], zmtp.WELCOME)
            with self.subTest("a chain that is not the stored one"):
                self.refusal(peer, zmtp.batch(0x1234, 1, 77, [event]))
            with self.subTest("501 events"):
                self.refusal(peer, zmtp.batch(0x9999, 1, 0, [event] * 501))
        with zmtp.Peer(host, ports[0]) as peer:
            peer.send(zmtp.hello(0x4321, name="later"))
            self.assertEqual(peer.receive()[0], zmtp.WELCOME)
            with self.subTest("a hole"):
                peer.send(zmtp.batch(0x4321, 3, 0, [event]))
                kind, content = peer.receive()
                self.assertEqual((kind, content[2]), (zmtp.GAP, 1))
        self.assertEqual(crossings_stored(self.db), 0)
        self.still_works(aggregator, 0)

    def test_events_that_cannot_be_read_are_kept_for_a_later_version(self):
        aggregator = self.aggregator(self.race)
        host, ports = self.ports()
        time_us = GUN_US + 1800 * 10 ** 6
        events = [zmtp.crossing(LONG, time_us),
                  zmtp.crossing(b"caf\xe9", time_us),
                  zmtp.crossing("17", 5),
                  zmtp.text(99, "from another time"), b"\xff\xff\xff"]
        with zmtp.Peer(host, ports[0]) as peer:
            peer.send(zmtp.hello(0x4321, name="later"))
            self.assertEqual(peer.receive()[0], zmtp.WELCOME)
            peer.send(zmtp.batch(0x4321, 1, 0, events))
            kind, content = peer.receive()
            self.assertEqual((kind, content[2]), (zmtp.ACK, len(events)))
        bodies = [row[0] for row in palmares_test.sql(
            self.db, "SELECT body FROM log JOIN stream s ON s.id = stream"
            " WHERE s.name = 'later' ORDER BY seq")]
        self.assertEqual(bodies, events)
        self.still_works(aggregator, len(events))

    def test_questions_that_are_not_right(self):
        aggregator = self.aggregator(self.race)
        host, ports = self.ports()
        for port in ports[2:]:
            with zmtp.Peer(host, port) as peer:
                self.refusal(peer, b"?")
                self.refusal(peer, zmtp.message(99, b""))
        with zmtp.Peer(host, ports[2]) as peer:
            self.refusal(peer, zmtp.message(
                zmtp.SNAPSHOT_REQUEST, zmtp.uint(1, 1) + zmtp.text(2, "nope")))
        self.still_works(aggregator, 0)

    def test_a_peer_that_says_nothing_and_one_that_leaves_at_once(self):
        aggregator = self.aggregator(self.race)
        host, ports = self.ports()
        silent = [socket.create_connection((host, p), 10) for p in ports]
        for port in ports:
            for _ in range(100):
                socket.create_connection((host, port), 10).close()
        self.still_works(aggregator, 0)
        for s in silent:
            s.close()


def memory(program):
    """Resident bytes."""
    with open("/proc/%d/status" % program.pid, encoding="ascii") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    palmares_test.main()
