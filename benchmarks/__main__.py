"""`python -m benchmarks [--only NAME …]`: run the benchmarks; figures as JSON, the last line their main ones in words.

A benchmark is a module of this folder with `run() -> dict`. Of its figures two are special: `sentence`, the main ones
for a reader, and `missed`, a list of the stated bounds it did not keep; each is a sentence too. Figures are also
written to `benchmarks/results/NAME.json`. Ends 1 if a bound was missed or a benchmark failed, 2 for an unknown name.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py") if "\ndef run(" in path.read_text(encoding="utf-8"))


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Run benchmarks; JSON on stdout.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of: {', '.join(names())}")
    chosen = parser.parse_args().only or names()
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(names())}")
    results = FOLDER / "results"
    results.mkdir(exist_ok=True)
    missed: list[str] = []
    sentences: list[str] = []
    for name in chosen:
        figures: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").run()
        text = json.dumps({"benchmark": name, "when": datetime.now(UTC).isoformat(), **figures}, indent=1)
        (results / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(text, flush=True)
        missed += [f"{name}: {bound}" for bound in figures.get("missed", ())]
        sentences.append(f"{name}: {figures.get('sentence') or _plain(figures)}")
    print(*(f"missed: {bound}" for bound in missed), " · ".join(sentences), sep="\n")
    return 1 if missed else 0


def _plain(figures: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in figures.items() if isinstance(value, int | float))


if __name__ == "__main__":
    sys.exit(main())
