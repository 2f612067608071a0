"""What can be found by typing: signals, everything tagged on the sheets at hand, and the drawings. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.sheets import Sheet
from contracts.plant import Plant
from resources.words import t
from widgets.kks_words import kks_words
from widgets.search import Hit
from widgets.signal_words import shown


def hits(plant: Plant, sheets: Mapping[int, Sheet]) -> list[Hit]:
    """The hits of one plant, the few and large before the many. `sheets`: those read so far, by drawing number."""
    return [*_drawings(plant), *_elements(plant, sheets), *_equipment(plant, sheets), *_signals(plant, sheets)]


def _signals(plant: Plant, sheets: Mapping[int, Sheet]) -> Iterator[Hit]:
    on: dict[str, int] = {}
    for number, sheet in sheets.items():
        for kks in sheet.binding.code_of_signal:
            on.setdefault(kks, number)
    for signal in plant.signals:
        place = on.get(signal.kks, -1)
        more = f"{kks_words(plant, signal.kks)} {t('role.' + signal.role) if signal.role in _ROLES else signal.role}"
        yield Hit(plant.refinery, signal.kks, shown(signal.kks), signal.description, place, _title(plant, place), more)


_ROLES = frozenset(
    {
        "level",
        "flow",
        "pressure",
        "temperature",
        "position",
        "setpoint",
        "power",
        "speed",
        "output",
        "density",
        "quality",
    }
)


def _equipment(plant: Plant, sheets: Mapping[int, Sheet]) -> Iterator[Hit]:
    """Equipment of the signal list that no sheet at hand carries."""
    carried = {code for sheet in sheets.values() for code in sheet.binding.element_ids}
    names, described = {tank.kks: tank.name for tank in plant.tanks}, _described(plant)
    for code in dict.fromkeys(signal.equipment for signal in plant.signals if signal.equipment):
        if code not in carried:
            name = names.get(code, t("search.equipment"))
            yield Hit(plant.refinery, code, shown(code), name, -1, "", kks_words(plant, code), described[code])


def _described(plant: Plant) -> dict[str, tuple[str, ...]]:
    """The descriptions of each equipment's signals."""
    found: dict[str, list[str]] = {}
    for signal in plant.signals:
        if signal.equipment:
            found.setdefault(signal.equipment, []).append(signal.description)
    return {code: tuple(texts) for code, texts in found.items()}


def _elements(plant: Plant, sheets: Mapping[int, Sheet]) -> Iterator[Hit]:
    names, described = {tank.kks: tank.name for tank in plant.tanks}, _described(plant)
    for number, sheet in sheets.items():
        for code, id_ in sheet.binding.element_ids.items():
            element = sheet.drawing.elements[id_]
            kind = t(f"family.{element.family.replace(' ', '_')}") if element.family != "other" else ""
            name = element.text("EquipmentDescription", "Description") or names.get(code, "")
            tag = element.tag if element.tag and element.tag != code else ""
            more = f"{kind} {element.component_class} {tag} {kks_words(plant, code)}"
            title, signals = _title(plant, number), described.get(code, ())
            yield Hit(plant.refinery, code, shown(code), name or kind, number, title, more, signals)


def _drawings(plant: Plant) -> Iterator[Hit]:
    for number, drawing in enumerate(plant.drawings):
        yield Hit(plant.refinery, "", drawing.title, plant.name, number, t("search.drawing"), drawing.file.stem)


def _title(plant: Plant, number: int) -> str:
    return plant.drawings[number].title if number >= 0 else ""
