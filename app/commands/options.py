"""The options of each command, apart from the commands, so that `--help` and a first paint import nothing heavy."""

from __future__ import annotations

import argparse
import math
from pathlib import Path


def seconds(text: str) -> float:
    """A span of time above 0. Raises `ArgumentTypeError`."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def count(text: str) -> int:
    """A whole number above 0. Raises `ArgumentTypeError`."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def view(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py view`."""
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        help="a DEXPI file to look at: no plant is needed, with --plant it shows its values",
    )
    _window(parser)
    parser.add_argument("--bootstrap", default="", metavar="H:P", help="Kafka, instead of plant.toml's")


def demo(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py demo`."""
    _window(parser)
    parser.add_argument("--out", type=Path, default=Path("demo.png"), help="the picture without a display (demo.png)")
    parser.add_argument("--wait", type=seconds, default=240.0, metavar="S", help="longest wait for the path to be up")
    parser.add_argument("--off-screen", action="store_true", help="do as without a display")


def stack(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py stack`."""
    parser.add_argument("--for", dest="seconds", type=seconds, metavar="S", help="end by itself after this long")


def snapshot(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py snapshot`."""
    parser.add_argument("file", type=Path, nargs="?", help="a DEXPI file (default: a drawing of the plant)")
    parser.add_argument("--out", type=Path, required=True, help="FILE.png, .svg or .pdf")
    parser.add_argument("--drawing", type=int, default=1, metavar="N", help="which drawing of the plant (1)")
    parser.add_argument("--live", action="store_true", help="with the values of this moment")
    parser.add_argument("--at", default="", metavar="TIME", help="with the values of a moment: ISO, UTC if no zone")
    parser.add_argument("--historian", default="", metavar="PLACE", help="of --at: hive://host:port or a lake folder")
    parser.add_argument("--width", type=int, default=1920, metavar="PX", help="of a PNG (1920)")
    parser.add_argument(
        "--dpi", type=float, metavar="N", help="of a PNG, instead of --width: dots an inch of the sheet"
    )
    parser.add_argument(
        "--theme", choices=("light", "dark", "paper"), default="light", help="paper: as printed, black on white"
    )
    _values(parser)


def check(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py check`."""
    parser.epilog = (
        "Ends with 0 if all is well; with 1 if something was not understood or not bound, or a plant's file is"
        " doubtful; with 2 if a file cannot be read."
    )
    parser.add_argument("file", type=Path, nargs="?", help="a DEXPI file (default: every drawing of the plant)")
    parser.add_argument("--json", action="store_true", help="for programs: one JSON document, in English")


def stock(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py stock`."""
    _values(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write FILE.csv or FILE.xlsx")


def history(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py history`."""
    parser.add_argument("--signals", default="", metavar="KKS,KKS", help="tags, or `all`")
    parser.add_argument("--from", dest="start", default="", metavar="TIME", help="ISO; UTC, or --timezone, if no zone")
    parser.add_argument("--to", dest="end", default="", metavar="TIME", help="default: now")
    parser.add_argument("--out", type=Path, help="FILE.csv, .parquet or .xlsx")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--buckets", type=count, metavar="N", help="N equal spans with extremes, mean and counts")
    what.add_argument("--every", type=seconds, metavar="S", help="a row each S seconds, a column a signal")
    parser.add_argument("--sloped", action="store_true", help="with --every: on the line between samples")
    parser.add_argument("--live", action="store_true", help="up to this moment: what is newer than the lake from Kafka")
    parser.add_argument("--bootstrap", default="", metavar="H:P", help="of --live: Kafka, instead of plant.toml's")
    parser.add_argument("--timezone", default="", metavar="NAME", help="of the local times (default: the plant's)")
    parser.add_argument("--historian", default="", metavar="PLACE", help="hive://host:port or a lake folder")
    parser.add_argument("--catalog", type=Path, metavar="FILE.duckdb", help="only write views over a lake folder")


def _values(parser: argparse.ArgumentParser) -> None:
    """Where values come from."""
    parser.epilog = (
        "Where neither --direct nor --bootstrap is given and plant.toml names no Kafka, a simulated plant (id sim-…) "
        "gets a simulator of its own for the while: its values are not those of a demo that runs beside."
    )
    parser.add_argument("--direct", action="store_true", help="read the PLCs by Modbus, without Kafka")
    parser.add_argument("--bootstrap", default="", metavar="H:P", help="Kafka, instead of plant.toml's")
    parser.add_argument("--wait", type=seconds, default=20.0, metavar="S", help="longest wait for every tag's value")


def _window(parser: argparse.ArgumentParser) -> None:
    """Theme, historian and direct mode."""
    parser.add_argument("--theme", choices=("light", "dark"), help="default: light, or as last time")
    parser.add_argument("--historian", default="", metavar="PLACE", help="hive://host:port or a lake folder")
    parser.add_argument("--direct", action="store_true", help="read the PLCs by Modbus, without Kafka")
