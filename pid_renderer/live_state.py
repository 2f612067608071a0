"""What a symbol shows of its readings, in plain values: canvas and SVG draw from the same answers. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, NamedTuple

from analysis import deviation
from contracts import quality
from contracts.number_text import Language, age, number
from contracts.quality import Quality
from contracts.signal_list import Signal
from data.reading import NEVER_SEEN, AlarmMark, Reading, age_s
from pid_renderer.binding import Binding

Readings = Mapping[str, Reading]
Trust = Literal["good", "uncertain", "stale", "last known", "bad", "forced"]
DriveState = Literal["running", "stopped", "starting", "tripped", "out of service", "unknown"]
ValveState = Literal["open", "closed", "travelling", "throttling", "unknown"]

DOUBTED: Final[tuple[Trust, ...]] = ("stale", "uncertain", "last known", "bad")
MISSING: Final = "— — —"
BoxRoom = Literal["full", "low", "tight"]
NEARLY_SHUT, NEARLY_OPEN = 2.0, 98.0
"""Percent: a position transmitter seldom says 0 or 100 exactly."""
ASTRAY: Final = 0.05
"""Of full travel: a positioner's dead band and a transmitter's error together stay under it."""


def trust(reading: Reading) -> Trust:
    """How far the value may be believed, as the seven ways a plate can look."""
    return "bad" if reading.value is None else trust_of(reading.quality)


@cache
def trust_of(quality_code: int) -> Trust:
    """How far a value of a quality may be believed."""
    code = quality.known(quality_code)
    if quality.is_bad(code):
        return "last known"
    if code == Quality.LAST_USABLE:
        return "stale"
    if code == Quality.LOCAL_OVERRIDE:
        return "forced"
    return "uncertain" if quality.is_uncertain(code) else "good"


class ValueLook(NamedTuple):
    """One value as its plate shows it."""

    text: str
    unit: str
    trust: Trust
    age: str
    """Age in words; only where the value is stale."""
    alarm: AlarmMark | None
    deviation_step: int
    """-3 … +3; 0 where the value is as designed, or the design is not known."""
    deviation: str
    """Signed percent; empty at step 0."""
    extra: str = ""
    """A second line, such as a tank's percent."""
    arrow: int = 0
    """+1 or -1 before a number that says how fast something rises or falls."""
    bare: bool = False
    """Never in a box: what is computed from other values, which carry the marks; loss of ink alone says it is old."""
    room: BoxRoom = "full"
    """How high its box may be: neighbours may stand close."""
    arrowless: bool = False
    """Only its fill says to which side it is off design: not even the arrow has room."""

    @property
    def abnormal(self) -> bool:
        """Whether something about it must never thin out."""
        return not self.bare and (self.trust != "good" or self.alarm is not None)


class Derived(NamedTuple):
    """A text computed from values, for a place the sheet keeps for it (a tank's volume, the rate it fills at)."""

    text: str
    unit: str
    trust: Trust
    arrow: int = 0


def derived_look(derived: Derived) -> ValueLook:
    """How a derived text looks."""
    return ValueLook(derived.text, derived.unit, derived.trust, "", None, 0, "", arrow=derived.arrow, bare=True)


def value_look(
    signal: Signal, readings: Readings, language: Language, now_us: int, *, percent: bool = False
) -> ValueLook:
    """How `signal` looks at `now_us`. A value never seen, or bad without a value, shows dashes."""
    reading = readings.get(signal.kks, NEVER_SEEN)
    kind = trust(reading)
    text = MISSING if reading.value is None else number(reading.value, signal.decimals, language)
    step = deviation_step(reading, kind)
    extra = ""
    if percent and reading.value is not None and kind != "last known":
        extra = f"{number(100 * fraction(signal, reading.value), 0, language)} %"
    return ValueLook(
        text=text,
        unit="" if reading.value is None else signal.unit,
        trust=kind,
        age=age(age_s(reading, now_us), language) if kind == "stale" else "",
        alarm=reading.alarm,
        deviation_step=step,
        deviation=_signed(reading.deviation_percent, language) if step else "",
        extra=extra,
    )


def _signed(percent: float | None, language: Language) -> str:
    if percent is None:
        return ""
    text = number(percent, 0, language)
    return f"+{text} %" if percent > 0 else f"{text} %"


def fraction(signal: Signal, value: float) -> float:
    """Where `value` lies in the signal's range, 0 to 1; beyond it, its end."""
    return min(1.0, max(0.0, (value - signal.low) / (signal.high - signal.low)))


class LevelLook(NamedTuple):
    """What a vessel shows."""

    level: float | None
    """0 empty … 1 full; None where no level can be drawn."""
    trust: Trust
    deviation_step: int
    """-3 … +3 from design; 0 where it is as designed, or not to be believed."""


def level_look(signal: Signal | None, readings: Readings) -> LevelLook:
    """The level of a vessel. A bad value draws no level, a stale one keeps its last."""
    if signal is None:
        return LevelLook(None, "good", 0)
    reading = readings.get(signal.kks, NEVER_SEEN)
    kind = trust(reading)
    if reading.value is None or kind in ("last known", "bad"):
        return LevelLook(None, "bad", 0)
    return LevelLook(round(fraction(signal, reading.value), 4), kind, deviation_step(reading, kind))


def deviation_step(reading: Reading, kind: Trust) -> int:
    """How far from design, -3 … +3; 0 where no design is known or the value is not to be believed."""
    off = reading.deviation_percent
    return deviation.step(off) if off is not None and kind in ("good", "forced") else 0


