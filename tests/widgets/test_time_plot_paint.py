"""What a plot over time shows: read from its pixels and its figures."""

import gc
import re
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from analysis.pyramid import Pyramid
from analysis.signal_pairs import paired
from contracts.quality import Quality
from resources import words
from tests.widgets.now import NOON_US
from tests.widgets.plots import FLOW, HEAT, HOUR_US, LEVEL, OTHER_LEVEL, PUMP, SECOND_US, filled, good, seconds
from widgets import style
from widgets.event_lane import PlotEvent
from widgets.figures_table import COLUMNS, FiguresTable
from widgets.lines import Line, pyramid_of
from widgets.pen_strokes import look_of
from widgets.plot_picture import BadPlotPicture, write_plot_picture
from widgets.tables import TableSheet
from widgets.time_plot import TimePlot
from widgets.time_plot_marks import duration_text
from widgets.xy_plot import XyPlot, ramp_color

SIZE = (900, 400)


@pytest.fixture
def plot(qtbot):
    made = TimePlot(ZoneInfo("Europe/Madrid"))
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show()
    made.set_signals([LEVEL], NOON_US)
    QApplication.processEvents()
    made.set_span(NOON_US, NOON_US + 100 * SECOND_US)
    return made


def pixels(widget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4).copy()


def ink(plot, place=0) -> np.ndarray:
    """Pixel columns of the paper that hold the pure colour of a pen."""
    left, right = (round(edge) for edge in plot.paper_px)
    return (pixels(plot)[:, left:right] == look_of(place).color.rgb()).any(axis=0)


def part(columns: np.ndarray, first_s: float, last_s: float) -> np.ndarray:
    """What lies between two seconds of the hundred shown, two pixels in from both."""
    return columns[round(first_s / 100 * columns.size) + 3 : round(last_s / 100 * columns.size) - 3]


def show(plot, places, values, codes=None, signal=LEVEL):
    n = len(places)
    plot.show_samples(signal.kks, seconds(*places), np.array(values, float), good(n) if codes is None else codes)
    plot.flush()


def test_a_line_runs_from_its_first_sample_to_its_last(plot):
    show(plot, [10, 30, 60], [5, 6, 5])
    columns = ink(plot)
    assert part(columns, 10, 60).all()
    assert not part(columns, 0, 10).any()
    assert not part(columns, 60, 100).any()


def test_a_bad_sample_breaks_the_line_until_the_next_good_one(plot):
    codes = good(5)
    codes[2] = int(Quality.BAD)
    show(plot, [0, 20, 40, 60, 80], [5, 5, 5, 5, 5], codes)
    columns = ink(plot)
    assert part(columns, 0, 20).all()
    assert not part(columns, 20, 60).any()
    assert part(columns, 60, 80).all()


def test_silence_for_longer_than_three_heartbeats_breaks_the_line(plot):
    show(plot, [0, 20, 60, 80], [5, 5, 5, 5])
    columns = ink(plot)
    assert part(columns, 0, 20).all()
    assert not part(columns, 20, 60).any()
    assert part(columns, 60, 80).all()


def test_uncertain_is_drawn_at_half_the_ink_and_held_values_dotted(plot):
    codes = good(5)
    codes[1], codes[3] = int(Quality.UNCERTAIN), int(Quality.LAST_KNOWN)
    show(plot, [0, 20, 40, 60, 80], [5, 5, 5, 5, 5], codes)
    columns = ink(plot)
    assert part(columns, 0, 20).all()
    assert not part(columns, 20, 40).any()
    left, right = (round(edge) for edge in plot.paper_px)
    paper = style.color("bg.raised").rgb()
    painted = pixels(plot)[40:380, left + round(0.22 * (right - left)) : left + round(0.38 * (right - left))]
    assert (painted != paper).any()
    dotted = part(columns, 60, 80)
    assert 0.1 < dotted.mean() < 0.6


def test_a_stepped_signal_keeps_its_value_and_a_sloped_one_does_not(qtbot, plot):
    for signal, flat in ((LEVEL, False), (PUMP, True)):
        plot.set_signals([signal], NOON_US)
        show(plot, [0, 25, 50, 75], [0, 0, 1, 1], signal=signal)
        left, right = (round(edge) for edge in plot.paper_px)
        middle = pixels(plot)[:, left + round(0.375 * (right - left))] == look_of(0).color.rgb()
        start = pixels(plot)[:, left + round(0.26 * (right - left))] == look_of(0).color.rgb()
        assert bool(np.flatnonzero(middle)[0] == np.flatnonzero(start)[0]) is flat


