"""The lines under each tank that no instrument sends: its volume, and how fast that volume changes."""

from __future__ import annotations

from analysis import rate
from app.live_plant import LivePlant
from contracts.number_text import UNKNOWN, number
from contracts.plant import Tank
from data.reading import Reading
from pid_renderer.live_state import Derived, trust
from resources.words import language, t

VOLUME, RATE = "volume", "rate"
"""Roles of the places that a sheet keeps for them."""


def tank_lines(live: LivePlant) -> dict[tuple[str, str], Derived]:
    """By tank and role, what stands there now. No rate is claimed from a level that is old or bad."""
    lines: dict[tuple[str, str], Derived] = {}
    for tank in live.plant.tanks:
        reading = live.readings[tank.level]
        held = live.stock_of(tank).inventory.tov_m3
        kind = trust(reading) if held is not None else "bad"
        text = UNKNOWN if kind in ("bad", "last known") else number(held, 0, language())
        lines[tank.kks, VOLUME] = Derived(text, "m³", kind)
        lines[tank.kks, RATE] = _rate(live, tank, reading)
    return lines


def _rate(live: LivePlant, tank: Tank, reading: Reading) -> Derived:
    kind = trust(reading)
    if reading.value is None or kind not in ("good", "uncertain", "forced"):
        return Derived("", "", kind)
    slope = rate.slope(*live.recent(tank.level))
    if slope is None:
        return Derived("", "", kind)
    if slope.is_within(live.plant.by_kks[tank.level].deadband):
        return Derived("", t("rate.idle") if slope.is_settled else "", kind)
    flow_m3_h = rate.volume_per_hour(live.strappings[tank.kks], reading.value, slope.per_hour)
    if flow_m3_h is None:
        return Derived("", "", kind)
    return Derived(number(abs(flow_m3_h), 0, language()), "m³/h", kind, 1 if flow_m3_h > 0 else -1)
