"""Events on disk between poll and Kafka: one folder a topic, append-only segments, and how far Kafka has them.

Every block of events is appended by one write before it is sent, and never flushed by itself: what was appended
survives the death of this process, while a power cut costs what the system had not written back yet (Linux: some 30 s)
of the events Kafka had not acknowledged. After a restart everything behind the last stored position is sent again, byte
for byte.

Segment `00000007.log`: magic and the latest source time before it, then frames: length, CRC-32, source time and count
(little-endian), and the events, one a line. All events of a frame have one source time.
"""

from __future__ import annotations

import errno
import io
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

_HEAD: Final = struct.Struct("<8sq")
_FRAME: Final = struct.Struct("<IIqI")
_MAGIC: Final = b"sinmtu1\n"
_POSITION_FILE: Final = "sent"


class Position(NamedTuple):
    """A place between two frames."""

    segment: int
    offset: int


class Frame(NamedTuple):
    """Events of one topic with one source time."""

    time_us: int
    events: tuple[bytes, ...]
    end: Position


@dataclass
class _Segment:
    number: int
    path: Path
    size: int
    records: int


class JournalInUse(RuntimeError):
    """Another process writes this journal; two would spoil it."""


class TopicJournal:
    """The journal of one topic. Not thread safe: its user holds a lock around it."""

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        """Opens or creates it; what a power cut left half-written at the end is cut off."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.dropped = 0
        """Events given up since this process began: over the limit, or unreadable."""
        self.last_time_us = 0
        """Latest source time ever appended."""
        self._segment_bytes = segment_bytes
        self._segments = [self._scan(path) for path in sorted(folder.glob("*.log"))]
        number = self._segments[-1].number if self._segments else self._stored_position().segment
        self._file: io.FileIO = self._start(number + 1)
        self.acknowledged = self._clamp(self._stored_position())
        """Everything before it is safely in Kafka."""
        self.read_position = self.acknowledged
        self.buffered = self._records_behind(self.acknowledged)
        """Events appended and not yet acknowledged."""
        self._reader: BinaryIO | None = None
        self._reader_segment = -1
        self._stored = self.acknowledged

    @property
    def end(self) -> Position:
        """Where the next frame will be written."""
        return Position(self._segments[-1].number, self._segments[-1].size)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    @property
    def first_time_us(self) -> int:
        """Roughly the age of the oldest segment: the latest time before it."""
        with self._segments[0].path.open("rb") as file:
            return int(_HEAD.unpack(file.read(_HEAD.size))[1])

    def append(self, events: Sequence[bytes], time_us: int) -> Position:
        """Write events of one source time behind the others; the position behind them. Raises OSError."""
        if self._segments[-1].size >= self._segment_bytes:
            self._roll()
        payload = b"\n".join(events)
        frame = _FRAME.pack(len(payload), zlib.crc32(payload), time_us, len(events)) + payload
        segment = self._segments[-1]
        _write(self._file, frame, segment.size)
        segment.size += len(frame)
        segment.records += len(events)
        self.buffered += len(events)
        self.last_time_us = max(self.last_time_us, time_us)
        return self.end

    def read(self) -> Frame | None:
        """The frame at `read_position`, which moves behind it; None at the end."""
        while self.read_position < self.end:
            number, offset = self.read_position
            segment = next(each for each in self._segments if each.number >= number)
            if segment.number > number:
                offset = _HEAD.size
            if offset >= segment.size:
                self.read_position = Position(number + 1, _HEAD.size)
                continue
            frame = self._read_at(segment, offset)
            if frame is not None:
                self.read_position = frame.end
                return frame
            # A damaged frame hides where the next one begins: the rest of its segment is lost, and counted.
            lost = segment.records - self._count(segment, offset)
            self._give_up(lost)
            if segment is self._segments[-1]:
                self._roll()
            self.read_position = Position(segment.number + 1, _HEAD.size)
        return None

    def rewind(self) -> None:
        """Read again from the first event that is not acknowledged."""
        self.read_position = self.acknowledged

    def acknowledge(self, position: Position, records: int) -> None:
        """Kafka has everything before `position`, `records` more than before; segments done with are deleted."""
        self.acknowledged = max(self.acknowledged, position)
        self.buffered = max(0, self.buffered - records)
        while self._segments[0].number < self.acknowledged.segment:
            self._remove_oldest()
        if self.acknowledged == self.end:
            self.buffered = 0

    def drop_oldest(self) -> int:
        """Delete the oldest segment, unsent events and all; how many events were given up."""
        if len(self._segments) == 1:
            self._roll()
        oldest = self._segments[0]
        start = Position(oldest.number + 1, _HEAD.size)
        lost = self._records_behind(self.acknowledged) - self._records_behind(max(start, self.acknowledged))
        self._remove_oldest()
        self.acknowledged = max(self.acknowledged, start)
        self.read_position = max(self.read_position, start)
        self._give_up(lost)
        return lost

    def store_position(self) -> None:
        """Write down how far Kafka has the events; cheap, and skipped when nothing changed."""
        if self.acknowledged == self._stored:
            return
        fresh = self.folder / f"{_POSITION_FILE}.new"
        fresh.write_text(f"{self.acknowledged.segment} {self.acknowledged.offset}\n", encoding="ascii")
        fresh.replace(self.folder / _POSITION_FILE)
        self._stored = self.acknowledged

    def close(self) -> None:
        """Store the position and close the files."""
        self.store_position()
        self._file.close()
        if self._reader is not None:
            self._reader.close()

    def _give_up(self, records: int) -> None:
        self.dropped += records
        self.buffered = max(0, self.buffered - records)

    def _roll(self) -> None:
        full, self._file = self._file, self._start(self._segments[-1].number + 1)
        full.close()

    def _start(self, number: int) -> io.FileIO:
        path = self.folder / f"{number:08d}.log"
        file = path.open("ab", buffering=0)
        try:
            _write(file, _HEAD.pack(_MAGIC, self.last_time_us), 0)
        except OSError:
            file.close()
            raise
        self._segments.append(_Segment(number, path, _HEAD.size, 0))
        return file

    def _remove_oldest(self) -> None:
        oldest = self._segments.pop(0)
        if self._reader is not None and self._reader_segment == oldest.number:
            self._reader.close()
            self._reader = None
        oldest.path.unlink(missing_ok=True)

    def _scan(self, path: Path) -> _Segment:
        """Walk a segment's frames by their lengths; cut off what is torn at its end."""
        size, records = 0, 0
        total = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
            if len(head) == _HEAD.size and head.startswith(_MAGIC):
                size = _HEAD.size
                self.last_time_us = max(self.last_time_us, _HEAD.unpack(head)[1])
                while len(header := file.read(_FRAME.size)) == _FRAME.size:
                    length, _crc, time_us, count = _FRAME.unpack(header)
                    if file.tell() + length > total:
                        break
                    file.seek(length, os.SEEK_CUR)
                    size, records = file.tell(), records + count
                    self.last_time_us = max(self.last_time_us, time_us)
        if size < total:
            os.truncate(path, size)
        return _Segment(int(path.stem), path, size, records)

    def _read_at(self, segment: _Segment, offset: int) -> Frame | None:
        if self._reader is None or self._reader_segment != segment.number:
            if self._reader is not None:
                self._reader.close()
            self._reader, self._reader_segment = segment.path.open("rb"), segment.number
        self._reader.seek(offset)
        header = self._reader.read(_FRAME.size)
        if len(header) < _FRAME.size:
            return None
        length, crc, time_us, count = _FRAME.unpack(header)
        payload = self._reader.read(length) if offset + _FRAME.size + length <= segment.size else b""
        if len(payload) < length or zlib.crc32(payload) != crc:
            return None
        events = tuple(payload.split(b"\n"))
        if len(events) != count:
            return None
        return Frame(time_us, events, Position(segment.number, offset + _FRAME.size + length))

    def _count(self, segment: _Segment, until: int) -> int:
        """Events of a segment before the offset `until`."""
        records, offset = 0, _HEAD.size
        with segment.path.open("rb") as file:
            while offset < until:
                file.seek(offset)
                length, _crc, _time_us, count = _FRAME.unpack(file.read(_FRAME.size))
                offset += _FRAME.size + length
                records += count
        return records

    def _records_behind(self, position: Position) -> int:
        records = 0
        for segment in self._segments:
            if segment.number > position.segment:
                records += segment.records
            elif segment.number == position.segment:
                records += segment.records - self._count(segment, min(position.offset, segment.size))
        return records

    def _clamp(self, position: Position) -> Position:
        """A stored position as one that exists: its segment may be gone, or shorter after a power cut."""
        for segment in self._segments:
            if segment.number == position.segment:
                return Position(segment.number, min(max(position.offset, _HEAD.size), max(segment.size, _HEAD.size)))
            if segment.number > position.segment:
                return Position(segment.number, _HEAD.size)
        return Position(self._segments[0].number, _HEAD.size)

    def _stored_position(self) -> Position:
        try:
            segment, offset = (self.folder / _POSITION_FILE).read_text(encoding="ascii").split()
            return Position(int(segment), int(offset))
        except (OSError, ValueError):
            return Position(0, 0)


