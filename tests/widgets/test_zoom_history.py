from widgets.zoom_history import PAUSE_S, View, ZoomHistory

ONE, TWO, THREE = (View(n, n + 10, {}) for n in (1, 2, 3))


def test_one_goes_back_to_where_one_was_and_on_again():
    history = ZoomHistory()
    history.changing(ONE, 0.0)
    history.changing(TWO, 10.0)
    assert history.undo(THREE) == TWO
    assert history.undo(TWO) == ONE
    assert history.undo(ONE) is None
    assert history.redo(ONE) == TWO
    assert history.redo(TWO) == THREE
    assert not history.can_redo


def test_turns_of_the_wheel_in_one_go_are_one_step():
    history = ZoomHistory()
    for turn, view in enumerate((ONE, TWO, THREE)):
        history.changing(view, turn * PAUSE_S / 2)
    assert history.undo(View(4, 14, {})) == ONE
    assert not history.can_undo


def test_a_new_change_forgets_what_was_undone():
    history = ZoomHistory()
    history.changing(ONE, 0.0)
    history.undo(TWO)
    history.changing(ONE, 10.0)
    assert not history.can_redo
