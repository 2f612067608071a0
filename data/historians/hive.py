"""HiveServer2 as the historian's engine: statements run there without blocking, and come back as columns."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyhive.exc import Error as PyHiveError
from sqlalchemy import Select, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from TCLIService.ttypes import TOperationState
from thrift.Thrift import TException
from thrift.transport.TTransport import TTransportException

from contracts import names, tables
from contracts.sample import now_us
from data.historians import (
    hive_dialect,  # noqa: F401 - registers hive+sinoptico
    statements,
    thrift_columns,
)
from data.historians.asking import DayMark, Watch
from data.historians.disk_cache import DiskCache
from data.historians.historian import Columns, HistorianError, TimedOut
from data.historians.sql_historian import SqlHistorian
from data.historians.statements import Days, What, day_start_us

_POLL_S: Final = 0.05
_FETCH_ROWS: Final = 50_000
_ANSWER_S: Final = 130.0
"""How long the server may say nothing at all; a thread that was given up does not wait for it for ever."""
_MARKS_KEPT: Final = 100
_DAYS_KEPT_S: Final = 30.0
"""A day loaded meanwhile is read from `history_all`, which has it too: only a little slower."""

_RUNNING: Final = {
    TOperationState.INITIALIZED_STATE,
    TOperationState.PENDING_STATE,
    TOperationState.RUNNING_STATE,
}


def open_hive(
    place: str, refinery: str, clock: Callable[[], int] = now_us, cache: DiskCache | None = None
) -> SqlHistorian:
    """The past of one refinery at `hive://[login[:password]@]host:port[/database]`. Raises `HistorianError`."""
    return SqlHistorian(HiveEngine(place), refinery, clock, cache)


class HiveEngine:
    """A few sessions with one HiveServer2. A call that is given up goes on closing its session behind the scenes."""

    def __init__(self, place: str) -> None:
        try:
            url = make_url(place).set(drivername="hive+sinoptico")
        except (ArgumentError, ValueError) as error:
            raise HistorianError(f"{place}: expected hive://host:port, e.g. hive://127.0.0.1:10000") from error
        self._place = f"{url.host or '127.0.0.1'}:{url.port or 10_000}"
        if "timeout_s" not in url.query:
            url = url.update_query_dict({"timeout_s": str(_ANSWER_S)})
        try:
            self._engine = create_engine(url, pool_size=2, max_overflow=6, pool_recycle=1800)
        except ArgumentError as error:
            raise HistorianError(f"{place}: {error}") from error
        self._days: dict[str, tuple[float, list[str]]] = {}
        self._marks: dict[tuple[str, tuple[str, ...], str, str], tuple[float, dict[tuple[str, str], DayMark]]] = {}

    def run(self, statement: Select[Any], watch: Watch) -> Columns:
        """See `Engine.run`."""
        compiled = statement.compile(self._engine, compile_kwargs={"render_postcompile": True})
        names = [str(column.key) for column in statement.selected_columns]
        columns = self._call(str(compiled), dict(compiled.construct_params()), watch)
        return dict(zip(names, columns, strict=True))

    def loaded_days(self, refinery: str, watch: Watch) -> list[str]:
        """See `Engine.loaded_days`."""
        seen, days = self._days.get(refinery, (float("-inf"), []))
        if time.monotonic() - seen > _DAYS_KEPT_S:
            statement = f"SHOW PARTITIONS {tables.HISTORY_TABLE} PARTITION (refinery='{refinery}')"
            (partitions,) = self._call(statement, None, watch)
            days = sorted(str(text).rpartition("day=")[2] for text in partitions)
            self._days[refinery] = (time.monotonic(), days)
        return days

    def day_marks(
        self, refinery: str, kks: Sequence[str], days: Sequence[str], watch: Watch
    ) -> Mapping[tuple[str, str], DayMark]:
        """See `Engine.day_marks`: by what the daily roll-up says of each, for Hive does not tell of files."""
        asked = (refinery, tuple(kks), days[0], days[-1])
        seen, marks = self._marks.get(asked, (float("-inf"), {}))
        if time.monotonic() - seen > _DAYS_KEPT_S:
            whole = Days(days[0], days[-1])
            what = What(refinery, kks, day_start_us(days[0]), day_start_us(days[-1], 1), whole)
            found = self.run(statements.day_rows(what), watch)
            rows = zip(*(found[name].tolist() for name in found), strict=True)
            marks = {(tag, names.day_of(us)): DayMark(repr((n, told)), n) for tag, us, n, *told in rows}
            if len(self._marks) >= _MARKS_KEPT:
                self._marks.clear()
            self._marks[asked] = (time.monotonic(), marks)
        return marks

    def close(self) -> None:
        """See `Engine.close`."""
        self._engine.dispose()

    def _call(self, sql: str, parameters: dict[str, Any] | None, watch: Watch) -> list[NDArray[Any]]:
        """Run it in a thread of its own: a person who cancels does not wait for a server that is busy compiling."""
        work = _Work(self._engine, sql, parameters, watch)
        with watch.cancel.calls(work.given_up.set):
            threading.Thread(target=work.run, name="hive statement", daemon=True).start()
            while not work.done.wait(_POLL_S):
                if watch.cancel.is_set or time.monotonic() >= watch.deadline:
                    break
        if not work.done.is_set():
            work.given_up.set()
            watch.cancel.check()
            raise TimedOut(f"Hive gave no answer within {watch.timeout_s:g} s; ask for less time or fewer tags")
        watch.cancel.check()
        if work.error is not None:
            raise HistorianError(f"Hive at {self._place}: {sentence(work.error)}") from work.error
        return work.columns


class _Work:
    """One statement, in its own thread."""

    def __init__(self, engine: Any, sql: str, parameters: dict[str, Any] | None, watch: Watch) -> None:
        self.given_up = threading.Event()
        self.done = threading.Event()
        self.error: Exception | None = None
        self.columns: list[NDArray[Any]] = []
        self._engine, self._sql, self._parameters, self._watch = engine, sql, parameters, watch
        self._rows = 0

    def run(self) -> None:
        try:
            self._run()
        except (PyHiveError, TException, OSError, ArithmeticError, ValueError) as error:
            self.error = error
        finally:
            self.done.set()

    def _run(self) -> None:
        connection, cursor = self._begin()
        finished = False
        try:
            if self._wait(cursor):
                self._fetch(connection, cursor)
            finished = not self.given_up.is_set()
        finally:
            with contextlib.suppress(PyHiveError, TException, OSError):
                if not finished:
                    cursor.cancel()
                cursor.close()
            # A session that was given up or failed is not used again.
            (connection.close if finished else connection.invalidate)()

    def _begin(self) -> tuple[Any, Any]:
        """A cursor on which the statement runs. A pooled session may have died since: then once more on a new one."""
        for fresh in (False, True):
            connection = self._engine.raw_connection()
            cursor = connection.cursor()
            try:
                cursor.execute(self._sql, self._parameters, async_=True)
            except (TTransportException, OSError, PyHiveError) as error:
                gone = not isinstance(error, PyHiveError) or self._engine.dialect.is_disconnect(error, None, None)
                connection.invalidate()
                if fresh or not gone or _timed_out(error):
                    raise
                self._engine.dispose()
            except BaseException:
                connection.close()
                raise
            else:
                break
        return connection, cursor

    def _wait(self, cursor: Any) -> bool:
        """True once the statement has finished, False if it was given up."""
        pause = 0.005
        while not self.given_up.is_set():
            state = cursor.poll(get_progress_update=False)
            if state.operationState not in _RUNNING:
                if state.operationState != TOperationState.FINISHED_STATE:
                    raise PyHiveError(state.errorMessage or "the server ended the statement")
                return True
            if progress := _progress("\n".join(cursor.fetch_logs())):
                self._watch.progress(progress[0], 0, progress[1])
            self.given_up.wait(pause)
            pause = min(pause * 2, _POLL_S)
        return False

    def _fetch(self, connection: Any, cursor: Any) -> None:
        native, operation = connection.dbapi_connection, cursor._operationHandle  # noqa: SLF001 - PyHive hides it
        parts: list[list[NDArray[Any]]] = []
        while not self.given_up.is_set():
            part = thrift_columns.fetch(native.client, operation, _FETCH_ROWS)
            parts.append(part)
            if not part or not len(part[0]):
                break
            self._rows += len(part[0])
            self._watch.progress(None, self._rows, "")
        # The last, empty part tells the types where there is no row at all.
        full = [part for part in parts if len(part) and len(part[0])] or parts[-1:]
        self.columns = [np.concatenate(column) for column in zip(*full, strict=True)]


def _progress(log: str) -> tuple[float, str] | None:
    """How far MapReduce is, by the last such line: `Stage-1 map = 11%,  reduce = 0%`."""
    found = re.findall(r"(Stage-\d+) map = (\d+)%,\s+reduce = (\d+)%", log)
    if not found:
        return None
    stage, mapped, reduced = found[-1]
    return (int(mapped) + int(reduced)) / 200, stage


_KNOWN: Final = (
    (r"Error validating the login", "login or password is wrong"),
    (
        r"([Tt]able (?:or view )?not found:? '?[\w.]*'?|Invalid table alias or column reference '?\w+'?)",
        r"\1; bring its tables up to date with: python -m cloud.warehouse apply --hive HOST:PORT",
    ),
    (r"Database does not exist: (\w+)", r"there is no database \1"),
    (
        r"(?:user|Principal) \[(?:name=)?(\w+)[^\]]*\] does not have .*?privileges?.*?(?:name=| on \[)([\w./]+)",
        r"\1 may not read \2",
    ),
    (r"OutOfMemory|GC overhead|Java heap space", "the server has too little memory for this; ask for less time"),
    (
        r"(?:return code|Execution Error).*(?:MapRedTask|TezTask|SparkTask)",
        "the server could not run it; its log says why",
    ),
    (r"Could not find (?:file|path)|FileNotFoundException|Input path does not exist", "a file of the lake is gone"),
)
"""What Hive says, and what that means to a person."""


def sentence(error: Exception) -> str:
    """What went wrong in one sentence, without Java's class names and stack."""
    status = getattr(error.args[0] if error.args else None, "status", None)
    told = str(getattr(status, "errorMessage", None) or error).strip()
    told = re.sub(r"^(Error while (compiling|processing) statement: )+", "", told.splitlines()[0] if told else "")
    for theirs, ours in _KNOWN:
        if found := re.search(theirs, told):
            return found.expand(ours)
    if _timed_out(error):
        return "it takes connections but says nothing"
    if isinstance(error, ConnectionRefusedError | TimeoutError):
        return "it does not answer; is it running, and is the port right?"
    if isinstance(error, TException | OSError):
        return f"the connection broke ({told or type(error).__name__})"
    return told[:300] or type(error).__name__


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TTransportException) and error.type == TTransportException.TIMED_OUT
