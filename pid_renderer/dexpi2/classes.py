"""What a DEXPI 2.0 object is: by its class, and by the property that owns it, which holds for any profile's classes."""

from __future__ import annotations

from typing import Final

from pid_renderer import component_class
from pid_renderer.dexpi2.objects import Item
from pid_renderer.drawing import Family, Kind

HELD: Final = frozenset({"Nodes", "Ports", "Connections", "ConnectorReference", "PersistentIdentifiers", "Roles"})
"""Properties whose objects are no elements of their own: what they say belongs to their owner."""

_OWNED_AS: Final[dict[str, tuple[str, Kind]]] = {
    # Property → the word for such things in Proteus XML, and what they are.
    "TaggedPlantItems": ("Equipment", "equipment"),
    "Nozzles": ("Nozzle", "nozzle"),
    "PipingNetworkSystems": ("PipingNetworkSystem", "piping system"),
    "Segments": ("PipingNetworkSegment", "piping segment"),
    "Items": ("PipingComponent", "piping component"),
    "ProcessInstrumentationFunctions": ("ProcessInstrumentationFunction", "instrument"),
    "InstrumentationLoopFunctions": ("InstrumentationLoopFunction", "loop"),
    "SignalConveyingFunctions": ("InformationFlow", "signal line"),
    "SignalConnectors": ("PipeOffPageConnector", "connector"),
    "ActuatingSystems": ("ActuatingSystem", "actuator"),
    "ActuatingElectricalSystems": ("ActuatingElectricalSystem", "actuator"),
    "ActuatingFunctions": ("ActuatingFunction", "actuator"),
    "ActuatingElectricalFunctions": ("ActuatingElectricalFunction", "actuator"),
    "ControlledActuator": ("ActuatingSystemComponent", "actuator"),
    "Positioner": ("ActuatingSystemComponent", "actuator"),
    "OperatedValveReference": ("ActuatingSystemComponent", "actuator"),
    "ElectronicFrequencyConverter": ("ActuatingElectricalSystemComponent", "actuator"),
    "ProcessSteps": ("Equipment", "equipment"),
    "SubProcessSteps": ("Equipment", "equipment"),
    "ProcessConnections": ("PipingNetworkSegment", "piping segment"),
}

_STEPS: Final[tuple[tuple[str, Family], ...]] = (
    # The first word found in the name of a process step decides; a step is no apparatus, but it lives like one.
    ("pumping", "pump"), ("compressing", "compressor"), ("exchangingthermal", "exchanger"), ("cooling", "exchanger"),
    ("heating", "furnace"), ("boiling", "furnace"), ("generatingsteam", "furnace"), ("flaring", "furnace"),
    ("distilling", "column"), ("absorbing", "column"), ("adsorbing", "column"), ("storing", "tank"),
    ("separating", "vessel"), ("reacting", "vessel"), ("evaporating", "vessel"), ("regulatingflow", "valve"),
    ("shuttingoff", "valve"), ("relieving", "valve"), ("backflow", "valve"), ("limitingflow", "valve"),
    ("splitting", "fitting"), ("mixingsimple", "fitting"), ("source", "connector"), ("sink", "connector"),
    ("stream", "pipe"), ("energyflow", "signal line"), ("informationflow", "signal line"),
    ("measuringprocess", "instrument"), ("controllingprocess", "instrument"), ("calculating", "instrument"),
)  # fmt: skip


def proteus_tag(item: Item) -> str:
    """The word for such a thing in Proteus XML, by which families and layers are told."""
    return _told(item)[0]


def kind(item: Item) -> Kind:
    """What the file itself calls it."""
    return _told(item)[1]


def _told(item: Item) -> tuple[str, Kind]:
    if item.class_name.endswith("OffPageConnector"):
        return "PipeOffPageConnector", "connector"
    if item.role in _OWNED_AS:
        return _OWNED_AS[item.role]
    if item.owner is not None and _told(item.owner)[1] == "equipment":
        return "Equipment", "equipment"  # a chamber, an impeller: parts of an apparatus are equipment, too
    return item.class_name, "other"


def family(item: Item) -> Family:
    """What it is to a person."""
    if item.type.startswith("Process/"):
        lowered = item.class_name.lower()
        for word, found in _STEPS:
            if word in lowered:
                return found
    return component_class.family(proteus_tag(item), item.class_name)


def is_label(item: Item) -> bool:
    """Whether a group of the diagram is a label; profiles add kinds of their own, named so."""
    return item.class_name.endswith("Label")
