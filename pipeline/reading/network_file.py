"""A network's ONNX file taken apart far enough to read the notes in it, and to leave classes out of its last layer.

An ONNX file is a protocol buffer: fields of a number and a value, some of which are such messages again (onnx.proto).
Only those named here are looked into; all others are carried over byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

_MODEL_GRAPH, _MODEL_NOTE = 7, 14
_NOTE_KEY, _NOTE_VALUE = 1, 2
_GRAPH_TENSOR = 5
_TENSOR_SIDE, _TENSOR_VALUES = 1, 9
"""The numbers of the fields that are looked into."""

_VARINT, _EIGHT_BYTES, _LENGTH_AND_BYTES, _FOUR_BYTES = 0, 1, 2, 5
"""The ways a value is stored."""

_Bytes = bytes | memoryview
_Field = tuple[int, memoryview, memoryview]
"""One field of a message: its number, the bytes of its value, and all of its bytes."""


def notes(model: bytes) -> dict[str, str]:
    """Return the notes (ONNX calls them metadata properties) that a network's makers wrote into its file."""
    found = (_by_number(note) for note in _all(model, _MODEL_NOTE))
    return {str(note[_NOTE_KEY], "utf-8"): str(note[_NOTE_VALUE], "utf-8") for note in found}


def with_classes(model: bytes, classes: int, kept: Sequence[int]) -> bytes:
    """Return a network of `classes` classes that knows only those whose numbers are `kept`, in that order.

    Its last layer is what has as many columns, of 32-bit floats, as there are classes.
    """
    return _with(model, _MODEL_GRAPH, lambda graph: _graph(graph, classes, kept))


def _graph(graph: _Bytes, classes: int, kept: Sequence[int]) -> bytes:
    return _with(graph, _GRAPH_TENSOR, lambda tensor: _tensor(tensor, classes, kept))


def _tensor(tensor: _Bytes, classes: int, kept: Sequence[int]) -> _Bytes:
    """One set of weights: with the kept columns where it has one for each class, otherwise as it is."""
    sides = [_varint(side, 0)[0] for side in _all(tensor, _TENSOR_SIDE)]
    if not sides or sides[-1] != classes:
        return tensor
    columns = np.frombuffer(_by_number(tensor)[_TENSOR_VALUES], "<f4").reshape(-1, classes)[:, list(kept)]
    others = [whole for number, _, whole in _fields(tensor) if number not in (_TENSOR_SIDE, _TENSOR_VALUES)]
    shape = [_coded_varint(_TENSOR_SIDE << 3 | _VARINT) + _coded_varint(side) for side in (*sides[:-1], len(kept))]
    return b"".join([*others, *shape, _coded(_TENSOR_VALUES, columns.tobytes())])


def _with(message: _Bytes, wanted: int, change: Callable[[memoryview], _Bytes]) -> bytes:
    """A message with the value of every field of one number changed."""
    return b"".join(
        _coded(number, change(value)) if number == wanted else whole for number, value, whole in _fields(message)
    )


def _all(message: _Bytes, wanted: int) -> list[memoryview]:
    return [value for number, value, _ in _fields(message) if number == wanted]


def _by_number(message: _Bytes) -> dict[int, memoryview]:
    return {number: value for number, value, _ in _fields(message)}


def _fields(message: _Bytes) -> Iterator[_Field]:
    """Take a message apart. Raises IndexError or ValueError for what is none."""
    data, start = memoryview(message), 0
    while start < len(data):
        key, at = _varint(data, start)
        length, at = _length(data, at, key & 7)
        yield key >> 3, data[at : at + length], data[start : at + length]
        start = at + length


def _length(data: memoryview, at: int, stored: int) -> tuple[int, int]:
    """How many bytes a value takes, and where it begins."""
    if stored == _LENGTH_AND_BYTES:
        return _varint(data, at)
    if stored == _VARINT:
        return _varint(data, at)[1] - at, at
    return {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}[stored], at


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _coded_varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _coded(number: int, value: _Bytes) -> bytes:
    return b"".join([_coded_varint(number << 3 | _LENGTH_AND_BYTES), _coded_varint(len(value)), value])
