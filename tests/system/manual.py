#!/usr/bin/env python3
"""manual - race.yaml(5): every example in it is taken, every key explained."""

import os
import re

import palmares_test
from palmares_test import ROOT, System, read, write

HEAD = "title: T\ndate: 2014-09-21\ntimezone: Europe/Paris\n"
ENTRIES = "bib,wave,category\n1,masse,SE\n"


def manual():
    page = os.path.join(ROOT, "race", "race.yaml.5")
    return read(page).decode("utf-8").replace("\\-", "-")


def examples():
    """The texts between .EX and .EE."""
    return re.findall(r"^\.EX\n(.*?)^\.EE$", manual(), re.M | re.S)


class Manual(System):
    def check(self, yaml, entries=ENTRIES):
        race = self.path("race")
        write(os.path.join(race, "race.yaml"), yaml)
        write(os.path.join(race, "entries.csv"), entries)
        program = self.start("palmares", "check", race)
        return program.wait(), program.out()

    def taken(self, yaml, entries=ENTRIES):
        status, said = self.check(yaml, entries)
        self.assertEqual(status, 0, yaml + said)
        self.assertIn("no mistakes", said)
        return said

    def sections(self):
        """All examples of one section, by its name; rankings has two."""
        found = {}
        for text in examples():
            if not text.startswith(("title:", "bib,")):
                found.setdefault(text.split(":")[0], []).append(text)
        return found

    def race_with(self, section, text):
        """A race of the first example of each section, but for one."""
        first = {name: texts[0] for name, texts in self.sections().items()}
        # The prizes of the manual are for runners and for teams.
        first["rankings"] = "rankings:\n" + "".join(
            t.split("\n", 1)[1] for t in self.sections()["rankings"])
        first[section] = text
        if section == "rankings":
            del first["awards"]
        return HEAD + "".join(first.values())

    def test_every_example_is_taken(self):
        whole = [t for t in examples() if t.startswith("title:")]
        self.assertEqual(len(whole), 1)
        self.taken(whole[0])
        self.assertEqual(set(self.sections()),
                         {"waves", "points", "categories", "aliases",
                          "rankings", "awards", "fastest"})
        for name, texts in self.sections().items():
            for text in texts:
                self.taken(self.race_with(name, text))

    def test_the_entries_are_taken(self):
        rolls = [t for t in examples() if t.startswith("bib,")]
        self.assertEqual(len(rolls), 1)
        yaml = HEAD + "".join(t for name in ("waves", "points", "categories",
                                             "aliases", "rankings")
                              for t in self.sections()[name][:1])
        said = self.taken(yaml, rolls[0])
        self.assertIn("category SE-F: F, 23 to 34: 1 entry", said)
        self.assertIn("team La Poste: also LAPOSTE, 1 entry", said)

    def test_check_says_what_it_has_understood(self):
        said = self.taken(self.race_with("fastest", ""))
        for words in ("wave elite: 2014-09-21T10:00:00+02:00, who has no wave "
                      "and starts within 4:30 of it",
                      "wave handi: no gun yet", "category U23: 18 to 22: 0",
                      "category M70: 70 and over: 0"):
            self.assertIn(words, said)
        # What may be misspelt, and what may be one team.
        said = self.taken(self.race_with("fastest", ""),
                          "bib,wave,team\n1,masse,Orange SA\n"
                          "2,masse,ORANGE, SA\n".replace("ORANGE, SA",
                                                         "orange sa"))
        self.assertIn('alias "LAPOSTE" of La Poste: no entry', said)
        self.assertIn("entries.csv:3: warning: team \"orange sa\": there is "
                      "\"Orange SA\", too", said)

    def keys(self, yaml):
        """Those that the program names when one is unknown."""
        _, said = self.check(yaml)
        found = re.search(r"unknown key \"zzz\".*Keys here are (.*)", said)
        self.assertIsNotNone(found, said)
        return found.group(1).split(", ")

    def test_every_key_is_explained(self):
        rest = ("waves: { masse: }\npoints: { a: { km: 1 } }\n"
                "rankings: { s: }\n")
        tables = [HEAD + rest + "zzz: 1\n",
                  HEAD + rest.replace("masse:", "masse: { zzz: 1 }"),
                  HEAD + rest.replace("km: 1", "km: 1, zzz: 1"),
                  HEAD + rest.replace("s: }", "s: { zzz: 1 } }"),
                  HEAD + rest + "awards: { p: { zzz: 1 } }\n",
                  HEAD + rest + "categories: { c: { zzz: 1 } }\n"]
        page = manual()
        for yaml in tables:
            for key in self.keys(yaml):
                if key in self.sections() or key in ("date", "timezone"):
                    self.assertIn(".SH %s" % key.upper()
                                  if key in self.sections() else key, page)
                    continue
                self.assertRegex(
                    page, r"(?m)^\.TP\n\.BR? .*\b%s\b" % re.escape(key))

    def test_every_column_is_explained(self):
        page = manual()
        for key in ("bib", "chip", "name", "first", "last", "sex", "born",
                    "category", "team", "wave", "nation", "status", "start"):
            self.assertRegex(page[page.index(".SH ENTRIES.CSV"):],
                             r"(?m)^\.B %s$|^\.B %s\b|^\.BR %s " % ((key,) * 3))


if __name__ == "__main__":
    palmares_test.main()
