#!/usr/bin/env python3
"""
roster - entries from spreadsheets, before the race and while it runs: the real
programs, killed in the middle, and two operators at once.
"""

import csv
import fcntl
import getpass
import io
import os
import pty
import select
import shutil
import time
import unittest

import zmtp
from palmares_test import (BIN, PATIENCE, ROOT, Failed, System,
                           crossings_stored, read, sql, wait_until, write)

SMALL = """\
title: Roster
date: 2014-09-21
timezone: Europe/Paris
waves: { all: { gun: "10:00:00" } }
points: { depart: { km: 0 }, arrivee: { km: 8 } }
rankings:
  scratch: { of: runners }
  teams: { of: teams, score: time, best: 1 }
"""

OPERATORS_STORED = "SELECT total(cursor) FROM stream WHERE operators = 1"
OPERATORS_LOGGED = """
    SELECT count(*), count(DISTINCT e.stream || ' ' || e.seq) FROM log e
    JOIN stream s ON s.id = e.stream WHERE s.operators = 1"""


class Roster(System):
    def setUp(self):
        super().setUp()
        self.race = self.path("race")

    def make(self, entries="bib,name,team\n1,Anna,PMU\n2,Bob,PMU\n",
             rules=SMALL):
        write(os.path.join(self.race, "race.yaml"), rules)
        if entries is not None:
            write(self.entries(), entries)

    def entries(self, end=""):
        return os.path.join(self.race, "entries.csv" + end)

    def db(self):
        return os.path.join(self.race, "race.db")

    def sheet(self, text, name="sheet.csv"):
        return write(self.path(name), text)

    def palmares(self, *args, **kw):
        return self.run_program("palmares", *args, **kw)

    def roster(self, *args):
        return self.palmares("roster", *args, "--race", self.race)

    def people(self):
        """bib -> row of the roster as it is exported."""
        status, out, err = self.roster("export")
        self.assertEqual(status, 0, err)
        return {r["bib"]: r for r in csv.DictReader(io.StringIO(out))}

    def names(self):
        return {bib: r["name"] for bib, r in self.people().items()}

    def ranking(self, name):
        text = self.export(self.race, name).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    # ---- while the race runs

    def test_an_import_shows_on_the_boards_while_crossings_flow(self):
        self.make()
        aggregator = self.aggregator(self.race)
        reading, writing = os.pipe()
        finish = self.start("palmares-collector", "--race", self.race,
                            "--point", "arrivee", "--name", "finish",
                            "--source", "stdin", "--outbox",
                            self.outbox(self.race, "finish"), stdin=reading)
        os.close(reading)
        crossings = ["+1800,1\n", "+1900,2\n", "+1700,77\n"]
        for i in range(200):
            crossings.append("+%d,%d\n" % (2000 + i, 5000 + i))
        with os.fdopen(writing, "w") as stdin:
            stdin.write("time,bib\n" + "".join(crossings[:100]))
            stdin.flush()
            wait_until("the first crossings are stored",
                       lambda: crossings_stored(self.db()) >= 99,
                       programs=[aggregator, finish])
            self.assertEqual([r["bib"] for r in self.ranking("scratch")
                              if r["place"]], ["1", "2"])
            status, out, _ = self.palmares("unknown", "--race", self.race,
                                           "--format", "csv")
            self.assertIn("bib,77,", out)
            sheet = self.sheet("Dossard;Nom;Prénom;Équipe\r\n"
                               "77;Nouvelle;Venue;Nespresso\r\n"
                               "2;;;Nespresso\r\n")
            status, out, err = self.roster("import", sheet, "--yes", "--by",
                                           "Jeanne")
            self.assertEqual(status, 0, out + err)
            stdin.write("".join(crossings[100:]))
        wait_until("all crossings are stored",
                   lambda: crossings_stored(self.db()) == len(crossings),
                   programs=[aggregator, finish])
        rows = self.ranking("scratch")
        self.assertEqual([(r["bib"], r["name"], r["team"])
                          for r in rows if r["place"]],
                         [("77", "Venue Nouvelle", "Nespresso"),
                          ("1", "Anna", "PMU"), ("2", "Bob", "Nespresso")])
        self.assertEqual([(r["team"], r["finishers"])
                          for r in self.ranking("teams")],
                         [("Nespresso", "2"), ("PMU", "1")])
        status, out, _ = self.run_program("palmares-display", "--once",
                                          "scratch", "--race", self.race)
        self.assertEqual(status, 0)
        self.assertIn("Venue Nouvelle", out)
        status, out, _ = self.palmares("unknown", "--race", self.race,
                                       "--format", "csv")
        self.assertNotIn(",77,", out)
        # A command is no station, and who it was is in the log.
        status, out, _ = self.palmares("status", "--race", self.race)
        self.assertNotIn("Jeanne", out)
        wait_until("the operator is told of",
                   lambda: "operator Jeanne: 2 entries changed"
                   in aggregator.err(), programs=[aggregator])
        live = self.export(self.race, "scratch")
        self.stops_well(aggregator)
        self.assertEqual(self.export(self.race, "scratch", "--offline"), live)

    def test_a_restart_with_an_unchanged_file_undoes_no_import(self):
        self.make()
        aggregator = self.aggregator(self.race)
        sheet = self.sheet("bib,name,team\n2,Robert,PMU\n3,Cora,\n")
        self.assertEqual(self.roster("import", sheet, "--yes")[0], 0)
        sheet = self.sheet("bib\n2\n3\n")
        self.assertEqual(
            self.roster("import", sheet, "--yes", "--remove")[0], 0)
        before = self.people()
        self.assertEqual(self.names(), {"2": "Robert", "3": "Cora"})
        aggregator.kill9()
        aggregator = self.aggregator(self.race)
        self.assertEqual(self.people(), before)
        self.assertNotIn("entries.csv", aggregator.err())
        status, out, _ = self.palmares("status", "--race", self.race)
        self.assertIn("no station has spoken yet", out)
        self.stops_well(aggregator)
        self.assertEqual(self.people(), before)
        # An edit of the file that says otherwise is told.
        write(self.entries(), "bib,name,team\n1,Anne,PMU\n2,Bobby,PMU\n"
                              "4,Dora,\n")
        aggregator = self.aggregator(self.race)
        self.assertEqual(self.names(),
                         {"2": "Robert", "3": "Cora", "4": "Dora"})
        self.assertIn("2 of these do not count (bib 1 is the first)",
                      aggregator.err())
        self.stops_well(aggregator)

    def test_nothing_is_changed_without_a_yes(self):
        self.make()
        self.aggregator(self.race)
        sheet = self.sheet("bib,name\n1,Anne\n")
        for args, wanted in [((), 1), (("--dry-run",), 0)]:
            status, out, _ = self.roster("import", sheet, *args)
            self.assertEqual(status, wanted)
            self.assertIn('1  Anna: name "Anna" -> "Anne"', out)
            self.assertIn("nothing was changed", out)
            self.assertEqual(self.names()["1"], "Anna")
        self.assertEqual(self.roster("import", sheet, "--yes")[0], 0)
        self.assertEqual(self.names()["1"], "Anne")
        status, out, _ = self.roster("import", sheet, "--yes")
        self.assertEqual((status, "nothing to change" in out), (0, True))

    def on_terminal(self, answer, *args, meanwhile=None):
        """Runs palmares on a terminal; (exit status, what it showed)."""
        pid, fd = pty.fork()
        if pid == 0:
            os.environ["LC_ALL"] = "C.UTF-8"
            os.execv(os.path.join(BIN, "palmares"), ["palmares", *args])
        shown = b""
        end = time.monotonic() + PATIENCE
        asked = False
        while time.monotonic() < end:
            if not select.select([fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
            if not asked and b"[y/N]" in shown:
                asked = True
                if meanwhile is not None:
                    meanwhile()
                os.write(fd, answer)
        os.close(fd)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status, shown.decode("utf-8", "replace")

    def test_a_person_at_a_terminal_is_asked(self):
        self.make()
        self.aggregator(self.race)
        sheet = self.sheet("bib,name\n1,Anne\n")
        args = ("roster", "import", sheet, "--race", self.race)
        status, shown = self.on_terminal(b"\n", *args)
        self.assertEqual((status, self.names()["1"]), (1, "Anna"), shown)
        # Ctrl-C ends it, though a loop ran before.
        status, shown = self.on_terminal(b"\x03", *args)
        self.assertEqual((status, self.names()["1"]), (-2, "Anna"), shown)
        # Another operator is quicker: what was shown is no longer so.
        other = self.sheet("bib,name\n1,Annette\n", "other.csv")
        status, shown = self.on_terminal(
            b"y\n", *args,
            meanwhile=lambda: self.roster("import", other, "--yes"))
        self.assertEqual((status, self.names()["1"]), (1, "Annette"), shown)
        self.assertIn("bib 1 meanwhile", shown)
        status, shown = self.on_terminal(b"oui\n", *args)
        self.assertEqual((status, self.names()["1"]), (0, "Anne"), shown)

    def test_mistakes_are_told_with_their_line_and_the_rest_is_applied(self):
        self.make()
        self.aggregator(self.race)
        sheet = self.sheet("Inscrits\n"
                           "Dossard;Nom;Sexe;Vague\n"
                           "1;Anne;Q;\n"
                           "2;Bill;H;\n"
                           "2;Bull;H;\n"
                           "3;Cora;F;west\n"
                           "4;Dora;Dame;all\n")
        status, out, err = self.roster("import", sheet, "--yes", "--remove")
        self.assertEqual(status, 1)
        self.assertIn("leave out --remove", out)
        self.assertNotIn("changed\n", out)
        self.assertEqual(self.names(), {"1": "Anna", "2": "Bob"})
        status, out, err = self.roster("import", sheet, "--yes")
        self.assertEqual(status, 1, err)
        self.assertTrue(out.endswith(
            'NOT changed: 1 person\n'
            '  line 3, Anne: sex "Q": must be F, M or X\n'
            'NOT entered: 2 people\n'
            '  line 5, Bull: bib "2" is on line 4 already: each has its own\n'
            '  line 6, Cora: wave "west": no wave of race.yaml has that name\n'
            '\n'
            '2 entries changed, by %s\n'
            'NOT entered: 2 people; NOT changed: 1 person: mend sheet.csv and '
            'import it again\n' % getpass.getuser()), out)
        self.assertEqual(self.names(), {"1": "Anna", "2": "Bill", "4": "Dora"})

    def test_a_workbook_and_two_columns_for_one_thing_are_refused(self):
        self.make()
        self.aggregator(self.race)
        status, out, _ = self.roster(
            "import", self.sheet(b"PK\x03\x04rest", "x.xlsx"), "--yes")
        self.assertEqual(status, 1)
        self.assertIn("save it as CSV", out)
        status, out, _ = self.roster(
            "import", self.sheet("dossard;club;entreprise\n9;a;b\n"), "--yes")
        self.assertEqual(status, 1)
        self.assertIn('"club" and "entreprise"', out)
        status, out, _ = self.roster(
            "import", self.sheet("bib,name\n"), "--yes", "--remove")
        self.assertEqual(status, 1)
        self.assertIn("nobody is in the file", out)
        self.assertEqual(self.names(), {"1": "Anna", "2": "Bob"})

    def test_what_was_exported_is_imported_without_a_change(self):
        shutil.copytree(os.path.join(ROOT, "examples", "8km-2014"), self.race)
        aggregator = self.aggregator(self.race)
        _, live, _ = self.roster("export")
        status, out, err = self.roster("import", self.sheet(live), "--yes")
        self.assertEqual(status, 0, err)
        self.assertIn("412 entries stay as they are", out)
        self.assertIn("nothing to change", out)
        self.stops_well(aggregator)
        self.assertEqual(self.roster("export")[1], live)

    def test_a_list_of_who_gave_up_changes_nothing_else(self):
        self.make("bib,name,sex,team,Ville\n14,Jean MARTIN,M,PMU,Pau\n"
                  "15,Zoé PETIT,F,PMU,Pau\n16,Luc DURAND,M,,Pau\n")
        self.aggregator(self.race)
        sheet = self.sheet("N° dossard*;Nom;Prénom;Sexe (H/F);Équipe;Ville;"
                           "Statut\n14;;;;;;Abandonné\n15;;;;-;-;Forfait\n")
        status, out, err = self.roster("import", sheet, "--yes")
        self.assertEqual(status, 0, out + err)
        self.assertIn('2 changed\n  14  Jean MARTIN: status "" -> "DNF"\n',
                      out)
        self.assertIn("1 entry is not in the file and stays", out)
        self.assertNotIn("DURAND", out)
        people = self.people()
        self.assertEqual(list(people["14"].values()),
                         ["14", "Jean MARTIN", "M", "PMU", "DNF", "Pau"])
        self.assertEqual(list(people["15"].values()),
                         ["15", "Zoé PETIT", "F", "", "DNS", ""])

    def test_what_a_file_lacks_is_told_before_the_question(self):
        self.make(entries="bib,name\n1,Anna\n", rules=SMALL.replace(
            "rankings:\n", "rankings:\n  women: { of: runners, sex: F }\n"))
        self.aggregator(self.race)
        sheet = self.sheet("Dossard;Nom;Geschlecht;Équipe\n"
                           "2;Berta;w;Foulées de l'Adour\n"
                           "3;Cora;w;Foulees de l Adour\n;Dora;w;PMU\n")
        status, shown = self.on_terminal(b"y\n", "roster", "import", sheet,
                                         "--race", self.race)
        self.assertEqual(status, 1, shown)
        order = ["2 new", "1 entry is not in the file",
                 "ranking women filters by sex, and no column is taken as sex",
                 "new team \"Foulees de l Adour\": near to \"Foulées de "
                 "l'Adour\"", "NOT entered: 1 person",
                 "line 4, Dora: the bib is empty", "Apply without them? [y/N]",
                 "2 entries changed", "NOT entered: 1 person: mend sheet.csv"]
        at = [shown.find(words) for words in order[:-1]]
        at.append(shown.rfind(order[-1]))
        self.assertNotIn(-1, at, shown)
        self.assertEqual(at, sorted(at), shown)
        self.assertEqual(self.names(), {"1": "Anna", "2": "Berta", "3": "Cora"})

    # ---- killed in the middle

    def big_sheet(self, count):
        return self.sheet("bib;name;team\n" + "".join(
            "%d;Name %d;Team %d\n" % (i, i, i % 70)
            for i in range(1, count + 1)))

    def stored_of_operators(self):
        return int(sql(self.db(), OPERATORS_STORED)[0][0])

    def killed_in_the_middle(self, count):
        """An aggregator that was killed with some of an import stored."""
        self.make(entries="bib,name\n")
        aggregator = self.aggregator(self.race)
        listen = self.endpoint(self.race)
        before = self.stored_of_operators()
        importing = self.start("palmares", "roster", "import",
                               self.big_sheet(count), "--race", self.race,
                               "--yes")
        end = time.monotonic() + PATIENCE
        while self.stored_of_operators() - before < 500:
            if time.monotonic() > end or not importing.running():
                raise Failed("the import did not begin:\n%s" % importing.err())
        aggregator.kill9()
        stored = self.stored_of_operators() - before
        self.assertGreaterEqual(stored, 500)
        return listen, importing, stored

    def check_big(self, count):
        people = self.people()
        self.assertEqual(len(people), count)
        for i in range(1, count + 1):
            self.assertEqual(people[str(i)]["name"], "Name %d" % i)
            self.assertEqual(people[str(i)]["team"], "Team %d" % (i % 70))

    def test_an_aggregator_killed_in_the_middle_gets_the_rest(self):
        count = 60000
        listen, importing, stored = self.killed_in_the_middle(count)
        self.assertLess(stored, count)
        aggregator = self.aggregator(self.race, listen=listen)
        self.ends_well(importing)
        self.check_big(count)
        # Each change is there once, whatever was sent again.
        self.assertEqual(sql(self.db(), OPERATORS_LOGGED), [(count, count)])
        self.stops_well(aggregator)

    def test_an_import_that_gave_up_is_done_again(self):
        count = 60000
        listen, importing, stored = self.killed_in_the_middle(count)
        self.assertLess(stored, count)
        self.assertEqual(importing.wait(), 1)
        self.assertIn("of %d changes stored" % count, importing.err())
        self.assertIn("again is harmless", importing.err())
        self.aggregator(self.race, listen=listen)
        status, out, err = self.roster("import", self.path("sheet.csv"),
                                       "--yes")
        self.assertEqual(status, 0, err)
        self.assertIn("%d entries stay as they are" % stored, out)
        self.check_big(count)
        self.assertEqual(sql(self.db(), OPERATORS_LOGGED), [(count, count)])

    # ---- two operators

    def test_two_operators_at_once_do_not_undo_each_other(self):
        self.make(entries="bib,name,team\n" + "".join(
            "%d,Name %d,Old\n" % (i, i) for i in range(1, 2001)))
        aggregator = self.aggregator(self.race)
        sheets = []
        for k in range(2):
            sheets.append(self.sheet("bib,team\n" + "".join(
                "%d,Team %d\n" % (i, k) for i in range(1, 2001)
                if i % 2 == k), "sheet%d.csv" % k))
        imports = [self.start("palmares", "roster", "import", s, "--race",
                              self.race, "--yes", "--by", "operator %d" % k)
                   for k, s in enumerate(sheets)]
        for p in imports:
            self.ends_well(p)
        people = self.people()
        self.assertEqual({(int(b) % 2, r["team"]) for b, r in people.items()},
                         {(0, "Team 0"), (1, "Team 1")})
        # About the same people, one of the two holds, whole.
        for k in range(2):
            write(sheets[k], "bib,team\n" + "".join(
                "%d,Both %d\n" % (i, k) for i in range(1, 2001)))
        imports = [self.start("palmares", "roster", "import", s, "--race",
                              self.race, "--yes") for s in sheets]
        statuses = sorted(p.wait() for p in imports)
        self.assertEqual(len(self.people()), 2000)
        teams = {r["team"] for r in self.people().values()}
        self.assertEqual(len(teams), 1)
        # The other one is told if it was overtaken.
        for p in imports:
            if p.wait() != 0:
                self.assertIn("another operator", p.err())
        self.assertIn(statuses, [[0, 0], [0, 1]])
        live = self.people()
        self.stops_well(aggregator)
        self.assertEqual(self.people(), live)

    def test_a_clock_that_was_set_back_keeps_nobody_from_importing(self):
        self.make()
        aggregator = self.aggregator(self.race)
        host, base = self.endpoint(self.race).rsplit(":", 1)
        ahead = int((time.time() + 3600) * 10 ** 6)
        entry = zmtp.text(1, "1") + zmtp.text(3, "Of an hour ahead")
        with zmtp.Peer(host, int(base) + 3) as peer:
            peer.send(zmtp.hello(9, point=""))
            self.assertEqual(peer.receive()[0], zmtp.WELCOME)
            peer.send(zmtp.batch(9, 1, 0, [zmtp.sint(1, ahead) +
                                           zmtp.text(7, entry)]))
            self.assertEqual(peer.receive()[0], zmtp.ACK)
        for name in ("Anne", "Annette"):
            status, out, err = self.roster(
                "import", self.sheet("bib,name\n1,%s\n" % name), "--yes")
            self.assertEqual((status, self.names()["1"]), (0, name), err)
            aggregator.kill9()
            aggregator = self.aggregator(self.race)
            self.assertEqual(self.names()["1"], name)

    def test_a_chip_that_two_operators_give_away_is_told(self):
        self.make("bib,name\n1,Anna\n2,Bob\n")
        aggregator = self.aggregator(self.race)
        sheet = self.sheet("bib,chip\n1,C1\n")
        other = self.sheet("bib,chip\n2,C1\n", "other.csv")
        status, shown = self.on_terminal(
            b"y\n", "roster", "import", sheet, "--race", self.race,
            meanwhile=lambda: self.roster("import", other, "--yes"))
        self.assertEqual(status, 1, shown)
        self.assertIn("chip C1 is that of bibs", shown)
        self.stops_well(aggregator)
        aggregator = self.aggregator(self.race)
        self.assertIn("chip C1 is that of bib", aggregator.err())

    # ---- before the race

    def test_a_newcomer_makes_entries_of_a_spreadsheet(self):
        self.make(entries=None)
        sheet = self.sheet("N°\tNom\tPrénom\tSexe\tTaille\n"
                           "1\tDupont\tAm\u00e9lie\tF\tM\n"
                           "2\tDurand\tLuc\tH\tXL\n".encode("cp1252"))
        status, out, err = self.roster("import", sheet, "--yes")
        self.assertEqual(status, 0, err)
        self.assertEqual(read(self.entries()).decode("utf-8"),
                         "bib,name,sex,Taille\n"
                         "1,Amélie Dupont,F,M\n2,Luc Durand,M,XL\n")
        self.assertFalse(os.path.exists(self.entries(".bak")))
        status, out, _ = self.palmares("check", self.race)
        self.assertIn("2 entries", out)
        old = read(self.entries())
        sheet = self.sheet("bib,name\n2,Lucie Durand\n3,Cora\n")
        self.assertEqual(self.roster("import", sheet, "--yes")[0], 0)
        self.assertEqual(read(self.entries(".bak")), old)
        self.assertEqual(read(self.entries()).decode("utf-8"),
                         "bib,name,sex,Taille\n1,Amélie Dupont,F,M\n"
                         "2,Lucie Durand,M,XL\n3,Cora,,\n")
        self.aggregator(self.race)
        self.assertEqual(self.names(), {"1": "Amélie Dupont",
                                        "2": "Lucie Durand", "3": "Cora"})

    def test_a_folder_without_rules_is_fine_one_with_mistakes_is_not(self):
        os.mkdir(self.race)
        sheet = self.sheet("bib,name\n1,A\n")
        self.assertEqual(self.roster("import", sheet, "--yes")[0], 0)
        self.assertEqual(read(self.entries()), b"bib,name\n1,A\n")
        # Rows that cannot be read would be gone.
        write(self.entries(), "bib,name,sex\n1,A,Q\n2,B,F\n")
        status, out, err = self.roster("import", sheet, "--yes")
        self.assertEqual(status, 1)
        self.assertIn("entries.csv:2", out)
        self.assertIn("mend them first", err)
        self.assertEqual(read(self.entries()), b"bib,name,sex\n1,A,Q\n2,B,F\n")

    def test_a_race_that_has_begun_needs_its_aggregator(self):
        self.make()
        aggregator = self.aggregator(self.race)
        before = read(self.entries())
        for end in (aggregator.stop, None):
            if end is None:
                aggregator = self.aggregator(self.race)
                aggregator.kill9()
            else:
                end()
            status, _, err = self.roster(
                "import", self.sheet("bib,name\n1,Anne\n"), "--yes")
            self.assertEqual(status, 1)
            self.assertIn("start the aggregator first", err)
        self.assertEqual(read(self.entries()), before)

    def test_another_race_is_not_changed_unless_it_is_named(self):
        self.make()
        other = self.path("other")
        shutil.copytree(self.race, other)
        aggregator = self.aggregator(self.race)
        self.stops_well(self.aggregator(other))
        # As if the other one's port had passed on to ours.
        write(os.path.join(other, "endpoint"), self.endpoint(self.race) + "\n")
        sheet = self.sheet("bib,name\n1,Anne\n")
        with open(os.path.join(other, "race.db.lock"), "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for verb in [("import", sheet, "--yes"), ("export",)]:
                status, _, err = self.palmares("roster", *verb, "--race",
                                               other)
                self.assertEqual(status, 1)
                self.assertIn("holds another race", err)
        self.assertEqual(self.names()["1"], "Anna")
        status, _, err = self.palmares(
            "roster", "import", sheet, "--yes", "--race", other,
            "--aggregator", self.endpoint(self.race))
        self.assertEqual(status, 0, err)
        self.assertEqual(self.names()["1"], "Anne")
        self.stops_well(aggregator)

    def test_the_command_line_is_checked(self):
        self.make()
        sheet = self.sheet("bib\n1\n")
        for args in [(), ("import",), ("improt", sheet), ("import", sheet, "x"),
                     ("import", sheet, "--yes", "--dry-run"),
                     ("import", sheet, "--format", "csv"),
                     ("import", sheet, "--by", ""),
                     ("import", sheet, "--offline"),
                     ("add", "1", "name=x"), ("remove", "1"),
                     ("export", "--yes"), ("export", "x"),
                     ("export", "--format", "json")]:
            status, out, err = self.roster(*args)
            self.assertEqual((status, out), (2, ""), args)
            self.assertIn("palmares roster --help", err)
        status, out, err = self.roster("import", self.path("none.csv"))
        self.assertEqual(status, 1)
        self.assertIn("none.csv: cannot be read: No such file", out)


if __name__ == "__main__":
    from palmares_test import main
    main()
