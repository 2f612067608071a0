"""A sheet as a tree: system → equipment → what measures it; by KKS where tags are KKS, else by kind. No Qt."""

from __future__ import annotations

from typing import Final

from app.sheets import Sheet
from contracts import kks as kks_code
from contracts import kks_keys
from contracts.plant import Plant
from contracts.tags import plain
from pid_renderer.drawing import Element
from resources.words import language, t
from widgets.navigator import Node

ORDER: Final = (
    "tank", "vessel", "column", "furnace", "exchanger", "pump", "compressor", "agitator", "equipment", "valve",
    "instrument",
)  # fmt: skip
"""Families in the tree, and how those of one system follow each other."""


def tree(sheet: Sheet, plant: Plant) -> list[Node]:
    """The systems of a sheet with their equipment."""
    codes = {
        code: sheet.drawing.elements[id_]
        for code, id_ in sheet.binding.element_ids.items()
        if sheet.drawing.elements[id_].family in ORDER
    }
    owner = {code: _owner(sheet, code) for code in codes}
    children: dict[str, list[Node]] = {}
    tops: dict[str, list[tuple[int, Node]]] = {}
    for code in sorted(codes, key=lambda code: (ORDER.index(codes[code].family), code)):
        if owner[code] in codes and owner[owner[code]] not in codes:
            children.setdefault(owner[code], []).append(_node(sheet, code, codes[code], ()))
    for code, element in codes.items():
        if owner[code] not in codes or owner[owner[code]] in codes:
            node = _node(sheet, code, element, tuple(children.get(code, ())))
            tops.setdefault(_system(code, element), []).append((ORDER.index(element.family), node))
    keys = kks_keys.of_project(plant.kks_keys)
    found = []
    for system in sorted(tops):
        inside = sorted(tops[system], key=lambda entry: (entry[0], entry[1].code))
        found.append(Node("", _system_title(system, keys), system, tuple(node for _, node in inside)))
    return found


def _owner(sheet: Sheet, code: str) -> str:
    """The equipment whose signals are measured at `code`; empty for none but itself."""
    for signal in sheet.binding.signals_at.get(code, ()):
        equipment = plain(signal.equipment)
        if equipment and equipment != code and equipment in sheet.binding.element_ids:
            return equipment
    return ""


def _system(code: str, element: Element) -> str:
    if kks_code.is_kks(code):
        parsed = kks_code.parse(code)
        return f"{parsed.unit}{parsed.system}"
    return t(f"family.{element.family}")


def _system_title(system: str, keys: kks_keys.Keys | None) -> str:
    """`10EGB` with what the key means."""
    for number in ("", "01"):
        if kks_code.is_kks(system + number):
            parts = kks_keys.meaning(system + number, language(), keys)
            words = next((part.words for part in parts if part.level == "system" and part.known), "")
            return f"{system} {words.rpartition(',')[0] if number else words}".strip()
    return system


def _node(sheet: Sheet, code: str, element: Element, children: tuple[Node, ...]) -> Node:
    name = element.text("EquipmentDescription", "Description")
    signals = sheet.binding.signals_at.get(code, ())
    if not name and signals and element.family == "instrument":
        name = signals[0].description
    return Node(code, f"{_short(code)} {name}".strip(), f"{t(f'family.{element.family}')} {code} {name}", children)


def _short(code: str) -> str:
    """A KKS code without the system it stands under: `11 BB001`."""
    if not kks_code.is_kks(code):
        return code
    parsed = kks_code.parse(code)
    return parsed.shown.removeprefix(f"{parsed.unit}{parsed.system}")
