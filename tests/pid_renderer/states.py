"""Every state of every kind of equipment on the heat plant, as readings that differ from a calm plant."""

from __future__ import annotations

from collections.abc import Mapping

from analysis import deviation
from contracts.plant import Plant
from contracts.quality import Quality
from data.reading import AlarmMark, Reading
from tests.pid_renderer import heat_plant as heat
from tests.pid_renderer.conftest import reading

Readings = dict[str, Reading]

_CALM_BINARY: Mapping[str, float] = {
    "running": 1, "flame": 1, "open": 1, "command": 1, "available": 1, "tracing": 1,
    "closed": 0, "trip": 0, "fault": 0, "bypass": 0, "lifted": 0,
}  # fmt: skip
_CALM_PART: Mapping[str, float] = {
    "duty": 0.83,
    "temperature_in": 0.3,
    "temperature_out": 0.62,
    "level": 0.55,
    "flow": 0.63,
}


def calm(plant: Plant, changed: Readings | None = None) -> Readings:
    """Good readings near their design for every signal, but those in `changed`; deviations as `analysis` says."""
    found: Readings = {}
    for signal in plant.signals:
        if signal.kind != "analog":
            value = float(_CALM_BINARY.get(signal.role, 0.0))
        elif signal.design is not None:
            value = signal.design
        else:
            value = signal.low + _CALM_PART.get(signal.role, 0.6) * (signal.high - signal.low)
        seen = (changed or {}).get(signal.kks, reading(value))
        found[signal.kks] = seen._replace(deviation_percent=deviation.percent(signal, seen.value))
    return found


ON, OFF = reading(1.0), reading(0.0)
NO_VALUE = reading(None, Quality.COMM_FAILURE)


def _alarm(of: Reading, priority: int, state: str) -> Reading:
    return of._replace(alarm=AlarmMark(priority, "H", state, 0))  # type: ignore[arg-type]


def _old(value: float) -> Reading:
    return reading(value, Quality.LAST_USABLE, 300)


def _last(value: float) -> Reading:
    return reading(value, Quality.LAST_KNOWN, 300)


def _hand(value: float) -> Reading:
    return reading(value, Quality.LOCAL_OVERRIDE)


def _alarms(kks: str, of: Reading) -> dict[str, Readings]:
    states = ("unacknowledged", "acknowledged", "returned", "shelved", "suppressed", "out of service")
    return {f"alarm {state}": {kks: _alarm(of, 2, state)} for state in states}


def _drive(code: str, *, commanded: bool = True, available: bool = False) -> dict[str, Readings]:
    run, trip, command = f"{code}XB01", f"{code}XB02", f"{code}XL01"
    stopped = {run: OFF, command: OFF} if commanded else {run: OFF}
    found = {
        "running": {},
        "stopped": stopped,
        "tripped": {**stopped, trip: ON},
        "bad": {run: NO_VALUE},
        "stale": {run: _old(1.0)},
        "forced": {run: _hand(1.0)},
        **{name: {**stopped, **change} for name, change in _alarms(trip, ON).items()},
    }
    if commanded:
        found["starting"] = {run: OFF}
    if available:
        found["out of service"] = {**stopped, f"{code}XB03": OFF}
    return found


def _deviations(kks: str, design: float, *, of_span: bool = False) -> dict[str, Readings]:
    """Just inside each step of the deviation scale."""
    basis = 0.2 * design if of_span else design
    parts = {-3: -0.14, -2: -0.07, -1: -0.03, 1: 0.03, 2: 0.07, 3: 0.14}
    return {f"deviation {step:+d}": {kks: reading(design + part * basis)} for step, part in parts.items()}


def _column() -> dict[str, Readings]:
    middle = "10RKA10CT003XQ01"
    return {
        "normal": {},
        "one higher": {middle: reading(245.0)},
        "bad": {middle: NO_VALUE},
        "stale": {middle: _old(220.0)},
        "forced": {middle: _hand(220.0)},
        "uncertain": {middle: reading(220.0, Quality.SUB_NORMAL)},
        "pressure bad": {"10RKA10CP001XQ01": NO_VALUE},
        "pressure stale": {"10RKA10CP001XQ01": _old(1.5)},
        "sump full": {"10RKA10CL001XQ01": reading(2.8)},
        "sump stale": {"10RKA10CL001XQ01": _old(1.65)},
        "sump bad": {"10RKA10CL001XQ01": NO_VALUE},
        **_deviations(middle, 220.0, of_span=True),
    }


