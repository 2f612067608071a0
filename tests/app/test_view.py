"""`main.py view FILE`: any drawing opens, with the signals of the plant it is of, or none."""

import sys
from pathlib import Path

import pytest
import shiboken6

from app.application import Session
from app.commands import main, parser, plants, view
from app.historian_access import HistorianAccess
from app.main_window import MainWindow
from app.settings import Settings
from pid_renderer.describe import card
from resources import words
from tests.app.plants import write_plant
from widgets.faceplate_facts import PAGES

ROOT = Path(__file__).parents[2]
TANK_FARM = ROOT / "resources" / "plants" / "sim-r1" / "tank-farm.xml"
ALONE = """<PlantModel><PlantInformation SchemaVersion="4.0.1" Units="Millimetre"/>
<Equipment ID="E1" ComponentClass="Vessel" TagName="V-7"/></PlantModel>"""


@pytest.fixture(autouse=True)
def _no_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    yield
    words.use("es")


@pytest.fixture
def alone(tmp_path):
    file = tmp_path / "unit 7.xml"
    file.write_text(ALONE, encoding="utf-8")
    return file


def opened(*arguments):
    options = parser().parse_args(["view", *map(str, arguments)])
    return view._opened(plants(options), options)


def test_a_drawing_of_no_plant_opens_without_signals(alone):
    plant, sheet = opened(alone)
    assert plant.signals == ()
    assert [source.file for source in plant.drawings] == [alone]
    assert {element.tag for element in sheet.drawing.elements.values()} >= {"V-7"}


def test_a_drawing_of_the_shipped_plant_has_its_signals():
    plant, sheet = opened(TANK_FARM)
    assert plant.refinery == "sim-r1"
    assert len(plant.drawings) == 1
    assert sheet.binding.unbound_signals == ()


def test_a_named_plant_gives_its_signals_to_a_drawing_that_is_not_in_its_list(alone, tmp_path):
    named = write_plant(tmp_path / "plant")
    plant, sheet = opened(alone, "--plant", named.folder)
    assert plant.signals == named.signals
    assert len(sheet.binding.unbound_signals) == len(named.signals)
    assert plant.drawings[-1].file == alone


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [("missing.xml", None, "missing.xml"), ("x.xml", "<PlantModel>", "línea"), ("x.txt", "hello", "no es XML")],
)
def test_a_file_that_is_no_drawing_is_one_sentence(capsys, tmp_path, name, content, part):
    file = tmp_path / name
    if content is not None:
        file.write_text(content)
    assert main(["view", str(file)]) == 2
    said = capsys.readouterr().err
    assert part in said
    assert said.count("\n") == 1


DESIGNED = """<PlantModel><PlantInformation SchemaVersion="4.0.1" Units="Millimetre"/>
<Equipment ID="H1" ComponentClass="HeatExchanger" TagName="H-1">
<GenericAttributes><GenericAttribute Name="DesignHeatFlowRate" Value="313" Format="double" Units="Kilowatt"/>
</GenericAttributes>
<Equipment ID="C1" ComponentClass="Chamber"><GenericAttributes>
<GenericAttribute Name="SubTagNameAssignmentClass" Value="Chamber 1" Format="string"/>
<GenericAttribute Name="LowerLimitDesignPressure" Value="-1" Format="double" Units="Bar"/>
<GenericAttribute Name="UpperLimitDesignPressure" Value="60" Format="double" Units="Bar"/>
</GenericAttributes></Equipment></Equipment></PlantModel>"""


@pytest.mark.parametrize(
    ("spoken", "label", "limits"),
    [("es", "Presión de diseño", "−1 … 60 bar"), ("en", "Design pressure", "−1 … 60 bar")],
)
def test_the_design_data_of_a_file_of_no_plant_is_on_hover_and_on_the_card(qapp, tmp_path, spoken, label, limits):
    file = tmp_path / "designed.xml"
    file.write_text(DESIGNED, encoding="utf-8")
    settings = Settings(tmp_path / "settings.ini")
    settings.language = spoken
    plant, sheet = opened(file, "--language", spoken)
    with Session([plant], direct=False, has_source=False) as session:
        window = MainWindow(session.lives, settings, HistorianAccess({}), person="ana", version="0")
        window.show()
        window.begin(sheet)
        window.refresh.stop()
        synoptic = window.synoptic
        assert synoptic.canvas.live is not None
        assert (label, limits) in card(synoptic.canvas.live, "H-1", words.language(), 0).design
        synoptic.open_faceplate("H-1")
        assert synoptic.faceplate.isVisible()
        rows = synoptic.faceplate._page_rows[PAGES.index("design")]._rows
        assert [(row.value, row.unit) for row in rows] == [("313", "kW"), ("−1", "bar"), ("60", "bar")]
        assert "Chamber 1 · UpperLimitDesignPressure = 60 Bar" in rows[-1].note
        assert not synoptic.faceplate._actions.isVisible()
        window.refresh.tick()
        window.close()
        shiboken6.delete(window)


def test_a_drawing_of_two_plants_is_refused(capsys, alone, tmp_path):
    for refinery in ("sim-t1", "sim-t2"):
        write_plant(tmp_path / refinery, refinery)
    given = [word for refinery in ("sim-t1", "sim-t2") for word in ("--plant", str(tmp_path / refinery))]
    assert main(["view", str(alone), *given]) == 2
    assert "give one --plant" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there a display is always there")
def test_without_a_display_a_drawing_is_for_snapshot(capsys, alone):
    assert main(["view", str(alone)]) == 2
    assert "snapshot FILE" in capsys.readouterr().err


def test_the_window_opens_at_the_file_says_that_no_values_come_and_forgets_it(qapp, alone, tmp_path):
    words.use("es")
    settings = Settings(tmp_path / "settings.ini")
    settings.tabs, settings.drawing = [("sim-r1", "tank-farm.xml")], ("sim-r1", 0)
    plant, sheet = opened(alone)
    with Session([plant], direct=False, has_source=False) as session:
        window = MainWindow(session.lives, settings, HistorianAccess({}), person="ana", version="0")
        window.show()
        window.begin(sheet)
        window.refresh.stop()
        for _ in range(2):
            window.refresh.tick()
        assert window.synoptic.sheet is sheet
        assert window.synoptic.canvas.live is not None
        assert not window.synoptic.trend.isVisible()
        assert not window.strip.isVisible()
        assert not window.top.mode.isVisible()
        assert not any(part.isVisible() for part in window.synoptic.navigator._stock_part)
        assert "Sin fuente" in window.status._source.text()
        for page in (1, 2, 3, 0):
            window.show_page(page)
        window.editor.toggle_table()
        window.refresh.tick()
        window.close()
        shiboken6.delete(window)
    assert settings.tabs == [("sim-r1", "tank-farm.xml")]
