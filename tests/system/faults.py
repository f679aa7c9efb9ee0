#!/usr/bin/env python3
"""
faults - each scenario of the campaign once, in its short form; scripts/soak has
the long one.

    faults.py [SCENARIO...]

A line each: `NAME: accepted N, stored N, lost 0, doubled 0 (what was done)`.
PALMARES_SEED repeats the moments.
"""

import concurrent.futures
import signal
import sys

import campaign
import palmares_test
from scenarios import SCENARIOS

AT_ONCE = 3  # they wait most of the time


def main(names):
    unknown = set(names) - set(SCENARIOS)
    if unknown:
        print("faults: no scenario '%s': there are %s" % (
            sorted(unknown)[0], " ".join(SCENARIOS)), file=sys.stderr)
        return 2
    seed = palmares_test.seed()
    missing = campaign.missing()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: campaign.STOP.set())
    failed = campaign.STOP.is_set()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = []
        for name in names or SCENARIOS:
            need = SCENARIOS[name].NEEDS
            if need in missing:
                print("skipped: %s: %s" % (name, missing[need]))
            else:
                results.append(pool.submit(campaign.play,
                                           SCENARIOS[name](), seed))
        for result in concurrent.futures.as_completed(results):
            result = result.result()
            failed = failed or result is None or result.error is not None
            if result is not None:
                print(result.line(), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
