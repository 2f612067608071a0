"""Sessions with a real HiveServer2 that die are made anew, by the historian and by SQLAlchemy's own pool."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import create_engine, text
from TCLIService import ttypes

from data.historians.hive import open_hive
from data.historians.sql_historian import SqlHistorian
from tests.engines.hive import HiveBox

pytestmark = pytest.mark.engine


def break_the_line(connection: Any) -> None:
    connection._transport.close()


def end_the_session(connection: Any) -> None:
    """As the server does with one that was idle for an hour: the line stays open."""
    connection.client.CloseSession(ttypes.TCloseSessionReq(connection.sessionHandle))


DEATHS = [break_the_line, end_the_session]


@pytest.mark.parametrize("death", DEATHS)
def test_a_historian_asks_again_on_a_new_session(death: Any, hive: HiveBox) -> None:
    historian = open_hive(f"hive://{hive.address}", "sim-sessions")
    assert isinstance(historian, SqlHistorian)
    assert historian.signals() == ()
    pooled = historian._engine._engine.raw_connection()  # type: ignore[attr-defined]
    death(pooled.dbapi_connection)
    pooled.close()
    assert historian.signals() == ()
    historian.close()


@pytest.mark.parametrize("death", DEATHS)
def test_a_pool_that_pings_gives_a_living_session(death: Any, hive: HiveBox) -> None:
    engine = create_engine(f"hive+sinoptico://{hive.address}/default?timeout_s=60", pool_pre_ping=True)
    with engine.connect() as connection:
        native = connection.connection.dbapi_connection
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    death(native)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 2")).scalar_one() == 2
    engine.dispose()
