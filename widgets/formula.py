"""Signals calculated from others: `"10EGB11CL001XQ01" * 2`, units and all. No Qt.

A formula is Python's arithmetic over tags in quotes and a few functions; it is read into a tree that this module walks
itself, so nothing but what stands here can be computed. Units are pint's: adding metres to bars is refused, bars to
millibars are converted. A bare number added to a value is in that value's unit.
"""

from __future__ import annotations

import ast
import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from tokenize import TokenError
from typing import Any, Final, NamedTuple

import numpy as np

from contracts.signal_list import Signal
from resources.words import t
from widgets.lines import Line
from widgets.plant_now import Times, Values

PREFIX: Final = "="
"""A pen whose tag begins so is calculated: `=name`."""
LONGEST: Final = 500
_MOST_TAGS: Final = 12
_GREATEST_POWER: Final = 8
_HOUR_US: Final = 3.6e9
_SPELLINGS: Final = {"°C": "degC", "°F": "degF", "ºC": "degC", "%": "percent", "Nm³": "m³", "h⁻¹": "1/h"}


class BadFormula(ValueError):
    """A formula that cannot be computed; the text is one sentence for a person."""


class Formula(NamedTuple):
    """A formula that was read."""

    text: str
    tree: ast.expr
    tags: tuple[str, ...]
    """The signals it needs, in the order they stand."""


class Calculated(NamedTuple):
    """A calculated signal as a person defined it."""

    name: str
    formula: str
    unit: str = ""
    """The unit it shall be shown in; empty: the one that comes out."""

    @property
    def kks(self) -> str:
        """What stands for a tag in a list of pens."""
        return PREFIX + self.name


def read(text: str) -> Formula:
    """The formula in a text. Raises `BadFormula`."""
    wanted = text.strip().removeprefix("=").strip()
    if not wanted:
        raise BadFormula(t("formula.empty"))
    if len(wanted) > LONGEST:
        raise BadFormula(t("formula.long", most=LONGEST))
    # Powers as people type them.
    wanted = wanted.replace("^", "**").replace("×", "*").replace("·", "*").replace("÷", "/").replace("−", "-")
    try:
        tree = ast.parse(wanted, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None) or 1
        raise BadFormula(t("formula.syntax", place=place, near=wanted[max(0, place - 2) : place + 10])) from error
    tags: dict[str, None] = {}
    _check(tree, tags, 0)
    if not tags:
        raise BadFormula(t("formula.no_signal"))
    if len(tags) > _MOST_TAGS:
        raise BadFormula(t("formula.many", most=_MOST_TAGS))
    return Formula(text.strip(), tree, tuple(tags))


def signal_of(made: Calculated, known: Mapping[str, Signal]) -> Signal:
    """A calculated signal as a pen: its unit and the range that its signals' ranges give. Raises `BadFormula`."""
    formula = read(made.formula)
    for tag in formula.tags:
        if tag not in known:
            raise BadFormula(t("formula.unknown", tag=tag))
    units = {tag: known[tag].unit for tag in formula.tags}
    ends = np.array([[known[tag].low, known[tag].high] for tag in formula.tags], float)
    times = np.arange(2, dtype=np.int64) * int(_HOUR_US)
    lines = {tag: Line(times, row) for tag, row in zip(formula.tags, ends, strict=True)}
    values, unit = _compute(formula, lines, units, made.unit)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    nothing: dict[str, Any] = dict.fromkeys(("design_min", "design", "design_max", "ll", "l", "h", "hh"))
    return dataclasses.replace(
        known[formula.tags[0]],
        kks=made.kks,
        description=made.formula.strip(),
        unit=unit,
        kind="analog",
        role="calculated",
        low=low,
        high=high if high > low else low + 1.0,
        decimals=_decimals(high - low),
        equipment="",
        **nothing,
    )


def line_of(made: Calculated, lines: Mapping[str, Line], units: Mapping[str, str]) -> Line:
    """The values of a calculated signal at every time one of its signals has one; between, each holds.

    Where the lines are buckets it is computed from their means. Raises `BadFormula`.
    """
    formula = read(made.formula)
    used = {tag: lines[tag] for tag in formula.tags if tag in lines}
    if len(used) < len(formula.tags):
        return Line(np.empty(0, np.int64), np.empty(0))
    times = np.unique(np.concatenate([line.times_us for line in used.values()]))
    held = {tag: Line(times, _held(line, times)) for tag, line in used.items()}
    return Line(times, _compute(formula, held, units, made.unit)[0])


def _held(line: Line, times: Times) -> Values:
    if not line.times_us.size:
        return np.full(times.size, np.nan)
    place = np.searchsorted(line.times_us, times, side="right") - 1
    return np.where(place < 0, np.nan, line.mean[np.maximum(place, 0)])


def _decimals(span: float) -> int:
    return 2 if not math.isfinite(span) or span <= 0 else int(min(6, max(0, 3 - math.floor(math.log10(span)))))


# ---- reading

