"""What the cloud's panel and the command line use of this room runs on a machine without Qt."""

from __future__ import annotations

import subprocess
import sys

from tests.pid_renderer.conftest import ROOT


def test_reader_graph_binding_and_svg_never_load_qt():
    modules = "binding, drawing, hit, ink, live_state, plant_graph, reading, said, shape, svg, tally, view"
    code = (
        f"import sys; from pid_renderer import {modules}; "
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0
