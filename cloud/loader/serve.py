"""`python -m cloud.loader.serve`: the Cloud Function on this machine, in functions-framework's own application.

Served by werkzeug, because the framework's production server forks.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from pathlib import Path

import functions_framework
from werkzeug.serving import make_server

from runtime import child

_SOURCE = Path(__file__).with_name("function.py")


def main() -> int:
    """Run until told to stop; 1 if the port is taken."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="loader: %(message)s", stream=sys.stderr)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # one line a request tells nobody anything
    stop = child.stop_event()
    os.environ["LAKE_URL"] = arguments.lake
    os.environ["PLANTS"] = ",".join(str(folder.absolute()) for folder in arguments.plant)
    os.environ["HIVE"] = arguments.hive
    application = functions_framework.create_app("load_day", str(_SOURCE))  # type: ignore[no-untyped-call]
    try:
        server = make_server("127.0.0.1", arguments.port, application, threaded=True)
    except (OSError, SystemExit) as error:
        child.report("failed", detail=f"port {arguments.port} cannot be used: {error}")
        return 1
    serving = threading.Thread(target=server.serve_forever, name="function")
    serving.start()
    child.report("ready", url=f"http://127.0.0.1:{server.server_port}/")
    stop.wait()
    server.shutdown()
    serving.join()
    server.server_close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cloud.loader.serve", description=__doc__)
    parser.add_argument("--plant", type=Path, action="append", required=True, help="plant folder; may be repeated")
    parser.add_argument("--lake", required=True, help="a folder, or gs://bucket")
    parser.add_argument("--hive", default=os.environ.get("HIVE", ""), help="host:port, to add the day's partitions")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
