"""Where an unbound signal probably belongs: candidates with a score from 0 to 1 and the reasons in words.

Each kind of evidence has a weight w; what speaks for a pair is combined as 1 − Π(1 − w), as if the pieces were
independent. Evidence that names the element (its loop, its tag in the description) can carry a pair far; class, words
and unit alone cannot, and a rival nearly as good takes certainty away. The weights were set by hand, and are no
probabilities: tests hold what matters, that the first is nearly always right and nothing wrong comes near 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from contracts import kks as kks_code
from contracts import tags
from contracts.number_text import Language
from contracts.signal_list import Signal
from pid_renderer.binding import LIVE_FAMILIES, Binding
from pid_renderer.decisions import Decisions
from pid_renderer.drawing import Drawing, Element
from pid_renderer.evidence import (
    FAMILY_WORDS,
    FITS,
    KEY_FAMILIES,
    REASONS,
    UNITS,
    Reason,
    folded,
    group_of,
    named,
    said,
    words,
)

LEAST: Final = 0.1
"""Weaker candidates are not worth a person's time."""
MOST: Final = 5
_ALL_PAIRS: Final = 30_000
"""Up to so many pairs each is looked at; beyond, only those that share a number, a tag or a neighbour."""
_NAMELESS: Final = 0.6
"""What evidence is worth that names no element."""
_CAP: Final = 0.97
_RIVAL: Final = 0.6

_MEASURED: Final = frozenset(tags.MEASURED.values())
_NAMING: Final = frozenset({"tag", "loop", "number", "named", "listed loop", "misread"})


class Proposal(NamedTuple):
    """A signal and an element it may belong to."""

    signal: str
    element: str
    """Id of the element."""
    score: float
    """0 to 1."""
    reasons: tuple[Reason, ...]

    def why(self, language: Language) -> str:
        """The reasons in words, the strongest first."""
        ordered = sorted(self.reasons, key=lambda reason: -reason.weight)
        return "; ".join(
            REASONS[reason.kind][language].format(
                what=", ".join(said(each, language) for each in reason.what.split(", "))
            )
            for reason in ordered
        )


@dataclass(frozen=True)
class Proposals:
    """Candidates for what is unbound, the best first."""

    by_signal: Mapping[str, tuple[Proposal, ...]] = field(default_factory=dict)

    @cached_property
    def by_element(self) -> dict[str, tuple[Proposal, ...]]:
        """The same by element id."""
        found: dict[str, list[Proposal]] = defaultdict(list)
        for proposals in self.by_signal.values():
            for proposal in proposals:
                found[proposal.element].append(proposal)
        return {id_: tuple(sorted(each, key=lambda p: (-p.score, p.signal))[:MOST]) for id_, each in found.items()}

    def best(self, signal: str) -> Proposal | None:
        """The first candidate of a signal."""
        return next(iter(self.by_signal.get(signal, ())), None)


def propose(drawing: Drawing, binding: Binding, decisions: Decisions | None = None) -> Proposals:
    """Candidates for each unbound signal; what a person refused or declared foreign to the drawing is left out."""
    return _Search(drawing, binding, Decisions() if decisions is None else decisions).run()


class _Candidate:
    """What is known of an element that does not depend on the signal."""

    def __init__(self, element: Element, code: str) -> None:
        self.element = element
        # A valve goes by its actuator's tag; what a mapping table gave a KKS is still named by its own in descriptions.
        self.name = element.tag if kks_code.is_kks(code) and element.tag else code
        self.key = tags.scheme("isa").key(self.name)
        self.isa = tags.isa(self.name)
        self.kks = kks_code.parse(code) if kks_code.is_kks(code) else None
        description = " ".join(
            attribute.text for name, attribute in element.attributes.items() if "descri" in name.lower()
        )
        self.words = words(f"{description} {element.component_class} {element.family}")
        self.meant = kks_code.suggestion(element.tag)
        self.measures = ""
        if element.family == "instrument":
            if self.isa is not None:
                self.measures = self.isa.measures or tags.MEASURED.get(self.isa.letters, "")
            elif self.kks is not None and self.kks.unit_key[:1] in ("C", "D", "F"):
                self.measures = tags.MEASURED.get(self.kks.unit_key[1], "")


class _Sought:
    """What is known of a signal that does not depend on the element."""

    def __init__(self, signal: Signal) -> None:
        self.signal, self.role = signal, signal.role
        self.code = kks_code.parse(signal.kks) if kks_code.is_kks(signal.kks) else None
        if self.code is not None and not self.code.unit_key:
            self.code = None
        self.isa = tags.isa(signal.kks) if self.code is None else None
        key = tags.scheme("isa").key
        self.key, self.loop = key(signal.kks), key(signal.loop) if signal.loop else ""
        self.named, self.words = named(signal.description), words(signal.description)
        self.families = self.words & FAMILY_WORDS
        self.group = group_of(signal)
        self.measured = signal.role in _MEASURED
        self.unit_agrees = UNITS.get(folded(signal.unit)) == signal.role


