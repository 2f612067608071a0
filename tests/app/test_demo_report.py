"""What the demo's report counts as proof."""

from types import SimpleNamespace

from app import demo_report
from app.application import Session
from app.processes import SIMULATOR
from contracts.quality import Quality
from resources import words
from runtime.supervisor import Status
from tests.app.plants import LEVEL, TEMPERATURE


def session(fed) -> Session:
    made = Session([fed.live.plant], direct=True)
    made.lives = [fed.live]
    return made


def test_a_tag_seen_only_before_the_watch_began_was_not_carried(fed):
    fed.feed_all()
    fed.wait(0.1)
    began_us = fed.now
    fed.wait(1)
    assert len(demo_report.not_carried(session(fed), began_us)) == len(fed.live.plant.signals)
    fed.feed(LEVEL, 5.1)
    fed.wait(0.1)
    assert LEVEL not in demo_report.not_carried(session(fed), began_us)


def test_a_bad_tag_was_not_carried(fed):
    fed.feed_all()
    fed.wait(0.1)
    began_us = fed.now - 1_000_000
    fed.feed(TEMPERATURE, None, Quality.COMM_FAILURE)
    fed.wait(0.1)
    assert demo_report.not_carried(session(fed), began_us) == [TEMPERATURE]


def test_modbus_counts_what_the_simulator_served_and_not_its_steps(fed):
    made = session(fed)
    report = {"steps": 900, "reads": 7}
    made.supervisor = SimpleNamespace(states=lambda: {SIMULATOR: Status(SIMULATOR, "ready", report=report)})
    assert demo_report._counters(made)["Modbus"] == 7


def test_the_report_names_the_tags_and_the_parts_that_are_missing(fed, capsys):
    words.use("en")
    fed.feed_all()
    fed.wait(0.1)
    made = session(fed)
    made.supervisor = SimpleNamespace(states=lambda: {SIMULATOR: Status(SIMULATOR, "failed", "port taken")})
    counted = {"Modbus": 1, "store": 1}
    assert demo_report.report(made, counted, {"Modbus": 1, "store": 2}, fed.now + 1, "x.png") == 1
    said = capsys.readouterr().err
    assert "no progress at Modbus" in said
    assert "10EGB11 CL001 XQ01" in said
    assert "simulator is failed: port taken" in said
