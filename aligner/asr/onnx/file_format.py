"""Writes graphs in the ONNX format, with the messages that the models here need.

ONNX uses protocol buffers: a message is a sequence of fields, each a number with a value. Numbers
and types are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. The package
``onnx`` writes the same, and takes 25 MB.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from aligner.asr.models.ct2_format import Array

Option = int | float | Sequence[int]

VARINT, BYTES, FOUR_BYTES = 0, 2, 5
"""Wire types: how a field's value is written."""
FLOAT, INT, INTS = 1, 2, 7
"""Types of a node's options."""
DATA_TYPES = {"float32": 1, "int8": 3, "int64": 7}
"""ONNX's data types by numpy's names."""


@dataclass(frozen=True, slots=True)
class LazyArray:
    """An array that is made when it is written, so that one is in memory at a time."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    make: Callable[[], Array]

    def __len__(self) -> int:
        """Its size in bytes."""
        return self.dtype.itemsize * math.prod(self.shape)


Parts = list[bytes | LazyArray]
"""The bytes of a message in parts."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operator with the names of its inputs and outputs."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    domain: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph, of type float32.

    A dimension is a number, or a name if its size varies.
    """

    name: str
    shape: Sequence[int | str]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of computation, and the weights that they use, by name."""

    nodes: Sequence[Node]
    weights: Mapping[str, Array | LazyArray]
    ports_in: Sequence[Port]
    port_out: Port


def write(graph: Graph, path: Path, operator_sets: Mapping[str, int], format_version: int) -> None:
    """Writes a graph. ``operator_sets`` holds the version of each domain's operators.

    Raises OSError, and KeyError for weights of a type that is not in DATA_TYPES.
    """
    parts = _number(1, format_version) + _message(7, _graph(graph))
    for domain, version in operator_sets.items():
        parts += _message(8, _text(1, domain) + _number(2, version))
    with path.open("wb") as file:
        for part in parts:
            file.write(part if isinstance(part, bytes) else _raw(part.make()))


def _graph(graph: Graph) -> Parts:
    nodes = (_message(1, _node(node)) for node in graph.nodes)
    weights = (_message(5, _tensor(name, array)) for name, array in graph.weights.items())
    ports = [part for port in graph.ports_in for part in _message(11, _port(port))]
    ports += _message(12, _port(graph.port_out))
    return [*chain.from_iterable(nodes), *_text(2, "graph"), *chain.from_iterable(weights), *ports]


def _node(node: Node) -> Parts:
    parts = [part for name in node.inputs for part in _text(1, name)]
    parts += [part for name in node.outputs for part in _text(2, name)]
    parts += _text(4, node.kind)
    for name, value in node.options.items():
        parts += _message(5, _text(1, name) + _option(value))
    return parts + _text(7, node.domain)


def _option(value: Option) -> Parts:
    if isinstance(value, int):
        return _number(3, value) + _number(20, INT)
    if isinstance(value, float):
        return [_key(2, FOUR_BYTES), struct.pack("<f", value), *_number(20, FLOAT)]
    return [part for one in value for part in _number(8, one)] + _number(20, INTS)


def _tensor(name: str, array: Array | LazyArray) -> Parts:
    parts = [part for size in array.shape for part in _number(1, size)]
    parts += _number(2, DATA_TYPES[str(array.dtype)]) + _text(8, name)
    raw = array if isinstance(array, LazyArray) else _raw(array)
    return [*parts, _key(9, BYTES), _varint(len(raw)), raw]


def _raw(array: Array) -> bytes:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _port(port: Port) -> Parts:
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in port.shape)
    shape = [part for size in sizes for part in _message(1, size)]
    tensor = _number(1, DATA_TYPES["float32"]) + _message(2, shape)
    return _text(1, port.name) + _message(2, _message(1, tensor))


# ---------------------------------------------------------------- fields


def _message(number: int, parts: Parts) -> Parts:
    return [_key(number, BYTES), _varint(sum(map(len, parts))), *parts]


def _text(number: int, text: str) -> Parts:
    raw = text.encode()
    return [_key(number, BYTES), _varint(len(raw)), raw]


def _number(number: int, value: int) -> Parts:
    """Returns a field with an integer; negative ones are written in 64-bit two's complement."""
    return [_key(number, VARINT), _varint(value % (1 << 64))]


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _varint(value: int) -> bytes:
    """Encodes an integer: seven bits per byte, lowest first; the eighth marks that more follow."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
