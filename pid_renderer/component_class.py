"""From the class names of DEXPI and of vendors to what a thing is (`Family`) and how it stands on a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pid_renderer.drawing import Attribute, Family, Layer

_WORDS: Final[tuple[tuple[str, Family], ...]] = (
    # The first word found in the class name (small letters, no signs) decides, so special words stand before general
    # ones. Checked against every class of DEXPI 1.3/1.4 and of the public exports.
    # Parts that are no thing of their own: an item's chambers and internals, references and functions.
    ("chamber", "other"), ("impeller", "other"), ("tubebundle", "other"), ("exchangershell", "other"),
    ("casing", "other"), ("displacer", "other"), ("rotor", "other"), ("burner", "other"),
    ("taggedcolumnsection", "column"), ("columnsection", "other"), ("arrangement", "other"), ("packedbed", "other"),
    ("traycolumn", "column"), ("tray", "other"), ("springloaded", "valve"), ("spring", "other"),
    ("insulation", "other"),
    ("mixingelement", "other"), ("sieveelement", "other"), ("grindingelement", "other"), ("crusherelement", "other"),
    ("sprayelement", "other"), ("valvereference", "other"), ("elementreference", "other"),
    ("actuatingfunction", "other"), ("actuatingelectricalfunction", "other"), ("processsignalgenerating", "other"),
    ("loopfunction", "other"), ("instrumentationloop", "other"),
    ("label", "label"), ("annotation", "label"),
    ("flownozzle", "fitting"), ("spraynozzle", "other"), ("nozzle", "nozzle"),
    ("manhole", "nozzle"), ("handhole", "nozzle"),
    ("pagereference", "connector"), ("offpageconnector", "connector"), ("pipeconnector", "connector"),
    ("flowin", "connector"), ("flowout", "connector"),
    ("actuatingsystem", "actuator"), ("actuatingelectricalsystem", "actuator"), ("actuator", "actuator"),
    ("diaphragmpump", "pump"), ("diaphragmvalve", "valve"), ("diaphragm", "actuator"),
    ("positioner", "actuator"), ("frequencyconverter", "actuator"),
    ("measuringlinefunction", "signal line"), ("signalconveyingfunction", "signal line"),
    ("signallinefunction", "signal line"), ("signalline", "signal line"), ("informationflow", "signal line"),
    ("processinstrumentationfunction", "instrument"), ("processcontrolfunction", "instrument"),
    ("measurementfunction", "instrument"),
    # In the line.
    ("flowmeter", "fitting"), ("flowmeasuring", "fitting"), ("inlineprimaryelement", "fitting"),
    ("venturi", "fitting"), ("orifice", "fitting"), ("transmitter", "instrument"), ("flowdetector", "instrument"),
    ("valve", "valve"), ("damper", "valve"), ("rupturedis", "valve"),
    ("steamtrap", "fitting"), ("strainer", "fitting"), ("staticmixer", "fitting"), ("inlinemixer", "fitting"),
    ("flamearrest", "fitting"), ("sightglass", "fitting"), ("compensator", "fitting"), ("silencer", "fitting"),
    ("pipetee", "fitting"), ("networkbranch", "fitting"), ("reducer", "fitting"), ("flange", "fitting"),
    ("coupling", "fitting"), ("lineblind", "fitting"), ("funnel", "fitting"), ("penetration", "fitting"),
    ("hose", "fitting"), ("fitting", "fitting"), ("flowarrow", "fitting"), ("slopesymbol", "fitting"),
    ("propertybreak", "fitting"), ("pipebreak", "fitting"), ("pipingnetwork", "pipe"), ("pipesection", "pipe"),
    # Machines and apparatus.
    ("ejector", "equipment"), ("pump", "pump"),
    ("compressor", "compressor"), ("blower", "compressor"), ("fan", "compressor"), ("ventilator", "compressor"),
    ("withoptionalagitator", "vessel"), ("agitator", "agitator"), ("stirrer", "agitator"), ("mixer", "agitator"),
    ("kneader", "agitator"),
    ("coolingtower", "exchanger"), ("electricheater", "exchanger"), ("aircool", "exchanger"),
    ("exchanger", "exchanger"), ("cooler", "exchanger"), ("condenser", "exchanger"), ("reboiler", "exchanger"),
    ("evaporator", "exchanger"), ("heater", "furnace"), ("furnace", "furnace"), ("boiler", "furnace"),
    ("steamgenerator", "furnace"), ("incinerator", "furnace"),
    ("filter", "equipment"), ("dryer", "equipment"), ("cyclone", "equipment"),
    ("vesselcolumn", "vessel"), ("column", "column"), ("tower", "column"), ("scrubber", "column"),
    ("scrubbing", "column"), ("absorber", "column"), ("stripper", "column"),
    ("tank", "tank"), ("silo", "tank"), ("hopper", "tank"), ("sphere", "tank"),
    ("vessel", "vessel"), ("drum", "vessel"), ("separator", "vessel"), ("reactor", "vessel"), ("desalter", "vessel"),
    ("accumulator", "vessel"), ("container", "vessel"),
)  # fmt: skip

_BY_TAG: Final[dict[str, Family]] = {
    "Equipment": "equipment", "Nozzle": "nozzle", "PipingComponent": "fitting", "PipingNetworkSystem": "pipe",
    "PipingNetworkSegment": "pipe", "ProcessInstrumentationFunction": "instrument", "ProcessInstrument": "instrument",
    "InstrumentComponent": "instrument", "InformationFlow": "signal line", "SignalLine": "signal line",
    "InstrumentConnection": "signal line", "Label": "label", "PipeOffPageConnector": "connector",
    "PipeConnectorSymbol": "connector", "SignalOffPageConnector": "connector", "SignalConnectorSymbol": "connector",
    "ActuatingSystem": "actuator", "ActuatingElectricalSystem": "actuator", "ActuatingSystemComponent": "actuator",
    "PipeFlowArrow": "fitting", "PipeSlopeSymbol": "fitting", "PropertyBreak": "fitting",
    "InsulationSymbol": "fitting", "Drawing": "other", "DrawingBorder": "other",
}  # fmt: skip
_TAG_DECIDES: Final = frozenset(
    {
        "Label",
        "Nozzle",
        "DrawingBorder",
        "PipeFlowArrow",
        "PipeSlopeSymbol",
        "PropertyBreak",
        "InsulationSymbol",
        "InformationFlow",
        "SignalLine",
    }
)
"""Elements that are one thing whatever class they claim: SmartPlant calls arrows and breaks labels."""

_DESCRIBED: Final[dict[str, str]] = {
    name.lower(): name
    for name in ("Chamber", "PumpCasing", "Impeller", "Displacer", "Rotor", "TubeBundle", "HeatExchangerShell",
                 "ShellAndTubeHeatExchangerTubeBundle", "ColumnSection", "Insulation", "Spring")
} | {
    "arrow for feed and discharge media": "PipeOffPageConnector", "sheet reference": "PipeOffPageConnector",
    "mdm_wdm_idm": "FlowMeasuringElement", "gradient": "PipeSlopeSymbol",
    "barrier general, without connectors": "PipeBreak",
}  # fmt: skip


def family(xml_tag: str, component_class: str, symbol: str = "") -> Family:
    """What an element is. The class decides; where it says nothing, the symbol's name, then the kind of XML element."""
    if xml_tag in _TAG_DECIDES:
        return _BY_TAG[xml_tag]
    if xml_tag == "ActuatingSystemComponent" and "Reference" not in component_class:
        return "actuator"
    for name in (component_class, symbol if xml_tag in ("Equipment", "PipingComponent") else ""):
        lowered = "".join(sign for sign in name.lower() if sign.isalnum())
        for word, found in _WORDS:
            if lowered and word in lowered:
                return found
    return _BY_TAG.get(xml_tag, "other")


def described(component_class: str, attributes: Mapping[str, Attribute]) -> str:
    """The class, or where a file gives none (Comos), the class its description names: `Chamber`, `PumpCasing` …"""
    if component_class:
        return component_class
    text = attributes["Description"].text if "Description" in attributes else ""
    return _DESCRIBED.get(text.lower(), "")


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
