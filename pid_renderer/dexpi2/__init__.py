"""Read a P&ID in DEXPI 2.0 XML (Plant or Process model with a diagram)."""

from pid_renderer.dexpi2.reader import read_tree

__all__ = ["read_tree"]
