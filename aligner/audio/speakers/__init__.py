"""Speaker diarisation: which voice says each word.

fbank.py        computes the spectrum that the speaker model reads
embeddings.py   turns a recording into a vector for each word and each window of speech
clustering.py   finds the voices: average-linkage clustering of the windows
assignment.py   gives each word its voice: Viterbi search

    voices = diarize(audio, words, model_folder, VoiceLimits())

The vectors describe voices, which makes them biometric data in some laws: they exist in memory
while one recording is diarised, and are never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aligner.audio.speakers.assignment import merge_single_passages, voices_of_words
from aligner.audio.speakers.clustering import find_voices
from aligner.audio.speakers.embeddings import Embedder, Vectors, embed
from aligner.types import Audio, CaptionWord, VoiceLimits

__all__ = ["diarize", "voices_of"]


def diarize(
    audio: Audio, words: Sequence[CaptionWord], model: Path, limits: VoiceLimits
) -> tuple[int, ...]:
    """Returns the number of each word's voice, counted from 0 in the order of their first words.

    ``model``: the folder of the speaker model. ``limits``: how many voices there may be. A voice is
    heard for two seconds or more; shorter ones are given to the voice most like them. Raises
    EngineUnavailable if the model cannot be used.
    """
    if not words or limits.most == 1:
        return (0,) * len(words)
    return voices_of(words, *embed(audio, words, Embedder(model)), limits)


def voices_of(
    words: Sequence[CaptionWord], of_words: Vectors, of_windows: Vectors, limits: VoiceLimits
) -> tuple[int, ...]:
    """Returns the number of each word's voice, from vectors of length 1.

    ``of_words``: shape (words, d). ``of_windows``: those of windows of speech in order, shape
    (windows, d).
    """
    voices = find_voices(of_windows, limits)
    if len(voices) < 2:
        return (0,) * len(words)
    found = voices_of_words(words, of_words @ voices.T)
    found = merge_single_passages(found, voices, limits.least)
    order = {voice: at for at, voice in enumerate(dict.fromkeys(found))}
    return tuple(order[voice] for voice in found)
