"""A plant of two sheets: a tank on the first feeds a pump on the second through off-page connectors."""

from __future__ import annotations

from pathlib import Path

from contracts.plant import Plant
from resources.plants.proteus_sheet import Sheet
from tests.app.plants import write_plant

TANK, VALVE, PUMP = "10EGB11BB001", "10EGB11AA002", "10EGC11AP001"
FIRST, SECOND, NOWHERE = "10EGB · hoja 1", "10EGC · hoja 2", "10RDA · hoja 9"

DRAWINGS = """
[[drawings]]
file = "tank.xml"
title = "Tanque"

[[drawings]]
file = "pump.xml"
title = "Bomba"
"""


def _sheet(name: str) -> Sheet:
    return Sheet(name, name, name, "Prueba", "0", "2026-01-01", 420.0, 297.0)


def _tank_sheet() -> bytes:
    sheet = _sheet(FIRST)
    tank = sheet.equipment("Tank", "FLOATING_ROOF_TANK_SHAPE", TANK, (120.0, 120.0), scale=(0.7, 0.7), name="Crudo")
    outlet = sheet.nozzle(tank, "N1", (158.0, 130.0), (1.0, 0.0), 300)
    sheet.instrument(
        "10EGB11CL001", "FIELD_INSTRUMENT_SHAPE", (180.0, 180.0), category="L", functions="T", located_in=tank.get("ID")
    )
    line = sheet.line("10EGB11BR001", "crude", 300, "A1", {})
    pipe = line.segment(outlet)
    pipe.fit("GateValve", "MOTOR_VALVE_SHAPE", (220.0, outlet.at[1]), VALVE)
    pipe.to_page("A bombas", SECOND, (300.0, outlet.at[1]))
    return sheet.document()


def _pump_sheet() -> bytes:
    sheet = _sheet(SECOND)
    pump = sheet.equipment("CentrifugalPump", "CENTRIFUGAL_PUMP_SHAPE", PUMP, (200.0, 150.0), name="Bomba de crudo")
    suction = sheet.nozzle(pump, "N1", (189.0, 150.0), (-1.0, 0.0), 300)
    discharge = sheet.nozzle(pump, "N2", (211.0, 150.0), (1.0, 0.0), 300)
    line = sheet.line("10EGC11BR001", "crude", 300, "A1", {})
    line.segment_from_page(FIRST, (60.0, 150.0)).end(suction)
    line.segment(discharge).to_page("A destilación", NOWHERE, (320.0, 150.0))
    return sheet.document()


def write_two_sheets(folder: Path) -> Plant:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tank.xml").write_bytes(_tank_sheet())
    (folder / "pump.xml").write_bytes(_pump_sheet())
    return write_plant(folder, more=DRAWINGS)
