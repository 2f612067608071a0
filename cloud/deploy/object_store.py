"""`python -m cloud.deploy.object_store`: Google Cloud Storage's protocol on this machine, kept in a folder.

Whoever uses it sets `STORAGE_EMULATOR_HOST` to the reported endpoint. It listens on the loopback only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from cloud.deploy.go import server
from runtime import child

_STOP_S = 5.0


class _Stopped(Exception):
    """The parent asked for the end before the server was built."""


def main() -> int:
    """Run until told to stop; 1 if the server cannot be built or ends by itself."""
    arguments = _arguments()
    stop = child.stop_event()
    child.report("starting")
    root = arguments.state / "objects"

    def progress(text: str) -> None:
        if stop.is_set():
            raise _Stopped
        child.report("starting", detail=text)

    try:
        program = server(progress)
        root.mkdir(parents=True, exist_ok=True)
    except _Stopped:
        return 0
    except OSError as error:  # `NoObjectStore` too
        child.report("failed", detail=str(error))
        return 1
    process = subprocess.Popen(
        [str(program), "-root", str(root), "-port", str(arguments.port), "-bucket", arguments.bucket],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    complaints: list[str] = []
    listener = threading.Thread(target=_pass_on, args=(process.stderr, complaints), name="server log", daemon=True)
    listener.start()
    first_line = process.stdout.readline()
    if first_line:
        child.report("ready", **json.loads(first_line), lake=f"gs://{arguments.bucket}")
        while not stop.wait(0.2) and process.poll() is None:
            pass
    ended_by_itself = not stop.is_set()
    process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    listener.join(_STOP_S)
    if ended_by_itself:
        child.report("failed", detail=f"the object store ended: {' / '.join(complaints[-3:]) or process.returncode}")
        return 1
    return 0


def _pass_on(lines: IO[str], complaints: list[str]) -> None:
    for line in lines:
        complaints[:] = [*complaints[-9:], line.strip()]
        sys.stderr.write(f"object store: {line}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cloud.deploy.object_store", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps the objects")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--bucket", default="lake", help="bucket that is made if it is not there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