def _write(file: io.FileIO, data: bytes, at: int) -> None:
    """Append all of `data` or nothing: a full disk may take a part, and what follows must begin at a frame's border."""
    try:
        written = file.write(data)
    except OSError:
        file.truncate(at)
        raise
    if written != len(data):
        file.truncate(at)
        raise OSError(errno.ENOSPC, "no space left")


def _locked(folder: Path) -> IO[str]:
    """A file that stays locked as long as it is open; a process that dies lets it go. Without effect on Windows."""
    file = (folder / "lock").open("a", encoding="ascii")
    try:
        import fcntl
    except ImportError:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise JournalInUse(f"{folder} is in use by another gateway; give each one its own --state") from error
    return file


class Journal:
    """The journals of all topics under one limit of bytes on disk."""

    def __init__(self, folder: Path, topics: Sequence[str], limit_bytes: int) -> None:
        """Topics found on disk are opened too: events of a zone that was renamed are still to be sent.

        Raises `JournalInUse` or OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder)
        self.limit_bytes = limit_bytes
        segment_bytes = min(8 << 20, max(64 << 10, limit_bytes // 64))
        known = dict.fromkeys((*topics, *sorted(path.name for path in folder.iterdir() if path.is_dir())))
        self.topics = {topic: TopicJournal(folder / topic, segment_bytes) for topic in known}

    @property
    def last_time_us(self) -> int:
        """Latest source time ever appended."""
        return max((topic.last_time_us for topic in self.topics.values()), default=0)

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(topic.size for topic in self.topics.values())

    def oldest_over_limit(self) -> TopicJournal | None:
        """The topic whose oldest segment must go because the limit is reached, or None."""
        if self.size <= self.limit_bytes:
            return None
        return min(self.topics.values(), key=lambda topic: topic.first_time_us if topic.size > _HEAD.size else 1 << 62)

    def close(self) -> None:
        """Store all positions and let the folder go."""
        for topic in self.topics.values():
            topic.close()
        self._lock.close()
