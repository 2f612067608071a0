"""Events on disk: order, crash, limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud.mtu.journal import Journal, JournalInUse, Position, TopicJournal

SEGMENT = 4096


@pytest.fixture
def opened():
    """Opens journals, several on one folder where a test plays a crash: the first is then never closed before."""
    journals: list[TopicJournal] = []

    def open_one(folder: Path, segment_bytes: int = SEGMENT) -> TopicJournal:
        journals.append(TopicJournal(folder, segment_bytes))
        return journals[-1]

    yield open_one
    for journal in journals:
        journal.close()


@pytest.fixture
def opened_all():
    """Opens the journals of several topics."""
    journals: list[Journal] = []

    def open_all(folder: Path, *topics: str) -> Journal:
        journals.append(Journal(folder, topics, 1 << 20))
        return journals[-1]

    yield open_all
    for journal in journals:
        journal.close()


def events(first: int, count: int = 3) -> list[bytes]:
    return [b'{"kks":"10EGB11CL001XQ01","ts":%d,"v":1.0,"q":192}' % number for number in range(first, first + count)]


def fill(journal: TopicJournal, frames: int) -> list[bytes]:
    written: list[bytes] = []
    for frame in range(frames):
        batch = events(1000 * frame)
        journal.append(batch, 1000 * frame)
        written += batch
    return written


def drain(journal: TopicJournal) -> list[bytes]:
    read: list[bytes] = []
    while (frame := journal.read()) is not None:
        read += frame.events
    return read


def test_events_come_back_in_order_and_byte_for_byte(opened, tmp_path):
    journal = opened(tmp_path)
    written = fill(journal, 200)
    assert drain(journal) == written
    assert journal.read() is None
    assert journal.buffered == 600


def test_after_a_crash_everything_not_acknowledged_comes_again(opened, tmp_path):
    journal = opened(tmp_path)
    written = fill(journal, 100)
    for _ in range(40):
        frame = journal.read()
    assert frame is not None
    journal.acknowledge(frame.end, 120)
    journal.store_position()
    again = opened(tmp_path)  # the first was never closed: a kill -9
    assert again.buffered == 180
    assert drain(again) == written[120:]


def test_acknowledged_segments_are_deleted(opened, tmp_path):
    journal = opened(tmp_path)
    fill(journal, 200)
    assert len(list(tmp_path.glob("*.log"))) > 5
    drain(journal)
    journal.acknowledge(journal.read_position, 600)
    assert len(list(tmp_path.glob("*.log"))) == 1
    assert journal.buffered == 0


def test_a_frame_torn_by_a_power_cut_is_cut_off_and_the_rest_is_read(opened, tmp_path):
    journal = opened(tmp_path, 1 << 20)
    written = fill(journal, 10)
    path = next(tmp_path.glob("*.log"))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 5)
    again = opened(tmp_path, 1 << 20)
    assert drain(again) == written[:-3]
    again.append(events(9), 99_000)
    assert drain(again) == events(9)


def test_a_damaged_frame_costs_the_rest_of_its_segment_and_is_counted(opened, tmp_path):
    journal = opened(tmp_path)
    written = fill(journal, 200)
    path = min(tmp_path.glob("*.log"))
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(content)
    read = drain(journal)
    assert journal.dropped > 0
    assert len(read) + journal.dropped == 600
    assert read == [event for event in written if event in set(read)]


def test_a_damaged_last_segment_does_not_stop_what_comes_after(opened, tmp_path):
    journal = opened(tmp_path, 1 << 20)
    fill(journal, 3)
    path = next(tmp_path.glob("*.log"))
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    assert drain(journal) == []
    journal.append(events(77), 77_000)
    assert drain(journal) == events(77)


def test_the_latest_time_survives_even_when_all_was_sent(opened, tmp_path):
    journal = opened(tmp_path)
    fill(journal, 200)
    drain(journal)
    journal.acknowledge(journal.read_position, 600)
    assert opened(tmp_path).last_time_us == 199_000


def test_over_the_limit_the_oldest_events_of_all_topics_go_and_are_counted(opened_all, tmp_path):
    journal = opened_all(tmp_path, "r1.a", "r1.b")
    older, newer = journal.topics["r1.a"], journal.topics["r1.b"]
    old_events = fill(older, 3000)
    for frame in range(3000, 6000):
        newer.append(events(1000 * frame), 1000 * frame)
    while (oldest := journal.oldest_over_limit()) is not None:
        assert oldest.drop_oldest() > 0
    assert journal.size <= 1 << 20
    assert older.dropped > newer.dropped
    kept = drain(older)
    assert kept == old_events[len(old_events) - len(kept) :]
    assert len(kept) + older.dropped == 9000
    assert older.buffered == len(kept)


def test_dropping_what_was_already_sent_loses_nothing(opened, tmp_path):
    journal = opened(tmp_path, 1 << 20)
    fill(journal, 10)
    drain(journal)
    journal.acknowledge(journal.read_position, 30)
    assert journal.drop_oldest() == 0
    assert journal.dropped == 0
    journal.append(events(5), 50_000)
    assert drain(journal) == events(5)


def test_rewinding_reads_from_the_first_unacknowledged_event(opened, tmp_path):
    journal = opened(tmp_path)
    written = fill(journal, 50)
    first = journal.read()
    assert first is not None
    journal.acknowledge(first.end, 3)
    drain(journal)
    journal.rewind()
    assert drain(journal) == written[3:]


def test_a_full_disk_leaves_whole_frames_only(opened, tmp_path, monkeypatch):
    journal = opened(tmp_path, 1 << 20)
    fill(journal, 2)

    class FullDisk:
        def __init__(self, file):
            self.file = file

        def write(self, data: bytes) -> int:
            return self.file.write(data[:10])

        def truncate(self, size: int) -> int:
            return self.file.truncate(size)

    real_file = journal._file
    monkeypatch.setattr(journal, "_file", FullDisk(real_file))
    with pytest.raises(OSError, match="no space"):
        journal.append(events(100), 100_000)
    monkeypatch.setattr(journal, "_file", real_file)
    journal.append(events(200), 200_000)
    assert drain(journal)[6:] == events(200)


def test_events_of_a_zone_that_is_no_longer_in_the_plant_are_still_found(opened_all, tmp_path):
    old = Journal(tmp_path, ["r1.gone"], 1 << 20)
    old.topics["r1.gone"].append(events(1), 1000)
    old.close()
    now = opened_all(tmp_path, "r1.new")
    assert set(now.topics) == {"r1.new", "r1.gone"}
    assert drain(now.topics["r1.gone"]) == events(1)


def test_a_stored_position_whose_segment_is_gone_means_the_next_one(opened, tmp_path: Path):
    journal = opened(tmp_path)
    fill(journal, 200)
    (tmp_path / "sent").write_text("0 9999999\n")
    again = opened(tmp_path)
    assert again.acknowledged == Position(1, 16)
    assert len(drain(again)) == 600


def test_two_gateways_never_write_one_journal(opened_all, tmp_path):
    opened_all(tmp_path, "r1.a")
    with pytest.raises(JournalInUse, match="is in use by another gateway"):
        Journal(tmp_path, ["r1.a"], 1 << 20)
