"""The rows of the table of bindings, from a sheet and its proposals. No Qt: `check` prints the proposals too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.sheets import Sheet
from contracts.number_text import Language, number
from contracts.plant import Plant
from contracts.tags import shown
from pid_renderer.binding import LIVE_FAMILIES
from pid_renderer.describe import class_words
from pid_renderer.drawing import Element
from pid_renderer.proposals import Proposal, Proposals, propose
from resources.words import language, t
from widgets.binding_rows import BindingRow, Candidate, Offer, State
from widgets.kks_words import kks_words


def proposals_of(sheet: Sheet) -> Proposals:
    """Candidates for what is unbound on a sheet, without what was refused."""
    return propose(sheet.bare, sheet.binding, sheet.edits.decisions)


def proposal_lines(sheet: Sheet) -> list[str]:
    """One line for the best candidate of each unbound signal that has one: what `main.py check` prints."""
    return [
        t("check.proposal", signal=signal, tag=best.tag, score=number(best.score, 2, language()), why=best.why)
        for signal, best in best_candidates(sheet, language()).items()
    ]


def best_candidates(sheet: Sheet, of: Language) -> dict[str, Candidate]:
    """The best candidate of each unbound signal that has one, by signal; why it is one, in a language."""
    found = proposals_of(sheet).by_signal
    return {signal: _candidate(sheet, candidates[0], of) for signal, candidates in found.items()}


def rows_of(plant: Plant, sheet: Sheet, proposals: Proposals) -> list[BindingRow]:
    """What waits for a person first: proposals from the surest down, then what has none, then what is bound."""
    binding, decided = sheet.binding, sheet.edits.decisions.by_signal
    rows = []
    for signal in plant.signals:
        code = binding.code_of_signal.get(signal.kks, "")
        candidates = tuple(_candidate(sheet, each, language()) for each in proposals.by_signal.get(signal.kks, ()))
        foreign = signal.kks in decided and decided[signal.kks].verdict == "unbound"
        state: State = "bound" if code else "foreign" if foreign else "proposed" if candidates else "unbound"
        id_ = binding.element_ids.get(code, "") if code else candidates[0].element if candidates else ""
        rows.append(
            BindingRow(
                signal.kks,
                signal.description,
                signal.unit,
                state,
                id_,
                _name(sheet, id_) if id_ else "",
                binding.how.get(signal.kks, ""),
                candidates if state == "proposed" else (),
                kks_words(plant, signal.kks),
            )
        )
    for element in binding.unbound_elements:
        tip = kks_words(plant, binding.code_of.get(element.id, ""))
        offers = tuple(
            Offer(each.signal, each.score, each.why(language())) for each in proposals.by_element.get(element.id, ())
        )
        name = _name(sheet, element.id)
        rows.append(BindingRow("", _described(element), "", "bare", element.id, name, "", (), tip, offers))
    return sorted(rows, key=_waiting)


_ORDER: Final[tuple[State, ...]] = ("proposed", "unbound", "bare", "foreign", "bound")


def _waiting(row: BindingRow) -> tuple[int, float]:
    return _ORDER.index(row.state), -row.best.score if row.best is not None else 0.0


def elements_of(sheet: Sheet) -> list[tuple[str, str]]:
    """Tag and id of every element a signal may be bound to by its name, in the order of the names."""
    named: Mapping[str, str] = sheet.binding.element_ids
    return sorted((shown(code), id_) for code, id_ in named.items() if sheet.bare.elements[id_].family in LIVE_FAMILIES)


def _candidate(sheet: Sheet, proposal: Proposal, of: Language) -> Candidate:
    return Candidate(proposal.element, _name(sheet, proposal.element), proposal.score, proposal.why(of))


def _name(sheet: Sheet, id_: str) -> str:
    """What an element is called: its own tag, else the code it is bound by, else its id."""
    element = sheet.bare.elements[id_]
    code = sheet.binding.code_of.get(id_, "")
    return code if element.kks or element.family == "valve" else element.tag or code or id_


def _described(element: Element) -> str:
    named = element.text("EquipmentDescription", "Description")
    return named or class_words(element, language()) or element.component_class
