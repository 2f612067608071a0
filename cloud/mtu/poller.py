"""One thread a device: connect, read its blocks on time, say what they hold; nothing else waits for it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from cloud.mtu import plc4x
from cloud.mtu.blocks import Block, Limits, Point, ShortAnswer, coalesce, halves, plan
from cloud.mtu.clock import Clock
from cloud.mtu.identity import Endpoint, Unreachable, endpoint, refusal
from cloud.mtu.plc4x import BadAddress, Connection, PlcLost, Refused
from cloud.mtu.tags import Codes, Floats, Rows, TagTable
from contracts.plant import Plc
from contracts.quality import Quality
from contracts.signal_list import Signal

_log = logging.getLogger(__name__)

RETRY_BAD_S: Final = 60.0
"""How often an address the device refused is tried again."""
_SMALL_READS: Final = 64
"""Extra reads a scan that look for a refused address; the search goes on in the next scan."""
_RECONNECT_S: Final = 0.5
_RECHECK_REFUSED_S: Final = 10.0
_NAMED: Final = 5
_DEVICE_WIDE: Final = frozenset({"REMOTE_BUSY", "RESPONSE_PENDING"})
"""Answers that say nothing about an address."""

Publish = Callable[[str, Sequence[tuple[str, bytes]], int], None]


class Reader(Protocol):
    """How a device is read; a connection, or a device of a test."""

    def read_raw(self, address: str) -> bytes:
        """The data bytes of one block. Raises `Refused` or `PlcLost`."""
        ...


@dataclass
class BlockGroup:
    """Modbus points with one scan period: the blocks that read them, and the points the device refuses."""

    limits: Limits
    blocks: list[Block]
    bad: dict[Point, Quality] = field(default_factory=dict)
    retry_at: float = field(default_factory=lambda: time.monotonic() + RETRY_BAD_S)

    def read(self, reader: Reader, tell: Callable[[Rows, Floats, Codes | None], None]) -> list[tuple[Point, str]]:
        """Read all blocks once and `tell` rows, raw values and qualities (None: as good as the values are).

        A refused block is halved until the refused points are found; they are then read no more, but told as bad and
        tried again now and then. Returns the points newly found bad, with PLC4X's code. Raises `PlcLost`.
        """
        waiting, done, found = deque(self.blocks), list[Block](), list[tuple[Point, str]]()
        small_reads, unfinished = _SMALL_READS, False
        while waiting:
            block = waiting.popleft()
            try:
                tell(block.rows, block.decode(reader.read_raw(block.address)), None)
            except (Refused, ShortAnswer) as error:
                refused = error if isinstance(error, Refused) else Refused("INVALID_DATA")
                if refused.code in _DEVICE_WIDE or (len(block.points) > 1 and small_reads <= 0):
                    self._tell_bad(block.points, refused.quality, tell)
                    unfinished = True
                elif len(block.points) > 1:
                    waiting.extendleft(reversed(halves(block)))
                    small_reads -= 2
                    continue
                else:
                    self.bad[block.points[0]] = refused.quality
                    found.append((block.points[0], refused.code))
                    continue
            done.append(block)
        if len(done) != len(self.blocks) or found:
            self.blocks = done if unfinished else coalesce(done, self.limits)
        self._retry(reader, tell)
        for point, quality in self.bad.items():
            self._tell_bad((point,), quality, tell)
        return found

    def _retry(self, reader: Reader, tell: Callable[[Rows, Floats, Codes | None], None]) -> None:
        if not self.bad or time.monotonic() < self.retry_at:
            return
        self.retry_at = time.monotonic() + RETRY_BAD_S
        healed = []
        for point in list(self.bad)[:_SMALL_READS]:
            block = Block((point,))
            quality = self.bad.pop(point)
            try:
                tell(block.rows, block.decode(reader.read_raw(block.address)), None)
                healed.append(block)
            except (Refused, ShortAnswer):
                # Behind the others, so that a long list gets its turn.
                self.bad[point] = quality
        if healed:
            self.blocks = coalesce([*self.blocks, *healed], self.limits)

    @staticmethod
    def _tell_bad(
        points: Sequence[Point], quality: Quality, tell: Callable[[Rows, Floats, Codes | None], None]
    ) -> None:
        rows = np.array([point.row for point in points], dtype=np.intp)
        tell(rows, np.full(len(rows), np.nan), np.full(len(rows), quality, dtype=np.int16))


@dataclass
class _Due:
    """What is read together every `scan_s`."""

    scan_s: float
    rows: list[int]
    at: float = 0.0
    at_once: bool = True
    """Read it now, and only then when it is due: a device that has come back is not kept waiting."""
    blocks: BlockGroup | None = None
    addresses: tuple[str, ...] = ()


class Poller:
    """Reads one device until it is stopped. Counters are for the report; only its thread writes them."""

    def __init__(
        self,
        refinery: str,
        plc: Plc,
        signals: Sequence[Signal],
        table: TagTable,
        clock: Clock,
        publish: Publish,
        stop: threading.Event,
    ) -> None:
        """Parses the addresses (Modbus; other drivers parse once connected). Raises ValueError for a bad connection."""
        self.name = plc.name
        self.state = "waiting for its first poll"
        self.good = False
        self.tried = False
        self.polled = 0
        self.late = 0
        self.reconnects = 0
        self.poll_ms = 0.0
        self._refinery = refinery
        self._signals = signals
        self._table = table
        self._clock = clock
        self._publish = publish
        self._stop = stop
        self._device: Endpoint = endpoint(plc.connection)
        self._bad_rows: list[int] = []
        fastest_s = min((signal.scan_s for signal in signals), default=plc.scan_s)
        # Short enough that a device that froze is known within two scans, and never shorter than a busy device needs.
        default_ms = round(950 * min(5.0, max(0.5, fastest_s)))
        self._timeout_ms = int(self._device.options.get("request-timeout", default_ms))
        mark = "&" if "?" in plc.connection else "?"
        given = "request-timeout" in self._device.options
        self._connection_text = plc.connection if given else f"{plc.connection}{mark}request-timeout={default_ms}"
        self._connection: Connection | None = None
        self._due = self._schedule()
        self._thread = threading.Thread(target=self._run, name=f"poll {plc.name}", daemon=True)

    def start(self, delay_s: float) -> None:
        """Begin `delay_s` from now: devices that begin together would poll together for ever."""
        for due in self._due:
            due.at = time.monotonic() + delay_s
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread's end after `stop` was set."""
        self._thread.join(timeout_s)

    def _schedule(self) -> list[_Due]:
        by_scan: dict[float, list[int]] = {}
        points: dict[int, Point] = {}
        modbus = self._device.scheme.startswith("modbus")
        limits = plc4x.modbus_limits(self._device) if modbus else Limits()
        order = plc4x.modbus_byte_order(self._device) if modbus else ""
        for row, signal in enumerate(self._signals):
            if modbus:
                try:
                    points[row] = plc4x.modbus_point(row, signal.address, order)
                except BadAddress as error:
                    _log.warning("%s: %s: %s", self.name, signal.kks, error)
                    self._bad_rows.append(row)
                    continue
            by_scan.setdefault(signal.scan_s, []).append(row)
        due = []
        for scan_s, rows in by_scan.items():
            if modbus:
                group = BlockGroup(limits, plan([points[row] for row in rows], limits))
                due.append(_Due(scan_s, rows, blocks=group))
            else:
                due.append(_Due(scan_s, rows, addresses=tuple(self._signals[row].address for row in rows)))
        return due

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._connection is None:
                    self._stop.wait(self._connect())
                else:
                    self._wait_and_scan()
            except Exception as error:  # noqa: BLE001 - a surprise with one device must show on its tags, not end them
                self._lose(f"{type(error).__name__}: {error}")
                self._stop.wait(_RECONNECT_S)
        if self._connection is not None:
            self._connection.drop()
        plc4x.end_thread()

    def _wait_and_scan(self) -> None:
        due = min(self._due, key=lambda each: 0.0 if each.at_once else each.at, default=None)
        wait_s = 1.0 if due is None else 0.0 if due.at_once else max(0.0, due.at - time.monotonic())
        if self._stop.wait(wait_s):
            return
        if due is None:
            self._tell_rows(self._bad_rows, Quality.CONFIGURATION_ERROR)
            self._now_good()
        else:
            self._scan(due)

    def _connect(self) -> float:
        """Try once; how long to wait before what comes next, in seconds."""
        try:
            why_not = refusal(self._refinery, self.name, self._device, self._timeout_ms / 1000)
            if why_not:
                self._bad_state(why_not, Quality.CONFIGURATION_ERROR)
                return _RECHECK_REFUSED_S
            self._connection = Connection(self._connection_text, self._timeout_ms)
        except (Unreachable, PlcLost) as error:
            self._bad_state(f"{self.name} is lost: {error}", Quality.COMM_FAILURE)
            return _RECONNECT_S
        self.reconnects += 1
        for due in self._due:
            due.at_once = True
        if not self._device.scheme.startswith("modbus"):
            self._check_addresses(self._connection)
        return 0.0

    def _check_addresses(self, connection: Connection) -> None:
        for due in self._due:
            kept = []
            for row in due.rows:
                wrong = connection.parses(self._signals[row].address)
                if wrong is None:
                    kept.append(row)
                else:
                    signal = self._signals[row]
                    _log.warning("%s: %s: %r: %s", self.name, signal.kks, signal.address, wrong)
                    self._bad_rows.append(row)
            due.rows = kept
            due.addresses = tuple(self._signals[row].address for row in kept)

    def _scan(self, due: _Due) -> None:
        assert self._connection is not None
        started = time.monotonic()
        try:
            self._connection.check()
            if due.blocks is not None:
                found = due.blocks.read(self._connection, self._tell_raw)
                self._log_refused(found)
            elif due.rows:
                self._read_tags(self._connection, due)
        except PlcLost as error:
            self._lose(str(error))
            return
        self._tell_rows(self._bad_rows, Quality.CONFIGURATION_ERROR)
        self._now_good()
        now = time.monotonic()
        self.poll_ms = 1000 * (now - started)
        if not due.at_once:
            due.at += due.scan_s
        if due.at < now:
            missed = int((now - due.at) / due.scan_s) + 1
            due.at += missed * due.scan_s
            self.late += 0 if due.at_once else missed
        due.at_once = False

    def _read_tags(self, connection: Connection, due: _Due) -> None:
        values, codes = connection.read_tags(due.addresses)
        rows = np.array(due.rows, dtype=np.intp)
        ok = np.array([code == "OK" for code in codes], dtype=bool)
        self._tell_raw(rows[ok], values[ok], None)
        qualities = np.array([Refused(code).quality for code in codes], dtype=np.int16)
        self._tell_raw(rows[~ok], np.full(int((~ok).sum()), np.nan), qualities[~ok])

    def _log_refused(self, found: list[tuple[Point, str]]) -> None:
        if not found:
            return
        named = ", ".join(
            f"{self._signals[point.row].kks} ({self._signals[point.row].address}: {code})"
            for point, code in found[:_NAMED]
        )
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        _log.warning("%s refuses %s%s; tried again every %.0f s", self.name, named, more, RETRY_BAD_S)

    def _now_good(self) -> None:
        refused = len(self._bad_rows) + sum(len(each.blocks.bad) for each in self._due if each.blocks)
        state = "good" if not refused else f"good, but {refused} of {len(self._table)} addresses cannot be read"
        if not self.good:
            _log.info("%s: %s", self.name, state)
        self.good, self.tried, self.state = True, True, state

    def _lose(self, why: str) -> None:
        if self._connection is not None:
            self._connection.drop()
            self._connection = None
        self._bad_state(f"{self.name} is lost: {why}", Quality.COMM_FAILURE)

    def _bad_state(self, text: str, quality: Quality) -> None:
        if text != self.state:
            _log.warning("%s", text)
        self.good, self.tried, self.state = False, True, text
        self._tell_rows([row for due in self._due for row in due.rows], quality)
        self._tell_rows(self._bad_rows, Quality.CONFIGURATION_ERROR)

    def _tell_rows(self, rows: list[int], quality: Quality) -> None:
        if rows:
            self._tell_raw(
                np.array(rows, dtype=np.intp), np.full(len(rows), np.nan), np.full(len(rows), quality, dtype=np.int16)
            )

    def _tell_raw(self, rows: Rows, raw: Floats, qualities: Codes | None) -> None:
        """Stamp, scale and publish what is new."""
        if not len(rows):
            return
        time_us = self._clock.stamp()
        if qualities is None:
            values, qualities = self._table.scale(rows, raw)
            self.polled += len(rows)
        else:
            values = raw
        for topic, events in self._table.events(rows, values, qualities, time_us).items():
            self._publish(topic, events, time_us)
