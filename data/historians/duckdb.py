"""DuckDB as the historian's engine: the warehouse's tables declared over the Parquet files of a lake folder."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from duckdb_engine import ConnectionWrapper
from numpy.typing import NDArray
from sqlalchemy import Select, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from contracts import names, tables, views
from contracts.sample import now_us
from data.historians.asking import DayMark, Watch
from data.historians.disk_cache import DiskCache
from data.historians.historian import Columns, HistorianError, TimedOut
from data.historians.open_chunks import open_chunks
from data.historians.sql_historian import SqlHistorian

_TYPES: Final = {"STRING": "VARCHAR", "INT": "INTEGER"}
_DAY_TABLES: Final = {tables.HISTORY_TABLE: tables.HISTORY} | dict.fromkeys(tables.ROLLUP_SECONDS, tables.ROLLUP)
_CHUNK_TABLES: Final = (tables.RAW_TABLE, tables.OPEN_TABLE)
_POLL_S: Final = 0.1


def open_duckdb(
    lake: Path, refinery: str, clock: Callable[[], int] = now_us, cache: DiskCache | None = None
) -> SqlHistorian:
    """The past of one refinery in a lake folder. Raises `HistorianError` if there is no such folder."""
    return SqlHistorian(DuckDbEngine(lake, names.checked_id(refinery, "refinery")), refinery, clock, cache)


def write_catalog(lake: Path, refinery: str, path: Path) -> tuple[str, ...]:
    """Write a DuckDB file of the warehouse's tables and views over one refinery's files in a lake; their names.

    Raises `HistorianError` if there is no such lake, or the file cannot be written.
    """
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.unlink(missing_ok=True)
        DuckDbEngine(lake.resolve(), names.checked_id(refinery, "refinery"), aside).leave_as_catalog()
        aside.replace(path)
        with duckdb.connect(path, read_only=True) as catalog:
            found = catalog.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    except (duckdb.Error, OSError) as error:
        raise HistorianError(f"{path}: {_sentence(error)}") from error
    finally:
        aside.unlink(missing_ok=True)
    return tuple(name for (name,) in found)


class DuckDbEngine:
    """An in-memory DuckDB whose tables are views over the lake's files; sees new files at each statement.

    Of the tables with a file a day it has one refinery's, or every statement would list the folders of all.
    """

    def __init__(self, lake: Path, refinery: str, database: Path | str = ":memory:") -> None:
        if not lake.is_dir():
            raise HistorianError(f"{lake}: there is no such lake folder; start the lake writer or name another")
        self._lake, self._refinery = lake, refinery
        self._lock = threading.Lock()
        self._root = duckdb.connect(database)
        self._root.execute("SET enable_progress_bar = true")
        self._root.execute("SET enable_progress_bar_print = false")
        # A file that is replaced has another time of change, by which its footer is read anew.
        self._root.execute("SET parquet_metadata_cache = true")
        self._empty = set(self._files())
        self._open: list[str] = []
        self._engine = create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(self._root.cursor()), poolclass=NullPool
        )
        for name in (*self._empty, tables.OPEN_TABLE):
            self._root.execute(f"CREATE VIEW {name} AS {self._select(name)}")
        self._root.execute(_ALL_VIEW)
        self._root.execute(
            f"CREATE VIEW {tables.SIGNALS_VIEW} AS SELECT * FROM signals WHERE valid_to IS NULL"  # noqa: S608
        )
        for name in views.names():
            self._root.execute(f"CREATE VIEW {name} AS {views.select(name, 'duckdb')}")

    def run(self, statement: Select[Any], watch: Watch) -> Columns:
        """See `Engine.run`."""
        watch.cancel.check()
        try:
            self._see_new_files()
            with self._engine.connect() as connection:
                native = connection.connection.dbapi_connection
                assert native is not None
                with _Watcher(native, watch):
                    found = connection.execute(statement).cursor.fetchnumpy()
        except (DBAPIError, duckdb.Error) as error:
            watch.cancel.check()
            if time.monotonic() >= watch.deadline:
                raise TimedOut(f"no answer within {watch.timeout_s:g} s; ask for less time or fewer tags") from error
            raise HistorianError(f"{self._lake}: {_sentence(error)}") from error
        watch.cancel.check()
        answer = {name: _plain(values) for name, values in found.items()}
        watch.progress(1.0, len(next(iter(answer.values()))), "")
        return answer

    def loaded_days(self, refinery: str, watch: Watch) -> list[str]:
        """See `Engine.loaded_days`: a day is loaded once its partition folder holds a file."""
        watch.cancel.check()
        folder = self._lake / tables.HISTORY_TABLE / f"refinery={refinery}"
        return sorted({file.parent.name.removeprefix("day=") for file in folder.glob("day=*/*.parquet")})

    def day_marks(
        self, refinery: str, kks: Sequence[str], days: Sequence[str], watch: Watch
    ) -> Mapping[tuple[str, str], DayMark]:
        """See `Engine.day_marks`: by when a day's file was written, and its size."""
        watch.cancel.check()
        marks: dict[str, DayMark] = {}
        for day in days:
            with contextlib.suppress(FileNotFoundError):
                stat = (self._lake / names.day_file(tables.HISTORY_TABLE, refinery, day)).stat()
                marks[day] = DayMark(f"{stat.st_mtime_ns} {stat.st_size}")
        return {(tag, day): mark for tag in kks for day, mark in marks.items()}

    def leave_as_catalog(self) -> None:
        """Close, and leave views in the file that stay right: of all chunks, for which are open changes each day."""
        self._see_new_files()
        self._root.execute(
            f"CREATE OR REPLACE VIEW {tables.OPEN_TABLE} AS SELECT * FROM {tables.RAW_TABLE} "  # noqa: S608
            f"WHERE refinery = '{self._refinery}'"
        )
        self.close()

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.dispose()
        self._root.close()

    def _files(self) -> dict[str, str]:
        """Where each table's files lie, as a glob inside the lake; `history_open` has several, see `open_chunks`."""
        return (
            {
                name: f"{name}/refinery={self._refinery}/{tables.partition_columns(name)[-1].name}=*/*.parquet"
                for name in _DAY_TABLES
            }
            | {name: f"dimensions/{name}/*.parquet" for name in tables.DIMENSIONS}
            | {tables.RAW_TABLE: "raw/*/*/*/*/*.parquet"}
        )

    def _see_new_files(self) -> None:
        """A glob that matches nothing cannot be declared in DuckDB; look again for tables that were empty.

        And for folders of chunks that are new, or that the loader has done with.
        """
        with self._lock:
            present = [files for files in open_chunks(self._lake) if next(self._lake.glob(files), None) is not None]
            if present != self._open:
                raw = self._select(tables.OPEN_TABLE, *present)
                self._root.cursor().execute(f"CREATE OR REPLACE VIEW {tables.OPEN_TABLE} AS {raw}")
                self._open = present
            for name in tuple(self._empty):
                files = self._files()[name]
                if next(self._lake.glob(files), None) is not None:
                    self._root.cursor().execute(f"CREATE OR REPLACE VIEW {name} AS {self._select(name, files)}")
                    self._empty.remove(name)

    def _select(self, name: str, *files: str) -> str:
        """A table over `files` (globs inside the lake), or over nothing.

        Without `union_by_name`: it would open every file of every day for each statement.
        """
        partitioned = name in _DAY_TABLES
        if name in _CHUNK_TABLES:
            declared: Iterable[tables.Column] = tables.HISTORY_RAW
        else:
            declared = _DAY_TABLES.get(name) or tables.DIMENSIONS[name]
        if not files:
            extra = (
                tables.partition_columns(name) if partitioned else tables.RAW_PARTITION if name in _CHUNK_TABLES else ()
            )
            empty = ", ".join(f"NULL::{_duck_type(c)} AS {_quoted(c.name)}" for c in (*declared, *extra))
            return f"SELECT {empty} WHERE false"
        pattern = ", ".join("'{}'".format(f"{self._lake.as_posix()}/{each}".replace("'", "''")) for each in files)
        columns = ", ".join(f"CAST({_quoted(c.name)} AS {_duck_type(c)}) AS {_quoted(c.name)}" for c in declared)
        if partitioned:
            part = tables.partition_columns(name)[-1].name
            return (
                f"SELECT {columns}, refinery, {part} FROM read_parquet([{pattern}], "  # noqa: S608
                f"hive_partitioning = true, hive_types = {{'refinery': VARCHAR, '{part}': VARCHAR}})"
            )
        if name in _CHUNK_TABLES:
            return (
                f"SELECT {columns}, split_part(topic, '.', 1) AS refinery, "  # noqa: S608
                "parse_path(filename)[-4] AS zone, parse_path(filename)[-3] AS part, parse_path(filename)[-2] AS since "
                f"FROM read_parquet([{pattern}], filename = true)"
            )
        return f"SELECT {columns} FROM read_parquet([{pattern}])"  # noqa: S608


