"""Another plant than the shipped one: three signals, ISA and KKS tags, one tank, its own devices and ports."""

from __future__ import annotations

from pathlib import Path

REFINERY = "sim-r2"
LEVEL, TEMPERATURE, PUMP = "LT-101", "TT-101", "20EGC01AP001XB01"

_PLANT = f"""\
[refinery]
id = "{REFINERY}"
name = "Refinería Sur"
timezone = "America/Bogota"
tag_scheme = "isa"
signals = "lista.csv"
heartbeat_s = 5.0

[plc.field]
connection = "modbus-tcp://127.0.0.1:15902?default-unit-identifier=1"
scan_s = 0.5

[[drawings]]
file = "tk-101.xml"
title = "TK-101"
mapping = "tags.csv"

[[tanks]]
kks = "TK-101"
name = "Diésel"
product = "Diésel B10"
service = "distillate"
level = "{LEVEL}"
temperature = "{TEMPERATURE}"
strapping = "tk-101.csv"
density_15c_kg_m3 = 840.0
"""

_SIGNALS = f"""\
zone;kks;description;unit;kind;role;low;high;decimals;raw_low;raw_high;plc;address;equipment;h;hh;Notas
patio;{LEVEL};Nivel TK-101;m;analog;level;0;12;3;;;field;holding-register:101:REAL;TK-101;10,5;11,2;revisar
patio;{TEMPERATURE};Temperatura TK-101;°C;analog;temperature;0;80;1;0;27648;field;input-register:7:INT;TK-101;;;
patio;{PUMP};Bomba P-101 en marcha;;binary;running;;;;;;field;discrete-input:3;20EGC01AP001;;;
"""

_MAPPING = "tag,kks\nP-101,20EGC01AP001\n"

_STRAPPING = "level_m,volume_m3\n0,0\n6,3000\n12,6000\n"

_SHEET = """\
<?xml version="1.0" encoding="UTF-8"?>
<PlantModel>
  <PlantInformation SchemaVersion="4.1.1" OriginatingSystem="test" Date="2026-11-23" Time="12:00:00" Is3D="no"
    Units="mm" Discipline="PID"><UnitsOfMeasure Distance="mm"/></PlantInformation>
  <Extent><Min X="0" Y="0"/><Max X="400" Y="220"/></Extent>
  <Drawing Name="TK-101" Type="PID"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>
    <Extent><Min X="0" Y="0"/><Max X="400" Y="220"/></Extent></Drawing>
  <Equipment ID="T1" ComponentClass="Tank" TagName="TK-101">
    <Extent><Min X="60" Y="60"/><Max X="180" Y="160"/></Extent>
    <Position><Location X="120" Y="110"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>
    <PolyLine NumPoints="5"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>
      <Coordinate X="60" Y="160"/><Coordinate X="60" Y="60"/><Coordinate X="180" Y="60"/>
      <Coordinate X="180" Y="160"/><Coordinate X="60" Y="160"/></PolyLine>
  </Equipment>
  <Equipment ID="P1" ComponentClass="CentrifugalPump" TagName="P-101">
    <Extent><Min X="240" Y="60"/><Max X="270" Y="90"/></Extent>
    <Position><Location X="255" Y="75"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>
    <Circle Radius="15"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.5" R="0" G="0" B="0"/>
      <Position><Location X="255" Y="75"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position></Circle>
  </Equipment>
  <ProcessInstrumentationFunction ID="I1" ComponentClass="ProcessInstrumentationFunction" TagName="LT-101">
    <Extent><Min X="195" Y="125"/><Max X="215" Y="145"/></Extent>
    <Position><Location X="205" Y="135"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>
    <Circle Radius="10"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>
      <Position><Location X="205" Y="135"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position></Circle>
  </ProcessInstrumentationFunction>
  <ProcessInstrumentationFunction ID="I2" ComponentClass="ProcessInstrumentationFunction" TagName="TT-101">
    <Extent><Min X="195" Y="85"/><Max X="215" Y="105"/></Extent>
    <Position><Location X="205" Y="95"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position>
    <Circle Radius="10"><Presentation Layer="0" Color="0" LineType="0" LineWeight="0.3" R="0" G="0" B="0"/>
      <Position><Location X="205" Y="95"/><Axis X="0" Y="0" Z="1"/><Reference X="1" Y="0" Z="0"/></Position></Circle>
  </ProcessInstrumentationFunction>
</PlantModel>
"""


def write(folder: Path) -> Path:
    """The second plant in `folder`."""
    folder.mkdir(parents=True)
    for name, text in {
        "plant.toml": _PLANT,
        "lista.csv": _SIGNALS,
        "tags.csv": _MAPPING,
        "tk-101.csv": _STRAPPING,
        "tk-101.xml": _SHEET,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