_OPERATORS: Final[Mapping[type, str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.USub: "-",
    ast.UAdd: "+",
}
_FUNCTIONS: Final[Mapping[str, tuple[int, int]]] = {
    "abs": (1, 1), "sqrt": (1, 1), "exp": (1, 1), "log": (1, 1), "log10": (1, 1), "min": (2, 12), "max": (2, 12),
    "mean": (2, 12), "rate": (1, 1), "to": (2, 2),
}  # fmt: skip
"""Functions and how many arguments they take; `rate` is the change per hour, `to(x, "unit")` converts."""


def _check(node: ast.expr, tags: dict[str, None], depth: int) -> None:
    if depth > 40:
        raise BadFormula(t("formula.deep"))
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            tags[node.value] = None
        elif isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise BadFormula(t("formula.not_allowed", what=ast.unparse(node)))
    elif isinstance(node, ast.BinOp | ast.UnaryOp):
        if type(node.op) not in _OPERATORS:
            raise BadFormula(t("formula.not_allowed", what=ast.unparse(node)))
        for part in (node.left, node.right) if isinstance(node, ast.BinOp) else (node.operand,):
            _check(part, tags, depth + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        least, most = _FUNCTIONS.get(node.func.id, (0, -1))
        if most < 0:
            raise BadFormula(t("formula.no_function", name=node.func.id, names=", ".join(_FUNCTIONS)))
        if not least <= len(node.args) <= most:
            raise BadFormula(t("formula.arguments", name=node.func.id, n=least))
        for part in node.args[:1] if node.func.id == "to" else node.args:
            _check(part, tags, depth + 1)
    elif isinstance(node, ast.Name):
        raise BadFormula(t("formula.quotes", name=node.id))
    else:
        raise BadFormula(t("formula.not_allowed", what=ast.unparse(node)[:40]))


# ---- computing


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=False)
    registry.formatter.default_format = "~P"
    return registry


@cache
def _unit(text: str) -> Any:
    """A unit as the signal list writes it; one that pint does not know agrees only with itself."""
    import pint

    plain = text.strip()
    for written, spelled in _SPELLINGS.items():
        plain = plain.replace(written, spelled)
    registry = _registry()
    try:
        return registry.Unit(plain or "dimensionless")
    except (pint.errors.PintError, ValueError, TypeError, AttributeError, TokenError):
        name = "own_" + re.sub(r"\W", "_", plain)
        registry.define(f"{name} = [{name}] = {re.sub(r'[^A-Za-z]', '', plain) or name}")
        return registry.Unit(name)


def _compute(formula: Formula, lines: Mapping[str, Line], units: Mapping[str, str], shown: str) -> tuple[Values, str]:
    import pint

    try:
        with np.errstate(all="ignore"):
            found = _Walk(lines, units).value(formula.tree)
            if shown:
                found = found.to(_unit(shown))
            elif found.dimensionless:
                found = found.to("percent") if found.units == _unit("%") else found.to("dimensionless")
    except pint.errors.OffsetUnitCalculusError as error:
        raise BadFormula(t("formula.offset")) from error
    except pint.errors.DimensionalityError as error:
        raise BadFormula(t("formula.units", one=_name(error.units1), other=_name(error.units2))) from error
    except (pint.errors.PintError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise BadFormula(t("formula.failed", why=str(error).splitlines()[0] if str(error) else "")) from error
    values = np.asarray(found.magnitude, float)
    values = np.where(np.isfinite(values), values, np.nan)
    return values, shown or _name(found.units)


def _name(unit: Any) -> str:
    text = format(_registry().Unit(unit), "~P")
    return "" if text in ("", "dimensionless") else text.replace("delta_", "Δ")


class _Walk:
    """Values of a tree over the same times."""

    def __init__(self, lines: Mapping[str, Line], units: Mapping[str, str]) -> None:
        self._lines, self._units = lines, units

    def value(self, node: ast.expr) -> Any:
        registry = _registry()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                unit = _unit(self._units.get(node.value, ""))
                return registry.Quantity(self._lines[node.value].mean, unit)
            return registry.Quantity(float(node.value))  # type: ignore[arg-type]
        if isinstance(node, ast.UnaryOp):
            inner = self.value(node.operand)
            return -1.0 * inner if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp):
            return self._two(node)
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        return self._call(node.func.id, node.args)

    def _two(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.Pow):
            power = _number(node.right)
            if power is None or abs(power) > _GREATEST_POWER:
                raise BadFormula(t("formula.power", most=_GREATEST_POWER))
            return self.value(node.left) ** power
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
        # A bare number is in the other's unit: of 20 °C + 5 the five are degrees of difference.
        if _number(node.right) is not None:
            right = _registry().Quantity(right.magnitude, (left - left).units)
        elif _number(node.left) is not None:
            left = _registry().Quantity(left.magnitude, right.units)
        return left + right if isinstance(node.op, ast.Add) else left - right

    def _call(self, name: str, arguments: Sequence[ast.expr]) -> Any:
        registry = _registry()
        if name == "to":
            target = arguments[1]
            if not (isinstance(target, ast.Constant) and isinstance(target.value, str)):
                raise BadFormula(t("formula.to"))
            return self.value(arguments[0]).to(_unit(target.value))
        values = [self.value(part) for part in arguments]
        first = values[0]
        if name in ("min", "max", "mean"):
            known = next((v for v, part in zip(values, arguments, strict=True) if _number(part) is None), first)
            alike = [
                np.broadcast_to(v.magnitude if _number(part) is not None else v.to(known.units).magnitude, self._shape)
                for v, part in zip(values, arguments, strict=True)
            ]
            stack = np.stack(alike)
            chosen = stack.min(0) if name == "min" else stack.max(0) if name == "max" else stack.mean(0)
            return registry.Quantity(chosen, known.units)
        if name == "abs":
            return abs(first)
        if name == "sqrt":
            return first**0.5
        if name == "rate":
            times = next(iter(self._lines.values())).times_us
            change = np.diff(first.magnitude, append=np.nan) if first.magnitude.ndim else np.zeros(times.size)
            hours = np.diff(times, append=times[-1:] + 1) / _HOUR_US
            return registry.Quantity(change / hours, (first - first).units / registry.hour)
        plain = first.to("dimensionless").magnitude
        return registry.Quantity({"exp": np.exp, "log": np.log, "log10": np.log10}[name](plain))

    @property
    def _shape(self) -> tuple[int, ...]:
        return next(iter(self._lines.values())).mean.shape


def _number(node: ast.expr) -> float | None:
    """A bare number, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else None
