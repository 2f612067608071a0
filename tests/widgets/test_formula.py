import numpy as np
import pytest

from resources import words
from tests.app.plants import LEVEL, RUNNING, TEMPERATURE, write_plant
from widgets.formula import BadFormula, Calculated, line_of, read, signal_of
from widgets.lines import Line

TIMES = np.arange(4, dtype=np.int64) * 900_000_000
UNITS = {"a": "m", "b": "m³/h", "c": "mbar", "d": "bar", "t": "°C", "u": "°C", "p": "%", "x": "Prüfling"}


def computed(text, unit="", **values):
    lines = {tag: Line(TIMES, np.asarray(column, float)) for tag, column in values.items()}
    return line_of(Calculated("f", text, unit), lines, UNITS).mean.tolist()


def unit_of(text, tmp_path, unit=""):
    return signal_of(Calculated("f", text, unit), write_plant(tmp_path).by_kks)


@pytest.fixture(autouse=True)
def english():
    words.use("en")
    yield
    words.use("es")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"a" * 2', [2, 4, 6, 8]),
        ('= "a" * 2', [2, 4, 6, 8]),
        ('("a" + 1) / 2', [1, 1.5, 2, 2.5]),
        ('"a" ^ 2 - 1 * "a" * "a"', [0, 0, 0, 0]),
        ('-"a"', [-1, -2, -3, -4]),
        ('max("a", 2.5)', [2.5, 2.5, 3, 4]),
        ('min(2, "a")', [1, 2, 2, 2]),
        ('abs("a" - 3)', [2, 1, 0, 1]),
        ('sqrt("a" * "a")', [1, 2, 3, 4]),
        ('10 - "a"', [9, 8, 7, 6]),
        ('to("a", "mm")', [1000, 2000, 3000, 4000]),
    ],
)
def test_a_formula_is_computed_at_every_time(text, values):
    assert computed(text, a=[1, 2, 3, 4]) == pytest.approx(values)


def test_units_are_converted():
    assert computed('"d" + "c"', d=[1, 1, 1, 1], c=[500, 0, 0, 0]) == pytest.approx([1.5, 1, 1, 1])
    assert computed('"b"', unit="l/s", b=[3.6, 0, 0, 0])[0] == pytest.approx(1.0)


def test_degrees_are_subtracted_and_averaged():
    assert computed('"t" - "u"', t=[20, 20, 20, 20], u=[5, 0, 0, 0])[0] == pytest.approx(15)
    assert computed('"t" + 5', t=[20, 20, 20, 20])[0] == pytest.approx(25)
    assert computed('mean("t", "u")', t=[20, 20, 20, 20], u=[10, 0, 0, 0])[0] == pytest.approx(15)


def test_the_rate_is_per_hour():
    assert computed('rate("a")', a=[1, 2, 3, 4])[:3] == pytest.approx([4, 4, 4])


def test_a_value_holds_until_the_next_and_nothing_is_known_before_the_first():
    lines = {
        "a": Line(np.array([10, 30], np.int64), np.array([1.0, 2.0])),
        "b": Line(np.array([20], np.int64), np.array([5.0])),
    }
    line = line_of(Calculated("f", '"a" * "b"'), lines, {})
    assert line.times_us.tolist() == [10, 20, 30]
    assert np.isnan(line.mean[0])
    assert line.mean[1:].tolist() == [5.0, 10.0]


def test_a_bad_value_and_a_division_by_zero_are_nothing():
    found = computed('"a" / "b"', a=[1, np.nan, 1, 1], b=[0, 1, 1, 2])
    assert np.isnan(found[:2]).all()
    assert found[2:] == [1, 0.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write a formula"),
        ('"a" +', "cannot be read"),
        ("2 + 2", "no signal"),
        ("a * 2", "quotes"),
        ('"a" + "d"', "m and bar"),
        ('"t" * 2', "K"),
        ('exp("a")', "m"),
        ('open("a")', "open"),
        ('"a".real', "not part of a formula"),
        ('"a"[0]', "not part of a formula"),
        ('__import__("os")', "__import__"),
        ('"a" if True else "a"', "not part of a formula"),
        ('(lambda: "a")()', "not part of a formula"),
        ('"a" ** 1000', "8"),
        ('"a" ** "a"', "8"),
        ('sqrt("a", 2)', "1"),
        ('to("a", "bar")', "m and bar"),
        ("(" * 300 + '"a"' + ")" * 300, "formula"),
        ('"a"' + " + 1" * 90, "deep"),
        ('"a"' * 400, "500"),
    ],
)
def test_what_cannot_be_computed_is_told_in_one_sentence(text, said):
    ones = [1.0] * 4
    with pytest.raises(BadFormula, match=said) as told:
        computed(text, a=ones, b=ones, c=ones, d=ones, t=ones)
    assert "\n" not in str(told.value)


def test_a_pen_has_the_formulas_unit_and_range(tmp_path):
    pen = unit_of(f'"{LEVEL}" * 2', tmp_path)
    assert (pen.kks, pen.unit, pen.low, pen.high, pen.h, pen.stepped) == ("=f", "m", 0.0, 36.0, None, False)
    assert unit_of(f'"{LEVEL}" * "{LEVEL}"', tmp_path).unit == "m²"
    assert unit_of(f'"{TEMPERATURE}"', tmp_path).unit == "°C"
    assert unit_of(f'"{RUNNING}" * 100', tmp_path).unit == ""


def test_a_tag_that_the_plant_does_not_have_is_named(tmp_path):
    with pytest.raises(BadFormula, match="10XXX"):
        unit_of('"10XXX" * 2', tmp_path)


def test_a_unit_nobody_knows_agrees_with_itself_only():
    assert computed('"x" + "x"', x=[1, 1, 1, 1])[0] == 2
    with pytest.raises(BadFormula):
        computed('"x" + "a"', x=[1, 1, 1, 1], a=[1, 1, 1, 1])


def test_the_tags_of_a_formula_are_told():
    assert read('"a" + max("b", "a", 3) + to("c", "bar")').tags == ("a", "b", "c")
