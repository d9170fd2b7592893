"""Reads and writes model.bin, CTranslate2's file of a Whisper model.

Binary version 6, all numbers little-endian:

    u32 version, string name of the specification, u32 its revision,
    u32 count, then for each variable:
        string name, u8 rank, u32 x rank shape, u8 type, u32 bytes, the values,
    u32 count of aliases, then for each: string alias, string name

where a string is u16 length (with the closing zero byte) and the bytes.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from aligner.errors import EngineUnavailable

VERSION = 6
SPECIFICATION, REVISION = "WhisperSpec", 3
DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
"""CTranslate2's type numbers."""
BFLOAT16 = {5: "<i2"}
"""A type that numpy does not have, and one of the same size."""
KINDS = {np.dtype(name): kind for kind, name in DTYPES.items()}

Array = NDArray[Any]
Variables = dict[str, Array]
LazyVariables = Mapping[str, Array | Callable[[], Array]]
"""Arrays, or functions that make them, so that one of them is in memory at a time."""


@dataclass(frozen=True, slots=True)
class Ct2Model:
    """The content of a model.bin."""

    variables: Variables
    aliases: dict[str, str]
    """Further names of variables: alias to name."""

    @property
    def resolved(self) -> Variables:
        """The variables under all of their names."""
        return self.variables | {a: self.variables[name] for a, name in self.aliases.items()}


def read(path: Path) -> Ct2Model:
    """Reads a model.bin in float16 or float32; the arrays are mapped from the file.

    They can be changed in memory, which does not change the file. Raises EngineUnavailable if it is
    not a Whisper model of the known version and types, or is truncated.
    """
    return _parsed(path, quantized=False)


def read_any(path: Path) -> Ct2Model:
    """Reads a model.bin whatever the types of its weights; raises as ``read`` does.

    Weights in bfloat16 are given as 16-bit integers: only their shapes are of use.
    """
    return _parsed(path, quantized=True)


def _parsed(path: Path, *, quantized: bool) -> Ct2Model:
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise unreadable(path, str(error)) from error
    try:
        return _BinaryParser(data, quantized=quantized).model()
    except (struct.error, UnicodeDecodeError) as error:
        raise unreadable(path, "it is cut short or is no model.bin of CTranslate2") from error
    except ValueError as error:
        raise unreadable(path, str(error)) from error


def unreadable(path: Path, why: str) -> EngineUnavailable:
    return EngineUnavailable(str(path), f"these weights cannot be converted: {why}")


class _BinaryParser:
    """Parses the bytes of a model.bin. Raises ValueError for unknown values."""

    def __init__(self, data: memoryview, *, quantized: bool) -> None:
        self.data, self.at = data, 0
        self.types = DTYPES | BFLOAT16 if quantized else DTYPES
        self.quantized = quantized
        """Whether weights may have any type."""

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from("<" + kind, self.data, self.at)
        self.at += struct.calcsize("<" + kind)
        return int(value)

    def string(self) -> str:
        raw = self.raw(self.number("H"))
        return str(raw, "utf-8").removesuffix("\0")

    def raw(self, count: int) -> memoryview:
        raw = self.data[self.at : self.at + count]
        if len(raw) < count:
            raise ValueError(f"it ends at byte {len(self.data)}, in the middle of a value")
        self.at += count
        return raw

    def model(self) -> Ct2Model:
        version = self.number("I")
        if version != VERSION:
            raise ValueError(f"its version is {version}, only {VERSION} is known")
        specification = self.string()
        if specification != SPECIFICATION:
            raise ValueError(f"it is a {specification}, not a {SPECIFICATION}")
        self.number("I")  # the revision, which does not change names
        variables = dict(self.variable() for _ in range(self.number("I")))
        aliases = {self.string(): self.string() for _ in range(self.number("I"))}
        for alias, name in aliases.items():
            if name not in variables:
                raise ValueError(f"{alias} stands for {name}, which it does not hold")
        return Ct2Model(variables, aliases)

    def variable(self) -> tuple[str, Array]:
        name = self.string()
        shape = tuple(self.number("I") for _ in range(self.number("B")))
        kind, size = self.number("B"), self.number("I")
        raw = self.raw(size)
        if kind not in self.types:
            raise ValueError(f"{name} has the unknown type {kind}")
        is_float = self.types[kind].startswith("<f")
        if name.endswith("/weight") and not (is_float or self.quantized):
            raise ValueError(f"{name} is quantised; float16 or float32 weights are needed")
        array = np.frombuffer(raw, dtype=self.types[kind])
        if array.size != int(np.prod(shape, dtype=np.int64)):
            raise ValueError(f"{name} has {array.size} values, its shape is {shape}")
        return name, array.reshape(shape)


def write(variables: LazyVariables, aliases: Mapping[str, str], path: Path) -> None:
    """Writes a model.bin, array by array. Raises OSError, and what making an array raises."""
    with path.open("wb") as file:
        file.write(struct.pack("<I", VERSION) + _string(SPECIFICATION))
        file.write(struct.pack("<II", REVISION, len(variables)))
        for name, array in variables.items():
            _write_variable(file, name, array() if callable(array) else array)
        file.write(struct.pack("<I", len(aliases)))
        for alias, name in aliases.items():
            file.write(_string(alias) + _string(name))


def _write_variable(file: BinaryIO, name: str, array: Array) -> None:
    kind = KINDS[array.dtype.newbyteorder("<")]
    file.write(_string(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape))
    file.write(struct.pack("<BI", kind, array.nbytes))
    np.ascontiguousarray(array).tofile(file)


def _string(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw
