"""Kill -9 of gateway, broker and lake writer while the PLC counts: nothing that was served is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chain.kills import run_with_kills
from tests.engines.broker import ROOT

pytestmark = [pytest.mark.engine, pytest.mark.timeout(180)]


def test_no_event_is_lost_when_gateway_broker_and_lake_writer_are_killed(tmp_path: Path) -> None:
    account = run_with_kills(ROOT / "resources" / "plants" / "sim-r1", tmp_path, ("mtu", "lake", "broker+mtu"))
    assert account.faults == [], (account.lost[:5], account.invented[:5])
    assert len(account.kills) == 4
    # The gateway held what Kafka could not take, and was killed with it.
    assert account.most_buffered > 0
    assert account.served > 1000
    assert account.in_lake == account.in_kafka
