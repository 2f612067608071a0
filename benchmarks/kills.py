"""Kill -9 of every process in turn, twice: before a window, for what it shows, and in tick mode, for what is lost.

The second run counts: the PLC's registers hold ticks and its log says which were read, so every event that must exist
is known. `python -m benchmarks.kill_report` makes docs/kill-tests.md of the results.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from app.processes import LAKE
from app.stack_processes import PANEL
from benchmarks import kill_screen
from benchmarks.kill_screen import Kill
from tests.chain.kills import JVM, Account, run_with_kills
from tests.engines.broker import ROOT

PLANT: Final = ROOT / "resources" / "plants" / "sim-r1"
PICTURES: Final = Path(__file__).parent / "results" / "kills"
LOSS_VICTIMS: Final = ("mtu", "broker", "lake", JVM, "mtu", "broker+mtu", "lake", "broker+lake", "mtu")
"""With a plus: the second while the first is still away; a gateway killed then holds what Kafka does not have."""
MARKED_S: Final = 5.0
RECOVERED_S: Final = 15.0


def run() -> dict[str, Any]:
    """Per victim what the screen showed and when; the account of events; the bounds that were missed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        former = os.environ.get("SINOPTICO_STATE")
        os.environ["SINOPTICO_STATE"] = str(Path(scratch) / "state")
        try:
            kills = kill_screen.measure(PLANT, Path(scratch) / "screen", PICTURES)
            account = run_with_kills(PLANT, Path(scratch) / "loss", LOSS_VICTIMS)
        finally:
            os.environ.pop("SINOPTICO_STATE")
            if former is not None:
                os.environ["SINOPTICO_STATE"] = former
    slowest = max((kill.recovered_s or kill_screen.GIVE_UP_S, kill.victim) for kill in kills)
    return {
        "screen": [_figures(kill) for kill in kills],
        "loss": _loss(account),
        "sentence": (
            f"{len(kills)} kills before the window, the slowest back after {slowest[0]:.1f} s ({slowest[1]}); "
            f"{len(account.kills)} kills in tick mode: {len(account.lost)} of {account.served} events lost, "
            f"{account.in_flight_at_mtu_kill} in flight at the gateway's own end, {account.duplicates} sent twice"
        ),
        "missed": [*(text for kill in kills for text in _missed(kill)), *account.faults],
    }


def _missed(kill: Kill) -> list[str]:
    missed = []
    back_s = kill.recovered_s
    if back_s is None:
        missed.append(f"{kill.victim}: not back within {kill_screen.GIVE_UP_S:.0f} s")
    elif back_s > RECOVERED_S:
        missed.append(f"{kill.victim}: back after {back_s:.1f} s, bound {RECOVERED_S:.0f}")
    # Lake writer and panel show no values; what is back before a value had to be marked needs no mark.
    marked_s = kill.named_s if kill.victim in (LAKE, PANEL) else kill.first_bad_s
    if (marked_s is None or marked_s > MARKED_S) and (back_s is None or back_s > MARKED_S):
        when = "never" if marked_s is None else f"after {marked_s:.1f} s"
        missed.append(f"{kill.victim}: marked {when}, bound {MARKED_S:.0f} s")
    return missed


def _figures(kill: Kill) -> dict[str, Any]:
    figures = {**asdict(kill), "missed": _missed(kill)}
    return {key: round(each, 2) if isinstance(each, float) else each for key, each in figures.items()}


def _loss(account: Account) -> dict[str, Any]:
    figures = asdict(account)
    return {**figures, "events_lost": len(account.lost), "lost": account.lost[:20], "invented": account.invented[:20]}
