"""How much of one value is written."""

from __future__ import annotations

from enum import IntEnum

from pid_renderer.live_state import ValueLook


class Form(IntEnum):
    """How much of a value is written; each form is smaller than the one before, and none is without the number."""

    FULL = 0
    LOW = 1
    """All of it, in a box hardly higher than its number."""
    NO_PERCENT = 2
    """Low, and of a deviation only the arrow and the fill."""
    NUMBER = 3
    """Without the unit too."""
    FILL = 4
    """Without the arrow too, where it would cover another value; the fill stays."""


def written(look: ValueLook, form: Form) -> ValueLook:
    """A value's look in a form."""
    if form is Form.FULL:
        return look
    return look._replace(
        low=True,
        deviation=look.deviation if form is Form.LOW else "",
        unit="" if form >= Form.NUMBER else look.unit,
        arrowless=form is Form.FILL,
    )