def test_dashes_stay_where_they_are_while_the_plot_is_panned(plot):
    plot.set_signals([OTHER_LEVEL, LEVEL], NOON_US)
    show(plot, list(range(-25, 126)), [5.0] * 151)
    before = ink(plot, 1)
    plot._moves.pan_from(plot.span_us[0], -30)
    plot._rest.stop()
    plot.flush()
    after = ink(plot, 1)
    assert 0.3 < before.mean() < 0.95
    # An edge may fall on either side of a pixel; dashes counted from the paper's edge would differ in every second one.
    assert np.mean(before[40:-10] != after[10 : before.size - 40]) < 0.2


def test_more_samples_extend_the_line_that_is_there(plot):
    times = NOON_US + np.arange(100) * SECOND_US
    plot.show_samples(LEVEL.kks, times[:60], np.ones(60), good(60))
    known = plot.pyramid(LEVEL.kks)
    plot.show_samples(LEVEL.kks, times[30:], np.ones(70), good(70))
    assert plot.pyramid(LEVEL.kks) is known
    assert known.times_us.size == 100


def test_a_source_that_begins_anew_at_an_older_time_replaces_the_line(plot):
    show(plot, [50, 60], [1, 2])
    show(plot, [10, 20], [3, 4])
    assert plot.pyramid(LEVEL.kks).values.tolist() == [3.0, 4.0]


def test_following_the_present_moves_the_paper_by_whole_pixels(plot):
    show(plot, [0, 20, 40], [5, 6, 5])
    starts = []
    for step in range(12):
        plot.follow(NOON_US + 50 * SECOND_US + step * 37_000, 100 * SECOND_US)
        starts.append(plot.span_us[0])
    left, right = plot.paper_px
    pixel_us = 100 * SECOND_US / (right - left)
    moved = np.diff(starts) / pixel_us
    assert np.allclose(moved, np.round(moved), atol=1e-3)
    assert moved.sum() > 1
    assert plot.span_us[1] > NOON_US + 50 * SECOND_US


def test_what_the_ring_dropped_long_ago_is_let_go(plot):
    times = NOON_US + np.arange(1000) * SECOND_US
    plot.show_samples(LEVEL.kks, times, np.ones(1000), good(1000))
    plot.show_samples(LEVEL.kks, times[-200:] + 100 * SECOND_US, np.ones(200), good(200))
    assert len(plot.pyramid(LEVEL.kks)) == 200


def test_units_have_panes_of_their_own_or_share_them_two_and_two(plot):
    plot.set_signals([LEVEL, FLOW, HEAT, OTHER_LEVEL], NOON_US)
    assert [[axis.unit for axis in pane.axes] for pane in plot.panes] == [["m"], ["m³/h"], ["°C"]]
    plot.set_shared(shared=True)
    assert [[axis.unit for axis in pane.axes] for pane in plot.panes] == [["m", "m³/h"], ["°C"]]
    filled(plot, 100)
    QApplication.processEvents()
    assert all(ink(plot, place).sum() > 40 for place in range(4))
    edges = {
        (round(pane.box.sceneBoundingRect().left()), round(pane.box.sceneBoundingRect().right())) for pane in plot.panes
    }
    assert len(edges) == 1


def test_a_change_of_theme_keeps_what_is_shown(plot):
    show(plot, [0, 25, 50, 75, 100], [5, 9, 5, 9, 5])
    span, ranges = plot.span_us, (plot.panes[0].axes[0].low, plot.panes[0].axes[0].high)
    style.use("dark")
    plot.restyle()
    QApplication.processEvents()
    plot.flush()
    assert (plot.span_us, (plot.panes[0].axes[0].low, plot.panes[0].axes[0].high)) == (span, ranges)
    assert ink(plot).sum() > 100


def test_lifting_a_pen_dims_the_others_and_speaks_of_its_limits(plot):
    plot.set_signals([OTHER_LEVEL, LEVEL], NOON_US)
    show(plot, [0, 25, 50, 75, 100], [14, 15, 14, 15, 14])
    plot.show_samples(OTHER_LEVEL.kks, seconds(0, 25, 50, 75, 100), np.array([13.0, 14.0, 13.0, 12.0, 13.0]), good(5))
    plot.flush()
    assert ink(plot, 0).sum() > 100
    plot.dim_others(LEVEL.kks)
    assert ink(plot, 0).sum() == 0
    assert ink(plot, 1).sum() > 100
    plot.dim_others(None)
    assert ink(plot, 0).sum() > 100


