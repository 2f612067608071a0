"""What a simulated plant's signals read: from its process model, or, where it has none, a gentle random walk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np

from contracts.signal_list import Signal
from simulator.hydraulics import Floats
from simulator.operation import Operation
from simulator.process import Process
from simulator.process_file import ProcessFile

MAX_STEP_S: Final = 0.5
"""Longest step of process time; faster than real time takes more steps, not longer ones."""


class Values(Protocol):
    """A plant's signals in engineering units, in the order of its signal list."""

    @property
    def now(self) -> Floats:
        """One value a signal."""

    def advance(self, seconds: float) -> None:
        """Let `seconds` of process time pass."""

    def write(self, changes: Mapping[int, float]) -> None:
        """An operator's writes: signal index → value."""


class ModelValues:
    """Sensors on a process model, and commands into it."""

    def __init__(self, signals: Sequence[Signal], file: ProcessFile, seed: int) -> None:
        self.process = Process(file)
        self.operation = Operation(file.data, self.process)
        self._random = np.random.default_rng(seed)
        self._commands = {index: file.data.commands[s.kks] for index, s in enumerate(signals) if s.writable}
        for name in self._commands.values():
            self.process.input_value(name)
        self._read = np.array([index for index, s in enumerate(signals) if not s.writable], dtype=np.intp)
        sensors = [file.data.sensors[signals[index].kks] for index in self._read]
        self._quantity = self.process.indices(sensor.reads for sensor in sensors)
        self._noise = np.array([sensor.noise for sensor in sensors])
        self._lag_s = np.array([sensor.lag_s for sensor in sensors])
        self._low = np.array([signals[index].low for index in self._read])
        self._high = np.array([signals[index].high for index in self._read])
        self._measured = self.process.quantities[self._quantity].astype(np.float64)
        self.now = np.zeros(len(signals))
        self._refresh()

    def advance(self, seconds: float) -> None:
        """Step process, operation and sensors; a frozen plant (0 s) keeps its readings to the last digit."""
        if seconds <= 0.0:
            return
        steps = max(1, math.ceil(seconds / MAX_STEP_S - 1e-9))
        for _ in range(steps):
            self.operation.step(seconds / steps)
            self.process.step(seconds / steps)
        # First-order lag, exact for a reading that holds during the step.
        follow = np.where(self._lag_s > 0.0, -np.expm1(-seconds / np.maximum(self._lag_s, 1e-9)), 1.0)
        self._measured += follow * (self.process.quantities[self._quantity] - self._measured)
        self._refresh()

    def write(self, changes: Mapping[int, float]) -> None:
        """Move the inputs behind writable signals; from then on they are the operator's."""
        for index, value in changes.items():
            self.operation.take_over(self._commands[index])
            self.process.set_input(self._commands[index], value)
            self.now[index] = value

    def _refresh(self) -> None:
        noisy = self._measured + self._noise * self._random.standard_normal(len(self._read))
        # A transmitter saturates at the ends of its range.
        self.now[self._read] = np.clip(noisy, self._low, self._high)
        for index, name in self._commands.items():
            self.now[index] = self.process.input_value(name)


class WalkValues:
    """A band-limited random walk between each signal's low and high; writable signals keep what was written."""

    _DRIFT_S: Final = 60.0
    _SMOOTH_S: Final = 5.0

    def __init__(self, signals: Sequence[Signal], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        low, high = np.array([s.low for s in signals]), np.array([s.high for s in signals])
        self._middle, self._half = (low + high) / 2.0, (high - low) / 2.0
        self._walks = np.array([not s.writable for s in signals], dtype=bool)
        self._steps = np.array([s.kind == "step" for s in signals], dtype=bool)
        self._binary = np.array([s.kind == "binary" for s in signals], dtype=bool)
        self._drift = self._random.standard_normal(len(signals))
        self._smooth = self._drift.copy()
        self._on = np.zeros(len(signals))
        self._held = np.where(self._binary | self._steps, low, self._middle)
        self.now = self._held.copy()
        self._refresh()

    def advance(self, seconds: float) -> None:
        """Walk for `seconds`: two first-order filters in a row, exact for any step."""
        if seconds <= 0.0:
            return
        keep = math.exp(-seconds / self._DRIFT_S)
        noise = self._random.standard_normal(len(self._drift))
        self._drift = keep * self._drift + math.sqrt(1.0 - keep * keep) * noise
        self._smooth += -math.expm1(-seconds / self._SMOOTH_S) * (self._drift - self._smooth)
        self._refresh()

    def write(self, changes: Mapping[int, float]) -> None:
        """Keep what was written."""
        for index, value in changes.items():
            self._held[index] = value
        self._refresh()

    def _refresh(self) -> None:
        level = np.tanh(0.7 * self._smooth)
        value = self._middle + 0.98 * self._half * level
        # Switching at different levels on the way up and down keeps a binary from chattering.
        self._on = np.where(level > 0.15, 1.0, np.where(level < -0.15, 0.0, self._on))
        value = np.where(self._steps, np.rint(value), value)
        value = np.where(self._binary, self._on, value)
        self.now = np.where(self._walks, value, self._held)
