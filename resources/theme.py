"""The two themes' tokens (`themes/tokens.json`): colours, type sizes, strokes. No Qt: the SVG writer uses them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Service:
    """How a process line is drawn by what flows in it."""

    color: str
    width: float
    dash: tuple[float, ...]


@dataclass(frozen=True)
class Pen:
    """A trend pen."""

    color: str
    dash: tuple[float, ...]
    width: float


@dataclass(frozen=True)
class DeviationStep:
    """One step of the design-deviation scale, -3 … +3."""

    step: int
    fill: str
    text: str


@dataclass(frozen=True)
class Theme:
    """One theme. `theme["value.live"]` is a colour as `#RRGGBB`."""

    name: ThemeName
    colors: Mapping[str, str]
    services: Mapping[str, Service]
    pens: tuple[Pen, ...]
    deviation: tuple[DeviationStep, ...]

    def __getitem__(self, token: str) -> str:
        return self.colors[token]


@cache
def tokens() -> dict[str, Any]:
    """Everything in tokens.json that both themes share: `type`, `space`, `size`, `stroke`, `symbol`, `motion` …"""
    text = (resources.files("resources") / "themes" / "tokens.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def theme(name: ThemeName) -> Theme:
    """The theme called `name`."""
    table = tokens()["themes"][name]
    return Theme(
        name=name,
        colors={key: value for key, value in table.items() if isinstance(value, str)},
        services={key: Service(s["color"], s["width"], tuple(s["dash"])) for key, s in table["service"].items()},
        pens=tuple(Pen(p["color"], tuple(p["dash"]), p["width"]) for p in table["pens"]),
        deviation=tuple(DeviationStep(d["step"], d["fill"], d["text"]) for d in table["deviation"]),
    )
