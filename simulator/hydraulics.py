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

_MAX_ITERATIONS: Final = 60
_TOLERANCE: Final = 1e-11
"""Continuity error that is left, as a part of the flow through the junction."""


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


class Network:
    """Solves the flows. Nodes `junctions` have unknown pressure; all others are given."""

    def __init__(self, branches: Branches, junctions: Indices) -> None:
        self._branches = branches
        self._junctions = junctions
        count = len(branches.start)
        position = {int(node): row for row, node in enumerate(junctions)}
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
        flow, slope = self._flows(pressure_bar, rise_bar, resistance, may_leave)
        if not len(self._junctions):
            return flow
        error, scale = self._continuity(flow, density_kg_m3)
        for _ in range(_MAX_ITERATIONS):
            if np.all(np.abs(error) <= _TOLERANCE * scale):
                return flow
            weighted = self._incidence * (density_kg_m3 * slope)
            jacobian = weighted @ self._incidence.T
            # A junction with every branch closed has no slope of its own; this keeps its pressure as it is.
            jacobian[np.diag_indices_from(jacobian)] += 1e-9
            change = np.linalg.solve(jacobian, error)
            best, step = float(np.abs(error / scale).max()), 1.0
            base = pressure_bar[self._junctions].copy()
            for _ in range(12):
                pressure_bar[self._junctions] = base + step * change
                flow, slope = self._flows(pressure_bar, rise_bar, resistance, may_leave)
                error, scale = self._continuity(flow, density_kg_m3)
                if float(np.abs(error / scale).max()) < best:
                    break
                step *= 0.5
            else:
                break
        if np.all(np.abs(error) <= 1e-9 * scale):
            return flow
        raise NotSolved(f"junction pressures did not converge (continuity error {np.abs(error).max():.3g} kg/h)")

    def _continuity(self, flow: Floats, density: Floats) -> tuple[Floats, Floats]:
        mass = density * flow
        return self._incidence @ mass, np.abs(self._incidence) @ np.abs(mass) + 1.0

    def _flows(
        self, pressure: Floats, rise: Floats, resistance: Floats, may_leave: NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Flow and its slope by the driving pressure."""
        branches = self._branches
        drive = pressure[branches.start] - pressure[branches.end] + rise
        size = np.abs(drive)
        conductance = 1.0 / np.sqrt(resistance)
        root = np.sqrt(size + _SMOOTH_BAR)
        flow = conductance * drive / root
        slope = conductance * (0.5 * size + _SMOOTH_BAR) / (root * (size + _SMOOTH_BAR))
        blocked = np.where(drive >= 0.0, ~may_leave[branches.start], ~may_leave[branches.end] | branches.check)
        flow[blocked] = 0.0
        slope[blocked] = 0.0
        return flow, slope
