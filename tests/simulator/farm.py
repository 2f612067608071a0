"""A small tank farm on junctions, written to a folder: what the first plant's sheet has once, here several times."""

from pathlib import Path

SIGNALS = """kks,kind,role,low,high,unit,plc,address,zone,writable,raw_low,raw_high
10EGB11CL001XQ01,analog,level,0,20,m,plc1,input-register:1:REAL,farm,,,
10EGB12CL001XQ01,analog,level,0,20,m,plc1,input-register:3:LREAL,farm,,,
10EGC10CF001XQ01,analog,flow,-100,3000,m³/h,plc2,input-register:1:INT,farm,,0,27648
10EGC11AP001XL01,binary,command,,,,plc2,coil:1:BOOL,farm,yes,,
10EGC12AP001XL01,binary,command,,,,plc2,coil:2:BOOL,farm,yes,,
"""

PLANT = """
[refinery]
id = "sim-farm"

[plc.plc1]
connection = "modbus-tcp://127.0.0.1:0"

[plc.plc2]
connection = "modbus-tcp://127.0.0.1:0?default-unit-identifier=7"
"""

MODEL = """
junction = ["suction", "discharge"]

[[tank]]
kks = "10EGB11BB001"
strapping = "tank.csv"
level_m = 12.0
temperature_c = 20.0
density_15c_kg_m3 = 850.0

[[tank]]
kks = "10EGB12BB001"
strapping = "tank.csv"
level_m = 9.0
temperature_c = 40.0
density_15c_kg_m3 = 880.0
heat_loss_kw_k = 2.0

[[boundary]]
name = "unit"
pressure_bar = 3.0

[[pipe]]
name = "p1"
kv = 2000.0

[[pipe]]
name = "p2"
kv = 1500.0

[[pipe]]
name = "d1"
kv = 1200.0

[[pipe]]
name = "d2"
kv = 1200.0

[[pipe]]
name = "out"
kv = 900.0

[[valve]]
kks = "10EGB11AA002"
kv = 4000.0
stroke_s = 10.0
open = 1.0

[[valve]]
kks = "10EGB12AA002"
kv = 4000.0
stroke_s = 10.0
open = 1.0

[[pump]]
kks = "10EGC11AP001"
shutoff_head_m = 120.0
rated_head_m = 100.0
rated_flow_m3_h = 800.0
efficiency = 0.75
running = true

[[pump]]
kks = "10EGC12AP001"
shutoff_head_m = 115.0
rated_head_m = 100.0
rated_flow_m3_h = 700.0
efficiency = 0.75

[[branch]]
name = "from11"
start = "10EGB11BB001"
end = "suction"
path = ["10EGB11AA002", "p1"]

[[branch]]
name = "from12"
start = "10EGB12BB001"
end = "suction"
path = ["10EGB12AA002", "p2"]

[[branch]]
name = "pump1"
start = "suction"
end = "discharge"
path = ["10EGC11AP001", "d1"]
check = true

[[branch]]
name = "pump2"
start = "suction"
end = "discharge"
path = ["10EGC12AP001", "d2"]
check = true

[[branch]]
name = "line"
start = "discharge"
end = "unit"
path = ["out"]

[sensors]
10EGB11CL001XQ01 = { reads = "10EGB11BB001.level_m" }
10EGB12CL001XQ01 = { reads = "10EGB12BB001.level_m" }
10EGC10CF001XQ01 = { reads = "line.flow_m3_h", noise = 5.0 }

[commands]
10EGC11AP001XL01 = "10EGC11AP001.command"
10EGC12AP001XL01 = "10EGC12AP001.command"
"""


def write(folder: Path, *, model: str | None = MODEL, plant: str = PLANT, signals: str = SIGNALS) -> Path:
    """The farm's files in `folder`; `model` None leaves the model out."""
    (folder / "plant.toml").write_text(plant, encoding="utf-8")
    (folder / "signals.csv").write_text(signals, encoding="utf-8")
    (folder / "tank.csv").write_text("level_m,volume_m3\n0,0\n20,4000\n", encoding="utf-8")
    if model is not None:
        (folder / "model.toml").write_text(model, encoding="utf-8")
    return folder
