"""How much of one value is written."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from pid_renderer.live_state import ValueLook


class Form(IntEnum):
    """How much of a value is written; each form is smaller than the one before, and none is without the number."""

    FULL = 0
    LOW = 1
    """All of it, in a low box."""
    SHORT = 2
    """Low, of a deviation only the arrow and the fill, and of an old value only the clock."""
    TIGHT = 3
    """Short, on a ground no higher than its digits: only the line under it tells what else the box would."""
    NUMBER = 4
    """Low and short, without the unit."""
    FILL = 5
    """Tight, without unit and arrow; the fill stays."""


FORMS: Final = tuple(Form)


class State(IntEnum):
    """What a value's box depends on: a calm value has none, and a badge needs room beside it."""

    CALM = 0
    MARKED = 1
    """In a box: its quality is not good, or it is off design under the lens."""
    ALARMED = 2


Forms = tuple[Form, Form, Form]
"""One for each `State`."""


def written(look: ValueLook, form: Form) -> ValueLook:
    """A value's look in a form."""
    if form is Form.FULL:
        return look
    return look._replace(
        room="tight" if form in (Form.TIGHT, Form.FILL) else "low",
        deviation=look.deviation if form is Form.LOW else "",
        age=look.age if form is Form.LOW else "",
        unit="" if form >= Form.NUMBER else look.unit,
        arrowless=form is Form.FILL,
    )
