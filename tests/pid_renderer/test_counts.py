"""What a drawing holds, against counts that XPath makes in the same file without our reader."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from benchmarks import drawing_table
from pid_renderer import reading
from pid_renderer.drawing import Drawing
from pid_renderer.said import said
from pid_renderer.tally import tally

OUTSIDE = "[not(ancestor::ShapeCatalogue)]"
TO_OTHER_SHEET = (
    "GenericAttributes/GenericAttribute[@Name='Description']"
    "[starts-with(@Value, 'Arrow for feed') or @Value='Sheet reference']"
)
"""How Comos writes a connector to another sheet: as equipment with one of these descriptions."""
KINDS = {
    "equipment": [f"Equipment[not({TO_OTHER_SHEET})]"],
    "nozzle": ["Nozzle"],
    "piping system": ["PipingNetworkSystem"],
    "piping segment": ["PipingNetworkSegment"],
    "piping component": ["PipingComponent"],
    "instrument": ["ProcessInstrumentationFunction", "ProcessInstrument", "InstrumentComponent"],
    "loop": ["InstrumentationLoopFunction", "InstrumentLoop"],
    "signal line": ["InformationFlow", "SignalLine"],
    "actuator": ["ActuatingFunction", "ActuatingSystem", "ActuatingSystemComponent"],
    "connector": ["PipeOffPageConnector", "PipeConnectorSymbol", f"Equipment[{TO_OTHER_SHEET}]"],
    "label": ["Label"],
}
STROKES = ["Line", "PolyLine", "CenterLine", "Shape", "Circle", "Ellipse", "TrimmedCurve", "BsplineCurve"]


def either(tags: list[str]) -> str:
    return "(" + " or ".join(f"self::{tag}" for tag in tags) + ")"


STROKE = f"*[{either(STROKES)}][not(parent::TrimmedCurve)]"
TEXT = "Text[normalize-space(@String) or @DependantAttribute or .//@DependantAttribute or not(Position)]"


def counted(path: Path) -> dict[str, int]:
    """The tally of a Proteus file by XPath: what stands on the sheet, and each placed shape's strokes once a place."""
    root = etree.parse(str(path)).getroot()
    found = {kind: int(root.xpath(f"count(//*[{either(tags)}]{OUTSIDE})")) for kind, tags in KINDS.items()}
    strokes, texts = (int(root.xpath(f"count(//{what}{OUTSIDE})")) for what in (STROKE, TEXT))
    used = set()
    for symbol, times in placed(root).items():
        (shape, *_) = root.xpath("ShapeCatalogue/*[@ComponentName=$name]", name=symbol)
        strokes += times * int(shape.xpath(f"count(.//{STROKE})"))
        texts += times * int(shape.xpath(f"count(.//{TEXT})"))
        used.add(symbol)
    return found | {"stroke": strokes, "text": texts, "shape used": len(used)}


def placed(root: etree._Element) -> Counter[str]:
    """How often each catalogue shape is placed: with a position, and not where Comos wrote its strokes in place."""
    own = " or ".join(STROKES)
    items = root.xpath(
        f"//*[@ComponentName=/PlantModel/ShapeCatalogue/*/@ComponentName]{OUTSIDE}"
        f"[Position/Location][not(@ComponentType='Normal' and ({own}))]"
    )
    return Counter(item.get("ComponentName") for item in items)


NOT_DRAWN = {
    "stroke": {("C02V01-VER.EX01.xml", "CenterLine with 0 points"): 31},
    "text": {("C01V01-HEX.EX01.xml", "Text: no position"): 4},
}
"""All that the public files hold and that cannot be drawn, by file: what else is lost is a fault of the reader."""
UNDRAWABLE = ("CenterLine with 0 points", "Text: no position", "ink far outside of the sheet, not drawn")


def not_drawn(kind: str, file: str) -> int:
    return sum(count for (name, _), count in NOT_DRAWN.get(kind, {}).items() if name == file)


@pytest.fixture(scope="module")
def drawings(samples: Path) -> dict[Path, Drawing]:
    """Every public file as it is written, by path."""
    return {path: reading.read_as_written(path) for path in drawing_table.files(samples)}


