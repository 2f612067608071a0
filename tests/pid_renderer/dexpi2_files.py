"""Small DEXPI 2.0 files, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterable

from pid_renderer.dexpi2 import read_tree
from pid_renderer.drawing import Drawing
from pid_renderer.xml_document import parse

IMPORTS = (
    '<Import prefix="Core" source="https://data.dexpi.org/models/2.0.0/Core.xml"/>'
    '<Import prefix="Plant" source="https://data.dexpi.org/models/2.0.0/Plant.xml"/>'
)


def read_bytes(content: bytes, name: str) -> Drawing:
    return read_tree(parse(content, name), name)


def data(name: str, value: object) -> str:
    kind = "Boolean" if isinstance(value, bool) else "Double" if isinstance(value, float) else "String"
    return f'<Data property="{name}"><{kind}>{str(value).lower() if kind == "Boolean" else value}</{kind}></Data>'


def aggregated(name: str, kind: str, *fields: str) -> str:
    return f'<Data property="{name}"><AggregatedDataValue type="{kind}">{"".join(fields)}</AggregatedDataValue></Data>'


def literal(name: str, path: str) -> str:
    return f'<Data property="{name}"><DataReference data="{path}"/></Data>'


def point(name: str, *places: tuple[float, float]) -> str:
    values = "".join(
        f'<AggregatedDataValue type="Core/Diagram.Point">{data("X", float(x))}{data("Y", float(y))}'
        "</AggregatedDataValue>"
        for x, y in places
    )
    return f'<Data property="{name}">{values}</Data>'


def quantity(name: str, value: float, unit: str) -> str:
    return aggregated(
        name,
        "Core/PhysicalQuantities.PhysicalQuantity",
        literal("Unit", f"Core/PhysicalQuantities.{unit}"),
        data("Value", value),
    )


def obj(kind: str, *inside: str, id_: str = "", name: str = "") -> str:
    marks = (f' id="{id_}"' if id_ else "") + (f' name="{name}"' if name else "")
    return f'<Object type="{kind}"{marks}>{"".join(inside)}</Object>'


def parts(role: str, *objects: str) -> str:
    return f'<Components property="{role}">{"".join(objects)}</Components>'


def refers(role: str, *ids: str) -> str:
    return f'<References property="{role}" objects="{" ".join(ids)}"/>'


def group(represents: str, *inside: str) -> str:
    return obj("Core/Diagram.RepresentationGroup", refers("Represents", f"#{represents}"), *inside)


def static(*elements: str) -> str:
    return obj("Core/Diagram.Static", parts("Elements", *elements))


def polyline(*places: tuple[float, float]) -> str:
    return obj("Core/Diagram.PolyLine", point("Points", *places))


def usage(shape: str, x: float, y: float, turn: float = 0.0, mirrored: bool = False, scale: float = 1.0) -> str:
    return obj(
        "Core/Diagram.ShapeUsage",
        point("Position", (x, y)),
        data("Rotation", turn),
        data("IsMirrored", mirrored),
        data("ScaleX", scale),
        data("ScaleY", scale),
        refers("Shape", shape),
    )


HOOK = obj(
    "Core/Diagram.Shape",
    data("Name", "HOOK"),
    parts("Primitives", polyline((0, 0), (10, 0), (10, 5))),
    id_="Hook",
)


def model(
    plant: Iterable[str] = (), ink: Iterable[str] = (), shapes: str = HOOK, kind: str = "Plant/PlantModel"
) -> bytes:
    frame = "".join(
        data(name, value) for name, value in (("MinX", 0.0), ("MinY", 0.0), ("MaxX", 400.0), ("MaxY", 300.0))
    )
    diagram = (
        parts("Diagram", obj("Core/Diagram.Diagram", data("Name", "S"), frame, parts("Groups", *ink))) if ink else ""
    )
    return (
        f'<Model name="m" uri="http://example.org/m">{IMPORTS}<Object type="Core/EngineeringModel">'
        f"{parts('ConceptualModel', obj(kind, *plant))}{diagram}"
        f"{parts('ShapeCatalogues', obj('Core/Diagram.ShapeCatalogue', parts('Shapes', shapes)))}</Object></Model>"
    ).encode()


def tank(*inside: str, id_: str = "T") -> str:
    return obj("Plant/ProcessEquipment.Tank", *inside, id_=id_)
