"""What is not normal is seen on the panel's picture: alarms, what is off design, travel, what is old. Real Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts import event, names
from contracts import plant as plant_files
from contracts.quality import Quality
from contracts.sample import Sample, now_us
from pid_renderer import svg
from pid_renderer.binding import bind
from pid_renderer.reading import read
from resources.theme import ThemeName, theme
from tests.engines.box import wait_until
from tests.portal.test_panel_in_browser import PLANT, PanelBox, sign_in

pytestmark = pytest.mark.engine

HIGH, SECOND, OFF, COLD = "10EGB11CL001XQ01", "10EGB12CL001XQ01", "10EGB13CL001XQ01", "10EGC10CF001XQ01"
TRIP, TRAVEL, TOLD = "10EGC11AP001XB02", "10EGC11AA003XQ01", "10EGC10DF001XQ02"
SENT = {
    HIGH: 17.2, SECOND: 16.2, COLD: 1400.0, TRIP: 1.0, "10EGC11AP001XB01": 0.0, TRAVEL: 35.0, TOLD: 60.0,
    "10EGB11CT001XQ01": 55.0,
}  # fmt: skip
_SEEN = """
const seen = (root, part) => {
  const found = root && root.querySelector(part);
  if (!found) return null;
  const style = getComputedStyle(found), box = found.getBoundingClientRect();
  return {display: style.display, fill: style.fill, stroke: style.stroke, wide: box.width, left: box.left,
          right: box.right, text: found.textContent};
};
const group = (kks, part) => document.querySelector(
  `.pid ${part === ".plate" ? ".boxed" : ".says"}[data-kks="${kks}"]`);
"""


def _rgb(color: str) -> str:
    return f"rgb({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))})"


class Page:
    def __init__(self, browser) -> None:
        self.browser = browser

    def seen(self, kks: str, part: str) -> dict | None:
        script = f"{_SEEN} return seen(group(arguments[0], arguments[1]), arguments[1]);"
        return self.browser.execute_script(script, kks, part)

    def attribute(self, kks: str, name: str) -> str | None:
        script = f"{_SEEN} return (group({json.dumps(kks)}) || {{dataset: {{}}}}).dataset[{json.dumps(name)}] || null;"
        return self.browser.execute_script(script)

    def in_theme(self, name: ThemeName, picture: Path) -> None:
        root = "document.documentElement"
        self.browser.execute_script(f"{root}.dataset.theme = arguments[0]; localStorage.theme = arguments[0]", name)
        self.browser.find_element("css selector", ".pid").screenshot(str(picture))


def test_alarms_deviations_and_travel_are_seen_on_the_picture_in_both_themes(browser, broker, tmp_path):
    plant = plant_files.load(PLANT)
    design = plant.by_kks[OFF].design
    assert design
    sent = SENT | {OFF: 1.08 * design}
    drawing = read(plant.drawings[0].file)
    sheets = tmp_path / "panel" / "sheets" / "sim-r1"
    sheets.mkdir(parents=True)
    sheet = sheets / f"{plant.drawings[0].file.stem}.svg"
    sheet.write_text(svg.write(drawing, bind(drawing, plant), theme("light")), encoding="utf-8")
    panel = PanelBox(tmp_path / "panel", broker.bootstrap, PLANT)
    try:
        sign_in(browser, panel, "central")
        producer = Producer({"bootstrap.servers": broker.bootstrap})

        def send(values, quality: Quality = Quality.GOOD) -> None:
            for kks, value in values.items():
                sample = Sample(value, now_us(), int(quality))
                producer.produce(names.topic("sim-r1", "tank-farm"), key=kks, value=event.encode(kks, sample))
            assert producer.flush(10) == 0

        page = Page(browser)

        def fresh() -> None:
            """What was sent, so lately that none of it is old."""
            send(sent)
            wait_until(
                lambda: page.attribute(HIGH, "alarm") == page.attribute("10EGC11AP001", "alarm") == "acknowledged"
            )

        fresh()
        assert page.attribute(HIGH, "priority") == "p2"
        assert page.attribute(SECOND, "priority") == "p3"
        assert page.attribute(OFF, "alarm") is None
        assert page.seen(OFF, ".badge")["display"] == page.seen(OFF, ".plate")["display"] == "none"
        pictures = tmp_path / "pictures"
        pictures.mkdir()
        for name in ("light", "dark"):
            fresh()
            page.in_theme(name, pictures / f"alarms-{name}.png")
            for kks, priority in ((HIGH, 2), (SECOND, 3), ("10EGC11AP001", 1)):
                mark = page.seen(kks, ".mark")
                assert mark["display"] != "none", kks
                assert mark["wide"] > 8, kks
                assert mark["fill"] == _rgb(theme(name)[f"alarm.p{priority}"]), kks
                assert page.seen(kks, ".numeral")["text"] == str(priority)
            plate, text = page.seen(HIGH, ".plate"), page.seen(HIGH, ".value")
            assert plate["left"] < text["left"] < text["right"] < plate["right"]
        assert "16.9" not in page.seen(HIGH, ".badge")["text"]
        assert "HH" in page.seen(HIGH, "title")["text"]

        fresh()
        bar = browser.execute_script(
            "const bar = document.querySelector('.travel[data-kks=\"10EGC11AA003\"]');"
            "const part = (n) => bar.querySelector(n).getBoundingClientRect();"
            "return [getComputedStyle(bar).display, bar.dataset.look, part('.share').width / part('.track').width,"
            "(part('.told').x + part('.told').width / 2 - part('.track').x) / part('.track').width]"
        )
        assert bar[:2] == ["inline", "good"]
        assert bar[2] == pytest.approx(0.35, abs=0.06)
        assert bar[3] == pytest.approx(0.60, abs=0.06)

        # Off its design by 8 %: not a word of it without the lens.
        assert page.attribute(OFF, "off") == "over2"
        browser.find_element("id", "lens").click()
        wait_until(lambda: page.seen(OFF, ".plate")["display"] != "none")
        for name in ("light", "dark"):
            fresh()
            page.in_theme(name, pictures / f"lens-{name}.png")
            step = next(step for step in theme(name).deviation if step.step == 2)
            assert page.seen(OFF, ".plate")["fill"] == _rgb(step.fill)
            assert page.seen(OFF, ".value")["fill"] == _rgb(step.text)
            assert page.seen(OFF, ".percent")["text"] == "+8\N{NO-BREAK SPACE}%".replace("\N{NO-BREAK SPACE}", " ")
            assert page.seen(OFF, ".side")["display"] != "none"
        browser.find_element("id", "lens").click()

        # What is bad keeps its last badge, hollow, and its symbol is in doubt.
        send({HIGH: None, "10EGC11AP001XB01": None}, Quality.COMM_FAILURE)
        wait_until(lambda: page.attribute(HIGH, "alarm") == "returned")
        assert page.seen(HIGH, ".mark")["fill"] == _rgb(theme("dark")["bg.surface"])
        wait_until(
            lambda: browser.execute_script("return document.getElementById('10EGC11AP001').dataset.doubt") == "yes"
        )
        send({HIGH: 10.0, SECOND: 10.0, TRIP: 0.0})
        wait_until(lambda: page.attribute(HIGH, "alarm") is None and page.attribute("10EGC11AP001", "alarm") is None)
        noise = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert [message for message in noise if "favicon" not in message] == []
    finally:
        assert panel.stop() == 0
