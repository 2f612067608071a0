"""What a tank holds: from gauged level to observed, gross standard and net standard volume and mass.

Chain of API MPMS 12.1.1: `GOV = (TOV - FW) * CTSh`, `GSV = GOV * VCF`, `NSV = GSV * (1 - S&W/100)`,
`mass = GSV * density at 15 °C`. In a tank at atmospheric pressure CPL is 1, so VCF = CTL. A floating roof's
displacement is taken to be in the strapping table already.
"""

from __future__ import annotations

import bisect
import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

Group = Literal["crude", "product", "lube"]


class BadStrapping(ValueError):
    """A strapping table that cannot be used; says file, line and what to do."""


@dataclass(frozen=True)
class Strapping:
    """A tank's calibration table: volume by level, linear between its rows."""

    levels_m: tuple[float, ...]
    volumes_m3: tuple[float, ...]

    @property
    def capacity_m3(self) -> float:
        """Volume at the table's last level."""
        return self.volumes_m3[-1]

    @property
    def height_m(self) -> float:
        """The table's last level."""
        return self.levels_m[-1]

    def volume_m3(self, level_m: float) -> float | None:
        """Total observed volume at a level. Below the first row: the first volume; above the last: None."""
        if level_m <= self.levels_m[0]:
            return self.volumes_m3[0]
        if level_m > self.levels_m[-1] or math.isnan(level_m):
            return None
        upper = bisect.bisect_left(self.levels_m, level_m)
        x0, x1 = self.levels_m[upper - 1], self.levels_m[upper]
        y0, y1 = self.volumes_m3[upper - 1], self.volumes_m3[upper]
        return y0 + (y1 - y0) * (level_m - x0) / (x1 - x0)


