"""Tells the voices of a recording apart, with the speaker model."""

from __future__ import annotations

from dataclasses import replace

from aligner.pipeline.options import Options
from aligner.types import Article, Audio, CaptionWord, Voice, VoiceLimits


def require_model(options: Options) -> None:
    """Raise EngineUnavailable if voices are to be told apart and the speaker model is missing."""
    if options.speakers != "off":
        from aligner.asr.models import speaker_model

        speaker_model.resolve()


def with_voices(
    words: tuple[CaptionWord, ...], audio: Audio, options: Options, article: Article, language: str
) -> tuple[tuple[CaptionWord, ...], tuple[Voice, ...]]:
    """Returns the words with their speakers, and the voices.

    Words are unchanged and there are no voices if they are not to be told apart, or there is only
    one. Voices are named by the article, in ``language``, if that is wanted. Raises
    EngineUnavailable.
    """
    if options.speakers == "off":
        return words, ()
    from aligner.asr.models import speaker_model
    from aligner.audio import speakers  # loads onnxruntime

    limits = options.voices or VoiceLimits()
    numbers = speakers.diarize(audio, words, speaker_model.resolve(), limits)
    if len(set(numbers)) < 2:
        return words, ()
    voiced = tuple(replace(w, speaker=str(n + 1)) for w, n in zip(words, numbers, strict=True))
    ids = (str(number + 1) for number in sorted(set(numbers)))
    voices = tuple(Voice(one, f"Speaker {one}") for one in ids)
    if options.speakers == "names":
        from aligner.alignment.speaker_names import name_voices

        voices = name_voices(voices, voiced, article, language)
    return voiced, voices
