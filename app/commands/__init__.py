"""The command line: `view, demo, stack, snapshot, check, stock, history`.

Exit codes: 0 done, 1 found a difference or failed, 2 bad usage or input. What goes wrong is said in one sentence.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from app.commands import options as command_options
from contracts.plant import BadPlant, Plant, load
from resources import words

SHIPPED: Final = Path(__file__).resolve().parents[2] / "resources" / "plants" / "sim-r1"
COMMANDS: Final = {
    "view": "watch a plant in a window, or look at one drawing",
    "demo": "run a simulated plant and watch it; without a display: a picture and a report",
    "stack": "run the whole chain, lake, Hive and panel included, until Ctrl-C",
    "snapshot": "draw a P&ID to PNG, SVG or PDF: empty, live, at a time, or as printed",
    "check": "say what a P&ID holds and what is not bound",
    "stock": "print what each tank holds",
    "history": "write signals over a span to CSV, Parquet or Excel",
}


class Failed(Exception):
    """The command could not do its work; the text is one sentence. `code` is the exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(arguments)
    words.use(options.language or "es")
    try:
        return _run(options)
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    except BadPlant as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        # Who reads us (`| head`) has enough. Python flushes once more at its end, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{where}{error.strerror or error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    code = int(import_module(f"app.commands.{options.command}").run(options))
    sys.stdout.flush()
    return code


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    whole = argparse.ArgumentParser(prog="main.py", description="Sinóptico: a refinery's process, live and recorded.")
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in COMMANDS.items():
        one = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        one.add_argument(
            "--plant", type=Path, action="append", metavar="DIR", help="plant folder, may be repeated (default: sim-r1)"
        )
        one.add_argument("--language", choices=("es", "en"), help="of texts and numbers (default: es, or as last time)")
        getattr(command_options, name)(one)
    return whole


def plants(options: argparse.Namespace) -> list[Plant]:
    """The plants named on the command line. Raises `BadPlant`, and `Failed` for two with one id."""
    loaded = [load(folder) for folder in options.plant or [SHIPPED]]
    ids = [plant.refinery for plant in loaded]
    for refinery in ids:
        if ids.count(refinery) > 1:
            raise Failed(f"{refinery} is named by two plant folders; each refinery has one", 2)
    return loaded


def checked_out(path: Path, kinds: Sequence[str]) -> str:
    """The suffix, in small letters, of a file to be written; it is one of `kinds`. Raises `Failed`."""
    kind = path.suffix.lower()
    if kind not in kinds:
        raise Failed(f"{path}: name a file that ends in {' or '.join(kinds)}", 2)
    if not path.parent.is_dir():
        raise Failed(f"{path}: there is no folder {path.parent}; make it first, or name another", 2)
    if path.is_dir():
        raise Failed(f"{path}: is a folder; name a file", 2)
    return kind
