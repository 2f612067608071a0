"""Heat exchangers on branches: heated by condensing steam or cooled by water, by effectiveness and NTU.

ε-NTU method (Incropera and DeWitt, Fundamentals of Heat and Mass Transfer, chapter 11): NTU = UA/C_min; counter-flow
ε = (1 − e^(−NTU(1−C_r))) / (1 − C_r e^(−NTU(1−C_r))); where the other side condenses or boils, C_r = 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.process_file import ExchangerData
from simulator.properties import HEAT_CAPACITY_KJ_KG_K, Floats

_WATER_KJ_KG_K = 4.19
_SMALLEST_KW_K = 1e-6


class Exchangers:
    """All exchangers of a plant; `outlet_c` and `duty_kw` are theirs after the last `step`."""

    def __init__(self, data: Sequence[ExchangerData], inlet_c: Floats) -> None:
        self._conductance = np.array([row.ua_kw_k for row in data])
        self._medium_c = np.array([row.medium_c for row in data])
        water = np.array([row.medium_kg_h for row in data])
        self._medium_kw_k = np.where(water > 0.0, water * _WATER_KJ_KG_K / 3600.0, np.inf)
        self._hold_up_m3 = np.array([row.hold_up_m3 for row in data])
        self.outlet_c = inlet_c.copy()
        self.duty_kw = np.zeros(len(data))

    def step(self, inlet_c: Floats, mass_flow_kg_h: Floats, flow_m3_h: Floats, opening: Floats, seconds: float) -> None:
        """Advance by `seconds`. `opening` (0..1) is the part of the surface at work, as steam or water is throttled.

        The liquid inside is well mixed, so without flow the outlet keeps its temperature.
        """
        forward = np.maximum(mass_flow_kg_h, 0.0)
        own = np.maximum(forward * HEAT_CAPACITY_KJ_KG_K / 3600.0, _SMALLEST_KW_K)
        least = np.minimum(own, self._medium_kw_k)
        ratio = np.minimum(least / np.maximum(own, self._medium_kw_k), 0.9999)
        decay = np.exp(-np.minimum(self._conductance * opening / least, 50.0) * (1.0 - ratio))
        effectiveness = (1.0 - decay) / (1.0 - ratio * decay)
        steady = inlet_c + effectiveness * least / own * (self._medium_c - inlet_c)
        renewed = -np.expm1(-np.maximum(flow_m3_h, 0.0) * seconds / 3600.0 / self._hold_up_m3)
        self.outlet_c += renewed * (steady - self.outlet_c)
        self.duty_kw = forward * HEAT_CAPACITY_KJ_KG_K / 3600.0 * (self.outlet_c - inlet_c)
