"""What the windows of a recording share in decoding with a draft: model, draft and position."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from aligner.asr.draft.index import Draft
from aligner.asr.draft.redecode import DecodeRequest, decode_requests
from aligner.asr.draft.verification import DraftToken, ScoredWord
from aligner.asr.whisper.model import EncoderOutput, PartialHypothesis, ScoringModel
from aligner.types import Span, SpottedWord

MAX_CONTEXT_TOKENS = 400
"""Most tokens of a text that is scored at once; the decoder's context holds 448."""
USUAL_RATE = 3.0
"""Words per second of speech, until a rate is measured."""


@dataclass(frozen=True, slots=True)
class DraftPosition:
    """The place in the draft between two windows."""

    at: int | None = None
    """Index of the draft's next word; None where it is unknown."""
    searched: bool = False
    """Whether a window's first words were decoded and not found in the draft. That window is then
    decoded whole and searched for; the next windows cost no search of their own."""
    rate: float = USUAL_RATE
    """Words per second of speech."""


@dataclass(frozen=True, slots=True)
class WindowAudio:
    """An encoded window with its speech."""

    encoded: EncoderOutput
    speech: Sequence[Span]
    """Segments with speech, in milliseconds from the window's start."""
    spot_words: Callable[[Span, Sequence[str]], Sequence[SpottedWord | None]]
    """Finds the best match for each word in a part of the window, with its score."""


OpenWindow = Callable[[bool], WindowAudio]
"""Encodes a window; if True, a ``tight`` encoding will do (see ``WhisperModel.encode``)."""


class DecodeContext:
    """The model, the language and the draft, which all windows share."""

    def __init__(self, model: ScoringModel, language: str, draft: Draft) -> None:
        self.model, self.language, self.draft = model, language, draft
        self._tokens: dict[str, tuple[int, ...]] = {}

    def decode(self, requests: Sequence[DecodeRequest]) -> list[PartialHypothesis]:
        """Decodes passages of any windows together."""
        return decode_requests(self.model, self.language, requests)

    def draft_text(self, start: int, end: int) -> list[DraftToken]:
        """Returns words of the draft, up to ``MAX_CONTEXT_TOKENS``."""
        return self.truncated(self.draft.words[start:end])

    def truncated(self, text: Sequence[DraftToken]) -> list[DraftToken]:
        """Cuts a text to ``MAX_CONTEXT_TOKENS``."""
        tokens_left, words = MAX_CONTEXT_TOKENS, []
        for word in text:
            tokens_left -= len(self.tokenize(word.text))
            if tokens_left < 0:
                break
            words.append(word)
        return words

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Returns a word's tokens."""
        if text not in self._tokens:
            self._tokens[text] = self.model.tokenize(text)
        return self._tokens[text]

    def score(self, window: EncoderOutput, text: Sequence[DraftToken]) -> list[ScoredWord]:
        """Scores and times the words of a text, up to ``MAX_CONTEXT_TOKENS``."""
        text = self.truncated(text)
        tokens = [self.tokenize(word.text) for word in text]
        scores = self.model.score_tokens(window, self.language, list(chain.from_iterable(tokens)))
        scored, at = [], 0
        for word, count in zip(text, map(len, tokens), strict=True):
            logs = scores.logs[at : at + count]
            at += count
            probability = sum(map(math.exp, logs)) / max(1, len(logs))
            start, end = scores.starts[at - count], scores.starts[at]
            scored.append(ScoredWord(word, sum(logs), probability, start, end))
        return scored
