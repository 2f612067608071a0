"""Proposals for what is unbound: on C01 with two made-up signal lists whose right mapping is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pid_renderer import proteus
from pid_renderer.binding import bind
from pid_renderer.decisions import Decision, Decisions
from pid_renderer.drawing import Connection
from pid_renderer.proposals import Proposals, propose
from tests.pid_renderer.test_binding import a_drawing, a_plant

# tag, description, unit, kind, role → tag on the drawing that is right; C01 is the public example of DEXPI.
ISA = (
    ("LT-4750", "Nivel del tanque", "m", "analog", "level", "T4750"),
    ("TT-4750", "Temperatura en el tanque", "°C", "analog", "temperature", "T4750"),
    ("PT-4712.01", "Presión de descarga, local", "bar", "analog", "pressure", "PI 4712.01"),
    ("PT-4712.02", "Presión de descarga", "bar", "analog", "pressure", "PICSA 4712.02"),
    ("PIC-4712.02.SP", "Consigna de presión", "bar", "analog", "setpoint", "PICSA 4712.02"),
    ("TT-4750.03", "Temperatura a la salida", "°C", "analog", "temperature", "TICSA 4750.03"),
    ("ZT-4712.02", "Posición de la válvula de presión", "%", "analog", "position", "PV4712.02"),
    ("ZT-4750.03", "Posición de la válvula de vapor", "%", "analog", "position", "TV4750.03"),
    ("GSO-4750.01", "Válvula de llenado abierta", "", "binary", "open", "HV4750.01"),
    ("XS-4711", "Centrifugal pump running", "", "binary", "running", "P4711"),
    ("IT-4712", "Corriente del motor", "A", "analog", "current", "P4712"),
    ("XA-4712", "Fallo de la bomba", "", "binary", "fault", "P4712"),
    ("TT-1007", "Temperatura de salida del intercambiador", "°C", "analog", "temperature", "H1007"),
    ("TT-1008.1", "Temperatura de salida del enfriador", "°C", "analog", "temperature", "H1008"),
    ("HS-4750.01", "Selector de llenado", "", "binary", "command", "HS 4750.01"),
)
KKS = (
    ("10EGB11CL001XQ01", "Nivel tanque T4750", "m", "analog", "level", "T4750"),
    ("10EGB11CT002XQ01", "Temperatura del tanque", "°C", "analog", "temperature", "T4750"),
    ("10EGC11AP001XB01", "P4711 en marcha", "", "binary", "running", "P4711"),
    ("10EGC11AP001XQ01", "Corriente bomba P4711", "A", "analog", "current", "P4711"),
    ("10EGC12AP001XB01", "Reciprocating pump running", "", "binary", "running", "P4712"),
    ("10EGC12CP001XQ01", "Presión PI 4712.01", "bar", "analog", "pressure", "PI 4712.01"),
    ("10EGC12CP002XQ01", "Descarga, PICSA-4712.02", "bar", "analog", "pressure", "PICSA 4712.02"),
    ("10EGC12AA101XQ01", "Posición PV4712.02", "%", "analog", "position", "PV4712.02"),
    ("10LBG11AA101XQ01", "Posición TV 4750.03", "%", "analog", "position", "TV4750.03"),
    ("10EGC11AC001XQ01", "Temperatura plate heat exchanger", "°C", "analog", "temperature", "H1007"),
    ("10EGC11AC002XQ01", "Temperatura H1008", "°C", "analog", "temperature", "H1008"),
    ("10EGB11CT001XQ01", "Temperatura TICSA 4750.03", "°C", "analog", "temperature", "TICSA 4750.03"),
)
FOREIGN = {
    "free": ("LT-9900", "Nivel de otra unidad", "m", "analog", "level"),
    "kks": ("10QFB99CL001XQ01", "Nivel de otra unidad", "m", "analog", "level"),
}
"""A signal of nothing on this drawing."""


def rows(signals) -> str:
    return "".join(
        f"{tag},{text!r},{unit},{kind},{role},0,100,p,r:1,z,\n".replace("'", '"')
        for tag, text, unit, kind, role, *_ in signals
    )


@pytest.fixture(scope="module")
def c01(samples: Path):
    return proteus.read(samples / "proteus-c01" / "C01V04-VER.EX01.xml")


def named(drawing, binding) -> dict[str, str]:
    """What each element is called by the binding: a valve by its actuator."""
    return {id_: code for code, id_ in binding.element_ids.items()}


def judged(names: dict[str, str], proposals: Proposals, signals) -> tuple[int, list[str], float]:
    """How many first candidates are right, what is wrong in words, and the highest score of anything wrong."""
    right, wrong, highest = 0, [], 0.0
    for tag, *_, wanted in signals:
        found = proposals.by_signal.get(tag, ())
        for place, proposal in enumerate(found):
            if names[proposal.element] == wanted.replace(" ", ""):
                right += place == 0
            else:
                highest = max(highest, proposal.score)
        if not found or names[found[0].element] != wanted.replace(" ", ""):
            wrong.append(f"{tag} → {[(names[p.element], p.score, p.why('en')) for p in found[:1]]}")
    return right, wrong, highest


@pytest.mark.parametrize(("signals", "scheme"), [(ISA, "free"), (KKS, "kks")])
def test_on_c01_nearly_every_first_proposal_is_right_and_nothing_wrong_scores_high(c01, tmp_path, signals, scheme):
    binding = bind(c01, a_plant(tmp_path, rows((*signals, FOREIGN[scheme])), scheme))
    proposals = propose(c01, binding)
    right, wrong, highest = judged(named(c01, binding), proposals, signals)
    print(f"{scheme}: {right} of {len(signals)} first proposals right; highest wrong score {highest}", *wrong, sep="\n")
    assert right >= 0.9 * len(signals)
    assert highest <= 0.6
    foreign = proposals.best(FOREIGN[scheme][0])
    assert foreign is None or foreign.score < 0.5


def test_a_right_proposal_with_loop_and_role_scores_high_and_says_why(c01, tmp_path):
    proposals = propose(c01, bind(c01, a_plant(tmp_path, rows(ISA), "free")))
    best = proposals.best("PT-4712.02")
    assert best is not None
    assert best.score > 0.8
    assert best.why("es").startswith("mismo lazo P-4712.02; el instrumento mide presión")
    assert best.why("en").startswith("same loop P-4712.02")


TANKS = (("Equipment", "Tank", "TK-101"), ("Equipment", "Tank", "TK-102"))
LEVEL = (("LT-9", "Nivel", "m", "analog", "level", ""),)


def test_what_fits_two_equally_is_not_certain_of_either(tmp_path):
    drawing = a_drawing(*TANKS)
    best = propose(drawing, bind(drawing, a_plant(tmp_path, rows(LEVEL), "free"))).best("LT-9")
    assert best is None or best.score < 0.3


def test_a_tag_in_the_description_outweighs_the_class(tmp_path):
    drawing = a_drawing(*TANKS)
    signals = (("X7", "Nivel TK 102", "m", "analog", "level", ""),)
    best = propose(drawing, bind(drawing, a_plant(tmp_path, rows(signals), "free"))).best("X7")
    assert (best.element, best.score > 0.7) == ("e1", True)
    assert "la descripción nombra TK-102" in best.why("es")


def test_an_instrument_that_measures_something_else_is_never_proposed(tmp_path):
    drawing = a_drawing(("ProcessInstrumentationFunction", "ProcessInstrumentationFunction", "PI-101"))
    signals = (("LT-101", "Nivel PI-101", "m", "analog", "level", ""),)
    assert propose(drawing, bind(drawing, a_plant(tmp_path, rows(signals), "free"))).best("LT-101") is None


def test_letters_i_and_o_on_the_drawing_are_proposed_as_digits_and_not_bound_silently(tmp_path):
    drawing = a_drawing(("Equipment", "Tank", "1OEGB11BB001"))
    signals = (("10EGB11BB001XQ01", "Nivel", "m", "analog", "level", ""),)
    binding = bind(drawing, a_plant(tmp_path, rows(signals)))
    assert binding.unbound_signals
    best = propose(drawing, binding).best("10EGB11BB001XQ01")
    assert best.score > 0.7
    assert "I y O leídas como 1 y 0" in best.why("es")


def test_of_two_alike_the_neighbour_of_what_is_bound_comes_first(tmp_path):
    pumps = (("Equipment", "CentrifugalPump", "AX"), ("Equipment", "CentrifugalPump", "AY"))
    drawing = replace(a_drawing(TANKS[0], *pumps), connections=(Connection("e0", "e2", ""),))
    listed = (("LT-10", "Nivel", "m", "analog", "level", ""), ("XS-10", "Bomba", "", "binary", "running", ""))
    plant = a_plant(tmp_path, rows(listed), "free")
    bound = Decisions().with_([Decision("LT-10", "bound", "e0", "TK-101", "ana", "")])
    best = propose(drawing, bind(drawing, plant, decisions=bound), bound).best("XS-10")
    assert best.element == "e2"
    assert "junto a TK-101" in best.why("es")


def test_of_two_signals_for_one_instrument_the_better_keeps_its_score(tmp_path):
    drawing = a_drawing(("ProcessInstrumentationFunction", "ProcessInstrumentationFunction", "TI-101"))
    signals = (
        ("TT-101", "Temp", "°C", "analog", "temperature", ""),
        ("TT-101B", "Temp", "°C", "analog", "temperature", ""),
    )
    proposals = propose(drawing, bind(drawing, a_plant(tmp_path, rows(signals), "free")))
    better, worse = proposals.best("TT-101"), proposals.best("TT-101B")
    assert better.score > 0.8
    assert worse.score < 0.6
    assert "otra señal encaja mejor aquí" in worse.why("es")


def test_a_refused_proposal_does_not_come_back_and_a_foreign_signal_has_none(tmp_path):
    drawing = a_drawing(*TANKS)
    signals = (("X7", "Nivel TK-102", "m", "analog", "level", ""),)
    binding = bind(drawing, a_plant(tmp_path, rows(signals), "free"))
    refused = Decisions().with_([Decision("X7", "refused", "e1", "TK-102", "ana", "")])
    assert all(p.element != "e1" for p in propose(drawing, binding, refused).by_signal.get("X7", ()))
    foreign = Decisions().with_([Decision("X7", "unbound", "", "", "ana", "")])
    assert propose(drawing, binding, foreign).by_signal == {}


def test_a_bare_element_gets_its_candidates_too(tmp_path):
    drawing = a_drawing(*TANKS)
    signals = (
        ("X7", "Nivel TK-102", "m", "analog", "level", ""),
        ("X8", "Temperatura TK-102", "°C", "analog", "temperature", ""),
    )
    proposals = propose(drawing, bind(drawing, a_plant(tmp_path, rows(signals), "free")))
    assert {p.signal for p in proposals.by_element["e1"]} == {"X7", "X8"}
