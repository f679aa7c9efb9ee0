#!/usr/bin/env python3
"""example - examples/8km-2014 is what scripts/make-example writes."""

import filecmp
import os
import subprocess
import sys

import palmares_test
from palmares_test import ROOT, System


class Example(System):
    def make(self, *args):
        return subprocess.run(
            [sys.executable, os.path.join(ROOT, "scripts", "make-example"),
             *args], stderr=subprocess.PIPE, check=False)

    def test_the_example_is_what_its_generator_writes(self):
        out = self.path("again")
        self.assertEqual(self.make(out).returncode, 0)
        kept = os.path.join(ROOT, "examples", "8km-2014")
        for name in ("race.yaml", "entries.csv", "crossings/depart.csv",
                     "crossings/mi-course.csv", "crossings/arrivee.csv"):
            self.assertTrue(filecmp.cmp(os.path.join(out, name),
                                        os.path.join(kept, name), False), name)

    def test_what_is_there_is_not_overwritten(self):
        out = self.path("again")
        self.make(out)
        self.assertEqual(self.make(out).returncode, 1)
        self.assertEqual(self.make("--force", out).returncode, 0)


if __name__ == "__main__":
    palmares_test.main()
