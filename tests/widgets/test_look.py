import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from contracts.quality import Quality
from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from tests.widgets.now import NOON_US, Now
from widgets import marks, style
from widgets.alarm_strip import AlarmStrip, StripRow
from widgets.freshness import bars
from widgets.source_card import Card, offer_direct


def painted(paint) -> set[int]:
    image = QImage(48, 48, QImage.Format.Format_RGB32)
    image.fill(style.color("bg.surface"))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return {image.pixel(x, y) for x in range(48) for y in range(48)}


def test_the_shipped_fonts_load():
    assert {"IBM Plex Sans", "IBM Plex Sans Condensed"} <= set(style.load_fonts())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_style_sheet_leaves_no_token_open(theme):
    style.use(theme)
    assert "@" not in style.sheet()


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_an_alarm_hue_is_in_a_standing_badge_and_not_in_a_shelved_one(priority):
    hue = style.color(f"alarm.p{priority}").rgb()

    def badge(state):
        return painted(lambda p: marks.paint_badge(p, QPointF(24, 24), priority, state, 12))

    assert hue in badge("unacknowledged")
    assert hue in badge("acknowledged")
    assert hue not in badge("shelved")


def test_an_icon_is_drawn_in_its_tokens_colour():
    image = style.pixmap("bell", "hand.accent", 24).toImage()
    inks = {
        image.pixelColor(x, y).name() for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() == 255
    }
    assert style.color("hand.accent").name() in inks


def test_bars_of_freshness_fall_with_the_heartbeats_missed():
    assert [bars(age, 2.0) for age in (0.5, 2.0, 2.9, 5.9, 6.1, float("inf"))] == [4, 4, 3, 2, 1, 1]


def test_a_freshness_mark_of_a_dead_source_is_struck_through():
    alive = painted(lambda p: marks.paint_freshness(p, QRectF(4, 4, 30, 30), 4, dead=False))
    dead = painted(lambda p: marks.paint_freshness(p, QRectF(4, 4, 30, 30), 4, dead=True))
    assert style.color("text.primary").rgb() in dead
    assert style.color("text.primary").rgb() not in alive


@pytest.fixture
def strip(qtbot, tmp_path):
    now = Now(write_plant(tmp_path), **{LEVEL: 15.5, TEMPERATURE: 30.0})
    now.board.update(LEVEL, 15.5, int(Quality.GOOD), NOON_US)
    made = AlarmStrip()
    qtbot.addWidget(made)
    made.resize(1900, 73)
    rows = [StripRow(a, now.plant.by_kks[a.kks], now.readings[a.kks], now) for a in now.board.standing()]
    made.show_alarms(rows, lit=True)
    made.show()
    return made


def test_a_click_at_the_strips_right_end_acknowledges_and_elsewhere_opens_the_tag(qtbot, strip):
    from PySide6.QtCore import QPoint, Qt

    with qtbot.waitSignal(strip.acknowledge_requested) as asked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 40, 12))
    assert asked.args == [LEVEL, "H"]
    with qtbot.waitSignal(strip.chosen) as chosen:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(500, 12))
    assert chosen.args == [LEVEL]


def test_the_unacknowledged_rows_soft_fill_goes_out_in_the_dark_phase_but_the_text_stays(strip):
    soft = style.color("alarm.p3Soft").rgb()
    lit = strip.grab().toImage()
    strip._lit = False
    dark = strip.grab().toImage()
    assert lit.pixel(600, 3) == soft
    assert dark.pixel(600, 3) != soft


def test_the_card_of_a_missing_part_offers_direct_mode(qtbot):
    from PySide6.QtWidgets import QPushButton

    pressed = []
    card = Card()
    qtbot.addWidget(card)
    offer_direct(card, "Kafka (broker)", "Java was not found", lambda: pressed.append("direct"), lambda: None)
    assert "Kafka (broker)" in card.accessibleName()
    assert "Java was not found" in card.accessibleDescription()
    card.findChildren(QPushButton)[0].click()
    assert pressed == ["direct"]
