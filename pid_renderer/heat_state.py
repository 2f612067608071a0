"""What exchangers and furnaces show: the heat they move against their design. No Qt.

Duty comes from a signal of that role where the plant has one. Else it is computed from flow and temperatures, where
the fluid's heat capacity is known; else the temperature difference stands for it, and the text says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from analysis import deviation
from contracts.number_text import Language, number
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, AlarmMark
from pid_renderer.binding import Binding
from pid_renderer.drawing import Element
from pid_renderer.live_state import Derived, Readings, Trust, fraction, is_set, trust, worst_alarm
from pid_renderer.physical_unit import to_si

HeatState = Literal["working", "idle", "starting", "bypassed", "tripped", "unknown"]

_DESIGN_DUTY: Final = ("DesignHeatFlowRate", "DesignHeatDuty", "HeatDuty", "RatedHeatDuty")
_HEAT_CAPACITY: Final = ("SpecificHeatCapacity", "HeatCapacity", "IsobaricSpecificHeatCapacity")
_DENSITY: Final = ("Density", "FluidDensity", "DesignDensity")
_WORKING_OF_DESIGN: Final = 0.01
_TRUST_ORDER: Final[tuple[Trust, ...]] = ("good", "forced", "uncertain", "stale", "last known", "bad")
_J_KG_K: Final = {"j/(kg·k)": 1.0, "j/(kg*k)": 1.0, "j/kgk": 1.0, "joule/(kilogram*kelvin)": 1.0,
                  "kj/(kg·k)": 1e3, "kj/(kg*k)": 1e3, "kj/kgk": 1e3, "kj/kg/k": 1e3}  # fmt: skip
FULL_SCALE: Final = 1.25
"""Of the design duty: where the bar ends, so that over design is seen."""


class HeatSignals(NamedTuple):
    """What one exchanger or furnace has, by role, with its design."""

    duty: Signal | None
    flow: Signal | None
    inlet: Signal | None
    outlet: Signal | None
    fuel: Signal | None
    flame: Signal | None
    running: Signal | None
    command: Signal | None
    fault: Signal | None
    bypass: Signal | None
    design_w: float | None
    """From the drawing, else the duty signal's design value, W."""
    capacity_j_kg_k: float | None
    density_kg_m3: float | None
    own: tuple[Signal, ...]

    def all(self) -> tuple[Signal, ...]:
        """Every signal the look and the text depend on, and those whose alarms it carries."""
        used = (signal for signal in self[:10] if isinstance(signal, Signal))
        return tuple({signal.kks: signal for signal in (*used, *self.own)}.values())


def heat_signals(element: Element, code: str, binding: Binding) -> HeatSignals:
    """Signals and design of the exchanger or furnace `code`."""

    def first(*roles: str) -> Signal | None:
        return binding.signal(code, *roles)

    duty = first("duty")
    design = _attribute(element, _DESIGN_DUTY, "W")
    if design is None and duty is not None and duty.design is not None:
        design = _in(duty, duty.design, "W")
    return HeatSignals(
        duty,
        first("flow"),
        first("temperature_in"),
        first("temperature_out"),
        first("fuel"),
        first("flame"),
        first("running"),
        first("command"),
        first("fault", "trip"),
        first("bypass"),
        abs(design) if design else None,
        _heat_capacity(element),
        _attribute(element, _DENSITY, "kg/m³"),
        binding.signals_at.get(code, ()),
    )


def _attribute(element: Element, names: Iterable[str], unit: str) -> float | None:
    for name in names:
        found = element.attributes.get(name)
        if found is not None and found.value is not None and found.unit == unit:
            return found.value
    return None


def _heat_capacity(element: Element) -> float | None:
    """J/(kg·K) from the drawing; None where it does not say, or not in a unit that is known."""
    for name in _HEAT_CAPACITY:
        found = element.attributes.get(name)
        if found is None or found.value is None:
            continue
        factor = _J_KG_K.get(found.unit_text.replace(" ", "").lower())
        if found.unit == "J/(kg·K)":
            return found.value
        if factor is not None and found.unit == found.unit_text:
            return found.value * factor
    return None


def _in(signal: Signal, value: float, unit: str) -> float | None:
    """`value` of a signal in an SI unit; None where the signal's unit is another kind of quantity."""
    si, found = to_si(value, signal.unit)
    return si if found == unit else None


class Heat(NamedTuple):
    """Heat moved at this moment."""

    kind: Literal["measured", "computed", "difference"]
    """A duty that was measured, one computed from flow and temperatures, or only a temperature difference."""
    value: float
    """W, or K."""
    trust: Trust
    deviation_percent: float | None


def heat(of: HeatSignals, readings: Readings) -> Heat | None:
    """The duty, or the temperature difference where no duty can be known; None without either."""
    measured = _si(of.duty, readings, "W")
    if of.duty is not None and measured is not None:
        value, kind = measured
        percent = readings.get(of.duty.kks, NEVER_SEEN).deviation_percent
        return Heat("measured", value, kind, _off(value, of.design_w) if percent is None else percent)
    inlet, outlet = _si(of.inlet, readings, "K"), _si(of.outlet, readings, "K")
    if inlet is None or outlet is None:
        return None
    difference, seen = outlet[0] - inlet[0], worst((inlet[1], outlet[1]))
    mass = _mass_flow(of, readings)
    if mass is None or of.capacity_j_kg_k is None:
        return Heat("difference", difference, seen, None)
    # First law for a steady stream without phase change: Q = m · cp · (T_out − T_in).
    duty = mass[0] * of.capacity_j_kg_k * difference
    return Heat("computed", duty, worst((seen, mass[1])), _off(duty, of.design_w))


