"""`python -m benchmarks.fuzz [--seed N] [--count N] [--jobs N]`: try mutated P&IDs; the last line tells what was found.

Each file must end as a drawing or as `BadDrawing` with one sentence, within 5 s of CPU and 1 GiB of memory. Whatever
else happens is a finding: it is printed, and the file is kept in `build/fuzz` beside how to try it again:
`python -m benchmarks.fuzz --replay SEED:NUMBER`, or `--file PATH`. Ends 1 if anything was found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.fuzz import campaign
from benchmarks.fuzz.bases import ROOT, load
from benchmarks.fuzz.examine import Cases, examiner

KEPT_A_KIND = 3
SAY_EVERY_S = 10.0


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz", description="Try mutated P&IDs.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200_000, help="how many files (200000)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes (2)")
    parser.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz", help="folder for files of findings")
    parser.add_argument("--replay", metavar="SEED:NUMBER", help="one file again, here, with its traceback")
    parser.add_argument("--file", type=Path, help="a kept file again")
    options = parser.parse_args()
    if options.file is not None:
        print(examiner()(options.file.read_bytes(), Random(0)))
        return 0
    if options.replay is not None:
        return _replay(options.replay, options.keep)
    if options.count < 1 or options.jobs < 1:
        parser.error("--count and --jobs must be 1 or more")
    try:
        return _campaign(options.seed, options.count, options.jobs, options.keep)
    except campaign.CannotGoOn as error:
        print(f"fuzz: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def _replay(case: str, keep: Path) -> int:
    seed, _, number = case.partition(":")
    cases = Cases(int(seed))
    content, ways = cases.make(int(number))
    path = _kept(keep, int(seed), int(number), content)
    print(f"{path}: {len(content)} bytes, {ways}", flush=True)
    print(examiner()(content, cases.random(int(number))))
    return 0


def _campaign(seed: int, count: int, jobs: int, keep: Path) -> int:
    bases = load()
    print(f"fuzz: {len(bases)} bases, {sum(base.big for base in bases)} of them big and rarely taken", flush=True)
    cases = Cases(seed)
    kinds: Counter[str] = Counter()
    said_s = time.monotonic()

    def found(finding: campaign.Finding) -> None:
        kinds[finding.kind] += 1
        if kinds[finding.kind] <= KEPT_A_KIND:
            path = _kept(keep, seed, finding.number, cases.make(finding.number)[0])
            print(f"FINDING {finding.kind} ({seed}:{finding.number}, {path})\n{finding.text}", flush=True)

    def say(report: campaign.Report) -> None:
        nonlocal said_s
        if time.monotonic() - said_s >= SAY_EVERY_S:
            said_s = time.monotonic()
            print(
                f"fuzz: {report.files} of {count} in {report.wall_s:.0f} s, {len(report.findings)} findings", flush=True
            )

    report = campaign.run(seed, count, jobs, say=say, found=found)
    for kind, times in kinds.most_common():
        print(f"{times} × {kind}")
    outcomes = ", ".join(f"{times} {outcome}" for outcome, times in report.outcomes.most_common())
    speed = (
        f"{report.files / max(report.wall_s, 1e-9):.0f}/s, {report.files / max(report.cpu_s, 1e-9):.0f} per CPU second"
    )
    print(
        f"fuzz: seed {seed}, {report.files} files in {report.wall_s:.0f} s ({speed}): {outcomes};"
        f" {len(report.findings)} findings of {len(kinds)} kinds"
    )
    return 1 if report.findings else 0


def _kept(folder: Path, seed: int, number: int, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{seed}-{number}.xml"
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    sys.exit(main())
