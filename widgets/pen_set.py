"""Which pens the historian draws, measured and calculated, and how. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from contracts.signal_list import Signal
from widgets.formula import PREFIX, BadFormula, Calculated, line_of, read, signal_of
from widgets.historian_memory import CalculatedSetting, PenSetting
from widgets.lines import Line
from widgets.pen_list import PenRow

MOST_PENS: Final = 20


class PenSet:
    """The pens of one plant, in their order."""

    def __init__(self, known: Mapping[str, Signal]) -> None:
        """`known`: the plant's signals by KKS."""
        self._known = known
        self.pens: list[PenSetting] = []
        self.calculated: dict[str, Calculated] = {}
        """Every calculated signal, by `=name`; also those that no pen draws now."""
        self._signals: dict[str, Signal] = {}

    # ---- what there is

    def signal(self, kks: str) -> Signal:
        """What a pen draws. Raises `BadFormula` and KeyError."""
        if not kks.startswith(PREFIX):
            return self._known[kks]
        if kks not in self._signals:
            self._signals[kks] = signal_of(self.calculated[kks], self._known)
        return self._signals[kks]

    @property
    def rows(self) -> list[PenRow]:
        """As the list shows them."""
        return [
            PenRow(self.signal(pen.kks), pen.look, pen.shown, pen.kks if pen.kks.startswith(PREFIX) else "")
            for pen in self.pens
        ]

    @property
    def drawn(self) -> list[PenSetting]:
        """Those that are not hidden."""
        return [pen for pen in self.pens if pen.shown]

    @property
    def tags(self) -> list[str]:
        """Every measured signal that the drawn pens need, each once."""
        wanted: dict[str, None] = {}
        for pen in self.drawn:
            made = self.calculated.get(pen.kks)
            wanted.update(dict.fromkeys([pen.kks] if made is None else read(made.formula).tags))
        return list(wanted)

    @property
    def has_calculated(self) -> bool:
        """Whether a drawn pen is calculated."""
        return any(pen.kks in self.calculated for pen in self.drawn)

    def lines(self, measured: Mapping[str, Line]) -> dict[str, Line]:
        """The line of each drawn pen of which all is there. Raises `BadFormula`."""
        units = {kks: signal.unit for kks, signal in self._known.items()}
        found: dict[str, Line] = {}
        for pen in self.drawn:
            made = self.calculated.get(pen.kks)
            if made is None:
                if pen.kks in measured:
                    found[pen.kks] = measured[pen.kks]
            elif all(tag in measured for tag in read(made.formula).tags):
                found[pen.kks] = line_of(made, measured, units)
        return found

    # ---- changes

    def add(self, kks: str) -> bool:
        """Another pen, with a look that no other has; a hidden one is shown again. False: there are too many."""
        if kks not in self._known and kks not in self.calculated:
            return True
        if any(pen.kks == kks for pen in self.pens):
            self.set_shown(kks, shown=True)
            return True
        if len(self.pens) >= MOST_PENS:
            return False
        taken = {pen.look for pen in self.pens}
        look = next(number for number in range(MOST_PENS + 1) if number not in taken)
        self.pens.append(PenSetting(kks, look))
        return True

    def remove(self, kks: str) -> None:
        """One pen less."""
        self.pens = [pen for pen in self.pens if pen.kks != kks]

    def reorder(self, order: Sequence[str]) -> None:
        """The pens in another order."""
        self.pens.sort(key=lambda pen: order.index(pen.kks) if pen.kks in order else len(order))

    def set_look(self, kks: str, look: int) -> None:
        """Another colour or dash."""
        self.pens = [replace(pen, look=look) if pen.kks == kks else pen for pen in self.pens]

    def set_shown(self, kks: str, *, shown: bool) -> None:
        """Hide or show a pen."""
        self.pens = [replace(pen, shown=shown) if pen.kks == kks else pen for pen in self.pens]

    def put_calculated(self, made: Calculated, before: str = "") -> bool:
        """A new calculated signal, or another formula for the one named `before`. False: there are too many pens.

        Raises `BadFormula`.
        """
        signal = signal_of(made, self._known)
        old = PREFIX + before if before else ""
        self._signals.pop(old, None)
        self.calculated.pop(old, None)
        self.calculated[made.kks], self._signals[made.kks] = made, signal
        if any(pen.kks == old for pen in self.pens):
            self.pens = [replace(pen, kks=made.kks) if pen.kks == old else pen for pen in self.pens]
            return True
        return self.add(made.kks)

    # ---- kept

    def settings(self) -> tuple[tuple[PenSetting, ...], tuple[CalculatedSetting, ...]]:
        """As a view keeps them."""
        return tuple(self.pens), tuple(CalculatedSetting(*made) for made in self.calculated.values())

    def load(self, pens: Sequence[PenSetting], calculated: Sequence[CalculatedSetting]) -> list[str]:
        """Take what a view kept; names of the pens that cannot be drawn (any more), which are left out."""
        self.calculated = {
            made.kks: made for made in (Calculated(one.name, one.formula, one.unit) for one in calculated)
        }
        self._signals.clear()
        self.pens, lost = [], []
        for pen in pens[:MOST_PENS]:
            try:
                self.signal(pen.kks)
            except (BadFormula, KeyError):
                lost.append(pen.kks)
            else:
                self.pens.append(pen)
        return lost
