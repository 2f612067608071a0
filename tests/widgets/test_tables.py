import csv
from zipfile import ZipFile

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from contracts.quality import Quality
from data.reading import Reading
from tests.app.plants import LEVEL, TEMPERATURE, write_plant
from tests.widgets.now import NOON_US, Now
from widgets.navigator import by_product
from widgets.stock_rows import headings, rows
from widgets.table_files import Cell, write_csv, write_xlsx
from widgets.tables import Table, TableSheet


@pytest.fixture
def tank(tmp_path):
    return Now(write_plant(tmp_path), **{LEVEL: 9.0, TEMPERATURE: 30.0}).tank_now(LEVEL)


def test_a_tanks_row_shows_level_volumes_and_free_capacity(tank):
    texts = dict(zip(headings(), (cell.text for cell in rows([tank])[0]), strict=True))
    assert texts["Nivel, m"] == "9,000"
    assert texts["TOV, m³"] == "900"
    assert texts["Libre, m³"] == "900"
    assert texts["Calidad"] == "Buena"


def test_what_is_computed_from_an_old_reading_is_greyed(tank):
    old = tank._replace(reading=Reading(9.0, NOON_US, int(Quality.LAST_USABLE)))
    assert rows([old])[0][5].token == "quality.stale"
    assert rows([old])[0][-1].text == "Vieja"


def test_numbers_sort_as_numbers_and_unknown_ones_come_first(qtbot):
    table = Table(["n"], [True])
    sheet = TableSheet(table)
    qtbot.addWidget(sheet)
    table.show_rows([[Cell("10", 10.0)], [Cell("9", 9.0)], [Cell("—", None)]])
    sheet.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [sheet.model().index(row, 0).data() for row in range(3)] == ["—", "9", "10"]


def test_copying_gives_tab_separated_text_with_headings(qtbot):
    table = Table(["a", "b"], [False, True])
    sheet = TableSheet(table)
    qtbot.addWidget(sheet)
    table.show_rows([[Cell("x", "x"), Cell("1,5", 1.5)]])
    qtbot.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "a\tb\nx\t1,5"


def test_a_csv_holds_numbers_with_a_point(tmp_path):
    write_csv(tmp_path / "t.csv", ["a", "b"], [[Cell("1 234,5", 1234.5), Cell("—", None)]])
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["1234.5", "—"]]


def test_an_excel_sheet_holds_numbers(tmp_path):
    write_xlsx(tmp_path / "t.xlsx", "stock", ["a"], [[Cell("1 234,5", 1234.5)]])
    with ZipFile(tmp_path / "t.xlsx") as book:
        assert b"<v>1234.5</v>" in book.read("xl/worksheets/sheet1.xml")


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        write_xlsx(tmp_path / "nowhere" / "t.xlsx", "stock", ["a"], [])


def test_stock_by_product_has_no_total_while_one_tank_is_unknown(tank):
    unknown = tank._replace(inventory=type(tank.inventory)(None, None, 1800.0))
    assert by_product([tank, tank])[0].volume_m3 == pytest.approx(1800)
    assert by_product([tank, unknown])[0].volume_m3 is None
