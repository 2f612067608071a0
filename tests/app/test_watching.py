"""What the window says of the processes behind it."""

from app.watching import PartsWatch
from resources import words
from runtime.supervisor import Status
from widgets.source_card import Card


class _Supervisor:
    def __init__(self, *statuses: Status) -> None:
        self.by_name = {status.name: status for status in statuses}

    def states(self):
        return self.by_name


class _Session:
    direct = False

    def __init__(self, lives, *statuses: Status) -> None:
        self.lives, self.supervisor = lives, _Supervisor(*statuses)


def said(window, fed, *statuses: Status) -> tuple[str, bool]:
    """The status bar's text on parts, and whether a card covers the drawing."""
    watch = PartsWatch(window, _Session([fed.live], *statuses), lambda _session: [])
    watch._timer.stop()
    watch.look()
    cards = [card for card in window.synoptic.tabs.stage.findChildren(Card) if not card.isHidden()]
    return window.status._parts.text(), bool(cards)


def test_a_dead_lake_writer_is_named_without_covering_the_drawing(shown):
    text, covered = said(*shown, Status("lake", "failed", "was killed by signal 9"))
    assert "escritor del lago" in text
    assert not covered


def test_a_dead_broker_is_named_and_the_way_round_it_is_offered(shown):
    text, covered = said(*shown, Status("broker", "failed", "was killed by signal 9"))
    assert "Kafka" in text
    assert covered


def test_a_part_that_is_being_started_again_is_still_missing(shown):
    text, _ = said(*shown, Status("mtu sim-r1", "starting", restarts=1))
    assert "MTU (PLC4X) sim-r1" in text


def test_nothing_is_said_while_all_parts_run_or_start_for_the_first_time(shown):
    text, covered = said(*shown, Status("lake", "ready"), Status("panel", "starting"))
    assert (text, covered) == ("", False)


def test_tags_without_a_good_value_are_counted_first_on_the_status_bar(shown):
    window, fed = shown
    fed.live.refresh(fed.now)
    window.status.show_source(fed.live.source, 130, 7)
    assert window.status._source.text().startswith(f"<b>{words.t('status.not_good', n='7')}")
