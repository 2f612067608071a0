"""A plant folder for tests: one tank with level, temperature and pump, no drawing unless asked for."""

from pathlib import Path

from contracts.plant import Plant, load

SIGNALS = """\
kks,description,unit,kind,role,low,high,decimals,plc,address,heartbeat_s,deadband,zone,equipment,\
design_min,design,design_max,ll,l,h,hh,priority
10EGB11CL001XQ01,Nivel tanque,m,analog,level,0,18,2,plc1,input-register:1:REAL,1,0.001,tank-farm,10EGB11BB001,\
3,10,15,2,3,15,16,2
10EGB11CT001XQ01,Temperatura tanque,°C,analog,temperature,0,100,1,plc1,input-register:3:REAL,1,0.05,tank-farm,\
10EGB11BB001,15,30,45,,,,,3
10EGC11AP001XB01,Bomba en marcha,,binary,running,0,1,0,plc1,discrete-input:1:BOOL,1,0,tank-farm,10EGC11AP001,\
,,,,,,,4
10EGC11AP001XB02,Bomba avería,,binary,fault,0,1,0,plc1,discrete-input:2:BOOL,1,0,tank-farm,10EGC11AP001,,,,,,,,1
"""

PLANT = """[refinery]
id = "{refinery}"
name = "Prueba"
timezone = "Europe/Madrid"
heartbeat_s = 1.0

[plc.plc1]
connection = "modbus-tcp://127.0.0.1:5020"
scan_s = 0.5

[[tanks]]
kks = "10EGB11BB001"
name = "Crudo"
product = "Crudo"
service = "crude"
level = "10EGB11CL001XQ01"
temperature = "10EGB11CT001XQ01"
strapping = "tank.csv"
density_15c_kg_m3 = 850.0
"""

LEVEL, TEMPERATURE = "10EGB11CL001XQ01", "10EGB11CT001XQ01"
RUNNING, FAULT = "10EGC11AP001XB01", "10EGC11AP001XB02"


def write_plant(folder: Path, refinery: str = "sim-t1", more: str = "") -> Plant:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plant.toml").write_text(PLANT.format(refinery=refinery) + more, encoding="utf-8")
    (folder / "signals.csv").write_text(SIGNALS, encoding="utf-8")
    (folder / "tank.csv").write_text("level_m,volume_m3\n0,0\n18,1800\n", encoding="utf-8")
    return load(folder)
