"""One value of a sheet and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.signal_list import Signal
from pid_renderer.drawing import Anchor, Point
from pid_renderer.heater import Heater
from pid_renderer.live_state import ValueLook
from pid_renderer.value_form import Form, Forms

if TYPE_CHECKING:
    from pid_renderer.vessel import Vessel


@dataclass(eq=False)
class Plate:
    """One value and where it stands."""

    signal: Signal
    code: str
    anchor: Anchor
    vessel: Vessel | None
    """The vessel whose free part the value stands in; None for a value beside its symbol."""
    derived: str = ""
    """Role of a text that is computed and not measured; `signal` is then what it is computed from."""
    heater: Heater | None = None
    """What computes the text from its own readings, and not the plant."""
    hidden: bool = False
    """Thinned out at the present zoom."""
    forms: Forms = (Form.FULL, Form.FULL, Form.FULL)
    """How much of it is written at the present zoom, by state."""
    shift_mm: Point = (0.0, 0.0)
    """How far it stands from its anchor at the present zoom, so that it covers no other value and no line's name."""
    look: Callable[[Plate], ValueLook] | None = None
    """Who knows how it looks: the sheet it is on."""

    @property
    def x(self) -> float:
        """Where its left edge, middle or right edge stands, mm."""
        return self.anchor.x + self.shift_mm[0]

    @property
    def y(self) -> float:
        """The line it is centred on, mm."""
        return self.anchor.box.centre[1] + self.shift_mm[1]

    @property
    def shown(self) -> ValueLook:
        """How it looks by the readings of the moment."""
        assert self.look is not None
        return self.look(self)
