"""The merge that Whisper's published vocabulary lacks."""

from __future__ import annotations

import json

import pytest

from aligner.asr.whisper.tokenizer_patch import with_first_merge

SPACE = "\u0120"


@pytest.mark.parametrize(
    ("merges", "all_of_them"),
    [
        ([f"{SPACE} a", "t h"], [f"{SPACE} t", f"{SPACE} a", "t h"]),
        ([[SPACE, "a"], ["t", "h"]], [[SPACE, "t"], [SPACE, "a"], ["t", "h"]]),
        ([f"{SPACE} t", f"{SPACE} a"], [f"{SPACE} t", f"{SPACE} a"]),
        ([[SPACE, "t"]], [[SPACE, "t"]]),
        ([], []),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("plain", [True, False])
def test_the_missing_merge_is_put_first(
    merges: list[object], all_of_them: list[object], indent: int | None, *, plain: bool
) -> None:
    held = {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": merges}, "after": [1]}
    text = with_first_merge(json.dumps(held, indent=indent, ensure_ascii=plain))
    held["model"]["merges"] = all_of_them  # type: ignore[index]
    assert json.loads(text) == held


def test_a_vocabulary_without_merges() -> None:
    assert with_first_merge('{"model": {"type": "Unigram"}}') == '{"model": {"type": "Unigram"}}'


def test_a_vocabulary_that_is_no_json_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        with_first_merge('{"merges": ["a')