def is_set(signal: Signal | None, readings: Readings) -> bool | None:
    """A binary signal's state; None where it has no signal or no value to be believed."""
    if signal is None:
        return None
    reading = readings.get(signal.kks, NEVER_SEEN)
    if reading.value is None or trust(reading) in ("last known", "bad"):
        return None
    return reading.value >= 0.5


def any_is(signals: tuple[Signal, ...], readings: Readings, *kinds: Trust) -> bool:
    """Whether any of the signals looks like one of `kinds`."""
    return any(trust(readings.get(signal.kks, NEVER_SEEN)) in kinds for signal in signals)


class DriveLook(NamedTuple):
    """What a pump or compressor shows."""

    state: DriveState
    stale: bool
    """Any of its switches, or the command or availability that decided its state, is old, uncertain or bad."""
    alarm: AlarmMark | None
    forced: bool = False


def drive_look(binding: Binding, code: str, readings: Readings, plated: frozenset[str] = frozenset()) -> DriveLook:
    """Running, stopped, starting (commanded, not yet running), tripped, out of service, or not known.

    A drive that is not `available` is out of service, unless it runs or has tripped all the same.
    """
    running = is_set(binding.signal(code, "running"), readings)
    fault = is_set(binding.signal(code, "fault", "trip"), readings)
    command, available = binding.signal(code, "command"), binding.signal(code, "available")
    state: DriveState
    decided_by: tuple[Signal | None, ...] = ()
    if fault:
        state = "tripped"
    elif running:
        state = "running"
    elif is_set(available, readings) is False:
        state, decided_by = "out of service", (available,)
    elif running is None:
        state, decided_by = "unknown", (available,)
    else:
        state = "starting" if is_set(command, readings) else "stopped"
        decided_by = (available, command)
    own = tuple(s for s in binding.signals_of.get(code, ()) if s.role in ("running", "fault", "trip"))
    counted = (*own, *(signal for signal in decided_by if signal is not None))
    old, forced = any_is(counted, readings, *DOUBTED), any_is(counted, readings, "forced")
    return DriveLook(state, old, worst_alarm(own, readings, plated), forced)


class ValveLook(NamedTuple):
    """What a valve shows."""

    state: ValveState
    position: float | None
    """0 shut … 1 open; None where not measured, and where limit switches say what is shown."""
    control: bool
    """A control valve, with a travel bar."""
    forced: bool
    stale: bool
    """Any of its switches is old, uncertain or bad."""
    alarm: AlarmMark | None
    demanded: float | None = None
    """Where it was told to go, 0 shut … 1 open, in steps of 0.01; None where no one says so, or not to be believed."""
    late: bool = False
    """On its way for longer than it should take; see `travel.Travel`."""

    @property
    def astray(self) -> bool:
        """Whether it is not where it was told to be."""
        if self.demanded is None or self.state == "unknown":
            return self.state == "travelling"
        if self.position is not None:
            return abs(self.position - self.demanded) > ASTRAY
        return self.state != ("open" if self.demanded >= 0.5 else "closed")


def valve_look(binding: Binding, code: str, readings: Readings, plated: frozenset[str] = frozenset()) -> ValveLook:
    """Open, closed, on its way, throttling, or not known; limit switches are believed before the position."""
    position_signal = binding.signal(code, "position")
    open_signal, closed_signal = binding.signal(code, "open", "lifted"), binding.signal(code, "closed")
    control = position_signal is not None and open_signal is None and closed_signal is None
    position: float | None = None
    if position_signal is not None:
        reading = readings.get(position_signal.kks, NEVER_SEEN)
        if reading.value is not None and trust(reading) not in ("last known", "bad"):
            position = fraction(position_signal, reading.value)
    opened, closed = is_set(open_signal, readings), is_set(closed_signal, readings)
    state: ValveState
    if opened is not None or closed is not None:
        if opened == closed:
            # Both switches at once is a fault of the switches, not a state of the valve.
            state = "unknown" if opened else "travelling"
        elif opened or closed:
            state = "open" if opened else "closed"
        elif opened is None:
            state = "unknown" if open_signal is not None else "open"
        else:
            # One switch alone says the other end too; a second one that is not to be believed leaves it open.
            state = "unknown" if closed_signal is not None else "closed"
    elif position is None:
        state = "unknown"
    elif 100 * position <= NEARLY_SHUT:
        state = "closed"
    elif 100 * position >= NEARLY_OPEN:
        state = "open"
    else:
        state = "throttling" if control else "travelling"
    own = tuple(
        s
        for s in binding.signals_at.get(code, ())
        if s.role in ("position", "open", "closed", "lifted", "fault", "trip")
    )
    rounded = round(position, 2) if position is not None and control else None
    old, forced = any_is(own, readings, *DOUBTED), any_is(own, readings, "forced")
    alarm = worst_alarm(own, readings, plated)
    return ValveLook(state, rounded, control, forced, old, alarm, _demanded(binding, code, readings))


def _demanded(binding: Binding, code: str, readings: Readings) -> float | None:
    signal = binding.signal(code, "command", "output")
    if signal is None:
        return None
    reading = readings.get(signal.kks, NEVER_SEEN)
    if reading.value is None or trust(reading) in ("last known", "bad", "stale"):
        return None
    return round(reading.value >= 0.5 if signal.kind == "binary" else fraction(signal, reading.value), 2)


def worst_alarm(signals: tuple[Signal, ...], readings: Readings, plated: frozenset[str]) -> AlarmMark | None:
    """The most urgent alarm of the signals that have no plate: unacknowledged first, then by priority."""
    marks = [
        reading.alarm
        for signal in signals
        if signal.kks not in plated and (reading := readings.get(signal.kks)) and reading.alarm
    ]
    return min(marks, key=lambda mark: (mark.state != "unacknowledged", mark.priority), default=None)
