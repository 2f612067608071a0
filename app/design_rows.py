"""What the drawing's file says of something's design, as rows of its card."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.signal_list import Signal
from pid_renderer.design_words import designed
from pid_renderer.live_sheet import LiveSheet
from resources.words import language
from widgets.rows import Row


def design_rows(live: LiveSheet, code: str, signals: Sequence[Signal]) -> list[Row]:
    """Each value with its unit, the attribute and where it stands; an instrument without any has its equipment's."""
    for tried in (code, *dict.fromkeys(signal.equipment for signal in signals)):
        element = live.element(tried) if tried else None
        found = designed(live.drawing, element.id, language()) if element is not None else ()
        if found:
            return [Row(v.label, v.value, v.unit, token="design.mark", note=v.note) for v in found]  # noqa: S106
    return []
