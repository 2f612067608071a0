"""A symbol in words: for the hover card and for people who listen to the screen."""

from __future__ import annotations

from contracts import kks as kks_code
from contracts.number_text import Language, age, number
from contracts.signal_list import Signal
from data.reading import age_s
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.live_state import drive_look, trust, valve_look
from pid_renderer.words import word

_MOST_LINES = 4


def shown(code: str) -> str:
    """A KKS code with blanks, another tag as it is."""
    return kks_code.parse(code).shown if kks_code.is_kks(code) else code


def value_text(live: LiveSheet, signal: Signal, language: Language) -> str:
    """`15,91 m`, or an em dash."""
    text = number(live.reading(signal.kks).value, signal.decimals, language)
    return f"{text} {signal.unit}".strip()


def hover_lines(live: LiveSheet, code: str, language: Language, now_us: int) -> list[str]:
    """Tag, description, then value, quality and age (at `now_us`) of its main signals."""
    element = live.element(code)
    only = live.plant.by_kks.get(code)
    own = live.binding.code_of.get(element.id, code) if element is not None else code
    lines = [shown(code)]
    name = element.text("EquipmentDescription", "Description", "EquipmentDescriptionAssignmentClass") if element else ""
    main = only or live.binding.main(own)
    lines.append(name or (main.description if main is not None else "") or (element.component_class if element else ""))
    state = _state(live, own, language)
    if state and only is None:
        lines.append(state)
    signals = [only] if only is not None else [s for s in live.binding.signals_of.get(own, ()) if s.kind == "analog"]
    for signal in signals[:_MOST_LINES]:
        reading = live.reading(signal.kks)
        kind = trust(reading)
        quality = "" if kind == "good" else f" · {word(kind, language)}"
        old = f" · {word('ago', language)} {age(age_s(reading, now_us), language)}" if reading.time_us else ""
        lines.append(f"{value_text(live, signal, language)}{quality}{old}")
    return [line for line in lines if line]


def accessible_name(live: LiveSheet, code: str, language: Language) -> str:
    """`10EGB14CL001, nivel nafta ligera, 15,91 metros, alarma 2 alta sin reconocer`."""
    element = live.element(code)
    own = live.binding.code_of.get(element.id, code) if element is not None else code
    main = live.plant.by_kks.get(code) or live.binding.main(own)
    parts = [code]
    if element is not None and element.text("EquipmentDescription"):
        parts.append(element.text("EquipmentDescription"))
    parts.append(_state(live, own, language))
    if main is not None:
        reading = live.reading(main.kks)
        kind = trust(reading)
        parts += [main.description, value_text(live, main, language), "" if kind == "good" else word(kind, language)]
        if reading.alarm is not None:
            alarm = reading.alarm
            parts.append(f"{word('alarm', language)} {alarm.priority} {alarm.limit} {word(alarm.state, language)}")
    return ", ".join(part for part in parts if part)


def _state(live: LiveSheet, code: str, language: Language) -> str:
    element = live.element(code)
    if element is None or code not in live.binding.signals_of:
        return ""
    if element.family in ("pump", "compressor"):
        return word(drive_look(live.binding, code, live.readings).state, language)
    if element.family == "valve":
        return word(valve_look(live.binding, code, live.readings).state, language)
    return ""
