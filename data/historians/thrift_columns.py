"""A fetch from HiveServer2 taken as columns.

PyHive decodes every value on its own and turns columns to rows: 50,000 rows a second. On the wire a column is a list
of big-endian numbers, which numpy takes as it lies. The layout is HiveServer2's TCLIService.thrift, protocol V6 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyhive.exc import OperationalError
from TCLIService import ttypes
from thrift.protocol.TProtocol import TProtocolBase
from thrift.Thrift import TApplicationException, TMessageType, TType

_NUMBERS: Final = {TType.BOOL: "i1", TType.BYTE: "i1", TType.I16: ">i2", TType.I32: ">i4", TType.I64: ">i8"} | {
    TType.DOUBLE: ">f8"
}


def fetch(client: Any, operation: Any, rows: int) -> list[NDArray[Any]]:
    """The next at most `rows` rows, a column each; NULL is NaN in numbers and "" in texts. Empty at the end.

    `client` is a `TCLIService.Client`, `operation` a handle whose state is FINISHED. Raises PyHive's OperationalError.
    """
    client.send_FetchResults(
        ttypes.TFetchResultsReq(
            operationHandle=operation, orientation=ttypes.TFetchOrientation.FETCH_NEXT, maxRows=rows
        )
    )
    protocol = client._iprot  # noqa: SLF001 - the generated client has no other door
    _, kind, _ = protocol.readMessageBegin()
    if kind == TMessageType.EXCEPTION:
        error = TApplicationException()
        error.read(protocol)
        protocol.readMessageEnd()
        raise error
    columns: list[NDArray[Any]] = []
    status: Any = None
    for _ in _fields(protocol, {0}):
        for field in _fields(protocol, {1, 3}):
            if field == 1:
                status = ttypes.TStatus()
                status.read(protocol)
            else:
                columns = _row_set(protocol)
    protocol.readMessageEnd()
    if status is None or status.statusCode not in {
        ttypes.TStatusCode.SUCCESS_STATUS,
        ttypes.TStatusCode.SUCCESS_WITH_INFO_STATUS,
    }:
        raise OperationalError(status)
    return columns


def _fields(protocol: TProtocolBase, wanted: set[int]) -> Iterator[int]:
    """The ids of a struct's fields that are wanted, each to be read by the caller; the rest is skipped."""
    protocol.readStructBegin()
    while True:
        _, kind, number = protocol.readFieldBegin()
        if kind == TType.STOP:
            break
        if number in wanted:
            yield number
        else:
            protocol.skip(kind)
        protocol.readFieldEnd()
    protocol.readStructEnd()


def _row_set(protocol: TProtocolBase) -> list[NDArray[Any]]:
    columns: list[NDArray[Any]] = []
    for _ in _fields(protocol, {3}):
        _, count = protocol.readListBegin()
        columns = [_column(protocol) for _ in range(count)]
        protocol.readListEnd()
    return columns


def _column(protocol: TProtocolBase) -> NDArray[Any]:
    values: NDArray[Any] = np.empty(0)
    nulls = b""
    for _ in _fields(protocol, set(range(1, 9))):  # a union: one of the eight kinds of column
        for part in _fields(protocol, {1, 2}):
            if part == 2:
                nulls = protocol.readBinary()
                continue
            kind, size = protocol.readListBegin()
            if code := _NUMBERS.get(kind):
                dtype = np.dtype(code)
                values = np.frombuffer(protocol.trans.readAll(size * dtype.itemsize), dtype)
                values = values.astype(dtype.newbyteorder("="))
            else:
                values = np.array([protocol.readString() for _ in range(size)], dtype=object)
            protocol.readListEnd()
    return _with_nulls(values, nulls)


def _with_nulls(values: NDArray[Any], nulls: bytes) -> NDArray[Any]:
    missing = np.unpackbits(np.frombuffer(nulls, np.uint8), bitorder="little")[: len(values)].astype(bool)
    if not missing.any():
        return values
    missing = np.pad(missing, (0, len(values) - len(missing)))
    if values.dtype == object:
        return np.where(missing, "", values)
    return np.where(missing, np.nan, values.astype(np.float64))
