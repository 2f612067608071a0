"""`python -m cloud.loader`: load one day, or all that are due, of the given plants; one line of JSON a day."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from cloud.loader.partitions import HiveTrouble
from cloud.loader.run import run_day, run_due
from contracts import plant
from contracts.lake import BadChunk
from runtime.object_store import NotThere, StoreError, open_store


def main() -> int:
    """0 loaded, 1 the store or Hive failed, 2 bad usage or input."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="loader: %(message)s", stream=sys.stderr)
    try:
        plants = [plant.load(folder) for folder in arguments.plant]
        store = open_store(arguments.lake)
        for each in plants:
            reports = (
                run_due(store, each, arguments.hive)
                if arguments.due
                else [run_day(store, each, arguments.day, arguments.hive)]
            )
            for report in reports:
                print(json.dumps(report), flush=True)
    except (StoreError, NotThere, HiveTrouble, BadChunk) as error:
        print(f"loader: {error}", file=sys.stderr)
        return 1
    except ValueError as error:  # a plant, a day or a URL that cannot be used
        print(f"loader: {error}", file=sys.stderr)
        return 2
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cloud.loader", description=__doc__)
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    parser.add_argument("--lake", required=True, help="a folder, or gs://bucket")
    parser.add_argument("--hive", default=os.environ.get("HIVE", ""), help="host:port, to add the day's partitions")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--day", help="YYYY-MM-DD, a UTC day that is over")
    what.add_argument("--due", action="store_true", help="every day that is over and has chunks not loaded yet")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
