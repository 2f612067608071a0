"""From the class names of DEXPI and of vendors to what a thing is (`Family`) and how it stands on a drawing."""

from __future__ import annotations

from typing import Final

from pid_renderer.drawing import Family, Layer

_WORDS: Final[tuple[tuple[str, Family], ...]] = (
    # The first word found in the lower-cased class name decides, so special words stand before general ones.
    ("nozzle", "nozzle"), ("manhole", "nozzle"), ("chamber", "other"), ("impeller", "other"), ("tubebundle", "other"),
    ("casing", "other"), ("diaphragm", "other"), ("displacer", "other"), ("traycolumn", "column"), ("tray", "other"),
    ("packedbed", "other"), ("rotor", "other"), ("burner", "other"), ("staticmixer", "fitting"),
    ("columnsection", "other"), ("arrangement", "other"), ("insulation", "other"),
    ("label", "label"), ("annotation", "label"),
    ("offpageconnector", "connector"), ("pipeconnector", "connector"), ("flowin", "connector"),
    ("flowout", "connector"),
    ("actuator", "actuator"), ("positioner", "actuator"), ("operatedvalvereference", "other"),
    ("measuringlinefunction", "signal line"), ("signalconveyingfunction", "signal line"),
    ("signalline", "signal line"), ("informationflow", "signal line"),
    ("actuatingfunction", "other"), ("actuatingsystem", "actuator"),
    ("loopfunction", "other"), ("instrumentationloop", "other"),
    ("processinstrumentationfunction", "instrument"), ("measurementfunction", "instrument"),
    ("processsignalgenerating", "other"), ("inlineprimaryelement", "fitting"), ("venturi", "fitting"),
    ("orifice", "fitting"), ("flowmeter", "fitting"), ("transmitter", "instrument"),
    ("valve", "valve"), ("damper", "valve"), ("rupturedisc", "valve"), ("checkvalve", "valve"),
    ("pump", "pump"), ("compressor", "compressor"), ("blower", "compressor"), ("fan", "compressor"),
    ("agitator", "agitator"), ("stirrer", "agitator"), ("mixer", "agitator"), ("coolingtower", "exchanger"),
    ("electricheater", "exchanger"), ("aircooling", "exchanger"), ("exchanger", "exchanger"), ("cooler", "exchanger"),
    ("heater", "furnace"), ("furnace", "furnace"), ("boiler", "furnace"),
    ("column", "column"), ("tower", "column"),
    ("tank", "tank"), ("silo", "tank"), ("vessel", "vessel"), ("drum", "vessel"), ("separator", "vessel"),
    ("sphere", "tank"), ("reactor", "vessel"),
    ("pipingnetwork", "pipe"), ("pipetee", "fitting"), ("reducer", "fitting"), ("flange", "fitting"),
    ("strainer", "fitting"), ("fitting", "fitting"), ("flowarrow", "fitting"), ("propertybreak", "fitting"),
)  # fmt: skip

_BY_TAG: Final[dict[str, Family]] = {
    "Equipment": "equipment", "Nozzle": "nozzle", "PipingComponent": "fitting", "PipingNetworkSystem": "pipe",
    "PipingNetworkSegment": "pipe", "ProcessInstrumentationFunction": "instrument", "ProcessInstrument": "instrument",
    "InstrumentComponent": "instrument", "InformationFlow": "signal line", "SignalLine": "signal line",
    "Label": "label", "PipeOffPageConnector": "connector", "PipeConnectorSymbol": "connector",
    "ActuatingSystem": "actuator", "ActuatingSystemComponent": "actuator", "PipeFlowArrow": "fitting",
    "PropertyBreak": "fitting", "Drawing": "other", "DrawingBorder": "other",
}  # fmt: skip


def family(xml_tag: str, component_class: str, symbol: str = "") -> Family:
    """What an element is. The class decides; where it says nothing, the symbol's name, then the kind of XML element."""
    if xml_tag in ("Label", "Nozzle", "DrawingBorder"):
        return _BY_TAG[xml_tag]
    for name in (component_class, symbol if xml_tag in ("Equipment", "PipingComponent") else ""):
        lowered = name.lower().replace("_", "").replace(" ", "")
        for word, found in _WORDS:
            if lowered and word in lowered:
                return found
    return _BY_TAG.get(xml_tag, "other")


def layer(xml_tag: str, of: Family, inherited: Layer) -> Layer:
    """The layer an element's own strokes belong to; `inherited` is its parent's."""
    if of == "label":
        return "labels"
    if of in ("instrument", "signal line"):
        return "instruments"
    if of in ("pipe", "valve", "actuator", "connector", "fitting"):
        return "piping"
    if xml_tag in ("Equipment", "Nozzle"):
        return "equipment"
    return inherited


_SERVICES: Final[tuple[tuple[str, str], ...]] = (
    ("naphtha", "naphtha"), ("nafta", "naphtha"), ("gasoline", "naphtha"), ("gasolina", "naphtha"),
    ("lpg", "lpg"), ("glp", "lpg"), ("propan", "lpg"), ("butan", "lpg"),
    ("residue", "residue"), ("residuo", "residue"), ("fuel oil", "residue"), ("fueloleo", "residue"),
    ("kerosene", "distillate"), ("queroseno", "distillate"), ("gasoil", "distillate"), ("gas oil", "distillate"),
    ("diesel", "distillate"), ("distillate", "distillate"), ("destilado", "distillate"), ("jet", "distillate"),
    ("crude", "crude"), ("crudo", "crude"), ("slop", "slop"), ("steam", "steam"), ("vapor", "steam"),
    ("water", "water"), ("agua", "water"), ("instrument air", "air"), ("air", "air"), ("aire", "air"),
    ("nitrogen", "air"), ("flare", "flare"), ("antorcha", "flare"), ("chem", "chem"), ("amin", "chem"),
    ("caustic", "chem"), ("gas", "gas"),
)  # fmt: skip


def service(fluid: str) -> str:
    """A `service` key of the theme's tokens for a fluid's name or code; empty where it is not known."""
    lowered = fluid.strip().lower()
    for word, found in _SERVICES:
        if lowered and word in lowered:
            return found
    return ""
