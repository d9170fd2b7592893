"""Whatever bytes come from outside, what is read of them is a noun or an error with a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import READERS, Reader, is_well

SLOW = {"ledger": 12, "page": 30, "sidecar": 30, "correction": 30, "sitemap": 40}
"""How many examples some readers are given; the others 60."""


def damaged(reader: Reader) -> st.SearchStrategy[bytes]:
    """Bytes as they should be with parts cut out and put in, or parts alone."""
    tokens = [token.encode("utf-8", "surrogatepass") for token in reader.tokens]
    part = st.sampled_from(tokens) | st.binary(max_size=4)
    parts = st.lists(part, max_size=12).map(b"".join)
    change = st.tuples(st.floats(0, 1), st.integers(0, 60), parts)
    return parts | st.builds(
        _changed, st.sampled_from(reader.seeds()), st.lists(change, min_size=1, max_size=4)
    )


def _changed(whole: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, new in changes:
        at = int(place * len(whole))
        whole = whole[:at] + new + whole[at + length :]
    return whole


@pytest.mark.parametrize("name", READERS)
def test_what_is_as_it_should_be_is_read(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    for k, seed in enumerate(reader.seeds()):
        folder = tmp_path / str(k)
        folder.mkdir()
        assert is_well(reader, seed, folder), seed[:200]


@pytest.mark.parametrize("name", READERS)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    reader = READERS[name]

    @settings(
        max_examples=SLOW.get(name, 60), deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(damaged(reader))
    def holds(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            is_well(reader, data, Path(folder))

    holds()
