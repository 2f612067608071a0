"""Two thousand mutated P&IDs, and a harness that notices what it is for."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks.fuzz import campaign
from benchmarks.fuzz.__main__ import main
from benchmarks.fuzz.bases import Base, load
from benchmarks.fuzz.campaign import Limits
from benchmarks.fuzz.examine import Cases
from benchmarks.fuzz.mutate import mutant
from benchmarks.fuzz.seeds import SEEDS
from pid_renderer.reading import read_bytes

TIGHT = Limits(cpu_s=1.0, wall_s=60.0, growth_bytes=100_000_000)


def test_two_thousand_mutated_files_end_as_a_drawing_or_a_sentence():
    report = campaign.run(seed=2026, count=2000, jobs=2)
    assert [f"{finding.kind} (2026:{finding.number})\n{finding.text}" for finding in report.findings] == []
    assert report.files == 2000
    # A mutation that only breaks the XML tries the parser, not us.
    assert report.outcomes["drawn"] + report.outcomes["drawn and painted"] > 1000
    assert report.outcomes["drawn and painted"] > 20


@pytest.mark.parametrize(
    ("way", "kind", "limits"),
    [
        ("raising", "KeyError", TIGHT),
        ("computing", "hang", TIGHT),
        ("waiting", "hang", Limits(wall_s=0.5)),
        ("growing", "memory", TIGHT),
        ("dying", "crash 3", TIGHT),
    ],
)
def test_what_breaks_is_a_finding_and_the_files_after_it_are_tried_too(way: str, kind: str, limits: Limits):
    count = 12 if way == "raising" else 2
    report = campaign.run(1, count, 1, examiner=f"tests.pid_renderer.broken_ways:{way}", limits=limits)
    assert report.files == count
    assert {finding.kind.partition(" at ")[0].partition(": ")[0] for finding in report.findings} == {kind}
    if way == "raising":
        assert 0 < len(report.findings) < count
    else:
        assert [finding.number for finding in report.findings] == [0, 1]


def test_a_case_is_the_same_bytes_whenever_it_is_made():
    first, second = Cases(7), Cases(7)
    assert [first.make(number) for number in (0, 5, 400)] == [second.make(number) for number in (0, 5, 400)]
    assert first.make(1) != Cases(8).make(1)


def test_the_seeds_of_our_own_are_whole_drawings():
    for name, text in SEEDS.items():
        drawing = read_bytes(text.encode(), name)
        assert drawing.unread == (), name
        assert drawing.connections, name
        assert drawing.links, name
        assert drawing.primitives, name


def test_most_mutations_of_structure_leave_a_file_well_formed_and_changed():
    bases = load()[:2]
    made = [mutant(Random(number), bases) for number in range(200)]
    originals = {base.content for base in bases}
    assert sum(each.content in originals for each in made) < 10
    assert len({each.content for each in made}) > 180


def test_spans_of_a_base_are_whole_elements_values_and_texts():
    base = Base("b", b'<a x="1"><b id="n">t</b><c/></a>')
    assert [base.content[slice(*span)] for span in base.elements] == [b'<b id="n">t</b>', b"<c/>", base.content]
    assert [base.content[slice(*span)] for span in base.values] == [b"1", b"n"]
    assert [base.content[slice(*span)] for span in base.texts] == [b"t"]
    assert base.names == [b"n"]


def test_a_case_is_replayed_with_its_file_kept(tmp_path: Path, monkeypatch, capsys, qapp):
    monkeypatch.setattr("sys.argv", ["benchmarks.fuzz", "--replay", "2026:17", "--keep", str(tmp_path)])
    assert main() == 0
    (kept,) = tmp_path.glob("*.xml")
    assert kept.read_bytes() == Cases(2026).make(17)[0]
    assert str(kept) in capsys.readouterr().out
