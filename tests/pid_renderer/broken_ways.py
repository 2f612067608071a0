"""Ways through the reader that break, one a kind, for the fuzz harness to notice; it runs them in its workers."""

from __future__ import annotations

import os
import time
from random import Random

from benchmarks.fuzz.examine import Examine


def raising() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        return {"drawn": "drawn"}["missing" if random.random() < 0.5 else "drawn"]

    return examine


def computing() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        while True:
            pass

    return examine


def waiting() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        time.sleep(3600)
        return "never"

    return examine


def growing() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        kept = []
        while True:
            kept.append(b"x" * 1_000_000)
            time.sleep(0.001)

    return examine


def leaking() -> Examine:
    kept = []

    def examine(content: bytes, random: Random) -> str:
        kept.append(b"x" * 1_500_000)
        time.sleep(0.02)
        return "drawn"

    return examine


def dying() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        os._exit(3)

    return examine


def dying_at_times() -> Examine:
    def examine(content: bytes, random: Random) -> str:
        if random.random() < 0.1:
            os._exit(3)
        return "drawn"

    return examine
