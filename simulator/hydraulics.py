"""Flows in a pipe network of tanks, boundaries and junctions, all branches at once.

A branch's pressure drop is quadratic in its flow (valve coefficient Kv, IEC 60534-2-1: dp[bar] = (q[m³/h]/Kv)² ρ/1000)
and a pump's rise falls quadratically (H = H0 n² − a q², affinity law for the speed n), so a branch has one flow for
given end pressures in closed form. Junction pressures follow from continuity by Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

GRAVITY: Final = 9.80665
_PASCAL_PER_BAR: Final = 1e5
_SMOOTH_BAR: Final = 1e-5
"""Below about this drop the square root is made linear, so that its slope stays finite at zero flow."""

_LEAK: Final = 1e-9
"""m³/h per bar that a blocked branch passes while pressures are sought, so that every junction has one; then none."""

_MAX_ITERATIONS: Final = 60
_MAX_HALVINGS: Final = 40
_TOLERANCE: Final = 1e-11
"""Continuity error that is let pass, as a part of the flow through the junction."""

_TOLERATED_KG_H: Final = 1e-4
"""And in absolute terms, where next to nothing flows: more than the leaks, so a shut-off junction is never sought."""

_FIRST_DAMPING: Final = 1e-3
"""kg/h per bar, beside some 1e-6 of a junction that only leaks and 1e5 of one that flows."""


class NotSolved(ArithmeticError):
    """Junction pressures that did not converge."""


def head_pressure(density_kg_m3: Floats, head_m: Floats) -> Floats:
    """Pressure in bar of a column of liquid: ρ g h."""
    return density_kg_m3 * GRAVITY * head_m / _PASCAL_PER_BAR


def pump_coefficients(shutoff_head_m: Floats, rated_head_m: Floats, rated_flow_m3_h: Floats) -> Floats:
    """`a` in m/(m³/h)² of H = H0 n² − a q², through shut-off and rated point."""
    return (shutoff_head_m - rated_head_m) / rated_flow_m3_h**2


def shaft_power_kw(
    density_kg_m3: Floats, head_m: Floats, rated_flow_m3_h: Floats, flow_m3_h: Floats, efficiency: Floats
) -> Floats:
    """Pump power ρ g q H / η with the parabola η = η_max (2x − x²), x = q / q_rated; finite at no flow."""
    x = np.clip(flow_m3_h / rated_flow_m3_h, 0.0, 1.6)
    return density_kg_m3 * GRAVITY * head_m * (rated_flow_m3_h / 3600.0) / (efficiency * (2.0 - x)) / 1000.0


@dataclass(frozen=True)
class Branches:
    """The branches' ends (node numbers) and whether a check valve lets them flow only forward."""

    start: Indices
    end: Indices
    check: NDArray[np.bool_]


@dataclass(frozen=True)
class _State:
    """The branches at one set of pressures."""

    flow: Floats
    slope: Floats
    blocked: NDArray[np.bool_]
    content: float


