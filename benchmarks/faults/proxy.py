"""A proxy in front of the object store that breaks requests on order: before the store saw them, or after it acted.

One lane, a port of its own, for each client: so a fault hits whom it is meant for. A fault is ordered once and hits the
next request that it fits; whoever ordered it can wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Final

BEFORE: Final = ("dropped before", "503", "429")
"""The store never sees the request."""
AFTER: Final = ("dropped after", "answer cut")
"""The store did it, and the client is not told."""
SLOW: Final = "slow"
KILL_BEFORE: Final = "client killed before"
KILL_AFTER: Final = "client killed after"

_BUSY: Final = {
    "503": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    "429": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
}
_CHANGES: Final = {"POST", "PUT", "PATCH", "DELETE"}
_LIMIT: Final = 1 << 20


@dataclass
class Fault:
    """What shall happen to one request of a lane."""

    kind: str
    skip: int = 0
    """How many fitting requests are let pass first."""
    slow_s: float = 0.0
    pid: int = 0
    """Whom the kinds `client killed …` kill."""
    hit: threading.Event = field(default_factory=threading.Event)
    target: str = ""
    """The request that was hit."""


class Lane:
    """One client's way to the store; `url` is its STORAGE_EMULATOR_HOST."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._lock = threading.Lock()
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Break the next fitting request so."""
        with self._lock:
            self._ordered.append(fault)

    def withdraw(self, fault: Fault) -> None:
        """Let it be, where it has not happened yet."""
        with self._lock, contextlib.suppress(ValueError):
            self._ordered.remove(fault)

    def take(self, method: str) -> Fault | None:
        """The fault that this request meets."""
        if method not in _CHANGES:
            return None
        with self._lock:
            for fault in self._ordered:
                if fault.skip:
                    fault.skip -= 1
                    continue
                self._ordered.remove(fault)
                return fault
        return None


class FaultProxy:
    """Runs in a thread; `statuses` counts what the store answered."""

    def __init__(self, store: str, lanes: tuple[str, ...]) -> None:
        self._host, _, port = store.removeprefix("http://").partition(":")
        self._port = int(port)
        self.lanes: dict[str, Lane] = {}
        self.statuses: Counter[int] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy")
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(lanes), self._loop).result()

    def close(self) -> None:
        """Cut all connections and end."""
        asyncio.run_coroutine_threadsafe(self._cancel(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, lanes: tuple[str, ...]) -> None:
        self._servers = []
        for name in lanes:
            server = await asyncio.start_server(partial(self._serve, name), "127.0.0.1", 0, limit=_LIMIT)
            self._servers.append(server)
            self.lanes[name] = Lane(server.sockets[0].getsockname()[1])

    async def _cancel(self) -> None:
        for server in self._servers:
            server.close()
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream: asyncio.StreamWriter | None = None
        try:
            source, upstream = await asyncio.open_connection(self._host, self._port, limit=_LIMIT)
            while await self._pass_one(self.lanes[name], reader, writer, source, upstream):
                pass
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass  # either side hung up, which is what both are used to here
        finally:
            for each in (writer, upstream):
                if each is not None:
                    each.transport.abort()

    async def _pass_one(
        self,
        lane: Lane,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        source: asyncio.StreamReader,
        upstream: asyncio.StreamWriter,
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await _body(reader, head)
        method, target = head.split(b" ", 2)[:2]
        fault = lane.take(method.decode())
        if fault is not None:
            fault.target = f"{method.decode()} {target.decode()} {_name_in(body)}"
        if fault is not None and fault.kind in (*BEFORE, KILL_BEFORE):
            _kill(fault)
            fault.hit.set()
            writer.write(_BUSY.get(fault.kind, b""))
            await writer.drain()
            return fault.kind in _BUSY
        upstream.write(head + body)
        await upstream.drain()
        answer = await source.readuntil(b"\r\n\r\n")
        status = int(answer.split(b" ", 2)[1])
        answer += await _body(source, answer, answers=True, to=method, status=status)
        self.statuses[status] += 1
        if fault is not None:
            if fault.kind == SLOW:
                await asyncio.sleep(fault.slow_s)
                fault.hit.set()
            elif status >= 300:
                lane.order(fault)  # nothing was done, so nothing can be done twice: another shall have it
            else:
                _kill(fault)
                fault.hit.set()
                if fault.kind == "answer cut":
                    writer.write(answer[: len(answer) - max(1, (len(answer) - answer.index(b"\r\n\r\n")) // 2)])
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
                return False
        writer.write(answer)
        await writer.drain()
        return True


def _kill(fault: Fault) -> None:
    if fault.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(fault.pid, signal.SIGKILL)


def _name_in(body: bytes) -> str:
    """The object's name in an upload, which carries it as JSON before the content."""
    _, found, rest = body[:4096].partition(b'"name": "')
    return rest.partition(b'"')[0].decode(errors="replace") if found else ""


async def _body(
    reader: asyncio.StreamReader, head: bytes, *, answers: bool = False, to: bytes = b"", status: int = 0
) -> bytes:
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if answers and (to == b"HEAD" or status in (204, 304)):
        return b""
    if headers.get(b"transfer-encoding") == b"chunked":
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            body += line + await reader.readexactly(size + 2)
            if not size:
                return body
    return await reader.readexactly(int(headers.get(b"content-length", b"0")))
