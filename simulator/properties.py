"""Properties of the liquids in a training plant: density, heat capacity, vapour pressure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HEAT_CAPACITY_KJ_KG_K: Final = 2.0
"""Of liquid petroleum fractions near ambient temperature."""

ATMOSPHERE_BAR: Final = 1.01325

_CRUDE_K0: Final = 613.9723
"""API MPMS 11.1 (1980), table 54A: thermal expansion at 15 °C is K0/ρ15², per °C."""

_LPG_BELOW_KG_M3: Final = 600.0
_LPG_EXPANSION: Final = 0.0029
"""Per °C: saturated liquid propane from 514.7 kg/m³ at 10 °C to 500.1 at 20 °C (NIST Chemistry WebBook, fluids)."""

ANTOINE: Final[dict[str, tuple[float, float, float]]] = {
    "propane": (4.53678, 1149.36, 24.906),
    "butane": (4.35576, 1175.581, -2.071),
}
"""A, B, C of log10(p/bar) = A − B/(T/K + C), NIST Chemistry WebBook: propane 277–360 K, n-butane 273–425 K."""


def density(density_15c: Floats, temperature_c: Floats) -> Floats:
    """Density in kg/m³ at `temperature_c`: ρ15 (1 − α ΔT) with α = K0/ρ15², a linear form of MPMS 11.1; LPG apart."""
    expansion = np.where(density_15c < _LPG_BELOW_KG_M3, _LPG_EXPANSION, _CRUDE_K0 / density_15c**2)
    return density_15c * (1.0 - expansion * (temperature_c - 15.0))


def vapour_pressure_bar(antoine: Floats, temperature_c: Floats) -> Floats:
    """Gauge pressure in bar over a liquid in a closed vessel, by Antoine's equation; `antoine` has a row A, B, C each.

    Rows of zeros, vessels open to the air, give 0.
    """
    a, b, c = antoine.T
    absolute = 10.0 ** (a - b / (temperature_c + 273.15 + c))
    return np.where(b > 0.0, absolute - ATMOSPHERE_BAR, 0.0)
