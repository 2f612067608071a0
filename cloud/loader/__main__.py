"""Load raw chunks into days, or tell how a day was loaded.

python -m cloud.loader --plant DIR … --lake URL [--hive H:P] (--day D | --from D --to D | --due)
python -m cloud.loader report --plant DIR … --lake URL --day D [--gaps N]

Loading prints one line of JSON a day and its progress in words on stderr. It may be interrupted and run again at any
time. Exit codes: 0 done, 1 the store or Hive failed, a day could not be loaded or has no report, 2 bad usage or input.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cloud.loader.partitions import HiveTrouble
from cloud.loader.report import NotLoaded, in_words
from cloud.loader.run import run_day, run_due, run_range
from contracts import plant
from contracts.lake import BadChunk
from contracts.plant import Plant
from runtime.object_store import NotThere, ObjectStore, StoreError, open_store

_log = logging.getLogger("cloud.loader")


def main() -> int:
    """See the module."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="loader: %(message)s", stream=sys.stderr)
    try:
        plants = [plant.load(folder) for folder in arguments.plant]
        store = open_store(arguments.lake)
        if arguments.report:
            print("\n".join(in_words(store, each, arguments.day, arguments.gaps) for each in plants), flush=True)
            return 0
        failed = sum(_load(store, each, arguments) for each in plants)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("loader: interrupted; run it again to go on", file=sys.stderr)
        return 1
    except (StoreError, NotThere, NotLoaded, HiveTrouble, BadChunk) as error:
        print(f"loader: {error}", file=sys.stderr)
        return 1
    except ValueError as error:  # a plant, a day or a URL that cannot be used
        print(f"loader: {error}", file=sys.stderr)
        return 2
    return 1 if failed else 0


def _load(store: ObjectStore, each: Plant, arguments: argparse.Namespace) -> int:
    """How many days could not be loaded."""
    if arguments.first:
        return run_range(store, each, arguments.first, arguments.last, arguments.hive, _progress(each.refinery))
    if arguments.due:
        reports = run_due(store, each, arguments.hive)
    else:
        reports = [run_day(store, each, arguments.day, arguments.hive)]
    for report in reports:
        print(json.dumps(report), flush=True)
    return 0


def _progress(refinery: str) -> Callable[[str, int, int, dict[str, Any] | None], None]:
    began_s = time.monotonic()

    def told(day: str, number: int, count: int, report: dict[str, Any] | None) -> None:
        if report is None:
            what = "not loaded"
        else:
            print(json.dumps(report), flush=True)
            what = "as it was" if report["unchanged"] else f"{report['rows_out']:,} rows"
        left_s = (time.monotonic() - began_s) / number * (count - number)
        _log.info("%s %s: %s (%d of %d days, about %.0f min left)", refinery, day, what, number, count, left_s / 60)

    return told


def _arguments() -> argparse.Namespace:
    words = sys.argv[1:]
    report = words[:1] == ["report"]
    parser = argparse.ArgumentParser(
        prog=f"cloud.loader{' report' if report else ''}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(report=report, first="", last="")
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    parser.add_argument("--lake", required=True, help="a folder, or gs://bucket")
    if report:
        parser.add_argument("--day", required=True, help="YYYY-MM-DD, a UTC day that is loaded")
        parser.add_argument("--gaps", type=int, default=50, help="how many silent signals are named (default 50)")
        return parser.parse_args(words[1:])
    parser.add_argument("--hive", default=os.environ.get("HIVE", ""), help="host:port, to add the day's partitions")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--day", help="YYYY-MM-DD, a UTC day that is over")
    what.add_argument("--from", dest="first", metavar="DAY", help="first day of a range; --to is its last")
    what.add_argument("--due", action="store_true", help="every day that is over and has chunks not loaded yet")
    parser.add_argument("--to", dest="last", metavar="DAY", default="", help="last day of the range, included")
    arguments = parser.parse_args(words)
    if bool(arguments.first) != bool(arguments.last):
        parser.error("a range needs both --from DAY and --to DAY")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
