import math
import struct

import numpy as np
import pytest

from contracts import signal_list
from simulator.registers import BadRegisters, RefusedWrite, Registers

HEADER = "kks,kind,role,low,high,raw_low,raw_high,plc,address,zone,writable\n"


def _registers(tmp_path, rows: str) -> Registers:
    path = tmp_path / "signals.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return Registers(signal_list.read(path))


ALL_TYPES = """10AAA11CL001XQ01,analog,level,-1e9,1e9,,,p,holding-register:1:REAL,z,yes
10AAA11CL002XQ01,analog,level,-1e9,1e9,,,p,holding-register:3:LREAL,z,yes
10AAA11CL003XQ01,analog,level,-1e9,1e9,,,p,holding-register:7:INT,z,yes
10AAA11CL004XQ01,analog,level,-1e9,1e9,,,p,holding-register:8:UINT,z,yes
10AAA11CL005XQ01,analog,level,-1e9,1e9,,,p,holding-register:9:DINT,z,yes
10AAA11CL006XQ01,analog,level,-1e9,1e10,,,p,holding-register:11:UDINT,z,yes
10AAA11CL007XQ01,analog,level,0,100,0,27648,p,holding-register:13:INT,z,yes
10AAA11AA001XL01,binary,command,,,,,p,coil:3:BOOL,z,yes
10AAA11CL008XQ01,analog,level,0,100,,,p,holding-register:20:INT,z,
"""


def test_every_type_comes_back_as_it_was_stored(tmp_path):
    registers = _registers(tmp_path, ALL_TYPES)
    values = np.array([3.5, 1 / 3, -12345.0, 54321.0, -1_000_000_000.0, 4_000_000_000.0, 50.0, 1.0, 9.0])
    registers.store(values)
    words = registers.memory["holding-register"]
    assert words[0:2] == [0x4060, 0x0000]
    assert words[12] == 27648 // 2
    assert registers.memory["coil"] == [0, 0, 1]
    back = registers.accept("holding-register", 0, words[0:13])
    for index in range(6):
        assert back[index] == pytest.approx(values[index], rel=1e-15)
    assert back[6] == 50.0
    assert registers.accept("coil", 2, [1]) == {7: 1.0}


def test_a_value_beyond_its_type_stops_at_the_type_s_end(tmp_path):
    registers = _registers(tmp_path, ALL_TYPES)
    registers.store(np.array([0, 0, 1e6, -5.0, 1e12, 1e12, 1e6, 0.0, 0.0]))
    words = registers.memory["holding-register"]
    assert words[6:13] == [0x7FFF, 0, 0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF, 0x7FFF]


def test_a_broken_sensor_is_nan_in_a_real_and_leaves_an_integer_alone(tmp_path):
    registers = _registers(tmp_path, ALL_TYPES)
    registers.store(np.full(9, 7.0))
    registers.store(np.full(9, math.nan))
    words = registers.memory["holding-register"]
    assert words[0] & 0x7FC0 == 0x7FC0
    assert words[6] == 7


def test_a_tick_is_the_same_in_every_register_as_far_as_its_type_goes(tmp_path):
    registers = _registers(tmp_path, ALL_TYPES)
    tick = 70_001
    registers.store_tick(tick)
    words = registers.memory["holding-register"]
    back = registers.accept("holding-register", 0, words[0:12])
    assert [back[index] for index in range(6)] == [tick, tick, tick % 2**15, tick % 2**16, tick, tick]
    assert words[12] == tick % 2**15
    assert registers.memory["coil"][2] == tick % 2


def test_the_ends_of_the_range_can_be_written(tmp_path):
    registers = _registers(
        tmp_path,
        "10AAA11CL001XQ01,analog,level,0,0.1,,,p,holding-register:1:REAL,z,yes\n"
        "10AAA11CL002XQ01,analog,level,-0.3,0.7,0,27648,p,holding-register:3:INT,z,yes\n",
    )
    high, low = struct.unpack(">2H", struct.pack(">f", 0.1))
    assert registers.accept("holding-register", 0, [high, low, 27648]) == {0: 0.1, 1: 0.7}
    assert registers.accept("holding-register", 2, [0]) == {1: -0.3}


@pytest.mark.parametrize(
    ("bank", "offset", "written", "illegal_value"),
    [
        ("holding-register", 0, [0x4060], True),  # half a REAL
        ("holding-register", 1, [0, 0], True),  # the second half and the first of the next
        ("holding-register", 0, [0x7FC0, 0], True),  # NaN
        ("holding-register", 12, [30000], True),  # above 100 %
        ("holding-register", 13, [1], False),  # nothing there
        ("holding-register", 19, [1], False),  # not writable
        ("coil", 0, [1], False),  # nothing there
    ],
)
def test_a_write_that_means_nothing_is_refused(tmp_path, bank, offset, written, illegal_value):
    registers = _registers(tmp_path, ALL_TYPES)
    with pytest.raises(RefusedWrite) as refusal:
        registers.accept(bank, offset, written)
    assert refusal.value.illegal_value is illegal_value


def test_signals_that_share_a_register_are_named(tmp_path):
    rows = "10AAA11CL001XQ01,analog,level,0,1,,,p,input-register:1:REAL,z,\n"
    rows += "10AAA11CL002XQ01,analog,level,0,1,,,p,input-register:2:INT,z,\n"
    with pytest.raises(BadRegisters, match="10AAA11CL002XQ01 at input-register:2:INT overlaps 10AAA11CL001XQ01"):
        _registers(tmp_path, rows)


def test_a_bad_address_is_named_with_its_signal(tmp_path):
    with pytest.raises(BadRegisters, match="10AAA11CL001XQ01: 'nonsense' is not a Modbus address"):
        _registers(tmp_path, "10AAA11CL001XQ01,analog,level,0,1,,,p,nonsense,z,\n")