def read_strapping(path: Path) -> Strapping:
    """The table in a CSV file with the columns `level_m,volume_m3`, both rising. Raises `BadStrapping`."""
    levels: list[float] = []
    volumes: list[float] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                level, volume = float(row["level_m"]), float(row["volume_m3"])
                if not (math.isfinite(level) and math.isfinite(volume)):
                    raise BadStrapping(f"{path}, line {line}: level and volume must be finite numbers")
                if levels and (level <= levels[-1] or volume < volumes[-1]):
                    raise BadStrapping(f"{path}, line {line}: level and volume must rise from row to row")
                levels.append(level)
                volumes.append(volume)
    except KeyError as error:
        raise BadStrapping(f"{path}: column {error.args[0]} is missing; level_m,volume_m3 are expected") from error
    except (OSError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise BadStrapping(f"{path}: cannot be read: {error}") from error
    except ValueError as error:
        if isinstance(error, BadStrapping):
            raise
        raise BadStrapping(f"{path}: {error}") from error
    if len(levels) < 2:
        raise BadStrapping(f"{path}: holds {len(levels)} rows; at least two are needed")
    return Strapping(tuple(levels), tuple(volumes))


class _Coefficients(NamedTuple):
    lowest: float
    highest: float
    k0: float
    k1: float
    k2: float


# API MPMS 11.1-2004 (ASTM D1250-04), table of K by commodity group and density at 60 °F, kg/m³.
_CRUDE: Final = _Coefficients(610.6, 1163.5, 341.0957, 0.0, 0.0)
_LUBE: Final = _Coefficients(800.9, 1163.5, 0.0, 0.34878, 0.0)
_PRODUCTS: Final = (
    _Coefficients(838.3127, 1163.5, 103.8720, 0.2701, 0.0),
    _Coefficients(787.5195, 838.3127, 330.3010, 0.0, 0.0),
    _Coefficients(770.3520, 787.5195, 1489.0670, 0.0, -0.00186840),
    _Coefficients(610.6, 770.3520, 192.4571, 0.2438, 0.0),
)
_IPTS68: Final = (-0.148759, -0.267408, 1.080760, 1.269056, -4.089591, -1.871251, 7.438081, -3.536296)
_DELTA60: Final = 0.01374979547
_LOWEST_C, _HIGHEST_C = -50.0, 150.0


def ctl_60(density_60f_kg_m3: float, temperature_c: float, group: Group) -> float | None:
    """CTL to 60 °F (MPMS 11.1-2004, ASTM D1250-04); None outside the standard's limits."""
    k = _coefficients(density_60f_kg_m3, group)
    if k is None or not _LOWEST_C <= temperature_c <= _HIGHEST_C:
        return None
    rho = density_60f_kg_m3
    tau = temperature_c / 630
    t68_c = temperature_c - sum(a * tau**power for power, a in enumerate(_IPTS68, start=1))
    a = _DELTA60 / 2 * ((k.k0 / rho + k.k1) / rho + k.k2)
    b = (2 * k.k0 + k.k1 * rho) / (k.k0 + (k.k1 + k.k2 * rho) * rho)
    rho_68 = rho * (1 + math.expm1(a * (1 + 0.8 * a)) / (1 + a * (1 + 1.6 * a) * b))
    alpha = (k.k0 / rho_68 + k.k1) / rho_68 + k.k2
    delta = t68_c * 1.8 + 32 - 60.0068749
    return math.exp(-alpha * delta * (1 + 0.8 * alpha * (delta + _DELTA60)))


def vcf_15(density_15c_kg_m3: float, temperature_c: float, group: Group) -> float | None:
    """Volume correction factor to 15 °C, unrounded; None outside the standard's limits.

    The standard's base is 60 °F: the density there is found so that it gives back the density at 15 °C.
    """
    density_60f = density_15c_kg_m3
    for _ in range(20):
        base = ctl_60(density_60f, 15.0, group)
        if base is None:
            return None
        closer = density_15c_kg_m3 / base
        if abs(closer - density_60f) < 1e-9:
            break
        density_60f = closer
    at_15, at_t = ctl_60(density_60f, 15.0, group), ctl_60(density_60f, temperature_c, group)
    return None if at_15 is None or at_t is None else at_t / at_15


def _coefficients(density_60f_kg_m3: float, group: Group) -> _Coefficients | None:
    rows = {"crude": (_CRUDE,), "lube": (_LUBE,), "product": _PRODUCTS}[group]
    return next((row for row in rows if row.lowest <= density_60f_kg_m3 <= row.highest), None)


def group_of(service: str) -> Group | None:
    """The commodity group of a theme `service`; None where MPMS 11.1 does not apply (LPG, gas, water, chemicals)."""
    if service == "crude":
        return "crude"
    return "product" if service in {"naphtha", "distillate", "residue", "slop"} else None


ALPHA_STEEL_PER_F: Final = 6.20e-6
"""Linear expansion of mild carbon steel, MPMS 12.1.1."""


def shell_correction(liquid_f: float, ambient_f: float | None = None, reference_f: float = 60.0) -> float:
    """CTSh `= 1 + 2aΔT + a²ΔT²`, MPMS 12.1.1, with the shell at `(7 TL + Ta) / 8`, rounded to the degree.

    Without an ambient temperature the tank is taken as insulated: the shell is as warm as the liquid.
    """
    shell_f = liquid_f if ambient_f is None else (7 * liquid_f + ambient_f) / 8
    delta = round(shell_f) - reference_f
    return 1 + 2 * ALPHA_STEEL_PER_F * delta + (ALPHA_STEEL_PER_F * delta) ** 2


@dataclass(frozen=True)
class Inventory:
    """What one tank holds; None where a figure cannot be had from what is known."""

    level_m: float | None
    temperature_c: float | None
    capacity_m3: float
    tov_m3: float | None = None
    free_water_m3: float = 0.0
    ctsh: float | None = None
    gov_m3: float | None = None
    vcf: float | None = None
    gsv_m3: float | None = None
    sediment_water_percent: float = 0.0
    nsv_m3: float | None = None
    mass_t: float | None = None

    @property
    def free_m3(self) -> float | None:
        """Free capacity (ullage) to the strapping table's end."""
        return None if self.tov_m3 is None else self.capacity_m3 - self.tov_m3

    @property
    def percent(self) -> float | None:
        """Filled part of the capacity."""
        return None if self.tov_m3 is None else 100 * self.tov_m3 / self.capacity_m3


def inventory(
    strapping: Strapping,
    level_m: float | None,
    temperature_c: float | None,
    density_15c_kg_m3: float,
    group: Group | None,
    *,
    free_water_m3: float = 0.0,
    sediment_water_percent: float = 0.0,
    ambient_c: float | None = None,
) -> Inventory:
    """The whole chain for one tank. Without a temperature it ends at TOV; without a commodity group, at GOV."""
    known = Inventory(
        level_m,
        temperature_c,
        strapping.capacity_m3,
        free_water_m3=free_water_m3,
        sediment_water_percent=sediment_water_percent,
    )
    tov = None if level_m is None else strapping.volume_m3(level_m)
    if tov is None:
        return known
    if temperature_c is None:
        return Inventory(**{**vars(known), "tov_m3": tov})
    ctsh = shell_correction(_fahrenheit(temperature_c), None if ambient_c is None else _fahrenheit(ambient_c))
    gov = max(0.0, tov - free_water_m3) * ctsh
    exact = None if group is None else vcf_15(density_15c_kg_m3, temperature_c, group)
    vcf = None if exact is None else round(exact, 5)
    gsv = None if vcf is None else gov * vcf
    return Inventory(
        **{
            **vars(known),
            "tov_m3": tov,
            "ctsh": ctsh,
            "gov_m3": gov,
            "vcf": vcf,
            "gsv_m3": gsv,
            "nsv_m3": None if gsv is None else gsv * (1 - sediment_water_percent / 100),
            "mass_t": None if gsv is None else gsv * density_15c_kg_m3 / 1000,
        }
    )


def _fahrenheit(celsius: float) -> float:
    return celsius * 1.8 + 32