def test_limits_seam_gap_now_and_the_other_period_are_all_painted(plot):
    show(plot, [0, 20, 40, 50], [14, 15, 15.4, 15])
    bare = pixels(plot)
    teal, grey = style.color("mode.replay").rgb(), style.color("line.strong").rgb()
    assert not (bare == teal).any()
    plot.set_marks(NOON_US + 30 * SECOND_US, [(NOON_US + 60 * SECOND_US, NOON_US + 90 * SECOND_US)])
    plot.set_now(NOON_US + 50 * SECOND_US)
    plot.show_other_period(LEVEL.kks, Line(seconds(-100, -50, 0), np.array([13.0, 12.0, 13.0])), 100 * SECOND_US)
    plot.flush()
    full = pixels(plot)
    left, right = (round(edge) for edge in plot.paper_px)
    assert (full == teal).sum() > 3 * 0.28 * (right - left)
    assert (
        full[:, left + round(0.5 * (right - left)) - 1 : left + round(0.5 * (right - left)) + 3] == grey
    ).sum() > 100
    hatched = full[60:300, left + round(0.65 * (right - left)) : left + round(0.85 * (right - left))]
    assert (hatched == style.color("line.hair").rgb()).mean() > 0.05
    assert (full == style.color("alarm.p2").rgb()).sum() > 50
    own = plot.panes[0].pens[0]
    assert own.other.times_us[0] == NOON_US
    assert own.other_label == "1 min 40 s antes"


def test_the_future_is_empty_paper(plot):
    show(plot, [0, 25, 50], [5, 5, 5])
    plot.set_now(NOON_US + 50 * SECOND_US)
    assert not part(ink(plot), 53, 100).any()


@pytest.mark.parametrize(
    ("seconds_long", "text"),
    [(0.25, "0,25 s"), (5, "5,0 s"), (45, "45 s"), (10_020, "2 h 47 min"), (86_400, "1 d"), (270_000, "3 d 3 h")],
)
def test_durations_are_said_in_the_two_units_that_matter(seconds_long, text):
    assert duration_text(round(seconds_long * 1e6)) == text


def test_the_cursor_chips_say_when_and_how_long_between(plot):
    plot.set_cursors(NOON_US + 10 * SECOND_US, NOON_US + 60 * SECOND_US)
    assert plot._scale.isVisibleTo(plot)
    assert plot._scale.accessibleDescription() == "A 23 nov 12:00:10, B 23 nov 12:01:00, Δ 50 s"
    plot.set_cursors(None, None)
    assert not plot._scale.isVisibleTo(plot)


def test_figures_are_of_the_span_between_the_cursors_else_of_what_is_shown(plot):
    show(plot, [0, 20, 40, 60, 80], [1, 2, 3, 4, 5])
    assert plot.figures()[0].span.most == 5
    plot.set_cursors(NOON_US + 50 * SECOND_US, NOON_US + 10 * SECOND_US)
    [found] = plot.figures()
    assert (found.at_a, found.at_b, found.difference) == (3.0, 1.0, -2.0)
    assert (found.span.least, found.span.most, found.span.n) == (1.0, 3.0, 2)
    assert found.span.mean == pytest.approx((10 * 1 + 20 * 2 + 10 * 3) / 40)


def test_the_figures_are_copied_as_a_table_parted_by_tabs(qtbot, plot):
    plot.set_signals([LEVEL, FLOW], NOON_US)
    filled(plot)
    plot.set_cursors(NOON_US + 600 * SECOND_US, NOON_US + 1200 * SECOND_US)
    table = FiguresTable()
    sheet = TableSheet(table)
    qtbot.addWidget(sheet)
    table.show_figures(plot.figures())
    qtbot.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, level, flow = (line.split("\t") for line in QApplication.clipboard().text().split("\n"))
    assert len(head) == len(level) == len(COLUMNS)
    assert level[0] == "10EGB11 CL001 XQ01"
    assert level[COLUMNS.index("integral")] == "—"
    assert re.fullmatch(r"\d+ m³", flow[COLUMNS.index("integral")])
    assert level[COLUMNS.index("good")] == "100,0 %"
    assert level[COLUMNS.index("worst")] == "Buena"
    assert level[COLUMNS.index("difference")].startswith(("+", "−"))


def test_the_deviation_of_buckets_is_said_to_be_a_least_one(plot):
    times = seconds(*range(0, 100, 10))
    plot.show_line(LEVEL.kks, Line(times, np.arange(10.0), np.arange(10.0) - 1, np.arange(10.0) + 1))
    table = FiguresTable()
    table.show_figures(plot.figures())
    assert table.cells[0][COLUMNS.index("deviation")].text.startswith("≥ ")