def _furnace() -> dict[str, Readings]:
    flame, trip, command, duty = (f"{heat.FURNACE}{tail}" for tail in ("XB01", "XB02", "XL01", "XQ01"))
    out = {flame: OFF, command: OFF, duty: reading(0.0)}
    return {
        "lit": {},
        "over design": {duty: reading(11.9)},
        "out": out,
        "starting": {flame: OFF, duty: reading(0.0)},
        "tripped": {**out, trip: ON},
        "bad": {flame: NO_VALUE, duty: NO_VALUE},
        "stale": {duty: _old(9.36)},
        "last known": {duty: _last(9.36)},
        "forced": {duty: _hand(9.36)},
        **{name: {**out, **change} for name, change in _alarms(trip, ON).items()},
    }


def _exchanger() -> dict[str, Readings]:
    duty, bypass = f"{heat.MEASURED}XQ01", f"{heat.MEASURED}XB01"
    return {
        "working": {},
        "idle": {duty: reading(0.0)},
        "bypassed": {bypass: ON},
        "bad": {duty: NO_VALUE},
        "stale": {duty: _old(4000.0)},
        "forced": {duty: _hand(4000.0)},
        **_deviations(duty, 4000.0),
    }


def _computed() -> dict[str, Readings]:
    inlet = f"{heat.COMPUTED}XQ02"
    return {
        "working": {},
        "more": {inlet: reading(20.0)},
        "idle": {f"{heat.COMPUTED}XQ01": reading(0.0)},
        "bad": {inlet: NO_VALUE},
        "stale": {inlet: _old(60.0)},
        "forced": {inlet: _hand(60.0)},
        "alarm": {inlet: _alarm(reading(60.0), 3, "acknowledged")},
    }


def _flow_only() -> dict[str, Readings]:
    flow = f"{heat.FLOW_ONLY}XQ01"
    return {
        "working": {},
        "idle": {flow: reading(0.0)},
        "bad": {flow: NO_VALUE},
        "stale": {flow: _old(63.0)},
        "forced": {flow: _hand(63.0)},
    }


def _control() -> dict[str, Readings]:
    position, output = f"{heat.CONTROL}XQ01", f"{heat.CONTROL}XQ02"
    return {
        "at its place": {},
        "open": {position: reading(100.0), output: reading(100.0)},
        "closed": {position: reading(0.0), output: reading(0.0)},
        "told to go on": {output: reading(90.0)},
        "bad": {position: NO_VALUE},
        "stale": {position: _old(60.0)},
        "forced": {position: _hand(60.0)},
    }


def _motor() -> dict[str, Readings]:
    opened, closed, command = (f"{heat.MOTOR}{tail}" for tail in ("XB01", "XB02", "XL01"))
    return {
        "open": {},
        "closed": {opened: OFF, closed: ON, command: OFF},
        "travelling": {opened: OFF},
        "both": {closed: ON},
        "stale": {opened: _old(1.0)},
        "forced": {opened: _hand(1.0)},
        **_alarms(closed, OFF),
    }


def _tank() -> dict[str, Readings]:
    level = "10RLA10CL001XQ01"
    return {
        "normal": {},
        "fuller": {level: reading(8.0)},
        "bad": {level: NO_VALUE},
        "last known": {level: _last(6.0)},
        "stale": {level: _old(6.0)},
        "forced": {level: _hand(6.0)},
        "uncertain": {level: reading(6.0, Quality.SUB_NORMAL)},
        **_alarms(level, reading(6.0)),
        **_deviations(level, 6.0),
    }


def _three_way() -> dict[str, Readings]:
    position = f"{heat.THREE_WAY}XQ01"
    return {
        "between": {},
        "run": {position: reading(0.0)},
        "branch": {position: reading(100.0)},
        "bad": {position: NO_VALUE},
        "stale": {position: _old(60.0)},
    }


def _safety() -> dict[str, Readings]:
    lifted = f"{heat.SAFETY}XB01"
    return {
        "shut": {},
        "lifted": {lifted: ON},
        "bad": {lifted: NO_VALUE},
        "stale": {lifted: _old(0.0)},
        "forced": {lifted: _hand(0.0)},
        **_alarms(lifted, ON),
    }


def _traced() -> dict[str, Readings]:
    tracing = f"{heat.TRACED}XB01"
    return {"on": {}, "off": {tracing: OFF}, "bad": {tracing: NO_VALUE}, "stale": {tracing: _old(1.0)}}


STATES: Mapping[str, dict[str, Readings]] = {
    heat.TANK: _tank(),
    heat.PUMP: _drive(heat.PUMP, available=True),
    heat.BLOWER: _drive(heat.BLOWER, commanded=False),
    heat.AGITATOR: _drive(heat.AGITATOR),
    heat.CONTROL: _control(),
    heat.MOTOR: _motor(),
    heat.THREE_WAY: _three_way(),
    heat.SAFETY: _safety(),
    heat.MEASURED: _exchanger(),
    heat.COMPUTED: _computed(),
    heat.FLOW_ONLY: _flow_only(),
    heat.FURNACE: _furnace(),
    heat.COLUMN: _column(),
    heat.TRACED: _traced(),
}
"""By equipment: each state's name and the readings that make it."""
