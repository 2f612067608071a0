"""One value of a sheet and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.signal_list import Signal
from pid_renderer.drawing import Anchor
from pid_renderer.heater import Heater
from pid_renderer.live_state import ValueLook
from pid_renderer.value_form import Form

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
    form: Form = Form.FULL
    """How much of it is written at the present zoom."""
    look: Callable[[Plate], ValueLook] | None = None
    """Who knows how it looks: the sheet it is on."""

    @property
    def shown(self) -> ValueLook:
        """How it looks by the readings of the moment."""
        assert self.look is not None
        return self.look(self)
