import math
from pathlib import Path

import pytest

from analysis.stock import (
    BadStrapping,
    Strapping,
    ctl_60,
    group_of,
    inventory,
    read_strapping,
    shell_correction,
    vcf_15,
)

TABLE = Strapping((0.0, 1.0, 10.0), (0.0, 100.0, 1000.0))


@pytest.mark.parametrize(
    ("group", "density_15c", "celsius", "expected"),
    [
        ("crude", 850, 30, 0.98720),
        ("product", 835, 30, 0.98716),
        ("product", 740, 30, 0.98151),
        ("product", 780, 30, 0.98423),
        ("product", 800, 5, 1.00927),
        ("product", 920, 60, 0.96596),
        ("lube", 880, 45, 0.97847),
    ],
)
def test_the_volume_correction_to_15_degrees_equals_the_worked_values_of_d1250(group, density_15c, celsius, expected):
    assert vcf_15(density_15c, celsius, group) == pytest.approx(expected, abs=0.6e-5)


def test_the_correction_to_60_fahrenheit_equals_the_worked_value_of_api_35_crude_at_100_fahrenheit():
    density = 141.5 / (35 + 131.5) * 999.016
    assert ctl_60(density, (100 - 32) / 1.8, "crude") == pytest.approx(0.98096, abs=0.6e-5)


def test_the_correction_at_its_own_base_temperature_is_one():
    assert vcf_15(850, 15, "crude") == pytest.approx(1.0, abs=1e-12)


def test_a_density_or_temperature_outside_the_standard_has_no_correction():
    assert vcf_15(400, 30, "crude") is None
    assert vcf_15(850, 200, "crude") is None


def test_the_shell_correction_equals_the_published_examples():
    assert shell_correction(135, 80) == pytest.approx(1.00084, abs=0.5e-5)
    assert shell_correction(135, 88) == pytest.approx(1.00086, abs=0.5e-5)


def test_volume_is_linear_between_the_rows_of_the_strapping_table():
    assert TABLE.volume_m3(0.5) == pytest.approx(50)
    assert TABLE.volume_m3(5.5) == pytest.approx(550)
    assert TABLE.volume_m3(10.0) == 1000


def test_below_the_table_stands_its_first_volume_and_above_it_none():
    assert TABLE.volume_m3(-0.2) == 0
    assert TABLE.volume_m3(10.01) is None
    assert TABLE.volume_m3(math.nan) is None


def test_the_chain_runs_from_observed_volume_to_mass():
    held = inventory(TABLE, 5.0, 30.0, 850.0, "crude", free_water_m3=10, sediment_water_percent=0.5, ambient_c=20)
    assert held.tov_m3 == pytest.approx(500)
    assert held.gov_m3 == pytest.approx(490 * held.ctsh)
    assert held.gsv_m3 == pytest.approx(held.gov_m3 * 0.98720)
    assert held.nsv_m3 == pytest.approx(held.gsv_m3 * 0.995)
    assert held.mass_t == pytest.approx(held.gsv_m3 * 0.85)
    assert held.free_m3 == pytest.approx(500)
    assert held.percent == pytest.approx(50)


def test_without_temperature_the_chain_ends_at_the_observed_volume():
    held = inventory(TABLE, 5.0, None, 850.0, "crude")
    assert held.tov_m3 == pytest.approx(500)
    assert held.gov_m3 is None
    assert held.gsv_m3 is None


def test_liquefied_gas_has_no_standard_volume_because_the_standard_does_not_cover_it():
    assert group_of("lpg") is None
    assert inventory(TABLE, 5.0, 20.0, 540.0, group_of("lpg")).gsv_m3 is None


def test_an_unknown_level_leaves_every_volume_unknown():
    held = inventory(TABLE, None, 20.0, 850.0, "crude")
    assert (held.tov_m3, held.free_m3, held.mass_t) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("level_m,volume_m3\n0,0\n", "at least two"),
        ("level_m,volume_m3\n0,0\n2,5\n1,9\n", "line 4"),
        ("level_m,volume_m3\n0,0\n1,x\n", "could not convert"),
        ("level_m,volume_m3\n0,0\n1,nan\n", "finite"),
        ("a,b\n0,0\n", "level_m"),
        ("level_m,volume_m3\n0,0\n1\n", "cannot be read"),
    ],
)
def test_a_bad_strapping_table_is_named_with_its_fault(tmp_path: Path, text, part):
    file = tmp_path / "tank.csv"
    file.write_text(text)
    with pytest.raises(BadStrapping, match=part) as caught:
        read_strapping(file)
    assert "tank.csv" in str(caught.value)
