"""`main.py history`."""
from __future__ import annotations
import argparse
def add_options(parser: argparse.ArgumentParser) -> None:
    """See `--help`."""
def run(options: argparse.Namespace) -> int:
    """Later in this sitting."""
    return 1
