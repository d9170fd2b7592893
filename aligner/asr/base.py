"""The interface of a speech recogniser (engine).

How to add an engine: see the docstring of ``aligner.asr``. One that has Whisper's structure (an
encoder for windows of up to 30 s, a decoder, attention that gives times) extends
``whisper.engine.WhisperEngine``; any other implements ``Engine`` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from aligner._util.distribution import Extra
from aligner.types import (
    AudioSoFar,
    DraftWord,
    EncodedSpeech,
    EngineInfo,
    FindSentences,
    ModelFiles,
    ModelForm,
    Span,
    Transcript,
    WordSpotter,
)


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """How to transcribe a recording."""

    language: str | None = None
    """BCP 47 tag of the speech; None to detect it."""
    draft: tuple[DraftWord, ...] = ()
    """The words that are probably spoken, in the article's order (``draft.index``)."""
    beam_size: int | None = None
    """Hypotheses kept in beam search; None for the engine's usual number."""
    word_spotter: Callable[[str], WordSpotter | None] = lambda _: None
    """Returns the acoustic word spotter for a language, if there is one."""
    on_partial: Callable[[Transcript, AudioSoFar], None] | None = None
    """Called with the transcript so far, from the start, and the audio so far."""
    expected_language: str | None = None
    """BCP 47 tag that is believed in detection unless the sound clearly says otherwise."""
    find_sentences: FindSentences | None = None
    """Finds the draft's sentences in a window without a recogniser. What they explain is not
    decoded again where it is not understood."""


class Rescorer(Protocol):
    """Compares wordings of passages of a transcript by the sound."""

    def log_likelihood_ratio(self, spoken: Span, wording: str) -> float | None:
        """Returns the log probability of ``wording`` less that of the transcript's words, in nats.

        ``spoken`` holds indices into the transcript's words; an empty span stands for the place
        between two words. None where the words do not lie in one window.
        """
        ...

    def encoded(self) -> EncodedSpeech:
        """Returns the encoder's output for the recording."""
        ...


class Engine(Protocol):
    """Transcribes sound."""

    @property
    def info(self) -> EngineInfo:
        """The engine's and the model's names and versions."""
        ...

    def knows(self, language: str) -> bool:
        """Whether the model knows a language, given by its BCP 47 tag."""
        ...

    def transcribe(
        self,
        arrivals: Iterable[AudioSoFar],
        *,
        options: ListenOptions,
        progress: Callable[[int, int], None],
    ) -> Transcript:
        """Transcribes a recording while it arrives; each arrival holds all audio so far.

        The audio comes with windows of at most 30 s and the segments with speech, to whose edges
        words are moved; without segments the words keep the engine's own times. ``progress`` is
        called with the milliseconds done and those known so far. Raises EngineUnavailable for a
        language that the model does not know.
        """
        ...

    def language_probabilities(self, arrived: AudioSoFar) -> dict[str, float] | None:
        """Returns the probability of each language (BCP 47 primary subtag) in a whole recording.

        None if the engine cannot tell languages apart.
        """
        ...

    def rescorer(self, arrived: AudioSoFar, transcript: Transcript) -> Rescorer | None:
        """Returns a rescorer for passages of a transcript; None if the engine has none."""
        ...


Device = Literal["auto", "cpu", "cuda"]
"""Where an engine computes; "auto": on a GPU where one can be used, else on the processor."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An entry of the registry: an engine's needs and its constructor."""

    needs: str | None
    """The outside package that must be installed."""
    form: ModelForm | None
    """The form of the model files; None: ``load`` gets the path given as the model."""
    load: Callable[[ModelFiles, Device], Engine]
    extra: Extra | None = None
    """The extra that installs the package; None: it comes with aligner."""
