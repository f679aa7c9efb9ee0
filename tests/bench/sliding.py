#!/usr/bin/env python3
"""
sliding - what scripts/bench slider measures; see there.

    sliding.py BUILD DATA DATASET
"""

import os
import subprocess
import sys

from bench import thousands
from replaying import Replaying, read_through


def main():
    build, data, data_set = sys.argv[1:4]
    b = Replaying(build, data)
    try:
        _, file, crossings = b.race(data_set)
    finally:
        b.stop_all()
    print("%s crossings of %s" % (thousands(crossings),
                                  os.path.basename(data_set)), flush=True)
    status = subprocess.run([os.path.join(build, "tests", "slider"), file],
                            check=False).returncode
    print("  %-34s %8.2f s" % ("as many bytes, read and nothing else",
                               read_through(file)))
    if status != 0:
        sys.exit("bench: a jump took more than 100 ms")


if __name__ == "__main__":
    main()