class _Search:
    def __init__(self, drawing: Drawing, binding: Binding, decisions: Decisions) -> None:
        self.drawing, self.binding, self.decisions = drawing, binding, decisions
        foreign = {row.signal for row in decisions.by_signal.values() if row.verdict == "unbound"}
        self.signals = [_Sought(signal) for signal in binding.unbound_signals if signal.kks not in foreign]
        self.candidates = {
            id_: _Candidate(drawing.elements[id_], code)
            for code, id_ in binding.element_ids.items()
            if drawing.elements[id_].family in LIVE_FAMILIES
        }
        self.by_key: dict[str, list[str]] = defaultdict(list)
        self.by_number: dict[str, list[str]] = defaultdict(list)
        for id_, candidate in self.candidates.items():
            self.by_key[candidate.key].append(id_)
            if candidate.meant:
                self.by_key[candidate.meant].append(id_)
            if candidate.isa is not None:
                number = candidate.isa.loop[1]
                for each in {number, number.partition(".")[0]}:
                    self.by_number[each].append(id_)
        self.taken = {
            (binding.element_ids[code], signal.role)
            for code, signals in binding.signals_at.items()
            for signal in signals
        }
        self.group_at = self._groups()
        self.near: dict[str, dict[str, str]] = {}

    def run(self) -> Proposals:
        """Score every likely pair, then let rivals weaken each other."""
        everything = len(self.signals) * len(self.candidates) <= _ALL_PAIRS
        scored: dict[str, list[Proposal]] = {}
        for sought in self.signals:
            ids = self.candidates if everything else self._likely(sought)
            found = [self._score(sought, self.candidates[id_]) for id_ in ids]
            scored[sought.signal.kks] = sorted(
                (p for p in found if p is not None and (p.signal, p.element) not in self.decisions.refused),
                key=lambda p: (-p.score, p.element),
            )
        scored = {kks: _against_rivals(each) for kks, each in scored.items()}
        scored = self._against_better_signals(scored)
        return Proposals(
            {
                kks: tuple(p for p in each[:MOST] if p.score >= LEAST)
                for kks, each in scored.items()
                if each and each[0].score >= LEAST
            }
        )

    # -- who may be meant ------------------------------------------------------------------------------------------

    def _likely(self, sought: _Sought) -> set[str]:
        found: set[str] = set()
        if sought.isa is not None:
            number = sought.isa.loop[1]
            found.update(self.by_number.get(number, ()), self.by_number.get(number.partition(".")[0], ()))
        for key in (*sought.named, sought.loop, *tags.scheme("kks").homes(sought.signal.kks)):
            found.update(self.by_key.get(key, ()))
        found.update(id_ for id_ in self._neighbours(sought.group) if id_ in self.candidates)
        return found

    def _groups(self) -> dict[str, set[str]]:
        """Element ids by the group (see `group_of`) of the signals bound there."""
        found: dict[str, set[str]] = defaultdict(set)
        for code, signals in self.binding.signals_of.items():
            for signal in signals:
                if group := group_of(signal):
                    found[group].add(self.binding.element_ids[code])
        return found

    def _neighbours(self, group: str) -> dict[str, str]:
        """Elements up to two steps from where signals of a group are bound → the tag they are near to."""
        if group not in self.near:
            found: dict[str, str] = {}
            for start in self.group_at.get(group, ()):
                edge, seen = {start}, {start}
                for _ in range(2):
                    edge = {other for id_ in edge for other in self._adjacent.get(id_, ())} - seen
                    seen |= edge
                for id_ in seen:
                    found.setdefault(id_, self.binding.code_of.get(start) or start)
            self.near[group] = found if group else {}
        return self.near[group]

    @cached_property
    def _adjacent(self) -> dict[str, set[str]]:
        """What a connection, a relation or a common parent joins; pipes and nozzles count as no step of their own."""
        joined: dict[str, set[str]] = defaultdict(set)

        def main(id_: str) -> str:
            element = self.drawing.elements.get(id_)
            while element is not None and element.family in ("nozzle", "other") and element.parent:
                element = self.drawing.elements.get(element.parent)
            return element.id if element is not None else id_

        for joint in self.drawing.connections:
            source, target = main(joint.source), main(joint.target)
            joined[source].add(target)
            joined[target].add(source)
        for link in self.drawing.links:
            source, target = main(link.source), main(link.target)
            joined[source].add(target)
            joined[target].add(source)
        return joined

    # -- evidence --------------------------------------------------------------------------------------------------

    def _score(self, sought: _Sought, candidate: _Candidate) -> Proposal | None:
        doubt = _doubt(sought, candidate)
        if doubt == 0.0:
            return None
        reasons = (*_by_tag(sought, candidate), *self._evidence(sought, candidate))
        missing = 1.0
        for reason in reasons:
            missing *= 1.0 - reason.weight
        names = any(reason.kind in _NAMING for reason in reasons)
        score = min(1.0 - missing, _CAP) * doubt * (1.0 if names else _NAMELESS)
        if sought.families and not names and candidate.element.family not in sought.families:
            score *= 0.7
        if (candidate.element.id, sought.role) in self.taken:
            score *= 0.5
        return Proposal(sought.signal.kks, candidate.element.id, round(score, 3), reasons) if score > 0 else None

    def _evidence(self, sought: _Sought, candidate: _Candidate) -> Iterator[Reason]:
        if candidate.key in sought.named:
            yield Reason("named", candidate.name, 0.7)
        if sought.loop and sought.loop == candidate.key:
            yield Reason("listed loop", sought.signal.loop, 0.75)
        if candidate.measures and candidate.measures == sought.role:
            yield Reason("measures", sought.role, 0.25)
            if sought.unit_agrees:
                yield Reason("unit", sought.signal.unit, 0.08)
        elif sought.role in FITS.get(candidate.element.family, ()):
            yield Reason("role", sought.role, 0.2)
        common = sought.words & candidate.words
        if common:
            yield Reason("words", ", ".join(sorted(common)), min(0.4, 0.15 * len(common)))
        near = self._neighbours(sought.group).get(candidate.element.id)
        if near:
            yield Reason("neighbour", near, 0.2)

    def _against_better_signals(self, scored: Mapping[str, list[Proposal]]) -> dict[str, list[Proposal]]:
        """An instrument shows one signal of a role: the best keeps it, the others lose by it."""
        roles = {sought.signal.kks: sought.role for sought in self.signals}
        best: dict[tuple[str, str], Proposal] = {}
        for each in scored.values():
            for proposal in each:
                place = (proposal.element, roles[proposal.signal])
                if place not in best or proposal.score > best[place].score:
                    best[place] = proposal
        found = {}
        for kks, each in scored.items():
            weighed = []
            for proposal in each:
                better = best[proposal.element, roles[kks]]
                if better.signal != kks:
                    proposal = proposal._replace(
                        score=round(0.6 * proposal.score, 3), reasons=(*proposal.reasons, Reason("taken", "", 0.0))
                    )
                weighed.append(proposal)
            found[kks] = sorted(weighed, key=lambda p: (-p.score, p.element))
        return found