_ALL_VIEW: Final = f"""
CREATE VIEW {tables.ALL_VIEW} AS
SELECT kks, ts,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN v END) ELSE min(v) END AS v,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN q END) ELSE min(q) END AS q,
       refinery, day
FROM (SELECT kks, ts, v, q, refinery, day, 1 AS loaded FROM {tables.HISTORY_TABLE}
      UNION ALL
      SELECT kks, ts, v, q, refinery, strftime(ts, '%Y-%m-%d') AS day, 0 AS loaded FROM {tables.OPEN_TABLE})
GROUP BY refinery, day, kks, ts
"""  # noqa: S608 - names are ours
"""Each sample once: a loaded copy is preferred, copies of one sample in the raw chunks are one."""


class _Watcher:
    """Interrupts a statement that is cancelled or late, and reports how far it is."""

    def __init__(self, connection: Any, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="historian watch", daemon=True)

    def __enter__(self) -> None:
        self._calls = self._watch.cancel.calls(self._connection.interrupt)
        self._calls.__enter__()
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._calls.__exit__(None, None, None)

    def _run(self) -> None:
        while not self._done.wait(_POLL_S):
            # Again and again: an interrupt just before the statement begins is forgotten.
            if self._watch.cancel.is_set or time.monotonic() >= self._watch.deadline:
                self._connection.interrupt()
                continue
            percent = self._connection.query_progress()
            self._watch.progress(percent / 100 if percent >= 0 else None, 0, "")


def _duck_type(column: tables.Column) -> str:
    return _TYPES.get(column.hive_type, column.hive_type)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Without a mask: NULL becomes NaN in numbers and an empty text in texts."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if values.dtype.kind == "O":
        return np.asarray(values.filled(""), dtype=object)
    if values.dtype.kind == "f" or values.mask.any():
        return np.where(values.mask, np.nan, values.data.astype(np.float64))
    return np.asarray(values.data)


def _sentence(error: Exception) -> str:
    """DuckDB's own words, without its class name and the statement behind them."""
    text = str(getattr(error, "orig", None) or error).splitlines()[0]
    return re.sub(r"^\w+ Error: ", "", text)
