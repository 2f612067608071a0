"""`python -m benchmarks.faults`: break everything between Kafka and the warehouse, then count the events.

Two chains run at once, each with a real broker, a producer, two lake writers of different rotation and a third that
comes and goes: one on the real object store's protocol behind a proxy that breaks requests, with the loader killed at
its steps; one on a folder whose disk is filled. Processes are killed by SIGKILL while they work. At the end every event
must lie in the raw objects exactly once, before any de-duplication, and once in history. The last line is the tally by
kind of fault; ends 1 if anything is lost, double or not what was sent.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.faults import campaign


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults", description="Break the way of history; count events.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1300, help="faults, the same number of each kind (1300)")
    parser.add_argument("--events", type=int, default=5_200_000, help="events over both chains (5200000)")
    parser.add_argument("--no-hive", action="store_true", help="leave out HiveServer2 at the end")
    parser.add_argument("--keep", type=Path, help="a new folder that is kept, instead of one that is removed")
    options = parser.parse_args()
    if options.count < 1 or options.events < 1:
        parser.error("--count and --events must be 1 or more")
    plan = campaign.Plan(options.seed, options.count, options.events, hive=not options.no_hive)
    try:
        report = campaign.run(plan, options.keep, say=lambda text: print(text, flush=True))
    except KeyboardInterrupt:
        return 130
    for fault in report.faults[:50]:
        print(f"FAULT {fault}")
    print(report.sentence)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
