"""The other end of an off-page connector, however the files name it."""

from __future__ import annotations

from pid_renderer.drawing import Drawing, Element, SheetJump
from pid_renderer.sheet_pairs import Partner, partner


def connector(id_):
    return Element(id_, "OffPageConnector", "connector", "", "", "", None, None, {}, "", 0)


def sheet(name, *jumps, aliases=None):
    elements = {jump.element: connector(jump.element) for jump in jumps}
    return Drawing(
        name, f"{name}.xml", "", 420.0, 297.0, (), elements, jumps=jumps, names=(name,), aliases=aliases or {}
    )


def out(id_, label="", to="", connector="", target=""):
    return SheetJump(id_, label, "out", to, connector, target)


def come(id_, label="", to="", connector="", target=""):
    return SheetJump(id_, label, "in", to, connector, target)


def test_an_identifier_decides_before_every_name():
    leave = out("a", to="P-3", target="guid-7")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", come("b"), aliases={"guid-7": "b"}), 2: sheet("P-3", come("c"))}
    assert partner(leave, 0, sheets) == Partner(1, "b")


def test_the_same_plain_id_on_the_own_sheet_is_not_meant():
    leave = out("a", target="a")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", come("a"))}
    assert partner(leave, 0, sheets) == Partner(1, "a")


def test_a_sheets_name_is_compared_without_blanks_case_and_signs():
    leave = out("a", label="L1", to="p 2 / B")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2.b", come("b", label="L1"), come("c", label="L2"))}
    assert partner(leave, 0, sheets) == Partner(1, "b")


def test_of_two_that_fit_equally_none_is_taken():
    leave = out("a", to="P-2")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", come("b", to="P-1"), come("c", to="P-1"))}
    assert partner(leave, 0, sheets) == Partner(1, "")


def test_fluid_that_leaves_does_not_arrive_at_another_outlet():
    leave = out("a", label="L1", to="P-2")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", out("b", label="L1"), come("c", to="P-1"))}
    assert partner(leave, 0, sheets) == Partner(1, "c")


def test_without_a_sheet_the_line_number_on_both_sides_joins_them():
    leave = out("a", label="100-CR-0815")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", come("b", label="100-CR-0815")), 2: sheet("P-3", come("c"))}
    assert partner(leave, 0, sheets) == Partner(1, "b")


def test_a_sheet_that_is_not_at_hand_has_no_partner_though_a_label_fits():
    leave = out("a", label="L1", to="P-9")
    sheets = {0: sheet("P-1", leave), 1: sheet("P-2", come("b", label="L1"))}
    assert partner(leave, 0, sheets) is None


def test_a_connector_may_lead_to_another_place_of_its_own_sheet():
    leave, arrive = out("a", label="K", to="P-1"), come("b", label="K", to="P-1")
    assert partner(leave, 0, {0: sheet("P-1", leave, arrive)}) == Partner(0, "b")