def _doubt(sought: _Sought, candidate: _Candidate) -> float:
    """1 where nothing speaks against the pair, 0 where something excludes it."""
    family = candidate.element.family
    if sought.code is not None and family not in KEY_FAMILIES.get(sought.code.unit_key, (family,)):
        return 0.0
    if family == "instrument":
        if candidate.measures and sought.measured and candidate.measures != sought.role:
            return 0.0
        return 0.3 if sought.role in ("running", "fault", "trip", "open", "closed") else 1.0
    if sought.role in FITS.get(family, ()):
        return 1.0
    # A level is of no pump; a flow or pressure may be meant to stand beside one.
    return 0.15 if sought.role in ("level", "running", "open", "closed", "position") else 0.5


def _by_tag(sought: _Sought, candidate: _Candidate) -> Iterator[Reason]:
    """What the tags of the two have in common."""
    if sought.code is not None:
        if sought.code.unit_key in KEY_FAMILIES:
            yield Reason("key", sought.code.unit_key, 0.15)
        if candidate.meant and str(sought.code).startswith(candidate.meant):
            yield Reason("misread", candidate.meant, 0.8)
        return
    of, other = sought.isa, candidate.isa
    if of is None or other is None or (of.area and other.area and of.loop[0] != other.loop[0]):
        return
    number, theirs = of.loop[1], other.loop[1]
    alike = 1.0 if of.suffix == other.suffix else 0.8
    family = candidate.element.family
    its_valve = family == "valve" and sought.role in FITS["valve"]
    if sought.key == candidate.key:
        yield Reason("tag", candidate.name, 0.9)
    elif number == theirs and (its_valve or (other.letters[0] == of.letters[0] and family == "instrument")):
        yield Reason("loop", f"{other.letters[0]}-{other.number}", 0.75 * alike)
    elif number == theirs:
        yield Reason("number", other.number, 0.5 * alike)
    elif number.partition(".")[0] == theirs and family != "instrument":
        yield Reason("number", other.number, 0.4 * alike)
    elif number.partition(".")[0] == theirs.partition(".")[0]:
        yield Reason("family of loops", theirs.partition(".")[0], 0.25)


def _against_rivals(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The first of several loses certainty where the second comes within reach of it: at a tie, half."""
    each = list(proposals)
    if len(each) >= 2 and any(reason.kind == "tag" for reason in each[0].reasons):
        return [each[0], *(p._replace(score=round(0.5 * p.score, 3)) for p in each[1:])]
    if len(each) < 2:
        return each
    close = max(0.0, each[1].score / each[0].score - _RIVAL) / (1.0 - _RIVAL)
    if close == 0.0:
        return each
    first = each[0]
    reasons = (*first.reasons, Reason("rival", "", 0.0))
    weakened = first._replace(score=round(first.score * (1.0 - 0.5 * close), 3), reasons=reasons)
    # The order stays: what comes second must not look better for the first's lost certainty.
    return [weakened, *(p._replace(score=min(p.score, round(weakened.score - 0.001, 3))) for p in each[1:])]
