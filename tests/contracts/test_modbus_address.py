import pytest

from contracts.modbus_address import BadAddress, ModbusAddress, parse_address, parse_connection


@pytest.mark.parametrize(
    ("text", "expected", "length"),
    [
        ("input-register:1:REAL", ModbusAddress("input-register", 0, "REAL"), 2),
        ("holding-register:7", ModbusAddress("holding-register", 6, "INT"), 1),
        ("holding-register:65533:LREAL", ModbusAddress("holding-register", 65532, "LREAL"), 4),
        ("4x00003:UDINT", ModbusAddress("holding-register", 2, "UDINT"), 2),
        ("400003:UDINT", ModbusAddress("holding-register", 2, "UDINT"), 2),
        ("1x00002", ModbusAddress("discrete-input", 1, "BOOL"), 1),
        ("coil:16:BOOL", ModbusAddress("coil", 15, "BOOL"), 1),
    ],
)
def test_an_address_counts_from_one_and_the_wire_from_zero(text, expected, length):
    address = parse_address(text)
    assert address == expected
    assert address.length == length


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "input-register:0:REAL",
        "input-register:65536:REAL",
        "coil:1:REAL",
        "holding-register:1:NOPE",
        "input-register:1:REAL{unit-id: 7}",
        "",
    ],
)
def test_a_broken_address_is_refused_with_a_sentence(text):
    with pytest.raises(BadAddress, match=r"expected|use|run from"):
        parse_address(text)


def test_a_connection_gives_host_port_and_unit():
    plain = parse_connection("modbus-tcp://10.0.0.7")
    assert (plain.host, plain.port, plain.unit) == ("10.0.0.7", 502, 1)
    full = parse_connection("modbus-tcp:tcp://plc:5020?default-unit-identifier=3&request-timeout=1000")
    assert (full.host, full.port, full.unit) == ("plc", 5020, 3)


@pytest.mark.parametrize(
    "text", ["opcua:tcp://h:1", "modbus-tcp://", "modbus-tcp://h:99999", "modbus-tcp://h?unit-identifier=x"]
)
def test_a_broken_connection_is_refused_with_a_sentence(text):
    with pytest.raises(BadAddress, match="connection"):
        parse_connection(text)