def _si(signal: Signal | None, readings: Readings, unit: str) -> tuple[float, Trust] | None:
    if signal is None:
        return None
    reading = readings.get(signal.kks, NEVER_SEEN)
    if reading.value is None:
        return None
    value = _in(signal, reading.value, unit)
    return None if value is None else (value, trust(reading))


def _mass_flow(of: HeatSignals, readings: Readings) -> tuple[float, Trust] | None:
    """kg/s: as measured, or the volume flow times the density the drawing gives."""
    mass = _si(of.flow, readings, "kg/s")
    if mass is not None:
        return mass
    volume = _si(of.flow, readings, "m³/s")
    return None if volume is None or of.density_kg_m3 is None else (volume[0] * of.density_kg_m3, volume[1])


def _off(duty_w: float, design_w: float | None) -> float | None:
    return None if not design_w else 100 * (abs(duty_w) - design_w) / design_w


def worst(kinds: Iterable[Trust]) -> Trust:
    """The least believable of several: what is computed is no better than what it is computed from."""
    return max(kinds, key=_TRUST_ORDER.index, default="good")


class HeatLook(NamedTuple):
    """What an exchanger or furnace shows."""

    state: HeatState
    share: float | None
    """Of the design duty, in steps of 0.01 up to `FULL_SCALE`; None where one of both is not known."""
    trust: Trust
    deviation_step: int
    alarm: AlarmMark | None

    @property
    def forced(self) -> bool:
        """Whether somebody set what it shows by hand."""
        return self.trust == "forced"


def heat_look(of: HeatSignals, readings: Readings, plated: frozenset[str] = frozenset()) -> HeatLook:
    """State by its own switches first (fault, bypass, flame, fan), then by the heat it moves."""
    now = heat(of, readings)
    believed = now is not None and now.trust not in ("last known", "bad")
    share: float | None = None
    if now is not None and believed and now.kind != "difference" and of.design_w:
        share = round(min(FULL_SCALE, abs(now.value) / of.design_w), 2)
    state, decided_by = _state(of, readings, now if believed else None, share)
    # What stands still is not off its design: its state says more than a step would.
    judged = now if state == "working" and now is not None and now.trust in ("good", "forced") else None
    off = None if judged is None else judged.deviation_percent
    return HeatLook(
        state=state,
        share=share,
        trust=_trust(of, now, decided_by, readings),
        deviation_step=deviation.step(off) if off is not None else 0,
        alarm=worst_alarm(of.own, readings, plated),
    )


def _trust(of: HeatSignals, now: Heat | None, decided_by: Signal | None, readings: Readings) -> Trust:
    """That of the heat, of every switch and of what decided the state; bad where a duty could be known and is not."""
    counted = (s for s in (of.flame, of.running, of.fault, of.bypass, decided_by) if s is not None)
    kinds = [trust(readings.get(signal.kks, NEVER_SEEN)) for signal in counted]
    if now is not None:
        kinds.append(now.trust)
    elif of.duty is not None or None not in (of.inlet, of.outlet):
        kinds.append("bad")
    return worst(kinds)


def _state(
    of: HeatSignals, readings: Readings, now: Heat | None, share: float | None
) -> tuple[HeatState, Signal | None]:
    """The state, and the command or meter that decided it; None where its switches or its heat did."""
    if is_set(of.fault, readings):
        return "tripped", None
    if is_set(of.bypass, readings):
        return "bypassed", None
    for switch in (of.flame, of.running):
        on = is_set(switch, readings)
        if on:
            return "working", None
        if on is not None:
            return "starting" if is_set(of.command, readings) else "idle", of.command
    if of.flame is not None or of.running is not None:
        # The switch that would say is not to be believed; heat may linger for hours in what has gone out.
        return "unknown", None
    if share is not None:
        return "working" if share > _WORKING_OF_DESIGN else "idle", None
    meter = of.fuel or of.flow
    if meter is not None:
        reading = readings.get(meter.kks, NEVER_SEEN)
        if reading.value is None or trust(reading) in ("last known", "bad"):
            return "unknown", meter
        return "working" if fraction(meter, reading.value) > _WORKING_OF_DESIGN else "idle", meter
    return "unknown" if now is None else "working", None


_UNKNOWN: Final = "—"


def heat_text(of: HeatSignals, readings: Readings, language: Language) -> Derived:
    """`4,20 MW` for a measured duty, `≈ 4,20 MW` for a computed one, `ΔT 35,0 K` where only that is known."""
    now = heat(of, readings)
    if now is None:
        return Derived(_UNKNOWN, "", "bad")
    if now.kind == "difference":
        return Derived(f"ΔT {number(abs(now.value), 1, language)}", "K", now.trust)
    size = abs(now.value)
    unit, factor = ("MW", 1e6) if size >= 1e6 or (of.design_w or 0.0) >= 1e6 else ("kW", 1e3)
    text = number(size / factor, 2 if unit == "MW" else 0, language)
    return Derived(text if now.kind == "measured" else f"≈ {text}", unit, now.trust)