class Network:
    """Solves the flows. Nodes `junctions` have unknown pressure; all others are given."""

    def __init__(self, branches: Branches, junctions: Indices) -> None:
        self._branches = branches
        self._junctions = junctions
        count = len(branches.start)
        position = {int(node): row for row, node in enumerate(junctions)}
        self._identity = np.eye(len(junctions))
        self._incidence = np.zeros((len(junctions), count))
        for branch, (start, end) in enumerate(zip(branches.start.tolist(), branches.end.tolist(), strict=True)):
            if start in position:
                self._incidence[position[start], branch] -= 1.0
            if end in position:
                self._incidence[position[end], branch] += 1.0

    def solve(
        self,
        pressure_bar: Floats,
        rise_bar: Floats,
        resistance: Floats,
        density_kg_m3: Floats,
        may_leave: NDArray[np.bool_],
    ) -> Floats:
        """Flow of each branch in m³/h, forward positive; sets the junctions' entries of `pressure_bar`.

        `rise_bar`: pump rise at no flow. `resistance`: bar/(m³/h)² at the flowing density, inf = closed.
        `may_leave`: per node, whether liquid can leave it. Raises `NotSolved`.
        """
        state = self._flows(pressure_bar, rise_bar, resistance, density_kg_m3, may_leave)
        if len(self._junctions):
            state = self._balanced(state, pressure_bar, rise_bar, resistance, density_kg_m3, may_leave)
        return np.where(state.blocked, 0.0, state.flow)

    def _balanced(
        self,
        state: _State,
        pressure_bar: Floats,
        rise_bar: Floats,
        resistance: Floats,
        density_kg_m3: Floats,
        may_leave: NDArray[np.bool_],
    ) -> _State:
        """Newton's method on the network's content, a convex function whose slope is the continuity error.

        Its fall is tested at each step (Armijo), so it converges from any start. A check valve is a kink: where a
        junction would leap over one, the damping (Levenberg 1944) holds it back and lets the others move on.
        """
        damping = 0.0
        for _ in range(_MAX_ITERATIONS):
            error, limit = self._continuity(state, density_kg_m3)
            if np.all(np.abs(error) <= limit):
                return state
            weighted = self._incidence * (density_kg_m3 * state.slope)
            change = np.linalg.solve(weighted @ self._incidence.T + damping * self._identity, error)
            fall, step = float(error @ change), 1.0
            base = pressure_bar[self._junctions].copy()
            for _ in range(_MAX_HALVINGS):
                pressure_bar[self._junctions] = base + step * change
                tried = self._flows(pressure_bar, rise_bar, resistance, density_kg_m3, may_leave)
                # Newton's step overshoots a root by twice, so a real fall is asked for; a fall that drowns in
                # rounding means the end is near, where the full step is right.
                if fall <= 1e-11 * state.content or tried.content <= state.content - 0.25 * step * fall:
                    break
                step *= 0.5
            damping = max(100.0 * damping, _FIRST_DAMPING) if step < 0.1 else damping / 100.0
            state = tried
        error, limit = self._continuity(state, density_kg_m3)
        if np.all(np.abs(error) <= 100.0 * limit):
            return state
        raise NotSolved(f"junction pressures did not converge (continuity error {np.abs(error).max():.3g} kg/h)")

    def _continuity(self, state: _State, density: Floats) -> tuple[Floats, Floats]:
        """What enters each junction and does not leave it, kg/h, and how much of that is let pass."""
        mass = density * state.flow
        return self._incidence @ mass, _TOLERANCE * (np.abs(self._incidence) @ np.abs(mass)) + _TOLERATED_KG_H

    def _flows(
        self,
        pressure: Floats,
        rise: Floats,
        resistance: Floats,
        density: Floats,
        may_leave: NDArray[np.bool_],
    ) -> _State:
        branches = self._branches
        drive = pressure[branches.start] - pressure[branches.end] + rise
        size = np.abs(drive)
        conductance = 1.0 / np.sqrt(resistance)
        smooth = size + _SMOOTH_BAR
        root = np.sqrt(smooth)
        blocked = np.where(drive >= 0.0, ~may_leave[branches.start], ~may_leave[branches.end] | branches.check)
        blocked |= conductance == 0.0
        flow = np.where(blocked, _LEAK * drive, conductance * drive / root)
        slope = np.where(blocked, _LEAK, conductance * (0.5 * size + _SMOOTH_BAR) / (root * smooth))
        # The integral of the flow over its driving pressure.
        area = 2.0 / 3.0 * smooth * root - 2.0 * _SMOOTH_BAR * root + 4.0 / 3.0 * _SMOOTH_BAR**1.5
        content = np.where(blocked, 0.5 * _LEAK * drive**2, conductance * area)
        return _State(flow, slope, blocked, float(density @ content))
