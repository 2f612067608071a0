"""When the gateway asks to be started again."""

from __future__ import annotations

import json
import threading

import pytest

from cloud.mtu import __main__ as box


class Gateway:
    """What `_serve` asks of a gateway."""

    state = "ready"
    trouble = ""

    def __init__(self, rss_mb: float = 150, reconnects: int = 0, sending: bool = True) -> None:
        self.reconnects, self.sending = reconnects, sending
        self._rss_mb = rss_mb

    def counters(self):
        return {"rss_mb": self._rss_mb, "reconnects": self.reconnects}


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(box, "_REPORT_S", 0.01)


@pytest.mark.parametrize(
    ("gateway", "code", "says"),
    [
        (Gateway(rss_mb=401), 75, "time for a new process"),
        (Gateway(reconnects=1001), 75, "1001 reconnects"),
        (Gateway(sending=False), 1, "sender ended unexpectedly"),
    ],
)
def test_it_ends_with_a_report_that_says_why(gateway, code, says, capsys):
    assert box._serve(gateway, threading.Event()) == code
    assert says in json.loads(capsys.readouterr().out.splitlines()[-1])["detail"]


def test_it_ends_with_nothing_to_say_when_its_parent_asks(capsys):
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    assert box._serve(Gateway(), stop) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["detail"] == ""


def test_memory_is_measured():
    assert 10 < box.rss_mb() < 4000
