"""Reads a checkpoint of PyTorch, without PyTorch.

Since version 1.6 ``torch.save`` writes an uncompressed zip archive: ``data.pkl`` describes the
tensors, and each file below ``data/`` holds the values of one storage. Unpickling can run any
program, so only the four names that describe tensors are allowed.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from aligner.errors import EngineUnavailable

Array = NDArray[Any]

STORAGES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}
"""The types of storages, and numpy's types of their values."""
LARGEST_TENSOR = 1 << 28
"""Values; a larger tensor is a damaged file."""


def read(path: Path) -> dict[str, Array]:
    """Returns the tensors of a state dictionary by their names.

    Raises EngineUnavailable if the file is not a checkpoint, or describes anything but tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            (index,) = (n for n in archive.namelist() if n.endswith("/data.pkl"))
            with archive.open(index) as file:
                found = _TensorUnpickler(file, archive, index.removesuffix("data.pkl")).load()
    except (OSError, ValueError, KeyError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile,
            TypeError, AttributeError, IndexError) as error:  # fmt: skip
        raise EngineUnavailable(str(path), f"it is no checkpoint of PyTorch: {error}") from error
    if not isinstance(found, dict):
        raise EngineUnavailable(str(path), "it is no checkpoint of PyTorch with named tensors")
    return {str(name): array for name, array in found.items() if isinstance(array, np.ndarray)}


class _TensorUnpickler(pickle.Unpickler):
    """Unpickles tensors as numpy arrays, and refuses everything else."""

    def __init__(self, file: IO[bytes], archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(file)
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return np.dtype(STORAGES[name])
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed in it")

    def persistent_load(self, pid: Any) -> Array:
        """Returns the values of a storage: pid is ("storage", type, key, device, count)."""
        _, dtype, key, _, _ = pid
        return np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), dtype)


def _tensor(
    storage: Array, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_rest: object
) -> Array:
    """Returns a tensor as PyTorch lays it out: row by row, from a place of its storage on."""
    count = int(np.prod(shape, dtype=np.int64))
    expected = tuple(int(np.prod(shape[k + 1 :], dtype=np.int64)) for k in range(len(shape)))
    if not 0 <= count <= LARGEST_TENSOR or (count > 1 and tuple(stride) != expected):
        raise pickle.UnpicklingError("a tensor is not laid out row by row")
    return storage[offset : offset + count].reshape(shape)