@pytest.mark.shared
def test_the_counts_of_every_public_file_equal_an_xpath_count(drawings: dict[Path, Drawing]):
    proteus = {path: drawing for path, drawing in drawings.items() if "dexpi-2.0" not in path.parts}
    assert len(proteus) >= 90
    wrong = []
    for path, drawing in proteus.items():
        found, expected = tally(drawing), counted(path)
        for kind, number in expected.items():
            drawable = number - not_drawn(kind, path.name)
            if found[kind] != drawable:
                wrong.append(f"{path.name}: {found[kind]} × {kind}, XPath counts {drawable} that can be drawn")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.shared
def test_every_connector_that_is_counted_is_listed_and_the_other_way_round(drawings: dict[Path, Drawing]):
    for path, drawing in drawings.items():
        assert tally(drawing)["connector"] == len(drawing.jumps), path.name


@pytest.mark.shared
def test_nothing_is_left_undrawn_but_what_has_no_place(drawings: dict[Path, Drawing]):
    left = {
        (path.name, unread.what): unread.count
        for path, drawing in drawings.items()
        for unread in drawing.unread
        if unread.what in UNDRAWABLE
    }
    assert left == NOT_DRAWN["stroke"] | NOT_DRAWN["text"]


@pytest.mark.shared
def test_dexpi_2_0_holds_as_much_of_each_kind_as_its_twin_in_proteus(samples: Path):
    (new,) = (samples / "dexpi-2.0").glob("C01*.xml")
    (old,) = (samples / "proteus-c01").glob("*.xml")
    found, expected = tally(reading.read_as_written(new)), counted(old)
    assert {kind: found[kind] for kind in expected if kind != "shape used"} == {
        kind: number for kind, number in expected.items() if kind != "shape used"
    }


@pytest.mark.shared
def test_no_class_of_the_public_files_is_taken_for_nothing_in_particular(drawings: dict[Path, Drawing]):
    parts = (
        "Chamber", "HeatExchangerShell", "TubeBundle", "ShellAndTubeHeatExchangerTubeBundle", "PumpCasing", "Impeller",
        "Displacer", "ColumnSection", "ColumnPackingsArrangement", "ColumnTraysArrangement", "PackedBed", "Tray",
        "TrayWithWeir", "Insulation", "Spring",
    )  # fmt: skip
    functions = (
        "ActuatingFunction", "OperatedValveReference", "ShutOffValveReference", "ProcessSignalGeneratingFunction",
        "ProcessSignalGeneratingSystem", "PrimaryElement", "InstrumentationLoopFunction",
    )  # fmt: skip
    structure = ("MetaData", "ProcessPlant", "PlantTrain", "PlantSectionIso10209-2012", "SiteIsa95")
    known = {"", *parts, *functions, *structure}
    elements = [e for p, d in drawings.items() if "dexpi-2.0" not in p.parts for e in d.elements.values()]
    assert {element.component_class for element in elements if element.family == "other"} <= known


@pytest.mark.shared
def test_the_page_of_drawings_lists_every_public_file_with_what_it_holds(drawings: dict[Path, Drawing]):
    page = drawing_table.PAGE.read_text(encoding="utf-8").splitlines()
    rows = {line.split(" | ")[0].removeprefix("| "): cells(line) for line in page if line.startswith("| ")}
    for drawing in drawings.values():
        # Sizes, strokes and what is unread change with the reader's skill; what the file holds does not.
        assert rows[drawing.source] == cells(drawing_table.row(drawing)), "run python -m benchmarks.drawing_table"


def cells(row: str) -> list[str]:
    texts = [text.strip() for text in row.strip("| ").split("|")]
    return texts[:3] + texts[4:15]


@pytest.mark.shared
def test_whatever_is_unread_in_the_public_files_is_said_in_spanish_too(drawings: dict[Path, Drawing]):
    found = {item.what for drawing in drawings.values() for item in drawing.unread}
    assert [what for what in found if said(what, "es") == what] == []
