import os
import time
from datetime import UTC, datetime

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from contracts.quality import Quality
from contracts.sample import now_us
from contracts.tags import SIGNAL_MIME
from resources import words
from tests.app.plants import LEVEL, RUNNING, TEMPERATURE, write_plant
from tests.widgets.now import Now
from widgets.formula import Calculated
from widgets.historian import HistorianPage
from widgets.historian_memory import Note, Nowhere
from widgets.lines import Line
from widgets.note_box import NoteBox
from widgets.past import Answer, Past
from widgets.span_words import Span

S = 1_000_000
HOUR = 3600 * S


class Source:
    """A historian in which a tag's value is the hour of the day of UTC, a sample each ten seconds."""

    def __init__(self):
        self.asked = []
        self.fails = ""
        self.width_us = 0

    def engine(self, _now):
        return "Test"

    def new_cancel(self):
        return Cancel()

    def fetch(self, _now, kks, from_us, to_us, buckets, _progress, _cancel):
        self.asked.append((tuple(kks), from_us, to_us, buckets))
        if self.fails:
            raise RuntimeError(self.fails)
        times = np.arange(from_us // (10 * S) + 1, to_us // (10 * S), dtype=np.int64) * 10 * S
        values = (times // HOUR % 24).astype(float)
        past = {tag: Past(Line(times, values), times.size, times.size) for tag in kks}
        return Answer(from_us, to_us, past, to_us, [], "history", times.size, 0.1, self.width_us)

    def samples(self, _now, _kks, from_us, to_us, _cancel):
        for start in range(from_us, to_us, HOUR):
            times = np.arange(start, min(start + HOUR, to_us), 60 * S, dtype=np.int64)
            yield times, np.ones(times.size), np.full(times.size, 192, np.int16)


class Cancel:
    def cancel(self):
        pass


class AtOnce:
    """Work done in the thread that asks."""

    def run(self, _lane, work, done, failed, _stop=None):
        try:
            found = work()
        except (RuntimeError, OSError) as error:
            failed(error)
        else:
            done(found)

    def cancel(self, _lane):
        pass


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def memory():
    return Nowhere()


@pytest.fixture
def now(tmp_path):
    return Now(write_plant(tmp_path))


@pytest.fixture
def pages(qapp, source, memory, now):
    """Opens pages; deleted here and now, for those that wait for an event loop make the next ones slow."""
    opened = []

    def open_one(tags=(LEVEL,)):
        made = HistorianPage(source, AtOnce(), memory, "ana")
        opened.append(made)
        made.resize(1400, 700)
        made.open(now, tags)
        return made

    yield open_one
    for made in opened:
        shiboken6.delete(made)


@pytest.fixture
def page(pages):
    return pages()


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def last_hour():
    present = now_us()
    return Span(present - HOUR, present, follows=True)


def drawn(page):
    return [signal.kks for signal in page.plot.signals]


# ---- spans


def test_a_span_typed_is_taken_in_the_plants_zone(page):
    page.parts.bar.words.setText("2026-01-15 9:30 to 2026-01-15 11:00")
    page.parts.bar.words.returnPressed.emit()
    assert page.plot.span_us == (at("2026-01-15T08:30"), at("2026-01-15T10:00"))
    assert page.curves.follow_us == 0


@pytest.mark.skipif(os.name == "nt", reason="the machine's zone cannot be changed for one process")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
def test_the_span_shown_is_of_the_plants_zone_and_not_of_the_machines(page, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        page.go_to(Span(at("2026-07-01T10:00"), at("2026-07-01T11:00")))
        assert page.parts.bar.words.text() == "1 jul 2026 12:00 → 1 jul 2026 13:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_words_that_are_no_span_are_told_and_nothing_moves(page):
    before = page.plot.span_us
    page.parts.bar.words.setText("banana")
    page.parts.bar.words.returnPressed.emit()
    assert "banana" in page.parts.card.accessibleDescription()
    assert page.plot.span_us == before


def test_spans_are_gone_back_to_and_stepped_through(page):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page._step(-1)
    assert page.plot.span_us == (at("2026-01-14T00:00"), at("2026-01-15T00:00"))
    page._back()
    assert page.plot.span_us == (at("2026-01-15T00:00"), at("2026-01-16T00:00"))
    page._on()
    assert page.plot.span_us == (at("2026-01-14T00:00"), at("2026-01-15T00:00"))


def test_a_span_that_ends_now_goes_on_with_the_present(page):
    page.go_to(last_hour())
    later = now_us() + 20 * S
    page.refresh_live(later)
    assert page.plot.span_us[0] == later - HOUR


# ---- asking


def test_what_is_known_is_not_asked_for_again(page, source):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    asked = len(source.asked)
    page.curves.visit(at("2026-01-15T06:00"), at("2026-01-15T18:00"))
    page.curves.fetch_if_needed()
    assert len(source.asked) == asked
    page.curves.visit(at("2026-01-18T06:00"), at("2026-01-18T18:00"))
    page.curves.fetch_if_needed()
    assert len(source.asked) == asked + 1


def test_buckets_are_asked_for_again_where_the_view_needs_finer_ones(page, source):
    source.width_us = 60 * S
    page.go_to(Span(at("2026-01-01T00:00"), at("2026-01-11T00:00")))
    asked = len(source.asked)
    page.curves.visit(at("2026-01-05T00:00"), at("2026-01-06T00:00"))
    page.curves.fetch_if_needed()
    assert len(source.asked) == asked + 1


def test_a_historian_that_fails_says_why_and_can_be_asked_again(page, source):
    source.fails = "no answer within 1 s"
    page.fetch()
    assert "no answer" in page.parts.card.accessibleDescription()
    source.fails = ""
    page.fetch()
    assert page.parts.card.isHidden()


# ---- pens


def test_signals_are_found_by_typing_and_drawn(page):
    page.show()
    QTest.keyClicks(page.parts.search, "temperatura")
    QTest.keyClick(page.parts.search, Qt.Key.Key_Return)
    assert drawn(page) == [LEVEL, TEMPERATURE]


def drop(page, text):
    content = QMimeData()
    content.setData(SIGNAL_MIME, text.encode())
    page.dropEvent(
        QDropEvent(
            QPointF(500, 300),
            Qt.DropAction.CopyAction,
            content,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_a_signal_dropped_is_drawn_and_of_an_equipment_those_that_lead(page):
    drop(page, RUNNING)
    assert drawn(page) == [LEVEL, RUNNING]
    drop(page, "10EGB11BB001")
    assert drawn(page) == [LEVEL, RUNNING, TEMPERATURE]
    drop(page, "no such thing")
    assert drawn(page) == [LEVEL, RUNNING, TEMPERATURE]


def test_pens_are_hidden_removed_recoloured_and_reordered(page):
    page.show_signals([TEMPERATURE])
    pens = page.parts.pens
    pens.reordered.emit([TEMPERATURE, LEVEL])
    assert drawn(page) == [TEMPERATURE, LEVEL]
    pens.look_chosen.emit(LEVEL, 13)
    assert list(page.plot.looks) == [1, 13]
    pens.shown_changed.emit(TEMPERATURE, False)
    assert drawn(page) == [LEVEL]
    pens.removed.emit(LEVEL)
    assert [pen.kks for pen in page.pens.pens] == [TEMPERATURE]


def test_what_is_shown_is_remembered(page, pages):
    page.show_signals([TEMPERATURE])
    page.put_calculated(Calculated("doble", f'"{LEVEL}" * 2'))
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.plot.set_cursors(at("2026-01-15T06:00"), at("2026-01-15T12:00"))
    page.close_historian()
    again = pages([])
    assert drawn(again) == [LEVEL, TEMPERATURE, "=doble"]
    assert again.plot.span_us == (at("2026-01-15T00:00"), at("2026-01-16T00:00"))
    assert again.plot.cursors_us == page.plot.cursors_us


def test_a_saved_view_comes_back_whole(page):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.plot.set_ranges({"m": (2.0, 9.0)})
    page.save_view("Llenado")
    page.parts.pens.removed.emit(LEVEL)
    page.show_signals([TEMPERATURE])
    page.go_to(Span(at("2026-02-15T00:00"), at("2026-02-16T00:00")))
    (saved,) = page.views.views()
    page.show_view(saved)
    assert drawn(page) == [LEVEL]
    assert page.plot.span_us == (at("2026-01-15T00:00"), at("2026-01-16T00:00"))
    assert page.plot.ranges == {"m": (2.0, 9.0)}


# ---- figures


def test_the_table_says_values_at_both_cursors_and_is_copied_as_text(page):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.plot.set_cursors(at("2026-01-15T06:30"), at("2026-01-15T09:30"))
    page._show_figures()
    page.parts.sheet.copy_all()
    heading, row = QApplication.clipboard().text().splitlines()
    values = dict(zip(heading.split("\t"), row.split("\t"), strict=True))
    assert (values["A"], values["B"], values["Δ"]) == ("6,00", "9,00", "+3,00")


# ---- calculated signals


def test_a_calculated_signal_is_a_pen_like_others(page, source):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.put_calculated(Calculated("doble", f'"{LEVEL}" * 2'))
    assert drawn(page) == [LEVEL, "=doble"]
    assert page.plot.values_at(at("2026-01-15T07:30"))["=doble"] == 14.0
    page.parts.pens.removed.emit(LEVEL)
    page.curves.visit(at("2026-03-15T00:00"), at("2026-03-16T00:00"))
    page.curves.fetch_if_needed()
    assert source.asked[-1][0] == (LEVEL,)
    assert page.plot.values_at(at("2026-03-15T07:30"))["=doble"] == 14.0


def test_a_formula_whose_units_do_not_go_together_is_told_and_not_drawn(page):
    words.use("en")
    try:
        page.put_calculated(Calculated("x", f'"{LEVEL}" + "{TEMPERATURE}"'))
    finally:
        words.use("es")
    assert "m and °C" in page.parts.card.accessibleDescription()
    assert drawn(page) == [LEVEL]


# ---- live


def live(now, first_us, values):
    times = first_us + np.arange(len(values), dtype=np.int64) * S
    now.past = (times, np.asarray(values, float), np.full(times.size, int(Quality.GOOD), np.int16))


def test_live_goes_on_where_the_answer_ends_each_instant_once(page, now):
    page.go_to(last_hour())
    before = page.plot.pyramid(LEVEL).times_us
    live(now, int(before[-1]) - 5 * S, [7.0] * 30)
    page.refresh_live(now_us())
    page.refresh_live(now_us())
    times = page.plot.pyramid(LEVEL).times_us
    assert times.size == before.size + 24
    assert np.all(np.diff(times) > 0)


def test_calculated_signals_go_on_live_too(page, now):
    page.put_calculated(Calculated("doble", f'"{LEVEL}" * 2'))
    page.go_to(last_hour())
    last = int(page.plot.pyramid(LEVEL).times_us[-1])
    live(now, last + S, [7.0] * 5)
    page.refresh_live(now_us() + 10 * S)
    assert page.plot.values_at(last + 5 * S)["=doble"] == 14.0


def test_live_stays_away_from_a_span_of_the_past(page, now):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    before = len(page.plot.pyramid(LEVEL))
    live(now, now_us() - 30 * S, [7.0] * 30)
    page.refresh_live(now_us())
    assert len(page.plot.pyramid(LEVEL)) == before


# ---- other period, x over y


def test_another_period_is_asked_for_by_days_or_by_words(page, source):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.compare(7 * 24 * HOUR)
    assert source.asked[-1][1:3] == (at("2026-01-08T00:00"), at("2026-01-09T00:00"))
    bar = page.parts.bar
    bar.compare.setEditText("2026-01-02")
    bar._compare_chosen(bar.compare.currentIndex())
    # The second of January began at 23:00 UTC of the first.
    assert source.asked[-1][1] == at("2026-01-01T23:00")
    page.compare(0)
    asked = len(source.asked)
    page.curves.fetch_if_needed()
    assert len(source.asked) == asked


def test_one_signal_over_another_needs_two(page):
    page.parts.xy_button.setChecked(True)
    assert not page.parts.xy_button.isChecked()
    page.show_signals([TEMPERATURE])
    page.parts.xy_button.setChecked(True)
    page._show_figures()
    assert page.parts.xy.pairs.x.size > 100


# ---- notes


def test_a_note_is_written_changed_deleted_and_undone(page, memory):
    notes = page.notes
    notes.write(at("2026-01-15T06:00"), "medida manual")
    (note,) = memory.notes("sim-t1")
    assert (note.text, note.author) == ("medida manual", "ana")
    notes.edit(note, "medida 13,84 m")
    assert [n.text for n in memory.notes("sim-t1")] == ["medida 13,84 m"]
    notes.delete(notes.notes[0])
    assert not memory.notes("sim-t1")
    for text in ("medida 13,84 m", "medida manual"):
        QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert [n.text for n in memory.notes("sim-t1")] == [text]
    QTest.keyClick(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert [n.text for n in memory.notes("sim-t1")] == ["medida 13,84 m"]


def test_a_note_between_both_cursors_is_of_the_span(page, memory, monkeypatch):
    monkeypatch.setattr(NoteBox, "pop_up", lambda *_: None)
    page.plot.set_cursors(at("2026-01-15T06:00"), at("2026-01-15T08:00"))
    menu = page.notes.plot_menu(at("2026-01-15T07:00"))
    menu.actions()[0].trigger()
    box = page.findChild(NoteBox)
    box.text.setPlainText("llenado")
    box.keep()
    (note,) = memory.notes("sim-t1")
    assert (note.at_us, note.to_us) == (at("2026-01-15T06:00"), at("2026-01-15T08:00"))


def test_a_note_chosen_in_the_list_is_gone_to(page):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-16T00:00")))
    page.notes.write(at("2026-03-01T12:00"), "parada")
    page._go_to_note(page.notes.notes[0].id)
    assert page.plot.span_us == (at("2026-03-01T00:00"), at("2026-03-02T00:00"))


def test_a_note_that_cannot_be_kept_is_told(page, monkeypatch):
    def refuse(*_):
        raise OSError("notes.json cannot be read")

    monkeypatch.setattr(page.notes._memory, "put_note", refuse)
    page.notes.write(1, "x")
    assert "notes.json" in page.parts.card.accessibleDescription()
    assert not page.notes.undo()


def test_notes_of_another_program_are_shown(pages, memory):
    memory.put_note("sim-t1", Note(at("2026-01-15T06:00"), "turno B", "luis", 1))
    made = pages()
    assert "turno B" in made.plot.lane.accessibleDescription()


# ---- exports


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("what", ["drawn", "raw"])
def test_what_is_drawn_and_raw_samples_are_exported(page, tmp_path, ending, what):
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-15T02:00")))
    path = tmp_path / f"out.{ending}"
    page.exports.write_table(what, path)
    assert path.stat().st_size > 500
    rows = {"drawn": "720", "raw": "120"}[what]
    assert rows in page.parts.card.accessibleName()


def test_an_export_that_cannot_be_written_says_why(page, tmp_path):
    page.exports.write_table("raw", tmp_path / "none" / "out.csv")
    assert "none" in page.parts.card.accessibleName()


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_plot_is_exported_as_a_picture(page, tmp_path, ending):
    page.show()
    page.go_to(Span(at("2026-01-15T00:00"), at("2026-01-15T02:00")))
    path = tmp_path / f"out.{ending}"
    page.exports.write_picture(path)
    assert path.stat().st_size > 3000


def test_the_pens_menu_offers_colour_dash_order_and_removal(page):
    page.show_signals([TEMPERATURE])
    menu = page.parts.pens.menu(0)
    assert len(menu.actions()) == 5
    assert len(menu.actions()[0].menu().actions()) == 8


def test_the_calendar_gives_a_day_and_with_shift_the_days_up_to_another(qtbot, page):
    from datetime import date

    from widgets.span_bar import Calendar

    box = Calendar(page.plot.zone, (at("2026-01-15T00:00"), at("2026-01-16T00:00")), page)
    qtbot.addWidget(box)
    asked = []
    box.asked.connect(asked.append)
    box.choose(date(2026, 1, 10), to_last=False)
    assert asked[-1][:2] == (at("2026-01-09T23:00"), at("2026-01-10T23:00"))
    box.choose(date(2026, 1, 12), to_last=True)
    assert asked[-1][:2] == (at("2026-01-09T23:00"), at("2026-01-12T23:00"))


def test_a_pen_is_dragged_to_another_place(page):
    page.show_signals([TEMPERATURE])
    page.show()
    pens = page.parts.pens
    QTest.mousePress(pens, Qt.MouseButton.LeftButton, pos=QPoint(60, 20))
    QTest.mouseMove(pens, QPoint(60, 50))
    QTest.mouseMove(pens, QPoint(60, 78))
    QTest.mouseRelease(pens, Qt.MouseButton.LeftButton, pos=QPoint(60, 78))
    assert drawn(page) == [TEMPERATURE, LEVEL]
