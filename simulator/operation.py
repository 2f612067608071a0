"""Who operates the training plant when nobody does: two-point bands on quantities, and cycles by the clock."""

from __future__ import annotations

from simulator.process import Process
from simulator.process_file import ProcessData


class Operation:
    """Moves a process's inputs by the bands and cycles of its model. An input a person has moved is left to them."""

    def __init__(self, data: ProcessData, process: Process) -> None:
        self._process = process
        self._bands = data.band
        self._watched = process.indices(band.watch for band in data.band)
        self._side = [""] * len(data.band)
        self._cycles = data.cycle
        self._time_s = 0.0
        self._by_hand: set[str] = set()
        moves = [move for band in data.band for move in (band.at_low, band.at_high)]
        moves += [step.set for cycle in data.cycle for step in cycle.steps]
        for name in {name for move in moves for name in move}:
            process.input_value(name)

    def take_over(self, name: str) -> None:
        """A person has moved the input `name`."""
        self._by_hand.add(name)

    def step(self, seconds: float) -> None:
        """Advance the clock by `seconds` and move what is due."""
        for index, band in enumerate(self._bands):
            value = float(self._process.quantities[self._watched[index]])
            side = "low" if value <= band.low else "high" if value >= band.high else ""
            if side and side != self._side[index]:
                self._side[index] = side
                self._move(band.at_low if side == "low" else band.at_high)
        before, self._time_s = self._time_s, self._time_s + seconds
        for cycle in self._cycles:
            for due in cycle.steps:
                if (before - due.at_s) // cycle.period_s < (self._time_s - due.at_s) // cycle.period_s:
                    self._move(due.set)

    def _move(self, inputs: dict[str, float]) -> None:
        for name, value in inputs.items():
            if name not in self._by_hand:
                self._process.set_input(name, value)
