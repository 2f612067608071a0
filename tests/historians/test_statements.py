"""The historian's SELECTs as both engines get them, and columns as HiveServer2 sends them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine

from data.historians import span_statements, statements, thrift_columns
from data.historians.hive_dialect import HiveDialect
from data.historians.statements import Days, What

DIALECT = HiveDialect()
WHAT = What("sim-r1", ("A", "B"), 0, 60_000_000, Days("1970-01-01", "1970-01-03", ("1970-01-02",)))
BOTH = [(statements.HISTORY, WHAT), (statements.HISTORY_ALL, WHAT)]


@pytest.mark.parametrize(
    "statement",
    [
        statements.samples(statements.HISTORY, WHAT, 100),
        statements.sample_buckets(statements.HISTORY_ALL, WHAT, 1000),
        statements.rollup_rows(statements.ROLLUPS["history_hour"], WHAT, 100),
        statements.rollup_buckets(statements.ROLLUPS["history_day"], WHAT, 1000),
        statements.last_samples(statements.HISTORY, WHAT),
        statements.day_rows(WHAT),
        span_statements.quality_counts(BOTH),
        span_statements.statistics(BOTH, 0, 60_000_000, 180.0),
        span_statements.excursions(BOTH, 0, 60_000_000, 5.0, {"A": 180.0, "B": 60.0}, above=True),
        span_statements.near_times(BOTH, 0, 1000),
        span_statements.near_windows(BOTH, [(0, 10), (50, 60)]),
    ],
    ids=[
        "samples",
        "sample_buckets",
        "rollup_rows",
        "rollup_buckets",
        "last_samples",
        "day_rows",
        "quality_counts",
        "statistics",
        "excursions",
        "near_times",
        "near_windows",
    ],
)
def test_every_statement_names_its_partitions_first_and_compiles_for_both_engines(statement: Any) -> None:
    for dialect, quote in ((DIALECT, "`"), (create_engine("duckdb://").dialect, "")):
        text = " ".join(str(statement.compile(dialect=dialect)).split())
        where = text[text.index("WHERE") :].replace(quote, "") if quote else text[text.index("WHERE") :]
        first, second, third = (
            re.search(pattern, where).start() for pattern in (r"\.refinery =", r"\.(day|month) BETWEEN", r"\.kks IN")
        )
        assert first < second < third
        assert "TIMESTAMP '1970-01-01 00:01:00.000000'" in where


def test_the_engines_differ_in_how_a_time_becomes_a_number_and_in_nothing_else() -> None:
    statement = statements.samples(statements.HISTORY, WHAT, 100)
    assert "CAST(CAST(`history`.`ts` AS DECIMAL(20,6)) * 1000000 AS BIGINT)" in " ".join(
        str(statement.compile(dialect=DIALECT)).split()
    )
    assert "epoch_us(history.ts)" in str(statement.compile(dialect=create_engine("duckdb://").dialect))


@pytest.mark.parametrize(
    ("values", "nulls", "expected"),
    [
        (np.array([1.0, 2.0, 3.0]), b"", [1.0, 2.0, 3.0]),
        (np.array([1, 2, 3]), b"\x02", [1.0, np.nan, 3.0]),
        (np.arange(10.0), b"\x01", [np.nan, *np.arange(1.0, 10.0)]),
        (np.array([], np.float64), b"", []),
    ],
)
def test_nulls_of_a_column_become_nan(values: np.ndarray, nulls: bytes, expected: list[float]) -> None:
    np.testing.assert_array_equal(thrift_columns._with_nulls(values, nulls), expected)
