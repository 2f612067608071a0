"""The panel as people see it: real Chromium, a real broker, real events."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

from contracts import event, names
from contracts.quality import Quality
from contracts.sample import Sample, now_us
from tests.engines.box import ROOT, Box, wait_until
from tests.engines.broker import BrokerBox

pytestmark = pytest.mark.engine
PLANT = ROOT / "resources" / "plants" / "sim-r1"
LEVEL = "10EGB11CL001XQ01"


class PanelBox(Box):
    """A running `python -m cloud.portal`."""

    def __init__(self, state: Path, bootstrap: str, *plants: Path) -> None:
        folders = [word for plant in plants for word in ("--plant", plant)]
        super().__init__("cloud.portal", "--bootstrap", bootstrap, "--state", state, *folders)
        self.wait_for("ready")

    @property
    def url(self) -> str:
        return str(self.last["url"])

    @property
    def passwords(self) -> dict[str, str]:
        return next(report["passwords"] for report in self.reports if "passwords" in report)


def send(producer: Producer, kks: str, value: float | None, quality: int = Quality.GOOD) -> Sample:
    sample = Sample(value, now_us(), int(quality))
    producer.produce(names.topic("sim-r1", "tank-farm"), key=kks, value=event.encode(kks, sample))
    assert producer.flush(10) == 0
    return sample


def sign_in(browser, panel: PanelBox, login: str) -> None:
    browser.get(panel.url + "sign-in/")
    browser.find_element("name", "username").send_keys(login)
    browser.find_element("name", "password").send_keys(panel.passwords[login])
    button = browser.find_element("css selector", "button.action")
    button.click()
    # A click comes back before the page it asked for is there, and this page too has a card with a heading.
    WebDriverWait(browser, 20).until(staleness_of(button))
    WebDriverWait(browser, 20).until(lambda _: browser.execute_script("return document.readyState") == "complete")
    assert "/sign-in/" not in browser.current_url


def cell(browser, attribute: str) -> str | None:
    selector = f"#signals [data-kks='{LEVEL}']"
    return browser.execute_script(f'return document.querySelector("{selector}")?.dataset.{attribute} || null')


def test_a_level_follows_the_events_and_is_marked_old_within_5_s_of_the_broker_s_death(browser, tmp_path):
    own_broker = BrokerBox(tmp_path / "broker", PLANT)
    panel = None
    try:
        producer = Producer({"bootstrap.servers": own_broker.bootstrap, "log_level": 0, "logger": _silent()})
        panel = PanelBox(tmp_path / "panel", own_broker.bootstrap, PLANT)
        sign_in(browser, panel, "central")
        wait_until(lambda: browser.current_url.endswith("/sim-r1/"))
        shown = set()
        for value in (7.125, 7.250, 7.375, -0.5):
            sent = send(producer, LEVEL, value)
            wait_until(lambda sent=sent: cell(browser, "time") == str(sent.time_us))
            assert float(cell(browser, "value")) == value
            shown.add(cell(browser, "text"))
            assert cell(browser, "look") == "good"
        assert shown == {"7,125\u2009m", "7,250\u2009m", "7,375\u2009m", "\u22120,500\u2009m"}

        send(producer, LEVEL, None, Quality.COMM_FAILURE)
        wait_until(lambda: cell(browser, "look") == "bad")
        assert float(cell(browser, "value")) == -0.5
        send(producer, LEVEL, 8.0)
        wait_until(lambda: cell(browser, "look") == "good")

        killed = time.monotonic()
        own_broker.process.kill()
        wait_until(lambda: cell(browser, "look") == "old", 6.0)
        assert time.monotonic() - killed <= 5.0
        assert browser.find_element("id", "source").get_attribute("data-state") == "lost"
        noise = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert [entry["message"] for entry in noise if "favicon" not in entry["message"]] == []
    finally:
        if panel is not None:
            assert panel.stop() == 0
        own_broker.stop()


def test_a_person_without_the_refinery_stays_out_of_page_stream_svg_and_data(browser, broker, tmp_path):
    panel = PanelBox(tmp_path / "panel", broker.bootstrap, PLANT)
    try:
        sign_in(browser, panel, "contrata")
        assert browser.find_element("css selector", ".card h1").text == "No tienes acceso a ninguna refinería."
        for path in ("", "stream", "sheet.svg", "api/signals"):
            status = browser.execute_async_script(
                "const done = arguments[1]; fetch(arguments[0]).then(r => done(r.status))", f"/sim-r1/{path}"
            )
            assert status == 403, path
    finally:
        assert panel.stop() == 0


def _silent():
    """librdkafka tells of the broker's death on stderr; the death is the test."""
    import logging

    logger = logging.getLogger("librdkafka.silent")
    logger.setLevel(logging.CRITICAL)
    return logger
