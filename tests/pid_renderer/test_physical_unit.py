"""Units as vendors write them: the case of a prefix counts, and any other case only where it leaves no doubt."""

from __future__ import annotations

import pytest

from pid_renderer.physical_unit import sheet_unit_mm, to_si


@pytest.mark.parametrize(
    ("written", "factor", "unit"),
    [
        ("mW", 1e-3, "W"),
        ("MW", 1e6, "W"),
        ("kW", 1e3, "W"),
        ("mPa", 1e-3, "Pa"),
        ("MPa", 1e6, "Pa"),
        ("kPa", 1e3, "Pa"),
        ("mbar", 1e2, "Pa"),
        ("bar", 1e5, "Pa"),
        ("mJ", 1e-3, "J"),
        ("MJ", 1e6, "J"),
        ("mWh", 3.6, "J"),
        ("MWh", 3.6e9, "J"),
        ("mV", 1e-3, "V"),
        ("MV", 1e6, "V"),
        ("mA", 1e-3, "A"),
        ("MA", 1e6, "A"),
        ("mHz", 1e-3, "1/s"),
        ("MHz", 1e6, "1/s"),
    ],
)
def test_a_prefix_counts_in_its_own_case(written, factor, unit):
    value, found = to_si(2.0, written)
    assert (value, found) == (pytest.approx(2.0 * factor), unit)


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("KW", 2e3, "W"),
        ("KPA", 2e3, "Pa"),
        ("MBAR", 2e2, "Pa"),
        ("Bar(G)", 2e5, "Pa(g)"),
        ("M3/H", 2 / 3600, "m³/s"),
        ("MM", 2e-3, "m"),
        ("MegaWatt", 2e6, "W"),
        ("MilliPascal", 2e-3, "Pa"),
        ("DegreeCelsius", 275.15, "K"),
        ("k", 2.0, "K"),
    ],
)
def test_another_case_counts_where_only_one_unit_is_written_so(written, value, unit):
    assert to_si(2.0, written) == (pytest.approx(value), unit)


@pytest.mark.parametrize("written", ["mw", "Mw", "mpa", "MPA", "mj", "mwh", "MWH", "ma"])
def test_a_unit_whose_case_leaves_it_open_stays_as_written(written):
    assert to_si(2.0, written) == (2.0, written)


def test_a_sheets_unit_counts_in_any_case_and_only_if_it_is_a_length():
    assert [sheet_unit_mm(unit) for unit in ("mm", "MM", "Metre", "m", "INCH", "kg", "")] == [
        1.0, 1.0, 1000.0, 1000.0, 25.4, None, None,
    ]  # fmt: skip
