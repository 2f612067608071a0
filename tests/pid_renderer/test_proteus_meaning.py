"""What a Proteus file says beside its strokes: tags, attributes, pipes, jumps to other sheets, and what is not read."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from lxml import etree

from pid_renderer import component_class, proteus
from pid_renderer.drawing import BadDrawing, Drawing, Link, SheetJump
from pid_renderer.proteus import reader
from pid_renderer.proteus.strokes import DRAWN
from pid_renderer.proteus.vocabulary import IRRELEVANT, ITEMS, USED, VALUES
from pid_renderer.said import said


def content(body: str, catalogue: str = "") -> bytes:
    return (
        '<PlantModel><PlantInformation SchemaVersion="4.1" OriginatingSystem="Test" Units="mm"/>'
        '<Drawing Name="S"><Extent><Min X="0" Y="0"/><Max X="420" Y="297"/></Extent></Drawing>'
        f'{body}<ShapeCatalogue Name="C">{catalogue}</ShapeCatalogue></PlantModel>'
    ).encode()


def read(body: str, catalogue: str = "") -> Drawing:
    return proteus.read_bytes(content(body, catalogue), "t.xml")


def values(**attributes: str) -> str:
    items = "".join(f'<GenericAttribute Name="{name}" Value="{value}"/>' for name, value in attributes.items())
    return f"<GenericAttributes>{items}</GenericAttributes>"


def at(x: float, y: float) -> str:
    return f'<Position><Location X="{x}" Y="{y}"/></Position>'


LINE = '<Line><Coordinate X="1" Y="1"/><Coordinate X="9" Y="9"/></Line>'


# -- nothing is dropped in silence ----------------------------------------------------------------------------------


def unread(drawing: Drawing) -> dict[str, int]:
    return {item.what: item.count for item in drawing.unread}


def test_an_unknown_element_is_counted_and_what_it_holds_is_read_all_the_same():
    drawing = read(f'<Hologram ID="H">{LINE}<Equipment ID="T" ComponentClass="Tank" TagName="T-1"/></Hologram>')
    assert unread(drawing) == {"<Hologram>": 1}
    assert drawing.elements["T"].tag == "T-1"
    assert len(drawing.primitives_of["H"]) == 1


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (f'<Equipment ID="E"><Presentation>{LINE}</Presentation></Equipment>', "<Line> inside <Presentation>"),
        ('<Equipment ID="E"><Extent><Nozzle ID="N"/></Extent></Equipment>', "<Nozzle> inside <Extent>"),
        (f'<Equipment ID="E"/>{LINE}', "<Line> outside of any element"),
        (f'<Equipment ID="E"><Line>{LINE}<Coordinate X="1" Y="1"/><Coordinate X="2" Y="2"/></Line></Equipment>',
         "<Line> inside <Line>"),
        ('<Equipment ID="E"><Position><Wobble/></Position></Equipment>', "<Wobble>"),
        ('<Equipment ID="E"><Association Type="is a part of" ItemID="gone"/></Equipment>',
         "a link (is a part of) to something that is not in the file"),
        ('<PipingNetworkSegment ID="S"><Connection FromID="gone" ToID="S"/></PipingNetworkSegment>',
         "a pipe's end that is not in the file"),
    ],
)  # fmt: skip
def test_what_stands_where_it_is_not_read_is_counted(body: str, what: str):
    assert unread(read(body))[what] == 1


def test_what_a_shape_of_the_catalogue_holds_is_accounted_for_too():
    drawing = read('<Equipment ID="E"/>', f'<Equipment ComponentName="X">{LINE}<Wobble/></Equipment>')
    assert unread(drawing) == {"<Wobble>": 1}


def test_elements_that_state_a_value_become_attributes():
    drawing = read(
        '<Equipment ID="E"><MaximumDesignPressure Value="6" Units="Barg"/><Description> a tank </Description><Note/>'
        "<SomethingOfTheVendor>blue</SomethingOfTheVendor></Equipment>"
    )
    found = {name: (item.text, item.value, item.unit) for name, item in drawing.elements["E"].attributes.items()}
    assert found == {
        "MaximumDesignPressure": ("6", pytest.approx(600_000), "Pa(g)"),
        "Description": ("a tank", None, ""),
        "SomethingOfTheVendor": ("blue", None, ""),
    }
    assert drawing.unread == ()


@pytest.mark.shared
def test_every_element_of_the_schemas_is_drawn_read_irrelevant_or_a_value_save_surfaces(samples: Path):
    surfaces = {
        "Plane", "Surface", "BsplineSurface", "CurveBoundedSurface", "OuterBoundary", "InnerBoundary", "Curve",
        "ControlPointArray", "KnotsU", "KnotsV", "KnotMultiplicitiesU", "KnotMultiplicitiesV", "Weights",
    }  # fmt: skip
    schema = "{http://www.w3.org/2001/XMLSchema}"
    for path in sorted((samples.parent / "xsd").glob("*.xsd")):
        declared = {
            node.get("name"): node.get("type") or "" for node in etree.parse(str(path)).iter(f"{schema}element")
        }
        quantities = {name for name, type_ in declared.items() if name and type_.endswith(("Double", "double"))}
        known = {*ITEMS, *USED, *IRRELEVANT, *VALUES, *DRAWN, *surfaces, *quantities, "PlantModel", None}
        assert {name for name in declared if name not in known} == set(), path.name


# -- attributes and tags --------------------------------------------------------------------------------------------


def test_an_attribute_given_again_with_another_text_is_kept_under_its_set_or_language():
    drawing = read(
        '<MetaData ID="M" ComponentClass="MetaData"><GenericAttributes Set="A">'
        '<GenericAttribute Name="Approval" Value="approved"/>'
        '<GenericAttribute Name="Approval" Value="genehmigt" Language="de"/>'
        '<GenericAttribute Name="Approval" Value="approved"/></GenericAttributes>'
        '<GenericAttributes Set="B"><GenericAttribute Name="Approval" Value="yes"/>'
        '<GenericAttribute Name="Approval" Value="no"/></GenericAttributes></MetaData>'
    )
    texts = {name: item.text for name, item in drawing.elements["M"].attributes.items()}
    assert texts == {"Approval": "approved", "Approval (de)": "genehmigt", "Approval (B)": "yes", "Approval (2)": "no"}


def test_an_attribute_knows_its_line():
    item = '<GenericAttribute Name="A" Value="1"/>'
    body = f'<Equipment ID="E">\n<GenericAttributes>\n{item}</GenericAttributes></Equipment>'
    assert read(body).elements["E"].attributes["A"].line == 3


@pytest.mark.parametrize(
    ("attributes", "more", "tag"),
    [
        ('TagName="LI-123"', "", "LI-123"),
        ("", values(ProcessInstrumentationFunctionCategoryAssignmentClass="P",
                    ProcessInstrumentationFunctionsAssignmentClass="ICSA",
                    ProcessInstrumentationFunctionNumberAssignmentClass="4712.02"), "PICSA 4712.02"),
        ('TagName="PICSA"', '<Association Type="is a part of" ItemID="L"/>', "PICSA 4712.02"),
        ("", values(ProcessInstrumentationFunctionNumberAssignmentClass="046", Tag="US-046"), "US-046"),
        ('TagName="10EGB11 CL001"', "", "10EGB11 CL001"),
    ],
)  # fmt: skip
def test_an_instruments_tag_has_its_letters_and_its_number_wherever_the_file_keeps_them(attributes, more, tag):
    loop = '<InstrumentationLoopFunction ID="L" TagName="4712.02"/>'
    body = f'<ProcessInstrumentationFunction ID="I" {attributes}>{more}</ProcessInstrumentationFunction>{loop}'
    assert read(body).elements["I"].tag == tag


@pytest.mark.parametrize(
    ("xml_tag", "class_name", "family"),
    [
        ("Equipment", "VesselWithDishedHeadsWithOptionalAgitator", "vessel"),
        ("Equipment", "Agitator", "agitator"),
        ("Equipment", "CentrifugalBlower", "compressor"),
        ("Equipment", "AxialFan", "compressor"),
        ("Equipment", "Shell&TubeExchangers", "exchanger"),
        ("Equipment", "AirCoolingSystem", "exchanger"),
        ("Equipment", "Furnace", "furnace"),
        ("Equipment", "ProcessColumn", "column"),
        ("Equipment", "TaggedColumnSection", "column"),
        ("Equipment", "ColumnSection", "other"),
        ("Equipment", "Filter", "equipment"),
        ("Equipment", "EjectorPump", "equipment"),
        ("Equipment", "Chamber", "other"),
        ("PipingComponent", "SpringLoadedAngleGlobeSafetyValve", "valve"),
        ("PipingComponent", "SwingCheckValve", "valve"),
        ("PipingComponent", "RuptureDisc", "valve"),
        ("PipingComponent", "SteamTrap", "fitting"),
        ("PipingComponent", "ConicalStrainer", "fitting"),
        ("PipingComponent", "TurbineFlowMeter", "fitting"),
        ("PipingComponent", "FlowNozzle", "fitting"),
        ("PipingComponent", "InLineMixer", "fitting"),
        ("PipingComponent", "PipingNetworkBranch", "fitting"),
        ("PipeFlowArrow", "Label", "fitting"),
        ("ActuatingSystemComponent", "Diaphragm", "actuator"),
        ("ActuatingSystemComponent", "ShutOffValveReference", "other"),
        ("InformationFlow", "ProcessSignalGeneratingFunction", "signal line"),
        ("Equipment", "", "equipment"),
    ],
)
def test_a_class_is_told_by_what_it_is_to_a_person(xml_tag: str, class_name: str, family: str):
    assert component_class.family(xml_tag, class_name) == family


def test_comos_parts_without_a_class_are_told_by_their_description():
    drawing = read(
        f'<Equipment ID="E" ComponentClass="CentrifugalPump">'
        f'<Equipment ID="C">{values(Description="PumpCasing")}</Equipment></Equipment>'
        f'<Equipment ID="A">{values(Description="Arrow for feed and discharge media")}</Equipment>'
    )
    assert (drawing.elements["C"].component_class, drawing.elements["C"].family) == ("PumpCasing", "other")
    assert drawing.elements["A"].family == "connector"


# -- pipes and jumps ------------------------------------------------------------------------------------------------


def pipe(inside: str, connection: str = "", more: str = "") -> Drawing:
    ends = '<Equipment ID="A"/><Equipment ID="B"/>'
    return read(f'{ends}<PipingNetworkSegment ID="S">{more}{inside}{connection}</PipingNetworkSegment>')


VALVES = '<PipingComponent ID="V1" ComponentClass="GateValve"/><PipingComponent ID="V2" ComponentClass="GateValve"/>'


def steps(drawing: Drawing) -> list[tuple[str, str]]:
    return [(step.source, step.target) for step in drawing.connections]


def test_a_pipe_runs_from_its_start_through_its_components_to_its_end():
    assert steps(pipe(VALVES, '<Connection FromID="A" ToID="B"/>')) == [("A", "V1"), ("V1", "V2"), ("V2", "B")]
    # C01 ends a segment at its own last component.
    assert steps(pipe(VALVES, '<Connection FromID="A" ToID="V1"/>')) == [("A", "V2"), ("V2", "V1")]


def test_a_pipe_without_an_end_says_where_it_is_open():
    drawing = pipe(VALVES, '<Connection ToID="B"/>')
    assert steps(drawing) == [("V1", "V2"), ("V2", "B")]
    assert Link("open before", "S", "V1") in drawing.links


def line_to(x: float, valves: str) -> str:
    return (
        f'{valves}<PipingNetworkSegment ID="S"><CenterLine><Coordinate X="10" Y="10"/><Coordinate X="{x}" Y="10"/>'
        '</CenterLine><Connection FromID="V1"/></PipingNetworkSegment>'
    )


def valve(number: int, x: float) -> str:
    port = f"<ConnectionPoints><Node>{at(x, 10)}</Node></ConnectionPoints>"
    return f'<PipingComponent ID="V{number}" ComponentClass="GateValve">{port}</PipingComponent>'


@pytest.mark.parametrize(
    ("valves", "found"),
    [
        (valve(1, 10) + valve(2, 50.2), [("V1", "V2")]),
        (valve(1, 10) + valve(2, 52), []),
        (valve(1, 10) + valve(2, 50) + valve(3, 50), []),
        (valve(1, 200) + valve(2, 50), []),
    ],
)
def test_an_open_end_is_joined_to_what_alone_stands_at_the_end_of_its_line(valves, found):
    drawing = read(line_to(50, valves))
    assert steps(drawing) == found
    assert (Link("open after", "S", "V1") in drawing.links) == (not found)


def test_each_of_several_connections_is_a_step():
    joints = '<Connection FromID="A" ToID="V1"/><Connection FromID="V1" ToID="B"/>'
    assert steps(pipe(VALVES, joints)) == [("A", "V1"), ("V1", "B")]


def test_a_run_that_flows_nowhere_is_not_directed():
    drawing = pipe("", '<Connection FromID="A" ToID="B"/>', values(FlowDirection="No Flow"))
    assert [step.directed for step in drawing.connections] == [False]


OUT = '<PipeOffPageConnector ID="C" ComponentClass="FlowOutPipeOffPageConnector">'


def jump_of(connector: str, connection: str = "") -> SheetJump:
    drawing = pipe(connector, connection)
    (jump,) = drawing.jumps
    return jump


@pytest.mark.parametrize(
    ("connector", "jump"),
    [
        # AVEVA
        ('<PipeConnectorSymbol ID="C" ComponentClass="FlowInPipeConnectorSymbol">'
         '<CrossPageConnection DrawingName="100" LinkLabel="MNb-47121"/></PipeConnectorSymbol>',
         SheetJump("C", "", "in", "100", "MNb-47121", "")),
        # SmartPlant
        (f'<PipeConnectorSymbol ID="C" ComponentClass="OPC">{values(OPCTag="101")}<CrossPageConnection>'
         '<LinkedPersistentID Identifier="SP71E9" Context="x"/></CrossPageConnection></PipeConnectorSymbol>',
         SheetJump("C", "101", "out", "", "", "SP71E9")),
        # DEXPI 1.3, by number and by object
        (f'{OUT}<PipeOffPageConnectorReference ID="R">'
         + values(ReferencedDrawingNumber="PID-2", ReferencedConnectorNumber="7")
         + "</PipeOffPageConnectorReference></PipeOffPageConnector>",
         SheetJump("C", "", "out", "PID-2", "7", "")),
        (f'{OUT}<PipeOffPageConnectorReference ID="R">'
         '<Association Type="refers to" ItemID="A"/></PipeOffPageConnectorReference></PipeOffPageConnector>',
         SheetJump("C", "", "out", "", "", "A")),
        # Ours
        (OUT
         + values(ConnectedDrawing="10EKK · hoja 7") + "</PipeOffPageConnector>",
         SheetJump("C", "", "out", "10EKK · hoja 7", "", "")),
    ],
)  # fmt: skip
def test_an_off_page_connector_says_where_the_line_goes_on(connector: str, jump: SheetJump):
    assert jump_of(connector, '<Connection FromID="A" ToID="C"/>') == jump


def test_a_sheet_knows_what_others_may_call_it():
    number = values(DrawingNumberAssignmentClass="PID-1")
    body = f'<MetaData ID="M" ComponentClass="MetaData">{number}</MetaData>'
    assert proteus.read_bytes(content(body), "folder/unit 10.xml.XML").names == ("S", "PID-1", "unit 10")


def test_links_may_use_a_persistent_identifier():
    drawing = read(
        '<Equipment ID="E"><PersistentID Identifier="uid-7" Context="c"/></Equipment>'
        '<Equipment ID="F"><Association Type="is a part of" ItemID="uid-7"/></Equipment>'
    )
    assert drawing.links == (Link("is a part of", "F", "E"),)
    assert drawing.aliases == {"uid-7": "E"}


# -- hostile files --------------------------------------------------------------------------------------------------


def circle(count: int) -> str:
    return f'<Circle Radius="1">{at(0, 0)}</Circle>' * count


def placed(count: int) -> str:
    return "".join(f'<Equipment ID="E{i}" ComponentName="B">{at(i % 400, i % 290)}</Equipment>' for i in range(count))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (circle(40), "more than 1000 strokes"),
        ("<PolyLine>" + '<Coordinate X="1" Y="1"/>' * 90 + "</PolyLine>", "repeat more than 5000 points"),
        (values(**{f"A{i}": "1" for i in range(90)}), "repeat more than 5000 points"),
    ],
)
def test_a_small_file_cannot_draw_without_end(monkeypatch, inside: str, words: str):
    monkeypatch.setattr(reader, "MAX_PRIMITIVES", 1000)
    monkeypatch.setattr(reader, "MAX_POINTS", 5000)
    with pytest.raises(BadDrawing, match=rf"^t\.xml, line \d+: .*{words}"):
        read(placed(100), f'<Equipment ComponentName="B">{inside}</Equipment>')


def test_numbers_beyond_any_sheet_are_counted_and_draw_nothing():
    drawing = read(
        f'<Equipment ID="E" ComponentName="B">{at(5, 5)}<Scale X="99999999" Y="1"/></Equipment>'
        '<Equipment ID="F"><Line><Coordinate X="inf" Y="1"/><Coordinate X="2" Y="nan"/></Line>'
        '<Line><Coordinate X="1e300" Y="1"/><Coordinate X="2" Y="2"/></Line>'
        f'<Text String="a" Height="1e308">{at(1, 1)}</Text></Equipment>',
        f'<Equipment ComponentName="B">{circle(1)}</Equipment>',
    )
    assert drawing.primitives == ()
    assert sum(unread(drawing).values()) == 4


def test_a_text_as_long_as_a_book_is_cut_and_counted():
    drawing = read(f'<Equipment ID="E"><Text String="{"x" * 100_000}" Height="3">{at(10, 10)}</Text></Equipment>')
    assert unread(drawing) == {"a text of more than 2000 letters, cut short": 1}
    (text,) = drawing.primitives
    assert len(text.text) == 2000


def test_a_template_cannot_blow_a_text_up():
    body = f'<Equipment ID="E">{values(A="x" * 9000)}<Text Height="3" ItemID="E" DependantAttribute="{"[A]" * 300}">'
    (text,) = read(f"{body}{at(10, 10)}</Text></Equipment>").primitives
    assert len(text.text) == 2000


def test_the_list_of_what_is_unread_stays_short():
    drawing = read('<Equipment ID="E"/>' + "".join(f"<X{i}/>" for i in range(2000)))
    assert len(drawing.unread) == 501
    assert unread(drawing)["more kinds of things"] == 1500


def test_an_id_used_twenty_thousand_times_is_read_in_seconds():
    begun = time.process_time()
    drawing = read('<Equipment ID="E"/>' * 20_000)
    assert time.process_time() - begun < 6.0
    assert len(drawing.elements) == 20_001
    assert unread(drawing) == {"an ID used twice": 19_999}


# -- in Spanish -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"%PDF-1.7", b"\x1f\x8b\x08", b"MZ\x90", b"AC1032", b"GIF89a",
        b"<html></html>", b"no xml", b"<PlantModel>", b"<PlantModel/>", b"<svg/>",
        b'<?xml version="1.0" encoding="utf-7"?><PlantModel/>', b'<!DOCTYPE P [<!ENTITY a "b">]><PlantModel/>',
        b"<PlantModel>" + b"<A>" * 80 + b"</A>" * 80 + b"</PlantModel>",
    ],
)  # fmt: skip
def test_every_refusal_is_said_in_spanish_too(bad: bytes):
    with pytest.raises(BadDrawing) as caught:
        proteus.read_bytes(bad, "planta: 1.xml")
    english = str(caught.value)
    spanish = said(english, "es")
    assert re.match(r"planta: 1\.xml, línea \d+: ", spanish), spanish
    assert said(english, "en") == english


def test_a_sentence_nobody_translated_stays_as_it_is():
    assert said("x.xml, line 3: the moon is full", "es") == "x.xml, line 3: the moon is full"


# -- encodings, suffixes, long files --------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_file_is_read_in_the_encoding_it_names_with_or_without_a_byte_order_mark(encoding: str, tmp_path: Path):
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    body = content('<Equipment ID="E" ComponentClass="Tank" TagName="Behälter-1"/>').decode()
    path = tmp_path / "hoja.XML"
    path.write_bytes(f'<?xml version="1.0" encoding="{named}"?>\n{body}'.encode(encoding))
    assert proteus.read(path).elements["E"].tag == "Behälter-1"


def test_lines_are_named_rightly_far_down_a_long_file():
    body = "\n" * 100_000 + '<Equipment ID="E"/>\n<Hologram/>\n'
    drawing = read(body)
    # libxml2 keeps 16 bits of a line's number and takes the rest from the text beside it, which may end a line later.
    assert drawing.elements["E"].line == pytest.approx(100_001, abs=1)
    assert [item.line for item in drawing.unread] == [pytest.approx(100_002, abs=1)]