def test_events_stand_over_their_time_and_tell_who_was_clicked(qtbot, plot):
    show(plot, [0, 100], [5, 5])
    assert not plot.lane.isVisibleTo(plot)
    plot.set_events(
        [
            PlotEvent("fill", "frame", NOON_US + 20 * SECOND_US, NOON_US + 60 * SECOND_US, "Llenado"),
            PlotEvent("high", "alarm", NOON_US + 40 * SECOND_US, None, "Alarma H", 2, "unacknowledged"),
            PlotEvent("hand", "note", NOON_US + 80 * SECOND_US, None, "Medida manual"),
        ]
    )
    QApplication.processEvents()
    plot.flush()
    plot.lane.grab()
    left, right = plot.paper_px
    for place, key in ((0.3, "fill"), (0.4, "high"), (0.8, "hand")):
        with qtbot.waitSignal(plot.event_chosen) as chosen:
            at = QPoint(round(left + place * (right - left)), 12)
            qtbot.mouseClick(plot.lane, Qt.MouseButton.LeftButton, pos=at)
        assert chosen.args == [key]


def test_a_picture_carries_title_zone_units_and_every_pen(plot, tmp_path):
    plot.set_signals([LEVEL, FLOW], NOON_US)
    filled(plot)
    plot.set_cursors(NOON_US + 600 * SECOND_US, None)
    write_plot_picture(plot, tmp_path / "plot.svg", "Llenado")
    text = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    for wanted in ("Llenado", "Europe/Madrid (CET, UTC+1)", "10EGB11 CL001 XQ01", "Nivel · m", "m³/h", "@font-face"):
        assert wanted in text, wanted
    assert look_of(0).color.name() in text
    write_plot_picture(plot, tmp_path / "plot.png", "Llenado")
    image = QImage(str(tmp_path / "plot.png"))
    assert image.width() == 2 * (plot.width() + 32)
    rows = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint32)
    assert all((rows == look_of(place).color.rgb()).sum() > 500 for place in range(2))


def test_a_picture_that_cannot_be_written_says_why(plot, tmp_path):
    with pytest.raises(BadPlotPicture, match=r"plot\.bmp"):
        write_plot_picture(plot, tmp_path / "plot.bmp", "")
    with pytest.raises(BadPlotPicture):
        write_plot_picture(plot, tmp_path / "nowhere" / "plot.svg", "")


def test_two_signals_are_set_against_each_other_where_both_are_known(qtbot):
    x = pyramid_of(Line(seconds(0, 10, 20, 30), np.array([1.0, 2.0, np.nan, 4.0])))
    y = pyramid_of(Line(seconds(5, 15, 35), np.array([7.0, 8.0, 9.0])))
    pairs = paired(x, y, NOON_US, NOON_US + HOUR_US, 4000)
    assert list(zip(pairs.x, pairs.y, strict=True)) == [(1.0, 7.0), (2.0, 7.0), (2.0, 8.0), (4.0, 8.0), (4.0, 9.0)]
    assert paired(x, Pyramid(), NOON_US, NOON_US + HOUR_US, 4000).times_us.size == 0


def test_pairs_are_coloured_from_old_to_new(qtbot):
    plot = XyPlot(ZoneInfo("Europe/Madrid"))
    qtbot.addWidget(plot)
    plot.resize(500, 400)
    plot.show()
    n = 2000
    times = NOON_US + np.arange(n) * SECOND_US
    x, y = (pyramid_of(Line(times, values)) for values in (np.arange(n) * 1.0, np.sin(np.arange(n) / 200)))
    plot.show_pair(HEAT, LEVEL, x, y, NOON_US, NOON_US + n * SECOND_US)
    QApplication.processEvents()
    image = pixels(plot._view)
    first, last = (np.argwhere(image == ramp_color(step).rgb())[:, 1] for step in (0, 7))
    assert first.size > 50
    assert last.size > 50
    assert first.max() < last.min()


def test_every_word_of_the_plot_is_there_in_both_languages():
    for key in (
        "trend.design",
        "trend.plot",
        "trend.events",
        "trend.earlier",
        "figures.mean",
        "xy.plot",
        "picture.format",
    ):
        assert words.words("es")[key] != words.words("en")[key]


def test_a_plot_built_again_and_again_and_dropped_is_taken_apart_without_harm(qtbot):
    def use_and_drop() -> None:
        plot = TimePlot(ZoneInfo("Europe/Madrid"))
        plot.resize(*SIZE)
        plot.show()
        for signals in ([LEVEL], [LEVEL, FLOW], [HEAT]):
            plot.set_signals(signals, NOON_US)
            filled(plot, 100)
            plot.grab()
            gc.collect()

    for _ in range(3):
        use_and_drop()
        gc.collect()
        QApplication.processEvents()
