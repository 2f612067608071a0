"""A symbol in words: for the hover card and for people who listen to the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from contracts import kks as kks_code
from contracts import kks_keys
from contracts.number_text import UNKNOWN, Language, age, number
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import age_s
from pid_renderer.design_words import main_design
from pid_renderer.drawing import Element
from pid_renderer.heat_state import heat_look, heat_signals, heat_text
from pid_renderer.live_sheet import LiveSheet
from pid_renderer.live_state import Trust, ValveLook, drive_look, trust, valve_look
from pid_renderer.valve import SafetyValve
from pid_renderer.words import word
from resources.words import words

_MOST_ROWS: Final = 5
_MOST_DESIGN: Final = 5
_OF_FURNACE: Final = {"working": "lit", "idle": "out"}
_NAMES: Final = ("EquipmentDescription", "Description", "EquipmentDescriptionAssignmentClass")


class Row(NamedTuple):
    """One signal on the card."""

    label: str
    value: str
    unit: str
    trust: Trust
    note: str
    """Alarm, quality where it is not good, and age."""
    design: str
    """Its design values; empty where none are known."""


class Card(NamedTuple):
    """What the hover card says."""

    tag: str
    name: str
    kind: str
    """What kind of thing it is."""
    meaning: str
    """What the parts of its KKS code mean."""
    state: str
    rows: tuple[Row, ...]
    more: int
    """Signals that found no room."""
    hint: str
    """What a click does beyond opening the card; empty for nothing special."""
    design: tuple[tuple[str, str], ...] = ()
    """Label and text of the main design values the file gives."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All it says, in reading order."""
        rows = (text for row in self.rows for text in (row.label, f"{row.value} {row.unit}", row.note, row.design))
        design = (f"{label} {text}" for label, text in self.design)
        said = (self.tag, self.name, self.kind, self.meaning, self.state, *rows, *design, self.hint)
        return tuple(text for text in said if text)


def shown(code: str) -> str:
    """A KKS code with blanks, another tag as it is."""
    return kks_code.parse(code).shown if kks_code.is_kks(code) else code


def value_text(live: LiveSheet, signal: Signal, language: Language) -> str:
    """`15,91 m`, or an em dash."""
    text = number(live.reading(signal.kks).value, signal.decimals, language)
    return f"{text} {signal.unit}".strip()


def class_words(element: Element, language: Language) -> str:
    """What kind of thing it is, in words: by its family."""
    return words(language).get(f"family.{element.family.replace(' ', '_')}", "")


def card(live: LiveSheet, code: str, language: Language, now: int, hint: str = "") -> Card:
    """Tag, what it is, state, then value, quality, age (at `now`, µs) and design of its main signals."""
    element = live.element(code)
    only = live.plant.by_kks.get(code)
    own = live.binding.code_of.get(element.id, code) if element is not None else code
    main = only or live.binding.main(own)
    name = element.text(*_NAMES) if element is not None else ""
    signals = _signals(live, own, only)
    rows = tuple(_row(live, signal, language, now) for signal in signals[:_MOST_ROWS])
    kind = class_words(element, language) if element is not None else ""
    tag = shown(only.kks if only is not None else own or code)
    if element is not None and element.id == own:
        # It has no code of its own: its kind names it.
        tag, kind = kind or element.component_class, ""
    meaning = kks_keys.words_of(own or code, language, kks_keys.of_project(live.plant.kks_keys))
    name = name or (main.description if main is not None else "")
    if name.casefold() == kind.casefold() or meaning.casefold().startswith(kind.casefold()):
        # The meaning of the code says it already.
        kind = ""
    return Card(
        tag,
        name,
        kind,
        meaning,
        "" if only is not None else _state(live, own, language),
        rows,
        max(0, len(signals) - _MOST_ROWS),
        hint,
        main_design(live.drawing, element.id, language, _MOST_DESIGN) if element is not None and only is None else (),
    )


def _signals(live: LiveSheet, own: str, only: Signal | None) -> list[Signal]:
    if only is not None:
        return [only]
    return [signal for signal in live.binding.signals_of.get(own, ()) if signal.kind == "analog"]


def _row(live: LiveSheet, signal: Signal, language: Language, now: int) -> Row:
    reading = live.reading(signal.kks)
    kind = trust(reading)
    old = f"{word('ago', language)} {age(age_s(reading, now), language)}" if reading.time_us else ""
    value = UNKNOWN if reading.value is None else number(reading.value, signal.decimals, language)
    alarm = "" if reading.alarm is None else f"{reading.alarm.limit} {word(reading.alarm.state, language)}".strip()
    note = " · ".join(part for part in (alarm, "" if kind == "good" else word(kind, language), old) if part)
    return Row(_label(signal, language), value, signal.unit, kind, note, _design(signal, language))


def _label(signal: Signal, language: Language) -> str:
    return words(language).get(f"role.{signal.role}", signal.role) if signal.role else signal.description


def _design(signal: Signal, language: Language) -> str:
    """`3 … 10 … 15 m`: minimum, normal and maximum as far as they are known."""
    values = [v for v in (signal.design_min, signal.design, signal.design_max) if v is not None]
    if not values:
        return ""
    texts = " … ".join(number(value, _decimals(values), language) for value in values)
    return f"{words(language)['hover.design']} {texts} {signal.unit}".strip()


def _decimals(values: Iterable[float]) -> int:
    return max((len(f"{value:.3f}".rstrip("0").partition(".")[2]) for value in values), default=0)


def accessible_name(live: LiveSheet, code: str, language: Language) -> str:
    """`10EGB14CL001, nivel nafta ligera, 15,91 metros, alarma 2 alta sin reconocer`."""
    element = live.element(code)
    own = live.binding.code_of.get(element.id, code) if element is not None else code
    main = live.plant.by_kks.get(code) or live.binding.main(own)
    said = card(live, code, language, now_us())
    parts = [code if element is None or element.id != code else said.tag, said.kind]
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
    """`en marcha`; `encendido · ≈ 4,20 MW`; `en tránsito · tarda más de lo previsto`."""
    element = live.element(code)
    if element is None or code not in live.binding.signals_of:
        return ""
    if element.family in ("pump", "compressor", "agitator"):
        return word(drive_look(live.binding, code, live.readings).state, language)
    if element.family in ("exchanger", "furnace"):
        heat = heat_signals(element, code, live.binding)
        state = heat_look(heat, live.readings).state
        said = word(_OF_FURNACE.get(state, state) if element.family == "furnace" else state, language)
        text = heat_text(heat, live.readings, language)
        return said if text.trust == "bad" else f"{said} · {text.text} {text.unit}"
    if element.family == "valve":
        symbol = live.symbol_of.get(code)
        look = symbol.look(live.readings) if symbol is not None else None
        if not isinstance(look, ValveLook):
            look = valve_look(live.binding, code, live.readings)
        lifted = isinstance(symbol, SafetyValve) and look.state == "open"
        said = word("lifted" if lifted else look.state, language)
        return f"{said} · {word('late', language)}" if look.late else said
    return ""
