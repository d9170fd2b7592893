"""The languages that a model knows are those of its vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

from aligner import asr
from aligner.asr import ListenOptions
from aligner.asr.models import resolve
from aligner.errors import EngineUnavailable
from aligner.types import Audio, AudioSoFar, Span, SpeechSegments

SECOND = AudioSoFar(
    Audio(np.zeros(16_000, np.int16), 16_000),
    SpeechSegments((Span(0, 1000),)),
    (Span(0, 1000),),
    whole=True,
)


@pytest.mark.weights
def test_a_language_that_is_not_in_the_vocabulary_is_refused() -> None:
    """Only Whisper's newest models know Cantonese; base gave the same word again and again."""
    loaded = asr.load("ctranslate2", "base", resolve, "cpu")
    assert loaded.knows("zh")
    assert not loaded.knows("yue")
    with pytest.raises(EngineUnavailable, match="does not know the language yue"):
        loaded.transcribe([SECOND], options=ListenOptions("yue"), progress=lambda _done, _all: None)
