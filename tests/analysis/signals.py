"""Signals as tests need them."""

from contracts.signal_list import Signal


def signal(kks: str = "10EGB11CL001XQ01", **changes) -> Signal:
    fields = {
        "kks": kks,
        "description": "Level",
        "unit": "m",
        "kind": "analog",
        "role": "level",
        "low": 0.0,
        "high": 20.0,
        "raw_low": None,
        "raw_high": None,
        "decimals": 2,
        "plc": "plc1",
        "address": "input-register:1:REAL",
        "scan_s": 1.0,
        "heartbeat_s": 10.0,
        "deadband": 0.01,
        "zone": "tank-farm",
        "equipment": "10EGB11BB001",
        "loop": "",
        "design_min": None,
        "design": None,
        "design_max": None,
        "ll": None,
        "l": None,
        "h": None,
        "hh": None,
        "priority": 2,
        "writable": False,
    }
    return Signal(**(fields | changes))
