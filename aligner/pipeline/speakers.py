"""Tells the voices of a recording apart, with the speaker model."""

from __future__ import annotations

from dataclasses import replace

from aligner.pipeline.options import Options
from aligner.types import Article, Audio, CaptionWord, Voice, VoiceLimits


def require_model(options: Options) -> None:
    """Raise EngineUnavailable if voices must be told apart and the speaker model is missing."""
    if _is_required(options):
        from aligner.asr.models import speaker_model

        speaker_model.resolve()


def _is_required(options: Options) -> bool:
    """Whether voices are to be told apart even if the speaker model has to be got for that."""
    return options.speakers in ("turns", "names") or (
        options.speakers == "auto" and options.voices is not None
    )


def _is_wanted(options: Options) -> bool:
    """Whether voices are told apart: if required, and by "auto" where the model is on this disk."""
    if options.speakers != "auto" or _is_required(options):
        return options.speakers != "off"
    from aligner.asr.models import speaker_model

    return speaker_model.at_hand() is not None


def with_voices(
    words: tuple[CaptionWord, ...], audio: Audio, options: Options, article: Article, language: str
) -> tuple[tuple[CaptionWord, ...], tuple[Voice, ...]]:
    """Returns the words with their speakers, and the voices.

    Words are unchanged and there are no voices if they are not to be told apart, or there is only
    one. Voices are named by the article, in ``language``, if that is wanted. Raises
    EngineUnavailable.
    """
    if not _is_wanted(options):
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
    if options.speakers != "turns":
        from aligner.alignment.speaker_names import name_voices

        voices = name_voices(voices, voiced, article, language)
    return voiced, voices
