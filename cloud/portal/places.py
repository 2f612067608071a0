"""What the panel's views work on: the plants, the hub, and the sheets that `main.py snapshot` wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import deviation
from analysis.stock import read_strapping
from cloud.portal.accounts import AccessFile
from cloud.portal.hub import Frames, Hub
from contracts.plant import Plant, Tank
from contracts.signal_list import Signal


@dataclass(frozen=True)
class Panel:
    """Everything one panel process serves."""

    plants: Mapping[str, Plant]
    """By refinery id."""
    hub: Hub
    frames: Frames
    sheets: Path
    """Folder of `<refinery>/<drawing>.svg`."""
    access: AccessFile

    def sheet(self, refinery: str) -> Path | None:
        """The SVG of the refinery's first drawing, or None while nobody has written it."""
        for drawing in self.plants[refinery].drawings:
            path = self.sheets / refinery / f"{drawing.file.stem}.svg"
            if path.is_file():
                return path
        return None


_panel: list[Panel] = []


def open_panel(panel: Panel) -> None:
    """Say once, before the first request, what this process serves."""
    _panel[:] = [panel]


def panel() -> Panel:
    """What this process serves."""
    return _panel[0]


def signal_rows(plant: Plant) -> list[dict[str, Any]]:
    """What a browser must know of each signal to show its values."""
    return [
        {
            "kks": signal.kks,
            "description": signal.description,
            "unit": signal.unit,
            "decimals": signal.decimals,
            "kind": signal.kind,
            "role": signal.role,
            "equipment": signal.equipment,
            "heartbeat_s": signal.heartbeat_s,
            "low": signal.low,
            "high": signal.high,
            "design": signal.design,
            "design_percent": _percent_a_unit(signal),
        }
        for signal in plant.signals
    ]


def _percent_a_unit(signal: Signal) -> float | None:
    """By how many percent of its design a unit more takes a value off it; None without a design value."""
    return None if signal.design is None else deviation.percent(signal, signal.design + 1.0)


def tank_rows(tanks: Sequence[Tank]) -> list[dict[str, Any]]:
    """The tanks with their strapping tables: level in metres against volume in cubic metres."""
    rows = []
    for tank in tanks:
        table = read_strapping(tank.strapping)
        rows.append(
            {
                "kks": tank.kks,
                "name": tank.name,
                "product": tank.product,
                "level": tank.level,
                "strapping": [list(table.levels_m), list(table.volumes_m3)],
            }
        )
    return rows
