"""What a faceplate says in rows: facts beside the value, and its four pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from analysis import deviation, rate
from contracts.number_text import UNKNOWN, number
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, Reading
from resources.words import language, t
from widgets.clock_text import clock
from widgets.plant_now import Codes, PlantNow, Times, Values
from widgets.quality_words import is_current, value_token
from widgets.rows import Row
from widgets.signal_words import circuit, shown, value_text

Past = tuple[Times, Values, Codes]


def percent_and_rate(signal: Signal, reading: Reading, past: Past) -> str:
    """`88,4 % · subiendo 0,23 m/h`; empty for a state."""
    if signal.kind != "analog" or reading.value is None:
        return ""
    percent = 100 * (reading.value - signal.low) / (signal.high - signal.low)
    text = "" if signal.unit == "%" else f"{number(percent, 1, language())} %"
    slope = rate.slope(*past) if is_current(reading.quality) else None
    if signal.role == "level" and slope is not None:
        if not slope.is_within(signal.deadband):
            word = t("rate.rising" if slope.per_hour > 0 else "rate.falling")
            text += f" · {word} {number(abs(slope.per_hour), 2, language())} {signal.unit}/h"
        elif slope.is_settled:
            text += f" · {t('rate.idle')}"
    return text


def facts(now: PlantNow, signal: Signal, others: Sequence[Signal], past: Past) -> list[Row]:
    """The few numbers beside the value: recent minimum and maximum, free room, time to HH, distance from design."""
    spoken = language()
    rows: list[Row] = []
    reading = now.readings.get(signal.kks, NEVER_SEEN)
    finite = past[1][np.isfinite(past[1])]
    if signal.kind == "analog" and finite.size:
        rows.append(Row(t("fact.min_recent"), number(float(finite.min()), signal.decimals, spoken), signal.unit))
        rows.append(Row(t("fact.max_recent"), number(float(finite.max()), signal.decimals, spoken), signal.unit))
    tank = now.tank_now(signal.kks) if signal.role == "level" else None
    if tank is not None:
        token = value_token(tank.reading.quality)
        rows.append(Row(t("fact.ullage"), number(tank.inventory.free_m3, 0, spoken), "m³", token=token))
    slope = rate.slope(*past) if is_current(reading.quality) else None
    rises = slope is not None and slope.per_hour > 0.02 and not slope.is_within(signal.deadband)
    if signal.role == "level" and signal.hh is not None and reading.value is not None and slope is not None and rises:
        hours = (signal.hh - reading.value) / slope.per_hour
        if 0 < hours < 100:
            whole, minutes = divmod(round(hours * 60), 60)
            rows.append(Row(t("fact.to_hh"), f"{whole} h {minutes:02d}", "min"))
    if (distance := deviation.percent(signal, reading.value)) is not None:
        sign = "+" if distance > 0 else ""
        token = value_token(reading.quality)
        rows.append(Row(t("fact.over_design"), sign + number(distance, 1, spoken), "%", token=token))
    for other in others[: 7 - len(rows)]:
        seen = now.readings.get(other.kks, NEVER_SEEN)
        unit = other.unit if other.kind == "analog" else ""
        rows.append(
            Row(
                other.description or shown(other.kks),
                value_text(other, seen.value),
                unit,
                token=value_token(seen.quality),
            )
        )
    return rows


def _inventory(now: PlantNow, signal: Signal) -> list[Row]:
    tank = now.tank_now(signal.kks)
    if tank is None:
        return [Row(t("inventory.none"), "")]
    held, spoken = tank.inventory, language()

    def volume(value: float | None) -> str:
        return number(value, 0, spoken)

    temperature = number(held.temperature_c, 1, spoken)
    rows = [
        Row(t("inventory.tov"), volume(held.tov_m3), "m³"),
        Row(t("inventory.fw"), volume(held.free_water_m3), "m³"),
        Row(t("inventory.ctsh"), number(held.ctsh, 5, spoken)),
        Row(t("inventory.gov"), volume(held.gov_m3), "m³"),
        Row(t("inventory.vcf", temperature=temperature), number(held.vcf, 5, spoken)),
        Row(t("inventory.gsv"), volume(held.gsv_m3), "m³", strong=True),
        Row(t("inventory.sw"), number(held.sediment_water_percent, 2, spoken), "%"),
        Row(t("inventory.nsv"), volume(held.nsv_m3), "m³", strong=True),
        Row(t("inventory.mass"), volume(held.mass_t), "t", strong=True),
        Row(t("inventory.free"), volume(held.free_m3), "m³"),
    ]
    token = value_token(tank.reading.quality)
    return [row._replace(token=token) for row in rows]


def _alarms(now: PlantNow, signal: Signal) -> list[Row]:
    rows = []
    for alarm in now.alarms(signal.kks):
        since = f" · {clock(alarm.since_us, now.plant.timezone)}" if alarm.state != "normal" else ""
        label = f"{t(f'limit.{alarm.limit}')} · P{alarm.priority} · {t(f'alarm.state.{alarm.state}')}{since}"
        limit = "" if alarm.limit == "FAULT" else number(alarm.limit_value, signal.decimals, language())
        rows.append(Row(label, limit, signal.unit if limit else "", strong=alarm.state != "normal"))
    return rows or [Row(t("alarm.none_configured"), "")]


def _design(now: PlantNow, signal: Signal) -> list[Row]:
    spoken = language()
    reading = now.readings.get(signal.kks, NEVER_SEEN)
    distance = deviation.percent(signal, reading.value)
    sign = "+" if distance is not None and distance > 0 else ""
    return [
        Row(t("design.min"), number(signal.design_min, signal.decimals, spoken), signal.unit),
        Row(t("design.normal"), number(signal.design, signal.decimals, spoken), signal.unit),
        Row(t("design.max"), number(signal.design_max, signal.decimals, spoken), signal.unit),
        Row(t("design.deviation"), UNKNOWN if distance is None else sign + number(distance, 1, spoken), "%"),
        Row(t("design.range"), f"{number(signal.low, 0, spoken)} – {number(signal.high, 0, spoken)}", signal.unit),
        Row(t("design.circuit"), shown(circuit(signal.kks))),
    ]


def _provenance(now: PlantNow, signal: Signal) -> list[Row]:
    return [Row(label, text, token="text.primary") for label, text in now.provenance(signal.kks)]  # noqa: S106


PAGE_ROWS: Final[dict[str, Callable[[PlantNow, Signal], list[Row]]]] = {
    "inventory": _inventory,
    "alarms": _alarms,
    "design": _design,
    "provenance": _provenance,
}
PAGES: Final = tuple(PAGE_ROWS)
