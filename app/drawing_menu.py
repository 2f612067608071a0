"""The menu of something on the drawing, for the mouse, the menu key and a long press alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.live_plant import LivePlant
from contracts.number_text import age
from contracts.sample import now_us
from contracts.signal_list import Signal
from data.reading import Reading, age_s
from pid_renderer.live_state import trust
from pid_renderer.route import Direction
from resources.words import language, t
from widgets.quality_words import quality_word
from widgets.signal_words import shown, signals_of, value_text

MOST_PENS: Final = 6


class Deeds(NamedTuple):
    """What the page does for the menu."""

    open_faceplate: Callable[[str], None]
    add_to_trend: Callable[[str], None]
    open_history: Callable[[list[str]], None]
    pin: Callable[[str], None]
    zoom_to: Callable[[str], None]
    show_in_tree: Callable[[str], None]
    trace: Callable[[str, Direction], None]
    jump: Callable[[str], None]


def drawing_menu(
    parent: QWidget, live: LivePlant, code: str, deeds: Deeds, *, connector: bool, bound: Sequence[Signal] = ()
) -> QMenu:
    """The menu for a code of the drawing; what it cannot do there is not in it."""
    menu = QMenu(parent)
    menu.setAccessibleName(shown(code))
    signals = signals_of(live.plant, code, bound)
    if connector:
        menu.addAction(t("action.jump"), partial(deeds.jump, code))
    if signals:
        menu.addAction(t("action.faceplate"), partial(deeds.open_faceplate, code))
        _add_pens(menu, signals, deeds)
        menu.addAction(t("action.history"), partial(deeds.open_history, [signal.kks for signal in signals]))
        menu.addAction(t("action.pin"), partial(deeds.pin, signals[0].kks))
    if not menu.isEmpty():
        menu.addSeparator()
    menu.addAction(t("action.zoom_to"), partial(deeds.zoom_to, code))
    menu.addAction(t("action.show_in_tree"), partial(deeds.show_in_tree, code))
    trace = menu.addMenu(t("action.trace"))
    for direction in ("up", "down", "both"):
        trace.addAction(t(f"trace.{direction}"), partial(deeds.trace, code, direction))
    menu.addSeparator()
    menu.addAction(t("action.copy_kks", tag=shown(code)), partial(_copy, shown(code)))
    if signals:
        text = _value_told(signals[0], live.readings[signals[0].kks])
        menu.addAction(t("action.copy_value", value=text), partial(_copy, text))
    return menu


def _add_pens(menu: QMenu, signals: list[Signal], deeds: Deeds) -> None:
    """One entry for one analogue signal, a menu of its own for several."""
    pens = [signal for signal in signals if signal.kind == "analog"][:MOST_PENS]
    if len(pens) == 1:
        menu.addAction(t("action.trend"), partial(deeds.add_to_trend, pens[0].kks))
    elif pens:
        part = menu.addMenu(t("action.trend"))
        for signal in pens:
            part.addAction(signal.description or shown(signal.kks), partial(deeds.add_to_trend, signal.kks))


def _value_told(signal: Signal, reading: Reading) -> str:
    """A value with its unit and, unless it is good, how far to trust it and how old it is, wherever it is pasted."""
    text = value_text(signal, reading.value)
    if reading.value is not None:
        text = f"{text} {signal.unit}".strip()
    if trust(reading) == "good":
        return text
    doubt = quality_word(reading.quality)
    if reading.time_us:
        doubt = f"{doubt}, {t('ago', age=age(age_s(reading, now_us()), language()))}"
    return f"{text} ({doubt})"


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
